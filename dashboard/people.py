"""Who somebody is: by signing in, or as whoever started the server on this computer.

Looked up anew at every call, from what the server holds: the roles in secrets.toml (never in the
repository), the sessions that the one-time address of `serve` began. Streamlit signs the cookie of
a sign-in; app.py hands in how to read it. No Streamlit.
"""

import base64
import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import tomllib
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, unquote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.language import Translator, language, translator
from dashboard.registry.access import LOCAL_EDITOR, NOBODY, Role, Who
from dashboard.registry.model import EDITORS

HOURS = 12
"""How long a sign-in lasts. Streamlit's own cookie would last 30 days."""

TOKEN_VARIABLE = "TRACKER_TOKEN"
"""Through which `serve` hands its one-time token to the server."""

COOKIE = "_streamlit_user"
"""The cookie in which Streamlit keeps what the provider said of somebody."""

CALLBACK = "/oauth2callback"
"""Where the provider sends somebody back; Streamlit sets or clears its cookie there."""

SIGN_OUT = "/auth/logout"
"""Streamlit's own way out."""

WAYS = ("/enter", "/signin", "/leave", "/auth/login", SIGN_OUT, CALLBACK)
"""Addresses on which people come and go: no pages, and never kept by a browser."""

_HERE = ("127.0.0.1", "localhost")
_NEXT = "tracker_next"
_log = logging.getLogger(__name__)

Headerlike = Mapping[str, str]
Signed = Callable[[str, str], bytes | None]
"""What a cookie of this name and value says, if this server signed it in the last HOURS; else None."""


class Refused(Exception):
    """The settings are such that the server must not start."""


# --- the settings -----------------------------------------------------------------------------------


def secrets_files() -> list[Path]:
    """Where `serve` looks for the settings: as Streamlit's own variable says, else beside config.toml."""
    named = os.environ.get("STREAMLIT_SECRETS_FILES", "").split()
    return [Path(name) for name in named] or [Path(__file__).parents[1] / ".streamlit" / "secrets.toml"]


def checked(files: Sequence[Path]) -> bool:
    """Whether people can sign in here. Raises Refused for settings that would let in who should not be."""
    settings, where = _settings(files)
    auth = settings.get("auth")
    if auth is None:
        if "people" in settings:
            raise Refused(f"{where}: names [[people]] but has no [auth] to sign in with; add it, or take them out")
        return False
    if not isinstance(auth, dict):
        raise Refused(f"{where}: [auth] is to be a table of settings")
    needed = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
    if lacking := [key for key in needed if not (isinstance(auth.get(key), str) and auth[key])]:
        raise Refused(f"{where}: [auth] lacks {', '.join(lacking)}")
    if _guessable(auth["cookie_secret"]):
        raise Refused(
            f"{where}: cookie_secret is easy to guess, and who guesses it is anybody; make one with"
            ' python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    back = urlsplit(auth["redirect_uri"])
    if back.path != CALLBACK or not (back.scheme == "https" or (back.scheme == "http" and back.hostname in _HERE)):
        raise Refused(
            f"{where}: redirect_uri is to be https://<the site>{CALLBACK}, or http://localhost:<port>{CALLBACK}"
        )
    return True


def _guessable(secret: str) -> bool:
    """Short, of few different characters, or one piece over and over."""
    repeats = any(secret == (secret[:n] * len(secret))[: len(secret)] for n in range(1, len(secret) // 2 + 1))
    return len(secret.encode()) < 32 or len(set(secret)) < 10 or repeats


def _settings(files: Sequence[Path]) -> tuple[dict[str, object], str]:
    """What the files say together, a later one over an earlier, as Streamlit reads them; and which were there."""
    settings: dict[str, object] = {}
    there = []
    for path in files:
        if path.suffix == ".toml" and path.is_file():
            there.append(str(path))
            try:
                settings |= tomllib.loads(path.read_text("utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                # Only the place: the message itself may quote an e-mail.
                place = re.search(r"\(at [a-z0-9, ]+\)$", str(error))
                raise Refused(f"{path}: is no TOML {place[0] if place else ''}".strip()) from None
            except OSError as error:
                raise Refused(f"{path}: {error.strerror}") from None
    return settings, ", ".join(there)


def complaints(files: Sequence[Path]) -> tuple[str, ...]:
    """What is wrong with the list of people, a sentence each; never whose entry it is, only which."""
    return _roster(files).complaints


# --- the list of people -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Roster:
    """Who is what. A key is an e-mail, or the provider and its name for somebody."""

    people: Mapping[tuple[str, ...], Who] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()

    def of(self, claims: Mapping[str, object]) -> Who:
        """What a signed-in person is. An e-mail counts only where the provider has verified it."""
        subject = (str(claims.get("iss")), str(claims.get("sub")))
        if found := self.people.get(subject):
            return found
        email, verified = claims.get("email"), claims.get("email_verified")
        if isinstance(email, str) and (verified is True or verified == "true"):
            return self.people.get((_folded(email),), NOBODY)
        return NOBODY


def _folded(email: str) -> str:
    """Capitals do not count. Beyond ASCII they do: the Kelvin sign would fold into k, and two people into one."""
    return email.strip().lower() if email.isascii() else email.strip()


def _roster(files: Sequence[Path]) -> _Roster:
    return _read(tuple(files), tuple(map(_stamp, files)))


def _stamp(path: Path) -> tuple[int, ...]:
    """Changes whenever the file does; empty where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)


@lru_cache(maxsize=2)
def _read(files: tuple[Path, ...], stamps: tuple[tuple[int, ...], ...]) -> _Roster:
    """The list in a state of its files, which the stamps tell apart: a role taken away is gone at the next look."""
    try:
        settings, where = _settings(files)
        roster = _listed(settings.get("people", []), where)
    except Refused as refused:
        roster = _Roster(complaints=(f"{refused}; until that is mended, everybody is a reader",))
    for complaint in roster.complaints:
        _log.warning("%s", complaint)
    return roster


def _listed(given: object, where: str) -> _Roster:
    if not isinstance(given, list):
        return _Roster(complaints=(f"{where}: people is to be a list, each under [[people]]; everybody is a reader",))
    people: dict[tuple[str, ...], Who] = {}
    complaints, twice = [], set()
    for number, entry in enumerate(given, start=1):
        try:
            key, who = _entry(entry)
        except ValueError as wrong:
            complaints.append(f"{where}: entry {number} of [[people]] {wrong}; whoever it means is a reader")
            continue
        if key in people:
            twice.add(key)
            complaints.append(f"{where}: entry {number} of [[people]] names somebody a second time; they are a reader")
        people[key] = who
    return _Roster({key: who for key, who in people.items() if key not in twice}, tuple(complaints))


def _entry(entry: object) -> tuple[tuple[str, ...], Who]:
    """Whom an entry means, and what they are. Raises ValueError with what is wrong, never with a value."""
    fields = ("email", "iss", "sub", "role", "organisation")
    if not isinstance(entry, dict) or not all(isinstance(value, str) and value.strip() for value in entry.values()):
        raise ValueError("is to be a table of texts, none empty")
    if not set(entry) <= set(fields):
        raise ValueError(f"has a key that is none of {', '.join(fields)}")
    match sorted({"email", "iss", "sub"} & set(entry)):
        case ["email"]:
            key: tuple[str, ...] = (_folded(entry["email"]),)
        case ["iss", "sub"]:
            key = (entry["iss"], entry["sub"])
        case _:
            raise ValueError("is to have email, or else iss and sub")
    if entry.get("role") not in (Role.EDITOR, Role.CONTRIBUTOR):
        raise ValueError("is to have the role editor or contributor")
    organisation = entry.get("organisation", EDITORS)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", organisation):
        raise ValueError("is to have the id of an actor as its organisation")
    if entry["role"] == Role.CONTRIBUTOR and organisation == EDITORS:
        raise ValueError("is to name the organisation that this contributor signs for")
    return key, Who(Role(entry["role"]), organisation)


# --- who asks ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Desk:
    """What app.py handed in."""

    files: tuple[Path, ...]
    signed: Signed
    login: Callable[[], str]
    origin: str
    pages: frozenset[str]


_desk: _Desk | None = None
_tokens: set[str] = set()
"""The one-time token until it is used, and nothing after."""
_sessions: set[str] = set()
"""What the cookies of those say who came with the token."""
_left: set[str] = set()
"""Digests of the cookies of those who signed out: a copy of one is worth nothing, whatever its signature says."""


def new_token() -> str:
    """For whoever starts the server: it stands in one address, which works once."""
    return secrets.token_urlsafe(24)


def settle(
    files: Sequence[str],
    signed: Signed,
    login: Callable[[], str],
    origin: Callable[[], str | None],
    pages: Collection[str],
    environment: MutableMapping[str, str] = os.environ,
) -> None:
    """Begin: nobody is known yet. Called once, by app.py, at start. Raises Refused.

    `login` makes the address at which signing in begins, `origin` is where it comes back to, and
    `pages` are the first parts of the paths to which it may lead back.
    """
    global _desk
    for held in (_tokens, _sessions, _left):
        held.clear()
    token = environment.pop(TOKEN_VARIABLE, "")  # no process that we start is to inherit it
    paths = tuple(Path(name) for name in files)
    offered = checked(paths)
    _desk = _Desk(paths, signed, login, (origin() or "") if offered else "", frozenset(pages))
    if offered and not any(who.role is Role.EDITOR for who in _roster(paths).people.values()):
        _log.warning("[[people]] lists no editor: nobody who signs in can change the registry")
    if token and not offered:
        _tokens.add(token)


def login_offered() -> bool:
    """Whether people can sign in here."""
    return _desk is not None and bool(_desk.origin)


def who(headers: Headerlike, cookies: Headerlike) -> Who:
    """Who sent a request, or opened the WebSocket of a page, as things stand now."""
    asked = {name.lower(): value for name, value in headers.items()}
    if _by_token(asked, cookies):
        return LOCAL_EDITOR
    claims = _claims(asked, cookies)
    return _roster(_desk.files).of(claims) if _desk and claims else NOBODY


def signed_in(headers: Headerlike, cookies: Headerlike) -> bool:
    """Whether somebody has signed in, be it as a reader: they may want to know why they are no more than that."""
    return _claims({name.lower(): value for name, value in headers.items()}, cookies) is not None


def _by_token(asked: Headerlike, cookies: Headerlike) -> bool:
    """Whether this is the browser that brought the token, on this computer and with nothing in between."""
    host = asked.get("host", "")
    given = cookies.get(_local_cookie(host), "").encode()
    known = any(hmac.compare_digest(given, session.encode()) for session in _sessions)
    return known and _here(asked) and _own_page(asked, f"http://{host}")


def _here(asked: Headerlike) -> bool:
    """Whether a request came straight to this computer by its own name. A proxy, or a foreign name that
    resolves to it, arrives at the same address.
    """
    forwarded = any(name in ("forwarded", "via", "x-real-ip") or name.startswith("x-forwarded-") for name in asked)
    return not forwarded and asked.get("host", "").partition(":")[0] in _HERE


def _own_page(asked: Headerlike, origin: str) -> bool:
    """Whether no page of somebody else's sent this. Streamlit lets the page of any port of this computer
    open its WebSocket, and the browser sends our cookies along.
    """
    sent = asked.get("origin")
    if sent is None:  # every browser names it for a WebSocket
        return asked.get("upgrade", "").lower() != "websocket"
    # To a form on a page that sends no referrer the browser gives the origin null.
    return sent == origin or (sent == "null" and asked.get("sec-fetch-site") == "same-origin")


def _local_cookie(host: str) -> str:
    """With the port in its name: a browser shares cookies between all ports of a host."""
    return f"tracker_editor_{host.rpartition(':')[2] if ':' in host else 80}"


def _claims(asked: Headerlike, cookies: Headerlike) -> Mapping[str, object] | None:
    """What the provider said of who signed in; None for everybody else."""
    value = cookies.get(COOKIE, "")
    if not (_desk and login_offered() and _as_written(value)) or _digest(value) in _left:
        return None
    said = _desk.signed(COOKIE, value)
    try:
        claims = json.loads(said or b"null")
    except ValueError:
        # Streamlit cuts a long cookie in pieces and signs each by itself, so that the pieces of two
        # sign-ins can be put together: the e-mail of one, and that of the other was verified.
        _log.warning("a sign-in did not fit into one cookie and is not believed; let the provider send fewer claims")
        return None
    if not isinstance(claims, dict) or claims.get("is_logged_in") is not True or claims.get("origin") != _desk.origin:
        return None
    return claims if _own_page(asked, _desk.origin) else None


def _as_written(value: str) -> bool:
    """Whether the signature is spelled as we spell it: the last letter of one has bits that no reader looks at,
    and a copy of a cookie that has been signed out must not pass for another.
    """
    signature = value.rpartition(".")[2]
    try:
        meant = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    except ValueError:
        return False
    return base64.urlsafe_b64encode(meant).rstrip(b"=").decode() == signature


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


# --- coming and going -------------------------------------------------------------------------------


async def _enter(request: Request) -> Response:
    """Whoever opens the address that `serve` printed is the editor of this computer's file; once."""
    if who(request.headers, request.cookies) == LOCAL_EDITOR:
        return _to("/desk")
    given = request.query_params.get("token", "").encode()
    if not (request.method == "GET" and _here(request.headers) and _taken(given)):
        tr = _translator(request)
        return PlainTextResponse(
            tr(
                "This address does not open the registry: it works once, on the computer where the dashboard was"
                " started. Start the dashboard again and open the new address that it prints."
            ),
            403,
        )
    session = secrets.token_urlsafe(32)
    _sessions.add(session)
    answer = _to("/desk")
    answer.set_cookie(_local_cookie(request.headers["host"]), session, httponly=True, samesite="strict")
    return answer


def _taken(given: bytes) -> bool:
    """Whether this is the token; from then on it is none."""
    right = any(hmac.compare_digest(given, token.encode()) for token in _tokens)
    if right:
        _tokens.clear()
    return right


async def _signin(request: Request) -> Response:
    """To the provider, and from there back to `next`."""
    if not (_desk and login_offered()):
        tr = _translator(request)
        return PlainTextResponse(tr("Signing in is not set up on this site."), 404)
    wanted = request.query_params.get("next", "")
    # The provider leads back to one name of this site: what must be remembered meanwhile is kept under that.
    if request.headers.get("host") != urlsplit(_desk.origin).netloc and "moved" not in request.query_params:
        return _to(f"{_desk.origin}/signin?{urlencode({'next': wanted, 'moved': 1})}")
    answer = _to(_desk.login())
    answer.set_cookie(_NEXT, quote(wanted, safe=""), 600, httponly=True, samesite="lax", path=CALLBACK)
    return answer


def _ours(wanted: str) -> str:
    """An address of a page of ours, as it was wanted; the first page for anything else."""
    known = re.fullmatch(r"/((?P<page>[a-z-]+)(/[A-Za-z0-9._-]+)*)?(\?[^\s\\#]*)?", wanted)
    return wanted if _desk and known and wanted.isprintable() and (known["page"] or "") in _desk.pages else "/"


async def _leave(request: Request) -> Response:
    """Out, by whichever way somebody came in."""
    name = _local_cookie(request.headers.get("host", ""))
    _sessions.discard(request.cookies.get(name, ""))
    answer = _to(SIGN_OUT if COOKIE in request.cookies else "/")
    answer.delete_cookie(name)
    return answer


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303)


def _translator(request: Request) -> Translator:
    asked = request.query_params.get("lang", "")
    return translator(language(asked, [request.headers.get("accept-language", "").split(",")[0].split(";")[0]]))


ROUTES = [Route("/enter", _enter), Route("/signin", _signin), Route("/leave", _leave)]


class Threshold:
    """Watches over cookies on their way out and in.

    Marks them Secure where the site is https, leads back from a sign-in to the page where it began,
    and remembers who signed out. Plain ASGI.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        cookies = cookie_parser(headers.get("cookie", ""))
        if path == SIGN_OUT and signed_in(headers, cookies):
            _left.add(_digest(cookies[COOKIE]))

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                if path == CALLBACK and given.get("location") == "/" and _NEXT in cookies:
                    given["location"] = quote(_ours(unquote(cookies[_NEXT])), safe="/?=&%+:,;")
                    given.append("set-cookie", f"{_NEXT}=; Max-Age=0; Path={CALLBACK}; HttpOnly; SameSite=lax")
                if path in WAYS:
                    given["cache-control"], given["referrer-policy"] = "no-store", "no-referrer"
                    given["x-content-type-options"] = "nosniff"
                if _https(scope, headers):
                    message["headers"] = [_secure(name, value) for name, value in message["headers"]]
            await send(message)

        await self.app(scope, receive, answer)


def _https(scope: Scope, headers: Headers) -> bool:
    """Whether the reader's browser speaks https, to us or to the proxy before us."""
    scheme = headers.get("x-forwarded-proto", scope["scheme"]).split(",")[0].strip().lower()
    return scheme == "https" or os.environ.get("TRACKER_SITE", "").startswith("https://")


def _secure(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    attributes = [part.strip().lower() for part in value.split(b";")[1:]]
    return name, value + b"; Secure" if name.lower() == b"set-cookie" and b"secure" not in attributes else value
