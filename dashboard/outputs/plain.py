"""Records as plain lines for a terminal and as plain values for other programs, in English."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from dashboard.progress.rows import Row
from dashboard.progress.status import Standing
from dashboard.registry.model import Registry, Side
from dashboard.registry.problems import counted
from dashboard.registry.scalars import Clock


def listed(found: Sequence[Row]) -> Iterator[str]:
    """Rows under a line for each side; duties of different sides are never added up."""
    wide = max((len(row.id) for row in found), default=0)
    for side in Side:
        of_side = [row for row in found if row.side is side]
        if of_side:
            yield (f"{side}: {counted(len(of_side), 'point')}")
        for row in of_side:
            now = row.standing
            when = f"as of {now.as_of}" if now.as_of else ""
            marks = [name for name, holds in (("disagree", now.disagree), ("due", now.due)) if holds]
            title, _ = row.record.title.shown("en")
            yield (
                f"  {row.id:{wide}}  {now.status:18} {now.known:11} {when:17} {title}"
                + "".join(f"  [{m}]" for m in marks)
            )
    if not found:
        yield "no points"


def summary(row: Row, registry: Registry) -> dict[str, Any]:
    """One row for other programs. Days are text, as they were written."""
    now, record = row.standing, row.record
    return {
        "id": record.id,
        "title": record.title.shown("en")[0],
        "kind": record.kind,
        "side": now.side,
        "theme": record.theme,
        "must_act": row.acting,
        "actors": [{"actor": a.actor, "role": a.role, "basis": a.basis} for a in record.actors],
        "asked_on": _text(registry.asked_on(record)),
        **computed(now),
    }


def computed(now: Standing) -> dict[str, Any]:
    """What is computed of a record, as other programs take it."""
    return {
        "status": now.status,
        "known": now.known,
        "since": _text(now.since),
        "as_of": _text(now.as_of),
        "checked_on": _text(now.checked_on),
        "due": now.due,
        "disagree": now.disagree,
        "testable": now.testable,
    }


def article(row: Row, registry: Registry, clock: Clock) -> Iterator[str]:
    """A point as a short text: what was asked, of whom, where it stands, what that rests on."""
    record, now = row.record, row.standing
    yield record.title.shown("en")[0]
    yield f"{record.id}: {record.kind}, {record.theme}"
    yield from _stands(row, registry, clock)
    for each in record.actors:
        yield f"  {each.role}: {_name(registry, each.actor)} ({each.basis})"
    for origin in record.origin:
        where = ", ".join(
            part
            for part in (origin.source, f"paragraph {origin.paragraph}" if origin.paragraph else "", origin.locator)
            if part
        )
        yield f"  “{origin.quote or 'see the full wording'}” {_name(registry, origin.by)}, {origin.told} ({where})"
    for n, condition in enumerate(record.done_when, 1):
        yield f"  done when {n}: {condition.shown('en')[0]}"
    for step in record.steps:
        yield f"  step {step.state}{f' {step.on}' if step.on else ''}: {step.step.shown('en')[0]}"
    for money in record.funding:
        amount = f" {money.amount} {money.currency or ''}".rstrip() if money.amount else ""
        yield f"  money {money.stage}{amount}{f' {money.on}' if money.on else ''}: {money.purpose.shown('en')[0]}"
    for setback in record.setbacks:
        yield f"  harder {setback.on}: {setback.what.shown('en')[0]}"
    for given in record.assessments:
        gone = f", withdrawn {given.withdrawn.on}" if given.withdrawn else ""
        by = _name(registry, given.by)
        yield f"  {given.assessed_on} {given.status} as of {given.as_of}, by {by}{gone}: {given.note.shown('en')[0]}"
        yield from (f"    {line}" for line in _evidence(given.evidence, registry))
    for check in record.checks:
        yield f"  {check.on} looked again, nothing new, by {_name(registry, check.by)}: {check.where.shown('en')[0]}"
    if now.disagree:
        yield "  assessors disagree"


def _stands(row: Row, registry: Registry, clock: Clock) -> Iterator[str]:
    record, now = row.record, row.standing
    asked = registry.asked_on(record)
    if asked and not clock.has(asked):
        yield f"not asked yet on {clock.as_of}: asked on {asked}"
        return
    if record.retired and clock.has(record.retired.on):
        yield f"retired on {record.retired.on}: {record.retired.reason.shown('en')[0]}"
    since = f", since {now.since}" if now.since else ""
    as_of = f", as of {now.as_of}" if now.as_of else ""
    yield f"{now.status}{as_of}{since}; known by: {now.known}"
    yield (f"last checked {now.checked_on}" if now.checked_on else "nobody has checked") + (
        ", due for a check" if now.due else ""
    )


def _evidence(references: Iterable[str], registry: Registry) -> Iterator[str]:
    for reference in references:
        entry = registry.evidence.get(reference)
        yield (
            f"{reference}: {entry.says.shown('en')[0]} {'(withheld)' if entry.withheld else entry.url}"
            if entry
            else reference
        )


def _name(registry: Registry, actor: str) -> str:
    entry = registry.actors.get(actor)
    return entry.name.shown("en")[0] if entry else actor


def _text(value: object) -> str | None:
    return None if value is None else str(value)
