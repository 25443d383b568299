"""What is made of a registry from what was made before equals what is made anew, whatever happened between."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from pandas.testing import assert_frame_equal

from dashboard.progress import frame as frames
from dashboard.progress import rows, sums
from dashboard.progress.frame import Frame, renewed
from dashboard.progress.status import year_before
from dashboard.progress.sums import Course
from dashboard.registry import commands, reader, store
from dashboard.registry.access import LOCAL_EDITOR
from dashboard.registry.commands import Command, Impossible
from dashboard.registry.edits import Misplaced
from dashboard.registry.model import Recommendation, Registry
from dashboard.registry.scalars import Clock, day
from dashboard.registry.store import Spoiled
from tests import generate, splice

TODAY = generate.TODAY
CLOCKS = (Clock(TODAY, TODAY), Clock(year_before(TODAY), TODAY), Clock(year_before(TODAY), year_before(TODAY)))
"""Today; a year before, as it is known today; a year before, as it was known then."""


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> "Anew":
    return Anew(monkeypatch)


class Anew:
    """Frames and courses as a process makes them that has made none before."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def frame(self, registry: Registry, clock: Clock) -> Frame:
        with self._monkeypatch.context() as only_here:
            only_here.setattr(frames, "_LATEST", rows.Latest(1))
            return frames.frame.__wrapped__(registry, clock)

    def course(self, registry: Registry, clock: Clock) -> Course:
        with self._monkeypatch.context() as only_here:
            only_here.setattr(sums, "_LATEST", rows.Latest(1))
            return sums.course.__wrapped__(registry, clock)


def same_frame(one: Frame, other: Frame) -> None:
    assert one.clock == other.clock
    assert one.rows == other.rows
    for name in ("table", "parties", "origins"):
        assert_frame_equal(getattr(one, name), getattr(other, name))
    assert (one.side_sums, one.statuses, one.known, one.of_theme, one.completion) == (
        other.side_sums, other.statuses, other.known, other.of_theme, other.completion,
    )  # fmt: skip


def same_course(one: Course, other: Course) -> None:
    assert (one.days, one.ids) == (other.days, other.ids)
    assert np.array_equal(one.places, other.places)
    assert one.places.dtype == other.places.dtype


def rests_on(registry: Registry) -> tuple[Any, ...]:
    """All but records and evidence that tells where a record stands."""
    file = registry.file
    return file.actors, file.themes, file.rules, registry.sources


def any_command(file: splice.File, random: Random, number: int) -> Command:
    """Any command on any record; now and then one more record or one more page."""
    record = random.choice(file["recommendations"])
    match random.randrange(6):
        case 0:
            entry = {name: held for name, held in record.items() if random.random() < 0.7 or name in _NEEDED}
            return splice.made(commands.AddRecord, entry={**entry, "id": f"new-{number}"})
        case 1:
            page = {**random.choice(file["evidence"]), "id": f"page-{number}"}
            return splice.made(commands.AddEvidence, entry=page)
    return random.choice([each.command for each in splice.trials(file, record["id"], random)])


_NEEDED = ("title", "kind", "theme", "origin", "actors", "done_when", "as_given")


@pytest.mark.parametrize("seed", range(4))
def test_after_any_saves_all_is_as_if_made_anew(
    tmp_path: Path, anew: Anew, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    path = generate.write(tmp_path, generate.registry(seed, 25, 4))
    random, quick, judged, saves = Random(seed), 0, 0, 0
    place = sums._places

    def counted(*given: Any) -> list[int]:
        nonlocal judged
        judged += 1
        return place(*given)

    monkeypatch.setattr(sums, "_LATEST", rows.Latest(len(CLOCKS)))
    now = reader.load(path, TODAY)
    assert now.registry
    shown = {clock: anew.frame(now.registry, clock) for clock in CLOCKS}
    for number in range(30):
        was = now.registry
        try:
            command = any_command(splice.plain(now.texts.registry), random, number)
            now = store.save(path, command, lambda: LOCAL_EDITOR, "", TODAY, now).loaded
        except (Impossible, Misplaced, Spoiled):
            continue
        read = reader.load(path, TODAY).registry
        assert was
        assert now.registry
        assert read
        saves += 1
        for clock in CLOCKS:
            made = renewed(shown[clock], now.registry)
            assert made is None or rests_on(was) == rests_on(now.registry)
            quick += made is not None
            shown[clock] = made or anew.frame(now.registry, clock)
            same_frame(shown[clock], anew.frame(read, clock))
            with monkeypatch.context() as counting:
                counting.setattr(sums, "_places", counted)
                course = sums.course(now.registry, clock)
            same_course(course, anew.course(read, clock))
    assert saves > 15
    assert saves < quick < 3 * saves, "both ways must have been tried"
    assert judged < saves * 3 * 15, "of most saves only the records that changed are judged"


# --- step by step ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    found = reader.load(generate.write(tmp_path_factory.mktemp("r"), generate.registry(5, 40)), TODAY).registry
    assert found
    return found


def holding(registry: Registry, **lists: Any) -> Registry:
    return registry.holding(replace(registry.file, **lists))


def changed(record: Recommendation, random: Random) -> Recommendation:
    """With the judgements taken away, turned round, or those of a retired one."""
    match random.randrange(4):
        case 0:
            return replace(record, assessments=(), checks=())
        case 1:
            return replace(record, assessments=record.assessments[:1], answers=())
        case 2:
            return replace(record, on=None, retired=None)
    return replace(record, theme="health", steps=(), funding=())


def pair(given: Registry, now: Registry, anew: Anew, monkeypatch: pytest.MonkeyPatch) -> None:
    """From one registry to another and back, by both ways."""
    monkeypatch.setattr(sums, "_LATEST", rows.Latest(3))
    for clock in CLOCKS:
        before = anew.frame(given, clock)
        made = renewed(before, now)
        assert made is not None
        assert made.registry is now
        same_frame(made, anew.frame(now, clock))
        sums.course.__wrapped__(given, clock)
        same_course(sums.course.__wrapped__(now, clock), anew.course(now, clock))
        if len(now.file.recommendations) == len(given.file.recommendations):
            back = renewed(made, given)
            assert back is not None
            same_frame(back, before)


@pytest.mark.parametrize("seed", range(8))
def test_records_changed_in_any_number(given: Registry, anew: Anew, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    random = Random(seed)
    share = (0.0, 0.05, 0.3, 1.0)[seed % 4]
    records = tuple(changed(each, random) if random.random() < share else each for each in given.file.recommendations)
    pair(given, holding(given, recommendations=records), anew, monkeypatch)


def test_records_put_in_another_order(given: Registry, anew: Anew, monkeypatch: pytest.MonkeyPatch) -> None:
    records = given.file.recommendations
    pair(given, holding(given, recommendations=(records[5], *records[:5], *records[6:])), anew, monkeypatch)
    pair(given, holding(given, recommendations=records[::-1]), anew, monkeypatch)


def test_records_put_between(given: Registry, anew: Anew, monkeypatch: pytest.MonkeyPatch) -> None:
    records = given.file.recommendations
    more = [replace(each, id=f"a-new-{n}") for n, each in enumerate(records[:4])]
    pair(given, holding(given, recommendations=(*records, *more)), anew, monkeypatch)
    pair(given, holding(given, recommendations=(*more, *records)), anew, monkeypatch)
    pair(given, holding(given, recommendations=(*records[:7], *more, *records[7:])), anew, monkeypatch)


def test_where_none_counted_and_where_none_counts_any_more(
    given: Registry, anew: Anew, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = [replace(each, on=day("2027")) for each in given.file.recommendations]
    nobody = holding(given, recommendations=tuple(gone))
    assert len(anew.frame(nobody, CLOCKS[0])) == 0
    pair(given, nobody, anew, monkeypatch)
    pair(nobody, given, anew, monkeypatch)


OTHER: dict[str, Callable[[Registry], Registry]] = {
    "an actor": lambda given: holding(given, actors=(*given.file.actors[:-1], replace(given.file.actors[-1]))),
    "one more actor": lambda given: holding(given, actors=(*given.file.actors, replace(given.file.actors[0], id="x"))),
    "a theme": lambda given: holding(given, themes=(replace(given.file.themes[0]), *given.file.themes[1:])),
    "the order of themes": lambda given: holding(given, themes=given.file.themes[::-1]),
    "a rule": lambda given: holding(given, rules=replace(given.file.rules, no_movement_months=6)),
    "a page that was there": lambda given: holding(
        given, evidence=(replace(given.file.evidence[0], form="news"), *given.file.evidence[1:])
    ),
    "a page gone": lambda given: holding(given, evidence=given.file.evidence[:-1]),
    "a source": lambda given: replace(given, sources=(replace(given.sources[0]), *given.sources[1:])),
    "one more source": lambda given: replace(given, sources=(*given.sources, replace(given.sources[0], id="x"))),
    "a record gone": lambda given: holding(given, recommendations=given.file.recommendations[1:]),
}


@pytest.mark.parametrize("what", OTHER)
def test_where_more_than_records_changed_all_is_made_anew(
    given: Registry, anew: Anew, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    now = OTHER[what](given)
    for clock in CLOCKS:
        before = anew.frame(given, clock)
        assert renewed(before, now) is None
        monkeypatch.setattr(frames, "_LATEST", rows.Latest(1))
        frames._LATEST.put(clock, before)
        same_frame(frames.frame.__wrapped__(now, clock), anew.frame(now, clock))
        monkeypatch.setattr(sums, "_LATEST", rows.Latest(1))
        sums.course.__wrapped__(given, clock)
        same_course(sums.course.__wrapped__(now, clock), anew.course(now, clock))


def test_where_very_many_changed_all_is_made_anew(given: Registry, anew: Anew, monkeypatch: pytest.MonkeyPatch) -> None:
    now = holding(given, recommendations=tuple(replace(each) for each in given.file.recommendations))
    before = anew.frame(given, CLOCKS[0])
    assert renewed(before, now)
    monkeypatch.setattr(rows, "MOST_RENEWED", len(given.records) - 1)
    assert renewed(before, now) is None


def test_another_page_that_a_changed_record_cites_counts(given: Registry, anew: Anew) -> None:
    """The page is new, and with it the record is known otherwise."""
    page = replace(given.file.evidence[0], id="a-new-page", owner="independent", form="news", voice=None, copy_of=None)
    n, record = next((n, each) for n, each in enumerate(given.file.recommendations) if each.assessments)
    judged = tuple(replace(each, by="editors", evidence=("a-new-page",)) for each in record.assessments)
    records = list(given.file.recommendations)
    records[n] = replace(record, assessments=judged)
    now = holding(given, evidence=(*given.file.evidence, page), recommendations=tuple(records))
    for clock in CLOCKS:
        made = renewed(anew.frame(given, clock), now)
        assert made
        same_frame(made, anew.frame(now, clock))
