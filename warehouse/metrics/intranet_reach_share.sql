/*
Share of a unit who opened at least one page of the intranet.
---
question: Whom does the intranet reach?
unit: share of people
better: higher
interval: wilson
refuse: unit_level = 'team' and base < 10
because: a team of fewer than 10 people
needs: [intranet]
counts: [roster, readers]
formula: distinct people of the unit with at least one page opened / people of the unit on the roster (segmented reach)
limits: A page opened is not a page read. Who reads without signing in is not seen, nor what is read in an e-mail.
never:
  more readers than people: hits > base
unique: [unit_level, unit, period, period_start]
*/
with readers as (
    select distinct a.person, c.period, c.period_start
    from staging.acts as a
    join staging.calendar as c on c.day = a.happened_on and c.period in ('week', '28 days')
    where a.channel = 'intranet' and a.verb = 'read'
)
select m.unit_level, m.unit, m.period, m.period_start, m.period_end, count(r.person) as hits, count(*) as base
from staging.membership as m
left join readers as r on r.person = m.person and r.period = m.period and r.period_start = m.period_start
where m.period in ('week', '28 days')
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end
