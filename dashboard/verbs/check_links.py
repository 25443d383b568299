"""The verb `check-links`: whether the pages that the registry names still answer."""

import argparse
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from dashboard.registry import linked
from dashboard.registry.linked import BAD, Answer
from dashboard.registry.problems import counted, nearest, shown
from dashboard.verbs.asked import BAD_DATA, FINE, NO_ACCESS, Options, Usage, complain, good, say

if TYPE_CHECKING:
    from dashboard.inputs.links import Look
    from dashboard.inputs.reaching import Way

SAYS = "ask whether the pages that the registry names still answer, and keep what was found outside the registry"

KEEP_SECONDS = 1.0
"""Between two writings of what was found so far."""

WORDS: Mapping[Answer, str] = {
    Answer.ANSWERS: "answers",
    Answer.MOVED: "moved",
    Answer.REFUSES: "refuses machines",
    Answer.GONE: "gone",
    Answer.FAILS: "fails",
}

_DO = {
    Answer.MOVED: "read the page there; if it says the same, put that address in place of this one",
    Answer.REFUSES: "a person may still see it: open it in a browser",
    Answer.GONE: "look for an archived copy, and add it as archive_url and archived_on",
    Answer.FAILS: "open it in a browser; if it stays away, look for an archived copy, and add it as archive_url and archived_on",
}


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--only",
        nargs="+",
        action="extend",
        default=[],
        metavar="ID|HOST",
        help="only what these entries name, or what lies on these hosts",
    )


def act(options: Options, today: date) -> int:
    from dashboard.inputs.reaching import Way

    return checked(options.registry, options.only, today, Way())


def checked(path: Path, only: Collection[str], today: date, way: "Way", pause: float | None = None) -> int:
    """Asks for what was not asked for today yet, and says what is not fine. The exit code."""
    _, registry, code = good(path, today)
    named = linked.addresses(registry)
    wanted = _wanted(named, only)
    file = linked.place(path)
    run = _Run(file, today, dict(_before(file)))
    waiting = [address for address in wanted if run.results.get(address) is None or run.results[address].on != today]
    if len(waiting) < len(wanted):
        complain(f"{counted(len(wanted) - len(waiting), 'link')} asked today already; what was found stands")
    run.ask(waiting, way, pause)
    if not only and not run.offline:
        linked.keep(file, {}, only=named)
    return max(run.told(wanted, named), code)


def _wanted(named: Mapping[str, tuple[str, ...]], only: Collection[str]) -> list[str]:
    """The addresses that were asked for. Raises Usage where a name fits none."""
    from dashboard.inputs.links import host

    if not only:
        return list(named)
    known = {address: {host(address), *(entry.partition(" ")[2] for entry in named[address])} for address in named}
    everything = frozenset().union(*known.values()) - {""} if known else frozenset()
    for name in only:
        if name not in everything:
            raise Usage(f"--only: no address belongs to {shown(name)}; {nearest(name, everything)}")
    return [address for address in named if known[address].intersection(only)]


def _before(file: Path) -> linked.Results:
    try:
        return linked.read(file)
    except linked.Damaged as damaged:
        complain(f"{damaged}; what was found before is forgotten, and the file made anew")
        return {}


@dataclass
class _Run:
    """One run: what was found so far, kept as it comes, and what could not be checked and why."""

    file: Path
    today: date
    results: dict[str, linked.Result]

    def __post_init__(self) -> None:
        self.unchecked: dict[str, str] = {}
        self.reached = False

    def ask(self, waiting: Collection[str], way: "Way", pause: float | None) -> None:
        from dashboard.inputs import links

        new: dict[str, linked.Result] = {}
        kept = monotonic()
        came = links.looks(waiting, way, links.PAUSE if pause is None else pause)
        try:
            for address, look in _telling(came, len(waiting)):
                self._take(address, look, new)
                if monotonic() - kept > KEEP_SECONDS:
                    linked.keep(self.file, new)
                    new, kept = {}, monotonic()
        finally:  # whoever stops it keeps what was done
            if new:
                linked.keep(self.file, new)

    def _take(self, address: str, look: "Look", new: dict[str, linked.Result]) -> None:
        self.reached = self.reached or look.reached
        if look.answer is None:
            self.unchecked[address] = look.says
            return
        old = self.results.get(address)
        self.results[address] = new[address] = linked.found(old, look.answer, self.today, look.says, look.to)

    @property
    def offline(self) -> bool:
        """Whether there was something to ask, and nobody could be reached."""
        return bool(self.unchecked) and not self.reached

    def told(self, wanted: Collection[str], named: Mapping[str, tuple[str, ...]]) -> int:
        """Says what is not fine, and how many are; the exit code."""
        for address in () if self.offline else wanted:
            for line in self._lines(address, named[address]):
                say(line)
        fresh = {address: self.results[address].answer for address in wanted if address not in self.unchecked}
        counts = Counter(fresh.values())
        parts = [f"{counts[answer]:,} {word}" for answer, word in WORDS.items() if counts[answer]]
        parts += [f"{len(self.unchecked):,} not checked"] if self.unchecked else []
        say(f"{counted(len(wanted), 'link')}: {', '.join(parts) or 'nothing to ask'}")
        if self.offline:
            complain("nothing could be reached: this computer seems to be offline; nothing is said of any page by that")
            return NO_ACCESS
        return BAD_DATA if any(counts[answer] for answer in BAD) else FINE

    def _lines(self, address: str, entries: tuple[str, ...]) -> Iterator[str]:
        """What an editor should know of one address; nothing where it is fine."""
        if why := self.unchecked.get(address):
            yield f"not checked: {', '.join(entries)}"
            yield f"  {address}"
            yield f"  {why}"
            return
        found = self.results[address]
        if found.answer is Answer.ANSWERS:
            return
        since = f", looked on {found.on}" if found.since in (None, found.on) else f", since {found.since}"
        yield f"{WORDS[found.answer]}: {', '.join(entries)}"
        yield f"  {address}"
        yield f"  {found.says}{since}; {_DO[found.answer]}"


def _telling(came: "Iterator[tuple[str, Look]]", total: int) -> "Iterator[tuple[str, Look]]":
    """The same, saying on the way how far it is: in one line of a terminal, else now and then."""
    line, every = sys.stderr.isatty(), max(total // 10, 50)
    for n, each in enumerate(came, 1):
        if line:
            sys.stderr.write(f"\r{'█' * (30 * n // total):30} {n:,} of {total:,} links")
            sys.stderr.flush()
        elif n % every == 0:
            complain(f"{n:,} of {total:,} links")
        yield each
    if line and total:
        sys.stderr.write("\n")
