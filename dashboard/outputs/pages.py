"""The HTML of a page from a registry, a clock and a language. No Streamlit, no request, no file.

Templates escape every value; addresses are checked once more before they become links. The
dashboard draws these pages, and whatever leaves it as HTML is made of the same pieces.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markdown_it import MarkdownIt
from markupsafe import Markup

from dashboard.language import NAMES, Translator, words
from dashboard.progress import changes
from dashboard.progress.changes import Event, Move, What
from dashboard.progress.filters import Filters
from dashboard.progress.rows import STATUS_ORDER, Row, by_known, by_side, by_status, completion, rows
from dashboard.progress.rows import row as one_row
from dashboard.progress.status import AnswerState, Difference, counts
from dashboard.registry import grounds
from dashboard.registry.model import (
    EDITORS,
    Basis,
    Evidence,
    Kind,
    Known,
    Recommendation,
    Registry,
    Role,
    Side,
    Source,
    Status,
    Theme,
)
from dashboard.registry.problems import Problem
from dashboard.registry.scalars import LANGUAGES, Clock, Day, Text

PAGE_ROWS = 50
"""Records on one page of a list."""

MARKS_UP_TO = 200
"""One mark a record up to this many; stacked bars beyond, where marks would be dust."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Which state of the data a page shows. `changed`: the files hold more than that commit."""

    commit: str
    on: date
    changed: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """Everything that a page is drawn from."""

    registry: Registry
    clock: Clock
    tr: Translator
    filters: Filters
    address_language: bool = False
    edition: Edition | None = None

    def link(self, path: str, filters: Filters | None = None, **values: object) -> str:
        """An address of ours that keeps the day and, where it was chosen, the language."""
        pairs = filters.pairs() if filters else []
        pairs += [(key, str(value)) for key, value in values.items()]
        if self.filters.as_of and "as_of" not in dict(pairs):
            pairs.append(("as_of", self.filters.as_of.isoformat()))
        if self.address_language and "lang" not in values:
            pairs.append(("lang", self.tr.language))
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def record(self, name: str) -> str:
        return self.link("/record", id=name)


def start(view: View) -> str:
    """Where things stand: the state by side, one mark a record, the subjects, what changed."""
    all_rows = rows(view.registry, view.clock)
    subjects = [Subject(theme, [r for r in all_rows if r.record.theme == theme.id]) for theme in _headlines(view)]
    return _page(
        "start.html",
        view,
        rows=all_rows,
        subjects=subjects,
        change=_change(view, all_rows),
        examined=_examined(view, all_rows),
    )


def points_head(view: View) -> str:
    """What stands above the controls of All points."""
    return _page("points_head.html", view)


def points(view: View, filters: Filters, shown: Sequence[Row], kept: int, of: int, page: int, pages: int) -> str:
    """The selection in words, and one page of its records, one line each."""
    chips = [(label, view.link("/points", filters.without(key, value))) for key, value, label in _chosen(view, filters)]
    bodies = filters.bodies(view.registry)
    meant = {row.id: [a for a in row.record.actors if bodies and filters.meant(a, bodies)] for row in shown}
    return _page(
        "points.html",
        view,
        meant=meant,
        rows=shown,
        chips=chips,
        filters=filters,
        kept=kept,
        of=of,
        page=page,
        pages=pages,
    )


def page_of(kept: Sequence[Row], asked: str) -> tuple[Sequence[Row], int, int]:
    """The rows of the page that an address asks for, its number, and how many pages there are."""
    count = max(1, -(-len(kept) // PAGE_ROWS))
    page = min(max(int(asked), 1), count) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    return kept[(page - 1) * PAGE_ROWS : page * PAGE_ROWS], page, count


def points_at_once(view: View, page: str) -> str:
    """All points without the controls, which need Streamlit: what is read until they have come."""
    every = rows(view.registry, view.clock)
    kept = view.filters.apply(every, view.registry)
    shown, number, count = page_of(kept, page)
    listed = points(view, view.filters, shown, len(kept), len(every), number, count)
    return points_head(view) + _page("waiting.html", view) + listed


def title(view: View, name: str) -> str:
    """The title of a record in the reader's language."""
    entry = view.registry.records[name]
    return entry.title.shown(view.tr.language)[0]


def record(view: View, name: str) -> str | None:
    """One record as a short article; None where there is no such record."""
    entry = view.registry.records.get(name)
    if entry is None:
        return None
    row = one_row(view.registry, entry, view.clock) if counts(view.registry, entry, view.clock) else None
    events = changes.events(view.registry, row, view.clock) if row else []
    return _page(
        "record.html",
        view,
        record=row.record if row else entry,
        row=row,
        events=events,
        last_asked=_last_asked(row),
        newest=changes.newest_page(view.registry, view.clock),
    )


def sources(view: View) -> str:
    """Every source with its passages, tracked or not."""
    return _page("sources.html", view, sources=[_read(view, source) for source in view.registry.sources])


def about(view: View) -> str:
    """Who answers for the registry, and its corrections."""
    return _page("about.html", view)


def method(view: View) -> str:
    """How we judge: METHODOLOGY.md as it is published, and the numbers in force."""
    return _page("method.html", view, rules_html=_methodology())


def top(view: View, here: Callable[[str], str]) -> str:
    """The head of every page: title, language, way to the other pages."""
    return _page("top.html", view, here=here)


def trouble(view: View, behind: bool, problems: Sequence[Problem]) -> str:
    """A banner where the file on disk is not what is shown: file and line only, never a value."""
    return _page("trouble.html", view, behind=behind, problems=[p for p in problems if p.severity == "error"])


def unreadable(tr: Translator) -> str:
    """The whole page where no state of the registry could be read."""
    return _environment().get_template("unreadable.html").render(tr=tr)


def foot(view: View) -> str:
    """The foot of every page: which data, by whom, under which licence."""
    return _page("foot.html", view)


def missing(view: View, wanted: str) -> str:
    """What stands in place of a record that is not there."""
    return _page("missing.html", view, wanted=wanted)


def _last_asked(row: Row | None) -> Day | None:
    return max((each.on for each in row.record.asked), key=lambda day: day.first, default=None) if row else None


@cache
def style() -> str:
    """The style sheet of the pages."""
    return (Path(__file__).parent / "templates" / "style.css").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Read:
    """A source with how many of its passages led to records, and to which."""

    entry: Source
    tracked: int
    records: list[Recommendation]


def _read(view: View, source: Source) -> Read:
    records = [r for r in view.registry.file.recommendations if any(o.source == source.id for o in r.origin)]
    passages = {(o.paragraph, o.quote) for r in records for o in r.origin if o.source == source.id}
    return Read(source, len(passages), records)


@cache
def _methodology() -> Markup:
    """METHODOLOGY.md without its title; links to other files of the repository become plain words."""
    text = (Path(__file__).resolve().parents[2] / "METHODOLOGY.md").read_text("utf-8").partition("\n")[2]
    html: str = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    return Markup(_ELSEWHERE.sub(r"\1", _HEADING.sub(_anchored, html)))  # our own file; its HTML is switched off


_HEADING = re.compile(r"<h2>(.*?)</h2>")
_ELSEWHERE = re.compile(r'<a href="(?!#|https?:)[^"]*">(.*?)</a>')


def _anchored(heading: re.Match[str]) -> str:
    """A heading under the address that the contents list of the file gives it."""
    return f'<h2 id="{re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")}">{heading[1]}</h2>'


@dataclass(frozen=True, slots=True)
class Subject:
    """One of the headline themes with its records."""

    theme: Theme
    rows: list[Row]

    @property
    def known(self) -> list[Known]:
        kinds = {row.standing.known for row in self.rows} - {Known.NONE}
        return [kind for kind in Known if kind in kinds]

    @property
    def checked(self) -> int:
        return sum(row.standing.checked_on is not None for row in self.rows)

    @property
    def checked_on(self) -> Day | None:
        looks = [row.standing.checked_on for row in self.rows if row.standing.checked_on]
        return max(looks, key=lambda day: day.first, default=None)


@dataclass(frozen=True, slots=True)
class Examined:
    """What was read: texts behind the records shown and their years; of all passages, tracked and not."""

    texts: int
    years: str
    tracked: int
    not_tracked: int


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in the twelve months before a day."""

    of_subjects: list[Event]
    of_others: list[Event]
    asked: int
    last: Event | None
    looked: Day | None
    newest: Day | None

    @property
    def moved(self) -> bool:
        """Whether anything moved on the headline themes; what made it harder is no movement."""
        return any(event.what is not What.SETBACK for event in self.of_subjects)


def _headlines(view: View) -> list[Theme]:
    return [theme for theme in view.registry.file.themes if theme.headline]


def _examined(view: View, all_rows: list[Row]) -> Examined:
    shown = {source for row in all_rows for source in row.sources}
    sources = [source for source in view.registry.sources if source.id in shown]
    years = sorted({source.published.first.year for source in sources})
    tracked = {(o.source, o.paragraph, o.quote) for r in view.registry.file.recommendations for o in r.origin}
    left = sum(len(source.not_tracked) for source in view.registry.sources)
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else "".join(map(str, years))
    return Examined(len(sources), span, len(tracked), left)


def _change(view: View, all_rows: list[Row]) -> Change:
    until = view.clock.as_of
    # 29 February has no anniversary in most years; the day after February does.
    since = until.replace(year=until.year - 1, day=28 if (until.month, until.day) == (2, 29) else until.day)
    moves = {move.row.id: move for move in changes.moves(view.registry, Clock(since, view.clock.today), view.clock)}
    happened = [event for row in all_rows for event in changes.events(view.registry, row, view.clock)]
    told = [event for event in changes.between(happened, since, until) if _is_news(event, moves)]
    headline = {theme.id for theme in _headlines(view)}
    records = view.registry.records
    facts = [e for e in happened if e.what is not What.ASKED and records[e.record].theme in headline]
    today = view.clock.as_of == view.clock.today
    return Change(
        of_subjects=[event for event in told if records[event.record].theme in headline],
        of_others=[event for event in told if records[event.record].theme not in headline],
        asked=sum(move.was is None for move in moves.values()),
        last=max(facts, key=lambda event: event.on.first, default=None),
        looked=changes.last_look(view.registry, view.clock) if today else None,
        newest=changes.newest_page(view.registry, view.clock) if today else None,
    )


def _is_news(event: Event, moves: dict[str, Move]) -> bool:
    """A new ask is counted, not told; an assessment is news only where it changed where the record stands."""
    if event.what is What.ASKED:
        return False
    return event.what is not What.ASSESSED or (event.record in moves and moves[event.record].row.status is event.status)


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
        "kind_of": lambda record, reference: grounds.kind_of(registry, record, reference),
        "voice_of": lambda record, reference, entry: grounds.voice_of(record, reference, entry),
        "evidence_of": _evidence_of,
        "known_of": lambda record, given: grounds.known(registry, record, given),
        "family": lambda record: grounds.addressees(registry, record),
        "filtered": lambda **keys: _filtered(view, keys),
    }


def _chosen(view: View, filters: Filters) -> list[tuple[str, str | None, str]]:
    """Each thing that is selected: key, value, and the words for it."""
    tr, registry, language = view.tr, view.registry, view.tr.language
    named = {
        "side": lambda v: tr(words.SIDE[Side(v)]),
        "status": lambda v: tr(words.STATUS[Status(v)]),
        "known": lambda v: tr("known from: {kind}", kind=tr(words.KNOWN[Known(v)])),
        "kind": lambda v: tr(words.KIND[Kind(v)]),
        "role": lambda v: tr(words.ROLE[Role(v)]),
        "basis": lambda v: tr(words.BASIS[Basis(v)]),
        "theme": lambda v: registry.themes[v].name.shown(language)[0],
        "source": lambda v: registry.source_by_id[v].title,
        "actor": lambda v: _actor_words(view, v),
    }
    found: list[tuple[str, str | None, str]] = [(k, v, named[k](v)) for k in named for v in getattr(filters, k)]
    flags = {"disagree": tr("assessors disagree"), "due": tr("due to be checked"), "testable": tr("can be tested")}
    found += [(key, None, label) for key, label in flags.items() if getattr(filters, key)]
    if filters.q:
        found.append(("q", None, tr("says “{words}”", words=filters.q)))
    return found


def _actor_words(view: View, value: str) -> str:
    """`ID` or `ID:ROLE` in words."""
    actor, _, role = value.partition(":")
    name = view.registry.actors[actor].name.shown(view.tr.language)[0]
    return f"{name}: {view.tr(words.ROLE[Role(role)])}" if role else name


def _filtered(view: View, keys: dict[str, str]) -> str:
    """The address of a selection: `filtered(side="state", status="promised")`."""
    chosen = Filters(as_of=view.filters.as_of)
    for key, value in keys.items():
        chosen = chosen.choosing(key, value)
    return view.link("/points", chosen)


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


def _evidence_of(record: Recommendation) -> list[str]:
    """Every reference that the record cites, each once, in the order in which it is met."""
    found: list[str] = []
    for entries in (record.assessments, record.steps, record.funding, record.setbacks, record.answers):
        for entry in entries:
            found += entry.evidence
    found += [r for given in record.assessments for met in given.conditions_met for r in met.evidence]
    return list(dict.fromkeys(found))


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
        NAMES=NAMES,
        STATUS_ORDER=STATUS_ORDER,
        Side=Side,
        Status=Status,
        by_side=by_side,
        by_known=by_known,
        by_status=by_status,
        completion=completion,
        is_evidence=lambda entry: isinstance(entry, Evidence),
        is_source=lambda entry: isinstance(entry, Source),
        safe_url=safe_url,
        words=words,
    )
    return environment
