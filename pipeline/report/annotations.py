"""What stands in a time chart beside the line: gaps with their reason, and what happened when.

Belongs here: words and marks that explain. Does not: the measure itself (curve.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from pipeline.report import words
from pipeline.report.axes import Plot
from pipeline.report.drawing import GREY, HATCH, SOFT, WHITE, Layer, rows, text_width, wrap
from pipeline.report.published import Event, Figure
from pipeline.report.stretches import Gap, gaps


def gap_marks(plot: Plot, series: Sequence[Figure]) -> list[Layer]:
    """A white gap between dotted lines, hatching where hidden; what it is and its dates in words."""
    boxes, dotted, texts = [], [], []
    free = 0.0
    for gap in gaps(series):
        left, right = max(plot.across(gap.left), 0), plot.across(gap.right)
        if gap.status == "suppressed":
            boxes.append({"day": plot.day_at(left), "to": plot.day_at(max(right, left + 6)), "value": plot.low,
                          "top": plot.value_at(plot.height * 0.7)})  # fmt: skip
        else:
            dotted += [{"day": plot.day_at(at), "value": plot.low, "top": plot.high} for at in (left, right)]
        label = _gap_label(plot, gap, series, left=left, right=right, free=free)
        if label:
            texts.append(label)
            free = label["free"]
    layers = []
    if boxes:
        box = alt.Chart(rows(boxes)).mark_rect(fill=HATCH, stroke=GREY, strokeWidth=0.8)
        layers.append(box.encode(x=plot.x(), x2=alt.X2("to:Q"), y=plot.y(), y2=alt.Y2("top:Q")))
    if dotted:
        rule = alt.Chart(rows(dotted)).mark_rule(color=GREY, strokeDash=[2, 2])
        layers.append(rule.encode(x=plot.x(), y=plot.y(), y2=alt.Y2("top:Q")))
    for align in ("left", "right"):
        if data := [text for text in texts if text["align"] == align]:
            # A white rim first: an event's line may run behind the words.
            layers += [_text(plot, data, align, stroke=WHITE, strokeWidth=4), _text(plot, data, align)]
    return layers


def _gap_label(plot: Plot, gap: Gap, series: Sequence[Figure], *, left: float, right: float, free: float) -> dict[str, Any] | None:
    """Inside the gap if it fits, else before it, else after it; None where there is no room (the table says it)."""
    lines = [gap.words[:1].upper() + gap.words[1:], words.span(gap.start, gap.end)]
    room = max(text_width(line, plot.size.text) for line in lines) + 10
    if right - left > room:
        align, at, end = "left", left + 5, left + room
    elif left - room >= free:
        align, at, end = "right", left - 5, right
    elif right + room <= plot.width and right >= free:
        align, at, end = "left", right + 5, right + room
    else:
        return None
    near = [plot.down(f.value or 0) for f in series if f.said and abs(plot.across(f.end) - at) < room * 1.5]
    height = plot.size.text * 1.2 * len(lines)
    # Where the line is not: at the foot if it runs above, else at the top; above the hatching where that is.
    low = all(place < plot.height - height - 14 for place in near)
    foot = plot.height * (0.7 if gap.status == "suppressed" else 1.0)
    value = plot.value_at(foot - height - 3 if low else 2)
    return {"day": plot.day_at(at), "value": value, "text": "\n".join(lines), "align": align, "free": end}


def _text(plot: Plot, data: Sequence[dict[str, Any]], align: Any, **options: Any) -> Layer:
    mark = alt.Chart(rows(data)).mark_text(
        align=align, baseline="top", fontSize=plot.size.text, color=SOFT, lineBreak="\n", **options,
        lineHeight=plot.size.text * 1.2,
    )  # fmt: skip
    return mark.encode(x=plot.x(), y=plot.y(), text=alt.Text("text:N"))


# ------------------------------------------------------------------------------------------------------------- events
@dataclass(frozen=True)
class Label:
    """An event's name above the plot, in a row where it covers no other name and no line runs through it."""

    event: Event
    lines: list[str]
    row: int
    left: float
    right: float

    @property
    def day(self) -> date:
        return self.event.day


def shown(events: Sequence[Event], first: int, last: int) -> list[Event]:
    """The events of the time that a chart shows, from one day to another (as numbers)."""
    return [event for event in events if first <= event.day.toordinal() <= last]


def place(events: Sequence[Event], plot: Plot, most_rows: int = 3) -> list[Label]:
    """A place for the name of each event of the time shown; one that finds none has its line and stands in the table."""
    size = plot.size
    placed: list[Label] = []
    # The newest first: where there is not room for all, the oldest go.
    for event in sorted(shown(events, plot.first, plot.last), key=lambda e: e.day, reverse=True):
        lines = wrap(event.label, size.pick(150, 136, 110), size.text)
        wide = max(text_width(line, size.text) for line in lines) + 8
        x = plot.across(event.day)
        left = min(max(x - wide / 2, -size.pick(30, 26, 20)), plot.width + size.pick(90, 78, 66) - wide)
        for row in range(most_rows):
            beside = all(label.row != row or left > label.right or left + wide < label.left for label in placed)
            under = all(label.row <= row or not left < plot.across(label.day) < left + wide for label in placed)
            over = all(label.row >= row or not label.left < x < label.right for label in placed)
            if beside and under and over:
                placed.append(Label(event, lines, row, left, left + wide))
                break
    return placed


def room_above(labels: Sequence[Label], plot: Plot) -> float:
    """How many pixels the names need above the plot."""
    line = plot.size.text * 1.2
    return 8 + max((line * (2.2 * label.row + len(label.lines)) + 2 for label in labels), default=0)


def event_marks(plot: Plot, events: Sequence[Event], labels: Sequence[Label], said: Sequence[Figure]) -> list[Layer]:
    """A thin grey line down to the curve for each event of the time shown, from its name where that has found a place."""
    line = plot.size.text * 1.2
    feet = {label.event: 4 + label.row * line * 2.2 for label in labels}
    rules = [
        {"day": event.day.toordinal(), "event": event.label, "value": plot.value_at(-feet.get(event, 0)),
         "foot": _foot(event, said, plot)}
        for event in shown(events, plot.first, plot.last)
    ]  # fmt: skip
    if not rules:
        return []
    names = [
        {"day": plot.day_at((label.left + label.right) / 2), "text": "\n".join(label.lines),
         "value": plot.value_at(-feet[label.event] - 3 - line * len(label.lines))}
        for label in labels
    ]  # fmt: skip
    rule = alt.Chart(rows(rules)).mark_rule(color=GREY).encode(x=plot.x(), y=plot.y(), y2=alt.Y2("foot:Q"))
    return [rule, _text(plot, names, "center")] if names else [rule]


def _foot(event: Event, said: Sequence[Figure], plot: Plot) -> float:
    """The value at which an event's line ends: on the curve or its band."""
    before = [f for f in said if f.end <= event.day] or list(said[:1])
    return next((v for f in before[-1:] for v in (f.high, f.value) if v is not None), plot.low)
