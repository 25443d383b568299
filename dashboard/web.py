"""What the web server adds to Streamlit's answers: the language of the page, and headers that keep
a reader's browser from calling anybody else. Plain ASGI; no Streamlit.
"""

from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.language import language

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "SAMEORIGIN",
}

_HTML_OF_STREAMLIT = b'<html lang="en"'


class PageHead:
    """Sets `<html lang>` to the language that the page will be in, and the headers above."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # A page must arrive uncompressed to be written into; scripts and fonts stay compressed.
        if b"text/html" in dict(scope["headers"]).get(b"accept", b""):
            plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": plain}
        await self.app(scope, receive, _Page(send, _wanted(scope)))


class _Page:
    """One answer on its way out; a page of HTML is held back until its language is written in."""

    def __init__(self, send: Send, wanted: str) -> None:
        self.send = send
        self.wanted = wanted.encode()
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
            body = self.body.replace(_HTML_OF_STREAMLIT, b'<html lang="' + self.wanted + b'"', 1)
            MutableHeaders(scope=self.start)["content-length"] = str(len(body))
            await self.send(self.start)
            await self.send({**message, "body": body})


def _wanted(scope: Scope) -> str:
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1]
    accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    return language(asked, (part.split(";")[0].strip() for part in accepted.split(",")))
