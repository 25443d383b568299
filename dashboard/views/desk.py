"""The editor's desk. For everybody what should be looked at next; for an editor the inbox and every act."""

import streamlit as st

from dashboard import desk, ui
from dashboard.outputs import pages
from dashboard.registry.access import Action, may


def main() -> None:
    view, who = ui.current("desk"), ui.me()
    if view is None:
        return
    table = desk.Desk(view, ui.me)
    if not may(who, Action.SAVE):
        table.taken_away()
        ui.show("desk")
        return
    table.told()
    asked = {name: st.query_params.get(name, "") for name in ("item", "point", "do")}
    if asked["item"].isdecimal():
        table.message(int(asked["item"]))
    elif asked["point"] or asked["do"] in ("point", "answer"):
        table.point(asked["point"], st.query_params.get("verb", "answer" if asked["do"] == "answer" else ""))
    elif asked["do"] == "entry":
        table.entry(*(st.query_params.get(name, "") for name in ("of", "id", "verb")))
    elif asked["do"] == "add":
        table.add(st.query_params.get("what", ""))
    elif asked["do"] == "letter":
        table.letter()
    else:
        table.today(who)
        ui.draw(pages.desk(view, tending=True))


main()
