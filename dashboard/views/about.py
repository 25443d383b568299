"""About and corrections: who answers for the registry."""

from dashboard import ui
from dashboard.outputs import pages

if view := ui.current():
    ui.draw(pages.about(view))
