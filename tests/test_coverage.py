"""What is covered: every number against a slow second count, and every link against what it opens."""

import re
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.language import translator
from dashboard.outputs import pages
from dashboard.outputs.view import Place, View
from dashboard.progress.coverage import Age, Coverage, Judged, coverage, judged
from dashboard.progress.filters import Filters
from dashboard.progress.frame import frame
from dashboard.progress.rows import row
from dashboard.registry import reader
from dashboard.registry.model import Registry, Side
from dashboard.registry.scalars import LANGUAGES, Clock, Language
from tests import generate, slow
from tests.markup import Element, parsed
from tests.points import TODAY, point, said
from tests.points import registry as made
from tests.small import REGISTRY, ROOT, written

SHIPPED = ROOT / "recommendations.yaml"
DAYS = (date(2018, 5, 1), date(2022, 2, 1), date(2024, 7, 1), TODAY)


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return _registry(SHIPPED, TODAY)


# --- the numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_what_is_covered_is_what_a_slow_second_count_finds(shipped: Registry, day: date) -> None:
    books = slow.read(SHIPPED)
    assert _plain(coverage(frame(shipped, Clock(day, TODAY)))) == _counted(books, day, TODAY)


@pytest.mark.parametrize("part", range(2))
def test_the_numbers_and_links_hold_for_generated_registries_and_their_days(tmp_path: Path, part: int) -> None:
    for seed in range(part, 60, 2):
        random = Random(seed)
        path = generate.write(tmp_path / str(seed), generate.registry(seed, random.choice((12, 30))))
        registry, books = _registry(path, generate.TODAY), slow.read(path)
        day = generate.TODAY - timedelta(days=random.choice((0, random.randrange(2000))))
        view = _view(registry, day, today=generate.TODAY)
        assert _plain(coverage(view.kept)) == _counted(books, day, generate.TODAY), f"seed {seed} on {day}"
        _links_keep_their_word(view)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_page_shows_the_numbers_of_the_slow_count(shipped: Registry, day: date) -> None:
    counted = _counted(slow.read(SHIPPED), day, TODAY)
    page = _page(_view(shipped, day))
    named = {"Kazakhstan’s state": "state", "Foreign donors and governments": "foreign", "Society and media": "society"}
    for place, groups, key in (("agree", list(Judged), "judged"), ("looked", list(Age), "looked")):
        shown = {
            (named[line[0]], group): int(n)
            for line in _table(page, place)
            for group, n in zip(groups, line[1:], strict=True)
            if n != "0"
        }
        assert shown == {cell: len(ids) for cell, ids in counted[key].items()}
    shown_passages = {
        line[0]: [int(n) for n in re.findall(r"\d+", f"{line[1]} {line[4]}")] for line in _table(page, "passages")
    }
    titles = {source.id: source.title for source in shipped.sources}
    assert shown_passages == {
        titles[name]: [tracked + sum(reasons.values()), points]
        for name, (tracked, reasons, points) in counted["passages"].items()
    }
    cells = [int(cell.text) for cell in _section(page, "known").all("td")]
    assert sorted(n for n in cells if n) == sorted(counted["known"].values())


def test_the_parts_of_each_side_add_up_to_its_points(shipped: Registry) -> None:
    held = coverage(frame(shipped, Clock(TODAY, TODAY)))
    sizes = {side: sum(map(len, groups.values())) for side, groups in held.judged.items()}
    assert sizes == {"state": 20, "foreign": 9, "society": 5}
    assert {side: sum(map(len, groups.values())) for side, groups in held.looked.items()} == sizes
    assert {side: sum(sum(by.values()) for by in held.known[side].values()) for side in held.known} == sizes


def test_numbers_that_an_address_can_show_open_just_as_many_points(shipped: Registry) -> None:
    for day in DAYS:
        for chosen in ({}, {"side": ["state"]}, {"actor": ["kz-government"]}, {"theme": ["violence"]}):
            _links_keep_their_word(_view(shipped, day, chosen=chosen))
    assert _links_keep_their_word(_view(shipped, TODAY)) == 31


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_the_same_numbers_in_every_language(shipped: Registry, language: Language) -> None:
    def cells(of: Language) -> list[str]:
        page = _page(_view(shipped, TODAY, of))
        return [cell.text for cell in page.all("td") if cell.text.isdecimal()]

    assert cells(language) == cells("en")
    assert len(cells("en")) > 80


# --- what each number means -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("looked", "expected"),
    [
        ("2026-08-23", Age.UNDER_3),
        ("2026-08-22", Age.UNDER_6),
        ("2026-08", Age.UNDER_6),
        ("2026-05-22", Age.UNDER_12),
        ("2025-11-23", Age.UNDER_12),
        ("2025-11-22", Age.OLDER),
        ("2024", Age.OLDER),
    ],
)
def test_a_look_grows_old_by_whole_months_from_its_first_day(looked: str, expected: Age) -> None:
    registry = made(point(checks=[{"on": looked, "by": "editors", "where": "Its page"}]))
    assert _age(registry) is expected


def test_what_a_body_says_of_itself_is_no_look() -> None:
    registry = made(point(assessments=[said("in-progress", "2026-11-01", by="the-ministry", evidence="its-word")]))
    assert _age(registry) is Age.NEVER


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], Judged.NOBODY),
        ([said("nothing-found", "2026-10-01", evidence="")], Judged.NOTHING_FOUND),
        ([said("promised", "2026-10-01"), said("in-progress", "2026-11-01")], Judged.ONE),
        ([said("promised", "2026-10-01"), said("promised", "2026-10-02", by="the-union")], Judged.AGREE),
        ([said("promised", "2026-10-01"), said("implemented", "2026-10-02", by="the-union")], Judged.DISAGREE),
        (
            [said("promised", "2024-10-01"), said("implemented", "2026-10-02", by="the-union")],
            Judged.AT_DIFFERENT_DATES,
        ),
    ],
)
def test_a_point_is_judged_by_nobody_by_one_or_by_several(given: list[dict[str, Any]], expected: Judged) -> None:
    assert judged(_row(made(point(assessments=given)))) is expected


def test_of_three_assessors_each_two_are_told_apart() -> None:
    given = [said("promised", "2026-10-01"), said("promised", "2026-10-02", by="the-union")]
    given.append(said("implemented", "2026-10-03", by="an-author"))
    held = coverage(frame(made(point(assessments=given)), Clock(TODAY, TODAY)))
    found = {(p.one, p.other): {k: len(rows) for k, rows in p.rows.items() if rows} for p in held.pairs}
    assert found == {
        ("an-author", "editors"): {"disagree": 1},
        ("an-author", "the-union"): {"disagree": 1},
        ("editors", "the-union"): {"none": 1},
    }


def test_what_was_withdrawn_does_not_count_and_an_own_word_is_told() -> None:
    taken = {"on": "2026-11-02", "why": "A mistake."}
    given = [said("promised", "2026-10-01", by="the-union", withdrawn=taken)]
    given.append(said("promised", "2026-10-03", by="the-ministry", evidence="its-word"))
    held = coverage(frame(made(point(assessments=given)), Clock(TODAY, TODAY)))
    assert [(each.actor, len(each.own["state"]), str(each.newest)) for each in held.assessors] == [
        ("the-ministry", 1, "2026-10-03")
    ]


def test_a_percentage_stands_only_where_there_are_enough_passages(shipped: Registry) -> None:
    for each in coverage(frame(shipped, Clock(TODAY, TODAY))).passages:
        percent = each.share(30)
        assert (percent is None) == (each.examined < 30)
        assert each.share(1) == round(100 * each.tracked / each.examined)
    page = _page(_view(shipped, TODAY))
    percents = [line[2] for line in _table(page, "passages") if "%" in line[2]]
    assert len(percents) == sum(each.examined >= 30 for each in coverage(frame(shipped, Clock(TODAY, TODAY))).passages)


# --- the page ---------------------------------------------------------------------------------------


def test_an_empty_registry_says_that_there_is_nothing_to_count(tmp_path: Path) -> None:
    path = tmp_path / "recommendations.yaml"
    path.write_text(f"{REGISTRY.partition('evidence:')[0]}evidence: []\nrecommendations: []\n...\n", "utf-8")
    text = _page(_view(_registry(path, TODAY), TODAY)).text
    assert "There is no point to count here." in text
    assert "No source has been entered yet." in text
    assert "Where assessors agree" not in text


def test_before_anything_was_published_the_texts_to_come_are_not_counted(tmp_path: Path) -> None:
    page = _page(_view(_registry(written(tmp_path), TODAY), date(2001, 1, 1)))
    assert "No text had been published by this day." in page.text
    assert not page.all("table")


def test_a_selection_is_said_and_narrows_the_points(shipped: Registry) -> None:
    page = _page(_view(shipped, TODAY, chosen={"side": ["society"]}))
    assert "Shown: 5 of 34" in page.text
    assert [line[0] for line in _table(page, "agree")] == ["Society and media"]


def test_many_points_are_not_all_listed(tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(3, 300))
    page = _page(_view(_registry(path, generate.TODAY), generate.TODAY, today=generate.TODAY))
    assert max(len(each.all("li")) for each in page.all("details")) == 50
    assert "more are not listed here." in page.text


def test_it_is_linked_from_how_we_judge_and_from_the_sources(shipped: Registry) -> None:
    view = _view(shipped, TODAY)
    for html in (pages.method(view), pages.sources(view)):
        assert "/coverage" in {urlsplit(a.attributes["href"]).path for a in parsed(html).all("a")}


# --- helpers ----------------------------------------------------------------------------------------


def _registry(path: Path, today: date) -> Registry:
    found = reader.load(path, today).registry
    assert found
    return found


def _view(
    registry: Registry, day: date, language: Language = "en", chosen: dict[str, list[str]] | None = None,
    today: date = TODAY,
) -> View:  # fmt: skip
    query = {**(chosen or {}), **({"as_of": [str(day)]} if day != today else {})}
    filters = Filters.from_address(query, registry, today)
    pairs = tuple((key, each) for key, values in query.items() for each in values)
    return View(registry, Clock(day, today), translator(language), filters, place=Place("/coverage", pairs))


def _page(view: View) -> Element:
    return parsed(pages.coverage(view))


def _section(page: Element, name: str) -> Element:
    """The section under that heading; an empty one where the page has none."""
    found = [each for each in page.all("section") if each.attributes.get("aria-labelledby") == name]
    return found[0] if found else Element("")


def _table(page: Element, name: str) -> list[list[str]]:
    """The first table of a section, line by line, without its head."""
    [section] = [each for each in page.all("section") if each.attributes.get("aria-labelledby") == name] or [
        Element("")
    ]
    lines = section.all("table")[0].all("tbody")[0].all("tr") if section.all("table") else []
    return [[cell.text for cell in line.every() if cell.tag in ("th", "td")] for line in lines]


def _row(registry: Registry) -> Any:
    return row(registry, registry.file.recommendations[0], Clock(TODAY, TODAY))


def _age(registry: Registry) -> Age:
    [found] = [age for age, rows in coverage(frame(registry, Clock(TODAY, TODAY))).looked[Side.STATE].items() if rows]
    return found


def _links_keep_their_word(view: View) -> int:
    """Each number that is a link opens as many points as it says. How many there are."""
    seen = 0
    for link in (a for cell in _page(view).all("td") for a in cell.all("a")):
        parts = urlsplit(link.attributes["href"])
        chosen = Filters.from_address(parse_qs(parts.query), view.registry, view.clock.today)
        assert (parts.path, chosen.unknown, chosen.as_of) == ("/points", (), view.filters.as_of)
        assert len(chosen.apply(view.frame)) == int(link.text) > 0, parts.query
        seen += 1
    return seen


def _counted(books: dict[str, Any], day: date, today: date) -> dict[str, Any]:
    """The slow count; of how we know and of parts its numbers, of the rest its points."""
    told = slow.coverage(slow.facts(books, day, today), books, day, today)
    numbers = {key: {cell: len(ids) for cell, ids in told[key].items()} for key in ("known", "addressed")}
    return {**told, **numbers}


def _plain(held: Coverage) -> dict[str, Any]:
    """What we count, in the shape of the slow count."""

    def ids(rows: Any) -> set[str]:
        return {each.id for each in rows}

    counted: dict[str, Any] = {
        "judged": {(s, g): ids(rows) for s, groups in held.judged.items() for g, rows in groups.items() if rows},
        "looked": {(s, g): ids(rows) for s, groups in held.looked.items() for g, rows in groups.items() if rows},
        "pairs": {(p.one, p.other, p.side, d): ids(rows) for p in held.pairs for d, rows in p.rows.items() if rows},
        "assessors": {(a.actor, s): ids(rows) for a in held.assessors for s, rows in a.rows.items() if rows},
        "own": {(a.actor, s): ids(rows) for a in held.assessors for s, rows in a.own.items() if rows},
        "newest": {a.actor: a.newest.first for a in held.assessors},
        "passages": {p.entry.id: (p.tracked, dict(p.reasons), p.points) for p in held.passages},
    }
    for a in held.assessors:
        for rows in (*a.rows.values(), *a.own.values()):
            assert len(ids(rows)) == len(rows)
    counted["known"] = {
        (s, w, k): n for s, by in held.known.items() for w, kinds in by.items() for k, n in kinds.items() if n
    }
    counted["addressed"] = {
        (s, r, b): n for s, by in held.addressed.items() for r, bs in by.items() for b, n in bs.items() if n
    }
    return counted
