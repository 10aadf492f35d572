/*
What the whole organisation did on the intranet, by day, with and without a name: where people are read too, the acts are
part of these counts, so do not add the two. Visitors and users are not here, because uniques cannot be added up.
*/
select measure, 'organisation' as unit_level, cast(null as varchar) as unit, day, cast(sum(n) as bigint) as n
from (
    select 'visits' as measure, day, visits as n from landing.matomo_days
    union all
    select 'page_views', day, hits from landing.matomo_pages
    union all
    select case when failed then 'searches_without_a_result' else 'searches' end, day, searches from landing.matomo_searches
    union all
    select 'search_exits', day, exits from landing.matomo_searches where not failed
    union all
    select 'campaign_reads', day, visits from landing.matomo_campaigns
    union all
    select 'campaign: ' || campaign, day, visits from landing.matomo_campaigns
    union all
    select case when useful then 'votes_useful' else 'votes_not_useful' end, day, votes from landing.matomo_events
) as counted
group by measure, day
