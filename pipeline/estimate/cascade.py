"""A cascade of trainings: how many colleagues each champion reaches, when the plan will be met, how earlier forecasts did.

Belongs here: branching, the forecast with its band, its back-test. Does not: who counts as trained (warehouse/staging).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln
from scipy.stats import binom, t

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RECENT = 84  # days: the pace is taken from the newest twelve weeks, so that it follows a cascade that fades or grows
HORIZON = 156  # weeks that a forecast looks ahead
SHAPES = np.geomspace(0.1, 30, 40)  # how alike champions are: from a few who do it all to all alike


class Ends(NamedTuple):
    """A figure with its interval; None where it is open."""

    value: float
    low: float
    high: float | None


@dataclass(frozen=True)
class Forecast:
    """Weeks until the plan is met: the median, and the ends of the band, None where beyond `HORIZON` weeks.

    `refused` says why there is none, in plain words. `trained` of `target` are done already.
    """

    weeks: float | None
    low: float | None
    high: float | None
    trained: int
    target: int
    level: float
    refused: str | None = None


class Backtest(NamedTuple):
    """Of `of` earlier days, `held` on which the band for the number trained `ahead` days later held what came."""

    held: int
    of: int
    ahead: int


def mean_reached(counts: ArrayLike, *, confidence: float = 0.95) -> Ends:
    """Mean number of colleagues for each champion, with Student's interval (not below 0).

    Assumes champions are like draws from those who could have been named. Raises ValueError on fewer than two.
    """
    n = np.asarray(counts, dtype=np.float64)
    if n.ndim != 1 or n.size < 2 or np.any(n < 0):
        raise ValueError("counts is a list of two or more numbers, none below 0")
    mean = float(np.mean(n))
    wide = float(t.ppf(0.5 + confidence / 2, n.size - 1) * np.std(np.sort(n), ddof=1) / np.sqrt(n.size))
    return Ends(mean, max(0.0, mean - wide), mean + wide)


def median_reached(counts: ArrayLike, *, confidence: float = 0.95) -> Ends:
    """Median number of colleagues, with the interval between order statistics that binomial(n, 1/2) gives.

    The ends are the smallest and the largest where there are too few for the confidence. ValueError on an empty list.
    """
    n = np.sort(np.asarray(counts, dtype=np.float64))
    if n.ndim != 1 or not n.size or n[0] < 0:
        raise ValueError("counts is a list of numbers, none below 0, not empty")
    place = max(0, int(binom.ppf((1 - confidence) / 2, n.size, 0.5)) - 1)
    return Ends(float(np.median(n)), float(n[place]), float(n[n.size - 1 - place]))


def forecast(
    began: ArrayLike, ended: ArrayLike, champion: ArrayLike, day: ArrayLike, *, today: int, each: int = 10,
    level: float = 0.8, draws: int = 1000, seed: int,
) -> Forecast:  # fmt: skip
    """When everyone together will have trained `each` colleagues a champion, with a band of `level`, in weeks from today.

    Days are numbers. `began` and `ended` (inf while it lasts) give each champion's days as one; `champion` (an index into
    them) and `day` each newly trained colleague, once. The target is each x champions who have begun by today.
    Champion i trains at rate l_i ~ Gamma(shape a, mean m), and at rho l_i once `each` are done; l_i is drawn from its
    posterior Gamma(a + n_i, a/m + e_i) over n_i trainings in e_i days of the newest 12 weeks, a from its likelihood on
    a grid, m around its mean, rho from Gamma(1 + trainings beyond, 1 + those expected), or 0 where nobody has gone on.
    Weeks differ in common by a gamma factor whose variance is taken from these weeks. Who has ended trains no more.
    Where champions are very many fewer draws are made, as the band is narrow then.
    Refuses with fewer than 5 champions at work, 20 trainings, 6 weeks since the first, or 8 in the newest 8 weeks.
    Assumes that the pace of these weeks goes on. ValueError on an index or a day out of range.
    """
    start, stop, who, when = _history(began, ended, champion, day, today)
    target, trained = each * start.size, int(when.size)
    if target and trained >= target:
        return Forecast(0.0, 0.0, 0.0, trained, target, level)
    if why := _refusal(stop, when, today):
        return Forecast(None, None, None, trained, target, level, why)
    pace = _Pace(start, stop, who, when, today, each)
    paths = pace.simulate(_enough(draws, start.size), HORIZON, np.random.default_rng(seed), until=target)
    met = paths >= target
    weeks = np.where(met.any(axis=1), np.argmax(met, axis=1) + 1, np.inf)
    ends = np.quantile(weeks, [0.5, (1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    if np.isinf(ends[0]):
        why = f"at its present pace the plan is not met within {HORIZON // 52} years"
        return Forecast(None, None, None, trained, target, level, why)
    middle, low, high = (float(end) if np.isfinite(end) else None for end in ends)
    return Forecast(middle, low, high, trained, target, level)


def backtest(
    began: ArrayLike, ended: ArrayLike, champion: ArrayLike, day: ArrayLike, *, today: int, each: int = 10,
    level: float = 0.8, draws: int = 500, seed: int, ahead: int = 28, every: int = 28,
) -> Backtest:  # fmt: skip
    """How the band would have done: from each earlier day, `every` days apart, for the number trained `ahead` days later.

    Only what was known on that day is used, and days on which `forecast` would have refused are left out. Parameters and
    errors as there; `ahead` is a number of whole weeks.
    """
    start, stop, who, when = _history(began, ended, champion, day, today)
    held = of = 0
    for origin in range(today - ahead, int(np.min(when, initial=today)), -every):
        known, there = when <= origin, np.flatnonzero(start <= origin)
        place = np.full(start.size, -1)
        place[there] = np.arange(there.size)
        then = np.where(stop[there] <= origin, stop[there], np.inf)
        if _refusal(then, when[known], origin):
            continue
        pace = _Pace(start[there], then, place[who[known]], when[known], origin, each)
        last = pace.simulate(_enough(draws, there.size), ahead // 7, np.random.default_rng(seed))[:, -1]
        low, high = np.quantile(last, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
        # Whom champions of a later day trained is no part of what could be foreseen.
        came = int(np.sum((when <= origin + ahead) & (place[who] >= 0)))
        held, of = held + int(low <= came <= high), of + 1
    return Backtest(held, of, ahead)


def _history(
    began: ArrayLike, ended: ArrayLike, champion: ArrayLike, day: ArrayLike, today: int
) -> tuple[Floats, Floats, Ints, Floats]:
    start, stop = np.asarray(began, dtype=np.float64), np.asarray(ended, dtype=np.float64)
    who, when = np.asarray(champion, dtype=np.int64), np.asarray(day, dtype=np.float64)
    if start.shape != stop.shape or who.shape != when.shape or start.ndim != 1 or who.ndim != 1:
        raise ValueError("began goes with ended, and champion with day")
    if np.any(stop <= start) or np.any(start > today) or np.any(when > today):
        raise ValueError("a champion ends after beginning, and nothing lies after today")
    if who.size and (who.min() < 0 or who.max() >= start.size):
        raise ValueError("champion is an index into began")
    order = np.lexsort((who, when))
    return start, stop, who[order], when[order]


def _enough(draws: int, champions: int) -> int:
    return min(draws, max(200, 200_000 // champions))


def _refusal(stop: Floats, when: Floats, today: int) -> str | None:
    if int(np.sum(stop > today)) < 5:
        return "fewer than 5 champions are at work"
    if when.size < 20 or today - float(np.min(when)) < 42:
        return "a forecast needs 20 colleagues trained and 6 weeks since the first"
    if int(np.sum(when > today - 56)) < 8:
        return "the cascade stands still: fewer than 8 people were trained in the newest 8 weeks"
    return None


class _Pace:
    """The rates of each champion as they look from `today`."""

    def __init__(self, start: Floats, stop: Floats, who: Ints, when: Floats, today: int, each: int) -> None:
        self.each, self.working, size = each, stop > today, start.size
        self.done = np.bincount(who, minlength=size)
        opened = max(today - RECENT, float(np.min(when)) - 1)
        since, to = np.maximum(start - 1, opened), np.minimum(stop - 1, today)
        full = np.full(size, np.inf)  # the day on which a champion met the plan
        place = np.argsort(who, kind="stable")
        nth = np.arange(who.size) - np.searchsorted(who[place], who[place])
        full[who[place][nth == each - 1]] = when[place][nth == each - 1]
        self.days = np.maximum(np.minimum(to, full) - since, 0)
        self.beyond = np.maximum(to - np.maximum(since, full), 0)
        recent, late = when > opened, when > full[who]
        self.count = np.bincount(who[recent & ~late], minlength=size).astype(np.float64)
        self.extra = int(np.sum(recent & late))
        self.weeks = max(int((today - opened) // 7), 1)
        self.factor = self._unrest(np.bincount(((today - when[recent]) // 7).astype(np.int64), minlength=self.weeks)[: self.weeks])

    @staticmethod
    def _unrest(total: Ints) -> float:
        """Variance between weeks that chance does not explain, relative to the mean squared."""
        mean = float(np.mean(total))
        if total.size < 2 or not mean:
            return 0.0
        change = np.diff(total)  # of neighbours, so that a pace that rises or falls is not taken for unrest
        return max(0.0, (float(np.mean(change**2)) / 2 - mean) / mean**2)

    def simulate(self, draws: int, weeks: int, rng: np.random.Generator, until: float = np.inf) -> Floats:
        """Draws x weeks: how many are trained by the end of each coming week; stops where all draws reach `until`."""
        shape, mean = self._population(draws, rng)
        rate = rng.gamma(shape[:, None] + self.count, 1 / ((shape / mean)[:, None] + self.days))
        expected = np.sum(rate * self.beyond, axis=1)
        fade = np.minimum(rng.gamma(1 + self.extra, 1 / (1 + expected)), 1.0)
        if not self.extra:  # nobody has gone on: either nobody does (one half to begin with), or it has not been seen yet
            fade = np.where(rng.random(draws) < (1 + expected) / (2 + expected), 0.0, fade)
        fade = fade[:, None]
        rate = np.where(self.working, rate, 0.0) * 7
        if self.factor > 1e-9:  # the weeks that the pace is taken from may have been good ones, or bad ones
            rate /= rng.gamma(self.weeks / self.factor, self.factor / self.weeks, (draws, 1))
        done = np.tile(self.done, (draws, 1))
        paths = np.full((draws, weeks), np.inf)
        for week in range(weeks):
            common = rng.gamma(1 / self.factor, self.factor, (draws, 1)) if self.factor > 1e-9 else 1.0
            left = np.maximum(self.each - done, 0)
            new = rng.poisson(rate * np.where(left > 0, 1.0, fade) * common)
            over = np.where(left > 0, np.maximum(new - left, 0), 0)
            done += new - over
            if over.any():
                done += rng.binomial(over, np.broadcast_to(fade, over.shape))
            paths[:, week] = done.sum(axis=1)
            if np.all(paths[:, week] >= until):
                break
        return paths

    def _population(self, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Draws of shape and mean of the champions' rates (trainings a day)."""
        seen = self.days > 0
        n, e = self.count[seen], self.days[seen]
        mean = max(float(np.sum(n)), 0.5) / float(np.sum(e)) if n.size else 1 / RECENT
        a = SHAPES[:, None]
        fit = np.sum(gammaln(a + n) - gammaln(a) + a * np.log(a / (a + mean * e)) + n * np.log(mean * e / (a + mean * e)), axis=1)
        weight = np.exp(fit - np.max(fit, initial=-np.inf))
        shape = rng.choice(SHAPES, size=draws, p=weight / np.sum(weight))
        spread = (1 / mean + np.sum(e**2) / (shape * np.sum(e))) / max(float(np.sum(e)), 1.0)  # variance of m relative to m^2
        return shape, mean * rng.gamma(1 / spread, spread)
