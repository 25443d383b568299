"""Numbered editions: named once, the same for good, at an address that leads nowhere else; cards and sitemap."""

import html
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import editions as addresses
from dashboard import reading, web
from dashboard.outputs import pages, telling
from dashboard.outputs.view import View
from dashboard.registry import editions, history
from tests.small import REGISTRY, command, git, written

SITE = "https://tracker.example.org"
MADE = date(2026, 3, 12)
PROMISED = REGISTRY.replace("status: in-progress", "status: promised")


def commit(path: Path, registry: str, day: str) -> None:
    written(path.parent, registry)
    git(path.parent, "add", "-A")
    moment = f"{day}T09:00:00Z"
    env = {**os.environ, "GIT_COMMITTER_DATE": moment, "GIT_AUTHOR_DATE": moment}
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(path.parent), *who, "commit", "-qm", day], check=True, env=env)


def output(path: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(path.parent), *arguments], check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry of 10 March 2026, in which the shelters are promised."""
    path = tmp_path / "registry" / "recommendations.yaml"
    path.parent.mkdir()
    git(path.parent, "init", "-q", "-b", "main")
    commit(path, PROMISED, "2026-03-10")
    monkeypatch.setenv("TRACKER_REGISTRY", str(path))
    monkeypatch.setenv("TRACKER_SITE", SITE)
    monkeypatch.setattr(reading, "EDITION_SECONDS", 1e-6)
    return path


def make(path: Path, name: str = "2026-03", on: date = MADE) -> list[str]:
    return editions.make(path, name, history.tip(path), "editors", on)


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(
        web.PageHead(Starlette(routes=[*web.ROUTES, *addresses.ROUTES])), base_url=SITE, follow_redirects=False
    ) as client:
        yield client


def viewed(page: str = "/", **query: str) -> View:
    found = reading.view(page, {key: [value] for key, value in query.items()}, "en", SITE)
    assert found
    return found


def followed(answer: httpx.Response) -> View:
    """What the page shows to which an edition's address leads."""
    assert answer.status_code == 302
    to = urlsplit(answer.headers["location"])
    assert (to.scheme, to.netloc) == ("", "")
    found = reading.view(to.path, parse_qs(to.query), "en", SITE)
    assert found
    return found


# --- the name and the tag ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["2026-12", "1", "v1.0", "first_edition", "A" * 40])
def test_a_name_that_is_safe_as_tag_folder_and_address_is_taken(name: str) -> None:
    assert editions.fit(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a..b", "-a", ".a", "a.lock", "a.", "a/b", "a b", "a\n", "ä", "a:b", "a~1", "A" * 41]
)
def test_any_other_name_is_refused(name: str) -> None:
    assert not editions.fit(name)


def test_an_edition_is_an_annotated_tag_of_an_organisation_with_a_day_and_no_hour(path: Path) -> None:
    assert make(path) == []
    tag = output(path, "cat-file", "tag", "edition/2026-03")
    assert f"object {history.tip(path)}\ntype commit\ntag edition/2026-03\n" in tag
    assert "tagger editors <editors@tracker.invalid> 1773273600 +0000\n" in tag  # 2026-03-12, midnight
    assert tag.endswith("\n\nedition 2026-03\n\nTracker-Command: edition\n")


def test_editions_are_told_in_the_order_in_which_they_were_made(path: Path) -> None:
    make(path, "2026-10", date(2026, 10, 1))
    make(path, "2026-9", date(2026, 9, 1))
    make(path, "2026-9b", date(2026, 9, 1))
    assert [(each.name, each.on) for each in editions.editions(path)] == [
        ("2026-9", date(2026, 9, 1)),
        ("2026-9b", date(2026, 9, 1)),
        ("2026-10", date(2026, 10, 1)),
    ]


def test_a_tag_that_is_no_edition_of_this_history_is_none(path: Path) -> None:
    git(path.parent, "tag", "v1")
    git(path.parent, "tag", "edition/a'b")
    git(path.parent, "tag", "-a", "-m", "a blob", "edition/blob", "HEAD:recommendations.yaml")
    git(path.parent, "checkout", "-q", "--orphan", "other")
    commit(path, REGISTRY, "2026-03-11")
    git(path.parent, "tag", "edition/elsewhere")
    git(path.parent, "checkout", "-q", "main")
    assert editions.editions(path) == ()


def test_where_git_cannot_tell_there_are_no_editions(tmp_path: Path) -> None:
    assert editions.editions(written(tmp_path)) == ()


@pytest.mark.parametrize("push", ["on", ""])
def test_the_tag_is_pushed_where_saves_are(path: Path, monkeypatch: pytest.MonkeyPatch, push: str) -> None:
    bare = path.parent.parent / "bare.git"
    git(path.parent, "init", "-q", "--bare", str(bare))
    git(path.parent, "remote", "add", "origin", str(bare))
    git(path.parent, "push", "-q", "-u", "origin", "main")
    monkeypatch.setenv("TRACKER_PUSH", push)
    assert make(path) == []
    pushed = output(path, "ls-remote", "--tags", "origin")
    assert ("refs/tags/edition/2026-03" in pushed) is bool(push)


def test_a_push_that_fails_leaves_the_tag_and_says_what_to_do(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = path.parent.parent / "bare.git"
    git(path.parent, "init", "-q", "--bare", str(bare))
    git(path.parent, "remote", "add", "origin", str(bare))
    git(path.parent, "push", "-q", "-u", "origin", "main")
    bare.rename(bare.with_name("gone"))
    monkeypatch.setenv("TRACKER_PUSH", "on")
    [said] = make(path)
    assert said.startswith("the tag is here, not yet pushed: ")
    assert said.endswith("Push it with  git push origin edition/2026-03")
    assert editions.edition(path, "2026-03")


# --- what is cited ----------------------------------------------------------------------------------


def test_the_state_of_an_edition_goes_by_its_name(path: Path) -> None:
    make(path)
    view = viewed("/points", published_on="2026-03-12")
    assert view.edition
    assert (view.edition.name, view.edition.named) == ("2026-03", MADE)
    said = f"as on 12 March 2026; edition 2026-03, data of 10 March 2026, version {view.edition.commit}"
    assert telling.version(view) == said
    foot = pages.foot(view)
    assert "Edition 2026-03: data of 10 March 2026" in foot
    assert f"{SITE}/e/2026-03/points" in foot
    assert "published_on" not in re.findall(r'id="a-citation">(.*?)<', foot)[0]


def test_a_commit_that_leaves_the_registry_alone_leaves_the_edition(path: Path) -> None:
    make(path)
    (path.parent / "README.md").write_text("Read me")
    git(path.parent, "add", "-A")
    git(path.parent, "commit", "-qm", "Not the registry")
    assert viewed().edition.name == "2026-03"  # type: ignore[union-attr]


def test_on_a_later_day_the_address_of_an_edition_says_the_day(path: Path, client: TestClient) -> None:
    make(path)
    cited = viewed("/points", published_on="2026-05-01", side="state").lasting("/points")
    assert cited == f"{SITE}/e/2026-03/points?side=state&published_on=2026-05-01"
    view = followed(client.get(cited))
    assert view.clock.today == date(2026, 5, 1)
    assert view.lasting("/points") == cited


def test_before_the_day_of_an_edition_its_state_has_no_name(path: Path) -> None:
    make(path)
    view = viewed(published_on="2026-03-11")
    assert view.edition
    assert (view.edition.name, view.edition.newest) == ("", "2026-03")
    assert view.lasting("/") == f"{SITE}/?published_on=2026-03-11-{view.edition.commit}"


def test_a_state_newer_than_the_newest_edition_is_cited_by_its_version_and_names_that_edition(path: Path) -> None:
    make(path)
    commit(path, REGISTRY, "2026-05-20")
    view = viewed()
    assert view.edition
    assert view.lasting("/").endswith(f"-{view.edition.commit}")
    assert "edition" not in telling.version(view)
    assert 'The newest numbered edition: <a href="/e/2026-03/">2026-03</a>.' in pages.foot(view)


def test_what_is_not_committed_is_no_edition(path: Path) -> None:
    make(path)
    written(path.parent, REGISTRY)
    assert viewed().edition.name == ""  # type: ignore[union-attr]


def test_an_edition_says_the_same_after_five_edits(path: Path, client: TestClient) -> None:
    make(path)
    view = viewed("/points", published_on="2026-03-12", status="promised")
    cited, told, number = view.lasting("/points"), telling.of_points(view), len(view.kept)
    assert (number, cited) == (1, f"{SITE}/e/2026-03/points?status=promised")
    for edit in range(1, 6):
        commit(path, REGISTRY.replace("Open shelters", f"Open more shelters {edit}"), f"2026-04-0{edit}")
    again = followed(client.get(cited))
    assert (len(again.kept), telling.of_points(again), again.lasting("/points")) == (number, told, cited)
    assert "Open more" not in pages.points(again, "1")
    assert viewed("/points", status="promised").kept.rows == ()


# --- the address ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("", "/?"),
        ("/", "/?"),
        ("/points?status=promised&status=blocked&lang=ru", "/points?status=promised&status=blocked&lang=ru&"),
        ("/points?published_on=2020-01-01&as_of=2026-03-01", "/points?as_of=2026-03-01&"),
        ("/points?published_on=2999-01-01", "/points?"),
        ("/r/open-shelters", "/r/open-shelters?"),
        ("/r/open-shelters/", "/r/open-shelters?"),
        ("/embed/open-shelters", "/embed/open-shelters?"),
        ("/api/v1/records.json?side=state", "/api/v1/records.json?side=state&"),
        ("/api/v1/all-csv.zip", "/api/v1/all-csv.zip?"),
        ("/feed.atom", "/feed.atom?"),
        ("/report.html", "/report.html?"),
        ("/brief.pdf?theme=shelters", "/brief.pdf?theme=shelters&"),
    ],
)
def test_an_address_of_an_edition_leads_to_the_same_page_of_its_state(
    path: Path, client: TestClient, asked: str, leads_to: str
) -> None:
    make(path)
    answer = client.get(f"/e/2026-03{asked}")
    found = editions.edition(path, "2026-03")
    assert found
    assert answer.headers["location"] == f"{leads_to}published_on=2026-03-12-{found.commit.name}"
    assert answer.headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.example/x", "/%2F/evil.example", "/\\evil.example", "/%5Cevil.example", "/https://evil.example",
        "/../../evil", "/%2e%2e/points", "/points%0d%0aX: y", "/r/..%2f..", "/r/A", "/api/v1/../x.json", "/nowhere", "/_stcore/health",
    ],
)  # fmt: skip
def test_an_edition_leads_nowhere_but_to_our_pages(path: Path, client: TestClient, asked: str) -> None:
    make(path)
    answer = client.get(f"{SITE}/e/2026-03{asked}")
    assert answer.status_code == 404
    assert "location" not in answer.headers


def test_an_unknown_edition_is_a_page_that_names_those_there_are(path: Path, client: TestClient) -> None:
    make(path)
    answer = client.get("/e/%3Cscript%3E1/points")
    assert answer.status_code == 404
    assert "No edition of this registry is called “&lt;script&gt;1”" in answer.text
    assert '<a href="/e/2026-03/">Edition 2026-03</a>' in answer.text
    assert "<script" not in answer.text


def test_an_edition_of_a_day_to_come_is_not_there_yet(path: Path, client: TestClient) -> None:
    make(path, on=date(2099, 1, 1))
    assert client.get("/e/2026-03/").status_code == 404


# --- the command ------------------------------------------------------------------------------------


def refused(path: Path, name: str, code: int, says: str, *more: str) -> None:
    tags = output(path, "tag")
    done = command("--registry", path, "edition", name, *more, cwd=path.parent)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert output(path, "tag") == tags
    assert not list(path.parent.glob("editions/*"))


def test_what_is_not_committed_cannot_be_an_edition(path: Path) -> None:
    with path.open("a") as file:
        file.write("# a comment\n")
    refused(
        path, "2026-03", 4, "not committed yet: recommendations.yaml; commit it (git commit), then make the edition"
    )
    git(path.parent, "checkout", "-q", "recommendations.yaml")
    (path.parent / "sources" / "report-two.yaml").write_text("not in git yet")
    refused(path, "2026-03", 1, "report-two.yaml")


def test_a_registry_with_errors_cannot_be_an_edition(path: Path) -> None:
    commit(path, REGISTRY.replace("side: foreign", "side: abroad"), "2026-03-11")
    refused(path, "2026-03", 1, "1 error; mend them and commit, then make the edition")


def test_a_name_is_given_once(path: Path) -> None:
    make(path)
    refused(path, "2026-03", 4, "edition 2026-03 was made on 2026-03-12 and stays as it is; take another name")


def test_names_that_a_folder_could_not_tell_apart_are_one(path: Path) -> None:
    make(path, "First")
    refused(path, "first", 4, "edition First was made on")


def test_a_name_that_is_not_safe_is_wrong_usage(path: Path) -> None:
    refused(path, "../x", 2, "cannot be a name; write 1 to 40 Latin letters")


def test_a_foreign_folder_is_left_alone(path: Path) -> None:
    foreign = path.parent.parent / "papers"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    refused(path, "2026-03", 2, "holds files that are not of a site of ours", "-o", str(foreign))
    assert [each.name for each in foreign.iterdir()] == ["thesis.txt"]


def test_without_history_there_is_no_edition(tmp_path: Path) -> None:
    path = written(tmp_path)
    done = command("--registry", path, "edition", "2026-03", cwd=tmp_path)
    assert done.returncode == 6
    assert "is not in a git repository; git init and a commit start its history" in done.stderr


def test_a_reader_makes_no_edition(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_ROLE", "reader")
    refused(path, "2026-03", 5, "a reader may not save")


def test_editions_are_listed(path: Path) -> None:
    make(path)
    done = command("--registry", path, "edition", "--list", cwd=path.parent)
    found = editions.edition(path, "2026-03")
    assert found
    assert done.stdout == f"2026-03              made on 2026-03-12, version {found.commit.name} of 2026-03-10\n"


# --- cards, and what search engines ask for ---------------------------------------------------------


def test_anybody_may_frame_a_card_and_nothing_else(path: Path, client: TestClient) -> None:
    card = client.get("/embed/open-shelters")
    assert "frame-ancestors *" in card.headers["content-security-policy"]
    assert "default-src 'none'" in card.headers["content-security-policy"]
    assert "script" not in card.text
    for page in ("/r/open-shelters", "/e/none/", "/nowhere"):
        assert "frame-ancestors 'self'" in client.get(page).headers["content-security-policy"], page


def test_a_card_says_where_its_record_stands_and_leads_there(path: Path, client: TestClient) -> None:
    card = client.get("/embed/open-shelters?lang=ru").text
    assert '<html lang="ru">' in card
    assert "Открыть приюты" in card
    assert "g-promised" in card
    assert 'href="/r/open-shelters?lang=ru" target="_blank" rel="noopener"' in card


def test_a_card_of_no_record_is_not_found(path: Path, client: TestClient) -> None:
    answer = client.get("/embed/%3Cb%3E")
    assert (answer.status_code, "There is no such point" in answer.text) == (404, True)
    assert "<b>" not in answer.text


def test_the_lines_for_a_frame_name_the_record_and_let_it_do_little(path: Path) -> None:
    written(path.parent, REGISTRY.replace("en: Open shelters,", "en: '\"><script>alert(1)</script>',"))
    line = telling.embed(viewed("/record", id="open-shelters"), "open-shelters")
    assert "<script" not in line
    assert 'title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in line
    assert f'src="{SITE}/embed/open-shelters?lang=en"' in html.unescape(line)
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in line
    assert 'loading="lazy"' in line


def test_the_sitemap_holds_each_page_and_record_once_with_the_day_of_its_last_look(
    path: Path, client: TestClient
) -> None:
    answer = client.get("/sitemap.xml?published_on=2020-01-01")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = {
        url.findtext(f"{space}loc"): url.findtext(f"{space}lastmod") for url in ElementTree.fromstring(answer.text)
    }
    assert found[f"{SITE}/r/open-shelters"] == "2025-06"
    assert found[f"{SITE}/r/fund-shelters"] is None
    assert f"{SITE}/points" in found
    assert len(found) == 10


def test_search_engines_are_kept_from_past_states(path: Path, client: TestClient) -> None:
    lines = client.get("/robots.txt").text.splitlines()
    assert "Disallow: /e/" in lines
    assert "Disallow: /*published_on=" in lines
    assert f"Sitemap: {SITE}/sitemap.xml" in lines
