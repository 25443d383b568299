"""The door: who may save, what is compared, what is refused; crowds and kills in small. Git's past."""

import fcntl
import os
import resource
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from dashboard import entering
from dashboard.registry import access, commands, history, reader, recording, store, swapping
from dashboard.registry.access import LOCAL_EDITOR, NOBODY, Role, Who
from dashboard.registry.commands import AddEvidence, AddSource, Command, Edit, Look
from dashboard.registry.scalars import Text
from dashboard.registry.swapping import Changed
from tests import torture
from tests.small import REGISTRY, SOURCE, committed, git, written
from tests.torture import missed, output

TODAY = date(2026, 1, 2)
LOOK = Look(records=("open-shelters",), where=Text(en="The register"))
CHECK = "      - {on: 2026-01-02, by: editors, where: The register, recorded_on: 2026-01-02}\n"
LOOKED = REGISTRY.replace("The ministry's page}\n", "The ministry's page}\n" + CHECK)
SEEN = ("recommendations", "open-shelters")


def save(path: Path, command: Command = LOOK, who: Who = LOCAL_EDITOR, seen: str = "") -> store.Saved:
    return store.save(path, command, lambda: who, seen, TODAY)


def names(folder: Path) -> list[str]:
    """What lies there, without what was displaced a moment ago."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith(swapping.DISPLACED))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(tmp_path)


def test_a_save_changes_its_line_and_nothing_else(path: Path) -> None:
    path.chmod(0o640)
    saved = save(path)
    assert path.read_text("utf-8") == LOOKED
    assert saved.loaded.digest == reader.load(path, TODAY).digest
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert names(path.parent) == ["recommendations.yaml", "sources"]


# --- who ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [NOBODY, Who(Role.CONTRIBUTOR, "the-ministry")])
def test_only_an_editor_may_save(path: Path, who: Who) -> None:
    with pytest.raises(access.NotAllowed, match="sign in as editor"):
        save(path, who=who)
    with pytest.raises(access.NotAllowed):
        store.stamp(path, lambda: who, TODAY, TODAY)
    assert path.read_text("utf-8") == REGISTRY


def test_who_saves_is_asked_at_each_save(path: Path) -> None:
    people = [LOCAL_EDITOR, NOBODY]
    store.save(path, LOOK, lambda: people.pop(0), "", TODAY)
    with pytest.raises(access.NotAllowed):
        store.save(path, LOOK, lambda: people.pop(0), "", TODAY)
    assert path.read_text("utf-8") == LOOKED


# --- compare ------------------------------------------------------------------------------------------


def test_an_entry_that_somebody_changed_since_it_was_shown_is_refused(path: Path) -> None:
    seen = store.seen(path, [SEEN])
    theirs = REGISTRY.replace("Eleven of seventeen.", "Twelve of seventeen.")
    path.write_text(theirs, "utf-8")
    with pytest.raises(Changed, match="somebody changed the same entry"):
        save(path, seen=seen)
    assert path.read_text("utf-8") == theirs


def test_a_change_elsewhere_meanwhile_stays_and_does_not_stand_in_the_way(path: Path) -> None:
    seen = store.seen(path, [SEEN])
    theirs = REGISTRY.replace("One comment", "Their comment").replace("Fund shelters", "Pay for shelters")
    path.write_text(theirs, "utf-8")
    save(path, seen=seen)
    assert path.read_text("utf-8") == theirs.replace("The ministry's page}\n", "The ministry's page}\n" + CHECK)


def test_what_was_read_before_is_only_used_where_the_files_are_still_the_same(path: Path) -> None:
    known = reader.load(path, TODAY)
    path.write_text(REGISTRY.replace("- id: open-shelters", "- id: open-more-shelters"), "utf-8")
    with pytest.raises(commands.Impossible, match="there is no point"):
        store.save(path, LOOK, lambda: LOCAL_EDITOR, "", TODAY, known)


def test_a_command_that_changes_nothing_writes_nothing(path: Path) -> None:
    committed(path.parent)
    saved = save(path, Edit(id="open-shelters", field="kind", value="demand"))
    assert (saved.commit, saved.told) == ("", ("the registry says so already; nothing was written",))
    assert names(path.parent) == [".git", "recommendations.yaml", "sources"]


# --- verify -------------------------------------------------------------------------------------------


def test_a_change_that_brings_an_error_is_refused_and_leaves_no_trace(path: Path) -> None:
    with pytest.raises(store.Spoiled) as spoiled:
        save(path, Edit(id="open-shelters", field="theme", value="shelter"))
    assert [problem.record for problem in spoiled.value.problems] == ["open-shelters"]
    assert path.read_text("utf-8") == REGISTRY
    assert names(path.parent) == ["recommendations.yaml", "sources"]


def test_a_source_that_brings_an_error_is_refused_and_leaves_no_trace(path: Path) -> None:
    with pytest.raises(store.Spoiled):
        save(path, entering.built(AddSource, {"entry": torture.source("w1") | {"published": "2031-01-01"}}))
    assert names(path.parent / "sources") == ["report-one.yaml"]


def test_an_error_that_was_there_before_does_not_stand_in_the_way(tmp_path: Path) -> None:
    before = REGISTRY.replace("theme: shelters\n    open_ended", "theme: shelter\n    open_ended")
    path = written(tmp_path, before)
    save(path)
    assert path.read_text("utf-8") == before.replace("The ministry's page}\n", "The ministry's page}\n" + CHECK)


def test_a_file_that_is_no_registry_is_not_written_to(tmp_path: Path) -> None:
    path = written(tmp_path, REGISTRY.removesuffix("...\n"))
    with pytest.raises(store.Closed, match="cannot be read as a registry; run validate"):
        save(path)
    assert path.read_text("utf-8") == REGISTRY.removesuffix("...\n")


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(reader.Unreadable, match="there is no such file"):
        save(tmp_path / "recommendations.yaml")


# --- lock ---------------------------------------------------------------------------------------------


def test_a_save_under_way_elsewhere_is_waited_for(path: Path) -> None:
    with held(path.parent):
        waiting = threading.Thread(target=save, args=(path,))
        waiting.start()
        waiting.join(0.3)
        assert path.read_text("utf-8") == REGISTRY
    waiting.join(10)
    assert path.read_text("utf-8") == LOOKED


def test_a_save_that_waits_for_too_long_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swapping, "LOCK_SECONDS", 0.1)
    with held(path.parent):
        with pytest.raises(Changed, match="another save is under way; try again in a moment"):
            save(path)
        assert store.settle(path, TODAY) == (
            f"what an earlier save left could not be put right: {path.parent}: another save is under way; "
            "try again in a moment",
        )


def test_the_lock_ends_with_the_process_that_held_it(path: Path) -> None:
    ear, mouth = os.pipe()

    def hold() -> None:
        with swapping.locked(path.parent):
            os.write(mouth, b"!")
            signal.pause()

    child = torture.forked(hold)
    os.read(ear, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    save(path)
    assert path.read_text("utf-8") == LOOKED


def test_many_processes_on_one_file_lose_nothing(tmp_path: Path) -> None:
    assert missed(torture.crowd(tmp_path, processes=4, saves=4)) == []


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The lock on a folder, as another process holds it."""
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    yield
    os.close(handle)


# --- kills --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_git", [False, True])
def test_a_kill_at_any_moment_loses_no_acknowledged_save(tmp_path: Path, in_git: bool) -> None:
    assert missed(torture.kills(tmp_path, seed=1, count=10, in_git=in_git)) == []


# --- where and on what disk -----------------------------------------------------------------------------


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = written(tmp_path / "linked")
    link.unlink()
    link.symlink_to(path)
    save(link)
    assert link.is_symlink()
    assert path.read_text("utf-8") == LOOKED


def test_through_a_link_no_source_is_added_where_nobody_reads_it(path: Path, tmp_path: Path) -> None:
    link = written(tmp_path / "linked")
    link.unlink()
    link.symlink_to(path)
    with pytest.raises(store.Closed, match="sources are read beside it; give the path of"):
        save(link, entering.built(AddSource, {"entry": torture.source("w1")}))
    assert names(path.parent / "sources") == ["report-one.yaml"]


def test_a_source_is_a_file_of_its_own_and_the_first_makes_the_folder(tmp_path: Path) -> None:
    path = written(tmp_path, REGISTRY[: REGISTRY.index("recommendations:")] + "recommendations: []\n...\n")
    (tmp_path / "sources" / "report-one.yaml").unlink()
    (tmp_path / "sources").rmdir()
    save(path, entering.built(AddSource, {"entry": torture.source("w1")}))
    assert names(tmp_path / "sources") == ["w1.yaml"]
    assert reader.load(path, TODAY).errors == 0


def test_where_the_account_may_not_write_the_save_is_refused_in_plain_words() -> None:
    """In a child that is nobody in particular, since root may write everywhere."""
    with TemporaryDirectory() as name:
        path = written(Path(name))
        for place in (path.parent, path.parent / "sources"):
            place.chmod(0o555)
        child = torture.forked(partial(_refused_as_nobody, path))
        assert os.waitpid(child, 0)[1] == 0
        for place in (path.parent, path.parent / "sources"):
            place.chmod(0o755)
        assert path.read_text("utf-8") == REGISTRY


def _refused_as_nobody(path: Path) -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    with pytest.raises(store.Closed, match="this account may not write there; see ls -l"):
        save(path)


def test_a_full_disk_leaves_the_old_file_and_no_other(path: Path) -> None:
    child = torture.forked(partial(_refused_when_full, path))
    assert os.waitpid(child, 0)[1] == 0
    assert path.read_text("utf-8") == REGISTRY
    assert names(path.parent) == ["recommendations.yaml", "sources"]


def _refused_when_full(path: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    with pytest.raises(OSError, match="File too large; nothing was saved, the old file stands"):
        save(path)


def test_where_the_disk_does_not_last_a_save_needs_a_remote(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(store.DISK_VARIABLE, "passing")
    monkeypatch.setenv(recording.PUSH_VARIABLE, "on")
    committed(path.parent)
    with pytest.raises(store.Closed, match="does not last and no git remote is set up"):
        save(path)
    assert path.read_text("utf-8") == REGISTRY
    remote = tmp_path / "remote.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(remote))
    git(path.parent, "remote", "add", "origin", str(remote))
    git(path.parent, "push", "-q", "-u", "origin", "main")
    monkeypatch.delenv(recording.PUSH_VARIABLE)
    with pytest.raises(store.Closed):
        save(path)
    monkeypatch.setenv(recording.PUSH_VARIABLE, "on")
    assert save(path).told == ()
    assert output(remote, "show", "main:recommendations.yaml") == LOOKED


# --- stamping, adding -----------------------------------------------------------------------------------


def test_what_lacks_its_day_or_wording_is_stamped_once(path: Path) -> None:
    committed(path.parent)
    saved, entries = store.stamp(path, lambda: LOCAL_EDITOR, TODAY, TODAY)
    assert saved
    assert saved.commit
    assert entries == 2
    assert path.read_text("utf-8").count("recorded_on: 2026-01-02") == 2
    assert store.stamp(path, lambda: LOCAL_EDITOR, TODAY, TODAY) == (None, 0)


def test_stamping_is_refused_where_anything_changed_since_it_was_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = REGISTRY.replace("One comment", "Their comment")

    def meanwhile() -> Who:
        path.write_text(other, "utf-8")
        return LOCAL_EDITOR

    with pytest.raises(Changed, match="it was changed meanwhile; nothing was written"):
        store.stamp(path, meanwhile, TODAY, TODAY)
    assert path.read_text("utf-8") == other


def test_evidence_is_added_behind_the_last_and_reads_as_given(path: Path) -> None:
    entry = {
        "id": "second-audit",
        "says": "Twelve.",
        "owner": "independent",
        "form": "report",
        "publisher": "An office",
    }
    saved = save(path, entering.built(AddEvidence, {"entry": entry | {"url": "https://example.org/2"}}))
    assert saved.loaded.registry
    assert [each.id for each in saved.loaded.registry.file.evidence] == ["audit-report", "second-audit"]
    now = reader.load(path, TODAY).registry
    assert now
    assert now.file == saved.loaded.registry.file


# --- the past -------------------------------------------------------------------------------------------


def test_the_past_is_read_with_its_sources(path: Path, tmp_path: Path) -> None:
    committed(tmp_path)
    written(tmp_path, REGISTRY.replace("Small", "Smaller"), SOURCE.replace("Report one", "Report 1"))
    (tmp_path / "sources" / "notes.txt").write_text("no source", "utf-8")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "Second")
    then = history.past(path, "HEAD~1")
    assert then
    assert then.registry == REGISTRY.encode()
    assert then.sources == {"HEAD~1:sources/report-one.yaml": SOURCE.encode()}
    now = history.past(path, "HEAD")
    assert now
    assert list(now.sources) == ["HEAD:sources/report-one.yaml"]
    assert reader.read(then, TODAY).problems == ()


def test_the_past_of_a_registry_in_a_folder_of_the_repository(tmp_path: Path) -> None:
    path = written(tmp_path / "deep" / "қор")
    committed(tmp_path)
    then = history.past(path, "HEAD")
    assert then
    assert then.registry == REGISTRY.encode()


def test_a_hook_that_names_another_index_does_not_mislead(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed(tmp_path)
    monkeypatch.setenv("GIT_DIR", os.fspath(tmp_path / "nowhere"))
    assert history.past(path, "HEAD")


def test_git_tells_what_is_not_committed(path: Path, tmp_path: Path) -> None:
    assert history.git_state(path) == history.GitState(repository=False)
    committed(tmp_path)
    assert history.git_state(path) == history.GitState(repository=True)
    path.write_text(LOOKED, "utf-8")
    assert history.git_state(path) == history.GitState(repository=True, changed=("recommendations.yaml",))
