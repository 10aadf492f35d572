"""Funnels: which units differ from all of them together by more than their size explains.

Belongs here: control limits and what lies outside them, for shares, ratios and rates. Does not: intervals of one unit
alone (proportion.py, intervals.py), a unit against its own past (silence.py).

Two sets of limits as in public health tables: 95 % (2.5 % on each side, "2s") and 99.8 % (0.1 %, "3s").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from pipeline.estimate.intervals import poisson_interval

Floats = NDArray[np.float64]

TWO, THREE = 0.95, 0.998
LINES = 100
FEW = 10  # a directly standardised rate of fewer events is not judged
WORDS = ("Low (0.001)", "Low (0.025)", "Not significant", "High (0.025)", "High (0.001)")
NOT_JUDGED = "Not applicable for events less than 10 for dsrs"


@dataclass(frozen=True)
class Lines:
    """A funnel to draw: limits at 100 sizes that are closer together where units are small.

    `size` is the population for shares, the number of events for ratios and rates. Limits are on the scale of the
    figures. For ratios and rates `at_*` is the expected events, or the population of one year, at which so many events
    lie on the limit: the place on the other axis.
    """

    size: Floats
    low_2s: Floats
    high_2s: Floats
    low_3s: Floats
    high_3s: Floats
    baseline: float
    at_low_2s: Floats | None = None
    at_high_2s: Floats | None = None
    at_low_3s: Floats | None = None
    at_high_3s: Floats | None = None


@dataclass(frozen=True)
class Funnel:
    """Each unit's figure, the baseline on the same scale, and in words which limits it lies outside of.

    The words are "Low (0.001)", "Low (0.025)", "Not significant", "High (0.025)", "High (0.001)". `lines` draws it.
    """

    value: Floats
    baseline: float
    significance: tuple[str, ...]
    lines: Lines


def proportion_limits(baseline: float, size: ArrayLike, *, confidence: float = TWO) -> tuple[Floats, Floats]:
    """The shares whose Wilson interval just touches the baseline, for units of this size; within [0, 1].

    The inverse of Wilson's interval: π ± z √(π(1-π)/n). It is not the Wilson interval of the baseline.
    Raises ValueError where the baseline is not in [0, 1] or a size is not above 0.
    Source: Spiegelhalter, Statist. Med. 24 (2005) 1185-1202.
    """
    n = np.asarray(size, dtype=np.float64)
    if not 0 <= baseline <= 1 or not np.all(n > 0):
        raise ValueError("a baseline lies between 0 and 1, a size above 0")
    reach = float(special.ndtri(0.5 + confidence / 2)) * np.sqrt(baseline * (1 - baseline) / n)
    return np.maximum(baseline - reach, 0.0), np.minimum(baseline + reach, 1.0)


def ratio_limits(events: ArrayLike, *, confidence: float = TWO) -> tuple[Floats, Floats]:
    """The expected events at which so many events lie on the upper, and on the lower, limit of a ratio of 1.

    Both are exact Poisson means: P(Y ≥ events) = α/2 at the first, P(Y ≤ events) = α/2 at the second. The limits of
    the ratio are events/second (low) and events/first (high). Raises ValueError where events are not above 0.
    """
    seen = np.asarray(events, dtype=np.float64)
    if not np.all(seen > 0):
        raise ValueError("a funnel of ratios is drawn at 1 event and more")
    tail = (1 - confidence) / 2
    return special.gammaincinv(seen, tail), special.gammainccinv(seen + 1, tail)


def funnel_proportion(hits: ArrayLike, of: ArrayLike, *, multiplier: float = 1.0) -> Funnel:
    """Shares against the share of all units together, Σ hits / Σ of, with inverse-Wilson limits.

    A unit is outside where its share is strictly beyond a limit. Figures, baseline and lines are times `multiplier`
    (100 for per cent). Raises ValueError on units without a size, and on hits below 0 or above the size.
    """
    x, n = _pair(hits, of)
    if np.any(x > n):
        raise ValueError("hits must lie between 0 and the number they are out of")
    share = x / n
    average = _total(x) / _total(n)
    two, three = (proportion_limits(average, n, confidence=c) for c in (TWO, THREE))
    words = _words(share < three[0], share < two[0], share > two[1], share > three[1])
    size = _axis(n.min(), n.max(), LINES)
    (low2, high2), (low3, high3) = (proportion_limits(average, size, confidence=c) for c in (TWO, THREE))
    ends = (multiplier * low2, multiplier * high2, multiplier * low3, multiplier * high3)
    lines = Lines(size, *ends, multiplier * average)
    return Funnel(multiplier * share, multiplier * average, words, lines)


def funnel_ratio(
    observed: ArrayLike, expected: ArrayLike, *, kind: Literal["ratio", "count", "isr"] = "ratio", multiplier: float = 100.0
) -> Funnel:
    """Observed over expected events against a ratio of 1, for units whose expected events come from a standard.

    `kind` is the scale of figures and lines: `ratio` O/E (a standardised ratio, SR), `count` O/E - 1 (the share of
    events beyond those expected), `isr` O/E times `multiplier` (an indirectly standardised ratio of 100). A unit is
    outside where the interval of its own events (exact below 10 events, else Byar's), divided by E, leaves 1 out; the
    lines are exact Poisson limits. Raises ValueError on observed events below 0 or expected events not above 0.
    Source: the conventions of PHEindicatormethods; Spiegelhalter, Statist. Med. 24 (2005) 1185-1202.
    """
    x, e = _pair(observed, expected)
    scale, shift = {"ratio": (1.0, 0.0), "count": (1.0, 1.0), "isr": (multiplier, 0.0)}[kind]
    size = _axis(e.min(), e.max(), LINES + 1)
    lines = _event_lines(size, 1.0, scale, 1.0, shift)
    return Funnel(scale * x / e - shift, scale - shift, _outside(x, e, 1.0), lines)


def funnel_rate(
    events: ArrayLike, rate: ArrayLike | None = None, *, population: ArrayLike | None = None,
    kind: Literal["crude", "dsr"] = "crude", multiplier: float = 100_000.0, years: float = 1.0,
) -> Funnel:  # fmt: skip
    """Rates of events per `multiplier` people against the rate of all units together.

    A unit's population is multiplier x events / rate, what a standardised rate would need to be a crude one; where no
    rate is given, or there are no events, it is `population` (all `years` together). A unit without events and with a
    directly standardised rate (`dsr`) has none and stays out of the baseline; below 10 events such a rate is not
    judged. Otherwise judged as `funnel_ratio` judges, with the baseline for 1. The places of the lines on the other
    axis are populations of one year. Raises ValueError where events are below 0 or a population cannot be had.
    """
    x = np.asarray(events, dtype=np.float64)
    given = np.full(x.shape, np.nan) if population is None else np.asarray(population, dtype=np.float64)
    told = np.full(x.shape, np.nan) if rate is None else np.asarray(rate, dtype=np.float64)
    if x.ndim != 1 or x.size == 0 or given.shape != x.shape or told.shape != x.shape or not np.all(x >= 0):
        raise ValueError("events are one list of numbers, 0 or more, and rates and populations are as many")
    with np.errstate(divide="ignore", invalid="ignore"):
        people = np.where((x > 0) & ~np.isnan(told), multiplier * x / told, given)
        figure = np.where(np.isnan(told), multiplier * x / given, told)
    missing = ~(np.isfinite(people) & (people > 0))
    if np.any(missing & ((x > 0) | (kind == "crude"))):
        raise ValueError("a unit without events, or without a rate, needs its population")
    if kind == "dsr":
        people = np.where(x == 0, np.nan, people)
    if not np.any(np.isfinite(people)):
        raise ValueError("no unit has events")
    average = _total(x) / _total(people[np.isfinite(people)])
    words = _outside(x, people, average)
    if kind == "dsr":
        words = tuple(NOT_JUDGED if few else word for word, few in zip(words, x < FEW, strict=True))
    least, most = float(np.nanmin(people)), float(np.nanmax(people))
    start, end = _ends(least, most, years)
    size = _steps(np.floor(start * average), np.ceil(end * average), LINES)
    lines = _event_lines(size, average, multiplier, years, 0.0)
    return Funnel(figure, multiplier * average, words, lines)


def _pair(events: ArrayLike, of: ArrayLike) -> tuple[Floats, Floats]:
    x, n = np.asarray(events, dtype=np.float64), np.asarray(of, dtype=np.float64)
    if x.ndim != 1 or x.shape != n.shape or x.size == 0:
        raise ValueError("a funnel needs two lists of one length, at least one unit long")
    if not np.all(x >= 0) or not np.all((n > 0) & np.isfinite(n)):
        raise ValueError("a funnel needs events of 0 or more and sizes above 0")
    return x, n


def _total(values: Floats) -> float:
    return float(np.sum(np.sort(values)))  # the order of units must not matter


def _outside(events: Floats, of: Floats, baseline: float) -> tuple[str, ...]:
    """Where the interval of each unit's own events, as a rate, leaves the baseline out."""
    (low2, high2), (low3, high3) = (poisson_interval(events, confidence=c) for c in (TWO, THREE))
    with np.errstate(invalid="ignore"):
        return _words(high3 / of < baseline, high2 / of < baseline, low2 / of > baseline, low3 / of > baseline)


def _words(low3: NDArray[np.bool_], low2: NDArray[np.bool_], high2: NDArray[np.bool_], high3: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(np.select([low3, high3, low2, high2], [WORDS[0], WORDS[4], WORDS[1], WORDS[3]], WORDS[2]).tolist())


def _event_lines(size: Floats, average: float, scale: float, years: float, shift: float) -> Lines:
    (up2, down2), (up3, down3) = (ratio_limits(size, confidence=c) for c in (TWO, THREE))

    def limit(at: Floats) -> Floats:
        return scale * average * size / at - shift

    def place(at: Floats) -> Floats:
        return at / average / years

    return Lines(
        size, limit(down2), limit(up2), limit(down3), limit(up3), scale * average - shift,
        place(down2), place(up2), place(down3), place(up3),
    )  # fmt: skip


def _axis(least: float, most: float, steps: int) -> Floats:
    return _steps(*_ends(float(least), float(most), 1.0), steps)


def _ends(least: float, most: float, years: float) -> tuple[float, float]:
    """Round ends of the axis: from 0 where units differ much in size, 5 % beyond the largest."""
    start = 0.0 if most > 2 * least else _round_down(0.95 * least / years) * years
    return start, _round_up(1.05 * most / years) * years


def _round_down(value: float) -> float:
    unit = 10.0 ** (len(f"{np.floor(value):.0f}") - 1)  # one leading digit
    return float(np.floor(value / unit) * unit)


def _round_up(value: float) -> float:
    unit = 10.0 ** (len(f"{np.ceil(value):.0f}") - 2)  # two leading digits
    return float(np.ceil(value / unit) * unit)


def _steps(start: float, end: float, steps: int) -> Floats:
    """100 whole sizes from start to end, growing by about the same factor and at least by one."""
    sizes = [max(1.0, start)]
    for left in range(steps - 1, steps - LINES, -1):
        last = sizes[-1]
        sizes.append(max(float(np.round((end / last) ** (1 / left) * last)), last + 1))
    return np.array(sizes)
