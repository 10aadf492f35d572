/*
Whom each adopter addressed on the first of the days that made the adopter, and whether it was the organisation speaking.

`way` is reply (an answer is one) or mention. `official`: the words went to somebody of a team that speaks for the
organisation, or into a conversation that such a person opened, or that was opened on the day of a broadcast: a response to
the broadcast, whoever else took part in it. Not here: what somebody says in a conversation of their own after opening it.
Who asks, is answered and thanks was not won over by who answered.
---
never:
  beginning of nobody: person is null or toward is null
unique: [person, toward, way, official]
*/
with adopters as (
    select a.person, a.adopted_on, a.first_on
    from staging.adopters as a
    join staging.run as n on n.adopter_days = a.days
    where a.channels = 1
),
voices as (
    select distinct r.person, r.valid_from, r.valid_to
    from staging.roster as r
    join staging.comms_teams as c on r.team = c.team or r.team = c.team || ' (' || r.directorate || ')'
),
opened as (
    select source, thread, person, opened_at, opened_on
    from staging.threads
    qualify row_number() over (partition by source, thread order by opened_at, person) = 1
),
broadcasts as (
    select distinct day
    from each.events
    where kind = 'broadcast'
),
begun as (
    select a.person, a.adopted_on, a.first_on, s.toward, case when s.verb = 'mention' then 'mention' else 'reply' end as way,
           o.person as opener, o.opened_on, b.day is not null as on_a_broadcast
    from adopters as a
    join staging.acts as s on s.person = a.person and s.happened_on = a.first_on
    left join opened as o on o.source = s.source and o.thread = s.thread
    left join broadcasts as b on b.day = o.opened_on
    where not s.mandatory and s.channel in ('network', 'chat') and s.verb in ('reply', 'answer', 'mention')
      and s.toward is not null and s.toward <> a.person
      and not (o.person is not distinct from a.person and s.happened_at > o.opened_at)
)
select distinct b.person, b.adopted_on, b.first_on, b.toward, b.way,
       b.on_a_broadcast
       or exists (select 1 from voices as v where v.person = b.toward and b.first_on >= v.valid_from and b.first_on < v.valid_to)
       or exists (select 1 from voices as v where v.person = b.opener and b.opened_on >= v.valid_from and b.opened_on < v.valid_to)
       as official
from begun as b
