"""All points: the selection, and its records one line each."""

from dashboard import ui

ui.show("points")
