/* Being at a session is attending it. */
select person, held_at as happened_at, 'attend' as verb, session as object
from landing.suggestions_visits
