/*
What each team of the newest complete block of 28 days contributed in each of the last 16, oldest first; 0 where a block
cannot be compared.

A block is compared where every network and every chat was read on all but 3 of its days, and where at least half of
the larger of both teams, now and then, are the same people: a team of which more than half has changed is another team
under an old name, and has no history from before. `person_days_by_block` counts working days on which every source was
read, for everyone on the roster, less days away; `away_share` is the share of them that was away in the newest 3 blocks.
---
never:
  less than nobody present: list_min(person_days_by_block) < 0
unique: [team]
*/
with blocks as (
    select distinct period_start as block_start
    from staging.calendar
    where period = '28 days' and period_start > (
        select max(period_start) - 16 * 28 from staging.calendar where period = '28 days'
    )
),
days as (
    select c.day, c.period_start as block_start, isodow(c.day) <= 5 as working
    from staging.calendar as c
    join blocks as b on b.block_start = c.period_start
    where c.period = '28 days'
),
voices as (
    select distinct source
    from staging.coverage
    where channel in ('network', 'chat') and source in (select source from landing.gives where shape = 'acts' and n > 0)
),
days_read as (
    select d.block_start, d.day, d.working, count(c.day) = count(*) as seen
    from days as d
    cross join voices as v
    left join staging.coverage as c on c.source = v.source and c.day = d.day and c.seen
    group by d.block_start, d.day, d.working
),
blocks_read as (
    select block_start, count(*) filter (where working and seen) as days, count(*) filter (where not seen) <= 3 as seen
    from days_read
    group by block_start
),
now as (
    select person, team, directorate
    from staging.placements
    where team is not null and block_start = (select max(block_start) from blocks)
),
teams as (
    select team, min(directorate) as directorate, count(*) as people
    from now
    group by team
),
seats as (
    select p.block_start, p.team, count(*) as people, count(n.person) as stayed
    from staging.placements as p
    join blocks as b on b.block_start = p.block_start
    left join now as n on n.person = p.person and n.team = p.team
    group by p.block_start, p.team
),
-- Finished before anybody's team is looked up: else all days of a block meet all people of it first.
days_away as materialized (
    select a.person, d.block_start, count(*) as days
    from staging.presence as a
    join days_read as d on d.day = a.day and d.working and d.seen
    where a.away
    group by a.person, d.block_start
),
absences as (
    select p.block_start, p.team, cast(sum(a.days) as bigint) as days
    from days_away as a
    join staging.placements as p on p.person = a.person and p.block_start = a.block_start
    group by p.block_start, p.team
),
contributed as (
    select p.block_start, p.team, sum(a.contributory_acts) as acts
    from staging.activity as a
    join staging.placements as p on p.person = a.person and p.block_start = a.period_start
    where a.period = '28 days'
    group by p.block_start, p.team
),
reached as (
    select distinct n.team
    from now as n
    join staging.acts as a on a.person = n.person
    where not a.mandatory and a.happened_on < (select max(block_start) from blocks) + 28
),
told as (
    select t.team, t.directorate, t.people, b.block_start, max(b.block_start) over () as newest,
           coalesce(r.seen, false) as seen,
           coalesce(r.seen and s.stayed * 2 >= greatest(s.people, t.people), false) as comparable,
           coalesce(s.people * r.days, 0) as all_days, coalesce(a.days, 0) as days_away,
           coalesce(c.acts, 0) as acts
    from teams as t
    cross join blocks as b
    left join blocks_read as r on r.block_start = b.block_start
    left join seats as s on s.team = t.team and s.block_start = b.block_start
    left join absences as a on a.team = t.team and a.block_start = b.block_start
    left join contributed as c on c.team = t.team and c.block_start = b.block_start
)
select t.team, t.directorate, t.people, t.newest as block_start, max(h.team) is not null as reached,
       list(cast(case when t.comparable and t.all_days > t.days_away then t.acts else 0 end as bigint) order by t.block_start)
           as acts_by_block,
       list(cast(case when t.comparable then t.all_days - t.days_away else 0 end as bigint) order by t.block_start)
           as person_days_by_block,
       sum(t.days_away) filter (where t.seen and t.block_start > t.newest - 3 * 28)
           / nullif(sum(t.all_days) filter (where t.seen and t.block_start > t.newest - 3 * 28), 0) as away_share
from told as t
left join reached as h on h.team = t.team
group by t.team, t.directorate, t.people, t.newest
