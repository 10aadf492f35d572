"""What a calibration bar is: something known to be true, measured again and again, and how near we must come.

Belongs here: a bar, its bounds, what so many replications say of it. Does not: any scenario or estimator (the modules
beside this one), or the page that the bars are printed on (page.py).

A module of this package registers its bars by giving them under one name, in the order in which they are to be printed:

    BARS: tuple[Bar, ...] = (Bar(name=..., row=..., setting=..., bounds=(...), outcome=...), ...)

`pipeline.calibrate.bars()` finds every module that has `BARS`; there is no list to add to. `outcome` is a function at
the top level of its module (or a functools.partial of one: it travels to another process), takes a seed and gives what
one replication measured as {key: number}. All its chance comes from the seed. A key that is left out says that this
replication tells nothing of it (the estimator refused, say): it is not counted, and where fewer than `told` of the
replications tell, the bound fails. One outcome may feed several bounds, so that coverage and bias share a simulation.

    Bound("covered", "share of intervals that hold the truth", 0.92, 0.98)            0 or 1 in each replication
    Bound("error", "mean error", -0.03, 0.03, kind="mean")                             a number in each replication

A share is judged by its own value; beside it stands the Clopper-Pearson interval of so many replications, so that a
reader sees how much of a miss is chance. The smoke of the tests judges `loosely`: it fails only what chance does not explain.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

Outcome = Mapping[str, float]
RARE = 1e-4


@dataclass(frozen=True)
class Bound:
    """One number of a bar, and the ends between which it must lie; an open end is infinite.

    `key` is looked up in each outcome. `kind` is 'share' (of replications with 1, each 0 or 1) or 'mean'. `told` is the
    least share of replications in which the key must be present.
    """

    key: str
    what: str
    low: float = -math.inf
    high: float = math.inf
    kind: Literal["share", "mean"] = "share"
    told: float = 0.9

    def __str__(self) -> str:
        if self.low == -math.inf:
            return f"at most {self._say(self.high)}"
        if self.high == math.inf:
            return f"at least {self._say(self.low)}"
        return f"{self._say(self.low)} to {self._say(self.high)}"

    def _say(self, value: float) -> str:
        return f"{100 * value:.4g} %" if self.kind == "share" else f"{value:.4g}"


@dataclass(frozen=True)
class Bar:
    """One row of the bars that the figures are held to, or one case of it.

    `name` is unique; `row` is the quantity as the bars name it; `setting` says in plain words what world is simulated.
    `note` is printed below the table: what the bar means and what it does not. `smoke` is how many replications the tests
    make; fewer where one takes long. `times` as many replications as asked for are made for the page: a two-sided bar that
    holds is missed by chance in one of thirty runs of 200, hardly ever in one of 1,000.
    """

    name: str
    row: str
    setting: str
    bounds: tuple[Bound, ...]
    outcome: Callable[[int], Outcome]
    note: str = ""
    smoke: int = 20
    times: int = 1


@dataclass(frozen=True)
class Measured:
    """What the replications say of one bound: `count` of `of` for a share; `value` with the interval of its chance error."""

    bound: Bound
    replications: int
    of: int
    count: int | None
    value: float
    low: float
    high: float

    @property
    def passed(self) -> bool:
        """Whether the measured value itself lies within the bound and enough replications told."""
        return self._told and self.bound.low <= self.value <= self.bound.high

    @property
    def passed_loosely(self) -> bool:
        """Whether so few replications could have come from a value within the bound: what misses it is not chance."""
        return self._told and self._low_is_chance() and self._high_is_chance()

    @property
    def _told(self) -> bool:
        return self.of > 0 and self.of >= self.bound.told * self.replications

    def _low_is_chance(self) -> bool:
        if self.bound.low == -math.inf or self.value >= self.bound.low:
            return True
        if self.count is None:
            return self.value + 2 * (self.high - self.value) >= self.bound.low
        return bool(stats.binom.cdf(self.count, self.of, self.bound.low) >= RARE)

    def _high_is_chance(self) -> bool:
        if self.bound.high == math.inf or self.value <= self.bound.high:
            return True
        if self.count is None:
            return self.value - 2 * (self.value - self.low) <= self.bound.high
        return bool(stats.binom.sf(self.count - 1, self.of, self.bound.high) >= RARE)


def measure(bound: Bound, outcomes: Sequence[Outcome]) -> Measured:
    """What these replications say of a bound.

    A share has the Clopper-Pearson interval, a mean its normal one (mean ± 1.96 s/√n), both at 95 %.
    Raises ValueError where a share's outcome is neither 0 nor 1, or a number is not finite.
    """
    values = np.array([float(outcome[bound.key]) for outcome in outcomes if bound.key in outcome], dtype=np.float64)
    if not np.all(np.isfinite(values)):
        raise ValueError(f"{bound.key}: an outcome is not a finite number; leave the key out where there is nothing to tell")
    of = len(values)
    if not of:
        return Measured(bound, len(outcomes), 0, None, math.nan, math.nan, math.nan)
    value = float(np.mean(values))
    if bound.kind == "mean":
        reach = float(1.96 * np.std(values, ddof=1) / math.sqrt(of)) if of > 1 else math.inf
        return Measured(bound, len(outcomes), of, None, value, value - reach, value + reach)
    if not np.all((values == 0) | (values == 1)):
        raise ValueError(f"{bound.key}: the outcome of a share is 0 or 1")
    count = int(np.sum(values))
    low, high = clopper_pearson(count, of)
    return Measured(bound, len(outcomes), of, count, value, low, high)


def clopper_pearson(count: int, of: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share count/of: quantiles of beta distributions (Clopper & Pearson, Biometrika 26 (1934))."""
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(stats.beta.ppf(tail, count, of - count + 1))
    high = 1.0 if count == of else float(stats.beta.ppf(1 - tail, count + 1, of - count))
    return low, high
