"""The Streamlit script: page set-up, navigation, head and foot."""

import streamlit as st

from dashboard import reading, ui
from dashboard.outputs import composed, pages

NAMES = ("points", "record", "actors", "sources", "changes", "desk", "method", "coverage", "about")
VIEWS = [
    st.Page("views/start.py", url_path="start", default=True),
    *(st.Page(f"views/{name}.py", url_path=name) for name in NAMES),
]


def main() -> None:
    page = st.navigation(VIEWS, position="hidden")
    view = ui.current(page.url_path)
    title = composed.title(view) if view else ui.translate()("Asked and promised")
    st.set_page_config(page_title=title, page_icon=ui.ICON, layout="wide")
    if view is None:
        ui.draw(pages.unreadable(ui.translate()))
        return
    ui.draw(pages.top(view))
    if banner := reading.banner(view):
        ui.draw(banner)
    page.run()
    if taking := pages.take(view):
        ui.draw(taking)
    ui.draw(pages.foot(view))


main()
