/*
A message is a post, in a thread of somebody else's a reply to whoever began it; naming a colleague is a mention, to ask
one into a channel an invitation. An export has no times of reactions: each is dated by its message, once a person and message.
*/
with said as (
    select
        channel || '/' || ts as object, channel || '/' || coalesce(thread, ts) as thread,
        coalesce(thread <> ts, false) as is_reply, sender, starter, posted_at, mentions, reacted_by
    from landing.slack_messages
    where invited is null
)
select m.sender as person, m.posted_at as happened_at, case when m.is_reply then 'reply' else 'post' end as verb,
       m.object, m.thread, case when m.is_reply then nullif(coalesce(top.sender, m.starter), m.sender) end as toward
from said as m
left join said as top on m.is_reply and top.object = m.thread
union all
select named.sender as person, named.posted_at as happened_at, 'mention' as verb, named.object, named.thread, named.toward
from (select sender, posted_at, object, thread, unnest(list_distinct(mentions)) as toward from said) as named
where named.toward <> named.sender
union all
select seen.person, seen.posted_at as happened_at, 'react' as verb, seen.object, seen.thread,
       nullif(seen.sender, seen.person) as toward
from (select sender, posted_at, object, thread, unnest(list_distinct(reacted_by)) as person from said) as seen
union all
select sender as person, posted_at as happened_at, 'invite' as verb, channel as object, cast(null as varchar) as thread,
       invited as toward
from landing.slack_messages
where invited is not null
