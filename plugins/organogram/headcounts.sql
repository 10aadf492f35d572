/*
How many staff an organisation and each of its units has: filled senior posts by head, junior posts in full-time
equivalents, rounded once at the end. There is no count where only one of the two files of a day is here.
*/
with posts as (
    select day, organisation, unit, cast(1 as decimal(18, 4)) as n, _batch, 'senior' as file
    from landing.organogram_senior
    where state = 'in post'
    union all
    select day, organisation, unit, cast(fte as decimal(18, 4)) as n, _batch, 'junior' as file
    from landing.organogram_junior
),
newest as (
    /* A corrected file under another name counts instead of the one before it. */
    select day, organisation, unit, n
    from posts
    qualify _batch = max(_batch) over (partition by day, organisation, file)
        and min(file) over (partition by day, organisation) <> max(file) over (partition by day, organisation)
),
units as (
    select day, organisation, unit, sum(n) as n
    from newest
    where unit is not null
    group by day, organisation, unit
)
select 'organisation' as unit_level, organisation as unit, day, cast(round(sum(n)) as bigint) as n
from newest
group by day, organisation
union all
select 'directorate' as unit_level,
       case when count(*) over (partition by day, unit) > 1 then unit || ' (' || organisation || ')' else unit end as unit,
       day, cast(round(n) as bigint) as n
from units
