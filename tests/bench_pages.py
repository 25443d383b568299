"""How quick the pages are in Chromium, beside Datasette over the same records: part of `make bench`.

Both servers run on this machine, one after the other, in the same browser. A filter click is
measured from the click to two drawn frames after the number, the picture and the table have changed;
Datasette, which draws no picture, to the same after its table and all its facets have. Nothing is
asserted: a time is a matter of the machine, a ratio is what to look at.
"""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from dashboard.language.words import SIDE
from dashboard.progress.frame import Frame, frame
from dashboard.registry import reader
from dashboard.registry.scalars import Clock
from tests import generate
from tests.small import ROOT
from tools.browser import launch

SHIPPED = ROOT / "recommendations.yaml"
GOALS = {30: 1.2, 1_000: 1.0, 10_000: 0.6}
CLICKS, WARM = 30, 4
FACETS = ("side", "status", "known", "theme", "kind", "actor", "source")
WAIT = 120_000
KBIT = 400


def report(repetitions: int) -> None:
    """Prints every figure of the pages."""
    print(f"{'pages in Chromium':46} {'ours':>9} {'Datasette':>9}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, launch(playwright) as browser:
        for records, goal in GOALS.items():
            path = generate.write(Path(folder) / str(records), generate.registry(1, records))
            _clicks(browser, path, records, goal)
        _cold(browser, Path(folder), repetitions)
        _slow_line(browser)


# --- filter clicks ----------------------------------------------------------------------------------


def _clicks(browser: Browser, path: Path, records: int, goal: float) -> None:
    held = _frame(path)
    sizes = {str(side): int(n) for side, n in held.table["side"].value_counts().items() if 0 < n < len(held)}
    with _ours(path) as server, _page(browser) as page:
        _settled(page, f"{server.address}/points")
        before: list[float] = []
        ours = [_ours_clicked(page, side, sizes, len(held), server, before) for side in _turns(sizes)][WARM:]
        cpu, memory = median(before[WARM:]), _memory(server.pid)
    with _datasette(held, path.parent) as server, _page(browser) as page:
        page.goto(f"{server.address}/{_query()}")
        theirs = [_theirs_clicked(page, side, sizes, len(held)) for side in _turns(sizes)][WARM:]
    _pair(f"filter click, {records:,} records", ours, theirs, goal)
    goals = {1_000: ("  goal 40 ms", "  goal 220 MiB")}.get(records, ("", ""))
    print(f"  server CPU a click {1000 * cpu:.0f} ms{goals[0]}; memory after {memory:.0f} MiB{goals[1]}", flush=True)


def _turns(sizes: dict[str, int]) -> Iterator[str]:
    """Each side is chosen and taken back, in turn."""
    sides = list(sizes)
    for n in range((CLICKS + WARM) // 2):
        yield from (sides[n % len(sides)],) * 2


def _ours_clicked(page: Page, side: str, sizes: dict[str, int], of: int, server: "_Server", cpu: list[float]) -> float:
    label = next(words for key, words in SIDE.items() if key == side)
    chosen = page.get_by_role("button", name=label).get_attribute("aria-pressed") == "true"
    n = of if chosen else sizes[side]
    said = f"Shown: all {of:,}" if chosen else f"Shown: {n:,} of {of:,}."
    done = """([said, rows, bars]) => {
        const shown = document.querySelector('#root .t .shown');
        return shown && shown.innerText.startsWith(said)
            && document.querySelectorAll('#root .t .list > li').length === rows
            && document.querySelectorAll('#root .t .marks-of .bar').length === bars; }"""
    begun = _cpu(server.pid)
    seconds = _clicked(page, f"button:has-text('{label}')", done, [said, min(n, 50), 3 if chosen else 1])
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=WAIT)
    page.wait_for_timeout(150)  # what the server still does after the answer counts as well
    cpu.append(_cpu(server.pid) - begun)
    return seconds


def _theirs_clicked(page: Page, side: str, sizes: dict[str, int], of: int) -> float:
    chosen = f"side={side}" in page.url
    n = of if chosen else sizes[side]
    done = """([said, rows, facets]) => document.readyState === 'complete'
        && document.querySelector('h3') && document.querySelector('h3').innerText.startsWith(said)
        && document.querySelectorAll('table.rows-and-columns tbody tr').length === rows
        && document.querySelectorAll('.facet-info').length === facets"""
    link = (
        ".facet-info[data-column=side] ul a.cross" if chosen else f".facet-info[data-column=side] a:text-is('{side}')"
    )
    return _clicked(page, link, done, [f"{n:,} row", min(n, 50), len(FACETS)])


def _clicked(page: Page, what: str, done: str, expected: list[object]) -> float:
    """Seconds from a click to two frames after the page shows what it should."""
    target = page.locator(what).first
    target.wait_for()
    handle = target.element_handle()
    begun = time.perf_counter()
    handle.evaluate("element => { element.click(); }")
    page.wait_for_function(done, arg=expected, polling="raf", timeout=WAIT)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return time.perf_counter() - begun


# --- the first page ---------------------------------------------------------------------------------


def _cold(browser: Browser, folder: Path, repetitions: int) -> None:
    """From the start of the server to the first words, and to the first picture."""
    held = _frame(SHIPPED)
    words, picture, theirs, taken, first = [], [], [], [], []
    for _ in range(repetitions):
        begun = time.perf_counter()
        with _ours(SHIPPED, wait=False) as server, _page(browser) as page:
            _until_it_answers(page, f"{server.address}/")
            page.locator("h1").first.wait_for()
            words.append(time.perf_counter() - begun)
            page.locator(".t .marks a").last.wait_for()
            picture.append(time.perf_counter() - begun)
            _drawn(page)
            with _page(browser) as again:
                begun = time.perf_counter()
                again.goto(f"{server.address}/", wait_until="commit")
                again.locator("h1").first.wait_for()
                first.append(time.perf_counter() - begun)
                _drawn(again)
                taken.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        with _datasette(held, folder, wait=False) as server, _page(browser) as page:
            _until_it_answers(page, f"{server.address}/{_query()}")
            page.locator("table.rows-and-columns tbody tr").last.wait_for()
            theirs.append(time.perf_counter() - begun)
    _pair("cold start to the opening sentences", words, theirs, 2.0)
    _pair("cold start to the first picture", picture, theirs, 3.0)
    print(
        f"  server up, empty cache: words {median(first):.2f} s, controls and pictures {median(taken):.2f} s",
        flush=True,
    )


def _slow_line(browser: Browser) -> None:
    """A record in Kazakh on a phone and a slow line: words, controls, and what came over the line."""
    with _ours(SHIPPED) as server:
        for address in ("/record?id=istanbul-convention-accession&lang=kk", "/r/istanbul-convention-accession?lang=kk"):
            with _page(browser, 390) as page:
                line = page.context.new_cdp_session(page)
                line.send("Network.enable")
                speed = KBIT * 1000 / 8
                line.send(
                    "Network.emulateNetworkConditions",
                    {"offline": False, "latency": 400, "downloadThroughput": speed, "uploadThroughput": speed},
                )
                got: list[float] = []
                line.on("Network.loadingFinished", lambda said, got=got: got.append(said["encodedDataLength"]))
                begun = time.perf_counter()
                page.goto(server.address + address, wait_until="commit")
                page.locator(".verdict").first.wait_for(timeout=WAIT)
                words, weight = time.perf_counter() - begun, sum(got)
                controls = ""
                if not address.startswith("/r/"):
                    _drawn(page)
                    controls = f", controls {time.perf_counter() - begun:.0f} s, {sum(got) / 1024:,.0f} KiB in all"
                print(
                    f"  {KBIT} kbit/s, {address.partition('?')[0]}: words {words:.1f} s ({weight / 1024:.0f} KiB by then){controls}"
                )


# --- servers ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Server:
    address: str
    pid: int


@contextmanager
def _ours(path: Path, wait: bool = True) -> Iterator[_Server]:
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port)]
    with _running(command, port, "/healthz", wait, {"TRACKER_REGISTRY": str(path)}) as server:
        yield server


@contextmanager
def _datasette(held: Frame, folder: Path, wait: bool = True) -> Iterator[_Server]:
    database = folder / "points.db"
    if not database.exists():
        _write(held, database)
    port = _free_port()
    settings = ["facet_time_limit_ms", "20000", "sql_time_limit_ms", "20000", "default_page_size", "50"]
    pairs = [word for n in range(0, len(settings), 2) for word in ("--setting", *settings[n : n + 2])]
    command = [sys.executable, "-m", "datasette", "serve", str(database), "-p", str(port), *pairs]
    with _running(command, port, "/-/versions.json", wait, {}) as server:
        yield server


@contextmanager
def _running(command: list[str], port: int, health: str, wait: bool, more: dict[str, str]) -> Iterator[_Server]:
    env = {**os.environ, **more}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            address = f"http://127.0.0.1:{port}"
            if wait:
                _until_healthy(f"{address}{health}")
            yield _Server(address, running.pid)
        finally:
            running.send_signal(signal.SIGINT)
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()


def _until_healthy(address: str) -> None:
    for _ in range(1200):
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(address)


def _until_it_answers(page: Page, address: str) -> None:
    for _ in range(1200):
        try:
            page.goto(address, wait_until="commit")
            return
        except BrowserError:
            time.sleep(0.02)
    raise TimeoutError(address)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _write(held: Frame, database: Path) -> None:
    """The records as one table, as somebody would who gives them to Datasette."""
    rows = [
        (
            row.id, row.record.title.shown("en")[0], row.side, row.status, row.standing.known, row.record.theme,
            row.record.kind, row.acting[0], row.sources[0], str(row.standing.as_of or ""),
            str(row.standing.checked_on or ""),
        )
        for row in held.rows
    ]  # fmt: skip
    with sqlite3.connect(database) as to:
        to.execute(
            "create table points (id text primary key, title, side, status, known, theme, kind, actor, source, "
            "as_of, checked_on)"
        )
        to.executemany("insert into points values (?,?,?,?,?,?,?,?,?,?,?)", rows)
    to.close()


def _query() -> str:
    return "points/points?" + "&".join(f"_facet={name}" for name in FACETS)


# --- measuring --------------------------------------------------------------------------------------


@contextmanager
def _page(browser: Browser, width: int = 1440) -> Iterator[Page]:
    """A page with an empty cache."""
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(WAIT)
    yield page
    context.close()


def _settled(page: Page, address: str) -> None:
    page.goto(address)
    _drawn(page)


def _drawn(page: Page) -> None:
    """Streamlit has taken over and is at rest."""
    page.locator("#before").wait_for(state="detached", timeout=WAIT)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=WAIT)


def _frame(path: Path) -> Frame:
    today = date.today()
    registry = reader.load(path, today).registry
    assert registry
    return frame(registry, Clock(today, today))


def _cpu(pid: int) -> float:
    """Seconds of processor time of a process, its threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> float:
    """MiB that a process holds (VmRSS)."""
    line = next(x for x in Path(f"/proc/{pid}/status").read_text("ascii").splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _pair(name: str, ours: list[float], theirs: list[float], goal: float) -> None:
    mine, other = median(ours), median(theirs)
    verdict = "met" if mine / other <= goal else "MISSED"
    print(f"{name:46} {mine:8.3f}s {other:8.3f}s  {mine / other:5.2f}x  goal {goal:.1f}x  {verdict}", flush=True)
