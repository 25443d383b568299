"""What people sent, outside the repository, until an editor has read it.

One file a message, named by a number: the message, its receipt and the day. No address, no hour and
no browser is kept with it: the file and its folder bear midnight of the day as their time. (When a
file system last changed an entry, its ctime, cannot be set: whoever is root on the machine can see
it.) What an editor has settled keeps its outcome, and loses its text.
"""

import fcntl
import json
import os
import re
import secrets
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Literal, cast
from unicodedata import normalize
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, StringConstraints, TypeAdapter, ValidationError

from dashboard.language.words import mark
from dashboard.registry import privacy
from dashboard.registry.events import FORBIDDEN
from dashboard.registry.model import AnswerPosition, AssessedStatus, Registry
from dashboard.registry.scalars import Language, Slug, day, model

INBOX_VARIABLE = "TRACKER_INBOX"

MOST_LETTERS = 4000
"""Of the text of a message."""

MOST_BYTES = 8 * 1024
"""Of a whole message, in UTF-8."""

MOST_WAITING = 500
RATES = ((60.0, 6), (3600.0, 60))
"""Seconds, and how many messages the whole server takes in them."""

LOCK_SECONDS = 10.0

TEMPORARY = ".writing-"
_SETTLED = "settled"


class Saying(StrEnum):
    """What somebody wants to say."""

    CHANGED = "changed"
    NOTHING_NEW = "nothing-new"
    WRONG = "wrong"
    ANSWER = "answer"
    TAKE_OUT = "take-out"


class Sign(StrEnum):
    TOLD = "told"
    COALITION = "coalition"
    ORGANISATION = "organisation"


class CameBy(StrEnum):
    FORM = "form"
    SLIP = "slip"


class State(StrEnum):
    WAITING = "waiting"
    PUBLISHED = "published"
    DECLINED = "declined"


class Reason(StrEnum):
    """Why a message was not published: of these only the number is public."""

    CANNOT_BE_CHECKED = "cannot-be-checked"
    NAMES_A_PRIVATE_PERSON = "names-a-private-person"
    ALREADY_KNOWN = "already-known"
    NOT_ABOUT_THIS_REGISTRY = "not-about-this-registry"
    UNCLEAR = "unclear"
    OTHER = "other"


class Full(Exception):
    """No message can be taken now; the words say what to do."""


class Settled(Exception):
    """Somebody has settled this message already."""


class NoSuchMessage(Exception):
    """No message has this number."""


class Misplaced(Exception):
    """The inbox would lie where it could be published."""


# --- what a message says ---------------------------------------------------------------------------


def tidy(text: object) -> object:
    """Text without invisible characters, spaces at the ends of lines and empty lines around it."""
    if not isinstance(text, str):
        return text
    seen = FORBIDDEN.sub("", normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")))
    return "\n".join(line.rstrip() for line in seen.split("\n")).strip()


def _one_line(text: object) -> object:
    return " ".join(seen.split()) if isinstance(seen := tidy(text), str) else seen


def _with_scheme(text: object) -> object:
    """An address as people copy it from a phone: example.org/page."""
    seen = _one_line(text)
    return f"https://{seen}" if isinstance(seen, str) and _BARE.fullmatch(seen) else seen


def _address(text: str) -> str:
    """An address of a page, without a user name in it. Raises ValueError."""
    parts = urlsplit(text)
    if text and not (
        _LINK.fullmatch(text) and parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    ):
        raise ValueError("is no address of a page")
    return text


def _date(text: str) -> str:
    return str(day(text)) if text else ""


_LINK = re.compile(r'https?://[^\s<>"{}|\\^`]+')
_BARE = re.compile(r"(?!https?:)[^\s/:@]+\.[^\s/:@]+(/\S*)?")
_Line = BeforeValidator(_one_line)
_Name = Slug | Literal[""]


@model
class Message:
    """What somebody told the editors. `organisation` is only ever set from a login, never from a form."""

    about: _Name = ""
    kind: Saying
    text: Annotated[str, BeforeValidator(tidy), StringConstraints(min_length=1, max_length=MOST_LETTERS)]
    when: Annotated[str, AfterValidator(_date)] = ""
    shown_by: Literal["link", "document", "saw", ""] = ""
    link: Annotated[
        str, BeforeValidator(_with_scheme), StringConstraints(max_length=2000), AfterValidator(_address)
    ] = ""
    status: AssessedStatus | Literal[""] = ""
    sign: Sign = Sign.TOLD
    coalition: Annotated[str, _Line, StringConstraints(max_length=120)] = ""
    organisation: _Name = ""
    position: AnswerPosition | Literal[""] = ""
    whose: _Name = ""
    body: _Name = ""
    language: Language = "en"
    came_by: CameBy = CameBy.FORM


class Fault(StrEnum):
    """What is wrong with what somebody wants to send, in a sentence that says what to do."""

    NO_KIND = mark("Choose what you want to say.")
    NO_POINT = mark("Choose the point that it is about.")
    NO_SUCH_POINT = mark("There is no such point here. Choose one of those that are.")
    NO_TEXT = mark("Write at least a few words.")
    TOO_LONG = mark("The text is too long: keep it under 4000 letters, or send it in two parts.")
    NOT_A_DAY = mark("Write a year, a month or a day, such as 2026, 2026-10 or 2026-10-03.")
    TO_COME = mark("That day is still to come. Write when it happened.")
    NO_LINK = mark("Write the address of the page, or choose one of the other two.")
    NOT_A_LINK = mark("That is not the address of a page. It begins with https:// and holds no user name.")
    NO_COALITION = mark("Write the name of the coalition, or choose another signature.")
    NAME_TOO_LONG = mark("The name is too long: keep it under 120 letters.")
    NO_LOGIN = mark("An organisation signs only after logging in. Choose another signature.")
    NO_POSITION = mark("Choose what your institution answers.")
    NO_BODY = mark("Choose the institution that answers.")
    NO_SUCH_BODY = mark("There is no such institution here. Choose one of those that are.")
    EMAIL = mark("There is an e-mail address in it. Take it out: nobody’s address may be kept here.")
    PHONE = mark("There is a telephone number in it. Take it out: nobody’s number may be kept here.")
    NOT_OF_THE_FORM = mark("This cannot be chosen here. Choose one of those that are offered.")


class Unclear(ValueError):
    """Something cannot be sent as it stands: each field with what is wrong with it."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = dict(faults)


_OF_ALL = ("about", "kind", "text", "sign", "coalition", "organisation", "language", "came_by")
_OF: Mapping[Saying, tuple[str, ...]] = {
    Saying.CHANGED: (*_OF_ALL, "when", "shown_by", "link", "status"),
    Saying.NOTHING_NEW: _OF_ALL,
    Saying.WRONG: (*_OF_ALL, "shown_by", "link"),
    Saying.ANSWER: (*_OF_ALL, "position", "whose", "body", "link"),
    Saying.TAKE_OUT: ("about", "kind", "text", "language", "came_by"),
}
"""Which fields a message of each kind has; whatever else was filled in is left out."""

_MISFIT = {
    "text": Fault.TOO_LONG,
    "when": Fault.NOT_A_DAY,
    "link": Fault.NOT_A_LINK,
    "coalition": Fault.NAME_TOO_LONG,
    "about": Fault.NO_SUCH_POINT,
    "body": Fault.NO_SUCH_BODY,
    "whose": Fault.NO_SUCH_BODY,
    "position": Fault.NO_POSITION,
}


def message(fields: Mapping[str, str], today: date, registry: Registry | None = None) -> Message:
    """The message that was filled in. Raises Unclear with all that is wrong, each field once.

    With a registry, the point and the institutions must be there.
    """
    try:
        kind = Saying(fields.get("kind", ""))
    except ValueError:
        raise Unclear({"kind": Fault.NO_KIND}) from None
    given = {name: fields[name] for name in _OF[kind] if fields.get(name)}
    faults: dict[str, Fault] = {}
    made = None
    try:
        made = Message(**{"text": "", **given})  # type: ignore[arg-type]
    except ValidationError as error:
        for each in error.errors():
            name = str(each["loc"][0])
            empty = name == "text" and not tidy(given.get("text", ""))
            faults[name] = Fault.NO_TEXT if empty else _MISFIT.get(name, Fault.NOT_OF_THE_FORM)
    faults = {**dict(_wanting(kind, given)), **faults, **dict(_unknown(given, registry))}
    if made and made.when and day(made.when).first > today:
        faults["when"] = Fault.TO_COME
    if made and weight(made) > MOST_BYTES:
        faults["text"] = Fault.TOO_LONG
    faults = {**dict(_private(kind, given)), **faults}
    if faults or made is None:
        raise Unclear(faults)
    return made


def _wanting(kind: Saying, given: Mapping[str, str]) -> Iterator[tuple[str, Fault]]:
    """What a message of this kind cannot do without."""
    if kind in (Saying.CHANGED, Saying.NOTHING_NEW, Saying.ANSWER) and "about" not in given:
        yield "about", Fault.NO_POINT
    if given.get("shown_by") == "link" and not tidy(given.get("link", "")):
        yield "link", Fault.NO_LINK
    if given.get("sign") == Sign.COALITION and not tidy(given.get("coalition", "")):
        yield "coalition", Fault.NO_COALITION
    if given.get("sign") == Sign.ORGANISATION and "organisation" not in given:
        yield "sign", Fault.NO_LOGIN
    if kind == Saying.ANSWER and "position" not in given:
        yield "position", Fault.NO_POSITION
    if kind == Saying.ANSWER and "body" not in given:
        yield "body", Fault.NO_BODY


def _unknown(given: Mapping[str, str], registry: Registry | None) -> Iterator[tuple[str, Fault]]:
    if registry is None:
        return
    if given.get("about") and given["about"] not in registry.records:
        yield "about", Fault.NO_SUCH_POINT
    for name in ("body", "whose", "organisation"):
        if given.get(name) and given[name] not in registry.actors:
            yield name, Fault.NO_SUCH_BODY


def _private(kind: Saying, given: Mapping[str, str]) -> Iterator[tuple[str, Fault]]:
    """E-mail addresses and telephone numbers; who asks to take one out must be able to name it."""
    for name in ("text", "coalition") if kind != Saying.TAKE_OUT else ():
        found = privacy.hidden(_LINK.sub(" ", given.get(name, "")))
        if found:
            yield name, Fault.EMAIL if "mail" in found else Fault.PHONE


def weight(told: Message) -> int:
    """The bytes of all that a message says."""
    return sum(len(str(getattr(told, each.name)).encode()) for each in fields(cast(Any, told)))


# --- slips: a message as text, to travel by any channel ---------------------------------------------

SLIP = "TRACKER SLIP 1"
_END = "END"
_KEYS = {
    "point": "about",
    "says": "kind",
    "when": "when",
    "shown by": "shown_by",
    "link": "link",
    "status": "status",
    "answers": "body",
    "position": "position",
    "whose": "whose",
    "sign": "sign",
    "coalition": "coalition",
    "language": "language",
}
"""The keys of a slip and the fields that they stand for. A login cannot be written down: no organisation."""

_BEGINS = re.compile(r"[ \t]*((?:>[ \t]?)*)[ \t]*TRACKER SLIP ([0-9]+)[ \t]*")
_SLIP_KEY = re.compile(r"[ \t]*([A-Za-z ]{1,20}?)[ \t]*:(.*)")
_STUFFED = re.compile(r"\\|[ \t]*END$|.*TRACKER SLIP [0-9]")


class BadSlip(ValueError):
    """A slip that cannot be read: each line, counted from 1, with what is wrong in it."""

    def __init__(self, faults: Iterable[tuple[int, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"line {line}: {said}" for line, said in self.faults))


def slip(told: Message) -> str:
    """A message as a short text that can be read, mailed, and typed off."""
    sign = Sign.TOLD if told.sign == Sign.ORGANISATION else told.sign
    said = {**{field: str(getattr(told, field)) for field in _KEYS.values()}, "sign": str(sign)}
    lines = [f"{key}: {said[field]}" for key, field in _KEYS.items() if said[field]]
    # A line of the text that looks like a part of the slip gets a backslash before it.
    text = ["\\" + line if _STUFFED.match(line) else line for line in told.text.split("\n")]
    return "\n".join([SLIP, *lines, "text:", *text, _END]) + "\n"


def from_slip(text: str, today: date, registry: Registry | None = None) -> Message:
    """The message of a slip, wherever it stands in a mail, quoted or not. Raises BadSlip."""
    lines = FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    begins = [(number, found) for number, line in enumerate(lines) if (found := _BEGINS.fullmatch(line))]
    if not begins:
        raise BadSlip([(1, f"no line “{SLIP}”: copy the whole slip, from that line to “{_END}”")])
    first, found = begins[0]
    if found[2] != "1":
        raise BadSlip([(first + 1, "a slip of a newer version; bring this program up to date")])
    depth = found[1].count(">")
    again = next((n for n, other in begins[1:] if other[1].count(">") <= depth), None)
    if again is not None:
        raise BadSlip([(again + 1, "another slip begins here; take them in one at a time")])
    plain = [_unquoted(line, depth) for line in lines[first + 1 :]]
    fields, places, faults = _slip_fields(plain, first + 2)
    if faults:
        raise BadSlip(faults)
    try:
        return message({**fields, "came_by": CameBy.SLIP}, today, registry)
    except Unclear as error:
        raise BadSlip((places.get(name, first + 1), str(fault)) for name, fault in error.faults.items()) from None


def _unquoted(line: str, depth: int) -> str:
    """A line without the marks that mail put before the whole slip, and before nothing else."""
    for _ in range(depth):
        line = re.sub(r"^[ \t]*>[ \t]?", "", line, count=1)
    return line


def _slip_fields(lines: list[str], offset: int) -> tuple[dict[str, str], dict[str, int], list[tuple[int, str]]]:
    """The fields, the line of each, and what is wrong; `offset` is the number of the first line."""
    fields: dict[str, str] = {}
    places: dict[str, int] = {}
    faults = []
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        found = _SLIP_KEY.fullmatch(line)
        key = found[1].lower() if found else ""
        if key == "text" and found:
            places["text"] = offset + at
            rest = [found[2], *lines[at + 1 :]]
            end = next((n for n, each in enumerate(rest) if n and each.strip() == _END), None)
            if end is None:
                faults.append((offset + len(lines) - 1, f"no line “{_END}”: the slip is cut"))
            fields["text"] = "\n".join(each.removeprefix("\\") for each in rest[:end])
            return fields, places, faults
        if found is None or key not in _KEYS:
            known = ", ".join(_KEYS)
            faults.append((offset + at, f"“{line.strip()[:40]}” begins with no key of a slip: {known}, text"))
        elif _KEYS[key] in fields:
            faults.append((offset + at, f"“{key}” stands here a second time"))
        else:
            fields[_KEYS[key]], places[_KEYS[key]] = found[2].strip(), offset + at
    return fields, places, [*faults, (offset + len(lines) - 1, "no line “text:”: the slip is cut")]


# --- where it lies ----------------------------------------------------------------------------------


def place(registry: Path, settings: Mapping[str, str] = os.environ) -> Path:
    """The folder of the inbox of a registry: TRACKER_INBOX, else one of its own in the user's data.

    Raises Misplaced where that lies in the folder, or in the checked-out repository, of the registry.
    """
    return outside(registry, "inbox", INBOX_VARIABLE, settings)


def outside(registry: Path, what: str, variable: str, settings: Mapping[str, str], suffix: str = "") -> Path:
    """Where something of a registry lies that is not published with it: as the variable says, else in the user's data.

    Raises Misplaced.
    """
    path = registry.resolve()
    if named := settings.get(variable):
        place = Path(named).expanduser().resolve()
    else:
        data = settings.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
        name = f"{what}-{sha256(str(path).encode()).hexdigest()[:12]}{suffix}"
        place = (Path(data) / "policy-recommendation-tracker" / name).resolve()
    root = next((above for above in path.parents if (above / ".git").exists()), path.parent)
    for public in (path.parent, root):
        if place == public or public in place.parents:
            raise Misplaced(
                f"the {what} {place} lies in {public}, which is published; set {variable} to a {'file' if suffix else 'folder'}"
                " outside the repository"
            )
    return place


# --- messages in it ---------------------------------------------------------------------------------


@model
class Waiting:
    """A message in the inbox."""

    number: int
    receipt: str
    day: date
    message: Message


@model
class Outcome:
    """What became of a message: all that is kept of it once it is settled."""

    number: int
    receipt: str
    day: date
    kind: Saying
    about: str
    state: State
    settled_on: date | None = None
    reason: Reason | None = None
    words: Annotated[str, BeforeValidator(tidy), StringConstraints(max_length=1000)] = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many messages were published, and how many were not, by the kind of reason."""

    published: int
    declined: Mapping[Reason, int]


def add(told: Message, folder: Path, today: date) -> str:
    """Keep a message; its receipt. On disk for good when this returns. Raises Full, OSError."""
    with _writing(folder, today) as box:
        if len(box.waiting) >= MOST_WAITING:
            raise Full(
                f"{MOST_WAITING} messages wait to be read, and no more are taken; copy it as text and send it another way"
            )
        number = max((*box.waiting, *box.settled), default=0) + 1
        receipt = _fresh({each.receipt for each in _everything(box)})
        kept = Waiting(number=number, receipt=receipt, day=today, message=told)
        box.write(folder / f"{number}.json", _WAITING.dump_python(kept, mode="json"))
    return receipt


def waiting(folder: Path) -> list[Waiting]:
    """What waits to be read: first what should be taken out, then the oldest."""
    with _reading(folder) as box:
        found = [each for number in box.waiting if (each := _waiting(box, number))]
    return sorted(found, key=lambda each: (each.message.kind != Saying.TAKE_OUT, each.number))


def damaged(folder: Path) -> list[Path]:
    """Files of the inbox that cannot be read as messages: somebody must look at them."""
    with _reading(folder) as box:
        bad = [box.file(number) for number in box.waiting if _waiting(box, number) is None]
        return bad + [box.file(number) for number in box.settled if _outcome(box, number) is None]


def read(folder: Path, number: int) -> Waiting:
    """One message. Raises Settled where it is no longer there, NoSuchMessage."""
    with _reading(folder) as box:
        return _one(box, number)


def settle(
    folder: Path, number: int, state: State, today: date, reason: Reason | None = None, words: str = ""
) -> Outcome:
    """Note what became of a message, and delete what it said.

    `words` are for the sender, who reads them with the receipt. Raises Settled, NoSuchMessage,
    ValueError, OSError.
    """
    if state == State.WAITING or (state == State.DECLINED) != (reason is not None):
        raise ValueError("a message is published, or declined for a reason")
    with _writing(folder, today) as box:
        told = _one(box, number)
        outcome = Outcome(
            number=number,
            receipt=told.receipt,
            day=told.day,
            kind=told.message.kind,
            about=told.message.about,
            state=state,
            settled_on=today,
            reason=reason,
            words=words,
        )
        box.write(folder / _SETTLED / f"{number}.json", _OUTCOME.dump_python(outcome, mode="json"))
        (folder / f"{number}.json").unlink()
        return outcome


def outcome(folder: Path, receipt: str) -> Outcome | None:
    """What became of the message with a receipt; None where there is none such."""
    wanted = as_receipt(receipt)
    with _reading(folder) as box:
        return next((each for each in _everything(box) if each.receipt == wanted), None) if wanted else None


def counts(folder: Path) -> Counts:
    """How many were published, and how many were not and why: what the public may know."""
    with _reading(folder) as box:
        settled = [each for number in box.settled if (each := _outcome(box, number))]
    declined = Counter(each.reason for each in settled if each.reason)
    return Counts(
        sum(each.state == State.PUBLISHED for each in settled),
        {reason: declined[reason] for reason in Reason if declined[reason]},
    )


def holding(folder: Path, count: Callable[[bytes], int]) -> list[int]:
    """The numbers of messages, settled ones too, in whose files `count` finds something."""
    with _reading(folder) as box:
        return [number for number in (*box.waiting, *box.settled) if count(_content(box.file(number)))]


def mended(folder: Path, clean: Callable[[bytes], bytes], today: date) -> int:
    """Every file of the inbox as `clean` leaves it; how many were changed. Raises Full, OSError."""
    if not folder.is_dir():
        return 0
    changed = 0
    with _writing(folder, today) as box:
        for number in (*box.waiting, *box.settled):
            content = _content(file := box.file(number))
            if (new := clean(content)) != content:
                box.put(file, new)
                changed += 1
    return changed


# --- receipts ---------------------------------------------------------------------------------------

ALPHABET = "2345678ACDEFGHJKMNPQRTVWXY"
"""Letters and figures of which none is taken for another."""

_TYPED = str.maketrans("АВЕКМНРСТХУ", "ABEKMHPCTXY")
"""Cyrillic letters that look like Latin ones: on a Kazakh keyboard those are nearest."""

_RECEIPT = re.compile(f"[{ALPHABET}]{{2}}-[{ALPHABET}]{{4}}")


def as_receipt(typed: str) -> str:
    """A receipt as it was given out, however it was typed; empty where it can be none."""
    letters = re.sub(r"[\s\-\u2010-\u2015]", "", typed[:40].upper().translate(_TYPED))
    code = f"{letters[:2]}-{letters[2:]}"
    return code if _RECEIPT.fullmatch(code) else ""


def _fresh(taken: set[str]) -> str:
    while True:
        letters = [secrets.choice(ALPHABET) for _ in range(6)]
        code = f"{''.join(letters[:2])}-{''.join(letters[2:])}"
        if code not in taken:
            return code


# --- how many in a while ----------------------------------------------------------------------------


class Rate:
    """How often something may happen, for the whole server, kept in memory only.

    For everybody together: no address is kept, so that one sender cannot be told from another.
    """

    def __init__(self, limits: Iterable[tuple[float, int]] = RATES) -> None:
        self._limits = tuple(limits)
        self._times: deque[float] = deque()
        self._lock = Lock()

    def take(self, now: float) -> None:
        """Counts one more at `now`, in seconds. Raises Full."""
        with self._lock:
            while self._times and self._times[0] <= now - max(seconds for seconds, _ in self._limits):
                self._times.popleft()
            for seconds, most in self._limits:
                if sum(at > now - seconds for at in self._times) >= most:
                    raise Full(f"more than {most} in {seconds:.0f} seconds; wait a little, or send it another way")
            self._times.append(now)


# --- the folder -------------------------------------------------------------------------------------

_WAITING = TypeAdapter(Waiting)
_OUTCOME = TypeAdapter(Outcome)
_NUMBERED = re.compile(r"([1-9][0-9]{0,8})\.json")
_NO_TRACE = getattr(os, "O_NOATIME", 0)
"""Reading must not note its hour either: the first to read a message may be its sender, for the receipt."""


@dataclass(frozen=True, slots=True)
class _Box:
    """The folder under its lock: the numbers of the messages that wait, and of those that are settled."""

    folder: Path
    waiting: tuple[int, ...]
    settled: tuple[int, ...]
    today: date | None = None

    def file(self, number: int) -> Path:
        return self.folder / (_SETTLED if number in self.settled else "") / f"{number}.json"

    def write(self, path: Path, content: object) -> None:
        self.put(path, json.dumps(content, ensure_ascii=False, indent=1).encode())

    def put(self, path: Path, content: bytes) -> None:
        """The whole file or nothing, on disk when this returns, for its owner only, at no hour."""
        assert self.today
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=self.folder)
        try:
            with open(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(handle, 0o600)
                os.utime(handle, (_midnight(self.today), _midnight(self.today)))
                os.fsync(handle)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        for folder in {self.folder, path.parent}:
            _sync(folder)


@contextmanager
def _writing(folder: Path, today: date) -> Iterator[_Box]:
    """The box for one who changes it; afterwards the folder bears no hour."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(folder) as handle:
        os.fchmod(handle, 0o700)
        for stray in folder.glob(f"{TEMPORARY}*"):  # of a writer that was killed: under the lock none is living
            stray.unlink(missing_ok=True)
        waiting, settled = _listed(folder, handle)
        for number in set(waiting) & set(settled):  # killed between the two steps of settling
            (folder / f"{number}.json").unlink()
        try:
            yield _Box(folder, tuple(n for n in waiting if n not in settled), settled, today)
        finally:
            for each in (folder, folder / _SETTLED):
                with suppress(FileNotFoundError):
                    os.utime(each, (_midnight(today), _midnight(today)))
            os.fsync(handle)


@contextmanager
def _reading(folder: Path) -> Iterator[_Box]:
    """The box for one who only reads it; an inbox that is not there yet is an empty one."""
    if not folder.is_dir():
        yield _Box(folder, (), ())
        return
    with _locked(folder) as handle:
        waiting, settled = _listed(folder, handle)
        yield _Box(folder, tuple(n for n in waiting if n not in settled), settled)


def _listed(folder: Path, handle: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The numbers of the files of messages that wait, and of those that are settled."""
    there = _numbers(os.listdir(handle))
    return there, _numbers(path.name for path in (folder / _SETTLED).glob("*.json"))


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _numbers(names: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted(int(found[1]) for name in names if (found := _NUMBERED.fullmatch(name))))


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """One at a time, readers as well. The lock lies on the folder itself and ends with the process."""
    handle = _opened(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        until = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise Full("somebody else holds the inbox; try again in a moment") from None
                time.sleep(0.01)
        yield handle
    finally:
        os.close(handle)


def _opened(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_CLOEXEC | _NO_TRACE)
    except PermissionError:  # only its owner may read without a trace
        return os.open(path, flags | os.O_CLOEXEC)


def _sync(folder: Path) -> None:
    handle = _opened(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _content(path: Path) -> bytes:
    with open(_opened(path, os.O_RDONLY), "rb") as file:
        return file.read()


def _waiting(box: _Box, number: int) -> Waiting | None:
    """A message that waits; None where its file cannot be read as one."""
    try:
        return _WAITING.validate_json(_content(box.folder / f"{number}.json"))
    except ValidationError:
        return None


def _outcome(box: _Box, number: int) -> Outcome | None:
    try:
        return _OUTCOME.validate_json(_content(box.folder / _SETTLED / f"{number}.json"))
    except ValidationError:
        return None


def _one(box: _Box, number: int) -> Waiting:
    if number in box.settled:
        raise Settled(f"message {number} is settled already; nothing was done")
    found = _waiting(box, number) if number in box.waiting else None
    if found is None:
        raise NoSuchMessage(f"no message {number} waits in the inbox")
    return found


def _everything(box: _Box) -> Iterator[Outcome]:
    """What became of every message, of those that wait as well."""
    for number in box.waiting:
        if found := _waiting(box, number):
            told = found.message
            yield Outcome(
                number=number,
                receipt=found.receipt,
                day=found.day,
                kind=told.kind,
                about=told.about,
                state=State.WAITING,
            )
    for number in box.settled:
        if settled := _outcome(box, number):
            yield settled
