"""What a reader asked for: the registry as it is, as it stood, and as it was published."""

import gc
import os
import subprocess
from datetime import date
from pathlib import Path
from shutil import rmtree

import pytest

from dashboard import reading
from dashboard.outputs import composed, pages, telling
from dashboard.outputs.view import View
from dashboard.registry import reader
from dashboard.registry.reader import Loaded
from dashboard.registry.scalars import Clock
from tests.small import REGISTRY, SOURCE, git, written

PROMISED = REGISTRY.replace("status: in-progress", "status: promised")


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two versions: of 10 March 2026 the shelters are promised, of 20 May 2026 in progress."""
    path = written(tmp_path, PROMISED)
    git(tmp_path, "init", "-q", "-b", "main")
    _commit(tmp_path, "2026-03-10T09:00:00Z")
    written(tmp_path, REGISTRY)
    _commit(tmp_path, "2026-05-20T23:30:00Z")
    monkeypatch.setenv("TRACKER_REGISTRY", str(path))
    monkeypatch.setattr(reading, "EDITION_SECONDS", 1e-6)
    return path


def _commit(folder: Path, moment: str) -> None:
    git(folder, "add", "-A")
    env = {**os.environ, "GIT_COMMITTER_DATE": moment, "GIT_AUTHOR_DATE": moment}
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, "commit", "-qm", moment], check=True, env=env)


def viewed(path: str = "/", **query: str) -> View:
    found = reading.view(path, {key: [value] for key, value in query.items()}, "en", "https://example.org")
    assert found
    return found


def status(view: View) -> str:
    return next(row.status for row in view.kept.rows if row.id == "open-shelters")


@pytest.mark.parametrize(
    ("day", "expected", "version"),
    [
        ("2026-03-10", "promised", "2026-03-10"),
        ("2026-05-19", "promised", "2026-03-10"),
        ("2026-05-20", "in-progress", "2026-05-20"),
        ("2026-11-01", "in-progress", "2026-05-20"),
    ],
)
def test_a_day_of_publication_shows_the_last_version_up_to_its_end(
    history: Path, day: str, expected: str, version: str
) -> None:
    view = viewed(published_on=day)
    assert status(view) == expected
    assert view.edition
    assert str(view.edition.on) == version
    assert view.clock == Clock(date.fromisoformat(day), date.fromisoformat(day))
    assert f"As published on {view.tr.date(date.fromisoformat(day))}" in pages.top(view)


def test_before_the_first_version_the_page_says_so(history: Path) -> None:
    view = viewed(published_on="2026-03-09")
    assert view.unpublished == "before"
    assert "nothing had been published yet" in pages.unpublished(view)
    assert "as_of=2026-03-09" in pages.unpublished(view)
    assert "You see what this registry said then" not in pages.top(view)
    assert "Data of" not in pages.foot(view)


def test_a_version_that_is_not_of_this_history_is_not_shown(history: Path) -> None:
    assert viewed(published_on="2026-06-01-0123abc").unpublished == "no-history"


def test_a_version_of_another_branch_is_not_shown(history: Path) -> None:
    git(history.parent, "checkout", "-q", "-b", "aside")
    history.write_text(REGISTRY + "# aside\n")
    _commit(history.parent, "2026-06-01T00:00:00Z")
    aside = viewed().edition
    git(history.parent, "checkout", "-q", "main")
    assert aside
    assert viewed(published_on=f"2026-07-01-{aside.commit}").unpublished == "no-history"


def test_a_citation_names_twelve_digits_of_its_version(history: Path) -> None:
    edition = viewed().edition
    assert edition
    assert len(edition.commit) == 12
    assert viewed().lasting("/").endswith(f"-{edition.commit}")


def test_a_day_of_publication_is_cited_with_its_version(history: Path) -> None:
    """A later commit of the same day would change what the day alone shows."""
    view = viewed(published_on="2026-03-10")
    assert view.edition
    assert view.lasting("/").endswith(f"?published_on=2026-03-10-{view.edition.commit}")


def test_what_lives_as_long_as_the_server_is_no_garbage_and_nothing_else_is_kept(history: Path) -> None:
    viewed()
    kept = gc.get_freeze_count()
    viewed(as_of="2026-04-03")
    viewed(published_on="2026-04-04")
    assert gc.get_freeze_count() <= kept
    history.write_text(REGISTRY + "# changed\n")
    viewed()
    assert gc.get_freeze_count() > kept


def test_pages_of_a_state_that_is_shown_no_more_are_let_go(history: Path) -> None:
    old = viewed()
    drawn = composed.page(old)
    assert composed.page(viewed()) is drawn
    history.write_text(PROMISED, "utf-8")
    viewed()
    assert composed.page(old) is not drawn


def test_a_comparison_never_goes_past_the_day_that_was_chosen(history: Path) -> None:
    view = viewed("/changes", as_of="2025-06-01", **{"from": "2026-01-01", "to": "2026-02-01"})
    assert pages.days(view) == (date(2025, 6, 1), date(2025, 6, 1))


@pytest.mark.parametrize("status", ["not-assessed", "in-progress"])
def test_a_selection_compares_what_fits_it_on_either_day(history: Path, status: str) -> None:
    view = viewed("/changes", status=status, q="open", **{"from": "2025-02-01", "to": "2025-06-01"})
    assert [(move.row.id, move.was) for move in pages.compared(view).forward] == [("open-shelters", "not-assessed")]


def test_a_version_cannot_be_cited_for_a_day_before_it(history: Path) -> None:
    shown = viewed().edition
    assert shown
    assert viewed(published_on=f"2026-05-20-{shown.commit}").unpublished == ""
    assert viewed(published_on=f"2026-05-19-{shown.commit}").unpublished == "before"


def test_while_the_last_good_state_is_shown_no_version_is_claimed(history: Path) -> None:
    assert viewed().edition
    history.write_text("cut off")
    _commit(history.parent, "2026-06-01T00:00:00Z")
    view = viewed()
    assert view.edition is None
    assert "published_on" not in view.lasting("/")


def test_a_file_that_could_not_be_read_for_a_moment_is_read_again(
    history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as trouble:
        trouble.setattr(reader, "texts", lambda path: (_ for _ in ()).throw(reader.Unreadable("for a moment")))
        history.touch()
        assert reading.view("/", {}, "en") is None
    assert reading.view("/", {}, "en") is not None


def test_an_empty_day_of_publication_beside_one_counts_for_nothing(history: Path) -> None:
    view = reading.view("/", {"published_on": ["2026-03-10", ""]}, "en")
    assert view
    assert status(view) == "promised"


def test_without_rules_of_then_the_page_says_that_they_are_those_of_now(history: Path) -> None:
    page = pages.method(viewed("/method", published_on="2026-06-01"))
    assert "The text of the rules was not published with that version." in page
    assert "was not published with that version" not in pages.method(viewed("/method"))


def test_without_a_repository_there_is_no_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_REGISTRY", str(written(tmp_path)))
    assert viewed(published_on="2026-06-01").unpublished == "no-history"
    assert viewed().edition is None


def test_a_version_that_cannot_be_read_any_more_says_so(history: Path) -> None:
    history.write_text("cut off")
    _commit(history.parent, "2026-06-01T00:00:00Z")
    written(history.parent, REGISTRY)
    assert viewed(published_on="2026-06-01").unpublished == "unreadable"
    assert status(viewed(published_on="2026-05-31")) == "in-progress"


def test_the_rules_are_those_of_the_day(history: Path) -> None:
    """The numbers of the file, and the text of METHODOLOGY.md beside it."""
    assert viewed(published_on="2026-06-01").registry.rules.no_movement_months == 18
    history.write_text(REGISTRY.replace("themes:\n", "rules: {no_movement_months: 6}\nthemes:\n"))
    (history.parent / "METHODOLOGY.md").write_text("# Rules\n\nJudge <b>gently</b>.\n")
    _commit(history.parent, "2026-07-01T00:00:00Z")
    (history.parent / "METHODOLOGY.md").write_text("# Rules\n\nJudge harshly.\n")
    _commit(history.parent, "2026-07-02T00:00:00Z")
    later = viewed("/method", published_on="2026-07-01")
    assert later.registry.rules.no_movement_months == 6
    assert "Judge &lt;b&gt;gently&lt;/b&gt;." in pages.method(later)
    assert "harshly" not in pages.method(later)


def test_as_it_stood_and_as_published_go_together(history: Path) -> None:
    """What the first version said of a day before its assessment."""
    view = viewed(published_on="2026-04-01", as_of="2025-02-28")
    assert view.clock == Clock(date(2025, 2, 28), date(2026, 4, 1))
    assert status(view) == "not-assessed"


def test_a_cited_address_gives_the_same_number_after_five_later_edits(history: Path) -> None:
    before = viewed("/points", status="in-progress", q="shelter")
    address = before.lasting("/points")
    assert address.startswith("https://example.org/points?status=in-progress&q=shelter&published_on=")
    query = dict(pair.split("=") for pair in address.partition("?")[2].split("&"))
    sentence = telling.of_points(before)
    for n, word in enumerate(("refused", "blocked", "promised", "not-started", "refused")):
        history.write_text(REGISTRY.replace("status: in-progress", f"status: {word}") + f"# edit {n}\n")
        _commit(history.parent, f"{date.today()}T0{n}:00:00Z")
    assert len(viewed("/points", status="in-progress", q="shelter").kept) == 0
    cited = viewed("/points", **query)
    assert len(cited.kept) == len(before.kept) == 1
    assert telling.of_points(cited) == sentence
    assert cited.lasting("/points") == address


def test_what_is_not_committed_has_no_lasting_address(history: Path) -> None:
    history.write_text(REGISTRY + "# not committed\n")
    view = viewed()
    assert "published_on" not in view.lasting("/")
    assert "with changes that have no version yet" in telling.of_points(view)
    assert "The address shows the newest state" in pages.foot(view)


@pytest.mark.parametrize(
    ("scheme", "host", "expected"),
    [
        ("https", "tracker.example.org", "https://tracker.example.org"),
        ("http", "localhost:8501", "http://localhost:8501"),
        ("http", "[::1]:80", "http://[::1]:80"),
        ("javascript", "x", ""),
        ("http", 'x"><script>', ""),
        ("http", "a b", ""),
        ("http", "", ""),
    ],
)
def test_only_a_plain_host_is_where_the_site_is(scheme: str, host: str, expected: str) -> None:
    assert reading.origin(scheme, host) == expected


def test_the_source_is_that_of_the_version_too(history: Path) -> None:
    written(history.parent, REGISTRY, SOURCE.replace("title: Report one", "title: Report two"))
    _commit(history.parent, "2026-08-01T00:00:00Z")
    assert viewed(published_on="2026-07-31").registry.sources[0].title == "Report one"
    assert viewed(published_on="2026-08-01").registry.sources[0].title == "Report two"


# --- from one state to the next -------------------------------------------------------------------------

TWELVE = REGISTRY.replace("Eleven of", "Twelve of")


@pytest.fixture
def current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry that the server has read."""
    path = written(tmp_path)
    monkeypatch.setenv("TRACKER_REGISTRY", str(path))
    assert told(shown()) == told(reader.load(path, reading.today()))
    return path


def shown() -> Loaded:
    state = reading.state()
    assert state
    assert not state.behind
    return state.loaded


def told(loaded: Loaded) -> tuple[object, ...]:
    assert loaded.registry
    return loaded.digest, loaded.registry.file, loaded.registry.sources, loaded.problems, dict(loaded.positions)


def replaced(path: Path, text: str) -> None:
    """As the door does, and most editors: another file takes its place."""
    other = path.with_name("other")
    other.write_text(text, "utf-8")
    other.replace(path)


def test_two_states_of_the_same_size_in_one_tick_of_the_clock_are_told_apart(current: Path) -> None:
    state = current.stat()
    replaced(current, TWELVE)
    os.utime(current, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert current.stat().st_size == state.st_size
    assert told(shown()) == told(reader.load(current, reading.today()))


def test_a_state_that_was_written_into_before_it_was_replaced_is_no_measure_of_the_next(current: Path) -> None:
    """Nobody looked in between: of what was read first, both records are other ones."""
    current.write_text(TWELVE, "utf-8")
    replaced(current, TWELVE.replace("donors should", "donors must"))
    assert told(shown()) == told(reader.load(current, reading.today()))


def test_what_the_door_made_is_shown_as_it_is_while_the_files_hold_it(
    current: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced(current, TWELVE)
    made = reader.load(current, reading.today())
    reading.saved(made, reading.today())
    assert shown().registry is made.registry
    reading.saved(made, reading.today())
    replaced(current, TWELVE.replace("donors should", "donors must"))
    assert told(shown()) == told(reader.load(current, reading.today()))
    reading.saved(made, reading.today())
    monkeypatch.setattr(reading, "today", lambda: date(2020, 1, 1))
    replaced(current, TWELVE)
    assert shown().problems == reader.load(current, date(2020, 1, 1)).problems != ()


def test_what_the_door_made_of_another_registry_is_not_shown(current: Path, tmp_path: Path) -> None:
    """Of the same bytes, with no source beside either: its problems would be told of another file."""
    other = written(tmp_path / "other-place", TWELVE)
    for path in (current, other):
        rmtree(path.parent / "sources")
    reading.saved(reader.load(other, reading.today()), reading.today())
    replaced(current, TWELVE)
    assert told(shown()) == told(reader.load(current, reading.today()))


def test_a_state_read_on_one_day_is_no_measure_of_one_on_another(
    current: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "today", lambda: date(2025, 5, 1))
    replaced(current, REGISTRY.replace("donors should", "donors must"))
    assert told(shown()) == told(reader.load(current, date(2025, 5, 1)))
    assert shown().problems != ()


def test_of_many_states_one_file_after_the_other_is_held_open(current: Path) -> None:
    replaced(current, TWELVE)
    shown()
    held = len(list(Path("/proc/self/fd").iterdir()))
    for n in range(20):
        replaced(current, REGISTRY.replace("Eleven of", f"{n} of"))
        shown()
    assert len(list(Path("/proc/self/fd").iterdir())) <= held
