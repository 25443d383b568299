"""A selection of records: from and to an address, and which rows it keeps.

Addresses carry stable ids, never labels, so that a link sent to a colleague restores the same view
in any language. Values of one key mean or; keys mean and; what is unknown is left out and told.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Self

from dashboard.progress.rows import Row
from dashboard.registry.model import Addressed, Basis, Kind, Known, Recommendation, Registry, Role, Side, Status
from dashboard.registry.scalars import LANGUAGES

Bodies = list[tuple[frozenset[str], str]]

FLAGS = ("disagree", "due", "testable")
WORDS: dict[str, frozenset[str]] = {
    "side": frozenset(Side),
    "role": frozenset(Role),
    "basis": frozenset(Basis),
    "status": frozenset(Status),
    "known": frozenset(Known),
    "kind": frozenset(Kind),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What somebody selected. Empty means all."""

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
    unknown: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_address(cls, query: Mapping[str, Sequence[str]], registry: Registry, today: date) -> Self:
        """The selection of an address. Values that name nothing, and days to come, go to `unknown`."""
        chosen: dict[str, object] = {}
        unknown: list[str] = []
        for key, allowed in _allowed(registry).items():
            values = list(dict.fromkeys(query.get(key, ())))
            good = [v for v in values if (_names_actor(v, allowed) if key == "actor" else v in allowed)]
            unknown += [f"{key}={value}" for value in values if value not in good]
            chosen[key] = tuple(good)
        for key in FLAGS:
            chosen[key] = "1" in query.get(key, ())
        chosen["q"] = " ".join(" ".join(query.get("q", ())).split())[:200]
        if days := query.get("as_of", ()):
            chosen["as_of"] = day = _date(days[-1], today)
            unknown += [] if day else [f"as_of={days[-1]}"]
        return cls(**chosen, unknown=tuple(unknown))  # type: ignore[arg-type]

    def pairs(self) -> list[tuple[str, str]]:
        """The selection as the pairs of an address, in one order."""
        found: list[tuple[str, str]] = []
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name == "unknown" or not value:
                continue
            if isinstance(value, tuple):
                found += [(each.name, one) for one in value]
            else:
                found.append((each.name, "1" if value is True else str(value)))
        return found

    def choosing(self, key: str, value: str) -> Self:
        """The selection with just this value of a key."""
        changed: dict[str, Any] = {key: (value,)}
        return replace(self, **changed)

    def without(self, key: str, value: str | None = None) -> Self:
        """The selection with one value of a key, or all of a key, taken back."""
        now = getattr(self, key)
        kept: object = _NOTHING[key]
        if isinstance(now, tuple) and value is not None:
            kept = tuple(one for one in now if one != value)
        changed: dict[str, Any] = {key: kept, "unknown": ()}
        return replace(self, **changed)

    def apply(self, rows: Iterable[Row], registry: Registry) -> list[Row]:
        """The rows that this selection keeps, in their order."""
        bodies = self.bodies(registry)
        words = [searchable(word) for word in self.q.split()]
        return [row for row in rows if self._keeps(row, bodies) and _says(row.record, words)]

    def bodies(self, registry: Registry) -> Bodies:
        """Each selected actor with its parts, and the role bound to it, if any."""
        wanted = [(a.partition(":")[0], a.partition(":")[2]) for a in self.actor]
        return [(with_parts(registry, name), role) for name, role in wanted]

    def _keeps(self, row: Row, bodies: Bodies) -> bool:
        record, now = row.record, row.standing
        plain = (
            (self.side, (now.side,)),
            (self.status, (now.status,)),
            (self.known, (now.known,)),
            (self.theme, (record.theme,)),
            (self.source, row.sources),
            (self.kind, (record.kind,)),
        )
        if any(wanted and not set(wanted) & set(has) for wanted, has in plain):
            return False
        if (self.disagree and not now.disagree) or (self.due and not now.due) or (self.testable and not now.testable):
            return False
        return any(self.meant(a, bodies) for a in record.actors)

    def meant(self, addressed: Addressed, bodies: Bodies) -> bool:
        """Whether an actor of a record is one of those selected, in the role and on the basis selected."""
        if (self.role and addressed.role not in self.role) or (self.basis and addressed.basis not in self.basis):
            return False
        return not bodies or any(
            addressed.actor in body and (not role or addressed.role == role) for body, role in bodies
        )


_NOTHING: dict[str, object] = {each.name: each.default for each in fields(Filters)}


def with_parts(registry: Registry, name: str) -> frozenset[str]:
    """An actor and everything that is part of it."""
    found = {name}
    while more := {a.id for a in registry.file.actors if a.part_of in found} - found:
        found |= more
    return frozenset(found)


def _allowed(registry: Registry) -> dict[str, Iterable[str]]:
    return {**WORDS, "actor": registry.actors, "theme": registry.themes, "source": registry.source_by_id}


def _names_actor(value: str, actors: Iterable[str]) -> bool:
    """Whether `ID` or `ID:ROLE` names an actor and, if any, a role."""
    actor, colon, role = value.partition(":")
    return actor in actors and (not colon or role in WORDS["role"])


EARLIEST = date(1900, 1, 1)
"""No registry of ours asks for a day before it; the calendar of the computer ends at the year 1."""


def _date(text: str, today: date) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day and EARLIEST <= day <= today else None


def searchable(text: str) -> str:
    """Text as it is searched: compatibility forms, case and ё folded."""
    return unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")


def _text_of(record: Recommendation) -> str:
    texts = [text for t in (record.title, record.summary) if t for text in map(t.held, LANGUAGES) if text]
    texts += [origin.quote for origin in record.origin if origin.quote]
    return searchable("\n".join([record.id, *texts]))


def _says(record: Recommendation, words: list[str]) -> bool:
    return not words or all(word in _text_of(record) for word in words)
