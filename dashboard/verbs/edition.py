"""The verb `edition`: a state of the registry under a name for people to cite, with all its files."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.registry import problems as report
from dashboard.registry import reader
from dashboard.registry.problems import counted, shown
from dashboard.verbs import folders, site
from dashboard.verbs.asked import BAD_DATA, CONFLICT, FINE, NO_ACCESS, Options, Usage, complain, say

if TYPE_CHECKING:
    from dashboard.outputs.view import View

SAYS = "name the present state for people to cite: tag it, and write its site, tables and brief"

FOLDER = "editions"
"""Where the files of editions go beside the registry; git is told to leave that folder alone."""


class _Unready(Exception):
    """The registry is in no state to be named; the message says why and what to do."""


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("name", nargs="?", metavar="NAME", help="such as 2026-12")
    verb.add_argument("--list", action="store_true", help="the editions that there are")
    verb.add_argument("-o", "--output", type=Path, metavar="DIR", help=f"default: {FOLDER}/NAME beside the registry")
    site.addressed(verb)


def act(options: Options, today: date) -> int:
    from dashboard.registry import editions

    if options.list == bool(options.name):
        raise Usage("edition: give a NAME, or --list")
    if options.list:
        for each in editions.editions(options.registry):
            say(f"{each.name:20} made on {each.on}, version {each.commit.name} of {each.commit.on}")
        return FINE
    if not editions.fit(options.name):
        raise Usage(f"edition: {shown(options.name)} cannot be a name; {_ALLOWED}")
    return _made(options, today)


_ALLOWED = (
    "write 1 to 40 Latin letters, digits, points, hyphens and underlines, beginning with a letter or a digit, "
    "with no two points together, ending neither in a point nor in .lock"
)


def _made(options: Options, today: date) -> int:
    from dashboard import entering
    from dashboard.registry import access, editions, recording

    path, name = options.registry, options.name
    access.require(who := entering.me(), access.Action.SAVE)
    loaded = reader.load(path, today)
    if loaded.errors or loaded.registry is None:
        sys.stderr.write(report.as_text(loaded.problems))
        complain(f"{path}: {counted(loaded.errors, 'error')}; mend them and commit, then make the edition")
        return BAD_DATA
    try:
        commit = _ready(path, name, today)
    except _Unready as why:
        complain(f"{why}; nothing was tagged or written")
        return CONFLICT
    folder = options.output or _own_folder(path) / name
    pushed: list[str] = []

    def tagged() -> None:
        if _ready(path, name, today) != commit:
            raise _Unready(f"{path}: was changed while the files were made; try again")
        pushed.extend(editions.make(path, name, commit, who.organisation, today))

    try:
        view, then, since = _named(options, today)
        files = site.told(_files(view, then, since, bool(options.address)), len(view.registry.records) * 2)
        said = folders.laid(folder, files, tagged)
    except _Unready as why:
        complain(f"{why}; nothing was tagged or written")
        return CONFLICT
    except recording.Refused as refused:
        complain(f"git did not make the tag: {refused}; nothing was written")
        return NO_ACCESS
    for line in (*said, *pushed):
        complain(line)
    say(f"edition {name}: {counted(len(view.registry.records), 'record')} as on {today}, tag {editions.PREFIX}{name}")
    say(f"{folder}: its site, tables and brief; check them with  sha256sum -c {folders.LIST}")
    return FINE


def _ready(path: Path, name: str, today: date) -> str:
    """The commit to be named. Raises _Unready, NoHistory."""
    from dashboard.registry import editions, history

    state = history.git_state(path)
    if not state.repository:
        raise history.NoHistory(f"{path}: is not in a git repository; git init and a commit start its history")
    if state.merging:
        raise _Unready(f"{path}: a merge or a rebase is under way; finish or abort it with git")
    if state.changed:
        raise _Unready(f"not committed yet: {', '.join(state.changed)}; commit it (git commit), then make the edition")
    commit = history.tip(path)
    last = history.last_commit(path)
    if last is None:
        raise history.NoHistory(f"{path}: git does not know it; git add and commit it first")
    if last.on > today:
        raise _Unready(f"{path}: its last commit bears {last.on}, a day to come; set the clock of this computer")
    for each in editions.editions(path):
        if each.name.casefold() == name.casefold():
            raise _Unready(f"edition {each.name} was made on {each.on} and stays as it is; take another name")
    return commit


def _own_folder(path: Path) -> Path:
    """The folder for editions beside the registry. What is made there must not get into a commit unnoticed."""
    folder = path.absolute().parent / FOLDER
    if not folder.exists():
        folder.mkdir()
        (folder / ".gitignore").write_text("*\n", "utf-8")
    return folder


def _named(options: Options, today: date) -> "tuple[View, dict[str, View], date]":
    """The state under its new name, all editions with it, and the day of the one before it."""
    from dataclasses import replace

    from dashboard.progress.status import year_before

    view, _ = site.shown(options, today)
    then = site.past(options.registry, view)
    assert view.edition
    before = [each.edition.named for each in then.values() if each.edition and each.edition.named]
    edition = replace(view.edition, name=options.name, named=today, newest=options.name)
    view = replace(view, edition=edition)
    return view, {**then, options.name: view}, max(before, default=year_before(today))


def _files(view: "View", then: "Mapping[str, View]", since: date, at_files: bool) -> Iterator[tuple[str, bytes]]:
    from dataclasses import replace

    from dashboard.language import translator
    from dashboard.outputs import brief, exported
    from dashboard.outputs import site as files
    from dashboard.registry.scalars import LANGUAGES

    yield "README.txt", _read_me(view).encode()
    for path, content in files.files(view, then):
        if path == "index.html":
            yield "report.html", content
        yield f"site/{path}", content
    # Without an address of these files, what is cited is the dashboard's.
    tabled: View = files.carried(view) if at_files else view
    for format in exported.FORMATS:
        yield f"data/{exported.file_name(tabled, 'all', format)}", exported.whole(tabled, format)
    for language in LANGUAGES:
        told = brief.brief(replace(tabled, tr=translator(language)), since)
        yield f"brief/brief.{language}.pdf", brief.pdf(told)
        yield f"brief/brief.{language}.docx", brief.docx(told)


def _read_me(view: "View") -> str:
    """What lies in the folder, and how to cite it."""
    from dashboard.outputs import telling

    assert view.edition
    return "\n".join(
        (
            telling.citation(view, view.lasting("/") if view.origin else "").strip(),
            "",
            "report.html  the dashboard in one file: opens without a network, can be passed on",
            f"site/        the same for any web host, with this edition in site/e/{view.edition.name}/",
            "data/        every table, in each format",
            "brief/       one or two pages for a meeting, in three languages",
            f"{folders.LIST}  checksums of all files: sha256sum -c {folders.LIST}",
            "",
        )
    )
