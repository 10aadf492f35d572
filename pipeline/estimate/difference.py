"""How much more often one group than another, or the same people later than before.

Belongs here: differences of two shares, paired or not, with their intervals. Does not: who is compared with whom, or why
they differ (effect.py).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from pipeline.estimate.proportion import wilson

Floats = NDArray[np.float64]


class Difference(NamedTuple):
    """A difference with its interval; NaN where a side is empty."""

    value: float
    low: float
    high: float


def newcombe(hits: int, of: int, other_hits: int, other_of: int, *, confidence: float = 0.95) -> Difference:
    """hits/of - other_hits/other_of, two independent shares, as a number in [-1, 1].

    With p, q the shares and (l, u), (m, v) their Wilson ends: low = d - √((p-l)² + (v-q)²), high = d + √((u-p)² + (q-m)²).
    Raises ValueError where hits are negative or exceed what they are of.
    Source: R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.
    """
    (low, other_low), (high, other_high) = wilson([hits, other_hits], [of, other_of], confidence=confidence)
    if not of or not other_of:
        return Difference(np.nan, np.nan, np.nan)
    p, q = hits / of, other_hits / other_of
    down, up = np.hypot(p - low, other_high - q), np.hypot(high - p, q - other_low)
    return Difference(p - q, float(p - q - down), float(p - q + up))


def mean_change(changes: ArrayLike, *, confidence: float = 0.95) -> Difference:
    """The mean of paired differences with Student's interval: mean ± t(n-1) s/√n. NaN ends below two, or without spread.

    Assumes that the pairs are independent. Raises ValueError on a missing value.
    """
    x = np.sort(np.asarray(changes, dtype=np.float64))
    if x.ndim != 1 or not np.all(np.isfinite(x)):
        raise ValueError("changes must be a list of numbers, none of them missing")
    if not x.size:
        return Difference(np.nan, np.nan, np.nan)
    mean = float(x.mean())
    wide = float(stats.t.ppf(0.5 + confidence / 2, x.size - 1) * x.std(ddof=1) / np.sqrt(x.size)) if x.size > 1 else np.nan
    return Difference(mean, mean - wide, mean + wide) if wide else Difference(mean, np.nan, np.nan)


def matched_changes(
    active: ArrayLike, group: ArrayLike, there: ArrayLike, treated: ArrayLike, day: ArrayLike, *, window: int = 28
) -> Floats:
    """What each treated person did more after a day than before, less what their group's untreated did in the same weeks.

    `active` is people x days, True where somebody did something; `group` names each person's; `there` (people x 2) holds the
    first and the last day of each, numbered as the columns. Treated person i on day d counts as active in the `window` days
    before d or after it (d itself is neither): the change is after_i - before_i, less its mean over people of the group who
    were there throughout and were treated nowhere from `window` days before to `window` days after. One number each, in
    -2 to 2; NaN where a window leaves the days, i was not there throughout, or nobody is left to compare with.
    Raises ValueError on lists of unequal length. The comparison of matched before and after is a difference of differences:
    it assumes that without the treatment both would have moved alike.
    """
    seen, label = np.asarray(active, dtype=bool), np.asarray(group)
    stay, who, when = np.asarray(there, np.int64), np.asarray(treated, np.int64), np.asarray(day, np.int64)
    if seen.ndim != 2 or label.shape != seen.shape[:1] or stay.shape != (label.size, 2) or who.shape != when.shape:
        raise ValueError("active, group and there must tell of the same people, treated and day be of one length")
    total = np.concatenate([np.zeros((label.size, 1), np.int32), np.cumsum(seen, axis=1, dtype=np.int32)], axis=1)
    changes = np.full(who.size, np.nan)
    for name in np.unique(label[who]):
        own = np.flatnonzero(label[who] == name)
        members = np.flatnonzero(label == name)
        for at in np.unique(when[own]):
            if at < window or at + window >= seen.shape[1]:
                continue
            here = members[(stay[members, 0] <= at - window) & (stay[members, 1] >= at + window)]
            after = total[here, at + window + 1] > total[here, at + 1]
            change = after.astype(np.float64) - (total[here, at] > total[here, at - window])
            others = ~np.isin(here, who[own[np.abs(when[own] - at) <= window]])
            if not others.any():
                continue
            expected = float(change[others].mean())
            for n in own[when[own] == at]:
                place = int(np.searchsorted(here, who[n]))
                if place < here.size and here[place] == who[n]:
                    changes[n] = change[place] - expected
    return changes
