"""Posts that people of the department have labelled: what their writers meant, and what the scorer makes of them.

Belongs here: drawing them, and the scorer's confusion on them, as an operator would count it. Does not: the scorer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.simulate.network import Network
from pipeline.simulate.prose import MOODY
from pipeline.simulate.spread import World
from pipeline.text import score

POSITIVE_FROM = 0.05  # the tone from which a text counts as positive in the share that these counts correct


@dataclass(frozen=True, slots=True)
class Post:
    """A labelled post: the number of its message, whether it is meant gladly, and the scorer's tone (None: not scored)."""

    message: int
    positive: bool
    tone: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Labelled posts by what people say, and those that the scorer calls the same; posts without a tone left out."""

    positive: int
    positive_found: int
    other: int
    other_found: int


def draw(world: World, talk: Network, many: int, purpose: str) -> list[Post]:
    """A simple random sample of the public English posts that have a mood, scored."""
    rng = world.department.chance(purpose)
    moody = [
        n for n, m in enumerate(talk.messages)
        if m.kind == "public" and m.sender >= 0 and m.said.purpose in MOODY and m.said.language == "en"
    ]  # fmt: skip
    many = min(many, len(moody))
    if not many:
        return []
    chosen = sorted(rng.choice(np.array(moody), many, replace=False).tolist())
    tones = score([talk.messages[n].said.text for n in chosen])
    return [Post(n, talk.messages[n].said.tone > 0, tone) for n, tone in zip(chosen, tones, strict=True)]


def readable(posts: list[Post], many: int) -> list[Post]:
    """The first `many` posts that the scorer can read: to label others would say nothing of its errors."""
    return [post for post in posts if post.tone is not None][:many]


def confusion(posts: list[Post]) -> Confusion:
    """The counts of [tidemark.rules.tone]: the scorer calls positive what has a tone of POSITIVE_FROM at least."""
    scored = [(post.positive, post.tone >= POSITIVE_FROM) for post in posts if post.tone is not None]
    return Confusion(
        sum(meant for meant, _ in scored), sum(meant and called for meant, called in scored),
        sum(not meant for meant, _ in scored), sum(not meant and not called for meant, called in scored),
    )  # fmt: skip
