"""What the web server adds to Streamlit's pages: the words before the workroom, and a closed door.

Streamlit sends an empty page and 2.7 MB of script, which takes a minute on a slow line. So each
page leaves the server with its words already in it, in its language; the script takes over when it
has come (assets/site.js). Without script, the words stay and the links work. The headers keep a
reader's browser from calling anybody but us. Plain ASGI; no Streamlit.
"""

import asyncio
import base64
import hashlib
import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import parse_qs, quote
from weakref import WeakKeyDictionary

import anyio
import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import kept, people, reading
from dashboard.language import Translator
from dashboard.outputs import composed, pages, pictures
from dashboard.outputs.view import View
from dashboard.progress.charts import Chart

HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

ANCESTORS = os.environ.get("TRACKER_FRAME_ANCESTORS", "'self'")
"""Who may show these pages in a frame: a list of origins as a content security policy writes it."""

# Everything from our own host. Styles stand in the pages themselves; the few inline scripts of
# Streamlit's own page are allowed one by one, by their hash.
POLICY = (
    "default-src 'self'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors {ancestors}"
)

VARY = "Accept-Language, Save-Data, X-Forwarded-Proto"
"""What else than its address a page depends on."""

AGAIN = {"Retry-After": "2"}
BEING_READ = "the registry is being read; ask again in a moment"
"""What programs are told while a long registry is read for the first time."""

T = TypeVar("T")

_log = logging.getLogger(__name__)
_SCRIPT = Path(__file__).parent / "assets" / "site.js"
_STREAMLITS_OWN = ("/_stcore/", "/static/", "/media/", "/component/")
_FILES = ("/api/", "/feed.atom", "/digest.txt", "/report.html", "/brief.")
"""Addresses that are no pages: nothing is written into what they answer."""
_HTML = re.compile(rb"<html lang=\"en\"")
_TITLE = re.compile(rb"<title>.*?</title>", re.DOTALL)
_NO_SCRIPT = re.compile(rb"<noscript>.*?</noscript>", re.DOTALL)
_FONT = re.compile(rb'href="([^"]+/SourceSans[^"]+\.woff2)"')
_ROOT = b'<div id="root"></div>'
_FOLLOW = '<link rel="alternate" type="application/atom+xml" href="/feed.atom">'
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


async def _script(request: Request) -> Response:
    return FileResponse(_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def _health(request: Request) -> Response:
    """Whether there is a registry to show: 200, or 503 where none could be read, or has been read yet."""
    if (far := reading.underway()) is not None:
        return PlainTextResponse(f"{far:.0%} of the registry read\n", 503, AGAIN)
    now = reading.state()
    if now is None:
        return PlainTextResponse("no registry can be read\n", 503)
    return PlainTextResponse("the last good state of the registry is shown\n" if now.behind else "ok\n")


def _record(request: Request) -> Response:
    """One record on a page of its own without script: for link previews, chats and slow lines."""
    asked = Asked.of(request.scope, "/record")
    name = str(request.path_params["id"])
    return alone(painted(replace(asked, query={**asked.query, "id": [name]}, alone=f"/r/{quote(name)}")))


def _picture(request: Request) -> Response:
    """A picture to take away, as Plotly draws it."""
    name = str(request.path_params["name"])
    asked = Asked.of(request.scope, pictures.page_of(name))
    if reading.underway() is not None:
        return JSONResponse({"error": BEING_READ}, 503, AGAIN)
    view = reading.view(asked.path, asked.query, asked.locale, asked.origin)
    drawn = pictures.to_take_away(view, name) if view and not view.unpublished else None
    status = 200 if drawn else 404
    return JSONResponse(
        drawn or {"error": "there is no such picture"}, status, {"Vary": VARY, "Cache-Control": "no-cache"}
    )


ROUTES = [
    Route("/site.js", _script),
    Route("/healthz", _health),
    Route("/r/{id}", _record),
    Route("/picture/{name}.json", _picture),
]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser asked for: page, address, language and where it thinks the site is."""

    path: str
    query: reading.Query
    locale: str
    origin: str
    frugal: bool = False
    alone: str = ""

    @classmethod
    def of(cls, scope: Scope, path: str = "") -> Self:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        # As the browser tells Streamlit: the first of its languages.
        locale = headers.get(b"accept-language", "").split(",")[0].split(";")[0].strip()
        # Behind several proxies each adds its own; the first is that of the reader.
        scheme = headers.get(b"x-forwarded-proto", str(scope["scheme"])).split(",")[0].strip().lower()
        query = parse_qs(scope["query_string"].decode("latin-1"))
        origin = reading.origin(scheme, headers.get(b"host", ""))
        return cls(path or scope["path"], query, locale, origin, headers.get(b"save-data") == "on")


@dataclass(frozen=True, slots=True)
class Painted:
    """A page as words: its HTML, and what a link preview tells of it."""

    html: str
    title: str
    language: str
    status: int = 200
    says: str = ""
    again: bool = False
    """Whether to ask again in a moment: it is not the page yet."""


def painted(asked: Asked) -> Painted:
    """The page at an address, drawn without Streamlit from the same pieces.

    The first page of a long registry is kept from one start to the next: to count all for it takes seconds.
    """
    tr = reading.words(asked.query, asked.locale)
    made_from = _made_from(asked)
    if made_from and (found := _OPENINGS.of(made_from)):
        reading.opened.set()
        return found
    if (far := reading.underway()) is not None:
        _OPENINGS.miss(made_from, asked)
        return Painted(pages.being_read(tr, far), tr("Asked and promised"), tr.language, 503, again=True)
    made = _painted(asked, tr)
    # The files may have become others while it was painted.
    if made.status == 200 and _OPENINGS.wants(made_from) and made_from == _made_from(asked):
        _OPENINGS.keep(made, made_from)
    return made


def _made_from(asked: Asked) -> tuple[object, ...]:
    if asked.path != "/" or asked.alone:
        return ()
    return reading.opening(asked.query, asked.locale, asked.origin, asked.frugal)


class _Openings:
    """The first pages that an earlier life of the server painted: each is told once, and as long as the registry is
    read; then this one paints.
    """

    MOST = 100
    MOST_MISSED = 6

    def __init__(self) -> None:
        self._missed: dict[tuple[object, ...], Asked] = {}
        self._there: dict[tuple[object, ...], Painted | None] = {}

    def of(self, made_from: tuple[object, ...]) -> Painted | None:
        if made_from in self._there:
            return self._there[made_from] if reading.underway() is not None else None
        found: Painted | None = kept.get(reading.path(), "words", *made_from)
        if len(self._there) >= self.MOST:
            self._there.clear()
        self._there[made_from] = found
        return found

    def miss(self, made_from: tuple[object, ...], asked: Asked) -> None:
        if made_from and len(self._missed) < self.MOST_MISSED:
            self._missed[made_from] = asked

    def missed(self) -> list[Asked]:
        """What was asked for in vain while the registry was read, and by nobody since."""
        return [asked for made_from, asked in self._missed.items() if self.wants(made_from)]

    def wants(self, made_from: tuple[object, ...]) -> bool:
        return bool(made_from) and self._there.get(made_from) is None

    def keep(self, made: Painted, made_from: tuple[object, ...]) -> None:
        self._there[made_from] = made
        kept.put(reading.path(), "words", made, *made_from)


_OPENINGS = _Openings()


def keep() -> None:
    """At the end of the server: the next one tells at once what this one could not while it was reading."""
    for asked in _OPENINGS.missed():
        painted(asked)


def _painted(asked: Asked, tr: Translator) -> Painted:
    view = reading.view(asked.path, asked.query, asked.locale, asked.origin, asked.frugal, asked.alone)
    if view is None:
        return Painted(pages.unreadable(tr), tr("Asked and promised"), tr.language, 503)
    body = "".join(map(_as_words(view), composed.page(view)))
    # The light page is for slow lines: it stays as light as it is.
    taking = "" if view.place.alone else pages.take(view)
    html = pages.top(view) + reading.banner(view) + body + taking + pages.foot(view)
    there = composed.exists(view) and view.unpublished != "unreadable"
    return Painted(html, composed.title(view), tr.language, 200 if there else 404, pages.preview(view) if there else "")


def _as_words(view: View) -> Callable[[composed.Piece], str]:
    """Each piece without Streamlit: pictures leave their room empty, controls say that they come."""

    def words(piece: composed.Piece) -> str:
        match piece:
            case str():
                return piece
            case Chart():
                return f'<div class="room" style="height:{int(piece.figure.layout.height or 0)}px"></div>'
            case composed.Controls():
                return pages.waiting(view)
        return ""

    return words


class PageHead:
    """Writes the words into Streamlit's page on its way out, and the headers above into every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # People come and go by addresses that are no pages.
        if scope["type"] != "http" or scope["path"] in people.WAYS:
            await self.app(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, _Answer(send, scope))
            return
        if _nowhere(scope["path"]):
            page = await PAINTING.make(painted, Asked.of(scope))
            await alone(page)(scope, receive, _Answer(send, scope))
            return
        answer = _Answer(send, scope)
        # A page must arrive whole and uncompressed to be written into; it is compressed further out.
        if not scope["path"].startswith((*_STREAMLITS_OWN, *_FILES)):
            dropped = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
            plain = [(name, value) for name, value in scope["headers"] if name not in dropped]
            scope = {**scope, "headers": plain, "method": "GET"}
        await self.app(scope, receive, answer)


class Room:
    """So many things are made at the same time, in threads: the server goes on answering everybody else."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, anyio.CapacityLimiter] = WeakKeyDictionary()

    async def make(self, draw: Callable[..., T], *given: object) -> T:
        limiter = self._limiters.setdefault(asyncio.get_running_loop(), anyio.CapacityLimiter(self._places))
        return await anyio.to_thread.run_sync(draw, *given, limiter=limiter)


PAINTING = Room(2)
FILING = Room(2)
"""Files to take along, which can take long: whoever reads a page does not wait for them."""


class _Answer:
    """One answer on its way out; a page of HTML that was asked for is held back until the words are in it."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self.send = send
        self.scope = scope
        self.start: Message | None = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            ours = "content-security-policy" in headers  # a page that stands alone
            if (
                self.scope["method"] in ("GET", "HEAD")
                and headers.get("content-type", "").startswith("text/html")
                and not ours
                and "content-encoding" not in headers
            ):
                self.start = message
                return
        if self.start is None or message["type"] != "http.response.body":
            await self.send(self._shown(message))
            return
        self.body += message.get("body", b"")
        if not message.get("more_body"):
            body = await self._with_words(self.start)
            await self.send(self.start)
            await self.send(self._shown({**message, "body": body}))

    def _shown(self, message: Message) -> Message:
        """Who asks for the head alone gets the same head, and no body."""
        head_only = self.scope["method"] == "HEAD" and message["type"] == "http.response.body"
        return {**message, "body": b""} if head_only else message

    async def _with_words(self, start: Message) -> bytes:
        asked = Asked.of(self.scope)
        try:
            page = await PAINTING.make(painted, asked)
        except Exception:  # a fault of ours costs the head start, not the page
            _log.exception("the words of %s could not be drawn", asked.path)
            page = Painted("", "…", reading.words(asked.query, asked.locale).language)
        body = _filled(self.body, page)
        start["status"] = page.status if start["status"] == 200 else start["status"]
        headers = MutableHeaders(scope=start)
        headers["content-length"] = str(len(body))
        headers["content-security-policy"] = _policy(body)
        headers["vary"] = VARY
        headers["cache-control"] = "no-cache"
        if page.again:
            headers.update(AGAIN)
        for name in ("etag", "last-modified"):  # they speak of the file, not of the page in its language
            del headers[name]
        return body


def _nowhere(path: str) -> bool:
    """Whether a path is neither a page nor a file: Streamlit would answer it with the first page."""
    known = (*composed.PATHS, "/start", "/api", *(route.path for route in ROUTES if "{" not in route.path))
    folders = (*_STREAMLITS_OWN, "/r/", "/picture/", "/api/", "/e/", "/embed/")
    return path not in known and not path.startswith(folders) and "." not in path.rpartition("/")[2]


def _head(page: Painted) -> str:
    """Title and link preview of a page."""
    title, says = escape(page.title), escape(page.says)
    told = (
        f'<meta name="description" content="{says}"><meta property="og:description" content="{says}">' if says else ""
    )
    return f'<title>{title}</title><meta property="og:title" content="{title}">{told}'


def alone(page: Painted, style: str = "", script: str = "") -> Response:
    """A whole page of ours that needs neither script nor Streamlit; a script of ours may help it."""
    helped = f'<script src="{script}" defer></script>' if script else ""
    html = (
        f'<!DOCTYPE html><html lang="{page.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'{_head(page)}<style>{style or pages.style()}</style>{helped}</head><body><div id="before" class="alone"><main class="page">{page.html}</main></div></body></html>'
    )
    headers = {"Content-Security-Policy": _policy(b""), "Vary": VARY, "Cache-Control": "no-cache"}
    if page.again:
        headers |= {**AGAIN, "Refresh": AGAIN["Retry-After"]}
    return HTMLResponse(html, page.status, headers)


def _filled(shell: bytes, page: Painted) -> bytes:
    """Streamlit's page with language, title and words. What it says to those without script is ours then."""
    head = _FOLLOW + _head(page)
    # Behind whatever Streamlit puts into the head, so that of two rules of one weight ours holds; it stays when
    # Streamlit draws, which so need not send it at every click.
    words = f'<style>{_typeface(shell)}{pages.style()}</style><div id="before"{" hidden" if not page.html else ""}><main class="page">{page.html}</main></div><script src="/site.js" defer></script>'
    shell = _HTML.sub(b'<html lang="' + page.language.encode() + b'"', shell, count=1)
    shell = _TITLE.sub(lambda _: head.encode(), shell, count=1)
    shell = _NO_SCRIPT.sub(b"", shell, count=1)
    return shell.replace(_ROOT, words.encode() + _ROOT, 1)


def _typeface(shell: bytes) -> str:
    """The typeface that Streamlit preloads, under a name of ours: words show before it has come."""
    font = _FONT.search(shell)
    if font is None:
        return ""
    source = f"src: url({font[1].decode()}) format('woff2'); font-weight: 200 900; font-display: swap"
    return f'@font-face {{ font-family: "Before"; {source} }}\n'


def _policy(body: bytes) -> str:
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(body))
    hashes = "".join(f" 'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return POLICY.format(hashes=hashes, ancestors=ANCESTORS)
