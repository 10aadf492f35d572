"""How unequal adopters are in bringing others: the smaller k, the more comes from a few.
---
question: Does it rest on a few people?
unit: dispersion k
better: none
interval: given
needs: [network, chat]
because: fewer than 100 adopters have been watched for long enough
formula: >-
  k of a negative binomial distribution of the number of adopters whom each adopter brought (variance m + m²/k), by maximum
  likelihood over all adopters who have been watched for the whole time in which they may bring somebody; the interval is
  that of the profile likelihood
source: Lloyd-Smith et al. 2005; Lloyd-Smith 2007
limits: >-
  An adopter with several candidates counts for the likeliest. Hidden origins make adopters look more alike than they are.
  Where the upper end is open, they may be no more unequal than chance. Until 100 are known, 0.5 is assumed.
never:
  not above nothing: value <= 0
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import math

import pyarrow as pa

from pipeline.estimate.spread import Spread
from pipeline.families import spreading
from pipeline.families.rows import UNIT, table

QUERY = spreading.QUERY
COLUMNS = (*UNIT, "value", "low", "high", "n_eff", "base", "refused", "provisional")


def figures(rows: pa.Table) -> pa.Table:
    """One row a block, from everybody who had been watched for long enough by its end."""
    made = [
        {**block.row, **_told(spread), "n_eff": spread.followed, "base": spread.followed}
        for block, spread, _ in spreading.assess_blocks(rows)
    ]
    return table(made, COLUMNS)


def _told(spread: Spread) -> dict[str, object]:
    if spread.k_assumed:
        return {"refused": f"only {spread.followed} adopters have been watched for long enough, or none of them brought anybody"}
    if not math.isfinite(spread.k):
        return {"refused": "adopters bring others no more unequally than chance alone would have it"}
    high = spread.k_high if spread.k_high is not None and math.isfinite(spread.k_high) else None
    return {"value": spread.k, "low": spread.k_low, "high": high}
