"""The floors of the house: which room may import which, read from the imports themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.small import ROOT

HOUSE = ROOT / "dashboard"

FLOORS = (
    ("dashboard.registry.scalars",),
    ("dashboard.registry.model", "dashboard.language"),
    ("dashboard.registry",),
    ("dashboard.progress",),
    ("dashboard.outputs", "dashboard.inputs"),
    ("dashboard.reading", "dashboard.entering", "dashboard.kept"),
    ("dashboard.people", "dashboard.web", "dashboard.sorting"),
    (
        "dashboard.ui",
        "dashboard.fields",
        "dashboard.desk",
        "dashboard.sending",
        "dashboard.health",
        "dashboard.serving",
        "dashboard.editions",
    ),
    ("dashboard.verbs",),
    ("dashboard.cli",),
    ("dashboard.views", "dashboard.app", "dashboard.main", "dashboard.__main__"),
)
"""Bottom up. The first name of the longest matching prefix tells the floor of a module."""

ALLOWED = {
    "streamlit": (
        "dashboard.app",
        "dashboard.main",
        "dashboard.ui",
        "dashboard.desk",
        "dashboard.fields",
        "dashboard.views",
    ),
    "yaml": ("dashboard.registry", "dashboard.language"),
    "subprocess": (
        "dashboard.registry.history",
        "dashboard.registry.recording",
        "dashboard.registry.rewriting",
        "dashboard.cli",
    ),
    "plotly": ("dashboard.progress.charts", "dashboard.progress.drawing", "dashboard.outputs"),
    "pandas": ("dashboard.progress", "dashboard.outputs", "dashboard.inputs", "dashboard.ui", "dashboard.views"),
    "numpy": ("dashboard.progress",),
    "jinja2": ("dashboard.outputs",),
    "markdown_it": ("dashboard.outputs",),
    "markupsafe": ("dashboard.outputs",),
    "babel": ("dashboard.language",),
    "snowballstemmer": ("dashboard.language",),
    "starlette": (
        "dashboard.app",
        "dashboard.web",
        "dashboard.people",
        "dashboard.sending",
        "dashboard.serving",
        "dashboard.editions",
    ),
    "pyarrow": ("dashboard.outputs",),
    "xlsxwriter": ("dashboard.outputs",),
    "typst": ("dashboard.outputs",),
    "docx": ("dashboard.outputs",),
    "openpyxl": ("dashboard.inputs",),
    "h11": ("dashboard.inputs",),
    "idna": ("dashboard.inputs",),
    "socket": ("dashboard.inputs.reaching", "dashboard.cli"),
}
"""Library to the modules and packages that may import it; it may stand nowhere else."""

LIBRARY_NAMES = frozenset(("calendar", "html", "csv", "locale", "statistics", "yaml", "json", "logging", "types"))

OWN_NAMES = frozenset(path.stem for path in HOUSE.iterdir())
"""`import registry` would find a second, unequal module: full names only."""


def modules() -> dict[str, Path]:
    """Every module of the project by its full name."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(text: str, known: frozenset[str] = frozenset(MODULES)) -> Iterator[str]:
    """The full names that a module imports, wherever in it: `from a import b` is a.b where that is a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "import by full name"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in known else node.module or ""
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("__import__", "importlib.import_module"):
            yield ast.literal_eval(node.args[0])


def within(module: str, rooms: tuple[str, ...]) -> bool:
    return any(module == room or module.startswith(room + ".") for room in rooms)


def floor(module: str) -> int:
    """The number of the floor on which a module stands, by its longest matching name."""
    if module == "dashboard":
        return 0
    matching = [(len(room), n) for n, rooms in enumerate(FLOORS) for room in rooms if within(module, (room,))]
    assert matching, f"{module} stands on no floor: give it one in this test and in the house rules"
    return max(matching)[1]


def wrong(module: str, text: str) -> list[str]:
    """What a module imports that it must not."""
    found = []
    for name in imports(text):
        library = name.partition(".")[0]
        if library == "dashboard" and floor(name) > floor(module):
            found.append(f"{module} imports {name}, which stands above it")
        if library in ALLOWED and not within(module, ALLOWED[library]):
            found.append(f"{module} imports {library}; only {', '.join(ALLOWED[library])} may")
        if library in ("tests", "tools") or library in OWN_NAMES:
            found.append(f"{module} imports {name}")
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_its_floor_and_below(module: str) -> None:
    assert wrong(module, MODULES[module].read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("dashboard.registry.rules", "import streamlit as st"),
        ("dashboard.web", "from streamlit import runtime"),
        ("dashboard.cli", "def late():\n    import streamlit"),
        ("dashboard.progress.rows", "import yaml"),
        ("dashboard.registry.reader", "import pandas"),
        ("dashboard.registry.model", "from pandas import DataFrame"),
        ("dashboard.outputs.pages", "import subprocess"),
        ("dashboard.registry.reader", "from subprocess import run"),
        ("dashboard.registry.model", "from dashboard.registry import reader"),
        ("dashboard.registry.rules", "from dashboard.progress.status import Standing"),
        ("dashboard.progress.status", "from dashboard.outputs import pages"),
        ("dashboard.progress.charts", "from dashboard.outputs.view import View"),
        ("dashboard.outputs.composed", "import streamlit as st"),
        ("dashboard.outputs.pictures", "from dashboard.web import ROUTES"),
        ("dashboard.progress.filters", "import plotly.graph_objects as go"),
        ("dashboard.outputs.telling", "import numpy as np"),
        ("dashboard.progress.finding", "import snowballstemmer"),
        ("dashboard.language.search", "from dashboard.progress.frame import frame"),
        ("dashboard.outputs.pages", "from dashboard import reading"),
        ("dashboard.reading", "from dashboard import ui"),
        ("dashboard.reading", "import streamlit"),
        ("dashboard.ui", "import dashboard.views.start"),
        ("dashboard.language.words", "from dashboard.progress import rows"),
        ("dashboard.outputs.pages", "import importlib\nimportlib.import_module('streamlit')"),
        ("dashboard.cli", "from tests import small"),
        ("dashboard.cli", "import registry.model"),
    ],
)
def test_an_import_that_points_up_or_stands_in_the_wrong_room_is_found(module: str, text: str) -> None:
    assert len(wrong(module, text)) == 1


def test_no_module_at_the_top_is_named_after_a_library() -> None:
    """`streamlit run dashboard/app.py` puts that folder first on the path."""
    assert LIBRARY_NAMES.intersection(path.stem for path in HOUSE.iterdir()) == frozenset()


def test_the_command_line_starts_without_streamlit_pandas_or_plotly() -> None:
    reached, waiting = set(), ["dashboard.cli", "dashboard.__main__"]
    while waiting:
        module = waiting.pop()
        if module in MODULES and module not in reached:
            reached.add(module)
            waiting += _at_once(MODULES[module].read_text("utf-8"))
        else:
            assert module.partition(".")[0] not in ("streamlit", "pandas", "plotly"), module
    assert "dashboard.registry.reader" in reached


def _at_once(text: str) -> list[str]:
    """What a module imports when it is loaded itself: not inside a function."""
    tree = ast.parse(text)
    kept = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return list(imports(ast.unparse(ast.Module(list(kept), []))))
