"""Intervals for a count of events.

Belongs here: how far the mean of a Poisson count may lie from the one that was seen. Does not: shares (proportion.py),
comparing units with each other (funnel.py), counts that vary more than chance (counts.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

FEW = 10  # below this the approximation is not used where an exact interval can be had


def byar(count: ArrayLike, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Lower and upper ends of Byar's interval for the mean of a Poisson count.

    With O events and z the normal quantile: O (1 - 1/9O - z/3√O)³ and (O+1) (1 - 1/9(O+1) + z/3√(O+1))³.
    Counts are ≥ 0 and need not be whole (weighted events); ends are in events. The lower end of 0 events is 0; it is
    NaN where the approximation falls below nothing (very few events at a high confidence: use `poisson_exact`).
    Raises ValueError on a negative or missing count, or a confidence that is not in (0, 1).
    Source: Breslow & Day, Statistical Methods in Cancer Research II, IARC 1987, p. 69.
    """
    seen, z = _counts(count), _normal(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = 1 - 1 / (9 * seen) - z / (3 * np.sqrt(seen))
        low = np.where(seen == 0, 0.0, np.where(root < 0, np.nan, seen * root**3))
    more = seen + 1
    return low, more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3


def poisson_exact(count: ArrayLike, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Lower and upper ends of the exact interval for the mean of a Poisson count.

    The lower end is the mean at which as many events or more have the chance α/2, the upper the mean at which as many
    or fewer have: quantiles of Gamma(O) and Gamma(O + 1). Raises ValueError as `byar` does.
    Source: Garwood, Biometrika 28 (1936) 437-442.
    """
    seen = _counts(count)
    _normal(confidence)
    tail = (1 - confidence) / 2
    low = np.where(seen == 0, 0.0, special.gammaincinv(np.maximum(seen, 1e-300), tail))
    return low, special.gammainccinv(seen + 1, tail)


def poisson_interval(count: ArrayLike, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Ends of the interval for a count of events: exact below 10 events, Byar's from there on.

    This is the convention of public health tables. Raises ValueError as `byar` does.
    """
    seen = _counts(count)
    exact, near = poisson_exact(seen, confidence=confidence), byar(seen, confidence=confidence)
    return np.where(seen < FEW, exact[0], near[0]), np.where(seen < FEW, exact[1], near[1])


def _counts(count: ArrayLike) -> Floats:
    seen = np.asarray(count, dtype=np.float64)
    if not np.all(seen >= 0):
        raise ValueError("a count of events is 0 or more")
    return seen


def _normal(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError("confidence lies between 0 and 1")
    return float(special.ndtri(0.5 + confidence / 2))
