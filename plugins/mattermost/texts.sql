/* How each post reads; one without text has no reading. */
select p.author as person, p.created_at as happened_at, r.language, r.tone, r.is_question, r.words, r.themes, p.thread,
       case when p.id = p.thread then 'post' else 'reply' end as verb
from landing.mattermost_posts as p
join landing.mattermost_posts_readings as r on r._key = p._key and r.field = 'text'
