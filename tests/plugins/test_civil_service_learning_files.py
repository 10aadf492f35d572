"""Civil Service Learning: the files that reports come in, and the service's own test data through them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pytest

from pipeline.connector import Excluded, Fatal, Landed, Rejected
from plugins.civil_service_learning.connector import CivilServiceLearning
from plugins.civil_service_learning.reports import Completion, Learner, ModuleState, PersonalCompletion
from tests.plugins.test_civil_service_learning import DETAILED, FOLDER, STANDARD, counts, half, line, night, read, write


def packed(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(f"{name}.csv", text)
    return path


def test_a_report_is_read_in_the_zip_that_it_comes_in_also_an_empty_one(tmp_path: Path) -> None:
    packed(tmp_path / "course_completions_7_from_01_03_2026_to_31_03_2026.zip", a=f"{STANDARD}\n{line()}\n")
    packed(tmp_path / "course_completions_8_from_01_04_2026_to_30_04_2026.zip", b="")
    assert [len(page.records) for page in read(tmp_path, "completions", "completion_files")] == [1, 0]
    packed(tmp_path / "two.zip", a=STANDARD, b=STANDARD)
    with pytest.raises(Fatal, match=r"two\.zip holds 2 CSV files where a report holds one"):
        read(tmp_path, "completions", "completion_files")


def test_a_file_that_is_no_report_is_named_and_the_others_land(tmp_path: Path) -> None:
    files = tmp_path / "reports"
    files.mkdir()
    write(files / "a.csv", STANDARD, line())
    write(files / "b.csv", "<html>", "Sign in")
    write(files / "c.csv", DETAILED.replace("eventTimestamp", "when"), line(who="a@b"))
    write(files / "d.csv", STANDARD, line("c2"))
    (files / "e.csv").write_text("")
    connector = CivilServiceLearning(completion_files=str(files / "*.csv"))
    outcome = night(connector, tmp_path / "home")["completions"]
    assert outcome.state == "failed"
    for said in ("b.csv is a web page", "c.csv has no column 'eventTimestamp'", "e.csv is empty"):
        assert said in outcome.reason
    assert outcome.account.landed == 2


def test_without_any_setting_or_any_file_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match="set completion_files, detailed_files"):
        list(CivilServiceLearning().completions(Landed()))
    with pytest.raises(Fatal, match="detailed_files: there is no file"):
        read(tmp_path, "detailed", "detailed_files")
    assert read(tmp_path, "modules", "detailed_files") == []


def test_the_samples_are_read() -> None:
    [page] = CivilServiceLearning(detailed_files=str(FOLDER / "samples" / "course_*.csv")).detailed(Landed())
    assert [type(row) for row in page.records] == [PersonalCompletion, Excluded, PersonalCompletion, Rejected]
    [page] = CivilServiceLearning(learner_files=str(FOLDER / "samples" / "registered_*.csv")).learners(Landed())
    assert [row.active for row in page.records if isinstance(row, Learner)] == [True, False, True]


# ---------------------------------------------------------------------------------------------------------- real data
ROW = re.compile(r"\('(\w+)', '(\w+)', (\d), (\d), (\d), 'email', '(\w+)', '(\w+)', '([\d :-]+)'\)")


@pytest.mark.real
def test_the_services_own_rows_of_completions_are_counted(real_data: Path, tmp_path: Path) -> None:
    """The rows with which the service tests itself, in both reports."""
    folder = real_data / "sources" / "lms_civil_service_learning"
    rows = ROW.findall((folder / "V1.1__course_completions_data.sql").read_text())
    assert len(rows) == 21
    files = tmp_path / "reports"
    for kind in ("standard", "detailed"):
        (files / kind).mkdir(parents=True)
    for kind, header in (("standard", STANDARD), ("detailed", DETAILED)):
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        writer.writerow(header.split(","))
        for _, user, organisation, profession, grade, course, title, at in rows:
            told = [course, title, at.replace(" ", "T").removesuffix(":00"), organisation, "", profession, "", grade, ""]
            writer.writerow(([f"{user}@harbour.example"] if kind == "detailed" else []) + told)
        packed(files / kind / "course_completions_1_from_01_01_2024_to_30_06_2024.zip", report=out.getvalue())
    connector = CivilServiceLearning(completion_files=str(files / "standard/*"), detailed_files=str(files / "detailed/*"))
    assert all(outcome.complete for outcome in night(connector, tmp_path / "home").values())
    by_day = {day: n for _, _, _, day, n in counts(connector, tmp_path / "home")}
    assert sum(by_day.values()) == 21
    assert (by_day["2024-01-01"], by_day["2024-02-02"], by_day["2024-06-02"]) == (6, 2, 3)
    acts = half(connector, tmp_path / "home", (FOLDER / "acts.sql").read_text())
    assert (len(acts), len({person for person, *_ in acts})) == (21, 6)


@pytest.mark.real
def test_records_of_the_learner_record_service_are_no_report(real_data: Path, tmp_path: Path) -> None:
    """Its JSON has user ids of its own and no time of completion: it is told apart by name, not taken for nothing."""
    folder = real_data / "sources" / "lms_civil_service_learning"
    for name in ("event.json", "civil-servant.json", "update-multiple-module-records.json"):
        json.loads((folder / name).read_text())
        with pytest.raises(Fatal, match=f"{name} has no column"):
            list(CivilServiceLearning(module_files=str(folder / name)).modules(Landed()))


@pytest.mark.real
def test_the_module_states_of_the_learner_record_service_are_read(real_data: Path, tmp_path: Path) -> None:
    """The report is made of such records; a state that is not the end has the time of its last change."""
    folder = real_data / "sources" / "lms_civil_service_learning"
    records = json.loads((folder / "update-multiple-module-records.json").read_text())
    columns = ("email", "courseId", "moduleId", "moduleTitle", "required", "status", "updatedAt")
    rows = [
        ",".join((f"{r['userId']}@x.example", r["courseId"], r["moduleId"], r["moduleTitle"], str(not r["optional"]), r["state"],
                  "2026-03-04T10:00")) for r in records
    ]  # fmt: skip
    write(tmp_path / "modules.csv", ",".join(columns), *rows)
    [page] = read(tmp_path, "modules", "module_files")
    assert [row.status for row in page.records if isinstance(row, ModuleState)] == ["approved", "approved"]
    assert not any(isinstance(row, Completion) for row in page.records)
