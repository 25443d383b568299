"""From the inbox into the registry: what a message suggests, who may publish or decline it, and what is left of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from dashboard import entering, sorting
from dashboard.registry import commands, inbox, reader, store, swapping
from dashboard.registry.access import LOCAL_EDITOR, NOBODY, NotAllowed, Role, Who
from dashboard.registry.commands import Command, Look
from dashboard.registry.inbox import Message, Reason, Saying, State
from dashboard.registry.scalars import Text
from tests.small import ROOT, committed, written

TODAY = date(2026, 1, 2)
CONTRIBUTOR = Who(Role.CONTRIBUTOR, "the-donor")
MESSAGE = TypeAdapter(Message)
SAID = "Баспана ашылды: “кілті” #1 - [жоқ]\n\n  екінші жол: иә"
TOLD: dict[Saying, dict[str, str]] = {
    Saying.CHANGED: {
        "about": "open-shelters", "when": "2025-12", "status": "promised", "shown_by": "link", "link": "https://example.org/a",
    },
    Saying.NOTHING_NEW: {"about": "open-shelters"},
    Saying.ANSWER: {"about": "open-shelters", "position": "not-ours", "body": "the-ministry", "whose": "the-state"},
    Saying.WRONG: {"about": "open-shelters", "shown_by": "saw"},
    Saying.TAKE_OUT: {"about": "open-shelters"},
}  # fmt: skip


def told(kind: Saying, text: str = SAID, **more: str) -> Message:
    return MESSAGE.validate_python({"kind": str(kind), "text": text, "language": "kk", **TOLD[kind], **more})


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "registry"
    folder.mkdir()
    made = written(folder)
    committed(folder)
    monkeypatch.setenv(inbox.INBOX_VARIABLE, str(tmp_path / "box"))
    return made


def kept(path: Path, message: Message) -> int:
    """The number under which a message waits."""
    inbox.add(message, inbox.place(path), TODAY)
    return max(each.number for each in inbox.waiting(inbox.place(path)))


def in_the_box(path: Path) -> str:
    return "".join(each.read_text("utf-8") for each in inbox.place(path).rglob("*.json"))


def built(message: Message) -> Command:
    verb, given = sorting.suggested(message, TODAY)
    return entering.built(entering.VERBS[verb][0], given)


# --- what a message suggests ------------------------------------------------------------------------


def test_each_kind_of_message_suggests_its_act() -> None:
    text = {"kk": SAID}
    assert {kind: sorting.suggested(told(kind), TODAY) for kind in Saying} == {
        Saying.CHANGED: (
            "assess",
            {"record": "open-shelters", "note": text, "by": "editors", "as_of": "2025-12", "status": "promised"},
        ),
        Saying.NOTHING_NEW: ("look", {"records": ["open-shelters"], "where": text, "by": "editors", "on": "2026-01-02"}),
        Saying.ANSWER: (
            "answer",
            {
                "record": "open-shelters", "position": "not-ours", "by": "the-ministry", "text": text, "on": "2026-01-02",
                "whose": "the-state",
            },
        ),
        Saying.WRONG: ("", {}),
        Saying.TAKE_OUT: ("", {}),
    }  # fmt: skip


def test_no_status_is_suggested_where_the_sender_leaves_it_to_the_editor() -> None:
    verb, given = sorting.suggested(told(Saying.CHANGED, status="", when=""), TODAY)
    assert (verb, "status" in given, given["as_of"]) == ("assess", False, "2026-01")


def test_only_a_login_signs_for_an_organisation() -> None:
    """What somebody wrote of a coalition is no signature in the registry: the editors answer for it."""
    by = [
        sorting.suggested(told(Saying.NOTHING_NEW, **signed), TODAY)[1]["by"]
        for signed in (
            {"sign": "organisation", "organisation": "the-donor"},
            {"sign": "coalition", "coalition": "the-donor"},
            {"sign": "told", "organisation": "the-donor"},
        )
    ]
    assert by == ["the-donor", "editors", "editors"]


@pytest.mark.parametrize("kind", [Saying.CHANGED, Saying.NOTHING_NEW, Saying.ANSWER])
def test_what_is_suggested_is_legal_or_left_to_the_editor(kind: Saying) -> None:
    """Whatever the optional fields hold: nothing that was suggested is refused; at most something is missing."""
    choices = {
        "when": ("", "2025", "2025-12", "2025-12-31"),
        "status": ("", "promised", "implemented"),
        "position": ("agreed", "not-ours"),
        "whose": ("", "the-state"),
        "sign": ("told", "organisation"),
        "text": ("x", "Ы" * inbox.MOST_LETTERS, SAID, "'", "- {", "> |", "null", "2026-01-01", "a: b #c"),
    }
    wanting: set[tuple[str, object]] = set()
    for values in product(*choices.values()):
        given = dict(zip(choices, values, strict=True))
        message = told(kind, given.pop("text"), organisation="the-donor", **given)
        verb, suggested = sorting.suggested(message, TODAY)
        wanting |= wrong(entering.VERBS[verb][0], suggested)
    assert wanting == ({("missing", "status")} if kind is Saying.CHANGED else set())


def wrong(kind: type[Command], given: Mapping[str, object]) -> set[tuple[str, object]]:
    """What is wrong with the fields of a command, and in which."""
    try:
        TypeAdapter(kind).validate_python(dict(given))
    except ValidationError as error:
        return {(each["type"], each["loc"][-1]) for each in error.errors()}
    return set()


# --- publishing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Saying.NOTHING_NEW, Saying.ANSWER])
def test_what_is_published_stands_in_the_registry_and_no_longer_in_the_inbox(path: Path, kind: Saying) -> None:
    number = kept(path, told(kind))
    assert SAID.partition("\n")[0] in in_the_box(path).replace('\\"', '"')
    saved, outcome = sorting.publish(path, number, built(told(kind)), lambda: LOCAL_EDITOR, "", TODAY)
    registry = reader.load(path, TODAY).registry
    assert registry
    record = registry.records["open-shelters"]
    written_there = record.checks[-1].where if kind is Saying.NOTHING_NEW else record.answers[-1].text
    assert written_there == Text(kk=SAID)
    assert saved.commit
    assert outcome
    assert (outcome.state, outcome.settled_on, outcome.reason) == (State.PUBLISHED, TODAY, None)
    assert "Баспана" not in in_the_box(path)
    assert inbox.waiting(inbox.place(path)) == []


def test_an_answer_that_does_not_pass_the_rules_leaves_the_message_waiting(path: Path) -> None:
    number = kept(path, told(Saying.CHANGED))
    before = path.read_bytes()
    with pytest.raises(store.Spoiled):
        sorting.publish(path, number, built(told(Saying.CHANGED)), lambda: LOCAL_EDITOR, "", TODAY)  # no evidence
    assert path.read_bytes() == before
    assert inbox.read(inbox.place(path), number).message == told(Saying.CHANGED)


def test_an_entry_that_changed_meanwhile_leaves_the_message_waiting(path: Path) -> None:
    number = kept(path, told(Saying.NOTHING_NEW))
    seen = store.seen(path, [("recommendations", "open-shelters")])
    store.save(path, Look(records=("open-shelters",), where=Text(en="Elsewhere")), lambda: LOCAL_EDITOR, seen, TODAY)
    with pytest.raises(swapping.Changed):
        sorting.publish(path, number, built(told(Saying.NOTHING_NEW)), lambda: LOCAL_EDITOR, seen, TODAY)
    assert inbox.read(inbox.place(path), number).message == told(Saying.NOTHING_NEW)


def test_what_is_settled_is_not_settled_again_and_nothing_is_saved_for_it(path: Path) -> None:
    number, made = kept(path, told(Saying.NOTHING_NEW)), built(told(Saying.NOTHING_NEW))
    sorting.publish(path, number, made, lambda: LOCAL_EDITOR, "", TODAY)
    before = path.read_bytes()
    again: list[Callable[[], object]] = [
        lambda: sorting.publish(path, number, made, lambda: LOCAL_EDITOR, "", TODAY),
        lambda: sorting.settle(path, number, lambda: LOCAL_EDITOR, TODAY),
        lambda: sorting.decline(path, number, Reason.UNCLEAR, "", lambda: LOCAL_EDITOR, TODAY),
    ]
    for act in again:
        with pytest.raises(inbox.Settled):
            act()
    with pytest.raises(inbox.NoSuchMessage):
        sorting.publish(path, number + 1, made, lambda: LOCAL_EDITOR, "", TODAY)
    assert path.read_bytes() == before


def test_who_declines_says_why_and_the_text_is_gone(path: Path) -> None:
    number = kept(path, told(Saying.WRONG))
    with pytest.raises(entering.Wrong, match="--reason"):
        sorting.decline(path, number, "no-reason", "", lambda: LOCAL_EDITOR, TODAY)
    before = path.read_bytes()
    outcome = sorting.decline(path, number, "unclear", "Write once more", lambda: LOCAL_EDITOR, TODAY)
    assert (outcome.state, outcome.reason, outcome.words) == (State.DECLINED, Reason.UNCLEAR, "Write once more")
    assert "Баспана" not in in_the_box(path)
    assert path.read_bytes() == before


# --- who may ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [NOBODY, CONTRIBUTOR], ids=["reader", "contributor"])
def test_who_is_no_editor_reads_publishes_declines_and_takes_in_nothing(path: Path, who: Who) -> None:
    number, made = kept(path, told(Saying.NOTHING_NEW)), built(told(Saying.NOTHING_NEW))
    before, box = path.read_bytes(), in_the_box(path)
    acts: list[Callable[[], object]] = [
        lambda: sorting.listed(path, lambda: who),
        lambda: sorting.publish(path, number, made, lambda: who, "", TODAY),
        lambda: sorting.settle(path, number, lambda: who, TODAY),
        lambda: sorting.decline(path, number, Reason.OTHER, "", lambda: who, TODAY),
        lambda: sorting.take_in(path, inbox.slip(told(Saying.WRONG)), TODAY, lambda: who),
    ]
    for act in acts:
        with pytest.raises(NotAllowed, match=f"a {who.role} may not tend"):
            act()
    assert path.read_bytes() == before
    assert in_the_box(path) == box


def test_a_role_that_goes_between_reading_and_saving_saves_nothing(path: Path) -> None:
    """It is asked at the act itself, by the inbox and by the door, and not remembered from before."""
    number, made = kept(path, told(Saying.NOTHING_NEW)), built(told(Saying.NOTHING_NEW))
    before, asked = path.read_bytes(), [LOCAL_EDITOR, NOBODY]
    with pytest.raises(NotAllowed, match="a reader may not save"):
        sorting.publish(path, number, made, lambda: asked.pop(0), "", TODAY)
    assert path.read_bytes() == before
    assert [each.number for each in inbox.waiting(inbox.place(path))] == [number]


def test_a_slip_is_taken_in_as_a_slip_and_by_nobodys_name(path: Path) -> None:
    """Whatever it says of an organisation: a login cannot be written down."""
    sent = inbox.slip(told(Saying.NOTHING_NEW, sign="organisation", organisation="the-donor"))
    receipt = sorting.take_in(path, "\n".join(f"> {line}" for line in sent.splitlines()), TODAY, lambda: LOCAL_EDITOR)
    (waiting,) = inbox.waiting(inbox.place(path))
    assert waiting.receipt == receipt
    assert (waiting.message.text, waiting.message.came_by) == (SAID, inbox.CameBy.SLIP)
    assert (waiting.message.sign, waiting.message.organisation) == (inbox.Sign.TOLD, "")


# --- between the two --------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from dashboard import sorting
from dashboard.registry import inbox
from dashboard.registry.access import LOCAL_EDITOR
from dashboard.registry.commands import Look
from dashboard.registry.scalars import Text

path = Path(sys.argv[1])
box = str(inbox.place(path))

def watching(event, given):
    if event == "tempfile.mkstemp" and str(given[0]).startswith(box):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watching)
made = Look(records=("open-shelters",), where=Text(en="Killed after this"))
sorting.publish(path, int(sys.argv[2]), made, lambda: LOCAL_EDITOR, "", date(2026, 1, 2))
"""
"""Dies where it begins to write the outcome of the message."""


def test_who_is_killed_between_saving_and_settling_leaves_the_message_waiting(path: Path) -> None:
    """It is in the registry and still waits: nothing is lost, and an editor finds its words there."""
    number = kept(path, told(Saying.NOTHING_NEW))
    words = [sys.executable, "-c", KILLED, str(path), str(number)]
    done = subprocess.run(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    registry = reader.load(path, TODAY).registry
    assert registry
    assert registry.records["open-shelters"].checks[-1].where == Text(en="Killed after this")
    assert inbox.read(inbox.place(path), number).message == told(Saying.NOTHING_NEW)
    outcome = sorting.decline(path, number, Reason.ALREADY_KNOWN, "", lambda: LOCAL_EDITOR, TODAY)
    assert outcome.state is State.DECLINED


def test_an_inbox_that_cannot_be_written_is_told_and_what_was_saved_stays(path: Path) -> None:
    number = kept(path, told(Saying.NOTHING_NEW))
    folder = inbox.place(path)
    (folder / "settled").write_text("in the way of a folder", "utf-8")
    saved, outcome = sorting.publish(path, number, built(told(Saying.NOTHING_NEW)), lambda: LOCAL_EDITOR, "", TODAY)
    assert outcome is None
    assert "the registry has it, but message 1 could not be settled" in saved.told[-1]
    (folder / "settled").unlink()
    assert [each.number for each in inbox.waiting(folder)] == [number]


def test_the_history_names_what_was_done_and_nothing_of_what_was_sent(path: Path) -> None:
    number = kept(path, told(Saying.ANSWER))
    sorting.publish(path, number, built(told(Saying.ANSWER)), lambda: LOCAL_EDITOR, "", TODAY)
    words = ["git", "-C", str(path.parent), "log", "-1", "--format=%an|%cn|%ad|%cd|%s", "--date=iso"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    midnight = "2026-01-02 00:00:00 +0000"
    assert said == f"editors|editors|{midnight}|{midnight}|{commands.told(built(told(Saying.ANSWER)))}"
