"""One server over the shipped registry and one Chromium for all browser tests; a fresh context for each visit."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.small import ROOT

READY = 30_000
"""Milliseconds that a page may take on a busy machine."""

Scheme = Literal["light", "dark"]
Visiting = Callable[..., AbstractContextManager["Visit"]]


@dataclass
class Visit:
    """An open page and what happened while it was open."""

    page: Page
    server: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, address: str) -> "Visit":
        self.page.goto(self.server + address)
        return self.settled()

    def settled(self) -> "Visit":
        """Waits until Streamlit has taken over, has no script running and nothing half drawn."""
        page = self.page
        page.locator("#before").wait_for(state="detached", timeout=READY)
        page.locator(".t footer").wait_for(state="visible", timeout=READY)
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=READY)
        expect(page.locator('[data-testid="stSkeleton"]')).to_have_count(0, timeout=READY)
        page.evaluate("document.fonts.ready")
        return self

    @property
    def address(self) -> str:
        return self.page.url.removeprefix(self.server)

    def titles(self) -> list[str]:
        """The records of All points, in their order."""
        return self.page.locator(".t .list h3").all_inner_texts()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `streamlit run dashboard/app.py`, over the registry that ships."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "STREAMLIT_"))}
    with log.open("wb") as out:
        running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            address = f"http://localhost:{port}"
            _wait_for(address, running, log)
            yield address
        finally:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(15)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


def _wait_for(address: str, running: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        assert running.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {address} in 30 seconds:\n{log.read_text('utf-8')}")


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> "Iterator[Callable[[str], BrowserContext]]":
    """One context a locale, so that Streamlit's scripts are fetched once."""
    opened: dict[str, BrowserContext] = {}

    def context(locale: str) -> BrowserContext:
        if locale not in opened:
            opened[locale] = browser.new_context(locale=locale)
        return opened[locale]

    yield context
    for each in opened.values():
        each.close()


@pytest.fixture(scope="session")
def visiting(server: str, contexts: "Callable[[str], BrowserContext]") -> "Visiting":
    def opened(width: int = 1440, scheme: Scheme = "light", locale: str = "en-GB") -> "AbstractContextManager[Visit]":
        return _visit(contexts(locale), server, width, scheme)

    return opened


@contextmanager
def _visit(context: BrowserContext, server: str, width: int, scheme: Scheme) -> Iterator[Visit]:
    """A page of its own, and so a session of its own."""
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.set_default_timeout(READY)
    visit = Visit(page, server)
    _watched(visit)
    yield visit
    page.close()


@pytest.fixture
def visit(visiting: "Visiting") -> Iterator[Visit]:
    """A desktop visit in English."""
    with visiting() as made:
        yield made


def _watched(visit: Visit) -> None:
    """Notes every request to another host, and what the console complains of."""
    visit.page.on("request", lambda asked: _asked(asked.url, visit))
    visit.page.on("websocket", lambda opened: _asked(opened.url, visit))
    visit.page.on("console", lambda said: _complained(said, visit))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))


def _asked(url: str, visit: Visit) -> None:
    ours = (visit.server, visit.server.replace("http", "ws", 1), "data:", "blob:")
    if not url.startswith(ours):
        visit.foreign.append(url)


def _complained(said: ConsoleMessage, visit: Visit) -> None:
    """Streamlit looks for its health below the page's own path before it looks at the root: no fault of ours."""
    address = said.location["url"].removeprefix(visit.server)
    probe = re.fullmatch(r"/[\w-]+/_stcore/(health|host-config)", address)
    missing = address == "/record?id=no-such-record"  # a page of ours that answers 404, as it should
    if said.type == "error" and not probe and not missing:
        visit.complaints.append(f"{said.text} {said.location['url']}")
