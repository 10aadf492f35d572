"""How unequal sources are: the spread of the number of further adopters that each one brought.

Belongs here: the dispersion of counts of offspring. Does not: who brought whom (spread.py), regressions on counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

from pipeline.estimate.reproduction import Floats

SMALLEST, LARGEST = 1e-6, 1e9  # k is looked for between these


class Dispersion(NamedTuple):
    """The mean number of offspring and k, with the ends of its interval; the smaller k, the more comes from a few.

    k is infinite where counts are no more spread than a Poisson's; NaN, with ends 0 and infinity, where nobody has any.
    """

    mean: float
    k: float
    low: float
    high: float


def offspring_dispersion(counts: ArrayLike, *, confidence: float = 0.95) -> Dispersion:
    """Mean and k of a negative binomial (variance m + m²/k) by maximum likelihood, k with its profile interval.

    `counts`: the offspring of each source, those with none included; each must have been followed for long enough.
    The mean's estimate is the sample's, whatever k; k solves ∑ ψ(y + k) - n ψ(k) + n log(k / (k + m)) = 0, and is infinite
    where ∑ (y - m)² ≤ ∑ y. The interval holds every k whose deviance from the best is within the χ²(1) quantile.
    Raises ValueError on no counts, negative ones or missing ones. Source: R. A. Fisher, Ann Eugen 11 (1941) 182-187;
    Lloyd-Smith, PLoS ONE 2 (2007) e180.
    """
    y = np.asarray(counts, dtype=np.float64)
    if y.ndim != 1 or not y.size or not np.all(np.isfinite(y)) or np.any(y < 0):
        raise ValueError("counts must be a list of numbers that are not negative")
    values, times = np.unique(y, return_counts=True)
    weight: Floats = times.astype(np.float64)
    n, mean = float(y.size), float(weight @ values) / y.size
    if mean == 0:
        return Dispersion(0.0, np.nan, 0.0, np.inf)

    def score(log_k: float) -> float:
        k = np.exp(log_k)
        return float(weight @ (special.digamma(values + k) - special.digamma(k)) - n * np.log1p(mean / k))

    def likelihood(log_k: float) -> float:
        k = np.exp(log_k)
        rises = weight @ (special.gammaln(values + k) - special.gammaln(k) - values * log_k)
        return float(rises - n * (k + mean) * np.log1p(mean / k) + n * mean * np.log(mean))

    poisson = n * mean * (np.log(mean) - 1)
    smallest, largest = np.log(SMALLEST), np.log(LARGEST)
    within = stats.chi2.ppf(confidence, 1) / 2
    over = float(weight @ (values - mean) ** 2) > n * mean
    if over:
        # The score's last sign change is lost in rounding where the excess is hardly any: then k is as good as infinite.
        highest = next((h for h in np.arange(smallest + 1, largest) if score(h) < 0), None)
        over = highest is not None
    if over:
        best = float(optimize.brentq(score, smallest, highest, xtol=1e-12))
        top = likelihood(best)
    else:
        best, top = np.inf, poisson

    def beyond(log_k: float) -> float:
        return float(top - likelihood(log_k) - within)

    end = best if over else float(np.log(1e6))
    low = float(np.exp(optimize.brentq(beyond, smallest, end))) if beyond(smallest) > 0 > beyond(end) else 0.0
    high = np.inf
    if over and top - poisson > within:
        high = float(np.exp(optimize.brentq(beyond, best, np.log(1e6)))) if beyond(float(np.log(1e6))) > 0 else np.inf
    return Dispersion(mean, float(np.exp(best)), low, high)
