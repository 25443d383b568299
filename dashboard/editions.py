"""Addresses beside the pages: numbered editions, the card of a record, and what search engines ask for.

An edition's address leads to the same page of the state that the edition names, for good. Starlette
only; no Streamlit.
"""

import re
from dataclasses import replace
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard import reading, web
from dashboard.outputs import card, composed, pages, sitemap
from dashboard.outputs.view import View
from dashboard.progress.filters import Published, published
from dashboard.registry import editions
from dashboard.registry.editions import Numbered
from dashboard.registry.scalars import Day, today

_FOUND_ELSEWHERE = {"Vary": web.VARY, "Cache-Control": "no-cache"}
_FILES = re.compile(
    r"/(r|embed)/[a-z0-9-]+|/picture/[a-z-]+\.json|/api/v1/[a-z0-9-]+\.[a-z]+|/feed\.atom|/digest\.txt|/report\.html|/brief\.(pdf|docx)"
)
"""What may be asked of an edition beside the pages. A path that is none of these leads nowhere, least of all away."""


def _edition(request: Request) -> Response:
    """The page of an edition: where it can be read for good."""
    found = editions.edition(reading.path(), str(request.path_params["edition"]))
    path = "/" + str(request.path_params.get("path", "")).rstrip("/")
    if found is None or found.on > today():
        return web.alone(_no_edition(request))
    if path not in composed.PATHS and not _FILES.fullmatch(path):
        return web.alone(web.painted(web.Asked.of(request.scope, "/nowhere")))
    query = [(key, value) for key, value in request.query_params.multi_items() if key != "published_on"]
    query.append(("published_on", str(_shown(found, request.query_params.get("published_on", "")))))
    # Programs in other people's pages may read the data (dashboard/serving.py), and so follow this to it.
    headers = {**_FOUND_ELSEWHERE, "X-Robots-Tag": "noindex", "Access-Control-Allow-Origin": "*"}
    return RedirectResponse(f"{quote(path)}?{urlencode(query)}", 302, headers)


def _shown(found: Numbered, asked: str) -> Published:
    """An edition as on its own day, or on the later day that a citation names."""
    day = published(asked, today())
    return Published(max(day.on, found.on) if day else found.on, found.commit.name)


def _no_edition(request: Request) -> web.Painted:
    asked = web.Asked.of(request.scope, "/nowhere")
    view = reading.view(asked.path, asked.query, asked.locale, asked.origin)
    if view is None:
        return web.painted(asked)
    body = pages.drawn("no_edition.html", view, wanted=request.path_params["edition"], found=reading.numbered())
    html = pages.top(view) + body + pages.foot(view)
    return web.Painted(html, composed.title(view), view.tr.language, 404)


def _embed(request: Request) -> Response:
    """A record's card, which anybody may show in a frame."""
    name = str(request.path_params["id"])
    asked = web.Asked.of(request.scope, "/record")
    asked = replace(asked, query={**asked.query, "id": [name]})
    if reading.underway() is not None:
        return PlainTextResponse(f"{web.BEING_READ}\n", 503, web.AGAIN)
    view = reading.view(asked.path, asked.query, asked.locale, asked.origin)
    if view is None:
        return PlainTextResponse("no registry can be read\n", 503)
    status = 200 if composed.exists(view) and not view.unpublished else 404
    address = view.link(f"/r/{quote(name)}", None, lang=view.tr.language)
    headers = {**_FOUND_ELSEWHERE, "Content-Security-Policy": card.POLICY, "X-Robots-Tag": "noindex"}
    return HTMLResponse(card.card(view, name, address), status, headers)


def _sitemap(request: Request) -> Response:
    view = _plain(request)
    if view is None or not view.origin:
        return PlainTextResponse("the address of this site is not known\n", 404)
    addresses: dict[str, Day | None] = {f"{view.origin}{path}": None for path in sitemap.PAGES}
    addresses |= {f"{view.origin}/r/{row.id}": row.standing.checked_on for row in view.frame.rows}
    return Response(sitemap.sitemap(addresses), media_type="application/xml", headers=_FOUND_ELSEWHERE)


def _robots(request: Request) -> Response:
    view = _plain(request)
    closed = ("/e/", "/embed/", "/desk", "/receipt", "/*published_on=", "/*as_of=")
    return PlainTextResponse(sitemap.robots(view.origin if view else "", closed), headers=_FOUND_ELSEWHERE)


def _plain(request: Request) -> View | None:
    """The registry as it stands, whatever the address asks for."""
    asked = web.Asked.of(request.scope, "/")
    return reading.view("/", {}, "en", asked.origin)


ROUTES = [
    Route("/e/{edition}", _edition),
    Route("/e/{edition}/{path:path}", _edition),
    Route("/embed/{id}", _embed),
    Route("/sitemap.xml", _sitemap),
    Route("/robots.txt", _robots),
]
