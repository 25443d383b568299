"""What can be done to a registry: frozen commands, built alike by forms and the command line.

A command says what it means; `changes` says what becomes of the text. It neither reads nor writes a
file and knows nobody's role: that is the door's (store.py).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter

from dashboard.registry import edits, grounds, model
from dashboard.registry.edits import Addition, Append, Change, Drop, NewSource, Put
from dashboard.registry.edits import Step as EditStep
from dashboard.registry.model import (
    EDITORS,
    AnswerPosition,
    AssessedStatus,
    Evidences,
    FundingStage,
    Registry,
    StepState,
)
from dashboard.registry.placing import Positions
from dashboard.registry.problems import Path, counted, nearest, shown
from dashboard.registry.scalars import LANGUAGES, Count, Flag, Language, Money, Sha256, Slug, T, When, Words
from dashboard.registry.scalars import model as frozen

_TELLING = ("url", "publisher", "title", "quote", "archive_url", "archived_on")
"""What of a piece of evidence leads to the document itself."""

ENTRY_LISTS = ("recommendations", "evidence", "actors", "themes", "instruments")
RECORD_FIELDS = (
    "id", "title", "summary", "text", "kind", "as_given", "theme", "instrument", "on", "alignments", "origin",
    "actors", "done_when", "beyond_test", "open_ended", "due", "steps", "answers", "asked", "funding", "assessments",
    "checks", "setbacks", "open_questions", "retired", "related",
)  # fmt: skip
"""In the order in which a record is written."""

_NOT_EDITED = {
    "id": "an id stays for good",
    "assessments": "an assessment is never changed: withdraw it and assess anew",
    "checks": "a look is never changed; enter another one with look",
}
_ENTERED_BY = {
    "origin": "quote", "actors": "involve", "alignments": "align", "related": "relate", "due": "due", "steps": "step",
    "answers": "answer", "asked": "ask", "funding": "fund", "setbacks": "setback", "assessments": "assess",
    "checks": "look", "retired": "retire",
}  # fmt: skip
"""The verb that enters what is made of several fields."""
_RECORDS = "recommendations"
_OF_THEME = ("id", "name", "headline", "steward", "check_every_days")
_NEW = "new"
"""In a field's name: one more at the end of a list, as in open_questions.new."""

Field_ = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.([a-z_]+|[1-9][0-9]{0,3}))*$", max_length=120)]
AssessmentName = Annotated[
    str, StringConstraints(pattern=r"^([1-9][0-9]{0,3}|[0-9~-]{4,11}/[a-z0-9-]+/[1-9][0-9]{0,3})$", max_length=120)
]
_SHOWS = "What shows it: ids of evidence, or source:ID#PARAGRAPH"
Entries = Literal["recommendations", "evidence", "actors", "themes", "instruments"]
Changes = Iterator[Change | Addition | NewSource]


def _count_or_none(text: str) -> str:
    if text and not re.fullmatch("[1-9][0-9]{0,4}", text, re.ASCII):
        raise ValueError("is not a count; write a whole number from 1 to 99999, digits only, or nothing")
    return text


class Impossible(Exception):
    """The command cannot be applied: it names something that is not there, or changes what stays."""


@dataclass(frozen=True, slots=True)
class Now:
    """The registry that a command is applied to, its text, and the day."""

    registry: Registry
    data: bytes
    positions: Positions
    today: date

    def record(self, name: str) -> model.Recommendation:
        found = self.registry.records.get(name)
        if found is None:
            raise Impossible(f"there is no point {shown(name)}; {nearest(name, self.registry.records)}")
        return found

    def plain(self, key: str, name: str) -> Any:
        """The entry as it stands in the file. Raises Impossible."""
        try:
            return edits.value(self.data, key, name, self.positions)
        except edits.Misplaced:
            known = [each for kind, each in self.positions if kind == key]
            raise Impossible(f"there is no {shown(name)} under {key}; {nearest(name, known)}") from None

    @property
    def day(self) -> str:
        return self.today.isoformat()


@frozen
class Assess:
    """Judge how far a point is."""

    record: Slug = Field(description="Which point")
    status: AssessedStatus = Field(description="How far it is")
    as_of: When = Field(description="Date of the newest evidence that carries the status")
    note: T = Field(description="What was found, where, and what was not")
    by: Slug = Field(default=EDITORS, description="Whose judgement it is")
    evidence: Evidences = Field(default=(), description=_SHOWS)
    conditions_met: tuple[model.ConditionMet, ...] = Field(
        default=(), description="Which conditions are met, and what shows it"
    )
    assessed_on: When | None = Field(default=None, description="The day somebody looked; today where absent")
    reviewed_by: Slug | None = Field(default=None, description="Who has read the judgement over")
    new: tuple[model.Evidence, ...] = Field(default=(), description="Evidence that is not in the registry yet")

    def changes(self, now: Now) -> Changes:
        record = now.record(self.record)
        yield from (_new("evidence", entry, now) for entry in self.new)
        given = model.Assessment(
            status=self.status, as_of=self.as_of, assessed_on=self.assessed_on or now.day, by=self.by,  # type: ignore[arg-type]
            evidence=self.evidence, note=self.note, conditions_met=self.conditions_met, reviewed_by=self.reviewed_by,
        )  # fmt: skip
        file = now.registry.file
        known = replace(now.registry, file=replace(file, evidence=(*file.evidence, *self.new)))
        value = plain(given) | {"judged": grounds.fingerprint(known, record, given), "recorded_on": now.day}
        order = ("status", "as_of", "assessed_on", "by", "judged", "recorded_on", "evidence")
        yield _appended(self.record, "assessments", {name: value[name] for name in (*order, *value)})


@frozen
class Look:
    """Say that somebody looked again and found nothing new."""

    records: tuple[Slug, ...] = Field(description="Which points")
    where: T = Field(description="Where somebody looked")
    by: Slug = Field(default=EDITORS, description="Who looked")
    on: When | None = Field(default=None, description="The day; today where absent")

    def changes(self, now: Now) -> Changes:
        check = {"on": str(self.on or now.day), "by": self.by, "where": plain(self.where), "recorded_on": now.day}
        for name in dict.fromkeys(self.records):
            now.record(name)
            yield _appended(name, "checks", check)


@frozen
class Answer:
    """Enter what an addressee replied, in full."""

    record: Slug = Field(description="Which point")
    position: AnswerPosition = Field(description="What it says that it will do")
    by: Slug = Field(description="The body that answers")
    on: When = Field(description="The day of the answer")
    text: T = Field(description="The answer in full, in its own language")
    whose: Words | None = Field(
        default=None, description="With not-ours: the id of the body whose it is then, such as kz-parliament"
    )
    evidence: Evidences = Field(default=(), description=_SHOWS)

    def changes(self, now: Now) -> Changes:
        now.record(self.record)
        self._whose_it_is(now)
        given = model.Answer(
            by=self.by, position=self.position, on=self.on, text=self.text, whose=self.whose, evidence=self.evidence
        )
        yield _appended(self.record, "answers", plain(given))

    def _whose_it_is(self, now: Now) -> None:
        if self.whose is None:
            return
        if self.position != "not-ours":
            raise Impossible(
                f"--whose says whose it is where the position is not-ours, and this one is {self.position}; leave "
                f"--whose out, or write: answer {self.record} not-ours --whose {self.whose}"
            )
        if self.whose not in now.registry.actors:
            raise Impossible(
                f"--whose: {shown(self.whose)} is no body of this registry; leave it out and say it in --text, or write "
                f"an id, such as --whose {next(iter(now.registry.actors))}: {nearest(self.whose, now.registry.actors)}"
            )


@frozen
class Step:
    """Say how far one step is, or add one."""

    record: Slug = Field(description="Which point")
    state: StepState = Field(description="How far the step is")
    number: Count | None = Field(default=None, description="Which step, from 1; a new one where absent")
    step: T | None = Field(default=None, description="The words of a new step")
    on: When | None = Field(default=None, description="When it was done")
    until: When | None = Field(default=None, description="How long it holds")
    evidence: Evidences = Field(default=(), description=_SHOWS)

    def changes(self, now: Now) -> Changes:
        record = now.record(self.record)
        if self.number is None:
            if self.step is None:
                raise Impossible("a new step needs words; give them, or the number of a step that is there")
            given = model.Step(step=self.step, state=self.state, on=self.on, until=self.until, evidence=self.evidence)
            yield _appended(self.record, "steps", plain(given))
            return
        if self.number > len(record.steps):
            raise Impossible(f"there is no step {self.number}; the point has {counted(len(record.steps), 'step')}")
        if self.step is not None:
            raise Impossible(f"step {self.number} has words; change them with edit steps.{self.number}.step")
        at: Path = ("steps", self.number - 1)
        wanted = {"state": str(self.state), "on": self.on and str(self.on), "until": self.until and str(self.until)}
        steps: list[EditStep] = [
            Put((*at, name), value, ("step", "state", "on")) for name, value in wanted.items() if value
        ]
        steps += [Append((*at, "evidence"), each) for each in self.evidence]
        yield Change(_RECORDS, self.record, tuple(steps))


@frozen
class Fund:
    """Enter money: promised, set aside, paid, stopped."""

    record: Slug = Field(description="Which point")
    by: Slug = Field(description="Who gives")
    stage: FundingStage = Field(description="How far the money is")
    purpose: T = Field(description="What it is for")
    to: Slug | None = Field(default=None, description="Who receives")
    on: When | None = Field(default=None, description="When")
    amount: Money | None = Field(default=None, description="Digits, with a point before cents")
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = Field(
        default=None, description="Three capital letters, such as EUR"
    )
    iati: Words | None = Field(default=None, description="IATI activity identifier")
    evidence: Evidences = Field(default=(), description=_SHOWS)

    def changes(self, now: Now) -> Changes:
        now.record(self.record)
        given = model.Funding(
            by=self.by, stage=self.stage, purpose=self.purpose, to=self.to, on=self.on, amount=self.amount,
            currency=self.currency, iati=self.iati, evidence=self.evidence,
        )  # fmt: skip
        yield _appended(self.record, "funding", plain(given))


@frozen
class Setback:
    """Enter an act that makes it harder."""

    record: Slug = Field(description="Which point")
    on: When = Field(description="When it happened")
    what: T = Field(description="What made it harder")
    evidence: Evidences = Field(description=_SHOWS)

    def changes(self, now: Now) -> Changes:
        now.record(self.record)
        yield _appended(
            self.record, "setbacks", plain(model.Setback(on=self.on, what=self.what, evidence=self.evidence))
        )


@frozen
class Ask:
    """Enter that an addressee was asked for an answer."""

    record: Slug = Field(description="Which point")
    actor: Slug = Field(description="Who was asked")
    on: When = Field(description="When")
    how: T = Field(description="How, and what proves it")

    def changes(self, now: Now) -> Changes:
        _has_part(now, self.record, self.actor)
        yield _appended(self.record, "asked", plain(model.Asked(actor=self.actor, on=self.on, how=self.how)))


def _has_part(now: Now, name: str, actor: str) -> None:
    """Raises Impossible for a body that a point does not concern; one that is not there is told by the rules."""
    record, actors = now.record(name), now.registry.actors
    if actor in actors and not any(grounds.in_line(now.registry, actor, each.actor) for each in record.actors):
        named = ", ".join(dict.fromkeys(each.actor for each in record.actors))
        raise Impossible(
            f"{actor} has no part in {name}, is not above a body that has, and belongs to none; ask {named}, a body "
            f"above or a part of it, or enter the part of {actor} first: involve {name} {actor} ROLE"
        )


@frozen
class Quote:
    """Enter a passage where the point is asked or promised."""

    record: Slug = Field(description="Which point")
    source: Slug = Field(description="The source document")
    by: Slug = Field(description="Who asks or promises there")
    told: Literal["own", "quoted", "reported"] = Field(
        description="own: the source asks itself; quoted or reported: it passes on somebody else"
    )
    paragraph: Count | None = Field(default=None, description="Which block of the text, the first not counted")
    locator: Words | None = Field(default=None, description="Where it stands, if there are no paragraphs")
    quote: Words | None = Field(default=None, description="The words, verbatim, at most 25")
    translation: T | None = Field(default=None, description="Our translation of the quote")

    def changes(self, now: Now) -> Changes:
        now.record(self.record)
        given = model.Origin(
            source=self.source, by=self.by, told=self.told, paragraph=self.paragraph, locator=self.locator,
            quote=self.quote, translation=self.translation,
        )  # fmt: skip
        value = plain(given)
        order = ("source", "paragraph", "locator", "quote", "by", "told", "translation")
        yield _appended(self.record, "origin", {name: value[name] for name in order if name in value})


@frozen
class Involve:
    """Enter an actor that must act on a point, or has another part in it."""

    record: Slug = Field(description="Which point")
    actor: Slug = Field(description="Which actor")
    role: model.Role = Field(description="What it has to do with it")
    basis: model.Basis = Field(default=model.Basis.NAMED, description="Named by the source, or inferred by the editors")
    why: T | None = Field(default=None, description="Why an actor that is not named is meant")

    def changes(self, now: Now) -> Changes:
        record = now.record(self.record)
        if any((each.actor, each.role) == (self.actor, self.role) for each in record.actors):
            raise Impossible(f"{self.actor} is {self.role} there already; see show {self.record}")
        given = model.Addressed(actor=self.actor, role=self.role, basis=self.basis, why=self.why)
        yield _appended(self.record, "actors", plain(given))


@frozen
class Align:
    """Enter the same ask in another list, by its code."""

    record: Slug = Field(description="Which point")
    code: model.Code = Field(description="Such as sdg:5.2, cedaw:art-7, CETS210:art-33")
    match: Literal["same", "near", "touches"] = Field(description="How near it is to this ask")

    def changes(self, now: Now) -> Changes:
        if any(each.code == self.code for each in now.record(self.record).alignments):
            raise Impossible(f"{self.code} stands there already; see show {self.record}")
        yield _appended(self.record, "alignments", {"code": self.code, "match": self.match})


@frozen
class Relate:
    """Enter how a point stands to another."""

    record: Slug = Field(description="Which point")
    to: Slug = Field(description="The other point")
    relation: model.Relation = Field(description="How this point stands to the other")

    def changes(self, now: Now) -> Changes:
        if self.record == self.to:
            raise Impossible("a point cannot be related to itself; name another")
        if any((each.id, each.relation) == (self.to, self.relation) for each in now.record(self.record).related):
            raise Impossible(f"{self.to} stands there already as {self.relation}; see show {self.record}")
        yield _appended(self.record, "related", {"id": self.to, "relation": self.relation})


@frozen
class Due:
    """Say by when it has to be done, and where that date comes from."""

    record: Slug = Field(description="Which point")
    on: When = Field(description="The date")
    basis: T = Field(description="Where the date comes from")

    def changes(self, now: Now) -> Changes:
        value = plain(model.Due(on=self.on, basis=self.basis))
        steps = [Put(("due",), value, _before("due"))]
        if now.record(self.record).due:
            steps = [Put(("due", name), each) for name, each in value.items()]
        yield Change(_RECORDS, self.record, tuple(steps))


@frozen
class Edit:
    """Change one field of an entry; an empty value takes it out."""

    id: Slug = Field(description="Which entry")
    field: Field_ = Field(description="Which field, such as title.ru, done_when.2 or open_questions.new")
    value: str = Field(description="What shall stand there; empty: nothing")
    of: Entries = Field(default="recommendations", description="The list that holds the entry")

    def changes(self, now: Now) -> Changes:
        path, value = _path(self.field), tidy(self.value)
        record = self.of == _RECORDS
        if why := _kept(path, value, record):
            raise Impossible(f"{self.field}: {why}")
        entry = now.plain(self.of, self.id)
        path = _numbered_path(entry, path)
        if value:  # a text in languages that is named as a whole means its original
            path = _of_original(entry, path)
            if isinstance(_found(entry, path), (dict, list)):
                raise Impossible(f"{self.field}: it is made of several fields; {_instead(entry, path, self.field)}")
        yield Change(self.of, self.id, tuple(_edited(entry, path, value, RECORD_FIELDS if record else ())))


@frozen
class Translate:
    """Add or mend a translation, or say that a native speaker has checked it."""

    id: Slug = Field(description="Which entry")
    field: Field_ = Field(description="Which text, such as title or done_when.2")
    language: Language = Field(description="The language of the translation")
    text: str = Field(default="", description="The translation; empty: it stays as it is")
    checked: Flag = Field(default=False, description="A native speaker has checked it")
    of: Entries = Field(default="recommendations", description="The list that holds the entry")

    def changes(self, now: Now) -> Changes:
        entry, path = now.plain(self.of, self.id), _path(self.field)
        if path[-1] in LANGUAGES:
            raise Impossible(f"{self.field}: name the text without its language, as {self.field[:-3]}")
        was = _found(entry, path)
        if isinstance(was, str):
            was = {"en": was}
        if not isinstance(was, dict) or not set(was) & set(LANGUAGES):
            raise Impossible(f"{self.field}: there is no text to translate; see show {self.id}")
        if self.language == (original := _original(was)):
            instead = "it is never changed" if path[0] in _NOT_EDITED else "change it with edit"
            raise Impossible(f"{self.field}: {original} is the original; {instead}")
        if not tidy(self.text) and self.language not in was:
            raise Impossible(f"{self.field}: there is no {self.language} text yet; give one")
        yield Change(self.of, self.id, tuple(self._steps(entry, path, was)))

    def _steps(self, entry: Any, path: Path, was: dict[str, Any]) -> Iterator[EditStep]:
        text = tidy(self.text)
        drafts = [each for each in was.get("drafts", []) if each != self.language]
        drafts += [] if self.checked else [self.language]
        drafts.sort(key=LANGUAGES.index)
        if isinstance(_found(entry, path), str):
            yield Put(path, was | {self.language: text} | ({"drafts": drafts} if drafts else {}))
            return
        if text:
            yield from _in_language(path, was, self.language, text)
        if drafts and set(drafts) != set(was.get("drafts", [])):
            yield Put((*path, "drafts"), drafts, (*LANGUAGES, "from"))
        elif not drafts and "drafts" in was:
            yield Drop((*path, "drafts"))


@frozen
class Withdraw:
    """Take an assessment back; it stays visible, with the reason."""

    record: Slug = Field(description="Which point")
    assessment: AssessmentName = Field(description="Its number from 1, or DATE/BY/N")
    why: T = Field(description="Why it is taken back")
    on: When | None = Field(default=None, description="The day; today where absent")

    def changes(self, now: Now) -> Changes:
        given = now.record(self.record).assessments
        number = _numbered(given, self.assessment)
        if number is None:
            raise Impossible(
                f"there is no assessment {shown(self.assessment)}; there are {', '.join(names(given)) or 'none'}"
            )
        if given[number].withdrawn:
            raise Impossible(f"assessment {names(given)[number]} is withdrawn already")
        value = {"on": str(self.on or now.day), "why": plain(self.why)}
        yield Change(_RECORDS, self.record, (Put(("assessments", number, "withdrawn"), value),))


@frozen
class Retire:
    """Stop tracking a point; its page stays, with the reason."""

    record: Slug = Field(description="Which point")
    reason: T = Field(description="Why")
    into: Slug | None = Field(default=None, description="The point that it went into")
    on: When | None = Field(default=None, description="The day; today where absent")

    def changes(self, now: Now) -> Changes:
        if now.record(self.record).retired:
            raise Impossible(f"{self.record} is retired already; to take that back, edit {self.record} retired ''")
        if self.into == self.record:
            raise Impossible("a point cannot go into itself; name another")
        value = {"on": str(self.on or now.day), "reason": plain(self.reason)} | (
            {"into": self.into} if self.into else {}
        )
        yield Change(_RECORDS, self.record, (Put(("retired",), value, _before("retired")),))


@frozen
class Merge:
    """Let a point go into another that asks the same."""

    record: Slug = Field(description="The point that ends")
    into: Slug = Field(description="The point that stays")
    reason: T = Field(description="Why they are the same")
    on: When | None = Field(default=None, description="The day; today where absent")

    def changes(self, now: Now) -> Changes:
        if self.record == self.into:
            raise Impossible("a point cannot go into itself; name another")
        stays = now.record(self.into)
        if stays.retired:
            raise Impossible(f"{self.into} is retired; name the point that is still tracked")
        yield from Retire(record=self.record, reason=self.reason, into=self.into, on=self.on).changes(now)
        if all(each.id != self.record for each in stays.related):
            yield _appended(self.into, "related", {"id": self.record, "relation": "repeats"})


@frozen
class Correct:
    """Say in public what was wrong and what is right."""

    record: Slug = Field(description="Which point")
    was: T = Field(description="What stood there")
    now: T = Field(description="What stands there now")
    on: When | None = Field(default=None, description="The day; today where absent")

    def changes(self, now: Now) -> Changes:
        now.record(self.record)
        value = {"on": str(self.on or now.day), "record": self.record, "was": plain(self.was), "now": plain(self.now)}
        yield Addition("corrections", value)


@frozen
class Withhold:
    """Keep a piece of evidence private to protect somebody; its line of ours stays."""

    id: Slug = Field(description="Which evidence")

    def changes(self, now: Now) -> Changes:
        entry = now.plain("evidence", self.id)
        if entry.get("withheld") == "true":
            raise Impossible(f"{self.id} is withheld already")
        gone = tuple(Drop((name,)) for name in _TELLING if name in entry)
        yield Change("evidence", self.id, (*gone, Put(("withheld",), "true")))


@frozen
class Archive:
    """Note the hash of a copy of a document that somebody keeps privately."""

    id: Slug = Field(description="Which evidence")
    sha256: Sha256 = Field(description="Of the copy")
    replaces: Flag = Field(default=False, description="Another copy was noted before, and this one takes its place")

    def changes(self, now: Now) -> Changes:
        entry = now.plain("evidence", self.id)
        held = entry.get("sha256")
        if held == self.sha256:
            return
        if held and not self.replaces:
            raise Impossible(
                f"{self.id}: the hash of another copy stands there ({held[:12]}…). Has the page changed, add it as new "
                f"evidence; was the first copy wrong, add --replaces{self._resting(now.registry)}"
            )
        # Of what is kept private, only the hash and our line are public.
        wanted = {} if entry.get("withheld") == "true" else {"archived_on": now.day}
        wanted["sha256"] = self.sha256
        order = ("url", "publisher", "accessed", "archive_url", "archived_on", "sha256")
        yield Change("evidence", self.id, tuple(Put((name,), each, order) for name, each in wanted.items()))

    def _resting(self, registry: Registry) -> str:
        """Which points would be marked, since a judgement of them rests on the copy."""
        found = [
            r.id for r in registry.file.recommendations if any(self.id in grounds.relied_on(a) for a in r.assessments)
        ]
        if not found:
            return ""
        return f"; then judgements of {', '.join(found[:5])}{' and others' if len(found) > 5 else ''} are marked as resting on earlier evidence"


@frozen
class Tend:
    """Say who tends a subject and how often its points are looked at."""

    theme: Slug = Field(description="Which subject")
    steward: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, description="Who tends it: a body, or a person who agrees to be named; empty: nobody"
    )
    check_every_days: Annotated[str, AfterValidator(_count_or_none)] | None = Field(
        default=None, description="How often, in days; where the rules ask for more, they hold; empty: by the rules"
    )

    def changes(self, now: Now) -> Changes:
        entry = now.plain("themes", self.theme)
        wanted = {"steward": self.steward, "check_every_days": self.check_every_days}
        said = {name: tidy(each) for name, each in wanted.items() if each is not None}
        steps: list[EditStep] = [Put((name,), each, _OF_THEME) for name, each in said.items() if each]
        steps += [Drop((name,)) for name, each in said.items() if not each and name in entry]
        if all(entry.get(name, "") == each for name, each in said.items()):
            raise Impossible(f"{self.theme}: that stands there already; name a steward or a number of days")
        yield Change("themes", self.theme, tuple(steps))


@frozen
class AddEvidence:
    """Add a page or document that shows something."""

    entry: model.Evidence

    def changes(self, now: Now) -> Changes:
        yield _new("evidence", self.entry, now)


@frozen
class AddActor:
    """Add a body, a person who speaks for one, or a named group."""

    entry: model.Actor

    def changes(self, now: Now) -> Changes:
        yield _new("actors", self.entry, now)


@frozen
class AddInstrument:
    """Add a convention, law or programme."""

    entry: model.Instrument

    def changes(self, now: Now) -> Changes:
        yield _new("instruments", self.entry, now)


@frozen
class AddTheme:
    """Add a subject under which points stand."""

    entry: model.Theme

    def changes(self, now: Now) -> Changes:
        yield _new("themes", self.entry, now)


@frozen
class AddRecord:
    """Add a point."""

    entry: model.Recommendation

    def changes(self, now: Now) -> Changes:
        added = _new(_RECORDS, self.entry, now)
        yield Addition(_RECORDS, {name: added.value[name] for name in RECORD_FIELDS if name in added.value})


@frozen
class AddSource:
    """Add a source document, as a file of its own in sources/."""

    entry: model.Source

    def changes(self, now: Now) -> Changes:
        if self.entry.id in now.registry.source_by_id or self.entry.id in now.registry.left_out.get("sources", ()):
            raise Impossible(f"there is a source {self.entry.id} already; choose another id")
        yield NewSource(self.entry.id, plain(self.entry))


Command = (
    Assess | Look | Answer | Step | Fund | Setback | Ask | Quote | Involve | Align | Relate | Due | Edit | Translate
    | Withdraw | Retire | Merge | Correct | Withhold | Archive | Tend
    | AddEvidence | AddActor | AddInstrument | AddTheme | AddRecord | AddSource
)  # fmt: skip
COMMANDS: tuple[type[Command], ...] = get_args(Command)


def touched(command: Command) -> tuple[tuple[str, str], ...]:
    """List and id of each entry that the command changes: what somebody must have seen before."""
    match command:
        case Look():
            return tuple((_RECORDS, name) for name in dict.fromkeys(command.records))
        case Edit() | Translate():
            return ((command.of, command.id),)
        case Withhold() | Archive():
            return (("evidence", command.id),)
        case Tend():
            return (("themes", command.theme),)
        case Merge():
            return ((_RECORDS, command.record), (_RECORDS, command.into))
        case AddEvidence() | AddActor() | AddInstrument() | AddTheme() | AddRecord() | AddSource():
            return ()
    return ((_RECORDS, command.record),)


def told(command: Command) -> str:
    """The command in one line, for the history: what and of what, nothing that somebody typed at length."""
    verb = type(command).__name__
    match command:
        case Assess():
            return f"{verb} {command.record}: {command.status}"
        case Answer():
            return f"{verb} {command.record}: {command.position}"
        case Look():
            named = ", ".join(command.records[:3]) + (
                f" and {len(command.records) - 3} more" if len(command.records) > 3 else ""
            )
            return f"{verb} {named}: nothing new"
        case Edit() | Translate():
            return f"{verb} {command.id}: {command.field}"
        case Withhold() | Archive():
            return f"{verb} {command.id}"
        case Tend():
            return f"{verb} {command.theme}"
        case Merge():
            return f"{verb} {command.record} into {command.into}"
        case AddEvidence() | AddActor() | AddInstrument() | AddTheme() | AddRecord() | AddSource():
            return f"{verb} {command.entry.id}"
    return f"{verb} {command.record}"


def names(given: tuple[model.Assessment, ...]) -> list[str]:
    """How each assessment is named: assessed_on/by/n (the n-th of that body and day)."""
    found: list[str] = []
    for each in given:
        stem = f"{each.assessed_on}/{each.by}"
        found.append(f"{stem}/{1 + sum(name.rpartition('/')[0] == stem for name in found)}")
    return found


def plain(value: Any) -> Any:
    """A model as it is written: every scalar a text, nothing that is absent, a text in English alone as just that."""
    kind: type = type(value)
    return _texts(_adapter(kind).dump_python(value, mode="json", by_alias=True, exclude_defaults=True))


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def tidy(text: str) -> str:
    """A text as it is kept: line feeds between its lines, no space or empty line around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _texts(value: Any) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            said = {name: _texts(each) for name, each in value.items()}
            return said["en"] if set(said) == {"en"} else said
        case list() | tuple():
            return [_texts(each) for each in value]
    return tidy(str(value))


def _appended(record: str, name: str, value: Any) -> Change:
    return Change(_RECORDS, record, (Append((name,), value, _before(name)),))


def _before(name: str) -> tuple[str, ...]:
    return RECORD_FIELDS[: RECORD_FIELDS.index(name)]


def _new(key: str, entry: Any, now: Now) -> Addition:
    if (key, entry.id) in now.positions:
        raise Impossible(f"there is {shown(entry.id)} under {key} already; choose another id")
    return Addition(key, plain(entry))


def _numbered(given: tuple[model.Assessment, ...], name: str) -> int | None:
    """The position of an assessment by its number or its name."""
    if name.isdecimal():
        return int(name) - 1 if int(name) <= len(given) else None
    known = names(given)
    return known.index(name) if name in known else None


# --- fields of an entry -------------------------------------------------------------------------


def _path(field: str) -> Path:
    return tuple(int(part) - 1 if part.isdecimal() else part for part in field.split("."))


def _typed(path: Path) -> str:
    """A path as it is typed."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


def _kept(path: Path, value: str, record: bool) -> str:
    """Why a field is not edited; empty where it may be."""
    first = str(path[0])
    if not record:
        return _NOT_EDITED["id"] if first == "id" else ""
    if first == "assessments" and len(path) == 3 and path[2] == "reviewed_by":
        return ""
    if path == ("retired",) and value:
        return "use retire; an empty value takes it back"
    return _NOT_EDITED.get(first, "")


def _instead(entry: Any, path: Path, field: str) -> str:
    """How to change what is made of several fields."""
    held = _found(entry, path)
    one = f"{field}.1" if isinstance(held, list) else f"{field}.{next(iter(held))}"
    verb = _ENTERED_BY.get(field)
    return f"name one of them, such as {one}" + (f", or use {verb}" if verb else "")


def _found(entry: Any, path: Path) -> Any:
    """What stands at a path of a plain entry; None where nothing does."""
    for part in path:
        if isinstance(entry, str) and part == "en":
            return entry
        if isinstance(entry, list) and isinstance(part, int):
            entry = entry[part] if part < len(entry) else None
        elif isinstance(entry, dict):
            entry = entry.get(str(part))
        else:
            return None
    return entry


def _numbered_path(entry: Any, path: Path) -> Path:
    """The path with the number that one more entry of a list would have."""
    for n, part in enumerate(path):
        if part == _NEW:
            held = _found(entry, path[:n])
            return (*path[:n], len(held) if isinstance(held, list) else 0, *path[n + 1 :])
    return path


def _is_text(held: Any) -> bool:
    """Whether it is a text in languages."""
    return isinstance(held, dict) and bool(set(held) & set(LANGUAGES)) and set(held) <= {*LANGUAGES, "from", "drafts"}


def _original(text: dict[str, Any]) -> str:
    """The language in which a text was first written."""
    return str(text.get("from") or next(language for language in LANGUAGES if language in text))


def _of_original(entry: Any, path: Path) -> Path:
    held = _found(entry, path)
    return (*path, _original(held)) if _is_text(held) else path


def _in_language(path: Path, was: dict[str, Any], language: str, text: str) -> Iterator[EditStep]:
    """One language of a text; what was its original stays that."""
    yield Put((*path, language), text, LANGUAGES)
    if _original(was) != _original({**was, language: text}):
        yield Put((*path, "from"), _original(was), LANGUAGES)


def _edited(entry: Any, path: Path, value: str, order: tuple[str, ...]) -> Iterator[EditStep]:
    *above, name = path
    before, parent = tuple(above), _found(entry, tuple(above))
    after = order[: order.index(path[0])] if path[0] in order else ()
    if not value:
        yield from _dropped(entry, path)
    elif (
        isinstance(parent, str) and name in LANGUAGES and before[-1] not in LANGUAGES
    ):  # a text in English alone becomes one in languages
        yield Put(before, value if name == "en" else {"en": parent, str(name): value})
    elif _is_text(parent) and name in LANGUAGES:
        yield from _in_language(before, parent, str(name), value)
    elif (isinstance(parent, list) and name == len(parent)) or (parent is None and name == 0):
        yield Append(before, value, after)
    elif isinstance(parent, dict) or (isinstance(parent, list) and _found(entry, path) is not None):
        yield Put(path, value, after if len(path) == 1 else LANGUAGES)
    elif parent is None and name in LANGUAGES and before:  # the first words of a text
        yield from _begun(entry, before, {str(name): value} if name != "en" else value, after)
    else:
        raise Impossible(f"{_typed(path)}: there is no such place; {_where_to(path)}")


def _begun(entry: Any, path: Path, value: Any, after: tuple[str, ...]) -> Iterator[EditStep]:
    """A text where there was none."""
    held = _found(entry, path[:-1])
    if isinstance(path[-1], int) and path[-1] == len(held or ()) and (held is None or isinstance(held, list)):
        yield Append(path[:-1], value, after)
    elif isinstance(path[-1], str) and isinstance(held, dict):
        yield Put(path, value, after)
    else:
        raise Impossible(f"{_typed(path)}: there is no such place; {_where_to(path)}")


def _where_to(path: Path) -> str:
    verb = _ENTERED_BY.get(str(path[0]))
    return f"enter it with {verb}, or see show for what is there" if verb else "see show for what is there"


def _dropped(entry: Any, path: Path) -> Iterator[EditStep]:
    if _found(entry, path) is None:
        raise Impossible(f"{_typed(path)}: nothing stands there; see show for what does")
    parent, name = _found(entry, path[:-1]), path[-1]
    if isinstance(parent, str) or (_is_text(parent) and not set(parent) & set(LANGUAGES) - {name}):
        yield from _dropped(entry, path[:-1])  # a text without its last language is none
    elif len(parent) == 1 and len(path) > 1:
        yield from _dropped(entry, path[:-1])  # nor is a list without its last entry
    else:
        yield Drop(path)
        drafts = [each for each in parent.get("drafts", []) if each != name] if _is_text(parent) else []
        if drafts and name in parent["drafts"]:
            yield Put((*path[:-1], "drafts"), drafts)
        elif _is_text(parent) and parent.get("drafts") == [name]:
            yield Drop((*path[:-1], "drafts"))
