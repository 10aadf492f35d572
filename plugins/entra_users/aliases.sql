/*
The names under which other sources know somebody. An object id is never given twice, so whoever had two staff numbers
under one id is one person. Any other name that two people ever had joins nobody: it cannot be told whose act it was.
*/
select distinct entra as person, staff_id as same_as
from landing.entra_users_people
union all
select alias as person, min(staff_id) as same_as
from (
    select email as alias, staff_id, entra from landing.entra_users_people
    union
    select upn as alias, staff_id, entra from landing.entra_users_people
    union
    select login as alias, staff_id, entra from landing.entra_users_people
    union
    select mbox_sha1 as alias, staff_id, entra from landing.entra_users_people
) as names
where alias is not null
group by alias
having count(distinct staff_id) = 1 or count(distinct entra) = 1
