/*
Coming to a session is attending, holding it is teaching towards everybody who came. It is learning only where the register
says that the course was completed. A line that several registers hold is one act.
*/
with came as (
    select distinct coalesce(attendee_email, attendee_login, attendee_staff) as attendee,
           coalesce(trainer_email, trainer_login, trainer_staff) as trainer, course, held_at, completed, mandatory
    from landing.sessions_csv_attendances
    where attended
)
select distinct attendee as person, held_at as happened_at, 'attend' as verb, course as object, null::blob as toward, mandatory
from came
union all
select distinct attendee, held_at, 'learn', course, null::blob, mandatory
from came
where completed
union all
select distinct trainer, held_at, 'teach', course, attendee, false
from came
where trainer is not null and trainer is distinct from attendee
