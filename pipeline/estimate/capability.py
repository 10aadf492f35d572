"""What a survey says of teams: scores pooled across teams, the quadrant a team is in, and the gap between home and work.

Belongs here: the models of answers from 0 to 100. Does not: the fit that pools (pooling.py), waves, thresholds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr
from scipy.stats import t as student

from pipeline.estimate.pooling import reml

Floats = NDArray[np.float64]
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(40)


class Score(NamedTuple):
    """A mean score with the ends of its 95 % interval and its standard error; None where it cannot be told."""

    value: float
    low: float | None
    high: float | None
    se: float | None


class Pooled(NamedTuple):
    """One entry a team: the pooled mean, its interval and standard error; and the two variances behind them."""

    value: Floats
    low: Floats
    high: Floats
    se: Floats
    within: float
    between: float


def mean_score(score: ArrayLike, headcount: int) -> Score:
    """The mean of n answers out of a unit of N people: mean ± t √(s²/n (1 - n/N)), with n - 1 degrees of freedom.

    Raises ValueError without an answer. Source: Cochran, Sampling Techniques (3rd ed. 1977), section 2.6.
    """
    y = np.sort(np.asarray(score, dtype=np.float64))
    if not y.size:
        raise ValueError("a mean needs an answer")
    if y.size == 1:
        return Score(float(y[0]), None, None, None)
    se = float(np.sqrt(y.var(ddof=1) / y.size * max(0.0, 1 - y.size / headcount)))
    reach = float(student.ppf(0.975, y.size - 1)) * se
    return Score(float(y.mean()), float(y.mean()) - reach, float(y.mean()) + reach, se)


def pooled_scores(score: ArrayLike, team: ArrayLike, headcount: ArrayLike, parent: ArrayLike) -> Pooled:
    """Team means, each drawn to its directorate's as far as its own answers are few.

    y_j ~ N(μ_j, s²/n_j (1 - n_j/N_j)) with s² the variance within teams, pooled; μ_j ~ N(μ of the directorate, τ²);
    τ² by restricted maximum likelihood. `score` and `team` (0, 1, ... into the other two) have an entry an answer,
    `headcount` (people, N) and `parent` (which directorate) one a team; every team needs an answer.
    Raises ValueError where no team has two answers, or a team has none. Source: Fay & Herriot, JASA 74 (1979) 269-277;
    Rao & Molina, Small Area Estimation (2nd ed. 2015), chapter 6.
    """
    y, of = np.asarray(score, dtype=np.float64), np.asarray(team, dtype=np.int64)
    order = np.lexsort((y, of))
    y, of = y[order], of[order]
    people, home = np.asarray(headcount, dtype=np.float64), np.asarray(parent)
    n = np.bincount(of, minlength=people.size).astype(np.float64)
    if np.any(n == 0) or n.size != people.size:
        raise ValueError("every team needs an answer")
    if n.max() < 2:
        raise ValueError("the variance within teams needs a team with two answers")
    mean = np.bincount(of, y, n.size) / n
    within = float(((y - mean[of]) ** 2).sum() / (n - 1).sum())
    # A team that answered to the last person has no sampling error; a thousandth of it keeps the fit defined.
    variance = np.maximum(within, 1e-9) / n * np.maximum(1 - n / people, 1e-3)
    _, block = np.unique(home, return_inverse=True)
    design = np.eye(block.max() + 1)[block]
    if n.size <= design.shape[1]:
        design = np.ones((n.size, 1))
    if n.size == 1:
        reach = 1.959963984540054 * np.sqrt(variance)
        return Pooled(mean, mean - reach, mean + reach, np.sqrt(variance), within, 0.0)
    fit = reml(mean, variance, design)
    return Pooled(fit.shrunken, fit.shrunken_low, fit.shrunken_high, fit.shrunken_se, within, fit.tau2)


def quadrants(able: Floats, able_se: Floats, sure: Floats, sure_se: Floats, *, correlation: float, cut: float = 50.0) -> Floats:
    """The probability of each quadrant for each team: able and sure, able only, sure only, neither (4 x teams; adds to 1).

    Both means are normal with these standard errors and `correlation` in (-1, 1); `cut` is the middle of the scale.
    The normal probability is Drezner & Wesolowsky's integral (J. Statist. Comput. Simul. 35 (1990) 101-107).
    """
    h = (np.asarray(able) - cut) / np.maximum(able_se, 1e-9)
    k = (np.asarray(sure) - cut) / np.maximum(sure_se, 1e-9)
    both = _below_both(h, k, correlation)
    able_only, sure_only = ndtr(h) - both, ndtr(k) - both
    found = np.clip(np.stack([both, able_only, sure_only, 1 - both - able_only - sure_only]), 0.0, 1.0)
    return np.asarray(found / found.sum(axis=0), dtype=np.float64)


def _below_both(h: Floats, k: Floats, rho: float) -> Floats:
    """P(X ≤ h, Y ≤ k) of two standard normals with correlation rho."""
    r = rho * (NODES[:, None] + 1) / 2
    left = 1 - r * r
    inside = np.exp(-(h * h - 2 * r * h * k + k * k) / (2 * left)) / np.sqrt(left)
    both: Floats = ndtr(h) * ndtr(k) + rho / 2 * (NODE_WEIGHTS[:, None] * inside).sum(axis=0) / (2 * np.pi)
    return both


def within_correlation(first: ArrayLike, second: ArrayLike, team: ArrayLike) -> float:
    """The correlation of two scores of the same people within teams, kept within ±0.9; 0 where nothing varies."""
    of = np.asarray(team, dtype=np.int64)
    a, b = (_centred(np.asarray(x, dtype=np.float64), of) for x in (first, second))
    spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float(np.clip((a * b).sum() / spread, -0.9, 0.9)) if spread > 0 else 0.0


def _centred(values: Floats, of: NDArray[np.int64]) -> Floats:
    size = np.bincount(of)
    centred: Floats = values - (np.bincount(of, values) / np.maximum(size, 1))[of]
    return centred


def paired_gap(first: ArrayLike, second: ArrayLike, *, draws: int = 1999, seed: int = 7) -> Score:
    """The mean of first - second over people who answered both, with a bootstrap interval over people.

    The ends are the 2.5th and 97.5th percentiles of `draws` resampled means (Efron & Tibshirani 1993, chapter 13).
    Raises ValueError on unequal lengths or fewer than two people.
    """
    gap = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    if gap.size < 2:
        raise ValueError("a gap needs two people who answered both")
    gap = np.sort(gap)
    rng = np.random.default_rng(seed)
    means = np.array([gap[rng.integers(0, gap.size, gap.size)].mean() for _ in range(draws)])
    low, high = np.quantile(means, (0.025, 0.975))
    return Score(float(gap.mean()), float(low), float(high), float(means.std(ddof=1)))
