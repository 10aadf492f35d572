/* How each question and each answer reads whose author is known. */
select coalesce(q.email, q.login) as person, q.asked_at as happened_at, r.language, r.tone, r.is_question, r.words, r.themes,
       q._unit || ' #' || q.id as thread, 'ask' as verb
from landing.questions_csv_questions as q
join landing.questions_csv_questions_readings as r on r._key = q._key and r.field = 'text'
where coalesce(q.email, q.login) is not null
union all
select coalesce(q.answered_by_email, q.answered_by_login) as person, coalesce(q.answered_at, q.asked_at) as happened_at,
       r.language, r.tone, r.is_question, r.words, r.themes, q._unit || ' #' || q.id as thread, 'answer' as verb
from landing.questions_csv_questions as q
join landing.questions_csv_questions_readings as r on r._key = q._key and r.field = 'answer'
where coalesce(q.answered_by_email, q.answered_by_login) is not null
