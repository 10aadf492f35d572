/* Playing, pausing, launching, attempting and the like: the learner was there, which is not yet learning. */
select coalesce(actor_login, actor_email, actor_mbox_sha1, actor_openid, actor_account) as person, happened_at,
       verb as state
from landing.training_statements
where verb not in ('completed', 'passed', 'asked', 'answered', 'responded')
