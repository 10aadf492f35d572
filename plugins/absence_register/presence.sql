/*
A row for each day on which somebody was away. `ended_on` is the last day. Without one it goes on for as long as the
register lists it, at most a year beyond the register's last change. What a later register leaves out counts until then,
unless that register put another stretch in its place: then it was wrong. Of what began more than ten years before the
first register, the days since then are told: no figure goes back further.
*/
with stretches as (
    select coalesce(staff, email, login) as person, started_on, ended_on, why, valid_from, valid_to
    from landing.absence_register_absences
),
newest as (
    select person, started_on, ended_on, why, valid_to
    from stretches
    qualify row_number() over (partition by person, started_on, why order by valid_from desc, ended_on desc nulls first) = 1
),
changed as (
    select cast(max(valid_from) + interval 365 day as date) as latest, cast(min(valid_from) - interval 10 year as date) as earliest
    from stretches
),
away as (
    select n.person, greatest(n.started_on, c.earliest) as started_on, n.why,
           case when n.valid_to = date '9999-12-31'
                then coalesce(n.ended_on, greatest(c.latest, cast(n.started_on + interval 365 day as date)))
                else least(coalesce(n.ended_on, date '9999-12-31'), cast(n.valid_to - interval 1 day as date))
           end as last_on
    from newest as n
    cross join changed as c
    where n.valid_to = date '9999-12-31' or not exists (
        select 1
        from stretches as s
        where s.person = n.person and s.valid_from = n.valid_to and (s.started_on <> n.started_on or s.why <> n.why)
          and s.started_on <= coalesce(n.ended_on, date '9999-12-31')
          and coalesce(s.ended_on, date '9999-12-31') >= n.started_on
    )
)
select distinct person, cast(unnest(generate_series(started_on, last_on, interval 1 day)) as date) as day,
       'absent: ' || why as state
from away
where started_on <= last_on
