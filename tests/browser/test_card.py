"""The card of a record in a frame of somebody else's page, on another host than ours."""

import html
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from dashboard.language import NAMES, translator
from dashboard.outputs import telling
from dashboard.outputs.view import View
from dashboard.progress.filters import Filters
from dashboard.registry import reader
from dashboard.registry.scalars import Clock, today
from tests.small import ROOT

RECORD = "istanbul-convention-accession"
READY = 30_000


@contextmanager
def hosted(page: str) -> Iterator[str]:
    """A page on a web server of its own; its address."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *given: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
def registry_view() -> View:
    registry = reader.load(ROOT / "recommendations.yaml", today()).registry
    assert registry
    return View(registry, Clock(today(), today()), translator("en"), Filters())


def lines(view: View, server: str, name: str = RECORD) -> str:
    """What a record's page offers for copying."""
    return telling.embed(View(view.registry, view.clock, view.tr, view.filters, origin=server), name)


@contextmanager
def framing(context: BrowserContext, body: str) -> Iterator[tuple[Page, FrameLocator, list[str]]]:
    """A page of somebody else with a frame in it, and what its console complains of."""
    with hosted(f"<!DOCTYPE html><meta charset=utf-8><title>Another page</title><h1>News</h1>{body}") as address:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(address, timeout=READY)
        yield page, page.frame_locator("iframe"), said
        page.close()


def test_a_card_shows_in_a_frame_on_another_host_and_opens_its_record_in_a_tab(
    server: str, contexts: Callable[[str], BrowserContext], registry_view: View
) -> None:
    with framing(contexts("en-GB"), lines(registry_view, server)) as (page, frame, said):
        expect(frame.get_by_role("heading", name="Join the Istanbul Convention")).to_be_visible(timeout=READY)
        expect(frame.locator(".big")).to_have_text("Promised, nothing more seen")
        assert page.locator("iframe").get_attribute("title") == "Join the Istanbul Convention"
        with page.context.expect_page(timeout=READY) as opened:
            frame.get_by_role("link", name="Open the record").click()
        opened.value.wait_for_load_state(timeout=READY)
        assert opened.value.url.startswith(f"{server}/r/{RECORD}")
        assert opened.value.evaluate("window.opener") is None
        assert "Join the Istanbul Convention" in opened.value.title()
        opened.value.close()
        assert page.url.startswith("http://127.0.0.1")
        assert said == []


@pytest.mark.parametrize("path", [f"/r/{RECORD}", "/points", f"/record?id={RECORD}"])
def test_no_other_page_shows_in_a_frame_on_another_host(
    server: str, contexts: Callable[[str], BrowserContext], path: str
) -> None:
    with framing(contexts("en-GB"), f'<iframe src="{server}{path}"></iframe>') as (page, frame, said):
        expect(page.locator("iframe")).to_be_visible()
        page.wait_for_function("performance.getEntriesByType('resource').length > 0", timeout=READY)
        page.wait_for_timeout(300)
        assert frame.locator("footer").count() == 0
        assert any("frame-ancestors" in each for each in said), said


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize(("width", "height"), [(320, 200), (390, 240), (480, 240)])
def test_every_card_fits_a_small_frame_without_a_scroll_bar(
    server: str, contexts: Callable[[str], BrowserContext], registry_view: View, language: str, width: int, height: int
) -> None:
    page = contexts("en-GB").new_page()
    page.set_viewport_size({"width": width, "height": height})
    for name in registry_view.registry.records:
        page.goto(f"{server}/embed/{name}?lang={language}", timeout=READY)
        root = "document.documentElement"
        assert page.evaluate(f"[{root}.scrollWidth, {root}.scrollHeight]") == [width, height], name
        way = page.locator(".way a").bounding_box()
        assert way
        assert way["y"] + way["height"] <= height, name
    page.close()


def test_a_card_is_dark_where_its_reader_wants_it_dark(server: str, contexts: Callable[[str], BrowserContext]) -> None:
    page = contexts("en-GB").new_page()
    grounds = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(f"{server}/embed/{RECORD}", timeout=READY)
        grounds.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    page.close()
    assert grounds == ["rgb(255, 255, 255)", "rgb(17, 22, 28)"]


def test_the_lines_to_copy_are_one_frame_and_nothing_else(registry_view: View) -> None:
    line = lines(registry_view, "https://example.org")
    assert line.startswith("<iframe ")
    assert line.endswith("></iframe>")
    assert line.count("<") == 2
    assert f"https://example.org/embed/{RECORD}?lang=en" in html.unescape(line)
