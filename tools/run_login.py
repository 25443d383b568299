"""`make run-login`: the dashboard with people who sign in, all of it on this computer.

A provider of sign-ins for tests knows three people; whoever opens its page may be any of them. The
registry is a copy with a history of its own, so that everything may be tried. Nothing is written
into the repository, and all is gone after Ctrl-C.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]

PEOPLE: tuple[dict[str, object], ...] = (
    {"sub": "editor", "email": "editor@example.org", "email_verified": True},
    {"sub": "contributor", "email": "contributor@example.org", "email_verified": True},
    {"sub": "unverified", "email": "editor@example.org", "email_verified": False},
)
"""The third claims the e-mail of the first, which nobody has verified: a reader."""

ROLES = """
[[people]]
email = "Editor@example.org"
role = "editor"

[[people]]
email = "contributor@example.org"
role = "contributor"
organisation = "civil-society"
"""


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else list(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    with TemporaryDirectory(prefix="tracker-login-") as made, provider(free_port()) as address:
        folder = Path(made)
        settings = written_settings(folder / "secrets.toml", address)
        words = [sys.executable, "-m", "dashboard", "serve", "--registry", str(copied(folder / "registry")), *given]
        print(f"People sign in at {address}: {', '.join(str(person['sub']) for person in PEOPLE)}", flush=True)
        serving = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "STREAMLIT_SECRETS_FILES": str(settings)})
        try:
            return serving.wait()
        except KeyboardInterrupt:  # the terminal has told the dashboard as well
            return 0
        finally:
            _ended(serving)


@contextmanager
def provider(port: int) -> Iterator[str]:
    """The address of a provider at which anybody of PEOPLE can be chosen. It comes from oidc-provider-mock."""
    people = [word for person in PEOPLE for word in ("--user-claims", json.dumps(person))]
    words = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "-p", str(port), "-H", "127.0.0.1", *people]
    quiet = subprocess.DEVNULL
    running = subprocess.Popen([*words, "-n", "true"], stdout=quiet, stderr=quiet)
    address = f"http://localhost:{port}"
    try:
        answering(f"{address}/.well-known/openid-configuration", running)
        yield address
    finally:
        _ended(running)


def written_settings(path: Path, address: str, port: str = "{port}", roles: str = ROLES) -> Path:
    """Settings for a provider, readable by nobody else. Streamlit fills in the port that it serves."""
    auth = {
        "redirect_uri": f"http://localhost:{port}/oauth2callback",
        "cookie_secret": secrets.token_urlsafe(32),
        "client_id": "tracker",
        "client_secret": secrets.token_urlsafe(32),
        "server_metadata_url": f"{address}/.well-known/openid-configuration",
    }
    path.touch(0o600)
    path.write_text("[auth]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in auth.items()) + roles)
    return path


def copied(folder: Path) -> Path:
    """A copy of the shipped registry with a history of its own, where git is there."""
    folder.mkdir()
    shutil.copytree(ROOT / "sources", folder / "sources")
    registry = Path(shutil.copy(ROOT / "recommendations.yaml", folder))
    if git := shutil.which("git"):
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "The registry as it is shipped"]):
            who = ["-c", "user.name=editors", "-c", "user.email=editors@localhost", "-c", "commit.gpgsign=false"]
            subprocess.run([git, "-C", str(folder), *who, *words], check=True)
    return registry


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def answering(address: str, running: "subprocess.Popen[bytes]") -> None:
    """Waits until a server that was started answers."""
    for _ in range(300):
        if running.poll() is not None:
            raise SystemExit(f"What was to answer at {address} did not start; is all of requirements.lock installed?")
        try:
            with urlopen(address, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"No answer from {address}")


def _ended(running: "subprocess.Popen[bytes]") -> None:
    if running.poll() is None:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


if __name__ == "__main__":
    sys.exit(main())
