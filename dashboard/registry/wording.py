"""What pydantic found, in words that tell an editor what to do next."""

import re
import types
import typing
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError

from dashboard.registry.problems import Path, Problem, nearest, shown

_PATTERNS = {
    "[a-z0-9]+(-[a-z0-9]+)*$": "an id has lower-case Latin letters, digits and single hyphens",
    "^(source:": "name an evidence entry by its id, or a passage as source:ID#PARAGRAPH",
    "^[0-9a-f]{64}$": "a sha256 has 64 characters 0-9 and a-f",
    "^[0-9a-f]{12}$": "it is stamped by the command stamp: remove the line and run that",
    "^https?": "write a whole address that begins with https:// or http://",
    "^[A-Z]{3}$": "write the three capital letters of the currency, such as EUR",
    "^[a-z]{2,3}$": "write the language's code, such as en",
    "^[A-Z]{2}": "write the ISO 3166 code, such as KZ or KZ-ALA",
}


def problems(error: ValidationError, kind: type, file: str, path: Path, record: str) -> Iterator[Problem]:
    """Each finding of `error`, raised for a value of `kind` at `path`, as a Problem."""
    for detail in error.errors(include_url=False):
        loc = tuple(detail["loc"])
        found, allowed = _said(detail["type"], detail, kind, loc)
        on_key = detail["type"] == "unexpected_keyword_argument"
        where = loc[:-1] if detail["type"] == "missing" else loc
        yield Problem(file, (*path, *where), found, allowed, on_key=on_key, record=str(record))


def _said(fault: str, detail: Any, kind: type, loc: Path) -> tuple[str, str]:
    value = detail["input"]
    match fault:
        case "missing":
            return f"the field {loc[-1]} is missing", "add it"
        case "unexpected_keyword_argument":
            return f"unknown field {shown(loc[-1])}", nearest(str(loc[-1]), _names(kind, loc[:-1]))
        case "enum" | "literal_error":
            return _not_one_of(value, str(detail["ctx"]["expected"]))
        case "string_pattern_mismatch":
            pattern = detail["ctx"]["pattern"]
            hint = next((hint for key, hint in _PATTERNS.items() if key in pattern), f"it must match {pattern}")
            return (shown(value) if value else "it is empty"), hint
        case "string_too_short":
            return "it is empty", "write a text, or remove the line"
        case "string_too_long":
            return f"{shown(value, 30)} is too long", f"at most {detail['ctx']['max_length']} characters"
        case "value_error":
            found, _, allowed = str(detail["ctx"]["error"]).partition("; ")
            return f"{shown(value)} {found}" if isinstance(value, str) else f"it {found}", allowed
        case "string_type":
            return f"{_shape(value)} where one text is expected", "write one text"
        case "tuple_type":
            return f"{_shape(value)} where a list is expected", "begin each entry with a dash: - "
        case "dataclass_type":
            return f"{_shape(value)} where a group of fields is expected", "write one field a line, name: value"
    return f"{detail['msg']}", "compare it with the sample record at the top of the file"


def _not_one_of(value: Any, expected: str) -> tuple[str, str]:
    words = re.findall("'([^']*)'", expected)  # enum members are spelled <Status.BLOCKED: 'blocked'>
    if not isinstance(value, str):
        return f"{_shape(value)} where one word is expected", "write one of " + ", ".join(words)
    return f"{shown(value)} is not allowed here" if value else "it is empty", _near_or_all(value, words)


def _near_or_all(value: str, words: list[str]) -> str:
    """The nearest word, and all that are allowed."""
    near = nearest(value, words)
    return near if near.startswith("write") else f"{near} allowed are {', '.join(words)}"


def _shape(value: Any) -> str:
    match value:
        case dict():
            return "a group of fields"
        case list() | tuple():
            return "a list"
        case None:
            return "nothing"
    return f"the text {shown(value)}"


def folded(name: str) -> str:
    """An id as it is compared: Unicode NFC, case folded."""
    return name if name.isascii() and name.islower() else unicodedata.normalize("NFC", name).casefold()


def _names(kind: type, loc: Path) -> list[str]:
    """The field names allowed at `loc` below `kind`."""
    for part in loc:
        if isinstance(part, str):
            kind = field_kinds(kind).get(part, kind)
    return [field_name(field) for field in fields(kind)] if is_dataclass(kind) else []


def field_name(field: Any) -> str:
    """The name in the file: the alias where there is one (`from` is a word of Python)."""
    return str(getattr(field.default, "alias", None) or field.name.rstrip("_"))


@cache
def field_kinds(kind: type) -> dict[str, Any]:
    """Field name to the model, enum or scalar type of its value or of its list's items."""
    if not is_dataclass(kind):
        return {}
    return {name.rstrip("_"): _inner(hint) for name, hint in typing.get_type_hints(kind).items()}


def _inner(hint: Any) -> Any:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return _inner(next(arg for arg in typing.get_args(hint) if arg is not type(None)))
    if typing.get_origin(hint) is tuple:
        return _inner(typing.get_args(hint)[0])
    return hint
