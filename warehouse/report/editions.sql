/*
What this night's figures rest on: the day, the organisation, the threshold, and the share of the roster that is visible.
---
never:
  threshold below the floor: k < 5
*/
with today as (
    select distinct r.person
    from staging.roster as r
    cross join staging.run as n
    where r.valid_from <= n.as_of and r.valid_to > n.as_of
),
visible as (
    select p.person
    from each.aliases as a
    join staging.people as p on p.pseudonym = a.person
    where a.channel <> 'roster'
    union
    select person from staging.acts
),
counted as (
    select count(*) as roster, count(v.person) as shown
    from today as t
    left join visible as v on v.person = t.person
)
select n.as_of, n.organisation, n.zone, n.k,
       case when c.roster >= n.k then c.roster end as roster,
       case when c.roster >= n.k then c.shown / c.roster end as visible_share
from staging.run as n
cross join counted as c
