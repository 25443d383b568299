"""A folder of ours in place of the one before: whole or not at all, and nothing of somebody else's lost."""

import hashlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.registry import swapping
from dashboard.verbs import folders
from dashboard.verbs.asked import Usage
from tests.small import ROOT

OLD = [("index.html", b"old"), ("r/a/index.html", b"a"), ("r/b/index.html", b"b")]
NEW = [("index.html", b"new"), ("r/a/index.html", b"A"), ("r/c/index.html", b"c")]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the list, by its path."""
    found = {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    found.pop(folders.LIST)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that we laid, of two records."""
    folder = tmp_path / "site"
    assert folders.laid(folder, OLD) == []
    return folder


def alone(folder: Path) -> bool:
    """Whether nothing is left beside it."""
    return [each.name for each in folder.parent.iterdir()] == [folder.name]


def test_a_folder_that_is_not_there_or_empty_is_filled(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("empty", "new", "deep/er"):
        folders.laid(tmp_path / name, OLD)
        assert contents(tmp_path / name) == dict(OLD)


def test_the_list_holds_every_file_as_sha256sum_reads_it(folder: Path) -> None:
    lines = (folder / folders.LIST).read_text().splitlines()
    assert f"{hashlib.sha256(b'old').hexdigest()}  index.html" in lines
    assert len(lines) == 3
    subprocess.run(["sha256sum", "-c", "--strict", folders.LIST], cwd=folder, check=True, capture_output=True)


def test_others_may_read_what_is_laid_as_far_as_the_mask_lets_them(folder: Path) -> None:
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o777 & ~mask
    assert stat.S_IMODE((folder / "index.html").stat().st_mode) == 0o666 & ~mask


@pytest.mark.parametrize("exchanges", [True, False])
def test_what_was_ours_is_replaced_and_what_was_not_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, exchanges: bool
) -> None:
    if not exchanges:  # a file system that cannot
        monkeypatch.setattr(swapping, "_exchange", lambda one, other: False)
    theirs = {"CNAME": b"example.org", "r/b/notes.txt": b"mine", ".git/config": b"[core]", "r/a/x/y": b"deep"}
    for path, content in theirs.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "link").symlink_to("nowhere")
    assert folders.laid(folder, NEW) == []
    assert contents(folder) == {**dict(NEW), **theirs}
    assert (folder / "link").is_symlink()
    assert alone(folder)


def test_a_strange_file_at_the_place_of_a_new_one_is_kept_beside_and_told(folder: Path) -> None:
    (folder / "r/c").mkdir()
    (folder / "r/c/index.html").write_bytes(b"mine")
    [said] = folders.laid(folder, NEW)
    assert said.endswith("/r/c/index.html: not of this site, and its place is taken; it is kept there")
    assert Path(said.partition(": ")[0]).read_bytes() == b"mine"
    assert contents(folder) == dict(NEW)


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    for target in (tmp_path, tmp_path / "thesis.txt"):
        with pytest.raises(Usage, match=r"name a new|name another"):
            folders.laid(target, OLD)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_list_that_somebody_wrote_cannot_delete_outside_the_folder(folder: Path) -> None:
    precious = folder.parent / "precious"
    precious.write_text("mine")
    zeros = "0" * 64
    (folder / folders.LIST).write_text(f"{zeros}  ../precious\n{zeros}  {precious}\n{zeros}  r/../../precious\n")
    folders.laid(folder, NEW)
    assert precious.read_text() == "mine"


def test_a_file_that_is_named_twice_stops_it(folder: Path) -> None:
    with pytest.raises(FileExistsError):
        folders.laid(folder, [*NEW, NEW[0]])
    assert contents(folder) == dict(OLD)
    assert alone(folder)


def test_a_fault_on_the_way_leaves_the_old_folder_and_nothing_else(folder: Path) -> None:
    def broken() -> Iterator[tuple[str, bytes]]:
        yield from NEW
        raise ValueError("cut off")

    def refusing() -> None:
        raise ValueError("cut off")

    for files, last in ((broken(), lambda: None), (iter(NEW), refusing)):
        with pytest.raises(ValueError, match="cut off"):
            folders.laid(folder, files, last)
        assert contents(folder) == dict(OLD)
        assert alone(folder)


KILLED_BUILDING = """
def files():
    yield "index.html", b"new"
    os.kill(os.getpid(), signal.SIGKILL)
folders.laid(Path(sys.argv[1]), files())
"""

KILLED_BEFORE = """
folders._put = lambda new, folder: os.kill(os.getpid(), signal.SIGKILL)
folders.laid(Path(sys.argv[1]), [("index.html", b"new")])
"""

KILLED_AFTER = """
folders._cleared = lambda old, folder: os.kill(os.getpid(), signal.SIGKILL)
folders.laid(Path(sys.argv[1]), [("index.html", b"new")])
"""

KILLED_MOVING = """
rename = Path.rename
def once(self, target):
    rename(self, target)
    os.kill(os.getpid(), signal.SIGKILL)
Path.rename = once
folders.laid(Path(sys.argv[1]), [("index.html", b"new")])
"""


@pytest.mark.parametrize(
    ("script", "stands"),
    [(KILLED_BUILDING, b"old"), (KILLED_BEFORE, b"old"), (KILLED_AFTER, b"new"), (KILLED_MOVING, b"new")],
    ids=["building", "before", "after", "moving"],
)
def test_whoever_is_killed_leaves_a_whole_folder_and_the_next_run_clears_up(
    folder: Path, script: str, stands: bytes
) -> None:
    for name in ("CNAME", "also-mine"):
        (folder / name).write_text("mine")
    head = "import os, signal, sys\nfrom pathlib import Path\nfrom dashboard.verbs import folders\n"
    done = subprocess.run([sys.executable, "-c", head + script, str(folder)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert (folder / "index.html").read_bytes() == stands
    assert (folder / "r").exists() is (stands == b"old")
    assert not alone(folder)
    assert folders.laid(folder, NEW) == []
    assert contents(folder) == {**dict(NEW), "CNAME": b"mine", "also-mine": b"mine"}
    assert alone(folder)


def test_the_name_of_a_folder_is_no_pattern_for_what_stands_beside(tmp_path: Path) -> None:
    left = tmp_path / ".site.tracker-new-abc"
    left.mkdir()
    folders.laid(tmp_path / "s*", OLD)
    assert left.is_dir()
    folders.laid(tmp_path / "site", OLD)
    assert not left.exists()


def test_what_another_run_is_building_is_left_alone(folder: Path) -> None:
    def slow() -> Iterator[tuple[str, bytes]]:
        yield NEW[0]
        folders.laid(folder, [("index.html", b"quick")])
        yield from NEW[1:]

    folders.laid(folder, slow())
    assert contents(folder) == dict(NEW)
    assert alone(folder)
