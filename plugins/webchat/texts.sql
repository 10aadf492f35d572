/* What was read of each line and message whose author is known: language, tone, and whether it asks. */
select coalesce(l.login, l.nick) as person, l.said_at as happened_at, r.language, r.tone, r.is_question, r.words, r.themes
from landing.webchat_lines as l
join landing.webchat_lines_readings as r on r._key = l._key and r.field = 'text'
union all
select m.person, m.said_at as happened_at, r.language, r.tone, r.is_question, r.words, r.themes
from landing.webchat_questions as m
join landing.webchat_questions_readings as r on r._key = m._key and r.field = 'text'
where m.person is not null
