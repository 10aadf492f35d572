/*
Every unit that a figure may be told of, with the unit it is part of: small teams appear only under the name they share.
---
unique: [unit_level, unit]
*/
with newest as (
    select team, max(block_start) as block_start
    from staging.placements
    where team is not null
    group by team
)
select 'organisation' as unit_level, organisation as unit, cast(null as varchar) as parent
from staging.run
union all
select distinct 'directorate' as unit_level, p.directorate as unit, n.organisation as parent
from staging.placements as p
cross join staging.run as n
where p.directorate is not null
union all
select 'team' as unit_level, p.team as unit, min(p.directorate) as parent
from staging.placements as p
join newest as w on w.team = p.team and w.block_start = p.block_start
group by p.team
