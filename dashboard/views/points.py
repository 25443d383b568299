"""All points: the selection, and its records one line each."""

import streamlit as st

from dashboard import ui
from dashboard.outputs import pages
from dashboard.progress.rows import rows

if view := ui.current():
    every = rows(view.registry, view.clock)
    ui.draw(pages.points_head(view))
    filters = ui.filter_bar(view)
    kept = filters.apply(every, view.registry)
    shown, page, count = pages.page_of(kept, st.query_params.get("page", "1"))
    ui.draw(pages.points(view, filters, shown, len(kept), len(every), page, count))
