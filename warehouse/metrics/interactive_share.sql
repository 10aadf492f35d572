/*
Share of the roster who posted, replied, reacted or mentioned somebody.
---
question: How many are interactive users, as the industry counts them?
unit: share of people
better: higher
interval: wilson
needs: [network, chat]
counts: [roster, interactive]
formula: distinct people with at least one post, reply, reaction or mention / people on the roster
source: The industry's own definition; its published average is 27 %, its target above 38 % within six months.
limits: A source that does not say who reacted, as a network's list of messages may not, makes this too low.
never:
  more people than the roster: hits > base
unique: [unit_level, unit, period, period_start]
*/
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       count(a.person) filter (where a.interactive_acts > 0) as hits, count(*) as base
from staging.membership as m
left join staging.activity as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start
where m.period = '28 days'
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end
