/* How each message reads; a message without text has no reading. */
select m.sender as person, m.posted_at as happened_at, r.language, r.tone, r.is_question, r.words, r.themes,
       m.channel || '/' || coalesce(m.thread, m.ts) as thread,
       case when coalesce(m.thread <> m.ts, false) then 'reply' else 'post' end as verb
from landing.slack_messages as m
join landing.slack_messages_readings as r on r._key = m._key and r.field = 'text'
