"""What the brief says: the numbers of the screen, what moved and what is stuck, questions made by rule."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dashboard.outputs import asking, brief, pages, tables, telling
from dashboard.outputs.brief import LEVELS, Brief, Section, sheet
from dashboard.progress import summary
from dashboard.progress.filters import Filters
from dashboard.progress.rows import by_known, by_side, summed
from dashboard.progress.status import year_before
from dashboard.registry.model import Registry
from dashboard.registry.scalars import LANGUAGES, Language
from tests import taken
from tests.points import EVIDENCE, TODAY, point, said
from tests.points import registry as made

SELECTIONS: dict[str, Filters] = {
    "all": Filters(),
    "one body": Filters(actor=("kz-government",)),
    "one theme": Filters(theme=("violence-against-women",)),
    "one side and status": Filters(side=("state",), status=("promised",)),
}


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return taken.registry()


def of(
    registry: Registry, filters: Filters | None = None, language: Language = "en", since: date | None = None
) -> Brief:
    view = taken.view(registry, filters, language)
    return brief.brief(view, since or year_before(view.clock.as_of))


def small(*points: dict[str, Any], filters: Filters | None = None, since: str = "2025-11-22", **more: Any) -> Brief:
    view = taken.view(made(*points, **more), filters, as_of=TODAY, today=TODAY)
    return brief.brief(view, date.fromisoformat(since))


def section(told: Brief, key: str) -> Section:
    return next(each for each in told.sections if each.key == key)


def asked(told: Brief) -> list[str]:
    return [item.text for each in told.sections if each.key == "questions" for item in each.items]


# --- numbers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_its_numbers_are_those_of_the_screen_and_of_the_api(
    shipped: Registry, selection: str, language: Language
) -> None:
    view = taken.view(shipped, SELECTIONS[selection], language)
    told, tr = brief.brief(view, year_before(view.clock.as_of)), view.tr
    summaries = tables.summaries(view)
    counted = Counter((each["side"], each["status"]) for each in summaries)
    screen = {side: rows for side, rows in by_side(view.kept.rows).items() if rows}
    assert len(told.sides) == len(screen)
    for drawn, (side, rows) in zip(told.sides, screen.items(), strict=True):
        assert {status: n for status, n, _ in drawn.parts} == {s: n for (of, s), n in counted.items() if of == side}
        assert sum(n for _, n, _ in drawn.parts) == drawn.n == len(drawn.marks) == len(rows)
        assert [(status, words) for status, _, words in drawn.parts] == telling.status_parts(tr, summed(rows))
    assert sum(drawn.n for drawn in told.sides) == len(summaries) == len(view.kept)
    sure = " ".join(section(told, "sure").says)
    whole = view.kept.completion
    for n in (whole.testable, whole.checked, whole.done, *filter(None, by_known(view.kept.rows).values())):
        assert tr.number(n) in sure


@pytest.mark.parametrize("selection", SELECTIONS)
def test_what_moved_is_what_the_page_of_changes_tells_between_the_same_days(shipped: Registry, selection: str) -> None:
    for since in (date(2022, 6, 1), date(2024, 1, 1), date(2025, 11, 25)):
        view = taken.view(shipped, replace(SELECTIONS[selection], since=since))
        news = pages.compared(view).news
        items = section(brief.brief(view, since), "moved").items
        assert Counter(item.about for item in items[-len(news) :] if news) == Counter(event.record for event in news)


def test_what_left_the_selection_in_between_has_moved_too() -> None:
    two = [said("promised", "2024-06-01"), said("implemented", "2026-07-01", evidence="gazette")]
    told = small(point(assessments=two), point("other", assessments=two[:1]), filters=Filters(status=("promised",)))
    assert "in points: 1 forward" in section(told, "moved").says[0]
    assert sum(side.n for side in told.sides) == 1


def test_the_subjects_are_those_of_the_first_page_in_its_words(shipped: Registry) -> None:
    view = taken.view(shipped)
    page, told = pages.start(view), of(shipped)
    subjects = summary.subjects(shipped, list(view.kept.rows))
    assert [line.name for line in told.subjects] == [each.theme.name.en for each in subjects]
    assert len(told.subjects) == 5
    for line in told.subjects:
        assert line.known in page
        assert line.checked.rpartition(", ")[2] in page
        assert line.about == "" or line.about in shipped.records


def test_what_is_stuck_stands_with_its_months_the_longest_first(shipped: Registry) -> None:
    view, told = taken.view(shipped), of(shipped)
    still = {row.id: row.standing.months_still for row in view.kept.rows if row.standing.no_movement}
    items = section(told, "stuck").items
    assert {item.about: int(item.text.split()[0]) for item in items} == still
    assert [still[item.about] for item in items] == sorted(still.values(), reverse=True)
    assert section(told, "stuck").says[0].startswith(f"On {len(still)} points ")


def test_a_past_day_is_told_as_it_stood_then(shipped: Registry) -> None:
    then = date(2024, 1, 1)
    view = taken.view(shipped, Filters(as_of=then), as_of=then)
    told = brief.brief(view, year_before(then))
    assert "As on 1 January 2024" in told.dateline
    assert sum(side.n for side in told.sides) == len(view.kept) < len(shipped.records)
    assert section(told, "moved").title == "What moved since 1 January 2023"


# --- what it says where there is little to say -------------------------------------------------------


def test_an_empty_year_says_when_something_last_moved_and_that_not_finding_is_not_knowing() -> None:
    told = small(point(steps=[{"step": "The court agrees", "state": "done", "on": "2024-05-06"}]), since="2025-11-22")
    moved = section(told, "moved")
    assert "No movement found on the 1 subject to follow. That we found none does not mean" in " ".join(moved.says)
    assert [(item.lead, item.text) for item in moved.items] == [
        ("6 May 2024, the last dated fact on them", "Title of open-shelters: A step done: The court agrees")
    ]


def test_an_empty_selection_says_so_and_asks_nothing(shipped: Registry) -> None:
    told = of(shipped, Filters(status=("implemented",)))
    assert "No point fits this selection on this day" in told.says[-1]
    assert (told.sides, told.sections, told.subjects, told.notes) == ((), (), (), ())


def test_where_nobody_disagrees_it_says_how_many_judgements_there_were_to_compare() -> None:
    assert section(small(point()), "differing").says == (
        "No two assessors disagree on these points. Of none of them is there more than one judgement to compare.",
    )
    two = [said("promised", "2026-01-01"), said("promised", "2026-02-01", by="the-union")]
    assert section(small(point(assessments=two)), "differing").says == (
        "No two assessors disagree on these points. Of 1 point there is more than one judgement to compare.",
    )


def test_what_moved_without_a_dated_fact_of_its_own_is_counted_with_the_address_that_shows_it() -> None:
    looked = [said("nothing-found", "2026-07-01", evidence="")]
    moved = point("moved", steps=[{"step": "The court agrees", "state": "done", "on": "2026-05-06"}])
    told = small(point(assessments=looked), moved)
    assert [item.about for item in section(told, "moved").items] == ["moved"]
    assert section(told, "moved").untold == 1
    after = next(each for each in sheet(told, LEVELS[0]).sections if each.title.startswith("What moved")).after
    assert after[0].startswith("And 1 more: https://example.org/changes?")
    assert after[1].startswith("Neither forward nor back: Somebody looked and found nothing")


def test_how_sure_we_are_never_says_that_those_who_must_act_looked_where_nobody_did() -> None:
    nobody = small(point(), point("other"))
    assert "At 2 points nobody has looked since they were asked or promised." in section(nobody, "sure").says[0]
    itself = [said("promised", "2026-06-01", by="the-ministry")]
    told = section(small(point(assessments=itself)), "sure").says[0]
    assert "At 1 point nobody has looked but whoever is to act. On 1 of them whoever is to act has judged" in told


def test_without_a_site_it_says_where_its_addresses_are(shipped: Registry) -> None:
    view = taken.view(shipped)
    there = brief.brief(view, year_before(view.clock.as_of))
    nowhere = brief.brief(replace(view, origin=""), year_before(view.clock.as_of))
    assert nowhere.foot[0] == "Addresses that begin with / are on the site from which this brief was taken."
    assert len(there.foot) == len(nowhere.foot) - 1


def test_who_disagrees_stands_with_the_judgement_and_the_day_of_each() -> None:
    two = [said("promised", "2026-06-01"), said("implemented", "2026-07-01", by="the-ministry", evidence="gazette")]
    (item,) = section(small(point(assessments=two)), "differing").items
    assert item.text == (
        "Editors: Promised, nothing more seen, as of 1 June 2026; "
        "The ministry, on its own duty: Done, as of 1 July 2026"
    )
    apart = [said("promised", "2020-06-01"), said("implemented", "2026-07-01", by="the-union", evidence="gazette")]
    told = small(point(assessments=apart))
    assert "On 1 point they differ, at different dates." in section(told, "differing").says[0]


# --- questions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "question"),
    [
        ({"due": {"on": "2025-01-01", "basis": "Said"}}, "It was to be done by 1 January 2025. Is it done"),
        ({"asked": [{"actor": "the-ministry", "on": "2026-02-03", "how": "Letter"}]},
         "An answer was asked for on 3 February 2026; none is on record. What is the answer?"),
        ({"open_questions": ["Which districts?"]}, "Which districts?"),
        ({"steps": [{"step": "The vote", "state": "unknown"}]}, "We do not know whether this step was taken: “The vote”."),
        ({"steps": [{"step": "The vote", "state": "not-done"}]}, "The next step is not done: “The vote”."),
        ({"steps": [{"step": "The vote", "state": "lapsed"}]}, "This has lapsed: “The vote”."),
        ({"assessments": [said("promised", "2026-01-01")]}, "Does the promise still hold"),
        ({"assessments": [said("blocked", "2026-01-01")]}, "What stands in its way"),
        ({"assessments": [said("refused", "2026-01-01")]}, "Is that the last word"),
        ({"assessments": [said("not-started", "2026-01-01")]}, "By when is it to begin"),
        ({"assessments": [said("partly-implemented", "2026-01-01")]}, "What is still to be done"),
        ({"assessments": [said("implemented", "2026-01-01")]}, "How is it seen to that it lasts?"),
        ({"assessments": [said("promised", "2026-06-01"),
                          said("implemented", "2026-07-01", by="the-union", evidence="gazette")]},
         "Those who have judged it disagree."),
        ({}, "What has been done about it so far"),
    ],
)  # fmt: skip
def test_what_a_record_lacks_makes_the_question(more: dict[str, Any], question: str) -> None:
    assert asked(small(point(**more)))[0].startswith(question)


def test_the_next_step_is_the_first_open_one_after_the_last_that_was_done() -> None:
    states = ["unknown", "done", "not-needed", "not-done", "unknown"]
    steps = [{"step": f"Step {n}", "state": state} for n, state in enumerate(states, 1)]
    view = taken.view(made(point(steps=steps)), as_of=TODAY, today=TODAY)
    step = asking.next_step(view.kept.rows[0])
    assert step
    assert step.step.en == "Step 4"
    done = taken.view(made(point(steps=steps, assessments=[said("refused", "2026-01-01")])), as_of=TODAY, today=TODAY)
    assert asking.next_step(done.kept.rows[0]) is None


def test_a_question_bears_whom_to_ask_the_facts_and_its_note() -> None:
    told = small(
        point(
            actors=[{"actor": "the-ministry", "role": "must-act", "basis": "inferred", "why": "Ours"}],
            assessments=[said("promised", "2024-06-20", looked="2026-11-01")],
            open_questions=["Which districts?"],
            steps=[{"step": "The vote", "state": "unknown", "evidence": ["audit"]}],
            due={"on": "2027-01-01", "basis": "Said"},
        )
    )
    item = section(told, "questions").items[0]
    assert item.facts == (
        "To: The ministry (our reading, not in the source) · “Title of open-shelters”: Promised, nothing more seen · "
        "as of 20 June 2024 · known from: independent check · checked on 1 November 2026 · "
        "no movement found for 33 months · due on 1 January 2027 · next step, not known: “The vote”"
    )
    printed = sheet(told, LEVELS[0])
    line = next(each for each in printed.sections if each.start).lines[0]
    note = " ".join(piece.text for piece in printed.notes[line.note - 1])
    assert note.startswith("Asked: An author, in the author’s own words, A publisher, 3 February 2024, paragraph 1:")
    assert "https://example.org/report-one It rests on: Counted.: https://example.org/a" in note
    assert "This point: https://example.org/r/open-shelters?published_on=2026-11-22-abc1234" in note


def test_the_public_at_large_is_asked_nothing() -> None:
    told = small(point("campaigns", who="everybody", open_questions=["How many?"]))
    assert asked(told) == []
    assert section(told, "questions").says == ("The records hold nothing to ask about.",)


def test_subjects_to_follow_come_first_then_what_presses_most_one_question_a_record() -> None:
    plain: dict[str, Any] = {"theme": "courts", "open_questions": ["What of it?"]}
    points = [point(f"court-{n}", **plain) for n in range(8)]
    late = point("late", theme="courts", due={"on": "2025-01-01", "basis": "Said"})
    still = point("still", theme="courts", assessments=[said("promised", "2024-06-01")])
    told = small(*points, still, late, point("followed", open_questions=["How many?"]))
    items = section(told, "questions").items
    assert [item.about for item in items[:3]] == ["followed", "late", "still"]
    assert len(items) == len({item.about for item in items}) == LEVELS[0].questions
    assert section(told, "questions").points == 11


def test_of_a_single_record_several_things_are_asked_and_its_facts_stand_once() -> None:
    told = small(point(open_questions=["One?", "Two?", "Three?"], steps=[{"step": "The vote", "state": "unknown"}]))
    assert asked(told)[:3] == ["One?", "Two?", "Three?"]
    assert len(asked(told)) == asking.AT_LEAST
    assert [bool(item.facts) for item in section(told, "questions").items] == [True, False, False, False]


def test_an_open_question_that_says_what_we_have_not_read_is_put_after_the_others() -> None:
    told = small(point(open_questions=["Is it in the register? It was not read.", "How many?"]))
    assert asked(told)[:2] == ["How many?", "Is it in the register? It was not read."]


@pytest.mark.parametrize("selection", SELECTIONS)
def test_a_brief_asks_about_the_same_points_in_every_language(shipped: Registry, selection: str) -> None:
    first, *others = (of(shipped, SELECTIONS[selection], language) for language in LANGUAGES)
    about = [item.about for each in first.sections if each.key == "questions" for item in each.items]
    for other in others:
        assert [i.about for each in other.sections if each.key == "questions" for i in each.items] == about


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "/r/a"])
def test_an_address_that_is_none_of_the_web_is_printed_and_leads_nowhere(address: str) -> None:
    assert brief._linked(address) == brief.Piece(address, "")


def test_what_is_addressed_to_the_body_above_is_asked_apart_and_not_counted(shipped: Registry) -> None:
    told = of(shipped, Filters(actor=("kz-police",)))
    view = taken.view(shipped, Filters(actor=("kz-police",)))
    above = view.filters.above(view.frame)
    assert sum(side.n for side in told.sides) == len(view.kept)
    assert [line.split(":")[0] for line in told.above] == [
        f"Addressed to {shipped.actors[body].name.en}, of which it is part" for body in above
    ]
    own, *others = [each for each in told.sections if each.key == "questions"]
    assert {item.about for item in own.items} <= view.kept.ids
    reached = {item.about for each in others for item in each.items}
    assert reached
    assert reached.isdisjoint(view.kept.ids)
    assert "istanbul-convention-accession" in {
        item.about for each in of(shipped, Filters(actor=("kz-government",))).sections for item in each.items
    }


def test_a_body_of_which_nothing_is_asked_by_itself_is_asked_about_what_is_addressed_above_it() -> None:
    told = small(point(open_questions=["How many?"]), filters=Filters(actor=("the-police",)))
    assert told.sides == ()
    assert asked(told) == ["How many?", "What has been done about it so far, and where can that be read?"]
    assert told.above[0].startswith("Addressed to The ministry, of which it is part: 1 point names")


def test_a_text_in_another_language_says_so() -> None:
    told = small(point(open_questions=[{"ru": "Когда?"}]))
    assert asked(told)[0] == "Когда? (in Russian)"


# --- notes -------------------------------------------------------------------------------------------


def test_of_evidence_that_is_kept_private_nothing_leads_to_it() -> None:
    hidden = {"id": "hidden", "says": "Seen.", "owner": "independent", "form": "seen", "withheld": "true"}
    secret = {**hidden, "url": "https://secret.example/x", "publisher": "A secret witness"}
    told = small(
        point(assessments=[said("promised", "2026-01-01", evidence="hidden")], open_questions=["How many?"]),
        evidence=[*EVIDENCE, secret],
    )
    assert "Kept private to protect somebody; the editors hold it." in str(told)
    assert "secret" not in str(told)


def test_only_addresses_of_pages_are_links(shipped: Registry) -> None:
    for note in of(shipped).notes:
        pieces = [*note.origin, *(piece for each in note.evidence for piece in each), note.address]
        assert all(piece.url in ("", piece.text) for piece in pieces)
        assert any(piece.url for piece in pieces)
    away: Any = {
        "id": "x",
        "says": "Bad.",
        "owner": "independent",
        "form": "news",
        "url": "http://user:pw@example.org/",
    }
    told = small(
        point(assessments=[said("promised", "2026-01-01", evidence="x")], open_questions=["How?"]),
        evidence=[*EVIDENCE, away],
    )
    assert not any(piece.url for piece in told.notes[0].evidence[0])


def test_what_a_fact_rests_on_stands_in_its_note() -> None:
    step = {"step": "Counted", "state": "done", "on": "2026-03-04", "evidence": ["paper"]}
    told = small(point(steps=[step]))
    assert section(told, "moved").items[0].rests_on == ("paper",)
    assert told.notes[0].evidence[0][0].text.startswith("Reported.")


def test_evidence_at_the_address_where_it_was_asked_is_not_told_twice() -> None:
    told = small(point(assessments=[said("promised", "2026-01-01", evidence="source:report-one#1")]))
    printed = sheet(told, LEVELS[0])
    assert told.notes[0].evidence[0][0].text == "the same text."
    assert sum(piece.url == "https://example.org/report-one" for piece in printed.notes[0]) == 1


def test_an_actor_of_a_record_is_one_of_the_registry_or_named_as_it_is() -> None:
    view = taken.view(made(point()), as_of=TODAY, today=TODAY)
    assert telling.name(view, "editors") == "Editors"
    assert telling.name(view, "nobody-known") == "nobody-known"


# --- what there is room for --------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_cut_is_counted_with_the_address_that_shows_it(shipped: Registry, level: brief.Level) -> None:
    told = of(shipped)
    printed = sheet(told, level)
    assert sum(len(each.lines) for each in printed.sections if each.start) <= level.questions
    for given, shown in zip(told.sections, printed.sections, strict=True):
        left = len(given.items) - len(shown.lines) + given.untold
        if given.key == "questions":
            left = given.points - len({line.note for line in shown.lines})
        said_so = [line for line in shown.after if f"{left} more" in line and given.address in line]
        assert bool(left) == bool(said_so), given.key
    met = {line.note for each in printed.sections for line in each.lines} | {note for _, note in printed.subjects}
    assert len(printed.notes) == len(met - {0})
    addresses = {note.address for note in told.notes}
    assert all(pieces[-1] in addresses for pieces in printed.notes)


def test_a_text_that_is_too_long_ends_at_a_word_with_a_sign_that_it_goes_on() -> None:
    long = "word " * 400
    told = small(point(open_questions=[long.strip() + "?"]))
    lines = [line.text for each in sheet(told, LEVELS[-1]).sections if each.start for line in each.lines]
    assert lines[0].endswith("word …")
    assert len(lines[0]) <= LEVELS[-1].letters + 2


def test_facts_that_are_too_many_end_with_the_last_whole_one() -> None:
    told = small(point(assessments=[said("promised", "2024-06-20", looked="2026-11-01")]))
    (whole,) = (item.facts for item in section(told, "questions").items if item.facts)
    assert len(whole) > 120
    shown = next(each for each in sheet(told, LEVELS[-1]).sections if each.start).lines[0].facts
    assert shown == f"{whole[: len(shown) - 2]} …"
    assert whole[len(shown) - 2 :].startswith(brief.PARTED)


def test_notes_are_numbered_in_the_order_in_which_they_are_met(shipped: Registry) -> None:
    printed = sheet(of(shipped), LEVELS[0])
    met = [note for _, note in printed.subjects if note]
    met += [line.note for each in printed.sections for line in each.lines if line.note]
    assert list(dict.fromkeys(met)) == list(range(1, len(printed.notes) + 1))


def test_more_than_200_points_are_drawn_as_bars() -> None:
    points = [point(f"p-{n}") for n in range(brief.MARKS_UP_TO + 1)]
    assert small(*points).sides[0].marks == ()
    assert len(small(*points[:-1]).sides[0].marks) == brief.MARKS_UP_TO
    assert "in the order of the words under it" in small(*points).picture


def test_pale_marks_and_exclamation_marks_are_those_of_the_screen(shipped: Registry) -> None:
    rows = [row for rows in by_side(taken.view(shipped).kept.rows).values() for row in rows]
    marks = [mark for side in of(shipped).sides for mark in side.marks]
    assert [mark.pale for mark in marks] == [row.standing.due or row.standing.last_seen_only for row in rows]
    two = [said("promised", "2026-06-01"), said("implemented", "2026-07-01", by="the-union", evidence="gazette")]
    assert small(point(assessments=two)).sides[0].marks[0].disagree


def test_the_brief_is_a_value(shipped: Registry) -> None:
    assert of(shipped) == of(shipped)
    assert hash(of(shipped)) == hash(of(shipped))
