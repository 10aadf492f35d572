/*
Share of adopters who have stopped: no contribution for 56 days by the end of the block.
---
question: Do people keep it up?
unit: share of adopters
better: lower
interval: wilson
needs: [network, chat]
refuse: base < 20
because: fewer than 20 people of today's roster have been adopters for 56 days
formula: >-
  adopters without a post, reply, question, answer or mention in the last 56 days of the block / people on the roster who
  became adopters before these 56 days. Who comes back no longer counts
limits: >-
  Leave and sickness look the same. Not told where a source misses more than 8 of the 56 days. Who only reads counts as having stopped. Who has left the organisation
  is not in it.
never:
  more than all: hits > base
unique: [unit_level, unit, period, period_start]
*/
with contributed as (
    select distinct person, happened_on
    from staging.acts
    where not mandatory and channel in ('network', 'chat') and verb in ('post', 'reply', 'ask', 'answer', 'mention')
),
settled as (
    select m.unit_level, m.unit, m.period, m.period_start, m.period_end, m.person, max(c.happened_on) as newest
    from staging.membership as m
    join staging.adoptions as a on a.person = m.person and a.adopted_on <= m.period_end - 56
    left join contributed as c on c.person = m.person and c.happened_on <= m.period_end
    where m.period = '28 days' and m.unit_level = 'organisation'
    group by m.unit_level, m.unit, m.period, m.period_start, m.period_end, m.person
),
gaps as (
    select b.period_start, max(b.days) as days
    from (
        select m.period_start, c.source, count(*) as days
        from (select distinct period_start, period_end from staging.calendar where period = '28 days') as m
        join staging.coverage as c on c.day > m.period_end - 56 and c.day <= m.period_end
        where c.channel in ('network', 'chat') and c.expected and not c.seen
          and c.source in (select source from landing.gives where shape = 'acts' and n > 0)
        group by m.period_start, c.source
    ) as b
    group by b.period_start
),
blocks as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level = 'organisation'
)
select b.unit_level, b.unit, b.period, b.period_start, b.period_end,
       count(s.person) filter (where s.newest <= b.period_end - 56) as hits, count(s.person) as base,
       case when g.days > 8 then 'a source misses more than 8 of the 56 days, so silence may be its own' end as refused
from blocks as b
left join gaps as g on g.period_start = b.period_start
left join settled as s on s.unit_level = b.unit_level and s.unit = b.unit and s.period_start = b.period_start
group by b.unit_level, b.unit, b.period, b.period_start, b.period_end, g.days
