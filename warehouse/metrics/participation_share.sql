/*
Share of the roster who wrote at least once where nobody made them.
---
question: Who takes part?
unit: share of people
better: higher
interval: wilson
needs: [network, chat]
counts: [roster, writers]
formula: distinct people with at least one post, reply, question, answer or mention on a voluntary channel / people on the roster
limits: Says how many wrote, not how much or what.
never:
  more people than the roster: hits > base
unique: [unit_level, unit, period, period_start]
*/
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       count(a.person) filter (where a.contributory_acts > 0) as hits, count(*) as base
from staging.membership as m
left join staging.activity as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start
where m.period in ('week', '28 days')
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end
