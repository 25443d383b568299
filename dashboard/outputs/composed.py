"""Each page as a row of pieces: words, pictures, and the place of the controls.

The web server sends the words of these pieces ahead; Streamlit draws the same row, so that a page
reads the same before and after its script has come.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dashboard.outputs import pages, pictures
from dashboard.outputs.view import View
from dashboard.progress.charts import Chart


@dataclass(frozen=True, slots=True)
class Controls:
    """Where the filter bar stands."""


@dataclass(frozen=True, slots=True)
class Later:
    """A picture that is drawn only when somebody asks to see it: its script weighs more than all the words."""

    name: str
    label: str
    make: Callable[[], Chart | None]


Piece = str | Chart | Controls | Later


REMEMBERED = 64
"""Pages whose pieces are kept: some tens of KB each."""


def page(view: View) -> Sequence[Piece]:
    """The pieces of the page that the reader is on, between its head and its foot.

    Remembered: the server draws them as words and then for Streamlit, and in a room where one address is
    passed on everybody asks for the same. But for a record: it tells what git holds, which may change by itself.
    """
    return tuple(_pieces(view)) if view.place.path == "/record" else _page(view, id(view.links))


def forget() -> None:
    """Lets go of all pages: of a registry that is not shown any more nothing is kept alive."""
    _page.cache_clear()


@lru_cache(maxsize=REMEMBERED)
def _page(view: View, links: int) -> tuple[Piece, ...]:
    """Of a view as it compares, which leaves out what was found of links: a new state of that is a new object,
    and the view that is remembered keeps the old one alive, so that no other has its number.
    """
    return tuple(_pieces(view))


def _pieces(view: View) -> Iterator[Piece]:
    if view.unpublished:
        yield pages.unpublished(view)
        return
    match view.place.path:
        case "/":
            yield pages.start(view)
            yield from _drawn(view, "themes", "known", "over-time")
        case "/points":
            yield pages.points_head(view)
            yield Controls()
            yield pages.points_sum(view)
            if (wanted := view.asked("picture")) in pictures.OF_POINTS:
                yield from _drawn(view, wanted)
            yield pages.points(view, view.asked("page") or "1")
        case "/record":
            yield pages.record(view, view.asked("id")) or pages.missing(view, view.asked("id"))
            if pages.standing_of(view, view.asked("id")):
                yield _later(view, "timeline", view.tr("Draw its dates as a picture"))
        case "/actors":
            yield pages.actors_head(view)
            yield Controls()
            yield pages.actors(view)
            yield from _drawn(view, "actors", "says")
        case "/sources":
            yield pages.sources(view)
        case "/changes":
            yield pages.changes_head(view)
            yield Controls()
            yield pages.changed(view)
            yield from _drawn(view, "moved", "over-time")
        case "/desk":
            yield pages.desk(view)
            yield from _drawn(view, "looks")
        case "/method":
            yield pages.method(view)
        case "/coverage":
            yield pages.coverage(view)
        case "/about":
            yield pages.about(view)
        case _:
            yield pages.nowhere(view)


def title(view: View) -> str:
    """What a browser's tab and a link preview call the page."""
    tr = view.tr
    named = {
        "/points": tr("All points"),
        "/actors": tr("Who must act"),
        "/sources": tr("Sources"),
        "/changes": tr("What changed"),
        "/desk": tr("Editor’s desk"),
        "/method": tr("How we judge"),
        "/coverage": tr("What is covered"),
        "/about": tr("About and corrections"),
        "/report-change": tr("Report a change"),
        "/answer": tr("Answer for your institution"),
        "/receipt": tr("What became of a message"),
    }.get(view.place.path, "")
    if view.place.path == "/record" and view.asked("id") in view.registry.records:
        named = pages.title(view, view.asked("id"))
    return " · ".join(filter(None, (named, tr("Asked and promised"))))


def exists(view: View) -> bool:
    """Whether there is something at the address: a page that we have, a record that is there."""
    if view.place.path == "/record":
        return view.asked("id") in view.registry.records
    return view.place.path in PATHS


PATHS = (
    "/", "/points", "/record", "/actors", "/sources", "/changes", "/desk", "/method", "/coverage", "/about", "/report-change", "/answer", "/receipt",
)  # fmt: skip


def _drawn(view: View, *names: str) -> Iterator[Piece]:
    """Pictures with what stands above and under each; one that has nothing to show is left out."""
    for name in names:
        if chart := pictures.named(view, name):
            yield pages.chart_head(view, chart)
            yield _later(view, name, view.tr("Draw the picture")) if view.frugal else chart
            yield pages.chart_foot(view, chart)


def _later(view: View, name: str, label: str) -> Later:
    return Later(name, label, lambda: pictures.named(view, name))
