"""Numbered editions: a state of the registry under a name that people cite, kept as a tag of git.

The tag is `edition/NAME`, annotated, with an organisation as tagger and the day alone. Which state it
names is the last commit up to it that touched the registry.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dashboard.registry import history, recording
from dashboard.registry.history import Commit
from dashboard.registry.recording import Message

PREFIX = "edition/"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass(frozen=True, slots=True)
class Numbered:
    """An edition: its name, the day on which it was made, and the state that it names."""

    name: str
    on: date
    commit: Commit


def fit(name: str) -> bool:
    """Whether a name is safe as a tag, as a folder and in an address."""
    return bool(_NAME.fullmatch(name)) and ".." not in name and not name.endswith((".", ".lock"))


def editions(path: Path) -> tuple[Numbered, ...]:
    """The editions of the registry at `path`, the oldest first; none where git cannot tell."""
    try:
        found = [(name, on, history.touched(path, meant)) for name, on, meant in history.tags(path, PREFIX)]
    except history.NoHistory:
        return ()
    return tuple(Numbered(name, on, commit) for name, on, commit in found if commit and fit(name))


def edition(path: Path, name: str) -> Numbered | None:
    """The edition of that name."""
    return next((each for each in editions(path) if each.name == name), None)


def naming(found: tuple[Numbered, ...], commit: str, day: date) -> Numbered | None:
    """As which edition a state, shown as on `day`, had been published: the newest that names it."""
    return next((each for each in reversed(found) if each.commit.name == commit and each.on <= day), None)


def make(path: Path, name: str, commit: str, organisation: str, on: date) -> list[str]:
    """Tags a commit as an edition. What did not work beside it, as sentences. Raises recording.Refused."""
    return recording.tagged(path, f"{PREFIX}{name}", commit, Message(f"edition {name}", organisation, on))
