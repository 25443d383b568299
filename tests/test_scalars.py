"""Text becomes a day, a count, a sum, a flag or a text in languages here, and nowhere else."""

import datetime
import re
from calendar import monthrange
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from dashboard.registry.scalars import (
    DAY_PATTERN,
    Address,
    Clock,
    Count,
    EvidenceRef,
    Flag,
    Money,
    Slug,
    T,
    Text,
    When,
    day,
)

TODAY = date(2026, 11, 21)


def made(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refused(kind: Any, value: Any) -> bool:
    try:
        made(kind, value)
    except ValidationError:
        return True
    return False


# --- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-06-16", date(2024, 6, 16), date(2024, 6, 16)),
        ("2024-06", date(2024, 6, 1), date(2024, 6, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-12", date(2024, 12, 1), date(2024, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024~", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-06-16~", date(2024, 6, 16), date(2024, 6, 16)),
        ("0001", date(1, 1, 1), date(1, 12, 31)),
        ("9999-12-31", date(9999, 12, 31), date(9999, 12, 31)),
    ],
)
def test_a_day_month_or_year_means_the_days_of_its_span(text: str, first: date, last: date) -> None:
    assert (day(text).first, day(text).last) == (first, last)


def test_a_date_is_kept_as_it_was_written() -> None:
    assert str(made(When, "2024-06~")) == "2024-06~"
    assert TypeAdapter(When).dump_python(day("2024-06~")) == "2024-06~"


def test_only_a_tilde_makes_a_date_approximate() -> None:
    assert day("2024-06~").approximate
    assert not day("2024-06").approximate


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "~", "24-06-16", "2024-6-16", "2024-06-1", "2024/06/16", "16.06.2024", "2024-06-16T00:00", "2024-06-16 ", " 2024",
        "2024-06-16\n", "2024~~", "~2024", "1704067200", "20240616", "2024-W25", "2024-", "2024-06-", "-2024", "+2024", "today",
        "٢٠٢٤", "２０２４", "2024‐06‐16", "2024-06-16~\n",
    ],
)  # fmt: skip
def test_what_is_not_written_as_a_date_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date; write YYYY-MM-DD, YYYY-MM or YYYY"):
        day(text)


@pytest.mark.parametrize(
    "text", ["2024-02-30", "2023-02-29", "1900-02-29", "2024-13", "2024-00", "2024-01-00", "2024-04-31", "0000"]
)
def test_what_is_written_as_a_date_but_not_in_the_calendar_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not in the calendar"):
        day(text)


@pytest.mark.parametrize(
    "value", [2024, 1704067200, date(2024, 6, 16), None, True, 2024.5, ["2024"], {"on": "2024"}, b"2024"]
)
def test_only_text_becomes_a_date(value: Any) -> None:
    assert refused(When, value)


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%Y-%m", "%Y"]), st.booleans())
def test_every_day_of_the_calendar_lies_in_the_span_of_its_text(when: date, form: str, approximate: bool) -> None:
    text = when.strftime(form).rjust(len(datetime.date(1000, 1, 1).strftime(form)), "0") + "~" * approximate
    read = day(text)
    assert read.first <= when <= read.last
    assert str(read) == text
    assert (read.last - read.first).days + 1 in {"%Y-%m-%d": {1}, "%Y-%m": {28, 29, 30, 31}, "%Y": {365, 366}}[form]


@given(st.integers(0, 10_100), st.integers(0, 14), st.integers(0, 33))
def test_a_day_is_read_exactly_where_the_calendar_has_it(year: int, month: int, dom: int) -> None:
    exists = 1 <= year <= 9999 and 1 <= month <= 12 and 1 <= dom <= monthrange(year, month)[1]
    text = f"{year:04}-{month:02}-{dom:02}"
    if exists:
        assert day(text).first == date(year, month, dom)
    else:
        with pytest.raises(ValueError, match=r"is not (a date|in the calendar)"):
            day(text)


@given(st.one_of(st.text(max_size=12), st.from_regex(DAY_PATTERN), st.text("0123456789-~ \n٣", max_size=12)))
def test_any_text_is_a_date_or_a_plain_refusal(text: str) -> None:
    try:
        read = day(text)
    except ValueError as refusal:
        said = str(refusal)
    else:
        said = ""
        assert read.first <= read.last
        assert read.text == text
    assert said == "" or "; write " in said


# --- what counts on a day -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "as_of", "counts"),
    [
        ("2026-03-10", date(2026, 3, 9), False),
        ("2026-03-10", date(2026, 3, 10), True),
        ("2026-03", date(2026, 3, 30), False),
        ("2026-03", date(2026, 3, 31), True),
        ("2025", date(2025, 12, 30), False),
        ("2025", date(2025, 12, 31), True),
        ("2025~", date(2025, 12, 31), True),
        ("2026-11", TODAY, True),
        ("2026", TODAY, True),
        ("2026-12", TODAY, False),
        ("2026-11", date(2026, 11, 20), False),
    ],
)
def test_a_date_counts_for_a_past_day_once_its_span_has_passed_and_for_today_once_it_has_begun(
    text: str, as_of: date, counts: bool
) -> None:
    assert Clock(as_of, TODAY).has(day(text)) is counts


# --- counts, sums, flags --------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("42", 42), ("99999", 99_999)])
def test_a_count_is_a_whole_number_from_one(text: str, number: int) -> None:
    assert made(Count, text) == number


@pytest.mark.parametrize(
    "value",
    ["0", "01", "-1", "+1", "1.0", "1_000", "1,000", "0x1F", "1e3", "", " 1", "1\n", "٣", "100000", True, 1.0, None],
)
def test_nothing_else_is_a_count(value: Any) -> None:
    assert refused(Count, value)


@pytest.mark.parametrize(
    ("text", "sum_"), [("0", "0"), ("1000", "1000"), ("1000.5", "1000.5"), ("999999999999999.99", "999999999999999.99")]
)
def test_a_sum_keeps_every_digit(text: str, sum_: str) -> None:
    assert made(Money, text) == Decimal(sum_)


@pytest.mark.parametrize(
    "value",
    ["", "-1", "1.", ".5", "1.234", "1 000", "1_000", "1e6", "NaN", "Infinity", "€5", "5\n", "1" * 16, 5.0, True, None],
)
def test_nothing_else_is_a_sum(value: Any) -> None:
    assert refused(Money, value)


def test_only_true_and_false_are_flags() -> None:
    assert made(Flag, "true") is True
    assert made(Flag, "false") is False
    for value in ("yes", "no", "on", "True", "FALSE", "1", "0", "", "~", 1, 0, None):
        assert refused(Flag, value), value


# --- texts in languages ---------------------------------------------------------------------------


def test_a_bare_text_is_english() -> None:
    assert made(T, "Join") == Text(en="Join")


@pytest.mark.parametrize(
    ("given_", "original"),
    [
        ({"en": "a", "ru": "б"}, "en"),
        ({"ru": "б", "kk": "в"}, "ru"),
        ({"kk": "в"}, "kk"),
        ({"en": "a", "kk": "в", "from": "kk"}, "kk"),
    ],
)
def test_the_original_is_the_one_named_else_english_else_the_first_held(given_: dict[str, str], original: str) -> None:
    assert made(T, given_).original == original


def test_a_reader_is_shown_their_language_else_the_original_and_told_which() -> None:
    text = made(T, {"en": "a", "ru": "б", "from": "ru"})
    assert text.shown("en") == ("a", "en")
    assert text.shown("kk") == ("б", "ru")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({}, "has no text in any language"),
        ({"from": "en"}, "has no text in any language"),
        ({"en": "a", "from": "ru"}, "says from: ru, which is not among its languages"),
        ({"en": "a", "drafts": ["kk"]}, "marks kk as a draft, but has no such text"),
        ({"en": ""}, "at least 1 character"),
        ("", "at least 1 character"),
        ({"en": "a", "de": "b"}, "de"),
        ({"en": ["a"]}, "valid string"),
        (["a"], "Text"),
        ({"en": "a", "drafts": "en"}, "drafts"),
        ({"en": "a", "from": ["en"]}, "from"),
    ],
)
def test_a_text_that_contradicts_itself_is_refused(value: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(says)):
        made(T, value)


# --- ids and addresses ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "istanbul-convention-accession", "c190", "2024-plan", "a" * 80])
def test_a_slug_is_safe_as_a_file_name_and_in_an_address(name: str) -> None:
    assert made(Slug, name) == name


@pytest.mark.parametrize(
    "name", ["", "A", "a_b", "a b", "-a", "a-", "a--b", "a.b", "../a", "a/b", "a\n", "é", "а", "a" * 81, 1]
)
def test_nothing_else_is_a_slug(name: Any) -> None:
    assert refused(Slug, name)


@pytest.mark.parametrize("name", ["audit-report", "source:report#1", "source:report-two#99999"])
def test_evidence_is_named_by_its_id_or_as_a_passage(name: str) -> None:
    assert made(EvidenceRef, name) == name


@pytest.mark.parametrize(
    "name",
    ["source:report", "source:report#0", "source:report#01", "source:#1", "source:a#100000", "source:a#1\n", "a#1", ""],
)
def test_nothing_else_names_evidence(name: str) -> None:
    assert refused(EvidenceRef, name)


@pytest.mark.parametrize("url", ["https://example.org", "http://example.org/a?b=c#d", "https://пример.қаз/й"])
def test_an_address_is_http_or_https(url: str) -> None:
    assert made(Address, url) == url


@pytest.mark.parametrize(
    "url",
    ["", "example.org", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "HTTPS://x.org", " https://x.org", "https://",
     "https://x.org/a b", "https://x.org/\n", "https://x.org/<b>", 'https://x.org/"', "https://x.org/\\", "https://x.org/" + "a" * 2000],
)  # fmt: skip
def test_nothing_else_is_an_address(url: str) -> None:
    assert refused(Address, url)
