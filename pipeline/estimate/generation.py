"""How long it takes from one adopter to the next: the generation interval.

Belongs here: the distribution of lags between a source and whom it brought. Does not: which pairs these are (spread.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pipeline.estimate.reproduction import Floats, discrete_gamma

ENOUGH = 30  # pairs
ASSUMED = (10.0, 7.0)  # mean and sd in days, where pairs are too few
AT_RISK = 10  # pairs that must have had the time for a lag, for that lag to be told


@dataclass(frozen=True)
class Generation:
    """The probability of each lag in days (`weights`, from a lag of 0), its moments, and whether it is assumed.

    `pairs`: how many pairs it could rest on, uncertain ones counted by their weight.
    """

    weights: Floats
    mean: float
    sd: float
    assumed: bool
    pairs: float

    def within(self, share: float) -> int:
        """The first lag by which at least `share` of the interval is over, in days."""
        return int(np.searchsorted(np.cumsum(self.weights), share * self.weights.sum() * (1 - 1e-12)))


def generation_interval(
    lags: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    followed: ArrayLike | None = None,
    longest: int = 60,
    least: float = ENOUGH,
    mean: float = ASSUMED[0],
    sd: float = ASSUMED[1],
) -> Generation:
    """The share of each lag of 1 to `longest` days among the pairs; below `least` pairs an assumed gamma(mean, sd).

    `lags`: days from the source to whom it brought, one a pair; those below 1 or beyond `longest` are left out.
    `weights`: how far each pair is believed, in [0, 1]; None: wholly. `followed`: for how many days each pair's source has
    been watched. A lag is seen only if there was time for it, so recent sources show short lags only: with `followed` the
    shares are those of Lynden-Bell's product-limit estimate, F(s) = ∏_{u>s} (1 - d_u / n_u), d_u the pairs of lag u, n_u
    those of lag ≤ u watched for u days or more, up to the longest lag for which n_u ≥ 10. Without, all count as they are.
    Raises ValueError on unequal lengths, weights outside [0, 1], a source watched for less than its lag.
    Sources: Lynden-Bell, MNRAS 155 (1971) 95-118; the assumed shape as in Cori et al. 2013 (see discrete_gamma).
    """
    lag = np.asarray(lags, dtype=np.float64)
    w = np.ones_like(lag) if weights is None else np.asarray(weights, dtype=np.float64)
    seen = np.full_like(lag, np.inf) if followed is None else np.asarray(followed, dtype=np.float64)
    if not lag.shape == w.shape == seen.shape or lag.ndim != 1:
        raise ValueError("lags, weights and days followed must be lists of one length")
    if np.any(~((w >= 0) & (w <= 1))):
        raise ValueError("a pair is believed between 0 and 1")
    if np.any(lag % 1):
        raise ValueError("lags are whole days")
    keep = (lag >= 1) & (lag <= longest)
    lag, w, seen = lag[keep], w[keep], seen[keep]
    if np.any(seen < lag):
        raise ValueError("a source cannot have been watched for less than its lag")
    days, watched = lag.astype(np.int64), np.minimum(seen, longest).astype(np.int64)
    pairs = float(w.sum())
    if pairs >= least - 1e-9:
        told = _told(days, watched, w, longest)
        if told.sum() > 0:
            return _generation(told, assumed=False, pairs=pairs)
    return assumed_interval(mean, sd, longest=longest, pairs=pairs)


def assumed_interval(mean: float, sd: float, *, longest: int, pairs: float = 0.0) -> Generation:
    """A gamma of this mean and sd in days, cut at `longest`, marked as assumed."""
    return _generation(discrete_gamma(mean, sd, longest), assumed=True, pairs=pairs)


def _told(lag: np.ndarray, watched: np.ndarray, w: Floats, longest: int) -> Floats:
    """The share of each lag, allowing for lags that could not yet be seen."""
    order = np.lexsort((w, watched, lag))  # a float sum that no order of rows changes
    lag, watched, w = lag[order], watched[order], w[order]
    died = np.bincount(lag, w, longest + 1)
    entered, left = np.cumsum(died), np.concatenate([[0.0], np.cumsum(np.bincount(watched, w, longest + 1))[:-1]])
    risk = entered - left
    enough = np.flatnonzero(risk >= AT_RISK - 1e-9)
    end = enough[-1] if enough.size else longest
    with np.errstate(invalid="ignore", divide="ignore"):
        falls = np.where(died > 0, np.minimum(died / risk, 1.0), 0.0)
    falls[end + 1 :] = 0.0
    below = np.concatenate([np.cumprod((1 - falls)[::-1])[::-1][1:], [1.0]])  # F at each lag
    told = below * falls
    told[0] = 0.0
    return np.asarray(told, dtype=np.float64)


def _generation(weights: Floats, *, assumed: bool, pairs: float) -> Generation:
    w = weights / weights.sum()
    lag = np.arange(w.size, dtype=np.float64)
    mean = float(w @ lag)
    return Generation(w, mean, float(np.sqrt(max(w @ lag**2 - mean**2, 0.0))), assumed, pairs)
