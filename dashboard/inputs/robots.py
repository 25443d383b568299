"""What a robots.txt asks of us, by RFC 9309: reads its text; fetches nothing."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

MOST_LETTERS = 64 * 1024
"""Of the text; the rest is not read. The standard asks for 500 KiB; we read no more of anything."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that are meant for us: each whether it allows, and the pattern of a path."""

    rules: tuple[tuple[bool, str], ...] = ()

    def allow(self, path: str) -> bool:
        """Whether a path, with its query, may be asked for: the longest pattern counts, of two alike the kinder."""
        if path == "/robots.txt":
            return True
        wanted = _normal(path)
        met = [(len(pattern), allows) for allows, pattern in self.rules if _matches(pattern, wanted)]
        return max(met)[1] if met else True


EVERYTHING = Rules()


def read(text: str, token: str) -> Rules:
    """The rules for a program of that name; where none are, those for everybody."""
    own: list[tuple[bool, str]] = []
    others: list[tuple[bool, str]] = []
    named = False
    for agents, rules in _groups(_lines(text[:MOST_LETTERS])):
        if token.casefold() in agents:
            named = True
            own += rules
        elif "*" in agents:
            others += rules
    return Rules(tuple(own if named else others))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """The lines that say something: key in small letters, value."""
    for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")):
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().casefold(), value.strip()


def _groups(lines: Iterable[tuple[str, str]]) -> Iterator[tuple[set[str], list[tuple[bool, str]]]]:
    """The names of programs that stand together, and the rules below them."""
    agents: set[str] = set()
    rules: list[tuple[bool, str]] = []
    begun = False
    for name, value in lines:
        if name == "user-agent":
            if begun:
                yield agents, rules
                agents, rules, begun = set(), [], False
            agents.add(_token(value))
        elif name in ("allow", "disallow") and agents:
            begun = True
            if value:
                rules.append((name == "allow", _normal(value)))
    if agents:
        yield agents, rules


def _token(value: str) -> str:
    """The name of a program without its version."""
    return "*" if value.startswith("*") else (found[0].casefold() if (found := _TOKEN.match(value)) else "")


_TOKEN = re.compile(r"[A-Za-z_-]+")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_PLAIN = re.compile(r"[A-Za-z0-9._~-]")


def _normal(path: str) -> str:
    """One spelling of a path: what need not be percent-encoded is not, everything else is, in capital letters."""

    def spelled(found: re.Match[str]) -> str:
        letter = chr(int(found[1], 16))
        return letter if _PLAIN.fullmatch(letter) else found[0].upper()

    return _ENCODED.sub(spelled, quote(path, safe="%/?:[]@!$&'()*+,;=~", errors="replace"))


def _matches(pattern: str, path: str) -> bool:
    """Whether a path begins as a pattern says: * is anything, a $ at its end is the end of the path.

    Piece by piece, so that no pattern makes it slow.
    """
    ends = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    last = pieces.pop() if pieces and ends else None
    for piece in pieces:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if last is not None:
        return path.endswith(last) and len(path) - len(last) >= at
    return not ends or at == len(path)
