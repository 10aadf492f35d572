/*
How much of what people write could be read for its tone, and in which languages they write.
---
question: How much of the text does the mood rest on?
unit: share of texts
better: higher
interval: none
refuse: n_eff < 30
because: fewer than 30 texts were written
needs: [network, chat]
feeds: [texts]
formula: texts with a tone / texts, questions left out; language parts are texts in that language / texts
limits: A text may have no tone because of its language, because no word in it is known, or because it is too short.
never:
  more readable than written: hits > n_eff
unique: [unit_level, unit, part, period, period_start]
*/
with parts as (
    select part, language
    from (values ('', null), ('language=en', 'en'), ('language=cy', 'cy'), ('language=other', 'other')) as p(part, language)
),
written as (
    select t.person, c.period, c.period_start, p.part,
           count(*) filter (where case when p.part = '' then t.tone is not null else t.language = p.language end) as hits,
           count(*) as texts
    from staging.texts as t
    join staging.calendar as c on c.day = t.happened_on and c.period = '28 days'
    cross join parts as p
    where t.channel in ('network', 'chat') and not t.is_question
    group by t.person, c.period, c.period_start, p.part
)
select m.unit_level, m.unit, p.part, m.period, m.period_start, m.period_end,
       coalesce(sum(w.hits), 0) as hits, coalesce(sum(w.texts), 0) as n_eff,
       -- Few who write in a language must not stand out by it: they, not all authors, are behind its share.
       case when p.part = '' then count(w.person) else count(w.person) filter (where w.hits > 0) end as base
from staging.membership as m
cross join parts as p
left join written as w
  on w.person = m.person and w.period = m.period and w.period_start = m.period_start and w.part = p.part
where m.period = '28 days' and m.unit_level <> 'team'
group by m.unit_level, m.unit, p.part, m.period, m.period_start, m.period_end
