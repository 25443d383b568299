"""Nothing of ours escapes translation: in the pseudo-language every sentence stands in ⟦ ⟧."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dashboard.language import NAMES, PSEUDO, translator
from dashboard.outputs import pages, pictures
from dashboard.outputs.view import Place, View
from dashboard.progress.filters import Filters, Published
from dashboard.registry import reader
from dashboard.registry.scalars import Clock, Text
from tests import generate
from tests.markup import Element, parsed
from tests.small import ROOT
from tests.test_shipped import TODAY
from tests.views.conftest import Show, Shown

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DATE = re.compile(rf"(\d{{1,2}} )?\b({'|'.join(MONTHS)}) \d{{4}}\b")
ADDRESS = re.compile(r"(?:https?://[^\s/]+)?/[a-z/-]*\?[^\s⟦⟧]+|https?://[^\s⟦⟧]+")
FORMATS = ("PNG", "SVG", "Excel", "CSV", "JSON", "Parquet", "PDF", "Word")
UNTOLD = frozenset((*FORMATS, "or", "and"))
"""Names of formats, and what Babel puts between the last two of a row, in the language of the reader."""
SEAM = "\x1f"
"""Stands between two texts of a page that no sentence of ours holds together."""
SPOKEN = ("title", "aria-label", "data-label", "alt", "placeholder")


@pytest.fixture(autouse=True)
def _pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_PSEUDO", "1")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate.write(tmp_path_factory.mktemp("pseudo"), generate.registry(5, 40))


@pytest.mark.parametrize(
    ("view", "query"),
    [
        ("/", {}),
        ("/", {"as_of": "2023-01-01"}),
        ("/", {"as_of": "1999-01-01"}),
        ("/points", {}),
        ("/sources", {}),
        ("/about", {}),
        ("/points", {"side": ["foreign", "nobody"], "status": "ongoing", "known": "press", "q": "zzz", "due": "1"}),
        ("/points", {"actor": "kz-state:must-act", "basis": "named", "role": "must-act", "kind": "demand"}),
        ("/points", {"theme": "ilo-c190", "source": "tutumlu-lessons", "disagree": "1", "testable": "1"}),
        ("/record", {"id": "no-such-record"}),
        *((path, {"as_of": "2023-01-01", "side": "foreign"}) for path in ("/actors", "/changes", "/desk")),
        *((path, {"q": "zzz"}) for path in ("/", "/actors", "/changes")),
        ("/actors", {"actor": ["kz-parliament", "kz-government:helps"], "role": ["must-act", "pays"]}),
        ("/changes", {"from": "2024-01-01", "to": "2026-01-01"}),
        ("/changes", {"from": "1999-01-01", "to": "1999-01-02"}),
        ("/changes", {"from": "2026-01-01", "to": "2026-01-01"}),
        ("/desk", {}),
        *(("/points", {"picture": name}) for name in pictures.OF_POINTS),
        ("/points", {"published_on": "1999-01-01"}),
        ("/record", {"id": "istanbul-convention-accession", "as_of": "2020-01-01"}),
    ],
    ids=str,
)
def test_every_sentence_of_a_view_is_translated(show: Show, view: str, query: dict[str, Any]) -> None:
    shown = show(view, lang=PSEUDO, **query)
    assert untranslated(shown, _content(ROOT / "recommendations.yaml") | {"zzz", "no-such-record"}) == []


def test_every_sentence_of_a_picture_that_was_opened_is_translated(show: Show) -> None:
    shown = show("/record", lang=PSEUDO, id="istanbul-convention-accession")
    shown.app.session_state["later_timeline"] = True
    shown.app.run()
    content = _content(ROOT / "recommendations.yaml")
    assert untranslated(Shown(shown.app), content) == []
    [drawn] = shown.app.get("plotly_chart")
    assert drawn


def test_every_sentence_in_place_of_a_page_is_translated() -> None:
    """Pages that Streamlit does not draw: nowhere, what waits for the controls, what cannot be read."""
    registry = reader.load(ROOT / "recommendations.yaml", TODAY).registry
    assert registry
    tr, clock = translator("en", pseudo=True), Clock(TODAY, TODAY)
    known = _known(_content(ROOT / "recommendations.yaml"))
    for why in ("before", "no-history", "unreadable"):
        filters = Filters(published_on=Published(date(2020, 1, 2)))
        view = View(registry, clock, tr, filters, unpublished=why, place=Place("/points"))
        _is_translated(pages.unpublished(view) + pages.top(view) + pages.foot(view), known)
    plain = View(registry, clock, tr, Filters(), place=Place("/no-such-page"))
    for html in (pages.nowhere(plain), pages.waiting(plain), pages.unreadable(tr), pages.top(plain), pages.foot(plain)):
        _is_translated(html, known)


def _is_translated(html: str, known: list[str]) -> None:
    page = parsed(html)
    assert [words for words in _left_on(page, known) if words] == []


def test_every_sentence_of_every_record_is_translated(show: Show) -> None:
    content = _content(ROOT / "recommendations.yaml")
    for name in _records(ROOT / "recommendations.yaml"):
        assert untranslated(show("/record", lang=PSEUDO, id=name), content) == [], name


def test_every_sentence_about_the_rules_is_translated_but_the_rules_themselves(show: Show) -> None:
    shown = show("/method", lang=PSEUDO)
    rules = shown.page.one("section", "prose")
    assert rules.attributes["lang"] == "en"
    assert len(rules.text) > 5000
    rules.children.clear()
    assert untranslated(shown, _content(ROOT / "recommendations.yaml")) == []


def test_every_sentence_of_generated_records_is_translated(show: Show, generated: Path) -> None:
    """With answers, requests, funding, withdrawals, retired records and disagreement."""
    content = _content(generated)
    for name in _records(generated):
        assert untranslated(show("/record", generated, lang=PSEUDO, id=name), content) == [], name
    for view in ("/", "/points", "/actors", "/sources", "/changes", "/desk", "/about"):
        assert untranslated(show(view, generated, lang=PSEUDO), content) == [], view


def test_the_pages_of_a_list_and_its_bars_are_translated(show: Show, tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(7, 230))
    for view in ("/", "/points", "/actors", "/changes", "/desk"):
        assert untranslated(show(view, path, lang=PSEUDO), _content(path)) == [], view


def test_every_sentence_about_trouble_is_translated(show: Show, tmp_path: Path) -> None:
    files = generate.registry(9, 12)
    text = files["recommendations.yaml"].replace("kind: recommendation", "kind: secretword", 1)
    path = generate.write(tmp_path, {**files, "recommendations.yaml": text})
    content = _content(path) | {"recommendations.yaml"}
    assert untranslated(show("/", path, lang=PSEUDO), content) == []
    path.write_text("", "utf-8")
    assert untranslated(show("/", path, lang=PSEUDO), content) == []
    assert untranslated(show("/", tmp_path / "nothing.yaml", lang=PSEUDO), set()) == []


def test_a_sentence_that_escaped_is_found(show: Show) -> None:
    shown = show("/points", lang=PSEUDO)
    content = _content(ROOT / "recommendations.yaml")
    for body in (
        "<p>Escaped</p>",
        '<a title="Escaped">⟦x⟧</a>',
        "<p>⟦x⟧ escaped ⟦y⟧</p>",
        "<p>⟦Found ⟦x⟧⟧ escaped</p>",
    ):
        shown.page = parsed(body)
        assert untranslated(shown, content) != []


def untranslated(shown: Shown, content: set[str]) -> list[str]:
    """What a reader meets outside ⟦ ⟧ that is neither of the registry, a number, a date, an address nor a language."""
    known = _known(content)
    left = [*_left_on(shown.page, known), *(_left(words, known) for words in _labels(shown))]
    return [words for words in left if words]


def _known(content: set[str]) -> list[str]:
    return sorted(content | set(NAMES.values()) | UNTOLD, key=len, reverse=True)


def _left_on(drawn: Element, known: list[str]) -> Iterator[str]:
    page = re.sub(r"<iframe .*?</iframe>", " ", SEAM.join(_texts(drawn)))  # lines to copy into another page
    while page != (page := re.sub(r"⟦[^⟦⟧]*⟧", " ", page)):
        pass  # a sentence may hold another, and tags
    assert "⟦" not in page
    spoken = [each.attributes[name] for each in drawn.every() for name in SPOKEN if name in each.attributes]
    yield from (_left(words, known) for words in [*page.split(SEAM), *spoken])


def _left(words: str, known: list[str]) -> str:
    """The words that remain when all that may stand there is taken away."""
    rest = ADDRESS.sub(" ", " ".join(words.split()))
    while rest != (rest := re.sub(r"⟦[^⟦⟧]*⟧", " ", rest)):
        pass
    if not _has_letters(rest):
        return ""
    for each in known:
        if each in rest:
            rest = re.sub(rf"(?<!\w){re.escape(each)}(?!\w)", " ", rest)
    rest = DATE.sub(" ", rest)
    return rest.strip() if _has_letters(rest) else ""


def _has_letters(words: str) -> bool:
    return re.search(r"[^\W\d_]", words) is not None


def _texts(element: Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.tag not in ("style", "code"):  # names of columns are code
            yield from _texts(child)


def _labels(shown: Shown) -> Iterator[str]:
    for control in shown.controls():
        yield control.label
        yield from getattr(control, "options", ())
        yield control.proto.placeholder if hasattr(control.proto, "placeholder") else ""
        yield control.proto.help
    yield from (each.label for each in shown.app.expander)


def _content(path: Path) -> set[str]:
    """Every string that the registry holds, as a page would show it."""
    registry = reader.load(path, TODAY).registry
    assert registry
    return {" ".join(text.split()) for text in _strings((registry.file, registry.sources)) if _has_letters(text)}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield str(value)
    elif isinstance(value, tuple):
        for each in value:
            yield from _strings(each)
    elif is_dataclass(value) and (
        isinstance(value, Text) or type(value).__module__.startswith("dashboard.registry.model")
    ):
        for each in fields(value):
            yield from _strings(getattr(value, each.name))


def _records(path: Path) -> list[str]:
    registry = reader.load(path, TODAY).registry
    assert registry
    return list(registry.records)
