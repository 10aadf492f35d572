"""The middle of a list of numbers.

Belongs here: a median and how far it may be off. Does not: waits that are not over (survival.py).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


class Median(NamedTuple):
    """A median with its interval, in the unit of the values; NaN for an empty list."""

    value: float
    low: float
    high: float


def median(values: ArrayLike, *, confidence: float = 0.95) -> Median:
    """The median, with the interval between the order statistics that the sign test does not reject.

    x(j) to x(n+1-j), j the greatest number with P(Binomial(n, 1/2) < j) ≤ α/2; the smallest and greatest value where there
    are too few (below 6 at 95 %), which is then less certain than said. Holds for any distribution, for whole numbers too,
    where it covers at least as often. Assumes independent values. Raises ValueError on a missing value.
    Source: W. J. Conover, Practical Nonparametric Statistics (1999) 3.2.
    """
    x = np.sort(np.asarray(values, dtype=np.float64))
    if x.ndim != 1 or not np.all(np.isfinite(x)):
        raise ValueError("values must be a list of numbers, none of them missing")
    if not x.size:
        return Median(np.nan, np.nan, np.nan)
    below = stats.binom.cdf(np.arange(x.size), x.size, 0.5)  # P(fewer than j), j from 1
    place = max(int(np.searchsorted(below, (1 - confidence) / 2, side="right")) - 1, 0)
    place = min(place, (x.size - 1) // 2)
    return Median(float(np.median(x)), float(x[place]), float(x[x.size - 1 - place]))
