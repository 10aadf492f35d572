"""Whether people take something up after those they follow do, more often than the other way round.

Belongs here: the shuffle of dates that answers yes or "cannot separate". Does not: who follows whom, or a size of
influence: no coefficient is given, because likeness and shared events make one in worlds without influence.

Likeness, a shared event and influence all bring the dates of two who are tied close together; only influence has a
direction. So ties whose ego comes soon after the alter are weighed against those whose ego comes as soon before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CONSISTENT = "timing is consistent with peer influence beyond team-wide events"
CANNOT_SEPARATE = "cannot separate"
SMALL = 10_000  # people up to whom every permutation is made
ENOUGH = 20  # above: shuffles that reach the observed balance before the rest may be left out
CELLS = 4_000_000  # how many dates are held at a time


class Shuffle(NamedTuple):
    """Ties whose ego adopted soon `after` the alter, as soon `before`, and how far apart these are by chance.

    `balance` is after - before over its standard error, `p` the share of shuffles with as great a one.
    """

    p: float
    balance: float
    after: int
    before: int
    permutations: int

    @property
    def words(self) -> str:
        """What may be said of it, at the 5 % level."""
        return CONSISTENT if self.p <= 0.05 else CANNOT_SEPARATE


def shuffle_test(
    ego: ArrayLike, alter: ArrayLike, adopted_day: ArrayLike, team: ArrayLike, joiner_quarter: ArrayLike, *,
    lag: int = 28, era: int = 56, permutations: int = 999, seed: int, stop: int | None = None,
) -> Shuffle:  # fmt: skip
    """Do egos adopt within `lag` days after their alters more often than before them, beyond chance?

    `ego` and `alter` name people by their place in `adopted_day` (NaN: never adopted), `team` and `joiner_quarter`; a tie
    given twice counts once. A tie counts 1 where 1 <= day(ego) - day(alter) <= lag, -1 where it is so the other way round.
    The statistic is the sum D over its standard error, sqrt(sum of n_i^2 / 2), n_i the sum over the ties that person i is
    an end of: whoever has many ties is one accident, not many. 0 where no tie counts.

    Under the null, the dates of the adopters of one team, joiner quarter and era (`era` days, back from the newest date)
    are exchangeable: what a whole team meets explains nothing, nor that those of one time talk to each other, nor that the
    early are listened to more. Who adopts at all, and in which era, is not shuffled. p = (1 + shuffles that reach the
    observed) / (1 + shuffles). Above 10,000 people, or where `stop` is given, shuffling ends at the `stop`-th (20th) shuffle
    that reaches it, at draw l, with p = stop / l. Assumes that the ties were not formed by the adoption itself, and that
    within an era who comes first is not listened to more for another reason. Raises ValueError for a tie of nobody or to
    oneself, unequal lengths, no shuffles, or an era of no day. Sources: Anagnostopoulos, Kumar & Mahdian, KDD 2008, 7-15,
    whose shuffle is made within groups and whose reversal of edges gives the direction; Chung & Romano, Ann. Statist. 41
    (2013) 484-507, for the studentised statistic; Besag & Clifford, Biometrika 78 (1991) 301-304, for the stop.
    """
    day = np.asarray(adopted_day, dtype=np.float64)
    ties = _ties(ego, alter, day)
    group = _groups(team, joiner_quarter, _eras(day, era))
    if permutations < 1 or (stop is not None and stop < 1):
        raise ValueError("at least one permutation must be made")
    if stop is None and day.size > SMALL:
        stop = ENOUGH
    adopters = np.flatnonzero(np.isfinite(day))
    place = np.full(day.size, -1, dtype=np.int64)
    order = adopters[np.lexsort((adopters, group[adopters]))]  # people of one group stand side by side
    place[order] = np.arange(order.size)
    weigh = _Balance(place[ties[0]], place[ties[1]], order.size, lag)
    dates, strata = day[order], group[order]
    observed = float(weigh(dates[None, :])[0])
    after, before = weigh.counts(dates)

    rng = np.random.default_rng(seed)
    reached, done = 0, 0
    at_once = max(1, min(permutations, CELLS // max(order.size, ties[0].size, 1)))
    while done < permutations:
        rows = min(at_once, permutations - done)
        keys = strata + rng.random((rows, order.size))
        hits = np.cumsum(weigh(dates[np.argsort(keys, axis=1)]) >= observed) + reached
        if stop is not None and hits[-1] >= stop:
            last = int(np.flatnonzero(hits >= stop)[0]) + 1
            return Shuffle(stop / (done + last), observed, after, before, done + last)
        reached, done = int(hits[-1]), done + rows
    return Shuffle((1 + reached) / (1 + permutations), observed, after, before, permutations)


class _Balance:
    """For each row of dates, ties whose ego comes soon after less those whose ego comes soon before, over the standard error."""

    def __init__(self, first: Ints, second: Ints, people: int, lag: int) -> None:
        self._first, self._second, self._lag = first, second, lag
        ends = np.concatenate([first, second])
        tie = np.tile(np.arange(first.size), 2)
        self._of_person = csr_array((np.ones(tie.size), (ends, tie)), shape=(people, first.size))

    def __call__(self, dates: Floats) -> Floats:
        sign = self._signs(dates)
        own = self._of_person @ sign.T  # people x rows
        spread = np.sqrt((own**2).sum(axis=0) / 2)
        balance: Floats = np.divide(sign.sum(axis=1), spread, out=np.zeros(len(dates)), where=spread > 0)
        return balance

    def counts(self, dates: Floats) -> tuple[int, int]:
        """How many ties have their ego soon after the alter, and how many soon before."""
        sign = self._signs(dates[None, :])
        return int((sign > 0).sum()), int((sign < 0).sum())

    def _signs(self, dates: Floats) -> Floats:
        later = dates[:, self._first] - dates[:, self._second]
        signs: Floats = np.where(np.abs(later) <= self._lag, np.sign(later), 0.0)
        return signs


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


def _eras(day: Floats, length: int) -> Ints:
    """The number of each one's era, counted back from the newest date; -1 for who never adopted."""
    if length < 1:
        raise ValueError("an era has at least one day")
    dated = np.isfinite(day)
    era = np.full(day.size, -1, dtype=np.int64)
    era[dated] = (np.max(day[dated], initial=-np.inf) - day[dated]) // length
    return era


def _groups(team: ArrayLike, joiner_quarter: ArrayLike, era: Ints) -> Ints:
    """A number for each team, joiner quarter and era that occur together."""
    teams, quarters = np.asarray(team), np.asarray(joiner_quarter)
    if teams.shape != era.shape or quarters.shape != era.shape:
        raise ValueError("team and joiner_quarter must have one entry for each of the people")
    codes = [np.unique(column, return_inverse=True)[1].reshape(-1) for column in (teams, quarters, era)]
    together = np.unique(np.column_stack(codes), axis=0, return_inverse=True)[1]
    return np.asarray(together, dtype=np.int64).reshape(-1)
