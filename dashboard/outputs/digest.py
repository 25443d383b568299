"""What happened since a day, short enough for a chat or a newsletter: as plain text, and as a page without script.

Its numbers are those of What changed. Nothing is left out in silence: what a list is too short for is
counted. What stands in the text is safe to paste: no sign of the registry's words marks up a message.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dashboard.language import words
from dashboard.outputs import chosen, pages, telling
from dashboard.outputs.telling import said
from dashboard.outputs.view import View
from dashboard.progress.agenda import last_asked
from dashboard.progress.changes import Comparison, Move, What
from dashboard.progress.planning import Coming, dues
from dashboard.progress.rows import Row
from dashboard.progress.status import AnswerState
from dashboard.registry.problems import visible
from dashboard.registry.scalars import Text, day

DAYS = 28
"""How far back it tells where no day is named, and how far ahead it looks for what falls due."""

SINCE = "since"
"""Key of an address: the day from which on it tells."""

MOST_LINES = 40
MOST_LETTERS = 300
"""Of one line: an answer may be long, and its page holds it in full."""

_SHOWN = (5, 4, 3, 2, 1)
"""Points of a list: as many as leave the whole within MOST_LINES lines."""

_MARKS = str.maketrans("*_`~[]<>|#@", "∗＿'∼()‹›¦＃＠")
"""What chats and mail programs take for marking up or a call to all, by what looks alike and does nothing. A bare
address stays one: whoever sends the digest reads it first."""


@dataclass(frozen=True, slots=True)
class Section:
    """A list: what it is, how many points, and a line for each of those that are shown with its address."""

    heading: str
    n: int
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """`told`: what changed, in one sentence; `sides`: where all stand; `more`: the address that shows it in full."""

    title: str
    told: str
    note: str
    sections: tuple[Section, ...]
    sides: tuple[str, ...]
    version: str
    more: str


def digest(view: View, since: date) -> Digest:
    """What the selection of `view` shows between `since` and the day that is shown."""
    tr, later = view.tr, view.clock.as_of
    both = replace(view, filters=replace(view.filters, since=since, until=later))
    found = pages.compared(both)
    title = telling.said(view, view.registry.file.title)
    return Digest(
        title=f"{title} · {chosen.line(view)}" if view.filters.narrows else title,
        told=telling.moves(tr, found, since, later),
        note=_note(view, found),
        sections=tuple(_sections(both, found)),
        sides=tuple(
            tr(
                "{side}: {parts}.",
                side=tr(words.side(view.registry, side)),
                parts=tr.list([said for _, said in telling.status_parts(tr, held)]),
            )
            for side, held in view.kept.side_sums.items()
        ),
        version=telling.version(view),
        more=both.lasting("/changes") if view.origin else "",
    )


def since(view: View) -> date:
    """The day that an address asks for; four weeks before the one that is shown where it names none, or a later one."""
    try:
        wanted = day(view.asked(SINCE)).first
    except ValueError:
        wanted = date.max
    shown = view.clock.as_of
    return wanted if wanted <= shown else shown - timedelta(days=DAYS)


def _note(view: View, found: Comparison) -> str:
    """When nothing moved: what that means; else nothing."""
    if found.forward or found.back or found.new or found.evidence:
        return ""
    none = view.tr("That we found none does not mean that there was none.")
    if not found.looked:
        return none
    return f"{none} {view.tr('We last looked on {date}.', date=view.tr.day(found.looked))}"


def _sections(view: View, found: Comparison) -> Iterator[Section]:
    """What there is of each kind, what moved first."""
    for heading, lines in (*_of_the_past(view, found), *_to_come(view)):
        if lines:
            yield Section(heading, len({record for _, record in lines}), tuple(lines))


Lines = list[tuple[str, str]]


def _of_the_past(view: View, found: Comparison) -> Iterator[tuple[str, Lines]]:
    tr = view.tr
    back = [event for each in found.taken_back for event in each.facts if event.what is What.WITHDRAWN]
    answers = [event for each in (*found.moves, *found.evidence) for event in each.facts if event.what is What.ANSWER]
    yield tr("Forward"), [_moved(view, each) for each in found.forward]
    yield tr("Back"), [_moved(view, each) for each in found.back]
    yield tr("Neither forward nor back"), [_moved(view, each) for each in found.neither]
    yield tr("Newly asked or promised"), [_stands(view, each.row) for each in found.new]
    yield tr("New evidence, same status"), [_stands(view, each.row) for each in found.evidence]
    yield tr("Judgements taken back"), [_worded(view, each.record, each.text) for each in back]
    yield tr("Corrections"), [_worded(view, each.record, each.now) for each in found.corrected]
    gone = [_worded(view, each.row.id, each.retired.reason if each.retired else None) for each in found.gone]
    yield tr("No longer tracked"), gone
    yield tr("Answers that came"), [_worded(view, each.record, each.text) for each in answers]
    yield tr("Looked at, nothing new"), [(_title(view, row.id), row.id) for row in found.quiet]


def _to_come(view: View) -> Iterator[tuple[str, Lines]]:
    tr, today = view.tr, view.clock.as_of
    until = today + timedelta(days=DAYS)
    soon = [each for each in dues(view.kept.rows) if today <= each.on <= until]
    yield tr("Falls due in the coming {n} days", n=tr.number(DAYS)), [_due(view, each) for each in soon]
    waiting = [row for row in view.kept.rows if row.standing.answer in (AnswerState.WAITING, AnswerState.OVERDUE)]
    asked = [(row, last_asked(row)) for row in waiting]
    yield (
        tr("Waits for an answer"),
        [
            (tr("{title}: asked on {date}, no answer yet", title=_title(view, row.id), date=tr.day(on)), row.id)
            for row, on in asked
            if on
        ],
    )


def _moved(view: View, move: Move) -> tuple[str, str]:
    assert move.was
    was, now = view.tr(words.STATUS[move.was]), telling.stands(view.tr, move.row.standing)
    return f"{_title(view, move.row.id)}: {was} → {now}", move.row.id


def _stands(view: View, row: Row) -> tuple[str, str]:
    return f"{_title(view, row.id)}: {telling.stands(view.tr, row.standing)}", row.id


def _due(view: View, each: Coming) -> tuple[str, str]:
    values = {"title": _title(view, each.row.id), "date": view.tr.date(each.on)}
    if each.deadline:
        return view.tr("{title}: to be done by {date}", **values), each.row.id
    return view.tr("{title}: to be looked at by {date}", **values), each.row.id


def _worded(view: View, record: str, text: Text | None) -> tuple[str, str]:
    return f"{_title(view, record)}: {said(view, text)}" if text else _title(view, record), record


def _title(view: View, record: str) -> str:
    entry = view.registry.records.get(record)
    return said(view, entry.title) if entry else record


# --- as text --------------------------------------------------------------------------------------


def text(view: View, told: Digest) -> str:
    """The digest as lines of plain text, at most MOST_LINES: as many points of each list as leave room."""
    for shown in _SHOWN:
        lines = list(_lines(view, told, shown))
        if len(lines) <= MOST_LINES:
            break
    else:
        lines = [line for line in lines if line]
    return "\n".join(lines) + "\n"


def _lines(view: View, told: Digest, shown: int) -> Iterator[str]:
    tr = view.tr
    yield _plain(told.title)
    yield _plain(f"{told.told} {told.note}")
    for section in told.sections:
        *before, last = (f"– {_plain(line)}" for line, _ in section.lines[:shown])
        left = len(section.lines) - shown
        yield ""
        yield _plain(f"{section.heading} · {tr.count('{n} point', '{n} points', section.n)}")
        yield from before
        yield f"{last} {_plain(tr.count('… and {n} more', '… and {n} more', left))}" if left > 0 else last
    yield ""
    yield from map(_plain, (*told.sides, told.version))
    if told.more:
        yield told.more


def _plain(line: str) -> str:
    """One line without marks, of at most MOST_LETTERS."""
    return _short(visible(" ".join(line.split())).translate(_MARKS))


def _short(line: str) -> str:
    return line if len(line) <= MOST_LETTERS else f"{line[: MOST_LETTERS - 1].rstrip()}…"


# --- as a page --------------------------------------------------------------------------------------


def html(view: View, told: Digest) -> str:
    """The digest as a page of its own: no script, nothing to load; links only where the site is known."""
    return pages.drawn(
        "digest.html",
        view,
        told=told,
        shown=_SHOWN[0],
        address=lambda record: f"{view.origin}/r/{record}" if view.origin and record in view.registry.records else "",
        short=_short,
    )
