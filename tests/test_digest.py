"""The digest: the numbers of What changed, short, and safe to paste whatever stands in the registry."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from dashboard.language import translator
from dashboard.outputs import api, digest, pages, telling
from dashboard.outputs.view import Place, View
from dashboard.progress.changes import Comparison
from dashboard.progress.filters import Filters
from dashboard.registry import reader
from dashboard.registry.model import Registry
from dashboard.registry.scalars import LANGUAGES, Clock, Language
from tests import generate
from tests.markup import parsed
from tests.points import TODAY, point, registry, said
from tests.small import ROOT, command

SHIPPED = ROOT / "recommendations.yaml"


def shown(of: Registry, today: date = TODAY, language: Language = "en", origin: str = "", **chosen: list[str]) -> View:
    filters = Filters.from_address(chosen, of, today)
    return View(of, Clock(today, today), translator(language), filters, True, place=Place("/changes"), origin=origin)


def text(view: View, since: date) -> str:
    return digest.text(view, digest.digest(view, since))


@pytest.fixture(scope="module")
def shipped() -> Registry:
    found = reader.load(SHIPPED, TODAY).registry
    assert found
    return found


def between(view: View, since: date) -> Comparison:
    return pages.compared(
        View(view.registry, view.clock, view.tr, Filters.from_address({"from": [str(since)]}, view.registry, TODAY))
    )


LISTS = {
    "Forward": "forward", "Back": "back", "Neither forward nor back": "neither", "Newly asked or promised": "new",
    "New evidence, same status": "evidence", "Judgements taken back": "taken_back", "No longer tracked": "gone",
    "Looked at, nothing new": "quiet",
}  # fmt: skip


@pytest.mark.parametrize("since", [date(2020, 1, 1), date(2023, 6, 1), date(2025, 1, 1), TODAY])
def test_its_numbers_are_those_of_what_changed(shipped: Registry, since: date, tmp_path: Path) -> None:
    made = [shipped]
    for seed in range(8):
        read = reader.load(generate.write(tmp_path / str(seed), generate.registry(seed, 40)), generate.TODAY).registry
        assert read
        made.append(read)
    for each in made:
        view = shown(each, max(TODAY, generate.TODAY))
        told = digest.digest(view, since)
        found = between(view, since)
        assert told.told == telling.moves(view.tr, found, since, view.clock.as_of)
        counted = {section.heading: section.n for section in told.sections if section.heading in LISTS}
        expected = {heading: len(getattr(found, name)) for heading, name in LISTS.items() if getattr(found, name)}
        assert counted == expected
        on_page = api.changes_json(shown(each, view.clock.as_of, **{"from": [str(since)]}))
        assert {name: len(json.loads(on_page)[name]) for name in LISTS.values()} == {
            name: len(getattr(found, name)) for name in LISTS.values()
        }


def test_it_fits_a_message_and_counts_what_it_leaves_out(shipped: Registry, tmp_path: Path) -> None:
    lines = text(shown(shipped), date(2025, 1, 1)).splitlines()
    assert 16 <= len(lines) <= digest.MOST_LINES
    big = reader.load(generate.write(tmp_path, generate.registry(3, 200)), generate.TODAY).registry
    assert big
    view = shown(big, generate.TODAY)
    told = digest.digest(view, date(2024, 1, 1))
    made = digest.text(view, told)
    assert max(map(len, made.splitlines())) <= digest.MOST_LETTERS + 2
    for section in told.sections:
        block = made.partition(f"\n{section.heading} · ")[2].partition("\n\n")[0].splitlines()[1:]
        dashes = [line for line in block if line.startswith("– ")]
        left = len(section.lines) - len(dashes)
        assert dashes
        assert (f"… and {left} more" in block) == (left > 0)


def test_everything_that_can_happen_is_told() -> None:
    gone = {"withdrawn": {"on": "2026-11-12", "why": "Another town."}}
    yes = {"by": "the-ministry", "position": "agreed", "on": "2026-11-11", "text": "We will."}
    asked = {"asked": [{"actor": "the-ministry", "on": "2026-11-01", "how": "By letter"}]}
    made = registry(
        point("moved", assessments=[said("promised", "2025-01-01"), said("implemented", "2026-11-10")]),
        point("withdrawn", assessments=[said("promised", "2025-01-01"), said("promised", "2026-01-01", **gone)]),
        point("answered", answers=[yes]),
        point("asked", **asked),
        point(
            "seen",
            assessments=[said("implemented", "2026-01-01")],
            checks=[{"on": "2026-11-10", "by": "editors", "where": "Its page"}],
        ),
        point("soon", assessments=[said("implemented", "2025-12-01")]),
        point(
            "late",
            due={"on": "2026-12", "basis": "The plan."},
            on="2025-01-01",
            assessments=[said("promised", "2026-11-01")],
        ),
        point("soon-late", due={"on": "2026-12-01", "basis": "The plan."}),
        point("retired", retired={"on": "2026-11-15", "reason": "Said twice."}),
        corrections=[{"on": "2026-11-14", "record": "moved", "was": "Twelve.", "now": "Eleven."}],
    )
    said_ = text(shown(made, origin="https://t.example"), date(2026, 11, 1))
    for line in (
        "– Title of moved: Promised, nothing more seen → Done",
        "– Title of withdrawn: Another town.",
        "– Title of answered: We will.",
        "– Title of asked: asked on 1 November 2026, no answer yet",
        "– Title of seen",
        "– Title of soon: to be looked at by 1 December 2026",
        "– Title of soon-late: to be done by 1 December 2026",
        "– Title of retired: Said twice.",
        "– Title of moved: Eleven.",
    ):
        assert line in said_.splitlines(), said_
    assert "1 forward" in said_
    assert "1 of which a judgement was taken back" in said_
    assert said_.splitlines()[-1] == "https://t.example/changes?from=2026-11-01&to=2026-11-22&lang=en"


def test_when_nothing_happened_it_says_what_that_means() -> None:
    made = registry(point(assessments=[said("implemented", "2026-09-01")]))
    lines = text(shown(made), date(2026, 11, 1)).splitlines()
    assert lines == [
        "Small",
        "Between 1 November 2026 and 22 November 2026 nothing changed that this registry knows of. That we found none"
        " does not mean that there was none. We last looked on 1 September 2026.",
        "",
        "States and their bodies: 1 done.",
        "as on 22 November 2026; not under version control",
    ]
    assert len(text(shown(registry()), date(2026, 11, 1)).splitlines()) == 4


def test_a_selection_tells_of_its_points_alone(shipped: Registry) -> None:
    view = shown(shipped, side=["foreign"])
    told = digest.digest(view, date(2025, 1, 1))
    assert len(told.sides) == 1
    own = {row.id for row in view.kept.rows}
    assert {record for section in told.sections for _, record in section.lines} <= own
    assert told.title.endswith("· Foreign donors and governments")


HOSTILE = (
    "*bold* _it_ `code` ~no~ [x](http://evil.example) <b>&</b> @everyone #top <script>alert(1)</script>\u202e\x1b[31m"
)


def test_hostile_words_are_safe_to_paste_and_to_open() -> None:
    made = registry(point(title=HOSTILE, assessments=[said("implemented", "2026-11-10")]), title=HOSTILE)
    view = shown(made, origin="https://t.example")
    told = digest.digest(view, date(2026, 11, 1))
    plain = digest.text(view, told).rpartition("\n")[0].rpartition("\n")[0]  # without the address
    assert not set(plain) & set("*_`~[]<>@#\u202e\x1b")
    assert "evil.example" in plain
    page = digest.html(view, told)
    assert "<script" not in page
    assert "<b>" not in page
    assert next(each.text for each in parsed(page).all("h1")).startswith("*bold*")
    assert set(re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"' )>]+)""", page)) <= {
        "https://t.example/r/open-shelters", "https://t.example/changes?from=2026-11-01&amp;to=2026-11-22&amp;lang=en",
    }  # fmt: skip
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_in_each_language(shipped: Registry, language: Language) -> None:
    view = shown(shipped, language=language)
    told = digest.digest(view, date(2025, 1, 1))
    pseudo = digest.text(View(shipped, view.clock, translator(language, True), view.filters), told)
    assert f'<html lang="{language}">' in digest.html(view, told)
    assert "⟦" in pseudo
    if language != "en":
        assert "Forward" not in digest.text(view, told)


def test_the_command_writes_text_and_html(tmp_path: Path) -> None:
    done = command("digest", "--since", "2025-01-01", "--theme", "ilo-c190")
    assert done.returncode == 0
    assert done.stdout.startswith("Asked and promised")
    assert done.stderr == "it bears no addresses: TRACKER_SITE does not say where the site is\n"
    page = tmp_path / "d.html"
    assert command("digest", "--since", "2025", "--lang", "kk", "-o", page).stdout == f"{page}\n"
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert command("digest", "--format", "html").stdout.startswith("<!doctype html>")
    assert command("digest", "-o", tmp_path / "d.pdf").returncode == 2
    assert command("digest", "--since", "tomorrow").returncode == 2
