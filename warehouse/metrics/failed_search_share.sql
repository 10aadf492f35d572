/*
Share of searches on the intranet after which the person who searched opened nothing.
---
question: Do people find what they look for?
unit: share of searches
better: lower
interval: wilson
refuse: n_eff < 30
because: fewer than 30 searches by somebody with a name were seen
needs: [intranet]
feeds: [counts]
counts: [roster]
formula: searches after which the same person opened no page within ten minutes, nor before searching again / searches by somebody with a name
limits: An answer on the page of results itself looks like a failure. The counts know no person, so the people behind them are the roster; the interval takes searches as independent.
never:
  more failed than searched: hits > n_eff
unique: [unit_level, unit, period, period_start]
*/
with daily as (
    -- A day of which a source tells only one of the two says nothing of their share.
    select source, day, max(n) filter (where measure = 'searches_without_a_click') as failed,
           max(n) filter (where measure = 'searches_by_people') as searched
    from staging.counts
    where channel = 'intranet' and unit_level = 'organisation'
      and measure in ('searches_without_a_click', 'searches_by_people')
    group by source, day
),
searches as (
    select c.period, c.period_start, sum(least(d.failed, d.searched)) as failed, sum(d.searched) as searched
    from daily as d
    join staging.calendar as c on c.day = d.day and c.period = '28 days'
    where d.failed is not null and d.searched is not null
    group by c.period, c.period_start
)
select m.unit_level, m.unit, m.period, m.period_start, m.period_end,
       coalesce(s.failed, 0) as hits, coalesce(s.searched, 0) as n_eff, count(*) as base
from staging.membership as m
left join searches as s on s.period = m.period and s.period_start = m.period_start
where m.period = '28 days' and m.unit_level = 'organisation'
group by m.unit_level, m.unit, m.period, m.period_start, m.period_end, s.failed, s.searched
