/* Questions that were asked without a name: nobody's act, and still asked. By the hour, the local day is the engine's. */
select
    'anonymous_questions' as measure, 'organisation' as unit_level, cast(null as varchar) as unit,
    date_trunc('hour', asked_at) as happened_at, count(*) as n
from landing.questions_csv_questions
where email is null and login is null
group by date_trunc('hour', asked_at)
