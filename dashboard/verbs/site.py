"""The verb `site`: the dashboard as a folder of files for any web host."""

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dashboard.registry.problems import counted
from dashboard.verbs import folders
from dashboard.verbs.asked import Options, Usage, complain, good, present, say

if TYPE_CHECKING:
    from dashboard.outputs.view import View
    from dashboard.registry.editions import Numbered

SAYS = "write the dashboard as files for any web host: the report, a page a point, the data, the feed"

MANY = 300
"""Pages, from so many on it is told how far the work is."""


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("folder", type=Path, metavar="DIR", help="new, empty, or a site of ours, which is replaced")
    addressed(verb)


def addressed(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--address", metavar="URL", help="where the site will be read (default: TRACKER_SITE)")


def act(options: Options, today: date) -> int:
    from dashboard.outputs import site

    view, code = shown(options, today)
    then = past(options.registry, view)
    files = told(site.files(view, then), site.count(view, then))
    for line in folders.laid(options.folder, files):
        complain(line)
    editions = f", and {counted(len(then), 'edition')}" if then else ""
    say(f"{options.folder}: {counted(len(view.registry.records), 'record')} as on {view.clock.as_of}{editions}")
    if not view.origin:
        say("Without --address URL or TRACKER_SITE it has no sitemap and no whole addresses to cite")
    return code


def shown(options: Options, today: date) -> "tuple[View, int]":
    """The whole registry as it stands today, at the address that is named; the exit code."""
    from dashboard.language import translator
    from dashboard.outputs.view import View
    from dashboard.progress.filters import Filters
    from dashboard.registry.scalars import Clock

    _, registry, code = good(options.registry, today)
    edition = present(options.registry, today)
    clock, tr = Clock(today, today), translator("en")
    return View(registry, clock, tr, Filters(), edition=edition, origin=address(options)), code


def address(options: Options) -> str:
    """Where the site will be read, without a slash at the end; empty where nobody says. Raises Usage."""
    named: str = options.address or os.environ.get("TRACKER_SITE", "")
    if named and not _whole(named):
        raise Usage(f"--address: {named!r} is no address of a site; write https://HOST or https://HOST/PATH")
    if set(named) & set("?#") or not named.isascii() or not named.isprintable() or set(named) & set(" \"'<>\\"):
        raise Usage(f"--address: {named!r} must be a plain address: no spaces, no quotes, nothing after ? or #")
    return named.rstrip("/")


def _whole(named: str) -> bool:
    try:
        parts = urlsplit(named)
        return bool(
            parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:  # a bracket that is not closed, a port that is no number
        return False


def past(path: Path, view: "View") -> "dict[str, View]":
    """The state of each edition, as on its own day; one that cannot be read any more is left out, and told."""
    from dashboard.registry import editions

    found = editions.editions(path)
    states = {each.name: _then(path, each, view, found) for each in found}
    for name in (name for name, state in states.items() if state is None):
        complain(f"edition {name} does not follow the present rules of the file: it is left out")
    return {name: state for name, state in states.items() if state}


def _then(path: Path, numbered: "Numbered", view: "View", found: "tuple[Numbered, ...]") -> "View | None":
    from dataclasses import replace

    from dashboard.outputs.view import Edition
    from dashboard.registry import history, reader
    from dashboard.registry.scalars import Clock

    texts = history.past(path, numbered.commit.name)
    registry = reader.read(texts, numbered.on).registry if texts else None
    if registry is None:
        return None
    edition = Edition(numbered.commit.name, numbered.commit.on).among(found, numbered.on)
    edition = replace(edition, name=numbered.name, named=numbered.on)
    rules = history.past_file(path, numbered.commit.name, "METHODOLOGY.md")
    return replace(view, registry=registry, clock=Clock(numbered.on, numbered.on), edition=edition, rules_text=rules)


def told(files: Iterable[tuple[str, bytes]], records: int) -> Iterator[tuple[str, bytes]]:
    """The same files, saying on the way how many pages there are already, where there are many."""
    done = 0
    for path, content in files:
        yield path, content
        if records >= MANY and path.endswith("/card.kk.html"):
            done += 1
            if done % (max(records // 20, 1)) == 0:
                print(f"{done:,} of {records:,} records", file=sys.stderr, flush=True)
