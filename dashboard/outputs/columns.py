"""What a column of a table that leaves is called, holds and means, and how a field of the registry becomes one.

A field of the model becomes one column or several, so that a spreadsheet can sort by it and nothing
is lost: a text in languages is `x_en`, `x_ru`, `x_kk`, `x_from` (the original's language, where it is
stated) and `x_drafts`; a date stands as it was written in `x`, with the first and the last day that it
can mean in `x_from` and `x_to`; a group of fields hands its name on (`due_on`, `retired_reason_en`);
ids stand in one cell with spaces between, texts in one cell on lines of their own, conditions met as
`1: id id; 2: id`. What is not there is empty.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from dashboard.outputs.explained import says
from dashboard.registry.model import ConditionMet
from dashboard.registry.scalars import LANGUAGES, Day, Text

Kind = Literal["text", "written", "day", "whole", "truth", "money", "ids", "lines"]
"""What a cell is: text; a date as written; a day; a whole number; true or false; a sum; ids; texts."""

Value = str | int | bool | date | Decimal | tuple[str, ...] | None
Get = Callable[[Sequence[Any]], list[Any]]
"""The values of a column, one for each thing that a line is about: all at once, which is several times faster."""


@dataclass(frozen=True, slots=True)
class Column:
    """`says`: what it means, an English sentence that the catalogues know. `computed`: nobody typed it."""

    name: str
    kind: Kind
    says: str
    computed: bool = False


Made = tuple[Column, Get]
"""A column, and how its values are got from what its lines are about."""


def each(get: Callable[[Any], Any]) -> Get:
    """Got from one thing after another."""
    return lambda about: list(map(get, about))


def at(path: str) -> Get:
    """An attribute, or an attribute of one."""
    return each(attrgetter(path))


def computed(table: str, name: str, kind: Kind, get: Get) -> Made:
    return Column(name, kind, says(table, name), computed=True), get


def typed(table: str, name: str, kind: Kind, get: Get) -> Made:
    return Column(name, kind, says(table, name)), get


def day_columns(table: str, name: str, get: Get, computed: bool = False) -> Iterator[Made]:
    """A date as it was written, and the first and last day that it can mean."""
    get = _once(get)
    yield Column(name, "written", says(table, name), computed), _below(get, "text")
    yield Column(f"{name}_from", "day", says("", "day_from"), computed), _below(get, "first")
    yield Column(f"{name}_to", "day", says("", "day_to"), computed), _below(get, "last")


def text_columns(table: str, name: str, get: Get) -> Iterator[Made]:
    """A text in each language, the original's language and which languages are drafts."""
    get = _once(get)
    for language in LANGUAGES:
        explained = says(table, name) if language == "en" else says("", f"text_{language}")
        yield Column(f"{name}_{language}", "text", explained), _below(get, language)
    yield Column(f"{name}_from", "text", says("", "text_from")), _below(get, "from_")
    yield Column(f"{name}_drafts", "ids", says("", "text_drafts")), _below(get, "drafts", ())


def of_model(
    table: str, model: type, leave: Collection[str] = (), renamed: Mapping[str, str] | None = None, where: str = "given"
) -> Iterator[Made]:
    """The columns of a class of the registry, in the order of its fields, got from what holds an object
    of it as its attribute `where`. Lists of other classes stand in tables of their own; `leave` names what
    else is not wanted.
    """
    hints, names = get_type_hints(model), renamed or {}
    for field in fields(model):
        if field.name not in leave:
            name = names.get(field.name, field.name)
            yield from _of_field(table, name, hints[field.name], at(f"{where}.{field.name}"))


def _of_field(table: str, name: str, hint: Any, get: Get) -> Iterator[Made]:
    kind = _plain(hint)
    if kind is Text:
        yield from text_columns(table, name, get)
    elif kind is Day:
        yield from day_columns(table, name, get)
    elif get_origin(kind) is tuple:
        yield from _list_columns(table, name, get_args(kind)[0], get)
    elif is_dataclass(kind):
        inner = get_type_hints(kind)
        for field in fields(kind):
            yield from _of_field(table, f"{name}_{field.name}", inner[field.name], _below(get, field.name))
    else:
        yield typed(table, name, _KINDS.get(kind, "text"), get)


_KINDS: Mapping[Any, Kind] = {int: "whole", bool: "truth", Decimal: "money"}
"""All else is text, or a word of a fixed set."""


def _plain(hint: Any) -> Any:
    """A type without `| None`."""
    if get_origin(hint) in (Union, UnionType):
        return next(kind for kind in get_args(hint) if kind is not type(None))
    return hint


def _once(get: Get) -> Get:
    """Got once for the same things, for several columns."""
    last: list[Any] = [None, []]

    def got(about: Sequence[Any]) -> list[Any]:
        if last[0] is not about:
            last[:] = about, get(about)
        return last[1]  # type: ignore[no-any-return]

    return got


def _below(get: Get, name: str, without: Value = None) -> Get:
    """What an optional group holds; `without` where there is no group."""
    inner = attrgetter(name)
    return lambda about: [without if group is None else inner(group) for group in get(about)]


def _list_columns(table: str, name: str, of_what: Any, get: Get) -> Iterator[Made]:
    if of_what is ConditionMet:
        yield typed(table, name, "text", lambda about: list(map(conditions_cell, get(about))))
    elif of_what is str:
        yield typed(table, name, "lines" if name in FREE else "ids", get)


FREE = ("authors", "same_as")
"""Lists of texts; every other list of the model's that is no table of its own holds ids."""


# --- cells that hold several ------------------------------------------------------------------------


def conditions_cell(met: Iterable[ConditionMet]) -> str | None:
    """Which conditions are met, and what shows it: `1: id id; 2: id`. Ids hold neither blanks nor semicolons."""
    return "; ".join(f"{each.condition}: {' '.join(each.evidence)}".rstrip() for each in met) or None


def conditions_of(cell: str) -> list[tuple[str, tuple[str, ...]]]:
    """Number and evidence of each condition met, as `conditions_cell` writes them."""
    parts = (part.partition(":") for part in cell.split(";") if part.strip())
    return [(number.strip(), tuple(ids.split())) for number, _, ids in parts]


def lines_cell(texts: Iterable[str]) -> str:
    """Texts on lines of their own; a line break or a backslash within one is written \\n or \\\\."""
    return "\n".join(text.replace("\\", "\\\\").replace("\n", "\\n") for text in texts)


def lines_of(cell: str) -> tuple[str, ...]:
    """The texts of a cell that `lines_cell` wrote."""
    return tuple(_ESCAPED.sub(_unescaped, line) for line in cell.split("\n")) if cell else ()


_ESCAPED = re.compile(r"\\(.)")


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]
