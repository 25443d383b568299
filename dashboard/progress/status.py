"""Where one record stands on one day: headline, how we know, last look, disagreement, movement.

Pure functions of a registry, a record and a clock; the rules are those of METHODOLOGY.md
("What heads a record", "How we know"). Nothing here reads a file, a clock or a session.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from dashboard.registry import grounds
from dashboard.registry.model import (
    Answer,
    Asked,
    Assessment,
    Kind,
    Known,
    Recommendation,
    Registry,
    Role,
    Rules,
    Side,
    Status,
    StepState,
)
from dashboard.registry.scalars import Clock, Day

OPEN_STATUSES = (Status.PROMISED, Status.IN_PROGRESS, Status.ONGOING, Status.PARTLY)
"""Statuses that can still move, and so are looked at more often."""

_CLAIMS_OF_DELIVERY = (Status.IMPLEMENTED, Status.PARTLY)
SETTLED = (Status.IMPLEMENTED, Status.REFUSED, Status.REVERSED)
"""Statuses after which nothing more is waited for."""


class Group(StrEnum):
    """Statuses that do not contradict each other (METHODOLOGY.md, What heads a record)."""

    NOT_MOVING = "not-moving"
    PROMISED = "promised"
    MOVING = "moving"
    PART = "part"
    DONE = "done"
    UNDONE = "undone"


GROUPS = {
    Status.NOT_STARTED: Group.NOT_MOVING,
    Status.BLOCKED: Group.NOT_MOVING,
    Status.REFUSED: Group.NOT_MOVING,
    Status.PROMISED: Group.PROMISED,
    Status.IN_PROGRESS: Group.MOVING,
    Status.ONGOING: Group.MOVING,
    Status.PARTLY: Group.PART,
    Status.IMPLEMENTED: Group.DONE,
    Status.REVERSED: Group.UNDONE,
}


class Difference(StrEnum):
    NONE = "none"
    DISAGREE = "disagree"
    AT_DIFFERENT_DATES = "at-different-dates"


class AnswerState(StrEnum):
    NOBODY_ASKED = "nobody-asked"
    WAITING = "waiting"
    OVERDUE = "overdue"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything computed about one record on one day.

    `headline` is the assessment that set the status, None where it was derived. `since` is the day
    from which the status has stood without a break, `as_of` the day of the newest evidence for it.
    `still_since` is the day of the last movement, None where it is settled or nobody judged it;
    `months_still` counts whole months from then, 0 where there is no such day. `suspect` are the judgements
    that stand although their wording or evidence has changed since they were made.
    """

    status: Status
    known: Known
    side: Side
    since: Day | None
    as_of: Day | None
    headline: Assessment | None
    checked_on: Day | None
    check_again_on: date | None
    due: bool
    testable: bool
    checked: bool
    own_word: bool
    says_delivered: bool
    looked_not_confirmed: bool
    last_seen_only: bool
    suspect: tuple[Assessment, ...]
    difference: Difference
    newest: tuple[Assessment, ...]
    still_since: Day | None
    months_still: int
    no_movement: bool
    answer: AnswerState

    @property
    def disagree(self) -> bool:
        return self.difference is Difference.DISAGREE


def in_force(registry: Registry, clock: Clock) -> list[Recommendation]:
    """The records that count on the clock's day: asked or promised by then, not retired."""
    return [record for record in registry.file.recommendations if counts(registry, record, clock)]


def counts(registry: Registry, record: Recommendation, clock: Clock) -> bool:
    asked = registry.asked_on(record)
    retired = record.retired is not None and clock.has(record.retired.on)
    return asked is not None and clock.has(asked) and not retired


def as_it_stood(record: Recommendation, clock: Clock) -> Recommendation:
    """The record with only those entries that count on the clock's day; undated ones stay."""
    if clock.as_of >= clock.today:
        return record
    kept: dict[str, Any] = {
        name: tuple(entry for entry in getattr(record, name) if entry.on is None or clock.has(entry.on))
        for name in ("steps", "answers", "asked", "funding", "checks", "setbacks")
    }
    known_then = tuple(
        replace(given, withdrawn=None) if given.withdrawn and not clock.has(given.withdrawn.on) else given
        for given in record.assessments
        if clock.has(given.as_of)
    )
    if known_then == record.assessments and all(len(kept[name]) == len(getattr(record, name)) for name in kept):
        return record  # nothing came later: of very many records that saves making each anew
    return replace(record, **kept, assessments=known_then)


def standing(registry: Registry, record: Recommendation, clock: Clock) -> Standing:
    """Where `record` stands on the clock's day (as of D: entries dated up to D)."""
    family = grounds.addressees(registry, record)
    seen = assessments(record, clock)
    newest = newest_by_assessor(seen)
    headline, own = _headline(newest, family)
    looked = _looked_in_vain(seen, newest)
    if headline is None and looked:
        headline = max(looked, key=_recency)
    status = shown_status(registry, record, headline, own)
    known = _known(registry, record, status, headline)
    as_of = headline.as_of if headline else (registry.asked_on(record) if status is Status.PROMISED else None)
    checked_on = _checked_on(record, seen, family, clock)
    again = checked_on.first + timedelta(days=term(registry, record, status)) if checked_on else None
    moved = _moved(registry, record, status, seen, clock) if headline else None
    months = months_between(moved.last, clock.as_of) if moved else 0
    return Standing(
        status=status,
        known=known,
        side=side(registry, record),
        since=_since(registry, record, status, clock, as_of),
        as_of=as_of,
        headline=headline,
        checked_on=checked_on,
        check_again_on=again,
        due=again is not None and again < clock.as_of,
        testable=testable(registry, record),
        checked=any(a.by not in family for a in seen),
        own_word=own and all(a.by in family for a in seen),
        says_delivered=status is Status.PROMISED
        and any(a.by in family and a.status in _CLAIMS_OF_DELIVERY for a in newest),
        looked_not_confirmed=bool(looked) and status is not Status.NOTHING_FOUND,
        last_seen_only=status is Status.ONGOING
        and as_of is not None
        and months_between(as_of.last, clock.as_of) >= registry.rules.ongoing_within_months,
        suspect=_suspect(registry, record, newest, headline),
        difference=difference(newest, registry.rules),
        newest=newest,
        still_since=moved,
        months_still=months,
        no_movement=months >= registry.rules.no_movement_months,
        answer=answer_state(record.asked, record.answers, registry.rules, clock),
    )


Likeness = tuple[object, ...]
Made = TypeVar("Made")


def likeness(registry: Registry, record: Recommendation) -> Likeness | None:
    """What a record that nobody has judged or looked at is told apart by: two of the same registry with the same
    likeness stand alike on every day. None of any other record.

    Of its parts it names which they are and not what they say, since that is compared much faster: the reader gives
    records with equal parts the same ones (reader.load).
    """
    if record.assessments or record.checks:
        return None
    told = record.origin if record.kind is Kind.COMMITMENT else None
    parts = (registry.asked_on(record), record.actors, record.answers, record.asked, record.steps, record.funding)
    return (record.kind, record.open_ended, bool(record.done_when), *map(id, (*parts, told, record.retired)))


def once_for_alike(registry: Registry, judge: Callable[[Recommendation], Made]) -> Callable[[Recommendation], Made]:
    """As `judge`, which is asked but once for all records of the same likeness; of one pass, while they are alive."""
    known: dict[Likeness, Made] = {}

    def judged(record: Recommendation) -> Made:
        like = likeness(registry, record)
        if like is None:
            return judge(record)
        if like not in known:
            known[like] = judge(record)
        return known[like]

    return judged


def assessments(record: Recommendation, clock: Clock) -> list[Assessment]:
    """The assessments that count on the clock's day: true by then, not withdrawn by then."""
    return [
        given
        for given in record.assessments
        if clock.has(given.as_of) and not (given.withdrawn and clock.has(given.withdrawn.on))
    ]


def newest_by_assessor(seen: Iterable[Assessment]) -> tuple[Assessment, ...]:
    """Each assessor's newest judgement, by `as_of`, then `assessed_on`; nothing-found takes no part."""
    newest: dict[str, Assessment] = {}
    for given in seen:
        if given.status is Status.NOTHING_FOUND:
            continue
        if given.by not in newest or _recency(given) >= _recency(newest[given.by]):
            newest.pop(given.by, None)  # the order is that of the judgements kept: the later wins a tie
            newest[given.by] = given
    return tuple(newest.values())


def _looked_in_vain(seen: list[Assessment], newest: tuple[Assessment, ...]) -> list[Assessment]:
    """The looks that found nothing, of those whose own newest judgement is not newer than the look."""
    judged = {given.by: given for given in newest}
    return [
        given
        for given in seen
        if given.status is Status.NOTHING_FOUND
        and (given.by not in judged or _recency(given) > _recency(judged[given.by]))
    ]


def _recency(given: Assessment) -> tuple[date, date]:
    return given.as_of.first, given.assessed_on.first


def _latest(given: Iterable[Assessment]) -> Assessment | None:
    """The newest; of equally new ones the later in the record."""
    best: Assessment | None = None
    for each in given:
        if best is None or _recency(each) >= _recency(best):
            best = each
    return best


def _headline(newest: tuple[Assessment, ...], family: frozenset[str]) -> tuple[Assessment | None, bool]:
    """The assessment that heads the record, and whether it is an addressee's own word."""
    if others := [given for given in newest if given.by not in family]:
        return _latest(others), False
    return _latest(newest), bool(newest)


def shown_status(registry: Registry, record: Recommendation, headline: Assessment | None, own: bool) -> Status:
    """Delivery claimed on its own word alone stays promised; an unassessed commitment is promised."""
    if headline is None:
        return Status.PROMISED if record.kind is Kind.COMMITMENT else Status.NOT_ASSESSED
    claims = own and headline.status in _CLAIMS_OF_DELIVERY
    if claims and grounds.known(registry, record, headline) not in (Known.OFFICIAL, Known.INDEPENDENT):
        return Status.PROMISED
    return Status(headline.status)


def _known(registry: Registry, record: Recommendation, status: Status, headline: Assessment | None) -> Known:
    if headline is not None:
        return grounds.known(registry, record, headline)
    if status is not Status.PROMISED:
        return Known.NONE
    return grounds.kind_of_origin(registry, record, record.origin[0])


def side(registry: Registry, record: Recommendation) -> Side:
    """The side of whoever must act; the rules see to it that there is but one."""
    return registry.actors[next(a.actor for a in record.actors if a.role is Role.MUST_ACT)].side


def testable(registry: Registry, record: Recommendation) -> bool:
    """Whether it has conditions that could be met: not open-ended, not asked of the public at large."""
    of_public = any(registry.actors[a.actor].kind == "public" for a in record.actors if a.role is Role.MUST_ACT)
    return bool(record.done_when) and not record.open_ended and not of_public


def _since(registry: Registry, record: Recommendation, status: Status, clock: Clock, as_of: Day | None) -> Day | None:
    """The first day of the unbroken run of the present status, replayed over the assessments."""
    since = as_of
    asked = registry.asked_on(record)
    days = {given.as_of.last: given.as_of for given in assessments(record, clock)}
    if asked:
        days.setdefault(asked.last, asked)
    for last in sorted(days, reverse=True):
        if last > clock.as_of:
            continue
        if _status_on(registry, record, Clock(last, clock.today)) is not status:
            break
        since = days[last]
    return since if status is not Status.NOT_ASSESSED else None


def _status_on(registry: Registry, record: Recommendation, clock: Clock) -> Status:
    seen = assessments(record, clock)
    headline, own = _headline(newest_by_assessor(seen), grounds.addressees(registry, record))
    if headline is None and seen:
        return Status.NOTHING_FOUND
    return shown_status(registry, record, headline, own)


def _checked_on(record: Recommendation, seen: list[Assessment], family: frozenset[str], clock: Clock) -> Day | None:
    """The newest look by anybody but an addressee."""
    looks = [given.assessed_on for given in seen if given.by not in family]
    looks += [check.on for check in record.checks if check.by not in family and clock.has(check.on)]
    return max(looks, key=lambda day: day.first, default=None)


def term(registry: Registry, record: Recommendation, status: Status) -> int:
    """Days after which a look at `record` is old: the rules', or its subject's own rhythm where that is shorter."""
    by_rule = _again_after(status, registry.rules)
    theme = registry.themes.get(record.theme)
    return min(by_rule, theme.check_every_days) if theme and theme.check_every_days else by_rule


def _again_after(status: Status, rules: Rules) -> int:
    days = rules.check_again_after_days
    return days.open if status in OPEN_STATUSES else days.other


def _suspect(
    registry: Registry, record: Recommendation, newest: tuple[Assessment, ...], headline: Assessment | None
) -> tuple[Assessment, ...]:
    """Of the judgements that stand, those of an earlier wording or earlier evidence."""
    standing = newest if headline is None or headline in newest else (*newest, headline)
    return tuple(given for given in standing if grounds.earlier(registry, record, given))


def difference(newest: tuple[Assessment, ...], rules: Rules) -> Difference:
    """Whether two assessors' newest statuses fall into different groups, and how far apart in time."""
    found = Difference.NONE
    for n, one in enumerate(newest):
        for other in newest[n + 1 :]:
            if GROUPS[Status(one.status)] is GROUPS[Status(other.status)]:
                continue
            apart = abs((one.as_of.first - other.as_of.first).days)
            shorter = min(_again_after(Status(each.status), rules) for each in (one, other))
            if apart <= shorter:
                return Difference.DISAGREE
            found = Difference.AT_DIFFERENT_DATES
    return found


def _moved(
    registry: Registry, record: Recommendation, status: Status, seen: list[Assessment], clock: Clock
) -> Day | None:
    """The day on which anything moved last: asked, a change of status, a step done, money decided.

    Repeating a promise is no movement (METHODOLOGY.md, rule 15); what is settled does not count.
    """
    asked = registry.asked_on(record)
    if status in (*SETTLED, Status.NOT_ASSESSED, Status.NOTHING_FOUND) or asked is None:
        return None
    moves = [asked]
    before: Status | None = None
    for given in sorted(seen, key=_recency):
        if given.status is not Status.NOTHING_FOUND:
            if (given.status is not before and given.status is not Status.PROMISED) or given.status is Status.ONGOING:
                moves.append(given.as_of)
            before = Status(given.status)
    moves += [s.on for s in record.steps if s.on and s.state is StepState.DONE and clock.has(s.on)]
    moves += [f.on for f in record.funding if f.on and f.stage in ("allocated", "paid") and clock.has(f.on)]
    return max(moves, key=lambda day: day.last)


def months_between(earlier: date, later: date) -> int:
    """Whole months from `earlier` to `later`; 0 where it is not later."""
    months = (later.year - earlier.year) * 12 + later.month - earlier.month - (later.day < earlier.day)
    return max(months, 0)


def year_before(day: date) -> date:
    """The same day a year earlier. 29 February has no anniversary in most years; the 28th has."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def answer_state(asked: Iterable[Asked], answers: Iterable[Answer], rules: Rules, clock: Clock) -> AnswerState:
    """Whether somebody answered the newest request, is still waited for, or was never asked; of entries up to the
    clock's day. An answer that nobody asked for counts as one.
    """
    newest = max((each.on.first for each in asked if clock.has(each.on)), default=None)
    answered = [answer.on for answer in answers if clock.has(answer.on)]
    if any(newest is None or day.last >= newest for day in answered):
        return AnswerState.ANSWERED
    if newest is None:
        return AnswerState.NOBODY_ASKED
    until = answer_by(newest, rules)
    return AnswerState.OVERDUE if clock.as_of > until else AnswerState.WAITING


def answer_by(asked: date, rules: Rules) -> date:
    """The last day on which an answer to what was asked on a day comes in time."""
    return asked + timedelta(days=rules.answer_within_days)
