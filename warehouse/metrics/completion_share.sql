/*
Share of the roster who finished at least one course that was not mandatory.
---
question: Are people learning by choice?
unit: share of people
better: higher
interval: wilson
needs: [learning]
counts: [roster, learners]
formula: distinct people with at least one completed or passed course that is not mandatory / people on the roster
limits: Starting, playing and pausing do not count; nor does anything on the list of mandatory courses.
never:
  more people than the roster: hits > base
unique: [unit_level, unit, period, period_start]
*/
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       count(a.person) filter (where a.completions > 0) as hits, count(*) as base
from staging.membership as m
left join staging.activity as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start
where m.period = '28 days'
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end
