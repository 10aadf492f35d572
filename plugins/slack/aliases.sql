/* A member is the person with its e-mail address; where the export leaves addresses out, nobody is joined. */
select id as person, email as same_as
from landing.slack_members
where email is not null
