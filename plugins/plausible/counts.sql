/*
What the whole organisation did on the intranet, by day. A day of which Plausible says that a number is not whole is left
out for that measure, and counted as `partial_days`: a gap, not a low figure. Visitors are estimates and never added up.
*/
select measure, 'organisation' as unit_level, cast(null as varchar) as unit, day, cast(sum(n) as bigint) as n
from (
    select 'visits' as measure, day, visits as n, partial from landing.plausible_days
    union all
    select 'page_views', day, page_views, partial from landing.plausible_days
    union all
    select meaning, day, times, partial from landing.plausible_goals
    union all
    select 'campaign_reads', day, visits, partial from landing.plausible_campaigns
    union all
    select 'campaign: ' || campaign, day, visits, partial from landing.plausible_campaigns
) as counted
group by measure, day
having not bool_or(partial)
union all
select 'partial_days', 'organisation', cast(null as varchar), day, 1
from (
    select day, partial from landing.plausible_days
    union all
    select day, partial from landing.plausible_pages
    union all
    select day, partial from landing.plausible_goals
    union all
    select day, partial from landing.plausible_campaigns
) as days
group by day
having bool_or(partial)
