"""Long lists and full rooms: `python -m tests.bench_large`, part of `make bench`.

Of the 42,013 records of the UPR export where --upr DIR names its folder (it has no licence and is not in the
repository), else of as many made-up ones in its shape. The smaller lists are records from all over the same.

A click in Chromium may meet a page that the server remembers, since a few values are chosen in turn. So what a
click costs is measured once more over the WebSocket, by readers whose every address is new to the server.
"""

import argparse
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import count, pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from typing import TypeVar

from playwright.sync_api import Browser, sync_playwright

from dashboard import reading, web
from dashboard.outputs import chosen, composed
from dashboard.registry import commands, reader, store
from dashboard.registry.access import LOCAL_EDITOR
from dashboard.registry.commands import Assess
from dashboard.registry.model import Kind, Status
from dashboard.registry.scalars import today
from tests.bench_importing import ROWS, asking, imported
from tests.bench_pages import (
    SHIPPED,
    _choices,
    _clicks,
    _label,
    _limit,
    _met,
    _Peers,
    _resident,
    _row,
    _Server,
    _started,
)
from tests.browser.wire import Wire
from tools.browser import launch

T = TypeVar("T")

SIZES = (1_000, 10_000, ROWS)
CLICK_GOALS = {ROWS: 0.35}
"""Records to how many times Datasette's time a filter click may take."""
CPU_GOALS = {1_000: 25, ROWS: 60}
"""Records to the milliseconds of the processor that a change of the selection may take."""
CHANGES = 40
ROOMS = ((1_000, 50, 2, 0.8), (ROWS, 10, 2, 1.0))
"""Records, readers, servers, and the seconds within which 95 of 100 changes are to be answered."""
PAUSE, ARRIVE, EACH = 5.0, 30.0, 8
"""Seconds between two changes of a reader, seconds over which readers arrive, changes of each."""
MOST_MEMORY = 600
COLD, WARM, SAVED = 12.0, 1.3, 0.5
"""Seconds of a cold start; a warm one, in times of the shipped registry's; seconds until a save is shown."""
SAVES = 8
"""The first warms up."""
_CALLED = {"side": "Who must act", "status": "Where it stands"}
"""What the control is called with which a list is chosen from first."""


def main() -> int:
    parser = asking("python -m tests.bench_large", __doc__)
    parser.add_argument("--repetitions", type=int, default=3, help="of each start (default 3)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _report(Path(folder), given)
    return 0


def _report(folder: Path, given: argparse.Namespace) -> None:
    whole = folder / "whole"
    imported(folder, given, whole)
    peers = [_peers(whole, folder / str(size), size) for size in SIZES]
    kind = "of the UPR export" if given.upr else "made-up, in the shape of the UPR export"
    print(f"Long lists and full rooms, {kind}: {', '.join(f'{len(each.frame):,}' for each in peers)} records")
    print(f"{'':54} {'median':>9} {'least':>9} {'most':>9}  runs")
    costs = _Costs([len(each.frame) for each in peers])
    with sync_playwright() as playwright, launch(playwright) as browser:
        for size, each in zip(SIZES, peers, strict=True):
            costs.add("click on a filter, in Chromium", _clicks(browser, each, len(each.frame), CLICK_GOALS.get(size)))
        shipped = _Peers.over(SHIPPED, _made(folder / "shipped"))
        least = _row("start to opening sentences, shipped registry", _starts(browser, shipped, given.repetitions))
        for size, each in zip(SIZES, peers, strict=True):
            named = f"{len(each.frame):,} records: start to opening sentences"
            cold = costs.add("start, nothing kept", _row(f"{named}, cold", _starts(browser, each, given.repetitions)))
            cache = folder / f"kept-{size}"
            _starts(browser, each, 1, cache)
            found = _starts(browser, each, given.repetitions, cache)
            warm = costs.add("start, all kept", _row(f"{named}, warm", found))
            if size == ROWS:
                print(f"{'  cold':54} {cold:8.2f} s  goal {COLD:.2f} s  {_met(cold <= COLD)}")
                print(
                    f"{'  warm / shipped registry':54} {warm / least:8.2f}x  goal {WARM:.2f}x  {_met(warm <= WARM * least)}"
                )
    for size, each in zip(SIZES, peers, strict=True):
        costs.add("a new selection, server’s processor", _cost(each, CPU_GOALS.get(size)))
    for size, readers, servers, goal in ROOMS:
        _room(peers[SIZES.index(size)], readers, servers, goal)
    for size, each in zip(SIZES, peers, strict=True):
        took, memory = _apart(_saving, each.path, folder / f"saved-{size}")
        found = _row(f"{len(each.frame):,} records: a status saved and shown again", took)
        if size == ROWS:
            print(f"{'  saved and shown again':54} {found:8.3f}s  goal {SAVED:.2f}s  {_met(found <= SAVED)}")
        costs.add("a status saved, validated, shown again", found)
        costs.add("memory of a process that has shown all pages", memory, "MiB")
    costs.print()


def _starts(browser: Browser, peers: _Peers, repetitions: int, cache: Path | None = None) -> list[float]:
    """Seconds from each start of a server to the opening sentences in Chromium."""
    ours = partial(peers.ours, cache=cache)
    return [_started(browser, ours, "/", "words")["words"] for _ in range(repetitions)]


class _Costs:
    """What things cost at each size, and whether that grows faster than the records do."""

    def __init__(self, sizes: list[int]) -> None:
        self._sizes = sizes
        self._found: dict[str, list[float]] = {}
        self._units: dict[str, str] = {}

    def add(self, name: str, found: float, unit: str = "s") -> float:
        self._found.setdefault(name, []).append(found)
        self._units[name] = unit
        return found

    def print(self) -> None:
        print(
            f"\n{'cost at so many records':48}"
            + "".join(f"{size:>11,}" for size in self._sizes)
            + "   growth, of records"
        )
        for name, found in self._found.items():
            grown = [more / less for less, more in pairwise(found)]
            of = [more / less for less, more in pairwise(self._sizes)]
            told = ", ".join(f"{one:.1f}x of {other:.1f}x" for one, other in zip(grown, of, strict=True))
            well = _met(all(one <= other for one, other in zip(grown, of, strict=True)))
            values = "".join(f"{each:>9.3f} s" if self._units[name] == "s" else f"{each:>7.0f} MiB" for each in found)
            print(f"{name:48}{values}   {told}  {well}", flush=True)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _peers(whole: Path, folder: Path, size: int) -> _Peers:
    """So many records of a registry, from all over the list, but for those that name one that is not among them; its
    records stand last in their file.
    """
    shutil.copytree(whole, folder)
    path = folder / "recommendations.yaml"
    head, key, records = path.read_bytes().partition(b"\nrecommendations:\n")
    entries = records.removesuffix(b"...").removesuffix(b"...\n").split(b"\n  - id: ")
    many = min(size, len(entries))
    kept = [entries[n * len(entries) // many] for n in range(many)]

    def write() -> None:
        path.write_bytes(head + key + b"\n  - id: ".join(kept).rstrip(b"\n") + b"\n...\n")

    write()
    bad = {problem.record for problem in reader.load(path, today()).problems if problem.severity == "error"}
    kept = [each for each in kept if each.partition(b"\n")[0].decode().removeprefix("  - id: ") not in bad]
    write()
    return _Peers.over(path, folder)


# --- a save -----------------------------------------------------------------------------------------


def _apart(made: Callable[..., T], *given: object) -> T:
    """In a process of its own, which holds nothing else."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as one:
        return one.submit(made, *given).result()


def _saving(registry: Path, folder: Path) -> tuple[list[float], float]:
    """Seconds from the command until a changed record and the list that it is in now have been told; and the MiB that
    the process holds in the end. What a server does, without git and without Streamlit.
    """
    shutil.copytree(registry.parent, folder)
    path = folder / registry.name
    os.environ |= {"TRACKER_REGISTRY": str(path), "TRACKER_CACHE": str(folder / "kept")}
    for address in composed.PATHS:
        web.painted(web.Asked(address, {}, "en", ""))
    held = reading.state()
    assert held
    assert held.loaded.registry
    records = [r.id for r in held.loaded.registry.file.recommendations if r.kind is Kind.RECOMMENDATION]
    found = {"status": ["nothing-found"]}
    took = []
    for n in range(SAVES):
        name = records[(2 * n + 1) * len(records) // (2 * SAVES)]
        made = Assess(
            record=name, status=Status.NOTHING_FOUND, as_of=str(today()), note="The official gazette, all of it"
        )  # type: ignore[arg-type]
        time.sleep(1.2)  # an older version that was left alone for a second is not read again
        seen = store.seen(path, commands.touched(made))
        begun = time.perf_counter()
        saved = store.save(path, made, lambda: LOCAL_EDITOR, seen, today(), reading.known())
        reading.saved(saved.loaded, today())
        record = web.painted(web.Asked("/record", {"id": [name]}, "en", "")).html
        listed = web.painted(web.Asked("/points", found, "en", "")).html
        took.append(time.perf_counter() - begun)
        assert "The official gazette, all of it" in record
        assert f"Shown: {n + 1:,} of " in re.sub("<[^>]*>", "", listed), listed
        assert f"id={name}" in listed
    return took[1:], _resident(os.getpid())


# --- readers over the WebSocket ---------------------------------------------------------------------


class _Reader:
    """Somebody who has opened All points and chooses and takes back one value after the other."""

    def __init__(self, peers: _Peers, line: Wire, number: int) -> None:
        self._line, self._of = line, len(peers.frame)
        self._key = chosen.first(peers.frame)
        self._counts = Counter(str(getattr(row, self._key)) for row in peers.frame.rows)
        self._labels = {
            value: f"{_label(peers.frame.registry, self._key, value)} ({n:,})" for value, n in self._counts.items()
        }
        self._turns = _choices(peers.frame, self._key)
        # A day that selects nothing here, but makes each address another one: nothing is remembered of it.
        self._days = (date(1990, 1, 1) + timedelta(number * 100 + n) for n in count())
        self._widget = line.run(self._query(), page="points").widgets[_CALLED[self._key]]

    def change(self) -> float:
        """Seconds until everything of the next selection has come."""
        value, on = next(self._turns)
        begun = time.perf_counter()
        drawn = self._line.run(self._query(), {self._widget: [self._labels[value]] if on else []}, page="points")
        took = time.perf_counter() - begun
        assert (f"Shown: {self._counts[value]:,} of {self._of:,}." if on else f"Shown: all {self._of:,}") in drawn.words
        return took

    def _query(self) -> str:
        return f"from={next(self._days)}"


def _cost(peers: _Peers, goal: float | None) -> float:
    """What the processor does for one change that nobody made before, one reader at a time."""
    with peers.ours() as server, Wire(server.address) as line:
        reader = _Reader(peers, line, 0)
        for _ in range(5):
            reader.change()
        begun, taken = server.cpu(), []
        for _ in range(CHANGES):
            taken.append(reader.change())
            time.sleep(0.05)
        spent = 1000 * (server.cpu() - begun) / CHANGES
    _row(f"{len(peers.frame):,} records: a new selection answered", taken)
    _limit(f"{len(peers.frame):,} records: CPU of a new selection", spent, "ms", goal)
    return spent / 1000


@dataclass
class _Room:
    seconds: list[float] = field(default_factory=list)
    failed: list[BaseException] = field(default_factory=list)


def _room(peers: _Peers, readers: int, servers: int, goal: float) -> None:
    """So many readers who arrive over half a minute and then change their selection every five seconds."""
    room = _Room()
    with ExitStack() as stack:
        doors = [stack.enter_context(peers.ours()) for _ in range(servers)]
        begun = time.monotonic()
        people = [
            threading.Thread(target=_visit, args=(room, peers, doors[n % servers], n, begun + n * ARRIVE / readers))
            for n in range(readers)
        ]
        for each in people:
            each.start()
        for each in people:
            each.join()
        memory = sum(door.memory() for door in doors)
    assert not room.failed, room.failed[0]
    name = f"{readers} readers of {len(peers.frame):,} records, {servers} processes"
    _row(name, room.seconds)
    late = quantiles(room.seconds, n=20)[-1]
    print(f"{'  95 of 100 changes within':54} {late:8.3f}s  goal {goal:.2f}s  {_met(late <= goal)}")
    _limit("  memory of all processes", memory, "MiB", MOST_MEMORY)


def _visit(room: _Room, peers: _Peers, door: _Server, number: int, at: float) -> None:
    try:
        time.sleep(max(0.0, at - time.monotonic()))
        with Wire(door.address) as line:
            reader = _Reader(peers, line, number)
            for _ in range(EACH):
                due = time.monotonic() + PAUSE
                room.seconds.append(reader.change())
                time.sleep(max(0.0, due - time.monotonic()))
    except BaseException as error:  # told by the room, which would go on without it
        room.failed.append(error)


if __name__ == "__main__":
    sys.exit(main())
