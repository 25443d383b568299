"""Where things stand: the first page."""

from dashboard import ui
from dashboard.outputs import pages

if view := ui.current():
    ui.draw(pages.start(view))
