"""Many who write to one registry, and many who read it meanwhile: what each does, and what must be true of it.

`python -m tests.crowd REGISTRY DAY` prints what a process that has just begun shows at each address.
"""

import json
import sys
from collections import Counter
from datetime import date, timedelta
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event as Signal
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

from dashboard import reading
from dashboard.outputs import composed
from dashboard.outputs.view import View
from dashboard.registry import commands, reader, store
from dashboard.registry.access import LOCAL_EDITOR
from dashboard.registry.commands import Command, Impossible
from dashboard.registry.model import Kind, Recommendation, Registry
from dashboard.registry.swapping import Changed
from tests import splice
from tests.generate import TODAY

ADDRESSES: tuple[tuple[str, dict[str, list[str]]], ...] = (
    ("/", {}),
    ("/points", {}),
    ("/points", {"status": ["not-assessed", "nothing-found"], "sort": ["checked"]}),
    ("/points", {"as_of": [str(TODAY - timedelta(days=365))]}),
    ("/actors", {"side": ["state"]}),
    ("/changes", {}),
    ("/coverage", {}),
    ("/desk", {"lang": ["kk"]}),
)


# --- who writes -----------------------------------------------------------------------------------------


def write(path: Path, writer: int, saves: int, begin: Signal, said: "SimpleQueue[tuple[str, str]]") -> None:
    """Saves so many commands of different kinds; tells the word that each left and the digest of what it made."""
    random, known = Random(writer), reader.load(path, TODAY)
    begin.wait()
    for n in range(saves):
        assert known.registry
        word = f"w{writer}-{n}"
        command = any_command(known.registry, word, random)
        try:
            known = store.save(path, command, lambda: LOCAL_EDITOR, "", TODAY, known).loaded
        except (Changed, Impossible):  # the door was held too long by others, or another retired the same record
            continue
        said.put((word, known.digest))


def any_command(registry: Registry, word: str, random: Random) -> Command:
    """One that leaves `word` in the file."""
    record = random.choice([each for each in registry.file.recommendations if not each.retired])
    if record.kind is not Kind.COMMITMENT and random.random() < 0.4:
        return splice.made(commands.Assess, record=record.id, status="nothing-found", as_of=str(TODAY), note=word)
    kinds: list[tuple[type, dict[str, Any]]] = [
        (commands.Look, {"records": [record.id], "where": word}),
        (commands.Step, {"record": record.id, "state": "unknown", "step": word}),
        (commands.Ask, {"record": record.id, "actor": record.actors[0].actor, "on": str(TODAY), "how": word}),
        (commands.Edit, {"id": record.id, "field": "open_questions.new", "value": word}),
        (commands.Retire, {"record": record.id, "reason": word}),
        (commands.AddEvidence, {"entry": _page(word)}),
        (commands.AddRecord, {"entry": _point(record, word)}),
    ]
    kind, given = random.choice(kinds)
    return splice.made(kind, **given)


def _page(word: str) -> dict[str, Any]:
    return {"id": word, "says": word, "owner": "independent", "form": "news", "url": f"https://example.org/{word}", "publisher": "P"}  # fmt: skip


def _point(like: Recommendation, word: str) -> dict[str, Any]:
    """A demand with the origin and the actors of another."""
    origin = {"source": like.origin[0].source, "paragraph": "1", "quote": word, "by": like.origin[0].by, "told": "own"}
    actor = {"actor": like.actors[0].actor, "role": "must-act", "basis": "named"}
    title = dict.fromkeys(("en", "ru", "kk"), word)
    return {"id": word, "title": title, "kind": "demand", "theme": like.theme, "origin": [origin], "actors": [actor]}


# --- who reads ------------------------------------------------------------------------------------------


class Reader:
    """Asks for one address after another until it is over, then once more for each. `wrong`: what must not be."""

    def __init__(self, first: int) -> None:
        self.first = first
        self.wrong: list[str] = []
        self.seen: dict[str, Registry] = {}
        """Digest to the registry that was shown under it."""
        self.last: list[Any] = []
        self.begun = Event()

    def read(self, over: Event) -> None:
        try:
            n = self.first
            while not over.is_set():
                self.look(*ADDRESSES[n % len(ADDRESSES)])
                self.begun.set()
                n += 1
            self.last = [self.look(*address) for address in ADDRESSES]
        except Exception as error:
            self.wrong.append(repr(error))
        finally:
            self.begun.set()

    def look(self, page: str, query: dict[str, list[str]]) -> Any:
        state = reading.state()
        assert state
        assert state.loaded.registry
        if state.behind or state.loaded.errors:
            self.wrong.append("a state that is not sound")
        if self.seen.setdefault(state.loaded.digest, state.loaded.registry) is not state.loaded.registry:
            self.wrong.append("two registries under one digest")
        view = reading.view(page, query, "en")
        assert view
        self.wrong += mixed(view)
        return shown(view)


def mixed(view: View) -> list[str]:
    """Where a view is of two states at once."""
    frame, records = view.frame, view.registry.file.recommendations
    found = []
    if frame.registry is not view.registry:
        found.append("the frame of another registry")
    if [records[n].id for n in frame.table.index] != [row.id for row in frame.rows]:
        found.append("lines of the table that are not those of the rows")
    if frame.table["status"].tolist() != [str(row.status) for row in frame.rows]:
        found.append("a table that counts otherwise than the rows")
    if frame.statuses != Counter(row.status for row in frame.rows):
        found.append("sums that count otherwise than the rows")
    if view.clock.as_of == view.clock.today and any(
        row.record is not view.registry.records[row.id] for row in frame.rows
    ):
        found.append("a record of another state")
    return found  # fmt: skip


def shown(view: View) -> Any:
    """What a page says and the rows that it is made of, as JSON has it."""
    rows = [[row.id, str(row.status), str(row.standing.checked_on), row.standing.due] for row in view.kept.rows]
    return [rows, [piece for piece in composed.page(view) if isinstance(piece, str)]]


def main() -> None:
    path, day = Path(sys.argv[1]), date.fromisoformat(sys.argv[2])
    reading.path, reading.today = lambda: path, lambda: day
    views = [reading.view(*address, "en") for address in ADDRESSES]
    print(json.dumps([view and shown(view) for view in views]))


if __name__ == "__main__":
    main()
