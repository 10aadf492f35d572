/* How each message reads as its writer last edited it; a message without text has no reading. */
select m.sender as person, m.sent_at as happened_at, r.language, r.tone, r.is_question, r.words, r.themes,
       coalesce(m.thread, m.replied_to, m.id) as thread,
       case when coalesce(m.thread, m.replied_to) is null then 'post' else 'reply' end as verb
from landing.matrix_rooms_events as m
left join (
    select target, sender, _key
    from landing.matrix_rooms_events
    where kind = 'edit'
    qualify row_number() over (partition by target, sender order by sent_at desc, id desc) = 1
) as e on e.target = m.id and e.sender = m.sender
join landing.matrix_rooms_events_readings as r on r._key = coalesce(e._key, m._key) and r.field = 'text'
where m.kind = 'message'
