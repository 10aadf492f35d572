/*
Share of the roster who did at least one thing.
---
question: Is taking part spreading?
unit: share of people
better: higher
interval: wilson
needs: [network, chat, intranet, learning]
counts: [roster, active]
formula: distinct people with any act in the period / people on the roster
limits: Opening a page counts as much as writing; work done where no source is connected is not seen.
never:
  more people than the roster: hits > base
unique: [unit_level, unit, period, period_start]
*/
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       count(a.person) as hits, count(*) as base
from staging.membership as m
left join staging.activity as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end
