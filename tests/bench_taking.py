"""How long it takes to take the records away, beside pandas and openpyxl: part of `make bench`.

Each measurement has a process of its own, in which the registry was read, its frame made and an empty
table exported before, as in a server that has run for a while. Ours counts the making of the table from
the frame; the peer gets the finished cells.
"""

import argparse
import gc
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from tests import generate
from tests.small import ROOT

GOALS = {"csv": 0.5, "parquet": 0.3}
"""Format to the seconds that 10,000 records may take."""

PEER_GOAL = 0.6
"""How many times as long as the peer a workbook may take."""

Export = Callable[[], bytes]


def report(large: Path, repetitions: int) -> None:
    """Prints how long each format takes for the registry at `large`, in seconds."""
    turns = [{format: _fresh(format, large) for format in GOALS} for _ in range(repetitions)]
    for format, goal in GOALS.items():
        found = _row(f"records as {format}", [turn[format] for turn in turns])
        print(f"{'':46} {found:8.2f}s  goal {goal:6.2f}s  {'met' if found <= goal else 'MISSED'}")
    pairs = [(_fresh("xlsx", large), _fresh("peer", large)) for _ in range(max(repetitions // 2, 1))]
    ours = _row("records as xlsx (ours)", [pair[0] for pair in pairs])
    peer = _row("the same cells by pandas and openpyxl", [pair[1] for pair in pairs])
    print(f"{'ours / pandas and openpyxl':46} {ours / peer:8.2f}x  goal {PEER_GOAL:6.2f}x  {'met' if ours / peer <= PEER_GOAL else 'MISSED'}")  # fmt: skip


def _row(name: str, seconds: list[float]) -> float:
    print(f"{name:46} {median(seconds):8.3f}s {min(seconds):8.3f}s {max(seconds):8.3f}s  {len(seconds):4}", flush=True)
    return median(seconds)


def _fresh(what: str, path: Path) -> float:
    command = [sys.executable, "-m", "tests.bench_taking", "--measure", what, "--path", str(path)]
    return float(json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout))


def _measured(what: str, path: Path) -> float:
    """Seconds of one export."""
    export = _export(what, path)
    gc.collect()
    gc.freeze()
    begun = time.perf_counter()
    made = export()
    seconds = time.perf_counter() - begun
    assert len(made) > 100_000
    return seconds


def _export(what: str, path: Path) -> Export:
    import pandas as pd

    from dashboard.outputs import exported, tables
    from dashboard.progress.filters import Filters
    from tests.taken import registry, view

    shown = view(registry(path, generate.TODAY), as_of=generate.TODAY, today=generate.TODAY)
    assert len(shown.kept)
    if what != "peer":
        exported.one(replace(shown, filters=Filters(q="nobody says this")), "records", what)  # loads the libraries
        return lambda: exported.one(shown, "records", what)
    of = tables.table(shown, "records")
    cells = [[" ".join(value) if isinstance(value, tuple) else value for value in line] for line in of.lines]
    frame = pd.DataFrame(cells, columns=[column.name for column in of.columns], dtype=object)

    def peer() -> bytes:
        out = io.BytesIO()
        frame.to_excel(out, index=False, engine="openpyxl")
        return out.getvalue()

    return peer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_taking", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000, help="size of the registry (default 10000)")
    parser.add_argument("--repetitions", type=int, default=5, help="of each measurement (default 5)")
    parser.add_argument("--measure", choices=("csv", "parquet", "xlsx", "peer"), help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(_measured(given.measure, given.path)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        report(generate.write(Path(folder), generate.registry(1, given.records)), given.repetitions)
    return 0


if __name__ == "__main__":
    sys.exit(main())
