"""Awkward cases (METHODOLOGY.md, rules 30 to 43): how each is entered, what a reader sees, which mistake is told."""

import re
from datetime import date
from typing import Any

import pytest

from dashboard.language import translator
from dashboard.outputs import pages
from dashboard.outputs.view import View
from dashboard.progress.filters import Filters
from dashboard.progress.status import standing
from dashboard.registry import cases, rules
from dashboard.registry.model import Registry
from dashboard.registry.scalars import Clock
from tests.points import ACTORS, EVIDENCE, TODAY, point, registry, said
from tests.small import ROOT

TWO = ["The law is in force.", "Every region applies it."]
IN_FORCE = [{"condition": "1", "evidence": ["gazette"]}]
CLAIMED = [{"condition": "2", "evidence": ["its-word"]}]
BOTH = [*IN_FORCE, {"condition": "2", "evidence": ["audit"]}]
ADOPTED = {"step": "Adopted", "state": "done", "on": "2025-06-30", "evidence": ["gazette"]}


def told(made: Registry) -> list[str]:
    """What the rules say of a registry, but for missing translations: how grave, of what, what was found."""
    found = rules.problems(made, TODAY, "file", {"report-one": "source"})
    return [
        f"{each.severity}: {each.record or each.path[1]}: {each.found}"
        for each in found
        if not each.found.startswith("no text in") and each.path[0] not in ("evidence", "url")
    ]


def seen(made: Registry, name: str = "open-shelters", day: date = TODAY) -> str:
    """The words of a record's page."""
    view = View(made, Clock(day, TODAY), translator("en"), Filters(as_of=None if day == TODAY else day))
    html = pages.record(view, name) or ""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def status(made: Registry, day: date = TODAY) -> str:
    return standing(made, made.file.recommendations[0], Clock(day, TODAY)).status


def of(*assessments: dict[str, Any], **more: Any) -> Registry:
    return registry(point(assessments=list(assessments), **more))


def test_every_case_is_a_rule_of_its_own() -> None:
    text = (ROOT / "METHODOLOGY.md").read_text("utf-8")
    part = text.partition("## Awkward cases\n")[2].partition("\n## ")[0]
    assert re.findall(r"^(\d+)\. \*\*", part, re.MULTILINE) == [str(n) for n in range(30, 44)]


def test_30_blocked_by_a_court() -> None:
    made = of(said("blocked", "2025-05-02", evidence="gazette"))
    assert (status(made), told(made)) == ("blocked", [])
    assert "Blocked True on 2 May 2025" in seen(made)
    appeal = of(
        setbacks=[{"on": "2025-05-02", "what": "The court refused it; an appeal is open.", "evidence": ["gazette"]}]
    )
    assert (status(appeal), told(appeal)) == ("not-assessed", [])
    assert "What made it harder 2 May 2025 · The court refused it; an appeal is open." in seen(appeal)
    assert told(of(said("blocked", "2025-05-02", evidence="its-word"))) == [
        "warning: open-shelters: blocked on the word of those who must act alone"
    ]


def test_31_adopted_but_not_funded() -> None:
    money = [{"by": "the-state", "stage": "pledged", "purpose": "Shelters", "on": "2025-09-01"}]
    given = said("partly-implemented", "2025-06-30", evidence="gazette", conditions_met=IN_FORCE)
    made = of(given, done_when=["It is adopted.", "It is funded."], steps=[ADOPTED], funding=money)
    assert (status(made), told(made)) == ("partly-implemented", [])
    assert "Partly done" in seen(made)
    now = standing(made, made.file.recommendations[0], Clock(TODAY, TODAY))
    assert str(now.still_since) == "2025-06-30"  # the pledge moves nothing
    whole = said("implemented", "2025-06-30", evidence="gazette", conditions_met=IN_FORCE)
    assert told(of(whole, done_when=["It is adopted.", "It is funded."], steps=[ADOPTED])) == [
        "error: open-shelters: implemented, but not every condition is met"
    ]


@pytest.mark.parametrize("state", ["not-done", "lapsed"])
def test_32_in_force_but_not_enforced(state: str) -> None:
    given = said("partly-implemented", "2025-06-30", evidence="gazette", conditions_met=IN_FORCE)
    steps = [ADOPTED, {"step": "Applied", "state": state}]
    made = of(given, done_when=TWO, steps=steps)
    assert (status(made), told(made)) == ("partly-implemented", [])
    assert "1. The law is in force. 2. Every region applies it." in seen(made)
    whole = said("implemented", "2025-06-30", evidence="gazette", conditions_met=BOTH)
    assert told(of(whole, done_when=TWO, steps=steps)) == [f"warning: open-shelters: done, but step 2 is {state}"]


def test_33_reversed() -> None:
    delivered = said("implemented", "2025-06-30", evidence="gazette", conditions_met=IN_FORCE)
    made = of(delivered, said("reversed", "2026-02-01", evidence="gazette"))
    assert (status(made), told(made)) == ("reversed", [])
    assert status(made, date(2025, 12, 31)) == "implemented"
    assert "Undone True on 1 February 2026" in seen(made)
    alone = said("reversed", "2026-02-01", evidence="gazette")
    assert told(of(alone)) == ["warning: open-shelters: undone, but nothing says what had been delivered"]
    assert told(of(alone, steps=[ADOPTED])) == []
    taken = {**delivered, "withdrawn": {"on": "2025-07-01", "why": "Another law."}}
    assert told(of(taken, alone)) == told(of(alone))  # what was taken back shows nothing
    lapsed = {"steps": [{**ADOPTED, "state": "lapsed"}]}
    assert told(of(delivered, alone, **lapsed)) == []  # the older judgement stays, and is not done any more
    later = said("in-progress", "2025-06-30", looked="2025-08-01")
    assert told(of(later, delivered, **lapsed)) == []  # of one day of truth the later look counts
    assert told(of(delivered, **lapsed)) == ["warning: open-shelters: done, but step 1 is lapsed"]
    paid = [{"by": "the-state", "stage": "paid", "purpose": "Shelters", "on": "2025"}]
    assert told(of(alone, funding=paid)) == []
    assert told(of(alone, funding=[{**paid[0], "stage": "pledged"}])) != []


def test_34_dropped_before_anything_was_delivered() -> None:
    made = of(said("promised", "2025-01-01", evidence="its-word"), said("refused", "2026-02-01", evidence="paper"))
    assert (status(made), told(made)) == ("refused", [])
    assert "Refused or dropped" in seen(made)
    part = said("partly-implemented", "2025-06-30", evidence="gazette", conditions_met=IN_FORCE)
    late = of(part, said("refused", "2026-02-01", evidence="paper"), done_when=TWO)
    assert told(late) == ["warning: open-shelters: refused, but a condition had been met before"]
    taken_back = {**part, "withdrawn": {"on": "2025-07-01", "why": "Another law."}}
    assert told(of(taken_back, said("refused", "2026-02-01", evidence="paper"), done_when=TWO)) == []


def test_35_superseded() -> None:
    gone = {"retired": {"on": "2026-01-01", "reason": "A newer ask says more.", "into": "fund-shelters"}}
    newer = {"related": [{"id": "open-shelters", "relation": "supersedes"}]}
    made = registry(point(**gone), point("fund-shelters", **newer))
    assert told(made) == []
    assert "No longer tracked since 1 January 2026" in seen(made)
    assert "It went into: Title of fund-shelters" in seen(made)
    assert "Title of open-shelters · this point takes its place" in seen(made, "fund-shelters")
    assert told(registry(point(**gone), point("fund-shelters"))) == [
        "warning: open-shelters: fund-shelters does not say that it stands for open-shelters"
    ]
    assert told(registry(point(), point("fund-shelters", **newer))) == [
        "warning: fund-shelters: open-shelters is superseded and still counts"
    ]
    back = {"retired": {"on": "2026-01-01", "reason": "Back.", "into": "open-shelters"}}
    assert told(registry(point(**gone), point("fund-shelters", **back))) == [
        "error: open-shelters: open-shelters went into itself, by a circle",
        "error: fund-shelters: fund-shelters went into itself, by a circle",
    ]


def test_36_one_of_several_addressees_acted() -> None:
    together = [{"actor": who, "role": "must-act", "basis": "named"} for who in ("the-ministry", "the-court")]
    ends = ["The ministry opens shelters.", "The court sends people there."]
    given = said("partly-implemented", "2025-06-30", evidence="gazette", conditions_met=IN_FORCE)
    made = of(given, actors=together, done_when=ends)
    assert (status(made), told(made)) == ("partly-implemented", [])
    claim = said("partly-implemented", "2025-08-01", by="the-court", evidence="its-word", conditions_met=CLAIMED)
    assert status(of(claim, actors=together, done_when=ends)) == "promised"
    apart = registry(
        point("ministry", related=[{"id": "court", "relation": "beside"}]),
        point("court", who="the-court", assessments=[given]),
    )
    assert [standing(apart, each, Clock(TODAY, TODAY)).status for each in apart.file.recommendations] == [
        "not-assessed",
        "partly-implemented",
    ]


def test_37_a_missed_deadline() -> None:
    due = {"due": {"on": "2025-12-31", "basis": "The plan says so."}}
    made = of(said("promised", "2025-01-01", evidence="its-word"), **due)
    assert (status(made), told(made)) == ("promised", [])
    assert "Due on 31 December 2025: The plan says so. That day has passed." in seen(made)
    assert "That day has passed." not in seen(made, day=date(2025, 12, 31))
    done = said("implemented", "2025-06-30", evidence="gazette", conditions_met=IN_FORCE)
    assert "That day has passed." not in seen(of(done, **due))
    early = of(due={"on": "2023", "basis": "The plan says so."})
    assert told(early) == ["error: open-shelters: due on 2023, before it was asked on 2024-02-03"]


def test_38_a_claim_withdrawn() -> None:
    given = said("implemented", "2025-06-30", evidence="gazette", conditions_met=IN_FORCE)
    taken = {"withdrawn": {"on": "2025-09-01", "why": "The gazette meant another law."}}
    made = of({**given, **taken})
    assert (status(made), told(made)) == ("not-assessed", [])
    assert status(made, date(2025, 8, 31)) == "implemented"
    assert "The gazette meant another law." in seen(made)
    early = {"withdrawn": {"on": "2025-01-01", "why": "Wrong."}}
    assert told(of({**given, **early})) == [
        "error: open-shelters: taken back on 2025-01-01, before it was made on 2025-06-30"
    ]


def test_39_two_sources_contradict_each_other() -> None:
    one, other = said("promised", "2026-02-01", evidence="paper"), said("refused", "2026-02-01", by="the-union")
    made = of(one, other)
    assert told(made) == []
    assert "Assessors disagree: see who says what." in seen(made)
    both = of(
        {
            **said("promised", "2026-02-01", evidence="paper"),
            "evidence": ["paper", "audit"],
            "note": "One page says open, one says shut.",
        }
    )
    assert told(both) == []
    assert "One page says open, one says shut." in seen(both)
    assert told(of(one, {**other, "by": "editors"})) == [
        "warning: open-shelters: editors says promised and refused of the same day"
    ]


def test_40_an_ask_that_cannot_be_tested() -> None:
    made = of(done_when=[], open_ended="true")
    assert told(made) == []
    assert "Never once for all" in seen(made)
    beyond = of(done_when=[], beyond_test=["People feel respected."])
    assert told(beyond) == []
    assert "Beyond any test: People feel respected." in seen(beyond)
    assert not standing(beyond, beyond.file.recommendations[0], Clock(TODAY, TODAY)).testable
    assert "No end point in the wording." in seen(of(done_when=[]))
    given = said("implemented", "2025-06-30", evidence="gazette", conditions_met=IN_FORCE)
    assert "error: open-shelters: implemented on an open-ended record" in told(
        of(given, done_when=[], open_ended="true")
    )


def test_41_a_body_is_renamed_or_merged() -> None:
    named = {"actors": [{"actor": "the-police", "role": "must-act", "basis": "named"}]}
    made = of(said("in-progress", "2025-05-01", by="the-agency", evidence="audit"), **named)
    assert told(made) == []
    assert "The police · must act · named in the source Since then The agency has taken its place." in seen(made)
    assert standing(made, made.file.recommendations[0], Clock(TODAY, TODAY)).own_word
    merged = [*(each for each in ACTORS if each["id"] != "the-court"), {**ACTORS[4], "part_of": "the-agency"}]
    court = {"actors": [{"actor": "the-court", "role": "must-act", "basis": "named"}]}
    joined = registry(point(assessments=[said("in-progress", "2025-05-01", by="the-agency")], **court), actors=merged)
    assert standing(joined, joined.file.recommendations[0], Clock(TODAY, TODAY)).own_word
    other = [each if each["id"] != "the-agency" else {**each, "side": "society"} for each in ACTORS]
    assert told(registry(point(), actors=other)) == [
        "warning: the-agency: the-agency (society) follows the-police (state)"
    ]
    circle = [each if each["id"] != "the-police" else {**each, "successor_of": "the-agency"} for each in ACTORS]
    assert [line for line in told(registry(point(**named), actors=circle)) if "circle" in line] == [
        "error: the-police: the-police is successor_of itself, by a circle",
        "error: the-agency: the-agency is successor_of itself, by a circle",
    ]
    assert seen(registry(point(**named), actors=circle)).count("has taken its place") == 1


def test_42_an_assessment_entered_late_for_an_earlier_day() -> None:
    first = said("in-progress", "2025-03-01", looked="2025-04-01", recorded_on="2025-04-01")
    late = said("promised", "2024-06-01", looked="2026-05-01", recorded_on="2026-05-01", evidence="its-word")
    made = of(first, late)
    assert (status(made), told(made)) == ("in-progress", [])
    assert status(made, date(2024, 12, 31)) == "promised"
    assert status(of(first), date(2024, 12, 31)) == "not-assessed"  # what had been published then
    assert told(of(late, first)) == ["error: open-shelters: recorded before the one above it"]


def test_43_an_evidence_that_changed_its_text() -> None:
    kept = {
        "id": "page",
        "says": "As first read.",
        "owner": "independent",
        "form": "report",
        "url": "https://example.org/p",
    }
    first = {**kept, "accessed": "2025-03-01", "archived_on": "2025-03-01", "sha256": "a" * 64}
    later = {**kept, "id": "page-later", "says": "As it reads since.", "accessed": "2026-05-01"}

    def page(*entries: dict[str, Any]) -> Registry:
        return registry(
            point(assessments=[said("in-progress", "2025-03-01", evidence="page")]), evidence=[*EVIDENCE, *entries]
        )

    made = page(first, later)
    assert not list(cases.problems(made, "file"))
    assert "copy kept since 1 March 2025" in seen(made)
    lost = page({**first, "sha256": None})
    assert [each.found for each in cases.problems(lost, "file")] == [
        "a copy, of which neither address nor hash is known"
    ]
