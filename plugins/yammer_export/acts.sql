/*
Starting a thread is a post, anything below is a reply to whoever wrote the message above, and naming a colleague with @
is a mention. Messages of a group that is hidden now (private, or of a trade union or staff network) do not count,
whatever it was when they landed.
*/
select a.person, a.happened_at, a.verb, a.object, a.thread, a.toward
from (
    select m.sender as person, m.created_at as happened_at,
           case when m.replied_to is null and coalesce(m.thread, m.id) = m.id then 'post'
                else 'reply' end as verb,
           m.id as object, coalesce(m.thread, m.id) as thread,
           nullif(above.sender, m.sender) as toward, m."group" as place
    from landing.yammer_export_messages as m
    left join landing.yammer_export_messages as above on above.id = m.replied_to
    union all
    select named.person, named.happened_at, 'mention', named.object, named.thread, named.toward, named.place
    from (
        select sender as person, created_at as happened_at, id as object, coalesce(thread, id) as thread,
               "group" as place, unnest(list_distinct(mentions)) as toward
        from landing.yammer_export_messages
    ) as named
    where named.toward <> named.person
) as a
where a.place is null or a.place not in (select id from landing.yammer_export_groups where hidden)
