"""Rows out of the CSV files and workbooks that others keep: every cell a text, with its place.

Nothing is calculated and nothing guessed: a formula is a fault of its row, since nobody knows whether
its value still holds; a text that only looks like one stays a text. A file that cannot be read as a
table raises Unfit; a cell that cannot be taken is a Fault of its row.
"""

import csv
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dashboard.inputs.remarks import Remark, Unfit
from dashboard.outputs.cells import plain_cell
from dashboard.registry import reader
from dashboard.registry.events import FORBIDDEN, MAX_SCALAR
from dashboard.registry.problems import nearest, shown
from dashboard.registry.reader import Unreadable

MOST_BYTES = 64 * 2**20
MOST_ROWS = 250_000
MOST_COLUMNS = 500
WHY = "why rejected"
"""The column that rejected rows get; where it stands, it is not read, and `plain_cell` is undone."""

_OPENDOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"

Progress = Callable[[str, int, int], None]
"""What is done, how many are, of how many; 0 of 0 where that is not known."""


def silent(what: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that cannot be taken; `column` counts from 0."""

    column: int
    found: str
    allowed: str
    reason: str


Row = tuple[int, Iterable[str], tuple[Fault, ...]]
"""Number, cells, and what is wrong with them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: the first line of the file that it stands on, or its number in the sheet."""

    number: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its head, and its rows but the empty ones. `name`: of the sheet, or of the file without its ending."""

    file: str
    name: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[Remark, ...]
    where: Callable[[int, int], str]
    """The place of a cell: line number and column from 0."""
    delimiter: str = ","

    def place(self, line: Line, column: int = 0) -> str:
        return self.where(line.number, column)

    def remark(self, line: Line, fault: Fault) -> Remark:
        return Remark(self.place(line, fault.column), fault.found, fault.allowed, fault.reason)


@dataclass(frozen=True, slots=True)
class Format:
    """How a table is written (mapping.Reads)."""

    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str | None = None
    head: int = 1
    apostrophes: bool = False
    beside: tuple[str, ...] = ()


def content(path: Path) -> bytes:
    """The content of an ordinary file. Raises Unreadable, Unfit."""
    try:
        data = reader.content(path)
    except Unreadable as error:
        raise Unreadable(str(error).partition("; ")[0]) from None
    if data.startswith(b"PK") and _OPENDOCUMENT in data[:100]:
        raise Unfit([Remark(str(path), "a spreadsheet of the kind .ods", "save it as .xlsx, or as CSV")])
    if len(data) > MOST_BYTES:
        raise Unfit([Remark(str(path), f"more than {MOST_BYTES:,} bytes", "split it into files with the same head")])
    return data


def sheet(path: Path, form: Format, progress: Progress = silent) -> Sheet:
    """The one table of a CSV file, or one sheet of a workbook. Raises Unreadable, Unfit."""
    data = content(path)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        allowed = "save it as .xlsx without a password, or as CSV"
        raise Unfit([Remark(str(path), "a workbook of the old kind, or one with a password", allowed)])
    if data[:2] == b"PK":
        from dashboard.inputs import workbooks  # brings openpyxl

        return workbooks.sheet(data, str(path), form, progress)
    return csv_sheet(data, str(path), path.stem, form)


# --- CSV --------------------------------------------------------------------------------------------


def csv_sheet(data: bytes, file: str, name: str, form: Format) -> Sheet:
    """A CSV file (RFC 4180, lines ended by CR, LF or both). Raises Unfit."""
    lines = list(io.StringIO(_decoded(data, file, form.encoding), newline=""))
    places = _Places(file, lines, form.delimiter)
    try:
        with _long_cells():
            rows = list(_rows(lines, form.delimiter))
    except _Broken as broken:
        raise Unfit([Remark(places.of(broken.line, broken.column), broken.found, broken.allowed)]) from None
    return made(file, name, rows, form, places.of)


def _decoded(data: bytes, file: str, encoding: str) -> str:
    """Raises Unfit where a byte has no meaning in that encoding; a byte order mark says UTF-8 by itself."""
    marked = data.startswith(b"\xef\xbb\xbf")
    name = "utf-8-sig" if marked or encoding == "utf-8" else encoding
    try:
        text = data.decode(name)
    except UnicodeDecodeError as error:
        before = io.StringIO(data[: error.start].decode(name, "replace"), newline="").readlines()
        last = before[-1] if before else ""
        line, column = (len(before) + 1, 1) if last.endswith(("\r", "\n")) else (max(len(before), 1), len(last) + 1)
        found = f"byte 0x{data[error.start]:02x} is not {'UTF-8' if marked else encoding}"
        allowed = "save the file as UTF-8, or name its encoding in the MAP (reads: encoding)"
        raise Unfit([Remark(f"{file}:{line}:{column}", found, allowed)]) from None
    if not text.strip():
        raise Unfit([Remark(f"{file}:1:1", "the file is empty", "a table has a head and rows")])
    return text


class _Broken(Exception):
    """What no table is made of; line from 1, column from 0, what was found and what is allowed."""

    def __init__(self, line: int, column: int, found: str, allowed: str) -> None:
        super().__init__(found)
        self.line, self.column, self.found, self.allowed = line, column, found, allowed


def _rows(lines: list[str], delimiter: str) -> Iterator[Row]:
    """Each row with the line that it begins on."""
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    begins = 1
    try:
        for row in rows:
            if len(row) > MOST_COLUMNS:
                found = f"more than {MOST_COLUMNS} columns"
                raise _Broken(begins, MOST_COLUMNS, found, "take out what is empty")
            yield begins, row, ()
            begins = rows.line_num + 1
    except csv.Error:
        text = "".join(lines[begins - 1 : rows.line_num])
        last = sum(1 for _ in _cells(text, delimiter)) - 1
        found = "quotes are never closed" if rows.line_num >= len(lines) else "quotes in the midst of a cell"
        allowed = 'a cell that holds " or the delimiter stands in "…", with "" for each " in it'
        raise _Broken(begins, last, found, allowed) from None


@contextmanager
def _long_cells() -> Iterator[None]:
    """The module's own limit is one for the whole process and ends the reading: over-long cells are told by row."""
    was = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(was)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the cells of a CSV file stand, looked up only for what is told."""

    file: str
    lines: list[str]
    delimiter: str

    def of(self, number: int, column: int) -> str:
        text = "".join(self.lines[number - 1 : number + 999])
        starts = [at for at, _ in zip(_cells(text, self.delimiter), range(column + 1), strict=False)]
        before = io.StringIO(text[: starts[-1] if starts else 0], newline="").readlines()
        last = before[-1] if before else ""
        if last.endswith(("\r", "\n")):
            return f"{self.file}:{number + len(before)}:1"
        return f"{self.file}:{number + max(len(before) - 1, 0)}:{len(last) + 1}"


def _cells(text: str, delimiter: str) -> Iterator[int]:
    """Where each cell of the row at the beginning of `text` begins."""
    yield 0
    quoted, begins = False, True
    for at, char in enumerate(text):
        if char == '"' and (quoted or begins):
            quoted, begins = not quoted, quoted  # a second quote at once opens it again
        elif not quoted and char == delimiter:
            yield at + 1
            begins = True
        elif not quoted and char in "\r\n":
            return
        else:
            begins = False


# --- rows of any kind -------------------------------------------------------------------------------


def made(
    file: str,
    name: str,
    rows: Iterable[Row],
    form: Format,
    where: Callable[[int, int], str],
    notes: Iterable[Remark] = (),
) -> Sheet:
    """A table of rows, whose head is the `form.head`th; of rejected rows, the first. Raises Unfit."""
    numbered = iter(rows)
    number, cells, _ = next(numbered, (1, (), ()))
    if form.head > 1 and WHY not in cells:
        number, cells, _ = next(islice(numbered, form.head - 2, None), (1, (), ()))
    head = _head(tuple(cells), number, where)
    undo = form.apostrophes or WHY in head
    why = head.index(WHY) if WHY in head else len(head)
    lines: list[Line] = []
    again: list[Remark] = []
    for number, cells, faults in numbered:
        if len(head) > 1 and _names(cells) == head:
            again.append(Remark(where(number, 0), "the head again", "it is passed over", severity="warning"))
            continue
        if len(lines) >= MOST_ROWS:
            raise Unfit([Remark(where(number, 0), f"more than {MOST_ROWS:,} rows", "split the table")])
        line = _line(number, tuple(cells), len(head), faults, undo, why)
        if line.faults or any(map(str.strip, line.cells)):
            lines.append(line)
    return Sheet(
        file, name, head, tuple(lines), (*notes, *again, *_nameless(head, lines, where)), where, form.delimiter
    )


def _head(cells: tuple[str, ...], number: int, where: Callable[[int, int], str]) -> tuple[str, ...]:
    head = _names(cells)
    if not any(head):
        raise Unfit([Remark(where(number, 0), "no head in this row", "the MAP says which row holds it (reads: head)")])
    if len(head) > MOST_COLUMNS:
        raise Unfit(
            [Remark(where(number, MOST_COLUMNS), f"more than {MOST_COLUMNS} columns", "take out what is empty")]
        )
    again = [n for n, name in enumerate(head) if name and name in head[:n]]
    if again:
        found = (Remark(where(number, n), f"a second column {shown(head[n])}", "give each its own name") for n in again)
        raise Unfit(found)
    return head


def _names(cells: Iterable[str]) -> tuple[str, ...]:
    return tuple(" ".join(cell.split()) for cell in cells)


def _nameless(head: tuple[str, ...], lines: list[Line], where: Callable[[int, int], str]) -> Iterator[Remark]:
    for n in (n for n, name in enumerate(head) if not name):
        held = next((line for line in lines if n < len(line.cells) and line.cells[n].strip()), None)
        if held:
            found = f"column {n + 1} has no name in the head"
            yield Remark(where(held.number, n), found, "it is not read", severity="warning")


def _line(number: int, cells: tuple[str, ...], wide: int, faults: tuple[Fault, ...], undo: bool, why: int) -> Line:
    """A row as wide as the head; what cannot be taken is a fault of it, as is a reason under `why`."""
    cells = cells if any(cells[wide:]) else cells[:wide]
    if undo:
        cells = tuple(map(plain_cell, cells))
    if len(cells) != wide and any(cells):
        found = Fault(min(len(cells) - 1, wide), f"a row of {len(cells)} cells", f"the head has {wide}", RAGGED)
        return Line(number, cells, (*faults, found))
    if reason := "".join(cells[why : why + 1]).strip():
        found = Fault(
            why, f"under {shown(WHY)} still stands {shown(reason)}", "mend the row, then clear this cell", KEPT
        )
        return Line(number, cells, (*faults, found))
    return Line(number, cells, (*faults, *_odd(cells)))


RAGGED = "not as many cells as the head"
KEPT = "rejected before and not yet mended"


def _odd(cells: tuple[str, ...]) -> Iterator[Fault]:
    """Cells that no registry could hold."""
    for n, cell in enumerate(cells):
        if not cell.isprintable() and (found := FORBIDDEN.search(cell)):
            said = f"the invisible or control character U+{ord(found[0]):04X}"
            yield Fault(n, said, "remove it", "invisible character")
        if len(cell) > MAX_SCALAR:
            yield Fault(n, f"a cell of {len(cell):,} characters", f"at most {MAX_SCALAR:,}", "over-long cell")


def absent(table: Sheet, column: str) -> Remark:
    """A column that is needed and not there."""
    return Remark(table.where(1, 0), f"no column {shown(column)}", nearest(column, filter(None, table.head)))
