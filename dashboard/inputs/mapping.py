"""The MAP of an import: which column is what. How one is written stands in maps/example.yaml.

A MAP holds a record as it would stand in recommendations.yaml, with {Column} where a row fills it in;
so it needs no words of its own for what a record can say. All its problems are told at once, each with
line and column: unknown fields, words that are not allowed, placeholders that nothing fills.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, is_dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from dashboard.inputs.remarks import Unfit, of_problem
from dashboard.inputs.sheets import Format
from dashboard.registry import documents, wording
from dashboard.registry import problems as report
from dashboard.registry.inbox import Message
from dashboard.registry.model import (
    Actor,
    ActorKind,
    Addressed,
    Answer,
    Asked,
    Assessment,
    Check,
    Evidence,
    Funding,
    Instrument,
    Origin,
    Publisher,
    Recommendation,
    Side,
    Source,
    Theme,
)
from dashboard.registry.problems import Problem, nearest, shown
from dashboard.registry.scalars import LANGUAGES, Count, Day, Flag, Language, T, Text, Words, model

MAPS = Path(__file__).with_name("maps")
"""The MAPs that are shipped; each may be named by the name of its file."""

Encoding = Literal[
    "utf-8", "utf-16", "windows-1250", "windows-1251", "windows-1252", "windows-1254", "iso-8859-1", "iso-8859-2",
    "iso-8859-5", "iso-8859-9", "iso-8859-15", "koi8-r", "mac-roman", "mac-cyrillic", "ascii",
]  # fmt: skip
Delimiter = Literal[",", ";", "|", "tab"]
Dates = Literal["DD.MM.YYYY", "DD/MM/YYYY", "DD-MM-YYYY", "MM/DD/YYYY", "MM-DD-YYYY", "YYYY.MM.DD", "YYYY/MM/DD"]
Alternatives = Annotated[tuple[Words, ...], BeforeValidator(lambda given: [given] if isinstance(given, str) else given)]
"""One text, or several of which the first that is not empty counts."""


@model
class Reads:
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","
    sheet: Words | None = Field(default=None, description="Of a workbook; absent: the first that is to be seen")
    head: Count = Field(default=1, description="The row that holds the names of the columns")
    html: Flag = Field(default=False, description="Cells hold &amp; and the like")
    apostrophes: Flag = Field(default=False, description="Our CSV: an apostrophe stands before =, +, - and @")
    dates: Dates | None = Field(default=None, description="Of cells; YYYY-MM-DD, YYYY-MM and YYYY are always taken")
    beside: tuple[Words, ...] = Field(default=(), description="Columns and sheets that are not read, and need no word")
    lists: dict[Words, Words] = Field(default_factory=dict, description="Columns of lists; what parts the items")

    @property
    def format(self) -> Format:
        delimiter = "\t" if self.delimiter == "tab" else self.delimiter
        return Format(self.encoding, delimiter, self.sheet, self.head, self.apostrophes, self.beside)


@model
class Gives:
    """A column of the look-up; with first and last only where the number `of` lies there."""

    column: Words
    of: Words | None = None
    first: Count | None = None
    last: Count | None = None


@model
class Lookup:
    """A second CSV file beside the first, in which something of a row is looked up."""

    file: Words
    column: Words = Field(description="The column of that file in which is looked")
    key: Words = Field(description="What is looked for")
    gives: tuple[Gives, ...] = Field(description="What is taken from the row that was found")
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","
    same: dict[Words, Words] = Field(default_factory=dict, description="What is looked for, by its name over there")
    nothing: tuple[Words, ...] = Field(default=(), description="What stands there for nothing")


@model
class Head:
    """The head of the registry that is made."""

    title: T
    publisher: Publisher = Field(default_factory=lambda: Publisher(name="not yet named"))
    licence: Words = "not seen"


@model
class Askers:
    kind: ActorKind
    side: Side


@model
class NewActors:
    """What actors are that no list of the MAP names; `askers`: those that are named only under origin by."""

    kind: ActorKind
    side: Side
    askers: Askers | None = None


@model
class Map:
    version: Literal["1"]
    reads: Reads = Field(default_factory=Reads)
    tables: Flag = Field(default=False, description="The tables that export writes; nothing else is needed then")
    message: Any = None
    record: Any = None
    evidence: Any = None
    language: Language = Field(default="en", description="Of the texts")
    registry: Head | None = None
    sources: tuple[Source, ...] = ()
    actors: tuple[Actor, ...] = ()
    themes: tuple[Theme, ...] = ()
    instruments: tuple[Instrument, ...] = ()
    new_actors: NewActors | None = None
    new_themes: Flag = False
    words: dict[Words, dict[str, dict[Words, str]]] = Field(default_factory=dict)
    lookups: dict[Words, Lookup] = Field(default_factory=dict)
    same: tuple[Words, ...] = Field(default=(), description="Rows in which all of these are the same are repeats")
    apart: Words | None = Field(default=None, description="Stands in brackets behind titles that are the same")


# --- what a row fills in ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """A placeholder: {name}, {name:02}, {name:1}, {name:2+}, {name:12 words}."""

    name: str
    how: str = ""

    @property
    def of_list(self) -> bool:
        return bool(self.how) and self.how[0] != "0" and not self.how.endswith("words")


@dataclass(frozen=True, slots=True)
class Template:
    pieces: tuple[str | Part, ...]
    path: report.Path

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Part))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value: the first of the templates that is not empty. `kind`: what is made of it; T becomes a text in `language`."""

    templates: tuple[Template, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    fields: tuple[tuple[str, "Node"], ...]
    needed: frozenset[str]
    path: report.Path


@dataclass(frozen=True, slots=True)
class Many:
    """Entries of a list; one whose template goes through a list is made for each of its items."""

    items: tuple["Node", ...]


Node = Leaf | Group | Many

EVIDENCE = "evidence"
"""{evidence}: the id of the evidence that the row itself brings, or nothing."""
FINGERPRINT = "#"

_PLACE = re.compile(r"\{([^{}]*?)(?::(0[1-9]|[1-9][0-9]?|[1-9]\+|[1-9][0-9]? words))?\}")
_REFERS = {
    (Recommendation, "theme"): "themes", (Recommendation, "instrument"): "instruments", (Origin, "source"): "sources",
    (Origin, "by"): "askers", (Addressed, "actor"): "actors", (Answer, "by"): "actors", (Answer, "whose"): "actors",
    (Asked, "actor"): "actors", (Funding, "by"): "actors", (Funding, "to"): "actors", (Assessment, "by"): "actors",
    (Assessment, "reviewed_by"): "actors", (Check, "by"): "actors", (Evidence, "voice"): "actors",
    (Evidence, "owned_by"): "actors", (Message, "body"): "bodies", (Message, "whose"): "bodies",
    (Message, "when"): "when",
    (Recommendation, "id"): "id", (Evidence, "id"): "id",
}  # fmt: skip
"""Fields that name an entry of a list; the cell may hold its id or its name. And others of which more is made."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A MAP without a problem of its own."""

    name: str
    data: bytes
    map: Map
    record: Group | None
    evidence: Group | None
    message: Group | None
    others: tuple[Template, ...]
    """same, then apart where there is one, then those of the look-ups."""

    def templates(self) -> Iterator[Template]:
        for group in (self.record, self.evidence, self.message):
            yield from templates(group) if group else ()
        yield from self.others

    def unknown(self, columns: Sequence[str]) -> None:
        """Raises Unfit for each placeholder that is no column and no name of the MAP's own."""
        there = [*columns, *self.names]
        problems = [
            Problem(self.name, each.path, f"no column {shown(part.name)} in the file", nearest(part.name, there))
            for each in self.templates()
            for part in each.parts
            if part.name not in there
        ]
        problems += [
            Problem(self.name, (*at, name), f"no column {shown(name)} in the file", nearest(name, among), on_key=True)
            # Words are looked up first: what the MAP itself gives is not there yet.
            for at, names, among in (
                (("words",), self.map.words, columns),
                (("reads", "lists"), self.map.reads.lists, there),
            )
            for name in names
            if name not in among
        ]
        if problems:
            raise Unfit(map(of_problem, documents.located(problems, self.data, self.name)))

    @property
    def names(self) -> tuple[str, ...]:
        """Placeholders that are no columns."""
        return (*_given_names(self.map), *self.map.lookups, FINGERPRINT, EVIDENCE)


def templates(node: Node) -> Iterator[Template]:
    match node:
        case Leaf():
            yield from node.templates
        case Group():
            for _, each in node.fields:
                yield from templates(each)
        case Many():
            for each in node.items:
                yield from templates(each)


def columns_of(mapping: Mapping, node: Node) -> tuple[str, ...]:
    """The columns that a value comes from, the names of the MAP followed back to them."""
    found: dict[str, None] = {}
    for part in (part for each in templates(node) for part in each.parts):
        source = [column for column, words in mapping.map.words.items() if any(part.name in w for w in words.values())]
        if part.name == EVIDENCE and mapping.evidence:
            source = list(columns_of(mapping, dict(mapping.evidence.fields).get("url", mapping.evidence)))
        if part.name in mapping.map.lookups:
            source = [each.name for each in template(mapping.map.lookups[part.name].key, ()).parts]
        found.update(dict.fromkeys(source or [part.name]))
    return tuple(found)


# --- reading it -------------------------------------------------------------------------------------


def read(path: Path) -> Mapping:
    """The MAP in a file, or the shipped one of that name. Raises reader.Unreadable, Unfit with all problems."""
    shipped = MAPS / f"{path}.yaml"
    if not path.exists() and path.name == str(path) and shipped.is_file():
        path = shipped
    name = str(path) if path.parent != MAPS else path.name
    given, problems = documents.read(path, Map, name)
    if given is None:
        raise Unfit(map(of_problem, problems))
    building = _Building(name, given)
    made = Mapping(
        name,
        path.read_bytes(),
        given,
        building.top(Recommendation, "record"),
        building.top(Evidence, "evidence"),
        building.top(Message, "message"),
        (
            *(building.template(text, ("same", n)) for n, text in enumerate(given.same)),
            *((building.template(given.apart, ("apart",)),) if given.apart else ()),
            *building.lookups(),
        ),
    )
    building.whole()
    found = documents.located([*problems, *building.problems], made.data, name)
    if found:
        raise Unfit(map(of_problem, found))
    return made


def template(text: str, path: report.Path) -> Template:
    pieces: list[str | Part] = []
    end = 0
    for match in _PLACE.finditer(text):
        pieces += [text[end : match.start()], Part(" ".join(match[1].split()), match[2] or "")]
        end = match.end()
    pieces.append(text[end:])
    return Template(tuple(piece for piece in pieces if piece), path)


def _given_names(given: Map) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for words in given.words.values() for names in words.values() for n in names))


class _Building:
    """One reading of a MAP's patterns; gathers their problems."""

    def __init__(self, name: str, given: Map) -> None:
        self.name = name
        self.given = given
        self.problems: list[Problem] = []

    def top(self, kind: type, name: str) -> Group | None:
        plain = getattr(self.given, name)
        if plain is None:
            return None
        if not isinstance(plain, dict):
            self._wrong((name,), "no group of fields", "write one field a line, name: value")
            return None
        return self._group(plain, kind, (name,))

    def whole(self) -> None:
        """What belongs together."""
        given = self.given
        kinds = [name for name in ("tables", "record", "message") if getattr(given, name)]
        if len(kinds) != 1:
            self._wrong((), f"{' and '.join(kinds) or 'no record'}", "a MAP has one of record, message and tables")
        if given.record is not None:
            for name in ("registry", "sources"):
                if not getattr(given, name):
                    self._wrong((), f"a record without {name}", f"add {name}: of what is made of the rows")
        elif given.evidence is not None:
            self._wrong(
                ("evidence",), "evidence without a record", "evidence belongs to a record: add record, or remove it"
            )

    def lookups(self) -> Iterator[Template]:
        for name, lookup in self.given.lookups.items():
            yield self.template(lookup.key, ("lookups", name, "key"))
            for n, each in enumerate(lookup.gives):
                if each.of:
                    yield self.template(each.of, ("lookups", name, "gives", n, "of"))

    def template(self, text: str, path: report.Path) -> Template:
        made = template(text, path)
        for piece in made.pieces:
            if isinstance(piece, str) and ("{" in piece or "}" in piece):
                allowed = "{Column}, {Column:02}, {Column:1}, {Column:2+} or {Column:12 words}"
                self._wrong(path, f"braces that hold no placeholder in {shown(text)}", f"write {allowed}")
            elif isinstance(piece, Part) and piece.of_list and piece.name not in self.given.reads.lists:
                allowed = "name it under reads: lists, with what parts its items"
                self._wrong(path, f"{shown(piece.name)} is no list", allowed)
        return made

    def _group(self, plain: dict[str, Any], kind: type, path: report.Path) -> Group:
        there = _hints(kind)
        made = []
        for name, value in plain.items():
            if name not in there:
                self._wrong((*path, name), f"unknown field {shown(name)}", nearest(name, there), on_key=True)
                continue
            made.append((name, self._node(value, there[name], kind, (*path, name))))
        for name in _needed(kind) - plain.keys():
            self._wrong(path, f"the field {name} is missing", "add it")
        needed = _needed(kind) | ({"url"} if kind is Evidence else set())
        return Group(tuple(made), frozenset(needed), path)

    def _node(self, value: Any, hint: Any, kind: type, path: report.Path) -> Node:
        if get_origin(hint) is tuple and isinstance(value, list):
            inner = get_args(hint)[0]
            return Many(tuple(self._node(each, inner, kind, (*path, n)) for n, each in enumerate(value)))
        if _is_text(hint) and isinstance(value, dict):
            return self._texts(value, path)
        if is_dataclass(hint) and isinstance(value, dict) and isinstance(hint, type):
            return self._group(value, hint, path)
        texts = value if isinstance(value, list) else [value]
        shaped = get_origin(hint) is tuple or (is_dataclass(hint) and not _is_text(hint))
        if shaped or not all(isinstance(text, str) for text in texts):
            self._constant(value, hint, path)  # tells the shape that is wanted
            return Leaf(())
        made = tuple(
            self.template(text, (*path, n) if isinstance(value, list) else path) for n, text in enumerate(texts)
        )
        for each, text in zip(made, texts, strict=True):
            self._fits(each, text, hint, str(path[-1]) if isinstance(path[-1], str) else str(path[-2]), kind)
        return Leaf(made, self._kind(hint, kind, path))

    def _texts(self, value: dict[str, Any], path: report.Path) -> Group:
        fields = []
        for name, text in value.items():
            if name in LANGUAGES and isinstance(text, str):
                fields.append((name, Leaf((self.template(text, (*path, name)),))))
            else:
                self._wrong((*path, name), f"unknown language {shown(name)}", nearest(name, LANGUAGES), on_key=True)
        return Group(tuple(fields), frozenset(), path)

    def _kind(self, hint: Any, kind: type, path: report.Path) -> str:
        name = next(str(part) for part in reversed(path) if isinstance(part, str))
        if _is_text(hint):
            return "T"
        if get_args(hint)[:1] == (Day,):
            return "day"
        return _REFERS.get((kind, name), "code" if name == "code" else "")

    def _fits(self, made: Template, text: str, hint: Any, field: str, kind: type) -> None:
        """A constant, or a word that a column's words give, is allowed where it stands."""
        if not made.parts:
            if (kind, field) not in _REFERS:
                self._constant(text, hint, made.path)
        elif len(made.pieces) == 1 and (kind, field) not in _REFERS and not _is_text(hint):
            for column, words in self.given.words.items():
                for word, names in words.items():
                    if names.get(made.parts[0].name):
                        self._constant(names[made.parts[0].name], hint, ("words", column, word, made.parts[0].name))

    def _constant(self, value: Any, hint: Any, path: report.Path) -> None:
        try:
            _adapter(hint).validate_python(value)
        except ValidationError as error:
            self.problems += wording.problems(error, hint, self.name, path, "")

    def _wrong(self, path: report.Path, found: str, allowed: str, on_key: bool = False) -> None:
        self.problems.append(Problem(self.name, path, found, allowed, on_key=on_key))


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    return TypeAdapter(hint)


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Field name to its type, without `| None`."""
    return {name: _plain(hint) for name, hint in get_type_hints(kind, include_extras=True).items()}


def _plain(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        kept = [each for each in get_args(hint) if each is not type(None)]
        return kept[0] if len(kept) == 1 else hint
    return hint


def _is_text(hint: Any) -> bool:
    return hint is Text or get_args(hint)[:1] == (Text,)


@cache
def _needed(kind: type) -> frozenset[str]:
    return frozenset(name for name, field in kind.__pydantic_fields__.items() if field.is_required())  # type: ignore[attr-defined]
