"""The letter to an institution: every point, word for word, in plain text that a mail and paper can carry."""

from dataclasses import replace
from datetime import date
from typing import Any, get_args

import pytest

from dashboard.language import translator
from dashboard.outputs import forms, telling
from dashboard.outputs.letter import WIDTH, letter, of_registry
from dashboard.outputs.view import Edition, View
from dashboard.progress.filters import Filters
from dashboard.progress.frame import frame
from dashboard.registry import reader
from dashboard.registry.model import AnswerPosition, Publisher, Registry
from dashboard.registry.scalars import LANGUAGES, Clock, Language, Text
from tests.points import ORIGIN, TODAY, point, said
from tests.points import registry as made
from tests.small import ROOT

SITE = "https://example.org"
CLOCK = Clock(TODAY, TODAY)


@pytest.fixture(scope="module")
def shipped() -> Registry:
    registry = reader.load(ROOT / "recommendations.yaml", TODAY).registry
    assert registry
    return registry


def written(*points: dict[str, Any], actor: str = "the-ministry", site: str = SITE, **more: Any) -> str:
    return of_registry(made(*points, **more), CLOCK, actor, "en", site=site)


def one_line(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_holds_every_point_of_an_institution_with_its_exact_words_and_where_it_stands(
    shipped: Registry, language: Language
) -> None:
    view = View(shipped, CLOCK, translator(language), Filters(), edition=Edition("abc1234", TODAY), origin=SITE)
    found = forms.institutions(frame(shipped, CLOCK).rows, shipped)
    assert len(found) > 10
    for actor, rows in found.items():
        text = letter(view, actor)
        parts = text.split("-" * WIDTH + "\n")
        assert len(parts) == len(rows) + 2
        for number, (row, part) in enumerate(zip(rows, parts[1:], strict=False), 1):
            told = one_line(part)
            assert told.startswith(one_line(f"{number}. {row.record.title.held(language)}"))
            assert one_line(telling.stands(view.tr, row.standing)) in told
            for origin in row.record.origin:
                source = shipped.source_by_id[origin.source]
                assert f"“{one_line(origin.quote or '')}”" in told
                assert one_line(source.title) in told
                assert source.url in told
                if ours := origin.translation and origin.translation.held(language):
                    assert f"“{one_line(ours)}”" in told
            for question in row.record.open_questions:
                assert one_line(question.shown(language)[0]) in told
            assert f"{SITE}/r/{row.id}?lang={language}" in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_is_wider_than_a_mail_but_an_address(shipped: Registry, language: Language) -> None:
    for actor in ("kz-state", "eu", "kz-police"):
        text = of_registry(shipped, CLOCK, actor, language, site=SITE)
        wide = [line for line in text.splitlines() if len(line) > 76]
        assert all(line.split()[-1].startswith("https://") and len(line.split()) == 1 for line in wide)
        assert not any(line != line.rstrip() for line in text.splitlines())


def test_it_goes_to_the_whole_for_its_parts_and_says_who_in_which_role_and_by_whose_reading() -> None:
    inferred = {"actor": "the-police", "role": "together", "basis": "inferred", "why": "It keeps the register."}
    helps = {"actor": "the-police", "role": "helps", "basis": "named"}
    named = {"actor": "the-ministry", "role": "must-act", "basis": "named"}
    asked = point(actors=[named, inferred, helps])
    whole = one_line(written(asked, actor="the-state"))
    assert "The ministry: must act; named in the source." in whole
    assert "The police: together with; our reading, not in the source. It keeps the register." in whole
    assert "helps" not in whole
    part = one_line(written(asked, actor="the-police"))
    assert "To: The police" in part
    assert "The ministry: must act" not in part


def test_a_long_address_and_a_long_word_are_never_broken() -> None:
    site, word = f"https://{'a' * 80}.example", "ғ" * 100
    text = written(point(origin=[{**ORIGIN, "quote": word}]), site=site)
    assert f"  {site}/answer?actor=the-ministry&lang=en\n" in text
    assert f"“{word}”\n" in text


@pytest.mark.parametrize("actor", ["the-court", "the-donor", "nobody-of-that-name"])
def test_nothing_is_written_to_whom_nothing_is_addressed(actor: str) -> None:
    helps = {"actor": "the-court", "role": "helps", "basis": "named"}
    named = {"actor": "the-ministry", "role": "must-act", "basis": "named"}
    assert written(point(actors=[named, helps]), actor=actor) == ""


def test_an_unnamed_publisher_is_a_line_to_fill_in_and_never_invented() -> None:
    text = written(point(), publisher={"name": "not yet named"})
    assert "From (to be filled in; the publisher is not named yet):\n____" in text
    assert "By giving your answer to those from whom you have this letter; on paper is" in text
    named = written(point(), publisher={"name": "A union", "contact": "post@example.org"})
    assert "From: A union\n" in named
    assert "By writing to post@example.org; on paper is as good." in named
    assert "to be filled in" not in named


def test_the_six_positions_are_offered_and_no_other() -> None:
    text = written(point())
    offered = text[text.index("The positions that you can take") : text.index("How to answer")].splitlines()
    numbered = [line.strip() for line in offered if line.strip()[:1].isdigit()]
    assert [line[:2] for line in numbered] == [f"{n}." for n in range(1, len(get_args(AnswerPosition)) + 1)]
    for question in ("which part", "whose is it then?", "where is it shown?"):
        assert question in " ".join(numbered)


def test_a_translation_of_ours_says_that_it_is_one_and_a_draft_where_it_is_one() -> None:
    draft = {**ORIGIN, "translation": {"ru": "открыть приюты", "kk": "баспана ашу", "drafts": ["ru"]}}
    registry = made(point(origin=[draft]))
    russian, kazakh = (of_registry(registry, CLOCK, "the-ministry", language) for language in ("ru", "kk"))
    tr = translator("ru")
    assert f"{tr('Our translation, a draft that no native speaker has checked:')}\n     “открыть приюты”" in russian
    assert f"{translator('kk')('Our translation:')}\n     “баспана ашу”" in kazakh
    assert "“open shelters”" in russian
    assert "Our translation" not in of_registry(registry, CLOCK, "the-ministry", "en")


def test_a_text_in_another_language_says_in_which() -> None:
    russian = of_registry(made(point()), CLOCK, "the-ministry", "ru")
    assert f"1. Title of open-shelters ({translator('ru')('in English')})" in russian
    assert "(in English)" not in written(point())


def test_where_it_stands_is_what_the_page_says_of_it() -> None:
    judged = written(point(assessments=[said("in-progress", "2025-04-02")]))
    assert "   Where it stands: Under way.\n   True on 2 April 2025.\n   How we know: independent check.\n" in judged
    assert "Nobody has checked." in written(point())
    own = [said("implemented", "2025-04-02", by="the-ministry", evidence="its-word")]
    assert "It says that it has delivered." in written(point(assessments=own))
    other = [said("in-progress", "2025-04-02"), said("refused", "2025-04-03", by="the-union")]
    assert "Assessors disagree." in written(point(assessments=other))
    looked = [said("nothing-found", "2025-04-02", evidence="")]
    assert "we looked and found nothing either way" in written(point(assessments=looked))


def test_what_is_asked_beside_the_position_fits_the_point() -> None:
    assert "By when do you mean to do it, and who is in charge?" in written(point())
    due = one_line(written(point(due={"on": "2025-12", "basis": "Said in May."}, open_questions=["How many?"])))
    assert "1. It was to be done by December 2025. By when will it be? (Said in May.) 2. How many?" in due
    done = [said("implemented", "2025-04-02", conditions_met=[{"condition": "1", "evidence": ["audit"]}])]
    assert "By when" not in written(point(assessments=done))
    assert "By when" not in written(point(done_when=[], open_ended="true"))


def test_what_it_has_answered_and_whether_it_was_asked_is_said() -> None:
    assert "   No answer is on record.\n" in written(point())
    asked = [{"actor": "the-ministry", "on": "2026-11-01", "how": "A letter."}]
    assert (
        "   An answer was asked for on 1 November 2026, by 31 December 2026; none of\n   yours is on record.\n"
        in written(point(asked=asked))
    )
    answers = [{"by": "the-ministry", "position": "declined", "on": "2026-11-02", "text": "No."}]
    answered = written(point(asked=asked, answers=answers))
    assert "   Answer on record: The ministry, 2 November 2026: Declined.\n" in answered
    assert "is on record" not in answered
    assert "No answer is on record" not in answered


def test_an_address_of_ours_stands_in_it_only_where_the_site_is_known() -> None:
    assert f"{SITE}/answer?actor=the-ministry&lang=en\n" in written(point())
    without = written(point(), site="")
    assert "/answer" not in without
    assert "/r/" not in without


def test_the_full_wording_stands_where_there_is_no_quote() -> None:
    text = written(point(text="All of it.\n\nTo the end.", origin=[{**ORIGIN, "quote": None}]))
    assert "   The full wording:\n     All of it. To the end.\n" in text
    assert "None" not in text


@pytest.mark.parametrize("hostile", ["\x1b[31m", "\u202e", "\x00", "\u200b", "\x9b2J", "\r"])
def test_what_would_steer_a_screen_does_not_come_through(hostile: str) -> None:
    spoken = f"a{hostile}b"
    registry = made(
        point(
            title=spoken,
            summary=spoken,
            origin=[{**ORIGIN, "quote": spoken, "locator": spoken}],
            done_when=[spoken],
            open_questions=[spoken],
            due={"on": "2027", "basis": spoken},
        ),
        title=spoken,
        publisher={"name": spoken, "contact": spoken},
    )
    actors = tuple(replace(actor, name=Text(en=spoken)) for actor in registry.file.actors)
    sources = tuple(replace(source, title=spoken, publisher=spoken) for source in registry.sources)
    hidden = Registry(file=replace(registry.file, actors=actors), sources=sources)
    text = of_registry(hidden, CLOCK, "the-ministry", "en")
    assert all(line.isprintable() for line in text.splitlines())
    assert hostile not in text
    assert text.count("a\\u") > 5 or hostile == "\r"


def test_nobody_is_told_of_who_sends_it_and_no_address_of_a_person_is_asked() -> None:
    text = one_line(written(point()))
    assert "Of whoever sends the answer nothing is kept: no name, no address and no hour" in text
    assert "Your answer is shown in full and in its own language" in text


def test_it_says_of_which_day_and_version_it_is() -> None:
    registry = made(point())
    edition = Edition("0123456789ab", date(2026, 11, 20))
    text = one_line(of_registry(registry, CLOCK, "the-ministry", "en", edition))
    assert text.endswith("(Small; as on 22 November 2026; data of 20 November 2026, version 0123456789ab)")
    assert "Date: 22 November 2026" in text


def test_the_publisher_of_a_letter_is_that_of_the_pages() -> None:
    registry = made(point(), publisher={"name": "not yet named"})
    named = replace(registry.file, publisher=Publisher(name="Not yet named, Inc."))
    text = of_registry(Registry(file=named, sources=registry.sources), CLOCK, "the-ministry", "en")
    assert "From: Not yet named, Inc." in text
