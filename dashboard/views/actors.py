"""Who must act: each body with its points."""

from dashboard import ui

ui.show("actors")
