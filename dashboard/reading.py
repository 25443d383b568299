"""What a reader asked for, from the registry as it is now. Shared by the web server and Streamlit.

The registry is read when its files change, once for everybody; while a file is being mended the
last good state stays. No Streamlit.
"""

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import Lock
from time import monotonic
from urllib.parse import urlencode

from dashboard.language import PSEUDO, Translator, language, translator
from dashboard.outputs import pages
from dashboard.outputs.view import Edition, View
from dashboard.progress.filters import Filters
from dashboard.registry import reader, store
from dashboard.registry.reader import REGISTRY_NAME, REGISTRY_VARIABLE, Loaded, Unreadable
from dashboard.registry.scalars import Clock, today

Query = Mapping[str, Sequence[str]]
"""The values of each key of an address."""


EDITION_SECONDS = 30
"""How long git is not asked again which commit a state is of."""


@dataclass(frozen=True, slots=True)
class State:
    """The registry to show. `behind`: the files hold something newer that cannot be read."""

    loaded: Loaded
    behind: bool


def path() -> Path:
    """The registry to show: the one that `serve` named, else the shipped one."""
    root = Path(__file__).resolve().parent.parent
    return Path(os.environ.get(REGISTRY_VARIABLE) or root / REGISTRY_NAME)


_reading = Lock()
_last_good: dict[Path, Loaded] = {}


def state() -> State | None:
    """The registry as it can be shown now; None where no state of it could ever be read."""
    where = path()
    with _reading:
        loaded = _loaded(where, _stamp(where), today())
        if loaded and loaded.registry:
            _last_good[where] = loaded
            return State(loaded, behind=False)
        good = _last_good.get(where)
        return State(good, behind=True) if good else None


@lru_cache(maxsize=2)
def _loaded(where: Path, stamp: str, day: date) -> Loaded | None:
    """The registry in a state of its files; the stamp and the day are there to tell states apart."""
    try:
        loaded = reader.load(where, day)
    except Unreadable:
        return None
    # Streamlit collects garbage after every run; what lives as long as the server is not garbage.
    gc.collect()
    gc.freeze()
    return loaded


def _stamp(where: Path) -> str:
    """Changes whenever a file of the registry does."""
    stamps = []
    for file in (where, *reader.source_files(where)):
        with suppress(OSError):  # gone since it was listed; reading it says so
            stamps.append(f"{file.name}:{file.stat().st_mtime_ns}:{file.stat().st_size}")
    return "|".join(stamps)


def view(query: Query, locale: str) -> View | None:
    """What the address asks for, for a browser that prefers `locale`; None where nothing can be read."""
    now = state()
    if now is None or now.loaded.registry is None:
        return None
    day = today()
    filters = Filters.from_address(query, now.loaded.registry, day)
    clock = Clock(filters.as_of or day, day)
    edition = _edition(path(), now.loaded.digest, int(monotonic() // EDITION_SECONDS))
    return View(now.loaded.registry, clock, words(query, locale), filters, "lang" in query, edition)


def banner(view: View) -> str:
    """What stands above a page while the files hold something that cannot be shown; else nothing."""
    now = state()
    if now is None or not (now.behind or now.loaded.errors):
        return ""
    return pages.trouble(view, now.behind, now.loaded.problems)


def words(query: Query, locale: str) -> Translator:
    """The language of the address, else of the browser."""
    asked = query["lang"][-1] if query.get("lang") else ""
    if asked == PSEUDO and os.environ.get("TRACKER_PSEUDO"):
        return translator("en", True)
    return translator(language(asked, [locale]))


def here(path: str, query: Query) -> Callable[[str], str]:
    """The address of a page with everything that it shows, in another language or without its past day."""

    def address(change: str) -> str:
        if not change:
            return path
        dropped = "as_of" if change == "today" else "lang"
        pairs = [(key, value) for key, values in query.items() for value in values if key != dropped]
        pairs += [] if change == "today" else [("lang", change)]
        return f"{path}?{urlencode(pairs)}" if pairs else path

    return address


@lru_cache(maxsize=2)
def _edition(where: Path, digest: str, period: int) -> Edition | None:
    """Which commit the shown state is of. Asked again each period: a commit changes no file."""
    found = store.last_commit(where)
    return Edition(found.name, found.on, bool(store.git_state(where).changed)) if found else None
