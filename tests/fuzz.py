"""Throw spoilt registries at the reader: `python -m tests.fuzz [--seed N] [--inputs N] [--mutations N]`.

Whatever the bytes, reading ends within a second in models and problems, never in an exception, a
signal or a hang; whatever is refused has a line and a column; what was cut off is never accepted
in silence. Every input follows from the seed and its number, so that one that kills its process
is known too. Exits 1 on any breach and prints the smallest input that shows it.
"""

import argparse
import multiprocessing
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from ctypes import c_double, c_long
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing.connection import Connection, wait
from pathlib import Path
from random import Random, SystemRandom

from dashboard.registry import problems, reader, rules
from dashboard.registry.reader import Loaded, Texts
from tests.generate import TODAY

SHIPPED = Path(__file__).resolve().parent.parent / "recommendations.yaml"
SLOW = 1.0
"""Seconds of processor time that one input may take."""
HUNG = 30.0
"""Seconds after which an input that has not ended is killed."""
MOST = 100
"""Breaches after which a killed process is not replaced any more."""
SMALL = 2048

TOKENS = (
    "&a ", "*a", "*a\n", "<<: *a\n", "!!int ", "!x ", "!!python/object/apply:os.system ", "? ", "?\n", "- ", "-\n", ": ", ":\n",
    "[", "]", "{", "}", ",", "[[[[[[[[[[", "{a: " * 12, "|\n", ">-\n", "|2+\n", "'", '"', "''", '""', "#", " #", "%YAML 1.1\n",
    "---\n", "...\n", "\n...\n", "\n---\n", "\t", "\r", "\r\n", "\n", "\n\n", " ", "  ", "~", "null", "true", "No", "0x1F", "1:30",
    "1_000", ".nan", "2024-02-30", "9999-12-31", "0000-01-01", "0000", "2024~", "2099-01-01", "٣", "2024-٠١", "\ufeff", "\u2028",
    "\u0085", "\u202e", "\u200b", "\x00", "\x1b[31m", "\x7f", '"\\ud800"', '"\\0"', '"\\x1b[2J"', '"\\u202E"', '"\\N"', '"\\q"',
    "<<<<<<< HEAD\n", "=======\n", ">>>>>>> x\n", "a@b.kz", "+7 701 123 45 67", "8 701 123 45 67", "https://u:p@example.org/", "@", "`",
    "source:a#1", "source:#", "source:report#0", "source:report#99999", "editors", "И", "и\u0306", "ʼ", "😀", "a" * 70, "9" * 40,
    "[2024]", "{en: 2024}", "[]", "{}", "[[]]", "2024-00", "[state]", "{state: law}",
)  # fmt: skip
RAW = (b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80", b"\x00\x00")

SOURCE = """\
id: report
title: A report
publisher: An institute
owner: independent
form: report
published: 2020-05
url: https://example.org/report
language: en
licence: all rights reserved
rights: quote-only
summary: {en: What it says, ru: О чём он, kk: Не туралы}
not_tracked:
  - {paragraph: 2, quote: progress was made, reason: description}
...
"""
REGISTRY = """\
version: 1
title: A small registry
publisher: {name: not yet named, contact: "desk@example.org"}
licence: CC-BY-4.0
themes:
  - {id: safety, name: {en: Safety, ru: Безопасность, kk: Қауіпсіздік}, headline: true}
actors:
  - {id: state, name: {en: The state, ru: Государство, kk: Мемлекет}, kind: state, side: state}
  - {id: ministry, name: {en: M, ru: М, kk: М}, kind: government, side: state, part_of: state}
  - {id: bureau, name: {en: B, ru: Б, kk: Б}, kind: civil-society, side: society}
evidence:
  - id: law
    says: {en: "The law was signed", ru: Закон подписан}
    owner: state
    owned_by: state
    form: document-with-effect
    url: https://example.org/law
    publisher: The gazette
    published: 2024-04-15
recommendations:
  - id: join-convention
    title: {en: Join, ru: Вступить, kk: Қосылу}
    kind: recommendation
    theme: safety
    origin:
      - source: report
        paragraph: 3
        quote: should join the convention
        by: bureau
        told: own
    actors:
      - {actor: state, role: must-act, basis: inferred}
    done_when:
      - en: It is signed
        ru: Подписано
        kk: Қол қойылды
    steps:
      - {step: Signed, state: done, on: 2024-04-15, evidence: [law]}
    assessments:
      - status: implemented
        as_of: 2024-04-15
        assessed_on: 2024-05
        by: editors
        evidence: [law]
        conditions_met: [{condition: 1, evidence: [law]}]
        note: >-
          As the law
          says
...
"""


def main() -> int:
    given = _arguments()
    seed = SystemRandom().randrange(10**9) if given.seed is None else given.seed
    print(f"seed {seed}")
    small = Texts("recommendations.yaml", REGISTRY.encode(), {"sources/report.yaml": SOURCE.encode()})
    breaches = _run("made-up inputs", Campaign(seed, small, SMALL), given.inputs, given.workers)
    if given.mutations and SHIPPED.exists():
        shipped = Campaign(seed + 1, reader.texts(SHIPPED), 0, max(TODAY, date.today()))
        breaches += _run("mutations of the shipped registry", shipped, given.mutations, given.workers)
    for what, alike in _by_kind(breaches).items():
        _say(what, min(alike, key=lambda breach: len(breach.data)), len(alike))
    return 1 if breaches else 0


def _by_kind(breaches: list["Breach"]) -> dict[str, list["Breach"]]:
    """Breaches by the first words of what happened."""
    kinds: dict[str, list[Breach]] = {}
    for breach in breaches:
        kinds.setdefault(breach.what.partition(": ")[0], []).append(breach)
    return kinds


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, help="repeat a run (default: a new one, printed)")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="made-up inputs of up to 2 KB (default 1000000)")
    parser.add_argument(
        "--mutations", type=int, default=20_000, help="mutations of the shipped registry (default 20000)"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2)")
    return parser.parse_args()


def _say(what: str, breach: "Breach", number: int) -> None:
    print(
        f"\n{number} x {what}\n  the smallest: input {breach.number}, {breach.file}, {len(breach.data)} bytes; {breach.what}"
    )
    print(f"  {breach.data!r}" if len(breach.data) <= 2 * SMALL else "  (too long to show: --seed repeats it)")


@dataclass(frozen=True, slots=True)
class Breach:
    what: str
    file: str
    data: bytes
    number: int


# --- making inputs --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spoilt:
    """An input: the texts, which of them was changed, and whether something was only cut off its end."""

    texts: Texts
    file: str
    data: bytes
    cut: bool = False
    lossy: bool = False


@dataclass(frozen=True, slots=True)
class Campaign:
    """A registry to spoil; `limit` bytes at most come of it (0: no limit)."""

    seed: int
    base: Texts
    limit: int
    today: date = TODAY

    def input(self, number: int) -> Spoilt:
        random = Random(self.seed * 1_000_003 + number)
        files = {self.base.name: self.base.registry, **self.base.sources}
        file = self.base.name if random.random() < 0.85 else random.choice(sorted(files))
        kind = random.randrange(8)
        cut = lossy = False
        if kind == 0:
            data, cut = _truncated(random, files[file]), True
        elif kind == 1:
            data, lossy = random.choice((_deleted, _doubled, _line_gone))(random, files[file]), True
        elif kind == 2 and self.limit:
            data = _soup(random, files[file])
        else:
            data = files[file]
            for _ in range(random.choice((1, 1, 1, 2, 4))):
                data = random.choice(CHANGES)(random, data) if data else data
        if self.limit and not cut and not lossy:
            data = data[: self.limit]
        return Spoilt(_with(self.base, file, data), file, data, cut, lossy)


def _with(base: Texts, file: str, data: bytes) -> Texts:
    if file == base.name:
        return replace(base, registry=data)
    return replace(base, sources={**base.sources, file: data})


def _truncated(random: Random, data: bytes) -> bytes:
    return data[: random.randrange(len(data))]


def _deleted(random: Random, data: bytes) -> bytes:
    begin = random.randrange(len(data))
    return data[:begin] + data[begin + random.choice((1, 2, 10, 100, 1000)) :]


def _line_gone(random: Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    begin = random.randrange(len(lines))
    return b"".join(lines[:begin] + lines[begin + random.choice((1, 1, 3, 20)) :])


def _doubled(random: Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True)
    begin = random.randrange(len(lines))
    end = begin + random.choice((1, 1, 3, 20))
    return b"".join(lines[:end] + lines[begin:])


def _flipped(random: Random, data: bytes) -> bytes:
    spoilt = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8))):
        if spoilt:
            spoilt[random.randrange(len(spoilt))] = random.randrange(256)
    return bytes(spoilt)


def _inserted(random: Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + _token(random) + data[at:]


def _replaced(random: Random, data: bytes) -> bytes:
    """A value of a line exchanged for a token."""
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    key, colon, _ = lines[at].partition(b": ")
    lines[at] = key + colon + _token(random).rstrip(b"\n")
    return b"\n".join(lines)


def _spliced(random: Random, data: bytes) -> bytes:
    begin, other = (random.randrange(len(data) + 1) for _ in range(2))
    return data[:begin] + data[other : other + random.randrange(200)] + data[begin + random.randrange(60) :]


def _shifted(random: Random, data: bytes) -> bytes:
    """A few lines indented more or less."""
    lines = data.split(b"\n")
    begin = random.randrange(len(lines))
    for n in range(begin, min(len(lines), begin + random.choice((1, 3, 10)))):
        lines[n] = b"  " + lines[n] if random.random() < 0.5 else lines[n].removeprefix(b"  ")
    return b"\n".join(lines)


def _soup(random: Random, data: bytes) -> bytes:
    """Tokens and pieces of lines in any order, sometimes with an end mark."""
    lines = data.split(b"\n")
    parts = [
        random.choice(lines) + b"\n" if random.random() < 0.4 else _token(random) for _ in range(random.randrange(30))
    ]
    return b"".join(parts) + random.choice((b"", b"\n...\n"))


def _token(random: Random) -> bytes:
    return random.choice(RAW) if random.random() < 0.05 else random.choice(TOKENS).encode()


CHANGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    _flipped, _inserted, _inserted, _replaced, _replaced, _spliced, _shifted, _deleted, _doubled,
)  # fmt: skip


# --- judging --------------------------------------------------------------------------------------


def faults(spoilt: Spoilt, good: Loaded, today: date = TODAY) -> Iterator[str]:
    """What reading this input breaks of what is promised."""
    begun = time.process_time()
    try:
        loaded = reader.read(spoilt.texts, today)
        shown = [form(loaded.problems) for form in (problems.as_text, problems.as_github, problems.as_json)]
        "".join(shown).encode()
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        yield f"uncaught {type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {error}"
        return
    if (took := time.process_time() - begun) > SLOW:
        yield f"took {took:.2f} s"
    for text in shown:
        if not text.replace("\n", "").replace("\u00a0", "").isprintable():
            yield f"a message that a terminal would obey: {text[:40]!a}"
    yield from _unplaced(spoilt, loaded)
    yield from _silent(spoilt, loaded, good)


def _unplaced(spoilt: Spoilt, loaded: Loaded) -> Iterator[str]:
    if loaded.registry is None and not loaded.errors:
        yield "no registry and no error"
    # libyaml takes U+0085, U+2028 and U+2029 for line ends too; a file with one is refused anyway.
    lines = {
        spoilt.file: sum(
            spoilt.data.count(end) for end in (b"\n", b"\r", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")
        )
        + 2
    }
    for problem in loaded.problems:
        if problem.line < 1 or problem.column < 1 or problem.line > lines.get(problem.file, problem.line):
            yield f"a problem outside the file: {problem.place()} {problem.message()[:100]}"
            return


def _silent(spoilt: Spoilt, loaded: Loaded, good: Loaded) -> Iterator[str]:
    """Only a cut behind the end mark is harmless; a record is never lost without a word."""
    if loaded.errors or loaded.registry is None or good.registry is None:
        return
    if spoilt.cut and (loaded.registry.file, loaded.registry.sources) != (good.registry.file, good.registry.sources):
        yield "cut off and accepted in silence"
    lost = spoilt.lossy and good.registry.records.keys() - loaded.registry.records.keys()
    if lost and not list(rules.against(good.registry, loaded.registry, spoilt.texts.name)):
        yield "a record lost and not reported against the state before"


# --- running --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Worker:
    process: multiprocessing.Process
    reports: Connection
    at: "multiprocessing.sharedctypes._SimpleCData"
    since: "multiprocessing.sharedctypes._SimpleCData"
    end: int


def _run(name: str, campaign: Campaign, inputs: int, workers: int) -> list[Breach]:
    """Inputs 0 to `inputs` in so many processes; a killed one is replaced behind the input that killed it."""
    if reader.read(campaign.base, campaign.today).errors:
        sys.exit(f"{campaign.base.name} has errors of its own: mend it first (python -m dashboard validate)")
    begun = time.perf_counter()
    breaches: list[Breach] = []
    share = -(-inputs // workers)
    alive = [_start(campaign, n * share, min(inputs, (n + 1) * share)) for n in range(workers)]
    peak = 0
    while alive:
        wait([worker.reports for worker in alive], timeout=1)
        for worker in list(alive):
            done, killed_by = _heard(worker, campaign, breaches)
            if not done:
                continue
            alive.remove(worker)
            peak = max(peak, done)
            if killed_by and len(breaches) < MOST:
                spoilt = campaign.input(worker.at.value)
                breaches.append(Breach(killed_by, spoilt.file, spoilt.data, worker.at.value))
                alive.append(_start(campaign, worker.at.value + 1, worker.end))
    took = time.perf_counter() - begun
    print(
        f"{name}: {inputs:,} inputs in {took:.0f} s, {inputs / max(took, 0.001):,.0f} a second, "
        f"{workers} processes of at most {peak / 1024:.0f} MiB; {len(breaches)} breaches",
        flush=True,
    )
    return breaches


def _start(campaign: Campaign, first: int, end: int) -> _Worker:
    ours, theirs = multiprocessing.Pipe(duplex=False)
    at, since = multiprocessing.RawValue(c_long, first), multiprocessing.RawValue(c_double, time.monotonic())
    process = multiprocessing.Process(target=_work, args=(campaign, first, end, theirs, at, since))
    process.start()
    theirs.close()
    return _Worker(process, ours, at, since, end)


def _heard(worker: _Worker, campaign: Campaign, breaches: list[Breach]) -> tuple[int, str]:
    """(peak KiB once it has ended, how it was killed): takes in what the worker reports meanwhile."""
    try:
        while worker.reports.poll():
            report = worker.reports.recv()
            if isinstance(report, int):
                worker.process.join()
                return report, ""
            breaches.append(report)
    except EOFError:
        worker.process.join()
        code = worker.process.exitcode or 0
        return 1, f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    if time.monotonic() - worker.since.value > HUNG:
        worker.process.kill()
        worker.process.join()
        return 1, f"not done after {HUNG:.0f} s"
    return 0, ""


def _work(campaign: Campaign, first: int, end: int, reports: Connection, at: object, since: object) -> None:
    good = reader.read(campaign.base, campaign.today)
    for number in range(first, end):
        at.value, since.value = number, time.monotonic()  # type: ignore[attr-defined]
        spoilt = campaign.input(number)
        for what in faults(spoilt, good, campaign.today):
            reports.send(Breach(what, spoilt.file, spoilt.data, number))
    reports.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    sys.exit(main())
