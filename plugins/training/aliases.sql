/* An account on a page of logins has two names; statements from before that page was configured have only one. */
select distinct person, same_as
from (
    select actor_account as person, actor_login as same_as from landing.training_statements
    union all
    select instructor_account, instructor_login from landing.training_statements
) as a
where person is not null and same_as is not null
