"""One measure over time: the line with its band, what is provisional, and the last value in large.

Belongs here: the time chart of one unit. Does not: many units at once (multiples.py, rows.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from pipeline.report import words
from pipeline.report.annotations import event_marks, gap_marks, place, room_above
from pipeline.report.axes import Plot, axes, steps
from pipeline.report.drawing import (
    BAND,
    EDGE,
    INK,
    SCREENS,
    SOFT,
    TIDE,
    WHITE,
    Column,
    Drawing,
    Layer,
    Screen,
    Size,
    Spec,
    draw,
    layered,
    rows,
    text_width,
)  # fmt: skip
from pipeline.report.published import Event, Figure
from pipeline.report.stretches import pieces, runs, sentence, still_open

DENSE = 16
"""Above so many figures the line alone is drawn, without a point for each."""


def curve(
    name: str, series: Sequence[Figure], of: words.Kind, column: Column, *, what: str,
    events: Sequence[Event], named: bool = True, title: str = "", measure: str = "", height: float = 230,
    needed: float | None = None, reach: float = 0, screens: Sequence[Screen] = SCREENS,
) -> Drawing:  # fmt: skip
    """The series drawn for these screens. `what` begins the sentence that stands for it.

    `named` False leaves the events' names to the chart above on the same time axis; `needed` is a dashed line; the
    values' axis goes at least from -`reach` to `reach`, so that noise looks like noise.
    """
    return draw(
        name, sentence(series, of, what), column, title=title, measure=measure, screens=screens,
        chart=lambda size: _chart(series, of, events, size, named=named, height=height, needed=needed, reach=reach),
    )  # fmt: skip


def _chart(
    series: Sequence[Figure],
    of: words.Kind,
    events: Sequence[Event],
    size: Size,
    *,
    named: bool,
    height: float,
    needed: float | None,
    reach: float,
) -> Spec:
    said = [f for f in series if f.said]
    ends = [end for f in said for end in (f.value, f.low, f.high, needed) if end is not None]
    high, low = max([reach, *ends]), min([-reach, 0.0, *ends])
    ticks = steps(high if high > 0 or low < 0 else 0.1, low, most=4 if height > 120 and not size.paper else 2)
    first, last = series[0].end.toordinal(), series[-1].end.toordinal()
    if first == last:
        first, last = first - 14, last + 14
    left, right = size.pick(44, 40, 32), size.pick(104, 92, 74)
    width, tall = size.width - left - right, size.pick(height, height * 0.86, height * 0.31)
    plot = Plot(size, width, tall, first, last, ticks[0], ticks[-1])
    labels = place(events, plot) if named else []
    layers = [
        *axes(plot, ticks, of), *event_marks(plot, events, labels, said), *gap_marks(plot, series), *_band(plot, series),
        *_needed(plot, needed), *_line(plot, series), *_points(plot, said), *_end(plot, said, of),
    ]  # fmt: skip
    return layered(layers, width=plot.width, height=plot.height, pad=(room_above(labels, plot), right, size.text * 2, left))


def _band(plot: Plot, series: Sequence[Figure]) -> list[Layer]:
    """The interval: a fill that is never without its edge; a whisker where a stretch is one figure long."""
    bands: list[dict[str, Any]] = []
    whiskers: list[dict[str, Any]] = []
    for number, run in enumerate(runs(series)):
        bounded = [f for f in run if f.low is not None and f.high is not None]
        data = [{"day": f.end.toordinal(), "low": f.low, "high": f.high, "run": number} for f in bounded]
        (bands if len(data) > 1 else whiskers).extend(data)
    layers: list[Layer] = []
    each = alt.Detail("run:N")
    if bands:
        base = alt.Chart(rows(bands))
        layers.append(base.mark_area(color=BAND).encode(x=plot.x(), y=plot.y("low"), y2=alt.Y2("high:Q"), detail=each))
        edge = base.mark_line(color=EDGE, strokeWidth=0.8)
        layers += [edge.encode(x=plot.x(), y=plot.y(end), detail=each) for end in ("low", "high")]
    if whiskers:
        base = alt.Chart(rows(whiskers))
        layers.append(base.mark_rule(color=TIDE, strokeWidth=1.6).encode(x=plot.x(), y=plot.y("low"), y2=alt.Y2("high:Q")))
        cap = base.mark_tick(orient="horizontal", color=TIDE, size=8, thickness=1.6)
        layers += [cap.encode(x=plot.x(), y=plot.y(end)) for end in ("low", "high")]
    return layers


def _needed(plot: Plot, needed: float | None) -> list[Layer]:
    if needed is None:
        return []
    line = alt.Chart(rows([{"day": plot.first, "to": plot.last, "value": needed}])).mark_rule(color=INK, strokeDash=[3, 3])
    return [line.encode(x=plot.x(), x2=alt.X2("to:Q"), y=plot.y())]


def _line(plot: Plot, series: Sequence[Figure]) -> list[Layer]:
    """Solid where it will stay, dashed where it is provisional."""
    drawn: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for number, (loose, figures) in enumerate(pieces(series)):
        drawn[loose] += [{"day": f.end.toordinal(), "value": f.value, "run": number} for f in figures]
    wide = plot.size.pick(2.6, 2.4, 1.8)
    return [
        alt.Chart(rows(data))
        .mark_line(color=TIDE, strokeWidth=wide, strokeDash=dash, strokeJoin="round")
        .encode(x=plot.x(), y=plot.y(), detail=alt.Detail("run:N"))
        for loose, dash in ((False, [1, 0]), (True, [5, 4]))
        if (data := drawn[loose])
    ]


def _points(plot: Plot, said: Sequence[Figure]) -> list[Layer]:
    """A point for each figure of a short series, for the last of a long one; hollow where provisional."""
    shown = said if len(said) <= DENSE else said[-1:]
    data = [{"day": f.end.toordinal(), "value": f.value, "fill": WHITE if f.provisional else TIDE} for f in shown]
    mark = alt.Chart(rows(data)).mark_point(
        filled=True, size=plot.size.pick(64, 52, 26), stroke=TIDE, strokeWidth=plot.size.pick(2.2, 2, 1.3), opacity=1
    )
    return [mark.encode(x=plot.x(), y=plot.y(), fill=alt.Fill("fill:N", scale=None))] if data else []


def _end(plot: Plot, said: Sequence[Figure], of: words.Kind) -> list[Layer]:
    """The last value, large, at the line's end; its interval and standing beneath."""
    if not said:
        return []
    last, size = said[-1], plot.size
    value, between = words.value_of(last, of), words.range_of(last, of)
    notes = (
        [between.replace(" to ", " to\n")] if text_width(between, size.text) > size.pick(94, 82, 66) else [between] * bool(between)
    )
    loose = still_open(said)
    if loose:
        notes += [f"last {((last.end - loose[0].start).days + 1) // 7} weeks"] * (len(loose) > 1) + ["provisional"]
    note = "\n".join(notes)
    big = size.big if text_width(value, size.big, bold=True) < size.pick(94, 82, 66) else size.text * 1.1
    line = size.text * 1.22
    deep = big * 0.62 + line * len(note.split("\n")) * bool(note)
    middle = min(max(plot.down(last.value or 0), big * 0.4), max(plot.height - deep, big * 0.4))
    at = rows([{"day": last.end.toordinal(), "value": plot.value_at(middle), "text": value, "note": note}])
    large = alt.Chart(at).mark_text(align="left", baseline="middle", dx=9, fontSize=big, fontWeight=700, color=TIDE)
    layers = [large.encode(x=plot.x(), y=plot.y(), text=alt.Text("text:N"))]
    if note:
        beneath = alt.Chart(at).mark_text(
            align="left",
            baseline="top",
            dx=10,
            dy=big * 0.62,
            fontSize=size.text,
            color=SOFT,
            lineHeight=line,
            lineBreak="\n",
        )
        layers.append(beneath.encode(x=plot.x(), y=plot.y(), text=alt.Text("note:N")))
    return layers
