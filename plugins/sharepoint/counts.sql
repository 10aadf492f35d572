/* What all of the staff did together, by day. The people in these counts are those of the acts: do not add the two. */
select measure, 'organisation' as unit_level, cast(null as varchar) as unit, day, cast(sum(n) as bigint) as n
from (
    select 'page_views' as measure, day, visited_pages as n from landing.sharepoint_activity
    union all
    select 'files_viewed_or_edited', day, viewed_or_edited_files from landing.sharepoint_activity
    union all
    select 'files_shared', day, coalesce(shared_internally, 0) + coalesce(shared_externally, 0)
    from landing.sharepoint_activity
    where shared_internally is not null or shared_externally is not null
) as counted
group by measure, day
