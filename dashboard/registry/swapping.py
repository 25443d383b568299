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
from contextlib import contextmanager, suppress
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
KEPT_BYTES = 128 * 2**20
"""Of a large registry fewer versions are kept, since each save looks at all of them."""

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
                time.sleep(0.002)  # rarer, and whoever saves again and again would come first each time
        yield
    finally:
        os.close(handle)


def swept(target: Path) -> list[Path]:
    """Removes what killed saves left behind, and displaced versions that nobody wrote to. Returns the
    versions that somebody else wrote and that are kept under a name of their own, as long as they are there:
    whoever was told first may not have read it. Under the lock only.
    """
    for folder in (target.parent, target.parent / "sources"):
        for stray in _named(folder, TEMPORARY):
            _cleared(stray, target)
    size = 0
    for n, old in enumerate(reversed(_named(target.parent, DISPLACED))):
        since, digest, *_ = (*old.name.removeprefix(DISPLACED).split("-"), "")
        state, now = old.stat(), time.time_ns()
        size += state.st_size
        expired = not since.isdecimal() or now / _SECOND - int(since) > KEPT_SECONDS
        goes = expired or n >= KEPT_AT_MOST or (n and size > KEPT_BYTES)
        mark = (state.st_ino, state.st_ctime_ns)
        if not goes and _UNTOUCHED.get(old) == mark:
            continue
        if _digest(old.read_bytes()) != digest:
            _rescued(old, target)
        elif goes:
            old.unlink()
        elif now - state.st_ctime_ns > _SECOND:  # else it may be written to within the same tick of the clock
            _UNTOUCHED[old] = mark
    for old in [each for each in _UNTOUCHED if each.parent == target.parent and not each.exists()]:
        del _UNTOUCHED[old]
    return _named(target.parent, f"{target.stem}{RESCUED}")


def swap(target: Path, content: bytes, old: bytes, digests: tuple[str, str] | None = None) -> None:
    """`content` in the place of `old`, which is what `target` held when it was read. Raises Changed,
    OSError; then the old file stands, or the one that somebody else wrote. Under the lock only.
    `digests`: sha256 of the two in that order, where it is known.
    """
    now, was = (each[:_DIGITS] for each in digests) if digests else (_digest(content), _digest(old))
    try:
        temporary = _written(target, content, f"{was}-{now}")
        try:
            if not _exchange(target, temporary):
                _replaced(target, temporary, content, old)
            else:
                _exchanged(target, temporary, content, old)
        except BaseException:
            _forget(temporary, content)
            raise
    except _Stands:
        raise
    except OSError as fault:
        says = f"{fault.strerror}; nothing was saved, the old file stands"
        raise OSError(fault.errno, says, str(target)) from fault
    with suppress(OSError):  # the new file stands; the next `swept` puts the old one aside
        _put_aside(temporary, was, target)


def created(target: Path, content: bytes) -> None:
    """A new file; one that is there is not touched. Raises FileExistsError, OSError. Under the lock only."""
    temporary = _written(target, content, f"{_digest(b'')}-{_digest(content)}")
    try:
        target.hardlink_to(temporary)
        try:
            synced(target.parent)
        except OSError:
            target.unlink()
            raise
    finally:
        with suppress(OSError):  # the next `swept` removes it
            temporary.unlink()


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


def umask() -> int:
    """What this account takes from the mode of a new file; it can only be asked by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def exchange(one: Path, other: Path) -> bool:
    """Both names, of files or folders, change places in one step; False where this file system cannot. Raises OSError."""
    return _exchange(one, other)


def synced(folder: Path) -> None:
    """The names in `folder` are on disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_SECOND = 10**9
_UNTOUCHED: dict[Path, tuple[int, int]] = {}
"""Displaced versions that were read already, each with its number and the moment of its last change: of a large
registry reading them all again takes longer than a save. Before one is removed it is read in any case.
"""


class _Stands(OSError):
    """A fault after the exchange that could not be taken back: the new file stands."""


def _exchanged(target: Path, temporary: Path, content: bytes, old: bytes) -> None:
    """The two files have changed places: that is right and on disk, or it is undone. Raises Changed, OSError."""
    try:
        newest = _newest(target, temporary, content, old)
        if newest is content:
            synced(target.parent)
    except OSError as fault:
        try:
            _exchange(target, temporary)
            _newest(target, temporary, old, content)
        except OSError:
            raise _stands(fault, target) from fault
        raise
    if newest is not content:
        raise Changed(f"{target}: an editor replaced it at this very moment; its version stands, try again")


def _newest(target: Path, temporary: Path, put: bytes, expected: bytes) -> bytes:
    """What stands in the end, where `put` was put and `expected` should have been displaced: anything else
    that was displaced is somebody's newer version and goes back, and so does one that came meanwhile.
    """
    while (displaced := temporary.read_bytes()) != expected:
        expected, put = put, displaced
        _exchange(target, temporary)
    return put


def _stands(fault: OSError, target: Path) -> OSError:
    says = f"{fault.strerror}; the change is in the file, but the disk did not confirm it: look whether it stays"
    return _Stands(fault.errno, says, str(target))


def _forget(temporary: Path, content: bytes) -> None:
    """Removes what was written, where it is ours; what is not is left for `swept` to save."""
    with suppress(OSError):
        if temporary.read_bytes() == content:
            temporary.unlink()


def _replaced(target: Path, temporary: Path, content: bytes, old: bytes) -> None:
    """Where files cannot be exchanged: compare, rename, compare. `temporary` names what was displaced."""
    held = temporary.with_name(temporary.name + "-old")
    held.hardlink_to(target)
    try:
        if held.read_bytes() != old or not held.samefile(target):
            raise Changed(f"{target}: it was changed meanwhile; nothing was written, look at it and try again")
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            held.unlink()
        raise
    try:
        held.replace(temporary)
        displaced = temporary.read_bytes()
        if displaced == old:
            synced(target.parent)
    except OSError as fault:
        try:
            if target.read_bytes() == content:
                (held if held.exists() else temporary).replace(target)
        except OSError:
            raise _stands(fault, target) from fault
        raise
    if displaced != old:
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


def _written(target: Path, content: bytes, digests: str) -> Path:
    """A synced temporary file beside `target`, with its content; with its mode at the end. `digests`: of what stands
    there now and of the content, for its name.
    """
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    name = f"{TEMPORARY}{digests}-{secrets.token_hex(4)}"
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
        if temporary.read_bytes() != content:  # a disk can lie
            raise OSError(errno.EIO, "the disk did not keep what was written", str(target))
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return temporary


def _named(folder: Path, prefix: str) -> list[Path]:
    """The files in `folder` whose name begins so, by name. An unreadable folder is not taken for an empty one."""
    try:
        return sorted(file for file in folder.iterdir() if file.name.startswith(prefix))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _cleared(stray: Path, target: Path) -> None:
    """Out of the way: what was meant is removed, what was displaced is put aside, for an editor may have it
    open; so may it what does not even end, half of ours or half of the editor's. The rest is somebody's.
    """
    old, new, *_ = (*stray.name.removeprefix(TEMPORARY).split("-"), "", "")
    content = stray.read_bytes()
    digest = _digest(content)
    if digest == new:
        stray.unlink()
    elif digest == old or not _END.search(content):
        _put_aside(stray, digest, target)
    else:
        _rescued(stray, target)


def _put_aside(displaced: Path, digest: str, target: Path) -> None:
    aside = f"{DISPLACED}{int(time.time())}-{digest}-{secrets.token_hex(4)}"
    displaced.chmod(0o600)
    displaced.rename(target.with_name(aside))


def _rescued(stray: Path, target: Path) -> None:
    stray.chmod(0o600)
    stray.rename(target.with_name(f"{target.stem}{RESCUED}{secrets.token_hex(3)}{target.suffix}"))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]
