"""The words that come before the script, and all that a reader without script has."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import READY, Visit
from tests.markup import parsed

RECORD = "/record?id=istanbul-convention-accession"


@pytest.fixture(scope="module")
def plain(browser: Browser) -> Iterator[Page]:
    """A page in which no script runs."""
    context = browser.new_context(java_script_enabled=False, locale="ru-RU", viewport={"width": 390, "height": 900})
    yield context.new_page()
    context.close()


def test_without_script_the_first_page_has_its_words_its_marks_and_its_language(plain: Page, server: str) -> None:
    plain.goto(server + "/")
    assert plain.locator("html").get_attribute("lang") == "ru"
    assert plain.locator(".t .marks a").count() == 34
    assert "34" in plain.locator(".t h1").inner_text()
    assert plain.locator(".t footer").is_visible()


def test_without_script_links_lead_to_records_lists_and_languages(plain: Page, server: str) -> None:
    plain.goto(server + "/")
    plain.locator(".t .marks a[href*='istanbul-convention-accession']").click()
    assert plain.url == server + RECORD
    title = plain.locator(".t h1").inner_text()
    assert title in plain.title()
    plain.locator('.t .languages a[lang="kk"]').click()
    assert plain.locator("html").get_attribute("lang") == "kk"
    assert plain.locator(".t h1").inner_text() != title
    plain.goto(server + "/points?side=society&lang=en")
    assert plain.locator(".t .list h3").count() == 5
    assert plain.locator(".t .shown").inner_text().startswith("Shown: 5 of 34")


@pytest.mark.parametrize("accept", ["text/html,*/*;q=0.8", "*/*"])
def test_a_record_that_is_not_there_is_answered_with_404(plain: Page, server: str, accept: str) -> None:
    """Also to what asks for anything at all, as the previews of links in chats do."""

    def status(address: str) -> int:
        return plain.request.get(server + address, headers={"accept": accept}).status

    assert [status(address) for address in ("/", "/points", RECORD, "/record?id=x")] == [200, 200, 200, 404]


def test_a_short_light_page_has_the_ground_of_its_scheme_to_the_end_of_the_screen(
    browser: Browser, server: str
) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(f"{server}/r/there-is-none")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 28)"
    context.close()


def test_a_link_preview_has_the_title_of_the_record(plain: Page, server: str) -> None:
    answer = plain.request.get(server + RECORD + "&lang=en", headers={"accept": "*/*"})
    page = parsed(answer.text())
    [preview] = [meta for meta in page.all("meta") if meta.attributes.get("property") == "og:title"]
    assert preview.attributes["content"].startswith(page.one("h1").text)
    assert page.one("html").attributes["lang"] == "en"


def test_an_address_cannot_write_into_the_page(plain: Page, server: str) -> None:
    plain.goto(server + '/record?id=</title><b id="x">&lang="><b id="x">')
    assert plain.locator("#x").count() == 0
    plain.goto(server + "/points?lang=en&q=<b id=x>%22 onfocus=alert(1)")
    assert plain.locator("#x, [onfocus]").count() == 0


def test_the_words_before_and_after_are_the_same(visit: Visit) -> None:
    for address in ("/", "/points?side=society", RECORD):
        visit.page.goto(visit.server + address, wait_until="commit")
        before = visit.page.locator("#before h1").inner_text(timeout=READY)
        visit.settled()
        expect(visit.page.locator(".t h1")).to_have_text(before)
        assert visit.page.locator("#before").count() == 0
        assert visit.page.locator(".t footer").count() == 1
