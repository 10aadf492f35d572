/*
Of the people active in 28 days, the share who are active on an average working day.
---
question: Do people come back?
unit: share of active people
better: higher
interval: none
refuse: base < 30
because: fewer than 30 people were active in the 28 days
needs: [network, chat, intranet, learning]
counts: [active]
formula: mean over the 20 working days of people active that day / people active in the 28 days (DAU / MAU)
limits: Monday to Friday are working days; public holidays are not taken out and lower it.
never:
  more than every day: value > 1
unique: [unit_level, unit, period, period_start]
*/
with working as (
    select a.person, c.period, c.period_start, count(*) as days
    from staging.activity as a
    join staging.calendar as c on c.day = a.period_start and c.period = '28 days'
    where a.period = 'day' and isodow(a.period_start) <= 5
    group by a.person, c.period, c.period_start
)
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       sum(w.days) / (20 * nullif(count(a.person), 0)) as value, count(a.person) as base
from staging.membership as m
left join staging.activity as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start
left join working as w
  on w.person = m.person and w.period = m.period and w.period_start = m.period_start
where m.period = '28 days' and m.unit_level <> 'team'
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end
