"""The command line: every verb of `python -m dashboard`.

It reads options, calls the rooms below, prints and returns an exit code. The clock is read here,
once. Parts that take long to import (the server, git, quotes) are imported by the verb that needs them.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from dashboard import entering
from dashboard.registry import problems as report
from dashboard.registry import reader
from dashboard.registry.model import Registry
from dashboard.registry.problems import Problem, counted, nearest, shown
from dashboard.registry.scalars import LANGUAGES, Clock, today
from dashboard.verbs import (
    archive,
    brief,
    check_links,
    digest,
    edition,
    export,
    files,
    import_,
    redact,
    site,
    verify_archive,
)
from dashboard.verbs import report as report_verb
from dashboard.verbs.asked import (
    BAD_DATA,
    BAD_USAGE,
    CONFLICT,
    FINE,
    NO_ACCESS,
    NOT_ALLOWED,
    OUR_FAULT,
    Options,
    Usage,
    complain,
    dated,
    day_of,
    filters,
    good,
    on_day,
    present,
    say,
    selecting,
)

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = "127.0.0.1"
PORT = 8501
PORTS_TRIED = 50
PROCESSES = 16
"""No more than these with one `serve`: each holds the whole registry."""
HOSTS_VARIABLE = "STREAMLIT_SERVER_ALLOWED_HOSTS"
"""Streamlit's own: the names under which a site is reached, separated by spaces."""

Verb = Callable[[Options, date], int]
Servers = Sequence["subprocess.Popen[bytes]"]

TAKING: dict[str, ModuleType] = {
    "site": site,
    "edition": edition,
    "export": export,
    "brief": brief,
    "digest": digest,
    "import": import_,
    "report": report_verb,
    "redact": redact,
    "check-links": check_links,
    "archive": archive,
    "verify-archive": verify_archive,
}
"""Verbs that stand in a module of their own (dashboard/verbs)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command and return its exit code."""
    day_of_use = today()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    options = _parser().parse_args(arguments)
    try:
        code: int = options.verb(options, day_of_use)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        # What is still in the buffer has no reader; without this Python complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:
        return _failed(error, options.debug)


def _failed(error: Exception, debug: bool) -> int:
    """Say in one sentence what went wrong, and return the exit code for it."""
    if debug:
        traceback.print_exception(error)
    from dashboard.inputs.quotes import BadTable
    from dashboard.registry import access, commands, edits, history, inbox, store, swapping

    if isinstance(error, store.Spoiled):
        sys.stderr.write(report.as_text(error.problems))
        complain(f"{error}; nothing was saved")
        return BAD_DATA
    codes: dict[type[Exception], int] = {
        Usage: BAD_USAGE,
        entering.Wrong: BAD_USAGE,
        commands.Impossible: BAD_USAGE,
        inbox.NoSuchMessage: BAD_USAGE,
        inbox.BadSlip: BAD_DATA,
        inbox.Settled: CONFLICT,
        inbox.Full: NO_ACCESS,
        inbox.Misplaced: NO_ACCESS,
        BadTable: BAD_DATA,
        UnicodeDecodeError: BAD_DATA,
        swapping.Changed: CONFLICT,
        access.NotAllowed: NOT_ALLOWED,
        edits.Unfit: BAD_DATA,
        edits.Misplaced: OUR_FAULT,
        history.NoHistory: NO_ACCESS,
        reader.Unreadable: NO_ACCESS,
        store.Closed: NO_ACCESS,
    }
    if code := codes.get(type(error)):
        for line in str(error).splitlines():
            complain(line)
        return code
    if isinstance(error, OSError):
        complain(f"{error.filename or 'the disk'}: {error.strerror or error}")
        return NO_ACCESS
    complain(f"this is a fault of the tracker, not of your file: {type(error).__name__}: {error}")
    complain("please report it as CONTRIBUTING.md says, with what --debug prints")
    return OUR_FAULT


# --- what can be typed ------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    says = "A registry of recommendations, demands and commitments, and what became of them."
    parser = argparse.ArgumentParser(
        "python -m dashboard", description=says, parents=[_common(True)], allow_abbrev=False
    )
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def verb(name: str, act: Verb, says: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=says, description=says, parents=[_common(False)], allow_abbrev=False)
        added.set_defaults(verb=act)
        return added

    _serve_options(verb("serve", serve, "start the dashboard on this computer"))
    _validate_options(verb("validate", validate, "find every problem of a registry"))
    _list_options(verb("list", list_, "list the points of a registry"))
    _show_options(verb("show", show, "show one point"))
    _stamp_options(verb("stamp", stamp, "write what assessments and checks lack: the wording judged, the day recorded"))
    _schema_options(verb("schema", schema, "write the JSON Schema of the registry's files"))
    _quotes_options(verb("verify-quotes", verify_quotes, "prove every quote against the texts of the sources"))
    verb("doctor", doctor, "say what works here, and what to do where it does not")
    _init_options(verb("init", init, "start a registry of one's own"))
    for name, (kind, _) in entering.VERBS.items():
        entering.options_of(verb(name, partial(enter, name), _says(kind)), name)
    for name, module in TAKING.items():
        module.options(verb(name, module.act, module.SAYS))
    _letter_options(verb("letter", letter, "write to an institution about its points"))
    _add_options(verb("add", add, "add an entry that a file holds"))
    _inbox_options(verb("inbox", inbox_, "what people sent: read it, publish it or decline it"), entering.VERBS)
    return parser


def _common(top: bool) -> argparse.ArgumentParser:
    """Options that stand before or behind the command; behind it they have no default of their own."""
    common = argparse.ArgumentParser(add_help=False)
    path = Path(reader.REGISTRY_NAME) if top else argparse.SUPPRESS
    common.add_argument("--registry", type=Path, metavar="PATH", default=path, help=f"default: {reader.REGISTRY_NAME}")
    debug = False if top else argparse.SUPPRESS
    common.add_argument("--debug", action="store_true", default=debug, help="print where the tracker failed")
    return common


def _serve_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--port", type=_port, default=PORT, help=f"default: {PORT}, or the next that is free")
    verb.add_argument(
        "--processes",
        type=_processes,
        default=1,
        metavar="N",
        help="for a full room: N servers at this port and the ones that follow, behind a proxy (OPERATING.md)",
    )


def _validate_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: as --registry")
    verb.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="text goes to stderr; json and github go to stdout, the summary then to stderr",
    )
    verb.add_argument(
        "--against", metavar="REV", help="also compare with a git revision: nothing vanished, nothing rewritten"
    )


def _list_options(verb: argparse.ArgumentParser) -> None:
    selecting(verb)
    _json_option(verb)


def _show_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("id", metavar="ID")
    dated(verb)
    _json_option(verb)


def _json_option(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="for other programs")


def _stamp_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--today", nargs="?", metavar="DATE", help="the day to write as recorded (default: today's date)")


def _schema_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("-o", "--output", type=Path, default=Path("schema"), metavar="DIR", help="default: schema")


def _quotes_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--texts", type=Path, required=True, metavar="DIR", help="holds <source-id>.txt")
    verb.add_argument(
        "--asks",
        type=Path,
        metavar="FILE.tsv",
        help="also prove that each passage listed here is tracked or not tracked, once",
    )


def _init_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("folder", type=Path, metavar="DIR", help="new or empty")


def _letter_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("actor", metavar="ACTOR")
    verb.add_argument("--lang", choices=LANGUAGES, default="en", help=f"{', '.join(LANGUAGES)} (default: en)")
    verb.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: standard output")


def _add_options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("what", choices=sorted(entering.ADDED), help="what kind of entry")
    verb.add_argument("file", type=Path, metavar="FILE", help="YAML: the fields of the entry")


def _inbox_options(verb: argparse.ArgumentParser, verbs: Iterable[str]) -> None:
    acts = verb.add_subparsers(title="what to do", metavar="ACT", required=True, dest="act")
    acts.add_parser("list", help="what waits, the most pressing first")
    acts.add_parser("show", help="one message in full").add_argument("number", type=_number, metavar="N")
    acts.add_parser("add", help="take in a slip").add_argument("slip", type=Path, metavar="SLIP")
    decline = acts.add_parser("decline", help="do not publish it, and say why")
    decline.add_argument("number", type=_number, metavar="N")
    reasons = "cannot-be-checked, names-a-private-person, already-known, not-about-this-registry, unclear, other"
    decline.add_argument("--reason", required=True, metavar="REASON", help=f"its kind, which is public: {reasons}")
    decline.add_argument("--words", default="", metavar="TEXT", help="what the sender is told besides")
    publish = acts.add_parser("publish", help="enter it, by the command that follows; then it is settled")
    publish.add_argument("number", type=_number, metavar="N")
    ways = publish.add_subparsers(title="as", metavar="COMMAND", dest="way", help="default: what the message suggests")
    for name in verbs:
        says = f"{_says(entering.VERBS[name][0])}; what is not typed comes from the message"
        way = ways.add_parser(name, help=_says(entering.VERBS[name][0]), description=says, allow_abbrev=False)
        entering.options_of(way, name, suggested=True)


def _number(text: str) -> int:
    if text.isdecimal() and text.isascii() and 1 <= int(text) < 10**9:
        return int(text)
    raise argparse.ArgumentTypeError("a message has a number; see inbox list")


def _says(kind: type) -> str:
    first = (kind.__doc__ or "").strip().splitlines()[0]
    return first[0].lower() + first[1:].rstrip(".")


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")


def _processes(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= PROCESSES:
        return int(text)
    raise argparse.ArgumentTypeError(f"a number from 1 to {PROCESSES}")


# --- reading the registry ---------------------------------------------------------------------------


def validate(options: Options, today: date) -> int:
    path = options.file or options.registry
    loaded = reader.load(path, today)
    found = list(loaded.problems)
    if options.against:
        found += _against(path, options.against, loaded, today)
    errors = sum(problem.severity == "error" for problem in found)
    summary = (
        f"{path}: {_contents(loaded.registry)}{counted(errors, 'error')}, {counted(len(found) - errors, 'warning')}"
    )
    match options.format:
        case "text":
            sys.stderr.write(report.as_text(found))
            say(summary)
        case "json":
            sys.stdout.write(_escaped(report.as_json(found)))
            complain(summary)
        case "github":
            sys.stdout.write(report.as_github(found))
            complain(summary)
    return BAD_DATA if errors else FINE


def _against(path: Path, revision: str, loaded: reader.Loaded, today: date) -> list[Problem]:
    """What may never happen between the registry at `revision` and the one that was read."""
    from dashboard.registry import history, placing, rules

    if (then := history.past(path, revision)) is None:
        complain(f"{path}: not there yet at {revision}; nothing to compare")
        return []
    old = reader.read(then, today)
    if old.registry is None:
        raise history.NoHistory(f"{then.name}: cannot be read as a registry; compare with another revision")
    if (now := loaded.registry) is None:
        return []
    return placing.located(rules.against(old.registry, now, loaded.texts.name), loaded.texts.contents, loaded.positions)


def _contents(registry: Registry | None) -> str:
    if registry is None:
        return ""
    return f"{counted(len(registry.file.recommendations), 'record')}, {counted(len(registry.sources), 'source')}, "


def list_(options: Options, today: date) -> int:
    from dashboard.outputs import plain
    from dashboard.progress.frame import frame

    registry, clock, code = on_day(options, today)
    found = filters(options, registry, today).apply(frame(registry, clock)).rows
    if options.json:
        _print_json([plain.summary(row, registry) for row in found])
    else:
        for line in plain.listed(found):
            say(line)
    return code


def show(options: Options, today: date) -> int:
    from dashboard.outputs import plain
    from dashboard.progress.rows import row as one_row

    registry, clock, code = on_day(options, today)
    record = registry.records.get(options.id)
    if record is None:
        raise Usage(f"there is no point {shown(options.id)}; {nearest(options.id, registry.records)}")
    row = one_row(registry, record, clock)
    record = row.record
    if options.json:
        from pydantic import TypeAdapter

        whole = TypeAdapter(type(record)).dump_python(record, mode="json", by_alias=True, exclude_defaults=True)
        _print_json({**whole, "computed": {"on": str(clock.as_of), "side": row.side, **plain.computed(row.standing)}})
    else:
        for line in plain.article(row, registry, clock):
            say(line)
    return code


def letter(options: Options, today: date) -> int:
    from dashboard.outputs import letter as letters

    _, registry, code = good(options.registry, today)
    edition = present(options.registry, today)
    site = os.environ.get("TRACKER_SITE", "").rstrip("/")
    text = letters.of_registry(registry, Clock(today, today), options.actor, options.lang, edition, site)
    if not text:
        if options.actor in registry.actors:
            raise Usage(
                f"no point is addressed to {options.actor}; list --actor {options.actor} shows where it is named"
            )
        raise Usage(f"there is no actor {shown(options.actor)}; {nearest(options.actor, registry.actors)}")
    if options.output:
        files.put(options.output, text.encode())
        say(str(options.output))
    else:
        sys.stdout.write(text)
    return code


def _print_json(value: object) -> None:
    sys.stdout.write(_escaped(json.dumps(value, ensure_ascii=False, indent=2)) + "\n")


def _escaped(made: str) -> str:
    """JSON with invisible and control characters as escapes, so that it is safe on a terminal."""
    if made.replace("\n", "").isprintable():
        return made
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in made)


# --- changing the registry --------------------------------------------------------------------------


def stamp(options: Options, today: date) -> int:
    from dashboard.registry import store

    on = day_of(options.today, "--today", today) if options.today else today
    loaded = reader.load(options.registry, today)
    if loaded.errors or loaded.registry is None:
        sys.stderr.write(report.as_text(loaded.problems))
        complain(f"{options.registry}: {counted(loaded.errors, 'error')}; nothing was stamped")
        return BAD_DATA
    saved, entries = store.stamp(options.registry, entering.me, today, on)
    for each in saved.told if saved else ():
        complain(each)
    say(f"{options.registry}: {entries} {'entry' if entries == 1 else 'entries'} stamped")
    return FINE


def enter(name: str, options: Options, today: date) -> int:
    """A verb of entering.VERBS."""
    entering.save(options.registry, entering.command(name, options), today, say, complain)
    return FINE


def add(options: Options, today: date) -> int:
    entering.save(options.registry, entering.added(options.what, options.file), today, say, complain)
    return FINE


def inbox_(options: Options, today: date) -> int:
    from dashboard import sorting

    return sorting.act(options, today, say, complain)


def init(options: Options, today: date) -> int:
    folder: Path = options.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Usage(f"{folder}: is there and not empty; name a new folder")
    shutil.copytree(Path(__file__).with_name("assets") / "init", folder, dirs_exist_ok=True)
    registry = folder / reader.REGISTRY_NAME
    registry.write_bytes(_sample().encode() + registry.read_bytes())
    loaded = reader.load(registry, today)
    say(f"{registry}: {_contents(loaded.registry)}{counted(loaded.errors, 'error')}")
    say(f"Next: edit it and sources/, then  python -m dashboard validate {registry}")
    return BAD_DATA if loaded.errors else FINE


def _sample() -> str:
    """The comment at the top of the shipped registry: one sample record, every field explained."""
    shipped = ROOT / reader.REGISTRY_NAME
    lines = shipped.read_text("utf-8").splitlines() if shipped.is_file() else []
    head = []
    for line in lines:
        if line.strip() and not line.startswith("#"):
            break
        head.append(line)
    return "\n".join(head).strip() + "\n\n" if head else ""


def schema(options: Options, today: date) -> int:
    from dashboard.registry.schema import schemas

    options.output.mkdir(parents=True, exist_ok=True)
    for name, made in schemas().items():
        path = options.output / name
        path.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n", "utf-8")
        say(str(path))
    return FINE


# --- proving and explaining -------------------------------------------------------------------------


def verify_quotes(options: Options, today: date) -> int:
    from dashboard.inputs import quotes
    from dashboard.registry import placing

    if not options.texts.is_dir():
        raise Usage(f"--texts: {options.texts} is no folder; name the one that holds <source-id>.txt")
    loaded, registry, code = good(options.registry, today)
    given = loaded.texts
    found = quotes.verified(registry, given, options.texts)
    problems = list(found.problems)
    counts = ((found.quotes, "quote"), (found.paragraphs, "paragraph"))
    hashes = f"{found.hashes} hash" if found.hashes == 1 else f"{found.hashes} hashes"
    lines = [", ".join(counted(n, what) for n, what in counts) + f", {hashes} verified"]
    if found.unverified:
        lines.append(f"{counted(len(found.unverified), 'source')} not verified, no text: {', '.join(found.unverified)}")
    if options.asks:
        listed = quotes.asks(options.asks)
        covered = quotes.covered(registry, given, listed, str(options.asks))
        problems += covered.problems
        lines.append(_covered(covered, len(listed)))
    sys.stderr.write(report.as_text(placing.located(problems, given.contents, loaded.positions)))
    for line in lines:
        say(line)
    return BAD_DATA if problems or found.unverified else code


def _covered(covered: Any, listed: int) -> str:
    outcome = "none missing, none twice" if not covered.problems else counted(len(covered.problems), "problem")
    total = covered.tracked + covered.not_tracked
    return f"{covered.tracked} tracked + {covered.not_tracked} not tracked = {total} of {listed}, {outcome}"


def doctor(options: Options, today: date) -> int:
    from dashboard import health

    works = True
    for finding in health.findings(options.registry, today):
        say(f"{'ok' if finding.fine else 'attention':9}  {finding.says}" + (f" -> {finding.do}" if finding.do else ""))
        works = works and (finding.fine or not finding.vital)
    return FINE if works else NO_ACCESS


# --- the dashboard ----------------------------------------------------------------------------------


def serve(options: Options, today: date) -> int:
    from dashboard import people, sending
    from dashboard.registry import store

    path = options.registry.absolute()
    reader.texts(options.registry)  # a missing file is said here, not in the browser
    try:
        token = "" if people.checked(people.secrets_files()) else people.new_token()
    except people.Refused as refused:
        raise Usage(str(refused)) from None
    for said in store.settle(path, today):
        complain(said)
    ports = _ports(options.port, options.processes)
    # Bound to this computer, forms need no account; requests that came through a proxy are not of this computer.
    environment = {sending.FORMS_VARIABLE: "local", **os.environ, reader.REGISTRY_VARIABLE: str(path)}
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):  # the latter may have been set aside by whoever started us
        # Noted, not raised: an exception in the middle of starting a server would lose it.
        signal.signal(number, lambda number, _: asked.append(number))
    servers: list[subprocess.Popen[bytes]] = []
    try:
        for port in ports:
            own = {people.TOKEN_VARIABLE: token if port == ports[0] else ""}
            servers.append(subprocess.Popen(_server(port, people.secrets_files()), cwd=ROOT, env=environment | own))
        return _watched(servers, ports, token, asked)
    finally:
        _end(servers)


def _watched(servers: Servers, ports: Sequence[int], token: str, asked: Sequence[int]) -> int:
    """Wait until somebody asks to stop, which is fine, or a server ends by itself, which is our fault."""
    announced = False
    while not asked and all(server.poll() is None for server in servers):
        if not announced and all(map(_answers, ports)):
            _announce(ports, token)
            announced = True
        time.sleep(0.5 if announced else 0.1)
    return FINE if asked else OUR_FAULT


def _server(port: int, settings: Iterable[Path]) -> list[str]:
    # Without a list of hosts, a foreign name that resolves to this computer reaches the server too. What is
    # typed here takes the place of Streamlit's variable, so the names of a site behind a proxy are added.
    hosts = (ADDRESS, "localhost", *os.environ.get(HOSTS_VARIABLE, "").split())
    return [
        *(sys.executable, "-m", "streamlit", "run", str(Path(__file__).with_name("app.py"))),
        *("--server.address", ADDRESS, "--server.port", str(port)),
        *(word for host in hosts for word in ("--server.allowedHosts", host)),
        *("--server.headless", "true", "--logger.hideWelcomeMessage", "true"),
        *(word for file in settings for word in ("--secrets.files", str(file.absolute()))),
    ]


def _ports(wanted: int, processes: int) -> list[int]:
    """One server takes the next free port; several take those that a proxy in front knows. Raises Usage."""
    if processes == 1:
        return [_free_port(wanted)]
    last = wanted + processes - 1
    if last > 65535:
        raise Usage(f"--port: {processes} processes from {wanted} would need port {last}; the last there is is 65535")
    ports = list(range(wanted, last + 1))
    if taken := [str(port) for port in ports if not _free(port)]:
        raise Usage(
            f"--port: {processes} processes need {wanted} to {last}; taken: {', '.join(taken)}."
            " Stop what listens there, or name another first port, here and to the proxy"
        )
    return ports


def _free_port(wanted: int) -> int:
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        if _free(port):
            return port
    raise Usage(f"--port: none is free from {wanted} to {port}; name another")


def _free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((ADDRESS, port))
        except OSError:
            return False
        return True


def _answers(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex((ADDRESS, port)) == 0


def _announce(ports: Sequence[int], token: str) -> None:
    """Print the addresses: for readers, and for whoever started it, whom only the first server knows."""
    first, *others = [f"http://{ADDRESS}:{port}" for port in ports]
    print(f"The dashboard is at {', '.join((first, *others))} (Ctrl-C stops {'them' if others else 'it'})")
    way = f"enter?token={token} (works once, in this computer's browser)" if token else "signin"
    print(f"To edit the registry: {first}/{way}", flush=True)
    if others:
        says = "Readers come through a proxy that keeps each at one of them: deploy/Caddyfile or deploy/nginx.conf"
        print(f"{says} (see OPERATING.md)", flush=True)


def _end(servers: Servers) -> None:
    """Stop the servers that this command started; they may be stopping already."""
    for server in servers:
        server.terminate()
    for server in servers:
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
