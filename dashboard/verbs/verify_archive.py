"""The verb `verify-archive`: whether the copies that somebody keeps are those whose hashes the registry names."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from dashboard.registry.model import Registry
from dashboard.verbs import asked
from dashboard.verbs.archive import hash_of
from dashboard.verbs.asked import BAD_DATA, NO_ACCESS, Options, Usage, complain, say

SAYS = "check the copies in a folder of yours against the hashes that the registry names"


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("folder", type=Path, metavar="DIR", help="where you keep copies, in any folders below it")


@dataclass
class Held:
    """The files of a folder: hash to where, the name without its ending to where; those nobody could read."""

    by_hash: dict[str, Path] = field(default_factory=dict)
    by_name: dict[str, Path] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    files: int = 0


def act(options: Options, today: date) -> int:
    if not options.folder.is_dir():
        raise Usage(f"{options.folder} is no folder; give the one in which the copies lie")
    _, registry, code = asked.good(options.registry, today)
    held = _held(options.folder)
    found, used = Counter[str](), set[Path]()
    for name, wanted in _noted(registry).items():
        what, file = _compared(name, wanted, held)
        found[what] += 1
        used |= {file} if file else set()
        say(f"{what:8} {name}" + (f"  {file}" if file else f"  sha256 {wanted}"))
    for each in held.unread:
        complain(f"{each}; see who may read it with ls -l")
    say(
        f"{found['found']} found, {found['missing']} missing, {found['altered']} altered, "
        f"{held.files - len(used)} other files"
    )
    if found["altered"]:
        complain("altered: the file is not what was hashed; bring back the first copy from where you keep a second one")
    if held.unread:
        return NO_ACCESS
    return BAD_DATA if found["missing"] or found["altered"] else code


def _noted(registry: Registry) -> Mapping[str, str]:
    """Evidence to the hash of its copy, where one is noted."""
    return {entry.id: entry.sha256 for entry in registry.file.evidence if entry.sha256}


def _compared(name: str, wanted: str, held: Held) -> tuple[str, Path | None]:
    """Found, whatever the file is called; altered, where one has the name of the evidence and another content."""
    if file := held.by_hash.get(wanted):
        return "found", file
    file = held.by_name.get(name)
    return ("altered", file) if file else ("missing", None)


def _held(folder: Path) -> Held:
    held = Held()
    for file in _files(folder, held.unread):
        held.files += 1
        try:
            held.by_hash.setdefault(hash_of(file), file)
        except Usage:  # an empty file is a copy of nothing
            pass
        except OSError as error:
            held.unread.append(f"{file}: {error.strerror}")
        held.by_name.setdefault(file.stem, file)
        if sys.stderr.isatty():
            print(f"\r{held.files} files read", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print(file=sys.stderr)
    return held


def _files(folder: Path, unread: list[str]) -> Iterator[Path]:
    """The ordinary files below a folder, in order of name; no link is followed, out of it or round in a circle."""

    def failed(error: OSError) -> None:
        unread.append(f"{error.filename}: {error.strerror}")

    for root, folders, names in os.walk(folder, onerror=failed):
        folders.sort()
        yield from (file for name in sorted(names) if (file := Path(root, name)).is_file() and not file.is_symlink())
