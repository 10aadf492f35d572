"""Who may have brought whom: candidate sources of each adopter, weighed by how long ago they adopted.

Belongs here: weighing the candidates that it is given, and the generation interval that comes from them. Does not: what
counts as a candidate (warehouse/staging), what is made of it (spread.py, trees.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipeline.estimate.generation import Generation, generation_interval
from pipeline.estimate.reproduction import Floats, Ints

KINDS = ("attributed", "imported", "unattributed")
WAYS = ("trainer", "invite")  # the others come after these, alike
ROUNDS = 5  # in which candidates and the interval are weighed against each other


class Pairs(NamedTuple):
    """Candidate sources: row by row, the adopter (`ego`) may have it from the earlier adopter (`alter`).

    `ego` and `alter` are positions in the arrays of adopters, which are their names: of two sources alike the first counts as
    the likelier, so adopters want one order (by person). `way` says how ('trainer', 'invite', 'reply', 'mention');
    None: all alike. Of an adopter's candidates only those of the best way count: trainer, then invite, then the others.
    """

    ego: ArrayLike
    alter: ArrayLike
    way: ArrayLike | None = None


@dataclass(frozen=True)
class Sources:
    """Weighed candidate sources, sorted by adopter and source; the weights of an adopter's candidates sum to 1."""

    ego: Ints
    alter: Ints
    lag: Ints
    weight: Floats
    generation: Generation

    def parents(self, adopters: int, *, believed: float = 0.0) -> Ints:
        """The likeliest source of each of so many adopters, -1 where none is; of equals the first in their array.

        Only sources that are believed at least so far, in [0, 1], count.
        """
        order = np.lexsort((self.alter, -self.weight, self.ego))
        order = order[self.weight[order] >= believed]
        ego = self.ego[order]
        first = np.flatnonzero(np.concatenate([[True], ego[1:] != ego[:-1]])) if ego.size else ego
        parents = np.full(adopters, -1, dtype=np.int64)
        parents[ego[first]] = self.alter[order][first]
        return parents


def weigh_sources(adopted_day: ArrayLike, kind: ArrayLike, pairs: Pairs, *, last_day: int, longest: int = 60) -> Sources:
    """The candidate sources of the attributed adopters up to `last_day`, each weighed by w(lag), and w itself.

    Of an adopter's candidates those of the best way stay, and of these the ones who adopted 1 to `longest` days before.
    At first they weigh alike; then w is estimated from them (generation_interval, allowing for sources not yet watched for
    long) and they are weighed by it, in turn, a fixed number of times. Shapes, units and errors as in `assess`.
    """
    day, what = checked_adopters(adopted_day, kind)
    ego, alter, lag = _candidates(day, what, pairs, last_day, longest)
    weight = _shared(ego, np.ones(ego.size), day.size)
    for _ in range(ROUNDS):
        generation = generation_interval(lag, weight, followed=last_day - day[alter], longest=longest)
        weight = _shared(ego, generation.weights[lag], day.size)
    return Sources(ego, alter, lag, weight, generation)


def checked_adopters(adopted_day: ArrayLike, kind: ArrayLike) -> tuple[Ints, NDArray[np.str_]]:
    """Days and kinds of all adopters as arrays. Raises ValueError as `assess` does."""
    days = np.asarray(adopted_day)
    day, what = days.astype(np.int64), np.asarray(kind, dtype=np.str_)
    if day.shape != what.shape or day.ndim != 1:
        raise ValueError("every adopter needs a day and a kind")
    if np.any(day != days):
        raise ValueError("days are whole numbers")
    if not np.all(np.isin(what, KINDS)):
        raise ValueError(f"an adopter is one of {', '.join(KINDS)}")
    return day, what


def _candidates(day: Ints, what: NDArray[np.str_], pairs: Pairs, last_day: int, longest: int) -> tuple[Ints, Ints, Ints]:
    """Adopter, source and lag of each candidate pair that counts, once each, sorted."""
    ego, alter = np.asarray(pairs.ego, dtype=np.int64), np.asarray(pairs.alter, dtype=np.int64)
    way = np.zeros(ego.shape, dtype=np.str_) if pairs.way is None else np.asarray(pairs.way, dtype=np.str_)
    if not ego.shape == alter.shape == way.shape or ego.ndim != 1:
        raise ValueError("every pair needs an adopter, a source and a way")
    if ego.size and (min(ego.min(), alter.min()) < 0 or max(ego.max(), alter.max()) >= day.size):
        raise ValueError("a pair names somebody who is not among the adopters")
    rank = np.full(ego.size, len(WAYS))
    for place, one in enumerate(WAYS):
        rank[way == one] = place
    best = np.full(day.size, len(WAYS))
    np.minimum.at(best, ego, rank)
    lag = day[ego] - day[alter]
    keep = (rank == best[ego]) & (what[ego] == KINDS[0]) & (day[ego] <= last_day) & (lag >= 1) & (lag <= longest)
    both = np.unique(ego[keep] * max(day.size, 1) + alter[keep])
    ego, alter = both // max(day.size, 1), both % max(day.size, 1)
    return ego, alter, day[ego] - day[alter]


def _shared(ego: Ints, weight: Floats, adopters: int) -> Floats:
    """Weights that sum to 1 for each adopter; where all are 0, alike."""
    total = np.bincount(ego, weight, adopters)[ego]
    alike = 1 / np.bincount(ego, minlength=adopters)[ego] if ego.size else weight
    return np.minimum(np.where(total > 0, weight / np.where(total > 0, total, 1.0), alike), 1.0)
