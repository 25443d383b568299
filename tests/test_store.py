"""Replacing the registry's file: all or nothing, and nobody's change is lost. Reading it from git."""

import os
import stat
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from dashboard.registry import history, reader, store
from tests.small import REGISTRY, ROOT, SOURCE, committed, git, written

TODAY = date(2026, 1, 2)
CHANGED = REGISTRY.replace("Eleven of seventeen.", "Twelve of seventeen.").encode()


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_change_is_on_disk_with_the_mode_the_file_had(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.chmod(0o640)
    after = store.write(path, reader.load(path, TODAY), CHANGED, TODAY)
    assert path.read_bytes() == CHANGED
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert after.digest == reader.load(path, TODAY).digest
    assert _names(tmp_path) == ["recommendations.yaml", "sources"]


def test_a_file_that_was_changed_meanwhile_is_not_touched(tmp_path: Path) -> None:
    path = written(tmp_path)
    seen = reader.load(path, TODAY)
    theirs = REGISTRY.replace("One comment", "Their comment")
    path.write_text(theirs, "utf-8")
    with pytest.raises(store.Changed, match="was changed meanwhile"):
        store.write(path, seen, CHANGED, TODAY)
    assert path.read_text("utf-8") == theirs
    assert _names(tmp_path) == ["recommendations.yaml", "sources"]


def test_a_source_that_was_changed_meanwhile_counts_too(tmp_path: Path) -> None:
    path = written(tmp_path)
    seen = reader.load(path, TODAY)
    written(tmp_path, source=SOURCE.replace("Report one", "Report 1"))
    with pytest.raises(store.Changed):
        store.write(path, seen, CHANGED, TODAY)


def test_a_change_that_brings_an_error_is_refused_and_leaves_no_trace(tmp_path: Path) -> None:
    path = written(tmp_path)
    with pytest.raises(store.Spoiled) as spoiled:
        store.write(path, reader.load(path, TODAY), CHANGED.replace(b"kind: demand", b"kind: wish"), TODAY)
    assert [problem.record for problem in spoiled.value.problems] == ["open-shelters"]
    assert path.read_text("utf-8") == REGISTRY
    assert _names(tmp_path) == ["recommendations.yaml", "sources"]


def test_an_error_that_was_there_before_does_not_stand_in_the_way(tmp_path: Path) -> None:
    path = written(tmp_path, REGISTRY.replace("theme: shelters", "theme: shelter"))
    changed = b"# A line more\n" + path.read_bytes()
    store.write(path, reader.load(path, TODAY), changed, TODAY)
    assert path.read_bytes() == changed


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real = written(tmp_path / "real")
    link = written(tmp_path / "linked")
    link.unlink()
    link.symlink_to(real)
    store.write(link, reader.load(link, TODAY), CHANGED, TODAY)
    assert link.is_symlink()
    assert real.read_bytes() == CHANGED


def test_what_a_killed_save_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / f"{store.TEMPORARY}abc").write_text("half", "utf-8")
    store.write(path, reader.load(path, TODAY), CHANGED, TODAY)
    assert _names(tmp_path) == ["recommendations.yaml", "sources"]


def test_of_four_writers_at_once_no_acknowledged_save_is_lost(tmp_path: Path) -> None:
    path = written(tmp_path)
    program = """if True:
        import sys
        from datetime import date
        from pathlib import Path
        from dashboard.registry import reader, store
        path, who, saved = Path(sys.argv[1]), sys.argv[2], 0
        while saved < 5:
            seen = reader.load(path, date(2026, 1, 2))
            line = f"# {who} {saved}\\n".encode()
            try:
                store.write(path, seen, line + seen.texts.registry, date(2026, 1, 2))
                saved += 1
            except store.Changed:
                continue
    """
    writers = [subprocess.Popen([sys.executable, "-c", program, str(path), str(n)], cwd=ROOT) for n in range(4)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    lines = path.read_text("utf-8").splitlines()
    for who in range(4):
        assert [line for line in lines if line.startswith(f"# {who} ")] == [f"# {who} {n}" for n in reversed(range(5))]


def test_a_save_under_way_elsewhere_is_waited_for(tmp_path: Path) -> None:
    path = written(tmp_path)
    with store._locked(tmp_path):
        waiting = threading.Thread(target=store.write, args=(path, reader.load(path, TODAY), CHANGED, TODAY))
        waiting.start()
        waiting.join(0.2)
        assert path.read_text("utf-8") == REGISTRY
    waiting.join(10)
    assert path.read_bytes() == CHANGED


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = written(tmp_path)
    program = """if True:
        import resource, signal, sys
        from datetime import date
        from pathlib import Path
        from dashboard.registry import reader, store
        path = Path(sys.argv[1])
        seen = reader.load(path, date(2026, 1, 2))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            store.write(path, seen, b"# more\\n" + seen.texts.registry, date(2026, 1, 2))
        except OSError as error:
            sys.exit(error.strerror)
    """
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == "File too large\n"
    assert path.read_text("utf-8") == REGISTRY
    assert _names(tmp_path) == ["recommendations.yaml", "sources"]


def test_the_past_is_read_with_its_sources(tmp_path: Path) -> None:
    path = written(tmp_path)
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


def test_a_hook_that_names_another_index_does_not_mislead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a")
    committed(tmp_path / "a")
    monkeypatch.setenv("GIT_DIR", os.fspath(tmp_path / "nowhere"))
    assert history.past(path, "HEAD")


def test_git_tells_what_is_not_committed(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert history.git_state(path) == history.GitState(repository=False)
    committed(tmp_path)
    assert history.git_state(path) == history.GitState(repository=True)
    path.write_bytes(CHANGED)
    assert history.git_state(path) == history.GitState(repository=True, changed=("recommendations.yaml",))
