"""The ways about the pages in Chromium: language, filters, addresses, Back, Forward and the keyboard."""

import struct
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, WebSocketRoute, expect

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
    assert visit.page.locator(".t .shown").inner_text().startswith("Shown: 5 of 34.")


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
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


# --- pictures ---------------------------------------------------------------------------------------


def test_a_click_on_a_picture_opens_the_records_that_it_counts_and_back_returns(visit: Visit) -> None:
    visit.go("/points?picture=themes")
    number, address = _clicked(visit)
    assert address.startswith("/points?")
    visit.page.wait_for_url(visit.server + address)
    assert len(visit.settled().titles()) == number
    visit.page.go_back()
    visit.page.wait_for_url("**/points?picture=themes")
    visit.settled()
    assert len(visit.titles()) == 34


def _clicked(visit: Visit) -> tuple[int, str]:
    """Clicks the first part of the first bar; what it says and where it leads."""
    visit.page.locator(".js-plotly-plot .barlayer .point path").first.wait_for(timeout=READY)
    found = visit.page.evaluate(
        """() => { const plot = document.querySelector('.js-plotly-plot');
        const trace = plot._fullData.find(t => t.type === 'bar' && t.x.some(n => n > 0));
        const n = trace.x.findIndex(n => n > 0);
        const data = trace.customdata[n];
        return [trace.index, n, trace.x[n], Array.isArray(data) ? data[0] : data]; }"""
    )
    bars = visit.page.locator(".js-plotly-plot .barlayer .trace").nth(found[0]).locator(".point path")
    box = bars.nth(found[1]).bounding_box()
    assert box
    bars.nth(found[1]).scroll_into_view_if_needed()
    box = bars.nth(found[1]).bounding_box()
    assert box
    visit.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    return int(found[2]), str(found[3])


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_can_be_taken_away_with_its_source_line(visit: Visit, kind: str) -> None:
    visit.go("/points?picture=themes&side=state")
    visit.page.locator(".js-plotly-plot").first.wait_for(timeout=READY)
    with visit.page.expect_download(timeout=READY) as waited:
        visit.page.locator(f"button[data-picture={kind}]").last.click()
    assert waited.value.suggested_filename == f"themes.{kind}"
    content = waited.value.path().read_bytes()
    if kind == "png":
        assert content.startswith(b"\x89PNG")
        width, height = struct.unpack(">II", content[16:24])
        assert (width, height > 400) == (2400, True)
    else:
        text = content.decode()
        assert "as on" in text
        assert "CC-BY-4.0" in text
    assert visit.foreign == []
    assert visit.complaints == []


def test_the_keyboard_reaches_the_table_under_a_picture_and_opens_its_rows(visit: Visit) -> None:
    visit.go("/points?picture=known")
    summary = visit.page.locator(".t.picture-foot summary").last
    summary.focus()
    visit.page.keyboard.press("Enter")
    link = visit.page.locator(".t.picture-foot table td a").first
    expect(link).to_be_visible()
    number = int(link.inner_text())
    for _ in range(8):
        visit.page.keyboard.press("Tab")
        if visit.page.evaluate("document.activeElement.matches('.picture-foot table td a')"):
            break
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url("**known=**")
    assert len(visit.settled().titles()) == number


def test_the_timeline_of_a_record_is_drawn_when_asked_and_not_before(visit: Visit) -> None:
    visit.go("/record?id=istanbul-convention-accession")
    loaded = "performance.getEntriesByType('resource').filter(r => /[Pp]lotly/.test(r.name)).length"
    assert visit.page.evaluate(loaded) == 0
    visit.page.get_by_text("Draw its dates as a picture").click()
    visit.page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=READY)


# --- days -------------------------------------------------------------------------------------------


def test_a_day_chosen_in_the_clock_is_kept_from_page_to_page_and_taken_back(visit: Visit) -> None:
    visit.go("/points?side=state")
    visit.page.locator(".t .clock summary").click()
    visit.page.locator(".t .clock input[name=as_of]").fill("2023-01-01")
    visit.page.locator(".t .clock button").click()
    visit.page.wait_for_url("**as_of=2023-01-01**")
    visit.settled()
    query = parse_qs(urlsplit(visit.page.url).query)
    assert query == {"side": ["state"], "as_of": ["2023-01-01"]}
    shown = len(visit.titles())
    assert 0 < shown < 20
    visit.page.locator(".t nav a", has_text="Who must act").click()
    visit.page.wait_for_url("**/actors?as_of=2023-01-01")
    visit.settled()
    visit.page.locator(".t .clock a", has_text="Back to today").click()
    visit.page.wait_for_url("**/actors")


def test_the_day_of_publication_replays_the_history(visit: Visit) -> None:
    """This repository's own: its first registry is younger than the year 2026's summer."""
    visit.go("/points?published_on=2026-06-01")
    assert visit.page.locator(".t h1").inner_text() == "On that day nothing had been published yet"
    visit.page.locator(".t a", has_text="As it stood on that day").click()
    visit.page.wait_for_url("**/points?as_of=2026-06-01")
    assert len(visit.settled().titles()) == 34


def test_two_days_are_compared_and_the_address_keeps_them(visit: Visit) -> None:
    visit.go("/changes")
    visit.page.locator(".t form.two-days input[name=from]").fill("2022-01-01")
    visit.page.locator(".t form.two-days input[name=to]").fill("2023-06-01")
    visit.page.locator(".t form.two-days button").click()
    visit.page.wait_for_url("**/changes?**")
    visit.settled()
    assert parse_qs(urlsplit(visit.page.url).query) == {"from": ["2022-01-01"], "to": ["2023-06-01"]}
    assert visit.page.locator(".t form.two-days input[name=to]").input_value() == "2023-06-01"
    assert "1 January 2022" in visit.page.locator(".stApp").inner_text()


# --- words to carry away ----------------------------------------------------------------------------


def test_a_sentence_is_copied_whole(visit: Visit) -> None:
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.go("/record?id=ilo-c190-ratification")
    visit.page.locator(".t .acts button").click()
    expect(visit.page.locator(".t .acts button.did")).to_be_visible()
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("“Ratify ILO Convention 190")
    assert f"{visit.server}/record?id=ilo-c190-ratification&published_on=" in copied


def test_the_same_selection_leads_to_the_other_pages(visit: Visit) -> None:
    visit.go("/points?theme=ilo-c190")
    for path, marks in (("/", ".t .marks a"), ("/actors", ".t .bodies tbody tr"), ("/changes", ".t h1")):
        visit.go(f"{path}?theme=ilo-c190")
        assert visit.page.locator(marks).count() >= 1
        assert "ILO Convention 190" in visit.page.locator(".t .shown").inner_text()
    assert visit.go("/?theme=ilo-c190").page.locator(".t .marks a").count() == 1


# --- when the line drops ------------------------------------------------------------------------------


def test_a_lost_line_leaves_the_words_readable_and_says_so_in_our_words(visiting: Visiting) -> None:
    with visiting(locale="ru-RU") as visit:
        lines: list[WebSocketRoute] = []
        visit.page.route_web_socket("**/_stcore/stream", lambda line: (lines.append(line), line.connect_to_server()))
        visit.go("/points")
        visit.page.route_web_socket("**/_stcore/stream", lambda line: line.close())
        visit.page.route("**/_stcore/health", lambda route: route.abort())
        visit.page.route("**/_stcore/host-config", lambda route: route.abort())
        for line in lines:
            line.close()
        told = visit.page.locator(".t .lost").first
        expect(told).to_be_visible(timeout=READY)
        assert "Is Streamlit still running" not in visit.page.locator("body").inner_text()
        assert len(visit.titles()) == 34


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
