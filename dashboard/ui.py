"""The Streamlit glue that the views share: what the reader asked for, and the filter bar.

The only room with session state, and in it plain strings only.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import reading
from dashboard.language import Translator, words
from dashboard.outputs.view import View
from dashboard.progress.filters import Filters
from dashboard.progress.rows import STATUS_ORDER, Row, rows
from dashboard.registry.model import Kind, Known, Role, Side
from dashboard.registry.scalars import Text

ICON = Path(__file__).parent / "assets" / "icon.png"


def translate() -> Translator:
    """The reader's language: that of the address, else the browser's."""
    return reading.words(_query(), st.context.locale or "")


def current() -> View | None:
    """What this reader asked for; None where no registry can be read (the page then says so by itself)."""
    return reading.view(_query(), st.context.locale or "")


def here(page: str) -> Callable[[str], str]:
    """The address of this page with everything that it shows, in another language or without its past day."""
    return reading.here("/" if page in ("", "start") else f"/{page}", _query())


def draw(html: str) -> None:
    """HTML of ours on the page; Streamlit takes scripts, forms and pictures out of it once more."""
    st.html(html)


def filter_bar(view: View) -> Filters:
    """The controls of a selection, in step with the address; returns what is selected now."""
    tr, registry = view.tr, view.registry
    bar = _Bar(view, rows(registry, view.clock))
    bar.text("q", tr("Search in titles, summaries and quotes"))
    bar.pills("side", tr("Who must act"), {side: tr(words.SIDE[side]) for side in Side})
    with st.expander(tr("More filters"), expanded=bar.hidden_choice()):
        left, right = st.columns(2)
        with left:
            bar.many("status", tr("Where it stands"), {s: tr(words.STATUS[s]) for s in STATUS_ORDER})
            bar.many("actor", tr("Actor"), bar.actors())
            bar.many("theme", tr("Subject"), {t.id: bar.said(t.name) for t in registry.file.themes})
        with right:
            bar.many("kind", tr("Kind"), {kind: tr(words.KIND[kind]) for kind in Kind})
            bar.many("known", tr("How we know"), {known: tr(words.KNOWN[known]) for known in Known})
            bar.many("source", tr("Source"), {s.id: s.title for s in registry.sources})
    return Filters.from_address(_query(), registry, view.clock.today)


def _query() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


class _Bar:
    """The controls. Each keeps stable ids, so that an address means the same in every language."""

    def __init__(self, view: View, every: list[Row]) -> None:
        self.view = view
        self.every = every

    def text(self, key: str, label: str) -> None:
        wanted = self.view.filters.q
        st.text_input(
            label, key=self._synced(key, wanted), on_change=self._push, args=(key,), type="search", placeholder=" "
        )

    def pills(self, key: str, label: str, choices: dict[Any, str]) -> None:
        counted = self._counted(key, choices)
        st.pills(
            label,
            list(counted),
            selection_mode="multi",
            format_func=counted.__getitem__,
            key=self._synced(key, [v for v in getattr(self.view.filters, key) if v in counted]),
            on_change=self._push,
            args=(key,),
        )

    def many(self, key: str, label: str, choices: dict[Any, str]) -> None:
        counted = self._counted(key, choices)
        st.multiselect(
            label,
            list(counted),
            format_func=counted.__getitem__,
            key=self._synced(key, [v for v in getattr(self.view.filters, key) if v in counted]),
            on_change=self._push,
            args=(key,),
            placeholder=self.view.tr("any"),
        )

    def hidden_choice(self) -> bool:
        """Whether something is chosen among the controls that are folded away."""
        chosen = self.view.filters
        return any((chosen.status, chosen.actor, chosen.theme, chosen.kind, chosen.known, chosen.source))

    def actors(self) -> dict[str, str]:
        """Those who must act, act together, agree, help or pay in any record, by name."""
        names = {a.actor for row in self.every for a in row.record.actors}
        names |= {actor for actor in self.view.filters.actor if ":" in actor}
        found = {name: self._actor(name) for name in names}
        return dict(sorted(found.items(), key=lambda pair: pair[1].casefold()))

    def said(self, text: Text) -> str:
        return text.shown(self.view.tr.language)[0]

    def _actor(self, name: str) -> str:
        actor, _, role = name.partition(":")
        said = self.said(self.view.registry.actors[actor].name)
        return f"{said}: {self.view.tr(words.ROLE[Role(role)])}" if role else said

    def _counted(self, key: str, choices: dict[Any, str]) -> dict[str, str]:
        """Each choice with how many records it would show beside what else is selected; none with 0."""
        others = self.view.filters.without(key)
        chosen = getattr(self.view.filters, key)
        found = {}
        for value, label in choices.items():
            n = len(others.choosing(key, str(value)).apply(self.every, self.view.registry))
            if n or value in chosen:
                found[str(value)] = f"{label} ({self.view.tr.number(n)})"
        return found

    def _synced(self, key: str, wanted: Any) -> str:
        """The control's key, its state set where the address says something else than it last did."""
        name, was = f"f_{key}", f"was_{key}"
        if st.session_state.get(was) != wanted or name not in st.session_state:
            st.session_state[name] = wanted
            st.session_state[was] = wanted
        return name

    @staticmethod
    def _push(key: str) -> None:
        """What was chosen goes into the address; a new selection begins on its first page."""
        chosen = st.session_state[f"f_{key}"]
        st.session_state[f"was_{key}"] = chosen
        if chosen:
            st.query_params[key] = chosen
        elif key in st.query_params:
            del st.query_params[key]
        if "page" in st.query_params:
            del st.query_params["page"]
