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
        ("2025-06-30T00:00:00Z", "Open shelters · Looked again, nothing new: June 2025 (Editors)."),
        ("2025-04-01T00:00:00Z", "Open shelters · Judged: Under way, as of 1 March 2025 (Editors)."),
        ("2024-02-03T00:00:00Z", "Open shelters · Asked on 3 February 2024."),
        ("2024-02-03T00:00:00Z", "Fund shelters · Asked on 3 February 2024."),
    ]
    assert [each.link for each in found.entries][:1] == ["https://tracker.test/r/open-shelters"]
    assert found.entries[1].summary == "Judged: Under way, as of 1 March 2025 (Editors). Eleven of seventeen."
    assert found.entries[0].summary == "Looked again, nothing new: June 2025 (Editors). The ministry's page"


def test_it_says_whose_it_is_and_where_it_stands(small: Path) -> None:
    found, _ = read({"side": ["state"], "lang": ["ru"]})
    links = {link.rel: link.href for link in found.feed.links}
    assert links["self"] == "https://tracker.test/feed.atom?lang=ru&side=state"
    assert links["alternate"] == "https://tracker.test/changes?side=state&lang=ru"
    assert found.feed.author == translator("ru")("Publisher not yet named")
    assert found.feed.rights == "CC-BY-4.0"
    assert found.feed.updated == "2025-06-30T00:00:00Z"


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
    assert len(before) == 4


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
    assert len({each.key for each in feed.entered(view) if each.row.id == "open-shelters"}) == 147


def test_a_day_bears_no_hour(small: Path) -> None:
    assert {each.updated.partition("T")[2] for each in read()[0].entries} == {"00:00:00Z"}
