/*
What happened on which day and may stand beside a curve: campaigns and broadcasts.
*/
select distinct day, label
from each.events
