"""The display rule, case by case (METHODOLOGY.md, What heads a record, Dates, Counting)."""

from copy import copy
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from dashboard.progress.frame import frame
from dashboard.progress.rows import by_side, by_status, row, rows, sort_key
from dashboard.progress.status import AnswerState, Difference, counts, likeness, months_between, standing
from dashboard.progress.sums import course
from dashboard.registry import reader
from dashboard.registry.grounds import Earlier, earlier, fingerprint
from dashboard.registry.model import Known, Recommendation, Registry, Side, Source, Status
from dashboard.registry.scalars import Clock, Text
from tests import generate
from tests.points import ASKED, ORIGIN, SOURCE, TODAY, point, registry, said, stands
from tests.small import ROOT

MET = [{"condition": "1", "evidence": ["audit"]}]
MET_BY_PAPER = [{"condition": "1", "evidence": ["paper"]}]
OWN_MET = [{"condition": "1", "evidence": ["its-word"]}]
PROMISE = {"kind": "commitment", "as_given": "reported"}

# --- who heads ----------------------------------------------------------------------------------------


def test_a_subject_may_be_looked_at_more_often_than_the_rules_ask_not_less() -> None:
    def again(days: str | None) -> date | None:
        theme = {"id": "shelters", "name": "Shelters", **({"check_every_days": days} if days else {})}
        made = registry(point(assessments=[said("promised", "2026-01-01")]), themes=[theme])
        return standing(made, made.file.recommendations[0], Clock(TODAY, TODAY)).check_again_on

    assert again(None) == date(2026, 1, 1) + timedelta(days=180)
    assert again("30") == date(2026, 1, 31)
    assert again("300") == again(None)


def test_a_demand_that_nobody_has_assessed_is_not_assessed() -> None:
    now = stands("2025-01-01")
    assert (now.status, now.known, now.headline, now.since, now.checked) == ("not-assessed", "none", None, None, False)


def test_a_promise_that_nobody_has_assessed_is_promised_since_its_day_and_known_as_its_passage() -> None:
    now = stands("2025-01-01", **PROMISE)
    assert (now.status, str(now.since), str(now.as_of)) == ("promised", ASKED, ASKED)
    assert now.known is Known.INDEPENDENT
    assert not now.checked


def test_the_newest_judgement_of_those_not_addressed_heads() -> None:
    now = stands("2026-01-01", said("in-progress", "2025-03-01"), said("refused", "2025-05-01", by="the-union"))
    assert now.status is Status.REFUSED
    assert now.headline
    assert now.headline.by == "the-union"


def test_each_assessor_counts_with_its_newest_only() -> None:
    now = stands("2026-01-01", said("refused", "2025-05-01"), said("in-progress", "2025-03-01"))
    assert [given.status for given in now.newest] == ["refused"]
    assert now.status is Status.REFUSED


def test_of_equal_dates_of_truth_the_later_look_counts_and_then_the_later_entry() -> None:
    first = said("in-progress", "2025-03-01", looked="2025-06-01")
    second = said("refused", "2025-03-01", looked="2025-05-01")
    assert stands("2026-01-01", first, second).status is Status.IN_PROGRESS
    same = said("refused", "2025-03-01", looked="2025-06-01")
    assert stands("2026-01-01", first, same).status is Status.REFUSED


@pytest.mark.parametrize("by", ["the-ministry", "the-state", "the-police", "the-agency"])
def test_the_word_of_an_addressee_never_heads_where_others_have_looked(by: str) -> None:
    """The body itself, the one above it, its part, and the successor of its part."""
    now = stands("2026-01-01", said("not-started", "2025-01-01"), said("in-progress", "2025-12-01", by=by))
    assert now.status is Status.NOT_STARTED
    assert not now.own_word


@pytest.mark.parametrize("by", ["the-court", "the-union", "the-donor"])
def test_the_word_of_a_body_outside_the_family_does_head(by: str) -> None:
    now = stands("2026-01-01", said("not-started", "2025-01-01"), said("in-progress", "2025-12-01", by=by))
    assert now.status is Status.IN_PROGRESS


def test_who_acts_together_is_addressed_too_and_who_helps_is_not() -> None:
    def of(role: str) -> Status:
        actors = [
            {"actor": "the-court", "role": "must-act", "basis": "named"},
            {"actor": "the-donor", "role": role, "basis": "named"},
        ]
        judged = (said("not-started", "2025-01-01"), said("in-progress", "2025-12-01", by="the-donor"))
        return stands("2026-01-01", *judged, actors=actors).status

    found = {role: of(role) for role in ("together", "helps", "pays", "must-agree")}
    assert found == {
        "together": "not-started",
        "helps": "in-progress",
        "pays": "in-progress",
        "must-agree": "in-progress",
    }


def test_the_successor_is_not_answered_for_by_its_predecessor() -> None:
    judged = (said("not-started", "2025-01-01"), said("in-progress", "2025-12-01", by="the-police"))
    assert stands("2026-01-01", *judged, who="the-agency").status is Status.IN_PROGRESS


def test_the_own_word_heads_where_nobody_else_has_assessed_and_is_marked() -> None:
    now = stands("2026-01-01", said("in-progress", "2025-03-01", by="the-ministry", evidence="its-word"))
    assert (now.status, now.own_word, now.known) == ("in-progress", True, "own-word")
    assert not now.checked
    assert now.checked_on is None


# --- says it has delivered ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["implemented", "partly-implemented"])
def test_delivery_on_its_own_word_alone_stays_promised_with_the_mark(status: str) -> None:
    given = said(status, "2025-03-01", by="the-ministry", evidence="its-word", conditions_met=OWN_MET)
    now = stands("2026-01-01", given)
    assert (now.status, now.says_delivered, now.own_word) == ("promised", True, True)


def test_delivery_claimed_on_the_press_stays_promised_too() -> None:
    given = said("implemented", "2025-03-01", by="the-ministry", evidence="paper", conditions_met=MET_BY_PAPER)
    now = stands("2026-01-01", given)
    assert (now.status, now.says_delivered) == ("promised", True)


@pytest.mark.parametrize("evidence", ["audit", "gazette"])
def test_delivery_claimed_on_a_check_or_a_record_counts(evidence: str) -> None:
    met = [{"condition": "1", "evidence": [evidence]}]
    given = said("implemented", "2025-03-01", by="the-ministry", evidence=evidence, conditions_met=met)
    now = stands("2026-01-01", given)
    assert (now.status, now.says_delivered, now.own_word) == ("implemented", False, True)


def test_the_page_of_a_part_of_it_is_its_own_word() -> None:
    met = [{"condition": "1", "evidence": ["its-page"]}]
    given = said("implemented", "2025-03-01", by="the-police", evidence="its-page", conditions_met=met)
    now = stands("2026-01-01", given)
    assert (now.status, now.known) == ("promised", "own-word")


def test_a_claim_of_delivery_beside_a_promise_seen_by_others_is_marked() -> None:
    claim = said("implemented", "2025-03-01", by="the-ministry", evidence="its-word", conditions_met=OWN_MET)
    now = stands("2026-01-01", said("promised", "2025-01-01", evidence="its-word"), claim)
    assert (now.status, now.says_delivered, now.own_word) == ("promised", True, False)


def test_a_claim_of_delivery_beside_another_status_has_no_mark() -> None:
    claim = said("implemented", "2025-03-01", by="the-ministry", evidence="its-word", conditions_met=OWN_MET)
    assert not stands("2026-01-01", said("refused", "2025-01-01"), claim).says_delivered


# --- nothing found ----------------------------------------------------------------------------------------


def test_nothing_found_heads_where_nothing_else_stands() -> None:
    now = stands("2026-01-01", said("nothing-found", "2025-03-01", evidence=""))
    assert (now.status, now.known, now.looked_not_confirmed, now.checked) == ("nothing-found", "none", False, True)


def test_a_later_look_in_vain_beside_a_status_could_not_confirm_it() -> None:
    judged = (said("in-progress", "2025-03-01", by="the-union"), said("nothing-found", "2025-06-01", evidence=""))
    now = stands("2026-01-01", *judged)
    assert (now.status, now.looked_not_confirmed) == ("in-progress", True)
    assert now.difference is Difference.NONE


def test_what_was_found_after_looking_in_vain_is_confirmed() -> None:
    judged = (said("nothing-found", "2025-03-01", evidence=""), said("in-progress", "2025-06-01"))
    now = stands("2026-01-01", *judged)
    assert (now.status, now.looked_not_confirmed) == ("in-progress", False)


def test_a_look_in_vain_does_not_hide_the_own_word() -> None:
    judged = (
        said("nothing-found", "2025-06-01", evidence=""),
        said("in-progress", "2025-03-01", by="the-ministry", evidence="its-word"),
    )
    now = stands("2026-01-01", *judged)
    assert (now.status, now.looked_not_confirmed, now.checked) == ("in-progress", True, True)
    assert not now.own_word, "somebody else did look"


# --- disagreement -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("not-started", "blocked", "none"),
        ("blocked", "refused", "none"),
        ("in-progress", "ongoing", "none"),
        ("in-progress", "in-progress", "none"),
        ("promised", "in-progress", "disagree"),
        ("in-progress", "refused", "disagree"),
        ("partly-implemented", "implemented", "disagree"),
        ("implemented", "reversed", "disagree"),
        ("not-started", "promised", "disagree"),
        ("nothing-found", "implemented", "none"),
    ],
)
def test_two_assessors_disagree_where_their_groups_differ(one: str, other: str, expected: str) -> None:
    now = stands("2026-01-01", said(one, "2025-03-01"), said(other, "2025-04-01", by="the-union"))
    assert now.difference == expected
    assert now.disagree is (expected == "disagree")


def test_the_addressee_disagrees_as_anybody_does() -> None:
    now = stands("2026-01-01", said("refused", "2025-03-01"), said("in-progress", "2025-04-01", by="the-ministry"))
    assert now.disagree


@pytest.mark.parametrize(
    ("other", "as_of", "expected"),
    [
        ("refused", "2025-08-28", "disagree"),  # 180 days after 1 March: the term of what is under way
        ("refused", "2025-08-29", "at-different-dates"),
        ("promised", "2025-08-29", "at-different-dates"),
    ],
)
def test_far_apart_they_differ_at_different_dates(other: str, as_of: str, expected: str) -> None:
    now = stands("2026-01-01", said("in-progress", "2025-03-01"), said(other, as_of, by="the-union"))
    assert now.difference == expected


def test_two_settled_statuses_have_the_longer_term() -> None:
    judged = said("implemented", "2024-12-31", conditions_met=MET)
    assert stands("2026-01-01", judged, said("reversed", "2025-12-31", by="the-union")).difference == "disagree"
    later = said("reversed", "2026-01-01", by="the-union")
    assert stands("2026-01-01", judged, later).difference == "at-different-dates"


def test_nearer_disagreement_outweighs_a_difference_of_dates() -> None:
    now = stands(
        "2026-06-01",
        said("in-progress", "2025-03-01"),
        said("refused", "2026-03-01", by="the-union"),
        said("reversed", "2026-04-01", by="the-donor"),
    )
    assert now.disagree


# --- withdrawn, and days gone by ------------------------------------------------------------------------------


def test_a_withdrawn_judgement_counts_until_the_day_it_is_taken_back() -> None:
    taken = said("refused", "2025-03-01", withdrawn={"on": "2025-05-01", "why": "Another body."})
    judged = (said("in-progress", "2025-01-01"), taken)
    assert stands("2025-04-30", *judged).status is Status.REFUSED
    assert stands("2025-05-01", *judged).status is Status.IN_PROGRESS
    assert stands("2026-11-22", *judged).status is Status.IN_PROGRESS


def test_a_month_or_a_year_counts_for_a_past_day_only_once_it_is_over() -> None:
    judged = said("in-progress", "2025-03")
    assert stands("2025-03-30", judged).status is Status.NOT_ASSESSED
    assert stands("2025-03-31", judged).status is Status.IN_PROGRESS
    whole = said("in-progress", "2025")
    assert stands("2025-12-30", whole).status is Status.NOT_ASSESSED
    assert stands("2025-12-31", whole).status is Status.IN_PROGRESS


def test_a_month_counts_for_today_as_soon_as_it_has_begun() -> None:
    judged = said("in-progress", "2025-03")
    assert stands("2025-03-01", judged, today=date(2025, 3, 1)).status is Status.IN_PROGRESS
    assert stands("2025-02-28", judged, today=date(2025, 2, 28)).status is Status.NOT_ASSESSED


@pytest.mark.parametrize(
    ("day", "expected"), [("2024-02-02", False), ("2024-02-03", True), ("2026-02-28", True), ("2026-03-01", False)]
)
def test_a_record_counts_from_the_day_it_was_asked_until_it_is_retired(day: str, expected: bool) -> None:
    made = registry(point(retired={"on": "2026-03-01", "reason": "It stood here twice."}))
    clock = Clock(date.fromisoformat(day), TODAY)
    assert counts(made, made.file.recommendations[0], clock) is expected


def test_the_day_it_was_asked_is_its_own_or_that_of_the_earliest_source() -> None:
    made = registry(point(on="2023-06-01"))
    assert counts(made, made.file.recommendations[0], Clock(date(2023, 6, 1), TODAY))


# --- since, still, due ------------------------------------------------------------------------------------------


def test_since_is_the_first_day_of_the_unbroken_run() -> None:
    judged = (
        said("in-progress", "2024-06-01"),
        said("promised", "2024-09-01", evidence="its-word"),
        said("in-progress", "2025-03-01"),
        said("in-progress", "2025-09-01"),
    )
    now = stands("2026-01-01", *judged)
    assert (str(now.since), str(now.as_of)) == ("2025-03-01", "2025-09-01")


def test_a_promise_that_others_confirm_has_stood_since_it_was_given() -> None:
    now = stands("2026-01-01", said("promised", "2025-03-01", evidence="its-word"), **PROMISE)
    assert (str(now.since), str(now.as_of)) == (ASKED, "2025-03-01")


def test_repeating_a_promise_is_no_movement() -> None:
    once = said("promised", ASKED, evidence="its-word")
    again = said("promised", "2025-06-01", evidence="its-word")
    assert stands("2026-02-02", once, again, **PROMISE).months_still == 23
    now = stands("2026-02-03", once, again, **PROMISE)
    assert (now.months_still, now.no_movement) == (24, True)


def test_falling_back_to_a_promise_is_no_movement() -> None:
    later = said("promised", "2025-06-01", evidence="its-word")
    assert stands("2026-02-03", later, **PROMISE).months_still == 24
    assert stands("2026-02-03", said("in-progress", "2024-08-03"), later, **PROMISE).months_still == 18


def test_no_movement_is_said_from_18_months_on() -> None:
    once = said("promised", ASKED, evidence="its-word")
    assert not stands("2025-08-02", once, **PROMISE).no_movement
    assert stands("2025-08-03", once, **PROMISE).no_movement
    assert not stands("2025-08-03", once, **PROMISE, rules={"no_movement_months": "19"}).no_movement


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({}, 24),
        ({"steps": [{"step": "Drafted", "state": "done", "on": "2025-02-03", "evidence": ["audit"]}]}, 12),
        ({"steps": [{"step": "Drafted", "state": "not-done", "on": "2025-02-03"}]}, 24),
        ({"funding": [{"by": "the-donor", "stage": "paid", "purpose": "x", "on": "2025-08-03"}]}, 6),
        ({"funding": [{"by": "the-donor", "stage": "pledged", "purpose": "x", "on": "2025-08-03"}]}, 24),
        ({"checks": [{"on": "2026-01-01", "by": "editors", "where": "The page"}]}, 24),
        ({"setbacks": [{"on": "2026-01-01", "what": "A ban", "evidence": ["audit"]}]}, 24),
    ],
    ids=str,
)
def test_what_counts_as_movement(what: dict[str, object], expected: int) -> None:
    once = said("promised", ASKED, evidence="its-word")
    assert stands("2026-02-03", once, **PROMISE, **what).months_still == expected


def test_a_new_status_is_movement_and_the_same_again_is_not() -> None:
    judged = (said("in-progress", "2024-06-01"), said("in-progress", "2025-06-01"))
    assert stands("2026-06-01", *judged).months_still == 24


def test_conduct_seen_again_is_movement() -> None:
    judged = (said("ongoing", "2024-06-01"), said("ongoing", "2026-01-01"))
    assert stands("2026-06-01", *judged, open_ended="true", done_when=[]).months_still == 5


@pytest.mark.parametrize("status", ["implemented", "refused", "reversed", "nothing-found"])
def test_what_is_settled_or_not_found_does_not_stand_still(status: str) -> None:
    met = {"conditions_met": MET} if status == "implemented" else {}
    assert stands("2026-11-22", said(status, "2024-06-01", **met)).months_still == 0


def test_what_was_never_assessed_does_not_stand_still() -> None:
    assert stands("2026-11-22", **PROMISE).months_still == 0


@pytest.mark.parametrize(("day", "expected"), [("2026-02-28", False), ("2026-03-01", True)])
def test_ongoing_is_when_last_seen_after_twelve_months(day: str, expected: bool) -> None:
    now = stands(day, said("ongoing", "2025-03-01"), open_ended="true", done_when=[])
    assert (now.status, now.last_seen_only) == ("ongoing", expected)


@pytest.mark.parametrize(
    ("status", "day", "expected"),
    [
        ("in-progress", "2025-09-28", False),  # 180 days after 1 April
        ("in-progress", "2025-09-29", True),
        ("refused", "2026-04-01", False),  # 365 days
        ("refused", "2026-04-02", True),
    ],
)
def test_a_record_is_due_when_the_last_look_is_older_than_its_term(status: str, day: str, expected: bool) -> None:
    now = stands(day, said(status, "2025-03-01", looked="2025-04-01"))
    assert now.due is expected


def test_a_check_is_a_look_and_an_addressees_is_not() -> None:
    judged = said("in-progress", "2025-03-01", looked="2025-04-01")

    def looked(by: str) -> str:
        checks = [{"on": "2025-09-01", "by": by, "where": "The page"}]
        return str(stands("2025-10-01", judged, checks=checks).checked_on)

    assert looked("the-union") == "2025-09-01"
    assert looked("the-ministry") == "2025-04-01"


def test_what_nobody_has_checked_is_not_due() -> None:
    now = stands("2026-11-22")
    assert (now.due, now.check_again_on) == (False, None)


def judged_as(**of: object) -> str:
    """The fingerprint of a judgement of the point as it is made with `of`."""
    made = registry(point(assessments=[said("in-progress", "2025-03-01")], **of))
    record = made.file.recommendations[0]
    return fingerprint(made, record, record.assessments[0])


def test_what_changed_since_a_judgement_is_told_and_what_was_not_recorded_is_not() -> None:
    def told(judged: str | None, **of: object) -> Earlier | None:
        given = said("in-progress", "2025-03-01", **({"judged": judged} if judged else {}))
        made = registry(point(assessments=[given], **of))
        record = made.file.recommendations[0]
        found = earlier(made, record, record.assessments[0])
        now = standing(made, record, Clock(TODAY, TODAY))
        assert now.suspect == (record.assessments if found else ())
        return found

    same = judged_as()
    assert told(same) is None
    assert told(None) is None
    assert told(same, done_when=["Another end"]) is Earlier.WORDING
    assert told(same[:6] + "0" * 6) is Earlier.EVIDENCE
    assert told("0" * 12) is Earlier.EITHER


def test_the_fingerprint_of_the_first_judgements_tells_that_something_changed() -> None:
    shipped = reader.load(ROOT / "recommendations.yaml", TODAY).registry
    assert shipped
    record = next(r for r in shipped.file.recommendations if r.assessments)
    assert earlier(shipped, record, record.assessments[0]) is None
    other = replace(record, done_when=(*record.done_when, Text(en="One more")))
    assert earlier(shipped, other, other.assessments[0]) is Earlier.EITHER


def test_each_assessors_judgement_that_stands_is_looked_at_and_no_older_one() -> None:
    old = said("refused", "2024-05-01", judged="0" * 12)
    given = (
        old,
        said("in-progress", "2025-03-01", judged=judged_as()),
        said("refused", "2025-05-01", by="the-union", judged="0" * 12),
    )
    suspect = stands("2026-01-01", *given).suspect
    assert [(each.by, str(each.as_of)) for each in suspect] == [("the-union", "2025-05-01")]


@pytest.mark.parametrize(
    ("day", "answers", "expected"),
    [
        ("2025-01-31", [], AnswerState.NOBODY_ASKED),
        ("2025-02-01", [], AnswerState.WAITING),
        ("2025-04-02", [], AnswerState.WAITING),  # 60 days
        ("2025-04-03", [], AnswerState.OVERDUE),
        ("2025-04-03", ["2025-04-03"], AnswerState.ANSWERED),
        ("2025-04-03", ["2025-04-04"], AnswerState.OVERDUE),
    ],
)
def test_an_answer_is_waited_for_from_the_day_of_asking(day: str, answers: list[str], expected: AnswerState) -> None:
    given = [{"by": "the-ministry", "position": "agreed", "on": on, "text": "Yes."} for on in answers]
    asked = [{"actor": "the-ministry", "on": "2025-02-01", "how": "By letter."}]
    assert stands(day, asked=asked, answers=given).answer is expected


@pytest.mark.parametrize(
    ("earlier", "later", "months"),
    [
        ("2024-01-31", "2024-02-29", 0),
        ("2024-01-31", "2024-03-31", 2),
        ("2024-02-29", "2025-02-28", 11),
        ("2024-02-29", "2025-03-01", 12),
        ("2025-01-01", "2024-01-01", 0),
    ],
)
def test_months_are_whole_and_never_negative(earlier: str, later: str, months: int) -> None:
    assert months_between(date.fromisoformat(earlier), date.fromisoformat(later)) == months


# --- counting ---------------------------------------------------------------------------------------------------


def test_completion_counts_what_can_be_tested_then_checked_then_done() -> None:
    done = said(
        "implemented", "2025-03-01", evidence="gazette", conditions_met=[{"condition": "1", "evidence": ["gazette"]}]
    )
    own = said("in-progress", "2025-03-01", by="the-ministry", evidence="its-word")
    made = registry(
        point("a-done", assessments=[done]),
        point("b-found-nothing", assessments=[said("nothing-found", "2025-03-01", evidence="")]),
        point("c-own-word", assessments=[own]),
        point("d-unchecked"),
        point("e-open-ended", open_ended="true", done_when=[], assessments=[said("ongoing", "2025-03-01")]),
        point("f-no-end-point", done_when=[], assessments=[said("in-progress", "2025-03-01")]),
        point("g-of-the-public", who="everybody", assessments=[done]),
    )
    found = frame(made, Clock(date(2026, 1, 1), TODAY)).completion
    assert (found.testable, found.checked, found.done) == (4, 2, 1)


def test_rows_stand_by_side_then_status_then_id() -> None:
    made = registry(
        point("z-last", who="the-union"),
        point("b-open", who="the-donor"),
        point("c-moving", who="the-court", assessments=[said("in-progress", "2025-03-01")]),
        point("a-open"),
        point("d-open"),
    )
    found = rows(made, Clock(date(2026, 1, 1), TODAY))
    assert [row.id for row in found] == ["c-moving", "a-open", "d-open", "b-open", "z-last"]
    assert {side: len(held) for side, held in by_side(found).items()} == {
        Side.STATE: 3,
        Side.FOREIGN: 1,
        Side.SOCIETY: 1,
    }
    assert by_status(found) == {Status.IN_PROGRESS: 1, Status.NOT_ASSESSED: 4}


# --- records that are judged together -------------------------------------------------------------------

SECOND = {**SOURCE, "id": "report-two", "published": "2023-05", "form": "document-with-effect"}
ANSWERED = {"by": "the-ministry", "position": "agreed", "on": "2026-11-20", "text": "Yes."}
REQUEST = {"actor": "the-ministry", "on": "2026-11-01", "how": "By letter"}
COURT = {"actor": "the-court", "role": "must-act", "basis": "named"}
MINISTRY = {"actor": "the-ministry", "role": "must-act", "basis": "named"}

UNJUDGED: dict[str, dict[str, Any]] = {
    "a demand": {},
    "a promise": PROMISE,
    "a request that waits": {"asked": [REQUEST]},
    "an answer": {"asked": [REQUEST], "answers": [ANSWERED], "on": "2025"},
    "an open end": {"open_ended": "true", "done_when": []},
}
OTHERWISE: dict[str, list[Any]] = {
    "id": ["fund-shelters"],
    "title": ["Another"],
    "kind": ["commitment", "recommendation"],
    "theme": ["courts"],
    "origin": [[{**ORIGIN, "by": "the-ministry"}], [{**ORIGIN, "source": "report-two"}], [ORIGIN, ORIGIN]],
    "actors": [[COURT], [MINISTRY, {**COURT, "role": "together"}], [{**MINISTRY, "actor": "everybody"}], [{**MINISTRY, "actor": "the-donor"}]],
    "summary": ["Another"],
    "text": ["Another"],
    "as_given": ["own-words"],
    "instrument": ["a-law"],
    "on": ["2025-03-01", "2026-11-22", "2027"],
    "alignments": [[{"code": "sdg:5.2", "match": "near"}]],
    "done_when": [["Shelters are open.", "They stay open."], ["Another."], []],
    "beyond_test": [["Nobody is afraid."]],
    "open_ended": ["true", "false"],
    "due": [{"on": "2025", "basis": "A law"}],
    "steps": [[{"step": "A law", "state": "done", "on": "2025-05-05"}]],
    "answers": [[{**ANSWERED, "on": "2025-01-01"}], [ANSWERED, ANSWERED]],
    "asked": [[{**REQUEST, "on": "2024-03-01"}], [REQUEST, {**REQUEST, "on": "2026-11-21"}]],
    "funding": [[{"by": "the-donor", "stage": "paid", "purpose": "Beds", "on": "2025-05-05"}]],
    "assessments": [[said("in-progress", "2025-03-01")], [said("nothing-found", "2026-11-01", evidence="")]],
    "checks": [[{"on": "2025-06", "by": "editors", "where": "Its page"}]],
    "setbacks": [[{"on": "2025-06", "what": "Money is gone", "evidence": ["paper"]}]],
    "open_questions": [["Which?"]],
    "retired": [{"on": "2025-06-01", "reason": "Twice"}, {"on": "2026-11-22", "reason": "Twice"}],
    "related": [[{"id": "fund-shelters", "relation": "beside"}]],
}  # fmt: skip
"""Values of every field of a record; a field that is new has to be looked at, and is entered here."""
DAYS = (TODAY, TODAY - timedelta(days=1), date(2026, 11, 10), date(2025, 7, 1), date(2025, 1, 31), date(2024, 2, 3), date(2023, 6, 1))  # fmt: skip


def _bare(record: Recommendation) -> Recommendation:
    """As it was entered, before anybody did anything about it."""
    for field in ("assessments", "checks", "steps", "funding", "answers", "asked"):
        record = _with(record, field, ())
    return _with(record, "on", None)


def _of_two_sources(first: dict[str, Any], second: dict[str, Any]) -> Registry:
    themes = [{"id": "shelters", "name": "Shelters"}, {"id": "courts", "name": "Courts", "check_every_days": "9"}]
    made = registry(first, second, themes=themes)
    return replace(made, sources=(*made.sources, TypeAdapter(Source).validate_python(SECOND)))


def _with(record: Recommendation, field: str, value: Any) -> Recommendation:
    """The record with one part exchanged, all others the very same ones: `replace` would make each anew."""
    other = copy(record)
    object.__setattr__(other, field, value)
    return other


def _stood(made: Registry, record: Recommendation) -> list[Any]:
    """Where it stands on each day, or that it does not count; and how its course is drawn."""
    clocks = [Clock(day, today) for day in DAYS for today in {day, TODAY}]
    alone = replace(made, file=replace(made.file, recommendations=(record,)))
    drawn = [course(alone, clock).places.tolist() for clock in clocks]
    return [*((counts(made, record, clock), standing(made, record, clock)) for clock in clocks), *drawn]


@pytest.mark.parametrize("base", UNJUDGED)
@pytest.mark.parametrize("field", [each.name for each in fields(Recommendation)])
def test_two_unjudged_records_that_are_taken_for_alike_stand_alike_on_every_day(base: str, field: str) -> None:
    """They differ in one field; of all others each has the very same parts, as the reader makes them."""
    assert field in OTHERWISE, f"{field} is new: does it tell where an unjudged record stands? Enter values of it"
    for value in OTHERWISE[field]:
        made = _of_two_sources(point(**UNJUDGED[base]), point(**{**UNJUDGED[base], field: value}))
        one, second = made.file.recommendations
        other = _with(one, field, getattr(second, field))
        like = likeness(made, one)
        assert like
        if likeness(made, other) == like:
            assert _stood(made, one) == _stood(made, other), value


def test_what_tells_nothing_of_where_a_record_stands_keeps_records_alike() -> None:
    told_apart = set()
    for field, (value, *_) in OTHERWISE.items():
        made = _of_two_sources(point(on=ASKED), point(**{"on": ASKED, field: value}))
        one, second = made.file.recommendations
        if likeness(made, one) != likeness(made, _with(one, field, getattr(second, field))):
            told_apart.add(field)
    assert told_apart == {
        "kind", "actors", "on", "open_ended", "steps", "answers", "asked", "funding", "assessments", "checks", "retired",
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_records_judged_together_stand_as_each_does_by_itself(tmp_path: Path, seed: int) -> None:
    """Of a list as the reader makes it, in which one half was never judged."""
    today = generate.TODAY
    read = reader.load(generate.write(tmp_path, generate.registry(seed, 300, 4)), today).registry
    assert read
    records = [_bare(each) if n % 2 else each for n, each in enumerate(read.file.recommendations)]
    made = read.holding(replace(read.file, recommendations=tuple(records)))
    likes = [like for each in records if (like := likeness(made, each))]
    assert len(set(likes)) < len(likes)
    for clock in (Clock(today, today), Clock(today - timedelta(days=400), today), Clock(date(2023, 1, 1), today)):
        alone = [row(made, each, clock) for each in records if counts(made, each, clock)]
        assert rows(made, clock) == sorted(alone, key=sort_key)
        for record, line in zip(records, course(made, clock).places.tolist(), strict=True):
            only = made.holding(replace(made.file, recommendations=(record,)))
            by_itself = course(only, clock).places.tolist()[0]
            assert line[-len(by_itself) :] == by_itself
            assert set(line[: -len(by_itself)]) <= {-1}
