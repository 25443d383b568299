"""The inbox: what is kept of a message and what is not, its limits, its slips, and two processes at once."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.registry import inbox, reader
from dashboard.registry.inbox import Fault, Message, Reason, Saying, State
from dashboard.registry.model import Registry
from tests.small import ROOT, git, written

TODAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC).timestamp()


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    found = reader.load(written(tmp_path / "registry"), TODAY).registry
    assert found
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "inbox"


def said(kind: str = "changed", **more: str) -> Message:
    known = {"about": "open-shelters", "kind": kind, "text": "A shelter was opened.", **more}
    return inbox.message(known, TODAY)


def faults(registry: Registry | None = None, **fields: str) -> dict[str, Fault]:
    known = {"about": "open-shelters", "kind": "changed", "text": "A shelter was opened.", **fields}
    with pytest.raises(inbox.Unclear) as unclear:
        inbox.message(known, TODAY, registry)
    return unclear.value.faults


# --- what is kept -----------------------------------------------------------------------------------


def test_a_message_is_kept_for_its_owner_only_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        inbox.add(said(), folder, TODAY)
    finally:
        os.umask(before)
    assert _modes(folder) == {"inbox": 0o700, "1.json": 0o600}


def test_a_strict_umask_does_not_shut_the_owner_out(folder: Path) -> None:
    before = os.umask(0o277)
    try:
        folder.parent.mkdir(mode=0o700)
        folder.parent.chmod(0o700)
        inbox.add(said(), folder, TODAY)
    finally:
        os.umask(before)
    assert _modes(folder) == {"inbox": 0o700, "1.json": 0o600}


def test_a_folder_that_others_may_enter_is_narrowed(folder: Path) -> None:
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    inbox.add(said(), folder, TODAY)
    assert _modes(folder)["inbox"] == 0o700


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}


def test_no_file_and_no_folder_of_the_inbox_bears_an_hour(folder: Path) -> None:
    inbox.add(said(), folder, TODAY)
    inbox.add(said(), folder, TODAY)
    inbox.settle(folder, 1, State.PUBLISHED, TODAY)
    there = [folder, *folder.rglob("*")]
    assert [path.name for path in there].count("1.json") == 1
    assert {path.stat().st_mtime for path in there} == {MIDNIGHT}
    assert {path.stat().st_atime for path in there if path.is_file()} == {MIDNIGHT}


def test_reading_leaves_no_hour_behind_either(folder: Path) -> None:
    receipt = inbox.add(said(), folder, TODAY)
    inbox.outcome(folder, receipt)
    inbox.waiting(folder)
    assert (folder / "1.json").stat().st_atime == MIDNIGHT


def test_only_the_message_its_number_its_receipt_and_the_day_are_kept(folder: Path) -> None:
    receipt = inbox.add(said(link="https://example.org/a", shown_by="link"), folder, TODAY)
    kept = json.loads((folder / "1.json").read_text("utf-8"))
    assert set(kept) == {"number", "receipt", "day", "message"}
    assert (kept["number"], kept["receipt"], kept["day"]) == (1, receipt, "2026-11-22")
    assert set(kept["message"]) == {
        "about", "kind", "text", "when", "shown_by", "link", "status", "sign", "coalition", "organisation",
        "position", "whose", "body", "language", "came_by",
    }  # fmt: skip
    assert re.findall(r"\d\d:\d\d", json.dumps(kept).replace("https://", "")) == []


def test_a_message_is_read_as_it_was_sent(folder: Path) -> None:
    told = said(text="Алматыда баспана ашылды.\n\nБіз көрдік.", when="2026-10", shown_by="saw", status="in-progress")
    inbox.add(told, folder, TODAY)
    assert inbox.read(folder, 1).message == told


def test_what_must_be_taken_out_comes_first_and_then_the_oldest(folder: Path) -> None:
    for kind in ("changed", "wrong", "take-out", "changed", "take-out"):
        inbox.add(said(kind), folder, TODAY)
    assert [each.number for each in inbox.waiting(folder)] == [3, 5, 1, 2, 4]


def test_an_inbox_that_is_not_there_is_empty_and_is_not_made_by_looking(folder: Path) -> None:
    assert inbox.waiting(folder) == []
    assert inbox.outcome(folder, "K7-QF3M") is None
    assert inbox.counts(folder) == inbox.Counts(0, {})
    assert not folder.exists()


def test_a_file_that_is_no_message_hides_no_other_and_is_told(folder: Path) -> None:
    inbox.add(said(), folder, TODAY)
    (folder / "2.json").write_text("{cut", "utf-8")
    inbox.add(said(), folder, TODAY)
    assert [each.number for each in inbox.waiting(folder)] == [1, 3]
    assert inbox.damaged(folder) == [folder / "2.json"]


def test_what_a_killed_writer_left_is_swept_away(folder: Path) -> None:
    inbox.add(said(), folder, TODAY)
    (folder / f"{inbox.TEMPORARY}x").write_text("half a canary", "utf-8")
    inbox.add(said(), folder, TODAY)
    assert sorted(path.name for path in folder.iterdir()) == ["1.json", "2.json"]


def test_a_failed_write_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox.add(said(), folder, TODAY)
    monkeypatch.setattr(os, "fsync", _full)
    with pytest.raises(OSError, match="no space"):
        inbox.add(said(), folder, TODAY)
    assert [path.name for path in folder.iterdir()] == ["1.json"]


def _full(handle: int) -> None:
    raise OSError(28, "no space")


# --- settling ---------------------------------------------------------------------------------------


def test_of_a_settled_message_the_text_is_gone_and_the_outcome_stays(folder: Path) -> None:
    receipt = inbox.add(said(text="canary-5151", coalition="canary-5252", sign="coalition"), folder, TODAY)
    assert inbox.outcome(folder, receipt).state == State.WAITING  # type: ignore[union-attr]
    inbox.settle(folder, 1, State.DECLINED, date(2026, 11, 25), Reason.CANNOT_BE_CHECKED, "Which page?")
    found = inbox.outcome(folder, receipt)
    assert found
    assert (found.state, found.reason, found.words) == (State.DECLINED, Reason.CANNOT_BE_CHECKED, "Which page?")
    assert (found.day, found.settled_on, found.about) == (TODAY, date(2026, 11, 25), "open-shelters")
    assert inbox.waiting(folder) == []
    assert not any("canary" in path.read_text("utf-8") for path in folder.rglob("*.json"))


def test_who_settles_second_is_told_so(folder: Path) -> None:
    inbox.add(said(), folder, TODAY)
    inbox.settle(folder, 1, State.PUBLISHED, TODAY)
    with pytest.raises(inbox.Settled):
        inbox.settle(folder, 1, State.DECLINED, TODAY, Reason.OTHER)
    with pytest.raises(inbox.Settled):
        inbox.read(folder, 1)
    with pytest.raises(inbox.NoSuchMessage):
        inbox.settle(folder, 2, State.PUBLISHED, TODAY)


@pytest.mark.parametrize(
    ("state", "reason"),
    [(State.WAITING, None), (State.DECLINED, None), (State.PUBLISHED, Reason.UNCLEAR)],
)
def test_a_message_is_published_or_declined_for_a_reason(folder: Path, state: State, reason: Reason | None) -> None:
    inbox.add(said(), folder, TODAY)
    with pytest.raises(ValueError, match="declined for a reason"):
        inbox.settle(folder, 1, state, TODAY, reason)


def test_killed_between_the_two_steps_of_settling_the_outcome_holds_and_the_text_goes(folder: Path) -> None:
    inbox.add(said(text="canary-5353"), folder, TODAY)
    before = (folder / "1.json").read_bytes()
    inbox.settle(folder, 1, State.PUBLISHED, TODAY)
    (folder / "1.json").write_bytes(before)
    assert inbox.waiting(folder) == []
    with pytest.raises(inbox.Settled):
        inbox.settle(folder, 1, State.PUBLISHED, TODAY)
    assert not (folder / "1.json").exists()


def test_the_public_learns_only_how_many_and_for_what_kind_of_reason(folder: Path) -> None:
    for number, reason in enumerate((None, Reason.UNCLEAR, None, Reason.OTHER, Reason.UNCLEAR), 1):
        inbox.add(said(), folder, TODAY)
        inbox.settle(folder, number, State.DECLINED if reason else State.PUBLISHED, TODAY, reason)
    inbox.add(said(), folder, TODAY)
    assert inbox.counts(folder) == inbox.Counts(2, {Reason.UNCLEAR: 2, Reason.OTHER: 1})


# --- several at once --------------------------------------------------------------------------------

_ADDER = """
import sys
from datetime import date
from pathlib import Path
from dashboard.registry import inbox
for n in range(int(sys.argv[2])):
    said = inbox.Message(kind=inbox.Saying.WRONG, text=f"{sys.argv[3]} {n}")
    print(inbox.add(said, Path(sys.argv[1]), date(2026, 11, 22)))
"""

_SETTLER = """
import sys
from datetime import date
from pathlib import Path
from dashboard.registry import inbox
won = 0
for n in range(1, int(sys.argv[2]) + 1):
    try:
        inbox.settle(Path(sys.argv[1]), n, inbox.State.PUBLISHED, date(2026, 11, 22))
        won += 1
    except inbox.Settled:
        pass
print(won)
"""


def _several(code: str, *arguments: object, times: int = 4) -> list[str]:
    env = {**os.environ, "PYTHONPATH": f"{os.environ.get('PYTHONPATH', '')}:{ROOT}"}
    words = [[sys.executable, "-c", code, *map(str, arguments), str(n)] for n in range(times)]
    running = [subprocess.Popen(each, env=env, stdout=subprocess.PIPE, text=True) for each in words]
    return [each.communicate(timeout=120)[0] for each in running]


def test_four_processes_lose_no_message_and_give_no_receipt_twice(folder: Path) -> None:
    receipts = " ".join(_several(_ADDER, folder, 20)).split()
    assert len(set(receipts)) == 80
    found = inbox.waiting(folder)
    assert [each.number for each in found] == list(range(1, 81))
    assert {each.receipt for each in found} == set(receipts)


def test_of_four_processes_that_settle_the_same_each_message_has_one_winner(folder: Path) -> None:
    for _ in range(25):
        inbox.add(said(), folder, TODAY)
    assert sum(map(int, _several(_SETTLER, folder, 25))) == 25


def test_threads_of_one_server_are_kept_apart_as_well(folder: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: inbox.add(said(), folder, TODAY), range(40)))
    assert [each.number for each in inbox.waiting(folder)] == list(range(1, 41))


# --- limits -----------------------------------------------------------------------------------------


def test_an_inbox_takes_500_that_wait_and_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_WAITING", 3)
    for _ in range(3):
        inbox.add(said(), folder, TODAY)
    with pytest.raises(inbox.Full, match="copy it as text and send it another way"):
        inbox.add(said(), folder, TODAY)
    inbox.settle(folder, 2, State.PUBLISHED, TODAY)
    inbox.add(said(), folder, TODAY)
    assert [each.number for each in inbox.waiting(folder)] == [1, 3, 4]


def test_the_limits_are_those_that_are_promised() -> None:
    assert (inbox.MOST_WAITING, inbox.MOST_BYTES, inbox.MOST_LETTERS) == (500, 8192, 4000)
    assert inbox.RATES == ((60.0, 6), (3600.0, 60))


def test_seven_in_a_minute_and_sixty_one_in_an_hour_are_too_many() -> None:
    rate = inbox.Rate()
    for _ in range(6):
        rate.take(0.0)
    with pytest.raises(inbox.Full, match="more than 6"):
        rate.take(59.0)
    for minute in range(1, 10):
        for _ in range(6):
            rate.take(minute * 60.0)
    with pytest.raises(inbox.Full, match="more than 60"):
        rate.take(1200.0)
    rate.take(3600.0)


def test_a_message_of_more_than_eight_kilobytes_is_too_long() -> None:
    assert faults(text="ә" * 4001) == {"text": Fault.TOO_LONG}
    assert faults(text="\U0001f3e0" * 2100) == {"text": Fault.TOO_LONG}
    assert inbox.weight(said(text="ә" * 4000)) <= inbox.MOST_BYTES


# --- what a message says ----------------------------------------------------------------------------


def test_invisible_characters_are_taken_out() -> None:
    told = said(text="\u200b A \u202eshelter\x00 \r\nwas opened. \u2060\r\n\r\n")
    assert told.text == "A shelter\nwas opened."


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"kind": "nonsense"}, {"kind": Fault.NO_KIND}),
        ({"text": " \u200b "}, {"text": Fault.NO_TEXT}),
        ({"about": ""}, {"about": Fault.NO_POINT}),
        ({"about": "Not an id"}, {"about": Fault.NO_SUCH_POINT}),
        ({"when": "yesterday"}, {"when": Fault.NOT_A_DAY}),
        ({"when": "2026-02-30"}, {"when": Fault.NOT_A_DAY}),
        ({"when": "2026-12"}, {"when": Fault.TO_COME}),
        ({"shown_by": "link"}, {"link": Fault.NO_LINK}),
        ({"shown_by": "link", "link": "javascript:alert(1)"}, {"link": Fault.NOT_A_LINK}),
        ({"shown_by": "link", "link": "https://me:secret@example.org/"}, {"link": Fault.NOT_A_LINK}),
        ({"shown_by": "link", "link": "https://"}, {"link": Fault.NOT_A_LINK}),
        ({"shown_by": "hearsay"}, {"shown_by": Fault.NOT_OF_THE_FORM}),
        ({"status": "not-assessed"}, {"status": Fault.NOT_OF_THE_FORM}),
        ({"sign": "coalition"}, {"coalition": Fault.NO_COALITION}),
        ({"sign": "coalition", "coalition": "x" * 121}, {"coalition": Fault.NAME_TOO_LONG}),
        ({"sign": "organisation"}, {"sign": Fault.NO_LOGIN}),
        ({"kind": "answer"}, {"position": Fault.NO_POSITION, "body": Fault.NO_BODY}),
        ({"kind": "answer", "position": "perhaps", "body": "the-state"}, {"position": Fault.NO_POSITION}),
        ({"text": "Write to her: aigul@example.org"}, {"text": Fault.EMAIL}),
        ({"text": "See https://example.org/a and write to aigul@example.org"}, {"text": Fault.EMAIL}),
        ({"text": "Call +7 701 123 45 67"}, {"text": Fault.PHONE}),
        ({"sign": "coalition", "coalition": "Call 8 701 123 45 67"}, {"coalition": Fault.PHONE}),
        (
            {"text": "", "when": "soon", "shown_by": "link", "sign": "coalition"},
            {
                "text": Fault.NO_TEXT,
                "when": Fault.NOT_A_DAY,
                "link": Fault.NO_LINK,
                "coalition": Fault.NO_COALITION,
            },
        ),
    ],
    ids=str,
)  # fmt: skip
def test_all_that_is_wrong_is_told_at_once(fields: dict[str, str], found: dict[str, Fault]) -> None:
    assert faults(**fields) == found


def test_points_and_institutions_must_be_in_the_registry(registry: Registry) -> None:
    assert faults(registry, about="no-such-point") == {"about": Fault.NO_SUCH_POINT}
    answer = {"kind": "answer", "position": "not-ours", "body": "the-ministry", "whose": "nobody-here"}
    assert faults(registry, **answer) == {"whose": Fault.NO_SUCH_BODY}
    assert inbox.message({**answer, "whose": "the-donor", "about": "open-shelters", "text": "No."}, TODAY, registry)


def test_who_asks_to_take_out_a_number_may_name_it() -> None:
    assert said("take-out", text="Take out +7 701 123 45 67, it is hers").kind == Saying.TAKE_OUT


def test_what_does_not_belong_to_a_kind_is_left_out() -> None:
    told = said("nothing-new", when="2026-10", link="https://example.org/", position="agreed", status="refused")
    assert (told.when, told.link, told.position, told.status) == ("", "", "", "")


def test_an_address_as_a_phone_copies_it_gets_its_scheme() -> None:
    assert said(shown_by="link", link="example.org/a").link == "https://example.org/a"


def test_numbers_in_the_address_of_a_page_are_no_telephone_number() -> None:
    assert said(text="It is at https://example.org/news/87011234567 now.")


# --- receipts ---------------------------------------------------------------------------------------


def test_a_receipt_is_found_however_it_is_typed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "_fresh", lambda taken: "KC-AH3M")
    inbox.add(said(), folder, TODAY)
    for typed in ("KC-AH3M", "kc-ah3m", " KCAH3M ", "KC – AH3M", "КС-АН3М"):
        assert inbox.outcome(folder, typed), typed
    for typed in ("", "KC-AH3", "KC-AH3N", "../1", "K" * 10_000):
        assert inbox.outcome(folder, typed) is None, typed


def test_receipts_have_no_letter_that_is_taken_for_another_and_are_not_guessed(folder: Path) -> None:
    made = {inbox._fresh(set()) for _ in range(2000)}
    assert len(made) > 1990
    assert all(re.fullmatch(r"[2-8AC-HJKMNPQRTVWXY]{2}-[2-8AC-HJKMNPQRTVWXY]{4}", each) for each in made)
    assert set(inbox.ALPHABET).isdisjoint("01OIL9SZUB")
    assert len(inbox.ALPHABET) ** 6 > 300_000_000
    assert inbox._fresh(set(made)) not in made


# --- where it lies ----------------------------------------------------------------------------------


def test_without_a_setting_each_registry_has_an_inbox_of_its_own_in_the_users_data(tmp_path: Path) -> None:
    settings = {"XDG_DATA_HOME": str(tmp_path / "data")}
    one, other = (inbox.place(written(tmp_path / name), settings) for name in ("one", "other"))
    assert one != other
    assert one.parent == tmp_path / "data" / "policy-recommendation-tracker"
    assert re.fullmatch(r"inbox-[0-9a-f]{12}", one.name)


@pytest.mark.parametrize("inside", [".", "sources", "../elsewhere", "new/inbox"])
def test_an_inbox_inside_the_repository_is_refused(tmp_path: Path, inside: str) -> None:
    path = written(tmp_path / "repository" / "registry")
    git(tmp_path / "repository", "init", "-q")
    with pytest.raises(inbox.Misplaced, match="TRACKER_INBOX"):
        inbox.place(path, {"TRACKER_INBOX": str(path.parent / inside)})


def test_a_link_that_leads_into_the_registry_is_seen_through(tmp_path: Path) -> None:
    path = written(tmp_path / "registry")
    (tmp_path / "link").symlink_to(path.parent)
    with pytest.raises(inbox.Misplaced):
        inbox.place(path, {"TRACKER_INBOX": str(tmp_path / "link" / "inbox")})
    assert inbox.place(path, {"TRACKER_INBOX": str(tmp_path / "beside")}) == tmp_path / "beside"


# --- slips ------------------------------------------------------------------------------------------

_ids = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)
_words = st.text(
    st.sampled_from("abә қі.:\n\\>-—END TRACKER SLIP 12")
    | st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")),
    max_size=80,
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Any message that can be sent without a login, whatever its words are."""
    kind = draw(st.sampled_from(Saying))
    sign = draw(st.sampled_from(["told", "coalition"]))
    fields = {
        "kind": str(kind),
        "about": draw(_ids),
        "text": draw(_words) + draw(st.sampled_from(["x", "\nEND", "\nTRACKER SLIP 1\ntext:", "\n> y", "\n\\END"])),
        "when": draw(st.sampled_from(["", "2026", "2026-10", "2026-10-03", "2024~"])),
        "shown_by": draw(st.sampled_from(["", "document", "saw", "link"])),
        "link": "https://example.org/a?b=c:d#e",
        "status": draw(st.sampled_from(["", "implemented", "refused"])),
        "sign": sign,
        "coalition": "A: coalition, of “many”" if sign == "coalition" else "",
        "position": draw(st.sampled_from(["agreed", "not-ours"])),
        "whose": draw(_ids),
        "body": draw(_ids),
        "language": draw(st.sampled_from(["en", "ru", "kk"])),
        "came_by": "slip",
    }
    try:
        return inbox.message(fields, TODAY)
    except inbox.Unclear:  # a telephone number among the words
        return inbox.message({**fields, "text": "plain"}, TODAY)


@given(messages())
def test_a_slip_says_what_the_message_says(told: Message) -> None:
    assert inbox.from_slip(inbox.slip(told), TODAY) == told


@given(messages(), st.integers(0, 3), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_slip_comes_back_from_a_mail(told: Message, depth: int, end: str) -> None:
    """Quoted, between other words, with whatever ends of lines, and with spaces cut off or added."""
    lines = ["> " * depth + line for line in inbox.slip(told).splitlines()]
    mail = ["Dear editors,", "", "> older words", *lines, "> " * depth, "-- ", "Sent from a phone"]
    assert inbox.from_slip(end.join(mail), TODAY) == told
    assert inbox.from_slip(end.join(line.rstrip() + " " for line in mail), TODAY) == told


def test_a_slip_is_short_and_can_be_read() -> None:
    told = said(when="2026-11", shown_by="link", link="https://example.org/a", status="in-progress")
    assert inbox.slip(told) == (
        "TRACKER SLIP 1\npoint: open-shelters\nsays: changed\nwhen: 2026-11\nshown by: link\n"
        "link: https://example.org/a\nstatus: in-progress\nsign: told\nlanguage: en\ntext:\nA shelter was opened.\nEND\n"
    )


@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ("hello", [(1, "no line “TRACKER SLIP 1”: copy the whole slip, from that line to “END”")]),
        ("TRACKER SLIP 2\ntext:\nx\nEND", [(1, "a slip of a newer version; bring this program up to date")]),
        ("TRACKER SLIP 1\nsays: wrong\ntext:\nx", [(4, "no line “END”: the slip is cut")]),
        ("TRACKER SLIP 1\nsays: wrong", [(2, "no line “text:”: the slip is cut")]),
        ("TRACKER SLIP 1\nsays: wrong\nsays: wrong\ntext:\nx\nEND", [(3, "“says” stands here a second time")]),
        (
            "Hello\nTRACKER SLIP 1\nsays: changed\nwhen: soon\nlink: ftp://x\ntext:\n\nEND",
            [(2, str(Fault.NO_POINT)), (4, str(Fault.NOT_A_DAY)), (5, str(Fault.NOT_A_LINK)), (6, str(Fault.NO_TEXT))],
        ),
        (
            "TRACKER SLIP 1\nsays: wrong\ntext:\nx\nEND\nTRACKER SLIP 1\nsays: wrong\ntext:\ny\nEND",
            [(6, "another slip begins here; take them in one at a time")],
        ),
    ],
)
def test_all_that_is_wrong_with_a_slip_is_told_with_its_line(slip: str, told: list[tuple[int, str]]) -> None:
    with pytest.raises(inbox.BadSlip) as bad:
        inbox.from_slip(slip, TODAY)
    assert sorted(bad.value.faults) == told


def test_an_unknown_key_of_a_slip_is_told_with_those_that_are_known() -> None:
    with pytest.raises(inbox.BadSlip, match=r"line 2: “who: me” begins with no key of a slip: point, says"):
        inbox.from_slip("TRACKER SLIP 1\nwho: me\ntext:\nx\nEND", TODAY)


def test_no_slip_can_sign_for_an_organisation() -> None:
    slip = "TRACKER SLIP 1\nsays: wrong\nsign: organisation\norganisation: the-state\ntext:\nx\nEND"
    with pytest.raises(inbox.BadSlip, match="line 4"):
        inbox.from_slip(slip, TODAY)
    with pytest.raises(inbox.BadSlip, match="after logging in"):
        inbox.from_slip(slip.replace("organisation: the-state\n", ""), TODAY)


def test_a_slip_in_which_the_same_slip_is_quoted_is_read_once() -> None:
    told = inbox.slip(said())
    answer = told + "\nOn Monday you wrote:\n" + "".join(f"> {line}\n" for line in told.splitlines())
    assert inbox.from_slip(answer, TODAY).text == "A shelter was opened."


def test_somebody_who_holds_the_inbox_is_waited_for_and_then_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "LOCK_SECONDS", 0.2)
    inbox.add(said(), folder, TODAY)
    holder = subprocess.Popen(
        [sys.executable, "-c", f"import fcntl,os,time; fcntl.flock(os.open({str(folder)!r}, 0), 2); print('held', flush=True); time.sleep(30)"],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(inbox.Full, match="try again in a moment"):
            inbox.add(said(), folder, TODAY)
    finally:
        holder.kill()
        holder.wait()
    assert inbox.add(said(), folder, TODAY)
