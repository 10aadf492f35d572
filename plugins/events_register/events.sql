/* What the newest register says happened when; what was taken out of it, or put right, is gone with the next night. */
select day, label, until, kind
from landing.events_register_events
where valid_to = date '9999-12-31'
