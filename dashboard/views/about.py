"""About and corrections: who answers for the registry."""

from dashboard import ui

ui.show("about")
