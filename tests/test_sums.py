"""The small tables behind the pictures: every number against a count made by plain loops."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from dashboard.progress import sums
from dashboard.progress.changes import compare
from dashboard.progress.filters import Filters
from dashboard.progress.frame import Frame, frame
from dashboard.progress.rows import STATUS_ORDER, rows
from dashboard.progress.sums import Age
from dashboard.registry import reader
from dashboard.registry.model import Registry, Role
from dashboard.registry.scalars import Clock
from tests import generate
from tests.points import TODAY, point, registry, said
from tests.small import ROOT

SEEDS = (None, 1, 2, 3)


def _registry(folder: Path, seed: int | None) -> tuple[Registry, Clock]:
    today = generate.TODAY if seed else TODAY
    path = generate.write(folder, generate.registry(seed, 60)) if seed else ROOT / "recommendations.yaml"
    read = reader.load(path, today).registry
    assert read is not None
    return read, Clock(today, today)


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"generated-{seed}" if seed else "shipped")
def every(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Frame:
    return frame(*_registry(tmp_path_factory.mktemp("registry"), request.param))


@pytest.mark.parametrize("column", ["side", "theme", "known"])
def test_statuses_are_counted_for_each_value_of_a_column(every: Frame, column: str) -> None:
    counted = Counter(
        (str({"side": row.side, "theme": row.record.theme, "known": row.standing.known}[column]), str(row.status))
        for row in every.rows
    )
    table = sums.by_status(every, column)
    assert {
        (line, s): sums.number(table, line, s) for line in table.index for s in map(str, table) if table.at[line, s]
    } == counted
    assert list(table) == [str(s) for s in STATUS_ORDER if any(row.status is s for row in every.rows)]


@pytest.mark.parametrize("chosen", [Filters(), Filters(role=("helps", "pays")), Filters(basis=("inferred",))])
def test_actors_are_counted_once_a_point_and_role(every: Frame, chosen: Filters) -> None:
    kept = chosen.apply(every)
    found = sums.actors(kept, chosen)
    named = {(row.id, a.actor, str(a.role)) for row in kept.rows for a in row.record.actors}
    roles = Counter((actor, role) for _, actor, role in named)
    points = Counter(actor for _, actor in {(name, actor) for name, actor, _ in named})
    table = found.direct
    assert {(a, r): n for a in table.index for r in map(str, Role) if (n := sums.number(table, a, r))} == roles
    assert {a: sums.number(table, a, "points") for a in table.index} == points
    assert list(table["points"]) == sorted(table["points"], reverse=True)


@pytest.mark.parametrize(
    "chosen",
    [
        Filters(),
        Filters(role=("helps", "together")),
        Filters(basis=("named",)),
        Filters(role=("must-act",), basis=("inferred",), side=("state",)),
    ],
)
def test_what_an_address_of_an_actor_would_show_is_what_the_selection_shows(every: Frame, chosen: Filters) -> None:
    _assert_found(every, chosen)


def test_it_is_so_where_other_actors_are_selected(every: Frame) -> None:
    for actor in list(every.parties["actor"].unique())[:6]:
        _assert_found(every, Filters(actor=(str(actor),)))
        _assert_found(every, Filters(actor=(f"{actor}:must-act",), basis=("named",)))


def _assert_found(every: Frame, chosen: Filters) -> None:
    found = sums.actors(chosen.apply(every), chosen)
    for actor in found.direct.index:
        assert sums.number(found.found, actor, "points") == len(chosen.choosing("actor", actor).apply(every))
        for role in map(str, Role):
            shown = chosen.choosing("actor", f"{actor}:{role}").apply(every)
            assert sums.number(found.found, actor, role) == len(shown)


def test_the_age_of_a_look_is_counted_in_whole_months(every: Frame) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for row in every.rows:
        looked = row.standing.checked_on
        kind = "never" if looked is None else "due" if row.standing.due else "fresh"
        counted[str(_age(looked.first if looked else None, every.clock.as_of)), kind] += 1
    table = sums.by_age(every)
    assert list(table.index) == [str(age) for age in Age]
    assert {(a, c): n for a in table.index for c in map(str, table) if (n := sums.number(table, a, c))} == counted


def _age(looked: date | None, now: date) -> Age:
    """The same by another way: step back month by month."""
    if looked is None:
        return Age.NEVER
    for months, age in ((1, Age.MONTH), (3, Age.QUARTER), (6, Age.HALF), (12, Age.YEAR)):
        year, month = divmod(looked.year * 12 + looked.month - 1 + months, 12)
        if (now.year, now.month, now.day) < (year, month + 1, looked.day):
            return age
    return Age.OLDER


@pytest.mark.parametrize(
    ("looked", "age"),
    [
        ("2026-11-22", Age.MONTH),
        ("2026-10-23", Age.MONTH),
        ("2026-10-22", Age.QUARTER),
        ("2026-08-23", Age.QUARTER),
        ("2026-08-22", Age.HALF),
        ("2026-05-22", Age.YEAR),
        ("2025-11-23", Age.YEAR),
        ("2025-11-22", Age.OLDER),
    ],
)
def test_the_edges_of_ages(looked: str, age: Age) -> None:
    of = registry(point(assessments=[said("in-progress", "2025-01-01", looked=looked)]))
    assert list(sums.ages(frame(of, Clock(TODAY, TODAY)))) == [str(age)]


def test_the_course_is_what_a_replay_of_each_day_says(every: Frame) -> None:
    course = sums.course(every.registry, every.clock)
    assert course.days[-1] == every.clock.as_of
    for n, on in enumerate(course.days):
        stood = {row.id: row.status for row in rows(every.registry, Clock(on, every.clock.today))}
        drawn = {
            name: STATUS_ORDER[place] for name, place in zip(course.ids, course.places[:, n], strict=True) if place >= 0
        }
        assert drawn == stood, on


def test_the_course_begins_with_the_first_ask_and_goes_by_quarters(every: Frame) -> None:
    course = sums.course(every.registry, every.clock)
    assert (course.places[:, 0] >= 0).any()
    assert all((on + timedelta(days=1)).day == 1 and on.month % 3 == 0 for on in course.days[:-1])
    assert list(course.days) == sorted(set(course.days))
    assert course.counted().iloc[-1].sum() == len(every)


def test_a_course_as_of_a_past_day_ends_there(every: Frame) -> None:
    clock = Clock(date(2025, 2, 10), every.clock.today)
    course = sums.course(every.registry, clock)
    stood = Counter(str(row.status) for row in rows(every.registry, clock))
    last = course.counted().iloc[-1]
    assert course.days[-1] == clock.as_of
    assert {str(status): int(n) for status, n in last.items() if n} == stood


def test_of_no_records_the_course_is_one_empty_day() -> None:
    course = sums.course(registry(), Clock(TODAY, TODAY))
    assert course.days == (TODAY,)
    assert course.counted().empty


def test_a_record_retired_since_is_told(every: Frame) -> None:
    course = sums.course(every.registry, every.clock)
    now = {row.id for row in every.rows}
    for n, on in enumerate(course.days):
        then = {row.id for row in rows(every.registry, Clock(on, every.clock.today))}
        assert bool(course.gone()[n]) == bool(then - now)


def test_moves_are_kept_by_both_statuses(every: Frame) -> None:
    table = compare(every.registry, Clock(date(2025, 9, 1), every.clock.today), every.registry, every.clock).moves
    found = sums.by_move(table)
    assert Counter((move.was, move.row.status) for move in table) == {key: len(kept) for key, kept in found.items()}
    assert sum(len(kept) for kept in found.values()) == len(table)


def test_a_registry_without_actors_or_records_has_tables_without_lines() -> None:
    empty = frame(registry(actors=[], themes=[]), Clock(TODAY, TODAY))
    assert sums.by_role(empty.parties).empty
    assert sums.by_status(empty, "theme").empty
