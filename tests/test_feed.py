"""The feed, as a feed reader's program reads it."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import feedparser
import pytest

from dashboard import reading
from dashboard.language import translator
from dashboard.outputs import feed
from dashboard.outputs.view import View
from dashboard.registry import reader
from dashboard.registry.scalars import LANGUAGES
from tests.small import REGISTRY, written


def read(query: dict[str, list[str]] | None = None) -> tuple[Any, View]:
    view = reading.view("/points", query or {}, "en", "https://tracker.test")
    assert view
    found = feedparser.parse(feed.atom(view))
    assert not found.bozo, found.get("bozo_exception")
    return found, view


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = written(tmp_path)
    monkeypatch.setenv(reader.REGISTRY_VARIABLE, str(path))
    return path


def test_a_feed_reader_finds_what_was_entered_the_newest_first(small: Path) -> None:
    found, _ = read()
    assert found.version == "atom10"
    assert [(each.updated, each.title) for each in found.entries] == [
        ("2025-11-14T00:00:00Z", "Open shelters · Due for a check on 28 November 2025: its last look is then too old."),
        ("2025-06-30T00:00:00Z", "Open shelters · Looked again, nothing new: June 2025 (Editors)."),
        ("2025-04-01T00:00:00Z", "Open shelters · Judged: Under way, as of 1 March 2025 (Editors)."),
        ("2024-02-03T00:00:00Z", "Open shelters · Asked on 3 February 2024."),
        ("2024-02-03T00:00:00Z", "Fund shelters · Asked on 3 February 2024."),
    ]
    assert [each.link for each in found.entries][:1] == ["https://tracker.test/r/open-shelters"]
    assert found.entries[2].summary == "Judged: Under way, as of 1 March 2025 (Editors). Eleven of seventeen."
    assert found.entries[1].summary == "Looked again, nothing new: June 2025 (Editors). The ministry's page"


def test_it_says_whose_it_is_and_where_it_stands(small: Path) -> None:
    found, _ = read({"side": ["state"], "lang": ["ru"]})
    links = {link.rel: link.href for link in found.feed.links}
    assert links["self"] == "https://tracker.test/feed.atom?lang=ru&side=state"
    assert links["alternate"] == "https://tracker.test/changes?side=state&lang=ru"
    assert found.feed.author == translator("ru")("Publisher not yet named")
    assert found.feed.rights == "CC-BY-4.0"
    assert found.feed.updated == "2025-11-14T00:00:00Z"


def test_a_selection_follows_only_its_points(small: Path) -> None:
    found, view = read({"side": ["foreign"]})
    assert {each.title for each in found.entries} == {"Fund shelters · Asked on 3 February 2024."}
    assert len(view.kept) == 1
    empty, _ = read({"q": ["nothing says this"]})
    assert empty.entries == []
    assert empty.feed.updated == f"{view.clock.as_of}T00:00:00Z"


def test_ids_stay_when_texts_languages_and_later_entries_change(small: Path) -> None:
    before = {each.id for each in read()[0].entries}
    text = REGISTRY.replace("Eleven of seventeen.", "Eleven of 17, mended.").replace(
        "en: Open shelters", "en: Open them"
    )
    text = text.replace(
        "    checks:\n",
        "    setbacks:\n      - {on: 2025-07-01, what: One closed., evidence: [audit-report]}\n    checks:\n",
    )
    small.write_text(text, "utf-8")
    after = {each.id for each in read({"lang": ["kk"]})[0].entries}
    assert before < after
    assert len(after - before) == 1
    assert len(before) == 5


def test_it_is_in_each_language(small: Path) -> None:
    titles = {
        language: {each.title.partition(" · ")[0] for each in read({"lang": [language]})[0].entries}
        for language in LANGUAGES
    }
    assert titles["ru"] == {"Открыть приюты", "Финансировать приюты"}
    assert titles["kk"] == {"Баспана ашу", "Баспананы қаржыландыру"}


def test_hostile_texts_are_shown_as_text(small: Path) -> None:
    hostile = "<script>alert(1)</script> ]]> & <img src=x onerror=alert(1)>"
    small.write_text(REGISTRY.replace("en: Open shelters", f"en: '{hostile}'"), "utf-8")
    found, view = read()
    raw = feed.atom(view)
    assert "<script" not in raw
    assert "<img" not in raw
    titles = [each.title_detail for each in found.entries]
    assert {each.type for each in titles} == {"text/plain"}
    assert f"{hostile} · Asked on 3 February 2024." in {each.value for each in titles}


def test_a_letter_that_xml_cannot_hold_does_not_cost_the_whole_feed(small: Path) -> None:
    small.write_text(REGISTRY.replace("en: Open shelters", 'en: "Open\\uFFFE shelters"'), "utf-8")
    found, _ = read({"q": ["\x01\ufffe shelters"]})
    assert "Open\ufffd shelters · Asked on 3 February 2024." in {each.title for each in found.entries}


def test_ids_stay_when_an_entry_of_another_comes_before_and_when_an_older_ask_is_found(small: Path) -> None:
    def told() -> set[tuple[str, str]]:
        return {(each.id, each.summary.partition(" on ")[0]) for each in read()[0].entries}

    before = told()
    text = REGISTRY.replace(
        "    checks:\n", "    checks:\n      - {on: 2025-06, by: an-author, where: The ministry's other page}\n"
    )
    text = text.replace("    done_when:\n", "    on: 2020-01-01\n    done_when:\n")
    small.write_text(text, "utf-8")
    assert before < told()


def test_no_more_than_a_hundred_and_nothing_of_days_to_come(small: Path) -> None:
    checks = "".join(
        f"      - {{on: 2025-{month:02}-{day:02}, by: editors, where: A page}}\n"
        for month in range(1, 7)
        for day in range(1, 25)
    )
    small.write_text(REGISTRY.replace("    checks:\n", f"    checks:\n{checks}"), "utf-8")
    found, view = read()
    assert len(found.entries) == feed.MOST
    assert found.entries[0].updated > found.entries[-1].updated
    past = replace(view, clock=replace(view.clock, as_of=date(2025, 3, 15)))
    assert max(each.on for each in feed.entered(past)) == date(2025, 3, 15)
    assert len({each.key for each in feed.entered(view) if each.row.id == "open-shelters"}) == 148


def test_a_day_bears_no_hour(small: Path) -> None:
    assert {each.updated.partition("T")[2] for each in read()[0].entries} == {"00:00:00Z"}


# --- what falls due -----------------------------------------------------------------------------------


def on(view: View, day: date) -> dict[str, tuple[str, str]]:
    """Id to title and day of what falls due, in the feed of that day."""
    found = feedparser.parse(feed.atom(replace(view, clock=replace(view.clock, as_of=day))))
    return {e.id: (e.title, e.updated[:10]) for e in found.entries if "due" in {tag.term for tag in e.tags}}


def test_what_falls_due_is_announced_once_and_told_from_a_change_by_its_category(small: Path) -> None:
    found, view = read()
    terms = {each.title: {tag.term for tag in each.tags} & {"due", "change"} for each in found.entries}
    assert [title for title, held in terms.items() if held == {"due"}] == [
        "Open shelters · Due for a check on 28 November 2025: its last look is then too old."
    ]
    assert {frozenset(held) for held in terms.values()} == {frozenset({"due"}), frozenset({"change"})}
    assert on(view, date(2025, 11, 13)) == {}
    first = on(view, date(2025, 11, 14))
    assert [day for _, day in first.values()] == ["2025-11-14"]
    for day in (date(2025, 11, 15), date(2025, 11, 28), date(2025, 12, 31), date(2026, 11, 20)):
        assert on(view, day) == first


def test_a_change_of_the_rules_moves_a_due_and_makes_no_second_one_of_the_same_look(small: Path) -> None:
    before = on(read()[1], date(2026, 11, 20))
    small.write_text(REGISTRY.replace("themes:", "rules:\n  check_again_after_days: {open: 100}\nthemes:"), "utf-8")
    after = on(read()[1], date(2026, 11, 20))
    assert set(after) == set(before)
    assert after != before
    again = "    checks:\n      - {on: 2025-09-01, by: editors, where: Its page}\n"
    small.write_text(REGISTRY.replace("    checks:\n", again), "utf-8")
    assert not set(on(read()[1], date(2026, 11, 20))) & set(before)


def test_a_deadline_is_announced_until_it_is_settled(small: Path) -> None:
    due = "    due: {on: 2025-10, basis: The plan of the ministry}\n    assessments:\n"
    small.write_text(REGISTRY.replace("    assessments:\n", due, 1), "utf-8")
    view = read()[1]
    assert [title for title, day in on(view, date(2025, 10, 17)).values()] == [
        "Open shelters · To be done by 31 October 2025: what became of it?"
    ]
    assert on(view, date(2025, 10, 16)) == {}
    done = "      - status: in-progress\n", "      - status: refused\n"
    small.write_text(REGISTRY.replace("    assessments:\n", due, 1).replace(*done), "utf-8")
    assert on(read()[1], date(2025, 10, 17)) == {}


def test_a_selection_holds_only_its_own_dues(small: Path) -> None:
    assert on(read({"side": ["foreign"]})[1], date(2026, 11, 20)) == {}
    assert len(on(read({"side": ["state"]})[1], date(2026, 11, 20))) == 1
