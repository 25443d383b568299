"""How a text stands in a cell of CSV, so that no spreadsheet runs it as a formula, and how it comes back."""

import re

_RUN = re.compile(r"['\s\ufeff\u200b-\u200f\u2060]*[=+\-@\t\r\0＝＋－＠]")
"""What a spreadsheet might take for a formula: such a sign, also after apostrophes and what is not seen."""

_SUSPECT = frozenset(first for first in map(chr, range(0x10000)) if _RUN.match(f"{first}="))


def runs(text: str) -> bool:
    """Whether a spreadsheet might take it for a formula."""
    return text[:1] in _SUSPECT and bool(_RUN.match(text))


def cell(text: str) -> str:
    """A text as a cell of CSV: with an apostrophe before it where a spreadsheet might run it."""
    return f"'{text}" if runs(text) else text


def plain_cell(text: str) -> str:
    """The text that `cell` wrote."""
    return text[1:] if text[:1] == "'" and runs(text) else text
