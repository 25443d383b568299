"""How we judge: the published rules and the numbers in force."""

from dashboard import ui

ui.show("method")
