"""The plan of the coming weeks: spread by pressing and room, stable within a week, honest where it cannot be."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.language import translator
from dashboard.outputs import pages
from dashboard.outputs.view import Place, View
from dashboard.progress.filters import Filters
from dashboard.progress.planning import Plan, Week, plan
from dashboard.registry import reader
from dashboard.registry.model import Registry
from dashboard.registry.scalars import Clock
from tests import generate, slow, slow_planning
from tests.points import point, registry, said
from tests.small import ROOT

SHIPPED = ROOT / "recommendations.yaml"
MONDAY = date(2026, 11, 16)
FRIDAY = MONDAY + timedelta(days=4)


def looked(name: str, on: str, status: str = "implemented", **more: Any) -> dict[str, Any]:
    return point(name, assessments=[said(status, on)], **more)


def again(name: str, due: date) -> dict[str, Any]:
    """A point whose last look holds until that day, under a rhythm of 365 days."""
    return looked(name, str(due - timedelta(days=365)))


def of(*points: dict[str, Any], minutes: int = 40, **more: Any) -> Registry:
    return registry(*points, rules={"desk_minutes_a_week": str(minutes)}, **more)


def weeks(made: Plan) -> dict[int, list[str]]:
    """Number of the week, 0 being this one, to the ids of its tasks."""
    held = {(week.begins - made.this.begins).days // 7: week for week in (made.this, *made.later)}
    return {n: [task.row.id for task in week.tasks] for n, week in held.items()}


def unseen(n: int) -> list[dict[str, Any]]:
    return [point(f"unseen-{each:03}") for each in range(n)]


def test_a_registry_that_nobody_has_checked_is_gone_through_in_as_many_weeks_as_it_takes() -> None:
    made = plan(of(*unseen(34)), FRIDAY)
    assert [week.points for week in (made.this, *made.later)] == [5, 5, 5, 5, 5, 5, 4]
    assert {week.minutes for week in (made.this, *made.later)} == {40, 32}
    assert (made.round, made.late, made.this.begins) == (7, 0, MONDAY)


def test_an_empty_registry_has_an_empty_week() -> None:
    assert plan(of(), FRIDAY) == Plan(Week(MONDAY, ()), (), 0, 0, 0, 40)


def test_what_presses_most_comes_first_and_one_look_serves_every_list() -> None:
    apart = [said("promised", "2026-11-01"), said("implemented", "2026-11-02", "the-court")]
    made = plan(
        of(
            point("unseen"),
            looked("due-and-late", "2024-06-01", "promised", due={"on": "2026-01-01", "basis": "The plan."}),
            point("apart", assessments=apart),
        ),
        FRIDAY,
    )
    assert [(task.row.id, task.kinds, task.minutes) for task in made.this.tasks] == [
        ("due-and-late", ("due", "overdue"), 6),
        ("apart", ("disagree",), 10),
        ("unseen", ("not-checked",), 8),
    ]


def test_a_look_comes_in_the_week_in_which_its_term_ends_and_earlier_only_where_a_later_week_would_overflow() -> None:
    ends = MONDAY + timedelta(weeks=3, days=2)
    few = plan(of(*(again(f"point-{n}", ends) for n in range(6))), FRIDAY)
    assert {n: len(ids) for n, ids in weeks(few).items()} == {0: 0, 3: 6}
    many = plan(of(*(again(f"point-{n:02}", ends - timedelta(days=n % 2)) for n in range(20))), FRIDAY)
    assert {n: len(ids) for n, ids in weeks(many).items()} == {0: 2, 1: 6, 2: 6, 3: 6}
    assert many.late == 0
    assert weeks(many)[0] == ["point-01", "point-03"]  # whose terms end first


def test_what_waits_fills_the_room_that_looks_in_time_leave() -> None:
    soon = [again(f"soon-{n}", MONDAY + timedelta(days=3)) for n in range(5)]
    made = plan(of(*soon, *unseen(7)), FRIDAY)
    assert {n: (len(ids), sum(each.startswith("soon") for each in ids)) for n, ids in weeks(made).items()} == {
        0: (6, 5),
        1: (5, 0),
        2: (1, 0),
    }


def test_where_not_all_can_be_in_time_the_oldest_look_comes_first_and_the_late_ones_are_counted() -> None:
    due = [again(f"due-{n:02}", MONDAY - timedelta(days=90 - n)) for n in range(12)]
    soon = [again(f"soon-{n}", MONDAY + timedelta(days=8)) for n in range(3)]
    made = plan(of(*due, *soon), FRIDAY)
    assert weeks(made)[0] == [f"due-{n:02}" for n in range(6)]
    assert weeks(made)[2] == ["soon-0", "soon-1", "soon-2"]
    assert (made.round, made.late) == (2, 3)


def test_a_task_longer_than_a_week_has_a_week_to_itself() -> None:
    made = plan(of(*unseen(3), minutes=5), FRIDAY)
    assert [week.points for week in (made.this, *made.later)] == [1, 1, 1]


def test_the_plan_of_a_week_stays_the_same_until_its_sunday_and_tells_what_is_done() -> None:
    ends = [again(f"ends-{n}", MONDAY + timedelta(days=n)) for n in range(7)]

    def on(day: date, *seen: dict[str, Any]) -> Plan:
        return plan(of(*ends, *seen, *unseen(9)), day)

    before = on(MONDAY)
    assert [weeks(on(MONDAY + timedelta(days=n))) for n in range(7)] == [weeks(before)] * 7
    [first, *_] = [task.row.record for task in before.this.tasks]
    assert before.this.done == 0
    look = {"on": str(FRIDAY), "by": "editors", "where": "Its page"}
    after = plan(
        of(*({**each, "checks": [look]} if each["id"] == first.id else each for each in ends), *unseen(9)), FRIDAY
    )
    assert weeks(after) == weeks(before)
    assert [task.row.id for task in after.this.tasks if task.done] == [first.id]
    assert after.this.done == 1


def test_a_judgement_an_answer_and_a_retirement_settle_what_was_planned() -> None:
    asked = {"asked": [{"actor": "the-ministry", "on": "2026-08-01", "how": "By letter"}]}
    answer = {"answers": [{"by": "the-ministry", "position": "agreed", "on": str(FRIDAY), "text": "Yes."}]}
    judged = {"assessments": [said("promised", "2026-02-01", looked=str(FRIDAY))]}
    gone = {"retired": {"on": str(FRIDAY), "reason": "Said twice."}}
    own = {"assessments": [said("in-progress", str(FRIDAY), "the-ministry", "its-word")]}
    before = looked("asked", "2026-11-01", **asked)
    made = plan(of({**before, **answer}, point("judged", **judged), point("gone", **gone), point("own", **own)), FRIDAY)
    assert {task.row.id: task.done for task in made.this.tasks} == {
        "asked": True, "judged": True, "gone": True, "own": False,
    }  # fmt: skip


def test_a_body_that_still_has_time_is_reminded_of_nothing() -> None:
    def planned(on: str) -> bool:
        asked = {"asked": [{"actor": "the-ministry", "on": on, "how": "By letter"}]}
        return bool(plan(of(looked("asked", "2026-11-01", **asked)), FRIDAY).this.tasks)

    assert planned("2026-08-01")
    assert not planned("2026-10-01")


def test_what_was_looked_at_in_vain_rests_until_its_term_is_over() -> None:
    made = plan(of(looked("in-vain", "2026-11-01", "nothing-found")), FRIDAY)
    assert (made.this.tasks, made.round) == ((), 0)
    assert [(week.begins, week.points) for week in made.later] == [(date(2027, 11, 1), 1)]


def test_a_week_done_as_planned_leaves_the_next_ones_as_they_were() -> None:
    points = {
        each["id"]: each for each in [*unseen(17), *(again(f"e-{n}", MONDAY + timedelta(days=4 * n)) for n in range(9))]
    }
    made = plan(of(*points.values()), FRIDAY)
    for n in range(1, 4):
        day = MONDAY + timedelta(weeks=n)
        was = weeks(made)
        for task in made.this.tasks:
            points[task.row.id]["checks"] = [{"on": str(day - timedelta(days=2)), "by": "editors", "where": "Its page"}]
        made = plan(of(*points.values()), day)
        assert weeks(made)[0] == was[1]


def test_where_the_long_run_needs_more_than_there_is_it_says_by_how_much() -> None:
    theme = {"id": "shelters", "name": "Shelters", "check_every_days": "7"}
    made = plan(of(*(looked(f"point-{n}", "2026-11-15", "promised") for n in range(9)), themes=[theme]), FRIDAY)
    assert (made.steady, made.minutes, made.lacking) == (54, 40, 14)
    eased = plan(of(*(looked(f"point-{n}", "2026-11-15", "promised") for n in range(9))), FRIDAY)
    assert (eased.steady, eased.lacking) == (3, 0)  # 9 looks of 6 minutes in 180 days


def test_the_shipped_registry_needs_less_than_its_editors_have() -> None:
    made = reader.load(SHIPPED, FRIDAY).registry
    assert made
    assert plan(made, FRIDAY).lacking == 0


@pytest.mark.parametrize("part", range(4))
def test_the_plan_is_that_of_a_slow_second_count(tmp_path: Path, part: int) -> None:
    for seed in range(part, 40, 4):
        files = generate.registry(seed, 30)
        most = (9, 20, 40, 400)[seed % 4]
        files["recommendations.yaml"] = files["recommendations.yaml"].replace(
            "no_movement_months: 18", f"no_movement_months: 18\n  desk_minutes_a_week: {most}"
        )
        path = generate.write(tmp_path / str(seed), files)
        for today in (generate.TODAY, generate.TODAY - timedelta(days=100 + seed)):
            made = reader.load(path, generate.TODAY).registry
            assert made
            differs(plan(made, today), slow_planning.planned(slow.read(path), today), (seed, today))


def differs(found: Plan, slowly: dict[str, Any], case: object) -> None:
    held = {(week.begins - found.this.begins).days // 7: week for week in (found.this, *found.later) if week.tasks}
    told = {
        n: [(task.row.id, [str(kind) for kind in task.kinds], task.minutes, task.by, task.done) for task in week.tasks]
        for n, week in held.items()
    }
    assert told == slowly["weeks"], case
    sums = (found.round, found.late, found.steady, found.minutes)
    assert sums == tuple(slowly[name] for name in ("round", "late", "steady", "most")), case
    for week in held.values():
        assert week.minutes <= found.minutes or len(week.tasks) == 1, case
    every = [(task.row.id, task.kinds) for week in held.values() for task in week.tasks]
    assert len(every) == len(set(every)), case


# --- on the pages ---------------------------------------------------------------------------------


def view_of(made: Registry, day: date = FRIDAY, **chosen: list[str]) -> View:
    filters = Filters.from_address(chosen, made, FRIDAY)
    return View(made, Clock(day, FRIDAY), translator("en"), filters, place=Place("/desk"))


def test_the_plan_is_of_today_alone() -> None:
    made = of(*unseen(3))
    assert "This week: 3 points, about 24 minutes." in pages.desk(view_of(made))
    for view in (view_of(made, MONDAY), view_of(made, published_on=[str(FRIDAY)])):
        page = pages.desk(view)
        assert "This week" not in page
        assert "A plan for the coming weeks is made for today only." in page


def test_a_desk_that_lacks_minutes_says_how_many_and_what_can_be_changed() -> None:
    theme = {"id": "shelters", "name": "Shelters", "check_every_days": "7"}
    page = pages.desk(view_of(of(*(looked(f"point-{n}", "2026-11-15", "promised") for n in range(9)), themes=[theme])))
    assert "In the long run there are 14 minutes a week too few." in page
    assert "too few" not in pages.desk(view_of(of(*unseen(3))))


def test_who_tends_a_subject_stands_on_its_records_on_about_and_on_the_desk_as_text() -> None:
    theme = {"id": "shelters", "name": "Shelters", "steward": "A <b>union</b>", "check_every_days": "90"}
    made = of(*unseen(1), themes=[theme])
    view = view_of(made)
    for page in (pages.record(view, "unseen-000"), pages.about(view), pages.desk(view), pages.desk(view, tending=True)):
        assert page
        assert "A &lt;b&gt;union&lt;/b&gt;" in page
        assert "<b>" not in page
    assert "at least every 90 days" in pages.about(view)
    assert "verb=tend" in pages.desk(view, tending=True)
    assert "verb=tend" not in pages.desk(view) + pages.about(view)
    assert "Who tends this subject" not in (pages.record(view_of(of(*unseen(1))), "unseen-000") or "")
