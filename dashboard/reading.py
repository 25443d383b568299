"""What a reader asked for, from the registry as it is now. Shared by the web server and Streamlit.

The registry is read when its files change, once for everybody; while a file is being mended the
last good state stays. No Streamlit.
"""

import gc
import os
import re
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic

from dashboard import kept
from dashboard.language import PSEUDO, Translator, language, translator
from dashboard.outputs import composed, pages
from dashboard.outputs.view import Edition, Place, Unpublished, View
from dashboard.progress.filters import Filters, Published, published
from dashboard.progress.frame import Frame, frame, latest, remember
from dashboard.registry import editions, history, inbox, linked, reader
from dashboard.registry.model import Registry
from dashboard.registry.placing import Positions
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


_SHIPPED = Path(__file__).resolve().parent.parent / REGISTRY_NAME


def path() -> Path:
    """The registry to show: the one that `serve` named, else the shipped one."""
    return Path(os.environ.get(REGISTRY_VARIABLE) or _SHIPPED)


_reading = Lock()
_last_good: dict[Path, Loaded] = {}


def state() -> State | None:
    """The registry as it can be shown now; None where no state of it could ever be read."""
    where = path()
    with _reading:
        try:
            loaded: Loaded | None = _loaded(where, _stamp(where), today())
        except Unreadable:  # perhaps for a moment only, so it is not remembered
            loaded = None
        if loaded and loaded.registry:
            _last_good[where] = loaded
            return State(loaded, behind=False)
        good = _last_good.get(where)
        return State(good, behind=True) if good else None


@lru_cache(maxsize=2)
def _loaded(where: Path, stamp: str, day: date) -> Loaded:
    """The registry in a state of its files; the stamp and the day are there to tell states apart. Raises Unreadable."""
    texts = reader.texts(where)
    was, made = _held.get(where), _made.pop(where, None)
    if made and made[0] == day and made[1].digest == texts.digest:
        loaded = made[1]
    elif was and was.day == day and (before := was.before()):
        loaded = reader.after(before, texts, day)
    elif (found := _kept(where, texts, day)) is not None:
        loaded = found
    else:
        loaded = reader.read(texts, day, _told)
    # The bytes are for whoever mends the file; a server only shows what they say.
    loaded = replace(loaded, texts=replace(texts, registry=b""))
    _held.pop(where, None)
    with suppress(OSError):  # gone since it was read: the next state is read whole
        _held[where] = _Held(loaded, day, len(texts.registry), os.open(where, os.O_RDONLY | os.O_CLOEXEC))
    return loaded


_made: dict[Path, tuple[date, Loaded]] = {}


def saved(loaded: Loaded, day: date) -> None:
    """What the door made of the registry on that day, so that it need not be read anew; if the files still hold it."""
    where = path()
    if str(where) == loaded.texts.name:
        _made[where] = day, replace(loaded, texts=replace(loaded.texts, registry=b""))


class _Held:
    """A state that was read, and its file, opened: where another one takes its place, it can still be compared with."""

    def __init__(self, loaded: Loaded, day: date, size: int, file: int) -> None:
        self.day = day
        self._loaded = loaded
        self._size = size
        self._file = file
        weakref.finalize(self, os.close, file)

    def before(self) -> Loaded | None:
        """With its bytes; None where somebody wrote into the file itself, or its disk gives it no more."""
        try:
            texts = replace(self._loaded.texts, registry=os.pread(self._file, self._size, 0))
        except OSError:
            return None
        return replace(self._loaded, texts=texts) if texts.digest == self._loaded.digest else None


_held: dict[Path, _Held] = {}


# --- a long registry --------------------------------------------------------------------------------

READER = "reading"
"""The name of the thread that reads a long registry when the server starts."""

_far = 0.0
_first = False


def begin() -> None:
    """Begins to read a long registry in a thread of its own: whoever comes meanwhile is told how far that is."""
    global _first
    if kept.long(path()):
        _first = True
        Thread(target=_begun, name=READER, daemon=True).start()


def underway() -> float | None:
    """How much of a long registry has been read since the server started, from 0 to 1; None where that is over."""
    return _far if _first else None


def _told(share: float) -> None:
    global _far
    _far = share * _READ


opened = Event()
"""Set once the first page has been told as an earlier life of the server painted it."""
_MOST_WAITED = 1.0
"""Seconds for which reading what was kept lets that go first: it stops everything else for a moment."""
_READ = 0.8
"""The share that reading has in the work until the first page; the rest is counting."""


def _begun() -> None:
    global _first
    try:
        if kept.has(path(), "state", *_of_state(path(), reader.texts(path()).digest, today())):
            opened.wait(_MOST_WAITED)
        view("/", {}, "")
    finally:
        _first = False


def _kept(where: Path, texts: reader.Texts, day: date) -> Loaded | None:
    """What an earlier life of this server read, and the frames that it made; if of just these files, on this day."""
    if len(texts.registry) < kept.FROM_BYTES:
        return None
    found: tuple[Loaded, list[Frame]] | None = kept.get(where, "state", *_of_state(where, texts.digest, day))
    if found is None or found[0].digest != texts.digest:
        return None
    remember(found[1])
    return found[0]


def keep() -> None:
    """Keeps what was read and counted for the next start: at the end of the server, when nobody waits for a page. But
    not what the files hold no more: it may have been taken out of them for good; nor what was read on an earlier day,
    of which other things were still to come.
    """
    where, day = path(), today()
    loaded, held = _last_good.get(where), _held.get(where)
    with suppress(Unreadable):
        if not (
            held
            and held.day == day
            and loaded
            and loaded.registry
            and kept.long(where)
            and reader.texts(where).digest == loaded.digest
        ):
            return
        kept.put(where, "state", (loaded, latest(loaded.registry)), *_of_state(where, loaded.digest, day))


def _of_state(where: Path, digest: str, day: date) -> tuple[object, ...]:
    return str(where), digest, day


def opening(query: Query, locale: str, origin: str, frugal: bool) -> tuple[object, ...]:
    """All that the words of a long registry's first page are made from, where the address asks for nothing but a
    language; else nothing. The registry need not have been read.
    """
    where = path()
    if set(query) - {"lang"} or not kept.long(where) or os.environ.get("TRACKER_PSEUDO"):
        return ()
    day = today()
    try:
        now = state() if where in _last_good else None
        if now and now.behind:
            return ()
        digest = now.loaded.digest if now else reader.texts(where).digest
        edition = _edition(where, digest, _period())
        file = _place(where, os.environ.get(linked.LINKS_VARIABLE, ""))
    except (Unreadable, inbox.Misplaced, RuntimeError):
        return ()
    settings = tuple((name, value) for name, value in sorted(os.environ.items()) if name.startswith("TRACKER_"))
    told = (edition.among(numbered(), day) if edition else None, linked.stamp(file), settings, pages.login_is_offered())
    return (str(where), digest, day, words(query, locale).language, "lang" in query, origin, frugal, *told)


def known() -> Loaded | None:
    """What was read last, so that the door need not read it again; without its bytes."""
    now = state()
    return now.loaded if now and not now.behind else None


def positions() -> Positions:
    """Where each id stands in the file that was read last."""
    now = known()
    return now.positions if now else {}


_settling = Lock()


def _settled(registry: Registry, clock: Clock) -> None:
    """Once for everybody: of those who come at the same moment one does it, and the others wait."""
    with _settling:
        _settle(registry, clock)


@lru_cache(maxsize=2)
def _settle(registry: Registry, clock: Clock) -> None:
    """Makes today's frame and keeps the garbage collector off it.

    Streamlit collects garbage after every run; what lives as long as the server is not garbage. Not
    for days that an address asks for: whoever is here at that moment would be kept for good as well.
    """
    composed.forget()
    frame(registry, clock)
    gc.collect()
    gc.freeze()


def _stamp(where: Path) -> str:
    """Changes whenever a file of the registry does; also where two of the same size came in one tick of the clock."""
    stamps = []
    for file in (where, *reader.source_files(where)):
        with suppress(OSError):  # gone since it was listed; reading it says so
            is_ = file.stat()
            stamps.append(f"{file.name}:{is_.st_ino}:{is_.st_mtime_ns}:{is_.st_size}")
    return "|".join(stamps)


def view(page: str, query: Query, locale: str, origin: str = "", frugal: bool = False, alone: str = "") -> View | None:
    """What an address asks for, for a browser that prefers `locale`; None where nothing can be read."""
    now = state()
    if now is None or now.loaded.registry is None:
        return None
    registry, day = now.loaded.registry, today()
    # While the files hold something that cannot be read, no commit is known to be what is shown.
    edition = None if now.behind else _edition(path(), now.loaded.digest, _period())
    given = [text for text in query.get("published_on", ()) if text]
    asked = published(given[-1], day) if given else None
    then = _then(path(), asked, _period()) if asked else None
    if then and then.registry:
        registry, edition = then.registry, then.edition
    filters = Filters.from_address(query, registry, asked.on if asked else day)
    # What was published on a day is shown as on that day: the same for good.
    today_then = filters.published_on.on if filters.published_on else day
    clock = Clock(filters.as_of or today_then, today_then)
    if clock == Clock(day, day) and not asked:
        _settled(registry, clock)
    return View(
        registry=registry,
        clock=clock,
        tr=words(query, locale),
        filters=filters,
        address_language="lang" in query,
        edition=edition.among(numbered(), clock.today) if edition else None,
        unpublished=then.why if then else "",
        place=Place(page, tuple((key, value) for key, values in query.items() for value in values), alone),
        origin=origin,
        frugal=frugal,
        rules_text=then.rules if then else None,
        links=_links() if clock == Clock(day, day) and not asked else linked.NO_RESULTS,
        past=partial(_past, path(), now.loaded.digest, then.edition if then else None, clock),
    )


def _links() -> linked.Results:
    """What was found about links. No page fails for want of it: without a place, or damaged, it is nothing."""
    try:
        file = _place(path(), os.environ.get(linked.LINKS_VARIABLE, ""))
        return _looked(file, linked.stamp(file))
    except (inbox.Misplaced, linked.Damaged, OSError, RuntimeError):  # the last: an account without a home
        return linked.NO_RESULTS


@lru_cache(maxsize=2)
def _place(where: Path, named: str) -> Path:
    """The file of the results; every page asks for it. Raises inbox.Misplaced, RuntimeError."""
    return linked.place(where)


@lru_cache(maxsize=2)
def _looked(file: Path, stamp: str) -> linked.Results:
    """The results in a state of their file. Raises linked.Damaged, OSError, which are not remembered."""
    return linked.read(file) if stamp else linked.NO_RESULTS


def numbered() -> tuple[editions.Numbered, ...]:
    """The numbered editions of the registry that is shown, the oldest first."""
    return _numbered(path(), _period())


@lru_cache(maxsize=2)
def _numbered(where: Path, period: int) -> tuple[editions.Numbered, ...]:
    return editions.editions(where)


def _past(where: Path, digest: str, then: Edition | None, clock: Clock, name: str) -> history.History:
    """How a record came to be: up to the version that was published, up to the day whose state is shown."""
    until = clock.as_of if clock.as_of < clock.today else None
    return _retold(where, digest, then.commit if then else "HEAD", until, _period(), name)


@lru_cache(maxsize=256)
def _retold(where: Path, digest: str, revision: str, until: date | None, period: int, name: str) -> history.History:
    """Asked again each period, and when the files change: what is in them may not be in git yet."""
    return history.of_record(where, name, revision, until)


@dataclass(frozen=True, slots=True)
class Then:
    """What was published on a day; without a registry, why not."""

    registry: Registry | None = None
    edition: Edition | None = None
    rules: str = ""
    why: Unpublished = ""


@lru_cache(maxsize=32)
def _then(where: Path, asked: Published, period: int) -> Then:
    """The registry as it was published. Git is asked anew each period: a commit may have come."""
    try:
        commit = history.commit_on(where, asked.on, asked.version)
        if commit is None or commit.on > asked.on:
            return Then(why="before")
        return _at(where, commit)
    except history.NoHistory:
        return Then(why="no-history")


@lru_cache(maxsize=8)
def _at(where: Path, commit: history.Commit) -> Then:
    """What a commit holds, read as on its own day. Raises history.NoHistory, which is not remembered."""
    texts = history.past(where, commit.name)
    registry = reader.read(texts, commit.on).registry if texts else None
    if registry is None:
        return Then(why="unreadable")
    return Then(registry, Edition(commit.name, commit.on), history.past_file(where, commit.name, "METHODOLOGY.md"))


def _period() -> int:
    return int(monotonic() // EDITION_SECONDS)


def banner(view: View) -> str:
    """What stands above a page where the files hold something that cannot be shown, and where nobody tends them."""
    now, untended = state(), pages.untended(view)
    if now is None or not (now.behind or now.loaded.errors):
        return untended
    return pages.trouble(view, now.behind, now.loaded.problems) + untended


def words(query: Query, locale: str) -> Translator:
    """The language of the address, else of the browser."""
    asked = query["lang"][-1] if query.get("lang") else ""
    if asked == PSEUDO and os.environ.get("TRACKER_PSEUDO"):
        return translator("en", True)
    return translator(language(asked, [locale]))


_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9a-f:]+\](:[0-9]{1,5})?")


def origin(scheme: str, host: str) -> str:
    """Where the site is: TRACKER_SITE, else as the reader's browser named it; empty where that is no address."""
    if named := os.environ.get("TRACKER_SITE"):
        return named.rstrip("/")
    return f"{scheme}://{host}" if scheme in ("http", "https") and _HOST.fullmatch(host) else ""


@lru_cache(maxsize=2)
def _edition(where: Path, digest: str, period: int) -> Edition | None:
    """Which commit the shown state is of. Asked again each period: a commit changes no file."""
    found = history.last_commit(where)
    return Edition(found.name, found.on, bool(history.git_state(where).changed)) if found else None
