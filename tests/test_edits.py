"""The splice: only the lines of the change differ, whatever the style of the file."""

import difflib
from datetime import date
from pathlib import Path

import pytest

from dashboard.registry import edits, events, nodes, reader, stamping
from dashboard.registry.edits import Addition, Append, Change, Drop, Put
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
    missing = list(stamping.missing(loaded.registry, TODAY))
    spliced = edits.spliced(data, missing, loaded.positions)
    assert {name for _, name in spliced.touched or ()} <= {change.name for change in missing}
    return spliced.data, sum(len({step.path[:2] for step in change.steps}) for change in missing)


def _changed(text: str, *steps: edits.Step, name: str = "open-shelters") -> str:
    """The text of the registry with the steps taken in one record; proof that it was cut out for it."""
    data = text.encode()
    loaded = reader.read(Texts("r.yaml", data, {"sources/report-one.yaml": SOURCE.encode()}), TODAY)
    spliced = edits.spliced(data, [Change("recommendations", name, steps)], loaded.positions)
    assert spliced.touched == (("recommendations", name),)
    return spliced.data.decode()


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
    assert nodes.scalar("123456789012") == "'123456789012'"
    assert nodes.scalar("1234567e9012") == "'1234567e9012'"
    assert nodes.scalar("12345678901a") == "12345678901a"


def test_the_stamped_text_reads_as_before_with_the_stamps_more(tmp_path: Path) -> None:
    after, _ = _stamped(REGISTRY)
    was, _ = events.build(REGISTRY.encode(), "before")
    now, _ = events.build(after, "after")
    stamped = now["recommendations"][0]["assessments"][0]
    assert len(stamped.pop("judged")) == 12
    assert stamped.pop("recorded_on") == "2026-01-02"
    assert now["recommendations"][0]["checks"][0].pop("recorded_on") == "2026-01-02"
    assert now == was


def test_a_value_spelled_with_escapes_is_understood() -> None:
    after, _ = _stamped(REGISTRY.replace("by: editors, where", 'by: "\\x65ditors", where'))
    assert 'by: "\\x65ditors", recorded_on: 2026-01-02, where' in after.decode()


@pytest.mark.parametrize("name", ["no: name", "x ", "'id'", "title", "[x]"])
def test_a_splice_that_would_not_read_right_is_refused(name: str) -> None:
    """A new field whose name reads otherwise, or that is there already, or breaks the line."""
    change = Put((name, "en"), "x") if name == "title" else Put((name,), "x")
    if name == "title":
        broken = REGISTRY.replace("title: {en: Open shelters", "title: &a {en: Open shelters")
        with pytest.raises(edits.Misplaced):
            _changed(broken, change)
        return
    with pytest.raises(edits.Misplaced):
        _changed(REGISTRY, change)


def test_an_entry_that_would_not_read_right_is_refused() -> None:
    with pytest.raises(edits.Misplaced, match="would not read"):
        edits.spliced(REGISTRY.encode(), [Addition("evidence", {"id": "x", "name ": "y"})], {})


def test_an_entry_or_a_place_that_is_not_there_is_refused() -> None:
    with pytest.raises(edits.Misplaced, match="no-point is not in the file"):
        edits.spliced(REGISTRY.encode(), [Change("recommendations", "no-point", (Put(("theme",), "x"),))], {})
    with pytest.raises(edits.Misplaced, match="no such place"):
        _changed(REGISTRY, Put(("due", "on"), "2025"))
    with pytest.raises(edits.Misplaced, match="no such item"):
        _changed(REGISTRY, Put(("done_when", 7), "x"))
    with pytest.raises(edits.Misplaced, match="nothing to take out"):
        _changed(REGISTRY, Drop(("summary",)))


def test_a_new_field_stands_where_fields_of_its_kind_stand() -> None:
    after = _changed(REGISTRY, Put(("summary",), "What it is.", ("id", "title")))
    assert _added(REGISTRY.encode(), after.encode()) == ["    summary: What it is.\n"]
    assert "Баспана ашу}\n    summary: What it is.\n    kind" in after


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("Yes.", "note: Yes."),
        ("yes", "note: 'yes'"),
        ("12 # 13", "note: '12 # 13'"),
        ("It's: so", "note: 'It''s: so'"),
        ("Үй 🏛 ашылды", "note: Үй 🏛 ашылды"),
        ("🏛: ашылды", "note: '🏛: ашылды'"),
        ("One\ntwo: 2\n\n  # three", "note: |-\n          One\n          two: 2\n\n            # three"),
        ("One\ntwo\n", "note: |\n          One\n          two"),
        ("  One\ntwo", "note: |2-\n            One\n          two"),
        ("One\n\n\n", 'note: "One\\n\\n\\n"'),
        ("tab\there", 'note: "tab\\there"'),
        ("word " * 20 + "end", "note: >-\n          " + "word " * 19 + "word\n          end"),
    ],
)
def test_a_text_is_written_as_one_writes_it(value: str, lines: str) -> None:
    before = REGISTRY.replace("        note: Eleven of seventeen.\n", "        note: Eleven.   # so far\n")
    after = _changed(before, Put(("assessments", 0, "note"), value))
    first, _, rest = lines.partition("\n")
    written = f"        {first}   # so far\n{rest}" + ("\n" if rest else "")
    assert after == before.replace("        note: Eleven.   # so far\n", written)


def test_a_remark_behind_the_mark_of_a_folded_text_stays() -> None:
    before = REGISTRY.replace(
        "note: Eleven of seventeen.", "note: >-  # so far\n          Eleven of\n          seventeen."
    )
    after = _changed(before, Put(("assessments", 0, "note"), "Twelve."))
    assert "        evidence: [audit-report]\n        note: Twelve.  # so far\n    checks:\n" in after


def test_spaces_at_the_end_of_a_literal_text_go_with_it() -> None:
    before = REGISTRY.replace("note: Eleven of seventeen.", "note: |\n          Eleven of seventeen.  ")
    after = _changed(before, Put(("assessments", 0, "note"), "word " * 25 + "end"))
    assert events.build(after.encode(), "x")[0]["recommendations"][0]["assessments"][0]["note"] == "word " * 25 + "end"


def test_the_quotes_of_a_text_stay_where_they_serve() -> None:
    before = REGISTRY.replace("note: Eleven of seventeen.", 'note: "Eleven"  # so far')
    assert 'note: "Twelve"  # so far\n' in _changed(before, Put(("assessments", 0, "note"), "Twelve"))


def test_the_first_field_of_an_item_can_go() -> None:
    block = "      - en: A shelter in every region  # all\n        ru: Приют\n"
    before = REGISTRY.replace(
        "      - {en: A shelter in every region, ru: Приют в каждом регионе, kk: Әр өңірде баспана}\n", block
    )
    assert before.replace(block, "      - ru: Приют\n") == _changed(before, Drop(("done_when", 0, "en")))
    remark = before.replace("  # all\n", "\n        # in Russian\n")
    assert "    done_when:\n      -\n        # in Russian\n        ru: Приют\n" in _changed(
        remark, Drop(("done_when", 0, "en"))
    )


def test_a_dash_in_a_remark_is_not_taken_for_that_of_the_item() -> None:
    block = "      -  # the region - all\n        en: A shelter\n      - # the town - all\n        en: A bed\n"
    before = REGISTRY.replace(
        "      - {en: A shelter in every region, ru: Приют в каждом регионе, kk: Әр өңірде баспана}\n", block
    )
    after = _changed(before, Drop(("done_when", 1)))
    assert after == before.replace("      - # the town - all\n        en: A bed\n", "")


def test_an_item_in_braces_gets_a_neighbour_in_braces() -> None:
    after = _changed(REGISTRY, Append(("checks",), {"on": "2025-07", "by": "editors", "where": "Here, there"}))
    assert _added(REGISTRY.encode(), after.encode()) == ["      - {on: 2025-07, by: editors, where: 'Here, there'}\n"]


def test_a_new_entry_stands_below_the_last_of_its_list_above_remarks() -> None:
    before = REGISTRY.replace("recommendations:\n", "\n# The points.\nrecommendations:\n").encode()
    after = edits.spliced(before, [Addition("evidence", {"id": "page", "says": "It says."})], {}).data
    assert _added(before, after) == ["  - id: page\n", "    says: It says.\n"]
    assert b"publisher: An audit office\n  - id: page\n    says: It says.\n\n# The points.\n" in after


def test_the_first_entry_of_a_list_begins_it_at_the_end_of_the_file() -> None:
    after = edits.spliced(REGISTRY.encode(), [Addition("corrections", {"on": "2025"})], {}).data
    assert after.decode() == REGISTRY.replace(
        "basis: named}\n...\n", "basis: named}\ncorrections:\n  - on: 2025\n...\n"
    )


def test_a_list_whose_last_entry_ends_inside_a_quoted_text_is_read_as_a_whole() -> None:
    """A line at the left edge inside quotes looks as if the list ended there."""
    page = '  - id: page\n    says: "It says\nso: and\n    more"\n    owner: independent\n'
    before = REGISTRY.replace("recommendations:\n", page + "recommendations:\n").encode()
    after = edits.spliced(before, [Addition("evidence", {"id": "more", "says": "x"})], {})
    assert after.touched is None
    assert _added(before, after.data) == ["  - id: more\n", "    says: x\n"]
    assert events.build(after.data, "x")[0]["evidence"][-1] == {"id": "more", "says": "x"}


def test_an_entry_whose_text_keeps_the_blank_lines_below_it_keeps_them() -> None:
    page = "  - id: page\n    says: |+\n      It says.\n\n\n"
    before = REGISTRY.replace("recommendations:\n", page + "recommendations:\n").encode()
    after = edits.spliced(before, [Addition("evidence", {"id": "more", "says": "x"})], {}).data
    assert _added(before, after) == ["  - id: more\n", "    says: x\n"]
    assert events.build(after, "x")[0]["evidence"][-2]["says"] == "It says.\n\n\n"


def test_an_entry_that_only_quotes_the_id_is_not_changed() -> None:
    """The quoted line stands where the id of the entry would; the entry with that id is written in braces."""
    other = '  - says: "As it was:\n    id: page\n    in the list"\n    id: other\n'
    before = REGISTRY.replace("recommendations:\n", other + "  - {says: No, id: page}\nrecommendations:\n").encode()
    positions = {("evidence", "other"): 1, ("evidence", "page"): 2}
    after = edits.spliced(before, [Change("evidence", "page", (Put(("says",), "Yes"),))], positions)
    assert after.data == before.replace(b"{says: No,", b"{says: 'Yes',")
    assert after.touched is None


@pytest.mark.parametrize("end", ["and so on...", "..."])
def test_an_entry_that_ends_in_dots_is_no_end_of_the_file(end: str) -> None:
    before = REGISTRY.replace(
        "where: The ministry's page}\n", f"where: The ministry's page}}\n    summary: '{end}'\n"
    ).replace("'", "" if len(end) > 3 else "'")
    assert "    kind: demands\n" in _changed(before, Put(("kind",), "demands"))
