/* How each message reads; a message without text has no reading. Groups that are hidden now: see acts.sql. */
select m.sender as person, m.created_at as happened_at, r.language, r.tone, r.is_question, r.words, r.themes,
       coalesce(m.thread, m.id) as thread,
       case when m.replied_to is null and coalesce(m.thread, m.id) = m.id then 'post' else 'reply' end as verb
from landing.yammer_export_messages as m
join landing.yammer_export_messages_readings as r on r._key = m._key and r.field = 'body'
where m."group" is null or m."group" not in (select id from landing.yammer_export_groups where hidden)
