"""The tables that leave: each against the registry counted or put together a second time."""

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter

from dashboard.outputs import carried, columns, plain, tables
from dashboard.outputs.tables import INBOX, LAST, NAMES, Table, table
from dashboard.outputs.view import Edition, View
from dashboard.progress.filters import Filters
from dashboard.progress.rows import row
from dashboard.registry import model
from dashboard.registry.model import Recommendation, Registry, RegistryFile, Source, Status
from dashboard.registry.scalars import Day, Text
from tests import generate
from tests.taken import SHIPPED, TODAY, full, registry, view

ALL = (*NAMES, INBOX)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return full(tmp_path_factory.mktemp("full") / "registry")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    path = generate.write(tmp_path_factory.mktemp("generated"), generate.registry(3, 60))
    return registry(path, generate.TODAY)


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return registry(SHIPPED)


def column(of: Table, name: str) -> list[Any]:
    return of.values[[each.name for each in of.columns].index(name)]


def dicts(of: Table) -> list[dict[str, Any]]:
    names = [each.name for each in of.columns]
    return [dict(zip(names, line, strict=True)) for line in of.lines]


# --- nothing is lost --------------------------------------------------------------------------------


def test_every_field_of_the_model_is_filled_in_the_full_registry(filled: Registry) -> None:
    """What follows proves nothing of a field that no registry here fills."""
    seen: dict[tuple[str, str], bool] = {}
    for thing in _things((filled.file, filled.sources)):
        for each in fields(thing):
            key = (type(thing).__name__, each.name)
            seen[key] = seen.get(key, False) or getattr(thing, each.name) not in (None, (), False)
    assert [key for key, there in seen.items() if not there] == []
    own = [kind for kind in vars(model).values() if is_dataclass(kind) and kind.__module__ == model.__name__]
    assert {kind.__name__ for kind in own} - {name for name, _ in seen} == {"Registry"}


def _things(value: Any) -> Iterable[Any]:
    """Every object of the model in a value, below it and below those."""
    if isinstance(value, tuple):
        for each in value:
            yield from _things(each)
    elif is_dataclass(value) and not isinstance(value, (type, Day)):
        yield value
        for each in fields(value):
            yield from _things(getattr(value, each.name))


@pytest.mark.parametrize("which", ["filled", "generated", "shipped"])
def test_the_registry_can_be_put_together_again_from_the_tables(which: str, request: pytest.FixtureRequest) -> None:
    given: Registry = request.getfixturevalue(which)
    file, sources = put_together({name: dicts(table(view(given), name)) for name in NAMES})
    assert sources == given.sources
    for name in (each.name for each in fields(RegistryFile)):
        assert getattr(file, name) == getattr(given.file, name), name


def put_together(of: dict[str, list[dict[str, Any]]]) -> tuple[RegistryFile, tuple[Source, ...]]:
    """The inverse of the tables, from what the modules say of them and from the model alone."""
    lists = {
        "origin": "origins", "actors": "actors-of-records", "done_when": "conditions", "beyond_test": "conditions",
        "open_questions": "questions",
    }  # fmt: skip

    def entries(record: dict[str, Any], name: str, kind: type) -> list[Any]:
        lines = [line for line in of[lists.get(name, name)] if line["record"] == record["id"]]
        if name in ("done_when", "beyond_test"):
            lines = [line for line in lines if line["limb"] == name.replace("_", "-")]
        lines.sort(key=lambda line: line["n"])
        if kind is Text:
            return [_text(line, "text") for line in lines]
        return [_object({**line, "id": line.get("related")}, kind) for line in lines]

    records = []
    for line in sorted((*of["records"], *of["retired"]), key=lambda line: line["n"]):
        made = _object(line, Recommendation)
        for name, hint in get_type_hints(Recommendation).items():
            if (inner := _list_of(hint)) and (found := entries(line, name, inner)):
                made[name] = found
        records.append(made)
    sources = []
    for line in sorted(of["sources"], key=lambda line: line["n"]):
        made = _object({**line, "licence": line["licence_of_source"]}, Source)
        of_source = [each for each in of["decisions"] if each["source"] == line["id"] and not each["tracked"]]
        of_source.sort(key=lambda each: each["n"])
        made["not_tracked"] = [_object(each, model.NotTrackedPassage) for each in of_source]
        sources.append(made)
    (head,) = of["registry"]
    whole = _object({**head}, RegistryFile) | {"recommendations": records}
    for name, kind in (("themes", model.Theme), ("actors", model.Actor), ("instruments", model.Instrument),
                       ("evidence", model.Evidence), ("corrections", model.Correction)):  # fmt: skip
        whole[name] = [_object(line, kind) for line in sorted(of[name], key=lambda line: line["n"])]
    return (
        TypeAdapter(RegistryFile).validate_python(whole),
        TypeAdapter(tuple[Source, ...]).validate_python(sources),
    )


def _object(line: dict[str, Any], kind: type, prefix: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        column = f"{prefix}{name}"
        bare = (
            next((each for each in get_args(hint) if each is not NoneType), hint)
            if NoneType in get_args(hint)
            else hint
        )
        if bare is Text:
            value: Any = _text(line, column)
        elif is_dataclass(bare) and bare is not Day:
            value = _object(line, bare, f"{column}_")
        elif name == "conditions_met":
            value = [{"condition": n, "evidence": list(ids)} for n, ids in columns.conditions_of(line[column] or "")]
        elif isinstance(value := line.get(column), tuple):
            value = list(value)
        if value not in (None, {}):
            made[name] = value
    return made


def _text(line: dict[str, Any], name: str) -> dict[str, Any] | None:
    held = {language: line[f"{name}_{language}"] for language in ("en", "ru", "kk", "from")}
    held = {key: value for key, value in held.items() if value is not None}
    drafts = line[f"{name}_drafts"]
    return {**held, **({"drafts": list(drafts)} if drafts else {})} if held else None


def _list_of(hint: Any) -> type | None:
    """The class of the entries of a list that is a table of its own."""
    inner = get_args(hint)[0] if get_args(hint) else None
    return inner if getattr(hint, "__origin__", None) is tuple and is_dataclass(inner) else None


@pytest.mark.parametrize(
    "texts",
    [(), ("a",), ("a", "b c"), ("a\nb", "\\n", "\\\\n\\", "n"), ("\\", "\\\\"), ("a\\\nb",)],
)
def test_texts_on_lines_of_one_cell_come_back(texts: tuple[str, ...]) -> None:
    assert columns.lines_of(columns.lines_cell(texts)) == texts


# --- how many lines ---------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["filled", "generated", "shipped"])
def test_each_table_has_as_many_lines_as_the_registry_has_entries(which: str, request: pytest.FixtureRequest) -> None:
    given: Registry = request.getfixturevalue(which)
    shown, records = view(given), given.file.recommendations
    gone = [record for record in records if record.retired]
    passages = {
        (o.source, o.paragraph, None if o.paragraph else o.locator, o.quote or r.id) for r in records for o in r.origin
    }
    lists = ("assessments", "checks", "funding", "steps", "answers", "alignments", "asked", "setbacks", "related")
    expected = {
        **{name: sum(len(getattr(record, name)) for record in records) for name in lists},
        "records": len(records) - len(gone),
        "retired": len(gone),
        "actors-of-records": sum(len(record.actors) for record in records),
        "origins": sum(len(record.origin) for record in records),
        "conditions": sum(len(record.done_when) + len(record.beyond_test) for record in records),
        "questions": sum(len(record.open_questions) for record in records),
        "decisions": len(passages) + sum(len(source.not_tracked) for source in given.sources),
        "sources": len(given.sources),
        **{name: len(getattr(given.file, name)) for name in ("evidence", "actors", "themes", "instruments")},
        "corrections": len(given.file.corrections),
        "registry": 1,
    }
    assert {name: len(table(shown, name)) for name in NAMES} == expected


def test_the_decisions_of_the_shipped_registry_are_its_eighty_passages(shipped: Registry) -> None:
    decisions = dicts(table(view(shipped), "decisions"))
    assert len(decisions) == 80
    assert sum(line["tracked"] for line in decisions) == 42
    for line in decisions:
        assert bool(line["records"]) == bool(line["by"]) == bool(line["told"]) == line["tracked"]
        assert (line["reason"] is None) == line["tracked"]


def test_a_passage_that_led_to_several_points_is_one_decision(shipped: Registry) -> None:
    several = [line for line in dicts(table(view(shipped), "decisions")) if len(line["records"]) > 1]
    assert len(several) == 6
    for line in several:
        led = [
            record.id
            for record in shipped.file.recommendations
            if any(
                (o.source, o.paragraph, o.quote) == (line["source"], line["paragraph"], line["quote"])
                for o in record.origin
            )
        ]
        assert sorted(line["records"]) == sorted(led)


@pytest.mark.parametrize("name", ALL)
def test_every_column_is_explained_and_what_names_a_line_is_always_there(filled: Registry, name: str) -> None:
    made = table(view(filled), name)
    names = [each.name for each in made.columns]
    assert len(set(names)) == len(names)
    assert names[0] == "id"
    assert tuple(names[-5:]) == LAST
    assert all(each.says for each in made.columns)
    assert len(set(column(made, "id"))) == len(made)
    for line in dicts(made):
        assert line["address"].startswith("https://example.org/")
        assert (line["shown_as_of"], line["commit"], line["edition"], line["licence"]) == (TODAY, "abc1234", None, "CC-BY-4.0")  # fmt: skip


# --- what is computed -------------------------------------------------------------------------------


def test_what_is_computed_of_a_point_is_what_the_screen_says(generated: Registry) -> None:
    shown = view(generated, as_of=generate.TODAY, today=generate.TODAY)
    lines = dicts(table(shown, "records"))
    assert [line["id"] for line in lines] == [each.id for each in shown.kept.rows]
    assert len({line["status"] for line in lines}) > 5
    for line, each in zip(lines, shown.kept.rows, strict=True):
        now = row(generated, generated.records[line["id"]], shown.clock).standing
        for name in ("status", "known", "side", "due", "disagree", "testable", "checked", "answer"):
            assert line[name] == getattr(now, name), name
        assert line["months_still"] == (now.months_still if now.still_since else None)
        for name in ("since", "as_of", "checked_on", "still_since"):
            day = getattr(now, name)
            told = (day.text, day.first, day.last) if day else (None, None, None)
            assert (line[name], line[f"{name}_from"], line[f"{name}_to"]) == told
        assert line["done"] == (now.testable and now.checked and now.status is Status.IMPLEMENTED)
        assert line["must_act"] == tuple(a.actor for a in each.record.actors if a.role == "must-act")
        assert line["asked_on"] == str(generated.asked_on(each.record))
        assert line["address"] == f"https://example.org/r/{each.id}"


def test_summaries_are_those_of_the_command_line_and_more(shipped: Registry) -> None:
    shown = view(shipped)
    lines = dicts(table(shown, "records"))
    for told, line, each in zip(tables.summaries(shown), lines, shown.kept.rows, strict=True):
        assert {key: told[key] for key in plain.summary(each, shipped)} == plain.summary(each, shipped)
        for key in ("id", "status", "done", "checked", "months_still", "difference", "answer", "address"):
            assert told[key] == line[key], key
        assert told["titles"] == {language: line[f"title_{language}"] for language in ("en", "ru", "kk")}


def test_an_actor_of_a_point_comes_with_its_name_its_kind_and_its_top_body(filled: Registry) -> None:
    lines = {line["id"]: line for line in dicts(table(view(filled, language="ru"), "actors-of-records"))}
    town, state = lines["read-meters/actors/1"], lines["read-meters/actors/2"]
    told = ("actor_name", "actor_kind", "top_body", "top_body_name")
    assert tuple(town[name] for name in told) == ("The town", "government", "the-state", "Государство")
    assert tuple(state[name] for name in told) == ("Государство", "state", "the-state", "Государство")


# --- a selection, a past day ------------------------------------------------------------------------


def test_a_selection_goes_out_with_what_its_points_refer_to(filled: Registry) -> None:
    shown = view(filled, Filters(theme=("water",)))
    got = {name: table(shown, name) for name in NAMES}
    assert column(got["records"], "id") == ["read-meters"]
    assert len(got["retired"]) == 0
    for name in ("assessments", "actors-of-records", "origins", "conditions", "questions", "related", "corrections"):
        assert set(column(got[name], "record")) == {"read-meters"}, name
    assert column(got["evidence"], "id") == ["minutes", "a-copy", "kept"]
    assert column(got["sources"], "id") == ["report-one"]
    assert column(got["decisions"], "tracked") == [True, True]


def test_the_original_of_a_copy_goes_out_with_the_copy(filled: Registry) -> None:
    record = filled.records["read-meters"]
    bare = replace(record, steps=(), answers=(), funding=(), setbacks=(), assessments=(
        replace(record.assessments[0], evidence=("a-copy",), conditions_met=()),))  # fmt: skip
    changed = Registry(file=replace(filled.file, recommendations=(bare,)), sources=filled.sources)
    assert column(table(view(changed, Filters(theme=("water",))), "evidence"), "id") == ["minutes", "a-copy"]


def test_passages_that_led_to_nothing_go_out_where_only_their_source_is_selected(shipped: Registry) -> None:
    chosen = "tutumlu-lessons"
    (source,) = (source for source in shipped.sources if source.id == chosen)
    decisions = dicts(table(view(shipped, Filters(source=(chosen,))), "decisions"))
    untracked = [line for line in decisions if not line["tracked"]]
    assert [line["quote"] for line in untracked] == [passage.quote for passage in source.not_tracked]
    assert {line["source"] for line in untracked} == {chosen}
    narrower = dicts(table(view(shipped, Filters(source=(chosen,), side=("state",))), "decisions"))
    assert narrower
    assert all(line["tracked"] for line in narrower)


def test_a_past_day_goes_out_as_it_stood(filled: Registry) -> None:
    shown = view(filled, as_of=date(2024, 5, 10))
    got = {name: table(shown, name) for name in NAMES}
    assert sorted(column(got["records"], "id")) == ["breathe", "read-meters", "went"]
    assert column(got["records"], "retired_on") == [None, None, None]
    assert len(got["retired"]) == 0
    assert column(got["assessments"], "id") == ["read-meters/assessments/1"]
    assert [len(got[name]) for name in ("checks", "setbacks", "corrections")] == [0, 1, 0]
    assert column(got["evidence"], "id") == ["minutes", "a-copy"]
    assert set(column(got["records"], "shown_as_of")) == {date(2024, 5, 10)}


def test_an_assessment_that_was_taken_back_later_stood_then(filled: Registry) -> None:
    lines = dicts(table(view(filled, as_of=date(2024, 5, 31)), "assessments"))
    (blocked,) = (line for line in lines if line["status"] == "blocked")
    assert blocked["withdrawn_on"] is None
    assert blocked["withdrawn_why_en"] is None


def test_a_point_that_counts_nowhere_stands_apart_and_its_entries_with_the_others(filled: Registry) -> None:
    shown = view(filled)
    (gone,) = dicts(table(shown, "retired"))
    assert (gone["id"], gone["n"], gone["retired_on"], gone["retired_into"]) == ("went", 2, "2025-07-01", "breathe")
    assert "went" not in column(table(shown, "records"), "id")
    assert "went/assessments/1" in column(table(shown, "assessments"), "id")


# --- what may not go out ----------------------------------------------------------------------------


def test_nothing_that_leads_to_withheld_evidence_goes_out(filled: Registry) -> None:
    """The rules refuse such an entry; should one ever pass them, it stays within."""
    entries = tuple(
        replace(entry, url="https://secret.example/1", publisher="Secret", archive_url="https://secret.example/2") if entry.withheld else entry
        for entry in filled.file.evidence
    )  # fmt: skip
    careless = Registry(file=replace(filled.file, evidence=entries), sources=filled.sources)
    for shown in (view(careless), view(careless, Filters(theme=("water",)))):
        (kept,) = (line for line in dicts(table(shown, "evidence")) if line["withheld"])
        assert kept["url"] is kept["publisher"] is kept["archive_url"] is None
        assert all("secret" not in str(entry).lower() for entry in carried.evidence(shown))


# --- choosing ---------------------------------------------------------------------------------------


def test_columns_are_chosen_in_the_order_asked_and_what_names_a_line_stays(filled: Registry) -> None:
    made = table(view(filled), "records", ("status", "title_en", "status", "licence"))
    assert [each.name for each in made.columns] == ["id", "status", "title_en", *LAST]
    whole = table(view(filled), "records")
    for each in ("id", "status", "title_en", *LAST):
        assert column(made, each) == column(whole, each)


@pytest.mark.parametrize(
    ("name", "chosen", "said"),
    [
        ("record", (), "there is no table 'record'; did you mean 'records'?"),
        ("records", ("statu",), "records has no column 'statu'; did you mean 'status'?"),
        ("records", ("title_en", "licenc"), "records has no column 'licenc'; did you mean 'licence'?"),
    ],
)
def test_an_unknown_table_or_column_gets_the_nearest_word(
    shipped: Registry, name: str, chosen: tuple[str, ...], said: str
) -> None:
    with pytest.raises(tables.Unknown) as unknown:
        table(view(shipped), name, chosen)
    assert str(unknown.value) == said


@pytest.mark.parametrize(
    ("edition", "told"),
    [
        (None, (None, None)),
        (Edition("abc1234", date(2026, 11, 20), changed=True), ("abc1234+changes", None)),
        (Edition("abc1234", date(2026, 11, 20), name="2026-1", named=TODAY), ("abc1234", "2026-1")),
    ],
)
def test_the_version_is_that_of_the_data(shipped: Registry, edition: Edition | None, told: tuple[Any, Any]) -> None:
    (line,) = dicts(table(view(shipped, edition=edition), "registry"))
    assert (line["commit"], line["edition"]) == told


def test_the_sheet_to_fill_in_has_a_line_for_each_point_and_room(filled: Registry) -> None:
    shown: View = view(filled, language="kk")
    lines = dicts(table(shown, INBOX))
    assert [line["point"] for line in lines] == [each.id for each in shown.kept.rows]
    assert {line["title"] for line in lines} == {"Тыныс алу", "Көрсеткіштерді алу"}
    empty = ("says", "text", "when", "shown_by", "link", "status", "body", "position", "whose", "coalition", "language")
    assert {line[name] for line in lines for name in empty} == {None}
    assert INBOX not in NAMES


def test_a_place_without_a_site_is_an_address_within_it(filled: Registry, tmp_path: Path) -> None:
    here = replace(view(filled), origin="")
    assert set(column(table(here, "sources"), "address")) == {"/sources"}
    assert column(table(here, "records"), "address")[0].startswith("/r/")


@pytest.mark.parametrize("name", ALL)
def test_what_can_be_chosen_is_all_but_what_is_always_there(filled: Registry, name: str) -> None:
    chosen = [each.name for each in tables.columns(name)]
    assert ["id", *chosen, *LAST] == [each.name for each in table(view(filled), name).columns]
    assert [each.name for each in table(view(filled), name, chosen[:2]).columns] == ["id", *chosen[:2], *LAST]
