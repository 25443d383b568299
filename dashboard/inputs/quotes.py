"""Proves quotes against the texts they come from, and that no examined passage was lost.

The texts are someone else's work and stay outside the repository; only white space may differ.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from dashboard.registry.model import Registry, Source
from dashboard.registry.problems import Path as Place
from dashboard.registry.problems import Problem, shown
from dashboard.registry.reader import Texts

_LINE_END = re.compile(r"\r\n?")
_BLANK_LINES = re.compile(r"\n\s*\n")
ASK_COLUMNS = ("id", "doc", "para", "quote_verbatim")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote of the registry: where it is written, and the passage that it names."""

    file: str
    path: Place
    record: str
    source: str
    paragraph: int | None
    words: str
    tracked: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """How many quotes, distinct paragraphs and hashes were proven, what was not, and why not."""

    quotes: int
    paragraphs: int
    hashes: int
    unverified: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A passage that somebody found to ask, promise, or look as if it did."""

    id: str
    source: str
    paragraph: int
    words: str


@dataclass(frozen=True, slots=True)
class Covered:
    """How many asks are the origin of a record, how many are listed as not tracked, and what is amiss."""

    tracked: int
    not_tracked: int
    problems: tuple[Problem, ...]


class BadTable(Exception):
    """The list of asks cannot be read as one."""


def verified(registry: Registry, given: Texts, folder: Path) -> Verified:
    """Every quote and hash of `registry`, read from `given`, against `folder`/<source-id>.txt.

    Raises OSError and UnicodeDecodeError for a text that cannot be read.
    """
    texts = {s.id: p.read_text("utf-8-sig") for s in registry.sources if (p := folder / f"{s.id}.txt").is_file()}
    blocks = {name: [spaced(block) for block in paragraphs(text)] for name, text in texts.items()}
    told = [quote for quote in quotes(registry, given) if quote.source in blocks]
    failed = {quote: problem for quote in told if (problem := _unfound(quote, blocks[quote.source]))}
    good = [quote for quote in told if quote not in failed]
    hashes = [
        problem
        for source in registry.sources
        if source.id in texts
        for problem in _hash(source, texts[source.id], given)
    ]
    return Verified(
        quotes=len(good),
        paragraphs=len({(quote.source, quote.paragraph) for quote in good if quote.paragraph}),
        hashes=len(texts) - len(hashes),
        unverified=tuple(source.id for source in registry.sources if source.id not in texts),
        problems=(*failed.values(), *hashes),
    )


def quotes(registry: Registry, given: Texts) -> Iterator[Quoted]:
    """Every quote of a source: the origins of records, and the passages not tracked."""
    for record in registry.file.recommendations:
        for n, origin in enumerate(record.origin):
            if origin.quote:
                at: Place = ("recommendations", record.id, "origin", n, "quote")
                yield Quoted(given.name, at, record.id, origin.source, origin.paragraph, origin.quote, True)
    for source in registry.sources:
        for n, passage in enumerate(source.not_tracked):
            file = _file(source, given)
            yield Quoted(file, ("not_tracked", n, "quote"), "", source.id, passage.paragraph, passage.quote, False)


def paragraphs(text: str) -> list[str]:
    """Blocks between blank lines. The first is not counted, so that block 1 is `paragraph: 1`."""
    return _BLANK_LINES.split(_LINE_END.sub("\n", text).strip())


def spaced(text: str) -> str:
    """`text` with every run of white space one space, ends trimmed."""
    return " ".join(text.split())


def sha256(text: str) -> str:
    """The hash of a source's text as `text_sha256` has it: Unicode NFC, white space as in `spaced`."""
    return hashlib.sha256(spaced(normalize("NFC", text)).encode()).hexdigest()


def _unfound(quote: Quoted, blocks: list[str]) -> Problem | None:
    words = spaced(quote.words)
    elsewhere = [n for n, block in enumerate(blocks) if words in block]
    if elsewhere if quote.paragraph is None else quote.paragraph in elsewhere:
        return None
    where = f"paragraph {quote.paragraph}" if quote.paragraph else "the text"
    allowed = f"it stands in paragraph {elsewhere[0]}" if elsewhere else "copy it verbatim, mistakes and all"
    return _problem(quote, f"{shown(quote.words)} is not in {where} of {quote.source}", allowed)


def _hash(source: Source, text: str, given: Texts) -> Iterator[Problem]:
    if (found := sha256(text)) != source.text_sha256:
        has = "another text" if source.text_sha256 else "no hash of the text"
        yield Problem(_file(source, given), ("text_sha256",), has, f"this text has {found}")


def _file(source: Source, given: Texts) -> str:
    named = (name for name in given.sources if Path(name).stem == source.id)
    return next(named, given.name)  # a file that is named otherwise has a problem of its own


def _problem(quote: Quoted, found: str, allowed: str) -> Problem:
    return Problem(quote.file, quote.path, found, allowed, record=quote.record)


# --- the list of what was found in the texts ------------------------------------------------------


def asks(path: Path) -> list[Ask]:
    """The rows of a tab-separated list with the columns id, doc, para, quote_verbatim.

    Raises OSError, BadTable.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, dialect="excel-tab", strict=True)
            if absent := [name for name in ASK_COLUMNS if name not in (table.fieldnames or ())]:
                raise BadTable(f"{path}: no column {absent[0]}; the columns are {', '.join(ASK_COLUMNS)}")
            return [_ask(path, table.line_num, row) for row in table]
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadTable(f"{path}: not a tab-separated table in UTF-8 ({error})") from None


def _ask(path: Path, line: int, row: dict[str, str | None]) -> Ask:
    name, source, paragraph, words = (row[column] or "" for column in ASK_COLUMNS)
    if not (name and source and words and paragraph.isdecimal()):
        raise BadTable(f"{path}:{line}: a row needs {', '.join(ASK_COLUMNS)}, and para is a number")
    return Ask(name, source, int(paragraph), spaced(words))


def covered(registry: Registry, given: Texts, listed: list[Ask], file: str) -> Covered:
    """Whether each ask, from `file`, is the origin of a record or listed as not tracked, and only one of both."""
    held: dict[Ask, list[Quoted]] = {ask: [] for ask in listed}
    strays = []
    for quote in quotes(registry, given):
        meant = _meant(quote, listed)
        strays += [] if meant else [quote]
        for ask in meant:
            held[ask].append(quote)
    tracked = sum(any(quote.tracked for quote in found) for found in held.values())
    dropped = sum(bool(found) and not any(quote.tracked for quote in found) for found in held.values())
    amiss = [problem for n, ask in enumerate(listed) for problem in _amiss(ask, held[ask], file, n + 2)]
    amiss += [
        _problem(quote, f"{shown(quote.words)} is in no row of {file}", "add the row, or mend the quote")
        for quote in strays
    ]
    return Covered(tracked, dropped, tuple(amiss))


def _meant(quote: Quoted, listed: Iterable[Ask]) -> list[Ask]:
    """The asks that a quote stands for: the same words; else those that it shortens or holds."""
    words = spaced(quote.words)
    near = [ask for ask in listed if ask.source == quote.source and quote.paragraph in (None, ask.paragraph)]
    same = [ask for ask in near if ask.words == words]
    return same or [ask for ask in near if words in ask.words or ask.words in words]


def _amiss(ask: Ask, found: list[Quoted], file: str, line: int) -> Iterator[Problem]:
    def problem(says: str, allowed: str) -> Problem:
        return Problem(
            file, (), f"{ask.id} ({ask.source}, paragraph {ask.paragraph}) {says}", allowed, line=line, column=1
        )

    listed = [quote for quote in found if not quote.tracked]
    if not found:
        yield problem(f"is neither tracked nor listed: {shown(ask.words)}", "track it, or list it under not_tracked")
    elif listed and len(listed) < len(found):
        yield problem(f"is the origin of {_tracking(found)} and listed under not_tracked", "keep one of the two")
    elif len(listed) > 1:
        yield problem(f"is listed {len(listed)} times under not_tracked", "keep one")


def _tracking(found: list[Quoted]) -> str:
    return next(quote.record for quote in found if quote.tracked)
