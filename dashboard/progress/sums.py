"""The small tables behind the pictures: how many records of a frame have what.

Each is made from a frame's tables and is small: tens of lines, whatever the number of records.
Nothing here draws, links or speaks.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.progress.changes import Move
from dashboard.progress.filters import Filters
from dashboard.progress.frame import Frame, frame
from dashboard.progress.rows import STATUS_ORDER, Latest, Row, differing
from dashboard.progress.status import counts, once_for_alike, standing
from dashboard.registry.model import Recommendation, Registry, Status
from dashboard.registry.scalars import Clock


class Age(StrEnum):
    """How long ago somebody but an addressee last looked, in whole months."""

    MONTH = "within-1"
    QUARTER = "1-to-3"
    HALF = "3-to-6"
    YEAR = "6-to-12"
    OLDER = "12-and-more"
    NEVER = "never"


_AGES_FROM = (1, 3, 6, 12)
"""Whole months from which the next age begins."""


def by_status(frame: Frame, column: str) -> pd.DataFrame:
    """A line a value of `column` that occurs, a column a status that occurs, both in their own order."""
    counted = frame.table.groupby([column, "status"], observed=True).size().unstack(fill_value=0)
    lines = [value for value in frame.table[column].cat.categories if value in counted.index]
    return counted.reindex(index=lines, columns=[s for s in STATUS_ORDER if s in counted.columns])


def by_role(parties: pd.DataFrame) -> pd.DataFrame:
    """A line an actor that has any, a column a role: in how many points; `points`: each point once."""
    actors, roles = parties["actor"].cat, parties["role"].cat
    # Counted by number: grouping twice by two categories took most of the time of the picture.
    named = parties["point"].to_numpy() * len(actors.categories) + actors.codes.to_numpy()
    held = np.unique(named * len(roles.categories) + roles.codes.to_numpy())
    places = held % (len(actors.categories) * len(roles.categories))
    counted = np.bincount(places, minlength=len(actors.categories) * len(roles.categories))
    table = pd.DataFrame(
        counted.reshape(len(actors.categories), len(roles.categories)),
        index=actors.categories,
        columns=list(roles.categories),
    )
    points = np.bincount(np.unique(named) % len(actors.categories), minlength=len(actors.categories))
    return table.assign(points=points)[points > 0]


@dataclass(frozen=True, slots=True)
class Actors:
    """Who has a part in the selected records, those with most points first.

    `direct` counts the records that name the actor itself; `whole` those that name it or a part of
    it; `direct_found` and `found` say how many of either an address of this actor, beside the rest
    of the selection, would show: it can be linked to where they are as many. All are of one shape.
    """

    direct: pd.DataFrame
    whole: pd.DataFrame
    direct_found: pd.DataFrame
    found: pd.DataFrame


def actors(of: Frame, chosen: Filters) -> Actors:
    """The actors that records name directly, each with its points by role."""
    direct = by_role(of.parties[of.parties["direct"]])
    direct = direct.sort_values("points", ascending=False, kind="stable")
    whole = by_role(of.parties)
    direct_found, found = direct, whole
    if chosen.actor or chosen.role or chosen.basis:
        # An address binds role and basis to the actor itself, and one actor takes the place of others.
        meant = _meant(of.parties, chosen)
        direct_found = by_role(meant[meant["direct"]])
        reached = chosen.without("actor").apply(frame(of.registry, of.clock)) if chosen.actor else of
        found = by_role(_meant(reached.parties, chosen))
    alike = [table.reindex(direct.index, fill_value=0) for table in (whole, direct_found, found)]
    return Actors(direct, *alike)


def _meant(parties: pd.DataFrame, chosen: Filters) -> pd.DataFrame:
    for key, wanted in (("role", chosen.role), ("basis", chosen.basis)):
        parties = parties[parties[key].isin(wanted)] if wanted else parties
    return parties


def ages(frame: Frame) -> "pd.Series[Any]":
    """For each line of the frame's table, the age of the last look."""
    looked, now = frame.table["checked_on"], frame.clock.as_of
    months = (now.year - looked.dt.year) * 12 + now.month - looked.dt.month - (looked.dt.day > now.day)
    place = np.searchsorted(_AGES_FROM, months.fillna(0).to_numpy(), side="right")
    place[looked.isna().to_numpy()] = len(_AGES_FROM) + 1
    return pd.Series(
        pd.Categorical.from_codes(place, categories=pd.Index([str(age) for age in Age])), index=looked.index
    )


def by_age(frame: Frame) -> pd.DataFrame:
    """A line an age, all of them; columns `due` and `fresh` (not due for a check), `never` (no look): how many."""
    counted = frame.table.assign(age=ages(frame)).groupby(["age", "due"], observed=True).size()
    lines = [str(age) for age in Age]
    table = counted.unstack(fill_value=0).reindex(index=lines, columns=[True, False], fill_value=0)
    table = table.set_axis(["due", "fresh"], axis=1)
    never = table.index == Age.NEVER
    return table.assign(never=table["fresh"].where(never, 0), fresh=table["fresh"].mask(never, 0))


def number(table: pd.DataFrame, line: str, column: str) -> int:
    """One number of a table of counts."""
    found: Any = table.at[line, column]
    return int(found)


def by_move(table: Sequence[Move]) -> dict[tuple[Status | None, Status], list[Row]]:
    """Status before (None: new) and status now to the records that moved so, in the order of statuses."""
    found: dict[tuple[Status | None, Status], list[Row]] = {}
    for was in (*STATUS_ORDER, None):
        for now in STATUS_ORDER:
            if rows := [move.row for move in table if move.was is was and move.row.status is now]:
                found[was, now] = rows
    return found


@dataclass(frozen=True, slots=True)
class Course:
    """Where every record stood on each of `days`: a line a record of the registry, a column a day.

    `places` holds the place of its status in STATUS_ORDER, -1 where it did not count that day.
    """

    days: tuple[date, ...]
    ids: tuple[str, ...]
    places: NDArray[np.int8]

    def counted(self, ids: frozenset[str] | None = None) -> pd.DataFrame:
        """A line a day, a column a status that occurs: how many records, of those with `ids` if given."""
        kept = [n for n, name in enumerate(self.ids) if ids is None or name in ids]
        places = self.places[kept]
        columns = {str(status): (places == n).sum(axis=0) for n, status in enumerate(STATUS_ORDER)}
        table = pd.DataFrame(columns, index=list(self.days))
        return table.loc[:, table.any(axis=0)]

    def gone(self) -> NDArray[np.bool_]:
        """For each day, whether a record counted that no longer does on the last one."""
        return np.asarray(((self.places >= 0) & (self.places[:, -1:] < 0)).any(axis=0))


@lru_cache(maxsize=4)
def course(registry: Registry, clock: Clock) -> Course:
    """Where every record stood at the end of each quarter since the first ask, and on the clock's day."""
    records = registry.file.recommendations
    days = (*_quarters(_first_ask(registry, records), clock.as_of), clock.as_of)
    places = np.full((len(records), len(days)), -1, dtype=np.int8)
    was = _LATEST.get(clock)
    other = differing(was[0], registry) if was and was[1].days == days else None
    if was and other is not None:
        places[: len(was[1].places)] = was[1].places
    stood = once_for_alike(registry, lambda record: _places(registry, record, days, clock))
    for n in range(len(records)) if other is None else other:
        places[n] = stood(records[n])
    made = Course(days, tuple(record.id for record in records), places)
    _LATEST.put(clock, (registry, made))
    return made


_LATEST = Latest[tuple[Registry, Course]](2)
"""As of frames: only what changed is judged again."""


def _first_ask(registry: Registry, records: Sequence[Recommendation]) -> date | None:
    return min((asked.last for record in records if (asked := registry.asked_on(record))), default=None)


def _quarters(first: date | None, until: date) -> list[date]:
    """The last days of the quarters that ended from `first` on and before `until`."""
    if first is None:
        return []
    ends = ((year, month, day) for year in range(first.year, until.year + 1) for month, day in _QUARTER_ENDS)
    return [end for parts in ends if first <= (end := date(*parts)) < until]


_QUARTER_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))


def _places(registry: Registry, record: Recommendation, days: Sequence[date], clock: Clock) -> list[int]:
    """A status can change only on a dated fact, so it is judged again only after one."""
    turns = sorted(_turns(registry, record))
    found: list[int] = []
    judged, place = 0, -1
    for day in days[:-1]:
        if (passed := bisect_right(turns, day)) != judged:
            judged, place = passed, _place(registry, record, Clock(day, clock.today))
        found.append(place)
    return [*found, _place(registry, record, clock)]


def _turns(registry: Registry, record: Recommendation) -> list[date]:
    asked = registry.asked_on(record)
    days = [asked, record.retired.on if record.retired else None]
    for given in record.assessments:
        days += [given.as_of, given.withdrawn.on if given.withdrawn else None]
    return [day.last for day in days if day]


def _place(registry: Registry, record: Recommendation, clock: Clock) -> int:
    if not counts(registry, record, clock):
        return -1
    return STATUS_ORDER.index(standing(registry, record, clock).status)
