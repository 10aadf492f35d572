/*
Starting a thread is a post, anything below is a reply to whoever wrote the message above, and naming a colleague with @
is a mention. Likes have no person in this API, so they are no acts. Messages of a group that was public once and is no
longer (made private, renamed to what is not read, or deleted) do not count.
*/
select a.person, a.happened_at, a.verb, a.object, a.thread, a.toward
from (
    select m.sender as person, m.created_at as happened_at,
           case when m.replied_to is null and coalesce(m.thread, m.id) = m.id then 'post'
                else 'reply' end as verb,
           m.id as object, coalesce(m.thread, m.id) as thread,
           nullif(above.sender, m.sender) as toward, m."group" as place
    from landing.yammer_messages as m
    left join landing.yammer_messages as above on above.id = m.replied_to
    union all
    select named.person, named.happened_at, 'mention', named.object, named.thread, named.toward, named.place
    from (
        select sender as person, created_at as happened_at, id as object, coalesce(thread, id) as thread,
               "group" as place, unnest(list_distinct(mentions)) as toward
        from landing.yammer_messages
    ) as named
    where named.toward <> named.person
) as a
where a.place is null or a.place not in (
    select id from landing.yammer_groups group by id having max(valid_to) < date '9999-12-31'
)
