/* An account is the person with its e-mail address; an account without one stays unknown to the directory. */
select id as person, email as same_as
from landing.yammer_users
where email is not null
