"""How quick the pages are in Chromium, beside Datasette over the same records: part of `make bench`.

Both servers are up at once and take turns in one browser, so that a busy minute hits both alike.
Times are taken inside the page, from the click or the start of the navigation to two animation
frames after everything stands there. Datasette is as it comes but for SETTINGS; it draws a table and
its facets, no picture. Its table holds the full wording of each record, as our file and our search do.
"""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from statistics import fmean, median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from dashboard.language import words
from dashboard.outputs import chosen
from dashboard.outputs.pages import PAGE_ROWS
from dashboard.progress.frame import Frame, frame
from dashboard.progress.rows import Row, by_side, by_status
from dashboard.registry import reader
from dashboard.registry.model import Registry, Status
from dashboard.registry.scalars import Clock, today
from tests import generate
from tests.small import ROOT
from tools.browser import launch

SHIPPED = ROOT / "recommendations.yaml"
GOALS = {30: 1.0, 1_000: 1.0}
"""Records to how many times Datasette's time a filter click may take."""

WARM, CLICKS = 3, 30
FACETS = ("side", "status", "known", "theme", "kind", "actor", "source")
SETTINGS = {
    "facet_time_limit_ms": "20000",  # all facets are computed, however long they take
    "sql_time_limit_ms": "20000",
    "default_cache_ttl": "0",  # else the browser keeps a page for 5 s and every second click asks nobody
}
WAIT = 120_000
"""Milliseconds within which anything must have happened."""

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""400 kbit/s, as Chromium takes it: milliseconds and bytes a second."""

RECORD = "istanbul-convention-accession"


def report(repetitions: int) -> None:
    """Prints every figure of the pages."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, launch(playwright) as browser:
        print(f"Pages in Chromium {browser.version}, 1440 px, beside Datasette")
        print(f"{'':54} {'median':>9} {'least':>9} {'most':>9}  runs")
        for records, goal in GOALS.items():
            path = generate.write(Path(folder) / str(records), generate.registry(1, records))
            _clicks(browser, _Peers.over(path, path.parent), records, goal)
        shipped = _Peers.over(SHIPPED, Path(folder))
        _cold(browser, shipped, repetitions)
        _up(browser, shipped, repetitions)
        _slow_line(browser, shipped)


# --- a filter click -------------------------------------------------------------------------------


def _clicks(browser: Browser, peers: "_Peers", records: int, goal: float | None) -> float:
    with peers.ours() as ours, peers.datasette() as theirs, _page(browser) as page, _page(browser) as other:
        _open_ours(page, f"{ours.address}/points")
        _open_theirs(other, f"{theirs.address}{TABLE}", len(peers.frame))
        mine, peer = _taking_turns(peers, _Clicking(ours, page), _Clicking(theirs, other))
        memory = ours.memory(), theirs.memory()
    counted = f"{records:,} records"
    took = _row(f"{counted}: click on a filter (ours)", mine.seconds)
    _ratio(took, _row(f"{counted}: click on a facet (Datasette)", peer.seconds), goal)
    judged = records == 1_000
    _limit(f"{counted}: CPU of our server a click", 1000 * fmean(mine.cpu), "ms", 25 if judged else None)
    _limit(f"{counted}: CPU of Datasette a click", 1000 * fmean(peer.cpu), "ms")
    _limit(f"{counted}: memory of our server then", memory[0], "MiB", 220 if judged else None)
    _limit(f"{counted}: memory of Datasette then", memory[1], "MiB")
    return took


@dataclass
class _Clicking:
    """A page that is clicked on, and what each click took in the page and of its server's processor."""

    server: "_Server"
    page: Page
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def click(self, clicked: Callable[[Page], float]) -> None:
        begun = self.server.cpu()
        self.seconds.append(clicked(self.page))
        self.page.wait_for_timeout(300)  # what a server still does after it has answered counts too
        self.cpu.append(self.server.cpu() - begun)


def _taking_turns(peers: "_Peers", mine: _Clicking, peer: _Clicking) -> tuple[_Clicking, _Clicking]:
    """Each value is chosen and taken back, in turn; the first few clicks only warm up."""
    key = chosen.first(peers.frame)
    for value, on in islice(_choices(peers.frame, key), WARM + CLICKS):
        kept = [row for row in peers.frame.rows if not on or getattr(row, key) == value]
        label = _label(peers.frame.registry, key, value)
        mine.click(lambda page, label=label, rows=kept: _click_ours(page, label, rows, len(peers.frame)))
        peer.click(lambda page, value=value, rows=kept: _click_theirs(page, key, value, len(rows)))
    for each in (mine, peer):
        del each.seconds[:WARM], each.cpu[:WARM]
    return mine, peer


def _choices(of: Frame, key: str) -> Iterator[tuple[str, bool]]:
    """The values of a key that leave something out and something in, over and over: chosen, then taken back."""
    found = Counter(str(getattr(row, key)) for row in of.rows)
    for value in cycle(found):
        yield value, True
        yield value, False


def _label(registry: Registry, key: str, value: str) -> str:
    return words.side(registry, value) if key == "side" else words.STATUS[Status(value)]


def _click_ours(page: Page, label: str, kept: list[Row], of: int) -> float:
    pill = page.get_by_role("button", name=re.compile(f"^{re.escape(label)} \\("))
    took: float = pill.evaluate(CLICK_OURS, _expected(kept, of))
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    return took / 1000


def _expected(kept: list[Row], of: int) -> dict[str, Any]:
    """What the page must show of these records: the number, the parts of each bar, the first of the list."""
    shown = f"Shown: all {of:,}" if len(kept) == of else f"Shown: {len(kept):,} of {of:,}."
    bars = [list(by_status(rows).values()) for rows in by_side(kept).values() if rows]
    return {"shown": shown, "bars": bars, "list": [row.id for row in kept[:PAGE_ROWS]]}


CLICK_OURS = """(pill, wanted) => new Promise((resolve, reject) => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const id = (link) => new URL(link.href).searchParams.get("id");
  const there = () =>
    all(".t .shown").some((line) => line.textContent.startsWith(wanted.shown)) &&
    same(all(".t .marks-of .bar").map((bar) => all("span", bar).map((part) => Number(part.style.flexGrow))), wanted.bars) &&
    same(all(".t .list h3 a").map(id), wanted.list);
  if (there()) return reject(new Error("nothing would change: " + wanted.shown));
  const begun = performance.now();
  const look = () => {
    if (there()) requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - begun)));
    else if (performance.now() - begun > 60000) reject(new Error("not in 60 s: " + wanted.shown));
    else requestAnimationFrame(look);
  };
  pill.click();
  requestAnimationFrame(look);
})"""


def _click_theirs(page: Page, key: str, value: str, rows: int) -> float:
    """Following a facet's link, or the cross behind it, is a new page; the clock goes on from page to page."""
    facet = page.locator(f".facet-info[data-column={key}] li:has-text('{value}') a")
    facet.evaluate(CLICK_THEIRS)
    page.wait_for_function("window.seen && window.seen.table")
    _has(page, rows)
    took: float = page.evaluate("performance.timeOrigin + seen.table - Number(sessionStorage.begun)")
    return took / 1000


CLICK_THEIRS = """(link) => {
  window.seen = {};
  sessionStorage.begun = performance.timeOrigin + performance.now();
  link.click();
}"""


# --- the first page -------------------------------------------------------------------------------


def _cold(browser: Browser, peers: "_Peers", repetitions: int) -> None:
    """From the start of the server to the opening sentences, and to the picture of the first page."""
    pairs = [
        (_started(browser, peers.ours, "/", "words", "picture"), _started(browser, peers.datasette, TABLE, "table"))
        for _ in range(repetitions)
    ]
    table = _row("cold start: table and facets (Datasette)", [theirs["table"] for _, theirs in pairs])
    _ratio(_row("cold start: opening sentences (ours)", [ours["words"] for ours, _ in pairs]), table, 2.0)
    _ratio(_row("cold start: first picture (ours)", [ours["picture"] for ours, _ in pairs]), table, 3.0)


def _started(browser: Browser, serving: Callable[..., Any], path: str, *names: str) -> dict[str, float]:
    """Seconds from the start of a server until each thing was seen."""
    with _page(browser) as page:
        begun = time.time()
        with serving(ready="") as server:
            server.listening()
            _go(page, server.address + path)
            seen = _seen(page, *names)
            origin = page.evaluate("performance.timeOrigin") / 1000
    return {name: origin + at - begun for name, at in seen.items()}


def _up(browser: Browser, peers: "_Peers", repetitions: int) -> None:
    """From the start of the navigation, both servers up and visited before, nothing in the browser's cache."""
    with peers.ours() as ours, peers.datasette() as theirs:
        visits = [(_visited(browser, f"{ours.address}/", "words", "picture", "taken"), _visited(browser, theirs.address + TABLE, "table")) for _ in range(1 + repetitions)][1:]  # fmt: skip
    _row("servers up: table and facets (Datasette)", [theirs["table"] for _, theirs in visits])
    for name, says in (
        ("words", "opening sentences"),
        ("picture", "first picture"),
        ("taken", "Streamlit has taken over"),
    ):
        _row(f"servers up: {says} (ours)", [ours[name] for ours, _ in visits])


def _visited(browser: Browser, address: str, *names: str) -> dict[str, float]:
    with _page(browser) as page:
        _go(page, address)
        return _seen(page, *names)


# --- a slow line ----------------------------------------------------------------------------------


def _slow_line(browser: Browser, peers: "_Peers") -> None:
    with peers.ours() as ours:
        print("400 kbit/s, 400 ms, 390 px, empty cache:")
        for path, names in (
            ("/", ("words", "picture")),
            (f"/r/{RECORD}", ("words",)),
            (f"/record?id={RECORD}&lang=kk", ("words", "controls")),
        ):
            _slowly(browser, ours.address, path, names)


def _slowly(browser: Browser, site: str, path: str, names: tuple[str, ...]) -> None:
    with _page(browser, 390) as page:
        line = _Line(page)
        _go(page, site + path)
        told = []
        for name in names:
            seconds = _seen(page, name)[name]
            page.wait_for_timeout(100)  # the browser tells of what it has received a moment later
            told.append(f"{name} {seconds:.1f} s ({line.kib()} KiB by then)")
        page.wait_for_load_state("networkidle")
        told.append(f"{line.kib()} KiB in all")
    print(f"  {path}: {', '.join(told)}", flush=True)


class _Line:
    """A slow line, and the bytes that have come over it: headers and bodies as sent, and WebSocket messages."""

    def __init__(self, page: Page) -> None:
        self.bytes: dict[str, float] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW)
        session.on("Network.dataReceived", lambda said: self._add(said["requestId"], said["encodedDataLength"]))
        session.on("Network.loadingFinished", self._finished)
        session.on(
            "Network.webSocketFrameReceived", lambda said: self._add("", len(said["response"]["payloadData"]) * 3 / 4)
        )

    def kib(self) -> str:
        return f"{sum(self.bytes.values()) / 1024:,.0f}"

    def _add(self, request: str, more: float) -> None:
        self.bytes[request] = self.bytes.get(request, 0) + more

    def _finished(self, said: dict[str, Any]) -> None:
        """The whole answer, head included; what came of it before was told in parts, some of them late."""
        self.bytes[said["requestId"]] = said["encodedDataLength"]


# --- pages ----------------------------------------------------------------------------------------

WATCH = """(() => {
  const look = (selector) => [...document.querySelectorAll(selector)];
  const some = (selector) => look(selector).some((each) => each.checkVisibility());
  const parsed = () => document.readyState !== "loading";
  const things = {
    words: () => look("h1").some((each) => each.checkVisibility() && each.textContent.trim()),
    picture: () => some(".t .marks a"),
    taken: () => parsed() && !look("#before").length && some("#root .t footer"),
    controls: () => things.taken() && some('#root [data-testid="stExpander"], #root [data-testid="stButtonGroup"]'),
    table: () => parsed() && look(".facet-info").length === FACETS && some("table.rows-and-columns tbody tr"),
  };
  const seen = (window.seen = {});
  const left = new Set(Object.keys(things));
  const watch = () => {
    for (const name of left) {
      if (!document.documentElement || !things[name]()) continue;
      left.delete(name);
      requestAnimationFrame(() => requestAnimationFrame(() => (seen[name] = performance.now())));
    }
    requestAnimationFrame(watch);
  };
  requestAnimationFrame(watch);
})()"""
"""Notes in window.seen when each thing stood in the page, two frames later, in milliseconds of the page."""


@contextmanager
def _page(browser: Browser, width: int = 1440) -> Iterator[Page]:
    """A page with an empty cache that notes what is seen in it."""
    with browser.new_context(viewport={"width": width, "height": 900}, locale="en-GB") as context:
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.add_init_script(WATCH.replace("FACETS", str(len(FACETS))))
        yield page


def _go(page: Page, address: str) -> None:
    """Begins to show a page; one that says it is not there, or that something failed, counts for nothing."""
    answer = page.goto(address, wait_until="commit")
    assert answer, address
    # A long registry may still be read: then the page says so, and comes by itself.
    assert answer.ok or answer.header_value("retry-after"), (address, answer.status)


def _seen(page: Page, *names: str) -> dict[str, float]:
    """Seconds from the start of the navigation until each of these was seen; waits for them."""
    page.wait_for_function("names => window.seen && names.every((name) => seen[name])", arg=list(names))
    return {name: page.evaluate("name => seen[name]", name) / 1000 for name in names}


def _open_ours(page: Page, address: str) -> None:
    _go(page, address)
    _seen(page, "controls")
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.evaluate("document.fonts.ready")


def _open_theirs(page: Page, address: str, rows: int) -> None:
    _go(page, address)
    _seen(page, "table")
    _has(page, rows)


def _has(page: Page, rows: int) -> None:
    """Datasette shows as many records as we do, and left no facet out."""
    said = page.locator("h3").first.inner_text()
    assert said.startswith(f"{rows:,} row"), (said, rows)
    assert page.get_by_text("These facets timed out").count() == 0


# --- servers --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Server:
    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def listening(self) -> None:
        """Waits until something listens; what is asked from then on is answered as soon as it can be."""
        self._until(lambda: socket.create_connection(("127.0.0.1", self.port)).close(), 0.005)

    def answering(self, path: str) -> None:
        """Waits until an address is answered with 200; ours reads its registry for that."""
        self._until(lambda: urllib.request.urlopen(self.address + path, timeout=WAIT / 1000).close(), 0.1)

    def _until(self, ask: Callable[[], None], pause: float) -> None:
        end = time.monotonic() + WAIT / 1000
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return ask()
            except OSError:
                time.sleep(pause)
        raise RuntimeError(f"no server at {self.address}:\n{self.log.read_text('utf-8')[-2000:]}")

    def cpu(self) -> float:
        """Seconds of the processor, of it and its children."""
        fields = [_stat(pid) for pid in self._family()]
        return sum(map(sum, fields)) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """MiB that it and its children hold (VmRSS)."""
        return sum(_resident(pid) for pid in self._family())

    def _family(self) -> list[int]:
        pids = [self.process.pid]
        for pid in pids:
            pids += [int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text("ascii").split()]  # fmt: skip
        return pids


def _stat(pid: int) -> list[int]:
    """Ticks in user and system mode, those of children that have ended included (proc(5), 14 to 17)."""
    return [int(ticks) for ticks in Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(") ")[2].split()[11:15]]


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@dataclass(frozen=True, slots=True)
class _Peers:
    """One registry for both: the file that ours reads, and the same records as a table for Datasette."""

    path: Path
    database: Path
    frame: Frame

    @classmethod
    def over(cls, path: Path, folder: Path) -> "_Peers":
        registry = reader.load(path, today()).registry
        assert registry, path
        whole = frame(registry, Clock(today(), today()))
        database = folder / "points.db"  # its name is part of TABLE
        _write(whole.rows, database)
        return cls(path, database, whole)

    @contextmanager
    def ours(self, ready: str = "/healthz", cache: Path | None = None) -> Iterator[_Server]:
        """With an empty cache, unless one is named. At a port of its own each time, under one name as any site."""
        port = _free_port()
        command = ["streamlit", "run", "dashboard/app.py", "--server.port", str(port)]
        settings = {
            "TRACKER_REGISTRY": str(self.path),
            "TRACKER_SITE": "https://tracker.example.org",
            "TRACKER_CACHE": str(cache or self.database.with_suffix(f".cache-{port}")),
        }
        with _serving(command, port, self.database.with_suffix(".ours"), ready, **settings) as server:
            yield server

    @contextmanager
    def datasette(self, ready: str = "/-/versions.json") -> Iterator[_Server]:
        port = _free_port()
        settings = [word for pair in SETTINGS.items() for word in ("--setting", *pair)]
        command = ["datasette", "serve", str(self.database), "--port", str(port), *settings]
        with _serving(command, port, self.database.with_suffix(".theirs"), ready) as server:
            yield server


@contextmanager
def _serving(command: list[str], port: int, log: Path, ready: str, **more: str) -> Iterator[_Server]:
    """A server of this Python's; waits until `ready` is answered, where one is named."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "STREAMLIT_"))}
    with log.open("wb") as out:
        running = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env={**env, **more}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        server = _Server(running, port, log)
        if ready:
            server.answering(ready)
        yield server
    finally:
        _end(running)


def _end(running: "subprocess.Popen[bytes]") -> None:
    running.send_signal(signal.SIGINT)
    try:
        running.wait(15)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


# --- the table for Datasette ----------------------------------------------------------------------

TABLE = f"/points/points?_size={PAGE_ROWS}&" + "&".join(f"_facet={column}" for column in FACETS)


def _write(rows: Iterable[Row], database: Path) -> None:
    """A row a record, with an index for each facet, as Datasette's manual advises."""
    lines = list(map(_line, rows))
    to = sqlite3.connect(database)
    with to:
        to.execute(f"create table points (id text primary key, {', '.join(list(lines[0])[1:])})")
        to.executemany(
            f"insert into points values ({', '.join('?' * len(lines[0]))})", map(tuple, map(dict.values, lines))
        )
        for column in FACETS:
            to.execute(f"create index by_{column} on points ({column})")
    to.close()


def _line(row: Row) -> Mapping[str, str]:
    now, record = row.standing, row.record
    return {
        "id": row.id, "title": record.title.shown("en")[0], "side": row.side, "status": row.status, "known": now.known,
        "theme": record.theme, "kind": record.kind, "actor": row.acting[0], "source": row.sources[0],
        "as_of": str(now.as_of or ""), "checked_on": str(now.checked_on or ""),
        "wording": record.text.shown("en")[0] if record.text else record.origin[0].quote or "",
    }  # fmt: skip


# --- printing -------------------------------------------------------------------------------------


def _row(name: str, seconds: list[float]) -> float:
    print(f"{name:54} {median(seconds):8.3f}s {min(seconds):8.3f}s {max(seconds):8.3f}s  {len(seconds):4}", flush=True)
    return median(seconds)


def _ratio(ours: float, theirs: float, goal: float | None) -> None:
    wanted = f"  goal {goal:.2f}x  {_met(ours / theirs <= goal)}" if goal else ""
    print(f"{'  ours / Datasette':54} {ours / theirs:8.2f}x{wanted}", flush=True)


def _limit(name: str, found: float, unit: str, goal: float | None = None) -> None:
    wanted = f"  goal {goal:g} {unit}  {_met(found <= goal)}" if goal else ""
    print(f"{name:54} {found:8.0f} {unit}{wanted}", flush=True)


def _met(well: bool) -> str:
    return "met" if well else "MISSED"


if __name__ == "__main__":
    report(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
