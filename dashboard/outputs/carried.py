"""What of the registry goes out with a view: which points, entries, evidence, sources and passages.

On a past day, entries that came later are left out, as on the screen. Where points are selected,
evidence, sources and corrections are those that the points shown refer to, and passages that led to no
point are left out unless only sources were selected. Of evidence that is withheld nothing goes out
that leads to it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from dashboard.outputs.view import View
from dashboard.progress.rows import Row, row
from dashboard.registry.grounds import passage as told_apart
from dashboard.registry.grounds import source_passage
from dashboard.registry.model import (
    SOURCE_PREFIX,
    Correction,
    Evidence,
    NotTrackedPassage,
    Origin,
    Registry,
    Source,
)


def whole(view: View) -> bool:
    """Whether all of the registry is shown: nothing is selected, on the last day there is."""
    return not view.filters.narrows and view.clock.as_of >= view.clock.today


def rows(view: View) -> tuple[Row, ...]:
    """The points that are shown; where nothing is selected, followed by those that count nowhere."""
    return (*shown(view), *retired(view))


def shown(view: View) -> tuple[Row, ...]:
    """The points that are selected; whichever was retired only after the day that is shown was not retired yet."""
    return tuple(
        each if each.record.retired is None else replace(each, record=replace(each.record, retired=None))
        for each in view.kept.rows
    )


def retired(view: View) -> tuple[Row, ...]:
    if not whole(view):
        return ()
    counting, file = view.frame.ids, view.registry.file
    return tuple(row(view.registry, each, view.clock) for each in file.recommendations if each.id not in counting)


def evidence(view: View) -> tuple[Evidence, ...]:
    """The evidence that the points shown refer to, or all."""
    listed = view.registry.file.evidence
    if not whole(view):
        wanted = cited(view)
        listed = tuple(entry for entry in listed if entry.id in wanted)
    return tuple(
        replace(entry, url=None, publisher=None, archive_url=None) if entry.withheld else entry for entry in listed
    )


def sources(view: View) -> tuple[Source, ...]:
    """The sources that the points shown come from or refer to, or all; of passages only those that are shown."""
    if whole(view):
        return view.registry.sources
    wanted = {origin.source for each in view.kept.rows for origin in each.record.origin}
    wanted |= {source_passage(given)[0] for given in cited(view) if given.startswith(SOURCE_PREFIX)}
    wanted |= set(view.filters.source)
    kept = (source for source in view.registry.sources if source.id in wanted)
    return tuple(source if _passages_shown(view, source) else replace(source, not_tracked=()) for source in kept)


def _passages_shown(view: View, source: Source) -> bool:
    """What led to no point has a source, and nothing else to be selected by."""
    chosen = view.filters.source
    return not replace(view.filters, source=()).narrows and (not chosen or source.id in chosen)


def cited(view: View) -> frozenset[str]:
    """Every reference of the points shown, and what is referred to only as the original of a copy."""
    found: set[str] = set()
    for each in rows(view):
        record = each.record
        for entries in (record.assessments, record.steps, record.funding, record.setbacks, record.answers):
            found.update(reference for entry in entries for reference in entry.evidence)
        found.update(given for one in record.assessments for met in one.conditions_met for given in met.evidence)
    waiting = list(found)
    while waiting:
        entry = view.registry.evidence.get(waiting.pop())
        if entry and entry.copy_of and entry.copy_of not in found:
            found.add(entry.copy_of)
            waiting.append(entry.copy_of)
    return frozenset(found)


def corrections(view: View) -> tuple[Correction, ...]:
    kept, listed = view.kept.ids, view.registry.file.corrections
    return listed if whole(view) else tuple(c for c in listed if c.record in kept and view.clock.has(c.on))


# --- as entries, which lines are about --------------------------------------------------------------


class Entry(NamedTuple):
    """What a line is about: how it is named, its place in its list, the entry, its page, the view, the point."""

    id: str
    n: int
    given: Any
    page: str
    view: View
    row: Row | None = None


Entries = Callable[[View], Iterable[Entry]]


class Decided(NamedTuple):
    """What became of a passage: the places that led to points, with those; or why it led to none."""

    source: str
    origins: tuple[Origin, ...] = ()
    records: tuple[str, ...] = ()
    passage: NotTrackedPassage | None = None


def points(of: Callable[[View], Iterable[Row]]) -> Entries:
    def entries(view: View) -> Iterator[Entry]:
        places = _places(view.registry.file.recommendations)
        return (Entry(each.id, places[each.id], each.record, f"/r/{each.id}", view, each) for each in of(view))

    return entries


def within_points(*fields: str) -> Entries:
    """The entries of some lists of each point, in their order; each list is counted for itself."""
    names = [(field, field.replace("_", "-")) for field in fields]

    def entries(view: View) -> Iterator[Entry]:
        for each in rows(view):
            for field, name in names:
                for n, given in enumerate(getattr(each.record, field), 1):
                    yield Entry(f"{each.id}/{name}/{n}", n, given, f"/r/{each.id}", view, each)

    return entries


def listed(page: str, of: Callable[[View], Sequence[Any]], among: Callable[[Registry], Sequence[Any]]) -> Entries:
    """Entries with an id of their own, with their place in the registry."""

    def entries(view: View) -> Iterator[Entry]:
        places = _places(among(view.registry))
        return (Entry(each.id, places[each.id], each, page, view) for each in of(view))

    return entries


def _places(entries: Sequence[Any]) -> Mapping[str, int]:
    return {each.id: n for n, each in enumerate(entries, 1)}


def corrected(view: View) -> Iterator[Entry]:
    places = {id(each): n for n, each in enumerate(view.registry.file.corrections, 1)}
    for each in corrections(view):
        n = places[id(each)]
        yield Entry(f"corrections/{n}", n, each, f"/r/{each.record}", view)


def decided(view: View) -> Iterator[Entry]:
    """Every passage once, by source: those that led to points, in the order of the text, then the others."""
    found: dict[tuple[str, int, str, str], list[tuple[Origin, str]]] = {}
    for each in rows(view):
        for origin in each.record.origin:
            found.setdefault(told_apart(each.record, origin), []).append((origin, each.id))
    keys: dict[str, list[tuple[str, int, str, str]]] = {}
    for key in sorted(found):
        keys.setdefault(key[0], []).append(key)
    for source in sources(view):
        for n, key in enumerate(keys.get(source.id, ()), 1):
            origins, records = zip(*found[key], strict=True)
            led = Decided(source.id, origins, tuple(dict.fromkeys(records)))
            yield Entry(f"{source.id}/tracked/{n}", n, led, "/sources", view)
        for n, passage in enumerate(source.not_tracked, 1):
            yield Entry(f"{source.id}/not-tracked/{n}", n, Decided(source.id, passage=passage), "/sources", view)
