/*
From whom each adopter may have it: every candidate source, who must have adopted before.

`way`, best evidence first: trainer (a record says that this colleague taught the person, within 60 days before
the adoption), invite (the same for an invitation), reply and mention (on the first of the days that made the adopter, the
person addressed somebody who was one already, and became one no more than 60 days ago). A lesson that the learner had to do
names a trainer whom nobody chose, so it is none. What is said to the organisation's own voice is none either (beginnings).
---
never:
  source that did not adopt before: toward_adopted_on >= adopted_on
  source of oneself: toward = person
unique: [person, toward, way]
*/
with adopters as (
    select a.person, a.adopted_on
    from staging.adopters as a
    join staging.run as n on n.adopter_days = a.days
    where a.channels = 1 and a.person in (select person from staging.roster)
),
bound as (
    select distinct person, source, object, happened_on
    from staging.acts
    where mandatory and verb in ('learn', 'attend')
),
named as (
    select distinct a.person, s.person as toward, case s.verb when 'teach' then 'trainer' else 'invite' end as way
    from adopters as a
    join staging.acts as s
      on s.toward = a.person and s.person <> a.person and s.verb in ('teach', 'invite') and not s.mandatory
     and s.happened_on >= a.adopted_on - 60 and s.happened_on < a.adopted_on
    left join bound as m
      on s.verb = 'teach' and m.person = a.person and m.source = s.source and m.happened_on = s.happened_on
     and m.object is not distinct from s.object
    where m.person is null
),
candidates as (
    select person, toward, way
    from named
    union
    select b.person, b.toward, b.way
    from staging.beginnings as b
    join adopters as t on t.person = b.toward and t.adopted_on <= b.first_on and t.adopted_on >= b.adopted_on - 60
    where not b.official
),
-- One end after the other, the first finished before the second: else each adopter meets all earlier ones first.
one_end as materialized (
    select c.person, c.toward, c.way, a.adopted_on
    from candidates as c
    join adopters as a on a.person = c.person
)
select c.person, c.toward, c.way, t.adopted_on as toward_adopted_on, c.adopted_on
from one_end as c
join adopters as t on t.person = c.toward and t.adopted_on < c.adopted_on
