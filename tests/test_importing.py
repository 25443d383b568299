"""Tables that others keep, by a MAP: what becomes of every row, and that nothing is lost or guessed."""

import csv
import io
import shlex
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import cli
from dashboard.inputs import importing, laid, mapping, tabled
from dashboard.inputs.importing import Imported
from dashboard.inputs.remarks import Unfit
from dashboard.inputs.slugs import slug
from dashboard.language import translator
from dashboard.outputs import exported, tables
from dashboard.outputs.view import Place, View
from dashboard.progress import summary
from dashboard.progress.filters import Filters
from dashboard.registry import inbox, reader
from dashboard.registry.events import FORBIDDEN
from dashboard.registry.inbox import Saying, Sign, State
from dashboard.registry.model import AnswerPosition, Kind, Registry
from dashboard.registry.scalars import Clock
from tests import generate, reviews
from tests.small import ROOT, written

TODAY = date(2026, 11, 21)


def read(registry: Path, today: date = TODAY) -> Registry:
    loaded = reader.load(registry, today)
    assert loaded.registry is not None
    assert loaded.errors == 0, loaded.problems[:3]
    return loaded.registry


def view(registry: Registry, today: date = TODAY) -> View:
    clock, tr = Clock(today, today), translator("en")
    return View(registry=registry, clock=clock, tr=tr, filters=Filters(), place=Place("/points"))


def command(*arguments: object) -> int:
    return cli.main([str(each) for each in arguments])


def plain(folder: Path, text: str) -> mapping.Mapping:
    (folder / "map.yaml").write_text(text, encoding="utf-8")
    return mapping.read(folder / "map.yaml")


def table(folder: Path, rows: list[list[str]], name: str = "list.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def remarks(found: Imported, folder: Path) -> list[str]:
    return [str(r).removeprefix(f"{folder}/") for row in found.rejected for r in row.remarks]


# --- our own tables ---------------------------------------------------------------------------------

FORMATS = ("csv", "xlsx", "datapackage")


def same(left: Registry, right: Registry) -> bool:
    return left.file == right.file and left.sources == right.sources


def back(registry: Registry, format: str, folder: Path, today: date = TODAY) -> Imported:
    path = folder / f"all.{'xlsx' if format == 'xlsx' else 'zip'}"
    path.write_bytes(exported.whole(view(registry, today), format))
    return tabled.registry([path], mapping.read(Path("ours")), today)


@pytest.mark.parametrize("format", FORMATS)
def test_the_shipped_registry_comes_back_equal(format: str, tmp_path: Path) -> None:
    registry = read(ROOT / "recommendations.yaml", date(2026, 12, 31))
    found = back(registry, format, tmp_path, date(2026, 12, 31))
    assert found.registry is not None
    assert same(found.registry, registry)
    assert found.notes == ()


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_generated_registry_comes_back_equal(format: str, seed: int, tmp_path: Path) -> None:
    registry = read(generate.write(tmp_path, generate.registry(seed, 60)))
    found = back(registry, format, tmp_path)
    assert found.registry is not None
    assert same(found.registry, registry)
    assert found.notes == ()


HOSTILE = (
    "=1+1",
    "@SUM(A1)",
    "-2",
    "+3",
    "'=x",
    "''-x",
    "＝x",
    "  =x",
    '"q", r',
    "a\nb",
    "a\\nb",
    "\\",
    "# no",
    "- x",
    "{a: b}",
    "yes",
    "2024",
    "٣",
    "x: y",
    "'",
    '"',
    "C:\\new",
    "[x]",
    "&a",
    "*a",
    "!t",
    "|",
    ">",
    "%",
    "null",
    "~",
)


@pytest.mark.parametrize("format", FORMATS)
def test_hostile_texts_in_every_field_come_back_as_they_were(format: str, tmp_path: Path) -> None:
    """Each text of a record in turn holds each of the texts."""
    text = (ROOT / "tests" / "small.py").read_text("utf-8")
    assert "Eleven of seventeen." in text
    registry = read(written(tmp_path))
    plain = reader_plain(registry)
    for n, hostile in enumerate(HOSTILE):
        record = {
            **plain["recommendations"][0],
            "id": f"record-{n}",
            "title": hostile,
            "summary": {"ru": hostile, "kk": hostile},
        }
        record["done_when"], record["open_questions"] = [hostile], [hostile, {"kk": hostile}]
        record["assessments"] = [{**record["assessments"][0], "note": hostile}]
        record["related"] = []
        plain["recommendations"].append(record)
        plain["actors"].append(
            {"id": f"actor-{n}", "name": hostile, "kind": "person", "side": "society", "same_as": [hostile, "b"]}
        )
    files = {
        "recommendations.yaml": written_out(plain),
        "sources/report-one.yaml": (tmp_path / "sources" / "report-one.yaml").read_bytes(),
    }
    loaded = laid.read(files, TODAY)
    assert loaded.registry is not None
    assert loaded.errors == 0, loaded.problems
    found = back(loaded.registry, format, tmp_path)
    assert found.registry is not None
    assert same(found.registry, loaded.registry)


def reader_plain(registry: Registry) -> dict[str, Any]:
    from dashboard.registry.model import RegistryFile

    made: dict[str, Any] = laid.plain(RegistryFile, registry.file)
    return made


def written_out(plain: dict[str, Any]) -> bytes:
    lists = {name: map(laid.entry, plain[name]) for name in ("themes", "actors", "evidence", "recommendations")}
    return laid.registry({name: each for name, each in plain.items() if name not in lists}, lists)


def test_a_folder_of_tables_is_read_like_the_zip_and_what_they_do_not_hold_is_told(tmp_path: Path) -> None:
    registry = read(written(tmp_path))
    with zipfile.ZipFile(io.BytesIO(exported.whole(view(registry), "csv"))) as archive:
        archive.extractall(tmp_path / "tables")
    records = tmp_path / "tables" / "records.csv"
    head, *lines = records.read_text("utf-8-sig").splitlines()
    records.write_text("\n".join([f"{head},colour", *(f"{line},red" for line in lines)]), "utf-8")
    found = tabled.registry([tmp_path / "tables"], mapping.read(Path("ours")), TODAY)
    assert found.registry is not None
    assert same(found.registry, registry)
    assert [str(note).removeprefix(f"{tmp_path}/") for note in found.notes] == [
        "tables/records.csv:1:1: warning: columns that no table has: colour; they are not read"
    ]


def test_tables_that_do_not_make_a_registry_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_bytes(exported.one(view(read(written(tmp_path))), "records", "csv"))
    missing = ", ".join(name for name in tables.NAMES if name != "records")
    with pytest.raises(Unfit, match=f"no table {missing}; give all that export all writes"):
        tabled.registry([path], mapping.read(Path("ours")), TODAY)


@pytest.mark.parametrize("format", ["json", "parquet"])
def test_of_formats_that_cannot_be_brought_back_it_is_said_which_can(format: str, tmp_path: Path) -> None:
    registry = read(written(tmp_path))
    whole, one = tmp_path / "all", tmp_path / f"records.{format}"
    whole.write_bytes(exported.whole(view(registry), format))
    one.write_bytes(exported.one(view(registry), "records", format))
    said = "error: JSON and Parquet cannot be brought back; give what export all writes as csv, xlsx or datapackage"
    assert (not_whole(whole), not_whole(one)) == ([f"all: {said}"], [f"{one.name}: {said}"])


def in_a_folder(registry: Registry, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(exported.whole(view(registry), "csv"))) as archive:
        archive.extractall(folder)
    return folder


def in_a_zip(folder: Path) -> Path:
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w") as archive:
        for each in folder.iterdir():
            archive.write(each, each.name)
    return folder.with_suffix(".zip")


def not_whole(*paths: Path) -> list[str]:
    with pytest.raises(Unfit) as unfit:
        tabled.registry(paths, mapping.read(Path("ours")), TODAY)
    return [str(remark).removeprefix(f"{paths[0].parent}/") for remark in unfit.value.remarks]


LACKS = "give all that export all writes as csv, xlsx or datapackage; to leave one out, give its head alone"


def test_no_table_is_lost_since_its_file_is_missing_or_has_another_name(tmp_path: Path) -> None:
    folder = in_a_folder(read(written(tmp_path)), tmp_path / "all")
    (folder / "assessments.csv").unlink()
    (folder / "funding.csv").rename(folder / "funding (1).csv")
    for path, inside in ((folder, "all/"), (in_a_zip(folder), "all.zip/")):
        assert not_whole(path) == [
            f"{inside}funding (1).csv: error: there is no table 'funding (1)'; "
            "rename it or take it away; did you mean 'funding'?",
            f"{path.name}: error: no table assessments, funding; {LACKS}",
        ]
    assert "funding (1).csv: error: there is no table" in not_whole(*sorted(folder.iterdir()))[0]


def test_no_table_is_lost_since_its_sheet_has_another_name(tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    path.write_bytes(exported.whole(view(read(written(tmp_path))), "xlsx"))
    book = openpyxl.load_workbook(path)
    book["steps"].title = "Stages"
    book.create_sheet("Mine")
    book.save(path)
    assert [told.partition("; rename")[0] for told in not_whole(path)] == [
        "all.xlsx:Stages: error: there is no table 'Stages'",
        "all.xlsx:Mine: error: there is no table 'Mine'",
        f"all.xlsx: error: no table steps; {LACKS}",
    ]


def test_the_head_alone_leaves_a_table_out(tmp_path: Path) -> None:
    folder = in_a_folder(read(written(tmp_path)), tmp_path / "all")
    conditions = folder / "conditions.csv"
    head, *lines = conditions.read_text("utf-8-sig").splitlines()
    assert lines
    conditions.write_text(head, "utf-8")
    found = tabled.registry([folder], mapping.read(Path("ours")), TODAY)
    assert found.registry is not None
    assert not any(record.done_when for record in found.registry.file.recommendations)


def test_columns_that_are_missing_are_told_but_for_those_that_are_computed(tmp_path: Path) -> None:
    folder = in_a_folder(read(written(tmp_path)), tmp_path / "all")
    path = folder / "assessments.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    with path.open("w", encoding="utf-8", newline="") as file:
        kept = csv.DictWriter(
            file, [n for n in rows[0] if n not in ("reviewed_by", "as_of_from", "address")], extrasaction="ignore"
        )
        kept.writeheader()
        kept.writerows(rows)
    found = tabled.registry([folder], mapping.read(Path("ours")), TODAY)
    assert [str(note).removeprefix(f"{folder}/") for note in found.notes] == [
        "assessments.csv:1:1: warning: columns that are missing: reviewed_by; they are taken as empty"
    ]


def test_of_two_files_of_one_table_none_is_preferred(tmp_path: Path) -> None:
    folder = in_a_folder(read(written(tmp_path)), tmp_path / "all")
    (tmp_path / "more").mkdir()
    second = tmp_path / "more" / "funding.csv"
    second.write_text((folder / "funding.csv").read_text("utf-8-sig").splitlines()[0], "utf-8")
    for again in (second, second.parent):
        assert not_whole(folder, again) == [
            f"more/funding.csv: error: a second table funding, beside {folder}/funding.csv; give each table once"
        ]


def test_a_problem_in_our_tables_is_told_at_its_cell_and_nothing_is_made(tmp_path: Path) -> None:
    registry = read(written(tmp_path))
    with zipfile.ZipFile(io.BytesIO(exported.whole(view(registry), "csv"))) as archive:
        archive.extractall(tmp_path / "tables")
    for name, old, new in (
        ("assessments", ",in-progress,", ",under-way,"),
        ("origins", "open-shelters/origin/1,open-shelters,1", "open-shelters/origin/1,open-doors,first"),
    ):
        path = tmp_path / "tables" / f"{name}.csv"
        text = path.read_text("utf-8-sig")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(Unfit) as unfit:
        tabled.registry([tmp_path / "tables"], mapping.read(Path("ours")), TODAY)
    assert [str(r).removeprefix(f"{tmp_path}/tables/") for r in unfit.value.remarks] == [
        "origins.csv:2:24: error: 'open-doors' is no record; did you mean 'open-shelters'?"
    ]
    path = tmp_path / "tables" / "origins.csv"
    path.write_text(path.read_text("utf-8").replace("open-doors,first", "open-shelters,1"), "utf-8")
    with pytest.raises(Unfit) as unfit:
        tabled.registry([tmp_path / "tables"], mapping.read(Path("ours")), TODAY)
    (told,) = (str(r).removeprefix(f"{tmp_path}/tables/") for r in unfit.value.remarks)
    assert told.startswith("assessments.csv:2:45: error: assessments.1.status: 'under-way' is not allowed here")


# --- the export of UPR Info's shape -----------------------------------------------------------------


def reviewed(folder: Path, given: list[tuple[str, ...]], lacking: str = "") -> Imported:
    return importing.records([reviews.write(folder, given, lacking=lacking)], mapping.read(Path("upr-info")), TODAY)


ROW = (
    "Alband",
    "",
    "",
    "Continue, without delay, to keep every shelter in every region open in all of the seasons",
    "Borland",
    "",
    "",
    "Noted",
    "4",
    "Women's rights,NHRI,HIV - Aids",
    "7",
)


def row(**other: str) -> tuple[str, ...]:
    return tuple(other.get(name, cell) for name, cell in zip(reviews.HEAD, ROW, strict=True))


def test_a_row_becomes_a_record_with_an_answer_and_no_judgement(tmp_path: Path) -> None:
    found = reviewed(tmp_path, [row(To="Albaland", From="Cévia")])
    assert found.registry is not None
    (record,) = found.registry.file.recommendations
    assert record.id.startswith("albaland-s07-cevia-")
    assert record.title.en == "Continue, without delay, to keep every shelter in every region open in…"
    assert record.text is not None
    assert record.text.en == ROW[3]
    assert (record.kind, record.theme, str(record.on)) == (Kind.RECOMMENDATION, "womens-rights", "2008")
    assert [(a.code, a.match) for a in record.alignments] == [
        ("upr-issue:nhri", "touches"),
        ("upr-issue:hiv-aids", "touches"),
    ]
    (origin,) = record.origin
    assert (origin.by, origin.told, origin.locator, origin.quote) == ("cevia", "quoted", "session 7", None)
    (answer,) = record.answers
    assert (answer.by, answer.position, str(answer.on), answer.text.en) == ("albaland", "took-note", "2008", "Noted")
    assert record.assessments == ()
    assert found.registry.actors["cevia"].name.en == "Cévia"
    assert {source.rights for source in found.registry.sources} == {"public-record"}


def test_a_pledge_is_the_states_own_commitment_and_answers_nothing(tmp_path: Path) -> None:
    found = reviewed(tmp_path, [row(To="Albaland", From="Albaland", Response="Voluntary Pledge", Session="13")])
    assert found.registry is not None
    (record,) = found.registry.file.recommendations
    assert (record.kind, record.as_given, record.origin[0].by, record.answers) == (
        Kind.COMMITMENT,
        "reported",
        "albaland",
        (),
    )
    assert str(record.on) == "2012"  # of the second review


def test_a_year_that_is_not_known_is_left_out_and_counted(tmp_path: Path) -> None:
    found = reviewed(tmp_path, [row(To="Albaland", Session="12"), row(To="Albaland", Session="13")], lacking="Albaland")
    assert found.registry is not None
    assert [str(record.on) if record.on else "" for record in found.registry.file.recommendations] == ["", "2012"]
    assert found.counts["without on"] == 1
    assert found.counts["answers.on: 2015~ in its place"] == 1


def test_repeats_are_linked_whatever_their_case_and_spaces(tmp_path: Path) -> None:
    found = reviewed(tmp_path, [row(), row(Text=f" {ROW[3].upper()} "), row(Session="8"), row()])
    assert found.registry is not None
    first, second, third, fourth = found.registry.file.recommendations
    assert [record.id.removeprefix(first.id) for record in (second, fourth)] == ["-2", "-3"]
    assert [(r.id, r.relation) for r in (*second.related, *fourth.related)] == [(first.id, "repeats")] * 2
    assert (first.related, third.related) == ((), ())
    assert found.counts["repeats linked to the first"] == 2


def test_titles_that_would_be_the_same_are_told_apart(tmp_path: Path) -> None:
    found = reviewed(tmp_path, [row(Text="Do it"), row(Text="Do it", To="Elovia"), row(Text="Do that")])
    assert found.registry is not None
    assert [record.title.en for record in found.registry.file.recommendations] == [
        "Do it (Alband, Borland, session 7)",
        "Do it (Elovia, Borland, session 7)",
        "Do that",
    ]


def test_the_same_file_always_makes_the_same_registry_and_other_rows_do_not_change_an_id(tmp_path: Path) -> None:
    rows = reviews.rows(300)
    first, again = reviewed(tmp_path, rows), reviewed(tmp_path, rows)
    assert dict(first.files) == dict(again.files)
    fewer = reviewed(tmp_path, rows[50:90])
    assert first.registry is not None
    assert fewer.registry is not None
    assert fewer.registry.records.keys() <= first.registry.records.keys()
    assert first.rejected == ()
    assert first.counts["repeats linked to the first"] == 3
    positions = Counter(a.position for r in first.registry.file.recommendations for a in r.answers)
    responses = Counter(each[7] for each in rows)
    assert (positions["agreed"], positions["took-note"]) == (responses["Accepted"], responses["Noted"])


def test_rows_that_cannot_be_taken_are_told_at_their_cells_with_the_nearest_word(tmp_path: Path) -> None:
    found = reviewed(
        tmp_path,
        [
            row(Response="Acepted"),
            row(To=""),
            row(Text="Call +7 701 123 45 67 about it"),
            row(Text="Write to somebody@example.org"),
            row(Issue=""),
            row(),
        ],
    )
    assert remarks(found, tmp_path) == [
        "1-5.csv:2:112: error: 'Acepted' under Response; did you mean 'Accepted'?",
        "1-5.csv:3:1: error: nothing for actors; a record needs it",
        "1-5.csv:4:10: error: a telephone number in a public file; take it out; only publisher.contact may hold one",
        "1-5.csv:5:10: error: an e-mail address in a public file; take it out; only publisher.contact may hold one",
        "1-5.csv:6:120: error: nothing for theme; a record needs it",
    ]
    assert found.registry is not None
    assert len(found.registry.file.recommendations) == 1
    assert "borland" in found.registry.actors


def test_a_missing_column_and_a_missing_second_file_are_told(tmp_path: Path) -> None:
    path = reviews.write(tmp_path, [row()])
    path.write_bytes(path.read_bytes().replace(b"Response", b"Answer").replace(b"Session", b"Sessions", 1))
    with pytest.raises(Unfit) as unfit:
        importing.records([path], mapping.read(Path("upr-info")), TODAY)
    told = [str(remark) for remark in unfit.value.remarks]
    assert all(each.startswith("upr-info.yaml:") for each in told)
    assert any("no column 'Session' in the file; did you mean 'Sessions'?" in each for each in told)
    assert any("no column 'Response' in the file" in each for each in told)
    reviews.write(tmp_path, [row()])
    years = tmp_path / "upr-years.csv"
    years.write_bytes(years.read_bytes().replace(b"review2", b"second"))
    with pytest.raises(Unfit, match=r"upr-years\.csv:1:1: error: no column 'review2'"):
        importing.records([path], mapping.read(Path("upr-info")), TODAY)
    years.unlink()
    with pytest.raises(reader.Unreadable, match=r"upr-years\.csv: there is no such file"):
        importing.records([path], mapping.read(Path("upr-info")), TODAY)


def test_of_very_many_missing_translations_a_hundred_are_told_and_then_how_many_more(tmp_path: Path) -> None:
    found = reviewed(tmp_path, reviews.rows(200))
    assert found.registry is not None
    texts = len(found.registry.file.recommendations) + len(found.registry.actors) + len(found.registry.themes)
    (more,) = [each for each in found.warnings if "more texts are missing in a language" in each.found]
    assert len(found.warnings) == 101
    assert more.found.startswith(f"{texts - 100} more")
    assert all(each.line > 1 for each in found.warnings)


# --- a table of one's own, by the example -----------------------------------------------------------

HEAD = [
    "No",
    "To",
    "By",
    "Wording",
    "Topics",
    "Date",
    "Answer",
    "Answered on",
    "Answer in full",
    "State of play",
    "Seen on",
    "What was seen",
    "Link",
    "Link from",
]
OWN = [
    "1",
    "Ministry of Justice",
    "A Committee",
    "Train the judges",
    "Courts; Police; Money",
    "2025-03",
    "in part",
    "2025-05-01",
    "We will see.",
    "under way",
    "2025-06-01",
    "A course began",
    "https://example.org/a",
    "A paper",
]


def by_example(folder: Path, rows: list[list[str]]) -> Imported:
    return importing.records([table(folder, [HEAD, *rows])], mapping.read(mapping.MAPS / "example.yaml"), TODAY)


def own(**other: str) -> list[str]:
    return [other.get(name.replace(" ", "_"), cell) for name, cell in zip(HEAD, OWN, strict=True)]


def test_the_example_reads_a_plain_table_with_answers_evidence_and_what_was_seen(tmp_path: Path) -> None:
    found = by_example(tmp_path, [OWN, own(Wording="Pay them", Answer="", State_of_play="", Link="", Topics="Money")])
    assert remarks(found, tmp_path) == []
    assert found.registry is not None
    first, second = found.registry.file.recommendations
    assert (first.theme, [a.code for a in first.alignments]) == ("courts", ["topic:police", "topic:money"])
    assert [(a.position, str(a.on)) for a in first.answers] == [("agreed-in-part", "2025-05-01")]
    (assessment,) = first.assessments
    assert (assessment.status, assessment.by) == ("in-progress", "our-group")
    (evidence,) = found.registry.file.evidence
    assert assessment.evidence == (evidence.id,)
    assert (evidence.url, evidence.publisher) == ("https://example.org/a", "A paper")
    assert (second.answers, second.assessments, second.theme) == ((), (), "money")
    assert found.registry.actors["ministry-of-justice"].kind == "government"


def test_dates_may_be_of_the_form_that_the_map_names_and_of_no_other(tmp_path: Path) -> None:
    example = (mapping.MAPS / "example.yaml").read_text("utf-8").replace("  # dates:", "  dates:")
    rows = [
        own(Wording="One", Date="01.02.2025", Seen_on="02.06.2025~", Answered_on="2025-05"),
        own(Wording="Two", Date="31.02.2025"),
        own(Wording="Three", Date="2/13/2025", Seen_on="1.2.2025"),
    ]
    found = importing.records([table(tmp_path, [HEAD, *rows])], plain(tmp_path, example), TODAY)
    allowed = "write DD.MM.YYYY, or YYYY-MM-DD, YYYY-MM or YYYY, with ~ after it where approximate"
    calendar = "is not in the calendar (day is out of range for month); write a date that exists"
    assert [each.partition(" error: ")[::2] for each in remarks(found, tmp_path)] == [
        ("list.csv:3:61:", f"'31.02.2025' {calendar}"),
        ("list.csv:4:63:", f"'2/13/2025' is not a date; {allowed}"),
        ("list.csv:4:115:", f"'1.2.2025' is not a date; {allowed}"),
    ]
    assert found.registry is not None
    (record,) = found.registry.file.recommendations
    days = (record.on, record.answers[0].on, record.assessments[0].as_of)
    assert [str(each) for each in days] == ["2025-02-01", "2025-05", "2025-06-02~"]


def test_a_filled_cell_that_leads_to_nothing_is_told(tmp_path: Path) -> None:
    example = (mapping.MAPS / "example.yaml").read_text("utf-8").replace('    "": {}\n', '    "": {}\n    none: {}\n')
    rows = [
        own(Wording="One", Seen_on="", Link=""),
        own(Wording="Two", Seen_on="", State_of_play="none", What_was_seen="", Link="", Link_from="", Answer="none"),
        own(Wording="Three", Answer="", Answered_on="", Answer_in_full=""),
    ]
    found = importing.records([table(tmp_path, [HEAD, *rows])], plain(tmp_path, example), TODAY)
    assert remarks(found, tmp_path) == []
    assert [str(note).removeprefix(f"{tmp_path}/") for note in found.notes] == [
        "list.csv:2:101: warning: 'under way' under State of play led to nothing; assessments left out: no as_of",
        "list.csv:2:112: warning: 'A course began' under What was seen led to nothing; assessments left out: no as_of",
        "list.csv:2:128: warning: 'A paper' under Link from led to nothing; evidence left out: no url",
        "list.csv:3:74: warning: '2025-05-01' under Answered on led to nothing; answers left out: no position",
        "list.csv:3:85: warning: 'We will see.' under Answer in full led to nothing; answers left out: no position",
    ]


def test_what_breaks_a_rule_of_the_registry_is_rejected_at_its_cell(tmp_path: Path) -> None:
    found = by_example(
        tmp_path,
        [
            own(Wording="One", Date="June"),
            own(Wording="Two", Seen_on="2029-01-01"),
            own(Wording="Three", Link="ftp://example.org"),
            own(Wording="Four", Link=""),
            own(Wording="Five"),
        ],
    )
    assert remarks(found, tmp_path) == [
        "list.csv:2:61: error: on: 'June' is not a date; write YYYY-MM-DD, YYYY-MM or YYYY, with ~ after it where approximate",
        "list.csv:3:111: error: assessments.1.as_of: 2029-01-01 is in the future; today is 2026-11-21",
        "list.csv:3:111: error: assessments.1.assessed_on: 2029-01-01 is in the future; today is 2026-11-21",
        "list.csv:4:139: error: url: 'ftp://example.org'; write a whole address that begins with https:// or http://",
        "list.csv:5:138: error: assessments.1.evidence: in-progress without evidence; name what shows it; only nothing-found may have none",
    ]
    assert found.registry is not None
    assert [record.title.en for record in found.registry.file.recommendations] == ["Five"]
    assert len(found.registry.file.evidence) == 1


def test_a_workbook_is_read_by_the_same_map_and_told_by_cell(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Asks"
    for each in (HEAD, OWN, own(Wording="Two", Answer="maybe"), own(Wording="=1+1")):
        sheet.append(each)
    book.save(tmp_path / "list.xlsx")
    found = importing.records([tmp_path / "list.xlsx"], mapping.read(mapping.MAPS / "example.yaml"), TODAY)
    assert remarks(found, tmp_path) == [
        "list.xlsx:Asks!G3: error: 'maybe' under Answer; write one of in part, no, yes",
        "list.xlsx:Asks!D4: error: a formula '=1+1'; put its value in the cell (copy, paste special, values)",
    ]
    assert found.counts["records made"] == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40), min_size=1, max_size=4))
def test_any_wording_is_kept_as_it_is_or_rejected(tmp_path: Path, wordings: list[str]) -> None:
    found = by_example(tmp_path, [own(Wording=wording) for wording in wordings])
    assert found.registry is not None
    kept = {record.text.en for record in found.registry.file.recommendations if record.text}
    gone = {row.line.cells[3] for row in found.rejected}
    for wording in wordings:
        tidy = wording.replace("\r\n", "\n").replace("\r", "\n").strip()
        assert tidy in kept or wording in gone
        if tidy and not FORBIDDEN.search(wording) and "@" not in wording and not any(c.isdigit() for c in wording):
            assert tidy in kept


def test_ids_are_latin_readable_and_never_empty() -> None:
    assert [
        slug(name) for name in ("Côte d'Ivoire", "Қазақстан", "Министерство юстиции", "Women’s rights", "Łódź")
    ] == [
        "cote-divoire",
        "kazakstan",
        "ministerstvo-yustitsii",
        "womens-rights",
        "lodz",
    ]
    assert slug("東京") == slug("東京") != slug("大阪")
    assert slug("東京").startswith("x-")
    assert len(slug("a-" * 100)) <= 80


# --- the MAP ----------------------------------------------------------------------------------------

MAP = """\
version: 1
record:
  id: "{To}-{#}"
  title: "{Text}"
  kind: demand
  theme: all
  text: "{Text}"
  origin: [{source: s, by: "{To}", told: own, locator: x}]
  actors: [{actor: "{To}", role: must-act, basis: named}]
registry: {title: A list}
sources:
  - {id: s, title: S, publisher: P, owner: independent, form: report, published: 2025, url: "https://example.org", language: en, licence: x, rights: public-record, summary: S}
themes: [{id: all, name: All}]
new_actors: {kind: government, side: state}
"""


def test_all_problems_of_a_map_are_told_at_once_with_places_and_nearest_words(tmp_path: Path) -> None:
    wrong = (
        MAP.replace("kind: demand", "kind: demnd")
        .replace('title: "{Text}"', 'titel: "{Text}"')
        .replace("role: must-act", "role: must")
        .replace('id: "{To}-{#}"', 'id: "{To:2+}-{#"')
        + "words: {State: {good: {status: fine}}}\n"
    )
    with pytest.raises(Unfit) as unfit:
        plain(tmp_path, wrong)
    assert [str(r).removeprefix(f"{tmp_path}/") for r in unfit.value.remarks] == [
        "map.yaml:3:3: error: record: the field title is missing; add it",
        "map.yaml:3:7: error: record.id: 'To' is no list; name it under reads: lists, with what parts its items",
        "map.yaml:3:7: error: record.id: braces that hold no placeholder in '{To:2+}-{#'; write {Column}, {Column:02}, {Column:1}, {Column:2+} or {Column:12 words}",
        "map.yaml:4:3: error: record.titel: unknown field 'titel'; did you mean 'title'?",
        "map.yaml:5:9: error: record.kind: 'demnd' is not allowed here; did you mean 'demand'? allowed are recommendation, demand, commitment",
        "map.yaml:9:34: error: record.actors.1.role: 'must' is not allowed here; did you mean 'must-act'? allowed are must-act, together, must-agree, helps, pays",
    ]


def test_of_a_head_of_one_column_it_is_asked_once_whether_the_delimiter_is_right(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("To;Text\nJustice;a\n")
    with pytest.raises(Unfit) as unfit:
        importing.records([path], plain(tmp_path, MAP), TODAY)
    assert [str(remark).removeprefix(f"{tmp_path}/") for remark in unfit.value.remarks] == [
        "list.csv:1:1: error: a head of one column, 'To;Text'; "
        "is the delimiter , right, and row 1 the head? (reads: delimiter, head)"
    ]


def test_words_are_of_columns_and_of_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "years.csv").write_text("country,year\nJustice,2024\n")
    path = table(tmp_path, [["To", "Text"], ["Justice", "a"]])
    looks = "lookups: {year: {file: years.csv, column: country, key: '{To}', gives: [{column: year}]}}\n"
    with pytest.raises(Unfit) as unfit:
        importing.records([path], plain(tmp_path, MAP + looks + "words: {year: {'2024': {kind: x}}}\n"), TODAY)
    (told,) = (str(remark).removeprefix(f"{tmp_path}/") for remark in unfit.value.remarks)
    assert told == "map.yaml:16:9: error: words.year: no column 'year' in the file; write one of Text, To"


def test_a_word_that_a_map_gives_is_held_against_where_it_is_used(tmp_path: Path) -> None:
    with pytest.raises(Unfit) as unfit:
        plain(
            tmp_path,
            MAP.replace("kind: demand", 'kind: "{kind}"')
            + "words: {Sort: {ask: {kind: wish}, plea: {kind: demand}}}\n",
        )
    (told,) = (str(remark).removeprefix(f"{tmp_path}/") for remark in unfit.value.remarks)
    assert told.startswith("map.yaml:15:28: error: words.Sort.ask.kind: 'wish' is not allowed here")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("version: 1\n", "no record; a MAP has one of record, message and tables"),
        ("version: 1\ntables: true\nmessage: {text: x, kind: wrong}\n", "tables and message; a MAP has one of"),
        ("version: 1\nrecord: 3\n", "no group of fields"),
        ("version: 1\nreads: {encoding: cp1252}\ntables: true\n", "'cp1252' is not allowed here"),
        ("version: 1\ntables: true\nmapp: 1\n", "unknown field 'mapp'"),
        ("a: [\n", "this is not YAML"),
        ("version: 1\ntables: &a true\n", "an anchor &a"),
        (MAP.replace("registry: {title: A list}\n", ""), "a record without registry"),
        (MAP.replace("rights: public-record", "rights: mine"), "sources.1.rights: 'mine' is not allowed here"),
    ],
)
def test_a_map_that_says_too_little_or_too_much_is_refused(text: str, found: str, tmp_path: Path) -> None:
    with pytest.raises(Unfit) as unfit:
        plain(tmp_path, text)
    assert any(found in str(remark) for remark in unfit.value.remarks), unfit.value.remarks


def test_names_that_the_map_does_not_allow_to_be_new_are_told_with_the_nearest(tmp_path: Path) -> None:
    closed = MAP.replace(
        "new_actors: {kind: government, side: state}",
        "actors: [{id: justice, name: {en: Justice, ru: Юстиция}, kind: government, side: state}]",
    )
    path = table(tmp_path, [["To", "Text"], ["Justise", "a"], ["юстиция", "b"], ["justice", "c"]])
    found = importing.records([path], plain(tmp_path, closed), TODAY)
    assert remarks(found, tmp_path) == ["list.csv:2:1: error: 'Justise' is none of the actors; did you mean 'justice'?"]
    assert found.registry is not None
    assert [r.actors[0].actor for r in found.registry.file.recommendations] == ["justice", "justice"]


def test_an_id_that_comes_twice_for_different_rows_is_rejected(tmp_path: Path) -> None:
    path = table(tmp_path, [["To", "Text"], ["Justice", "a"], ["Justice", "b"]])
    found = importing.records([path], plain(tmp_path, MAP.replace("{To}-{#}", "{To}")), TODAY)
    assert remarks(found, tmp_path) == [
        f"list.csv:3:1: error: the id justice is that of {path}:2:1 already; add {{#}} to the id in the MAP"
    ]


def test_a_row_whose_evidence_has_the_id_of_another_is_rejected_and_the_first_keeps_its_own(tmp_path: Path) -> None:
    example = (mapping.MAPS / "example.yaml").read_text("utf-8").replace('id: "seen-{#}"', 'id: "seen-{Date}"')
    rows = [
        own(Wording="One", Link="https://example.org/1"),
        own(Wording="Two", Link="https://example.org/2"),
        own(Wording="Three", Link="https://example.org/1"),
    ]
    path = table(tmp_path, [HEAD, *rows])
    found = importing.records([path], plain(tmp_path, example), TODAY)
    assert remarks(found, tmp_path) == [
        f"list.csv:3:61: error: the id seen-2025-03 is that of other evidence, of {path}:2:1, already; "
        "add {#} to the id of the evidence in the MAP"
    ]
    assert found.registry is not None
    assert [record.title.en for record in found.registry.file.recommendations] == ["One", "Three"]
    assert [evidence.url for evidence in found.registry.file.evidence] == ["https://example.org/1"]


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_a_row_is_linked_only_to_a_row_that_was_taken_whatever_their_order(
    order: tuple[int, ...], tmp_path: Path
) -> None:
    rows = [own(Date="31.02.2023"), OWN, own(Wording="Pay them", Topics="")]
    found = by_example(tmp_path, [rows[n] for n in order])
    assert len(found.rejected) == 2
    assert found.registry is not None
    (record,) = found.registry.file.recommendations
    assert (record.title.en, record.related) == ("Train the judges", ())
    assert not record.id.endswith("-2")
    assert found.counts["repeats linked to the first"] == 0


def test_an_id_is_not_held_by_a_row_that_was_rejected(tmp_path: Path) -> None:
    example = (mapping.MAPS / "example.yaml").read_text("utf-8").replace('"{To}-{#}"', '"{To}"')
    path = table(tmp_path, [HEAD, own(Wording="One", Date="June"), own(Wording="Two")])
    found = importing.records([path], plain(tmp_path, example), TODAY)
    assert [line.partition(": error: ")[2][:8] for line in remarks(found, tmp_path)] == ["on: 'Jun"]
    assert found.registry is not None
    assert [record.title.en for record in found.registry.file.recommendations] == ["Two"]


def test_nobody_can_be_named_editors_by_a_row(tmp_path: Path) -> None:
    path = table(tmp_path, [["To", "Text"], ["Editors!", "a"]])
    found = importing.records([path], plain(tmp_path, MAP), TODAY)
    assert found.registry is not None
    assert [record.actors[0].actor for record in found.registry.file.recommendations] == ["the-editors"]


def test_what_a_cell_hides_behind_an_entity_is_found(tmp_path: Path) -> None:
    path = table(tmp_path, [["To", "Text"], ["A &amp; B", "a&#8203;b"], ["A &amp; B", "a&lt;b"]])
    found = importing.records([path], plain(tmp_path, MAP + "reads: {html: true}\n"), TODAY)
    assert remarks(found, tmp_path) == ["list.csv:2:11: error: Text holds an invisible character; remove it"]
    assert found.registry is not None
    assert [record.title.en for record in found.registry.file.recommendations] == ["a<b"]
    assert [actor.name.en for actor in found.registry.file.actors] == ["A & B"]


def test_those_who_only_ask_may_be_of_another_kind_and_it_is_told_who_was_made(tmp_path: Path) -> None:
    rows = [own(Wording="One", By="Ministry of Health"), own(Wording="Two", To="Ministry of Health"), OWN]
    found = by_example(tmp_path, rows)
    assert found.registry is not None
    made = {id: (actor.kind, actor.side) for id, actor in found.registry.actors.items()}
    assert made == {
        "our-group": ("civil-society", "society"),
        "a-committee": ("intergovernmental", "foreign"),
        "ministry-of-health": ("government", "state"),
        "ministry-of-justice": ("government", "state"),
    }
    told = {what: n for what, n in found.counts.items() if " made" in what}
    assert told == {
        "records made": 3,
        "actors made (government, state), such as Ministry of Health, Ministry of Justice": 2,
        "actors made (intergovernmental, foreign), such as A Committee": 1,
    }


def test_names_that_make_one_id_are_told(tmp_path: Path) -> None:
    path = table(tmp_path, [["To", "Text"], ["Guinea-Bissau", "a"], ["Guinea Bissau", "b"]])
    found = importing.records([path], plain(tmp_path, MAP), TODAY)
    assert ["'Guinea-Bissau' and 'Guinea Bissau' are taken for one" in str(note) for note in found.notes] == [True]


def test_texts_may_be_in_another_language(tmp_path: Path) -> None:
    path = table(tmp_path, [["To", "Text"], ["Министерство", "Открыть приюты"]])
    found = importing.records([path], plain(tmp_path, MAP + "language: ru\n"), TODAY)
    assert found.registry is not None
    (record,) = found.registry.file.recommendations
    assert (record.title.ru, record.title.en) == ("Открыть приюты", None)
    assert found.registry.actors["ministerstvo"].name.ru == "Министерство"


# --- the command ------------------------------------------------------------------------------------


def test_a_dry_run_tells_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = reviews.write(tmp_path, [row(), row(Response="Maybe")])
    before = sorted(tmp_path.rglob("*"))
    assert command("import", path, "--map", "upr-info", "--into", tmp_path / "new") == 1
    out = capsys.readouterr().out
    assert out.startswith("2 rows read\n        1  records made\n")
    assert "      1  rejected\n                 1  unknown word under Response\n" in out
    assert "Nothing was written." in out
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_written_is_a_registry_and_the_rejected_rows_can_be_mended_and_come_in_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = reviews.write(
        tmp_path, [row(), row(Text="=1+1", Response="Maybe, “déjà”"), row(Text="-x\nsecond, line", Response="No")]
    )
    made = tmp_path / "made"
    assert command("import", path, "--map", "upr-info", "--into", made, "--write", "--rejected", tmp_path) == 1
    assert sorted(p.relative_to(made).as_posix() for p in made.rglob("*")) == [
        "recommendations.yaml",
        "sources",
        "sources/upr-info-export.yaml",
    ]
    assert len(read(made / "recommendations.yaml").records) == 1
    rejected = tmp_path / "1-5-rejected.csv"
    assert rejected.stat().st_mode & 0o777 == 0o600
    head, *rows = csv.reader(io.StringIO(rejected.read_text("utf-8-sig"), newline=""))
    assert head == [*reviews.HEAD, "why rejected"]
    assert [each[3] for each in rows] == ["'=1+1", "'-x\nsecond, line"]
    assert rows[0][-1].startswith("'Maybe, “déjà”' under Response; write one of")
    mended(rejected, {"Maybe, “déjà”": "Noted", "No": "Noted"})
    capsys.readouterr()
    assert command("import", rejected, "--map", "upr-info", "--into", tmp_path / "more", "--write") == 0
    assert "why rejected" not in capsys.readouterr().err
    assert {r.text.en for r in read(tmp_path / "more" / "recommendations.yaml").records.values() if r.text} == {
        "=1+1",
        "-x\nsecond, line",
    }


def mended(path: Path, words: dict[str, str], delimiter: str = ",") -> None:
    """Cells of rejected rows replaced, and their reasons cleared."""
    head, *rows = csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=delimiter)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        made = csv.writer(file, delimiter=delimiter)
        made.writerows([head, *([*(words.get(cell, cell) for cell in each[:-1]), ""] for each in rows)])


def of_a_workbook(folder: Path) -> tuple[Path, Path, Path]:
    """A MAP, a workbook whose second row holds a formula below a title, and where it is rejected to."""
    (folder / "map.yaml").write_text(MAP + 'reads: {head: 3, delimiter: ";"}\n')
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (["Our list"], [], ["To", "Text"], ["Justice", "a"], ['=A4&"x"', "b"]):
        sheet.append(cells)
    book.save(folder / "list.xlsx")
    return folder / "map.yaml", folder / "list.xlsx", folder / "list-rejected.csv"


def test_rejected_rows_come_in_again_by_a_map_whose_head_stands_lower(tmp_path: Path) -> None:
    given, path, rejected = of_a_workbook(tmp_path)
    assert command("import", path, "--map", given, "--into", tmp_path / "a", "--write", "--rejected", tmp_path) == 1
    mended(rejected, {'\'=A4&"x"': "Health"}, ";")
    assert command("import", rejected, "--map", given, "--into", tmp_path / "b", "--write") == 0
    registry = read(tmp_path / "b" / "recommendations.yaml")
    assert [record.actors[0].actor for record in registry.file.recommendations] == ["health"]


def test_rejected_rows_stay_rejected_with_their_reason_until_it_is_cleared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, path, rejected = of_a_workbook(tmp_path)
    assert command("import", path, "--map", given, "--into", tmp_path / "a", "--write", "--rejected", tmp_path) == 1
    assert "Mend each and clear its reason; then import all again" in capsys.readouterr().out
    again = ("import", rejected, "--map", given, "--into", tmp_path / "b", "--write", "--rejected", tmp_path)
    assert command(*again) == 1
    assert (
        f"{rejected}:2:16: error: under 'why rejected' still stands 'a formula '=A4&\"x\"'; put its value in the cell "
        "(copy, paste …'; mend the row, then clear this cell"
    ) in capsys.readouterr().err
    assert not (tmp_path / "b").exists()
    assert (tmp_path / "list-rejected-rejected.csv").read_bytes() == rejected.read_bytes()


def told_to_type(out: str) -> list[str]:
    """The words of the command that a message names, behind `python -m dashboard`."""
    (line,) = [each for each in out.splitlines() if each.startswith("  python -m dashboard ")]
    return shlex.split(line)[3:]


def test_mended_rows_and_the_others_come_into_one_registry_by_the_command_that_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = reviews.write(tmp_path, [row(Session="33"), row(Text="Second", Response="Nod"), row(Text="Third")])
    path = path.rename(tmp_path / "the list.csv")
    into = ("--into", tmp_path / "made", "--write", "--rejected", tmp_path / "kept")
    assert command("import", path, "--map", "upr-info", *into) == 1
    rejected = tmp_path / "kept" / "the list-rejected.csv"
    mended(rejected, {"Nod": "Noted"})
    typed = told_to_type(capsys.readouterr().out)
    assert cli.main(typed) == 1  # the row as it stood before is told again
    assert "1  rejected" in capsys.readouterr().out
    registry = read(tmp_path / "made-2" / "recommendations.yaml")
    assert sorted(record.text.en or "" for record in registry.file.recommendations if record.text) == sorted(
        [ROW[3], "Second", "Third"]
    )


def test_where_no_row_is_taken_nothing_is_made_and_the_mended_rows_come_in_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, example = table(tmp_path, [HEAD, own(Answer="perhaps")]), mapping.MAPS / "example.yaml"
    into = ("--map", example, "--into", tmp_path / "made", "--write", "--rejected", tmp_path / "kept")
    assert command("import", path, *into) == 1
    out = capsys.readouterr().out
    assert "No row could be taken, so no registry is made." in out
    assert "serve" not in out
    assert not (tmp_path / "made").exists()
    mended(tmp_path / "kept" / "list-rejected.csv", {"perhaps": "no"})
    assert cli.main(told_to_type(out)) == 0
    assert len(read(tmp_path / "made" / "recommendations.yaml").records) == 1


def test_a_table_without_rows_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, into = table(tmp_path, [HEAD]), ("--into", tmp_path / "made")
    for write in ((), ("--write",)):
        assert command("import", path, "--map", mapping.MAPS / "example.yaml", *into, *write) == 1
        assert "No row could be taken, so no registry is made." in capsys.readouterr().out
    assert not (tmp_path / "made").exists()


def test_where_something_is_looked_up_the_mended_rows_come_in_with_the_file_that_it_lies_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = reviews.write(tmp_path, [row(Response="Nod")])
    into = ("--into", tmp_path / "made", "--write", "--rejected", tmp_path / "kept")
    assert command("import", path, "--map", "upr-info", *into) == 1
    mended(tmp_path / "kept" / "1-5-rejected.csv", {"Nod": "Noted"})
    assert cli.main(told_to_type(capsys.readouterr().out)) == 1
    assert len(read(tmp_path / "made-2" / "recommendations.yaml").records) == 1


def test_of_a_rejected_row_of_another_width_every_cell_and_reason_is_kept(tmp_path: Path) -> None:
    path = table(tmp_path, [["To", "Text", "why rejected"], ["'=x", "'=y", "late", "more"]])
    given = tmp_path / "map.yaml"
    given.write_text(MAP)
    assert command("import", path, "--map", given, "--into", tmp_path / "a", "--write", "--rejected", tmp_path) == 1
    _, kept = csv.reader(io.StringIO((tmp_path / "list-rejected.csv").read_text("utf-8-sig"), newline=""))
    assert kept == ["'=x", "'=y", "late | a row of 4 cells; the head has 3 | the cells beyond the head: ['more']"]


def test_that_nobody_tends_a_registry_is_said_where_its_pages_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    judged, unjudged = own(), own(State_of_play="")
    example = (mapping.MAPS / "example.yaml").read_text("utf-8")
    named = example.replace("  # publisher: {name: Our group}", "  publisher: {name: Our group}")
    cases = ((example, unjudged, True), (example, judged, False), (named, unjudged, False))
    for n, (text, cells, nobody) in enumerate(cases):
        (tmp_path / "map.yaml").write_text(text, "utf-8")
        path = table(tmp_path, [HEAD, cells])
        assert command("import", path, "--map", tmp_path / "map.yaml", "--into", tmp_path / str(n), "--write") == 0
        assert ("Nobody tends it yet" in capsys.readouterr().out) == nobody
        assert summary.tended(read(tmp_path / str(n) / "recommendations.yaml")) != nobody


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = reviews.write(tmp_path, [row()])
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    assert command("import", path, "--map", "upr-info", "--into", tmp_path / "there", "--write") == 2
    assert "is there and not empty" in capsys.readouterr().err
    assert [p.name for p in (tmp_path / "there").iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    assert command("import", path, "--map", "upr-info", "--into", tmp_path / "empty", "--write") == 0
    assert (tmp_path / "empty" / "recommendations.yaml").is_file()


def test_what_somebody_puts_there_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    class Late(dict[str, bytes]):
        def items(self) -> Any:
            (tmp_path / "new").mkdir(exist_ok=True)
            (tmp_path / "new" / "mine.txt").write_text("mine")
            return super().items()

    with pytest.raises(laid.Occupied):
        laid.write(Late({"recommendations.yaml": b"x"}), tmp_path / "new")
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["mine.txt"]
    assert [p.name for p in tmp_path.iterdir()] == ["new"]


def test_a_file_of_rejected_rows_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = reviews.write(tmp_path, [row(Response="No")])
    (tmp_path / "1-5-rejected.csv").write_text("mine")
    assert (
        command("import", path, "--map", "upr-info", "--into", tmp_path / "new", "--write", "--rejected", tmp_path) == 2
    )
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "1-5-rejected.csv").read_text() == "mine"
    assert not (tmp_path / "new").exists()


def test_rejected_rows_of_files_of_the_same_name_stand_apart_under_their_own_heads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = tmp_path / "map.yaml"
    given.write_text(MAP.replace("new_actors: {kind: government, side: state}\n", ""))
    paths = []
    for name, rows in (("a", [["To", "Text"], ["x", "first"]]), ("b", [["Text", "To"], ["second", "y"]])):
        (tmp_path / name).mkdir()
        paths.append(table(tmp_path / name, rows))
    into = ("--into", tmp_path / "new", "--write", "--rejected", tmp_path)
    assert command("import", *paths, "--map", given, *into) == 1
    out = capsys.readouterr().out
    for name, path, head, cells in (
        ("list-rejected.csv", paths[0], ["To", "Text"], ["x", "first"]),
        ("list-rejected-2.csv", paths[1], ["Text", "To"], ["second", "y"]),
    ):
        rows = list(csv.reader(io.StringIO((tmp_path / name).read_text("utf-8-sig"), newline="")))
        assert [each[:2] for each in rows] == [head, cells]
        assert f"{tmp_path / name}: the rejected rows of {path}, with" in out


def test_where_rejected_rows_cannot_be_kept_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = reviews.write(tmp_path, [row(), row(Response="No")])
    into = ("--map", "upr-info", "--into", tmp_path / "new", "--write", "--rejected")
    assert command("import", path, *into, tmp_path / "none" / "below") == 6
    assert "none/below: No such file or directory" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_where_the_registry_cannot_be_written_no_empty_file_is_left(tmp_path: Path) -> None:
    path = reviews.write(tmp_path, [row(), row(Response="No")])
    (tmp_path / "file").touch()
    into = ("--map", "upr-info", "--into", tmp_path / "file" / "new", "--write", "--rejected", tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert command("import", path, *into) == 6
    assert sorted(tmp_path.rglob("*")) == before


def test_wrong_usage_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = reviews.write(tmp_path, [row()])
    for options, said in (
        (("--map", "upr-infos"), "did you mean 'upr-info'?"),
        (("--map", "upr-info", "--to-inbox"), "makes a registry; use --into DIR"),
        (("--map", "inbox", "--into", tmp_path / "x"), "makes messages; use --to-inbox"),
        (("--map", "upr-info", "--write"), "say where to, with --into DIR"),
    ):
        assert command("import", path, *options) == 2
        assert said in capsys.readouterr().err
    assert command("import", path, "--map", tmp_path / "none.yaml") == 6
    assert command("import", tmp_path / "none.csv", "--map", "upr-info") == 6
    (tmp_path / "bad.yaml").write_text("version: 2\n")
    assert command("import", path, "--map", tmp_path / "bad.yaml") == 1


# --- the inbox --------------------------------------------------------------------------------------


def sheet_for_others(registry: Registry, format: str, folder: Path, fill: dict[str, dict[str, str]]) -> Path:
    """The sheet of the points, filled in by somebody."""
    path = folder / f"inbox.{format}"
    path.write_bytes(exported.one(view(registry), "inbox", format))
    if format == "xlsx":
        book = openpyxl.load_workbook(path)
        sheet = book["inbox"]
        names = [str(each.value) for each in sheet[1]]
        for cells in sheet.iter_rows(min_row=2):
            for name, text in fill.get(str(cells[names.index("point")].value), {}).items():
                cells[names.index(name)].value = text
        book.save(path)
        return path
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows({**each, **fill.get(each["point"], {})} for each in rows)
    return path


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_the_sheet_for_others_comes_back_as_messages(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "registry").mkdir()
    registry = written(tmp_path / "registry")
    monkeypatch.setenv(inbox.INBOX_VARIABLE, str(tmp_path / "box"))
    fill = {
        "open-shelters": {
            "says": "answer",
            "text": "We agree.",
            "body": "Министерство",
            "position": "agreed",
            "language": "ru",
            "coalition": "All shelters",
        },
    }
    path = sheet_for_others(read(registry), format, tmp_path, fill)
    assert command("--registry", registry, "import", path, "--map", "inbox") == 0
    assert not (tmp_path / "box").exists()
    assert command("--registry", registry, "import", path, "--map", "inbox", "--to-inbox", "--write") == 0
    (waiting,) = inbox.waiting(tmp_path / "box")
    told = waiting.message
    assert (told.kind, told.about, told.body, told.position, told.language) == (
        Saying.ANSWER,
        "open-shelters",
        "the-ministry",
        "agreed",
        "ru",
    )
    assert (told.sign, told.coalition, told.text) == (Sign.COALITION, "All shelters", "We agree.")
    assert waiting.receipt in capsys.readouterr().out


def test_rows_that_are_no_message_are_rejected_with_what_a_sender_would_be_told(tmp_path: Path) -> None:
    registry = read(written(tmp_path))
    fill = {
        "open-shelters": {"says": "changed", "text": "Call 8 701 123 45 67", "when": "soon"},
        "fund-shelters": {"says": "chnged", "text": "x"},
    }
    path = sheet_for_others(registry, "xlsx", tmp_path, fill)
    found = importing.messages([path], mapping.read(Path("inbox")), registry, TODAY)
    assert found.messages == ()
    assert remarks(found, tmp_path) == [
        "inbox.xlsx:inbox!F2: error: text 'Call 8 701 123 45 67'; There is a telephone number in it. Take it out: nobody’s number may be kept here.",
        "inbox.xlsx:inbox!G2: error: when 'soon'; Write a year, a month or a day, such as 2026, 2026-10 or 2026-10-03.",
        "inbox.xlsx:inbox!E3: error: says 'chnged'; did you mean 'changed'?",
    ]
    assert found.notes == ()


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_words_of_the_sheet_may_be_in_capitals_and_what_is_wrong_names_its_column_and_what_is_allowed(
    format: str, tmp_path: Path
) -> None:
    registry = read(written(tmp_path))
    fill = {
        "open-shelters": {
            "says": "Changed",
            "text": "One",
            "status": "In progress",
            "shown_by": "SAW",
            "when": "03.10.2026",
        },
        "fund-shelters": {"says": "answer", "text": "Two", "position": "maybe", "point": "fund-shelter", "body": "us"},
    }
    path = sheet_for_others(registry, format, tmp_path, fill)
    found = importing.messages([path], mapping.read(Path("inbox")), registry, TODAY)
    ((told, _, _),) = found.messages
    said = (told.kind, told.status, told.shown_by, told.when)
    assert said == (Saying.CHANGED, "in-progress", "saw", "2026-10-03")
    assert found.notes == ()
    positions = ", ".join(sorted(get_args(AnswerPosition)))
    assert [each.partition("error: ")[2] for each in remarks(found, tmp_path)] == [
        f"position 'maybe'; write one of {positions}",
        "point 'fund-shelter'; did you mean 'fund-shelters'?",
        f"body 'us'; write one of {', '.join(sorted(registry.actors))}",
    ]


def test_a_message_that_waits_in_the_inbox_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sending = filled_in(tmp_path, monkeypatch, tmp_path / "box")
    assert command(*sending, tmp_path) == 0
    capsys.readouterr()
    assert command(*sending, tmp_path) == 0
    seen = capsys.readouterr()
    assert "inbox.csv:2:1: warning: is in the inbox already; it is not made again" in seen.err
    assert "        0  messages made\n        2  in the inbox already\n" in seen.out
    assert [each.message.text for each in inbox.waiting(tmp_path / "box")] == ["open-shelters", "fund-shelters"]
    (first, _) = inbox.waiting(tmp_path / "box")
    inbox.settle(tmp_path / "box", first.number, State.PUBLISHED, TODAY)
    assert command(*sending[:4], *sending[3:], tmp_path) == 0  # the file twice; of what is settled no word is kept
    assert sorted(each.message.text for each in inbox.waiting(tmp_path / "box")) == ["fund-shelters", "open-shelters"]


def test_what_the_inbox_has_no_room_for_is_kept_as_rejected_and_comes_in_by_the_command_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "registry").mkdir()
    registry = written(tmp_path / "registry")
    monkeypatch.setenv(inbox.INBOX_VARIABLE, str(tmp_path / "box"))
    monkeypatch.setattr(inbox, "MOST_WAITING", 1)
    fill = {name: {"says": "wrong", "text": name} for name in ("open-shelters", "fund-shelters")}
    path = sheet_for_others(read(registry), "csv", tmp_path, fill)
    assert (
        command(
            "--registry", registry, "import", path, "--map", "inbox", "--to-inbox", "--write", "--rejected", tmp_path
        )
        == 6
    )
    assert [each.message.text for each in inbox.waiting(tmp_path / "box")] == ["open-shelters"]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "inbox-rejected.csv").read_text("utf-8-sig"), newline="")))
    assert [(each["text"], each["why rejected"]) for each in rows] == [
        ("fund-shelters", "the inbox is full; import it again later")
    ]
    monkeypatch.setattr(inbox, "MOST_WAITING", 2)
    mended(tmp_path / "inbox-rejected.csv", {})
    assert cli.main(told_to_type(capsys.readouterr().out)) == 0
    assert [each.message.text for each in inbox.waiting(tmp_path / "box")] == ["open-shelters", "fund-shelters"]


def filled_in(folder: Path, monkeypatch: pytest.MonkeyPatch, box: Path) -> tuple[object, ...]:
    """The command that sends two rows of a sheet for others to an inbox."""
    (folder / "registry").mkdir()
    registry = written(folder / "registry")
    monkeypatch.setenv(inbox.INBOX_VARIABLE, str(box))
    fill = {name: {"says": "wrong", "text": name} for name in ("open-shelters", "fund-shelters")}
    path = sheet_for_others(read(registry), "csv", folder, fill)
    return ("--registry", registry, "import", path, "--map", "inbox", "--to-inbox", "--write", "--rejected")


def test_where_rejected_rows_could_not_be_kept_no_message_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = filled_in(tmp_path, monkeypatch, tmp_path / "box")
    monkeypatch.setattr(inbox, "MOST_WAITING", 1)
    assert command(*sending, tmp_path / "none" / "below") == 6
    (tmp_path / "inbox-rejected.csv").write_text("mine")
    assert command(*sending, tmp_path) == 2
    assert (tmp_path / "inbox-rejected.csv").read_text() == "mine"
    assert not (tmp_path / "box").exists()


def test_where_every_message_is_sent_no_file_of_rejected_rows_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(*filled_in(tmp_path, monkeypatch, tmp_path / "box"), tmp_path) == 0
    assert len(inbox.waiting(tmp_path / "box")) == 2
    assert not (tmp_path / "inbox-rejected.csv").exists()


def test_what_the_disk_does_not_take_is_kept_as_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    assert command(*filled_in(tmp_path, monkeypatch, tmp_path / "file" / "box"), tmp_path) == 6
    rows = list(csv.DictReader(io.StringIO((tmp_path / "inbox-rejected.csv").read_text("utf-8-sig"), newline="")))
    assert [each["text"] for each in rows] == ["open-shelters", "fund-shelters"]
    assert all("Not a directory" in each["why rejected"] for each in rows)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"recommendations\.yaml"):
        laid.write({"recommendations.yaml": b"x", "recommendations.yaml/x": b"y"}, tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
