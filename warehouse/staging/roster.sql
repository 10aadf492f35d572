/*
Who was on the roster from when to when, and in which team: the denominator of every metric comes from here.

A team whose name occurs under two directorates is two teams, named with their directorate.
---
never:
  roster row of nobody: person is null
  roster row that never held: valid_to <= valid_from
*/
with named as (
    select p.person, r.source, r.valid_from, r.valid_to, nullif(trim(r.grade), '') as grade,
           coalesce(nullif(trim(r.team), ''), 'No team named') as team,
           coalesce(nullif(trim(r.directorate), ''), 'No directorate named') as directorate
    from each.people as r
    left join staging.people as p on p.pseudonym = r.person
),
shared as (
    select team
    from named
    group by team
    having count(distinct directorate) > 1
)
select n.person, n.source, n.directorate, n.grade, n.valid_from, n.valid_to,
       case when s.team is null then n.team else n.team || ' (' || n.directorate || ')' end as team
from named as n
left join shared as s on s.team = n.team
