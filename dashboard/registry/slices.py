"""Where each entry of a registry stands in its text, found at memory speed.

An entry is an item of a list under the top mapping. It can be cut out, read and changed by itself
where the file is written as one writes it by hand: keys at the left edge, one `- ` for each item.
Where it is written otherwise (a list in brackets, carriage returns alone) nothing is found, and the
whole file has to be read.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

# Each begins with a line feed and not with `^`: found ten times as fast.
_AT_THE_EDGE = re.compile(rb"\n[^\s#-]")
_DASH = re.compile(rb" *- *")
_ALONE = re.compile(rb"\r(?!\n)")
_KEEPS_BLANK_LINES = re.compile(rb"[|>][1-9]?\+")
_ID = re.compile(rb" *- id: *([a-z0-9-]+) *\r?\n")
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
    return found.spans(data, found.begin, found.end) if found else []


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


@dataclass(frozen=True, slots=True)
class Difference:
    """The ids of the items that read otherwise, and of those that were put behind all others."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def difference(was: bytes, now: bytes, key: str) -> Difference | None:
    """In which items under `key` two texts differ; None where they differ elsewhere as well, or it cannot be told.

    Elsewhere is also what stands between the items and belongs to nobody: of no item would it be read.
    """
    old, new = _List.of(was, key), _List.of(now, key)
    if old is None or new is None or (old.begin, old.dash) != (new.begin, new.dash):
        return None
    begin, same = alike(was, now)
    more = len(now) - len(was)
    if begin < new.begin or len(now) - same > new.end or old.end + more != new.end:
        return None
    # Whole items are compared, from one that begins in both texts to one that does or to the end of the list.
    first = new.around(now, now.rfind(b"\n", 0, begin) + 1).begin
    following = new.dash.search(now, len(now) - same, new.end)
    end = following.start() + 1 if following else new.end
    if first != end - more and not old.dash.match(was, first - 1):
        return None
    there, here = new.spans(was, first, end - more), new.spans(now, first, end)
    before, after = _ids(was, there), _ids(now, here)
    added = after[len(before) :] if following is None else []
    if "" in after or after[: len(after) - len(added)] != before:
        return None
    if _between(was, there, end - more) != _between(now, here, end):
        return None
    changed = [name for name, old_, new_ in zip(before, there, here, strict=False) if old_.of(was) != new_.of(now)]
    return Difference(tuple(changed), tuple(added))


def _ids(data: bytes, spans: Iterable[Span]) -> list[str]:
    """The ids of items, empty where one does not begin with it."""
    found = (_ID.match(data, span.begin, span.end) for span in spans)
    return [match[1].decode() if match else "" for match in found]


def _between(data: bytes, spans: Sequence[Span], end: int) -> bytes:
    """The lines below each item that belong to nobody, up to `end`."""
    begins = [*(span.begin for span in spans), end]
    return b"".join(data[span.end : after] for span, after in zip(spans, begins[1:], strict=True))


def alike(one: bytes, other: bytes) -> tuple[int, int]:
    """How many bytes two texts have in common from their beginning, and how many behind those from their end; found
    by halving, at memory speed.
    """
    most = min(len(one), len(other))
    begin = _most(most, lambda low, high: one[low:high] == other[low:high])
    end = _most(
        most - begin,
        lambda low, high: one[len(one) - high : len(one) - low] == other[len(other) - high : len(other) - low],
    )
    return begin, end


def _most(high: int, same: Callable[[int, int], bool]) -> int:
    """Up to where all is the same, if what is the same ends once."""
    low = 0
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if same(low, middle) else (low, middle - 1)
    return low


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
    """The list under a top key: from its first item to the next thing at the left edge, what begins an item, and which
    lines belong to nobody.

    A comment that stands deeper than the items, a blank line that is longer than their fields stand deep, may be a line
    of a text.
    """

    begin: int
    end: int
    dash: re.Pattern[bytes]
    nobodys: re.Pattern[bytes]

    @classmethod
    def of(cls, data: bytes, key: str) -> "_List | None":
        begin, end = _section(data, key)
        first = _FIRST.match(data, begin, end)
        if first is None:
            return None
        indent = len(first[1])
        nobodys = re.compile(rb"(?: {0,%d}#[^\n]*| {0,%d}\r?)\n" % (indent, indent + len("- ")))
        return cls(first.start(1), end, re.compile(rb"\n" + first[1] + rb"-(?=[ \r\n])"), nobodys)

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

    def spans(self, data: bytes, begin: int, end: int) -> list[Span]:
        """The items from `begin`, where one begins, to `end`; none where that is the same."""
        if begin == end:
            return []
        begins = [begin, *(match.start() + 1 for match in self.dash.finditer(data, begin + 1, end))]
        return [self.span(data, at, until) for at, until in zip(begins, [*begins[1:], end], strict=True)]

    def span(self, data: bytes, begin: int, end: int) -> Span:
        """Without the blank and comment lines at the end, which belong to nobody."""
        while True:
            line = data.rfind(b"\n", begin, end - 1) + 1
            if line <= begin or not self.nobodys.fullmatch(data, line, end):
                return Span(begin, end)
            end = line


def _section(data: bytes, key: str) -> tuple[int, int]:
    """From below the line of a top key to the next thing at the left edge."""
    line = re.compile(rb"\n[\"']?" + re.escape(key.encode()) + rb"([\"']?:[ \t]*(?:#[^\n]*)?\r?\n)?")
    edges = [match.start() for match in _AT_THE_EDGE.finditer(data)]
    found = [match for at in edges if (match := line.match(data, at))]
    # One of two may be a line of some text.
    if len(found) != 1 or not found[0][1] or (b"\r" in data and _ALONE.search(data)):
        return 0, 0
    begin = found[0].end()
    return begin, next((at + 1 for at in edges if at >= begin - 1), len(data))
