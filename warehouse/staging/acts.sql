/*
Every deliberate act by a person, whichever system saw it, up to the run's day.

`happened_on` is the local date in the organisation's zone, taken here once: a day of 23 or 25 hours is one day.
---
never:
  act without a person: person is null
  act after the run's day: happened_on > (select as_of from staging.run)
*/
with dated as (
    select a.source, a.channel, p.person, a.happened_at, cast((a.happened_at at time zone n.zone) as date) as happened_on,
           a.verb, a.object, a.thread, t.person as toward, coalesce(a.mandatory, false) as mandatory, n.as_of
    from each.acts as a
    cross join staging.run as n
    left join staging.people as p on p.pseudonym = a.person
    left join staging.people as t on t.pseudonym = a.toward
)
select source, channel, person, happened_at, happened_on, verb, object, thread, toward, mandatory
from dated
where happened_on <= as_of
