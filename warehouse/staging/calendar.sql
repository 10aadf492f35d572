/*
Every day that figures are told of, once for each complete period it belongs to: itself, its ISO week, its 28 days.

Blocks of 28 days count from Monday 1 January 2024, so that four weeks make one. Within a block nobody changes teams:
`frozen_on` is the day whose roster counts throughout: the block's first, or the roster's own first where that is later.
Sources often know more of the past than the roster does: for half a year before its first day it stands in for itself,
and what is told of that time is provisional.
---
never:
  period that is not over: period_end > (select as_of from staging.run)
unique: [period, day]
*/
with bounds as (
    select r.roster_from, greatest(coalesce(c.seen_from, r.roster_from), r.roster_from - 168) as first_day, n.as_of
    from (select min(valid_from) as roster_from from staging.roster) as r
    cross join (select min(day) as seen_from from staging.coverage where seen and channel <> 'roster') as c
    cross join staging.run as n
),
days as (
    select cast(d.moment as date) as day, b.roster_from, b.first_day, b.as_of,
           cast(d.moment as date) - cast(((cast(d.moment as date) - date '2024-01-01') % 28 + 28) % 28 as integer) as block_start
    from bounds as b, unnest(generate_series(b.first_day, b.as_of, interval 1 day)) as d(moment)
),
spans as (
    select day, 'day' as period, day as period_start, day as period_end, block_start, roster_from, first_day, as_of
    from days
    union all
    select day, 'week' as period, cast(date_trunc('week', day) as date) as period_start,
           cast(date_trunc('week', day) as date) + 6 as period_end, block_start, roster_from, first_day, as_of
    from days
    union all
    select day, '28 days' as period, block_start as period_start, block_start + 27 as period_end, block_start,
           roster_from, first_day, as_of
    from days
)
select day, period, period_start, period_end, block_start, greatest(block_start, roster_from) as frozen_on
from spans
where period_start >= first_day and period_end <= as_of
