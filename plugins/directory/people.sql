/*
Who was where, from when to when. Somebody counts from the first day at work to the last, whatever the day of the
export: `left_on` is the last day, and a joiner who is listed early counts from `started_on`.
*/
select person, team, directorate, valid_from, valid_to, grade, location
from (
    select
        staff_id as person, team, directorate, grade, location,
        greatest(valid_from, started_on) as valid_from,
        least(valid_to, cast(left_on + interval 1 day as date)) as valid_to
    from landing.directory_people
) as employed
where valid_from < valid_to
