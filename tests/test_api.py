"""The answers for other programs as values: what each tells, and how all are described."""

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from dashboard import reading, serving
from dashboard.outputs import api, exported, tables
from dashboard.outputs.view import View
from dashboard.progress.filters import Filters
from dashboard.registry import reader
from dashboard.registry.scalars import today
from tests.small import REGISTRY, committed, written


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = written(tmp_path)
    monkeypatch.setenv(reader.REGISTRY_VARIABLE, str(path))
    return path


def shown(page: str = "/points", **query: str) -> View:
    view = reading.view(page, {key.strip("_"): [value] for key, value in query.items()}, "en", "https://tracker.test")
    assert view
    return view


def test_an_answer_says_what_it_is_of(small: Path) -> None:
    committed(small.parent)
    view = shown(side="state", sort="checked")
    meta = json.loads(api.records_json(view))["meta"]
    assert view.edition
    assert meta == {
        "title": {"en": "Small", "ru": "Малый", "kk": "Шағын"},
        "publisher": "not yet named",
        "licence": "CC-BY-4.0",
        "shown_as_of": str(today()),
        "commit": view.edition.commit,
        "data_of": str(view.edition.on),
        "edition": None,
        "address": view.lasting("/points"),
        "selection": "States and their bodies",
        "count": 1,
        "left_out": [],
    }
    assert meta["address"].startswith(f"https://tracker.test/points?side=state&published_on={today()}-")


def test_what_moved_says_from_where_to_where_and_by_what(small: Path) -> None:
    found = json.loads(api.changes_json(shown("/changes", from_="2025-02-01", to="2025-07-01")))
    (moved,) = found["forward"]
    assert (moved["id"], moved["was"], moved["now"]) == ("open-shelters", "not-assessed", "in-progress")
    note = {"en": "Eleven of seventeen."}
    assert moved["facts"] == [
        {"on": "2025-03-01", "id": "open-shelters", "what": "assessed", "status": "in-progress", "text": note}
    ]
    assert (found["meta"]["from"], found["meta"]["to"]) == ("2025-02-01", "2025-07-01")
    assert found["meta"]["address"] == "https://tracker.test/changes?from=2025-02-01&to=2025-07-01"


def test_what_no_longer_counts_says_since_when(small: Path) -> None:
    retired = "    retired: {on: 2025-08-01, reason: Asked twice.}\n    checks:\n"
    small.write_text(REGISTRY.replace("    checks:\n", retired), "utf-8")
    found = json.loads(api.changes_json(shown("/changes", from_="2025-07-01", to="2025-09-01")))
    assert found["gone"] == [{"id": "open-shelters", "was": "in-progress", "retired_on": "2025-08-01"}]


def test_no_answer_bears_an_hour(small: Path) -> None:
    committed(small.parent)
    for made in (api.records_json, api.registry_json, api.changes_json):
        assert not re.search(rb"\d\d:\d\d", made(shown()).replace(b"00:00:00Z", b"")), made


def test_every_key_that_selects_is_described_and_no_other() -> None:
    named = {each["name"] for each in api.openapi()["paths"]["/api/v1/changes.json"]["get"]["parameters"]}
    assert named == {*Filters.keys(), "lang"}
    assert len(Filters.keys()) == len(fields(Filters)) - 1


def test_every_address_of_the_data_is_described() -> None:
    described = {path.partition(".{")[0] for path in api.openapi()["paths"]}
    served = {route.path for route in serving.ROUTES if route.path.startswith(("/api/v1/", "/feed", "/digest"))}
    assert served - described == {"/api/v1/{file}"}
    assert described - served == {f"/api/v1/{{table}}.{format}" for format in api.TABLE_FORMATS}
    for path, told in api.openapi()["paths"].items():
        if "{table}" in path:
            offered = set(told["get"]["parameters"][0]["schema"]["enum"])
            whole = {"records", "registry"} if path.endswith("json") else set()
            assert offered == {*tables.NAMES, tables.INBOX} - whole


@pytest.mark.parametrize(
    ("schema", "page", "made"),
    [
        ("Records", "/points", api.records_json),
        ("Registry", "/points", api.registry_json),
        ("Changes", "/changes", api.changes_json),
        ("Table", "/points", lambda view: exported.one(view, "checks", "json")),
    ],
)
def test_the_shipped_answers_hold_to_their_schema_to_the_last_key(schema: str, page: str, made: Any) -> None:
    whole = {**api.openapi()["components"]["schemas"][schema], "components": api.openapi()["components"]}
    view = reading.view(page, {"from": ["2022-01-01"]}, "en")
    assert view
    answer = json.loads(made(view))
    jsonschema.Draft202012Validator(whole).validate(answer)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(whole).validate({**answer, "more": 1})
