"""Report a change in Chromium, on a small phone: screens, a line that is cut, and what is left behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Route, expect

from dashboard.registry import inbox
from dashboard.registry.scalars import today
from tests.browser.conftest import READY, _wait_for
from tests.browser.test_look import WCAG
from tests.small import ROOT, committed

RECORD = "istanbul-convention-accession"
FORM = f"/report-change?id={RECORD}"
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""400 kbit/s."""


SERVE = """
import sys
from streamlit.web import cli
from dashboard import sending
from dashboard.registry import inbox
sending._rate = inbox.Rate([(60.0, 1000)])
sys.argv[0:1] = ["streamlit", "run"]
cli.main()
"""
"""The server as `streamlit run` starts it, but for the limit of messages in a minute: these tests send more."""


@dataclass
class Site:
    """A server with forms, the registry that it serves, and everything that it may have written."""

    address: str
    folder: Path

    @property
    def box(self) -> Path:
        return self.folder / "inbox"

    def newest(self) -> inbox.Message:
        return max(inbox.waiting(self.box), key=lambda each: each.number).message


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "registry").mkdir()
    shutil.copy(ROOT / "recommendations.yaml", folder / "registry")
    shutil.copytree(ROOT / "sources", folder / "registry" / "sources")
    committed(folder / "registry")
    (folder / "tmp").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "STREAMLIT_"))}
    env |= {
        "PYTHONPATH": str(ROOT),
        "TRACKER_REGISTRY": str(folder / "registry" / "recommendations.yaml"),
        "TRACKER_INBOX": str(folder / "inbox"),
        "TRACKER_FORMS": "local",
        "TMPDIR": str(folder / "tmp"),
    }
    command = [sys.executable, "-c", SERVE, "dashboard/app.py", "--server.port", str(port)]
    log = folder / "log"
    with log.open("wb") as out:
        running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            _wait_for(f"http://localhost:{port}", running, log)
            yield Site(f"http://localhost:{port}", folder)
        finally:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(15)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


@dataclass
class Phone:
    """A page on a small phone, and what was done with it."""

    page: Page
    context: BrowserContext
    site: Site
    taps: int = 0
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> "Phone":
        self.page.goto(self.site.address + path)
        return self

    def tap(self, selector: str) -> None:
        """A tap with a finger, on something large enough for it."""
        self.taps += 1
        self.page.locator(selector).tap()

    @cached_property
    def line(self) -> CDPSession:
        return self.context.new_cdp_session(self.page)

    def mend(self) -> None:
        self.line.send("Network.emulateNetworkConditions", SLOW)

    def cut(self) -> None:
        self.line.send("Network.emulateNetworkConditions", {**SLOW, "offline": True})

    def held(self) -> str:
        """Everything that this browser keeps of the page: its history entry, and its stores."""
        return str(self.page.evaluate("JSON.stringify([history.state, {...localStorage}, {...sessionStorage}])"))

    def sent(self) -> str:
        """The receipt."""
        self.page.locator("#receipt").wait_for(timeout=READY)
        return self.page.locator("#receipt").inner_text()


Calling = Callable[..., Phone]


@pytest.fixture
def phone(site: Site, browser: Browser) -> Iterator[Calling]:
    opened: list[BrowserContext] = []

    def phone(locale: str = "kk-KZ", script: bool = True, width: int = 390, scheme: str = "light") -> Phone:
        context = browser.new_context(
            locale=locale,
            java_script_enabled=script,
            has_touch=True,
            viewport={"width": width, "height": 844},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(READY)
        made = Phone(page, context, site)
        page.on("request", lambda asked: made.asked.append(asked.url))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("console", lambda said: made.complaints.append(said.text) if "Security" in said.text else None)
        return made

    yield phone
    for context in opened:
        context.close()


def typed(page: Page) -> str:
    return page.locator("#text").input_value()


# --- the walk-through -------------------------------------------------------------------------------


def test_a_change_is_told_in_kazakh_over_a_line_that_is_cut_on_each_screen(phone: Calling, site: Site) -> None:
    here = phone()
    page = here.page
    here.mend()
    here.go(f"/r/{RECORD}")
    here.tap(f'.acts a[href*="/report-change?id={RECORD}"]')
    page.locator("[data-step='1'].on").wait_for()
    assert page.evaluate("document.documentElement.lang") == "kk"
    here.asked.clear()
    here.cut()
    here.tap(".next")
    page.locator("[data-step='2'].on").wait_for()
    here.mend()
    assert page.evaluate("document.activeElement.className") == "ask-head"
    here.tap("#text")
    page.keyboard.type("Үкімет конвенцияға қосылу туралы шешім қабылдады.")
    here.tap("#link")
    page.keyboard.type("example.org/жаңалық")
    here.tap("label:has([name=put][value=help])")
    for question, answer in (("q1", "no"), ("q2", "no"), ("q3", "yes")):
        here.tap(f"label:has([name={question}][value={answer}])")
    here.cut()
    page.wait_for_timeout(600)
    here.mend()
    page.reload()
    page.locator("[data-step='2'].on").wait_for()
    assert typed(page) == "Үкімет конвенцияға қосылу туралы шешім қабылдады."
    assert page.locator(".of-q3-yes").is_visible()
    here.tap(".next")
    page.locator("[data-step='3'].on").wait_for()
    assert page.locator("#seen").inner_text() == "Үкімет конвенцияға қосылу туралы шешім қабылдады."
    here.cut()
    here.tap(".send")
    expect(page.locator("#said")).to_have_text(page.locator("#tell").get_attribute("data-lost") or "?")
    here.mend()
    here.tap(".send")
    receipt = here.sent()
    assert here.taps <= 12
    assert re.fullmatch(r"[A-Z0-9]{2}-[A-Z0-9]{4}", receipt)
    told = site.newest()
    assert (told.about, told.kind, told.status, told.language) == (RECORD, "changed", "in-progress", "kk")
    assert told.link == "https://example.org/жаңалық"
    assert told.when == f"{today():%Y-%m}"
    assert len([each for each in inbox.waiting(site.box) if each.message.text == told.text]) == 1
    assert "Үкімет" not in here.held()
    assert all(url.startswith(site.address) for url in here.asked)
    assert not [url for url in here.asked if "static/" in url or "plotly" in url or "_stcore" in url]
    here.go("/receipt")
    page.locator("[name=receipt]").fill(receipt.lower())
    page.locator("main form button").tap()
    expect(page.locator(".lead")).to_be_visible()
    assert "istanbul" in str(page.locator("article a").first.get_attribute("href"))
    assert here.complaints == []


def test_nothing_new_takes_four_taps_and_one_line(phone: Calling, site: Site) -> None:
    here = phone().go(f"/r/{RECORD}")
    here.tap(f'.acts a[href*="/report-change?id={RECORD}"]')
    here.tap("label:has([value=nothing-new])")
    here.tap(".next")
    here.page.locator("#where").fill("Қазақстан Республикасының құқықтық ақпарат жүйесі")
    here.tap(".send")
    here.sent()
    assert here.taps == 4
    assert site.newest().kind == "nothing-new"


def test_who_is_at_risk_is_sent_from_the_second_screen(phone: Calling, site: Site) -> None:
    here = phone().go(FORM)
    here.tap("label:has([value=take-out])")
    here.tap(".next")
    here.page.locator("#text").fill("canary-takeout")
    assert not here.page.locator("#sign").is_visible()
    here.tap(".send")
    here.sent()
    assert inbox.waiting(site.box)[0].message.text == "canary-takeout"


def test_without_script_one_long_page_does_the_same(phone: Calling, site: Site) -> None:
    here = phone(script=False).go(f"/r/{RECORD}")
    here.tap(f'.acts a[href*="/report-change?id={RECORD}"]')
    here.page.locator("#text").fill("Скриптсіз жазылды.")
    here.tap("label:has([name=shown_by][value=saw])")
    assert not here.page.locator(".next").is_visible()
    assert here.page.locator("#sign").is_visible()
    here.tap(".send")
    assert here.sent()
    assert site.newest().text == "Скриптсіз жазылды."


def test_without_script_what_is_wrong_is_said_with_everything_kept(phone: Calling) -> None:
    here = phone(script=False, locale="en-GB").go(FORM)
    here.page.locator("#text").fill("Write to aigul@example.org")
    here.tap(".send")
    expect(here.page.locator(".faults li")).to_have_count(2)
    assert typed(here.page) == "Write to aigul@example.org"


# --- nothing typed is lost, and nothing stays where it should not -----------------------------------


def _second(here: Phone, text: str) -> None:
    here.tap(".next")
    here.page.locator("#text").fill(text)
    here.tap("label:has([name=shown_by][value=saw])")


def test_a_lost_answer_and_a_second_try_make_one_message(phone: Calling, site: Site) -> None:
    here = phone().go(FORM)
    _second(here, "Жауап жолда жоғалды.")
    here.tap(".next")

    def lost(route: Route) -> None:
        route.fetch()
        route.abort()

    here.page.route("**/report-change", lost, times=1)
    here.tap(".send")
    expect(here.page.locator("#said")).to_have_text(here.page.locator("#tell").get_attribute("data-lost") or "?")
    here.tap(".send")
    receipt = here.sent()
    assert [each.receipt for each in inbox.waiting(site.box) if each.message.text == "Жауап жолда жоғалды."] == [
        receipt
    ]


def test_somebody_elses_page_in_place_of_our_answer_is_not_taken_for_it(phone: Calling) -> None:
    here = phone().go(FORM)
    _second(here, "Басқа бет.")
    here.tap(".next")
    here.page.route("**/report-change", lambda route: route.fulfill(body="<h1>Pay for this network</h1>"), times=1)
    here.tap(".send")
    expect(here.page.locator("#said")).to_have_text(here.page.locator("#tell").get_attribute("data-slow") or "?")
    assert typed(here.page) == "Басқа бет."


def test_a_reload_without_a_line_loses_nothing_once_the_line_is_back(phone: Calling) -> None:
    here = phone().go(FORM)
    _second(here, "Желісіз жүктелді.")
    here.page.wait_for_timeout(500)
    here.cut()
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        here.page.reload()
    here.mend()
    here.page.reload()
    here.page.locator("[data-step='2'].on").wait_for()
    assert typed(here.page) == "Желісіз жүктелді."


def test_back_and_forward_go_from_screen_to_screen_and_keep_the_text(phone: Calling) -> None:
    here = phone().go(FORM)
    _second(here, "Кері және алға.")
    here.tap(".next")
    here.page.locator("[data-step='3'].on").wait_for()
    here.page.go_back()
    here.page.locator("[data-step='2'].on").wait_for()
    here.tap(".back")
    here.page.locator("[data-step='1'].on").wait_for()
    here.tap(".next")
    assert typed(here.page) == "Кері және алға."
    assert "2" in here.page.locator("#step").inner_text()


def test_after_sending_no_entry_of_the_history_holds_the_text(phone: Calling) -> None:
    here = phone().go(FORM)
    _second(here, "canary-history")
    here.page.wait_for_timeout(400)
    here.tap(".next")
    here.tap(".back")
    here.page.locator("[data-step='2'].on").wait_for()
    here.tap(".next")
    here.tap(".send")
    here.sent()
    for _ in range(2):
        assert "canary" not in here.held()
        here.page.go_back()
    assert "canary" not in here.held()
    assert typed(here.page) == "" if here.page.locator("#text").count() else True


def test_nothing_stays_on_the_phone_unless_it_was_asked_for(phone: Calling) -> None:
    here = phone().go(FORM)
    _second(here, "canary-phone")
    here.page.wait_for_timeout(400)
    assert here.page.evaluate("localStorage.length") == 0
    here.tap("label:has(#keep)")
    assert "canary-phone" in str(here.page.evaluate("localStorage.getItem('tracker-form')"))
    again = here.context.new_page()
    again.goto(here.site.address + FORM)
    again.locator("[data-step='2'].on").wait_for()
    assert typed(again) == "canary-phone"
    assert again.locator("#keep").is_checked()
    again.close()
    here.tap(".wipe")
    assert "canary" not in here.held()
    assert typed(here.page) == ""
    here.page.reload()
    assert typed(here.page) == ""


def test_what_was_kept_on_the_phone_is_gone_once_it_is_sent_or_no_longer_wanted(phone: Calling) -> None:
    here = phone().go(FORM)
    _second(here, "canary-kept")
    here.tap("label:has(#keep)")
    here.tap("label:has(#keep)")
    assert here.page.evaluate("localStorage.length") == 0
    here.tap("label:has(#keep)")
    here.tap(".next")
    here.tap(".send")
    here.sent()
    assert "canary" not in here.held()


def test_wiping_after_a_refusal_leaves_nothing_either(phone: Calling) -> None:
    here = phone().go(FORM)
    _second(here, "canary-refused aigul@example.org")
    here.tap(".next")
    here.tap(".send")
    here.page.locator("#faults li").wait_for()
    assert typed(here.page) == "canary-refused aigul@example.org"
    assert here.page.locator("[data-step='2'].on").is_visible()
    here.tap(".wipe")
    assert typed(here.page) == ""
    assert "canary" not in here.held()


def test_another_language_keeps_what_was_typed(phone: Calling) -> None:
    here = phone().go(FORM)
    _second(here, "Тілді ауыстыру.")
    here.page.locator(".languages a[lang=ru]").tap()
    expect(here.page.locator("html")).to_have_attribute("lang", "ru")
    assert typed(here.page) == "Тілді ауыстыру."
    assert here.page.locator("[data-step='2'].on").is_visible()
    here.page.reload()
    assert typed(here.page) == "Тілді ауыстыру."


# --- as text ----------------------------------------------------------------------------------------

SAID = {
    "changed": {"radio": {"when": "other", "shown_by": "link", "put": "help", "q1": "no", "q2": "yes", "sign": "coalition"},
                "fill": {"text": "> бір\nEND\n\\екі  \n TRACKER SLIP 1", "when_other": "2026-03", "link": "example.org/a", "coalition": "Бірлестік"}},
    "nothing-new": {"radio": {"sign": "told"}, "fill": {"where": "Ресми басылым"}},
    "wrong": {"radio": {"shown_by": "link"}, "fill": {"text": "Қате бар."}},
    "answer": {"radio": {"position": "not-ours"}, "fill": {"text": "Біздікі емес."}, "select": {"whose": "kz-parliament"}},
    "take-out": {"radio": {}, "fill": {"text": "Алып тастаңыз"}},
}  # fmt: skip


@pytest.mark.parametrize("kind", SAID)
def test_the_text_to_copy_says_what_sending_would_have_said(phone: Calling, kind: str) -> None:
    """Without a line: the slip that the page makes is read back by the registry's own reader, as the message."""
    here, said = phone().go(FORM), SAID[kind]
    page = here.page
    here.cut()
    page.locator(f"label:has([name=kind][value={kind}])").tap()
    while page.locator(".next").is_visible():
        _filled(page, said)
        page.locator(".next").tap()
    _filled(page, said)
    page.locator(".copy").tap()
    slip = page.locator("#slip-text").text_content() or ""
    read = inbox.from_slip(slip, today())
    here.mend()
    values = {
        name: str(text)
        for name, text in page.evaluate("Object.fromEntries(new FormData(document.querySelector('#tell')))").items()
    }
    from dashboard.outputs import forms
    from dashboard.registry import reader

    registry = reader.load(here.site.folder / "registry" / "recommendations.yaml", today()).registry
    assert registry
    asked = forms.questions(registry.records[RECORD], None)
    meant = {**forms.meant(values, asked, today(), ""), "language": "kk", "came_by": "slip"}
    assert read == inbox.message(meant, today(), registry)


def _filled(page: Page, said: dict[str, dict[str, str]]) -> None:
    for name, value in said["radio"].items():
        choice = page.locator(f"label:has([name={name}][value={value}])")
        if choice.is_visible():
            choice.tap()
    for name, value in said["fill"].items():
        if page.locator(f"#{name}").is_visible():
            page.locator(f"#{name}").fill(value)
    for name, value in said.get("select", {}).items():
        if page.locator(f"#{name}").is_visible():
            page.locator(f"#{name}").select_option(value)


# --- how it looks and sounds ------------------------------------------------------------------------

PAGES = (FORM, "/report-change", "/report-change?whole=1", "/answer?actor=kz-state", f"/answer?actor=kz-state&id={RECORD}", "/receipt")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (768, "light"), (1440, "dark")])
def test_a_form_has_no_barrier_and_nothing_wider_than_the_screen(
    phone: Calling, path: str, width: int, scheme: str
) -> None:
    here = phone(locale="ru", width=width, scheme=scheme).go(path)
    page = here.page
    for _ in range(3):
        answer = Axe().run(page, options=WCAG).response
        assert [(rule["id"], node["target"]) for rule in answer["violations"] for node in rule["nodes"]] == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
        small = page.evaluate("""() => [...document.querySelectorAll(
            '.tell button, .tell .choice, .tell select, .tell textarea, .tell input:not([type=radio], [type=checkbox], [type=hidden]), .ask button')]
            .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 44).map(each => each.outerHTML)""")
        assert small == []
        if not page.locator(".next").count() or not page.locator(".next").is_visible():
            break
        if page.locator("#text").is_visible():
            page.locator("#text").fill("Что-то изменилось.")
            saw = "label:has([name=shown_by][value=saw])"
            page.locator(saw if page.locator(saw).is_visible() else "label:has([name=position][value=agreed])").tap()
        page.locator(".next").tap()
    assert here.complaints == []
    assert all(url.startswith(here.site.address) for url in here.asked)


def test_a_screen_that_lacks_something_says_what_and_leads_there(phone: Calling) -> None:
    here = phone(locale="en-GB").go(FORM)
    page = here.page
    here.tap(".next")
    here.tap(".next")
    assert page.locator("#faults li").all_inner_texts() == [
        "Write at least a few words.",
        "Write the address of the page, or choose one of the other two.",
    ]
    assert page.locator("#text").get_attribute("aria-invalid") == "true"
    assert page.locator("#fault-text").inner_text() == "Write at least a few words."
    assert page.evaluate("document.activeElement.id") == "text"
    page.locator("#text").fill("A word")
    here.tap("label:has([name=shown_by][value=document])")
    here.tap(".next")
    page.locator("[data-step='3'].on").wait_for()
    assert not page.locator("#faults").is_visible()


def test_the_keyboard_alone_is_enough(phone: Calling, site: Site) -> None:
    page = phone(locale="en-GB").go(FORM).page
    page.locator("[name=kind]:checked").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("[data-step='3'].on").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.type("By the keyboard")
    page.keyboard.press("Enter")
    page.locator("#receipt").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert site.newest().text == "By the keyboard"


# --- what nobody sees: last, over all that was typed above ------------------------------------------


def test_nothing_that_was_typed_lies_anywhere_but_in_the_inbox(site: Site, phone: Calling) -> None:
    sent = [each.message for each in inbox.waiting(site.box)]
    canaries = [each.text.split("\n")[0] for each in sent] + [each.coalition for each in sent if each.coalition]
    assert len(canaries) > 5
    kept = [path for path in site.folder.rglob("*") if path.is_file() and site.box not in path.parents]
    assert any(".git" in path.parts for path in kept)
    assert (site.folder / "log") in kept
    for path in kept:
        content = path.read_bytes()
        assert not [each for each in canaries if each.encode() in content], path
    for packed in subprocess.run(
        ["git", "-C", str(site.folder / "registry"), "log", "--all", "-p"], capture_output=True, check=True
    ).stdout.splitlines():
        assert not [each for each in canaries if each.encode() in packed]
    here = phone()
    for path in (
        "/",
        "/points",
        f"/record?id={RECORD}",
        f"/r/{RECORD}",
        "/changes",
        "/desk",
        FORM,
        "/answer?actor=kz-state",
    ):
        html = here.context.request.get(site.address + path).text()
        assert not [each for each in canaries if each in html], path
