/*
Each adopter by the rule of the headline: from whom they have it, and whether they have lapsed. People on the roster only.

attributed: a trainer or an invitation is on record; or the first words went to an earlier adopter and nothing from above
reached the person in the week before. imported: in that week there was a broadcast, a campaign or a course, or mandatory
learning, or the person joined; or the first words answered the organisation itself; and nobody is on record.
unattributed: neither, or both. After a broadcast a reply to some adopter is no proof of being won over, and no proof of the
opposite: so it counts for neither, and the bounds of the reproduction number hold both.

`way` is the best evidence of an attributed adopter. `lapsed_on` is the 56th day without contribution, NULL for whoever
contributed since, as of the run's day.
---
never:
  adoption after the run's day: adopted_on > (select as_of from staging.run)
  attributed without a way: (kind = 'attributed') <> (way is not null)
  lapsed before 56 days: lapsed_on < adopted_on + 56
unique: [person]
*/
with adopters as (
    select a.person, a.adopted_on, a.first_on
    from staging.adopters as a
    join staging.run as n on n.adopter_days = a.days
    where a.channels = 1 and a.person in (select person from staging.roster)
),
evidence as (
    select person, min(case way when 'trainer' then 1 when 'invite' then 2 when 'reply' then 3 else 4 end) as place
    from staging.exposures
    group by person
),
-- The first day of the roster is nobody's first day at work.
joined as (
    select person, min(valid_from) as joined_on
    from staging.roster
    group by person
    having min(valid_from) > (select min(r.valid_from) from staging.roster as r)
),
from_above as (
    select a.person
    from adopters as a
    join each.events as e
      on e.kind not in ('outage', 'other') and a.first_on between e.day and coalesce(e.until, e.day) + 7
    union
    select a.person
    from adopters as a
    join staging.acts as s
      on s.person = a.person and s.mandatory and s.verb in ('learn', 'attend')
     and s.happened_on between a.first_on - 7 and a.first_on
    union
    select a.person
    from adopters as a
    join joined as j on j.person = a.person and j.joined_on between a.first_on - 7 and a.first_on
    union
    select person
    from staging.beginnings
    where official
),
contributed as (
    select person, max(happened_on) as newest
    from staging.acts
    where not mandatory and channel in ('network', 'chat') and verb in ('post', 'reply', 'ask', 'answer', 'mention')
    group by person
),
sorted as (
    select a.person, a.adopted_on, a.first_on, c.newest + 56 as lapses_on,
           case when e.place <= 2 or (e.place >= 3 and f.person is null) then 'attributed'
                when e.place is null and f.person is not null then 'imported'
                else 'unattributed' end as kind,
           case e.place when 1 then 'trainer' when 2 then 'invite' when 3 then 'reply' when 4 then 'mention' end as best
    from adopters as a
    join contributed as c on c.person = a.person
    left join evidence as e on e.person = a.person
    left join from_above as f on f.person = a.person
)
select s.person, s.adopted_on, s.first_on, s.kind, case when s.kind = 'attributed' then s.best end as way,
       case when s.lapses_on <= n.as_of then s.lapses_on end as lapsed_on
from sorted as s
cross join staging.run as n
