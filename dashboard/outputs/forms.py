"""The form on which people tell the editors something: what it asks, and what was meant by what was typed.

No request, no file: what is typed comes as a mapping, what is meant leaves as fields of an inbox.Message.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from dashboard.language.words import mark
from dashboard.progress.rows import Row
from dashboard.registry.grounds import ADDRESSED_ROLES, bodies_above
from dashboard.registry.inbox import Counts, Fault, Reason, Saying, Sign, State
from dashboard.registry.model import Recommendation, Registry, Role, Status

MOST_CHOICES = 300
"""Points in one list to choose from; beyond, a search finds them sooner."""

TYPED = (
    "about", "kind", "text", "where", "when", "when_other", "shown_by", "link", "put", "q1", "q2", "q3", "q4",
    "position", "whose", "shown_at", "body", "sign", "coalition", "once",
)  # fmt: skip
"""The fields of the form; everything else that is sent is passed over."""

PLACES = {"when": "when_other"}
"""Fields of a message that are typed under another name."""

SAYING: Mapping[Saying, str] = {
    Saying.CHANGED: mark("Something changed"),
    Saying.NOTHING_NEW: mark("Looked: nothing new"),
    Saying.WRONG: mark("Something is wrong"),
    Saying.ANSWER: mark("An answer of the body addressed"),
    Saying.TAKE_OUT: mark("Take something out now"),
}
"""What a message says, as an editor reads it."""

REASON: Mapping[Reason, str] = {
    Reason.CANNOT_BE_CHECKED: mark("It cannot be checked."),
    Reason.NAMES_A_PRIVATE_PERSON: mark("It names a private person."),
    Reason.ALREADY_KNOWN: mark("It was known already."),
    Reason.NOT_ABOUT_THIS_REGISTRY: mark("It is not about anything that is tracked here."),
    Reason.UNCLEAR: mark("It was not clear what happened."),
    Reason.OTHER: mark("Another reason."),
}

STATE: Mapping[State, str] = {
    State.WAITING: mark("It waits to be read."),
    State.PUBLISHED: mark("It was read and published."),
    State.DECLINED: mark("It was read and not published."),
}


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it is shown: what was typed, what is wrong with it, who may sign, whether it can be sent.

    `once`: a number that stands for this filling-in, so that sending it twice is one message.
    `organisation`: the actor in whose name the reader may sign; `login`: where to log in, if anywhere.
    `trouble`: why nothing was kept.
    """

    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)
    takes: bool = False
    organisation: str = ""
    login: str = ""
    once: str = ""
    trouble: str = ""
    counts: Counts | None = None
    whole: bool = False
    """It is about no single point."""

    def picked(self, name: str, otherwise: str = "") -> str:
        return self.typed.get(name) or otherwise


@dataclass(frozen=True, slots=True)
class Question:
    """A yes-or-no question, and the status that a yes leads to."""

    name: str
    words: str
    status: Status


_UNDONE = (Status.IMPLEMENTED, Status.PARTLY, Status.ONGOING)
"""Where something has been delivered, it can be undone; elsewhere an ask can only be refused or dropped."""


def questions(record: Recommendation | None, now: Status | None) -> tuple[Question, ...]:
    """What to ask instead of naming a status; the first yes decides (METHODOLOGY.md, rules 16 to 21, 25)."""
    asked: list[tuple[str, Status]] = []
    if record and record.open_ended:
        asked.append((mark("Is it being done at present?"), Status.ONGOING))
    else:
        asked.append((mark("Is the end point reached, all of it?"), Status.IMPLEMENTED))
        asked.append((mark("Is a part of it reached, completely?"), Status.PARTLY))
    asked.append((mark("Is there a plan, with somebody in charge and a date or money?"), Status.IN_PROGRESS))
    if now in _UNDONE:
        asked.append((mark("Was it undone, or ended before its time?"), Status.REVERSED))
    else:
        asked.append((mark("Was it refused or dropped?"), Status.REFUSED))
    return tuple(Question(f"q{number}", said, status) for number, (said, status) in enumerate(asked, 1))


def led_to(asked: Sequence[Question], typed: Mapping[str, str]) -> str:
    """The status that the answers lead to; empty where the editor decides."""
    if typed.get("put") != "help":
        return ""
    for question in asked:
        if typed.get(question.name) == "yes":
            return question.status
        if typed.get(question.name) != "no":
            return ""
    return ""


def meant(typed: Mapping[str, str], asked: Sequence[Question], today: date, organisation: str) -> dict[str, str]:
    """The fields of the message that was meant. `organisation` is the login's; what a form says of it is nothing."""
    kind = typed.get("kind", "")
    fields = {
        name: typed.get(name, "")
        for name in ("about", "kind", "shown_by", "position", "whose", "body", "sign", "coalition")
    }
    fields["text"] = typed.get("text", "")
    if kind == Saying.NOTHING_NEW:
        fields["text"] = typed.get("where", "").strip() or fields["text"]
    fields["link"] = typed.get("shown_at" if kind == Saying.ANSWER else "link", "").strip()
    if kind == Saying.WRONG and fields["shown_by"] == "link" and not fields["link"]:
        fields["shown_by"] = ""
    if fields["shown_by"] != "link" and kind != Saying.ANSWER:
        fields["link"] = ""
    if fields["position"] != "not-ours":
        fields["whose"] = ""
    if fields["position"] != "done-already" and kind == Saying.ANSWER:
        fields["link"] = ""
    if fields["sign"] != Sign.COALITION:
        fields["coalition"] = ""
    fields["organisation"] = organisation if fields["sign"] == Sign.ORGANISATION else ""
    whens = {"month": f"{today:%Y-%m}", "today": str(today), "other": typed.get("when_other", "").strip()}
    fields["when"] = whens.get(typed.get("when", ""), "")
    fields["status"] = led_to(asked, typed)
    return fields


def places(faults: Mapping[str, Fault], kind: str) -> dict[str, Fault]:
    """What is wrong, by the names that the fields have on the form."""
    here = {
        **PLACES,
        "text": "where" if kind == Saying.NOTHING_NEW else "text",
        "link": "shown_at" if kind == Saying.ANSWER else "link",
    }
    return {here.get(name, name): fault for name, fault in faults.items()}


def institutions(
    rows: Sequence[Row], registry: Registry, roles: Collection[Role] = ADDRESSED_ROLES
) -> dict[str, list[Row]]:
    """Each body to the points in which it, or a part of it, has one of the roles, each point once."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        acting = (a.actor for a in row.record.actors if a.role in roles)
        bodies = dict.fromkeys(body for actor in acting for body in (actor, *bodies_above(registry, actor)))
        for body in bodies:
            if body in registry.actors:
                found.setdefault(body, []).append(row)
    return found


def of_other_parts(rows: Sequence[Row], registry: Registry, actor: str) -> list[tuple[Row, list[Role]]]:
    """The points in which an institution, or a part of it, has only a part beside those who must act, and which."""
    own = {row.id for row in institutions(rows, registry).get(actor, ())}
    found = []
    for row in rows:
        its = [a.role for a in row.record.actors if actor in (a.actor, *bodies_above(registry, a.actor))]
        if its and row.id not in own:
            found.append((row, list(dict.fromkeys(its))))
    return found


def answering(record: Recommendation | None, registry: Registry) -> list[str]:
    """Who can answer for a point: everybody with a part in it, the bodies above them, and their own parts."""
    if record is None:
        return [actor.id for actor in registry.file.actors]
    named = dict.fromkeys(a.actor for a in record.actors)
    above = dict.fromkeys(body for actor in named for body in bodies_above(registry, actor))
    parts = [actor.id for actor in registry.file.actors if named.keys() & set(bodies_above(registry, actor.id))]
    return [body for body in dict.fromkeys((*named, *above, *parts)) if body in registry.actors]


def of_bodies_above(rows: Sequence[Row], registry: Registry, actor: str) -> list[Row]:
    """The points in which a body above an institution must act, and neither it nor a part of it has a part."""
    above = set(bodies_above(registry, actor))
    own = {row.id for row in institutions(rows, registry).get(actor, ())}
    own |= {row.id for row, _ in of_other_parts(rows, registry, actor)}
    return [
        row
        for row in rows
        if row.id not in own and any(a.role in ADDRESSED_ROLES and a.actor in above for a in row.record.actors)
    ]
