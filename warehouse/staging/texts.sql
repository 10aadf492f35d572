/*
What was read of each text: language, tone and length, with its author and its local day; the text itself is not here.
---
never:
  text without an author: person is null
  text after the run's day: happened_on > (select as_of from staging.run)
*/
with dated as (
    select t.source, t.channel, p.person, cast((t.happened_at at time zone n.zone) as date) as happened_on, t.language,
           t.tone, coalesce(t.is_question, false) as is_question, t.words, n.as_of
    from each.texts as t
    cross join staging.run as n
    left join staging.people as p on p.pseudonym = t.person
)
select source, channel, person, happened_on, language, tone, is_question, words
from dated
where happened_on <= as_of
