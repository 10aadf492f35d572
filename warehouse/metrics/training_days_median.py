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

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.estimate import kaplan_meier
from pipeline.families.rows import UNIT, slices, table

QUERY = """
with placed as (
    select t.person, t.trained_on, n.colleagues_each,
           row_number() over (partition by t.person order by t.trained_on, t.toward) as place
    from staging.taught as t
    cross join staging.run as n
),
done as (
    select person, trained_on
    from placed
    where place = colleagues_each
),
seen as (select min(day) as first_day from staging.coverage where seen and channel = 'learning')
select s.unit_level, s.unit, s.period, s.period_start, s.period_end, h.person, h.provisional,
       h.valid_from < coalesce(b.first_day, h.valid_from) as before_records,
       coalesce(d.trained_on <= s.period_end, false) as finished,
       case when d.trained_on <= s.period_end then d.trained_on
            else least(s.period_end, cast(h.valid_to - 1 as date)) end - h.valid_from as days
from staging.spine as s
cross join seen as b
left join staging.champion_homes as h on h.unit_level = s.unit_level and h.unit = s.unit and h.period_start = s.period_start
left join done as d on d.person = h.person
where s.period = '28 days' and s.unit_level <> 'team'
"""

PARTS = (("median", 0.5), ("p80", 0.8))
COLUMNS = (*UNIT, "part", "value", "low", "high", "n_eff", "base", "provisional")
FEWEST = 10


def figures(rows: pa.Table) -> pa.Table:
    """Two rows for each unit and block: the days within which half, and four fifths, of the champions met the plan."""
    made = []
    for key, champions in slices(rows, UNIT, then=("person",)):
        part = champions.filter(pc.is_valid(champions["person"]))  # a unit without a champion has one row without a name
        curve = kaplan_meier(part["days"].to_numpy(), part["finished"].to_numpy(zero_copy_only=False))
        many = part.num_rows
        for name, share in PARTS:
            ends = curve.quantile(share) if many >= FEWEST else (None, None, None)
            told = ends if ends[0] is not None else (None, None, None)
            made.append((*key, name, *told, many, many, _doubt(part)))
    return table(made, COLUMNS)


def _doubt(part):
    if unregistered := pc.min(part["provisional"]).as_py():
        return unregistered
    early = sum(part["before_records"].to_pylist())
    return f"{early} of {part.num_rows} became champions before records of training begin" if early else None
