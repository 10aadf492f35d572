/* Opening a page is an act by whoever is signed in; pictures, styles, programs, votes and failures are not. */
select person, seen_at as happened_at, 'read' as verb, page as object
from landing.intranet_requests
where
    person is not null and page is not null and method = 'GET' and status in (200, 304) and not asset and not bot
    and useful is null
