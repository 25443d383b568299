"""The one-file report without a browser: what is in it, what is not, its policy, its size, its bounds."""

import base64
import hashlib
import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard import app
from dashboard.language import translator
from dashboard.outputs import pages, report
from dashboard.outputs.view import Place, View
from dashboard.progress.filters import Filters
from dashboard.registry import reader
from dashboard.registry.scalars import LANGUAGES, Clock, Language, today
from tests import generate
from tests.small import REGISTRY, ROOT, command, committed, written

WORDS = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>", re.DOTALL)


def view(path: Path = ROOT / "recommendations.yaml", language: Language = "en", **more: Any) -> View:
    day = more.pop("day", today())
    registry = reader.load(path, day).registry
    assert registry
    return View(registry, Clock(day, day), translator(language), Filters(**more))


def parts(made: str) -> dict[Language, str]:
    """The words of each language: the page itself, and the templates that the script puts in its place."""
    first = made.partition("<template")[0]
    templates = dict(re.findall(r'<template id="in-(\w\w)">(.*?)</template>', made, re.DOTALL))
    default = re.search(r'<html lang="(\w\w)"', made)
    assert default
    return {default[1]: first, **templates}  # type: ignore[dict-item]


@pytest.fixture(scope="module")
def made() -> str:
    return report.report(view())


def test_the_shipped_registry_makes_a_file_small_enough_for_a_chat(made: str) -> None:
    assert len(made.encode()) < 2.5 * 2**20


def test_the_same_view_makes_the_same_bytes(made: str) -> None:
    assert report.report(view()) == made


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_point_its_evidence_and_its_questions_stand_there_in_each_language(language: Language) -> None:
    shown = view(language=language)
    said = parts(report.report(shown))
    assert next(iter(said)) == language
    assert set(said) == set(LANGUAGES)
    for code, words in said.items():
        plain = html.unescape(words)
        for row in shown.kept.rows:
            assert row.record.title.shown(code)[0] in plain
            assert all(question.shown(code)[0] in plain for question in row.record.open_questions)
            for assessment in row.record.assessments:
                for reference in assessment.evidence:
                    entry = shown.registry.evidence.get(reference)
                    assert not entry or not entry.url or html.escape(entry.url) in words


def test_its_policy_names_its_scripts_and_lets_nothing_in(made: str) -> None:
    (stated,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', made)
    assert html.unescape(stated) == report.policy(made)
    rules = dict(rule.split(" ", 1) for rule in report.policy(made).split("; "))
    scripts = re.findall(r"<script>(.*?)</script>", made, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert rules["script-src"].split() == [f"'sha256-{digest}'" for digest in digests]
    wanted = {"default-src": "'none'", "img-src": "data:", "font-src": "data:", "base-uri": "'none'", "form-action": "'none'"}  # fmt: skip
    assert {name: rules[name] for name in wanted} == wanted
    assert "unsafe" not in rules["script-src"]
    assert not re.search(r"\son\w+=", WORDS.sub("", made))


def test_every_link_leads_into_the_file_or_to_a_source(made: str) -> None:
    shown = view()
    listed = [*shown.registry.file.evidence, *shown.registry.sources]
    shown_pages = {url for each in listed for url in (each.url, getattr(each, "archive_url", None)) if url}
    ids = set(re.findall(r'\sid="([^"]*)"', made))
    for link, address in re.findall(r'(<a\s[^>]*href="([^"]*)"[^>]*>)', made):
        given = html.unescape(address)
        if given.startswith("http"):
            assert given in shown_pages
            assert 'rel="noreferrer noopener"' in link or 'rel="noopener noreferrer"' in link, link
        else:
            assert given.partition("?")[0] in ("#/record", "#/answer") or given.partition("?")[0][1:] in ids, link
    assert not re.search(r"<[^>]*\sdata-(make|picture)", made)
    assert "sent-before" not in made  # only a server can look a receipt up
    assert not re.search(r'\s(src|action)="(?!data:)[^"#]*//', made)


def test_ids_are_there_once_in_the_page_that_is_drawn(made: str) -> None:
    for words in parts(made).values():
        ids = re.findall(r'\sid="([^"]*)"', words)
        assert sorted(ids) == sorted(set(ids))


def test_it_says_whose_data_it_is_and_where_the_newest_stands() -> None:
    shown = replace(view(), origin="https://example.org")
    foot = html.unescape(WORDS.sub("", parts(report.report(shown))["en"]))
    assert f"Saved as one file on {translator('en').date(today())}." in foot
    assert "What changed since then is at https://example.org." in foot
    assert "Licence of the data: CC-BY-4.0." in foot
    assert "This registry is not under version control." in foot


def test_the_verb_writes_a_committed_state_by_its_commit_and_never_says_where_the_disk_is(tmp_path: Path) -> None:
    path = written(tmp_path)
    committed(tmp_path)
    for name in ("one.html", "two.html"):
        done = command("report", "--registry", path, "--lang", "kk", "-o", tmp_path / name)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(str(tmp_path / name))
    made = (tmp_path / "one.html").read_text("utf-8")
    assert made == (tmp_path / "two.html").read_text("utf-8")
    assert '<html lang="kk"' in made
    head = command("report", "--registry", path, "-o", tmp_path / "no" / "such" / "folder.html")
    assert head.returncode == 6
    assert str(tmp_path) not in made
    assert "Баспана ашу" in made


def test_without_a_name_it_is_called_by_its_day(tmp_path: Path) -> None:
    done = command("report", "--registry", written(tmp_path / "data"), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (file,) = tmp_path.glob("*.html")
    assert str(today()) in file.name


def test_it_goes_to_a_folder_or_to_standard_output_with_nothing_else(tmp_path: Path) -> None:
    path = written(tmp_path / "data")
    assert command("report", "--registry", path, "-o", tmp_path).returncode == 0
    (file,) = tmp_path.glob("*.html")
    told = command("report", "--registry", path, "-o", "-")
    assert (told.returncode, told.stdout, told.stderr) == (0, file.read_text("utf-8"), "")


def test_a_selection_holds_its_points_alone_and_says_so(tmp_path: Path) -> None:
    path = written(tmp_path)
    done = command("report", "--registry", path, "--side", "foreign", "-o", tmp_path / "r.html")
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "r.html").read_text("utf-8")
    assert set(re.findall(r'data-record="([^"]*)"', made)) == {"fund-shelters"}
    assert "It holds a selection: " in made
    facts = json.loads(re.findall(r'id="facts">(.*?)</script>', made, re.DOTALL)[0])
    assert [point["id"] for point in facts["points"]] == ["fund-shelters"]


def test_an_earlier_day_is_shown_as_on_that_day(tmp_path: Path) -> None:
    path = written(tmp_path)
    for day, wanted in (("2024-06-01", False), (str(today()), True)):
        done = command("report", "--registry", path, "--as-of", day, "-o", tmp_path / "r.html")
        assert done.returncode == 0, done.stderr
        assert ("Eleven of seventeen." in (tmp_path / "r.html").read_text("utf-8")) == wanted


def test_a_registry_without_sources_or_evidence_makes_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "recommendations.yaml"
    path.write_text(f"{REGISTRY.partition('evidence:')[0]}evidence: []\nrecommendations: []\n...\n", "utf-8")
    done = command("report", "--registry", path, "-o", tmp_path / "r.html")
    assert done.returncode == 0, done.stderr
    facts = json.loads(re.findall(r'id="facts">(.*?)</script>', (tmp_path / "r.html").read_text("utf-8"), re.DOTALL)[0])
    assert facts["points"] == facts["allowed"]["source"] == []


def test_more_points_than_it_holds_are_refused_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = generate.write(tmp_path, generate.registry(1, report.MOST + 100))
    done = command("report", "--registry", path, "-o", tmp_path / "r.html")
    assert done.returncode == 2
    assert f"more than one file holds ({report.MOST}); select fewer, such as by an actor or a subject" in done.stderr
    assert not (tmp_path / "r.html").exists()
    monkeypatch.setenv(reader.REGISTRY_VARIABLE, str(path))
    with ThreadPoolExecutor(1) as thread:  # the browser tests keep an event loop in this one
        answer = thread.submit(lambda: TestClient(app.app, base_url="http://localhost").get("/report.html")).result()
    assert answer.status_code == 422
    assert "select fewer" in answer.text
    shown = view(path, day=generate.TODAY)
    assert "/report.html" not in pages.start(shown) + pages.take(shown)
    some = replace(shown, filters=Filters(side=("state",), status=("implemented",)), place=Place("/points"))
    assert 0 < len(some.kept) < report.MOST
    assert "/report.html?lang=en&amp;side=state&amp;status=implemented" in pages.take(some)


def test_hours_and_the_inbox_are_not_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "data")
    monkeypatch.setenv("TRACKER_INBOX", str(tmp_path / "box"))
    slip = "TRACKER SLIP 1\npoint: open-shelters\nsays: wrong\nshown by: saw\nlanguage: en\ntext:\nCanary in the inbox.\nEND\n"
    (tmp_path / "slip.txt").write_text(slip, "utf-8")
    added = command("inbox", "--registry", path, "add", tmp_path / "slip.txt")
    assert added.returncode == 0, added.stderr
    done = command("report", "--registry", path, "-o", tmp_path / "r.html")
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "r.html").read_text("utf-8")
    assert "Canary" not in made
    assert not re.search(r"\b[0-2]\d:[0-5]\d(:[0-5]\d)?\b", WORDS.sub(" ", made))


def test_an_address_in_the_file_is_that_of_the_page_with_the_days_left_out() -> None:
    shown = view(as_of=date(2025, 1, 1))
    inside = report.InFile(
        shown.registry, shown.clock, shown.tr, Filters(side=("state",), as_of=date(2025, 1, 1)), of=shown
    )
    assert inside.link("/points", inside.filters) == "#/points?side=state"
    assert inside.link("/points") == "#/points"
    assert inside.record("a-point") == inside.link("/r/a-point", lang="kk") == "#/record?id=a-point"
