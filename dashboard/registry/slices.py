"""Where each entry of a registry stands in its text, found at memory speed.

An entry is an item of a list under the top mapping. It can be cut out, read and changed by itself
where the file is written as one writes it by hand: keys at the left edge, one `- ` for each item.
Where it is written otherwise (a list in brackets, carriage returns alone) nothing is found, and the
whole file has to be read.
"""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

# Each begins with a line feed and not with `^`: found ten times as fast.
_AT_THE_EDGE = re.compile(rb"\n[^\s#-]")
_BLANK = re.compile(rb"[ \t]*\r?\n")
_DASH = re.compile(rb" *- *")
_ALONE = re.compile(rb"\r(?!\n)")
_KEEPS_BLANK_LINES = re.compile(rb"[|>][1-9]?\+")
_BEHIND_KEY = re.compile(rb"[\"']?:[ \t]*(?:#[^\n]*)?\r?\n")
_FIRST = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)-[ \r\n]")


@dataclass(frozen=True, slots=True)
class Span:
    """From which byte to which an entry stands, whole lines, without the comments that follow it."""

    begin: int
    end: int

    def of(self, data: bytes) -> bytes:
        return data[self.begin : self.end]


def entries(data: bytes, key: str) -> list[Span]:
    """The items of the list under `key`, in order; none where it is not there or written otherwise."""
    found = _List.of(data, key)
    if found is None:
        return []
    begins = [found.begin, *(match.start() + 1 for match in found.dash.finditer(data, found.begin + 1, found.end))]
    pairs = zip(begins, [*begins[1:], found.end], strict=True)
    return [found.span(data, at, until) for at, until in pairs]


def entry(data: bytes, key: str, name: str) -> Span | None:
    """The one item under `key` with the id `name`; None where none or several look like it.

    Only the lines that hold the name are looked at: of a long list every save asks this several times.
    """
    items, wanted = _List.of(data, key), name.encode()
    if items is None:
        return None
    line = re.compile(rb"( *)(?:(- *)(?:\{ *)?)?id: *[\"']?" + re.escape(wanted) + rb"[\"']?\s*[,}#\r\n]")
    found, at = [], items.begin
    while (at := data.find(wanted, at, items.end)) >= 0:
        match = line.match(data, data.rfind(b"\n", 0, at) + 1, items.end)
        at += len(wanted)
        if match is None or not match.start() < at <= match.end():
            continue
        span = items.around(data, match.start())
        first = _DASH.match(data, span.begin)
        assert first is not None
        # Deeper stand the ids of other things, which it names.
        deep = len(match[1] + (match[2] or b""))
        if match.start() < span.end and (match.start() == span.begin if match[2] else deep == len(first[0])):
            found.append(span)
    if len(found) != 1 or keeps_blank_lines(found[0].of(data)):
        return None
    return found[0]


def keeps_blank_lines(entry: bytes) -> bool:
    """Whether a text in it may hold the blank lines that stand below."""
    return _KEEPS_BLANK_LINES.search(entry) is not None


def digest(data: bytes, spans: Iterable[Span | None]) -> str:
    """sha256 over the entries; over the whole file where one of them could not be cut out."""
    total = hashlib.sha256()
    for span in spans:
        total.update(b"\0" + (span.of(data) if span else data))
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class _List:
    """The list under a top key: from its first item to the next thing at the left edge, and what begins an item.

    A comment that stands deeper than the items may be a line of a text.
    """

    begin: int
    end: int
    dash: re.Pattern[bytes]
    comment: re.Pattern[bytes]

    @classmethod
    def of(cls, data: bytes, key: str) -> "_List | None":
        begin, end = _section(data, key)
        first = _FIRST.match(data, begin, end)
        if first is None:
            return None
        comment = re.compile(rb" {0,%d}#[^\n]*\n" % len(first[1]))
        return cls(first.start(1), end, re.compile(rb"\n" + first[1] + rb"-(?=[ \r\n])"), comment)

    def around(self, data: bytes, at: int) -> Span:
        """The item in which the line that begins at `at` stands."""
        begin = self.begin
        line = at
        while line > self.begin:
            if self.dash.match(data, line - 1, self.end):
                begin = line
                break
            line = data.rfind(b"\n", 0, line - 1) + 1
        after = self.dash.search(data, at, self.end)
        return self.span(data, begin, after.start() + 1 if after else self.end)

    def span(self, data: bytes, begin: int, end: int) -> Span:
        """Without the blank and comment lines at the end, which belong to nobody."""
        while True:
            line = data.rfind(b"\n", begin, end - 1) + 1
            if line <= begin or not (_BLANK.fullmatch(data, line, end) or self.comment.fullmatch(data, line, end)):
                return Span(begin, end)
            end = line


def _section(data: bytes, key: str) -> tuple[int, int]:
    """From below the line of a top key to the next thing at the left edge."""
    word, at, places = key.encode(), -1, []
    while (at := data.find(word, at + 1)) >= 0:
        if data[at - 1 : at] == b"\n" or data[at - 2 : at] in (b"\n'", b'\n"'):
            places.append(at + len(word))
    # One of two may be a line of some text.
    if len(places) != 1 or (b"\r" in data and _ALONE.search(data)):
        return 0, 0
    found = _BEHIND_KEY.match(data, places[0])
    if found is None:
        return 0, 0
    after = _AT_THE_EDGE.search(data, found.end() - 1)
    return found.end(), after.start() + 1 if after else len(data)
