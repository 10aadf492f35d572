/*
Finishing a course is learning. Where nothing tells the end of a course, finishing or passing one of its activities is; where
it is told, its activities are presence. A report that was downloaded twice tells of one and the same act.
*/
select distinct coalesce(email, login, staff) as person, happened_at, 'learn' as verb, course || '/' || activity as object, mandatory
from landing.moodle_progress
where state in ('complete', 'passed') and happened_at is not null
union all
select coalesce(email, login, staff), happened_at, 'learn', course || '/' || activity, mandatory
from landing.moodle_activities
where state in ('complete', 'passed') and happened_at is not null
  and course not in (select course from landing.moodle_completions)
union all
select coalesce(email, login, staff), completed_at, 'learn', course, mandatory
from landing.moodle_completions
where completed and completed_at is not null
