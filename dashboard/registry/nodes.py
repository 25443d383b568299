"""A piece of YAML text as a tree that knows where each value begins and ends, and values as YAML text.

For texts that were read before: what a registry must not hold (events.py) is not looked for again.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from dashboard.registry.problems import Path
from dashboard.registry.scalars import DAY_PATTERN

WIDTH = 110
"""Texts that would reach beyond this column are folded into lines."""

Plain = str | list[Any] | dict[str, Any]
"""A value as the reader builds it: every scalar is text."""

_ENDLESS = 2**30
_KEEPS_ITS_MEANING = re.compile(rf"{DAY_PATTERN[:-1]}|[1-9][0-9]{{0,4}}|true|false")
_NUMBER_ELSEWHERE = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|[yYnN]")
"""What readers of YAML 1.2, or some of 1.1, take for a number or a flag and ours does not."""
_FOLDS = re.compile(r"\S+( \S+)+")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_KEEPS = re.compile(r"[|>][1-9]?\+")
_RESOLVER: Any = yaml.SafeLoader("")
_STRING = "tag:yaml.org,2002:str"


@dataclass(slots=True)
class Node:
    """A value in the text, from character `begin` to `end`; `column` counts from 0."""

    kind: type
    begin: int
    end: int
    column: int
    flow: bool = False
    style: str | None = None
    fields: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)
    """Where each key begins."""
    items: list["Node"] = field(default_factory=list)

    def at(self, path: Path) -> "Node | None":
        """The value at a path below this one; None where there is none."""
        node: Node | None = self
        for part in path:
            if node is None:
                return None
            if isinstance(part, int):
                node = node.items[part] if part < len(node.items) else None
            else:
                node = node.fields.get(part)
        return node

    @property
    def last(self) -> "Node | None":
        """The value that stands last in it."""
        return max((*self.fields.values(), *self.items), key=lambda node: node.end, default=None)


def tree(text: str) -> Node:
    """The value of a YAML text. Raises yaml.YAMLError where it is none by itself."""
    wanted = (ScalarEvent, MappingStartEvent, MappingEndEvent, SequenceStartEvent, SequenceEndEvent)
    events: Iterator[Any] = (event for event in yaml.parse(text, Loader=yaml.CSafeLoader) if isinstance(event, wanted))
    return _node(next(events), events, text)


def _node(event: Any, events: Iterator[Any], text: str) -> Node:
    begin, column = event.start_mark.index, event.start_mark.column
    if isinstance(event, ScalarEvent):
        return Node(str, begin, _scalar_end(event, text), column, style=event.style)
    kind = dict if isinstance(event, MappingStartEvent) else list
    node = Node(kind, begin, begin, column, flow=bool(event.flow_style))
    for each in events:
        if isinstance(each, (MappingEndEvent, SequenceEndEvent)):
            # A block ends, for libyaml, where the next thing begins: behind comments that are not its own.
            node.end = _end(each) if node.flow else node.last.end if node.last else begin
            return node
        if kind is list:
            node.items.append(_node(each, events, text))
        else:
            node.keys[each.value] = each.start_mark.index
            node.fields[each.value] = _node(next(events), events, text)
    raise AssertionError("libyaml closes what it opens")


def _end(event: Any) -> int:
    end: int = event.end_mark.index
    return end


def _scalar_end(event: Any, text: str) -> int:
    end = _end(event)
    if _KEEPS.match(text, event.start_mark.index) and event.style in ("|", ">"):
        return len(text[:end].removesuffix("\n").removesuffix("\r"))  # the blank lines below it are its own
    if event.style in ("|", ">"):
        last = len(text[: max(end, event.start_mark.index + 1)].rstrip(" \t\r\n"))
        while last < end and text[last] in " \t":  # spaces at the end of its last line are its own
            last += 1
        return last
    return end


# --- values as text -----------------------------------------------------------------------------


def field_lines(name: str, value: Plain, indent: int) -> list[str]:
    """A field of a group written in lines, without line ends."""
    pad = " " * indent
    match value:
        case str():
            first, *more = _value_lines(value, indent, len(name) + 2)
            return [f"{pad}{name}: {first}", *more]
        case list() if _inline(value):
            return [f"{pad}{name}: {in_braces(value)}"]
        case list():
            return [f"{pad}{name}:", *(line for item in value for line in item_lines(item, indent + 2))]
    return [f"{pad}{name}:", *group_lines(value, indent + 2)]


def group_lines(value: dict[str, Any], indent: int) -> list[str]:
    return [line for name, each in value.items() for line in field_lines(name, each, indent)]


def item_lines(value: Plain, indent: int) -> list[str]:
    """An item of a list written in lines, each on its dash."""
    pad = " " * indent
    if isinstance(value, dict) and value:
        first, *more = group_lines(value, indent + 2)
        return [f"{pad}- {first.lstrip(' ')}", *more]
    if isinstance(value, str):
        first, *more = _value_lines(value, indent, 2)
        return [f"{pad}- {first}", *more]
    return [f"{pad}- {in_braces(value)}"]


def in_braces(value: Plain) -> str:
    """A value on one line, as it stands inside braces or brackets."""
    match value:
        case str():
            return scalar(value, True)
        case list():
            return "[" + ", ".join(map(in_braces, value)) + "]"
    return "{" + ", ".join(f"{name}: {in_braces(each)}" for name, each in value.items()) + "}"


def scalar(value: str, flow: bool = False, style: str | None = None) -> str:
    """A text on one line, in quotes only where it would read as something else without."""
    if "\n" in value or "\t" in value:
        return json.dumps(value, ensure_ascii=False)
    # libyaml would spell out what lies beyond U+FFFF: a letter stands in for it.
    made = _emitted(_BEYOND.sub("x", value), flow, style)
    if made[0] == '"':
        return json.dumps(value, ensure_ascii=False)
    return "'" + value.replace("'", "''") + "'" if made[0] == "'" else value


def _emitted(value: str, flow: bool, style: str | None) -> str:
    plain = style is None and _reads_as_text(value)
    event = ScalarEvent(None, None, (plain, True), value, style=style if style in ("'", '"') else None)
    stream: list[Any] = [yaml.StreamStartEvent(), yaml.DocumentStartEvent(explicit=False)]
    stream += [SequenceStartEvent(None, None, True, flow_style=True), event, SequenceEndEvent()] if flow else [event]
    stream += [yaml.DocumentEndEvent(explicit=False), yaml.StreamEndEvent()]
    made: str = yaml.emit(stream, Dumper=yaml.CSafeDumper, width=_ENDLESS, allow_unicode=True)
    made = made.removesuffix("...\n").rstrip("\n")
    return made[1:-1] if flow else made


def _reads_as_text(value: str) -> bool:
    """Whether other readers of YAML take it for a text, or for the number or day that is meant."""
    if _KEEPS_ITS_MEANING.fullmatch(value):
        return True
    if _NUMBER_ELSEWHERE.fullmatch(value):
        return False
    return bool(_RESOLVER.resolve(yaml.ScalarNode, value, (True, False)) == _STRING)


def _value_lines(value: str, indent: int, before: int) -> list[str]:
    """What follows a name or a dash: the text itself, or a mark and the text below it in folded lines."""
    one = scalar(value)
    if "\n" in value and (lines := _literal(value, indent + 2)):
        return lines
    if indent + before + len(one) <= WIDTH or not _FOLDS.fullmatch(value) or value.startswith("#"):
        return [one]
    return [">-", *_folded(value.split(" "), indent + 2)]


def _literal(value: str, indent: int) -> list[str]:
    """A text of several lines, as it is, below a mark; none where blank ends would get lost."""
    body = value.removesuffix("\n")
    if not body or body != body.rstrip() or "\r" in value:
        return []
    mark = "|" + (str(2) if body[0].isspace() else "") + ("-" if body == value else "")
    return [mark, *(" " * indent + line if line else "" for line in body.split("\n"))]


def _folded(words: Iterable[str], indent: int) -> list[str]:
    lines, pad = [""], " " * indent
    for word in words:
        if lines[-1] and len(pad) + len(lines[-1]) + 1 + len(word) > WIDTH:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return [pad + line for line in lines]


def _inline(value: list[Any]) -> bool:
    """A short list of words stands on its line, as ids and language codes do."""
    return all(isinstance(item, str) and " " not in item for item in value) and sum(map(len, value)) < 80
