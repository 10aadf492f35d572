/*
Whoever visited a page on a day has read, once, at the noon that stands for the day: the report knows neither which pages
nor when. Twenty pages are not twenty acts, because how many times somebody clicked says nothing of taking part.
*/
select person, min("at") as happened_at, 'read' as verb, cast(null as varchar) as object
from landing.sharepoint_activity
where visited_pages > 0
group by person, day
