/*
A message is a post, or a reply to whoever wrote what it answers (in a thread: what began it, unless it answers another
message there). An invitation is one of a colleague to a room that is read. A thread is all that answers the same message, at any remove. Meaning a colleague is a mention; programs
also name whoever is answered, which is the reply itself. Edits are no acts. A reaction to what was taken back is none.
*/
with recursive messages as (
    select id, sender, sent_at, thread, replied_to, mentions
    from landing.matrix_rooms_events
    where kind = 'message'
),
rooted as (
    select id, coalesce(thread, id) as root from messages where thread is not null or replied_to is null
    union all
    select m.id, r.root
    from messages as m
    join rooted as r on r.id = m.replied_to
    where m.thread is null
),
said as (
    select
        m.id, m.sender, m.sent_at, m.mentions, coalesce(r.root, m.replied_to, m.id) as thread,
        coalesce(m.thread, m.replied_to) is not null as is_reply,
        nullif(coalesce(above.sender, top.sender), m.sender) as toward
    from messages as m
    left join rooted as r on r.id = m.id
    left join messages as above on above.id = m.replied_to
    left join messages as top on top.id = m.thread
)
select s.sender as person, s.sent_at as happened_at, case when s.is_reply then 'reply' else 'post' end as verb,
       s.id as object, s.thread, s.toward
from said as s
union all
select named.sender as person, named.sent_at as happened_at, 'mention' as verb, named.id as object, named.thread, named.meant as toward
from (select sender, sent_at, id, thread, toward, unnest(list_distinct(mentions)) as meant from said) as named
where named.meant <> named.sender and named.meant is distinct from named.toward
union all
select e.sender as person, e.sent_at as happened_at, 'react' as verb, s.id as object, s.thread, nullif(s.sender, e.sender) as toward
from landing.matrix_rooms_events as e
join said as s on s.id = e.target
where e.kind = 'reaction'
union all
select sender as person, sent_at as happened_at, 'invite' as verb, room as object, cast(null as varchar) as thread,
       invited as toward
from landing.matrix_rooms_events
where kind = 'invite'
