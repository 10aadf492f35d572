"""What systems see of a spread: hidden edges, rival candidates, mistaken ones, a connector that was down.

Belongs here: the way from the truth to what an estimator is given. Does not: the truth itself (spread.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.events.people import NEVER, Flags, Floats, Ints, People
from pipeline.simulate.events.scenario import Scenario
from pipeline.simulate.events.spread import BROADCAST, CURVE, PEER, SEED, Adoption

ATTRIBUTED, IMPORTED, UNATTRIBUTED = range(3)
SEEN_AS = ("attributed", "imported", "unattributed")
MEMORY = 60  # days within which a source counts as a candidate


@dataclass(frozen=True)
class Seen:
    """The adoptions that are on record, by day and person, one row each.

    `pairs` holds candidate sources as rows (adopter's row, source's row), whoever is attributed at least one;
    `completeness` says for each day which share of adoptions the connectors recorded.
    """

    person: Ints
    day: Ints
    kind: Ints
    pairs: Ints
    completeness: Floats

    @property
    def words(self) -> list[str]:
        """What each row is seen as, in words."""
        return [SEEN_AS[kind] for kind in self.kind.tolist()]


def observe(scenario: Scenario, people: People, true: Adoption, rng: np.random.Generator) -> Seen:
    """What is on record of these adoptions."""
    completeness = np.ones(scenario.days)
    if scenario.outage:
        completeness[:] = scenario.outage.after
        completeness[: 7 * scenario.outage.week] = scenario.outage.before
    adopters = np.flatnonzero(true.day < NEVER)
    adopters = adopters[np.lexsort((adopters, true.day[adopters]))]
    adopters = adopters[rng.random(len(adopters)) < completeness[true.day[adopters]]]
    row = np.full(len(people), -1, dtype=np.int64)
    row[adopters] = np.arange(len(adopters))
    day, how = true.day[adopters], true.kind[adopters]
    kind = np.full(len(adopters), UNATTRIBUTED, dtype=np.int64)
    kind[how == SEED] = IMPORTED
    noted = scenario.broadcast.noted if scenario.broadcast else 1.0
    kind[(how == BROADCAST) & (rng.random(len(adopters)) < noted)] = IMPORTED
    parent = np.where(true.parent[adopters] >= 0, row[true.parent[adopters]], -1)
    traced = (how == PEER) & (rng.random(len(adopters)) >= scenario.observation.hidden)
    traced &= (parent >= 0) & (day - day[parent] <= MEMORY)
    kind[traced] = ATTRIBUTED
    pairs = [np.stack([np.flatnonzero(traced), parent[traced]], axis=1)]
    pairs += _rivals(scenario, day, traced, rng)
    wrong = (how != PEER) & (how != SEED) & (how != CURVE) & (rng.random(len(adopters)) < scenario.observation.mistaken)
    wrong, mistaken = _earlier(day, wrong, rng)
    kind[wrong] = ATTRIBUTED
    together = np.concatenate([*pairs, mistaken]) if len(adopters) else np.empty((0, 2), dtype=np.int64)
    return Seen(adopters, day, kind, np.unique(together, axis=0), completeness)


def _rivals(scenario: Scenario, day: Ints, traced: Flags, rng: np.random.Generator) -> list[Ints]:
    if not scenario.observation.rivals:
        return []
    more = rng.poisson(scenario.observation.rivals, len(day)) * traced
    return [_earlier(day, more > n, rng)[1] for n in range(int(more.max(initial=0)))]


def _earlier(day: Ints, rows: Flags, rng: np.random.Generator) -> tuple[Flags, Ints]:
    """For each of these rows a random one that adopted before it within the memory; those that have none fall out."""
    first, end = np.searchsorted(day, day - MEMORY), np.searchsorted(day, day)
    kept = rows & (end > first)
    at = np.flatnonzero(kept)
    source = first[at] + (rng.random(len(at)) * (end - first)[at]).astype(np.int64)
    return kept, np.stack([at, source], axis=1)
