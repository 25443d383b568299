"""What people send: the light pages with forms, and their way into the inbox.

Plain HTML that works without script; assets/forms.js makes screens of it. Nobody needs an account,
and nothing but what was typed and the day is kept (registry/inbox.py). Starlette only; no Streamlit.
"""

import logging
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from threading import Lock
from time import monotonic
from urllib.parse import parse_qsl, urlencode, urlsplit

import anyio
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from dashboard import people, reading, web
from dashboard.language import translator
from dashboard.outputs import composed, forms, letter, pages
from dashboard.outputs.forms import Form
from dashboard.outputs.view import View
from dashboard.registry import inbox
from dashboard.registry.access import Action, Who, may
from dashboard.registry.model import Registry
from dashboard.registry.scalars import LANGUAGES, today

FORMS_VARIABLE = "TRACKER_FORMS"
"""on, off, or local: on for whoever reaches this server without a proxy between. Unset is off."""

MOST_BODY = 32 * 1024
"""Bytes of a form: each Cyrillic letter takes six in it, and the longest text has 4000."""

SECONDS_TO_SEND = 30.0
ONCE_SECONDS = 3600.0
LOOKUPS = ((60.0, 30),)
"""Seconds, and how many receipts the whole server looks up in them, so that none is found by trying."""

_log = logging.getLogger(__name__)
_SCRIPT = Path(__file__).parent / "assets" / "forms.js"
_HEADERS = {
    "Cache-Control": "no-store",
    # With none at all a browser does not say where a form comes from, and we could not tell ours from others.
    "Referrer-Policy": "same-origin",
}
_FORM_TYPE = "application/x-www-form-urlencoded"
_BY_A_PROXY = ("forwarded", "via", "x-real-ip")
_ASKED = ("id", "lang", "whole", "kind", "actor", "position", "letter")
"""What an address may ask of a form; a day of the past it may not: what is told is told of today."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of ours as it is answered."""

    html: str
    status: int = 200


class _Refused(Exception):
    """What was sent is not looked at."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


# --- pages that are asked for -----------------------------------------------------------------------


async def _report(request: Request) -> Response:
    if request.method == "POST":
        return await _posted(request)
    return await _shown(request, lambda view, form: _asked_form(view, form, only=False))


async def _answer(request: Request) -> Response:
    if request.method == "POST":
        return await _posted(request)
    return await _shown(request, _asked_answer)


async def _receipt(request: Request) -> Response:
    if request.method == "POST":
        return await _looked_up(request)
    return await _shown(request, lambda view, form: _Page(pages.receipt(view, form, asked=False, found=None)))


async def _script(request: Request) -> Response:
    return FileResponse(_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


ROUTES = [
    Route("/forms.js", _script),
    Route("/report-change", _report, methods=["GET", "POST"]),
    Route("/answer", _answer, methods=["GET", "POST"]),
    Route("/receipt", _receipt, methods=["GET", "POST"]),
]


def _asked_form(view: View, form: Form, only: bool) -> _Page:
    """The form for the record that the address names; without one, which record it is about."""
    wanted = view.asked("id")
    here = replace(form, whole=bool(view.asked("whole")) and not wanted)
    html = (pages.answer_point if only else pages.report_change)(view, wanted, here)
    return _Page(html, 404 if wanted and pages.standing_of(view, wanted) is None else 200)


def _asked_answer(view: View, form: Form) -> _Page:
    if view.asked("id"):
        return _asked_form(view, replace(form, typed={**form.typed, "body": view.asked("actor")}), only=True)
    actor, language = view.asked("actor"), view.asked("letter")
    known = not actor or actor in view.registry.actors
    text = ""
    if actor and known and language in LANGUAGES:
        text = letter.letter(replace(view, tr=translator(language)), actor)
    return _Page(pages.answer(view, actor, text, language), 200 if known else 404)


# --- what is sent -----------------------------------------------------------------------------------


async def _posted(request: Request) -> Response:
    """A message: kept, given back as text, or shown again with all that is wrong with it."""
    try:
        typed = await _typed(request)
    except _Refused as error:
        status = error.status
        return await _shown(request, lambda view, form: _refusal(view, status))
    known = {name: typed[name] for name in forms.TYPED if name in typed}
    query = {name: [text] for name, text in (("id", known.get("about", "")), ("lang", typed.get("lang", ""))) if text}

    def looked_at(view: View, form: Form) -> _Page:
        shown = replace(form, typed=known, once=known.get("once") or form.once, whole=not known.get("about"))
        return _looked_at(view, shown, typed.get("do") == "slip")

    return await _shown(request, looked_at, query)


def _looked_at(view: View, form: Form, as_text: bool) -> _Page:
    tr, typed = view.tr, form.typed
    if not form.takes:
        said = tr("This site takes no messages itself. Your text is still here: copy it as text.")
        return _again(view, replace(form, trouble=said), 403)
    row = pages.standing_of(view, typed.get("about", ""))
    asked = forms.questions(row.record if row else None, row.status if row else None)
    fields = {**forms.meant(typed, asked, today(), form.organisation), "language": tr.language}
    try:
        message = inbox.message(fields, today(), view.registry)
    except inbox.Unclear as error:
        return _again(view, replace(form, faults=forms.places(error.faults, typed.get("kind", ""))), 422)
    if as_text:
        return _Page(pages.as_slip(view, inbox.slip(message)))
    try:
        receipt = _kept(message, typed.get("once", ""))
    except inbox.Full:
        said = tr(
            "The editors’ inbox takes no more just now. Your text is still here: wait a little and try again, or copy it as text and send it another way."
        )
        return _again(view, replace(form, trouble=said), 503)
    except (OSError, inbox.Misplaced) as error:  # what it says of the folder is for whoever runs the server
        _log.error("the inbox cannot be written: %s", error)
        said = tr(
            "The message could not be kept: something is wrong with this server. Your text is still here: copy it as text and send it another way."
        )
        return _again(view, replace(form, trouble=said), 503)
    return _Page(pages.sent(view, receipt, message.about))


def _again(view: View, form: Form, status: int) -> _Page:
    """The form with everything that was typed, and what is wrong with it."""
    draw = pages.answer_point if view.place.path == "/answer" else pages.report_change
    return _Page(draw(view, form.typed.get("about", ""), form), status)


def _refusal(view: View, status: int) -> _Page:
    tr = view.tr
    said = {
        403: tr(
            "It came from a page of another site, and nothing of it was looked at. Open the form here and send it from there."
        ),
        408: tr("The line was too slow: not all of it arrived. Try again, or copy it as text."),
        413: tr("It is too long to be taken at once. Shorten it, or send it in two parts."),
    }.get(status, tr("It was not sent by a form of this site, and nothing of it was looked at."))
    return _Page(pages.refused(view, said), status)


async def _looked_up(request: Request) -> Response:
    try:
        typed = await _typed(request)
    except _Refused as error:
        status = error.status
        return await _shown(request, lambda view, form: _refusal(view, status))
    query = {"lang": [typed["lang"]]} if typed.get("lang") else {}

    def found(view: View, form: Form) -> _Page:
        if not form.takes:
            return _Page(pages.receipt(view, form, asked=False, found=None), 403)
        try:
            _lookups.take(monotonic())
            outcome = inbox.outcome(inbox.place(reading.path()), typed.get("receipt", ""))
        except inbox.Full:
            said = view.tr("Too many receipts are being looked up just now. Wait a minute and try again.")
            return _Page(pages.receipt(view, replace(form, trouble=said), asked=False, found=None), 503)
        return _Page(pages.receipt(view, form, asked=True, found=outcome))

    return await _shown(request, found, query)


@dataclass(frozen=True, slots=True)
class _Sent:
    """A filling-in that was kept: what it said, as a digest, and the receipt that it got."""

    digest: str
    receipt: str
    at: float


_rate = inbox.Rate()
_lookups = inbox.Rate(LOOKUPS)
_once: dict[str, _Sent] = {}
_keeping = Lock()


def _kept(message: inbox.Message, once: str) -> str:
    """The receipt of a message, kept once however often it is sent. Raises inbox.Full, inbox.Misplaced, OSError."""
    digest, now = sha256(repr(message).encode()).hexdigest(), monotonic()
    with _keeping:
        for number in [number for number, sent in _once.items() if sent.at <= now - ONCE_SECONDS]:
            del _once[number]
        before = _once.get(once) if once else None
        if before and before.digest == digest:  # its answer was lost on the way
            return before.receipt
        folder = inbox.place(reading.path())
        _rate.take(now)
        receipt = inbox.add(message, folder, today())
        if once:
            _once[once] = _Sent(digest, receipt, now)
        return receipt


# --- the request ------------------------------------------------------------------------------------


async def _typed(request: Request) -> dict[str, str]:
    """The fields that were sent, each once. Raises _Refused before anything is read that need not be."""
    if not ours(request.headers):
        raise _Refused(403)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM_TYPE:
        raise _Refused(415)
    length = request.headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length[:20]) > MOST_BODY:
        raise _Refused(413)
    body = b""
    with anyio.move_on_after(SECONDS_TO_SEND) as time:
        async for part in request.stream():
            body += part
            if len(body) > MOST_BODY:
                raise _Refused(413)
    if time.cancelled_caught:
        raise _Refused(408)
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100, errors="replace")
    except ValueError:
        raise _Refused(415) from None
    return dict(pairs)


def ours(headers: Headers) -> bool:
    """Whether a form was sent from a page of ours, as far as the browser says."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    if origin is None:
        return True
    if origin == "null":
        return site == "same-origin"
    named = os.environ.get("TRACKER_SITE", "").rstrip("/")
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() or bool(named and origin == named)


def takes(headers: Headers) -> bool:
    """Whether this server takes messages from whoever asks (TRACKER_FORMS)."""
    setting = os.environ.get(FORMS_VARIABLE, "")
    if setting == "local":
        return not any(name in _BY_A_PROXY or name.startswith("x-forwarded-") for name in headers)
    return setting == "on"


def _organisation(who: Who, registry: Registry) -> str:
    """The actor in whose name somebody may sign."""
    return who.organisation if may(who, Action.SIGN) and who.organisation in registry.actors else ""


# --- the answer -------------------------------------------------------------------------------------


async def _shown(request: Request, draw: Callable[[View, Form], _Page], query: reading.Query | None = None) -> Response:
    """A light page; `query` in place of what the address asks for."""
    asked = web.Asked.of(request.scope)
    if query is None:
        query = {name: asked.query[name] for name in _ASKED if name in asked.query}
    painted = await web.PAINTING.make(_painted, replace(asked, query=query), request.headers, request.cookies, draw)
    answer = web.alone(painted, pages.form_style(painted.html), "/forms.js")
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    return answer


def _painted(
    asked: web.Asked, headers: Headers, cookies: Mapping[str, str], draw: Callable[[View, Form], _Page]
) -> web.Painted:
    view = reading.view(asked.path, asked.query, asked.locale, asked.origin)
    if view is None:
        tr = reading.words(asked.query, asked.locale)
        return web.Painted(pages.unreadable(tr), tr("Asked and promised"), tr.language, 503)
    taking = takes(headers)
    signs = _organisation(people.who(headers, cookies), view.registry) if taking else ""
    here = view.place.address() if asked.query.get("id") else view.place.path
    form = Form(
        typed={name: view.asked(name) for name in ("kind", "position") if view.asked(name)},
        takes=taking,
        organisation=signs,
        login=f"/signin?{urlencode({'next': here})}" if taking and not signs and people.login_offered() else "",
        once=secrets.token_hex(16),
        counts=_counts() if taking else None,
    )
    page = draw(view, form)
    html = pages.form_head(view) + page.html + pages.form_foot(view)
    return web.Painted(html, composed.title(view), view.tr.language, page.status)


def _counts() -> inbox.Counts | None:
    """What the public may know of the inbox; nothing where it cannot be read."""
    try:
        return inbox.counts(inbox.place(reading.path()))
    except (OSError, inbox.Misplaced, inbox.Full):
        return None
