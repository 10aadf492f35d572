/*
Every question that somebody on the roster asked, with its themes: in a chat, or as the first post of a conversation on a
network where the post was read as one.

A question is known by source, person and moment. Where several texts of one person fall on it (a transcript knows minutes
only), those that ask something give the themes. `themes` is NULL where no text was read for them. `due_on` is the fifth
working day, Monday to Friday, after the one on which it was asked.
---
unique: [source, thread, opened_at, person]
*/
with read as (
    select source, person, happened_at, bool_or(is_question) as is_question,
           list_sort(list_distinct(flatten(
               list(themes order by themes) filter (where is_question and themes is not null)
           ))) as asked,
           list_sort(list_distinct(flatten(list(themes order by themes) filter (where themes is not null)))) as said
    from staging.texts
    group by source, person, happened_at
)
select t.source, t.channel, t.thread, t.person, t.verb, t.opened_at, t.opened_on, t.answered_at, t.answered_on,
       -- The fifth working day after a Monday to Friday is a week on; after a Saturday the Friday, after a Sunday too.
       t.opened_on + case isodow(t.opened_on) when 6 then 6 when 7 then 5 else 7 end as due_on,
       coalesce(r.asked, r.said) as themes
from staging.threads as t
left join read as r on r.source = t.source and r.person = t.person and r.happened_at = t.opened_at
where t.channel in ('network', 'chat') and (t.verb = 'ask' or coalesce(r.is_question, false))
  and t.person in (select person from staging.roster)
