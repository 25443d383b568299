"""What a page is drawn from, and the addresses that lead from it to others."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import ClassVar, Literal, Self
from urllib.parse import urlencode

from dashboard.language import Translator
from dashboard.progress.filters import Filters
from dashboard.progress.frame import Frame, frame
from dashboard.registry import editions
from dashboard.registry.editions import Numbered
from dashboard.registry.history import History
from dashboard.registry.linked import NO_RESULTS, Results
from dashboard.registry.model import Registry
from dashboard.registry.scalars import Clock


@dataclass(frozen=True, slots=True)
class Edition:
    """Which state of the data a page shows.

    `changed`: the files hold more than that commit. `name`: of the numbered edition as which it was
    published, on the day `named`. `newest`: the newest numbered edition of all, if any.
    """

    commit: str
    on: date
    changed: bool = False
    name: str = ""
    named: date | None = None
    newest: str = ""

    def among(self, found: tuple[Numbered, ...], day: date) -> Self:
        """This state, shown as on `day`, with what numbered editions tell of it."""
        newest = found[-1].name if found else ""
        own = None if self.changed else editions.naming(found, self.commit, day)
        return replace(self, name=own.name if own else "", named=own.on if own else None, newest=newest)


_PAGE = re.compile(r"/[a-z-]*")


@dataclass(frozen=True, slots=True)
class Place:
    """The page that a reader is on, and everything that its address asks for.

    `alone`: the address of a record's light page, where that is shown; it names the record by itself.
    """

    path: str = "/"
    pairs: tuple[tuple[str, str], ...] = ()
    alone: str = ""

    def __post_init__(self) -> None:
        """Only a plain path can be a page of ours: //host, or a tab between the slashes, names another host."""
        if not _PAGE.fullmatch(self.path):
            object.__setattr__(self, "path", "/nowhere")

    @property
    def here(self) -> str:
        """Where this page stands, without what it asks for."""
        return self.alone or self.path

    def address(self, *without: str, **values: str) -> str:
        """This page without some keys of its address, and with others."""
        pairs = [*self.rest(*without, *values), *values.items()]
        return f"{self.here}?{urlencode(pairs)}" if pairs else self.here

    def rest(self, *without: str) -> list[tuple[str, str]]:
        """What the address asks for beside some keys: a form carries it along."""
        known = (*without, "id") if self.alone else without
        return [(key, value) for key, value in self.pairs if key not in known]


Unpublished = Literal["", "before", "no-history", "unreadable"]
"""Why there is nothing to show as published on a day: before the first commit, no history, not readable."""


@dataclass(frozen=True)
class View:
    """Everything that a page is drawn from.

    `origin`: where the site is, such as https://example.org. `frugal`: the browser asks to save data.
    """

    registry: Registry
    clock: Clock
    tr: Translator
    filters: Filters
    address_language: bool = False
    edition: Edition | None = None
    unpublished: Unpublished = ""
    place: Place = Place()
    origin: str = ""
    frugal: bool = False
    served: ClassVar[bool] = True
    """Whether a server stands behind the page, which makes files and pages when they are asked for."""
    rules_text: str | None = None
    """METHODOLOGY.md as it was published on the day asked for, empty where it was not; None: as it is now."""
    past: Callable[[str], History] | None = field(default=None, compare=False)
    """How a record, by its id, came to be, up to the day that is shown: git is asked only where a page tells it."""
    links: Results = field(default_factory=lambda: NO_RESULTS, compare=False)
    """What was found about links when somebody last looked; nothing on a past day, of which nobody knows it."""

    @cached_property
    def frame(self) -> Frame:
        """All records of the day, made once for everybody."""
        return frame(self.registry, self.clock)

    @cached_property
    def kept(self) -> Frame:
        """The records that are selected."""
        return _kept(self.filters, self.frame)

    def on(self, day: date) -> "View":
        """The same as of another day."""
        if day == self.clock.as_of:
            return self
        return replace(self, clock=Clock(day, self.clock.today), filters=replace(self.filters, as_of=day))

    def asked(self, key: str) -> str:
        """The last value of a key of the address; empty where there is none."""
        return dict(self.place.pairs).get(key, "")

    def link(self, path: str, filters: Filters | None = None, **values: object) -> str:
        """An address of ours that keeps the days and, where it was chosen, the language."""
        pairs = [(key, str(value)) for key, value in values.items()]
        pairs += filters.pairs() if filters else self._days
        if self.address_language and "lang" not in values:
            pairs.append(("lang", self.tr.language))
        return f"{path}?{urlencode(pairs)}" if pairs else path

    @cached_property
    def _days(self) -> list[tuple[str, str]]:
        """The days of the selection, which hundreds of links of a page keep."""
        return self.filters.clocks().pairs()

    def record(self, name: str) -> str:
        return self.link("/record", id=name)

    def lasting(self, path: str, **values: object) -> str:
        """The whole address at which the selection, in this version of the data and as it is shown
        today, can be read for good: under the edition's name where it is one. Without a version (no
        history, or changes that are not in it yet) the plain address.
        """
        edition, today = self.edition, self.clock.today
        if edition is None or edition.changed:
            return self.origin + self.link(path, self.filters, **values)
        if not edition.name:
            return self.origin + self.link(path, self.filters.citing(today, edition.commit), **values)
        # An edition is shown as on its own day, unless the address says a later one.
        chosen = self.filters.without("published_on") if today == edition.named else self.filters.citing(today, "")
        return f"{self.origin}/e/{edition.name}{self.link(path, chosen, **values)}"


@lru_cache(maxsize=8)
def _kept(filters: Filters, of: Frame) -> Frame:
    """Remembered: a page and its head and foot ask for the same selection."""
    return filters.apply(of)
