"""Which addresses may be asked: an address taken apart, and every IP address that its host leads to judged.

Only what is taken apart here is connected to, and nothing else reads the address: where two readers of
an address disagree, a request ends up in a place that was never looked at. By RFC 3986, RFC 5891 and the
special-purpose address registries of IANA, narrower where they leave a choice.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urljoin

import idna

PORTS = {"http": 80, "https": 443}
MOST_LETTERS = 20_000
"""Of an address, as it is asked for; the registry's own have at most 2000 before they are percent-encoded."""

IP = ipaddress.IPv4Address | ipaddress.IPv6Address


class Refused(Exception):
    """An address that is never asked; the words say why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: all of it ASCII, as it stands in the request. `host`: a name, or an IP address."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as an address and the header Host have them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.path


_ADDRESS = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]+)(?::([0-9]*))?")
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def target(address: str) -> Target:
    """An address, taken apart. Raises Refused."""
    if len(address) > MOST_LETTERS:
        raise Refused("it is too long")
    if _UNFIT.search(address):
        raise Refused("it holds a backslash or a character that cannot be seen")
    if not (parts := _ADDRESS.fullmatch(address)):
        raise Refused("only http:// and https:// are asked")
    scheme, authority, path = parts[1].lower(), parts[2], parts[3]
    if "@" in authority:
        raise Refused("it holds a user name or a password")
    if not (place := _AUTHORITY.fullmatch(authority)):
        raise Refused("it names no host")
    found = Target(scheme, _host(place[1]), _port(place[2], scheme), _path(path))
    if len(str(found)) > MOST_LETTERS:
        raise Refused("it is too long")
    return found


def led(start: Target, location: str) -> Target:
    """Where a redirect leads, judged as an address is that was never seen before. Raises Refused."""
    if len(location) > MOST_LETTERS:
        raise Refused("it is too long")
    if _UNFIT.search(location):
        raise Refused("it holds a backslash or a character that cannot be seen")
    try:
        return target(urljoin(str(start), location))
    except ValueError:
        raise Refused("it is no address") from None


def _port(text: str | None, scheme: str) -> int:
    port = PORTS[scheme] if not text else int(text) if len(text) <= 5 else 0
    if port not in PORTS.values():
        raise Refused("only ports 80 and 443 are asked")
    return port


def _path(text: str) -> str:
    """Path and query in ASCII; what is percent-encoded already stays as it is."""
    encoded = quote(text, safe="%/?:[]@!$&'()*+,;=~", errors="replace")
    encoded = _BARE_PERCENT.sub("%25", encoded)
    return encoded if encoded.startswith("/") else "/" + encoded


def _host(text: str) -> str:
    """A name as the domain name system spells it, or an IP address in its one usual spelling."""
    if text.startswith("["):
        return _ip6(text[1:-1])
    name = _ascii(text).removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ip4(name)
    if len(name) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise Refused("its host is no name")
    if len(labels) < 2 or labels[-1] in ("localhost", "local", "internal"):
        raise Refused("its host is no name of the public internet")
    return name


def _ascii(text: str) -> str:
    if len(text) > 253:
        raise Refused("its host is no name")
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise Refused("its host is no name") from None


def _ip4(name: str) -> str:
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError:
        raise Refused("its host is an IP address in a spelling that programs read differently") from None


def _ip6(text: str) -> str:
    try:
        if "%" in text:
            raise ValueError
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise Refused("its host is no IP address that can be asked") from None


# --- IP addresses -----------------------------------------------------------------------------------

_SPECIAL = {
    "this computer itself": ("127.0.0.0/8", "0.0.0.0/8", "::1/128", "::/128"),
    "a private network": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10"),
    "the network that this computer stands in": ("169.254.0.0/16", "fe80::/10"),
    "the machine that hosts this computer": ("168.63.129.16/32",),
    "many computers at once": ("224.0.0.0/4", "ff00::/8", "192.88.99.0/24"),
    "an IPv4 address in disguise": ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"),
    "a special purpose": (
        *("192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24", "198.18.0.0/15", "240.0.0.0/4"),
        *("2001::/23", "2620:4f:8000::/48", "3ffe::/16"),
    ),
    "examples": ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
}
_NETWORKS = tuple((ipaddress.ip_network(net), what) for what, nets in _SPECIAL.items() for net in nets)


def is_ip(host: str) -> bool:
    """Whether the host of a target is an IP address; no name ends in a number or holds a colon."""
    return ":" in host or host.rpartition(".")[2].isdecimal()


def judged(found: Iterable[str]) -> tuple[str, ...]:
    """IP addresses of a host, each once, in their usual spelling. Raises Refused where one of them is not public."""
    read = []
    for each in found:
        try:
            ip = ipaddress.ip_address(each)
        except ValueError:
            raise Refused("its host leads to what is no IP address") from None
        if why := _not_public(ip):
            raise Refused(f"its host leads to {ip}, which stands for {why}")
        read.append(str(ip))
    return tuple(dict.fromkeys(read))


def _not_public(ip: IP) -> str:
    """What an IP address stands for other than one public computer; empty where it is one."""
    for network, what in _NETWORKS:
        if ip in network:
            return what
    scoped = isinstance(ip, ipaddress.IPv6Address) and ip.scope_id
    return "no public computer" if scoped or ip.is_reserved or not ip.is_global else ""
