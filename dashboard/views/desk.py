"""The editor's desk: what should be looked at next."""

from dashboard import ui

ui.show("desk")
