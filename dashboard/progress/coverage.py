"""What a registry covers: who judged which points, where they agree, how it is known, how long ago somebody looked.

Numbers and rows only; words and addresses are the page's. Everything is told by side, since what different
parties must do is never added up.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TypeVar

from dashboard.progress import sums
from dashboard.progress.frame import Frame
from dashboard.progress.rows import Row, by_known, by_side, by_status
from dashboard.progress.status import Difference, assessments, difference
from dashboard.progress.summary import read
from dashboard.registry import grounds
from dashboard.registry.model import Basis, Known, NotTracked, Role, Side, Source, Status
from dashboard.registry.scalars import Day

Rows = tuple[Row, ...]
Group = TypeVar("Group", bound=StrEnum)


class Judged(StrEnum):
    """By how many a point was judged, and whether they agree. Each point has one of these."""

    NOBODY = "nobody"
    NOTHING_FOUND = "nothing-found"
    ONE = "one"
    AGREE = "agree"
    DISAGREE = "disagree"
    AT_DIFFERENT_DATES = "at-different-dates"


class Age(StrEnum):
    """How long ago somebody who is not addressed looked last, in whole months."""

    UNDER_3 = "under-3"
    UNDER_6 = "under-6"
    UNDER_12 = "under-12"
    OLDER = "older"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Assessor:
    """Somebody who judged, with the points by side; `own`: those in which it speaks of its own duty.

    `newest`: the last day on which it looked.
    """

    actor: str
    rows: Mapping[Side, Rows]
    own: Mapping[Side, Rows]
    newest: Day


@dataclass(frozen=True, slots=True)
class Pair:
    """Two assessors, and the points of one side that both judged, by whether they agree there."""

    one: str
    other: str
    side: Side
    rows: Mapping[Difference, Rows]


@dataclass(frozen=True, slots=True)
class Passages:
    """A source with its passages: how many led to points, and the others by the reason why not.

    `points`: how many of the points counted come from it.
    """

    entry: Source
    tracked: int
    reasons: Mapping[NotTracked, int]
    points: int

    @property
    def not_tracked(self) -> int:
        return sum(self.reasons.values())

    @property
    def examined(self) -> int:
        return self.tracked + self.not_tracked

    def share(self, percent_from: int) -> int | None:
        """Whole percent of the passages that are tracked; None of fewer than `percent_from`."""
        return round(100 * self.tracked / self.examined) if self.examined >= max(percent_from, 1) else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """All of it. Sides without a point are left out of every part.

    `known`: how we know, by status; `addressed`: points by role and by whether the source names who has it.
    """

    assessors: tuple[Assessor, ...]
    judged: Mapping[Side, Mapping[Judged, Rows]]
    pairs: tuple[Pair, ...]
    known: Mapping[Side, Mapping[Status, Mapping[Known, int]]]
    passages: tuple[Passages, ...]
    looked: Mapping[Side, Mapping[Age, Rows]]
    addressed: Mapping[Side, Mapping[Role, Mapping[Basis, int]]]


def coverage(frame: Frame) -> Coverage:
    """What is covered of the points of a frame, on its day; of passages, those of all texts published by then."""
    sides = {side: tuple(rows) for side, rows in by_side(frame.rows).items() if rows}
    ages = {row.id: _AGES[sums.Age(age)] for row, age in zip(frame.rows, sums.ages(frame), strict=True)}
    return Coverage(
        assessors=_assessors(frame),
        judged={side: _grouped(rows, judged, Judged) for side, rows in sides.items()},
        pairs=tuple(pair for side, rows in sides.items() for pair in _pairs(frame, side, rows)),
        known={
            side: {status: by_known(r for r in rows if r.status is status) for status in by_status(rows)}
            for side, rows in sides.items()
        },
        passages=_passages(frame),
        looked={side: _grouped(rows, lambda row: ages[row.id], Age) for side, rows in sides.items()},
        addressed={side: _addressed(rows) for side, rows in sides.items()},
    )


def judged(row: Row) -> Judged:
    """A look that found nothing is no judgement of where a point stands; it is told apart from none at all."""
    now = row.standing
    if len(now.newest) > 1:
        return _OF_SEVERAL[now.difference]
    if now.newest:
        return Judged.ONE
    return Judged.NOTHING_FOUND if now.status is Status.NOTHING_FOUND else Judged.NOBODY


_OF_SEVERAL = {
    Difference.NONE: Judged.AGREE,
    Difference.DISAGREE: Judged.DISAGREE,
    Difference.AT_DIFFERENT_DATES: Judged.AT_DIFFERENT_DATES,
}


_AGES = {
    sums.Age.MONTH: Age.UNDER_3,
    sums.Age.QUARTER: Age.UNDER_3,
    sums.Age.HALF: Age.UNDER_6,
    sums.Age.YEAR: Age.UNDER_12,
    sums.Age.OLDER: Age.OLDER,
    sums.Age.NEVER: Age.NEVER,
}
"""How old a look is comes from where the pictures take it."""


def _grouped(rows: Iterable[Row], of: Callable[[Row], Group], groups: type[Group]) -> dict[Group, Rows]:
    """Each group, in its order, to its rows; also those that have none."""
    found: dict[Group, list[Row]] = {group: [] for group in groups}
    for row in rows:
        found[of(row)].append(row)
    return {group: tuple(held) for group, held in found.items()}


def _assessors(frame: Frame) -> tuple[Assessor, ...]:
    """Who judged most first; looks that found nothing count, what was taken back does not."""
    held: dict[str, list[Row]] = {}
    newest: dict[str, Day] = {}
    for row in frame.rows:
        for given in assessments(row.record, frame.clock):
            held.setdefault(given.by, []).append(row)
            newest[given.by] = max(newest.get(given.by, given.assessed_on), given.assessed_on, key=lambda d: d.first)
    made = []
    for actor, rows in held.items():
        once = {row.id: row for row in rows}.values()
        own = [row for row in once if actor in grounds.addressees(frame.registry, row.record)]
        made.append(Assessor(actor, _sided(once), _sided(own), newest[actor]))
    return tuple(sorted(made, key=lambda each: (-sum(map(len, each.rows.values())), each.actor)))


def _sided(rows: Iterable[Row]) -> dict[Side, Rows]:
    return {side: tuple(held) for side, held in by_side(rows).items()}


def _pairs(frame: Frame, side: Side, rows: Rows) -> list[Pair]:
    """Each two who judged the same points of a side; those with most in common first."""
    held: dict[tuple[str, str], dict[Difference, list[Row]]] = {}
    for row in rows:
        for one, other in combinations(sorted(row.standing.newest, key=lambda given: given.by), 2):
            apart = difference((one, other), frame.registry.rules)
            held.setdefault((one.by, other.by), {each: [] for each in Difference})[apart].append(row)
    pairs = [
        Pair(one, other, side, {apart: tuple(of) for apart, of in found.items()})
        for (one, other), found in held.items()
    ]
    return sorted(pairs, key=lambda pair: (-sum(map(len, pair.rows.values())), pair.one, pair.other))


def _passages(frame: Frame) -> tuple[Passages, ...]:
    points = Counter(source for row in frame.rows for source in row.sources)
    made = []
    for source in frame.registry.sources:
        if frame.clock.has(source.published):
            reasons = Counter(passage.reason for passage in source.not_tracked)
            most_first = dict(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])))
            made.append(Passages(source, read(frame.registry, source).tracked, most_first, points[source.id]))
    return tuple(made)


def _addressed(rows: Rows) -> dict[Role, dict[Basis, int]]:
    """Role to the points in which somebody has it, as named by the source and as inferred; one may be in both."""
    found = Counter(pair for row in rows for pair in {(a.role, a.basis) for a in row.record.actors})
    roles = [role for role in Role if any(found[role, basis] for basis in Basis)]
    return {role: {basis: found[role, basis] for basis in Basis} for role in roles}
