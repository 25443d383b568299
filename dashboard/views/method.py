"""How we judge: the published rules and the numbers in force."""

from dashboard import ui
from dashboard.outputs import pages

if view := ui.current():
    ui.draw(pages.method(view))
