"""Where adoption would end if it goes on as it has: told once growth has clearly bent, before that only what is reached.
---
question: How far will it get?
unit: share of people
better: higher
interval: given
needs: [network, chat]
because: the curve does not show yet where it will end
formula: >-
  people of today's roster by the week in which they became adopters, as a Bass or logistic curve towards a free ceiling, by
  maximum likelihood; the ceiling / people on the roster. Told only where ceilings twice and half as high are both rejected
  (profile deviance above 3.84, over the scatter of the weeks) and the peak of the weeks and of the curve is 4 weeks old
source: Bass 1969; Venzon & Moolgavkar 1988; Van den Bulte & Lilien 1997
limits: >-
  A curve knows nothing of the next campaign. Who was active before the first day of a source counts as new in its first
  weeks. Who has left is not in it. Where it cannot be told, the share reached already is its lower bound.
never:
  share out of range: value < 0 or value > 1
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.estimate.growth import ceiling
from pipeline.families.rows import UNIT, table

QUERY = """
with newest as (
    select max(period_start) as period_start
    from staging.membership
    where period = '28 days'
),
people as (
    select m.person, m.unit, m.period_start, m.period_end
    from staging.membership as m
    join newest as n on n.period_start = m.period_start
    where m.period = '28 days' and m.unit_level = 'organisation'
),
begun as (
    select min(day) as first_day
    from staging.coverage
    where seen and channel in ('network', 'chat')
),
weeks as (
    select distinct c.period_start as monday
    from staging.calendar as c
    cross join newest as n
    cross join begun as b
    where c.period = 'week' and c.period_end <= n.period_start + 27 and c.period_end >= b.first_day
),
adopted as (
    select p.person, cast(date_trunc('week', a.adopted_on) as date) as monday
    from people as p
    join staging.adoptions as a on a.person = p.person
),
counted as (
    select w.monday, count(a.person) as n
    from weeks as w
    left join adopted as a on a.monday = w.monday
    group by w.monday
),
whole as (
    select unit, period_start, period_end, count(*) as eligible
    from people
    group by unit, period_start, period_end
)
select e.unit, e.period_start, e.period_end, e.eligible, c.monday, c.n
from whole as e
left join counted as c on true
"""

COLUMNS = (*UNIT, "value", "low", "high", "n_eff", "base", "refused", "provisional")


def figures(rows: pa.Table) -> pa.Table:
    """One row, of the newest block."""
    weeks = sorted(rows.to_pylist(), key=lambda row: str(row["monday"]))
    if not weeks:
        return table([], COLUMNS)
    one, counts = weeks[0], [row["n"] or 0 for row in weeks]
    found, people = ceiling(counts, one["eligible"]), one["eligible"]
    spot = {"unit_level": "organisation", "period": "28 days", **{key: one[key] for key in ("unit", "period_start", "period_end")}}
    made = {**spot, "base": people, "n_eff": sum(counts), "provisional": "the newest 28 days may still change"}
    if found.value is None or found.high is None:
        reached = f"{found.low / people:.0%} of the roster have taken it up so far, which is its lower bound"
        made["refused"] = f"{found.refused}; {reached}"
    else:
        made |= {"value": found.value / people, "low": found.low / people, "high": found.high / people}
    return table([made], COLUMNS)
