"""The brief for a review meeting: what it says, and what of it there is room for. No page, no file format.

Its numbers come from the functions that the screen takes them from. Nothing is left out in silence: what
is cut is counted, with the address that shows it. How a sheet becomes a file stands in printed.py and worded.py.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar, cast

from dashboard.language import translator, words
from dashboard.outputs import asking, chosen, telling
from dashboard.outputs.pages import MARKS_UP_TO, compared, safe_url, subjects
from dashboard.outputs.telling import name, said
from dashboard.outputs.view import View
from dashboard.progress import changes, summary
from dashboard.progress.changes import Comparison, Event, What
from dashboard.progress.rows import Row, Sum, summed
from dashboard.progress.status import Difference
from dashboard.progress.summary import Subject
from dashboard.registry import grounds
from dashboard.registry.model import Assessment, Evidence, Kind, Recommendation, Side, Source, Status
from dashboard.registry.scalars import Day, Language


@dataclass(frozen=True, slots=True)
class Mark:
    """How a point is drawn: pale where the last look, or what was seen, is too old."""

    status: Status
    pale: bool
    disagree: bool


@dataclass(frozen=True, slots=True)
class OfSide:
    """The points of one side: `parts` add up to `n`, `told` is the same as a sentence.

    `marks` stand in the order of the parts; there are none where they would be too many.
    """

    name: str
    points: str
    told: str
    n: int
    parts: tuple[tuple[Status, int, str], ...]
    marks: tuple[Mark, ...]

    @property
    def alternative(self) -> str:
        """What the picture says, in words."""
        return f"{self.points}. {self.told}"


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list. `about`: the record whose note it carries; `rests_on`: what else that note must name."""

    text: str
    about: str = ""
    lead: str = ""
    facts: str = ""
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what is said under it, its items, and what is said after them.

    `key`: what the limits of a sheet call it. `address`: where that can be read for which there is no room.
    `points`: where not the items are counted but the records that they are about, how many there are.
    `untold`: how many there are that no item tells of.
    """

    key: str
    title: str
    says: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    after: tuple[str, ...] = ()
    address: str = ""
    points: int = 0
    untold: int = 0


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """A subject to follow: the cells of its line in the table. `status`: where it has but one record."""

    name: str
    stands: str
    known: str
    checked: str
    status: Status | None = None
    about: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a note; with an address where it leads somewhere. `label`: it says what follows it."""

    text: str
    url: str = ""
    label: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What a line on a record rests on: where it was asked, each piece of evidence, the record's lasting address."""

    about: str
    origin: tuple[Piece, ...]
    evidence: tuple[tuple[Piece, ...], ...]
    address: Piece


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything that a brief could say; `sheet` cuts it to what there is room for."""

    language: Language
    day: date
    title: str
    registry: str
    publisher: str
    says: tuple[str, ...]
    dateline: str
    sides: tuple[OfSide, ...]
    picture: str
    above: tuple[str, ...]
    subjects_title: str
    heads: tuple[str, ...]
    subjects: tuple[SubjectLine, ...]
    subjects_address: str
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    foot: tuple[str, ...]


def brief(view: View, since: date) -> Brief:
    """The brief of what a view selects, with what moved since a day."""
    tr, file = view.tr, view.registry.file
    rows = view.kept.rows
    selected = chosen.line(view)
    title = tr("Brief for a meeting: {selection}", selection=selected) if selected else tr("Brief for a meeting")
    lines = tuple(_subject(view, of) for of in subjects(view)) if rows else ()
    sections = _sections(view, min(since, view.clock.as_of)) if rows else tuple(s for s in _questions(view) if s.items)
    return Brief(
        language=tr.language,
        day=view.clock.today,
        title=title,
        registry=said(view, file.title),
        publisher=telling.publisher(view),
        says=tuple(_opening(view)),
        dateline=_capital(telling.version(view)),
        sides=tuple(_of_side(view, side, of) for side, of in view.kept.side_sums.items()),
        picture=" ".join(_picture(view)),
        above=tuple(_above(view)),
        subjects_title=tr.count("{n} subject to follow", "{n} subjects to follow", len(lines)),
        heads=(tr("Subject"), tr("Where it stands"), tr("How we know"), tr("Last checked")),
        subjects=lines,
        subjects_address=view.lasting("/"),
        sections=sections,
        notes=tuple(_notes(view, lines, sections)),
        foot=tuple(_foot(view)),
    )


def pdf(of: Brief) -> bytes:
    """The brief as PDF/UA-1, at most two pages of A4."""
    from dashboard.outputs import printed

    return printed.pdf(of)


def docx(of: Brief) -> bytes:
    """The same as a Word document."""
    from dashboard.outputs import worded

    return worded.docx(of)


# --- where it stands ------------------------------------------------------------------------------------


def _opening(view: View) -> Iterator[str]:
    tr, examined = view.tr, summary.examined(view.frame)
    found = tr(
        "{points} found {texts}.",
        points=tr.count("{n} ask or promise", "{n} asks and promises", len(view.frame)),
        texts=tr.count("in {n} text", "in {n} texts", examined.texts),
    )
    years = tr("Texts of {years}.", years=examined.years) if examined.years else ""
    yield telling.selected(view) or f"{found} {years}".strip()
    yield tr("Who must act, how far it is, and how we know. Not all that is asked of them: only what these texts say.")
    if not summary.tended(view.registry):
        yield tr("Nobody tends this registry yet.")
    if not len(view.kept):
        yield tr("No point fits this selection on this day. Choose fewer conditions, or another day.")


def _of_side(view: View, side: Side, of: Sum) -> OfSide:
    tr = view.tr
    name = tr(words.side(view.registry, side))
    parts = telling.status_parts(tr, of)
    drawn = [row for row in view.kept.rows if row.side is side] if len(view.kept) <= MARKS_UP_TO else []
    return OfSide(
        name=name,
        points=tr.count("{n} point", "{n} points", of.points),
        told=tr("{side}: {parts}.", side=name, parts=tr.list([told for _, told in parts])),
        n=of.points,
        parts=tuple((status, of.statuses[status], told) for status, told in parts),
        marks=tuple(
            Mark(row.status, row.standing.due or row.standing.last_seen_only, row.standing.disagree) for row in drawn
        ),
    )


def _picture(view: View) -> Iterator[str]:
    """How the picture is read."""
    tr, rows = view.tr, view.kept.rows
    if len(rows) > MARKS_UP_TO:
        yield tr("The parts of a bar stand in the order of the words under it.")
        return
    yield tr("One mark is one point.")
    yield tr("Pale: not looked at, or not seen, for too long.")
    if any(row.standing.disagree for row in rows):
        yield tr("An exclamation mark: assessors disagree.")


def _above(view: View) -> Iterator[str]:
    """What is addressed to the bodies above those that are selected, and so is not counted."""
    tr = view.tr
    for body, found in view.filters.above(view.frame).items():
        head = tr("Addressed to {body}, of which it is part", body=name(view, body))
        count = tr.count(
            "{n} point names the body above, not the one selected; it does not count in the selection.",
            "{n} points name the body above, not the one selected; they do not count in the selection.",
            len(found),
        )
        yield f"{head}: {count}"


def _subject(view: View, of: Subject) -> SubjectLine:
    tr = view.tr
    alone = of.rows[0] if len(of.rows) == 1 else None
    return SubjectLine(
        name=said(view, of.theme.name),
        stands=_subject_stands(view, of),
        known=", ".join(tr(words.KNOWN[kind]) for kind in of.known) or "–",
        checked=_subject_checked(view, of),
        status=alone.status if alone else None,
        about=alone.id if alone else "",
    )


def _subject_stands(view: View, of: Subject) -> str:
    tr = view.tr
    if len(of.rows) != 1:
        parts = [told for _, told in telling.status_parts(tr, summed(of.rows))]
        return tr.list(parts) if parts else tr("No point on this day.")
    now = of.rows[0].standing
    told = telling.stands(tr, now)
    if now.as_of and not now.last_seen_only:
        told = f"{told}; {tr('last word {date}', date=tr.day(now.as_of))}"
    return told


def _subject_checked(view: View, of: Subject) -> str:
    tr = view.tr
    if not of.checked_on:
        return tr("nobody has checked yet") if of.rows else "–"
    day = tr.day(of.checked_on)
    if len(of.rows) == 1:
        return day
    return f"{tr('{n} of {of}', n=tr.number(of.checked), of=tr.number(len(of.rows)))}, {day}"


# --- the sections ---------------------------------------------------------------------------------------


def _sections(view: View, since: date) -> tuple[Section, ...]:
    return (
        _moved(view, since),
        _stuck(view),
        _differing(view),
        _sure(view),
        *_questions(view),
    )


def _moved(view: View, since: date) -> Section:
    both = replace(view, filters=replace(view.filters, since=since, until=None))
    tr, found = view.tr, compared(both)
    says = [telling.moves(tr, found, since, view.clock.as_of)]
    items = [_event(view, each) for each in _subjects_first(view, found)]
    if not found.moved:
        says.append(_no_movement(view, found))
        if found.last and found.last not in found.news:
            items.insert(0, _last(view, found.last))
        elif not found.last:
            says.append(tr("No dated fact on them is known at all."))
            if items:
                says.append(tr("On other points:"))
    return Section(
        "moved",
        tr("What moved since {date}", date=tr.date(since)),
        tuple(says),
        tuple(items),
        tuple(_after_moves(view, found)),
        both.lasting("/changes"),
        untold=len(_differing_points(found) - {item.about for item in items}),
    )


def _differing_points(found: Comparison) -> set[str]:
    """The ids of all that the sum of what moved counts."""
    rows = [each.row for each in (*found.moves, *found.evidence)] + [each.row for each in found.gone]
    return {row.id for row in (*rows, *found.due)}


def _after_moves(view: View, found: Comparison) -> Iterator[str]:
    tr = view.tr
    if found.neither:
        yield tr(
            "{title}: {fact}",
            title=tr("Neither forward nor back"),
            fact=tr(
                "Somebody looked and found nothing, a judgement was taken back, or it stands still in another way."
            ),
        )
    yield from _looked(view, found.looked, found.newest)


def _no_movement(view: View, found: Comparison) -> str:
    tr = view.tr
    none = tr("No movement found on these points.")
    if found.subjects:
        none = tr.count(
            "No movement found on the {n} subject to follow.",
            "No movement found on the {n} subjects to follow.",
            found.subjects,
        )
    return f"{none} {tr('That we found none does not mean that there was none.')}"


def _subjects_first(view: View, found: Comparison) -> list[Event]:
    """News of the subjects to follow before the others, each in their order."""
    registry = view.registry
    return sorted(found.news, key=lambda event: not registry.themes[registry.records[event.record].theme].headline)


def _last(view: View, event: Event) -> Item:
    last = view.tr("{date}, the last dated fact on them", date=view.tr.day(event.on))
    return replace(_event(view, event), lead=last)


def _event(view: View, event: Event) -> Item:
    tr, record = view.tr, view.registry.records[event.record]
    kinds = {
        What.STEP: tr("A step done:"),
        What.FUNDING: tr("Money:"),
        What.SETBACK: tr("Made harder:"),
        What.ANSWER: tr("An answer:"),
    }
    told = said(view, event.text) if event.text else ""
    fact = tr(words.STATUS[event.status]) if event.status else f"{kinds.get(event.what, '')} {told}".strip()
    text = tr("{title}: {fact}", title=said(view, record.title), fact=fact)
    return Item(text, record.id, tr.day(event.on), rests_on=_shown_by(record, event))


def _shown_by(record: Recommendation, event: Event) -> tuple[str, ...]:
    """The evidence of the entry that a dated fact was made from: it carries the very same text."""
    told = [(given.note, given.evidence) for given in record.assessments]
    told += [(step.step, step.evidence) for step in record.steps]
    told += [(money.purpose, money.evidence) for money in record.funding]
    told += [(setback.what, setback.evidence) for setback in record.setbacks]
    told += [(answer.text, answer.evidence) for answer in record.answers]
    return next((evidence for text, evidence in told if text is event.text), ())


def _looked(view: View, looked: Day | None, newest: Day | None) -> Iterator[str]:
    tr = view.tr
    if looked:
        last = tr("We last looked on {date}.", date=tr.day(looked))
        seen = tr(
            "The newest page that we could see is of {date}; what came later is not known here.",
            date=tr.day(newest),
        ) if newest else ""  # fmt: skip
        yield f"{last} {seen}".strip()


def _stuck(view: View) -> Section:
    tr, rows = view.tr, view.kept.rows
    still = sorted((row for row in rows if row.standing.no_movement), key=lambda r: (-r.standing.months_still, r.id))
    least = view.registry.rules.no_movement_months
    if still:
        says = [
            tr.count(
                "On {n} point nothing is known to have moved for {months} months or longer; the longest first.",
                "On {n} points nothing is known to have moved for {months} months or longer; the longest first.",
                len(still),
                months=tr.number(least),
            )
        ]
    else:
        says = [tr("No point is known to have stood still for {months} months or longer.", months=tr.number(least))]
    unknown = sum(row.status in changes.UNKNOWN for row in rows)
    after = [
        tr.count(
            "On {n} more point nobody has checked, or nothing was found: how long it stands still is not known.",
            "On {n} more points nobody has checked, or nothing was found: how long they stand still is not known.",
            unknown,
        )
    ]
    longest = replace(view, filters=replace(view.filters, sort="still"))
    return Section(
        "stuck",
        tr("What is stuck, and for how long"),
        tuple(says),
        tuple(_still(view, row) for row in still),
        tuple(after) if unknown else (),
        longest.lasting("/points"),
    )


def _still(view: View, row: Row) -> Item:
    tr, now = view.tr, row.standing
    months = tr.count("{n} month", "{n} months", now.months_still)
    assert now.still_since  # else nobody would have counted them
    told = [tr("{months}, since {date}", months=months, date=tr.day(now.still_since)), telling.stands(tr, now)]
    if now.as_of and not now.last_seen_only:
        told.append(tr("last word {date}", date=tr.day(now.as_of)))
    return Item(PARTED.join(told), row.id, said(view, row.record.title))


def _differing(view: View) -> Section:
    tr, rows = view.tr, view.kept.rows
    apart = [row for row in rows if row.standing.difference is not Difference.NONE]
    apart.sort(key=lambda row: (not row.standing.disagree, row.id))
    disagree = sum(row.standing.disagree for row in apart)
    several = sum(len(row.standing.newest) > 1 for row in rows)
    says = [tr.count("Assessors disagree on {n} point.", "Assessors disagree on {n} points.", disagree)]
    if not disagree:
        says = [tr("No two assessors disagree on these points.")]
    if not apart and not several:
        says.append(tr("Of none of them is there more than one judgement to compare."))
    elif not apart:
        says.append(
            tr.count(
                "Of {n} point there is more than one judgement to compare.",
                "Of {n} points there is more than one judgement to compare.",
                several,
            )
        )
    if later := len(apart) - disagree:
        says.append(
            tr.count(
                "On {n} point they differ, at different dates.", "On {n} points they differ, at different dates.", later
            )
        )
    return Section(
        "differing",
        tr("Who disagrees"),
        (" ".join(says),),
        tuple(_judgements(view, row) for row in apart),
        address=replace(view, filters=replace(view.filters, disagree=True)).lasting("/points"),
    )


def _judgements(view: View, row: Row) -> Item:
    told = [_judgement(view, row, given) for given in row.standing.newest]
    rests_on = tuple(reference for given in row.standing.newest for reference in given.evidence)
    return Item("; ".join(told), row.id, said(view, row.record.title), rests_on=rests_on)


def _judgement(view: View, row: Row, given: Assessment) -> str:
    tr = view.tr
    by = name(view, given.by)
    own = given.by in grounds.addressees(view.registry, row.record)
    who = tr("{body}, on its own duty", body=by) if own else by
    status, day = tr(words.STATUS[Status(given.status)]), tr.day(given.as_of)
    return tr("{who}: {status}, as of {date}", who=who, status=status, date=day)


def _sure(view: View) -> Section:
    tr, rows = view.tr, view.kept.rows
    whole = view.kept.completion
    known = [tr("{what}: {n}", what=tr(words.KNOWN[kind]), n=tr.number(n)) for kind, n in view.kept.known.items() if n]
    unchecked = sum(row.standing.checked_on is None for row in rows)
    own = sum(row.standing.own_word and row.standing.checked_on is None for row in rows)
    due = sum(row.standing.due for row in rows)
    says = [
        tr("How we know, in points: {parts}.", parts=tr.list(known)),
        tr(
            "{testable} have an end that can be tested; of these, {checked} were checked; of those checked, {done} are done.",
            testable=tr.count("{n} point", "{n} points", whole.testable),
            checked=tr.number(whole.checked),
            done=tr.number(whole.done),
        )
        if whole.testable
        else tr("No point here has an end that can be tested."),
    ]
    if unchecked and not own:
        says.append(
            tr.count(
                "At {n} point nobody has looked since it was asked or promised.",
                "At {n} points nobody has looked since they were asked or promised.",
                unchecked,
            )
        )
    if own:
        says.append(
            tr.count(
                "At {n} point nobody has looked but whoever is to act.",
                "At {n} points nobody has looked but whoever is to act.",
                unchecked,
            )
        )
        says.append(
            tr.count(
                "On {n} of them whoever is to act has judged itself.",
                "On {n} of them whoever is to act has judged itself.",
                own,
            )
        )
    if due:
        says.append(tr.count("On {n} point the last look is too old.", "On {n} points the last look is too old.", due))
    return Section("sure", tr("How sure we are"), (" ".join(says),))


def _questions(view: View) -> Iterator[Section]:
    """Those of the selection, and some on what is addressed to the bodies above, which whoever is met is a part of."""
    tr, room = view.tr, LEVELS[0].questions
    above = {body: asking.askable(view, of.rows) for body, of in view.filters.above(view.frame).items()}
    own = asking.askable(view, view.kept.rows)
    asked = asking.chosen(view, own, room - min(OF_BODIES_ABOVE, sum(map(len, above.values()))))
    room -= len(asked)
    title = tr("Questions to put to the counterpart")
    if not asked:
        yield Section("questions", title, (tr("The records hold nothing to ask about."),))
    else:
        items = tuple(_question(view, each) for each in asked)
        yield Section("questions", title, (), items, (), view.lasting("/points"), len(own))
    for body, rows in above.items():
        reaching = asking.chosen(view, rows, room)[:room]
        room -= len(reaching)
        title = tr("Questions on what is addressed to {body}, of which it is part", body=name(view, body))
        items = tuple(_question(view, each) for each in reaching)
        whole = replace(view, filters=replace(view.filters, actor=(body,)))
        if items:
            yield Section("questions", title, (), items, (), whole.lasting("/points"), len(rows))


OF_BODIES_ABOVE = 3
"""Questions for which those of the selection make room, where there are bodies above it."""


def _question(view: View, asked: asking.Question) -> Item:
    tr, row, record = view.tr, asked.row, asked.row.record
    if not asked.first:
        return Item(asked.words, row.id)
    told = [
        tr("To: {bodies}", bodies=asking.addressed(view, row)),
        tr("“{title}”: {facts}", title=said(view, record.title), facts=asking.facts(view, row)),
    ]
    if record.due:
        told.append(tr("due on {date}", date=tr.day(record.due.on)))
    step = asking.next_step(row)
    if step and (words_of := said(view, step.step)) not in asked.words:
        told.append(tr("next step, {state}: “{step}”", state=tr(words.STEP[step.state]), step=words_of))
    return Item(asked.words, row.id, facts=PARTED.join(told), rests_on=step.evidence if step else ())


# --- notes and foot -------------------------------------------------------------------------------------


def _notes(view: View, subjects: Iterable[SubjectLine], sections: Iterable[Section]) -> Iterator[Note]:
    """A note for each record that the brief can have room for, with all that its lines rest on."""
    rests_on: dict[str, list[str]] = {each.about: [] for each in subjects}
    for section in sections:
        for item in section.items[: getattr(LEVELS[0], section.key, 0)]:
            rests_on.setdefault(item.about, []).extend(item.rests_on)
    rows = {row.id: row for row in view.frame.rows}
    yield from (_note(view, rows[about], named) for about, named in rests_on.items() if about in rows)


def _note(view: View, row: Row, rests_on: Iterable[str]) -> Note:
    """`rests_on`: what the lines of the brief rest on; it stands before what the judgement rests on."""
    headline = row.standing.headline.evidence if row.standing.headline else ()
    origin = _origin(view, row.record)
    named = (_evidence(view, each, origin) for each in dict.fromkeys((*rests_on, *headline)))
    address = replace(view, filters=view.filters.clocks()).lasting(f"/r/{row.id}")
    return Note(row.id, origin, tuple(dict.fromkeys(filter(None, named))), _linked(address))


def _origin(view: View, record: Recommendation) -> tuple[Piece, ...]:
    """Where it was asked or promised first: who, in what, of which day, at which address."""
    tr, origin = view.tr, record.origin[0]
    source = view.registry.source_by_id.get(origin.source)
    if not source:
        return ()
    by = tr("{who}, {told}", who=name(view, origin.by), told=tr(words.TOLD[origin.told]))
    place = [by, source.publisher, tr.day(source.published)]
    place += [tr("paragraph {n}", n=origin.paragraph)] if origin.paragraph else []
    place += [origin.locator] if origin.locator else []
    kind = tr("Promised:") if record.kind is Kind.COMMITMENT else tr("Asked:")
    return Piece(kind, label=True), Piece(f"{', '.join(place)}:"), _linked(source.url)


def _evidence(view: View, reference: str, origin: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """A piece of evidence; of one that is kept private nothing that leads to it."""
    tr, entry = view.tr, grounds.cited(view.registry, reference)
    if entry is None:
        return ()
    if isinstance(entry, Evidence) and entry.withheld:
        return (Piece(tr("Kept private to protect somebody; the editors hold it.")),)
    if entry.url and _linked(entry.url) in origin:
        return (Piece(tr("the same text.")),)
    named = said(view, entry.says) if isinstance(entry, Evidence) else entry.title
    told = [entry.publisher or entry.title or named]
    told += [tr.day(entry.published)] if entry.published else []
    if isinstance(entry, Source):
        told.append(tr("paragraph {n}", n=grounds.source_passage(reference)[1]))
    if not entry.url:
        return (Piece(", ".join(told)),)
    return Piece(f"{', '.join(told)}:"), _linked(entry.url)


def _linked(address: str) -> Piece:
    """An address as it is printed, a link where it leads to a page of the web."""
    return Piece(address, safe_url(address))


def _foot(view: View) -> Iterator[str]:
    tr = view.tr
    if not view.origin:
        yield tr("Addresses that begin with / are on the site from which this brief was taken.")
    yield tr("To cite: {citation}", citation=telling.citation(view, view.lasting("/")))
    licence = view.registry.file.licence
    yield tr("Licence of the data: {licence}. Quotes belong to their authors.", licence=licence)
    if tr.language != "en":
        yield tr(
            "The Russian and Kazakh texts, of this page and of the registry, are drafts: no native speaker has "
            "checked them yet."
        )


def _capital(told: str) -> str:
    return told[:1].upper() + told[1:]


# --- what there is room for -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Level:
    """How many items each list may have, pieces of evidence each note, and letters each text."""

    moved: int
    stuck: int
    differing: int
    questions: int
    subjects: int
    evidence: int
    letters: int


LEVELS = (
    Level(moved=6, stuck=6, differing=5, questions=7, subjects=8, evidence=2, letters=700),
    Level(moved=6, stuck=6, differing=5, questions=7, subjects=8, evidence=1, letters=600),
    Level(moved=5, stuck=5, differing=4, questions=7, subjects=8, evidence=1, letters=500),
    Level(moved=4, stuck=4, differing=3, questions=6, subjects=6, evidence=1, letters=400),
    Level(moved=3, stuck=4, differing=3, questions=6, subjects=6, evidence=1, letters=400),
    Level(moved=3, stuck=3, differing=3, questions=6, subjects=6, evidence=1, letters=400),
    Level(moved=3, stuck=3, differing=3, questions=5, subjects=6, evidence=1, letters=400),
    Level(moved=3, stuck=3, differing=2, questions=4, subjects=5, evidence=1, letters=400),
    Level(moved=2, stuck=3, differing=2, questions=4, subjects=5, evidence=0, letters=400),
    Level(moved=2, stuck=3, differing=2, questions=4, subjects=5, evidence=0, letters=220),
    Level(moved=2, stuck=2, differing=1, questions=3, subjects=5, evidence=0, letters=120),
)
"""From the roomiest to the tightest: the first that two pages hold is taken."""


@dataclass(frozen=True, slots=True)
class Line:
    """An item as it is printed, with the number of its note; 0 where it has none."""

    lead: str
    text: str
    facts: str
    note: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A section as it is printed. `start`: the number of its first line; 0 where they have none."""

    title: str
    says: tuple[str, ...]
    lines: tuple[Line, ...]
    after: tuple[str, ...]
    start: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A brief as it is printed, cut to a level; `subjects` with the numbers of their notes."""

    brief: Brief
    subjects: tuple[tuple[SubjectLine, int], ...]
    more_subjects: str
    sections: tuple[Listed, ...]
    notes: tuple[tuple[Piece, ...], ...]


def sheet(of: Brief, level: Level) -> Sheet:
    """What of a brief is printed at a level; the notes are numbered in the order in which they are met."""
    notes = {note.about: note for note in of.notes}
    numbers: dict[str, int] = {}

    def number(about: str) -> int:
        return numbers.setdefault(about, len(numbers) + 1) if about in notes else 0

    subjects = tuple((_cut(each, level.letters), number(each.about)) for each in of.subjects[: level.subjects])
    more = _more(of, len(of.subjects) - len(subjects), of.subjects_address)
    sections: list[Listed] = []
    for section in of.sections:
        asked = sum(len(each.lines) for each in sections if each.start)
        room = level.questions - asked if section.key == "questions" else getattr(level, section.key, 0)
        start = asked + 1 if section.key == "questions" else 0
        sections.append(_listed(of, section, level, max(room, 0), start, number))
    pieces = tuple(_cut(_pieces(of, notes[about], level), level.letters) for about in numbers)
    return Sheet(_headed(of, level), subjects, more, tuple(sections), pieces)


def _headed(of: Brief, level: Level) -> Brief:
    """The same with a head and a foot that leave room for the rest; no usual one is that long."""
    return replace(
        of,
        title=_cut(of.title, level.letters),
        registry=_cut(of.registry, level.letters),
        publisher=_cut(of.publisher, level.letters),
        says=_cut(of.says, MOST_LETTERS),
        above=_cut(of.above, MOST_LETTERS),
        foot=_cut(of.foot, MOST_LETTERS),
    )


PARTED = " · "
"""What stands between the parts of a text that are facts of their own."""

MOST_LETTERS = 500
"""Of a sentence of ours that bears names or addresses of the registry."""

_T = TypeVar("_T")


def _cut(value: _T, letters: int) -> _T:
    """The same with every text that is too long cut after its last whole part or word, with a sign that it goes on.

    An address that a piece leads to stays whole.
    """
    made: Any = value
    if isinstance(value, str) and len(value) > letters:
        kept = value[:letters]
        made = f"{kept.rsplit(PARTED if PARTED in kept else ' ', 1)[0]} …"
    elif isinstance(value, tuple):
        made = tuple(_cut(each, letters) for each in value)
    elif isinstance(value, Piece):
        made = replace(value, text=_cut(value.text, letters))
    elif isinstance(value, SubjectLine):
        made = replace(value, name=_cut(value.name, letters), stands=_cut(value.stands, letters))
    return cast(_T, made)


def _listed(of: Brief, section: Section, level: Level, room: int, start: int, number: Callable[[str], int]) -> Listed:
    shown = section.items[:room]
    if section.points:
        more = _more_points(of, section.points - len({item.about for item in shown}), section.address)
    else:
        more = _more(of, len(section.items) - len(shown) + section.untold, section.address)
    lines = tuple(Line(*_cut((i.lead, i.text, i.facts), level.letters), number(i.about)) for i in shown)
    after = (*filter(None, (more,)), *section.after)
    return Listed(section.title, section.says, lines, after, start)


def _more(of: Brief, left: int, address: str) -> str:
    tr = translator(of.language)
    return tr.count("And {n} more: {address}", "And {n} more: {address}", left, address=address) if left else ""


def _more_points(of: Brief, left: int, address: str) -> str:
    tr = translator(of.language)
    return tr.count(
        "There is something to ask about {n} more point: {address}",
        "There is something to ask about {n} more points: {address}",
        left,
        address=address,
    ) if left else ""  # fmt: skip


def _pieces(of: Brief, note: Note, level: Level) -> tuple[Piece, ...]:
    """A note in one run."""
    tr = translator(of.language)
    shown, left = note.evidence[: level.evidence], len(note.evidence) - level.evidence
    more = []
    if left > 0 and shown:
        more = [Piece(tr.count("and {n} more on its page.", "and {n} more on its page.", left))]
    elif left > 0:
        more = [Piece(tr.count("{n} piece of evidence, on its page.", "{n} pieces of evidence, on its page.", left))]
    rests = [Piece(tr("It rests on:"), label=True)] if shown or more else []
    told = [piece for n, each in enumerate(shown) for piece in ((Piece("·"),) if n else ()) + each]
    return (*note.origin, *rests, *told, *more, Piece(tr("This point:"), label=True), note.address)
