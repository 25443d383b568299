"""What can be carried away in words: one sentence that stays true out of context, and a citation.

Each says who, how many, of which texts, on which day and of which version of the data, and bears an
address at which the same number can be read for good.
"""

from datetime import date
from functools import lru_cache
from html import escape

from dashboard.language import Translator, words
from dashboard.outputs import chosen
from dashboard.outputs.view import View
from dashboard.progress import summary
from dashboard.progress.changes import Comparison
from dashboard.progress.frame import Frame
from dashboard.progress.rows import Row, Sum
from dashboard.progress.status import Standing
from dashboard.registry.grounds import Earlier
from dashboard.registry.model import EDITORS, Known, Status
from dashboard.registry.scalars import Text

EARLIER: dict[Earlier, str] = {
    Earlier.WORDING: words.mark("judged an earlier wording"),
    Earlier.EVIDENCE: words.mark("judged earlier evidence"),
    Earlier.EITHER: words.mark("judged an earlier wording or earlier evidence"),
}


def of_points(view: View) -> str:
    """The state of the selection, or of all points, side by side: never one number for several sides' duties."""
    tr = view.tr
    told = selected(view) or tr("{all}.", all=_found(tr, view.frame))
    sides = (
        tr(
            "{side}: {parts}.",
            side=tr(words.side(view.registry, side)),
            parts=tr.list([said for _, said in status_parts(tr, of_side)]),
        )
        for side, of_side in view.kept.side_sums.items()
    )
    return " ".join((told, *sides, provenance(view)))


def of_moves(view: View, found: Comparison, earlier: date, later: date) -> str:
    """What changed between two days in the selection, or in all points."""
    about = selected(view) or view.tr("{all}.", all=_found(view.tr, view.frame))
    return " ".join((about, moves(view.tr, found, earlier, later), provenance(view)))


def moves(tr: Translator, found: Comparison, earlier: date, later: date) -> str:
    """What changed between two days, by kind of move."""
    days = {"earlier": tr.date(earlier), "later": tr.date(later)}
    parts = [
        tr.count(*forms, len(of))
        for forms, of in (
            (("{n} forward", "{n} forward"), found.forward),
            (("{n} back", "{n} back"), found.back),
            (("{n} neither forward nor back", "{n} neither forward nor back"), found.neither),
            (("{n} with new evidence only", "{n} with new evidence only"), found.evidence),
            (("{n} became due for a check", "{n} became due for a check"), found.due),
            (("{n} new", "{n} new"), found.new),
            (("{n} no longer tracked", "{n} no longer tracked"), found.gone),
            (("{n} of which a judgement was taken back", "{n} of which a judgement was taken back"), found.taken_back),
            (
                ("{n} of which we corrected what we had said", "{n} of which we corrected what we had said"),
                {each.record for each in found.corrected},
            ),
        )
        if of
    ]
    if parts:
        return tr("Between {earlier} and {later}, in points: {parts}.", parts=tr.list(parts), **days)
    return tr("Between {earlier} and {later} nothing changed that this registry knows of.", **days)


def selected(view: View) -> str:
    """How many of all fit the selection, and what it is; empty where all are shown."""
    if not view.filters.narrows:
        return ""
    return view.tr(
        "{kept} of {all} fit this selection: {selection}.",
        kept=view.tr.number(len(view.kept)),
        all=_found(view.tr, view.frame),
        selection=chosen.line(view),
    )


def of_record(view: View, row: Row) -> str:
    """Where one record stands."""
    tr, now = view.tr, row.standing
    language = tr.language
    title = row.record.title.shown(language)[0]
    acting = tr.list([view.registry.actors[name].name.shown(language)[0] for name in row.acting])
    told = [
        tr("“{title}”. {kind}; must act: {actors}.", title=title, kind=tr(words.KIND[row.record.kind]), actors=acting),
        tr("Where it stands: {status}.", status=stands(tr, now)),
    ]
    if now.as_of and now.status is not Status.NOTHING_FOUND and not now.last_seen_only:
        told.append(tr("True on {date}.", date=tr.day(now.as_of)))
    if now.known is not Known.NONE:
        told.append(tr("How we know: {kind}.", kind=tr(words.KNOWN[now.known])))
    told.append(tr("Checked on {date}.", date=tr.day(now.checked_on)) if now.checked_on else tr("Nobody has checked."))
    return " ".join((*told, provenance(view)))


def provenance(view: View) -> str:
    """Of which registry, day and version a statement is."""
    return f"({view.registry.file.title.shown(view.tr.language)[0]}; {version(view)})"


def version(view: View) -> str:
    """The day that is shown and the version of the data."""
    tr, edition = view.tr, view.edition
    day = tr.date(view.clock.as_of)
    if edition is None:
        return tr("as on {day}; not under version control", day=day)
    if edition.changed:
        return tr("as on {day}; with changes that have no version yet", day=day)
    said = {"day": day, "date": tr.date(edition.on), "commit": edition.commit}
    if edition.name:
        return tr("as on {day}; edition {edition}, data of {date}, version {commit}", edition=edition.name, **said)
    return tr("as on {day}; data of {date}, version {commit}", **said)


def embed(view: View, name: str) -> str:
    """The line of HTML that shows a record's card in somebody else's page."""
    card = view.origin + view.link(f"/embed/{name}", None, lang=view.tr.language)
    return framed(card, view.registry.records[name].title.shown(view.tr.language)[0])


def framed(card: str, title: str) -> str:
    """A card's address as a frame: it may open a record in a new tab, and nothing else."""
    return (
        f'<iframe src="{escape(card)}" title="{escape(title)}" width="100%" height="240" style="border:0;max-width:30rem" '
        'loading="lazy" referrerpolicy="no-referrer" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )


def said(view: View, text: Text) -> str:
    """A text of the registry in one run; one that is not in the reader's language says in which it is."""
    tr = view.tr
    shown, language = text.shown(tr.language)
    note = {"en": tr("in English"), "ru": tr("in Russian"), "kk": tr("in Kazakh")}[language]
    shown = " ".join(shown.split())
    return shown if language == tr.language else f"{shown} ({note})"


def name(view: View, actor: str) -> str:
    """An actor as plain words."""
    entry = view.registry.actors.get(actor)
    return said(view, entry.name) if entry else view.tr("Editors") if actor == EDITORS else actor


def citation(view: View, address: str) -> str:
    """How to cite what is shown, in one line."""
    file = view.registry.file
    title = file.title.shown(view.tr.language)[0]
    return f"{publisher(view)}: {title}; {version(view)}. {file.licence}. {address}"


def publisher(view: View) -> str:
    name = view.registry.file.publisher.name
    return view.tr("Publisher not yet named") if name == "not yet named" else name


def stands(tr: Translator, now: Standing) -> str:
    """The status as a reader sees it: what was not seen lately and what nobody checked says so."""
    if now.last_seen_only and now.as_of:
        return tr("Ongoing when last seen, {date}", date=tr.day(now.as_of))
    if now.status is Status.PROMISED and not now.checked_on:
        return tr("Promised; nobody has checked since")
    if now.status is Status.NOT_ASSESSED and now.checked_on:
        return tr("Looked on {date}, not judged yet", date=tr.day(now.checked_on))
    return tr(words.STATUS[now.status])


def status_parts(tr: Translator, of: Sum) -> list[tuple[Status, str]]:
    """The parts of a sum by status, each in words; they add up to the whole."""
    return [
        (status, words.parts(tr, status, n, status not in of.lately, of.looked)) for status, n in of.statuses.items()
    ]


@lru_cache(maxsize=16)
def _found(tr: Translator, frame: Frame) -> str:
    """How many were found in which texts. Remembered: the foot of every page says it of all records."""
    points = tr.count("{n} ask or promise", "{n} asks and promises", len(frame))
    examined = summary.examined(frame)
    if not examined.texts:
        texts = tr.count("in {n} text", "in {n} texts", 0)
    else:
        texts = tr.count("in {n} text of {years}", "in {n} texts of {years}", examined.texts, years=examined.years)
    return tr("{points} found {texts}", points=points, texts=texts)
