"""Teams that differ a little, each counted once, or twice where their people differ and stay as they are.

Belongs here: team sizes, true shares, counts. Does not: how they are pooled (estimate/pooling_shares.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from pipeline.simulate.events.scenario import Block

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Rates(Block):
    """Teams of lognormal sizes within two limits, their true shares Beta(mean, and standard deviation `differ`).

    With `steady`, everybody in a team has a chance of their own, Beta around the team's share, in either period.
    """

    teams: int = Field(default=209, ge=2)
    typical: float = Field(default=16.0, gt=0, description="median size before the limits")
    team_spread: float = Field(default=0.55, ge=0, le=2, description="standard deviation of the log of sizes")
    least: int = Field(default=10, ge=1)
    most: int = Field(default=60, ge=1)
    mean: float = Field(default=0.35, gt=0, lt=1)
    differ: float = Field(default=0.08, gt=0)
    steady: float = Field(default=0.0, ge=0, lt=1, description="part of p (1 - p) by which people of a team differ from each other")
    seed: int = Field(default=7, ge=0)

    @model_validator(mode="after")
    def _fits(self) -> Rates:
        if self.least > self.most:
            raise ValueError("the least size is above the most")
        if self.differ**2 >= self.mean * (1 - self.mean):
            raise ValueError("shares with this mean cannot differ so much")
        return self

    @property
    def alpha_beta(self) -> tuple[float, float]:
        """The Beta law's two numbers."""
        known = self.mean * (1 - self.mean) / self.differ**2 - 1
        return self.mean * known, (1 - self.mean) * known


@dataclass(frozen=True)
class Counted:
    """One entry a team: people, those who did, in the period before and in both, and the true share of its own people."""

    people: Ints
    hits: Ints
    before: Ints
    twice: Ints
    share: Floats


def count(world: Rates) -> Counted:
    """All teams once; the same arrays for the same world."""
    rng = np.random.default_rng(world.seed)
    people = team_sizes(rng, world.teams, world.typical, world.team_spread, world.least, world.most)
    share = rng.beta(*world.alpha_beta, world.teams)
    if not world.steady:
        now, before = rng.binomial(people, share), rng.binomial(people, share)
        return Counted(people, now, before, rng.hypergeometric(now, people - now, before), share)
    team, known = np.repeat(np.arange(world.teams), people), 1 / world.steady - 1
    own = rng.beta(share[team] * known, (1 - share[team]) * known)
    did = rng.random((2, len(team))) < own
    now, before, twice = (np.bincount(team[rows], minlength=world.teams) for rows in (did[0], did[1], did.all(axis=0)))
    return Counted(people, now, before, twice, np.bincount(team, own) / people)


def team_sizes(rng: np.random.Generator, teams: int, typical: float, spread: float, least: int, most: int) -> Ints:
    """Lognormal sizes in whole people, those outside the limits drawn again."""
    sizes = np.zeros(teams, dtype=np.int64)
    while (bad := (sizes < least) | (sizes > most)).any():
        sizes[bad] = np.rint(typical * np.exp(spread * rng.normal(size=int(bad.sum()))))
    return sizes
