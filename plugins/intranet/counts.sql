/*
What a log tells of the organisation as a whole: it knows no team. By the hour, so that the local day is the engine's to
tell. An hour in which nothing of a kind was seen has no row: whether a log can tell of searches, votes and campaigns at
all is a matter of its settings, so nothing is not zero.

requests, page_views         lines without a person, and those by which somebody opened a page
searches                     searches by anybody
searches_by_people           of these, the searches by somebody with a name
searches_without_a_click     of these, the ones after which the same person opened no page within ten minutes, nor before
                             searching again
votes_useful, ..._not_useful votes on whether a page is useful
campaign_reads, campaign: x  pages opened by anybody from a campaign's link
*/
with pages as (
    select
        person, seen_at, campaign, coalesce(search, false) as search,
        page is not null and method = 'GET' and not asset and useful is null as opened
    from landing.intranet_requests
    where status in (200, 304) and not bot and (method = 'GET' or (method = 'POST' and search))
),
-- In the same second a search comes before the page that it led to: a log has no finer order.
following as (
    select
        seen_at, search,
        min(case when search then seen_at end) over later as next_search,
        min(case when opened and not search then seen_at end) over later as next_page
    from pages
    where person in (select person from pages where search)
    window later as (
        partition by person order by seen_at, not search rows between 1 following and unbounded following
    )
),
told as (
    select seen_at, 'requests' as measure, 1 as n
    from landing.intranet_requests
    where person is null
    union all
    select seen_at, 'page_views' as measure, 1 as n
    from pages
    where person is null and opened
    union all
    select seen_at, 'searches' as measure, 1 as n
    from pages
    where search
    union all
    select seen_at, 'searches_by_people' as measure, 1 as n
    from following
    where search
    union all
    select
        seen_at, 'searches_without_a_click' as measure,
        case
            when next_page <= seen_at + interval 10 minute and (next_search is null or next_page <= next_search) then 0
            else 1
        end as n
    from following
    where search
    union all
    select seen_at, 'votes_useful' as measure, cast(useful as integer) as n
    from landing.intranet_requests
    where useful is not null and status between 200 and 399 and not bot
    union all
    select seen_at, 'votes_not_useful' as measure, cast(not useful as integer) as n
    from landing.intranet_requests
    where useful is not null and status between 200 and 399 and not bot
    union all
    select seen_at, 'campaign_reads' as measure, 1 as n
    from pages
    where campaign is not null and opened
    union all
    select seen_at, 'campaign: ' || campaign as measure, 1 as n
    from pages
    where campaign is not null and opened
)
select
    measure, 'organisation' as unit_level, cast(null as varchar) as unit,
    date_trunc('hour', seen_at) as happened_at, sum(n) as n
from told
group by measure, date_trunc('hour', seen_at)
