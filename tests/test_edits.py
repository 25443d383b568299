"""The splice: only the lines of the change differ, whatever the style of the file."""

import difflib
from datetime import date
from pathlib import Path

import pytest

from dashboard.registry import edits, events, reader
from dashboard.registry.reader import Texts
from tests.small import REGISTRY, SOURCE

TODAY = date(2026, 1, 2)
BLOCK_CHECK = "      - on: 2025-06\n        by: 'editors'\n        where: The ministry's page\n"
IN_BRACES = "      - {on: 2025-06, by: editors, where: The ministry's page}\n"


def _stamped(text: str | bytes) -> tuple[bytes, int]:
    data = text.encode() if isinstance(text, str) else text
    loaded = reader.read(Texts("r.yaml", data, {"sources/report-one.yaml": SOURCE.encode()}), TODAY)
    assert loaded.registry
    assert not loaded.errors
    return edits.stamped(data, loaded.registry, TODAY)


def _added(before: bytes, after: bytes) -> list[str]:
    """The lines that are new; fails where any line is gone."""
    lines = [data.decode().splitlines(keepends=True) for data in (before, after)]
    changed = [line for line in difflib.ndiff(*lines) if line[0] in "+-"]
    assert all(line.startswith("+") for line in changed), changed
    return [line[2:] for line in changed]


def test_fields_are_added_below_who_judged_and_nothing_else_changes() -> None:
    before = REGISTRY.replace(IN_BRACES, BLOCK_CHECK).encode()
    after, entries = _stamped(before)
    assert entries == 2
    judged, *dates = _added(before, after)
    assert judged.startswith("        judged: ")
    assert dates == ["        recorded_on: 2026-01-02\n", "        recorded_on: 2026-01-02\n"]


def test_an_entry_in_braces_gets_them_behind_who_judged() -> None:
    after, _ = _stamped(REGISTRY)
    assert b"- {on: 2025-06, by: editors, recorded_on: 2026-01-02, where: The ministry's page}\n" in after


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_and_a_byte_order_mark_stay(newline: str) -> None:
    before = b"\xef\xbb\xbf" + REGISTRY.replace(IN_BRACES, BLOCK_CHECK).replace("\n", newline).encode()
    after, entries = _stamped(before)
    assert entries == 2
    assert len(_added(before, after)) == 3
    assert after.startswith(b"\xef\xbb\xbf# One comment")
    assert after.count(newline.encode()) == before.count(newline.encode()) + 3
    assert after.count(b"\n") in (0, after.count(b"\r\n"))


def test_letters_of_several_bytes_before_the_place_do_not_shift_it() -> None:
    before = REGISTRY.replace(
        "{on: 2025-06, by: editors, where: The ministry's page}", '{where: Сайты 🏛 қараша, on: 2025-06, by: "editors"}'
    )
    after, _ = _stamped(before)
    assert '{where: Сайты 🏛 қараша, on: 2025-06, by: "editors", recorded_on: 2026-01-02}' in after.decode()


def test_braces_over_several_lines_keep_their_lines() -> None:
    before = REGISTRY.replace(
        "{on: 2025-06, by: editors, where", "{on: 2025-06,\n         by: editors,  # who\n         where"
    )
    after, _ = _stamped(before)
    assert "         by: editors, recorded_on: 2026-01-02,  # who\n" in after.decode()


def test_what_is_stamped_already_is_left_alone() -> None:
    once, _ = _stamped(REGISTRY)
    assert _stamped(once) == (once, 0)


def test_only_what_is_missing_is_added() -> None:
    before = REGISTRY.replace("        note: Eleven", "        recorded_on: 2025-04-02\n        note: Eleven").encode()
    after, _ = _stamped(before)
    assert after.count(b"recorded_on: 2025-04-02") == 1
    assert after.count(b"recorded_on") == 2


def test_a_fingerprint_that_reads_as_a_number_elsewhere_is_quoted() -> None:
    assert edits._quoted("123456789012") == "'123456789012'"
    assert edits._quoted("1234567e9012") == "'1234567e9012'"
    assert edits._quoted("12345678901a") == "12345678901a"


def test_the_stamped_text_reads_as_before_with_the_stamps_more(tmp_path: Path) -> None:
    after, _ = _stamped(REGISTRY)
    was, _ = events.build(REGISTRY.encode(), "before")
    now, _ = events.build(after, "after")
    stamped = now["recommendations"][0]["assessments"][0]
    assert len(stamped.pop("judged")) == 12
    assert stamped.pop("recorded_on") == "2026-01-02"
    assert now["recommendations"][0]["checks"][0].pop("recorded_on") == "2026-01-02"
    assert now == was


def test_a_splice_that_would_not_read_right_is_refused() -> None:
    escaped = REGISTRY.replace("by: editors, where", 'by: "\\x65ditors", where')
    with pytest.raises(edits.Misplaced):
        _stamped(escaped)
