"""The registry from its files: text -> plain values -> models and problems. Never writes.

A record with a problem is left out and reported; the good ones still stand. A file that cannot
be read as a whole (cut off, not YAML, not UTF-8) yields no registry.
"""

import gc
import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dashboard.registry import events, placing, privacy, rules, slices, wording
from dashboard.registry.model import Recommendation, Registry, RegistryFile, Source
from dashboard.registry.problems import Problem

REGISTRY_NAME = "recommendations.yaml"
REGISTRY_VARIABLE = "TRACKER_REGISTRY"
"""Names the registry to a server that is started with another than the shipped one."""
LISTS = ("recommendations", "evidence", "actors", "themes", "instruments", "corrections")


_LINE_FEED = b"\n"
_RECORDS = "recommendations"
_MOST_ALONE = 50
"""Records that are read one by one: for each the whole text is searched, so that of more a full read is faster."""
_TOLD_EVERY = 500
"""Items after which it is told how far the reading is."""
_PARTS = ("theme", "origin", "actors", "answers", "asked", "alignments", "steps")
"""Fields of a record that are often the same in many. Not funding: 5.0 and 5.00 are equal and not written alike."""


class Unreadable(Exception):
    """A file that is missing, no ordinary file, or not ours to read."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The bytes of a registry: the file itself and its sources, each under the name to report."""

    name: str
    registry: bytes
    sources: Mapping[str, bytes]

    @property
    def contents(self) -> dict[str, bytes]:
        """Name to bytes, the registry first."""
        return {self.name: self.registry, **self.sources}

    @property
    def digest(self) -> str:
        """sha256 over all of it."""
        return self.digests[0]

    @property
    def digests(self) -> tuple[str, str]:
        """sha256 over all of it (the registry, then each source with its name), and over the registry alone."""
        total = hashlib.sha256(self.registry)
        alone = total.hexdigest()
        for name in sorted(self.sources):
            total.update(f"\0{name}\0".encode())
            total.update(self.sources[name])
        return total.hexdigest(), alone


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read. `registry` is None only where the file as a whole could not be read."""

    texts: Texts
    digest: str
    own_digest: str
    """Of the registry's file alone, without the sources."""
    registry: Registry | None
    problems: tuple[Problem, ...]
    positions: placing.Positions
    """Where each id stands in the registry file, those of entries left out included."""

    @property
    def errors(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)


def load(path: Path, today: date) -> Loaded:
    """The registry at `path` with the sources beside it; equal parts of records are the same ones. Raises Unreadable."""
    return read(texts(path), today)


def texts(path: Path) -> Texts:
    """The bytes of the registry at `path` and of sources/*.yaml beside it. Raises Unreadable."""
    return Texts(str(path), content(path), {str(source): content(source) for source in source_files(path)})


def source_files(path: Path) -> list[Path]:
    """The source files beside the registry at `path`; what begins with a dot is an editor's. Raises Unreadable."""
    folder = path.parent / "sources"
    try:  # not by glob, which takes a folder that may not be read for an empty one
        files = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise Unreadable(f"{folder}: {error.strerror}; see who may read it with ls -l") from None
    return sorted(file for file in files if file.suffix == ".yaml" and not file.name.startswith("."))


def read(given: Texts, today: date, told: Callable[[float], None] | None = None) -> Loaded:
    """Models and problems of the given bytes, all problems at once, in the order of the files. `told`: called time and
    again with how much of them has been read, up to 1.
    """
    with collector_paused():
        reading = _Reading(given, told)
        registry = reading.registry()
        if registry:
            reading.problems.extend(rules.problems(registry, today, given.name, reading.source_names))
            registry = _sound(registry, reading.problems)
        found = placing.located(reading.problems, given.contents, reading.positions)
    order = {name: position for position, name in enumerate(given.contents)}
    found.sort(key=lambda p: (order.get(p.file, 0), p.line, p.column))
    return Loaded(given, *given.digests, registry, tuple(dict.fromkeys(found)), reading.positions)


def again(seen: Loaded, changed: bytes, touched: Sequence[tuple[str, str]] | None, today: date) -> Loaded:
    """As `read` of `changed`, which differs from what was `seen` in the entries `touched` alone: they are read anew, and
    every rule is asked again whose answer may be another one. Where anything is wrong, all of it is read, for the places.
    The entries that are read anew have parts of their own, equal to those of others or not.
    """
    given = replace(seen.texts, registry=changed)
    if touched is None or seen.registry is None or seen.errors or len(changed) > events.MAX_BYTES:
        return read(given, today)
    lists: dict[str, list[Any]] = {}
    positions, own = dict(seen.positions), True
    for key, name in touched:
        entry = _alone(changed, key, name)
        if entry is None:
            return read(given, today)
        held = lists[key] = lists.get(key) or list(getattr(seen.registry.file, key))
        # By its place: an id stays when its entry is changed.
        at = positions.setdefault((key, wording.folded(name)), len(held))
        new = at == len(held)
        held[at : at + 1] = [entry]
        # No other record can name what was not there; another entry that changed may be what any of them rests on.
        own = own and (key == _RECORDS or (key == "evidence" and new))
    kept: dict[str, Any] = {key: tuple(held) for key, held in lists.items()}
    registry = seen.registry.holding(replace(seen.registry.file, **kept))
    names = {source.id: str(name) for source, name in zip(registry.sources, given.sources, strict=True)}
    asked = [registry.records[name] for key, name in touched if key == _RECORDS] if own else None
    placed = _moved(seen, changed, list(rules.problems(registry, today, given.name, names, asked)))
    return read(given, today) if placed is None else Loaded(given, *given.digests, registry, placed, positions)


def after(seen: Loaded, given: Texts, today: date) -> Loaded:
    """As `read` of `given`, into which what was `seen` turned: where only some records differ, they alone are read."""
    found = None
    if given.name == seen.texts.name and given.sources == seen.texts.sources:
        found = slices.difference(seen.texts.registry, given.registry, _RECORDS)
    if found is None:
        return read(given, today)
    there = [(_RECORDS, wording.folded(name)) in seen.positions for name in (*found.changed, *found.added)]
    if len(there) > _MOST_ALONE or there != [True] * len(found.changed) + [False] * len(set(found.added)):
        return read(given, today)
    return again(seen, given.registry, [(_RECORDS, name) for name in (*found.changed, *found.added)], today)


def _moved(seen: Loaded, changed: bytes, found: list[Problem]) -> tuple[Problem, ...] | None:
    """The problems `found` with their places, where each was known already and stands outside what changed: before
    it on the same line, behind it on a line as many further as there are more. None where one is new or within it.
    """
    if not found and not seen.problems:
        return ()
    was = seen.texts.registry
    known = {each.at(0, 0): each for each in seen.problems}
    begins, same = slices.alike(was, changed)
    first = was.count(_LINE_FEED, 0, begins) + 1
    last = first + was.count(_LINE_FEED, begins, len(was) - same)
    more = changed.count(_LINE_FEED, begins, len(changed) - same) - (last - first)
    placed = []
    for each in found:
        old = known.get(each)
        if old is None or (old.file == seen.texts.name and first <= old.line <= last):
            return None
        behind = old.file == seen.texts.name and old.line > last
        placed.append(old.at(old.line + more, old.column) if behind else old)
    order = {name: position for position, name in enumerate(seen.texts.contents)}
    placed.sort(key=lambda p: (order.get(p.file, 0), p.line, p.column))
    return tuple(dict.fromkeys(placed))


def _alone(data: bytes, key: str, name: str) -> Any:
    """An entry read by itself as a model; None where it cannot be cut out or anything is wrong with it."""
    span = slices.entry(data, key, name)
    if span is None:
        return None
    try:
        text = events.decoded(span.of(data) + b"...\n", name)
        plain, structural = events.build(text.encode(), name)
        odd = [*structural, *events.characters(text, name), *privacy.private(text, name)]
        if odd or not isinstance(plain, list) or len(plain) != 1 or plain[0].get("id") != name:
            return None
        return _adapter(_item_kinds()[key]).validate_python(plain[0])
    except (events.Cut, ValidationError):
        return None


class _Reading:
    """One read: gathers the problems, and where in its file each id stands."""

    def __init__(self, given: Texts, told: Callable[[float], None] | None = None) -> None:
        self.given = given
        self.told = told
        self.letters = 0
        self.problems: list[Problem] = []
        self.positions: dict[tuple[str, str], int] = {}
        self.source_names: dict[str, str] = {}
        self.claimed: dict[str, set[str]] = {key: set() for key in LISTS if key != "corrections"}
        self.file = given.name
        self.parts: dict[Any, Any] = {}

    def registry(self) -> Registry | None:
        file = self._file(self.given.registry, self.given.name, RegistryFile)
        sources = [self._source(name, data) for name, data in self.given.sources.items()]
        if file is None:
            return None
        left_out = {key: frozenset(ids) - {e.id for e in getattr(file, key)} for key, ids in self.claimed.items()}
        left_out["sources"] = frozenset(Path(name).stem for name in self.given.sources) - self.source_names.keys()
        return Registry(file=file, sources=tuple(source for source in sources if source), left_out=left_out)

    def _source(self, name: str, data: bytes) -> Source | None:
        source: Source | None = self._file(data, name, Source)
        if source is None:
            return None
        if source.id != Path(name).stem:
            found = f"the id {source.id} is not the name of its file"
            self.problems.append(Problem(name, ("id",), found, f"rename the file to {source.id}.yaml or mend the id"))
        if source.id in self.source_names:
            found = f"the id {source.id} is already in {self.source_names[source.id]}"
            self.problems.append(Problem(name, ("id",), found, "give each source an id of its own"))
            return None
        self.source_names[source.id] = name
        return source

    def _file(self, data: bytes, name: str, kind: type) -> Any:
        self.file = name
        try:
            text = events.decoded(data, name)
            odd = list(events.characters(text, name)) + list(privacy.private(text, name))
            self.problems.extend(odd)
            self.letters = len(text)
            del text
            plain, structural = events.build(data, name, self._item if kind is RegistryFile else None)
        except events.Cut as cut:
            self.problems.append(cut.problem)
            return None
        self.problems.extend(structural)
        if isinstance(plain, dict) and kind is RegistryFile:
            for key in LISTS:
                if isinstance(plain.get(key), list):
                    plain[key] = [value for value in plain[key] if value is not None]
        return self._valid(kind, plain, ())

    def _item(self, key: str, position: int, value: Any, at: int) -> Any:
        """A list item of the registry as a model, or None where it has a problem."""
        if self.told and position % _TOLD_EVERY == 0:
            self.told(at / self.letters)
        if key not in LISTS:
            return value
        if key in self.claimed and isinstance(value, dict) and isinstance(name := value.get("id"), str):
            self._claim(key, position, name)
        made = self._valid(_item_kinds()[key], value, (key, position))
        if key == _RECORDS and made:
            self._share(made)
        return made

    def _share(self, record: Recommendation) -> None:
        """Gives a record the parts that one before it has, where they are equal: of a long list, in which few bodies
        ask and answer the same way, that is most of the memory.
        """
        for name in _PARTS:
            if part := getattr(record, name):
                object.__setattr__(record, name, self.parts.setdefault(part, part))

    def _claim(self, key: str, position: int, name: str) -> None:
        """Note where an id stands; a second one, after case folding, is a problem."""
        self.claimed[key].add(name)
        if (first := self.positions.setdefault((key, wording.folded(name)), position)) != position:
            found = f"the id {name!r} is already that of entry {first + 1} under {key}"
            self.problems.append(
                Problem(
                    self.file,
                    (key, position, "id"),
                    found,
                    "ids are unique, whatever the case: rename one",
                    record=name,
                )
            )

    def _valid(self, kind: type, plain: Any, path: tuple[str | int, ...]) -> Any:
        try:
            return _adapter(kind).validate_python(plain)
        except ValidationError as error:
            record = plain.get("id", "") if isinstance(plain, dict) and path else ""
            self.problems.extend(wording.problems(error, kind, self.file, path, record))
            return None


def _sound(registry: Registry, problems: list[Problem]) -> Registry:
    """The registry without the records and evidence that have an error, and what depends on something left out."""
    bad: dict[str, set[str]] = {"evidence": set(), "recommendations": set()}
    for problem in problems:
        if problem.severity == "error" and len(problem.path) > 1 and problem.path[0] in bad:
            bad[str(problem.path[0])].add(str(problem.path[1]))
    registry = _without(registry, "evidence", bad["evidence"])
    records = registry.file.recommendations
    if any(registry.left_out.values()):
        bad["recommendations"] |= {record.id for record in records if rules.depends_on_left_out(registry, record)}
    return _without(registry, "recommendations", bad["recommendations"])


def _without(registry: Registry, key: str, bad: set[str]) -> Registry:
    held: tuple[Any, ...] = getattr(registry.file, key)
    kept = tuple(entry for entry in held if entry.id not in bad)
    if len(kept) == len(held):
        return registry
    left_out = {**registry.left_out, key: registry.left_out[key] | bad}
    changed: dict[str, Any] = {key: kept}
    return replace(registry, file=replace(registry.file, **changed), left_out=left_out)


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _item_kinds() -> dict[str, type]:
    return {key: wording.field_kinds(RegistryFile)[key] for key in LISTS}


def content(path: Path) -> bytes:
    """The content of an ordinary file. Raises Unreadable, and never waits for a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise Unreadable(f"{path}: not an ordinary file; give the path of a registry file")
            return file.read(events.MAX_BYTES + 1)
    except FileNotFoundError:
        raise Unreadable(
            f"{path}: there is no such file; give another with --registry, or start one with init"
        ) from None
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}; see who may read it with ls -l") from None


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection while many values are made and none becomes garbage (measured: twice as fast)."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
