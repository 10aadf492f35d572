/* What was read of each post: language, tone, and whether it asks. */
select p.author as person, p.sent_at as happened_at, r.language, r.tone, r.is_question, r.words, r.themes
from landing.suggestions_posts as p
join landing.suggestions_posts_readings as r on r._key = p._key and r.field = 'text'
