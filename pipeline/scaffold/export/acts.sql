/* A post by its author. */
select author as person, sent_at as happened_at, 'post' as verb
from landing.suggestions_posts
