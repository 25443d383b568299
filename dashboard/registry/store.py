"""The one door to the registry: role, lock, compare, splice, verify, exchange, sync, commit.

Nothing else changes its files. A save that returns is on disk; one that raises has changed nothing.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from dashboard.registry import access, commands, edits, reader, recording, slices, stamping, swapping
from dashboard.registry.access import Action, Who
from dashboard.registry.commands import Command, Now
from dashboard.registry.edits import NewSource, Spliced
from dashboard.registry.problems import Problem
from dashboard.registry.reader import Loaded
from dashboard.registry.swapping import Changed

DISK_VARIABLE = "TRACKER_DISK"
"""`passing` where the disk does not outlast the server (community hosting)."""


class Spoiled(Exception):
    """The changed text has problems that the registry did not have."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"the change would bring {len(problems)} new problem{'s' if len(problems) != 1 else ''}")
        self.problems = problems


class Closed(Exception):
    """Nothing can be saved here at present; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved. `told`: what else somebody should know, each a sentence with what to do."""

    loaded: Loaded
    commit: str
    told: tuple[str, ...] = ()


def seen(path: Path, touched: Iterable[tuple[str, str]]) -> str:
    """The digest of entries as they stand now: what a form hands back to `save`. Raises Unreadable."""
    return _digest(reader.texts(path).registry, touched)


def save(
    path: Path, command: Command, who: Callable[[], Who], seen: str, today: date, known: Loaded | None = None
) -> Saved:
    """Apply `command` to the registry at `path`, for `who` (asked at this moment), whose page showed the
    entries with the digest `seen` (empty: it was not shown). `known` spares reading what was read before.

    Raises NotAllowed, Changed, Spoiled, Closed, Misplaced, Impossible, Unreadable, OSError.
    """

    def changed(loaded: Loaded) -> tuple[Spliced, NewSource | None]:
        if seen and seen != _digest(loaded.texts.registry, commands.touched(command)):
            raise Changed("somebody changed the same entry since you opened it; see what it says now, then try again")
        assert loaded.registry
        now = Now(loaded.registry, loaded.texts.registry, loaded.positions, today)
        made = list(command.changes(now))
        files = [each for each in made if isinstance(each, NewSource)]
        rest = [each for each in made if not isinstance(each, NewSource)]
        return edits.spliced(loaded.texts.registry, rest, loaded.positions), files[0] if files else None

    return _through(path, changed, commands.told(command), who, today, known)


def stamp(path: Path, who: Callable[[], Who], today: date, on: date) -> tuple[Saved | None, int]:
    """Write what assessments and checks lack: the wording judged, the day recorded. How many entries.

    Raises as `save`.
    """
    loaded = reader.load(path, today)
    missing = list(stamping.missing(loaded.registry, on)) if loaded.registry else []
    if not missing:
        return None, 0

    def changed(now: Loaded) -> tuple[Spliced, None]:
        if now.digest != loaded.digest:
            raise Changed(f"{path}: it was changed meanwhile; nothing was written, run the command again")
        return edits.spliced(now.texts.registry, missing, now.positions), None

    saved = _through(path, changed, "Stamp what lacks its day or wording", who, today, loaded)
    return saved, sum(len({step.path[:2] for step in each.steps}) for each in missing)


def settle(path: Path, today: date) -> tuple[str, ...]:
    """What a killed save left is put right, and what was saved and not committed is committed: at every start."""
    target = path.resolve()
    try:
        with swapping.locked(target.parent):
            return (*_told(swapping.swept(target)), *recording.caught_up(target))
    except (Changed, OSError) as error:
        return (f"what an earlier save left could not be put right: {error}",)


def _through(
    path: Path,
    changed: Callable[[Loaded], tuple[Spliced, NewSource | None]],
    what: str,
    who: Callable[[], Who],
    today: date,
    known: Loaded | None,
) -> Saved:
    target = path.resolve()  # through a link: it stays a link
    person = who()
    access.require(person, Action.SAVE)
    _open(target)
    with swapping.locked(target.parent):
        told = _told(swapping.swept(target))
        if reason := recording.busy(target):
            raise Closed(reason)
        told += [*recording.caught_up(target), *recording.by_hand(target, today)]
        before = _current(path, known, today)
        spliced, source = changed(before)
        if source is None and spliced.data == before.texts.registry:
            return Saved(before, "", (*told, "the registry says so already; nothing was written"))
        message = recording.Message(what, person.organisation, today)
        after = _written(path, target, before, spliced, source, today, message)
        files = [target, *([_source_file(target, source)] if source else [])]
        commit, more = recording.commit(target, files, message)
    told += more
    if commit:
        commit, more = recording.shared(target, commit, today)
        told += more
    return Saved(after, commit, tuple(told))


def _written(
    path: Path,
    target: Path,
    before: Loaded,
    spliced: Spliced,
    source: NewSource | None,
    today: date,
    message: recording.Message,
) -> Loaded:
    """The new text on disk, proved. Raises Changed, Spoiled, OSError."""
    after = _sound(before, reader.again(before, spliced.data, spliced.touched, today))
    if source:
        if not path.parent.samefile(target.parent):
            raise Closed(f"{path} is a link, and sources are read beside it; give the path of {target} instead")
        texts = replace(after.texts, sources={**after.texts.sources, str(_source_file(path, source)): source.text})
        after = _sound(before, reader.read(texts, today))
    recording.announced(target, spliced.data, message)
    if source:
        file = _source_file(target, source)
        if not file.parent.exists():
            file.parent.mkdir()
            swapping.synced(target.parent)
        swapping.created(file, source.text)
    if spliced.data != before.texts.registry:
        swapping.swap(target, spliced.data, before.texts.registry, (after.own_digest, before.own_digest))
    return after


def _sound(before: Loaded, after: Loaded) -> Loaded:
    """`after`, where it has no error that `before` did not have. Raises Spoiled."""
    known = {problem.at(0, 0) for problem in before.problems}
    if fresh := tuple(p for p in after.problems if p.severity == "error" and p.at(0, 0) not in known):
        raise Spoiled(fresh)
    return after


def _current(path: Path, known: Loaded | None, today: date) -> Loaded:
    """The registry as its files hold it now. Raises Closed, Unreadable."""
    texts = reader.texts(path)
    loaded = replace(known, texts=texts) if known and known.digest == texts.digest else reader.read(texts, today)
    if loaded.registry is None:
        raise Closed(f"{path}: it cannot be read as a registry; run validate, mend it by hand or take it back from git")
    return loaded


def _digest(data: bytes, touched: Iterable[tuple[str, str]]) -> str:
    return slices.digest(data, [slices.entry(data, key, name) for key, name in touched])


def _open(target: Path) -> None:
    """Whether anything may be saved here at all. Raises Closed."""
    if os.environ.get(DISK_VARIABLE) == "passing" and not recording.remote(target):
        raise Closed("the disk of this server does not last and no git remote is set up; set one up, then save")
    if target.exists() and not (os.access(target, os.W_OK) and os.access(target.parent, os.W_OK)):
        raise Closed(f"{target}: this account may not write there; see ls -l, and who runs the server")


def _source_file(target: Path, source: NewSource) -> Path:
    return target.parent / "sources" / f"{source.name}.yaml"


def _told(rescued: Iterable[Path]) -> list[str]:
    return [
        f"another program wrote into the registry while it was being replaced; what it wrote is kept in "
        f"{place}: compare it, enter by hand what is missing, then delete it"
        for place in rescued
    ]
