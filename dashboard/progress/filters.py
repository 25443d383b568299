"""A selection of records: from and to an address, and which records of a frame it keeps.

Addresses carry stable ids, never labels, so that a link sent to a colleague restores the same view
in any language. Values of one key mean or; keys mean and; what is unknown is left out and told.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd

from dashboard.progress.frame import SORTS, Frame, Mask, among
from dashboard.registry.grounds import bodies_above
from dashboard.registry.model import Addressed, Basis, Kind, Known, Registry, Role, Side, Status

FLAGS = ("disagree", "due", "testable")
COLUMNS = ("side", "status", "known", "theme", "kind")
"""Keys that are a column of the frame's table."""

WORDS: dict[str, frozenset[str]] = {
    "side": frozenset(Side),
    "role": frozenset(Role),
    "basis": frozenset(Basis),
    "status": frozenset(Status),
    "known": frozenset(Known),
    "kind": frozenset(Kind),
    "sort": frozenset(SORTS),
}

EARLIEST = date(1900, 1, 1)
"""No registry of ours asks for a day before it; the calendar of the computer ends at the year 1."""


class Published(NamedTuple):
    """`published_on` of an address: the day, and the exact version where a citation names it."""

    on: date
    version: str = ""

    def __str__(self) -> str:
        return f"{self.on}-{self.version}" if self.version else str(self.on)


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody selected. Empty means all. `since` and `until` are `from` and `to` of an address."""

    side: tuple[str, ...] = ()
    actor: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    disagree: bool = False
    due: bool = False
    testable: bool = False
    q: str = ""
    as_of: date | None = None
    published_on: Published | None = None
    since: date | None = None
    until: date | None = None
    sort: str = ""
    unknown: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_address(cls, query: Mapping[str, Sequence[str]], registry: Registry, today: date) -> Self:
        """The selection of an address. Values that name nothing, and days to come, go to `unknown`."""
        chosen: dict[str, object] = {}
        unknown: list[str] = []
        for key, allowed in _allowed(registry).items():
            values = list(dict.fromkeys(filter(None, query.get(key, ()))))
            good = [v for v in values if (_names_actor(v, allowed) if key == "actor" else v in allowed)]
            unknown += [f"{key}={value}" for value in values if value not in good]
            chosen[key] = tuple(good)
        chosen["sort"] = "".join(chosen["sort"][-1:])  # type: ignore[index]
        for key in FLAGS:
            chosen[key] = "1" in query.get(key, ())
        # The registry holds no invisible or control characters, and some outputs cannot.
        typed = "".join(letter if letter.isprintable() else " " for letter in " ".join(query.get("q", ())))
        chosen["q"] = " ".join(typed.split())[:200]
        for name, read in _DAYS.items():
            key = _KEYS.get(name, name)
            if asked := [text for text in query.get(key, ()) if text]:
                chosen[name] = found = read(asked[-1], today)
                unknown += [] if found else [f"{key}={asked[-1]}"]
        return cls(**chosen, unknown=tuple(unknown))  # type: ignore[arg-type]

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """The keys of an address that select."""
        return tuple(key for _, key in _NAMED)

    def pairs(self) -> list[tuple[str, str]]:
        """The selection as the pairs of an address, in one order."""
        found: list[tuple[str, str]] = []
        for name, key in _NAMED:
            value = getattr(self, name)
            if not value:
                continue
            if isinstance(value, tuple) and not isinstance(value, Published):
                found += [(key, one) for one in value]
            else:
                found.append((key, "1" if value is True else str(value)))
        return found

    def clocks(self) -> Self:
        """Of this selection only the days: as of, as published on."""
        return type(self)(as_of=self.as_of, published_on=self.published_on)

    def citing(self, day: date, version: str) -> Self:
        """The same selection in the version that is shown on `day`."""
        return replace(self, published_on=Published(day, version))

    @property
    def narrows(self) -> bool:
        """Whether it leaves records out; a day or an order does not."""
        return bool(replace(self, sort="", since=None, until=None, as_of=None, published_on=None).pairs())

    def choosing(self, key: str, *values: str) -> Self:
        """The selection with just these values of a key; any value sets a flag."""
        changed: dict[str, Any] = {key: True if key in FLAGS else values}
        return replace(self, **changed)

    def without(self, key: str, value: str | None = None) -> Self:
        """The selection with one value of a key, or all of a key, taken back."""
        now = getattr(self, key)
        kept: object = _NOTHING[key]
        if isinstance(now, tuple) and value is not None:
            kept = tuple(one for one in now if one != value)
        changed: dict[str, Any] = {key: kept, "unknown": ()}
        return replace(self, **changed)

    def apply(self, frame: Frame) -> Frame:
        """The records that this selection keeps, in the order that it asks for."""
        return frame.only(self.mask(frame)).sorted(self.sort)

    def mask(self, frame: Frame, without: str = "") -> Mask:
        """Which lines of the frame's table are kept; with one key taken back, if one is named."""
        table = frame.table
        kept: Mask = np.ones(len(frame), dtype=bool)
        for key in COLUMNS:
            if (wanted := getattr(self, key)) and key != without:
                kept &= table[key].isin(wanted).to_numpy()
        for key in FLAGS:
            if getattr(self, key) and key != without:
                kept &= table[key].to_numpy()
        if self.source and without != "source":
            kept &= _holds(frame, frame.origins["point"][frame.origins["source"].isin(self.source)])
        if self.actor or self.role or self.basis:
            kept &= _holds(frame, self._parties(frame, without)["point"])
        if self.q and without != "q":
            kept &= frame.saying(self.q)
        return kept

    def counts(self, frame: Frame, key: str) -> dict[str, int]:
        """For each value of a key, how many records it would show beside what else is selected."""
        kept = self.mask(frame, without=key)
        if key in COLUMNS:
            return _counted(frame.table[key].cat.categories, frame.table[key].cat.codes.to_numpy()[kept])
        if key in FLAGS:
            return {"1": int(frame.table[key].to_numpy()[kept].sum())}
        found = frame.origins if key == "source" else self._parties(frame, without=key)
        values, points = found[key].cat, found["point"].to_numpy()
        here = among(points, frame.table.index.to_numpy()[kept])
        # Each record once for each value: the pairs as one number each, which is quicker than a grouping.
        size = len(values.categories)
        pairs = np.unique(points[here] * size + values.codes.to_numpy()[here])
        return _counted(values.categories, pairs % size)

    def above(self, frame: Frame) -> dict[str, Frame]:
        """For each selected actor, the records that name a body above it, and not it: body to records."""
        others = replace(self, actor=())
        kept, found = self.mask(frame), {}
        for body in dict.fromkeys(b for a in self.actor for b in bodies_above(frame.registry, a.partition(":")[0])):
            parties = others._parties(frame)
            named = parties["point"][parties["direct"] & (parties["actor"] == body)]
            apart = frame.only(others.mask(frame) & _holds(frame, named) & ~kept)
            if len(apart):
                found[body] = apart
        return found

    def meant(self, addressed: Addressed, registry: Registry) -> bool:
        """Whether an actor of a record is one of those selected, in the role and on the basis selected."""
        if (self.role and addressed.role not in self.role) or (self.basis and addressed.basis not in self.basis):
            return False
        bodies = {addressed.actor, *bodies_above(registry, addressed.actor)}
        return any(
            a in bodies and role in ("", addressed.role) for a, _, role in (x.partition(":") for x in self.actor)
        )

    def _parties(self, frame: Frame, without: str = "") -> pd.DataFrame:
        """The actors of records that this selection means: in one and the same actor of a record."""
        parties = frame.parties
        kept: Mask = np.ones(len(parties), dtype=bool)
        for key in ("role", "basis"):
            if (wanted := getattr(self, key)) and key != without:
                kept &= parties[key].isin(wanted).to_numpy()
        if self.actor and without != "actor":
            kept &= np.logical_or.reduce([_is_actor(parties, actor) for actor in self.actor])
        return parties[kept]


_KEYS = {"since": "from", "until": "to"}
"""Fields whose key in an address is a word that Python keeps for itself, or its companion."""

_NAMED = tuple((each.name, _KEYS.get(each.name, each.name)) for each in fields(Filters) if each.name != "unknown")
"""Each field that selects, with its key: written down once, since a page asks for hundreds of addresses."""

_NOTHING: dict[str, object] = {each.name: each.default for each in fields(Filters)}


def _is_actor(parties: pd.DataFrame, wanted: str) -> Mask:
    actor, _, role = wanted.partition(":")
    found = parties["actor"] == actor
    return np.asarray(found & (parties["role"] == role) if role else found, dtype=bool)


def _holds(frame: Frame, points: "pd.Series[int]") -> Mask:
    return among(frame.table.index.to_numpy(), points.to_numpy())


def _counted(names: "pd.Index[Any]", codes: Any) -> dict[str, int]:
    """How often each code of a category occurs, without zeros."""
    numbers = np.bincount(codes, minlength=len(names))
    return {str(name): int(n) for name, n in zip(names, numbers, strict=True) if n}


def _allowed(registry: Registry) -> dict[str, Iterable[str]]:
    return {**WORDS, "actor": registry.actors, "theme": registry.themes, "source": registry.source_by_id}


def _names_actor(value: str, actors: Iterable[str]) -> bool:
    """Whether `ID` or `ID:ROLE` names an actor and, if any, a role."""
    actor, colon, role = value.partition(":")
    return actor in actors and (not colon or role in WORDS["role"])


_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _date(text: str, today: date) -> date | None:
    try:
        day = date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None
    return day if day and EARLIEST <= day <= today else None


_PUBLISHED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:-([0-9a-f]{7,40}))?")


def published(text: str, today: date) -> Published | None:
    """`YYYY-MM-DD`, or `YYYY-MM-DD-VERSION` as citations write it; None where it is neither."""
    found = _PUBLISHED.fullmatch(text)
    day = _date(found[1], today) if found else None
    return Published(day, found[2] or "") if found and day else None


_DAYS: dict[str, Callable[[str, date], object]] = {
    "as_of": _date, "published_on": published, "since": _date, "until": _date,
}  # fmt: skip
