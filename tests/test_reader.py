"""From files to models and problems: what is read, what is left out, and where each problem stands."""

import gc
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from dashboard.registry import events, problems, reader
from dashboard.registry.model import RegistryFile
from dashboard.registry.reader import Loaded, Texts
from tests import generate, slow
from tests.fuzz import REGISTRY, SOURCE
from tests.generate import TODAY

FILE = "recommendations.yaml"
ANOTHER = """\
  - id: publish-figures
    title: {en: Publish, ru: Публиковать, kk: Жариялау}
    kind: demand
    theme: safety
    origin: [{source: report, paragraph: 4, quote: publish the figures, by: bureau, told: own}]
    actors: [{actor: ministry, role: must-act, basis: named}]
"""
TWO = REGISTRY.replace("recommendations:\n", "recommendations:\n" + ANOTHER)


def read(registry: str, source: str = SOURCE) -> Loaded:
    return reader.read(Texts(FILE, registry.encode(), {"sources/report.yaml": source.encode()}), TODAY)


def messages(loaded: Loaded) -> list[str]:
    return problems.as_text(loaded.problems).splitlines()


# --- what is read ---------------------------------------------------------------------------------


def test_a_registry_is_read_with_the_sources_beside_it(tmp_path: Path) -> None:
    loaded = reader.load(generate.write(tmp_path, {FILE: TWO, "sources/report.yaml": SOURCE}), TODAY)
    assert loaded.problems == ()
    assert loaded.registry is not None
    assert list(loaded.registry.records) == ["publish-figures", "join-convention"]
    assert loaded.registry.source_by_id["report"].publisher == "An institute"


def test_a_registry_without_a_folder_of_sources_is_read_and_its_references_reported(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(REGISTRY, encoding="utf-8")
    loaded = reader.load(tmp_path / FILE, TODAY)
    assert "origin.1.source: 'report' is not in the registry" in messages(loaded)[0]


@pytest.mark.parametrize(
    "written",
    [
        "NO",
        "off",
        "yes",
        "Y",
        "1:30",
        "12:30:45",
        "010",
        "0x1F",
        "0b11",
        "1_000",
        "1e3",
        "1.10",
        "2024-01-01",
        "~",
        "null",
        ".inf",
    ],
)
def test_every_scalar_stays_the_text_that_was_written(written: str) -> None:
    loaded = read(REGISTRY.replace("licence: CC-BY-4.0", f"licence: {written}"))
    assert loaded.registry is not None
    assert loaded.registry.file.licence == written


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("'it''s'", "it's"),
        ('"a\\tb \\"c\\" \\u0430"', 'a\tb "c" \u0430'),
        (">-\n  one\n  two", "one two"),
        ("|-\n  one\n  two", "one\ntwo"),
        ("one\n  two", "one two"),
        ("a: b", None),
        ("a #b", "a"),
        ("a#b", "a#b"),
        ("[", None),
    ],
)  # fmt: skip
def test_texts_are_read_as_yaml_says(written: str, text: str | None) -> None:
    loaded = read(REGISTRY.replace("licence: CC-BY-4.0", f"licence: {written}"))
    assert (loaded.registry.file.licence if loaded.registry else None) == text


def test_the_plain_values_are_those_that_pyyaml_reads() -> None:
    text = generate.registry(5, 20)["recommendations.yaml"]
    ours, found = events.build(text.encode(), FILE)
    assert found == []
    assert ours == yaml.load(text, Loader=yaml.CBaseLoader)


@pytest.mark.parametrize("seed", range(4))
def test_generated_registries_of_every_shape_are_read_without_an_error(tmp_path: Path, seed: int) -> None:
    """Some of its cases are awkward: they have a warning, as METHODOLOGY.md says."""
    loaded = reader.load(generate.write(tmp_path, generate.registry(seed, 60)), TODAY)
    assert [each for each in messages(loaded) if not re.search(r": warning: .*\(rule 3\d\)$", each)] == []
    assert loaded.registry is not None
    assert len(loaded.registry.records) == 60


def test_the_same_seed_makes_the_same_registry() -> None:
    assert generate.registry(3, 10) == generate.registry(3, 10)
    assert generate.registry(3, 10) != generate.registry(4, 10)


def test_the_generated_registries_bring_up_every_headline_that_the_second_computation_knows(tmp_path: Path) -> None:
    found = slow.counts(generate.write(tmp_path, generate.registry(1, 400)), TODAY, TODAY)
    assert found["sides"].keys() == {"state", "foreign", "society"}
    assert len(set().union(*found["sides"].values())) == 11
    assert found["total"] == sum(n for side in found["sides"].values() for n in side.values())
    assert 0 < found["done"] < found["checked"] < found["testable"] < found["total"]


def test_garbage_collection_is_as_it_was_before_also_after_a_refusal() -> None:
    for was in (True, False):
        (gc.enable if was else gc.disable)()
        try:
            read(REGISTRY)
            read("[" * 100)
            assert gc.isenabled() is was
        finally:
            gc.enable()


# --- the digest -----------------------------------------------------------------------------------


def test_the_digest_covers_the_registry_and_each_source_with_its_name() -> None:
    base = Texts(FILE, b"one", {"sources/a.yaml": b"two"})
    digests = {
        base.digest,
        Texts(FILE, b"ONE", {"sources/a.yaml": b"two"}).digest,
        Texts(FILE, b"one", {"sources/a.yaml": b"TWO"}).digest,
        Texts(FILE, b"one", {"sources/b.yaml": b"two"}).digest,
        Texts(FILE, b"one", {}).digest,
    }
    assert len(digests) == 5
    assert read(REGISTRY).digest == read(REGISTRY).digest


# --- what is left out -----------------------------------------------------------------------------


def test_a_record_with_a_fault_is_left_out_and_the_others_stand() -> None:
    loaded = read(TWO.replace("kind: demand", "kind: wish"))
    assert loaded.errors == 1
    assert loaded.registry is not None
    assert list(loaded.registry.records) == ["join-convention"]


def test_a_record_that_breaks_a_rule_is_left_out_too() -> None:
    loaded = read(TWO.replace("actor: ministry, role: must-act", "actor: ministry, role: helps"))
    assert loaded.registry is not None
    assert list(loaded.registry.records) == ["join-convention"]


def test_a_structural_fault_in_one_record_leaves_the_others_standing() -> None:
    loaded = read(TWO.replace("    kind: demand\n", "    kind: demand\n    kind: demand\n"))
    assert loaded.errors == 1
    assert loaded.registry is not None
    assert list(loaded.registry.records) == ["join-convention"]


def test_one_typo_is_one_problem_and_not_one_for_every_mention() -> None:
    loaded = read(REGISTRY.replace("form: document-with-effect", "form: document-with-efect"))
    assert [line.split(": ", 1)[0] for line in messages(loaded)] == ["recommendations.yaml:16:11"]


def test_a_source_that_cannot_be_read_is_left_out_and_the_registry_stands() -> None:
    loaded = read(REGISTRY, SOURCE.replace("...\n", ""))
    assert loaded.registry is not None
    assert loaded.registry.sources == ()
    assert loaded.errors >= 1


def test_two_sources_with_one_id_are_reported() -> None:
    texts = Texts(
        FILE, REGISTRY.encode(), {"sources/report.yaml": SOURCE.encode(), "sources/reports.yaml": SOURCE.encode()}
    )
    told = messages(reader.read(texts, TODAY))
    assert any(
        "sources/reports.yaml:1:5: error: id: the id report is already in sources/report.yaml" in line for line in told
    )


def test_a_warning_leaves_nothing_out() -> None:
    loaded = read(REGISTRY.replace("{en: Join, ru: Вступить, kk: Қосылу}", "{en: Join}"))
    assert messages(loaded) == [
        "recommendations.yaml:22:12: warning: [join-convention] title: no text in ru, kk; "
        "add a translation, marked under drafts until a native speaker has read it"
    ]
    assert loaded.errors == 0
    assert loaded.registry is not None
    assert "join-convention" in loaded.registry.records


# --- places ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("version",), (1, 1), (1, 10)),
        (("themes",), (5, 1), (6, 3)),
        (("themes", 0), (6, 5), (6, 5)),
        (("themes", 0, "name", "kk"), (6, 55), (6, 59)),
        (("recommendations", 0, "origin", 0, "quote"), (28, 9), (28, 16)),
        (("recommendations", 0, "done_when", 0), (34, 9), (34, 9)),
        (("recommendations", 0, "assessments", 0, "conditions_met", 0, "evidence", 0), (45, 52), (45, 52)),
        (("recommendations", 0, "assessments", 0, "note"), (46, 9), (46, 15)),
    ],
)
def test_a_path_is_found_at_its_key_or_dash_and_at_its_value(
    path: tuple[str | int, ...], key: tuple[int, int], value: tuple[int, int]
) -> None:
    assert events.places(REGISTRY.encode(), {path}) == {path: (key, value)}


def test_a_column_counts_letters_and_not_bytes() -> None:
    text = REGISTRY.replace("kk: Қауіпсіздік}, headline: true", "kk: Қауіпсіздік}, headlin: true")
    assert messages(read(text))[0].startswith("recommendations.yaml:6:73: error: [safety] headlin: unknown field")


def test_problems_stand_in_the_order_of_the_files_and_their_lines() -> None:
    spoilt = (
        TWO.replace("kind: demand", "kind: wish")
        .replace("headline: true", "headline: yes")
        .replace("told: own\n", "told: me\n")
    )
    loaded = read(spoilt, SOURCE.replace("rights: quote-only", "rights: none"))
    places = [(problem.file, problem.line) for problem in loaded.problems]
    assert places == sorted(places, key=lambda place: (place[0] != FILE, place[1]))
    assert {6, 23, 36} <= {line for file, line in places if file == FILE}
    assert ("sources/report.yaml", 10) in places


# --- one field changed ------------------------------------------------------------------------------

Path_ = tuple[str | int, ...]
Leaf = tuple[Path_, int, int]
"""Path of a scalar, and where its text begins and ends."""


def _leaves(node: yaml.Node, path: Path_ = ()) -> Iterator[Leaf]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _leaves(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for n, value in enumerate(node.value):
            yield from _leaves(value, (*path, n))
    elif "\n" not in REGISTRY[node.start_mark.index : node.end_mark.index]:
        yield path, node.start_mark.index, node.end_mark.index


LEAVES = list(_leaves(yaml.compose(REGISTRY, Loader=yaml.BaseLoader)))
GOOD = read(REGISTRY)


def _at(value: Any, path: Path_) -> str:
    for part in path:
        value = value[part]
    if isinstance(value, dict):
        value = value["en"]
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _values(loaded: Loaded) -> list[str]:
    """The value of every leaf of the small registry, as the models hold it."""
    assert loaded.registry is not None
    plain = TypeAdapter(RegistryFile).dump_python(loaded.registry.file, by_alias=True, mode="json")
    return [_at(plain, path) for path, _, _ in LEAVES]


_words = st.one_of(
    st.sampled_from([REGISTRY[begin:end] for _, begin, end in LEAVES]),
    st.sampled_from(
        [
            "",
            " ",
            "~",
            "true",
            "false",
            "2",
            "0",
            "2024-02-30",
            "2024",
            "2030",
            "2019~",
            "editors",
            "source:report#3",
            "Law",
            "https://a:b@c.org",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12),
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(LEAVES), _words)
def test_one_value_changed_is_reported_or_is_exactly_the_value_that_is_read(leaf: Leaf, value: str) -> None:
    path, begin, end = leaf
    loaded = read(REGISTRY[:begin] + json.dumps(value, ensure_ascii=False) + REGISTRY[end:])
    line = REGISTRY.count("\n", 0, begin) + 1
    if loaded.errors:
        was = REGISTRY[begin:end].strip("'\"")
        near = [
            p
            for p in loaded.problems
            if p.line == line or p.record or was in p.message() or problems.visible(value) in p.message()
        ]
        assert near, messages(loaded)
        assert all(p.line >= 1 and p.column >= 1 for p in loaded.problems)
    else:
        before, after = _values(GOOD), _values(loaded)
        changed = {path_ for (path_, _, _), one, other in zip(LEAVES, before, after, strict=True) if one != other}
        assert changed <= {path}
        assert after[LEAVES.index(leaf)] == value


@settings(max_examples=150, deadline=None)
@given(st.integers(0, REGISTRY.count("\n") - 2), st.sampled_from(["gone", "twice", "swapped"]))
def test_a_line_gone_or_doubled_is_reported_or_loses_no_record(number: int, how: str) -> None:
    lines = REGISTRY.splitlines(keepends=True)
    spoilt = {
        "gone": lines[:number] + lines[number + 1 :],
        "twice": lines[: number + 1] + lines[number:],
        "swapped": [*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]],
    }[how]
    loaded = read("".join(spoilt))
    assert loaded.errors or (loaded.registry is not None and "join-convention" in loaded.registry.records)
    assert all(p.line >= 1 and p.column >= 1 for p in loaded.problems)


def test_what_lies_in_the_future_depends_on_the_day_that_is_given() -> None:
    texts = Texts(FILE, REGISTRY.encode(), {"sources/report.yaml": SOURCE.encode()})
    assert reader.read(texts, date(2024, 5, 1)).errors == 0
    assert reader.read(texts, date(2024, 4, 30)).errors == 1  # assessed_on: 2024-05
