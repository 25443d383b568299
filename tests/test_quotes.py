"""Quotes against texts: what counts as verbatim, which paragraph, and that no passage is lost."""

from datetime import date
from pathlib import Path

import pytest

from dashboard.inputs import quotes
from dashboard.inputs.quotes import Ask, Covered, Verified
from dashboard.registry import reader
from dashboard.registry.model import Registry
from dashboard.registry.reader import Texts
from tests.small import REGISTRY, SOURCE, TEXT, written

ASKS = [
    Ask("A1", "report-one", 1, "They must open a shelter in every region, soon."),
    Ask("A2", "report-one", 2, "donors should keep funding them"),
    Ask("A3", "report-one", 3, "everyone hopes for the best"),
]


def _loaded(folder: Path, registry: str = REGISTRY, source: str = SOURCE) -> tuple[Registry, Texts]:
    loaded = reader.load(written(folder, registry, source), date(2026, 1, 1))
    assert loaded.registry
    assert not loaded.errors
    return loaded.registry, loaded.texts


def _verified(folder: Path, text: str, registry: str = REGISTRY, source: str = SOURCE) -> Verified:
    (folder / "report-one.txt").write_text(text, "utf-8")
    return quotes.verified(*_loaded(folder, registry, source), folder)


def _covered(folder: Path, asks: list[Ask], registry: str = REGISTRY, source: str = SOURCE) -> Covered:
    return quotes.covered(*_loaded(folder, registry, source), asks, "asks.tsv")


def test_the_first_block_is_not_counted_and_blank_lines_may_hold_spaces() -> None:
    assert quotes.paragraphs("Title\r\n \r\none\r\nline\n\n\n\ntwo\n") == ["Title", "one\nline", "two"]


def test_only_runs_of_white_space_may_differ(tmp_path: Path) -> None:
    assert _verified(tmp_path, TEXT.replace("keep funding", "keep\u00a0\n  funding")).quotes == 3
    changed = _verified(tmp_path, TEXT.replace("keep funding", "keep Funding"))
    assert changed.quotes == 2
    assert changed.problems[0].found == "'donors should keep funding them' is not in paragraph 2 of report-one"


def test_a_quote_in_another_paragraph_is_told_where_it_stands(tmp_path: Path) -> None:
    found = _verified(tmp_path, TEXT, source=SOURCE.replace("paragraph: 3", "paragraph: 1"))
    assert [(p.path, p.allowed) for p in found.problems] == [(("not_tracked", 0, "quote"), "it stands in paragraph 3")]
    assert found.problems[0].file.endswith("sources/report-one.yaml")


def test_a_quote_without_a_paragraph_may_stand_anywhere(tmp_path: Path) -> None:
    found = _verified(tmp_path, TEXT, REGISTRY.replace("        paragraph: 2\n", ""))
    assert (found.quotes, found.paragraphs, found.problems) == (3, 2, ())


def test_white_space_and_unicode_form_do_not_change_the_hash_but_a_letter_does() -> None:
    assert quotes.sha256(" Алматы\r\n\r\nй ") == quotes.sha256("Алматы и\u0306")
    assert quotes.sha256("a b") != quotes.sha256("a B")


def test_another_text_is_a_problem_and_its_hash_is_told(tmp_path: Path) -> None:
    found = _verified(tmp_path, TEXT + "\nOne more.")
    assert found.hashes == 0
    assert [(p.path, p.found) for p in found.problems] == [(("text_sha256",), "another text")]
    assert quotes.sha256(TEXT + "\nOne more.") in found.problems[0].allowed


def test_a_source_without_its_text_is_named_and_nothing_of_it_is_counted(tmp_path: Path) -> None:
    found = quotes.verified(*_loaded(tmp_path), tmp_path / "sources")
    assert found == Verified(0, 0, 0, ("report-one",), ())


def test_every_passage_is_tracked_or_listed_none_missing_none_twice(tmp_path: Path) -> None:
    assert _covered(tmp_path, ASKS) == Covered(2, 1, ())


def test_a_passage_that_is_the_origin_of_two_records_counts_once(tmp_path: Path) -> None:
    twice = REGISTRY.replace(
        "paragraph: 2\n        quote: donors should keep funding them",
        "paragraph: 1\n        quote: They must open a shelter",
    )
    assert _covered(tmp_path, [ASKS[0], ASKS[2]], twice) == Covered(1, 1, ())


def test_a_passage_that_nobody_entered_is_missing(tmp_path: Path) -> None:
    extra = Ask("A4", "report-one", 3, "In the end")
    found = _covered(tmp_path, [*ASKS, extra])
    assert (found.tracked, found.not_tracked) == (2, 1)
    assert [problem.message() for problem in found.problems] == [
        "A4 (report-one, paragraph 3) is neither tracked nor listed: 'In the end'; track it, or list it under not_tracked"
    ]
    assert found.problems[0].place() == "asks.tsv:5:1"


def test_a_passage_both_tracked_and_listed_is_there_twice(tmp_path: Path) -> None:
    also = "  - {paragraph: 2, quote: donors should keep funding them, reason: opinion}\n...\n"
    found = _covered(tmp_path, ASKS, source=SOURCE.replace("...\n", also))
    assert [problem.found for problem in found.problems] == [
        "A2 (report-one, paragraph 2) is the origin of fund-shelters and listed under not_tracked"
    ]


def test_a_passage_listed_two_times_is_there_twice(tmp_path: Path) -> None:
    again = "  - {paragraph: 3, quote: everyone hopes, reason: opinion}\n...\n"
    found = _covered(tmp_path, ASKS, source=SOURCE.replace("...\n", again))
    assert [problem.found for problem in found.problems] == [
        "A3 (report-one, paragraph 3) is listed 2 times under not_tracked"
    ]


def test_a_quote_that_is_in_no_row_is_told(tmp_path: Path) -> None:
    found = _covered(tmp_path, ASKS[1:])
    assert [problem.record for problem in found.problems] == ["open-shelters"]
    assert found.problems[0].found == "'open a shelter in every region' is in no row of asks.tsv"


def test_equal_words_win_over_words_that_hold_them(tmp_path: Path) -> None:
    longer = Ask("A4", "report-one", 3, "In the end everyone hopes for the best.")
    listed = SOURCE.replace(
        "...\n", "  - {paragraph: 3, quote: In the end everyone hopes for the best., reason: opinion}\n...\n"
    )
    assert _covered(tmp_path, [*ASKS, longer], source=listed) == Covered(2, 2, ())


def test_a_list_of_passages_is_read_from_tabs(tmp_path: Path) -> None:
    path = tmp_path / "asks.tsv"
    path.write_text("id\tdoc\tblock\tpara\tquote_verbatim\nA1\treport-one\t2\t1\tthey  must\n", "utf-8")
    assert quotes.asks(path) == [Ask("A1", "report-one", 1, "they must")]


@pytest.mark.parametrize(
    "content",
    ["id\tdoc\nA1\tx\n", "id\tdoc\tpara\tquote_verbatim\nA1\tx\tone\ty\n", "id\tdoc\tpara\tquote_verbatim\nA1\n"],
)
def test_a_list_that_is_no_such_table_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "asks.tsv"
    path.write_text(content, "utf-8")
    with pytest.raises(quotes.BadTable):
        quotes.asks(path)
