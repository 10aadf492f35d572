/*
Share of the roster who have become adopters by the end of the week: who takes part regularly, not once.
---
question: How far has it spread?
unit: share of people
better: higher
interval: wilson
refuse: part like '%channels=2' and connected < 2
because: a rule of two channels needs two voluntary channels, and one is connected
needs: [network, chat]
counts: [roster, adopters]
formula: >-
  people with a 3rd distinct contributory day within any 28 days, so far / people on the roster. The organisation may set 2
  or 4 days instead of 3; the other parts change the days or ask for two channels
limits: Nobody is an adopter before three days of taking part have been seen, so the first weeks of a source are too low; who stops is not taken out.
never:
  more people than the roster: hits > base
unique: [unit_level, unit, part, period, period_start]
*/
with linked as (
    select count(distinct channel) as connected
    from staging.coverage
    where seen and channel in ('network', 'chat') and source in (select source from landing.gives where shape = 'acts' and n > 0)
),
rules as (
    select case when r.days = n.adopter_days and r.channels = 1 then '' else r.part end as part, r.days, r.channels
    from (values ('days=2,channels=1', 2, 1), ('days=3,channels=1', 3, 1), ('days=4,channels=1', 4, 1),
                 ('days=2,channels=2', 2, 2), ('days=3,channels=2', 3, 2), ('days=4,channels=2', 4, 2)
         ) as r(part, days, channels)
    cross join staging.run as n
)
select m.unit_level, m.unit, r.part, m.period, m.period_start, m.period_end,
       count(a.person) as hits, count(*) as base, l.connected,
       case when m.period_end > n.as_of - 28 then 'the newest 28 days may still change' end as provisional
from staging.membership as m
cross join staging.run as n
cross join linked as l
join rules as r on r.part = '' or m.unit_level = 'organisation'
left join staging.adopters as a
  on a.person = m.person and a.days = r.days and a.channels = r.channels and a.adopted_on <= m.period_end
where m.period = 'week'
group by m.unit_level, m.unit, r.part, m.period, m.period_start, m.period_end, l.connected, n.as_of
