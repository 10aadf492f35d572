"""Teams' contributions by block of 28 days: uneven, some of them fallen quiet, absent, or not seen at all.

Belongs here: counts and person-days with their truth. Does not: telling who is quiet (estimate/silence.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from pipeline.simulate.events.rates import team_sizes
from pipeline.simulate.events.scenario import Block, Share

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


class Contributions(Block):
    """`teams` over `history` blocks and a `window` of newest ones, at the end of which some are silent.

    A team's acts in a block are negative binomial: mean rate x person-days present, dispersion kappa (one for all teams,
    drawn between its ends). Rates are Gamma with mean `rate` (acts a person and working day) and shape `rates_differ`.
    Silent teams keep a share between `silent_least` and `silent_most` of their rate. `outage` teams have a source that is
    not seen in the window, `partly` teams one that is not seen in its last block; `away` teams have hardly anybody present.
    """

    teams: int = Field(default=209, ge=10)
    typical: float = Field(default=14.0, gt=0, description="median size")
    team_spread: float = Field(default=0.55, ge=0, le=2)
    history: int = Field(default=13, ge=1)
    window: int = Field(default=3, ge=1)
    rate: float = Field(default=0.05, gt=0)
    rates_differ: float = Field(default=2.0, gt=0, description="shape: small differs more")
    kappa_least: float = Field(default=3.0, gt=0)
    kappa_most: float = Field(default=6.0, gt=0)
    silent: Share = 0.1
    silent_least: Share = 0.2
    silent_most: Share = 0.4
    outage: Share = 0.03
    partly: Share = 0.03
    away: Share = 0.03
    absence: float = Field(default=0.12, gt=0, lt=1, description="mean share of person-days away, in any block")
    season: float = Field(default=0.0, ge=0, lt=1, description="swing of everybody's rate over a year, which no test is told of")
    seed: int = Field(default=7, ge=0)

    @model_validator(mode="after")
    def _fits(self) -> Contributions:
        if self.silent_least > self.silent_most or self.kappa_least > self.kappa_most:
            raise ValueError("a least is above its most")
        if self.silent + self.outage + self.partly + self.away > 1:
            raise ValueError("more than all teams are silent, unseen or away")
        return self


@dataclass(frozen=True)
class Observed:
    """Teams x blocks, oldest first: `acts` as seen, `present` person-days, `seen` whether the source was read.

    Truth by team: `silent`, `outage` (nothing of the window was seen), `partly`, `away`.
    """

    acts: Ints
    present: Ints
    seen: Flags
    silent: Flags
    outage: Flags
    partly: Flags
    away: Flags
    kappa: float


def observe(world: Contributions) -> Observed:
    """The counts of a world; the same arrays for the same world."""
    rng = np.random.default_rng(world.seed)
    blocks, window = world.history + world.window, slice(world.history, None)
    people = team_sizes(rng, world.teams, world.typical, world.team_spread, 5, 120)
    kappa = float(rng.uniform(world.kappa_least, world.kappa_most))
    rate = rng.gamma(world.rates_differ, world.rate / world.rates_differ, world.teams)
    silent, outage, partly, away = _roles(world, rng)
    off = rng.beta(4, 4 / world.absence - 4, (world.teams, blocks))
    off[away, window] = rng.uniform(0.85, 1.0, (int(away.sum()), world.window))
    present = np.rint(20 * people[:, None] * (1 - off)).astype(np.int64)
    swing = 1 + world.season * np.sin(2 * np.pi * np.arange(blocks) / 13)
    mean = rate[:, None] * present * swing
    kept = rng.uniform(world.silent_least, world.silent_most, world.teams)
    mean[silent, window] *= kept[silent, None]
    acts = rng.poisson(mean * rng.gamma(kappa, 1 / kappa, mean.shape))
    seen = np.ones(mean.shape, dtype=bool)
    seen[outage, window] = False
    seen[partly, -1] = False
    return Observed(np.where(seen, acts, 0), present, seen, silent, outage, partly, away, kappa)


def _roles(world: Contributions, rng: np.random.Generator) -> tuple[Flags, Flags, Flags, Flags]:
    """Four sets of teams that share none."""
    order, taken, roles = rng.permutation(world.teams), 0, []
    for share in (world.silent, world.outage, world.partly, world.away):
        role = np.zeros(world.teams, dtype=bool)
        upto = taken + round(share * world.teams)
        role[order[taken:upto]] = True
        roles.append(role)
        taken = upto
    return roles[0], roles[1], roles[2], roles[3]
