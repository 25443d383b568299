"""The HTML of a page from a registry, a clock and a language. No Streamlit, no request, no file.

Templates escape every value; addresses are checked once more before they become links. The
dashboard draws these pages, and whatever leaves it as HTML is made of the same pieces.
"""

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markdown_it import MarkdownIt
from markupsafe import Markup

from dashboard.language import NAMES, Translator, words
from dashboard.outputs import chosen, forms, tables, telling
from dashboard.outputs.forms import Form
from dashboard.outputs.view import View
from dashboard.progress import changes, summary
from dashboard.progress.agenda import agenda, dead_since, last_asked, overdue, to_look_at
from dashboard.progress.bodies import bodies
from dashboard.progress.charts import Chart, Pen
from dashboard.progress.coverage import coverage as covered
from dashboard.progress.filters import Filters
from dashboard.progress.frame import frame
from dashboard.progress.planning import Plan, plan
from dashboard.progress.replies import Reply, replies, reply, tally
from dashboard.progress.rows import STATUS_ORDER, Row, by_side, summed
from dashboard.progress.rows import row as one_row
from dashboard.progress.status import AnswerState, Difference, counts, year_before
from dashboard.registry import grounds, lineage, linked
from dashboard.registry.access import Who
from dashboard.registry.inbox import SLIP, Outcome, Waiting
from dashboard.registry.model import (
    EDITORS,
    Assessment,
    Evidence,
    Known,
    Recommendation,
    Registry,
    Role,
    Side,
    Source,
    Status,
)
from dashboard.registry.problems import Problem
from dashboard.registry.scalars import LANGUAGES, Clock, Text

PAGE_ROWS = 50
"""Records on one page of a list."""

SELECTING = ("/", "/points", "/actors", "/changes", "/coverage")
"""Pages that a selection narrows."""

MOST_IN_A_FILE = 300
"""Points in the one-file report: some 35 KB each, so that 300 make 10 MB and open in two or three seconds. A
chat takes no more, nor does a phone. Where there are more, a selection makes it smaller."""

MARKS_UP_TO = 200
"""One mark a record up to this many; stacked bars beyond, where marks would be dust."""


def subjects(view: View) -> list[summary.Subject]:
    """The subjects to follow; in a selection those that it has."""
    found = summary.subjects(view.registry, list(view.kept.rows))
    return [of for of in found if of.rows or not view.filters.narrows]


def start(view: View) -> str:
    """Where things stand: the state by side, one mark a record, the subjects, what changed."""
    kept = list(view.kept.rows)
    return _page(
        "start.html",
        view,
        chosen=list(chosen.parts(view)),
        line=chosen.line(view),
        rows=kept,
        subjects=subjects(view),
        change=_change(view.registry, view.clock, view.filters),
        examined=summary.examined(view.kept),
        to_check=to_look_at(agenda(view.registry, kept, view.clock)),
    )


@lru_cache(maxsize=16)
def _change(registry: Registry, clock: Clock, filters: Filters) -> summary.Change:
    """Remembered: it is the same for everybody who opens the page."""
    return summary.change(registry, clock, list(filters.apply(frame(registry, clock)).rows))


def points_head(view: View) -> str:
    """What stands above the controls of All points."""
    return _page("points_head.html", view)


def selection(view: View) -> str:
    """What is selected, in words and as parts that can be taken back; what could not be read of the address."""
    return _page("selection.html", view, chosen=list(chosen.parts(view)), line=chosen.line(view))


def points_sum(view: View) -> str:
    """The selection in words and in bars, its pictures, and the order of the list."""
    return selection(view) + _page("points_sum.html", view)


def points(view: View, asked: str) -> str:
    """One page of the selected records, one line each."""
    shown, page, pages = page_of(view.kept.rows, asked)
    filters = view.filters
    meant = {row.id: [a for a in row.record.actors if filters.meant(a, view.registry)] for row in shown}
    above = filters.above(view.frame)
    return _page("points.html", view, rows=shown, meant=meant, page=page, near=near(page, pages), above=above)


def near(page: int, pages: int) -> list[int]:
    """The pages that a list links to: all of up to twelve, else the first, the last, those around the one shown, and
    halfway to either end.
    """
    if pages <= 12:
        return list(range(1, pages + 1))
    around = range(max(1, page - 2), min(pages, page + 2) + 1)
    halfway = {page // 2, (page + pages) // 2} - {0}
    return sorted({1, *halfway, *around, pages})


def page_of(kept: Sequence[Row], asked: str) -> tuple[Sequence[Row], int, int]:
    """The rows of the page that an address asks for, its number, and how many pages there are."""
    count = max(1, -(-len(kept) // PAGE_ROWS))
    page = min(max(int(asked), 1), count) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    return kept[(page - 1) * PAGE_ROWS : page * PAGE_ROWS], page, count


def waiting(view: View) -> str:
    """What stands in place of the controls, which need Streamlit, until they have come."""
    return _page("waiting.html", view)


def actors(view: View) -> str:
    """Who must act: each actor that records name, by side, with its roles and where its points stand."""
    return selection(view) + _page(
        "actors.html",
        view,
        sides=bodies(view.kept),
        above=view.filters.above(view.frame),
        opens=_opens(view),
    )


def _opens(view: View) -> Callable[..., str]:
    """Gives the address of a part of what is selected, where it shows just as many (`n`): one actor, perhaps in one
    role, takes the place of others. All actors are counted at once, since a page asks for each.
    """

    @cache
    def beside(role: str, status: str) -> dict[str, int]:
        chosen = _chosen(view, {"status": status} if status else {})
        if role and chosen.role and role not in chosen.role:
            return {}
        return (chosen.choosing("role", role) if role else chosen).counts(view.frame, "actor")

    def opens(n: int, actor: str, status: str = "") -> str:
        name, _, role = actor.partition(":")
        if beside(role, status).get(name, 0) != n:
            return ""
        return view.link("/points", _chosen(view, {"actor": actor, **({"status": status} if status else {})}))

    return opens


def actors_head(view: View) -> str:
    return _page("actors_head.html", view)


def changes_head(view: View) -> str:
    """What stands above the comparison: which two days, and how to choose others."""
    earlier, later = days(view)
    return _page("changes_head.html", view, earlier=earlier, later=later)


def changed(view: View) -> str:
    """What changed between two days."""
    earlier, later = days(view)
    found = compared(view)
    return selection(view) + _page("changes.html", view, earlier=earlier, later=later, found=found)


def compared(view: View) -> changes.Comparison:
    """The records that are selected on either of the two days."""
    earlier, later = (Clock(day, view.clock.today) for day in days(view))
    return _compared(view.registry, earlier, later, view.filters)


@lru_cache(maxsize=4)
def _compared(registry: Registry, earlier: Clock, later: Clock, filters: Filters) -> changes.Comparison:
    """Remembered: the words and the picture of a page ask for the same."""
    both = [filters.apply(frame(registry, clock)).ids for clock in (earlier, later) if filters.narrows]
    return changes.compare(registry, earlier, registry, later, frozenset().union(*both) if both else None)


def days(view: View) -> tuple[date, date]:
    """The two days that an address asks for, in order: the clock's day and a year before, unless told."""
    later = min(view.filters.until or view.clock.as_of, view.clock.as_of)
    earlier = min(view.filters.since or year_before(later), view.clock.as_of)
    return min(earlier, later), max(earlier, later)


def desk(view: View, tending: bool = False) -> str:
    """What to look at this week, what comes then, and the lists; for an editor (`tending`) with the way to enter it."""
    items = agenda(view.registry, view.frame.rows, view.clock, view.links)
    return _page("desk.html", view, items=items, plan=planned(view), tending=tending)


def planned(view: View) -> Plan | None:
    """The plan of the coming weeks: of today, by what the registry says now; None on any other page."""
    if view.filters.published_on or view.clock.as_of != view.clock.today:
        return None
    return plan(view.registry, view.clock.today)


def desk_today(view: View, who: Who, waiting: Sequence[Waiting], damaged: int) -> str:
    """The head of the desk for an editor: what waits to be read, and how much is to be looked at this week."""
    return _page(
        "desk_today.html",
        view,
        who=who,
        waiting=waiting,
        damaged=damaged,
        minutes=MINUTES_A_MESSAGE * len(waiting),
        plan=planned(view),
        saying=forms.SAYING,
    )


def _this_week(view: View, plan: Plan) -> str:
    """What the week holds, in a sentence or two."""
    week, tr = plan.this, view.tr
    if not week.tasks:
        return tr("This week nothing is to be looked at.")
    minutes = tr.count("about {n} minute", "about {n} minutes", week.minutes)
    told = tr.count(
        "This week: {n} point, {minutes}.", "This week: {n} points, {minutes}.", week.points, minutes=minutes
    )
    done = tr.count("{n} of them is done.", "{n} of them are done.", week.done) if week.done else ""
    return f"{told} {done}".rstrip()


MINUTES_A_MESSAGE = 4
"""To read one message, mend it and publish or decline it. Our estimate, as those of the agenda."""


def message(view: View, waiting: Waiting, registry: Path) -> str:
    """A message as it was sent, with the commands for the registry at that path."""
    path = shlex.quote(str(registry))
    return _page("message.html", view, waiting=waiting, told=waiting.message, saying=forms.SAYING, path=path)


def no_editor(view: View, who: Who) -> str:
    """Why somebody who has signed in may only read."""
    return _page("no_editor.html", view, who=who)


def texts(view: View, held: Mapping[str, str]) -> str:
    """A text in the languages that it has, side by side."""
    return _page("texts.html", view, held=held)


def meanwhile(view: View, differences: Sequence[lineage.Difference]) -> str:
    """What became of a record since somebody opened it."""
    return _page("meanwhile.html", view, differences=differences, past=None)


def desk_back(view: View) -> str:
    """The way back to the list."""
    return _page("desk_back.html", view)


def point_now(view: View, name: str) -> str:
    """A point as it stands, beside what is entered about it."""
    return _page("point_now.html", view, row=standing_of(view, name))


def report_change(view: View, wanted: str, form: Form) -> str:
    """Tell the editors something, of one record where one is named; without script one long page."""
    return _form(view, wanted, form, only=False)


def answer_point(view: View, wanted: str, form: Form) -> str:
    """The answer of an institution to one point."""
    return _form(view, wanted, form, only=True)


def _form(view: View, wanted: str, form: Form, only: bool) -> str:
    row = standing_of(view, wanted)
    record = row.record if row else None
    answerers = forms.answering(record, view.registry)
    asked = forms.questions(record, row.status if row else None)
    return _page(
        "report_change.html",
        view,
        row=row,
        wanted=wanted,
        form=form,
        only=only,
        answerers=answerers,
        others=[actor.id for actor in view.registry.file.actors],
        questions=asked,
        blank=_blank_slip(row, only),
        name_of=lambda name: _name(view, name),
        REASON=forms.REASON,
        MOST_CHOICES=forms.MOST_CHOICES,
    )


def _blank_slip(row: Row | None, only: bool) -> str:
    """A slip to fill in by hand."""
    says = "answer" if only else "changed" if row else "wrong"
    point = [f"point: {row.id}"] if row else []
    more = {"answer": ["answers:", "position:"], "changed": ["when:", "link:"]}.get(says, [])
    return "\n".join([SLIP, *point, f"says: {says}", *more, "text:", "…", "END"])


def answer(view: View, wanted: str, letter: str = "", letter_language: str = "") -> str:
    """What is asked of an institution, point by point, for its answer, with a letter where one was asked for."""
    rows, registry = view.frame.rows, view.registry

    def told(of: Iterable[Row]) -> tuple[Reply, ...]:
        return replies(of, registry, view.clock, wanted)

    its = told(forms.institutions(rows, registry).get(wanted, ()))
    every = forms.institutions(view.frame.rows, view.registry, tuple(Role))
    choices = sorted(every.items(), key=lambda pair: (-len(pair[1]), _name(view, pair[0])))
    return _page(
        "answer.html",
        view,
        wanted=wanted,
        chosen=wanted if wanted in view.registry.actors else "",
        choices=choices,
        replies=its,
        tally=tally(its),
        others=[(told([row])[0], roles) for row, roles in forms.of_other_parts(rows, registry, wanted)],
        above=told(forms.of_bodies_above(rows, registry, wanted)),
        letter=letter,
        letter_language=letter_language,
        name_of=lambda name: _name(view, name),
    )


def sent(view: View, receipt: str, about: str) -> str:
    """What stands there once a message has been kept."""
    return _page("sent.html", view, receipt=receipt, row=standing_of(view, about))


def as_slip(view: View, text: str) -> str:
    """A message as text, for those without script."""
    return _page("slip.html", view, text=text)


def receipt(view: View, form: Form, asked: bool, found: Outcome | None) -> str:
    """What became of a message, for whoever has its receipt."""
    return _page("receipt.html", view, form=form, asked=asked, outcome=found, REASON=forms.REASON, STATE=forms.STATE)


def refused(view: View, sentence: str) -> str:
    """Why something that was sent was not even looked at."""
    return _page("refused.html", view, sentence=sentence)


def form_head(view: View) -> str:
    """The head of the light pages with forms."""
    return _page("form_head.html", view)


def form_foot(view: View) -> str:
    return _page("form_foot.html", view)


def _name(view: View, actor: str) -> str:
    """The name of an actor as plain words, for a list to choose from."""
    entry = view.registry.actors.get(actor)
    return entry.name.shown(view.tr.language)[0] if entry else actor


def unpublished(view: View) -> str:
    """What stands in place of a page of a day on which nothing had been published."""
    return _page("unpublished.html", view)


def nowhere(view: View) -> str:
    """What stands in place of a page that is not there."""
    return _page("nowhere.html", view)


def chart_head(view: View, chart: Chart) -> str:
    """What stands above a picture: the point that it makes."""
    return _page("chart_head.html", view, chart=chart)


def chart_foot(view: View, chart: Chart) -> str:
    """What stands under a picture: the same as a table, and the picture to take away."""
    return _page("chart_foot.html", view, chart=chart)


def pen(view: View) -> Pen:
    """What pictures of this page are drawn with: addresses keep day, language and selection."""
    return Pen(view.tr, lambda filters: view.link("/points", filters), view.record, view.filters)


def title(view: View, name: str) -> str:
    """The title of a record in the reader's language."""
    entry = view.registry.records[name]
    return entry.title.shown(view.tr.language)[0]


def record(view: View, name: str) -> str | None:
    """One record as a short article; None where there is no such record."""
    entry = view.registry.records.get(name)
    if entry is None:
        return None
    row = standing_of(view, name)
    events = changes.events(view.registry, row, view.clock) if row else []
    return _page(
        "record.html",
        view,
        record=row.record if row else entry,
        row=row,
        events=events,
        newest=changes.newest_page(view.registry, view.clock),
        # Not on the light page: it is for slow lines and previews, and git would be asked for each.
        past=view.past(name) if view.past and not view.place.alone else None,
    )


def standing_of(view: View, name: str) -> Row | None:
    """Where a record stands; None where there is no such record or it does not count on the day."""
    entry = view.registry.records.get(name)
    return one_row(view.registry, entry, view.clock) if entry and counts(view.registry, entry, view.clock) else None


def sources(view: View) -> str:
    """Every source with its passages, tracked or not."""
    return _page(
        "sources.html",
        view,
        sources=[summary.read(view.registry, source) for source in view.registry.sources],
        shown=Counter(source for row in view.frame.rows for source in row.sources),
    )


def about(view: View) -> str:
    """Who answers for the registry, and its corrections."""
    return _page("about.html", view)


def method(view: View) -> str:
    """How we judge: METHODOLOGY.md as it is published, and the numbers in force."""
    return _page(
        "method.html",
        view,
        rules_html=_rules(view.rules_text) if view.rules_text else _methodology(),
        then=view.rules_text,
    )


def coverage(view: View) -> str:
    """What is covered: passages tracked, who judged what, how we know, how long ago somebody looked."""
    return _page(
        "coverage.html",
        view,
        selection=Markup(selection(view)),  # HTML of ours
        held=covered(view.kept),
        opens=lambda n, **keys: _exactly(view, n, keys),
    )


def _exactly(view: View, n: int, keys: dict[str, str]) -> str:
    """The address of a part of what is selected, where it shows just as many."""
    wanted = _chosen(view, keys)
    return view.link("/points", wanted) if int(wanted.mask(view.frame).sum()) == n else ""


def top(view: View) -> str:
    """The head of every page: title, language, way to the other pages, the day that is shown."""
    return _page("top.html", view)


def trouble(view: View, behind: bool, problems: Sequence[Problem]) -> str:
    """A banner where the file on disk is not what is shown: file and line only, never a value."""
    return _page("trouble.html", view, behind=behind, problems=[p for p in problems if p.severity == "error"])


def untended(view: View) -> str:
    """A banner on a registry that nobody looks after yet; nothing on any other."""
    return "" if summary.tended(view.registry) else _page("untended.html", view)


def unreadable(tr: Translator) -> str:
    """The whole page where no state of the registry could be read."""
    return _environment().get_template("unreadable.html").render(tr=tr)


def being_read(tr: Translator, share: float) -> str:
    """The whole page while a long registry is read for the first time; site.js moves the bar on."""
    return _environment().get_template("being_read.html").render(tr=tr, share=round(share * 100))


def foot(view: View) -> str:
    """The foot of every page: which data, by whom, under which licence; to cite, to copy, to report."""
    address = lasting(view)
    return _page(
        "foot.html",
        view,
        sentence="" if view.unpublished else f"{preview(view)} {address}",
        citation=telling.citation(view, address),
        lasting=bool(view.edition and not view.edition.changed),
        report=view.link("/report-change", None, **_record_here(view)),
    )


TABLE_OF = {"/": "records", "/points": "records", "/actors": "actors-of-records", "/sources": "decisions"}
"""Page to the table (outputs/tables.py) that holds what it shows."""


def take(view: View) -> str:
    """What can be taken along from a page: tables, brief, the file for offline, the feed."""
    if view.unpublished:
        return ""
    here = _record_here(view)
    table = TABLE_OF.get(view.place.path, "")
    theme = view.registry.records[here["id"]].theme if here else ""
    chosen = view.filters.choosing("theme", theme) if theme else view.filters
    from_ = {"from": str(days(view)[0])} if view.place.path == "/changes" and not view.filters.since else {}
    return _page(
        "take.html",
        view,
        table=table,
        columns=tables.columns(table) if table else (),
        subject=view.registry.themes.get(theme),
        brief=lambda form: view.link(f"/brief.{form}", chosen, **from_, lang=view.tr.language),
        digest=_digest_of(view),
        embed=telling.embed(view, here["id"]) if here else "",
        here=here,
    )


def _digest_of(view: View) -> str:
    """The address of a digest of what is selected; from What changed since the same day."""
    since = {"since": str(days(view)[0])} if view.place.path == "/changes" else {}
    wanted = replace(view.filters, since=None, until=None)
    return view.link("/digest.txt", wanted, **since, lang=view.tr.language)


def offer_login() -> None:
    """From now on the foot of every page holds the way for editors to sign in."""
    _environment().globals["login_offered"] = True


def login_is_offered() -> bool:
    return bool(_environment().globals.get("login_offered"))


def lasting(view: View) -> str:
    """The address at which what a page counts can be read for good: the record, the selection, or the first page."""
    path, here = view.place.path, _record_here(view)
    return view.lasting(path if here or path in SELECTING else "/", **here)


def _record_here(view: View) -> dict[str, str]:
    """The record that the page is about, as a part of an address."""
    wanted = view.asked("id")
    return {"id": wanted} if view.place.path == "/record" and wanted in view.registry.records else {}


def preview(view: View) -> str:
    """What a link preview tells: where a record stands, with its date; what changed; where all points stand."""
    if view.unpublished:
        return ""
    if view.place.path == "/changes":
        return telling.of_moves(view, compared(view), *days(view))
    row = standing_of(view, view.asked("id")) if view.place.path == "/record" else None
    return telling.of_record(view, row) if row else telling.of_points(view)


def drawn(template: str, view: View, **values: Any) -> str:
    """A template that another module of this room fills in, with what every page has at hand."""
    return _page(template, view, **values)


def missing(view: View, wanted: str) -> str:
    """What stands in place of a record that is not there."""
    return _page("missing.html", view, wanted=wanted)


@cache
def style() -> str:
    """The style sheet of the pages."""
    return (Path(__file__).parent / "templates" / "style.css").read_text("utf-8")


_COMMENT = re.compile(r"/\*.*?\*/\n?", re.DOTALL)
_STREAMLITS = re.compile(r"(\.stApp|body:has\(\.stApp)[^\n]*\n")
_GLYPH = re.compile(r"\.g-([a-z-]+) [^\n]*\n")


def form_style(html: str) -> str:
    """The style of a light page with forms: of the common one what it uses, so that it stays light."""
    used = set(re.findall(r'class="g g-([a-z-]+)', html))
    return _GLYPH.sub(lambda rule: rule[0] if rule[1] in used else "", _form_style())


@cache
def _form_style() -> str:
    """The beginning of the common style, down to what only the other pages have, and that of the forms."""
    common = style().partition("/* where things stand */")[0]
    own = (Path(__file__).parent / "templates" / "form.css").read_text("utf-8")
    return _STREAMLITS.sub("", _COMMENT.sub("", common + own))


@cache
def _methodology() -> Markup:
    return _rules((Path(__file__).resolve().parents[2] / "METHODOLOGY.md").read_text("utf-8"))


@lru_cache(maxsize=8)
def _rules(text: str) -> Markup:
    """METHODOLOGY.md without its title; links to other files of the repository become plain words."""
    text = text.partition("\n")[2]
    html: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return Markup(_ELSEWHERE.sub(r"\1", _HEADING.sub(_anchored, html)))  # our own file; its HTML is switched off


_HEADING = re.compile(r"<h2>(.*?)</h2>")
_ELSEWHERE = re.compile(r'<a href="(?!#|https?:)[^"]*">(.*?)</a>')


def _anchored(heading: re.Match[str]) -> str:
    """A heading under the address that the contents list of the file gives it."""
    return f'<h2 id="{re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")}">{heading[1]}</h2>'


def _page(template: str, view: View, **values: Any) -> str:
    return _environment().get_template(template).render(v=view, tr=view.tr, **_helpers(view), **values)


def _helpers(view: View) -> dict[str, Any]:
    registry = view.registry
    return {
        "say": lambda text: _say(view, text),
        "count": view.tr.count,
        "tr_html": lambda sentence, **values: Markup(view.tr(sentence)).format(**values),
        "day": view.tr.day,
        "actor": lambda name: _actor(view, name),
        "cited": lambda reference: grounds.cited(registry, reference),
        "last_asked": last_asked,
        "this_week": lambda plan: _this_week(view, plan),
        "kind_of": lambda record, reference: grounds.kind_of(registry, record, reference),
        "voice_of": lambda record, reference, entry: grounds.voice_of(record, reference, entry),
        "judged_earlier": lambda record, given: _judged_earlier(view, record, given),
        "evidence_of": grounds.references,
        "link_found": lambda url: _found(view, url),
        "dead_since": lambda record: dead_since(view.registry, record, view.links),
        "known_of": lambda record, given: grounds.known(registry, record, given),
        "family": lambda record: grounds.addressees(registry, record),
        "followed_by": lambda name: grounds.followed_by(registry, name),
        "overdue": lambda row: overdue(row, view.clock),
        "filtered": lambda **keys: _filtered(view, keys),
        "picture_of": lambda name: f"/picture/{name}.json?{urlencode(view.place.pairs)}".rstrip("?"),
        "reply_of": lambda row: reply(row, registry, view.clock),
        "status_parts": lambda of: telling.status_parts(view.tr, of),
        "stands": lambda now: telling.stands(view.tr, now),
    }


def _judged_earlier(view: View, record: Recommendation, given: Assessment) -> str:
    """That a judgement is of another state than today's; empty where it is of this one."""
    found = grounds.earlier(view.registry, record, given)
    return view.tr(telling.EARLIER[found]) if found else ""


def _filtered(view: View, keys: dict[str, str]) -> str:
    """The address of what is selected, with more chosen: `filtered(side="state", status="promised")`."""
    return view.link("/points", _chosen(view, keys))


def _chosen(view: View, keys: dict[str, str]) -> Filters:
    wanted = view.filters if view.filters.narrows else view.filters.clocks()
    for key, value in keys.items():
        wanted = wanted.choosing(key, value)
    return wanted


def _say(view: View, text: Text) -> Markup:
    """A text of the registry with the language that it is in; one that is not the reader's says so."""
    shown, language = text.shown(view.tr.language)
    if language == view.tr.language:
        return Markup("<span>{}</span>").format(shown)
    note = {"en": view.tr("in English"), "ru": view.tr("in Russian"), "kk": view.tr("in Kazakh")}[language]
    return Markup('<span lang="{}">{}</span> <small class="note">({})</small>').format(language, shown, note)


def _actor(view: View, name: str) -> Markup:
    if name == EDITORS:
        return Markup("<span>{}</span>").format(view.tr("Editors"))
    entry = view.registry.actors.get(name)
    return _say(view, entry.name) if entry else Markup("<span>{}</span>").format(name)


def _found(view: View, url: str | None) -> linked.Result | None:
    """What is known of a link; in a file to take along nothing, since it lasts longer than that."""
    return view.links.get(linked.key(url)) if url and view.served else None


def safe_url(url: str | None) -> str:
    """`url` where it leads to a page over http or https without credentials, else nothing."""
    if not url:
        return ""
    parts = urlsplit(url)
    return url if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else ""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        AnswerState=AnswerState,
        Difference=Difference,
        Known=Known,
        LANGUAGES=LANGUAGES,
        MARKS_UP_TO=MARKS_UP_TO,
        MOST_IN_A_FILE=MOST_IN_A_FILE,
        NAMES=NAMES,
        STATUS_ORDER=STATUS_ORDER,
        Role=Role,
        Side=Side,
        Status=Status,
        by_side=by_side,
        summed=summed,
        is_evidence=lambda entry: isinstance(entry, Evidence),
        is_source=lambda entry: isinstance(entry, Source),
        safe_url=safe_url,
        words=words,
    )
    return environment
