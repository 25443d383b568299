"""The forms as they are served: who may send what, what is shown again, and what nobody ever sees."""

import html
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from dashboard import people, reading, sending, web
from dashboard.outputs import composed, pages
from dashboard.registry import inbox
from dashboard.registry.access import LOCAL_EDITOR, NOBODY, Role, Who
from dashboard.registry.inbox import Fault, Reason, Saying, State
from dashboard.registry.model import Status
from dashboard.registry.scalars import today
from tests.markup import Element, parsed
from tests.small import REGISTRY, committed, written
from tests.views.test_pseudo import _content, _is_translated, _known

Response = Any  # of whichever client starlette tests with
SITE = "http://tracker.example.org"
HOSTILE = "\"><img src=x onerror=alert(1)> <script>alert('1')</script> {{ 7*7 }} ![a](http://evil.example/x) & \\"


@dataclass(frozen=True)
class Desk:
    """A site over a registry in git, with its inbox beside it."""

    client: TestClient
    registry: Path
    inbox: Path

    def form(self, **typed: str) -> dict[str, str]:
        return {"about": "open-shelters", "kind": "changed", "text": "A shelter was opened.", "shown_by": "saw"} | typed

    def send(self, *, headers: dict[str, str] | None = None, path: str = "/report-change", **typed: str) -> Response:
        return self.client.post(path, data=self.form(**typed), headers=headers or {})

    def sent(self, **typed: str) -> inbox.Message:
        """The message that arrived."""
        answer = self.send(**typed)
        assert answer.status_code == 200, parsed(answer.text).text
        return inbox.waiting(self.inbox)[-1].message


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    registry = written(tmp_path / "registry")
    committed(registry.parent)
    for name, value in {
        "TRACKER_REGISTRY": str(registry),
        "TRACKER_INBOX": str(tmp_path / "inbox"),
        "TRACKER_FORMS": "on",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sending, "_rate", inbox.Rate([(60.0, 1000)]))
    monkeypatch.setattr(sending, "_lookups", inbox.Rate(sending.LOOKUPS))
    monkeypatch.setattr(sending, "_once", {})
    app = Starlette(routes=[*web.ROUTES, *sending.ROUTES], middleware=[Middleware(web.PageHead)])
    with TestClient(app, base_url=SITE) as client:
        yield Desk(client, registry, tmp_path / "inbox")


def page(answer: Response) -> Element:
    return parsed(answer.text)


def field(of: Element, name: str) -> Element:
    return next(each for each in of.every() if each.attributes.get("name") == name)


def receipt(answer: Response) -> str:
    return page(answer).one("p", "receipt").text


# --- the whole way ----------------------------------------------------------------------------------


def test_from_the_form_to_the_inbox_to_the_receipt(desk: Desk) -> None:
    shown = desk.client.get("/report-change?id=open-shelters")
    assert shown.status_code == 200
    assert "Open shelters" in page(shown).one("div", "point").text
    assert "Under way" in page(shown).one("div", "point").text
    answer = desk.send(when="month", status="implemented")
    told = inbox.waiting(desk.inbox)[0].message
    assert (told.about, told.kind, told.text) == ("open-shelters", Saying.CHANGED, "A shelter was opened.")
    assert (told.when, told.shown_by, told.status, told.language) == (f"{today():%Y-%m}", "saw", "", "en")
    code = receipt(answer)
    looked = desk.client.post("/receipt", data={"receipt": code.lower()})
    assert "It waits to be read." in page(looked).text
    inbox.settle(desk.inbox, 1, State.DECLINED, today(), Reason.UNCLEAR, "Which town?")
    looked = desk.client.post("/receipt", data={"receipt": code})
    assert "It was read and not published. It was not clear what happened." in page(looked).text
    assert "Which town?" in page(looked).text


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ({"kind": "nothing-new", "where": "The gazette", "text": ""}, {"kind": "nothing-new", "text": "The gazette"}),
        ({"kind": "wrong", "shown_by": "link", "link": ""}, {"kind": "wrong", "shown_by": "", "link": ""}),
        ({"when": "other", "when_other": "2025-03~"}, {"when": "2025-03~"}),
        ({"when": "today"}, {"when": str(today())}),
        ({"shown_by": "link", "link": "example.org/a"}, {"link": "https://example.org/a"}),
        ({"shown_by": "document", "link": "https://example.org/a"}, {"shown_by": "document", "link": ""}),
        ({"sign": "coalition", "coalition": "Many"}, {"sign": "coalition", "coalition": "Many"}),
        ({"sign": "told", "coalition": "Many"}, {"coalition": ""}),
        ({"put": "help", "q1": "no", "q2": "yes"}, {"status": "partly-implemented"}),
        ({"put": "help", "q1": "no", "q2": "no", "q3": "no", "q4": "yes"}, {"status": "refused"}),
        ({"put": "help", "q1": "no", "q2": "no", "q3": "no", "q4": "no"}, {"status": ""}),
        ({"put": "editor", "q1": "yes"}, {"status": ""}),
        (
            {"about": "fund-shelters", "put": "help", "q1": "no", "q2": "yes"},
            {"about": "fund-shelters", "status": "in-progress"},
        ),
        (
            {"kind": "answer", "position": "not-ours", "body": "the-ministry", "whose": "the-donor"},
            {"position": "not-ours", "body": "the-ministry", "whose": "the-donor", "link": ""},
        ),
        (
            {"kind": "answer", "position": "done-already", "body": "the-state", "shown_at": "https://example.org/d"},
            {"position": "done-already", "link": "https://example.org/d", "whose": ""},
        ),
        ({"kind": "take-out", "about": "", "text": "Her name: +7 701 123 45 67"}, {"kind": "take-out", "about": ""}),
    ],
    ids=str,
)  # fmt: skip
def test_each_kind_arrives_as_it_was_meant(desk: Desk, typed: dict[str, str], wanted: dict[str, str]) -> None:
    told = desk.sent(**typed)
    assert {name: str(getattr(told, name)) for name in wanted} == wanted


def test_the_language_of_the_page_goes_with_the_message(desk: Desk) -> None:
    assert desk.sent(lang="kk").language == "kk"


def test_an_answer_is_sent_from_its_own_page(desk: Desk) -> None:
    shown = page(desk.client.get("/answer?actor=the-state&id=open-shelters"))
    assert field(shown, "kind").attributes["value"] == "answer"
    chosen = [each for each in field(shown, "body").all("option") if "selected" in each.attributes]
    assert [each.text for each in chosen] == ["The state"]
    answer = desk.send(path="/answer", kind="answer", position="agreed", body="the-state")
    assert receipt(answer)
    wrong = page(desk.send(path="/answer", kind="answer", body="the-state"))
    assert wrong.one("form", "tell").attributes["action"] == "/answer"
    assert str(Fault.NO_POSITION) in wrong.text


def test_an_institution_sees_what_is_asked_of_it_and_of_its_parts(desk: Desk) -> None:
    shown = page(desk.client.get("/answer?actor=the-state"))
    assert "1 point asks it, or a part of it, to act" in shown.text
    assert "Nobody has asked it through this tracker yet." in shown.text
    assert "has another part" not in shown.text
    assert "“open a shelter in every region”" in shown.text
    assert "Under way" in shown.text
    assert "/answer?actor=the-state&id=open-shelters" in {a.attributes["href"] for a in shown.all("a")}
    assert "No point here is addressed" in page(desk.client.get("/answer?actor=nobody")).text
    assert desk.client.get("/answer?actor=nobody").status_code == 404
    assert {each.text for each in page(desk.client.get("/answer")).all("option")} == {
        "The state (1)", "The ministry (1)", "The donor (1)",
    }  # fmt: skip


def test_an_institution_sees_apart_where_it_has_another_part(desk: Desk) -> None:
    more = "      - {actor: the-ministry, role: must-act, basis: named}\n"
    text = desk.registry.read_text("utf-8")
    desk.registry.write_text(
        text.replace(more, f"{more}      - {{actor: the-donor, role: pays, basis: named}}\n", 1), "utf-8"
    )
    shown = page(desk.client.get("/answer?actor=the-donor"))
    assert "1 point asks it, or a part of it, to act" in shown.text
    [others] = [each for each in shown.all("section") if each.attributes.get("aria-labelledby") == "others"]
    assert "On 1 point it has another part" in others.text
    assert "Open shelters · pays, Under way" in " ".join(others.text.split())
    assert {each.text for each in shown.all("option")} == {"The state (1)", "The ministry (1)", "The donor (2)"}


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_an_institution_gets_a_letter_in_each_language(desk: Desk, language: str) -> None:
    shown = page(desk.client.get(f"/answer?actor=the-ministry&letter={language}"))
    [letter] = [each for each in shown.all("pre") if each.attributes["id"] == "letter-text"]
    assert letter.attributes["lang"] == language
    assert "open a shelter in every region" in letter.text


def test_without_a_point_one_is_chosen_first(desk: Desk) -> None:
    shown = page(desk.client.get("/report-change"))
    assert [each.text for each in field(shown, "id").all("option")] == ["Open shelters", "Fund shelters"]
    assert desk.client.get("/report-change?id=no-such").status_code == 404
    whole = page(desk.client.get("/report-change?whole=1"))
    kinds = [each.attributes["value"] for each in whole.all("input") if each.attributes.get("name") == "kind"]
    assert kinds == ["wrong", "take-out"]


# --- what is wrong ----------------------------------------------------------------------------------


def test_everything_that_was_typed_is_shown_again_with_all_that_is_wrong(desk: Desk) -> None:
    typed = {
        "text": f"{HOSTILE} aigul@example.org", "when": "other", "when_other": "soon", "shown_by": "link",
        "link": "javascript:alert(1)", "sign": "coalition", "coalition": "", "put": "help", "q1": "no", "once": "7",
    }  # fmt: skip
    answer = desk.send(**typed)
    shown = page(answer)
    assert answer.status_code == 422
    summary = shown.one("div", "faults").all("a")
    assert {(a.attributes["href"], a.text) for a in summary} == {
        ("#text", str(Fault.EMAIL)),
        ("#when_other", str(Fault.NOT_A_DAY)),
        ("#link", str(Fault.NOT_A_LINK)),
        ("#coalition", str(Fault.NO_COALITION)),
    }
    assert field(shown, "text").attributes["aria-describedby"] == "fault-text"
    assert field(shown, "text").attributes["aria-invalid"] == "true"
    assert "".join(str(each) for each in field(shown, "text").children) == typed["text"]
    assert field(shown, "when_other").attributes["value"] == "soon"
    assert field(shown, "link").attributes["value"] == "javascript:alert(1)"
    checked = {
        (each.attributes["name"], each.attributes["value"])
        for each in shown.all("input")
        if "checked" in each.attributes
    }
    assert {("kind", "changed"), ("when", "other"), ("sign", "coalition"), ("put", "help"), ("q1", "no")} <= checked
    assert field(shown, "once").attributes["value"] == "7"
    assert inbox.waiting(desk.inbox) == []
    assert {"script", "img"} & {each.tag for each in shown.one("main").every()} == set()


def test_an_address_or_a_number_of_a_person_is_warned_of_before_anything_is_kept(desk: Desk) -> None:
    for text, fault in (("aigul@example.org", Fault.EMAIL), ("8 701 123 45 67", Fault.PHONE)):
        answer = desk.send(text=f"Ask {text} about it")
        assert answer.status_code == 422
        assert str(fault) in page(answer).one("div", "faults").text
    assert not desk.inbox.exists()


@pytest.mark.parametrize("path", ["/report-change", "/receipt", "/answer"])
@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"origin": SITE}, True),
        ({"origin": SITE, "sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, True),
        ({"origin": "null"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://tracker.example.org.evil.example"}, False),
        ({"origin": "http://tracker.example.org:8080"}, False),
        ({"origin": SITE, "sec-fetch-site": "cross-site"}, False),
        ({"origin": SITE, "sec-fetch-site": "same-site"}, False),
    ],
    ids=str,
)
def test_a_form_of_another_site_is_not_looked_at(desk: Desk, path: str, headers: dict[str, str], allowed: bool) -> None:
    answer = desk.send(path=path, headers=headers)
    assert (answer.status_code != 403) is allowed
    assert allowed or inbox.waiting(desk.inbox) == []


def test_a_site_behind_a_proxy_that_names_itself_knows_its_own_forms(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKER_SITE", "https://public.example.org/")
    assert desk.send(headers={"origin": "https://public.example.org"}).status_code == 200
    assert desk.send(headers={"origin": "https://other.example.org"}).status_code == 403


def test_only_forms_are_read_and_no_more_of_them_than_can_be_meant(desk: Desk) -> None:
    post = desk.client.post
    assert post("/report-change", json=desk.form()).status_code == 415
    assert post("/report-change", files={"text": b"x"}, data=desk.form()).status_code == 415
    assert post("/report-change", content=b"x").status_code == 415
    many = "&".join(f"a{n}=1" for n in range(200))
    urlencoded = {"content-type": "application/x-www-form-urlencoded"}
    assert post("/report-change", content=many, headers=urlencoded).status_code == 415
    assert desk.send(text="x" * sending.MOST_BODY).status_code == 413
    assert inbox.waiting(desk.inbox) == []


@pytest.mark.parametrize(("claimed", "parts"), [("10", sending.MOST_BODY // 1024 + 2), ("99999999", 0), ("-1", 0)])
def test_no_more_is_read_than_can_be_meant_whatever_is_claimed(desk: Desk, claimed: str, parts: int) -> None:
    read = []

    async def receive() -> dict[str, Any]:
        read.append(1)
        return {"type": "http.request", "body": b"x" * 1024, "more_body": len(read) < 1000}

    headers = [("content-type", "application/x-www-form-urlencoded"), ("host", "tracker.example.org")]
    scope = {
        "type": "http", "method": "POST", "path": "/report-change", "query_string": b"", "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in (*headers, ("content-length", claimed))],
        "http_version": "1.1", "server": ("tracker.example.org", 80), "client": ("192.0.2.1", 1), "root_path": "",
    }  # fmt: skip
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    assert desk.client.portal
    desk.client.portal.call(desk.client.app, scope, receive, send)
    assert sent[0]["status"] == 413
    assert len(read) <= parts


def test_the_longest_text_in_kazakh_fits(desk: Desk) -> None:
    assert len(desk.sent(text="ә" * 4000).text) == 4000


# --- how many ---------------------------------------------------------------------------------------


def test_the_seventh_message_in_a_minute_waits_with_its_text_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "_rate", inbox.Rate())
    answers = [desk.send(text=f"Number {n}") for n in range(7)]
    assert [each.status_code for each in answers] == [200] * 6 + [503]
    assert "Number 6" in field(page(answers[6]), "text").text
    assert "wait a little and try again, or copy it as text" in page(answers[6]).text


def test_a_full_inbox_says_what_to_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_WAITING", 1)
    assert desk.send().status_code == 200
    answer = desk.send(text="Second")
    assert answer.status_code == 503
    assert "copy it as text and send it another way" in page(answer).text
    assert "Second" in field(page(answer), "text").text


def test_receipts_are_not_found_by_trying(desk: Desk) -> None:
    answers = [desk.client.post("/receipt", data={"receipt": "K7-QF3M"}).status_code for _ in range(31)]
    assert answers == [200] * 30 + [503]


def test_sending_twice_after_a_lost_answer_is_one_message(desk: Desk) -> None:
    first, again = (receipt(desk.send(once="a" * 32)) for _ in range(2))
    assert first == again
    assert len(inbox.waiting(desk.inbox)) == 1
    other = receipt(desk.send(once="a" * 32, text="Mended."))
    assert other != first
    assert len(inbox.waiting(desk.inbox)) == 2


def test_what_was_sent_an_hour_ago_is_forgotten(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt(desk.send(once="a" * 32))
    monkeypatch.setattr(sending, "monotonic", lambda: sending._once["a" * 32].at + sending.ONCE_SECONDS)
    receipt(desk.send(once="b" * 32))
    assert list(sending._once) == ["b" * 32]


def test_an_inbox_that_cannot_be_written_says_so_and_keeps_the_text(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TRACKER_INBOX", str(desk.registry.parent / "inbox"))
    with caplog.at_level(logging.ERROR):
        answer = desk.send(text="canary-8181")
    assert answer.status_code == 503
    assert "canary-8181" in field(page(answer), "text").text
    assert "set TRACKER_INBOX to a folder outside the repository" in caplog.text
    assert "canary" not in caplog.text
    assert str(desk.registry.parent) not in answer.text


# --- who may ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "headers", "open_"),
    [
        ("on", {}, True),
        ("on", {"x-forwarded-for": "192.0.2.1"}, True),
        ("off", {}, False),
        ("", {}, False),
        ("yes please", {}, False),
        ("local", {}, True),
        ("local", {"forwarded": "for=192.0.2.1"}, False),
        ("local", {"x-forwarded-for": "192.0.2.1"}, False),
        ("local", {"x-forwarded-proto": "https"}, False),
    ],
    ids=str,
)
def test_messages_are_taken_as_the_setting_says(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, setting: str, headers: dict[str, str], open_: bool
) -> None:
    monkeypatch.setenv("TRACKER_FORMS", setting)
    shown = page(desk.client.get("/report-change?id=open-shelters", headers=headers))
    assert bool(shown.all("button", "send")) is open_
    assert shown.one("form", "tell").attributes["data-takes"] == ("yes" if open_ else "no")
    assert bool([each for each in shown.all("pre") if "TRACKER SLIP 1" in each.text]) is not open_
    answer = desk.send(text="canary-8282", headers=headers)
    assert answer.status_code == (200 if open_ else 403)
    assert len(inbox.waiting(desk.inbox)) == open_
    assert open_ or "canary-8282" in field(page(answer), "text").text
    assert desk.client.post("/receipt", data={"receipt": "x"}, headers=headers).status_code == (200 if open_ else 403)


def test_without_a_setting_nothing_is_taken(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRACKER_FORMS")
    assert desk.send().status_code == 403


CONTRIBUTOR = Who(Role.CONTRIBUTOR, "the-donor")


@pytest.mark.parametrize(
    ("who", "signed"),
    [(NOBODY, ""), (CONTRIBUTOR, "the-donor"), (Who(Role.EDITOR, "the-ministry"), "the-ministry"), (LOCAL_EDITOR, "")],
    ids=str,
)
def test_an_organisation_comes_from_the_login_and_never_from_the_form(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, who: Who, signed: str
) -> None:
    monkeypatch.setattr(people, "who", lambda headers, cookies: who)
    answer = desk.send(sign="organisation", organisation="the-state")
    if signed:
        told = inbox.waiting(desk.inbox)[0].message
        assert (told.sign, told.organisation) == ("organisation", signed)
    else:
        assert answer.status_code == 422
        assert str(Fault.NO_LOGIN) in page(answer).text
    told = desk.sent(sign="told", organisation="the-state")
    assert (told.sign, told.organisation) == ("told", "")
    shown = page(desk.client.get("/report-change?id=open-shelters"))
    [choice] = [each for each in shown.all("input") if each.attributes.get("value") == "organisation"]
    assert ("disabled" in choice.attributes) is not bool(signed)


def test_a_reader_with_an_organisation_cannot_sign_for_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "who", lambda headers, cookies: Who(Role.READER, "the-donor"))
    assert desk.send(sign="organisation").status_code == 422


# --- how it is answered -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/report-change?id=open-shelters", "/report-change", "/answer", "/receipt"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_form_is_never_kept_by_a_browser_and_loads_from_our_host_only(desk: Desk, path: str, method: str) -> None:
    answer = desk.client.request(method, path, data=desk.form() if method == "POST" else None)
    headers = answer.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "script-src 'self';" in headers["content-security-policy"]
    assert "form-action 'self'" in headers["content-security-policy"]
    assert (answer.text == "") is (method == "HEAD")


def test_an_answer_to_what_is_sent_elsewhere_bears_the_headers_too(desk: Desk) -> None:
    answer = desk.client.post("/healthz")
    assert answer.status_code == 405
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/report-change?id=open-shelters", "/answer?actor=the-state", "/receipt"])
def test_a_form_is_light_and_loads_nothing_but_our_script(desk: Desk, path: str) -> None:
    answer = desk.client.get(path)
    shown = page(answer)
    assert [each.attributes for each in shown.all("script")] == [{"src": "/forms.js", "defer": ""}]
    assert shown.all("link") == shown.all("img") == shown.all("iframe") == []
    assert "plotly" not in answer.text.lower()
    assert len(answer.content) < 30_000
    script = desk.client.get("/forms.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(script.content) < 12 * 1024
    assert set(re.findall(r"https?://[^`\s]+", script.text)) == set()


def test_a_receipt_stands_in_no_address(desk: Desk) -> None:
    answer = desk.send()
    code = receipt(answer)
    assert answer.history == []
    assert code not in str(answer.url)
    assert all(code not in each.attributes.get("href", "") for each in page(answer).all("a"))
    assert desk.client.get(f"/receipt?receipt={code}").text.count(code) == 0


def test_without_script_a_message_comes_back_as_text_and_nothing_is_kept(desk: Desk) -> None:
    answer = desk.send(do="slip", when="month")
    text = page(answer).one("pre", "copyable")
    slip = "".join(str(each) for each in text.children)
    assert inbox.from_slip(slip, today()).text == "A shelter was opened."
    assert inbox.waiting(desk.inbox) == []


def test_without_a_registry_that_can_be_read_the_form_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_REGISTRY", str(desk.registry.parent / "none.yaml"))
    assert desk.client.get("/report-change").status_code == 503
    assert desk.send().status_code == 503


def test_a_form_is_of_today_whatever_day_the_address_asks_for(desk: Desk) -> None:
    shown = page(desk.client.get("/report-change?id=open-shelters&as_of=2020-01-01&published_on=2020-01-01"))
    assert "Under way" in shown.one("div", "point").text
    assert all("as_of" not in each.attributes.get("href", "") for each in shown.all("a"))


def test_the_forms_are_linked_from_the_pages(desk: Desk) -> None:
    view = reading.view("/record", {"id": ["open-shelters"]}, "en")
    assert view
    links = {
        each.attributes["href"]
        for html_ in (pages.start(view), pages.record(view, "open-shelters") or "", pages.foot(view))
        for each in parsed(html_).all("a")
    }
    assert {"/answer", "/report-change", "/answer?id=open-shelters", "/report-change?id=open-shelters"} <= links
    assert {"/report-change", "/answer", "/receipt"} <= set(composed.PATHS)


def test_the_public_count_names_kinds_of_reasons_only(desk: Desk) -> None:
    for number, reason in enumerate((None, Reason.UNCLEAR, Reason.UNCLEAR), 1):
        desk.sent()
        inbox.settle(desk.inbox, number, State.DECLINED if reason else State.PUBLISHED, today(), reason, "canary")
    shown = page(desk.client.get("/report-change")).text
    assert "So far 1 message was published. 2 were not. It was not clear what happened. 2" in shown
    assert "canary" not in shown


def test_a_large_registry_is_searched_instead_of_listed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.outputs.forms.MOST_CHOICES", 1)
    shown = page(desk.client.get("/report-change"))
    assert shown.all("select") == []
    assert next(each.attributes["action"] for each in shown.all("form")) == "/points"


# --- what nobody sees -------------------------------------------------------------------------------


def test_what_was_sent_is_found_nowhere_but_in_the_inbox(
    desk: Desk, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [
            desk.send(text="canary-one", sign="coalition", coalition="canary-two", shown_by="link", link="https://canary-three.example/", once="canary-four"),
            desk.send(kind="nothing-new", where="canary-five"),
            desk.send(kind="answer", position="declined", body="the-state", text="canary-six", path="/answer"),
            desk.send(kind="take-out", text="canary-seven"),
            desk.send(kind="changed", text="canary-eight", link="canary nine", shown_by="link"),
        ]  # fmt: skip
        assert [each.status_code for each in answers] == [200, 200, 200, 200, 422]
        for path in (
            "/r/open-shelters",
            "/report-change",
            "/report-change?id=open-shelters",
            "/answer?actor=the-state",
        ):
            assert "canary" not in desk.client.get(path).text
        for path in composed.PATHS:
            assert "canary" not in html.unescape(web.painted(web.Asked(path, {}, "en", SITE)).html)
    assert all("canary" not in each.text for each in answers[:4])
    assert "canary" not in caplog.text
    assert "canary" not in "".join(capfd.readouterr())
    holding = {path for path in tmp_path.rglob("*") if path.is_file() and b"canary" in path.read_bytes()}
    assert {path.parent for path in holding} == {desk.inbox}
    assert len(holding) == 4


# --- its words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/report-change", "/report-change?id=open-shelters", "/report-change?id=fund-shelters", "/report-change?whole=1",
        "/report-change?id=zzz", "/answer", "/answer?actor=the-state", "/answer?actor=the-state&id=open-shelters",
        "/answer?actor=zzz", "/receipt",
    ],
)  # fmt: skip
@pytest.mark.parametrize("setting", ["on", "off"])
def test_every_sentence_of_a_form_is_translated(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, path: str, setting: str
) -> None:
    monkeypatch.setenv("TRACKER_PSEUDO", "1")
    monkeypatch.setenv("TRACKER_FORMS", setting)
    answer = desk.client.get(path + ("&" if "?" in path else "?") + "lang=xx")
    _translated(answer)


def test_every_sentence_of_an_answer_is_translated(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKER_PSEUDO", "1")
    code = receipt(desk.send(lang="xx"))
    _translated(desk.send(lang="xx"), code, receipt(desk.send(lang="xx", once="1")))
    _translated(desk.send(lang="xx", text=" ", when="other", when_other="soon", sign="organisation"))
    _translated(desk.send(lang="xx", kind="answer"))
    inbox.settle(desk.inbox, 1, State.DECLINED, today(), Reason.OTHER, "zzz")
    _translated(desk.client.post("/receipt", data={"receipt": code, "lang": "xx"}))
    _translated(desk.client.post("/receipt", data={"receipt": "none", "lang": "xx"}))
    _translated(desk.client.post("/report-change?lang=xx", content=b"x"))


def _translated(answer: Response, *known: str) -> None:
    main = parsed(answer.text).one("main")
    taken = [each for each in main.every() if each.attributes.get("id") in ("to-send", "receipt") or each.tag == "pre"]
    words = _content(reading.path()) | {"zzz", "K7-QF3M", "https://", "A shelter was opened.", *known}
    _is_translated(_outer(main.without(*taken)), _known(words))


def _outer(element: Element) -> str:
    inside = "".join(html.escape(each) if isinstance(each, str) else _outer(each) for each in element.children)
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in element.attributes.items())
    return f"<{element.tag}{attributes}>{inside}</{element.tag}>" if element.tag else inside


# --- hostile words ----------------------------------------------------------------------------------


def test_hostile_words_stay_words_wherever_they_are_typed(desk: Desk) -> None:
    names = (*sending.forms.TYPED, "lang", "do", "receipt", "organisation")
    for path in ("/report-change", "/answer", "/receipt"):
        for form in (
            dict.fromkeys(names, HOSTILE),
            {**dict.fromkeys(names, HOSTILE), "about": "open-shelters", "kind": "wrong"},
        ):
            _harmless(desk.client.post(path, data=form))
        _harmless(
            desk.client.get(path, params=dict.fromkeys(("id", "actor", "lang", "kind", "position", "whole"), HOSTILE))
        )


def _harmless(answer: Response) -> None:
    shown = page(answer)
    assert answer.status_code < 500 or answer.status_code == 503
    assert len(shown.all("script")) == 1
    for each in shown.every():
        assert each.tag not in ("img", "iframe", "object", "embed", "base")
        assert not any(name.startswith("on") for name in each.attributes)
        assert each.tag != "a" or not each.attributes["href"].startswith(("javascript:", "http", "//"))


def test_hostile_words_of_the_registry_stay_words(desk: Desk) -> None:
    title = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    text = REGISTRY.replace("en: Open shelters", f'en: "{title}"').replace("en: The ministry", f'en: "{title}"')
    written(desk.registry.parent, text)
    for path in (
        "/report-change",
        "/report-change?id=open-shelters",
        "/answer",
        "/answer?actor=the-ministry&id=open-shelters",
    ):
        answer = desk.client.get(path)
        _harmless(answer)
        assert "onerror" in page(answer).text


# --- the questions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("open_ended", "now", "statuses"),
    [
        (False, Status.PROMISED, ("implemented", "partly-implemented", "in-progress", "refused")),
        (False, Status.IMPLEMENTED, ("implemented", "partly-implemented", "in-progress", "reversed")),
        (True, Status.ONGOING, ("ongoing", "in-progress", "reversed")),
        (True, Status.NOT_ASSESSED, ("ongoing", "in-progress", "refused")),
    ],
)
def test_the_questions_lead_only_to_what_the_rules_allow(
    desk: Desk, open_ended: bool, now: Status, statuses: tuple[str, ...]
) -> None:
    state = reading.state()
    assert state
    assert state.loaded.registry
    record = state.loaded.registry.records["fund-shelters" if open_ended else "open-shelters"]
    asked = sending.forms.questions(record, now)
    assert tuple(each.status for each in asked) == statuses
    for number, status in enumerate(statuses):
        typed = {f"q{n + 1}": "yes" if n == number else "no" for n in range(number + 1)}
        assert sending.forms.led_to(asked, {"put": "help", **typed}) == status
        assert sending.forms.led_to(asked, typed) == ""
    assert sending.forms.led_to(asked, {"put": "help", "q2": "yes"}) == ""


def test_a_day_is_that_of_the_server(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "today", lambda: date(2026, 11, 30))
    assert desk.sent(when="today").when == "2026-11-30"
