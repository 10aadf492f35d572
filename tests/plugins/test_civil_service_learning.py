"""Civil Service Learning: reports in every form count each completion once, name nobody where they should not, and say why."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from pipeline.connector import Connector, Excluded, Fatal, Landed, Page, Rejected
from pipeline.landing.store import Store
from pipeline.landing.tables import load_stream
from pipeline.privacy import Pseudonyms
from pipeline.pull import Night, Outcome, pull
from plugins.civil_service_learning.connector import CivilServiceLearning
from plugins.civil_service_learning.reports import Learner, ModuleState, PersonalCompletion, day_of

FOLDER = Path(__file__).parents[2] / "plugins" / "civil_service_learning"
STANDARD = "courseId,courseTitle,eventTimestamp,organisationId,organisationName,professionId,professionName,gradeId,gradeName"
DETAILED = f"userEmail,{STANDARD}"
LONDON = ZoneInfo("Europe/London")


def line(course: str = "c1", at: str = "2026-03-04T10:00", organisation: str = "Harbour Office", *, who: str = "") -> str:
    return f"{who and who + ','}{course},Title of {course},{at},{len(organisation)},{organisation},1,Policy,2,HEO"


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def read(folder: Path, stream: str, setting: str, **changes: Any) -> list[Page]:
    connector = CivilServiceLearning(**{setting: str(folder / "*.*"), **changes})
    return list(getattr(connector, stream)(Landed()))


def night(connector: Connector, home: Path, as_of: date = date(2026, 6, 30)) -> dict[str, Outcome]:
    """One pull of every stream by the real engine."""
    told = Night(Store(home), Pseudonyms(bytes(32)), as_of, LONDON)
    return {o.stream: o for o in pull(connector, connector.name, connector.streams(), told, names=frozenset())}


def half(connector: Connector, home: Path, text: str) -> list[tuple[Any, ...]]:
    """What a select makes of what has landed."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'; create schema landing")
        for stream in connector.streams():
            load_stream(con, Store(home).stream(connector.name, stream.name), stream)
        return con.execute(text).fetchall()


def counts(connector: Connector, home: Path) -> list[tuple[Any, ...]]:
    """Measure, level, unit, day, and how many."""
    found: Counter[tuple[Any, ...]] = Counter()
    for measure, level, unit, at, n in half(connector, home, (FOLDER / "counts.sql").read_text()):
        found[measure, level, unit or "", at.date().isoformat()] += n
    return sorted((*key, n) for key, n in found.items())


# ---------------------------------------------------------------------------------------------- counts without people
def test_two_people_with_the_same_line_are_two_and_reports_that_overlap_count_once(tmp_path: Path) -> None:
    files = tmp_path / "reports"
    files.mkdir()
    twice = line()
    write(files / "march.csv", STANDARD, twice, twice, line("c2"))
    write(files / "quarter.csv", STANDARD, twice, twice, line("c2"), line("c3", organisation="Coast"))
    write(files / "harbour-only.csv", STANDARD, twice)
    connector = CivilServiceLearning(completion_files=str(files / "*.csv"))
    assert all(outcome.complete for outcome in night(connector, tmp_path / "home").values())
    assert counts(connector, tmp_path / "home") == [
        ("course_completions", "directorate", "Coast", "2026-03-04", 1),
        ("course_completions", "directorate", "Harbour Office", "2026-03-04", 3),
        ("course_completions", "organisation", "", "2026-03-04", 4),
    ]
    for shape in ("acts", "presence"):
        assert half(connector, tmp_path / "home", (FOLDER / f"{shape}.sql").read_text()) == []


def test_an_organisation_that_was_renamed_between_two_reports_is_not_two(tmp_path: Path) -> None:
    files = tmp_path / "reports"
    files.mkdir()
    write(files / "a.csv", STANDARD, "c1,C,2026-03-04T10:00,41,Old name,,,,")
    write(files / "b.csv", STANDARD, "c1,C,2026-03-04T10:00,41,New name,,,,")
    connector = CivilServiceLearning(completion_files=str(files / "*.csv"))
    night(connector, tmp_path / "home")
    assert [n for _, level, _, _, n in counts(connector, tmp_path / "home")] == [1, 1]


def test_a_report_made_again_under_its_name_replaces_the_one_before(tmp_path: Path) -> None:
    files = tmp_path / "reports"
    files.mkdir()
    connector = CivilServiceLearning(completion_files=str(files / "*.csv"))
    for courses in (("c1", "c2"), ("c1",)):
        write(files / "march.csv", STANDARD, *map(line, courses))
        night(connector, tmp_path / "home")
    assert counts(connector, tmp_path / "home")[-1] == ("course_completions", "organisation", "", "2026-03-04", 1)


def test_learners_are_counted_on_the_day_in_the_name_and_nobody_is_kept(tmp_path: Path) -> None:
    files = tmp_path / "reports"
    files.mkdir()
    write(
        files / "registered_learners_5_31_03_2026.csv", "active,email,fullName,gradeName,professionName,organisationName",
        "true,ann@x.example,Ann Other,HEO,Policy,Coast", "false,bob@x.example,Bob Other,HEO,Policy,Coast",
        "true,cy@x.example,Cy Other,,,", "yes,di@x.example,Di Other,,,Coast",
    )  # fmt: skip
    [page] = read(files, "learners", "learner_files")
    assert page.unit is not None
    assert page.unit.name == "2026-03-31"
    assert [type(row) for row in page.records] == [Learner, Learner, Learner, Rejected]
    assert page.records[3] == Rejected("neither true nor false at active", "registered_learners_5_31_03_2026.csv line 5")
    assert "Ann" not in repr(page.records)
    assert "x.example" not in repr(page.records)
    connector = CivilServiceLearning(learner_files=str(files / "*.csv"))
    (files / "registered_learners_5_31_03_2026.csv").write_text(
        "active,gradeName,professionName,organisationName\ntrue,HEO,Policy,Coast\nfalse,HEO,Policy,Coast\ntrue,,,\n"
    )
    night(connector, tmp_path / "home")
    assert counts(connector, tmp_path / "home") == [
        ("registered_learners", "directorate", "Coast", "2026-03-31", 1),
        ("registered_learners", "organisation", "", "2026-03-31", 2),
    ]


@pytest.mark.parametrize(
    ("name", "day"),
    [("registered_learners_12_31_03_2026.zip", date(2026, 3, 31)), ("learners-2026-03-31.csv", date(2026, 3, 31)),
     ("learners.csv", None), ("learners_31_13_2026.csv", None), ("from_01_03_2026_to_31_03_2026.csv", None)],
)  # fmt: skip
def test_the_day_of_a_file_is_in_its_name_once(name: str, day: date | None) -> None:
    if day:
        assert day_of(name) == day
    else:
        with pytest.raises(Fatal, match=f"{name}: name it by its day"):
            day_of(name)


def test_two_learner_reports_of_one_day_are_refused_by_name(tmp_path: Path) -> None:
    for number in (5, 6):
        write(tmp_path / f"registered_learners_{number}_31_03_2026.csv", "active,organisationName", "true,Coast")
    with pytest.raises(Fatal, match=r"learners_5_31_03_2026\.csv and registered_learners_6_31_03_2026\.csv are both of 2026-03-31"):
        read(tmp_path, "learners", "learner_files")


# ------------------------------------------------------------------------------------------------------------- people
def test_a_completion_of_a_person_is_one_act_however_many_reports_tell_of_it(tmp_path: Path) -> None:
    files = tmp_path / "reports"
    files.mkdir()
    ann = line(who="Ann@harbour.example")
    write(files / "march.csv", DETAILED, ann, ann, line("c1", "2026-03-05T10:00", who="ann@harbour.example"))
    write(files / "quarter.csv", DETAILED, ann, line(who="bob@harbour.example"))
    [march, _] = read(files, "detailed", "detailed_files")
    assert march.records[1] == Excluded("the same line again")
    connector = CivilServiceLearning(detailed_files=str(files / "*.csv"), mandatory=["title of C1"])
    night(connector, tmp_path / "home")
    acts = half(connector, tmp_path / "home", (FOLDER / "acts.sql").read_text())
    assert len(acts) == 3
    assert {(verb, course, must) for _, _, verb, course, must in acts} == {("learn", "c1", True)}
    assert counts(connector, tmp_path / "home") == []


def test_what_cannot_be_read_says_why_and_shows_nothing(tmp_path: Path) -> None:
    write(
        tmp_path / "d.csv", DETAILED, line(who="Ann Other"), line(course="", who="a@b"), line(at="2026-03-04", who="a@b"),
        line(at="20260304T1000", who="a@b"), line(at="", who="a@b"), "a@b,c1", line(who="a@b"),
    )  # fmt: skip
    [page] = read(tmp_path, "detailed", "detailed_files")
    *rejected, kept = page.records
    assert isinstance(kept, PersonalCompletion)
    assert rejected == [
        Rejected(why, f"d.csv line {number}")
        for number, why in enumerate(
            ["no e-mail address at userEmail", "missing at courseId", *["not a time at eventTimestamp"] * 3,
             "fewer cells than columns"], 2,
        )
    ]


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2026-03-29T00:59:59", "2026-03-29T00:59:59"), ("2026-03-29T02:00", "2026-03-29T01:00:00"),  # a day of 23 hours
        ("2025-10-26T00:30", "2025-10-25T23:30:00"), ("2025-10-26T01:30", "2025-10-26T00:30:00"),  # 25 hours: the first 01:30
        ("2025-10-26T02:00", "2025-10-26T02:00:00"), ("2026-06-30T23:59:59.123456789", "2026-06-30T22:59:59.123456"),
    ],
)  # fmt: skip
def test_times_without_a_zone_are_those_of_the_setting(tmp_path: Path, local: str, utc: str) -> None:
    write(tmp_path / "d.csv", DETAILED, line(at=local, who="a@b"))
    for zone, expected in (("Europe/London", utc), ("UTC", local)):
        [page] = read(tmp_path, "detailed", "detailed_files", zone=zone)
        [record] = page.records
        assert isinstance(record, PersonalCompletion)
        assert record.completed_at == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_modules_are_presence_and_a_column_that_nobody_fills_may_be_absent(tmp_path: Path) -> None:
    columns = "learnerId,name,email,department,courseId,courseTitle,moduleId,moduleTitle,required,status,paidFor,updatedAt"
    begun = "u1,Ann Other,ann@x.example,Coast,c1,C,m1,M,true,IN_PROGRESS,false,2026-03-04T10:00:00"
    write(tmp_path / "begun.csv", columns, begun, begun)
    write(tmp_path / "done.csv", f"{columns},completedAt", f"{begun.replace('IN_PROGRESS', 'COMPLETED')},2026-03-05T09:00",
          f"{begun.replace('IN_PROGRESS', 'COMPLETED')},")  # fmt: skip
    first, second = read(tmp_path, "modules", "module_files")
    assert first.records[1] == Excluded("the same line again")
    assert second.records[1] == Rejected("not a time at completedAt", "done.csv line 3")
    [record] = second.records[:1]
    assert isinstance(record, ModuleState)
    assert (record.status, record.happened_at.isoformat()) == ("completed", "2026-03-05T09:00:00+00:00")
    write(tmp_path / "nobody.csv", columns.replace("email,", ""), begun.replace("ann@x.example,", ""))
    with pytest.raises(Fatal, match=r"nobody\.csv has no column 'email': have it made by a reporter of the organisation"):
        read(tmp_path, "modules", "module_files")
