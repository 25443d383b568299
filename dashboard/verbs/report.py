"""The verb `report`: the dashboard as one file that opens without internet."""

import argparse
import sys
from datetime import date
from pathlib import Path

from dashboard.registry.scalars import LANGUAGES
from dashboard.verbs import asked, files
from dashboard.verbs.asked import Options, Usage, say, selecting

SAYS = "write the dashboard as one file that opens without internet"


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "-o", "--output", metavar="FILE.html",
        help="a folder takes the file; - is standard output; default: report-DAY.html, here",
    )  # fmt: skip
    verb.add_argument("--lang", choices=LANGUAGES, default="en", help="in which it opens; all are in it (default: en)")
    selecting(verb)


def act(options: Options, today: date) -> int:
    from dashboard.outputs import exported, report

    files.ending(options.output, ".html", ".htm")
    view, code = asked.view(options, today, options.lang)
    try:
        made = report.report(view).encode()
    except report.TooMany as fault:
        raise Usage(str(fault)) from None
    if options.output == "-":
        sys.stdout.buffer.write(made)
        return code
    path = Path(options.output or ".")
    path = path / exported.file_name(view, "report", "html") if path.is_dir() else path
    files.put(path, made)
    say(f"{path} ({len(made) / 2**20:.1f} MB)")
    return code
