"""One row into a MAP's pattern: the plain record, evidence or message that the row fills in.

Pure but for what it remembers: the names of actors and themes that rows bring, and of the last row what
was wrong, what was left out and whom it named.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashboard.inputs.mapping import (
    FINGERPRINT,
    Group,
    Leaf,
    Lookup,
    Many,
    Map,
    Node,
    Part,
    Template,
    template,
    templates,
)
from dashboard.inputs.slugs import fingerprint, folded, slug
from dashboard.registry.events import FORBIDDEN
from dashboard.registry.model import EDITORS
from dashboard.registry.problems import nearest, shown
from dashboard.registry.scalars import DAY_PATTERN, day

Values = dict[str, str]
"""Name of a column, or of the MAP's own, to what the row has there."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a row cannot be taken; `node` leads to the cell."""

    node: Node | None
    found: str
    allowed: str
    reason: str
    column: str = ""
    missing: bool = False


@dataclass(slots=True)
class Names:
    """Entries by their ids and names; what rows name and no list has is made where the MAP allows it."""

    kind: str
    ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    """Id to the name under which it was first seen."""
    made: dict[str, str] = field(default_factory=dict)
    open: bool = False
    alike: dict[tuple[str, str], None] = field(default_factory=dict)
    """Names that were taken for one, since they make the same id."""

    def add(self, id: str, names: Iterable[str | None]) -> None:
        for name in (id, *names):
            if name:
                self.ids.setdefault(folded(name), id)
        self.names[id] = next((name for name in names if name), id)

    def of(self, name: str) -> str | None:
        """The id of what is meant, a new one where that is allowed."""
        if found := self.ids.get(folded(name)):
            return found
        if not self.open:
            return None
        id = slug(name)
        id = f"the-{id}" if id == EDITORS else id
        if id in self.names:
            self.alike[self.names[id], name] = None
        else:
            self.names[id] = self.made[id] = name
        self.ids[folded(name)] = id
        return id


class Filling:
    """A MAP at work on the rows of one table after another."""

    def __init__(self, given: Map, names: Mapping[str, Names], lookups: Mapping[str, Callable[[Values], str]]) -> None:
        self.map = given
        self.names = names
        self.lookups = lookups
        self.words = {
            column: {folded(word): gives for word, gives in words.items()} for column, words in given.words.items()
        }
        self.given_names = {
            column: sorted({n for w in words.values() for n in w}) for column, words in given.words.items()
        }
        self.same = [template(text, ()) for text in given.same]
        self.left_out: list[str] = []
        self.dropped: list[tuple[Group, str]] = []
        self.wrong: list[Wrong] = []
        self.refers: set[str] = set()
        self.asked: set[str] = set()

    def values(self, columns: Iterable[str], cells: Iterable[str]) -> Values:
        """What a row has under each name; what is wrong with its words is noted."""
        self.asked = set()
        self.wrong, self.refers, self.left_out, self.dropped = [], set(), [], []
        values = dict(zip(columns, map(self._clean, cells), strict=True))
        if self.map.reads.html:
            for column, cell in values.items():
                if not cell.isprintable() and FORBIDDEN.search(cell):
                    self._note(
                        None, f"{column} holds an invisible character", "remove it", "invisible character", column
                    )
        for column, words in self.words.items():
            gives = words.get(folded(values[column]))
            if gives is None and values[column]:
                allowed = nearest(values[column], filter(None, self.map.words[column]))
                self._note(
                    None, f"{shown(values[column])} under {column}", allowed, f"unknown word under {column}", column
                )
            for name in self.given_names[column]:
                values[name] = values.get(name) or (gives or {}).get(name, "")
        for name, look in self.lookups.items():
            values[name] = look(values)
        return values

    def key(self, values: Values) -> str:
        """What two rows have in common that say the same."""
        return "\n".join(folded(filled(each, values, self.map)) for each in self.same)

    def marked(self, values: Values, key: str) -> None:
        values[FINGERPRINT] = fingerprint(key)

    def whole(self, group: Group, values: Values) -> dict[str, Any] | None:
        """What the row fills in; None where something is missing, which is noted."""
        made: dict[str, Any] = {}
        for name, node in group.fields:
            value = self._value(node, values, name)
            if value or (value == [] and name not in group.needed):
                if value:
                    made[name] = value
            elif name in group.needed:
                found = f"nothing for {name}"
                self.wrong.append(Wrong(node, found, f"a {group.path[0]} needs it", found, missing=True))
            elif not isinstance(node, Many) and self._of_cells(node):
                self.left_out.append(f"without {name}")
        return None if self.wrong else made

    def _of_cells(self, node: Node) -> bool:
        """Whether a value comes from the row itself; where words of the MAP give none, none is meant."""
        given = {name for names in self.given_names.values() for name in names}
        return any(part.name not in given for each in templates(node) for part in each.parts)

    def lost(self, patterns: Iterable[Group], values: Values) -> Iterator[tuple[str, str]]:
        """Columns that are filled in and led to nothing, each with why; a word that means nothing in the MAP does not."""
        gone: dict[str, str] = {}
        kept: set[str] = set()
        if not self.dropped:
            return
        for each in (each for pattern in patterns for each in templates(pattern)):
            names = {part.name for part in each.parts if values.get(part.name)}
            why = next((pair for pair in self.dropped if each.path[: len(pair[0].path)] == pair[0].path), None)
            if why:
                gone = {**dict.fromkeys(names, f"{_named(why[0])} left out: no {why[1]}"), **gone}
            else:
                kept |= names
        for column in values.keys() & {*gone, *self.words}:
            gives = self.words.get(column, {}).get(folded(values[column]))
            names = {column, *(name for name, word in (gives or {}).items() if word)}
            why_not = next((gone[name] for name in sorted(names) if name in gone), "")
            if values[column] and gives != {} and why_not and not names & kept:
                yield column, why_not

    def part(self, group: Group, values: Values) -> dict[str, Any] | None:
        """What the row fills in of an entry that may be left out; None where something it needs is empty."""
        made = {}
        for name, node in group.fields:
            value = self._value(node, values, name)
            if value is not None:
                made[name] = value
            elif name in group.needed:
                self.left_out.append(f"{_named(group)} left out: no {name}")
                self.dropped.append((group, name))
                return None
        return made or None

    def _value(self, node: Node, values: Values, name: str) -> Any:
        match node:
            case Leaf():
                return self._leaf(node, values)
            case Group():
                return self.part(node, values)
            case Many():
                return [made for each in node.items for made in self._entries(each, values, name)]

    def _entries(self, node: Node, values: Values, name: str) -> Iterable[Any]:
        """An entry of a list, or one for each item of the list that it goes through."""
        through = _through(node)
        if through is None:
            made = self._value(node, values, name)
            return [] if made is None else [made]
        first = int(through.how[:-1]) - 1
        items = _items(values.get(through.name, ""), self.map.reads.lists[through.name])[first:]
        entries = (self._value(node, {**values, f"{through.name}:{through.how}": item}, name) for item in items)
        return [made for made in entries if made is not None]

    def _leaf(self, leaf: Leaf, values: Values) -> Any:
        for n, each in enumerate(leaf.templates):
            if text := filled(each, values, self.map, leaf.kind):
                if n and text:
                    self.left_out.append(f"{'.'.join(_words(each.path))}: {text} in its place")
                return self._made(leaf, text)
        return None

    def _made(self, leaf: Leaf, text: str) -> Any:
        match leaf.kind:
            case "T":
                return text if self.map.language == "en" else {self.map.language: text}
            case "id":
                return slug(text)
            case "" | "code":
                return text
            case "day" | "when":
                return self._day(leaf, text)
        names = self.names["actors" if leaf.kind == "askers" else leaf.kind]
        if text == EDITORS and names.kind == "actors":
            return text
        if found := names.of(text):
            self.refers.add(found)
            if leaf.kind != "askers":
                self.asked.add(found)
            return found
        if leaf.kind == "bodies":
            return text  # what the inbox says of it is what a sender would be told
        self._note(
            leaf, f"{shown(text)} is none of the {names.kind}", nearest(text, names.names), f"unknown {names.kind}"
        )
        return None

    def _day(self, leaf: Leaf, text: str) -> str | None:
        """A date of the MAP's form as YYYY-MM-DD. What the inbox says of another one is what a sender would be told."""
        form = self.map.reads.dates
        if form is None or re.fullmatch(DAY_PATTERN, text):
            return text
        made = re.sub("DD|MM|YYYY", lambda token: f"(?P<{token[0]}>[0-9]{{{len(token[0])}}})", re.escape(form))
        if found := re.fullmatch(f"{made}(?P<about>~?)", text):
            iso = "{YYYY}-{MM}-{DD}{about}".format(**found.groupdict())
            try:
                return str(day(iso))
            except ValueError as error:
                what, _, allowed = str(error).partition("; ")
                self._note(leaf, f"{shown(text)} {what}", allowed, "no date of the calendar")
        elif leaf.kind == "when":
            return text
        else:
            allowed = f"write {form}, or YYYY-MM-DD, YYYY-MM or YYYY, with ~ after it where approximate"
            self._note(leaf, f"{shown(text)} is not a date", allowed, "not a date")
        return None

    def _clean(self, cell: str) -> str:
        text = html.unescape(cell) if self.map.reads.html and "&" in cell else cell
        return text.replace("\r\n", "\n").replace("\r", "\n").strip() if "\r" in text else text.strip()

    def _note(self, node: Node | None, found: str, allowed: str, reason: str, column: str = "") -> None:
        self.wrong.append(Wrong(node, found, allowed, reason, column))


def filled(given: Template, values: Values, of: Map, kind: str = "") -> str:
    """The text with the placeholders filled in; empty where all of them are."""
    if len(given.pieces) == 1:
        piece = given.pieces[0]
        return piece if isinstance(piece, str) else _part(piece, values, of)
    parts = [piece if isinstance(piece, str) else _part(piece, values, of) for piece in given.pieces]
    if given.parts and not any(
        part for part, piece in zip(parts, given.pieces, strict=True) if isinstance(piece, Part)
    ):
        return ""
    if kind in ("id", "code"):
        parts = [slug(p) if isinstance(piece, Part) and p else p for p, piece in zip(parts, given.pieces, strict=True)]
    return "".join(parts)


def _part(part: Part, values: Values, of: Map) -> str:
    if not part.how:
        return values.get(part.name, "")
    if part.how.endswith("+"):
        return values.get(f"{part.name}:{part.how}", "")
    value = values.get(part.name, "")
    if part.how.endswith("words"):
        return _first_words(value, int(part.how[:-6]))
    if part.how[0] == "0":
        return value.zfill(int(part.how)) if value.isdecimal() else value
    items = _items(value, of.reads.lists[part.name])
    return items[int(part.how) - 1] if len(items) >= int(part.how) else ""


def _first_words(text: str, most: int) -> str:
    words = text.split()
    return " ".join(words) if len(words) <= most else " ".join(words[:most]).rstrip(".,;:–-") + "…"


def _items(cell: str, parted_by: str) -> list[str]:
    return [item.strip() for item in cell.split(parted_by) if item.strip()]


def _through(node: Node) -> Part | None:
    parts = (part for each in templates(node) for part in each.parts)
    return next((part for part in parts if part.how.endswith("+")), None)


def _named(group: Group) -> str:
    return " ".join(_words(group.path)) or str(group.path[0])


def _words(path: tuple[str | int, ...]) -> list[str]:
    """The fields on a path below the pattern itself."""
    return [part for part in path[1:] if isinstance(part, str)]


def looked_up(of: Lookup, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Callable[[Values], str]:
    """What a look-up gives for the values of a row; empty where it has nothing."""
    found = {folded(row[head.index(of.column)]): dict(zip(head, row, strict=True)) for row in reversed(list(rows))}
    same = {folded(name): folded(over_there) for name, over_there in of.same.items()}
    key, numbers = template(of.key, ()), [each.of and template(each.of, ()) for each in of.gives]
    plain = Map(version="1")

    def look(values: Values) -> str:
        wanted = folded(filled(key, values, plain))
        row = found.get(same.get(wanted, wanted), {})
        for each, number in zip(of.gives, numbers, strict=True):
            if number:
                value = filled(number, values, plain)
                if not value.isdecimal() or not (each.first or 0) <= int(value) <= (each.last or 99999):
                    continue
            text = row.get(each.column, "").strip()
            return "" if text in of.nothing else text
        return ""

    return look
