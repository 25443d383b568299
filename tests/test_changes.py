"""What happened between two days: records that moved, and the dated facts behind them."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dashboard.progress import summary
from dashboard.progress.changes import (
    Comparison,
    Direction,
    Event,
    Move,
    What,
    compare,
    direction,
    events,
    last_look,
    newest_page,
)
from dashboard.progress.rows import rows
from dashboard.registry import reader
from dashboard.registry.model import Registry, Side, Status
from dashboard.registry.scalars import Clock
from tests import generate, slow_changes
from tests.points import ASKED, TODAY, point, registry, said
from tests.small import ROOT

SHIPPED = ROOT / "recommendations.yaml"
PROMISE = {"kind": "commitment", "as_given": "reported"}


def clock(day: str) -> Clock:
    return Clock(date.fromisoformat(day), TODAY)


def moved(of: Registry, earlier: str, later: str) -> list[tuple[str, Status | None, Status]]:
    return [(move.row.id, move.was, move.row.status) for move in compare(of, clock(earlier), of, clock(later)).moves]


def happened(of: Registry, day: str) -> list[tuple[str, str]]:
    [row] = rows(of, clock(day))
    return [(str(event.on), event.what) for event in events(of, row, clock(day))]


def test_a_record_whose_status_changed_has_moved_and_the_rest_has_not() -> None:
    made = registry(
        point("moved", assessments=[said("promised", "2024-06-01"), said("in-progress", "2025-06-01")]),
        point("still", assessments=[said("promised", "2024-06-01"), said("promised", "2025-06-01")]),
    )
    assert moved(made, "2025-01-01", "2026-01-01") == [("moved", "promised", "in-progress")]


def test_a_record_that_is_new_has_moved_from_nothing() -> None:
    made = registry(point("new", on="2025-06-01"), point("old"))
    assert moved(made, "2025-01-01", "2026-01-01") == [("new", None, "not-assessed")]


def test_there_and_back_is_no_move() -> None:
    judged = [said("promised", "2024-06-01"), said("refused", "2025-03-01"), said("promised", "2025-06-01")]
    assert moved(registry(point(assessments=judged)), "2025-01-01", "2026-01-01") == []


def test_the_same_day_twice_shows_no_move() -> None:
    made = registry(point(assessments=[said("promised", "2024-06-01")]))
    assert moved(made, "2025-01-01", "2025-01-01") == []


def test_every_dated_fact_is_an_event_in_the_order_of_time() -> None:
    made = registry(
        point(
            assessments=[said("in-progress", "2025-03-01"), said("nothing-found", "2024-09-01", evidence="")],
            steps=[
                {"step": "Drafted", "state": "done", "on": "2025-01-10", "evidence": ["audit"]},
                {"step": "Voted", "state": "not-done", "on": "2025-02-10", "evidence": ["audit"]},
                {"step": "Signed", "state": "done"},
            ],
            funding=[{"by": "the-donor", "stage": "paid", "purpose": "Beds", "on": "2024-12"}],
            setbacks=[{"on": "2025-05-01", "what": "A ban", "evidence": ["audit"]}],
            answers=[{"by": "the-ministry", "position": "agreed", "on": "2024-05-01", "text": "Yes."}],
            checks=[{"on": "2025-06-01", "by": "editors", "where": "The page"}],
        )
    )
    assert happened(made, "2026-01-01") == [
        (ASKED, What.ASKED),
        ("2024-05-01", What.ANSWER),
        ("2024-12", What.FUNDING),
        ("2025-01-10", What.STEP),
        ("2025-03-01", What.ASSESSED),
        ("2025-05-01", What.SETBACK),
    ]
    assert happened(made, "2024-12-30") == [(ASKED, What.ASKED), ("2024-05-01", What.ANSWER)]


def test_a_promise_seen_on_the_day_it_was_given_is_told_once() -> None:
    made = registry(point(assessments=[said("promised", ASKED, evidence="its-word")], **PROMISE))
    assert happened(made, "2026-01-01") == [(ASKED, What.ASKED)]


def test_a_withdrawn_judgement_is_no_event() -> None:
    taken = said("refused", "2025-03-01", withdrawn={"on": "2025-05-01", "why": "Another body."})
    made = registry(point(assessments=[taken]))
    assert happened(made, "2026-01-01") == [(ASKED, What.ASKED)]
    assert happened(made, "2025-04-01") == [(ASKED, What.ASKED), ("2025-03-01", What.ASSESSED)]


def test_the_last_look_is_the_newest_judgement_or_check_by_that_day() -> None:
    made = registry(
        point(
            assessments=[said("in-progress", "2025-03-01", looked="2025-04-01")],
            checks=[{"on": "2026-01-15", "by": "editors", "where": "The page"}],
        )
    )
    assert str(last_look(made, Clock(TODAY, TODAY))) == "2026-01-15"
    assert last_look(registry(point()), Clock(TODAY, TODAY)) is None


def test_the_newest_page_is_that_of_the_newest_evidence_by_that_day() -> None:
    made = registry(point())
    assert str(newest_page(made, Clock(TODAY, TODAY))) == "2026-02-01"
    assert str(newest_page(made, clock("2025-12-31"))) == "2025-06-30"
    assert newest_page(made, clock("2025-06-29")) is None


def test_an_event_carries_its_record_its_words_and_its_status() -> None:
    made = registry(point("a-point", assessments=[said("in-progress", "2025-03-01")]))
    [row] = rows(made, clock("2026-01-01"))
    event: Event = events(made, row, clock("2026-01-01"))[1]
    assert (event.record, event.status) == ("a-point", Status.IN_PROGRESS)
    assert event.text
    assert event.text.en == "editors on 2025-03-01"


# --- two days compared ------------------------------------------------------------------------------

WAYS = """
                     ?  .  0  ~  >  >> +  #  x  <  /
not-assessed         =  n  n  f  f  f  f  f  b  b  b
nothing-found        n  =  n  f  f  f  f  f  b  b  b
not-started          n  n  =  f  f  f  f  f  b  b  b
promised             n  n  b  =  f  f  f  f  b  b  b
in-progress          n  n  b  b  =  f  f  f  b  b  b
ongoing              n  n  b  b  b  =  f  f  b  b  b
partly-implemented   n  n  b  b  b  b  =  f  b  b  b
implemented          n  n  b  b  b  b  b  =  b  b  b
blocked              n  n  n  f  f  f  f  f  =  n  n
reversed             n  n  n  f  f  f  f  f  n  =  n
refused              n  n  n  f  f  f  f  f  n  n  =
"""
"""From the status of a line to that of a column, in the same order: forward, back or neither."""

LISTS = ("forward", "back", "neither", "evidence", "new", "gone")
NAMES = {"f": "forward", "b": "back", "n": "neither"}


def pairs() -> list[tuple[Status, Status, str]]:
    lines = [line.split() for line in WAYS.strip("\n").splitlines()[1:]]
    statuses = [Status(line[0]) for line in lines]
    return [
        (was, now, way)
        for was, line in zip(statuses, lines, strict=True)
        for now, way in zip(statuses, line[1:], strict=True)
    ]


def between_days(of: Registry, earlier: str, later: str, ids: frozenset[str] | None = None) -> Comparison:
    return compare(of, clock(earlier), of, clock(later), ids)


def lists(found: Comparison) -> dict[str, list[str]]:
    """Name of a list to the ids in it, without empty ones; `due` apart from the others."""
    held = {name: [each.row.id for each in getattr(found, name)] for name in LISTS}
    return {name: ids for name, ids in {**held, "due": [row.id for row in found.due]}.items() if ids}


def told(move: Move) -> list[tuple[str, str]]:
    return [(str(event.on), event.what) for event in move.facts]


def of_status(status: Status) -> Registry:
    judged = [] if status is Status.NOT_ASSESSED else [said(status, "2026-03-01", evidence="gazette")]
    return registry(point(assessments=judged))


def test_the_table_holds_every_pair_of_statuses() -> None:
    assert len(pairs()) == 121
    assert {was for was, _, _ in pairs()} == set(Status)


@pytest.mark.parametrize(("was", "now", "way"), [each for each in pairs() if each[2] != "="])
def test_each_pair_of_statuses_goes_one_way_and_lands_in_one_list(was: Status, now: Status, way: str) -> None:
    assert direction(was, now) is Direction(NAMES[way])
    found = compare(of_status(was), clock("2026-06-01"), of_status(now), clock("2026-06-01"))
    assert lists(found) == {NAMES[way]: ["open-shelters"]}
    [move] = getattr(found, NAMES[way])
    assert (move.was, move.row.status, move.side) == (was, now, Side.STATE)


@pytest.mark.parametrize("status", Status)
def test_the_same_status_twice_is_in_no_list(status: Status) -> None:
    found = compare(of_status(status), clock("2026-06-01"), of_status(status), clock("2026-06-01"))
    assert lists(found) == {}


def test_a_record_that_moved_brings_the_facts_of_the_time_between_the_oldest_first() -> None:
    made = registry(
        point(
            assessments=[said("promised", "2024-06-01"), said("in-progress", "2025-06-01")],
            steps=[
                {"step": "Drafted", "state": "done", "on": "2025-08-10"},
                {"step": "Asked", "state": "done", "on": "2024-08-10"},
            ],
            setbacks=[{"on": "2025-05-01", "what": "A ban", "evidence": ["audit"]}],
            answers=[{"by": "the-ministry", "position": "agreed", "on": "2026-05-01", "text": "Yes."}],
            checks=[{"on": "2025-09-01", "by": "editors", "where": "The page"}],
        )
    )
    found = between_days(made, "2025-01-01", "2026-01-01")
    assert lists(found) == {"forward": ["open-shelters"]}
    assert told(found.forward[0]) == [
        ("2025-05-01", What.SETBACK),
        ("2025-06-01", What.ASSESSED),
        ("2025-08-10", What.STEP),
    ]


@pytest.mark.parametrize(
    ("fact", "what"),
    [
        ({"assessments": [said("promised", "2024-06-01"), said("promised", "2025-06-01")]}, What.ASSESSED),
        ({"assessments": [said("promised", "2024-06-01"), said("promised", "2025-06-01", "the-union")]}, What.ASSESSED),
        ({"steps": [{"step": "Drafted", "state": "done", "on": "2025-06-01"}]}, What.STEP),
        ({"funding": [{"by": "the-donor", "stage": "paid", "purpose": "Beds", "on": "2025-06-01"}]}, What.FUNDING),
        ({"setbacks": [{"on": "2025-06-01", "what": "A ban", "evidence": ["audit"]}]}, What.SETBACK),
        ({"answers": [{"by": "the-ministry", "position": "agreed", "on": "2025-06-01", "text": "Yes."}]}, What.ANSWER),
    ],
)
def test_the_same_status_with_a_new_fact_is_evidence_on_the_days_around_it_alone(
    fact: dict[str, Any], what: What
) -> None:
    made = registry(point(**{"assessments": [said("promised", "2024-06-01", looked="2026-01-01")], **fact}))
    found = between_days(made, "2025-05-31", "2025-06-01")
    assert lists(found)["evidence"] == ["open-shelters"]
    assert told(found.evidence[0]) == [("2025-06-01", what)]
    assert "evidence" not in lists(between_days(made, "2025-06-01", "2025-12-01"))
    assert "evidence" not in lists(between_days(made, "2025-01-01", "2025-05-31"))


def test_looking_again_in_vain_is_no_evidence() -> None:
    looked = [said("nothing-found", "2024-06-01", evidence=""), said("nothing-found", "2025-06-01", evidence="")]
    made = registry(point(assessments=looked, checks=[{"on": "2025-07-01", "by": "editors", "where": "The page"}]))
    assert lists(between_days(made, "2025-01-01", "2025-08-01")) == {}


def test_there_and_back_is_the_same_status_with_both_facts() -> None:
    judged = [said("promised", "2024-06-01"), said("refused", "2025-03-01"), said("promised", "2025-06-01")]
    found = between_days(registry(point(assessments=judged)), "2025-01-01", "2025-09-01")
    assert lists(found) == {
        "evidence": ["open-shelters"],
    }
    assert [(str(e.on), e.status) for e in found.evidence[0].facts] == [
        ("2025-03-01", Status.REFUSED),
        ("2025-06-01", Status.PROMISED),
    ]


def test_a_first_look_that_finds_nothing_is_neither_and_says_where_it_looked() -> None:
    made = registry(point(assessments=[said("nothing-found", "2025-06-01", evidence="")]))
    found = between_days(made, "2025-01-01", "2025-09-01")
    assert lists(found) == {"neither": ["open-shelters"]}
    assert told(found.neither[0]) == [("2025-06-01", What.LOOKED)]
    assert not found.moved


def test_looks_and_other_facts_stand_in_one_order_of_time() -> None:
    judged = [said("nothing-found", "2025-03-01", evidence=""), said("promised", "2025-06-01")]
    found = between_days(registry(point(assessments=judged)), "2025-01-01", "2025-09-01")
    assert told(found.forward[0]) == [("2025-03-01", What.LOOKED), ("2025-06-01", What.ASSESSED)]


def test_a_judgement_taken_back_moves_nothing_and_says_so() -> None:
    taken = said("implemented", "2025-03-01", withdrawn={"on": "2025-06-01", "why": "Another body."})
    made = registry(point(assessments=[taken]))
    found = between_days(made, "2025-05-01", "2025-09-01")
    assert lists(found) == {"neither": ["open-shelters"]}
    [fact] = found.neither[0].facts
    assert (str(fact.on), fact.what, fact.status) == ("2025-06-01", What.WITHDRAWN, Status.IMPLEMENTED)
    assert fact.text
    assert fact.text.en == "Another body."
    assert (found.moved, found.news) == (False, ())


def test_a_judgement_taken_back_that_headed_nothing_is_no_evidence() -> None:
    taken = said("promised", "2025-02-01", withdrawn={"on": "2025-06-01", "why": "Another body."})
    made = registry(point(assessments=[taken, said("promised", "2025-03-01")]))
    assert lists(between_days(made, "2025-05-01", "2025-07-01")) == {}


def test_a_record_becomes_due_on_the_days_around_that_day_alone_wherever_else_it_stands() -> None:
    made = registry(
        point(assessments=[said("promised", "2025-01-01"), said("refused", "2025-06-30", looked="2025-01-02")])
    )
    assert lists(between_days(made, "2025-06-29", "2025-07-31")) == {"back": ["open-shelters"]}
    assert lists(between_days(made, "2025-06-29", "2026-02-01")) == {
        "back": ["open-shelters"],
        "due": ["open-shelters"],
    }
    assert lists(between_days(made, "2026-01-02", "2026-01-03")) == {"due": ["open-shelters"]}
    assert lists(between_days(made, "2026-01-03", "2026-02-01")) == {}


def test_a_new_record_may_be_due_already() -> None:
    made = registry(point(on="2025-02-01", assessments=[said("promised", "2025-02-01")]))
    assert lists(between_days(made, "2025-01-01", "2026-02-01")) == {"new": ["open-shelters"], "due": ["open-shelters"]}


def test_what_was_asked_in_between_is_new_and_what_was_retired_is_gone() -> None:
    retired = {"on": "2025-06-01", "reason": "Said twice."}
    made = registry(
        point("stays"),
        point("came", who="the-donor", on="2025-03-01"),
        point("went", assessments=[said("promised", "2024-06-01", looked="2025-01-01")], retired=retired),
        point("came-and-went", on="2025-03-01", retired=retired),
        point("went-before", retired={"on": "2024-06-01", "reason": "Said twice."}),
    )
    found = between_days(made, "2025-01-01", "2025-09-01")
    assert lists(found) == {"new": ["came"], "gone": ["went"]}
    assert (found.new[0].was, found.new[0].row.status, found.new[0].side) == (None, "not-assessed", Side.FOREIGN)
    assert (found.gone[0].row.status, found.gone[0].side) == ("promised", Side.STATE)
    assert found.gone[0].retired
    assert found.gone[0].retired.reason.en == "Said twice."


def test_of_a_new_record_only_what_came_in_between_is_told() -> None:
    steps = [{"step": "Drafted", "state": "done", "on": day} for day in ("2020-05-01", "2025-05-01")]
    made = registry(point(on="2025-03-01", steps=steps))
    found = between_days(made, "2025-01-01", "2025-09-01")
    assert told(found.new[0]) == [("2025-05-01", What.STEP)]


def test_the_same_day_twice_differs_in_nothing() -> None:
    made = registry(point(assessments=[said("promised", "2024-06-01"), said("refused", "2026-11-22")]))
    for day in ("2024-01-01", "2024-06-01", "2026-11-22"):
        found = between_days(made, day, day)
        assert (lists(found), found.news, found.moved) == ({}, (), False)


def test_a_selection_compares_its_own_records_only() -> None:
    def judged(status: str) -> list[dict[str, Any]]:
        return [said("promised", "2024-06-01"), said(status, "2025-06-01")]

    retired = {"on": "2025-06-01", "reason": "Said twice."}
    made = registry(
        point("one", assessments=judged("refused")),
        point("two", assessments=judged("in-progress")),
        point("gone-one", retired=retired),
        point("gone-two", retired=retired),
    )
    found = between_days(made, "2025-01-01", "2025-07-01", frozenset({"one", "gone-one"}))
    assert lists(found) == {"back": ["one"], "gone": ["gone-one"]}
    assert [event.record for event in found.news] == ["one"]


# --- two published versions ---------------------------------------------------------------------------


def versions(before: Registry, after: Registry) -> Comparison:
    return compare(before, clock("2026-06-01"), after, clock("2026-06-01"))


def test_a_record_that_the_earlier_version_lacks_is_new_and_one_that_the_later_lacks_is_gone() -> None:
    found = versions(registry(point("was"), point("stays")), registry(point("stays"), point("is")))
    assert lists(found) == {"new": ["is"], "gone": ["was"]}
    assert found.gone[0].retired is None


def test_a_record_that_the_later_version_retired_says_why() -> None:
    retired = {"on": "2025-06-01", "reason": "Said twice."}
    found = versions(registry(point()), registry(point(retired=retired)))
    assert lists(found) == {"gone": ["open-shelters"]}
    assert found.gone[0].retired
    assert found.gone[0].retired.reason.en == "Said twice."


def test_an_old_fact_that_was_entered_since_is_new_evidence() -> None:
    seen = {"assessments": [said("promised", "2026-03-01")]}
    step = {"step": "Drafted", "state": "done", "on": "2025-02-01"}
    found = versions(registry(point(**seen)), registry(point(**seen, steps=[step])))
    assert lists(found) == {"evidence": ["open-shelters"]}
    assert told(found.evidence[0]) == [("2025-02-01", What.STEP)]


def test_a_translation_that_was_added_since_is_no_new_fact() -> None:
    def drafted(words: Any) -> Registry:
        return registry(point(steps=[{"step": words, "state": "done", "on": "2025-02-01"}]))

    assert lists(versions(drafted("Drafted"), drafted({"en": "Drafted", "ru": "Подготовлено"}))) == {}
    assert lists(versions(drafted("Drafted"), drafted("Drafted again"))) == {"evidence": ["open-shelters"]}


def test_of_two_like_facts_the_one_that_was_entered_since_is_new() -> None:
    def paid(*stages: str) -> Registry:
        money = [{"by": "the-donor", "stage": stage, "purpose": "Beds", "on": "2025"} for stage in stages]
        return registry(point(funding=money))

    found = versions(paid("pledged"), paid("pledged", "paid"))
    assert told(found.evidence[0]) == [("2025", What.FUNDING)]
    assert lists(versions(paid("pledged", "paid"), paid("pledged", "paid"))) == {}


def test_an_ask_whose_day_was_mended_is_no_new_fact() -> None:
    assert lists(versions(registry(point(on="2024-03-01")), registry(point(on="2024-04-01")))) == {}


# --- the year in which nothing moved ----------------------------------------------------------------

JUDGED = [said("promised", "2024-06-01"), said("in-progress", "2025-06-01")]


def test_movement_is_that_on_the_headline_subjects() -> None:
    moved_there = registry(point("main", assessments=JUDGED), point("aside", theme="courts"))
    aside = registry(point("main"), point("aside", theme="courts", assessments=JUDGED))
    assert between_days(moved_there, "2025-01-01", "2025-09-01").moved
    found = between_days(aside, "2025-01-01", "2025-09-01")
    assert (found.moved, found.subjects, found.last) == (False, 1, None)
    assert lists(found) == {"forward": ["aside"]}


def test_a_headline_subject_without_a_point_has_no_movement() -> None:
    made = registry(point("aside", theme="courts", assessments=JUDGED))
    found = between_days(made, "2025-01-01", "2025-09-01")
    assert (found.moved, found.subjects, found.last) == (False, 1, None)


def test_repeating_where_it_stands_is_no_news_and_what_it_was_meanwhile_neither() -> None:
    repeated = [said("promised", "2024-06-01"), said("promised", "2025-06-01")]
    found = between_days(registry(point(assessments=repeated)), "2025-01-01", "2025-09-01")
    assert (found.moved, found.news) == (False, ())
    through = [said("promised", "2024-06-01"), said("refused", "2025-03-01"), said("in-progress", "2025-06-01")]
    found = between_days(registry(point(assessments=through)), "2025-01-01", "2025-09-01")
    assert [event.status for event in found.news] == [Status.IN_PROGRESS]


def test_without_headline_subjects_it_is_that_on_all_records() -> None:
    plain = [{"id": "shelters", "name": "Shelters"}, {"id": "courts", "name": "Courts"}]
    made = registry(point("main"), point("aside", theme="courts", assessments=JUDGED), themes=plain)
    found = between_days(made, "2025-01-01", "2025-09-01")
    assert (found.moved, found.subjects) == (True, 0)
    assert found.last
    assert str(found.last.on) == "2025-06-01"


def test_in_a_selection_it_is_that_on_the_subjects_it_has_or_on_all_of_it() -> None:
    made = registry(point("main"), point("aside", theme="courts", assessments=JUDGED))
    aside = between_days(made, "2025-01-01", "2025-09-01", frozenset({"aside"}))
    assert (aside.moved, aside.subjects) == (True, 0)
    main = between_days(made, "2025-01-01", "2025-09-01", frozenset({"main", "aside"}))
    assert (main.moved, main.subjects) == (False, 1)


def test_a_setback_is_no_movement_but_a_dated_fact() -> None:
    made = registry(point(setbacks=[{"on": "2025-06-01", "what": "A ban", "evidence": ["audit"]}]))
    found = between_days(made, "2025-01-01", "2025-09-01")
    assert not found.moved
    assert found.last
    assert (str(found.last.on), found.last.what) == ("2025-06-01", What.SETBACK)
    assert [event.what for event in found.news] == [What.SETBACK]


def test_the_last_dated_fact_is_no_ask_and_not_later_than_the_later_day() -> None:
    made = registry(point("old", assessments=JUDGED), point("new", on="2025-04-01"))
    found = between_days(made, "2025-03-01", "2025-05-01")
    assert found.last
    assert (found.last.record, str(found.last.on)) == ("old", "2024-06-01")


def test_the_last_look_and_the_newest_page_are_told_of_today_only() -> None:
    looked = point("one", assessments=[said("promised", "2024-06-01", looked="2026-05-01")])
    made = registry(looked, point("two", checks=[{"on": "2026-07-01", "by": "editors", "where": "The page"}]))
    past = between_days(made, "2025-01-01", "2026-11-21")
    assert (past.looked, past.newest) == (None, None)
    now = between_days(made, "2025-01-01", str(TODAY))
    assert (str(now.looked), str(now.newest)) == ("2026-07-01", "2026-02-01")
    assert str(between_days(made, "2025-01-01", str(TODAY), frozenset({"one"})).looked) == "2026-05-01"


def test_the_first_page_and_the_comparison_tell_the_same_year() -> None:
    made = loaded(SHIPPED, TODAY)
    for months in range(60):
        day = TODAY - timedelta(days=30 * months)
        now = Clock(day, TODAY)
        page = summary.change(made, now, rows(made, now))
        found = compare(made, Clock(day.replace(year=day.year - 1), TODAY), made, now)
        assert (page.moved, page.last, page.asked) == (found.moved, found.last, len(found.new)), day
        assert sorted(map(repr, [*page.of_subjects, *page.of_others])) == sorted(map(repr, found.news)), day


def test_the_first_page_tells_of_the_records_that_it_shows_and_of_looks_only_today() -> None:
    made = registry(
        point("main", assessments=[said("promised", "2024-06-01"), said("refused", "2026-06-01")]),
        point("aside", theme="courts", assessments=[said("promised", "2024-06-01"), said("blocked", "2026-07-01")]),
        point("new", on="2026-05-01"),
    )
    now = Clock(TODAY, TODAY)
    page = summary.change(made, now, [row for row in rows(made, now) if row.id != "new"])
    assert ([e.record for e in page.of_subjects], [e.record for e in page.of_others]) == (["main"], ["aside"])
    assert (page.asked, str(page.looked), str(page.newest)) == (0, "2026-07-01", "2026-02-01")
    aside = summary.change(made, now, [row for row in rows(made, now) if row.id == "aside"])
    assert (aside.moved, aside.last, [e.record for e in aside.of_others]) == (False, None, ["aside"])
    past = clock("2026-11-21")
    then = summary.change(made, past, rows(made, past))
    assert (then.asked, then.looked, then.newest) == (1, None, None)


# --- the same, computed a second time ---------------------------------------------------------------


def loaded(path: Path, today: date) -> Registry:
    found = reader.load(path, today).registry
    assert found
    return found


def plainly(found: Comparison) -> dict[str, Any]:
    """A comparison in the shape of slow_changes.compared."""

    def shown(move: Move) -> list[tuple[str, str]]:
        return [(day, what) for _, day, what in sorted((e.on.first, e.on.text, str(e.what)) for e in move.facts)]

    return {
        **{name: {m.row.id: shown(m) for m in getattr(found, name)} for name in LISTS if name != "gone"},
        "due": {row.id for row in found.due},
        "gone": {gone.row.id for gone in found.gone},
        "quiet": {row.id for row in found.quiet},
        "taken_back": {move.row.id for move in found.taken_back},
        "corrected": {(str(each.on), each.record) for each in found.corrected},
        "moved": found.moved,
        "last": found.last.on.first if found.last else None,
    }


def each_is_in_one_list(found: Comparison) -> bool:
    ids = [each.row.id for name in LISTS for each in getattr(found, name)]
    return len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2015-01-01", "2026-11-22"),
        ("2021-12-31", "2023-06-01"),
        ("2022-02-01", "2024-07-01"),
        ("2023-12-31", "2024-12-31"),
        ("2024-07-01", "2025-03-10"),
        ("2025-11-22", "2026-11-22"),
        ("2026-06-30", "2026-07-01"),
        ("2026-11-21", "2026-11-22"),
    ],
)
def test_the_shipped_registry_changed_as_a_slow_second_count_says(earlier: str, later: str) -> None:
    made = loaded(SHIPPED, TODAY)
    found = between_days(made, earlier, later)
    days = (date.fromisoformat(day) for day in (earlier, later))
    assert plainly(found) == slow_changes.compared(SHIPPED, *days, TODAY)
    assert each_is_in_one_list(found)


def test_50_generated_registries_changed_as_a_slow_second_count_says(tmp_path: Path) -> None:
    random = Random(20261125)
    held: set[str] = set()
    for seed in range(50):
        path = generate.write(tmp_path / str(seed), generate.registry(seed, random.randint(12, 40)))
        made = loaded(path, generate.TODAY)
        for later in (generate.TODAY, generate.TODAY - timedelta(days=random.randrange(700))):
            earlier = later - timedelta(days=random.randrange(1, 900))
            found = compare(made, Clock(earlier, generate.TODAY), made, Clock(later, generate.TODAY))
            assert plainly(found) == slow_changes.compared(path, earlier, later, generate.TODAY), (seed, earlier, later)
            assert each_is_in_one_list(found)
            held |= {name for name in (*LISTS, "due") if getattr(found, name)}
    assert held == {*LISTS, "due"}


# --- what was taken back ----------------------------------------------------------------------------


def test_a_judgement_that_was_taken_back_is_told_also_where_the_status_stays() -> None:
    gone = {"withdrawn": {"on": "2025-06-01", "why": "Another town."}}
    held = point("held", assessments=[said("promised", "2024-05-01"), said("promised", "2024-06-01", **gone)])
    found = between_days(registry(held), "2025-01-01", "2025-12-31")
    assert [(move.row.id, told(move)) for move in found.taken_back] == [("held", [("2025-06-01", What.WITHDRAWN)])]
    assert lists(found) == {}
    assert found.quiet == ()
    moved = point("moved", assessments=[said("promised", "2024-05-01", **gone)])
    both = between_days(registry(moved), "2025-01-01", "2025-12-31")
    assert [move.row.id for move in (*both.taken_back, *both.neither)] == ["moved", "moved"]
    assert between_days(registry(moved), "2025-06-02", "2025-12-31").taken_back == ()


def test_what_was_looked_at_in_vain_is_quiet_and_what_moved_is_not() -> None:
    look = {"checks": [{"on": "2025-06-01", "by": "editors", "where": "Its page"}]}
    points = [
        point("looked", assessments=[said("promised", "2024-05-01")], **look),
        point("moved", assessments=[said("promised", "2024-05-01"), said("implemented", "2025-05-01")], **look),
        point("in-vain", assessments=[said("promised", "2024-05-01"), said("nothing-found", "2025-05-01")]),
        point("older", assessments=[said("promised", "2024-05-01")]),
    ]
    assert {row.id for row in between_days(registry(*points), "2025-01-01", "2025-12-31").quiet} == {
        "looked",
        "in-vain",
    }


def test_a_correction_is_told_of_its_days_and_its_points() -> None:
    wrong = {"was": "Twelve.", "now": "Eleven."}
    corrections = [{"on": "2025-06", "record": "one", **wrong}, {"on": "2023-01-01", "record": "two", **wrong}]
    made = registry(point("one"), point("two"), corrections=corrections)
    found = between_days(made, "2025-01-01", "2025-12-31")
    assert [(str(each.on), each.record) for each in found.corrected] == [("2025-06", "one")]
    assert between_days(made, "2025-01-01", "2025-12-31", frozenset({"two"})).corrected == ()
