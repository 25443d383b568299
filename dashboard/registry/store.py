"""The registry on disk: replacing its file safely. Nothing else writes it."""

import errno
import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from dashboard.registry import reader
from dashboard.registry.problems import Problem
from dashboard.registry.reader import Loaded

TEMPORARY = ".tracker-save-"
"""How the name of a file begins that is still being written."""

LOCK_SECONDS = 10.0


class Changed(Exception):
    """Somebody else changed the registry, or is changing it."""


class Spoiled(Exception):
    """The changed text has problems that the registry did not have."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"the change would bring {len(problems)} new problems")
        self.problems = problems


def write(path: Path, seen: Loaded, changed: bytes, today: date) -> Loaded:
    """Put `changed` in place of the registry that was read from `path` as `seen`.

    Either the whole change is on disk when this returns, or the old file is untouched. Raises
    Changed, Spoiled, OSError.
    """
    target = path.resolve()  # through a link: it stays a link
    with _locked(target.parent):
        _sweep(target.parent)
        _unchanged(path, seen)
        temporary = _written(target, changed)
        try:
            after = _proven(temporary, changed, seen, today)
            _unchanged(path, seen)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        _sync(target.parent)
    return after


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer at a time. The lock lies on the folder itself and ends with the process."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        until = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Changed(f"{folder}: another save is under way; try again in a moment") from None
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Remove what a killed save left behind; under the lock no living one can be meant."""
    for stray in folder.glob(f"{TEMPORARY}*"):
        stray.unlink(missing_ok=True)


def _unchanged(path: Path, seen: Loaded) -> None:
    if reader.texts(path).digest != seen.digest:
        raise Changed(f"{path}: it was changed meanwhile; nothing was written, run the command again")


def _written(target: Path, content: bytes) -> Path:
    """A synced temporary file beside `target`, with its content, and its mode at the end."""
    mode = stat.S_IMODE(target.stat().st_mode)
    handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=target.parent)
    temporary = Path(name)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _proven(temporary: Path, content: bytes, seen: Loaded, today: date) -> Loaded:
    """What the temporary file reads as. A disk can lie: it is compared with what was meant."""
    on_disk = temporary.read_bytes()
    if on_disk != content:
        raise OSError(errno.EIO, "the disk did not keep what was written; the old file stands", str(temporary))
    after = reader.read(replace(seen.texts, registry=on_disk), today)
    known = {_unplaced(problem) for problem in seen.problems}
    if fresh := tuple(p for p in after.problems if p.severity == "error" and _unplaced(p) not in known):
        raise Spoiled(fresh)
    return after


def _unplaced(problem: Problem) -> Problem:
    return problem.at(0, 0)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
