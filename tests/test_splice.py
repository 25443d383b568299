"""The splice on many registries (tests/splice.py has the full run), and the quick reading after it."""

import pickle
from datetime import date

import pytest

from dashboard.registry import commands, edits, reader
from dashboard.registry.commands import Now
from dashboard.registry.edits import Change, Put
from dashboard.registry.reader import Loaded, Texts
from tests import generate, splice
from tests.small import REGISTRY, SOURCE

TODAY = generate.TODAY


def _read(text: str) -> Loaded:
    return reader.read(Texts("r.yaml", text.encode(), {"sources/report-one.yaml": SOURCE.encode()}), TODAY)


def _put(loaded: Loaded, path: tuple[str | int, ...], value: str, name: str = "open-shelters") -> edits.Spliced:
    change = Change("recommendations", name, (Put(path, value),))
    return edits.spliced(loaded.texts.registry, [change], loaded.positions)


def test_commands_change_only_their_entry_in_the_shipped_registry() -> None:
    counts = splice.of_shipped(0, 1, again=0.3, every=31)
    assert counts.breaches == []
    assert counts.refused == {}
    assert counts.spliced >= 34
    assert counts.alone > 0.9 * counts.spliced


def test_commands_change_only_their_entry_whatever_the_style() -> None:
    counts = splice.Counts()
    for seed in range(5001, 5041):
        loaded, random = splice.restyled(seed)
        assert not loaded.errors
        counts += splice.tried(loaded, f"generated {seed}", random, records=1, again=0.3, every=3)
    assert counts.breaches == []
    assert counts.refused == {}
    assert 0.3 * counts.spliced < counts.alone < counts.spliced, "both ways must have been tried"


def test_the_judge_sees_what_reads_otherwise_and_what_changed_outside() -> None:
    """The proof of the proof: what is expected of a command here is not what it does."""
    loaded = _read(REGISTRY)
    before, spans = pickle.dumps(splice.plain(loaded.texts.registry)), splice.entry_lines(loaded.texts.registry)
    look = splice.made(commands.Look, records=["fund-shelters"], where="Here")
    for trial, said in (
        (splice.Trial(look, lambda file: None, (("recommendations", "fund-shelters"),)), "reads otherwise"),
        (splice.Trial(look, lambda file: None, (("recommendations", "open-shelters"),)), "outside the entry changed"),
    ):
        counts = splice.Counts()
        splice.judge(loaded, before, spans, trial, "small", counts, again=False)
        assert any(said in breach for breach in counts.breaches)


@pytest.mark.parametrize(
    ("path", "value", "severities"),
    [
        (("assessments", 0, "note"), "Twelve.", []),
        (("theme",), "shelter", ["error"]),
        (("kind",), "wish", ["error"]),
        (("assessments", 0, "as_of"), "2026-12-24", ["error", "error"]),
        (("title",), "Only English", ["warning"]),
        (("assessments", 0, "note"), "Call +7 701 123 45 67", ["error"]),
        (("assessments", 0, "note"), "in\u200bvisible", ["error"]),
    ],
)
def test_what_a_change_brings_is_told_as_by_a_full_read(
    path: tuple[str | int, ...], value: str, severities: list[str]
) -> None:
    loaded = _read(REGISTRY)
    spliced = _put(loaded, path, value)
    assert spliced.touched is not None
    assert list(splice.unlike(loaded, spliced, None)) == []
    anew = reader.again(loaded, spliced.data, spliced.touched, TODAY)
    assert [problem.severity for problem in anew.problems] == severities


def test_a_text_that_no_registry_may_hold_is_refused_with_the_reason() -> None:
    with pytest.raises(edits.Unfit, match="a text of 70,000 characters; at most 65,536"):
        _put(_read(REGISTRY), ("assessments", 0, "note"), "x" * 70_000)


def test_an_entry_that_cannot_be_cut_out_is_read_with_all_the_rest() -> None:
    loaded = _read(REGISTRY.replace("\n", "\r"))
    spliced = _put(loaded, ("kind",), "commitment")
    assert spliced.touched is None
    assert list(splice.unlike(loaded, spliced, None)) == []
    pretended = edits.Spliced(spliced.data, (("recommendations", "open-shelters"),))
    assert list(splice.unlike(loaded, pretended, None)) == []


def test_a_registry_that_had_problems_before_is_read_as_a_whole() -> None:
    loaded = _read(REGISTRY.replace("theme: shelters\n    open_ended", "theme: shelter\n    open_ended"))
    spliced = _put(loaded, ("kind",), "recommendation")
    assert list(splice.unlike(loaded, spliced, None)) == []
    assert reader.again(loaded, spliced.data, spliced.touched, TODAY).errors == 1


def test_an_entry_is_found_by_its_id_and_not_by_what_stands_in_a_text() -> None:
    """A quoted text of which a line at the left edge looks like an entry with the id."""
    fake = 'title: "Small\nevidence:\n  - id: audit-report\n    says: fake\n"\n'
    loaded = _read(REGISTRY.replace("title: {en: Small, ru: Малый, kk: Шағын}\n", fake))
    assert loaded.registry
    now = Now(loaded.registry, loaded.texts.registry, loaded.positions, TODAY)
    made = splice.made(commands.Edit, id="audit-report", field="says", value="Twelve.", of="evidence")
    spliced = edits.spliced(loaded.texts.registry, list(made.changes(now)), loaded.positions)  # type: ignore[arg-type]
    assert splice.plain(spliced.data)["evidence"][0]["says"] == "Twelve."
    assert "says: fake" in splice.plain(spliced.data)["title"]


def test_an_entry_that_stands_alone_in_such_a_text_is_not_changed() -> None:
    fake = 'title: "Small\nevidence:\n  - id: audit-report\n    says: fake\n"\n'
    text = REGISTRY.replace("title: {en: Small, ru: Малый, kk: Шағын}\n", fake)
    text = text.replace(
        "evidence:\n  - id: audit-report\n    says: Eleven shelters were counted.\n",
        "'evidence':\n  - id: audit-report\n    says: Eleven.\n",
    )
    loaded = _read(text)
    spliced = edits.spliced(
        loaded.texts.registry, [Change("evidence", "audit-report", (Put(("says",), "Twelve."),))], loaded.positions
    )
    assert splice.plain(spliced.data)["evidence"][0]["says"] == "Twelve."


def test_the_day_is_the_one_that_was_given() -> None:
    loaded = _read(REGISTRY)
    spliced = _put(loaded, ("assessments", 0, "assessed_on"), "2026-06")
    assert reader.again(loaded, spliced.data, spliced.touched, date(2025, 12, 31)).errors == 1
    assert reader.again(loaded, spliced.data, spliced.touched, TODAY).errors == 0
