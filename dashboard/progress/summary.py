"""What the first page and the sources say in sums: subjects, passages examined, what changed in a year."""

from dataclasses import dataclass
from functools import lru_cache

from dashboard.progress.changes import Event, What, compare, last_look
from dashboard.progress.frame import Frame
from dashboard.progress.rows import Row
from dashboard.progress.status import year_before
from dashboard.registry import grounds
from dashboard.registry.model import Known, Recommendation, Registry, Source, Theme
from dashboard.registry.scalars import Clock, Day


@dataclass(frozen=True, slots=True)
class Read:
    """A source with how many of its passages led to records, and to which."""

    entry: Source
    tracked: int
    records: list[Recommendation]


def read(registry: Registry, source: Source) -> Read:
    records = [r for r in registry.file.recommendations if any(o.source == source.id for o in r.origin)]
    passages = {grounds.passage(r, o) for r in records for o in r.origin if o.source == source.id}
    return Read(source, len(passages), records)


@dataclass(frozen=True, slots=True)
class Subject:
    """One of the headline themes with its records."""

    theme: Theme
    rows: list[Row]

    @property
    def known(self) -> list[Known]:
        kinds = {row.standing.known for row in self.rows} - {Known.NONE}
        return [kind for kind in Known if kind in kinds]

    @property
    def checked(self) -> int:
        return sum(row.standing.checked_on is not None for row in self.rows)

    @property
    def checked_on(self) -> Day | None:
        looks = [row.standing.checked_on for row in self.rows if row.standing.checked_on]
        return max(looks, key=lambda day: day.first, default=None)


@dataclass(frozen=True, slots=True)
class Examined:
    """What was read: texts behind the records shown and their years; of all passages, tracked and not."""

    texts: int
    years: str
    tracked: int
    not_tracked: int


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in the twelve months before a day."""

    of_subjects: list[Event]
    of_others: list[Event]
    asked: int
    last: Event | None
    looked: Day | None
    newest: Day | None

    @property
    def moved(self) -> bool:
        """Whether anything moved on the headline themes; what made it harder is no movement."""
        return any(event.what is not What.SETBACK for event in self.of_subjects)


NOBODY = "not yet named"
"""The name of the publisher until somebody answers for the registry."""


@lru_cache(maxsize=4)
def tended(registry: Registry) -> bool:
    """Whether somebody looks after the registry: a publisher is named, or a point was judged or looked at.

    A list that was brought in and left there is not. Remembered: every page asks.
    """
    records = registry.file.recommendations
    looked = any(record.assessments or record.checks for record in records)
    return looked or not records or registry.file.publisher.name != NOBODY


def subjects(registry: Registry, rows: list[Row]) -> list[Subject]:
    """The headline themes, each with its rows."""
    return [Subject(theme, [row for row in rows if row.record.theme == theme.id]) for theme in _headlines(registry)]


def _headlines(registry: Registry) -> list[Theme]:
    return [theme for theme in registry.file.themes if theme.headline]


def examined(frame: Frame) -> Examined:
    shown = frozenset(frame.origins["source"].unique())
    sources = [source for source in frame.registry.sources if source.id in shown]
    years = sorted({source.published.first.year for source in sources})
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else "".join(map(str, years))
    return Examined(len(sources), span, *_passages(frame.registry))


@lru_cache(maxsize=4)
def _passages(registry: Registry) -> tuple[int, int]:
    """How many passages led to records, and how many did not."""
    tracked = {grounds.passage(r, o) for r in registry.file.recommendations for o in r.origin}
    return len(tracked), sum(len(source.not_tracked) for source in registry.sources)


def change(registry: Registry, clock: Clock, rows: list[Row]) -> Change:
    """What moved in the twelve months before the clock's day, on the headline themes and on the others."""
    since = Clock(year_before(clock.as_of), clock.today)
    found = compare(registry, since, registry, clock, frozenset(row.id for row in rows))
    headline = {theme.id for theme in _headlines(registry)}
    records = registry.records
    return Change(
        of_subjects=[event for event in found.news if records[event.record].theme in headline],
        of_others=[event for event in found.news if records[event.record].theme not in headline],
        asked=len(found.new),
        last=found.last if found.subjects else None,
        looked=last_look(registry, clock) if clock.as_of == clock.today else None,
        newest=found.newest,
    )
