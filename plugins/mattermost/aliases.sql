/* An account is the person with its e-mail address. */
select username as person, email as same_as
from landing.mattermost_accounts
where email is not null
