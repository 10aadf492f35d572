"""What people write is positive or not, and a scorer that errs says so; some of it was labelled by people.

Belongs here: texts by author with the truth, the scorer's errors, the labelled set. Does not: words (prose.py), a real
scorer (pipeline/text), the adjusted count (estimate/prevalence.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from pipeline.simulate.events.scenario import Block, Share

Ints = NDArray[np.int64]


class Moods(Block):
    """`authors` whose own positive shares are Beta with mean `positive` and intraclass correlation `alike`.

    Each writes 1 + a negative binomial number of texts. The scorer calls a positive text positive with chance
    `sensitivity`, another not positive with chance `specificity`; so it did with the labelled ones.
    """

    positive: Share = 0.35
    authors: int = Field(default=150, ge=1)
    texts: float = Field(default=4.0, ge=1, description="mean texts an author")
    unevenness: float = Field(default=1.0, gt=0, description="size of the negative binomial; small is uneven")
    alike: float = Field(default=0.1, gt=0, lt=1)
    sensitivity: Share = 0.8
    specificity: Share = 0.85
    labelled_positive: int = Field(default=100, ge=1)
    labelled_other: int = Field(default=100, ge=1)
    seed: int = Field(default=7, ge=0)


@dataclass(frozen=True)
class Scored:
    """One entry an author: texts and those scored positive; the labelled set as counts; the true share."""

    texts: Ints
    positive: Ints
    labelled: tuple[int, int, int, int]
    share: float


def score(world: Moods) -> Scored:
    """The texts of one period as the scorer sees them. `labelled`: positives, of these found, others, of these kept."""
    rng = np.random.default_rng(world.seed)
    known = 1 / world.alike - 1
    if 0 < world.positive < 1:
        own = rng.beta(world.positive * known, (1 - world.positive) * known, world.authors)
    else:
        own = np.full(world.authors, world.positive)
    mean = world.texts - 1
    texts = 1 + rng.negative_binomial(world.unevenness, world.unevenness / (world.unevenness + mean), world.authors)
    truly = rng.binomial(texts, own)
    said = rng.binomial(truly, world.sensitivity) + rng.binomial(texts - truly, 1 - world.specificity)
    found = int(rng.binomial(world.labelled_positive, world.sensitivity))
    kept = int(rng.binomial(world.labelled_other, world.specificity))
    return Scored(texts, said, (world.labelled_positive, found, world.labelled_other, kept), world.positive)
