"""The editor's desk in Chromium: a week of it by clicks alone, and everything that must not happen there.

A copy of the shipped registry with a history of its own, `python -m dashboard serve`, an inbox. Where a
browser would never send something, tests/browser/wire.py does.
"""

import html
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, TimeoutError, expect
from pydantic import TypeAdapter
from websockets.exceptions import InvalidStatus

from dashboard import entering, fields
from dashboard.language import translator, words
from dashboard.registry import inbox, reader, wording
from dashboard.registry.scalars import today
from tests.browser.conftest import READY
from tests.browser.relay import Relay, relayed
from tests.browser.test_look import OF_STREAMLIT, WCAG
from tests.browser.wire import Value, Wire
from tests.small import ROOT, command, git
from tools.run_login import answering, copied, free_port, provider, written_settings

ISTANBUL = "istanbul-convention-accession"
LABOUR = "ilo-c190-ratification"
FIRST = "gender-policy-bottom-up"
LOOK = f"point={ISTANBUL}&verb=look"
HOSTILE = (
    "![x](https://evil.example/x.png) <img src=https://evil.example/y.png onerror=alert(1)> "
    "[a](javascript:alert(1)) https://evil.example/z :material/home: :red[r] 😀 <script>alert(1)</script>"
)


@dataclass
class Office:
    """A served copy of the registry, its inbox, and the cookies of its editor."""

    address: str
    registry: Path
    box: Path
    state: object = None
    settings: Path = Path()
    relay: Relay | None = None

    @property
    def cookie(self) -> str:
        return "; ".join(f"{each['name']}={each['value']}" for each in self.state["cookies"])  # type: ignore[index]

    @property
    def text(self) -> str:
        return self.registry.read_text("utf-8")

    def log(self, form: str = "%s", more: str = "") -> list[str]:
        words = ["git", "-C", str(self.registry.parent), "log", f"--format={form}", *more.split()]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()

    def tell(self, **said: str) -> str:
        """A message in the inbox; its receipt."""
        return inbox.add(TypeAdapter(inbox.Message).validate_python(said), self.box, today())

    def shown(self, record: str, language: str = "en") -> str:
        """The words of a record's page, as they are sent to everybody."""
        with urllib.request.urlopen(f"{self.address}/record?id={record}&lang={language}") as answer:
            return html.unescape(answer.read().decode())

    def enters(self, *typed: str) -> None:
        """Somebody else does something, by the command line."""
        done = command(typed[0], "--registry", self.registry, *typed[1:])
        assert done.returncode == 0, done.stderr


@dataclass
class Editor:
    """An open page of the desk; clicks and typed words are counted."""

    page: Page
    office: Office
    clicks: int = 0
    typed: int = 0
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def go(self, address: str) -> "Editor":
        self.page.goto(self.office.address + address)
        return self.settled()

    def settled(self) -> "Editor":
        self.page.locator("#before").wait_for(state="detached", timeout=READY)
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=READY)
        expect(self.page.locator('[data-testid="stSkeleton"]')).to_have_count(0, timeout=READY)
        return self

    def click(self, where: Locator) -> "Editor":
        self.clicks += 1
        where.click()
        return self

    def follow(self, words: str) -> "Editor":
        self.click(self.page.locator(".t").get_by_role("link", name=words, exact=True).first)
        return self.settled()

    def press(self, name: str) -> "Editor":
        return self.click(self.page.get_by_role("button", name=name, exact=True))

    def write(self, label: str, text: str) -> "Editor":
        self.typed += len(text.split())
        self.field(label).fill(text)
        return self

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True).first

    def holds(self, label: str, text: str) -> "Editor":
        expect(self.field(label)).to_have_value(text, timeout=READY)
        return self

    def choose(self, label: str, *said: str) -> "Editor":
        box = self.page.get_by_role("combobox", name=label, exact=True)
        several = box.locator("xpath=ancestor::*[@data-testid='stMultiSelect']")
        for each in said:
            self._choose(box, label, each)
            # The click on a list that the page shuts at this very moment is lost: whoever sees that chooses again.
            if several.count() and not self._has(several, each):
                self._choose(box, label, each)
        if several.count():
            box.press("Escape")
        return self

    def _has(self, several: Locator, said: str) -> bool:
        with suppress(TimeoutError):
            several.locator("[data-tag]").filter(has_text=_begins(said)).first.wait_for(timeout=1000)
            return True
        return False

    def _choose(self, box: Locator, label: str, said: str) -> None:
        self.clicks += 2
        box.evaluate("each => each.scrollIntoView({block: 'center', behavior: 'instant'})")
        option = self.page.get_by_role("option").filter(has_text=_begins(said)).first
        for _ in range(5):  # whatever moves on the page shuts an open list
            box.click()
            box.fill("")
            box.press_sequentially(said[:40])
            with suppress(TimeoutError):
                option.click(timeout=2000)
                return
        raise AssertionError(f"{label}: {said} is not to be chosen")

    def has_read(self) -> "Editor":
        self.press("I have read it: let me save")
        expect(self.page.get_by_role("button", name="I have read it: let me save")).to_have_count(0, timeout=READY)
        return self.settled()

    def saved(self) -> str:
        """What the page says once something was saved, and all of it stands there: what is chosen while it is still
        drawn can be lost.
        """
        said = self.page.locator('.t .asof[role="status"]').filter(has_text=re.compile("Saved:|Message|inbox"))
        try:
            said.wait_for(timeout=READY / 2)
        except TimeoutError:
            raise AssertionError(self.refused()) from None
        self.settled()
        return str(said.inner_text())

    def refused(self) -> list[str]:
        """What the page says where nothing was saved, line by line."""
        box = self.page.locator('.t .asof[role="alert"]')
        box.wait_for(timeout=READY)
        lines = box.locator("p").all_inner_texts()
        assert lines[0] == "Nothing was saved."
        return lines[1:]


Entering = Callable[..., Editor]


@contextmanager
def served(folder: Path, registry: Path, port: int, settings: Path) -> Iterator[str]:
    """What `python -m dashboard serve` printed, once the server answers."""
    log = folder / "log"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "STREAMLIT_"))}
    env |= {"TRACKER_INBOX": str(folder / "box"), "STREAMLIT_SECRETS_FILES": str(settings), "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "dashboard", "serve", "--registry", str(registry), "--port", str(port)]
    with log.open("wb") as out:
        running = subprocess.Popen(words, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
        try:
            answering(f"http://127.0.0.1:{port}/_stcore/health", running)
            while "To edit the registry" not in log.read_text("utf-8"):
                sleep(0.05)
            yield log.read_text("utf-8")
        finally:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
    assert "Traceback" not in log.read_text("utf-8"), log.read_text("utf-8")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Office]:
    """With the token of `serve`, over a line that can be cut."""
    folder = tmp_path_factory.mktemp("office")
    registry, port = copied(folder / "registry"), free_port()
    with served(folder, registry, port, folder / "none.toml") as said, relayed(port) as relay:
        made = Office(f"http://127.0.0.1:{relay.port}", registry, folder / "box", relay=relay)
        context = browser.new_context()
        token = re.search(r"enter\?token=\S+", said)
        assert token
        context.new_page().goto(f"{made.address}/{token[0]}")
        made.state = context.storage_state()
        context.close()
        yield made


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Guarded"]:
    """With people who sign in at a provider; the server can be started anew."""
    folder = tmp_path_factory.mktemp("guarded")
    registry, port = copied(folder / "registry"), free_port()
    with provider(free_port()) as people:
        settings = written_settings(folder / "secrets.toml", people)
        made = Guarded(folder, registry, port, settings)
        made.start()
        yield made
        made.stop()


@dataclass
class Guarded:
    """A server at which people sign in, and how it is started and stopped."""

    folder: Path
    registry: Path
    port: int
    settings: Path
    _running: list[AbstractContextManager[str]] = field(default_factory=list)

    @property
    def office(self) -> Office:
        return Office(f"http://localhost:{self.port}", self.registry, self.folder / "box", settings=self.settings)

    def start(self) -> None:
        running = served(self.folder, self.registry, self.port, self.settings)
        running.__enter__()
        self._running = [running]

    def stop(self) -> None:
        while self._running:
            self._running.pop().__exit__(None, None, None)


@pytest.fixture(scope="module")
def shared(office: Office, browser: Browser) -> Iterator[BrowserContext]:
    """The editor's browser, in which Streamlit's scripts are fetched once."""
    context = browser.new_context(storage_state=office.state, locale="en-GB")  # type: ignore[arg-type]
    yield context
    context.close()


@pytest.fixture
def enter(office: Office, shared: BrowserContext, browser: Browser) -> Iterator[Entering]:
    """Opens the desk as its editor; nothing may go to another host, and no dialog open."""
    opened: list[Editor] = []
    own: list[BrowserContext] = []

    def entered(width: int = 1440, scheme: str = "light", apart: bool = False) -> Editor:
        context = shared
        if apart:  # a browser of its own
            context = browser.new_context(storage_state=office.state, locale="en-GB")  # type: ignore[arg-type]
            own.append(context)
        editor = watched(context, office)
        editor.page.set_viewport_size({"width": width, "height": 1000})
        editor.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        opened.append(editor)
        return editor

    yield entered
    for editor in opened:
        assert editor.foreign == []
        assert editor.complaints == []
        editor.page.close()
    for context in own:
        context.close()


def watched(context: BrowserContext, office: Office) -> Editor:
    context.set_default_timeout(READY)
    editor = Editor(context.new_page(), office)
    ours = (office.address, office.address.replace("http", "ws", 1), "data:", "blob:")
    editor.page.on("request", lambda asked: None if asked.url.startswith(ours) else editor.foreign.append(asked.url))
    editor.page.on("dialog", lambda shown: _told_of(shown, editor))
    editor.page.on("pageerror", lambda error: editor.complaints.append(str(error)))
    return editor


def _told_of(dialog: Dialog, editor: Editor) -> None:
    editor.complaints.append(dialog.message)
    dialog.dismiss()


def label(verb: str, name: str) -> str:
    """A field as the form of a verb calls it."""
    return words.FIELD.get(f"{verb}.{name}") or words.FIELD[name]


# --- a week ------------------------------------------------------------------------------------------


def test_a_week_at_the_desk_by_clicks_alone(
    office: Office, enter: Entering, capsys: pytest.CaptureFixture[str]
) -> None:
    """Walk-through d of SCREENS.md: three messages, two looks, one wrong status taken back and judged anew."""
    before, told = office.log("%H")[0], {
        "changed": "Парламентте конвенцияға қосылу туралы тыңдау өтті.",
        "nothing-new": "The treaty office of the Council of Europe, its list of signatures",
        "wrong": "The judgement on the parties is wrong: the register holds one more",
    }  # fmt: skip
    about = {"changed": ISTANBUL, "nothing-new": LABOUR, "wrong": "different-parties-for-different-groups"}
    more = {
        "changed": {"when": "2026-11", "shown_by": "link", "link": "https://example.org/hearing", "status": "promised", "language": "kk"},
        "nothing-new": {},
        "wrong": {},
    }  # fmt: skip
    receipts = {kind: office.tell(about=about[kind], kind=kind, text=told[kind], **more[kind]) for kind in told}

    desk = enter().go("/desk")
    expect(desk.page.locator(".t .lead").first).to_contain_text("3 messages wait to be read")
    desk.follow("Something changed")
    desk.holds("What was found, where, and what was not", told["changed"])
    desk.write("Who published it", "Parliament of Kazakhstan").write("When it was published", "2026-11-20")
    desk.choose("Whose publisher it is", "a state’s").choose("What the original is", "news")
    desk.choose("Which state body owns it (only for a state’s)", "Parliament of Kazakhstan")
    desk.write("What this page shows, in one line of ours", "Парламенттегі тыңдау туралы хабар")
    desk.press("Publish").saved()

    desk.follow("Looked: nothing new").press("Publish").saved()

    desk.follow("Something is wrong").choose("What becomes of it", "Take an assessment back")
    desk.choose("Which assessment", first_of(desk, "Which assessment"))
    desk.write("Why it is taken back", "One register was not read").press("Publish").saved()
    desk.go(f"/desk?point={about['wrong']}").choose("What do you want to enter?", "Judge how far it is").settled()
    desk.choose("Where that puts it", "Under way")
    desk.write("True on (the date of the newest evidence)", "2026-11")
    desk.write("What was found, where, and what was not", "The register of parties holds one more")
    desk.choose("Evidence in the registry", "adilet-party-registered-2026").press("Save").saved()

    desk.click(desk.page.get_by_text("Looked at several points, nothing new in any"))
    desk.choose("Which points", "Build gender policy from the bottom up", "Bring more women into government")
    desk.write("Where somebody looked", "Adilet, the base of laws").press("Save: nothing new").saved()
    expect(desk.page.locator(".t .lead").first).to_contain_text("No message waits")

    with capsys.disabled():
        print(f"\nwalk-through d: {desk.clicks} clicks, {desk.typed} words typed")
    assert desk.clicks <= 40
    assert desk.typed <= 60

    _public_and_no_hour(office, before, told.values(), receipts.values())
    assert office.log("%s", f"{before}..HEAD") == [
        "Look gender-policy-bottom-up, more-women-in-government: nothing new",
        "Assess different-parties-for-different-groups: in-progress",
        "Withdraw different-parties-for-different-groups",
        f"Look {LABOUR}: nothing new",
        f"Assess {ISTANBUL}: promised",
    ]
    for receipt in receipts.values():
        assert "It was read and published." in outcome(desk, receipt)


def _begins(said: str) -> re.Pattern[str]:
    return re.compile(f"^{re.escape(said)}")


def first_of(desk: Editor, name: str) -> str:
    """The words of the first choice."""
    box, first = desk.page.get_by_role("combobox", name=name, exact=True), desk.page.get_by_role("option").first
    for _ in range(5):  # whatever moves on the page shuts an open list
        box.click()
        with suppress(TimeoutError):
            said = first.inner_text(timeout=2000)
            box.press("Escape")
            return said
        box.press("Escape")
    raise AssertionError(f"{name}: no choice is to be seen")


def outcome(desk: Editor, receipt: str) -> str:
    """What everybody who has a receipt reads."""
    desk.page.goto(f"{desk.office.address}/receipt")
    desk.page.locator('input[name="receipt"]').fill(receipt)
    desk.page.locator("form").get_by_role("button").first.click()
    return desk.page.locator(".opening").inner_text()


def _public_and_no_hour(office: Office, before: str, texts: Collection[str], receipts: Collection[str]) -> None:
    """The registry is sound; each commit is the editors' at midnight; neither it nor the inbox tells an hour or a sender."""
    done = command("validate", office.registry)
    assert done.returncode == 0, done.stderr
    fuller = "\n".join(office.log("%an|%cn|%ad|%cd", f"--date=iso {before}..HEAD"))
    assert set(fuller.splitlines()) == {f"editors|editors|{today()} 00:00:00 +0000|{today()} 00:00:00 +0000"}
    whole = subprocess.run(
        ["git", "-C", str(office.registry.parent), "log", "-p", "--format=fuller", f"{before}..HEAD"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert set(re.findall(r"\b\d\d:\d\d:\d\d\b", whole)) == {"00:00:00"}
    for receipt in receipts:
        assert receipt not in whole
    kept = [path for path in office.box.rglob("*") if path.is_file()]
    held = "".join(path.read_text("utf-8") for path in kept)
    for text in texts:
        assert text not in held
    assert not re.search(r"\d\d:\d\d", held)
    for path in [office.box, *office.box.rglob("*")]:
        assert path.stat().st_mtime % 86400 == 0


# --- an answer on paper ------------------------------------------------------------------------------


def test_an_answer_on_paper_is_on_the_page_in_full_and_in_its_language(office: Office, enter: Entering) -> None:
    """Walk-through e of SCREENS.md: "not ours", whose it is then."""
    written = "Қазақстан Республикасының Парламенті жауап береді.\n\n" + "Бұл мәселе Үкіметтің құзырында. " * 40
    desk = enter().go("/desk").follow("Type in an answer that came on paper")
    desk.choose("Which point", "Bring more women into government").settled()
    desk.click(desk.page.get_by_test_id("stRadio").get_by_text("Қазақша", exact=True))
    desk.choose(label("answer", "position"), "Not ours")
    desk.choose(label("answer", "by"), "Parliament of Kazakhstan")
    desk.write(label("answer", "on"), "2026-11-20").write(label("answer", "text"), written)
    desk.choose(label("answer", "whose"), "Government of Kazakhstan")
    desk.press("Save").saved()
    page = office.shown("more-women-in-government")
    assert "Бұл мәселе Үкіметтің құзырында. " * 39 in page
    assert re.search(r'lang="kk"[^>]*>[^<]*(<[^>]*>\s*)*Қазақстан Республикасының Парламенті', page)
    assert "Not ours" in page
    given = reader.load(office.registry, today()).registry
    assert given
    (answer,) = given.records["more-women-in-government"].answers
    assert (answer.by, answer.position, answer.whose) == ("kz-parliament", "not-ours", "kz-government")


# --- two at once, and pages that grew old ------------------------------------------------------------


def test_the_second_of_two_is_told_what_changed_keeps_its_text_and_saves_then(office: Office, enter: Entering) -> None:
    address = f"/desk?point={LABOUR}&verb=look"
    first, second = enter(apart=True).go(address), enter(apart=True).go(address)
    where = label("look", "where")
    first.write(where, "The first looked at the register").press("Save").saved()
    second.write(where, "The second looked at the law portal").press("Save")
    assert second.refused() == [
        "somebody changed the same entry since you opened it; see what it says now, then try again"
    ]
    meanwhile = second.page.locator(".t").filter(has_text="Meanwhile:").last
    expect(meanwhile).to_contain_text("Looked again, nothing new")
    second.holds(where, "The second looked at the law portal")
    assert "The second looked" not in office.text
    second.press("Save")  # not yet read
    second.page.get_by_role("button", name="I have read it: let me save").wait_for()
    second.settled()
    assert "The second looked" not in office.text
    second.has_read()
    second.holds(where, "The second looked at the law portal")
    second.press("Save").saved()
    assert office.text.count("The first looked at the register") == 1
    assert office.text.count("The second looked at the law portal") == 1


def test_a_double_click_saves_once(office: Office, enter: Entering) -> None:
    desk = enter().go("/desk")
    desk.click(desk.page.get_by_text("Looked at several points, nothing new in any"))
    desk.choose("Which points", "Start a political party for mothers and women")
    desk.write("Where somebody looked", "Clicked twice in a hurry")
    desk.page.get_by_role("button", name="Save: nothing new").dblclick()
    desk.saved()
    assert office.text.count("Clicked twice in a hurry") == 1
    desk.go("/desk?do=letter")
    waiting = len(inbox.waiting(office.box))
    told = inbox.slip(TypeAdapter(inbox.Message).validate_python({"kind": "wrong", "text": "A slip that came twice"}))
    desk.page.get_by_label("The slip, as it came").fill(told)
    desk.page.get_by_role("button", name="Into the inbox").dblclick()
    desk.saved()
    assert len(inbox.waiting(office.box)) == waiting + 1


@pytest.mark.parametrize("address", ["", LOOK], ids=["batch", "one point"])
def test_a_second_press_while_the_first_one_saves_is_the_same_act(office: Office, address: str) -> None:
    """It begins a second run beside the first; when that looks, nothing is in the file yet."""
    with Wire(office.address, office.cookie) as wire:
        for n in range(1, 6):
            where, ids = f"Pressed again while it was saved, {n}", wire.run(address).widgets
            which = ids.get("Which points", "")
            chosen: dict[str, Value] = {which: ["Start a political party for mothers and women"]} if which else {}
            values = chosen | {
                ids[label("look", "where")]: where,
                ids["Save" if address else "Save: nothing new"]: True,
            }
            before = office.text.count(where)
            said = wire.run(address, values, again_after=0.03 * n)
            assert "Nothing was saved" not in said.words
            assert office.text.count(where) == before + 1


def test_enter_chooses_no_point_that_was_not_named(enter: Entering) -> None:
    """Streamlit offers to choose them all first."""
    desk = enter().go("/desk")
    desk.click(desk.page.get_by_text("Looked at several points, nothing new in any"))
    assert "Treat sexual assault as a serious crime" in first_of(desk, "Which points")


def test_a_form_proposes_no_judgement(office: Office) -> None:
    """What somebody has to judge is empty, unless a message proposed it."""
    with Wire(office.address, office.cookie) as wire:
        drawn = wire.run(f"point={ISTANBUL}&verb=assess")
        before = office.log()
        said = wire.run(f"point={ISTANBUL}&verb=assess", {drawn.widgets["Save"]: True})
        for name in ("status", "as_of", "note"):
            assert f"{label('assess', name)}: nothing stands there yet." in said.words
    assert office.log() == before


def test_what_is_missing_is_said_in_the_language_of_the_page(office: Office) -> None:
    tr = translator("ru")
    with Wire(office.address, office.cookie) as wire:
        ids = wire.run(f"{LOOK}&lang=ru").widgets
        said = wire.run(f"{LOOK}&lang=ru", {ids[tr("Save")]: True}).words
    assert tr("{field}: nothing stands there yet.", field=tr(label("look", "where"))) in said
    assert tr("Nothing was saved.") in said
    assert tr("Nothing was saved.") != "Nothing was saved."


@pytest.mark.parametrize("forged", ["", "implemented", "Nobody", "Checked, nothing found ", "Done "])
def test_a_choice_that_was_never_offered_is_saved_as_no_other(office: Office, forged: str) -> None:
    before, address = office.log(), f"point={ISTANBUL}&verb=assess"
    with Wire(office.address, office.cookie) as wire:
        ids = wire.run(address).widgets
        values: dict[str, Value] = {
            ids[label("assess", "status")]: forged,
            ids[label("assess", "as_of")]: "2026-11",
            ids[label("assess", "note")]: "A forged choice",
            ids[label("assess", "evidence")]: ["adilet-party-registered-2026"],
            ids["Save"]: True,
        }
        said = wire.run(address, values)
        assert "Nothing was saved." in said.words
        values[ids[label("assess", "status")]] = "Under way"
        values[ids[label("assess", "by")]] = "Somebody else"
        assert "Nothing was saved." in wire.run(address, values).words
    assert office.log() == before


def test_a_choice_that_is_gone_meanwhile_is_saved_as_no_other(office: Office, tmp_path: Path) -> None:
    """Streamlit would put the proposed one in its place: the judgement of a body would become the editors'."""
    body = tmp_path / "body.yaml"
    body.write_text("id: passing-body\nname: A passing body\nkind: civil-society\nside: society\n", "utf-8")
    office.enters("add", "actor", str(body))
    address = f"point={ISTANBUL}&verb=look"
    with Wire(office.address, office.cookie) as wire:
        ids = wire.run(address).widgets
        values = {ids[label("look", "where")]: "At the passing body", ids[label("look", "by")]: "A passing body"}
        wire.run(address, values)
        office.registry.write_text(re.sub(r"\n *- id: passing-body\n(    .*\n)+", "\n", office.text), "utf-8")
        assert "passing-body" not in office.text
        git(office.registry.parent, "commit", "-qam", "Take the passing body out")
        said = wire.run(address, values | {ids["Save"]: True})
        assert "Nothing was saved." in said.words
        assert "passing-body" in said.words
    assert "At the passing body" not in office.text


def test_choices_that_read_alike_are_told_apart(office: Office) -> None:
    """Two judgements of one body, day and status: the browser sends back their words, and the last would win."""
    name = "eu-support-for-civil-society"
    address = f"point={name}&verb=withdraw"
    with Wire(office.address, office.cookie) as wire:
        ids = wire.run(address).widgets
        chosen = {ids[label("withdraw", "assessment")]: "Ongoing · 2026-11-21 · Editors · 2026-11-21/editors/1"}
        said = wire.run(address, chosen | {ids[label("withdraw", "why")]: "The first one", ids["Save"]: True})
        assert "Saved:" in said.words
    given = reader.load(office.registry, today()).registry
    assert given
    assert [bool(each.withdrawn) for each in given.records[name].assessments] == [True, False]


def test_a_page_older_than_the_server_saves_nothing_that_nobody_chose(guarded: Guarded, browser: Browser) -> None:
    """The line comes back to a server that knows nothing of the page, over a registry that was changed."""
    office, context = guarded.office, browser.new_context(locale="en-GB")
    stale, chosen = watched(context, office), watched(context, office)
    sign_in(stale, "editor")
    office.enters("edit", FIRST, "summary.en", "What stood there at first")
    stale.go(f"/desk?point={FIRST}&verb=edit").choose("Which field", "Summary in our words, English").settled()
    stale.holds(label("edit", "value"), "What stood there at first")
    chosen.go(f"/desk?point={ISTANBUL}&verb=look").choose(label("look", "by"), "Feminita")
    chosen.write(label("look", "where"), "Where Feminita looked")
    guarded.stop()
    for each in (stale, chosen):
        expect(each.page.locator('[data-test-connection-state="CONNECTED"]')).to_have_count(0, timeout=READY)
    office.enters("edit", FIRST, "summary.en", "What somebody else wrote")
    office.enters("edit", "feminita", "name.en", "Another name", "--of", "actors")
    guarded.start()
    for each in (stale, chosen):
        connected(each)
    stale.holds(label("edit", "value"), "What stood there at first")
    stale.press("Save")
    assert stale.refused()[0].startswith("somebody changed the same entry since you opened it")
    assert "What somebody else wrote" in office.text
    chosen.press("Save")
    assert chosen.refused() == [
        "What can be chosen here has changed since you opened it. Look at each choice once more."
    ]
    assert "Where Feminita looked" not in office.text
    chosen.holds(label("look", "where"), "Where Feminita looked").has_read()
    chosen.choose(label("look", "by"), "Another name").press("Save").saved()
    assert "Where Feminita looked" in office.text
    context.close()


def test_a_line_cut_while_typing_loses_nothing(office: Office, enter: Entering) -> None:
    desk, where = enter(apart=True).go(f"/desk?{LOOK}"), label("look", "where")
    assert office.relay
    desk.write(where, "Typed before the line was cut,")
    office.relay.cut()
    desk.page.context.set_offline(True)
    try:
        expect(desk.page.locator('[data-test-connection-state="CONNECTED"]')).to_have_count(0, timeout=READY)
        desk.holds(where, "Typed before the line was cut,")
    finally:
        office.relay.mend()
        desk.page.context.set_offline(False)
    connected(desk)
    desk.holds(where, "Typed before the line was cut,")
    desk.field(where).press_sequentially(" and after it was mended")
    desk.press("Save").saved()
    assert office.text.count("Typed before the line was cut, and after it was mended") == 1


def connected(desk: Editor) -> None:
    expect(desk.page.locator('[data-test-connection-state="CONNECTED"]')).to_have_count(1, timeout=READY)
    desk.settled()


# --- who may -----------------------------------------------------------------------------------------


def sign_in(editor: Editor, name: str) -> None:
    editor.page.goto(f"{editor.office.address}/signin")
    editor.page.get_by_role("button", name=name, exact=True).click()
    editor.page.wait_for_url(f"{editor.office.address}/**")


ACTS = (
    "",
    "?item=1",
    f"?point={ISTANBUL}&verb=look",
    "?do=add&what=actor",
    "?do=letter",
    "?do=entry&of=actors",
    "?do=answer",
)


@pytest.mark.parametrize("who", ["reader", "contributor", "unverified"])
def test_who_is_no_editor_sees_the_list_and_no_form(
    guarded: Guarded, office: Office, browser: Browser, who: str
) -> None:
    """Nor does the press of a button help that an editor's page would have: the same bytes."""
    pressed = forged(office, "Pressed by no editor")
    office, context = guarded.office, browser.new_context(locale="en-GB")
    before = office.log()
    office.tell(kind="wrong", text="For editors only", about=ISTANBUL)
    editor = watched(context, office)
    if who != "reader":
        sign_in(editor, who)
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in context.cookies(office.address))
    context.close()
    with Wire(office.address, cookie) as wire:
        for address in ACTS:
            drawn = wire.run(address.removeprefix("?"))
            assert not {"Save", "Publish", "Into the inbox"} & set(drawn.widgets), address
            assert "Everybody may read this and look." in drawn.words
            assert "For editors only" not in drawn.words
        assert "Saved:" not in wire.run(LOOK, pressed).words
    assert office.log() == before


def test_a_role_taken_away_before_saving_is_refused_and_the_text_is_shown(guarded: Guarded, browser: Browser) -> None:
    office, before = guarded.office, guarded.office.text
    context = browser.new_context(locale="en-GB")
    desk, other = watched(context, office), watched(context, office)
    sign_in(desk, "editor")
    ways: Sequence[Callable[[], object]] = (
        lambda: office.settings.write_text(office.settings.read_text("utf-8").replace("Editor@", "somebody@"), "utf-8"),
        lambda: other.page.goto(f"{office.address}/leave"),
    )
    for take_away in ways:
        desk.go(f"/desk?point={ISTANBUL}&verb=look")
        desk.write(label("look", "where"), "What I typed <b>before</b> I was none")
        take_away()
        desk.press("Save")
        assert desk.refused() == ["a reader may not save; sign in as editor, or ask those who keep the registry"]
        expect(desk.page.locator("pre.copyable")).to_have_text("What I typed <b>before</b> I was none")
        assert not desk.page.get_by_role("button", name="Save", exact=True).count()
        assert office.text == before
        office.settings.write_text(office.settings.read_text("utf-8").replace("somebody@", "Editor@"), "utf-8")
    context.close()


def forged(office: Office, text: str) -> dict[str, Value]:
    """What the editor's own page would send to save a look."""
    with Wire(office.address, office.cookie) as wire:
        ids = wire.run(LOOK).widgets
    return {ids[label("look", "where")]: text, ids[label("look", "by")]: "Editors", ids["Save"]: True}


def test_a_forged_press_of_the_button_is_an_editors_or_nothing(office: Office) -> None:
    """The same bytes, with and without what makes an editor of somebody."""
    assert office.relay
    own, before = office.cookie, office.log()
    strangers: list[tuple[str, dict[str, object]]] = [
        ("no cookie", {}),
        ("a cookie of nobody", {"cookie": re.sub("=.*", "=abc", own)}),
        ("no Origin", {"cookie": own, "origin": None}),
        ("the Origin of another port", {"cookie": own, "origin": "http://127.0.0.1:1"}),
        ("a proxy that says so", {"cookie": own, "X_Forwarded_For": "203.0.113.9"}),
        ("a proxy that says no more than for whom", {"cookie": own, "Forwarded": "for=203.0.113.9"}),
    ]
    values = forged(office, "By somebody else")
    for who, given in strangers:
        with Wire(office.address, **given) as wire:  # type: ignore[arg-type]
            drawn = wire.run(LOOK, values)
        assert (who, drawn.widgets) == (who, {})
        assert "Saved:" not in drawn.words
        assert (who, office.log()) == (who, before)
    port = int(office.address.rpartition(":")[2])
    with (
        relayed(port, b"X-Forwarded-For: 203.0.113.9\r\n") as proxy,
        Wire(office.address, own, through=proxy.port) as wire,
    ):
        assert wire.run(LOOK, values).widgets == {}
    for origin, host in (
        ("http://rebound.example", ""),
        ("own", "rebound.example"),
        ("own", "127.0.0.1.rebound.example"),
    ):
        with pytest.raises(InvalidStatus), Wire(office.address, own, origin, host=host) as wire:
            wire.run(LOOK, values)
    assert office.log() == before
    with Wire(office.address, own) as wire:  # the very same, by its editor: it does save
        assert "Saved:" in wire.run(LOOK, forged(office, "By the editor")).words
    assert office.log()[1:] == before
    assert "By somebody else" not in office.text


# --- every act ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """What is filled in, by field, and what the record's page then says."""

    record: str
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    says: Sequence[str] = ()
    missing: Sequence[str] = ()
    more: bool = False


CAT = "cat-concluding-observations-2023"
FORMS: dict[str, Act] = {
    "assess": Act(
        "sexual-assault-serious-crime-in-law",
        {"status": ["Partly done"], "met:1": [CAT]},
        {
            "as_of": "2026-11-20", "note": "The code was changed in one article.", "url": "https://example.org/code",
            "publisher": "A law journal", "published": "2026-11-20", "says": "The article as changed.",
        },
        ["The code was changed in one article.", "https://example.org/code"], ["status", "as_of", "note"], True,
    ),
    "look": Act("gender-concerns-everyone", {}, {"where": "The plan of the year"}, ["The plan of the year"], ["where"]),
    "answer": Act(
        "those-in-power-make-space-for-the-young", {"position": ["Took note"], "by": ["State of Kazakhstan"]},
        {"on": "2026-11-02", "text": "We took note of it."}, ["We took note of it."], ["position", "by", "on", "text"],
    ),
    "step": Act("end-torture-in-detention", {"state": ["not known"]}, {"step": "A new body visits cells"}, ["A new body visits cells"], ["state"]),
    "fund": Act(
        "donors-support-grassroots-activists", {"by": ["European Union"], "stage": ["pledged"], "evidence": [CAT]},
        {"purpose": "Small grants", "amount": "1000000", "currency": "EUR", "on": "2026-10"}, ["Small grants"], ["by", "stage", "purpose"],
    ),
    "setback": Act(
        "new-parliamentary-elections", {"evidence": [CAT]}, {"on": "2026-09-01", "what": "The day was put off."},
        ["The day was put off."], ["on", "what", "evidence"],
    ),
    "ask": Act(
        "party-for-mothers-and-women", {"actor": ["Justice Ministry"]}, {"on": "2026-11-01", "how": "By a letter with a stamp"},
        ["Justice Ministry"], ["actor", "on", "how"],
    ),
    "quote": Act(
        "media-effort-on-domestic-violence", {"source": ["Experts Highlight"], "by": ["Assel Tutumlu"], "told": ["reported"]},
        {"locator": "The last third", "quote": "the press must speak of it"}, ["the press must speak of it"], ["source", "by", "told"],
    ),
    "involve": Act("media-effort-on-domestic-violence", {"actor": ["UNOPS"], "role": ["helps"]}, {}, ["UNOPS"], ["actor", "role"]),
    "align": Act("media-effort-on-domestic-violence", {"match": ["touches it"]}, {"code": "cedaw:art-7"}, ["cedaw:art-7"], ["code", "match"]),
    "relate": Act(
        "media-effort-on-domestic-violence", {"to": ["Act against domestic violence (civil society)"], "relation": ["it asks the same once more"]}, {},
        ["civil society"], ["to", "relation"],
    ),
    "due": Act("party-for-mothers-and-women", {}, {"on": "2027-01-31", "basis": "A plan of the ministry"}, ["A plan of the ministry"], ["on", "basis"]),
    "edit": Act("better-social-welfare-for-mothers", {"field": ["Title, English"]}, {"value": "Better welfare for mothers"}, ["Better welfare for mothers"]),
    "translate": Act("men-and-women-join-campaigns", {"field": ["Title"], "language": ["Қазақша"]}, {"text": "Бәріміз бірге"}, [], ["language"]),
    "withdraw": Act("foreign-officials-answer-disinformation", {"assessment": ["Ongoing"]}, {"why": "It was another officer"}, ["It was another officer"], ["assessment", "why"]),
    "retire": Act("donors-recognise-past-gender-policy-effects", {}, {"reason": "Nobody can test it"}, ["Nobody can test it"], ["reason"]),
    "merge": Act("donors-give-grassroots-leaders-platforms", {"into": ["Support grassroots activists in Kazakhstan"]}, {"reason": "The same people"}, ["The same people"], ["into", "reason"]),
    "correct": Act("more-comprehensive-laws-on-violence", {}, {"was": "Two laws", "now": "Three laws"}, [], ["was", "now"]),
}  # fmt: skip


def test_every_verb_and_field_has_words() -> None:
    """On the desk each verb of the command line can be chosen, and each of its fields is called something."""
    assert set(words.COMMAND) == set(entering.VERBS) == {*FORMS, "withhold", "tend"}
    assert set(words.ENTRY) == set(entering.ADDED) == set(NEW)
    for verb, (kind, _) in entering.VERBS.items():
        for name in wording.field_kinds(kind):
            assert (
                name in ("record", "records", "id", "of", "new")
                or f"{verb}.{name}" in words.FIELD
                or name in words.FIELD
            ), (verb, name)
    for what, kind in entering.ADDED.items():
        for name in every_field(wording.field_kinds(kind)["entry"]):
            assert name in words.ENTRY_FIELD or name in words.FIELD, (what, name)


def every_field(kind: type) -> Iterator[str]:
    for name, inner in wording.field_kinds(kind).items():
        if name not in fields._LATER.get(kind, ()):
            yield name
            if fields._made_of_several(inner):
                yield from every_field(inner)


def test_only_bodies_of_the_state_are_offered_as_the_owner_of_a_page_of_the_state(
    office: Office, enter: Entering
) -> None:
    desk = enter().go("/desk?point=ilo-c190-ratification&verb=assess")
    desk.click(desk.page.get_by_text("A page that is not in the registry yet"))
    owner = "Which state body owns it (only for a state’s)"
    desk.choose(owner, "Parliament of Kazakhstan")
    desk.page.get_by_role("combobox", name=owner, exact=True).fill("Human Rights Watch")
    expect(desk.page.get_by_text("No results", exact=True)).to_be_visible()


def test_evidence_is_kept_private_by_its_form(office: Office, enter: Entering) -> None:
    before = office.log()
    desk = enter().go("/desk?do=entry&of=evidence&id=adilet-party-registered-2026")
    desk.choose("What do you want to enter?", words.COMMAND["withhold"]).settled().press("Save").saved()
    assert office.log()[1:] == before
    given = reader.load(office.registry, today()).registry
    assert given
    assert given.evidence["adilet-party-registered-2026"].withheld


def test_who_tends_a_subject_is_set_and_taken_out_again_without_yaml(office: Office, enter: Entering) -> None:
    steward, often = words.FIELD["steward"], words.FIELD["check_every_days"]
    desk = enter().go("/desk?do=entry&of=themes&id=ilo-c190&verb=tend")
    desk.write(steward, "The union of crisis centres").write(often, "90").press("Save").saved()
    expect(desk.page.locator("section[aria-labelledby=tending]")).to_contain_text("The union of crisis centres")
    given = reader.load(office.registry, today()).registry
    assert given
    assert (given.themes["ilo-c190"].steward, given.themes["ilo-c190"].check_every_days) == (
        "The union of crisis centres",
        90,
    )
    desk.go("/desk?do=entry&of=themes&id=ilo-c190&verb=tend").holds(steward, "The union of crisis centres")
    desk.write(steward, "").press("Save").saved()
    given = reader.load(office.registry, today()).registry
    assert given
    assert (given.themes["ilo-c190"].steward, given.themes["ilo-c190"].check_every_days) == (None, 90)


def test_a_field_is_emptied_and_is_gone(office: Office, enter: Entering) -> None:
    """What must go at once needs no words in its place."""
    name = "istanbul-convention-accession"
    before = reader.load(office.registry, today()).registry
    assert before
    desk = enter().go(f"/desk?point={name}&verb=edit").choose("Which field", "Summary in our words, Қазақша").settled()
    desk.write(words.FIELD["value"], "").press("Save").saved()
    given = reader.load(office.registry, today()).registry
    assert given
    was, now = before.records[name].summary, given.records[name].summary
    assert was
    assert now
    assert was.kk
    assert (now.en, now.ru, now.kk) == (was.en, was.ru, None)


@pytest.mark.parametrize("verb", FORMS)
def test_every_act_by_its_form(office: Office, enter: Entering, verb: str) -> None:
    """With nothing filled in all that is missing is said at once; filled in it is saved, committed and shown."""
    act, before = FORMS[verb], office.log()
    desk = enter().go(f"/desk?point={act.record}&verb={verb}")
    chosen = dict(act.chosen)
    if "field" in chosen:
        desk.choose("Which field", *chosen.pop("field")).settled()
    if act.missing:
        desk.press("Save")
        said = desk.refused()
        assert [f"{label(verb, name)}: nothing stands there yet." in said for name in act.missing] == [True] * len(
            act.missing
        )
        assert len(said) == len(act.missing)
        assert office.log() == before
    if act.more:
        desk.click(desk.page.get_by_text("A page that is not in the registry yet"))
        desk.choose(label(verb, "owner"), "independent of states").choose(label(verb, "form"), "a report")
    for name, values in chosen.items():
        desk.choose("Condition 1 is met, shown by" if name == "met:1" else label(verb, name), *values)
    for name, text in act.written.items():
        desk.write(label(verb, name), text)
    if verb == "translate":
        desk.click(desk.page.get_by_text(label(verb, "checked")))
    desk.press("Save").saved()
    assert office.log()[1:] == before
    page = office.shown(act.record, "kk" if verb == "translate" else "en")
    for said in (*act.says, *((act.written["text"],) if verb == "translate" else ())):
        assert said in page


NEW: dict[str, Act] = {
    "evidence": Act("", {"owner": ["independent of states"], "form": ["a report"]}, {
        "id": "a-new-page", "says": "It shows a thing.", "url": "https://example.org/new", "publisher": "A journal",
        "published": "2026-11-01"}, ["id", "says", "owner", "form"]),
    "actor": Act("", {"kind": ["civil-society"], "side": ["Society"]}, {"id": "a-new-body", "name": "A new body"}, ["id", "name", "kind", "side"]),
    "instrument": Act("", {}, {"id": "a-new-convention", "name": "A new convention"}, ["id", "name"]),
    "theme": Act("", {}, {"id": "a-new-subject", "name": "A new subject"}, ["id", "name"]),
    "source": Act("", {"owner": ["independent of states"], "form": ["a report"], "rights": ["quote-only"]}, {
        "id": "a-new-source", "title": "A new report", "publisher": "A house", "published": "2026-11-02",
        "url": "https://example.org/source", "language": "en", "licence": "all rights reserved", "summary": "What it says."},
        ["id", "title", "publisher"]),
    "record": Act("", {"kind": ["demand"], "theme": [""], "actor": ["State of Kazakhstan"], "role": ["must act"], "basis": ["named"],
        "source": ["Experts"], "by": ["Aigerim"], "told": ["quoted"]}, {"id": "a-new-point", "title": "A new point", "paragraph": "3", "quote": "somebody must do a new thing"},
        ["id", "title", "kind", "theme"]),
}  # fmt: skip


@pytest.mark.parametrize("what", NEW)
def test_every_new_entry_by_its_form(office: Office, enter: Entering, what: str) -> None:
    act, before = NEW[what], office.log()
    desk = enter().go(f"/desk?do=add&what={what}")
    desk.press("Save")
    said = desk.refused()
    for name in act.says:
        assert f"{entry_label(name)}: nothing stands there yet." in said
    assert all(line.endswith(": nothing stands there yet.") for line in said)
    assert office.log() == before
    for name, values in act.chosen.items():
        desk.choose(entry_label(name), *values)
    for name, text in act.written.items():
        desk.write(entry_label(name), text)
    desk.press("Save").saved()
    assert office.log()[1:] == before
    given = reader.load(office.registry, today())
    assert not given.errors
    assert act.written["id"] in office.text + "".join(
        path.read_text("utf-8") for path in office.registry.parent.glob("sources/*")
    )


def entry_label(name: str) -> str:
    """A field as the form of a new entry calls it."""
    return words.ENTRY_FIELD.get(name) or words.FIELD[name]


# --- hostile -----------------------------------------------------------------------------------------


def test_hostile_texts_are_shown_as_text(office: Office, enter: Entering) -> None:
    """In a message, in what stands in the registry, in what is typed, and in what the door answers."""
    before, name = office.log(), "police-investigate-attacks-on-feminita"
    office.tell(kind="changed", about=name, text=f"{HOSTILE}\u202eabc\n# h\n\n" + "Ы" * 3700, language="ru")
    number = max(each.number for each in inbox.waiting(office.box))
    office.enters("edit", name, "done_when.new", HOSTILE)
    office.enters("edit", name, "title.en", HOSTILE)
    desk = enter(width=390).go("/desk")
    harmless(desk)
    desk.go(f"/desk?item={number}")
    harmless(desk)
    expect(desk.page.locator("blockquote").first).to_contain_text(HOSTILE)
    assert desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert desk.page.locator(".message").evaluate("each => each.scrollWidth - each.clientWidth") <= 0
    for short in ('<img src="https://evil.example/y.png">', '<a href="https://evil.example/">a</a>', HOSTILE[:50]):
        desk.write(label("assess", "as_of"), short).press("Publish")
        expect(desk.page.locator('[role="alert"]')).to_contain_text(short, timeout=READY)
        harmless(desk)
    desk.write(label("assess", "as_of"), "2026-11").choose(label("assess", "status"), "Under way")
    desk.write(label("assess", "note"), f"{HOSTILE} \u202e\u2066 bidi").press("Publish")
    assert desk.refused()
    harmless(desk)
    for address in (
        f"/desk?point={name}&verb=assess",
        "/desk?do=point",
        f"/desk?point={name}&verb=edit",
        "/desk?do=letter",
    ):
        desk.go(address)
        harmless(desk)
    desk.page.get_by_label("The slip, as it came").fill(f"TRACKER SLIP 1\n{HOSTILE}")
    desk.press("Into the inbox")
    assert desk.refused()
    harmless(desk)
    assert office.log()[2:] == before


def harmless(desk: Editor) -> None:
    """No element came out of a text: no picture, no link, no script; nothing was asked for elsewhere."""
    desk.settled()
    found = desk.page.locator(
        '[src*="evil.example"], [href*="evil.example"], [href^="javascript:"], [onerror], .stMarkdownColoredText, '
        '.stMarkdown img, [data-testid="stWidgetLabel"] a, [data-testid="stWidgetLabel"] img, [role="alert"] a'
    )
    assert found.count() == 0, found.first.evaluate("each => each.outerHTML")
    assert desk.foreign == []
    assert desk.complaints == []


# --- by eye, by ear and by keyboard --------------------------------------------------------------------


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier_at_the_desk(office: Office, enter: Entering, width: int, scheme: str) -> None:
    office.tell(
        kind="answer",
        about=ISTANBUL,
        position="not-ours",
        body="kz-parliament",
        whose="kz-government",
        text="It is not ours",
    )
    number = max(each.number for each in inbox.waiting(office.box))
    desk = enter(width, scheme)
    for address in ("/desk", f"/desk?item={number}", f"/desk?point={ISTANBUL}&verb=assess"):
        desk.go(address)
        if "verb" in address:
            desk.press("Save").refused()
        answer = Axe().run(desk.page, options=WCAG).response
        found = [(rule["id"], str(node["target"][0])) for rule in answer["violations"] for node in rule["nodes"]]
        assert len(answer["passes"]) > 10
        assert [
            (rule, at) for rule, at in found if not any(rule == r and at.startswith(s) for r, s in OF_STREAMLIT)
        ] == []
        wide = "document.querySelector('[data-testid=stMain]')"
        assert desk.page.evaluate(f"{wide}.scrollWidth - {wide}.clientWidth") == 0


def test_from_the_list_to_a_published_message_by_the_keyboard_alone(office: Office, enter: Entering) -> None:
    receipt = office.tell(kind="nothing-new", about=LABOUR, text="Read with the keyboard alone")
    number = max(each.number for each in inbox.waiting(office.box))
    desk = enter().go("/desk")
    reach(desk, f"document.activeElement.href?.endsWith('item={number}')")
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_url(f"**/desk?item={number}")
    desk.settled()
    reach(desk, "document.activeElement.innerText === 'Publish'")
    desk.page.keyboard.press("Enter")
    desk.saved()
    assert "Read with the keyboard alone" in office.text
    assert "It was read and published." in outcome(desk, receipt)


def reach(desk: Editor, there: str) -> None:
    """By Tab, as often as it takes."""
    for _ in range(80):
        desk.page.keyboard.press("Tab")
        if desk.page.evaluate(there):
            return
    raise AssertionError("not to be reached with Tab")


def test_what_is_declined_is_deleted_and_the_sender_reads_why(office: Office, enter: Entering) -> None:
    receipt = office.tell(kind="wrong", about=ISTANBUL, text="The man next door is to blame", language="en")
    number = max(each.number for each in inbox.waiting(office.box))
    before = office.log()
    desk = enter().go(f"/desk?item={number}")
    desk.click(desk.page.get_by_text("Do not publish it"))
    desk.press("Decline, and delete its text")
    assert desk.refused() == ["Choose a reason."]
    desk.choose("Why (the number of each kind of reason is public)", "It names a private person.")
    desk.write("What the sender reads with the receipt besides", "Please write it without him.")
    desk.press("Decline, and delete its text")
    assert "its text is deleted" in desk.saved().lower()
    assert office.log() == before
    assert "next door" not in "".join(path.read_text("utf-8") for path in office.box.rglob("*.json"))
    said = outcome(desk, receipt)
    assert "It names a private person." in said
    assert "Please write it without him." in said


def test_what_took_more_than_one_act_is_settled_by_hand(office: Office, enter: Entering) -> None:
    receipt = office.tell(kind="wrong", about=ISTANBUL, text="Two things are wrong", language="en")
    number = max(each.number for each in inbox.waiting(office.box))
    desk = enter().go(f"/desk?item={number}")
    desk.click(desk.page.get_by_text("What it asks for is done already"))
    desk.press("Done: settle it as published").saved()
    assert "It was read and published." in outcome(desk, receipt)
    desk.go(f"/desk?item={number}")
    expect(desk.page.get_by_text("is settled already; nothing was done")).to_be_visible()
