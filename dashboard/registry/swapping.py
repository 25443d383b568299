"""One file put in the place of another, so that nobody's version is lost: not ours, not a stranger's.

The new file is written beside the old one, synced, read again, and then the two are exchanged in one
step. What was displaced is looked at: an editor that replaced the file meanwhile has lost nothing. It
is kept for a while and looked at again, since an editor that writes in place may still hold it open.
"""

import ctypes
import errno
import fcntl
import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY = ".tracker-save-"
"""How the name of a file begins that is still being written; the digests of old and new content follow."""
DISPLACED = ".tracker-was-"
"""How the name of a file begins that was displaced; when, and the digest of its content, follow."""
RESCUED = ".rescued-"
"""What stands in the name of a version that somebody else wrote and that was nearly lost."""

LOCK_SECONDS = 10.0
KEPT_SECONDS = 600.0
KEPT_AT_MOST = 64

_EXCHANGE = 2
_AT_HERE = -100
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)
_DIGITS = 16
_END = re.compile(rb"(^|\n)\.\.\.[ \t]*(\r?\n)?\Z")


class Changed(Exception):
    """Somebody else changed the registry, or is changing it."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One writer at a time. The lock lies on the folder itself and ends with the process. Raises Changed."""
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
                time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def swept(target: Path) -> list[Path]:
    """Removes what killed saves left behind, and displaced versions that nobody wrote to. Returns the
    versions that somebody else wrote and that are kept under a name of their own. Under the lock only.
    """
    rescued = []
    for stray in sorted(target.parent.glob(f"{TEMPORARY}*")):
        known = stray.name.removeprefix(TEMPORARY).split("-")[:2]
        content = stray.read_bytes()
        # Ours where it is what was displaced or meant; half of ours where it does not even end.
        if _digest(content) in known or not _END.search(content):
            stray.unlink()
        else:
            rescued.append(_rescued(stray, target))
    kept = sorted(target.parent.glob(f"{DISPLACED}*"))
    for n, old in enumerate(kept):
        since, digest, *_ = old.name.removeprefix(DISPLACED).split("-")
        if _digest(old.read_bytes()) != digest:
            rescued.append(_rescued(old, target))
        elif time.time() - int(since) > KEPT_SECONDS or n < len(kept) - KEPT_AT_MOST:
            old.unlink()
    return rescued


def swap(target: Path, content: bytes, old: bytes) -> None:
    """`content` in the place of `old`, which is what `target` held when it was read. Raises Changed,
    OSError; then the old file stands, or the one that somebody else wrote. Under the lock only.
    """
    temporary = _written(target, content, old)
    try:
        if temporary.read_bytes() != content:  # a disk can lie
            raise OSError(errno.EIO, "the disk did not keep what was written; the old file stands", str(temporary))
        _exchanged(target, temporary, content, old)
    except BaseException:
        _forget(temporary, content)
        raise
    _put_aside(temporary, old)
    synced(target.parent)


def created(target: Path, content: bytes) -> None:
    """A new file; one that is there is not touched. Raises FileExistsError, OSError. Under the lock only."""
    temporary = _written(target, content, b"")
    try:
        target.hardlink_to(temporary)
    finally:
        temporary.unlink()
    synced(target.parent)


def exchanges(folder: Path) -> bool:
    """Whether files in `folder` can be exchanged in one step."""
    first, second = (folder / f"{TEMPORARY}{each}-{secrets.token_hex(4)}" for each in ("trial", "other"))
    try:
        for each in (first, second):
            each.touch(0o600)
        return _exchange(first, second)
    except OSError:
        return False
    finally:
        for each in (first, second):
            each.unlink(missing_ok=True)


def synced(folder: Path) -> None:
    """The names in `folder` are on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _exchanged(target: Path, temporary: Path, content: bytes, old: bytes) -> None:
    """The two files have changed places, or nothing has changed. Raises Changed, OSError."""
    if not _exchange(target, temporary):
        _replaced(target, temporary, old)
        return
    expected, put = old, content
    while (displaced := temporary.read_bytes()) != expected:
        # Somebody's newer version was displaced: it goes back. Should one more have come meanwhile, that one does.
        expected, put = put, displaced
        _exchange(target, temporary)
    if put is not content:
        raise Changed(f"{target}: an editor replaced it at this very moment; its version stands, try again")


def _forget(temporary: Path, content: bytes) -> None:
    """Removes what was written, where it is ours; what is not is left for `swept` to save."""
    try:
        if temporary.read_bytes() == content:
            temporary.unlink()
    except FileNotFoundError:
        pass


def _replaced(target: Path, temporary: Path, old: bytes) -> None:
    """Where files cannot be exchanged: compare, rename, compare. `temporary` names what was displaced."""
    held = temporary.with_name(temporary.name + "-old")
    held.hardlink_to(target)
    try:
        if held.read_bytes() != old or not held.samefile(target):
            raise Changed(f"{target}: it was changed meanwhile; nothing was written, look at it and try again")
        temporary.replace(target)
        held.replace(temporary)
    finally:
        held.unlink(missing_ok=True)
    if temporary.read_bytes() != old:
        temporary.replace(target)
        raise Changed(f"{target}: an editor wrote into it at this very moment; its version stands, try again")


def _exchange(one: Path, other: Path) -> bool:
    """Both names change places in one step; False where this file system cannot. Raises OSError."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    if call(_AT_HERE, os.fsencode(one), _AT_HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    fault = ctypes.get_errno()
    if fault in _CANNOT:
        return False
    raise OSError(fault, os.strerror(fault), str(one))


def _written(target: Path, content: bytes, old: bytes) -> Path:
    """A synced temporary file beside `target`, with its content; with its mode at the end."""
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    name = f"{TEMPORARY}{_digest(old)}-{_digest(content)}-{secrets.token_hex(4)}"
    temporary = target.with_name(name)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(handle, left) :]
            os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _put_aside(displaced: Path, old: bytes) -> None:
    aside = f"{DISPLACED}{int(time.time())}-{_digest(old)}-{secrets.token_hex(4)}"
    displaced.chmod(0o600)
    displaced.rename(displaced.with_name(aside))


def _rescued(stray: Path, target: Path) -> Path:
    place = target.with_name(f"{target.stem}{RESCUED}{secrets.token_hex(3)}{target.suffix}")
    stray.rename(place)
    return place


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]
