"""Whether adoption went hand to hand or came from a few: the mean distance between two people of one attribution tree.
---
question: Does it pass from hand to hand, or come from a few?
unit: steps between two adopters
better: none
interval: none
needs: [network, chat]
because: fewer than 30 adopters have a known source
formula: >-
  mean over all pairs of adopters of one tree of the steps between them along who brought whom, everybody so far; of several
  candidates the likeliest is the source. About 2: each source brought its people itself; the longer the chains, the more
source: Goel, Anderson, Hofman & Watts 2016
limits: >-
  A census of the origins that left a trace, without an interval: each hidden one cuts a tree in two and makes the figure
  smaller. Of the newest 28 days only, since trees are of everybody so far.
never:
  closer than next to each other: value < 1
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.estimate.trees import structural_virality
from pipeline.families import spreading
from pipeline.families.rows import UNIT, table

QUERY = spreading.QUERY
FEWEST = 30
COLUMNS = (*UNIT, "value", "base", "refused", "provisional")


def figures(rows: pa.Table) -> pa.Table:
    """One row, of the newest block, over everybody who has adopted by its end."""
    made = []
    for block, parents in spreading.newest_trees(rows):
        brought = int((parents >= 0).sum())
        few = f"fewer than {FEWEST} adopters have a known source"
        told = {"refused": few} if brought < FEWEST else {"value": structural_virality(parents)}
        made.append({**block.row, **told, "base": spreading.in_trees(parents)})
    return table(made, COLUMNS)
