"""The words of the domain: recommendation, assessment, evidence, actor, source.

Only what somebody typed or a tool stamped stands here. Everything computed (headline status, how
we know, last checked ...) is born in dashboard/progress. The field descriptions are the ones that
editors see while typing, through the JSON Schema that is made from these classes.
"""

from enum import StrEnum
from functools import cached_property
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
    title: Words
    authors: tuple[Words, ...] = Field(default=(), description="Empty where the document names none")
    publisher: Words
    owner: Owner
    owned_by: Slug | None = Field(
        default=None, description="The actor that owns the publisher; required with owner: state"
    )
    form: Form
    published: When
    published_note: T | None = None
    url: Address
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    licence: Words = Field(description="As far as known")
    rights: Literal["quote-only", "public-record"]
    text_sha256: Sha256 | None = Field(
        default=None, description="Of the text: Unicode NFC, each run of white space one space, ends trimmed, UTF-8"
    )
    summary: T
    not_tracked: tuple[NotTrackedPassage, ...] = ()


@model
class Theme:
    id: Slug
    name: T
    headline: Flag = Field(default=False, description="One of the subjects on the first screen")
    steward: Words | None = None
    check_every_days: Count | None = None


@model
class Actor:
    """Who asks, acts, answers or assesses: a body, a person who speaks for one, or a named group."""

    id: Slug
    name: T
    kind: ActorKind
    side: Side
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    part_of: Slug | None = None
    successor_of: Slug | None = None
    same_as: tuple[Words, ...] = ()
    url: Address | None = None


@model
class Instrument:
    id: Slug
    name: T
    url: Address | None = None
    articles: Words | None = None


@model
class Evidence:
    """A page or document that shows something, in one line of ours."""

    id: Slug
    says: T
    owner: Owner
    form: Form
    url: Address | None = None
    publisher: Words | None = None
    owned_by: Slug | None = Field(
        default=None, description="The actor that owns the publisher; required with owner: state"
    )
    voice: Slug | None = Field(
        default=None, description="The actor whose claim it is; absent: the publisher's own finding"
    )
    title: Words | None = None
    published: When | None = None
    published_note: T | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = None
    quote: Words | None = Field(default=None, description="Verbatim, at most 25 words")
    place: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")] | None = None
    accessed: When | None = None
    copy_of: Slug | None = None
    archive_url: Address | None = None
    archived_on: When | None = None
    sha256: Sha256 | None = None
    withheld: Flag = Field(default=False, description="Kept private; url and publisher are then absent")


@model
class Alignment:
    code: Code
    match: Literal["same", "near", "touches"]


@model
class Origin:
    """Where it was asked or promised: a passage of a source."""

    source: Slug
    by: Slug
    told: Literal["own", "quoted", "reported"]
    paragraph: Count | None = None
    locator: Words | None = None
    quote: Words | None = Field(
        default=None, description="Verbatim, at most 25 words; absent where the record has text"
    )
    translation: T | None = None


@model
class Addressed:
    """An actor of a record, in a role."""

    actor: Slug
    role: Role
    basis: Basis
    why: T | None = None


@model
class Due:
    on: When
    basis: T


@model
class Step:
    step: T
    state: StepState
    on: When | None = None
    until: When | None = None
    evidence: Evidences = ()


@model
class Answer:
    """What the addressee replied, in full, apart from what was done."""

    by: Slug
    position: AnswerPosition
    on: When
    text: T
    evidence: Evidences = ()
    whose: Slug | None = None


@model
class Asked:
    actor: Slug
    on: When
    how: T


@model
class Funding:
    by: Slug
    stage: FundingStage
    purpose: T
    to: Slug | None = None
    on: When | None = None
    amount: Money | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    iati: Words | None = None
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

    status: AssessedStatus
    as_of: When = Field(description="Date of the newest evidence that carries the status")
    assessed_on: When = Field(description="The day somebody looked")
    by: Slug = Field(description="Whose judgement it is: an actor, or editors")
    evidence: Evidences
    note: T
    conditions_met: tuple[ConditionMet, ...] = ()
    judged: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")] | None = None
    recorded_on: When | None = None
    reviewed_by: Slug | None = None
    withdrawn: Withdrawn | None = None


@model
class Check:
    """Somebody looked again and found nothing new."""

    on: When
    by: Slug
    where: T
    recorded_on: When | None = None


@model
class Setback:
    """An act that makes the ask harder; it does not change the status by itself."""

    on: When
    what: T
    evidence: Evidences


@model
class Retired:
    on: When
    reason: T
    into: Slug | None = None


@model
class Related:
    id: Slug
    relation: Relation


@model
class Recommendation:
    """A point: one recommendation, demand or commitment (`Kind`), with all that is known of it."""

    id: Slug
    title: T
    kind: Kind
    theme: Slug
    origin: tuple[Origin, ...]
    actors: tuple[Addressed, ...]
    summary: T | None = None
    text: T | None = Field(default=None, description="The full wording, where the source's rights are public-record")
    as_given: Literal["official-document", "own-words", "reported"] | None = Field(
        default=None, description="How a commitment was given"
    )
    instrument: Slug | None = None
    on: When | None = Field(default=None, description="When asked or promised; absent: the earliest origin's date")
    alignments: tuple[Alignment, ...] = ()
    done_when: tuple[T, ...] = ()
    beyond_test: tuple[T, ...] = ()
    open_ended: Flag = False
    due: Due | None = None
    steps: tuple[Step, ...] = ()
    answers: tuple[Answer, ...] = ()
    asked: tuple[Asked, ...] = ()
    funding: tuple[Funding, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    checks: tuple[Check, ...] = ()
    setbacks: tuple[Setback, ...] = ()
    open_questions: tuple[T, ...] = ()
    retired: Retired | None = None
    related: tuple[Related, ...] = ()


@model
class Publisher:
    name: Words
    contact: Words | None = None
    funders: T | None = None
    conflicts: T | None = None


@model
class CheckAgain:
    """Days after which a look is old: for what can still move, and for the rest."""

    open: Count = 180
    other: Count = 365


@model
class Rules:
    """The numbers that the rules use; shown on How we judge."""

    check_again_after_days: CheckAgain = Field(default_factory=CheckAgain)
    no_movement_months: Count = 18
    ongoing_within_months: Count = 12
    percent_from: Count = 30
    answer_within_days: Count = 60


@model
class Correction:
    on: When
    record: Slug
    was: T
    now: T


@model
class RegistryFile:
    """What stands in recommendations.yaml."""

    version: Literal["1"]
    title: T
    publisher: Publisher
    licence: Words
    themes: tuple[Theme, ...]
    actors: tuple[Actor, ...]
    rules: Rules = Field(default_factory=Rules)
    instruments: tuple[Instrument, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    corrections: tuple[Correction, ...] = ()


@model_dataclass(frozen=True, kw_only=True, config=STRICT)
class Registry:
    """The registry in force: the file and the sources beside it, with look-ups by id."""

    file: RegistryFile
    sources: tuple[Source, ...] = ()

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
    def source_by_id(self) -> dict[str, Source]:
        return {source.id: source for source in self.sources}

    @property
    def rules(self) -> Rules:
        return self.file.rules

    def asked_on(self, record: Recommendation) -> Day | None:
        """When the record was asked or promised: its `on`, else its earliest origin's source date."""
        if record.on:
            return record.on
        days = [s.published for o in record.origin if (s := self.source_by_id.get(o.source))]
        return min(days, key=lambda day: day.first, default=None)
