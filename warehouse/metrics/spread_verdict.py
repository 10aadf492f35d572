"""In one word whether it spreads by itself: the reading of the reproduction number's bounds.
---
question: Is it spreading, and by itself?
unit: from -2 (seeded) to 2 (viral)
better: higher
interval: none
needs: [network, chat]
because: too little is known of these 28 days
formula: >-
  On the intrinsic bounds: viral (2) where the lower end of R_lo is above 1; likely viral (1) that of R_mar; seeded (-2) where
  the upper end of R_hi is below 1; likely seeded (-1) that of R_mar; else not determined (0). The word comes with the
  effective number
source: Cori et al. 2013; bounds for unknown origins
limits: >-
  It is about these 28 days. Seeded means that it lives from what the organisation does, not that it fails. With fewer than
  half of the origins known only the outer bounds decide. Never per team.
never:
  no such word: value not in (-2, -1, 0, 1, 2)
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.estimate.spread import Spread
from pipeline.families import spreading
from pipeline.families.rows import UNIT, table

QUERY = spreading.QUERY
WORDS = {
    "viral": (2, "each adopter wins over more than one other, even if only the proven cases count"),
    "likely viral": (1, "each adopter wins over more than one other, if unknown origins are like the known ones"),
    "not determined": (0, "it may be more or fewer than one other for each adopter"),
    "likely seeded": (-1, "each adopter wins over fewer than one other, if unknown origins are like the known ones"),
    "seeded": (-2, "each adopter wins over fewer than one other, even if every unknown origin was a colleague"),
}
COLUMNS = (*UNIT, "value", "base", "refused", "provisional", "verdict")


def figures(rows: pa.Table) -> pa.Table:
    """One row a block: the word as a number, and in `verdict` the word with what it means."""
    made = [
        {**block.row, **_told(spread), "base": people} for block, spread, people in spreading.assess_blocks(rows)
    ]  # fmt: skip
    return table(made, COLUMNS)


def _told(spread: Spread) -> dict[str, object]:
    if spread.verdict is None:
        return {"value": None, "refused": spread.refused, "verdict": None}
    number, why = WORDS[spread.verdict]
    return {"value": number, "refused": None, "verdict": f"{spread.verdict}: {why}{_effective(spread)}"}


def _effective(spread: Spread) -> str:
    """The effective number beside the word, or its outer bounds where the middle cannot be told."""
    if spread.mar:
        middle = spread.mar.effective
        return f" (effective R {middle.value:.1f}, {middle.low:.1f} to {middle.high:.1f})"
    if spread.lo and spread.hi:
        return f" (effective R between {spread.lo.effective.low:.1f} and {spread.hi.effective.high:.1f})"
    return ""
