/*
Which champion trained which colleague, once, dated on the first day. Somebody trained by two champions has two rows.

Teaching by somebody who was no champion on that day is not here, and nobody trains themselves.
---
never:
  champion who trained themselves: person = toward
  lesson after the run's day: trained_on > (select as_of from staging.run)
unique: [person, toward]
*/
select a.person, a.toward, min(a.happened_on) as trained_on
from staging.acts as a
join staging.champions as c
  on c.person = a.person and a.happened_on >= c.valid_from and a.happened_on < c.valid_to
where a.verb = 'teach' and a.toward is not null and a.toward <> a.person and (c.registered or not a.mandatory)
group by a.person, a.toward
