"""Rows out of CSV files and workbooks: every cell as the text that it is, every fault at its place."""

import csv
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from dashboard.inputs import archives, sheets, workbooks
from dashboard.inputs.remarks import Unfit
from dashboard.inputs.sheets import Format, Sheet
from dashboard.outputs.cells import cell
from dashboard.registry.events import FORBIDDEN


def read(folder: Path, content: bytes, form: Format | None = None, name: str = "list.csv") -> Sheet:
    path = folder / name
    path.write_bytes(content)
    return sheets.sheet(path, form or Format())


def refused(folder: Path, content: bytes, form: Format | None = None, name: str = "list.csv") -> list[str]:
    with pytest.raises(Unfit) as unfit:
        read(folder, content, form, name)
    return [str(remark).removeprefix(f"{folder}/") for remark in unfit.value.remarks]


def rows(table: Sheet) -> list[tuple[str, ...]]:
    return [line.cells for line in table.lines]


def faults(table: Sheet) -> list[tuple[str, str]]:
    """Place and what was found, of every fault."""
    file = Path(table.file)
    return [
        (table.remark(line, fault).place.removeprefix(f"{file.parent}/"), fault.found)
        for line in table.lines
        for fault in line.faults
    ]


# --- CSV --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_of_three_ways(tmp_path: Path, end: str) -> None:
    table = read(tmp_path, end.join(["a,b", "1,2", '"x,y","p ""q"""', ""]).encode())
    assert (table.head, rows(table)) == (("a", "b"), [("1", "2"), ("x,y", 'p "q"')])


def test_an_encoding_is_taken_at_its_word_and_a_byte_order_mark_before_it(tmp_path: Path) -> None:
    mac = Format(encoding="mac-roman")
    assert rows(read(tmp_path, b"a,b\rCura\x8dao,d\x8ej\x88\r", mac)) == [("Curaçao", "déjà")]
    assert rows(read(tmp_path, "\ufeffa,b\nдва,три\n".encode(), mac)) == [("два", "три")]


def test_a_byte_that_is_none_of_the_encoding_is_told_with_line_and_column(tmp_path: Path) -> None:
    assert refused(tmp_path, b"a,b\r\n1,caf\x8e\r\n") == [
        "list.csv:2:6: error: byte 0x8e is not utf-8; "
        "save the file as UTF-8, or name its encoding in the MAP (reads: encoding)"
    ]


def test_a_line_break_within_quotes_belongs_to_the_cell_and_places_count_real_lines(tmp_path: Path) -> None:
    table = read(tmp_path, b'a,b\n"one\ntwo",x\n"p\nq","r\x07"\n3,"s\x07"\n')
    assert rows(table)[0] == ("one\ntwo", "x")
    assert faults(table) == [
        ("list.csv:5:4", "the invisible or control character U+0007"),
        ("list.csv:6:3", "the invisible or control character U+0007"),
    ]


def test_a_nul_is_a_fault_of_its_row(tmp_path: Path) -> None:
    assert faults(read(tmp_path, b"a,b\n1,x\0y\n2,z\n")) == [
        ("list.csv:2:3", "the invisible or control character U+0000")
    ]


def test_quotes_that_never_close_do_not_swallow_the_rest(tmp_path: Path) -> None:
    allowed = 'a cell that holds " or the delimiter stands in "…", with "" for each " in it'
    assert refused(tmp_path, b'a,b\n1,2\n3,"open\n4,5\n6,7\n') == [
        f"list.csv:3:3: error: quotes are never closed; {allowed}"
    ]
    assert refused(tmp_path, b'a,b\n1,"x"y\n4,5\n') == [
        f"list.csv:2:3: error: quotes in the midst of a cell; {allowed}"
    ]


def test_a_cell_beyond_64_kib_is_a_fault_of_its_row_and_beyond_the_modules_own_limit_too(tmp_path: Path) -> None:
    limit = csv.field_size_limit()
    table = read(tmp_path, b"a,b\n1," + b"x" * 65537 + b"\n2," + b"y" * 65536 + b"\n3," + b"z" * 200_000 + b"\n")
    assert faults(table) == [
        ("list.csv:2:3", "a cell of 65,537 characters"),
        ("list.csv:4:3", "a cell of 200,000 characters"),
    ]
    assert csv.field_size_limit() == limit


def test_a_row_of_another_width_than_the_head_is_told_and_kept_whole(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b,c\n1,2\n1,2,3,4\n1,2,3,\n,,\n\n1,2,3\n")
    assert faults(table) == [("list.csv:2:3", "a row of 2 cells"), ("list.csv:3:7", "a row of 4 cells")]
    assert rows(table) == [("1", "2"), ("1", "2", "3", "4"), ("1", "2", "3"), ("1", "2", "3")]


def test_a_head_that_is_missing_or_twice_the_same_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, b"a,b, a \n1,2,3\n") == [
        "list.csv:1:5: error: a second column 'a'; give each its own name"
    ]
    assert refused(tmp_path, b",,\n1,2,3\n") == [
        "list.csv:1:1: error: no head in this row; the MAP says which row holds it (reads: head)"
    ]
    assert refused(tmp_path, b" \n\n") == ["list.csv:1:1: error: the file is empty; a table has a head and rows"]


def test_a_head_that_comes_again_is_passed_over_and_told(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b c\n1,2\na, b  c \n3,4\na,b\n")
    assert rows(table) == [("1", "2"), ("3", "4"), ("a", "b")]
    assert [str(note).removeprefix(f"{tmp_path}/") for note in table.notes] == [
        "list.csv:3:1: warning: the head again; it is passed over"
    ]


def test_a_spreadsheet_of_the_kind_ods_is_to_be_saved_as_another(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert refused(tmp_path, out.getvalue(), name="list.ods") == [
        "list.ods: error: a spreadsheet of the kind .ods; save it as .xlsx, or as CSV"
    ]


def test_the_head_may_stand_lower_and_a_column_without_a_name_is_told(tmp_path: Path) -> None:
    table = read(tmp_path, b"Our list,\n\na,\n1,lost\n", Format(head=3))
    assert (table.head, rows(table)) == (("a", ""), [("1", "lost")])
    assert [str(note).partition(": ")[2] for note in table.notes] == [
        "warning: column 2 has no name in the head; it is not read"
    ]


def test_other_delimiters(tmp_path: Path) -> None:
    assert rows(read(tmp_path, b"a;b\n1,5;2\n", Format(delimiter=";"))) == [("1,5", "2")]
    assert rows(read(tmp_path, b"a\tb\n1,5\t2\n", Format(delimiter="\t"))) == [("1,5", "2")]


def test_what_looks_like_a_formula_is_a_text_and_our_apostrophe_is_taken_back_only_where_it_is_ours(
    tmp_path: Path,
) -> None:
    content = b"a,b\n=1+1,'=1+1\n@x,'tis\n"
    assert rows(read(tmp_path, content)) == [("=1+1", "'=1+1"), ("@x", "'tis")]
    assert rows(read(tmp_path, content, Format(apostrophes=True))) == [("=1+1", "=1+1"), ("@x", "'tis")]


def test_too_many_rows_columns_or_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    monkeypatch.setattr(sheets, "MOST_COLUMNS", 4)
    monkeypatch.setattr(sheets, "MOST_BYTES", 40)
    assert refused(tmp_path, b"a\n1\n2\n3\n4\n") == ["list.csv:5:1: error: more than 3 rows; split the table"]
    assert "more than 4 columns" in refused(tmp_path, b"a,b,c,d,e\n")[0]
    assert "more than 40 bytes" in refused(tmp_path, b"a\n" + b"x" * 50)[0]


def test_a_row_of_very_many_cells_is_refused_before_the_rest_is_kept(tmp_path: Path) -> None:
    assert refused(tmp_path, b"a,b\n1,2\n" + b"," * 500 + b"\n3,4\n") == [
        "list.csv:3:501: error: more than 500 columns; take out what is empty"
    ]
    wide = b"a,b\n" + (b"," * 4_000 + b"\n") * 1_000
    tracemalloc.start()
    with pytest.raises(Unfit):
        sheets.csv_sheet(wide, "list.csv", "list", Format())
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 30_000_000


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda text: not FORBIDDEN.search(text))


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_any_table_of_texts_survives_csv(texts: list[tuple[str, str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["a", "b"], *([cell(left), cell(right)] for left, right in texts)])
    table = sheets.csv_sheet(b"\xef\xbb\xbf" + out.getvalue().encode(), "x.csv", "x", Format(apostrophes=True))
    assert rows(table) == [each for each in texts if any(map(str.strip, each))]


# --- workbooks --------------------------------------------------------------------------------------


def workbook(make: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        make(book)
    return out.getvalue()


def test_numbers_days_and_truths_become_exact_texts(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (
        ["a", "b"],
        [1, 0.1],
        [12345678901, 1e-07],
        [3.0, True],
        [datetime(2024, 6, 16), datetime(2024, 6, 16, 7, 30)],
        ["007", " x "],
    ):
        sheet.append(cells)
    book.save(tmp_path / "list.xlsx")
    assert rows(sheets.sheet(tmp_path / "list.xlsx", Format())) == [
        ("1", "0.1"),
        ("12345678901", "0.0000001"),
        ("3", "true"),
        ("2024-06-16", "2024-06-16 07:30:00"),
        ("007", " x "),
    ]


def test_formulas_and_errors_are_faults_at_their_cells_and_texts_that_look_like_them_are_not(tmp_path: Path) -> None:
    def make(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Asks")
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_formula(1, 0, "=1+1", None, 2)
        sheet.write_string(1, 1, "x")
        sheet.write_string(2, 0, "=1+1")
        sheet.write_string(2, 1, "#REF!")
        sheet.write_array_formula("A4:A4", "{=SUM(1)}", None, 1)
        sheet.write_formula(4, 1, "=1/0", None, "#DIV/0!")
        sheet.write_string(4, 0, "y")

    table = read(tmp_path, workbook(make), name="list.xlsx")
    assert faults(table) == [
        ("list.xlsx:Asks!A2", "a formula '=1+1'"),
        ("list.xlsx:Asks!A4", "a formula '=SUM(1)'"),
        ("list.xlsx:Asks!B5", "a formula '=1/0'"),
    ]
    assert rows(table)[1] == ("=1+1", "#REF!")


def test_an_error_value_is_a_fault(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["a"])
    sheet.append(["#REF!"])  # which openpyxl writes as an error
    book.save(tmp_path / "list.xlsx")
    assert faults(sheets.sheet(tmp_path / "list.xlsx", Format())) == [("list.xlsx:Sheet!A2", "the error value '#REF!'")]


def test_merged_cells_and_sheets_that_are_not_read_are_told(tmp_path: Path) -> None:
    def make(book: xlsxwriter.Workbook) -> None:
        hidden, seen = book.add_worksheet("Old"), book.add_worksheet("Asks")
        book.add_worksheet("Notes").write_string(0, 0, "n")
        seen.activate()
        seen.set_first_sheet()
        hidden.hide()
        seen.write_row(0, 0, ["a", "b"])
        seen.merge_range(1, 0, 3, 0, "only once")
        for row in (1, 2, 3):
            seen.write_string(row, 1, "x")

    table = read(tmp_path, workbook(make), name="list.xlsx")
    assert table.name == "Asks"
    assert [str(note).removeprefix(f"{tmp_path}/") for note in table.notes] == [
        "list.xlsx:Old: warning: a hidden sheet; it is not read",
        "list.xlsx:Notes: warning: a sheet; it is not read",
        "list.xlsx:Asks!A2:A4: warning: merged cells; only the first of them holds a value: unmerge and fill them",
    ]
    assert refused(tmp_path, workbook(make), Format(sheet="Askes"), "list.xlsx") == [
        "list.xlsx: error: no sheet 'Askes'; did you mean 'Asks'?"
    ]


def one_cell(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["a", "b"])
    sheet.write_row(1, 0, ["x", "y"])


def altered(data: bytes, parts: dict[str, bytes]) -> bytes:
    """A zip with parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.get(name, old.read(name)))
        for name in parts.keys() - set(old.namelist()):
            new.writestr(name, parts[name])
    return out.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def names(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.namelist()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = altered(workbook(one_cell), {SHEET: b"<c/>" * 18_000_000})
    assert len(bomb) < 300_000
    assert "unpacks to 72,000,000 bytes" in refused(tmp_path, bomb, name="list.xlsx")[0]
    tracemalloc.start()
    with pytest.raises(Unfit):
        workbooks.sheet(bomb, "list.xlsx", Format(), sheets.silent)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5_000_000


def test_a_zip_of_too_many_parts_or_bytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = altered(workbook(one_cell), {f"xl/media/{n}.png": b"" for n in range(1001)})
    assert "a zip with a list of" in refused(tmp_path, many, name="list.xlsx")[0]
    monkeypatch.setattr(archives, "MOST_UNPACKED", 1000)
    assert ": split it" in refused(tmp_path, workbook(one_cell), name="list.xlsx")[0]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("xl/vbaProject.bin", "macros or embedded files"),
        ("xl/embeddings/object1.bin", "macros or embedded files"),
        ("xl/macrosheets/sheet1.xml", "macros or embedded files"),
        ("../../etc/passwd", "a part named ../../etc/passwd"),
        ("anything.exe", "a part named anything.exe"),
    ],
)
def test_macros_and_parts_that_no_workbook_has_are_refused(tmp_path: Path, name: str, found: str) -> None:
    assert found in refused(tmp_path, altered(workbook(one_cell), {name: b"x"}), name="list.xlsx")[0]


def test_a_list_of_parts_that_a_second_one_contradicts_is_refused(tmp_path: Path) -> None:
    """zipfile follows the record for large zips (zip64), and not the small one that says how little there is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in range(65_536):
            archive.writestr(f"xl/media/{n:x}", b"")
    data = bytearray(out.getvalue())
    end = data.rfind(b"PK\5\6")
    struct.pack_into("<HHLL", data, end + 8, 3, 3, 100, 0)
    assert "a zip with two lists" in refused(tmp_path, bytes(data), name="list.xlsx")[0]


def test_a_list_of_more_parts_than_it_says_is_refused(tmp_path: Path) -> None:
    data = bytearray(altered(workbook(one_cell), {f"xl/media/{n}.png": b"" for n in range(1001)}))
    struct.pack_into("<HH", data, data.rfind(b"PK\5\6") + 8, 3, 3)
    assert "a zip of 1,0" in refused(tmp_path, bytes(data), name="list.xlsx")[0]


def test_parts_behind_a_password_or_twice_there_are_refused(tmp_path: Path) -> None:
    locked = bytearray(workbook(one_cell))
    locked[locked.index(b"PK\1\2") + 8] |= 1  # the flag of the first part in the directory
    assert "behind a password" in refused(tmp_path, bytes(locked), name="list.xlsx")[0]
    out = io.BytesIO(workbook(one_cell))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(SHEET, b"<worksheet/>")
    assert f"two parts named {SHEET}" in refused(tmp_path, out.getvalue(), name="list.xlsx")[0]


def test_a_row_below_a_title_may_end_in_empty_cells(tmp_path: Path) -> None:
    def make(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("Asks")
        sheet.write_string(0, 0, "Our list")
        sheet.write_row(2, 0, ["a", "b", "c"])
        sheet.write_row(3, 0, ["1"])
        sheet.write_row(4, 0, ["1", "2", "3", "4"])
        sheet.write_row(5, 0, ["1", "2"])

    table = read(tmp_path, workbook(make), Format(head=3), "list.xlsx")
    assert faults(table) == [("list.xlsx:Asks!D5", "a row of 4 cells")]
    assert rows(table) == [("1", "", ""), ("1", "2", "3", "4"), ("1", "2", "")]


@pytest.mark.parametrize("constant_memory", [False, True])
def test_what_a_workbook_spells_with_numbers_is_read_as_what_it_means(tmp_path: Path, constant_memory: bool) -> None:
    """Excel keeps a carriage return as _x000D_, and a text that looks so with its first line as _x005F_; both
    where the texts of a workbook stand together, and where each stands in its cell."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "constant_memory": constant_memory}) as book:
        sheet = book.add_worksheet()
        for n, text in enumerate(("a", "CR LF", "_x000D_", "_xD83D_")):
            sheet.write_string(n, 0, text)
    data = out.getvalue()
    (place,) = (
        name for name in (SHEET, "xl/sharedStrings.xml") if name in names(data) and b"CR LF" in part(data, name)
    )
    spelt = part(data, place).replace(b"CR LF", b"one_x000D_\ntwo_x0007_").replace(b"_x005F_xD83D_", b"_xD83D_")
    table = read(tmp_path, altered(data, {place: spelt}), name="list.xlsx")
    assert rows(table) == [("one\ntwo\x07",), ("_x000D_",), ("_xD83D_",)]
    assert faults(table) == [("list.xlsx:Sheet1!A2", "the invisible or control character U+0007")]


def test_too_many_cells_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_CELLS", 1)
    assert "or 1 cells" in refused(tmp_path, workbook(one_cell), name="list.xlsx")[0]


def test_entities_are_refused(tmp_path: Path) -> None:
    plain = workbook(one_cell)
    laughs = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l "l">]>' + part(plain, SHEET).partition(b"?>")[2]
    assert "holds entities" in refused(tmp_path, altered(plain, {SHEET: laughs}), name="list.xlsx")[0]
    wide = part(plain, SHEET).decode().encode("utf-16")
    assert "is UTF-16" in refused(tmp_path, altered(plain, {SHEET: wide}), name="list.xlsx")[0]


DOCTYPE = b'<!DOCTYPE w [<!ENTITY a "BOOM">]>'


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_entities_are_refused_in_wide_letters_without_a_mark_too(tmp_path: Path, encoding: str) -> None:
    plain = workbook(one_cell)
    given = part(plain, SHEET).partition(b"?>")[2]
    wide = (b'<?xml version="1.0" encoding="UTF-16"?>' + DOCTYPE + given).decode().encode(encoding)
    assert "is UTF-16" in refused(tmp_path, altered(plain, {SHEET: wide}), name="list.xlsx")[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_under_another_name_of_the_part_too(tmp_path: Path, encoding: str) -> None:
    plain = workbook(one_cell)
    parts = {
        name: part(plain, name).replace(b"sheet1.xml", b"sheet1.bin")
        for name in ("xl/_rels/workbook.xml.rels", "[Content_Types].xml")
    }
    laughs = f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + DOCTYPE + part(plain, SHEET).partition(b"?>")[2]
    parts["xl/worksheets/sheet1.bin"] = laughs.decode().encode(encoding)
    assert "sheet1.bin holds entities" in refused(tmp_path, altered(plain, parts), name="list.xlsx")[0]


def test_what_a_sheet_says_of_its_size_is_not_believed(tmp_path: Path) -> None:
    plain = workbook(one_cell)
    vast = part(plain, SHEET).replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    assert rows(read(tmp_path, altered(plain, {SHEET: vast}), name="list.xlsx")) == [("x", "y")]


def test_cells_far_out_are_refused(tmp_path: Path) -> None:
    def far_right(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "a")
        sheet.write_string(1, 16383, "x")

    def far_down(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_string(0, 0, "a")
        sheet.write_string(1048575, 0, "x")

    assert "more than 500 columns" in refused(tmp_path, workbook(far_right), name="list.xlsx")[0]
    assert "more than 250,000 rows" in refused(tmp_path, workbook(far_down), name="list.xlsx")[0]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"PK\3\4 and nothing more", "the file is cut off or no zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "a workbook of the old kind, or one with a password"),
        (altered(workbook(one_cell), {SHEET: b"<worksheet><sheetData><row>"}), "the workbook is damaged"),
        (altered(workbook(one_cell), {"xl/workbook.xml": b"<workbook/>"}), "no sheet ''"),
    ],
)
def test_a_damaged_workbook_is_told_and_never_a_fault_of_ours(tmp_path: Path, content: bytes, found: str) -> None:
    assert found in refused(tmp_path, content, name="list.xlsx")[0]


def test_a_workbook_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = workbook(one_cell)
    for size in range(4, len(whole), 257):
        refused(tmp_path, whole[:size], name="list.xlsx")


def test_a_workbook_with_a_byte_changed_is_read_or_refused(tmp_path: Path) -> None:
    whole = workbook(one_cell)
    for at in range(0, len(whole), 41):
        with suppress(Unfit):
            read(tmp_path, whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :], name="list.xlsx")
