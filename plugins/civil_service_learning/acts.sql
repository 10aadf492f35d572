/*
Finishing a course is learning. Reports may overlap: a completion that several of them tell of is one, known by person,
course and moment.
*/
select distinct person, completed_at as happened_at, 'learn' as verb, course as object, mandatory
from landing.civil_service_learning_detailed
