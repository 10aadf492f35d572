"""What the metrics of waiting for a reply share: which conversations are read, and the two figures told of their waits.

Belongs here: everything but which conversations count. Does not: the mathematics (estimate/survival.py), when somebody was
answered (warehouse/staging/threads.sql), waits in days (warehouse/metrics: each its own).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.estimate import kaplan_meier
from pipeline.families.rows import UNIT, slices, table

QUERY = """
with units as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level <> 'team'
),
-- Finished before anybody's units are looked up: else all days of a block meet all people of it first.
opened as materialized (
    select t.person, t.waited_seconds, t.answered_at is not null as answered, c.period_start
    from staging.threads as t
    join staging.calendar as c on c.day = t.opened_on and c.period = '28 days'
    where {which}
),
waits as (
    select m.unit_level, m.unit, m.period_start, o.person, o.waited_seconds, o.answered
    from opened as o
    join staging.membership as m on m.person = o.person and m.period = '28 days' and m.period_start = o.period_start
    where m.unit_level <> 'team'
)
select u.unit_level, u.unit, u.period, u.period_start, u.period_end, w.person, w.waited_seconds, w.answered
from units as u
left join waits as w on w.unit_level = u.unit_level and w.unit = u.unit and w.period_start = u.period_start
"""

PARTS = (("median", 0.5), ("p80", 0.8))
COLUMNS = (*UNIT, "part", "value", "low", "high", "n_eff", "base")


def query(which: str) -> str:
    """Each unit and block with the waits of its conversations; `which` says of staging.threads, as t, which these are."""
    return QUERY.format(which=which)


def hours_waited(rows: pa.Table) -> pa.Table:
    """Two rows for each unit and block: the hours within which half, and four fifths, were answered.

    Kaplan-Meier with its 95 % interval; `n_eff` are conversations, `base` those who opened them. Where the curve does not
    fall so far, value and ends are NULL.
    """
    made = []
    for key, opened in slices(rows, UNIT, then=("person", "waited_seconds")):
        waits = opened.drop_null()  # a unit in which nothing was opened has one row without a wait
        curve = kaplan_meier(waits.column("waited_seconds").to_numpy() / 3600, waits.column("answered").to_numpy())
        base = len(np.unique(waits.column("person").to_numpy()))
        made += [(*key, part, *curve.quantile(done), waits.num_rows, base) for part, done in PARTS]
    return table(made, COLUMNS)
