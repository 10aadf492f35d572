"""One row a unit on a common scale: dots with whiskers, and a bar that is cut into its parts.

Belongs here: comparisons at one time. Does not: time (curve.py, multiples.py), or which rows to show (the blocks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

from pipeline.report import words
from pipeline.report.axes import steps
from pipeline.report.changes import Change
from pipeline.report.drawing import (
    GREY,
    GRID,
    HATCH,
    INK,
    OTHER,
    SOFT,
    TIDE,
    WARM,
    WHITE,
    Column,
    Drawing,
    Layer,
    Size,
    Spec,
    draw,
    fixed,
    layered,
    rows,
    text_width,
    wrap,
)  # fmt: skip
from pipeline.report.published import Figure


@dataclass(frozen=True)
class Row:
    """What a row draws: its name, its dot with whisker, its hollow square, the text at its end or in the dot's place."""

    name: str
    text: str
    spoken: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    square: float | None = None
    hollow: bool = False
    hidden: bool = False
    instead: str = ""
    strong: bool = False
    exception: bool = False

    @property
    def ink(self) -> str:
        return WARM if self.exception else INK if self.strong else TIDE


def figure_row(
    name: str,
    figure: Figure | None,
    of: words.Kind,
    second: Figure | None = None,
    *,
    strong: bool = False,
    exception: bool = False,
) -> Row:
    """A figure as the dot, a second one as the square; hatching or words where the figure is not said."""
    square = second.value if second and second.said else None
    if figure is None or not figure.said:
        hidden = figure is not None and figure.status == "suppressed"
        return Row(name, words.cell(figure, of), words.why_not(figure), square=square, hidden=hidden, strong=strong)
    return Row(
        name, words.value_of(figure, of), words.with_range(figure, of), figure.value, figure.low, figure.high, square,
        hollow=figure.provisional, strong=strong, exception=exception,
    )  # fmt: skip


def change_row(name: str, figure: Figure | None, change: Change | None, of: words.Kind, *, exception: bool = False) -> Row:
    """A change as the dot, filled only where its interval leaves out zero; the figure now at the end."""
    now = words.cell(figure, of)
    if change is None:
        hidden = figure is not None and figure.status == "suppressed"
        return Row(name, now, f"{now}, change not known", hidden=hidden, instead="" if hidden else "change not known")
    spoken = f"{now}, {change.direction}, {words.signed(change.by, of)}"
    still = change.direction == "no change seen"
    return Row(name, now, spoken, change.by, change.low, change.high, hollow=still, exception=exception)


def dots(
    name: str, given: Sequence[Row], of: words.Kind | Literal["points"], column: Column, *, what: str,
    key: Sequence[str] = (), zero: str = "",
) -> Drawing:  # fmt: skip
    """A dot with its 95% whisker for each row, in the order given.

    `key` names the dot and the square; `zero` the line at zero, where the rows are changes.
    """
    said = "; ".join(f"{row.name} {row.spoken}" for row in given)
    return draw(name, f"{what}: {said}.", column, lambda size: _dots(given, of, key, zero, size))


@dataclass(frozen=True)
class _Frame:
    """Where rows and values lie on this size of the chart."""

    size: Size
    left: float
    right: float
    pitch: float
    ticks: list[float]
    count: int

    @property
    def width(self) -> float:
        return self.size.width - self.left - self.right

    @property
    def height(self) -> float:
        return self.pitch * self.count

    def x(self, field: str = "value", **options: Any) -> alt.X:
        scale = alt.Scale(domain=[self.ticks[0], self.ticks[-1]], nice=False)
        return alt.X(f"{field}:Q", scale=scale, title=None, **options)

    def y(self, field: str = "at") -> alt.Y:
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[0, self.height], reverse=True, nice=False), axis=None)

    def middle(self, index: int) -> float:
        return self.pitch * (index + 0.5)


_LABELS = {
    "share": "datum.value == 0 ? '0' : format(datum.value, '.0%')",
    "hours": "datum.value == 0 ? '0' : format(datum.value, 'd') + ' h'",
    "days": "datum.value == 0 ? '0' : format(datum.value, '~g') + ' d'",
    "count": "format(datum.value, ',d')",
    "number": "format(datum.value, '.2~f')",
    "points": "(datum.value > 0 ? '+' : datum.value < 0 ? '−' : '') + format(abs(datum.value) * 100, '.3~g')",
}


def _dots(given: Sequence[Row], of: str, key: Sequence[str], zero: str, size: Size) -> Spec:
    line, most = size.text * 1.2, size.width * size.pick(0.36, 0.36, 0.44)
    names = [wrap(row.name, most, size.text, bold=row.strong) for row in given]
    widths = [text_width(part, size.text, bold=row.strong) for row, name in zip(given, names, strict=True) for part in name]
    ends = [end for row in given for end in (row.value, row.low, row.high, row.square) if end is not None]
    ends.append(0.0)
    frame = _Frame(
        size, left=12 + min(max(widths, default=0), most),
        right=16 + max((text_width(_short(row.text, size), size.text, bold=True) for row in given), default=0),
        pitch=max(size.pick(30, 32, 13.5), line * 2 + 4 if any(len(name) > 1 for name in names) else 0),
        ticks=steps(max(ends), min(ends), most=int(size.pick(5, 4, 4))),
        count=len(given),
    )  # fmt: skip
    layers = [_scale(frame, of), *_words(given, names, frame), *_marks(given, frame), *_above(frame, key, zero)]
    return layered(
        layers,
        width=frame.width,
        height=frame.height,
        pad=(line * 1.7 if key or zero else 6, frame.right, size.text * 2, frame.left),
    )


def _scale(frame: _Frame, of: str) -> Layer:
    axis = alt.Axis(
        values=frame.ticks, tickCount=len(frame.ticks) + 1, title=None, domain=False, ticks=False,
        labelFontSize=frame.size.text, labelColor=SOFT,
        labelPadding=6, gridColor=GRID, labelExpr=_LABELS[of], labelOverlap=False, labelFlush=False,
    )  # fmt: skip
    zero = alt.Chart(rows([{"at": 0.0, "to": frame.height, "value": 0}])).mark_rule(color=GREY, strokeWidth=1.4)
    return zero.encode(x=frame.x(axis=axis), y=frame.y(), y2=alt.Y2("to:Q"))


def _words(given: Sequence[Row], names: Sequence[list[str]], frame: _Frame) -> list[Layer]:
    """The names on the left, the figures on the right, words in the place of a dot."""
    line = frame.size.text * 1.2
    left = [
        {"at": frame.middle(i) - line * (len(name) - 1) / 2, "text": "\n".join(name),
         "ink": WARM if row.exception else INK, "bold": row.strong}
        for i, (row, name) in enumerate(zip(given, names, strict=True))
    ]  # fmt: skip
    right = [
        {
            "at": frame.middle(i),
            "text": _short(row.text, frame.size),
            "ink": SOFT if row.value is None else row.ink,
            "bold": row.value is not None,
        }
        for i, row in enumerate(given)
    ]
    instead = [
        {"at": frame.middle(i), "text": row.instead, "ink": SOFT, "bold": False} for i, row in enumerate(given) if row.instead
    ]
    return [
        alt.Chart(rows(data))
        .mark_text(align="right", baseline="middle", fontSize=frame.size.text, fontWeight=700 if bold else 400,
                   lineBreak="\n", lineHeight=line)
        .encode(x=fixed("x", at), y=frame.y(), text=alt.Text("text:N"), color=alt.Color("ink:N", scale=None))
        for texts, at in ((left, -12), (right, frame.width + frame.right), (instead, frame.width))
        for bold in (True, False)
        if (data := [text for text in texts if text["bold"] == bold])
    ]  # fmt: skip


def _short(text: str, size: Size) -> str:
    """Units in one letter where there is little room."""
    return text.replace(" hours", " h").replace(" minutes", " min") if size.phone else text


def _marks(given: Sequence[Row], frame: _Frame) -> list[Layer]:
    size, cap = frame.size, frame.size.pick(9, 8, 6)
    ink, stroke = alt.Color("ink:N", scale=None), alt.Stroke("ink:N", scale=None)
    data = [
        {"at": frame.middle(i), "top": frame.middle(i) - cap * 0.9, "foot": frame.middle(i) + cap * 0.9,
         "value": row.value, "low": row.low, "high": row.high, "square": row.square, "hidden": row.hidden,
         "until": frame.ticks[-1] if row.high is None else row.high,
         "ink": row.ink, "fill": WHITE if row.hollow else row.ink}
        for i, row in enumerate(given)
    ]  # fmt: skip

    def having(*fields: str) -> list[dict[str, Any]]:
        return [one for one in data if all(one[field] not in (None, False) for field in fields)]

    def chart(*fields: str) -> Layer:
        return alt.Chart(rows(having(*fields)))

    layers = []
    if having("value", "square"):
        between = chart("value", "square").mark_rule(color=OTHER, strokeWidth=1.2)
        layers.append(between.encode(x=frame.x("value"), x2=alt.X2("square:Q"), y=frame.y()))
    if having("low"):
        whisker = chart("low").mark_rule(strokeWidth=1.8)
        layers.append(whisker.encode(x=frame.x("low"), x2=alt.X2("until:Q"), y=frame.y(), color=ink))
    # An end that is not known has no cap.
    layers += [
        chart("low", end).mark_tick(orient="vertical", size=cap, thickness=1.8).encode(x=frame.x(end), y=frame.y(), color=ink)
        for end in ("low", "high")
        if having("low", end)
    ]
    if having("square"):
        square = chart("square").mark_point(
            shape="square", filled=True, fill=WHITE, stroke=TIDE, strokeWidth=1.8, opacity=1, size=size.pick(80, 64, 36)
        )
        layers.append(square.encode(x=frame.x("square"), y=frame.y()))
    if having("value"):
        point = chart("value").mark_point(filled=True, opacity=1, size=size.pick(96, 80, 40), strokeWidth=size.pick(1.8, 1.8, 1.3))
        layers.append(point.encode(x=frame.x(), y=frame.y(), fill=alt.Fill("fill:N", scale=None), stroke=stroke))
    if having("hidden"):
        box = chart("hidden").mark_rect(fill=HATCH, stroke=GREY, strokeWidth=0.8)
        layers.append(box.encode(x=fixed("x", 0), x2=fixed("x2", size.pick(90, 70, 50)), y=frame.y("top"), y2=alt.Y2("foot:Q")))
    return layers


def _above(frame: _Frame, key: Sequence[str], zero: str) -> list[Layer]:
    """The key of dot and square, or the name of the line at zero."""
    size, layers, at = frame.size, [], 0.0
    for shape, text in zip(("circle", "square"), key, strict=False):
        mark = alt.Chart(rows([{"shape": shape}])).mark_point(
            shape=shape, filled=True, opacity=1, fill=TIDE if shape == "circle" else WHITE, stroke=TIDE,
            size=size.pick(80, 64, 36), strokeWidth=1.8,
        )  # fmt: skip
        layers.append(mark.encode(x=fixed("x", at + 5), y=fixed("y", -size.text)))
        label = alt.Chart(rows([{"text": text}])).mark_text(align="left", baseline="middle", fontSize=size.text, color=INK)
        layers.append(label.encode(x=fixed("x", at + 14), y=fixed("y", -size.text), text=alt.Text("text:N")))
        at += 14 + text_width(text, size.text) + 16
    if zero:
        name = alt.Chart(rows([{"value": 0, "text": zero}])).mark_text(baseline="bottom", dy=-5, fontSize=size.text, color=INK)
        layers.append(name.encode(x=frame.x(), y=fixed("y", 0), text=alt.Text("text:N")))
    return layers
