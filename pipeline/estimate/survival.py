"""How long something takes when some of it has not happened yet.

Belongs here: the product-limit curve, whole or by group, and whether groups differ.
Does not: what is waited for, or when a wait begins (warehouse/metrics).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

Floats = NDArray[np.float64]


class Quantile(NamedTuple):
    """A waiting time with its interval, in the unit of the durations; None where it was not reached."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Curve:
    """The share still waiting just after each time at which something happened, with a pointwise interval.

    `se` is Greenwood's; `low` and `high` are NaN where nobody waits any longer (the interval is not defined there).
    """

    times: Floats
    share: Floats
    se: Floats
    low: Floats
    high: Floats

    def quantile(self, done: float) -> Quantile:
        """The time by which a share `done` in (0, 1) is over: 0.5 gives the median.

        The value is where the curve falls to 1 - done, halfway along the step if it rests there exactly; its interval
        is where the curve's own ends do (Brookmeyer & Crowley, Biometrics 38 (1982) 29-41).
        """
        if not 0 < done < 1:
            raise ValueError("the share that is over lies between 0 and 1")
        return Quantile(*(self._falls_to(1 - done, line) for line in (self.share, self.low, self.high)))

    def _falls_to(self, level: float, line: Floats) -> float | None:
        reached = np.flatnonzero(line <= level + 1e-12)  # a share is a product of fractions: equal within rounding
        if not reached.size:
            return None
        first = reached[0]
        below = np.flatnonzero(line < level - 1e-12)
        if below.size and below[0] != first:
            return float((self.times[first] + self.times[below[0]]) / 2)
        return float(self.times[first])


class LogRank(NamedTuple):
    """Whether groups wait alike: `observed` and `expected` events of each group, chi-square on `df`, its p-value."""

    groups: tuple[object, ...]
    observed: Floats
    expected: Floats
    chisq: float
    df: int
    p: float


def kaplan_meier(
    durations: ArrayLike, happened: ArrayLike, *, confidence: float = 0.95,
    interval: Literal["log-log", "log", "plain"] = "log-log",
) -> Curve:  # fmt: skip
    """The product-limit curve of `durations` (any unit, ≥ 0), `happened` False where the wait was cut off unanswered.

    S(t) = ∏ (1 - d/n) over times up to t, with d events among n still waiting. Var S = S² V, V = ∑ d / (n(n - d))
    (Greenwood). The interval is log-log, S^exp(±z √V / log S), which stays within [0, 1]; or `log`, S exp(±z √V), or
    `plain`, S ± z S √V, both cut off at 0 and 1.
    Raises ValueError on negative durations or unequal lengths. A wait cut off at the time of an event still counts
    among those waiting then. Source: Kaplan & Meier, JASA 53 (1958) 457-481; Kalbfleisch & Prentice (1980).
    """
    t, seen = _waits(durations, happened)
    times, events = np.unique(t[seen], return_counts=True)
    waiting = t.size - np.searchsorted(np.sort(t), times, side="left")
    share: Floats = np.cumprod(1 - events / waiting, dtype=np.float64)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance: Floats = np.cumsum(events / (waiting * (waiting - events)), dtype=np.float64)
        low, high = _ends(share, z * np.sqrt(variance), interval)
        se: Floats = share * np.sqrt(variance)
    for line in (se, low, high):
        line[share <= 0] = np.nan
    return Curve(times, share, se, low, high)


def _waits(durations: ArrayLike, happened: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    t, seen = np.asarray(durations, dtype=np.float64), np.asarray(happened, dtype=bool)
    if t.shape != seen.shape or t.ndim != 1:
        raise ValueError("durations and happened must be two lists of one length")
    if np.any(t < 0):
        raise ValueError("a wait cannot be negative")
    return t, seen


def _ends(share: Floats, wide: Floats, interval: str) -> tuple[Floats, Floats]:
    match interval:
        case "log-log":
            power = np.exp(wide / np.log(share))  # log of a share is negative: this one is below 1
            return share ** (1 / power), share**power
        case "log":
            return share * np.exp(-wide), np.minimum(share * np.exp(wide), 1)
        case "plain":
            return np.maximum(share - wide * share, 0), np.minimum(share + wide * share, 1)
    raise ValueError("the interval is log-log, log or plain")


def kaplan_meier_by(
    durations: ArrayLike, happened: ArrayLike, group: ArrayLike, *, confidence: float = 0.95,
    interval: Literal["log-log", "log", "plain"] = "log-log",
) -> dict[object, Curve]:  # fmt: skip
    """A curve for each value of `group`, in the order of the values; else as kaplan_meier."""
    t, seen = _waits(durations, happened)
    names, place = _groups(group, t)
    return {
        name: kaplan_meier(t[place == n], seen[place == n], confidence=confidence, interval=interval)
        for n, name in enumerate(names)
    }


def _groups(group: ArrayLike, t: Floats) -> tuple[tuple[object, ...], NDArray[np.intp]]:
    labels = np.asarray(group)
    if labels.shape != t.shape:
        raise ValueError("every wait needs its group")
    names, place = np.unique(labels, return_inverse=True)
    return tuple(names.tolist()), place


def log_rank(durations: ArrayLike, happened: ArrayLike, group: ArrayLike, *, rho: float = 0.0) -> LogRank:
    """Whether the groups of waits could have one curve in common.

    At each time with d events among n waiting, n_j of them in group j: O_j - E_j adds d_j - d n_j / n, with the
    hypergeometric covariance d (n - d) / (n - 1) · (n_j/n) (1{j=l} - n_l/n); chi-square = (O-E)' V⁻ (O-E) on groups - 1.
    `rho` weighs each time by S(t-)^rho: 0 is the log-rank test, 1 Peto & Peto's. Raises ValueError where fewer than two
    groups are given or nothing has happened. Source: Mantel 1966; Harrington & Fleming, Biometrika 69 (1982) 553-566.
    """
    t, seen = _waits(durations, happened)
    names, place = _groups(group, t)
    if len(names) < 2 or not seen.any():
        raise ValueError("a log-rank test needs two groups, and something that has happened")
    member = place[:, None] == np.arange(len(names))[None, :]
    observed, expected = np.zeros(len(names)), np.zeros(len(names))
    spread = np.zeros((len(names), len(names)))
    share = 1.0
    for moment in np.unique(t[seen]):
        at_risk, now = member[t >= moment].sum(axis=0), member[seen & (t == moment)].sum(axis=0)
        n, d, weight = int(at_risk.sum()), int(now.sum()), share**rho
        part = at_risk / n
        observed += weight * now
        expected += weight * d * part
        if n > 1:
            spread += weight**2 * d * (n - d) / (n - 1) * (np.diag(part) - np.outer(part, part))
        share *= 1 - d / n
    gap = (observed - expected)[:-1]  # the gaps add up to 0: the last group's says nothing new
    chisq = float(gap @ np.linalg.pinv(spread[:-1, :-1]) @ gap)
    df = len(names) - 1
    return LogRank(names, observed, expected, chisq, df, float(chi2.sf(chisq, df)))
