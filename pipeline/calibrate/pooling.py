"""The bar of pooled team rates: near the truth on average, and sure of it as often as they say.

Belongs here: the settings and the comparison. Does not: the teams (simulate/events/rates.py), the model (estimate/).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from pipeline.calibrate.bar import Bar, Bound, Outcome
from pipeline.estimate.pooling_shares import beta_binomial, steadiness
from pipeline.simulate.events.rates import Rates, count


def rates(seed: int, *, teams: int, differ: float, steady: float = 0.0) -> Outcome:
    """Share of teams whose interval holds their own rate, and the root mean squared error beside that of the raw rate."""
    seen = count(Rates(teams=teams, differ=differ, steady=steady, seed=seed))
    known = 1 / (1 - steadiness(seen.people, seen.hits, seen.before, seen.twice))
    fit = beta_binomial(known * seen.hits, known * seen.people)
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


STEADY = Bar(
    name="pooled rates of people who stay as they are",
    row="pooled team rates",
    setting="209 teams of 10 to 60 people, mean share .35, teams' own standard deviation .08; people differ by half of p (1 - p)",
    bounds=(
        Bound("covered", "share of teams whose interval holds what can be expected of their people", 0.92, 0.98, kind="mean"),
        Bound("ratio", "root mean squared error, as a share of that of raw rates", high=0.9, kind="mean"),
    ),
    outcome=partial(rates, teams=209, differ=0.08, steady=0.5),
    note="Those who take part in one month mostly do in the next: the count of a team is then nearer the truth than a coin thrown "
    "for everybody would make it. A pooling that takes all of it for chance covers 88 % and errs as much as the counts do.",
)
BARS = (_bar(209, 0.08), _bar(209, 0.04), _bar(30, 0.06), STEADY)
