/*
Of those who joined, the share who finished a course or came to a session within their first 30 days.
---
question: Are starters shown how?
unit: share of starters
better: higher
interval: wilson
refuse: base < 20
because: fewer than 20 people joined
needs: [learning]
formula: people whose first day on the roster is in the 28 days, and after the roster's own first day, with a course finished or a session attended within 30 days of it / such people
limits: Mandatory courses count here. Who comes back after a time off the roster is no starter. Which course a starter should take is not known.
never:
  more trained than joined: hits > base
unique: [unit_level, unit, period, period_start]
*/
with joined as (
    select person, min(valid_from) as first_day
    from staging.roster
    group by person
),
starters as (
    select j.person, j.first_day, c.period, c.period_start
    from joined as j
    join staging.calendar as c on c.day = j.first_day and c.period = '28 days'
    where j.first_day > (select min(valid_from) from staging.roster)
),
told as (
    select s.person, s.period_start, s.first_day,
           count(a.person) > 0 as trained
    from starters as s
    left join staging.acts as a
      on a.person = s.person and a.channel = 'learning' and a.verb in ('learn', 'attend')
     and a.happened_on between s.first_day and s.first_day + 30
    group by s.person, s.period_start, s.first_day
)
select b.unit_level, b.unit, b.period, b.period_start, b.period_end,
       count(t.person) filter (where t.trained) as hits, count(t.person) as base,
       case when count(t.person) filter (where not t.trained and t.first_day + 30 > n.as_of) > 0
            then 'some starters are still within their first 30 days' end as provisional
from (
    select unit_level, unit, period, period_start, period_end
    from staging.spine
    where period = '28 days' and unit_level = 'organisation'
) as b
cross join staging.run as n
left join told as t on t.period_start = b.period_start
group by b.unit_level, b.unit, n.as_of, b.period, b.period_start, b.period_end
