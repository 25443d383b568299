"""The HTML of a page from a registry, a clock and a language. No Streamlit, no request, no file.

Templates escape every value; addresses are checked once more before they become links. The
dashboard draws these pages, and whatever leaves it as HTML is made of the same pieces.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from dashboard.language import NAMES, Translator, words
from dashboard.progress import changes
from dashboard.progress.changes import Event, Move
from dashboard.progress.filters import Filters
from dashboard.progress.rows import STATUS_ORDER, Row, by_side, by_status, completion, rows
from dashboard.progress.status import AnswerState, Difference
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

MARKS_UP_TO = 200
"""One mark a record up to this many; stacked bars beyond, where marks would be dust."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Which state of the data a page shows."""

    commit: str
    on: date


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
        "start.html", view, rows=all_rows, subjects=subjects, change=_change(view, all_rows), examined=_examined(view)
    )


def points_head(view: View) -> str:
    """What stands above the controls of All points."""
    return _page("points_head.html", view)


def points(view: View, filters: Filters, shown: Sequence[Row], kept: int, of: int, page: int, pages: int) -> str:
    """The selection in words, and one page of its records, one line each."""
    chips = [(label, view.link("/points", filters.without(key, value))) for key, value, label in _chosen(view, filters)]
    return _page(
        "points.html", view, rows=shown, chips=chips, filters=filters, kept=kept, of=of, page=page, pages=pages
    )


def record(view: View, name: str) -> str | None:
    """One record as a short article; None where there is no such record."""
    entry = view.registry.records.get(name)
    if entry is None:
        return None
    row = next((r for r in rows(view.registry, view.clock) if r.id == name), None)
    events = changes.events(view.registry, row, view.clock) if row else []
    return _page("record.html", view, record=entry, row=row, events=events)


def top(view: View, here: Callable[[str], str]) -> str:
    """The head of every page: title, language, way to the other pages."""
    return _page("top.html", view, here=here)


def trouble(view: View, why: str, problems: Sequence[Problem]) -> str:
    """A banner where the file on disk is not what is shown: file and line only, never a value."""
    return _page("trouble.html", view, why=why, problems=[p for p in problems if p.severity == "error"])


def unreadable(tr: Translator) -> str:
    """The whole page where no state of the registry could be read."""
    return _environment().get_template("unreadable.html").render(tr=tr)


def foot(view: View) -> str:
    """The foot of every page: which data, by whom, under which licence."""
    return _page("foot.html", view)


def missing(view: View, wanted: str) -> str:
    """What stands in place of a record that is not there."""
    return _page("missing.html", view, wanted=wanted)


@cache
def style() -> str:
    """The style sheet of the pages."""
    return (Path(__file__).parent / "templates" / "style.css").read_text("utf-8")


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
    def checked_on(self) -> Day | None:
        looks = [row.standing.checked_on for row in self.rows if row.standing.checked_on]
        return max(looks, key=lambda day: day.first, default=None)


@dataclass(frozen=True, slots=True)
class Examined:
    """What was read to make the registry: years of the sources, passages, and how many are not tracked."""

    years: str
    passages: int
    not_tracked: int


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in the twelve months before a day."""

    since: date
    headline_moves: list[Move]
    other_moves: list[Move]
    last: Event | None
    looked: Day | None
    newest: Day | None


def _headlines(view: View) -> list[Theme]:
    return [theme for theme in view.registry.file.themes if theme.headline]


def _examined(view: View) -> Examined:
    sources = view.registry.sources
    years = sorted({source.published.first.year for source in sources})
    tracked = {(o.source, o.paragraph, o.quote) for r in view.registry.file.recommendations for o in r.origin}
    left = sum(len(source.not_tracked) for source in sources)
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else "".join(map(str, years))
    return Examined(span, len(tracked) + left, left)


def _change(view: View, all_rows: list[Row]) -> Change:
    until = view.clock.as_of
    # 29 February has no anniversary in most years; the day after February does.
    since = until.replace(year=until.year - 1, day=28 if (until.month, until.day) == (2, 29) else until.day)
    # A first look that found nothing is news of ours, not of those who must act.
    all_moves = changes.moves(view.registry, Clock(since, view.clock.today), view.clock)
    moved = [move for move in all_moves if move.row.status is not Status.NOTHING_FOUND]
    headline = {theme.id for theme in _headlines(view)}
    of_subjects = [row for row in all_rows if row.record.theme in headline]
    happened = [event for row in of_subjects for event in changes.events(view.registry, row, view.clock)]
    return Change(
        since=since,
        headline_moves=[move for move in moved if move.row.record.theme in headline],
        other_moves=[move for move in moved if move.row.record.theme not in headline],
        last=max(happened, key=lambda event: event.on.first, default=None),
        looked=changes.last_look(view.registry, view.clock),
        newest=changes.newest_page(view.registry, view.clock),
    )


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
        "actor": lambda v: registry.actors[v.partition(":")[0]].name.shown(language)[0],
    }
    found: list[tuple[str, str | None, str]] = [(k, v, named[k](v)) for k in named for v in getattr(filters, k)]
    flags = {"disagree": tr("assessors disagree"), "due": tr("due to be checked"), "testable": tr("can be tested")}
    found += [(key, None, label) for key, label in flags.items() if getattr(filters, key)]
    if filters.q:
        found.append(("q", None, tr("says “{words}”", words=filters.q)))
    return found


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
        by_status=by_status,
        completion=completion,
        is_evidence=lambda entry: isinstance(entry, Evidence),
        is_source=lambda entry: isinstance(entry, Source),
        safe_url=safe_url,
        words=words,
    )
    return environment
