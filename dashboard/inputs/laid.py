"""A registry as files: its text in our own layout, and a folder that is there whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from dashboard.registry import nodes, reader, swapping
from dashboard.registry.nodes import Plain
from dashboard.registry.reader import REGISTRY_NAME

Files = Mapping[str, bytes]
"""Path below the folder to content: recommendations.yaml and sources/ID.yaml."""


class Occupied(Exception):
    """Something else stands where the registry should go."""


def plain(kind: Any, value: object) -> Any:
    """A model as the reader builds its values: every scalar a text."""
    return _texts(TypeAdapter(kind).dump_python(value, mode="json", by_alias=True, exclude_defaults=True))


def _texts(value: Any) -> Plain:
    match value:
        case dict():
            return {name: _texts(each) for name, each in value.items()}
        case list():
            return [_texts(each) for each in value]
        case bool():
            return str(value).lower()
    return str(value)


def entry(value: Plain) -> str:
    """An entry of a list of the file, as its lines."""
    return "".join(f"{line}\n" for line in nodes.item_lines(value, 2))


def registry(head: Mapping[str, Plain], lists: Mapping[str, Iterable[str]]) -> bytes:
    """The file: its head, then its lists of entries that were laid out before; empty ones are left out,
    but for those that a registry must have.
    """
    text = ["".join(f"{line}\n" for line in nodes.group_lines(dict(head), 0))]
    for name, entries in lists.items():
        laid = list(entries)
        if laid or name in ("themes", "actors"):
            text += [f"{name}:\n" if laid else f"{name}: []\n", *laid]
    return "".join([*text, "...\n"]).encode()


def source(value: dict[str, Plain]) -> bytes:
    return ("\n".join(nodes.group_lines(value, 0)) + "\n...\n").encode()


def read(files: Files, today: date, name: str = REGISTRY_NAME) -> reader.Loaded:
    """The files as the reader takes them; nothing is on disk yet."""
    sources = {path: data for path, data in sorted(files.items()) if path != REGISTRY_NAME}
    return reader.read(reader.Texts(name, files[REGISTRY_NAME], sources), today)


def checked(folder: Path) -> None:
    """Raises Occupied where the folder is not new or empty."""
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise Occupied(f"{folder}: is there and not empty; name a new folder")


def write(files: Files, folder: Path) -> None:
    """The files in a new or empty folder: built beside it, synced, read back, and moved there in one step.

    Raises Occupied, OSError; nothing is left behind then.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.importing-", dir=folder.parent))
    try:
        new.chmod(0o777 & ~swapping.umask())
        for path, data in files.items():
            _written(new / path, data)
        for each in (new / "sources", new):
            if each.exists():
                swapping.synced(each)
        for path, data in files.items():
            if (new / path).read_bytes() != data:
                raise OSError(f"{new / path}: does not read as it was written")
        try:
            new.rename(folder)  # takes the place of an empty folder, and of no other
        except OSError:
            checked(folder)
            raise
        swapping.synced(folder.parent)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _written(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
