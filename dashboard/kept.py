"""What was made of a long registry, kept from one start of the server to the next. Never trusted over the files.

Each thing lies in a file of its own, which is named after everything that it was made from: what the files hold, the
version of the program, the day. So nothing in it can be out of date, and all of it can be deleted at any time. A short
registry is read as fast as this, and nothing of it is kept.
"""

import os
import pickle
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from secrets import token_hex
from time import time
from typing import Any

from dashboard.registry import inbox, reader

VARIABLE = "TRACKER_CACHE"
FROM_BYTES = 4 * 2**20
"""Of the registry's file: about 6,000 records."""
KEPT = {"state": 1, "words": 24}
"""How many of a kind are kept, the newest: the pages of one state in three languages, each for a few addresses."""

_NEW = "new"
_STRAY_SECONDS = 3600.0
"""After so long nobody is still writing."""
_ROOT = Path(__file__).resolve().parents[1]


def long(registry: Path) -> bool:
    """Whether so much is to be read that what is made of it is kept."""
    try:
        return registry.stat().st_size >= FROM_BYTES
    except OSError:
        return False


def has(registry: Path, kind: str, *made_from: object) -> bool:
    """Whether something is kept under that kind and of all that."""
    with suppress(OSError, RuntimeError, inbox.Misplaced):
        return _file(registry, kind, made_from).is_file()
    return False


def get(registry: Path, kind: str, *made_from: object) -> Any:
    """What was kept under that kind and of all that; None where it is not there, not ours, or cannot be read."""
    try:
        file = _file(registry, kind, made_from)
        if not _ours(file.parent):
            return None
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, RuntimeError, inbox.Misplaced):
        return None
    try:
        with open(handle, "rb") as opened, reader.collector_paused():
            return pickle.load(opened)
    except Exception:  # damaged, whatever it is that this brings about: it is made anew
        with suppress(OSError):
            file.unlink()
        return None


def put(registry: Path, kind: str, made: object, *made_from: object) -> None:
    """Keeps something, whole or not at all; whoever cannot keep it goes on without."""
    with suppress(OSError, RuntimeError, inbox.Misplaced):
        file = _file(registry, kind, made_from)
        folder = file.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _ours(folder) or file.exists():
            return
        _sweep(folder)
        new = folder / f"{_NEW}-{_own(registry)}-{token_hex(8)}"
        try:
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(handle, "wb") as opened:
                pickle.dump(made, opened, pickle.HIGHEST_PROTOCOL)
            new.replace(file)
        finally:
            new.unlink(missing_ok=True)
        for old in _newest(folder, f"{kind}-{_own(registry)}-*")[KEPT[kind] :]:
            old.unlink(missing_ok=True)


def forget(registry: Path) -> tuple[Path, int]:
    """Deletes all that was kept of a registry: where a passage is taken out of it for good. Where, and how many files.

    Raises inbox.Misplaced, RuntimeError, OSError: then some of it is left.
    """
    folder = _folder(registry)
    found = [file for kind in (*KEPT, _NEW) for file in folder.glob(f"{kind}-{_own(registry)}-*")]
    for file in found:
        file.unlink(missing_ok=True)
    return folder, len(found)


@cache
def program(root: Path = _ROOT) -> str:
    """Tells versions of the tracker apart: a new one may write the same data differently, and explain other rules."""
    made_with = [each for each in sorted((root / "dashboard").rglob("*")) if each.is_file() and each.suffix != ".pyc"]
    beside = [each for name in ("METHODOLOGY.md", "requirements.lock") if (each := root / name).is_file()]
    digest = sha256()
    for each in (*made_with, *beside):
        digest.update(each.read_bytes())
    return digest.hexdigest()


def _folder(registry: Path) -> Path:
    """Of a registry, outside of what is published. Raises inbox.Misplaced, RuntimeError (an account without a home)."""
    return inbox.outside(registry, "cache", VARIABLE, os.environ)


def _ours(folder: Path) -> bool:
    """Whether nobody else can have put something into it: what is read from it can do all that we can do."""
    there = folder.stat()
    return there.st_uid == os.geteuid() and not there.st_mode & 0o077


def _file(registry: Path, kind: str, made_from: tuple[object, ...]) -> Path:
    """Raises inbox.Misplaced, RuntimeError."""
    of = repr((program(), sys.version, version("pandas"), version("pydantic"), *made_from))
    return _folder(registry) / f"{kind}-{_own(registry)}-{sha256(of.encode()).hexdigest()[:32]}"


def _own(registry: Path) -> str:
    """Tells registries apart that share a folder."""
    return sha256(str(registry.resolve()).encode()).hexdigest()[:12]


def _sweep(folder: Path) -> None:
    """Removes what somebody was killed over long ago."""
    for stray in _newest(folder, f"{_NEW}-*"):
        if time() - stray.lstat().st_mtime > _STRAY_SECONDS:
            stray.unlink(missing_ok=True)


def _newest(folder: Path, pattern: str) -> list[Path]:
    """Files by their age, the newest first; links by their own."""
    return sorted(folder.glob(pattern), key=lambda file: file.lstat().st_mtime_ns, reverse=True)
