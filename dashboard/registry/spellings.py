"""A passage that must go, found in every spelling of it and replaced by a mark. Bytes in, bytes out.

The passage is a row of words: their letters and digits, whatever their case, accents and line breaks.
Between two words may stand spaces, signs, markup and the beginning of a line. Letters may be written as
escapes of YAML, JSON, HTML, addresses and mail, and in the encodings that files here are found in. The
mark is plain ASCII that no YAML style, address or file name takes for anything else.
"""

import bisect
import gzip
import html
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache, partial
from itertools import accumulate, pairwise

MARK = "(removed)"

LEAST_LETTERS = 4
"""Of a passage; shorter ones stand everywhere."""

UNPACKED_BYTES = 512 * 2**20
"""Of what is unpacked of a container; of more, nobody here can say what it holds."""

DEEP = 3
"""How far containers within containers are opened."""

_ENCODINGS = ("cp1251", "koi8-r", "koi8-u", "kz1048", "mac-cyrillic", "iso8859-5", "cp866", "latin-1")
"""Tried where bytes are not UTF-8 throughout; each turns any bytes into text and back."""

_WIDE = ("utf-16-le", "utf-16-be")
_LOW = re.compile(rb"[\x00-\x06]")
"""What wide encodings have in every letter of the alphabets used here, and text in no other encoding has."""

_SHUT = (
    *((b"%PDF-", "PDF"), (b"PAR1", "Parquet"), (b"7z\xbc\xaf", "7z"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz")),
    *((b"Rar!", "RAR"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\xd0\xcf\x11\xe0", "an old Office file")),
    *((b"# v2 git bundle", "git bundle"), (b"# v3 git bundle", "git bundle"), (b"PACK", "pack of git")),
    *((b"\x89PNG", "picture"), (b"\xff\xd8\xff", "picture"), (b"GIF8", "picture"), (b"RIFF", "picture")),
    *((b"wOF2", "font"), (b"wOFF", "font"), (b"OTTO\0", "font"), (b"\0\1\0\0\0", "font")),
)
"""How files begin whose text is packed in ways that are not undone here; only what stands in them plainly is found."""

_BREAKS = " \t\r\n\x0b\x0c\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000-_+.*#>/\\~|" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_BREAKS += "".join(map(chr, range(0x2010, 0x2016))) + "\u2212\udca0"
_QUOTES = "'\"`\u00ab\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u2039\u203a"
_IGNORED = "\xad\u034f\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\udcad"

_ESCAPED = re.compile(
    r"(?P<u>\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8})|(?P<x>(?:\\x[0-9a-fA-F]{2})+)|(?P<o>(?:\\[0-3][0-7]{2})+)"
    r"|(?P<p>(?:%[0-9a-fA-F]{2})+)|(?P<q>(?:=[0-9A-F]{2})+)|(?P<h>&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});?)"
    r"|(?P<s>\\[nrtNLP_ ])|(?P<m></?[a-zA-Z][^<>\n]{0,80}>)"
)
_MAY_BE_ESCAPED = re.compile(r"\\[uUxnrtNLP_ 0-3]|%[0-9a-fA-F]{2}|=[0-9A-F]{2}|&[#a-zA-Z]|</?[a-zA-Z]")


class _Plain(dict[int, str]):
    """Each character as it is compared: its letter, small and without accents; a space for what may part words."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _IGNORED:
            said = ""
        elif char in _BREAKS:
            said = " "
        elif char in _QUOTES:
            said = "'"
        else:
            apart = unicodedata.normalize("NFD", unicodedata.normalize("NFD", char).lower())
            said = "".join(each for each in apart if not unicodedata.combining(each)).replace("ς", "σ")
        self[code] = said
        return said


_PLAIN = _Plain()
_SPACES = re.compile(" +")


def _escape(found: re.Match[str]) -> list[tuple[str, int]]:
    """What an escape says: its characters, each with how many characters of the text it takes."""
    text = found[0]
    match found.lastgroup:
        case "u":
            code = int(text[2:], 16)
            return [(chr(code) if code < 0x110000 else "\ufffd", len(text))]
        case "x" | "o" | "p" | "q":
            width = {"x": 4, "o": 4, "p": 3, "q": 3}[found.lastgroup]
            base, skip = (8, 1) if found.lastgroup == "o" else (16, width - 2)
            return _bytes_said(
                bytes(int(text[at + skip : at + width], base) for at in range(0, len(text), width)), width
            )
        case "h":
            said = html.unescape(text)
            return [(said, len(text))] if said != text else [(each, 1) for each in text]
    return [(" ", len(text))]  # a space of some kind, or markup between two words


def _bytes_said(data: bytes, width: int) -> list[tuple[str, int]]:
    for encoding in ("utf-8", "cp1251"):
        try:
            return [(each, width * len(each.encode(encoding))) for each in data.decode(encoding)]
        except UnicodeDecodeError:
            continue
    return [(each, width) for each in data.decode("latin-1")]


def _characters(text: str, escapes: bool) -> Iterator[tuple[str, int, int]]:
    """Each character as it is compared, with its place in `text`: from where to where."""
    at = 0
    for found in _ESCAPED.finditer(text) if escapes else ():
        yield from ((_PLAIN[ord(text[n])], n, n + 1) for n in range(at, found.start()))
        at = found.start()
        for said, width in _escape(found):
            yield said.translate(_PLAIN), at, at + width
            at += width
        at = found.end()
    yield from ((_PLAIN[ord(text[n])], n, n + 1) for n in range(at, len(text)))


@lru_cache(maxsize=400_000)
def _line(line: str, escapes: bool) -> str:
    """A line as it is compared; versions of a file have most lines in common."""
    said = _ESCAPED.sub(lambda found: "".join(said for said, _ in _escape(found)), line) if escapes else line
    folded = said.translate(_PLAIN)
    begin, end = ";" if _ITEM.match(line) else "", "" if line.rstrip("\r").endswith(_GOES_ON) else " "
    return f"{begin}{_SPACES.sub(' ', folded).strip()}{end}"


_ITEM = re.compile(r"[ \t]*- ")
"""An item of a YAML list: what stands in two of them is not one passage."""


class Passages:
    """What must go. It has no text form: nothing of it can get into a message or a trace."""

    __slots__ = ("__dict__", "_words")

    def __init__(self, passages: Iterable[str]) -> None:
        self._words = tuple(_in_words(each) for each in passages)

    def __repr__(self) -> str:
        return f"<{len(self._words)} passages>"

    @property
    def too_short(self) -> list[int]:
        """The numbers, from 1, of passages with too few letters."""
        letters = [sum(c.isalnum() for word, _ in words for c in word) for words in self._words]
        return [n for n, count in enumerate(letters, 1) if count < LEAST_LETTERS]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # What begins with the same words and goes on is the longer one.
        ordered = sorted(self._words, key=lambda words: -sum(len(word) for word, _ in words))
        return re.compile("|".join(map(_said, ordered)))

    @cached_property
    def _each(self) -> tuple[re.Pattern[str], ...]:
        """One pattern a passage, for every place that it begins at: passages overlap, one with another and with itself."""
        return tuple(re.compile(f"(?=({_said(words)}))") for words in self._words)

    @cached_property
    def _first(self) -> tuple[str, ...]:
        """The longest word of each: where none stands, nothing does."""
        return tuple(max((word for word, _ in words), key=len, default="") for words in self._words)

    def count(self, data: bytes) -> int:
        """In how many places of a file the passages stand; in a container, one for each member that has any."""
        if (opened := _opened(data)) is not None:
            return sum(bool(self.count_text(name) + self.count(content)) for name, content in opened) + self._in_bytes(
                data
            )
        return self._in_bytes(data)

    def _in_bytes(self, data: bytes) -> int:
        return self._mended(data)[1]

    def count_text(self, text: str) -> int:
        return len(self._spans(text))

    def cleaned(self, data: bytes) -> bytes:
        """The file with the mark in place of each; of a container that holds one, nothing is left but the mark."""
        if _opened(data) is not None:
            return f"{MARK}\n".encode() if self.count(data) else data
        return self._mended(data)[0]

    def _mended(self, data: bytes) -> tuple[bytes, int]:
        """The bytes with the mark in place of each, and how many there were: one encoding after the other."""
        count = 0
        for decoded in _READINGS:
            if (reading := decoded(data)) is None:
                continue
            text, back = reading
            if spans := self._spans(text):
                data, count = back(_marked(text, spans)), count + len(spans)
        return data, count

    def cleaned_text(self, text: str) -> str:
        return _marked(text, self._spans(text))

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """From where to where the passages stand, in order, none within another."""
        found = self._spans_in(text, False)
        if _MAY_BE_ESCAPED.search(text):
            found += self._spans_in(text, True)
        joined: list[tuple[int, int]] = []
        for begin, end in sorted(set(found)):
            if joined and begin < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((begin, end))
        return joined

    def _spans_in(self, text: str, escapes: bool) -> list[tuple[int, int]]:
        folded = _Folded(text, escapes)
        if not any(word in folded.text for word in self._first):
            return []
        if not self._pattern.search(folded.text):
            return []
        lines = [folded.lines(*found.span(1)) for each in self._each for found in each.finditer(folded.text)]
        return [span for begin, end in dict.fromkeys(lines) for span in self._within(text, begin, end, escapes)]

    def _within(self, text: str, begin: int, end: int, escapes: bool) -> Iterator[tuple[int, int]]:
        """The exact places within some lines."""
        said: list[str] = []
        places: list[tuple[int, int]] = []
        for char, first, last in _broken(text[begin:end], escapes):
            said += char
            places += [(begin + first, begin + last)] * len(char)
        for found in (found for each in self._each for found in each.finditer("".join(said))):
            yield places[found.start(1)][0], _with_accents(text, places[found.end(1) - 1][1])


def _marked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    made, at = [], 0
    for begin, end in spans:
        made += [text[at:begin], MARK]
        at = end
    return "".join((*made, text[at:]))


def _in_words(passage: str) -> tuple[tuple[str, str], ...]:
    """The words of a passage as they are compared, each with the pattern of what may follow before the next."""
    plain = "".join(said for said, _, _ in _characters(passage, False))
    found = list(re.finditer(r"[^\W_]+", plain))
    gaps = [plain[one.end() : other.start()] for one, other in pairwise(found)]
    return tuple((each[0], _gap(gap)) for each, gap in zip(found, [*gaps, None], strict=bool(found)))


def _said(words: Iterable[tuple[str, str]]) -> str:
    return "".join(re.escape(word) + gap for word, gap in words)


def _gap(signs: str | None) -> str:
    if signs is None:
        return ""
    return f"[ {re.escape(''.join(dict.fromkeys(signs)))}]*"


class _Folded:
    """A text as it is compared, line by line, and which lines each place of it is of."""

    def __init__(self, text: str, escapes: bool) -> None:
        self._lines = text.split("\n")
        self._folded = [(_line if len(each) < _LONG else _line.__wrapped__)(each, escapes) for each in self._lines]
        self.text = "".join(self._folded)

    @cached_property
    def _starts(self) -> list[int]:
        return list(accumulate(map(len, self._folded), initial=0))

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(len(each) + 1 for each in self._lines))

    def lines(self, begin: int, end: int) -> tuple[int, int]:
        """From where to where in the text the lines go that a match is in."""
        first = bisect.bisect_right(self._starts, begin) - 1
        last = bisect.bisect_left(self._starts, end) - 1
        return (self._ends[first - 1] if first else 0), min(self._ends[last], self._ends[-1] - 1)


_LONG = 4000
"""Characters; a longer line is not remembered."""

_GOES_ON = ("-", "\xad", "\\", "=", "\u2010")
"""A word broken at the end of a line: by a hyphen, in quotes of YAML, in mail."""

_BROKEN = re.compile(r"[-\xad\\=\u2010]\r?\n[ \t]*\\?")


def _broken(text: str, escapes: bool) -> Iterator[tuple[str, int, int]]:
    """As `_characters`, without the breaks within words, and with a stop before an item of a list."""
    stops = {found.start(1) for found in re.finditer(r"\n[ \t]*(- )", text)}
    skipped = {n for found in _BROKEN.finditer(text) for n in range(*found.span())}
    for char, first, last in _characters(text, escapes):
        if first in stops:
            yield ";", first, last
        elif first not in skipped:
            yield char, first, last


def _with_accents(text: str, end: int) -> int:
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end


# --- files ------------------------------------------------------------------------------------------


def closed(data: bytes) -> str:
    """What kind of file this is, where nobody here can look into it; empty where it was looked into."""
    if data[:2] == b"PK" or data[:2] == b"\x1f\x8b":
        return "" if _opened(data) is not None else "an archive that cannot be opened"
    return _shut(data)


_Reading = tuple[str, Callable[[str], bytes]]
"""A file as a text in some encoding, with the way back, which loses no byte."""


def _as_utf8(data: bytes) -> _Reading:
    return data.decode("utf-8", "surrogateescape"), lambda text: text.encode("utf-8", "surrogateescape")


def _as_narrow(name: str, data: bytes) -> _Reading | None:
    if _is_utf8(data) or _shut(data):
        return None
    return data.decode(name, "surrogateescape"), lambda text: text.encode(name, "surrogateescape")


def _as_wide(name: str, odd: int, data: bytes) -> _Reading | None:
    """Two bytes a letter, beginning at the first byte or at the second."""
    if not _LOW.search(data) or _shut(data):
        return None
    end = len(data) - (len(data) - odd) % 2
    head, tail = data[:odd], data[end:]
    text = data[odd:end].decode(name, "surrogatepass")
    return text, lambda said: head + said.encode(name, "surrogatepass") + tail


_READINGS: tuple[Callable[[bytes], _Reading | None], ...] = (
    _as_utf8,
    *(partial(_as_narrow, name) for name in _ENCODINGS),
    *(partial(_as_wide, name, odd) for name in _WIDE for odd in (0, 1)),
)


def _shut(data: bytes) -> str:
    return next((kind for begin, kind in _SHUT if data.startswith(begin)), "")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def packed(data: bytes) -> bool:
    """Whether it is a container that was opened."""
    return _opened(data) is not None


def _opened(data: bytes, deep: int = DEEP) -> list[tuple[str, bytes]] | None:
    """The members of a container; None where it is none, or cannot be opened whole."""
    if not deep:
        return None
    try:
        if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            return list(_unzipped(data))
        if data[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
                content = file.read(UNPACKED_BYTES + 1)
            return [("", content)] if len(content) <= UNPACKED_BYTES else None
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError):
        pass
    return None


def _unzipped(data: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(each.file_size for each in archive.infolist()) > UNPACKED_BYTES:
            raise zipfile.BadZipFile("too large")
        yield "", archive.comment
        for each in archive.infolist():
            yield each.filename, each.comment
            yield each.filename, archive.read(each)
