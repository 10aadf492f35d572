/*
The names under which other sources know somebody. A name that was ever given to two people (a shared mailbox, a login
that was used again) joins nobody: it cannot be told whose act it was.
*/
select alias as person, min(staff_id) as same_as
from (
    select email as alias, staff_id from landing.directory_people
    union
    select login as alias, staff_id from landing.directory_people
    union
    select entra as alias, staff_id from landing.directory_people
    union
    select mbox_sha1 as alias, staff_id from landing.directory_people
) as names
where alias is not null
group by alias
having count(distinct staff_id) = 1
