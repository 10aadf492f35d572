"""How long posts wait for a reply, some of them for ever, seen up to one moment.

Belongs here: the waits of one period with their truth. Does not: who writes (writing.py), the curve (estimate/survival.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.simulate.events.scenario import Block

Floats = NDArray[np.float64]


class Waiting(Block):
    """Posts over `days`, seen at the end; a share `never` is never answered, the others wait a lognormal time in hours.

    `median` is that of all posts, those never answered among them: the median of the answered alone is shorter.
    """

    posts: int = Field(default=120, ge=1)
    days: float = Field(default=28.0, gt=0)
    median: float = Field(default=10.5, gt=0, description="hours")
    spread: float = Field(default=1.45, gt=0, description="standard deviation of the log of the answered waits")
    never: float = Field(default=0.15, ge=0, lt=0.5)
    seed: int = Field(default=7, ge=0)

    @property
    def median_of_answered(self) -> float:
        """Where exp(m + spread z) is the median of all: z the normal quantile of 0.5/(1 - never); this is exp(m)."""
        return float(self.median * np.exp(-self.spread * NormalDist().inv_cdf(0.5 / (1 - self.never))))


@dataclass(frozen=True)
class Waits:
    """Hours waited so far, whether a reply ended the wait, and the true median of all."""

    hours: Floats
    answered: NDArray[np.bool_]
    median: float


def wait(world: Waiting) -> Waits:
    """The posts of one period: written evenly over it, cut off at its end; the same arrays for the same world."""
    rng = np.random.default_rng(world.seed)
    left = 24 * world.days * rng.random(world.posts)
    takes = world.median_of_answered * np.exp(world.spread * rng.normal(size=world.posts))
    takes[rng.random(world.posts) < world.never] = np.inf
    return Waits(np.minimum(takes, left), takes <= left, world.median)
