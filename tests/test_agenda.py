"""To check next: which records wait in which list, what presses most, and how long it may take."""

from datetime import date
from pathlib import Path
from typing import Any

from dashboard.progress.agenda import MINUTES, Item, Kind, agenda, to_look_at
from dashboard.progress.rows import rows
from dashboard.registry import reader
from dashboard.registry.model import Registry
from dashboard.registry.scalars import Clock
from tests import generate, slow
from tests.points import TODAY, point, registry, said
from tests.small import ROOT

SHIPPED = ROOT / "recommendations.yaml"


def waits(of: Registry, day: date = TODAY, today: date = TODAY) -> tuple[Item, ...]:
    clock = Clock(day, today)
    return agenda(of, rows(of, clock), clock)


def lists(of: Registry, day: date = TODAY) -> dict[str, list[str]]:
    """Kind to the ids in its list, what presses most first."""
    return {item.kind: [row.id for row in item.rows] for item in waits(of, day)}


def in_list(kind: Kind, *points: dict[str, Any], day: date = TODAY) -> list[str]:
    return lists(registry(*points), day).get(kind, [])


def looked(name: str, on: str, status: str = "implemented", **more: Any) -> dict[str, Any]:
    """A point that was looked at once, on that day."""
    return point(name, assessments=[said(status, on)], **more)


def test_nothing_waits_where_all_was_looked_at_in_time() -> None:
    assert waits(registry(looked("one", "2026-11-01"))) == ()
    assert waits(registry()) == ()
    assert to_look_at(()) == 0


def test_the_lists_come_in_one_order_and_empty_ones_are_left_out() -> None:
    made = registry(
        point("unseen"),
        looked("in-vain", "2026-11-01", "nothing-found"),
        looked("late", "2026-11-01", "promised", due={"on": "2026-06-30", "basis": "The plan."}),
        looked("old", "2025-01-01"),
        point(
            "drafted", assessments=[said("implemented", "2026-11-01")], title={"en": "A", "ru": "Б", "drafts": ["ru"]}
        ),
    )
    assert list(lists(made)) == ["due", "overdue", "nothing-found", "not-checked", "translation"]


def test_a_record_is_due_the_day_after_its_term_and_the_longest_due_comes_first() -> None:
    points = [
        looked("done", "2025-11-21"),  # 365 days
        looked("moving", "2026-05-25", "in-progress"),  # 180 days
        looked("longest", "2024-01-01", "promised"),
    ]
    assert in_list(Kind.DUE, *points) == ["longest", "done", "moving"]
    assert in_list(Kind.DUE, *points, day=date(2026, 11, 21)) == ["longest"]


def test_a_disagreement_waits_and_the_oldest_comes_first() -> None:
    def apart(name: str, month: str) -> dict[str, Any]:
        return point(
            name,
            assessments=[said("promised", f"2026-{month}-01"), said("implemented", f"2026-{month}-02", "the-court")],
        )

    agreed = point("agreed", assessments=[said("refused", "2026-10-01"), said("blocked", "2026-10-01", "the-court")])
    assert in_list(Kind.DISAGREE, apart("newer", "10"), apart("older", "08"), agreed) == ["older", "newer"]


def test_a_judgement_of_other_words_waits_and_the_oldest_judgement_comes_first() -> None:
    def judged(name: str, on: str, **more: Any) -> dict[str, Any]:
        return point(name, assessments=[said("implemented", on, **more)])

    changed = {"judged": "0" * 12}
    points = [
        judged("newer", "2026-10-01", **changed),
        judged("older", "2026-09-01", **changed),
        judged("same", "2026-09-01"),
    ]
    assert in_list(Kind.WORDING, *points) == ["older", "newer"]


def test_a_record_is_overdue_once_its_whole_day_month_or_year_is_over() -> None:
    def due(name: str, on: str, status: str = "promised") -> dict[str, Any]:
        return looked(name, "2026-11-01", status, due={"on": on, "basis": "The plan."})

    points = [due("month", "2026-10"), due("day", "2026-11-21"), due("today", "2026-11-22"), due("year", "2026")]
    assert in_list(Kind.OVERDUE, *points) == ["month", "day"]
    assert in_list(Kind.OVERDUE, due("october", "2026-10"), day=date(2026, 10, 31)) == []
    settled = [due(status, "2026-01-01", status) for status in ("implemented", "reversed", "refused")]
    assert in_list(Kind.OVERDUE, *settled) == []
    assert in_list(Kind.OVERDUE, due("blocked", "2026-01-01", "blocked")) == ["blocked"]


def test_of_what_was_not_found_the_oldest_look_comes_first() -> None:
    again = {"checks": [{"on": "2026-11-20", "by": "editors", "where": "The page"}]}
    points = [
        looked("newest", "2026-01-01", "nothing-found", **again),
        looked("newer", "2026-10-01", "nothing-found"),
        looked("older", "2026-09-01", "nothing-found"),
        point("by-itself", assessments=[said("nothing-found", "2026-11-01", "the-ministry")]),
    ]
    assert in_list(Kind.NOTHING_FOUND, *points) == ["by-itself", "older", "newer", "newest"]


def test_nobody_has_checked_is_told_apart_from_the_bodys_own_word() -> None:
    promise = {"kind": "commitment", "as_given": "reported"}
    points = [
        point("asked-later", on="2024-05-01"),
        point("asked", on="2024-04-01"),
        point("promised", **promise),
        point("told", on="2020-01-01", assessments=[said("in-progress", "2026-10-01", "the-ministry", "its-word")]),
        point("promised-and-seen", assessments=[said("promised", "2026-10-01")], **promise),
    ]
    assert in_list(Kind.NOT_CHECKED, *points) == ["asked", "asked-later"]
    assert in_list(Kind.OWN_WORD, *points) == ["told", "promised"]


def test_answers_are_waited_for_until_they_come_and_the_longest_wait_comes_first() -> None:
    def asked(name: str, *days: str, **more: Any) -> dict[str, Any]:
        return looked(
            name, "2026-11-01", asked=[{"actor": "the-ministry", "on": day, "how": "By letter"} for day in days], **more
        )

    answer = {"answers": [{"by": "the-ministry", "position": "agreed", "on": "2026-11-10", "text": "Yes."}]}
    points = [
        asked("waiting", "2026-11-01"),
        asked("overdue", "2026-08-01"),
        asked("asked-again", "2026-01-01", "2026-10-01"),
        asked("answered", "2026-09-15", **answer),
        looked("not-asked", "2026-11-01"),
    ]
    assert in_list(Kind.ANSWER, *points) == ["overdue", "asked-again", "waiting"]
    before = in_list(Kind.ANSWER, *points, day=date(2026, 11, 9))
    assert before == ["overdue", "answered", "asked-again", "waiting"]


def test_translations_are_counted_by_text_and_language_wherever_they_stand() -> None:
    both = {"en": "A", "ru": "Б", "kk": "В", "drafts": ["ru", "kk"]}
    one = {"en": "A", "ru": "Б", "drafts": ["ru"]}
    seen = [{**said("implemented", "2026-11-01"), "note": one}]
    made = registry(
        point("few", title=one, assessments=seen),
        point("many", title=both, done_when=[both, "Plain."], assessments=[said("implemented", "2026-11-01")]),
        point("none", title="Plain", assessments=[said("implemented", "2026-11-01")]),
    )
    [item] = waits(made)
    assert (item.kind, [row.id for row in item.rows], item.texts) == (Kind.TRANSLATION, ["many", "few"], 6)
    assert item.minutes == 6 * MINUTES[Kind.TRANSLATION]


def test_a_text_that_is_unchecked_today_waits_on_a_past_day_too() -> None:
    later = [{**said("implemented", "2026-11-01"), "note": {"en": "A", "ru": "Б", "drafts": ["ru"]}}]
    assert in_list(Kind.TRANSLATION, point("one", assessments=later), day=date(2026, 1, 1)) == ["one"]


def test_one_look_serves_every_list_and_its_minutes_are_counted_once() -> None:
    made = registry(
        looked("due-and-late", "2024-06-01", "promised", due={"on": "2026-01-01", "basis": "The plan."}),
        looked("late", "2026-11-01", "promised", due={"on": "2026-11-10", "basis": "The plan."}),
        looked("late-and-seen", "2026-11-11", "promised", due={"on": "2026-11-10", "basis": "The plan."}),
        looked("in-vain", "2026-11-11", "nothing-found"),
        looked("due-in-vain", "2024-06-01", "nothing-found"),
        point("unseen", title={"en": "A", "ru": "Б", "drafts": ["ru"]}),
        looked("drafted", "2026-11-01", title={"en": "A", "ru": "Б", "drafts": ["ru"]}),
    )
    found = waits(made)
    assert [(item.kind, len(item), item.again, item.resting, item.minutes) for item in found] == [
        (Kind.DUE, 2, 0, 0, 12),
        (Kind.OVERDUE, 3, 1, 1, 6),
        (Kind.NOTHING_FOUND, 2, 1, 1, 0),
        (Kind.NOT_CHECKED, 1, 0, 0, 8),
        (Kind.TRANSLATION, 2, 0, 0, 2),
    ]
    assert sum(item.minutes for item in found) == 28
    assert to_look_at(found) == 4


def test_a_disagreement_is_another_work_than_a_look() -> None:
    apart = [said("promised", "2024-06-01"), said("implemented", "2024-06-01", "the-court")]
    found = waits(registry(point(assessments=apart)))
    assert [(item.kind, item.again, item.minutes) for item in found] == [(Kind.DUE, 0, 6), (Kind.DISAGREE, 0, 10)]
    assert to_look_at(found) == 1


def test_each_kind_has_its_minutes_and_those_that_an_address_shows_have_one() -> None:
    assert set(MINUTES) == set(Kind)
    assert {kind: Item(kind, ()).selection for kind in Kind if Item(kind, ()).selection} == {
        Kind.DUE: ("due", "1"),
        Kind.DISAGREE: ("disagree", "1"),
        Kind.NOTHING_FOUND: ("status", "nothing-found"),
        Kind.NOT_CHECKED: ("status", "not-assessed"),
    }


def test_the_lists_are_those_of_a_slow_second_count(tmp_path: Path) -> None:
    """The slow count has no fingerprints: no generated or shipped judgement is of other words."""
    cases = [(SHIPPED, TODAY)]
    cases += [(generate.write(tmp_path / str(n), generate.registry(n, 40)), generate.TODAY) for n in range(20)]
    for path, today in cases:
        made = reader.load(path, today).registry
        assert made
        for day in (today, date(2026, 3, 1), date(2024, 7, 1)):
            told = slow.desk(slow.facts(slow.read(path), day, today))
            slowly = [(name, [f["id"] for f in held], *more) for name, held, *more in told]
            found = [
                (i.kind, [row.id for row in i.rows], i.again, i.texts, i.resting, i.minutes)
                for i in waits(made, day, today)
            ]
            assert found == slowly, (path, day)
