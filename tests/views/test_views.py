"""Each view in each language and in each state of the registry: no exception, head and foot, the right words."""

from pathlib import Path

import pytest

from dashboard.language import translator
from dashboard.registry.scalars import LANGUAGES, Language
from tests import generate
from tests.markup import Element
from tests.views.conftest import VIEWS, Show, Shown

RECORD = "istanbul-convention-accession"


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
        "/about": tr("About and corrections"),
    }
    assert headings[view] in page.all("h1")[0].text
    links = page.all("nav")[0].all("a")
    assert [link.attributes["href"] for link in links] == [
        f"{path}?lang={language}" for path in ("/", "/points", "/sources", "/method", "/about")
    ]
    assert [link.text for link in links if "aria-current" in link.attributes] == (
        [] if view == "/record" else [tr("Where things stand") if view == "/" else headings[view]]
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


def test_unknown_values_of_an_address_are_left_out_and_told(show: Show) -> None:
    shown = show("/points", side=["society", "nobody"], status="no-such", theme="<b>", as_of="yesterday", page="-3")
    [told] = [each.text for each in shown.page.all("p", "asof")]
    assert told.endswith(": side=nobody, status=no-such, theme=<b>, as_of=yesterday")
    assert "Shown: 5 of 34" in shown.page.text
    assert shown.page.all("b") == []


def test_a_selection_is_shown_in_the_controls_the_sentence_and_the_list(show: Show) -> None:
    shown = show("/points", side="foreign", status=["ongoing", "reversed"], q="civil society")
    assert len(_titles(shown)) == 2
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


def test_choosing_in_the_controls_narrows_the_list(show: Show) -> None:
    shown = show("/points")
    shown.app.multiselect(key="f_status").set_value(["reversed"]).run()
    assert not shown.app.exception
    assert len(_titles(Shown(shown.app))) == 1
    assert shown.app.query_params["status"] == "reversed"


def test_an_actor_in_a_role_stays_chosen(show: Show) -> None:
    shown = show("/points", actor="kz-state:must-act")
    assert shown.app.multiselect(key="f_actor").value == ["kz-state:must-act"]
    assert 0 < len(_titles(shown)) < 34


def test_a_list_of_120_records_stands_on_three_pages(show: Show, tmp_path: Path) -> None:
    path = generate.write(tmp_path, generate.registry(13, 120))
    every = show("/points", path)
    of = _of(every)
    pages = [_titles(show("/points", path, page=number)) for number in ("1", "2", "3")]
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
    assert _titles(shown) == _titles(show("/points", path, page=str(shown_page)))


def test_a_past_day_is_said_and_leads_back_to_today(show: Show) -> None:
    page = show("/points", as_of="2023-01-01", side="foreign").page
    [said] = page.all("p", "asof")
    assert "1 January 2023" in said.text
    assert said.one("a").attributes["href"] == "/points?side=foreign"
    assert "Shown: 6 of 17" in page.text


def test_a_day_to_come_is_today(show: Show) -> None:
    assert show("/", as_of="2999-01-01").page.one("h1").text == show("/").page.one("h1").text


def _banners(page: Element) -> list[str]:
    return [each.text for each in page.all("div", "asof")]


def _marks(page: Element) -> list[str]:
    return [a.attributes["href"] for group in page.all("div", "marks") for a in group.all("a")]


def _titles(shown: Shown) -> list[str]:
    return [title.one("a").attributes["href"] for title in shown.page.all("h3")]


def _of(shown: Shown) -> int:
    [status] = [p.text for p in shown.page.all("p") if p.attributes.get("role") == "status"]
    return int(status.split()[1])
