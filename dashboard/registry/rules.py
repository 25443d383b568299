"""What must hold of a record beside the others, and against an earlier state: small generators.

The rules are those of METHODOLOGY.md; the numbers in comments are its numbers.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain, pairwise

from dashboard.registry import cases, entries, grounds
from dashboard.registry.entries import Found
from dashboard.registry.model import (
    EDITORS,
    SOURCE_PREFIX,
    Assessment,
    Basis,
    Kind,
    Known,
    Recommendation,
    Registry,
    Role,
    Status,
)
from dashboard.registry.problems import Path, Problem
from dashboard.registry.scalars import Day
from dashboard.registry.wording import folded


def problems(
    registry: Registry,
    today: date,
    file: str,
    source_files: Mapping[str, str],
    records: Iterable[Recommendation] | None = None,
) -> Iterator[Problem]:
    """Every breach of a rule in `registry`, which stands in `file` and in `source_files` (by id). What is asked of one
    record by itself is asked of `records` alone where they are given: of all others it is known to hold.
    """
    yield from entries.problems(registry, today, file, source_files)
    for record in registry.file.recommendations if records is None else records:
        for path, found, allowed in chain.from_iterable(rule(registry, record) for rule in RECORD_RULES):
            yield Problem(file, ("recommendations", record.id, *path), found, allowed, record=record.id)
        for path, found, allowed in _dates(registry, record, today):
            yield Problem(file, ("recommendations", record.id, *path), found, allowed, record=record.id)
    yield from cases.problems(registry, file)


# --- one record ---------------------------------------------------------------------------------


def unresolved(registry: Registry, record: Recommendation) -> Iterator[tuple[Path, str, str]]:
    """What the record names and the registry does not hold: path, name, and the list it would be in."""
    lists = registry.lists
    for path, name, kind in _named(record):
        if name not in lists[kind]:
            yield path, name, kind
    for path, reference in _cited(record):
        if reference.startswith(SOURCE_PREFIX):
            source = grounds.source_passage(reference)[0]
            if source not in registry.source_by_id:
                yield path, source, "sources"
        elif reference not in registry.evidence:
            yield path, reference, "evidence"


def depends_on_left_out(registry: Registry, record: Recommendation) -> bool:
    """Whether it cannot be shown, since an actor, theme or evidence that it names was left out."""
    return any(kind != "recommendations" for _, _, kind in unresolved(registry, record))


def _references(registry: Registry, record: Recommendation) -> Iterator[Found]:
    """Every id that the record names stands in the registry."""
    for path, name, kind in unresolved(registry, record):
        yield from entries.absent(registry, path, name, kind)


def _named(record: Recommendation) -> Iterator[tuple[Path, str, str]]:
    yield ("theme",), record.theme, "themes"
    if record.instrument:
        yield ("instrument",), record.instrument, "instruments"
    for n, origin in enumerate(record.origin):
        yield ("origin", n, "source"), origin.source, "sources"
        yield ("origin", n, "by"), origin.by, "actors"
    for n, addressed in enumerate(record.actors):
        yield ("actors", n, "actor"), addressed.actor, "actors"
    for n, answer in enumerate(record.answers):
        yield ("answers", n, "by"), answer.by, "actors"
        if answer.whose:
            yield ("answers", n, "whose"), answer.whose, "actors"
    for n, asked in enumerate(record.asked):
        yield ("asked", n, "actor"), asked.actor, "actors"
    for n, funding in enumerate(record.funding):
        yield ("funding", n, "by"), funding.by, "actors"
        if funding.to:
            yield ("funding", n, "to"), funding.to, "actors"
    for name in ("assessments", "checks"):
        for n, look in enumerate(getattr(record, name)):
            if look.by != EDITORS:
                yield (name, n, "by"), look.by, "actors"
    for n, assessment in enumerate(record.assessments):
        if assessment.reviewed_by and assessment.reviewed_by != EDITORS:
            yield ("assessments", n, "reviewed_by"), assessment.reviewed_by, "actors"
    for n, related in enumerate(record.related):
        yield ("related", n, "id"), related.id, "recommendations"
    if record.retired and record.retired.into:
        yield ("retired", "into"), record.retired.into, "recommendations"


def _cited(record: Recommendation) -> Iterator[tuple[Path, str]]:
    for name in ("steps", "answers", "funding", "assessments", "setbacks"):
        for n, entry in enumerate(getattr(record, name)):
            for m, reference in enumerate(entry.evidence):
                yield (name, n, "evidence", m), reference
    for n, assessment in enumerate(record.assessments):
        for k, met in enumerate(assessment.conditions_met):
            for m, reference in enumerate(met.evidence):
                yield ("assessments", n, "conditions_met", k, "evidence", m), reference


def _origins(registry: Registry, record: Recommendation) -> Iterator[Found]:
    """Rule 4 and the rights of the sources: quotes are short, full wordings only where free."""
    if not record.origin:
        yield ("origin",), "it has no origin", "name the source, the quote and by whom"
    for n, origin in enumerate(record.origin):
        if origin.quote is None and record.text is None:
            yield ("origin", n), "it has no quote", "add a verbatim quote of at most 25 words, or the record's text"
        yield from entries.quote(("origin", n, "quote"), origin.quote)
        source = registry.source_by_id.get(origin.source)
        if record.text and source and source.rights != "public-record":
            yield ("text",), f"a full wording, but {origin.source} is someone else's work", "quote at most 25 words"


def _addressed(registry: Registry, record: Recommendation) -> Iterator[Found]:
    """Rules 7 and 28: who must act, of one side; an inferred actor narrower than the state says why."""
    acting = [a.actor for a in record.actors if a.role is Role.MUST_ACT]
    if not acting:
        yield ("actors",), "nobody must act", "give one actor the role must-act"
    sides = {registry.actors[actor].side for actor in acting if actor in registry.actors}
    if len(sides) > 1:
        yield ("actors",), "those who must act are of different sides", "split it into records joined by beside"
    pairs = [(a.actor, a.role) for a in record.actors]
    for n, addressed in enumerate(record.actors):
        if (addressed.actor, addressed.role) in pairs[:n]:
            yield ("actors", n), f"{addressed.actor} stands twice as {addressed.role}", "keep one"
        actor = registry.actors.get(addressed.actor)
        if (
            addressed.basis is Basis.INFERRED
            and not addressed.why
            and actor
            and actor.kind != "state"
            and actor.kind != "public"
        ):
            yield (
                ("actors", n),
                f"{addressed.actor} is inferred without a reason",
                "add why, or name the state as a whole",
            )


def _kind(registry: Registry, record: Recommendation) -> Iterator[Found]:
    """Rules 5, 10 and 29."""
    if (record.kind is Kind.COMMITMENT) != (record.as_given is not None):
        if record.as_given:
            yield ("as_given",), f"as_given on a {record.kind}", "it belongs to commitments: remove it"
        else:
            yield ("kind",), "a commitment without as_given", "add as_given: official-document, own-words or reported"
    if record.open_ended and record.done_when:
        yield ("done_when",), "conditions on an open-ended record", "remove them, or open_ended"


def _tests(registry: Registry, record: Recommendation) -> Iterator[Found]:
    """Rules 12 to 21: each status is backed as its test asks."""
    asked = registry.asked_on(record) if record.assessments else None
    for n, assessment in enumerate(record.assessments):
        for field, found, allowed in _test(registry, record, assessment):
            yield ("assessments", n, field), found, allowed
        if asked and assessment.as_of.last < asked.first:
            yield (
                ("assessments", n, "as_of"),
                f"{assessment.as_of} is before the ask ({asked})",
                "only what came after it makes a status; older facts are steps",
            )
    for earlier, later in pairwise(enumerate(a.recorded_on for a in record.assessments)):
        if earlier[1] and later[1] and later[1].first < earlier[1].first:
            yield (
                ("assessments", later[0], "recorded_on"),
                "recorded before the one above it",
                "add new assessments at the end",
            )


def _test(registry: Registry, record: Recommendation, given: Assessment) -> Iterator[tuple[str, str, str]]:
    status = given.status
    if status is Status.NOTHING_FOUND:
        if record.kind is Kind.COMMITMENT:
            yield "status", "nothing-found on a commitment", "use promised, as_of its last word, the places in the note"
        return
    if not given.evidence:
        yield "evidence", f"{status} without evidence", "name what shows it; only nothing-found may have none"
        return
    if any(grounds.cited(registry, reference) is None for reference in given.evidence):
        return  # told as a dangling reference
    if record.open_ended and status in (Status.PARTLY, Status.IMPLEMENTED):
        yield "status", f"{status} on an open-ended record", "use ongoing"
    if not record.open_ended and status is Status.ONGOING:
        yield "status", "ongoing on a record with an end", "use in-progress, partly-implemented or implemented"
    yield from _conditions(registry, record, given)
    kinds = {grounds.kind_of(registry, record, reference) for reference in given.evidence}
    if status is Status.NOT_STARTED and not kinds & {Known.OFFICIAL, Known.INDEPENDENT}:
        yield (
            "evidence",
            "not-started without the register read",
            "name the register or gazette where it would stand (rule 14)",
        )
    if status is Status.IN_PROGRESS and set(given.evidence) <= _own_passages(record):
        yield "evidence", "in-progress on the promise itself", "name a plan from elsewhere (rule 16), or use promised"


def _conditions(registry: Registry, record: Recommendation, given: Assessment) -> Iterator[tuple[str, str, str]]:
    """Rules 18, 19 and 27: which conditions are met, and on what evidence."""
    numbers = [met.condition for met in given.conditions_met]
    if given.status not in (Status.PARTLY, Status.IMPLEMENTED):
        if numbers and given.status is not Status.REVERSED:
            yield "conditions_met", f"conditions met at status {given.status}", "use partly-implemented or implemented"
        return
    if not numbers:
        yield (
            "conditions_met",
            f"{given.status} without conditions met",
            "say which conditions, by number, and what shows each",
        )
        return
    if wrong := sorted(
        {n for n in numbers if n > len(record.done_when)} | {n for n in numbers if numbers.count(n) > 1}
    ):
        yield (
            "conditions_met",
            f"condition {wrong[0]} is not there or stands twice",
            f"the record has {len(record.done_when)}",
        )
    if given.by in grounds.addressees(registry, record):
        return  # its own claim of delivery stands as a claim; the display rule keeps it from the headline
    how = grounds.known(registry, record, given)
    if given.status is Status.PARTLY and how in (Known.OWN_WORD, Known.NONE):
        yield (
            "conditions_met",
            "a condition met on the addressee's own word",
            "name other evidence, or use promised (rule 18)",
        )
    if given.status is Status.IMPLEMENTED:
        if set(numbers) != set(range(1, len(record.done_when) + 1)):
            yield (
                "conditions_met",
                "implemented, but not every condition is met",
                "use partly-implemented, or add the missing ones",
            )
        if how not in (Known.OFFICIAL, Known.INDEPENDENT):
            yield (
                "evidence",
                f"implemented, known only by {how}",
                "it needs an official record or an independent check (rule 19)",
            )


def _own_passages(record: Recommendation) -> set[str]:
    return {f"{SOURCE_PREFIX}{o.source}#{o.paragraph}" for o in record.origin}


def _dates(registry: Registry, record: Recommendation, today: date) -> Iterator[Found]:
    """Nothing in the future; what is known was known by the day somebody looked."""
    for path, day in _days(record):
        if day.first > today:
            yield path, f"{day} is in the future", f"today is {today}"
    for n, given in enumerate(record.assessments):
        if given.as_of.first > given.assessed_on.last:
            yield (
                ("assessments", n, "as_of"),
                f"true on {given.as_of}, but looked at on {given.assessed_on}",
                "nobody can look ahead",
            )
        if given.recorded_on and given.assessed_on.first > given.recorded_on.last:
            yield ("assessments", n, "recorded_on"), "recorded before anybody looked", "mend one of the two dates"


def _days(record: Recommendation) -> Iterator[tuple[Path, Day]]:
    if record.on:
        yield ("on",), record.on
    for n, given in enumerate(record.assessments):
        yield ("assessments", n, "as_of"), given.as_of
        yield ("assessments", n, "assessed_on"), given.assessed_on
        if given.recorded_on:
            yield ("assessments", n, "recorded_on"), given.recorded_on
        if given.withdrawn:
            yield ("assessments", n, "withdrawn", "on"), given.withdrawn.on
    for name in ("steps", "answers", "asked", "funding", "checks", "setbacks"):
        for n, entry in enumerate(getattr(record, name)):
            if entry.on:
                yield (name, n, "on"), entry.on
    for n, check in enumerate(record.checks):
        if check.recorded_on:
            yield ("checks", n, "recorded_on"), check.recorded_on
    if record.retired:
        yield ("retired", "on"), record.retired.on


RECORD_RULES = (_references, _origins, _addressed, _kind, _tests)


# --- against an earlier state ---------------------------------------------------------------------


def against(old: Registry, new: Registry, file: str) -> Iterator[Problem]:
    """What may never happen between two states: a record gone or renamed, a judgement rewritten."""
    for record in old.file.recommendations:
        if record.id in new.left_out.get("recommendations", ()):
            continue  # there, but with a problem of its own
        if record.id not in new.records:
            yield _vanished(record, new, file)
            continue
        now = new.records[record.id]
        for n, given in enumerate(record.assessments):
            at: Path = ("recommendations", record.id, "assessments", n)
            if n >= len(now.assessments):
                yield Problem(
                    file,
                    at[:-1],
                    f"assessment {n + 1} of the earlier state is gone",
                    "restore it; use withdrawn to take it back",
                    record=record.id,
                )
            elif changed := _changed(given, now.assessments[n]):
                yield Problem(
                    file,
                    (*at, changed),
                    "an assessment was altered",
                    "restore it and add a new one below",
                    record=record.id,
                )


def _vanished(record: Recommendation, new: Registry, file: str) -> Problem:
    quotes = {origin.quote for origin in record.origin if origin.quote}
    twin = next(
        (
            r.id
            for r in new.file.recommendations
            if quotes & {o.quote for o in r.origin} and folded(r.id) != folded(record.id)
        ),
        None,
    )
    found = f"the record {record.id} is gone" + (f"; {twin} quotes the same passage" if twin else "")
    return Problem(
        file, ("recommendations",), found, "ids never change: restore it, or retire it with a reason", record=record.id
    )


def _changed(was: Assessment, now: Assessment) -> str | None:
    """The field of an assessment that may not change but did."""
    for field in ("status", "as_of", "assessed_on", "by", "evidence", "conditions_met"):
        if getattr(was, field) != getattr(now, field):
            return field
    if was.note.held(was.note.original) != now.note.held(was.note.original):
        return "note"
    for field in ("judged", "recorded_on", "withdrawn"):
        if getattr(was, field) and getattr(was, field) != getattr(now, field):
            return field
    return None
