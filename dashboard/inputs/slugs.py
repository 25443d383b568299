"""Ids out of names: Latin letters, digits and hyphens, readable and always the same for the same name."""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

_LETTERS = dict(zip("абвгдеёзийклмнопрстуфыэіәғқңөұүһøłđðıъь", "abvgdeeziiklmnoprstufyeiagknouuholddi", strict=False))
_SEVERAL = {"х": "kh", "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "þ": "th"}
_LATIN = str.maketrans({**_LETTERS, **_SEVERAL, "æ": "ae", "œ": "oe", "ß": "ss", "ъ": "", "ь": ""})
_APOSTROPHES = re.compile("['’ʼ`]")
_OTHER = re.compile("[^a-z0-9]+")


@lru_cache(maxsize=65536)
def slug(name: str, most: int = 80) -> str:
    """The name as an id of at most so many letters; a fingerprint where it has no letter that we can write."""
    latin = unicodedata.normalize("NFC", name).lower().translate(_LATIN)
    plain = "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))
    made = _OTHER.sub("-", _APOSTROPHES.sub("", plain)).strip("-")[:most].strip("-")
    return made or f"x-{fingerprint(name)}"


def fingerprint(text: str) -> str:
    """Six hexadecimal digits that are the same for the same text, whatever its case and spaces."""
    return sha256(folded(text).encode()).hexdigest()[:6]


def folded(text: str) -> str:
    """As texts are compared: no matter the case, the spaces, the way accents are written."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
