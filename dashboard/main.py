"""The Streamlit script: page set-up, navigation, head and foot."""

import streamlit as st

from dashboard import reading, ui
from dashboard.outputs import pages

VIEWS = (
    st.Page("views/start.py", url_path="start", default=True),
    st.Page("views/points.py", url_path="points"),
    st.Page("views/record.py", url_path="record"),
    st.Page("views/sources.py", url_path="sources"),
    st.Page("views/method.py", url_path="method"),
    st.Page("views/about.py", url_path="about"),
)


def main() -> None:
    tr = ui.translate()
    page = st.navigation(list(VIEWS), position="hidden")
    titles = {
        "points": tr("All points"),
        "sources": tr("Sources"),
        "method": tr("How we judge"),
        "about": tr("About and corrections"),
    }
    title = " · ".join(filter(None, (titles.get(page.url_path), tr("Asked and promised"))))
    st.set_page_config(page_title=title, page_icon=ui.ICON, layout="wide")
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
