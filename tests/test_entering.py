"""The verbs that change a registry, each in a process of its own: what is written, said, refused, and the exit code."""

import fcntl
import os
import resource
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import get_type_hints

import pytest

from dashboard import cli, entering, sorting
from dashboard.registry import access, commands, inbox, reader, store
from dashboard.registry.access import LOCAL_EDITOR, NOBODY, Who
from dashboard.registry.inbox import Saying, State
from dashboard.registry.scalars import Text, today
from dashboard.registry.swapping import Changed
from tests.small import REGISTRY, ROOT, command, committed, written

EVIDENCE = "id: new-page\nsays: {kk: Беттің мәні}\nowner: independent\nform: news\nurl: https://example.org/new\npublisher: A paper\n"
ADDED = {
    "evidence": EVIDENCE,
    "actor": "- id: new-body\n  name: {en: N, ru: Н, kk: Н}\n  kind: donor\n  side: foreign\n...\n",
    "theme": "id: new-theme\nname: {en: N, ru: Н, kk: Н}\n",
    "instrument": "id: c190\nname: C190\n",
    "source": "id: new-source\ntitle: T\npublisher: P\nowner: independent\nform: report\npublished: 2024\n"
    "url: https://example.org/s\nlanguage: en\nlicence: all rights reserved\nrights: quote-only\nsummary: S\n",
    "record": "id: new-point\ntitle: {en: N, ru: Н, kk: Н}\nkind: demand\ntheme: shelters\norigin:\n"
    "  - {source: report-one, paragraph: 1, quote: every region, by: an-author, told: own}\n"
    "actors:\n  - {actor: the-ministry, role: must-act, basis: named}\nopen_ended: true\n",
}
DAY = str(today() - timedelta(days=40))


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry with an inbox outside of it."""
    monkeypatch.setenv(inbox.INBOX_VARIABLE, str(tmp_path / "inbox"))
    return written(tmp_path / "registry")


def _sent(kind: Saying, path: Path, **more: str) -> None:
    fields = {"kind": str(kind), "about": "open-shelters", "text": "Жаңа баспана ашылды", "language": "kk", **more}
    if kind == Saying.ANSWER:
        fields |= {"position": "agreed", "body": "the-ministry"}
    inbox.add(inbox.message(fields, today()), inbox.place(path), today())


# --- every verb -------------------------------------------------------------------------------------

VERBS = {
    "assess": ("open-shelters", "in-progress", "--as-of", DAY, "--evidence", "audit-report", "--note", "Тринадцать", "--in", "ru"),
    "look": ("open-shelters", "fund-shelters", "--where", "Their pages", "--on", DAY),
    "answer": ("open-shelters", "agreed", "--by", "the-ministry", "--on", DAY, "--text", "Yes:\nwe will"),
    "step": ("open-shelters", "done", "--step", "A law", "--on", DAY),
    "fund": ("fund-shelters", "--by", "the-donor", "--stage", "paid", "--purpose", "Beds", "--amount", "12.50", "--currency", "EUR"),
    "setback": ("open-shelters", "--on", DAY, "--what", "Closed", "--evidence", "audit-report"),
    "ask": ("open-shelters", "the-ministry", "--on", DAY, "--how", "By letter"),
    "quote": ("open-shelters", "report-one", "--by", "an-author", "--told", "own", "--paragraph", "2", "--quote", "every region"),
    "involve": ("open-shelters", "the-donor", "pays"),
    "align": ("open-shelters", "sdg:5.2", "near"),
    "relate": ("open-shelters", "fund-shelters", "beside"),
    "due": ("open-shelters", "2030", "--basis", "The plan"),
    "edit": ("open-shelters", "title.ru", "Открыть: все"),
    "translate": ("audit-report", "says", "ru", "Сосчитали", "--of", "evidence"),
    "withdraw": ("open-shelters", "1", "--why", "Another town"),
    "retire": ("open-shelters", "--reason", "Twice"),
    "merge": ("open-shelters", "fund-shelters", "--reason", "The same"),
    "correct": ("open-shelters", "--was", "11", "--now", "12"),
    "withhold": ("audit-report",),
    "tend": ("shelters", "--steward", "The union of crisis centres", "--check-every-days", "90"),
}  # fmt: skip


@pytest.mark.parametrize("verb", entering.VERBS)
def test_each_verb_is_saved_and_committed_in_one_line(tmp_path: Path, verb: str) -> None:
    path = written(tmp_path)
    committed(tmp_path)
    done = command(verb, *VERBS[verb], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    said, _, commit = done.stdout.removesuffix(")\n").partition(" (")
    assert said.startswith(f"recommendations.yaml: {verb.capitalize()} ")
    assert "\n" not in said
    log = _git(tmp_path, "log", "-1", "--format=%h %an %ad", "--date=iso")
    assert log.startswith(commit[:7])
    assert log.endswith(f" editors {today()} 00:00:00 +0000")
    assert _git(tmp_path, "status", "--porcelain") == ""
    assert reader.load(path, today()).errors == 0
    assert path.read_text("utf-8") != REGISTRY
    assert sorted(each.name for each in tmp_path.iterdir() if not each.name.startswith(".")) == [path.name, "sources"]


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("what", sorted(entering.ADDED))
def test_each_kind_of_entry_is_added_from_a_file(tmp_path: Path, what: str) -> None:
    path = written(tmp_path)
    (tmp_path / "entry.yaml").write_text(ADDED[what], "utf-8")
    done = command("add", what, "entry.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    loaded = reader.load(path, today())
    assert loaded.errors == 0
    assert loaded.registry
    name = ADDED[what].partition("id: ")[2].partition("\n")[0]
    lists = (loaded.registry.records, loaded.registry.actors, loaded.registry.evidence, loaded.registry.themes, loaded.registry.instruments, loaded.registry.source_by_id)  # fmt: skip
    assert sum(name in each for each in lists) == 1
    assert command("add", what, "entry.yaml", cwd=tmp_path).returncode == 2


def test_words_in_another_language_are_kept_as_that(tmp_path: Path) -> None:
    path = written(tmp_path)
    command("assess", *VERBS["assess"], cwd=tmp_path)
    assert "        note:\n          ru: Тринадцать\n" in path.read_text("utf-8")


def test_conditions_met_are_typed_with_what_shows_each(tmp_path: Path) -> None:
    path = written(tmp_path)
    words = ("assess", "open-shelters", "implemented", "--as-of", DAY, "--note", "All.", "--evidence", "audit-report")
    assert command(*words, "--met", "1:audit-report,audit-report", cwd=tmp_path).returncode == 0
    assert "          - condition: 1\n            evidence: [audit-report, audit-report]\n" in path.read_text("utf-8")
    done = command(*words, "--met", "1", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "--met: '1' names no evidence; write the condition's number and ids, such as 1:audit-report\n")  # fmt: skip


# --- exit codes -------------------------------------------------------------------------------------


def test_a_change_that_brings_errors_is_refused_with_all_of_them_and_their_places(tmp_path: Path) -> None:
    path = written(tmp_path)
    done = command("assess", "open-shelters", "ongoing", "--as-of", "2999", "--evidence", "audit-repor", "--note", "x", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 1
    *problems, summary = done.stderr.splitlines()
    assert all(
        problem.startswith("recommendations.yaml:") and ": error: [open-shelters] " in problem for problem in problems
    )
    assert any("did you mean 'audit-report'?" in problem for problem in problems)
    assert any("is in the future" in problem for problem in problems)
    assert summary == f"the change would bring {len(problems)} new problems; nothing was saved"
    assert path.read_text("utf-8") == REGISTRY


def test_what_no_registry_may_hold_is_refused_as_the_reader_says_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    done = command("edit", "open-shelters", "summary", "x" * 66_000, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "a text of 66,000 characters; at most 65,536; nothing was changed\n")
    assert path.read_text("utf-8") == REGISTRY


def test_wrong_words_are_told_all_at_once_with_the_nearest(tmp_path: Path) -> None:
    written(tmp_path)
    done = command(
        "assess", "Open Shelters", "implementd", "--as-of", "soon", "--note", "", "--by", "x y", cwd=tmp_path
    )
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 5
    assert lines[0] == "RECORD: 'Open Shelters'; an id has lower-case Latin letters, digits and single hyphens"
    assert lines[1].startswith("STATUS: 'implementd' is not allowed here; did you mean 'implemented'? allowed are ")
    assert (
        "--as-of: 'soon' is not a date; write YYYY-MM-DD, YYYY-MM or YYYY, with ~ after it where approximate" in lines
    )
    assert "--note.en: it is empty; write a text, or remove the line" in lines
    assert "--by: 'x y'; an id has lower-case Latin letters, digits and single hyphens" in lines


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("look", "open-shelter", "--where", "x"), "there is no point 'open-shelter'; did you mean 'open-shelters'?\n"),
        (("edit", "open-shelters", "assessments.1.note", "x"), "assessments.1.note: an assessment is never changed: withdraw it and assess anew\n"),
        (("withdraw", "open-shelters", "2", "--why", "x"), "there is no assessment '2'; there are 2025-04-01/editors/1\n"),
    ],
)  # fmt: skip
def test_what_is_impossible_is_wrong_usage(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    written(tmp_path)
    done = command(*words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: x\nid: y\n", "entry.yaml:2:1: the field 'id' stands twice here; keep one of the two\n"),
        ("id: [\n", "entry.yaml:2:1: this is not YAML"),
        ("- id: a\n- id: b\n", "the file: a list where a group of fields is expected; write one field a line, name: value\n"),
        ("id: A\nsays: x\nowner: me\nform: news\n", "owner: 'me' is not allowed here; write one of independent, intergovernmental, state\nid: 'A'; an id has "),
        ("id: a\n", "the file: the field says is missing; add it\n"),
        ("id: a\u202eb\n", "entry.yaml:1:6: the invisible or control character U+202E; remove it\n"),
        ("", "entry.yaml:1:1: the file is empty; "),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_entry_is_told_with_its_faults(tmp_path: Path, text: str, said: str) -> None:
    written(tmp_path)
    (tmp_path / "entry.yaml").write_text(text, "utf-8")
    done = command("add", "evidence", "entry.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr


def test_while_another_save_is_under_way_it_is_a_conflict(tmp_path: Path) -> None:
    path = written(tmp_path)
    handle = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = command("look", *VERBS["look"], cwd=tmp_path)
    finally:
        os.close(handle)
    assert (done.returncode, done.stdout) == (4, "")
    assert "another save is under way; try again in a moment" in done.stderr
    assert path.read_text("utf-8") == REGISTRY


@pytest.mark.parametrize("role", ["reader", "contributor"])
def test_who_may_not_save_is_told_who_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    path = written(tmp_path)
    monkeypatch.setenv(entering.ROLE_VARIABLE, role)
    done = command("look", *VERBS["look"], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == f"a {role} may not save; sign in as editor, or ask those who keep the registry\n"
    assert path.read_text("utf-8") == REGISTRY


def test_a_role_that_is_none_is_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path)
    monkeypatch.setenv(entering.ROLE_VARIABLE, "boss")
    done = command("look", *VERBS["look"], cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "TRACKER_ROLE: 'boss' is no role; write one of reader, contributor, editor\n")  # fmt: skip


def test_where_nothing_can_be_read_or_written_the_exit_code_is_6(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path)
    assert command("look", *VERBS["look"], "--registry", "absent/r.yaml", cwd=tmp_path).returncode == 6
    assert command("add", "evidence", "absent.yaml", cwd=tmp_path).returncode == 6
    words = [sys.executable, "-m", "dashboard", "look", *VERBS["look"]]

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = subprocess.run(words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, text=True, check=False, preexec_fn=full)  # fmt: skip
    assert done.returncode == 6
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    monkeypatch.setenv("TRACKER_DISK", "passing")
    done = command("look", *VERBS["look"], cwd=tmp_path)
    assert done.returncode == 6
    assert "does not last and no git remote is set up" in done.stderr
    assert path.read_text("utf-8") == REGISTRY


def test_every_option_of_every_verb_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    parser = cli._parser()
    verbs = next(each for each in parser._actions if each.dest == "==SUPPRESS==" or each.nargs == "A...").choices
    assert isinstance(verbs, dict)
    for verb, (kind, typed) in entering.VERBS.items():
        said = verbs[verb].format_help()
        for each in verbs[verb]._actions:
            assert each.help, (verb, each.dest)
        assert " ".join(name.upper() for name in typed) in said.replace(" [RECORDS ...]", "").replace("[TEXT]", "TEXT")
        assert "--in LANGUAGE" in said or not any(entering._holds(hint, Text) for hint in get_type_hints(kind).values())


# --- the inbox --------------------------------------------------------------------------------------


def test_a_slip_is_taken_in_listed_and_shown(box: Path, tmp_path: Path) -> None:
    slip = inbox.slip(inbox.message({"kind": "changed", "about": "open-shelters", "text": "Жаңа\nбаспана", "language": "kk"}, today()))  # fmt: skip
    (tmp_path / "slip.txt").write_bytes(b"\xef\xbb\xbf" + f"Hello\n{slip}".encode())
    done = command("inbox", "add", tmp_path / "slip.txt", cwd=box.parent)
    assert done.returncode == 0, done.stderr
    receipt = done.stdout.removeprefix("taken in; receipt ").strip()
    assert command("inbox", "list", cwd=box.parent).stdout == f"   1  {today()}  changed      open-shelters\n"
    shown = command("inbox", "show", "1", cwd=box.parent).stdout
    assert shown.startswith(f"message 1, receipt {receipt}, came on {today()}\nTRACKER SLIP 1\npoint: open-shelters\n")
    assert "Жаңа\nбаспана\nEND\n" in shown


@pytest.mark.parametrize(("text", "code"), [(b"no slip", 1), (b"\xff\xfe", 1), (b"TRACKER SLIP 1\npoint: no-point\nsays: changed\ntext: x\nEND\n", 1)])  # fmt: skip
def test_what_is_no_slip_is_told_by_its_line(box: Path, tmp_path: Path, text: bytes, code: int) -> None:
    (tmp_path / "slip.txt").write_bytes(text)
    done = command("inbox", "add", tmp_path / "slip.txt", cwd=box.parent)
    assert done.returncode == code
    assert done.stderr.startswith("line ")
    assert command("inbox", "list", cwd=box.parent).stdout == ""


@pytest.mark.parametrize(
    ("kind", "words", "lines"),
    [
        (Saying.NOTHING_NEW, (), "      - {on: %s, by: editors, where: {kk: Жаңа баспана ашылды}, recorded_on: %s}\n"),
        (Saying.NOTHING_NEW, ("look", "--on", "2025-11", "--by", "an-author"), "      - {on: 2025-11, by: an-author, where: {kk: Жаңа баспана ашылды}, recorded_on: %s}\n"),
        (Saying.ANSWER, (), "    answers:\n      - by: the-ministry\n        position: agreed\n        on: %s\n        text:\n          kk: Жаңа баспана ашылды\n"),
        (Saying.ANSWER, ("answer", "--position", "agreed-in-part", "--text", "We will", "--on", "2025-11"), "        position: agreed-in-part\n        on: 2025-11\n        text: We will\n"),
        (Saying.CHANGED, ("assess", "--status", "in-progress", "--evidence", "audit-report", "--as-of", "2025-11"), "        evidence: [audit-report]\n        note:\n          kk: Жаңа баспана ашылды\n"),
        (Saying.WRONG, ("edit", "--field", "title.kk", "--value", "Баспана"), "kk: Баспана}\n    kind: demand"),
    ],
)  # fmt: skip
def test_a_message_is_published_as_it_suggests_or_as_mended(box: Path, kind: Saying, words: tuple[str, ...], lines: str) -> None:  # fmt: skip
    committed(box.parent)
    _sent(kind, box)
    done = command("inbox", "publish", "1", *words, cwd=box.parent)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("message 1: published; its text is deleted from the inbox\n")
    assert lines.replace("%s", str(today())) in box.read_text("utf-8")
    kept = b"".join(each.read_bytes() for each in inbox.place(box).rglob("*") if each.is_file())
    assert "Жаңа".encode() not in kept
    assert command("inbox", "list", cwd=box.parent).stdout == ""
    again = command("inbox", "publish", "1", *words, cwd=box.parent)
    assert (again.returncode, again.stderr) == (4, "message 1 is settled already; nothing was done\n")
    history = _git(box.parent, "log", "-1", "--format=%an %ae %cn %aI %B", "--no-show-signature")
    assert "T00:00:00" in history
    assert "Жаңа" not in history


def test_a_message_that_suggests_nothing_complete_says_what_is_missing(box: Path) -> None:
    _sent(Saying.CHANGED, box)
    done = command("inbox", "publish", "1", cwd=box.parent)
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "the field status is missing; add it")
    assert "inbox publish 1 assess --FIELD VALUE" in done.stderr
    _sent(Saying.WRONG, box)
    done = command("inbox", "publish", "2", cwd=box.parent)
    assert done.returncode == 2
    assert done.stderr == "a message of the kind wrong suggests no command; name one behind the number, such as edit or correct\n"  # fmt: skip
    assert len(command("inbox", "list", cwd=box.parent).stdout.splitlines()) == 2


def test_a_message_is_declined_for_a_reason_and_its_text_deleted(box: Path) -> None:
    _sent(Saying.CHANGED, box)
    wrong = command("inbox", "decline", "1", "--reason", "unclea", cwd=box.parent)
    assert (wrong.returncode, wrong.stderr) == (2, "--reason: 'unclea' is none; did you mean 'unclear'?\n")
    done = command("inbox", "decline", "1", "--reason", "unclear", "--words", "Which town?", cwd=box.parent)
    assert (done.returncode, done.stdout) == (0, "message 1: not published, unclear; its text is deleted\n")
    again = command("inbox", "decline", "1", "--reason", "unclear", cwd=box.parent)
    assert (again.returncode, again.stderr) == (4, "message 1 is settled already; nothing was done\n")
    assert box.read_text("utf-8") == REGISTRY


@pytest.mark.parametrize("words", [("show", "7"), ("publish", "7"), ("decline", "7", "--reason", "other")])
def test_a_number_that_no_message_has_is_wrong_usage(box: Path, words: tuple[str, ...]) -> None:
    done = command("inbox", *words, cwd=box.parent)
    assert (done.returncode, done.stderr) == (2, "no message 7 waits in the inbox\n")


@pytest.mark.parametrize(
    "words", [("list",), ("show", "1"), ("publish", "1"), ("publish", "7"), ("decline", "1", "--reason", "other")]
)
def test_only_editors_read_and_settle_the_inbox(box: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:  # fmt: skip
    _sent(Saying.NOTHING_NEW, box)
    monkeypatch.setenv(entering.ROLE_VARIABLE, "contributor")
    done = command("inbox", *words, cwd=box.parent)
    assert (done.returncode, done.stdout) == (5, "")
    assert "a contributor may not tend" in done.stderr
    assert len(inbox.waiting(inbox.place(box))) == 1


def test_an_inbox_that_would_be_published_is_refused(box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(inbox.INBOX_VARIABLE, str(box.parent / "inbox"))
    done = command("inbox", "list", cwd=box.parent)
    assert done.returncode == 6
    assert "which is published; set TRACKER_INBOX" in done.stderr


@pytest.mark.parametrize("who", [NOBODY, Who(access.Role.CONTRIBUTOR, "an-author")])
def test_each_act_on_the_inbox_asks_who_it_is(box: Path, tmp_path: Path, who: Who) -> None:
    _sent(Saying.NOTHING_NEW, box)
    made = commands.Look(records=("open-shelters",), where={"en": "x"})  # type: ignore[arg-type]
    for act in (
        lambda: sorting.listed(box, lambda: who),
        lambda: sorting.publish(box, 1, made, lambda: who, "", today()),
        lambda: sorting.publish(box, 7, made, lambda: who, "", today()),  # nor learns that there is none
        lambda: sorting.decline(box, 1, "other", "", lambda: who, today()),
        lambda: sorting.settle(box, 1, lambda: who, today()),
        lambda: sorting.take_in(box, "TRACKER SLIP 1", today(), lambda: who),
    ):
        with pytest.raises(access.NotAllowed):
            act()
    assert box.read_text("utf-8") == REGISTRY
    assert len(inbox.waiting(inbox.place(box))) == 1


def test_whoever_is_stopped_between_saving_and_settling_finds_the_message_waiting(box: Path) -> None:
    """The registry has it: nothing is lost, and to decline it as already known ends it."""
    _sent(Saying.NOTHING_NEW, box)
    program = """if True:
        import os, sys
        from pathlib import Path
        from dashboard import sorting
        from dashboard.registry import inbox
        from dashboard.registry.access import LOCAL_EDITOR
        from dashboard.registry.scalars import today
        from dashboard.entering import built
        from dashboard.registry.commands import Look
        path = Path(sys.argv[1])
        sys.setprofile(lambda frame, event, arg: os._exit(9) if event == "call" and frame.f_code.co_name == "settle" else None)
        sorting.publish(path, 1, built(Look, {"records": ["open-shelters"], "where": "Here"}), lambda: LOCAL_EDITOR, "", today())
    """
    done = subprocess.run([sys.executable, "-c", program, str(box)], cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (9, "")
    assert "where: Here" in box.read_text("utf-8")
    assert [each.number for each in inbox.waiting(inbox.place(box))] == [1]
    done = command("inbox", "decline", "1", "--reason", "already-known", cwd=box.parent)
    assert done.returncode == 0


def test_a_message_that_somebody_settled_meanwhile_is_told_beside_what_was_saved(box: Path) -> None:
    _sent(Saying.NOTHING_NEW, box)
    asked = iter(range(9))

    def who() -> Who:
        if next(asked) == 1:  # the door asks after the message was read
            inbox.settle(inbox.place(box), 1, State.PUBLISHED, today())
        return LOCAL_EDITOR

    made = entering.built(commands.Look, {"records": ["open-shelters"], "where": "Here"})
    saved, outcome = sorting.publish(box, 1, made, who, "", today())
    assert outcome is None
    assert saved.told[-1] == (
        "the registry has it, but message 1 could not be settled (message 1 is settled already; nothing was done); "
        "where it still waits, decline it as already-known"
    )


def test_a_message_is_not_published_over_what_changed_meanwhile(box: Path) -> None:
    _sent(Saying.NOTHING_NEW, box)
    made = entering.built(commands.Look, {"records": ["open-shelters"], "where": "Here"})
    seen = store.seen(box, commands.touched(made))
    box.write_text(REGISTRY.replace("Eleven", "Twelve"), "utf-8")
    with pytest.raises(Changed, match="somebody changed the same entry"):
        sorting.publish(box, 1, made, lambda: LOCAL_EDITOR, seen, today())
    assert [each.number for each in inbox.waiting(inbox.place(box))] == [1]
    assert "Here" not in box.read_text("utf-8")


def test_a_message_is_only_asked_for_by_its_number(box: Path) -> None:
    done = command("inbox", "show", "../1", cwd=box.parent)
    assert done.returncode == 2
    assert "a message has a number; see inbox list" in done.stderr


def test_the_day_is_the_one_of_the_command(tmp_path: Path) -> None:
    path = written(tmp_path)
    made = entering.built(commands.Look, {"records": ["open-shelters"], "where": "Here"})
    said: list[str] = []
    entering.save(path, made, date(2026, 2, 3), said.append, said.append)
    assert "{on: 2026-02-03, by: editors, where: Here, recorded_on: 2026-02-03}" in path.read_text("utf-8")
    assert said[0].startswith(f"{path}: Look open-shelters: nothing new")


def test_whose_it_is_goes_with_not_ours_and_names_a_body_of_the_registry(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    typed = ("--by", "the-ministry", "--on", "2026-01-01", "--text", "It is not ours.")
    for position, whose, told in (
        ("agreed", "the-donor", "leave --whose out, or write: answer open-shelters not-ours --whose the-donor"),
        ("not-ours", "The Donor", "leave it out and say it in --text, or write an id, such as --whose the-state: "),
        ("not-ours", "the-doner", "did you mean 'the-donor'?"),
    ):
        done = command("answer", "open-shelters", position, *typed, "--whose", whose, cwd=tmp_path)
        assert done.returncode == 2
        assert told in done.stderr
        assert path.read_bytes() == before
    assert command("answer", "open-shelters", "not-ours", *typed, "--whose", "the-donor", cwd=tmp_path).returncode == 0


def test_who_was_asked_and_until_when_is_said_and_a_body_without_a_part_is_not_entered(tmp_path: Path) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    typed = ("--on", "2026-10-01", "--how", "By letter.")
    done = command("ask", "open-shelters", "the-donor", *typed, cwd=tmp_path)
    assert done.returncode == 2
    assert "the-donor has no part in open-shelters" in done.stderr
    assert "ask the-ministry, a body above or a part of it" in done.stderr
    assert path.read_bytes() == before
    for actor in ("the-ministry", "the-state"):
        done = command("ask", "open-shelters", actor, *typed, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert f"{actor} was asked on 2026-10-01; an answer is waited for until 2026-11-30" in done.stdout
