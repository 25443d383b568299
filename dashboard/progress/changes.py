"""What happened between two days: statuses that moved, and the dated facts behind them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from dashboard.progress.frame import frame
from dashboard.progress.rows import Row
from dashboard.registry.model import Correction, Registry, Retired, Side, Status, StepState
from dashboard.registry.scalars import Clock, Day, Text


class What(StrEnum):
    """The kind of a dated fact. The last two tell of the looking, not of what was asked."""

    ASKED = "asked"
    ASSESSED = "assessed"
    STEP = "step"
    FUNDING = "funding"
    SETBACK = "setback"
    ANSWER = "answer"
    LOOKED = "looked"
    WITHDRAWN = "withdrawn"


_OF_LOOKING = (What.LOOKED, What.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Event:
    """One dated fact of a record."""

    on: Day
    record: str
    what: What
    text: Text | None = None
    status: Status | None = None


class Direction(StrEnum):
    """Which way a status went."""

    FORWARD = "forward"
    BACK = "back"
    NEITHER = "neither"


PROGRESS: Mapping[Status, int] = {
    Status.NOT_ASSESSED: 0,
    Status.NOTHING_FOUND: 0,
    Status.NOT_STARTED: 0,
    Status.BLOCKED: 0,
    Status.REVERSED: 0,
    Status.REFUSED: 0,
    Status.PROMISED: 1,
    Status.IN_PROGRESS: 2,
    Status.ONGOING: 3,
    Status.PARTLY: 4,
    Status.IMPLEMENTED: 5,
}
"""How near a status is to what was asked, by the tests of METHODOLOGY.md (Status, rules 12 to 21): a
promise, a plan with owner and money or date, the conduct itself, one condition met, all met. The
others show no step towards it. Ours: the rules name the tests, not an order."""

STOPPED = (Status.BLOCKED, Status.REVERSED, Status.REFUSED)
"""Statuses that an act against the ask makes (rules 20 and 21)."""

UNKNOWN = (Status.NOT_ASSESSED, Status.NOTHING_FOUND)
"""Statuses that say what we know, not what was done (rules 12 and 13)."""


def direction(was: Status, now: Status) -> Direction:
    """Which way it went from one status to another.

    Back is also every arrival at a status that an act against the ask makes. Neither: what ends
    where nothing is known (somebody looked and found nothing, or took a judgement back: nobody did
    anything), and what changes without coming nearer, such as blocked, now refused; or refused, now
    shown not to have begun.
    """
    if now in STOPPED and was not in STOPPED:
        return Direction.BACK
    if now in UNKNOWN or PROGRESS[was] == PROGRESS[now]:
        return Direction.NEITHER
    return Direction.FORWARD if PROGRESS[was] < PROGRESS[now] else Direction.BACK


@dataclass(frozen=True, slots=True)
class Move:
    """A record on two days: where it stands on the later one, and its status on the earlier one.

    `was` is None where it is new; `facts` came in between, the oldest first.
    """

    row: Row
    was: Status | None
    facts: tuple[Event, ...] = ()

    @property
    def side(self) -> Side:
        return self.row.side

    @property
    def changed(self) -> bool:
        """Whether its status differs, or it is new."""
        return self.was is not self.row.status

    @property
    def direction(self) -> Direction | None:
        """None where it is new or has the same status."""
        return direction(self.was, self.row.status) if self.was and self.changed else None


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that counted on the earlier day, as it stood then, and no longer counts on the later one.

    `retired` is None where it is not in the later registry at all, or no longer dated so early.
    """

    row: Row
    retired: Retired | None

    @property
    def side(self) -> Side:
        return self.row.side


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two days differ.

    A record that differs stands in just one of `forward`, `back`, `neither`, `new`, `gone`; one with
    the same status and new dated facts in `evidence`; one that was but looked at in `quiet`. One that
    became due for a check stands in `due`, one of which a judgement was withdrawn in `taken_back`,
    wherever else it stands. `corrected`: what was said in public to have been wrong. `news`: the facts that tell of movement or of a setback, the newest first.

    `subjects`: on how many headline themes `moved` and `last` are, of all of them or, in a
    selection, of those that it has; 0 means that they are on every record compared. `last` is the
    last dated fact by the later day, `looked` the newest look, `newest` the newest page seen: the
    latter two only where the later day is today.
    """

    forward: tuple[Move, ...]
    back: tuple[Move, ...]
    neither: tuple[Move, ...]
    evidence: tuple[Move, ...]
    due: tuple[Row, ...]
    new: tuple[Move, ...]
    gone: tuple[Gone, ...]
    quiet: tuple[Row, ...]
    taken_back: tuple[Move, ...]
    corrected: tuple[Correction, ...]
    news: tuple[Event, ...]
    subjects: int
    moved: bool
    last: Event | None
    looked: Day | None
    newest: Day | None

    @property
    def moves(self) -> list[Move]:
        """Records whose status differs, and new ones."""
        return [*self.forward, *self.back, *self.neither, *self.new]


def compare(
    before: Registry, earlier: Clock, after: Registry, later: Clock, ids: frozenset[str] | None = None
) -> Comparison:
    """How `after` on the later day differs from `before` on the earlier one: all records, or those of `ids`.

    The same registry twice tells how it stood, two published versions what was said.
    """
    then = {row.id: row for row in frame(before, earlier).rows if ids is None or row.id in ids}
    now = [row for row in frame(after, later).rows if ids is None or row.id in ids]
    seen = [_move(before, then.get(row.id), earlier, after, row, later) for row in now]
    here = {row.id for row in now}
    news = _newest_first([event for move in seen for event in move.facts if _is_news(event, move)])
    subjects = {theme.id for theme in after.file.themes if theme.headline}
    if ids is not None:
        subjects &= {row.record.theme for row in now}
    followed = {row.id: row for row in now if not subjects or row.record.theme in subjects}
    facts = (e for row in followed.values() for e in _dated(after, row) if e.what is not What.ASKED and later.has(e.on))
    today = later.as_of == later.today
    return Comparison(
        forward=tuple(move for move in seen if move.direction is Direction.FORWARD),
        back=tuple(move for move in seen if move.direction is Direction.BACK),
        neither=tuple(move for move in seen if move.direction is Direction.NEITHER),
        evidence=tuple(m for m in seen if not m.changed and any(e.what not in _OF_LOOKING for e in m.facts)),
        due=tuple(row for row in now if row.standing.due and not (row.id in then and then[row.id].standing.due)),
        new=tuple(move for move in seen if move.was is None),
        gone=tuple(Gone(row, _retired(after, name)) for name, row in then.items() if name not in here),
        quiet=tuple(move.row for move in seen if _only_looked_at(move, earlier)),
        taken_back=tuple(move for move in seen if any(event.what is What.WITHDRAWN for event in move.facts)),
        corrected=tuple(_corrected(before, earlier, after, later, ids)),
        news=tuple(news),
        subjects=len(subjects),
        moved=any(event.record in followed and event.what is not What.SETBACK for event in news),
        last=max(facts, key=lambda event: event.on.first, default=None),
        looked=last_look(after, later, ids) if today else None,
        newest=newest_page(after, later) if today else None,
    )


def _move(before: Registry, then: Row | None, earlier: Clock, after: Registry, row: Row, later: Clock) -> Move:
    """A record with the facts that were not known of it on the earlier day.

    Of one that is new, those that are dated later: older steps may stand in it. A record that was the
    same on both days needs no comparing: of most, nothing came in between.
    """
    if before is after and then is not None and then.record is row.record:
        return Move(row, then.status)
    facts = [e for e in _facts(after, row, later) if e.what is not What.ASKED]
    if then is None:
        return Move(row, None, tuple(event for event in facts if not earlier.has(event.on)))
    known = Counter(_gist(event) for event in _facts(before, then, earlier))
    fresh = []
    for event in facts:
        if known[_gist(event)]:
            known[_gist(event)] -= 1
        else:
            fresh.append(event)
    return Move(row, then.status, tuple(fresh))


def _only_looked_at(move: Move, earlier: Clock) -> bool:
    """Whether somebody looked since the earlier day and found nothing that was new."""
    if move.changed or any(event.what is not What.LOOKED for event in move.facts):
        return False
    return bool(move.facts) or any(not earlier.has(check.on) for check in move.row.record.checks)


def _corrected(
    before: Registry, earlier: Clock, after: Registry, later: Clock, ids: frozenset[str] | None
) -> Iterator[Correction]:
    """Corrections that had not been made on the earlier day, the newest first."""
    known = [each for each in before.file.corrections if earlier.has(each.on)]
    for each in sorted(after.file.corrections, key=lambda each: each.on.first, reverse=True):
        if later.has(each.on) and each not in known and (ids is None or each.record in ids):
            yield each


def _gist(event: Event) -> tuple[str | None, ...]:
    """What makes two facts the same: a translation that was added since makes no new one."""
    words = event.text.held(event.text.original) if event.text else None
    return event.what, event.on.text, event.status, words


def _is_news(event: Event, move: Move) -> bool:
    """A look is none; an assessment is news only where it changed where the record stands."""
    if event.what is What.ASSESSED:
        return move.changed and event.status is move.row.status
    return event.what not in _OF_LOOKING


def _retired(registry: Registry, name: str) -> Retired | None:
    record = registry.records.get(name)
    return record.retired if record else None


def events(registry: Registry, row: Row, clock: Clock) -> list[Event]:
    """The dated facts of a record up to the clock's day, the oldest first."""
    return sorted((e for e in _dated(registry, row) if clock.has(e.on)), key=lambda event: event.on.first)


def _facts(registry: Registry, row: Row, clock: Clock) -> list[Event]:
    """The dated facts of a record and of the looks at it, the oldest first."""
    return sorted([*events(registry, row, clock), *_looks(row)], key=lambda event: event.on.first)


def _looks(row: Row) -> Iterator[Event]:
    """Looks that found nothing, on the last day that their places cover; judgements taken back.

    A row holds the record as it stood: what came later is not in it.
    """
    for given in row.record.assessments:
        if given.withdrawn:
            yield Event(given.withdrawn.on, row.id, What.WITHDRAWN, given.withdrawn.why, Status(given.status))
        elif given.status is Status.NOTHING_FOUND:
            yield Event(given.as_of, row.id, What.LOOKED, given.note, Status.NOTHING_FOUND)


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


def _newest_first(found: list[Event]) -> list[Event]:
    return sorted(found, key=lambda event: event.on.first, reverse=True)


def last_look(registry: Registry, clock: Clock, ids: frozenset[str] | None = None) -> Day | None:
    """The newest day on which anybody looked at anything, or at one of `ids`."""
    records = [r for r in registry.file.recommendations if ids is None or r.id in ids]
    looks = [a.assessed_on for r in records for a in r.assessments]
    looks += [c.on for r in records for c in r.checks]
    return max((day for day in looks if day.first <= clock.today), key=lambda day: day.first, default=None)


@lru_cache(maxsize=8)
def newest_page(registry: Registry, clock: Clock) -> Day | None:
    """The date of the newest page among the evidence: what came later is unknown here. Each record's page says it."""
    pages = [e.published for e in registry.file.evidence if e.published and clock.has(e.published)]
    return max(pages, key=lambda day: day.first, default=None)
