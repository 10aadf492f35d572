/*
Who asks, who answers, who says something else; a join is not said to be an act.

Transcripts. A question by anybody but a host, put to the room or to a host, is `ask` and begins a thread. What a host says
to somebody who has asked before in the same chat is `answer`, in the thread of that person's latest question until then.
Anything else said to somebody is `reply`, the rest is `post`, both without a thread: no guess is made at what they answer.
Where no host is known (is_host is null), whoever addresses the asker answers.

Meetings. A published question is `ask`. A reply by anybody but the asker is `answer`, toward the asker; one by the asker,
or under a discussion, is `reply`. Who asks without a name is nobody: the answer to it counts for who gave it.

Answered live is answered on the local day of the question: the thread and the two moments say so.
*/
with spoken as (
    select
        _unit, position, said_at, channel, is_question, is_host,
        coalesce(login, nick) as person, coalesce(toward_login, toward) as toward
    from landing.webchat_lines
),
hosts as (
    select distinct _unit, person from spoken where is_host
),
asked as (
    select s._unit, s.position, s.person
    from spoken as s
    left join hosts as h on h._unit = s._unit and h.person = s.toward
    where s.is_question and not coalesce(s.is_host, false) and (s.toward is null or h.person is not null)
),
answered as (
    select s._unit, s.position, max(a.position) as question
    from spoken as s
    join asked as a on a._unit = s._unit and a.person = s.toward and a.position < s.position
    where coalesce(s.is_host, true) and s.toward <> s.person
    group by s._unit, s.position
),
said as (
    select
        s.person, s.said_at as happened_at, s.channel as object, s.toward,
        case when q.position is not null then 'ask' when a.position is not null then 'answer'
             when s.toward is not null then 'reply' else 'post' end as verb,
        s._unit || ' #' || cast(coalesce(q.position, a.question) as varchar) as thread
    from spoken as s
    left join asked as q on q._unit = s._unit and q.position = s.position
    left join answered as a on a._unit = s._unit and a.position = s.position
),
opened as (
    select thread, kind, person
    from landing.webchat_questions
    where kind <> 'reply'
)
select person, happened_at, verb, object, thread, toward
from said
union all
select
    m.person, m.said_at as happened_at,
    case when m.kind = 'question' then 'ask' when m.kind = 'discussion' then 'post'
         when o.kind = 'question' and (o.person is null or o.person <> m.person) then 'answer' else 'reply' end as verb,
    m.meeting as object, m.thread, case when m.kind = 'reply' and o.person <> m.person then o.person end as toward
from landing.webchat_questions as m
left join opened as o on m.kind = 'reply' and o.thread = m.thread
where m.person is not null
