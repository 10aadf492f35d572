/*
Who was away on which day, as far as any source tells: whoever has no row was there, or nobody says.

A state that begins with `absent` means away: on leave, sick, on another shift, without a computer. Who is told both
absent and there on one day was there.
---
never:
  presence of nobody: person is null
  presence after the run's day: day > (select as_of from staging.run)
unique: [person, day]
*/
select p.person, a.day, bool_and(coalesce(lower(a.state), '') like 'absent%') as away
from each.presence as a
join staging.people as p on p.pseudonym = a.person
where a.day <= (select as_of from staging.run)
group by p.person, a.day
