"""Where each entry of a registry stands in its text, found at memory speed.

An entry is an item of a list under the top mapping. It can be cut out, read and changed by itself
where the file is written as one writes it by hand: keys at the left edge, one `- ` for each item.
Where it is written otherwise (a list in brackets, carriage returns alone) nothing is found, and the
whole file has to be read.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_KEY = re.compile(rb"^(?:\xef\xbb\xbf)?([a-z_]+):[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_AT_THE_EDGE = re.compile(rb"^[^\s#-]", re.MULTILINE)
_BLANK = re.compile(rb"[ \t]*\r?\n")
_KEEPS_BLANK_LINES = re.compile(rb"[|>][1-9]?\+")
_FIRST = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)- ")


@dataclass(frozen=True, slots=True)
class Span:
    """From which byte to which an entry stands, whole lines, without the comments that follow it."""

    begin: int
    end: int

    def of(self, data: bytes) -> bytes:
        return data[self.begin : self.end]


def entries(data: bytes, key: str) -> list[Span]:
    """The items of the list under `key`, in order; none where it is not there or written otherwise."""
    begin, end = _section(data, key)
    first = _FIRST.match(data, begin, end)
    if first is None:
        return []
    dash = re.compile(rb"^" + first[1] + rb"- ", re.MULTILINE)
    # A comment that stands deeper may be a line of a text.
    comment = re.compile(rb" {0,%d}#[^\n]*\n" % len(first[1]))
    begins = [match.start() for match in dash.finditer(data, first.start(1), end)]
    pairs = zip(begins, [*begins[1:], end], strict=True)
    return [Span(at, _last_line(data, at, until, comment)) for at, until in pairs]


def entry(data: bytes, key: str, name: str) -> Span | None:
    """The one item under `key` with the id `name`; None where none or several look like it."""
    wanted = re.compile(
        rb"^ *(?:- *(?:\{ *)?|)id: *[\"']?" + re.escape(name.encode()) + rb"[\"']?\s*[,}#\r\n]", re.MULTILINE
    )
    begin, end = _section(data, key)
    if next(wanted.finditer(data, begin, end), None) is None:
        return None
    found = [span for span in entries(data, key) if wanted.search(data, span.begin, span.end)]
    if len(found) != 1 or _KEEPS_BLANK_LINES.search(data, found[0].begin, found[0].end):
        return None
    return found[0]


def digest(data: bytes, spans: Iterable[Span | None]) -> str:
    """sha256 over the entries; over the whole file where one of them could not be cut out."""
    total = hashlib.sha256()
    for span in spans:
        total.update(b"\0" + (span.of(data) if span else data))
    return total.hexdigest()


def _section(data: bytes, key: str) -> tuple[int, int]:
    """From below the line of a top key to the next thing at the left edge."""
    for match in _KEY.finditer(data):
        if match[1] == key.encode():
            begin = match.end() + 1
            after = _AT_THE_EDGE.search(data, begin)
            return begin, after.start() if after else len(data)
    return 0, 0


def _last_line(data: bytes, begin: int, end: int, comment: re.Pattern[bytes]) -> int:
    """The end of an entry without the blank and comment lines below it, which belong to nobody."""
    while True:
        line = data.rfind(b"\n", begin, end - 1) + 1
        if line <= begin or not (_BLANK.fullmatch(data, line, end) or comment.fullmatch(data, line, end)):
            return end
        end = line
