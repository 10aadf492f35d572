"""Whether what is told is what is asked.

Belongs here: how far two ways of sharing out attention are apart. Does not: what a theme or a question is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Gap(NamedTuple):
    """Share of what is asked that what is told does not cover, with its interval; `asked` and `told` are shares by theme."""

    value: float
    low: float
    high: float
    asked: Floats
    told: Floats


def agenda_gap(asked: ArrayLike, told: ArrayLike, *, draws: int = 400, confidence: float = 0.95, seed: int) -> Gap:
    """1 - Σ min(share asked, share told) over themes: 0 where both give each theme the same weight, 1 where they never meet.

    `asked` is askers x themes and `told` speakers x themes: how much each person asked or told of a theme. Shares are column
    sums over their total (half the L1 distance of the two, which leans upward where there is little of either). The interval
    is of a bootstrap over people, askers and speakers drawn anew apart, `draws` times; it is widened to hold the value.
    NaN where nobody asked or told. Raises ValueError where the two know different themes, or on a negative number.
    """
    a, b = np.asarray(asked, dtype=np.float64), np.asarray(told, dtype=np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError("asked and told must have a row for each person and the same themes as columns")
    if np.any(a < 0) or np.any(b < 0):
        raise ValueError("nobody asks or tells less than nothing")
    a, b = (x[np.lexsort(x.T[::-1])] for x in (a, b))  # so that the order of people is no matter
    shares = _shares(a.sum(axis=0)), _shares(b.sum(axis=0))
    value = _apart(*shares)
    if np.isnan(value):
        return Gap(value, np.nan, np.nan, *shares)
    rng = np.random.default_rng(seed)
    drawn = np.array([
        _apart(*(_shares(rng.multinomial(len(x), np.full(len(x), 1 / len(x))) @ x) for x in (a, b))) for _ in range(draws)
    ])  # fmt: skip
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2]) if drawn.size else (np.nan, np.nan)
    return Gap(value, min(value, float(low)), max(value, float(high)), *shares)


def _shares(weights: Floats) -> Floats:
    total = weights.sum()
    return weights / total if total > 0 else np.full(weights.shape, np.nan)


def _apart(asked: Floats, told: Floats) -> float:
    """Half the L1 distance, which is 1 - Σ min for two lists of shares."""
    return float(np.abs(asked - told).sum() / 2)
