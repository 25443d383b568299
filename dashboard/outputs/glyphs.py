"""The signs of the statuses as drawings (SVG): one mark a point, or bars. The shapes are those of the pages."""

import re
from collections.abc import Sequence
from functools import cache
from urllib.parse import unquote

from dashboard.outputs import pages
from dashboard.progress.palette import LOOKS
from dashboard.registry.model import Status

_RULE = re.compile(r"""\.g-([a-z-]+) \{[^\n]*?data:image/svg\+xml,([^"]*)"\)""")
_NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'

SIZE, STEP, IN_A_ROW = 20, 26, 28
"""A mark's side, from one mark to the next, and marks in a row."""

LONG, HIGH = 1000, 44
"""A bar's sides."""


def glyph(status: Status) -> str:
    """One sign as a picture of its own."""
    return f'<svg {_NAMESPACE} viewBox="0 0 {SIZE} {SIZE}">{_drawn(status)}</svg>'


def marks(found: Sequence[tuple[Status, bool, bool]]) -> str:
    """One mark a point, row by row: its status, whether it is drawn pale, whether assessors disagree."""
    placed = (
        f'<g transform="translate({n % IN_A_ROW * STEP} {n // IN_A_ROW * STEP + 4})">'
        f'<g opacity="{0.5 if pale else 1}">{_drawn(status)}</g>{_BANG if disagree else ""}</g>'
        for n, (status, pale, disagree) in enumerate(found)
    )
    rows = -(-len(found) // IN_A_ROW)
    return f'<svg {_NAMESPACE} viewBox="0 0 {IN_A_ROW * STEP} {rows * STEP}">{"".join(placed)}</svg>'


def bar(parts: Sequence[tuple[Status, int]]) -> str:
    """A bar of parts, each with its sign where there is room: it reads without colour, in the order of the words."""
    whole, at, drawn = sum(n for _, n in parts), 0.0, []
    for status, n in parts:
        wide = LONG * n / whole
        sign = (
            f'<g transform="translate({at + wide / 2 - 10:.2f} 12)">{_drawn(status, "#fff")}</g>' if wide > 26 else ""
        )
        drawn.append(
            f'<rect x="{at:.2f}" width="{max(wide - 2, 0.5):.2f}" height="{HIGH}" fill="{LOOKS[status].colour}"/>{sign}'
        )
        at += wide
    return f'<svg {_NAMESPACE} viewBox="0 0 {LONG} {HIGH}">{"".join(drawn)}</svg>'


def _drawn(status: Status, colour: str = "") -> str:
    colour = colour or LOOKS[status].colour
    return f'<g fill="{colour}">{_shapes()[status].replace("#000", colour)}</g>'


@cache
def _shapes() -> dict[str, str]:
    """Status to the inside of its drawing in the style sheet of the pages."""
    return {
        name: unquote(drawn).partition(">")[2].removesuffix("</svg>") for name, drawn in _RULE.findall(pages.style())
    }


_BANG = '<path d="M18.5-3.500h4.200l-.6 8h-3zM19 6h3.200v3h-3.200z" fill="#14171a"/>'
