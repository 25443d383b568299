"""The words on screen for what the registry names by code."""

from dashboard.language import Translator
from dashboard.registry.model import Basis, Kind, Known, Role, Side, Status, StepState


def mark(text: str) -> str:
    """Marks a sentence for extraction where it is translated later."""
    return text


STATUS: dict[Status, str] = {
    Status.NOT_ASSESSED: mark("Nobody has checked yet"),
    Status.NOTHING_FOUND: mark("Checked, nothing found"),
    Status.NOT_STARTED: mark("Shown not to have begun"),
    Status.PROMISED: mark("Promised, nothing more seen"),
    Status.IN_PROGRESS: mark("Under way"),
    Status.ONGOING: mark("Ongoing"),
    Status.PARTLY: mark("Partly done"),
    Status.IMPLEMENTED: mark("Done"),
    Status.BLOCKED: mark("Blocked"),
    Status.REVERSED: mark("Undone"),
    Status.REFUSED: mark("Refused or dropped"),
}

KNOWN: dict[Known, str] = {
    Known.NONE: mark("nothing"),
    Known.OWN_WORD: mark("own word"),
    Known.PRESS: mark("press"),
    Known.OFFICIAL: mark("official record"),
    Known.INDEPENDENT: mark("independent check"),
}

ROLE: dict[Role, str] = {
    Role.MUST_ACT: mark("must act"),
    Role.TOGETHER: mark("together with"),
    Role.MUST_AGREE: mark("must agree"),
    Role.HELPS: mark("helps"),
    Role.PAYS: mark("pays"),
}

BASIS: dict[Basis, str] = {
    Basis.NAMED: mark("named in the source"),
    Basis.INFERRED: mark("our reading, not in the source"),
}

SIDE: dict[Side, str] = {
    Side.STATE: mark("Kazakhstan’s state"),
    Side.FOREIGN: mark("Foreign donors and governments"),
    Side.SOCIETY: mark("Society and media"),
}

KIND: dict[Kind, str] = {
    Kind.RECOMMENDATION: mark("Recommendation"),
    Kind.DEMAND: mark("Call"),
    Kind.COMMITMENT: mark("Promise"),
}

AS_GIVEN = {
    "official-document": mark("in an official document"),
    "own-words": mark("in its own words"),
    "reported": mark("as reported by others"),
}

STEP: dict[StepState, str] = {
    StepState.DONE: mark("done"),
    StepState.NOT_DONE: mark("not done"),
    StepState.UNKNOWN: mark("not known"),
    StepState.LAPSED: mark("lapsed"),
    StepState.NOT_NEEDED: mark("not needed"),
}

STAGE = {
    "reported": mark("sum reported, stage not said"),
    "pledged": mark("pledged"),
    "allocated": mark("allocated"),
    "paid": mark("paid"),
    "suspended": mark("suspended"),
    "cancelled": mark("cancelled"),
}

TOLD = {
    "own": mark("in the author’s own words"),
    "quoted": mark("quoted in the source"),
    "reported": mark("reported in the source"),
}

REASON = {
    "boilerplate": mark("boilerplate"),
    "event": mark("an event"),
    "hope": mark("a hope"),
    "supports-another": mark("supports another point"),
    "rhetorical": mark("rhetorical"),
    "opinion": mark("an opinion"),
    "description": mark("a description"),
    "third-party-plan": mark("somebody else’s plan"),
    "too-vague": mark("too vague to track"),
}


MATCH = {"same": mark("the same ask"), "near": mark("a near ask"), "touches": mark("touches it")}

POSITION = {
    "agreed": mark("Agreed"),
    "agreed-in-part": mark("Agreed in part"),
    "took-note": mark("Took note, did not agree"),
    "declined": mark("Declined"),
    "not-ours": mark("Not ours"),
    "done-already": mark("Says it is done already"),
}


def parts(tr: Translator, status: Status, n: int, last_seen: bool) -> str:
    """`n` points of a status, as a part of a sum: "2 done". `last_seen`: none of them was seen lately."""
    match status:
        case Status.IMPLEMENTED:
            return tr.count("{n} done", "{n} done", n)
        case Status.PARTLY:
            return tr.count("{n} partly done", "{n} partly done", n)
        case Status.IN_PROGRESS:
            return tr.count("{n} under way", "{n} under way", n)
        case Status.ONGOING:
            if last_seen:
                return tr.count("{n} ongoing when last seen", "{n} ongoing when last seen", n)
            return tr.count("{n} ongoing", "{n} ongoing", n)
        case Status.PROMISED:
            return tr.count("{n} promised only", "{n} promised only", n)
        case Status.REVERSED:
            return tr.count("{n} undone", "{n} undone", n)
        case Status.REFUSED:
            return tr.count("{n} refused or dropped", "{n} refused or dropped", n)
        case Status.BLOCKED:
            return tr.count("{n} blocked", "{n} blocked", n)
        case Status.NOT_STARTED:
            return tr.count("{n} shown not to have begun", "{n} shown not to have begun", n)
        case Status.NOTHING_FOUND:
            return tr.count("{n} checked, nothing found", "{n} checked, nothing found", n)
    return tr.count("{n} that nobody has checked yet", "{n} that nobody has checked yet", n)
