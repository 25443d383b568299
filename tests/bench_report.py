"""How long the one-file report takes in Chromium, from the disk: part of `make bench`.

Opened to drawn is counted from the start of the navigation to the first frame after the file's script
has run; a filter from the choice of a value, and a search from a letter, to the frame that shows its rows.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from dashboard.language import translator
from dashboard.outputs import report
from dashboard.outputs.view import View
from dashboard.progress.filters import Filters
from dashboard.registry import reader
from dashboard.registry.scalars import Clock, today
from tests import generate
from tests.small import ROOT
from tools.browser import launch

OPENED, FILTERED, MEGABYTES = 1.0, 0.05, 2.5
"""Seconds to the first picture, seconds a filter, and the size, which the shipped registry may take."""

_DRAWN = """
addEventListener("DOMContentLoaded", () => requestAnimationFrame(() => setTimeout(() => { window.drawn = performance.now(); })));
"""

_SELECT = """async ([name, value]) => {
  const field = document.querySelector(`.filters [name="${name}"]`);
  const from = performance.now();
  field.value = value;
  field.dispatchEvent(new Event(field.type === "search" ? "input" : "change", { bubbles: true }));
  if (field.type !== "search") await new Promise((done) => addEventListener("hashchange", done, { once: true }));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - from;
}"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_report", description=__doc__)
    parser.add_argument("--records", type=int, help="of a generated registry (default: the one that ships)")
    parser.add_argument("--repetitions", type=int, default=5, help="of each measurement (default 5)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        view = _view(folder, given.records)
        file = folder / "report.html"
        file.write_text(report.report(view), "utf-8")
        size = file.stat().st_size / 2**20
        print(f"{'points':28} {len(view.kept):9}")
        _row("MB", size, MEGABYTES)
        with sync_playwright() as playwright, launch(playwright) as browser:
            context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
            context.add_init_script(_DRAWN)
            opened = []
            for _ in range(given.repetitions):
                page = context.new_page()
                opened.append(_opened(page, file))
                page.close()
            page = context.new_page()
            _opened(page, file)
            page.goto(f"{file.as_uri()}#/points")
            filtered = dict(_filtered(page, given.repetitions))
            context.close()
    _row("opened to drawn, s", median(opened), OPENED, max(opened))
    for what, seconds in filtered.items():
        _row(f"{what}, s", median(seconds), FILTERED, max(seconds))
    return 0


def _view(folder: Path, records: int | None) -> View:
    day = generate.TODAY if records else today()
    path = generate.write(folder, generate.registry(1, records)) if records else ROOT / "recommendations.yaml"
    registry = reader.load(path, day).registry
    assert registry
    return View(registry, Clock(day, day), translator("en"), Filters())


def _opened(page: Page, file: Path) -> float:
    page.goto(file.as_uri())
    page.wait_for_function("window.drawn")
    return float(page.evaluate("window.drawn")) / 1000


def _filtered(page: Page, repetitions: int) -> Iterator[tuple[str, list[float]]]:
    """What is chosen, and the seconds of each time; between two times it is taken back."""
    for name in ("side", "actor", "status", "theme", "q"):
        field = page.locator(f'.filters [name="{name}"]')
        values = field.evaluate("(field) => [...(field.options || [])].map((each) => each.value).filter(Boolean)")
        taken = []
        for turn in range(repetitions):
            value = values[turn % len(values)] if values else ("law", "закон", "заң", "women")[turn % 4]
            taken.append(float(page.evaluate(_SELECT, [name, value])) / 1000)
            page.evaluate(_SELECT, [name, ""])
        yield name, taken


def _row(what: str, found: float, goal: float, most: float | None = None) -> None:
    print(f"{what:28} {found:9.3f} {most if most is None else f'{most:9.3f}' or ''}  goal {goal:5.2f}  {'met' if found <= goal else 'MISSED'}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
