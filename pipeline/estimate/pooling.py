"""Figures of many groups, each drawn towards what all have in common as far as its own data are few.

Belongs here: random-effects models of means with known variances, and of single values by group; shares of counts come
in from pooling_shares.py. Does not: which groups a parent has, when too few answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from pipeline.estimate.pooling_shares import BetaBinomial, beta_binomial

__all__ = [
    "BetaBinomial", "OneWay", "RandomEffects", "beta_binomial", "dersimonian_laird", "one_way_reml", "reml",
    "sampling_variance",
]  # fmt: skip
Floats = NDArray[np.float64]
NODES = 128


@dataclass(frozen=True)
class RandomEffects:
    """y_i ~ N(x_i·b + u_i, v_i), u_i ~ N(0, tau2); arrays have an entry a group, `coefficients` one a column of X.

    `mu` and `se` are the first coefficient and its standard error, `covariance` that of all; `tau2_se` is the standard
    error of tau2. `q` is Cochran's heterogeneity (k - p degrees of freedom), `i2` the share of variance between groups.
    `blup_se` is the error of `shrunken` if tau2 were known; `shrunken_se`, `shrunken_low` and `shrunken_high` allow for
    its being estimated.
    """

    coefficients: Floats
    covariance: Floats
    tau2: float
    tau2_se: float
    q: float
    i2: float
    fitted: Floats
    shrunken: Floats
    blup_se: Floats
    shrunken_se: Floats
    shrunken_low: Floats
    shrunken_high: Floats

    @property
    def mu(self) -> float:
        """The first coefficient: the mean of all where X is a column of ones."""
        return float(self.coefficients[0])

    @property
    def se(self) -> float:
        """The standard error of `mu`."""
        return float(np.sqrt(self.covariance[0, 0]))


@dataclass(frozen=True)
class _Fit:
    """Generalised least squares at one tau2: weights w = 1/(v + tau2), residuals, and the traces of P and PP."""

    w: Floats
    b: Floats
    cov: Floats
    r: Floats
    trace: float
    trace2: float
    log_likelihood: float


def reml(y: ArrayLike, variance: ArrayLike, X: ArrayLike | None = None, *, confidence: float = 0.95) -> RandomEffects:
    """Groups' effects `y` with known `variance` (their squared standard errors), pooled; tau2 by restricted likelihood.

    Fisher scoring: tau2 += (y'PPy - tr P)/tr PP, kept at or above 0, P = W - WX(X'WX)⁻¹X'W, W = diag 1/(v + tau2).
    `X` is the whole design, a row a group, a column of ones by default. shrunken_i = λ y_i + (1 - λ) x_i·b, λ = tau2/(v_i +
    tau2); blup_se² = λ v_i + (1 - λ)² x_i cov x_i'. `shrunken_se` and the ends average both moments over the restricted
    likelihood of tau2, with a flat prior for B = v0/(v0 + tau2), v0 the harmonic mean of the variances; the ends are moved
    where need be to hold `shrunken`. Raises ValueError on variances not above 0, a design without full rank, or no more
    groups than columns. Sources: Viechtbauer, J. Educ. Behav. Stat. 30 (2005) 261-293; Morris, JASA 78 (1983) 47-55;
    Kass & Steffey, JASA 84 (1989) 717-726; Daniels, Can. J. Stat. 27 (1999) 567-578 (the prior).
    """
    values, v, design = _checked(y, variance, X)
    tau2 = max(0.0, _moment_tau2(values, v, design))
    fit = _least_squares(values, v, design, tau2)
    for _ in range(500):
        step = (float((fit.w**2 * fit.r**2).sum()) - fit.trace) / fit.trace2
        new = max(0.0, tau2 + step)
        tried = _least_squares(values, v, design, new)
        while tried.log_likelihood < fit.log_likelihood - 1e-12 * abs(fit.log_likelihood) and abs(new - tau2) > 1e-14:
            new = (new + tau2) / 2
            tried = _least_squares(values, v, design, new)
        moved, tau2, fit = abs(new - tau2), new, tried
        if moved <= 1e-12 * (tau2 + float(v.min())):
            break
    return _pooled(values, v, design, tau2, float(np.sqrt(2 / fit.trace2)), confidence)


def dersimonian_laird(y: ArrayLike, variance: ArrayLike, X: ArrayLike | None = None, *, confidence: float = 0.95) -> RandomEffects:
    """The same model as `reml` with tau2 by moments: (Q - (k - p))/tr P at tau2 = 0, kept at or above 0.

    `tau2_se` is that of the moment estimate. Raises as `reml`. Source: DerSimonian & Laird, Control. Clin. Trials 7 (1986) 177-188.
    """
    values, v, design = _checked(y, variance, X)
    plain, tau2 = _least_squares(values, v, design, 0.0), max(0.0, _moment_tau2(values, v, design))
    free = values.size - design.shape[1]
    spread = np.sqrt(2 * free + 4 * tau2 * plain.trace + 2 * tau2**2 * plain.trace2) / plain.trace
    return _pooled(values, v, design, tau2, float(spread), confidence)


def sampling_variance(variance: ArrayLike, n: ArrayLike, of: ArrayLike) -> Floats:
    """The variance of a mean of `n` answers out of a group of `of`: (variance/n)(1 - n/of).

    0 where everybody answered. Raises ValueError where n is not above 0, n exceeds `of` or a variance is negative.
    Source: Cochran, Sampling Techniques (3rd ed. 1977), section 2.6.
    """
    s2, m, whole = (np.asarray(a, dtype=np.float64) for a in (variance, n, of))
    if not np.all((m > 0) & (m <= whole)):
        raise ValueError("answers must number more than none and no more than the group")
    if not np.all(s2 >= 0):
        raise ValueError("a variance cannot be negative")
    found: Floats = s2 / m * (1 - m / whole)
    return found


def _checked(y: ArrayLike, variance: ArrayLike, X: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    values, v = np.asarray(y, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    if values.ndim != 1 or values.shape != v.shape:
        raise ValueError("y and variance must be two lists of one length")
    if not np.all(np.isfinite(values)):
        raise ValueError("y must be finite")
    if not np.all((v > 0) & np.isfinite(v)):
        raise ValueError("every variance must be finite and above 0")
    design = np.ones((values.size, 1)) if X is None else np.asarray(X, dtype=np.float64)
    if design.ndim != 2 or design.shape[0] != values.size:
        raise ValueError("X must have a row for each y")
    if values.size <= design.shape[1]:
        raise ValueError("pooling needs more groups than columns of X")
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise ValueError("the columns of X must not follow from each other")
    return values, v, design


def _least_squares(y: Floats, v: Floats, x: Floats, tau2: float) -> _Fit:
    w = 1 / (v + tau2)
    normal = _product(x, w)
    cov: Floats = np.asarray(np.linalg.inv(normal), dtype=np.float64)
    b = cov @ _total(x * (w * y)[:, None])
    r = y - x @ b
    second, third = cov @ _product(x, w**2), cov @ _product(x, w**3)
    trace = _sum(w) - float(np.trace(second))
    trace2 = _sum(w**2) - 2 * float(np.trace(third)) + float(np.trace(second @ second))
    likelihood = 0.5 * (_sum(np.log(w)) - float(np.linalg.slogdet(normal)[1]) - _sum(w * r**2))
    return _Fit(w, b, cov, r, trace, trace2, likelihood)


def _product(x: Floats, w: Floats) -> Floats:
    """X' diag(w) X, the same in whatever order the groups come."""
    return _total(x[:, :, None] * x[:, None, :] * w[:, None, None])


def _total(values: Floats) -> Floats:
    found: Floats = np.sort(values, axis=0).sum(axis=0)
    return found


def _sum(values: Floats) -> float:
    return float(np.sort(values).sum())


def _moment_tau2(y: Floats, v: Floats, x: Floats) -> float:
    plain = _least_squares(y, v, x, 0.0)
    return float((_sum(plain.w * plain.r**2) - (y.size - x.shape[1])) / plain.trace)


def _pooled(y: Floats, v: Floats, x: Floats, tau2: float, tau2_se: float, confidence: float) -> RandomEffects:
    """Everything that follows from tau2."""
    fit, plain = _least_squares(y, v, x, tau2), _least_squares(y, v, x, 0.0)
    shrunken, variance = _shrunken(y, v, x, tau2, fit)
    middle, whole = _averaged(y, v, x)
    reach = NormalDist().inv_cdf(0.5 + confidence / 2) * np.sqrt(whole)
    typical = (y.size - x.shape[1]) / plain.trace
    return RandomEffects(
        fit.b, fit.cov, tau2, tau2_se, _sum(plain.w * plain.r**2), tau2 / (tau2 + typical), x @ fit.b, shrunken,
        np.sqrt(variance), np.sqrt(whole), np.minimum(middle - reach, shrunken), np.maximum(middle + reach, shrunken),
    )  # fmt: skip


def _shrunken(y: Floats, v: Floats, x: Floats, tau2: float, fit: _Fit) -> tuple[Floats, Floats]:
    own = tau2 / (v + tau2)
    mean: Floats = own * y + (1 - own) * (x @ fit.b)
    variance: Floats = own * v + (1 - own) ** 2 * ((x @ fit.cov) * x).sum(axis=1)
    return mean, variance


def _averaged(y: Floats, v: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of each group's effect, averaged over what tau2 may be."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    shrink = (nodes + 1) / 2
    tau2s = y.size / _sum(1 / v) * (1 - shrink) / shrink
    fits = [_least_squares(y, v, x, float(t)) for t in tau2s]
    likely = np.array([fit.log_likelihood for fit in fits])
    weight = weights * np.exp(likely - likely.max())
    weight /= weight.sum()
    found = [_shrunken(y, v, x, float(t), fit) for t, fit in zip(tau2s, fits, strict=True)]
    means, within = np.stack([mean for mean, _ in found]), np.stack([variance for _, variance in found])
    middle: Floats = (weight[:, None] * means).sum(axis=0)
    variance: Floats = (weight[:, None] * (within + (means - middle) ** 2)).sum(axis=0)
    return middle, variance


@dataclass(frozen=True)
class OneWay:
    """value_ij = mean + u_j + e_ij: the variance of u is `between`, of e `within`; `se` is that of `mean`.

    `groups` are sorted; `shrunken` and `shrunken_se` (u_j's own error, both variances taken as known) are in their order.
    """

    mean: float
    se: float
    between: float
    within: float
    groups: NDArray[Any]
    shrunken: Floats
    shrunken_se: Floats


def one_way_reml(values: ArrayLike, group: ArrayLike) -> OneWay:
    """Variances between and within groups of single values by restricted maximum likelihood; groups may differ in size.

    With ρ = between/within and w_j = n_j/(1 + n_j ρ), the mean is the w-weighted one of the group means and within =
    (SSW + ∑ w_j (m_j - mean)²)/(N - 1); ρ is where the profiled likelihood is highest, 0 or above.
    Raises ValueError on unequal lengths, one group only, or no group of two. Source: Patterson & Thompson, Biometrika 58
    (1971) 545-554.
    """
    y, label = np.asarray(values, dtype=np.float64), np.asarray(group)
    if y.ndim != 1 or y.shape != label.shape:
        raise ValueError("values and group must be two lists of one length")
    names, of = np.unique(label, return_inverse=True)
    if names.size < 2 or y.size == names.size:
        raise ValueError("it takes two groups, one of them with two values")
    order = np.lexsort((y, of))
    y, of = y[order], of[order]
    n = np.bincount(of).astype(np.float64)
    means = np.bincount(of, y) / n
    inside = float(((y - means[of]) ** 2).sum())

    def at(ratio: float) -> tuple[Floats, float, Floats, float]:
        w = n / (1 + n * ratio)
        mean = float((w * means).sum() / w.sum())
        away = means - mean
        return w, mean, away, inside + float((w * away**2).sum())

    def slope(ratio: float) -> float:
        w, _, away, total = at(ratio)
        spread = float((w**2 * away**2).sum())
        return (y.size - 1) * spread / total - float(w.sum()) + float((w**2).sum() / w.sum())

    ratio, upper = 0.0, 1.0
    if slope(0.0) > 0:
        while slope(upper) > 0 and upper < 1e12:
            upper *= 4
        ratio = float(brentq(slope, 0.0, upper, xtol=1e-14, rtol=1e-14)) if upper < 1e12 else upper
    w, mean, away, total = at(ratio)
    within = total / (y.size - 1)
    own = n * ratio / (1 + n * ratio)
    error = np.sqrt(within * ratio / (1 + n * ratio))
    return OneWay(mean, float(np.sqrt(within / w.sum())), within * ratio, within, names, mean + own * away, error)
