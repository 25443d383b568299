"""What each command writes, line by line, and what it refuses, in its words."""

from dataclasses import FrozenInstanceError
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from dashboard.registry import commands, edits, grounds, model, reader
from dashboard.registry.commands import Command, Impossible, Now
from dashboard.registry.edits import NewSource
from dashboard.registry.reader import Texts
from tests.small import REGISTRY, SOURCE
from tests.test_edits import _added

TODAY = date(2026, 1, 2)
CHECK = "      - {on: 2025-06, by: editors, where: The ministry's page}\n"


def made(kind: type, **values: Any) -> Command:
    command: Command = TypeAdapter(kind).validate_python(values)
    return command


def _now(text: str = REGISTRY) -> Now:
    loaded = reader.read(Texts("r.yaml", text.encode(), {"sources/report-one.yaml": SOURCE.encode()}), TODAY)
    assert loaded.registry
    assert not loaded.errors, loaded.problems
    return Now(loaded.registry, text.encode(), loaded.positions, TODAY)


def _after(command: Command, text: str = REGISTRY) -> str:
    now = _now(text)
    changes = [each for each in command.changes(now) if not isinstance(each, NewSource)]
    return edits.spliced(now.data, changes, now.positions).data.decode()


def _lines(kind: type, text: str = REGISTRY, /, **values: Any) -> list[str]:
    """The lines that a command adds; none goes."""
    return [line.rstrip("\n") for line in _added(text.encode(), _after(made(kind, **values), text).encode())]


def _refused(kind: type, text: str = REGISTRY, /, **values: Any) -> str:
    with pytest.raises(Impossible) as said:
        list(made(kind, **values).changes(_now(text)))
    return str(said.value)


THEME = "    name: {en: Shelters, ru: Приюты, kk: Баспаналар}\n"


def test_who_tends_a_subject_is_written_below_its_name_and_taken_out_again() -> None:
    wanted = made(commands.Tend, theme="shelters", steward="The union", check_every_days="90")
    after = _after(wanted)
    assert after == REGISTRY.replace(THEME, f"{THEME}    steward: The union\n    check_every_days: 90\n")
    oftener = made(commands.Tend, theme="shelters", check_every_days="30")
    assert _after(oftener, after) == after.replace("days: 90", "days: 30")
    assert _after(made(commands.Tend, theme="shelters", steward="", check_every_days=""), after) == REGISTRY
    assert (commands.touched(wanted), commands.told(wanted)) == ((("themes", "shelters"),), "Tend shelters")


@pytest.mark.parametrize("more", [{}, {"steward": ""}, {"check_every_days": ""}])
def test_a_subject_that_is_tended_like_that_already_is_not_written_again(more: dict[str, str]) -> None:
    said = "shelters: that stands there already; name a steward or a number of days"
    assert _refused(commands.Tend, theme="shelters", **more) == said
    assert "there is no 'shelter' under themes" in _refused(commands.Tend, theme="shelter", steward="The union")


@pytest.mark.parametrize("often", ["0", "often", "-1", "100000"])
def test_a_rhythm_is_a_number_of_days(often: str) -> None:
    with pytest.raises(ValidationError):
        made(commands.Tend, theme="shelters", check_every_days=often)


# --- what each writes -------------------------------------------------------------------------------


def test_a_judgement_is_written_with_what_it_judged_and_the_day() -> None:
    lines = _lines(
        commands.Assess, record="open-shelters", status="implemented", as_of="2025-12", evidence=["audit-report"],
        conditions_met=[{"condition": "1", "evidence": ["audit-report"]}], note={"ru": "Все открыты: 17 из 17"},
        reviewed_by="editors",
    )  # fmt: skip
    judged = lines.pop(4)
    assert judged.startswith("        judged: ")
    assert lines == [
        "      - status: implemented",
        "        as_of: 2025-12",
        "        assessed_on: 2026-01-02",
        "        by: editors",
        "        recorded_on: 2026-01-02",
        "        evidence: [audit-report]",
        "        note:",
        "          ru: 'Все открыты: 17 из 17'",
        "        conditions_met:",
        "          - condition: 1",
        "            evidence: [audit-report]",
        "        reviewed_by: editors",
    ]


def test_a_judgement_remembers_the_evidence_that_comes_with_it() -> None:
    page = {"id": "page", "says": "It says.", "owner": "independent", "form": "report", "url": "https://example.org/p", "publisher": "P"}  # fmt: skip
    given = made(commands.Assess, record="fund-shelters", status="ongoing", as_of="2025", evidence=["page"], note="So.", new=[page])  # fmt: skip
    after = _after(given)
    now = _now(after)
    record = now.record("fund-shelters")
    assert record.assessments[0].judged == grounds.fingerprint(now.registry, record, record.assessments[0])
    assert "publisher: An audit office\n  - id: page\n    says: It says.\n" in after


def test_evidence_that_is_there_already_is_not_added_again() -> None:
    page = {"id": "audit-report", "says": "It says.", "owner": "independent", "form": "report"}
    said = _refused(commands.Assess, record="fund-shelters", status="ongoing", as_of="2025", note="So.", new=[page])
    assert said == "there is 'audit-report' under evidence already; choose another id"


def test_a_look_at_several_points_is_entered_with_each_once() -> None:
    records = ["fund-shelters", "open-shelters", "fund-shelters"]
    assert _lines(commands.Look, records=records, where="Their pages", by="an-author") == [
        "      - {on: 2026-01-02, by: an-author, where: Their pages, recorded_on: 2026-01-02}",
        "    checks:",
        "      - on: 2026-01-02",
        "        by: an-author",
        "        where: Their pages",
        "        recorded_on: 2026-01-02",
    ]


def test_an_answer_is_written_in_full_with_its_paragraphs() -> None:
    text = {"kk": "Құрметті әріптестер!\r\n\r\nБіз келісеміз: толығымен.\r\n"}
    assert _lines(commands.Answer, record="open-shelters", position="not-ours", by="the-ministry", on="2025-12-31", text=text, whose="the-state", evidence=["audit-report"]) == [
        "    answers:",
        "      - by: the-ministry",
        "        position: not-ours",
        "        on: 2025-12-31",
        "        text:",
        "          kk: |-",
        "            Құрметті әріптестер!",
        "",
        "            Біз келісеміз: толығымен.",
        "        evidence: [audit-report]",
        "        whose: the-state",
    ]  # fmt: skip


def test_a_step_is_added_by_its_words_and_changed_by_its_number() -> None:
    assert _lines(commands.Step, record="open-shelters", state="unknown", step="A law") == [
        "    steps:",
        "      - step: A law",
        "        state: unknown",
    ]
    text = REGISTRY.replace(
        "    assessments:\n", "    steps:\n      - step: A law\n        state: unknown  # yet\n    assessments:\n"
    )
    after = _after(
        made(commands.Step, record="open-shelters", number="1", state="done", on="2025-05", evidence=["audit-report"]),
        text,
    )
    assert after == text.replace(
        "        state: unknown  # yet\n",
        "        state: done  # yet\n        on: 2025-05\n        evidence: [audit-report]\n",
    )


def test_money_a_setback_and_a_request_are_written() -> None:
    assert _lines(commands.Fund, record="fund-shelters", by="the-donor", to="the-state", stage="paid", purpose="Beds", on="2025", amount="1200.50", currency="EUR", iati="XX-1", evidence=["audit-report"]) == [
        "    funding:", "      - by: the-donor", "        stage: paid", "        purpose: Beds", "        to: the-state", "        on: 2025",
        "        amount: '1200.50'", "        currency: EUR", "        iati: XX-1", "        evidence: [audit-report]",
    ]  # fmt: skip
    assert _lines(commands.Setback, record="open-shelters", on="2025-11", what="Two were closed", evidence=["audit-report"]) == [
        "    setbacks:", "      - on: 2025-11", "        what: Two were closed", "        evidence: [audit-report]",
    ]  # fmt: skip
    assert _lines(commands.Ask, record="open-shelters", actor="the-ministry", on="2025-11~", how="By letter") == [
        "    asked:", "      - actor: the-ministry", "        on: 2025-11~", "        how: By letter",
    ]  # fmt: skip


def test_what_a_point_is_made_of_can_be_added() -> None:
    assert _lines(commands.Quote, record="open-shelters", source="report-one", paragraph="2", by="an-author", told="own", quote="in every region", translation={"ru": "в каждом регионе", "drafts": ["ru"]}) == [
        "      - source: report-one", "        paragraph: 2", "        quote: in every region", "        by: an-author",
        "        told: own", "        translation:", "          ru: в каждом регионе", "          drafts: [ru]",
    ]  # fmt: skip
    assert _lines(commands.Involve, record="open-shelters", actor="the-donor", role="pays") == [
        "      - {actor: the-donor, role: pays, basis: named}"
    ]
    assert _lines(commands.Involve, record="open-shelters", actor="the-donor", role="helps", basis="inferred", why="It said so: twice") == [
        "      - {actor: the-donor, role: helps, basis: inferred, why: 'It said so: twice'}"
    ]  # fmt: skip
    assert _lines(commands.Align, record="open-shelters", code="sdg:5.2", match="near") == [
        "    alignments:", "      - code: sdg:5.2", "        match: near",
    ]  # fmt: skip
    assert _lines(commands.Relate, record="open-shelters", to="fund-shelters", relation="depends-on") == [
        "    related:", "      - id: fund-shelters", "        relation: depends-on",
    ]  # fmt: skip
    assert _lines(commands.Edit, id="open-shelters", field="done_when.new", value="Open at night") == [
        "      - Open at night"
    ]
    assert _lines(commands.Edit, id="open-shelters", field="open_questions.new.ru", value="Сколько?") == [
        "    open_questions:", "      - ru: Сколько?",
    ]  # fmt: skip
    assert _lines(commands.Edit, id="open-shelters", field="summary", value="What it is") == ["    summary: What it is"]
    assert _lines(commands.Edit, id="open-shelters", field="summary.kk", value="Бұл не") == [
        "    summary:", "      kk: Бұл не",
    ]  # fmt: skip


def test_a_date_by_which_it_is_due_is_entered_and_then_mended() -> None:
    once = _after(made(commands.Due, record="open-shelters", on="2027", basis="The plan"))
    assert "    due:\n      on: 2027\n      basis: The plan\n    assessments:\n" in once
    twice = _after(made(commands.Due, record="open-shelters", on="2028-01", basis="The new plan"), once)
    assert twice == once.replace("on: 2027", "on: 2028-01").replace("The plan", "The new plan")
    assert _after(made(commands.Edit, id="open-shelters", field="due", value=""), once) == REGISTRY


def test_every_field_of_a_record_can_be_reached() -> None:
    """By a command of its own, by Edit, or only when the record is added; new fields must be thought of here."""
    own = set(commands._ENTERED_BY)
    edited = {"title", "summary", "text", "kind", "as_given", "theme", "instrument", "on", "done_when", "beyond_test", "open_ended", "open_questions"}  # fmt: skip
    assert own | edited | {"id"} == set(commands.RECORD_FIELDS)
    assert set(commands.RECORD_FIELDS) == set(model.Recommendation.__dataclass_fields__)  # type: ignore[attr-defined]
    for name in edited - {"done_when", "beyond_test", "open_questions"}:
        assert "x-y" in _after(made(commands.Edit, id="fund-shelters", field=name, value="x-y"))


# --- edits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "was", "now"),
    [
        ("title", "Open them", "{en: Open shelters, ru", "{en: Open them, ru"),
        ("title.ru", "Открыть: все", "ru: Открыть приюты", "ru: 'Открыть: все'"),
        ("kind", "recommendation", "kind: demand", "kind: recommendation"),
        ("origin.1.paragraph", "2", "        paragraph: 1\n", "        paragraph: 2\n"),
        ("origin.1.locator", "p. 3", "        told: own\n    actors:\n      - {actor: the-ministry", "        told: own\n        locator: p. 3\n    actors:\n      - {actor: the-ministry"),
        ("actors.1.role", "together", "role: must-act, basis: named}\n    done", "role: together, basis: named}\n    done"),
        ("done_when.1.kk", "", ", kk: Әр өңірде баспана}", "}"),
        ("done_when.1", "", "    done_when:\n      - {en: A shelter in every region, ru: Приют в каждом регионе, kk: Әр өңірде баспана}\n", ""),
        ("title", "", "    title: {en: Open shelters, ru: Открыть приюты, kk: Баспана ашу}\n", ""),
        ("assessments.1.reviewed_by", "an-author", "        note: Eleven of seventeen.\n", "        note: Eleven of seventeen.\n        reviewed_by: an-author\n"),
        ("on", "2024", "    theme: shelters\n    origin", "    theme: shelters\n    on: 2024\n    origin"),
    ],
)  # fmt: skip
def test_one_field_is_changed_added_or_taken_out(field: str, value: str, was: str, now: str) -> None:
    assert _after(made(commands.Edit, id="open-shelters", field=field, value=value)) == REGISTRY.replace(was, now, 1)


def test_entries_of_other_lists_are_edited_too() -> None:
    after = _after(made(commands.Edit, id="audit-report", field="says", value="Twelve.", of="evidence"))
    assert after == REGISTRY.replace("Eleven shelters were counted.", "Twelve.")
    more = _after(made(commands.Edit, id="the-donor", field="same_as.new", value="Q 1", of="actors"))
    assert more == REGISTRY.replace("    side: foreign\n", "    side: foreign\n    same_as:\n      - Q 1\n")


def test_a_language_that_goes_is_no_draft_any_more() -> None:
    text = REGISTRY.replace("kk: Баспана ашу}", "kk: Баспана ашу, drafts: [ru, kk]}")
    after = _after(made(commands.Edit, id="open-shelters", field="title.ru", value=""), text)
    assert "{en: Open shelters, kk: Баспана ашу, drafts: [kk]}" in after
    assert "{en: Open shelters, kk: Баспана ашу}" in _after(
        made(commands.Edit, id="open-shelters", field="title.ru", value=""), text.replace("[ru, kk]", "[ru]")
    )


def test_a_point_is_tracked_again_when_its_retirement_is_taken_out() -> None:
    retired = _after(made(commands.Retire, record="open-shelters", reason="Twice"))
    assert _after(made(commands.Edit, id="open-shelters", field="retired", value=""), retired) == REGISTRY


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("id", "x", "id: an id stays for good"),
        ("assessments.1.note", "x", "assessments.1.note: an assessment is never changed: withdraw it and assess anew"),
        ("assessments.1.note.en", "x", "assessments.1.note.en: an assessment is never changed: withdraw it and assess anew"),
        ("assessments.1.status", "", "assessments.1.status: an assessment is never changed: withdraw it and assess anew"),
        ("assessments", "", "assessments: an assessment is never changed: withdraw it and assess anew"),
        ("checks.1.where", "x", "checks.1.where: a look is never changed; enter another one with look"),
        ("retired", "x", "retired: use retire; an empty value takes it back"),
        ("due.on", "2025", "due.on: there is no such place; enter it with due, or see show for what is there"),
        ("origin", "x", "origin: it is made of several fields; name one of them, such as origin.1, or use quote"),
        ("origin.1", "x", "origin.1: it is made of several fields; name one of them, such as origin.1.source"),
        ("origin.7.quote", "x", "origin.7.quote: there is no such place; enter it with quote, or see show for what is there"),
        ("done_when.7", "x", "done_when.7: there is no such place; see show for what is there"),
        ("summary", "", "summary: nothing stands there; see show for what does"),
        ("title.en.ru", "x", "title.en.ru: there is no such place; see show for what is there"),
    ],
)  # fmt: skip
def test_what_is_not_edited_is_refused_with_the_way_to_do_it(field: str, value: str, said: str) -> None:
    assert _refused(commands.Edit, id="open-shelters", field=field, value=value) == said


def test_an_id_of_another_list_stays_too_but_other_fields_of_that_name_do_not() -> None:
    assert _refused(commands.Edit, id="the-donor", field="id", value="x", of="actors") == "id: an id stays for good"


# --- translations -----------------------------------------------------------------------------------


def _translated(before: str, /, **values: Any) -> str:
    return _after(made(commands.Translate, id="fund-shelters", field="title", **values), before)


def test_a_translation_is_a_draft_until_it_is_checked() -> None:
    plain = REGISTRY.replace(
        "{en: Fund shelters, ru: Финансировать приюты, kk: Баспананы қаржыландыру}", "Fund shelters"
    )
    once = _translated(plain, language="kk", text="Қаржы")
    assert "    title:\n      en: Fund shelters\n      kk: Қаржы\n      drafts: [kk]\n" in once
    twice = _translated(once, language="ru", text="Деньги")
    assert "      kk: Қаржы\n      ru: Деньги\n      drafts: [ru, kk]\n" in twice
    checked = _translated(twice, language="ru", checked="true")
    assert "      ru: Деньги\n      drafts: [kk]\n" in checked
    mended = _translated(checked, language="kk", text="Баспанаға қаржы", checked="true")
    assert "    title:\n      en: Fund shelters\n      kk: Баспанаға қаржы\n      ru: Деньги\n    kind" in mended
    assert "drafts" not in mended


def test_what_was_the_original_stays_it_when_a_language_is_added() -> None:
    """An absent `from` means English where there is some: a text first written in Kazakh must say so then."""
    kazakh = REGISTRY.replace(
        "{en: Fund shelters, ru: Финансировать приюты, kk: Баспананы қаржыландыру}", "{kk: Қаржы}"
    )
    assert "title: {kk: Қаржы, en: Money, from: kk, drafts: [en]}" in _translated(kazakh, language="en", text="Money")
    assert "title: {kk: Қаржы, ru: Деньги, from: kk, drafts: [ru]}" in _translated(kazakh, language="ru", text="Деньги")
    edited = _after(made(commands.Edit, id="fund-shelters", field="title.en", value="Money"), kazakh)
    assert "title: {kk: Қаржы, en: Money, from: kk}" in edited


def test_the_note_of_a_judgement_is_translated_and_never_rewritten() -> None:
    after = _after(
        made(commands.Translate, id="open-shelters", field="assessments.1.note", language="ru", text="Одиннадцать")
    )
    assert (
        "        note:\n          en: Eleven of seventeen.\n          ru: Одиннадцать\n          drafts: [ru]\n"
        in after
    )
    assert _refused(
        commands.Translate, id="open-shelters", field="assessments.1.note", language="en", text="Twelve"
    ) == ("assessments.1.note: en is the original; it is never changed")
    translated = _after(
        made(commands.Translate, id="open-shelters", field="checks.1.where", language="ru", text="Сайт")
    )
    assert "{on: 2025-06, by: editors, where: {en: The ministry's page, ru: Сайт, drafts: [ru]}}" in translated


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"field": "title", "language": "en", "text": "x"}, "title: en is the original; change it with edit"),
        ({"field": "title.ru", "language": "ru", "text": "x"}, "title.ru: name the text without its language, as title"),
        ({"field": "summary", "language": "ru", "text": "x"}, "summary: there is no text to translate; see show open-shelters"),
        ({"field": "origin.1", "language": "ru", "text": "x"}, "origin.1: there is no text to translate; see show open-shelters"),
    ],
)  # fmt: skip
def test_a_translation_of_what_has_none_is_refused(values: dict[str, str], said: str) -> None:
    assert _refused(commands.Translate, id="open-shelters", **values) == said


def test_a_translation_that_is_not_there_cannot_be_checked() -> None:
    text = REGISTRY.replace(", kk: Баспана ашу}", "}")
    said = _refused(commands.Translate, text, id="open-shelters", field="title", language="kk", checked="true")
    assert said == "title: there is no kk text yet; give one"


# --- taking back ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["1", "2025-04-01/editors/1"])
def test_a_judgement_is_withdrawn_by_its_number_or_its_name(name: str) -> None:
    assert _lines(commands.Withdraw, record="open-shelters", assessment=name, why="Another town") == [
        "        withdrawn:", "          on: 2026-01-02", "          why: Another town",
    ]  # fmt: skip


def test_two_judgements_of_one_body_on_one_day_are_told_apart() -> None:
    assess = made(commands.Assess, record="open-shelters", status="blocked", as_of="2025-03", assessed_on="2025-04-01", note="No.", evidence=["audit-report"])  # fmt: skip
    text = _after(assess)
    now = _now(text)
    assert commands.names(now.record("open-shelters").assessments) == ["2025-04-01/editors/1", "2025-04-01/editors/2"]
    after = _after(made(commands.Withdraw, record="open-shelters", assessment="2025-04-01/editors/2", why="No"), text)
    assert after.index("withdrawn:") > after.index("status: blocked")
    again = made(commands.Withdraw, record="open-shelters", assessment="2", why="No")
    with pytest.raises(Impossible, match=r"assessment 2025-04-01/editors/2 is withdrawn already"):
        _after(again, after)


def test_a_judgement_that_is_not_there_is_named_with_those_that_are() -> None:
    said = _refused(commands.Withdraw, record="open-shelters", assessment="2", why="x")
    assert said == "there is no assessment '2'; there are 2025-04-01/editors/1"
    assert _refused(commands.Withdraw, record="fund-shelters", assessment="1", why="x").endswith("there are none")


def test_a_point_goes_into_another_that_says_what_it_repeats() -> None:
    assert _lines(commands.Merge, record="open-shelters", into="fund-shelters", reason="The same") == [
        "    retired:", "      on: 2026-01-02", "      reason: The same", "      into: fund-shelters",
        "    related:", "      - id: open-shelters", "        relation: repeats",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (commands.Merge, {"into": "open-shelters"}, "a point cannot go into itself; name another"),
        (commands.Merge, {"into": "no-point"}, "there is no point 'no-point'; write one of fund-shelters, open-shelters"),
        (commands.Retire, {"into": "open-shelters"}, "a point cannot go into itself; name another"),
    ],
)  # fmt: skip
def test_a_point_that_cannot_go_into_another_stays(kind: type, values: dict[str, str], said: str) -> None:
    assert _refused(kind, record="open-shelters", reason="x", **values) == said


def test_what_is_retired_is_not_retired_again_and_nothing_goes_into_it() -> None:
    text = _after(made(commands.Retire, record="open-shelters", reason="Twice"))
    said = _refused(commands.Retire, text, record="open-shelters", reason="x")
    assert said == "open-shelters is retired already; to take that back, edit open-shelters retired ''"
    said = _refused(commands.Merge, text, record="fund-shelters", into="open-shelters", reason="x")
    assert said == "open-shelters is retired; name the point that is still tracked"


def test_a_correction_stands_at_the_end_of_the_file() -> None:
    assert _lines(commands.Correct, record="open-shelters", was="11", now={"en": "12", "ru": "12: да"}) == [
        "corrections:", "  - on: 2026-01-02", "    record: open-shelters", "    was: 11", "    now:", "      en: 12", "      ru: '12: да'",
    ]  # fmt: skip


# --- refusals that are alike ------------------------------------------------------------------------

NAMED = [
    (commands.Assess, {"status": "ongoing", "as_of": "2025", "note": "x"}),
    (commands.Answer, {"position": "agreed", "by": "the-ministry", "on": "2025", "text": "x"}),
    (commands.Step, {"state": "done", "step": "x"}),
    (commands.Fund, {"by": "the-donor", "stage": "paid", "purpose": "x"}),
    (commands.Setback, {"on": "2025", "what": "x", "evidence": []}),
    (commands.Ask, {"actor": "the-ministry", "on": "2025", "how": "x"}),
    (commands.Quote, {"source": "report-one", "by": "an-author", "told": "own"}),
    (commands.Involve, {"actor": "the-donor", "role": "helps"}),
    (commands.Align, {"code": "sdg:5", "match": "near"}),
    (commands.Relate, {"to": "fund-shelters", "relation": "beside"}),
    (commands.Due, {"on": "2025", "basis": "x"}),
    (commands.Withdraw, {"assessment": "1", "why": "x"}),
    (commands.Retire, {"reason": "x"}),
    (commands.Merge, {"into": "fund-shelters", "reason": "x"}),
    (commands.Correct, {"was": "x", "now": "y"}),
]


@pytest.mark.parametrize(("kind", "values"), NAMED)
def test_the_nearest_point_is_named_where_there_is_none(kind: type, values: dict[str, Any]) -> None:
    said = _refused(kind, record="open-shelter", **values)
    assert said == "there is no point 'open-shelter'; did you mean 'open-shelters'?"


@pytest.mark.parametrize("kind", [commands.Edit, commands.Translate])
def test_the_nearest_entry_is_named_where_there_is_none(kind: type) -> None:
    more = {"value": "x"} if kind is commands.Edit else {"language": "ru", "text": "x"}
    said = _refused(kind, id="audit-rep", field="says", of="evidence", **more)
    assert said == "there is no 'audit-rep' under evidence; did you mean 'audit-report'?"


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        (commands.Step, {"state": "done"}, "a new step needs words; give them, or the number of a step that is there"),
        (commands.Step, {"state": "done", "number": "1"}, "there is no step 1; the point has 0 steps"),
        (commands.Involve, {"actor": "the-ministry", "role": "must-act"}, "the-ministry is must-act there already; see show open-shelters"),
        (commands.Relate, {"to": "open-shelters", "relation": "beside"}, "a point cannot be related to itself; name another"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(kind: type, values: dict[str, Any], said: str) -> None:
    assert _refused(kind, record="open-shelters", **values) == said


def test_what_stands_there_is_not_entered_twice() -> None:
    text = _after(made(commands.Align, record="open-shelters", code="sdg:5", match="near"))
    said = _refused(commands.Align, text, record="open-shelters", code="sdg:5", match="same")
    assert said == "sdg:5 stands there already; see show open-shelters"
    text = _after(made(commands.Relate, record="open-shelters", to="fund-shelters", relation="beside"))
    said = _refused(commands.Relate, text, record="open-shelters", to="fund-shelters", relation="beside")
    assert said == "fund-shelters stands there already as beside; see show open-shelters"
    text = _after(made(commands.Step, record="open-shelters", state="done", step="A law"))
    said = _refused(commands.Step, text, record="open-shelters", state="done", number="1", step="Another")
    assert said == "step 1 has words; change them with edit steps.1.step"


@pytest.mark.parametrize(
    ("kind", "entry", "key"),
    [
        (commands.AddEvidence, {"id": "audit-report", "says": "x", "owner": "independent", "form": "news"}, "evidence"),
        (commands.AddActor, {"id": "the-donor", "name": "x", "kind": "donor", "side": "foreign"}, "actors"),
        (commands.AddTheme, {"id": "shelters", "name": "x"}, "themes"),
        (commands.AddRecord, {"id": "open-shelters", "title": "x", "kind": "demand", "theme": "shelters", "origin": [], "actors": []}, "recommendations"),
    ],
)  # fmt: skip
def test_an_id_is_given_once(kind: type, entry: dict[str, Any], key: str) -> None:
    assert _refused(kind, entry=entry) == f"there is {entry['id']!r} under {key} already; choose another id"


HEAD = {"id": "report-one", "title": "T", "publisher": "P", "owner": "independent", "form": "report", "published": "2024", "url": "https://example.org/x", "language": "en", "licence": "l", "rights": "quote-only", "summary": {"kk": "Екі\nжол"}}  # fmt: skip


def test_a_source_is_a_file_of_its_own() -> None:
    assert _refused(commands.AddSource, entry=HEAD) == "there is a source report-one already; choose another id"
    (file,) = made(commands.AddSource, entry=HEAD | {"id": "report-two"}).changes(_now())
    assert isinstance(file, NewSource)
    assert file.text.decode().endswith("summary:\n  kk: |-\n    Екі\n    жол\n...\n")
    with pytest.raises(edits.Misplaced):
        _ = NewSource("x", {"id: x": "y"}).text


def test_added_entries_are_written_in_the_order_of_a_record() -> None:
    entry = {"actors": [{"actor": "the-donor", "role": "must-act", "basis": "named"}], "origin": [{"source": "report-one", "paragraph": "2", "quote": "q", "by": "an-author", "told": "own"}], "theme": "shelters", "kind": "demand", "summary": "S", "title": "T", "id": "new-point", "open_ended": "true"}  # fmt: skip
    lines = _lines(commands.AddRecord, entry=entry)
    assert [line.split(":")[0].strip(" -") for line in lines if line[4] != " "] == ["id", "title", "summary", "kind", "theme", "origin", "actors", "open_ended"]  # fmt: skip
    assert _lines(commands.AddInstrument, entry={"id": "c190", "name": "C190"}) == ["instruments:", "  - id: c190", "    name: C190"]  # fmt: skip


# --- what they are ------------------------------------------------------------------------------------


def test_commands_are_frozen_and_refuse_unknown_fields() -> None:
    look = made(commands.Look, records=["open-shelters"], where="x")
    with pytest.raises(FrozenInstanceError):
        look.by = "x"  # type: ignore[misc, union-attr]
    for kind in commands.COMMANDS:
        with pytest.raises(ValidationError, match="Unexpected keyword"):
            TypeAdapter(kind).validate_python({"nonsense": "x"})


def test_what_is_told_names_the_command_and_nothing_that_was_typed_at_length() -> None:
    typed = "Somebody told us on the phone"
    for command, said in (
        (made(commands.Assess, record="a", status="blocked", as_of="2025", note=typed), "Assess a: blocked"),
        (made(commands.Look, records=["a", "b", "c", "d", "e"], where=typed), "Look a, b, c and 2 more: nothing new"),
        (made(commands.Answer, record="a", position="agreed", by="b", on="2025", text=typed), "Answer a: agreed"),
        (made(commands.Step, record="a", state="done", step=typed), "Step a"),
        (made(commands.Due, record="a", on="2025", basis=typed), "Due a"),
        (made(commands.Edit, id="a", field="title.ru", value=typed), "Edit a: title.ru"),
        (made(commands.Translate, id="a", field="title", language="ru", text=typed), "Translate a: title"),
        (made(commands.Withdraw, record="a", assessment="1", why=typed), "Withdraw a"),
        (made(commands.Merge, record="a", into="b", reason=typed), "Merge a into b"),
        (made(commands.AddTheme, entry={"id": "t", "name": typed}), "AddTheme t"),
        (made(commands.AddSource, entry=HEAD), "AddSource report-one"),
    ):
        assert commands.told(command) == said


def test_what_is_touched_is_what_somebody_must_have_seen() -> None:
    look = made(commands.Look, records=["a", "b", "a"], where="x")
    assert commands.touched(look) == (("recommendations", "a"), ("recommendations", "b"))
    edit = made(commands.Edit, id="a", field="says", value="x", of="evidence")
    assert commands.touched(edit) == (("evidence", "a"),)
    merge = made(commands.Merge, record="a", into="b", reason="x")
    assert commands.touched(merge) == (("recommendations", "a"), ("recommendations", "b"))
    assert commands.touched(made(commands.AddTheme, entry={"id": "t", "name": "x"})) == ()
    for kind, values in NAMED:
        assert ("recommendations", "a") in commands.touched(made(kind, record="a", **values))
