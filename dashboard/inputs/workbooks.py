"""Sheets out of workbooks (.xlsx): texts, numbers and days as texts; nothing is calculated.

What only looks like a value is told: formulas and error values as faults of their row, merged cells and
hidden sheets as warnings. Macros, entities and embedded files are refused; links to other files are not
followed.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from dashboard.inputs import archives, sheets
from dashboard.inputs.remarks import Remark, Unfit
from dashboard.inputs.sheets import MOST_COLUMNS, MOST_ROWS, Fault, Format, Progress, Row, Sheet
from dashboard.registry.problems import nearest, shown

MOST_CELLS = 5_000_000

_KNOWN = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/[\w.]+|docMetadata/[\w.]+|customXml/(_rels/)?[\w.]+|xl/_rels/[\w.]+"
    r"|xl/(workbook|sharedStrings|styles|calcChain|metadata|volatileDependencies|connections|revisions)\.xml"
    r"|xl/(worksheets|chartsheets|externalLinks|tables|theme|drawings|charts|media|comments|threadedComments|persons"
    r"|printerSettings|queryTables|pivotTables|pivotCache|slicers|slicerCaches|richData|customProperty)/(_rels/)?[\w.]+"
    r"|xl/comments\d*\.xml"
)
_MACROS = re.compile(r".*(vbaProject|vbaData|macrosheets|activeX|embeddings|dialogsheets|attachedToolbars).*")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]{1,30})"')
_TYPE, _ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)"), re.compile(rb"<!ENTITY")
_OVERLAP = 200
_SPELT = re.compile(r"_x(?![Dd][89A-Fa-f])([0-9A-Fa-f]{4})_")
"""How workbooks spell characters that XML cannot hold (ISO 29500, ST_Xstring); half a character stays as it is."""


def sheet(data: bytes, file: str, form: Format, progress: Progress) -> Sheet:
    """The sheet that the format names, else the first that is to be seen. Raises Unfit."""
    book = _book(data, file)
    names = [each.title for each in book.worksheets]
    visible = [each.title for each in book.worksheets if each.sheet_state == "visible"]
    name = form.sheet or next(iter(visible or names), "")
    if name not in names:
        raise Unfit([Remark(file, f"no sheet {shown(name)}", nearest(name, names))])
    notes = [
        Remark(f"{file}:{each}", f"a {'' if each in visible else 'hidden '}sheet", "it is not read", severity="warning")
        for each in names
        if each != name and each not in form.beside
    ]
    return _sheet(book, book[name], file, form, notes, progress)


def every(data: bytes, file: str, form: Format, progress: Progress) -> Iterator[tuple[str, Callable[[], Sheet]]]:
    """The name of each sheet, and how it is read. Raises Unfit, as do these."""
    book = _book(data, file)
    for each in book.worksheets:
        yield each.title, partial(_sheet, book, each, file, form, [], progress)


def _book(data: bytes, file: str) -> Any:
    """An opened workbook whose parts were looked at before any is understood."""
    merged = _merged(_looked_at(data, file), file)
    try:
        reader = _Reader(io.BytesIO(data), read_only=True, keep_links=False)
        reader.read()
    except Exception as error:  # a damaged workbook makes it raise almost anything
        raise _damaged(file, error) from None
    book: Any = reader.wb
    book.merged = merged
    return book


class _Reader(ExcelReader):  # type: ignore[misc]  # it has no types
    """Leaves the texts as they are spelt: openpyxl takes half of the spelling away, but not in all cells."""

    def read_strings(self) -> None:
        if part := self.package.find(SHARED_STRINGS):
            with self.archive.open(part.PartName[1:]) as texts:
                for _, node in iterparse(texts):
                    if node.tag == f"{{{SHEET_MAIN_NS}}}si":
                        self.shared_strings.append(Text.from_tree(node).content)
                        node.clear()


def _damaged(file: str, error: Exception) -> Unfit:
    return Unfit([Remark(file, f"the workbook is damaged ({type(error).__name__}: {error})", "save it again as .xlsx")])


def _looked_at(data: bytes, file: str) -> zipfile.ZipFile:
    archive = archives.opened(data, file, re.compile(f"{_KNOWN.pattern}|{_MACROS.pattern}"), "a workbook")
    names = archive.namelist()
    if unsafe := next(filter(_MACROS.fullmatch, names), ""):
        raise Unfit([Remark(file, f"macros or embedded files ({unsafe[:80]})", "save it as .xlsx without them")])
    if "xl/workbook.xml" not in names:
        raise Unfit([Remark(file, "a zip that is no workbook", "give a .xlsx, or the CSV itself")])
    return archive


def _merged(archive: zipfile.ZipFile, file: str) -> dict[str, list[str]]:
    """Part to the ranges of its merged cells. Raises Unfit where a part holds what no spreadsheet writes."""
    found: dict[str, list[str]] = {}
    for name in archive.namelist():
        xml, before = name.endswith((".xml", ".rels")), b""
        for piece in archives.pieces(archive, name, file):
            # UTF-16 has zeros, with a byte order mark or without; a sheet may also be a part of any other name.
            if (xml and b"\0" in piece) or (_TYPE if xml else _ENTITY).search((before + piece).replace(b"\0", b"")):
                raise Unfit([Remark(file, f"{name} holds entities or is UTF-16", "save it again as .xlsx")])
            for match in _MERGED.finditer(before + piece) if name.startswith("xl/worksheets/") else ():
                ranges = found.setdefault(name, [])
                if (cell := match[1].decode()) not in ranges[-3:]:
                    ranges.append(cell)
            before = piece[-_OVERLAP:]
    return found


def _sheet(book: Any, of: Any, file: str, form: Format, notes: list[Remark], progress: Progress) -> Sheet:
    where = partial(_where, file, of.title)
    part = str(of._worksheet_path).lstrip("/")
    for cells in book.merged.get(part, ())[:20]:
        found, allowed = "merged cells", "only the first of them holds a value: unmerge and fill them"
        notes.append(Remark(f"{file}:{of.title}!{cells}", found, allowed, severity="warning"))
    try:
        # Apostrophes stand in CSV only: a workbook tells a text from a formula.
        plain = replace(form, apostrophes=False)
        return sheets.made(file, of.title, _rows(of, where, progress), plain, where, notes)
    except (Unfit, MemoryError):
        raise
    except Exception as error:  # as above: rows are read only now
        raise _damaged(file, error) from None


def _where(file: str, sheet: str, number: int, column: int) -> str:
    return f"{file}:{sheet}!{get_column_letter(column + 1)}{number}"


def _rows(of: Any, where: Any, progress: Progress) -> Iterator[Row]:
    """Each row as wide as the widest so far: trailing empty cells are not written. Raises Unfit."""
    of.reset_dimensions()  # what a file says of its size may be wrong, and is padded to it
    wide = cells = 0
    for number, row in enumerate(of.iter_rows(), 1):
        if number > MOST_ROWS + 1000 or cells > MOST_CELLS:
            raise Unfit([Remark(where(number, 0), f"more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells", "split it")])
        if len(row) > MOST_COLUMNS:
            raise Unfit([Remark(where(number, MOST_COLUMNS), f"more than {MOST_COLUMNS} columns", "take out some")])
        if number % 1000 == 0:
            progress("rows read", number, 0)
        cells += len(row)
        texts = [_text(cell) for cell in row]
        while texts and not texts[-1]:
            texts.pop()
        wide = max(wide, len(texts))
        texts += [""] * (wide - len(texts))
        yield number, texts, tuple(_faults(row))


def _faults(row: Any) -> Iterator[Fault]:
    for n, cell in enumerate(row):
        if cell.data_type == "f":
            allowed = "put its value in the cell (copy, paste special, values)"
            yield Fault(n, f"a formula {shown(_text(cell))}", allowed, "formula")
        elif cell.data_type == "e":
            yield Fault(n, f"the error value {shown(cell.value)}", "mend the cell, or empty it", "error value")


def _text(cell: Any) -> str:
    """What stands in a cell, as text: numbers in full, days as ISO 8601."""
    match cell.value:
        case None:
            return ""
        case str(text):
            return _SPELT.sub(lambda spelt: chr(int(spelt[1], 16)), text).replace("\r\n", "\n")
        case bool(truth):
            return "true" if truth else "false"
        case int(number):
            return str(number)
        case float(number):
            whole = format(Decimal(repr(number)), "f")
            return whole.removesuffix(".0")
        case datetime() as moment:
            midnight = moment.time() == time(0)
            return str(moment.date()) if midnight else moment.isoformat(" ")
        case date() | time() | timedelta() as day:
            return str(day)
        case formula:
            return str(getattr(formula, "text", None) or "=")
