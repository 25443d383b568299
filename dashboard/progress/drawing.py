"""Figures of Plotly, made of bars, groups and marks, which charts counts and names.

Heights are laid out in pixels: the vertical axis of a figure counts them from its top. Every mark
carries the address of the records that it stands for, where there is one.
"""

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go

from dashboard.language import Translator, words
from dashboard.progress.palette import SHADE, Look, Part
from dashboard.progress.rows import Row
from dashboard.registry.model import StepState
from dashboard.registry.scalars import Day, Text, day

_NARROW = 350
"""Pixels that a picture has at the least: a phone of 390."""
_LABEL, _SMALL = 14, 13
_LINE, _BAR, _GAP = 19, 22, 15
_CHARS = 48
"""Letters of _LABEL size that fit into _NARROW."""
_CLEAR = "rgba(0,0,0,0)"
_STRIPES = "rgba(17,22,28,0.62)"
"""Darker than every colour of a bar, so that white figures on them stay readable."""
_FAINT = "rgba(128,136,144,0.3)"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: numbers and addresses by part; `total` records in all, which parts may count twice."""

    label: str
    numbers: Mapping[str, int]
    hrefs: Mapping[str, str]
    total: int
    href: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A dated mark: its day, the word beside it, what it is, what it says when pointed at."""

    on: Day
    label: str
    part: Part
    hover: tuple[str, ...]
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """Marks under a heading; each has a line of its own, so that words never lie on each other."""

    heading: tuple[str, ...]
    marks: tuple[Mark, ...]


# --- figures ----------------------------------------------------------------------------------------


def stacked(bars: Sequence[Bar], parts: Sequence[Part], tr: Translator) -> go.Figure:
    """Horizontal bars, each under its label, the number in each part where it fits."""
    longest = max(1, max(sum(bar.numbers.values()) for bar in bars))
    labels, places, y = [], [], 0.0
    for bar in bars:
        lines = [plain(line) for line in wrapped(bar.label, _CHARS - 4)]
        lines[-1] += f"&nbsp; <b>{plain(tr.number(bar.total))}</b>"
        labels.append(_words("<br>".join(lines), y))
        y += len(lines) * _LINE + 3
        places.append(y + _BAR / 2)
        y += (_BAR if any(bar.numbers.values()) else 0) + _GAP
    traces = [_bars_of(part, bars, places, tr) for part in parts]
    traces += _outlined_numbers(bars, parts, places, longest, tr)
    layout = {
        "annotations": labels,
        "xaxis": {"visible": False, "fixedrange": True, "range": [0, longest]},
    }
    return _figure(traces, layout, y - _GAP + 2, parts)


def _bars_of(part: Part, bars: Sequence[Bar], places: Sequence[float], tr: Translator) -> dict[str, Any]:
    held = [(bar, place, n) for bar, place in zip(bars, places, strict=True) if (n := bar.numbers.get(part.key))]
    return _key(
        part,
        type="bar",
        orientation="h",
        x=[n for _, _, n in held] or [None],
        y=[place for _, place, _ in held] or [None],
        width=_BAR,
        marker=_fill(part.look),
        text=[tr.number(n) for _, _, n in held],
        textposition="inside" if part.look.filled else "none",
        insidetextanchor="middle",
        textangle=0,
        insidetextfont={"color": "#ffffff", "size": _SMALL},
        customdata=[bar.hrefs.get(part.key, "") for bar, _, _ in held],
        hovertext=[_hover(bar.label, tr("{what}: {n}", what=capital(part.name), n=tr.number(n))) for bar, _, n in held],
    )


def _outlined_numbers(
    bars: Sequence[Bar], parts: Sequence[Part], places: Sequence[float], longest: int, tr: Translator
) -> list[dict[str, Any]]:
    """Numbers in parts that are only outlined: they stand on the ground of the page, in its colour."""
    xs, ys, texts = [], [], []
    for bar, place in zip(bars, places, strict=True):
        before = 0
        for part in parts:
            n = bar.numbers.get(part.key, 0)
            written = tr.number(n)
            if n and not part.look.filled and n / longest * _NARROW >= 9 * len(written) + 4:
                xs.append(before + n / 2)
                ys.append(place)
                texts.append(written)
            before += n
    if not texts:
        return []
    return [_mute(mode="text", x=xs, y=ys, text=texts, textfont={"size": _SMALL})]


_IN_A_ROW = 24


def marked(
    sides: Sequence[tuple[Bar, Sequence[Row]]], parts: Sequence[Part], tr: Translator, record: Callable[[str], str]
) -> go.Figure:
    """Marks in rows under the name of each side."""
    labels, y = [], 0.0
    held: dict[str, list[tuple[int, float, Row]]] = {part.key: [] for part in parts}
    for bar, rows in sides:
        labels.append(_words(f"{plain(bar.label)}&nbsp; <b>{plain(tr.number(bar.total))}</b>", y))
        y += _LINE + 14
        for n, row in enumerate(rows):
            held[row.status].append((n % _IN_A_ROW, y + n // _IN_A_ROW * 24, row))
        y += math.ceil(len(rows) / _IN_A_ROW) * 24 + 6
    traces = [
        _key(
            part,
            type="scatter",
            mode="markers",
            x=[x for x, _, _ in held[part.key]],
            y=[at for _, at, _ in held[part.key]],
            marker=_marker(part.look, 12),
            customdata=[record(row.id) for _, _, row in held[part.key]],
            hovertext=[_hover(said(row.record.title, tr), part.name) for _, _, row in held[part.key]],
        )
        for part in parts
    ]
    layout = {"annotations": labels, "xaxis": {"visible": False, "fixedrange": True, "range": [-0.5, _IN_A_ROW - 0.5]}}
    return _figure(traces, layout, y, parts)


def along_time(groups: Sequence[Group], parts: Sequence[Part], tr: Translator) -> go.Figure:
    """Groups of dated marks below each other; a day that is not exact is a span with its mark in the middle."""
    headings, placed, y = [], [], 4.0
    for group in groups:
        if group.heading:
            headings.append(_words("<br>".join(group.heading), y))
            y += len(group.heading) * _LINE + 12
        placed += [(mark, y + 8 + 24 * n) for n, mark in enumerate(group.marks)]
        y += 24 * len(group.marks) + 12
    first, last = min(mark.on.first for mark, _ in placed), max(mark.on.last for mark, _ in placed)
    edge = max((last - first) * 0.05, timedelta(days=12))
    first, last = first - edge, last + edge
    traces = [*_spans(placed), *(_dots(part, placed) for part in parts), _beside(placed, first, last)]
    return _figure(traces, {"annotations": headings, "xaxis": _dates(first, last, tr)}, y - 8, parts, top=26)


def _spans(placed: Sequence[tuple[Mark, float]]) -> list[dict[str, Any]]:
    xs: list[str | None] = []
    ys: list[float | None] = []
    for mark, y in placed:
        if mark.on.first != mark.on.last:
            xs += [mark.on.first.isoformat(), mark.on.last.isoformat(), None]
            ys += [y, y, None]
    line = {"color": SHADE, "width": 3}
    return [_mute(mode="lines", x=xs, y=ys, line=line, opacity=0.6)] if xs else []


def _dots(part: Part, placed: Sequence[tuple[Mark, float]]) -> dict[str, Any]:
    held = [(mark, y) for mark, y in placed if mark.part.key == part.key]
    return _key(
        part,
        type="scatter",
        mode="markers",
        x=[(mark.on.first + (mark.on.last - mark.on.first) / 2).isoformat() for mark, _ in held],
        y=[y for _, y in held],
        marker=_marker(part.look),
        cliponaxis=False,
        customdata=[mark.href for mark, _ in held],
        hovertext=[_hover(*mark.hover) for mark, _ in held],
    )


def _beside(placed: Sequence[tuple[Mark, float]], first: date, last: date) -> dict[str, Any]:
    """The word of each mark, on that side of it where there is more room, cut to what fits a phone."""
    xs, texts, sides, gap = [], [], [], "&nbsp;" * 5
    for mark, _ in placed:
        left, right = mark.on.first - first, last - mark.on.last
        room = int(max(left, right) / (last - first) * _NARROW / 7) - 3
        xs.append((mark.on.last if right >= left else mark.on.first).isoformat())
        texts.append(f"{gap}{plain(_cut(mark.label, max(room, 8)))}{gap}")
        sides.append("middle right" if right >= left else "middle left")
    ys = [y for _, y in placed]
    return _mute(mode="text", x=xs, y=ys, text=texts, textposition=sides, textfont={"size": _SMALL}, cliponaxis=False)


def _dates(first: date, last: date, tr: Translator) -> dict[str, Any]:
    """An axis of days, named on top: years, months where there are less than two years, or one day."""
    months = [
        date(y, m, 1) for y in range(first.year, last.year + 1) for m in range(1, 13) if first <= date(y, m, 1) <= last
    ]
    years = [month for month in months if month.month == 1]
    ticks = years[:: math.ceil(len(years) / 5)] if len(years) > 1 else months[:: math.ceil(len(months) / 3) or 1]
    ticks = ticks or [first + (last - first) / 2]
    names = [str(tick.year) if tick.month == 1 and len(years) > 1 else _month(tick, tr) for tick in ticks]
    return {
        "type": "date", "fixedrange": True, "range": [first.isoformat(), last.isoformat()], "side": "top",
        "tickmode": "array", "tickvals": [tick.isoformat() for tick in ticks], "ticktext": [plain(name) for name in names],
        "tickfont": {"size": 12}, "ticks": "", "showgrid": True, "gridcolor": _FAINT, "gridwidth": 1,
        "showline": False, "zeroline": False, "automargin": False,
    }  # fmt: skip


def _month(tick: date, tr: Translator) -> str:
    return tr.day(day(f"{tick:%Y-%m}"))


def in_steps(rows: Sequence[Row], parts: Sequence[Part], tr: Translator, record: Callable[[str], str]) -> go.Figure:
    """The steps of each record in their order, as marks on a line under its title."""
    labels, y = [], 0.0
    held: dict[str, list[tuple[int, float, str, str]]] = {part.key: [] for part in parts}
    line: dict[str, list[Any]] = {"x": [], "y": []}
    for row in rows:
        title = said(row.record.title, tr)
        lines = [plain(each) for each in wrapped(title)]
        labels.append(_words("<br>".join(lines), y))
        y += len(lines) * _LINE + 14
        line["x"] += [1, len(row.record.steps), None]
        line["y"] += [y, y, None]
        for n, step in enumerate(row.record.steps, 1):
            told = _hover(title, tr("Step {n}: {step}", n=n, step=said(step.step, tr)), tr(words.STEP[step.state]))
            held[step.state].append((n, y, told, record(row.id)))
        y += 30
    most = max(8, *(len(row.record.steps) for row in rows))
    traces = [_mute(mode="lines", **line, line={"color": _FAINT, "width": 2})]
    for part in parts:
        unknown = part.key == StepState.UNKNOWN
        found = held[part.key]
        traces.append(
            _key(
                part,
                type="scatter",
                mode="markers+text" if unknown else "markers",
                x=[n for n, _, _, _ in found],
                y=[at for _, at, _, _ in found],
                marker=_marker(part.look, 17),
                text=["?" for _ in found] if unknown else None,
                textfont={"size": 12},
                customdata=[href for _, _, _, href in found],
                hovertext=[told for _, _, told, _ in found],
            )
        )
    layout = {"annotations": labels, "xaxis": {"visible": False, "fixedrange": True, "range": [0.78, most + 0.22]}}
    return _figure(traces, layout, y - 12, parts)


_TALL = 240


def columns(days: Sequence[date], bars: Sequence[Bar], parts: Sequence[Part], tr: Translator) -> go.Figure:
    """Standing bars, a day each, without gaps between them: steps over time."""
    ticks, tallest = _year_starts(days), max(bar.total for bar in bars)
    rounds = _rounds(tallest)
    traces = [trace for part in parts for trace in _column(part, bars, tr)]
    traces.append(_roof(bars))
    below = 26 + _legend_height([part.name for part in parts], _NARROW)
    layout = {
        "bargap": 0,
        "height": 8 + _TALL + below,
        "margin": {"l": 34, "r": 4, "t": 8, "b": below, "autoexpand": False},
        "xaxis": {
            "fixedrange": True, "range": [-0.6, len(bars) - 0.4], "tickmode": "array", "tickvals": list(ticks), "ticks": "outside",
            "ticktext": [str(year) for year in ticks.values()], "tickfont": {"size": 12}, "showgrid": False, "zeroline": False,
        },
        "yaxis": {
            "fixedrange": True, "range": [0, tallest * 1.04], "tickmode": "array", "tickvals": rounds,
            "ticktext": [tr.number(n) for n in rounds], "tickfont": {"size": 12}, "gridcolor": _FAINT, "zeroline": False,
        },
        "legend": {**_legend(_TALL), "y": -34 / _TALL},
    }  # fmt: skip
    return _figure(traces, layout, _TALL, parts)


def _column(part: Part, bars: Sequence[Bar], tr: Translator) -> list[dict[str, Any]]:
    """One part of all columns. An outlined one is pale here, as outlines would fence every quarter off."""
    held = [(n, bar) for n, bar in enumerate(bars) if part.key in bar.numbers]
    drawn = _key(
        part,
        type="bar",
        x=[n for n, _ in held],
        y=[bar.numbers[part.key] for _, bar in held],
        marker=_fill(part.look) if part.look.filled else {"color": _FAINT, "line": {"width": 0}},
        showlegend=part.look.filled,
        customdata=[bar.hrefs.get(part.key, "") for _, bar in held],
        hovertext=[
            _hover(bar.label, tr("{what}: {n}", what=part.name, n=tr.number(bar.numbers[part.key]))) for _, bar in held
        ],
    )
    if part.look.filled:
        return [drawn]
    pale = {"color": _FAINT, "line": {"color": part.look.colour, "width": 1.5}}
    return [drawn, _key(part, type="bar", x=[None], y=[None], marker=pale)]


def _roof(bars: Sequence[Bar]) -> dict[str, Any]:
    """A line over all columns: what is pale below it has an edge."""
    heights = [bar.total for bar in bars]
    xs = [-0.5, *range(len(bars)), len(bars) - 0.5]
    line = {"color": SHADE, "width": 1.5, "shape": "hvh"}
    return _mute(mode="lines", x=xs, y=[heights[0], *heights, heights[-1]], line=line)


def _year_starts(days: Sequence[date]) -> dict[int, int]:
    """Place of the first day of each year to the year, thinned to what fits into a narrow picture."""
    starts = {n: on.year for n, on in enumerate(days) if n == 0 or days[n - 1].year != on.year}
    every = math.ceil(len(starts) / 6)
    kept = list(starts.items())[::-1][::every][::-1]
    return dict(kept)


def _rounds(most: int) -> list[int]:
    """At most five round numbers up to `most`, 0 among them."""
    step = next((step for power in range(7) for one in (1, 2, 5) if most <= 4 * (step := one * 10**power)), most)
    return list(range(0, most + 1, step))


def only_words(text: str) -> go.Figure:
    """In place of a picture where there is nothing to draw."""
    return _figure([], {"annotations": [_note(text, 10, size=_LABEL)]}, 32, [])


def slack(figure: go.Figure) -> int:
    """Pixels for the legend of a phone that stay empty from 680 pixels of width up."""
    return _legend_height(names := _legend_names(figure), _NARROW) - _legend_height(names, 680)


_WIDE = 1200
_SIDE = 40


def to_take_away(figure: go.Figure, title: str, notes: Sequence[str]) -> go.Figure:
    """The same figure with its title above and notes below it: black on white, _WIDE pixels."""
    drawn = figure.to_plotly_json()
    layout, legend = drawn["layout"], _legend_names(figure)
    lines = wrapped(title, 80, 3)
    foot = [line for text in notes for line in wrapped(text, 150, 3)]
    margin, old = layout["margin"], layout["margin"]["b"]
    axis = old - _legend_height(legend, _NARROW)
    below = axis + _legend_height(legend, _WIDE - 2 * _SIDE) + 14
    inner = layout["height"] - margin["t"] - old
    top = 30 + 31 * len(lines) + margin["t"]
    bottom = below + 18 * len(foot) + 18
    # As annotations: a title of Plotly's own grows upwards out of the picture where it has several lines.
    beside = {"yref": "paper", "xshift": 2 - margin["l"]}
    heading = "<br>".join(f"<b>{plain(line)}</b>" for line in lines)
    around = [
        _words(heading, 1, 24, **beside, yanchor="bottom", yshift=margin["t"] + 10),
        _words("<br>".join(map(plain, foot)), 0, _SMALL, **beside, yshift=-below),
    ]
    layout |= {
        "template": {"layout": {}},
        "width": _WIDE,
        "height": inner + top + bottom,
        "margin": {"l": _SIDE + margin["l"], "r": _SIDE, "t": top, "b": bottom, "autoexpand": False},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "font": {"color": "#000000", "family": "Source Sans, Source Sans 3, Noto Sans, sans-serif", "size": _LABEL},
        "annotations": [*layout.get("annotations", ()), *around],
    }  # fmt: skip
    return go.Figure(drawn)


# --- what they are made of --------------------------------------------------------------------------


def _figure(
    traces: Sequence[dict[str, Any]], layout: dict[str, Any], height: float, parts: Sequence[Part], top: int = 2
) -> go.Figure:
    """A figure whose vertical axis counts pixels from the top, with its legend below."""
    legend = _legend_height([part.name for part in parts], _NARROW)
    # Not validated: that takes ten times as long as the rest. The tests validate every figure instead.
    return go.Figure(
        {
            "data": list(traces),
            "layout": {
                "height": round(height + top + legend),
                "margin": {"l": 2, "r": 2, "t": top, "b": legend, "autoexpand": False},
                "xaxis": {"visible": False, "fixedrange": True},
                "yaxis": {"visible": False, "fixedrange": True, "range": [height, 0]},
                "barmode": "stack",
                "dragmode": False,
                "hovermode": "closest",
                "hoverlabel": {"align": "left"},
                "showlegend": bool(parts),
                "legend": _legend(height),
                "uniformtext": {"mode": "hide", "minsize": 11},
                **layout,
            },
        },
        _validate=False,
    )


def _legend(height: float) -> dict[str, Any]:
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": -12 / max(height, 1),
        "yanchor": "top",
        "traceorder": "normal",
        "itemclick": False,
        "itemdoubleclick": False,
        "itemsizing": "constant",
        "title": {"text": ""},
        "font": {"size": _SMALL},
    }


def _legend_height(names: Sequence[str], width: int) -> int:
    """Pixels that a legend takes: entries stand in columns as wide as the widest."""
    if not names:
        return 2
    widest = 48 + 7 * max(map(len, names))
    return 22 + 20 * math.ceil(len(names) / max(1, width // widest))


def _legend_names(figure: go.Figure) -> list[str]:
    return [trace.name for trace in figure.data if trace.name and trace.showlegend is not False]


def _key(part: Part, **trace: Any) -> dict[str, Any]:
    """What every trace of a part has; an empty one only stands in the legend."""
    return {"name": plain(capital(part.name)), "hoverinfo": "text", **trace}


def _mute(**trace: Any) -> dict[str, Any]:
    """A trace beside the parts: neither in the legend nor to be pointed at."""
    return {"type": "scatter", "hoverinfo": "skip", "showlegend": False, **trace}


def _note(text: str, y: float, size: int = _LABEL, **more: Any) -> dict[str, Any]:
    """Words of ours at the left edge, `y` pixels from the top; `text` is cut and made plain here."""
    return _words("<br>".join(map(plain, wrapped(text))), y, size, **more)


def _words(made: str, y: float, size: int = _LABEL, **more: Any) -> dict[str, Any]:
    return {
        "text": made,
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": y,
        "yref": "y",
        "yanchor": "top",
        "align": "left",
        "showarrow": False,
        "borderpad": 0,
        "font": {"size": size},
        **more,
    }


def _marker(look: Look, size: int = 14) -> dict[str, Any]:
    outlined = "open" in look.symbol
    return {"color": look.colour, "symbol": look.symbol, "size": size, "line": {"width": 2.2 if outlined else 0, "color": look.colour}}  # fmt: skip


def _fill(look: Look) -> dict[str, Any]:
    if not look.filled:
        return {"color": _CLEAR, "line": {"color": look.colour, "width": 1.5}}
    found: dict[str, Any] = {"color": look.colour, "line": {"width": 0}}
    if look.pattern:
        # With any other fillmode the bars were not to be seen on light ground.
        found["pattern"] = {
            "shape": look.pattern, "fillmode": "overlay", "fgcolor": _STRIPES, "fgopacity": 1, "size": 9, "solidity": 0.2,
        }  # fmt: skip
    return found


# --- words in them ----------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Letters as letters: Plotly reads tags, entities and, between dollar signs, TeX."""
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("$", "&#36;")):
        text = text.replace(sign, entity)
    return text


def _hover(*texts: str) -> str:
    return "<br>".join(plain(line) for text in texts if text for line in wrapped(text, 46, 6))


def wrapped(text: str, width: int = _CHARS, lines: int = 2) -> list[str]:
    if len(text) <= width and "\n" not in text:
        return [text]
    return textwrap.wrap(text, width, max_lines=lines, placeholder=" …") or [""]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def said(text: Text, tr: Translator) -> str:
    return text.shown(tr.language)[0]
