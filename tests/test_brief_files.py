"""The brief as files: a PDF that a screen reader can read, a Word document, both with the numbers of the screen."""

import io
import re
import zipfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import docx as word
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from dashboard.outputs import brief, glyphs, printed, tables
from dashboard.outputs.brief import Brief, Piece
from dashboard.progress.filters import Filters
from dashboard.progress.palette import LOOKS
from dashboard.progress.status import year_before
from dashboard.registry import inbox, reader
from dashboard.registry.model import Registry, Status
from dashboard.registry.scalars import LANGUAGES, Language
from tests import generate, taken
from tests.points import EVIDENCE, point, said
from tests.points import registry as made
from tests.small import command, written
from tests.test_brief import SELECTIONS, asked
from tests.test_exported import office
from tests.test_inbox import said as message

HOSTILE = '#eval("1") $x$ *b* _i_ @ref <label> #link("javascript:x")[y] \\ ``` // = - + / ~ 漢字 😀 عربي e\u0301\u20dd \u00ad\ufe0f'


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return taken.registry()


@cache
def of(registry: Registry, filters: Filters | None = None, language: Language = "en") -> Brief:
    view = taken.view(registry, filters, language)
    return brief.brief(view, year_before(view.clock.as_of))


@cache
def pdf_of(told: Brief) -> bytes:
    return brief.pdf(told)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def text(pdf: bytes) -> str:
    return one_line(" ".join(page.extract_text() for page in read(pdf).pages))


def one_line(words: str) -> str:
    return " ".join(words.split())


def opened(made: bytes) -> Any:
    return word.Document(io.BytesIO(made))


def words_of(document: Any) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return one_line(" ".join([*(paragraph.text for paragraph in document.paragraphs), *cells]))


# --- the PDF ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_pdf_holds_the_numbers_of_the_api_on_two_pages_at_most(
    shipped: Registry, selection: str, language: Language
) -> None:
    view = taken.view(shipped, SELECTIONS[selection], language)
    told = of(shipped, SELECTIONS[selection], language)
    pdf = pdf_of(told)
    assert len(read(pdf).pages) <= printed.PAGES
    found = text(pdf)
    for side in told.sides:
        parts = ", ".join(said for _, _, said in side.parts)
        at = found.index(one_line(f"{side.points} {parts}"))
        assert one_line(side.name) in found[:at]
    assert sum(side.n for side in told.sides) == len(tables.summaries(view))
    fitted = printed.fitted(told)
    for line, _ in fitted.subjects:
        assert one_line(line.stands) in found
    for section in fitted.sections:
        for said_there in (section.title, *section.says):
            assert one_line(said_there) in found
    shown = [line.text for section in fitted.sections if section.start for line in section.lines]
    assert 3 <= len(shown) <= 7
    assert all(one_line(question) in found for question in shown)
    assert shown == [question for question in asked(told) if question in shown]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_tagged_for_screen_readers(shipped: Registry, language: Language) -> None:
    told = of(shipped, language=language)
    pdf = read(pdf_of(told))
    root: Any = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == language
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert pdf.metadata
    assert pdf.metadata.title == told.title
    meta = root["/Metadata"].get_data().decode()
    assert re.search(r"<pdfuaid:part>1</pdfuaid:part>", meta)
    kinds, alternatives = tags(root["/StructTreeRoot"])
    assert kinds >= {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/LI", "/Figure", "/Link", "/P"}
    assert alternatives == [f"{side.points}. {side.told}" for side in told.sides]


def tags(node: Any) -> tuple[set[str], list[str]]:
    """The kinds of structure, and what stands for the pictures."""
    kinds, alternatives, waiting = set(), [], [node]
    while waiting:
        each = waiting.pop(0)
        each = each.get_object() if hasattr(each, "get_object") else each
        if isinstance(each, list):
            waiting = [*each, *waiting]
        elif isinstance(each, dict):
            kinds.add(str(each.get("/S")))
            if each.get("/S") == "/Figure":
                alternatives.append(str(each["/Alt"]))
            waiting = [each.get("/K"), *waiting]
    return kinds, alternatives


def test_the_kazakh_letters_have_their_shapes() -> None:
    letters = "әіңғүұқөһ ӘІҢҒҮҰҚӨҺ"
    assert letters in text(brief.pdf(of(made(point(open_questions=[{"kk": letters}])), language="kk")))
    assert printed._signs() >= {ord(sign) for sign in "әіңғүұқөһӘІҢҒҮҰҚӨҺ–“”«»№·…−□"}


def test_the_same_brief_makes_the_same_bytes_with_no_hour_in_them(shipped: Registry) -> None:
    one = brief.pdf(of(shipped))
    assert one == pdf_of(of(shipped))
    meta = read(one).metadata
    assert meta
    assert not {"/CreationDate", "/ModDate"} & meta.keys()
    assert brief.docx(of(shipped)) == brief.docx(of(shipped))


def test_every_typeface_in_the_pdf_is_the_one_we_ship(shipped: Registry) -> None:
    fonts = {
        str(font.get_object()["/BaseFont"]).partition("+")[2].removesuffix("-Identity-H")
        for page in read(pdf_of(of(shipped))).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert fonts <= {"SourceSans3-Regular", "SourceSans3-Semibold"}


def test_what_the_registry_says_is_never_run_as_markup(shipped: Registry) -> None:
    hostile = taken.altered(shipped, lambda words: f"{HOSTILE} {words}")
    found = text(pdf_of(of(hostile)))
    assert one_line('#eval("1") $x$ *b* _i_ @ref <label> #link("javascript:x")[y] \\ ``` // = - + / ~') in found
    assert "□" in found
    for page in read(pdf_of(of(hostile))).pages:
        for link in page.get("/Annots", ()):
            action = link.get_object().get("/A")
            assert action is None or str(action["/URI"]).startswith("https://")
    assert HOSTILE[:40] in words_of(opened(brief.docx(of(hostile))))


def test_a_sign_that_steers_or_that_no_file_can_hold_is_shown_as_a_square() -> None:
    told = of(made(point(open_questions=["Which\x07 districts\u200b?"])))
    assert "Which□ districts" in text(brief.pdf(told))
    assert "Which□ districts□?" in words_of(opened(brief.docx(told)))


@pytest.mark.parametrize("put", ["", "x" * 3000, "слово " * 600, "a b " * 2000])
def test_texts_of_any_length_stay_on_two_pages(shipped: Registry, put: str) -> None:
    long = taken.altered(shipped, lambda words: put or words)
    assert len(read(brief.pdf(of(long))).pages) <= printed.PAGES


def test_an_empty_year_an_empty_selection_and_a_single_point_make_a_page(shipped: Registry) -> None:
    empty = text(pdf_of(of(shipped, Filters(status=("implemented",)))))
    assert "No point fits this selection on this day." in empty
    one = pdf_of(of(shipped, Filters(actor=("kz-president",), theme=("rights-and-accountability",))))
    assert "1 point" in text(one)
    year = text(pdf_of(of(shipped, Filters(theme=("istanbul-convention",)))))
    assert "nothing changed that this registry knows of" in year
    assert "No movement found on the 1 subject to follow." in year
    nothing = made()
    assert "0 asks and promises found" in text(brief.pdf(of(nothing)))


def test_a_thousand_records_are_told_on_two_pages(tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(records=1000))
    registry = reader.load(path, taken.TODAY).registry
    assert registry
    told = of(registry)
    pdf = brief.pdf(told)
    assert len(read(pdf).pages) <= printed.PAGES
    assert sum(side.n for side in told.sides) == len(tables.summaries(taken.view(registry)))
    assert all(side.points in text(pdf) for side in told.sides)
    assert len(told.notes) < 40  # those only that there can be room for


def test_evidence_that_is_kept_private_is_in_neither_file() -> None:
    secret = {"id": "hidden", "says": "Seen.", "owner": "independent", "form": "seen", "withheld": "true",
              "url": "https://secret.example/x", "publisher": "A secret witness"}  # fmt: skip
    judged = said("promised", "2026-01-01", evidence="hidden")
    told = of(made(point(assessments=[judged], open_questions=["How many?"]), evidence=[*EVIDENCE, secret]))
    assert "secret" not in text(brief.pdf(told))
    with zipfile.ZipFile(io.BytesIO(brief.docx(told))) as archive:
        assert not any(b"secret" in archive.read(name) for name in archive.namelist())


def test_each_status_has_the_sign_of_the_pages_in_its_colour() -> None:
    drawn = {status: glyphs.glyph(status) for status in Status}
    assert len(set(drawn.values())) == len(Status)
    for status, svg in drawn.items():
        assert LOOKS[status].colour in svg
        assert "#000" not in svg
    assert glyphs.marks([(Status.PROMISED, True, True)] * 30).count("<g transform") == 30
    assert glyphs.bar([(Status.PROMISED, 3), (Status.IMPLEMENTED, 1)]).count("<rect") == 2


def test_the_notes_fill_two_columns_of_about_the_same_length() -> None:
    short, long = (Piece("x" * 40),), (Piece("x" * 400),)
    assert printed._columns([long, long, long, short, short, short]) == [[1, 2], [3, 4, 5, 6]]
    assert printed._columns([short, short]) == [[1, 2]]


def test_a_typeface_without_a_table_of_its_signs_is_refused() -> None:
    font = b"OTTO" + (1).to_bytes(2, "big") + bytes(6) + b"cmap" + bytes(4) + (28).to_bytes(4, "big") + bytes(8)
    with pytest.raises(ValueError, match="no table of its signs"):
        list(printed._mapped(font))


# --- the Word document -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_document_says_what_the_pdf_says(shipped: Registry, selection: str, language: Language) -> None:
    told = of(shipped, SELECTIONS[selection], language)
    fitted, found = printed.fitted(told), words_of(opened(brief.docx(told)))
    for side in told.sides:
        assert one_line(f"{side.points}. {side.told}") in found
    for line, _ in fitted.subjects:
        assert one_line(line.stands) in found
    for section in fitted.sections:
        numbered = enumerate(section.lines if section.start else (), section.start)
        assert all(one_line(f"{n}. {question.text}") in found for n, question in numbered)
        assert all(one_line(words) in found for words in (section.title, *section.says, *section.after))
    for n, note in enumerate(fitted.notes, 1):
        assert one_line(f"{n} {' '.join(piece.text for piece in note)}") in found


def test_the_document_has_real_headings_a_table_head_its_language_and_no_hour(shipped: Registry) -> None:
    told = of(shipped, language="kk")
    document = opened(brief.docx(told))
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    assert styles.count("Title") == 1
    assert styles.count("Heading 1") == len(told.sections) + 3
    (table,) = document.tables
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    properties = [each.tag for each in table._tbl.tblPr]
    ordered = [qn(f"w:{name}") for name in ("tblStyle", "tblW", "tblBorders", "tblLayout", "tblCellMar", "tblLook")]
    assert properties == [each for each in ordered if each in properties]
    assert qn("w:tblBorders") in properties
    languages = {each.get(qn("w:val")) for each in document.styles.element.iter(qn("w:lang"))}
    assert languages == {"kk-KZ"}
    core = document.core_properties
    assert (core.title, core.language, core.last_modified_by) == (told.title, "kk-KZ", "")
    assert f"{core.created:%Y-%m-%d %H:%M:%S}" == f"{core.modified:%Y-%m-%d %H:%M:%S}" == "2026-11-25 00:00:00"
    drawn = document.inline_shapes[0]._inline.docPr.get("descr")
    assert all(side.told in drawn for side in told.sides)
    assert document.inline_shapes[0]._inline.get("distL") == "0"
    supers = [run.text for p in document.paragraphs for run in p.runs if run.font.superscript]
    assert set(map(int, supers)) <= set(range(1, len(told.notes) + 1))
    assert supers


def test_the_document_links_to_pages_of_the_web_only_and_runs_nothing(shipped: Registry) -> None:
    document = brief.docx(of(shipped))
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        names = archive.namelist()
        assert names[0] == "[Content_Types].xml"
        assert not any("vba" in name.lower() or "macro" in name.lower() for name in names)
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    external = [each for each in opened(document).part.rels.values() if each.is_external]
    assert external
    assert all(each.target_ref.startswith("https://") for each in external)


def test_libreoffice_opens_the_document(shipped: Registry, tmp_path: Path) -> None:
    hostile = taken.altered(shipped, lambda words: f"{HOSTILE} {words}")
    for name, registry in (("shipped", shipped), ("hostile", hostile)):
        (tmp_path / f"{name}.docx").write_bytes(brief.docx(of(registry, language="kk")))
    office(tmp_path, "pdf", tmp_path / "shipped.docx", tmp_path / "hostile.docx")
    found = text((tmp_path / "shipped.pdf").read_bytes())
    for side in of(shipped, language="kk").sides:
        assert one_line(side.told) in found
    assert "#eval" in text((tmp_path / "hostile.pdf").read_bytes())


# --- the command -------------------------------------------------------------------------------------


def test_the_command_writes_either_file_whole(tmp_path: Path) -> None:
    path = written(tmp_path)
    done = command("brief", "-o", tmp_path / "b.pdf", "--lang", "kk", "--since", "2024-01-01", "--registry", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path / 'b.pdf'}\n"
    assert "Баспана ашу" in text((tmp_path / "b.pdf").read_bytes())
    done = command("brief", "-o", tmp_path / "b.docx", "--actor", "the-donor", "--registry", path)
    assert done.returncode == 0
    assert "Fund shelters" in words_of(opened((tmp_path / "b.docx").read_bytes()))
    done = command("brief", "-o", tmp_path, "--registry", path)
    (made_there,) = tmp_path.glob("brief-*.pdf")
    assert done.stdout == f"{made_there}\n"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("-o", "brief.txt"), "the name has to end with .pdf or .docx"),
        (("--since", "2999"), "is later than"),
        (("--actor", "nobody"), "is not there"),
    ],
)
def test_the_command_says_what_it_cannot_take(tmp_path: Path, given: tuple[str, ...], says: str) -> None:
    done = command("brief", *given, "--registry", written(tmp_path))
    assert done.returncode == 2
    assert says in done.stderr


def test_nothing_of_the_inbox_reaches_a_brief(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, waiting = written(tmp_path / "registry"), tmp_path / "inbox"
    monkeypatch.setenv(inbox.INBOX_VARIABLE, str(waiting))
    inbox.add(message(text="canary-9191", about="open-shelters"), waiting, date(2026, 11, 1))
    assert command("brief", "-o", tmp_path / "b.pdf", "--registry", path).returncode == 0
    assert command("brief", "-o", tmp_path / "b.docx", "--registry", path).returncode == 0
    assert "canary" not in text((tmp_path / "b.pdf").read_bytes())
    assert "canary" not in words_of(opened((tmp_path / "b.docx").read_bytes()))
