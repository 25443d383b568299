"""Whether the pages that the registry names still answer: what was found when somebody last looked.

It lies in one file outside the registry, and bears days, no hours. Whoever deletes it loses nothing but
the memory of when a page stopped answering. What is found about a link says nothing about a record, and
changes none.
"""

import json
import os
import stat
import tempfile
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from pydantic import TypeAdapter, ValidationError

from dashboard.registry import inbox, swapping
from dashboard.registry.model import Registry
from dashboard.registry.scalars import model

LINKS_VARIABLE = "TRACKER_LINKS"

MOST_BYTES = 64 * 2**20
TEMPORARY = ".tracker-links-"


class Answer(StrEnum):
    """What a page said."""

    ANSWERS = "answers"
    MOVED = "moved"
    REFUSES = "refuses-machines"
    GONE = "gone"
    FAILS = "fails"


BAD = (Answer.GONE, Answer.FAILS)
"""What a reader who follows the link would be annoyed by."""


@model
class Result:
    """What one address said. `on`: the day of the last look; `since`: of the first of those, up to the last,
    on which it did not answer; `says`: in plain English; `to`: the address at which it answers now.
    """

    answer: Answer
    on: date
    says: str = ""
    to: str = ""
    since: date | None = None

    @property
    def dead(self) -> bool:
        """Whether somebody should look for a copy: not there, or no answer on more than one day."""
        return self.answer is Answer.GONE or (self.answer is Answer.FAILS and self.since != self.on)


Results = Mapping[str, Result]
"""By address, as `key` spells it."""

NO_RESULTS: Results = MappingProxyType({})


class Damaged(Exception):
    """What lies in the place of the results cannot be read as such."""


def key(address: str) -> str:
    """An address without the part of the page that it points at: the same page is asked once."""
    return address.partition("#")[0]


def addresses(registry: Registry) -> dict[str, tuple[str, ...]]:
    """Every address that the registry names, and for each the entries that name it, such as "evidence audit-report".

    Of evidence that is withheld none: asking already tells the owner of a page that somebody knows it.
    """
    found: dict[str, list[str]] = {}
    for address, entry in _named(registry):
        if address:
            found.setdefault(key(address), []).append(entry)
    return {address: tuple(dict.fromkeys(entries)) for address, entries in found.items()}


def _named(registry: Registry) -> Iterator[tuple[str | None, str]]:
    for evidence in registry.file.evidence:
        if not evidence.withheld:
            yield evidence.url, f"evidence {evidence.id}"
            yield evidence.archive_url, f"copy-of {evidence.id}"
    yield from ((source.url, f"source {source.id}") for source in registry.sources)
    yield from ((actor.url, f"actor {actor.id}") for actor in registry.file.actors)
    yield from ((instrument.url, f"instrument {instrument.id}") for instrument in registry.file.instruments)


def found(old: Result | None, answer: Answer, today: date, says: str, to: str = "") -> Result:
    """What a look of today found, with the day since which it is so."""
    since = None
    if answer in BAD:
        since = old.since if old and old.answer in BAD and old.since else today
    return Result(answer=answer, on=today, says=says, to=to, since=since)


# --- the file ---------------------------------------------------------------------------------------

_FILE = TypeAdapter(dict[str, Result])


def place(registry: Path, settings: Mapping[str, str] = os.environ) -> Path:
    """The file of the results of a registry: TRACKER_LINKS, else one of its own in the user's data.

    Raises inbox.Misplaced where it would lie where it is published.
    """
    return inbox.outside(registry, "links", LINKS_VARIABLE, settings, ".json")


def read(file: Path) -> Results:
    """What was found; nothing where nobody has looked yet. Raises Damaged, OSError."""
    try:
        there = file.stat()
    except FileNotFoundError:
        return {}
    if not stat.S_ISREG(there.st_mode) or there.st_size > MOST_BYTES:
        raise Damaged(f"{file}: is no file of results about links")
    try:
        return _FILE.validate_json(file.read_bytes())
    except ValidationError:
        raise Damaged(f"{file}: cannot be read as results about links") from None


def stamp(file: Path) -> str:
    """Changes whenever the file does; empty where there is none."""
    try:
        there = file.stat()
    except OSError:
        return ""
    return f"{there.st_ino}:{there.st_mtime_ns}:{there.st_size}"


def keep(file: Path, looked: Results, only: Collection[str] | None = None) -> None:
    """What was found besides what is there; `only`: every other address is forgotten.

    A damaged file is replaced. Raises swapping.Changed where somebody else writes for long, OSError.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with swapping.locked(file.parent):
        try:
            before = read(file)
        except Damaged:
            before = {}
        now = {**before, **looked}
        _write(file, {name: now[name] for name in sorted(now) if only is None or name in only})


def _write(file: Path, results: Results) -> None:
    """The whole file or nothing; readable for the server, whoever that runs as."""
    handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=file.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as written:
            json.dump(_FILE.dump_python(dict(results), mode="json", exclude_defaults=True), written, indent=1)
            written.flush()
            os.fchmod(handle, 0o644)
            os.fsync(handle)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
