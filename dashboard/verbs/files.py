"""A file that a verb makes, put whole in the place of the one that was there."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from dashboard.registry import swapping
from dashboard.registry.problems import shown
from dashboard.verbs.asked import Usage


def ending(output: str | None, *allowed: str) -> None:
    """A file says by its name what is in it; a folder, a pipe and standard output need none. Raises Usage."""
    path = Path(output or ".")
    special = output == "-" or str(output).endswith("/") or (path.exists() and not path.is_file())
    if output and not special and path.suffix.lower() not in allowed:
        raise Usage(f"--output: {shown(output)}: the name has to end with {' or '.join(allowed)}")


def put(path: Path, data: bytes) -> None:
    """Whoever reads meanwhile finds the old file or the new one, never a half. Raises OSError, which names `path`."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device is written to, not replaced
            path.write_bytes(data)
        else:
            _exchanged(path.resolve(), data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _exchanged(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def _mode(path: Path) -> int:
    """Who may read it: as before, else as for any new file."""
    if path.exists():
        return path.stat().st_mode & 0o777
    return 0o666 & ~swapping.umask()
