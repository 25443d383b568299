"""What happened between two days: records that moved, and the dated facts behind them."""

from datetime import date

from dashboard.progress.changes import Event, What, between, events, last_look, moves, newest_page
from dashboard.progress.rows import rows
from dashboard.registry.model import Registry, Status
from dashboard.registry.scalars import Clock
from tests.points import ASKED, TODAY, point, registry, said

PROMISE = {"kind": "commitment", "as_given": "reported"}


def clock(day: str) -> Clock:
    return Clock(date.fromisoformat(day), TODAY)


def moved(of: Registry, earlier: str, later: str) -> list[tuple[str, Status | None, Status]]:
    return [(move.row.id, move.was, move.row.status) for move in moves(of, clock(earlier), clock(later))]


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


def test_between_two_days_lie_the_events_after_the_one_and_up_to_the_other() -> None:
    made = registry(point(assessments=[said("promised", "2025"), said("in-progress", "2025-03-01")], on="2024-12-31"))
    [row] = rows(made, clock("2026-06-01"))
    found = events(made, row, clock("2026-06-01"))

    def within(after: str, until: str) -> list[str]:
        return [str(event.on) for event in between(found, date.fromisoformat(after), date.fromisoformat(until))]

    assert within("2024-12-30", "2025-12-31") == ["2025-03-01", "2025", "2024-12-31"]
    assert within("2024-12-31", "2025-02-28") == ["2025"]
    assert within("2025-03-01", "2025-12-30") == ["2025"]
    assert within("2025-12-31", "2026-12-31") == []
    assert between([], date(2020, 1, 1), date(2026, 1, 1)) == []


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
