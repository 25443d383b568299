"""What changed between two days."""

from dashboard import ui

ui.show("changes")
