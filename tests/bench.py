"""How long reading and saving take and how much memory, beside other tools: `python -m tests.bench`.

Every measurement has a process of its own and its peers in the same run. Nothing is asserted: a
time is a matter of the machine, a ratio is what to look at.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from tests import bench_taking, generate

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "recommendations.yaml"
MIB = 2**20


def main() -> int:
    given = _arguments()
    if given.measure:
        print(json.dumps(MEASURES[given.measure](given.path)))
        return 0
    if not given.pages_only:
        with tempfile.TemporaryDirectory() as folder:
            _report(Path(folder), given.records, given.repetitions)
    if not given.no_pages:
        from tests import bench_pages  # brings the browser

        bench_pages.report(given.repetitions)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000, help="size of the large registry (default 10000)")
    parser.add_argument("--repetitions", type=int, default=5, help="of each quick measurement (default 5)")
    parser.add_argument("--pages-only", action="store_true", help="measure only the pages in the browser")
    parser.add_argument("--no-pages", action="store_true", help="measure everything but the pages")
    parser.add_argument("--measure", choices=sorted(MEASURES), help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _report(folder: Path, records: int, repetitions: int) -> None:
    large = generate.write(folder / "large", generate.registry(1, records))
    small = generate.write(folder / "small", generate.registry(1, records // 10))
    size = large.stat().st_size
    print(
        f"{records:,} records, {size / MIB:.1f} MiB ({size / records:,.0f} bytes each); Python {platform.python_version()}"
    )
    print(f"{'':46} {'median':>9} {'least':>9} {'most':>9}  runs")
    _large(large, small, size, repetitions)
    _saving(large, small, repetitions)
    _whole_processes(folder, small, repetitions)
    print()
    bench_taking.report(large, repetitions)


def _large(large: Path, small: Path, size: int, repetitions: int) -> None:
    """Reading in process, without the start of Python. Ours and its floor take turns."""
    ours, events = _turns(repetitions, lambda: _fresh("load", large), lambda: _fresh("discard", large))
    csafe = [_fresh("csafe", large)]
    ruamel = [_fresh("ruamel", small)]
    for row in ruamel:
        row["seconds"] *= 10
    loading = _row("load and validate (ours)", ours)
    floor = _row("read the same events, throw them away", events)
    safe = _row("PyYAML CSafeLoader + the same models", csafe)
    trip = _row("ruamel.yaml, a tenth of the records x10", ruamel)
    growth = median(row["growth"] for row in ours)
    print()
    _ratio("ours / PyYAML CSafeLoader", loading / safe, 1 / 6)
    _ratio("ours / ruamel.yaml", loading / trip, 1 / 30)
    _ratio("ours / discarded events", loading / floor, 2.2)
    _ratio(f"memory: {growth / MIB:,.0f} MiB / size of the file", growth / size, 10)
    print()


def _saving(large: Path, small: Path, repetitions: int) -> None:
    """One status saved through the door, in a folder that git does not know, beside what a YAML library does."""
    known, unknown = _turns(repetitions, lambda: _fresh("save-known", large), lambda: _fresh("save", large))
    ruamel = [_fresh("ruamel-save", small)]
    for row in ruamel:
        row["seconds"] *= 10
    server = _row("save one status, read before (the server)", known)
    alone = _row("save one status, not read before", unknown)
    trip = _row("ruamel.yaml load and dump, a tenth x10", ruamel)
    print()
    _ratio("saved, read before / ruamel.yaml", server / trip, 1 / 50)
    _ratio("saved, not read before / ruamel.yaml", alone / trip, 1 / 50)
    print()


def _whole_processes(folder: Path, small: Path, repetitions: int) -> None:
    """Commands as somebody types them, the start of Python and all imports included."""
    from dashboard.registry.schema import schemas

    schema = folder / "schema.json"
    schema.write_text(json.dumps(schemas()["recommendations.schema.json"]), encoding="utf-8")
    validate = [sys.executable, "-m", "dashboard", "validate"]
    check = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), str(small)]
    imports = [sys.executable, "-c", "from pydantic import BaseModel; import yaml"]
    ours = _row(
        "validate the tenth, whole process (ours)", [_process([*validate, str(small)]) for _ in range(repetitions)]
    )
    peer = _row("check-jsonschema, whole process", [_process(check)])
    if SHIPPED.exists():
        mine, bare = _turns(repetitions, lambda: _process([*validate, str(SHIPPED)]), lambda: _process(imports))
        shipped = _row("validate the shipped registry, whole process", mine)
        start = _row("python: import pydantic's BaseModel and yaml", bare)
    print()
    _ratio("ours / check-jsonschema", ours / peer, 1 / 8)
    if SHIPPED.exists():
        _ratio("shipped registry / bare imports", shipped / start, 3)


# --- measuring ------------------------------------------------------------------------------------

Measured = dict[str, Any]


def _turns(
    times: int, one: Callable[[], Measured], other: Callable[[], Measured]
) -> tuple[list[Measured], list[Measured]]:
    """Both, in turn, so that a busy minute hits both alike."""
    pairs = [(one(), other()) for _ in range(times)]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _fresh(measure: str, path: Path) -> Measured:
    command = [sys.executable, "-m", "tests.bench", "--measure", measure, "--path", str(path)]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(out))


def _process(command: list[str]) -> Measured:
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return {"seconds": time.perf_counter() - begun, "exit": done.returncode, "said": (done.stdout + done.stderr)[-300:]}


def _row(name: str, measured: list[Measured]) -> float:
    seconds = [row["seconds"] for row in measured]
    failed = {row["exit"] for row in measured if row.get("exit")}
    note = f"   EXIT {failed}: {measured[0]['said'].splitlines()[-1:]}" if failed else ""
    print(
        f"{name:46} {median(seconds):8.3f}s {min(seconds):8.3f}s {max(seconds):8.3f}s  {len(seconds):4}{note}",
        flush=True,
    )
    return median(seconds)


def _ratio(name: str, found: float, goal: float) -> None:
    shown, wanted = (f"1/{1 / value:.1f}" if value < 0.5 else f"{value:.2f}x" for value in (found, goal))
    print(f"{name:46} {shown:>9}  goal {wanted:>7}  {'met' if found <= goal else 'MISSED'}", flush=True)


@dataclass
class _Stopwatch:
    """Seconds spent inside it, and by how much the peak of memory grew."""

    seconds: float = 0.0
    growth: int = 0

    def __enter__(self) -> "_Stopwatch":
        self._peak, self._begun = _peak(), time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._begun
        self.growth += _peak() - self._peak

    def result(self) -> Measured:
        return {"seconds": self.seconds, "growth": self.growth}


def _peak() -> int:
    """The most memory that this process has held, in bytes (VmHWM)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _load(path: Path) -> Measured:
    from dashboard.registry import reader

    with _Stopwatch() as watch:
        loaded = reader.load(path, generate.TODAY)
    assert loaded.errors == 0, loaded.problems[:3]
    return watch.result()


def _discard(path: Path) -> Measured:
    """The floor for anything built on libyaml's events: make each in Python, keep none."""
    import gc

    from yaml.cyaml import CParser
    from yaml.events import StreamEndEvent

    gc.disable()
    with _Stopwatch() as watch:
        read = CParser(path.read_bytes()).get_event
        while type(read()) is not StreamEndEvent:
            pass
    return watch.result()


def _csafe(path: Path) -> Measured:
    """The usual way. Making its values text again, as the models want them, is not counted."""
    import yaml
    from pydantic import TypeAdapter

    from dashboard.registry.model import RegistryFile

    models = TypeAdapter(RegistryFile)
    with _Stopwatch() as watch:
        plain = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    plain = _as_text(plain)
    with watch:
        models.validate_python(plain)
    return watch.result()


def _as_text(value: Any) -> Any:
    match value:
        case dict():
            # YAML 1.1 reads the field name `on` as true.
            return {"on" if key is True else key: _as_text(inner) for key, inner in value.items()}
        case list():
            return [_as_text(inner) for inner in value]
        case bool():
            return str(value).lower()
        case float():
            return f"{value:.2f}"
        case date():
            return value.isoformat()
    return str(value)


def _ruamel(path: Path) -> Measured:
    from ruamel.yaml import YAML

    with _Stopwatch() as watch:
        YAML(typ="rt").load(path)
    return watch.result()


def _save(path: Path, known: bool = False) -> Measured:
    """The first judgement of the registry once more, for whoever saw the point on a page."""
    from dashboard.registry import commands, reader, store
    from dashboard.registry.access import LOCAL_EDITOR

    loaded = reader.load(path, generate.TODAY)
    assert loaded.registry
    record = next(each for each in loaded.registry.file.recommendations if each.assessments and not each.retired)
    given = record.assessments[0]
    assess = commands.Assess(
        record=record.id, status=given.status, as_of=given.as_of, note=given.note, by=given.by, evidence=given.evidence,
        conditions_met=given.conditions_met,
    )  # fmt: skip
    seen = store.seen(path, commands.touched(assess))
    with _Stopwatch() as watch:
        saved = store.save(path, assess, lambda: LOCAL_EDITOR, seen, generate.TODAY, loaded if known else None)
    assert saved.loaded.errors == 0
    return watch.result()


def _ruamel_save(path: Path) -> Measured:
    from io import BytesIO

    from ruamel.yaml import YAML

    with _Stopwatch() as watch:
        yaml = YAML(typ="rt")
        whole = yaml.load(path.read_bytes())
        judged = next(each for each in whole["recommendations"] if each.get("assessments"))["assessments"]
        judged.append(dict(judged[0]))
        yaml.dump(whole, BytesIO())
    return watch.result()


MEASURES: dict[str, Callable[[Path], Measured]] = {
    "load": _load, "discard": _discard, "csafe": _csafe, "ruamel": _ruamel, "save": _save,
    "save-known": partial(_save, known=True), "ruamel-save": _ruamel_save,
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
