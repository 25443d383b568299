"""A page that tells who has opened it, and again at a press of the button."""

import streamlit as st

from dashboard import ui

st.button("Ask again")
found = ui.me()
st.text(f"You are: {found.role} {found.organisation}".strip())
ui.draw('<div class="t"><footer>The script has taken over.</footer></div>')
