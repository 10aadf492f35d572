/*
Of the people who were active in the last twelve months, the share who are active now.
---
question: Do people stay, or was it a fad?
unit: share of people active within a year
better: higher
interval: wilson
because: no source has been seen for the 13 blocks of 28 days that make twelve months, or fewer than 10 people were active
needs: [network, chat, intranet, learning]
formula: people with any act in the 28 days / people with any act in the 13 blocks of 28 days that end with it, both on the roster now
limits: Only sources that have been seen for all of the twelve months count, so that a new one does not look like new life. Who has left is in neither number.
never:
  more people now than within the year: hits > base
unique: [unit_level, unit, period, period_start]
*/
with begun as (
    select source, min(day) as first_day
    from staging.coverage
    where seen and source in (select source from landing.gives where shape = 'acts' and n > 0)
    group by source
),
blocks as (
    select distinct period_start, period_end
    from staging.calendar
    where period = '28 days'
),
whole as (
    select b.period_start, g.source
    from blocks as b
    join begun as g on g.first_day <= b.period_start - 12 * 28
),
known as (
    select b.period_start, count(w.source) as sources
    from blocks as b
    left join whole as w on w.period_start = b.period_start
    group by b.period_start
),
did as (
    select distinct person, source, happened_on - cast(((happened_on - date '2024-01-01') % 28 + 28) % 28 as integer) as block_start
    from staging.acts
),
alive as (
    select d.person, w.period_start, max(d.block_start) = w.period_start as now
    from whole as w
    join did as d on d.source = w.source and d.block_start between w.period_start - 12 * 28 and w.period_start
    group by d.person, w.period_start
)
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       count(a.person) filter (where a.now) as hits, count(a.person) as n_eff,
       case when k.sources = 0 then count(*) else count(a.person) end as base,
       case when k.sources = 0 then 'no source has been seen for the twelve months that it takes'
            when count(a.person) < 10 then 'fewer than 10 people were active within the year' end as refused
from staging.membership as m
join known as k on k.period_start = m.period_start
left join alive as a on a.person = m.person and a.period_start = m.period_start
where m.period = '28 days' and m.unit_level <> 'team'
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end, k.sources
