"""Rows of tables that others keep, by a MAP, into a registry of its own or into messages for the inbox.

Nothing is written here. Every record that is made is read by the reader of registries and asked by all
of its rules; a row whose record has a problem is rejected with that problem, told at its cell. The same
files always make the same registry, byte for byte.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, get_args

from dashboard.inputs import laid, sheets
from dashboard.inputs.filling import Filling, Names, Values, Wrong, filled, looked_up
from dashboard.inputs.mapping import EVIDENCE, Group, Many, Map, Node, columns_of, template
from dashboard.inputs.mapping import Mapping as Mapped
from dashboard.inputs.remarks import Remark, Unfit
from dashboard.inputs.sheets import WHY, Line, Progress, Sheet, silent
from dashboard.registry import inbox, privacy
from dashboard.registry.inbox import Saying
from dashboard.registry.model import (
    Actor,
    AnswerPosition,
    AssessedStatus,
    Instrument,
    Publisher,
    Registry,
    Source,
    Theme,
)
from dashboard.registry.problems import Problem, nearest, shown
from dashboard.registry.reader import REGISTRY_NAME
from dashboard.registry.scalars import LANGUAGES, T


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not taken, with all that is wrong with it."""

    sheet: Sheet
    line: Line
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows. `files` of a registry, or `messages` for the inbox, each with its row."""

    read: int
    rejected: tuple[Rejected, ...]
    notes: tuple[Remark, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    """What else can be counted: repeats, entries left out; in the order in which it is told."""
    files: laid.Files = field(default_factory=dict)
    registry: Registry | None = None
    warnings: tuple[Problem, ...] = ()
    messages: tuple[tuple[inbox.Message, Sheet, Line], ...] = ()


@dataclass(slots=True, eq=False)
class _Draft:
    """The record of a row. `plain`: what the row itself says; `made`: as it stands among the others, and its text."""

    sheet: Sheet
    line: Line
    key: str
    plain: dict[str, Any]
    refers: frozenset[str]
    asked: frozenset[str]
    evidence: dict[str, Any] | None
    apart: str
    left_out: tuple[str, ...]
    lost: tuple[Remark, ...]
    made: dict[str, Any] = field(default_factory=dict)
    repeats: bool = False
    text: str = ""


def records(paths: Sequence[Path], mapped: Mapped, today: date, progress: Progress = silent) -> Imported:
    """The registry that the rows of the files make, by a MAP with a record. Raises Unreadable, Unfit."""
    assert mapped.record
    tables = _tables(paths, mapped, progress)
    names = _names(mapped.map)
    filling = Filling(mapped.map, names, _lookups(mapped, paths[0].parent))
    drafts, rejected = _drafted(tables, mapped, filling, progress)
    made = _Made(mapped, names, drafts, rejected, today, progress)
    files, loaded = made.sound()
    notes = [note for table in tables for note in (*table.notes, *_unread(table, mapped))]
    notes += [remark for draft in made.standing for remark in draft.lost]
    notes += [_alike(pair, mapped.name) for each in names.values() for pair in each.alike]
    left_out = Counter(each for draft in made.standing for each in draft.left_out)
    counts = {
        "records made": len(made.standing),
        "repeats linked to the first": sum(draft.repeats for draft in made.standing),
        **dict(made.new()),
        **dict(sorted(left_out.items(), key=lambda pair: (-pair[1], pair[0]))),
    }
    order = {table.file: n for n, table in enumerate(tables)}
    rejected = sorted(made.rejected, key=lambda row: (order[row.sheet.file], row.line.number))
    return Imported(
        read=sum(len(table.lines) for table in tables),
        rejected=tuple(rejected),
        notes=tuple(notes),
        counts=counts,
        files=files,
        registry=loaded.registry,
        warnings=tuple(p for p in loaded.problems if p.severity == "warning"),
    )


def messages(
    paths: Sequence[Path],
    mapped: Mapped,
    registry: Registry,
    today: date,
    progress: Progress = silent,
    waiting: Iterable[inbox.Message] = (),
) -> Imported:
    """The messages that the rows of the files make, by a MAP with a message; none twice, nor again what is `waiting`.

    Raises Unreadable, Unfit.
    """
    assert mapped.message
    tables = _tables(paths, mapped, progress)
    bodies = Names("bodies")
    for actor in registry.file.actors:
        bodies.add(actor.id, (actor.name.en, actor.name.ru, actor.name.kk))
    filling = Filling(mapped.map, {"bodies": bodies}, _lookups(mapped, paths[0].parent))
    there, known = set(waiting), []
    made, rejected, empty = [], [], 0
    for table, line in _lines(tables, progress):
        told, remarks = _message(table, line, mapped, filling, registry, today)
        if remarks:
            rejected.append(Rejected(table, line, remarks))
        elif told is None:
            empty += 1
        elif told in there:
            known.append(Remark(table.place(line), "is in the inbox already", "it is not made again", "", "warning"))
        else:
            there.add(told)
            made.append((told, table, line))
    return Imported(
        read=sum(len(table.lines) for table in tables),
        rejected=tuple(rejected),
        notes=(*(note for table in tables for note in (*table.notes, *_unread(table, mapped))), *known),
        counts={
            "messages made": len(made),
            "in the inbox already": len(known),
            "rows in which nothing was filled in": empty,
        },
        messages=tuple(made),
    )


# --- tables and what the MAP needs of them ------------------------------------------------------------


def _tables(paths: Sequence[Path], mapped: Mapped, progress: Progress) -> list[Sheet]:
    """The tables, in which all columns are that the MAP names. Raises Unreadable, Unfit."""
    tables = []
    for path in paths:
        table = sheets.sheet(path, mapped.map.reads.format, progress)
        _named(table, mapped)
        tables.append(table)
    return tables


def _named(table: Sheet, mapped: Mapped) -> None:
    """Raises Unfit where columns are missing; one remark alone where it is for the same reason."""
    try:
        mapped.unknown(table.head)
    except Unfit:
        if len(table.head) > 1:
            raise
        reads = mapped.map.reads
        allowed = f"is the delimiter {reads.delimiter} right, and row {reads.head} the head? (reads: delimiter, head)"
        raise Unfit([Remark(table.where(1, 0), f"a head of one column, {shown(table.head[0])}", allowed)]) from None


def _unread(table: Sheet, mapped: Mapped) -> Iterator[Remark]:
    """Columns that the MAP does not use: told once, in one line."""
    used = {part.name for each in mapped.templates() for part in each.parts} | mapped.map.words.keys()
    used |= {WHY, *mapped.map.reads.beside}
    more = [name for name in table.head if name and name not in used]
    if more:
        yield Remark(
            table.where(1, 0),
            f"columns that the MAP does not name: {', '.join(more)}",
            "they are not read",
            "",
            "warning",
        )


def _lookups(mapped: Mapped, folder: Path) -> dict[str, Callable[[Values], str]]:
    """The second files, which lie beside the first. Raises Unreadable, Unfit."""
    found = {}
    for name, each in mapped.map.lookups.items():
        delimiter = "\t" if each.delimiter == "tab" else each.delimiter
        table = sheets.sheet(folder / each.file, sheets.Format(each.encoding, delimiter))
        wanted = (each.column, *(gives.column for gives in each.gives))
        if missing := [sheets.absent(table, column) for column in wanted if column not in table.head]:
            raise Unfit(missing)
        if faults := [table.remark(line, fault) for line in table.lines for fault in line.faults]:
            raise Unfit(faults)
        found[name] = looked_up(each, table.head, (line.cells for line in table.lines))
    return found


def _names(given: Map) -> dict[str, Names]:
    found = {kind: Names(kind) for kind in ("actors", "themes", "sources", "instruments")}
    for kind in ("actors", "themes", "instruments"):
        for each in getattr(given, kind):
            found[kind].add(each.id, (each.name.en, each.name.ru, each.name.kk))
    for source in given.sources:
        found["sources"].add(source.id, (source.title,))
    found["actors"].open, found["themes"].open = given.new_actors is not None, given.new_themes
    return found


def _alike(pair: tuple[str, str], name: str) -> Remark:
    found = f"{shown(pair[0])} and {shown(pair[1])} are taken for one, since they make the same id"
    return Remark(name, found, "name both in the MAP if they are two", severity="warning")


def _lines(tables: Iterable[Sheet], progress: Progress) -> Iterator[tuple[Sheet, Line]]:
    tables = list(tables)
    total, done = sum(len(table.lines) for table in tables), 0
    for table in tables:
        for line in table.lines:
            yield table, line
            done += 1
            if done % 500 == 0 or done == total:
                progress("rows read", done, total)


# --- a row and its record -----------------------------------------------------------------------------


_EVIDENCE_APART = "add {#} to the id of the evidence in the MAP"


def _drafted(
    tables: Sequence[Sheet], mapped: Mapped, filling: Filling, progress: Progress
) -> tuple[list[_Draft], list[Rejected]]:
    """The records that rows make, each by itself; and rows of which none can be made."""
    drafts: list[_Draft] = []
    rejected: list[Rejected] = []
    for table, line in _lines(tables, progress):
        draft, remarks = _draft(table, line, mapped, filling)
        if draft is None:
            rejected.append(Rejected(table, line, remarks))
        else:
            drafts.append(draft)
    return drafts, rejected


def _draft(table: Sheet, line: Line, mapped: Mapped, filling: Filling) -> tuple[_Draft | None, tuple[Remark, ...]]:
    """The record of a row; or what is wrong with the row."""
    assert mapped.record
    if line.faults:
        return None, tuple(table.remark(line, fault) for fault in line.faults)
    values = filling.values(table.head, line.cells)
    key = filling.key(values) or "\n".join(values.values())
    filling.marked(values, key)
    evidence = filling.part(mapped.evidence, values) if mapped.evidence else None
    values[EVIDENCE] = evidence["id"] if evidence else ""
    plain = filling.whole(mapped.record, values)
    if plain is None:
        # What is missing only because something else is wrong is no news.
        wrong = [each for each in filling.wrong if not each.missing] or filling.wrong
        return None, tuple(dict.fromkeys(_told(each, table, line, mapped) for each in wrong))
    apart = filled(template(mapped.map.apart, ()), values, mapped.map) if mapped.map.apart else ""
    left_out, lost = tuple(filling.left_out), tuple(_lost(table, line, mapped, filling, values))
    refers, asked = frozenset(filling.refers), frozenset(filling.asked)
    return _Draft(table, line, key, plain, refers, asked, evidence, apart, left_out, lost), ()


def _lost(table: Sheet, line: Line, mapped: Mapped, filling: Filling, values: Values) -> Iterator[Remark]:
    """Cells that were filled in and led to nothing."""
    patterns = [group for group in (mapped.record, mapped.evidence) if group]
    found = dict(filling.lost(patterns, values))
    for at in sorted(table.head.index(column) for column in found if column in table.head):
        column = table.head[at]
        said = f"{shown(values[column])} under {column} led to nothing"
        yield Remark(table.place(line, at), said, found[column], severity="warning")


def _beside(drafts: Iterable[_Draft], mapped: Mapped) -> tuple[list[_Draft], list[Rejected]]:
    """The drafts that can stand in one registry, with ids and links; and those whose id another one has.

    A row that says the same as an earlier one is linked to it.
    """
    beside: list[tuple[_Draft, dict[str, Any]]] = []
    aside: list[Rejected] = []
    seen: dict[str, tuple[str, int]] = {}
    taken: dict[str, _Draft] = {}
    shown_by: dict[str, _Draft] = {}
    for draft in drafts:
        made = dict(draft.plain)
        if draft.key in seen:
            first, times = seen[draft.key]
            seen[draft.key] = first, times + 1
            made["id"] = f"{first[:75]}-{times + 1}"
            made["related"] = [*made.get("related", ()), {"id": first, "relation": "repeats"}]
        wrong = None
        if other := taken.get(made["id"]):
            found = f"the id {made['id']} is that of {other.sheet.place(other.line)} already"
            wrong = Wrong(_node(mapped.record, ("id",)), found, "add {#} to the id in the MAP", "an id twice")
        elif (cites := draft.evidence) and (first_by := shown_by.setdefault(cites["id"], draft)).evidence != cites:
            place = first_by.sheet.place(first_by.line)
            found = f"the id {cites['id']} is that of other evidence, of {place}, already"
            wrong = Wrong(_node(mapped.evidence, ("id",)), found, _EVIDENCE_APART, "an id of evidence twice")
        if wrong:
            aside.append(Rejected(draft.sheet, draft.line, (_told(wrong, draft.sheet, draft.line, mapped),)))
            continue
        taken[made["id"]] = draft
        draft.repeats = draft.key in seen
        seen.setdefault(draft.key, (made["id"], 1))
        beside.append((draft, made))
    titles = Counter(_title(draft) for draft, _ in beside)
    for draft, made in beside:
        if titles[_title(draft)] > 1 and draft.apart:
            made["title"] = _told_apart(draft)
        if made != draft.made:
            draft.made, draft.text = made, ""
    return [draft for draft, _ in beside], aside


def _told_apart(draft: _Draft) -> Any:
    """A title that others have as well, and behind it, in brackets, what the MAP says."""
    title, more = draft.plain["title"], f" ({draft.apart})"
    return title + more if isinstance(title, str) else {name: text + more for name, text in title.items()}


def _title(draft: _Draft) -> str:
    title = draft.plain["title"]
    return (title if isinstance(title, str) else next(iter(title.values()))).casefold()


def _told(wrong: Wrong, table: Sheet, line: Line, mapped: Mapped) -> Remark:
    columns = [wrong.column] if wrong.column else columns_of(mapped, wrong.node) if wrong.node else []
    at = next((table.head.index(column) for column in columns if column in table.head), 0)
    return Remark(table.place(line, at), wrong.found, wrong.allowed, wrong.reason)


def _node(group: Node | None, path: Iterable[str | int]) -> Node | None:
    """The part of a pattern that fills in a field; where it has none, the part above it."""
    for name in path:
        if isinstance(group, Many) and isinstance(name, int):
            group = group.items[min(name, len(group.items) - 1)] if group.items else group
        elif isinstance(group, Group):
            group = dict(group.fields).get(str(name), group)
    return group


# --- the registry of all records ----------------------------------------------------------------------


class _Made:
    """The files of a registry, made of the drafts that stand before the reader and its rules."""

    def __init__(
        self,
        mapped: Mapped,
        names: Mapping[str, Names],
        drafts: list[_Draft],
        rejected: list[Rejected],
        today: date,
        progress: Progress,
    ) -> None:
        self.mapped = mapped
        self.names = names
        self.drafts = drafts
        self.standing: list[_Draft] = []
        self.rejected = rejected
        self.today = today
        self.progress = progress
        self.sources = {f"sources/{s.id}.yaml": laid.source(laid.plain(Source, s)) for s in mapped.map.sources}

    def sound(self) -> tuple[laid.Files, Any]:
        """The files and how they were read, without the rows whose records have an error. Raises Unfit."""
        while True:
            self.standing, aside = _beside(self.drafts, self.mapped)
            files = {REGISTRY_NAME: self._text(), **self.sources}
            self.progress("records checked", 0, 0)
            loaded = laid.read(files, self.today)
            errors = [problem for problem in loaded.problems if problem.severity == "error"]
            if not errors:
                self.rejected += aside  # only now: the row that was in the way may itself have been rejected
                return files, loaded
            self._reject(errors)

    def _text(self) -> bytes:
        head, given = self.mapped.map.registry, self.mapped.map
        assert head
        for n, draft in enumerate(self.standing, 1):
            draft.text = draft.text or laid.entry(draft.made)
            if n % 500 == 0:
                self.progress("records laid out", n, len(self.standing))
        evidence = {d.evidence["id"]: d.evidence for d in self.standing if d.evidence}
        return laid.registry(
            {
                "version": "1",
                "title": laid.plain(T, head.title),
                "publisher": laid.plain(Publisher, head.publisher),
                "licence": head.licence,
            },
            {
                "themes": self._list("themes", Theme, given.themes),
                "actors": self._list("actors", Actor, given.actors),
                "instruments": [laid.entry(laid.plain(Instrument, each)) for each in given.instruments],
                "evidence": [laid.entry(each) for each in evidence.values()],
                "recommendations": (draft.text for draft in self.standing),
            },
        )

    def _list(self, kind: str, model: type, given: Iterable[Any]) -> list[str]:
        """Those of the MAP, then those that rows brought."""
        brought = map(laid.entry, self._brought(kind))
        return [*(laid.entry(laid.plain(model, each)) for each in given), *brought]

    def _brought(self, kind: str) -> Iterator[dict[str, Any]]:
        """The actors or themes that rows brought, as far as a row that stands names them."""
        language, new = self.mapped.map.language, self.mapped.map.new_actors
        used = {id for draft in self.standing for id in draft.refers}
        asked = {id for draft in self.standing for id in draft.asked}
        for id, name in sorted(self.names[kind].made.items()):
            if id in used:
                what = new.askers if new and new.askers and id not in asked else new
                more = {"kind": what.kind, "side": str(what.side)} if kind == "actors" and what else {}
                yield {"id": id, "name": name if language == "en" else {language: name}, **more}

    def new(self) -> Iterator[tuple[str, int]]:
        """How many actors and themes are made for what rows name, with some of their names."""
        for kind in ("actors", "themes"):
            found: dict[str, list[str]] = {}
            for each in self._brought(kind):
                what = f" ({each['kind']}, {each['side']})" if kind == "actors" else ""
                found.setdefault(what, []).append(self.names[kind].made[each["id"]])
            for what, names in sorted(found.items()):
                yield f"{kind} made{what}, such as {', '.join(names[:3])}", len(names)

    def _reject(self, errors: Iterable[Problem]) -> None:
        """Takes out the rows from which the errors come. Raises Unfit where one comes from the MAP itself."""
        found: dict[int, list[Remark]] = {}
        at = {draft.made["id"]: n for n, draft in enumerate(self.standing)}
        of_map = []
        for problem in errors:
            rows = list(self._rows(problem, at))
            if not rows:
                of_map.append(Remark(self.mapped.name, f"{problem.field}: {problem.found}", problem.allowed))
            for n in rows:
                found.setdefault(n, []).append(self._remark(problem, self.standing[n]))
        if of_map:
            raise Unfit(of_map)
        for n, remarks in sorted(found.items()):
            draft = self.standing[n]
            self.rejected.append(Rejected(draft.sheet, draft.line, tuple(dict.fromkeys(remarks))))
        gone = {self.standing[n] for n in found}
        self.drafts = [draft for draft in self.drafts if draft not in gone]

    def _rows(self, problem: Problem, at: Mapping[str, int]) -> Iterable[int]:
        match problem.path:
            case ("recommendations", int(n), *_):
                return [n]
            case ("recommendations", str(id), *_) if id in at:
                return [at[id]]
            case ("evidence", name, *_):
                entries = list(dict.fromkeys(d.evidence["id"] for d in self.standing if d.evidence))
                id = entries[name] if isinstance(name, int) else name
                return [n for n, draft in enumerate(self.standing) if draft.evidence and draft.evidence["id"] == id]
            case (("actors" | "themes") as kind, str(id), *_) if id in self.names[str(kind)].made:
                return [n for n, draft in enumerate(self.standing) if id in draft.refers]
        return []

    def _remark(self, problem: Problem, draft: _Draft) -> Remark:
        group = self.mapped.evidence if problem.path[0] == "evidence" else self.mapped.record
        field = problem.field if problem.path[0] in ("recommendations", "evidence") else str(problem.path[0])
        below = problem.path[2:] if problem.path[0] in ("recommendations", "evidence") else ()
        found = f"{field}: {problem.found}" if field else problem.found
        # E-mail addresses and telephone numbers are found in the text of the whole entry.
        cells = zip(draft.sheet.head, draft.line.cells, strict=False)
        column = "" if below else next((name for name, cell in cells if privacy.hidden(cell)), "")
        reason = f"{field or 'record'}: {problem.allowed}"
        wrong = Wrong(_node(group, below), found, problem.allowed, reason, column)
        return _told(wrong, draft.sheet, draft.line, self.mapped)


# --- messages ---------------------------------------------------------------------------------------

_CHOICES: Mapping[str, Iterable[str]] = {
    "kind": tuple(Saying),
    "shown_by": ("link", "document", "saw"),
    "status": get_args(AssessedStatus),
    "position": get_args(AnswerPosition),
    "language": LANGUAGES,
}
"""Fields of a message to the words that they can hold; however they are written, in capitals or with spaces."""


def _message(
    table: Sheet, line: Line, mapped: Mapped, filling: Filling, registry: Registry, today: date
) -> tuple[inbox.Message | None, tuple[Remark, ...]]:
    """What a row tells the editors; nothing where it was not filled in; or what is wrong with it."""
    assert mapped.message
    if line.faults:
        return None, tuple(table.remark(line, fault) for fault in line.faults)
    values = filling.values(table.head, line.cells)
    given = filling.part(Group(mapped.message.fields, frozenset(), mapped.message.path), values) or {}
    if not given.keys() - {"about", "language", "sign"}:
        return None, tuple(_told(wrong, table, line, mapped) for wrong in filling.wrong)
    if given.get("coalition"):
        given.setdefault("sign", inbox.Sign.COALITION)
    for name in _CHOICES.keys() & given.keys():
        given[name] = "-".join(given[name].casefold().split())
    wrong = list(filling.wrong)
    try:
        made = inbox.message({**given, "came_by": inbox.CameBy.SLIP}, today, registry)
    except inbox.Unclear as unclear:
        nodes, bodies = dict(mapped.message.fields), registry.actors
        choices = {**_CHOICES, "about": registry.records, "body": bodies, "whose": bodies}
        for name, fault in unclear.faults.items():
            node = nodes.get(name)
            called = next(iter(columns_of(mapped, node)), name) if node else name
            found = f"{called} {shown(given[name])}" if given.get(name) else f"nothing for {called}"
            allowed, reason = str(fault), f"{called}: {fault}"
            if name in choices:
                allowed = nearest(given.get(name, ""), choices[name])
                reason = f"unknown {called}" if given.get(name) else found
            wrong.append(Wrong(node, found, allowed, reason))
    if wrong:
        return None, tuple(_told(each, table, line, mapped) for each in wrong)
    return made, ()
