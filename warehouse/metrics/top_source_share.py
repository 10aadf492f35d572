"""How much of the adoption comes from the busiest tenth of sources.
---
question: Would it go on without a few people?
unit: share of adoptions
better: lower
interval: none
needs: [network, chat]
because: fewer than 100 adopters have brought somebody, so a tenth of them would be fewer than ten people
formula: >-
  adopters brought by the tenth of sources who brought most / all adopters with a known source, everybody so far; of several
  candidates the likeliest is the source
source: Goel, Anderson, Hofman & Watts 2016
limits: >-
  A census of the origins that left a trace, without an interval. Chance alone gives a busiest tenth too: with one each, a
  tenth; read it beside the dispersion k. Never a list of these people.
never:
  share out of range: value < 0 or value > 1
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.estimate.trees import offspring_of, top_share
from pipeline.families import spreading
from pipeline.families.rows import UNIT, table

QUERY = spreading.QUERY
TENTH, FEWEST = 0.1, 100
COLUMNS = (*UNIT, "value", "base", "refused", "provisional")


def figures(rows: pa.Table) -> pa.Table:
    """One row, of the newest block, over everybody who has adopted by its end."""
    made = []
    for block, parents in spreading.newest_trees(rows):
        sources = int((offspring_of(parents) > 0).sum())
        few = f"fewer than {FEWEST} adopters have brought somebody, so a tenth of them would be fewer than ten people"
        told = {"refused": few} if sources < FEWEST else {"value": top_share(parents, TENTH)}
        made.append({**block.row, **told, "base": spreading.in_trees(parents)})
    return table(made, COLUMNS)
