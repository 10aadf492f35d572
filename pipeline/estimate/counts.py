"""Counts that vary more than chance: negative binomial regression.

Belongs here: a mean on the log scale and the dispersion theta, Var y = μ + μ²/θ. Does not: what a team should have
contributed (silence.py), offspring of adopters (offspring.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

ROUNDS = 100
CLOSE = 1e-10
NO_SPREAD = 1e6  # beyond this theta, the variance is the Poisson's as far as anybody can tell


@dataclass(frozen=True)
class NegativeBinomial:
    """A fitted negative binomial regression.

    `coefficients` and their standard errors `se` are on the log scale (those of `se` hold theta fixed); `theta` and
    `theta_se` are on its own. `log_likelihood` is the full one, `deviance` twice the distance to the saturated model
    at this theta, `null_deviance` that of an intercept (and offset) alone at this theta; `df` counts observations less
    coefficients. `converged` is False where the data vary no more than a Poisson's: theta then has no finite maximum.
    """

    coefficients: Floats
    se: Floats
    theta: float
    theta_se: float
    fitted: Floats
    log_likelihood: float
    deviance: float
    null_deviance: float
    df: int
    converged: bool

    @property
    def aic(self) -> float:
        """Akaike's criterion, theta counted as a parameter."""
        return -2 * self.log_likelihood + 2 * (int(np.isfinite(self.coefficients).sum()) + 1)


def negative_binomial(y: ArrayLike, X: ArrayLike | None = None, offset: ArrayLike | None = None) -> NegativeBinomial:
    """Maximum likelihood of log μ = offset + X β and of θ, for whole counts y with Var y = μ + μ²/θ.

    X is the design matrix (observations x coefficients, its intercept a column of ones); without it there is an
    intercept only. Offset is on the log scale (log of an exposure). β by iteratively reweighted least squares with θ
    fixed, θ from its score with μ fixed, in turn until the likelihood stands still: the conventions of `glm.nb` of the
    R package MASS, so that deviance, both kinds of standard error and the likelihood are comparable. A column that the
    columns before it already say has no coefficient of its own: NaN.
    Raises ValueError on counts that are not whole or are negative, on shapes that do not fit, on as many columns as
    counts, and where all counts are 0.
    Source: Venables & Ripley, Modern Applied Statistics with S, 4th ed. 2002, section 7.4.
    """
    counts = _checked(y)
    design = np.ones((counts.size, 1)) if X is None else np.asarray(X, dtype=np.float64)
    start = np.zeros(counts.size) if offset is None else np.asarray(offset, dtype=np.float64)
    if design.ndim != 2 or design.shape[0] != counts.size or start.shape != counts.shape:
        raise ValueError("the design matrix and the offset need one row for each count")
    if not (np.all(np.isfinite(design)) and np.all(np.isfinite(start))):
        raise ValueError("the design matrix and the offset hold numbers only")
    told = _independent(design)
    if counts.size <= told.size:
        raise ValueError("there are as many coefficients as counts")
    columns, design = design.shape[1], design[:, told]
    beta, mu, _ = _least_squares(counts, design, start, np.inf, None)
    theta, before, converged = np.inf, -np.inf, False
    for _ in range(ROUNDS):
        theta, _, inside = theta_ml(counts, mu)
        beta, mu, _ = _least_squares(counts, design, start, theta, beta)
        now = _log_likelihood(counts, mu, theta)
        if abs(now - before) <= CLOSE * (abs(now) + 1):
            converged = inside
            break
        before = now
    theta, theta_se, _ = theta_ml(counts, mu)
    beta, mu, covariance = _least_squares(counts, design, start, theta, beta)
    _, flat, _ = _least_squares(counts, np.ones((counts.size, 1)), start, theta, None)
    spread: Floats = np.sqrt(np.diag(covariance))
    both = [np.full(columns, np.nan) for _ in range(2)]
    both[0][told], both[1][told] = beta, spread
    return NegativeBinomial(
        coefficients=both[0], se=both[1], theta=theta, theta_se=theta_se, fitted=mu,
        log_likelihood=_log_likelihood(counts, mu, theta), deviance=_deviance(counts, mu, theta),
        null_deviance=_deviance(counts, flat, theta), df=counts.size - design.shape[1], converged=converged,
    )  # fmt: skip


def theta_ml(y: ArrayLike, mu: ArrayLike) -> tuple[float, float, bool]:
    """The most likely theta of counts y whose means are mu, its standard error, and whether there is a finite one.

    The root of the score in θ; the standard error comes from the observed information. Where the counts vary no more
    than a Poisson's, theta is 1e6 and its standard error NaN. Raises ValueError where a mean is not above 0.
    """
    counts, means = _checked(y), _means(y, mu)

    def slope(theta: float) -> float:
        return float(np.sum(
            special.digamma(counts + theta) - special.digamma(theta) + np.log(theta) - np.log(means + theta)
            + 1 - (counts + theta) / (means + theta)
        ))  # fmt: skip

    low, high = 1e-8, NO_SPREAD
    if np.sum((counts - means) ** 2 - counts) <= 0:  # for a large theta, this is what decides the sign of the slope
        return high, float("nan"), False
    for _ in range(200):  # bisection on the log scale cannot leave the bracket, as Newton's steps can
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
        if high / low < 1 + 1e-14:
            break
    theta = float(np.sqrt(low * high))
    bend = float(np.sum(
        special.polygamma(1, counts + theta) - special.polygamma(1, theta) + 1 / theta - 2 / (means + theta)
        + (counts + theta) / (means + theta) ** 2
    ))  # fmt: skip
    return theta, float(1 / np.sqrt(-bend)) if bend < 0 else float("nan"), True


def theta_moments(y: ArrayLike, mu: ArrayLike, df: int | None = None) -> float:
    """Theta at which the squared Pearson residuals add up to their degrees of freedom: Σ (y-μ)²/(μ + μ²/θ) = df.

    `df` is the number of counts less the coefficients behind mu (1 unless told). Infinite where the counts vary no
    more than a Poisson's. Raises ValueError where a mean is not above 0, or df is not.
    """
    counts, means = _checked(y), _means(y, mu)
    freedom = counts.size - 1 if df is None else df
    if freedom < 1:
        raise ValueError("theta needs more counts than there are coefficients")
    squares = (counts - means) ** 2

    def excess(spread: float) -> float:
        return float(np.sum(squares / (means + means**2 * spread))) - freedom

    if excess(0.0) <= 0:
        return float("inf")
    low, high = 0.0, 1.0
    while excess(high) > 0:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return 2 / (low + high)


def _checked(y: ArrayLike) -> Floats:
    counts = np.asarray(y, dtype=np.float64)
    if counts.ndim != 1 or not np.all(counts >= 0) or np.any(counts != np.floor(counts)):
        raise ValueError("counts are one list of whole numbers, 0 or more")
    if not np.any(counts > 0):
        raise ValueError("all counts are 0: there is no rate to estimate")
    return counts


def _independent(design: Floats) -> NDArray[np.int64]:
    """The columns that the columns before them do not already say."""
    kept: list[int] = []
    for column in range(design.shape[1]):
        if np.linalg.matrix_rank(design[:, [*kept, column]]) > len(kept):
            kept.append(column)
    if not kept:
        raise ValueError("the design has no column that tells anything")
    return np.array(kept, dtype=np.int64)


def _means(y: ArrayLike, mu: ArrayLike) -> Floats:
    means = np.broadcast_to(np.asarray(mu, dtype=np.float64), np.shape(y))
    if not np.all(means > 0):
        raise ValueError("the mean of a count is above 0")
    return means


def _least_squares(
    counts: Floats, design: Floats, offset: Floats, theta: float, beta: Floats | None
) -> tuple[Floats, Floats, Floats]:
    """Coefficients, means and the coefficients' covariance for this theta; an infinite theta is the Poisson's."""
    eta: Floats = np.log(counts + 0.5) if beta is None else offset + design @ beta
    before = np.inf
    found: Floats = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        mu = np.exp(eta)
        weight = mu / (1 + mu / theta)
        target = eta - offset + (counts - mu) / mu
        information = design.T @ (weight[:, None] * design)
        found = np.linalg.solve(information, design.T @ (weight * target)).astype(np.float64)
        eta = np.clip(offset + design @ found, -500, 500)
        now = _deviance(counts, np.exp(eta), theta)
        if abs(now - before) <= 1e-13 * (abs(now) + 0.1):
            break
        before = now
    mu = np.exp(eta)
    weight = mu / (1 + mu / theta)
    covariance: Floats = np.linalg.inv(design.T @ (weight[:, None] * design)).astype(np.float64)
    return found, mu, covariance


def _deviance(counts: Floats, mu: Floats, theta: float) -> float:
    rest = counts - mu if np.isinf(theta) else (counts + theta) * np.log((counts + theta) / (mu + theta))
    return float(2 * np.sum(special.xlogy(counts, np.maximum(counts, 1) / mu) - rest))


def _log_likelihood(counts: Floats, mu: Floats, theta: float) -> float:
    if theta >= NO_SPREAD:
        return float(np.sum(special.xlogy(counts, mu) - mu - special.gammaln(counts + 1)))
    return float(np.sum(
        special.gammaln(theta + counts) - special.gammaln(theta) - special.gammaln(counts + 1)
        + theta * np.log(theta) + special.xlogy(counts, mu) - (theta + counts) * np.log(theta + mu)
    ))  # fmt: skip
