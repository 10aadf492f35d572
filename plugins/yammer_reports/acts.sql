/*
Somebody read, or liked, on a day: one act of each for each person and day, at noon UTC, since a report has counts and no
times. What was posted is not told here: messages tell it, with their time.
*/
select person, (day + time '12:00') at time zone 'UTC' as happened_at, unnest(verbs) as verb
from (
    select person, day, list_distinct(list_concat(
               case when read > 0 then ['read'] else [] end, case when liked > 0 then ['react'] else [] end)) as verbs
    from landing.yammer_reports_activity
) as a
