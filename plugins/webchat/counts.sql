/* Questions that were asked without a name: nobody's act, and still asked. By the hour, the local day is the engine's. */
select
    'anonymous_questions' as measure, 'organisation' as unit_level, cast(null as varchar) as unit,
    date_trunc('hour', said_at) as happened_at, count(*) as n
from landing.webchat_questions
where person is null and kind = 'question'
group by date_trunc('hour', said_at)
