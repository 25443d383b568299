"""The verb `export`: one table, or all of the registry, as a file for other tools."""

import argparse
import gc
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.registry.scalars import LANGUAGES
from dashboard.verbs import asked, files
from dashboard.verbs.asked import BAD_DATA, Options, Usage, complain, say, selecting

if TYPE_CHECKING:
    from dashboard.outputs.view import View

SAYS = "write a table, or all of them, as csv, xlsx, json, parquet or datapackage"

ALL = "all"


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("table", metavar="TABLE|all", help="such as records, assessments, evidence; or all of them")
    verb.add_argument("format", metavar="FORMAT", help="csv, xlsx, json, parquet or datapackage")
    verb.add_argument(
        "-o", "--output", metavar="FILE",
        help="- is standard output; a folder takes the file, or with all the files of all tables; default: "
        "standard output for one table as csv or json, else a file here that is named after what it holds",
    )  # fmt: skip
    verb.add_argument("--columns", metavar="A,B", help="only these; what names a line and its source is always there")
    verb.add_argument("--lang", choices=LANGUAGES, default="en", help="of what explains the columns (default: en)")
    selecting(verb)


def act(options: Options, today: date) -> int:
    from dashboard.outputs import exported, tables

    columns = [name.strip() for name in (options.columns or "").split(",") if name.strip()]
    if options.table == ALL and columns:
        raise Usage("--columns: columns are chosen of one table; name it in place of all")
    try:
        exported.known(options.format)
        files.ending(options.output, exported.ending(options.table, options.format))
        view, code = asked.view(options, today, options.lang)
        gc.collect()
        gc.freeze()  # what was read stays as long as this command; only what is made of it can be garbage
        made = _made(view, options, columns)
    except tables.Unknown as unknown:
        raise Usage(str(unknown)) from None
    except exported.TooLong as fault:
        complain(f"nothing was written: {fault}")
        return BAD_DATA
    _put(made, options)
    return code


def _made(view: "View", options: Options, columns: list[str]) -> Mapping[str, bytes]:
    """The file, or in a folder the files, by name."""
    from dashboard.outputs import exported, tables

    if options.table != ALL:
        data = exported.one(view, options.table, options.format, columns)
    elif options.format in ("csv", "parquet") and _is_folder(options.output):
        return {f"{name}.{options.format}": exported.one(view, name, options.format) for name in tables.NAMES}
    else:
        data = exported.whole(view, options.format)
    return {exported.file_name(view, options.table, options.format): data}


def _is_folder(output: str | None) -> bool:
    return bool(output) and (str(output).endswith("/") or Path(str(output)).is_dir())


def _put(made: Mapping[str, bytes], options: Options) -> None:
    """Where the output belongs; what was written is said, where it is not the output itself."""
    text = options.format in ("csv", "json") and options.table != ALL
    if options.output == "-" or (options.output is None and text):
        for data in made.values():
            sys.stdout.buffer.write(data)
        return
    folder = Path(options.output or ".")
    if _is_folder(options.output):
        folder.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        path = folder / name if folder.is_dir() else folder
        files.put(path, data)
        say(str(path))
