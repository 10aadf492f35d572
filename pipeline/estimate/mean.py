"""The interval of a mean whose spread is known only from the same observations.

Belongs here: a mean with its standard deviation. Does not: shares (proportion.py), counts (intervals.py).
"""

from __future__ import annotations

import math

from scipy.special import stdtrit


def mean_interval(mean: float, sd: float, n: float, *, confidence: float = 0.95) -> tuple[float, float]:
    """Ends of the interval of a mean of n observations (n may be effective): mean ± t sd / √n, t Student's with n - 1 freedoms.

    `sd` is the root of the mean squared deviation. Raises ValueError below 2 observations or for a negative spread.
    Source: Student, Biometrika 6 (1908) 1-25.
    """
    if n < 2 or sd < 0 or not 0 < confidence < 1:
        raise ValueError("a mean's interval needs two observations and a spread of 0 or more")
    reach = float(stdtrit(n - 1, (1 + confidence) / 2)) * sd / math.sqrt(n - 1)
    return mean - reach, mean + reach
