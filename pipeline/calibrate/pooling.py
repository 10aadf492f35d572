"""The bar of pooled team rates: near the truth on average, and sure of it as often as they say.

Belongs here: the settings and the comparison. Does not: the teams (simulate/events/rates.py), the model (estimate/).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from pipeline.calibrate.bar import Bar, Bound, Outcome
from pipeline.estimate.pooling_shares import beta_binomial
from pipeline.simulate.events.rates import Rates, count


def rates(seed: int, *, teams: int, differ: float) -> Outcome:
    """Share of teams whose interval holds their own rate, and the root mean squared error beside that of the raw rate."""
    seen = count(Rates(teams=teams, differ=differ, seed=seed))
    fit = beta_binomial(seen.hits, seen.people)
    held = (fit.shrunken_low <= seen.share) & (seen.share <= fit.shrunken_high)
    error, raw = (float(np.sqrt(np.mean((found - seen.share) ** 2))) for found in (fit.shrunken, fit.raw))
    return {"covered": float(held.mean()), "ratio": error / raw}


def _bar(teams: int, differ: float) -> Bar:
    return Bar(
        name=f"pooled rates {teams}, {differ:g}",
        row="pooled team rates",
        setting=f"{teams} teams of 10 to 60 people, mean share .35, teams' own standard deviation {differ:g}",
        bounds=(
            Bound("covered", "share of teams whose interval holds their rate", 0.92, 0.98, kind="mean"),
            Bound("ratio", "root mean squared error, as a share of that of raw rates", high=0.7, kind="mean"),
        ),
        outcome=partial(rates, teams=teams, differ=differ),
    )


BARS = (_bar(209, 0.08), _bar(209, 0.04), _bar(30, 0.06))
