"""How long it takes from the first course finished by choice to the first contribution on a network or in a chat.
---
question: Do people use what they have learned?
unit: days
better: lower
interval: given
refuse: base < 20
because: fewer than 20 people finished a first course without having contributed before, or too few have contributed since
needs: [learning]
formula: >-
  Kaplan-Meier median of the days from a person's first course that was not mandatory to the first post, reply, question,
  answer or mention on a voluntary channel; who has none yet was waiting on the run's day, or until the roster's last day of
  that person; who contributed before the course is left out
source: Kaplan & Meier 1958; log-log interval as in Kalbfleisch & Prentice 1980
limits: >-
  Sources know the past only so far: a contribution before that counts as none. That use follows a course does not say
  that it comes of it.
never:
  less than no time: value < 0
unique: [unit_level, unit, period, period_start]
"""

from __future__ import annotations

import pyarrow as pa

from pipeline.estimate import kaplan_meier
from pipeline.families.rows import UNIT, slices, table

QUERY = """
with units as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level <> 'team'
),
first_courses as (
    select person, min(happened_on) as trained_on
    from staging.acts
    where channel = 'learning' and verb = 'learn' and not mandatory
    group by person
),
-- Finished before anybody's units are looked up: else all days of a block meet all people of it first.
learned as materialized (
    select f.person, f.trained_on, c.period_start
    from first_courses as f
    join staging.calendar as c on c.day = f.trained_on and c.period = '28 days'
),
used as (
    select person, min(happened_on) as used_on
    from staging.acts
    where not mandatory and channel in ('network', 'chat') and verb in ('post', 'reply', 'ask', 'answer', 'mention')
    group by person
),
stays as (
    select person, max(valid_to) as until
    from staging.roster
    group by person
),
waits as (
    select m.unit_level, m.unit, m.period_start, m.person, u.used_on is not null as used,
           greatest(coalesce(u.used_on, least(n.as_of, s.until - 1)) - l.trained_on, 0) as days
    from learned as l
    cross join staging.run as n
    join staging.membership as m on m.person = l.person and m.period = '28 days' and m.period_start = l.period_start
    join stays as s on s.person = l.person
    left join used as u on u.person = l.person
    where m.unit_level <> 'team' and (u.used_on is null or u.used_on >= l.trained_on)
)
select u.unit_level, u.unit, u.period, u.period_start, u.period_end, w.person, w.days, w.used
from units as u
left join waits as w on w.unit_level = u.unit_level and w.unit = u.unit and w.period_start = u.period_start
"""

COLUMNS = (*UNIT, "value", "low", "high", "base")


def figures(rows: pa.Table) -> pa.Table:
    """One row for each unit and block of the course: the days by which half had contributed."""
    made = []
    for key, rows_of in slices(rows, UNIT, then=("person", "days")):
        waits = rows_of.drop_null()  # a unit in which nobody learned has one row without a person
        curve = kaplan_meier(waits.column("days").to_numpy(), waits.column("used").to_numpy())
        made.append((*key, *curve.quantile(0.5), waits.num_rows))
    return table(made, COLUMNS)
