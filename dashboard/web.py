"""What the web server adds to Streamlit's pages: the words before the workroom, and a closed door.

Streamlit sends an empty page and 2.7 MB of script, which takes a minute on a slow line. So each
page leaves the server with its words already in it, in its language; the script takes over when it
has come (assets/first.js). Without script, the words stay and the links work. The headers keep a
reader's browser from calling anybody but us. Plain ASGI; no Streamlit.
"""

import base64
import hashlib
import logging
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import reading
from dashboard.outputs import pages

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
}

# Everything from our own host. Styles stand in the pages themselves; the few inline scripts of
# Streamlit's own page are allowed one by one, by their hash.
POLICY = (
    "default-src 'self'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)

_log = logging.getLogger(__name__)
_SCRIPT = Path(__file__).parent / "assets" / "first.js"
_STREAMLITS_OWN = ("/_stcore/", "/static/", "/media/", "/component/")
_HTML = re.compile(rb"<html lang=\"en\"")
_TITLE = re.compile(rb"<title>.*?</title>", re.DOTALL)
_NO_SCRIPT = re.compile(rb"<noscript>.*?</noscript>", re.DOTALL)
_FONT = re.compile(rb'href="([^"]+/SourceSans[^"]+\.woff2)"')
_ROOT = b'<div id="root"></div>'
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


async def _first_script(request: Request) -> Response:
    return FileResponse(_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "max-age=3600"})


async def _health(request: Request) -> Response:
    """Whether there is a registry to show: 200, or 503 where none could be read."""
    now = reading.state()
    if now is None:
        return PlainTextResponse("no registry can be read\n", 503)
    return PlainTextResponse("the last good state of the registry is shown\n" if now.behind else "ok\n")


ROUTES = [Route("/first.js", _first_script), Route("/healthz", _health)]


@dataclass(frozen=True, slots=True)
class Painted:
    """A page as words: its HTML, and what a link preview tells of it."""

    html: str
    title: str
    language: str
    status: int = 200


def painted(path: str, query: reading.Query, locale: str) -> Painted:
    """The page at an address, drawn without Streamlit by the same pieces."""
    tr = reading.words(query, locale)
    site = tr("Asked and promised")
    view = reading.view(query, locale)
    if view is None:
        return Painted(pages.unreadable(tr), site, tr.language, 503)
    title, status = site, 200
    match path:
        case "/record":
            wanted = query["id"][-1] if query.get("id") else ""
            body = pages.record(view, wanted)
            status, body = (200, body) if body else (404, pages.missing(view, wanted))
            if status == 200:
                title = f"{pages.title(view, wanted)} · {site}"
        case "/points":
            page = query["page"][-1] if query.get("page") else "1"
            body, title = pages.points_at_once(view, page), f"{tr('All points')} · {site}"
        case "/sources":
            body, title = pages.sources(view), f"{tr('Sources')} · {site}"
        case "/method":
            body, title = pages.method(view), f"{tr('How we judge')} · {site}"
        case "/about":
            body, title = pages.about(view), f"{tr('About and corrections')} · {site}"
        case _:
            body = pages.start(view)
    html = pages.top(view, reading.here(path, query)) + reading.banner(view) + body + pages.foot(view)
    return Painted(html, title, tr.language, status)


class PageHead:
    """Writes the words into Streamlit's page on its way out, and the headers above into every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        # A page must arrive whole and uncompressed to be written into; it is compressed further out.
        if not scope["path"].startswith(_STREAMLITS_OWN):
            dropped = (b"accept-encoding", b"if-none-match", b"if-modified-since")
            plain = [(name, value) for name, value in scope["headers"] if name not in dropped]
            scope = {**scope, "headers": plain}
        await self.app(scope, receive, _Answer(send, scope))


class _Answer:
    """One answer on its way out; a page of HTML is held back until the words are in it."""

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
            if headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers:
                self.start = message
                return
        if self.start is None or message["type"] != "http.response.body":
            await self.send(message)
            return
        self.body += message.get("body", b"")
        if not message.get("more_body"):
            body = self._with_words(self.start)
            await self.send(self.start)
            await self.send({**message, "body": body})

    def _with_words(self, start: Message) -> bytes:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        accepted = dict(self.scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        # As the browser tells Streamlit: the first of its languages.
        locale = accepted.split(",")[0].split(";")[0].strip()
        try:
            page = painted(self.scope["path"], query, locale)
        except Exception:  # a fault of ours costs the head start, not the page
            _log.exception("the words of %s could not be drawn", self.scope["path"])
            page = Painted("", "…", reading.words(query, locale).language)
        body = _filled(self.body, page)
        start["status"] = page.status if start["status"] == 200 else start["status"]
        headers = MutableHeaders(scope=start)
        headers["content-length"] = str(len(body))
        headers["content-security-policy"] = _policy(body)
        headers["vary"] = "Accept-Language"
        for name in ("etag", "last-modified"):  # they speak of the file, not of the page in its language
            del headers[name]
        return body


def _filled(shell: bytes, page: Painted) -> bytes:
    """Streamlit's page with language, title and words. What it says to those without script is ours then."""
    title = escape(page.title)
    style = _typeface(shell) + pages.style()
    head = f'<title>{title}</title><meta property="og:title" content="{title}"><style>{style}</style>'
    words = f'<div id="before"{" hidden" if not page.html else ""}><div class="page">{page.html}</div></div><script src="/first.js" defer></script>'
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
    return POLICY.format(hashes=hashes)
