"""What a source cannot carry is `no_data` with the reason, never 0: through files, a real night, and what is published."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nights import Place

STAFF = "staff_id,name,email,login,team,directorate\n"
LINE = '10.0.0.1 - {user} [{day:02}/Jun/2026:10:00:00 +0000] "GET /pages/{n} HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n'
COMPLETIONS = "courseId,courseTitle,eventTimestamp,organisationId,organisationName,professionId,professionName,gradeId,gradeName\n"
COURSE = '"c1","Data for all","2026-06-{day:02}T09:20","41","Harbour Office","12","Policy","7","HEO"\n'


def place(folder: Path, *, user: str) -> Place:
    """Forty staff, an access log in which `user` is signed in, and course completions without people."""
    made = Place(
        folder,
        '[connectors.directory]\nfiles = "staff-*.csv"\n[connectors.intranet]\nfiles = "access.log"\n'
        '[connectors.civil_service_learning]\ncompletion_files = "course_completions*.csv"\n',
    )
    staff = [f"S{n},Ann Able,a{n}@dcs.example,login{n},Harbour {n % 2},Coast\n" for n in range(40)]
    (folder / "staff-2026-06-01.csv").write_text(STAFF + "".join(staff))
    lines = [LINE.format(user=user.format(n), day=day, n=n) for day in range(1, 31) for n in range(20)]
    (folder / "access.log").write_text("".join(lines))
    completions = COMPLETIONS + "".join(COURSE.format(day=day) for day in range(1, 31) for _ in range(3))
    (folder / "course_completions_7_from_01_06_2026_to_30_06_2026.csv").write_text(completions)
    return made


@pytest.fixture(scope="module")
def unnamed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A night over a log of which nobody is known."""
    made = place(tmp_path_factory.mktemp("unnamed"), user="-")
    assert made.night().published
    return made


@pytest.mark.parametrize(("metric", "source"), [("completion_share", "civil_service_learning"), ("reach_share", "intranet")])
def test_traffic_and_completions_without_people_tell_of_nobody(unnamed: Place, metric: str, source: str) -> None:
    told = unnamed.ask(f"select distinct status, value, reason from report.figures where metric = '{metric}'")
    assert {(status, value) for status, value, _ in told} == {("no_data", None)}
    assert all(f"{source} tells of nobody in what it has brought" in reason for _, _, reason in told)


def test_what_they_do_carry_is_counted(unnamed: Place) -> None:
    query = "select source, sum(n) from each.counts where unit_level = 'organisation' group by source"
    counted = dict(unnamed.ask(query, warehouse=True))
    assert counted["civil_service_learning"] == 90
    assert counted["intranet"] >= 600


def test_with_people_in_it_the_same_log_is_a_share(tmp_path: Path) -> None:
    made = place(tmp_path, user="login{}")
    assert made.night().published
    [(status, value)] = made.ask(
        """select status, value from report.figures
           where metric = 'reach_share' and unit_level = 'organisation' and period = 'week' and period_start = date '2026-06-15'"""
    )
    assert (status, value) == ("ok", 0.5)
