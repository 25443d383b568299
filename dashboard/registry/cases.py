"""Awkward cases (METHODOLOGY.md, rules 30 to 43): what contradicts itself in a record, or lacks its other half.

A warning where the registry still stands and only somebody can say which of two entries is right; an error
where no reading makes sense.
"""

from collections.abc import Iterator
from datetime import date
from itertools import chain

from dashboard.registry import grounds
from dashboard.registry.entries import Found
from dashboard.registry.model import (
    Assessment,
    Known,
    Recommendation,
    Registry,
    Status,
    StepState,
)
from dashboard.registry.problems import Path, Problem, Severity

Case = tuple[Path, str, str, Severity]
"""Path below the record, what was found, what to do, how grave: error or warning."""

_DELIVERED = (Status.PARTLY, Status.IMPLEMENTED, Status.ONGOING)
_GIVEN = ("allocated", "paid")


def problems(registry: Registry, file: str) -> Iterator[Problem]:
    """Every awkward case that is entered half, or against itself."""
    for record in registry.file.recommendations:
        if not (record.assessments or record.due or record.retired):
            continue  # of very many records there is nothing else to ask
        for path, found, allowed, grave in chain.from_iterable(case(registry, record) for case in _CASES):
            yield Problem(file, ("recommendations", record.id, *path), found, allowed, grave, record=record.id)
    for path, found, allowed in chain(_superseded(registry), _successors(registry), _copies(registry)):
        yield Problem(
            file, path, found, allowed, "warning", record=str(path[1]) if path[0] == "recommendations" else ""
        )


def _judged(registry: Registry, record: Recommendation) -> Iterator[Case]:
    """Rules 30, 32, 33, 34, 38 and 39."""
    standing = [(n, given) for n, given in enumerate(record.assessments) if not given.withdrawn]
    newest: dict[str, tuple[int, Assessment]] = {}
    for n, given in standing:
        if given.by not in newest or _recency(given) >= _recency(newest[given.by][1]):
            newest[given.by] = (n, given)
    for n, given in newest.values():
        yield from _of(registry, record, given, ("assessments", n))
    for n, given in enumerate(record.assessments):
        if given.withdrawn and given.withdrawn.on.last < given.assessed_on.first:
            yield (
                ("assessments", n, "withdrawn", "on"),
                f"taken back on {given.withdrawn.on}, before it was made on {given.assessed_on}",
                "mend one of the two dates",
                "error",
            )
    seen: dict[tuple[str, str, str], Assessment] = {}
    for n, given in standing:
        first = seen.setdefault((given.by, str(given.as_of), str(given.assessed_on)), given)
        if first.status is not given.status:
            yield (
                ("assessments", n, "status"),
                f"{given.by} says {first.status} and {given.status} of the same day",
                "withdraw the one that is wrong; where two sources contradict each other, one judgement tells of both",
                "warning",
            )


def _recency(given: Assessment) -> tuple[date, date]:
    """As the display rule takes the newest: by `as_of`, then `assessed_on`."""
    return given.as_of.first, given.assessed_on.first


def _of(registry: Registry, record: Recommendation, given: Assessment, at: Path) -> Iterator[Case]:
    match given.status:
        case Status.IMPLEMENTED:
            for n, step in enumerate(record.steps):
                if step.state in (StepState.NOT_DONE, StepState.LAPSED):
                    yield (
                        ("steps", n, "state"),
                        f"done, but step {n + 1} is {step.state}",
                        "mend the step, or judge anew: what is not enforced or has lapsed is not done (rule 32)",
                        "warning",
                    )
        case Status.REVERSED if not _anything_delivered(record, given):
            yield (
                (*at, "status"),
                "undone, but nothing says what had been delivered",
                "enter the step, the money or the judgement that shows it; where there was none, use refused (rule 34)",
                "warning",
            )
        case Status.REFUSED if any(
            each.conditions_met and not each.withdrawn and each.as_of.first <= given.as_of.first
            for each in record.assessments
            if each.by not in grounds.addressees(registry, record)
        ):
            yield (
                (*at, "status"),
                "refused, but a condition had been met before",
                "what was delivered and taken back is reversed (rule 33)",
                "warning",
            )
        case Status.BLOCKED if grounds.known(registry, record, given) is Known.OWN_WORD:
            yield (
                (*at, "evidence"),
                "blocked on the word of those who must act alone",
                "name the judgment, the veto or the refusal itself, or somebody else who tells of it (rule 30)",
                "warning",
            )


def _anything_delivered(record: Recommendation, given: Assessment) -> bool:
    return (
        bool(given.conditions_met)
        or any(
            each.status in _DELIVERED and not each.withdrawn and each.as_of.first <= given.as_of.first
            for each in record.assessments
        )
        or any(step.state in (StepState.DONE, StepState.LAPSED) for step in record.steps)
        or any(money.stage in _GIVEN for money in record.funding)
    )


def _deadline(registry: Registry, record: Recommendation) -> Iterator[Case]:
    """Rule 37."""
    asked = registry.asked_on(record)
    if record.due and asked and record.due.on.last < asked.first:
        yield ("due", "on"), f"due on {record.due.on}, before it was asked on {asked}", "mend the date", "error"


def _retired(registry: Registry, record: Recommendation) -> Iterator[Case]:
    """Rule 35: where a record went is told at both ends, and leads somewhere."""
    if not record.retired or not (into := record.retired.into) or into not in registry.records:
        return
    if _round(registry, record):
        yield ("retired", "into"), f"{record.id} went into itself, by a circle", "break the circle", "error"
    elif all(each.id != record.id for each in registry.records[into].related):
        yield (
            ("retired", "into"),
            f"{into} does not say that it stands for {record.id}",
            f"relate {into} {record.id} supersedes, or repeats",
            "warning",
        )


def _round(registry: Registry, record: Recommendation) -> bool:
    seen, now = {record.id}, record
    while now.retired and now.retired.into in registry.records:
        now = registry.records[now.retired.into]
        if now.id in seen:
            return now.id == record.id
        seen.add(now.id)
    return False


_CASES = (_judged, _deadline, _retired)


def _superseded(registry: Registry) -> Iterator[Found]:
    """Rule 35: what another record supersedes counts no longer."""
    for record in registry.file.recommendations:
        for n, related in enumerate(record.related):
            old = registry.records.get(related.id)
            if related.relation == "supersedes" and old and not old.retired:
                yield (
                    ("recommendations", record.id, "related", n),
                    f"{old.id} is superseded and still counts",
                    f"retire {old.id} --into {record.id}, or use depends-on",
                )


def _successors(registry: Registry) -> Iterator[Found]:
    """Rule 41: a body's duties do not pass to another side."""
    for actor in registry.file.actors:
        before = registry.actors.get(actor.successor_of or "")
        if before and before.side != actor.side:
            yield (
                ("actors", actor.id, "successor_of"),
                f"{actor.id} ({actor.side}) follows {before.id} ({before.side})",
                "duties stay on their side: mend side, or take successor_of out",
            )


def _copies(registry: Registry) -> Iterator[Found]:
    """Rule 43: a copy that nobody can find or prove is none."""
    for entry in registry.file.evidence:
        if entry.archived_on and not (entry.archive_url or entry.sha256):
            yield (
                ("evidence", entry.id, "archived_on"),
                "a copy, of which neither address nor hash is known",
                "add archive_url, or run archive with the file",
            )
