"""Which pictures a page shows, each by its name: for the page itself and to take away."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from dashboard.outputs import pages, telling
from dashboard.outputs.view import View
from dashboard.progress import changes, charts
from dashboard.progress.charts import Chart, Pen
from dashboard.progress.frame import Frame

OF_POINTS = ("themes", "actors", "known", "looks", "steps", "says")
"""Pictures of a selection that All points offers, one at a time."""

_OF_SELECTION: Mapping[str, Callable[[Frame, Pen], Chart]] = {
    "marks": charts.marks,
    "themes": charts.themes,
    "actors": charts.actors,
    "says": charts.says,
    "known": charts.known,
    "looks": charts.looks,
    "steps": charts.steps,
    "over-time": charts.over_time,
}


def page_of(name: str) -> str:
    """The page whose address a picture bears: that of its rows."""
    return {"moved": "/changes", "timeline": "/record"}.get(name, "/points")


def named(view: View, name: str) -> Chart | None:
    """The picture of that name for what the address asks for; None where there is no such picture."""
    pen = pages.pen(view)
    if name in _OF_SELECTION:
        return _OF_SELECTION[name](view.kept, pen)
    if name == "moved":
        return charts.moved(pages.compared(view).moves, pen)
    row = pages.standing_of(view, view.asked("id")) if name == "timeline" else None
    return charts.timeline(row, changes.events(view.registry, row, view.clock), pen) if row else None


def to_take_away(view: View, name: str) -> dict[str, Any] | None:
    """A picture as Plotly's JSON, on light ground, with its title and the line that says where it is from."""
    chart = named(view, name)
    if chart is None:
        return None
    of = telling.selected(view) if view.place.path != "/record" else ""
    licence = view.registry.file.licence
    source = f"{of} {telling.publisher(view)}. {telling.provenance(view)} {licence}. {pages.lasting(view)}".strip()
    drawn: dict[str, Any] = json.loads(charts.picture(chart, source, view.tr).to_json())
    return drawn
