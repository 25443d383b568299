"""Search in texts of three languages: which documents say every word of a query.

A word finds its other forms by a root that they share: English and Russian by Snowball stems, Kazakh by
the rule under `_kazakh`. Nothing matches inside a word, so act does not find fact. What is searched,
and in which language it is written, is for others to say (dashboard/progress/finding.py).
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

import snowballstemmer

from dashboard.registry.scalars import LANGUAGES, Language

SHORTEST_BEGINNING = 3
"""So many letters find what begins with them, as long as no text has them as a word of its own."""

ALWAYS_A_BEGINNING = 6
"""So many letters find what begins with them even then: гендер is a word, and begins гендерный. Of shorter
words that would be wrong too often: men begins mention, and сот, court in Kazakh, сотрудник in Russian."""

_SMALL = """
a an and at by for from in of on or the to with
в во для за и из к ко на о об от по при с со у
бен және мен пен туралы үшін
"""
SMALL_WORDS = frozenset(_SMALL.split())
"""Words that tell no record from another; a query of nothing else asks for them all the same."""


class Index:
    """Documents by position, each a number of texts with the language that they are written in."""

    def __init__(self, documents: Iterable[Iterable[tuple[Language, str]]]) -> None:
        self._size = 0
        self._holders: dict[Language, dict[str, array[int]]] = {language: {} for language in LANGUAGES}
        for texts in documents:
            self._add(texts)
        self._sorted = {language: sorted(words) for language, words in self._holders.items()}
        self._by_root = {language: _by_root(words, language) for language, words in self._sorted.items()}

    def _add(self, texts: Iterable[tuple[Language, str]]) -> None:
        said: dict[Language, set[str]] = {}
        for language, text in texts:
            said.setdefault(language, set()).update(words(text))
        for language, told in said.items():
            holders = self._holders[language]
            for word in told:
                if word not in holders:
                    holders[word] = array("I")
                holders[word].append(self._size)
        self._size += 1

    def find(self, query: str) -> list[bool]:
        """For each document whether it says every word of `query`, each in any language. No word finds all."""
        asked = dict.fromkeys(words(query))
        telling = [word for word in asked if word not in SMALL_WORDS] or list(asked)
        found = set(range(self._size))
        stems = _Stems()
        for word in telling:
            found &= self._saying(word, stems)
            if not found:
                break
        return [position in found for position in range(self._size)]

    def laid_open(self) -> dict[str, dict[Language, list[int]]]:
        """Each word with the documents that say it, by language, for a reader without this program."""
        found: dict[str, dict[Language, list[int]]] = {}
        for language, holders in self._holders.items():
            for word in self._sorted[language]:
                found.setdefault(word, {})[language] = holders[word].tolist()
        return found

    def _saying(self, word: str, stems: "_Stems") -> set[int]:
        unfinished = self._unfinished(word)
        found: set[int] = set()
        for language, holders in self._holders.items():
            forms = {form for root in stems.roots(word, language) for form in self._by_root[language].get(root, ())}
            if unfinished:
                forms.update(_beginning_with(word, self._sorted[language]))
            found.update(*(holders[form] for form in forms))
        return found

    def _unfinished(self, word: str) -> bool:
        """Whether a word may be the beginning of a longer one. A number never is: 190 is not 1900."""
        if len(word) < SHORTEST_BEGINNING or word.isdecimal():
            return False
        return len(word) >= ALWAYS_A_BEGINNING or not any(word in holders for holders in self._holders.values())


def _by_root(words: Iterable[str], language: Language) -> dict[str, list[str]]:
    stems = _Stems()
    found: dict[str, list[str]] = {}
    for word in words:
        for root in stems.roots(word, language):
            found.setdefault(root, []).append(word)
    return found


def _beginning_with(word: str, ordered: list[str]) -> Iterator[str]:
    for at in range(bisect_left(ordered, word), len(ordered)):
        if not ordered[at].startswith(word):
            return
        yield ordered[at]


# --- words ----------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")
_ALIKE = str.maketrans("ёʼ", "е'")
_UNSEEN = re.compile("[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]")
"""Accents that stay apart from their letter, such as stress marks, and what only guides line breaks."""

_KAZAKH_TAIL = "(?:[лдт][ае]р[ыі]?)?(?:[ндт][ыі]ң?|[ғқ]а|[гк]е|н?[дт]?[ае]н?|[дт]ағы|[дт]егі|[мбп]ен)?"
_TAIL = re.compile(rf"[-‐–'’ʼ](?:(?<=\w.)(?:s|{_KAZAKH_TAIL})|(?<=\d.)(?:[ехйя]|го|му))(?!\w)")
"""Endings that hang on a name, an abbreviation or a number: women's, БАҚ-тың, 1990-х."""


def words(text: str) -> list[str]:
    """The words and numbers of a text as they are compared: compatibility forms, case, ё and accents folded."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE)
    return _WORD.findall(_TAIL.sub(" ", _UNSEEN.sub("", folded)))


def for_scripts() -> dict[str, Any]:
    """How words are cut from a text and what they come from, for scripts that go by the same rules (assets/stems.js)."""
    return {
        "alike": [[old, new] for old, new in zip("ёʼ", "е'", strict=True)],
        "unseen": _UNSEEN.pattern,
        "tail": _TAIL.pattern.replace(r"\w", r"[\p{L}\p{N}_]"),
        "small": sorted(SMALL_WORDS),
        "shortest": SHORTEST_BEGINNING,
        "always": ALWAYS_A_BEGINNING,
        "roots": {
            "ise": _IZE.pattern,
            "english": _ENGLISH,
            "russian": _RUSSIAN,
            "fleeting": _FLEETING.pattern,
            "endings": [[ending.pattern for ending in endings] for endings in _ENDINGS],
            "many": _ENDINGS.index((_MANY,)),
            "harder": {chr(old): chr(new) for old, new in _HARDER.items()},
            "shortened": _SHORTENED,
            "typed": {chr(old): chr(new) for old, new in _TYPED.items()},
            "stays": sorted(_AS_IT_STANDS),
        },
    }


# --- roots ----------------------------------------------------------------------------------------

_ENGLISH = {"women": "woman", "men": "man", "children": "child", "centr": "center", "labour": "labor"}
"""Stems of plurals that change the word, and of spellings that differ across the ocean."""

_IZE = re.compile(r"iz(?=e|ing|ation)")

_RUSSIAN = {"мат": "матер"}
_FLEETING = re.compile(r"(?<=[^аеиоуыэюяй])[ое](?=[кц]$)|(?<=ир)ован?$|(?<=ова)н$")
"""What other forms of a stem lack: пыток beside пытки, игнорировать beside игнорирует, расследование beside
расследовать."""


class _Stems:
    """Stemmers for one thread: a Snowball stemmer keeps the word that it works on inside itself."""

    def __init__(self) -> None:
        self._english = snowballstemmer.stemmer("english")
        self._russian = snowballstemmer.stemmer("russian")

    def roots(self, word: str, language: Language) -> set[str]:
        """What a word may come from, in a text of `language`; Latin letters are read as English in any."""
        if word.isascii():
            stem = self._english.stemWord(_IZE.sub("is", word))
            return {_ENGLISH.get(stem, stem)}
        if language == "kk":
            return _kazakh(word)
        stem = self._russian.stemWord(word)
        return {_RUSSIAN.get(stem, stem), _FLEETING.sub("", stem)}


_DULL = "бвгдкқпстфхһцчшщ"
"""After these an ending begins with т, қ, к or п; after all other letters with another consonant."""

_CASE = re.compile(
    rf"(?:(?<=[{_DULL}])(?:т[ыі]ң|т[ыі]|қа|ке|т[ае]н?|тағы|тегі|пен)"
    rf"|(?<![{_DULL}])(?:[нд][ыі]ң|[нд][ыі]|ға|ге|д[ае]н?|н[ае]н|дағы|дегі|[мб]ен)"
    r"|(?<=[ыі])(?:н|н[ае]|нд[ае]|ндағы|ндегі))$"
)
_WHOSE = re.compile(r"(?:[ыі](?:м[ыі]з|ң[ыі]з|м|ң)?|(?<=[аеуи])(?:м[ыі]з|ң[ыі]з))$")
_WHOSE_AFTER_A_VOWEL = re.compile(r"(?<=[аеиоуыіүұөәя])с[ыі]$")
_MANY = re.compile(rf"(?:(?<=[{_DULL}])т[ае]р|(?<![{_DULL}])[лд][ае]р)$")
_DOING = re.compile(r"(?:[ғқ]ан|[гк]ен|[ыі]п|ад[ыі]|ед[ыі]|йд[ыі]|ат[ыі]н|ет[ыі]н|йт[ыі]н|у)$")
_ENDINGS = ((_CASE,), (_WHOSE, _WHOSE_AFTER_A_VOWEL), (_MANY,), (_DOING,))

_HARDER = str.maketrans("бгғ", "пкқ")
_SHORTENED = {"халқ": "халық", "орн": "орын", "ерк": "ерік", "мойн": "мойын"}
"""Roots that lose a vowel before an ending that begins with one."""

_TYPED = str.maketrans("әғқңөұүһі", "агкноуухи")
"""Letters that a Russian keyboard lacks, and what stands there for them: зорлык of зорлық, адилет of әділет."""

_AS_IT_STANDS = frozenset(("қатысты", "бойынша", "кейін", "жылғы"))
"""Words that only look as if they had an ending: қатысты, about, is no form of қатысу, to take part."""


def _kazakh(word: str) -> set[str]:
    """What a Kazakh word may come from: endings fall off its end in the order in which they are put on.

    From the end inwards: case, whose, plural, verb; each may be missing, so a word has a few readings,
    and two words are alike where they share one. What is left has two letters or more (three where the
    ending is a single letter), and its last б, г, ғ is the п, к, қ that a vowel had softened. At last it is
    written as on a Russian keyboard, which many have on their telephones.
    """
    if word in _AS_IT_STANDS:
        return {word.translate(_TYPED)}
    readings = {word}
    for endings in _ENDINGS:
        readings |= {bare for reading in readings for ending in endings for bare in _without(ending, reading)}
    hard = {reading[:-1] + reading[-1].translate(_HARDER) for reading in readings}
    return {_SHORTENED.get(reading, reading).translate(_TYPED) for reading in hard}


def _without(ending: re.Pattern[str], word: str) -> Iterator[str]:
    found = ending.search(word)
    if not found or found.start() < (3 if len(found[0]) == 1 else 2):
        return
    bare = word[: found.start()]
    yield bare
    if ending is _MANY and bare.endswith("с"):
        yield bare + "т"  # журналистер, of журналист, is written with one т
