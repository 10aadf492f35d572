"""How many each cohort went on to bring: the reproduction number by the day of the source, looking forward.

Belongs here: Wallinga and Teunis' estimate a day and over windows. Does not: the number by the day of the new case, which
is Cori's (reproduction.py). Days are positions from 0, windows include both ends, as there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.estimate.reproduction import Floats, Ints, pressure, window_sums, windows


@dataclass(frozen=True)
class Cohorts:
    """The mean number of cases that a case of each window brought; NaN where a window has no case.

    `sd`, `low`, `high` are those of the simulated trees; NaN without any. `daily` is the estimate for each single day.
    """

    starts: Ints
    ends: Ints
    mean: Floats
    sd: Floats
    low: Floats
    high: Floats
    daily: Floats


def cohort_reproduction(cases: ArrayLike, weights: ArrayLike, *, imported: ArrayLike | None = None) -> Floats:
    """The mean number of cases brought by a case of each day; NaN on days without one.

    A case of day t has its source on day s with probability p_ts = w_{t-s} I_s / ∑_r w_{t-r} I_r; so
    R_s = ∑_t (I_t - imported_t) w_{t-s} / ∑_r w_{t-r} I_r, over days t with any possible source.
    `cases`: all cases a day; `imported`: of these, those who have no source among them (None: all look for one).
    The newest days come out too low: their cases have not finished. Raises ValueError as `pressure` does, or where more
    are imported than there are cases. Source: Wallinga & Teunis, Am J Epidemiol 160 (2004) 509-516.
    """
    total, share, local = _traced(cases, weights, imported)
    return np.where(total > 0, share.T @ local, np.nan)


def wallinga_teunis(
    cases: ArrayLike,
    weights: ArrayLike,
    *,
    starts: ArrayLike | None = None,
    ends: ArrayLike | None = None,
    window: int = 28,
    imported: ArrayLike | None = None,
    simulations: int = 1000,
    seed: int = 7,
    confidence: float = 0.95,
) -> Cohorts:
    """The cohort reproduction number of each window: the mean of its days' estimates over its cases, with an interval.

    The interval comes from `simulations` trees: each case draws its source's day by p_ts (see cohort_reproduction), and
    a tree's figure is the cases drawn to the window over the cases within it; `low` and `high` are quantiles of these.
    As EpiEstim's wallinga_teunis with n_sim = simulations (there windows without a case are dropped, here they are NaN;
    with its t_start, t_end less one). It speaks of who brought whom only: neither w nor R is drawn, and right censoring is
    not corrected. Raises ValueError as cohort_reproduction, on windows outside the series, and on trees of broken cases.
    """
    total, share, local = _traced(cases, weights, imported)
    first, last = windows(total.size, starts, ends, window)
    within = window_sums(total, first, last)
    daily = np.where(total > 0, share.T @ local, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = window_sums(np.where(total > 0, daily, 0.0) * total, first, last) / within
    nothing = np.full(first.size, np.nan)
    if simulations < 1 or not first.size:
        return Cohorts(first, last, mean, nothing, nothing, nothing, daily)
    if np.any(local % 1) or np.any(total % 1):
        raise ValueError("trees need whole cases")
    drawn = _trees(total, share, local, simulations, np.random.default_rng(seed))
    sums = np.concatenate([np.zeros((simulations, 1)), np.cumsum(drawn, axis=1)], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        told = (sums[:, last + 1] - sums[:, first]) / within
    sd = told.std(axis=0, ddof=1) if simulations > 1 else nothing
    low, high = np.quantile(told, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return Cohorts(first, last, mean, sd, low, high, daily)


def _traced(cases: ArrayLike, weights: ArrayLike, imported: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    """All cases a day; share[t, s]: what one case of day s has in one case of day t; the cases that have a source."""
    i, w = np.array(cases, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    total = pressure(i, w)
    away = np.zeros_like(i) if imported is None else np.asarray(imported, dtype=np.float64)
    if away.shape != i.shape or np.any(away < 0) or np.any(away > i):
        raise ValueError("imported cases must be some of the cases of each day")
    lag = np.subtract.outer(np.arange(i.size), np.arange(i.size))
    near = (lag > 0) & (lag < w.size)
    share = np.where(near, w[np.where(near, lag, 0)], 0.0)
    share /= np.where(total > 0, total, 1.0)[:, None]
    return i, share, np.where(total > 0, i - away, 0.0)


def _trees(total: Floats, share: Floats, local: Floats, simulations: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """How many cases each tree (row) draws to sources of each day (column)."""
    drawn = np.zeros((simulations, total.size), dtype=np.int64)
    for day in np.flatnonzero(local):
        sources = np.flatnonzero(share[day] * total)
        p = share[day, sources] * total[sources]
        drawn[:, sources] += rng.multinomial(int(local[day]), p / p.sum(), size=simulations)
    return drawn
