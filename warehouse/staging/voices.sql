/*
In what role each person speaks in a block of 28 days: as one of the senior band, for the organisation, or neither.

Senior is whose grade is one that [tidemark.rules] senior_grades names, whichever way it is written; speaking for the
organisation is who is in one of its comms_teams. Somebody may be both.
---
unique: [block_start, person]
*/
with placed as (
    select block_start, person, grade
    from staging.placements
),
days as (
    select distinct block_start, frozen_on
    from staging.calendar
),
speaking as (
    -- A team whose name occurs twice is told with its directorate in brackets.
    select distinct d.block_start, r.person
    from days as d
    join staging.roster as r on r.valid_from <= d.frozen_on and r.valid_to > d.frozen_on
    join staging.comms_teams as c on r.team = c.team or r.team = c.team || ' (' || r.directorate || ')'
)
select p.block_start, p.person, coalesce(lower(p.grade) in (select lower(trim(grade)) from staging.senior_grades), false) as senior,
       s.person is not null as comms
from placed as p
left join speaking as s on s.block_start = p.block_start and s.person = p.person
