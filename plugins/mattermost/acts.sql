/*
A post, a reply to whoever wrote the post above, naming a colleague with @, adding one to a channel, and each emoji under
somebody's post.
*/
select p.author as person, p.created_at as happened_at,
       case when p.invited is not null then 'invite' when p.id = p.thread then 'post' else 'reply' end as verb,
       p.id as object, case when p.invited is null then p.thread end as thread, coalesce(p.invited, p.toward) as toward
from landing.mattermost_posts as p
union all
select named.author as person, named.created_at as happened_at, 'mention' as verb, named.id as object, named.thread, named.toward
from (
    select author, created_at, id, thread, unnest(list_distinct(mentions)) as toward
    from landing.mattermost_posts
) as named
where named.toward <> named.author
union all
select r.person, r.reacted_at as happened_at, 'react' as verb, r.post as object, r.thread, nullif(r.author, r.person) as toward
from landing.mattermost_reactions as r
