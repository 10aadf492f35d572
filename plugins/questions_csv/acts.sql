/*
Asking a published question is `ask`; answering it, where the table says who did, is `answer` toward the asker, at the time
of the question where it has none of its own. A question without a name is nobody's act.
*/
select coalesce(email, login) as person, asked_at as happened_at, 'ask' as verb, meeting as object,
       _unit || ' #' || id as thread, cast(null as blob) as toward
from landing.questions_csv_questions
where coalesce(email, login) is not null
union all
select coalesce(answered_by_email, answered_by_login) as person, coalesce(answered_at, asked_at) as happened_at,
       'answer' as verb, meeting as object, _unit || ' #' || id as thread,
       nullif(coalesce(email, login), coalesce(answered_by_email, answered_by_login)) as toward
from landing.questions_csv_questions
where coalesce(answered_by_email, answered_by_login) is not null
