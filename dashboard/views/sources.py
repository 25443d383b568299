"""Sources: every text that was read, and its passages."""

from dashboard import ui

ui.show("sources")
