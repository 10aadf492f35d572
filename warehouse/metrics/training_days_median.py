"""How long a champion takes to train as many colleagues as the plan gives each.
---
question: How long does a champion need for the plan?
unit: days
better: lower
interval: given
refuse: value is null
because: fewer than 10 champions are known, or too few of them have met the plan yet
needs: [learning]
formula: >-
  Kaplan-Meier median and 80th percentile of the days from becoming a champion to the day on which the last colleague of the
  plan was trained; who is not done yet, or is no champion any longer, was still at it on that day
source: Kaplan & Meier 1958; log-log interval as in Kalbfleisch & Prentice 1980
limits: >-
  Days without work count. Who became a champion before records of training begin looks slower. Where the curve does not
  fall so far, the upper end is open. Where there is no register of champions, time begins with the first colleague.
never:
  less than no time: value < 0
unique: [unit_level, unit, part, period, period_start]
"""

from __future__ import annotations

from itertools import pairwise

import pyarrow as pa

from pipeline.estimate import kaplan_meier
from pipeline.families.rows import UNIT, table

QUERY = """
with spine as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level <> 'team'
),
-- One stretch each, the first: who is named again begins no new plan.
champions as (
    select person, min(valid_from) as valid_from, max(valid_to) as valid_to, bool_and(registered) as registered
    from staging.champions
    group by person
),
placed as (
    select t.person, t.trained_on, n.colleagues_each,
           row_number() over (partition by t.person order by t.trained_on, t.toward) as place
    from staging.taught as t
    cross join staging.run as n
),
homes as (
    select s.unit_level, s.unit, s.period_start, c.person
    from spine as s
    join champions as c on c.valid_from <= s.period_end
    left join staging.placements as p on p.person = c.person and p.block_start = s.period_start and p.directorate = s.unit
    where s.unit_level = 'organisation' or p.person is not null
),
done as (
    select person, trained_on
    from placed
    where place = colleagues_each
),
seen as (select min(day) as first_day from staging.coverage where seen and channel = 'learning')
select s.unit_level, s.unit, s.period, s.period_start, s.period_end, c.person, c.registered,
       c.valid_from < coalesce(b.first_day, c.valid_from) as before_records,
       coalesce(d.trained_on <= s.period_end, false) as finished,
       case when d.trained_on <= s.period_end then d.trained_on
            else least(s.period_end, cast(c.valid_to - 1 as date)) end - c.valid_from as days
from spine as s
cross join seen as b
left join homes as h on h.unit_level = s.unit_level and h.unit = s.unit and h.period_start = s.period_start
left join champions as c on c.person = h.person
left join done as d on d.person = c.person
"""

PARTS = (("median", 0.5), ("p80", 0.8))
COLUMNS = (*UNIT, "part", "value", "low", "high", "n_eff", "base", "provisional")
UNREGISTERED = "there is no register of champions: whoever teaches is taken for one"
FEWEST = 10


def figures(rows: pa.Table) -> pa.Table:
    """Two rows for each unit and block: the days within which half, and four fifths, of the champions met the plan."""
    rows = rows.sort_by([(name, "ascending") for name in rows.column_names])
    keys = list(zip(*(rows.column(name).to_pylist() for name in UNIT), strict=True))
    bounds = [n for n, key in enumerate(keys) if n == 0 or key != keys[n - 1]] + [len(keys)]
    made = []
    for start, end in pairwise(bounds):
        part = rows.slice(start, end - start).drop_null()  # a unit without a champion has one row without a name
        curve = kaplan_meier(part["days"].to_numpy(), part["finished"].to_numpy(zero_copy_only=False))
        many = part.num_rows
        for name, share in PARTS:
            ends = curve.quantile(share) if many >= FEWEST else (None, None, None)
            told = ends if ends[0] is not None else (None, None, None)
            made.append((*keys[start], name, *told, many, many, _doubt(part)))
    return table(made, COLUMNS)


def _doubt(part):
    if any(known is False for known in part["registered"].to_pylist()):
        return UNREGISTERED
    early = sum(part["before_records"].to_pylist())
    return f"{early} of {part.num_rows} became champions before records of training begin" if early else None
