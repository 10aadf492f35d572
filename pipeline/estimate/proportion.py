"""Intervals for a share of independent yes-or-no answers."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def wilson(hits: ArrayLike, of: ArrayLike, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Lower and upper ends of the Wilson score interval of hits/of, as shares in [0, 1]; NaN where `of` is 0.

    With p = hits/of, n = of and z the normal quantile:
    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    Raises ValueError where hits are negative or exceed `of`. Source: E. B. Wilson, JASA 22 (1927) 209-212.
    """
    x, n = np.asarray(hits, dtype=np.float64), np.asarray(of, dtype=np.float64)
    if np.any(x < 0) or np.any(x > n):
        raise ValueError("hits must lie between 0 and the number they are out of")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = x / n
        middle, spread = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        scale = 1 + z * z / n
        low, high = (middle - spread) / scale, (middle + spread) / scale
    # At 0 and at 1 the formula is exact; its rounding error must not put the interval beside its own estimate.
    return np.where(x == 0, np.where(n > 0, 0.0, np.nan), low), np.where((x == n) & (n > 0), 1.0, high)
