/*
From when to when somebody was a champion. `ended_on` is the last day; whoever leaves the register without one was a
champion until the register no longer listed them. A start that was corrected counts as corrected: the old one goes.
*/
with stretches as (
    select coalesce(staff, email, login) as person, started_on, ended_on, valid_from, valid_to
    from landing.champions_register_champions
),
newest as (
    select person, started_on, ended_on, valid_to
    from stretches
    qualify row_number() over (partition by person, started_on order by valid_from desc) = 1
),
listed as (
    select distinct person
    from stretches
    where valid_to = date '9999-12-31'
),
told as (
    select n.person, n.started_on as valid_from,
           coalesce(cast(case when n.ended_on < date '9999-12-31' then n.ended_on + interval 1 day end as date), n.valid_to) as valid_to
    from newest as n
    left join listed as l on l.person = n.person
    where n.valid_to = date '9999-12-31' or n.ended_on is not null or l.person is null
)
select person, valid_from, valid_to
from told
where valid_from < valid_to
