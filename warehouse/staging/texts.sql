/*
What was read of each text: language, tone, themes and length, with its author and its time; the text itself is not here.

Several themes are possible. [] is a text without any, NULL one whose source tells of none or that was read before there
were themes.
---
never:
  text without an author: person is null
  text after the run's day: happened_on > (select as_of from staging.run)
*/
with dated as (
    select t.source, t.channel, p.person, t.happened_at, cast((t.happened_at at time zone n.zone) as date) as happened_on,
           t.language, t.tone, coalesce(t.is_question, false) as is_question, t.words, t.themes, n.as_of
    from each.texts as t
    cross join staging.run as n
    left join staging.people as p on p.pseudonym = t.person
)
select source, channel, person, happened_at, happened_on, language, tone, is_question, words, themes
from dated
where happened_on <= as_of
