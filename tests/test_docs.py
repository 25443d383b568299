"""The Markdown files are true: their commands run, their links lead somewhere, their tables match the code."""

import os
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard import cli, people
from dashboard.language import words
from dashboard.outputs import composed
from dashboard.progress.filters import Filters
from dashboard.progress.frame import frame
from dashboard.registry import reader
from dashboard.registry.model import Rules, Status
from dashboard.registry.scalars import Clock
from tests.small import ROOT, committed

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "OPERATING.md", "METHODOLOGY.md", "CHANGELOG.md")
MAKE = re.compile(r"make ([a-z][a-z-]*)")
VERB = re.compile(r"python -m dashboard ([a-z][a-z-]*)")
STAY = ("serve",)
"""Verbs that do not end by themselves."""
DEPLOY = ROOT / "deploy"
OWN = ("TRACKER_TOKEN", "TRACKER_PSEUDO")
"""Settings that our own processes hand to each other, and tests to the server: nobody sets them by hand."""
TODAY = date.today()


def _document(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _fenced(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def _prose(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def _commands(name: str) -> list[tuple[str, int]]:
    """Each command line of a document with the exit code that it documents, 0 where it says nothing."""
    found = []
    for line in "".join(_fenced(_document(name), "sh")).splitlines():
        command, _, code = line.partition("# exits with ")
        found.append((command.strip(), int(code or 0)))
    return found


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What a fresh clone would hold once the work at hand is committed."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
    )
    copy = tmp_path / "clone"
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    committed(copy)
    return copy


def _run(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A command as a reader types it, in an environment where `python` is ours."""
    path = folder.parent / "bin"
    path.mkdir(exist_ok=True)
    python = path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
    python.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment["PATH"] = f"{path}{os.pathsep}{environment['PATH']}"
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def _verbs() -> set[str]:
    """The verbs that the help lists."""
    return set(re.findall(r"^    ([a-z][a-z-]+)(?:  |$)", cli._parser().format_help(), re.MULTILINE))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "OPERATING.md"])
def test_every_command_of_a_document_ends_as_it_says(name: str, clone: Path) -> None:
    wrong = []
    for command, code in _commands(name):
        verb = VERB.match(command)
        if MAKE.fullmatch(command) or (verb and verb.group(1) in STAY):
            continue
        done = _run(command, clone)
        if done.returncode != code:
            wrong.append(f"{command}\n  exits with {done.returncode}, not {code}: {done.stderr[:500]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_and_verb_that_a_document_names_exists(name: str) -> None:
    text = _document(name)
    named = "\n".join([*re.findall(r"`([^`\n]+)`", text), *_fenced(text, "sh"), *_fenced(text, "console")])
    targets = set(re.findall(r"^([a-z-]+):", _document("Makefile"), re.MULTILINE))
    assert set(MAKE.findall(named)) <= targets
    assert set(VERB.findall(named)) <= _verbs()


def test_every_verb_that_an_editor_is_told_of_exists() -> None:
    told = _document("README.md").partition("\n## For editors\n")[2].partition("```")[0]
    words = {word.split()[0] for word in re.findall(r"`([a-z]+(?: [a-z]+)?)`", told)}
    assert {"look", "assess", "add", "letter"} <= words
    assert words <= _verbs()


def test_a_command_that_stays_is_typed_with_options_that_exist() -> None:
    for command, _ in _commands("README.md"):
        verb = VERB.match(command)
        if verb and verb.group(1) in STAY:
            cli._parser().parse_args(command.split()[3:])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_and_picture_leads_to_a_file_and_a_heading_that_exist(name: str) -> None:
    wrong = []
    for target in re.findall(r"\]\(([^()\s]+)\)", _prose(_document(name))):
        parts = urlsplit(target)
        if parts.scheme:
            continue
        file = ROOT / parts.path if parts.path else ROOT / name
        if not file.exists() or (parts.fragment and parts.fragment not in _anchors(file)):
            wrong.append(target)
    assert not wrong


def _anchors(file: Path) -> set[str]:
    """The names that GitHub gives to the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", _prose(file.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-") for heading in headings}


# --- running it for others ----------------------------------------------------------------------------


def test_what_is_typed_on_a_server_is_shell_and_names_files_that_are_there() -> None:
    typed = "\n".join(_fenced(_document("OPERATING.md"), "console"))
    assert subprocess.run(["bash", "-n"], input=typed, text=True, check=False).returncode == 0
    files = re.findall(r"/opt/tracker/((?:deploy|dashboard)/[\w./-]+)", typed)
    assert len(files) >= 3
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_every_file_to_copy_is_explained() -> None:
    text = _document("OPERATING.md")
    assert [path.name for path in DEPLOY.iterdir() if f"deploy/{path.name}" not in text] == []


def test_the_settings_explained_are_those_that_are_read() -> None:
    read = {name for file in (ROOT / "dashboard").rglob("*.py") for name in _settings(file.read_text("utf-8"))}
    told = set(re.findall(r"^\| `(TRACKER_[A-Z_]+)` \|", _document("OPERATING.md"), re.MULTILINE))
    assert told == read - set(OWN)
    assert {name for document in DOCUMENTS for name in _settings(_document(document))} <= told
    assert set(_settings(_deployed("tracker.service"))) <= told


def _settings(text: str) -> list[str]:
    return re.findall(r"TRACKER_[A-Z_]+\b", text)


def _deployed(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def _said(name: str) -> str:
    """A file to copy, without its comments."""
    return re.sub(r"(?m)^\s*#.*$|\s# .*$|   #.*$", "", _deployed(name))


def test_the_settings_for_signing_in_are_taken_once_there_is_a_real_secret(tmp_path: Path) -> None:
    (text,) = _fenced(_document("OPERATING.md"), "toml")
    path = tmp_path / "secrets.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(people.Refused, match="cookie_secret is easy to guess"):
        people.checked([path])
    (command,) = [line for line, _ in _commands("OPERATING.md") if "token_urlsafe" in line]
    made = _run(command, tmp_path).stdout.strip()
    path.write_text(text.replace("what the command below prints", made), "utf-8")
    assert people.checked([path])
    assert people.complaints([path]) == ()


@pytest.mark.parametrize("proxy", ["Caddyfile", "nginx.conf"])
def test_a_proxy_logs_nobody_and_closes_what_no_reader_needs(proxy: str) -> None:
    said = _said(proxy)
    assert said.count("{") == said.count("}")
    for closed in ("/_stcore/metrics", "/_stcore/agent", "/_stcore/upload_file"):
        assert re.search(rf"{closed}\b.*(?:return 403|\*)", said), closed
    assert "Strict-Transport-Security" in said
    assert set(re.findall(r"https?://[\w.]+", said)) <= {"https://tracker.example.org", "http://127.0.0.1"}
    (port,) = re.findall(r"--server\.port=(\d+)", _said("tracker.service"))
    assert _ports(said) == [port]
    if proxy == "Caddyfile":
        assert re.search(r"exclude http\.log http\.handlers http\.stdlib", said)
        assert re.findall(r"(?m)^\tlog\b.*", said) == ["\tlog default {"]
        assert {"-X-Forwarded-For", "-X-Real-IP", "-Forwarded"} == set(re.findall(r"header_up (\S+)", said))
        assert "max_size 1MB" in said
        assert "not header Origin https://tracker.example.org" in said
        assert "respond @closed 403" in said
        assert "respond @foreign 403" in said
    else:
        servers = said.count("server {")
        assert re.findall(r"access_log (\S+);", said) == ["off"] * servers
        assert re.findall(r"error_log (.+);", said) == ["/dev/null crit"] * servers
        sent = dict(re.findall(r"proxy_set_header (\S+) (\S+);", said))
        assert [name for name, value in sent.items() if value == '""'] == ["X-Forwarded-For", "X-Real-IP", "Forwarded"]
        assert (sent["Host"], sent["X-Forwarded-Proto"], sent["X-Forwarded-Host"]) == ("$host", "https", "$host")
        assert sent["Upgrade"] == "$http_upgrade"
        assert "client_max_body_size 1m;" in said
        assert 'if ($http_origin != "https://tracker.example.org") { return 403; }' in said


def _ports(said: str) -> list[str]:
    """Where a proxy sends readers: in nginx's file the ports are those of the split, in order of writing."""
    split = re.findall(r"(?m)^ +(?:25%|\*) +(\d+);", said)
    assert bool(split) == ("http://127.0.0.1:$tracker_port;" in said)
    return split or re.findall(r"127\.0\.0\.1:(\d+)", said)


@pytest.mark.parametrize("proxy", ["Caddyfile", "nginx.conf"])
def test_a_proxy_keeps_each_reader_at_one_of_several_processes(proxy: str) -> None:
    said = re.sub(r"(?m)^(\s*)#(?! )", r"\1", _deployed(proxy))
    said = re.sub(r"(?m)^\s*# .*$", "", said)
    assert said.count("{") == said.count("}")
    (started,) = re.findall(r"--processes (\d+)", _said("tracker-processes.conf"))
    ports = [str(cli.PORT + n) for n in range(int(started))]
    assert sorted(_ports(said)) == ports
    if proxy == "Caddyfile":
        assert "lb_policy cookie tracker_process\n" in said
        assert "health_uri /site.js\n" in said
    else:
        # Only what stands in the list is taken from the cookie: a reader cannot name a port of this machine.
        taken = re.search(r"map \$cookie_tracker_process \$tracker_port \{([^}]*)\}", said)
        assert taken
        assert taken[1].split() == ["default", "$tracker_first;", *(w for port in ports for w in (port, f"{port};"))]
        assert 'add_header Set-Cookie "tracker_process=$tracker_port; Path=/; Secure; HttpOnly; SameSite=Lax";' in said


def test_the_service_of_several_processes_differs_by_nothing_else() -> None:
    said = re.findall(r"(?m)^(\w+)=(.*)$", _said("tracker-processes.conf"))
    assert [name for name, _ in said] == ["ExecStart", "ExecStart", "MemoryMax", "TasksMax"]
    assert said[0][1] == ""  # the command of the unit itself would be started as well
    (registry,) = re.findall(r"TRACKER_REGISTRY=(\S+)", _said("tracker.service"))
    assert f"--registry {registry} serve" in said[1][1]


def test_the_service_can_write_its_own_folder_and_nothing_else() -> None:
    said = dict(re.findall(r"(?m)^(\w+)=(.*)$", _said("tracker.service")))
    assert said["User"] == "tracker"
    assert (said["ProtectSystem"], said["ReadWritePaths"]) == ("strict", "/var/lib/tracker")
    for guard in ("NoNewPrivileges", "PrivateTmp", "ProtectHome"):
        assert said[guard] == "yes", guard
    assert (said["UMask"], said["StateDirectoryMode"]) == ("0077", "0700")
    assert {"MemoryMax", "Restart"} <= set(said)
    given = dict(re.findall(r"(?m)^Environment=(\w+)=(.*)$", _said("tracker.service")))
    for setting in ("TRACKER_REGISTRY", "TRACKER_INBOX"):
        assert given[setting].startswith("/var/lib/tracker/"), setting
    assert given["STREAMLIT_SERVER_ALLOWED_HOSTS"] == "tracker.example.org"
    assert "TRACKER_FORMS" not in given


def test_a_replica_never_makes_a_history_of_its_own() -> None:
    pulls = re.findall(r"git\S* (?:-C \S+ )?pull[^`\"\n]*", _said("tracker-pull.service") + _document("OPERATING.md"))
    assert len(pulls) >= 4
    assert [pull for pull in pulls if "--ff-only" not in pull] == []


def _rules() -> list[int]:
    return [int(n) for n in re.findall(r"^(\d+)\. ", _document("METHODOLOGY.md"), re.MULTILINE)]


def test_the_rules_are_numbered_1_to_43() -> None:
    assert _rules() == list(range(1, 44))


def test_every_rule_that_the_code_or_a_document_cites_exists() -> None:
    files = [*(ROOT / "dashboard").rglob("*.py"), *(ROOT / "dashboard").rglob("*.html"), *map(ROOT.joinpath, DOCUMENTS)]
    cited = set()
    for file in files:
        for numbers in re.findall(r"\b[Rr]ules? (\d+(?:(?:,| and| to|, and) \d+)*)", file.read_text("utf-8")):
            cited |= {(str(file.relative_to(ROOT)), int(n)) for n in re.findall(r"\d+", numbers)}
    assert {("dashboard/registry/rules.py", n) for n in (14, 16, 18, 19)} <= cited
    assert [each for each in sorted(cited) if each[1] not in _rules()] == []


def test_every_status_has_its_row_with_the_words_on_screen() -> None:
    table = re.findall(r"^\| `([a-z-]+)` \| ([^|]+?) \| ([^|]+?) \|$", _document("METHODOLOGY.md"), re.MULTILINE)
    labels = {status: label for status, label, _ in table if status in set(Status)}
    assert labels == {str(status): words.STATUS[status] for status in Status}


def test_the_numbers_are_those_that_hold_where_a_registry_says_nothing() -> None:
    rules = Rules()
    table = re.findall(r"^\| `([a-z_.]+)` \| (\d+) \|", _document("METHODOLOGY.md"), re.MULTILINE)
    assert {name: int(value) for name, value in table} == {
        "check_again_after_days.open": rules.check_again_after_days.open,
        "check_again_after_days.other": rules.check_again_after_days.other,
        "no_movement_months": rules.no_movement_months,
        "ongoing_within_months": rules.ongoing_within_months,
        "percent_from": rules.percent_from,
        "answer_within_days": rules.answer_within_days,
        "desk_minutes_a_week": rules.desk_minutes_a_week,
    }


def test_the_exit_codes_are_those_of_the_command_line() -> None:
    codes = [int(code) for code in re.findall(r"^\| (\d) \| ", _document("README.md"), re.MULTILINE)]
    known = (cli.FINE, cli.BAD_DATA, cli.BAD_USAGE, cli.OUR_FAULT, cli.CONFLICT, cli.NOT_ALLOWED, cli.NO_ACCESS)
    assert codes == list(known)


def test_the_addresses_of_the_readme_name_only_what_is_there_and_find_something() -> None:
    registry = reader.load(ROOT / reader.REGISTRY_NAME, TODAY).registry
    assert registry is not None
    addresses = re.findall(r"`(/(?:[a-z-]*)\?[^`]+)`", _document("README.md"))
    assert addresses
    for address in addresses:
        query = parse_qs(urlsplit(address).query)
        filters = Filters.from_address(query, registry, TODAY)
        assert filters.unknown == (), address
        assert urlsplit(address).path in composed.PATHS, address
        assert len(filters.apply(frame(registry, Clock(filters.as_of or TODAY, TODAY)))), address
        keys = {{"since": "from", "until": "to"}.get(field, field) for field in Filters.__slots__}
        assert set(query) <= {*keys, "id", "lang", "page", "picture"}, address
        assert set(query.get("id", ())) <= set(registry.records), address


def test_the_record_of_the_readme_stands_in_a_registry_without_a_problem(tmp_path: Path) -> None:
    (record,) = _fenced(_document("README.md"), "yaml")
    assert len(record.splitlines()) <= 40
    text = _document(reader.REGISTRY_NAME)
    shutil.copytree(ROOT / "sources", tmp_path / "sources")
    path = tmp_path / reader.REGISTRY_NAME
    renamed = re.sub(r"(- id: \S+)", r"\1-by-hand", record, count=1)
    path.write_text(text.replace("\nrecommendations:\n", f"\nrecommendations:\n{renamed}", 1), "utf-8")
    loaded = reader.load(path, TODAY)
    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.registry is not None
    assert "ilo-c190-ratification-by-hand" in loaded.registry.records


def test_the_readme_counts_the_records_and_sources_that_are_there() -> None:
    registry = reader.load(ROOT / reader.REGISTRY_NAME, TODAY).registry
    assert registry is not None
    assert f"{len(registry.records)} asks and promises" in _document("README.md")
    assert f"{len(registry.records)} records" in _document("METHODOLOGY.md")
    assert len(registry.sources) == 5
