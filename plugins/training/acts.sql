/*
Finishing or passing a course is learning by the learner, and teaching by the instructor whom the statement names.
Questions and answers in a course are asked and answered. All other verbs say only that somebody was there: presence.sql.
*/
select a.person, a.happened_at, a.verb, a.object, a.toward, a.mandatory
from (
    select coalesce(actor_login, actor_email, actor_mbox_sha1, actor_openid, actor_account) as person, happened_at,
           case verb when 'completed' then 'learn' when 'passed' then 'learn' when 'asked' then 'ask'
                else 'answer' end as verb,
           object, null::blob as toward, mandatory
    from landing.training_statements
    where verb in ('completed', 'passed', 'asked', 'answered', 'responded')
    union all
    select coalesce(instructor_login, instructor_email, instructor_mbox_sha1, instructor_openid, instructor_account),
           happened_at, 'teach', object,
           coalesce(actor_login, actor_email, actor_mbox_sha1, actor_openid, actor_account), mandatory
    from landing.training_statements
    where verb = 'completed'
) as a
where a.person is not null and a.person is distinct from a.toward
