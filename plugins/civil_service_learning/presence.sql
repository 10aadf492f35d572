/* A module is a part of a course: working on it, or finishing it, says that somebody was there. The end of the course is an act. */
select distinct person, happened_at, 'module ' || status as state
from landing.civil_service_learning_modules
