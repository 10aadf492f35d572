/*
Questions of the last twelve weeks that nobody had answered by the end of the period, by theme and age.
---
question: What are staff still waiting for?
unit: questions
better: lower
interval: none
because: fewer people than the threshold asked, or no text of a question on that theme was read
needs: [network, chat]
formula: questions asked in the 84 days up to the end of the period without a reply or answer by somebody else by then; a part for each theme, up to and older than 10 working days (Monday to Friday)
limits: A question may have several themes and then counts under each. Any reply counts as an answer. Only themes on which at least as many people asked as the threshold says; never a text.
never:
  less than no question: value < 0
unique: [unit_level, unit, part, period, period_start]
*/
with blocks as (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level = 'organisation'
),
asked as (
    select b.period_start, q.person, q.themes, q.answered_on is null or q.answered_on > b.period_end as waiting,
           -- Ten working days after a Monday to Friday are two weeks on; after a weekend they begin on the Monday.
           q.opened_on + case isodow(q.opened_on) when 6 then 13 when 7 then 12 else 14 end < b.period_end as older
    from blocks as b
    join staging.questions as q on q.opened_on between b.period_end - 83 and b.period_end
),
themed as (
    select period_start, person, waiting, older, unnest(case when len(themes) = 0 then ['no theme'] else themes end) as theme
    from asked
    where themes is not null
),
parts as (
    select theme, age, older
    from (
        select theme from staging.themes
        union all
        select 'no theme' as theme
    ) as t
    cross join (values ('up to 10 working days', false), ('older than 10 working days', true)) as a(age, older)
)
select b.unit_level, b.unit, '' as part, b.period, b.period_start, b.period_end,
       cast(count(a.person) filter (where a.waiting) as double) as value, count(distinct a.person) as base
from blocks as b
left join asked as a on a.period_start = b.period_start
group by b.unit_level, b.unit, b.period, b.period_start, b.period_end
union all
select b.unit_level, b.unit, p.theme || ', ' || p.age as part, b.period, b.period_start,
       b.period_end, cast(count(t.person) filter (where t.waiting and t.older = p.older) as double) as value, count(distinct t.person) as base
from blocks as b
cross join parts as p
left join themed as t on t.period_start = b.period_start and t.theme = p.theme
group by b.unit_level, b.unit, p.theme, p.age, p.older, b.period, b.period_start, b.period_end
