/* How each message reads; a message without text has no reading. */
select m.sender as person, m.created_at as happened_at, r.language, r.tone, r.is_question, r.words,
       coalesce(m.thread, m.id) as thread,
       case when m.replied_to is null and coalesce(m.thread, m.id) = m.id then 'post' else 'reply' end as verb
from landing.yammer_messages as m
join landing.yammer_messages_readings as r on r._key = m._key and r.field = 'body'
