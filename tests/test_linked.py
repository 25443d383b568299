"""What was found about links: the verb that looks, the file that remembers, and the pages that show it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dashboard import cli, reading, web
from dashboard.inputs.links import Look
from dashboard.outputs import report
from dashboard.progress.agenda import Kind, agenda
from dashboard.progress.rows import rows
from dashboard.registry import inbox, linked, reader
from dashboard.registry.linked import Answer, Result
from dashboard.registry.scalars import Clock
from dashboard.verbs import check_links
from dashboard.verbs.asked import Usage
from tests.linkbed import Bed, page
from tests.small import REGISTRY, SOURCE, written

DAY, NEXT, LATER = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 9)
AUDIT = "http://audit.example/report"
COPY = "http://copy.example/report"
SOURCE_URL = "https://example.org/one"
LINKS = "TRACKER_LINKS"


@pytest.fixture
def bed() -> Iterator[Bed]:
    made = Bed()
    yield made
    made.close()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry with one source and one piece of evidence, both on hosts of the made-up internet."""
    monkeypatch.setenv(LINKS, str(tmp_path / "kept" / "links.json"))
    monkeypatch.setenv("TRACKER_REGISTRY", str(tmp_path / "data" / "recommendations.yaml"))
    text = REGISTRY.replace("https://example.org/audit", AUDIT)
    return _written(tmp_path, text)


def _written(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(exist_ok=True)
    made = written(folder, text)
    source = folder / "sources" / "report-one.yaml"
    source.write_text(SOURCE.replace(_source_url(), "http://source.example/one"), "utf-8")
    return made


def _source_url() -> str:
    return next(line.split(" ")[1] for line in SOURCE.splitlines() if line.startswith("url: "))


def kept(path: Path) -> dict[str, Result]:
    return dict(linked.read(linked.place(path)))


def check(path: Path, bed: Bed, day: date = DAY, *only: str) -> int:
    return check_links.checked(path, only, day, bed.way(), 0.0)


def fine(bed: Bed) -> None:
    bed.host("audit.example", page())
    bed.host("source.example", page())


# --- the verb -------------------------------------------------------------------------------------------


def test_every_address_is_asked_once_and_what_it_said_is_kept(
    path: Path, bed: Bed, capsys: pytest.CaptureFixture[str]
) -> None:
    fine(bed)
    assert check(path, bed) == 0
    assert capsys.readouterr().out == "2 links: 2 answers\n"
    says = "answered with 200"
    expected = Result(answer=Answer.ANSWERS, on=DAY, says=says)
    assert kept(path) == {AUDIT: expected, "http://source.example/one": expected}
    text = linked.place(path).read_text("utf-8")
    assert json.loads(text)[AUDIT] == {"answer": "answers", "on": "2026-11-01", "says": says}
    assert oct(linked.place(path).stat().st_mode & 0o777) == "0o644"


def test_what_is_amiss_is_listed_with_what_to_do_and_the_first_day(
    path: Path, bed: Bed, capsys: pytest.CaptureFixture[str]
) -> None:
    bed.host("audit.example", page(404))
    bed.host("source.example", page())
    assert check(path, bed) == 1
    assert capsys.readouterr().out.splitlines() == [
        "gone: evidence audit-report",
        "  http://audit.example/report",
        "  answered with 404, looked on 2026-11-01; look for an archived copy, and add it as archive_url and archived_on",
        "2 links: 1 answers, 1 gone",
    ]
    assert check(path, bed, LATER) == 1
    assert "answered with 404, since 2026-11-01; look" in capsys.readouterr().out
    assert kept(path)[AUDIT].since == DAY
    bed.host("audit.example", page())
    bed.names["audit.example"] = [bed.host("mended.example", page())]
    assert check(path, bed, date(2026, 11, 10)) == 0
    assert kept(path)[AUDIT].since is None


def test_on_the_same_day_only_what_was_not_asked_yet_is_asked(path: Path, bed: Bed) -> None:
    fine(bed)
    assert check(path, bed, DAY, "audit-report") == 0
    assert bed.paths("source.example") == []
    assert check(path, bed) == 0
    assert (bed.paths("audit.example"), bed.paths("source.example")) == (["HEAD /report"], ["HEAD /one"])
    assert check(path, bed, NEXT) == 0
    assert len(bed.paths("audit.example")) == 2


@pytest.mark.parametrize("only", ["audit-report", "audit.example"])
def test_only_what_an_entry_or_a_host_names_is_asked(path: Path, bed: Bed, only: str) -> None:
    fine(bed)
    assert check(path, bed, DAY, only) == 0
    assert list(kept(path)) == [AUDIT]


def test_a_name_that_fits_no_address_is_told_with_the_nearest(path: Path, bed: Bed) -> None:
    with pytest.raises(Usage, match="no address belongs to 'audit-reprot'; did you mean 'audit-report'"):
        check(path, bed, DAY, "audit-reprot")
    assert bed.asked == []


def test_offline_nothing_is_said_of_any_page_and_what_was_known_stays(
    path: Path, bed: Bed, capsys: pytest.CaptureFixture[str]
) -> None:
    fine(bed)
    check(path, bed)
    before = kept(path)
    capsys.readouterr()
    off = Bed()
    assert check(path, off, NEXT) == 6
    came = capsys.readouterr()
    assert came.out == "2 links: 2 not checked\n"
    assert "this computer seems to be offline" in came.err
    assert kept(path) == before


def test_one_dead_name_among_others_is_dead(path: Path, bed: Bed, capsys: pytest.CaptureFixture[str]) -> None:
    bed.host("source.example", page())
    assert check(path, bed) == 1
    assert "its name no longer leads anywhere" in capsys.readouterr().out
    bed.names["audit.example"] = socket.gaierror(socket.EAI_AGAIN, "Temporary failure")
    assert check(path, bed, NEXT) == 0
    assert kept(path)[AUDIT] == Result(answer=Answer.FAILS, on=DAY, says="its name no longer leads anywhere", since=DAY)


def test_a_damaged_file_is_told_and_replaced(path: Path, bed: Bed, capsys: pytest.CaptureFixture[str]) -> None:
    fine(bed)
    file = linked.place(path)
    file.parent.mkdir()
    for content in ("{", "[]", '{"x": 1}', '{"x": {"answer": "nonsense", "on": "2026-11-01"}}', "\x00\xff"):
        file.write_text(content, "utf-8")
        assert check(path, bed, DAY) == 0
        assert "cannot be read as results about links; what was found before is forgotten" in capsys.readouterr().err
        assert len(kept(path)) == 2


def test_what_the_registry_no_longer_names_falls_out_at_the_end_of_a_whole_run(path: Path, bed: Bed) -> None:
    fine(bed)
    gone = Result(answer=Answer.GONE, on=DAY, since=DAY)
    linked.keep(linked.place(path), {"http://old.example/": gone})
    check(path, bed, DAY, "audit-report")
    assert "http://old.example/" in kept(path)
    check(path, bed)
    assert "http://old.example/" not in kept(path)


def test_of_what_is_withheld_nothing_is_asked(tmp_path: Path, path: Path, bed: Bed) -> None:
    text = REGISTRY.replace(
        "    url: https://example.org/audit\n    publisher: An audit office\n",
        f"    withheld: true\n    archive_url: {COPY}\n",
    )
    made = _written(tmp_path, text)
    fine(bed)
    bed.host("copy.example", page())
    assert check(made, bed) == 0
    assert {each.host for each in bed.asked} == {"source.example"}


def test_copies_and_addresses_of_bodies_are_asked_too_and_one_page_once(tmp_path: Path, path: Path, bed: Bed) -> None:
    text = REGISTRY.replace(
        "https://example.org/audit", f"{AUDIT}#part\n    archive_url: {COPY}\n    archived_on: 2026-01-01"
    )
    text = text.replace("    kind: donor\n", f"    kind: donor\n    url: {AUDIT}#top\n")
    registry = reader.load(_written(tmp_path, text), DAY).registry
    assert registry is not None
    assert linked.addresses(registry) == {
        AUDIT: ("evidence audit-report", "actor the-donor"),
        COPY: ("copy-of audit-report",),
        "http://source.example/one": ("source report-one",),
    }


def test_an_address_that_would_colour_a_terminal_is_spelled_out(
    path: Path, bed: Bed, capsys: pytest.CaptureFixture[str]
) -> None:
    bed.host("source.example", page())
    bed.host("audit.example", b"HTTP/1.1 302 Found\r\nLocation: http://x/\xc2\x9b31m\xe2\x80\xaered\r\n\r\n")
    check(path, bed)
    said = capsys.readouterr()
    assert "\\u009b31m\\u202ered" in said.out
    assert all(char.isprintable() or char == "\n" for char in said.out + said.err)


STOPPED = """
import signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background sets it aside
from datetime import date
from pathlib import Path
from dashboard import cli
from dashboard.verbs import check_links
from tests.linkbed import Bed, page
bed = Bed()
bed.host("audit.example", page())
def hang(asked):
    print("asked", flush=True)
    threading.Event().wait()
bed.host("source.example", hang)
check_links.act = lambda options, today: check_links.checked(options.registry, [], today, bed.way(60), 0.0)
sys.exit(cli.main(["--registry", sys.argv[1], "check-links"]))
"""


def test_whoever_stops_it_keeps_what_was_done(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", STOPPED, str(path)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "asked\n"
        time.sleep(0.3)
        run.send_signal(signal.SIGINT)
        assert run.wait(10) == 130
    assert list(kept(path)) == [AUDIT]


def test_what_two_runs_found_at_once_is_all_kept(path: Path) -> None:
    file = linked.place(path)
    result = Result(answer=Answer.ANSWERS, on=DAY)
    linked.keep(file, {"http://one.example/": result})
    linked.keep(file, {"http://two.example/": result})
    assert list(kept(path)) == ["http://one.example/", "http://two.example/"]
    assert [each.name for each in file.parent.iterdir()] == ["links.json"]


def test_results_never_lie_where_they_are_published(path: Path) -> None:
    for place in (path.parent / "links.json", path.parent / "sources" / "links.json"):
        with pytest.raises(inbox.Misplaced, match="set TRACKER_LINKS to a file outside"):
            linked.place(path, {LINKS: str(place)})
    own = linked.place(path, {"XDG_DATA_HOME": "/data"})
    assert own.parent == Path("/data/policy-recommendation-tracker")
    assert own.name.startswith("links-")
    assert own.suffix == ".json"


def test_it_is_told_on_the_way_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [(f"http://{n}.example/", Look(Answer.ANSWERS, "")) for n in range(100)]
    assert list(check_links._telling(iter(looks), 100)) == looks
    assert capsys.readouterr().err == "50 of 100 links\n100 of 100 links\n"
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert list(check_links._telling(iter(looks), 100)) == looks
    assert capsys.readouterr().err.endswith(f"\r{'█' * 30} 100 of 100 links\n")


def test_the_verb_is_offered(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["check-links", "--help"])
    assert "--only ID|HOST" in capsys.readouterr().out


# --- what pages show ------------------------------------------------------------------------------------


def shown(address: str, **query: str) -> str:
    asked = web.Asked(address, {key: [value] for key, value in query.items()}, "en", "https://tracker.example.org")
    return web.painted(asked).html


def found(path: Path, answer: Answer, on: date, since: date | None = None, address: str = AUDIT) -> None:
    linked.keep(linked.place(path), {address: Result(answer=answer, on=on, since=since, to="http://new.example/")})


@pytest.mark.parametrize(
    ("answer", "since", "says"),
    [
        (Answer.ANSWERS, None, "the link answered, looked on 9 November 2026"),
        (Answer.MOVED, None, "the page has moved, looked on 9 November 2026"),
        (Answer.REFUSES, None, "the link turns programs away, looked on 9 November 2026"),
        (Answer.GONE, LATER, "not found there since 9 November 2026"),
        (Answer.FAILS, DAY, "has not answered since 1 November 2026"),
        (Answer.FAILS, LATER, "did not answer on 9 November 2026"),
    ],
)
def test_a_page_says_of_each_link_what_was_found(path: Path, answer: Answer, since: date | None, says: str) -> None:
    found(path, answer, LATER, since)
    assert says in shown("/record", id="open-shelters")
    found(path, answer, LATER, since, "http://source.example/one")
    assert says in shown("/sources")
    past = shown("/record", id="open-shelters", as_of="2026-06-01")
    assert says not in past


def test_where_nobody_looked_or_the_file_is_damaged_nothing_is_said_and_no_page_breaks(path: Path) -> None:
    bare = shown("/record", id="open-shelters")
    assert "An audit office" in bare
    file = linked.place(path)
    file.parent.mkdir()
    for content in (b"{", b"\xff\x00", b"[" * 100_000):
        file.write_bytes(content)
        assert shown("/record", id="open-shelters") == bare
    file.unlink()
    os.mkfifo(file)
    assert shown("/record", id="open-shelters") == bare
    file.unlink()
    file.mkdir()
    assert shown("/record", id="open-shelters") == bare


def test_a_place_that_cannot_be_used_breaks_no_page(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LINKS, str(path.parent / "links.json"))
    assert "An audit office" in shown("/record", id="open-shelters")


def test_results_are_read_once_and_again_when_they_change(path: Path) -> None:
    found(path, Answer.GONE, LATER, LATER)
    first, again = (reading.view("/", {}, "en") for _ in range(2))
    assert first is not None
    assert again is not None
    assert first.links is again.links
    found(path, Answer.ANSWERS, LATER)
    changed = reading.view("/", {}, "en")
    assert changed is not None
    assert changed.links[AUDIT].answer is Answer.ANSWERS


def test_what_lasts_longer_than_a_look_does_not_tell_it(path: Path) -> None:
    found(path, Answer.GONE, LATER, LATER)
    view = reading.view("/points", {}, "en")
    assert view is not None
    assert "not found there" not in report.report(view)


def waiting(path: Path) -> list[str]:
    registry = reader.load(path, LATER).registry
    assert registry is not None
    clock = Clock(LATER, LATER)
    items = agenda(registry, rows(registry, clock), clock, linked.read(linked.place(path)))
    return [row.id for item in items if item.kind is Kind.LINK for row in item.rows]


def test_a_point_waits_where_a_page_is_gone_or_stays_away_and_no_copy_is_kept(tmp_path: Path, path: Path) -> None:
    assert waiting(path) == []
    found(path, Answer.FAILS, LATER, LATER)
    assert waiting(path) == []
    found(path, Answer.FAILS, LATER, DAY)
    assert waiting(path) == ["open-shelters"]
    assert "Pages that no longer answer" in shown("/desk")
    assert "since 1 November 2026" in shown("/desk")
    found(path, Answer.GONE, LATER, LATER, "http://source.example/one")
    assert waiting(path) == ["open-shelters", "fund-shelters"]
    found(path, Answer.MOVED, LATER, None, "http://source.example/one")
    with_copy = REGISTRY.replace(
        "https://example.org/audit", f"{AUDIT}\n    archive_url: {COPY}\n    archived_on: 2026-01-01"
    )
    made = _written(tmp_path, with_copy)
    assert waiting(made) == []
    found(made, Answer.GONE, LATER, DAY, COPY)
    assert waiting(made) == ["open-shelters"]
    assert "a kept copy</a> · not found there since 1 November 2026)" in shown("/record", id="open-shelters")
