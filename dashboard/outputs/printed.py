"""The brief as a PDF: PDF/UA-1, at most two pages of A4, set by Typst in a typeface that we ship.

What the registry says goes in as data (JSON), never as markup. The same brief makes the same bytes.
"""

import json
import struct
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

import typst

from dashboard.language import translator
from dashboard.outputs import glyphs
from dashboard.outputs.brief import LEVELS, Brief, OfSide, Piece, Sheet, sheet

PAGES = 2

_TEMPLATE = Path(__file__).parent / "templates" / "brief.typ"
_FONTS = Path(__file__).resolve().parents[1] / "assets" / "third_party" / "source-sans-3-otf"


def pdf(of: Brief) -> bytes:
    """At most PAGES pages; what there is no room for is counted, with the address that shows it."""
    made: bytes = typst.compile(
        _TEMPLATE.read_bytes(), format="pdf", pdf_standards="ua-1", **_given(fitted(of), "brief")
    )
    return made


def picture(of: Sheet) -> bytes:
    """The picture of the brief alone, as PNG: each side's name beside its marks."""
    made: bytes = typst.compile(_TEMPLATE.read_bytes(), format="png", ppi=220, **_given(of, "picture"))
    return made


def fitted(of: Brief) -> Sheet:
    """The brief at the roomiest level that the pages hold; at the next one, where that saves a whole page."""
    last = len(LEVELS) - 1
    first = min(bisect_left(LEVELS, True, key=lambda level: _pages(sheet(of, level)) <= PAGES), last)
    made, tighter = sheet(of, LEVELS[first]), sheet(of, LEVELS[min(first + 1, last)])
    return tighter if _pages(tighter) < _pages(made) else made


def _pages(of: Sheet) -> int:
    found = typst.query(_TEMPLATE.read_bytes(), "<pages>", field="value", one=True, **_given(of, "brief"))
    return int(json.loads(found))


def _given(of: Sheet, part: str) -> dict[str, Any]:
    """What Typst needs: the texts as data, our typeface and no other, no file beside the template."""
    data = json.dumps(_printable(_texts(of)), ensure_ascii=False)
    return {"sys_inputs": {"brief": data, "part": part}, "font_paths": _fonts(), "ignore_system_fonts": True}


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])


# --- what the template sets -----------------------------------------------------------------------------


def _texts(of: Sheet) -> dict[str, Any]:
    brief = of.brief
    tr = translator(brief.language)
    found = {status for side in brief.sides for status, _, _ in side.parts}
    return {
        "lang": brief.language,
        "title": brief.title,
        "registry": brief.registry,
        "publisher": brief.publisher,
        "says": brief.says,
        "dateline": brief.dateline,
        "running": f"{brief.title}. {brief.dateline}",
        "stands-title": tr("Where it stands"),
        "picture-note": brief.picture,
        "above": brief.above,
        "sides": [_side(side) for side in brief.sides],
        "glyphs": {status: glyphs.glyph(status) for status in found},
        "subjects": {
            "title": brief.subjects_title,
            "heads": brief.heads,
            "lines": [{**asdict(line), "note": note} for line, note in of.subjects],
            "more": of.more_subjects,
        },
        "sections": [asdict(section) for section in of.sections],
        "notes-title": tr("Notes"),
        "notes": [[asdict(piece) for piece in note] for note in of.notes],
        "columns": _columns(of.notes),
        "foot": brief.foot,
    }


def _side(of: OfSide) -> dict[str, Any]:
    drawn = glyphs.bar([(status, n) for status, n, _ in of.parts])
    if of.marks:
        drawn = glyphs.marks([(mark.status, mark.pale, mark.disagree) for mark in of.marks])
    parts = [{"status": status, "text": told} for status, _, told in of.parts]
    return {"name": of.name, "points": of.points, "svg": drawn, "alt": of.alternative, "parts": parts}


def _columns(notes: Sequence[Sequence[Piece]]) -> list[list[int]]:
    """The numbers of the notes, a few in one column, more in two of about the same length."""
    lengths = [sum(len(piece.text) for piece in note) + 60 for note in notes]
    numbers = list(range(1, len(notes) + 1))
    if len(notes) < 3:
        return [numbers]
    first = min(numbers, key=lambda n: abs(sum(lengths[:n]) - sum(lengths[n:])))
    return [numbers[:first], numbers[first:]]


# --- signs that the typeface has --------------------------------------------------------------------------

_MISSING = "\N{WHITE SQUARE}"
"""For a sign that the typeface lacks: in PDF/UA every sign that is drawn must have a shape."""


def _printable(value: Any) -> Any:
    """The same texts with only such signs as can be drawn."""
    if isinstance(value, str):
        held = _signs()
        return "".join(sign if ord(sign) in held else _MISSING for sign in normalize("NFC", value))
    if isinstance(value, dict):
        return {key: _printable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    return value


@cache
def _signs() -> frozenset[int]:
    """The signs that every cut of the typeface has, from its own table (OpenType, `cmap`, format 12)."""
    return frozenset.intersection(*(frozenset(_mapped(path.read_bytes())) for path in sorted(_FONTS.glob("*.otf"))))


def _mapped(font: bytes) -> Iterator[int]:
    """Code points of a font. Raises ValueError where it has no table of format 12."""
    tables = (struct.unpack_from(">4sIII", font, 12 + 16 * n) for n in range(struct.unpack_from(">H", font, 4)[0]))
    cmap = next(offset for tag, _, offset, _ in tables if tag == b"cmap")
    for n in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">HHI", font, cmap + 4 + 8 * n)[2]
        if struct.unpack_from(">H", font, at)[0] == 12:
            for group in range(struct.unpack_from(">I", font, at + 12)[0]):
                first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * group)
                yield from range(first, last + 1)
            return
    raise ValueError("the typeface has no table of its signs that is known here")
