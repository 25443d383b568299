"""Pictures of what the records add up to: one function a picture, from a frame to a Chart.

A picture and the table under it are made of the same small table, so they cannot disagree. Here
things are counted, named and given their addresses; drawing lays them out, palette colours them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import plotly.graph_objects as go

from dashboard.language import Translator, words
from dashboard.progress import drawing, palette, sums
from dashboard.progress.changes import Event, Move, What
from dashboard.progress.drawing import Bar, Group, Mark, capital, plain, said, wrapped
from dashboard.progress.filters import Filters
from dashboard.progress.frame import Frame
from dashboard.progress.palette import EVENT_LOOKS, ROLE_LOOKS, SHADE, STEP_LOOKS, Look, Part
from dashboard.progress.rows import STATUS_ORDER, Row
from dashboard.progress.status import Difference
from dashboard.progress.sums import Age
from dashboard.registry.model import EDITORS, Assessment, Kind, Known, Registry, Role, Status, StepState


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one field of the table under a picture: its text, and where it leads."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: `title` says the point that it makes; `head` and `lines` are the table under it.

    `name` is its id in an address and in the name of a file. `note` says what a reader must know to
    read it rightly. The figure is as high as it needs to be on a phone, where the legend takes the
    most lines; `slack` is how many pixels of that stay empty from 680 pixels of width up. Without
    lines the figure only says so.
    """

    name: str
    title: str
    alt: str
    head: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]
    figure: go.Figure
    note: str = ""

    @property
    def slack(self) -> int:
        return drawing.slack(self.figure)


@dataclass(frozen=True, slots=True)
class Pen:
    """What a picture is drawn with: the words of a language, and the way to an address.

    `link` gives the address of All points with a selection, which keeps day and language; `record`
    that of one record; `chosen` is the selection that the frame holds.
    """

    tr: Translator
    link: Callable[[Filters], str]
    record: Callable[[str], str]
    chosen: Filters = field(default_factory=Filters)


# --- the pictures -----------------------------------------------------------------------------------

MARKS_UP_TO = 200
ACTORS_UP_TO = 20
ROWS_UP_TO = 40
"""Records drawn a row each; the table under the picture holds all."""


def marks(frame: Frame, pen: Pen) -> Chart:
    """One mark a record, by side and status; bars by side where there are more than MARKS_UP_TO."""
    tr = pen.tr
    table = sums.by_status(frame, "side")
    parts = palette.statuses(table.columns, frame.rows, tr)
    bars = [
        _bar_of(tr(words.side(frame.registry, str(side))), counts, pen, pen.chosen.choosing("side", str(side)))
        for side, counts in table.iterrows()
    ]
    chart = _barred("marks", _most(table.sum(), tr), tr("Who must act"), bars, parts, tr)
    if not 0 < len(frame) <= MARKS_UP_TO:
        return chart
    sides = [
        (bar, [row for row in frame.rows if row.side == side]) for bar, side in zip(bars, table.index, strict=True)
    ]
    return replace(chart, figure=drawing.marked(sides, parts, tr, pen.record))


def themes(frame: Frame, pen: Pen) -> Chart:
    """A bar a theme, those with most points first, parts by status."""
    tr, names = pen.tr, frame.registry.themes
    table = sums.by_status(frame, "theme")
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    bars = [
        _bar_of(said(names[str(theme)].name, tr), counts, pen, pen.chosen.choosing("theme", str(theme)))
        for theme, counts in table.iterrows()
    ]
    moving = [s for s in (Status.IMPLEMENTED, Status.PARTLY, Status.IN_PROGRESS, Status.ONGOING) if s in table]
    moved = int(table[moving].any(axis=1).sum()) if moving else 0
    if moved:
        title = tr.count(
            "On {k} of {n} subject something is recorded as ongoing, under way or at least partly done",
            "On {k} of {n} subjects something is recorded as ongoing, under way or at least partly done",
            len(bars),
            k=tr.number(moved),
        )
    else:
        title = tr.count(
            "Nothing is recorded as ongoing, under way or done on the {n} subject shown",
            "Nothing is recorded as ongoing, under way or done on any of the {n} subjects shown",
            len(bars),
        )
    return _barred("themes", title, tr("Subject"), bars, palette.statuses(table.columns, frame.rows, tr), tr)


def known(frame: Frame, pen: Pen) -> Chart:
    """How we know: a bar a kind of knowing, parts by status."""
    tr = pen.tr
    table = sums.by_status(frame, "known")
    order = [kind for kind in (*list(Known)[:0:-1], Known.NONE) if kind in table.index]
    bars = [
        _bar_of(capital(tr(words.KNOWN[kind])), table.loc[kind], pen, pen.chosen.choosing("known", kind))
        for kind in order
    ]
    firm = sum(bar.total for bar, kind in zip(bars, order, strict=True) if kind in (Known.OFFICIAL, Known.INDEPENDENT))
    if firm:
        title = tr.count(
            "An official record or an independent check stands behind the status of {k} of {n} point",
            "An official record or an independent check stands behind the status of {k} of {n} points",
            len(frame),
            k=tr.number(firm),
        )
    else:
        title = tr.count(
            "Neither an official record nor an independent check stands behind the status of the {n} point shown",
            "Neither an official record nor an independent check stands behind the status of any of {n} points",
            len(frame),
        )
    return _barred("known", title, tr("How we know"), bars, palette.statuses(table.columns, frame.rows, tr), tr)


def looks(frame: Frame, pen: Pen) -> Chart:
    """How old the last look at each record is, and whether it is due for a check."""
    tr = pen.tr
    table, aged = sums.by_age(frame), sums.ages(frame)
    ids = dict(zip(frame.table.index, (row.id for row in frame.rows), strict=True))
    due = frame.table["due"]
    bars = []
    for age in Age:
        of_age = aged == age
        groups = {"never": of_age} if age is Age.NEVER else {"due": of_age & due, "fresh": of_age & ~due}
        held = {key: [ids[point] for point in aged.index[group]] for key, group in groups.items()}
        numbers = {key: sums.number(table, age, key) for key in groups}
        whole = _one([name for names in held.values() for name in names], pen)
        hrefs = {key: _one(names, pen) for key, names in held.items()}
        bars.append(Bar(_age(age, tr), numbers, hrefs, sum(numbers.values()), whole))
    parts = [
        palette.part("due", tr("due for a check"), Look(SHADE, "x", "circle"), tr),
        palette.part("fresh", tr("not due for a check"), Look(SHADE, "", "circle"), tr),
        palette.part("never", tr("nobody has looked"), Look(SHADE, "", "circle", filled=False), tr),
    ]
    chart = _barred("looks", _looked(bars, tr), tr("Last look"), bars if len(frame) else [], parts, tr)
    return replace(chart, note=tr("A look by those who must act is not counted."))


def actors(frame: Frame, pen: Pen) -> Chart:
    """A bar an actor that records name directly, those with most points first, parts by role."""
    tr = pen.tr
    found = sums.actors(frame, pen.chosen)
    parts = [
        palette.part(role, tr(words.ROLE[role]), ROLE_LOOKS[role], tr) for role in Role if found.direct[str(role)].any()
    ]
    bars = [_bar_of_actor(str(actor), found, frame.registry, pen) for actor in found.direct.index[:ACTORS_UP_TO]]
    chart = _barred("actors", _foremost(bars, len(frame), tr), tr("Actor"), bars, parts, tr)
    wholes = [_whole(str(actor), found, pen) for actor in found.direct.index[:ACTORS_UP_TO]]
    lines = [(*line, whole) for line, whole in zip(chart.lines, wholes, strict=True)]
    if rest := _rest(frame, found, parts, tr):
        lines.append(rest)
    return replace(
        chart,
        head=(*chart.head, tr("Together with its parts")),
        lines=tuple(lines),
        note=tr(
            "Here each body stands alone, without those that are part of it. A point may count for more than one actor, and for one actor in more than one part."
        ),
    )


def says(frame: Frame, pen: Pen) -> Chart:
    """Who says what: records that more than one assessor has judged, those who disagree first."""
    tr = pen.tr
    several = [row for row in frame.rows if len(row.standing.newest) > 1]
    order = [Difference.DISAGREE, Difference.AT_DIFFERENT_DATES, Difference.NONE]
    several.sort(key=lambda row: order.index(row.standing.difference))
    if not several:
        return _empty("says", tr("No point shown has been judged by more than one assessor"), tr)
    held = {given.status for row in several for given in row.standing.newest}
    parts = {part.key: part for part in palette.statuses(held, (), tr)}
    lines = [
        (
            Cell(said(row.record.title, tr), pen.record(row.id)),
            Cell(_assessor(given, frame.registry, tr)),
            Cell(parts[given.status].name),
            Cell(tr.day(given.as_of)),
            Cell(_difference(row, tr)),
        )
        for row in several
        for given in row.standing.newest
    ]
    groups = [_judged(row, frame.registry, parts, pen) for row in several[:ROWS_UP_TO]]
    disagree = sum(row.standing.disagree for row in several)
    title = tr.count(
        "Assessors disagree on {k} of {n} point that more than one has judged",
        "Assessors disagree on {k} of {n} points that more than one has judged",
        len(several),
        k=tr.number(disagree),
    )
    drawn = "; ".join(
        tr("{what}: {n}", what=cells[0].text, n=_told(cells[1:], tr)) for cells in lines[: len(groups) * 4]
    )
    head = (tr("Point"), tr("Assessor"), tr("Says"), tr("As of"), tr("Difference"))
    figure = drawing.along_time(groups, list(parts.values()), tr)
    return Chart("says", title, _alt(title, drawn, tr), head, tuple(lines), figure, _left_out(len(several), tr))


def steps(frame: Frame, pen: Pen) -> Chart:
    """Steps reached: a row a record that has steps, its steps in their order."""
    tr = pen.tr
    stepped = [row for row in frame.rows if row.record.steps]
    if not stepped:
        return _empty("steps", tr("No point shown has steps"), tr)
    held = {step.state for row in stepped for step in row.record.steps}
    parts = [palette.part(state, tr(words.STEP[state]), STEP_LOOKS[state], tr) for state in StepState if state in held]
    lines = [_stepped(row, parts, pen) for row in stepped]
    needed = [[s.state for s in row.record.steps if s.state is not StepState.NOT_NEEDED] for row in stepped]
    whole = sum(all(state is StepState.DONE for state in states) for states in needed)
    title = tr.count(
        "Of {n} point that has steps, {k} has no listed step still open; that does not make it done",
        "Of {n} points that have steps, {k} have no listed step still open; that does not make them done",
        len(stepped),
        k=tr.number(whole),
    )
    drawn = "; ".join(
        tr(
            "{what}: {n}",
            what=cells[0].text,
            n=tr.list([p.told(int(n)) for p, n in zip(parts, _states(row, parts), strict=True) if n]),
        )
        for row, cells in zip(stepped[:ROWS_UP_TO], lines, strict=False)
    )
    head = (tr("Point"), *(capital(part.name) for part in parts), tr("Steps"))
    figure = drawing.in_steps(stepped[:ROWS_UP_TO], parts, tr, pen.record)
    return Chart("steps", title, _alt(title, drawn, tr), head, tuple(lines), figure, _left_out(len(stepped), tr))


def timeline(row: Row, events: Sequence[Event], pen: Pen) -> Chart:
    """The dated facts of one record along time."""
    tr = pen.tr
    if not events:
        return _empty("timeline", tr("No dated fact is on record"), tr)
    parts = palette.statuses({event.status for event in events if event.status}, (), tr)
    parts += [
        palette.part(what, _happening(what, row, tr), look, tr)
        for what, look in EVENT_LOOKS.items()
        if any(event.what is what for event in events)
    ]
    named = {part.key: part for part in parts}
    marks, lines = [], []
    for event in events:
        part = named[event.status or event.what]
        told = said(event.text, tr) if event.text else ""
        label = told if told and not event.status else part.name
        marks.append(Mark(event.on, label, part, (tr.day(event.on), part.name, told), ""))
        lines.append((Cell(tr.day(event.on)), Cell(part.name), Cell(told)))
    title = tr.count(
        "{n} dated fact is on record, of {day}",
        "{n} dated facts are on record, the newest of {day}",
        len(events),
        day=tr.day(max(events, key=lambda event: event.on.first).on),
    )
    drawn = "; ".join(tr("{what}: {n}", what=on.text, n=what.text) for on, what, _ in lines)
    figure = drawing.along_time([Group((), tuple(marks))], parts, tr)
    head = (tr("Date"), tr("What"), tr("In words"))
    return Chart("timeline", title, _alt(title, drawn, tr), head, tuple(lines), figure)


def over_time(frame: Frame, pen: Pen) -> Chart:
    """How many records had which status at the end of each quarter, by what is known today."""
    tr = pen.tr
    course = sums.course(frame.registry, frame.clock)
    note = tr(
        "It draws when things were seen or told, not progress itself: each point changes on the date of its evidence."
    )
    table = course.counted(frame.ids if pen.chosen.narrows else None)
    last = table.iloc[-1]
    if not last.sum():
        return _empty("over-time", tr("No point fits this selection."), tr)
    table = table[table.sum(axis=1).cumsum() > 0]
    parts = palette.statuses(table.columns, frame.rows, tr)
    linked = _linked_days(course, pen.chosen)
    lines, bars = [], []
    days: list[date] = list(table.index)
    for on in days:
        counts = table.loc[on]
        chosen = pen.chosen if on == frame.clock.as_of else replace(pen.chosen, as_of=on)
        bar = _bar_of(tr.date(on), counts, pen, chosen if on in linked else None)
        bars.append(bar)
        lines.append(_line(bar, parts, tr))
    most = str(last.idxmax())
    title = tr.count(
        "By {day}, {n} point had been asked or promised; the status of {k} was “{status}”",
        "By {day}, {n} points had been asked or promised; the status of {k} of them was “{status}”",
        int(last.sum()),
        day=tr.date(frame.clock.as_of),
        k=tr.number(int(last[most])),
        status=tr(words.STATUS[Status(most)]),
    )
    drawn = _drawn([bars[n] for n in sorted({*range(0, len(bars), 4), len(bars) - 1})], parts, tr)
    head = (tr("At the end of"), *(part.name for part in parts), tr("All"))
    figure = drawing.columns(days, bars, parts, tr)
    return Chart("over-time", title, _alt(title, drawn, tr), head, tuple(lines), figure, note)


def moved(table: Sequence[Move], pen: Pen) -> Chart:
    """Status before to status now: a bar a status before, parts by status now."""
    tr = pen.tr
    if not table:
        return _empty("moved", tr("No point has another status than before"), tr)
    found = sums.by_move(table)
    parts = palette.statuses({now for _, now in found}, [move.row for move in table], tr)
    bars = []
    for was in (*STATUS_ORDER, None):
        if went := {now: rows for (before, now), rows in found.items() if before is was}:
            label = tr("Before: {status}", status=tr(words.STATUS[was])) if was else tr("Newly asked or promised")
            numbers = {str(now): len(rows) for now, rows in went.items()}
            hrefs = {str(now): _one([row.id for row in rows], pen) for now, rows in went.items()}
            everything = [row.id for rows in went.values() for row in rows]
            bars.append(Bar(label, numbers, hrefs, len(everything), _one(everything, pen)))
    new = sum(move.was is None for move in table)
    if not new:
        title = tr.count(
            "{n} point has another status than before", "{n} points have another status than before", len(table)
        )
    elif new == len(table):
        title = tr.count("{n} point is new", "{n} points are new", new)
    else:
        title = tr.count("{n} point is new or has another status than before", "{n} points are new or have another status than before", len(table))  # fmt: skip
    return _barred("moved", title, tr("Status before"), bars, parts, tr)


def picture(chart: Chart, source_line: str, tr: Translator) -> go.Figure:
    """The same picture to take away: title, note and source with it, black on white."""
    notes = [text for text in (chart.note, tr("Source: {source}", source=source_line)) if text]
    return drawing.to_take_away(chart.figure, chart.title, notes)


# --- bars and lines of tables -----------------------------------------------------------------------


def _bar_of(label: str, counts: Any, pen: Pen, chosen: Filters | None) -> Bar:
    """A bar of statuses, of the records that `chosen` selects; None where no address does."""
    numbers = {str(status): int(n) for status, n in counts.items() if n}
    hrefs = {status: pen.link(chosen.choosing("status", status)) for status in numbers} if chosen else {}
    return Bar(label, numbers, hrefs, sum(numbers.values()), pen.link(chosen) if chosen else "")


def _one(ids: Sequence[str], pen: Pen) -> str:
    """The address of a record that is the only one; no address selects several by their ids."""
    return pen.record(ids[0]) if len(ids) == 1 else ""


def _bar_of_actor(actor: str, found: sums.Actors, registry: Registry, pen: Pen) -> Bar:
    numbers = {role: n for role in map(str, Role) if (n := sums.number(found.direct, actor, role))}
    hrefs = {role: _to_actor(actor, role, found, pen) for role in numbers}
    label = said(registry.actors[actor].name, pen.tr)
    return Bar(label, numbers, hrefs, sums.number(found.direct, actor, "points"), _to_actor(actor, "", found, pen))


def _to_actor(actor: str, role: str, found: sums.Actors, pen: Pen) -> str:
    """The address of an actor's records, where it selects just those that name the actor itself."""
    column = role or "points"
    alike = {sums.number(table, actor, column) for table in (found.direct, found.direct_found, found.found)}
    if len(alike) > 1:
        return ""
    return pen.link(pen.chosen.choosing("actor", f"{actor}:{role}" if role else actor))


def _whole(actor: str, found: sums.Actors, pen: Pen) -> Cell:
    n = sums.number(found.whole, actor, "points")
    there = n == sums.number(found.found, actor, "points")
    return Cell(pen.tr.number(n), pen.link(pen.chosen.choosing("actor", actor)) if there else "")


def _rest(frame: Frame, found: sums.Actors, parts: Sequence[Part], tr: Translator) -> tuple[Cell, ...]:
    """The actors after the first ones in a line: how often they have each part, in how many points."""
    rest = found.direct.iloc[ACTORS_UP_TO:]
    if rest.empty:
        return ()
    label = tr.count("{n} more actor together", "{n} more actors together", len(rest))
    numbers = [Cell(tr.number(int(rest[part.key].sum()))) for part in parts]
    parties = frame.parties
    points = parties["point"][parties["direct"] & parties["actor"].isin(rest.index)].nunique()
    return (Cell(label), *numbers, Cell(tr.number(int(points))), Cell(""))


def _barred(name: str, title: str, first: str, bars: Sequence[Bar], parts: Sequence[Part], tr: Translator) -> Chart:
    """A chart of bars with its table, both of the same bars."""
    if not bars:
        return _empty(name, tr("No point fits this selection."), tr)
    head = (first, *(capital(part.name) for part in parts), tr("All"))
    lines = tuple(_line(bar, parts, tr) for bar in bars)
    return Chart(name, title, _alt(title, _drawn(bars, parts, tr), tr), head, lines, drawing.stacked(bars, parts, tr))


def _line(bar: Bar, parts: Sequence[Part], tr: Translator) -> tuple[Cell, ...]:
    numbers = [Cell(tr.number(bar.numbers.get(part.key, 0)), bar.hrefs.get(part.key, "")) for part in parts]
    return (Cell(bar.label, bar.href), *numbers, Cell(tr.number(bar.total), bar.href))


def _drawn(bars: Sequence[Bar], parts: Sequence[Part], tr: Translator) -> str:
    told = []
    for bar in bars:
        numbers = [part.told(bar.numbers[part.key]) for part in parts if bar.numbers.get(part.key)]
        told.append(tr("{what}: {n}", what=bar.label, n=tr.list(numbers) if numbers else tr.number(0)))
    return "; ".join(told)


def _empty(name: str, title: str, tr: Translator) -> Chart:
    return Chart(name, title, title, (), (), drawing.only_words(title))


def _judged(row: Row, registry: Registry, parts: Mapping[str, Part], pen: Pen) -> Group:
    tr = pen.tr
    title, differs = said(row.record.title, tr), _difference(row, tr)
    heading = [plain(line) for line in wrapped(title)] + ([f"<b>{plain(differs)}</b>"] if differs else [])
    marks = []
    for given in row.standing.newest:
        who, part = _assessor(given, registry, tr), parts[given.status]
        marks.append(Mark(given.as_of, who, part, (title, who, part.name, tr.day(given.as_of)), pen.record(row.id)))
    return Group(tuple(heading), tuple(marks))


def _states(row: Row, parts: Sequence[Part]) -> list[int]:
    return [sum(step.state == part.key for step in row.record.steps) for part in parts]


def _stepped(row: Row, parts: Sequence[Part], pen: Pen) -> tuple[Cell, ...]:
    tr, there = pen.tr, pen.record(row.id)
    numbers = [Cell(tr.number(n), there if n else "") for n in _states(row, parts)]
    return (Cell(said(row.record.title, tr), there), *numbers, Cell(tr.number(len(row.record.steps)), there))


def _linked_days(course: sums.Course, chosen: Filters) -> frozenset[date]:
    """The days on which an address shows just the records that are counted.

    What changes with time selects other records on another day; so does a record that is retired since.
    """
    if chosen.status or chosen.known or chosen.disagree or chosen.due:
        return frozenset(course.days[-1:])
    gone = course.gone() if chosen.narrows else [False] * len(course.days)
    return frozenset(on for on, lost in zip(course.days, gone, strict=True) if not lost)


# --- what they say ----------------------------------------------------------------------------------


def _most(counts: Any, tr: Translator) -> str:
    """The status that most records have, and how many; of equal ones the first in order."""
    if not len(counts):
        return tr("No point fits this selection.")
    most, n = Status(str(counts.idxmax())), int(counts.sum())
    if int(counts.max()) == n:
        return tr.count(
            "The status of the {n} point shown is “{status}”",
            "The status of all {n} points is “{status}”",
            n,
            status=tr(words.STATUS[most]),
        )
    return tr.count(
        "The status of {k} of {n} point is “{status}”",
        "The status of {k} of {n} points is “{status}”",
        n,
        k=tr.number(int(counts.max())),
        status=tr(words.STATUS[most]),
    )


def _foremost(bars: Sequence[Bar], points: int, tr: Translator) -> str:
    if not bars:
        return tr("No point fits this selection.")
    most = bars[0].total
    if len(bars) > 1 and bars[1].total == most:
        return tr.count(
            "No actor has a part in more than {k} of {n} point",
            "No actor has a part in more than {k} of {n} points",
            points,
            k=tr.number(most),
        )
    return tr.count(
        "“{actor}” itself has a part in {k} of {n} point, more than any other",
        "“{actor}” itself has a part in {k} of {n} points, more than any other",
        points,
        actor=bars[0].label,
        k=tr.number(most),
    )


def _looked(bars: Sequence[Bar], tr: Translator) -> str:
    points, never, due = sum(bar.total for bar in bars), bars[-1].total, sum(bar.numbers.get("due", 0) for bar in bars)
    if never:
        return tr.count(
            "No look by anybody but those who must act is on record for {k} of {n} point",
            "No look by anybody but those who must act is on record for {k} of {n} points",
            points,
            k=tr.number(never),
        )
    if due:
        return tr.count(
            "A new check is due for {k} of {n} point",
            "A new check is due for {k} of {n} points",
            points,
            k=tr.number(due),
        )
    return tr.count("The {n} point shown has been looked at and is not due for a new check", "All {n} points have been looked at and none is due for a new check", points)  # fmt: skip


def _age(age: Age, tr: Translator) -> str:
    match age:
        case Age.MONTH:
            return tr("Less than 1 month ago")
        case Age.QUARTER:
            return tr("1 to 3 months ago")
        case Age.HALF:
            return tr("3 to 6 months ago")
        case Age.YEAR:
            return tr("6 to 12 months ago")
        case Age.OLDER:
            return tr("12 months ago or longer")
    return tr("Nobody has looked")


def _happening(what: What, row: Row, tr: Translator) -> str:
    match what:
        case What.ASKED:
            return tr("Promised") if row.record.kind is Kind.COMMITMENT else tr("Asked")
        case What.STEP:
            return tr("Step done")
        case What.FUNDING:
            return tr("Money")
        case What.SETBACK:
            return tr("Setback")
    return tr("Answer")


def _difference(row: Row, tr: Translator) -> str:
    match row.standing.difference:
        case Difference.DISAGREE:
            return tr("Assessors disagree")
        case Difference.AT_DIFFERENT_DATES:
            return tr("They differ, at different dates")
    return ""


def _assessor(given: Assessment, registry: Registry, tr: Translator) -> str:
    if given.by == EDITORS:
        return tr("Editors")
    entry = registry.actors.get(given.by)
    return said(entry.name, tr) if entry else given.by


def _left_out(rows: int, tr: Translator) -> str:
    if rows <= ROWS_UP_TO:
        return ""
    return tr.count(
        "The picture shows the first {k} of {n} point; the table has all.",
        "The picture shows the first {k} of {n} points; the table has all.",
        rows,
        k=tr.number(ROWS_UP_TO),
    )


def _alt(title: str, drawn: str, tr: Translator) -> str:
    return tr("{title}. Drawn: {numbers}.", title=title.rstrip("."), numbers=drawn)


def _told(cells: Sequence[Cell], tr: Translator) -> str:
    return ", ".join(cell.text for cell in cells if cell.text)
