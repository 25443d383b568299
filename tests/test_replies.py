"""The right of reply: who was asked, until when an answer is waited for, what was answered, what comes next."""

from datetime import date
from typing import Any

import pytest

from dashboard.language import translator
from dashboard.outputs import pages
from dashboard.outputs.letter import of_registry
from dashboard.outputs.view import Place, View
from dashboard.progress.filters import Filters
from dashboard.progress.replies import Next, Reply, replies, reply, tally
from dashboard.progress.rows import rows
from dashboard.progress.status import AnswerState
from dashboard.registry.scalars import Clock, Language
from tests.markup import Element, parsed
from tests.points import TODAY, point, said
from tests.points import registry as made

CLOCK = Clock(TODAY, TODAY)


def asked(on: str, actor: str = "the-ministry", how: str = "By letter, registered.") -> dict[str, Any]:
    return {"actor": actor, "on": on, "how": how}


def answered(on: str, by: str = "the-ministry", text: Any = "We agree.", **more: Any) -> dict[str, Any]:
    return {"by": by, "on": on, "position": "agreed", "text": text, **more}


def told(given: dict[str, Any], actor: str = "", clock: Clock = CLOCK) -> Reply:
    registry = made(given)
    [row] = rows(registry, clock)
    return reply(row, registry, clock, actor)


# --- one point --------------------------------------------------------------------------------------


def test_nobody_asked_means_that_a_letter_comes_next() -> None:
    found = told(point())
    assert (found.state, found.next, found.until, found.whom) == (
        AnswerState.NOBODY_ASKED, Next.SEND, None, "the-ministry",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("on", "state", "step", "until"),
    [
        ("2026-09-23", AnswerState.WAITING, Next.WAIT, date(2026, 11, 22)),
        ("2026-09-22", AnswerState.OVERDUE, Next.ASK_AGAIN, date(2026, 11, 21)),
        ("2026-09", AnswerState.OVERDUE, Next.ASK_AGAIN, date(2026, 10, 31)),
    ],
)
def test_an_answer_is_waited_for_sixty_days_the_last_included(
    on: str, state: AnswerState, step: Next, until: date
) -> None:
    found = told(point(asked=[asked(on)]))
    assert (found.state, found.next, found.until) == (state, step, until)


def test_asked_again_the_wait_begins_anew_and_whoever_was_asked_last_is_meant() -> None:
    found = told(point(asked=[asked("2026-11-01", "the-state"), asked("2026-01-01")]))
    assert [each.actor for each in found.asked] == ["the-ministry", "the-state"]
    assert (found.state, found.until, found.whom, found.above) == (
        AnswerState.WAITING, date(2026, 12, 31), "the-state", (),
    )  # fmt: skip


def test_where_it_stays_silent_the_body_above_it_is_named() -> None:
    assert told(point(asked=[asked("2026-01-01")])).above == ("the-state",)


def test_an_answer_ends_the_wait() -> None:
    found = told(point(asked=[asked("2026-01-01")], answers=[answered("2026-05-01")]))
    assert (found.state, found.next, len(found.answers)) == (AnswerState.ANSWERED, Next.NOTHING, 1)


def test_an_answer_older_than_the_newest_request_does_not_end_it() -> None:
    again = point(asked=[asked("2024-01-01"), asked("2026-11-01")], answers=[answered("2024-03-01")])
    assert told(again).state is AnswerState.WAITING
    assert told({**again, "answers": [answered("2026-11-01")]}).state is AnswerState.ANSWERED
    assert told({**again, "asked": []}).state is AnswerState.ANSWERED  # nobody asked, and it answered


def test_a_successor_answers_for_the_body_whose_place_it_took() -> None:
    police = point(
        who="the-police", asked=[asked("2026-01-01", "the-police")], answers=[answered("2026-02-01", "the-agency")]
    )
    for body in ("the-police", "the-agency"):
        assert told(police, body).state is AnswerState.ANSWERED
    assert told(police, "the-donor").state is AnswerState.NOBODY_ASKED


def test_of_what_is_settled_no_first_answer_is_wanted() -> None:
    done = said(
        "implemented", "2025-06-30", evidence="gazette", conditions_met=[{"condition": "1", "evidence": ["gazette"]}]
    )
    assert told(point(assessments=[done])).next is Next.NOTHING
    assert "It is settled: no answer is waited for any more." in page(point(assessments=[done])).text


def test_on_a_past_day_only_what_had_happened_by_then_counts() -> None:
    given = point(asked=[asked("2026-01-01")], answers=[answered("2026-05-01")])
    for day, state in (
        (date(2025, 12, 31), AnswerState.NOBODY_ASKED),
        (date(2026, 1, 1), AnswerState.WAITING),
        (date(2026, 4, 30), AnswerState.OVERDUE),
        (date(2026, 5, 1), AnswerState.ANSWERED),
    ):
        assert told(given, clock=Clock(day, TODAY)).state is state


def test_what_is_dated_after_the_day_is_not_told() -> None:
    found = told(point(asked=[asked("2026-12-01")], answers=[answered("2026-12-02")]))
    assert (found.asked, found.answers, found.next) == ((), (), Next.SEND)


def test_an_institution_answers_for_its_parts_and_with_the_body_above_it_and_for_nobody_else() -> None:
    given = point(asked=[asked("2026-11-01", "the-ministry")])
    for actor, state in (
        ("the-ministry", AnswerState.WAITING),
        ("the-state", AnswerState.WAITING),
        ("the-police", AnswerState.WAITING),
        ("the-donor", AnswerState.NOBODY_ASKED),
    ):
        assert told(given, actor).state is state


# --- an institution ---------------------------------------------------------------------------------


def test_an_institution_is_counted_once_a_point_and_what_presses_most_comes_first() -> None:
    registry = made(
        point("never"),
        point("waiting", asked=[asked("2026-11-01")]),
        point("overdue", asked=[asked("2026-02-01")]),
        point("older", asked=[asked("2026-01-01"), asked("2026-01-02")]),
        point("answered", asked=[asked("2026-01-01")], answers=[answered("2026-02-01")]),
        point("unasked", answers=[answered("2026-02-01")]),
    )
    found = replies(rows(registry, CLOCK), registry, CLOCK, "the-ministry")
    assert [each.row.id for each in found[:4]] == ["older", "overdue", "never", "waiting"]
    counted = tally(found)
    assert (counted.points, counted.asked, counted.answered, counted.waiting, counted.overdue, counted.never) == (
        6, 4, 2, 1, 2, 1,
    )  # fmt: skip


# --- its page ---------------------------------------------------------------------------------------


def page(*points: dict[str, Any], actor: str = "the-ministry", language: Language = "en", **more: Any) -> Element:
    view = View(made(*points, **more), CLOCK, translator(language), Filters(), place=Place("/answer"))
    return parsed(pages.answer(view, actor))


def section(shown: Element, name: str) -> str:
    return " ".join(each.text for each in shown.all("section") if each.attributes.get("aria-labelledby") == name)


def test_where_nobody_asked_it_the_page_says_so_once_and_offers_the_letter() -> None:
    shown = page(point())
    assert section(shown, "told") == (
        "Asked and answered: The ministry (in English) Nobody has asked it through this tracker yet. "
        "Next: send it the letter with its points. Here is a draft"
    ).replace(" (in English)", "")
    assert shown.text.count("Nobody has asked it") == 1
    [draft] = [a for a in shown.all("a") if a.text == "Here is a draft"]
    assert draft.attributes["href"] == "/answer?actor=the-ministry&letter=en#letter"


def test_who_was_asked_how_and_until_when_stand_on_the_page_and_so_does_what_comes_next() -> None:
    waiting = page(point(asked=[asked("2026-11-01")]))
    assert [each.text for each in waiting.one("ul", "parts").all("li")] == [
        "asked on 1 point", "an answer is waited for on 1 point",
    ]  # fmt: skip
    its = section(waiting, "its-points")
    assert "The ministry was asked on 1 November 2026, as follows: By letter, registered." in its
    assert "No answer yet: it is waited for until 31 December 2026, inclusive." in its
    assert "Next: wait until 31 December 2026; then ask again." in its
    late = page(point(asked=[asked("2026-01-01")]))
    assert "Next: ask again, or ask the body above it: The state." in section(late, "told")


def test_an_answer_stands_there_in_full_in_its_own_language_with_its_translation_marked() -> None:
    text = {"ru": "Мы согласны.\nПолностью.", "en": "We agree. In full.", "from": "ru", "drafts": ["en"]}
    its = page(point(answers=[answered("2026-02-01", text=text, position="not-ours", whose="the-court")]))
    said = section(its, "its-points")
    assert "Not ours · The ministry · 1 February 2026 · it is for The court to act" in said
    assert said.index("We agree. In full.") < said.index("Our translation, a draft. The original:")
    assert said.index("The original:") < said.index("Мы согласны. Полностью.")
    assert [each.text for each in its.all("blockquote") if each.attributes.get("lang") == "ru"] == [
        "Мы согласны. Полностью."
    ]


def test_no_heading_counts_nothing() -> None:
    for actor in ("the-ministry", "the-donor", "the-court", "the-state", "the-police"):
        for each in page(point(), actor=actor).all("h2"):
            assert " 0 " not in f" {each.text} "
    assert "No point names it, a part of it or a body above it." in page(point(), actor="the-donor").text
    assert "No point asks it, or a part of it, to act." in page(point(), actor="the-police").text


def test_what_is_asked_of_the_body_above_stands_apart_with_its_answers() -> None:
    shown = page(point(who="the-state", answers=[answered("2026-02-01", by="the-state")]))
    assert "1 point is addressed to a body of which it is part" in section(shown, "above")
    assert "We agree." in section(shown, "above")


def test_hostile_words_of_an_answer_stay_words() -> None:
    bad = "<script>alert(1)</script>"
    shown = page(point(asked=[asked("2026-01-01", how=bad)], answers=[answered("2026-02-01", text=bad)]))
    assert shown.text.count(bad) == 2
    assert not shown.all("script")


# --- the record and the letter ----------------------------------------------------------------------


def test_the_record_says_who_was_asked_until_when_and_what_comes_next() -> None:
    registry = made(point(asked=[asked("2026-01-01")]))
    html = pages.record(View(registry, CLOCK, translator("en"), Filters()), "open-shelters")
    said = section(parsed(html or ""), "answer")
    assert "The ministry was asked on 1 January 2026, as follows: By letter, registered." in said
    assert "No answer: it was waited for until 2 March 2026 and is overdue." in said
    assert "Next: ask again, or ask the body above it: The state. Draft a letter" in said
    unasked = pages.record(View(made(point()), CLOCK, translator("en"), Filters()), "open-shelters")
    assert "None recorded. Nobody has asked it through this tracker. Next: send it the letter" in section(
        parsed(unasked or ""), "answer"
    )


def test_a_look_at_a_point_that_nobody_judged_is_told_as_a_look() -> None:
    registry = made(point(checks=[{"on": "2026-10-01", "by": "editors", "where": "Its page"}]))
    view = View(registry, CLOCK, translator("en"), Filters())
    for html in (pages.record(view, "open-shelters") or "", pages.points(view, "1")):
        assert "Nobody has checked yet" not in html
        assert "Looked on 1 October 2026, not judged yet" in html
    assert "1 that nobody has judged yet" in pages.start(view)


def test_a_letter_says_until_when_an_answer_is_waited_for_and_that_it_is_shown_in_full() -> None:
    registry = made(point(asked=[asked("2026-11-01")]))
    text = " ".join(of_registry(registry, CLOCK, "the-ministry", "en").split())
    assert "Please answer by 21 January 2027: that is 60 days from the date of this letter." in text
    assert "Your answer is shown in full and in its own language" in text
    assert "An answer was asked for on 1 November 2026, by 31 December 2026; none of yours is on record." in text
