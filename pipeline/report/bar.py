"""A bar that is cut into the parts of a whole.

Belongs here: parts that add up to one. Does not: comparisons of units (rows.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt

from pipeline.report import words
from pipeline.report.drawing import (
    GREY,
    INK,
    TIDE,
    WHITE,
    Column,
    Drawing,
    Size,
    Spec,
    draw,
    fixed,
    layered,
    rows,
    text_width,
)
from pipeline.report.published import Figure

Fill = Literal["tide", "hollow", "grey"]


@dataclass(frozen=True)
class Piece:
    """A part of a whole: its name, its share, and how it is filled."""

    name: str
    figure: Figure
    fill: Fill


def bar(name: str, pieces: Sequence[Piece], column: Column, *, what: str, title: str = "", measure: str = "") -> Drawing:
    """One bar with the name and the share of each part above it."""
    said = "; ".join(f"{piece.name} {words.with_range(piece.figure, 'share')}" for piece in pieces)
    return draw(name, f"{what}: {said}.", column, lambda size: _bar(pieces, size), title=title, measure=measure)


def _bar(pieces: Sequence[Piece], size: Size) -> Spec:
    fills = {"tide": TIDE, "hollow": WHITE, "grey": GREY}
    high, line = size.pick(18, 18, 10), size.text * 1.25
    boxes, labels = [], []
    left, free = 0.0, [0.0, 0.0]
    total = sum(piece.figure.value or 0 for piece in pieces)
    for piece in pieces:
        wide = (piece.figure.value or 0) / total * size.width
        edge = GREY if piece.fill == "grey" else TIDE
        boxes.append({"left": left + 1, "right": max(left + wide - 1, left + 1), "fill": fills[piece.fill], "edge": edge})
        text = f"{words.value_of(piece.figure, 'share')} {piece.name}"
        room = text_width(text, size.text) + 8
        at = max(0.0, min(left, size.width - room))
        row = 0 if at >= free[0] else 1
        free[row] = at + room
        labels.append({"left": at, "text": text, "up": -5 - row * line})
        left += wide
    x = alt.X("left:Q", scale=alt.Scale(domain=[0, size.width], nice=False), axis=None)
    y = alt.Y("up:Q", scale=alt.Scale(domain=[0, high], reverse=True, nice=False), axis=None)
    box = alt.Chart(rows(boxes)).mark_rect(strokeWidth=1.2)
    text = alt.Chart(rows(labels)).mark_text(align="left", baseline="bottom", fontSize=size.text, color=INK)
    layers = [
        box.encode(x=x, x2=alt.X2("right:Q"), y=fixed("y", 0), y2=fixed("y2", high),
                   fill=alt.Fill("fill:N", scale=None), stroke=alt.Stroke("edge:N", scale=None)),
        text.encode(x=x, y=y, text=alt.Text("text:N")),
    ]  # fmt: skip
    return layered(layers, width=size.width, height=high, pad=(line * (2 if free[1] else 1) + 6, 0, 4, 0))
