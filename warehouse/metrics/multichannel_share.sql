/*
Of the people who take part, the share who do something on two channels or more.
---
question: Is it one tool, or a way of working?
unit: share of participants
better: higher
interval: wilson
refuse: base < 30 or connected < 2
because: fewer than 30 people took part, or only one channel is connected
needs: [network, chat, intranet, learning]
counts: [writers, several]
formula: people with acts that are not mandatory on two channels or more / people who wrote at least once on a voluntary channel
limits: With a channel that nearly everyone opens, as an intranet is, it is near one.
never:
  more people than participants: hits > base
unique: [unit_level, unit, period, period_start]
*/
with linked as (
    select count(distinct channel) as connected
    from staging.coverage
    where seen and channel <> 'roster' and source in (select source from landing.gives where shape = 'acts' and n > 0)
)
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       count(a.person) filter (where a.channels >= 2) as hits, count(a.person) as base, l.connected
from staging.membership as m
cross join linked as l
left join staging.activity as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start and a.contributory_acts > 0
where m.period = '28 days' and m.unit_level <> 'team'
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end, l.connected
