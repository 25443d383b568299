"""How a text stands in a cell of CSV, so that no spreadsheet runs it as a formula, and how it comes back.

A spreadsheet set to Russian or Kazakh parts the cells of CSV at semicolons, and then takes no quotation
mark within a line for one: each semicolon and each line of a text may begin a cell there.
"""

import re

_STARTS = r"['\s\ufeff\u200b-\u200f\u2060]*[=+\-@\t\r\0＝＋－＠]"
_RUN = re.compile(_STARTS)
"""What a spreadsheet might take for a formula: such a sign, also after apostrophes and what is not seen."""

_WITHIN = re.compile(rf"(?<=[;\r\n])(?={_STARTS})")
_GUARDED = re.compile(rf"(?<=[;\r\n])'(?={_STARTS})")

_SUSPECT = frozenset(first for first in map(chr, range(0x10000)) if _RUN.match(f"{first}="))


def runs(text: str) -> bool:
    """Whether a spreadsheet might take it for a formula."""
    return text[:1] in _SUSPECT and bool(_RUN.match(text))


def cell(text: str) -> str:
    """A text as a cell of CSV: with an apostrophe wherever a spreadsheet might begin to run it."""
    within = _WITHIN.sub("'", text) if ";" in text or "\n" in text or "\r" in text else text
    return f"'{within}" if runs(text) else within


def plain_cell(text: str) -> str:
    """The text that `cell` wrote."""
    own = text[1:] if text[:1] == "'" and runs(text) else text
    return _GUARDED.sub("", own)
