"""Who begins when, by lot: a dealt order that turns a roll-out into an experiment, and the test that goes with it.

Belongs here: dealing within strata, the balance of what was dealt, p-values by dealing again.
Does not: which teams there are or what their strata are made of (rollout.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Stratum = str | tuple[str, ...]


class Balance(NamedTuple):
    """One wave against the rest: how many units, the two means of a covariate, their standardised difference."""

    wave: int
    covariate: str
    units: int
    mean: float
    mean_rest: float
    difference: float


@dataclass(frozen=True)
class Deal:
    """`units` in the order in which they begin; `wave` (from 1) and `stratum` of each; a `balance` row a wave and covariate."""

    units: tuple[str, ...]
    wave: tuple[int, ...]
    stratum: tuple[Stratum, ...]
    balance: tuple[Balance, ...]


def deal(
    units: Sequence[str], strata: Sequence[Stratum], size: ArrayLike, seed: int, *, waves: int = 4,
    covariates: Mapping[str, ArrayLike] | None = None,
) -> Deal:  # fmt: skip
    """Deal `units` into `waves`, each stratum as evenly as it goes: every unit is as likely in any wave.

    Within each stratum units are shuffled, strata follow one another in shuffled order, and waves are dealt round like
    cards from a random first one: two waves differ by at most one unit, in each stratum and overall. A stratum may be
    named in levels, ("Coast", "small"): strata that begin alike are dealt one after the other, so that the upper levels
    come out even too where strata are small. Within a wave the order is by lot.
    `size` and `covariates` (name -> a number for each unit) are told in the balance table, where the difference is (mean of
    the wave - mean of the rest) / sqrt(mean of their two variances), NaN where nothing varies. The same units and seed give
    the same deal, in whatever order the units are given. Raises ValueError on a unit that is given twice, lists of unlike
    length, or fewer units than waves.
    """
    given = {"size": size, **(covariates or {})}
    numbers = {name: np.asarray(values, dtype=np.float64) for name, values in given.items()}
    if len(units) != len(strata) or any(values.shape != (len(units),) for values in numbers.values()):
        raise ValueError("every unit has one stratum, one size and one number of each covariate")
    if len(set(units)) != len(units):
        raise ValueError("a unit is given twice")
    if waves < 2 or len(units) < waves:
        raise ValueError("there are two waves or more, and no more waves than units")
    wave, lot = _dealt(units, strata, waves, np.random.default_rng(seed))
    order = np.lexsort((lot, wave))
    balance = [_against_rest(n, name, numbers[name], wave == n) for name in numbers for n in range(1, waves + 1)]
    return Deal(tuple(units[i] for i in order), tuple(int(wave[i]) for i in order), tuple(strata[i] for i in order), tuple(balance))


def _dealt(units: Sequence[str], strata: Sequence[Stratum], waves: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """The wave of each unit, and its place in the lot."""
    known = sorted(range(len(units)), key=lambda i: units[i])
    lot = np.empty(len(units), dtype=np.int64)
    lot[known] = rng.permutation(len(units))
    levels = [(name,) if isinstance(name, str) else tuple(name) for name in strata]
    heads = sorted({level[:n] for level in levels for n in range(1, len(level) + 1)})
    rank = dict(zip(heads, rng.permutation(len(heads)).tolist(), strict=True))
    places = [tuple(rank[level[:n]] for n in range(1, len(level) + 1)) for level in levels]
    hand = sorted(known, key=lambda i: (places[i], lot[i]))
    wave = np.empty(len(units), dtype=np.int64)
    wave[hand] = (np.arange(len(units)) + rng.integers(waves)) % waves
    return rng.permutation(waves)[wave] + 1, lot


def _against_rest(wave: int, name: str, values: Floats, inside: NDArray[np.bool_]) -> Balance:
    own, rest = np.sort(values[inside]), np.sort(values[~inside])
    gap = float(np.mean(own) - np.mean(rest))
    spread = np.sqrt((_variance(own) + _variance(rest)) / 2)
    return Balance(wave, name, own.size, float(np.mean(own)), float(np.mean(rest)), gap / spread if spread else np.nan)


def _variance(values: Floats) -> float:
    return float(np.var(values, ddof=1)) if values.size > 1 else 0.0


def redeal_p(
    statistic: Callable[[Ints], float], units: Sequence[str], strata: Sequence[Stratum], wave: ArrayLike, *, draws: int = 999,
    seed: int,
) -> float:  # fmt: skip
    """How often a deal in which nothing has an effect gives a statistic as far from 0 as the one of `wave`.

    p = (1 + number of re-deals with |statistic| >= |observed|) / (1 + draws), exact for the sharp null that no unit's
    outcome depends on its wave. `statistic` takes the waves of `units`, which are dealt again by the rules of `deal`.
    Raises ValueError where the observed statistic is no number. Source: Fisher 1935; Imbens & Rubin 2015, chapter 5.
    """
    held = np.asarray(wave, dtype=np.int64)
    observed = abs(statistic(held))
    if not np.isfinite(observed):
        raise ValueError("the statistic of the deal itself is no number")
    rng, waves = np.random.default_rng(seed), int(held.max())
    beyond = sum(abs(statistic(_dealt(units, strata, waves, rng)[0])) >= observed - 1e-12 for _ in range(draws))
    return float((1 + beyond) / (1 + draws))
