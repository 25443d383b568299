"""What happened between two days: statuses that moved, and the dated facts behind them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dashboard.progress.rows import Row, rows
from dashboard.registry.model import Registry, Status, StepState
from dashboard.registry.scalars import Clock, Day, Text


class What(StrEnum):
    """The kind of a dated fact."""

    ASKED = "asked"
    ASSESSED = "assessed"
    STEP = "step"
    FUNDING = "funding"
    SETBACK = "setback"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Event:
    """One dated fact of a record."""

    on: Day
    record: str
    what: What
    text: Text | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A record whose headline status differs between two days; `was` is None where it is new."""

    row: Row
    was: Status | None


def moves(registry: Registry, earlier: Clock, later: Clock) -> list[Move]:
    """Records whose status differs between the two days, new ones included."""
    before = {row.id: row.status for row in rows(registry, earlier)}
    return [Move(row, before.get(row.id)) for row in rows(registry, later) if before.get(row.id) is not row.status]


def events(registry: Registry, row: Row, clock: Clock) -> list[Event]:
    """The dated facts of a record up to the clock's day, the oldest first."""
    return sorted((e for e in _dated(registry, row) if clock.has(e.on)), key=lambda event: event.on.first)


def _dated(registry: Registry, row: Row) -> Iterator[Event]:
    record = row.record
    if asked := registry.asked_on(record):
        yield Event(asked, record.id, What.ASKED)
    for given in record.assessments:
        if given.withdrawn:
            continue
        repeats = given.status is Status.PROMISED and given.as_of == asked
        if given.status is not Status.NOTHING_FOUND and not repeats:
            yield Event(given.as_of, record.id, What.ASSESSED, given.note, Status(given.status))
    for step in record.steps:
        if step.on and step.state is StepState.DONE:
            yield Event(step.on, record.id, What.STEP, step.step)
    for money in record.funding:
        if money.on:
            yield Event(money.on, record.id, What.FUNDING, money.purpose)
    for setback in record.setbacks:
        yield Event(setback.on, record.id, What.SETBACK, setback.what)
    for answer in record.answers:
        yield Event(answer.on, record.id, What.ANSWER, answer.text)


def between(found: list[Event], after: date, until: date) -> list[Event]:
    """The events after one day and up to another, the newest first."""
    kept = [event for event in found if after < event.on.last and event.on.first <= until]
    return sorted(kept, key=lambda event: event.on.first, reverse=True)


def last_look(registry: Registry, clock: Clock) -> Day | None:
    """The newest day on which anybody looked at anything."""
    looks = [a.assessed_on for r in registry.file.recommendations for a in r.assessments]
    looks += [c.on for r in registry.file.recommendations for c in r.checks]
    return max((day for day in looks if day.first <= clock.today), key=lambda day: day.first, default=None)


def newest_page(registry: Registry, clock: Clock) -> Day | None:
    """The date of the newest page among the evidence: what came later is unknown here."""
    pages = [e.published for e in registry.file.evidence if e.published and clock.has(e.published)]
    return max(pages, key=lambda day: day.first, default=None)
