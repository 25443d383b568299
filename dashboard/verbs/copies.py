"""Files outside the history that hold a passage: found, and mended or removed. No link is followed.

In a folder that we make (folders.LIST names its files), what holds it goes, to be made anew; elsewhere a
text gets the mark, and what cannot be mended within goes. What does not hold it is not touched.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.registry import spellings
from dashboard.registry.spellings import Passages
from dashboard.verbs import folders


@dataclass
class Found:
    """What was looked at. Names are without the passage."""

    files: int = 0
    places: int = 0
    holding: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    """What was done with each, as a sentence."""
    shut: Counter[str] = field(default_factory=Counter)
    """Files that nobody here can look into, by kind."""
    shut_names: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    repositories: list[str] = field(default_factory=list)
    """Other repositories of git, which are not looked into: what is mended within git's folder breaks it."""


def looked(
    paths: Iterable[Path],
    passages: Passages,
    mend: bool = False,
    spared: Path | None = None,
    own: Path | None = None,
) -> Found:
    """What of `paths`, files and whole folders, holds the passage; with `mend`, it is gone afterwards.

    `spared` is the file that names the passages: it is told of, not touched. `own` is the working tree of the
    registry, of whose history somebody else takes care.
    """
    found = Found()
    for top in paths:
        ours = _ours(top)
        for path in _walked(top, found, passages, own):
            if not (spared and _same(path, spared)):
                try:
                    _look(path, top, ours, passages, mend, found)
                except FileNotFoundError:
                    continue
                except OSError as error:
                    found.unread.append(f"{_named(path, passages)}: {error.strerror}")
    return found


def _same(path: Path, other: Path) -> bool:
    return path.exists() and other.exists() and path.samefile(other)


def _ours(top: Path) -> frozenset[Path]:
    """The files of folders below `top` that we made."""
    lists = [top / folders.LIST, *top.glob(f"*/{folders.LIST}")] if top.is_dir() else []
    found = set()
    for each in lists:
        if each.is_file():
            lines = each.read_text("utf-8", "surrogateescape").splitlines()
            found |= {each.parent / line.partition("  ")[2] for line in lines}
    return frozenset(found)


def _walked(top: Path, found: Found, passages: Passages, own: Path | None) -> Iterator[Path]:
    """What is within a folder before the folder; the folder that was named itself is not among it."""
    if top.is_symlink() or not top.is_dir():
        if top.exists() or top.is_symlink():
            yield top
        return
    if top != own and _repository(top):
        found.repositories.append(_named(top, passages))
        return
    try:
        within = sorted(top.iterdir())
    except OSError as error:
        found.unread.append(f"{_named(top, passages)}: {error.strerror}")
        return
    for each in within:
        if each.is_dir() and not each.is_symlink():
            if not (top == own and each.name == ".git"):
                yield from _walked(each, found, passages, own)
                yield each
        else:
            yield each


def _repository(folder: Path) -> bool:
    """Whether git keeps a history here, with a working tree or without."""
    return (folder / ".git").exists() or ((folder / "objects").is_dir() and (folder / "HEAD").is_file())


def _named(path: Path, passages: Passages) -> str:
    return passages.cleaned_text(str(path))


def _look(path: Path, top: Path, ours: frozenset[Path], passages: Passages, mend: bool, found: Found) -> None:
    in_name = passages.count_text(path.name) if path != top else 0
    if path.is_symlink():
        found.files += 1
        if count := in_name + passages.count_text(os.fsdecode(path.readlink())):
            _told(found, path, passages, count)
            if mend:
                path.unlink()
                found.done.append(f"{_named(path, passages)}: a link by that name, removed")
        return
    within = 0
    if path.is_file():
        found.files += 1
        data = path.read_bytes()
        within = passages.count(data)
        if not within and (shut := spellings.closed(data)):
            found.shut[shut] += 1
            found.shut_names.append(_named(path, passages))
    if not in_name + within:
        return
    _told(found, path, passages, in_name + within)
    if mend:
        found.done.append(f"{_named(path, passages)}: {_mended(path, path in ours, in_name, within, passages)}")


def _told(found: Found, path: Path, passages: Passages, count: int) -> None:
    found.places += count
    found.holding.append(_named(path, passages))


def _mended(path: Path, ours: bool, in_name: int, within: int, passages: Passages) -> str:
    """What was done."""
    if path.is_file() and ours:
        path.unlink()
        return "removed; make it anew"
    said = []
    if within:
        data = path.read_bytes()
        links = path.stat().st_nlink
        if spellings.closed(data) or spellings.packed(data):
            path.unlink()
            return "removed, since it cannot be mended within; make it anew"
        _replaced(path, passages.cleaned(data))
        said.append("mended")
        if links > 1:
            said.append(f"has {links - 1} more names elsewhere (hard links), which still hold it")
    if in_name:
        path.rename(_free(path.with_name(passages.cleaned_text(path.name))))
        said.append("renamed")
    return "; ".join(said)


def _replaced(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=".tracker-mend-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _free(path: Path) -> Path:
    number, free = 2, path
    while free.exists() or free.is_symlink():
        free, number = path.with_name(f"{path.stem}-{number}{path.suffix}"), number + 1
    return free
