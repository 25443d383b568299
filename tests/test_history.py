"""How a record came to be, from real repositories; and where its own log and git disagree."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

from dashboard import reading
from dashboard.outputs import pages
from dashboard.outputs.view import View
from dashboard.registry import history, lineage, reader, recording
from dashboard.registry.history import History, Odd
from dashboard.registry.lineage import How, What
from dashboard.registry.model import Recommendation
from dashboard.registry.recording import Message
from tests.markup import Element, parsed
from tests.small import REGISTRY, ROOT, git, written

NAME = "open-shelters"
TODAY = date(2026, 6, 1)
NOTE = "        note: Eleven of seventeen.\n"
STAMPED = REGISTRY.replace(NOTE, f"        recorded_on: 2026-03-10\n{NOTE}")
SECOND = """\
      - status: partly-implemented
        as_of: 2026-04-02
        assessed_on: 2026-04-03
        by: editors
        recorded_on: 2026-04-04
        evidence: [audit-report]
        conditions_met: [{condition: 1, evidence: [audit-report]}]
        note: Twelve of seventeen.
"""
TWO = STAMPED.replace("    checks:\n", f"{SECOND}    checks:\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "some-name-of-ours")
    return tmp_path


def commit(
    folder: Path, text: str, day: str, author: str = "Aigul Person", said: str = "Aigul mended it", *more: str
) -> Path:
    """One commit of the registry as it then reads, on a day; made by hand unless told."""
    path = written(folder, text)
    git(folder, "add", "-A")
    moment = f"{day}T00:00:00+0000"
    env = {**os.environ, "GIT_COMMITTER_DATE": moment, "GIT_AUTHOR_DATE": moment}
    who = ("-c", f"user.name={author}", "-c", "user.email=aigul@example.org", "-c", "commit.gpgsign=false")
    words = ["git", "-C", str(folder), *who, "commit", "-q", "--allow-empty", "-m", said, *more]
    subprocess.run(words, check=True, env=env)
    return path


def by_door(folder: Path, text: str, day: str, organisation: str, said: str) -> Path:
    return commit(folder, text, day, organisation, said, "-m", f"Tracker-Command: {said.partition(' ')[0]}")


def told(found: History) -> list[list[tuple[What, How]]]:
    return [[(each.what, each.how) for each in change.differences] for change in found.changes]


def odd(found: History) -> list[tuple[Odd, str]]:
    return [(each.odd, each.field) for each in found.disagreements]


# --- what changed, when, by which organisation ------------------------------------------------------


def test_changes_are_told_newest_first_with_their_day_and_commit(folder: Path) -> None:
    commit(folder, REGISTRY, "2026-03-10")
    commit(folder, REGISTRY.replace("Open shelters", "Open more shelters"), "2026-03-12")
    path = commit(folder, REGISTRY.replace("Open shelters", "Open all shelters"), "2026-05-01")
    found = history.of_record(path, NAME)
    assert [str(change.commit.on) for change in found.changes] == ["2026-05-01", "2026-03-12", "2026-03-10"]
    assert told(found) == [[(What.TITLE, How.CHANGED)], [(What.TITLE, How.CHANGED)], [(What.ENTERED, How.ADDED)]]
    heads = subprocess.run(["git", "-C", folder, "log", "--format=%h", "--abbrev=12"], capture_output=True, check=True)
    assert [change.commit.name for change in found.changes] == heads.stdout.decode().split()
    assert (found.pending, found.cut, found.missing) == (False, "", "")


def test_a_commit_of_the_door_bears_its_organisation_and_its_command(folder: Path) -> None:
    path = by_door(folder, REGISTRY, "2026-03-10", "an-author", "AddRecord open-shelters")
    [change] = history.of_record(path, NAME).changes
    assert (change.by, change.subject) == ("an-author", "AddRecord open-shelters")


def test_what_the_door_commits_is_known_as_its_own(folder: Path) -> None:
    path = commit(folder, REGISTRY, "2026-03-10")
    written(folder, REGISTRY.replace("Open shelters", "Open them"))
    recording.commit(path, [path], Message("Edit open-shelters title", "the-ministry", date(2026, 3, 12)))
    written(folder, REGISTRY.replace("Open shelters", "Open all"))
    recording.by_hand(path, date(2026, 3, 13))
    by_hand, edited, _ = history.of_record(path, NAME).changes
    assert (edited.by, edited.subject, str(edited.commit.on)) == (
        "the-ministry",
        "Edit open-shelters title",
        "2026-03-12",
    )
    assert (by_hand.by, by_hand.subject, str(by_hand.commit.on)) == ("", "", "2026-03-13")


@pytest.mark.parametrize(
    ("author", "trailer"),
    [
        ("Aigul Person", "Reviewed-by: Aigul Person"),
        ("an-author", "Reviewed-by: Aigul Person"),
        ("Aigul Person", "Tracker-Command: Assess"),
        ("by-hand", "Tracker-Command: Changes"),
    ],
)
def test_of_a_commit_made_by_hand_no_name_no_address_and_no_word_is_shown(
    folder: Path, author: str, trailer: str
) -> None:
    path = commit(folder, REGISTRY, "2026-03-10", author, "Aigul says", "-m", trailer)
    [change] = history.of_record(path, NAME).changes
    assert (change.by, change.subject) == ("", "")


def test_a_change_of_another_record_or_of_the_layout_is_none(folder: Path) -> None:
    commit(folder, REGISTRY, "2026-03-10")
    commit(folder, REGISTRY.replace("Fund shelters", "Fund them"), "2026-03-11")
    commit(folder, REGISTRY.replace("# who looked", "# who looked, we think"), "2026-03-12")
    path = commit(
        folder, REGISTRY.replace("note: Eleven", 'note: "Eleven').replace("seventeen.", 'seventeen."'), "2026-03-13"
    )
    assert told(history.of_record(path, NAME)) == [[(What.ENTERED, How.ADDED)]]
    assert told(history.of_record(path, "fund-shelters")) == [[(What.TITLE, How.CHANGED)]] * 2 + [
        [(What.ENTERED, How.ADDED)]
    ]


EDITS: dict[str, tuple[str, str, list[tuple[What, How]]]] = {
    "judged": ("    checks:\n", f"{SECOND}    checks:\n", [(What.JUDGED, How.ADDED)]),
    "judgement changed": ("status: in-progress", "status: promised", [(What.JUDGED, How.CHANGED)]),
    "withdrawn": (NOTE, NOTE + "        withdrawn: {on: 2026-03-20, why: Wrong.}\n", [(What.WITHDRAWN, How.CHANGED)]),
    "stamped": (NOTE, f"        recorded_on: 2026-03-20\n{NOTE}", [(What.STAMPED, How.CHANGED)]),
    "looked": (
        "  - id: fund-shelters",
        "      - {on: 2026-03, by: editors, where: Its page}\n  - id: fund-shelters",
        [(What.LOOKED, How.ADDED)],
    ),
    "look gone": (
        "    checks:\n      - {on: 2025-06, by: editors, where: The ministry's page}\n",
        "",
        [(What.LOOKED, How.GONE)],
    ),
    "step": ("    checks:\n", "    steps: [{step: A plan, state: done}]\n    checks:\n", [(What.STEP, How.ADDED)]),
    "answer": (
        "    checks:\n",
        "    answers: [{by: the-ministry, position: agreed, on: 2026-03, text: Yes.}]\n    checks:\n",
        [(What.ANSWER, How.ADDED)],
    ),
    "asked": (
        "    checks:\n",
        "    asked: [{actor: the-ministry, on: 2026-03, how: A letter.}]\n    checks:\n",
        [(What.ASKED, How.ADDED)],
    ),
    "money": (
        "    checks:\n",
        "    funding: [{by: the-donor, stage: paid, amount: 10.50, purpose: Beds}]\n    checks:\n",
        [(What.MONEY, How.ADDED)],
    ),
    "setback": (
        "    checks:\n",
        "    setbacks: [{on: 2026-03, what: One closed., evidence: [audit-report]}]\n    checks:\n",
        [(What.SETBACK, How.ADDED)],
    ),
    "question": ("    checks:\n", "    open_questions: [How many?]\n    checks:\n", [(What.QUESTION, How.ADDED)]),
    "title": ("Open shelters", "Open them", [(What.TITLE, How.CHANGED)]),
    "translation": ("Баспана ашу", "Баспаналар ашу", [(What.TRANSLATED, How.CHANGED)]),
    "summary": ("    kind: demand\n", "    kind: demand\n    summary: So.\n", [(What.SUMMARY, How.CHANGED)]),
    "quote": ("open a shelter in every region\n", "a shelter in every region\n", [(What.WORDING, How.CHANGED)]),
    "text": ("    kind: demand\n", "    kind: demand\n    text: All of it.\n", [(What.WORDING, How.CHANGED)]),
    "condition": ("en: A shelter in every region", "en: One in each", [(What.CONDITIONS, How.CHANGED)]),
    "beyond": ("    checks:\n", "    beyond_test: [Peace]\n    checks:\n", [(What.CONDITIONS, How.CHANGED)]),
    "due": ("    checks:\n", "    due: {on: 2027, basis: Said so.}\n    checks:\n", [(What.DUE, How.CHANGED)]),
    "addressed": ("the-ministry, role: must-act", "the-state, role: must-act", [(What.ADDRESSED, How.CHANGED)]),
    "kind": ("kind: demand", "kind: recommendation", [(What.FILED, How.CHANGED)]),
    "related": (
        "    checks:\n",
        "    related: [{id: fund-shelters, relation: beside}]\n    checks:\n",
        [(What.FILED, How.CHANGED)],
    ),
    "retired": (
        "    checks:\n",
        "    retired: {on: 2026-03, reason: Twice.}\n    checks:\n",
        [(What.RETIRED, How.CHANGED)],
    ),
    "gone": (
        REGISTRY[REGISTRY.index("  - id: open-") : REGISTRY.index("  - id: fund-")],
        "",
        [(What.TAKEN_OUT, How.GONE)],
    ),
    "unreadable": ("kind: demand", "kind: wish", [(What.UNREADABLE, How.ADDED)]),
}


@pytest.mark.parametrize("edit", EDITS)
def test_each_kind_of_change_is_told_as_what_it_is(folder: Path, edit: str) -> None:
    old, new, expected = EDITS[edit]
    assert REGISTRY.count(old) >= 1
    commit(folder, REGISTRY, "2026-03-10")
    path = commit(folder, REGISTRY.replace(old, new, 1), "2026-03-12")
    assert told(history.of_record(path, NAME)) == [expected, [(What.ENTERED, How.ADDED)]]


def test_no_field_of_a_record_can_change_unnoticed() -> None:
    """Whatever the model holds is either told entry by entry, as a whole, or as how the record is filed."""
    record = reader.load(ROOT / "recommendations.yaml", date(2026, 11, 25)).registry.file.recommendations[0]  # type: ignore[union-attr]
    for each in fields(Recommendation):
        changed = object.__new__(Recommendation)
        for name in (one.name for one in fields(Recommendation)):
            object.__setattr__(changed, name, getattr(record, name))
        object.__setattr__(changed, each.name, ("something else",))
        assert lineage.differences(record, changed), each.name


def test_an_entry_that_changed_is_told_as_it_now_reads(folder: Path) -> None:
    steps = "    steps: [{step: A plan, state: not-done}, {step: A house, state: unknown}]\n    checks:\n"
    commit(folder, REGISTRY.replace("    checks:\n", steps), "2026-03-10")
    path = commit(folder, REGISTRY.replace("    checks:\n", steps.replace("not-done", "done")), "2026-03-12")
    [difference] = history.of_record(path, NAME).changes[0].differences
    assert (difference.what, difference.how) == (What.STEP, How.CHANGED)
    assert (difference.entry.step.en, difference.entry.state) == ("A plan", "done")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "old", ["\n", "  - id: open-shelters\n    title: {en: Open shelters, ru: Открыть приюты, kk: Баспана ашу}\n"]
)
def test_it_is_found_however_the_file_is_written(folder: Path, old: str) -> None:
    new = (
        "\r\n"
        if old == "\n"
        else "  - title: {en: Open shelters, ru: Открыть приюты, kk: Баспана ашу}\n    id: open-shelters\n"
    )
    commit(folder, REGISTRY.replace(old, new), "2026-03-10")
    path = commit(folder, REGISTRY.replace(old, new).replace("kind: demand", "kind: recommendation"), "2026-03-12")
    assert told(history.of_record(path, NAME)) == [[(What.FILED, How.CHANGED)], [(What.ENTERED, How.ADDED)]]


def test_a_list_at_the_left_edge_is_cut_as_well() -> None:
    flat = re.sub(r"^  (?=  |- )", "", REGISTRY, flags=re.MULTILINE)
    lines = lineage.cut(flat.encode())
    assert lines is not None
    assert list(lines) == ["open-shelters", "fund-shelters"]
    assert lineage.read(lines[NAME]) == lineage.read((lineage.cut(REGISTRY.encode()) or {})[NAME])


def test_a_list_below_the_records_is_none_of_them() -> None:
    more = "corrections:\n  - {on: 2026-03, record: open-shelters, was: A, now: B}\n...\n"
    lines = lineage.cut(REGISTRY.replace("...\n", more).encode())
    assert lines == lineage.cut(REGISTRY.encode())


def test_a_file_whose_records_cannot_be_told_apart_says_so(folder: Path) -> None:
    commit(folder, REGISTRY, "2026-03-10")
    head = REGISTRY[: REGISTRY.index("recommendations:")]
    commit(folder, f"{head}recommendations: [{{id: open-shelters}}]\n...\n", "2026-03-12")
    path = commit(folder, REGISTRY, "2026-03-14")
    assert told(history.of_record(path, NAME)) == [
        [(What.UNREADABLE, How.GONE)],
        [(What.UNREADABLE, How.ADDED)],
        [(What.ENTERED, How.ADDED)],
    ]


def test_every_shipped_record_is_cut_out_as_the_reader_reads_it() -> None:
    path = ROOT / "recommendations.yaml"
    lines = lineage.cut(path.read_bytes()) or {}
    registry = reader.load(path, date(2026, 11, 25)).registry
    assert registry
    assert {name: lineage.read(lines[name]) for name in lines} == dict(registry.records)


def test_two_lines_of_history_that_are_joined_are_each_told_once(folder: Path) -> None:
    commit(folder, REGISTRY, "2026-03-10")
    git(folder, "checkout", "-q", "-b", "aside")
    commit(folder, REGISTRY.replace("Open shelters", "Open them"), "2026-03-12")
    git(folder, "checkout", "-q", "some-name-of-ours")
    checked = REGISTRY.replace("on: 2025-06,", "on: 2025-07,")
    path = commit(folder, checked, "2026-03-13")
    git(folder, "merge", "-q", "--no-edit", "aside")
    assert path.read_text("utf-8") == checked.replace("Open shelters", "Open them")
    assert told(history.of_record(path, NAME)) == [
        [(What.LOOKED, How.CHANGED)],
        [(What.TITLE, How.CHANGED)],
        [(What.ENTERED, How.ADDED)],
    ]


# --- where there is less history, or none -------------------------------------------------------------


def test_what_is_not_committed_is_not_yet_in_the_history(folder: Path) -> None:
    path = commit(folder, REGISTRY, "2026-03-10")
    written(folder, REGISTRY.replace("Fund shelters", "Fund them"))
    assert not history.of_record(path, NAME).pending
    written(folder, REGISTRY.replace("Open shelters", "Open them"))
    found = history.of_record(path, NAME)
    assert (found.pending, told(found)) == (True, [[(What.ENTERED, How.ADDED)]])


def test_a_comment_that_is_not_committed_is_no_change(folder: Path) -> None:
    path = commit(folder, REGISTRY, "2026-03-10")
    written(folder, REGISTRY.replace("# who looked", "# we looked"))
    assert not history.of_record(path, NAME).pending


def test_commits_of_other_files_are_passed_over(folder: Path) -> None:
    commit(folder, REGISTRY, "2026-03-10")
    git(folder, "config", "log.follow", "true")  # whatever its owner likes to read
    (folder / "notes.txt").write_text("beside it", "utf-8")
    commit(folder, REGISTRY, "2026-03-11")
    path = commit(folder, REGISTRY.replace("Open shelters", "Open them"), "2026-03-12")
    found = history.of_record(path, NAME)
    assert (told(found), found.cut) == ([[(What.TITLE, How.CHANGED)], [(What.ENTERED, How.ADDED)]], "")


def test_a_record_that_was_never_committed_says_so(folder: Path) -> None:
    commit(folder, REGISTRY, "2026-03-10")
    path = written(folder, REGISTRY.replace("id: open-shelters", "id: open-houses"))
    found = history.of_record(path, "open-houses")
    assert (found.missing, found.pending, found.changes) == ("no-commit", True, ())


def test_without_a_repository_a_commit_or_git_it_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path)
    assert history.of_record(path, NAME) == History(missing="no-repository")
    git(tmp_path, "init", "-q")
    assert history.of_record(path, NAME) == History(missing="no-commit")
    monkeypatch.setenv("PATH", str(tmp_path / "sources"))
    assert history.of_record(path, NAME) == History(missing="no-git")


def test_a_shallow_clone_says_that_it_is_cut_off_and_never_that_all_was_entered_there(folder: Path) -> None:
    commit(folder, REGISTRY, "2026-03-10")
    commit(folder, STAMPED, "2026-03-11")
    commit(folder, STAMPED.replace("Open shelters", "Open them"), "2026-05-12")
    commit(folder, STAMPED.replace("Open shelters", "Open all"), "2026-05-13")
    clone = folder.parent / f"{folder.name}-clone"
    subprocess.run(["git", "clone", "-q", "--depth", "2", folder.as_uri(), str(clone)], check=True)
    found = history.of_record(clone / "recommendations.yaml", NAME)
    assert told(found) == [[(What.TITLE, How.CHANGED)]]
    assert (found.cut, found.disagreements) == ("shallow", ())


def test_only_the_newest_commits_are_looked_through_and_older_ones_are_said_to_be_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_COMMITS", 2)
    for day in range(10, 14):
        path = commit(folder, STAMPED.replace("Open shelters", f"Open {day}"), f"2026-03-{day}")
    found = history.of_record(path, NAME)
    assert told(found) == [[(What.TITLE, How.CHANGED)]] * 2
    assert (found.cut, found.disagreements) == ("older", ())


def test_of_a_large_file_fewer_commits_are_looked_through(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(10, 15):
        path = commit(folder, REGISTRY.replace("Open shelters", f"Open {day}"), f"2026-03-{day}")
    monkeypatch.setattr(history, "MOST_BYTES", 3 * path.stat().st_size)
    assert len(history.of_record(path, NAME).changes) == 3


def test_the_history_ends_with_the_day_or_the_version_that_is_asked_for(folder: Path) -> None:
    for day in range(10, 14):
        path = commit(folder, REGISTRY.replace("Open shelters", f"Open {day}"), f"2026-03-{day}")
    written(folder, REGISTRY)
    until = history.of_record(path, NAME, until=date(2026, 3, 11))
    assert ([str(c.commit.on) for c in until.changes], until.pending) == (["2026-03-11", "2026-03-10"], False)
    at = history.of_record(path, NAME, revision=until.changes[0].commit.name)
    assert (at.changes, at.pending) == (until.changes, False)
    assert history.of_record(path, NAME, until=date(2026, 3, 9)) == History(missing="no-commit")


@pytest.fixture
def asked_of_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """What git is asked from now on, each time it is called for: its command, and each name that it is to read."""
    real, log, tools = shutil.which("git"), tmp_path / "asked", tmp_path / "tools"
    tools.mkdir()
    script = tools / "git"
    script.write_text(
        f'#!/bin/sh\necho "$*" >> {log}\ncase "$*" in *cat-file*) tee -a {log} | {real} "$@";; *) exec {real} "$@";; esac\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")

    def asked() -> list[str]:
        said = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return said

    return asked


def test_one_more_commit_costs_the_reading_of_one_more_file(
    folder: Path, asked_of_git: Callable[[], list[str]]
) -> None:
    for day in range(10, 20):
        path = commit(folder / "of", REGISTRY.replace("Open shelters", f"Open {day}"), f"2026-03-{day}")
    asked_of_git()
    history.of_record(path, NAME)
    assert sum(line.endswith(":./recommendations.yaml") for line in asked_of_git()) == 10
    history.of_record(path, "fund-shelters")
    assert sum("cat-file" in line for line in asked_of_git()) == 0
    commit(folder / "of", REGISTRY, "2026-03-20")
    asked_of_git()
    assert len(history.of_record(path, NAME).changes) == 11
    assert sum(line.endswith(":./recommendations.yaml") for line in asked_of_git()) == 1


# --- where the record's own log and git disagree ------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-03-08", [(Odd.EARLY, "")]),
        ("2026-03-09", []),
        ("2026-03-10", []),
        ("2026-03-11", []),
        ("2026-03-12", [(Odd.LATE, "")]),
    ],
)
def test_an_entry_that_no_commit_of_its_day_entered_is_told(
    folder: Path, day: str, expected: list[tuple[Odd, str]]
) -> None:
    path = commit(folder, STAMPED, day)
    found = history.of_record(path, NAME)
    assert odd(found) == expected
    assert [str(each.commit.on) for each in found.disagreements] == [day] * len(expected)


@pytest.mark.parametrize(("day", "expected"), [("2026-03-02", []), ("2026-05-03", [(Odd.LATE, "")])])
def test_a_look_is_held_to_its_day_of_entry_as_well(folder: Path, day: str, expected: list[tuple[Odd, str]]) -> None:
    commit(folder, REGISTRY, "2026-02-01")
    more = "      - {on: 2026-02, by: editors, where: Its page, recorded_on: 2026-03-01}\n"
    path = commit(folder, REGISTRY.replace("  - id: fund-shelters", f"{more}  - id: fund-shelters"), day)
    assert odd(history.of_record(path, NAME)) == expected


def test_a_day_of_entry_that_was_stamped_later_is_no_disagreement(folder: Path) -> None:
    commit(folder, REGISTRY, "2026-02-01")
    path = commit(folder, STAMPED, "2026-03-10")
    assert odd(history.of_record(path, NAME)) == []


def test_an_entry_that_could_not_be_read_for_a_while_did_not_come_late(folder: Path) -> None:
    commit(folder, STAMPED.replace("kind: demand", "kind: wish"), "2026-03-10")
    path = commit(folder, STAMPED, "2026-05-10")
    assert odd(history.of_record(path, NAME)) == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("status: in-progress", "status: promised", "status"),
        ("as_of: 2025-03-01", "as_of: 2025-03-02", "as_of"),
        ("assessed_on: 2025-04-01", "assessed_on: 2025-04-02", "assessed_on"),
        ("by: editors   # who", "by: an-author   # who", "by"),
        ("evidence: [audit-report]\n        recorded", "evidence: []\n        recorded", "evidence"),
        ("Eleven of seventeen.", "Twelve of seventeen.", "note"),
        ("recorded_on: 2026-03-10", "recorded_on: 2026-03-11", "recorded_on"),
    ],
)
def test_a_judgement_that_was_altered_instead_of_withdrawn_is_told(
    folder: Path, old: str, new: str, field: str
) -> None:
    commit(folder, TWO, "2026-03-10")
    path = commit(folder, TWO.replace(old, new, 1), "2026-05-12")
    found = history.of_record(path, NAME).disagreements
    [altered] = [each for each in found if each.odd is Odd.ALTERED]
    assert (altered.field, str(altered.commit.on), altered.entry.by) == (field, "2026-05-12", "editors")
    assert not any(each.odd is Odd.GONE for each in found)


def test_a_judgement_that_is_gone_is_told_and_the_others_are_not(folder: Path) -> None:
    first = STAMPED[STAMPED.index("      - status: in-progress") : STAMPED.index("    checks:")]
    commit(folder, STAMPED, "2026-03-10")
    commit(folder, TWO, "2026-04-04")
    path = commit(folder, TWO.replace(first, ""), "2026-05-12")
    [gone] = history.of_record(path, NAME).disagreements
    assert (gone.odd, str(gone.commit.on), gone.entry.status) == (Odd.GONE, "2026-05-12", "in-progress")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "new",
    [
        NOTE + "        withdrawn: {on: 2026-05-12, why: Wrong.}\n",
        "        note: {en: Eleven of seventeen., ru: Одиннадцать из семнадцати.}\n",
        f"        judged: 0123456789ab\n{NOTE}",
    ],
)
def test_a_judgement_that_was_withdrawn_translated_or_stamped_is_as_it_should_be(folder: Path, new: str) -> None:
    commit(folder, STAMPED, "2026-03-10")
    path = commit(folder, STAMPED.replace(NOTE, new), "2026-05-12")
    assert odd(history.of_record(path, NAME)) == []


def test_what_was_mended_on_the_day_of_its_entry_is_no_disagreement(folder: Path) -> None:
    """The log knows days, no hours: what it says of the day is what stood there at its end."""
    commit(folder, STAMPED.replace("in-progress", "promised"), "2026-03-10")
    path = commit(folder, STAMPED, "2026-03-10")
    assert odd(history.of_record(path, NAME)) == []


def test_what_was_altered_and_put_back_is_no_disagreement(folder: Path) -> None:
    commit(folder, STAMPED, "2026-03-10")
    commit(folder, STAMPED.replace("in-progress", "promised"), "2026-05-10")
    path = commit(folder, STAMPED, "2026-05-12")
    assert odd(history.of_record(path, NAME)) == []


def test_a_judgement_that_was_translated_and_then_altered_is_told_once(folder: Path) -> None:
    commit(folder, STAMPED, "2026-03-10")
    translated = STAMPED.replace("note: Eleven of seventeen.", "note: {en: Eleven of seventeen., ru: Одиннадцать.}")
    commit(folder, translated, "2026-05-10")
    path = commit(folder, translated.replace("in-progress", "promised"), "2026-05-12")
    assert odd(history.of_record(path, NAME)) == [(Odd.ALTERED, "status")]


def test_of_what_stood_there_before_the_first_commit_that_is_looked_at_nothing_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(folder, STAMPED, "2026-03-10")
    first = STAMPED[STAMPED.index("      - status: in-progress") : STAMPED.index("    checks:")]
    commit(folder, STAMPED.replace(f"    assessments:\n{first}", ""), "2026-05-10")
    path = commit(folder, STAMPED, "2026-05-12")
    monkeypatch.setattr(history, "MOST_COMMITS", 2)
    assert odd(history.of_record(path, NAME)) == []


def test_the_shipped_records_and_their_history_agree() -> None:
    path = ROOT / "recommendations.yaml"
    registry = reader.load(path, date(2026, 11, 25)).registry
    assert registry
    assert [name for name in registry.records if history.of_record(path, name).disagreements] == []


# --- on the page ----------------------------------------------------------------------------------------


@pytest.fixture
def site(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two versions, by the door and by hand."""
    by_door(folder, REGISTRY, "2026-03-10", "the-ministry", "AddRecord <b>open-shelters</b>")
    path = commit(folder, TWO, "2026-05-20")
    monkeypatch.setenv("TRACKER_REGISTRY", str(path))
    monkeypatch.setattr(reading, "EDITION_SECONDS", 1e-6)
    monkeypatch.setattr(reading, "today", lambda: TODAY)
    return path


def viewed(alone: str = "", **query: str) -> View:
    found = reading.view("/record", {"id": [NAME], **{k: [v] for k, v in query.items()}}, "en", alone=alone)
    assert found
    return found


def section(view: View) -> Element:
    html = pages.record(view, NAME)
    assert html
    return next(each for each in parsed(html).all("section") if each.attributes.get("aria-labelledby") == "past")


def test_the_page_tells_what_changed_and_when_and_by_which_organisation(site: Path) -> None:
    found = section(viewed())
    assert found.one("summary").text == "2 changes, the last on 20 May 2026"
    assert "open" not in found.one("details").attributes
    newest, first = found.one("ol").all("li")
    assert newest.text.startswith("20 May 2026 · by hand · version ")
    assert "Judged: Partly done, as of 2 April 2026 (Editors)." in newest.text
    assert first.text.startswith("10 March 2026 · The ministry · version ")
    assert [each.text for each in first.all("p")] == ["Entered in the registry.", "AddRecord <b>open-shelters</b>"]
    assert "Aigul" not in pages.record(viewed(), NAME)  # type: ignore[operator]


def test_the_page_says_in_plain_words_where_log_and_git_disagree(site: Path) -> None:
    found = section(viewed())
    [version] = [change.commit.name for change in history.of_record(site, NAME).changes][:1]
    said = [each.text for each in found.one("ul", "lines").all("li")]
    assert said == [
        f"Judgement “Under way” (Editors): the record says that it was entered on 10 March 2026; git has it only since 20 May 2026 (version {version}).",
        f"Judgement “Partly done” (Editors): the record says that it was entered on 4 April 2026; git has it only since 20 May 2026 (version {version}).",
    ]


@pytest.mark.parametrize("query", [{"as_of": "2026-04-01"}, {"published_on": "2026-05-19"}])
def test_a_past_day_is_shown_with_its_history_up_to_then(site: Path, query: dict[str, str]) -> None:
    site.write_text(REGISTRY.replace("Open shelters", "Open them"), "utf-8")
    found = section(viewed(**query))
    assert found.one("summary").text == "1 change, on 10 March 2026"
    assert "not yet in the history" not in found.text
    assert "not yet in the history" in section(viewed()).text


def test_each_change_of_an_entry_can_be_told_in_words(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Added, changed and gone again, for each list of a record."""
    lists = {
        "steps": ["{step: <i>A</i>, state: done}", "{step: <i>A</i>, state: lapsed}"],
        "answers": ["{by: the-ministry, position: agreed, on: 2026-03, text: Yes.}"] * 1
        + ["{by: the-ministry, position: declined, on: 2026-03, text: No.}"],
        "asked": ["{actor: the-ministry, on: 2026-03, how: A.}", "{actor: the-ministry, on: 2026-04, how: A.}"],
        "funding": ["{by: the-donor, stage: pledged, purpose: Beds}", "{by: the-donor, stage: paid, purpose: Beds}"],
        "setbacks": [
            "{on: 2026-03, what: A., evidence: [audit-report]}",
            "{on: 2026-03, what: B., evidence: [audit-report]}",
        ],
        "open_questions": ["<script>", "B?"],
    }
    path = commit(folder, REGISTRY, "2026-03-01")
    for n, chosen in enumerate((0, 1, None)):
        more = "".join(f"    {name}: [{each[chosen]}]\n" for name, each in lists.items()) if chosen is not None else ""
        commit(folder, REGISTRY.replace("    checks:\n", f"{more}    checks:\n"), f"2026-03-0{n + 2}")
    commit(folder, REGISTRY.replace("where: The ministry's page", "where: Its page"), "2026-03-06")
    monkeypatch.setenv("TRACKER_REGISTRY", str(path))
    page = section(viewed())
    changes = [[p.text for p in each.all("p")] for each in page.one("ol").all("li")]
    assert changes[0] == ["A look was changed; it now reads: June 2025 (Editors)."]
    assert [len(said) for said in changes[1:4]] == [6, 6, 6]
    assert "A step was added: <i>A</i> · done." in changes[3]
    assert "A step now reads: <i>A</i> · lapsed." in changes[2]
    assert "An open question was added: <script>" in changes[3]
    assert "Money was entered: Beds · pledged (The donor)." in changes[3]
    assert "An answer was taken out: Declined, March 2026 (The ministry)." in changes[1]
    assert not page.all("script")


def test_the_light_page_leads_to_the_history_and_does_not_ask_git_for_it(
    site: Path, asked_of_git: Callable[[], list[str]]
) -> None:
    light = viewed(alone=f"/r/{NAME}")
    asked_of_git()
    found = section(light)
    assert found.one("a").attributes["href"].startswith("/record?id=open-shelters")
    assert not found.all("details")
    assert asked_of_git() == []


def test_why_there_is_no_history_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_REGISTRY", str(written(tmp_path)))
    found = section(viewed())
    assert found.one("p").text == "No history can be shown: the registry is not kept in a git repository."
    assert not found.all("details")
