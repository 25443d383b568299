"""What was entered last and what falls due, as an Atom feed (RFC 4287): followed from afar, without an account.

Every text is plain text. A day stands as its midnight UTC: no hour is known here. The id of an entry
is made of what the registry never changes of it, so that a later edit or another language makes no new one.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain
from urllib.parse import quote
from uuid import UUID, uuid5
from xml.etree import ElementTree

from dashboard.language import Translator, words
from dashboard.outputs import chosen, telling
from dashboard.outputs.view import View
from dashboard.progress.planning import dues
from dashboard.progress.rows import Row
from dashboard.registry.model import Recommendation, Status
from dashboard.registry.scalars import Day, Text

MOST = 100
"""Entries of a feed: whoever looks less often than that finds the rest on What changed."""

ONLY = "id"
"""Key of an address that follows one point."""

ANNOUNCED = timedelta(days=14)
"""How long before its day something that falls due is told: once, under the day on which it is told."""

_OURS = UUID("3c1f4c3e-0f0a-5f3e-9a58-6d0f6f3b2f51")
"""The name space of our ids: drawn once."""

_ATOM = "http://www.w3.org/2005/Atom"

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0, section 2.2: one such character, and a feed reader shows nothing at all."""


@dataclass(frozen=True, slots=True)
class Entered:
    """One thing that was entered, or that falls due: on which day we learnt it, in a sentence, and its own words.

    `key` tells it from all others of its record for good. `due`: it tells of a day to come, not of a change.
    """

    on: date
    row: Row
    key: str
    says: str
    text: Text | None = None
    due: bool = False


def atom(view: View) -> str:
    """The feed of the selected points, the newest first. Read by any feed reader."""
    tr, found = view.tr, entered(view)[:MOST]
    only = {ONLY: name} if (name := view.asked(ONLY)) else {}
    here = f"{view.origin}{view.link('/feed.atom', view.filters, lang=tr.language, **only)}"
    title = view.registry.file.title.shown(tr.language)[0]
    if only:
        title = f"{title} · {telling.said(view, view.registry.records[name].title)}"
    feed = ElementTree.Element("feed", {"xmlns": _ATOM, "xml:lang": tr.language})
    _element(
        feed, "id", uuid5(_OURS, f"feed {view.registry.file.title.original} {view.filters.pairs()} {name}".rstrip()).urn
    )
    _element(feed, "title", f"{title} · {chosen.line(view)}" if view.filters.narrows else title)
    _element(feed, "updated", _midnight(found[0].on if found else view.clock.as_of))
    _element(_element(feed, "author"), "name", telling.publisher(view))
    _element(feed, "rights", view.registry.file.licence)
    ElementTree.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": here})
    page = f"{view.origin}{view.record(name) if only else view.link('/changes', view.filters)}"
    ElementTree.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": page})
    for each in found:
        _entry(feed, view, each)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(feed, encoding="unicode") + "\n"


def _entry(feed: ElementTree.Element, view: View, told: Entered) -> None:
    language = view.tr.language
    record = told.row.record
    entry = _element(feed, "entry")
    _element(entry, "id", uuid5(_OURS, f"{record.id} {told.key}").urn)
    _element(entry, "title", f"{record.title.shown(language)[0]} · {told.says}")
    _element(entry, "updated", _midnight(told.on))
    link = f"{view.origin}/r/{quote(record.id)}"
    ElementTree.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": link})
    said = told.text.shown(language)[0] if told.text else ""
    _element(entry, "summary", f"{told.says} {said}".strip())
    ElementTree.SubElement(entry, "category", {"term": str(told.row.status), "label": telling.stands(view.tr, told.row.standing)})  # fmt: skip
    sort, label = ("due", view.tr("Falls due")) if told.due else ("change", view.tr("A change"))
    ElementTree.SubElement(entry, "category", {"term": sort, "label": label})


def _element(parent: ElementTree.Element, name: str, text: str = "") -> ElementTree.Element:
    made = ElementTree.SubElement(parent, name)
    made.text = _NOT_IN_XML.sub("\ufffd", text) or None
    return made


def _midnight(day: date) -> str:
    return f"{day}T00:00:00Z"


def entered(view: View) -> list[Entered]:
    """Everything dated that was entered of the selected points or announced, up to the day that is shown, the newest first."""
    only = view.asked(ONLY)
    rows = [row for row in view.kept.rows if not only or row.id == only]
    every = chain((each for row in rows for each in _of(view, row)), _dues(view, rows))
    found = [each for each in every if each.on <= view.clock.as_of]
    return sorted(found, key=lambda each: (each.on, each.row.id, each.key), reverse=True)


def _dues(view: View, rows: Sequence[Row]) -> Iterator[Entered]:
    """What falls due, announced before. Of one look one entry, whatever becomes of the rules; of one deadline too."""
    for each in dues(rows):
        told, date = each.on - ANNOUNCED, view.tr.date(each.on)
        deadline, looked = each.row.record.due, each.row.standing.checked_on
        if each.deadline and deadline:
            says = view.tr("To be done by {date}: what became of it?", date=date)
            yield Entered(told, each.row, f"deadline {deadline.on}", says, deadline.basis, due=True)
        elif looked:
            says = view.tr("Due for a check on {date}: its last look is then too old.", date=date)
            yield Entered(max(told, looked.first), each.row, f"due {looked}", says, due=True)


def _of(view: View, row: Row) -> Iterator[Entered]:
    """Of one point, in the order of its lists. What bears the day on which it was entered stands under that day."""
    turns = Counter[str]()
    if asked := view.registry.asked_on(row.record):
        yield Entered(asked.last, row, "asked", _newly(view.tr, row.record, asked), row.record.summary)
    for each in (*_looks(view, row), *_acts(view, row)):
        turns[each.key] += 1  # the same on one day by the same are told apart by their order
        yield replace(each, key=f"{each.key} {turns[each.key]}")


def _looks(view: View, row: Row) -> Iterator[Entered]:
    """Judgements and looks."""
    tr = view.tr
    for given in row.record.assessments:
        judged = f"assessed {given.assessed_on} {given.by}"
        said = {
            "status": tr(words.STATUS[Status(given.status)]),
            "date": tr.day(given.as_of),
            "actor": telling.name(view, given.by),
        }
        on = given.recorded_on or given.assessed_on
        yield Entered(on.last, row, judged, tr("Judged: {status}, as of {date} ({actor}).", **said), given.note)
        if given.withdrawn:
            says = tr("A judgement was withdrawn: {status}, as of {date} ({actor}).", **said)
            yield Entered(given.withdrawn.on.last, row, f"withdrawn {judged}", says, given.withdrawn.why)
    for look in row.record.checks:
        by = {"date": tr.day(look.on), "actor": telling.name(view, look.by)}
        says = tr("Looked again, nothing new: {date} ({actor}).", **by)
        yield Entered((look.recorded_on or look.on).last, row, f"looked {look.on} {look.by}", says, look.where)


def _acts(view: View, row: Row) -> Iterator[Entered]:
    """Steps, answers, money, and what made it harder."""
    tr = view.tr
    for step in row.record.steps:
        if step.on:
            taken = {"step": telling.said(view, step.step), "state": tr(words.STEP[step.state])}
            yield Entered(step.on.last, row, f"step {step.on}", tr("A step was added: {step} · {state}.", **taken))
    for answer in row.record.answers:
        by = {"position": tr(words.POSITION[answer.position]), "date": tr.day(answer.on)}
        says = tr("An answer was entered: {position}, {date} ({actor}).", actor=telling.name(view, answer.by), **by)
        yield Entered(answer.on.last, row, f"answer {answer.on} {answer.by}", says, answer.text)
    for money in row.record.funding:
        if money.on:
            of = {"purpose": telling.said(view, money.purpose), "stage": tr(words.STAGE[money.stage])}
            says = tr("Money was entered: {purpose} · {stage} ({actor}).", actor=telling.name(view, money.by), **of)
            yield Entered(money.on.last, row, f"funding {money.on} {money.by}", says)
    for setback in row.record.setbacks:
        what = {"date": tr.day(setback.on), "what": telling.said(view, setback.what)}
        says = tr("What made it harder was entered: {date} · {what}", **what)
        yield Entered(setback.on.last, row, f"setback {setback.on}", says)


def _newly(tr: Translator, record: Recommendation, on: Day) -> str:
    if record.kind == "commitment":
        return tr("Promised on {date}.", date=tr.day(on))
    return tr("Asked on {date}.", date=tr.day(on))
