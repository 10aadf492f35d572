/*
Every conversation that somebody opened, and when the first other person replied or answered.

A thread is opened by its first post, and by every question in it. What nobody has answered was still waiting at the
end of the run's day: `waited_seconds` ends there and `answered_at` is NULL.
---
never:
  answer before its question: waited_seconds < 0
unique: [source, thread, opened_at, person]
*/
with openings as (
    select source, channel, thread, person, happened_at, happened_on, verb,
           row_number() over (partition by source, thread order by happened_at, person, verb) as place,
           row_number() over (partition by source, thread, happened_at, person order by verb) as copy
    from staging.acts
    where verb in ('post', 'ask') and thread is not null
),
opened as (
    select source, channel, thread, person, happened_at as opened_at, happened_on as opened_on, verb
    from openings
    where (place = 1 or verb = 'ask') and copy = 1
),
answers as (
    select o.source, o.thread, o.person, o.opened_at,
           min(a.happened_at) as answered_at, min(a.happened_on) as answered_on
    from opened as o
    join staging.acts as a
      on a.source = o.source and a.thread = o.thread and a.person <> o.person
     and a.verb in ('reply', 'answer') and a.happened_at >= o.opened_at
    group by o.source, o.thread, o.person, o.opened_at
)
select o.source, o.channel, o.thread, o.person, o.verb, o.opened_at, o.opened_on, a.answered_at, a.answered_on,
       date_diff('second', o.opened_at, coalesce(
           a.answered_at, cast((n.as_of + 1) as timestamp) at time zone n.zone
       )) as waited_seconds
from opened as o
cross join staging.run as n
left join answers as a
  on a.source = o.source and a.thread = o.thread and a.person = o.person and a.opened_at = o.opened_at
