"""One row for each record on one day: what lists, filters, counts and pictures are made of.

Plain values only, without pandas, so that the command line starts fast.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from dashboard.progress.status import Standing, as_it_stood, in_force, once_for_alike, standing
from dashboard.registry.model import Known, Recommendation, Registry, Role, Side, Status, alike
from dashboard.registry.scalars import Clock

Made = TypeVar("Made")

STATUS_ORDER = (
    Status.IMPLEMENTED,
    Status.PARTLY,
    Status.IN_PROGRESS,
    Status.ONGOING,
    Status.PROMISED,
    Status.REVERSED,
    Status.REFUSED,
    Status.BLOCKED,
    Status.NOT_STARTED,
    Status.NOTHING_FOUND,
    Status.NOT_ASSESSED,
)
"""The order in which statuses are shown: what moved first, what nobody has looked at last."""

_RANK = {status: rank for rank, status in enumerate(STATUS_ORDER)}
_SIDES = {side: n for n, side in enumerate(Side)}


@dataclass(frozen=True, slots=True)
class Row:
    """A record and where it stands."""

    record: Recommendation
    standing: Standing

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def side(self) -> Side:
        return self.standing.side

    @property
    def status(self) -> Status:
        return self.standing.status

    @property
    def acting(self) -> tuple[str, ...]:
        """Ids of those who must act."""
        return tuple(a.actor for a in self.record.actors if a.role is Role.MUST_ACT)

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(origin.source for origin in self.record.origin))


def rows(registry: Registry, clock: Clock) -> list[Row]:
    """The records that count on the clock's day, by side, status and id."""
    stands = once_for_alike(registry, lambda record: standing(registry, record, clock))
    return sorted(
        (Row(as_it_stood(record, clock), stands(record)) for record in in_force(registry, clock)), key=sort_key
    )


def sort_key(row: Row) -> tuple[int, int, str]:
    """By side, status and id."""
    return _SIDES[row.standing.side], _RANK[row.standing.status], row.record.id


def row(registry: Registry, record: Recommendation, clock: Clock) -> Row:
    """One record as it stood on the clock's day."""
    return Row(as_it_stood(record, clock), standing(registry, record, clock))


@dataclass(frozen=True, slots=True)
class Completion:
    """How many can be tested, how many of those somebody has checked, how many of those are done."""

    testable: int
    checked: int
    done: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Where records stand together. `statuses`: how many have which, in the order of STATUS_ORDER, without zeros.

    `lately`: statuses of which at least one was seen lately; `looked`: whether somebody looked at one that
    nobody has judged.
    """

    points: int
    statuses: Mapping[Status, int]
    lately: frozenset[Status]
    looked: bool


def summed(of: Sequence[Row]) -> Sum:
    """Frame.side_sums counts a whole selection much faster."""
    return Sum(
        len(of),
        by_status(of),
        frozenset(row.status for row in of if not row.standing.last_seen_only),
        any(row.status is Status.NOT_ASSESSED and row.standing.checked_on for row in of),
    )


def by_status(of: Iterable[Row]) -> dict[Status, int]:
    """Status to number of rows, in the order of STATUS_ORDER, without zeros."""
    counted = Counter(row.status for row in of)
    return {status: counted[status] for status in STATUS_ORDER if counted[status]}


def by_known(of: Iterable[Row]) -> dict[Known, int]:
    """How we know to number of rows, every kind, those of which nothing is known last."""
    counted = Counter(row.standing.known for row in of)
    return {kind: counted[kind] for kind in (*list(Known)[1:], Known.NONE)}


def by_side(of: Iterable[Row]) -> dict[Side, list[Row]]:
    """Side to its rows, every side, in the order state, foreign, society."""
    sides: dict[Side, list[Row]] = {side: [] for side in Side}
    for row in of:
        sides[row.side].append(row)
    return sides


MOST_RENEWED = 1000
"""Records that may differ between two states for what was made of one to be renewed for the other."""


def differing(was: Registry, now: Registry) -> list[int] | None:
    """The positions of the records that are other ones than they were, or were not there; None where anything else
    changed that tells where a record stands, a record is gone, or very many changed.

    A page of evidence that is new changes nothing else: no record can have named it before.
    """
    before, after = was.file, now.file
    old, new = before.recommendations, after.recommendations
    same = (
        len(old) <= len(new)
        and before.rules == after.rules
        and alike(before.actors, after.actors)
        and alike(before.themes, after.themes)
        and alike(was.sources, now.sources)
        and alike(before.evidence, after.evidence[: len(before.evidence)])
    )
    if not same:
        return None
    others = [n for n, record in enumerate(old) if record is not new[n]] + list(range(len(old), len(new)))
    return others if len(others) <= MOST_RENEWED else None


class Latest(Generic[Made]):
    """The newest thing that was made for a day, for so many days at most; for many threads."""

    def __init__(self, most: int) -> None:
        self._held: dict[Clock, Made] = {}
        self._most = most
        self._lock = Lock()

    def get(self, clock: Clock) -> Made | None:
        return self._held.get(clock)

    def all(self) -> list[Made]:
        with self._lock:
            return list(self._held.values())

    def put(self, clock: Clock, made: Made) -> None:
        with self._lock:
            self._held.pop(clock, None)
            self._held[clock] = made
            if len(self._held) > self._most:
                del self._held[next(iter(self._held))]
