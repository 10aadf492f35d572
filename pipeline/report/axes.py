"""The plot of a time chart: where a day and a value lie, round ticks, and the two axes.

Belongs here: scales. Does not: what is drawn on them (curve.py, annotations.py).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt

from pipeline.report import words
from pipeline.report.drawing import GREY, GRID, SOFT, Layer, Size, rows


@dataclass(frozen=True)
class Plot:
    """One size of a time chart. Days are numbers here: no time zone can move them."""

    size: Size
    width: float
    height: float
    first: int
    last: int
    low: float
    high: float

    def x(self, **options: Any) -> alt.X:
        scale = alt.Scale(domain=[self.first, self.last], nice=False, zero=False)
        return alt.X("day:Q", scale=scale, title=None, **options)

    def y(self, field: str = "value", **options: Any) -> alt.Y:
        scale = alt.Scale(domain=[self.low, self.high], nice=False, zero=False)
        return alt.Y(f"{field}:Q", scale=scale, title=None, **options)

    def across(self, day: date) -> float:
        """How many pixels from the left a day lies."""
        return (day.toordinal() - self.first) / (self.last - self.first) * self.width

    def down(self, value: float) -> float:
        """How many pixels below the top a value lies."""
        return (self.high - value) / (self.high - self.low) * self.height

    def day_at(self, across: float) -> float:
        return self.first + across / self.width * (self.last - self.first)

    def value_at(self, down: float) -> float:
        """The value at this many pixels below the top, or above it where negative."""
        return self.high - down / self.height * (self.high - self.low)


def steps(top: float, bottom: float = 0.0, most: int = 4) -> list[float]:
    """Round tick values from at most `bottom` to at least `top`, about `most` of them."""
    reach = max(top - bottom, 1e-6)
    power = 10 ** math.floor(math.log10(reach / most))
    step = next(power * m for m in (1, 2, 5, 10, 20) if reach / (power * m) <= most)
    first, last = math.floor(round(bottom / step, 6)), max(math.ceil(round(top / step, 6)), 1)
    return [round(n * step, 10) for n in range(first, last + 1)]


def months(plot: Plot) -> list[tuple[int, str]]:
    """Days to label and how: the first of some months, or single days where the span is short."""
    first, last = date.fromordinal(plot.first), date.fromordinal(plot.last)
    starts = [date(y, m, 1) for y in range(first.year, last.year + 1) for m in range(1, 13)]
    starts = [day for day in starts if first <= day <= last]
    room = max(2, int(plot.width // (plot.size.text * 5.4)))
    if len(starts) < 3:
        middle = date.fromordinal((plot.first + plot.last) // 2)
        chosen = [first, middle, last] if room > 2 and (last - first).days > 2 else [first, last]
        return [(day.toordinal(), words.short_day(day)) for day in chosen]
    every = next(n for n in (1, 2, 3, 6, 12, 24, 120) if len(starts) / n <= room)
    chosen = [day for day in starts if (day.month - 1) % every == 0 and (every <= 12 or day.year % (every // 12) == 0)]
    return [(day.toordinal(), f"{day:%b %Y}" if place == 0 or day.month == 1 else f"{day:%b}") for place, day in enumerate(chosen)]


def axes(plot: Plot, ticks: list[float], of: words.Kind) -> list[Layer]:
    """Months across, values up; a line at the foot and at zero, light lines at the ticks."""
    # tickCount: Vega leaves out given values where it would have chosen fewer.
    text, days = plot.size.text, months(plot)
    shown = {
        "share": f"datum.value == 0 ? '0' : format(datum.value, '{'.0%' if ticks[1] - ticks[0] >= 0.01 else '.1%'}')",
        "hours": "datum.value == 0 ? '0' : format(datum.value, '~g') + ' h'",
        "days": "datum.value == 0 ? '0' : format(datum.value, '~g') + ' d'",
        "count": "format(datum.value, ',d')",
        "number": "replace(format(datum.value, '.2~f'), '-', '−')",
    }[of]
    across = alt.Axis(
        values=[day for day, _ in days], tickCount=len(days) + 1, labelExpr=f"({dict(days)})[datum.value]", title=None, grid=False,
        labelFontSize=text, labelColor=SOFT, labelPadding=4, labelFlush=True, labelOverlap=False,
        domainColor=GREY, tickColor=GREY, tickSize=4,
    )  # fmt: skip
    up = alt.Axis(
        values=ticks, tickCount=len(ticks) + 1, labelExpr=shown, title=None, domain=False, ticks=False,
        labelFontSize=text, labelColor=SOFT,
        gridColor=GRID, labelPadding=6, labelOverlap=False,
    )  # fmt: skip
    nothing = alt.Chart(rows([{"day": plot.first, "value": plot.low}])).mark_point(opacity=0)
    layers = [nothing.encode(x=plot.x(axis=across), y=plot.y(axis=up))]
    if plot.low < 0:
        line = rows([{"day": plot.first, "to": plot.last, "value": 0}])
        zero = alt.Chart(line).mark_rule(color=GREY, strokeWidth=1.4)
        layers.append(zero.encode(x=plot.x(), x2=alt.X2("to:Q"), y=plot.y()))
    return layers
