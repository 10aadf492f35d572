/*
Themes that staff ask about. Empty: no source gives themes yet.
---
unique: [theme]
*/
select cast(null as varchar) as theme
where false
