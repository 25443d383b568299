"""The HTML of a page from a registry, a clock and a language. No Streamlit, no request, no file.

Templates escape every value; addresses are checked once more before they become links. The
dashboard draws these pages, and whatever leaves it as HTML is made of the same pieces.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markdown_it import MarkdownIt
from markupsafe import Markup

from dashboard.language import NAMES, Translator, words
from dashboard.outputs.view import View
from dashboard.progress import changes, summary
from dashboard.progress.filters import Filters
from dashboard.progress.rows import STATUS_ORDER, Row, by_known, by_side, by_status, completion, rows
from dashboard.progress.rows import row as one_row
from dashboard.progress.status import AnswerState, Difference, counts
from dashboard.registry import grounds
from dashboard.registry.model import (
    EDITORS,
    Basis,
    Evidence,
    Kind,
    Known,
    Recommendation,
    Role,
    Side,
    Source,
    Status,
)
from dashboard.registry.problems import Problem
from dashboard.registry.scalars import LANGUAGES, Day, Text

PAGE_ROWS = 50
"""Records on one page of a list."""

MARKS_UP_TO = 200
"""One mark a record up to this many; stacked bars beyond, where marks would be dust."""


def start(view: View) -> str:
    """Where things stand: the state by side, one mark a record, the subjects, what changed."""
    all_rows = rows(view.registry, view.clock)
    return _page(
        "start.html",
        view,
        rows=all_rows,
        subjects=summary.subjects(view.registry, all_rows),
        change=summary.change(view.registry, view.clock, all_rows),
        examined=summary.examined(view.registry, all_rows),
    )


def points_head(view: View) -> str:
    """What stands above the controls of All points."""
    return _page("points_head.html", view)


def points(view: View, filters: Filters, shown: Sequence[Row], kept: int, of: int, page: int, pages: int) -> str:
    """The selection in words, and one page of its records, one line each."""
    chips = [(label, view.link("/points", filters.without(key, value))) for key, value, label in _chosen(view, filters)]
    bodies = filters.bodies(view.registry)
    meant = {row.id: [a for a in row.record.actors if bodies and filters.meant(a, bodies)] for row in shown}
    return _page(
        "points.html",
        view,
        meant=meant,
        rows=shown,
        chips=chips,
        filters=filters,
        kept=kept,
        of=of,
        page=page,
        pages=pages,
    )


def page_of(kept: Sequence[Row], asked: str) -> tuple[Sequence[Row], int, int]:
    """The rows of the page that an address asks for, its number, and how many pages there are."""
    count = max(1, -(-len(kept) // PAGE_ROWS))
    page = min(max(int(asked), 1), count) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    return kept[(page - 1) * PAGE_ROWS : page * PAGE_ROWS], page, count


def points_at_once(view: View, page: str) -> str:
    """All points without the controls, which need Streamlit: what is read until they have come."""
    every = rows(view.registry, view.clock)
    kept = view.filters.apply(every, view.registry)
    shown, number, count = page_of(kept, page)
    listed = points(view, view.filters, shown, len(kept), len(every), number, count)
    return points_head(view) + _page("waiting.html", view) + listed


def title(view: View, name: str) -> str:
    """The title of a record in the reader's language."""
    entry = view.registry.records[name]
    return entry.title.shown(view.tr.language)[0]


def record(view: View, name: str) -> str | None:
    """One record as a short article; None where there is no such record."""
    entry = view.registry.records.get(name)
    if entry is None:
        return None
    row = one_row(view.registry, entry, view.clock) if counts(view.registry, entry, view.clock) else None
    events = changes.events(view.registry, row, view.clock) if row else []
    return _page(
        "record.html",
        view,
        record=row.record if row else entry,
        row=row,
        events=events,
        last_asked=_last_asked(row),
        newest=changes.newest_page(view.registry, view.clock),
    )


def sources(view: View) -> str:
    """Every source with its passages, tracked or not."""
    return _page(
        "sources.html", view, sources=[summary.read(view.registry, source) for source in view.registry.sources]
    )


def about(view: View) -> str:
    """Who answers for the registry, and its corrections."""
    return _page("about.html", view)


def method(view: View) -> str:
    """How we judge: METHODOLOGY.md as it is published, and the numbers in force."""
    return _page("method.html", view, rules_html=_methodology())


def top(view: View, here: Callable[[str], str]) -> str:
    """The head of every page: title, language, way to the other pages."""
    return _page("top.html", view, here=here)


def trouble(view: View, behind: bool, problems: Sequence[Problem]) -> str:
    """A banner where the file on disk is not what is shown: file and line only, never a value."""
    return _page("trouble.html", view, behind=behind, problems=[p for p in problems if p.severity == "error"])


def unreadable(tr: Translator) -> str:
    """The whole page where no state of the registry could be read."""
    return _environment().get_template("unreadable.html").render(tr=tr)


def foot(view: View) -> str:
    """The foot of every page: which data, by whom, under which licence."""
    return _page("foot.html", view)


def missing(view: View, wanted: str) -> str:
    """What stands in place of a record that is not there."""
    return _page("missing.html", view, wanted=wanted)


def _last_asked(row: Row | None) -> Day | None:
    return max((each.on for each in row.record.asked), key=lambda day: day.first, default=None) if row else None


@cache
def style() -> str:
    """The style sheet of the pages."""
    return (Path(__file__).parent / "templates" / "style.css").read_text("utf-8")


@cache
def _methodology() -> Markup:
    """METHODOLOGY.md without its title; links to other files of the repository become plain words."""
    text = (Path(__file__).resolve().parents[2] / "METHODOLOGY.md").read_text("utf-8").partition("\n")[2]
    html: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return Markup(_ELSEWHERE.sub(r"\1", _HEADING.sub(_anchored, html)))  # our own file; its HTML is switched off


_HEADING = re.compile(r"<h2>(.*?)</h2>")
_ELSEWHERE = re.compile(r'<a href="(?!#|https?:)[^"]*">(.*?)</a>')


def _anchored(heading: re.Match[str]) -> str:
    """A heading under the address that the contents list of the file gives it."""
    return f'<h2 id="{re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")}">{heading[1]}</h2>'


def _page(template: str, view: View, **values: Any) -> str:
    return _environment().get_template(template).render(v=view, tr=view.tr, **_helpers(view), **values)


def _helpers(view: View) -> dict[str, Any]:
    registry = view.registry
    return {
        "say": lambda text: _say(view, text),
        "count": view.tr.count,
        "tr_html": lambda sentence, **values: Markup(view.tr(sentence)).format(**values),
        "day": view.tr.day,
        "actor": lambda name: _actor(view, name),
        "cited": lambda reference: grounds.cited(registry, reference),
        "kind_of": lambda record, reference: grounds.kind_of(registry, record, reference),
        "voice_of": lambda record, reference, entry: grounds.voice_of(record, reference, entry),
        "evidence_of": _evidence_of,
        "known_of": lambda record, given: grounds.known(registry, record, given),
        "family": lambda record: grounds.addressees(registry, record),
        "filtered": lambda **keys: _filtered(view, keys),
    }


def _chosen(view: View, filters: Filters) -> list[tuple[str, str | None, str]]:
    """Each thing that is selected: key, value, and the words for it."""
    tr, registry, language = view.tr, view.registry, view.tr.language
    named = {
        "side": lambda v: tr(words.SIDE[Side(v)]),
        "status": lambda v: tr(words.STATUS[Status(v)]),
        "known": lambda v: tr("known from: {kind}", kind=tr(words.KNOWN[Known(v)])),
        "kind": lambda v: tr(words.KIND[Kind(v)]),
        "role": lambda v: tr(words.ROLE[Role(v)]),
        "basis": lambda v: tr(words.BASIS[Basis(v)]),
        "theme": lambda v: registry.themes[v].name.shown(language)[0],
        "source": lambda v: registry.source_by_id[v].title,
        "actor": lambda v: _actor_words(view, v),
    }
    found: list[tuple[str, str | None, str]] = [(k, v, named[k](v)) for k in named for v in getattr(filters, k)]
    flags = {"disagree": tr("assessors disagree"), "due": tr("due to be checked"), "testable": tr("can be tested")}
    found += [(key, None, label) for key, label in flags.items() if getattr(filters, key)]
    if filters.q:
        found.append(("q", None, tr("says “{words}”", words=filters.q)))
    return found


def _actor_words(view: View, value: str) -> str:
    """`ID` or `ID:ROLE` in words."""
    actor, _, role = value.partition(":")
    name = view.registry.actors[actor].name.shown(view.tr.language)[0]
    return f"{name}: {view.tr(words.ROLE[Role(role)])}" if role else name


def _filtered(view: View, keys: dict[str, str]) -> str:
    """The address of a selection: `filtered(side="state", status="promised")`."""
    chosen = Filters(as_of=view.filters.as_of)
    for key, value in keys.items():
        chosen = chosen.choosing(key, value)
    return view.link("/points", chosen)


def _say(view: View, text: Text) -> Markup:
    """A text of the registry with the language that it is in; one that is not the reader's says so."""
    shown, language = text.shown(view.tr.language)
    if language == view.tr.language:
        return Markup("<span>{}</span>").format(shown)
    note = {"en": view.tr("in English"), "ru": view.tr("in Russian"), "kk": view.tr("in Kazakh")}[language]
    return Markup('<span lang="{}">{}</span> <small class="note">({})</small>').format(language, shown, note)


def _actor(view: View, name: str) -> Markup:
    if name == EDITORS:
        return Markup("<span>{}</span>").format(view.tr("Editors"))
    entry = view.registry.actors.get(name)
    return _say(view, entry.name) if entry else Markup("<span>{}</span>").format(name)


def _evidence_of(record: Recommendation) -> list[str]:
    """Every reference that the record cites, each once, in the order in which it is met."""
    found: list[str] = []
    for entries in (record.assessments, record.steps, record.funding, record.setbacks, record.answers):
        for entry in entries:
            found += entry.evidence
    found += [r for given in record.assessments for met in given.conditions_met for r in met.evidence]
    return list(dict.fromkeys(found))


def safe_url(url: str | None) -> str:
    """`url` where it leads to a page over http or https without credentials, else nothing."""
    if not url:
        return ""
    parts = urlsplit(url)
    return url if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else ""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        AnswerState=AnswerState,
        Difference=Difference,
        Known=Known,
        LANGUAGES=LANGUAGES,
        MARKS_UP_TO=MARKS_UP_TO,
        NAMES=NAMES,
        STATUS_ORDER=STATUS_ORDER,
        Side=Side,
        Status=Status,
        by_side=by_side,
        by_known=by_known,
        by_status=by_status,
        completion=completion,
        is_evidence=lambda entry: isinstance(entry, Evidence),
        is_source=lambda entry: isinstance(entry, Source),
        safe_url=safe_url,
        words=words,
    )
    return environment
