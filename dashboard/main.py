"""The Streamlit script: page set-up, navigation, head and foot."""

import streamlit as st

from dashboard import reading, ui
from dashboard.outputs import pages

VIEWS = (
    st.Page("views/start.py", url_path="start", default=True),
    st.Page("views/points.py", url_path="points"),
    st.Page("views/record.py", url_path="record"),
)


def main() -> None:
    tr = ui.translate()
    st.set_page_config(page_title=tr("Asked and promised"), page_icon=ui.ICON, layout="wide")
    page = st.navigation(list(VIEWS), position="hidden")
    ui.draw(f"<style>{pages.style()}</style>")
    view = ui.current()
    if view is None:
        ui.draw(pages.unreadable(tr))
        return
    ui.draw(pages.top(view, ui.here(page.url_path)))
    if banner := reading.banner(view):
        ui.draw(banner)
    page.run()
    ui.draw(pages.foot(view))


main()
