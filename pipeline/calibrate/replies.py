"""The bar of the reply time: the median of all posts where some are never answered.

Belongs here: the setting and the comparison. Does not: the waits (simulate/events/replies.py), the curve (estimate/survival.py).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from pipeline.calibrate.bar import Bar, Bound, Outcome
from pipeline.estimate.survival import kaplan_meier
from pipeline.simulate.events.replies import Waiting, wait


def median(seed: int, *, posts: int) -> Outcome:
    """Whether the interval of the median holds the truth, its error as a share of the truth, and the naive median's."""
    seen = wait(Waiting(posts=posts, seed=seed))
    found = kaplan_meier(seen.hours, seen.answered).quantile(0.5)
    naive = float(np.median(seen.hours[seen.answered]))
    if found.value is None or found.low is None:
        return {"naive": naive / seen.median - 1}
    high = np.inf if found.high is None else found.high
    return {
        "covered": float(found.low <= seen.median <= high), "error": found.value / seen.median - 1,
        "naive": naive / seen.median - 1,
    }  # fmt: skip


def _bar(posts: int) -> Bar:
    return Bar(
        name=f"reply median {posts}",
        row="reply median, 15 % unanswered",
        setting=f"{posts} posts in 28 days, 15 % never answered, median of all 10.5 h, log-normal waits, cut off at the end",
        bounds=(
            Bound("covered", "share of intervals that hold the true median", 0.92, 0.98),
            Bound("naive", "error of the median of the answered alone", high=-0.15, kind="mean"),
        ),
        outcome=partial(median, posts=posts),
    )


BARS = (_bar(40), _bar(200))
