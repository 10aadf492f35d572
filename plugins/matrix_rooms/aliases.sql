/* A user of our own server is the person who signs in under that name, where the settings say that names are logins. */
select distinct sender as person, login as same_as
from landing.matrix_rooms_events
where login is not null
