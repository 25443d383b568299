"""The words in the page before Streamlit has come, and the headers around it."""

import asyncio
import html
import json
import re
import subprocess
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount
from starlette.types import Message, Receive, Scope, Send

from dashboard import reading, web
from dashboard.outputs import composed, pages
from tests import generate

SHELL = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()


async def _streamlit(scope: Scope, receive: Receive, send: Send) -> None:
    """What Streamlit answers: its page for every address, and scripts."""
    answer = PlainTextResponse("let a = 1", media_type="text/javascript") if scope["path"] == "/a.js" else None
    if b"range" in dict(scope["headers"]):
        answer = HTMLResponse(SHELL[:100], 206)
    await (answer or HTMLResponse(SHELL, headers={"etag": '"1"', "last-modified": "x"}))(scope, receive, send)


SITE = Starlette(routes=[*web.ROUTES, Mount("/", _streamlit)])
"""Our routes before Streamlit's pages, as st.App puts them."""


def fetched(*address: str, **more: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of an address."""
    found: tuple[int, dict[str, str], str] = _run(_asked(*address, **more))
    return found


async def _asked(
    path: str, query: str = "", languages: str = "en-GB,en;q=0.9", method: str = "GET", **more: str
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of an address."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    headers = [(b"accept", b"text/html"), (b"accept-language", languages.encode()), (b"accept-encoding", b"gzip")]
    headers += [(name.replace("_", "-").encode(), value.encode()) for name, value in more.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers}
    await web.PageHead(SITE)({**scope, "scheme": "http", "root_path": ""}, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    given = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], given, body.decode()


def _run(waited: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: the browser tests keep an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, waited).result()


@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        ("/", "", "asks and promises found in 5 texts"),
        ("/points", "status=refused", "Shown: 1 of 34"),
        (
            "/record",
            "id=istanbul-convention-accession",
            "Kazakhstan is working towards joining the Istanbul Convention",
        ),
    ],
)
def test_a_page_leaves_the_server_with_its_words_in_it(path: str, query: str, says: str) -> None:
    status, headers, body = fetched(path, query)
    before, root = body.split('<div id="root"></div>')
    assert status == 200
    assert says in before
    assert "<footer>" in before
    assert says not in root
    assert "<noscript>" not in body
    assert int(headers["content-length"]) == len(body.encode())


@pytest.mark.parametrize(
    ("query", "languages", "shown"),
    [
        ("", "kk-KZ,ru;q=0.5", "kk"),
        ("", "ru", "ru"),
        ("", "de-DE,ru;q=0.8", "en"),
        ("lang=ru", "kk", "ru"),
        ("lang=zz", "kk", "kk"),
        ("", "", "en"),
    ],
)
def test_the_page_says_which_language_it_is_in(query: str, languages: str, shown: str) -> None:
    _, headers, body = fetched("/", query, languages)
    assert re.findall(r"<html lang=\"(\w+)\"", body) == [shown]
    assert headers["vary"] == web.VARY
    assert "etag" not in headers
    assert "last-modified" not in headers


def test_a_record_is_told_in_the_title_for_link_previews() -> None:
    _, _, body = fetched("/record", "id=istanbul-convention-accession&lang=en")
    assert re.findall("<title>(.*?)</title>", body) == ["Join the Istanbul Convention · Asked and promised"]
    assert 'property="og:title" content="Join the Istanbul Convention' in body


def test_a_record_has_a_light_page_of_its_own_for_chats_and_slow_lines() -> None:
    status, headers, body = fetched("/r/istanbul-convention-accession", "lang=kk", host="tracker.example.org")
    assert status == 200
    assert "<script" not in body
    assert 'id="root"' not in body
    assert len(body.encode()) < 100_000
    assert 'lang="kk"' in body
    assert "Kazakhstan is working towards joining the Istanbul Convention" in body
    assert "http://tracker.example.org/record?id=istanbul-convention-accession" in body
    assert "script-src 'self';" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"


def test_a_link_preview_tells_title_status_and_date() -> None:
    _, _, body = fetched("/r/istanbul-convention-accession")
    [title] = re.findall('property="og:title" content="(.*?)"', body)
    [says] = re.findall('property="og:description" content="(.*?)"', body)
    assert title == "Join the Istanbul Convention · Asked and promised"
    assert "Where it stands: Promised, nothing more seen. True on 20 June 2024." in says
    assert "Checked on 21 November 2026." in says


@pytest.mark.parametrize("path", ["/r/no-such-record", "/r/..%2f", "/no-such-page", "/points/deeper", "/r"])
def test_what_is_not_there_answers_404_on_a_page_of_ours(path: str) -> None:
    status, headers, body = fetched(path)
    assert status == 404
    assert "<footer>" in body
    assert 'id="root"' not in body
    assert "content-security-policy" in headers


def test_a_picture_to_take_away_bears_its_title_and_where_it_is_from() -> None:
    status, _, body = fetched("/picture/themes.json", "side=state")
    figure = json.loads(body)
    assert status == 200
    told = " ".join(each["text"].replace("<br>", " ") for each in figure["layout"]["annotations"])
    assert "subjects something is recorded" in told
    assert "Asked and promised: Kazakhstan after January 2022; as on" in told
    assert "CC-BY-4.0" in told


def test_a_picture_to_take_away_says_what_was_selected_and_where_to_find_it_again() -> None:
    told = fetched("/picture/themes.json", "side=foreign", host="tracker.example.org")[2]
    words = " ".join(json.loads(told)["layout"]["annotations"][-1]["text"].replace("<br>", " ").split())
    assert "9 of 34 asks and promises found in 5 texts" in words
    assert "fit this selection: Foreign donors and governments." in words
    assert "http://tracker.example.org/points?side=foreign&amp;published_on=" in words.replace(" ", "")


@pytest.mark.parametrize(
    ("name", "query", "address"),
    [
        ("moved", "from=2023-01-01&to=2024-12-31", "/changes?"),
        ("timeline", "id=ilo-c190-ratification", "/record?id=ilo-c190-ratification&amp;"),
        ("known", "status=promised", "/points?status=promised&amp;"),
    ],
)
def test_a_picture_bears_the_address_of_the_page_that_shows_its_rows(name: str, query: str, address: str) -> None:
    told = fetched(f"/picture/{name}.json", query, host="tracker.example.org")[2]
    source = json.loads(told)["layout"]["annotations"][-1]["text"].replace("<br>", "")
    assert f"http://tracker.example.org{address}" in source


@pytest.mark.parametrize("page", ["/", "/points", "/actors", "/changes", "/desk"])
def test_every_button_of_a_picture_names_a_picture_that_is_there(page: str) -> None:
    _, _, body = fetched(page, "side=state&picture=steps")
    addresses = {html.unescape(found) for found in re.findall('data-figure="(.*?)"', body)}
    assert addresses
    for address in addresses:
        path, _, query = address.partition("?")
        assert fetched(path, query)[0] == 200, address


@pytest.mark.parametrize(
    ("name", "query"), [("no-such", ""), ("timeline", "id=nothing"), ("themes", "published_on=2020-01-01")]
)
def test_a_picture_that_is_not_there_answers_404(name: str, query: str) -> None:
    assert fetched(f"/picture/{name}.json", query)[0] == 404


def test_who_may_show_the_pages_in_a_frame_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "frame-ancestors 'self'" in fetched("/")[1]["content-security-policy"]
    monkeypatch.setattr(web, "ANCESTORS", "https://news.example.org")
    for path in ("/", "/r/ilo-c190-ratification"):
        assert "frame-ancestors https://news.example.org" in fetched(path)[1]["content-security-policy"]


@pytest.mark.parametrize("path", ["//evil.example/x", "/\t/evil.example/x", "/\n/evil.example", "/\\evil.example"])
def test_a_path_that_names_another_host_leads_nowhere_else(path: str) -> None:
    status, _, body = fetched(path, "lang=ru")
    assert status == 404
    assert "evil.example" not in body


def test_the_light_page_changes_its_language_in_place() -> None:
    _, _, body = fetched("/r/ilo-c190-ratification", "lang=kk&as_of=2026-01-01")
    assert 'href="/r/ilo-c190-ratification?as_of=2026-01-01&amp;lang=ru"' in body
    assert 'action="/r/ilo-c190-ratification"' in body
    assert "Light page to share" in fetched("/record", "id=ilo-c190-ratification")[2]
    assert "Light page to share" not in fetched("/r/ilo-c190-ratification")[2]


@pytest.mark.parametrize("path", ["/", "/no-such-page", "/r/ilo-c190-ratification"])
def test_who_asks_for_the_head_gets_that_of_the_page_and_no_body(path: str) -> None:
    status, headers, body = fetched(path)
    head_status, head, nothing = fetched(path, method="HEAD")
    assert (head_status, head) == (status, headers)
    assert body
    assert nothing == ""


def test_a_part_of_a_page_is_never_sent_alone() -> None:
    status, _, body = fetched("/points", range="bytes=0-99")
    assert status == 200
    assert "<footer>" in body


@pytest.mark.parametrize(
    ("scheme", "shown"), [("https", "https"), ("https, http", "https"), ("HTTPS", "https"), ("", "http")]
)
def test_the_scheme_is_the_one_that_the_reader_used(scheme: str, shown: str) -> None:
    more = {"x_forwarded_proto": scheme} if scheme else {}
    assert f"{shown}://tracker.example.org/" in fetched("/", host="tracker.example.org", **more)[2]


def test_while_a_page_is_being_drawn_the_others_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing, go_on = threading.Event(), threading.Event()
    real = web.painted

    def slow(asked: web.Asked) -> web.Painted:
        drawing.set()
        assert go_on.wait(20)
        return real(asked)

    async def both() -> str:
        monkeypatch.setattr(web, "painted", slow)
        page = asyncio.create_task(_asked("/"))
        await asyncio.to_thread(drawing.wait, 20)
        script = (await _asked("/a.js"))[2]
        go_on.set()
        assert "<footer>" in (await page)[2]
        return script

    assert _run(both()) == "let a = 1"


def test_a_browser_that_saves_data_gets_no_picture_unasked() -> None:
    plain, frugal = fetched("/points", "picture=themes")[2], fetched("/points", "picture=themes", save_data="on")[2]
    assert 'class="room"' in plain
    assert "data-picture=" in plain
    assert 'class="room"' not in frugal
    assert "data-picture=" not in frugal
    assert "The same as a table" in frugal


def test_a_site_can_name_its_own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_SITE", "https://tracker.example.org/")
    body = fetched("/", host="inside.example")[2]
    assert "https://tracker.example.org/?" in body
    assert "inside.example" not in body


def test_a_host_that_is_none_never_reaches_the_page() -> None:
    _, _, body = fetched("/", host='x"><script>alert(1)</script>')
    assert "alert(1)" not in body


def test_an_unknown_record_answers_404_and_what_was_asked_stays_text() -> None:
    status, _, body = fetched("/record", "id=%3Cscript%3Ealert(1)%3C/script%3E")
    assert status == 404
    assert "There is no such point" in body
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert" in body


def test_a_page_may_load_from_our_host_only_and_run_only_the_scripts_it_came_with() -> None:
    _, headers, body = fetched("/")
    policy = headers["content-security-policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert "unsafe-inline" not in directives["script-src"]
    assert directives["script-src"].count("sha256-") == len(re.findall("<script>", body))
    assert {value for name, value in headers.items() if name == "x-content-type-options"} == {"nosniff"}
    assert headers["referrer-policy"] == "no-referrer"


def test_what_is_no_page_passes_unchanged_but_for_the_headers() -> None:
    status, headers, body = fetched("/a.js")
    assert (status, body) == (200, "let a = 1")
    assert headers["x-content-type-options"] == "nosniff"


def test_without_a_registry_the_page_says_so_and_answers_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_REGISTRY", str(tmp_path / "recommendations.yaml"))
    status, _, body = fetched("/")
    assert status == 503
    assert "The registry cannot be read" in body
    assert web._health(None).status_code == 503  # type: ignore[arg-type]


def test_the_style_comes_once_behind_whatever_streamlit_has_in_the_head_and_before_the_words() -> None:
    _, _, body = fetched("/")
    assert body.count(pages.style()) == 1
    assert body.index("</head>") < body.index(pages.style()) < body.index('<div id="before"')


def test_a_fault_in_the_words_does_not_take_the_page_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    composed.forget()
    monkeypatch.setattr(pages, "start", lambda view: 1 // 0)
    status, _, body = fetched("/")
    assert status == 200
    assert '<div id="before" hidden>' in body
    assert '<div id="root"></div>' in body


def test_the_last_good_state_stays_while_the_file_is_being_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "recommendations.yaml"
    path.write_bytes((reading.path()).read_bytes())
    (tmp_path / "sources").mkdir()
    for source in sorted((reading.path().parent / "sources").glob("*.yaml")):
        (tmp_path / "sources" / source.name).write_bytes(source.read_bytes())
    monkeypatch.setenv("TRACKER_REGISTRY", str(path))
    now = reading.state()
    assert now is not None
    assert not now.behind
    path.write_text("cut off")
    later = reading.state()
    assert later is not None
    assert later.behind
    assert later.loaded is now.loaded


def test_the_foot_no_longer_speaks_of_uncommitted_changes_once_they_are_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=", *words], check=True)

    path = generate.write(tmp_path, generate.registry(3, 12))
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "first")
    with path.open("a") as file:
        file.write("# a remark\n")
    monkeypatch.setenv("TRACKER_REGISTRY", str(path))
    monkeypatch.setattr(reading, "EDITION_SECONDS", 1e-6)
    before = reading.view("/", {}, "en")
    git("commit", "--quiet", "--all", "--message", "second")
    after = reading.view("/", {}, "en")
    assert before
    assert before.edition
    assert before.edition.changed
    assert after
    assert after.edition
    assert not after.edition.changed
    assert after.edition.commit != before.edition.commit
