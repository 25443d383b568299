"""Hosts of a made-up internet on this computer, for tests and benches of links.

A name leads to public IP addresses; whoever connects to one of these reaches a server on 127.0.0.2 to
127.0.0.9. Whoever connects to any other IP address reaches the canary, which counts.
"""

import errno
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dashboard.inputs.reaching import Way

Says = Callable[["Asked"], bytes | Iterable[bytes]]
"""What a host sends, in raw bytes; in parts where it takes its time."""

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def page(status: int = 200, body: bytes = b"hello", **headers: str) -> bytes:
    given = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body


@dataclass
class Asked:
    """One request: when it began and ended, in seconds."""

    host: str
    method: str
    path: str
    head: str
    began: float = 0.0
    ended: float = 0.0


@dataclass
class Bed:
    """All hosts; `asked`: every request in the order in which they came; `canary`: IP addresses that nobody may ask."""

    asked: list[Asked] = field(default_factory=list)
    canary: list[str] = field(default_factory=list)
    names: dict[str, Sequence[str] | Exception | Callable[[], Sequence[str]]] = field(default_factory=dict)
    trusted: ssl.SSLContext = field(default_factory=lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    _doors: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)
    _sockets: list[socket.socket] = field(default_factory=list)

    def way(self, seconds: float = 10.0) -> Way:
        return Way(self.resolve, self.connect, self.trusted, seconds)

    def resolve(self, host: str) -> Sequence[str]:
        found = self.names.get(host, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
        if isinstance(found, Exception):
            raise found
        return found() if callable(found) else found

    def connect(self, ip: str, port: int, seconds: float) -> socket.socket:
        door = self._doors.get((ip, port))
        if door is None:
            if not (ip_address(ip).is_global and port in (80, 443)):
                self.canary.append(f"{ip}:{port}")
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        return socket.create_connection(door, seconds)

    def host(self, name: str, says: Says | bytes, robots: bytes = NOT_FOUND, tls: ssl.SSLContext | None = None) -> str:
        """A host that says something; its public IP address."""
        n = len(self._doors)
        ip = f"93.184.{216 + n // 250}.{1 + n % 250}"
        listening = socket.create_server((f"127.0.0.{2 + n % 8}", 0), backlog=64)
        self._doors[ip, 443 if tls else 80] = listening.getsockname()
        self._sockets.append(listening)
        self.names.setdefault(name, [ip])
        Thread(target=self._serve, args=(listening, says, robots, tls), daemon=True).start()
        return ip

    def close(self) -> None:
        for each in self._sockets:
            each.close()

    def _serve(self, listening: socket.socket, says: Says | bytes, robots: bytes, tls: ssl.SSLContext | None) -> None:
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            Thread(target=self._one, args=(line, says, robots, tls), daemon=True).start()

    def _one(self, line: socket.socket, says: Says | bytes, robots: bytes, tls: ssl.SSLContext | None) -> None:
        try:
            line.settimeout(20)
            if tls:
                line = tls.wrap_socket(line, server_side=True)
            asked = _asked(line)
            self.asked.append(asked)
            answer = robots if asked.path == "/robots.txt" else says(asked) if callable(says) else says
            for part in (answer,) if isinstance(answer, bytes) else answer:
                asked.ended = monotonic()  # before whoever asked can know it
                line.sendall(part)
        except OSError:
            return
        finally:
            line.close()

    def paths(self, host: str) -> list[str]:
        """What a host was asked for, its robots.txt left out."""
        return [f"{each.method} {each.path}" for each in self.asked if each.host == host and "/robots" not in each.path]


def _asked(line: socket.socket) -> Asked:
    began = monotonic()
    head = b""
    while b"\r\n\r\n" not in head:
        if not (came := line.recv(4096)):
            raise ConnectionResetError
        head += came
    text = head.decode()
    method, path, _ = text.split("\r\n")[0].split(" ")
    host = next(line.partition(":")[2].strip() for line in text.split("\r\n") if line.lower().startswith("host:"))
    return Asked(host, method, path, text, began)


def dripping(parts: bytes, pause: float = 0.05) -> Iterable[bytes]:
    """A byte at a time, for ever."""
    while True:
        for each in parts:
            yield bytes([each])
            sleep(pause)


def endless(head: bytes, block: bytes) -> Iterable[bytes]:
    yield head
    while True:
        yield block


# --- certificates -----------------------------------------------------------------------------------


class Authority:
    """Whoever signs certificates in the made-up internet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A made-up authority")])
        self._own = self._certificate(self._name, self._key, [], True, 3650)

    def trusted(self) -> ssl.SSLContext:
        pem = self._own.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(self, name: str, days: int = 30, own: bool = False) -> ssl.SSLContext:
        """A server that calls itself `name`, with a certificate valid for some days; `own`: signed by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._certificate(subject, key, [name], False, days, key if own else None)
        file = self._folder / f"{name}-{days}-{own}.pem"
        hidden = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + hidden)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _certificate(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        names: Sequence[str],
        signs: bool,
        days: int,
        signer: ec.EllipticCurvePrivateKey | None = None,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        issuer = subject if signer else self._name
        builder = (
            x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=400))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(signs, None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )
        usage = dict.fromkeys(_USAGES, False) | {"digital_signature": True, "key_cert_sign": signs, "crl_sign": signs}
        builder = builder.add_extension(x509.KeyUsage(**usage), True)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key((signer or self._key).public_key())
        builder = builder.add_extension(authority, False)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), False)
        return builder.sign(signer or self._key, hashes.SHA256())


_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
