/*
Whether leaders answer staff, and staff answer leaders.
---
question: Do leaders and staff talk with each other?
unit: share of posts
better: higher
interval: wilson
because: fewer than 20 such posts were written, or fewer than 3 people on the roster hold a senior grade
needs: [network, chat]
formula: posts and questions of staff below the senior band with a reply by the senior band within 5 working days / such posts; and the reverse
limits: Any reply counts, a thank-you too. The interval takes posts as independent. Who is senior is a list of grades in the settings; where the roster tells no grades nobody is.
never:
  more replies than posts: hits > n_eff
unique: [unit_level, unit, part, period, period_start]
*/
-- Each step is finished before the next: else all days, or all posts, of a block meet all people of it first.
with dated as materialized (
    select t.source, t.thread, t.person, t.opened_at, c.period_start,
           t.opened_on + case isodow(t.opened_on) when 6 then 6 when 7 then 5 else 7 end as due_on
    from staging.threads as t
    join staging.calendar as c on c.day = t.opened_on and c.period = '28 days'
    where t.channel in ('network', 'chat')
),
opened as (
    select d.source, d.thread, d.person, d.opened_at, d.period_start, d.due_on, v.senior
    from dated as d
    join staging.voices as v on v.person = d.person and v.block_start = d.period_start
),
replies as materialized (
    select distinct o.source, o.thread, o.person, o.opened_at, o.period_start, o.senior, a.person as replied_by
    from opened as o
    join staging.acts as a
      on a.source = o.source and a.thread = o.thread and a.verb in ('reply', 'answer') and a.person <> o.person
     and a.happened_at >= o.opened_at and a.happened_on <= o.due_on
),
answered as (
    select distinct r.source, r.thread, r.person, r.opened_at
    from replies as r
    join staging.voices as v on v.person = r.replied_by and v.block_start = r.period_start and v.senior <> r.senior
),
posts as (
    select o.person, o.period_start, o.senior, o.due_on, a.source is not null as answered
    from opened as o
    left join answered as a
      on a.source = o.source and a.thread = o.thread and a.person = o.person and a.opened_at = o.opened_at
),
led as (
    select block_start, count(*) filter (where senior) as seniors
    from staging.voices
    group by block_start
),
parts as (
    select part, senior
    from (values ('staff to leaders', false), ('leaders to staff', true)) as p(part, senior)
)
select m.unit_level, m.unit, p.part, m.period, m.period_start, m.period_end,
       count(o.person) filter (where o.answered) as hits, count(o.person) as n_eff, count(distinct o.person) as base,
       case when l.seniors < 3 then 'fewer than 3 people on the roster hold a senior grade'
            when count(o.person) < 20 then 'fewer than 20 such posts were written' end as refused,
       case when count(o.person) filter (where not o.answered and o.due_on >= n.as_of) > 0
            then 'some posts are still within their 5 working days' end as provisional
from staging.membership as m
cross join staging.run as n
cross join parts as p
join led as l on l.block_start = m.period_start
left join posts as o on o.person = m.person and o.period_start = m.period_start and o.senior = p.senior
where m.period = '28 days' and m.unit_level <> 'team'
group by m.unit_level, m.unit, p.part, m.period, m.period_start, m.period_end, l.seniors, n.as_of
