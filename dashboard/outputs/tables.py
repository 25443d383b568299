"""The named tables that leave, and how every field of the registry is carried in them.

Together they hold all of the registry; what is computed beside it says so (Column.computed).
`records` has a line for each point that is selected, as the screen counts; `retired` one for each point
that counts nowhere, where nothing is selected. A field of a point stands in one of these two; its lists
have tables of their own, a line for each entry with its `record` and its place `n`: assessments, checks,
actors-of-records, funding, steps, answers, origins, asked, setbacks, alignments, related, conditions
(`done_when` and `beyond_test`, told apart by `limb`) and questions (`open_questions`). Evidence, sources,
actors, themes, instruments and corrections are a table each, with their place `n` in the registry. The
passages that are not tracked are those lines of decisions whose `tracked` is false. The head of the file
(title, publisher, rules) is the one line of `registry`; its licence is the column `licence` of every
table, which is why a source's own is called `licence_of_source`. How one field becomes several columns
is told in columns.py; what goes out with a selection or a past day in carried.py.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from operator import attrgetter
from typing import Any

from dashboard.outputs import carried, plain, telling
from dashboard.outputs.carried import Entries, Entry, listed, points, within_points
from dashboard.outputs.columns import (
    Column,
    Get,
    Made,
    Value,
    at,
    computed,
    day_columns,
    each,
    of_model,
    text_columns,
    typed,
)
from dashboard.outputs.view import View
from dashboard.progress.rows import Row
from dashboard.registry import grounds, model
from dashboard.registry.grounds import top_body
from dashboard.registry.model import Recommendation, RegistryFile, Status
from dashboard.registry.problems import nearest, shown
from dashboard.registry.scalars import LANGUAGES

NAMES = (
    "records", "assessments", "checks", "actors-of-records", "evidence", "funding", "steps", "answers", "sources",
    "decisions", "alignments", "origins", "asked", "setbacks", "conditions", "questions", "related", "actors", "themes",
    "instruments", "corrections", "retired", "registry",
)  # fmt: skip
"""The tables that together hold everything."""

INBOX = "inbox"
"""A sheet for others to fill in: made when it is asked for by name, no part of the whole."""

FIRST, LAST = "id", ("address", "shown_as_of", "commit", "edition", "licence")
"""Columns that are always there: the name of the line; where, of what day, version and licence it is."""


class Unknown(ValueError):
    """There is no such table or column."""


@dataclass(frozen=True)
class Table:
    """The values of each column, in the order of the columns; None where there is nothing, lists are then empty."""

    name: str
    columns: tuple[Column, ...]
    values: list[list[Any]]

    def __len__(self) -> int:
        return len(self.values[0])

    @cached_property
    def lines(self) -> list[tuple[Value, ...]]:
        """The same by lines."""
        return list(zip(*self.values, strict=True))


def table(view: View, name: str, columns: Sequence[str] = ()) -> Table:
    """The table of that name of what the view shows, with the columns chosen beside those that are
    always there; with all where none is chosen. Raises Unknown.
    """
    if name not in _TABLES:
        raise Unknown(f"there is no table {shown(name)}; {nearest(name, (*NAMES, INBOX))}")
    entries, made = _TABLES[name]
    chosen = _chosen(name, {column.name: (column, get) for column, get in made()}, columns)
    chosen += _always(view, name)
    found = list(entries(view))
    return Table(name, tuple(column for column, _ in chosen), [get(found) for _, get in chosen])


@cache
def columns(name: str) -> tuple[Column, ...]:
    """The columns of that table that can be chosen beside those that are always there."""
    return tuple(column for column, _ in _TABLES[name][1]() if column.name != FIRST)


def _chosen(name: str, there: Mapping[str, Made], columns: Sequence[str]) -> list[Made]:
    """The id and the columns chosen, in the order in which they were, each once."""
    for column in columns:
        if column not in there and column not in LAST:
            raise Unknown(f"{name} has no column {shown(column)}; {nearest(column, (*there, *LAST))}")
    wanted = dict.fromkeys((FIRST, *columns)) if columns else there
    return [there[column] for column in wanted if column not in LAST]


def _always(view: View, name: str) -> Iterator[Made]:
    """Where a line can be read; of what day, version, edition and licence it is."""
    values: tuple[Value, ...] = (view.clock.as_of, version(view), edition(view), view.registry.file.licence)
    yield computed(name, LAST[0], "text", each(lambda entry: view.origin + entry.page))
    for column, value in zip(LAST[1:], values, strict=True):
        yield computed(name, column, "day" if column == "shown_as_of" else "text", _same(value))


def _same(value: Value) -> Get:
    return lambda about: [value] * len(about)


def version(view: View) -> str | None:
    """The commit that is shown; where the files hold more than it, that is said."""
    return view.edition.commit + ("+changes" if view.edition.changed else "") if view.edition else None


def edition(view: View) -> str | None:
    """The name of the numbered edition that is shown, if it is one."""
    return view.edition.name or None if view.edition else None


def summaries(view: View) -> list[dict[str, Any]]:
    """The points that are shown, in short: plain.summary, and what else is computed as in `records`."""
    return [
        {
            **plain.summary(row, view.registry),
            "titles": {code: text for code in LANGUAGES if (text := row.record.title.held(code))},
            "checked": row.standing.checked,
            "done": _done(row),
            "months_still": _months_still(row),
            "difference": row.standing.difference,
            "answer": row.standing.answer,
            "address": f"{view.origin}/r/{row.id}",
        }
        for row in view.kept.rows
    ]


# --- the columns of each ----------------------------------------------------------------------------


def _point_columns() -> Iterator[Made]:
    """What a reader looks for first comes first: what it is, where it stands, when it was looked at."""
    name, standing = "records", "row.standing"
    own = list(of_model(name, Recommendation, leave=("id",)))
    heading = [made for made in own if made[0].name.startswith(("title_", "kind", "theme"))]
    yield from _head(name)
    yield from heading
    yield computed(name, "side", "text", at(f"{standing}.side"))
    yield computed(name, "must_act", "ids", at("row.acting"))
    yield computed(name, "status", "text", at(f"{standing}.status"))
    yield computed(name, "known", "text", at(f"{standing}.known"))
    for day in ("since", "as_of", "checked_on"):
        yield from day_columns(name, day, at(f"{standing}.{day}"), computed=True)
    yield computed(name, "check_again_on", "day", at(f"{standing}.check_again_on"))
    for truth in ("due", "disagree", "testable", "checked"):
        yield computed(name, truth, "truth", at(f"{standing}.{truth}"))
    yield computed(name, "done", "truth", each(lambda entry: _done(entry.row)))
    yield computed(name, "difference", "text", at(f"{standing}.difference"))
    yield computed(name, "months_still", "whole", each(lambda entry: _months_still(entry.row)))
    yield from day_columns(name, "still_since", at(f"{standing}.still_since"), computed=True)
    yield computed(name, "answer", "text", at(f"{standing}.answer"))
    yield from day_columns(
        name, "asked_on", each(lambda entry: entry.view.registry.asked_on(entry.given)), computed=True
    )
    yield from (made for made in own if made not in heading)


def _months_still(of: Row) -> int | None:
    """None is not 0: nobody counts them where it is settled, unchecked or not found."""
    return of.standing.months_still if of.standing.still_since else None


def _done(of: Row) -> bool:
    return of.standing.testable and of.standing.checked and of.status is Status.IMPLEMENTED


def _judgement_columns() -> Iterator[Made]:
    """An assessment, and whether what it judged reads as it did."""
    name = "assessments"

    def earlier(entry: Entry) -> str | None:
        return grounds.earlier(entry.view.registry, entry.row.record, entry.given) if entry.row else None

    yield from _entry_columns(name, of_model(name, model.Assessment))
    yield computed(name, "earlier", "text", each(earlier))


def _party_columns() -> Iterator[Made]:
    """An actor of a point, with what is known of it; names as the view's language has them."""
    name = "actors-of-records"

    def named(entry: Entry, actor: str) -> str | None:
        found = entry.view.registry.actors.get(actor)
        return found.name.shown(entry.view.tr.language)[0] if found else None

    def kind(entry: Entry) -> str | None:
        found = entry.view.registry.actors.get(entry.given.actor)
        return found.kind if found else None

    def top(entry: Entry) -> str:
        return top_body(entry.view.registry, entry.given.actor)

    yield from _entry_columns(name, of_model(name, model.Addressed))
    yield computed(name, "actor_name", "text", each(lambda entry: named(entry, entry.given.actor)))
    yield computed(name, "actor_kind", "text", each(kind))
    yield computed(name, "top_body", "text", each(top))
    yield computed(name, "top_body_name", "text", each(lambda entry: named(entry, top(entry))))


def _limb_columns() -> Iterator[Made]:
    yield typed("conditions", "limb", "text", each(lambda entry: entry.id.split("/")[1]))
    yield from text_columns("conditions", "text", at("given"))


def _decision_columns() -> Iterator[Made]:
    """A passage that led to points tells what their origins tell; one that led to none, why."""
    name = "decisions"

    def first(field: str) -> Get:
        """Of the passage, else of the first origin that has it."""

        def found(entry: Entry) -> Any:
            stand = (entry.given.passage,) if entry.given.passage else entry.given.origins
            return next((value for one in stand if (value := getattr(one, field, None))), None)

        return each(found)

    def all_of(field: str) -> Get:
        return each(lambda entry: tuple(dict.fromkeys(getattr(origin, field) for origin in entry.given.origins)))

    yield typed(name, "id", "text", at("id"))
    yield typed(name, "source", "text", at("given.source"))
    yield typed(name, "n", "whole", at("n"))
    yield typed(name, "paragraph", "whole", first("paragraph"))
    yield typed(name, "locator", "text", first("locator"))
    yield typed(name, "quote", "text", first("quote"))
    yield typed(name, "tracked", "truth", each(lambda entry: entry.given.passage is None))
    yield computed(name, "records", "ids", at("given.records"))
    yield computed(name, "by", "ids", all_of("by"))
    yield computed(name, "told", "ids", all_of("told"))
    yield from text_columns(name, "translation", first("translation"))
    yield typed(name, "reason", "text", first("reason"))
    yield typed(name, "supports", "text", first("supports"))


def _inbox_columns() -> Iterator[Made]:
    """A point and what is known of it, then empty cells for whoever knows more."""
    yield typed(INBOX, "id", "text", at("id"))
    yield computed(INBOX, "point", "text", at("id"))
    yield computed(INBOX, "title", "text", each(lambda entry: entry.given.title.shown(entry.view.tr.language)[0]))
    yield computed(INBOX, "stands", "text", each(lambda entry: telling.stands(entry.view.tr, entry.row.standing)))
    for empty in (
        "says", "text", "when", "shown_by", "link", "status", "body", "position", "whose", "coalition", "language",
    ):  # fmt: skip
        yield typed(INBOX, empty, "text", _same(None))


def _head(name: str) -> Iterator[Made]:
    yield typed(name, "id", "text", at("id"))
    yield typed(name, "n", "whole", at("n"))


def _entry_columns(name: str, made: Iterable[Made]) -> Iterator[Made]:
    yield typed(name, "id", "text", at("id"))
    yield typed(name, "record", "text", at("row.id"))
    yield typed(name, "n", "whole", at("n"))
    yield from made


# --- which table is what ----------------------------------------------------------------------------

Columns = Callable[[], Iterable[Made]]


def _entries(name: str, field: str, kind: type, renamed: Mapping[str, str] | None = None) -> tuple[Entries, Columns]:
    """A list of each point's."""
    return within_points(field), lambda: _entry_columns(name, of_model(name, kind, renamed=renamed))


def _list(
    name: str,
    kind: type,
    page: str,
    of: Callable[[View], Sequence[Any]],
    renamed: Mapping[str, str] | None = None,
) -> tuple[Entries, Columns]:
    """A list of the registry's, all of it or what goes with a selection."""

    def made() -> Iterator[Made]:
        yield from _head(name)
        yield from of_model(name, kind, leave=("id",), renamed=renamed)

    return listed(page, of, attrgetter("sources" if name == "sources" else f"file.{name}")), made


def _questions() -> Iterator[Made]:
    return _entry_columns("questions", text_columns("questions", "text", at("given")))


def _corrections() -> Iterator[Made]:
    yield from _head("corrections")
    yield from of_model("corrections", model.Correction)


def _registry() -> Iterator[Made]:
    yield typed("registry", "id", "text", at("id"))
    yield from of_model("registry", RegistryFile, leave=("licence",))


_TABLES: Mapping[str, tuple[Entries, Columns]] = {
    "records": (points(carried.shown), _point_columns),
    "assessments": (within_points("assessments"), _judgement_columns),
    "checks": _entries("checks", "checks", model.Check),
    "actors-of-records": (within_points("actors"), _party_columns),
    "evidence": _list("evidence", model.Evidence, "/sources", carried.evidence),
    "funding": _entries("funding", "funding", model.Funding),
    "steps": _entries("steps", "steps", model.Step),
    "answers": _entries("answers", "answers", model.Answer),
    "sources": _list("sources", model.Source, "/sources", carried.sources, {"licence": "licence_of_source"}),
    "decisions": (carried.decided, _decision_columns),
    "alignments": _entries("alignments", "alignments", model.Alignment),
    "origins": _entries("origins", "origin", model.Origin),
    "asked": _entries("asked", "asked", model.Asked),
    "setbacks": _entries("setbacks", "setbacks", model.Setback),
    "conditions": (within_points("done_when", "beyond_test"), lambda: _entry_columns("conditions", _limb_columns())),
    "questions": (within_points("open_questions"), _questions),
    "related": _entries("related", "related", model.Related, {"id": "related"}),
    "actors": _list("actors", model.Actor, "/actors", lambda view: view.registry.file.actors),
    "themes": _list("themes", model.Theme, "/points", lambda view: view.registry.file.themes),
    "instruments": _list("instruments", model.Instrument, "/points", lambda view: view.registry.file.instruments),
    "corrections": (carried.corrected, _corrections),
    "retired": (points(carried.retired), _point_columns),
    "registry": (lambda view: [Entry("registry", 1, view.registry.file, "/about", view)], _registry),
    INBOX: (points(carried.shown), _inbox_columns),
}
