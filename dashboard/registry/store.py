"""The registry on disk: replacing its file safely, and what git remembers of it.

Nothing else writes the registry or runs git.
"""

import errno
import fcntl
import os
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from dashboard.registry import reader
from dashboard.registry.problems import Problem
from dashboard.registry.reader import Loaded, Texts

TEMPORARY = ".tracker-save-"
"""How the name of a file begins that is still being written."""

LOCK_SECONDS = 10.0
GIT_SECONDS = 60


class Changed(Exception):
    """Somebody else changed the registry, or is changing it."""


class Spoiled(Exception):
    """The changed text has problems that the registry did not have."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"the change would bring {len(problems)} new problems")
        self.problems = problems


class NoHistory(Exception):
    """Git cannot answer: not there, no repository, no such revision."""


# --- writing ----------------------------------------------------------------------------------------


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


# --- history ----------------------------------------------------------------------------------------


def past(path: Path, revision: str) -> Texts | None:
    """The registry at `path` as git has it at `revision`; None where it was not there yet.

    Raises NoHistory.
    """
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = _git(path.parent, *asked).decode().strip()
    listed = _git(path.parent, "ls-tree", "-z", "--name-only", commit, "--", path.name, "sources/")
    names = [name for name in os.fsdecode(listed).split("\0") if name]
    if path.name not in names:
        return None
    content = {name: _git(path.parent, "cat-file", "blob", f"{commit}:./{name}") for name in names if _ours(name, path)}
    registry = content.pop(path.name)
    return Texts(f"{revision}:{path.name}", registry, {f"{revision}:{name}": content[name] for name in sorted(content)})


def _ours(name: str, path: Path) -> bool:
    return name == path.name or (name.startswith("sources/") and name.endswith(".yaml"))


@dataclass(frozen=True, slots=True)
class GitState:
    """Whether the registry is under git, what of it is not committed, and whether a merge is under way."""

    repository: bool
    changed: tuple[str, ...] = ()
    merging: bool = False


def git_state(path: Path) -> GitState:
    """How git sees the registry at `path`. Raises NoHistory where git itself is missing."""
    folder = path.parent
    try:
        inside = _git(folder, "rev-parse", "--is-inside-work-tree").strip() == b"true"
    except NoHistory:
        if not _has_git():
            raise
        inside = False
    if not inside:
        return GitState(repository=False)
    lines = os.fsdecode(_git(folder, "status", "--porcelain", "-z", "--", path.name, "sources")).split("\0")
    unfinished = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")
    places = [os.fsdecode(_git(folder, "rev-parse", "--git-path", name)).rstrip("\n") for name in unfinished]
    return GitState(True, tuple(line[3:] for line in lines if line), any((folder / p).exists() for p in places))


@dataclass(frozen=True, slots=True)
class Commit:
    """A state in the history: its short name and its day (UTC)."""

    name: str
    on: date


def last_commit(path: Path) -> Commit | None:
    """The last commit that touched the registry at `path`; None without git, repository or commit."""
    try:
        return _commit(_git(path.parent, "log", "-1", _NAMED, _LONG, "--", path.name, "sources"))
    except NoHistory:
        return None


def _commit(line: bytes) -> Commit | None:
    name, _, seconds = line.decode("ascii").strip().partition(" ")
    return Commit(name, datetime.fromtimestamp(int(seconds), UTC).date()) if name else None


def commit_on(path: Path, day: date, version: str = "") -> Commit | None:
    """The last commit up to the end of `day` (UTC) that touched the registry at `path`, or the one
    that `version` names, where it is of the same history; None before the first. Raises NoHistory.
    """
    until = () if version else (f"--before={day}T23:59:59Z",)
    revision = version or "HEAD"
    if version:
        _git(path.parent, "merge-base", "--is-ancestor", version, "HEAD")
    asked = ("log", "-1", _NAMED, _LONG, *until, "--end-of-options", revision, "--", path.name, "sources")
    return _commit(_git(path.parent, *asked))


_NAMED, _LONG = "--format=%h %ct", "--abbrev=12"
"""A citation must name one version for good: the seven digits that git writes may fit two later on."""


def past_file(path: Path, revision: str, name: str) -> str:
    """A file beside the registry at `path` as git has it at `revision`; empty where there was none. Raises NoHistory."""
    if not _git(path.parent, "ls-tree", "--name-only", revision, "--", name):
        return ""
    return _git(path.parent, "cat-file", "blob", f"{revision}:./{name}").decode("utf-8", "replace")


def _has_git() -> bool:
    with suppress(OSError):
        return subprocess.run(["git", "--version"], capture_output=True, check=False).returncode == 0
    return False


def _git(folder: Path, *arguments: str) -> bytes:
    """What git prints. Takes no lock and asks nobody."""
    # A hook that called us names its own index and folder; the question is about `folder`.
    inherited = {
        k: v for k, v in os.environ.items() if k not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    }
    env = {**inherited, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
    command = ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, env=env, stdin=subprocess.DEVNULL, timeout=GIT_SECONDS, check=False
        )
    except FileNotFoundError:
        raise NoHistory("git is not installed; install it to compare with the past") from None
    except subprocess.TimeoutExpired:
        raise NoHistory(f"git did not answer within {GIT_SECONDS} seconds") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise NoHistory(said[0] if said else f"git knows nothing of {arguments[-1].removesuffix('^{commit}')}")
    return done.stdout
