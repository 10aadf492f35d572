"""Whether people talk across directorates or keep to their own: 1 all across, -1 all within.
---
question: Do directorates talk with each other?
unit: index from -1 to 1
better: higher
interval: given
because: fewer than 50 ties between people were seen, or all are of one directorate
needs: [network, chat]
formula: >-
  (ties across directorates - ties within) / all ties; a tie is one person's reply, answer, mention or invitation to another
  in the 28 days, counted once each way. z compares it with the directorates of the same people dealt anew at random
source: Krackhardt & Stern 1988; chance as in Mantel 1967; interval by leaving out each person, Snijders & Borgatti 1999
limits: >-
  Large directorates have more ties within by their size alone, so read the words rather than the number. Directorates too
  small to be told alone count as one. Reactions are left out. A z says that it is no accident, not why.
never:
  index out of range: value < -1 or value > 1
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.estimate import Permuted, ei_permutation, ei_share
from pipeline.families.rows import UNIT, slices, table

QUERY = """
with pairs as (
    select distinct t.person, t.toward, c.period_start
    from staging.ties as t
    join staging.calendar as c on c.day = t.happened_on and c.period = '28 days'
    where t.verb <> 'react'
),
-- One end after the other, the first finished before the second: else everybody of a block meets everybody first.
one_end as materialized (
    select p.period_start, p.person, p.toward, h.directorate as own
    from pairs as p
    join staging.placements as h on h.person = p.person and h.block_start = p.period_start and h.directorate is not null
),
placed as (
    select o.period_start, o.person, o.toward, o.own, h.directorate as other
    from one_end as o
    join staging.placements as h on h.person = o.toward and h.block_start = o.period_start and h.directorate is not null
)
select b.period, b.period_start, b.period_end, b.unit, p.person, p.toward, p.own, p.other
from (
    select unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level = 'organisation'
) as b
left join placed as p on p.period_start = b.period_start
"""

SEED = 7
DRAWS = 199  # for p alone: mean, spread and z are exact
FEWEST = 50
KEY = ("unit", "period", "period_start", "period_end")
COLUMNS = (*UNIT, "value", "low", "high", "n_eff", "base", "refused", "verdict")


def figures(rows: pa.Table) -> pa.Table:
    """One row for each block: the index, its interval, and in words how it lies against chance."""
    made = []
    for key, rows_of in slices(rows, KEY, then=("person", "toward")):
        ties = rows_of.drop_null()  # a block without a tie has one row without people
        ends = np.concatenate([ties.column(name).to_numpy() for name in ("person", "toward")])
        homes = pa.chunked_array([*ties.column("own").chunks, *ties.column("other").chunks], pa.string())
        people, at, numbered = np.unique(ends, return_index=True, return_inverse=True)
        labels = homes.combine_chunks().dictionary_encode().indices.to_numpy()[at]
        base, homes_seen = people.size, np.unique(labels).size
        if ties.num_rows < FEWEST or homes_seen < 2:
            few = ties.num_rows < FEWEST
            why = f"fewer than {FEWEST} ties between people were seen" if few else "all ties are of one directorate"
            made.append(("organisation", *key, None, None, None, ties.num_rows, base, why, None))
            continue
        ego, alter = np.split(numbered, 2)
        found = ei_share(ego, alter, labels)
        chance = ei_permutation(ego, alter, labels, permutations=DRAWS, seed=SEED)
        told = (found.value, found.low, found.high, found.of, base, None, words(chance))
        made.append(("organisation", *key, *told))
    return table(made, COLUMNS)


def words(chance: Permuted) -> str:
    """How the index lies against the deals."""
    beside = f"chance alone gives {chance.expected:.2f}, z = {chance.z:.1f}"
    if chance.p >= 0.05 or np.isnan(chance.z):
        return f"ties cross directorates as often as chance has it ({beside})"
    return f"ties keep {'within directorates' if chance.z < 0 else 'across directorates'} more than chance has it ({beside})"
