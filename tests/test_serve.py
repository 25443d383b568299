"""`serve --processes`: several servers of one registry, started and ended together."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.small import ROOT, command, committed, written

PATIENCE = 60
"""Seconds after which a test gives up; none asserts how long something takes."""


@dataclass
class Serving:
    """A running `serve` over a small registry."""

    process: "subprocess.Popen[str]"
    registry: Path
    ports: range

    def lines(self) -> list[str]:
        """What it announces of several servers."""
        assert self.process.stdout
        return [self.process.stdout.readline() for _ in range(3)]

    def servers(self) -> list[int]:
        """The ids of the processes that it started."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]

    def begun(self) -> list[int]:
        """As soon as the servers are there: they answer nobody yet."""
        end = time.monotonic() + PATIENCE
        while len(found := self.servers()) < len(self.ports):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end, "the servers were not started"
        return found

    def ended(self) -> int:
        """Its exit code, once nobody is left who could write where it wrote: neither it nor a server."""
        said = self.process.communicate(timeout=PATIENCE)[1]
        assert "Traceback" not in said
        return self.process.returncode

    def asked(self, port: int, path: str, host: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{port}"})
        answer = connection.getresponse()
        status, text = answer.status, answer.read().decode("utf-8", "replace")
        connection.close()
        return status, text


@contextmanager
def serving(folder: Path, processes: int = 2, **settings: str) -> Iterator[Serving]:
    """`serve --processes`, and the end of whatever is left of it."""
    registry = written(folder)
    committed(folder)
    ports = free_ports(processes)
    words = ("--registry", str(registry), "serve", "--port", str(ports[0]), "--processes", str(processes))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TRACKER_", "STREAMLIT_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", *words],
        cwd=ROOT,
        env={**env, "STREAMLIT_SECRETS_FILES": str(folder / "none.toml"), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield Serving(process, registry, ports)
    finally:
        with suppress(ProcessLookupError):  # all have ended, as they should
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def free_ports(several: int) -> range:
    """Ports in a row on which nothing listens."""
    for first in range(20000, 30000, 16):
        if all(map(_free, row := range(first, first + several))):
            return row
    raise RuntimeError("no free ports in a row")


def _free(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, list[str]]]:
    hosts = "tracker.example.org *.example.net"
    with serving(tmp_path_factory.mktemp("two"), STREAMLIT_SERVER_ALLOWED_HOSTS=hosts) as started:
        yield started, started.lines()
        started.process.send_signal(signal.SIGINT)
        assert started.ended() == 0


def test_the_addresses_of_all_are_announced_and_which_of_them_is_for_editing(two: tuple[Serving, list[str]]) -> None:
    started, (readers, editor, proxy) = two
    first, second = (f"http://127.0.0.1:{port}" for port in started.ports)
    assert readers == f"The dashboard is at {first}, {second} (Ctrl-C stops them)\n"
    assert re.fullmatch(rf"To edit the registry: {first}/enter\?token=[\w-]{{32}} \(works once, .*\)\n", editor)
    assert "a proxy that keeps each at one of them: deploy/Caddyfile or deploy/nginx.conf" in proxy
    assert [started.asked(port, "/healthz") for port in started.ports] == [(200, "ok\n"), (200, "ok\n")]


def test_the_token_opens_the_first_alone(two: tuple[Serving, list[str]]) -> None:
    started, (_, editor, _) = two
    token = editor.split("/enter?token=")[1].split()[0]
    first, second = started.ports
    assert started.asked(second, f"/enter?token={token}")[0] == 403
    assert started.asked(second, "/enter?token=")[0] == 403
    assert started.asked(first, f"/enter?token={token}")[0] == 303
    assert started.asked(first, f"/enter?token={token}")[0] == 403


def test_the_hosts_that_the_operator_names_are_answered_besides_our_own(two: tuple[Serving, list[str]]) -> None:
    started, _ = two
    answered = {
        host: [started.asked(port, "/healthz", host)[0] for port in started.ports]
        for host in ("localhost", "tracker.example.org", "a.example.net", "foreign.example")
    }
    assert answered == {
        "localhost": [200, 200],
        "tracker.example.org": [200, 200],
        "a.example.net": [200, 200],
        "foreign.example": [400, 400],
    }


def test_what_is_saved_once_is_shown_by_all(two: tuple[Serving, list[str]]) -> None:
    started, _ = two
    before = [started.asked(port, "/r/open-shelters")[1] for port in started.ports]
    saved = command("--registry", started.registry, "edit", "open-shelters", "title", "Shelters stay open at night")
    assert saved.returncode == 0, saved.stderr
    after = [started.asked(port, "/r/open-shelters")[1] for port in started.ports]
    assert ["Shelters stay open at night" in page for page in (*before, *after)] == [False, False, True, True]


def test_where_the_operator_names_no_hosts_only_this_computer_is_answered(tmp_path: Path) -> None:
    with serving(tmp_path) as started:
        started.lines()
        hosts = ("127.0.0.1", "localhost", "tracker.example.org")
        for port in started.ports:
            assert [started.asked(port, "/healthz", host)[0] for host in hosts] == [200, 200, 400]


def test_when_one_ends_by_itself_all_are_ended_and_it_is_our_fault(tmp_path: Path) -> None:
    with serving(tmp_path, processes=3) as started:
        started.lines()
        os.kill(started.servers()[1], signal.SIGKILL)
        assert started.ended() == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_none_is_left_behind_by_who_is_stopped_while_they_start(tmp_path: Path, number: int) -> None:
    with serving(tmp_path, processes=3) as started:
        started.begun()
        started.process.send_signal(number)
        assert started.ended() == 0


def test_who_is_stopped_twice_still_ends_them_all(tmp_path: Path) -> None:
    with serving(tmp_path) as started:
        started.lines()
        os.kill(started.servers()[0], signal.SIGSTOP)  # this one does not end when it is asked to
        started.process.send_signal(signal.SIGTERM)
        started.process.send_signal(signal.SIGINT)
        assert started.ended() == 0


def test_each_port_must_be_free_and_the_one_that_is_not_is_named(tmp_path: Path) -> None:
    first, second, third = free_ports(3)
    with socket.create_server(("127.0.0.1", second)):
        words = ("--registry", written(tmp_path), "serve", "--port", first, "--processes", 3)
        done = command(*words)
    assert done.returncode == 2
    assert done.stderr == (
        f"--port: 3 processes need {first} to {third}; taken: {second}."
        " Stop what listens there, or name another first port, here and to the proxy\n"
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--processes", "0"), "a number from 1 to 16"),
        (("--processes", "17"), "a number from 1 to 16"),
        (("--processes", "two"), "a number from 1 to 16"),
        (("--processes", "3", "--port", "65534"), "3 processes from 65534 would need port 65536"),
    ],
)
def test_what_cannot_be_served_is_told(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    done = command("--registry", written(tmp_path), "serve", *words)
    assert done.returncode == 2
    assert says in done.stderr
