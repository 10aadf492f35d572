"""The bar of the share of positive texts: the metric's own rows, from a scorer whose errors are known by labelled texts only.

Belongs here: the settings and the comparison. Does not: the texts (simulate/events/tone.py), the figure
(warehouse/metrics/positive_share.py).
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pyarrow as pa

from pipeline.calibrate.bar import Bar, Bound, Outcome
from pipeline.models import Figures, shipped_models
from pipeline.simulate.events.tone import Moods, Scored, score

SPOT = {"unit_level": "organisation", "unit": "all", "period": "28 days", "period_start": None, "period_end": None}
LABELS = ("labelled", "found", "other", "other_found")


def share(seed: int, *, positive: float, labelled_positive: int = 100) -> Outcome:
    """Whether the interval holds the true share, and the error; whether classify-and-count would; nothing where refused."""
    seen = score(Moods(positive=positive, labelled_positive=labelled_positive, labelled_other=200 - labelled_positive, seed=seed))
    [row] = [r for r in _metric()(_rows(seen)).to_pylist() if r["part"] == ""]
    naive = seen.positive / seen.texts
    reach = 1.96 * float(naive.std(ddof=1)) / np.sqrt(naive.size)
    counted = {"counted": float(abs(float(naive.mean()) - seen.share) <= reach)}
    if row["value"] is None:
        return counted
    return counted | {"covered": float(row["low"] <= seen.share <= row["high"]), "error": row["value"] - seen.share}


@cache
def _metric() -> Figures:
    """What makes the metric's rows. Raises ValueError where there is no such metric."""
    for model in shipped_models():
        if model.table == "metrics.positive_share" and model.figures:
            return model.figures
    raise ValueError("there is no metric positive_share")


def _rows(seen: Scored) -> pa.Table:
    """What the metric reads: one row an author, every text read."""
    authors = seen.texts.size
    columns: dict[str, list[object]] = {name: [value] * authors for name, value in SPOT.items()}
    columns |= {name: [value] * authors for name, value in zip(LABELS, seen.labelled, strict=True)}
    counts = {"texts": seen.texts, "scored": seen.texts, "positive": seen.positive}
    return pa.table({**columns, "person": np.arange(authors), **counts})


def _bar(positive: float, labelled_positive: int = 100) -> Bar:
    split = f"{labelled_positive} positive and {200 - labelled_positive} other texts labelled"
    return Bar(
        name=f"sentiment {positive:g}, {labelled_positive} labelled positive",
        row="sentiment share .15/.35/.6",
        setting=f"true share {positive:g}, 150 authors who differ, sensitivity .80 and specificity .85, {split}",
        bounds=(
            Bound("covered", "share of intervals that hold the true share", 0.92, 0.98),
            Bound("error", "mean error", -0.015, 0.015, kind="mean"),
        ),
        outcome=partial(share, positive=positive, labelled_positive=labelled_positive), times=5,
    )


BARS = (_bar(0.15), _bar(0.35), _bar(0.6), _bar(0.35, 60))
