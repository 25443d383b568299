"""What is covered: what was read, who judged what, how long ago somebody looked."""

from dashboard import ui

ui.show("coverage")
