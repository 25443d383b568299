"""The right of reply: what an institution was asked, what it answered, until when it is waited for, what comes next.

Pure functions of points, a registry and a clock. Nothing is sent from here: who asks, and how, is entered as
`asked` of a point, and that alone makes anybody late.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from dashboard.progress.rows import Row
from dashboard.progress.status import SETTLED, AnswerState, answer_by, answer_state
from dashboard.registry.grounds import ADDRESSED_ROLES, bodies_above, in_line
from dashboard.registry.model import Answer, Asked, Registry
from dashboard.registry.scalars import Clock

Entry = TypeVar("Entry", Asked, Answer)


class Next(StrEnum):
    """What whoever wants an answer does next."""

    SEND = "send"
    WAIT = "wait"
    ASK_AGAIN = "ask-again"
    NOTHING = "nothing"


_NEXT: Mapping[AnswerState, Next] = {
    AnswerState.NOBODY_ASKED: Next.SEND,
    AnswerState.WAITING: Next.WAIT,
    AnswerState.OVERDUE: Next.ASK_AGAIN,
    AnswerState.ANSWERED: Next.NOTHING,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """One point. `asked` and `answers` in the order of their days; `whom`: of whom an answer is wanted.

    `until`: the last day on which an answer to the newest request comes in time; None where nobody was asked.
    `above`: the bodies above whoever was asked last, the nearest first: whom to turn to where it stays silent.
    """

    row: Row
    state: AnswerState
    asked: tuple[Asked, ...]
    answers: tuple[Answer, ...]
    until: date | None
    whom: str
    above: tuple[str, ...]

    @property
    def next(self) -> Next:
        """Of what is settled nobody asks for a first answer any more."""
        if self.state is AnswerState.NOBODY_ASKED and self.row.status in SETTLED:
            return Next.NOTHING
        return _NEXT[self.state]

    @property
    def last(self) -> Asked | None:
        """The newest request."""
        return self.asked[-1] if self.asked else None


def reply(row: Row, registry: Registry, clock: Clock, actor: str = "") -> Reply:
    """What was asked and answered on a point; with an actor, by it, its parts and the bodies above it alone."""
    record = row.record
    asked = _told(record.asked, [each.actor for each in record.asked], registry, clock, actor)
    answers = _told(record.answers, [each.by for each in record.answers], registry, clock, actor)
    acting = (each.actor for each in record.actors if each.role in ADDRESSED_ROLES)
    whom = actor or (asked[-1].actor if asked else next(acting, ""))
    return Reply(
        row=row,
        state=answer_state(asked, answers, registry.rules, clock),
        asked=asked,
        answers=answers,
        until=answer_by(asked[-1].on.first, registry.rules) if asked else None,
        whom=whom,
        above=bodies_above(registry, asked[-1].actor if asked else whom),
    )


def _told(
    entries: Sequence[Entry], bodies: Sequence[str], registry: Registry, clock: Clock, actor: str
) -> tuple[Entry, ...]:
    """The entries up to the clock's day whose body, of the same place, is in one line with the actor."""
    kept = (
        entry
        for entry, body in zip(entries, bodies, strict=True)
        if clock.has(entry.on) and (not actor or in_line(registry, body, actor))
    )
    return tuple(sorted(kept, key=lambda entry: entry.on.first))


def replies(rows: Iterable[Row], registry: Registry, clock: Clock, actor: str) -> tuple[Reply, ...]:
    """What was asked of an institution and answered on each point; what presses most first: the first
    one's next step is the institution's.
    """
    order = list(_PRESSES)
    found = (reply(row, registry, clock, actor) for row in rows)
    return tuple(sorted(found, key=lambda each: (order.index(each.state), each.until or date.max)))


_PRESSES = (AnswerState.OVERDUE, AnswerState.NOBODY_ASKED, AnswerState.WAITING, AnswerState.ANSWERED)


@dataclass(frozen=True, slots=True)
class Tally:
    """Of how many points each is true. `asked`: asked at least once, whatever came of it."""

    points: int
    asked: int
    answered: int
    waiting: int
    overdue: int

    @property
    def never(self) -> int:
        """Neither asked nor answered."""
        return self.points - self.answered - self.waiting - self.overdue


def tally(of: Sequence[Reply]) -> Tally:
    counted = Counter(each.state for each in of)
    return Tally(
        len(of),
        sum(bool(each.asked) for each in of),
        *(counted[state] for state in (AnswerState.ANSWERED, AnswerState.WAITING, AnswerState.OVERDUE)),
    )
