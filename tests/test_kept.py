"""What is kept of a long registry from one start to the next: the same pages with it and without, and nothing trusted."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette

from dashboard import editions, kept, reading, serving, web
from dashboard.outputs import composed
from dashboard.progress import frame
from dashboard.registry import inbox, reader
from dashboard.registry.scalars import today
from tests import generate, test_web
from tests.small import REGISTRY, ROOT, written
from tests.test_web import _run, fetched

WHERE = ("state", "of", "all")


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small registry that counts as a long one, with a cache of its own."""
    (tmp_path / "data").mkdir()
    path = written(tmp_path / "data", REGISTRY)
    monkeypatch.setenv("TRACKER_REGISTRY", str(path))
    monkeypatch.setenv(kept.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(kept, "FROM_BYTES", 1)
    restarted(monkeypatch)
    yield path
    restarted(monkeypatch)


def restarted(patch: pytest.MonkeyPatch) -> None:
    """The server forgets everything, as when it ends and starts again."""
    for held in (reading._last_good, reading._held, reading._made, frame._LATEST._held):
        held.clear()  # type: ignore[attr-defined]
    for made in (reading._loaded, reading._settle, frame.frame):
        made.cache_clear()
    composed.forget()
    reading.opened.clear()
    patch.setattr(web, "_OPENINGS", web._Openings())


def files(tmp_path: Path, kind: str) -> list[Path]:
    return sorted((tmp_path / "cache").glob(f"{kind}-*"))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was read whole, from here on."""
    seen: list[str] = []
    whole = reader.read

    def noted(texts: reader.Texts, *more: object) -> reader.Loaded:
        seen.append(texts.name)
        return whole(texts, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(reader, "read", noted)
    return seen


# --- the folder -------------------------------------------------------------------------------------


def test_what_was_put_is_got_for_just_what_it_was_made_from(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.put(registry, "state", {"a": 1}, "x", 1)
    assert kept.get(registry, "state", "x", 1) == {"a": 1}
    assert kept.has(registry, "state", "x", 1)
    for other in (("x", 2), ("x",), ("x", "1")):
        assert kept.get(registry, "state", *other) is None
        assert not kept.has(registry, "state", *other)
    assert kept.get(registry, "words", "x", 1) is None
    monkeypatch.setattr(kept, "program", lambda: "a newer one")
    assert kept.get(registry, "state", "x", 1) is None


def test_nobody_else_can_read_or_write_it(registry: Path, tmp_path: Path) -> None:
    kept.put(registry, *WHERE)
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert files(tmp_path, "state")[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_that_others_can_open_is_neither_read_nor_written(registry: Path, tmp_path: Path, mode: int) -> None:
    kept.put(registry, *WHERE)
    (tmp_path / "cache").chmod(mode)
    assert kept.get(registry, "state", "all") is None
    kept.put(registry, "words", "of", "others")
    assert not files(tmp_path, "words")


def test_a_link_is_not_followed_and_a_pipe_not_waited_for(registry: Path, tmp_path: Path) -> None:
    kept.put(registry, *WHERE)
    file = files(tmp_path, "state")[0]
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert kept.get(registry, "state", "all") is None
    file.unlink()
    os.mkfifo(file)
    assert kept.get(registry, "state", "all") is None
    file.with_name(f"words-{kept._own(registry)}-nowhere").symlink_to(tmp_path / "nowhere")
    kept.put(registry, "words", "of", "all")
    assert kept.get(registry, "words", "all") == "of"
    for n in range(kept.KEPT["words"]):
        kept.put(registry, "words", "of", n)
    assert len(files(tmp_path, "words")) == kept.KEPT["words"]


@pytest.mark.parametrize("damage", [b"", b"\x80\x05", b"not at all", b"cdashboard.nowhere\nthing\n."])
def test_what_is_damaged_is_as_if_it_were_not_there_and_is_made_anew(
    registry: Path, tmp_path: Path, damage: bytes
) -> None:
    kept.put(registry, *WHERE)
    files(tmp_path, "state")[0].write_bytes(damage)
    assert kept.get(registry, "state", "all") is None
    kept.put(registry, *WHERE)
    assert kept.get(registry, "state", "all") == "of"


def test_nothing_is_half_written(registry: Path, tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        kept.put(registry, "state", (n for n in "unkeepable"), "all")
    assert not list((tmp_path / "cache").iterdir())


def test_only_the_newest_are_kept(registry: Path, tmp_path: Path) -> None:
    for n in range(3):
        kept.put(registry, "state", n, n)
    assert [kept.get(registry, "state", n) for n in range(3)] == [None, None, 2]
    for n in range(kept.KEPT["words"] + 2):
        kept.put(registry, "words", n, n)
    assert len(files(tmp_path, "words")) == kept.KEPT["words"]


def test_it_never_lies_where_it_is_published(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kept.VARIABLE, str(registry.parent / "cache"))
    kept.put(registry, *WHERE)
    assert sorted(each.name for each in registry.parent.iterdir()) == ["recommendations.yaml", "sources"]
    assert kept.get(registry, "state", "all") is None
    with pytest.raises(inbox.Misplaced):
        kept.forget(registry)


def test_all_of_it_is_forgotten_at_once(registry: Path, tmp_path: Path) -> None:
    kept.put(registry, *WHERE)
    kept.put(registry, "words", "of", "all")
    cut_off = tmp_path / "cache" / f"new-{kept._own(registry)}-0123456789abcdef"
    cut_off.write_text("half")
    files(tmp_path, "words")[0].with_name(f"words-{kept._own(registry)}-nowhere").symlink_to(tmp_path / "nowhere")
    assert kept.forget(registry) == (tmp_path / "cache", 4)
    assert not list((tmp_path / "cache").iterdir())


def test_registries_that_share_a_folder_keep_each_its_own(registry: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other", REGISTRY)
    kept.put(registry, "state", "mine", "all")
    kept.put(other, "state", "other", "all")
    assert (kept.get(registry, "state", "all"), kept.get(other, "state", "all")) == ("mine", "other")
    kept.forget(other)
    assert (kept.get(registry, "state", "all"), kept.get(other, "state", "all")) == ("mine", None)


def test_what_somebody_was_killed_over_is_removed_after_an_hour(registry: Path, tmp_path: Path) -> None:
    kept.put(registry, *WHERE)
    for name, age in (("old", 3700), ("young", 60)):
        stray = tmp_path / "cache" / f"new-{kept._own(registry)}-{name}"
        stray.write_text("half")
        os.utime(stray, (time.time() - age,) * 2)
    kept.put(registry, "words", "of", "all")
    assert [each.name.rpartition("-")[2] for each in files(tmp_path, "new")] == ["young"]


def test_a_short_registry_is_not_kept(registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "FROM_BYTES", registry.stat().st_size + 1)
    fetched("/")
    reading.keep()
    reading.begin()
    assert reading.underway() is None
    assert not (tmp_path / "cache").exists()


def test_another_version_of_the_program_or_of_the_rules_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "dashboard").mkdir()
    told = set()
    for n, name in enumerate(("dashboard/words.po", "METHODOLOGY.md", "requirements.lock")):
        (tmp_path / name).write_text(str(n))
        kept.program.cache_clear()
        told.add(kept.program(tmp_path))
    (tmp_path / "dashboard" / "words.pyc").write_text("made of another")
    kept.program.cache_clear()
    assert kept.program(tmp_path) in told
    assert len(told) == 3
    assert kept.program() not in told


# --- the state --------------------------------------------------------------------------------------


def test_a_new_start_takes_what_was_kept(registry: Path, monkeypatch: pytest.MonkeyPatch, read: list[str]) -> None:
    before = fetched("/points")
    reading.keep()
    restarted(monkeypatch)
    read.clear()
    assert fetched("/points") == before
    assert not read
    view = reading.view("/points", {}, "en")
    assert view
    assert view.frame.registry is view.registry


def test_files_that_changed_are_read(registry: Path, monkeypatch: pytest.MonkeyPatch, read: list[str]) -> None:
    fetched("/")
    reading.keep()
    restarted(monkeypatch)
    registry.write_text(registry.read_text("utf-8").replace("status: in-progress", "status: promised"), "utf-8")
    read.clear()
    view = reading.view("/", {}, "en")
    assert read == [str(registry)]
    assert view
    assert "promised" in {row.status for row in view.frame.rows}


def test_another_day_is_read_anew(registry: Path, monkeypatch: pytest.MonkeyPatch, read: list[str]) -> None:
    """What is due, and what lies in the future, hangs on the day."""
    fetched("/")
    reading.keep()
    restarted(monkeypatch)
    read.clear()
    monkeypatch.setattr(reading, "today", lambda: date(2031, 1, 1))
    assert reading.state()
    assert read == [str(registry)]


def test_what_the_files_hold_no_more_is_not_kept(registry: Path, tmp_path: Path) -> None:
    """It may have been taken out of them for good while the server ran on."""
    fetched("/")
    registry.write_text(registry.read_text("utf-8").replace("status: in-progress", "status: promised"), "utf-8")
    reading.keep()
    assert not files(tmp_path, "state")
    registry.unlink()
    reading.keep()
    assert not files(tmp_path, "state")


def test_what_was_read_yesterday_is_not_kept_as_of_today(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched("/")
    tomorrow = today() + timedelta(days=1)
    monkeypatch.setattr(reading, "today", lambda: tomorrow)
    reading.keep()
    assert not files(tmp_path, "state")


ANSWERS = """
import json, sys
from dashboard import kept, reading, web
from dashboard.outputs import composed
from dashboard.registry import inbox, reader
kept.FROM_BYTES = 1
whole, read = reader.read, []
def noted(texts, *more):
    read.append(texts.name)
    return whole(texts, *more)
reader.read = noted
told = {}
for path, query in json.loads(sys.argv[1]):
    view = reading.view(path, query, "en", "https://example.org")
    told[f"{path} {query}"] = (
        [(row.id, row.status, str(row.standing)) for row in view.kept.rows],
        view.kept.table.to_csv(), view.kept.parties.to_csv(), view.kept.origins.to_csv(),
        [each for each in composed.page(view) if isinstance(each, str)],
        web.painted(web.Asked(path, query, "en", "https://example.org")).html,
    )
reading.keep()
print(json.dumps([told, len(read)]))
"""
ADDRESSES = [
    ("/", {}), ("/points", {"status": ["promised"]}), ("/points", {"as_of": ["2024-06-30"]}), ("/actors", {}),
    ("/changes", {}), ("/desk", {}), ("/coverage", {}), ("/points", {"q": ["shelters"]}),
]  # fmt: skip


def test_rows_numbers_and_pages_are_the_same_with_it_and_without(tmp_path: Path) -> None:
    """Each time in a process of its own: without a cache, making it, and from it."""
    path = generate.write(tmp_path / "data", generate.registry(11, 150))
    found = []
    for cache in ("none", "one", "one"):
        settings = {**os.environ, "TRACKER_REGISTRY": str(path), kept.VARIABLE: str(tmp_path / cache)}
        command = [sys.executable, "-c", ANSWERS, json.dumps(ADDRESSES)]
        ran = subprocess.run(command, cwd=ROOT, env=settings, check=True, capture_output=True, text=True)
        found.append(json.loads(ran.stdout))
    (without, read), (making, read_too), (from_it, not_read) = found
    assert without == making == from_it
    assert (read, read_too, not_read) == (1, 1, 0)


# --- the first page ---------------------------------------------------------------------------------


def test_the_first_page_is_told_before_the_registry_is_read(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fetched("/")
    restarted(monkeypatch)
    monkeypatch.setattr(reading, "state", lambda: pytest.fail("the registry was read"))
    assert fetched("/") == before


@pytest.mark.parametrize(
    ("asked", "more"),
    [
        (("/", "lang=ru"), {}),
        (("/", "lang=en"), {}),
        (("/",), {"save_data": "on"}),
        (("/",), {"host": "other.example.org"}),
        (("/", "as_of=2024-01-01"), {}),
        (("/points",), {}),
    ],
)
def test_any_other_page_is_painted(
    registry: Path, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...], more: dict[str, str]
) -> None:
    before = fetched(*asked, **more)
    restarted(monkeypatch)
    kept.forget(registry)
    fetched("/")
    restarted(monkeypatch)
    assert fetched(*asked, **more) == before


def test_the_last_good_page_is_not_kept_under_the_name_of_files_that_cannot_be_read(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched("/points")
    registry.write_text("not: [a registry", "utf-8")
    assert fetched("/")[0] == 200
    assert not files(tmp_path, "words")
    restarted(monkeypatch)
    assert fetched("/")[0] == 503


def test_a_page_of_an_earlier_state_is_not_told_once_the_files_have_changed(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept, and this life of the server has not told it yet: but the files are others by now."""
    before = fetched("/", "lang=ru")
    restarted(monkeypatch)
    fetched("/points")
    registry.write_text(registry.read_text("utf-8").replace("status: in-progress", "status: promised"), "utf-8")
    assert fetched("/", "lang=ru")[2] != before[2]


@pytest.mark.parametrize("name", ["TRACKER_SITE", "TRACKER_FORMS"])
def test_another_setting_has_other_words(registry: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    fetched("/")
    restarted(monkeypatch)
    monkeypatch.setenv(name, "https://other.example.org")
    asked: list[bool] = []
    painted = web._painted
    monkeypatch.setattr(web, "_painted", lambda *given: asked.append(True) or painted(*given))
    fetched("/")
    assert asked


def test_the_words_of_the_trial_language_are_not_kept(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It calls itself English."""
    monkeypatch.setenv("TRACKER_PSEUDO", "1")
    assert fetched("/")[0] == 200
    assert not files(tmp_path, "words")


def test_files_that_change_while_a_page_is_painted_are_not_kept_under_the_name_of_the_earlier_ones(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = web._painted

    def slowly(*given: object) -> web.Painted:
        registry.write_text(registry.read_text("utf-8").replace("status: in-progress", "status: promised"), "utf-8")
        return painted(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(web, "_painted", slowly)
    fetched("/")
    assert not files(tmp_path, "words")


# --- while it is read -------------------------------------------------------------------------------


class Halted:
    """A reading that waits, after half of it, until it may go on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.half, self.go_on = threading.Event(), threading.Event()
        whole = reader.read

        def slowly(texts: reader.Texts, day: date, told: object = None) -> reader.Loaded:
            assert callable(told)
            told(0.5)
            self.half.set()
            self.go_on.wait(30)
            return whole(texts, day)

        patch.setattr(reader, "read", slowly)

    def begin(self) -> None:
        """The server starts, and reads up to the half."""
        reading.begin()
        assert self.half.wait(30)

    def finish(self) -> None:
        self.go_on.set()
        _read_out()


def _read_out() -> None:
    """Until the thread that reads at the start has ended."""
    for each in threading.enumerate():
        if each.name == reading.READER:
            each.join(30)


def test_whoever_comes_while_it_is_read_is_told_how_far_that_is(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    halted = Halted(monkeypatch)
    halted.begin()
    status, headers, page = fetched("/points")
    assert (status, headers["retry-after"]) == (503, "2")
    assert 'value="40"' in page
    assert "<h1" not in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    status, headers, light = fetched("/r/open-shelters")
    assert (status, headers["refresh"]) == (503, "2")
    assert 'value="40"' in light
    assert fetched("/healthz")[::2] == (503, "40% of the registry read\n")
    halted.finish()
    assert reading.underway() is None
    assert fetched("/healthz")[::2] == (200, "ok\n")
    assert fetched("/points")[0] == 200


def test_programs_and_frames_are_told_to_ask_again(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    halted = Halted(monkeypatch)
    halted.begin()
    site = Starlette(routes=[*serving.ROUTES, *editions.ROUTES, *web.ROUTES])
    monkeypatch.setattr(test_web, "SITE", site)
    for address in ("/api/v1/registry.json", "/feed.atom", "/embed/open-shelters", "/picture/themes.json"):
        status, headers, said = fetched(address)
        assert (status, headers["retry-after"]) == (503, "2"), address
        assert web.BEING_READ in said, address
    halted.finish()


def test_the_page_of_an_earlier_life_is_told_to_everybody_while_it_is_read(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fetched("/")
    restarted(monkeypatch)
    halted = Halted(monkeypatch)
    halted.begin()
    assert [fetched("/"), fetched("/")] == [before, before]
    assert fetched("/points")[0] == 503
    halted.finish()
    painted: list[bool] = []
    paint = web._painted
    monkeypatch.setattr(web, "_painted", lambda *given: painted.append(True) or paint(*given))
    assert fetched("/")[2] == before[2]
    assert painted


def test_a_page_that_was_asked_for_in_vain_is_told_at_the_next_start(
    registry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that came while it was read need not come again: Streamlit drew the page."""
    halted = Halted(monkeypatch)
    halted.begin()
    assert fetched("/")[0] == 503
    halted.finish()
    web.keep()
    restarted(monkeypatch)
    monkeypatch.setattr(reading, "state", lambda: pytest.fail("the registry was read"))
    assert fetched("/")[0] == 200


def test_a_registry_that_cannot_be_read_is_not_waited_for(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.write_text("not: [a registry", "utf-8")
    reading.begin()
    _read_out()
    assert reading.underway() is None
    assert "cannot be read" in fetched("/")[2]


def test_how_far_it_is_grows_to_all(tmp_path: Path) -> None:
    told: list[float] = []
    texts = reader.texts(generate.write(tmp_path / "data", generate.registry(11, 1_200)))
    reader.read(texts, today(), told.append)
    assert told == sorted(told)
    assert told[0] < 0.02
    assert 0.9 < told[-1] <= 1.0
    assert len({f"{share:.1f}" for share in told}) > 4


def test_the_server_begins_to_read_when_it_starts_and_keeps_when_it_ends(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard import app

    halted = Halted(monkeypatch)
    kept.program.cache_clear()

    async def lived() -> None:
        async with app.life(None):
            assert kept.program.cache_info().currsize == 1  # as it was when it was loaded
            assert await asyncio.to_thread(halted.half.wait, 30)
            assert (await test_web._asked("/"))[0] == 503
            await asyncio.to_thread(halted.finish)

    _run(lived())
    assert files(tmp_path, "state")
    assert files(tmp_path, "words")
