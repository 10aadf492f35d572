"""How many further people each adopter wins over: the bounds of the reproduction number, as it is and intrinsic.
---
question: Does it spread by itself?
unit: adopters won over per adopter
better: higher
interval: given
needs: [network, chat]
because: too little is known of these 28 days
formula: >-
  R ~ Gamma(1 + S/phi, 1/5 + L/phi): S the adopters of the 28 days who have it from colleagues, L the pressure of all earlier
  adopters by the time that passes from one to the next, phi the excess of chance because a few bring many. R_lo counts the
  attributed, R_hi the unattributed too, R_mar these as often as the others; imported people press but are no offspring.
  Intrinsic: divided by the share of the roster that had not adopted. Where the time between two is assumed, R_mar is also
  told for half and twice that time
source: Cori et al. 2013; Thompson et al. 2019; Lloyd-Smith et al. 2005
limits: >-
  A steady broadcast alone gives about 1 to whoever does not know where adopters come from: read the bounds together, and
  the verdict. Not told in the first two blocks of a source, and where the record of the last three differs by more than 15
  points, by days or by the openings of conversations. A reply to an adopter may be chance; colleagues who leave no trace in
  the week after a broadcast count as imported. Never per team.
never:
  fewer than nobody: value < 0
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipeline.estimate.spread import Bound, Range, Spread
from pipeline.families import spreading
from pipeline.families.rows import UNIT, table

QUERY = spreading.QUERY
COLUMNS = (*UNIT, "part", "value", "low", "high", "base", "refused", "provisional", "verdict")


def figures(rows: pa.Table) -> pa.Table:
    """Six rows a block, and two more where the time from one adopter to the next is assumed."""
    made = [
        {**block.row, "part": part, **told, "base": people, "verdict": _rests_on(spread) if told["refused"] is None else None}
        for block, spread, people in spreading.assess_blocks(rows)
        for part, told in _parts(spread)
    ]
    return table(made, COLUMNS)


def _parts(spread: Spread) -> Iterator[tuple[str, dict[str, object]]]:
    bounds: list[tuple[str, Bound | None, str | None]] = [
        ("R_lo", spread.lo, spread.refused), ("R_mar", spread.mar, spread.mar_refused), ("R_hi", spread.hi, spread.refused),
    ]  # fmt: skip
    for name, bound, why in bounds:
        yield name, _told(bound.effective if bound else None, why)
        yield f"intrinsic {name}", _told(bound.intrinsic if bound else None, why)
    for other in spread.sensitivity:
        yield f"R_mar, generation x{other.factor:g}", _told(other.mar.effective if other.mar else None, spread.mar_refused)


def _told(found: Range | None, why: str | None) -> dict[str, object]:
    if found is None:
        return {"value": None, "low": None, "high": None, "refused": why}
    return {"value": found.value, "low": found.low, "high": found.high, "refused": None}


def _rests_on(spread: Spread) -> str | None:
    """What of it is assumed, in plain words."""
    assumed = []
    if spread.generation.assumed:
        assumed.append(f"the time from one adopter to the next ({spread.generation.mean:.0f} days)")
    if spread.k_assumed:
        assumed.append(f"how much a few bring many (k = {spread.k:g})")
    return "assumed: " + " and ".join(assumed) if assumed else None
