"""What becomes of one record from version to version of its file: which entries came, changed or went.

Bytes of a registry in, values out. Which versions there are is history.py's.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from dashboard.registry import events, rules
from dashboard.registry.model import (
    Answer,
    Asked,
    Assessment,
    Check,
    Funding,
    Publisher,
    Recommendation,
    Registry,
    RegistryFile,
    Retired,
    Setback,
    Step,
)
from dashboard.registry.scalars import Text

Entry = Step | Answer | Asked | Funding | Assessment | Check | Setback | Retired | Text


class What(StrEnum):
    """What of a record a version changed."""

    ENTERED = "entered"
    TAKEN_OUT = "taken-out"
    UNREADABLE = "unreadable"
    """It cannot be read in that version, or not told apart from its neighbours."""
    TITLE = "title"
    SUMMARY = "summary"
    WORDING = "wording"
    CONDITIONS = "conditions"
    DUE = "due"
    ADDRESSED = "addressed"
    FILED = "filed"
    """Its kind, theme, instrument, date or relations."""
    RETIRED = "retired"
    JUDGED = "judged"
    WITHDRAWN = "withdrawn"
    LOOKED = "looked"
    STEP = "step"
    ANSWER = "answer"
    ASKED = "asked"
    MONEY = "money"
    SETBACK = "setback"
    QUESTION = "question"
    TRANSLATED = "translated"
    STAMPED = "stamped"
    """Only what a tool writes: the day of entry, the fingerprint of what was judged; or who read it over."""


class How(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs between two versions of a record. `entry`: as it now stands; as it stood, where it is gone."""

    what: What
    how: How = How.CHANGED
    entry: Entry | None = None


_LISTS = {
    "assessments": What.JUDGED,
    "checks": What.LOOKED,
    "steps": What.STEP,
    "answers": What.ANSWER,
    "asked": What.ASKED,
    "funding": What.MONEY,
    "setbacks": What.SETBACK,
    "open_questions": What.QUESTION,
}
"""Lists of a record whose entries are told one by one."""

_WHOLE = {
    "title": What.TITLE,
    "summary": What.SUMMARY,
    "text": What.WORDING,
    "origin": What.WORDING,
    "done_when": What.CONDITIONS,
    "beyond_test": What.CONDITIONS,
    "open_ended": What.CONDITIONS,
    "due": What.DUE,
    "actors": What.ADDRESSED,
    "retired": What.RETIRED,
}
"""Fields that are told as a whole; all others are how the record is filed."""

_STAMPS = ("judged", "recorded_on", "reviewed_by")


def differences(was: Recommendation, now: Recommendation) -> tuple[Difference, ...]:
    """How a record differs from an earlier version of itself; nothing where only the layout does."""
    found: list[Difference] = []
    for name in (each.name for each in fields(Recommendation)):
        before, after = getattr(was, name), getattr(now, name)
        if before == after:
            continue
        if name in _LISTS:
            found += _of_list(_LISTS[name], before, after)
        elif _gist(before) == _gist(after):
            found.append(Difference(What.TRANSLATED))
        else:
            found.append(Difference(_WHOLE.get(name, What.FILED), entry=after if name == "retired" else None))
    return tuple(dict.fromkeys(found))


def _of_list(what: What, was: Iterable[Entry], now: Iterable[Entry]) -> Iterator[Difference]:
    """The entries that are new, those that stand in the place of others, and those that are gone."""
    before, after = ({_gist(entry): entry for entry in entries} for entries in (was, now))
    fresh = [entry for gist, entry in after.items() if gist not in before]
    lost = [entry for gist, entry in before.items() if gist not in after]
    for n, entry in enumerate(fresh):
        yield Difference(what, How.CHANGED if n < len(lost) else How.ADDED, entry)
    for entry in lost[len(fresh) :]:
        yield Difference(what, How.GONE, entry)
    for gist in before.keys() & after.keys():
        yield from _same(what, before[gist], after[gist])


def _same(what: What, was: Any, now: Any) -> Iterator[Difference]:
    """An entry that says the same: withdrawn, translated or stamped since."""
    if getattr(was, "withdrawn", None) != getattr(now, "withdrawn", None):
        yield Difference(What.WITHDRAWN, entry=now) if now.withdrawn else Difference(what, entry=now)
    if _gist(was, texts=True) != _gist(now, texts=True):
        yield Difference(What.TRANSLATED)
    elif any(getattr(was, stamp, None) != getattr(now, stamp, None) for stamp in _STAMPS):
        yield Difference(What.STAMPED)


def _gist(value: Any, texts: bool = False) -> Any:
    """What a value says, without what may be added later: translations (unless `texts`), stamps, a withdrawal."""
    if isinstance(value, tuple):
        return tuple(_gist(each, texts) for each in value)
    if isinstance(value, Text):
        return value if texts else (value.original, value.held(value.original))
    if is_dataclass(value) and hasattr(value, "__pydantic_fields__"):
        names = (each.name for each in fields(value) if each.name not in (*_STAMPS, "withdrawn"))
        return tuple((name, _gist(getattr(value, name), texts)) for name in names)
    return value


def altered(was: Assessment, now: Assessment, record: Recommendation) -> str:
    """The field of a judgement that may never change (rules.against) and did; empty where none did."""
    then, since = (_alone(replace(record, assessments=(given,))) for given in (was, now))
    return next((str(problem.path[-1]) for problem in rules.against(then, since, "")), "")


def _alone(record: Recommendation) -> Registry:
    nobody = Publisher(name="-")
    file = RegistryFile(
        version="1", title=Text(en="-"), publisher=nobody, licence="-", themes=(), actors=(), recommendations=(record,)
    )
    return Registry(file=file)


# --- the record's own lines -------------------------------------------------------------------------

Lines = Mapping[str, bytes] | None
"""Id to the lines of that record, each as a small file of its own; None where they cannot be told apart."""

UNREADABLE = b""

_LIST = b"\nrecommendations:"
_AT_THE_EDGE = re.compile(rb"\n[^\s#-]")
_FIRST = re.compile(rb"[ \t]*(?:#[^\n]*)?\r?(?:\n[ \t]*(?:#[^\n]*)?\r?)*?\n( *)- ")
_NONE = re.compile(rb"[ \t]*(?:\[\][ \t]*)?(?:#[^\n]*)?\s*")
_ID = rb"id:[ \t]+[\"']?([a-z0-9-]+)[\"']?[ \t]*(?:#[^\n]*)?\r?(?:\n|$)"
_OWN_ID = re.compile(_ID)


def cut(data: bytes, like: Lines = None) -> Lines:
    """The records of a file by its text alone, which is fifty times faster than reading it.

    Lines that stand in `like` already are shared with it: neighbouring versions differ in few.
    """
    begin = data.find(_LIST)
    if begin < 0:
        return None if b"recommendations:" in data else {}
    begin += len(_LIST)
    after = _AT_THE_EDGE.search(data, begin)
    end = after.start() if after else len(data)
    first = _FIRST.match(data, begin, end)
    if first is None:
        return {} if _NONE.fullmatch(data, begin, end) else None
    found: dict[str, bytes] = {}
    dash = b"\n" + first[1] + b"- "
    further = re.compile(rb"\n" + first[1] + rb"  " + _ID)
    for piece in data[first.end() : end].split(dash):
        own = _OWN_ID.match(piece) or further.search(piece)
        name = own[1].decode() if own else ""
        lines = b"recommendations:" + dash + piece + b"\n...\n"
        same = like.get(name) if like else None
        found[name] = same if same == lines else lines
    return found


def lines_of(lines: Lines, name: str) -> bytes | None:
    """The lines of one record; None where it is not there, UNREADABLE where it cannot be told."""
    if lines is None:
        return UNREADABLE
    return lines.get(name, UNREADABLE if "" in lines else None)


@lru_cache(maxsize=1024)
def read(lines: bytes) -> Recommendation | None:
    """The record that stands in lines of its own; None where they cannot be read."""
    try:
        plain, _ = events.build(lines, "")
        record: Recommendation = _adapter().validate_python(plain["recommendations"][0])
    except (events.Cut, ValidationError, LookupError, TypeError):
        return None
    return record


@cache
def _adapter() -> TypeAdapter[Recommendation]:
    return TypeAdapter(Recommendation)
