"""Selections: from an address and back without loss, what each key keeps, and what is told of the rest."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.progress.filters import FLAGS, Filters, Published
from dashboard.progress.frame import SORTS, Frame, frame
from dashboard.progress.rows import Completion, by_known, by_side, by_status, summed
from dashboard.registry import reader
from dashboard.registry.grounds import bodies_above
from dashboard.registry.model import Basis, Kind, Known, Registry, Role, Side, Status
from dashboard.registry.scalars import Clock
from tests import generate
from tests.points import ORIGIN, TODAY, point, registry, said

POINTS = registry(
    point("ask-the-state", who="the-state"),
    point(
        "ask-the-ministry",
        assessments=[said("in-progress", "2026-09-01"), said("refused", "2026-09-02", by="the-union")],
        title={"en": "Open a shelter", "ru": "Открыть ещё приют", "kk": "Баспана ашу"},
    ),
    point(
        "ask-the-police",
        who="the-police",
        theme="courts",
        actors=[
            {"actor": "the-police", "role": "must-act", "basis": "inferred"},
            {"actor": "the-union", "role": "helps", "basis": "named"},
        ],
        assessments=[said("promised", "2025-01-01", evidence="its-word")],
    ),
    point("ask-the-donor", who="the-donor", kind="recommendation", open_ended="true", done_when=[]),
    point(
        "ask-the-union",
        who="the-union",
        kind="commitment",
        as_given="reported",
        origin=[{**ORIGIN, "quote": "We will count ＡＢＣ"}],
    ),
)
EVERY = frame(POINTS, Clock(TODAY, TODAY))


def kept(**query: str | list[str]) -> list[str]:
    return _ids(chosen(**query).apply(EVERY))


def chosen(of: Registry = POINTS, **query: str | list[str]) -> Filters:
    values = {key: value if isinstance(value, list) else [value] for key, value in query.items()}
    return Filters.from_address(values, of, TODAY)


def some(values: Any) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from([str(value) for value in values]), max_size=4, unique=True).map(tuple)


ACTORS = [*POINTS.actors, *(f"{actor}:{role}" for actor in POINTS.actors for role in Role)]
SELECTIONS = st.builds(
    Filters,
    side=some(Side),
    actor=some(ACTORS),
    role=some(Role),
    basis=some(Basis),
    status=some(Status),
    known=some(Known),
    theme=some(POINTS.themes),
    source=some(POINTS.source_by_id),
    kind=some(Kind),
    disagree=st.booleans(),
    due=st.booleans(),
    testable=st.booleans(),
    q=st.text(max_size=60).map(lambda text: " ".join("".join(c if c.isprintable() else " " for c in text).split())),
    as_of=st.none() | st.dates(date(1900, 1, 1), TODAY),
    published_on=st.none()
    | st.builds(Published, st.dates(date(1900, 1, 1), TODAY), st.sampled_from(["", "0a1b2c3", "f" * 40])),
    since=st.none() | st.dates(date(1900, 1, 1), TODAY),
    until=st.none() | st.dates(date(1900, 1, 1), TODAY),
    sort=st.sampled_from(["", *SORTS]),
)


# --- there and back -----------------------------------------------------------------------------------


@settings(deadline=None)
@given(SELECTIONS)
def test_a_selection_survives_its_address(selection: Filters) -> None:
    address = urlencode(selection.pairs())
    back = Filters.from_address(parse_qs(address), POINTS, TODAY)
    assert back == selection
    assert back.unknown == ()
    assert urlencode(back.pairs()) == address


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["side", "actor", "status", "theme", "as_of", "q", "due", "page", "nothing"]),
        st.lists(st.text(max_size=20), max_size=3),
    )
)
def test_any_address_is_read_and_what_it_keeps_is_stable(query: dict[str, list[str]]) -> None:
    first = Filters.from_address(query, POINTS, TODAY)
    first.apply(EVERY)
    again = Filters.from_address(parse_qs(urlencode(first.pairs())), POINTS, TODAY)
    assert again == first


@settings(deadline=None)
@given(SELECTIONS)
def test_more_keys_never_keep_more_and_more_values_never_less(selection: Filters) -> None:
    found = set(_ids(selection.apply(EVERY)))
    for key, _ in selection.pairs():
        if key in ("from", "to", "as_of", "published_on", "sort"):
            continue
        assert found <= set(_ids(selection.without(key).apply(EVERY)))
    for key in ("side", "status", "kind"):
        if getattr(selection, key):
            alone = [selection.choosing(key, value).apply(EVERY) for value in getattr(selection, key)]
            assert found == {name for one in alone for name in _ids(one)}


def test_the_pairs_stand_in_one_order_and_hold_ids_only() -> None:
    selection = chosen(q="shelter", status=["refused", "promised"], side="state", due="1", as_of="2025-01-02")
    assert selection.pairs() == [
        ("side", "state"),
        ("status", "refused"),
        ("status", "promised"),
        ("due", "1"),
        ("q", "shelter"),
        ("as_of", "2025-01-02"),
    ]


# --- unknown values -------------------------------------------------------------------------------------


def test_values_that_name_nothing_are_left_out_and_told() -> None:
    found = chosen(
        side=["state", "moon"], actor=["nobody", "the-union:eats", "the-union:"], theme="x", as_of="2025-13-01"
    )
    assert found.side == ("state",)
    assert found.actor == ()
    assert sorted(found.unknown) == [
        "actor=nobody",
        "actor=the-union:",
        "actor=the-union:eats",
        "as_of=2025-13-01",
        "side=moon",
        "theme=x",
    ]
    assert _ids(found.apply(EVERY)) == _ids(chosen(side="state").apply(EVERY))


@pytest.mark.parametrize(
    "day", ["2026-11-23", "1899-12-31", "0001-01-01", "20250102", "2025-1-2", "2025-W01-1", "today", "2025-02-30"]
)
def test_a_day_that_is_none_or_to_come_is_told(day: str) -> None:
    found = chosen(as_of=day)
    assert found.as_of is None
    assert found.unknown == (f"as_of={day}",)


@pytest.mark.parametrize("day", ["2026-11-22", "1900-01-01", "2024-02-29"])
def test_a_day_gone_by_is_kept(day: str) -> None:
    assert chosen(as_of=day).as_of == date.fromisoformat(day)


def test_what_is_said_twice_counts_once() -> None:
    assert chosen(side=["state", "state"]).side == ("state",)


def test_a_search_is_cut_at_200_letters_and_its_white_space_made_one() -> None:
    assert chosen(q="  open \n\t a  ").q == "open a"
    assert chosen(q="open\x1b\u202ea\x00").q == "open a"
    assert len(chosen(q="x" * 500).q) == 200


# --- what each key keeps ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["ask-the-police", "ask-the-ministry", "ask-the-state", "ask-the-donor", "ask-the-union"]),
        ({"side": "foreign"}, ["ask-the-donor"]),
        ({"side": ["foreign", "society"]}, ["ask-the-donor", "ask-the-union"]),
        ({"side": "state", "status": "refused"}, ["ask-the-ministry"]),
        ({"side": "foreign", "status": "refused"}, []),
        ({"role": "helps"}, ["ask-the-police"]),
        ({"basis": "inferred"}, ["ask-the-police"]),
        ({"status": "promised"}, ["ask-the-police", "ask-the-union"]),
        ({"known": "own-word"}, ["ask-the-police"]),
        ({"theme": "courts"}, ["ask-the-police"]),
        ({"kind": "commitment"}, ["ask-the-union"]),
        ({"source": "report-one", "kind": "recommendation"}, ["ask-the-donor"]),
        ({"disagree": "1"}, ["ask-the-ministry"]),
        ({"disagree": "yes", "side": "foreign"}, ["ask-the-donor"]),
        ({"due": "1"}, ["ask-the-police"]),
        ({"testable": "1", "side": ["foreign", "society"]}, ["ask-the-union"]),
    ],
    ids=str,
)
def test_values_of_one_key_mean_or_and_keys_mean_and(query: dict[str, Any], expected: list[str]) -> None:
    found = kept(**query)
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        ("the-state", {"ask-the-state", "ask-the-ministry", "ask-the-police"}),
        ("the-ministry", {"ask-the-ministry", "ask-the-police"}),
        ("the-police", {"ask-the-police"}),
        ("the-agency", set()),
        ("the-union", {"ask-the-police", "ask-the-union"}),
        ("the-union:helps", {"ask-the-police"}),
        ("the-union:must-act", {"ask-the-union"}),
        ("the-state:must-act", {"ask-the-state", "ask-the-ministry", "ask-the-police"}),
        ("the-police:helps", set()),
    ],
)
def test_an_actor_includes_its_parts_and_a_role_is_bound_to_its_actor(actor: str, expected: set[str]) -> None:
    assert set(kept(actor=actor)) == expected


def test_actor_role_and_basis_mean_one_and_the_same_actor_of_a_record() -> None:
    """The union helps where the police must act, inferred."""
    assert kept(actor="the-police", role="helps") == []
    assert kept(actor="the-union", role="helps") == ["ask-the-police"]
    assert kept(actor="the-police", basis="named") == []
    assert kept(actor="the-union", basis="named") == ["ask-the-police", "ask-the-union"]


def test_a_basis_is_bound_to_a_role_where_there_is_one() -> None:
    assert "ask-the-police" in kept(basis="named")
    assert "ask-the-police" not in kept(basis="named", role="must-act")
    assert kept(basis="named", role="helps") == ["ask-the-police"]


def test_bodies_above_are_found_at_every_height_and_a_circle_ends() -> None:
    assert bodies_above(POINTS, "the-police") == ("the-ministry", "the-state")
    assert bodies_above(POINTS, "the-state") == ()
    round_trip = [
        {"id": name, "name": name, "kind": "state", "side": "state", "part_of": other}
        for name, other in (("one", "two"), ("two", "one"))
    ]
    assert bodies_above(registry(actors=round_trip), "one") == ("two", "one")


# --- beside the selection -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {}),
        ({"actor": "the-state"}, {}),
        ({"actor": "the-police"}, {"the-ministry": ["ask-the-ministry"], "the-state": ["ask-the-state"]}),
        ({"actor": "the-ministry"}, {"the-state": ["ask-the-state"]}),
        ({"actor": ["the-police", "the-ministry"]}, {"the-state": ["ask-the-state"]}),
        ({"actor": "the-police", "status": "refused"}, {"the-ministry": ["ask-the-ministry"]}),
        ({"actor": "the-police:must-act", "role": "helps"}, {}),
        ({"actor": "the-union"}, {}),
    ],
    ids=str,
)
def test_what_is_addressed_to_the_body_above_is_told_apart(query: dict[str, Any], expected: dict[str, Any]) -> None:
    assert {body: _ids(found) for body, found in chosen(**query).above(EVERY).items()} == expected


@settings(deadline=None)
@given(SELECTIONS)
def test_a_count_beside_a_choice_is_what_choosing_it_alone_would_show(selection: Filters) -> None:
    for key, values in (("side", Side), ("status", Status), ("known", Known), ("theme", POINTS.themes), ("kind", Kind),
                        ("source", POINTS.source_by_id), ("role", Role), ("basis", Basis), ("actor", POINTS.actors)):  # fmt: skip
        counted = selection.counts(EVERY, key)
        for value in map(str, values):
            assert counted.get(value, 0) == len(selection.choosing(key, value).apply(EVERY)), (key, value)
    for flag in FLAGS:
        assert selection.counts(EVERY, flag) == {"1": len(replace(selection, **{flag: True}).apply(EVERY))}


# --- orders ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", ["late", "early", "never", "abroad"]),
        ("asked", ["never", "late", "early", "abroad"]),
        ("as_of", ["late", "early", "never", "abroad"]),
        ("checked", ["never", "early", "late", "abroad"]),
        ("still", ["early", "late", "never", "abroad"]),
    ],
)
def test_an_order_holds_within_each_side_and_what_has_no_day_comes_where_it_presses(
    order: str, expected: list[str]
) -> None:
    made = registry(
        point("early", on="2023-01-01", assessments=[said("promised", "2024-01-01")]),
        point("late", on="2023-06-01", assessments=[said("in-progress", "2026-01-01")]),
        point("never", on="2025-01-01"),
        point("abroad", who="the-donor", on="2026-01-01"),
    )
    assert _ids(Filters(sort=order).apply(frame(made, Clock(TODAY, TODAY)))) == expected


# --- the day of publication ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day", "version"),
    [("2025-01-02", date(2025, 1, 2), ""), ("2025-01-02-0a1b2c3", date(2025, 1, 2), "0a1b2c3")],
)
def test_a_day_of_publication_may_name_its_exact_version(text: str, day: date, version: str) -> None:
    found = chosen(published_on=text)
    assert found.published_on == Published(day, version)
    assert found.pairs() == [("published_on", text)]


@pytest.mark.parametrize("text", ["2025-01-02-xyz", "2025-01-02-0a1b2c", "HEAD", "0a1b2c3", "2027-01-01", "--help"])
def test_what_is_no_day_of_publication_is_told(text: str) -> None:
    found = chosen(published_on=text)
    assert found.published_on is None
    assert found.unknown == (f"published_on={text}",)


def test_an_empty_field_of_a_form_asks_for_nothing() -> None:
    assert chosen(as_of="", published_on="", q="", sort="", side="") == Filters()


# --- search -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("court", ["ask-the-police"]),
        ("COUNT We", ["ask-the-union"]),
        ("приют", ["ask-the-ministry"]),
        ("ЕЩЕ приют", ["ask-the-ministry"]),
        ("баспана", ["ask-the-ministry"]),
        ("abc", ["ask-the-union"]),
        ("we will count", ["ask-the-union"]),
        ("ask-the-donor", ["ask-the-donor"]),
        ("shelter elsewhere", []),
        (".*", ["ask-the-ministry", "ask-the-police", "ask-the-state", "ask-the-donor", "ask-the-union"]),
    ],
)
def test_a_search_looks_in_titles_quotes_subjects_and_ids_in_every_language(words: str, expected: list[str]) -> None:
    assert sorted(kept(q=words)) == sorted(expected)


def test_taking_a_value_back_leaves_the_rest() -> None:
    selection = chosen(side=["state", "foreign"], due="1", q="x", as_of="2025-01-01", theme="nothing")
    assert selection.without("side", "state").side == ("foreign",)
    assert selection.without("side").side == ()
    assert not selection.without("due").due
    assert selection.without("q").q == ""
    assert selection.without("as_of").as_of is None
    assert selection.without("side").unknown == ()
    assert selection.choosing("side", "society").side == ("society",)


def test_the_flags_are_those_of_the_address() -> None:
    assert FLAGS == ("disagree", "due", "testable")
    assert [getattr(chosen(**{flag: "1"}), flag) for flag in FLAGS] == [True, True, True]


def _ids(found: Frame) -> list[str]:
    return [row.id for row in found.rows]


@pytest.mark.parametrize("seed", range(3))
def test_a_selection_is_counted_as_its_rows_are(seed: int, tmp_path: Path) -> None:
    """Frame counts by numbers, a list of rows one by one: the same sums, the same words about them."""
    loaded = reader.load(generate.write(tmp_path, generate.registry(seed, 150)), generate.TODAY).registry
    assert loaded
    every = frame(loaded, Clock(generate.TODAY, generate.TODAY))
    for one in (Filters(), *(Filters(known=(known,)) for known in Known), *(Filters(kind=(kind,)) for kind in Kind)):
        kept = one.apply(every)
        assert kept.side_sums == {side: summed(rows) for side, rows in by_side(kept.rows).items() if rows}
        assert (kept.statuses, kept.known) == (by_status(kept.rows), by_known(kept.rows))
        standings = [row.standing for row in kept.rows if row.standing.testable]
        checked = [now for now in standings if now.checked]
        done = sum(now.status is Status.IMPLEMENTED for now in checked)
        assert kept.completion == Completion(len(standings), len(checked), done)
