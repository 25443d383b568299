"""The verb `import`: rows of CSV files and workbooks, by a MAP, into a registry of its own or into the inbox.

Without --write it only tells what would become of each row.
"""

import argparse
import csv
import io
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.registry.problems import counted, nearest, shown
from dashboard.registry.reader import collector_paused
from dashboard.verbs.asked import BAD_DATA, FINE, NO_ACCESS, Options, Usage, complain, good, say

if TYPE_CHECKING:
    from dashboard.inputs.importing import Imported, Rejected
    from dashboard.inputs.mapping import Mapping
    from dashboard.inputs.sheets import Progress

SAYS = "bring in the tables that others keep: first only told, with --write done"


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="CSV or .xlsx; of the MAP ours also a zip or a folder"
    )
    verb.add_argument(
        "--map",
        type=Path,
        required=True,
        metavar="MAP",
        help="which column is what: a YAML file, or one of ours, inbox, upr-info",
    )
    verb.add_argument(
        "--into", type=Path, metavar="DIR", help="with --write: a new or empty folder for the registry that is made"
    )
    verb.add_argument(
        "--to-inbox", action="store_true", help="with --write: into the inbox of the registry, by a MAP with message"
    )
    verb.add_argument("--write", action="store_true", help="do it; without, only tell what would become of each row")
    verb.add_argument(
        "--rejected",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="with --write: where rejected rows go, as FILE-rejected.csv (default: here)",
    )


def act(options: Options, today: date) -> int:
    from dashboard.inputs import laid, mapping
    from dashboard.inputs.remarks import Unfit

    try:
        mapped = mapping.read(_map(options.map))
        _asked_well(options, mapped)
        with collector_paused():
            found = _imported(options, mapped, today)
            return _done(options, mapped, found, today)
    except Unfit as unfit:
        for remark in unfit.remarks:
            complain(str(remark))
        complain(
            f"{counted(len(unfit.remarks), 'problem')}; nothing was read in" + (" or written" if options.write else "")
        )
        return BAD_DATA
    except laid.Occupied as occupied:
        raise Usage(str(occupied)) from None


def _map(given: Path) -> Path:
    from dashboard.inputs.mapping import MAPS

    shipped = sorted(path.stem for path in MAPS.glob("*.yaml") if path.stem != "example")
    if not given.exists() and given.name == str(given) and not given.suffix and given.name not in shipped:
        raise Usage(f"--map: {shown(given)} is no file and no MAP of ours; {nearest(given.name, shipped)}")
    return given


def _asked_well(options: Options, mapped: "Mapping") -> None:
    """Raises Usage where the options do not fit the MAP or one another; Occupied before anything is read."""
    from dashboard.inputs import laid

    to_inbox = mapped.message is not None
    if to_inbox and options.into:
        raise Usage(f"--into: {mapped.name} makes messages; use --to-inbox")
    if not to_inbox and options.to_inbox:
        raise Usage(f"--to-inbox: {mapped.name} makes a registry; use --into DIR")
    if options.write and not (options.into or options.to_inbox):
        raise Usage("--write: say where to, with --to-inbox" if to_inbox else "--write: say where to, with --into DIR")
    if options.into:
        laid.checked(options.into)


def _imported(options: Options, mapped: "Mapping", today: date) -> "Imported":
    from dashboard.inputs import importing

    with _bar() as progress:
        if mapped.message:
            _, registry, _ = good(options.registry, today)
            return importing.messages(options.files, mapped, registry, today, progress)
        if mapped.map.tables:
            from dashboard.inputs import tabled

            return tabled.registry(options.files, mapped, today, progress)
        return importing.records(options.files, mapped, today, progress)


def _done(options: Options, mapped: "Mapping", found: "Imported", today: date) -> int:
    for remark in found.notes:
        complain(str(remark))
    for row in found.rejected:
        for remark in row.remarks:
            complain(str(remark))
    code = BAD_DATA if found.rejected else FINE
    if options.write:
        targets = _targets(found.rejected, options.rejected)
        if options.to_inbox:
            found, full = _sent(options, found, today)
            targets = _targets(found.rejected, options.rejected)
            code = NO_ACCESS if full else code
        else:
            from dashboard.inputs import laid

            laid.write(found.files, options.into)
        for path, text in targets.items():
            # For its owner only: rows may be rejected for what must not be passed on.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
    _tell(options, found, list(targets) if options.write else [])
    return code


def _tell(options: Options, found: "Imported", kept: list[Path]) -> None:
    say(f"{counted(found.read, 'row')} read")
    for what, number in found.counts.items():
        say(f"  {number:7,}  {what}")
    say(f"  {len(found.rejected):7,}  rejected")
    reasons = Counter(reason for row in found.rejected for reason in {r.reason or r.allowed for r in row.remarks})
    for reason, number in reasons.most_common():
        say(f"           {number:7,}  {reason}")
    if found.warnings:
        first = found.warnings[0]
        say(f"{counted(len(found.warnings), 'warning')}, such as: {first.message()}")
    for path in kept:
        say(
            f"{path}: the rejected rows, with the reason in the last column; mend each, clear its reason and import the file again"
        )
    if not options.write:
        say("Nothing was written. To do it, add --write and --into DIR, or --to-inbox.")
    elif options.into:
        say(
            f"{options.into}: the registry. Nobody tends it yet; see it with  python -m dashboard serve --registry {options.into}/recommendations.yaml"
        )


def _targets(rejected: "Iterable[Rejected]", folder: Path) -> dict[Path, str]:
    """A file for the rejected rows of each table. Raises Usage where one is there already."""
    from dashboard.inputs.sheets import KEPT, WHY
    from dashboard.outputs.cells import cell

    rows: dict[Path, list[Rejected]] = {}
    for row in rejected:
        rows.setdefault(folder / f"{Path(row.sheet.file).stem}-rejected.csv", []).append(row)
    made = {}
    for path, each in rows.items():
        if path.exists():
            raise Usage(f"{path}: is there already; move it, or name another folder with --rejected")
        sheet, out = each[0].sheet, io.StringIO(newline="")
        writer = csv.writer(out, delimiter=sheet.delimiter)
        columns = [n for n, name in enumerate(sheet.head) if name != WHY]
        writer.writerow([*(sheet.head[n] for n in columns), WHY])
        for row in each:
            more = [cells for n, cells in enumerate(row.line.cells) if n >= len(sheet.head)]
            cells = [row.line.cells[n] if n < len(row.line.cells) else "" for n in columns]
            before = [row.line.cells[n] for n, name in enumerate(sheet.head) if name == WHY and n < len(row.line.cells)]
            why = [reason for reason in before if reason]
            why += [f"{remark.found}; {remark.allowed}" for remark in row.remarks if remark.reason != KEPT]
            why += [f"the cells beyond the head: {more}"] if more else []
            writer.writerow([cell(text) for text in (*cells, " | ".join(why))])
        made[path] = "\ufeff" + out.getvalue()
    return made


def _sent(options: Options, found: "Imported", today: date) -> "tuple[Imported, bool]":
    """The messages into the inbox; those for which it has no room are rejected. Whether there were such."""
    from dataclasses import replace

    from dashboard.inputs.importing import Rejected
    from dashboard.inputs.remarks import Remark
    from dashboard.registry import inbox

    folder = inbox.place(options.registry)
    left: list[Rejected] = []
    for told, table, line in found.messages:
        if not left:
            try:
                say(f"{table.place(line)}: receipt {inbox.add(told, folder, today)}")
                continue
            except inbox.Full as full:
                reason = str(full)
                complain(reason)
        left.append(
            Rejected(
                table,
                line,
                (Remark(table.place(line), "the inbox is full", "import it again later", "the inbox is full"),),
            )
        )
    sent = len(found.messages) - len(left)
    counts = {**found.counts, "messages made": sent}
    return replace(found, counts=counts, rejected=(*found.rejected, *left)), bool(left)


# --- while it works -----------------------------------------------------------------------------------


@contextmanager
def _bar() -> "Iterator[Progress]":
    """Tells on a terminal how far it is; nothing elsewhere."""
    begun, last = time.monotonic(), 0.0

    def tell(what: str, done: int, total: int) -> None:
        nonlocal last
        if sys.stderr.isatty() and (time.monotonic() - last > 0.1 or done == total):
            last = time.monotonic()
            bar = f"[{'#' * (30 * done // total):30}] {done:,} of {total:,}" if total else f"{done:,}" if done else ""
            sys.stderr.write(f"\r\033[K{bar} {what}, {last - begun:.0f} s")
            sys.stderr.flush()

    try:
        yield tell
    finally:
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
