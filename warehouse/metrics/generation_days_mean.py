"""How long it takes from one adopter to those whom they bring.
---
question: How fast does it pass from one to the next?
unit: days
better: none
interval: given
needs: [network, chat]
because: fewer than 30 pairs of an adopter and a known source
formula: >-
  mean days from the adoption of a source to the adoption of whom it brought, at most 60; several candidates share one pair
  by how likely their time is, allowing for sources that were not yet watched for long; other part: its standard deviation
source: Lynden-Bell 1971; Cori et al. 2013
limits: >-
  Told from pairs that left a trace. A source who brought somebody after more than 60 days is not seen. Until 30 pairs are
  known, 10 days are assumed in the reproduction number.
never:
  beyond what is looked at: value < 0 or value > 60
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.estimate.mean import mean_interval
from pipeline.estimate.spread import Spread
from pipeline.families import spreading
from pipeline.families.rows import UNIT, table

QUERY = spreading.QUERY
COLUMNS = (*UNIT, "part", "value", "low", "high", "n_eff", "base", "refused", "provisional")


def figures(rows: pa.Table) -> pa.Table:
    """Two rows a block: the mean, and the standard deviation."""
    made = [
        {**block.row, "part": part, **told, "base": people}
        for block, spread, people in spreading.assess_blocks(rows)
        for part, told in _parts(spread)
    ]
    return table(made, COLUMNS)


def _parts(spread: Spread) -> list[tuple[str, dict[str, object]]]:
    known = spread.generation
    if known.assumed:
        refused = {"refused": f"only {known.pairs:.0f} pairs of an adopter and a known source, fewer than 30"}
        return [("", refused), ("standard deviation", refused)]
    low, high = mean_interval(known.mean, known.sd, known.pairs)
    return [
        ("", {"value": known.mean, "low": max(low, 0.0), "high": high, "n_eff": known.pairs}),
        ("standard deviation", {"value": known.sd, "n_eff": known.pairs}),
    ]
