"""What git remembers of the registry: its past states, its last commit, what is not committed, and how
each record came to be. Never writes.
"""

import os
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import IO, Literal

from dashboard.registry import lineage
from dashboard.registry.lineage import Difference, How, Lines, What
from dashboard.registry.model import Assessment, Check, Recommendation
from dashboard.registry.problems import visible
from dashboard.registry.reader import Texts

GIT_SECONDS = 60

MOST_COMMITS = 200
"""So many commits that touched the registry are looked through for how a record came to be."""

MOST_BYTES = 128 * 2**20
"""Of a large registry fewer, whose files together have so many bytes."""


class NoHistory(Exception):
    """Git cannot answer: not there, no repository, no such revision."""


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
    version = _now_called(path, version) if version else ""
    until = () if version else (f"--before={day}T23:59:59Z",)
    revision = version or "HEAD"
    if version:
        _git(path.parent, "merge-base", "--is-ancestor", version, "HEAD")
    asked = ("log", "-1", _NAMED, _LONG, *until, "--end-of-options", revision, "--", path.name, "sources")
    return _commit(_git(path.parent, *asked))


RENAMED = "tracker-renamed"
"""In git's folder: each line a commit as it was called before something was taken out of the history, and as now."""


def renamed(folder: Path) -> dict[str, str]:
    """Old names of commits to those of now, from git's folder."""
    with suppress(OSError):
        return dict(line.split() for line in (folder / RENAMED).read_text("ascii").splitlines())
    return {}


def _now_called(path: Path, version: str) -> str:
    """The commit that an address means which was written before the history was rewritten. Raises NoHistory."""
    folder = path.parent / os.fsdecode(_git(path.parent, "rev-parse", "--git-dir")).rstrip("\n")
    found = {new for old, new in renamed(folder).items() if old.startswith(version)}
    return found.pop() if len(found) == 1 else version


def tags(path: Path, prefix: str) -> list[tuple[str, date, str]]:
    """The tags below `prefix` that the present history of the registry at `path` holds, the oldest first: what
    follows the prefix, the day (UTC), and the commit meant. Raises NoHistory.
    """
    wanted = "%(refname)%00%(creatordate:unix)%00%(objectname)%00%(*objectname)"
    order = ("--sort=version:refname", "--sort=creatordate")
    said = _git(path.parent, "for-each-ref", "--merged=HEAD", *order, f"--format={wanted}", f"refs/tags/{prefix}")
    found = (line.split("\0") for line in said.decode("utf-8", "replace").splitlines())
    return [
        (name.removeprefix(f"refs/tags/{prefix}"), datetime.fromtimestamp(int(seconds), UTC).date(), meant or itself)
        for name, seconds, itself, meant in found
        if seconds  # none where the tag names no commit
    ]


@lru_cache(maxsize=1024)
def touched(path: Path, commit: str) -> Commit | None:
    """The last commit up to `commit`, by its full name, that touched the registry at `path`. Raises NoHistory."""
    asked = ("log", "-1", _NAMED, _LONG, "--end-of-options", commit, "--", path.name, "sources")
    return _commit(_git(path.parent, *asked))


def tip(path: Path) -> str:
    """The full name of the newest commit. Raises NoHistory."""
    return _tip(path.parent, "HEAD")[0]


_NAMED, _LONG = "--format=%h %ct", "--abbrev=12"
"""A citation must name one version for good: the seven digits that git writes may fit two later on."""


def past_file(path: Path, revision: str, name: str) -> str:
    """A file beside the registry at `path` as git has it at `revision`; empty where there was none. Raises NoHistory."""
    if not _git(path.parent, "ls-tree", "--name-only", revision, "--", name):
        return ""
    return _git(path.parent, "cat-file", "blob", f"{revision}:./{name}").decode("utf-8", "replace")


# --- how a record came to be ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit changed in a record.

    `by` is an organisation's id and `subject` the command, where the door wrote the commit; both are
    empty where it was made by hand: whose hand is nobody's business.
    """

    commit: Commit
    by: str
    subject: str
    differences: tuple[Difference, ...]


class Odd(StrEnum):
    """How a record's own log and git disagree."""

    LATE = "late"
    """Git has an entry only after the day on which the record says that it was entered."""
    EARLY = "early"
    ALTERED = "altered"
    """A judgement was changed that may only be withdrawn."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where a record's own log and git disagree: about which entry, and in which commit it shows."""

    odd: Odd
    entry: Assessment | Check
    commit: Commit
    field: str = ""


Cut = Literal["", "older", "shallow"]
"""Why the beginning is not shown: more commits than are looked through; a clone without its past."""

Missing = Literal["", "no-git", "no-repository", "no-commit", "no-answer"]
"""Why there is no history at all."""


@dataclass(frozen=True, slots=True)
class History:
    """How a record came to be, the newest change first. `pending`: the file holds more than git does."""

    changes: tuple[Change, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    pending: bool = False
    cut: Cut = ""
    missing: Missing = ""


def of_record(path: Path, name: str, revision: str = "HEAD", until: date | None = None) -> History:
    """How the record `name` of the registry at `path` came to be, as `revision` has it, up to the end of a day (UTC)."""
    most = _most(path)
    try:
        tip, ends = _tip(path.parent, revision)
        found = _retold(path, name, tip, ends, until, most)
        if revision != "HEAD" or until:
            return found
        return replace(found, pending=_pending(path, name, tip, most))
    except NoHistory:
        return History(missing=_why_none(path))


def _why_none(path: Path) -> Missing:
    if not _has_git():
        return "no-git"
    try:
        _git(path.parent, "rev-parse", "--git-dir")
    except NoHistory as error:
        return "no-repository" if "not a git repository" in str(error) else "no-answer"
    return "no-commit"


def _most(path: Path) -> int:
    """How many commits are looked through: fewer where the file is large."""
    with suppress(OSError):
        return max(2, min(MOST_COMMITS, MOST_BYTES // max(1, path.stat().st_size)))
    return MOST_COMMITS


def _tip(folder: Path, revision: str) -> tuple[str, frozenset[str]]:
    """The commit meant, and the commits at which a shallow clone ends. Raises NoHistory."""
    said = os.fsdecode(_git(folder, "rev-parse", f"{revision}^{{commit}}", "--git-path", "shallow")).splitlines()
    with suppress(OSError):
        return said[0], frozenset((folder / said[1]).read_text("ascii").split())
    return said[0], frozenset()


def _pending(path: Path, name: str, tip: str, most: int) -> bool:
    """Whether the file says something of the record that the newest commit does not say."""
    told = _told(path, tip, None, most)
    then = lineage.lines_of(_lines(path, [told[0].id])[told[0].id], name) if told else None
    try:
        now = lineage.lines_of(lineage.cut(path.read_bytes()), name)
    except OSError:
        return False
    if now is None or now == then:
        return False
    return then is None or lineage.read(now) != lineage.read(then)


@dataclass(frozen=True, slots=True)
class _Told:
    """A commit that touched the registry, as `git log` tells it; its parents are the next such commits."""

    id: str
    commit: Commit
    parents: tuple[str, ...]
    by: str
    subject: str


_FIELDS = ("%H", "%h", "%P", "%ct", "%an", "%s", "%(trailers:key=Tracker-Command,valueonly,separator=%x2C)")
_ORGANISATION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_BY_HAND = "by-hand"
"""Whom the door names where it commits what somebody changed without it."""


@lru_cache(maxsize=16)
def _told(path: Path, tip: str, until: date | None, most: int) -> tuple[_Told, ...]:
    """The newest commits that touched the registry, the newest first. Raises NoHistory."""
    asked = ("log", "-z", f"-n{most}", f"--format={'%x00'.join(_FIELDS)}", _LONG, "--parents", "--encoding=UTF-8")
    day = (f"--before={until}T23:59:59Z",) if until else ()
    settings = ("-c", "log.follow=false", "-c", "log.showSignature=false")
    said = _git(path.parent, *settings, *asked, *day, "--end-of-options", tip, "--", path.name).decode(
        "utf-8", "replace"
    )
    words = said.removesuffix("\0").split("\0") if said else []
    return tuple(_commit_told(words[at : at + len(_FIELDS)]) for at in range(0, len(words), len(_FIELDS)))


def _commit_told(words: list[str]) -> _Told:
    name, short, parents, seconds, author, subject, command = words
    on = datetime.fromtimestamp(int(seconds), UTC).date()
    door = bool(command.strip()) and author != _BY_HAND and bool(_ORGANISATION.fullmatch(author))
    by, said = (author, visible(subject)) if door else ("", "")
    return _Told(name, Commit(short, on), tuple(parents.split()), by, said)


_remembering = threading.Lock()
_remembered: dict[tuple[Path, str], Lines] = {}
"""The lines of all records at a commit: one more commit costs one more file."""


def _lines(path: Path, commits: Sequence[str]) -> dict[str, Lines]:
    """The lines of every record at each of these commits. Raises NoHistory."""
    with _remembering:
        found = {commit: _remembered[path, commit] for commit in commits if (path, commit) in _remembered}
    wanted = [commit for commit in commits if commit not in found]
    like: Lines = None
    for commit, data in zip(wanted, _contents(path, wanted), strict=True):
        like = found[commit] = lineage.cut(data, like)
    with _remembering:
        _remembered.update({(path, commit): found[commit] for commit in wanted})
        while len(_remembered) > 4 * MOST_COMMITS:
            del _remembered[next(iter(_remembered))]
    return found


def _contents(path: Path, commits: Sequence[str]) -> Iterator[bytes]:
    """The registry at each of these commits; nothing where it was not there. Raises NoHistory.

    One git for all, and one version after the other: all of them together may be large.
    """
    if not commits:
        return
    command, env = _asked(path.parent, "cat-file", "--batch")
    with tempfile.TemporaryFile() as names:
        names.writelines(os.fsencode(f"{commit}:./{path.name}\n") for commit in commits)
        names.seek(0)
        with subprocess.Popen(command, env=env, stdin=names, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as git:
            late = threading.Timer(GIT_SECONDS, git.kill)
            late.start()
            try:
                assert git.stdout
                yield from (_content(git.stdout) for _ in commits)
            finally:
                late.cancel()
                git.kill()


def _content(stream: IO[bytes]) -> bytes:
    """The next of the files that git prints one after the other, each under a line that tells its size."""
    head = stream.readline()
    size = head.rstrip(b"\n").rpartition(b" ")[2]
    if head and not size.isdigit():  # "... missing"
        return b""
    content = stream.read(int(size or 0))
    if not head or stream.read(1) != b"\n":
        raise NoHistory("git ended before it had answered")
    return content


@dataclass(frozen=True, slots=True)
class _Version:
    """A commit that touched the lines of a record: as it stands there, and as it stood in each parent."""

    told: _Told
    here: bytes | None
    before: tuple[bytes | None, ...]


@lru_cache(maxsize=512)
def _retold(path: Path, name: str, tip: str, ends: frozenset[str], until: date | None, most: int) -> History:
    """How a record came to be. Raises NoHistory."""
    told = _told(path, tip, until, most)
    listed = {each.id for each in told}
    lines = _lines(path, list(dict.fromkeys([*listed, *(parent for each in told for parent in each.parents)])))
    own = {commit: lineage.lines_of(of_all, name) for commit, of_all in lines.items()}
    # What was there before the first commit that is looked at: nobody here knows since when.
    shallow = [own[each.id] for each in told if each.id in ends and own[each.id] is not None]
    older = [
        own[parent] for each in told for parent in each.parents if parent not in listed and own[parent] is not None
    ]
    versions = [
        _Version(each, own[each.id], tuple(own[parent] for parent in each.parents) or (None,))
        for each in told
        if each.id not in ends
    ]
    versions = [each for each in versions if each.here not in each.before]
    changes = tuple(
        Change(each.told.commit, each.told.by, each.told.subject, found)
        for each in versions
        if (found := _differences(each))
    )
    now = _read(own[told[0].id]) if told else None
    doubts = tuple(_disagreements(versions, [*shallow, *older], now)) if now else ()
    there = bool(changes or shallow or older)
    return History(
        changes, doubts, cut="shallow" if shallow else "older" if older else "", missing="" if there else "no-commit"
    )


def _read(lines: bytes | None) -> Recommendation | None:
    return lineage.read(lines) if lines is not None else None


def _differences(version: _Version) -> tuple[Difference, ...]:
    """What a commit changed: where it joins two lines of history, what it has from neither."""
    found = [_difference(was, version.here) for was in version.before]
    return tuple(each for each in found[0] if all(each in others for others in found[1:]))


def _difference(was: bytes | None, now: bytes | None) -> tuple[Difference, ...]:
    if was is None:
        return (Difference(What.ENTERED, How.ADDED),)
    if now is None:
        return (Difference(What.TAKEN_OUT, How.GONE),)
    before, after = lineage.read(was), lineage.read(now)
    if before is None or after is None:
        return (Difference(What.UNREADABLE, How.GONE if after else How.ADDED),)
    return lineage.differences(before, after)


# --- where a record's own log and git disagree --------------------------------------------------------


def _disagreements(
    versions: Sequence[_Version], base: Iterable[bytes | None], now: Recommendation
) -> Iterator[Disagreement]:
    """About each entry of the log once. Of what stood there before the first commit we see, nothing is said."""
    states = [_read(lines) for lines in base]
    yield from _misdated(versions, states, now)
    yield from _rewritten(versions, states, now)


_ONE_DAY = timedelta(days=1)
"""A commit bears the midnight of a day, in UTC; who enters something may live elsewhere."""


def _misdated(
    versions: Sequence[_Version], base: Iterable[Recommendation | None], now: Recommendation
) -> Iterator[Disagreement]:
    """Entries that no commit of the day entered on which the record says that they were entered."""
    entered: dict[tuple[object, ...], list[Commit]] = {}
    unsure = {key for state in base for key in _keys(state)}
    for version in versions:
        before = [_read(lines) for lines in version.before]
        for key in _keys(_read(version.here)):
            if any(lines is not None and state is None for lines, state in zip(version.before, before, strict=True)):
                unsure.add(key)
            elif all(key not in _keys(state) for state in before):
                entered.setdefault(key, []).append(version.told.commit)
    for key, entry in _keys(now).items():
        day = entry.recorded_on
        if day is None or key in unsure or not (commits := entered.get(key)):
            continue
        nearest = min(commits, key=lambda commit: max(commit.on - day.last, day.first - commit.on))
        if nearest.on > day.last + _ONE_DAY:
            yield Disagreement(Odd.LATE, entry, nearest)
        elif nearest.on < day.first - _ONE_DAY:
            yield Disagreement(Odd.EARLY, entry, nearest)


def _keys(record: Recommendation | None) -> dict[tuple[object, ...], Assessment | Check]:
    """The entries of a record that are looks, each by what tells it from others and its day of entry."""
    if record is None:
        return {}
    looks: list[Assessment | Check] = [*record.assessments, *record.checks]
    return {(type(e), e.by, e.assessed_on if isinstance(e, Assessment) else e.on, e.recorded_on): e for e in looks}


def _rewritten(
    versions: Sequence[_Version], base: Iterable[Recommendation | None], now: Recommendation
) -> Iterator[Disagreement]:
    """Judgements that stood in some version, and that the newest does not hold as they were."""
    states = [*base, *(_read(version.here) for version in reversed(versions))]
    ever = list(dict.fromkeys(given for state in states if state for given in state.assessments))
    lost = [given for given in ever if not _holds(now, given)]
    for given in lost:
        later = ever[ever.index(given) + 1 :]
        if any(other in lost and not lineage.altered(given, other, now) for other in later):
            continue  # the same judgement, translated since: told once
        version = next((each for each in versions if _loses(each, given)), None)
        if version is None or version.told.commit.on in _entering(versions, given):
            continue  # mended on the day on which it was entered: the log knows no hours either
        instead = _instead(version, given)
        if instead is None:
            yield Disagreement(Odd.GONE, given, version.told.commit)
        elif ever.index(instead) > ever.index(given):  # else it was put back as it had been
            yield Disagreement(Odd.ALTERED, given, version.told.commit, lineage.altered(given, instead, now))


def _holds(record: Recommendation, given: Assessment) -> bool:
    """Whether a record holds a judgement as it was, perhaps translated or withdrawn since."""
    return given in record.assessments or any(not lineage.altered(given, each, record) for each in record.assessments)


def _loses(version: _Version, given: Assessment) -> bool:
    here = _read(version.here)
    before = [state for lines in version.before if (state := _read(lines))]
    return here is not None and not _holds(here, given) and any(_holds(state, given) for state in before)


def _entering(versions: Iterable[_Version], given: Assessment) -> Iterator[date]:
    """The days on which a judgement was entered as it was."""
    for version in versions:
        before = [state for lines in version.before if (state := _read(lines))]
        if (here := _read(version.here)) and _holds(here, given) and not any(_holds(each, given) for each in before):
            yield version.told.commit.on


def _instead(version: _Version, given: Assessment) -> Assessment | None:
    """What stands in the place of a judgement: that of the same body and day, else the one at its place."""
    here = _read(version.here)
    before = next(state for lines in version.before if (state := _read(lines)) and _holds(state, given))
    new = [each for each in here.assessments if each not in before.assessments] if here else []
    same = [each for each in new if (each.by, each.assessed_on) == (given.by, given.assessed_on)]
    if same or not here:
        return next(iter(same), None)
    place = next((n for n, each in enumerate(before.assessments) if not lineage.altered(given, each, before)), 0)
    at = here.assessments[place : place + 1]
    return at[0] if at and at[0] in new and len(here.assessments) >= len(before.assessments) else None


def _has_git() -> bool:
    with suppress(OSError):
        return subprocess.run(["git", "--version"], capture_output=True, check=False).returncode == 0
    return False


def _git(folder: Path, *arguments: str) -> bytes:
    """What git prints. Takes no lock and asks nobody."""
    command, env = _asked(folder, *arguments)
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


def _asked(folder: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command that asks git about `folder`, and its environment."""
    # A hook that called us names its own index and folder; the question is about `folder`.
    inherited = {
        k: v for k, v in os.environ.items() if k not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    }
    env = {**inherited, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C.UTF-8"}
    return ["git", "-C", str(folder), "-c", "core.fsmonitor=false", *arguments], env
