"""How long it takes to look at a thousand links, and whether every host is spared: `python -m tests.bench_links`.

All hosts are on this computer (tests/linkbed.py): what is measured is the pause that each is given, and our
own work. Nothing is asserted.
"""

import argparse
import resource
import sys
import threading
from collections import Counter, defaultdict
from itertools import pairwise
from time import perf_counter

from dashboard.inputs.links import PAUSE, looks
from tests.bench import MIB
from tests.linkbed import Asked, Bed, page

LINKS, HOSTS = 1_000, 50
MOST_SECONDS, MOST_BYTES = 60, 150 * MIB


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_links", description=__doc__)
    parser.add_argument("--links", type=int, default=LINKS, help=f"how many (default {LINKS})")
    parser.add_argument("--hosts", type=int, default=HOSTS, help=f"on how many hosts (default {HOSTS})")
    given = parser.parse_args()
    bed = Bed()
    for n in range(given.hosts):
        bed.host(f"host-{n}.example", _says)
    bed.names["inside.example"] = ["127.0.0.1"]
    asked = [f"http://host-{n % given.hosts}.example/{n // given.hosts}" for n in range(given.links)]
    before, began = _most(), perf_counter()
    found = Counter(str(look.answer) for _, look in looks(asked, bed.way()))
    _told(bed, found, perf_counter() - began, _most() - before)
    bed.close()
    return 0


def _says(asked: Asked) -> bytes:
    """Most pages answer; some are gone, some need GET, some have moved, and one leads to where nobody may go."""
    n = int(asked.path.strip("/"))
    if n == 3:
        return page(404, b"")
    if n == 5:
        return page(405 if asked.method == "HEAD" else 200, b"a" * 200_000)
    if n == 7:
        return page(301, b"", Location="/1")
    return page(302, b"", Location="http://inside.example/") if n == 9 else page()


def _told(bed: Bed, found: Counter[str], seconds: float, grown: int) -> None:
    times: defaultdict[str, list[Asked]] = defaultdict(list)
    for each in bed.asked:
        times[each.host].append(each)
    between = [
        later.began - earlier.ended
        for asked in times.values()
        for earlier, later in pairwise(sorted(asked, key=lambda each: each.began))
    ]
    print(f"{found.total():,} links on {len(times)} hosts, {len(bed.asked):,} requests: {dict(found)}")
    rows = (
        ("seconds", f"{seconds:.1f}", f"at most {MOST_SECONDS}"),
        (
            "memory more than before, MiB, the hosts' own included",
            f"{grown / MIB:.0f}",
            f"at most {MOST_BYTES / MIB:.0f}",
        ),
        ("requests to one host at the same time", sum(pause < 0 for pause in between), "0"),
        ("shortest pause between two requests to one host, s", f"{min(between):.3f}", f"at least {PAUSE:g}"),
        ("connections to where nobody may go", len(bed.canary), "0"),
        ("threads at the end of it", threading.active_count(), ""),
    )
    for what, figure, goal in rows:
        print(f"{what:56} {figure:>8}  {goal and f'goal: {goal}'}".rstrip())


def _most() -> int:
    """The most memory that this process ever held, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    sys.exit(main())
