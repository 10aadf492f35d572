/*
Every pseudonym that any source gave, and the person behind it: names that an alias joins are one person.

A person is a number from 1, in the order of each one's least pseudonym; it is made anew each night and kept nowhere
else. Who is on no roster has a number too.
---
never:
  pseudonym of nobody: person is null
unique: [pseudonym]
*/
with recursive links as (
    select person as pseudonym, same_as as other from each.aliases where person is not null and same_as is not null
    union
    select same_as as pseudonym, person as other from each.aliases where person is not null and same_as is not null
),
given as (
    select person as pseudonym from each.people
    union
    select pseudonym from links
    union
    select person as pseudonym from each.acts
    union
    select toward as pseudonym from each.acts where toward is not null
    union
    select person as pseudonym from each.texts
    union
    select person as pseudonym from each.presence
    union
    select person as pseudonym from each.champions
    union
    select person as pseudonym from each.answers
),
-- A lesser pseudonym travels along the links until nobody learns of a lesser one; circles end because `union` forgets
-- what is known already.
reached as (
    select pseudonym, pseudonym as least from given
    union
    select l.other as pseudonym, r.least
    from reached as r
    join links as l on l.pseudonym = r.pseudonym
    where r.least < l.other
),
settled as (
    select pseudonym, min(least) as least
    from reached
    group by pseudonym
)
select pseudonym, cast(dense_rank() over (order by least) as integer) as person
from settled
