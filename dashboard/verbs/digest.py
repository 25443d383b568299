"""The verb `digest`: what happened since a day, for a newsletter or a chat."""

import argparse
import sys
from datetime import date, timedelta
from pathlib import Path

from dashboard.registry.scalars import LANGUAGES
from dashboard.verbs import asked, files
from dashboard.verbs.asked import Options, complain, day_of, say, selecting

SAYS = "tell in a few lines what moved, was looked at and falls due: for a newsletter or a chat"

FORMATS = ("text", "html")


def options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--since", metavar="DAY", help="from when on (default: four weeks before)")
    verb.add_argument("--format", choices=FORMATS, help="default: text, or what the ending of FILE says")
    verb.add_argument("-o", "--output", type=Path, metavar="FILE", help=".txt or .html; default: standard output")
    verb.add_argument("--lang", choices=LANGUAGES, default="en", help="(default: en)")
    selecting(verb)


def act(options: Options, today: date) -> int:
    to: Path | None = options.output
    files.ending(str(to) if to else None, ".txt", ".html")
    view, code = asked.view(options, today, options.lang)
    from dashboard.outputs import digest

    shown = view.clock.as_of
    since = day_of(options.since, "--since", shown) if options.since else shown - timedelta(days=digest.DAYS)
    told = digest.digest(view, since)
    by_ending = "html" if to and to.suffix.lower() == ".html" else "text"
    made = (digest.html if (options.format or by_ending) == "html" else digest.text)(view, told)
    if not view.origin:
        complain("it bears no addresses: TRACKER_SITE does not say where the site is")
    if to is None:
        sys.stdout.write(made)
    else:
        files.put(to, made.encode())
        say(str(to))
    return code
