"""Civil Service Learning in miniature, for the contract kit: reports of three people in the forms that the service writes.

Belongs here: files as lpg-report-service makes them. Does not: how they are read (connector.py, reports.py).
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Body, Csv, Place, Sample, Zipped

LONDON = ZoneInfo("Europe/London")
STANDARD = (
    "courseId", "courseTitle", "eventTimestamp", "organisationId", "organisationName", "professionId", "professionName",
    "gradeId", "gradeName",
)  # fmt: skip
MODULES = (
    "learnerId", "name", "email", "department", "profession", "otherAreasOfWork", "grade", "courseId", "courseTitle", "moduleId",
    "moduleTitle", "required", "status", "moduleType", "paidFor", "updatedAt", "completedAt",
)  # fmt: skip
COURSES = {"rXkz8": "Responsible for information", "b7QmW": "Writing plainly", "Zc4Lp": "Data for beginners"}
BODIES = {
    "Harbour Office": ("41", "Policy", "7", "Higher Executive Officer"),
    "Coast Agency": ("52", "Digital", "5", "Executive Officer"),
}
PEOPLE = {
    "mabli.okonjo@harbour.example": ("Mabli Okonjo", "Harbour Office"),
    "edwin.szabo@harbour.example": ("Edwin Szabo", "Harbour Office"),
    "tirion.vale@coast.example": ("Tirion Vale", "Coast Agency"),
}
NOBODY = "the report names no person: it has no column that could"
NOTHING_PRIVATE = "a report holds completed courses only; nothing in it is a message, a group or a note that must not be read"


def written(columns: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    """A report as the service's CSV writer makes it: every cell in quotes; without rows not even a header."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, quoting=csv.QUOTE_ALL, lineterminator="\n", restval="")
    if rows:
        writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def packed(member: str, content: bytes) -> bytes:
    """The ZIP that a report comes in."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(member), content)
    return out.getvalue()


def local(at: datetime) -> str:
    """A moment as Java writes a LocalDateTime: without zone, and without seconds where there are none."""
    text = at.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M:%S")
    return text.removesuffix(":00")


def completion(email: str, course: str, at: str) -> dict[str, str]:
    """A line of the detailed report."""
    organisation = PEOPLE[email][1]
    number, profession, grade, named = BODIES[organisation]
    return {
        "userEmail": email, "courseId": course, "courseTitle": COURSES[course], "eventTimestamp": at, "organisationId": number,
        "organisationName": organisation, "professionId": "12", "professionName": profession, "gradeId": grade, "gradeName": named,
    }  # fmt: skip


class _Reports(Sample):
    """Reports by the name of their file."""

    columns: ClassVar[tuple[str, ...]]
    setting: ClassVar[str]
    private: ClassVar[tuple[str, ...]] = ()
    exempt: ClassVar[Mapping[str, str]] = {"private_never_lands": NOTHING_PRIVATE}

    def __init__(self) -> None:
        self.reports: dict[str, list[dict[str, str]]] = {}

    def settings(self, place: Place) -> dict[str, Any]:
        """All files of the folder are reports of one kind."""
        return {self.setting: str(place.folder / "*.*")}

    def write(self, folder: Path) -> None:
        """Names ending in .zip are packed."""
        for name, rows in self.reports.items():
            content = written(self.columns, rows)
            path = folder / name
            path.write_bytes(packed(f"{path.stem}.csv", content) if path.suffix == ".zip" else content)


class Completions(_Reports):
    """The standard course completion report: nobody is named, and two people may have the same line."""

    columns: ClassVar[tuple[str, ...]] = STANDARD
    setting: ClassVar[str] = "completion_files"
    streams: ClassVar[Mapping[str, int]] = {"completions": 13}
    bodies: ClassVar[Mapping[str, Body]] = {
        r"course_completions_31": Zipped(
            member="course_completions_31_from_01_01_2026_to_31_03_2026.csv",
            inner=Csv(required=("courseId", "eventTimestamp"), retyped={"eventTimestamp": "1773311400"}),
        ),
        r"course_completions_32": Csv(required=("courseId", "eventTimestamp"), retyped={"eventTimestamp": "12 March"}),
    }
    exempt: ClassVar[Mapping[str, str]] = {"private_never_lands": NOTHING_PRIVATE, "people_are_pseudonyms": NOBODY}

    def __init__(self) -> None:
        first = [
            ("mabli.okonjo@harbour.example", "rXkz8", "2026-01-12T09:20"),
            ("edwin.szabo@harbour.example", "rXkz8", "2026-01-12T09:20"),
            ("edwin.szabo@harbour.example", "b7QmW", "2026-02-03T16:41:09"),
            ("tirion.vale@coast.example", "Zc4Lp", "2026-02-20T23:59:59.123456"),
            ("tirion.vale@coast.example", "rXkz8", "2026-03-05T08:00"),
            ("mabli.okonjo@harbour.example", "Zc4Lp", "2026-03-12T10:30"),
        ]
        second = [
            ("mabli.okonjo@harbour.example", "b7QmW", "2026-04-01T00:00:01"),
            ("edwin.szabo@harbour.example", "Zc4Lp", "2026-04-17T12:15"),
            ("tirion.vale@coast.example", "b7QmW", "2026-05-06T14:02:33"),
            ("mabli.okonjo@harbour.example", "rXkz8", "2026-05-21T17:45"),
            ("edwin.szabo@harbour.example", "rXkz8", "2026-06-09T09:09:09"),
            ("tirion.vale@coast.example", "Zc4Lp", "2026-06-11T11:00"),
            ("edwin.szabo@harbour.example", "b7QmW", "2026-06-12T11:00"),
        ]
        self.reports = {
            "course_completions_31_from_01_01_2026_to_31_03_2026.zip": [self.line(*row) for row in first],
            "course_completions_32_from_01_04_2026_to_30_06_2026.csv": [self.line(*row) for row in second],
        }

    def line(self, email: str, course: str, at: str) -> dict[str, str]:
        """A line of the report."""
        whole = completion(email, course, at)
        return {column: whole[column] for column in self.columns}

    def add(self, at: datetime) -> None:
        """Another report, of that completion alone."""
        name = f"course_completions_{33 + len(self.reports)}_from_{at:%d_%m_%Y}_to_{at:%d_%m_%Y}.csv"
        self.reports[name] = [self.line("tirion.vale@coast.example", "b7QmW", local(at))]

    def edit(self) -> None:
        """The second report is made again after its organisation was corrected."""
        self.reports["course_completions_32_from_01_04_2026_to_30_06_2026.csv"][2] |= {
            "organisationId": "41", "organisationName": "Harbour Office",
        }  # fmt: skip

    def delete(self) -> None:
        """The second report is made again after a completion was taken back."""
        del self.reports["course_completions_32_from_01_04_2026_to_30_06_2026.csv"][4]


class Detailed(Completions):
    """The detailed course completion report."""

    columns: ClassVar[tuple[str, ...]] = ("userEmail", *STANDARD)
    setting: ClassVar[str] = "detailed_files"
    streams: ClassVar[Mapping[str, int]] = {"detailed": 13}
    bodies: ClassVar[Mapping[str, Body]] = {
        r"course_completions_31": Zipped(
            member="course_completions_31_from_01_01_2026_to_31_03_2026.csv",
            inner=Csv(required=("userEmail", "courseId", "eventTimestamp"), retyped={"userEmail": "17"}),
        ),
        r"course_completions_32": Csv(
            required=("userEmail", "courseId", "eventTimestamp"), retyped={"userEmail": "true", "eventTimestamp": "4"}
        ),
    }
    people: ClassVar[tuple[str, ...]] = tuple(PEOPLE)
    exempt: ClassVar[Mapping[str, str]] = {"private_never_lands": NOTHING_PRIVATE}

    def edit(self) -> None:
        """The second report is made again after a completion was put under its right course."""
        self.reports["course_completions_32_from_01_04_2026_to_30_06_2026.csv"][2] |= {
            "courseId": "Zc4Lp", "courseTitle": COURSES["Zc4Lp"],
        }  # fmt: skip


class Learners(_Reports):
    """The registered learner report in its detailed form, of two days."""

    columns = ("active", "email", "fullName", "gradeName", "professionName", "organisationName")
    setting = "learner_files"
    streams: ClassVar[Mapping[str, int]] = {"learners": 12}
    bodies: ClassVar[Mapping[str, Body]] = {
        r"registered_learners": Csv(required=("active",), retyped={"active": "7"}),
    }
    people: ClassVar[tuple[str, ...]] = (*PEOPLE, *(name for name, _ in PEOPLE.values()))

    def __init__(self) -> None:
        self.reports = {
            f"registered_learners_{number}_{day}.csv": [self.line(email, on) for email in PEOPLE for on in states]
            for number, day, states in ((11, "31_01_2026", ("true", "true")), (12, "31_05_2026", ("true", "false")))
        }

    def line(self, email: str, active: str) -> dict[str, str]:
        """A line of the report."""
        name, organisation = PEOPLE[email]
        _, profession, _, grade = BODIES[organisation]
        return {
            "active": active, "email": email, "fullName": name, "gradeName": grade, "professionName": profession,
            "organisationName": organisation,
        }  # fmt: skip

    def add(self, at: datetime) -> None:
        """The report of another day; a second one of that day is the same report, made again."""
        name = f"registered_learners_13_{at.astimezone(LONDON):%d_%m_%Y}.csv"
        self.reports[name] = [self.line(email, "true") for email in PEOPLE]

    def edit(self) -> None:
        """The second report is made again: an account was closed."""
        self.reports["registered_learners_12_31_05_2026.csv"][0]["active"] = "false"

    def delete(self) -> None:
        """The second report is made again: an account is gone."""
        self.reports["registered_learners_12_31_05_2026.csv"].pop()


class Modules(_Reports):
    """The module report of an organisation's reporter."""

    columns = MODULES
    setting = "module_files"
    streams: ClassVar[Mapping[str, int]] = {"modules": 12}
    bodies: ClassVar[Mapping[str, Body]] = {
        r"modules": Csv(required=("email", "courseId", "moduleId", "status"), retyped={"email": "3", "updatedAt": "soon"}),
    }
    people: ClassVar[tuple[str, ...]] = (*PEOPLE, *(name for name, _ in PEOPLE.values()))

    def __init__(self) -> None:
        begun = [self.line(email, course, "IN_PROGRESS", f"2026-0{m}-10T10:00") for email in PEOPLE for m, course in self.months(2)]
        done = [self.line(email, course, "COMPLETED", f"2026-0{m}-18T15:30:12") for email in PEOPLE for m, course in self.months(4)]
        self.reports = {"modules-q1.csv": begun, "modules-q2.csv": done}

    @staticmethod
    def months(first: int) -> list[tuple[int, str]]:
        """Two months and a course for each."""
        return [(first, "rXkz8"), (first + 1, "Zc4Lp")]

    def line(self, email: str, course: str, status: str, at: str) -> dict[str, str]:
        """A line of the report; `completedAt` is empty until then."""
        name, organisation = PEOPLE[email]
        _, profession, _, grade = BODIES[organisation]
        return {
            "learnerId": f"6f0c9a1e-0000-4000-8000-{len(name):012}", "name": name, "email": email, "department": organisation,
            "profession": profession, "otherAreasOfWork": "", "grade": grade, "courseId": course, "courseTitle": COURSES[course],
            "moduleId": f"{course}-m1", "moduleTitle": "Part one", "required": "true", "status": status, "moduleType": "elearning",
            "paidFor": "false", "updatedAt": at, "completedAt": at if status == "COMPLETED" else "",
        }  # fmt: skip

    def add(self, at: datetime) -> None:
        """A report of one more module."""
        rows = [self.line("tirion.vale@coast.example", "b7QmW", "COMPLETED", local(at))]
        self.reports[f"modules-late-{len(self.reports)}.csv"] = rows

    def edit(self) -> None:
        """The first report is made again: a module was finished."""
        self.reports["modules-q1.csv"][0] |= {"status": "COMPLETED", "completedAt": "2026-03-30T09:00"}

    def delete(self) -> None:
        """The first report is made again: a record of a module was reset."""
        self.reports["modules-q1.csv"].pop()
