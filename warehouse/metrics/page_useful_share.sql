/*
Of the votes on whether a page was useful, the share that said yes.
---
question: Do pages help?
unit: share of votes
better: higher
interval: wilson
refuse: n_eff < 30
because: fewer than 30 votes were cast
needs: [intranet]
feeds: [counts]
counts: [roster]
formula: votes that a page was useful / votes
limits: Who votes is no sample of who reads. The counts know no person, so the people behind them are the roster; the interval takes votes as independent.
never:
  more useful than votes: hits > n_eff
unique: [unit_level, unit, period, period_start]
*/
with votes as (
    select c.period, c.period_start, sum(n.n) filter (where n.measure = 'votes_useful') as useful, sum(n.n) as cast_in_all
    from staging.counts as n
    join staging.calendar as c on c.day = n.day and c.period = '28 days'
    where n.channel = 'intranet' and n.unit_level = 'organisation' and n.measure in ('votes_useful', 'votes_not_useful')
    group by c.period, c.period_start
)
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       coalesce(v.useful, 0) as hits, coalesce(v.cast_in_all, 0) as n_eff, count(*) as base
from staging.membership as m
left join votes as v on v.period = m.period and v.period_start = m.period_start
where m.period = '28 days' and m.unit_level = 'organisation'
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end, v.useful, v.cast_in_all
