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
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO, Any

from dashboard.registry import history, merging, reader, swapping
from dashboard.registry.swapping import Changed

PUSH_VARIABLE = "TRACKER_PUSH"
"""`on` where each save is pushed to the branch's upstream: for the one host that writes."""

BY_HAND = "by-hand"
"""Who a commit names where somebody changed the file without the door."""

SECONDS = 60
TRIES = 5
_LOCK_SECONDS = 2.0
_LONGEST = 300 * 10**9
_TICK = 10**7
"""Nanoseconds by which a file's time may lag."""
_HIDDEN = (f"{swapping.TEMPORARY}*", f"{swapping.DISPLACED}*", f"*{swapping.RESCUED}*")
_PENDING = "tracker-pending.json"
_RUNNING = "tracker-running"
_UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
}
SAFE = (
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
    also: tuple[str, ...] = ()
    """Saves before it that could not be committed by themselves, and whose they were."""

    @property
    def text(self) -> str:
        body = "".join(f"Also: {each}\n" for each in self.also)
        return f"{self.what}\n\n{body}Tracker-Command: {self.what.partition(' ')[0]}\n"


def busy(target: Path) -> str:
    """Why nothing can be saved while git is in the middle of something; empty where it is not."""
    if (folder := _repository(target)) is None:
        return ""
    for name, what in _UNFINISHED.items():
        if (folder / name).exists():
            return f"{what} is under way in this repository; finish or abort it with git, then save"
    with suppress(Refused):
        if _ask(target.parent, "ls-files", "--unmerged", "--", target.name, "sources"):
            return "git has a conflict in the registry that nobody has resolved; resolve it (git status), then save"
    return ""


def announced(target: Path, content: bytes, message: Message) -> None:
    """Notes what is about to be saved, so that it is committed as such even if we are killed before."""
    if folder := _repository(target):
        waiting = _waiting(folder / _PENDING, target)
        note = {**asdict(message), "on": message.on.isoformat(), "digest": _digest(content)}
        draft = folder / f"{_PENDING}.new"
        draft.write_text(json.dumps([*waiting, note]), "utf-8")
        draft.replace(folder / _PENDING)
        _hidden(_common(folder))


def commit(target: Path, files: list[Path], message: Message) -> tuple[str, list[str]]:
    """Commits just these files. The commit's short name, or none and why: the save itself stands."""
    folder = _repository(target)
    if folder is None:
        return "", [f"saved; {_without_history(target)}"]
    try:
        also = _also(_waiting(folder / _PENDING, target)[:-1])
        with _alone(folder) as held:
            _commit(target.parent, files, replace(message, also=also), held)
            name = _ask(target.parent, "rev-parse", "--short=12", "HEAD")
        (folder / _PENDING).unlink(missing_ok=True)
        return name, []
    except (Refused, OSError) as why:
        return "", [f"saved, not yet in the history: {_words(why)}. The next save or start commits it"]


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """No git of ours runs beside what is done here. Raises Refused where another git is at work."""
    with _alone(_git_folder(target.parent)):
        yield


def caught_up(target: Path) -> list[str]:
    """Commits what was saved and not committed, before anything new."""
    folder = _repository(target)
    if folder is None or not (folder / _PENDING).exists() or busy(target):
        return []
    try:
        with _alone(folder) as held:  # what a killed save began, its git ends first
            _unstage(target, held)
            changed, waiting = _changed(target), _waiting(folder / _PENDING, target)
            if changed and waiting:
                _commit(target.parent, changed, replace(_message(waiting[-1]), also=_also(waiting[:-1])), held)
        (folder / _PENDING).unlink(missing_ok=True)
    except (Refused, OSError) as why:
        return [f"an earlier save is not yet in the history: {_words(why)}. The next save or start commits it"]
    return []


def by_hand(target: Path, today: date) -> list[str]:
    """Commits what somebody changed by hand, so that a save after it is a commit of its own."""
    folder = _repository(target)
    if folder is None or (folder / _PENDING).exists():  # that is a save's, and waits for `caught_up`
        return []
    try:
        if not _tracked(target) or not _changed(target):
            return []
        with _alone(folder) as held:
            _unstage(target, held)
            if changed := _changed(target):
                message = Message("Changes made by hand, found by a save", BY_HAND, today)
                _commit(target.parent, changed, message, held)
    except (Refused, OSError) as why:
        return [f"what was changed by hand is not yet in the history: {_words(why)}. The next save commits it"]
    return []


def remote(target: Path) -> bool:
    """Whether saves are pushed somewhere."""
    return os.environ.get(PUSH_VARIABLE) == "on" and bool(_upstream(target.parent))


def shared(target: Path, newest: str, today: date) -> tuple[str, list[str]]:
    """Pushes the save that was committed as `newest`; takes in what others pushed meanwhile and tries again.
    What it is called now, and what did not work, as sentences.

    Raises Changed where that save contradicts what others pushed: it is then taken back.
    """
    if not remote(target):
        return newest, []
    why: Exception = Refused("others push all the time")
    for _ in range(TRIES):
        try:
            if _pushed(target.parent):
                return newest, []
            newest = taken_in(target, today, newest)
        except _Contradicted as conflict:
            raise Changed(
                f"a change that others published meanwhile touches the same: {conflict}; see it, then try again"
            ) from None
        except (Refused, Changed, OSError) as error:
            why = error
            break
    return newest, [f"in the history here, not yet pushed: {_words(why)}. The next save tries again"]


class _Contradicted(Exception):
    """The newest save and what others pushed touch the same; the save was taken back."""


def taken_in(target: Path, today: date, newest: str = "") -> str:
    """Puts our commits that were not pushed on top of the upstream's, entry by entry; a replica, which has
    none, just follows. What `newest`, the one that may be taken back, is called now.

    Raises _Contradicted, Refused, Changed, OSError.
    """
    folder = _git_folder(target.parent)
    with swapping.locked(target.parent), _alone(folder) as held:
        _hidden(_common(folder))
        return _on_top(target, today, newest, held)


def _on_top(target: Path, today: date, newest: str, held: IO[str]) -> str:
    folder = target.parent
    upstream = _ask(folder, "rev-parse", "@{u}")
    own = _ask(folder, "rev-list", "--reverse", "--first-parent", f"{upstream}..HEAD").split()
    tip = upstream
    try:
        for name in own:
            tip = _replayed(folder, name, tip)
        _proved(target, upstream, tip, today)
    except merging.Conflict as conflict:
        if len(own) == 1 and newest and own[0].startswith(newest):
            _follow(target, upstream, today, held)
            raise _Contradicted(str(conflict)) from None
        raise Refused(
            f"others changed the same meanwhile ({conflict}); bring both together with git pull --rebase"
        ) from None
    _follow(target, tip, today, held)
    last = bool(own) and bool(newest) and own[-1].startswith(newest)
    return _ask(folder, "rev-parse", "--short=12", tip) if last else newest


def _proved(target: Path, upstream: str, tip: str, today: date) -> None:
    """What was brought together has no error that the upstream's did not have. Raises merging.Conflict."""
    if tip == upstream:
        return
    try:
        ours, theirs = (history.past(target, revision) for revision in (tip, upstream))
    except history.NoHistory as error:
        raise Refused(str(error)) from None
    if ours is None or theirs is None:
        raise Refused(f"others deleted {target.name}; see git log, and bring it back there")
    known = {(each.record, each.found) for each in reader.read(theirs, today).problems}
    for each in reader.read(ours, today).problems:
        if each.severity == "error" and (each.record, each.found) not in known:
            raise merging.Conflict(each.record or each.found)


def _follow(target: Path, tip: str, today: date, held: IO[str]) -> None:
    """The files, and the branch, as at `tip`: the registry itself by exchange, the rest by git, which leaves
    alone what is not committed. The branch moves last, so that whoever is killed before can begin again.
    """
    folder, old = target.parent, target.read_bytes()
    if _changed(target):
        raise Refused(f"something in {target.name} or its sources is not committed yet")
    registry = _blob(folder, tip, target.name)
    if registry is None:
        raise Refused(f"others deleted {target.name}; see git log, and bring it back there")
    before = _ask(folder, "rev-parse", "HEAD")
    _ask(folder, "update-index", "-q", "--refresh", held=held)
    _ask(folder, "read-tree", "-m", "-u", "-n", before, tip, held=held)
    if registry != old:
        swapping.swap(target, registry, old)
        mode, _, blob = _ask(folder, "ls-tree", tip, "--", target.name).split()[:3]
        name = _ask(folder, "rev-parse", "--show-prefix") + target.name
        _ask(folder, "update-index", "--cacheinfo", f"{mode},{blob},{name}", held=held)
    _ask(folder, "read-tree", "-m", "-u", before, tip, held=held)
    who = _who(BY_HAND, _midnight(today))  # the branch's log keeps no person and no hour either
    _ask(folder, "update-ref", "-m", "tracker: take in what others pushed", "HEAD", tip, before, env=who, held=held)


def _replayed(folder: Path, name: str, onto: str) -> str:
    """Our commit `name` once more on top of `onto`: a new commit. Raises merging.Conflict, Refused."""
    index = _git_folder(folder).absolute() / f"tracker-index-{os.getpid()}"
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


def tagged(target: Path, name: str, commit: str, message: Message) -> list[str]:
    """Names `commit` for good by an annotated tag: an organisation's, at midnight. It is pushed where saves are.
    What did not work beside it, as sentences. Raises Refused.
    """
    folder = target.parent
    with _alone(_git_folder(folder)) as held:
        _ask(
            folder,
            *("-c", "tag.gpgSign=false", "tag", "--annotate", "--cleanup=verbatim"),
            *("-m", message.text, "--", name, commit),
            env=_who(message.organisation, _midnight(message.on)),
            held=held,
        )
        if not remote(target):
            return []
        remote_name = _remote_name(folder)
        try:
            _ask(folder, "push", "--quiet", "--no-verify", remote_name, f"refs/tags/{name}", held=held)
        except Refused as refused:
            return [f"the tag is here, not yet pushed: {refused}. Push it with  git push {remote_name} {name}"]
    return []


def _pushed(folder: Path) -> bool:
    """Whether the push went through; False where others' commits, now fetched, come first. Raises Refused."""
    remote_name, was = _remote_name(folder), _ask(folder, "rev-parse", "@{u}")
    branch = _ask(folder, "rev-parse", "--abbrev-ref", "HEAD")
    merged_into = _ask(folder, "config", f"branch.{branch}.merge")
    with _alone(_git_folder(folder)) as held:
        try:
            _ask(folder, "push", "--quiet", "--no-verify", remote_name, f"HEAD:{merged_into}", held=held)
            return True
        except Refused as refused:
            _ask(folder, "fetch", "--quiet", "--no-tags", remote_name, held=held)
            if _contains(folder, "HEAD", "@{u}"):
                raise refused from None  # it was not for others' commits that it was refused
            if not _contains(folder, "@{u}", was):
                # What somebody took out of the history must not come back with our next push.
                _ask(folder, "update-ref", _ask(folder, "rev-parse", "--symbolic-full-name", "@{u}"), was, held=held)
                raise Refused("the history there was rewritten; start here from a fresh clone") from None
            return False


# --- git ------------------------------------------------------------------------------------------


def _commit(folder: Path, files: list[Path], message: Message, held: IO[str]) -> None:
    names = [os.path.relpath(file, folder) for file in files]
    who = _who(message.organisation, _midnight(message.on))
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


def _who(organisation: str, moment: str) -> dict[str, str]:
    """Whose a commit is: an organisation's, at midnight."""
    told = {"NAME": organisation, "EMAIL": f"{organisation}@tracker.invalid", "DATE": moment}
    return {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in told.items()}


def _midnight(on: date) -> str:
    return f"{on}T00:00:00+0000"


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
                time.sleep(0.02)
        held.seek(0)
        if locks := list(_locks(folder)):
            _cleared(locks, held.read())
        held.truncate(0)
        held.write(f"{time.time_ns()} ")
        held.flush()
        yield held
        held.write(str(time.time_ns()))


def _cleared(locks: list[Path], ran: str) -> None:
    """Removes the locks that our last git left, which `ran` from when to when, in nanoseconds; the end is not
    there where we were killed. What goes by itself was somebody's at work. Raises Refused.
    """
    until = time.monotonic() + _LOCK_SECONDS
    while any(lock.exists() for lock in locks) and time.monotonic() < until:
        time.sleep(0.02)
    begin, *rest = [int(each) for each in ran.split() if each.isdecimal()] or [0]
    end = rest[0] if rest else begin + _LONGEST
    for lock in locks:
        with suppress(FileNotFoundError):
            since = lock.stat().st_mtime_ns
            if begin and begin - _TICK <= since <= end:
                lock.unlink()
            elif not lock.match("next-index-*"):
                raise Refused(f"another git is at work, or was killed: {lock} is there. If none runs, delete that file")


def _locks(folder: Path) -> Iterator[Path]:
    common = _common(folder)
    names = ("index.lock", "HEAD.lock", "packed-refs.lock", "next-index-*.lock", "tracker-index-*")
    yield from (lock for place in dict.fromkeys((folder, common)) for name in names for lock in place.glob(name))
    yield from (common / "refs").rglob("*.lock")


def _common(folder: Path) -> Path:
    """What several working trees of one repository share."""
    other = folder / "commondir"
    return folder / other.read_text("utf-8").strip() if other.exists() else folder


def _hidden(common: Path) -> None:
    """What a save leaves for a while must not get into a commit by `git add -A`, whatever .gitignore says."""
    exclude = common / "info" / "exclude"
    told = exclude.read_text("utf-8", "surrogateescape") if exclude.exists() else ""
    if missing := [each for each in _HIDDEN if each not in told.splitlines()]:
        exclude.parent.mkdir(exist_ok=True)
        begin = "\n" if told and not told.endswith("\n") else ""
        with exclude.open("a", encoding="utf-8") as file:
            file.write(begin + "".join(f"{each}\n" for each in missing))


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


def _unstage(target: Path, held: IO[str]) -> None:
    """The index as HEAD has it: a git that is killed between the two leaves what it committed as if it were undone."""
    _ask(target.parent, "reset", "--quiet", "--", target.name, "sources", held=held)


def _tracked(target: Path) -> bool:
    return bool(_ask(target.parent, "ls-files", "--", target.name))


def _waiting(pending: Path, target: Path) -> list[dict[str, Any]]:
    """What was saved and is not committed, oldest first, where the file holds just that."""
    try:
        notes, now = json.loads(pending.read_text("utf-8")), _digest(target.read_bytes())
        last = max(n for n, note in enumerate(notes) if note["digest"] == now)
        return list(notes[: last + 1])
    except (OSError, ValueError, TypeError, KeyError):
        return []


def _message(note: dict[str, Any]) -> Message:
    return Message(note["what"], note["organisation"], date.fromisoformat(note["on"]))


def _also(notes: list[dict[str, Any]]) -> tuple[str, ...]:
    return tuple(f"{note['what']} ({note['organisation']}, {note['on']})" for note in notes)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _words(why: Exception) -> str:
    if isinstance(why, OSError):
        return f"{why.filename or 'the disk'}: {why.strerror}"
    return str(why)


def _without_history(target: Path) -> str:
    """Why nothing is committed, and what to do."""
    try:
        _git_folder(target.parent)
    except Refused as refused:
        if "not installed" in str(refused):
            return f"{target.name} has no history, since git is not installed: nobody can look up later what changed"
        if "not a git repository" not in str(refused):
            return f"not in the history, since git refuses to work there: {refused}"
    return f"{target.name} is not in a git repository, so nobody can look up later what changed (git init starts one)"


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
    asks_nobody = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8"}
    whole = {**inherited, **asks_nobody, **(env or {})}
    command = ["git", "-C", str(folder), *SAFE, *arguments]
    kept = (held.fileno(),) if held else ()
    try:
        done = subprocess.run(
            command, capture_output=True, env=whole, input=given or b"", timeout=SECONDS, check=False,
            start_new_session=True, pass_fds=kept,
        )  # fmt: skip
    except FileNotFoundError:
        raise Refused("git is not installed") from None
    except OSError as error:
        raise Refused(f"git could not be started: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise Refused(f"git did not answer within {SECONDS} seconds") from None
    if done.returncode:
        raise Refused(
            _reason(done.stderr.decode("utf-8", "replace")) or f"git {arguments[0]} ended with {done.returncode}"
        )
    return done.stdout


def _reason(said: str) -> str:
    """The line of git's that tells why; the first one of a refused push only tells where."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in lines if line.startswith(("fatal:", "error:", "!"))), lines[0] if lines else "")
