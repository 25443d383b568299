"""The dashboard as files: whole, small, of one day; every link leads to a file, and nothing to anybody else."""

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from dashboard.language import NAMES
from dashboard.outputs import report, site
from dashboard.registry.scalars import today
from dashboard.verbs import folders
from dashboard.verbs import site as verb
from tests.markup import Element, parsed
from tests.small import REGISTRY, ROOT, command, git, written

ADDRESS = "https://example.org/kz"
HOSTILE = '"><script>alert(1)</script><!-- </script> & \u2019'


def commit(folder: Path, day: str) -> None:
    git(folder, "add", "-A")
    moment = f"{day}T09:00:00Z"
    env = {**os.environ, "GIT_COMMITTER_DATE": moment, "GIT_AUTHOR_DATE": moment}
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, "commit", "-qm", day], check=True, env=env)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with an edition, in which the shelters are promised, and one later commit with hostile words."""
    folder = tmp_path_factory.mktemp("repository")
    path = written(folder, REGISTRY.replace("status: in-progress", "status: promised"))
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "2026-03-10")
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "tag.gpgSign=false")
    env = {**os.environ, "GIT_COMMITTER_DATE": "2026-03-12T00:00:00Z"}
    tag = ["git", "-C", str(folder), *who, "tag", "-a", "-m", "edition", "edition/2026-03"]
    subprocess.run(tag, check=True, env=env)
    written(folder, REGISTRY.replace("en: Open shelters,", f"en: {json.dumps(f'Open shelters {HOSTILE}')},"))
    commit(folder, "2026-05-20")
    return path


@pytest.fixture(scope="module")
def made(repository: Path) -> Path:
    """The site of that registry."""
    folder = repository.parent.parent / "made"
    done = command("--registry", repository, "site", folder, "--address", ADDRESS + "/")
    assert done.returncode == 0, done.stderr
    assert ", and 1 edition" in done.stdout
    return folder


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text("utf-8")


def page(folder: Path, name: str) -> Element:
    return parsed(read(folder, name))


# --- what is in it ----------------------------------------------------------------------------------


def test_the_site_holds_the_report_each_record_in_each_language_the_data_and_the_feed(made: Path) -> None:
    there = {each.relative_to(made).as_posix() for each in made.rglob("*") if each.is_file()}
    for name in ("open-shelters", "fund-shelters"):
        for file in (
            "index.html", "index.ru.html", "index.kk.html", "card.html", "card.ru.html", "card.kk.html",
        ):  # fmt: skip
            assert f"r/{name}/{file}" in there
            assert f"e/2026-03/r/{name}/{file}" in there
    assert {
        *("index.html", "404.html", ".nojekyll", "robots.txt", "sitemap.xml", "feed.atom"),
        *(f"api/v1/{name}" for name in ("registry.json", "records.json", "records.csv", "changes.json")),
        *("api/v1/assessments.csv", "api/v1/decisions.json", "e/2026-03/index.html", "e/2026-03/api/v1/records.csv"),
        folders.LIST,
    } <= there


def test_every_link_within_the_site_leads_to_a_file(made: Path) -> None:
    for file in made.rglob("*.html"):
        for address in _addresses(parsed(file.read_text("utf-8"))):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                assert parts.scheme in ("http", "https", "data", "mailto"), (file, address)
                continue
            assert not parts.path.startswith("/"), (file, address)
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            assert target.is_file(), (file, address)
            assert target.is_relative_to(made.resolve()), (file, address)
            if target.name == "index.html" and parts.fragment.startswith("/"):
                path = parts.fragment.partition("?")[0]  # a page of the report; of an answer it is that of changes
                path = "/report-change" if path == "/answer" else path
                assert path == "/record" or f'id="{path}"' in target.read_text("utf-8"), (file, address)


def _addresses(html: Element) -> Iterator[str]:
    """Where links lead and what is asked for. Forms send nothing there, and are filled in when they are shown."""
    filled_in = [each for each in html.all("template") if each.attributes["id"].startswith("form-")]
    for each in html.without(*filled_in).every():
        for name in ("href", "src"):
            if each.attributes.get(name):
                yield each.attributes[name]


def test_the_pages_of_records_have_no_script_and_a_policy_that_allows_none(made: Path) -> None:
    for file in made.glob("**/r/**/*.html"):
        html = parsed(file.read_text("utf-8"))
        assert {each.attributes.get("type") for each in html.all("script")} <= {"application/ld+json"}, file
        [policy] = [m for m in html.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy"]
        assert policy.attributes["content"].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
        assert not [name for each in html.every() for name in each.attributes if name.startswith("on")], file
        assert not [a for a in html.all("a") if "download" in a.attributes], file  # nothing makes files there
        assert file.stat().st_size < 40_000, file


def test_a_record_leads_to_itself_in_the_other_languages(made: Path) -> None:
    for language in NAMES:
        html = page(made, f"r/open-shelters/{site.index(language)}")
        assert html.one("html").attributes["lang"] == language
        links = [a.attributes["href"] for a in html.one("div", "languages").all("a")]
        assert links == [site.index(each) for each in NAMES]
    assert "Открыть приюты" in read(made, "r/open-shelters/index.ru.html")


def test_a_record_tells_a_link_preview_where_it_stands(made: Path) -> None:
    html = page(made, "r/open-shelters/index.html")
    told = {m.attributes["property"]: m.attributes["content"] for m in html.all("meta") if "property" in m.attributes}
    assert told["og:title"] == f"Open shelters {HOSTILE}"
    assert "Where it stands: Under way. True on 1 March 2025." in told["og:description"]
    assert told["og:url"] == f"{ADDRESS}/r/open-shelters/"
    assert told["og:locale"] == "en_GB"
    [canonical] = [each for each in html.all("link") if each.attributes.get("rel") == "canonical"]
    assert canonical.attributes["href"] == f"{ADDRESS}/r/open-shelters/"
    russian = read(made, "r/open-shelters/index.ru.html")
    assert f'<link rel="canonical" href="{ADDRESS}/r/open-shelters/index.ru.html">' in russian


def test_a_record_is_a_dataset_of_schema_org_that_nothing_in_it_can_end(made: Path) -> None:
    text = read(made, "r/open-shelters/index.html")
    [data] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert "<" not in data
    found = json.loads(data)
    assert found["@type"] == "Dataset"
    assert found["name"] == f"Open shelters {HOSTILE}"
    assert found["identifier"] == "open-shelters"
    assert found["url"] == f"{ADDRESS}/r/open-shelters/"
    assert found["dateModified"] == "2025-06"
    assert found["license"] == "https://spdx.org/licenses/CC-BY-4.0.html"
    assert "publisher" not in found  # not yet named
    assert re.fullmatch("[0-9a-f]{12}", found["version"])
    for each in found["isPartOf"]["distribution"]:
        assert (made / "r/open-shelters" / each["contentUrl"]).is_file()
    edition = read(made, "e/2026-03/r/open-shelters/index.html")
    assert json.loads(re.findall(r'ld\+json">(.*?)</script>', edition, re.DOTALL)[0])["version"] == "2026-03"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("CC-BY-4.0", "https://spdx.org/licenses/CC-BY-4.0.html"),
        ("all rights reserved", "all rights reserved"),
        ("x/../y-1", "x/../y-1"),
    ],
)
def test_a_licence_goes_by_its_address_where_it_has_one(name: str, address: str) -> None:
    assert site.licence(name) == address


def test_an_edition_keeps_its_words_and_says_which_it_is(made: Path) -> None:
    then = page(made, "e/2026-03/r/open-shelters/index.html")
    assert then.one("h1").text == "Open shelters"
    assert "Promised, nothing more seen" in then.text
    assert "Edition 2026-03: how it stood on 12 March 2026." in then.text
    assert f"{ADDRESS}/e/2026-03/r/open-shelters/" in then.text
    assert "script>alert" not in read(made, "e/2026-03/r/open-shelters/index.html")
    newest = [a.attributes["href"] for a in then.all("a") if a.text == "The newest state"]
    assert newest == ["../../../../index.html"]


def test_the_sitemap_is_there_only_where_the_address_is_known(made: Path, repository: Path, tmp_path: Path) -> None:
    places = [
        each.text for each in ElementTree.fromstring(read(made, "sitemap.xml")).iter() if each.tag.endswith("loc")
    ]
    assert places == [f"{ADDRESS}/", f"{ADDRESS}/r/open-shelters/", f"{ADDRESS}/r/fund-shelters/"]
    assert read(made, "robots.txt").endswith(f"Disallow: /kz/e/\nAllow: /\nSitemap: {ADDRESS}/sitemap.xml\n")
    command("--registry", repository, "site", tmp_path / "nowhere")
    assert not (tmp_path / "nowhere" / "sitemap.xml").exists()
    assert "Sitemap" not in read(tmp_path / "nowhere", "robots.txt")


def test_every_file_is_in_the_list_of_checksums(made: Path) -> None:
    subprocess.run(["sha256sum", "-c", "--strict", "--quiet", folders.LIST], cwd=made, check=True)
    listed = {line.partition("  ")[2] for line in read(made, folders.LIST).splitlines()}
    assert listed == {
        each.relative_to(made).as_posix() for each in made.rglob("*") if each.is_file() and each.name != folders.LIST
    }


def test_the_same_commit_and_day_make_the_same_bytes(made: Path, repository: Path, tmp_path: Path) -> None:
    before = digests(made)
    command("--registry", repository, "site", tmp_path / "again", "--address", ADDRESS)
    assert digests(tmp_path / "again") == before


def digests(folder: Path) -> dict[str, str]:
    return {
        each.relative_to(folder).as_posix(): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in folder.rglob("*")
        if each.is_file()
    }


def test_no_file_tells_an_hour(made: Path) -> None:
    for file in made.rglob("*"):
        if file.is_file():
            hours = set(re.findall(r"T(\d\d:\d\d[:\dZ+.]*)", file.read_text("utf-8", "replace")))
            assert hours <= {"00:00:00Z", "00:00:00+00:00"}, file


def test_where_the_report_cannot_hold_all_records_they_are_listed(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "MOST", 1)
    view, _ = verb.shown(Namespace(registry=repository, address=ADDRESS), today())
    found = dict(site.files(view, {}))
    for language in NAMES:
        first = parsed(found[site.index(language)].decode())
        links = [a.attributes["href"] for a in first.one("main").all("a")]
        assert f"r/fund-shelters/{site.index(language)}" in links
        assert all(link in found for link in links)
        assert not first.all("script")


# --- the command ------------------------------------------------------------------------------------


def test_a_foreign_folder_is_refused(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    done = command("--registry", repository, "site", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "name a new or an empty folder" in done.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org",
        "example.org",
        "https://a:b@example.org",
        "https://x/?q",
        "https://x/'",
        "http://[x",
        "https://h:99999x/",
        "https://h:0/",
        "https://x/#a",
    ],
)
def test_an_address_that_is_none_is_refused(repository: Path, tmp_path: Path, address: str) -> None:
    done = command("--registry", repository, "site", tmp_path / "new", "--address", address)
    assert done.returncode == 2
    assert "--address" in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_site_is_replaced_and_what_is_gone_from_the_registry_goes(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    path = written(tmp_path / "registry")
    assert command("--registry", path, "site", folder).returncode == 0
    (folder / "CNAME").write_text("example.org")
    path.write_text(REGISTRY.replace("id: fund-shelters", "id: pay-shelters"))
    assert command("--registry", path, "site", folder).returncode == 0
    assert sorted(each.name for each in (folder / "r").iterdir()) == ["open-shelters", "pay-shelters"]
    assert read(folder, "CNAME") == "example.org"


def test_many_records_are_told_on_the_way(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom dashboard.verbs import site\n"
        "list(site.told(((f'r/{n}/card.kk.html', b'') for n in range(1000)), 1000))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[0] == "50 of 1,000 records"
    assert len(done.stderr.splitlines()) == 20


def test_an_edition_writes_its_site_its_tables_and_its_briefs(repository: Path, tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    path = written(folder)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "2026-05-20")
    done = command("--registry", path, "edition", "first", "--address", ADDRESS, cwd=folder)
    assert done.returncode == 0, done.stderr
    made = folder / "editions" / "first"
    assert (
        subprocess.run(
            ["git", "-C", str(folder), "status", "--porcelain"], capture_output=True, text=True, check=True
        ).stdout
        == ""
    )
    subprocess.run(["sha256sum", "-c", "--strict", "--quiet", folders.LIST], cwd=made, check=True)
    there = {each.relative_to(made).as_posix() for each in made.rglob("*") if each.is_file()}
    briefs = {f"brief/brief.{language}.{form}" for language in NAMES for form in ("pdf", "docx")}
    assert {"README.txt", "report.html", "site/index.html", "site/e/first/index.html", *briefs} <= there
    assert len([each for each in there if each.startswith("data/")]) == 5
    assert "edition first, data of 20 May 2026" in read(made, "README.txt")
    assert "edition first, data of 20 May 2026" in read(made, "site/r/open-shelters/index.html")
    assert f"{ADDRESS}/e/first/r/open-shelters/" in read(made, "site/r/open-shelters/index.html")
    again = command("--registry", path, "edition", "first", cwd=folder)
    assert again.returncode == 4


# --- on a web host and from a disk ------------------------------------------------------------------


@contextmanager
def hosted(folder: Path) -> Iterator[str]:
    """A plain web server over a folder; its address."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *given: Any) -> None:
        pass


def opened(page: Page, made: Path, home: str) -> int:
    """Opens every page of a site, and every one that a link of it leads to: each asks only for what is in the
    site and complains of nothing. How many there are.
    """
    waiting = [home + each.relative_to(made).as_posix() for each in made.rglob("*.html")]
    seen: set[str] = set()
    wrong: list[str] = []
    page.on(
        "request", lambda asked: None if asked.url.startswith((home, "data:", "blob:")) else wrong.append(asked.url)
    )
    page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
    page.on("console", lambda said: wrong.append(f"{said.text} {said.location}") if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        page.goto(address)
        links = page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.href)")
        waiting += [link.partition("#")[0] for link in links if link.startswith(home) and ".html" in link]
        assert not wrong, (address, wrong)
    return len(seen)


def test_on_a_host_under_a_path_every_page_opens_and_asks_nobody_else(made: Path, browser: Browser) -> None:
    with hosted(made.parent) as server:
        page = browser.new_page()
        assert opened(page, made, f"{server}/{made.name}/") == len(list(made.rglob("*.html")))
        page.goto(f"{server}/{made.name}/r/open-shelters")  # as a link in a chat has it
        assert page.locator("h1").inner_text().startswith("Open shelters")
        page.close()


def test_from_a_disk_every_page_opens_and_asks_for_nothing_else(made: Path, browser: Browser) -> None:
    page = browser.new_page()
    assert opened(page, made, made.resolve().as_uri() + "/") == len(list(made.rglob("*.html")))
    page.close()


def test_from_a_record_the_report_opens_in_its_language(made: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto((made / "r" / "open-shelters" / "index.kk.html").resolve().as_uri())
    page.locator(".acts a").first.click()
    page.locator("html[lang=kk]").wait_for(state="attached")
    assert page.url.endswith("/index.html#/report-change?id=open-shelters&lang=kk")
    assert page.locator(".sheet.on").get_attribute("id") == "/report-change"
    page.close()


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("width", [320, 390, 1440])
def test_a_record_fits_its_screen(made: Path, browser: Browser, language: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((made / "r" / "open-shelters" / site.index(language)).resolve().as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").is_visible()
    page.close()
