"""What of a record is searched, and in which language each of its texts is written.

How words are compared is for dashboard/language/search.py. Evidence, assessments and notes are not
searched: a query asks what a record is about, not who once reported on it.
"""

from collections.abc import Iterator

from dashboard.language.search import Index
from dashboard.registry.model import Origin, Recommendation, Registry
from dashboard.registry.scalars import LANGUAGES, Language, Text


def finder(registry: Registry) -> Index:
    """An index of the records, in the order of `registry.file.recommendations`."""
    return Index(texts_of(registry, record) for record in registry.file.recommendations)


def texts_of(registry: Registry, record: Recommendation) -> Iterator[tuple[Language, str]]:
    """The texts of a record that are searched: its id, its words, those of its origins, and the names it uses."""
    yield "en", record.id
    for text in (record.title, record.summary, record.text, *_names(registry, record)):
        yield from _held(text)
    for origin in record.origin:
        yield from _held(origin.translation)
        if origin.quote:
            yield _language(registry, origin), origin.quote


def _names(registry: Registry, record: Recommendation) -> Iterator[Text]:
    actors = dict.fromkeys([a.actor for a in record.actors] + [origin.by for origin in record.origin])
    yield from (registry.actors[actor].name for actor in actors if actor in registry.actors)
    if theme := registry.themes.get(record.theme):
        yield theme.name
    if instrument := registry.instruments.get(record.instrument or ""):
        yield instrument.name


def _held(text: Text | None) -> Iterator[tuple[Language, str]]:
    if text:
        yield from ((language, words) for language in LANGUAGES if (words := text.held(language)))


def _language(registry: Registry, origin: Origin) -> Language:
    """The language of the source; a quote in a fourth language is read by its letters, as English is."""
    source = registry.source_by_id.get(origin.source)
    return next((language for language in LANGUAGES if source and source.language == language), "en")
