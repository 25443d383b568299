"""The HTML of the pages: its numbers against a slow second count, its marks, and hostile texts."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, get_args
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from dashboard.language import translator
from dashboard.outputs import composed, pages, pictures, telling
from dashboard.outputs.composed import Controls
from dashboard.outputs.forms import Form
from dashboard.outputs.view import Edition, Place, View
from dashboard.progress.filters import Filters, Published
from dashboard.progress.frame import frame
from dashboard.progress.rows import rows
from dashboard.registry import linked, reader
from dashboard.registry.history import History
from dashboard.registry.model import Registry
from dashboard.registry.scalars import LANGUAGES, Address, Clock, Language, Text, Words
from tests import generate, slow, told
from tests.markup import Element, parsed
from tests.slow import counts
from tests.small import REGISTRY, ROOT, SOURCE, written

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
COMMIT = "abc1234"
COUNTED = ("/", "/points", "/actors", "/sources", "/desk")
"""Pages whose every number is compared; those of /changes and of pictures have counts of their own."""


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return _registry(SHIPPED, TODAY)


# --- the numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_number_of_the_first_screen_is_that_of_a_slow_second_count(shipped: Registry, day: date) -> None:
    assert figures(_drawn(_view(shipped, day))) == counts(SHIPPED, day, TODAY)


@pytest.mark.parametrize("page", COUNTED)
@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_number_of_every_page_is_that_of_a_slow_second_count(shipped: Registry, day: date, page: str) -> None:
    books = slow.read(SHIPPED)
    random = Random(f"{day}{page}")
    whole = page in ("/desk", "/sources")
    for chosen in ({}, *(_some_selection(random, books) for _ in range(0 if whole else 6))):
        assert differs(_view(shipped, day, path=page, chosen=chosen), books, chosen) == "", chosen


@pytest.mark.parametrize("part", range(4))
def test_the_numbers_hold_for_200_generated_registries_their_days_and_selections(tmp_path: Path, part: int) -> None:
    """The first page of each, and one of the others: all records of one in three, selections of the rest."""
    for seed in range(part, 200, 4):
        random = Random(seed)
        path = generate.write(tmp_path / str(seed), generate.registry(seed, random.choice((12, 20, 40))))
        registry, books = _registry(path, generate.TODAY), slow.read(path)
        day = generate.TODAY - timedelta(days=random.choice((0, random.randrange(2000))))
        for page in ("/", COUNTED[1 + seed // 4 % 4]):
            chosen = _some_selection(random, books) if page in pages.SELECTING and random.random() < 2 / 3 else {}
            view = _view(registry, day, path=page, chosen=chosen, today=generate.TODAY)
            html = _drawn(view)
            assert differs(view, books, chosen, html) == "", f"seed {seed}, {view.place.address()}"
            if page != "/" or seed % 5 == 0:
                _every_link_keeps_its_word(view, books, html)
            if page == "/" and not chosen:
                assert figures(html) == counts(path, day, generate.TODAY), f"seed {seed} as of {day}"


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_the_parts_are_the_same_in_every_language(shipped: Registry, language: Language) -> None:
    view = _view(shipped, date(2024, 7, 1), language)
    assert parts(parsed(pages.start(view))) == counts(SHIPPED, date(2024, 7, 1), TODAY)["sides"]


@pytest.mark.parametrize("language", ["ru", "kk"])
@pytest.mark.parametrize("page", COUNTED)
def test_a_page_has_the_same_numbers_in_every_language(shipped: Registry, page: str, language: Language) -> None:
    """Dates apart, whose parts stand in another order, and what is said in one language only."""
    chosen = {"side": ["state"], "kind": ["recommendation", "demand"]}

    def numbers(of: Language) -> list[int]:
        page_of = parsed(_drawn(_view(shipped, TODAY, of, path=page, chosen=chosen)))
        counted = [*page_of.all("li"), *page_of.all("h2"), *page_of.all("td", "n"), *page_of.all("summary")]
        return [int(n) for each in counted for n in re.findall(r"\b\d{1,2}\b", each.text) if not each.all("p")]

    if page in ("/desk", "/sources"):
        chosen = {}
    found = [n for n in numbers(language) if n]
    assert len(found) > 3
    assert sorted(found) == sorted(n for n in numbers("en") if n)


def test_more_than_200_records_are_bars_whose_parts_add_up(tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(7, 260))
    registry, books = _registry(path, generate.TODAY), slow.read(path)
    view = _view(registry, generate.TODAY, today=generate.TODAY)
    page = _drawn(view)
    assert figures(page, marks=False) == counts(path, generate.TODAY, generate.TODAY)
    assert "One mark is one point" not in page
    bars = parsed(page).all("div", "bar")
    assert len(bars) == 3
    assert [sum(_widths(bar)) for bar in bars] == [sum(side.values()) for side in parts(parsed(page)).values()]
    for page_of in COUNTED:
        assert differs(_view(registry, generate.TODAY, path=page_of, today=generate.TODAY), books, {}) == "", page_of
    third = _view(registry, generate.TODAY, path="/points", more=[("page", "3")], today=generate.TODAY)
    listed = [_id(title.one("a")) for title in parsed(_drawn(third)).all("h3")]
    assert listed == [fact["id"] for fact in slow.facts(books, generate.TODAY, generate.TODAY)][100:150]


def test_a_page_whose_parts_do_not_add_up_is_refused(shipped: Registry) -> None:
    page = _drawn(_view(shipped, TODAY))
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


@pytest.mark.parametrize(
    ("page", "chosen", "whole", "wrong"),
    [
        ("/", {}, "Passages examined: 80", "Passages examined: 81"),
        ("/", {}, "for the other 38", "for the other 37"),
        ("/", {}, "independent check&nbsp;", "independent check&nbsp;1"),
        ("/", {"side": ["state"]}, "Shown: 20 of 34", "Shown: 20 of 35"),
        ("/points", {"side": ["state"]}, "Shown: 20 of 34", "Shown: 19 of 34"),
        ("/points", {}, ">6 promised only<", ">7 promised only<"),
        ("/points", {}, "as of ", "as of 1"),
        ("/points", {}, "<h1>", "<p>One of 3</p><h1>"),
        ("/actors", {}, "must act 5", "must act 6"),
        ("/actors", {}, ">1 point<", ">2 points<"),
        ("/sources", {}, "passages led to points", "2 passages led to points"),
        ("/sources", {}, "at most 25 words", "at most 26 words"),
        ("/desk", {}, " points · about ", " points · about 1"),
        ("/desk", {}, "This week: ", "This week: 1"),
        ("/desk", {}, "What waits now takes ", "What waits now takes 1"),
    ],
)
def test_a_number_that_is_wrong_or_comes_from_nowhere_is_found(
    shipped: Registry, page: str, chosen: dict[str, list[str]], whole: str, wrong: str
) -> None:
    books = slow.read(SHIPPED)
    view = _view(shipped, TODAY, path=page, chosen=chosen)
    html = _drawn(view)
    assert differs(view, books, chosen, html) == ""
    assert whole in html
    assert differs(view, books, chosen, html.replace(whole, wrong, 1)) != ""


@pytest.mark.parametrize("page", ["/", "/points", "/actors", "/sources", "/changes", "/coverage"])
@pytest.mark.parametrize("day", [date(2024, 7, 1), TODAY], ids=str)
def test_every_number_opens_as_many_records_as_it_says(shipped: Registry, day: date, page: str) -> None:
    books = slow.read(SHIPPED)
    seen = 0
    for chosen in (
        {},
        {"side": ["state"]},
        {"actor": ["kz-government"]},
        {"kind": ["commitment"], "role": ["must-act"]},
    ):
        seen += _every_link_keeps_its_word(_view(shipped, day, path=page, chosen=chosen), books)
    assert seen > {"/": 60, "/points": 15, "/actors": 60, "/sources": 15, "/changes": 50, "/coverage": 15}[page]


def _every_link_keeps_its_word(view: View, books: dict[str, Any], html: str = "") -> int:
    """Each link with a number opens as many records, by our own selection and by the slow one. How many there are."""
    seen, facts = 0, {}
    page = parsed(html or _drawn(view))
    of_pictures = [link for foot in page.all("div", "picture-foot") for link in foot.all("a")]
    for link in page.all("a"):
        parts_of = urlsplit(_href(link))
        if parts_of.path not in ("/points", "/") or not re.search(r"\d", link.text) or "page=" in parts_of.query:
            continue
        query = parse_qs(parts_of.query)
        chosen = Filters.from_address(query, view.registry, view.clock.today)
        assert chosen.unknown == ()
        day = chosen.as_of or view.clock.today
        assert day == view.clock.as_of or any(link is each for each in of_pictures), _href(link)
        if day not in facts:
            facts[day] = slow.facts(books, day, view.clock.today)
        facts_of = slow.kept(facts[day], query, books)
        found = chosen.apply(frame(view.registry, Clock(day, view.clock.today)))
        assert found.ids == {fact["id"] for fact in facts_of}, _href(link)
        if re.fullmatch(r"\d+|\D+ \d+|\d+ \D+", link.text) and not _title(link, view):
            seen += 1
            assert len(found) == _number(link.text), f"{view.place.address()}: {link.text} {_href(link)}"
    return seen


def _title(link: Element, view: View) -> bool:
    """Whether the number is part of what the registry itself says: "Ratify Convention 190"."""
    said = [theme.name for theme in view.registry.file.themes] + [a.name for a in view.registry.file.actors]
    return any(link.text == text.shown(view.tr.language)[0] for text in said)


@pytest.mark.parametrize("page", ["/", "/points", "/actors", "/changes"])
def test_a_part_of_the_selection_is_taken_back_by_its_link(shipped: Registry, page: str) -> None:
    chosen = {
        "side": ["state", "society"], "actor": ["kz-state", "kz-government:must-act"], "status": ["promised"],
        "disagree": ["1"], "q": ["a law"], "sort": ["asked"], "as_of": ["2025-01-02"],
    }  # fmt: skip
    view = _view(shipped, date(2025, 1, 2), path=page, chosen=chosen)
    chips = parsed(_drawn(view)).one("div", "chips").all("a")
    assert [urlsplit(_href(chip)).path for chip in chips] == [page] * 8
    left = [sorted(parse_qsl(urlsplit(_href(chip)).query)) for chip in chips]
    pairs = [(key, value) for key, values in chosen.items() for value in values] + [("lang", "en")]
    taken = [
        ("side", "state"), ("side", "society"), ("actor", "kz-state"), ("actor", "kz-government:must-act"),
        ("status", "promised"), ("disagree", "1"), ("q", "a law"),
    ]  # fmt: skip
    assert left[:-1] == [sorted(pair for pair in pairs if pair != one) for one in taken]
    assert left[-1] == [("as_of", "2025-01-02"), ("lang", "en")]


def test_every_part_of_a_selection_is_said_in_words(shipped: Registry) -> None:
    chosen = {
        "side": ["foreign"], "status": ["reversed"], "known": ["own-word"], "kind": ["commitment"], "role": ["pays"],
        "basis": ["inferred"], "theme": ["grassroots-funding"], "source": ["tutumlu-lessons"],
        "actor": ["kz-parliament", "kz-parliament:must-agree"], "disagree": ["1"], "due": ["1"], "testable": ["1"],
        "q": ["a law"],
    }  # fmt: skip
    view = _view(shipped, TODAY, path="/points", chosen=chosen)
    page = parsed(_drawn(view))
    said = [
        "Foreign donors and governments", "Parliament of Kazakhstan", "Parliament of Kazakhstan: must agree", "pays",
        "our reading, not in the source", "Undone", "known from: own word", "Money for grassroots groups", "Promise",
        shipped.source_by_id["tutumlu-lessons"].title, "assessors disagree", "due to be checked", "can be tested",
        "says “a law”",
    ]  # fmt: skip
    assert [chip.text for chip in page.one("div", "chips").all("a")] == [f"{words} ×" for words in said] + ["Clear all"]
    line = [said[0], f"{said[1]} or {said[2]}", *said[3:]]
    assert page.one("p", "shown").text == f"Shown: 0 of 34. {'; '.join(line)}."


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_sentence_of_a_record_says_where_it_stood_and_how_we_know(shipped: Registry, day: date) -> None:
    counted = told.Day(slow.read(SHIPPED), day, TODAY, {})
    for fact in counted.whole:
        view = _view(shipped, day, path="/record", more=[("id", fact["id"])])
        said = parsed(pages.foot(view)).all("p", "copyable")[0].text
        assert said.startswith(f"{counted.sentence(fact, COMMIT)} /record?id={fact['id']}&"), fact["id"]
        assert pages.preview(view) == counted.sentence(fact, COMMIT)


def test_what_is_addressed_to_the_body_above_stands_apart(shipped: Registry) -> None:
    view = _view(shipped, TODAY, path="/points", chosen={"actor": ["kz-parliament"]})
    page = parsed(_drawn(view))
    [apart] = page.all("section", "above")
    listed = [_id(title.one("a")) for title in page.all("h3")]
    above = [_id(link) for link in apart.all("a")]
    assert len(listed) == 4
    assert above
    assert not set(listed) & set(above)
    for name in above:
        assert "kz-state" in {a.actor for a in shipped.records[name].actors}
        assert "kz-parliament" not in {a.actor for a in shipped.records[name].actors}


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"actor": ["parliament:must-agree", "european-union"]},
        {"actor": ["kazakhstan", "un-women:helps"], "basis": ["named"]},
        {
            "actor": [
                "kazakhstan",
                "parliament",
                *(f"{body}:helps" for body in ("un-women", "european-union", "institute")),
            ]
        },
        {
            "actor": [
                "kazakhstan:must-act",
                *(f"{body}:pays" for body in ("rights-bureau", "open-viewpoint", "parliament")),
            ]
        },
        {"actor": ["government", "crisis-centres-union"], "role": ["helps", "pays"]},
    ],
    ids=str,
)
def test_a_line_of_the_list_names_whom_the_selection_means(tmp_path: Path, chosen: dict[str, list[str]]) -> None:
    """Beside those who must act: whoever else was asked for, in which part, and how we come to name it."""
    path = generate.write(tmp_path, generate.registry(17, 70))
    view = _view(_registry(path, generate.TODAY), generate.TODAY, path="/points", chosen=chosen, today=generate.TODAY)
    day = told.Day(slow.read(path), generate.TODAY, generate.TODAY, chosen)
    lines = [item.all("p")[1].text for ul in parsed(_drawn(view)).all("ul", "list") for item in ul.all("li")]
    assert lines == [day.who(fact) for fact in day.kept[:50]]
    assert len(lines) > 0


def test_two_parts_of_one_body_in_one_record_count_once(tmp_path: Path) -> None:
    helped = "      - {actor: the-donor, role: must-act, basis: named}\n"
    more = "".join(f"      - {{actor: {name}, role: helps, basis: named}}\n" for name in ("the-ministry", "the-state"))
    path = written(tmp_path, REGISTRY.replace(helped, helped + more))
    view = _view(_registry(path, TODAY), TODAY, path="/actors")
    assert differs(view, slow.read(path), {}) == ""
    tables = parsed(_drawn(view)).all("table", "bodies")
    [state] = [row for table in tables for row in table.all("tr") if row.text.startswith("The state")]
    assert [part.text for part in state.all("td")[0].all("li")] == ["must act 1", "helps 1"]


def test_a_record_of_two_sources_counts_under_each(tmp_path: Path) -> None:
    second = REGISTRY.replace(
        "        paragraph: 1\n",
        "        paragraph: 1\n        quote: open a shelter in every region\n        by: an-author\n        told: own\n"
        "      - source: report-two\n        paragraph: 4\n",
    )
    path = written(tmp_path, second)
    (tmp_path / "sources" / "report-two.yaml").write_text(SOURCE.replace("report-one", "report-two"), "utf-8")
    registry, books = _registry(path, TODAY), slow.read(path)
    for page, chosen, n in (("/points", ["report-one"], 2), ("/points", ["report-two"], 1), ("/sources", [], 2)):
        view = _view(registry, TODAY, path=page, chosen={"source": chosen})
        assert differs(view, books, {"source": chosen}) == ""
        _every_link_keeps_its_word(view, books)
        assert len(view.kept) == n


def test_what_is_copied_from_what_changed_tells_what_changed_between_its_two_days(shipped: Registry) -> None:
    asked = {"side": ["foreign"], "from": ["2023-06-01"], "to": ["2024-06-01"]}
    said = pages.preview(_view(shipped, TODAY, path="/changes", chosen=asked))
    assert "Between 1 June 2023 and 1 June 2024, in points: 2 with new evidence only." in said
    assert said.startswith("9 of 34 asks and promises found in 5 texts of 2022–2024 fit this selection: ")
    assert str(COMMIT) in said
    assert "Foreign donors and governments: " not in said


def test_a_registry_without_subjects_to_follow_speaks_of_none(tmp_path: Path) -> None:
    text = (ROOT / "recommendations.yaml").read_text("utf-8")
    path = written(tmp_path, text.replace("    headline: true\n", ""))
    for source in (ROOT / "sources").glob("*.yaml"):
        (tmp_path / "sources" / source.name).write_bytes(source.read_bytes())
    assert "subjects to follow" not in _drawn(_view(_registry(path, TODAY), TODAY))


@pytest.mark.parametrize(
    ("country", "said"),
    [("KZ", "Kazakhstan’s state"), ("KG", "States and their bodies"), ("", "States and their bodies")],
)
def test_the_side_of_the_state_bears_the_name_of_the_country_in_the_registry(
    tmp_path: Path, country: str, said: str
) -> None:
    files = generate.registry(3, 12)
    of_state, named = "side: state\n    country: KZ\n", f"    country: {country}\n" if country else ""
    text = files["recommendations.yaml"]
    assert text.count(of_state) == 1
    files["recommendations.yaml"] = text.replace(of_state, f"side: state\n{named}")
    view = _view(_registry(generate.write(tmp_path, files), generate.TODAY), generate.TODAY, today=generate.TODAY)
    assert next(head.text.strip() for head in parsed(_drawn(view)).all("h2", "who")).startswith(said)
    assert f" {said}: " in telling.of_points(view)


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("", lambda fact: 0),
        ("asked", lambda fact: -slow.span(fact["asked"])[0].toordinal()),
        ("as_of", lambda fact: -slow.span(fact["as_of"])[0].toordinal() if fact["as_of"] else 0),
        ("checked", lambda fact: slow.span(fact["checked_on"])[0].toordinal() if fact["checked_on"] else 0),
        ("still", lambda fact: -fact["still"]),
    ],
)
def test_an_order_holds_within_each_side(tmp_path: Path, sort: str, first: Callable[[dict[str, Any]], int]) -> None:
    """Newest first, or longest not looked at, those never looked at before all; of equals as by status."""
    path = generate.write(tmp_path, generate.registry(3, 45))
    registry = _registry(path, generate.TODAY)
    view = _view(registry, generate.TODAY, path="/points", more=[("sort", sort)], today=generate.TODAY)
    facts = slow.facts(slow.read(path), generate.TODAY, generate.TODAY)
    wanted = sorted(facts, key=lambda fact: (slow.SIDES.index(fact["side"]), first(fact)))
    assert [_id(title.one("a")) for title in parsed(_drawn(view)).all("h3")] == [fact["id"] for fact in wanted]
    if sort:
        assert wanted != facts


def test_a_body_stands_below_the_one_that_it_is_part_of(tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(3, 60))
    view = _view(_registry(path, generate.TODAY), generate.TODAY, path="/actors", today=generate.TODAY)
    books = slow.read(path)
    facts = slow.facts(books, generate.TODAY, generate.TODAY)
    found = [
        (_query(th.all("a")[0], "actor"), th.classes[0])
        for table in parsed(_drawn(view)).all("table", "bodies")
        for th in table.all("th")
        if th.all("a")
    ]
    every = slow.bodies(facts, books)
    sides = [one for side in slow.SIDES for one in every if books["actors"][one[0]]["side"] == side]
    assert found == [(actor, f"depth-{depth}") for actor, depth, _, _ in sides]
    assert ("interior-ministry", "depth-2") in found


# --- marks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_there_is_one_mark_a_record_that_shows_its_status_and_leads_to_it(shipped: Registry, day: date) -> None:
    view = _view(shipped, day)
    every = rows(shipped, view.clock)
    marks = [mark for group in parsed(_drawn(view)).all("div", "marks") for mark in group.all("a")]
    assert [(_id(mark), _status(mark)) for mark in marks] == [(row.id, row.status) for row in every]
    assert all(mark.text and mark.attributes["title"] for mark in marks)


def test_a_mark_is_pale_exactly_where_a_look_is_due(tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(3, 60))
    view = _view(_registry(path, generate.TODAY), generate.TODAY, today=generate.TODAY)
    marks = [mark for group in parsed(_drawn(view)).all("div", "marks") for mark in group.all("a")]
    pale = {_id(mark) for mark in marks if mark.all("span", "pale")}
    due = {row.id for row in rows(view.registry, view.clock) if row.standing.due}
    assert pale == due
    assert 0 < len(due) < len(marks)


def test_an_exclamation_mark_stands_exactly_where_assessors_disagree(tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(3, 60))
    view = _view(_registry(path, generate.TODAY), generate.TODAY, today=generate.TODAY)
    page = parsed(_drawn(view))
    disagree = {row.id for row in rows(view.registry, view.clock) if row.standing.disagree}
    assert disagree
    assert {_id(mark) for mark in page.all("a", "bang")} == disagree


# --- the other pages --------------------------------------------------------------------------------


def test_all_points_lists_each_record_once_under_its_side(shipped: Registry) -> None:
    view = _view(shipped, TODAY, path="/points")
    every = rows(shipped, view.clock)
    page = parsed(_drawn(view))
    assert [_id(title.one("a")) for title in page.all("h3")] == [row.id for row in every]
    assert page.one("p", "shown").text == "Shown: all 34"


def test_an_empty_selection_says_so_and_offers_the_way_out(shipped: Registry) -> None:
    for path in ("/", "/points", "/actors", "/changes"):
        empty = _view(shipped, TODAY, path=path, chosen={"q": ["no such words"]})
        page = parsed(_drawn(empty))
        assert "Shown: 0 of 34. Says “no such words”." in page.text
        assert f"{path}?lang=en" in [_href(link) for link in page.all("a")]
    assert "No point fits this selection." in parsed(pages.points(empty, "1")).text
    assert "/points?lang=en" in [_href(link) for link in parsed(pages.points(empty, "1")).all("a")]


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
    page = parsed(pages.sources(_view(shipped, TODAY, path="/sources")))
    assert len(page.all("section")) == 1 + len(shipped.sources)
    for source, section in zip(shipped.sources, page.all("section")[1:], strict=True):
        assert len(section.one("tbody").all("tr")) == len(source.not_tracked)
        assert all(passage.quote in section.text for passage in source.not_tracked)
        leads = [a for a in section.all("a") if _href(a).startswith("/points?")]
        cited = [r for r in shipped.file.recommendations if source.id in {origin.source for origin in r.origin}]
        assert [_number(link.text) for link in leads] == [len(cited)]


# --- the reader's language first ----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_a_reader_meets_words_of_her_own_language_before_an_english_quote(
    shipped: Registry, language: Language
) -> None:
    quotes = 0
    for name in shipped.records:
        quotes += _quotes_after_own_words(_drawn(_view(shipped, TODAY, language, path="/record", more=[("id", name)])))
    assert quotes == sum(bool(origin.quote) for record in shipped.file.recommendations for origin in record.origin)
    listed = _quotes_after_own_words(_drawn(_view(shipped, TODAY, language, path="/sources")))
    assert listed == sum(len(source.not_tracked) for source in shipped.sources)


def test_an_english_quote_that_comes_first_is_found(shipped: Registry) -> None:
    record = shipped.file.recommendations[0].id
    page = _drawn(_view(shipped, TODAY, "ru", path="/record", more=[("id", record)]))
    first = re.sub(r"<figure>.*?<blockquote lang", "<figure><blockquote lang", page, count=1, flags=re.DOTALL)
    assert first != page
    with pytest.raises(AssertionError):
        _quotes_after_own_words(first)
    with pytest.raises(AssertionError):
        _quotes_after_own_words(page + '<p>Слова</p><blockquote lang="en"><p>“Alone”</p></blockquote>')


def _quotes_after_own_words(html: str) -> int:
    """How many English quotes a page has; each stands in a figure or a row, behind Cyrillic words of ours."""
    page = parsed(html)
    quotes = [each for each in page.every() if each.attributes.get("lang") == "en" and each.text.startswith("“")]
    held = 0
    for frame_of in (*page.all("figure"), *page.all("tr")):
        for quote in quotes:
            if any(each is quote for each in frame_of.every()):
                before = frame_of.without(*_from(frame_of, quote)).without(*_in_english(frame_of)).text
                assert re.search(r"[Ѐ-ӿ]{3}", before), quote.text
                held += 1
    assert held == len(quotes), "a quote stands outside a figure or a row"
    return held


def _from(whole: Element, first: Element) -> list[Element]:
    """The elements of a part of a page from one on, those around it apart."""
    every = list(whole.every())
    place = next(n for n, each in enumerate(every) if each is first)
    return every[place:]


def _in_english(whole: Element) -> list[Element]:
    return [each for each in whole.every() if each.attributes.get("lang") == "en"]


# --- hostile texts ----------------------------------------------------------------------------------

HOSTILE = "<img src=x onerror=alert(1)> <script>alert(2)</script> [x](javascript:alert(1)) {{7*7}} {0} \"' onfocus=alert(3) x="
LONG = "ғ" * 3000
TAGS = frozenset(
    [
        "a",
        "article",
        "blockquote",
        "br",
        "code",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "em",
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
        "pre",
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
        "form",
        "input",
        "button",
        "select",
        "option",
        "label",
    ]
)
ATTRIBUTES = frozenset(
    [
        "aria-current",
        "aria-hidden",
        "aria-label",
        "aria-labelledby",
        "class",
        "colspan",
        "data-label",
        "data-make",
        "download",
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
OF_ONE_TAG = {
    "details": {"open"},
    "form": {"method", "action"},
    "input": {"type", "name", "value", "min", "max"},
    "select": {"name"},
    "option": {"value", "selected"},
    "button": {"type", "data-copy", "data-picture", "data-figure"},
}
"""Attributes that one tag only may have; what they may say is checked below."""
NOWHERE = ("/no-such-page", "//evil.example/x", "/\\evil.example", '/"><script>')
"""Paths of no page: what they say must not become the address of somebody else's."""
KEYS = frozenset(
    [
        "side",
        "actor",
        "role",
        "basis",
        "status",
        "known",
        "theme",
        "source",
        "kind",
        "disagree",
        "due",
        "testable",
        "q",
        "as_of",
        "published_on",
        "from",
        "to",
        "sort",
        "page",
        "lang",
        "id",
        "picture",
        "x",
    ]
)
"""What a form may send; `x` is a key of nobody's that the test put into the address."""


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
            _is_harmless(element, name)
        links = {_href(link) for link in page.all("a")}
        assert {link for link in links if not _ours(link)} <= urls, name


def _is_harmless(element: Element, name: str) -> None:
    """Only tags and attributes that we write; forms ask our own pages, and send nothing but an address."""
    said, tag = element.attributes, element.tag
    assert tag in TAGS | {""}, f"{name}: <{tag}>"
    assert set(said) <= ATTRIBUTES | OF_ONE_TAG.get(tag, set()), f"{name}: <{tag}> {said}"
    assert re.fullmatch(r"((flex:\d+;)?color:var\(--[a-z-]+\)|--slack: \d+px)?", said.get("style", "")), (
        f"{name}: {said}"
    )
    assert re.fullmatch(r"[A-Za-z0-9-]*", said.get("id", "")), f"{name}: {said}"
    assert re.fullmatch(r"[a-z0-9 -]*", said.get("class", "")), f"{name}: {said}"
    match tag:
        case "form":
            assert said["method"] == "get", f"{name}: {said}"
            assert _ours(said["action"]), f"{name}: {said}"
            assert said["action"] in composed.PATHS or name.startswith(NOWHERE), f"{name}: {said}"
        case "input":
            assert said["type"] in ("hidden", "date", "search"), f"{name}: {said}"
            assert said["name"] in KEYS, f"{name}: {said}"
            if said["type"] == "date":
                assert re.fullmatch(r"(\d{4}-\d\d-\d\d)?", said["value"]), f"{name}: {said}"
        case "select":
            assert said["name"] == "sort", f"{name}: {said}"
        case "option":
            assert said["value"] in ("", "asked", "as_of", "checked", "still"), f"{name}: {said}"
        case "button" if "data-copy" in said:
            assert said["data-copy"] in ("a-sentence", "a-citation", "to-send"), f"{name}: {said}"
        case "button" if "data-figure" in said:
            assert re.fullmatch(r"/picture/[a-z-]+\.json(\?[^\s\"'<>]*)?", said["data-figure"]), f"{name}: {said}"
            assert said["data-picture"] in ("png", "svg"), f"{name}: {said}"


def test_a_hostile_key_of_an_address_never_becomes_a_tag_or_an_attribute(shipped: Registry) -> None:
    """A form carries the rest of the address along, whatever its keys are."""
    view = _view(shipped, TODAY, path="/points", more=[(HOSTILE, HOSTILE), ("x", LONG)])
    for name, html in _every_page(view):
        for element in parsed(html).every():
            if element.attributes.get("name") == HOSTILE:
                assert (element.tag, element.attributes["type"]) == ("input", "hidden")
                continue
            _is_harmless(element, name)


@pytest.mark.parametrize("put", [HOSTILE, LONG], ids=["hostile", "long"])
def test_a_hostile_text_comes_out_letter_for_letter(shipped: Registry, put: str) -> None:
    said = _altered(shipped, Words, put)
    name = said.file.recommendations[0].id
    view = _view(said, TODAY, path="/record", more=[("id", name)])
    assert parsed(_drawn(view)).one("h1").text == put
    assert parsed(pages.top(view)).one("div", "title").text == put
    foot = parsed(pages.foot(view))
    assert put in foot.text
    sentence, citation = (each.text for each in foot.all("p", "copyable"))
    assert sentence.startswith(f"“{put}”. Recommendation; must act: {put}. Where it stands: ")
    assert citation.startswith(f"{put}: {put}; as on 22 November 2026; data of 22 November 2026, version abc1234.")
    assert pages.preview(view).startswith(f"“{put}”.")
    assert composed.title(view).startswith(put)
    assert put in parsed(pages.report_change(view, name, Form())).one("div", "point").text


def test_a_hostile_text_in_a_picture_to_take_away_is_no_tag_and_no_link(spoken_over: Registry) -> None:
    """Plotly draws a few tags of its own kind in labels and titles: none comes out of a text of the registry."""
    name = spoken_over.file.recommendations[0].id
    seen = 0
    for picture in PICTURES:
        view = _view(spoken_over, TODAY, path="/points", more=[("id", name)])
        if drawn := pictures.to_take_away(view, picture):
            seen += 1
            texts = list(_strings(drawn))
            assert all(tag in PLOTLY_TAGS for text in texts for tag in re.findall(r"<\s*/?\s*([^\s>/]*)", text)), (
                picture
            )
            assert not any(re.search(r"^\s*javascript:", text, re.IGNORECASE) for text in texts), picture
            json.dumps(drawn, allow_nan=False)
    assert seen > 5


PICTURES = (*pictures.OF_POINTS, "marks", "over-time", "moved", "timeline")
PLOTLY_TAGS = ("br", "b", "i", "em", "sup", "sub", "extra")


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
    none = sentence == "No point here has an end that can be tested."
    testable, checked, done = (0, 0, 0) if none else (int(n) for n in re.findall(r"\d+", sentence))
    assert none == (testable == 0), sentence
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
    for cell in page.all("details")[0].all("td"):
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
    return link.startswith(("/", "#")) and not link.startswith(("//", "/\\"))


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
    registry: Registry,
    day: date,
    language: Language = "en",
    filters: Filters | None = None,
    today: date = TODAY,
    path: str = "/",
    chosen: dict[str, list[str]] | None = None,
    more: list[tuple[str, str]] | None = None,
) -> View:
    """A page as somebody asks for it by its address; `filters` for what no address says."""
    pairs = [(key, value) for key, values in (chosen or {}).items() for value in values] + (more or [])
    if day != today and "as_of" not in dict(pairs):
        pairs.append(("as_of", day.isoformat()))
    read = Filters.from_address(parse_qs(urlencode(pairs)), registry, today)
    edition, place = Edition(COMMIT, day), Place(path, (*pairs, ("lang", language)))
    return View(registry, Clock(day, today), translator(language), filters or read, True, edition, place=place)


def _drawn(view: View) -> str:
    """The words of a page between its head and its foot."""
    return "".join(piece for piece in composed.page(view) if isinstance(piece, str))


def differs(view: View, books: dict[str, Any], chosen: dict[str, list[str]], html: str = "") -> str:
    """Where the page and the slow count differ: the first line that does; empty where none does."""
    counted, held = told.Day(books, view.clock.as_of, view.clock.today, chosen), told.texts_with_digits(books)
    page = parsed(html or _drawn(view))
    if view.place.path == "/":
        page = _without_events(page, counted)
    page = page.without(
        *(each for each in page.all("div") if each.all("section", "picture") or "picture-foot" in each.classes)
    )
    expected = getattr(counted, view.place.path.strip("/") or "start")()
    problem = told.fits(told.drawn(page, held), expected, held) or _bars_differ(page, counted)
    return problem or told.fits(told.drawn(parsed(pages.foot(view)), held), counted.foot(COMMIT), held)


def _without_events(page: Element, counted: told.Day) -> Element:
    """The first page without the dated facts of the last year, each of which is one that a record holds."""
    events = [each for block in page.one("section", "two").all("div")[:1] for each in block.all("li")]
    records = {fact["id"]: fact["record"] for fact in counted.kept}
    for event in events:
        record = records[_query(event.one("a"), "id")]
        assert event.one("strong").text in {told.told(day) for day in _dates(record)}, event.text
    return page.without(*events)


def _dates(record: dict[str, Any]) -> Iterator[str]:
    yield from (record["on"],) if "on" in record else ()
    yield from (given["as_of"] for given in record.get("assessments", []))
    yield from (given["withdrawn"]["on"] for given in record.get("assessments", []) if "withdrawn" in given)
    for key in ("steps", "funding", "setbacks", "answers"):
        yield from (entry["on"] for entry in record.get(key, []) if "on" in entry)


def _bars_differ(page: Element, counted: told.Day) -> str:
    """Bars are as wide as the parts beside them."""
    drawn = [_widths(bar) for bar in page.all("div", "bar")]
    sides = [[f["status"] for f in counted.kept if f["side"] == side] for side in slow.SIDES]
    wanted = [[side.count(status) for status in slow.STATUSES if status in side] for side in sides if side]
    return "" if drawn in ([], wanted) else f"the bars are {drawn}, the count {wanted}"


def _widths(bar: Element) -> list[int]:
    return [
        int(re.fullmatch(r"flex:(\d+);color:var\(--[a-z-]+\)", each.attributes["style"])[1]) for each in bar.all("span")
    ]  # type: ignore[index]


def _some_selection(random: Random, books: dict[str, Any]) -> dict[str, list[str]]:
    """One to four keys with one or two values each, such as a reader would choose."""
    addressed = [given["actor"] for record in books["records"] for given in record["actors"]] or ["nobody"]
    bodies = [body for actor in addressed for body in (actor, *slow.above(actor, books["actors"]))]
    values: dict[str, list[str]] = {
        "side": list(slow.SIDES),
        "actor": [*bodies, *(f"{body}:{role}" for body in bodies for role in slow.ROLES[:2])],
        "role": list(slow.ROLES),
        "basis": ["named", "inferred"],
        "status": list(slow.STATUSES),
        "known": list(slow.KNOWN),
        "theme": [theme["id"] for theme in books["themes"]],
        "source": list(books["sources"]),
        "kind": ["recommendation", "demand", "commitment"],
        "disagree": ["1"],
        "due": ["1"],
        "testable": ["1"],
    }
    keys = random.sample(list(values), random.choice((1, 1, 2, 2, 3, 4)))
    return {key: list(dict.fromkeys(random.choices(values[key], k=random.choice((1, 2))))) for key in keys}


def _every_page(view: View) -> Iterator[tuple[str, str]]:
    """Every page with a rich selection, hostile ids, a past day and an unknown value in its address."""
    unknown = (f"theme={HOSTILE}",)
    rich = Filters(
        side=("state", "foreign", "society"),
        actor=tuple(view.registry.actors)[:3],
        theme=tuple(view.registry.themes)[:5],
        source=tuple(view.registry.source_by_id)[:5],
        as_of=view.filters.as_of,
        published_on=Published(view.clock.today, COMMIT),
    )
    said = (("q", HOSTILE), ("theme", HOSTILE), *view.place.pairs)
    names = [record.id for record in view.registry.file.recommendations]
    for path in (*composed.PATHS, *NOWHERE):
        for number, filters in enumerate((view.filters, rich, Filters(unknown=unknown), Filters(q=HOSTILE))):
            here = _at(view, Place(path, (*said, ("id", HOSTILE))), filters)
            yield f"{path} {number}", pages.top(here) + _whole(here) + pages.foot(here)
        unpublished = _at(view, Place(path, said), rich, unpublished="unreadable")
        yield f"{path} unpublished", pages.top(unpublished) + _whole(unpublished) + pages.foot(unpublished)
    for picture in pictures.OF_POINTS:
        yield picture, _whole(_at(view, Place("/points", (*said, ("picture", picture))), Filters()))
    for name in names:
        record = _at(view, Place("/record", (*said, ("id", name))), Filters())
        yield name, _whole(record) + pages.foot(record)
    yield "trouble", pages.trouble(view, True, ())
    yield "unreadable", pages.unreadable(view.tr)


def _at(view: View, place: Place, filters: Filters, **more: Any) -> View:
    kept = {"address_language": True, "edition": view.edition, "origin": "https://example.org", "rules_text": HOSTILE}
    return View(view.registry, view.clock, view.tr, filters, place=place, **kept, **more)


def _whole(view: View) -> str:
    """The words of a page, those that wait for its controls too."""
    pieces = (pages.waiting(view) if isinstance(piece, Controls) else piece for piece in composed.page(view))
    return "".join(piece for piece in pieces if isinstance(piece, str))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value if isinstance(value, list) else value.values():
            yield from _strings(each)


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


@pytest.mark.parametrize(
    ("page", "of", "linked"),
    [
        (1, 1, [1]),
        (7, 12, list(range(1, 13))),
        (1, 841, [1, 2, 3, 421, 841]),
        (420, 841, [1, 210, 418, 419, 420, 421, 422, 630, 841]),
        (841, 841, [1, 420, 839, 840, 841]),
    ],
)
def test_a_long_list_links_to_a_few_of_its_pages(page: int, of: int, linked: list[int]) -> None:
    assert pages.near(page, of) == linked


def test_a_page_is_drawn_once_for_everybody_who_asks_for_the_same(shipped: Registry) -> None:
    one, same = (_view(shipped, TODAY, path="/points") for _ in range(2))
    assert composed.page(one) is composed.page(same)
    assert composed.page(replace(one, tr=translator("kk"))) != composed.page(one)
    assert composed.page(replace(one, filters=Filters(side=("state",)))) != composed.page(one)


def test_a_page_that_was_drawn_before_links_were_looked_at_is_drawn_anew(shipped: Registry) -> None:
    before = _view(shipped, TODAY, path="/desk")
    composed.page(before)
    gone = linked.found(None, linked.Answer.GONE, TODAY, "404")
    found = dict.fromkeys(linked.addresses(shipped), gone)
    assert composed.page(replace(before, links=found)) != composed.page(before)


def test_what_git_tells_of_a_record_is_asked_each_time(shipped: Registry) -> None:
    name, asked = shipped.file.recommendations[0].id, []

    def past(of: str) -> History:
        asked.append(of)
        return History()

    view = _view(shipped, TODAY, path="/record", chosen={"id": [name]})
    for _ in range(2):
        composed.page(replace(view, past=past))
    assert asked == [name, name]
