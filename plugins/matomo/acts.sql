/* Opening a page is an act by whoever is signed in. */
select coalesce(login, email) as person, "at" as happened_at, 'read' as verb, page as object
from landing.matomo_visits
