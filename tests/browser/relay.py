"""A line between a browser and a server that can be cut and mended; told to, it adds a header as a proxy does."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Relay:
    """Hands on every byte. After `cut` all its lines are dead and no new one opens, until `mend`."""

    def __init__(self, to: int, adds: bytes = b"") -> None:
        self._to, self._adds = to, adds
        self._open = True
        self._lines: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._open = False
        for line in self._lines:
            _closed(line)

    def mend(self) -> None:
        self._open = True

    def end(self) -> None:
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listening.accept()
            except OSError:
                return
            if not self._open:
                _closed(here)
                continue
            there = socket.create_connection(("127.0.0.1", self._to))
            self._lines += [here, there]
            threading.Thread(target=self._carry, args=(here, there, self._adds), daemon=True).start()
            threading.Thread(target=self._carry, args=(there, here, b""), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, adds: bytes) -> None:
        with suppress(OSError):
            while chunk := one.recv(65536):
                other.sendall(chunk.replace(b"\r\n", b"\r\n" + adds, 1) if adds else chunk)
                adds = b""
        for line in (one, other):
            _closed(line)


def _closed(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


@contextmanager
def relayed(to: int, adds: bytes = b"") -> Iterator[Relay]:
    relay = Relay(to, adds)
    try:
        yield relay
    finally:
        relay.end()
