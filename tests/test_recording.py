"""The history being written: one commit a save, whose and when; kills, locks, other machines."""

import json
import os
import signal
import stat
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from dashboard.registry import reader, recording, store, swapping
from dashboard.registry.access import Role, Who
from dashboard.registry.commands import Look
from dashboard.registry.scalars import Text
from dashboard.registry.swapping import Changed
from tests import torture
from tests.small import REGISTRY, SOURCE, committed, git, written
from tests.torture import missed, output

TODAY = date(2026, 1, 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A registry in a repository of its own."""
    path = written(tmp_path / "registry")
    committed(path.parent)
    return path


def save(path: Path, where: str = "The register", record: str = "open-shelters", by: str = "editors") -> store.Saved:
    look = Look(records=(record,), where=Text(en=where))
    return store.save(path, look, lambda: Who(Role.EDITOR, by), "", TODAY)


def commits(path: Path, form: str = "%s") -> list[str]:
    """The newest first."""
    return output(path.parent, "log", f"--format={form}").splitlines()


def uncommitted(path: Path) -> str:
    return output(path.parent, "status", "--porcelain")


def shim(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A `git` that comes before the real one, which it may call as $GIT."""
    real = os.popen("command -v git").read().strip()
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\nGIT={real}\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


# --- one commit a save ----------------------------------------------------------------------------------


def test_a_save_is_one_commit_of_just_its_file_by_an_organisation_at_midnight(path: Path) -> None:
    (path.parent / "notes.txt").write_text("not of the registry", "utf-8")
    git(path.parent, "add", "notes.txt")
    saved = save(path, by="the-ministry")
    who = "the-ministry <the-ministry@tracker.invalid> 2026-01-02T00:00:00+00:00"
    assert commits(path, "%an <%ae> %aI%n%cn <%ce> %cI")[:2] == [who, who]
    message = output(path.parent, "log", "-1", "--format=%B")
    assert message == "Look open-shelters: nothing new\n\nTracker-Command: Look\n\n"
    assert output(path.parent, "show", "--format=", "--name-only", "HEAD").split() == ["recommendations.yaml"]
    assert output(path.parent, "rev-parse", "HEAD").startswith(saved.commit)
    assert uncommitted(path) == "A  notes.txt\n"


def test_a_registry_that_git_does_not_know_yet_is_committed_too(tmp_path: Path) -> None:
    path = written(tmp_path)
    git(tmp_path, "init", "-q", "-b", "main")
    assert save(path).told == ()
    assert commits(path) == ["Look open-shelters: nothing new"]


def test_a_registry_in_a_folder_of_the_repository_is_committed_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "deep" / "қор")
    (tmp_path / "code.py").write_text("1", "utf-8")
    committed(tmp_path)
    (tmp_path / "code.py").write_text("2", "utf-8")
    (path.parent / "sources" / "report-one.yaml").write_text(SOURCE.replace("Report one", "Report 1"), "utf-8")
    assert save(path).told == ()
    assert commits(path) == ["Look open-shelters: nothing new", "Changes made by hand, found by a save", "First"]
    assert uncommitted(path) == " M code.py\n"


def test_a_source_is_committed_as_such(path: Path) -> None:
    assert torture.source_added(path, "w1").told == ()
    assert commits(path)[0] == "AddSource w1"
    assert uncommitted(path) == ""


def test_no_hook_runs(path: Path) -> None:
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "pre-push"):
        hook = path.parent / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {path.parent / 'hooked'}\nexit 1\n", "utf-8")
        hook.chmod(0o755)
    assert save(path).told == ()
    assert not (path.parent / "hooked").exists()


def test_a_hook_that_called_us_does_not_mislead(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    assert save(path).told == ()
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_AUTHOR_NAME"):
        monkeypatch.delenv(name)
    assert commits(path, "%an")[0] == "editors"


def test_git_is_durable_and_in_a_process_group_of_its_own(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    words = 'echo $(cut -d" " -f5,6 /proc/$$/stat) $*'  # on one line, whatever stands in a message
    shim(tmp_path / "bin", monkeypatch, f'{words} >> {log}\nexec $GIT "$@"')
    save(path)
    calls = log.read_text("utf-8").splitlines()
    group, session = os.getpgrp(), os.getsid(0)
    assert all(int(call.split()[0]) != group and int(call.split()[1]) != session for call in calls)
    assert all("core.fsync=all" in call for call in calls)
    assert any(" commit " in call for call in calls)


def test_what_lies_beside_the_registry_for_a_while_is_never_added_to_git(path: Path) -> None:
    save(path)
    for name in (f"{swapping.TEMPORARY}x", f"recommendations{swapping.RESCUED}x.yaml"):
        path.with_name(name).write_text("restricted", "utf-8")
    git(path.parent, "add", "-A")
    assert output(path.parent, "diff", "--cached", "--name-only") == ""


def test_what_git_must_not_see_is_listed_once_and_leaves_what_stands_there(path: Path) -> None:
    exclude = path.parent / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text("*.tmp", "utf-8")
    save(path, "one")
    save(path, "two")
    assert exclude.read_text("utf-8") == "*.tmp\n.tracker-save-*\n.tracker-was-*\n*.rescued-*\n"


# --- by hand ----------------------------------------------------------------------------------------------


def test_what_somebody_changed_by_hand_is_a_commit_of_its_own_and_nobodys(path: Path) -> None:
    path.write_text(REGISTRY.replace("One comment", "Another"), "utf-8")
    (path.parent / "sources" / "report-one.yaml").write_text(SOURCE.replace("Report one", "Report 1"), "utf-8")
    save(path)
    assert commits(path, "%an %s")[:2] == [
        "editors Look open-shelters: nothing new",
        "by-hand Changes made by hand, found by a save",
    ]
    changed = output(path.parent, "show", "--format=", "--name-only", "HEAD~1").split()
    assert changed == ["recommendations.yaml", "sources/report-one.yaml"]


def test_a_source_that_was_deleted_by_hand_is_committed_too(path: Path) -> None:
    written(path.parent, source=SOURCE)
    (path.parent / "sources" / "other.yaml").write_text(SOURCE.replace("report-one", "other"), "utf-8")
    git(path.parent, "add", "-A")
    git(path.parent, "commit", "-qm", "Two")
    (path.parent / "sources" / "other.yaml").unlink()
    assert save(path).told == ()
    assert uncommitted(path) == ""


# --- where it cannot ----------------------------------------------------------------------------------------


def test_without_a_repository_the_save_stands_and_what_is_missing_is_told(tmp_path: Path) -> None:
    path = written(tmp_path)
    (told,) = save(path).told
    assert told == (
        "saved; recommendations.yaml is not in a git repository, so nobody can look up later what changed "
        "(git init starts one)"
    )


def test_without_git_the_save_stands_and_what_is_missing_is_told(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (told,) = save(path).told
    assert told == (
        "saved; recommendations.yaml has no history, since git is not installed: nobody can look up later what changed"
    )


def test_a_git_that_refuses_to_work_there_is_not_taken_for_a_missing_repository(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim(tmp_path / "bin", monkeypatch, 'echo "fatal: detected dubious ownership in repository" >&2; exit 128')
    (told,) = save(path).told
    assert told == (
        "saved; not in the history, since git refuses to work there: fatal: detected dubious ownership in repository"
    )


@pytest.mark.parametrize(
    ("what", "begin"),
    [
        ("a merge", ("merge", "other")),
        ("a cherry-pick", ("cherry-pick", "other")),
        ("a revert", ("revert", "--no-edit", "HEAD~1")),
        ("a rebase", ("rebase", "other")),
    ],
)
def test_while_git_is_in_the_middle_of_something_nothing_is_saved(
    path: Path, what: str, begin: tuple[str, ...]
) -> None:
    git(path.parent, "switch", "-qc", "other")
    _committed_as(path, REGISTRY.replace("One comment", "Theirs"))
    git(path.parent, "switch", "-q", "main")
    _committed_as(path, REGISTRY.replace("One comment", "Ours"))
    _committed_as(path, REGISTRY.replace("One comment", "Ours again"))
    with pytest.raises(Exception, match="git"):
        git(path.parent, *begin)
    git(path.parent, "checkout", "-q", "--ours", "recommendations.yaml")
    before = output(path.parent, "rev-parse", "HEAD"), path.read_bytes()
    with pytest.raises(store.Closed, match=f"{what} is under way in this repository; finish or abort it"):
        save(path)
    assert (output(path.parent, "rev-parse", "HEAD"), path.read_bytes()) == before
    assert store.settle(path, TODAY) == ()


def test_an_unresolved_conflict_outside_a_merge_is_not_committed(path: Path) -> None:
    path.write_text(REGISTRY.replace("One comment", "Put away"), "utf-8")
    git(path.parent, "stash")
    _committed_as(path, REGISTRY.replace("One comment", "Committed"))
    with pytest.raises(Exception, match="git"):
        git(path.parent, "stash", "pop")
    with pytest.raises(store.Closed, match="git has a conflict in the registry that nobody has resolved"):
        save(path)
    assert commits(path) == ["Change", "First"]


def _committed_as(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    git(path.parent, "commit", "-qam", "Change")


def test_an_index_that_git_cannot_read_is_told_and_the_save_stands(path: Path) -> None:
    (path.parent / ".git" / "index").write_bytes(b"broken")
    told = save(path).told
    assert all("not yet in the history" in each for each in told)
    assert "where: The register" in path.read_text("utf-8")
    (path.parent / ".git" / "index").unlink()
    git(path.parent, "reset", "-q")
    assert store.settle(path, TODAY) == ()
    assert commits(path)[0] == "Look open-shelters: nothing new"


# --- kills, locks -----------------------------------------------------------------------------------------


def killed(path: Path, at: Callable[[int], bool], by: str = "the-ministry") -> None:
    """A save that is killed at the sync for which `at` holds."""

    def act() -> None:
        sync = os.fsync

        def deadly(handle: int) -> None:
            if at(handle):
                os.kill(os.getpid(), signal.SIGKILL)
            sync(handle)

        os.fsync = deadly
        save(path, by=by)

    assert os.WIFSIGNALED(os.waitpid(torture.forked(act), 0)[1])


def of_a_folder(handle: int) -> bool:
    return stat.S_ISDIR(os.fstat(handle).st_mode)


def test_a_save_that_was_killed_before_its_commit_is_committed_as_itself_at_the_next_start(path: Path) -> None:
    killed(path, at=of_a_folder)
    assert "where: The register" in path.read_text("utf-8")
    assert store.settle(path, TODAY) == ()
    assert commits(path, "%an %s")[0] == "the-ministry Look open-shelters: nothing new"
    assert uncommitted(path) == ""


def test_a_save_that_was_killed_before_its_commit_is_committed_as_itself_before_the_next(path: Path) -> None:
    killed(path, at=of_a_folder)
    save(path, "another", by="the-donor")
    assert commits(path, "%an") == ["the-donor", "the-ministry", "test"]


def test_a_save_that_was_killed_before_the_exchange_leaves_nothing_to_commit(path: Path) -> None:
    killed(path, at=lambda handle: not of_a_folder(handle))
    assert store.settle(path, TODAY) == ()
    assert commits(path) == ["First"]
    assert path.read_text("utf-8") == REGISTRY
    assert not (path.parent / ".git" / "tracker-pending.json").exists()


def test_saves_that_could_not_be_committed_are_all_named_by_the_commit_that_holds_them(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_LOCK_SECONDS", 0.05)
    lock = path.parent / ".git" / "index.lock"
    lock.touch()
    save(path, "one", by="the-ministry")
    save(path, "two", by="the-donor")
    lock.unlink()
    assert store.settle(path, TODAY) == ()
    assert output(path.parent, "log", "-1", "--format=%an%n%B") == (
        "the-donor\nLook open-shelters: nothing new\n\n"
        "Also: Look open-shelters: nothing new (the-ministry, 2026-01-02)\nTracker-Command: Look\n\n"
    )
    assert commits(path)[1:] == ["First"]


def test_a_save_whose_predecessor_could_not_be_committed_names_it_too(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "left"
    left.write_text("..", "utf-8")  # so often git fails: at the first save, and when the second tries it again
    failing = f'case " $* " in *" commit "*) if [ -s {left} ]; then truncate -s -1 {left}; exit 1; fi;; esac'
    shim(tmp_path / "bin", monkeypatch, f'{failing}\nexec $GIT "$@"')
    save(path, "one", by="the-ministry")
    saved = save(path, "two", by="the-donor")
    assert saved.commit
    assert saved.told[0].startswith("an earlier save is not yet in the history: ")
    assert "Also: Look open-shelters: nothing new (the-ministry, 2026-01-02)\n" in output(
        path.parent, "log", "-1", "--format=%B"
    )
    assert commits(path)[1:] == ["First"]


def test_a_note_that_was_cut_off_does_no_harm(path: Path) -> None:
    for text in ("[{", "{}", "[1]", '[{"digest": "1"}]', json.dumps([{"digest": 1, "what": 2}])):
        (path.parent / ".git" / "tracker-pending.json").write_text(text, "utf-8")
        assert save(path, f"after {len(text)}").told == ()
    assert uncommitted(path) == ""


def test_a_strangers_lock_is_told_and_left(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_LOCK_SECONDS", 0.05)
    save(path, "one")
    time.sleep(0.05)  # a file's time lags a little
    lock = path.parent / ".git" / "index.lock"
    lock.touch()
    (told,) = save(path, "two").told
    assert told == (
        f"saved, not yet in the history: another git is at work, or was killed: {lock} is there. If none runs, "
        "delete that file. The next save or start commits it"
    )
    assert lock.exists()
    lock.unlink()
    assert save(path, "three").told == ()
    assert len(commits(path)) == 4


def test_a_strangers_lock_that_goes_by_itself_is_waited_for(path: Path) -> None:
    lock = path.parent / ".git" / "index.lock"
    lock.touch()
    child = torture.forked(lambda: (time.sleep(0.3), lock.unlink()))
    assert save(path).told == ()
    os.waitpid(child, 0)


@pytest.mark.parametrize("name", ["index.lock", "HEAD.lock", "refs/heads/main.lock", "next-index-1.lock"])
def test_a_lock_that_a_killed_git_of_ours_left_is_removed(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(recording, "_LOCK_SECONDS", 0.05)
    lock = path.parent / ".git" / name
    with monkeypatch.context() as patch:
        script = f'case " $* " in *" commit "*) touch {lock}; kill -9 $$;; esac; exec $GIT "$@"'
        shim(tmp_path / "bin", patch, script)
        (told,) = save(path, "one").told
    assert told == "saved, not yet in the history: git commit ended with -9. The next save or start commits it"
    assert lock.exists()
    assert save(path, "two").told == ()
    assert not lock.exists()
    assert len(commits(path)) == 3


def test_a_lock_that_came_long_after_our_killed_git_is_a_strangers(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_LOCK_SECONDS", 0.05)
    (path.parent / ".git" / "tracker-running").write_text(f"{time.time_ns() - 400 * 10**9} ", "ascii")
    lock = path.parent / ".git" / "index.lock"
    lock.touch()
    (told,) = save(path).told
    assert "another git is at work" in told
    assert lock.exists()


def test_a_git_that_outlives_the_save_that_began_it_ends_before_another_begins(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = tmp_path / "begun", tmp_path / "ended"
    script = f'case " $* " in *" commit "*) touch {begun}; sleep 1; $GIT "$@"; touch {ended};; *) exec $GIT "$@";; esac'
    with monkeypatch.context() as patch:
        shim(tmp_path / "bin", patch, script)
        child = torture.forked(partial(save, path))
        while not begun.exists():
            time.sleep(0.01)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert store.settle(path, TODAY) == ()
    assert ended.exists()
    assert commits(path) == ["Look open-shelters: nothing new", "First"]


def test_what_a_killed_git_left_half_done_in_the_index_is_mended(path: Path) -> None:
    before = (path.parent / ".git" / "index").read_bytes()
    save(path)
    (path.parent / ".git" / "index").write_bytes(before)  # the branch was moved, the index was not
    assert save(path, "another").told == ()
    assert commits(path) == ["Look open-shelters: nothing new"] * 2 + ["First"]
    assert uncommitted(path) == ""


def test_kills_at_any_step_of_a_save_in_a_repository_lose_nothing(tmp_path: Path) -> None:
    rows = torture.kills_at_every_step(tmp_path, in_git=True)
    assert missed(rows) == []
    assert rows[0].found > 20


# --- several machines -------------------------------------------------------------------------------------


@pytest.fixture
def office(tmp_path: Path) -> torture.Office:
    return torture.office_in(tmp_path / "office")


def registry_of(clone: Path) -> Path:
    return clone / "recommendations.yaml"


def published(office: torture.Office, where: str, record: str = "fund-shelters") -> None:
    """A pull request that somebody merged."""
    save(registry_of(office.colleague), where, record)
    git(office.colleague, "push", "-q", "origin", "main")


def in_remote(office: torture.Office) -> str:
    return output(office.remote, "show", "main:recommendations.yaml")


def test_whatever_is_published_meanwhile_each_save_is_in_the_history_once(tmp_path: Path) -> None:
    assert missed(torture.machines(tmp_path, rounds=5)) == []


def test_a_save_is_named_as_its_commit_is_after_others_came_first(office: torture.Office) -> None:
    published(office, "theirs")
    with office.pushing():
        saved = save(registry_of(office.host), by="the-ministry")
    assert output(office.remote, "rev-parse", "main").startswith(saved.commit)
    assert output(office.remote, "log", "-1", "--format=%an %aI", "main") == "the-ministry 2026-01-02T00:00:00+00:00\n"


def test_a_save_that_contradicts_what_was_published_is_taken_back_and_told(office: torture.Office) -> None:
    published(office, "theirs", "open-shelters")
    with office.pushing(), pytest.raises(Changed, match="others published meanwhile touches the same: open-shelters"):
        save(registry_of(office.host), "ours")
    assert registry_of(office.host).read_text("utf-8") == in_remote(office)
    assert "ours" not in in_remote(office)
    assert output(office.host, "status", "--porcelain", "-b") == "## main...origin/main\n"
    with office.pushing():
        assert save(registry_of(office.host), "ours").told == ()


def test_together_with_what_was_published_a_save_may_not_bring_an_error(office: torture.Office) -> None:
    theirs = registry_of(office.colleague).read_text("utf-8").replace("id: audit-report", "id: renamed-report")
    theirs = theirs.replace("evidence: [audit-report]", "evidence: [renamed-report]")
    registry_of(office.colleague).write_text(theirs, "utf-8")
    git(office.colleague, "commit", "-qam", "Rename")
    git(office.colleague, "push", "-q", "origin", "main")
    from dashboard.registry.commands import Setback

    setback = Setback(record="fund-shelters", on="2025-05", what=Text(en="Less."), evidence=("audit-report",))
    who = partial(Who, Role.EDITOR, "editors")
    with office.pushing(), pytest.raises(Changed, match="touches the same: fund-shelters"):
        store.save(registry_of(office.host), setback, who, "", TODAY)
    assert registry_of(office.host).read_text("utf-8") == in_remote(office) == theirs


def test_what_could_not_be_pushed_is_told_and_pushed_with_the_next(office: torture.Office) -> None:
    away = office.remote.with_name("away")
    office.remote.rename(away)
    with office.pushing():
        (told,) = save(registry_of(office.host), "one").told
        assert told.startswith("in the history here, not yet pushed: fatal: ")
        assert told.endswith(". The next save tries again")
        away.rename(office.remote)
        assert save(registry_of(office.host), "two").told == ()
    assert output(office.remote, "rev-parse", "main") == output(office.host, "rev-parse", "main")


def test_a_save_that_was_acknowledged_and_not_pushed_is_never_taken_back(office: torture.Office) -> None:
    away = office.remote.with_name("away")
    office.remote.rename(away)
    with office.pushing():
        save(registry_of(office.host), "acknowledged")
        away.rename(office.remote)
        published(office, "theirs", "open-shelters")
        (told,) = save(registry_of(office.host), "another", "fund-shelters").told
    assert "others changed the same meanwhile (open-shelters); bring both together with git pull --rebase" in told
    assert "acknowledged" in registry_of(office.host).read_text("utf-8")
    with pytest.raises(recording.Refused):
        recording.taken_in(registry_of(office.host), TODAY)
    assert "acknowledged" in registry_of(office.host).read_text("utf-8")


def test_what_is_not_committed_here_is_not_overwritten_by_what_is_taken_in(office: torture.Office) -> None:
    (office.colleague / "main.py").write_text("print('theirs')\n", "utf-8")
    git(office.colleague, "commit", "-qam", "Code")
    published(office, "theirs")
    (office.host / "main.py").write_text("print('not committed')\n", "utf-8")
    with office.pushing():
        (told,) = save(registry_of(office.host)).told
    assert told.startswith("in the history here, not yet pushed: error: Your local changes") or "main.py" in told
    assert (office.host / "main.py").read_text("utf-8") == "print('not committed')\n"
    assert uncommitted(registry_of(office.host)) == " M main.py\n"
    git(office.host, "checkout", "-q", "main.py")
    with office.pushing():
        assert save(registry_of(office.host), "another").told == ()
    assert (office.host / "main.py").read_text("utf-8") == "print('theirs')\n"


def test_a_save_that_is_not_committed_yet_is_not_overwritten_by_what_is_taken_in(office: torture.Office) -> None:
    published(office, "theirs")
    save(registry_of(office.host), "committed")
    registry_of(office.host).write_text(registry_of(office.host).read_text("utf-8").replace("Small", "Mine"), "utf-8")
    git(office.host, "fetch", "-q", "origin")
    with pytest.raises(recording.Refused, match="is not committed yet"):
        recording.taken_in(registry_of(office.host), TODAY)
    assert "Mine" in registry_of(office.host).read_text("utf-8")


def test_what_was_taken_out_of_the_published_history_is_not_pushed_back(office: torture.Office) -> None:
    with office.pushing():
        save(registry_of(office.host), "a name")
        git(office.colleague, "fetch", "-q", "origin")
        git(office.colleague, "commit", "-q", "--allow-empty", "-m", "Without the name")
        git(office.colleague, "push", "-q", "--force", "origin", "main")
        for where in ("one", "two"):
            (told,) = save(registry_of(office.host), where).told
            assert told == (
                "in the history here, not yet pushed: the history there was rewritten; start here from a fresh clone. "
                "The next save tries again"
            )
    assert "a name" not in output(office.remote, "log", "-p", "main")


def test_a_replica_follows(office: torture.Office) -> None:
    published(office, "theirs")
    git(office.replica, "fetch", "-q", "origin")
    recording.taken_in(registry_of(office.replica), TODAY)
    assert registry_of(office.replica).read_text("utf-8") == in_remote(office)
    assert output(office.replica, "status", "--porcelain", "-b") == "## main...origin/main\n"
    log = output(office.replica, "reflog", "-1", "--date=iso", "main")
    assert "main@{2026-01-02 00:00:00 +0000}: tracker: take in what others pushed" in log


def test_a_kill_while_others_changes_are_taken_in_loses_nothing(office: torture.Office) -> None:
    host = registry_of(office.host)
    (office.colleague / "main.py").write_text("print('theirs')\n", "utf-8")
    git(office.colleague, "commit", "-qam", "Code")
    published(office, "theirs")
    save(host, "ours")
    git(office.host, "fetch", "-q", "origin")
    for n in range(1, 60):
        child = torture.forked(partial(_taken_in_and_killed, n, host))
        if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            break
        store.settle(host, TODAY)
        assert reader.load(host, TODAY).errors == 0
        assert "ours" in host.read_text("utf-8")
        git(office.host, "reset", "-q", "--keep", "HEAD")
    with office.pushing():
        assert save(host, "after").told == ()
    log = output(office.remote, "log", "-p", "--format=", "main")
    for word in ("ours", "theirs", "after"):
        assert sum(line.startswith("+") and f"where: {word}" in line for line in log.splitlines()) == 1
    assert (office.host / "main.py").read_text("utf-8") == "print('theirs')\n"
    assert uncommitted(host) == ""


def _taken_in_and_killed(n: int, target: Path) -> None:
    torture.strike_at(n, target.parent, lambda: os.kill(os.getpid(), signal.SIGKILL))
    recording.taken_in(target, TODAY)
