"""One record, as a short article."""

from dashboard import ui

ui.show("record")
