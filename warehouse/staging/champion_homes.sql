/*
Under which units each champion counts in each block of 28 days: the organisation, and the directorate of the block.

Everyone who has been a champion by the end of the block is here, with one stretch, from the first day on: who is named
again begins no new plan. Who has left counts for the organisation still.
---
never:
  champion before the first day as one: valid_from > period_end
unique: [unit_level, unit, period_start, person]
*/
with champions as (
    select person, min(valid_from) as valid_from, max(valid_to) as valid_to, min(provisional) as provisional
    from staging.champions
    group by person
)
select s.unit_level, s.unit, s.period, s.period_start, s.period_end, c.person, c.valid_from, c.valid_to, c.provisional
from staging.spine as s
join champions as c on c.valid_from <= s.period_end
left join staging.placements as p on p.person = c.person and p.block_start = s.period_start and p.directorate = s.unit
where s.period = '28 days' and s.unit_level <> 'team' and (s.unit_level = 'organisation' or p.person is not null)
