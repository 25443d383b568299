"""YAML text to plain values, on libyaml's event stream; and the places of values, on request.

Scalars stay text. What YAML allows but a registry must not hold (anchors, tags, duplicate keys,
deep nesting ...) is a problem with its place. Reading the events ourselves is both the safe and
the fast way: a loader that resolves types changes `NO` into false, keeps the last of two equal
keys in silence, and dies on deep nesting.
"""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from dashboard.registry import privacy
from dashboard.registry.problems import MOST_OF_A_KIND, Path, Problem, shown, visible

MAX_BYTES = 256 * 1024 * 1024
MAX_DEPTH = 50
MAX_SCALAR = 64 * 1024

# Control characters (but tab and line ends), soft hyphen, bidirectional and zero-width marks, the
# line separators on which YAML parsers disagree, tags and variation selectors that hide text.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_CONFLICT = re.compile(r"^(<<<<<<<|>>>>>>>|\|\|\|\|\|\|\|)", re.MULTILINE)

Item = Callable[[str, int, Any, int], Any]
"""The list's key, the item's position in it, its plain value, and at which character of the file it ends."""


class Cut(Exception):
    """Reading stopped at a problem after which nothing can be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message())
        self.problem = problem


def decoded(data: bytes, file: str) -> str:
    """The text of a file, every line end a line feed. Raises Cut where it is empty, too large or not UTF-8."""
    if len(data) > MAX_BYTES:
        raise Cut(_whole(file, f"the file has {len(data):,} bytes", f"at most {MAX_BYTES:,} are read; split it"))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Cut(_whole(file, "the file is UTF-16", "save it as UTF-8"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _line_column(data[: error.start].decode("utf-8-sig", "replace"))
        found = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise Cut(Problem(file, (), found, "save the file as UTF-8", line=line, column=column)) from None
    if not text.strip():
        raise Cut(_whole(file, "the file is empty", "restore it from git; an empty registry is never meant"))
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def characters(text: str, file: str) -> Iterator[Problem]:
    """Problems of single characters and conflict markers, comments included."""
    # isprintable runs at memory speed; the exact search only where it finds something to look at.
    if not text.replace("\n", " ").isprintable():
        for match in islice(FORBIDDEN.finditer(text), MOST_OF_A_KIND):
            line, column = _line_column(text[: match.start()])
            found = f"the invisible or control character U+{ord(match[0]):04X}"
            yield Problem(file, (), found, "remove it", line=line, column=column)
    if "<<<<<<<" in text or ">>>>>>>" in text:
        for match in islice(_CONFLICT.finditer(text), MOST_OF_A_KIND):
            line, _ = _line_column(text[: match.start()])
            found = f"an unresolved git conflict: {match[0]}"
            yield Problem(
                file, (), found, "keep one of the two versions and delete the marker lines", line=line, column=1
            )


def build(data: bytes, file: str, item: Item | None = None) -> tuple[Any, list[Problem]]:
    """The plain value of a YAML file and the problems of its structure.

    Every item of a list directly under the top mapping goes through `item` as soon as it is complete, so that a large
    file never stands in memory twice; an item in which a structural problem was found is None. Raises Cut at a syntax error or a cut file.
    """
    builder = _Builder(file, item)
    try:
        builder.run(CParser(data))
    except yaml.MarkedYAMLError as error:
        raise Cut(_syntax(error, file)) from None
    except yaml.reader.ReaderError as error:
        found = f"the character U+{error.character:04X}" if isinstance(error.character, int) else "an unreadable byte"
        line, column = _line_column(data[: error.position].decode("utf-8", "replace"))
        raise Cut(Problem(file, (), found, "remove it", line=line, column=column)) from None
    return builder.root, builder.problems


class _Builder:
    """One pass over the events; `open` holds the containers from the outermost in."""

    def __init__(self, file: str, item: Item | None) -> None:
        self.file = file
        self.item = item
        self.root: Any = None
        self.problems: list[Problem] = []
        self.event: Any = None

    def run(self, parser: Any) -> None:
        read, most = parser.get_event, MAX_SCALAR
        containers: list[Any] = []
        pending: list[Any] = []  # the key of each open container that waits for its value
        container: Any = None
        key: Any = None
        seen_before = 0
        while True:
            event = self.event = read()
            kind = type(event)
            if kind is ScalarEvent:
                value = event.value
                if event.anchor or event.tag or event.style == '"' or len(value) > most:
                    self._scalar(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if event.anchor or event.tag:
                    self._marked(event)
                if type(container) is dict and key is None:
                    raise Cut(self._here("a key is a list or a group of fields", "a key is a word"))
                if len(containers) >= MAX_DEPTH:
                    raise Cut(self._here(f"nested deeper than {MAX_DEPTH}", "a registry needs 8; flatten it"))
                containers.append(container)
                pending.append(key)
                if len(containers) == 3:
                    seen_before = len(self.problems)
                container, key = ({} if kind is MappingStartEvent else []), None
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                value = container
                container = containers.pop()
                key = pending.pop()
                if len(containers) == 2 and self.item and type(container) is list:
                    whole = len(self.problems) == seen_before
                    at = event.start_mark.index
                    value = self.item(pending[-1], len(container), value, at) if whole else None
            elif kind is AliasEvent:
                self.problems.append(self._here(f"an alias *{visible(event.anchor)}", "write the value out"))
                value = ""
            elif kind is DocumentStartEvent:
                if self.root is not None:
                    raise Cut(self._here("a second document", "one file holds one document: delete the --- line"))
                continue
            elif kind is DocumentEndEvent:
                self._ended(event)
                continue
            elif kind is StreamEndEvent:
                return
            else:
                continue
            # A value is complete: put it where it belongs.
            if type(container) is dict:
                if key is None:
                    if value in container or value == "<<":
                        self._bad_key(value)
                    key = value
                else:
                    container[key] = value
                    key = None
            elif container is not None:
                container.append(value)
            else:
                self.root = value

    def _bad_key(self, key: str) -> None:
        if key == "<<":
            self.problems.append(self._here("a merge key <<", "write the fields out"))
        else:
            self.problems.append(self._here(f"the field {shown(key)} stands twice here", "keep one of the two"))

    def _scalar(self, event: Any) -> None:
        if event.anchor or event.tag:
            self._marked(event)
        if len(event.value) > MAX_SCALAR:
            self.problems.append(self._here(f"a text of {len(event.value):,} characters", f"at most {MAX_SCALAR:,}"))
        if not event.value.isprintable() and (match := FORBIDDEN.search(event.value)):
            found = f"an escape for the invisible or control character U+{ord(match[0]):04X}"
            self.problems.append(self._here(found, "remove it"))
        # What is spelled with escapes is not seen by the search of the whole text.
        escaped = event.end_mark.index - event.start_mark.index != len(event.value) + 2
        if escaped and (what := privacy.hidden(event.value)):
            self.problems.append(self._here(f"{what} spelled with escapes", "take it out"))

    def _marked(self, event: Any) -> None:
        if event.anchor:
            self.problems.append(
                self._here(f"an anchor &{visible(event.anchor)}", "write the value where it is needed")
            )
        if event.tag:
            self.problems.append(self._here(f"a tag {visible(event.tag)}", "remove it; every value is text"))

    def _ended(self, event: Any) -> None:
        if not event.explicit:
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
            found = "the file has no end mark: it is cut off or still being saved"
            raise Cut(
                Problem(
                    self.file, (), found, "restore what is missing and end it with a line ...", line=line, column=column
                )
            )

    def _here(self, found: str, allowed: str) -> Problem:
        mark = self.event.start_mark
        return Problem(self.file, (), found, allowed, line=mark.line + 1, column=mark.column + 1)


Place = tuple[int, int]
Places = dict[Path, tuple[Place, Place]]
"""Path to (place of its key or dash, place of its value), both line and column from 1."""


def places(data: bytes, wanted: set[Path]) -> Places:
    """Where the wanted paths stand, by one pass over the events. For files that were read before."""
    found: Places = {}
    missing = set(wanted)
    path: list[str | int] = []
    kinds: list[type] = []
    at_key = False
    key_place: Place = (1, 1)

    def value_begins(place: Place) -> None:
        if (here := tuple(path)) in wanted and here not in found:
            found[here] = (key_place if kinds and kinds[-1] is dict else place, place)
            missing.discard(here)

    def value_ended() -> None:
        nonlocal at_key
        if kinds and kinds[-1] is dict:
            path.pop()
            at_key = True
        elif kinds:
            path[-1] += 1  # type: ignore[operator]

    event: Any
    try:
        for event in yaml.parse(data, Loader=yaml.CSafeLoader):
            if not missing:
                break
            place = (event.start_mark.line + 1, event.start_mark.column + 1)
            if isinstance(event, (ScalarEvent, AliasEvent)):
                if at_key:
                    path.append(getattr(event, "value", "*"))
                    key_place, at_key = place, False
                else:
                    value_begins(place)
                    value_ended()
            elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                if at_key:
                    break  # a list or group as a key: told with a place of its own
                value_begins(place)
                mapping = isinstance(event, MappingStartEvent)
                kinds.append(dict if mapping else list)
                if len(kinds) > MAX_DEPTH:
                    break  # libyaml is quadratic there; the depth is a problem with a place of its own
                at_key = mapping
                if not mapping:
                    path.append(0)
            elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
                if kinds.pop() is list:
                    path.pop()
                at_key = False
                value_ended()
    except yaml.YAMLError:
        pass  # the syntax error has a problem and a place of its own
    return found


def _line_column(before: str) -> Place:
    """Line and column, from 1, of what follows the text `before`."""
    lines = before.replace("\r\n", "\n").replace("\r", "\n")
    return lines.count("\n") + 1, len(lines) - lines.rfind("\n")


def _whole(file: str, found: str, allowed: str) -> Problem:
    return Problem(file, (), found, allowed, line=1, column=1)


def _syntax(error: yaml.MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    found = f"this is not YAML: {error.problem or error.context or 'it cannot be read'}"
    return Problem(
        file, (), found, "compare the line and its indentation with its neighbours", line=line, column=column
    )
