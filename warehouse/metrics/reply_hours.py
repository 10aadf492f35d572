"""How long a post on the network waits for its first reply by somebody else.
---
question: How fast do people get a reply?
unit: hours
better: lower
interval: given
refuse: n_eff < 20
because: fewer than 20 posts were written, or too few of them have a reply yet
needs: [network]
formula: >-
  Kaplan-Meier median and 80th percentile of the hours to the first reply; what has none yet was waiting at the end of
  the run's day
source: Kaplan & Meier 1958; log-log interval as in Kalbfleisch & Prentice 1980
limits: >-
  Nights and weekends count as hours. Announcements that want no reply count as waiting. Where the curve does not fall
  so far, the upper end is open.
never:
  less than no time: value < 0
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa

from pipeline.estimate import kaplan_meier
from pipeline.families.rows import UNIT, table

QUERY = """
with units as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level <> 'team'
),
waits as (
    select m.unit_level, m.unit, m.period, m.period_start, t.person, t.waited_seconds,
           t.answered_at is not null as answered
    from staging.threads as t
    join staging.calendar as c on c.day = t.opened_on and c.period = '28 days'
    join staging.membership as m on m.person = t.person and m.period = c.period and m.period_start = c.period_start
    where t.channel = 'network' and m.unit_level <> 'team'
)
select u.unit_level, u.unit, u.period, u.period_start, u.period_end, w.person, w.waited_seconds, w.answered
from units as u
left join waits as w
  on w.unit_level = u.unit_level and w.unit = u.unit and w.period = u.period and w.period_start = u.period_start
"""

PARTS = (("median", 0.5), ("p80", 0.8))
COLUMNS = (*UNIT, "part", "value", "low", "high", "n_eff", "base")


def figures(rows: pa.Table) -> pa.Table:
    """Two rows for each unit and block: the waits in hours by which half, and four fifths, had a reply."""
    rows = rows.sort_by([(name, "ascending") for name in rows.column_names])
    keys = list(zip(*(rows.column(name).to_pylist() for name in UNIT), strict=True))
    bounds = [n for n, key in enumerate(keys) if n == 0 or key != keys[n - 1]] + [len(keys)]
    made = []
    for start, end in pairwise(bounds):
        waits = rows.slice(start, end - start).drop_null()  # a unit without a post has one row without a wait
        hours = waits.column("waited_seconds").to_numpy() / 3600
        curve = kaplan_meier(hours, waits.column("answered").to_numpy())
        base = len(np.unique(waits.column("person").to_numpy()))
        made += [(*keys[start], part, *curve.quantile(done), waits.num_rows, base) for part, done in PARTS]
    return table(made, COLUMNS)
