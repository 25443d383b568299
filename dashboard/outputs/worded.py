"""The brief as a Word document: what the PDF says, cut alike, with the notes numbered at the end.

Word has endnotes; python-docx, which writes this, has none. No macros, no field that asks anything of a
network, no hour: the day of the brief is all that the file tells of when it was made.
"""

import io
import zipfile
from datetime import UTC, datetime, time
from functools import partial

import docx as word
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph

from dashboard.language import translator
from dashboard.outputs import printed
from dashboard.outputs.brief import Brief, Line, Listed, Piece, Sheet
from dashboard.outputs.exported import zipped

_ACCENT, _SOFT = RGBColor(0x0B, 0x5C, 0x7A), RGBColor(0x4D, 0x55, 0x5C)
_FONT = "Calibri"
_LOCALES = {"en": "en-GB", "ru": "ru-RU", "kk": "kk-KZ"}


def docx(of: Brief) -> bytes:
    """The document; the same brief makes the same bytes."""
    sheet = printed.fitted(of)
    document = word.Document()
    _set_up(document, of)
    _head(document, of)
    if of.sides:
        _stands(document, sheet)
    if sheet.subjects:
        _subjects(document, sheet)
    for section in sheet.sections:
        _section(document, section)
    _notes(document, sheet)
    out = io.BytesIO()
    document.save(out)
    return _dateless(out.getvalue())


def _dateless(document: bytes) -> bytes:
    """The same parts without the hour at which they were put together."""
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()})


# --- the look -------------------------------------------------------------------------------------------


def _set_up(document: Document, of: Brief) -> None:
    midnight = datetime.combine(of.day, time(), UTC).replace(tzinfo=None)
    told = document.core_properties
    told.title, told.subject, told.author, told.language = of.title, of.registry, of.publisher, _LOCALES[of.language]
    told.created = told.modified = midnight
    told.last_modified_by = told.comments = told.keywords = ""
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin = page.bottom_margin = Mm(12)
    _styles(document, of)


def _styles(document: Document, of: Brief) -> None:
    shaped = partial(_shaped, document)
    shaped("Normal", 9, after=2)
    shaped("Title", 17, bold=True, after=1)
    shaped("Heading 1", 11, bold=True, colour=_ACCENT, before=6, after=2)
    shaped("List Bullet", 9, after=1)
    for name, size in (("Small", 8), ("Note", 6.5)):
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = document.styles["Normal"]
        shaped(name, size, colour=_SOFT if name == "Small" else None, after=1.5)
    border = document.styles["Title"].element.find(f".//{qn('w:pBdr')}")
    if border is not None:
        border.getparent().remove(border)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _LOCALES[of.language])


def _shaped(
    document: Document,
    name: str,
    size: float,
    *,
    bold: bool = False,
    colour: RGBColor | None = None,
    before: float = 0,
    after: float = 0,
) -> None:
    style = document.styles[name]
    assert isinstance(style, ParagraphStyle)
    style.font.name, style.font.size, style.font.bold = _FONT, Pt(size), bold
    style.font.color.rgb = colour or RGBColor(0x14, 0x17, 0x1A)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{script}"), None)
    fonts.set(qn("w:cs"), _FONT)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.line_spacing = 0.95


# --- what it says ---------------------------------------------------------------------------------------


def _head(document: Document, of: Brief) -> None:
    document.add_paragraph(_clean(of.registry), "Small").runs[0].bold = True
    document.add_heading(_clean(of.title), 0)
    document.add_paragraph(_clean(of.says[0]))
    for said in (*of.says[1:], of.dateline):
        document.add_paragraph(_clean(said), "Small")


def _stands(document: Document, sheet: Sheet) -> None:
    of = sheet.brief
    document.add_heading(translator(of.language)("Where it stands"), 1)
    drawn = document.add_picture(io.BytesIO(printed.picture(sheet)), width=Mm(172))
    document.paragraphs[-1].paragraph_format.line_spacing = 1.0  # less would cut it off at the top
    for edge in ("distT", "distB", "distL", "distR"):
        drawn._inline.set(edge, "0")  # without it LibreOffice moves it to the right
    drawn._inline.docPr.set("descr", _clean(" ".join(side.alternative for side in of.sides)))
    for side in of.sides:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{_clean(side.points)}. ").bold = True
        paragraph.add_run(_clean(side.told))
    document.add_paragraph(_clean(of.picture), "Small")
    for said in of.above:
        document.add_paragraph(_clean(said))


def _subjects(document: Document, sheet: Sheet) -> None:
    of = sheet.brief
    document.add_heading(_clean(of.subjects_title), 1)
    table = document.add_table(rows=1, cols=len(of.heads))
    table.autofit = False
    _ruled(table)
    for cell, head in zip(table.rows[0].cells, of.heads, strict=True):
        cell.paragraphs[0].add_run(_clean(head)).bold = True
    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(header)
    for line, note in sheet.subjects:
        cells = table.add_row().cells
        for cell, said in zip(cells, (line.name, line.stands, line.known, line.checked), strict=True):
            cell.paragraphs[0].add_run(_clean(said))
        _number(cells[0].paragraphs[0], note)
    for column, wide in zip(table.columns, (42, 60, 31, 41), strict=True):
        column.width = Mm(wide)
        for cell in column.cells:
            cell.width = Mm(wide)
            cell.paragraphs[0].paragraph_format.space_after = Pt(1)
    if sheet.more_subjects:
        document.add_paragraph(_clean(sheet.more_subjects), "Small")


def _ruled(table: Table) -> None:
    """A fine line under each row, none between columns; the first column stands under the text above it."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "C4C9CD")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    margins, left = OxmlElement("w:tblCellMar"), OxmlElement("w:left")
    left.set(qn("w:w"), "0")
    left.set(qn("w:type"), "dxa")
    margins.append(left)
    # Word refuses a table whose properties stand in another order than that of its format.
    table._tbl.tblPr.insert_element_before(borders, "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook")
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def _section(document: Document, section: Listed) -> None:
    document.add_heading(_clean(section.title), 1)
    for said in section.says:
        document.add_paragraph(_clean(said))
    for n, line in enumerate(section.lines, section.start):
        _line(document, line, n if section.start else 0)
    for said in section.after:
        document.add_paragraph(_clean(said), "Small")


def _line(document: Document, line: Line, n: int) -> None:
    """An item; a question bears its number as text, so that it keeps it wherever it is copied to."""
    paragraph = document.add_paragraph(style=None if n else "List Bullet")
    if n:
        paragraph.paragraph_format.keep_with_next = bool(line.facts)
        _hanging(paragraph, 6)
        paragraph.add_run(f"{n}.\t").bold = True
    if line.lead:
        paragraph.add_run(_clean(line.lead)).bold = True
        paragraph.add_run(" · ")
    paragraph.add_run(_clean(line.text)).bold = bool(n)
    _number(paragraph, line.note)
    if line.facts:
        facts = document.add_paragraph(_clean(line.facts), "Small")
        facts.paragraph_format.left_indent = Mm(6)


def _notes(document: Document, sheet: Sheet) -> None:
    if sheet.notes:
        document.add_heading(translator(sheet.brief.language)("Notes"), 1)
        _in_columns(document, 2 if len(sheet.notes) > 2 else 1)
    for n, pieces in enumerate(sheet.notes, 1):
        paragraph = document.add_paragraph(style="Note")
        paragraph.paragraph_format.keep_together = True
        _hanging(paragraph, 5)
        paragraph.add_run(f"{n}\t").bold = True
        for at, piece in enumerate(pieces):
            paragraph.add_run(" " if at else "")
            _piece(paragraph, piece)
    if sheet.notes:
        _in_columns(document, 1)
    for said in sheet.brief.foot:
        document.add_paragraph(_clean(said), "Note")


def _in_columns(document: Document, n: int) -> None:
    """From here on, on the same page."""
    columns = document.add_section(WD_SECTION.CONTINUOUS)._sectPr.xpath("./w:cols")[0]
    columns.set(qn("w:num"), str(n))
    columns.set(qn("w:space"), "340")


def _hanging(paragraph: Paragraph, wide: float) -> None:
    shape = paragraph.paragraph_format
    shape.left_indent, shape.first_line_indent = Mm(wide), Mm(-wide)
    shape.tab_stops.add_tab_stop(Mm(wide))


def _number(paragraph: Paragraph, note: int) -> None:
    if note:
        paragraph.add_run(str(note)).font.superscript = True


def _piece(paragraph: Paragraph, piece: Piece) -> None:
    if not piece.url:
        paragraph.add_run(_clean(piece.text)).bold = piece.label
        return
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(piece.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = paragraph.add_run(_clean(piece.text))
    run.font.color.rgb = _ACCENT
    link.append(run._r)
    paragraph._p.append(link)


def _clean(text: str) -> str:
    """What XML can hold, in one line: no sign that steers, no break."""
    return "".join(sign if sign.isprintable() else "\N{WHITE SQUARE}" for sign in " ".join(text.split()))
