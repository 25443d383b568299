"""A selection in the reader's words: each part with the address that takes it back, and as one line."""

from collections.abc import Iterator

from dashboard.language import words
from dashboard.outputs.view import View
from dashboard.progress.frame import Frame
from dashboard.registry.model import Basis, Kind, Known, Role, Status


def first(frame: Frame) -> str:
    """The key to choose by at a glance: who must act or, in a list that asks one side alone, where it stands."""
    return next((key for key in ("side", "status", "kind") if frame.table[key].nunique() > 1), "side")


def parts(view: View) -> Iterator[tuple[str, str | None, str]]:
    """Each thing that is selected: key, value, and the words for it."""
    filters, tr = view.filters, view.tr
    for key in ("side", "actor", "role", "basis", "status", "known", "theme", "kind", "source"):
        for value in getattr(filters, key):
            yield key, value, value_words(view, key, value)
    flags = {"disagree": tr("assessors disagree"), "due": tr("due to be checked"), "testable": tr("can be tested")}
    for key, label in flags.items():
        if getattr(filters, key):
            yield key, None, label
    if filters.q:
        yield "q", None, tr("says “{words}”", words=filters.q)


def line(view: View) -> str:
    """The whole selection in one line: what is chosen of each kind, the kinds joined by semicolons."""
    together: dict[str, list[str]] = {}
    for key, _, label in parts(view):
        together.setdefault(key, []).append(label)
    told = "; ".join(view.tr.any_of(labels) for labels in together.values())
    return told[:1].upper() + told[1:]


def value_words(view: View, key: str, value: str) -> str:
    """One value of a key of an address in words."""
    tr, registry, language = view.tr, view.registry, view.tr.language
    match key:
        case "side":
            return tr(words.side(registry, value))
        case "status":
            return tr(words.STATUS[Status(value)])
        case "known":
            return tr("known from: {kind}", kind=tr(words.KNOWN[Known(value)]))
        case "kind":
            return tr(words.KIND[Kind(value)])
        case "role":
            return tr(words.ROLE[Role(value)])
        case "basis":
            return tr(words.BASIS[Basis(value)])
        case "theme":
            return registry.themes[value].name.shown(language)[0]
        case "source":
            return registry.source_by_id[value].title
    actor, _, role = value.partition(":")
    name = registry.actors[actor].name.shown(language)[0]
    return f"{name}: {tr(words.ROLE[Role(role)])}" if role else name
