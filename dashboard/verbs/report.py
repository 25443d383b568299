"""The verb `report`: the dashboard as one file that opens without internet."""

import argparse
from datetime import date
from pathlib import Path

from dashboard.registry.scalars import LANGUAGES
from dashboard.verbs import asked, files
from dashboard.verbs.asked import Options, Usage, say, selecting

SAYS = "write the dashboard as one file that opens without internet"


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("-o", "--output", type=Path, metavar="FILE.html", help="default: report-DAY.html, here")
    verb.add_argument("--lang", choices=LANGUAGES, default="en", help="in which it opens; all are in it (default: en)")
    selecting(verb)


def act(options: Options, today: date) -> int:
    from dashboard.outputs import exported, report

    view, code = asked.view(options, today, options.lang)
    try:
        made = report.report(view).encode()
    except report.TooMany as fault:
        raise Usage(str(fault)) from None
    path = options.output or Path(exported.file_name(view, "report", "html"))
    files.put(path, made)
    say(f"{path} ({len(made) / 2**20:.1f} MB)")
    return code
