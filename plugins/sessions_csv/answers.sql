/* How capable and how confident people say they are, before and after a session, from 0 to 100. */
select distinct coalesce(attendee_email, attendee_login, attendee_staff) as person, held_at as happened_at, item, answer
from landing.sessions_csv_attendances
unpivot (answer for item in (capability_before, capability_after, confidence_before, confidence_after))
