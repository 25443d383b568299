"""What must hold of the entries beside the records: actors, evidence, sources, corrections, languages.

Also what the rules of records share: whether a name is there, how long a quote may be.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

from dashboard.registry.model import EDITORS, NotTracked, Owner, Registry
from dashboard.registry.problems import MOST_OF_A_KIND, Path, Problem, nearest, shown
from dashboard.registry.scalars import LANGUAGES, Day, Text

QUOTE_WORDS = 25

_CREDENTIALS = re.compile(r"^https?://[^/?#]*@")

Found = tuple[Path, str, str]
"""Path below the record, what was found, what is allowed."""


def problems(registry: Registry, today: date, file: str, source_files: Mapping[str, str]) -> Iterator[Problem]:
    """Every breach in the entries of `registry`, which stands in `file` and in `source_files` (by id)."""
    yield from _actors(registry, file)
    yield from _evidence(registry, today, file)
    yield from _sources(registry, today, source_files)
    yield from _corrections(registry, today, file)
    yield from _languages(registry, file)


def absent(registry: Registry, path: Path, name: str | None, kind: str) -> Iterator[Found]:
    """A name that is in none of the lists; an entry left out for a problem of its own counts as there."""
    there = ids(registry, kind)
    if name and name not in there and name not in registry.left_out.get(kind, ()):
        yield path, f"{shown(name)} is not in the registry", nearest(name, there)


def ids(registry: Registry, kind: str) -> Mapping[str, object]:
    return registry.lists[kind]


def quote(path: Path, quote: str | None) -> Iterator[Found]:
    if quote and (count := len(quote.split())) > QUOTE_WORDS:
        yield path, f"a quote of {count} words", f"at most {QUOTE_WORDS}; choose the words that carry it"


def _actors(registry: Registry, file: str) -> Iterator[Problem]:
    for actor in registry.file.actors:
        at: Path = ("actors", actor.id)
        if actor.id == EDITORS:
            yield Problem(file, (*at, "id"), "editors is a reserved name", "choose another id")
        for field in ("part_of", "successor_of"):
            name = getattr(actor, field)
            for path, found, allowed in absent(registry, (*at, field), name, "actors"):
                yield Problem(file, path, found, allowed)
            if name and _circular(registry.actors, actor.id, field):
                yield Problem(file, (*at, field), f"{actor.id} is {field} itself, by a circle", "break the circle")


def _circular(entries: Mapping[str, Any], start: str, field: str) -> bool:
    seen, entry = {start}, entries[start]
    while (name := getattr(entry, field)) in entries:
        if name in seen:
            return bool(name == start)
        seen.add(name)
        entry = entries[name]
    return False


def _evidence(registry: Registry, today: date, file: str) -> Iterator[Problem]:
    for entry in registry.file.evidence:
        at: Path = ("evidence", entry.id)
        for field, name, kind in (
            ("owned_by", entry.owned_by, "actors"),
            ("voice", entry.voice, "actors"),
            ("copy_of", entry.copy_of, "evidence"),
        ):
            for path, found, allowed in absent(registry, (*at, field), name, kind):
                yield Problem(file, path, found, allowed)
        if entry.copy_of and _circular(registry.evidence, entry.id, "copy_of"):
            yield Problem(file, (*at, "copy_of"), f"{entry.id} is a copy of itself, by a circle", "name the original")
        if entry.withheld and (entry.url or entry.publisher):
            yield Problem(
                file, (*at, "withheld"), "withheld, but with an address or publisher", "remove url and publisher"
            )
        if not entry.withheld and not (entry.url and entry.publisher):
            yield Problem(file, at, "no address or no publisher", "add url and publisher, or withheld: true")
        if entry.owner is Owner.STATE and not entry.owned_by and not entry.withheld:
            yield Problem(file, (*at, "owner"), "owned by a state, but by which?", "add owned_by with the actor's id")
        for path, found, allowed in quote((*at, "quote"), entry.quote):
            yield Problem(file, path, found, allowed)
        for field in ("url", "archive_url"):
            yield from _credentials(file, (*at, field), getattr(entry, field))
        for field in ("published", "accessed", "archived_on"):
            yield from _future(file, (*at, field), getattr(entry, field), today)


def _sources(registry: Registry, today: date, files: Mapping[str, str]) -> Iterator[Problem]:
    for source in registry.sources:
        file = files[source.id]
        yield from _credentials(file, ("url",), source.url)
        yield from _future(file, ("published",), source.published, today)
        for path, found, allowed in absent(registry, ("owned_by",), source.owned_by, "actors"):
            yield Problem(file, path, found, allowed)
        if source.owner is Owner.STATE and not source.owned_by:
            yield Problem(file, ("owner",), "owned by a state, but by which?", "add owned_by with the actor's id")
        for n, passage in enumerate(source.not_tracked):
            at: Path = ("not_tracked", n)
            for path, found, allowed in quote((*at, "quote"), passage.quote):
                yield Problem(file, path, found, allowed)
            if (passage.reason is NotTracked.SUPPORTS_ANOTHER) != (passage.supports is not None):
                yield Problem(
                    file,
                    (*at, "reason"),
                    "supports and its reason go together",
                    "use reason: supports-another with supports: ID",
                )
            for path, found, allowed in absent(registry, (*at, "supports"), passage.supports, "recommendations"):
                yield Problem(file, path, found, allowed)


def _corrections(registry: Registry, today: date, file: str) -> Iterator[Problem]:
    for n, correction in enumerate(registry.file.corrections):
        yield from _future(file, ("corrections", n, "on"), correction.on, today)
        at: Path = ("corrections", n, "record")
        for path, found, allowed in absent(registry, at, correction.record, "recommendations"):
            yield Problem(file, path, found, allowed)


def _future(file: str, path: Path, day: Day | None, today: date) -> Iterator[Problem]:
    if day and day.first > today:
        yield Problem(file, path, f"{day} is in the future", f"today is {today}")


def _credentials(file: str, path: Path, url: str | None) -> Iterator[Problem]:
    if url and _CREDENTIALS.match(url):
        yield Problem(file, path, "an address with a user name or password in it", "remove what stands before the @")


def _languages(registry: Registry, file: str) -> Iterator[Problem]:
    """A warning where a text that every reader meets is missing in a language; of very many, how many more."""
    found = (each for each in _met(registry) if not (each[1].en and each[1].ru and each[1].kk))
    for path, text, record in islice(found, MOST_OF_A_KIND):
        absent = ", ".join(language for language in LANGUAGES if not text.held(language))
        allowed = "add a translation, marked under drafts until a native speaker has read it"
        yield Problem(file, path, f"no text in {absent}", allowed, "warning", record=record)
    if more := sum(1 for _ in found):
        said = f"{more:,} more texts are missing in a language"
        yield Problem(file, ("recommendations",), said, "translate first what readers meet first", "warning")


def _met(registry: Registry) -> Iterator[tuple[Path, Text, str]]:
    """The texts that every reader meets: path, text, and the record in which it stands."""
    for actor in registry.file.actors:
        yield ("actors", actor.id, "name"), actor.name, ""
    for theme in registry.file.themes:
        yield ("themes", theme.id, "name"), theme.name, ""
    for record in registry.file.recommendations:
        at: Path = ("recommendations", record.id)
        yield (*at, "title"), record.title, record.id
        if record.summary:
            yield (*at, "summary"), record.summary, record.id
        for n, condition in enumerate(record.done_when):
            yield (*at, "done_when", n), condition, record.id
