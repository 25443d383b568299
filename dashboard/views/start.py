"""Where things stand: the first page."""

from dashboard import ui

ui.show("start")
