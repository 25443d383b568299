"""The verb `import`: rows of CSV files and workbooks, by a MAP, into a registry of its own or into the inbox.

Without --write it only tells what would become of each row.
"""

import argparse
import csv
import os
import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

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
        help="with --write: where rejected rows go, as FILE-rejected.csv (default: here); it is made",
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
            from dashboard.registry import inbox

            _, registry, _ = good(options.registry, today)
            waiting = [each.message for each in inbox.waiting(inbox.place(options.registry))]
            return importing.messages(options.files, mapped, registry, today, progress, waiting)
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
    nothing = bool(mapped.record and found.registry and not found.registry.records)
    code = BAD_DATA if found.rejected or nothing else FINE
    kept: dict[str, str] = {}
    if options.write:
        with _places(options, found) as places:
            if options.to_inbox:
                found, left = _sent(options, found, today)
                code = NO_ACCESS if left else code
            elif not nothing:
                from dashboard.inputs import laid

                laid.write(found.files, options.into)
            kept = {file: places[file].name for file in _keep(found.rejected, places)}
    _tell(options, found)
    if kept:
        # What a MAP looks up lies beside the first file.
        _tell_kept(options, kept, alone=(nothing or options.to_inbox) and not mapped.map.lookups)
    if nothing:
        say("No row could be taken, so no registry is made.")
    if not options.write:
        say("Nothing was written. To do it, add --write and --into DIR, or --to-inbox.")
    elif options.into and not nothing:
        from dashboard.progress import summary  # brings pandas

        nobody = "" if found.registry and summary.tended(found.registry) else " Nobody tends it yet, as its pages say."
        serve = shlex.join(["serve", "--registry", f"{options.into}/recommendations.yaml"])
        say(f"{options.into}: the registry.{nobody} See it with  python -m dashboard {serve}")
    return code


def _tell(options: Options, found: "Imported") -> None:
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


def _tell_kept(options: Options, kept: dict[str, str], alone: bool) -> None:
    """Where the rejected rows are, and the command by which they come in once they are mended.

    A registry is only ever made whole: `alone` says that there is none yet with the other rows.
    """
    for file, path in kept.items():
        say(f"{path}: the rejected rows of {file}, with the reason in the last column")
    say(f"Mend each and clear its reason; then import {'it' if alone else 'all again into a new folder'}:")
    files = [*([] if alone else map(str, options.files)), *kept.values()]
    into = ["--to-inbox"] if options.to_inbox else ["--into", str(options.into) + ("" if alone else "-2")]
    more = ["--map", str(options.map), "--write", *into, "--rejected", f"{options.rejected / 'rejected-2'}"]
    verb = ["--registry", str(options.registry), "import"] if options.to_inbox else ["import"]
    say(f"  python -m dashboard {shlex.join([*verb, *files, *more])}")
    if not alone:
        say("Rows are then told again as they stood before, also those that you mended.")


@contextmanager
def _places(options: Options, found: "Imported") -> "Iterator[dict[str, TextIO]]":
    """Opens a file for each input of which rows are rejected, or may still be: before anything is written or sent.

    Those left empty are taken away. Raises Usage where one is there already, OSError.
    """
    wanted = {row.sheet.file for row in found.rejected} | {table.file for _, table, _ in found.messages}
    stems: Counter[str] = Counter()
    files: dict[str, TextIO] = {}
    try:
        for given in dict.fromkeys(options.files):
            stems[given.stem] += 1
            again = f"-{stems[given.stem]}" if stems[given.stem] > 1 else ""
            if str(given) in wanted:
                files[str(given)] = _new(options.rejected / f"{given.stem}-rejected{again}.csv")
        yield files
    finally:
        for file in files.values():
            file.close()
            if not Path(file.name).stat().st_size:
                Path(file.name).unlink()


def _new(path: Path) -> TextIO:
    """For its owner only: rows may be rejected for what must not be passed on."""
    path.parent.mkdir(exist_ok=True)
    try:
        return open(path, "x", encoding="utf-8", newline="", opener=lambda name, flags: os.open(name, flags, 0o600))
    except FileExistsError:
        raise Usage(f"{path}: is there already; move it, or name another folder with --rejected") from None


def _keep(rejected: "Iterable[Rejected]", places: dict[str, TextIO]) -> list[str]:
    """Writes the rejected rows of each input into its file; the inputs that had such."""
    from dashboard.inputs.sheets import KEPT, WHY
    from dashboard.outputs.cells import cell

    rows: dict[str, list[Rejected]] = {}
    for row in rejected:
        rows.setdefault(row.sheet.file, []).append(row)
    for file, each in rows.items():
        sheet = each[0].sheet
        places[file].write("\ufeff")
        writer = csv.writer(places[file], delimiter=sheet.delimiter)
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
    return list(rows)


def _sent(options: Options, found: "Imported", today: date) -> "tuple[Imported, bool]":
    """The messages into the inbox; those that it cannot take any more are rejected. Whether there were such."""
    from dataclasses import replace

    from dashboard.inputs.importing import Rejected
    from dashboard.inputs.remarks import Remark
    from dashboard.registry import inbox

    folder = inbox.place(options.registry)
    left: list[Rejected] = []
    reason = ""
    for told, table, line in found.messages:
        try:
            receipt = "" if reason else inbox.add(told, folder, today)
        except (inbox.Full, OSError) as stopped:
            receipt, reason = "", "the inbox is full" if isinstance(stopped, inbox.Full) else str(stopped)
            complain(str(stopped))
        if receipt:
            say(f"{table.place(line)}: receipt {receipt}")
        else:
            remark = Remark(table.place(line), reason, "import it again later", reason)
            left.append(Rejected(table, line, (remark,)))
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
