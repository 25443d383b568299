"""What other programs ask of the server: data, feed and files to take along. GET only, without an account.

The keys of an address mean what they mean on a page. Every answer bears a tag (ETag) of the state of the
data, the day and what was asked, so that a program that asks again is told "as it was" and nothing is made anew.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard import kept, reading, web
from dashboard.outputs import api, digest, exported, feed, pages, tables
from dashboard.outputs.view import View

# Public, read only and the same for everybody: any page may read it, and no cookie is looked at.
_OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": f"ETag, {api.LEFT_OUT}",
    "Cache-Control": "no-cache",
}
_OWN = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
_MOST_TOLD = 500
"""Letters of the header that tells what was left out: what was asked may be long."""
_JSON = "application/json"
_ATOM = "application/atom+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Served:
    """A file as it goes out. `name`: under which a browser saves it; `policy`: its own content security policy."""

    body: bytes
    media: str
    name: str = ""
    policy: str = ""


Make = Callable[[View], Served]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address stands for. `page`: the page whose keys it takes; `also`: keys that it takes beside those of
    every selection. `tells`: whether the answer itself tells what was left out.

    `own`: in the reader's language. Else in English unless the address says otherwise: what a program gets does
    not hang on who asks.
    """

    make: Make
    page: str = "/points"
    also: Sequence[str] = ()
    tells: bool = False
    own: bool = False


class _Shelf:
    """What was made lately, by its tag, so that a crowd does not have the same file made over and over."""

    MOST = 256
    MOST_BYTES = 64 * 2**20
    MOST_OF_ONE = 16 * 2**20

    def __init__(self) -> None:
        self._held: OrderedDict[str, Served] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, tag: str) -> Served | None:
        with self._lock:
            if found := self._held.get(tag):
                self._held.move_to_end(tag)
            return found

    def put(self, tag: str, made: Served) -> None:
        if len(made.body) > self.MOST_OF_ONE:
            return
        with self._lock:
            if tag in self._held:
                return
            self._held[tag] = made
            self._bytes += len(made.body)
            while self._bytes > self.MOST_BYTES or len(self._held) > self.MOST:
                self._bytes -= len(self._held.popitem(last=False)[1].body)


_shelf = _Shelf()


# --- data -------------------------------------------------------------------------------------------


async def _registry(request: Request) -> Response:
    return await _answered(request, Wanted(_named(api.registry_json, "registry")))


async def _records(request: Request) -> Response:
    return await _answered(request, Wanted(_named(api.records_json, "records"), tells=True))


async def _changes(request: Request) -> Response:
    return await _answered(request, Wanted(_named(api.changes_json, "changes"), "/changes", api.BETWEEN, tells=True))


async def _all(request: Request) -> Response:
    """Many tables in one file."""
    file = request.url.path.rpartition("/")[2]
    format = api.ZIPS.get(file, "xlsx")
    return await _answered(request, Wanted(lambda view: _whole(view, format)))


async def _table(request: Request) -> Response:
    name, _, format = str(request.path_params["file"]).rpartition(".")
    if name not in (*tables.NAMES, tables.INBOX) or format not in api.TABLE_FORMATS:
        return _nothing(request)
    columns = [each for text in request.query_params.getlist("columns") for each in text.split(",") if each]

    def made(view: View) -> Served:
        body = exported.one(view, name, format, columns)
        return Served(body, exported.MEDIA[format], exported.file_name(view, name, format))

    return await _answered(request, Wanted(made, also=("columns",)))


async def _feed(request: Request) -> Response:
    return await _answered(request, Wanted(lambda view: Served(feed.atom(view).encode(), _ATOM), also=(feed.ONLY,)))


async def _digest(request: Request) -> Response:
    """What happened since a day, as lines of plain text."""

    def made(view: View) -> Served:
        told = digest.digest(view, digest.since(view))
        return Served(digest.text(view, told).encode(), "text/plain; charset=utf-8")

    return await _answered(request, Wanted(made, also=(digest.SINCE,), own=True))


def _openapi(request: Request) -> Response:
    asked = web.Asked.of(request.scope)
    return _json(200, api.openapi(asked.origin), _OPEN)


def _nothing(request: Request) -> Response:
    return _wrong(404, f"there is nothing here; {api.ROOT}/openapi.json lists what is", _OPEN)


def _named(made: Callable[[View], bytes], name: str) -> Make:
    return lambda view: Served(made(view), _JSON, exported.file_name(view, name, "json"))


def _whole(view: View, format: str) -> Served:
    media = exported.MEDIA["xlsx" if format == "xlsx" else "zip"]
    return Served(exported.whole(view, format), media, exported.file_name(view, "all", format))


# --- files for people -------------------------------------------------------------------------------


async def _report(request: Request) -> Response:
    def made(view: View) -> Served:
        from dashboard.outputs import report

        try:
            html = report.report(view)
        except report.TooMany as error:
            raise exported.TooLong(str(error)) from None
        name = exported.file_name(view, "report", "html")
        return Served(html.encode(), "text/html; charset=utf-8", name, report.policy(html))

    return await _answered(request, Wanted(made, own=True))


async def _brief(request: Request) -> Response:
    format = str(request.path_params["format"])

    def made(view: View) -> Served:
        from dashboard.outputs import brief

        since, until = pages.days(view)
        told = brief.brief(view.on(until), since)
        body = brief.pdf(told) if format == "pdf" else brief.docx(told)
        return Served(body, _BRIEFS[format], exported.file_name(view, "brief", format))

    return (
        await _answered(request, Wanted(made, also=api.BETWEEN, own=True)) if format in _BRIEFS else _nothing(request)
    )


_BRIEFS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


# --- an answer --------------------------------------------------------------------------------------


async def _answered(request: Request, wanted: Wanted) -> Response:
    return await web.FILING.make(_answer, request, wanted)


def _answer(request: Request, wanted: Wanted) -> Response:
    headers = _OWN if wanted.own else _OPEN
    asked = web.Asked.of(request.scope, wanted.page)
    query = parse_qs(request.scope["query_string"].decode("latin-1"))
    if reading.underway() is not None:
        return _wrong(503, web.BEING_READ, {**headers, **web.AGAIN})
    now = reading.state()  # before the view: a tag must never be newer than what it names
    view = reading.view(wanted.page, query, asked.locale if wanted.own else "en", asked.origin)
    if now is None or view is None:
        return _wrong(503, "no registry can be read at this moment; try again later", headers)
    if view.unpublished:
        return _wrong(404, _UNPUBLISHED[view.unpublished], headers)
    if not wanted.tells and (wrong := api.misnamed(view, wanted.also)):
        return _wrong(400, f"names nothing here: {'; '.join(wrong)[:_MOST_TOLD]}. {_ALLOWED}", headers)
    left_out = api.left_out(view, wanted.also)
    tag = _tag(now.loaded.digest, request.url.path, view, wanted.also, left_out)
    tagged = {**headers, "ETag": f'"{tag}"'}
    if left_out:  # a table has no other place to tell it
        tagged[api.LEFT_OUT] = "&".join(quote(each, safe="=") for each in left_out)[:_MOST_TOLD]
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=tagged)
    try:
        made = _shelf.get(tag) or wanted.make(view)
    except tables.Unknown as error:
        return _wrong(400, str(error), headers)
    except exported.TooLong as error:
        return _wrong(422, str(error), headers)
    _shelf.put(tag, made)
    if made.name:
        tagged["Content-Disposition"] = f'attachment; filename="{made.name}"'
    if made.policy:
        tagged["Content-Security-Policy"] = made.policy
    return Response(made.body, media_type=made.media, headers=tagged)


_ALLOWED = (
    f"{api.ROOT}/openapi.json lists the keys and what they take, {api.ROOT}/registry.json the ids of actors, themes "
    "and sources"
)
_UNPUBLISHED = {
    "before": "nothing had been published on that day; ask for a later one",
    "no-history": "the registry has no history here, or the version asked for is not in it",
    "unreadable": "what was published on that day cannot be read; ask for another one",
}


def _tag(digest: str, path: str, view: View, also: Sequence[str], left_out: Sequence[str]) -> str:
    """Of the state of the data and of the program, the day, and what was asked: the same tag means the same bytes."""
    state = (digest, view.edition, kept.program())
    asked = (path, view.origin, view.tr.language, view.address_language, view.filters.pairs(), left_out)
    beside = [pair for pair in view.place.pairs if pair[0] in also]
    said = repr((state, view.clock, asked, beside))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _has(given: str, tag: str) -> bool:
    """Whether what a program holds (If-None-Match) is that state; a gateway may have made its tag a weak one."""
    held = (each.strip().removeprefix("W/").strip('"') for each in given.split(","))
    return any(each in (tag, "*", f"{tag}-gzip") for each in held)


def _wrong(status: int, error: str, headers: Mapping[str, str]) -> Response:
    return _json(status, {"error": error}, headers)


def _json(status: int, value: object, headers: Mapping[str, str]) -> Response:
    body = (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()
    return Response(body, status, media_type=_JSON, headers={"Cache-Control": "no-cache", **headers})


ROUTES = [
    Route(f"{api.ROOT}/registry.json", _registry),
    Route(f"{api.ROOT}/records.json", _records),
    Route(f"{api.ROOT}/changes.json", _changes),
    Route(f"{api.ROOT}/openapi.json", _openapi),
    *(Route(f"{api.ROOT}/{name}", _all) for name in ("all.xlsx", *api.ZIPS)),
    Route(f"{api.ROOT}/{{file}}", _table),
    Route("/api", _nothing),
    Route("/api/{rest:path}", _nothing),
    Route("/feed.atom", _feed),
    Route("/digest.txt", _digest),
    Route("/report.html", _report),
    Route("/brief.{format}", _brief),
]
