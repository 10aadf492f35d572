"""Teams' active rates by block of 28 days, into which champions come: by lot or to rising teams, with or without spillover.

Belongs here: the panel with the ties between teams, and its truth. Does not: estimating the effect (estimate/effect.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from pipeline.simulate.events.rates import team_sizes
from pipeline.simulate.events.scenario import Block, Share

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Panel(Block):
    """`teams` over `blocks`; a share `reached` of them has a first champion in one of the blocks `starts`.

    A team's rate is its own level, a season, its own `drift` a block, a wobble, and the effect; the count is binomial.
    The effect is `effect` plus `by_start` for each start after the first, grows to its full size over `ramp` blocks and
    differs between teams by `differ` (standard deviation). By lot at `selection` 0; above it, the log odds of being
    reached rise by so much for each standard deviation of the team's drift: rising teams volunteer.
    """

    teams: int = Field(default=209, ge=20)
    typical: float = Field(default=12.0, gt=0, description="median size")
    team_spread: float = Field(default=0.55, ge=0, le=2)
    blocks: int = Field(default=18, ge=6)
    starts: tuple[int, ...] = Field(default=(5, 8, 11, 14), min_length=1)
    reached: Share = 0.5
    level: Share = 0.35
    levels_differ: float = Field(default=0.08, ge=0)
    season: float = Field(default=0.03, ge=0)
    wobble: float = Field(default=0.03, ge=0)
    drift: float = Field(default=0.004, ge=0, description="standard deviation between teams, a block")
    effect: float = 0.06
    by_start: float = 0.0
    ramp: int = Field(default=1, ge=1)
    differ: float = Field(default=0.0, ge=0)
    selection: float = Field(default=0.0, ge=0)
    spillover: Share = Field(default=0.0, description="of the effect, reaches a team all of whose ties lead to reached teams")
    outside: Share = Field(default=0.3, description="share of a team's ties that lead to other teams")
    neighbours: int = Field(default=3, ge=1, description="other teams that these ties lead to")
    seed: int = Field(default=7, ge=0)

    @model_validator(mode="after")
    def _fits(self) -> Panel:
        if not all(1 <= start < self.blocks for start in self.starts):
            raise ValueError("a start lies after the first block and within the panel")
        if self.neighbours >= self.teams:
            raise ValueError("a team has fewer neighbours than there are teams")
        return self


@dataclass(frozen=True)
class Told:
    """Teams x blocks: `rate` as counted, and `effect` as it is meant (without what teams differ by).

    `first` is each team's block with its first champion, 0 for never. `pairs` are rows (team, other, ties a block), a team
    with itself among them.
    """

    rate: Floats
    effect: Floats
    first: Ints
    pairs: Ints


def tell(world: Panel) -> Told:
    """The panel of a world; the same arrays for the same world."""
    rng = np.random.default_rng(world.seed)
    people = team_sizes(rng, world.teams, world.typical, world.team_spread, 5, 120)
    rising = rng.normal(size=world.teams)
    first = _starts(world, rising, rng)
    when = np.arange(world.blocks)
    since = np.where(first[:, None] > 0, when - first[:, None], -1)
    order = np.searchsorted(np.sort(world.starts), first)
    size = world.effect + world.by_start * order
    effect = np.where(since >= 0, size[:, None] * np.minimum(1.0, (since + 1) / world.ramp), 0.0)
    own = rng.normal(size=world.teams)
    felt = np.where(since >= 0, effect + world.differ * own[:, None], 0.0)
    pairs, weight = _ties(world, people, rng)
    reached = weight @ (since >= 0).astype(np.float64)
    felt = np.where(since >= 0, felt, world.spillover * world.effect * reached)
    level = world.level + world.levels_differ * rng.normal(size=world.teams)
    rate = level[:, None] + world.season * np.sin(2 * np.pi * when / 13) + world.drift * rising[:, None] * (when - when.mean())
    rate = rate + world.wobble * rng.normal(size=rate.shape) + felt
    counted = rng.binomial(people[:, None], np.clip(rate, 0.01, 0.99)) / people[:, None]
    return Told(counted, effect, first, pairs)


def _starts(world: Panel, rising: Floats, rng: np.random.Generator) -> Ints:
    """Who is reached: by lot, or the likelier the more a team rises; then the starts in turn, in random order."""
    lot = world.selection * rising + rng.logistic(size=world.teams)
    chosen = np.argsort(-lot)[: round(world.reached * world.teams)]
    first = np.zeros(world.teams, dtype=np.int64)
    first[rng.permutation(chosen)] = np.resize(np.sort(world.starts), chosen.size)
    return first


def _ties(world: Panel, people: Ints, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """The pairs with their ties a block, and each team's share of ties toward each other team."""
    beside = np.array([rng.choice(world.teams - 1, world.neighbours, replace=False) for _ in range(world.teams)])
    beside += beside >= np.arange(world.teams)[:, None]
    each = np.full(world.neighbours, world.outside / world.neighbours)
    counts = rng.multinomial(5 * people, np.append(each, 1 - world.outside))
    rows = np.repeat(np.arange(world.teams), world.neighbours + 1)
    others = np.column_stack([beside, np.arange(world.teams)]).reshape(-1)
    weight = np.zeros((world.teams, world.teams))
    np.add.at(weight, (rows, others), counts.reshape(-1))
    both = weight + weight.T - np.diag(np.diag(weight))
    share = both / np.maximum(both.sum(axis=1, keepdims=True), 1)
    np.fill_diagonal(share, 0.0)
    return np.column_stack([rows, others, counts.reshape(-1)]), share
