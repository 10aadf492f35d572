/*
Who is a digital champion from when to when; stretches that overlap or touch are one.

The register says it. Where no register has named anybody, whoever teaches others of their own accord is taken for a
champion from the first day on, and `registered` is false: what rests on that is provisional, and `provisional` says why.
---
never:
  champion without a person: person is null
  champion who never was one: valid_to <= valid_from
unique: [person, valid_from]
*/
with register as (
    select p.person, c.valid_from, max(c.valid_to) as valid_to
    from each.champions as c
    join staging.people as p on p.pseudonym = c.person
    group by p.person, c.valid_from
),
begun as (
    select person, valid_from, valid_to,
           valid_from > max(valid_to) over (
               partition by person order by valid_from rows between unbounded preceding and 1 preceding
           ) as anew
    from register
),
numbered as (
    select person, valid_from, valid_to,
           count(*) filter (where anew) over (
               partition by person order by valid_from rows between unbounded preceding and current row
           ) as stretch
    from begun
)
select person, min(valid_from) as valid_from, max(valid_to) as valid_to, true as registered, cast(null as varchar) as provisional
from numbered
group by person, stretch
union all
select person, min(happened_on) as valid_from, date '9999-12-31' as valid_to, false as registered,
       'there is no register of champions: whoever teaches is taken for one' as provisional
from staging.acts
where verb = 'teach' and toward is not null and toward <> person and not mandatory
  and not exists (select 1 from register)
group by person
