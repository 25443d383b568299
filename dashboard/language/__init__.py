"""The interface in English, Russian and Kazakh: sentences, plural forms, dates, numbers, lists.

English sentences are the message ids; the catalogues beside this file hold the other two. They
are read as they are (no compiled copies to forget), once per process.
"""

import gettext
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from dashboard.registry.scalars import LANGUAGES, Day, Language

NAMES: Mapping[Language, str] = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
"""Each language in its own words, in the order in which they are offered."""

PSEUDO = "xx"
"""A language for tests: every sentence of ours in brackets, so that what escaped translation shows."""

_CATALOGUES = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Translator:
    """Words of the interface in one language; `text` shows content in it where it exists."""

    language: Language
    pseudo: bool = False

    def __call__(self, sentence: str, **values: object) -> str:
        """The sentence in this language, its {names} filled in."""
        return self._filled(_translations(self.language).gettext(sentence), values)

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """The form that the language uses for `n`; {n} is written as the language writes numbers."""
        sentence = _translations(self.language).ngettext(one, many, n)
        return self._filled(sentence, {"n": self.number(n), **values})

    def _filled(self, sentence: str, values: Mapping[str, object]) -> str:
        filled = sentence.format(**values) if values else sentence
        return f"⟦{filled}⟧" if self.pseudo else filled

    def any_of(self, names: Sequence[str]) -> str:
        """Names in a row: one, or two; "a, b or c"."""
        return str(format_list(list(names), style="or", locale=_LOCALES[self.language]))

    def list(self, names: Sequence[str]) -> str:
        """Names in a row: "a, b and c"."""
        return str(format_list(list(names), locale=_LOCALES[self.language]))

    def number(self, n: int) -> str:
        return _number(n, self.language)

    def money(self, amount: Decimal, currency: str | None) -> str:
        """A sum as the language writes it, with the currency's code; cents only where there are any."""
        return f"{format_decimal(amount, '#,##0.##', locale=self.language)}\u00a0{currency or ''}".rstrip()

    def date(self, day: date) -> str:
        """A day written out: 21 November 2026, 21 ноября 2026 г., 2026 ж. 21 қараша."""
        return _long_date(day, self.language)

    def day(self, day: Day) -> str:
        """A day, month or year as exact as it was written; an approximate one says so."""
        match day.text.rstrip("~").count("-"):
            case 2:
                written = self.date(day.first)
            case 1:
                written = _month(day.first, self.language)
            case _:
                written = str(day.first.year)
        return self("about {date}", date=written) if day.approximate else written


_LOCALES: Mapping[Language, str] = {"en": "en_GB", "ru": "ru", "kk": "kk"}


@lru_cache(maxsize=4096)
def _number(n: int, language: Language) -> str:
    """Remembered, as are days: a page writes the same few many times over."""
    return str(format_decimal(n, locale=language))


@lru_cache(maxsize=4096)
def _long_date(day: date, language: Language) -> str:
    return str(format_date(day, "long", locale=_LOCALES[language]))


@lru_cache(maxsize=1024)
def _month(day: date, language: Language) -> str:
    return str(format_skeleton("yMMMM", day, locale=_LOCALES[language]))


@cache
def translator(language: Language, pseudo: bool = False) -> Translator:
    return Translator(language, pseudo)


def language(wanted: str | None, preferred: Iterable[str] = ()) -> Language:
    """The language to show: the wanted one, else the first preferred that exists, else English."""
    for name in (wanted, *preferred):
        short = (name or "").split("-")[0].split("_")[0].casefold()
        for known in LANGUAGES:
            if short == known:
                return known
    return "en"


@cache
def _translations(language: Language) -> gettext.NullTranslations:
    path = _CATALOGUES / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
