"""Changes to the text of a registry: bytes in, bytes out. Never reads or writes a file.

Only the lines that a change concerns are touched; comments, order, quotes, newline style and a
byte order mark stay as they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from dashboard.registry import events, grounds
from dashboard.registry.model import Assessment, Check, Registry
from dashboard.registry.problems import Path

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_ANCHOR_FIELD = "by"  # required, and an id: always on one line, so that what follows it is easy to find


class Misplaced(Exception):
    """The changed text does not read as it should; nothing may be written."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Fields to add to the entry at `path`, behind its field `by`."""

    path: Path
    by: str
    fields: tuple[tuple[str, str], ...]


def stamped(data: bytes, registry: Registry, today: date) -> tuple[bytes, int]:
    """The text of `registry` with what assessments and checks lack of `judged` and `recorded_on`,
    and how many entries were filled. `registry` must have been read from `data` without errors.
    Raises Misplaced.
    """
    stamps = list(_missing(registry, today))
    if not stamps:
        return data, 0
    changed = _spliced(data, stamps)
    _prove(data, changed, stamps)
    return changed, len(stamps)


def _missing(registry: Registry, today: date) -> Iterator[Stamp]:
    for n, record in enumerate(registry.file.recommendations):
        for m, given in enumerate(record.assessments):
            fingerprint = _quoted(grounds.fingerprint(registry, record, given))
            judged = () if given.judged else (("judged", fingerprint),)
            if fields := (*judged, *_recorded(given, today)):
                yield Stamp(("recommendations", n, "assessments", m), given.by, fields)
        for m, check in enumerate(record.checks):
            if fields := _recorded(check, today):
                yield Stamp(("recommendations", n, "checks", m), check.by, fields)


def _recorded(entry: Assessment | Check, today: date) -> tuple[tuple[str, str], ...]:
    return () if entry.recorded_on else (("recorded_on", today.isoformat()),)


def _quoted(fingerprint: str) -> str:
    """In quotes where other YAML readers would take it for a number (all digits, or 12e4)."""
    return fingerprint if set(fingerprint) & set("abcdf") else f"'{fingerprint}'"


def _spliced(data: bytes, stamps: list[Stamp]) -> bytes:
    """`data` with the fields added, from the last stamp to the first so that places stay true."""
    wanted = {path for stamp in stamps for path in (stamp.path, (*stamp.path, _ANCHOR_FIELD))}
    places = events.places(data, wanted)
    lines = _LINE.findall(data.decode())
    stands = [(places[(*stamp.path, _ANCHOR_FIELD)][1], places[stamp.path][1], stamp) for stamp in stamps]
    for (line, column), (first_line, first_column), stamp in sorted(stands, key=lambda each: each[0], reverse=True):
        in_braces = _from(lines, first_line, first_column).startswith("{")
        if in_braces:
            lines[line - 1] = _in_braces(lines[line - 1], column - 1 + _shift(lines, line), stamp)
        else:
            lines[line - 1] += _own_lines(lines[line - 1], first_column - 1, stamp)
    return "".join(lines).encode()


def _from(lines: list[str], line: int, column: int) -> str:
    return lines[line - 1][column - 1 + _shift(lines, line) :]


def _shift(lines: list[str], line: int) -> int:
    """1 on a first line with a byte order mark, which YAML does not count as a column."""
    return int(line == 1 and lines[0].startswith("\ufeff"))


def _own_lines(before: str, indent: int, stamp: Stamp) -> str:
    newline = before[len(before.rstrip("\r\n")) :]
    return "".join(f"{' ' * indent}{name}: {value}{newline}" for name, value in stamp.fields)


def _in_braces(line: str, begin: int, stamp: Stamp) -> str:
    quotes = 2 if line[begin] in "'\"" else 0
    end = begin + len(stamp.by) + quotes
    return line[:end] + "".join(f", {name}: {value}" for name, value in stamp.fields) + line[end:]


def _prove(before: bytes, after: bytes, stamps: list[Stamp]) -> None:
    """That `after` reads as `before` with just the stamped fields more. Raises Misplaced."""
    try:
        was, _ = events.build(before, "before")
        now, problems = events.build(after, "after")
    except events.Cut as cut:
        raise Misplaced(cut.problem.message()) from None
    for stamp in stamps:
        entry = _entry(was, stamp.path)
        entry.update((name, value.strip("'")) for name, value in stamp.fields)
    if problems or was != now:
        raise Misplaced("the stamped text would not read as it should; nothing was changed")


def _entry(plain: Any, path: Path) -> Any:
    for part in path:
        plain = plain[part]
    return plain
