"""What works on this computer and what does not, for the command `doctor`. Changes nothing."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dashboard import people
from dashboard.registry import history, inbox, linked, reader, swapping
from dashboard.registry.problems import counted

LIBRARIES = ("streamlit", "starlette", "Jinja2", "pydantic", "PyYAML", "babel")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. Without a `vital` one the dashboard cannot do its work."""

    says: str
    fine: bool = True
    do: str = ""
    vital: bool = False


def findings(path: Path, today: date) -> Iterator[Finding]:
    """Everything that the tracker needs, for the registry at `path`, in the order in which it is needed."""
    yield _python()
    yield from map(_library, LIBRARIES)
    yield from _registry(path, today)
    yield _git(path)
    if path.parent.is_dir():
        yield _folder(path.parent)
        yield _exchange(path.parent)
    yield _inbox(path)
    yield _links(path)
    yield from (
        Finding(says, False, "mend the list of people there") for says in people.complaints(people.secrets_files())
    )
    yield _browser()


def _python() -> Finding:
    says = f"Python {platform.python_version()}"
    fine = sys.version_info >= (3, 11)
    return Finding(says, fine, "" if fine else "install Python 3.11 or newer", vital=True)


def _library(name: str) -> Finding:
    try:
        return Finding(f"{name} {version(name)}", vital=True)
    except PackageNotFoundError:
        return Finding(f"{name} is not installed", False, "run: make run", vital=True)


def _registry(path: Path, today: date) -> Iterator[Finding]:
    try:
        loaded = reader.load(path, today)
    except reader.Unreadable as unreadable:
        says, _, do = str(unreadable).partition("; ")
        yield Finding(says, False, do, vital=True)
        return
    if loaded.registry is None:
        yield Finding(
            f"{path} cannot be read as a registry", False, f"run: python -m dashboard validate {path}", vital=True
        )
        return
    errors, held = loaded.errors, len(loaded.registry.file.recommendations)
    do = f"run: python -m dashboard validate {path}" if errors else ""
    yield Finding(f"{path}: {held} records, {errors} errors", not errors, do)
    files = len(loaded.texts.sources)
    read = len(loaded.registry.sources)
    lacking = "" if files else "put one file for each source document into sources/ beside the registry"
    yield Finding(f"sources: {read} of {files} files read", read == files and files > 0, lacking or do)


def _git(path: Path) -> Finding:
    try:
        state = history.git_state(path)
    except history.NoHistory as unknown:
        return Finding(f"git: {unknown}", False, "the history is needed to show how it stood in the past")
    if not state.repository:
        return Finding(
            "git: the registry is in no repository", False, "run git init there, so that changes have a history"
        )
    if state.merging:
        return Finding("git: a merge or rebase is under way", False, "finish or abort it before anything is saved")
    if state.changed:
        return Finding(
            f"git: not committed: {', '.join(state.changed)}", False, "commit it, so that it has a date in the history"
        )
    return Finding("git: everything is committed")


def _folder(folder: Path) -> Finding:
    if os.access(folder, os.W_OK):
        return Finding(f"{folder} can be written")
    return Finding(f"{folder} cannot be written", False, "reading works; to save, make the folder writable")


def _exchange(folder: Path) -> Finding:
    """Whether a save can notice, in one step, that somebody else replaced the file."""
    if not os.access(folder, os.W_OK):
        return Finding("nothing can be saved here, so nothing was tried")
    if swapping.exchanges(folder):
        return Finding("files can be exchanged in one step")
    do = "saving works; do not edit the file by hand while somebody saves"
    return Finding("this file system cannot exchange two files in one step", False, do)


def _inbox(path: Path) -> Finding:
    try:
        folder = inbox.place(path)
        waiting, damaged = len(inbox.waiting(folder)), inbox.damaged(folder)
    except (inbox.Misplaced, OSError) as error:
        return Finding(
            f"inbox: {error}", False, f"set {inbox.INBOX_VARIABLE} to a folder that only this account can read"
        )
    if damaged:
        return Finding(f"inbox: {damaged[0]} cannot be read as a message", False, "look at it by hand")
    return Finding(f"inbox: {waiting} waiting, in {folder}")


def _links(path: Path) -> Finding:
    do = "run: python -m dashboard check-links"
    try:
        found = linked.read(linked.place(path))
    except (inbox.Misplaced, linked.Damaged, OSError) as error:
        return Finding(f"links: {error}", False, do)
    if not found:
        return Finding("links: nobody has looked yet whether they answer", True, do)
    dead = sum(result.answer in linked.BAD for result in found.values())
    return Finding(
        f"links: {counted(len(found), 'link')} looked at, the last on {max(each.on for each in found.values())}; "
        f"{dead} did not answer"
    )


def _browser() -> Finding:
    """Only looks; `make browser` also proves that it starts."""
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = next(filter(None, map(shutil.which, _BROWSERS)), None) or next(map(str, own.glob("chromium-*")), None)
    if found:
        return Finding(f"Chromium: {found}")
    return Finding("Chromium was not found", False, "only the tests need it; run: make system")
