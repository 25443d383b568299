"""What a command of the command line asks for: the registry, the day, the selection; and what it says of it.

Every verb that reads takes the same options, and they mean what the keys of an address mean.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.registry import problems as report
from dashboard.registry import reader
from dashboard.registry.model import Basis, Kind, Known, Registry, Role, Side, Status
from dashboard.registry.problems import counted, nearest, shown, visible
from dashboard.registry.scalars import Clock, Language, day

if TYPE_CHECKING:
    from dashboard.outputs.view import Edition, View
    from dashboard.progress.filters import Filters
    from dashboard.registry.history import Commit

FINE, BAD_DATA, BAD_USAGE, OUR_FAULT, CONFLICT, NOT_ALLOWED, NO_ACCESS = range(7)
"""Exit codes: fine, the data has problems, wrong usage, our own fault, changed meanwhile, not allowed, cannot read or write."""

Options = argparse.Namespace

WORDS: dict[str, type[StrEnum]] = {
    "side": Side,
    "role": Role,
    "basis": Basis,
    "status": Status,
    "known": Known,
    "kind": Kind,
}
"""Options of `list` that may be given several times, each with a fixed set of values."""

ORDERS = ("asked", "as_of", "checked", "still")


class Usage(Exception):
    """The command cannot be carried out as it was typed."""


def say(text: str = "") -> None:
    print(visible(text))


def complain(text: str) -> None:
    print(visible(text), file=sys.stderr)


def selecting(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--actor", action="append", metavar="ID[:ROLE]", help="and whatever is part of it")
    for name in ("theme", "source"):
        verb.add_argument(f"--{name}", action="append", metavar="ID")
    for name, words in WORDS.items():
        verb.add_argument(f"--{name}", action="append", metavar=name.upper(), help=", ".join(words))
    verb.add_argument("--disagree", action="store_true", help="only where assessors disagree")
    verb.add_argument("--due", action="store_true", help="only what is due for a check")
    verb.add_argument("--testable", action="store_true", help="only what can be tested")
    verb.add_argument(
        "--sort", choices=ORDERS, help="within each side: newest ask or evidence, longest unchecked or still"
    )
    verb.add_argument("--q", metavar="WORDS", help="only where all these words stand")
    verb.epilog = "An option given several times means any of its values; different options all hold."
    dated(verb)


def dated(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--as-of", metavar="DATE", help="how it stood then, by what is known today")
    verb.add_argument(
        "--published-on",
        metavar="DATE",
        help="what the registry said then, replayed from git; a citation's DATE-VERSION too",
    )


def good(path: Path, today: date) -> tuple[reader.Loaded, Registry, int]:
    """The registry, which holds no record with an error, and the exit code that follows from those left out."""
    loaded = reader.load(path, today)
    if loaded.registry is None:
        sys.stderr.write(report.as_text(loaded.problems))
        raise reader.Unreadable(f"{path}: cannot be read as a registry; mend the above first")
    if not loaded.errors:
        return loaded, loaded.registry, FINE
    complain(
        f"{path}: {counted(loaded.errors, 'error')}; the records concerned are left out. Run validate to see them."
    )
    return loaded, loaded.registry, BAD_DATA


def on_day(options: Options, today: date) -> tuple[Registry, Clock, int]:
    """The registry and the clock of a day: as it stood, as it was published, or both."""
    if options.published_on is None:
        _, registry, code = good(options.registry, today)
        return registry, _clock(options, today), code
    registry, _ = _published(options, today)
    return registry, _clock(options, _published_day(options, today)), FINE


def view(options: Options, today: date, language: Language = "en", place: str = "/points") -> "tuple[View, int]":
    """What a verb with the options of `selecting` asks for, as a page of the dashboard would have it; the exit code."""
    from dashboard.language import translator
    from dashboard.outputs.view import Edition, Place, View
    from dashboard.registry import editions

    if options.published_on is None:
        _, registry, code = good(options.registry, today)
        then, clock = today, _clock(options, today)
        edition = present(options.registry, clock.today)
    else:
        (registry, commit), then, code = _published(options, today), _published_day(options, today), FINE
        clock = _clock(options, then)
        edition = Edition(commit.name, commit.on).among(editions.editions(options.registry), clock.today)
    return View(
        registry=registry,
        clock=clock,
        tr=translator(language),
        filters=filters(options, registry, then),
        address_language=True,
        edition=edition,
        place=Place(place),
        origin=os.environ.get("TRACKER_SITE", "").rstrip("/"),
    ), code


def present(path: Path, today: date) -> "Edition | None":
    """Which version the files hold, with what numbered editions tell of it; None where git cannot tell."""
    from dashboard.outputs.view import Edition
    from dashboard.registry import editions, history

    found = history.last_commit(path)
    if found is None:
        return None
    edition = Edition(found.name, found.on, bool(history.git_state(path).changed))
    return edition.among(editions.editions(path), today)


def _published(options: Options, today: date) -> "tuple[Registry, Commit]":
    """The registry that had been published on the day asked for, and its commit."""
    from dashboard.registry import history

    then, version = _published_day(options, today), _cited(options)[1]
    commit = history.commit_on(options.registry, then, version)
    texts = history.past(options.registry, commit.name) if commit else None
    if commit is None or commit.on > then or texts is None:
        raise Usage(f"--published-on: nothing had been published on {then}; ask for a later day")
    loaded = reader.read(texts, then)
    if loaded.registry is None:
        raise history.NoHistory(f"{texts.name}: cannot be read as a registry; ask for another day")
    return loaded.registry, commit


def _published_day(options: Options, today: date) -> date:
    return day_of(_cited(options)[0], "--published-on", today)


def _cited(options: Options) -> tuple[str, str]:
    """The day, and the version behind it as citations write it; empty where none is named."""
    version = re.search(r"-([0-9a-f]{7,40})\Z", options.published_on)
    return (options.published_on[: version.start()], version[1]) if version else (options.published_on, "")


def _clock(options: Options, then: date) -> Clock:
    return Clock(day_of(options.as_of, "--as-of", then) if options.as_of else then, then)


def day_of(text: str, option: str, today: date) -> date:
    """The last day that `text` can mean, at most today."""
    try:
        given = day(text)
    except ValueError as error:
        raise Usage(f"{option}: {shown(text)} {error}") from None
    if given.first > today:
        raise Usage(f"{option}: {given} is later than {today}, the last day that can be asked for")
    return min(given.last, today)


def filters(options: Options, registry: Registry, today: date) -> "Filters":
    """The selection that was typed. `today` is the last day that can be asked for. Raises Usage."""
    from dashboard.progress.filters import FLAGS, Filters

    keys = ("side", "actor", "role", "basis", "status", "known", "theme", "source", "kind")
    query = {key: getattr(options, key) or [] for key in keys}
    query |= {key: ["1"] for key in FLAGS if getattr(options, key)}
    query["q"] = [options.q] if options.q else []
    query["sort"] = [options.sort] if options.sort else []
    query["as_of"] = [str(day_of(options.as_of, "--as-of", today))] if options.as_of else []
    query["published_on"] = [str(today)] if options.published_on else []
    chosen = Filters.from_address(query, registry, today)
    for pair in chosen.unknown:
        key, _, value = pair.partition("=")
        actor, colon, role = value.partition(":")
        if key == "actor" and colon and actor in registry.actors:
            raise Usage(f"--actor: {shown(role)} is no role; {nearest(role, Role)}")
        raise Usage(f"--{key}: {shown(value)} is not there; {nearest(value, known_values(key, registry))}")
    return chosen


def known_values(key: str, registry: Registry) -> Iterable[str]:
    if key in WORDS:
        return [str(word) for word in WORDS[key]]
    ids: dict[str, Iterable[str]] = {
        "actor": registry.actors,
        "theme": registry.themes,
        "source": registry.source_by_id,
    }
    return ids[key]
