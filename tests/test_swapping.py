"""One file in the place of another: all or nothing, synced, and no version of anybody's lost."""

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.registry import store, swapping
from dashboard.registry.swapping import DISPLACED, RESCUED, TEMPORARY, Changed
from tests import torture
from tests.small import written
from tests.torture import missed

OLD, NEW, THEIRS = b"old: 1\n...\n", b"new: 1\n...\n", b"theirs: 1\n...\n"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "recommendations.yaml"
    path.write_bytes(OLD)
    return path


def beside(target: Path, prefix: str) -> list[Path]:
    return sorted(target.parent.glob(f"{prefix}*"))


def rescued(target: Path) -> list[bytes]:
    return [path.read_bytes() for path in target.parent.glob(f"*{RESCUED}*")]


def before_each_sync(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    """Does something at the moment at which a file, then its folder, is synced; the sync itself is done."""
    sync = os.fsync

    def acted(handle: int) -> None:
        act(handle)
        sync(handle)

    monkeypatch.setattr(os, "fsync", acted)


# --- in order -----------------------------------------------------------------------------------------


def test_the_file_is_synced_before_it_takes_its_place_and_the_folder_after(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[bytes, bytes]] = []

    def note(handle: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        synced.append(
            (b"the folder" if is_folder else Path(f"/proc/self/fd/{handle}").read_bytes(), target.read_bytes())
        )

    before_each_sync(monkeypatch, note)
    swapping.swap(target, NEW, OLD)
    assert synced == [(NEW, OLD), (b"the folder", NEW)]


def test_a_new_file_is_synced_and_then_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, synced = tmp_path / "new.yaml", []

    def note(handle: int) -> None:
        synced.append((stat.S_ISDIR(os.fstat(handle).st_mode), target.exists()))

    before_each_sync(monkeypatch, note)
    swapping.created(target, NEW)
    assert synced == [(False, False), (True, True)]
    assert target.read_bytes() == NEW
    assert beside(target, TEMPORARY) == []


def test_a_file_that_is_there_is_not_created_again(target: Path) -> None:
    with pytest.raises(FileExistsError):
        swapping.created(target, NEW)
    assert target.read_bytes() == OLD
    assert beside(target, TEMPORARY) == []


def test_what_is_half_written_and_what_was_displaced_is_nobody_elses_to_read(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.chmod(0o644)
    modes, write = [], os.write

    def noted(handle: int, data: bytes) -> int:
        modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
        return write(handle, data)

    monkeypatch.setattr(os, "write", noted)
    swapping.swap(target, NEW, OLD)
    assert modes == [0o600]
    assert [stat.S_IMODE(path.stat().st_mode) for path in beside(target, DISPLACED)] == [0o600]
    assert stat.S_IMODE(target.stat().st_mode) == 0o644


# --- faults -------------------------------------------------------------------------------------------


def test_a_disk_that_lies_is_found_out(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[: len(data) // 2]) and len(data))
    for act in (lambda: swapping.swap(target, NEW, OLD), lambda: swapping.created(target.with_name("b.yaml"), NEW)):
        with pytest.raises(OSError, match="the disk did not keep what was written"):
            act()
    assert [path.name for path in target.parent.iterdir()] == ["recommendations.yaml"]
    assert target.read_bytes() == OLD


def test_a_write_that_takes_only_a_part_is_gone_on_with(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:3]))
    swapping.swap(target, NEW, OLD)
    assert target.read_bytes() == NEW


@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_sync_that_fails_leaves_the_old_file_and_no_other(
    target: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    before_each_sync(monkeypatch, failing_for(which))
    with pytest.raises(OSError, match="Input/output error; nothing was saved, the old file stands"):
        swapping.swap(target, NEW, OLD)
    assert target.read_bytes() == OLD
    assert [path.name for path in target.parent.iterdir()] == ["recommendations.yaml"]
    with pytest.raises(OSError, match="Input/output error"):
        swapping.created(target.with_name("b.yaml"), NEW)
    assert [path.name for path in target.parent.iterdir()] == ["recommendations.yaml"]


def test_a_fault_that_cannot_be_taken_back_is_told_as_it_is(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = [swapping._exchange]

    def once(one: Path, other: Path) -> bool:
        if not exchange:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return exchange.pop()(one, other)

    monkeypatch.setattr(swapping, "_exchange", once)  # the second exchange takes the first back
    before_each_sync(monkeypatch, failing_for("folder"))
    with pytest.raises(OSError, match="the change is in the file, but the disk did not confirm it"):
        swapping.swap(target, NEW, OLD)
    assert target.read_bytes() == NEW


def failing_for(which: str) -> Callable[[int], None]:
    def fail(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode) == (which == "folder"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    return fail


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO, errno.EACCES])
def test_a_fault_at_any_step_of_a_command_is_told_and_the_old_file_stands(tmp_path: Path, fault: int) -> None:
    rows = torture.faults_at_every_step(tmp_path, fault, in_git=fault == errno.EIO)
    assert missed(rows) == []
    assert rows[0].found > 12


def test_a_fault_at_any_step_of_adding_a_source_is_told(tmp_path: Path) -> None:
    assert missed(torture.faults_at_every_step(tmp_path, errno.ENOSPC, in_git=False, save=torture.source_added)) == []


def test_a_kill_at_any_step_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    rows = torture.kills_at_every_step(tmp_path, in_git=False)
    assert missed(rows) == []
    assert rows[0].found > 12


# --- other programs -----------------------------------------------------------------------------------


def replace(target: Path, content: bytes) -> None:
    """As editors do that write a new file and rename it."""
    draft = target.with_name(".draft")
    draft.write_bytes(content)
    draft.rename(target)


def test_an_editor_that_replaced_the_file_before_the_exchange_keeps_its_version(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_each_sync(monkeypatch, lambda handle: replace(target, THEIRS))
    with pytest.raises(Changed, match="an editor replaced it at this very moment; its version stands"):
        swapping.swap(target, NEW, OLD)
    assert target.read_bytes() == THEIRS
    assert [path.name for path in target.parent.iterdir()] == ["recommendations.yaml"]


def test_of_two_versions_that_come_at_the_same_moment_the_newest_stands_and_the_other_is_rescued(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_each_sync(monkeypatch, lambda handle: replace(target, THEIRS))
    exchange, times = swapping._exchange, []

    def meanwhile(one: Path, other: Path) -> bool:
        times.append(1)
        if len(times) == 2:  # between our exchange and the one that takes it back
            replace(target, b"newest: 1\n...\n")
        return exchange(one, other)

    monkeypatch.setattr(swapping, "_exchange", meanwhile)
    with pytest.raises(Changed):
        swapping.swap(target, NEW, OLD)
    assert target.read_bytes() == b"newest: 1\n...\n"
    swapping.swept(target)
    assert rescued(target) == [THEIRS]


@pytest.mark.parametrize("after_a_kill", [False, True])
def test_what_an_editor_wrote_into_the_displaced_file_is_rescued_and_told_until_it_is_gone(
    target: Path, after_a_kill: bool
) -> None:
    with target.open("r+b") as editor:
        swapping.swap(target, NEW, OLD)
        if after_a_kill:  # before the displaced file was put aside
            (aside,) = beside(target, DISPLACED)
            digests = f"{swapping._digest(OLD)}-{swapping._digest(NEW)}-12ab"
            aside.rename(target.with_name(f"{TEMPORARY}{digests}"))
            assert swapping.swept(target) == []
        editor.truncate(0)
        editor.write(THEIRS)
    found = swapping.swept(target)
    assert [path.read_bytes() for path in found] == [THEIRS]
    assert stat.S_IMODE(found[0].stat().st_mode) == 0o600
    assert swapping.swept(target) == found
    found[0].unlink()
    assert swapping.swept(target) == []
    assert target.read_bytes() == NEW


def test_who_saves_is_told_of_the_rescued_version_even_if_the_save_before_was_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    with path.open("r+b") as editor:
        torture.looked(path, "w1")
        editor.write(b"# Mine")
    with pytest.raises(Exception, match="there is no point"):
        torture.looked(path, "w2", record="no-such-point")
    told = torture.looked(path, "w3").told[0]
    assert "what it wrote is kept in" in told
    assert store.settle(path, torture.TODAY) == (told,)


def test_editors_that_know_nothing_of_the_door_lose_nothing_unnoticed(tmp_path: Path) -> None:
    for name in ("replaces", "writes"):
        (tmp_path / name).mkdir()
    assert missed(torture.replacing_editor(tmp_path / "replaces", tries=60)) == []
    assert missed(torture.writing_editor(tmp_path / "writes", seed=1, rounds=20)) == []


# --- what is left over ----------------------------------------------------------------------------------


def stray(target: Path, content: bytes, old: bytes = OLD, new: bytes = NEW) -> Path:
    path = target.with_name(f"{TEMPORARY}{swapping._digest(old)}-{swapping._digest(new)}-{os.urandom(2).hex()}")
    path.write_bytes(content)
    return path


def test_of_what_killed_saves_left_ours_goes_and_somebody_elses_stays(target: Path) -> None:
    for content in (NEW, NEW[:4], b"", OLD, THEIRS):
        stray(target, content)
    (target.parent / "sources").mkdir()
    stray(target.parent / "sources" / "a.yaml", NEW, old=b"")
    swapping.swept(target)
    assert beside(target, TEMPORARY) == []
    assert list((target.parent / "sources").iterdir()) == []
    assert rescued(target) == [THEIRS]
    assert [stat.S_IMODE(path.stat().st_mode) for path in target.parent.glob(f"*{RESCUED}*")] == [0o600]
    assert sorted(path.read_bytes() for path in beside(target, DISPLACED)) == [b"", NEW[:4], OLD]


def test_a_displaced_version_is_kept_ten_minutes_and_not_for_ever(target: Path) -> None:
    for age in (590, 610):
        path = target.with_name(f"{DISPLACED}{int(time.time()) - age}-{swapping._digest(OLD)}-{age}")
        path.write_bytes(OLD)
    swapping.swept(target)
    assert [path.name.rpartition("-")[2] for path in beside(target, DISPLACED)] == ["590"]


def test_of_many_displaced_versions_the_newest_are_kept_and_of_large_ones_fewer(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(70):
        target.with_name(f"{DISPLACED}{int(time.time()) - n}-{swapping._digest(OLD)}-{n}").write_bytes(OLD)
    swapping.swept(target)
    assert len(beside(target, DISPLACED)) == swapping.KEPT_AT_MOST
    monkeypatch.setattr(swapping, "KEPT_BYTES", 3 * len(OLD))
    swapping.swept(target)
    assert [path.name.rpartition("-")[2] for path in beside(target, DISPLACED)] == ["2", "1", "0"]


class Clock:
    """The clock of the sweeper, put forward; and how many displaced versions it reads at a sweep."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead, self._read = 0, 0
        now, read = time.time_ns, Path.read_bytes

        def counted(path: Path) -> bytes:
            self._read += path.name.startswith(DISPLACED)
            return read(path)

        monkeypatch.setattr(time, "time_ns", lambda: now() + self.ahead * 10**9)
        monkeypatch.setattr(Path, "read_bytes", counted)

    def read_at(self, target: Path, ahead: int) -> int:
        self.ahead, self._read = ahead, 0
        swapping.swept(target)
        return self._read


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_displaced_version_is_read_until_it_was_seen_unchanged_for_a_second_and_when_it_goes(
    target: Path, clock: Clock
) -> None:
    """A write in the same tick of the clock as the sweep would not be seen."""
    swapping.swap(target, NEW, OLD)
    assert [clock.read_at(target, ahead) for ahead in (0, 0, 2, 2, 300)] == [1, 1, 1, 0, 0]
    assert len(beside(target, DISPLACED)) == 1
    assert clock.read_at(target, 700) == 1
    assert beside(target, DISPLACED) == []
    assert rescued(target) == []


@pytest.mark.parametrize("goes", ["not yet", "expired", "too many", "too large"])
def test_what_is_written_into_a_displaced_version_that_was_read_already_is_rescued(
    target: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, goes: str
) -> None:
    with target.open("r+b") as editor:
        swapping.swap(target, NEW, OLD)
        swapping.swap(target, NEW + b"# more\n...\n", NEW)
        assert [clock.read_at(target, ahead) for ahead in (2, 2)] == [2, 0]
        editor.write(THEIRS)
        editor.truncate()
    if goes == "too many":
        monkeypatch.setattr(swapping, "KEPT_AT_MOST", 0)
    if goes == "too large":
        monkeypatch.setattr(swapping, "KEPT_BYTES", 0)
    clock.read_at(target, 700 if goes == "expired" else 3)
    assert rescued(target) == [THEIRS]
    kept = {"not yet": [NEW], "too large": [NEW]}
    assert [path.read_bytes() for path in beside(target, DISPLACED)] == kept.get(goes, [])


def test_what_was_written_without_leaving_a_moment_is_rescued_before_it_goes(target: Path, clock: Clock) -> None:
    """As by a machine whose clock stood still: the file looks as it did when it was read."""
    swapping.swap(target, NEW, OLD)
    (aside,) = beside(target, DISPLACED)
    clock.read_at(target, 2)
    aside.write_bytes(THEIRS)
    state = aside.stat()
    swapping._UNTOUCHED[aside] = state.st_ino, state.st_ctime_ns
    assert clock.read_at(target, 3) == 0
    clock.read_at(target, 700)
    assert rescued(target) == [THEIRS]


def test_a_file_with_a_strange_name_does_not_stop_a_save(target: Path) -> None:
    for name in (f"{DISPLACED}mine", f"{DISPLACED}1-2-3-4", f"{TEMPORARY}", f"{TEMPORARY}x"):
        target.with_name(name).write_bytes(OLD)
    swapping.swept(target)
    assert beside(target, TEMPORARY) == []
    assert rescued(target) == [OLD] * 4


# --- where files cannot be exchanged ----------------------------------------------------------------------


def test_a_folder_tells_whether_files_can_be_exchanged_there(tmp_path: Path) -> None:
    assert swapping.exchanges(tmp_path)
    with torture.no_exchange():
        assert not swapping.exchanges(tmp_path)
    assert not swapping.exchanges(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_without_an_exchange_a_file_is_replaced_and_the_old_one_put_aside(target: Path) -> None:
    with torture.no_exchange():
        swapping.swap(target, NEW, OLD)
    assert target.read_bytes() == NEW
    assert [path.read_bytes() for path in beside(target, DISPLACED)] == [OLD]
    assert beside(target, TEMPORARY) == []


def test_without_an_exchange_what_changed_before_the_rename_stands(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_each_sync(monkeypatch, lambda handle: replace(target, THEIRS))
    with torture.no_exchange(), pytest.raises(Changed, match="nothing was written"):
        swapping.swap(target, NEW, OLD)
    assert target.read_bytes() == THEIRS
    assert [path.name for path in target.parent.iterdir()] == ["recommendations.yaml"]


def test_without_an_exchange_an_editor_that_writes_into_the_old_file_is_heard(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.replace

    def meanwhile(self: Path, to: Path) -> Path:
        if to == target:
            monkeypatch.undo()
            target.write_bytes(THEIRS)  # in place, between comparing and renaming
        return rename(self, to)

    with torture.no_exchange(), monkeypatch.context() as patch:
        patch.setattr(Path, "replace", meanwhile)
        with pytest.raises(Changed, match="an editor wrote into it at this very moment; its version stands"):
            swapping.swap(target, NEW, OLD)
    assert target.read_bytes() == THEIRS


def test_without_an_exchange_a_sync_that_fails_leaves_the_old_file(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_each_sync(monkeypatch, failing_for("folder"))
    with torture.no_exchange(), pytest.raises(OSError, match="nothing was saved, the old file stands"):
        swapping.swap(target, NEW, OLD)
    assert target.read_bytes() == OLD
    assert [path.name for path in target.parent.iterdir()] == ["recommendations.yaml"]


def test_without_an_exchange_kills_and_faults_do_no_harm_either(tmp_path: Path) -> None:
    for name in ("kills", "faults"):
        (tmp_path / name).mkdir()
    with torture.no_exchange():
        assert missed(torture.kills_at_every_step(tmp_path / "kills", in_git=False)) == []
        assert missed(torture.faults_at_every_step(tmp_path / "faults", errno.EIO, in_git=False)) == []
