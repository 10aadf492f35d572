/*
What became of the questions that staff asked in chats.
---
question: Do questions get an answer?
unit: share of questions
better: higher
interval: wilson
refuse: n_eff < 10
because: fewer than 10 questions were asked
needs: [chat]
formula: questions with an answer by another person within 5 working days / questions asked; live is on the same day, later is any day after, never is not so far
limits: An answer is any reply in the question's thread by somebody else; whether it helped is not seen. A question without a thread is not counted. The interval takes questions as independent.
never:
  more answers than questions: hits > n_eff
unique: [unit_level, unit, part, period, period_start]
*/
with asked as (
    select t.person, c.period, c.period_start, t.opened_on, t.answered_on,
           -- The fifth working day after a Monday to Friday is a week on; after a Saturday the Friday, after a Sunday too.
           t.opened_on + case isodow(t.opened_on) when 6 then 6 when 7 then 5 else 7 end as due_on
    from staging.threads as t
    join staging.calendar as c on c.day = t.opened_on and c.period = '28 days'
    where t.channel = 'chat' and t.verb = 'ask'
),
parts as (
    select part
    from (values (''), ('live'), ('later'), ('never')) as p(part)
)
select m.unit_level, m.unit, p.part, m.period, m.period_start, m.period_end,
       count(a.person) filter (where case p.part
           when '' then a.answered_on <= a.due_on
           when 'live' then a.answered_on = a.opened_on
           when 'later' then a.answered_on > a.opened_on
           else a.answered_on is null end) as hits,
       count(a.person) as n_eff, count(distinct a.person) as base,
       case when count(a.person) filter (where a.answered_on is null and a.due_on >= n.as_of) > 0
            then 'some questions are still within their 5 working days' end as provisional
from staging.membership as m
cross join staging.run as n
cross join parts as p
left join asked as a
  on a.person = m.person and a.period = m.period and a.period_start = m.period_start
where m.period = '28 days' and m.unit_level = 'organisation'
group by m.unit_level, m.unit, p.part, m.period, m.period_start, m.period_end, n.as_of
