"""What GitHub reads of this repository: the workflows as a stranger's pull request meets them, and the forms.

Nothing here asks the network: the schemas are those that travel with check-jsonschema, and the step
that validates is taken from the workflow word for word and run in a repository made here.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboard.language import translator, words
from dashboard.registry.model import Status
from dashboard.registry.scalars import LANGUAGES
from tests.small import REGISTRY, ROOT, committed, git, written

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").iterdir())
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").iterdir() if path.name != "config.yml")
SCHEMAS = {
    **dict.fromkeys(WORKFLOWS, "vendor.github-workflows"),
    **dict.fromkeys(FORMS, "vendor.github-issue-forms"),
    GITHUB / "ISSUE_TEMPLATE" / "config.yml": "vendor.github-issue-config",
}
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)


def _name(path: Path) -> str:
    return path.name


def _read(path: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(path.read_text("utf-8")))


def _steps(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in _read(workflow)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", SCHEMAS, ids=_name)
def test_each_file_fits_githubs_own_schema(path: Path) -> None:
    nobody = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[path], str(path)],
        env={**os.environ, **nobody},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# --- a workflow that a stranger sets off ------------------------------------------------------------


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=_name)
def test_a_workflow_starts_only_where_a_stranger_gets_a_token_that_reads(workflow: Path) -> None:
    # `pull_request_target`, `workflow_run` and the like would run with the rights of the repository.
    # YAML 1.1 reads the key `on` as true.
    assert set(_read(workflow)[True]) <= {"push", "pull_request"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=_name)
def test_a_workflow_may_read_the_contents_and_nothing_else(workflow: Path) -> None:
    asked = _read(workflow)
    assert asked["permissions"] == {"contents": "read"}
    assert [name for name, job in asked["jobs"].items() if "permissions" in job] == []
    assert "secrets" not in workflow.read_text("utf-8")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=_name)
def test_nothing_that_a_sender_wrote_reaches_a_shell(workflow: Path) -> None:
    text = workflow.read_text("utf-8")
    assert set(EXPRESSION.findall(text)) <= {"matrix.python"}
    assert "github.event" not in text
    assert "head_ref" not in text
    assert [step["run"] for step in _steps(workflow) if "${{" in step.get("run", "")] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=_name)
def test_every_action_is_githubs_own_or_pinned_and_the_clone_keeps_no_token(workflow: Path) -> None:
    used = [step for step in _steps(workflow) if "uses" in step]
    for step in used:
        assert re.fullmatch(r"actions/[a-z-]+@v\d+|[\w.-]+/[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
    clones = [step["with"] for step in used if step["uses"].startswith("actions/checkout@")]
    assert [options["persist-credentials"] for options in clones] == [False]


# --- what the workflow finds ------------------------------------------------------------------------


def _validated(folder: Path, registry: str) -> "subprocess.CompletedProcess[str]":
    """The step of the workflow, in a repository whose second commit proposes `registry`."""
    (step,) = [
        step["run"] for step in _steps(GITHUB / "workflows" / "registry.yml") if "validate" in step.get("run", "")
    ]
    written(folder)
    committed(folder)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n', "utf-8")
    python.chmod(0o755)
    written(folder, registry)
    git(folder, "add", "recommendations.yaml")
    git(folder, "commit", "-qm", "Proposed")
    return subprocess.run(["bash", "-e", "-c", step], cwd=folder, capture_output=True, text=True, check=False)


def test_a_good_proposal_passes_in_silence(tmp_path: Path) -> None:
    done = _validated(
        tmp_path, REGISTRY.replace("checks:\n", "checks:\n      - {on: 2025-07, by: editors, where: The gazette}\n")
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "recommendations.yaml: 2 records, 1 source, 0 errors, 0 warnings\n"


def test_an_error_stops_it_and_is_shown_beside_its_line(tmp_path: Path) -> None:
    done = _validated(tmp_path, REGISTRY.replace("status: in-progress", "status: in-progres"))
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=recommendations.yaml,line=50,col=17::[open-shelters] ")


def test_a_warning_is_shown_and_stops_nothing(tmp_path: Path) -> None:
    done = _validated(
        tmp_path, REGISTRY.replace("{en: Fund shelters, ru: Финансировать приюты, kk: ", "{en: Fund shelters, kk: ")
    )
    assert done.returncode == 0
    assert done.stdout.startswith("::warning file=recommendations.yaml,")


def test_a_record_that_the_proposal_deletes_is_missed(tmp_path: Path) -> None:
    kept, _, _ = REGISTRY.partition("  - id: fund-shelters")
    done = _validated(tmp_path, f"{kept}...\n")
    assert done.returncode == 1
    assert "::error file=recommendations.yaml" in done.stdout
    assert "fund-shelters" in done.stdout


def test_the_environment_of_the_workflow_is_one_that_make_builds() -> None:
    for command in [step["run"] for step in _steps(GITHUB / "workflows" / "registry.yml") if "run" in step]:
        if command.startswith("make "):
            subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, check=True, capture_output=True)


# --- what a person is asked -------------------------------------------------------------------------


def _field(form: Path, name: str) -> dict[str, Any]:
    return next(dict(part) for part in _read(form)["body"] if part.get("id") == name)


def test_the_form_offers_every_status_that_can_be_typed_in_the_words_of_the_screen() -> None:
    typed = [status for status in Status if status is not Status.NOT_ASSESSED]
    languages = [translator(language) for language in LANGUAGES]
    said = [" · ".join(tr(words.STATUS[status]) for tr in languages) for status in typed]
    *offered, undecided = _field(GITHUB / "ISSUE_TEMPLATE" / "proposal.yml", "status")["attributes"]["options"]
    assert offered == said
    assert len(offered) == 10
    assert undecided.startswith("An editor decides")


def test_the_template_has_the_test_of_every_status() -> None:
    text = (GITHUB / "pull_request_template.md").read_text("utf-8")
    assert re.findall(r"^\| `([a-z-]+)` \| [^|]+ \|$", text, re.MULTILINE) == [str(status) for status in Status]


def test_no_issue_is_sent_before_its_sender_has_been_told_that_it_is_public() -> None:
    assert _read(GITHUB / "ISSUE_TEMPLATE" / "config.yml")["blank_issues_enabled"] is False
    for form in FORMS:
        consent = _field(form, "consent")["attributes"]["options"]
        assert all(option["required"] for option in consent)
        said = " ".join(option["label"] for option in consent)
        assert "public" in said, form.name
        assert "private person" in said, form.name
    asked = _field(GITHUB / "ISSUE_TEMPLATE" / "proposal.yml", "consent")["attributes"]["options"]
    assert "at risk" in asked[-1]["label"]
