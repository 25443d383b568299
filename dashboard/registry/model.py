"""The words of the domain: recommendation, assessment, evidence, actor, source.

Only what somebody typed or a tool stamped stands here. Everything computed (headline status, how
we know, last checked ...) is born in dashboard/progress. The field descriptions are the ones that
editors see while typing, through the JSON Schema that is made from these classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cached_property
from operator import is_
from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from pydantic.dataclasses import dataclass as model_dataclass

from dashboard.registry.scalars import (
    STRICT,
    Address,
    Count,
    Day,
    EvidenceRef,
    Flag,
    Money,
    Sha256,
    Slug,
    T,
    When,
    Words,
    model,
)

EDITORS = "editors"
"""The reserved assessor: whoever keeps the registry, applying the tests to evidence."""

SOURCE_PREFIX = "source:"


class Status(StrEnum):
    """How far an ask or promise is. The test of each stands in METHODOLOGY.md."""

    NOT_ASSESSED = "not-assessed"
    NOTHING_FOUND = "nothing-found"
    NOT_STARTED = "not-started"
    PROMISED = "promised"
    IN_PROGRESS = "in-progress"
    ONGOING = "ongoing"
    PARTLY = "partly-implemented"
    IMPLEMENTED = "implemented"
    BLOCKED = "blocked"
    REVERSED = "reversed"
    REFUSED = "refused"


AssessedStatus = Literal[
    Status.NOTHING_FOUND,
    Status.NOT_STARTED,
    Status.PROMISED,
    Status.IN_PROGRESS,
    Status.ONGOING,
    Status.PARTLY,
    Status.IMPLEMENTED,
    Status.BLOCKED,
    Status.REVERSED,
    Status.REFUSED,
]


class Known(StrEnum):
    """How we know: a kind, not a rank."""

    NONE = "none"
    OWN_WORD = "own-word"
    PRESS = "press"
    OFFICIAL = "official"
    INDEPENDENT = "independent"


class Kind(StrEnum):
    RECOMMENDATION = "recommendation"
    DEMAND = "demand"
    COMMITMENT = "commitment"


class Role(StrEnum):
    """What an actor has to do with a record."""

    MUST_ACT = "must-act"
    TOGETHER = "together"
    MUST_AGREE = "must-agree"
    HELPS = "helps"
    PAYS = "pays"


class Basis(StrEnum):
    NAMED = "named"
    INFERRED = "inferred"


class Side(StrEnum):
    """Whose duties are counted together; never added up across sides into one headline."""

    STATE = "state"
    FOREIGN = "foreign"
    SOCIETY = "society"


class Form(StrEnum):
    """What the original is whose word the evidence carries, not the page that prints it."""

    DOCUMENT_WITH_EFFECT = "document-with-effect"
    REPORT = "report"
    STATEMENT = "statement"
    NEWS = "news"
    DATASET = "dataset"
    SEEN = "seen"


class Owner(StrEnum):
    STATE = "state"
    INTERGOVERNMENTAL = "intergovernmental"
    INDEPENDENT = "independent"


class NotTracked(StrEnum):
    """Why a passage is not tracked: the first reason that fits (METHODOLOGY.md, rule 6)."""

    BOILERPLATE = "boilerplate"
    EVENT = "event"
    HOPE = "hope"
    SUPPORTS_ANOTHER = "supports-another"
    RHETORICAL = "rhetorical"
    OPINION = "opinion"
    DESCRIPTION = "description"
    THIRD_PARTY_PLAN = "third-party-plan"
    TOO_VAGUE = "too-vague"


class StepState(StrEnum):
    DONE = "done"
    NOT_DONE = "not-done"
    UNKNOWN = "unknown"
    LAPSED = "lapsed"
    NOT_NEEDED = "not-needed"


ActorKind = Literal[
    "state", "head-of-state", "government", "legislature", "judiciary", "intergovernmental",
    "donor", "civil-society", "media", "academia", "person", "public",
]  # fmt: skip
AnswerPosition = Literal["agreed", "agreed-in-part", "took-note", "declined", "not-ours", "done-already"]
FundingStage = Literal["reported", "pledged", "allocated", "paid", "suspended", "cancelled"]
Relation = Literal["beside", "part-of", "repeats", "supersedes", "depends-on"]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9/._#:-]+$", max_length=120)]
Evidences = tuple[EvidenceRef, ...]


@model
class NotTrackedPassage:
    """A passage that was examined and is not tracked, with the reason."""

    paragraph: Count = Field(description="Blank-line-separated block of the text, the first block not counted")
    quote: Words = Field(description="Verbatim, at most 25 words")
    reason: NotTracked
    supports: Slug | None = Field(default=None, description="With supports-another: the record that it supports")


@model
class Source:
    """A source document: citation, our summary, and the passages examined."""

    id: Slug
    title: Words = Field(description="As printed, mistakes and all")
    authors: tuple[Words, ...] = Field(default=(), description="Empty where the document names none")
    publisher: Words = Field(description="Who published it")
    owner: Owner = Field(description="Whose publisher it is")
    owned_by: Slug | None = Field(
        default=None, description="The actor that owns the publisher; required with owner: state"
    )
    form: Form = Field(description="What kind of text it is")
    published: When = Field(description="Date of publication, as exact as known")
    published_note: T | None = None
    url: Address = Field(description="Where it stands")
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    licence: Words = Field(description="As far as known")
    rights: Literal["quote-only", "public-record"] = Field(
        description="quote-only: at most 25 words at a time; public-record: the full wording may be kept"
    )
    text_sha256: Sha256 | None = Field(
        default=None, description="Of the text: Unicode NFC, each run of white space one space, ends trimmed, UTF-8"
    )
    summary: T = Field(description="What it says and what kind of text it is, in our words")
    not_tracked: tuple[NotTrackedPassage, ...] = ()


@model
class Theme:
    id: Slug
    name: T
    headline: Flag = Field(default=False, description="One of the subjects on the first screen")
    steward: Words | None = Field(default=None, description="Who tends these records")
    check_every_days: Count | None = Field(
        default=None, description="How often they are looked at; the rules' own term holds where that is shorter"
    )


@model
class Actor:
    """Who asks, acts, answers or assesses: a body, a person who speaks for one, or a named group."""

    id: Slug
    name: T
    kind: ActorKind = Field(description="What it is")
    side: Side = Field(description="Whose duties are counted together")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    part_of: Slug | None = Field(default=None, description="The body that it is part of")
    successor_of: Slug | None = Field(default=None, description="The body whose duties it took over")
    same_as: tuple[Words, ...] = Field(default=(), description="Ids in other registers")
    url: Address | None = None


@model
class Instrument:
    id: Slug
    name: T
    url: Address | None = None
    articles: Words | None = Field(default=None, description="Which articles matter here")


@model
class Evidence:
    """A page or document that shows something, in one line of ours."""

    id: Slug
    says: T = Field(description="One line of ours: what this page shows")
    owner: Owner = Field(description="Whose publisher it is")
    form: Form = Field(description="Of the original whose word it is, not of the page that prints it")
    url: Address | None = None
    publisher: Words | None = Field(default=None, description="Who published it")
    owned_by: Slug | None = Field(
        default=None, description="The actor that owns the publisher; required with owner: state"
    )
    voice: Slug | None = Field(
        default=None, description="The actor whose claim it is; absent: the publisher's own finding"
    )
    title: Words | None = Field(default=None, description="As printed")
    published: When | None = Field(default=None, description="Date of publication, as exact as known")
    published_note: T | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = None
    quote: Words | None = Field(default=None, description="Verbatim, at most 25 words")
    place: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")] | None = None
    accessed: When | None = Field(default=None, description="The day somebody read it")
    copy_of: Slug | None = Field(default=None, description="The evidence entry that this page is a whole copy of")
    archive_url: Address | None = None
    archived_on: When | None = None
    sha256: Sha256 | None = Field(default=None, description="Of a copy kept privately")
    withheld: Flag = Field(default=False, description="Kept private; url and publisher are then absent")


@model
class Alignment:
    code: Code = Field(description="Such as sdg:5.2, cedaw:art-7, CETS210:art-33, A/HRC/44/10#139.27")
    match: Literal["same", "near", "touches"] = Field(description="How near it is to this ask")


@model
class Origin:
    """Where it was asked or promised: a passage of a source."""

    source: Slug = Field(description="Id of a file in sources/")
    by: Slug = Field(description="Who asks or promises")
    told: Literal["own", "quoted", "reported"] = Field(
        description="own: the source asks itself; quoted or reported: it passes on somebody else"
    )
    paragraph: Count | None = Field(
        default=None, description="Blank-line-separated block of the text, the first block not counted"
    )
    locator: Words | None = Field(default=None, description="Where it stands, if there are no paragraphs")
    quote: Words | None = Field(
        default=None, description="Verbatim, at most 25 words; absent where the record has text"
    )
    translation: T | None = Field(default=None, description="Our translation of the quote")


@model
class Addressed:
    """An actor of a record, in a role."""

    actor: Slug
    role: Role
    basis: Basis = Field(description="named by the source, or inferred by the editors")
    why: T | None = Field(default=None, description="Required where an inferred actor is narrower than the state")


@model
class Due:
    on: When
    basis: T = Field(description="Where the date comes from")


@model
class Step:
    step: T = Field(description="One step, chosen for this record")
    state: StepState
    on: When | None = Field(default=None, description="When it was done")
    until: When | None = Field(default=None, description="How long it holds")
    evidence: Evidences = ()


@model
class Answer:
    """What the addressee replied, in full, apart from what was done."""

    by: Slug
    position: AnswerPosition = Field(description="What the addressee says it will do")
    on: When
    text: T = Field(description="The answer in full, in its own language")
    evidence: Evidences = ()
    whose: Slug | None = Field(default=None, description="With not-ours: whose it is then")


@model
class Asked:
    actor: Slug
    on: When
    how: T = Field(description='The proof behind "no answer yet"')


@model
class Funding:
    by: Slug
    stage: FundingStage = Field(description="reported: a sum given without saying whether pledged or paid")
    purpose: T = Field(description="What the money is for")
    to: Slug | None = None
    on: When | None = None
    amount: Money | None = Field(default=None, description="Digits, with a point before cents")
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    iati: Words | None = Field(default=None, description="IATI activity identifier")
    evidence: Evidences = ()


@model
class ConditionMet:
    condition: Count = Field(description="Its number in done_when, from 1")
    evidence: Evidences


@model
class Withdrawn:
    on: When
    why: T


@model
class Assessment:
    """One assessor's judgement, with what it was true of and what it rests on."""

    status: AssessedStatus = Field(description="Its test stands in METHODOLOGY.md")
    as_of: When = Field(description="Date of the newest evidence that carries the status")
    assessed_on: When = Field(description="The day somebody looked")
    by: Slug = Field(description="Whose judgement it is: an actor, or editors")
    evidence: Evidences = Field(description="Ids under evidence, or passages as source:ID#PARAGRAPH")
    note: T = Field(description="What was found, where, and what was not")
    conditions_met: tuple[ConditionMet, ...] = Field(default=(), description="With partly-implemented and implemented")
    judged: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")] | None = None
    recorded_on: When | None = Field(default=None, description="Stamped: the day it was entered")
    reviewed_by: Slug | None = None
    withdrawn: Withdrawn | None = Field(default=None, description="How an assessment is taken back")


@model
class Check:
    """Somebody looked again and found nothing new."""

    on: When
    by: Slug
    where: T = Field(description="Where somebody looked again")
    recorded_on: When | None = None


@model
class Setback:
    """An act that makes the ask harder; it does not change the status by itself."""

    on: When
    what: T = Field(description="The act that makes the ask harder")
    evidence: Evidences


@model
class Retired:
    on: When
    reason: T
    into: Slug | None = Field(default=None, description="The record that it went into")


@model
class Related:
    id: Slug
    relation: Relation = Field(description="beside: the same ask of somebody else")


@model
class Recommendation:
    """A point: one recommendation, demand or commitment (`Kind`), with all that is known of it."""

    id: Slug
    title: T = Field(description="What is asked or promised, and of whom")
    kind: Kind = Field(
        description="recommendation: an author or body; demand: people affected; commitment: the addressee itself"
    )
    theme: Slug = Field(description="An id under themes")
    origin: tuple[Origin, ...] = Field(description="Where it was asked or promised")
    actors: tuple[Addressed, ...] = Field(description="Who must act, and who else has to do with it")
    summary: T | None = Field(default=None, description="One to three sentences: who asked whom for what")
    text: T | None = Field(default=None, description="The full wording, where the source's rights are public-record")
    as_given: Literal["official-document", "own-words", "reported"] | None = Field(
        default=None, description="How a commitment was given"
    )
    instrument: Slug | None = Field(default=None, description="An id under instruments")
    on: When | None = Field(default=None, description="When asked or promised; absent: the earliest origin's date")
    alignments: tuple[Alignment, ...] = Field(default=(), description="The same ask elsewhere, only where you are sure")
    done_when: tuple[T, ...] = Field(default=(), description="Conditions, one for each limb")
    beyond_test: tuple[T, ...] = Field(default=(), description="Limbs that nothing could settle")
    open_ended: Flag = Field(default=False, description="The act done once, the ask would still stand")
    due: Due | None = None
    steps: tuple[Step, ...] = Field(default=(), description="In order")
    answers: tuple[Answer, ...] = ()
    asked: tuple[Asked, ...] = ()
    funding: tuple[Funding, ...] = ()
    assessments: tuple[Assessment, ...] = Field(
        default=(), description="In the order in which they were recorded; add below, never change"
    )
    checks: tuple[Check, ...] = Field(default=(), description="Looked again, nothing new")
    setbacks: tuple[Setback, ...] = ()
    open_questions: tuple[T, ...] = Field(default=(), description="What one would need to know")
    retired: Retired | None = None
    related: tuple[Related, ...] = ()


@model
class Publisher:
    name: Words = Field(description="Who answers for the registry")
    contact: Words | None = Field(default=None, description="The one place for an e-mail address")
    funders: T | None = None
    conflicts: T | None = None


@model
class CheckAgain:
    """Days after which a look is old: for what can still move, and for the rest."""

    open: Count = Field(default=180, description="Days, for promised, in-progress, ongoing, partly-implemented")
    other: Count = Field(default=365, description="Days, for the rest")


@model
class Rules:
    """The numbers that the rules use (METHODOLOGY.md)."""

    check_again_after_days: CheckAgain = Field(default_factory=CheckAgain)
    no_movement_months: Count = Field(default=18, description="From so many months it is said that nothing moved")
    ongoing_within_months: Count = Field(default=12, description="Within so many months conduct reads as ongoing")
    percent_from: Count = Field(default=30, description="No percentage of fewer")
    answer_within_days: Count = Field(default=60, description="After so many days an answer is overdue")
    desk_minutes_a_week: Count = Field(default=40, description="Minutes a week for looking, by which looks are spread")


@model
class Correction:
    on: When
    record: Slug
    was: T = Field(description="What stood there")
    now: T = Field(description="What stands there now")


@model
class RegistryFile:
    """What stands in recommendations.yaml."""

    version: Literal["1"]
    title: T
    publisher: Publisher
    licence: Words = Field(description="Of the data")
    themes: tuple[Theme, ...] = Field(description="The subjects under which records stand")
    actors: tuple[Actor, ...] = Field(description="Who asks, acts, answers or assesses")
    rules: Rules = Field(default_factory=Rules)
    instruments: tuple[Instrument, ...] = ()
    evidence: tuple[Evidence, ...] = Field(default=(), description="Pages and documents that show something")
    recommendations: tuple[Recommendation, ...] = Field(default=(), description="The records")
    corrections: tuple[Correction, ...] = Field(default=(), description="Public notes of what was wrong")


def alike(one: Sequence[object], other: Sequence[object]) -> bool:
    """Whether two lists hold the very same things."""
    return len(one) == len(other) and all(map(is_, one, other))


@model_dataclass(frozen=True, eq=False, kw_only=True, config=STRICT)
class Registry:
    """The registry in force: the file and the sources beside it, with look-ups by id.

    Compared and hashed by identity: equality by content would read every record.
    """

    file: RegistryFile
    sources: tuple[Source, ...] = ()
    left_out: dict[str, frozenset[str]] = Field(default_factory=dict)
    """List name to the ids of entries that were read but left out for a problem of their own."""

    @cached_property
    def records(self) -> dict[str, Recommendation]:
        return {record.id: record for record in self.file.recommendations}

    @cached_property
    def actors(self) -> dict[str, Actor]:
        return {actor.id: actor for actor in self.file.actors}

    @cached_property
    def evidence(self) -> dict[str, Evidence]:
        return {entry.id: entry for entry in self.file.evidence}

    @cached_property
    def themes(self) -> dict[str, Theme]:
        return {theme.id: theme for theme in self.file.themes}

    @cached_property
    def instruments(self) -> dict[str, Instrument]:
        return {instrument.id: instrument for instrument in self.file.instruments}

    @cached_property
    def source_by_id(self) -> dict[str, Source]:
        return {source.id: source for source in self.sources}

    @cached_property
    def lists(self) -> Mapping[str, Mapping[str, object]]:
        """The entries by id, of each list: asked for every name of every record."""
        return {
            "recommendations": self.records,
            "evidence": self.evidence,
            "actors": self.actors,
            "themes": self.themes,
            "instruments": self.instruments,
            "sources": self.source_by_id,
        }

    @cached_property
    def families(self) -> dict[tuple[str, ...], frozenset[str]]:
        """Actors to all whose word is theirs, remembered by grounds.addressees."""
        return {}

    @cached_property
    def countries(self) -> frozenset[str]:
        """Of the actors on the side of the state; those that name none are not counted."""
        return frozenset(a.country for a in self.file.actors if a.side is Side.STATE and a.country)

    def holding(self, file: RegistryFile) -> "Registry":
        """The same with another file; look-ups over lists that hold the same are not made anew."""
        new, made = replace(self, file=file), self.__dict__
        kept = [
            name
            for name in ("actors", "evidence", "themes", "instruments")
            if alike(getattr(file, name), getattr(self.file, name))
        ]
        also = ["source_by_id", *(["families", "countries"] if "actors" in kept else [])]
        new.__dict__.update({name: made[name] for name in (*kept, *also) if name in made})
        return new

    @property
    def rules(self) -> Rules:
        return self.file.rules

    def asked_on(self, record: Recommendation) -> Day | None:
        """When the record was asked or promised: its `on`, else its earliest origin's source date."""
        if record.on:
            return record.on
        days = [s.published for o in record.origin if (s := self.source_by_id.get(o.source))]
        return min(days, key=lambda day: day.first, default=None)
