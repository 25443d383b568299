"""The registry's history being written: one commit a save, and what other machines committed taken in.

Git does the work; the door (store.py) holds the lock. A commit bears an organisation's id and the day,
no person and no hour. Reading the history is history.py's.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO

from dashboard.registry import merging, swapping
from dashboard.registry.swapping import Changed

PUSH_VARIABLE = "TRACKER_PUSH"
"""`on` where each save is pushed to the branch's upstream: for the one host that writes."""

BY_HAND = "by-hand"
"""Who a commit names where somebody changed the file without the door."""

SECONDS = 60
TRIES = 5
_LOCK_SECONDS = 2.0
_PENDING = "tracker-pending.json"
_RUNNING = "tracker-running"
_UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
}
_SAFE = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsync=all", "-c", "commit.gpgSign=false"),
    *("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"),
)


class Refused(Exception):
    """Git did not do it; the message is its own first words."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a commit says: the command in one line, for which organisation, on which day."""

    what: str
    organisation: str
    on: date

    @property
    def text(self) -> str:
        return f"{self.what}\n\nTracker-Command: {self.what.partition(' ')[0]}\n"


def busy(target: Path) -> str:
    """Why nothing can be saved while git is in the middle of something; empty where it is not."""
    if (folder := _repository(target)) is None:
        return ""
    for name, what in _UNFINISHED.items():
        if (folder / name).exists():
            return f"{what} is under way in this repository; finish or abort it with git, then save"
    return ""


def announced(target: Path, content: bytes, message: Message) -> None:
    """Notes what is about to be saved, so that it is committed as such even if we are killed before."""
    if folder := _repository(target):
        note = {**asdict(message), "on": message.on.isoformat(), "digest": hashlib.sha256(content).hexdigest()}
        (folder / _PENDING).write_text(json.dumps(note), "utf-8")


def commit(target: Path, files: list[Path], message: Message) -> tuple[str, list[str]]:
    """Commits just these files. The commit's short name, or none and why: the save itself stands."""
    folder = _repository(target)
    if folder is None:
        why = "is not in a git repository" if _has_git() else "has no history, since git is not installed"
        return "", [f"saved; {target.name} {why}, so nobody can look up later what changed (git init starts one)"]
    try:
        with _alone(folder) as held:
            _commit(target.parent, files, message, held)
        (folder / _PENDING).unlink(missing_ok=True)
        return _ask(target.parent, "rev-parse", "--short=12", "HEAD"), []
    except Refused as refused:
        return "", [f"saved, not yet in the history: {refused}. The next save or start commits it"]


def caught_up(target: Path) -> list[str]:
    """Commits what was saved and not committed, and what somebody changed by hand, before anything new."""
    folder = _repository(target)
    if folder is None or busy(target):
        return []
    pending, changed = folder / _PENDING, _changed(target)
    message = _pending_message(pending, target)
    if not changed:
        pending.unlink(missing_ok=True)
        return []
    if message is None:
        return []
    return commit(target, changed, message)[1]


def by_hand(target: Path, today: date) -> list[str]:
    """Commits what somebody changed by hand, so that a save after it is a commit of its own."""
    if _repository(target) is None or not (changed := _changed(target)) or not _tracked(target):
        return []
    return commit(target, changed, Message("Changes made by hand, found by a save", BY_HAND, today))[1]


def remote(target: Path) -> bool:
    """Whether saves are pushed somewhere."""
    return os.environ.get(PUSH_VARIABLE) == "on" and bool(_upstream(target.parent))


def shared(target: Path) -> list[str]:
    """Pushes; takes in what others pushed meanwhile and tries again. What did not work, as sentences.

    Raises Changed where the newest save contradicts what others pushed: it is then taken back.
    """
    if not remote(target):
        return []
    waiting = "in the history here, not yet pushed: {why}. The next save tries again"
    for _ in range(TRIES):
        try:
            _push(target.parent)
            return []
        except Refused as refused:
            why = refused
        try:
            _ask(target.parent, "fetch", "--quiet", "--no-tags", _remote_name(target.parent))
            if _contains(target.parent, "HEAD", "@{u}"):
                break  # it was not for others' commits that it was refused
            taken_in(target)
        except Refused as refused:
            why = refused
            break
    return [waiting.format(why=why)]


def taken_in(target: Path) -> None:
    """Puts our commits that were not pushed on top of the upstream's, entry by entry. Raises Refused,
    Changed, OSError. A replica, which has none, just follows.
    """
    folder = target.parent
    with swapping.locked(folder):
        upstream = _ask(folder, "rev-parse", "@{u}")
        own = _ask(folder, "rev-list", "--reverse", "--first-parent", f"{upstream}..HEAD").split()
        tip = upstream
        for name in own:
            try:
                tip = _replayed(folder, name, tip)
            except merging.Conflict as conflict:
                if own == [name]:
                    _follow(target, upstream)
                    raise Changed(
                        f"a change that others published meanwhile touches the same: {conflict}; see it, then try again"
                    ) from None
                raise Refused(
                    f"others changed the same meanwhile ({conflict}); bring both together with git pull --rebase"
                ) from None
        _follow(target, tip)


def _follow(target: Path, tip: str) -> None:
    """The branch, and the files, as at `tip`: the registry itself by exchange, the rest by git."""
    folder = target.parent
    registry = _blob(folder, tip, target.name)
    old = target.read_bytes()
    if registry is not None and registry != old:
        swapping.swap(target, registry, old)
    others = _ask(folder, "diff", "--name-only", "-z", "--relative", "HEAD", tip).split("\0")
    before = _ask(folder, "rev-parse", "HEAD")
    _ask(folder, "update-ref", "-m", "tracker: take in what others pushed", "HEAD", tip, before)
    _ask(folder, "reset", "--quiet", "--mixed")
    for name in filter(None, others):
        if name != target.name:
            there = _blob(folder, tip, name) is not None
            _ask(
                folder,
                *(("checkout", "--quiet", tip, "--", name) if there else ("rm", "--quiet", "--force", "--", name)),
            )


def _replayed(folder: Path, name: str, onto: str) -> str:
    """Our commit `name` once more on top of `onto`: a new commit. Raises merging.Conflict, Refused."""
    index = _git_folder(folder) / f"tracker-index-{os.getpid()}"
    env = {"GIT_INDEX_FILE": str(index)}
    try:
        _ask(folder, "read-tree", onto, env=env)
        prefix = _ask(folder, "rev-parse", "--show-prefix")
        for path in filter(None, _ask(folder, "diff", "--name-only", "-z", "--relative", f"{name}^", name).split("\0")):
            before, ours, theirs = (_blob(folder, each, path) for each in (f"{name}^", name, onto))
            content = merging.merged(before, ours, theirs, path)
            if content is None:
                _ask(folder, "update-index", "--force-remove", f"{prefix}{path}", env=env)
                continue
            blob = _ask(folder, "hash-object", "-w", "--stdin", given=content)
            _ask(folder, "update-index", "--add", "--cacheinfo", f"100644,{blob},{prefix}{path}", env=env)
        tree = _ask(folder, "write-tree", env=env)
        told = _ask(folder, "log", "-1", "--format=%an%n%ae%n%ad%n%B", "--date=raw", name).split("\n", 3)
        who = dict(zip(("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE"), told[:3], strict=True))
        who |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in who.items()}
        return _ask(folder, "commit-tree", tree, "-p", onto, env=who, given=told[3].encode())
    finally:
        index.unlink(missing_ok=True)


# --- git ------------------------------------------------------------------------------------------


def _commit(folder: Path, files: list[Path], message: Message, held: IO[str]) -> None:
    names = [os.path.relpath(file, folder) for file in files]
    moment = f"{message.on}T00:00:00+0000"
    address = f"{message.organisation}@tracker.invalid"
    who = {
        **{f"GIT_{each}_NAME": message.organisation for each in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{each}_EMAIL": address for each in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{each}_DATE": moment for each in ("AUTHOR", "COMMITTER")},
    }
    _ask(folder, "add", "--intent-to-add", "--", *names, held=held)
    _ask(
        folder,
        "commit",
        "--quiet",
        "--no-verify",
        "--cleanup=verbatim",
        "-m",
        message.text,
        "--only",
        "--",
        *names,
        env=who,
        held=held,
    )


@contextmanager
def _alone(folder: Path) -> Iterator[IO[str]]:
    """One git of ours at a time. It inherits the lock: while it lives, even if we do not, nobody else begins.

    A lock of git's own that stands when ours is free, and that began with ours, was left by a git of ours
    that was killed; it is removed. A stranger's is told.
    """
    with (folder / _RUNNING).open("a+", encoding="ascii") as held:
        until = time.monotonic() + SECONDS
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Refused("an earlier git of ours has not ended yet") from None
                time.sleep(0.05)
        held.seek(0)
        began = held.read()
        for lock in _locks(folder):
            _removed_if_ours(lock, began)
        held.truncate(0)
        held.write(str(time.time_ns()))
        held.flush()
        yield held
        held.truncate(0)


def _removed_if_ours(lock: Path, began: str) -> None:
    until = time.monotonic() + _LOCK_SECONDS
    while lock.exists():
        if began and lock.stat().st_mtime_ns >= int(began) - 10**7:
            lock.unlink(missing_ok=True)
        elif time.monotonic() > until:
            raise Refused(f"another git is at work, or was killed: {lock} is there. If none runs, delete that file")
        else:
            time.sleep(0.05)


def _locks(folder: Path) -> Iterator[Path]:
    yield from (lock for lock in (folder / "index.lock", folder / "HEAD.lock") if lock.exists())
    yield from (folder / "refs" / "heads").rglob("*.lock")


def _changed(target: Path) -> list[Path]:
    """The registry and its sources, where they are not as committed."""
    listed = _ask(
        target.parent,
        "status",
        "--porcelain",
        "-z",
        "--no-renames",
        "--untracked-files=all",
        "--",
        target.name,
        "sources",
    )
    root = Path(_ask(target.parent, "rev-parse", "--show-toplevel"))
    found = [root / line[3:] for line in listed.split("\0") if line]
    return [file for file in found if file == target or file.suffix == ".yaml"]


def _tracked(target: Path) -> bool:
    return bool(_ask(target.parent, "ls-files", "--", target.name))


def _pending_message(pending: Path, target: Path) -> Message | None:
    """What was being saved when we were killed, where the file holds just that."""
    try:
        note = json.loads(pending.read_text("utf-8"))
        if note.pop("digest") != hashlib.sha256(target.read_bytes()).hexdigest():
            return None
        return replace(Message(**note), on=date.fromisoformat(note["on"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _push(folder: Path) -> None:
    branch = _ask(folder, "rev-parse", "--abbrev-ref", "HEAD")
    merged_into = _ask(folder, "config", f"branch.{branch}.merge")
    _ask(folder, "push", "--quiet", "--no-verify", _remote_name(folder), f"HEAD:{merged_into}")


def _remote_name(folder: Path) -> str:
    return _ask(folder, "config", f"branch.{_ask(folder, 'rev-parse', '--abbrev-ref', 'HEAD')}.remote")


def _upstream(folder: Path) -> str:
    try:
        return _ask(folder, "rev-parse", "--abbrev-ref", "@{u}")
    except Refused:
        return ""


def _contains(folder: Path, revision: str, other: str) -> bool:
    """Whether the history of `revision` holds `other`."""
    return not _ask(folder, "rev-list", "-1", f"{revision}..{other}")


def _blob(folder: Path, revision: str, name: str) -> bytes | None:
    """A file at a revision; None where there is none."""
    if not _ask(folder, "ls-tree", revision, "--", name):
        return None
    return _run(folder, ("cat-file", "blob", f"{revision}:./{name}"))


def _repository(target: Path) -> Path | None:
    """The folder that git keeps of the repository in which the registry is; None where it is in none."""
    try:
        return _git_folder(target.parent)
    except Refused:
        return None


def _git_folder(folder: Path) -> Path:
    return folder / _ask(folder, "rev-parse", "--git-dir")


def _has_git() -> bool:
    try:
        _run(Path("/"), ("--version",))
    except Refused:
        return False
    return True


def _ask(
    folder: Path,
    *arguments: str,
    env: dict[str, str] | None = None,
    given: bytes | None = None,
    held: IO[str] | None = None,
) -> str:
    return os.fsdecode(_run(folder, arguments, env, given, held)).removesuffix("\n")


def _run(
    folder: Path,
    arguments: tuple[str, ...],
    env: dict[str, str] | None = None,
    given: bytes | None = None,
    held: IO[str] | None = None,
) -> bytes:
    """What git prints. In a process group of its own, so that Ctrl-C does not kill it half-way. Raises Refused."""
    # A hook that called us names its own index and folder; the question is about `folder`.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    whole = {**inherited, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8", **(env or {})}
    command = ["git", "-C", str(folder), *_SAFE, *arguments]
    kept = (held.fileno(),) if held else ()
    try:
        done = subprocess.run(
            command, capture_output=True, env=whole, input=given or b"", timeout=SECONDS, check=False,
            start_new_session=True, pass_fds=kept,
        )  # fmt: skip
    except FileNotFoundError:
        raise Refused("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise Refused(f"git did not answer within {SECONDS} seconds") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Refused(said[0] if said else f"git {arguments[0]} ended with {done.returncode}")
    return done.stdout
