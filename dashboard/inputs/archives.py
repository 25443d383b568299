"""What may be unpacked: a zip is judged by its directory before anything in it is read.

A few hundred kilobytes can unpack to gigabytes, and a directory can list millions of files: both are
refused before memory is spent on them.
"""

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator

from dashboard.inputs.remarks import Remark, Unfit

MOST_ENTRIES = 1_000
MOST_DIRECTORY = 256 * 1024
"""Bytes of the list of files itself."""
MOST_UNPACKED = 256 * 2**20
MOST_RATIO = 100
"""Times that a part may be larger unpacked; sheets of real tables come to 5 to 40."""
RATIO_FROM = 2**20
"""Smaller parts may be of any ratio."""

ANY = re.compile(".*", re.DOTALL)
"""Parts of any name, for whoever only looks which there are."""

_END = b"PK\5\6"
_END_BYTES = 22
_LOCATOR = b"PK\6\7"
_LOCATOR_BYTES = 20


def opened(data: bytes, file: str, known: re.Pattern[str], what: str) -> zipfile.ZipFile:
    """A zip all of whose parts are `known`, and small enough unpacked. Raises Unfit."""

    def refused(found: str, allowed: str) -> Unfit:
        return Unfit([Remark(file, found, allowed)])

    at = data.rfind(_END, max(0, len(data) - _END_BYTES - 0xFFFF))
    if at < 0 or at + _END_BYTES > len(data):
        raise refused("the file is cut off or no zip", f"save it again as {what}")
    entries, size = int.from_bytes(data[at + 10 : at + 12], "little"), int.from_bytes(data[at + 12 : at + 16], "little")
    if entries > MOST_ENTRIES or size > MOST_DIRECTORY:
        raise refused(f"a zip with a list of {entries:,} files, {size:,} bytes long", f"at most {MOST_ENTRIES:,} files")
    if data[max(0, at - _LOCATOR_BYTES) :].startswith(_LOCATOR):  # which zipfile would follow to another list
        raise refused("a zip with two lists of its files (zip64)", f"save it again as {what}")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise refused(f"the zip cannot be read ({error})", f"save it again as {what}") from None
    listed = archive.infolist()
    if len(listed) > MOST_ENTRIES:
        raise refused(f"a zip of {len(listed):,} files that names fewer", f"at most {MOST_ENTRIES:,} files")
    (name, times), *_ = Counter(entry.filename for entry in listed).most_common(1) or [("", 0)]
    if times > 1:
        raise refused(f"two parts named {name}", f"save it again as {what}")
    for entry in listed:
        if entry.flag_bits & 1:
            raise refused("parts are behind a password", "save it without one")
        if not entry.is_dir() and not known.fullmatch(entry.filename):
            raise refused(f"a part named {entry.filename[:80]}", f"{what} has no such part")
        if entry.file_size > max(RATIO_FROM, MOST_RATIO * entry.compress_size):
            found = f"{entry.filename} unpacks to {entry.file_size:,} bytes, from {entry.compress_size:,}"
            raise refused(found, f"at most {MOST_RATIO} times as much")
    if (total := sum(entry.file_size for entry in listed)) > MOST_UNPACKED:
        raise refused(f"it unpacks to {total:,} bytes", f"at most {MOST_UNPACKED:,}: split it")
    return archive


def pieces(archive: zipfile.ZipFile, name: str, file: str, size: int = 2**20) -> Iterator[bytes]:
    """A part, piece by piece; never more than its directory said. Raises Unfit where it is damaged."""
    try:
        with archive.open(name) as part:
            while piece := part.read(size):
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Unfit([Remark(file, f"{name} is damaged ({error})", "save it again")]) from None
