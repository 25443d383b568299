"""Copies that somebody keeps privately: their hash is public, they are not, and years later it can be proved."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from dashboard import cli
from dashboard.language import translator
from dashboard.outputs import pages
from dashboard.outputs.view import View
from dashboard.progress.filters import Filters
from dashboard.registry import reader
from dashboard.registry.scalars import Clock, today
from tests.small import committed, written

COPY = b"%PDF-1.7 eleven shelters\n"
SHA = hashlib.sha256(COPY).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = written(tmp_path / "registry")
    committed(path.parent)
    return path


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "kept").mkdir()
    copy = tmp_path / "kept" / "audit.pdf"
    copy.write_bytes(COPY)
    return copy


def run(path: Path, *arguments: object) -> int:
    return cli.main(["--registry", str(path), *map(str, arguments)])


def page(path: Path, name: str = "open-shelters") -> str:
    registry = reader.load(path, today()).registry
    assert registry
    return pages.record(View(registry, Clock(today(), today()), translator("en"), Filters()), name) or ""


def test_hash_and_day_go_into_the_entry_and_the_copy_stays_where_it_is(path: Path, copy: Path) -> None:
    before = path.read_text("utf-8")
    assert run(path, "archive", "audit-report", "--file", copy) == 0
    fresh = [line for line in path.read_text("utf-8").splitlines() if line not in before.splitlines()]
    assert fresh == [f"    archived_on: {today()}", f"    sha256: {SHA}"]
    assert copy.read_bytes() == COPY
    tracked = subprocess.run(["git", "-C", path.parent, "ls-files"], capture_output=True, text=True, check=True).stdout
    assert tracked.split() == ["recommendations.yaml", "sources/report-one.yaml"]
    assert f"copy kept since {today().day} " in page(path)


def test_the_same_copy_again_writes_nothing(path: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(path, "archive", "audit-report", "--file", copy)
    before = path.read_bytes()
    assert run(path, "archive", "audit-report", "--file", copy) == 0
    assert path.read_bytes() == before
    assert "the registry says so already; nothing was written" in capsys.readouterr().err


def test_another_copy_is_taken_only_where_somebody_says_so(
    path: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(path, "archive", "audit-report", "--file", copy)
    before = path.read_bytes()
    copy.write_bytes(COPY + b"and one more")
    assert run(path, "archive", "audit-report", "--file", copy) == 2
    said = capsys.readouterr().err
    assert "the hash of another copy stands there" in said
    assert "add --replaces; then judgements of open-shelters are marked as resting on earlier evidence" in said
    assert path.read_bytes() == before
    assert run(path, "archive", "audit-report", "--file", copy, "--replaces") == 0
    assert hashlib.sha256(copy.read_bytes()).hexdigest() in path.read_text("utf-8")


def test_a_judgement_is_marked_once_the_copy_that_it_rests_on_is_another(path: Path, copy: Path) -> None:
    run(path, "archive", "audit-report", "--file", copy)
    assert run(path, "stamp") == 0
    assert "judged earlier evidence" not in page(path)
    copy.write_bytes(b"another")
    run(path, "archive", "audit-report", "--file", copy, "--replaces")
    assert "judged earlier evidence" in page(path)
    judged = ("--as-of", "2025-05", "--evidence", "audit-report", "--note", "Still eleven.")
    assert run(path, "assess", "open-shelters", "in-progress", *judged) == 0
    assert "judged earlier evidence" not in page(path)


def test_of_what_is_withheld_only_the_hash_and_our_line_are_public(path: Path, copy: Path) -> None:
    assert run(path, "withhold", "audit-report") == 0
    assert run(path, "archive", "audit-report", "--file", copy) == 0
    registry = reader.load(path, today()).registry
    assert registry
    (entry,) = registry.file.evidence
    assert (entry.sha256, entry.archived_on, entry.url, entry.publisher) == (SHA, None, None, None)
    shown = page(path)
    assert "An auditor can be shown it; the copy has this hash (sha256):" in shown
    assert SHA in shown
    assert "copy kept since" not in shown


@pytest.mark.parametrize("name", ["copy.pdf", "sources/copy.pdf", "link.pdf"])
def test_a_copy_within_the_repository_is_refused(
    path: Path, copy: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = path.parent / name
    inside.write_bytes(COPY)
    if name == "link.pdf":  # what counts is where the bytes lie
        copy.unlink()
        copy.symlink_to(inside)
        inside = copy
    before = path.read_bytes()
    assert run(path, "archive", "audit-report", "--file", inside) == 2
    assert "which is published; move the copy elsewhere" in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("what", "code", "said"),
    [
        ("missing.pdf", 6, "No such file"),
        ("empty.pdf", 2, "is empty; give the copy itself"),
        ("", 2, "is no ordinary file; give the copy itself"),
    ],
)
def test_what_is_no_copy_is_refused(
    path: Path, copy: Path, what: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy.parent / "empty.pdf").touch()
    assert run(path, "archive", "audit-report", "--file", copy.parent / what) == code
    assert said in capsys.readouterr().err


def test_an_entry_that_is_not_there_is_told_with_the_nearest(
    path: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(path, "archive", "audit-reprot", "--file", copy) == 2
    assert "did you mean 'audit-report'?" in capsys.readouterr().err


def test_a_reader_may_not(path: Path, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_ROLE", "reader")
    before = path.read_bytes()
    assert run(path, "archive", "audit-report", "--file", copy) == 5
    assert path.read_bytes() == before


# --- verify-archive ---------------------------------------------------------------------------------


def test_a_copy_is_found_whatever_it_is_called_and_wherever_it_lies(
    path: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(path, "archive", "audit-report", "--file", copy)
    (copy.parent / "2025").mkdir()
    moved = copy.rename(copy.parent / "2025" / "anything.bin")
    (copy.parent / "notes.txt").write_text("mine", "utf-8")
    capsys.readouterr()
    assert run(path, "verify-archive", copy.parent) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"found    audit-report  {moved}",
        "1 found, 0 missing, 0 altered, 1 other files",
    ]


def test_one_byte_less_is_altered_and_nothing_is_missing(
    path: Path, copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(path, "archive", "audit-report", "--file", copy)
    copy.unlink()
    altered = copy.parent / "audit-report.pdf"
    altered.write_bytes(COPY[:-1])
    assert run(path, "verify-archive", copy.parent) == 1
    told = capsys.readouterr()
    assert f"altered  audit-report  {altered}" in told.out
    assert "bring back the first copy" in told.err
    altered.unlink()
    assert run(path, "verify-archive", copy.parent) == 1
    assert f"missing  audit-report  sha256 {SHA}" in capsys.readouterr().out


def test_no_link_is_followed_out_of_the_folder(path: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(path, "archive", "audit-report", "--file", copy)
    other = copy.parent.parent / "other"
    other.mkdir()
    (other / "audit.pdf").symlink_to(copy)
    (other / "all").symlink_to(copy.parent)
    (other / "round").symlink_to(other)
    assert run(path, "verify-archive", other) == 1
    assert "0 found, 1 missing, 0 altered, 0 other files" in capsys.readouterr().out


def test_what_nobody_may_read_is_told(
    path: Path, copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(path, "archive", "audit-report", "--file", copy)
    opened = Path.open

    def shut(self: Path, *given: object, **more: object) -> object:
        if self == copy:
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *given, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", shut)
    assert run(path, "verify-archive", copy.parent) == 6
    assert "Permission denied; see who may read it" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_wrong_usage(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(path, "verify-archive", path.parent / "nowhere") == 2
    assert "is no folder" in capsys.readouterr().err
