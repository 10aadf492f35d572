/*
Which directorate and which team each person counts under, frozen for a block of 28 days.

A unit of fewer than k people is never told alone: it is merged with the other small ones of its parent, and where
these are fewer than k together, with the next smallest until they are k. NULL where the whole organisation is fewer.
---
never:
  directorate of fewer than k people: directorate is not null and count(*) over (partition by block_start, directorate) < (select k from staging.run)
  team of fewer than k people: team is not null and count(*) over (partition by block_start, team) < (select k from staging.run)
unique: [block_start, person]
*/
with blocks as (
    select distinct block_start, frozen_on
    from staging.calendar
),
seated as (
    select b.block_start, r.person, r.directorate, r.team, r.grade
    from blocks as b
    join staging.roster as r on r.valid_from <= b.frozen_on and r.valid_to > b.frozen_on
    qualify row_number() over (
        partition by b.block_start, r.person order by r.valid_from desc, r.directorate, r.team, r.source
    ) = 1
),
directorates as (
    select block_start, directorate, count(*) as people
    from seated
    group by block_start, directorate
),
rolled_directorates as (
    select d.block_start, d.directorate,
           min(d.people) over (partition by d.block_start) < n.k
           and (d.people < n.k or coalesce(sum(d.people) over (
               partition by d.block_start order by d.people, d.directorate rows between unbounded preceding and 1 preceding
           ), 0) < n.k) as merged
    from directorates as d
    cross join staging.run as n
),
housed as (
    select s.block_start, s.person, s.team, s.grade, case when r.merged then 'Other directorates' else s.directorate end as directorate
    from seated as s
    join rolled_directorates as r on r.block_start = s.block_start and r.directorate = s.directorate
),
teams as (
    select block_start, directorate, team, count(*) as people
    from housed
    group by block_start, directorate, team
),
rolled_teams as (
    select t.block_start, t.directorate, t.team,
           min(t.people) over (partition by t.block_start, t.directorate) < n.k
           and (t.people < n.k or coalesce(sum(t.people) over (
               partition by t.block_start, t.directorate order by t.people, t.team rows between unbounded preceding and 1 preceding
           ), 0) < n.k) as merged,
           sum(t.people) over (partition by t.block_start, t.directorate) >= n.k as enough
    from teams as t
    cross join staging.run as n
)
select h.block_start, h.person, h.grade,
       case when r.enough then h.directorate end as directorate,
       case when not r.enough then null when r.merged then 'Other teams in ' || h.directorate else h.team end as team
from housed as h
join rolled_teams as r on r.block_start = h.block_start and r.directorate = h.directorate and r.team = h.team
