/*
The names under which other sources know somebody. A SCIM id is never given twice, so whoever had two staff numbers
under one id is one person. Any other name that two people ever had joins nobody: it cannot be told whose act it was.
*/
select distinct scim as person, staff_id as same_as
from landing.scim_people
union all
select alias as person, min(staff_id) as same_as
from (
    select email as alias, staff_id, scim from landing.scim_people
    union
    select login as alias, staff_id, scim from landing.scim_people
    union
    select mbox_sha1 as alias, staff_id, scim from landing.scim_people
) as names
where alias is not null
group by alias
having count(distinct staff_id) = 1 or count(distinct scim) = 1
