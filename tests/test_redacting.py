"""A passage taken out for good: of files, outputs, inbox and every object of git; refusals, kills, other people."""

import gzip
import hashlib
import io
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from dashboard import cli, entering, kept, reading
from dashboard.registry import access, history, inbox, reader, recording, redacting, rewriting, swapping
from dashboard.registry.model import EDITORS
from dashboard.registry.spellings import MARK, Passages
from tests.small import REGISTRY, ROOT, SOURCE, committed, git, written
from tests.test_recording import shim
from tests.torture import output as asked

NAME = "Әсел Құпиянова"
LATIN = "Assel Kupiyanova"
BOTH = f"{NAME}\n{LATIN}\n"
TODAY = date.today()
HELD = REGISTRY.replace("Eleven shelters were counted.", f"Eleven shelters were counted by {NAME}.").replace(
    "note: Eleven of seventeen.", f"note: {{en: 'As {LATIN} says', ru: 'Как говорит {NAME}', kk: Әсел айтады}}"
)
Run = Callable[..., int]


def output(folder: Path, *arguments: str, input: str | None = None) -> str:
    """What git prints."""
    if input is None:
        return asked(folder, *arguments)
    words = ["git", "-C", str(folder), *arguments]
    return subprocess.run(words, input=input, check=True, capture_output=True, text=True).stdout


@pytest.fixture(autouse=True)
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(inbox.INBOX_VARIABLE, str(tmp_path / "inbox"))
    return tmp_path / "inbox"


@pytest.fixture
def names(tmp_path: Path) -> Path:
    file = tmp_path / "names.txt"
    file.write_text(BOTH, "utf-8")
    return file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A registry with a short history, its newest state committed."""
    path = written(tmp_path / "registry", HELD)
    committed(path.parent)
    return path


@pytest.fixture
def run(path: Path, names: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """The verb; whatever it prints never holds the passage."""

    def act(*options: object, text_file: object = names, registry: Path = path) -> int:
        code = cli.main(["--registry", str(registry), "redact", "--text-file", str(text_file), *map(str, options)])
        said = capsys.readouterr()
        act.said = said.out + said.err  # type: ignore[attr-defined]
        assert not any(part in act.said for part in ("Әсел", "Құпия", "Assel", "Kupiya"))  # type: ignore[attr-defined]
        return code

    return act


def said(run: Run) -> str:
    return str(run.said)  # type: ignore[attr-defined]


def everything(folder: Path) -> str:
    """A digest of every file, its name and its mode, links unfollowed; of git's folder too."""
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        content = str(file.readlink()).encode() if file.is_symlink() else file.read_bytes() if file.is_file() else b""
        total.update(
            f"{file}{file.lstat().st_mode}{file.lstat().st_mtime_ns if file.is_file() else 0}".encode() + content
        )
    return total.hexdigest()


def unpacked(folder: Path) -> Iterator[bytes]:
    """Every byte within: files as they are, and all that can be inflated in them at any place."""
    for file in folder.rglob("*"):
        yield os.fsencode(file.name)
        if file.is_symlink() or not file.is_file():
            continue
        data = file.read_bytes()
        yield data
        for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", data):
            inflated = zlib.decompressobj()
            try:
                yield inflated.decompress(data[found.start() :])
            except zlib.error:
                continue
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                yield from (archive.read(each) for each in archive.namelist())


def left(folder: Path) -> int:
    """In how many pieces of bytes the passage stands, by the plainest search there is."""
    wanted = [each.encode(code) for each in (NAME, LATIN) for code in ("utf-8", "utf-16-le", "utf-16-be")]
    wanted += [LATIN.replace(" ", "-").encode(), NAME.replace(" ", "-").encode()]
    return sum(any(each in piece for each in wanted) for piece in unpacked(folder))


def objects_with(folder: Path) -> int:
    listed = subprocess.run(
        ["git", "-C", str(folder), "cat-file", "--batch-all-objects", "--batch"], check=True, capture_output=True
    )
    return len(re.findall(f"{NAME}|{LATIN}".encode(), listed.stdout))


def long_history(folder: Path, commits: int = 200) -> None:
    """A branch of so many commits; the passage in texts, messages, authors, tags and names of files and branches."""
    lines: list[bytes] = []

    def data(text: bytes) -> None:
        lines.append(b"data %d\n%b\n" % (len(text), text))

    for n in range(commits):
        author = f"{LATIN} <assel@example.org>" if n % 50 == 7 else "editors <editors@tracker.invalid>"
        lines.append(f"commit refs/heads/main\nmark :{n + 1}\n".encode())
        lines.append(
            f"author {author} {1_700_000_000 + n} +0000\ncommitter {author} {1_700_000_000 + n} +0000\n".encode()
        )
        data(f"Change {n}{' for ' + NAME if n % 20 == 3 else ''}\n".encode())
        if n:
            lines.append(f"from :{n}\n".encode())
        text = HELD if n >= 20 else REGISTRY
        lines.append(b"M 100644 inline recommendations.yaml\n")
        data(text.replace("title: {en: Small", f"title: {{en: Small {n}").encode())
        lines.append(b"M 100644 inline sources/report-one.yaml\n")
        data(SOURCE.encode())
        if n == 30:
            lines.append(f"M 100644 inline notes/{LATIN.replace(' ', '-')}.txt\n".encode())
            data(f"of {NAME}".encode("utf-16"))
            lines.append(b"M 100644 inline table.csv.gz\n")
            data(gzip.compress(f"name\n{NAME}\n".encode()))
        if n == 40:
            lines.append(b"M 100644 inline plain.txt\n")
            data(b"nobody")
    for name in (f"edition/{LATIN.replace(' ', '-')}", "edition/one"):
        lines.append(f"tag {name}\nfrom :150\ntagger {LATIN} <a@example.org> 1700000000 +0000\n".encode())
        data(f"In thanks to {NAME}".encode())
    lines.append(f"reset refs/heads/work-of-{LATIN.replace(' ', '-')}\nfrom :100\n\n".encode())
    git(folder, "init", "-q", "-b", "main")
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=b"".join(lines), check=True)
    git(folder, "reset", "-q", "--hard")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A registry with two hundred commits, a stash, a reflog, unreachable objects, packed and loose."""
    folder = tmp_path / "old"
    folder.mkdir()
    long_history(folder)
    path = folder / "recommendations.yaml"
    (folder / "plain.txt").write_text(f"stashed for {NAME}")
    git(folder, "stash", "-q")
    (folder / "gone.txt").write_text(f"gone with {LATIN}")
    git(folder, "add", "gone.txt")
    git(folder, "commit", "-qm", f"Lost: {NAME}")
    git(folder, "reset", "-q", "--hard", "HEAD^")
    git(folder, "repack", "-q", "-d")
    (folder / "loose.txt").write_text(f"loose, by {LATIN}")
    git(folder, "add", "loose.txt")
    git(folder, "commit", "-qm", "Loose")
    git(folder, "notes", "add", "-m", f"noted by {NAME}")
    git(folder, "update-ref", "refs/remotes/origin/main", "HEAD~3")
    git(folder, "config", "remote.origin.url", "https://git.example.org/tracker.git")
    return path


# --- git --------------------------------------------------------------------------------------------


def test_nothing_of_it_is_left_in_any_object_of_a_long_history(old: Path, run: Run) -> None:
    folder = old.parent
    subjects = output(folder, "log", "--format=%s").splitlines()
    version = output(folder, "rev-parse", "--short=12", "HEAD~100").strip()
    early = output(folder, "rev-parse", "HEAD~199").strip()
    assert objects_with(folder) > 200
    assert run("--yes", registry=old) == 0, said(run)
    assert "0 places left in" in said(run)
    assert objects_with(folder) == left(folder) == 0
    output(folder, "fsck", "--strict")
    after = output(folder, "log", "--format=%s").splitlines()
    assert after[1:] == [each.replace(NAME, MARK) for each in subjects]
    assert after[0] == "Take out a passage to protect somebody"
    assert output(folder, "status", "--porcelain") == ""
    assert output(folder, "rev-parse", "HEAD~200").strip() == early  # before it stood anywhere nothing is renamed
    assert set(output(folder, "for-each-ref", "--format=%(refname)").split()) == {
        "refs/heads/main",
        f"refs/heads/work-of-{MARK}",
        "refs/tags/edition/one",
        f"refs/tags/edition/{MARK}",
    }
    assert (folder / "notes" / f"{MARK}.txt").read_bytes().decode("utf-16") == f"of {MARK}"
    assert (folder / "plain.txt").read_text() == "nobody"
    commit = history.commit_on(old, TODAY, version)
    assert commit
    assert commit.name == output(folder, "rev-parse", "--short=12", "HEAD~101").strip()
    assert stat.S_IMODE((folder / ".git" / history.RENAMED).stat().st_mode) == 0o600
    assert " push --force-with-lease=refs/heads/main:" in said(run)


def test_a_rehearsal_changes_not_one_byte_and_names_the_command(old: Path, run: Run, box: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.csv").write_text(NAME)
    inbox.add(message(f"About {NAME}"), box, TODAY)
    before = everything(tmp_path)
    assert run("--also", tmp_path / "out", registry=old) == 0
    assert everything(tmp_path) == before
    assert "A rehearsal: nothing was changed" in said(run)
    assert "recommendations.yaml: 3 places" in said(run)
    assert "inbox: 1 message (1)" in said(run)
    assert "1 name of files, 2 names of branches and tags" in said(run)
    assert re.search(r"redact --text-file \S+names\.txt --also \S+out --yes", said(run))
    assert "1 set of stashed changes will be thrown away" in said(run)
    assert "kk" in said(run)


def test_only_the_history_holds_it_and_a_note_says_that_something_went(path: Path, run: Run) -> None:
    path.write_text(REGISTRY)
    git(path.parent, "commit", "-qam", "By hand")
    assert run("--yes") == 0
    assert objects_with(path.parent) == 0
    loaded = reader.load(path, TODAY)
    assert loaded.errors == 0
    assert loaded.registry
    (note,) = loaded.registry.file.corrections
    assert note.was.en == redacting.ELSEWHERE["en"]
    assert note.now.en == f"{MARK}, in every spelling that the editors named"


def test_the_present_file_is_mended_noted_and_valid(path: Path, run: Run) -> None:
    before = path.read_text()
    assert run("--yes") == 0
    text = path.read_text()
    assert text.startswith(before.replace(NAME, MARK).replace(LATIN, MARK).removesuffix("...\n"))
    loaded = reader.load(path, TODAY)
    assert loaded.errors == 0
    assert loaded.registry
    (note,) = loaded.registry.file.corrections
    assert (str(note.on), note.record, note.was.en) == (str(TODAY), "open-shelters", redacting.WAS["en"])
    assert "recommendations/open-shelters/assessments/1/note: kk" in said(run)
    assert (
        output(path.parent, "log", "-1", "--format=%an %ad", "--date=iso").strip() == f"editors {TODAY} 00:00:00 +0000"
    )


def test_nothing_to_find_is_told_and_nothing_is_done(path: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("Somebody Else\n")
    before = everything(path.parent)
    assert run(text_file=tmp_path / "other.txt") == 0
    assert "It was found nowhere in " in said(run)
    assert run("--yes", text_file=tmp_path / "other.txt") == 0
    assert "0 places left" in said(run)
    head = output(path.parent, "log", "--format=%s").splitlines()
    assert head == ["First"]
    assert everything(path.parent / "sources") == everything(path.parent / "sources")
    assert path.read_text() == HELD
    assert before


def test_without_git_the_files_alone_are_mended(tmp_path: Path, run: Run) -> None:
    path = written(tmp_path / "plain", HELD, SOURCE.replace("What it asks for.", f"Told by {LATIN}."))
    assert run("--yes", registry=path) == 0
    assert left(path.parent) == 0
    assert reader.load(path, TODAY).errors == 0


def test_versions_that_saves_keep_for_a_while_go_too(path: Path, run: Run) -> None:
    digest = hashlib.sha256(HELD.encode()).hexdigest()[:16]
    aside = path.with_name(f"{swapping.DISPLACED}{int(time.time())}-{digest}-abc")
    aside.write_text(HELD)
    rescued = path.with_name(f"recommendations{swapping.RESCUED}abc.yaml")
    rescued.write_text(HELD)
    assert run("--yes") == 0
    assert not aside.exists()
    assert not rescued.exists()


def test_what_was_kept_of_a_long_registry_goes_too(
    path: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path / "cache"))
    kept.put(path, "words", NAME, "all")
    assert left(tmp_path / "cache")
    assert run() == 0
    assert left(tmp_path / "cache")
    assert run("--yes") == 0
    assert f"cache: 1 file deleted in {tmp_path / 'cache'}" in said(run)
    assert not left(tmp_path / "cache")


def test_what_cannot_be_deleted_of_it_is_told(path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kept.VARIABLE, str(path.parent / "published"))
    assert run("--yes") == 3
    assert "delete what TRACKER_CACHE names by hand" in said(run)


def test_a_server_that_runs_shows_the_new_state_and_no_old_one(
    path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(reader.REGISTRY_VARIABLE, str(path))
    version = output(path.parent, "rev-parse", "--short=12", "HEAD").strip()
    query = {"published_on": [f"{TODAY}-{version}"]}
    shown = reading.view("/", query, "en")
    assert shown
    assert NAME in str(shown.registry.file.evidence)
    assert run("--yes") == 0
    monkeypatch.setattr(reading, "_period", lambda: 10**9)  # half a minute later
    for wanted in ({}, query):
        again = reading.view("/", wanted, "en")
        assert again
        assert MARK in str(again.registry.file.evidence)
        assert NAME not in str(again.registry.file.evidence)


def test_it_is_in_no_argument_of_any_git(old: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(old.parent, "symbolic-ref", f"refs/remotes/origin/{LATIN.replace(' ', '-')}", "refs/remotes/origin/main")
    shim(tmp_path / "bin", monkeypatch, f'printf "%s\\n" "$@" >> {tmp_path}/arguments\nexec $GIT "$@"')
    assert run("--yes", registry=old) == 0, said(run)
    arguments = (tmp_path / "arguments").read_text()
    assert "cat-file" in arguments
    assert Passages(BOTH.splitlines()).count_text(arguments) == 0


def test_a_history_that_is_not_proved_clean_takes_no_place(
    path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes(), output(path.parent, "for-each-ref"), objects_with(path.parent)
    monkeypatch.setattr(rewriting._Rewriter, "_blob", lambda self, data: data)
    assert run("--yes") == 6
    assert "would still hold the passage; nothing was changed" in said(run)
    assert (path.read_bytes(), output(path.parent, "for-each-ref"), objects_with(path.parent)) == before


def test_a_hostile_name_of_a_file_and_a_tag_of_a_blob_are_rewritten(path: Path, run: Run) -> None:
    folder = path.parent
    for name in (
        f"{NAME}\n-\x1b[31m.txt".encode(),
        b"\xff\xfe " + LATIN.encode(),
        f"-{LATIN}".encode(),
        f"\u202e{LATIN}".encode(),
    ):
        (folder / os.fsdecode(name)).write_text("x")
    (folder / NAME).mkdir()
    (folder / NAME / "inner.txt").write_text("kept")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Hostile")
    git(folder, "tag", "of-a-blob", "HEAD:recommendations.yaml")
    git(folder, "tag", "of-a-tree", "HEAD^{tree}")
    assert run("--yes") == 0, said(run)
    assert left(folder) == objects_with(folder) == 0
    assert (folder / MARK / "inner.txt").read_text() == "kept"
    assert output(folder, "status", "--porcelain") == ""
    assert MARK in output(folder, "show", "of-a-blob")


def test_a_signature_on_the_way_is_lost_and_told_one_before_it_stays(path: Path, run: Run) -> None:
    folder = path.parent
    tree = output(folder, "rev-parse", "HEAD^{tree}").strip()
    empty = output(folder, "mktree", input="").strip()
    signed = (
        "author a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END\n\nm\n"
    )
    first = output(folder, "hash-object", "-t", "commit", "-w", "--stdin", input=f"tree {empty}\n{signed}").strip()
    second = f"tree {tree}\nparent {first}\n{signed}"
    second = output(folder, "hash-object", "-t", "commit", "-w", "--stdin", input=second).strip()
    git(folder, "reset", "-q", "--hard", second)
    assert run("--yes") == 0, said(run)
    assert "1 lost a signature" in said(run)
    assert output(folder, "rev-parse", "HEAD~2").strip() == first
    assert "gpgsig" not in output(folder, "cat-file", "commit", "HEAD~1")


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_a_registry_in_a_folder_of_the_repository_is_found(tmp_path: Path, run: Run, form: str) -> None:
    path = written(tmp_path / "whole" / "data", HELD)
    git(tmp_path / "whole", "init", "-q", "-b", "main", f"--object-format={form}")
    git(tmp_path / "whole", "add", "-A")
    git(tmp_path / "whole", "commit", "-qm", "First")
    assert run("--yes", registry=path) == 0, said(run)
    assert left(tmp_path / "whole") == objects_with(tmp_path / "whole") == 0
    assert output(tmp_path / "whole", "status", "--porcelain") == ""
    assert output(tmp_path / "whole", "log", "--format=%s").splitlines()[0] == "Take out a passage to protect somebody"


# --- cut off ----------------------------------------------------------------------------------------

STEPS = ("_stored", "_proved", "_only_ours", "_taken_in", "_checked_out", "_noted", "_moved", "_forgotten", "cleared")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_whoever_is_cut_off_runs_it_again(
    path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    real = getattr(rewriting, step)

    def cut(*arguments: object) -> None:
        if when == "after":
            real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rewriting, step, cut)
        assert run("--yes") == 128 + signal.SIGINT
    assert reader.load(path, TODAY).errors == 0
    output(path.parent, "fsck")
    assert run("--yes") == 0
    assert left(path.parent) == objects_with(path.parent) == 0
    assert output(path.parent, "status", "--porcelain") == ""
    assert output(path.parent, "log", "--format=%s").splitlines() == ["Take out a passage to protect somebody", "First"]
    assert path.read_text().count("in every spelling") == 1


def test_what_somebody_wrote_after_a_cut_is_not_written_over(
    path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(rewriting, "_moved", cut)
        assert run("--yes") == 128 + signal.SIGINT
    source = path.parent / "sources" / "report-one.yaml"
    source.write_text(SOURCE.replace("What it asks for.", "Somebody's work."))
    assert run() == 0
    assert "an earlier run was cut off" in said(run)
    assert run("--yes") == 4
    assert "not committed: 1 file that somebody changed" in said(run)
    assert "Somebody's work." in source.read_text()
    git(path.parent, "commit", "-qm", "Work", "sources/report-one.yaml")
    assert run("--yes") == 0
    assert objects_with(path.parent) == 0
    assert "Somebody's work." in source.read_text()


def test_a_second_point_on_the_same_day_gets_a_note_of_its_own(path: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / "second.txt").write_text("Финансировать приюты")
    assert run("--yes") == 0
    assert run("--yes", text_file=tmp_path / "second.txt") == 0
    registry = reader.load(path, TODAY).registry
    assert registry
    assert [each.record for each in registry.file.corrections] == ["open-shelters", "fund-shelters"]
    now = set(history.renamed(path.parent / ".git").values())
    assert now == set(output(path.parent, "rev-parse", "HEAD~1", "HEAD~2").split())


def _ended(folder: Path) -> None:
    """Waits until no git that was begun there is left: one ends by itself what it began, and holds its locks so long."""
    for _ in range(300):
        time.sleep(0.1)
        lines = []
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):  # it has ended meanwhile
                lines.append(each.read_bytes())
        if not any(line.startswith(b"git\0") and os.fsencode(folder) in line for line in lines):
            return
    raise AssertionError("a git is still at work")


def test_a_killed_process_leaves_what_can_be_finished(old: Path, run: Run, names: Path) -> None:
    words = [sys.executable, "-m", "dashboard", "--registry", str(old), "redact", "--text-file", str(names), "--yes"]
    for seconds in (0.8, 1.2, 1.6, 2.2):
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.kill()
        process.wait()
        _ended(old.parent)
        assert reader.load(old, TODAY).errors == 0
        output(old.parent, "fsck", "--connectivity-only")
    assert run("--yes", registry=old) == 0
    assert left(old.parent) == objects_with(old.parent) == 0


def test_a_commit_made_meanwhile_stops_it_before_anything_is_forgotten(
    path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rewriting._moved

    def meanwhile(*arguments: object) -> None:
        git(path.parent, "branch", "another")
        real(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(rewriting, "_moved", meanwhile)
        assert run("--yes") == 4
    assert "meanwhile" in said(run)
    assert run("--yes") == 0
    assert objects_with(path.parent) == 0


# --- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [access.Role.READER, access.Role.CONTRIBUTOR])
def test_only_an_editor_may(path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, role: access.Role) -> None:
    before = everything(path.parent)
    monkeypatch.setenv(entering.ROLE_VARIABLE, role)
    assert run("--yes") == run() == 5
    assert everything(path.parent) == before
    with pytest.raises(access.NotAllowed):
        redacting.redact(path, Passages([NAME]), lambda: access.Who(role, EDITORS), TODAY)


@pytest.mark.parametrize(
    ("passage", "why"),
    [
        ("abc", "fewer than 4 letters"),
        ("!!! ---", "fewer than 4 letters"),
        ("open-shelters", "an id, a date, a status"),
        ("in-progress", "an id, a date, a status"),
        ("recommendations", "the name of a field"),
        ("done_when", "the name of a field"),
        ("committer", "a word of git's own"),
        ("removed", "a word of git's own or of the note"),
        ("protect somebody", "the note that is left"),
        ("2025-03-01", "an id, a date, a status"),
    ],
)
def test_what_would_break_the_registry_is_refused(path: Path, run: Run, tmp_path: Path, passage: str, why: str) -> None:
    (tmp_path / "bad.txt").write_text(passage)
    before = everything(path.parent)
    for options in ((), ("--yes",)):
        assert run(*options, text_file=tmp_path / "bad.txt") == 1
        assert why in said(run)
        assert "nothing was changed" in said(run)
    assert everything(path.parent / ".git" / "objects") == everything(path.parent / ".git" / "objects")
    assert path.read_text() == HELD
    assert before


def test_a_common_word_is_asked_about(path: Path, run: Run, tmp_path: Path) -> None:
    (path.parent / "notes.txt").write_text("pelican " * 60)
    git(path.parent, "add", "-A")
    git(path.parent, "commit", "-qm", "Notes")
    (tmp_path / "word.txt").write_text("pelican")
    assert run("--yes", text_file=tmp_path / "word.txt") == 1
    assert "60 places" in said(run)
    assert "--all-places" in said(run)
    assert run("--yes", "--all-places", text_file=tmp_path / "word.txt") == 0
    assert (path.parent / "notes.txt").read_text() == f"{MARK} " * 60


def hindered(folder: Path, how: str) -> Path:
    """The registry of a repository in which it cannot be done."""
    if how == "shallow":
        git(folder, "commit", "-q", "--allow-empty", "-m", "Second")
        git(folder.parent, "clone", "-q", "--depth", "1", f"file://{folder}", "shallow")
        return folder.parent / "shallow" / "recommendations.yaml"
    if how == "worktree":
        git(folder, "worktree", "add", "-q", str(folder.parent / "other"))
    if how == "alternates":
        git(folder.parent, "clone", "-q", "--shared", str(folder), "shared")
        return folder.parent / "shared" / "recommendations.yaml"
    if how == "submodule":
        git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},part")
        git(folder, "commit", "-qm", "Part")
        (folder / "part").mkdir()
    if how == "merge":
        (folder / ".git" / "MERGE_HEAD").write_text(output(folder, "rev-parse", "HEAD"))
    if how == "changed":
        (folder / "recommendations.yaml").write_text(HELD.replace("Small", "Smaller"))
    if how == "staged":
        (folder / "sources" / "report-one.yaml").write_text(SOURCE + "# more\n")
        git(folder, "add", "-A")
    if how == "branch":
        git(folder, "checkout", "-q", "-b", f"for-{LATIN.replace(' ', '-')}")
    if how == "sparse":
        (folder / "large").mkdir()
        (folder / "large" / "file.txt").write_text("x")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "Large")
        git(folder, "sparse-checkout", "set", "--no-cone", "/*", "!/large")
    if how == "filter":
        (folder / ".gitattributes").write_text("*.bin filter=lfs\n")
        (folder / "a.bin").write_text("pointer")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "Elsewhere")
    if how == "lfs":
        (folder / ".git" / "lfs" / "objects").mkdir(parents=True)
        (folder / ".git" / "lfs" / "objects" / "one").write_text(NAME)
    if how == "settings":
        git(folder, "config", "user.name", NAME)
    return folder / "recommendations.yaml"


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("shallow", "git fetch --unshallow"),
        ("worktree", "git worktree remove"),
        ("alternates", "borrowed"),
        ("submodule", "submodules"),
        ("merge", "a merge is under way"),
        ("changed", "git commit -a"),
        ("staged", "git commit -a"),
        ("branch", "git branch -m"),
        ("settings", ".git/config"),
        ("sparse", "git sparse-checkout disable"),
        ("filter", "git lfs migrate export"),
        ("lfs", "git lfs migrate export"),
    ],
)
def test_where_the_history_cannot_be_rewritten_it_is_told_with_the_way_out(
    path: Path, run: Run, how: str, what: str
) -> None:
    there = hindered(path.parent, how)
    before = there.read_bytes(), objects_with(there.parent)
    for options in ((), ("--yes",)):
        assert run(*options, registry=there) == 6
        assert what in said(run)
    assert (there.read_bytes(), objects_with(there.parent)) == before


def test_a_detached_head_is_moved_too(path: Path, run: Run) -> None:
    git(path.parent, "checkout", "-q", "--detach")
    assert run("--yes") == 0
    assert objects_with(path.parent) == 0
    assert output(path.parent, "status", "--porcelain") == ""
    assert MARK in output(path.parent, "show", "HEAD:recommendations.yaml")


def test_another_encoding_of_the_list_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_bytes(NAME.encode("utf-16"))
    assert run(text_file=tmp_path / "list.txt") == 1
    assert "it is not UTF-8" in said(run)
    (tmp_path / "list.txt").write_text("\n  \n")
    assert run(text_file=tmp_path / "list.txt") == 2
    assert run(text_file=tmp_path / "nowhere.txt") == 6


def test_the_list_comes_from_standard_input_and_stays_out_of_the_arguments(path: Path) -> None:
    words = [sys.executable, "-m", "dashboard", "--registry", str(path), "redact", "--text-file", "-", "--yes"]
    done = subprocess.run(words, cwd=ROOT, input=BOTH.encode(), capture_output=True, check=False)
    assert done.returncode == 0
    assert b"0 places left" in done.stdout
    assert NAME.encode() not in done.stdout + done.stderr
    assert left(path.parent) == 0


def test_a_folder_by_that_name_is_not_printed_either(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path / LATIN, HELD)
    (tmp_path / LATIN / "names.txt").write_text(BOTH)
    assert run("--also", tmp_path / LATIN, registry=path, text_file=tmp_path / LATIN / "names.txt") == 0
    assert run("--yes", registry=path, text_file=tmp_path / LATIN / "names.txt") == 0
    path.unlink()
    assert run(registry=path) == 6
    assert f"{MARK}/recommendations.yaml" in said(run)


def test_another_save_is_waited_for(path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swapping, "LOCK_SECONDS", 0.2)
    with swapping.locked(path.parent):
        assert run("--yes") == 4
    assert path.read_text() == HELD


# --- copies -----------------------------------------------------------------------------------------


def message(text: str) -> inbox.Message:
    return inbox.Message(kind=inbox.Saying.TAKE_OUT, text=text)


def test_the_inbox_is_mended_at_no_hour(run: Run, box: Path) -> None:
    receipt = inbox.add(message(f"Please take out {NAME}, also “{LATIN}”."), box, TODAY)
    inbox.add(message("Something else"), box, TODAY)
    other = (box / "2.json").read_bytes()
    inbox.add(message("Settled"), box, TODAY)
    inbox.settle(box, 3, inbox.State.DECLINED, TODAY, inbox.Reason.OTHER, f"Thank you, {NAME}")
    assert run("--yes") == 0
    assert "inbox: 2 messages mended" in said(run)
    assert inbox.read(box, 1).message.text == f"Please take out {MARK}, also “{MARK}”."
    assert inbox.read(box, 1).receipt == receipt
    assert inbox.damaged(box) == []
    assert (box / "2.json").read_bytes() == other
    assert (box / "1.json").stat().st_mtime % 86400 == 0
    assert stat.S_IMODE((box / "1.json").stat().st_mode) == 0o600
    assert left(box) == 0


def zipped(name: str, text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return made.getvalue()


def test_outputs_that_hold_it_go_and_the_rest_stays(run: Run, tmp_path: Path) -> None:
    out, outside = tmp_path / "out", tmp_path / "outside"
    for folder in (out / "site", outside):
        folder.mkdir(parents=True)
    (outside / "secret.txt").write_text(NAME)
    (out / "data.xlsx").write_bytes(zipped("xl/sharedStrings.xml", f"<t>{NAME}</t>"))
    (out / "other.xlsx").write_bytes(zipped("xl/sharedStrings.xml", "<t>nobody</t>"))
    (out / "page.html").write_text(f"<p>{NAME}</p>")
    (out / "mine.txt").write_text("mine")
    (out / "brief.pdf").write_bytes(b"%PDF-1.7 packed")
    (out / f"{LATIN}\n\x1b[31m.txt").write_text("hostile")
    (out / "folder").symlink_to(outside)
    (out / "link").symlink_to(outside / NAME)
    (out / "site" / "index.html").write_text(f"<p>{LATIN}</p>")
    (out / "site" / "about.html").write_text("<p>about</p>")
    (out / "site" / "tracker.sha256").write_text("00  index.html\n00  about.html\n")
    kept = {each: each.read_bytes() for each in (out / "other.xlsx", out / "mine.txt", out / "site" / "about.html")}
    assert run("--also", out) == 0
    assert "brief.pdf: could not be searched" in said(run)
    assert run("--yes", "--also", out) == 0
    assert {each: each.read_bytes() for each in kept} == kept
    assert not (out / "data.xlsx").exists()
    assert not (out / "site" / "index.html").exists()
    assert "index.html: removed; make it anew" in said(run)
    assert (out / "page.html").read_text() == f"<p>{MARK}</p>"
    assert (out / "folder").is_symlink()
    assert not (out / "link").is_symlink()
    assert (outside / "secret.txt").read_text() == NAME
    assert left(out) == 0
    assert "\x1b" not in said(run)


def test_files_beside_that_git_does_not_keep_are_mended_and_the_list_itself_is_not(path: Path, run: Run) -> None:
    (path.parent / "draft.txt").write_text(f"A draft about {NAME}")
    (path.parent / "names.txt").write_text(BOTH)
    assert run("--yes", text_file=path.parent / "names.txt") == 0
    assert (path.parent / "draft.txt").read_text() == f"A draft about {MARK}"
    assert (path.parent / "names.txt").read_text() == BOTH
    assert "shred -u" in said(run)


def test_what_cannot_be_read_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "closed.txt").write_text("x")
    real = Path.read_bytes

    def refused(self: Path) -> bytes:
        if self.name == "closed.txt":
            raise PermissionError(13, "Permission denied", str(self))
        return real(self)

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert run("--yes", "--also", out) == 6
    assert "closed.txt: Permission denied: could not be read" in said(run)


def test_a_hook_that_holds_it_is_told_and_not_touched(path: Path, run: Run) -> None:
    hook = path.parent / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n# {NAME}\n")
    assert run("--yes") == 3
    assert "hooks/post-commit: still holds it" in said(run)
    assert NAME in hook.read_text()
    assert recording.busy(path) == ""


def test_another_repository_in_a_named_folder_is_told_and_not_touched(path: Path, run: Run, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--no-local", str(path.parent), "also/clone")
    git(tmp_path, "clone", "-q", "--bare", str(path.parent), "also/bare.git")
    clone = tmp_path / "also" / "clone"
    (clone / f"{LATIN}.txt").write_text("x")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", LATIN)
    before = everything(clone)
    assert run("--yes", "--also", tmp_path / "also") == 6
    assert said(run).count("a git repository of its own, not looked into: run redact there") == 2
    assert everything(clone) == before
    assert run("--yes", "--also", path.parent) == 0
    assert "of its own" not in said(run)


def test_a_named_folder_that_is_a_link_is_followed_and_one_that_is_nowhere_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "page.html").write_text(NAME)
    (tmp_path / "link").symlink_to(tmp_path / "site")
    assert run("--also", tmp_path / LATIN) == 2
    assert f"{MARK}: no such folder or file" in said(run)
    assert run("--yes", "--also", tmp_path / "link") == 0
    assert (tmp_path / "site" / "page.html").read_text() == MARK


def test_a_bundle_is_not_taken_for_a_file_without_the_passage(path: Path, run: Run, tmp_path: Path) -> None:
    git(path.parent, "bundle", "create", "-q", str(tmp_path / "kept.bundle"), "--all")
    assert run("--also", tmp_path / "kept.bundle") == 0
    assert "kept.bundle: could not be searched" in said(run)


@pytest.mark.parametrize("part", ["HEAD^{tree}", "HEAD~1"])
def test_a_word_of_hexadecimal_letters_is_not_taken_for_the_name_of_an_object(
    path: Path, run: Run, tmp_path: Path, part: str
) -> None:
    git(path.parent, "commit", "-q", "--allow-empty", "-m", "Second")
    shutil.rmtree(path.parent / ".git" / "logs")
    (tmp_path / "hex.txt").write_text(output(path.parent, "rev-parse", part)[8:13])
    assert run(text_file=tmp_path / "hex.txt") == 0
    assert "It was found nowhere in " in said(run)
    assert run("--yes", text_file=tmp_path / "hex.txt") == 0


def test_addresses_cited_before_open_after_a_word_of_hexadecimal_letters_too(
    path: Path, run: Run, tmp_path: Path
) -> None:
    old = output(path.parent, "rev-parse", "HEAD").strip()
    assert run("--yes") == 0
    (tmp_path / "hex.txt").write_text(old[8:13])
    assert run("--yes", text_file=tmp_path / "hex.txt") == 0
    assert old in history.renamed(path.parent / ".git")


def test_a_detached_head_is_not_thrown_away_for_its_hexadecimal_letters(path: Path, run: Run, tmp_path: Path) -> None:
    git(path.parent, "checkout", "-q", "--detach")
    (tmp_path / "hex.txt").write_text(output(path.parent, "rev-parse", "HEAD")[8:13])
    assert run("--yes", text_file=tmp_path / "hex.txt") == 0
    assert output(path.parent, "status", "--porcelain") == ""


def test_a_signature_that_holds_it_by_chance_is_dropped(path: Path, run: Run) -> None:
    folder = path.parent
    tree = output(folder, "rev-parse", "HEAD^{tree}").strip()
    signed = (
        f"tree {tree}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\ngpgsig -----BEGIN\n {LATIN}\n -----END\n\nm\n"
    )
    name = output(folder, "hash-object", "-t", "commit", "-w", "--stdin", input=signed).strip()
    git(folder, "reset", "-q", "--hard", name)
    assert run("--yes") == 0, said(run)
    assert objects_with(folder) == 0


def test_a_name_with_its_address_goes_out_of_authors(path: Path, run: Run, tmp_path: Path) -> None:
    who = "Anna Bell <anna@example.org>"
    git(path.parent, "commit", "-q", "--allow-empty", "-m", "Second", "--author", who)
    (tmp_path / "who.txt").write_text(f"Anna Bell\n{who}\n")
    assert run("--yes", text_file=tmp_path / "who.txt") == 0, said(run)
    assert output(path.parent, "log", "-1", "--format=%an <%ae>", "HEAD^").strip() == f"{MARK} <{MARK}>"


@pytest.mark.parametrize("how", ["autocrlf", "attributes"])
def test_line_ends_that_git_turns_are_left_to_git(path: Path, run: Run, how: str) -> None:
    if how == "autocrlf":
        git(path.parent, "config", "core.autocrlf", "true")
    else:
        (path.parent / ".gitattributes").write_text("*.yaml text eol=crlf\n")
        git(path.parent, "add", "-A")
        git(path.parent, "commit", "-qm", "Line ends")
    path.unlink()
    git(path.parent, "checkout", "-q", ".")
    assert b"\r\n" in path.read_bytes()
    assert run("--yes") == 0, said(run)
    assert b"\r\n" in path.read_bytes()
    assert "\r" not in output(path.parent, "cat-file", "blob", "HEAD:recommendations.yaml")
    assert output(path.parent, "status", "--porcelain") == ""


@pytest.mark.parametrize("passage", ["shelters name", "title: {en: Open shelters", "open-shelters title"])
def test_a_passage_over_two_fields_is_refused(path: Path, run: Run, tmp_path: Path, passage: str) -> None:
    (tmp_path / "over.txt").write_text(passage)
    assert run("--yes", text_file=tmp_path / "over.txt") == 1
    assert "nothing was changed" in said(run)
    assert path.read_text() == HELD


def test_an_inbox_that_cannot_be_searched_stops_it(path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(inbox.INBOX_VARIABLE, str(path.parent / "box"))
    for options in ((), ("--yes",)):
        assert run(*options) == 6
        assert f"set {inbox.INBOX_VARIABLE} to a folder outside" in said(run)
    assert path.read_text() == HELD


def test_the_push_is_printed_for_whoever_stands_in_another_folder(path: Path, run: Run, tmp_path: Path) -> None:
    git(path.parent, "clone", "-q", "--bare", ".", str(tmp_path / "there.git"))
    git(path.parent, "remote", "add", "origin", str(tmp_path / "there.git"))
    git(path.parent, "fetch", "-q")
    assert run("--yes") == 0
    commands = [line.strip() for line in said(run).splitlines() if line.strip().startswith("git ")]
    assert len(commands) == 2
    for each in commands:
        subprocess.run(each, shell=True, check=True, cwd=tmp_path, capture_output=True)
    assert output(tmp_path / "there.git", "rev-parse", "main") == output(path.parent, "rev-parse", "main")


@pytest.mark.parametrize("word", ["Remote", "repositoryformat"])
def test_a_word_of_git_s_settings_is_told_as_such(path: Path, run: Run, tmp_path: Path, word: str) -> None:
    git(path.parent, "config", "remote.origin.url", "https://git.example.org/tracker.git")
    (tmp_path / "word.txt").write_text(word)
    assert run(text_file=tmp_path / "word.txt") == 6
    assert "if it is a word of git's own there, write more of what stands around it" in said(run)


def test_a_line_of_half_a_letter_is_typed_again(
    path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = iter([b"\xd3\x98\xd1", NAME.encode(), LATIN.encode(), b""])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _: next(lines).decode())
    assert run("--yes", text_file="-") == 0, said(run)
    assert "that line was not UTF-8 and is not taken; type it again" in said(run)
    assert objects_with(path.parent) == 0


def test_a_full_disk_is_named_where_git_complains_of_it(
    path: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = f"echo 'fatal: {LATIN}: No space left on device' >&2; exit 128"
    with monkeypatch.context() as patched:
        shim(tmp_path / "bin", patched, f'case "$*" in *repack*) {full};; esac\nexec $GIT "$@"')
        assert run("--yes") == 6
    assert "git repack did not work (No space left on device)" in said(run)
    assert run("--yes") == 0


def test_branches_whose_names_would_clash_are_told_with_the_way_out(path: Path, run: Run) -> None:
    for name in (LATIN.replace(" ", "-"), f"{NAME.replace(' ', '-')}/one"):
        git(path.parent, "branch", name)
    assert run("--yes") == 6
    assert "the names of two branches or tags would clash" in said(run)
    git(path.parent, "branch", "-m", f"{NAME.replace(' ', '-')}/one", "other")
    assert run("--yes") == 0
    assert objects_with(path.parent) == 0
