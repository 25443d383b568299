"""The verb `brief`: one or two pages for a review meeting, as PDF or as a Word document."""

import argparse
import sys
from datetime import date
from pathlib import Path

from dashboard.registry.scalars import LANGUAGES
from dashboard.verbs import asked, files
from dashboard.verbs.asked import Options, day_of, say, selecting

SAYS = "write one or two pages for a meeting: where it stands, what moved, what is stuck, what to ask"

FORMATS = (".pdf", ".docx")


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "-o", "--output", metavar="FILE",
        help=".pdf or .docx; a folder takes a PDF; - writes the PDF to standard output; default: a PDF here, "
        "named after the day",
    )  # fmt: skip
    verb.add_argument("--since", metavar="DAY", help="from when on it tells what moved (default: a year before)")
    verb.add_argument("--lang", choices=LANGUAGES, default="en", help="(default: en)")
    selecting(verb)


def act(options: Options, today: date) -> int:
    to = options.output or "."
    files.ending(options.output, *FORMATS)
    view, code = asked.view(options, today, options.lang)
    from dashboard.outputs import brief, exported
    from dashboard.progress.status import year_before

    shown = view.clock.as_of
    told = brief.brief(view, day_of(options.since, "--since", shown) if options.since else year_before(shown))
    if to == "-":
        sys.stdout.buffer.write(brief.pdf(told))
        return code
    path = Path(to) / exported.file_name(view, "brief", "pdf") if Path(to).is_dir() else Path(to)
    files.put(path, brief.docx(told) if path.suffix.lower() == ".docx" else brief.pdf(told))
    say(str(path))
    return code
