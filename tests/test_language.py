"""The catalogues are whole, and each language counts, dates and lists in its own way."""

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from dashboard.language import NAMES, language, translator, words
from dashboard.registry.model import Status
from dashboard.registry.scalars import LANGUAGES, Language, day

ROOT = Path(__file__).parent.parent
CATALOGUES = ROOT / "dashboard" / "language"
TRANSLATED = ("ru", "kk")
KEYWORDS = {**DEFAULT_KEYWORDS, "mark": None, "tr": None, "tr_html": None, "self": None, "count": (1, 2)}
"""How our code names a sentence for translation; `self` is a Translator that says one of its own."""


def _read(name: str) -> Catalog:
    with (CATALOGUES / name).open("rb") as file:
        return read_po(file, locale=name.removesuffix(".po") if name.endswith(".po") else None)


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _told(found: object) -> tuple[str, ...]:
    """A sentence, or its forms, always as several."""
    return tuple(str(form) for form in found) if isinstance(found, tuple | list) else (str(found or ""),)


def _forms(message: Message) -> tuple[str, ...]:
    return _told(message.string)


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def _extracted() -> set[str | tuple[str, ...]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]
    methods = [(entry["pattern"], entry["method"]) for entry in settings["mappings"]]
    return {found[2] for found in extract_from_dir(ROOT, methods, keywords=KEYWORDS)}


def test_the_template_holds_every_sentence_of_the_code_and_no_other() -> None:
    assert {message.id for message in _messages(_read("messages.pot"))} == _extracted()


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_catalogue_holds_the_sentences_of_the_template_and_no_other(name: str) -> None:
    catalogue = _read(f"{name}.po")
    assert {message.id for message in _messages(catalogue)} == {m.id for m in _messages(_read("messages.pot"))}
    assert not catalogue.obsolete


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_sentence_is_translated_in_every_form(name: str) -> None:
    catalogue = _read(f"{name}.po")
    for message in _messages(catalogue):
        assert len(_forms(message)) == (catalogue.num_plurals if message.pluralizable else 1), message.id
        assert all(form.strip() for form in _forms(message)), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_translation_is_filled_with_the_same_values(name: str) -> None:
    for message in _messages(_read(f"{name}.po")):
        wanted = _placeholders(_told(message.id)[-1])
        assert [_placeholders(form) for form in _forms(message)] == [wanted] * len(_forms(message)), message.id


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_footnote_keeps_its_star_and_a_label_its_colon(name: str) -> None:
    for message in _messages(_read(f"{name}.po")):
        original, told = _told(message.id)[0], _forms(message)[0]
        assert told.startswith("*") == original.startswith("*"), original
        assert told.endswith(":") == original.endswith(":"), original


@pytest.mark.parametrize("name", TRANSLATED)
def test_no_sentence_ends_in_two_full_stops_once_its_date_is_in(name: str) -> None:
    tr = translator(language(name))
    for message in _messages(_read(f"{name}.po")):
        for written in (tr.day(day("2026-11-21")), tr.day(day("2024-06"))):
            assert ".." not in " ".join(_forms(message)).replace("{date}", written), message.id


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_catalogue_says_that_no_native_speaker_has_checked_it(name: str) -> None:
    assert "not yet checked by a native speaker" in _read(f"{name}.po").header_comment


@pytest.mark.parametrize(
    ("n", "ru", "kk", "en"),
    [
        (1, "1 пункт", "1 тармақ", "1 point"),
        (2, "2 пункта", "2 тармақ", "2 points"),
        (5, "5 пунктов", "5 тармақ", "5 points"),
        (11, "11 пунктов", "11 тармақ", "11 points"),
        (21, "21 пункт", "21 тармақ", "21 points"),
        (1234, "1\u00a0234 пункта", "1\u00a0234 тармақ", "1,234 points"),
    ],
)
def test_a_noun_after_a_number(n: int, ru: str, kk: str, en: str) -> None:
    counted = {name: translator(name).count("{n} point", "{n} points", n) for name in LANGUAGES}
    assert counted == {"ru": ru, "kk": kk, "en": en}


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("en", "34 asks and promises found in 5 texts."),
        ("ru", "Найдено в 5 текстах: 34 рекомендации и обещания."),
        ("kk", "5 мәтіннен 34 ұсыным мен уәде табылды."),
    ],
)
def test_the_parts_of_the_headline_fit_together(name: Language, headline: str) -> None:
    tr = translator(name)
    points = tr.count("{n} ask or promise", "{n} asks and promises", 34)
    texts = tr.count("in {n} text", "in {n} texts", 5)
    assert tr("{points} found {texts}.", points=points, texts=texts) == headline


@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("status", Status)
def test_every_status_can_be_counted(name: Language, status: Status) -> None:
    tr = translator(name)
    told = {words.parts(tr, status, n, seen) for n in (1, 2, 5) for seen in (False, True)}
    assert {n for n in "125" if any(n in part for part in told)} == {"1", "2", "5"}
    assert not any("{" in part for part in told)


@pytest.mark.parametrize(
    ("name", "exact", "month", "year", "approximate"),
    [
        ("en", "21 November 2026", "June 2024", "2024", "about June 2024"),
        ("ru", "21 ноября 2026\u202fг.", "июнь 2024\u202fг.", "2024", "примерно июнь 2024\u202fг."),
        ("kk", "2026\u202fж. 21 қараша", "2024\u202fж. маусым", "2024", "шамамен 2024\u202fж. маусым"),
    ],
)
def test_a_date_is_as_exact_as_it_was_written(
    name: Language, exact: str, month: str, year: str, approximate: str
) -> None:
    tr = translator(name)
    assert tr.date(date(2026, 11, 21)) == exact
    assert [tr.day(day(text)) for text in ("2026-11-21", "2024-06", "2024", "2024-06~")] == [
        exact,
        month,
        year,
        approximate,
    ]


@pytest.mark.parametrize(
    ("name", "number", "cents", "whole"),
    [
        ("en", "1,234,567", "25,000.5\u00a0EUR", "300,000\u00a0USD"),
        ("ru", "1\u00a0234\u00a0567", "25\u00a0000,5\u00a0EUR", "300\u00a0000\u00a0USD"),
        ("kk", "1\u00a0234\u00a0567", "25\u00a0000,5\u00a0EUR", "300\u00a0000\u00a0USD"),
    ],
)
def test_numbers_and_money(name: Language, number: str, cents: str, whole: str) -> None:
    words = translator(name)
    assert words.number(1234567) == number
    assert (words.money(Decimal("25000.50"), "EUR"), words.money(Decimal(300000), "USD")) == (cents, whole)
    assert words.money(Decimal(5), None) == "5"


@pytest.mark.parametrize(
    ("wanted", "preferred", "shown"),
    [
        ("kk", ["ru"], "kk"),
        ("RU-kz", ["kk"], "ru"),
        ("kk_KZ", [], "kk"),
        (None, ["de-DE", "ru-RU", "kk"], "ru"),
        ("", ["kk"], "kk"),
        ("tlh", ["kk-KZ"], "kk"),
        ("tlh", ["de"], "en"),
        (None, [], "en"),
        ("russian", [""], "en"),
    ],
)
def test_the_wanted_language_goes_before_a_preferred_one(
    wanted: str | None, preferred: list[str], shown: Language
) -> None:
    assert language(wanted, preferred) == shown


def test_every_language_names_itself() -> None:
    assert sorted(NAMES) == sorted(LANGUAGES)
    assert [translator(name)("in Kazakh") for name in NAMES] == ["қазақша", "на казахском", "in Kazakh"]


def test_the_language_for_tests_brackets_every_sentence() -> None:
    tr = translator("en", pseudo=True)
    assert tr("Editors") == "⟦Editors⟧"
    assert tr.count("{n} point", "{n} points", 2) == "⟦2 points⟧"
    assert tr.number(1234) == "1,234"
