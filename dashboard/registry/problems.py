"""What is wrong with a registry, as values: where it stands, what was found, what is allowed.

A problem is never raised; the reader collects all of them and the good records still show.
"""

import difflib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Path = tuple[str | int, ...]
Severity = Literal["error", "warning"]

MOST_OF_A_KIND = 100
"""So many findings of one kind in one file are told; more would be the same news."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at `path` in `file`.

    `path` names list items by their position, or by their id where a rule found the problem.
    `line` and `column` count from 1; 0 until the reader has looked them up.
    """

    file: str
    path: Path
    found: str
    allowed: str
    severity: Severity = "error"
    on_key: bool = False
    record: str = ""
    line: int = 0
    column: int = 0

    @property
    def field(self) -> str:
        """The path below the record, with list positions counted from 1."""
        below = self.path[2:] if self.record else self.path
        return ".".join(str(part + 1) if isinstance(part, int) else part for part in below)

    def at(self, line: int, column: int) -> "Problem":
        return replace(self, line=line, column=column)

    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def message(self) -> str:
        record = f"[{self.record}] " if self.record else ""
        field = f"{self.field}: " if self.field else ""
        return f"{record}{field}{self.found}; {self.allowed}"


def as_text(problems: Iterable[Problem]) -> str:
    """One problem a line, as compilers write them."""
    return "".join(visible(f"{p.place()}: {p.severity}: {p.message()}") + "\n" for p in problems)


def as_json(problems: Iterable[Problem]) -> str:
    """A JSON list of objects: file, line, column, severity, record, field, found, allowed."""
    names = ("file", "line", "column", "severity", "record", "field", "found", "allowed")
    rows = [{name: visible(v) if isinstance(v := getattr(p, name), str) else v for name in names} for p in problems]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def as_github(problems: Iterable[Problem]) -> str:
    """Workflow commands that GitHub shows beside the lines of a pull request."""
    return "".join(
        f"::{p.severity} file={_property(p.file)},line={p.line},col={p.column}::{_data(visible(p.message()))}\n"
        for p in problems
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")


def visible(text: str) -> str:
    """`text` with every control, bidirectional or invisible character spelled out.

    What stands in a file must not colour, reorder or clear the terminal that reports it.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\u00a0" else f"\\u{ord(char):04x}" for char in text)


def shown(value: object, limit: int = 60) -> str:
    """`value` in quotes, cut to `limit` characters, safe to print."""
    text = str(value)
    return "'" + visible(text[:limit]) + ("…'" if len(text) > limit else "'")


def nearest(word: str, among: Iterable[str]) -> str:
    """`did you mean 'x'?`, or the allowed words where nothing is near."""
    choices = sorted(set(among))
    folded = unicodedata.normalize("NFKC", word).casefold()
    if close := difflib.get_close_matches(folded, choices, n=1, cutoff=0.6):
        return f"did you mean {shown(close[0])}?"
    if len(choices) > 12:
        return f"write one of the {len(choices)} that the file defines, such as {', '.join(choices[:5])}"
    return "write one of " + ", ".join(choices) if choices else "the file defines none yet: add it first"


def counted(n: int, what: str) -> str:
    """`1 record`, `2 records`."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
