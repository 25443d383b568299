"""What assessments and checks lack of what a tool writes: the wording judged, the day recorded."""

from collections.abc import Iterator
from datetime import date

from dashboard.registry import grounds
from dashboard.registry.edits import Change, Put
from dashboard.registry.model import Assessment, Check, Registry

_BEHIND = ("by",)  # required, and an id: always on one line


def missing(registry: Registry, today: date) -> Iterator[Change]:
    """One change for each record that lacks something."""
    for record in registry.file.recommendations:
        steps: list[Put] = []
        for n, given in enumerate(record.assessments):
            steps += _recorded("assessments", n, given, today)
            if not given.judged:
                judged = grounds.fingerprint(registry, record, given)
                steps.append(Put(("assessments", n, "judged"), judged, _BEHIND))
        for n, check in enumerate(record.checks):
            steps += _recorded("checks", n, check, today)
        if steps:
            yield Change("recommendations", record.id, tuple(steps))


def _recorded(name: str, n: int, entry: Assessment | Check, today: date) -> list[Put]:
    return [] if entry.recorded_on else [Put((name, n, "recorded_on"), today.isoformat(), _BEHIND)]
