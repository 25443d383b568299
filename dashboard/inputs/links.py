"""Looks whether pages still answer: many hosts side by side, each host one request at a time and with a pause.

What a host asks of programs in its robots.txt is kept. Where it cannot be told whether a page is gone or
this computer is offline, nothing is said of the page.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic

from dashboard.inputs import addresses, reaching, robots
from dashboard.inputs.addresses import Refused, Target
from dashboard.inputs.reaching import REDIRECTS, Broken, Failed, Heard, NotNow, Way
from dashboard.registry.linked import Answer

PAUSE = 1.0
"""Seconds between two requests to one host."""

MOST_REDIRECTS = 3
SIDE_BY_SIDE = 64

REFUSING = (401, 402, 403, 405, 406, 407, 418, 429, 451, 999)
"""With these a host often sends programs away, and shows the page to people."""


@dataclass(frozen=True, slots=True)
class Look:
    """What came of asking for an address; without an answer it was not checked. `says`: in plain words why.

    `reached`: whether anybody was reached on the way.
    """

    answer: Answer | None
    says: str
    to: str = ""
    reached: bool = True


class Kept(Exception):
    """It may not be asked for now; the words say why."""


class _Stopped(Exception):
    """Nobody waits for the rest."""


def looks(asked: Collection[str], way: Way, pause: float = PAUSE) -> Iterator[tuple[str, Look]]:
    """Each address with what came of it, as they come; whoever stops listening stops the asking.

    Until somebody is reached, a failure may be ours: those looks come last, and say nothing where nobody was.
    """
    held: list[tuple[str, Look]] = []
    reached = False
    for address, look in _as_they_come(asked, way, pause):
        reached = reached or look.reached
        if reached or look.answer is None:
            yield address, look
        else:
            held.append((address, look))
        if reached:
            yield from held
            held.clear()
    for address, look in held:
        yield address, replace(look, answer=None, says=f"{look.says}; nobody else could be reached either")


def _as_they_come(asked: Collection[str], way: Way, pause: float) -> Iterator[tuple[str, Look]]:
    hosts: defaultdict[str, list[str]] = defaultdict(list)
    for address in asked:
        hosts[host(address)].append(address)
    waiting = iter(sorted(hosts.values(), key=len, reverse=True))  # each thread takes the next
    done: SimpleQueue[tuple[str, Look] | Exception] = SimpleQueue()
    round_ = _Round(way, pause)

    def work() -> None:
        try:
            for of_host in waiting:
                for address in of_host:
                    done.put((address, round_.look(address)))
        except _Stopped:
            return
        except Exception as fault:
            done.put(fault)

    for _ in range(min(SIDE_BY_SIDE, len(hosts))):
        Thread(target=work, daemon=True).start()
    try:
        for _ in asked:
            came = done.get()
            if isinstance(came, Exception):
                raise came
            yield came
    finally:
        round_.stopped.set()


def host(address: str) -> str:
    """The host that an address names; empty where it is never asked."""
    try:
        return addresses.target(address).host
    except Refused:
        return ""


# --- one address ------------------------------------------------------------------------------------


@dataclass
class _Turn:
    """Whose turn it is to ask a host, and when the last request to it ended."""

    lock: Lock = field(default_factory=Lock)
    last: float = float("-inf")


class _Round:
    """What is known of hosts while addresses are asked for."""

    def __init__(self, way: Way, pause: float) -> None:
        self.stopped = Event()
        self._way, self._pause = way, pause
        self._lock = Lock()
        self._turns: defaultdict[str, _Turn] = defaultdict(_Turn)
        self._asked: defaultdict[str, Lock] = defaultdict(Lock)
        self._rules: dict[str, robots.Rules | Exception] = {}
        self._waits: set[str] = set()

    def look(self, address: str) -> Look:
        """What comes of asking for an address, and for those to which it leads."""
        at = ""
        try:
            start = target = addresses.target(address)
            for _ in range(MOST_REDIRECTS + 1):
                heard = self._page(target)
                if not heard.location:
                    return _told(heard, target if _bare(target) != _bare(start) else None)
                at = f"it leads to another address, {heard.location[:200]}: "
                target = addresses.led(target, heard.location)
        except Refused as why:
            return Look(None, f"{at}{why}", reached=bool(at))
        except Kept as why:
            return Look(None, f"{at}{why}")
        except Failed as why:
            answer = None if isinstance(why, NotNow) else Answer.FAILS
            return Look(answer, f"{at}{why}", reached=why.reached or bool(at))
        return Look(Answer.FAILS, f"it leads on more than {MOST_REDIRECTS} times")

    def _page(self, target: Target) -> Heard:
        """What a page answers to HEAD, or where that tells too little, to GET. Raises Refused, Kept, Failed."""
        if not self._rules_of(target).allow(target.path):
            raise Kept(f"the robots.txt of {target.host} asks programs to stay away from it")
        try:
            heard = self._ask("HEAD", target)
            if heard.location or heard.status < 300 or heard.wait:
                return heard
        except Broken:
            pass
        return self._ask("GET", target)

    def _ask(self, method: str, target: Target) -> Heard:
        """One request, when the turn has come and the pause is over."""
        with self._lock:
            turn = self._turns[target.host]
        with turn.lock:
            if target.host in self._waits:
                raise Kept(f"{target.host} asks to be left alone for a while")
            if self.stopped.wait(max(turn.last + self._pause - monotonic(), 0)):
                raise _Stopped
            try:
                heard = reaching.ask(method, target, self._way)
            finally:
                turn.last = monotonic()
            if heard.wait:
                self._waits.add(target.host)
            return heard

    # --- robots.txt ---------------------------------------------------------------------------------

    def _rules_of(self, target: Target) -> robots.Rules:
        """What the host asks of programs; asked for once. Raises Refused, Kept, Failed."""
        with self._lock:
            lock = self._asked[target.origin]
        with lock:
            if target.origin not in self._rules:
                self._rules[target.origin] = self._fetched(target)
            rules = self._rules[target.origin]
        if isinstance(rules, Exception):
            raise rules
        return rules

    def _fetched(self, target: Target) -> robots.Rules | Exception:
        """By RFC 9309: what is not there forbids nothing; what cannot be read forbids all."""
        at = replace(target, path="/robots.txt")
        for n in range(MOST_REDIRECTS + 1):
            try:
                heard = self._ask("GET", at)
                if not heard.location:
                    return _rules(heard, target)
                at = addresses.led(at, heard.location)
            except (Refused, Failed) as why:
                if n == 0 and not isinstance(why, Broken):  # then the page cannot be reached either
                    return why
                return Kept(f"the robots.txt of {target.host} could not be read: {why}")
            except Kept as why:
                return why
        return robots.EVERYTHING


def _rules(heard: Heard, target: Target) -> robots.Rules | Exception:
    if heard.wait or heard.status >= 500:
        return Kept(f"the robots.txt of {target.host} could not be read: answered with {heard.status}")
    if heard.status >= 300:
        return robots.EVERYTHING
    return robots.read(heard.body.decode("utf-8", "replace"), reaching.TOKEN)


def _bare(target: Target) -> tuple[str, str]:
    """What an address names: with or without www, over https or not, with a slash at the end or none is the same page."""
    return target.host.removeprefix("www."), target.path.rstrip("/")


def _told(heard: Heard, moved: Target | None) -> Look:
    """What an answer means."""
    says = f"answered with {heard.status}"
    if heard.status < 300:
        return Look(Answer.MOVED, f"answers at {moved}", str(moved)) if moved else Look(Answer.ANSWERS, says)
    if moved:
        says += f" at {moved}"
    if heard.status in (404, 410):
        return Look(Answer.GONE, says)
    if heard.status in REFUSING:
        return Look(Answer.REFUSES, says)
    return Look(Answer.FAILS, f"{says}, and leads nowhere" if heard.status in REDIRECTS else says)
