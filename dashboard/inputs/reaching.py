"""One polite request over HTTP, to the very IP address that was judged before, and how it ended.

Nothing is sent along but what every request needs: no cookie, no referrer, no password, and no proxy of
the environment is used. Everything that a request takes, its name looked up as well, has one time limit, and
whatever answers is read only so far. What is compressed is never opened.
"""

import errno
import select
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TypeVar

import h11

from dashboard.inputs import addresses
from dashboard.inputs.addresses import Target

SECONDS = 10.0
"""For one request, from looking up the name to the last byte."""

MOST_HEAD = 32 * 1024
MOST_BODY = 64 * 1024
MOST_TRIED = 4
"""IP addresses of one host: where one cannot be reached, the next may be."""

TOKEN = "LinkCheck"
"""How a robots.txt names us."""

AGENT = f"Mozilla/5.0 (compatible; {TOKEN}/1.0)"

_ONCE = 8192


class Failed(Exception):
    """No answer came. `reached`: somebody was there, so that this computer is not offline."""

    reached = False


class NotNow(Failed):
    """It could not be asked from here and now; that says nothing about it."""


class NoName(Failed):
    """The name leads nowhere."""


class Unreachable(Failed):
    """The name leads somewhere, and nobody takes the connection."""


class Untrusted(Failed):
    """The host cannot prove that it is who its name says."""

    reached = True


class Broken(Failed):
    """What came is no answer, or not all of one."""

    reached = True


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer. `location`: where it leads; `wait`: it asks to be left alone for a while."""

    status: int
    location: str = ""
    wait: bool = False
    body: bytes = b""


def resolve(host: str) -> Sequence[str]:
    """All IP addresses of a name. Absolute, so that nothing is looked up in the network of this computer."""
    found = socket.getaddrinfo(f"{host}.", None, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


def connect(ip: str, port: int, seconds: float) -> socket.socket:
    """A connection to an IP address. Raises OSError."""
    line = socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM)
    try:
        line.settimeout(seconds)
        line.connect((ip, port))
    except BaseException:
        line.close()
        raise
    return line


@dataclass(frozen=True)
class Way:
    """How a host is found, reached and believed, and how long a request may take, in seconds."""

    resolve: Callable[[str], Sequence[str]] = resolve
    connect: Callable[[str, int, float], socket.socket] = connect
    trusted: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = SECONDS


def ask(method: str, target: Target, way: Way) -> Heard:
    """What a host answers, its body up to MOST_BODY; of HEAD none. Raises addresses.Refused, Failed."""
    until = monotonic() + way.seconds
    found = addresses.judged([target.host] if addresses.is_ip(target.host) else _looked_up(target.host, way, until))
    with closing(_Line(_connected(found[:MOST_TRIED], target.port, way, until), until, way.seconds)) as line:
        if target.scheme == "https":
            line.secure(way.trusted, target.host)
        return _heard(method, target, line)


def _looked_up(host: str, way: Way, until: float) -> Sequence[str]:
    """All IP addresses of a name. The system's resolver knows no time limit: it is left behind where it takes longer."""
    answer: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def look() -> None:
        try:
            answer.put(way.resolve(host))
        except Exception as fault:
            answer.put(fault)

    Thread(target=look, daemon=True).start()
    try:
        found = answer.get(timeout=max(until - monotonic(), 0))
    except Empty:
        raise NotNow("its name could not be looked up in time") from None
    if (isinstance(found, socket.gaierror) and found.errno in _NO_NAME) or not found:
        raise NoName("its name no longer leads anywhere")
    if isinstance(found, OSError):
        raise NotNow("its name could not be looked up for now")
    if isinstance(found, UnicodeError):
        raise addresses.Refused("its host is no name")
    if isinstance(found, Exception):
        raise found
    return found


_NO_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
_THEIRS = (errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.EHOSTUNREACH, errno.ETIMEDOUT)
"""What a host does or its network; anything else, such as no IPv6 here or a firewall, is ours."""


def _connected(found: Sequence[str], port: int, way: Way, until: float) -> socket.socket:
    """A connection to the first address that takes one; each gets its share of the time."""
    faults = []
    for n, ip in enumerate(found):
        try:
            return way.connect(ip, port, max((until - monotonic()) / (len(found) - n), 0.001))
        except OSError as fault:
            faults.append(fault)
    theirs = [fault for fault in faults if isinstance(fault, TimeoutError) or fault.errno in _THEIRS]
    if not theirs:
        raise NotNow("no way leads there from this computer")
    if isinstance(theirs[-1], TimeoutError):
        raise Unreachable("nobody took the connection in time")
    raise Unreachable("nobody takes the connection")


_T = TypeVar("_T")


class _Line:
    """A connection on which everything together has one time limit, however slowly it drips."""

    def __init__(self, plain: socket.socket, until: float, seconds: float) -> None:
        plain.setblocking(False)
        self._socket, self._until = plain, until
        self._late = f"it took longer than {seconds:g} seconds"

    def secure(self, trusted: ssl.SSLContext, host: str) -> None:
        """Speaks TLS from now on. Raises Untrusted, Broken."""
        try:
            secured = trusted.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
            self._socket = secured
            self._when(secured.do_handshake, select.POLLIN)
        except ssl.SSLCertVerificationError as fault:
            raise Untrusted(_CERTIFICATE.get(fault.verify_code, "its certificate is not to be trusted")) from None
        except ssl.SSLError:
            raise Untrusted("it cannot speak TLS as it is spoken today") from None
        except OSError:
            raise Broken("the connection broke off") from None

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        try:
            while data:
                data = data[self._when(partial(self._socket.send, data), select.POLLOUT) :]
        except OSError:
            raise Broken("the connection broke off") from None

    def receive(self) -> bytes:
        """What came; nothing at the end."""
        try:
            return self._when(partial(self._socket.recv, _ONCE), select.POLLIN)
        except ssl.SSLEOFError:
            return b""
        except OSError:
            raise Broken("the connection broke off") from None

    def _when(self, act: Callable[[], _T], event: int) -> _T:
        """Does it as soon as it can be done. Raises Broken where the time is over."""
        while True:
            if monotonic() > self._until:
                raise Broken(self._late)
            try:
                return act()
            except BlockingIOError:
                self._wait(event)
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT)

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self._socket, event)
        poll.poll(max(self._until - monotonic(), 0) * 1000)


_CERTIFICATE = {
    10: "its certificate has expired",
    18: "its certificate is one that it made itself",
    19: "its certificate is one that nobody known has signed",
    20: "its certificate is one that nobody known has signed",
    21: "its certificate is one that nobody known has signed",
    62: "its certificate is for another name",
    64: "its certificate is for another address",
}
"""The codes of OpenSSL's x509_vfy.h."""


def _heard(method: str, target: Target, line: _Line) -> Heard:
    """Sends the request and reads the answer. Raises Broken."""
    protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
    headers = {
        "Host": target.authority,
        "User-Agent": AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    try:
        request = h11.Request(method=method, target=target.path, headers=list(headers.items()))
        line.send((protocol.send(request) or b"") + (protocol.send(h11.EndOfMessage()) or b""))
        return _answer(method, protocol, line)
    except h11.ProtocolError:
        raise Broken("what it sent is no HTTP, or broke off") from None


def _answer(method: str, protocol: h11.Connection, line: _Line) -> Heard:
    heard, body, taken = None, bytearray(), 0
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            if heard is None and taken > MOST_HEAD:
                raise Broken("its headers have no end")
            if taken > MOST_HEAD + MOST_BODY:
                break
            data = line.receive()
            taken += len(data)
            protocol.receive_data(data)
        elif isinstance(event, h11.Response):
            heard = _head(event)
            if method == "HEAD" or heard.location:
                return heard
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) >= MOST_BODY:
                break
        elif not isinstance(event, h11.InformationalResponse):
            break
    if heard is None:
        raise Broken("it sent no answer")
    return Heard(heard.status, heard.location, heard.wait, bytes(body[:MOST_BODY]))


REDIRECTS = (301, 302, 303, 307, 308)


def _head(response: h11.Response) -> Heard:
    """The first header of a name counts."""
    given: dict[bytes, bytes] = {}
    for name, value in response.headers:
        given.setdefault(name, value)
    location = given.get(b"location", b"") if response.status_code in REDIRECTS else b""
    wait = response.status_code == 429 or (response.status_code >= 500 and b"retry-after" in given)
    return Heard(response.status_code, _text(location), wait)


def _text(header: bytes) -> str:
    try:
        return header.decode("utf-8")
    except UnicodeDecodeError:
        return header.decode("latin-1")
