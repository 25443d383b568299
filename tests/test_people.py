"""Who somebody is: the list of roles, cookies of a sign-in, the one-time address of this computer."""

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import unquote, urlencode

import pytest
import streamlit as st
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Message
from streamlit.auth_util import set_cookie_with_chunks
from streamlit.config import set_option

from dashboard import app, people
from dashboard.registry.access import LOCAL_EDITOR, NOBODY, Action, NotAllowed, Role, Who, may, require
from tests.small import ROOT, written
from tools.run_login import free_port

SECRET = "pQ7-vX2mZr9LkT4wYb8NcJ6sHd3GfA5eUi1oRtWqMzK"
ORIGIN = "https://tracker.example.org"
EDITOR = {"sub": "e1", "iss": "https://login.example.org", "email": "aigul@example.org", "email_verified": True}
CONTRIBUTOR = {"sub": "c1", "iss": "https://login.example.org", "email": "bolat@example.org", "email_verified": "true"}
AUTH = f"""
[auth]
redirect_uri = "{ORIGIN}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "tracker"
client_secret = "of the provider"
server_metadata_url = "https://login.example.org/.well-known/openid-configuration"
"""
PEOPLE = """
[[people]]
email = "Aigul@Example.org"
role = "editor"

[[people]]
email = "bolat@example.org"
role = "contributor"
organisation = "an-author"
"""
SAW = {"host": "tracker.example.org"}
"""What a browser sends when a page is opened."""


@dataclass
class Site:
    """A server's knowledge of people, and its settings on disk."""

    settings: Path

    def write(self, text: str) -> None:
        self.settings.write_text(text, "utf-8")

    def start(self, token: str = "") -> dict[str, str]:
        """What a start leaves of its environment."""
        environment = {people.TOKEN_VARIABLE: token} if token else {}
        people.settle(
            [str(self.settings)],
            app.signed,
            lambda: "/auth/login?provider=signed",
            lambda: ORIGIN,
            {"", "points", "record", "desk", "r"},
            environment,
        )
        return environment


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Signing in is set up, for one editor and one contributor."""
    before = st.get_option("server.cookieSecret")
    set_option("server.cookieSecret", SECRET)
    made = Site(tmp_path / "secrets.toml")
    made.write(AUTH + PEOPLE)
    made.start()
    yield made
    set_option("server.cookieSecret", before)
    made.write("")
    made.start()


def cookie(claims: Mapping[str, object], age: float = 0, secret: str = SECRET, **more: object) -> dict[str, str]:
    """The cookie that Streamlit would have set so many hours ago."""

    class Then(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time() - age * 3600)

    said = json.dumps({**claims, "origin": ORIGIN, "is_logged_in": True, "provider": "default", **more})
    signer = URLSafeTimedSerializer(secret, salt=people.COOKIE, signer=Then)
    return {people.COOKIE: signer.dumps(said)}


# --- what each may ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "send", "sign", "tend", "save", "redact"),
    [
        (Role.READER, True, False, False, False, False),
        (Role.CONTRIBUTOR, True, True, False, False, False),
        (Role.EDITOR, True, True, True, True, True),
    ],
)
def test_each_role_may_what_the_table_says(
    role: Role, send: bool, sign: bool, tend: bool, save: bool, redact: bool
) -> None:
    table = {Action.SEND: send, Action.SIGN: sign, Action.TEND: tend, Action.SAVE: save, Action.REDACT: redact}
    assert set(table) == set(Action)
    for action, allowed in table.items():
        assert may(Who(role), action) is allowed
        if allowed:
            require(Who(role), action)
        else:
            with pytest.raises(NotAllowed):
                require(Who(role), action)


# --- the settings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "xxx",
        "x" * 64,
        "short-Y7bQp2",
        "abcdefghij" * 5,
        "abcdefghijklm" * 3 + "abc",
        "0123012301230123012301230123012",
        "aababbabcacbcbabcacbacbbacbabcaacbdd",
    ],
)
def test_a_weak_cookie_secret_is_refused(site: Site, secret: str) -> None:
    site.write(AUTH.replace(SECRET, secret) + PEOPLE)
    with pytest.raises(people.Refused, match="cookie_secret"):
        site.start()


@pytest.mark.parametrize("secret", [SECRET, os.urandom(32).hex(), "Құпия сөз өте ұзын болуы керек 7"])
def test_a_strong_cookie_secret_is_taken(site: Site, secret: str) -> None:
    site.write(AUTH.replace(SECRET, secret) + PEOPLE)
    site.start()
    assert people.login_offered()


@pytest.mark.parametrize(
    ("was", "now", "says"),
    [
        ("client_id", "other", "lacks client_id"),
        ("https://tracker.example.org/oauth2callback", "http://tracker.example.org/oauth2callback", "redirect_uri"),
        ("/oauth2callback", "/callback", "redirect_uri"),
        ("[auth]", "[other]", r"\[\[people\]\] but has no \[auth\]"),
        ('"tracker"', '"tracker', r"is no TOML \(at line 5"),
    ],
)
def test_settings_that_cannot_work_stop_the_start_with_a_sentence(site: Site, was: str, now: str, says: str) -> None:
    site.write((AUTH + PEOPLE).replace(was, now))
    with pytest.raises(people.Refused, match=says) as refused:
        site.start()
    assert str(site.settings) in str(refused.value)
    assert "aigul" not in str(refused.value).lower()


def test_the_command_line_and_the_server_both_refuse_a_weak_secret(tmp_path: Path) -> None:
    settings = tmp_path / "secrets.toml"
    settings.write_text(AUTH.replace(SECRET, "xxx"), "utf-8")
    env = {**os.environ, "STREAMLIT_SECRETS_FILES": str(settings)}
    words = ("dashboard", "serve", "--port", str(free_port()), "--registry", str(written(tmp_path / "registry")))
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "cookie_secret is easy to guess" in done.stderr
    words = ("streamlit", "run", "dashboard/app.py", "--server.port", str(free_port()))
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "The dashboard does not start." in done.stderr
    assert "cookie_secret is easy to guess" in done.stderr
    assert "Traceback" not in done.stderr


# --- the list of people -----------------------------------------------------------------------------


def test_a_role_is_given_to_a_verified_email_whatever_its_capitals(site: Site) -> None:
    assert people.who(SAW, cookie(EDITOR)) == Who(Role.EDITOR, "editors")
    assert people.who(SAW, cookie({**EDITOR, "email": "AIGUL@example.ORG"})) == Who(Role.EDITOR, "editors")
    assert people.who(SAW, cookie(CONTRIBUTOR)) == Who(Role.CONTRIBUTOR, "an-author")


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": "True "},
        {"email_verified": 1},
        {"email_verified": None},
        {"email": "somebody@example.org"},
        {"email": "aigul@example.org.evil.example"},
        {"email": ""},
        {"email": None},
        {"email": ["aigul@example.org"]},
        {"email": "aigul@example.org\u200b"},
    ],
)
def test_an_email_that_is_not_verified_or_not_listed_is_a_readers(site: Site, claims: dict[str, object]) -> None:
    signed = cookie({**EDITOR, **claims})
    assert people.who(SAW, signed) == NOBODY
    assert people.signed_in(SAW, signed)
    assert not people.signed_in(SAW, {})


def test_a_letter_that_looks_like_another_does_not_make_two_people_one(site: Site) -> None:
    site.write(AUTH + '[[people]]\nemail = "kairat@example.org"\nrole = "editor"\n')
    assert people.who(SAW, cookie({**EDITOR, "email": "KAIRAT@example.org"})).role is Role.EDITOR
    assert people.who(SAW, cookie({**EDITOR, "email": "\u212aairat@example.org"})) == NOBODY


def test_somebody_may_be_listed_by_provider_and_subject(site: Site) -> None:
    site.write(AUTH + '[[people]]\niss = "https://login.example.org"\nsub = "e1"\nrole = "editor"\n')
    assert people.who(SAW, cookie({**EDITOR, "email": "new@example.org"})).role is Role.EDITOR
    assert people.who(SAW, cookie({**EDITOR, "iss": "https://other.example.org"})) == NOBODY
    assert people.who(SAW, cookie({**EDITOR, "sub": "e2"})) == NOBODY


def test_a_role_taken_away_is_refused_at_the_next_look(site: Site) -> None:
    signed = cookie(EDITOR)
    assert people.who(SAW, signed).role is Role.EDITOR
    site.write(AUTH + PEOPLE.replace('"editor"', '"contributor"\norganisation = "feminita"'))
    assert people.who(SAW, signed) == Who(Role.CONTRIBUTOR, "feminita")
    site.write(AUTH)
    assert people.who(SAW, signed) == NOBODY
    site.write(AUTH + PEOPLE)
    assert people.who(SAW, signed).role is Role.EDITOR
    site.settings.unlink()
    assert people.who(SAW, signed) == NOBODY


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('email = "aigul@example.org"', "the role editor or contributor"),
        ('email = "aigul@example.org"\nrole = "admin"', "the role editor or contributor"),
        ('email = "aigul@example.org"\nrole = "contributor"', "the organisation"),
        ('email = "aigul@example.org"\nrole = "contributor"\norganisation = "editors"', "the organisation"),
        ('email = "aigul@example.org"\nrole = "editor"\norganisation = "No Id"', "the id of an actor"),
        ('sub = "e1"\nrole = "editor"', "email, or else iss and sub"),
        ('role = "editor"', "email, or else iss and sub"),
        ('email = ""\nrole = "editor"', "none empty"),
        ('email = ["aigul@example.org"]\nrole = "editor"', "none empty"),
        ('emial = "aigul@example.org"\nrole = "editor"', "none of email, iss, sub, role, organisation"),
        (
            'email = "aigul@example.org"\nrole = "editor"\n[[people]]\nemail = "AIGUL@example.org"\nrole = "editor"',
            "second",
        ),
    ],
)
def test_whoever_a_malformed_entry_means_is_a_reader_and_a_sentence_says_so(
    site: Site, entry: str, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    site.write(f"{AUTH}\n[[people]]\n{entry}\n\n[[people]]\n{PEOPLE.split('[[people]]')[2]}")
    assert people.who(SAW, cookie(EDITOR)) == NOBODY
    assert people.who(SAW, cookie(CONTRIBUTOR)).role is Role.CONTRIBUTOR
    [complaint] = people.complaints([site.settings])
    assert says in complaint
    assert str(site.settings) in complaint
    assert complaint in caplog.text
    assert "aigul" not in complaint.lower() + caplog.text.lower()


@pytest.mark.parametrize(
    "text", ["people = 3", "people = {a = 1}", "[people]\nemail = 'aigul@example.org'", "broken = "]
)
def test_while_the_list_cannot_be_read_everybody_is_a_reader(site: Site, text: str) -> None:
    site.write(f"{text}\n{AUTH}")
    assert people.who(SAW, cookie(EDITOR)) == NOBODY
    assert len(people.complaints([site.settings])) == 1


# --- the cookie of a sign-in ------------------------------------------------------------------------


def test_every_flipped_bit_of_a_cookie_makes_it_nobodys(site: Site) -> None:
    [(name, value)] = cookie(EDITOR).items()
    tried, logins = 0, 0
    for place in range(len(value)):
        for bit in range(8):
            flipped = value[:place] + chr(ord(value[place]) ^ 1 << bit) + value[place + 1 :]
            tried += 1
            logins += people.who(SAW, {name: flipped}) != NOBODY
    print(f"{tried} bit-flipped cookies: {logins} logins")
    assert tried >= 1000
    assert logins == 0


@pytest.mark.parametrize(
    "forged",
    [
        json.dumps({**EDITOR, "origin": ORIGIN, "is_logged_in": True}),
        cookie(EDITOR, secret=SECRET + "2")[people.COOKIE],
        cookie(EDITOR)[people.COOKIE].rpartition(".")[0],
        cookie(EDITOR)[people.COOKIE] + "=",
        cookie(EDITOR, origin="https://other.example.org")[people.COOKIE],
        cookie(EDITOR, is_logged_in=False)[people.COOKIE],
        URLSafeTimedSerializer(SECRET, salt=people.COOKIE).dumps("[1]"),
        URLSafeTimedSerializer(SECRET, salt=people.COOKIE).dumps("null"),
        URLSafeTimedSerializer(SECRET, salt="another cookie").dumps(json.dumps(EDITOR)),
        "",
        "\xff\x00",
        "қ",
        "." * 10_000,
    ],
)
def test_a_cookie_that_was_not_signed_here_and_for_here_is_nobodys(site: Site, forged: str) -> None:
    assert people.who(SAW, {people.COOKIE: forged}) == NOBODY
    assert not people.signed_in(SAW, {people.COOKIE: forged})


def test_a_sign_in_lasts_twelve_hours(site: Site) -> None:
    assert people.HOURS == 12
    assert people.who(SAW, cookie(EDITOR, age=11.9)).role is Role.EDITOR
    assert people.who(SAW, cookie(EDITOR, age=12.1)) == NOBODY
    assert people.who(SAW, cookie(EDITOR, age=-0.5)) == NOBODY


def test_pieces_of_two_sign_ins_put_together_are_nobodys(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Streamlit cuts a long cookie in pieces, each signed by itself."""
    long = os.urandom(2500).hex()
    base = {"origin": ORIGIN, "is_logged_in": True}
    mine = {**base, "email": "mine@example.org", "name": long, "email_verified": True}
    claimed = {**base, "email": "aigul@example.org", "name": long, "email_verified": False}
    assert people.who(SAW, _pieces(mine)) == NOBODY
    mixed = {**_pieces(claimed), f"{people.COOKIE}_2": _pieces(mine)[f"{people.COOKIE}_2"]}
    assert people.who(SAW, mixed) == NOBODY
    assert "fewer claims" in caplog.text


def _pieces(claims: dict[str, object]) -> dict[str, str]:
    made: dict[str, str] = {}

    def sign(name: str, value: str) -> bytes:
        return URLSafeTimedSerializer(SECRET, salt=name).dumps(value).encode()

    def put(name: str, value: str) -> None:
        made[name] = sign(name, value).decode()

    set_cookie_with_chunks(put, sign, people.COOKIE, claims, cookie_attr_size=100)
    return made


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ({}, True),
        ({"origin": ORIGIN}, True),
        ({"ORIGIN": ORIGIN, "Upgrade": "websocket"}, True),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, True),
        ({"origin": "null"}, False),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "https://tracker.example.org:8443"}, False),
        ({"origin": "http://tracker.example.org"}, False),
        ({"Upgrade": "WebSocket"}, False),
    ],
)
def test_what_a_page_of_somebody_elses_sends_is_a_readers(site: Site, sent: dict[str, str], known: bool) -> None:
    assert (people.who({**SAW, **sent}, cookie(EDITOR)) != NOBODY) is known


def test_a_server_that_was_not_set_up_knows_nobody(site: Site) -> None:
    site.write("")
    site.start()
    assert not people.login_offered()
    assert people.who(SAW, cookie(EDITOR)) == NOBODY
    assert people.who({}, {}) == NOBODY


# --- coming and going -------------------------------------------------------------------------------


async def _streamlits(request: Request) -> Response:
    """Streamlit's own addresses: each sets a cookie and leads to the first page."""
    answer = RedirectResponse("/", 302)
    answer.set_cookie("_streamlit_user", "…".encode().hex(), httponly=True, samesite="lax")
    return answer


SERVED = Starlette(
    routes=[*people.ROUTES, *(Route(path, _streamlits) for path in ("/oauth2callback", "/auth/logout"))],
    middleware=[Middleware(people.Threshold)],
)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def leads(self) -> str:
        return unquote(self.headers["location"])

    @property
    def cookie(self) -> str:
        return self.headers["set-cookie"]


@dataclass
class Browser:
    """Asks the addresses on which people come and go, and keeps cookies."""

    host: str = "tracker.example.org"
    scheme: str = "https"
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, method: str = "GET", **query: str) -> Answer:
        with ThreadPoolExecutor(1) as thread:  # the browser tests keep an event loop in this one
            return thread.submit(asyncio.run, self._asked(path, method, urlencode(query))).result()

    async def _asked(self, path: str, method: str, query: str) -> Answer:
        sent: list[Message] = []
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"host": self.host, "cookie": cookies, **{k.lower(): v for k, v in self.headers.items()}}

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request"}

        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": raw}
        await SERVED({**scope, "scheme": self.scheme, "root_path": ""}, receive, send)
        given = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        for value in (value for name, value in given if name == "set-cookie"):
            [(name, set_to)] = SimpleCookie(value).items()
            self.cookies[name] = set_to.value
            if set_to["max-age"] == "0":
                del self.cookies[name]
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], dict(reversed(given)), body.decode())


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/", "/"),
        ("/points?q=court&lang=ru", "/points?q=court&lang=ru"),
        ("/record?id=ilo-c190-ratification", "/record?id=ilo-c190-ratification"),
        ("/r/ilo-c190-ratification", "/r/ilo-c190-ratification"),
        ("/points?q=суд", "/points?q=суд"),
        ("", "/"),
        ("//evil.example/x", "/"),
        ("///evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("https:evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        ("/points\r\nSet-Cookie: a=b", "/"),
        ("/points//evil.example/..", "/"),
        ("/@evil.example", "/"),
        ("/.evil.example", "/"),
        ("/points?q=\\", "/"),
        ("/leave", "/"),
        ("/enter?token=x", "/"),
        ("/signin?next=/points", "/"),
        ("/auth/logout", "/"),
        ("/oauth2callback", "/"),
        ("/_stcore/health", "/"),
        ("/no-such-page", "/"),
    ],
)
def test_signing_in_leads_back_to_a_page_of_ours_and_nowhere_else(site: Site, wanted: str, led: str) -> None:
    browser = Browser()
    there = browser.get("/signin", next=wanted)
    assert (there.status, there.leads) == (303, "/auth/login?provider=signed")
    assert there.cookie.endswith("; HttpOnly; Max-Age=600; Path=/oauth2callback; SameSite=lax; Secure")
    assert browser.get("/oauth2callback").leads == led
    assert browser.get("/oauth2callback").leads == "/"


def test_where_to_go_back_is_looked_at_again_when_it_comes_back(site: Site) -> None:
    assert Browser(cookies={"tracker_next": "%2F%2Fevil.example"}).get("/oauth2callback").leads == "/"
    assert Browser(cookies={"tracker_next": "%2Fpoints"}).get("/oauth2callback").leads == "/points"


def test_signing_in_begins_at_the_name_to_which_the_provider_leads_back(site: Site) -> None:
    browser = Browser("127.0.0.1:8501")
    assert browser.get("/signin", next="/points").leads == f"{ORIGIN}/signin?next=/points&moved=1"
    # Behind a proxy that tells us another name nobody is led in a circle.
    assert browser.get("/signin", next="/points", moved="1").leads == "/auth/login?provider=signed"


def test_without_a_provider_nobody_is_sent_anywhere(site: Site) -> None:
    site.write("")
    site.start()
    assert Browser().get("/signin", next="/desk").status == 404


def test_who_signs_out_is_out_and_so_is_every_copy_of_the_cookie(site: Site) -> None:
    signed = cookie(EDITOR)
    assert people.who(SAW, signed).role is Role.EDITOR
    browser = Browser(cookies=dict(signed))
    assert browser.get("/leave").leads == "/auth/logout"
    assert people.who(SAW, signed).role is Role.EDITOR  # not yet out
    browser.get("/auth/logout")
    assert people.who(SAW, signed) == NOBODY
    assert people.who(SAW, cookie(EDITOR, age=0.1)).role is Role.EDITOR  # another sign-in of hers
    [(name, value)] = signed.items()
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        assert people.who(SAW, {name: value[:-1] + letter}) == NOBODY  # nor a copy spelled in another way
    assert Browser().get("/leave").leads == "/"


@pytest.mark.parametrize(
    ("scheme", "named", "forwarded", "secure"),
    [
        ("http", "", "", False),
        ("https", "", "", True),
        ("http", "https://tracker.example.org", "", True),
        ("http", "http://tracker.example.org", "", False),
        ("http", "", "https", True),
        ("http", "", "https, http", True),
        ("http", "", "http", False),
    ],
)
def test_cookies_are_secure_where_the_site_is_https(
    site: Site, scheme: str, named: str, forwarded: str, secure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_SITE", named)
    browser = Browser(scheme=scheme, headers={"X-Forwarded-Proto": forwarded} if forwarded else {})
    given = browser.get("/oauth2callback").cookie
    assert given.endswith("; Secure") is secure
    assert "HttpOnly" in given


def test_nothing_of_a_sign_in_is_kept_by_the_browser_or_told_to_others(site: Site) -> None:
    for path in ("/signin", "/oauth2callback", "/leave", "/enter"):
        headers = Browser().get(path).headers
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
        assert headers["x-content-type-options"] == "nosniff"


# --- this computer ----------------------------------------------------------------------------------

HERE = "127.0.0.1:8501"
TOKEN = "a-token-for-one-time-use"


@pytest.fixture
def here(site: Site) -> Site:
    """No sign-in is set up; the server was started with a token."""
    site.write("")
    assert site.start(TOKEN) == {}, "the token stays in no environment"
    return site


def entered() -> dict[str, str]:
    """The cookies of a browser that opened the address with the token."""
    browser = Browser(HERE, "http")
    answer = browser.get("/enter", token=TOKEN)
    assert (answer.status, answer.leads) == (303, "/desk")
    [(name, value)] = browser.cookies.items()
    assert name == "tracker_editor_8501"
    assert answer.cookie == f"{name}={value}; HttpOnly; Path=/; SameSite=strict"
    return {name: value}


def test_the_token_opens_the_registry_once(here: Site) -> None:
    for wrong in ("", "x", TOKEN[:-1], TOKEN + "x", "қ"):
        assert Browser(HERE).get("/enter", token=wrong).status == 403
    assert Browser(HERE).get("/enter", method="HEAD", token=TOKEN).status == 403
    cookies = entered()
    assert people.who({"host": HERE}, cookies) == LOCAL_EDITOR
    refused = Browser(HERE).get("/enter", token=TOKEN)
    assert refused.status == 403
    assert "Start the dashboard again" in refused.text
    # Whoever is in already and opens the address again finds the desk.
    assert Browser(HERE, cookies=cookies).get("/enter", token=TOKEN).leads == "/desk"


@pytest.mark.parametrize(
    "sent",
    [
        {"Forwarded": "for=1.2.3.4"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"x-forwarded-proto": "http"},
        {"X-FORWARDED-HOST": HERE},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"host": "rebound.example:8501"},
        {"host": "127.0.0.1.rebound.example:8501"},
        {"host": "tracker.example.org"},
        {"host": ""},
    ],
)
def test_what_comes_through_a_proxy_or_by_a_foreign_name_neither_enters_nor_edits(
    here: Site, sent: dict[str, str]
) -> None:
    assert Browser(HERE, headers=sent).get("/enter", token=TOKEN).status == 403
    cookies = entered()  # the token is still good
    [session] = cookies.values()
    ports = {f"tracker_editor_{port}": session for port in ("8501", "80", "")}
    assert people.who({"host": HERE, **sent}, ports) == NOBODY
    assert people.who({"host": HERE}, ports) == LOCAL_EDITOR


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        ({}, True),
        ({"origin": f"http://{HERE}", "upgrade": "websocket"}, True),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, True),
        ({"upgrade": "websocket"}, False),
        ({"origin": "http://127.0.0.1:9999", "upgrade": "websocket"}, False),
        ({"origin": "http://localhost:8501", "upgrade": "websocket"}, False),
        ({"origin": "http://rebound.example:8501"}, False),
        ({"origin": "null"}, False),
    ],
)
def test_a_page_of_another_port_does_not_edit(here: Site, sent: dict[str, str], known: bool) -> None:
    assert (people.who({"host": HERE, **sent}, entered()) == LOCAL_EDITOR) is known


def test_a_made_up_session_and_that_of_another_server_are_nobodys(here: Site) -> None:
    cookies = entered()
    for value in ("", "x", TOKEN, "қ\xff"):
        assert people.who({"host": HERE}, {"tracker_editor_8501": value}) == NOBODY
    here.start()  # a restart knows nobody
    assert people.who({"host": HERE}, cookies) == NOBODY


def test_leaving_ends_the_session_on_this_computer(here: Site) -> None:
    cookies = entered()
    assert Browser(HERE, cookies=dict(cookies)).get("/leave").leads == "/"
    assert people.who({"host": HERE}, cookies) == NOBODY


def test_where_people_sign_in_a_token_opens_nothing(site: Site) -> None:
    assert site.start(TOKEN) == {}
    assert Browser(HERE).get("/enter", token=TOKEN).status == 403


# --- a real server ----------------------------------------------------------------------------------


@dataclass
class Served:
    """`serve`, and what it printed."""

    port: int
    way: str
    """Below the address of the dashboard, where editing begins."""
    log: Path

    @property
    def token(self) -> str:
        said = re.fullmatch(r"enter\?token=([\w-]{32}) \(works once, in this computer's browser\)", self.way)
        assert said, self.way
        return said[1]

    def asked(self, path: str, port: int = 0, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=20)
        connection.putrequest("GET", path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        if answer.status != 101:
            answer.read()
        connection.close()
        return answer

    def shakes_hands(self, **headers: str) -> int:
        """The status with which the WebSocket of a page is answered."""
        hello = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Version": "13"}
        hello |= {"Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec_WebSocket_Protocol": "streamlit"}
        return self.asked("/_stcore/stream", **hello, **headers).status


@contextmanager
def serving(folder: Path, settings: Path) -> Iterator[Served]:
    """`serve` over a small registry, until the end of the block."""
    log = folder / "log"
    words = [sys.executable, "-m", "dashboard", "serve", "--port", str(free_port()), "--registry", str(written(folder))]
    env = {**os.environ, "STREAMLIT_SECRETS_FILES": str(settings)}
    with log.open("w") as out:
        process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=out, text=True)
        try:
            assert process.stdout
            first, second = process.stdout.readline(), process.stdout.readline()
            says = re.fullmatch(r"The dashboard is at http://127\.0\.0\.1:(\d+) \(Ctrl-C stops it\)\n", first)
            assert says, log.read_text("utf-8")
            way = second.removeprefix(f"To edit the registry: http://127.0.0.1:{says[1]}/").removesuffix("\n")
            yield Served(int(says[1]), way, log)
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, folder / "none.toml") as started:
        yield started


def test_where_people_sign_in_serve_offers_that_and_no_token(tmp_path: Path) -> None:
    settings = tmp_path / "secrets.toml"
    settings.write_text(AUTH + PEOPLE, "utf-8")
    with serving(tmp_path, settings) as started:
        assert started.way == "signin"
        answer = started.asked("/signin?next=/points", Host=f"127.0.0.1:{started.port}")
        assert answer.headers["Location"] == f"{ORIGIN}/signin?next=%2Fpoints&moved=1"
        assert started.asked("/enter?token=", Host=f"127.0.0.1:{started.port}").status == 403


@contextmanager
def proxied(port: int) -> Iterator[int]:
    """A reverse proxy on this computer, as plain as can be: it says for whom it asks."""

    async def carry(reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection("127.0.0.1", port)
        head = (await reading.readuntil(b"\r\n\r\n")).replace(b"\r\n", b"\r\nX-Forwarded-For: 203.0.113.9\r\n", 1)
        here.write(head)
        while chunk := await there.read(65536):
            writing.write(chunk)
        writing.close()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        starting = asyncio.run_coroutine_threadsafe(asyncio.start_server(carry, "127.0.0.1", 0), loop)
        listening = starting.result(20)
        yield listening.sockets[0].getsockname()[1]
        loop.call_soon_threadsafe(listening.close)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


def test_a_real_server_is_entered_once_and_not_by_a_foreign_name_or_through_a_proxy(served: Served) -> None:
    own = f"127.0.0.1:{served.port}"
    address = f"/enter?token={served.token}"
    assert served.asked(address, Host="rebound.example").status == 400
    assert served.asked(address, Host=f"rebound.example:{served.port}").status == 400
    with proxied(served.port) as port:
        assert served.asked("/points", port=port, Host=own).status == 200
        assert served.asked(address, port=port, Host=own).status == 403
        assert served.asked("/enter", Host=own).status == 403
        assert served.asked("/enter?token=wrong", Host=own).status == 403
        answer = served.asked(address, Host=own)
        assert (answer.status, answer.headers["Location"]) == (303, "/desk")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        session = answer.headers["Set-Cookie"].partition(";")[0]
        assert served.asked(address, Host=own).status == 403
        # Whom the server takes for the editor, it sends to the desk.
        assert served.asked("/enter", Host=own, Cookie=session).status == 303
        assert served.asked("/enter", Host=own, Cookie=session + "x").status == 403
        assert served.asked("/enter", Host="rebound.example", Cookie=session).status == 400
        assert served.asked("/enter", Host=own, Cookie=session, Origin="http://rebound.example").status == 403
        assert served.asked("/enter", port=port, Host=own, Cookie=session).status == 403


def test_the_websocket_of_a_real_server_refuses_foreign_names(served: Served) -> None:
    own = f"127.0.0.1:{served.port}"
    assert served.shakes_hands(Host=own, Origin=f"http://{own}") == 101
    for host in ("rebound.example", f"rebound.example:{served.port}", f"127.0.0.1.rebound.example:{served.port}"):
        assert served.shakes_hands(Host=host, Origin=f"http://{host}") in (400, 403)
        assert served.shakes_hands(Host=host) in (400, 403)
    assert served.shakes_hands(Host=own, Origin="http://rebound.example") == 403


def test_the_token_is_in_no_list_of_processes_and_in_no_log(served: Served) -> None:
    listed = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert "streamlit run" in listed
    assert served.token not in listed
    assert served.token not in served.log.read_text("utf-8")
