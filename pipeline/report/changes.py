"""Did a figure change? The one rule by which the page says rose or fell.

Belongs here: comparing two published figures. Does not: wording (words.py), choosing what to compare (the blocks).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import NormalDist
from typing import Literal

from pipeline.report.published import Figure

Direction = Literal["rose", "fell", "no change seen"]


@dataclass(frozen=True)
class Change:
    """A difference with its interval, in the figures' unit."""

    before: Figure
    after: Figure
    by: float
    low: float
    high: float

    @property
    def direction(self) -> Direction:
        if self.low > 0:
            return "rose"
        return "fell" if self.high < 0 else "no change seen"


def compare(before: Figure | None, after: Figure | None, among: int = 1) -> Change | None:
    """The change from one figure to the other, or None where either is not said or has no interval.

    The interval is recovered from the two published ones (square-and-add: Newcombe 1998, method 10; Zou and Donner
    2008), as if the two were independent. The same people are in both, so it is too wide rather than too narrow.
    `among` widens it where that many changes are looked at together (Bonferroni).
    """
    if before is None or after is None or not (before.said and after.said):
        return None
    v0, l0, u0, v1, l1, u1 = before.value, before.low, before.high, after.value, after.low, after.high
    if v0 is None or v1 is None or l0 is None or l1 is None or u0 is None or u1 is None:
        return None
    widen = NormalDist().inv_cdf(1 - 0.025 / among) / NormalDist().inv_cdf(0.975)
    by = v1 - v0
    return Change(before, after, by, by - widen * math.hypot(v1 - l1, u0 - v0), by + widen * math.hypot(u1 - v1, v0 - l0))


def figure_before(series: Sequence[Figure], days: int = 28) -> Figure | None:
    """The figure that ended this many days before the last one; None where that period was not published."""
    if not series:
        return None
    wanted = series[-1].end - timedelta(days=days)
    return next((figure for figure in series if figure.end == wanted), None)


def latest_change(series: Sequence[Figure], days: int = 28, among: int = 1) -> Change | None:
    """The change of a series' last figure over this many days."""
    return compare(figure_before(series, days), series[-1] if series else None, among)
