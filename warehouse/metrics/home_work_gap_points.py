"""How much more people do with digital tools at home than at work.
---
question: Do people manage at home what they do not do at work?
unit: points from -100 to 100
better: lower
interval: given
refuse: base < 10
because: fewer than 10 people answered both questions
needs: [roster]
feeds: [answers]
formula: mean over respondents of the score at home minus the score at work; interval by a bootstrap over people
source: Efron & Tibshirani 1993
limits: >-
  What people say of themselves. A gap says that something stands in the way at work, not what: gap_limited_share tells
  three reasons apart.
never:
  gap beyond the scale: value < -100 or value > 100
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.estimate.capability import paired_gap
from pipeline.families.rows import UNIT, table

QUERY = """
with paired as (
    select block_start, person, directorate, max(score) filter (where axis = 'home') as home,
           max(score) filter (where axis = 'work') as work
    from staging.answers
    where axis in ('home', 'work')
    group by block_start, person, directorate
    having count(distinct axis) = 2
),
units as (
    select unit_level, unit, period, period_start, period_end, people
    from staging.spine
    where period = '28 days' and unit_level <> 'team' and period_start in (select block_start from staging.waves)
)
select u.unit_level, u.unit, u.period, u.period_start, u.period_end, u.people, b.person,
       cast(b.home as double) as home, cast(b.work as double) as work
from units as u
cross join staging.run as n
left join paired as b
  on b.block_start = u.period_start and u.unit = case u.unit_level when 'directorate' then b.directorate else n.organisation end
"""

COLUMNS = (*UNIT, "value", "low", "high", "n_eff", "base", "provisional")


def figures(rows: pa.Table) -> pa.Table:
    """One row for each unit and wave in which two people or more answered both questions."""
    answers = rows.sort_by([(name, "ascending") for name in rows.column_names]).to_pylist()
    units: dict[tuple[object, ...], list[dict[str, object]]] = {}
    for answer in answers:
        units.setdefault(tuple(answer[name] for name in UNIT), []).append(answer)
    made = []
    for spot, told in units.items():
        base = len({one["person"] for one in told} - {None})
        if base < 2 and spot[0] == "organisation":
            made.append((*spot, None, None, None, base, base, None))
        elif base >= 2:
            value, low, high, _ = paired_gap([one["home"] for one in told], [one["work"] for one in told])
            few = "less than 40 % of the people answered" if 5 * base < 2 * told[0]["people"] else None
            made.append((*spot, value, low, high, base, base, few))
    return table(made, COLUMNS)
