"""How many further adopters each adopter brings: the reproduction number over a window of days.

Belongs here: Cori's posterior, the pressure of earlier adopters, over-dispersion, the intrinsic number, the five words.
Does not: where adopters come from (spread.py), the generation interval (generation.py), cohorts (wallinga_teunis.py).

Days are positions in an array, from 0; a window is its first and its last day, both included. EpiEstim counts days from
1: its t_start and t_end are ours plus one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ends = tuple[float, float]
WORDS = ("viral", "likely viral", "seeded", "likely seeded", "not determined")


@dataclass(frozen=True)
class Reproduction:
    """The gamma posterior of R for each window; NaN throughout where a window ends before a mean generation interval is over.

    `low`, `median` and `high`: the central interval of the confidence asked for; any other quantile by `quantile`.
    """

    starts: Ints
    ends: Ints
    mean: Floats
    sd: Floats
    low: Floats
    median: Floats
    high: Floats
    shape: Floats
    rate: Floats

    def quantile(self, q: float) -> Floats:
        """The value below which R lies with probability q in (0, 1), for each window."""
        if not 0 < q < 1:
            raise ValueError("a quantile lies between 0 and 1")
        return _quantile(self.shape, self.rate, q)


def discrete_gamma(mean: float, sd: float, days: int) -> Floats:
    """Probabilities of a lag of 0, 1, ... `days` days, from a gamma distribution shifted by one day; that of 0 is 0.

    With F(k, s) the distribution function of a gamma of shape s and scale b, a = ((mean - 1) / sd)², b = sd² / (mean - 1):
    w_k = k F(k, a) + (k - 2) F(k - 2, a) - 2 (k - 1) F(k - 1, a) + a b (2 F(k - 1, a + 1) - F(k - 2, a + 1) - F(k, a + 1)).
    What lies beyond `days` is left out: the sum may fall short of 1. Raises ValueError unless mean > 1, sd > 0, days ≥ 1.
    Source: Cori et al., Am J Epidemiol 178 (2013) 1505-1512, web appendix 11 (EpiEstim's discr_si).
    """
    if not (mean > 1 and sd > 0 and days >= 1):
        raise ValueError("the mean must exceed 1 day, and the spread and the number of days must be positive")
    a, b = ((mean - 1) / sd) ** 2, sd * sd / (mean - 1)
    k = np.arange(days + 1, dtype=np.float64)

    def below(at: Floats, shape: float) -> Floats:
        return np.asarray(special.gammainc(shape, np.maximum(at, 0) / b), dtype=np.float64)

    w = k * below(k, a) + (k - 2) * below(k - 2, a) - 2 * (k - 1) * below(k - 1, a)
    w += a * b * (2 * below(k - 1, a + 1) - below(k - 2, a + 1) - below(k, a + 1))
    w[0] = 0.0
    return np.maximum(w, 0.0)


def pressure(cases: ArrayLike, weights: ArrayLike) -> Floats:
    """Λ_t = ∑_s w_s I_{t-s}: for each day, the earlier cases in so far as they bring further ones on that day.

    `weights`: the generation interval, w_0 (which is 0), w_1, ...; it sums to 1 (within .01, as rounded tables do).
    Raises ValueError on negative cases or weights, w_0 above 0, or a sum that is not 1.
    """
    i, w = _cases(cases), _weights(weights)
    return np.convolve(i, w)[: i.size]


def reproduction(
    local: ArrayLike,
    imported: ArrayLike | None = None,
    *,
    weights: ArrayLike,
    starts: ArrayLike | None = None,
    ends: ArrayLike | None = None,
    window: int = 28,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    phi: ArrayLike = 1.0,
    confidence: float = 0.95,
) -> Reproduction:
    """The posterior of R in each window: R | data ~ Gamma(a + S/φ, rate 1/b + Λ/φ).

    S: local cases within the window; Λ: the pressure of all cases, local and imported, summed over its days. The prior has
    the mean and sd given: a = (mean/sd)², b = sd²/mean (5 and 5: a = 1, b = 5). φ ≥ 1, one for all windows or one each, is
    over_dispersion; 1 is Cori's own. `local`, `imported`: cases a day. Where `imported` is None, `local` are all cases, and
    those of the first day are taken as imported (nobody can have brought them), as EpiEstim does.
    `starts`, `ends`: first and last day of each window, from 0; None: every window of `window` days from day 1 on.
    Raises ValueError on negative or unequal series, windows outside them, weights that are none, a prior or φ that is none.
    Source: Cori et al., Am J Epidemiol 178 (2013) 1505-1512; imported cases: Thompson et al., Epidemics 29 (2019) 100356.
    """
    own = _cases(local)
    other = np.zeros_like(own) if imported is None else _cases(imported)
    if own.shape != other.shape:
        raise ValueError("local and imported cases must be two series of one length")
    if imported is None:
        other[:1], own[:1] = own[:1], 0.0
    if not (prior_mean > 0 and prior_sd > 0):
        raise ValueError("the prior's mean and sd must be positive")
    first, last = windows(own.size, starts, ends, window)
    scale = np.asarray(phi, dtype=np.float64)
    if np.any(~(scale >= 1)):
        raise ValueError("over-dispersion cannot be below 1")
    w = _weights(weights)
    told = last + 1 > w @ np.arange(w.size)
    shape = (prior_mean / prior_sd) ** 2 + window_sums(own, first, last) / scale
    rate = prior_mean / prior_sd**2 + window_sums(pressure(own + other, w), first, last) / scale
    shape, rate = np.where(told, shape, np.nan), np.where(told, rate, np.nan)
    low, median, high = (_quantile(shape, rate, q) for q in ((1 - confidence) / 2, 0.5, (1 + confidence) / 2))
    return Reproduction(first, last, shape / rate, np.sqrt(shape) / rate, low, median, high, shape, rate)


def over_dispersion(total: ArrayLike, weights: ArrayLike, start: int, end: int, *, mean: float, k: float) -> float:
    """φ = Var(S) / E(S) of the local cases in a window where each case's number of offspring is NB(mean, k).

    φ = 1 + (mean/k) ∑ I_u c_u² / ∑ I_u c_u, where c_u is the share of the generation interval of a case of day u that falls
    into the window start..end (days from 0, both included) and I_u all cases of that day. 1 where nobody reaches the window
    or k is infinite. Raises ValueError where k is not positive, mean is negative or the window is outside the series.
    Assumes that offspring numbers of cases are independent. Source: a thinned negative binomial (Lloyd-Smith et al.,
    Nature 438 (2005) 355-359); S/φ as in quasi-likelihood (Wedderburn, Biometrika 61 (1974) 439-447).
    """
    i, w = _cases(total), _weights(weights)
    if not (k > 0 and mean >= 0):
        raise ValueError("k must be positive and the mean number of offspring not negative")
    windows(i.size, [start], [end], 1)
    u = np.arange(end + 1)
    done = np.concatenate([[0.0], np.cumsum(w)])  # done[j]: what of the interval lies before lag j
    within = done[np.minimum(end - u + 1, w.size)] - done[np.clip(start - u, 0, w.size)]
    reach, squared = float(i[: end + 1] @ within), float(i[: end + 1] @ within**2)
    return 1.0 if reach <= 0 else 1.0 + (mean / k) * squared / reach


def intrinsic(r: ArrayLike, adopters: ArrayLike, eligible: ArrayLike) -> Floats:
    """R / (1 - adopters/eligible): what R would be if nobody had adopted yet; as people adopt, fewer are left to convince.

    Assumes that adopters meet the others at random. Raises ValueError unless 0 ≤ adopters < eligible.
    """
    a, m = np.asarray(adopters, dtype=np.float64), np.asarray(eligible, dtype=np.float64)
    if np.any(a < 0) or np.any(~(a < m)):
        raise ValueError("adopters must be fewer than those who might adopt")
    return np.asarray(np.asarray(r, dtype=np.float64) / (1 - a / m), dtype=np.float64)


def verdict(lo: Ends, mar: Ends | None, hi: Ends) -> str:
    """One of the five words, from the ends (low, high) of R's interval under the three readings of the unattributed.

    'viral' where low(lo) > 1, 'seeded' where high(hi) < 1: these hold however the unattributed are read and are asked
    first. Then 'likely viral' where low(mar) > 1, 'likely seeded' where high(mar) < 1. Else 'not determined'. `mar` None:
    that reading is not told, and neither likely word can fall. Raises ValueError on an interval that is upside down.
    """
    for low, high in (lo, hi, mar or (0.0, 0.0)):
        if not low <= high:
            raise ValueError("an interval's lower end cannot exceed its upper end")
    if lo[0] > 1:
        return "viral"
    if hi[1] < 1:
        return "seeded"
    if mar is not None and mar[0] > 1:
        return "likely viral"
    if mar is not None and mar[1] < 1:
        return "likely seeded"
    return "not determined"


def windows(days: int, starts: ArrayLike | None, ends: ArrayLike | None, window: int) -> tuple[Ints, Ints]:
    """First and last day of each window, checked; where none are given, every one of `window` days from day 1 on."""
    if (starts is None) != (ends is None):
        raise ValueError("give both the starts and the ends of the windows, or neither")
    if starts is None:
        if window < 1:
            raise ValueError("a window has at least one day")
        first = np.arange(1, max(days - window, 0) + 1, dtype=np.int64)
        return first, first + window - 1
    first, last = np.atleast_1d(np.asarray(starts)).astype(np.int64), np.atleast_1d(np.asarray(ends)).astype(np.int64)
    if first.shape != last.shape or first.ndim != 1:
        raise ValueError("starts and ends must be two lists of one length")
    if np.any(first < 0) or np.any(last < first) or np.any(last >= days):
        raise ValueError("a window must lie within the series and not end before it starts")
    return first, last


def window_sums(series: Floats, first: Ints, last: Ints) -> Floats:
    """The sum of a series over each window."""
    return np.array([series[a : b + 1].sum() for a, b in zip(first, last, strict=True)], dtype=np.float64)


def _cases(cases: ArrayLike) -> Floats:
    i = np.array(cases, dtype=np.float64)
    if i.ndim != 1 or not np.all(np.isfinite(i)) or np.any(i < 0):
        raise ValueError("cases must be one series of numbers that are not negative")
    return i


def _weights(weights: ArrayLike) -> Floats:
    w = np.array(weights, dtype=np.float64)
    if w.ndim != 1 or w.size < 2 or not np.all(w >= 0) or w[0] != 0 or abs(float(w.sum()) - 1) > 0.01:
        raise ValueError("weights must be probabilities that sum to 1, of which the first, for a lag of no day, is 0")
    return w


def _quantile(shape: Floats, rate: Floats, q: float) -> Floats:
    return np.asarray(stats.gamma.ppf(q, shape) / rate, dtype=np.float64)
