"""Each view in each language and in each state of the registry: no exception, head and foot, the right words."""

import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.language import translator
from dashboard.registry.scalars import LANGUAGES, Language, today
from tests import generate, slow
from tests.markup import Element
from tests.small import REGISTRY, git, written
from tests.views.conftest import VIEWS, Show, Shown

RECORD = "istanbul-convention-accession"
SELECTING = ("/", "/points", "/actors", "/changes")
"""Pages that a selection narrows."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_head_heading_and_foot_in_each_language(show: Show, view: str, language: Language) -> None:
    page = show(view, lang=language, id=RECORD).page
    tr = translator(language)
    headings = {
        "/": tr.count("{n} ask or promise", "{n} asks and promises", 34),
        "/points": tr("All points"),
        "/record": page.one("h1").text,
        "/sources": tr("Sources"),
        "/method": tr("How we judge"),
        "/coverage": tr("What is covered"),
        "/about": tr("About and corrections"),
        "/actors": tr("Who must act"),
        "/changes": tr("What changed"),
        "/desk": tr("Editor’s desk"),
    }
    assert headings[view] in page.all("h1")[0].text
    links = page.all("nav")[0].all("a")
    assert [link.attributes["href"] for link in links] == [
        f"{path}?lang={language}"
        for path in ("/", "/points", "/actors", "/sources", "/changes", "/method", "/about", "/report-change")
    ]
    assert [link.text for link in links if "aria-current" in link.attributes] == (
        []
        if view in ("/record", "/desk", "/coverage")
        else [tr("Where things stand") if view == "/" else headings[view]]
    )
    [current] = [link for link in page.one("div", "languages").all("a") if "aria-current" in link.attributes]
    assert current.attributes["lang"] == language
    assert tr("Published by: {name}.", name="").rstrip(". ") in page.one("footer").text


@pytest.mark.parametrize(
    ("view", "ru", "kk"),
    [
        ("/", "34", "34"),
        ("/points", "Все пункты", "Барлық тармақ"),
        ("/sources", "Источники", "Дереккөздер"),
    ],
)
def test_headings_are_really_translated(show: Show, view: str, ru: str, kk: str) -> None:
    said = {language: show(view, lang=language).page.one("h1").text for language in LANGUAGES}
    assert ru in said["ru"]
    assert kk in said["kk"]
    assert len(set(said.values())) == 3


def test_the_first_page_counts_34_in_each_language(show: Show) -> None:
    for language in LANGUAGES:
        assert len(show("/", lang=language).page.one("section", "two").all("h2")) == 2
        assert sum(len(marks.all("a")) for marks in show("/", lang=language).page.all("div", "marks")) == 34


def test_a_registry_with_errors_shows_the_rest_and_says_where(show: Show, tmp_path: Path) -> None:
    files = generate.registry(9, 12)
    text = files["recommendations.yaml"].replace("kind: recommendation", "kind: secretword", 1)
    path = generate.write(tmp_path, {**files, "recommendations.yaml": text})
    shown = show("/", path)
    line = text[: text.index("secretword")].count("\n") + 1
    banner = [each for each in shown.page.all("div", "asof") if each.attributes.get("role") == "status"]
    assert [f"recommendations.yaml:{line}" in each.text for each in banner] == [True]
    assert "secretword" not in shown.page.text
    assert str(tmp_path) not in shown.page.text
    assert shown.page.one("h1").text.startswith("11 asks and promises")


@pytest.mark.parametrize("content", ["", "   \n", "version: 1\n", "\x00", "[", "a: &x 1\n...\n"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_file_that_was_never_readable_has_a_designed_page(
    show: Show, tmp_path: Path, content: str, view: str
) -> None:
    path = tmp_path / "recommendations.yaml"
    path.write_text(content, "utf-8")
    shown = show(view, path, id=RECORD)
    assert [h.text for h in shown.page.all("h1")] == ["The registry cannot be read"]
    assert "python -m dashboard validate" in shown.page.text


def test_a_registry_that_is_not_there_has_the_same_page(show: Show, tmp_path: Path) -> None:
    shown = show("/points", tmp_path / "nothing.yaml", lang="ru")
    assert [h.text for h in shown.page.all("h1")] == [translator("ru")("The registry cannot be read")]


@pytest.mark.parametrize("how", ["cut off", "emptied", "removed"])
def test_the_last_good_state_stays_on_screen_while_the_file_is_spoiled(show: Show, tmp_path: Path, how: str) -> None:
    path = generate.write(tmp_path, generate.registry(11, 12))
    good = show("/", path).page
    assert not _banners(good)
    text = path.read_text("utf-8")
    match how:
        case "cut off":
            path.write_text(text[: len(text) // 2], "utf-8")
        case "emptied":
            path.write_text("", "utf-8")
        case _:
            path.unlink()
    spoiled = show("/", path).page
    [banner] = _banners(spoiled)
    assert "You see its last good state." in banner
    assert spoiled.one("h1").text == good.one("h1").text
    assert _marks(spoiled) == _marks(good)
    path.write_text(text, "utf-8")
    assert not _banners(show("/", path).page)


def test_an_empty_registry_is_a_page_and_not_an_error(show: Show, tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(1, 0))
    for view in VIEWS:
        shown = show(view, path)
        assert shown.page.one("footer")
        assert len(shown.page.all("h1")) == 1


def test_an_unknown_record_says_so(show: Show) -> None:
    page = show("/record", id="<i>no-such-record</i>").page
    assert page.one("h1").text == "There is no such point"
    assert "<i>no-such-record</i>" in page.text
    assert page.all("i") == []


def test_no_record_asked_for_says_so(show: Show) -> None:
    assert show("/record").page.one("h1").text == "There is no such point"


@pytest.mark.parametrize("view", SELECTING)
def test_unknown_values_of_an_address_are_left_out_and_told(show: Show, view: str) -> None:
    shown = show(view, side=["society", "nobody"], status="no-such", theme="<b>", as_of="yesterday", page="-3")
    [told] = [each.text for each in shown.page.all("p", "asof")]
    assert told.endswith(": side=nobody, status=no-such, theme=<b>, as_of=yesterday")
    assert "Shown: 5 of 34" in shown.page.text
    assert shown.page.all("b") == []


def test_a_selection_is_shown_in_the_controls_the_sentence_and_the_list(show: Show) -> None:
    shown = show("/points", side="foreign", status=["ongoing", "reversed"], q="civil society")
    assert len(shown.listed()) == 2
    values = {each.key: each.value for each in shown.controls()}
    assert values["f_q"] == "civil society"
    assert values["f_side"] == ["foreign"]
    assert values["f_status"] == ["ongoing", "reversed"]
    chips = [link.text for link in shown.page.one("div", "chips").all("a")]
    assert chips == ["Foreign donors and governments ×", "Ongoing ×", "Undone ×", "says “civil society” ×", "Clear all"]


def test_a_choice_says_how_many_records_it_would_show_and_none_shows_nothing(show: Show) -> None:
    shown = show("/points", status="promised")
    [sides] = shown.app.get("button_group")
    assert sides.options == ["Kazakhstan’s state (6)"]


# --- each control ---------------------------------------------------------------------------------------

CONTROLS: dict[str, tuple[str, ...]] = {
    "side": slow.SIDES,
    "status": slow.STATUSES,
    "actor": ("kazakhstan", "government", "interior-ministry", "parliament", "eu-delegation", "un-women"),
    "role": slow.ROLES,
    "basis": ("named", "inferred"),
    "theme": ("family-violence", "political-voice", "health"),
    "kind": ("recommendation", "demand", "commitment"),
    "known": slow.KNOWN,
    "source": ("document-1", "document-2", "document-3"),
    "disagree": ("1",),
    "due": ("1",),
    "testable": ("1",),
}


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 records of every side, role and status."""
    return generate.write(tmp_path_factory.mktemp("counted"), generate.registry(21, 40))


@pytest.fixture(scope="module")
def books(counted: Path) -> dict[str, Any]:
    return slow.read(counted)


@pytest.mark.parametrize("key", CONTROLS)
def test_a_control_narrows_the_list_goes_into_the_address_and_counts_before(
    show: Show, counted: Path, books: dict[str, Any], key: str
) -> None:
    """Beside a selection that stands already; every choice that a control offers says what it will show."""
    before = {"kind": ["recommendation", "commitment"]} if key != "kind" else {"side": ["state", "foreign"]}
    shown = _unfolded(show("/points", counted, **before))
    facts = slow.facts(books, today(), today())
    value = next(value for value in CONTROLS[key] if 0 < slow.live(facts, before, key, value, books) < len(facts))
    n = slow.live(facts, before, key, value, books)
    _choose(shown, key, value, n)
    expected = [fact["id"] for fact in slow.kept(facts, {**before, key: [value]}, books)]
    after = Shown(shown.app)
    assert not shown.app.exception
    assert after.listed() == expected
    assert len(expected) == n
    assert shown.app.query_params[key] == value
    assert f"Shown: {n} of {len(facts)}." in after.page.text
    now = {**before, key: [value]}
    for other in CONTROLS:
        live = [slow.live(facts, now, other, each, books) for each in _every_value(books, other)]
        flag = other in ("disagree", "due", "testable")
        assert _labels(after, other) == (live if flag else sorted(filter(None, live))), other


def _every_value(books: dict[str, Any], key: str) -> list[str]:
    match key:
        case "actor":
            return list(books["actors"])
        case "theme":
            return [theme["id"] for theme in books["themes"]]
        case "source":
            return list(books["sources"])
    return list(CONTROLS[key])


def _unfolded(shown: Shown) -> Shown:
    """With what is folded away of the controls open."""
    shown.app.session_state["more_filters"] = True
    return Shown(shown.app.run())


def _control(shown: Shown, key: str) -> Any:
    [control] = [each for each in shown.controls() if each.key == f"f_{key}"]
    return control


def _labels(shown: Shown, key: str) -> list[int]:
    """The numbers that the choices of a control bear, or its own."""
    control = _control(shown, key)
    labels = getattr(control, "options", None) or [control.label]
    return sorted(int(label.rpartition("(")[2].rstrip(")")) for label in labels if label.endswith(")"))


def _choose(shown: Shown, key: str, value: str, n: int) -> None:
    control = _control(shown, key)
    if key in ("disagree", "due", "testable"):
        assert control.label.endswith(f" ({n})")
        control.check().run()
    else:
        control.set_value([value]).run()


def test_a_click_does_not_send_the_style_sheet_again(show: Show) -> None:
    drawn = show("/points").app.get("html")
    assert drawn
    assert not any("<style" in str(each.proto.body) for each in drawn)


def test_search_narrows_the_list_and_a_new_search_begins_on_the_first_page(
    show: Show, counted: Path, books: dict[str, Any]
) -> None:
    shown = show("/points", counted, page="1")
    wanted = books["records"][7]
    shown.app.text_input(key="f_q").set_value(wanted["id"]).run()
    assert Shown(shown.app).listed() == [wanted["id"]]
    assert shown.app.query_params["q"] == wanted["id"]
    assert "page" not in shown.app.query_params
    shown.app.text_input(key="f_q").set_value("").run()
    assert "q" not in shown.app.query_params
    assert len(Shown(shown.app).listed()) == len(slow.facts(books, today(), today()))


def test_an_actor_in_a_role_stays_chosen(show: Show) -> None:
    shown = show("/points", actor="kz-state:must-act")
    assert shown.app.multiselect(key="f_actor").value == ["kz-state:must-act"]
    assert 0 < len(shown.listed()) < 34


@pytest.mark.parametrize("view", ["/points", "/actors", "/changes"])
def test_the_same_controls_stand_on_every_page_that_they_narrow(show: Show, view: str) -> None:
    folded = show(view, side="foreign")
    assert [each.key for each in folded.controls()] == ["f_q", "f_side"]
    shown = _unfolded(folded)
    assert [each.key for each in shown.controls()] == [
        "f_q", "f_side", "f_status", "f_actor", "f_role", "f_basis", "f_theme", "f_kind", "f_known", "f_source",
        "f_disagree", "f_due", "f_testable",
    ]  # fmt: skip
    assert _control(shown, "side").value == ["foreign"]
    assert "Shown: 9 of 34." in shown.page.text


def test_what_is_chosen_among_the_folded_controls_stands_open_and_outlasts_folding(show: Show) -> None:
    shown = show("/points", kind="commitment")
    assert _control(shown, "kind").value == ["commitment"]
    listed = shown.listed()
    shown.app.session_state["more_filters"] = False
    folded = Shown(shown.app.run())
    assert [each.key for each in folded.controls()] == ["f_q", "f_side"]
    assert folded.listed() == listed
    assert _control(_unfolded(folded), "kind").value == ["commitment"]


def test_where_one_side_alone_is_asked_points_are_chosen_by_where_they_stand(show: Show, tmp_path: Path) -> None:
    both = REGISTRY.replace("actor: the-donor, role: must-act", "actor: the-ministry, role: must-act")
    shown = show("/points", written(tmp_path, both))
    assert [each.key for each in shown.controls()] == ["f_q", "f_status"]
    assert _labels(shown, "status") == [1, 1]
    assert "f_side" in [each.key for each in _unfolded(shown).controls()]


@pytest.mark.parametrize("view", SELECTING)
def test_a_selection_that_nothing_fits_is_a_page_that_says_so(show: Show, view: str) -> None:
    for query in ({"q": "zzz"}, {"status": "reversed", "side": "society"}):
        page = show(view, **query).page
        assert "Shown: 0 of 34." in page.text
        assert page.one("div", "chips").all("a")[-1].text == "Clear all"
    if view == "/points":
        for picture in ("themes", "actors", "known", "looks", "steps", "says"):
            assert "No point fits this selection." in show(view, q="zzz", picture=picture).page.text


# --- pictures -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "query", "names"),
    [
        ("/", {}, ["themes", "known", "over-time"]),
        ("/actors", {}, ["actors", "says"]),
        ("/changes", {}, ["moved", "over-time"]),
        ("/desk", {}, ["looks"]),
        ("/points", {}, []),
        *(("/points", {"picture": name}, [name]) for name in ("themes", "actors", "known", "looks", "steps", "says")),
        ("/points", {"picture": "no-such"}, []),
        ("/sources", {}, []),
        ("/record", {"id": RECORD}, []),
    ],
)
def test_a_page_holds_its_pictures_each_with_a_table_and_words(
    show: Show, view: str, query: dict[str, str], names: list[str]
) -> None:
    shown = show(view, **query)
    drawn = shown.app.get("plotly_chart")
    assert len(drawn) == len(names)
    heads = [each.one("h2") for each in shown.page.all("section", "picture")]
    assert [each.attributes["id"] for each in heads] == [f"chart-{name}" for name in names]
    assert all(each.text for each in heads)
    feet = shown.page.all("div", "picture-foot")
    assert len(feet) == len(names)
    for foot in feet:
        assert {each.attributes["data-picture"] for each in foot.all("button")} == {"png", "svg"}
        assert len(foot.all("table")) == 1


def test_a_timeline_is_drawn_only_when_somebody_opens_it(show: Show) -> None:
    shown = show("/record", id=RECORD)
    [folded] = shown.app.expander
    assert folded.label == "Draw its dates as a picture"
    assert shown.app.get("plotly_chart") == []
    shown.app.session_state["later_timeline"] = True
    shown.app.run()
    assert not shown.app.exception
    assert len(shown.app.get("plotly_chart")) == 1
    shown.app.session_state["later_timeline"] = False
    shown.app.run()
    assert list(shown.app.get("plotly_chart")) == []


# --- days -----------------------------------------------------------------------------------------------


def test_a_list_of_120_records_stands_on_three_pages(show: Show, tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(13, 120))
    every = show("/points", path)
    of = _of(every)
    pages = [show("/points", path, page=number).listed() for number in ("1", "2", "3")]
    assert [len(page) for page in pages] == [50, 50, of - 100]
    assert len({title for page in pages for title in page}) == of


@pytest.mark.parametrize(
    ("asked", "shown_page"),
    [("99", 3), ("0", 1), ("-1", 1), ("two", 1), ("²", 1), ("", 1), ("999999", 3), ("9" * 30, 1)],
)
def test_a_page_that_is_not_there_shows_the_nearest(show: Show, tmp_path: Path, asked: str, shown_page: int) -> None:
    path = generate.write(tmp_path, generate.registry(13, 120))
    shown = show("/points", path, page=asked)
    [current] = [a for a in shown.page.all("nav")[-1].all("a") if "aria-current" in a.attributes]
    assert current.text == str(shown_page)
    assert shown.listed() == show("/points", path, page=str(shown_page)).listed()


@pytest.mark.parametrize("view", SELECTING)
def test_a_past_day_is_said_and_leads_back_to_today(show: Show, view: str) -> None:
    page = show(view, as_of="2023-01-01", side="foreign").page
    clock = page.one("details", "clock")
    assert "open" in clock.attributes
    assert clock.one("summary").text == "As it stood on 1 January 2023"
    assert "You see how it stood then, by what is known today." in clock.text
    back = clock.one("form").one("a")
    assert (back.text, back.attributes["href"]) == ("Back to today", f"{view}?side=foreign")
    assert "Shown: 6 of 17." in page.text


def test_the_clock_carries_the_rest_of_the_address_along(show: Show) -> None:
    page = show("/points", as_of="2023-01-01", side=["foreign", "state"], q="a & b", page="2", lang="ru").page
    form = page.one("details", "clock").one("form")
    assert (form.attributes["method"], form.attributes["action"]) == ("get", "/points")
    fields = [(each.attributes["name"], each.attributes["value"]) for each in form.all("input")]
    assert sorted(fields[:-2]) == [("lang", "ru"), ("q", "a & b"), ("side", "foreign"), ("side", "state")]
    assert fields[-2:] == [("as_of", "2023-01-01"), ("published_on", "")]


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Two versions: of 10 March 2026 the shelters are promised, of 20 May 2026 in progress."""
    path = written(tmp_path, REGISTRY.replace("status: in-progress", "status: promised"))
    git(tmp_path, "init", "-q", "-b", "main")
    for day, text in (("2026-03-10", None), ("2026-05-20", REGISTRY)):
        if text:
            written(tmp_path, text)
        git(tmp_path, "add", "-A")
        dated = {**os.environ, "GIT_COMMITTER_DATE": f"{day}T09:00:00Z", "GIT_AUTHOR_DATE": f"{day}T09:00:00Z"}
        who = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", str(tmp_path), *who, "commit", "-qm", day], check=True, env=dated)
    return path


@pytest.mark.parametrize(
    ("view", "language"),
    [*((view, "en") for view in VIEWS if view != "/record"), ("/changes", "ru"), ("/points", "kk")],
)
def test_a_day_of_publication_is_said_on_every_page(show: Show, history: Path, view: str, language: Language) -> None:
    page = show(view, history, published_on="2026-04-01", lang=language).page
    said = page.one("details", "clock").one("summary").text
    tr = translator(language)
    assert said == " ".join(tr("As published on {date}", date=tr.date(date(2026, 4, 1))).split())
    assert page.all("h1")
    assert {"published_on": ["2026-04-01"], "lang": [language]} == parse_qs(
        urlsplit(page.all("nav")[0].all("a")[0].attributes["href"]).query
    )


def test_a_day_of_publication_shows_what_was_said_then(show: Show, history: Path) -> None:
    def first(**query: str) -> str:
        return show("/points", history, **query).page.all("ul", "list")[0].all("strong")[0].text

    assert first() == "Under way"
    assert first(published_on="2026-05-20") == "Under way"
    assert first(published_on="2026-05-19") == "Promised, nothing more seen"
    assert first(published_on="2026-03-10", as_of="2025-02-28") == "Nobody has checked yet"
    before = show("/points", history, published_on="2026-03-09").page
    assert before.one("h1").text == "On that day nothing had been published yet"
    assert before.all("h3") == []


def test_a_day_to_come_is_today(show: Show) -> None:
    assert show("/", as_of="2999-01-01").page.one("h1").text == show("/").page.one("h1").text


def _banners(page: Element) -> list[str]:
    return [each.text for each in page.all("div", "asof")]


def _marks(page: Element) -> list[str]:
    return [a.attributes["href"] for group in page.all("div", "marks") for a in group.all("a")]


def _of(shown: Shown) -> int:
    return int(shown.page.one("p", "shown").text.split()[-1])
