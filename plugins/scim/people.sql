/*
Who was where, from when to when: every active account of each night. Of two accounts of one member of staff the one
that names a team counts.
*/
select staff_id as person, team, directorate, valid_from, valid_to, grade, location
from landing.scim_people
qualify row_number() over (partition by staff_id, valid_from order by team is null, directorate is null, scim) = 1
