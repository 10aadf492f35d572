/*
Starting a conversation is a post; anything below is a reply to whoever started it; naming a colleague with @ is a mention;
an emoji is a reaction, at the moment of each person's first.
*/
select a.person, a.happened_at, a.verb, a.object, a.thread, nullif(a.toward, a.person) as toward
from (
    select m.person, m.said_at as happened_at, case when m.reply_to is null then 'post' else 'reply' end as verb,
           m.channel as object, m.channel || '/' || coalesce(m.reply_to, m.id) as thread, above.person as toward
    from landing.teams_chat_messages as m
    left join landing.teams_chat_messages as above
      on above.team = m.team and above.channel = m.channel and above.id = m.reply_to
    union all
    select person, said_at as happened_at, 'mention' as verb, channel as object,
           channel || '/' || coalesce(reply_to, id) as thread, unnest(mentions) as toward
    from landing.teams_chat_messages
    union all
    select unnest(reactions) as person, unnest(reacted_at) as happened_at, 'react' as verb, channel as object,
           channel || '/' || coalesce(reply_to, id) as thread, person as toward
    from landing.teams_chat_messages
) as a
where a.verb <> 'mention' or a.toward <> a.person
