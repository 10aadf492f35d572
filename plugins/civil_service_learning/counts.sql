/*
Courses finished, and accounts that are active on the day of a report: for the organisation as a whole, and for each
organisation of the service under its name, as a directorate.

A report without people may have the same line twice: two people did the same. The same line in another report is the
same people again. So of each line counts the report that has it most often, and reports may overlap in any way.
*/
with told as (
    select _unit, course, completed_at, organisation_id, max(organisation) as organisation, count(*) as n
    from landing.civil_service_learning_completions
    group by _unit, course, completed_at, organisation_id
),
counted as (
    select 'course_completions' as measure, max(organisation) as organisation,
           date_trunc('hour', completed_at) as happened_at, max(n) as n
    from told
    group by course, completed_at, organisation_id
    union all
    select 'registered_learners', organisation, (day + interval 12 hour) at time zone 'UTC', count(*)
    from landing.civil_service_learning_learners
    where active
    group by organisation, day
)
select measure, 'organisation' as unit_level, cast(null as varchar) as unit, happened_at, cast(sum(n) as bigint) as n
from counted
group by measure, happened_at
union all
select measure, 'directorate', organisation, happened_at, cast(sum(n) as bigint)
from counted
where organisation is not null
group by measure, organisation, happened_at
