"""One record, as a short article."""

import streamlit as st

from dashboard import ui
from dashboard.outputs import pages

if view := ui.current():
    wanted = st.query_params.get("id", "")
    ui.draw(pages.record(view, wanted) or pages.missing(view, wanted))
