"""What a whole page of ours needs to stand alone: its style, cut to what it uses, and a policy that holds it.

Such a page has no script and asks for no other file: it opens from a disk, in a chat, in somebody
else's frame.
"""

import json
import re
from collections.abc import Iterator
from functools import cache

from markupsafe import Markup

from dashboard.outputs import pages

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""Styles stand in the page and glyphs are data: addresses; anything else is refused."""

_EMPTY = "<style></style>"
_TAG_ENDS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BRACES = re.compile(r"[^{}]*\{(?:[^{}]|\{[^{}]*\})*\}")
_CHOICE = re.compile(r":(?:is|not|has)\([^()]*\)")
_STREAMLITS = (".stApp", "data-testid")
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
_USED = re.compile(r'class="([^"]*)"')


def styled(html: str, *more: str) -> str:
    """A whole page with what it needs of the common style sheet, and more, in its empty style element."""
    used = {name for names in _USED.findall(html) for name in names.split()}
    kept = "".join((*_kept(_rules(), used), *more))
    return html.replace(_EMPTY, f"<style>\n{kept}</style>", 1)


@cache
def _rules() -> str:
    """The common style sheet without its comments."""
    return _COMMENT.sub("", pages.style())


def _kept(rules: str, used: set[str]) -> Iterator[str]:
    """The rules of a style sheet that may meet an element of a page with these classes, and is not Streamlit's."""
    for rule in _BRACES.findall(rules):
        selector, _, body = rule.strip().partition("{")
        if selector.startswith("@media"):
            if inner := "".join(_kept(body.removesuffix("}"), used)):
                yield f"{selector}{{\n{inner}}}\n"
        elif any(used.issuperset(_CLASS.findall(each)) for each in _CHOICE.sub("", selector).split(",")) and not any(
            name in selector for name in _STREAMLITS
        ):
            yield f"{selector}{{{body}\n"


def in_script(value: object) -> Markup:
    """JSON that can stand in a script element: nothing in it ends the element or begins a comment."""
    return Markup(json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_TAG_ENDS))
