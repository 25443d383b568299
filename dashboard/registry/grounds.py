"""What an assessment rests on: who is addressed, how we know, and the wording that was judged."""

import hashlib
from enum import StrEnum
from unicodedata import normalize

from dashboard.registry.model import (
    SOURCE_PREFIX,
    Assessment,
    Evidence,
    Form,
    Known,
    Origin,
    Recommendation,
    Registry,
    Role,
    Source,
    Status,
)

ADDRESSED_ROLES = (Role.MUST_ACT, Role.TOGETHER)
_STRENGTH = {Known.NONE: 0, Known.OWN_WORD: 1, Known.PRESS: 2, Known.OFFICIAL: 3, Known.INDEPENDENT: 3}


def bodies_above(registry: Registry, actor: str) -> tuple[str, ...]:
    """The bodies that an actor is part of, the nearest first; a circle ends where it began."""
    found: list[str] = []
    while (entry := registry.actors.get(actor)) and entry.part_of and entry.part_of not in found:
        found.append(actor := entry.part_of)
    return tuple(found)


def in_line(registry: Registry, one: str, other: str) -> bool:
    """Whether two bodies are the same, one is a part of the other, or one took the other's place: what is asked of
    one is asked of both.
    """
    same = {one, *followed_by(registry, one)}, {other, *followed_by(registry, other)}
    return any(
        a == b or b in bodies_above(registry, a) or a in bodies_above(registry, b) for a in same[0] for b in same[1]
    )


def followed_by(registry: Registry, actor: str) -> tuple[str, ...]:
    """The bodies that took the place of one, then those that took theirs; a circle ends where it began."""
    found = [actor]
    for name in found:  # grows while it is read
        found += [each.id for each in registry.file.actors if each.successor_of == name and each.id not in found]
    return tuple(found[1:])


def top_body(registry: Registry, actor: str) -> str:
    """The outermost body that `actor` is part of; the actor itself where it is part of none."""
    return (actor, *bodies_above(registry, actor))[-1]


def addressees(registry: Registry, record: Recommendation) -> frozenset[str]:
    """Those whose own word is not a finding: who must act, all under the same top body, successors."""
    acting = tuple(a.actor for a in record.actors if a.role in ADDRESSED_ROLES)
    if acting not in registry.families:
        registry.families[acting] = _family(registry, frozenset(acting))
    return registry.families[acting]


def _family(registry: Registry, family: frozenset[str]) -> frozenset[str]:
    while True:
        tops = {top_body(registry, actor) for actor in family}
        grown = family | {
            entry.id
            for entry in registry.file.actors
            if entry.successor_of in family or top_body(registry, entry.id) in tops
        }
        if grown == family:
            return family
        family = grown


def kind_of(registry: Registry, record: Recommendation, reference: str) -> Known:
    """How one piece of evidence lets us know, for this record (METHODOLOGY.md, rule 26)."""
    entry = cited(registry, reference)
    if isinstance(entry, Evidence):
        entry = _original(registry, entry)
    return _kind(registry, record, entry, voice_of(record, reference, entry)) if entry else Known.NONE


def _original(registry: Registry, entry: Evidence) -> Evidence:
    """What a whole copy was made from, by as many steps as it takes; circles are a problem of the rules'."""
    seen: set[str] = set()
    while entry.copy_of and entry.id not in seen and (original := registry.evidence.get(entry.copy_of)):
        seen.add(entry.id)
        entry = original
    return entry


def kind_of_origin(registry: Registry, record: Recommendation, origin: Origin) -> Known:
    """How we know that it was asked or promised: from the source, in the voice of whoever did."""
    source = registry.source_by_id.get(origin.source)
    return _kind(registry, record, source, origin.by) if source else Known.NONE


def _kind(registry: Registry, record: Recommendation, entry: Evidence | Source, voice: str | None) -> Known:
    if entry.form is Form.DOCUMENT_WITH_EFFECT:
        return Known.OFFICIAL
    if (voice or entry.owned_by) in addressees(registry, record):
        return Known.OWN_WORD
    return Known.PRESS if entry.form is Form.NEWS else Known.INDEPENDENT


def references(record: Recommendation) -> list[str]:
    """Every reference that a record cites, each once, in the order in which it is met."""
    found: list[str] = []
    for entries in (record.assessments, record.steps, record.funding, record.setbacks, record.answers):
        for entry in entries:
            found += entry.evidence
    found += [r for given in record.assessments for met in given.conditions_met for r in met.evidence]
    return list(dict.fromkeys(found))


def cited(registry: Registry, reference: str) -> Evidence | Source | None:
    """The evidence entry or the source that a reference names; None where there is none."""
    if not reference.startswith(SOURCE_PREFIX):
        return registry.evidence.get(reference)
    return registry.source_by_id.get(source_passage(reference)[0])


def passage(record: Recommendation, origin: Origin) -> tuple[str, int, str, str]:
    """What tells a passage from all others: its source; its paragraph, else where it stands; its quote. One that
    the record holds in full, as `text`, has no quote: it is the record's own.
    """
    where = "" if origin.paragraph else origin.locator or ""
    return origin.source, origin.paragraph or 0, where, origin.quote or record.id


def source_passage(reference: str) -> tuple[str, int]:
    """Source id and paragraph of a reference `source:ID#PARAGRAPH`."""
    source, _, paragraph = reference.removeprefix(SOURCE_PREFIX).partition("#")
    return source, int(paragraph)


def voice_of(record: Recommendation, reference: str, entry: Evidence | Source) -> str | None:
    """Whose claim it is: the evidence's voice; for a passage, whoever the record's origin names."""
    if isinstance(entry, Evidence):
        return entry.voice
    source, paragraph = source_passage(reference)
    return next((o.by for o in record.origin if (o.source, o.paragraph) == (source, paragraph)), None)


def known(registry: Registry, record: Recommendation, assessment: Assessment) -> Known:
    """How an assessment is known: by its best evidence; where conditions are met, by the weakest
    of their best (METHODOLOGY.md, rule 27). Of two equally strong, an official record is named.
    """
    if assessment.status is Status.NOTHING_FOUND:
        return Known.NONE
    if assessment.conditions_met:
        bests = (_best(registry, record, met.evidence) for met in assessment.conditions_met)
        return min(bests, key=_STRENGTH.__getitem__)
    return _best(registry, record, assessment.evidence)


def _best(registry: Registry, record: Recommendation, references: tuple[str, ...]) -> Known:
    kinds = {kind_of(registry, record, reference) for reference in references}
    return max(sorted(kinds, reverse=True), key=_STRENGTH.__getitem__, default=Known.NONE)


def relied_on(assessment: Assessment) -> frozenset[str]:
    """The references that an assessment rests on: of its own and of the conditions that it finds met."""
    return frozenset({*assessment.evidence, *(r for met in assessment.conditions_met for r in met.evidence)})


def fingerprint(registry: Registry, record: Recommendation, assessment: Assessment) -> str:
    """12 hexadecimal digits over what was judged: 6 over the wording (quotes, the text in full, conditions as first
    written), 6 over the evidence (id, address and hash of each piece). It changes when one of them does.
    """
    wording, evidence = _judged(registry, record, assessment)
    return _digits(wording, 6) + _digits(evidence, 6)


def _judged(registry: Registry, record: Recommendation, assessment: Assessment) -> tuple[list[str], list[str]]:
    wording = [origin.quote or "" for origin in record.origin]
    wording += [(record.text.held(record.text.original) or "") if record.text else ""]
    wording += [condition.held(condition.original) or "" for condition in record.done_when]
    evidence: list[str] = []
    for reference in sorted(relied_on(assessment)):
        entry = cited(registry, reference)
        digest = (entry.sha256 if isinstance(entry, Evidence) else entry.text_sha256 if entry else "") or ""
        evidence += [reference, (entry.url or "") if entry else "", digest]
    return wording, evidence


def _digits(parts: list[str], many: int) -> str:
    joined = "\x1f".join(normalize("NFC", part) for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:many]


class Earlier(StrEnum):
    """What of it reads otherwise than when an assessment was made."""

    WORDING = "wording"
    EVIDENCE = "evidence"
    EITHER = "either"


def earlier(registry: Registry, record: Recommendation, assessment: Assessment) -> Earlier | None:
    """What an assessment judged that reads otherwise now; None where all is as it was, or what it judged was not
    recorded. Of the first assessments one fingerprint was written over both, and a judgement never changes: they
    can tell only that something did.
    """
    held = assessment.judged
    if held is None:
        return None
    wording, evidence = _judged(registry, record, assessment)
    same = held[:6] == _digits(wording, 6), held[6:] == _digits(evidence, 6)
    if all(same) or held == _digits([*wording, *evidence], 12):
        return None
    return {(True, False): Earlier.EVIDENCE, (False, True): Earlier.WORDING}.get(same, Earlier.EITHER)
