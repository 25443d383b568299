"""The addresses for other programs: what they answer, to whom, and when nothing is made anew."""

import csv
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Semaphore
from typing import Any

import feedparser
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from pypdf import PdfReader
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import app, reading, sending, serving
from dashboard.language import translator
from dashboard.outputs import api, exported, pages, tables
from dashboard.outputs.view import View
from dashboard.progress.filters import Filters
from dashboard.progress.frame import frame
from dashboard.registry import inbox, reader
from dashboard.registry.scalars import LANGUAGES, Clock, today
from tests.markup import parsed
from tests.small import REGISTRY, ROOT, command, committed, written

SITE = "http://localhost"
APP = Starlette(routes=app.ROUTES, middleware=app.MIDDLEWARE)
"""As it is served, but for Streamlit's own addresses and its start."""

SELECTIONS = (
    "", "side=state", "side=foreign&side=society", "actor=kz-government", "actor=kz-government&basis=named",
    "actor=kz-parliament:must-agree", "status=promised&kind=commitment", "known=own-word", "theme=grassroots-funding",
    "source=tutumlu-lessons", "testable=1", "due=1", "disagree=1", "q=law", "q=стамбульскую конвенцию",
    "role=pays", "status=nothing-found&sort=checked", "as_of=2024-12-31", "side=state&as_of=2023-06-01&q=gender",
    "theme=ilo-c190&status=refused",
)  # fmt: skip


@pytest.fixture
def ask() -> Iterator[TestClient]:
    # In a thread of its own: the browser tests keep an event loop in this one.
    with ThreadPoolExecutor(1) as thread:
        client = TestClient(APP, base_url=SITE)
        yield _InThread(client, thread)  # type: ignore[misc]


class _InThread:
    def __init__(self, client: TestClient, thread: ThreadPoolExecutor) -> None:
        self.client, self.thread = client, thread

    def __getattr__(self, name: str) -> Any:
        return lambda *given, **more: self.thread.submit(getattr(self.client, name), *given, **more).result()


def served(monkeypatch: pytest.MonkeyPatch, path: Path) -> Path:
    monkeypatch.setenv(reader.REGISTRY_VARIABLE, str(path))
    return path


def query(address: str) -> dict[str, list[str]]:
    pairs = (pair.split("=") for pair in address.split("&") if pair)
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def kept(address: str) -> list[str]:
    registry = reader.load(ROOT / "recommendations.yaml", today()).registry
    assert registry
    chosen = Filters.from_address(query(address), registry, today())
    return [row.id for row in chosen.apply(frame(registry, Clock(chosen.as_of or today(), today()))).rows]


@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_points_are_those_that_the_page_shows_in_json_and_in_csv(ask: TestClient, selection: str) -> None:
    wanted = kept(selection)
    answer = ask.get(f"/api/v1/records.json?{selection}").json()
    assert [each["id"] for each in answer["records"]] == wanted
    assert answer["meta"]["count"] == len(wanted)
    text = ask.get(f"/api/v1/records.csv?{selection}").content.decode("utf-8-sig")
    assert [line["id"] for line in csv.DictReader(io.StringIO(text))] == wanted


def test_an_actor_counts_the_same_in_every_form_named_and_inferred(ask: TestClient) -> None:
    for more, typed in (("", ()), ("&basis=named", ("--basis", "named"))):
        counted = ask.get(f"/api/v1/records.json?actor=kz-government{more}").json()["meta"]["count"]
        told = command(
            "list", "--registry", ROOT / "recommendations.yaml", "--actor", "kz-government", *typed, "--json"
        )
        assert counted == len(json.loads(told.stdout)) > 0


def test_what_names_nothing_is_left_out_and_told(ask: TestClient) -> None:
    asked = "status=promised&status=dreamt&actor=nobody&as_of=2024-13-45&due=yes&staus=refused&lang=xx&testable=1"
    answer = ask.get(f"/api/v1/records.json?{asked}").json()
    wanted = ["actor=nobody", "as_of=2024-13-45", "due=yes", "lang=xx", "status=dreamt", "staus=refused"]
    assert sorted(answer["meta"]["left_out"]) == wanted
    assert {each["status"] for each in answer["records"]} == {"promised"}
    told = ask.get("/api/v1/records.csv?status=promised&staus=refused&lang=xx&from=2024-01-01").headers["left-out"]
    assert sorted(told.split("&")) == ["from=2024-01-01", "lang=xx", "staus=refused"]
    assert "left-out" not in ask.get("/api/v1/records.csv?columns=status&lang=kk&q=law").headers
    assert ask.get("/api/v1/records.json?columns=id").json()["meta"]["left_out"] == ["columns=id"]
    assert ask.get("/api/v1/changes.json?from=2024-01-01").json()["meta"]["left_out"] == []
    hostile = ask.get("/api/v1/records.csv?x=%0D%0ASet-Cookie:%20a%26b" + "y" * 3000).headers
    assert hostile["left-out"].startswith("x=%0D%0ASet-Cookie%3A%20a%26by")
    assert len(hostile["left-out"]) == 500


@pytest.mark.parametrize("wrong", ["actor=nobody", "as_of=2024-13-45", "due=yes", "status=dreamt"])
def test_a_file_without_a_place_to_tell_it_is_refused_where_a_value_names_nothing(ask: TestClient, wrong: str) -> None:
    held = {"If-None-Match": ask.get("/api/v1/records.csv").headers["etag"]}
    for name in ("/api/v1/records.csv", "/api/v1/registry.json", "/api/v1/all.xlsx", "/feed.atom", "/brief.pdf", "/report.html"):  # fmt: skip
        answer = ask.get(f"{name}?side=state&{wrong}", headers=held)
        assert (answer.status_code, "etag" in answer.headers) == (400, False), name
        assert answer.json()["error"].startswith(f"names nothing here: {wrong}. ")


def test_a_digest_is_served_since_a_day_and_for_a_selection(ask: TestClient) -> None:
    told = ask.get("/digest.txt?since=2025-01-01&side=state&lang=en")
    assert told.status_code == 200
    assert told.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Between 1 January 2025 and" in told.text
    assert told.text != ask.get("/digest.txt?since=2024-01-01&side=state&lang=en").text
    assert told.headers["etag"] != ask.get("/digest.txt?since=2024-01-01&side=state&lang=en").headers["etag"]
    for wrong in ("since=never", "since=2999-01-01", "side=nobody"):
        refused = ask.get(f"/digest.txt?{wrong}")
        assert (refused.status_code, wrong in refused.text) == (400, True)


def test_the_feed_of_one_point_tells_of_that_point_alone(ask: TestClient) -> None:
    told = feedparser.parse(ask.get("/feed.atom?id=ilo-c190-ratification&lang=kk").text)
    assert len(told.entries) > 1
    assert {each.link.rpartition("/")[2] for each in told.entries} == {"ilo-c190-ratification"}
    assert told.feed.id != feedparser.parse(ask.get("/feed.atom").text).feed.id
    wrong = ask.get("/feed.atom?id=nothing")
    assert (wrong.status_code, wrong.json()["error"][:30]) == (400, "names nothing here: id=nothing")
    view = reading.view("/record", query("id=ilo-c190-ratification"), "en", "http://tracker.test")
    assert view
    assert "/feed.atom?lang=en&amp;id=ilo-c190-ratification" in pages.take(view)
    assert ask.get("/api/v1/records.csv?id=ilo-c190-ratification").headers["left-out"] == "id=ilo-c190-ratification"


def test_what_an_address_takes_beside_a_selection_is_in_its_tag(ask: TestClient) -> None:
    """Else the shelf would give out the one for the other."""
    for address, known in (
        ("/feed.atom", ("", "id=ilo-c190-ratification", "id=istanbul-convention-accession")),
        ("/api/v1/records.csv", ("", "columns=status", "columns=as_of")),
        ("/brief.docx", ("", "from=2024-01-01", "from=2024-01-01&to=2025-01-01")),
    ):
        answers = [ask.get(f"{address}?{each}") for each in known]
        assert len({answer.headers["etag"] for answer in answers}) == 3, address
        assert len({answer.content for answer in answers}) == 3, address


def test_a_brief_of_two_days_ends_on_the_later_one(ask: TestClient) -> None:
    def words(asked: str) -> str:
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(ask.get(asked).content)).pages)

    told = " ".join(words("/brief.pdf?side=foreign&from=2023-06-01&to=2024-06-01").split())
    assert "Between 1 June 2023 and 1 June 2024, in points:" in told
    assert translator("en").date(today()) not in told


def test_every_table_comes_in_every_format_under_a_name_with_the_day(ask: TestClient) -> None:
    for name in (*tables.NAMES, tables.INBOX):
        for format in api.TABLE_FORMATS:
            if (name, format) in (("records", "json"), ("registry", "json")):
                continue  # these mean more than a table
            answer = ask.get(f"/api/v1/{name}.{format}?side=foreign")
            assert answer.status_code == 200, (name, format)
            assert answer.headers["content-type"].partition(";")[0] == exported.MEDIA[format].partition(";")[0]
            assert answer.headers["content-disposition"] == f'attachment; filename="{name}-{today()}.{format}"'
    for name in ("all.xlsx", *api.ZIPS):
        assert ask.get(f"/api/v1/{name}").content[:2] == b"PK"


def test_columns_are_chosen_and_one_that_is_not_there_is_told_with_the_nearest(ask: TestClient) -> None:
    head = ask.get("/api/v1/records.csv?columns=status,as_of&columns=title_kk").text.splitlines()[0]
    assert head.removeprefix("\ufeff").split(",")[:4] == ["id", "status", "as_of", "title_kk"]
    answer = ask.get("/api/v1/records.csv?columns=statsu")
    assert answer.status_code == 400
    assert "status" in answer.json()["error"]


def test_who_asks_again_is_told_that_nothing_changed_and_nothing_is_made(
    ask: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = served(monkeypatch, written(tmp_path))
    first = ask.get("/api/v1/records.json")
    tag = first.headers["etag"]
    monkeypatch.setattr(api, "records_json", None)
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = ask.get("/api/v1/records.json", headers={"If-None-Match": held})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    others = {ask.get(f"/api/v1/records.csv?{each}").headers["etag"] for each in ("", "side=state", "lang=ru", "lang=kk", "q=a", "columns=status")}  # fmt: skip
    assert len(others | {tag}) == 7
    path.write_text(path.read_text("utf-8").replace("Eleven of seventeen", "Twelve of seventeen"), "utf-8")
    changed = ask.get("/api/v1/records.csv").headers["etag"]
    assert changed not in others
    committed(tmp_path)
    reading._edition.cache_clear()  # else git is asked after half a minute
    assert ask.get("/api/v1/records.csv").headers["etag"] not in {*others, changed}
    assert ask.get("/api/v1/records.csv", headers={"If-None-Match": tag}).status_code == 200


def test_the_head_alone_is_the_same_head_without_a_body(ask: TestClient) -> None:
    whole, head = ask.get("/api/v1/records.json"), ask.head("/api/v1/records.json")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == whole.headers["etag"]


def test_only_reading_is_offered(ask: TestClient) -> None:
    for method in ("post", "put", "delete", "patch"):
        for address in ("/api/v1/records.json", "/feed.atom", "/brief.pdf", "/report.html"):
            answer = getattr(ask, method)(address)
            assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})


def test_any_page_may_read_the_data_and_no_page_the_files_for_people(ask: TestClient) -> None:
    assert ask.get("/api/v1/records.json").headers["access-control-allow-origin"] == "*"
    assert ask.get("/feed.atom").headers["access-control-allow-origin"] == "*"
    assert ask.get("/api/v1/nothing").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in ask.get("/brief.docx").headers


@pytest.mark.parametrize("address", ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v1/nothing.json", "/api/v1/records.json/", "/api/v2/records.json", "/brief.exe"])  # fmt: skip
def test_where_nothing_is_a_program_is_told_so_as_json(ask: TestClient, address: str) -> None:
    answer = ask.get(address)
    assert answer.status_code == 404
    assert "openapi.json" in answer.json()["error"]


def test_a_past_version_says_what_was_published_then(
    ask: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = served(monkeypatch, written(tmp_path))
    assert ask.get("/api/v1/records.json?published_on=2025-01-01").status_code == 404
    committed(tmp_path)
    day = today()
    path.write_text(REGISTRY.replace("Open shelters, ru", "Open more shelters, ru"), "utf-8")
    then = ask.get(f"/api/v1/records.json?published_on={day}").json()
    now = ask.get("/api/v1/records.json").json()
    assert {"Open shelters"} <= {each["title"] for each in then["records"]}
    assert {"Open more shelters"} <= {each["title"] for each in now["records"]}
    assert now["meta"]["commit"].endswith("+changes")
    assert then["meta"]["commit"] == now["meta"]["commit"].removesuffix("+changes")


def test_where_nothing_can_be_read_that_is_said(
    ask: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served(monkeypatch, tmp_path / "gone.yaml")
    answer = ask.get("/api/v1/records.json")
    assert (answer.status_code, "try again" in answer.json()["error"]) == (503, True)


def test_while_the_file_is_being_mended_its_last_good_state_is_served(
    ask: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = served(monkeypatch, written(tmp_path))
    good = ask.get("/api/v1/records.json").json()["records"]
    path.write_text("version: [", "utf-8")
    assert ask.get("/api/v1/records.json").json()["records"] == good


def test_the_changes_are_those_of_the_page(ask: TestClient) -> None:
    found = ask.get("/api/v1/changes.json?from=2023-01-01&to=2024-12-31").json()
    assert (found["meta"]["from"], found["meta"]["to"]) == ("2023-01-01", "2024-12-31")
    view = reading.view("/changes", {"from": ["2023-01-01"], "to": ["2024-12-31"]}, "en")
    assert view
    compared = pages.compared(view)
    for kind in ("forward", "back", "neither", "new", "evidence"):
        assert [each["id"] for each in found[kind]] == [move.row.id for move in getattr(compared, kind)]
        assert [each["was"] for each in found[kind]] == [move.was for move in getattr(compared, kind)]
        assert all(fact["on"] for each in found[kind] for fact in each["facts"])
    assert len(found["news"]) == len(compared.news)
    assert found["new"]
    assert found["meta"]["address"].startswith(SITE)
    assert "from=2023-01-01&to=2024-12-31" in found["meta"]["address"]


CANARY = "zhanar-canary-41"


def test_what_waits_in_the_inbox_and_what_is_withheld_are_in_no_answer(
    ask: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = REGISTRY.replace("  - id: audit-report\n", "  - id: audit-report\n    withheld: true\n")
    text = text.replace("    url: https://example.org/audit\n    publisher: An audit office\n", "")
    path = served(monkeypatch, written(tmp_path / "registry", text))
    monkeypatch.setenv("TRACKER_INBOX", str(tmp_path / "box"))
    told = inbox.message({"kind": "wrong", "text": f"{CANARY} told this", "about": "open-shelters"}, today())
    receipt = inbox.add(told, inbox.place(path), today())
    addresses = [
        *(f"/api/v1/{name}.{format}" for name in (*tables.NAMES, tables.INBOX) for format in api.TABLE_FORMATS),
        *(f"/api/v1/{name}" for name in ("all.xlsx", "registry.json", "changes.json", *api.ZIPS)),
        "/feed.atom", "/digest.txt", "/report.html", "/brief.pdf", "/brief.docx",
    ]  # fmt: skip
    for address in addresses:
        answer = ask.get(address)
        assert answer.status_code == 200, (address, answer.text[:300])
        for part in _parts(answer.content):
            assert CANARY.encode() not in part, address
            assert receipt.encode() not in part, address
            assert str(tmp_path).encode() not in part, address


def _parts(body: bytes) -> Iterator[bytes]:
    """A file, and what is zipped in it."""
    import zipfile

    yield body
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if body[:4] == b"%PDF":
        from pypdf import PdfReader

        yield "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages).encode()


def test_the_same_file_is_made_once_for_a_crowd_and_old_ones_make_room(ask: TestClient) -> None:
    shelf = serving._Shelf()
    shelf.MOST_BYTES, shelf.MOST_OF_ONE = 100, 60  # type: ignore[misc]
    for tag, size in (("a", 40), ("b", 40), ("c", 40), ("whole", 61)):
        shelf.put(tag, serving.Served(b"x" * size, "text/plain"))
    assert [tag for tag in ("a", "b", "c", "whole") if shelf.get(tag)] == ["b", "c"]
    for number in range(shelf.MOST):
        shelf.put(str(number), serving.Served(b"", "text/plain"))
    assert [tag for tag in ("b", "c", "0") if shelf.get(tag)] == ["0"]


def test_sentences_come_in_the_language_of_the_address_else_in_english(ask: TestClient) -> None:
    def selection(address: str, **headers: str) -> str:
        return str(ask.get(f"/api/v1/records.json?{address}", headers=headers).json()["meta"]["selection"])

    said = {language: selection(f"status=promised&lang={language}") for language in LANGUAGES}
    assert len(set(said.values())) == 3
    assert said["en"] == selection("status=promised", **{"Accept-Language": "ru"})


def test_letters_that_no_file_can_hold_are_no_part_of_a_search(ask: TestClient) -> None:
    for address in ("/api/v1/all.xlsx", "/api/v1/records.json", "/feed.atom", "/brief.docx"):
        answer = ask.get(f"{address}?q=law%01%EF%BF%BE%E2%80%8B%20")
        assert answer.status_code == 200, (address, answer.text[:200])
    assert answer.headers["etag"] == ask.get("/brief.docx?q=law").headers["etag"]


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        ("/", "side=state&lang=kk"),
        ("/points", "status=promised&as_of=2025-01-01"),
        ("/actors", "actor=kz-government"),
        ("/sources", ""),
        ("/changes", "from=2024-01-01"),
        ("/record", "id=ilo-c190-ratification&lang=ru"),
    ],
)
def test_everything_that_a_page_offers_to_take_along_is_there(ask: TestClient, page: str, asked: str) -> None:
    view = reading.view(page, query(asked), "en", "http://tracker.test")
    assert view
    offered = parsed(pages.take(view))
    addresses = [each.attributes["href"] for each in offered.all("a")]
    assert len(addresses) >= 8
    for address in addresses:
        answer = ask.get(address)
        assert (answer.status_code, "Left-Out" in answer.headers) == (200, False), address
        chosen = [pair for pair in asked.split("&") if pair.partition("=")[0] in ("side", "status", "actor")]
        if "/records." in address or "/actors-of" in address or "/brief." in address:
            assert all(pair in address for pair in chosen), address
    assert "&lt;" not in pages.take(view).partition("an-embed")[0]


def test_who_reads_a_page_does_not_wait_for_files_that_others_have_made(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, done = Semaphore(0), Event()

    def slow(view: View, format: str) -> bytes:
        begun.release()
        assert done.wait(60)
        return b"PK"

    monkeypatch.setattr(exported, "whole", slow)
    site = Starlette(routes=[*serving.ROUTES, *sending.ROUTES])
    with ThreadPoolExecutor(4) as threads:  # in a thread of its own: the browser tests keep an event loop in this one
        client = threads.submit(TestClient(site).__enter__).result()
        try:
            files = [threads.submit(client.get, f"/api/v1/all.xlsx?side={side}") for side in ("state", "foreign")]
            assert begun.acquire(timeout=60)
            assert begun.acquire(timeout=60)
            page = threads.submit(client.get, "/report-change?id=ilo-c190-ratification").result(timeout=30)
            assert (page.status_code, files[0].done()) == (200, False)
        finally:
            done.set()
        assert {each.result(timeout=60).status_code for each in files} == {200}
        threads.submit(client.__exit__, None, None, None).result()


schema = schemathesis.openapi.from_dict(api.openapi(SITE))
schema.app = APP


@schema.parametrize()
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_addresses_hold_to_their_description(case: Any) -> None:
    with ThreadPoolExecutor(1) as thread:
        # Which columns there are hangs on the table, and which actors on the registry: the schema cannot say.
        out = [positive_data_acceptance] if "400" in case.operation.definition.raw["responses"] else []
        thread.submit(case.call_and_validate, excluded_checks=out).result()
