"""Shares of many groups, each drawn towards the share of all as far as its own people are few.

Belongs here: the beta-binomial model of counts, and how much of them is chance. Does not: means and effects with known
variances (pooling.py), which also gives this model under its own name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import betaln, digamma, expit, logit
from scipy.stats import beta as beta_law

Floats = NDArray[np.float64]
STEADIEST = 0.95  # beyond it a share would be told as if nothing of it were chance
MOST = 1e6  # of a concentration: beyond it the groups do not differ that anybody could see
SHRINKS, MIDDLES = 64, 11  # nodes over how much is shrunk, and over the share of all


@dataclass(frozen=True)
class BetaBinomial:
    """Group shares p_j ~ Beta(alpha, beta), hits_j ~ Binomial(of_j, p_j); arrays have an entry a group.

    `mean` = alpha/(alpha + beta). Where the groups differ no more than chance makes them, alpha and beta are infinite and
    every group is told the mean. `raw` is hits/of (NaN where of is 0), `shrunken` (alpha + hits)/(alpha + beta + of).
    """

    alpha: float
    beta: float
    mean: float
    raw: Floats
    shrunken: Floats
    shrunken_low: Floats
    shrunken_high: Floats


def beta_binomial(hits: ArrayLike, of: ArrayLike, *, confidence: float = 0.95) -> BetaBinomial:
    """Maximum-likelihood alpha and beta of the groups' shares, and each group's shrunken share with its interval.

    The interval allows for alpha and beta being estimated: given both, a share is Beta(alpha + hits, beta + of - hits);
    mean and variance are averaged over the likelihood of (alpha, beta), with a flat prior for the mean and for how much is
    shrunk, B = M/(M + n0), M = alpha + beta, n0 the harmonic mean of `of`; the ends are the quantiles of the beta law
    with these two moments, moved where need be to hold `shrunken`. Hits and of are numbers of people, need not be whole.
    Raises ValueError where hits lie outside 0 to of, or fewer than two groups have anybody.
    Sources: Tarone, J. Natl. Cancer Inst. 69 (1982) 1109-1126 (the model); Kass & Steffey, JASA 84 (1989) 717-726 (the two
    moments); Christiansen & Morris, JASA 92 (1997) 618-632 (the prior of B).
    """
    x, n = np.asarray(hits, dtype=np.float64), np.asarray(of, dtype=np.float64)
    if x.shape != n.shape or x.ndim != 1:
        raise ValueError("hits and of must be two lists of one length")
    if not np.all((x >= 0) & (x <= n)):
        raise ValueError("hits must lie between 0 and the number they are out of")
    if np.count_nonzero(n) < 2:
        raise ValueError("pooling needs two groups that have anybody")
    # Groups alike count together, in one order: the same groups in another give the same bytes.
    kinds, which, times = np.unique(np.stack([n, x]), axis=1, return_inverse=True, return_counts=True)
    size, hit = kinds
    alpha, beta = _fit(hit, size, times.astype(np.float64))
    mean = float((hit * times).sum() / (size * times).sum()) if np.isinf(alpha + beta) else alpha / (alpha + beta)
    plugged = np.full(size.size, mean) if np.isinf(alpha + beta) else (alpha + hit) / (alpha + beta + size)
    middle, variance = _moments(hit, size, times.astype(np.float64))
    known = np.maximum(middle * (1 - middle) / variance - 1, 1e-9)
    tail = (1 - confidence) / 2
    low, high = (beta_law.ppf(q, middle * known, (1 - middle) * known) for q in (tail, 1 - tail))
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = x / n
    at = which.reshape(-1)
    return BetaBinomial(alpha, beta, mean, raw, plugged[at], np.minimum(low, plugged)[at], np.maximum(high, plugged)[at])


def steadiness(people: ArrayLike, now: ArrayLike, before: ArrayLike, twice: ArrayLike) -> float:
    """How far it is the same people of a group who do something, from 0 to 0.95: what of a share is not chance.

    Each group has so many people who were there in two periods, those who did it now, before, and in both (`twice`). The
    correlation of the two within groups: with C = twice - now * before / people and V = n - n^2 / people of either period,
    summed over groups, C / sqrt(V V'). Where everybody has a chance p_i of their own that stays, it is the part of p(1 - p)
    by which the p_i differ; what is left, p(1 - p)(1 - r), is chance. 0 where it is below, or in one of the periods all
    of each group are alike. Raises ValueError on lists of unlike length, or more who did than there are.
    Source: the phi coefficient as reliability, Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions (2003), ch. 18.
    """
    n, a, b, both = (np.asarray(counts, dtype=np.float64) for counts in (people, now, before, twice))
    if not n.shape == a.shape == b.shape == both.shape or n.ndim != 1:
        raise ValueError("people, now, before and twice must be lists of one length")
    if not np.all((both >= 0) & (both <= np.minimum(a, b)) & (np.maximum(a, b) <= n)):
        raise ValueError("no more can have done something twice than once, nor than there are")
    n, a, b, both = (counts[n > 0] for counts in (n, a, b, both))
    together = float(np.sort(both - a * b / n).sum())
    spread = float(np.sort(a - a**2 / n).sum()) * float(np.sort(b - b**2 / n).sum())
    return float(np.clip(together / np.sqrt(spread), 0.0, STEADIEST)) if spread > 0 else 0.0


def _likelihood(alpha: Floats, beta: Floats, hit: Floats, size: Floats, times: Floats) -> Floats:
    """The log likelihood for each alpha and beta, up to a constant: the groups are the last axis of the others."""
    a, b = np.asarray(alpha)[..., None], np.asarray(beta)[..., None]
    found: Floats = ((betaln(a + hit, b + size - hit) - betaln(a, b)) * times).sum(axis=-1)
    return found


def _fit(hit: Floats, size: Floats, times: Floats) -> tuple[float, float]:
    """Alpha and beta; infinite where the binomial law alone is as likely."""
    share = float((hit * times).sum() / (size * times).sum())
    if share in (0.0, 1.0):
        return (0.0, np.inf) if share == 0 else (np.inf, 0.0)

    def loss(at: Floats) -> tuple[float, Floats]:
        mean, known = expit(at[0]), np.exp(at[1])
        a, b = mean * known, (1 - mean) * known
        by_a = (times * (digamma(a + hit) - digamma(a) - digamma(known + size) + digamma(known))).sum()
        by_b = (times * (digamma(b + size - hit) - digamma(b) - digamma(known + size) + digamma(known))).sum()
        slope = np.array([(by_a - by_b) * known * mean * (1 - mean), by_a * a + by_b * b])
        return -float(_likelihood(a, b, hit, size, times)), -slope

    bounds = [(-30.0, 30.0), (np.log(1e-3), np.log(MOST))]
    start = np.array([logit(share), np.log(_concentration(hit, size, times, share))])
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-9})
    alike = float((times * (hit * np.log(share) + (size - hit) * np.log1p(-share))).sum())
    if -float(best.fun) <= alike + 1e-6 or best.x[1] > np.log(MOST) - 1e-3:
        return np.inf, np.inf
    mean, known = float(expit(best.x[0])), float(np.exp(best.x[1]))
    return mean * known, (1 - mean) * known


def _concentration(hit: Floats, size: Floats, times: Floats, share: float) -> float:
    """A first guess of alpha + beta: squared distances from the share, beyond chance; within 1 and 1000."""
    away = float((times * (hit - size * share) ** 2).sum() / (share * (1 - share)))
    once, twice = float((times * size).sum()), float((times * size**2).sum())
    together = (away - once) / max(twice - once, 1.0)
    return float(np.clip(1 / together - 1, 1, 1000)) if together > 0 else 1000.0


def _moments(hit: Floats, size: Floats, times: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of each kind of group's share, averaged over what alpha and beta may be."""
    nodes, weights = np.polynomial.legendre.leggauss(SHRINKS)
    shrink, prior = (nodes + 1) / 2, weights / 2
    some = size > 0
    typical = times[some].sum() / (times[some] / size[some]).sum()
    known = typical * shrink / (1 - shrink)  # M, one a node
    # For each M, nodes of the mean around its own estimate, as wide as it is unsure, on the logit scale.
    worth = times * size / (1 + (np.maximum(size, 1) - 1) / (known[:, None] + 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(some, hit / size, 0.0)
    people = worth.sum(axis=1)
    centre = ((worth * share).sum(axis=1) + 0.5) / (people + 1)
    spread = 1 / np.sqrt(centre * (1 - centre) * people)
    mean = expit(logit(centre)[:, None] + spread[:, None] * np.linspace(-4, 4, MIDDLES))
    known = np.broadcast_to(known[:, None], mean.shape)
    a, b = mean * known, (1 - mean) * known
    # A step on the logit scale is worth p(1-p) on the flat one, and as long as the spread.
    log_weight = _likelihood(a, b, hit, size, times) + np.log(mean * (1 - mean)) + np.log(spread * prior)[:, None]
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    each = (a[..., None] + hit) / (known[..., None] + size)
    within = each * (1 - each) / (known[..., None] + size + 1)
    middle: Floats = (weight[..., None] * each).sum(axis=(0, 1))
    variance: Floats = (weight[..., None] * (within + (each - middle) ** 2)).sum(axis=(0, 1))
    return middle, variance
