"""Of the pairs of people of whom one addressed the other, the share in which the other did too.
---
question: Do people talk with each other, or past each other?
unit: share of pairs
better: higher
interval: given
because: fewer than 50 ties between people were seen
needs: [network, chat]
formula: >-
  pairs with a reply, answer, mention or invitation in both directions / pairs with one in any, both on the roster of the
  unit
source: Wasserman & Faust 1994; interval by leaving out each person, Snijders & Borgatti 1999
limits: >-
  Reactions are left out, since many sources do not tell who reacted. Answering once is a tie as much as answering daily.
  In a short period fewer pairs have had time to answer, so compare periods of one length only.
never:
  share out of range: value < 0 or value > 1
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.estimate import reciprocity
from pipeline.families.rows import UNIT, slices, table

QUERY = """
with units as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level <> 'team'
),
pairs as (
    select distinct t.person, t.toward, c.period_start
    from staging.ties as t
    join staging.calendar as c on c.day = t.happened_on and c.period = '28 days'
    where t.verb <> 'react'
),
-- One end after the other, the first finished before the second: else everybody of a unit meets everybody of it first.
one_end as materialized (
    select m.unit_level, m.unit, m.period_start, p.person, p.toward
    from pairs as p
    join staging.membership as m on m.person = p.person and m.period = '28 days' and m.period_start = p.period_start
    where m.unit_level <> 'team'
),
within as (
    select o.unit_level, o.unit, o.period_start, o.person, o.toward
    from one_end as o
    join staging.membership as m
      on m.person = o.toward and m.period = '28 days' and m.period_start = o.period_start
     and m.unit_level = o.unit_level and m.unit = o.unit
)
select u.unit_level, u.unit, u.period, u.period_start, u.period_end, w.person, w.toward
from units as u
left join within as w on w.unit_level = u.unit_level and w.unit = u.unit and w.period_start = u.period_start
"""

FEWEST = 50
COLUMNS = (*UNIT, "value", "low", "high", "n_eff", "base", "refused")


def figures(rows: pa.Table) -> pa.Table:
    """One row for each unit and block: the share of its pairs that is mutual; `n_eff` are pairs."""
    made = []
    for key, rows_of in slices(rows, UNIT, then=("person", "toward")):
        ties = rows_of.drop_null()  # a unit without a tie has one row without people
        ego, alter = (ties.column(name).to_numpy() for name in ("person", "toward"))
        found = reciprocity(ego, alter)
        base = np.unique(np.concatenate([ego, alter])).size
        few = ties.num_rows < FEWEST
        told = (None, None, None) if few else (found.value, found.low, found.high)
        why = f"fewer than {FEWEST} ties between people were seen" if few else None
        made.append((*key, *told, found.of, base, why))
    return table(made, COLUMNS)
