"""Who talks to whom once they take part, because of when they began: likeness and fame in time, without any influence.

Belongs here: ties that follow from the days of adoption. Does not: contacts, which are there before (people.py).
"""

from __future__ import annotations

import numpy as np

from pipeline.simulate.events.people import NEVER, Ints
from pipeline.simulate.events.scenario import Scenario


def talk(scenario: Scenario, day: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Directed ties (ego, alter) between adopters, `day` that of everybody's adoption; some come twice. Nobody where off."""
    block = scenario.talk
    adopters = np.flatnonzero(day < NEVER)
    if block is None or len(adopters) < 2:
        return adopters[:0], adopters[:0]
    adopters = adopters[np.lexsort((adopters, day[adopters]))]
    when, shape = day[adopters], 1 / block.uneven
    says, heard = rng.gamma(shape, block.uneven, (2, len(adopters)))
    heard *= np.exp(-(when - when[0]) / block.fame_days)
    ego = rng.choice(len(adopters), round(block.each * len(adopters)), p=says / says.sum())
    reached = np.concatenate([[0.0], np.cumsum(heard)])
    first = np.searchsorted(when, when[ego] - block.within)
    end = np.searchsorted(when, when[ego] + block.within, side="right")
    drawn = reached[first] + rng.random(len(ego)) * (reached[end] - reached[first])
    alter = np.clip(np.searchsorted(reached, drawn, side="right") - 1, first, end - 1)
    apart = ego != alter
    return adopters[ego[apart]], adopters[alter[apart]]
