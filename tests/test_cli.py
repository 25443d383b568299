"""The command line as others call it: processes, exit codes, what goes to which stream."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import date
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from dashboard import cli
from dashboard.registry import history, reader
from dashboard.registry.scalars import today
from dashboard.registry.schema import schemas
from tests.small import REGISTRY, ROOT, SOURCE, TEXT, command, committed, git, written


def test_a_sound_registry_is_summed_up_in_one_line(tmp_path: Path) -> None:
    done = command("validate", written(tmp_path))
    assert done.returncode == 0
    assert done.stdout.endswith("recommendations.yaml: 2 records, 1 source, 0 errors, 0 warnings\n")
    assert done.stdout.count("\n") == 1


def test_the_file_is_named_as_it_was_given(tmp_path: Path) -> None:
    written(tmp_path)
    assert command("validate", cwd=tmp_path).stdout.startswith("recommendations.yaml: ")


def test_a_problem_goes_to_stderr_with_file_line_and_column_and_the_exit_code_is_1(tmp_path: Path) -> None:
    written(tmp_path, REGISTRY.replace("status: in-progress", "status: in-progres"))
    done = command("validate", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("recommendations.yaml:50:17: error: [open-shelters] ")
    assert "did you mean 'in-progress'?" in done.stderr
    assert done.stdout == "recommendations.yaml: 1 record, 1 source, 1 error, 0 warnings\n"


def test_json_goes_to_stdout_alone_and_the_summary_to_stderr(tmp_path: Path) -> None:
    written(tmp_path, REGISTRY.replace("theme: shelters", "theme: shelter"))
    done = command("validate", "--format", "json", cwd=tmp_path)
    assert [problem["record"] for problem in json.loads(done.stdout)] == ["open-shelters", "fund-shelters"]
    assert done.stderr == "recommendations.yaml: 0 records, 1 source, 2 errors, 0 warnings\n"


def test_github_shows_a_problem_beside_its_line(tmp_path: Path) -> None:
    written(tmp_path, REGISTRY.replace("kind: demand", "kind: demands"))
    done = command("validate", "--format", "github", cwd=tmp_path)
    assert done.stdout.startswith("::error file=recommendations.yaml,line=37,col=11::[open-shelters] kind: ")


def test_a_terminal_sequence_in_a_file_name_is_spelled_out(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "sources" / "a\x1b[31mred.yaml").write_text(SOURCE, "utf-8")
    done = command("validate", "--registry", path)
    assert "\x1b" not in done.stderr
    assert "a\\u001b[31mred.yaml" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("validate", "absent.yaml"), 6),
        (("validate", "sources"), 6),
        (("validate", "--format", "xml"), 2),
        (("list", "--registry", "absent.yaml"), 6),
        (("list", "--theme", "shelter"), 2),
        (("list", "--actor", "the-state:boss"), 2),
        (("list", "--as-of", "2025-02-30"), 2),
        (("list", "--as-of", "2999"), 2),
        (("show", "open-shelter"), 2),
        (("verify-quotes", "--texts", "absent"), 2),
        (("serve", "--port", "0"), 2),
        (("serve", "--registry", "absent.yaml"), 6),
        (("nonsense",), 2),
        ((), 2),
    ],
)
def test_each_failure_has_its_exit_code_and_no_traceback(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    written(tmp_path)
    done = command(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_the_nearest_id_is_offered_for_one_that_is_not_there(tmp_path: Path) -> None:
    written(tmp_path)
    assert "did you mean 'open-shelters'?" in command("show", "open-shelter", cwd=tmp_path).stderr
    assert "did you mean 'shelters'?" in command("list", "--theme", "shelter", cwd=tmp_path).stderr


def test_a_fault_of_our_own_is_one_sentence_and_exit_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli._failed(KeyError("x"), debug=False) == 3
    said = capsys.readouterr().err
    assert said.startswith("this is a fault of the tracker, not of your file: KeyError: 'x'\n")
    assert "CONTRIBUTING.md" in said


def test_points_are_listed_under_their_side_and_never_added_up(tmp_path: Path) -> None:
    written(tmp_path)
    done = command("list", cwd=tmp_path)
    assert done.returncode == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["state:", "1", "point"]
    assert lines[1][:6] == ["open-shelters", "in-progress", "independent", "as", "of", "2025-03-01"]
    assert lines[2] == ["foreign:", "1", "point"]
    assert lines[3][:3] == ["fund-shelters", "not-assessed", "none"]
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ((), ["open-shelters", "fund-shelters"]),
        (("--side", "foreign"), ["fund-shelters"]),
        (("--side", "foreign", "--side", "state"), ["open-shelters", "fund-shelters"]),
        (("--side", "foreign", "--kind", "demand"), []),
        (("--actor", "the-state"), ["open-shelters"]),
        (("--actor", "the-state:pays"), []),
        (("--status", "in-progress"), ["open-shelters"]),
        (("--known", "none"), ["fund-shelters"]),
        (("--source", "report-one", "--theme", "shelters", "--basis", "named"), ["open-shelters", "fund-shelters"]),
        (("--testable",), ["open-shelters"]),
        (("--disagree",), []),
        (("--q", "финансировать"), ["fund-shelters"]),
        (("--as-of", "2024-02"), ["open-shelters", "fund-shelters"]),
        (("--as-of", "2024-01"), []),
    ],
)
def test_options_select_as_the_addresses_do(tmp_path: Path, arguments: tuple[str, ...], ids: list[str]) -> None:
    written(tmp_path)
    done = command("list", "--json", *arguments, cwd=tmp_path)
    assert [point["id"] for point in json.loads(done.stdout)] == ids


def test_as_of_a_past_day_later_assessments_do_not_count(tmp_path: Path) -> None:
    path = written(tmp_path)
    then = json.loads(command("show", "open-shelters", "--as-of", "2025-02", "--json", "--registry", path).stdout)
    now = json.loads(command("show", "open-shelters", "--json", "--registry", path).stdout)
    assert then["computed"]["status"] == "not-assessed"
    assert then["computed"]["on"] == "2025-02-28"
    assert (now["computed"]["status"], now["computed"]["known"]) == ("in-progress", "independent")


def test_one_point_reads_from_the_ask_to_the_evidence(tmp_path: Path) -> None:
    written(tmp_path)
    said = command("show", "open-shelters", cwd=tmp_path).stdout
    for words in (
        "Open shelters\n",
        "in-progress, as of 2025-03-01",
        "must-act: The ministry (named)",
        "“open a shelter in every region” An author, own (report-one, paragraph 1)",
        "done when 1: A shelter in every region",
        "audit-report: Eleven shelters were counted. https://example.org/audit",
        "2025-06 looked again, nothing new, by editors: The ministry's page",
    ):
        assert words in said


def test_the_good_points_are_listed_beside_a_bad_one_and_the_exit_code_says_so(tmp_path: Path) -> None:
    written(tmp_path, REGISTRY.replace("actor: the-ministry, role", "actor: the-ministri, role"))
    done = command("list", "--json", cwd=tmp_path)
    assert [point["id"] for point in json.loads(done.stdout)] == ["fund-shelters"]
    assert done.returncode == 1
    assert "1 error; the records concerned are left out" in done.stderr


def test_an_option_for_all_stands_before_or_behind_the_command(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert command("--registry", path, "list").stdout == command("list", "--registry", path).stdout != ""


def test_a_rewritten_assessment_is_reported_against_the_last_commit(tmp_path: Path) -> None:
    path = written(tmp_path)
    committed(tmp_path)
    assert command("validate", "--against", "HEAD", cwd=tmp_path).returncode == 0
    path.write_text(REGISTRY.replace("status: in-progress", "status: blocked"), "utf-8")
    done = command("validate", "--against", "HEAD", cwd=tmp_path)
    assert done.returncode == 1
    assert (
        "recommendations.yaml:50:17: error: [open-shelters] assessments.1.status: an assessment was altered"
        in done.stderr
    )


def test_a_cited_version_is_listed_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path)
    committed(tmp_path)
    day, cited = today(), history.last_commit(path)
    assert cited
    path.write_text(REGISTRY.partition("  - id: fund-shelters")[0] + "...\n", "utf-8")
    git(tmp_path, "commit", "-qam", "less")
    listed = ["list", "--registry", path, "--json", "--published-on"]
    assert len(json.loads(command(*listed, f"{day}").stdout)) == 1
    assert len(json.loads(command(*listed, f"{day}-{cited.name}").stdout)) == 2
    assert command(*listed, f"{day}-0123abc").returncode == 6
    assert command(*listed, f"2020-01-01-{cited.name}").returncode == 2


def test_a_vanished_record_is_reported_but_a_faulty_one_has_not_vanished(tmp_path: Path) -> None:
    path = written(tmp_path)
    committed(tmp_path)
    head, _, _ = REGISTRY.partition("  - id: fund-shelters")
    path.write_text(head + "...\n", "utf-8")
    assert (
        "[fund-shelters] the record fund-shelters is gone"
        in command("validate", "--against", "HEAD", cwd=tmp_path).stderr
    )
    path.write_text(REGISTRY.replace("kind: recommendation", "kind: wish"), "utf-8")
    faulty = command("validate", "--against", "HEAD", cwd=tmp_path)
    assert "is gone" not in faulty.stderr
    assert faulty.returncode == 1


def test_a_registry_that_the_revision_did_not_have_yet_is_nothing_to_compare(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("first", "utf-8")
    committed(tmp_path)
    written(tmp_path)
    done = command("validate", "--against", "HEAD", cwd=tmp_path)
    assert done.returncode == 0
    assert "not there yet at HEAD" in done.stderr


@pytest.mark.parametrize("revision", ["no-such-branch", "--upload-pack=touch x"])
def test_an_unknown_revision_is_said_and_exit_code_6(tmp_path: Path, revision: str) -> None:
    written(tmp_path)
    committed(tmp_path)
    done = command("validate", f"--against={revision}", cwd=tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (6, False)
    assert revision in done.stderr


def test_the_past_cannot_be_read_where_there_is_no_repository(tmp_path: Path) -> None:
    written(tmp_path)
    done = command("validate", "--against", "HEAD", cwd=tmp_path)
    assert done.returncode == 6
    assert "not a git repository" in done.stderr


def test_stamp_fills_what_is_missing_once(tmp_path: Path) -> None:
    path = written(tmp_path)
    first = command("stamp", "--today", "2025-07-01", cwd=tmp_path)
    assert (first.returncode, first.stdout) == (0, "recommendations.yaml: 2 entries stamped\n")
    after = path.read_text("utf-8")
    assert "where: The ministry's page}" in after
    assert "        by: editors   # who looked\n        judged: " in after
    assert after.count("recorded_on: 2025-07-01") == 2
    assert command("stamp", cwd=tmp_path).stdout == "recommendations.yaml: 0 entries stamped\n"
    assert path.read_text("utf-8") == after


def test_stamp_refuses_a_file_with_errors_and_leaves_it_alone(tmp_path: Path) -> None:
    faulty = REGISTRY.replace("kind: demand", "kind: demands")
    path = written(tmp_path, faulty)
    done = command("stamp", cwd=tmp_path)
    assert done.returncode == 1
    assert "1 error; nothing was stamped" in done.stderr
    assert path.read_text("utf-8") == faulty


def test_stamp_says_so_where_the_day_would_break_the_order(tmp_path: Path) -> None:
    path = written(tmp_path)
    done = command("stamp", "--today", "2025-03-15", cwd=tmp_path)
    assert done.returncode == 1
    assert "recorded before anybody looked" in done.stderr
    assert path.read_text("utf-8") == REGISTRY
    assert sorted(p.name for p in tmp_path.iterdir()) == ["recommendations.yaml", "sources"]


def test_a_registry_of_ones_own_validates_and_lists_nothing(tmp_path: Path) -> None:
    done = command("init", tmp_path / "own")
    assert done.returncode == 0
    checked = command("validate", cwd=tmp_path / "own")
    assert checked.stdout == "recommendations.yaml: 0 records, 1 source, 0 errors, 0 warnings\n"
    assert command("list", cwd=tmp_path / "own").stdout == "no points\n"


def test_init_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept", "utf-8")
    done = command("init", tmp_path)
    assert done.returncode == 2
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_init_opens_with_the_sample_of_the_shipped_registry(tmp_path: Path) -> None:
    command("init", tmp_path / "own")
    own = (tmp_path / "own" / "recommendations.yaml").read_text("utf-8")
    head = own.partition("\nversion:")[0]
    assert head.strip()
    assert (ROOT / "recommendations.yaml").read_text("utf-8").startswith(head.rstrip())


def test_the_schemas_in_the_repository_are_current(tmp_path: Path) -> None:
    assert command("schema", "-o", tmp_path).returncode == 0
    for name in ("recommendations.schema.json", "source.schema.json"):
        assert (ROOT / "schema" / name).read_bytes() == (tmp_path / name).read_bytes(), (
            "run: python -m dashboard schema"
        )


class _AsEditorsRead(yaml.SafeLoader):
    """YAML 1.2, as editors check it against a schema: dates are text, and `on` is a word."""


_AsEditorsRead.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_AsEditorsRead.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), ["t", "f"])


@pytest.mark.parametrize(("name", "text"), [("recommendations.schema.json", REGISTRY), ("source.schema.json", SOURCE)])
def test_a_sound_file_fits_its_schema_and_a_typo_does_not(name: str, text: str) -> None:
    schema = schemas()[name]
    Draft202012Validator.check_schema(schema)
    plain = yaml.load(text, _AsEditorsRead)
    assert list(Draft202012Validator(schema).iter_errors(plain)) == []
    assert len(list(Draft202012Validator(schema).iter_errors({**plain, "titel": "x"}))) == 1


def test_the_schemas_allow_no_null_and_make_up_no_titles() -> None:
    for schema in schemas().values():
        for group in (schema, *schema["$defs"].values()):
            for name, field in group.get("properties", {}).items():
                assert not {"null", None} & {str(each.get("type")) for each in field.get("anyOf", [])}, name
                assert "title" not in field, name


def test_quotes_paragraphs_and_hashes_are_proven_and_counted(tmp_path: Path) -> None:
    written(tmp_path / "registry")
    (tmp_path / "report-one.txt").write_text(TEXT, "utf-8")
    done = command("verify-quotes", "--texts", tmp_path, cwd=tmp_path / "registry")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "3 quotes, 3 paragraphs, 1 hash verified\n"


def test_a_misquoted_passage_is_named_with_its_line(tmp_path: Path) -> None:
    written(tmp_path / "registry", REGISTRY.replace("in every region\n        by", "in each region\n        by"))
    (tmp_path / "report-one.txt").write_text(TEXT, "utf-8")
    done = command("verify-quotes", "--texts", tmp_path, cwd=tmp_path / "registry")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "recommendations.yaml:42:16: error: [open-shelters] origin.1.quote: 'open a shelter in each region'"
    )


def test_a_source_without_text_is_not_verified_and_the_exit_code_says_so(tmp_path: Path) -> None:
    written(tmp_path)
    done = command("verify-quotes", "--texts", tmp_path / "sources", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1] == "1 source not verified, no text: report-one"


def test_the_doctor_says_what_to_do_and_fails_only_where_the_registry_cannot_be_read(tmp_path: Path) -> None:
    written(tmp_path)
    done = command("doctor", cwd=tmp_path)
    assert done.returncode == 0
    assert "recommendations.yaml: 2 records, 0 errors" in done.stdout
    assert "attention  git: the registry is in no repository -> run git init" in done.stdout
    committed(tmp_path)
    assert "ok         git: everything is committed" in command("doctor", cwd=tmp_path).stdout
    (tmp_path / "recommendations.yaml").unlink()
    assert command("doctor", cwd=tmp_path).returncode == 6


def test_the_doctor_sees_an_unfinished_merge(tmp_path: Path) -> None:
    path = written(tmp_path)
    committed(tmp_path)
    git(tmp_path, "checkout", "-qb", "other")
    for branch, title in (("other", "Their title"), ("main", "Our title")):
        git(tmp_path, "checkout", "-q", branch)
        path.write_text(REGISTRY.replace("en: Small", f"en: {title}"), "utf-8")
        git(tmp_path, "commit", "-qam", title)
    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path, "merge", "other")
    assert "a merge or rebase is under way" in command("doctor", cwd=tmp_path).stdout
    assert "an unresolved git conflict" in command("validate", cwd=tmp_path).stderr


@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [(("validate",), ""), (("list",), "numpy, pandas\n"), (("show", "open-shelters"), "")],
)
def test_reading_commands_load_no_more_than_they_need(tmp_path: Path, arguments: tuple[str, ...], loaded: str) -> None:
    """`list` selects from the table that the pages select from; the others need none."""
    program = (
        "import sys; from dashboard.cli import main; main(sys.argv[1:]);"
        "sys.exit(', '.join(sorted({'pandas', 'plotly', 'streamlit', 'numpy'} & set(sys.modules))) or 0)"
    )
    path = written(tmp_path)
    words = [sys.executable, "-c", program, *arguments, "--registry", str(path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1 if loaded else 0, loaded)


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "dashboard", "list", "--json", "--registry", str(written(tmp_path))]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(words, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")


def test_the_clock_is_read_once_and_the_rest_is_given(tmp_path: Path) -> None:
    path = written(tmp_path, REGISTRY.replace("assessed_on: 2025-04-01", "assessed_on: 2025-08-01"))
    loaded = reader.load(path, date(2025, 7, 1))
    assert [problem.found for problem in loaded.problems] == ["2025-08-01 is in the future"]


def test_the_dashboard_starts_on_the_next_free_port_answers_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = taken.getsockname()[1]
        words = [
            sys.executable,
            "-m",
            "dashboard",
            "serve",
            "--port",
            str(wanted),
            "--registry",
            str(written(tmp_path)),
        ]
        server = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert server.stdout
            line = server.stdout.readline()
            address = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
            assert int(address.rpartition(":")[2]) > wanted
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=20) as answer:
                assert answer.status == 200
            with urllib.request.urlopen(address, timeout=20) as answer:
                assert b"<footer>" in answer.read()
            # A page of somebody else's that took our address by its own name must not read along.
            foreign = urllib.request.Request(address, headers={"Host": "foreign.example"})
            with pytest.raises(urllib.error.HTTPError, match="400"):
                urllib.request.urlopen(foreign, timeout=20)
            server.send_signal(signal.SIGINT)
            assert server.wait(20) == 0
            assert "Traceback" not in server.communicate()[1]
        finally:
            server.kill()


def test_the_orders_of_a_list_are_those_of_the_addresses() -> None:
    """Typed twice, so that the command line need not load the tables to show its help."""
    from dashboard.progress.frame import SORTS
    from dashboard.verbs import asked

    assert tuple(SORTS) == asked.ORDERS
