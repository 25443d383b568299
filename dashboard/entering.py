"""The command line's verbs that change a registry: each made from a command's own fields.

A form on the desk builds the same commands; both go through the door (registry/store.py).
"""

import argparse
import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from dashboard.progress.status import answer_by
from dashboard.registry import access, commands, events, reader, store, wording
from dashboard.registry.access import LOCAL_EDITOR, Who
from dashboard.registry.commands import Command
from dashboard.registry.model import EDITORS
from dashboard.registry.scalars import LANGUAGES, Text

Options = argparse.Namespace
Say = Callable[[str], None]

ROLE_VARIABLE = "TRACKER_ROLE"
"""Lowers what the command line may do here: reader, contributor or editor."""

VERBS: dict[str, tuple[type[Command], tuple[str, ...]]] = {
    "assess": (commands.Assess, ("record", "status")),
    "look": (commands.Look, ("records",)),
    "answer": (commands.Answer, ("record", "position")),
    "step": (commands.Step, ("record", "state")),
    "fund": (commands.Fund, ("record",)),
    "setback": (commands.Setback, ("record",)),
    "ask": (commands.Ask, ("record", "actor")),
    "quote": (commands.Quote, ("record", "source")),
    "involve": (commands.Involve, ("record", "actor", "role")),
    "align": (commands.Align, ("record", "code", "match")),
    "relate": (commands.Relate, ("record", "to", "relation")),
    "due": (commands.Due, ("record", "on")),
    "edit": (commands.Edit, ("id", "field", "value")),
    "translate": (commands.Translate, ("id", "field", "language", "text")),
    "withdraw": (commands.Withdraw, ("record", "assessment")),
    "retire": (commands.Retire, ("record",)),
    "merge": (commands.Merge, ("record", "into")),
    "correct": (commands.Correct, ("record",)),
    "withhold": (commands.Withhold, ("id",)),
    "tend": (commands.Tend, ("theme",)),
}
"""Verb to its command and the fields that are typed without their names."""

ADDED: dict[str, type[Command]] = {
    "evidence": commands.AddEvidence,
    "source": commands.AddSource,
    "record": commands.AddRecord,
    "actor": commands.AddActor,
    "instrument": commands.AddInstrument,
    "theme": commands.AddTheme,
}
"""What `add` takes a file of."""

_NOT_TYPED = ("new",)
_WORDS = {"conditions_met": "met"}
"""Fields with a shorter name on the command line."""


class Wrong(Exception):
    """What was typed is no command; the message says all that is wrong."""


def me() -> Who:
    """Who types here: the editor of the local file, or less where the setting says so."""
    role = os.environ.get(ROLE_VARIABLE, "")
    if not role:
        return LOCAL_EDITOR
    if role not in set(access.Role):
        raise Wrong(f"{ROLE_VARIABLE}: {role!r} is no role; write one of {', '.join(access.Role)}")
    return Who(access.Role(role), EDITORS if role != access.Role.READER else "")


def options_of(parser: argparse.ArgumentParser, name: str, suggested: bool = False) -> None:
    """Gives `parser` the fields of the command behind the verb `name`; where a message suggests some, none
    has to be typed, and each goes by its name.
    """
    kind, typed = VERBS[name]
    hints, languages = get_type_hints(kind), False
    for field in fields(kind):
        if field.name in _NOT_TYPED:
            continue
        languages = languages or _holds(hints[field.name], Text)
        required = _required(field) and not suggested
        _option(parser, field, hints[field.name], field.name in typed and not suggested, required)
    if languages:
        parser.add_argument(
            "--in", dest="language_of", choices=LANGUAGES, default="en", metavar="LANGUAGE",
            help=f"the language of the texts in this command: {', '.join(LANGUAGES)} (default: en); add others by translate",
        )  # fmt: skip


def _option(parser: argparse.ArgumentParser, field: "Field[Any]", hint: Any, positional: bool, required: bool) -> None:
    several = get_origin(hint) is tuple
    default = getattr(field.default, "default", None)
    also = f"default: {default}" if isinstance(default, str) and default else ""
    says = "; ".join(filter(None, (getattr(field.default, "description", ""), ", ".join(_words(hint)), also)))
    more: dict[str, Any] = {"help": says, "default": None}
    if positional:
        more |= {"metavar": field.name.upper(), "nargs": "+" if several else ("?" if not required else None)}
        parser.add_argument(field.name, **more)
        return
    name = f"--{_WORDS.get(field.name, field.name).replace('_', '-')}"
    if field.name == "checked":
        parser.add_argument(name, dest=field.name, action="store_const", const="true", **more)
        return
    metavar = "N:ID[,ID]" if field.name == "conditions_met" else "ID" if several else field.name.upper()
    more |= {"action": "extend", "nargs": "+"} if several else {}
    parser.add_argument(name, dest=field.name, metavar=metavar, required=required, **more)


def command(name: str, options: Options, given: Mapping[str, Any] | None = None) -> Command:
    """The command that was typed; `given`, of a message, stands in for what was not. Raises Wrong."""
    kind, typed_first = VERBS[name]
    hints = get_type_hints(kind)
    values: dict[str, Any] = dict(given or {})
    for field in fields(kind):
        typed = getattr(options, field.name, None)
        if typed is None:
            continue
        if field.name == "conditions_met":
            typed = [_met(each) for each in typed]
        elif _holds(hints[field.name], Text):
            typed = {options.language_of: typed}
        values[field.name] = typed
    return built(kind, values, typed_first if given is None else ())


def built(kind: type[Command], values: Mapping[str, Any], typed: tuple[str, ...] = ()) -> Command:
    """A command from plain values. Raises Wrong with everything that is wrong; fields that are `typed`
    without their names are told in capitals.
    """
    try:
        made: Command = TypeAdapter(kind).validate_python(dict(values))
    except ValidationError as error:
        said = [
            f"{_word(problem.path, typed)}{problem.found}; {problem.allowed}"
            for problem in wording.problems(error, kind, "", (), "")
        ]
        raise Wrong("\n".join(said)) from None
    return made


def added(what: str, file: Path) -> Command:
    """`add WHAT FILE`: the entry that the file holds. Raises Wrong, Unreadable."""
    data = reader.content(file)
    try:
        text = events.decoded(data, str(file)).rstrip("\n") + "\n"
        ended = text if text.endswith("\n...\n") else f"{text}...\n"
        plain, problems = events.build(ended.encode(), str(file))
    except events.Cut as cut:
        raise Wrong(f"{cut.problem.place()}: {cut.problem.message()}") from None
    problems += events.characters(text, str(file))
    if problems:
        raise Wrong("\n".join(f"{each.place()}: {each.message()}" for each in problems))
    if isinstance(plain, list) and len(plain) == 1:
        plain = plain[0]
    return built(ADDED[what], {"entry": plain})


def save(path: Path, made: Command, today: date, say: Say, complain: Say) -> store.Saved:
    """Through the door, with a line about what became of it. Raises as store.save."""
    saved = store.save(path, made, me, "", today)
    say(f"{path}: {commands.told(made)}" + (f" ({saved.commit})" if saved.commit else ""))
    if isinstance(made, commands.Ask) and (registry := saved.loaded.registry):
        until = answer_by(made.on.first, registry.rules)
        say(f"{made.actor} was asked on {made.on}; an answer is waited for until {until}, and entered by answer")
    for each in saved.told:
        complain(each)
    return saved


def _required(field: "Field[Any]") -> bool:
    default = field.default
    held = getattr(default, "default", default)
    return (held is MISSING or repr(held) == "PydanticUndefined") and field.default_factory is MISSING


def _holds(hint: Any, kind: type) -> bool:
    """Whether a field holds a `kind`, perhaps among others."""
    return hint is kind or any(
        _holds(each, kind) for each in getattr(hint, "__args__", ()) if get_origin(hint) is not tuple
    )


def _met(typed: str) -> dict[str, Any]:
    number, colon, names = typed.partition(":")
    if not colon:
        raise Wrong(f"--met: {typed!r} names no evidence; write the condition's number and ids, such as 1:audit-report")
    return {"condition": number, "evidence": names.split(",")}


def _words(hint: Any) -> tuple[str, ...]:
    """The words of which a field allows one; none where it is free."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return tuple(hint)
    return tuple(map(str, get_args(hint))) if get_origin(hint) is Literal else ()


def _word(path: tuple[str | int, ...], typed: tuple[str, ...]) -> str:
    """A field as it is named on the command line, or in the file of `add`, before what is said of it."""
    if not path:
        return ""
    first, *rest = path
    name = str(first)
    if name == "entry":
        return ".".join(str(part + 1) if isinstance(part, int) else part for part in rest or ("the file",)) + ": "
    option = name.upper() if name in typed else f"--{_WORDS.get(name, name).replace('_', '-')}"
    return ".".join([option, *(str(part + 1) if isinstance(part, int) else part for part in rest)]) + ": "
