"""How long something takes when some of it has not happened yet."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Quantile(NamedTuple):
    """A waiting time with its interval, in the unit of the durations; None where it was not reached."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Curve:
    """The share still waiting just after each time at which something happened, with a pointwise interval.

    `se` is Greenwood's; `low` and `high` are NaN where nobody waits any longer (the interval is not defined there).
    """

    times: Floats
    share: Floats
    se: Floats
    low: Floats
    high: Floats

    def quantile(self, done: float) -> Quantile:
        """The time by which a share `done` in (0, 1) is over: 0.5 gives the median.

        The value is where the curve falls to 1 - done, halfway along the step if it rests there exactly; its interval
        is where the curve's own ends do (Brookmeyer & Crowley, Biometrics 38 (1982) 29-41).
        """
        if not 0 < done < 1:
            raise ValueError("the share that is over lies between 0 and 1")
        return Quantile(*(self._falls_to(1 - done, line) for line in (self.share, self.low, self.high)))

    def _falls_to(self, level: float, line: Floats) -> float | None:
        reached = np.flatnonzero(line <= level + 1e-12)  # a share is a product of fractions: equal within rounding
        if not reached.size:
            return None
        first = reached[0]
        below = np.flatnonzero(line < level - 1e-12)
        if below.size and below[0] != first:
            return float((self.times[first] + self.times[below[0]]) / 2)
        return float(self.times[first])


def kaplan_meier(durations: ArrayLike, happened: ArrayLike, *, confidence: float = 0.95) -> Curve:
    """The product-limit curve of `durations` (any unit, ≥ 0), `happened` False where the wait was cut off unanswered.

    S(t) = ∏ (1 - d/n) over times up to t, with d events among n still waiting. Var S = S² V, V = ∑ d / (n(n - d))
    (Greenwood). The interval is log-log, S^exp(±z √V / log S), which stays within [0, 1].
    Raises ValueError on negative durations or unequal lengths. A wait cut off at the time of an event still counts
    among those waiting then. Source: Kaplan & Meier, JASA 53 (1958) 457-481; Kalbfleisch & Prentice (1980).
    """
    t, seen = np.asarray(durations, dtype=np.float64), np.asarray(happened, dtype=bool)
    if t.shape != seen.shape or t.ndim != 1:
        raise ValueError("durations and happened must be two lists of one length")
    if np.any(t < 0):
        raise ValueError("a wait cannot be negative")
    times, events = np.unique(t[seen], return_counts=True)
    waiting = t.size - np.searchsorted(np.sort(t), times, side="left")
    share: Floats = np.cumprod(1 - events / waiting, dtype=np.float64)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance: Floats = np.cumsum(events / (waiting * (waiting - events)), dtype=np.float64)
        power = np.exp(z * np.sqrt(variance) / np.log(share))  # log of a share is negative: this one is below 1
        low, high = share ** (1 / power), share**power
        se: Floats = share * np.sqrt(variance)
    for line in (se, low, high):
        line[share <= 0] = np.nan
    return Curve(times, share, se, low, high)
