"""The dashboard as one file that opens without a server: every page and point in three languages, search,
filters, and the form that makes a slip. It asks nothing of anybody.

The pages are those of the dashboard, made of the same pieces; their addresses lie behind a # in the file
itself. In the language of the view everything stands there to be read without script; the script
(assets/report.js) shows one page at a time, filters, searches and changes the language.

Filters and search find what the server finds among the same points. Three differences stay: the file has
one order, no other day, and of words with fewer than six letters it knows only those of its own points, so
that a selection can take such a word for a beginning which in the whole registry stands on its own. A
browser of before 2023 that cannot look back in a text finds words only as they stand.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

from markupsafe import Markup

from dashboard.language import NAMES, translator
from dashboard.language.search import Index, for_scripts
from dashboard.outputs import alone, chosen, forms, pages, telling
from dashboard.outputs.forms import Form
from dashboard.outputs.view import Place, View
from dashboard.progress.filters import WORDS, Filters
from dashboard.progress.finding import texts_of
from dashboard.progress.rows import Row
from dashboard.registry.grounds import bodies_above
from dashboard.registry.scalars import LANGUAGES, Language

MOST = pages.MOST_IN_A_FILE

_KEYS = ("side", "actor", "role", "basis", "status", "known", "theme", "source", "kind")
"""Keys of an address whose values name something, in the order of the controls."""

_ASSETS = Path(__file__).parent.parent / "assets"
_FACES = ("cyrillic-ext", "cyrillic", "latin")
"""Parts of the typeface that hold the letters of the three languages."""

_POLICY = (
    "default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
_EARLY = """
const root = document.documentElement;
root.classList.add("js", ...(location.hash.length < 3 ? ["first"] : []));
addEventListener("error", () => { if (!root.classList.contains("ready")) root.classList.remove("js", "first"); });
"""
"""Before anything is drawn: one page at a time. Where the script cannot run to its end, all is shown after all."""

_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_NAMED = re.compile(r' (id|aria-labelledby|aria-describedby|data-copy|for)="([^"/]+)"')
_JUMP = re.compile(r' href="#([^"/][^"]*)"')


class TooMany(ValueError):
    """There are more points than one file holds."""


@dataclass(frozen=True)
class InFile(View):
    """A view whose addresses lie in the file itself."""

    served: ClassVar[bool] = False
    of: View | None = None
    """The view that the file is made of: what is cited is cited as it would be there."""

    def link(self, path: str, filters: Filters | None = None, **values: object) -> str:
        pairs = [(key, str(value)) for key, value in values.items() if key != "lang"]
        if path.startswith("/r/"):  # the light page of a point is the point itself here
            return self.record(path.removeprefix("/r/"))
        chosen = filters or Filters()
        pairs += replace(chosen, as_of=None, published_on=None, since=None, until=None).pairs()
        return f"#{path}?{urlencode(pairs)}" if pairs else f"#{path}"

    def lasting(self, path: str, **values: object) -> str:
        assert self.of
        return self.of.lasting(path, **values)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of the file: its address behind the #, its title, its HTML."""

    address: str
    title: str
    html: str
    record: str = ""


def report(view: View) -> str:
    """The whole file, of the points that the view keeps, in the language of the view first. Raises TooMany."""
    if len(view.kept) > MOST:
        raise TooMany(
            f"{len(view.kept)} points are more than one file holds ({MOST}); select fewer, such as by an actor or a subject"
        )
    order = sorted(LANGUAGES, key=lambda language: language != view.tr.language)
    said = {language: _language(_in_file(view, language)) for language in order}
    drawn = pages.drawn(
        "report.html",
        _in_file(view, view.tr.language),
        names=NAMES,
        said=said,
        facts=alone.in_script(_facts(view, said)),
        early=Markup(_EARLY),
        script=Markup(_script()),
        title=view.registry.file.title.shown(view.tr.language)[0],
        policy="{policy}",
    )
    html = alone.styled(drawn, _faces(), _style())
    return html.replace("{policy}", policy(html), 1)


def policy(html: str) -> str:
    """The content security policy of a report: its own scripts, by their digests, and nothing from anywhere."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _SCRIPT.findall(html))
    return _POLICY.format(hashes=" ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests))


def _in_file(view: View, language: Language) -> InFile:
    given = {each.name: getattr(view, each.name) for each in fields(View)}
    told = replace(view, tr=translator(language), address_language=True)
    # The days stay: what was made of a past day is shown as on that day.
    return InFile(**{**given, "tr": told.tr, "past": None, "place": Place("/"), "of": told})


# --- the pages of one language ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """Everything in one language. `forms`: each form by its key; `words`: what the script says."""

    sheets: tuple[Sheet, ...]
    forms: Mapping[str, str]
    words: Mapping[str, Any]
    foot: str
    preview: str


def _language(view: InFile) -> Said:
    tr = view.tr
    citation = telling.citation(view, view.lasting("/points"))
    sheets = [*_pages(view), *_points(view)]
    return Said(
        sheets=tuple(replace(sheet, html=_own_ids(sheet, n)) for n, sheet in enumerate(sheets)),
        forms=dict(_forms(view)),
        words={
            "shown": tr("Shown: {n} of {of}"),
            "all": tr("Shown: all {n}"),
            "away": tr("Take this away"),
            "says": tr("says “{words}”"),
            "missing": tr("This point is not in this file."),
            "left": tr("Left out, since it names nothing here: {parts}"),
            "site": tr("Asked and promised"),
            "language": tr("Language"),
            "pages": tr("Pages"),
        },
        foot=pages.drawn("report_foot.html", view, citation=citation, line=chosen.line(view)),
        preview=pages.preview(view),
    )


def _pages(view: InFile) -> Iterator[Sheet]:
    def at(path: str, title: str, *html: str) -> Sheet:
        return Sheet(path, title, "".join(html))

    tr = view.tr
    earlier, later = pages.days(view)
    yield at("/", tr("Where things stand"), pages.start(_placed(view, "/")))
    yield at(
        "/points", tr("All points"), pages.points_head(view), pages.drawn("report_points.html", view, **_choices(view))
    )
    yield at("/actors", tr("Who must act"), pages.actors_head(view), pages.actors(_placed(view, "/actors")))
    yield at("/sources", tr("Sources"), pages.sources(view))
    head = pages.drawn("report_changes.html", view, earlier=earlier, later=later)
    yield at("/changes", tr("What changed"), head, pages.changed(_placed(view, "/changes")))
    yield at("/method", tr("How we judge"), pages.method(view))
    yield at("/coverage", tr("What is covered"), pages.coverage(_placed(view, "/coverage")))
    yield at("/about", tr("About and corrections"), pages.about(view))
    # Where the script runs, it puts in the form that fits. A noscript ends with the first that stands in it.
    by_hand = re.sub("</?noscript>", "", _on_its_own(view, ""))
    yield at("/report-change", tr("Report a change"), f"<noscript>{by_hand}</noscript>")


def _placed(view: InFile, path: str) -> InFile:
    return replace(view, place=Place(path))


def _points(view: InFile) -> Iterator[Sheet]:
    for row in view.kept.rows:
        here = replace(view, place=Place("/record", (("id", row.id),)))
        sentence = f"{telling.of_record(view, row)} {view.lasting('/record', id=row.id)}"
        foot = pages.drawn("report_sentence.html", view, sentence=sentence)
        html = (pages.record(here, row.id) or "") + foot
        yield Sheet(view.record(row.id).removeprefix("#"), pages.title(view, row.id), html, row.id)


def _forms(view: InFile) -> Iterator[tuple[str, str]]:
    """The form for the site as a whole, and one for each set of questions that points lead to."""
    yield "whole", _on_its_own(view, "")
    made: set[str] = set()
    for row in view.kept.rows:
        if (key := form_of(row)) not in made:
            made.add(key)
            yield key, _on_its_own(view, row.id)


def _on_its_own(view: InFile, name: str) -> str:
    return pages.report_change(_placed(view, "/report-change"), name, Form(whole=not name))


def form_of(row: Row) -> str:
    """Which form fits a point: the questions hang on whether it is open-ended and on whether it can be undone."""
    asked = forms.questions(row.record, row.status)
    return "-".join(question.status for question in asked)


def _own_ids(sheet: Sheet, n: int) -> str:
    """Every page of the file has ids of its own, since all of them stand in it; a form keeps those that its
    script goes by.
    """
    if sheet.address == "/report-change":
        return sheet.html
    html = _NAMED.sub(lambda found: f' {found[1]}="s{n}-{found[2]}"', sheet.html)
    return _JUMP.sub(lambda found: f' href="#s{n}-{found[1]}"', html)


def _choices(view: InFile) -> dict[str, Any]:
    """What the controls offer: only what occurs, each with its words and how often."""
    counts = {
        key: Filters().counts(view.kept, key) for key in ("side", "status", "actor", "theme", "kind", "known", "source")
    }
    return {"counts": counts, "named": lambda key, value: chosen.value_words(view, key, value)}


# --- what the script goes by --------------------------------------------------------------------------


def _facts(view: View, said: Mapping[Language, Said]) -> dict[str, Any]:
    """Of each point what filters ask for; the words of all texts; the sentences of each language."""
    registry = view.registry
    held = Index(texts_of(registry, registry.records[row.id]) for row in view.kept.rows)
    ids: dict[str, Iterable[str]] = {
        "actor": registry.actors,
        "theme": registry.themes,
        "source": registry.source_by_id,
    }
    allowed = {**WORDS, **ids}
    return {
        "language": view.tr.language,
        "points": [_point(view, row, n) for n, row in enumerate(view.kept.rows)],
        "allowed": {key: sorted(allowed[key]) for key in _KEYS},
        "names": {actor.id: _names(actor.name) for actor in view.registry.file.actors},
        "words": {language: each.words for language, each in said.items()},
        "search": {**for_scripts(), "words": held.laid_open()},
    }


def _point(view: View, row: Row, place: int) -> dict[str, Any]:
    now, registry = row.standing, view.registry
    flags = [name for name in ("disagree", "due", "testable") if getattr(now, name)]
    return {
        "id": row.id,
        "n": place,
        "side": row.side,
        "status": row.status,
        "known": now.known,
        "theme": row.record.theme,
        "kind": row.record.kind,
        "source": row.sources,
        "flags": flags,
        "parties": [[[a.actor, *bodies_above(registry, a.actor)], a.role, a.basis] for a in row.record.actors],
        "form": form_of(row),
        "answers": forms.answering(row.record, registry),
    }


def _names(name: Any) -> dict[str, str]:
    return {language: name.shown(language)[0] for language in LANGUAGES}


@cache
def _script() -> str:
    return "\n".join((_ASSETS / name).read_text("utf-8") for name in ("forms.js", "stems.js", "report.js"))


@cache
def _style() -> str:
    folder = Path(__file__).parent / "templates"
    return "".join((folder / name).read_text("utf-8") for name in ("form.css", "report.css"))


@cache
def _faces() -> str:
    """The typeface, in the file itself."""
    folder = _ASSETS / "third_party" / "source-sans-3"
    return "".join(_face((folder / f"source-sans-3-{part}-wght-normal.woff2").read_bytes(), part) for part in _FACES)


_RANGES = {
    "cyrillic-ext": "U+0460-052F, U+1C80-1C8A, U+20B4, U+2DE0-2DFF, U+A640-A69F, U+FE2E-FE2F",
    "cyrillic": "U+0301, U+0400-045F, U+0490-0491, U+04B0-04B1, U+2116",
    "latin": "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD",
}
"""Which letters each part of the typeface holds, as its package declares them."""


def _face(data: bytes, part: str) -> str:
    source = f"url(data:font/woff2;base64,{base64.b64encode(data).decode()}) format('woff2')"
    return f'@font-face {{ font-family: "Before"; src: {source}; font-weight: 200 900; font-display: swap; unicode-range: {_RANGES[part]}; }}\n'
