/*
How much of the organisation the chats reach into: of its teams and of its grades, the share that was there.
---
question: Who comes to the chats?
unit: share of teams, or of grade bands
better: higher
interval: none
because: fewer than 10 questions were asked in chats, or the roster tells of no grades
needs: [chat]
formula: teams (or grade bands) of which somebody said or asked something in a chat / teams (or grade bands) on the roster
limits: One person makes a team present. Small teams count together, as everywhere. Who only listened is not seen.
never:
  more present than there are: hits > n_eff
unique: [unit_level, unit, part, period, period_start]
*/
with placed as (
    select block_start, person, 'teams' as part, team as label
    from staging.placements
    union all
    select block_start, person, 'grades' as part, grade as label
    from staging.placements
),
came as (
    select distinct c.period_start, a.person
    from staging.acts as a
    join staging.calendar as c on c.day = a.happened_on and c.period = '28 days'
    where a.channel = 'chat' and not a.mandatory and a.verb in ('ask', 'answer', 'post', 'reply', 'mention', 'react')
),
asked as (
    select c.period_start, count(*) as questions
    from staging.threads as t
    join staging.calendar as c on c.day = t.opened_on and c.period = '28 days'
    where t.channel = 'chat' and t.verb = 'ask'
    group by c.period_start
)
select b.unit_level, b.unit, p.part, b.period, b.period_start, b.period_end,
       count(distinct p.label) filter (where a.person is not null) as hits, count(distinct p.label) as n_eff,
       count(distinct a.person) as base,
       case when coalesce(q.questions, 0) < 10 then 'fewer than 10 questions were asked in chats'
            when count(p.label) = 0 then 'the roster tells of no ' || p.part end as refused
from (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level = 'organisation'
) as b
join placed as p on p.block_start = b.period_start
left join came as a on a.period_start = b.period_start and a.person = p.person
left join asked as q on q.period_start = b.period_start
group by b.unit_level, b.unit, p.part, b.period, b.period_start, b.period_end, q.questions
