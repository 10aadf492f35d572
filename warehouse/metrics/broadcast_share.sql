/*
Of what leaders and the communications team post, the share that no member of staff replies to.
---
question: Do we talk with staff, or at them?
unit: share of posts
better: lower
interval: wilson
because: fewer than 20 such posts were written
needs: [network]
formula: posts that begin a conversation, by the comms teams or the senior band, without a reply by anybody else on the roster / such posts
limits: Announcements that want no reply count too. Reactions are not replies. The people behind it are those who posted and the staff who replied. The interval takes posts as independent.
never:
  more posts without a reply than posts: hits > n_eff
unique: [unit_level, unit, period, period_start]
*/
-- Each step is finished before the next: else all days, or all posts, of a block meet all people of it first.
with opened as materialized (
    select t.source, t.thread, t.person, t.opened_on, c.period_start
    from staging.threads as t
    join staging.calendar as c on c.day = t.opened_on and c.period = '28 days'
    where t.channel = 'network' and t.verb = 'post'
),
posts as (
    select o.source, o.thread, o.person, o.opened_on, o.period_start
    from opened as o
    join staging.voices as v on v.person = o.person and v.block_start = o.period_start and (v.senior or v.comms)
),
responses as materialized (
    select distinct p.source, p.thread, p.period_start, a.person
    from posts as p
    join staging.acts as a on a.source = p.source and a.thread = p.thread and a.verb in ('reply', 'answer')
),
replies as (
    select r.source, r.thread, r.period_start, r.person
    from responses as r
    join staging.voices as v on v.person = r.person and v.block_start = r.period_start and not v.senior and not v.comms
),
spoken as (
    select p.period_start, count(*) as posts, max(p.opened_on) as newest,
           count(*) filter (where not exists (
               select 1 from replies as r where r.source = p.source and r.thread = p.thread
           )) as alone
    from posts as p
    group by p.period_start
),
concerned as (
    select period_start, count(distinct person) as people
    from (select period_start, person from posts union select period_start, person from replies) as b
    group by period_start
)
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       coalesce(s.alone, 0) as hits, coalesce(s.posts, 0) as n_eff, coalesce(c.people, 0) as base,
       case when coalesce(s.posts, 0) < 20 then 'fewer than 20 such posts were written' end as refused,
       case when s.newest > n.as_of - 7 then 'the posts of the last week may still have a reply' end as provisional
from (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level = 'organisation'
) as m
cross join staging.run as n
left join spoken as s on s.period_start = m.period_start
left join concerned as c on c.period_start = m.period_start
