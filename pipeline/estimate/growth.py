"""How a count of new people grows and where it would end: the curve of Bass, and a ceiling only where it can be told.

Belongs here: fitting the curve to given counts and saying whether its end is known. Does not: who counts as new, or weeks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares
from scipy.special import expit, xlogy

Floats = NDArray[np.float64]
Shape = Literal["bass", "logistic"]

REJECTED = 3.84  # the 95 % quantile of chi-square with one degree of freedom
WEEKS, PEOPLE, PEAK_AGE = 8, 30, 4
STEEPEST, FAR = 3.0, 30.0  # bounds of the search, on a scale of logarithms


class Bass(NamedTuple):
    """Ceiling M, innovation P and imitation Q with standard errors, and the residual standard error of the counts."""

    ceiling: float
    innovation: float
    imitation: float
    ceiling_se: float
    innovation_se: float
    imitation_se: float
    residual_se: float


@dataclass(frozen=True)
class Growth:
    """A curve fitted under one ceiling: expected counts a week, their deviance, and the week of the curve's own peak.

    `found` holds its two parameters as they are searched for: logistic peak and log rate, or of Bass log(P+Q), log(Q/P).
    """

    ceiling: float
    shape: Shape
    expected: Floats
    deviance: float
    peak: float
    found: tuple[float, ...]


class Ceiling(NamedTuple):
    """How many people there would be in the end: value with interval, or None and why not in `refused`.

    `low` is then what has been reached already, the only bound there is; `high` is None.
    """

    value: float | None
    low: float
    high: float | None
    refused: str | None


def bass(t: ArrayLike, sales: ArrayLike) -> Bass:
    """The Bass curve through counts `sales` at times `t` (one unit apart or not), by unweighted least squares.

    f(t) = M (P+Q)²/P · e^{-(P+Q)t} / (1 + (Q/P) e^{-(P+Q)t})². Standard errors are those of nonlinear regression:
    s² (JᵀJ)⁻¹ with s² = RSS / (n - 3). Raises ValueError for fewer than 4 times, unequal lengths, counts below 0 or all
    0, and where no curve can be fitted. Source: Bass, Management Science 15 (1969) 215-227.
    """
    when, count = np.asarray(t, dtype=np.float64), np.asarray(sales, dtype=np.float64)
    if when.shape != count.shape or when.ndim != 1 or when.size < 4:
        raise ValueError("times and counts must be two lists of one length, at least 4")
    if not np.all(np.isfinite(count)) or np.any(count < 0) or not count.any():
        raise ValueError("counts must be 0 or more, and not all 0")
    order = np.lexsort((count, when))
    when, count = when[order], count[order]
    scale = float(count.sum())
    span = float(when[-1] - when[0]) or 1.0

    def residual(theta: Floats) -> Floats:
        m, p, q = np.exp(np.clip(theta, -FAR, STEEPEST))
        made: Floats = m * _density(when, p, q) - count / scale
        return made

    starts = [(np.log(m), np.log(p / span), np.log(q / span)) for m in (1.0, 3.0) for p in (0.03, 0.3) for q in (1.0, 4.0, 10.0)]
    theta, rss = _least(residual, starts)
    m, p, q = (float(found) for found in np.exp(np.clip(theta, -FAR, STEEPEST)))
    m *= scale
    slope = _slopes(when, m, p, q)
    variance = rss * scale**2 / max(when.size - 3, 1)
    try:
        inverse = np.linalg.inv(slope.T @ slope)
    except np.linalg.LinAlgError:
        raise ValueError("these counts have no curve of their own: every ceiling fits alike") from None
    se = np.sqrt(variance * np.diag(inverse))
    return Bass(m, p, q, float(se[0]), float(se[1]), float(se[2]), float(np.sqrt(variance)))


def grow(weekly_new: ArrayLike, ceiling: float, *, shape: Shape = "bass") -> Growth:
    """The most likely curve of weekly counts towards a fixed `ceiling` of people, counts being Poisson.

    Week i expects M (F(i) - F(i-1)), i from 1: F is the cumulative curve of Bass, (1 - e^{-(P+Q)t}) / (1 + (Q/P)
    e^{-(P+Q)t}), or the logistic 1 / (1 + e^{-r(t - peak)}). Raises ValueError for a ceiling of nobody or bad counts.
    """
    counts = _counted(weekly_new)
    if not ceiling > 0:
        raise ValueError("the ceiling must be more than nobody")
    return _fit(counts, shape, ceiling)


def ceiling(weekly_new: ArrayLike, eligible: float) -> Ceiling:
    """Where the growth of weekly counts would end among `eligible` people, or why that cannot be told yet.

    The ceiling M is free and its profile deviance D(M) (Poisson; over the Pearson dispersion where that is above 1)
    compares others with the best, M*: it is told only where 2 M* and M*/2 both have D > 3.84, and the highest week, of the
    counts as of the curve, is at least 4 weeks old. Both curves of `grow` are tried: one that is not worse than the other
    by 3.84 has a say too. The interval holds every M with D <= 3.84 under either, from what has been reached up to
    `eligible`. Needs 8 weeks and 30 people. Raises ValueError for bad counts, or more new people than are eligible.
    Source: Venzon & Moolgavkar, Applied Statistics 37 (1988) 87-94, for the interval; Van den Bulte & Lilien, Marketing
    Science 16 (1997) 338-353, for why a ceiling seen from below its peak is worth nothing.
    """
    counts = _counted(weekly_new)
    reached = float(counts.sum())
    if reached > eligible:
        raise ValueError("more people are new than are eligible")
    why = _too_early(counts, reached)
    if why:
        return Ceiling(None, reached, None, why)
    free = [_fit(counts, shape, None) for shape in ("bass", "logistic")]
    best = min(free, key=lambda growth: growth.deviance)
    noise = _dispersion(counts, best)
    say = [growth for growth in free if (growth.deviance - best.deviance) / noise <= REJECTED]
    for growth in say:
        if counts.size - growth.peak < PEAK_AGE:
            return Ceiling(None, reached, None, f"by its curve, growth is at its highest now or less than {PEAK_AGE} weeks ago")
    for factor, words in ((2.0, "twice"), (0.5, "half")):
        for growth in say:
            other = factor * growth.ceiling
            if other >= reached and _worse(counts, growth, other, noise) <= REJECTED:
                return Ceiling(None, reached, None, f"a ceiling {words} as high fits the weeks seen so far nearly as well")
    low = max(reached, min(_end(counts, growth, growth.ceiling / 2, noise) for growth in say))
    high = max(_end(counts, growth, growth.ceiling * 2, noise) for growth in say)
    if low > eligible:
        return Ceiling(None, reached, None, "the curve rises beyond everybody who is eligible")
    return Ceiling(min(max(best.ceiling, reached), eligible), low, max(min(high, eligible), low), None)


def _too_early(counts: Floats, reached: float) -> str | None:
    if counts.size < WEEKS or reached < PEOPLE:
        return f"fewer than {WEEKS} weeks, or fewer than {PEOPLE} people, have been seen"
    newest_peak = int(np.flatnonzero(counts == counts.max())[-1]) + 1
    if counts.size - newest_peak < PEAK_AGE:
        return f"the week with the most new people is less than {PEAK_AGE} weeks old, so growth may still be rising"
    return None


def _counted(weekly_new: ArrayLike) -> Floats:
    counts = np.asarray(weekly_new, dtype=np.float64)
    if counts.ndim != 1 or not counts.size:
        raise ValueError("weekly counts must be one list, not empty")
    if not np.all(np.isfinite(counts)) or np.any(counts < 0):
        raise ValueError("weekly counts must be 0 or more")
    return counts


# ------------------------------------------------------------------------------------------------------ the curves
def _density(t: Floats, p: float, q: float) -> Floats:
    """The share who are new at time t, a unit of time."""
    fall = np.exp(-(p + q) * t)
    density: Floats = (p + q) ** 2 / p * fall / (1 + q / p * fall) ** 2
    return density


def _slopes(t: Floats, m: float, p: float, q: float) -> Floats:
    """How the counts change with M, P and Q: times x 3, by the derivatives of the logarithm of the density."""
    fall = np.exp(-(p + q) * t)
    drag = 2 * fall / (1 + q / p * fall)
    by_p = 2 / (p + q) - 1 / p - t + drag * (q / p**2 + q / p * t)
    by_q = 2 / (p + q) - t - drag * (1 / p - q / p * t)
    density = _density(t, p, q)
    return np.column_stack([density, m * density * by_p, m * density * by_q])


def _shares(weeks: int, shape: Shape, theta: Floats) -> Floats:
    """The share of the ceiling who are new in each week, by the cumulative curve."""
    t = np.arange(weeks + 1, dtype=np.float64)
    if shape == "logistic":
        return np.diff(expit((t - theta[0]) * np.exp(min(theta[1], STEEPEST))))
    rate, ratio = np.exp(min(theta[0], STEEPEST)), np.exp(np.clip(theta[1], -FAR, FAR))
    fall = np.exp(-rate * t)
    return np.diff((1 - fall) / (1 + ratio * fall))


def _peak(shape: Shape, theta: Floats) -> float:
    """When the curve is steepest, in weeks from the start; 0 where it only falls."""
    return float(theta[0]) if shape == "logistic" else float(max(theta[1], 0.0) / np.exp(min(theta[0], STEEPEST)))


# ------------------------------------------------------------------------------------------------------ fitting
def _fit(counts: Floats, shape: Shape, ceiling: float | None, near: Sequence[tuple[float, ...]] = ()) -> Growth:
    """The curve of least deviance, towards the ceiling or, where that is None, towards the best one; sought `near` others."""
    weeks, total = counts.size, float(counts.sum())

    def whole(theta: Floats) -> float:
        return ceiling if ceiling is not None else total / max(float(_shares(weeks, shape, theta).sum()), 1e-9)

    def signed_roots(theta: Floats) -> Floats:
        mean = np.maximum(whole(theta) * _shares(weeks, shape, theta), 1e-9)
        deviance = 2 * (xlogy(counts, counts / mean) - (counts - mean))
        roots: Floats = np.sign(counts - mean) * np.sqrt(np.maximum(deviance, 0))
        return roots

    starts = [
        (peak * weeks, np.log(rate / weeks)) if shape == "logistic" else (np.log(rate / weeks), rate * peak)
        for peak in (0.3, 0.6, 1.2) for rate in (3.0, 8.0)
    ]  # fmt: skip
    theta, deviance = _least(signed_roots, near or starts)
    expected = np.maximum(whole(theta) * _shares(weeks, shape, theta), 1e-9)
    return Growth(whole(theta), shape, expected, deviance, _peak(shape, theta), tuple(theta.tolist()))


def _least(residual: Callable[[Floats], Floats], starts: Sequence[tuple[float, ...]]) -> tuple[Floats, float]:
    """Where the squares are least, from several starts, and their sum."""
    fits = [least_squares(residual, start, method="lm", xtol=1e-10, ftol=1e-10, gtol=1e-10, max_nfev=400) for start in starts]
    best = min(fits, key=lambda fit: float(fit.cost))
    return np.asarray(best.x, dtype=np.float64), 2 * float(best.cost)


def _dispersion(counts: Floats, growth: Growth) -> float:
    """How many times more the weeks scatter than chance alone would make them (Pearson); never below 1."""
    squares = float(((counts - growth.expected) ** 2 / growth.expected).sum())
    return max(1.0, squares / (counts.size - 3))


def _worse(counts: Floats, growth: Growth, ceiling: float, noise: float) -> float:
    return (_fit(counts, growth.shape, ceiling).deviance - growth.deviance) / noise


def _end(counts: Floats, growth: Growth, outer: float, noise: float) -> float:
    """The ceiling between the best one and `outer`, which is rejected, at which rejection begins."""
    inner, near = growth.ceiling, growth.found
    while abs(outer - inner) > 1e-3 * growth.ceiling:
        middle = (inner + outer) / 2
        fit = _fit(counts, growth.shape, middle, [near])
        if (fit.deviance - growth.deviance) / noise <= REJECTED:
            inner, near = middle, fit.found
        else:
            outer = middle
    return inner
