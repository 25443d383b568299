"""How the parts of pictures look, and the entries of legends: a colour, a pattern, a symbol.

Colour means status, the same everywhere; a pattern or a symbol says the same without colour.
Nothing here draws.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dashboard.language import Translator, words
from dashboard.progress.changes import What
from dashboard.progress.rows import STATUS_ORDER, Row
from dashboard.registry.model import Role, Status, StepState


@dataclass(frozen=True, slots=True)
class Look:
    """How a part is drawn: colour, pattern of its bars (empty: none), symbol of its marks.

    Without `filled` a bar is only outlined.
    """

    colour: str
    pattern: str
    symbol: str
    filled: bool = True


LOOKS: Mapping[Status, Look] = {
    Status.IMPLEMENTED: Look("#127e51", "", "circle"),
    Status.PARTLY: Look("#3a822b", "/", "circle-open-dot"),
    Status.IN_PROGRESS: Look("#266fb7", "", "triangle-right"),
    Status.ONGOING: Look("#127a9f", "|", "pentagon-open"),
    Status.PROMISED: Look("#7f57bb", "\\", "triangle-down-open"),
    Status.REVERSED: Look("#c52e26", "x", "x"),
    Status.REFUSED: Look("#c14471", "+", "cross"),
    Status.BLOCKED: Look("#b25512", ".", "square"),
    Status.NOT_STARTED: Look("#626970", "", "square-open"),
    Status.NOTHING_FOUND: Look("#6a7279", "-", "diamond-open"),
    Status.NOT_ASSESSED: Look("#6e767c", "", "circle-open", filled=False),
}
"""One colour a status: at least 3 to 1 against both grounds of the pages (WCAG 2, 1.4.11), and 4.5 to 1
under the white figures in the bars. Where colours are near, pattern and symbol differ."""

SHADE = "#5d666e"
"""For what is not a status: roles, ages, steps, spans of time. Patterns and symbols tell them apart."""

ROLE_LOOKS: Mapping[Role, Look] = {
    Role.MUST_ACT: Look(SHADE, "", "circle"),
    Role.TOGETHER: Look(SHADE, "/", "circle"),
    Role.MUST_AGREE: Look(SHADE, "x", "circle"),
    Role.HELPS: Look(SHADE, ".", "circle"),
    Role.PAYS: Look(SHADE, "", "circle", filled=False),
}
STEP_LOOKS: Mapping[StepState, Look] = {
    StepState.DONE: Look(SHADE, "", "circle"),
    StepState.NOT_DONE: Look(SHADE, "", "circle-open"),
    StepState.UNKNOWN: Look(SHADE, "", "circle-open"),
    StepState.LAPSED: Look(SHADE, "", "circle-x-open"),
    StepState.NOT_NEEDED: Look(SHADE, "", "line-ew-open"),
}
EVENT_LOOKS: Mapping[What, Look] = {
    What.ASKED: Look(SHADE, "", "diamond"),
    What.STEP: Look(SHADE, "", "circle"),
    What.FUNDING: Look(SHADE, "", "hexagon-open"),
    What.SETBACK: Look(SHADE, "", "x"),
    What.ANSWER: Look(SHADE, "", "square-open"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of a legend: a status, a role, a state of a step. `told` says a number of it."""

    key: str
    name: str
    look: Look
    told: Callable[[int], str]


def statuses(found: Iterable[str], frame_rows: Sequence[Row], tr: Translator) -> list[Part]:
    """The parts for the statuses that are found, in their order."""
    held = frozenset(found)
    ongoing = [row for row in frame_rows if row.status is Status.ONGOING]
    last_seen = bool(ongoing) and all(row.standing.last_seen_only for row in ongoing)
    return [
        Part(status, tr(words.STATUS[status]), LOOKS[status], lambda n, s=status: words.parts(tr, s, n, last_seen))  # type: ignore[misc]
        for status in STATUS_ORDER
        if status in held
    ]


def part(key: str, name: str, look: Look, tr: Translator) -> Part:
    return Part(key, name, look, lambda n: tr("{what}: {n}", what=name, n=tr.number(n)))
