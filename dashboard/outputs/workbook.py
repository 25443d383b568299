"""Tables as a workbook (.xlsx): a sheet for each, after one that says what it is and what each column means.

Cells are texts, numbers and days, never formulas or links, whatever they begin with; a date that is not
exact to the day stays text. What a workbook cannot hold is refused, nothing is cut or altered.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import get_args

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dashboard.outputs import chosen, telling
from dashboard.outputs.cells import runs
from dashboard.outputs.columns import Column, Value, lines_cell
from dashboard.outputs.explained import TABLE
from dashboard.outputs.tables import INBOX, LAST, Table
from dashboard.outputs.view import View
from dashboard.registry.inbox import Saying
from dashboard.registry.model import AnswerPosition, AssessedStatus
from dashboard.registry.scalars import LANGUAGES

READ_ME = "Read me"

MOST_UNITS, MOST_LINES = 32_767, 1_048_576
"""UTF-16 units in one cell and lines of one sheet, its head included, that spreadsheets hold."""

_WIDEST, _LOOKED_AT = 56, 300
"""The most letters beside each other in a column, and in how many lines it is seen how many it needs."""
_LINE, _MOST_SEEN = 15, 3
"""The height of a line of text in points, and the most of them that a row shows: the rest is there, below its edge."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
"""XML has none of these, or reads another (a carriage return comes back as a line feed)."""
_FIRST_DAY = date(1900, 3, 1)
"""The calendar of spreadsheets is sound from here on; an earlier day is written as text."""


class TooLong(ValueError):
    """A workbook cannot hold what stands in a cell, or so many lines."""


def workbook(view: View, made: Sequence[Table]) -> bytes:
    """The tables as one workbook. Raises TooLong."""
    out = io.BytesIO()
    never = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with Workbook(out, {"in_memory": True, **never}) as book:
        day = view.clock.as_of
        title = view.registry.file.title.shown(view.tr.language)[0]
        # A fixed day, so that the same data makes the same file.
        book.set_properties({"title": title[:255], "created": datetime(day.year, day.month, day.day)})
        formats = _Formats(book)
        _read_me(view, book.add_worksheet(READ_ME), made, formats)
        for each in made:
            _sheet(book.add_worksheet(each.name), each, formats)
    return out.getvalue()


class _Formats:
    """How cells look."""

    def __init__(self, book: Workbook) -> None:
        top = {"valign": "top"}
        self.head: Format = book.add_format({**top, "bold": True, "bg_color": "#E8EDF2", "bottom": 1})
        self.title: Format = book.add_format({**top, "bold": True, "font_size": 14, "text_wrap": True})
        self.strong: Format = book.add_format({**top, "bold": True})
        self.number: Format = book.add_format({**top, "align": "left"})
        self.day: Format = book.add_format({**top, "align": "left", "num_format": "yyyy-mm-dd"})
        self._texts: dict[tuple[bool, bool], Format] = {
            (wraps, quoted): book.add_format({**top, "text_wrap": wraps, "quote_prefix": quoted})
            for wraps in (False, True)
            for quoted in (False, True)
        }

    def text(self, text: str, wraps: bool) -> Format:
        """What looks like a formula stays text also when somebody has typed into the cell."""
        return self._texts[wraps, runs(text)]


def _sheet(sheet: Worksheet, of: Table, formats: _Formats) -> None:
    if len(of) >= MOST_LINES:
        raise TooLong(f"{of.name} has {len(of)} lines, more than a sheet holds; take csv, json or parquet")
    heights = [1] * (len(of) + 1)
    for x, (column, values) in enumerate(zip(of.columns, of.values, strict=True)):
        width = _width(column, values[:_LOOKED_AT])
        sheet.set_column(x, x, min(width, _WIDEST))
        sheet.write_string(0, x, column.name, formats.head)
        for y, value in enumerate(values, 1):
            if value is None or value == ():
                continue
            if column.kind == "whole":
                sheet.write_number(y, x, value, formats.number)
            elif isinstance(value, date) and value >= _FIRST_DAY:
                sheet.write_datetime(y, x, value, formats.day)
            else:
                text = _fit(_text(value, column), of.name, of.values[0][y - 1], column.name)
                sheet.write_string(y, x, text, formats.text(text, width > _WIDEST))
                heights[y] = max(heights[y], _lines(text))
    if of.name == INBOX:
        _offered(sheet, of)
    for y, lines in enumerate(heights):
        if lines > 1:
            sheet.set_row(y, _LINE * min(lines, _MOST_SEEN))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(of), 1), len(of.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)


_CHOICES: Mapping[str, Sequence[str]] = {
    "says": tuple(Saying),
    "shown_by": ("link", "document", "saw"),
    "status": get_args(AssessedStatus),
    "position": get_args(AnswerPosition),
    "language": LANGUAGES,
}


def _offered(sheet: Worksheet, of: Table) -> None:
    """Room to write in, and the words to choose from."""
    for x, column in enumerate(of.columns):
        if not any(of.values[x]) and column.name not in LAST:
            sheet.set_column(x, x, _WIDEST if column.name == "text" else 18)
        if choices := _CHOICES.get(column.name):
            listed = {"validate": "list", "source": [str(word) for word in choices]}
            sheet.data_validation(1, x, max(len(of), 1), x, listed)


def _text(value: Value, column: Column) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case tuple():
            return lines_cell(value) if column.kind == "lines" else " ".join(value)
    return str(value)


def _fit(text: str, *where: str) -> str:
    """A text that a cell can hold. Raises TooLong, which says where it stands."""
    if len(text) > MOST_UNITS // 2 and (units := len(text.encode("utf-16-le", "surrogatepass")) // 2) > MOST_UNITS:
        fault = f"{units} characters are more than the {MOST_UNITS} that a cell holds"
    elif found := _UNWRITABLE.search(text):
        fault = f"a cell cannot hold the character U+{ord(found[0]):04X}"
    else:
        return text
    raise TooLong(f"{', '.join(where)}: {fault}; take csv, json or parquet")


def _width(column: Column, values: Iterable[Value]) -> int:
    """Letters: enough for the head with its arrow and for the cells; beyond _WIDEST a text goes on below."""
    if column.kind == "day":
        return max(11, len(column.name) + 3)
    texts = (_text(value, column) for value in values if value is not None)
    longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
    return max(longest + 1, len(column.name) + 3)


def _lines(text: str) -> int:
    """About how many lines a text takes in the widest column."""
    if len(text) < _WIDEST and "\n" not in text:
        return 1
    return sum(1 + len(line) // _WIDEST for line in text.split("\n"))


# --- what stands on the first sheet -----------------------------------------------------------------


def _read_me(view: View, sheet: Worksheet, made: Sequence[Table], formats: _Formats) -> None:
    """What this is, of which day and version, what was selected; each sheet and each column in a sentence."""
    tr, file = view.tr, view.registry.file
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 34)
    sheet.set_column(2, 2, 72)
    sheet.merge_range(0, 0, 0, 2, "")
    sheet.write_string(0, 0, _fit(file.title.shown(tr.language)[0], "the title"), formats.title)
    sheet.set_row(0, 40)
    y = 2
    for label, said in _told(view):
        sheet.write_string(y, 0, label, formats.strong)
        sheet.merge_range(y, 1, y, 2, "")
        sheet.write_string(y, 1, _fit(said, "the first sheet"), formats.text(said, wraps=True))
        sheet.set_row(y, _LINE * (1 + len(said) // 96))  # merged cells do not grow by themselves
        y += 1
    y = _listed(sheet, y + 1, formats, (tr("Sheet"), tr("Lines"), tr("What stands on it")), _sheets(view, made))
    _listed(sheet, y + 1, formats, (tr("Sheet"), tr("Column"), tr("What it means")), _columns(view, made))
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _told(view: View) -> list[tuple[str, str]]:
    tr, address = view.tr, view.lasting("/points")
    return [
        (tr("State"), telling.version(view)),
        (tr("Selection"), chosen.line(view) or tr("Everything; nothing is left out.")),
        (tr("Publisher"), telling.publisher(view)),
        (tr("Licence"), view.registry.file.licence),
        (tr("Where it can be read"), address),
        (tr("How to cite"), telling.citation(view, address)),
        (
            tr("Cells"),
            tr(
                "No cell is a formula or a link. Codes such as in-progress are explained on the page How we judge. "
                "A date stands as it was written, with its first and last day in the next two columns. "
                "Empty means that nothing is known or that nothing applies."
            ),
        ),
    ]


def _sheets(view: View, made: Sequence[Table]) -> list[tuple[str, str, str]]:
    return [(each.name, view.tr.number(len(each)), view.tr(TABLE[each.name])) for each in made]


def _columns(view: View, made: Sequence[Table]) -> list[tuple[str, str, str]]:
    return [(each.name, column.name, view.tr(column.says)) for each in made for column in each.columns]


def _listed(
    sheet: Worksheet, y: int, formats: _Formats, head: tuple[str, str, str], lines: list[tuple[str, str, str]]
) -> int:
    """A list under its head; the line after it."""
    for x, label in enumerate(head):
        sheet.write_string(y, x, label, formats.head)
    for below, line in enumerate(lines, 1):
        for x, said in enumerate(line):
            sheet.write_string(y + below, x, said, formats.text(said, wraps=True))
    return y + len(lines) + 1
