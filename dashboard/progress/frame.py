"""The records of one day as tables: what lists, filters, counts and pictures are made of.

Every column that is selected or counted by is born here, from the rows of that day. The frame of a
registry and a day is made once and shared: nobody alters it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.progress.finding import finder
from dashboard.progress.rows import STATUS_ORDER, Completion, Latest, Row, Sum, differing, row, rows, sort_key
from dashboard.progress.status import counts
from dashboard.registry.grounds import bodies_above
from dashboard.registry.model import Basis, Kind, Known, Registry, Role, Side, Status
from dashboard.registry.scalars import Clock, Day

Mask = NDArray[np.bool_]
"""One truth for each line of a table, in its order."""


@dataclass(frozen=True, eq=False)
class Frame:
    """Records on one day.

    `table`: one line a record, indexed by its position among all: side, status, known, theme, kind
    (categories); disagree, due, testable, checked, done, lately (truths); asked, as_of, checked_on (days,
    the first that the text can mean; missing where there is none); still (whole months).
    `parties`: a line for each actor of a record and for each body above it: point (position),
    actor, role, basis, direct (whether it is the one that the record names).
    `origins`: point, source.
    """

    registry: Registry
    clock: Clock
    rows: tuple[Row, ...]
    table: pd.DataFrame
    parties: pd.DataFrame
    origins: pd.DataFrame

    def __len__(self) -> int:
        return len(self.rows)

    def only(self, mask: Mask) -> "Frame":
        """The records that the mask keeps, one truth a line of the table; positions stay theirs."""
        if mask.all():
            return self
        table = self.table[mask]
        return replace(
            self,
            rows=tuple(compress(self.rows, mask.tolist())),
            table=table,
            parties=self.parties[among(self.parties["point"].to_numpy(), table.index.to_numpy())],
            origins=self.origins[among(self.origins["point"].to_numpy(), table.index.to_numpy())],
        )

    def sorted(self, by: str) -> "Frame":
        """The same records, within each side by a day or a count: see SORTS."""
        if by not in SORTS or len(self) < 2:
            return self
        column, ascending = SORTS[by]
        keys = self.table.assign(place=range(len(self)), side=self.table["side"].cat.codes)
        order = keys.sort_values(
            ["side", column, "place"], ascending=[True, ascending, True], na_position="first" if ascending else "last"
        )["place"].to_numpy()
        return replace(self, rows=tuple(self.rows[n] for n in order), table=self.table.iloc[order])

    def saying(self, words: str) -> Mask:
        """Which lines say all the words, in any language."""
        return _saying(self.registry, words)[self.table.index]

    @cached_property
    def side_sums(self) -> dict[Side, Sum]:
        """Side to where its records stand, for every side that has any."""
        side, status = self.codes("side"), self.codes("status")
        lately = self.table["lately"].to_numpy()
        looked = (status == list(Status).index(Status.NOT_ASSESSED)) & self.table["checked_on"].notna().to_numpy()
        found = {}
        for n, which in enumerate(Side):
            here = side == n
            if points := int(here.sum()):
                counted = dict(zip(Status, np.bincount(status[here], minlength=len(Status)).tolist(), strict=True))
                seen = frozenset(list(Status)[code] for code in np.unique(status[here & lately]))
                statuses = {each: counted[each] for each in STATUS_ORDER if counted[each]}
                found[which] = Sum(points, statuses, seen, bool((looked & here).any()))
        return found

    @cached_property
    def statuses(self) -> dict[Status, int]:
        """Status to number of records of all sides, in the order of STATUS_ORDER, without zeros."""
        counted = Counter[Status]()
        for each in self.side_sums.values():
            counted.update(each.statuses)
        return {status: counted[status] for status in STATUS_ORDER if counted[status]}

    @cached_property
    def known(self) -> dict[Known, int]:
        """How we know to number of records, as rows.by_known."""
        counted = np.bincount(self.codes("known"), minlength=len(Known)).tolist()
        found = dict(zip(Known, counted, strict=True))
        return {kind: found[kind] for kind in (*list(Known)[1:], Known.NONE)}

    @cached_property
    def of_theme(self) -> dict[str, int]:
        """Theme to number of records, every theme of the registry."""
        counted = self.table["theme"].value_counts(sort=False)
        return dict(zip(map(str, counted.index), counted.tolist(), strict=True))

    @cached_property
    def completion(self) -> Completion:
        """How many of the records can be tested, were checked, are done."""
        testable = self.table["testable"].to_numpy()
        checked = testable & self.table["checked"].to_numpy()
        return Completion(int(testable.sum()), int(checked.sum()), int(self.table["done"].sum()))

    def codes(self, column: str) -> NDArray[np.int8]:
        """The places of a category's values in its own order, a line of the table each."""
        return np.asarray(self.table[column].cat.codes)

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(row.id for row in self.rows)


SORTS: dict[str, tuple[str, bool]] = {
    "asked": ("asked", False),
    "as_of": ("as_of", False),
    "checked": ("checked_on", True),
    "still": ("still", False),
}
"""Orders of a list: newest ask first, newest evidence first, longest not looked at first, longest
without movement first. Column, and whether the least comes first."""


_finder = lru_cache(maxsize=2)(finder)
"""An index of words costs more than a frame: made when somebody first searches."""


@lru_cache(maxsize=16)
def _saying(registry: Registry, words: str) -> Mask:
    """Remembered: every count beside a choice asks for the same words."""
    return np.asarray(_finder(registry).find(words), dtype=bool)


@lru_cache(maxsize=6)
def frame(registry: Registry, clock: Clock) -> Frame:
    """All records that count on the clock's day, by side, status and id."""
    was = _LATEST.get(clock)
    made = renewed(was, registry) if was else None
    if made is None:
        found = tuple(rows(registry, clock))
        positions = {record.id: n for n, record in enumerate(registry.file.recommendations)}
        made = _of(registry, clock, found, [positions[row.id] for row in found])
    _LATEST.put(clock, made)
    return made


_LATEST = Latest[Frame](3)
"""The newest frames: where a few records are changed, the next one of a day is made from it."""


def latest(registry: Registry) -> list[Frame]:
    """The frames of a registry that are at hand."""
    return [made for made in _LATEST.all() if made.registry is registry]


def remember(made: Iterable[Frame]) -> None:
    """Frames that were made before, perhaps in another life of the server."""
    for each in made:
        _LATEST.put(each.clock, each)


def renewed(was: Frame, registry: Registry) -> Frame | None:
    """The frame of `registry` on the same day, made from the one that `was` before some of its records were changed
    or added; None where more than that is another, so that it has to be made anew.
    """
    if was.registry is registry:
        return was
    new, other = registry.file.recommendations, differing(was.registry, registry)
    if other is None:
        return None
    kept = was.only(~np.isin(was.table.index, other))
    changed = [(n, row(registry, new[n], was.clock)) for n in other if counts(registry, new[n], was.clock)]
    changed.sort(key=lambda each: sort_key(each[1]))
    found = [each for _, each in changed]
    more = _of(registry, was.clock, tuple(found), [n for n, _ in changed])
    places = [bisect_left(kept.rows, sort_key(each), key=sort_key) for each in found]
    order = np.insert(np.arange(len(kept)), places, len(kept) + np.arange(len(found)))
    table = pd.concat([kept.table, more.table]).iloc[order]
    both = (*kept.rows, *found)
    rank = np.empty(len(new), dtype="int64")
    rank[table.index] = np.arange(len(table))

    def in_order(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
        lines = pd.concat([one, other], ignore_index=True)
        return lines.iloc[np.argsort(rank[lines["point"]], kind="stable")].reset_index(drop=True)

    return Frame(registry, was.clock, tuple(both[n] for n in order.tolist()), table,
                 in_order(kept.parties, more.parties), in_order(kept.origins, more.origins))  # fmt: skip


def _of(registry: Registry, clock: Clock, found: tuple[Row, ...], positions: Sequence[int]) -> Frame:
    index: pd.Index[int] = pd.Index(np.array(positions, dtype="int64"), name="point")
    return Frame(registry, clock, found, _table(registry, found, index), _parties(found, index, registry),
                 _origins(found, index, registry))  # fmt: skip


def _table(registry: Registry, found: tuple[Row, ...], index: "pd.Index[int]") -> pd.DataFrame:
    standings = [row.standing for row in found]
    columns = {
        "side": _categories((row.side for row in found), Side),
        "status": _categories((row.status for row in found), Status),
        "known": _categories((now.known for now in standings), Known),
        "theme": _categories((row.record.theme for row in found), registry.themes),
        "kind": _categories((row.record.kind for row in found), Kind),
        "disagree": [now.disagree for now in standings],
        "due": [now.due for now in standings],
        "testable": [now.testable for now in standings],
        "checked": [now.checked for now in standings],
        "lately": [not now.last_seen_only for now in standings],
        "done": [now.testable and now.checked and now.status is Status.IMPLEMENTED for now in standings],
        "asked": _days(registry.asked_on(row.record) for row in found),
        "as_of": _days(now.as_of for now in standings),
        "checked_on": _days(now.checked_on for now in standings),
        "still": [now.months_still for now in standings],
    }
    table = pd.DataFrame(columns, index=index)
    flags = dict.fromkeys(("disagree", "due", "testable", "checked", "done", "lately"), bool)
    return table.astype({**flags, "still": "int64"})


def _parties(found: tuple[Row, ...], index: "pd.Index[int]", registry: Registry) -> pd.DataFrame:
    above = {actor: bodies_above(registry, actor) for actor in registry.actors}
    lines = [
        (point, actor, given.role, given.basis, actor == given.actor)
        for point, row in zip(index, found, strict=True)
        for given in row.record.actors
        for actor in (given.actor, *above[given.actor])
    ]
    points, actors, roles, bases, direct = map(list, zip(*lines, strict=True)) if lines else ([], [], [], [], [])
    return pd.DataFrame(
        {
            "point": np.array(points, dtype="int64"),
            "actor": _categories(actors, registry.actors),
            "role": _categories(roles, Role),
            "basis": _categories(bases, Basis),
            "direct": np.array(direct, dtype=bool),
        }
    )


def _origins(found: tuple[Row, ...], index: "pd.Index[int]", registry: Registry) -> pd.DataFrame:
    pairs = [(point, source) for point, row in zip(index, found, strict=True) for source in row.sources]
    points, sources = [point for point, _ in pairs], [source for _, source in pairs]
    return pd.DataFrame(
        {"point": np.array(points, dtype="int64"), "source": _categories(sources, registry.source_by_id)}
    )


def among(points: Any, wanted: Any) -> Mask:
    """Which of some positions are among those wanted."""
    there = np.zeros(max(points.max(initial=-1), wanted.max(initial=-1)) + 1, dtype=bool)
    there[wanted] = True
    return np.asarray(there[points], dtype=bool)


def _categories(values: Iterable[str], allowed: Iterable[str]) -> "pd.Categorical[str]":
    return pd.Categorical([str(value) for value in values], categories=[str(each) for each in allowed])


def _days(days: Iterable[Day | None]) -> pd.DatetimeIndex:
    first: list[date | None] = [day.first if day else None for day in days]
    return pd.DatetimeIndex(np.array(first, dtype="datetime64[D]").astype("datetime64[s]"))
