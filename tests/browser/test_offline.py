"""The one-file report in Chromium, from a disk and with the network off."""

import html
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from dashboard.language import search, translator
from dashboard.outputs import report
from dashboard.outputs.view import View
from dashboard.progress.filters import Filters
from dashboard.progress.frame import frame
from dashboard.registry import inbox, reader
from dashboard.registry.scalars import Clock, today
from tests.browser.test_look import WCAG
from tests.small import ROOT, command
from tests.test_serving import SELECTIONS, query

RECORD = "istanbul-convention-accession"
SHEETS = ("/", "/points", "/actors", "/sources", "/changes", "/method", "/coverage", "/about", "/report-change", f"/record?id={RECORD}", f"/answer?id={RECORD}")  # fmt: skip
MORE = ("q=бюджет", "q=women and girls", "q=баспана", "q=зорлық зомбылық", "q=convent", "q=190", "q=әйелдер", "actor=kz-state", "source=tutumlu-lessons&q=law", "kind=demand&side=state", "basis=inferred&role=must-agree")  # fmt: skip


SHOWN = """new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))).then(() =>
  [...document.querySelectorAll(".list li[data-id]")].filter((each) => each.checkVisibility()).map((each) => each.dataset.id))"""


def view(language: str = "en", path: Path = ROOT / "recommendations.yaml") -> View:
    registry = reader.load(path, today()).registry
    assert registry
    return View(registry, Clock(today(), today()), translator(language), Filters())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "asked.html"
    path.write_text(report.report(view()), "utf-8")
    return path


@dataclass
class Offline:
    """The file in a browser without a network, and what it asked for or complained about."""

    page: Page
    file: Path
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, address: str = "/") -> "Offline":
        self.page.goto(f"{self.file.as_uri()}#{quote(address, safe='/?=&:')}")
        return self

    def rows(self) -> list[str]:
        return [
            str(row) for row in self.page.evaluate(SHOWN)
        ]  # fmt: skip


@pytest.fixture
def offline(browser: Browser, file: Path) -> Iterator[Offline]:
    with_context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True, locale="en-GB")
    page = with_context.new_page()
    opened = Offline(page, file)
    page.on("request", lambda request: opened.asked.append(request.url))
    page.on("console", lambda message: opened.complaints.append(message.text))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (opened.complaints.append(dialog.message), dialog.dismiss())[1])
    yield opened
    asked = [url for url in opened.asked if url.partition("#")[0] != file.as_uri() and not url.startswith("data:")]
    with_context.close()
    assert asked == []
    assert opened.complaints == []


def kept(address: str) -> list[str]:
    shown = view()
    chosen = Filters.from_address(query(address), shown.registry, today())
    return [row.id for row in chosen.apply(frame(shown.registry, shown.clock)).rows]


@pytest.mark.parametrize(
    "selection", [each for each in (*SELECTIONS, *MORE) if "as_of" not in each and "sort" not in each]
)
def test_the_points_are_those_that_the_server_shows(offline: Offline, selection: str) -> None:
    wanted = kept(selection)
    offline.go(f"/points?{selection}")
    assert offline.rows() == wanted
    shown = f"Shown: {len(wanted)} of 34" if len(wanted) < 34 else "Shown: all 34"
    expect(offline.page.locator('[id="/points"] .shown')).to_have_text(shown)


@pytest.mark.parametrize(
    "selection", ["side=nowhere&status=promised", "actor=nobody", "actor=kz-parliament:dreams&side=state", "theme=x&q=law", "due=yes"]
)  # fmt: skip
def test_what_names_nothing_is_left_out_and_told(offline: Offline, selection: str) -> None:
    offline.go(f"/points?{selection}")
    assert offline.rows() == kept(selection)
    left = Filters.from_address(query(selection), view().registry, today()).unknown
    said = offline.page.locator(".sheet.on .left-out")
    if left:
        expect(said).to_have_text(f"Left out, since it names nothing here: {', '.join(left)}")
    else:
        expect(said).to_be_hidden()


def test_choosing_one_filter_keeps_what_the_other_controls_cannot_show(offline: Offline) -> None:
    page = offline.go("/points?side=foreign&side=society&actor=kz-parliament:must-agree").page
    page.get_by_label("Where it stands").select_option("nothing-found")
    page.get_by_text("More filters").click()
    page.get_by_label("Can be tested").check()
    wanted = "side=foreign&side=society&actor=kz-parliament:must-agree&status=nothing-found&testable=1"
    assert offline.rows() == kept(wanted)
    assert page.url.partition("?")[2].replace("%3A", ":") == wanted


def test_a_word_comes_from_the_same_roots_as_on_the_server(browser: Browser) -> None:
    texts = [
        ROOT / name for name in ("README.md", "METHODOLOGY.md", "dashboard/language/ru.po", "dashboard/language/kk.po")
    ]
    words = {word for path in texts for word in search.words(path.read_text("utf-8"))}
    # Endings that need not suit, beginnings, and words without their first letter: every rule is reached.
    letters = Random(1)
    hung = ("ies", "gogy", "eedly", "ingly", "ization", "fulness", "logist", "ication", "ying", "ейшее", "ившись", "ующая", "ностью", "ться", "лары", "ымызды", "нан", "дағы")  # fmt: skip
    words |= {made for word in sorted(words) for made in (word + letters.choice(hung), word[:-1], word[1:]) if made}
    page = browser.new_page()
    page.add_script_tag(
        content=(ROOT / "dashboard/assets/stems.js").read_text("utf-8") + "\nwindow.stemming = stemming;"
    )
    asked = [(word, code) for word in sorted(words) for code in ("en", "ru", "kk")]
    found = page.evaluate(
        "([rules, asked]) => { const roots = stemming(rules); return asked.map(([word, code]) => roots(word, code)); }",
        [search.for_scripts()["roots"], asked],
    )
    page.close()
    stems = search._Stems()
    wrong = [(each, roots) for each, roots in zip(asked, found, strict=True) if set(roots) != stems.roots(*each)]
    assert wrong == []
    assert len(asked) > 30_000


def test_any_word_finds_what_it_finds_on_the_server(offline: Offline) -> None:
    shown = view()
    records = frame(shown.registry, shown.clock)
    typed = search.words(
        (ROOT / "dashboard/language/ru.po").read_text("utf-8") + (ROOT / "README.md").read_text("utf-8")
    )
    typed += search.words((ROOT / "dashboard/language/kk.po").read_text("utf-8"))
    asked = [*Random(2).sample(sorted(set(typed)), 150), "acts", "безопасности", "адамдарға", "Straße", "кон\u00adвенция", "х" * 300, "the", "-", "women  women", "190", "19"]  # fmt: skip
    offline.go("/points")
    found = offline.page.evaluate(
        """async (asked) => {
          const found = [];
          for (const words of asked) {
            const done = new Promise((then) => addEventListener("hashchange", () => setTimeout(then), { once: true }));
            location.hash = `#/points?q=${encodeURIComponent(words)}`;
            await done;
            const rows = [...document.querySelectorAll("[id='/points'] .list li[data-id]")];
            found.push(rows.filter((row) => !row.hidden).map((row) => row.dataset.id));
          }
          return found;
        }""",
        asked,
    )
    wanted = [
        [row.id for row in Filters.from_address({"q": [words]}, shown.registry, today()).apply(records).rows]
        for words in asked
    ]
    assert [(words, rows) for words, rows in zip(asked, found, strict=True)] == list(zip(asked, wanted, strict=True))
    assert len({len(rows) for rows in wanted}) > 5


def test_filters_are_chosen_by_hand_and_stand_in_the_address(offline: Offline) -> None:
    page = offline.go("/points").page
    page.locator('.filters [name="side"]').select_option("state")
    page.locator('.filters [name="status"]').select_option("promised")
    assert page.url.endswith("#/points?side=state&status=promised")
    assert offline.rows() == kept("side=state&status=promised")
    page.get_by_label("Search in titles, summaries and quotes").press_sequentially("convention")
    assert offline.rows() == kept("side=state&status=promised&q=convention")
    page.reload()
    assert offline.rows() == kept("side=state&status=promised&q=convention")
    expect(page.get_by_label("Search in titles, summaries and quotes")).to_have_value("convention")
    page.get_by_role("button", name="Promised, nothing more seen").click()
    assert offline.rows() == kept("side=state&q=convention")
    page.get_by_role("button", name="Clear all").click()
    assert offline.rows() == kept("")


def test_a_number_on_the_first_screen_opens_its_rows_and_back_returns(offline: Offline) -> None:
    page = offline.go().page
    link = page.locator('[id="/"] .parts a').first
    n = int(link.inner_text().split()[0])
    link.click()
    assert len(offline.rows()) == n
    page.locator(".list h3 a:visible").first.click()
    expect(page.locator(".sheet.on article h1")).to_be_focused()
    title = page.title()
    page.go_back()
    assert len(offline.rows()) == n
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("34 asks and promises found in 5 texts.")
    page.go_forward()
    page.go_forward()
    assert page.title() == title
    page.reload()
    assert page.title() == title


@pytest.mark.parametrize("address", ["/", "/points", f"/record?id={RECORD}"])
def test_a_page_opens_at_its_head_where_the_languages_are(offline: Offline, address: str) -> None:
    page = offline.go(address).page
    page.set_viewport_size({"width": 390, "height": 800})
    page.reload()
    expect(page.locator(".languages")).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0


def test_back_in_the_list_it_is_where_it_was_left(offline: Offline) -> None:
    page = offline.go("/points").page
    link = page.locator(".sheet.on .list h3 a:visible").nth(20)
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 500
    link.click()
    expect(page.locator(".sheet.on article h1")).to_be_focused()
    assert page.evaluate("scrollY") == 0
    page.go_back()
    expect(link).to_be_in_viewport()
    assert page.evaluate("scrollY") == before


def test_the_language_changes_without_leaving_the_place(offline: Offline) -> None:
    page = offline.go(f"/record?id={RECORD}").page
    titles = [page.locator(".sheet.on h1").inner_text()]
    for name in ("Русский", "Қазақша", "English"):
        page.get_by_role("button", name=name).click()
        titles.append(page.locator(".sheet.on h1").inner_text())
        assert (
            page.evaluate("document.documentElement.lang") == {"Русский": "ru", "Қазақша": "kk", "English": "en"}[name]
        )
        expect(page.get_by_role("button", name=name)).to_be_focused()
    assert titles[0] == titles[3]
    assert len(set(titles)) == 3
    registry = view().registry
    assert titles[1:3] == [registry.records[RECORD].title.shown(code)[0] for code in ("ru", "kk")]  # type: ignore[arg-type]


def test_the_language_stands_in_the_address_and_a_reload_and_back_keep_it(offline: Offline) -> None:
    page = offline.go("/points?side=state").page
    page.get_by_role("button", name="Қазақша").click()
    assert page.url.endswith("#/points?side=state&lang=kk")
    page.locator(".sheet.on .list h3 a:visible").first.click()
    page.reload()
    assert page.evaluate("document.documentElement.lang") == "kk"
    page.go_back()
    assert page.url.endswith("#/points?side=state&lang=kk")
    assert offline.rows() == kept("side=state")
    page.get_by_role("button", name="English").click()
    assert page.url.endswith("#/points?side=state")
    offline.go("/points?lang=__proto__")
    assert page.evaluate("document.documentElement.lang") == "en"


def test_a_link_to_a_part_of_a_page_leads_there_and_leaves_the_page_open(offline: Offline) -> None:
    page = offline.go("/method").page
    link = page.locator('.sheet.on a[href^="#s"]').last
    name = link.get_attribute("href")
    link.click()
    assert f"#{page.evaluate('document.activeElement.id')}" == name
    expect(page.locator(".sheet.on")).to_have_attribute("id", "/method")
    assert page.url.endswith("#/method")
    offline.go(f"/report-change?id={RECORD}")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    page.locator("#faults a").first.click()
    expect(page.locator("#text")).to_be_focused()
    assert page.url.endswith(f"#/report-change?id={RECORD}")


def test_what_was_just_typed_goes_along_into_another_language(offline: Offline) -> None:
    page = offline.go(f"/report-change?id={RECORD}").page
    page.get_by_role("button", name="Next").click()
    page.locator("#text").fill("Typed a moment ago.")
    page.get_by_role("button", name="Қазақша").click()
    expect(page.locator("#text")).to_have_value("Typed a moment ago.")
    expect(page.locator("#text")).to_be_visible()


def test_where_the_script_cannot_run_to_its_end_everything_is_shown(
    browser: Browser, file: Path, tmp_path: Path
) -> None:
    broken = file.read_text("utf-8").replace('"language":"en"', '"language":"en', 1)
    (tmp_path / "broken.html").write_text(broken, "utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "broken.html").as_uri() + "#/points")
    assert page.locator(".sheet[data-record]:visible").count() == 34
    page.close()


def test_a_slip_is_made_and_published_through_the_inbox(
    offline: Offline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = offline.go(f"/record?id={RECORD}").page
    page.get_by_role("button", name="Қазақша").click()
    page.locator(".sheet.on .acts a").first.click()
    tr = translator("kk")
    page.get_by_role("button", name=tr("Next")).click()
    page.locator("#text").fill("Үкімет қарашада жаңа жоспар жариялады.\nEND")
    page.locator("#link").fill("https://www.gov.kz/plan")
    page.get_by_role("button", name=tr("Next")).click()
    page.get_by_role("button", name=tr("Copy as text, send it any other way")).click()
    slip = page.locator("#slip-text").inner_text()
    assert "TRACKER SLIP 1" in slip
    (tmp_path / "slip.txt").write_text(slip, "utf-8")
    import shutil

    shutil.copy(ROOT / "recommendations.yaml", tmp_path)
    shutil.copytree(ROOT / "sources", tmp_path / "sources")
    monkeypatch.setenv("TRACKER_INBOX", str(tmp_path.with_name("box-of-slips")))
    path = tmp_path / "recommendations.yaml"
    added = command("inbox", "--registry", path, "add", tmp_path / "slip.txt")
    assert added.returncode == 0, added.stderr
    (waiting,) = inbox.waiting(inbox.place(path, os.environ))
    assert (waiting.message.about, waiting.message.kind, waiting.message.language) == (RECORD, "changed", "kk")
    assert waiting.message.text == "Үкімет қарашада жаңа жоспар жариялады.\nEND"
    evidence = view().registry.records[RECORD].assessments[0].evidence[0]
    judged = ("assess", "--status", "promised", "--evidence", evidence, "--as-of", str(today()))
    done = command("inbox", "--registry", path, "publish", 1, *judged)
    assert done.returncode == 0, done.stderr
    assert "жаңа жоспар" in path.read_text("utf-8")


def test_an_answer_opens_with_its_bodies_and_nothing_typed_is_lost_on_a_reload(offline: Offline) -> None:
    page = offline.go(f"/answer?id={RECORD}").page
    expect(page.get_by_label("We are the body addressed: our answer")).to_be_checked()
    page.get_by_role("button", name="Next").click()
    page.locator("#text").fill("It is being considered.")
    page.get_by_label("Took note, did not agree").check()
    page.wait_for_timeout(400)  # what was typed is kept a moment after the last letter
    page.reload()
    expect(page.locator("#text")).to_have_value("It is being considered.")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Copy as text").click()
    message = inbox.from_slip(page.locator("#slip-text").inner_text(), today(), view().registry)
    assert (message.kind, message.position, message.about) == ("answer", "took-note", RECORD)
    assert message.body in view().registry.actors
    page.get_by_role("button", name="Wipe").click()
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_a_message_about_no_point_yet_offers_the_points_to_choose_from(offline: Offline) -> None:
    page = offline.go("/report-change").page
    expect(page.locator('[name="about"]')).to_have_value("")
    page.get_by_label("Which point is it about?").select_option(RECORD)
    page.get_by_role("button", name="Show").click()
    expect(page.locator('[name="about"]')).to_have_value(RECORD)
    expect(page.locator(".sheet.on h1")).to_be_focused()
    page.go_back()
    expect(page.locator('[name="about"]')).to_have_value("")


def test_an_answer_that_is_reloaded_stays_on_the_screen_where_it_was(offline: Offline) -> None:
    page = offline.go(f"/answer?id={RECORD}").page
    page.get_by_role("button", name="Next").click()
    page.locator("#text").fill("We agree.")
    page.wait_for_timeout(400)  # what was typed is kept a moment after the last letter
    page.reload()
    expect(page.locator("#text")).to_be_visible()


def test_it_can_be_gone_through_by_keyboard_alone(offline: Offline) -> None:
    page = offline.go("/points").page
    page.get_by_label("Search in titles, summaries and quotes").focus()
    page.keyboard.type("convention 190")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('.list h3'))"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".sheet.on article h1")).to_be_focused()


@pytest.mark.parametrize("width", [390, 768, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_it_is_accessible_and_nothing_sticks_out(
    browser: Browser, file: Path, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, bypass_csp=True
    )  # type: ignore[arg-type]
    page = context.new_page()
    for address in SHEETS:
        page.goto("about:blank")  # so that the file is opened anew, whole
        page.goto(f"{file.as_uri()}#{address}")
        for name in ("English", "Русский", "Қазақша")[: 3 if width == 390 else 1]:
            page.get_by_role("button", name=name).click()
            out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert out == 0, address
        # The pages that are not shown need not be gone through each time.
        page.evaluate("document.querySelectorAll('.sheet:not(.on), template').forEach((each) => each.remove())")
        found = Axe().run(page, options=WCAG).response["violations"]
        assert found == [], (address, [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found])
    context.close()


def test_without_script_everything_can_be_read(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator(".sheet[data-record] h1").count() == 34
    assert page.locator(".sheet:visible").count() == 43
    page.locator(f'.list a[href="#/record?id={RECORD}"]').click()
    top = page.locator(f'[data-record="{RECORD}"]').bounding_box()
    assert top
    assert abs(top["y"]) < 50
    assert page.locator(".needs-script:visible").count() == 0
    context.close()


def test_on_paper_stands_the_page_that_is_shown(offline: Offline, tmp_path: Path) -> None:
    from pypdf import PdfReader

    page = offline.go(f"/record?id={RECORD}").page
    page.pdf(path=tmp_path / "one.pdf")
    text = " ".join("".join(each.extract_text() for each in PdfReader(tmp_path / "one.pdf").pages).split())
    assert "Join the Istanbul Convention" in text
    assert "Ratify ILO Convention 190 on violence" not in text.partition("Same or near")[0]
    assert "Saved as one file on" in text
    for on_screen in ("Report a change", "Русский", "Print everything", "Copy a sentence"):
        assert on_screen not in text
    page.evaluate("document.documentElement.classList.add('whole')")  # as its button does
    page.pdf(path=tmp_path / "all.pdf")
    text = " ".join("".join(each.extract_text() for each in PdfReader(tmp_path / "all.pdf").pages).split())
    for row in view().frame.rows:
        assert row.record.title.shown("en")[0] in text


def test_hostile_texts_are_shown_as_text(browser: Browser, tmp_path: Path) -> None:
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {policy} <!-- [x](javascript:alert(3))"
    text = (ROOT / "recommendations.yaml").read_text("utf-8")
    text = text.replace("en: Join the Istanbul Convention", f'en: "{hostile}"')
    text = text.replace("en: Parliament of Kazakhstan", f'en: "{hostile}"')  # stands in what the script reads
    assert text.count(hostile) == 2
    (tmp_path / "recommendations.yaml").write_text(text, "utf-8")
    import shutil

    shutil.copytree(ROOT / "sources", tmp_path / "sources")
    made = report.report(view(path=tmp_path / "recommendations.yaml"))
    assert made.count("<script") == 3
    assert html.escape(hostile.partition("{")[0])[:20] in made
    (tmp_path / "r.html").write_text(made, "utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss())[1])
    page.on("pageerror", lambda error: complaints.append(str(error)))
    for address in (f"/record?id={RECORD}", "/points?q=alert", f"/report-change?id={RECORD}", "/"):
        page.goto(f"{(tmp_path / 'r.html').as_uri()}#{address}")
        page.reload()
        assert page.locator("img").count() == 0
    page.goto(f"{(tmp_path / 'r.html').as_uri()}#/record?id={RECORD}")
    assert page.locator(".sheet.on h1").inner_text() == hostile
    page.goto(f"{(tmp_path / 'r.html').as_uri()}#/points?q=%24%26")
    expect(page.locator(".sheet.on .chips button")).to_contain_text("$&")
    page.goto(f"{(tmp_path / 'r.html').as_uri()}#/points?actor=kz-parliament")
    expect(page.locator(".sheet.on .chips button")).to_contain_text(hostile)
    assert complaints == []
    context.close()
