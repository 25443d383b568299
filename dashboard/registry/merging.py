"""Two changes of the registry brought together, entry by entry. Bytes in, bytes out.

Lines that stand side by side may belong to different entries: what counts is whether both sides
changed the same entry, not the same line.
"""

from dashboard.registry import events, slices
from dashboard.registry.commands import ENTRY_LISTS

LISTS = (*ENTRY_LISTS, "corrections")


class Conflict(Exception):
    """Both sides changed the same; the message names it."""


def merged(before: bytes | None, ours: bytes | None, theirs: bytes | None, name: str) -> bytes | None:
    """The file with what changed from `before` to `ours` made in `theirs`; None where it is deleted.

    Raises Conflict.
    """
    if ours == theirs or before == theirs:
        return ours
    if before == ours:
        return theirs
    if before is None or ours is None or theirs is None:
        raise Conflict(name)
    was, now, there = (_Parts(each) for each in (before, ours, theirs))
    if was.frame != now.frame:
        raise Conflict(f"{name}, outside its entries")
    if set(was.entries) - set(now.entries):
        raise Conflict(f"{name}: entries were deleted")
    data = theirs
    for key, entry in now.entries.items():
        if was.entries.get(key) == entry or there.entries.get(key) == entry:
            continue
        if was.entries.get(key) != there.entries.get(key):
            raise Conflict(key[1])
        data = _put(data, key, entry, now)
    try:
        _, problems = events.build(data, name)
    except events.Cut:
        raise Conflict(name) from None
    if problems:
        raise Conflict(name)
    return data


def _put(data: bytes, key: tuple[str, str], entry: bytes, ours: "_Parts") -> bytes:
    """The entry in the place of the one with its id, or behind the last of its list."""
    if span := ours.span(data, key):
        return data[: span.begin] + entry + data[span.end :]
    if spans := slices.entries(data, key[0]):
        return data[: spans[-1].end] + entry + data[spans[-1].end :]
    raise Conflict(f"the list {key[0]}")


class _Parts:
    """The entries of a file by list and id, and the rest of it as one."""

    def __init__(self, data: bytes) -> None:
        self.entries: dict[tuple[str, str], bytes] = {}
        cut: list[slices.Span] = []
        for key in LISTS:
            for span in slices.entries(data, key):
                self.entries[key, _name(span.of(data))] = span.of(data)
                cut.append(span)
        rest, at = [], 0
        for span in sorted(cut, key=lambda each: each.begin):
            rest.append(data[at : span.begin])
            at = span.end
        self.frame = [part for part in (*rest, data[at:]) if part.strip()]

    def span(self, data: bytes, key: tuple[str, str]) -> slices.Span | None:
        return next((s for s in slices.entries(data, key[0]) if _name(s.of(data)) == key[1]), None)


def _name(entry: bytes) -> str:
    """The entry's id; of a correction, which has none, its text."""
    plain, _ = events.build(entry + b"...\n", "an entry")
    first = plain[0] if isinstance(plain, list) and plain else {}
    return str(first.get("id") or sorted(first.items())) if isinstance(first, dict) else str(first)
