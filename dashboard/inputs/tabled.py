"""The tables that `export all csv`, `xlsx` and `datapackage` write, back into the registry they came from.

The other way round of outputs/tables.py and outputs/columns.py: columns become fields by the classes of
the model, lines of a point's lists go back to their place `n`. What is computed is not read. The tables
belong together, so nothing is made of them while any line has a problem.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from functools import partial
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from zipfile import ZipFile

from dashboard.inputs import archives, laid, sheets
from dashboard.inputs.importing import Imported
from dashboard.inputs.mapping import Mapping as Mapped
from dashboard.inputs.remarks import Remark, Unfit
from dashboard.inputs.sheets import Fault, Format, Line, Progress, Sheet, silent
from dashboard.outputs.columns import FREE, conditions_of, lines_of
from dashboard.outputs.tables import FIRST, LAST, NAMES, columns
from dashboard.registry import model
from dashboard.registry.model import ConditionMet, RegistryFile
from dashboard.registry.problems import Path as At
from dashboard.registry.problems import Problem, nearest, shown
from dashboard.registry.reader import REGISTRY_NAME
from dashboard.registry.scalars import LANGUAGES, Day, Text
from dashboard.registry.wording import field_name

Fields = dict[str, Any]

OF_POINTS: Mapping[str, tuple[str, type]] = {
    "actors-of-records": ("actors", model.Addressed), "origins": ("origin", model.Origin),
    "alignments": ("alignments", model.Alignment), "steps": ("steps", model.Step),
    "answers": ("answers", model.Answer), "asked": ("asked", model.Asked), "funding": ("funding", model.Funding),
    "assessments": ("assessments", model.Assessment), "checks": ("checks", model.Check),
    "setbacks": ("setbacks", model.Setback), "related": ("related", model.Related),
}  # fmt: skip
"""Table to the list of a point that it holds."""

LISTS: Mapping[str, type] = {
    "themes": model.Theme, "actors": model.Actor, "instruments": model.Instrument, "evidence": model.Evidence,
    "corrections": model.Correction,
}  # fmt: skip
POINTS = ("records", "retired")
RENAMED: Mapping[str, Mapping[str, str]] = {"related": {"id": "related"}, "sources": {"licence": "licence_of_source"}}


def registry(paths: Sequence[Path], mapped: Mapped, today: date, progress: Progress = silent) -> Imported:
    """The registry of the tables: of files, of a folder, a zip or a workbook. Raises Unreadable, Unfit."""
    parts = [part for path in paths for part in _parts(path, mapped.map.reads.format, progress)]
    if remarks := list(_not_whole(parts, str(paths[0]))):
        raise Unfit(remarks)
    tables = {part.name: part.read() for part in parts}
    reading = _Reading(tables)
    files = reading.files()
    if reading.remarks:
        raise Unfit(reading.remarks)
    progress("records checked", 0, 0)
    loaded = laid.read(files, today)
    if errors := [problem for problem in loaded.problems if problem.severity == "error"]:
        raise Unfit(map(reading.remark, errors))
    return Imported(
        read=sum(len(table.lines) for table in tables.values()),
        rejected=(),
        notes=tuple(note for table in tables.values() for note in (*table.notes, *_unlike(table))),
        counts={"records made": len(loaded.registry.file.recommendations) if loaded.registry else 0},
        files=files,
        registry=loaded.registry,
        warnings=tuple(loaded.problems),
    )


# --- the tables -------------------------------------------------------------------------------------

_IN_ZIP = re.compile(r"[^/]+\.csv|datapackage\.json|README\.(txt|md)")


@dataclass(frozen=True, slots=True)
class _Part:
    """What may be a table, before it is read."""

    name: str
    place: str
    read: Callable[[], Sheet]


def _parts(path: Path, form: Format, progress: Progress) -> Iterator[_Part]:
    def csv(name: str, place: str, content: Callable[[], bytes]) -> _Part:
        return _Part(name, place, lambda: sheets.csv_sheet(content(), place, name, form))

    if path.is_dir():
        for each in sorted(path.glob("*.csv")):
            yield csv(each.stem, str(each), partial(sheets.content, each))
        return
    data = sheets.content(path)
    if data.lstrip(b"\xef\xbb\xbf\r\n\t ")[:1] in (b"{", b"[") or data.startswith(b"PAR1"):
        raise _one_way(path)
    if data[:2] != b"PK":
        yield csv(path.stem, str(path), lambda: data)
        return
    names = set(archives.opened(data, str(path), archives.ANY, "a zip").namelist())
    if "xl/workbook.xml" in names:
        from dashboard.inputs import workbooks  # brings openpyxl
        from dashboard.outputs.workbook import READ_ME

        for name, read in workbooks.every(data, str(path), form, progress):
            if name != READ_ME:
                yield _Part(name, f"{path}:{name}", read)
    else:
        if any(name.endswith((".json", ".parquet")) for name in names - {"datapackage.json"}):
            raise _one_way(path)
        archive = archives.opened(data, str(path), _IN_ZIP, "a zip of our tables")
        for inside in archive.namelist():
            if inside.endswith(".csv"):
                yield csv(inside.removesuffix(".csv"), f"{path}/{inside}", partial(_unzipped, archive, inside, path))


def _one_way(path: Path) -> Unfit:
    allowed = "give what export all writes as csv, xlsx or datapackage"
    return Unfit([Remark(str(path), "JSON and Parquet cannot be brought back", allowed)])


def _unzipped(archive: ZipFile, name: str, path: Path) -> bytes:
    return b"".join(archives.pieces(archive, name, str(path)))


def _not_whole(parts: Sequence[_Part], given: str) -> Iterator[Remark]:
    """What would be lost without a word: tables that nothing is named after, second ones, and those not there."""
    seen: dict[str, str] = {}
    for part in parts:
        if part.name not in NAMES:
            allowed = f"rename it or take it away; {nearest(part.name, NAMES)}"
            yield Remark(part.place, f"there is no table {shown(part.name)}", allowed)
        elif part.name in seen:
            found = f"a second table {part.name}, beside {seen[part.name]}"
            yield Remark(part.place, found, "give each table once")
        seen.setdefault(part.name, part.place)
    if missing := [name for name in NAMES if name not in seen]:
        allowed = "give all that export all writes as csv, xlsx or datapackage; to leave one out, give its head alone"
        yield Remark(given, f"no table {', '.join(missing)}", allowed)


def _unlike(table: Sheet) -> Iterator[Remark]:
    """Columns that are not those of the table."""
    known = {FIRST, *LAST, *(column.name for column in columns(table.name))}
    if more := [name for name in table.head if name and name not in known]:
        yield Remark(
            table.where(1, 0), f"columns that no table has: {', '.join(more)}", "they are not read", "", "warning"
        )
    # Of a day only what was written is read, not the first and last days that follow from it.
    read = [each.name for each in columns(table.name) if not each.computed and each.kind != "day"]
    if less := [name for name in read if name not in table.head]:
        found = f"columns that are missing: {', '.join(less)}"
        yield Remark(table.where(1, 0), found, "they are taken as empty", "", "warning")


# --- columns into fields ----------------------------------------------------------------------------


def _group(kind: type, cells: Mapping[str, str], prefix: str = "", renamed: Mapping[str, str] = {}) -> Fields:
    """The fields of a class that a line holds; what is empty is left out, but for lists that must be there."""
    hints, made = get_type_hints(kind), {}
    for each in fields(kind):
        name, hint = prefix + renamed.get(each.name, each.name), _plain(hints[each.name])
        needed = each.name in kind.__pydantic_fields__ and kind.__pydantic_fields__[each.name].is_required()  # type: ignore[attr-defined]
        value = _value(hint, cells, name, each.name in FREE)
        if value or (value == [] and needed and get_origin(hint) is tuple and not is_dataclass(get_args(hint)[0])):
            made[field_name(each)] = value
    return made


def _value(hint: Any, cells: Mapping[str, str], name: str, free: bool) -> Any:
    if hint is Text:
        return _text(cells, name)
    if get_origin(hint) is tuple:
        inner, cell = get_args(hint)[0], cells.get(name, "")
        if inner is ConditionMet:
            return [{"condition": number, "evidence": list(ids)} for number, ids in conditions_of(cell)]
        if is_dataclass(inner):
            return None
        return list(lines_of(cell)) if free else cell.split()
    if is_dataclass(hint) and hint is not Day and isinstance(hint, type):
        return _group(hint, cells, f"{name}_")
    value = cells.get(name, "")
    return "" if hint is bool and value == "false" else value


def _text(cells: Mapping[str, str], name: str) -> Fields:
    made: Fields = {language: text for language in LANGUAGES if (text := cells.get(f"{name}_{language}", ""))}
    if origin := cells.get(f"{name}_from"):
        made["from"] = origin
    if drafts := cells.get(f"{name}_drafts"):
        made["drafts"] = drafts.split()
    return made


def _plain(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return next(kind for kind in get_args(hint) if kind is not type(None))
    return hint


# --- lines into a registry --------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    """Gathers what is wrong, and from which line each entry of the registry comes."""

    tables: Mapping[str, Sheet]
    remarks: list[Remark] = field(default_factory=list)
    lines: dict[At, tuple[Sheet, Line]] = field(default_factory=dict)
    """By the place of an entry in its list, and by its id: problems name either."""
    places: dict[str, int] = field(default_factory=dict)

    def files(self) -> laid.Files:
        head = self._head()
        lists = {name: self._list(name, kind) for name, kind in LISTS.items() if name != "corrections"}
        points = self._points()
        lists["recommendations"] = points
        lists["corrections"] = self._list("corrections", model.Correction)
        files = {f"sources/{each.get('id', '')}.yaml": laid.source(each) for each in self._sources()}
        return {REGISTRY_NAME: laid.registry(head, {k: map(laid.entry, v) for k, v in lists.items()}), **files}

    def remark(self, problem: Problem) -> Remark:
        """A problem of the registry that was made, at the cell from which it comes."""
        at = problem.path if problem.file == REGISTRY_NAME else ("sources", Path(problem.file).stem, *problem.path)
        found = f"{problem.field}: {problem.found}" if problem.field else problem.found
        for cut in range(len(at), -1, -1):
            if at[:cut] in self.lines:
                table, line = self.lines[at[:cut]]
                names = "_".join(str(part) for part in at[cut:] if isinstance(part, str))
                column = next((n for n, name in enumerate(table.head) if names and name.startswith(names)), 0)
                return Remark(table.place(line, column), found, problem.allowed)
        return Remark(next(iter(self.tables.values())).file, found, problem.allowed)

    def _rows(self, name: str) -> Iterator[tuple[Sheet, Line, dict[str, str]]]:
        if table := self.tables.get(name):
            for line in table.lines:
                self.remarks += [table.remark(line, fault) for fault in line.faults]
                yield table, line, dict(zip(table.head, line.cells, strict=False))

    def _wrong(self, table: Sheet, line: Line, column: str, found: str, allowed: str) -> None:
        at = table.head.index(column) if column in table.head else 0
        self.remarks.append(table.remark(line, Fault(at, found, allowed, "")))

    def _number(self, table: Sheet, line: Line, cells: Mapping[str, str]) -> int:
        text = cells.get("n", "")
        if text.isdecimal() and len(text) < 10:
            return int(text)
        self._wrong(table, line, "n", f"the place {shown(text)}", "a whole number from 1")
        return 0

    def _head(self) -> Fields:
        for table, line, cells in self._rows("registry"):
            made = _group(RegistryFile, {**cells, "licence": cells.get("licence", "")})
            self.lines[()] = table, line
            order = ("version", "title", "publisher", "licence", "rules")
            return {name: made[name] for name in order if name in made}
        self.remarks.append(Remark(self.tables["registry"].file, "no line in the table registry", "it has one"))
        return {}

    def _list(self, name: str, kind: type) -> list[Fields]:
        """The entries of a list of the registry, in their places."""
        found = []
        for table, line, cells in self._rows(name):
            found.append((self._number(table, line, cells), table, line, _group(kind, cells)))
        return self._placed(name, found)

    def _placed(self, name: str, found: list[tuple[int, Sheet, Line, Fields]]) -> list[Fields]:
        found.sort(key=lambda each: each[0])
        for at, (_, table, line, made) in enumerate(found):
            self.lines[name, at] = table, line
            if "id" in made:
                self.lines[name, made["id"]] = table, line
        return [made for _, _, _, made in found]

    def _points(self) -> list[Fields]:
        found = [
            (self._number(table, line, cells), table, line, _group(model.Recommendation, cells))
            for name in POINTS
            for table, line, cells in self._rows(name)
        ]
        points = self._placed("recommendations", found)
        by_id = {each.get("id", ""): each for each in points}
        self.places = {id: n for n, id in enumerate(by_id)}
        for name, (to, kind) in OF_POINTS.items():
            renamed = RENAMED.get(name, {})
            self._entries(
                by_id, name, {"": to}, lambda cells, kind=kind, renamed=renamed: _group(kind, cells, renamed=renamed)
            )
        self._entries(by_id, "questions", {"": "open_questions"}, lambda cells: _text(cells, "text"))
        self._entries(by_id, "conditions", _LIMBS, lambda cells: _text(cells, "text"))
        names = [each.name for each in fields(model.Recommendation)]
        return [{name: each[name] for name in names if name in each} for each in points]

    def _entries(self, points: Mapping[str, Fields], name: str, to: Mapping[str, str], made: Any) -> None:
        """The lines of a table into the lists of their points; `to`: the list, by the limb where there are two."""
        found: dict[tuple[str, str], list[tuple[int, Sheet, Line, Any]]] = {}
        for table, line, cells in self._rows(name):
            record, limb = cells.get("record", ""), cells.get("limb", "") if len(to) > 1 else ""
            if record not in points:
                self._wrong(table, line, "record", f"{shown(record)} is no record", nearest(record, points))
            elif limb not in to:
                self._wrong(table, line, "limb", f"the limb {shown(limb)}", nearest(limb, to))
            else:
                found.setdefault((record, to[limb]), []).append(
                    (self._number(table, line, cells), table, line, made(cells))
                )
        for (record, into), entries in found.items():
            entries.sort(key=lambda each: each[0])
            points[record][into] = [each[3] for each in entries]
            for at, (_, table, line, _) in enumerate(entries):
                for name_or_place in (record, self.places[record]):
                    self.lines["recommendations", name_or_place, into, at] = table, line

    def _sources(self) -> Iterable[Fields]:
        passages: dict[str, list[tuple[int, Fields]]] = {}
        for table, line, cells in self._rows("decisions"):
            if cells.get("tracked") == "false":
                kept = _group(model.NotTrackedPassage, cells)
                passages.setdefault(cells.get("source", ""), []).append((self._number(table, line, cells), kept))
        made = []
        for table, line, cells in self._rows("sources"):
            each = _group(model.Source, cells, renamed=RENAMED["sources"])
            if found := passages.get(each.get("id", "")):
                each["not_tracked"] = [passage for _, passage in sorted(found, key=lambda pair: pair[0])]
            self.lines["sources", each.get("id", "")] = table, line
            made.append(each)
        return made


_LIMBS = {"done-when": "done_when", "beyond-test": "beyond_test"}
