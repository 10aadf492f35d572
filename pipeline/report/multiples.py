"""The same measure for many units, side by side on the same axes.

Belongs here: small multiples. Does not: the choice of units and of the one that is shown in warm (the blocks).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from pipeline.report import words
from pipeline.report.annotations import shown
from pipeline.report.axes import steps
from pipeline.report.drawing import (
    GREY,
    GRID,
    HATCH,
    INK,
    OTHER,
    PLAIN,
    SOFT,
    TIDE,
    WARM,
    WHITE,
    Drawing,
    Size,
    Spec,
    combined,
    draw,
    fixed,
    rows,
    wrap,
)  # fmt: skip
from pipeline.report.published import Event, Figure
from pipeline.report.stretches import pieces

MOST = 24
"""More units than this are in the table only: the eye compares no further."""

EVENT = 5
"""How far the stroke of an event hangs below a panel, in pixels: a line up to the curve would fence it in."""

Units = Mapping[str, Sequence[Figure]]
Rows = list[dict[str, Any]]


def multiples(
    name: str, units: Units, of: words.Kind, *, what: str, events: Sequence[Event], exception: str = "", title: str = "",
    measure: str = "",
) -> Drawing:  # fmt: skip
    """One panel a unit, in the order given; the exception in warm, the others in grey behind each."""
    drawn = dict(list(units.items())[:MOST])
    texts = [f"{unit} {_standing(figures, of)}" for unit, figures in drawn.items()]
    return draw(
        name, f"{what}: {'; '.join(texts)}.", "full", lambda size: _chart(drawn, of, events, exception, size),
        title=title, measure=measure,
    )  # fmt: skip


def _standing(figures: Sequence[Figure], of: words.Kind) -> str:
    last = figures[-1] if figures else None
    return words.with_range(last, of) if last and last.said else words.why_not(last)


def _chart(units: Units, of: words.Kind, events: Sequence[Event], exception: str, size: Size) -> Spec:
    columns = int(size.pick(8, 2, 8))
    columns = min(columns, max(len(units), columns // 2))
    gap = size.pick(18, 18, 12)
    width, height = (size.width - gap * (columns - 1)) / columns, size.pick(108, 76, 50)
    plot_width, line = width - size.text * 3.1, size.text * 1.24
    days = [f.end.toordinal() for figures in units.values() for f in figures]
    first, last = min(days), max(*days, min(days) + 1)
    most = max((f.value or 0 for figures in units.values() for f in figures if f.said), default=0) or 0.1
    ticks = [tick for tick in steps(most, most=3) if tick <= most]
    right = first + (last - first) * width / plot_width
    x = alt.X("day:Q", axis=None, scale=alt.Scale(domain=[first, right], nice=False, zero=False))
    y = alt.Y("value:Q", axis=None, scale=alt.Scale(domain=[0, most * 1.05], nice=False, zero=False))

    panels: Rows = []
    for number, (unit, figures) in enumerate(units.items()):
        ink = WARM if unit == exception else TIDE
        own = [*_name(unit, width, size), *_panel(figures, of, ink), *_ticks(ticks, of, labelled=number % columns == 0)]
        own += _events(shown(events, first, last))
        panels += [row | {"unit": unit, "ink": ink} for row in own]
    context = [row | {"who": unit} for unit, figures in units.items() for row in _line(figures, every=3)]

    def marks(what: str) -> Any:
        return alt.Chart().transform_filter(f"datum.what == '{what}'")

    colour, run = alt.Color("ink:N", scale=None), alt.Detail("run:N")
    grid = alt.condition("datum.value == 0", alt.value(GREY), alt.value(GRID))
    thick = size.pick(2.3, 2.2, 1.6)
    small: dict[str, Any] = {"align": "left", "baseline": "top", "fontSize": size.text}
    layers: list[Any] = [
        marks("tick").mark_rule().encode(y=y, x=fixed("x", 0), x2=fixed("x2", width), color=grid),
        alt.Chart(rows(context)).mark_line(color=OTHER, strokeWidth=1)
        .encode(x=x, y=y, detail=[alt.Detail("who:N"), run]),
        marks("tick").mark_text(align="left", baseline="bottom", dy=-2, fontSize=size.text, color=SOFT)
        .encode(y=y, x=fixed("x", 0), text=alt.Text("text:N")),
        marks("event").mark_rule(color=GREY).encode(x=x, y=fixed("y", height), y2=fixed("y2", height + EVENT)),
        marks("solid").mark_line(strokeWidth=thick).encode(x=x, y=y, detail=run, color=colour),
        marks("dashed").mark_line(strokeWidth=thick, strokeDash=[4, 3]).encode(x=x, y=y, detail=run, color=colour),
        marks("hidden").mark_rect(fill=HATCH, stroke=GREY, strokeWidth=0.8).encode(
            x=fixed("x", 0), x2=fixed("x2", plot_width), y=fixed("y", height * 0.5), y2=fixed("y2", height)
        ),
        marks("point").mark_point(filled=True, opacity=1, size=size.pick(26, 24, 14), strokeWidth=1.5)
        .encode(x=x, y=y, fill=alt.Fill("fill:N", scale=None), stroke=alt.Stroke("ink:N", scale=None)),
        marks("point").mark_text(align="left", dx=6, fontSize=size.text, fontWeight=700)
        .encode(x=x, y=y, text=alt.Text("text:N"), color=colour),
        marks("note").mark_text(**small, color=SOFT)
        .encode(x=fixed("x", 0), y=fixed("y", -line - 8), text=alt.Text("text:N")),
        *(
            marks(f"name {row}").mark_text(**small, fontWeight=700)
            .encode(x=fixed("x", 0), y=fixed("y", -line * (row + 2) - 8), text=alt.Text("text:N"),
                    color=alt.condition(f"datum.ink == '{WARM}'", alt.value(WARM), alt.value(INK)))
            for row in (0, 1)
        ),
    ]  # fmt: skip
    # A wall of panels has no size of its own in Vega once nothing but the plots may count: it is given one here.
    above, between = line * 3 + 10, line * 4 + 4
    deep = above + height + (-(-len(units) // columns) - 1) * (height + between) + EVENT + 1
    nothing = {"labelExpr": "''", "labelFontSize": 0, "labelPadding": 0, "title": None}
    inner = combined(layers)
    return {
        "$schema": alt.SCHEMA_URL, "data": {"values": panels}, "datasets": inner.pop("datasets"), "config": PLAIN,
        "facet": {"field": "unit", "type": "nominal", "sort": list(units), "header": nothing},
        "columns": columns, "spec": inner | {"width": width, "height": height},
        "bounds": "flush", "spacing": {"row": between, "column": gap}, "autosize": {"type": "none"},
        "padding": {"top": above, "right": 0, "bottom": 0, "left": 0}, "usermeta": {"extent": [size.width, deep]},
    }  # fmt: skip


def _name(unit: str, width: float, size: Size) -> Rows:
    """The unit's name on one line or two, of which the lower is number 0."""
    name = wrap(unit, width, size.text, bold=True)
    return [{"what": f"name {len(name) - 1 - row}", "text": text} for row, text in enumerate(name)]


def _panel(figures: Sequence[Figure], of: words.Kind, ink: str) -> Rows:
    """The line of one panel, and its last figure or what stands in its place."""
    found: Rows = [row | {"what": "dashed" if row["dashed"] else "solid"} for row in _line(figures)]
    last = figures[-1] if figures else None
    if last and last.said:
        found.append({
            "what": "point", "day": last.end.toordinal(), "value": last.value, "text": words.value_of(last, of),
            "fill": WHITE if last.provisional else ink,
        })  # fmt: skip
        found.append({"what": "note", "text": words.range_of(last, of)})
    else:
        found.append({"what": "note", "text": words.cell(last, of)})
        if last and last.status == "suppressed":
            found.append({"what": "hidden"})
    return found


def _line(figures: Sequence[Figure], every: int = 1) -> Rows:
    """The points of a unit's line by stretch, or every so many of them and the ends."""
    return [
        {"run": number, "day": f.end.toordinal(), "value": f.value, "dashed": loose}
        for number, (loose, piece) in enumerate(pieces(figures))
        for place, f in enumerate(piece)
        if place % every == 0 or place == len(piece) - 1
    ]


def _events(events: Sequence[Event]) -> Rows:
    return [{"what": "event", "event": event.label, "day": event.day.toordinal()} for event in events]


def _ticks(ticks: Sequence[float], of: words.Kind, *, labelled: bool) -> Rows:
    return [{"what": "tick", "value": tick, "text": words.say(tick, of) if labelled and tick else ""} for tick in ticks]
