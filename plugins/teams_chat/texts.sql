/* How each message reads; a message without text has no reading. */
select m.person, m.said_at as happened_at, r.language, r.tone, r.is_question, r.words, r.themes,
       m.channel || '/' || coalesce(m.reply_to, m.id) as thread,
       case when m.reply_to is null then 'post' else 'reply' end as verb
from landing.teams_chat_messages as m
join landing.teams_chat_messages_readings as r on r._key = m._key and r.field = 'text'
