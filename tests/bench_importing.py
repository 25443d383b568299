"""How long an import takes and how much it holds, and reading what it made: `python -m tests.bench_importing`.

By default of made-up rows in the shape of the UPR export (tests/reviews.py); with --upr DIR of the real
one, which has no licence and is not in the repository.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from tests import reviews
from tests.bench import MIB, _fresh, _ratio

ROWS = 42_013
FILES = ("1-5", "6-9", "10-13", "14-17", "17-20", "voluntary")
MOST_SECONDS, MOST_BYTES, MOST_REJECTED = 90, 1.5 * 2**30, 0.001
BOMB_SECONDS, BOMB_BYTES = 1, 100e6

_TIMED = """
import json, resource, sys, time
begun = time.perf_counter()
from dashboard import cli
code = cli.main(sys.argv[1:])
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": time.perf_counter() - begun, "most": most, "exit": code}))
"""


def main() -> int:
    parser = asking("python -m tests.bench_importing", __doc__)
    parser.add_argument(
        "--no-peer", action="store_true", help="do not read the result with PyYAML, which takes minutes"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _report(Path(folder), given)
    return 0


def asking(name: str, about: str | None) -> argparse.ArgumentParser:
    """Asks which export a bench is to bring in: the real one, or how much of a made-up one."""
    parser = argparse.ArgumentParser(prog=name, description=about)
    parser.add_argument("--upr", type=Path, metavar="DIR", help="the folder of the real export")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"of the made-up export (default {ROWS})")
    return parser


def imported(folder: Path, given: argparse.Namespace, made: Path) -> dict[str, Any]:
    """Brings the export in as a registry at `made`; what was said, and what it took."""
    if given.upr:
        files = [given.upr / f"{name}.csv" for name in FILES]
    else:
        files = [reviews.write(folder, reviews.rows(given.rows))]
    return _run("import", *files, "--map", "upr-info", "--into", made, "--write", "--rejected", folder)


def _report(folder: Path, given: argparse.Namespace) -> None:
    made = folder / "made"
    took = imported(folder, given, made)
    lines = took["said"].splitlines()
    print("\n".join(lines[:-1]))
    rejected = int(next(line for line in lines if line.endswith("  rejected")).split()[0].replace(",", ""))
    total = int(lines[0].split()[0].replace(",", ""))
    registry = made / "recommendations.yaml"
    print(f"{'size of the registry':46} {registry.stat().st_size / MIB:8.1f} MiB")
    _goal("import, the whole process", took["seconds"], MOST_SECONDS, "s")
    _goal("memory at its most", took["most"] / MIB, MOST_BYTES / MIB, "MiB")
    _goal("rejected", 100 * rejected / total, 100 * MOST_REJECTED, "%")
    _bomb(folder)
    if not given.no_peer:
        ours, peer = _fresh("load", registry)["seconds"], _fresh("csafe", registry)["seconds"]
        print(f"{'load and validate the result (ours)':46} {ours:8.2f} s")
        print(f"{'PyYAML CSafeLoader + the same models':46} {peer:8.2f} s")
        _ratio("ours / PyYAML CSafeLoader", ours / peer, 1 / 6)


def _bomb(folder: Path) -> None:
    """A workbook of 200 KB whose sheet unpacks to 72 MB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"<c/>" * 18_000_000)
    path = folder / "bomb.xlsx"
    path.write_bytes(out.getvalue())
    took = _run("import", path, "--map", "inbox")
    assert took["exit"] == 1
    _goal("a zip bomb refused, the whole process", took["seconds"], BOMB_SECONDS, "s")
    _goal("memory at its most", took["most"] / MIB, BOMB_BYTES / MIB, "MiB")


def _run(*arguments: object) -> dict[str, Any]:
    command = [sys.executable, "-c", _TIMED, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *said, measured = done.stdout.splitlines()
    return {**json.loads(measured), "said": "\n".join(said)}


def _goal(name: str, found: float, most: float, unit: str) -> None:
    print(f"{name:46} {found:8.2f} {unit:4} goal {most:8.2f}  {'met' if found <= most else 'MISSED'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
