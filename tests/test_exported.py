"""Exports as files: read by other programs than ours, hostile cells and all."""

import copy
import csv
import io
import json
import os
import re
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import frictionless
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from dashboard.outputs import exported, tables
from dashboard.outputs.cells import cell, plain_cell
from dashboard.outputs.columns import Column, lines_cell
from dashboard.outputs.exported import FORMATS, TooLong, file_name, one, whole
from dashboard.outputs.tables import INBOX, NAMES, Table, table
from dashboard.outputs.view import View
from dashboard.progress.filters import Filters
from dashboard.registry import scalars
from dashboard.registry.model import Registry, RegistryFile, Source
from tests.small import REGISTRY, command, committed, written
from tests.taken import SHIPPED, STARTERS, altered, full, registry, view

DANGEROUS = tuple("=+-@\t\r\0＝＋－＠")
"""What no cell may begin with, nor after what a spreadsheet takes away: blanks, line breaks, marks of order."""

HOSTILE = "cmd|'/c calc'!A1 \",;\n<b>&amp;</b> _x0041_ 😀 http://evil.example/x  "


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return full(tmp_path_factory.mktemp("full") / "registry")


@pytest.fixture(scope="module")
def hostile(filled: Registry) -> Registry:
    """Every free text begins with another thing that spreadsheets run; XML can hold all of it."""
    starters = iter(range(10**6))
    usable = [starter for starter in STARTERS if "\r" not in starter]
    return altered(filled, lambda text: f"{usable[next(starters) % len(usable)]}{HOSTILE}{text}")


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return registry(SHIPPED)


def text_of(value: Any, column: Column) -> str:
    """A cell as text, put together a second time."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return lines_cell(value) if column.kind == "lines" else " ".join(value)
    return str(value)


def texts_of(of: Table) -> list[list[str]]:
    return [[text_of(value, column) for value, column in zip(line, of.columns, strict=True)] for line in of.lines]


def rows_of(data: bytes) -> list[list[str]]:
    """CSV as a library reads it."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


# --- CSV --------------------------------------------------------------------------------------------


@given(st.text(st.sampled_from("'=+-@\t\r\n\0＝＋－＠ \u00a0\ufeff\u200b\u2060aя\";")) | st.text())
def test_a_cell_never_begins_like_a_formula_and_comes_back_as_it_was(text: str) -> None:
    made = cell(text)
    assert plain_cell(made) == text
    assert made.replace("'", "") == text.replace("'", "")
    for each in re.split(r"[;\r\n]", made):  # so a spreadsheet set to Russian or Kazakh parts it
        assert not each.lstrip(" \u00a0\ufeff\u200b\u2060").startswith(DANGEROUS)


@pytest.mark.parametrize("starter", STARTERS)
def test_each_starter_is_kept_from_running_and_taken_back(starter: str) -> None:
    text = f"{starter}1+1"
    assert cell(text) == "'" * (starter != "'") + text.replace("\n=", "\n'=")
    assert plain_cell(cell(text)) == text
    assert plain_cell(cell(cell(text))) == cell(text)


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "in-progress", "'quoted'", " plain ", "a; b", "a;b=c", "«=»"])
def test_a_harmless_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == plain_cell(text) == text


@pytest.mark.parametrize("name", [*NAMES, INBOX])
def test_a_hostile_table_as_csv_says_what_it_says_and_runs_nothing(hostile: Registry, name: str) -> None:
    of = table(view(hostile), name)
    head, *lines = rows_of(one(view(hostile), name, "csv"))
    assert head == [column.name for column in of.columns]
    assert [[plain_cell(text) for text in line] for line in lines] == texts_of(of)
    for line in lines:
        for text in line:
            assert not text.lstrip(" \n\u00a0\ufeff\u200b").startswith(DANGEROUS), text


def test_csv_has_a_byte_order_mark_and_lines_that_end_with_both(filled: Registry) -> None:
    data = one(view(filled), "evidence", "csv")
    assert data.startswith(b"\xef\xbb\xbfid,n,says_en,")
    assert data.endswith(b"\r\n")
    assert data.count(b"\r\n") == 4
    assert b"'+The council votes." in data


@pytest.mark.parametrize("format", FORMATS)
def test_a_selection_of_nothing_still_has_its_head(shipped: Registry, format: str) -> None:
    nothing = view(shipped, Filters(q="nobody ever said this"))
    assert len(nothing.kept) == 0
    data = one(nothing, "records", format, ("status", "as_of_from"))
    names = ["id", "status", "as_of_from", "address", "shown_as_of", "commit", "edition", "licence"]
    match format:
        case "csv":
            assert data == b"\xef\xbb\xbf" + ",".join(names).encode() + b"\r\n"
        case "xlsx":
            assert [each.value for each in next(iter(book(data)["records"].rows))] == names
        case "json":
            assert ([each["name"] for each in json.loads(data)["columns"]], json.loads(data)["lines"]) == (names, [])
        case "parquet":
            assert pq.read_table(io.BytesIO(data)).column_names == names
        case "datapackage":
            assert rows_of(member(data, "records.csv")) == [names]


def member(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


# --- the workbook -----------------------------------------------------------------------------------


def book(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_a_hostile_workbook_has_no_formula_and_no_link_and_every_text_whole(hostile: Registry) -> None:
    data = whole(view(hostile), "xlsx")
    opened = book(data)
    assert opened.sheetnames == ["Read me", *NAMES]
    texts = 0
    for name in NAMES:
        of = table(view(hostile), name)
        rows = list(opened[name].iter_rows(min_row=2, max_col=len(of.columns)))
        rows = rows if of.lines else []
        assert len(rows) == len(of)
        for line, cells in zip(of.lines, rows, strict=True):
            for value, column, got in zip(line, of.columns, cells, strict=True):
                assert got.data_type != "f"
                assert got.hyperlink is None
                if column.kind == "day":
                    assert (got.value and got.value.date()) == value
                elif column.kind == "whole":
                    assert got.value == value
                else:
                    assert (got.value or "") == text_of(value, column), (name, column.name)
                    texts += HOSTILE in (got.value or "")
    assert texts > 100
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert not [name for name, xml in parts.items() if re.search(r"<f[ >/]|<hyperlink|externalLink|<oleObject", xml)]
    assert not [name for name, xml in parts.items() if name.endswith(".rels") and "TargetMode" in xml]


def test_a_day_is_a_day_where_it_is_exact_and_before_the_calendar_of_spreadsheets_a_text(filled: Registry) -> None:
    (other, source) = filled.sources
    old = replace(source, published=replace(source.published, text="1899", first=date(1899, 1, 1), last=date(1899, 12, 31)))  # fmt: skip
    sheet = book(one(view(Registry(file=filled.file, sources=(old, other))), "sources", "xlsx"))["sources"]
    head, first, second = ([cell.value for cell in row] for row in sheet.rows)
    at = head.index("published")
    assert first[at : at + 3] == ["1899", "1899-01-01", "1899-12-31"]
    assert second[at : at + 3] == ["2024-02-03", datetime(2024, 2, 3), datetime(2024, 2, 3)]


def test_the_first_sheet_says_what_it_is_and_what_each_column_means(shipped: Registry) -> None:
    shown = view(shipped, Filters(side=("foreign",)))
    sheet = book(one(shown, "funding", "xlsx"))["Read me"]
    lines = [line for row in sheet.rows if (line := [cell.value for cell in row if cell.value])]
    said = {line[0]: line[1] for line in lines if len(line) == 2}
    assert said["State"] == "as on 25 November 2026; data of 20 November 2026, version abc1234"
    assert said["Selection"] == "Foreign donors and governments"
    assert said["Licence"] == "CC-BY-4.0"
    assert said["Where it can be read"].startswith("https://example.org/points?side=foreign&published_on=2026-11-25-")
    assert ["funding", str(len(table(shown, "funding"))), "Money; never add up sums of different stages or currencies"] in lines  # fmt: skip
    explained = [line[1] for line in lines if line[0] == "funding" and len(line) == 3][1:]
    assert explained == [column.name for column in table(shown, "funding").columns]


def test_each_sheet_keeps_its_head_in_sight_and_can_be_filtered(filled: Registry) -> None:
    opened = book(whole(view(filled), "xlsx"))
    for name in NAMES:
        assert opened[name].freeze_panes == "B2"
        assert opened[name].auto_filter.ref.startswith("A1:")


def test_the_sheet_to_fill_in_offers_the_words_that_are_taken(filled: Registry) -> None:
    sheet = book(one(view(filled), INBOX, "xlsx"))[INBOX]
    offered = {str(each.sqref): each.formula1 for each in sheet.data_validations.dataValidation}
    heads = {cell.column_letter: cell.value for cell in sheet[1]}
    assert {heads[where[0]]: words for where, words in offered.items()} == {
        "says": '"changed,nothing-new,wrong,answer,take-out"',
        "shown_by": '"link,document,saw"',
        "status": '"nothing-found,not-started,promised,in-progress,ongoing,partly-implemented,implemented,blocked,reversed,refused"',
        "position": '"agreed,agreed-in-part,took-note,declined,not-ours,done-already"',
        "language": '"en,ru,kk"',
    }


def with_note(of: Registry, note: str) -> View:
    """The note of the first assessment changed."""
    first = of.records["read-meters"]
    said = copy.copy(first.assessments[0].note)  # below the checks of the model, which would refuse some of this
    object.__setattr__(said, "en", note)
    changed = replace(first.assessments[0], note=said)
    records = tuple(
        replace(first, assessments=(changed, *first.assessments[1:])) if record is first else record
        for record in of.file.recommendations
    )
    return view(Registry(file=replace(of.file, recommendations=records), sources=of.sources))


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("a" * 32768, "32768 characters are more than the 32767 that a cell holds"),
        ("😀" * 16384, "32768 characters are more than the 32767 that a cell holds"),
        ("a\ufffeb", "a cell cannot hold the character U+FFFE"),
        ("a\x0bb", "a cell cannot hold the character U+000B"),
        ("a\rb", "a cell cannot hold the character U+000D"),
        ("a\ud800b", "a cell cannot hold the character U+D800"),
    ],
)
def test_what_a_workbook_cannot_hold_is_refused_and_the_message_says_where(
    filled: Registry, note: str, said: str
) -> None:
    shown = with_note(filled, note)
    for made in (lambda: one(shown, "assessments", "xlsx"), lambda: whole(shown, "xlsx")):
        with pytest.raises(TooLong) as refused:
            made()
        assert (
            str(refused.value) == f"assessments, read-meters/assessments/1, note_en: {said}; take csv, json or parquet"
        )


@pytest.mark.parametrize(
    "note", ["a" * 32767, "😀" * 16383 + "a", "a\tb\n\nc", "_x000D_ _x0041_", " \n ", "\u2028\u0085"]
)
def test_what_a_workbook_can_hold_it_holds_as_it_is(filled: Registry, note: str) -> None:
    sheet = book(one(with_note(filled, note), "assessments", "xlsx", ("note_en",)))["assessments"]
    assert sheet["B2"].value == note
    assert rows_of(one(with_note(filled, note), "assessments", "csv", ("note_en",)))[1][1] == note


# --- LibreOffice ------------------------------------------------------------------------------------

_EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def office(folder: Path, to: str, *given: Path | str) -> None:
    """What LibreOffice makes of files, beside options of its own."""
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    command = ["soffice", profile, "--headless", "--convert-to", to, "--outdir", str(folder), *map(str, given)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def test_libreoffice_reads_the_hostile_workbook_with_every_text_whole(hostile: Registry, tmp_path: Path) -> None:
    """It runs no formula, and shows each text as it is."""
    file = tmp_path / "all.xlsx"
    file.write_bytes(whole(view(hostile), "xlsx"))
    office(tmp_path, _EVERY_SHEET, file)
    for name in NAMES:
        of = table(view(hostile), name)
        _, *lines = rows_of((tmp_path / f"all-{name}.csv").read_bytes())
        assert [line[: len(of.columns)] for line in lines if any(line)] == texts_of(of), name


def test_libreoffice_opens_the_hostile_csv_and_finds_no_formula(hostile: Registry, tmp_path: Path) -> None:
    names = ("records", "evidence", "sources", "assessments")
    for name in names:
        (tmp_path / f"{name}.csv").write_bytes(one(view(hostile), name, "csv"))
    office(tmp_path, "xlsx", "--infilter=CSV:44,34,76,1", *(tmp_path / f"{name}.csv" for name in names))
    for name in names:
        of = table(view(hostile), name)
        (sheet,) = openpyxl.load_workbook(tmp_path / f"{name}.xlsx").worksheets
        free = [x for x, column in enumerate(of.columns) if column.kind == "text" and column.name.endswith("_en")]
        for texts, cells in zip(texts_of(of), list(sheet.rows)[1:], strict=True):
            assert all(each.data_type != "f" for each in cells)
            for x in free:
                assert plain_cell(str(cells[x].value or "")) == texts[x]


# --- JSON, Parquet, data package --------------------------------------------------------------------


@pytest.mark.parametrize("which", ["filled", "hostile", "shipped"])
def test_the_whole_as_json_is_the_registry(which: str, request: pytest.FixtureRequest) -> None:
    given: Registry = request.getfixturevalue(which)
    made = json.loads(whole(view(given), "json"))
    assert TypeAdapter(RegistryFile).validate_python(made["registry"]) == given.file
    assert TypeAdapter(tuple[Source, ...]).validate_python(made["sources"]) == given.sources
    assert made["computed"] == json.loads(
        json.dumps({each["id"]: each for each in tables.summaries(view(given))})
    )  # what is computed stands apart
    assert "status" not in made["registry"]["recommendations"][0]
    assert made["meta"] == {
        "title": {"en": given.file.title.en, "ru": given.file.title.ru, "kk": given.file.title.kk},
        "publisher": given.file.publisher.name,
        "licence": given.file.licence,
        "shown_as_of": "2026-11-25",
        "commit": "abc1234",
        "data_of": "2026-11-20",
        "edition": None,
        "address": "https://example.org/points?published_on=2026-11-25-abc1234",
        "selection": None,
    }


def test_a_selection_as_json_is_that_part_of_the_registry(filled: Registry) -> None:
    made = json.loads(whole(view(filled, Filters(theme=("water",))), "json"))
    assert [record["id"] for record in made["registry"]["recommendations"]] == ["read-meters"]
    assert [source["id"] for source in made["sources"]] == ["report-one"]
    assert list(made["computed"]) == ["read-meters"]
    assert made["meta"]["selection"] == "Water"


def test_a_table_as_json_has_its_columns_explained(filled: Registry) -> None:
    made = json.loads(one(view(filled), "funding", "json", ("amount", "evidence", "on_from")))
    assert made["lines"][0] == {
        "id": "read-meters/funding/1", "amount": "25000.50", "evidence": ["minutes"], "on_from": "2023-09-01",
        "address": "https://example.org/r/read-meters", "shown_as_of": "2026-11-25", "commit": "abc1234",
        "edition": None, "licence": "CC-BY-4.0",
    }  # fmt: skip
    assert made["columns"][1] == {"name": "amount", "kind": "money", "computed": False, "says": "Sum, digits only"}


def test_parquet_has_types_and_says_what_it_is(hostile: Registry) -> None:
    for name in NAMES:
        of = table(view(hostile), name)
        got = pq.read_table(io.BytesIO(one(view(hostile), name, "parquet")))
        assert [tuple(line.values()) for line in got.to_pylist()] == [
            tuple(list(value) if isinstance(value, tuple) else value for value in line) for line in of.lines
        ], name
    funding = pq.read_table(io.BytesIO(one(view(hostile), "funding", "parquet")))
    types = {field.name: field.type for field in funding.schema}
    assert types["amount"] == pa.decimal128(17, 2)
    assert types["on_from"] == pa.date32()
    assert types["evidence"] == pa.list_(pa.string())
    assert funding["amount"].to_pylist() == [Decimal("25000.50"), Decimal(5), Decimal(5)]
    assert json.loads(funding.schema.metadata[b"meta"])["commit"] == "abc1234"
    assert funding.schema.field("amount").metadata == {b"says": b"Sum, digits only"}


@pytest.mark.parametrize("which", ["filled", "hostile", "shipped", "selected"])
def test_the_data_package_is_valid_by_frictionless(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    given: Registry = request.getfixturevalue("filled" if which == "selected" else which)
    path = tmp_path / "all.zip"
    path.write_bytes(whole(view(given, Filters(theme=("water",)) if which == "selected" else None), "datapackage"))
    report = frictionless.validate(str(path))
    assert (report.valid, report.stats["tasks"], report.flatten(["type", "note"])) == (True, len(NAMES), [])
    package = json.loads(member(path.read_bytes(), "datapackage.json"))
    if which == "filled":
        assert package["licenses"] == [{"name": "CC-BY-4.0"}]
        assert [each["title"] for each in package["sources"]] == ["Record two", "\tReport; one"]
    keys = {
        (each["name"], key["fields"], key["reference"]["resource"])
        for each in package["resources"]
        for key in each["schema"]["foreignKeys"]
    }
    assert {("records", "theme", "themes"), ("origins", "source", "sources"), ("actors-of-records", "actor", "actors")} <= keys  # fmt: skip
    # A key that does not hold is not named: of a selection, the point beside is left out; a retired point is not there.
    assert (("related", "related", "records") in keys) == (which != "selected")
    assert ("assessments", "by", "actors") not in keys


def test_frictionless_sees_a_date_that_is_none(filled: Registry, tmp_path: Path) -> None:
    """The types of the description are looked at: a changed cell is found."""
    data = whole(view(filled), "datapackage")
    path = tmp_path / "spoiled.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"2023-09-01,2023-09-30", b"2023-09,2023-09-30"))
    assert "type-error" in {error for (error,) in frictionless.validate(str(path)).flatten(["type"])}


def test_a_licence_that_is_no_name_is_told_by_title(filled: Registry) -> None:
    free = Registry(file=replace(filled.file, licence="none stated by the source"), sources=filled.sources)
    package = json.loads(member(whole(view(free), "datapackage"), "datapackage.json"))
    assert package["licenses"] == [{"title": "none stated by the source", "path": "https://example.org/about"}]


# --- files ------------------------------------------------------------------------------------------


def test_sums_stand_as_they_were_written(filled: Registry) -> None:
    shown, wanted = view(filled), ["25000.50", "5", "5.00"]
    assert [line[1] for line in rows_of(one(shown, "funding", "csv", ("amount",)))[1:]] == wanted
    assert [line["amount"] for line in json.loads(one(shown, "funding", "json"))["lines"]] == wanted
    assert [cell.value for cell in book(one(shown, "funding", "xlsx", ("amount",)))["funding"]["B"]][1:] == wanted


def test_a_workbook_was_made_on_the_day_that_it_shows(filled: Registry) -> None:
    """Not at the hour at which somebody took it: that is nobody's business, and would make other bytes."""
    made = book(one(view(filled, as_of=date(2024, 5, 10)), "records", "xlsx")).properties
    assert made.created == made.modified == datetime(2024, 5, 10)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_data_makes_the_same_bytes(filled: Registry, format: str) -> None:
    again = Registry(file=filled.file, sources=filled.sources)
    assert whole(view(filled), format) == whole(view(again), format)
    assert one(view(filled), "records", format) == one(view(again), "records", format)


@pytest.mark.parametrize("format", ["csv", "parquet", "datapackage"])
def test_a_zip_holds_a_file_a_table_with_safe_names_and_one_date(filled: Registry, format: str) -> None:
    with zipfile.ZipFile(io.BytesIO(whole(view(filled), format))) as archive:
        entries = archive.infolist()
        assert archive.testzip() is None
    ending = "csv" if format == "datapackage" else format
    names = [f"{name}.{ending}" for name in NAMES]
    assert [entry.filename for entry in entries] == (["datapackage.json"] if format == "datapackage" else []) + names
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("what", "format", "name"),
    [
        ("records", "csv", "records-2026-11-25.csv"),
        ("actors-of-records", "xlsx", "actors-of-records-2026-11-25.xlsx"),
        ("all", "csv", "all-2026-11-25-csv.zip"),
        ("all", "parquet", "all-2026-11-25-parquet.zip"),
        ("all", "json", "all-2026-11-25.json"),
        ("records", "datapackage", "records-2026-11-25-datapackage.zip"),
        ("../../Ы\r\n\"x", "csv", "x-2026-11-25.csv"),
        ("…", "csv", "table-2026-11-25.csv"),
    ],
)  # fmt: skip
def test_a_file_has_a_safe_name_with_the_day(shipped: Registry, what: str, format: str, name: str) -> None:
    assert file_name(view(shipped), what, format) == name


def test_an_unknown_format_gets_the_nearest_word(shipped: Registry) -> None:
    for made in (lambda: one(view(shipped), "records", "xls"), lambda: whole(view(shipped), "xls")):
        with pytest.raises(tables.Unknown, match=r"there is no format 'xls'; did you mean 'xlsx'\?"):
            made()
    assert set(exported.MEDIA) >= set(FORMATS)


# --- the command line -------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = written(tmp_path / "small")
    committed(path.parent)
    return path


def test_export_writes_a_table_to_standard_output(small: Path) -> None:
    done = command("--registry", small, "export", "records", "csv", "--columns", "status, side", "--side", "state")
    assert done.returncode == 0, done.stderr
    head, line = done.stdout.removeprefix("\ufeff").splitlines()
    assert head == "id,status,side,address,shown_as_of,commit,edition,licence"
    assert line.startswith("open-shelters,in-progress,state,/r/open-shelters,")


def test_export_of_all_goes_into_a_zip_or_a_folder(small: Path, tmp_path: Path) -> None:
    folder, file = tmp_path / "taken", tmp_path / "taken.zip"
    assert command("--registry", small, "export", "all", "csv", "-o", file).returncode == 0
    done = command("--registry", small, "export", "all", "csv", "-o", f"{folder}/")
    assert done.stdout.splitlines() == [str(folder / f"{name}.csv") for name in NAMES]
    with zipfile.ZipFile(file) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            each.name: each.read_bytes() for each in folder.iterdir()
        }
    assert sorted(each.name for each in tmp_path.iterdir()) == ["small", "taken", "taken.zip"]


def test_export_names_a_file_after_what_it_holds(small: Path, tmp_path: Path) -> None:
    done = command("--registry", small, "export", "all", "xlsx", "--lang", "ru", "-o", tmp_path, "--as-of", "2025-05")
    assert done.stdout == f"{tmp_path}/all-2025-05-31.xlsx\n"
    opened = openpyxl.load_workbook(tmp_path / "all-2025-05-31.xlsx")
    assert opened["Read me"]["A1"].value == "Малый"
    assert opened["checks"].max_row == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("record", "csv"), "there is no table 'record'; did you mean 'records'?"),
        (("records", "cvs"), "there is no format 'cvs'; did you mean 'csv'?"),
        (("records", "csv", "--columns", "statu"), "records has no column 'statu'; did you mean 'status'?"),
        (("all", "csv", "--columns", "status"), "--columns: columns are chosen of one table; name it in place of all"),
        (("records", "csv", "-o", "points.xlsx"), "--output: 'points.xlsx': the name has to end with .csv"),
        (("all", "csv", "-o", "points.csv"), "--output: 'points.csv': the name has to end with .zip"),
        (("records", "csv", "--theme", "shelter"), "--theme: 'shelter' is not there; did you mean 'shelters'?"),
    ],
)
def test_export_says_what_it_does_not_know(small: Path, words: tuple[str, ...], said: str) -> None:
    done = command("--registry", small, "export", *words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{said}\n")


def test_a_file_that_cannot_be_made_leaves_the_old_one(tmp_path: Path) -> None:
    path = written(tmp_path / "long", REGISTRY.replace("Eleven of seventeen.", "a" * 40000))
    old = tmp_path / "old.xlsx"
    old.write_bytes(b"old")
    done = command("--registry", path, "export", "assessments", "xlsx", "-o", old)
    assert done.returncode == 1
    assert done.stderr == (
        "nothing was written: assessments, open-shelters/assessments/1, note_en: 40000 characters are more than the "
        "32767 that a cell holds; take csv, json or parquet\n"
    )
    assert old.read_bytes() == b"old"
    done = command("--registry", path, "export", "records", "csv", "-o", tmp_path / "no" / "such.csv")
    assert (done.returncode, done.stderr) == (6, f"{tmp_path}/no/such.csv: No such file or directory\n")


def test_a_file_is_replaced_whole_and_a_pipe_written_to(small: Path, tmp_path: Path) -> None:
    file, link = tmp_path / "a.csv", tmp_path / "link.csv"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    assert command("--registry", small, "export", "records", "csv", "-o", link).returncode == 0
    assert link.is_symlink()
    assert file.read_bytes().startswith(b"\xef\xbb\xbfid,")
    assert file.stat().st_mode & 0o777 == 0o640
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        assert command("--registry", small, "export", "records", "csv", "-o", pipe).returncode == 0
        assert pipe.is_fifo()
        assert reader.communicate(timeout=10)[0] == file.read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.csv", "link.csv", "pipe", "small"]


def test_export_says_of_which_version_it_is(small: Path) -> None:
    day = str(scalars.today())
    for words in ((), ("--published-on", day)):
        done = command("--registry", small, "export", "records", "json", *words)
        meta = json.loads(done.stdout)["meta"]
        assert re.fullmatch(r"[0-9a-f]{7,}", meta["commit"])
        assert (meta["shown_as_of"], meta["data_of"]) == (day, day)
    small.write_text(REGISTRY.replace("Eleven of", "Twelve of"), "utf-8")
    done = command("--registry", small, "export", "records", "json")
    assert json.loads(done.stdout)["meta"]["commit"] == f"{meta['commit']}+changes"
