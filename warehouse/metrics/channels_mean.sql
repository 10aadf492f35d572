/*
On how many channels a person who takes part does anything.
---
question: How broad is taking part?
unit: channels
better: higher
interval: none
refuse: base < 30 or connected < 2
because: fewer than 30 people took part, or only one channel is connected
needs: [network, chat, intranet, learning]
counts: [writers]
formula: mean, over people who wrote at least once on a voluntary channel, of the channels on which they did anything not mandatory
limits: Can be no more than the channels that are connected.
unique: [unit_level, unit, period, period_start]
*/
with linked as (
    select count(distinct channel) as connected
    from staging.coverage
    where seen and channel <> 'roster' and source in (select source from landing.gives where shape = 'acts' and n > 0)
)
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       sum(a.channels) / nullif(count(a.person), 0) as value, count(a.person) as base, l.connected
from staging.membership as m
cross join linked as l
left join staging.activity as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start and a.contributory_acts > 0
where m.period = '28 days' and m.unit_level <> 'team'
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end, l.connected
