"""Registers of sessions: however they are written, each attendance counts once, and what cannot be read is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.connector import Excluded, Fatal, Landed, Page, Rejected
from pipeline.discovery import Instance, Plugin
from pipeline.landing.coverage import sources
from pipeline.landing.store import Store
from plugins.sessions_csv.connector import FIELDS, Attendance, SessionsCsv
from tests.plugins.test_civil_service_learning import half, night

FOLDER = Path(__file__).parents[2] / "plugins" / "sessions_csv"
MAPPING = """
times = ["%d/%m/%Y %H:%M"]
[columns]
attendee = "Who"
trainer = "Champion"
course = "Session"
held_at = "When"
attended = "Came"
completed = "Done"
confidence_after = "After"
"""
WORDS = '[words.attended]\n"yes" = "yes"\n"sent apologies" = "no"\n'
HEADER = "Who,Champion,Session,When,Came,Done,After"


def register(folder: Path, *lines: str, name: str = "register.csv", mapping: str = MAPPING, header: str = HEADER) -> SessionsCsv:
    folder.mkdir(exist_ok=True)
    (folder / "mapping.toml").write_text(mapping)
    (folder / name).write_text("\n".join((header, *lines)) + "\n")
    return SessionsCsv(files=str(folder / "*.csv"), mapping=str(folder / "mapping.toml"))


def read(connector: SessionsCsv) -> list[Page]:
    return list(connector.attendances(Landed()))


def acts(connector: SessionsCsv, home: Path) -> list[tuple[Any, ...]]:
    """Verb, course, whether it addresses somebody, sorted."""
    found = half(connector, home, (FOLDER / "acts.sql").read_text())
    return sorted((verb, course, toward is not None) for _, _, verb, course, toward, _ in found)


ANN = "ann@x.example,tutor@x.example,Clinic,04/03/2026 10:00,yes,yes,4"


def test_who_came_attended_who_held_it_taught_and_who_finished_learned(tmp_path: Path) -> None:
    absent = "bob@x.example,tutor@x.example,Clinic,04/03/2026 10:00,did not attend,yes,"
    alone = "cy@x.example,,Clinic,04/03/2026 10:00,x,no,"
    himself = "tutor@x.example,tutor@x.example,Clinic,04/03/2026 10:00,y,,"
    connector = register(tmp_path / "files", ANN, absent, alone, himself)
    register(tmp_path / "files", ANN, name="year.csv")  # the same session in the register of the year
    assert night(connector, tmp_path / "home")["attendances"].complete
    assert acts(connector, tmp_path / "home") == [
        ("attend", "Clinic", False), ("attend", "Clinic", False), ("attend", "Clinic", False),
        ("learn", "Clinic", False), ("teach", "Clinic", True),
    ]  # fmt: skip
    marks = half(connector, tmp_path / "home", (FOLDER / "answers.sql").read_text())
    assert [(item, answer) for _, _, item, answer in marks] == [("confidence_after", 75.0)]


def test_a_register_without_a_column_for_it_lists_who_came(tmp_path: Path) -> None:
    mapping = '[columns]\nattendee = "Who"\nheld_at = "When"\n[fixed]\ncourse = "Clinic"\ncompleted = true\n'
    connector = register(tmp_path / "files", "ann@x.example,2026-03-29T02:30", mapping=mapping, header="Who,When")
    [page] = read(connector)
    [record] = page.records
    assert isinstance(record, Attendance)
    assert (record.attended, record.completed, record.course) == (True, True, "Clinic")
    assert record.held_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (ANN.replace("ann@x.example", "Ann Other"), "no email at attendee"),
        (ANN.replace("tutor@x.example", "The Tutor"), "no email at trainer"),
        (ANN.replace("ann@x.example", ""), "missing at attendee"),
        (ANN.replace("Clinic", ""), "missing at course"),
        (ANN.replace("04/03/2026 10:00", ""), "missing at held_at"),
        (ANN.replace("04/03/2026 10:00", "31/02/2026 10:00"), "not a time at held_at"),
        (ANN.replace(",yes,yes,", ",perhaps,yes,"), "unknown word at attended"),
        (ANN.replace(",yes,yes,", ",,perhaps,"), "neither yes nor no at completed"),
        (ANN.replace(",4", ",four"), "no mark of the scale at confidence_after"),
        (ANN.replace(",4", ",inf"), "no mark of the scale at confidence_after"),
        (ANN.replace(",4", ",6"), "no mark of the scale at confidence_after"),
        (f"{ANN},more", "more cells than columns"),
    ],
)
def test_what_cannot_be_read_says_why_and_shows_nothing(tmp_path: Path, line: str, reason: str) -> None:
    [page] = read(register(tmp_path, line, mapping=MAPPING + WORDS))
    assert page.records == [Rejected(reason, "register.csv line 2")]


def test_a_line_that_comes_twice_is_one_and_a_blank_in_a_list_of_ticks_did_not_come(tmp_path: Path) -> None:
    [page] = read(register(tmp_path, ANN, ANN, ANN.replace(",yes,yes,", ",,,")))
    first, second, third = page.records
    assert isinstance(first, Attendance)
    assert second == Excluded("the same line again")
    assert isinstance(third, Attendance)
    assert (first.attended, third.attended) == (True, False)


def test_people_may_be_named_by_login_or_number(tmp_path: Path) -> None:
    connector = register(tmp_path, r"HARBOUR\ann,70412,Clinic,04/03/2026 10:00,yes,,")
    named = SessionsCsv(files=connector.files, mapping=connector.mapping, attendees="login", trainers="staff")
    [page] = read(named)
    [record] = page.records
    assert isinstance(record, Attendance)
    assert {k: v for k, v in record.model_dump().items() if k.startswith(("attendee", "trainer")) and v} == {
        "attendee_login": "ann", "trainer_staff": "70412",
    }  # fmt: skip


def test_marks_are_told_on_the_registers_own_scale(tmp_path: Path) -> None:
    connector = register(tmp_path, ANN)
    for lowest, highest, told in ((0, 10, 40.0), (-5, 5, 90.0), (4, 8, 0.0)):
        [page] = read(connector.model_copy(update={"lowest": lowest, "highest": highest}))
        assert [row.confidence_after for row in page.records if isinstance(row, Attendance)] == [told]
    with pytest.raises(Fatal, match="highest must be above lowest"):
        read(connector.model_copy(update={"lowest": 5.0}))


def test_files_and_mappings_that_do_not_fit_are_named(tmp_path: Path) -> None:
    connector = register(tmp_path, ANN)
    (tmp_path / "other.csv").write_text("Name,Day\nAnn,1\n")
    with pytest.raises(Fatal, match=r"other\.csv has no column 'Who'; it has Name, Day"):
        read(connector)
    nothing, unknown = "[columns]\nattendee = 'Who'\n", "[columns]\nwho = 'Who'\n"
    for broken, said in ((nothing, "does not say which column is"), (unknown, "no field 'who'")):
        with pytest.raises(Fatal, match=said):
            read(register(tmp_path, ANN, mapping=broken))
    with pytest.raises(Fatal, match="files: there is no file"):
        read(register(tmp_path, ANN).model_copy(update={"files": str(tmp_path / "none*.csv")}))


def test_the_sample_is_read() -> None:
    samples = FOLDER / "samples"
    [page] = read(SessionsCsv(files=str(samples / "*.csv"), mapping=str(samples / "mapping.toml")))
    came, apologies, unnamed = page.records
    assert isinstance(came, Attendance)
    assert (came.attended, came.completed, came.capability_after, came.confidence_before) == (True, True, 62.5, 25.0)
    assert isinstance(apologies, Attendance)
    assert not apologies.attended
    assert unnamed == Rejected("no email at attendee", "register-2026-03.csv line 4")
    assert "Other" not in repr(page.records)


# ---------------------------------------------------------------------------------------------------------- real data
OFFSETS = """
[columns]
attendee = "id_assessment"
course = "code_module"
held_at = "date"
"""


@pytest.mark.real
def test_days_counted_from_the_start_of_a_course_are_no_days(real_data: Path, tmp_path: Path) -> None:
    """Such a table does not say when its courses began: nothing is known of any day, which is not zero."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(OFFSETS)
    folder = real_data / "sources" / "lms_oulad"
    connector = SessionsCsv(files=str(folder / "assessments.csv"), mapping=str(mapping), attendees="staff")
    outcome = night(connector, tmp_path / "home")["attendances"]
    assert (outcome.state, outcome.account.landed) == ("failed", 0)
    [page] = read(connector)
    reasons = {row.reason for row in page.records if isinstance(row, Rejected)}
    assert (len(page.records), reasons) == (206, {"not a time at held_at", "missing at held_at"})
    instance = Instance("sessions_csv", Plugin("sessions_csv", SessionsCsv, FOLDER))
    [source] = sources(Store(tmp_path / "home"), [instance], date(2026, 6, 30))
    assert (source.state, source.first, list(source.days(date(2026, 6, 30)))) == ("never", None, [])
    with pytest.raises(Fatal, match=r"studentInfo_1-16000\.csv has no column"):
        read(SessionsCsv(files=str(folder / "studentInfo*.csv"), mapping=str(mapping), attendees="staff"))


def test_every_field_of_a_mapping_is_a_field_of_the_record() -> None:
    kept = set(Attendance.model_fields)
    assert all(field in kept or f"{field}_email" in kept for field in FIELDS)
