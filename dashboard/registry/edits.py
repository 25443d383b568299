"""The splice: changes to the text of a registry. Bytes in, bytes out; never reads or writes a file.

Only the lines of the entry concerned are touched; comments, order, quotes, newline style and a byte
order mark stay as they are. Each change is proved: the new text reads as the old value changed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.registry import events, nodes, slices
from dashboard.registry.nodes import Node, Plain
from dashboard.registry.placing import Positions
from dashboard.registry.problems import Path
from dashboard.registry.wording import folded

_NEWLINE = re.compile(r"\r\n|\r|\n")
_COMMENT = re.compile(r"[ \t]+#[^\r\n]*")
_HEADER = re.compile(r"[|>][1-9+-]*")
_END = re.compile(rb"(?:^|[\r\n])\.\.\.\s*\Z")
_COMMA_AFTER = re.compile(r"\s*,\s*")
_COMMA_BEFORE = re.compile(r",\s*$")
_MARK = "\ufeff"


class Misplaced(Exception):
    """The changed text does not read as it should; nothing may be written."""


class Unfit(Misplaced):
    """What shall be written cannot stand in a registry; the message says why."""


@dataclass(frozen=True, slots=True)
class Put:
    """The value of a field; where the field is new, it goes behind the last of `after` that is there."""

    path: Path
    value: Plain
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Append:
    """One more item at the end of a list; the list begins with it where there is none."""

    path: Path
    value: Plain
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drop:
    """A field is taken out."""

    path: Path


Step = Put | Append | Drop


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of the entry `name` of the list `key`."""

    key: str
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Addition:
    """One more entry at the end of the list `key`."""

    key: str
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source document in a file of its own."""

    name: str
    value: dict[str, Any]

    @property
    def text(self) -> bytes:
        """The whole file. Raises Misplaced."""
        text = "".join(line + "\n" for line in (*nodes.group_lines(self.value, 0), "...")).encode()
        _prove(text, self.value)
        return text


@dataclass(frozen=True, slots=True)
class Spliced:
    """The new text, and the entries that were changed or added, where they could be cut out of both."""

    data: bytes
    touched: tuple[tuple[str, str], ...] | None
    """List and id; None where the whole file had to be read."""


def spliced(data: bytes, changes: Iterable[Change | Addition], positions: Positions) -> Spliced:
    """`data` with the changes made in it, in their order. Raises Misplaced."""
    touched: list[tuple[str, str]] | None = []
    for change in changes:
        data, alone = _entry(data, change, positions) if isinstance(change, Change) else _added(data, change)
        if touched is not None:
            name = change.name if isinstance(change, Change) else str(change.value.get("id", ""))
            touched = [*touched, (change.key, name)] if alone and name else None
    return Spliced(data, None if touched is None else tuple(dict.fromkeys(touched)))


def value(data: bytes, key: str, name: str, positions: Positions) -> Any:
    """The plain value of an entry as it stands in the text. Raises Misplaced where it is not there."""
    span = slices.entry(data, key, name)
    if span is not None and (read := _read_alone(span.of(data))) and read[0].get("id") == name:
        return read[0]
    position = positions.get((key, folded(name)))
    if position is None:
        raise Misplaced(f"{name} is not in the file")
    plain, _ = events.build(data, "the file")
    return plain[key][position]


def _entry(data: bytes, change: Change, positions: Positions) -> tuple[bytes, bool]:
    """One entry changed; whether it could be cut out and proved by itself."""
    span = slices.entry(data, change.key, change.name)
    if span is not None and (read := _read_alone(span.of(data))) and read[0].get("id") == change.name:
        after = _proved(span.of(data), (0,), change.steps)
        return _joined(data, span.begin, after, span.end), True
    position = positions.get((change.key, folded(change.name)))
    if position is None:
        raise Misplaced(f"{change.name} is not in the file; nothing was changed")
    return _proved(data, (change.key, position), change.steps), False


def _added(data: bytes, addition: Addition) -> tuple[bytes, bool]:
    """One more entry behind the last of its list, in its style."""
    last = slices.entries(data, addition.key)
    newline = _newline(data[:65536].decode("utf-8", "ignore"))
    if last and _read_alone(text := last[-1].of(data)) and not slices.keeps_blank_lines(text):
        indent, at = len(text) - len(text.lstrip(b" ")), last[-1].end
        lines = nodes.item_lines(addition.value, indent)
        text = "".join(line + newline for line in lines).encode()
        _prove(text + b"...\n", [addition.value])
        return _joined(data, at, text, at), True
    return _proved(data, (), (Append((addition.key,), addition.value),)), False


def _joined(data: bytes, begin: int, between: bytes, end: int) -> bytes:
    """Another text in the place of a part, the rest copied once."""
    held = memoryview(data)
    return b"".join((held[:begin], between, held[end:]))


def _read_alone(data: bytes) -> Any:
    """What an entry reads as by itself, as a list of one; None where it does not."""
    try:
        plain, problems = events.build(data + b"...\n", "the entry")
    except events.Cut:
        return None
    return (
        plain if isinstance(plain, list) and len(plain) == 1 and isinstance(plain[0], dict) and not problems else None
    )


def _proved(data: bytes, root: Path, steps: Sequence[Step]) -> bytes:
    """`data` with the steps taken below `root`, and proof that it reads as it should."""
    end = b"" if _END.search(data) else b"...\n"
    wanted, _ = events.build(data + end, "before")
    mark, text = (_MARK, data.decode()[1:]) if data.startswith(_MARK.encode()) else ("", data.decode())
    for step in steps:
        text = _written(text, root, step)
        _take(wanted, root, step)
    after = (mark + text).encode()
    _prove(after + end, wanted)
    return after


def _prove(data: bytes, wanted: Any) -> None:
    """Raises Misplaced where a text does not read as wanted, Unfit where it does and may not stand there."""
    try:
        now, problems = events.build(data, "after")
    except events.Cut as cut:
        raise Misplaced(cut.problem.message()) from None
    if now != wanted:
        raise Misplaced("the changed text would not read as it should; nothing was changed")
    if problems:
        raise Unfit(f"{problems[0].message()}; nothing was changed")


def _take(plain: Any, root: Path, step: Step) -> None:
    """The step on plain values."""
    path = (*root, *step.path)
    for part in path[:-1]:
        plain = plain[part]
    match step:
        case Put():
            plain[path[-1]] = step.value
        case Append():
            plain.setdefault(path[-1], []) if isinstance(plain, dict) else None
            plain[path[-1]] = [*(plain[path[-1]] or []), step.value]
        case Drop():
            del plain[path[-1]]


# --- the text ---------------------------------------------------------------------------------------


def _written(text: str, root: Path, step: Step) -> str:
    """The step on the text."""
    whole = nodes.tree(text)
    path = (*root, *step.path)
    node, parent = whole.at(path), whole.at(path[:-1])
    if parent is None:
        raise Misplaced("there is no such place in the file; nothing was changed")
    match step:
        case Drop() if node:
            return _without(text, parent, path[-1], node)
        case Append() if node and node.kind is list and (node.items or node.flow):
            return _longer(text, node, step.value)
        case Append():
            return _put(text, parent, path[-1], node, [step.value], step.after)
        case Put():
            return _put(text, parent, path[-1], node, step.value, step.after)
    raise Misplaced("there is nothing to take out; nothing was changed")


def _put(text: str, parent: Node, name: str | int, node: Node | None, value: Plain, after: tuple[str, ...]) -> str:
    if node is not None:
        return _replaced(text, parent, name, node, value)
    if not isinstance(name, str):
        raise Misplaced("there is no such item; nothing was changed")
    before = [parent.fields[key] for key in after if key in parent.fields]
    behind = max(before, key=lambda each: each.end) if before else parent.last
    if parent.flow:
        written = f"{name}: {nodes.in_braces(value)}"
        if behind is None:
            return text[: parent.begin + 1] + written + text[parent.begin + 1 :]
        return text[: behind.end] + ", " + written + text[behind.end :]
    assert behind is not None  # a block group has at least one field
    return _below(text, behind.end, nodes.field_lines(name, value, _column(text, parent)))


def _replaced(text: str, parent: Node, name: str | int, node: Node, value: Plain) -> str:
    """Another value in the place of one; quotes stay as they were where they still serve."""
    if parent.flow or node.flow:
        return text[: node.begin] + nodes.in_braces(value) + text[node.end :]
    if isinstance(value, str) and "\n" not in value and node.kind is str and node.style in ("'", '"'):
        return text[: node.begin] + nodes.scalar(value, style=node.style) + text[node.end :]
    begin = _dash(text, parent, name) if isinstance(name, int) else parent.keys[name]
    indent = begin - _line_begins(text, begin)
    header = _HEADER.match(text, node.begin) if node.style in ("|", ">") else None
    comment = _COMMENT.match(text, header.end() if header else node.end)
    behind = comment.end() if comment and not header else node.end
    lines = nodes.item_lines(value, indent) if isinstance(name, int) else nodes.field_lines(name, value, indent)
    first, *more = lines
    # Behind the first line: at the end of a folded text it would be a part of it.
    lines = [first.lstrip(" ") + (comment[0] if comment else ""), *more]
    return text[:begin] + _newline(text).join(lines) + text[behind:]


def _longer(text: str, node: Node, value: Plain) -> str:
    """One more item behind the last of a list, written as its neighbours are."""
    last = node.items[-1] if node.items else None
    if node.flow:
        if last is None:
            return text[: node.begin + 1] + nodes.in_braces(value) + text[node.begin + 1 :]
        return text[: last.end] + ", " + nodes.in_braces(value) + text[last.end :]
    assert last is not None
    braces = f"{' ' * node.column}- {nodes.in_braces(value)}"
    in_braces = last.flow and last.kind is dict and len(braces) <= nodes.WIDTH
    return _below(text, node.end, [braces] if in_braces else nodes.item_lines(value, node.column))


def _without(text: str, parent: Node, name: str | int, node: Node) -> str:
    """Nothing in the place of a field or an item."""
    if parent.flow:
        begin = node.begin if isinstance(name, int) else parent.keys[name]
        if rest := _COMMA_AFTER.match(text, node.end):
            return text[:begin] + text[rest.end() :]
        comma = _COMMA_BEFORE.search(text, 0, begin)
        return text[: comma.start() if comma else begin] + text[node.end :]
    begin = _dash(text, parent, name) if isinstance(name, int) else parent.keys[name]
    line, end = _line_begins(text, begin), _line_end(text, node.end)
    if not text[line:begin].strip():
        return text[:line] + text[end:]
    # It stands behind the dash: the next field takes its place, below comments that stand between.
    following = min((at for at in parent.keys.values() if at > begin), default=None)
    if following is None or isinstance(name, int):
        raise Misplaced("what stands alone on its dash cannot be taken out; nothing was changed")
    if text[end:following].strip():
        return text[:begin].rstrip(" ") + _newline(text) + text[end:]
    return text[:begin] + text[following:]


def _dash(text: str, group: Node, number: int) -> int:
    """Where the dash of an item stands: not the last one before its value, which may be in a comment."""
    if number == 0:
        return group.begin
    dash = re.compile(rf"[\r\n] {{{group.column}}}-(?=[ \r\n])")
    found = dash.search(text, group.items[number - 1].end)
    assert found is not None  # a block list has each item on its dash
    return found.end() - 1


def _below(text: str, at: int, lines: list[str]) -> str:
    """Lines below the one on which the character at `at` stands, whatever comment ends it."""
    newline = _newline(text)
    end = _line_end(text, at)
    before = "" if end == 0 or text[end - 1] in "\r\n" else newline
    return text[:end] + before + "".join(line + newline for line in lines) + text[end:]


def _line_end(text: str, at: int) -> int:
    """The place behind the line end that follows."""
    found = _NEWLINE.search(text, at)
    return found.end() if found else len(text)


def _line_begins(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _column(text: str, group: Node) -> int:
    """The column of a block group's fields."""
    first = min(group.keys.values())
    return first - _line_begins(text, first)


def _newline(text: str) -> str:
    found = _NEWLINE.search(text)
    return found[0] if found else "\n"
