/*
The spine of every metric: each person, in each unit, in each complete period; who does nothing stays in.

The organisation is told by day, week and 28 days, directorates and teams by week and 28 days. Who joins counts from
the next block of 28 days, who leaves until the end of the last: so no two figures differ by one known person.
---
never:
  period that is not over: period_end > (select as_of from staging.run)
*/
with spans as (
    select distinct period, period_start, period_end, block_start
    from staging.calendar
)
select p.person, 'organisation' as unit_level, n.organisation as unit, s.period, s.period_start, s.period_end
from spans as s
join staging.placements as p on p.block_start = s.block_start
cross join staging.run as n
union all
select p.person, 'directorate' as unit_level, p.directorate as unit, s.period, s.period_start, s.period_end
from spans as s
join staging.placements as p on p.block_start = s.block_start
where s.period <> 'day' and p.directorate is not null
union all
select p.person, 'team' as unit_level, p.team as unit, s.period, s.period_start, s.period_end
from spans as s
join staging.placements as p on p.block_start = s.block_start
where s.period <> 'day' and p.team is not null
