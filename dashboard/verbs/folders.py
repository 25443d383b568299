"""A folder of files that we make, put whole in the place of the one that we made before.

It is built beside and then exchanged, so that whoever is cut off leaves what was there. A list of
checksums in it says which files are ours; what somebody else put there is kept.
"""

import fcntl
import glob
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dashboard.registry import swapping
from dashboard.verbs.asked import Usage

LIST = "tracker.sha256"
"""What names our files in a folder, as `sha256sum -c` reads it; without it nothing there is ours."""


def laid(folder: Path, files: Iterable[tuple[str, bytes]], last: Callable[[], None] = lambda: None) -> list[str]:
    """The files, by their paths, in `folder` in place of those that were ours; `last` is done when all are
    written and before they take their place. What of somebody else's could not be kept at its place, as
    sentences. Raises Usage, where the folder is not ours to write; OSError; what `last` raises.
    """
    folder = folder.resolve()
    _checked(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    told = [line for left in _left_behind(folder) for line in _cleared(left, folder)]
    new = Path(tempfile.mkdtemp(prefix=_prefix(folder), dir=folder.parent))
    with _held(new):
        try:
            lines = sorted(_written(new, files))
            (new / LIST).write_text("".join(lines), "utf-8")
            new.chmod(0o777 & ~swapping.umask())
            _checked(folder)
            last()
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        if _put(new, folder):
            told += _cleared(new, folder)
    return told


def _checked(folder: Path) -> None:
    """Raises Usage where something stands there that we did not write."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise Usage(f"{folder}: is there and is no folder; name another")
    if any(folder.iterdir()) and not (folder / LIST).is_file():
        raise Usage(f"{folder}: holds files that are not of a site of ours (no {LIST}); name a new or an empty folder")


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """While we live, nobody takes the folder for one that was left behind. Raises BlockingIOError."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)


def _prefix(folder: Path) -> str:
    return f".{folder.name}.tracker-new-"


def _written(new: Path, files: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """Writes the files; the line of each in the list."""
    for path, content in files:
        target = new / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:  # no file twice
            file.write(content)
        yield f"{hashlib.sha256(content).hexdigest()}  {path}\n"


def _put(new: Path, folder: Path) -> bool:
    """`new` takes the place of `folder`; whether that stands now where `new` was."""
    if not folder.exists():
        new.rename(folder)
        return False
    if not swapping.exchange(new, folder):
        aside = new.with_name(f"{new.name}-was")
        folder.rename(aside)
        new.rename(folder)
        aside.rename(new)
    return True


def _left_behind(folder: Path) -> Iterator[Path]:
    """Folders that a run left which was cut off; what another run is writing just now is not among them."""
    for left in folder.parent.glob(f"{glob.escape(_prefix(folder))}*"):
        with suppress(BlockingIOError), _held(left):
            yield left


def _cleared(old: Path, folder: Path) -> list[str]:
    """Takes away what was ours, and moves what was not to where it stood; what could not be moved is told."""
    if not (old / LIST).exists():  # a run was cut off before it had all files: nothing else is in there
        shutil.rmtree(old)
        return []
    for path in _ours(old):
        (old / path).unlink(missing_ok=True)
        for above in list(Path(path).parents)[:-1]:
            with suppress(OSError):  # something else is in it
                (old / above).rmdir()
    kept = [each for each in _moved(old, folder) if each.name != LIST or each.parent != old]
    if kept:
        return [f"{each}: not of this site, and its place is taken; it is kept there" for each in kept]
    (old / LIST).unlink()
    old.rmdir()
    return []


def _ours(folder: Path) -> list[str]:
    lines = (folder / LIST).read_text("utf-8").splitlines()
    return [path for _, _, path in (line.partition("  ") for line in lines) if _inside(path)]


def _inside(path: str) -> bool:
    return bool(path) and not path.startswith("/") and ".." not in path.split("/")


def _moved(old: Path, folder: Path) -> Iterator[Path]:
    """Moves what is left in `old`; yields what has a namesake in `folder`."""
    for each in sorted(old.iterdir()):
        target = folder / each.name
        if not (target.exists() or target.is_symlink()):
            each.rename(target)
        elif each.is_dir() and target.is_dir() and not each.is_symlink():
            yield from _moved(each, target)
            with suppress(OSError):
                each.rmdir()
        else:
            yield each
