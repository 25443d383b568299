"""What happened since a day, short enough for a chat or a newsletter: as plain text, and as a page without script.

Its numbers are those of What changed. Nothing is left out in silence: what a list is too short for is
counted. What stands in the text is safe to paste: no sign of the registry's words marks up a message.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from dashboard.language import Translator, words
from dashboard.outputs import chosen, pages, telling
from dashboard.outputs.telling import name, said
from dashboard.outputs.view import View
from dashboard.progress.agenda import last_asked, overdue
from dashboard.progress.changes import Comparison, Move, What
from dashboard.progress.planning import Coming, coming
from dashboard.progress.rows import Row, by_side
from dashboard.progress.status import AnswerState
from dashboard.registry.problems import visible
from dashboard.registry.scalars import Text

DAYS = 28
"""How far back it tells where no day is named, and how far ahead it looks for what falls due."""

MOST_LINES = 40
_SHOWN = (5, 4, 3, 2, 1)
"""Points of a list: as many as leave the whole within MOST_LINES lines."""

_MARKS = str.maketrans("*_`~[]<>|#@", "∗＿'∼()‹›¦＃＠")
"""What chats and mail programs take for marking up, a link or a call to all, by what looks alike and does nothing."""


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
            tr("{side}: {parts}.", side=tr(words.side(view.registry, side)), parts=tr.list([said for _, said in telling.status_parts(tr, held)]))
            for side, held in by_side(view.kept.rows).items()
            if held
        ),
        version=telling.version(view),
        more=both.lasting("/changes") if view.origin else "",
    )


def _note(view: View, found: Comparison) -> str:
    """When nothing moved: what that means; else nothing."""
    if found.forward or found.back or found.new or found.evidence:
        return ""
    none = view.tr("That we found none does not mean that there was none.")
    if not found.looked:
        return none
    return f"{none} {view.tr('We last looked on {date}.', date=view.tr.day(found.looked))}"


def _sections(view: View, found: Comparison) -> Iterable[Section]:
    tr, day = view.tr, view.tr.day
    move = partial(_moved, view)
    back = [event for each in found.taken_back for event in each.facts if event.what is What.WITHDRAWN]
    answers = [event for each in (*found.moves, *found.evidence) for event in each.facts if event.what is What.ANSWER]
    titles = view.registry.records

    def of_record(record: str, text: Text | None) -> tuple[str, str]:
        about = said(view, titles[record].title) if record in titles else record
        return (f"{about}: {said(view, text)}" if text else about), record

    yield from _list(tr("Forward"), [move(each) for each in found.forward])
    yield from _list(tr("Back"), [move(each) for each in found.back])
    yield from _list(tr("Neither forward nor back"), [move(each) for each in found.neither])
    yield from _list(tr("Newly asked or promised"), [_where(view, each.row) for each in found.new])
    yield from _list(tr("New evidence, same status"), [_where(view, each.row) for each in found.evidence])
    yield from _list(tr("Judgements taken back"), [of_record(each.record, each.text) for each in back])
    yield from _list(tr("Corrections"), [of_record(each.record, each.now) for each in found.corrected])
    yield from _list(tr("No longer tracked"), [of_record(each.row.id, each.retired.reason if each.retired else None) for each in found.gone])
    yield from _list(tr("Answers of those who must act"), [of_record(each.record, each.text) for each in answers])
    yield from _list(tr("Looked at, nothing new"), [(said(view, row.record.title), row.id) for row in found.quiet])
    yield from _list(tr("Falls due by {date}", date=tr.date(view.clock.as_of + timedelta(days=DAYS))), [_due(view, each) for each in coming(view.kept.rows, view.clock.as_of, DAYS)])
    waiting = [row for row in view.kept.rows if row.standing.answer in (AnswerState.WAITING, AnswerState.OVERDUE)]
    yield from _list(tr("Waits for an answer"), [(tr("{title}: asked on {date}", title=said(view, row.record.title), date=day(asked)), row.id) for row in waiting if (asked := last_asked(row))])
