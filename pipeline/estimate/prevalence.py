"""How many really are, where an imperfect test says who seems to be.

Belongs here: a share corrected for the test's own errors, and how sure that is. Does not: what the test is (pipeline/text
for tone), whose posts it read, when too few were labelled to say anything.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import beta as beta_law
from scipy.stats import binom

from pipeline.estimate.proportion import wilson

Floats = NDArray[np.float64]
NAMES = ("lang-reiczigel", "delta", "wilson", "clopper-pearson", "blaker")


class Prevalence(NamedTuple):
    """What an adjusted count says: shares, numbers for numbers and arrays for arrays.

    `value` is never clipped: where `valid` is False it lies outside [0, 1], the test cannot have had these errors here,
    and nothing may be said. `se` is the standard error of `value`, `apparent` the share that the test called positive.
    """

    value: Floats
    se: Floats
    low: Floats
    high: Floats
    apparent: Floats
    valid: NDArray[np.bool_]


def rogan_gladen(
    positive: ArrayLike, n: ArrayLike, se: ArrayLike, sp: ArrayLike, *, se_of: ArrayLike | None = None,
    sp_of: ArrayLike | None = None, method: str | None = None, confidence: float = 0.95,
) -> Prevalence:  # fmt: skip
    """The true share behind `positive` of `n` by a test of sensitivity `se` and specificity `sp`, with its interval.

    With p = positive/n the share is (p + sp - 1)/(se + sp - 1), its variance
    [p(1-p)/n + π² se(1-se)/se_of + (1-π)² sp(1-sp)/sp_of] / (se + sp - 1)², π the share itself within [0, 1].
    `se_of` and `sp_of` are how many labelled positives and negatives `se` and `sp` rest on; without them both are taken
    as known. `n` may be an effective number (of posts by the same people, say), so it need not be whole.

    `method` of the interval:
        lang-reiczigel   for estimated se and sp (the default with se_of, sp_of); its ends lie within [0, 1]
        delta            value ± z standard errors, ends as they fall
        wilson, clopper-pearson, blaker   the interval of p at known se and sp, both ends adjusted as p is and, as the
                         value, not clipped (wilson is the default without se_of, sp_of; the last two need whole counts)
    `valid` is False where p < 1 - sp or p > se. Raises ValueError on counts or rates out of range, on se + sp ≤ 1 (a test
    no better than a coin) and where a method does not fit. Sources: Rogan & Gladen, Am. J. Epidemiol. 107 (1978) 71-76;
    Lang & Reiczigel, Prev. Vet. Med. 113 (2014) 13-22; Blaker, Can. J. Stat. 28 (2000) 783-798.
    """
    x, m, sens, spec = (np.asarray(v, dtype=np.float64) for v in (positive, n, se, sp))
    if (se_of is None) != (sp_of is None):
        raise ValueError("se_of and sp_of are given both or neither")
    known = se_of is None or sp_of is None
    tried, cleared = (np.asarray(np.inf if v is None else v, dtype=np.float64) for v in (se_of, sp_of))
    x, m, sens, spec, tried, cleared = np.broadcast_arrays(x, m, sens, spec, tried, cleared)
    _check(x, m, sens, spec, tried, cleared)
    method = method or ("wilson" if known else "lang-reiczigel")
    if method not in NAMES:
        raise ValueError(f"method is one of {', '.join(NAMES)}")
    if method == "lang-reiczigel" and known:
        raise ValueError("lang-reiczigel needs se_of and sp_of")
    if method in ("wilson", "clopper-pearson", "blaker") and not known:
        raise ValueError(f"{method} takes se and sp as known: leave out se_of and sp_of, or ask for lang-reiczigel")

    apparent, youden = x / m, sens + spec - 1
    value = (apparent + spec - 1) / youden
    inside = np.clip(value, 0, 1)
    variance = (apparent * (1 - apparent) / m + _tested(inside, sens, spec, tried, cleared)) / youden**2
    error, z = np.sqrt(variance), NormalDist().inv_cdf(0.5 + confidence / 2)
    if method == "delta":
        low, high = value - z * error, value + z * error
    elif method == "lang-reiczigel":
        low, high = _lang_reiczigel(x, m, sens, spec, tried, cleared, z)
    else:
        low, high = ((end + spec - 1) / youden for end in _apparent(x, m, method, confidence))
    # The value is clipped nowhere; where it is no share at all, `valid` says so (rounding apart).
    valid = (value >= -1e-12) & (value <= 1 + 1e-12)
    return Prevalence(value[()], error[()], low[()], high[()], apparent[()], valid[()])


def _check(x: Floats, m: Floats, sens: Floats, spec: Floats, tried: Floats, cleared: Floats) -> None:
    if not np.all((x >= 0) & (x <= m) & (m > 0)):
        raise ValueError("positive must lie between 0 and n, and n above 0")
    if not np.all((sens >= 0) & (sens <= 1) & (spec >= 0) & (spec <= 1)):
        raise ValueError("sensitivity and specificity must lie between 0 and 1")
    if not np.all(sens + spec > 1):
        raise ValueError("sensitivity + specificity must be above 1: a test no better than a coin tells nothing")
    if not np.all((tried > 0) & (cleared > 0)):
        raise ValueError("se_of and sp_of must be above 0")


def _tested(share: Floats, sens: Floats, spec: Floats, tried: Floats, cleared: Floats) -> Floats:
    """The part of the variance that is the test's: how badly its two rates are known."""
    found: Floats = share**2 * sens * (1 - sens) / tried + (1 - share) ** 2 * spec * (1 - spec) / cleared
    return found


def _lang_reiczigel(
    x: Floats, m: Floats, sens: Floats, spec: Floats, tried: Floats, cleared: Floats, z: float
) -> tuple[Floats, Floats]:
    """Wald on counts with z²/2 (the sample) and 1 (the labelled sets) added on either side, and a shift for skewness."""
    p, m = (x + z * z / 2) / (m + z * z), m + z * z
    sens, tried = (tried * sens + 1) / (tried + 2), tried + 2
    spec, cleared = (cleared * spec + 1) / (cleared + 2), cleared + 2
    youden = sens + spec - 1
    if not np.all(youden > 0):
        raise ValueError("too few labelled: these se_of and sp_of do not set the test apart from a coin")
    share = (p + spec - 1) / youden
    shift = 2 * z * z * (share * sens * (1 - sens) / tried - (1 - share) * spec * (1 - spec) / cleared)
    spread = z * np.sqrt((p * (1 - p) / m + _tested(share, sens, spec, tried, cleared)) / youden**2)
    return np.clip(share + shift - spread, 0, 1), np.clip(share + shift + spread, 0, 1)


def _apparent(x: Floats, m: Floats, method: str, confidence: float) -> tuple[Floats, Floats]:
    """The interval of the apparent share alone."""
    if method == "wilson":
        return wilson(x, m, confidence=confidence)
    if np.any(x != np.round(x)) or np.any(m != np.round(m)):
        raise ValueError(f"{method} needs whole counts")
    tail = (1 - confidence) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(x == 0, 0.0, beta_law.ppf(tail, x, m - x + 1))
        high = np.where(x == m, 1.0, beta_law.ppf(1 - tail, x + 1, m - x))
    if method == "blaker":
        for at in np.ndindex(x.shape):
            low[at], high[at] = _blaker(int(x[at]), int(m[at]), 1 - confidence, float(low[at]), float(high[at]))
    return low, high


def _blaker(x: int, m: int, alpha: float, low: float, high: float) -> tuple[float, float]:
    """The Clopper-Pearson ends moved inwards to where Blaker's acceptability first reaches alpha.

    The acceptability jumps, so each end is found by steps that shrink: the outermost point not rejected, to 1e-7.
    """

    def accepted(p: Floats) -> NDArray[np.bool_]:
        at_least, at_most = binom.sf(x - 1, m, p), binom.cdf(x, m, p)
        lower = binom.ppf(at_least, m, p) - 1
        upper = binom.isf(at_most, m, p) + 1
        other_low = np.where(binom.cdf(lower + 1, m, p) <= at_least, binom.cdf(lower + 1, m, p), binom.cdf(lower, m, p))
        other_high = np.where(binom.sf(upper - 2, m, p) <= at_most, binom.sf(upper - 2, m, p), binom.sf(upper - 1, m, p))
        least: Floats = np.minimum(at_least + other_low, at_most + other_high)
        found: NDArray[np.bool_] = least >= alpha
        return found

    middle, ends = x / m, [low, high]
    for side, start in enumerate((low, high)):
        outer, inner = start, middle
        while abs(inner - outer) > 1e-7:
            line = np.linspace(outer, inner, 201)
            first = int(np.argmax(accepted(line)))
            if first == 0:
                inner = outer
            else:
                outer, inner = float(line[first - 1]), float(line[first])
        ends[side] = inner
    return ends[0], ends[1]
