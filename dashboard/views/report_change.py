"""Report a change: how to tell the editors."""

from dashboard import ui

ui.show("report-change")
