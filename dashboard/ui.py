"""The Streamlit glue that the views share: what the reader asked for, the pieces of a page, the filter bar.

The only room with session state, and in it plain strings only.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from dashboard import people, reading
from dashboard.language import Translator, words
from dashboard.outputs import chosen, composed
from dashboard.outputs.composed import Controls, Later
from dashboard.outputs.view import View
from dashboard.progress.charts import Chart
from dashboard.progress.filters import FLAGS
from dashboard.progress.rows import STATUS_ORDER
from dashboard.registry.access import Who
from dashboard.registry.model import Basis, Kind, Known, Role, Side

ICON = Path(__file__).parent / "assets" / "icon.png"
CHART = {"displayModeBar": False, "responsive": True}


def translate() -> Translator:
    """The reader's language: that of the address, else the browser's."""
    return reading.words(_query(), st.context.locale or "")


def current(page: str) -> View | None:
    """What this reader asked of a page; None where no registry can be read (the page then says so by itself)."""
    path = "/" if page in ("", "start") else f"/{page}"
    parts = urlsplit(st.context.url or "")
    origin = reading.origin(parts.scheme, parts.netloc)
    frugal = st.context.headers.get("Save-Data") == "on"
    return reading.view(path, _query(), st.context.locale or "", origin, frugal)


def me() -> Who:
    """Who has opened this page, as things stand now: ask again at every act."""
    return people.who(st.context.headers, st.context.cookies)


def signed_in() -> bool:
    """Whether somebody has signed in, be it as a reader."""
    return people.signed_in(st.context.headers, st.context.cookies)


def draw(html: str) -> None:
    """HTML of ours on the page; Streamlit takes scripts out of it once more."""
    st.html(html)


def show(page: str) -> None:
    """The pieces of a page, in their order."""
    view = current(page)
    for piece in composed.page(view) if view else ():
        match piece:
            case str():
                draw(piece)
            case Chart():
                chart(piece)
            case Later():
                _later(piece)
            case Controls() if view:
                filter_bar(view)


def chart(drawn: Chart) -> None:
    """A picture; its marks lead where their customdata says (assets/site.js)."""
    st.plotly_chart(drawn.figure, key=f"chart_{drawn.name}", theme="streamlit", config=CHART, alt=drawn.alt)


def _later(piece: Later) -> None:
    box = st.expander(piece.label, key=f"later_{piece.name}", on_change="rerun")
    if box.open and (drawn := piece.make()):
        with box:
            chart(drawn)


def filter_bar(view: View) -> None:
    """The controls of a selection, in step with the address.

    What is folded away is drawn when somebody opens it: its hundreds of choices, each with its count, would
    otherwise be made, sent and laid out at every change of the others.
    """
    bar, first = _Bar(view), chosen.first(view.frame)
    bar.text("q", view.tr("Search in titles, summaries and quotes"))
    bar.pills(first)
    box = st.expander(view.tr("More filters"), expanded=bar.hidden_choice(first), key="more_filters", on_change="rerun")
    if not box.open:
        return
    with box:
        left, right = st.columns(2)
        with left:
            for key in ("side", "status", "actor", "role", "basis", "theme"):
                if key != first:
                    bar.many(key)
        with right:
            for key in ("kind", "known", "source"):
                if key != first:
                    bar.many(key)
            for flag in FLAGS:
                bar.flag(flag)


def _query() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


class _Bar:
    """The controls. Each keeps stable ids, so that an address means the same in every language."""

    def __init__(self, view: View) -> None:
        self.view = view

    def text(self, key: str, label: str) -> None:
        st.text_input(label, **self._synced(key, self.view.filters.q), type="search", placeholder=" ")

    def pills(self, key: str) -> None:
        self._choice(st.pills, key, selection_mode="multi")

    def many(self, key: str) -> None:
        self._choice(st.multiselect, key, placeholder=self.view.tr("any"))

    def flag(self, key: str) -> None:
        tr = self.view.tr
        labels = {"disagree": tr("Assessors disagree"), "due": tr("Due to be checked"), "testable": tr("Can be tested")}
        n = self.view.filters.counts(self.view.frame, key)["1"]
        st.checkbox(f"{labels[key]} ({tr.number(n)})", **self._synced(key, getattr(self.view.filters, key)))

    def hidden_choice(self, first: str) -> bool:
        """Whether something is chosen among the controls that are folded away: all but the words and the `first`."""
        return self.view.filters.without("q").without(first).narrows

    def _named(self, key: str) -> tuple[str, dict[Any, str]]:
        """What a key is called, and what each of its values is, in their order."""
        tr, registry = self.view.tr, self.view.registry
        match key:
            case "side":
                return tr("Who must act"), {side: tr(words.side(registry, side)) for side in Side}
            case "status":
                return tr("Where it stands"), {status: tr(words.STATUS[status]) for status in STATUS_ORDER}
            case "role":
                return tr("Its part"), {role: tr(words.ROLE[role]) for role in Role}
            case "basis":
                return tr("Named or inferred"), {basis: tr(words.BASIS[basis]) for basis in Basis}
            case "theme":
                return tr("Subject"), {each.id: each.name.shown(tr.language)[0] for each in registry.file.themes}
            case "kind":
                return tr("Kind"), {kind: tr(words.KIND[kind]) for kind in Kind}
            case "known":
                return tr("How we know"), {known: tr(words.KNOWN[known]) for known in Known}
            case "source":
                return tr("Source"), {source.id: source.title for source in registry.sources}
        # Those who must act, act together, agree, help or pay in any record, by name.
        names = {str(name) for name in self.view.frame.parties["actor"].unique()}
        names |= {actor for actor in self.view.filters.actor if ":" in actor}
        found = {name: chosen.value_words(self.view, "actor", name) for name in names}
        return tr("Actor"), dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))

    def _choice(self, widget: Callable[..., Any], key: str, **more: Any) -> None:
        """Each choice with how many records it would show beside what else is selected; none with 0."""
        label, choices = self._named(key)
        filters, whole = self.view.filters, self.view.frame
        counts = filters.counts(whole, key)
        counts |= {v: int(filters.choosing(key, v).mask(whole).sum()) for v in choices if ":" in str(v)}
        picked = getattr(self.view.filters, key)
        counted = {
            str(value): f"{said} ({self.view.tr.number(counts.get(str(value), 0))})"
            for value, said in choices.items()
            if counts.get(str(value)) or value in picked
        }
        wanted = [value for value in picked if value in counted]
        widget(label, list(counted), format_func=counted.__getitem__, **self._synced(key, wanted), **more)

    def _synced(self, key: str, wanted: Any) -> dict[str, Any]:
        """The control's key and what happens when it is used; its state is set where the address says
        something else than it last did.
        """
        name, was = f"f_{key}", f"was_{key}"
        if st.session_state.get(was) != wanted or name not in st.session_state:
            st.session_state[name] = wanted
            st.session_state[was] = wanted
        return {"key": name, "on_change": self._push, "args": (key,)}

    @staticmethod
    def _push(key: str) -> None:
        """What was chosen goes into the address; a new selection begins on its first page."""
        picked = st.session_state[f"f_{key}"]
        st.session_state[f"was_{key}"] = picked
        if picked:
            st.query_params[key] = "1" if key in FLAGS else picked
        elif key in st.query_params:
            del st.query_params[key]
        if "page" in st.query_params:
            del st.query_params["page"]
