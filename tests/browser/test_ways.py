"""The ways about the pages in Chromium: language, filters, addresses, Back, Forward and the keyboard."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import READY, Visit, Visiting


@pytest.mark.parametrize(
    ("locale", "address", "language"),
    [
        ("en-GB", "/?lang=kk", "kk"),
        ("ru-RU", "/", "ru"),
        ("ru-RU", "/points?lang=en", "en"),
        ("kk-KZ", "/record?id=istanbul-convention-accession", "kk"),
        ("de-DE", "/", "en"),
        ("en-GB", "/?lang=no-such", "en"),
    ],
)
def test_the_page_says_which_language_it_is_in(visiting: Visiting, locale: str, address: str, language: str) -> None:
    with visiting(locale=locale) as visit:
        visit.go(address)
        assert visit.page.evaluate("document.documentElement.lang") == language
        assert visit.page.locator(".t .languages [aria-current]").get_attribute("lang") == language


def test_a_side_that_is_chosen_changes_the_list_and_the_address(visit: Visit) -> None:
    visit.go("/points")
    assert len(visit.titles()) == 34
    _choose_society(visit)
    assert visit.address == "/points?side=society"
    assert visit.page.locator(".t [role=status]").inner_text().startswith("Shown: 5 of 34")


def test_reload_restores_the_selection(visit: Visit) -> None:
    visit.go("/points")
    chosen = _choose_society(visit)
    visit.page.reload()
    assert visit.settled().titles() == chosen
    assert _pill(visit, "Society and media").get_attribute("aria-pressed") == "true"


def test_back_and_forward_restore_the_selection_and_the_controls(visit: Visit) -> None:
    every = visit.go("/points").titles()
    society = _choose_society(visit)
    _pill(visit, "Foreign donors").click()
    _count(visit, 14)
    both = visit.titles()
    for move, wanted, pressed in (
        (visit.page.go_back, society, {"Society and media": "true", "Foreign donors": "false"}),
        (visit.page.go_back, every, {"Society and media": "false", "Foreign donors": "false"}),
        (visit.page.go_forward, society, {"Society and media": "true", "Foreign donors": "false"}),
        (visit.page.go_forward, both, {"Society and media": "true", "Foreign donors": "true"}),
    ):
        move()
        _count(visit, len(wanted))
        assert visit.settled().titles() == wanted
        for name, state in pressed.items():
            expect(_pill(visit, name)).to_have_attribute("aria-pressed", state)


def test_an_address_shows_the_same_records_in_another_language(visit: Visit) -> None:
    visit.go("/points?side=foreign&status=ongoing&q=civil")
    shown = _ids(visit)
    assert shown
    visit.page.locator('.t .languages a[lang="ru"]').click()
    visit.page.wait_for_url("**lang=ru")
    visit.settled()
    assert visit.page.evaluate("document.documentElement.lang") == "ru"
    assert _ids(visit) == shown
    found = parse_qs(urlsplit(visit.page.url).query)
    assert found == {"side": ["foreign"], "status": ["ongoing"], "q": ["civil"], "lang": ["ru"]}


def test_a_chip_takes_its_part_of_the_selection_away(visit: Visit) -> None:
    visit.go("/points?side=society&kind=recommendation")
    visit.page.locator(".t .chips a", has_text="Society and media").click()
    visit.page.wait_for_url("**/points?kind=recommendation")
    assert len(visit.settled().titles()) > 5


def test_a_search_narrows_the_list(visit: Visit) -> None:
    visit.go("/points")
    visit.page.get_by_role("searchbox").fill("istanbul convention join")
    visit.page.keyboard.press("Enter")
    _count(visit, 1)
    assert _ids(visit) == ["istanbul-convention-accession"]
    assert visit.address == "/points?q=istanbul+convention+join"


def test_a_mark_opens_its_record_and_back_returns(visit: Visit) -> None:
    visit.go("/")
    mark = visit.page.locator(".t .marks a[href*='istanbul-convention-accession']")
    title = (mark.get_attribute("title") or "").partition(" · ")[0]
    mark.click()
    visit.page.wait_for_url("**/record?id=istanbul-convention-accession")
    visit.settled()
    assert visit.page.locator(".t h1").inner_text() == title
    visit.page.go_back()
    visit.page.locator(".t .marks").first.wait_for(timeout=READY)
    assert visit.address == "/"
    assert visit.settled().page.locator(".t .marks a").count() == 34


def test_a_number_on_the_first_screen_opens_as_many_records(visit: Visit) -> None:
    visit.go("/")
    part = visit.page.locator(".t .parts a").first
    number = int(part.inner_text().split()[0])
    part.click()
    visit.page.wait_for_url("**/points?**")
    assert len(visit.settled().titles()) == number


def test_the_keyboard_alone_reaches_a_mark_and_opens_it(visit: Visit) -> None:
    visit.go("/")
    for _ in range(30):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("document.activeElement.matches('.t .marks a')"):
            break
    else:
        pytest.fail("no mark was reached in 30 steps")
    outline = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    wanted = visit.page.evaluate("document.activeElement.getAttribute('title')").partition(" · ")[0]
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**/record?id=**")
    assert visit.settled().page.locator(".t h1").inner_text() == wanted


def test_a_past_day_goes_along_from_page_to_page(visit: Visit) -> None:
    visit.go("/?as_of=2023-01-01")
    assert visit.page.locator(".t .marks a").count() == 17
    visit.page.locator(".t nav a", has_text="All points").click()
    visit.page.wait_for_url("**/points?as_of=2023-01-01")
    assert len(visit.settled().titles()) == 17


def test_an_unknown_record_says_so_and_leads_on(visit: Visit) -> None:
    visit.go("/record?id=<b>nothing</b>")
    assert visit.page.locator(".t h1").inner_text() == "There is no such point"
    assert visit.page.locator(".t b").count() == 0
    visit.page.locator(".t a", has_text="Show all points").click()
    visit.page.wait_for_url("**/points")
    assert len(visit.settled().titles()) == 34


def test_every_answer_carries_the_headers_that_keep_a_reader_private(visit: Visit) -> None:
    answer = visit.page.request.get(visit.server + "/", headers={"accept": "text/html"})
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def _pill(visit: Visit, name: str) -> Locator:
    return visit.page.get_by_role("button", name=name)


def _choose_society(visit: Visit) -> list[str]:
    _pill(visit, "Society and media").click()
    _count(visit, 5)
    return visit.settled().titles()


def _count(visit: Visit, number: int) -> None:
    expect(visit.page.locator(".t .list h3")).to_have_count(number, timeout=READY)


def _ids(visit: Visit) -> list[str]:
    links = visit.page.locator(".t .list h3 a")
    return [parse_qs(urlsplit(link.get_attribute("href") or "").query)["id"][0] for link in links.all()]
