"""Whether people take something up after those they follow do, more often than their team and their start explain.

Belongs here: the shuffle of dates that answers yes or "cannot separate". Does not: who follows whom, or a size of
influence: no coefficient is given, because likeness and shared events make one in worlds without influence.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CONSISTENT = "timing is consistent with peer influence beyond team-wide events"
CANNOT_SEPARATE = "cannot separate"
SMALL = 10_000  # people up to whom every permutation is made
ENOUGH = 20  # above: shuffles that reach the observed count before the rest may be left out
CELLS = 4_000_000  # how many dates are held at a time


class Shuffle(NamedTuple):
    """Ties that fit influence as observed and as expected by chance, the p-value, and how many shuffles it rests on."""

    p: float
    observed: int
    expected: float
    permutations: int

    @property
    def words(self) -> str:
        """What may be said of it, at the 5 % level."""
        return CONSISTENT if self.p <= 0.05 else CANNOT_SEPARATE


def shuffle_test(
    ego: ArrayLike, alter: ArrayLike, adopted_day: ArrayLike, team: ArrayLike, joiner_quarter: ArrayLike, *,
    lag: int = 28, permutations: int = 999, seed: int, stop: int | None = None,
) -> Shuffle:  # fmt: skip
    """Do egos adopt within `lag` days after their alters more often than if dates were dealt anew within their own group?

    `ego` and `alter` name people by their place in `adopted_day` (NaN: never adopted), `team` and `joiner_quarter`; a tie
    given twice counts once. The statistic is the number of ties with 1 <= day(ego) - day(alter) <= lag. Under the null,
    the dates of the adopters of one team and joiner quarter are exchangeable, so what a whole team meets on a day explains
    nothing; who adopts at all is not shuffled. p = (1 + shuffles that reach the observed) / (1 + shuffles). Above 10,000
    people, or where `stop` is given, shuffling ends at the `stop`-th (20th) shuffle that reaches it, at draw l, with
    p = stop / l. Assumes that the ties were not formed by the adoption itself. Raises ValueError for a tie of nobody or to
    oneself, unequal lengths, or no shuffles. Source: Anagnostopoulos, Kumar & Mahdian, KDD 2008, 7-15, within groups;
    Besag & Clifford, Biometrika 78 (1991) 301-304, for the stop.
    """
    day = np.asarray(adopted_day, dtype=np.float64)
    ties = _ties(ego, alter, day)
    group = _groups(team, joiner_quarter, day.size)
    if permutations < 1 or (stop is not None and stop < 1):
        raise ValueError("at least one permutation must be made")
    if stop is None and day.size > SMALL:
        stop = ENOUGH
    adopters = np.flatnonzero(np.isfinite(day))
    place = np.full(day.size, -1, dtype=np.int64)
    order = adopters[np.lexsort((adopters, group[adopters]))]  # people of one group stand side by side
    place[order] = np.arange(order.size)
    first, second = (place[end] for end in ties)
    dates, strata = day[order], group[order]
    observed = int(_count(dates[None, :], first, second, lag)[0])

    rng = np.random.default_rng(seed)
    reached, done, total = 0, 0, 0
    at_once = max(1, min(permutations, CELLS // max(order.size, first.size, 1)))
    while done < permutations:
        rows = min(at_once, permutations - done)
        keys = strata + rng.random((rows, order.size))
        counts = _count(dates[np.argsort(keys, axis=1)], first, second, lag)
        hits = np.cumsum(counts >= observed) + reached
        if stop is not None and hits.size and hits[-1] >= stop:
            last = int(np.flatnonzero(hits >= stop)[0]) + 1
            total += int(counts[:last].sum())
            return Shuffle(stop / (done + last), observed, total / (done + last), done + last)
        reached, done, total = int(hits[-1]), done + rows, total + int(counts.sum())
    return Shuffle((1 + reached) / (1 + permutations), observed, total / permutations, permutations)


def _ties(ego: ArrayLike, alter: ArrayLike, day: Floats) -> tuple[Ints, Ints]:
    """The distinct ties between two people who both adopted."""
    first, second = np.asarray(ego, dtype=np.int64), np.asarray(alter, dtype=np.int64)
    if first.shape != second.shape or first.ndim != 1 or day.ndim != 1:
        raise ValueError("ego and alter must be two lists of one length, and adopted_day one list")
    if first.size and (min(first.min(), second.min()) < 0 or max(first.max(), second.max()) >= day.size):
        raise ValueError("a tie names somebody who is not among the people")
    if np.any(first == second):
        raise ValueError("nobody has a tie to oneself")
    both = np.isfinite(day[first]) & np.isfinite(day[second])
    pairs = np.unique(np.column_stack([first[both], second[both]]), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _groups(team: ArrayLike, joiner_quarter: ArrayLike, people: int) -> Ints:
    """A number for each team and joiner quarter that occurs."""
    teams, quarters = np.asarray(team), np.asarray(joiner_quarter)
    if teams.shape != (people,) or quarters.shape != (people,):
        raise ValueError("team and joiner_quarter must have one entry for each of the people")
    _, of_team = np.unique(teams, return_inverse=True)
    _, of_quarter = np.unique(quarters, return_inverse=True)
    both = np.asarray(of_team, dtype=np.int64) * (int(of_quarter.max(initial=0)) + 1) + of_quarter
    return np.asarray(np.unique(both, return_inverse=True)[1], dtype=np.int64)


def _count(dates: Floats, first: Ints, second: Ints, lag: int) -> Ints:
    """How many ties, in each row of dates, have their ego 1 to `lag` days after their alter."""
    after = dates[:, first] - dates[:, second]
    return np.asarray(((after >= 1) & (after <= lag)).sum(axis=1), dtype=np.int64)
