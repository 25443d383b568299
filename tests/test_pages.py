"""The HTML of the pages: its numbers against a slow second count, its marks, and hostile texts."""

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.language import translator
from dashboard.outputs import pages
from dashboard.outputs.view import Edition, View
from dashboard.progress.filters import Filters
from dashboard.progress.rows import rows
from dashboard.registry import reader
from dashboard.registry.model import Registry
from dashboard.registry.scalars import LANGUAGES, Address, Clock, Language, Text, Words
from tests import generate
from tests.markup import Element, parsed
from tests.slow import counts
from tests.small import ROOT

SHIPPED = ROOT / "recommendations.yaml"
TODAY = date(2026, 11, 22)
DAYS = (
    date(2018, 5, 1),
    date(2022, 2, 1),
    date(2023, 1, 1),
    date(2024, 7, 1),
    date(2025, 3, 10),
    TODAY,
)


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return _registry(SHIPPED, TODAY)


# --- the numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_number_of_the_first_screen_is_that_of_a_slow_second_count(shipped: Registry, day: date) -> None:
    page = pages.start(_view(shipped, day))
    assert figures(page) == counts(SHIPPED, day, TODAY)


def test_the_numbers_hold_for_200_generated_registries(tmp_path: Path) -> None:
    random = Random(20261122)
    for seed in range(200):
        path = generate.write(tmp_path / str(seed), generate.registry(seed, random.randint(12, 40)))
        day = generate.TODAY - timedelta(days=random.choice((0, random.randrange(2000))))
        view = _view(_registry(path, generate.TODAY), day, today=generate.TODAY)
        assert figures(pages.start(view)) == counts(path, day, generate.TODAY), f"seed {seed} as of {day}"


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_the_parts_are_the_same_in_every_language(shipped: Registry, language: Language) -> None:
    view = _view(shipped, date(2024, 7, 1), language)
    assert parts(parsed(pages.start(view))) == counts(SHIPPED, date(2024, 7, 1), TODAY)["sides"]


def test_more_than_200_records_are_bars_whose_parts_add_up(tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(7, 260))
    page = pages.start(_view(_registry(path, generate.TODAY), generate.TODAY, today=generate.TODAY))
    assert figures(page, marks=False) == counts(path, generate.TODAY, generate.TODAY)
    bars = parsed(page).all("div", "bar")
    assert len(bars) == 3
    drawn = [sum(_number(part.attributes["style"].partition(";")[0]) for part in bar.all("span")) for bar in bars]
    assert drawn == [sum(side.values()) for side in parts(parsed(page)).values()]


def test_a_page_whose_parts_do_not_add_up_is_refused(shipped: Registry) -> None:
    page = pages.start(_view(shipped, TODAY))
    figures(page)
    for whole, wrong in (
        (">6 promised only<", ">7 promised only<"),
        (">20 points<", ">19 points<"),
        ("34 asks and promises", "35 asks and promises"),
        ("of these, 10 were checked", "of these, 13 were checked"),
    ):
        assert whole in page
        with pytest.raises(AssertionError):
            figures(page.replace(whole, wrong, 1))


def test_every_number_opens_as_many_records_as_it_says(shipped: Registry) -> None:
    view = _view(shipped, date(2024, 7, 1))
    every = rows(shipped, view.clock)
    links = [each for each in parsed(pages.start(view)).all("a") if _number(each.text, 0) and "points?" in _href(each)]
    assert len(links) > 12
    for link in links:
        chosen = Filters.from_address(parse_qs(urlsplit(_href(link)).query), shipped, TODAY)
        assert chosen.unknown == ()
        assert chosen.as_of == date(2024, 7, 1)
        assert len(chosen.apply(every, shipped)) == _number(link.text), link.text


# --- marks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_there_is_one_mark_a_record_that_shows_its_status_and_leads_to_it(shipped: Registry, day: date) -> None:
    view = _view(shipped, day)
    every = rows(shipped, view.clock)
    marks = [mark for group in parsed(pages.start(view)).all("div", "marks") for mark in group.all("a")]
    assert [(_id(mark), _status(mark)) for mark in marks] == [(row.id, row.status) for row in every]
    assert all(mark.text and mark.attributes["title"] for mark in marks)


def test_a_mark_is_pale_exactly_where_a_look_is_due(tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(3, 60))
    view = _view(_registry(path, generate.TODAY), generate.TODAY, today=generate.TODAY)
    marks = [mark for group in parsed(pages.start(view)).all("div", "marks") for mark in group.all("a")]
    pale = {_id(mark) for mark in marks if mark.all("span", "pale")}
    due = {row.id for row in rows(view.registry, view.clock) if row.standing.due}
    assert pale == due
    assert 0 < len(due) < len(marks)


def test_an_exclamation_mark_stands_exactly_where_assessors_disagree(tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(3, 60))
    view = _view(_registry(path, generate.TODAY), generate.TODAY, today=generate.TODAY)
    page = parsed(pages.start(view))
    disagree = {row.id for row in rows(view.registry, view.clock) if row.standing.disagree}
    assert disagree
    assert {_id(mark) for mark in page.all("a", "bang")} == disagree


# --- the other pages --------------------------------------------------------------------------------


def test_all_points_lists_each_record_once_under_its_side(shipped: Registry) -> None:
    view = _view(shipped, TODAY)
    every = rows(shipped, view.clock)
    page = parsed(pages.points(view, view.filters, every, len(every), len(every), 1, 1))
    assert [_id(title.one("a")) for title in page.all("h3")] == [row.id for row in every]
    assert page.all("p")[0].text == "Shown: 34 of 34"


def test_an_empty_selection_says_so_and_offers_the_way_out(shipped: Registry) -> None:
    view = _view(shipped, TODAY)
    page = parsed(pages.points(view, Filters(q="no such words"), [], 0, 34, 1, 1))
    assert "No point fits this selection." in page.text
    assert "/points?lang=en" in [_href(link) for link in page.all("a")]


def test_every_record_has_a_page_with_its_title_its_sources_and_its_status(shipped: Registry) -> None:
    view = _view(shipped, TODAY)
    for row in rows(shipped, view.clock):
        html = pages.record(view, row.id)
        assert html
        page = parsed(html)
        assert page.one("h1").text == row.record.title.en
        assert _status(page.one("div", "verdict")) == row.status
        linked = {_href(link) for link in page.all("a")}
        assert {shipped.source_by_id[origin.source].url for origin in row.record.origin} <= linked


def test_a_record_that_is_not_there_has_no_page(shipped: Registry) -> None:
    assert pages.record(_view(shipped, TODAY), "no-such-record") is None


def test_a_record_before_its_day_says_that_it_did_not_stand_yet(shipped: Registry) -> None:
    html = pages.record(_view(shipped, date(2024, 6, 19)), "istanbul-convention-accession")
    assert html
    assert "On 19 June 2024 this had not been asked yet." in parsed(html).text
    assert parsed(html).all("div", "verdict") == []


def test_a_link_within_a_page_has_its_place(shipped: Registry) -> None:
    for name, html in _every_page(_view(shipped, TODAY)):
        page = parsed(html)
        places = [each.attributes["id"] for each in page.every() if "id" in each.attributes]
        assert len(places) == len(set(places)), name
        wanted = {_href(link)[1:] for link in page.all("a") if _href(link).startswith("#")}
        assert wanted <= set(places), name


def test_the_sources_page_tells_what_became_of_every_passage(shipped: Registry) -> None:
    page = parsed(pages.sources(_view(shipped, TODAY)))
    assert len(page.all("section")) == 1 + len(shipped.sources)
    for source, section in zip(shipped.sources, page.all("section")[1:], strict=True):
        assert len(section.one("tbody").all("tr")) == len(source.not_tracked)
        assert all(passage.quote in section.text for passage in source.not_tracked)
        leads = [a for a in section.all("a") if _href(a).startswith("/points?")]
        cited = [r for r in shipped.file.recommendations if source.id in {origin.source for origin in r.origin}]
        assert [_number(link.text) for link in leads] == [len(cited)]


# --- hostile texts ----------------------------------------------------------------------------------

HOSTILE = "<img src=x onerror=alert(1)> <script>alert(2)</script> [x](javascript:alert(1)) {{7*7}} {0} \"' onfocus=alert(3) x="
TAGS = frozenset(
    [
        "code",
        "em",
        "a",
        "article",
        "blockquote",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "header",
        "li",
        "nav",
        "ol",
        "p",
        "section",
        "small",
        "span",
        "strong",
        "summary",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
ATTRIBUTES = frozenset(
    [
        "aria-current",
        "aria-hidden",
        "aria-label",
        "aria-labelledby",
        "class",
        "data-label",
        "href",
        "id",
        "lang",
        "rel",
        "role",
        "scope",
        "start",
        "style",
        "tabindex",
        "title",
    ]
)


@pytest.fixture(scope="module", params=["shipped", "generated"])
def spoken_over(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry whose every text is hostile."""
    if request.param == "shipped":
        return _altered(_registry(SHIPPED, TODAY), Words, HOSTILE)
    path = generate.write(tmp_path_factory.mktemp("hostile"), generate.registry(5, 40))
    return _altered(_registry(path, generate.TODAY), Words, HOSTILE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hostile_text_is_shown_as_it_stands_and_never_becomes_a_tag(
    spoken_over: Registry, language: Language
) -> None:
    view = _view(spoken_over, TODAY, language, Filters(q=HOSTILE, as_of=date(2026, 11, 20)))
    urls = set(_urls(spoken_over))
    for name, html in _every_page(view):
        page = parsed(html)
        for element in page.every():
            assert element.tag in TAGS | {""}, f"{name}: <{element.tag}>"
            assert set(element.attributes) <= ATTRIBUTES, f"{name}: {element.attributes}"
        links = {_href(link) for link in page.all("a")}
        assert {link for link in links if not _ours(link)} <= urls, name


def test_a_hostile_text_comes_out_letter_for_letter(spoken_over: Registry) -> None:
    view = _view(spoken_over, TODAY)
    seen = parsed(pages.record(view, spoken_over.file.recommendations[0].id) or "").one("h1").text
    assert seen == HOSTILE
    assert parsed(pages.top(view, lambda change: "/")).one("div", "title").text == HOSTILE
    assert HOSTILE in parsed(pages.foot(view)).text


def test_an_address_that_is_no_web_page_never_becomes_a_link(shipped: Registry) -> None:
    """The reader refuses such addresses; the pages do so once more."""
    view = _view(_altered(shipped, Address, "javascript:alert(1)"), TODAY)
    for name, html in _every_page(view):
        links = {_href(link) for link in parsed(html).all("a")}
        assert {link for link in links if link and not _ours(link)} == set(), name


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://example.org/",
        "//example.org/x",
        "/points",
        "https:///path",
        "http://",
        "https://name@example.org/",
        "https://name:secret@example.org/",
        "https://example.org@evil.example/",
        "",
        None,
    ],
)
def test_safe_url_refuses_what_is_no_plain_page_of_the_web(url: str | None) -> None:
    assert pages.safe_url(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a?b=c#d",
        "http://example.org",
        "https://пример.example/страница",
        "https://example.org:8443/@name",
    ],
)
def test_safe_url_keeps_a_page_of_the_web(url: str) -> None:
    assert pages.safe_url(url) == url


# --- trouble ----------------------------------------------------------------------------------------


def test_the_banner_names_file_and_line_and_never_a_value(tmp_path: Path) -> None:
    files = generate.registry(9, 12)
    text = files["recommendations.yaml"].replace("kind: recommendation", "kind: secretword", 1)
    path = generate.write(tmp_path, {**files, "recommendations.yaml": text})
    loaded = reader.load(path, generate.TODAY)
    assert loaded.registry
    assert loaded.errors
    view = _view(loaded.registry, generate.TODAY, today=generate.TODAY)
    page = parsed(pages.trouble(view, False, loaded.problems)).text
    line = text[: text.index("secretword")].count("\n") + 1
    assert f"recommendations.yaml:{line}" in page
    assert "secretword" not in page
    assert str(tmp_path) not in page


# --- what a page says, read back --------------------------------------------------------------------


def figures(html: str, marks: bool = True) -> dict[str, Any]:
    """The numbers of the first screen in the shape of `slow.counts`. Refuses what does not add up."""
    page = parsed(html)
    sides = parts(page)
    lead = [int(n) for n in re.findall(r"\d+", page.one("h1").text)]
    for group in page.all("div", "side"):
        held = sum(sides[_query(group.one("h2").one("a"), "side")].values())
        assert _number(group.one("h2").one("span", "n").text) == held, group.one("h2").text
        if marks:
            assert len(group.one("div", "marks").all("a")) == held, group.one("h2").text
    assert lead[0] == sum(sum(side.values()) for side in sides.values()), page.one("h1").text
    assert _table(page) == sides
    [sentence] = [p.text for p in page.all("p") if "can be tested" in p.text]
    testable, checked, done = (int(n) for n in re.findall(r"\d+", sentence))
    assert lead[0] >= testable >= checked >= done, sentence
    return {"sides": sides, "total": lead[0], "testable": testable, "checked": checked, "done": done}


def parts(page: Element) -> dict[str, dict[str, int]]:
    """Side to status to number, from the sentences beside the marks."""
    found: dict[str, dict[str, int]] = {}
    for group in page.all("div", "side"):
        side = _query(group.one("h2").one("a"), "side")
        for part in group.one("ul", "parts").all("li"):
            status = _status(part)
            assert _query(part.one("a"), "status") == status
            assert _query(part.one("a"), "side") == side
            assert found.setdefault(side, {}).setdefault(status, _number(part.text)) == _number(part.text)
    return found


def _table(page: Element) -> dict[str, dict[str, int]]:
    """The same from the table below, by the links of its cells."""
    found: dict[str, dict[str, int]] = {}
    for cell in page.one("details").all("td"):
        if cell.text != "0":
            link = cell.one("a")
            found.setdefault(_query(link, "side"), {})[_query(link, "status")] = _number(cell.text)
    return found


def _number(text: str, otherwise: int | None = None) -> int:
    found = re.search(r"\d+", text)
    if found is None and otherwise is not None:
        return otherwise
    assert found, text
    return int(found[0])


def _href(link: Element) -> str:
    return link.attributes.get("href", "")


def _ours(link: str) -> bool:
    """An address of this site, or a place on the same page."""
    return link.startswith(("/", "#")) and not link.startswith("//")


def _query(link: Element, key: str) -> str:
    [value] = parse_qs(urlsplit(_href(link)).query)[key]
    return value


def _id(link: Element) -> str:
    assert urlsplit(_href(link)).path == "/record"
    return _query(link, "id")


def _status(element: Element) -> str:
    glyph = next(each for each in element.all("span", "g") if not each.all())
    [status] = [name.removeprefix("g-") for name in glyph.classes if name.startswith("g-")]
    return status


# --- what the pages are drawn from ------------------------------------------------------------------


def _registry(path: Path, today: date) -> Registry:
    registry = reader.load(path, today).registry
    assert registry
    return registry


def _view(
    registry: Registry, day: date, language: Language = "en", filters: Filters | None = None, today: date = TODAY
) -> View:
    chosen = filters or Filters(as_of=None if day == today else day)
    return View(registry, Clock(day, today), translator(language), chosen, True, Edition("abc1234", day))


def _every_page(view: View) -> Iterator[tuple[str, str]]:
    every = rows(view.registry, view.clock)
    chosen = Filters(
        side=("state",),
        actor=tuple(view.registry.actors)[:3],
        theme=tuple(view.registry.themes)[:3],
        source=tuple(view.registry.source_by_id)[:3],
        q=view.filters.q,
        unknown=(f"theme={HOSTILE}",),
    )
    yield "start", pages.start(view)
    yield "points head", pages.points_head(view)
    yield "points", pages.points(view, chosen, every, len(every), len(every), 1, 3)
    yield "no points", pages.points(view, chosen, [], 0, len(every), 1, 1)
    yield "points at once", pages.points_at_once(view, "1")
    yield "sources", pages.sources(view)
    yield "method", pages.method(view)
    yield "about", pages.about(view)
    yield "top", pages.top(view, _address)
    yield "foot", pages.foot(view)
    yield "missing", pages.missing(view, HOSTILE)
    for record in view.registry.file.recommendations:
        yield record.id, pages.record(view, record.id) or ""


_address: Callable[[str], str] = "/points?lang={}".format


def _altered(registry: Registry, kind: Any, put: str) -> Registry:
    """The registry with every string of a kind (and every text, where the kind is Words) replaced."""
    file = _replaced(registry.file, kind, put)
    return Registry(file=file, sources=_replaced(registry.sources, kind, put))


def _replaced(value: Any, kind: Any, put: str) -> Any:
    """A copy made below the checks of the model, which would refuse some of this."""
    if isinstance(value, tuple):
        return tuple(_replaced(each, kind, put) for each in value)
    if not is_dataclass(value) or type(value).__module__ not in ("dashboard.registry.model", Text.__module__):
        return value
    made = copy.copy(value)
    for each in fields(value):
        held = getattr(value, each.name)
        if isinstance(held, str) and kind in (each.type, *get_args(each.type)):
            object.__setattr__(made, each.name, put)
        elif isinstance(held, tuple) and kind in get_args(each.type):
            object.__setattr__(made, each.name, tuple(put for _ in held))
        else:
            object.__setattr__(made, each.name, _replaced(held, kind, put))
    return made


def _urls(registry: Registry) -> Iterator[str]:
    yield from (entry.url for entry in registry.file.evidence if entry.url)
    yield from (source.url for source in registry.sources)
