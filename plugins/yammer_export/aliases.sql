/* An account is the person with its e-mail address, as its own row says it or a message that it sent. */
select distinct a.person, a.same_as
from (
    select id as person, email as same_as from landing.yammer_export_users
    union all
    select sender, email from landing.yammer_export_messages
) as a
where a.person is not null and a.same_as is not null
