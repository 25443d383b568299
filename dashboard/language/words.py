"""The words on screen for what the registry names by code."""

from dashboard.language import Translator
from dashboard.registry.model import Basis, Form, Kind, Known, Owner, Registry, Role, Side, Status, StepState


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
    Side.STATE: mark("States and their bodies"),
    Side.FOREIGN: mark("Foreign donors and governments"),
    Side.SOCIETY: mark("Society and media"),
}

_KAZAKHSTAN = mark("Kazakhstan’s state")


def side(registry: Registry, which: Side | str) -> str:
    """Whose duties are counted together, as this registry's reader knows it: a state of one country by its name."""
    return _KAZAKHSTAN if which == Side.STATE and registry.countries == {"KZ"} else SIDE[Side(which)]


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


COMMAND = {
    "assess": mark("Judge how far it is"),
    "look": mark("Somebody looked: nothing new"),
    "answer": mark("Enter the answer of a body"),
    "step": mark("Say how far a step is, or add one"),
    "fund": mark("Enter money"),
    "setback": mark("Enter what made it harder"),
    "ask": mark("Enter that a body was asked"),
    "edit": mark("Mend a field"),
    "translate": mark("Translate, or say that a translation is checked"),
    "withdraw": mark("Take an assessment back"),
    "retire": mark("Stop tracking it"),
    "merge": mark("Let it go into another point"),
    "correct": mark("Say in public what was wrong"),
    "quote": mark("Enter where else it is asked or promised"),
    "involve": mark("Enter who else has to do with it"),
    "align": mark("Enter the same ask in another list"),
    "relate": mark("Enter how it stands to another point"),
    "due": mark("Say by when it has to be done"),
    "withhold": mark("Keep it private to protect somebody"),
    "tend": mark("Say who tends it, and how often"),
}
"""What an editor can do with a point, in the order in which it is offered."""

FIELD = {
    "actor": mark("Who"),
    "amount": mark("Sum, digits only"),
    "as_of": mark("True on (the date of the newest evidence)"),
    "assessed_on": mark("Looked on (today where empty)"),
    "assessment": mark("Which assessment"),
    "by": mark("Whose word or act it is"),
    "basis": mark("Named by the source, or inferred by the editors"),
    "due.basis": mark("Where the date comes from"),
    "checked": mark("A native speaker has read it and it is right"),
    "code": mark("Code, such as sdg:5.2 or cedaw:art-7"),
    "conditions_met": mark("Which conditions are met, and what shows it"),
    "currency": mark("Currency, such as EUR"),
    "evidence": mark("Evidence in the registry"),
    "field": mark("Which field"),
    "form": mark("What the original is"),
    "how": mark("How, and what proves it"),
    "iati": mark("IATI activity identifier"),
    "into": mark("The point that stays"),
    "language": mark("Which language"),
    "note": mark("What was found, where, and what was not"),
    "locator": mark("Where it stands, if there are no paragraphs"),
    "match": mark("How near it is to this ask"),
    "now": mark("What stands there now"),
    "number": mark("Which step (none: a new one)"),
    "on": mark("When"),
    "owner": mark("Whose publisher it is"),
    "position": mark("What it says that it will do"),
    "paragraph": mark("Paragraph: its number"),
    "published": mark("When it was published"),
    "publisher": mark("Who published it"),
    "purpose": mark("What the money is for"),
    "quote": mark("Quote: word for word, at most 25 words"),
    "reason": mark("Why"),
    "relate.to": mark("The other point"),
    "relation": mark("How this point stands to the other"),
    "reviewed_by": mark("Who read it over"),
    "role": mark("Its part"),
    "says": mark("What this page shows, in one line of ours"),
    "source": mark("Source document"),
    "stage": mark("How far the money is"),
    "state": mark("How far the step is"),
    "status": mark("Where that puts it"),
    "step": mark("The words of a new step"),
    "text": mark("The words"),
    "to": mark("Who receives"),
    "told": mark("How it is told there"),
    "translation": mark("Our translation of the quote"),
    "until": mark("Until when it holds"),
    "url": mark("Address of the page"),
    "value": mark("What shall stand there (empty: nothing)"),
    "was": mark("What stood there"),
    "what": mark("What happened"),
    "where": mark("Where somebody looked"),
    "whose": mark("Whose it is then"),
    "why": mark("Why it is taken back"),
    "involve.why": mark("Why this body (where it is inferred)"),
    "steward": mark("Who tends it: a body, or a person who agrees to be named (empty: nobody)"),
    "check_every_days": mark("How often it is looked at, in days (empty: by the rules)"),
    "theme": mark("Which subject"),
}
"""The fields of commands, as an editor reads them."""

ENTRY = {
    "evidence": mark("A page or document that shows something"),
    "source": mark("A source document"),
    "record": mark("A point"),
    "actor": mark("A body, a person who speaks for one, or a named group"),
    "instrument": mark("A convention, law or programme"),
    "theme": mark("A subject"),
}
"""What can be added to a registry."""

LIST = {
    "evidence": mark("Evidence"),
    "actors": mark("Bodies, persons and groups"),
    "themes": mark("Subjects"),
    "instruments": mark("Conventions, laws and programmes"),
}
"""The lists of a registry beside its points."""

ENTRY_FIELD = {
    "accessed": mark("The day somebody read it"),
    "actor": mark("Who must act, or has to do with it"),
    "actors": mark("Who must act (one now; more afterwards)"),
    "articles": mark("Which articles matter here"),
    "as_given": mark("How a promise was given"),
    "authors": mark("Ids of the authors, with commas between"),
    "basis": mark("Named by the source, or inferred by the editors"),
    "by": mark("Who asks or promises"),
    "check_every_days": mark("How often it is looked at, in days"),
    "copy_of": mark("The entry that this page is a whole copy of"),
    "country": mark("Country, two capital letters"),
    "done_when": mark("Counts as done when (one now; more afterwards)"),
    "headline": mark("One of the subjects on the first screen"),
    "id": mark("Id: lower-case Latin letters, digits and hyphens; stays for good"),
    "instrument": mark("Convention, law or programme"),
    "kind": mark("Kind"),
    "language": mark("Language of the document, such as en"),
    "licence": mark("Licence, as far as known"),
    "locator": mark("Where it stands, if there are no paragraphs"),
    "name": mark("Name"),
    "on": mark("When asked or promised (empty: the date of the source)"),
    "open_ended": mark("The act done once, the ask would still stand"),
    "origin": mark("Where it was asked or promised"),
    "owned_by": mark("Which body owns the publisher"),
    "paragraph": mark("Paragraph: its number"),
    "part_of": mark("The body that it is part of"),
    "place": mark("Place, as KZ or KZ-ALA"),
    "published_note": mark("A word on the date"),
    "quote": mark("Quote: word for word, at most 25 words"),
    "rights": mark("What may be kept of its text"),
    "role": mark("Its part"),
    "side": mark("Whose duties are counted together"),
    "source": mark("Source document"),
    "steward": mark("Who tends these points"),
    "successor_of": mark("The body whose duties it took over"),
    "summary": mark("Summary in our words"),
    "theme": mark("Subject"),
    "title": mark("Title"),
    "told": mark("How it is told there"),
    "translation": mark("Our translation of the quote"),
    "url": mark("Address"),
    "voice": mark("Whose claim it is (empty: the publisher’s own finding)"),
    "why": mark("Why this body (where it is inferred)"),
    "withheld": mark("Kept private to protect somebody: no address, no publisher"),
}
"""The fields of new entries, as an editor reads them; for the rest FIELD."""

PLACE = {
    "alignments": mark("Same or near elsewhere"),
    "answers": mark("Its answer"),
    "asked": mark("Who was asked for an answer"),
    "assessments": mark("What was judged, and on what"),
    "beyond_test": mark("Beyond any test:"),
    "checks": mark("Looked again, nothing new"),
    "due": mark("Say by when it has to be done"),
    "funding": mark("Money"),
    "open_questions": mark("What we do not know"),
    "related": mark("Other points"),
    "retired": mark("Stop tracking it"),
    "setbacks": mark("What made it harder"),
    "steps": mark("Steps"),
    "text": mark("The full wording:"),
}
"""Lists of a point, where a field of one is named."""

RELATED = {
    "beside": mark("the same ask of somebody else"),
    "part-of": mark("this point is a part of it"),
    "repeats": mark("this point asks the same once more"),
    "supersedes": mark("this point takes its place"),
    "depends-on": mark("this point needs it first"),
}
"""What stands behind the title of the other point, on the page of the one that names it."""

RELATION = {
    "beside": mark("the same ask of somebody else"),
    "part-of": mark("it is a part of the other"),
    "repeats": mark("it asks the same once more"),
    "supersedes": mark("it takes the other’s place"),
    "depends-on": mark("it needs the other first"),
}

OWNER = {
    Owner.STATE: mark("a state’s"),
    Owner.INTERGOVERNMENTAL: mark("of an organisation of states"),
    Owner.INDEPENDENT: mark("independent of states"),
}

FORM = {
    Form.DOCUMENT_WITH_EFFECT: mark("a document with legal effect"),
    Form.REPORT: mark("a report"),
    Form.STATEMENT: mark("a statement"),
    Form.NEWS: mark("news"),
    Form.DATASET: mark("data"),
    Form.SEEN: mark("something that somebody saw"),
}


def parts(tr: Translator, status: Status, n: int, last_seen: bool, looked: bool = False) -> str:
    """`n` points of a status, as a part of a sum: "2 done". `last_seen`: none of them was seen lately; `looked`:
    somebody looked at one that nobody has judged.
    """
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
    if looked:
        return tr.count("{n} that nobody has judged yet", "{n} that nobody has judged yet", n)
    return tr.count("{n} that nobody has checked yet", "{n} that nobody has checked yet", n)
