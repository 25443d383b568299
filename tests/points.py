"""Registries of one point, put together in a test: only what the case is about has to be said."""

from datetime import date
from typing import Any

from pydantic import TypeAdapter

from dashboard.progress.status import Standing, standing
from dashboard.registry.model import Recommendation, Registry, RegistryFile, Source
from dashboard.registry.scalars import Clock

TODAY = date(2026, 11, 22)
ASKED = "2024-02-03"

ACTORS = [
    {"id": "the-state", "name": "The state", "kind": "state", "side": "state"},
    {"id": "the-ministry", "name": "The ministry", "kind": "government", "side": "state", "part_of": "the-state"},
    {"id": "the-police", "name": "The police", "kind": "government", "side": "state", "part_of": "the-ministry"},
    {"id": "the-agency", "name": "The agency", "kind": "government", "side": "state", "successor_of": "the-police"},
    {"id": "the-court", "name": "The court", "kind": "judiciary", "side": "state"},
    {"id": "the-donor", "name": "The donor", "kind": "donor", "side": "foreign"},
    {"id": "the-union", "name": "The union", "kind": "civil-society", "side": "society"},
    {"id": "an-author", "name": "An author", "kind": "person", "side": "society"},
    {"id": "everybody", "name": "Everybody", "kind": "public", "side": "society"},
]
EVIDENCE = [
    {"id": "audit", "says": "Counted.", "owner": "independent", "form": "report", "url": "https://example.org/a"},
    {"id": "gazette", "says": "In force.", "owner": "state", "form": "document-with-effect", "published": "2025-06-30"},
    {"id": "paper", "says": "Reported.", "owner": "independent", "form": "news", "published": "2026-02-01"},
    {"id": "its-word", "says": "Said.", "owner": "independent", "form": "statement", "voice": "the-ministry"},
    {"id": "its-page", "says": "Said.", "owner": "state", "form": "report", "owned_by": "the-police"},
]
SOURCE = {
    "id": "report-one", "title": "Report one", "publisher": "A publisher", "owner": "independent", "form": "report",
    "published": ASKED, "url": "https://example.org/report-one", "language": "en", "licence": "none",
    "rights": "quote-only", "summary": "What it asks for.",
}  # fmt: skip
ORIGIN = {"source": "report-one", "paragraph": "1", "quote": "open shelters", "by": "an-author", "told": "own"}


def said(
    status: str, as_of: str, by: str = "editors", evidence: str = "audit", looked: str = "", **more: Any
) -> dict[str, Any]:
    """One assessment; looked at on its own day unless told."""
    note = f"{by} on {as_of}"
    references = [evidence] if evidence else []
    return {
        **{"status": status, "as_of": as_of, "assessed_on": looked or as_of, "by": by},
        **{"evidence": references, "note": note, **more},
    }


def point(name: str = "open-shelters", who: str = "the-ministry", **more: Any) -> dict[str, Any]:
    """A demand on the ministry of 3 February 2024 with one condition."""
    plain = {
        "id": name, "title": {"en": f"Title of {name}"}, "kind": "demand", "theme": "shelters", "origin": [ORIGIN],
        "actors": [{"actor": who, "role": "must-act", "basis": "named"}], "done_when": ["Shelters are open."],
    }  # fmt: skip
    return {**plain, **more}


def registry(*points: dict[str, Any], **more: Any) -> Registry:
    """Models, past the rules: a case may hold what the rules would refuse."""
    themes = [{"id": "shelters", "name": "Shelters", "headline": "true"}, {"id": "courts", "name": "Courts"}]
    plain = {
        "version": "1", "title": "Small", "publisher": {"name": "nobody"}, "licence": "CC0", "themes": themes,
        "actors": ACTORS, "evidence": EVIDENCE, "recommendations": list(points), **more,
    }  # fmt: skip
    file = TypeAdapter(RegistryFile).validate_python(plain)
    return Registry(file=file, sources=(TypeAdapter(Source).validate_python(SOURCE),))


def stands(day: str, *assessments: dict[str, Any], today: date = TODAY, rules: Any = None, **more: Any) -> Standing:
    """Where a point with these assessments stands on a day."""
    made = registry(point(assessments=list(assessments), **more), **({"rules": rules} if rules else {}))
    record: Recommendation = made.file.recommendations[0]
    return standing(made, record, Clock(date.fromisoformat(day), today))
