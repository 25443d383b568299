"""To check next: what whoever tends the registry should look at, list by list, what presses most first.

It names records and says how long they may take; it looks at nothing and changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, cast, get_args, get_type_hints

from dashboard.progress.rows import Row
from dashboard.progress.status import SETTLED, AnswerState
from dashboard.registry import grounds
from dashboard.registry.linked import NO_RESULTS, Results, key
from dashboard.registry.model import Evidence, Recommendation, Registry, Source, Status
from dashboard.registry.scalars import Clock, Day, Text


class Kind(StrEnum):
    """Why a record should be looked at, in the order of the lists."""

    DUE = "due"
    DISAGREE = "disagree"
    WORDING = "wording"
    OVERDUE = "overdue"
    NOTHING_FOUND = "nothing-found"
    NOT_CHECKED = "not-checked"
    OWN_WORD = "own-word"
    ANSWER = "answer"
    LINK = "link"
    TRANSLATION = "translation"


MINUTES: Mapping[Kind, int] = {
    Kind.DUE: 6,
    Kind.DISAGREE: 10,
    Kind.WORDING: 4,
    Kind.OVERDUE: 6,
    Kind.NOTHING_FOUND: 6,
    Kind.NOT_CHECKED: 8,
    Kind.OWN_WORD: 6,
    Kind.ANSWER: 3,
    Kind.LINK: 5,
    Kind.TRANSLATION: 1,
}
"""Minutes for one record; for a translation, for one text. Our estimates, nothing measured: six to go
through the places of the last look and write down what is there; two more where there was no look
yet and the places have to be found; ten to read two judgements with their evidence; four to read
one again beside the changed wording; three for a reminder; five to find a copy of a page that
is gone; one to read a sentence beside its original."""

LOOKS = (Kind.DUE, Kind.OVERDUE, Kind.NOTHING_FOUND, Kind.NOT_CHECKED, Kind.OWN_WORD)
"""Lists whose work is a look at the record: one look serves all in which it stands."""

SELECTIONS: Mapping[Kind, tuple[str, str]] = {
    Kind.DUE: ("due", "1"),
    Kind.DISAGREE: ("disagree", "1"),
    Kind.NOTHING_FOUND: ("status", Status.NOTHING_FOUND),
    Kind.NOT_CHECKED: ("status", Status.NOT_ASSESSED),
}
"""Lists that an address of All points shows just so: key and value."""


@dataclass(frozen=True, slots=True)
class Item:
    """One list. `again`: how many of its records wait for a look in a list above already.

    `resting`: of how many nothing is to be done yet (see `rests`).
    `texts`: how many texts no native speaker has checked, one in two languages counted twice; 0 in
    lists that are not about translations.
    """

    kind: Kind
    rows: tuple[Row, ...]
    again: int = 0
    texts: int = 0
    resting: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def minutes(self) -> int:
        """The estimate for the whole list; a look that a list above asks for is counted there."""
        return MINUTES[self.kind] * (self.texts or len(self.rows) - self.again - self.resting)

    @property
    def selection(self) -> tuple[str, str] | None:
        """Key and value of the address that shows the same records; None where there is none."""
        return SELECTIONS.get(self.kind)


def agenda(registry: Registry, rows: Sequence[Row], clock: Clock, links: Results = NO_RESULTS) -> tuple[Item, ...]:
    """The lists that hold something, in the order of Kind; a record may stand in several.

    `links`: what was found about them when somebody last looked.
    """
    drafts = _drafts(registry)
    dead = _dead(registry, rows, links)
    found: list[Item] = []
    looked_at: set[str] = set()
    for kind, (waits, presses) in _lists(registry, clock, drafts, dead).items():
        kept = tuple(sorted((row for row in rows if waits(row)), key=lambda row: (presses(row), row.id)))
        if not kept:
            continue
        open_ = [row.id for row in kept if not rests(kind, row)]
        again = sum(name in looked_at for name in open_) if kind in LOOKS else 0
        texts = sum(drafts[row.id] for row in kept) if kind is Kind.TRANSLATION else 0
        found.append(Item(kind, kept, again, texts, len(kept) - len(open_)))
        if kind in LOOKS:
            looked_at.update(open_)
    return tuple(found)


def to_look_at(items: Iterable[Item]) -> int:
    """How many records wait for a look, each counted once."""
    return len({row.id for item in items if item.kind in LOOKS for row in item.rows if not rests(item.kind, row)})


def rests(kind: Kind, row: Row) -> bool:
    """Whether a list holds a record of which nothing is to be done yet: it was looked at within its term, and since
    its day has passed; or the time for an answer is not over.
    """
    looked, due = row.standing.checked_on, row.record.due
    if kind is Kind.ANSWER:
        return row.standing.answer is AnswerState.WAITING
    if kind not in LOOKS or looked is None or row.standing.due:
        return False
    return kind is not Kind.OVERDUE or due is None or looked.first > due.on.last


_Presses = tuple[date | int, ...]


def _lists(
    registry: Registry, clock: Clock, drafts: Mapping[str, int], dead: Mapping[str, date]
) -> dict[Kind, tuple[Callable[[Row], bool], Callable[[Row], _Presses]]]:
    """For each kind which records wait, and what they are sorted by: the least presses most."""

    def asked(row: Row) -> _Presses:
        return (_first(registry.asked_on(row.record)),)

    return {
        Kind.DUE: (lambda row: row.standing.due, lambda row: (row.standing.check_again_on or date.min,)),
        Kind.DISAGREE: (lambda row: row.standing.disagree, lambda row: (_disagree_since(row),)),
        Kind.WORDING: (lambda row: bool(row.standing.suspect), lambda row: (_judged_on(row),)),
        Kind.OVERDUE: (
            lambda row: overdue(row, clock),
            lambda row: (row.record.due.on.last,) if row.record.due else (),
        ),
        Kind.NOTHING_FOUND: (
            lambda row: row.status is Status.NOTHING_FOUND,
            lambda row: (_first(row.standing.checked_on),),
        ),
        Kind.NOT_CHECKED: (lambda row: row.status is Status.NOT_ASSESSED, asked),
        Kind.OWN_WORD: (_on_its_word, asked),
        Kind.ANSWER: (
            lambda row: row.standing.answer in (AnswerState.WAITING, AnswerState.OVERDUE),
            lambda row: (_first(last_asked(row)),),
        ),
        Kind.LINK: (lambda row: row.id in dead, lambda row: (dead[row.id],)),
        Kind.TRANSLATION: (lambda row: row.id in drafts, lambda row: (-drafts[row.id],)),
    }


def overdue(row: Row, clock: Clock) -> bool:
    """Whether the day by which it was due has passed and it is neither done, undone nor refused."""
    due = row.record.due
    return due is not None and due.on.last < clock.as_of and row.status not in SETTLED


def last_asked(row: Row) -> Day | None:
    """When the addressee was last asked for an answer."""
    return max((each.on for each in row.record.asked), key=lambda day: day.first, default=None)


def dead_since(registry: Registry, record: Recommendation, links: Results) -> date | None:
    """Since when a page that the record rests on has not answered, of several the first; None where a reader finds all.

    A page of which a copy is kept that answers is found.
    """
    entries = (grounds.cited(registry, reference) for reference in grounds.references(record))
    sources = (registry.source_by_id.get(origin.source) for origin in record.origin)
    return min((day for entry in (*entries, *sources) if entry and (day := _lost(entry, links))), default=None)


def _lost(entry: Evidence | Source, links: Results) -> date | None:
    addresses = [entry.url, entry.archive_url] if isinstance(entry, Evidence) else [entry.url]
    found = [links.get(key(address)) for address in addresses if address]  # one that nobody asked yet may answer
    days = [result.since for result in found if result and result.dead and result.since]
    return min(days) if days and len(days) == len(found) else None


def _dead(registry: Registry, rows: Iterable[Row], links: Results) -> Mapping[str, date]:
    """Record to the day since which one of its pages has not answered."""
    if not any(result.dead for result in links.values()):
        return {}
    found = ((row.id, dead_since(registry, row.record, links)) for row in rows)
    return {name: day for name, day in found if day}


def _on_its_word(row: Row) -> bool:
    """Promised, or told by the body that must act, and nobody else has looked since."""
    return row.standing.checked_on is None and row.status not in (Status.NOT_ASSESSED, Status.NOTHING_FOUND)


def _disagree_since(row: Row) -> date:
    """The day of the newest judgement: since then the assessors have stood apart at the latest."""
    return max((given.as_of.first for given in row.standing.newest), default=date.min)


def _judged_on(row: Row) -> date:
    return min((given.assessed_on.first for given in row.standing.suspect), default=date.min)


def _first(day: Day | None) -> date:
    return day.first if day else date.min


@lru_cache(maxsize=2)
def _drafts(registry: Registry) -> Mapping[str, int]:
    """Record to the number of its texts that no native speaker has checked; without zeros.

    Whatever the day: a draft that is unchecked today is work today. Kept, since it reads every text.
    """
    counted = {record.id: _unchecked(record) for record in registry.file.recommendations}
    return {name: n for name, n in counted.items() if n}


def _unchecked(value: Any) -> int:
    """How many draft languages the texts in a part of a record have."""
    if isinstance(value, Text):
        return len(value.drafts)
    if isinstance(value, tuple):
        return sum(map(_unchecked, value))
    kind: type = type(value)
    return sum(_unchecked(part) for name in _worded(kind) if (part := getattr(value, name)))


@cache
def _worded(kind: type) -> tuple[str, ...]:
    """The fields of a part of a record that can hold texts, so that none of the others is looked at."""
    return tuple(name for name, hint in get_type_hints(kind).items() if _may_hold_text(hint))


def _may_hold_text(hint: Any) -> bool:
    """Whether a value of that type is a text, or has one in it."""
    if parts := get_args(hint):
        return any(_may_hold_text(part) for part in parts)
    if not is_dataclass(hint) or hint is Day:
        return False
    return hint is Text or bool(_worded(cast(type, hint)))
