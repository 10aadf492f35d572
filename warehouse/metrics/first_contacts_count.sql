/*
Staff and seniors of different directorates who spoke with each other for the first time in half a year.
---
question: Are leaders heard beyond their own people?
unit: pairs of people
better: higher
interval: none
because: less than 180 days of contacts are known before the 28 days, or fewer than 3 people on the roster hold a senior grade
needs: [network, chat]
formula: pairs of one person below and one in the senior band, three steps or more apart in the organisation (same team 1, same directorate 2, otherwise 3), with a reply, answer, mention or invitation either way in the 28 days and none in the 180 days before it
limits: One direction is enough. Directorates too small to be told alone count as one, so contacts between them are not seen. The people behind it are the staff concerned. A pair that meets in a source that names nobody is not seen.
never:
  fewer pairs than staff: refused is null and value < base
unique: [unit_level, unit, period, period_start]
*/
with met as (
    select distinct least(person, toward) as person, greatest(person, toward) as toward, happened_on
    from staging.ties
    where verb <> 'react'
),
spaced as (
    select person, toward, happened_on,
           happened_on - lag(happened_on) over (partition by person, toward order by happened_on) as days
    from met
),
standing as (
    select v.person, v.block_start, v.senior, p.directorate
    from staging.voices as v
    join staging.placements as p on p.person = v.person and p.block_start = v.block_start
),
-- One end after the other, each step finished before the next: else everybody of a block is paired with everybody first.
fresh as materialized (
    select c.period_start, s.person, s.toward
    from spaced as s
    join staging.calendar as c on c.day = s.happened_on and c.period = '28 days'
    where s.days is null or s.days > 180
),
one_end as materialized (
    select f.period_start, f.person, f.toward, v.senior, v.directorate
    from fresh as f
    join standing as v on v.person = f.person and v.block_start = f.period_start
),
pairs as (
    select distinct s.period_start, case when s.senior then s.toward else s.person end as person,
           case when s.senior then s.person else s.toward end as toward
    from one_end as s
    join standing as w
      on w.person = s.toward and w.block_start = s.period_start and w.senior <> s.senior and w.directorate <> s.directorate
),
begun as (
    select source, min(day) as first_day
    from staging.coverage
    where seen and channel in ('network', 'chat') and source in (select source from landing.gives where shape = 'acts' and n > 0)
    group by source
),
newest as (
    select max(first_day) as first_day
    from begun
),
led as (
    select block_start, count(*) filter (where senior) as seniors
    from staging.voices
    group by block_start
)
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       case when l.seniors >= 3 and b.first_day <= m.period_start - 180 then count(p.person) end as value,
       count(distinct p.person) as base,
       case when l.seniors < 3 then 'fewer than 3 people on the roster hold a senior grade'
            when b.first_day is null or b.first_day > m.period_start - 180
                then 'less than 180 days of contacts are known before, so old ones would look new' end as refused
from staging.membership as m
cross join newest as b
join led as l on l.block_start = m.period_start
left join pairs as p on p.person = m.person and p.period_start = m.period_start
where m.period = '28 days' and m.unit_level <> 'team'
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end, l.seniors, b.first_day
