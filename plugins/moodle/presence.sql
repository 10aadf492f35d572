/* Whoever changed the state of an activity was there; what of it is learning is in acts.sql. */
select distinct coalesce(email, login, staff) as person, happened_at, 'activity ' || state as state
from landing.moodle_progress
where happened_at is not null and state not in ('complete', 'passed')
union all
select coalesce(email, login, staff), happened_at, 'activity ' || state
from landing.moodle_activities
where happened_at is not null
  and (state not in ('complete', 'passed') or course in (select course from landing.moodle_completions))
