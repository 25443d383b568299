"""The coming weeks: which records should be looked at when, so that a desk of so many minutes a week suffices.

The plan of a week is made as on its Monday, by what had been entered before: it stays the same until the
next, and what is done of it is told. It names records; it looks at nothing and changes nothing. Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Any

from dashboard.progress.agenda import LOOKS, MINUTES, Kind, agenda, rests
from dashboard.progress.frame import frame
from dashboard.progress.rows import Row, rows
from dashboard.progress.status import SETTLED, term
from dashboard.registry.model import Recommendation, Registry
from dashboard.registry.scalars import Clock, Day

_LEFT_OUT = (Kind.TRANSLATION, Kind.LINK)
"""Lists outside the week: a native speaker reads translations in one go; links are known to this host alone, and
a plan that hung on them would differ from one reader to the next."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done about one record in one week: `kinds` tells why; a look is counted once.

    `by`: the last day on which a look is in time, where it has one. `done`: it waits no longer.
    """

    row: Row
    kinds: tuple[Kind, ...]
    minutes: int
    by: date | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Week:
    """The tasks of one week, what presses most first. `begins` on a Monday."""

    begins: date
    tasks: tuple[Task, ...]

    @property
    def points(self) -> int:
        """How many records: one may be there for two reasons."""
        return len({task.row.id for task in self.tasks})

    @property
    def minutes(self) -> int:
        return sum(task.minutes for task in self.tasks)

    @property
    def done(self) -> int:
        """Of how many records nothing more is to be done this week."""
        return self.points - len({task.row.id for task in self.tasks if not task.done})


@dataclass(frozen=True, slots=True)
class Plan:
    """`this` week, also where nothing is to be done in it, and those of the `later` ones that hold something.

    `round`: how many weeks, this one among them, until all is done that waited on Monday. `late`: how
    many looks whose term is still to come cannot be made within it. `steady`: minutes a week that it
    takes in the long run to look at each record within its term; `minutes`: how many there are.
    """

    this: Week
    later: tuple[Week, ...]
    round: int
    late: int
    steady: int
    minutes: int

    @property
    def lacking(self) -> int:
        """Minutes a week that there are too few in the long run; 0 where they suffice."""
        return max(0, self.steady - self.minutes)


@dataclass(frozen=True, slots=True)
class Coming:
    """A record and the day on which the term of its last look ends; or, `deadline`, by which it is to be done."""

    row: Row
    on: date
    deadline: bool


def dues(found: Sequence[Row]) -> list[Coming]:
    """The days that matter next of each record, past ones too, the earliest first; of what is settled no deadline."""
    days = [Coming(row, row.standing.check_again_on, False) for row in found if row.standing.check_again_on]
    days += [Coming(row, row.record.due.on.last, True) for row in found if row.record.due and row.status not in SETTLED]
    return sorted(days, key=lambda each: (each.on, each.row.id, each.deadline))


@lru_cache(maxsize=4)
def plan(registry: Registry, today: date) -> Plan:
    """What to do in the week of `today` and in the weeks after it. Remembered: a page may ask several times."""
    monday = today - timedelta(days=today.weekday())
    then, clock = known_on(registry, monday), Clock(monday, monday)
    found = rows(then, clock)
    spread = spread_out(_tasks(then, found, clock), monday, registry.rules.desk_minutes_a_week)
    weeks = {n: Week(monday + timedelta(weeks=n), tuple(tasks)) for n, tasks in spread.items()}
    coming = [(week, each) for week in weeks.values() for each in week.tasks if each.by and each.by >= monday]
    waiting = [n for n, week in weeks.items() if any(each.by is None or each.by < monday for each in week.tasks)]
    return Plan(
        this=_with_what_is_done(weeks.pop(0, Week(monday, ())), registry, today),
        later=tuple(weeks[n] for n in sorted(weeks)),
        round=max(waiting, default=-1) + 1,
        late=sum(each.by is not None and each.by < week.begins for week, each in coming),
        steady=steady(registry, found),
        minutes=registry.rules.desk_minutes_a_week,
    )


def steady(registry: Registry, found: Iterable[Row]) -> int:
    """Minutes a week, begun ones included, that it takes to look at each of `found` within its term."""
    return ceil(sum(Fraction(7 * MINUTES[Kind.DUE], term(registry, row.record, row.status)) for row in found))


def spread_out(tasks: Sequence[Task], monday: date, most: int) -> dict[int, list[Task]]:
    """The tasks by week, 0 being that of `monday`, at `most` minutes a week; `tasks` in the order of pressing.

    A look within its term comes as late as it may, and earlier only where a later week would overflow;
    what waits already fills the room that is left. A task of more than `most` minutes has a week to itself.
    """
    weeks: dict[int, list[Task]] = defaultdict(list)
    load: dict[int, int] = defaultdict(int)

    def put(task: Task, n: int) -> int:
        """Into the first week from `n` on that has room; which one that is."""
        while load[n] and load[n] + task.minutes > most:
            n += 1
        weeks[n].append(task)
        load[n] += task.minutes
        return n

    n = 0
    dated = sorted((each for each in tasks if each.by), key=lambda each: (each.by, each.row.id))
    for task, begin in zip(dated, _latest(dated, monday, most), strict=True):
        n = put(task, max(n, begin))
    first: dict[int, int] = {}
    for task in tasks:
        if task.by is None:
            first[task.minutes] = put(task, first.get(task.minutes, 0))
    return weeks


def _latest(dated: Sequence[Task], monday: date, most: int) -> list[int]:
    """The latest week in which each of `dated`, in the order of their days, may be begun; 0 where none is in time."""
    found: list[int] = []
    room, n = 0, None
    for task in reversed(dated):
        assert task.by
        last = (task.by - monday).days // 7
        if n is None or last < n:
            n, room = last, most
        elif room < task.minutes:
            n, room = n - 1, most
        room -= task.minutes
        found.append(max(n, 0))
    return found[::-1]


def known_on(registry: Registry, day: date) -> Registry:
    """The registry without what was entered on `day` or later, as far as entries bear a day; in its present words."""
    known = tuple(_known_on(record, day) for record in registry.file.recommendations)
    return replace(registry, file=replace(registry.file, recommendations=known))


def _known_on(record: Recommendation, day: date) -> Recommendation:
    kept: dict[str, Any] = {
        "assessments": tuple(
            replace(each, withdrawn=None) if each.withdrawn and each.withdrawn.on.first >= day else each
            for each in record.assessments
            if (each.recorded_on or each.assessed_on).first < day
        ),
        "checks": tuple(each for each in record.checks if (each.recorded_on or each.on).first < day),
        "answers": tuple(each for each in record.answers if each.on.first < day),
        "asked": tuple(each for each in record.asked if each.on.first < day),
    }
    return record if all(kept[name] == getattr(record, name) for name in kept) else replace(record, **kept)


def _tasks(registry: Registry, found: Sequence[Row], clock: Clock) -> list[Task]:
    """What waits, what presses most first, and behind it each look whose term is still to come."""
    waiting = _waiting(registry, found, clock)
    by_id = {row.id: row for row in found}
    now = [
        Task(by_id[name], kinds, _minutes(kinds), by_id[name].standing.check_again_on if Kind.DUE in kinds else None)
        for name, kinds in waiting.items()
    ]
    return now + [
        Task(row, (Kind.DUE,), MINUTES[Kind.DUE], row.standing.check_again_on)
        for row in found
        if row.standing.check_again_on and not set(waiting.get(row.id, ())) & set(LOOKS)
    ]


def _waiting(registry: Registry, found: Sequence[Row], clock: Clock) -> Mapping[str, tuple[Kind, ...]]:
    """Record to why it waits, both in the order of the lists."""
    kinds: dict[str, tuple[Kind, ...]] = {}
    for item in agenda(registry, found, clock):
        for row in item.rows:
            if item.kind not in _LEFT_OUT and not rests(item.kind, row):
                kinds[row.id] = (*kinds.get(row.id, ()), item.kind)
    return kinds


def _minutes(kinds: tuple[Kind, ...]) -> int:
    """One look serves every list that asks for one: the first of them says how long it may take."""
    looks = [kind for kind in kinds if kind in LOOKS][:1]
    return sum(MINUTES[kind] for kind in (*looks, *(kind for kind in kinds if kind not in LOOKS)))


def _later(now: Day | None, then: Day | None) -> bool:
    """Whether somebody looked since: a look that was taken back is none."""
    return now is not None and (then is None or now.first > then.first)


def _with_what_is_done(week: Week, registry: Registry, today: date) -> Week:
    """The week with its tasks marked that wait no longer: a look was entered, the rest is settled."""
    clock = Clock(today, today)
    now = {row.id: row for row in frame(registry, clock).rows}
    waiting = _waiting(registry, tuple(now.values()), clock)

    def done(task: Task) -> bool:
        row, other = now.get(task.row.id), set(task.kinds) - set(LOOKS)
        looked = row is not None and _later(row.standing.checked_on, task.row.standing.checked_on)
        return row is None or ((looked or other == set(task.kinds)) and not other & set(waiting.get(row.id, ())))

    return replace(week, tasks=tuple(replace(each, done=done(each)) for each in week.tasks))
