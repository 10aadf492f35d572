/*
Share of the roster who saw or did at least one thing of their own accord.
---
question: Whom do we reach?
unit: share of people
better: higher
interval: wilson
needs: [network, chat, intranet, learning]
counts: [roster, reached]
formula: distinct people with at least one act that was not mandatory, reading included / people on the roster
limits: A page opened is not a page read. What is mandatory and what bots do never count.
never:
  more people than the roster: hits > base
unique: [unit_level, unit, period, period_start]
*/
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       count(a.person) filter (where a.voluntary_acts > 0) as hits, count(*) as base
from staging.membership as m
left join staging.activity as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start
where m.period in ('week', '28 days')
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end
