"""The Streamlit script run in AppTest, and its HTML gathered into one tree."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from tests.markup import Element, parsed
from tests.small import ROOT

MAIN = ROOT / "dashboard" / "main.py"
VIEWS = {"/": ""} | {
    f"/{name}": f"views/{name}.py"
    for name in ("points", "record", "actors", "sources", "changes", "desk", "method", "about")
}


@dataclass
class Shown:
    """What one run of the script drew."""

    app: AppTest

    @cached_property
    def page(self) -> Element:
        return parsed("".join(str(each.proto.body) for each in self.app.get("html")))

    def controls(self) -> list[Any]:
        return [*self.app.text_input, *self.app.get("button_group"), *self.app.multiselect, *self.app.checkbox]

    def listed(self) -> list[str]:
        """The ids of the records of All points, in their order."""
        return [parse_qs(urlsplit(h.one("a").attributes["href"]).query)["id"][0] for h in self.page.all("h3")]


Show = Callable[..., Shown]


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Runs a view over a registry (the shipped one, unless told) with the given address."""

    def shown(view: str = "/", registry: Path | None = None, **query: str | list[str]) -> Shown:
        if registry:
            monkeypatch.setenv("TRACKER_REGISTRY", str(registry))
        else:
            monkeypatch.delenv("TRACKER_REGISTRY", raising=False)
        app = AppTest.from_file(str(MAIN), default_timeout=30)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        if VIEWS[view]:
            app.switch_page(VIEWS[view]).run()
        assert not app.exception, app.exception
        return Shown(app)

    return shown
