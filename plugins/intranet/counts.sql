/*
Traffic without a name, for the organisation as a whole: a log knows no team. By the hour, so that the local day is the
engine's to tell. `requests` is every such line, `page_views` those by which somebody opened a page.
*/
select
    measure, 'organisation' as unit_level, cast(null as varchar) as unit,
    date_trunc('hour', seen_at) as happened_at, count(*) as n
from (
    select seen_at, 'requests' as measure
    from landing.intranet_requests
    where person is null
    union all
    select seen_at, 'page_views' as measure
    from landing.intranet_requests
    where person is null and page is not null and method = 'GET' and status in (200, 304) and not asset and not bot
) as anonymous
group by measure, date_trunc('hour', seen_at)
