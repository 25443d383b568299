"""Each rule of the method from both sides: what it lets pass, and (with test_bad_input) what it refuses."""

import pytest

from dashboard.registry import grounds, problems, reader, rules
from dashboard.registry.model import Known, Recommendation, Registry
from dashboard.registry.reader import Loaded, Texts
from tests.fuzz import REGISTRY, SOURCE
from tests.generate import TODAY

FILE = "recommendations.yaml"
Edits = dict[str, str]

OWN_CLAIM = """\
      - status: implemented
        as_of: 2024-06
        assessed_on: 2024-07
        by: ministry
        evidence: [word]
        conditions_met: [{condition: 1, evidence: [word]}]
        note: It says so
"""
WORD = """\
  - id: word
    says: The ministry says that it has done it
    owner: independent
    form: statement
    voice: ministry
    url: https://example.org/word
    publisher: A paper
"""
PAPER = """\
  - id: paper
    says: A paper says that it was done
    owner: independent
    form: news
    url: https://example.org/paper
    publisher: A paper
"""


def edited(text: str, edits: Edits) -> str:
    for old, new in edits.items():
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def read(edits: Edits | None = None, source: Edits | None = None) -> Loaded:
    texts = Texts(
        FILE, edited(REGISTRY, edits or {}).encode(), {"sources/report.yaml": edited(SOURCE, source or {}).encode()}
    )
    return reader.read(texts, TODAY)


def errors(edits: Edits, source: Edits | None = None) -> list[str]:
    found = [problem for problem in read(edits, source).problems if problem.severity == "error"]
    return problems.as_text(found).splitlines()


def registry(edits: Edits | None = None) -> Registry:
    loaded = read(edits)
    assert loaded.errors == 0, problems.as_text(loaded.problems)
    assert loaded.registry is not None
    return loaded.registry


def record(edits: Edits | None = None) -> tuple[Registry, Recommendation]:
    made = registry(edits)
    return made, made.records["join-convention"]


# --- what the rules let pass ------------------------------------------------------------------------

ASSESSED = REGISTRY[REGISTRY.index("      - status: implemented") : REGISTRY.index("        note: >-")]
STATUS = "      - status: implemented\n"
CONDITIONS = "        conditions_met: [{condition: 1, evidence: [law]}]\n"
DONE_WHEN = REGISTRY[REGISTRY.index("    done_when:\n") : REGISTRY.index("    steps:\n")]

ALLOWED: dict[str, Edits] = {
    "nothing found, with no evidence": {
        ASSESSED: ASSESSED.replace("implemented", "nothing-found").replace("[law]\n", "[]\n", 1).replace(CONDITIONS, "")
    },
    "not started, the gazette read": {STATUS: STATUS.replace("implemented", "not-started"), CONDITIONS: ""},
    "promised on own word": {
        STATUS: STATUS.replace("implemented", "promised"),
        CONDITIONS: "",
        "form: document-with-effect": "form: statement",
    },
    "in progress on the promise and a plan from elsewhere": {
        ASSESSED: ASSESSED.replace("implemented", "in-progress")
        .replace("[law]\n", "['source:report#3', law]\n", 1)
        .replace(CONDITIONS, "")
    },
    "partly done on the news": {
        STATUS: STATUS.replace("implemented", "partly-implemented"),
        "    owned_by: state\n    form: document-with-effect": "    owned_by: state\n    voice: bureau\n    form: news",
    },
    "implemented on an independent report": {
        "    owned_by: state\n    form: document-with-effect": "    owned_by: state\n    voice: bureau\n    form: report"
    },
    "reversed, with what had been met": {STATUS: STATUS.replace("implemented", "reversed")},
    "blocked": {STATUS: STATUS.replace("implemented", "blocked"), CONDITIONS: ""},
    "refused": {STATUS: STATUS.replace("implemented", "refused"), CONDITIONS: ""},
    "ongoing on an open-ended record": {
        DONE_WHEN: "    open_ended: true\n",
        STATUS: STATUS.replace("implemented", "ongoing"),
        CONDITIONS: "",
    },
    "an addressee's own claim of delivery on its own word": {
        "recommendations:\n": WORD + "recommendations:\n",
        "    assessments:\n": "    assessments:\n" + OWN_CLAIM,
    },
    "a commitment that says how it was given": {
        "    kind: recommendation\n": "    kind: commitment\n    as_given: reported\n"
    },
    "two addressees of one side": {
        "basis: inferred}\n": "basis: inferred}\n      - {actor: ministry, role: must-act, basis: named}\n"
    },
    "one actor in two roles": {
        "basis: inferred}\n": "basis: inferred}\n      - {actor: state, role: pays, basis: named}\n"
    },
    "a narrow actor inferred with a reason": {
        "{actor: state, role: must-act, basis: inferred}": "{actor: ministry, role: must-act, basis: inferred, why: It drafts the law}"
    },
    "a deadline in the future": {"    theme: safety\n": "    theme: safety\n    due: {on: 2030, basis: The plan}\n"},
    "a step that holds until a day in the future": {
        "on: 2024-04-15, evidence: [law]}": "on: 2024-04-15, until: 2030, evidence: [law]}"
    },
    "a date that begins this month": {"        assessed_on: 2024-05": "        assessed_on: 2026-11"},
    "true in a year that began before the ask": {"        as_of: 2024-04-15": "        as_of: 2020"},
    "a quote of 25 words": {"quote: should join the convention": "quote: " + "word " * 24 + "word"},
    "withheld evidence without address and publisher": {
        "    url: https://example.org/law\n    publisher: The gazette\n": "    withheld: true\n"
    },
    "the contact's address and number": {
        'contact: "desk@example.org"': 'contact: "desk@example.org"',
        "licence: CC": "licence: CC",
    },
    "a long number in the address of a page": {"https://example.org/law": "https://example.org/law/77011234567"},
    "an @ in the address of a page": {"https://example.org/law": "https://example.org/@law"},
    "years and sums that are no telephone number": {
        "          says\n": "          says 2024-2026, 87 000 000 tenge, 8 of 17, 2024-04-15\n"
    },
    "a theme, an instrument and a related record that are there": {
        "    theme: safety\n": "    theme: safety\n    instrument: convention\n    related: [{id: join-convention, relation: beside}]\n",
        "evidence:\n  - id: law": "instruments: [{id: convention, name: The convention}]\nevidence:\n  - id: law",
    },
    "a retired record": {"    theme: safety\n": "    theme: safety\n    retired: {on: 2026, reason: Given up}\n"},
}


@pytest.mark.parametrize("edits", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_the_rules_allow_is_read_without_an_error(edits: Edits) -> None:
    assert errors(edits) == []


def test_a_full_wording_is_allowed_where_the_source_is_a_public_record_and_needs_no_quote() -> None:
    text = {
        "    theme: safety\n": "    theme: safety\n    text: All of it\n",
        "        quote: should join the convention\n": "",
    }
    assert errors(text, {"rights: quote-only": "rights: public-record"}) == []
    assert errors(text) != []


def test_the_number_of_the_publisher_may_stand_in_contact_alone() -> None:
    number = "+7 701 123 45 67"
    assert errors({'"desk@example.org"': f'"{number}"'}) == []
    assert "a telephone number" in errors({"title: A small registry": f"title: Call {number}"})[0]


# --- the future -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "line"),
    [
        ({"    theme: safety\n": "    theme: safety\n    on: 2026-11-22\n"}, 25),
        ({"        as_of: 2024-04-15\n        assessed_on: 2024-05": "        as_of: 2026-11-22\n        assessed_on: 2026-11"}, 41),
        ({"        assessed_on: 2024-05": "        assessed_on: 2026-12"}, 42),
        ({"        by: editors\n": "        by: editors\n        recorded_on: 2027\n"}, 44),
        ({"        by: editors\n": "        by: editors\n        withdrawn: {on: 2027, why: Wrong}\n"}, 44),
        ({"state: done, on: 2024-04-15": "state: done, on: 2027"}, 38),
        ({"    theme: safety\n": "    theme: safety\n    answers: [{by: state, position: agreed, on: 2027, text: Yes}]\n"}, 25),
        ({"    theme: safety\n": "    theme: safety\n    asked: [{actor: state, on: 2027, how: By letter}]\n"}, 25),
        ({"    theme: safety\n": "    theme: safety\n    funding: [{by: state, stage: paid, on: 2027, purpose: Work}]\n"}, 25),
        ({"    theme: safety\n": "    theme: safety\n    checks: [{on: 2027, by: editors, where: The gazette}]\n"}, 25),
        ({"    theme: safety\n": "    theme: safety\n    setbacks: [{on: 2027, what: A ban, evidence: [law]}]\n"}, 25),
        ({"    theme: safety\n": "    theme: safety\n    checks: [{on: 2025, by: editors, where: A, recorded_on: 2027}]\n"}, 25),
        ({"    theme: safety\n": "    theme: safety\n    retired: {on: 2027, reason: Merged}\n"}, 25),
        ({"    published: 2024-04-15": "    published: 2027"}, 19),
        ({"    published: 2024-04-15": "    accessed: 2027"}, 19),
        ({"    published: 2024-04-15": "    archived_on: 2027"}, 19),
        ({"recommendations:\n": "corrections: [{on: 2027, record: join-convention, was: A, now: B}]\nrecommendations:\n"}, 20),
    ],
)  # fmt: skip
def test_nothing_that_happened_lies_in_the_future(edits: Edits, line: int) -> None:
    assert any(f":{line}:" in told and "is in the future; today is 2026-11-21" in told for told in errors(edits)), (
        errors(edits)
    )


def test_judgements_stand_in_the_order_in_which_they_were_recorded() -> None:
    claim = OWN_CLAIM.replace("        note:", "        recorded_on: 2025-01-02\n        note:")
    added = {"recommendations:\n": WORD + "recommendations:\n", "    assessments:\n": "    assessments:\n" + claim}
    assert errors({**added, "        by: editors\n": "        by: editors\n        recorded_on: 2025-01-02\n"}) == []
    found = errors({**added, "        by: editors\n": "        by: editors\n        recorded_on: 2025-01-01\n"})
    assert len(found) == 1
    assert "assessments.2.recorded_on: recorded before the one above it" in found[0]


# --- references in every place ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "field"),
    [
        ({"by: bureau\n": "by: burro\n"}, "origin.1.by"),
        (
            {
                "    theme: safety\n": "    theme: safety\n    answers: [{by: x, position: agreed, on: 2025, text: Yes}]\n"
            },
            "answers.1.by",
        ),
        (
            {
                "    theme: safety\n": "    theme: safety\n    answers: [{by: state, position: agreed, on: 2025, text: Yes, whose: x}]\n"
            },
            "answers.1.whose",
        ),
        (
            {"    theme: safety\n": "    theme: safety\n    asked: [{actor: x, on: 2025, how: By letter}]\n"},
            "asked.1.actor",
        ),
        (
            {"    theme: safety\n": "    theme: safety\n    funding: [{by: x, stage: paid, purpose: Work}]\n"},
            "funding.1.by",
        ),
        (
            {
                "    theme: safety\n": "    theme: safety\n    funding: [{by: state, to: x, stage: paid, purpose: Work}]\n"
            },
            "funding.1.to",
        ),
        (
            {"    theme: safety\n": "    theme: safety\n    checks: [{on: 2025, by: x, where: The gazette}]\n"},
            "checks.1.by",
        ),
        (
            {"    theme: safety\n": "    theme: safety\n    setbacks: [{on: 2025, what: A ban, evidence: [x]}]\n"},
            "setbacks.1.evidence.1",
        ),
        (
            {"    theme: safety\n": "    theme: safety\n    retired: {on: 2025, reason: Merged, into: x}\n"},
            "retired.into",
        ),
        ({"on: 2024-04-15, evidence: [law]}": "on: 2024-04-15, evidence: [x]}"}, "steps.1.evidence.1"),
        (
            {"{condition: 1, evidence: [law]}": "{condition: 1, evidence: [law, x]}"},
            "assessments.1.conditions_met.1.evidence.2",
        ),
        ({"        by: editors\n": "        by: editors\n        reviewed_by: x\n"}, "assessments.1.reviewed_by"),
        ({"    owned_by: state\n": "    owned_by: x\n"}, "evidence.law.owned_by"),
        ({"    owned_by: state\n": "    owned_by: state\n    voice: x\n"}, "evidence.law.voice"),
        ({"    owned_by: state\n": "    owned_by: state\n    copy_of: x\n"}, "evidence.law.copy_of"),
        ({"part_of: state}": "successor_of: x}"}, "actors.ministry.successor_of"),
    ],
)
def test_every_id_that_is_named_must_be_there(edits: Edits, field: str) -> None:
    assert any(f"{field}: " in told and "is not in the registry" in told for told in errors(edits)), errors(edits)


def test_a_copy_of_itself_is_a_circle() -> None:
    assert any(
        "circle" in told for told in errors({"    owned_by: state\n": "    owned_by: state\n    copy_of: law\n"})
    )


def test_a_passage_must_be_of_a_source_that_is_there() -> None:
    assert (
        errors({"        evidence: [law]\n        cond": "        evidence: [law, 'source:report#9']\n        cond"})
        == []
    )


# --- how we know, and whose word it is ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "known"),
    [
        ({}, Known.OFFICIAL),
        ({"form: document-with-effect": "form: report"}, Known.OWN_WORD),
        (
            {"    owned_by: state\n    form: document-with-effect": "    owned_by: ministry\n    form: dataset"},
            Known.OWN_WORD,
        ),
        (
            {
                "    owned_by: state\n    form: document-with-effect": "    owned_by: state\n    voice: bureau\n    form: report"
            },
            Known.INDEPENDENT,
        ),
        (
            {
                "    owned_by: state\n    form: document-with-effect": "    owned_by: bureau\n    voice: ministry\n    form: news"
            },
            Known.OWN_WORD,
        ),
        ({"    owned_by: state\n    form: document-with-effect": "    owned_by: bureau\n    form: news"}, Known.PRESS),
        (
            {"    owned_by: state\n    form: document-with-effect": "    owned_by: bureau\n    form: seen"},
            Known.INDEPENDENT,
        ),
    ],
)
def test_how_we_know_follows_from_form_voice_and_owner_in_that_order(edits: Edits, known: Known) -> None:
    made = read({**edits, STATUS: STATUS.replace("implemented", "promised"), CONDITIONS: ""}).registry
    assert made is not None
    assert grounds.kind_of(made, made.records["join-convention"], "law") is known


def test_a_whole_copy_is_known_as_its_original_is() -> None:
    made, point = record(
        {"recommendations:\n": PAPER.replace("form: news", "form: news\n    copy_of: law") + "recommendations:\n"}
    )
    assert grounds.kind_of(made, point, "paper") is Known.OFFICIAL


def test_a_passage_is_the_word_of_whoever_the_origin_names() -> None:
    made, point = record()
    assert grounds.kind_of(made, point, "source:report#3") is Known.INDEPENDENT
    made, point = record({"by: bureau\n": "by: ministry\n"})
    assert grounds.kind_of(made, point, "source:report#3") is Known.OWN_WORD
    assert grounds.kind_of(made, point, "source:report#4") is Known.INDEPENDENT


def test_an_assessment_is_known_by_its_best_evidence_and_conditions_by_the_weakest_of_their_best() -> None:
    evidence = {
        "recommendations:\n": PAPER + "recommendations:\n",
        "        evidence: [law]\n        cond": "        evidence: [paper, law]\n        cond",
    }
    made, point = record(evidence)
    assert grounds.known(made, point, point.assessments[0]) is Known.OFFICIAL
    second = {
        "    steps:\n": "      - {en: Two, ru: Два, kk: Екі}\n    steps:\n",
        "[{condition: 1, evidence: [law]}]": "[{condition: 1, evidence: [law, paper]}, {condition: 2, evidence: [paper]}]",
    }
    made_ = read({**evidence, **second, STATUS: STATUS.replace("implemented", "partly-implemented")}).registry
    assert made_ is not None
    assert (
        grounds.known(made_, made_.records["join-convention"], made_.records["join-convention"].assessments[0])
        is Known.PRESS
    )


@pytest.mark.parametrize(
    ("actors", "whose"),
    [
        ("", {"state", "ministry"}),
        (
            "  - {id: office, name: O, kind: government, side: state, part_of: ministry}\n",
            {"state", "ministry", "office"},
        ),
        (
            "  - {id: agency, name: A, kind: government, side: state, successor_of: ministry}\n",
            {"state", "ministry", "agency"},
        ),
        (
            "  - {id: later, name: A, kind: government, side: state, successor_of: agency}\n  - {id: agency, name: A, kind: government, side: state, successor_of: ministry}\n",
            {"state", "ministry", "agency", "later"},
        ),
        ("  - {id: court, name: C, kind: judiciary, side: state}\n", {"state", "ministry"}),
    ],
)
def test_the_word_of_everybody_under_the_same_top_body_and_of_successors_is_own_word(
    actors: str, whose: set[str]
) -> None:
    made, point = record({"  - {id: bureau, name": actors + "  - {id: bureau, name"})
    assert grounds.addressees(made, point) == whose


# --- languages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "place"),
    [
        ({"{en: Join, ru: Вступить, kk: Қосылу}": "{en: Join, kk: Қосылу}"}, "22:12"),
        ({"        kk: Қол қойылды\n": ""}, "34:9"),
        ({"{en: M, ru: М, kk: М}": "M"}, "9:26"),
        ({"{en: Safety, ru: Безопасность, kk: Қауіпсіздік}": "{en: Safety, ru: Безопасность}"}, "6:24"),
        ({"    theme: safety\n": "    theme: safety\n    summary: In short\n"}, "25:14"),
    ],
)
def test_a_text_that_every_reader_meets_is_missed_in_a_warning(edits: Edits, place: str) -> None:
    found = read(edits).problems
    assert [(p.place(), p.severity) for p in found] == [(f"{FILE}:{place}", "warning")]


# --- against an earlier state -------------------------------------------------------------------------


def told(edits: Edits) -> list[str]:
    return [problem.message() for problem in rules.against(registry(), registry(edits), FILE)]


RECORD = REGISTRY[
    REGISTRY.index("  - id: join-convention") : REGISTRY.index("...\n", REGISTRY.index("  - id: join-convention"))
]


def test_a_record_that_vanished_is_told() -> None:
    assert told({"recommendations:\n" + RECORD: ""}) == [
        "[join-convention] the record join-convention is gone; ids never change: restore it, or retire it with a reason"
    ]


def test_a_record_that_was_renamed_is_told_with_its_new_name() -> None:
    assert (
        "enter-convention quotes the same passage" in told({"  - id: join-convention": "  - id: enter-convention"})[0]
    )


@pytest.mark.parametrize(
    ("edits", "field"),
    [
        ({STATUS: STATUS.replace("implemented", "promised"), CONDITIONS: ""}, "status"),
        ({"        as_of: 2024-04-15": "        as_of: 2024-04-14"}, "as_of"),
        ({"        assessed_on: 2024-05": "        assessed_on: 2024-05~"}, "assessed_on"),
        ({"        by: editors": "        by: bureau"}, "by"),
        ({"        evidence: [law]\n        cond": "        evidence: [law, law]\n        cond"}, "evidence"),
        ({"          says\n": "          said\n"}, "note"),
        ({"{condition: 1, evidence: [law]}": "{condition: 1, evidence: [law, law]}"}, "conditions_met"),
    ],
)
def test_a_judgement_that_was_rewritten_is_told(edits: Edits, field: str) -> None:
    assert told(edits) == [
        f"[join-convention] assessments.1.{field}: an assessment was altered; restore it and add a new one below"
    ]


def test_a_judgement_that_was_taken_out_is_told() -> None:
    assessments = REGISTRY[
        REGISTRY.index("    assessments:\n") : REGISTRY.index("...\n", REGISTRY.index("    assessments:\n"))
    ]
    assert told({assessments: ""}) == [
        "[join-convention] assessments: assessment 1 of the earlier state is gone; restore it; use withdrawn to take it back"
    ]


@pytest.mark.parametrize(
    "edits",
    [
        {},
        {"        by: editors\n": "        by: editors\n        withdrawn: {on: 2026, why: Wrong}\n"},
        {"        by: editors\n": "        by: editors\n        judged: 0123456789ab\n        recorded_on: 2026\n"},
        {
            "        note: >-\n          As the law\n          says\n": "        note: {en: As the law says, ru: Как говорит закон, drafts: [ru]}\n"
        },
        {"          says\n": "          says\n" + OWN_CLAIM, "recommendations:\n": WORD + "recommendations:\n"},
        {"    theme: safety\n": "    theme: safety\n    retired: {on: 2026, reason: Merged}\n"},
    ],
    ids=["nothing", "withdrawn", "stamped", "translated", "another added", "retired"],
)
def test_what_may_be_added_to_a_record_is_not_told(edits: Edits) -> None:
    assert told(edits) == []


def test_a_withdrawal_cannot_be_taken_back() -> None:
    withdrawn = {"        by: editors\n": "        by: editors\n        withdrawn: {on: 2026, why: Wrong}\n"}
    found = [problem.message() for problem in rules.against(registry(withdrawn), registry(), FILE)]
    assert found == [
        "[join-convention] assessments.1.withdrawn: an assessment was altered; restore it and add a new one below"
    ]
