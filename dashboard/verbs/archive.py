"""The verb `archive`: notes the hash of a copy that somebody keeps privately; the copy stays where it is."""

import argparse
import hashlib
from datetime import date
from pathlib import Path

from dashboard import entering
from dashboard.registry import commands
from dashboard.registry.problems import shown
from dashboard.verbs.asked import FINE, Options, Usage, complain, say

SAYS = "note the hash and the day of a copy that you keep privately, so that it can be proved later"

_PIECE = 2**20


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("id", metavar="ID", help="which evidence")
    verb.add_argument("--file", type=Path, required=True, metavar="FILE", help="the copy; it stays where it is")
    verb.add_argument(
        "--replaces", action="store_true", help="another copy was noted before, and this one takes its place"
    )


def act(options: Options, today: date) -> int:
    _outside(options.file, options.registry)
    given = {"id": options.id, "sha256": hash_of(options.file), "replaces": "true" if options.replaces else "false"}
    entering.save(options.registry, entering.built(commands.Archive, given, ("id",)), today, say, complain)
    say(f"keep {options.file} where it will last, and not in the repository; verify-archive checks it")
    return FINE


def hash_of(file: Path) -> str:
    """The sha256 of a file, read in pieces. Raises OSError, Usage where it is none or empty."""
    if file.exists() and not file.is_file():
        raise Usage(f"{shown(str(file))} is no ordinary file; give the copy itself")
    total, any_ = hashlib.sha256(), False
    with file.open("rb") as copy:
        while piece := copy.read(_PIECE):
            any_ = True
            total.update(piece)
    if not any_:
        raise Usage(f"{shown(str(file))} is empty; give the copy itself")
    return total.hexdigest()


def _outside(file: Path, registry: Path) -> None:
    """A copy within the repository would be published with it: it is somebody else's work, or somebody's risk."""
    folder = registry.resolve().parent
    root = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
    if file.resolve().is_relative_to(root):
        raise Usage(f"{shown(str(file))} lies in {root}, which is published; move the copy elsewhere, then try again")
