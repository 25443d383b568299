"""Which pictures a page shows, each by its name: for the page itself and to take away."""

import json
from typing import Any

from dashboard.outputs import pages, telling
from dashboard.outputs.view import View
from dashboard.progress import changes, charts
from dashboard.progress.charts import Chart

OF_POINTS = ("themes", "actors", "known", "looks", "steps", "says")
"""Pictures of a selection that All points offers, one at a time."""


def named(view: View, name: str) -> Chart | None:
    """The picture of that name for what the address asks for; None where there is no such picture."""
    pen = pages.pen(view)
    match name:
        case "marks":
            return charts.marks(view.kept, pen)
        case "themes":
            return charts.themes(view.kept, pen)
        case "actors":
            return charts.actors(view.kept, pen)
        case "says":
            return charts.says(view.kept, pen)
        case "known":
            return charts.known(view.kept, pen)
        case "looks":
            return charts.looks(view.kept, pen)
        case "steps":
            return charts.steps(view.kept, pen)
        case "over-time":
            return charts.over_time(view.kept, pen)
        case "moved":
            return charts.moved(pages.compared(view).moves, pen)
        case "timeline":
            row = pages.standing_of(view, view.asked("id"))
            return charts.timeline(row, changes.events(view.registry, row, view.clock), pen) if row else None
    return None


def to_take_away(view: View, name: str) -> dict[str, Any] | None:
    """A picture as Plotly's JSON, on light ground, with its title and the line that says where it is from."""
    chart = named(view, name)
    if chart is None:
        return None
    source = f"{telling.publisher(view)}. {telling.provenance(view)} {view.registry.file.licence}"
    drawn: dict[str, Any] = json.loads(charts.picture(chart, source, view.tr).to_json())
    return drawn
