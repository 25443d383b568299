"""Signing in with a real provider on this computer, in a real browser."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import READY
from tests.small import ROOT
from tools.run_login import ROLES, answering, free_port, provider, written_settings


@dataclass(frozen=True)
class Site:
    """The dashboard where people can sign in, and its settings."""

    address: str
    settings: Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The dashboard with a script that tells who has opened it (who/page.py)."""
    folder = tmp_path_factory.mktemp("login")
    port, log = free_port(), folder / "log"
    with provider(free_port()) as people, log.open("wb") as out:
        settings = written_settings(folder / "secrets.toml", people)
        words = [sys.executable, "-m", "streamlit", "run", "tests/browser/who/app.py", "--server.port", str(port)]
        env = {name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "STREAMLIT_"))}
        env |= {"STREAMLIT_SECRETS_FILES": str(settings), "PYTHONPATH": str(ROOT)}
        running = subprocess.Popen(words, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            answering(f"http://localhost:{port}/_stcore/health", running)
            yield Site(f"http://localhost:{port}", settings)
        finally:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(15)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    opened = browser.new_context(locale="en-GB")
    opened.set_default_timeout(READY)
    yield opened
    opened.close()
    site.settings.write_text(site.settings.read_text("utf-8").partition("\n[[people]]")[0] + ROLES, "utf-8")


def sign_in(page: Page, site: Site, sub: str, address: str = "/signin") -> None:
    page.goto(site.address + address)
    page.locator(f"button[name=sub][value={sub}]").click()
    page.wait_for_url(f"{site.address}/**")


def told(page: Page, site: Site) -> str:
    """Who the server says asks, by an address of its own."""
    answer = page.request.get(f"{site.address}/who.txt")
    return answer.text()


def on_the_page(page: Page, says: str) -> None:
    """Who Streamlit's script says has opened it."""
    expect(page.get_by_text("You are:")).to_have_text(f"You are: {says}", timeout=READY)


@pytest.mark.parametrize(
    ("sub", "says"),
    [("editor", "editor editors"), ("contributor", "contributor civil-society"), ("unverified", "reader")],
)
def test_who_signs_in_is_what_the_list_says(context: BrowserContext, site: Site, sub: str, says: str) -> None:
    page = context.new_page()
    page.goto(site.address)
    on_the_page(page, "reader")
    assert told(page, site) == "reader"
    sign_in(page, site, sub)
    on_the_page(page, says)
    assert told(page, site) == says


def test_signing_in_leads_back_to_where_it_began(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(f"{site.address}/r/ilo-c190-ratification?lang=ru")
    page.locator('a[href^="/signin"]').click()
    page.locator("button[name=sub][value=editor]").click()
    page.wait_for_url(f"{site.address}/r/ilo-c190-ratification?lang=ru")
    assert told(page, site) == "editor editors"


def test_signing_in_under_another_name_of_this_computer_works(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(site.address.replace("localhost", "127.0.0.1") + "/signin?next=/points")
    page.locator("button[name=sub][value=editor]").click()
    page.wait_for_url(f"{site.address}/points")
    assert told(page, site) == "editor editors"


def test_who_signs_out_is_a_reader_on_every_page_that_is_still_open(context: BrowserContext, site: Site) -> None:
    page, open_still = context.new_page(), context.new_page()
    sign_in(page, site, "editor")
    open_still.goto(site.address)
    on_the_page(open_still, "editor editors")
    copied = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies(site.address))
    page.goto(f"{site.address}/leave")
    if page.get_by_role("button").count():  # the provider asks once more
        page.get_by_role("button").first.click()
    page.wait_for_url(f"{site.address}/")
    on_the_page(page, "reader")
    assert told(page, site) == "reader"
    open_still.get_by_role("button", name="Ask again").click()
    on_the_page(open_still, "reader")
    answer = context.request.get(f"{site.address}/who.txt", headers={"Cookie": copied})
    assert answer.text() == "reader"


def test_a_role_taken_away_is_gone_at_the_next_act_on_an_open_page(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    sign_in(page, site, "editor")
    on_the_page(page, "editor editors")
    site.settings.write_text(site.settings.read_text("utf-8").replace("Editor@", "somebody@"), "utf-8")
    page.get_by_role("button", name="Ask again").click()
    on_the_page(page, "reader")
    assert told(page, site) == "reader"


def test_who_declines_at_the_provider_is_a_reader_and_back_where_it_began(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(f"{site.address}/signin?next=/r/ilo-c190-ratification")
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(f"{site.address}/r/ilo-c190-ratification")
    assert told(page, site) == "reader"


def test_a_page_of_another_port_of_this_computer_is_a_readers(context: BrowserContext, site: Site) -> None:
    """Streamlit opens its WebSocket to it, and the browser sends our cookies along."""
    sign_in(context.new_page(), site, "editor")
    kept = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies(site.address))
    for origin, says in ((site.address, "editor editors"), ("http://localhost:1", "reader"), ("null", "reader")):
        answer = context.request.get(f"{site.address}/who.txt", headers={"Cookie": kept, "Origin": origin})
        assert answer.text() == says
