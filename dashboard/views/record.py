"""One record, as a short article."""

import streamlit as st

from dashboard import ui
from dashboard.outputs import pages

if view := ui.current():
    wanted = st.query_params.get("id", "")
    if wanted in view.registry.records:
        st.set_page_config(page_title=pages.title(view, wanted))
    ui.draw(pages.record(view, wanted) or pages.missing(view, wanted))
