/*
How far each source has been read, and the share of today's roster that it shows by an identity or an act.
---
unique: [source]
*/
with today as (
    select distinct r.person
    from staging.roster as r
    cross join staging.run as n
    where r.valid_from <= n.as_of and r.valid_to > n.as_of
),
shown as (
    select a.source, p.person
    from each.aliases as a
    join staging.people as p on p.pseudonym = a.person
    union
    select source, person from staging.acts
    union
    select source, person from staging.roster
),
counted as (
    select s.source, count(*) as people
    from shown as s
    join today as t on t.person = s.person
    group by s.source
),
roster as (
    select count(*) as people
    from today
)
select s.source, s.channel, s.fresh_to, s.state, s.reason, s.action,
       case when r.people >= n.k then coalesce(c.people, 0) / r.people end as visible_share
from landing.sources as s
cross join roster as r
cross join staging.run as n
left join counted as c on c.source = s.source
