"""The verb `redact`: a passage taken out of the registry, its history and every copy on this computer.

Without --yes it only tells. The passage is read from a file or typed unseen, and never printed.
"""

import argparse
import getpass
import shlex
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.registry.problems import counted
from dashboard.verbs.asked import (
    BAD_DATA,
    CONFLICT,
    FINE,
    NO_ACCESS,
    OUR_FAULT,
    Options,
    Usage,
    complain,
    say,
)

if TYPE_CHECKING:
    from dashboard.registry.redacting import Done
    from dashboard.registry.rewriting import Survey
    from dashboard.registry.spellings import Passages
    from dashboard.verbs.copies import Found

SAYS = "take a passage out of the registry, its history and every copy here, to protect somebody"

_ELSEWHERE = (
    "clones and forks that others have, replicas, and pull requests and caches of the hosting service",
    "backups, bundles, snapshots of the file system, what a disk keeps of deleted files",
    "search engines and web archives, files that were sent or printed, mail",
    "windows of editors that are open on this computer, and the memory of a server that runs: restart it",
    "pictures of the text, and texts coded in other ways (base64, encrypted files)",
)


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--text-file",
        required=True,
        metavar="FILE",
        help="holds what must go, one passage a line, in UTF-8; - asks for it unseen",
    )
    verb.add_argument(
        "--also",
        action="append",
        type=Path,
        default=[],
        metavar="DIR",
        help="another folder or file to clear: what export, site, report, brief wrote; may be repeated",
    )
    verb.add_argument("--all-places", action="store_true", help="even where it stands in very many places")
    verb.add_argument("--yes", action="store_true", help="do it; without this nothing is changed")


def act(options: Options, today: date) -> int:
    from dashboard import entering
    from dashboard.registry import access, inbox, reader, recording, redacting, swapping
    from dashboard.registry.store import Closed

    access.require(entering.me(), access.Action.REDACT)
    passages = None
    try:
        passages = _passages(options.text_file)
        options.also = _named(options.also, passages)
        return (_done if options.yes else _rehearsed)(options, passages, today)
    except redacting.Unfit as unfit:
        for line in str(unfit).splitlines():
            complain(line)
        complain("nothing was changed")
        return BAD_DATA
    except swapping.Changed as changed:
        complain(_without(passages, str(changed)))
        return CONFLICT
    except (recording.Refused, Closed, reader.Unreadable, inbox.Full, inbox.Misplaced) as refused:
        complain(_without(passages, str(refused)))
        return NO_ACCESS
    except BrokenPipeError:
        raise
    except OSError as error:
        complain(_without(passages, f"{error.filename or 'the disk'}: {error.strerror or error}"))
        complain("run the same command again once that is mended: it goes on from where it was cut off")
        return NO_ACCESS
    except Exception as fault:
        if passages and passages.count_text(str(fault)):
            raise RuntimeError(type(fault).__name__) from None
        raise


def _without(passages: "Passages | None", text: str) -> str:
    return passages.cleaned_text(text) if passages else text


def _passages(name: str) -> "Passages":
    """What must go. Raises Unfit, Usage, OSError."""
    from dashboard.registry.redacting import Unfit
    from dashboard.registry.spellings import Passages

    if name == "-" and sys.stdin.isatty():
        lines = list(_typed())
    else:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        try:
            lines = data.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise Unfit("--text-file: it is not UTF-8; save it again with the encoding UTF-8") from None
    passages = [line.strip() for line in lines if line.strip()]
    if not passages:
        raise Usage("--text-file: no passage is in it; write what must go, one passage a line")
    return Passages(passages)


def _named(also: Iterable[Path], passages: "Passages") -> list[Path]:
    """The folders that were named, links followed: a name that leads nowhere is not one without the passage."""
    for each in also:
        if not each.exists():
            raise Usage(f"--also {passages.cleaned_text(str(each))}: no such folder or file; mind the spelling")
    return [each.resolve() for each in also]


def _typed() -> Iterator[str]:
    while True:
        try:
            line = getpass.getpass("What must go (not shown; an empty line ends): ")
        except EOFError:
            return
        except UnicodeDecodeError:  # half a letter: what is typed next must not be shown by the shell
            complain("that line was not UTF-8 and is not taken; type it again")
            continue
        if not line:
            return
        yield line


# --- the rehearsal ----------------------------------------------------------------------------------


def _rehearsed(options: Options, passages: "Passages", today: date) -> int:
    from dashboard.registry import redacting, rewriting

    plan = redacting.planned(options.registry, passages, today, options.all_places)
    reason = redacting.ready(options.registry, passages)
    say("A rehearsal: nothing was changed. Where it stands:")
    for name, count in plan.counts.items():
        say(f"  {passages.cleaned_text(name)}: {counted(count, 'place')}")
    target = options.registry.resolve()
    total = sum(plan.counts.values()) + redacting.kept_aside(options.registry, passages)
    folder = rewriting.folder_of(target)
    if folder and rewriting.tracked(target):
        if (folder / rewriting.COPY).exists():
            say("  an earlier run was cut off; with --yes it is finished")
        found = rewriting.survey(folder, passages)
        total += found.total
        for line in _surveyed(found):
            say(f"  {line}")
    else:
        say("  no history: the registry is not kept by git here")
    total += _elsewhere(options, passages, today, say_each=True)
    _look_at(plan.look, plan.quotes)
    _limits()
    if reason:
        complain(f"before it can be done: {reason}")
        return NO_ACCESS
    if not total:
        say(
            f"It was found nowhere in {options.registry}, beside it, or in its history. Is that the registry that is shown "
            "(--registry)? Another spelling, another language, another alphabet? Each needs a line of its own."
        )
        return FINE
    say(f"Found in {counted(total, 'place')}. This does it, and cannot be taken back:")
    say(f"  {passages.cleaned_text(_command(options))}")
    return FINE


def _command(options: Options) -> str:
    words = [
        "python",
        "-m",
        "dashboard",
        "--registry",
        str(options.registry),
        "redact",
        "--text-file",
        options.text_file,
    ]
    words += [word for each in options.also for word in ("--also", str(each))]
    return shlex.join([*words, *(["--all-places"] if options.all_places else []), "--yes"])


def _surveyed(found: "Survey") -> Iterator[str]:
    kinds = ", ".join(
        counted(found.holding[kind], kind) for kind in ("blob", "tree", "commit", "tag") if found.holding[kind]
    )
    yield (
        f"history: {counted(found.places, 'place')} in {counted(sum(found.holding.values()), 'object')} of {found.objects}"
        + (f" ({kinds}; {found.unreachable} of them in no branch or tag)" if kinds else "")
    )
    if found.names or found.refs:
        yield f"history: {counted(found.names, 'name')} of files, {counted(found.refs, 'name')} of branches and tags"
    if found.files:
        yield f"history: {counted(len(found.files), 'file')} of git's own (reflogs and the like)"
    if found.stashes:
        yield f"{counted(found.stashes, 'set')} of stashed changes will be thrown away: take out first what is needed (git stash pop)"
    if found.shut:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(found.shut.items()))
        yield f"not looked into, since it is packed: {kinds}"


def _elsewhere(options: Options, passages: "Passages", today: date, say_each: bool) -> int:
    """In how many places it stands outside the registry and its history; each is told."""
    from dashboard.registry import inbox
    from dashboard.verbs import copies

    total = 0
    paths, left_out = _around(options)
    for top in (*paths, *options.also):
        found = copies.looked([top], passages, spared=_spared(options), own=_own(options))
        total += found.places
        for name in found.holding:
            say(f"  {name}")
        _not_searched(found)
    if left_out and say_each:
        say(
            f"  not looked into (name it with --also): {', '.join(passages.cleaned_text(str(each)) for each in left_out)}"
        )
    numbers = inbox.holding(inbox.place(options.registry), passages.count)
    if numbers:
        say(f"  inbox: {counted(len(numbers), 'message')} ({', '.join(map(str, numbers))})")
    return total + len(numbers)


def _spared(options: Options) -> Path | None:
    return None if options.text_file == "-" else Path(options.text_file)


def _own(options: Options) -> Path | None:
    """The working tree of the registry."""
    from dashboard.registry import rewriting

    target = options.registry.resolve()
    return rewriting.root_of(target) if rewriting.folder_of(target) else None


def _around(options: Options) -> tuple[list[Path], list[Path]]:
    """Files beside the registry that git does not keep, and editions; and folders that are not looked into."""
    from dashboard.registry import rewriting
    from dashboard.verbs.edition import FOLDER

    target = options.registry.resolve()
    own = target.parent / FOLDER
    if rewriting.folder_of(target) is None:
        return [own] if own.is_dir() else [], []
    files, ignored = rewriting.untracked(target)
    named = [each.resolve() for each in options.also]
    ours = [each for each in ignored if each.resolve() == own]
    rest = [each for each in ignored if each not in ours and each.resolve() not in named and each.name != "__pycache__"]
    files = [each for each in files if own not in each.parents]
    return [*files, *([own] if own.is_dir() else [])], rest


def _not_searched(found: "Found") -> None:
    for name, kind in zip(found.shut_names, found.shut.elements(), strict=False):
        say(f"  {name}: could not be searched; remove it or make it anew" if kind else name)
    for each in found.unread:
        complain(f"  {each}: could not be read")
    for each in found.repositories:
        complain(
            f"  {each}: a git repository of its own, not looked into: run redact there, or delete it and clone anew"
        )


def _look_at(look: Iterable[str], quotes: Iterable[str]) -> None:
    if look := list(look):
        say("It stood in one language of these and not in another, where a name is spelled otherwise. Look by hand:")
        for each in look:
            say(f"  {each}")
    for each in quotes:
        say(f"  {each}: no longer the source's own words; verify-quotes will say so. Quote another passage, or none")


def _limits() -> None:
    say("What this cannot reach:")
    for each in _ELSEWHERE:
        say(f"  {each}")


# --- the act ----------------------------------------------------------------------------------------


def _done(options: Options, passages: "Passages", today: date) -> int:
    from dashboard import entering
    from dashboard.registry import inbox, redacting
    from dashboard.verbs import copies

    place = inbox.place(options.registry)
    done = redacting.redact(options.registry, passages, entering.me, today, options.all_places)
    paths, _ = _around(options)
    cleared = copies.looked([*paths, *options.also], passages, mend=True, spared=_spared(options), own=_own(options))
    for line in cleared.done:
        say(line)
    _not_searched(cleared)
    if messages := inbox.mended(place, passages.cleaned, today):
        say(f"inbox: {counted(messages, 'message')} mended")
    uncleared = not _forgotten(options, passages)
    if done.survey is None:
        say("no history: the registry is not kept by git here")
    elif done.commits:
        say(f"history: {done.commits} commits, {done.renamed} of them under new names; {done.signed} lost a signature")
    _look_at(done.plan.look, done.plan.quotes)
    left = _proved(options, passages)
    _next(options, done, passages)
    if left or uncleared or done.settings:
        for each in done.settings:
            complain(f".git/{each}: still holds it, and was not touched since somebody set it up; change it by hand")
        return OUR_FAULT
    return NO_ACCESS if cleared.unread or cleared.repositories else FINE


def _forgotten(options: Options, passages: "Passages") -> bool:
    """Whether nothing is left of what a server kept of a long registry; the folder is told, since hers may be another."""
    from dashboard import kept
    from dashboard.registry import inbox

    try:
        folder, files = kept.forget(options.registry)
    except (OSError, RuntimeError, inbox.Misplaced) as error:
        complain(passages.cleaned_text(f"cache: {error}; delete what TRACKER_CACHE names by hand"))
        return False
    say(passages.cleaned_text(f"cache: {counted(files, 'file')} deleted in {folder} (TRACKER_CACHE)"))
    return True


def _proved(options: Options, passages: "Passages") -> int:
    """Everything is searched once more; how many places are left."""
    from dashboard.registry import inbox, reader, redacting, rewriting
    from dashboard.verbs import copies

    target = options.registry.resolve()
    folder = rewriting.folder_of(target)
    paths, _ = _around(options)
    files = [target, *reader.source_files(target)]
    objects = left = 0
    if folder and (tracked := rewriting.tracked(target)):
        found = rewriting.survey(folder, passages)
        objects, left, files = found.objects, found.total, tracked
    looked = copies.looked([*files, *paths, *options.also], passages, spared=_spared(options), own=_own(options))
    left += looked.places + redacting.kept_aside(options.registry, passages)
    left += len(inbox.holding(inbox.place(options.registry), passages.count))
    say(f"{counted(left, 'place')} left in {counted(objects, 'object')}, {counted(looked.files, 'file')}")
    for name in looked.holding if left else ():
        complain(f"  {name}")
    return left


def _next(options: Options, done: "Done", passages: "Passages") -> None:
    """What whoever keeps the registry has to do now."""
    say("Now:")
    say("  restart the server, which may keep pages in memory (systemctl restart tracker)")
    git = ("git", "-C", str(_own(options)))
    for remote, branches in done.remotes.items():
        safe = [each for each in branches if not passages.count_text(each.name)]
        here = [each for each in safe if each.name in done.branches]
        for each in here:
            lease = f"--force-with-lease=refs/heads/{each.name}:{each.id}"
            say(f"  {passages.cleaned_text(shlex.join([*git, 'push', lease, remote, f'refs/heads/{each.name}']))}")
        say(f"  {passages.cleaned_text(shlex.join([*git, 'push', '--force', '--tags', remote]))}")
        if alone := [each.name for each in safe if each not in here]:
            say(f"  on {remote}, these branches have no branch here, and may hold it still: {', '.join(alone)}")
        if done.survey and done.survey.refs:
            say(f"  on {remote}, delete by hand the branches and tags whose name held it")
        say(f"  do not fetch from {remote} before that: it would bring everything back")
    say("  replicas and clones: delete them and clone anew, or run this there too")
    say("  the hosting service keeps caches, forks and pull requests: ask it to remove them (OPERATING.md)")
    say("  destroy backups and bundles made before; read the pages concerned in English, Russian and Kazakh")
    if spared := _spared(options):
        command = shlex.join(["shred", "-u", str(spared)])
        say(f"  delete the file that names it: {passages.cleaned_text(command)}")
    _limits()
