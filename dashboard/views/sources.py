"""Sources: every text that was read, and its passages."""

from dashboard import ui
from dashboard.outputs import pages

if view := ui.current():
    ui.draw(pages.sources(view))
