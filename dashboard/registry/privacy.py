"""What must stand in no public file: e-mail addresses and telephone numbers.

Searched in the text as a whole, comments included; names of people at risk no machine can know.
"""

import re
from collections.abc import Iterator
from itertools import chain, islice

from dashboard.registry.problems import MOST_OF_A_KIND, Problem

# Searched from the @, and from the plus or the first digit: at memory speed, and never twice over.
_AFTER_AT = re.compile(r"@[\w-]+(\.[\w-]+)+")
# Numbers as they are written in Kazakhstan and abroad: with a plus, or eleven digits from 8 or 7.
_PHONES = (
    re.compile(r"\+\d(?:[ ()\u00a0-]{0,2}\d){7,14}(?!\d)"),
    re.compile(
        r"[78](?<![\w+.,/-][78])[ (\u00a0-]{0,2}\d{3}[ )\u00a0-]{0,2}\d{3}[ \u00a0-]?\d{2}[ \u00a0-]?\d{2}(?![\w-])"
    ),
)
_CONTACT = re.compile(r"(^ +|[{,] *)contact: *[\"']?[\w.+-]*$")
_AMOUNT = re.compile(r"\bamount: *[\"']?$")
_DASH = re.compile(r"\n *- ")
_ID = re.compile(r"\bid: *[\"']?([a-z0-9-]+)")
_BEFORE_WORD = re.compile(r"[\s\"'<(]")


def private(text: str, file: str) -> Iterator[Problem]:
    """E-mail addresses and telephone numbers anywhere in a file but the publisher's contact."""
    for match in islice(_AFTER_AT.finditer(text), MOST_OF_A_KIND):
        before = _line_before(text, match.start())
        user = _BEFORE_WORD.split(before)[-1].partition("://")
        if before[-1:].isalnum() and not (user[1] and "/" not in user[2]):  # a user name in an address is told as such
            yield from _private(text, file, match.start(), before, "an e-mail address")
    for match in islice(chain.from_iterable(phone.finditer(text) for phone in _PHONES), MOST_OF_A_KIND):
        before = _line_before(text, match.start())
        if "://" not in _BEFORE_WORD.split(before)[-1] and not _AMOUNT.search(before):
            yield from _private(text, file, match.start(), before, "a telephone number")


def hidden(text: str) -> str:
    """What an escaped text holds that may not be published, in words; empty where it holds nothing such."""
    if any(text[m.start() - 1 : m.start()].isalnum() for m in _AFTER_AT.finditer(text)) and "://" not in text:
        return "an e-mail address"
    return "a telephone number" if any(phone.search(text) for phone in _PHONES) else ""


def _private(text: str, file: str, at: int, before: str, what: str) -> Iterator[Problem]:
    if _CONTACT.search(before) and _top_key(text, at)[0] == "publisher":
        return
    line, column = text.count("\n", 0, at) + 1, len(before) + 1
    allowed = "take it out; only publisher.contact may hold one"
    path = _entry(text, at)
    yield Problem(file, path, f"{what} in a public file", allowed, record="".join(path[1:]), line=line, column=column)


def _entry(text: str, at: int) -> tuple[str, ...]:
    """The list and the id of the entry in which the character at `at` stands, so that it can be left out."""
    key, begins = _top_key(text, at)
    dash = _DASH.search(text, begins, at)  # entries of the list are indented as its first one is
    found = _ID.search(text, text.rfind(dash[0], begins, at)) if dash else None
    return (key, found[1]) if found else ()


def _line_before(text: str, at: int) -> str:
    return text[text.rfind("\n", 0, at) + 1 : at]


def _top_key(text: str, at: int) -> tuple[str, int]:
    """The key at the left edge under which the character at `at` stands, and where it begins."""
    while at >= 0:
        begins = text.rfind("\n", 0, at) + 1
        if text[begins : begins + 1].isalpha():
            return text[begins : text.find(":", begins)], begins
        at = begins - 1
    return "", 0
