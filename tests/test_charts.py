"""Pictures: their tables hold every number of them, counted by plain loops; addresses select as many."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import plotly.graph_objects as go
import pytest

from dashboard.language import translator, words
from dashboard.progress import charts, sums
from dashboard.progress.changes import compare, events
from dashboard.progress.charts import Cell, Chart, Pen
from dashboard.progress.drawing import plain
from dashboard.progress.filters import Filters
from dashboard.progress.frame import Frame, frame
from dashboard.progress.palette import LOOKS, ROLE_LOOKS, SHADE
from dashboard.progress.rows import STATUS_ORDER, Row, rows
from dashboard.registry import reader
from dashboard.registry.model import Known, Role, Side, Status, StepState
from dashboard.registry.scalars import LANGUAGES, Clock, Language
from tests import generate
from tests.points import TODAY, point, registry, said
from tests.small import ROOT

OF_FRAMES: dict[str, Callable[[Frame, Pen], Chart]] = {
    "marks": charts.marks,
    "themes": charts.themes,
    "actors": charts.actors,
    "says": charts.says,
    "known": charts.known,
    "looks": charts.looks,
    "steps": charts.steps,
    "over-time": charts.over_time,
}


def pen(chosen: Filters | None = None, language: Language = "en") -> Pen:
    return Pen(
        translator(language),
        lambda filters: f"/points?{urlencode(filters.pairs())}",
        lambda name: f"/record?id={name}",
        chosen or Filters(),
    )


@pytest.fixture(scope="module", params=(None, 1, 2), ids=lambda seed: f"generated-{seed}" if seed else "shipped")
def every(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Frame:
    if request.param is None:
        return loaded(ROOT / "recommendations.yaml", TODAY)
    folder = tmp_path_factory.mktemp("registry")
    return loaded(generate.write(folder, generate.registry(request.param, 60)), generate.TODAY)


def loaded(path: Path, today: date) -> Frame:
    read = reader.load(path, today).registry
    assert read is not None
    return frame(read, Clock(today, today))


def numbers(chart: Chart) -> dict[tuple[str, str], int]:
    """The table: name of line and column to number, without zeros."""
    found: Counter[tuple[str, str]] = Counter()
    for line in chart.lines:
        for name, cell in zip(chart.head[1:], line[1:], strict=True):
            if (n := int(cell.text.replace(",", "") or 0)) > 0:
                found[line[0].text, name] += n
    return dict(found)


def drawn(figure: go.Figure) -> Counter[str]:
    """What the bars and marks of a picture add up to: name of the part to number."""
    found: Counter[str] = Counter()
    for trace in figure.data:
        if not trace.name or trace.x is None:
            continue
        sizes = trace.x if trace.orientation == "h" else trace.y
        found[trace.name] += sum(n for n in sizes if n) if trace.type == "bar" else len(trace.x)
    return +found


def by_status(of: list[Row], name: Callable[[Row], str]) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for row in of:
        counted[name(row), words.STATUS[row.status]] += 1
        counted[name(row), "All"] += 1
    return counted


# --- numbers ----------------------------------------------------------------------------------------


def test_marks_are_as_many_as_records_of_each_side_and_status(every: Frame) -> None:
    chart = charts.marks(every, pen())
    assert numbers(chart) == by_status(list(every.rows), lambda row: words.side(every.registry, row.side))
    assert drawn(chart.figure) == Counter(words.STATUS[row.status] for row in every.rows)
    assert all(trace.type == "scatter" for trace in chart.figure.data)


def test_more_than_two_hundred_records_are_drawn_as_bars(tmp_path: Path) -> None:
    many = loaded(generate.write(tmp_path, generate.registry(1, 230)), generate.TODAY)
    assert len(many) > charts.MARKS_UP_TO
    chart = charts.marks(many, pen())
    assert {trace.type for trace in chart.figure.data} <= {"bar", "scatter"}
    assert any(trace.type == "bar" for trace in chart.figure.data)
    assert drawn(chart.figure) == Counter(words.STATUS[row.status] for row in many.rows)


def test_themes_hold_every_record_once(every: Frame) -> None:
    chart = charts.themes(every, pen())
    names = {t.id: t.name.shown("en")[0] for t in every.registry.file.themes}
    assert numbers(chart) == by_status(list(every.rows), lambda row: names[row.record.theme])
    assert drawn(chart.figure) == Counter(words.STATUS[row.status] for row in every.rows)
    totals = [int(line[-1].text) for line in chart.lines]
    assert totals == sorted(totals, reverse=True)


def test_how_we_know_holds_every_record_once(every: Frame) -> None:
    chart = charts.known(every, pen())
    names = {known: words.KNOWN[known].capitalize() for known in Known}
    assert numbers(chart) == by_status(list(every.rows), lambda row: names[row.standing.known])
    assert drawn(chart.figure) == Counter(words.STATUS[row.status] for row in every.rows)


def test_actors_are_counted_by_role_and_each_point_once_in_all(every: Frame) -> None:
    chart = charts.actors(every, pen())
    counted: Counter[tuple[str, str]] = Counter()
    points: dict[str, set[str]] = {}
    for row in every.rows:
        for actor, role in {(a.actor, a.role) for a in row.record.actors}:
            counted[actor, words.ROLE[role].capitalize()] += 1
            points.setdefault(actor, set()).add(row.id)
    expected = [sum(n for (_, role), n in counted.items() if role == words.ROLE[r].capitalize()) for r in Role]
    columns = {name: n for n, name in enumerate(chart.head)}
    shown = {r: columns.get(words.ROLE[r].capitalize()) for r in Role}
    assert [sum(int(line[n].text) for line in chart.lines) if (n := shown[r]) else 0 for r in Role] == expected
    totals = [int(line[columns["All"]].text) for line in chart.lines[: charts.ACTORS_UP_TO]]
    assert totals == sorted((len(p) for p in points.values()), reverse=True)[: charts.ACTORS_UP_TO]


def test_actors_after_the_twentieth_stand_in_one_line_of_the_table(tmp_path: Path) -> None:
    many = loaded(generate.write(tmp_path, generate.registry(4, 150)), generate.TODAY)
    chart = charts.actors(many, pen())
    named = {a.actor for row in many.rows for a in row.record.actors}
    assert len(named) > charts.ACTORS_UP_TO
    assert len(chart.lines) == charts.ACTORS_UP_TO + 1
    assert chart.lines[-1][0].text.startswith(f"{len(named) - charts.ACTORS_UP_TO} more actor")
    assert len(chart.figure.layout.annotations) == charts.ACTORS_UP_TO
    assert not any(cell.href for cell in chart.lines[-1])


def test_looks_are_counted_by_age_and_by_whether_they_are_due(every: Frame) -> None:
    chart = charts.looks(every, pen())
    assert [line[0].text for line in chart.lines][0::5] == ["Less than 1 month ago", "Nobody has looked"]
    found: Counter[str] = Counter()
    for (_, name), n in numbers(chart).items():
        found[name] += n
    expected = {
        "Due for a check": sum(row.standing.due for row in every.rows),
        "Nobody has looked": sum(row.standing.checked_on is None for row in every.rows),
        "All": len(every),
    }
    assert {name: found[name] for name in expected} == expected
    assert drawn(chart.figure).total() == len(every)


def test_who_says_what_holds_each_newest_judgement_and_those_who_disagree_first(every: Frame) -> None:
    chart = charts.says(every, pen())
    several = {row.id: row for row in every.rows if len(row.standing.newest) > 1}
    if not several:
        assert chart.title == "No point shown has been judged by more than one assessor"
        return
    told = Counter((line[0].href, line[2].text) for line in chart.lines)
    assert told == Counter(
        (f"/record?id={name}", words.STATUS[Status(given.status)])
        for name, row in several.items()
        for given in row.standing.newest
    )
    disagree = [several[line[0].href.partition("=")[2]].standing.disagree for line in chart.lines]
    assert disagree == sorted(disagree, reverse=True)
    n = sum(row.standing.disagree for row in several.values())
    assert chart.title == f"Assessors disagree on {n} of {len(several)} points that more than one has judged"
    assert drawn(chart.figure).total() == len(chart.lines)


def test_steps_are_counted_by_state_for_each_record(every: Frame) -> None:
    chart = charts.steps(every, pen())
    stepped = [row for row in every.rows if row.record.steps]
    expected: Counter[tuple[str, str]] = Counter()
    for row in stepped:
        for step in row.record.steps:
            expected[f"/record?id={row.id}", words.STEP[step.state].capitalize()] += 1
            expected[f"/record?id={row.id}", "Steps"] += 1
    found = {
        (line[0].href, name): int(cell.text)
        for line in chart.lines
        for name, cell in zip(chart.head[1:], line[1:], strict=True)
        if cell.text != "0"
    }
    assert found == expected
    assert len(chart.lines) == len(stepped)
    if len(stepped) <= charts.ROWS_UP_TO:
        states = Counter(words.STEP[s.state].capitalize() for row in stepped for s in row.record.steps)
        assert drawn(chart.figure) == states


def test_a_step_not_known_is_drawn_as_a_question_mark() -> None:
    steps = [{"step": f"Step {state}", "state": state} for state in StepState]
    chart = charts.steps(frame(registry(point(steps=steps)), Clock(TODAY, TODAY)), pen())
    texts = {trace.name: trace.text for trace in chart.figure.data if trace.name}
    assert list(texts) == ["Done", "Not done", "Not known", "Lapsed", "Not needed"]
    assert texts["Not known"] == ("?",)


def test_over_time_is_what_a_replay_of_each_day_says(every: Frame) -> None:
    chart = charts.over_time(every, pen())
    tr = translator("en")
    days = {tr.date(on): on for on in sums.course(every.registry, every.clock).days}
    total: Counter[str] = Counter()
    for line in chart.lines:
        stood = Counter(
            words.STATUS[row.status] for row in rows(every.registry, Clock(days[line[0].text], every.clock.today))
        )
        total += stood
        shown = {name: int(cell.text) for name, cell in zip(chart.head[1:-1], line[1:-1], strict=True)}
        assert {name: n for name, n in shown.items() if n} == stood, line[0].text
        assert int(line[-1].text) == stood.total()
    assert drawn(chart.figure) == total


def test_over_time_of_a_selection_counts_only_what_is_selected(every: Frame) -> None:
    chosen = Filters(side=("state",))
    kept = chosen.apply(every)
    chart = charts.over_time(kept, pen(chosen))
    assert int(chart.lines[-1][-1].text) == len(kept)
    _assert_addresses(chart, every)


def test_moves_are_counted_by_the_status_before_and_now(every: Frame) -> None:
    table = compare(every.registry, Clock(date(2025, 9, 1), every.clock.today), every.registry, every.clock).moves
    chart = charts.moved(table, pen())
    expected: Counter[tuple[str, str]] = Counter()
    for move in table:
        was = f"Before: {words.STATUS[move.was]}" if move.was else "Newly asked or promised"
        expected[was, words.STATUS[move.row.status]] += 1
        expected[was, "All"] += 1
    assert numbers(chart) == expected
    assert drawn(chart.figure) == Counter(words.STATUS[move.row.status] for move in table)


def test_a_timeline_holds_each_dated_fact_and_spans_what_is_not_exact(every: Frame) -> None:
    tr = translator("en")
    for row in every.rows[:20]:
        found = events(every.registry, row, every.clock)
        chart = charts.timeline(row, found, pen())
        assert [line[0].text for line in chart.lines] == [tr.day(event.on) for event in found]
        assert drawn(chart.figure).total() == len(found)
        spans = [trace for trace in chart.figure.data if trace.mode == "lines"]
        inexact = [event for event in found if event.on.first != event.on.last]
        assert sum(len(trace.x) for trace in spans) == 3 * len(inexact)


# --- addresses --------------------------------------------------------------------------------------

SELECTIONS = (
    Filters(),
    Filters(side=("state",)),
    Filters(status=("promised", "not-assessed")),
    Filters(role=("must-act",)),
    Filters(basis=("inferred",)),
    Filters(kind=("demand", "recommendation"), known=("none", "press")),
    Filters(due=True),
    Filters(testable=True),
)


@pytest.mark.parametrize("name", OF_FRAMES)
@pytest.mark.parametrize("chosen", SELECTIONS, ids=lambda chosen: urlencode(chosen.pairs()) or "all")
def test_an_address_selects_as_many_records_as_its_number_says(every: Frame, name: str, chosen: Filters) -> None:
    chart = OF_FRAMES[name](chosen.apply(every), pen(chosen))
    _assert_addresses(chart, every)


def test_an_address_does_so_where_actors_are_selected(every: Frame) -> None:
    for actor in list(every.parties["actor"].unique())[:8]:
        for chosen in (Filters(actor=(str(actor),)), Filters(actor=(f"{actor}:must-act",), role=("must-act",))):
            for name in ("actors", "themes", "over-time"):
                _assert_addresses(OF_FRAMES[name](chosen.apply(every), pen(chosen)), every)


def test_without_a_selection_every_number_of_a_status_has_an_address(every: Frame) -> None:
    for name in ("marks", "themes", "known"):
        for line in OF_FRAMES[name](every, pen()).lines:
            assert all(cell.href for cell in line if cell.text != "0")


def _assert_addresses(chart: Chart, every: Frame) -> None:
    """In the table each address shows what its number says; in the figure each mark has one of them, or none."""
    if chart.name in ("says", "steps"):
        assert all(cell.href.startswith("/record?id=") for line in chart.lines for cell in line if cell.href)
        return
    for line in chart.lines:
        for cell in line[1:]:
            if cell.href:
                assert _shown(cell, every) == int(cell.text.replace(",", "")), (chart.name, line[0].text, cell)
    known = {cell.href for line in chart.lines for cell in line} | {""}
    for trace in chart.figure.data:
        for mark in trace.customdata or ():
            assert isinstance(mark, str)
            if chart.name == "marks":
                assert mark.partition("=")[2] in every.ids or mark in known
            else:
                assert mark in known
    if chart.name in ("themes", "known"):
        for trace in chart.figure.data:
            for size, address in zip(trace.x if trace.name else (), trace.customdata or (), strict=False):
                assert _shown(Cell(str(size), address), every) == size


def _shown(cell: Cell, every: Frame) -> int:
    address = urlsplit(cell.href)
    query = parse_qs(address.query)
    if address.path == "/record":
        assert query["id"][0] in every.registry.records
        return 1
    chosen = Filters.from_address(query, every.registry, every.clock.today)
    assert not chosen.unknown
    on = every if chosen.as_of is None else frame(every.registry, Clock(chosen.as_of, every.clock.today))
    return len(chosen.apply(on))


# --- what they say ----------------------------------------------------------------------------------

HOSTILE = "<b>x</b> <a href='javascript:alert(1)'>y</a> &lt;i&gt; $\\alpha$ <br> %{x}"


def test_letters_stay_letters() -> None:
    assert plain("a < b & c > d") == "a &lt; b &amp; c &gt; d"
    assert plain("&lt;b&gt; costs $5$") == "&amp;lt;b&amp;gt; costs &#36;5&#36;"


def test_hostile_words_come_out_as_letters() -> None:
    text = {"en": HOSTILE}
    of = registry(
        point(
            title=text,
            steps=[{"step": text, "state": "done", "on": "2025-01-01"}],
            setbacks=[{"on": "2025-02", "what": text, "evidence": ["audit"]}],
            assessments=[said("in-progress", "2026-09-01"), said("refused", "2026-09-02", by="the-union")],
        ),
        themes=[{"id": "shelters", "name": text}],
        actors=[
            {"id": name, "name": text, "kind": "government", "side": side}
            for name, side in (("the-ministry", "state"), ("the-union", "society"), ("an-author", "society"))
        ],
    )
    every = frame(of, Clock(TODAY, TODAY))
    row = every.rows[0]
    made = [draw(every, pen()) for draw in OF_FRAMES.values()]
    made += [charts.timeline(row, events(of, row, every.clock), pen()), charts.moved(compare(of, Clock(date(2024, 1, 1), TODAY), of, every.clock).moves, pen())]  # fmt: skip
    for chart in made:
        for figure in (chart.figure, charts.picture(chart, HOSTILE, translator("en"))):
            written = _strings(json.loads(figure.to_json()))
            for text_of in written:
                assert not re.search(r"<(?!/?b>|br>)", text_of), (chart.name, text_of)
                assert "<b>x" not in text_of
                assert "$" not in text_of
    assert any("&lt;b&gt;x&lt;/b&gt;" in text_of for text_of in _strings(json.loads(made[1].figure.to_json())))


def _strings(value: Any, key: str = "") -> list[str]:
    if isinstance(value, dict):
        return [s for k, v in value.items() if k != "customdata" for s in _strings(v, k)]
    if isinstance(value, list):
        return [s for v in value for s in _strings(v, key)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_can_be_drawn_in_every_language(every: Frame, language: Language) -> None:
    for draw in OF_FRAMES.values():
        chart = draw(every, pen(language=language))
        assert chart.title
        assert chart.alt.startswith(chart.title.rstrip("."))
        assert "{" not in chart.title + chart.alt + chart.note


def test_the_words_instead_of_a_picture_tell_its_numbers(every: Frame) -> None:
    for name in ("themes", "known", "actors"):
        chart = OF_FRAMES[name](every, pen())
        told = Counter(map(int, re.findall(r"\b\d+\b", chart.alt.removeprefix(chart.title))))
        for line in chart.lines[: charts.ACTORS_UP_TO]:
            parts = line[1 : -2 if name == "actors" else -1]
            assert line[0].text in chart.alt
            assert all(told[int(cell.text)] for cell in parts if cell.text != "0")


@pytest.mark.parametrize(
    ("points", "title"),
    [
        ([point()], "The status of the 1 point shown is “Nobody has checked yet”"),
        ([point("a"), point("b")], "The status of all 2 points is “Nobody has checked yet”"),
        (
            [point("a"), point("b"), point("c", assessments=[said("in-progress", "2026-01-01")])],
            "The status of 2 of 3 points is “Nobody has checked yet”",
        ),
    ],
)
def test_a_title_agrees_with_its_numbers(points: list[dict[str, Any]], title: str) -> None:
    assert charts.marks(frame(registry(*points), Clock(TODAY, TODAY)), pen()).title == title


@pytest.mark.parametrize(
    ("statuses", "title"),
    [
        (["promised"], "Nothing is recorded as ongoing, under way or done on the 1 subject shown"),
        (
            ["in-progress"],
            "On 1 of 1 subject something is recorded as ongoing, under way or at least partly done",
        ),
    ],
)
def test_the_title_of_themes(statuses: list[str], title: str) -> None:
    points = [point(f"p-{n}", assessments=[said(s, "2026-01-01")]) for n, s in enumerate(statuses)]
    assert charts.themes(frame(registry(*points), Clock(TODAY, TODAY)), pen()).title == title


def test_equals_are_not_called_the_most() -> None:
    two = frame(registry(point("a"), point("b", who="the-donor")), Clock(TODAY, TODAY))
    assert charts.actors(two, pen()).title == "No actor has a part in more than 1 of 2 points"
    more = frame(registry(point("a"), point("b"), point("c", who="the-donor")), Clock(TODAY, TODAY))
    assert charts.actors(more, pen()).title == "“The ministry” itself has a part in 2 of 3 points, more than any other"


def test_no_record_is_said_in_words() -> None:
    nothing = frame(registry(), Clock(TODAY, TODAY))
    some = frame(registry(point()), Clock(TODAY, TODAY))
    row = some.rows[0]
    none_kept = Filters(status=("refused",)).apply(some)
    for of in (nothing, none_kept):
        for name, draw in OF_FRAMES.items():
            chart = draw(of, pen(Filters(status=("refused",)) if of is none_kept else None))
            assert (chart.name, chart.lines) == (name, ())
            assert chart.title.startswith("No point")
            assert chart.figure.layout.height <= 40
    assert charts.moved([], pen()).title == "No point has another status than before"
    assert charts.timeline(row, [], pen()).title == "No dated fact is on record"


# --- how they look ----------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", [*(look.colour for look in LOOKS.values()), SHADE])
def test_every_colour_is_seen_on_both_grounds_and_under_white_numbers(colour: str) -> None:
    assert contrast(colour, "#FFFFFF") >= 4.5
    assert contrast(colour, "#11161C") >= 3


def test_every_status_has_its_own_look() -> None:
    assert set(LOOKS) == set(Status)
    assert len({look.colour for look in LOOKS.values()}) == len(LOOKS)
    assert len({look.symbol for look in LOOKS.values()}) == len(LOOKS)
    assert len({(look.pattern, look.filled) for look in ROLE_LOOKS.values()}) == len(Role)


@pytest.mark.parametrize(
    "alike",
    [
        {Status.IMPLEMENTED, Status.PARTLY},
        {Status.IN_PROGRESS, Status.ONGOING},
        {Status.REVERSED, Status.REFUSED, Status.BLOCKED},
        {Status.NOT_STARTED, Status.NOTHING_FOUND, Status.NOT_ASSESSED},
    ],
)
def test_where_colours_are_near_bars_differ_by_pattern(alike: set[Status]) -> None:
    assert len({(LOOKS[s].pattern, LOOKS[s].filled) for s in alike}) == len(alike)


def test_patterns_lie_over_the_colour(every: Frame) -> None:
    """With any other fill mode the bars were not to be seen on light ground."""
    for trace in charts.themes(every, pen()).figure.data:
        if trace.type == "bar" and trace.marker.pattern.shape:
            assert trace.marker.pattern.fillmode == "overlay"


def test_legends_stand_below_in_the_order_of_statuses_and_nothing_can_be_dragged(every: Frame) -> None:
    order = [words.STATUS[status] for status in STATUS_ORDER]
    for name, draw in OF_FRAMES.items():
        figure = draw(every, pen()).figure
        layout = figure.layout
        assert layout.dragmode is False
        assert layout.xaxis.fixedrange is True
        assert layout.yaxis.fixedrange is True
        assert layout.legend.y < 0
        if name in ("marks", "themes", "known", "over-time"):
            shown = [trace.name for trace in figure.data if trace.name and trace.showlegend is not False]
            assert shown == [n for n in order if n in shown]


def test_every_figure_is_valid(every: Frame) -> None:
    """They are made without Plotly's own check, for speed."""
    row = every.rows[0]
    made = [draw(every, pen()) for draw in OF_FRAMES.values()]
    made += [charts.timeline(row, events(every.registry, row, every.clock), pen())]
    before = Clock(date(2025, 9, 1), every.clock.today)
    made += [charts.moved(compare(every.registry, before, every.registry, every.clock).moves, pen())]
    for chart in made:
        assert go.Figure(chart.figure.to_dict()).layout.height == chart.figure.layout.height
        assert 0 <= chart.slack < chart.figure.layout.height


def test_a_picture_to_take_away_says_what_and_whence(every: Frame) -> None:
    for draw in OF_FRAMES.values():
        chart = draw(every, pen())
        before = chart.figure.to_json()
        figure = charts.picture(chart, "Registry, 22 November 2026, 0a1b2c3, CC-BY-4.0", translator("en"))
        assert chart.figure.to_json() == before
        written = json.loads(figure.to_json())["layout"]
        assert written["width"] == 1200
        assert written["paper_bgcolor"] == "#ffffff"
        assert written["font"]["color"] == "#000000"
        title = re.sub(r"</?b>", "", written["annotations"][-2]["text"]).replace("<br>", " ")
        assert title == plain(chart.title)
        last = written["annotations"][-1]["text"].replace("<br>", " ")
        assert "Source: Registry, 22 November 2026, 0a1b2c3, CC-BY-4.0" in last
        assert plain(chart.note) in last
        inner = written["height"] - written["margin"]["t"] - written["margin"]["b"]
        was = chart.figure.layout
        assert inner == was.height - was.margin.t - was.margin.b


def test_a_picture_is_of_the_selection(every: Frame) -> None:
    chosen = Filters(side=(str(Side.STATE),), status=tuple(map(str, STATUS_ORDER[:5])))
    for address in (cell.href for line in charts.themes(chosen.apply(every), pen(chosen)).lines for cell in line):
        if address:
            assert "side=state" in address
    later = replace(chosen, as_of=date(2025, 1, 1))
    for address in (cell.href for line in charts.known(chosen.apply(every), pen(later)).lines for cell in line):
        if address:
            assert "as_of=2025-01-01" in address
