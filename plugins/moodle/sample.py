"""Moodle in miniature, for the contract kit: a site of three people and two courses, and the reports of its pages.

Belongs here: answers and files as Moodle makes them. Does not: how they are read (connector.py, web.py, progress.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Answer, Asked, Body, JsonList, Place, Sample

LONDON = ZoneInfo("Europe/London")
SERVER = r"/webservice/rest/server\.php$"
NAMES = {
    11: "Mabli Okonjo", 12: "Edwin Szabo", 15: "Tirion Vale", 19: "Non Prosser", 21: "Gwil Ashworth", 22: "Sioned Marsh",
}  # fmt: skip
EMAILS = {number: f"{name.lower().replace(' ', '.')}@harbour.example" for number, name in NAMES.items()}
NOTHING_PRIVATE = "a completion says who finished what and when; there is no message, group or note in it that must not be read"
NEVER_GONE = "who leaves a course has learned all the same; a completion that is reset is told as incomplete, which is an edit"
HIDDEN = [0] * 499  # places in a course of people whom the token's account may not see


def seconds(text: str) -> int:
    """A moment in UTC as Moodle writes it."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


class _Site(Sample):
    """The web service. `states` is (course, user, activity) -> (state, when)."""

    people: ClassVar[tuple[str, ...]] = (*NAMES.values(), *EMAILS.values())
    courses: ClassVar[tuple[int, ...]] = (4, 7)

    def __init__(self) -> None:
        self.enrolled = {4: [11, 12, *HIDDEN, 15], 7: [11, *HIDDEN, *HIDDEN, 15, 19]}
        self.states = {
            (course, user, cmid): (0, 0) for course, users in self.enrolled.items() for user in users if user for cmid in (31, 32)
        }
        self.states |= {
            (4, 11, 31): (1, seconds("2026-01-12T09:20:00")), (4, 11, 32): (2, seconds("2026-01-13T10:00:00")),
            (4, 12, 31): (1, seconds("2026-02-03T16:41:09")), (4, 12, 32): (3, seconds("2026-02-03T17:00:00")),
            (7, 11, 31): (1, seconds("2026-03-05T08:00:00")), (7, 15, 31): (1, seconds("2026-04-01T00:00:01")),
            (7, 15, 32): (2, seconds("2026-05-20T12:00:00")),
        }  # fmt: skip

    def settings(self, place: Place) -> dict[str, Any]:
        """Both courses."""
        return {"url": place.url, "token": place.token, "course_ids": list(self.courses)}

    def admits(self, asked: Asked, token: str) -> bool:
        """The token is a field of the form."""
        return asked.form.get("wstoken") == token

    def answer(self, asked: Asked) -> Answer:
        """Errors come with status 200."""
        form = asked.form
        course, user = int(form.get("courseid", 0)), int(form.get("userid", 0))
        if asked.path != "/webservice/rest/server.php" or form.get("moodlewsrestformat") != "json":
            return Answer(b"<?xml version='1.0'?><EXCEPTION/>", 200, {"Content-Type": "application/xml"})
        if course not in self.enrolled:
            told = {"exception": "dml_missing_record_exception", "errorcode": "invalidrecord", "message": "Can't find data record"}
            return Answer(told)
        match form.get("wsfunction"):
            case "core_enrol_get_enrolled_users":
                return Answer(self._users(course, form))
            case "core_completion_get_activities_completion_status":
                return Answer({"statuses": self._statuses(course, user), "warnings": []})
            case "core_completion_get_course_completion_status":
                return Answer(self._completion(course, user))
            case _:
                return Answer({"exception": "webservice_access_exception", "errorcode": "accessexception", "message": "no"})

    def _users(self, course: int, form: Mapping[str, str]) -> list[dict[str, Any]]:
        """A page by offset and limit; whoever may not be seen is taken out of it afterwards."""
        options = {form[f"options[{n}][name]"]: form[f"options[{n}][value]"] for n in range(9) if f"options[{n}][name]" in form}
        start, limit = int(options.get("limitfrom", 0)), int(options.get("limitnumber", 0)) or None
        numbers = self.enrolled[course][start : start + limit if limit else None]
        return [
            {
                "id": number, "username": NAMES[number].lower().replace(" ", ""), "firstname": NAMES[number].split()[0],
                "lastname": NAMES[number].split()[1], "fullname": NAMES[number], "email": EMAILS[number], "idnumber": "",
                "department": "Harbour", "firstaccess": 1767225600, "lastaccess": 1782800000, "lastcourseaccess": 1782800000,
                "description": "", "country": "GB", "roles": [{"roleid": 5, "name": "", "shortname": "student", "sortorder": 0}],
            }
            for number in filter(None, numbers)
        ]  # fmt: skip

    def _statuses(self, course: int, user: int) -> list[dict[str, Any]]:
        return [
            {
                "cmid": cmid, "modname": "quiz" if cmid == 32 else "page", "instance": cmid - 30, "state": state,
                "timecompleted": at, "tracking": 2, "overrideby": None, "valueused": False, "hascompletion": True,
                "isautomatic": True, "istrackeduser": True, "uservisible": True, "details": [],
            }
            for (in_course, who, cmid), (state, at) in sorted(self.states.items())
            if (in_course, who) == (course, user)
        ]  # fmt: skip

    def _completion(self, course: int, user: int) -> dict[str, Any]:
        own = self._statuses(course, user)
        criteria = [
            {
                "type": 4, "title": "Activity completion", "status": "Yes" if row["state"] in (1, 2) else "No",
                "complete": row["state"] in (1, 2), "timecompleted": row["timecompleted"] or None,
                "details": {"type": "Activity completion", "criteria": "<a href='#'>Part</a>", "requirement": "", "status": ""},
            }
            for row in own
        ]  # fmt: skip
        whole = {"completed": bool(own) and all(c["complete"] for c in criteria), "aggregation": 1, "completions": criteria}
        return {"completionstatus": whole, "warnings": []}


class Activities(_Site):
    """How far everybody is with the activities."""

    streams: ClassVar[Mapping[str, int]] = {"activities": 12}
    bodies: ClassVar[Mapping[str, Body]] = {
        SERVER: JsonList(at="statuses", required=("cmid", "state"), retyped={"state": "1", "cmid": "31", "timecompleted": "soon"}),
    }
    exempt: ClassVar[Mapping[str, str]] = {"private_never_lands": NOTHING_PRIVATE, "deletion_is_found": NEVER_GONE}

    def add(self, at: datetime) -> None:
        """Somebody finishes an activity that had not been there."""
        cmid = max(number for _, _, number in self.states) + 1
        self.states[7, 19, cmid] = (1, int(at.timestamp()))

    def edit(self) -> None:
        """A completion is reset by a teacher."""
        self.states[4, 12, 31] = (0, 0)


class Courses(_Site):
    """Who finished the courses."""

    streams: ClassVar[Mapping[str, int]] = {"completions": 6}
    bodies: ClassVar[Mapping[str, Body]] = {SERVER: JsonList(required=("id", "email"), retyped={"id": "11", "email": 4})}
    exempt: ClassVar[Mapping[str, str]] = {"private_never_lands": NOTHING_PRIVATE, "deletion_is_found": NEVER_GONE}

    def add(self, at: datetime) -> None:
        """Somebody new is enrolled and finishes a course at once."""
        number = next(number for number in (21, 22, 12) if number not in self.enrolled[7])
        self.enrolled[7] = [*self.enrolled[7], number]
        self.states[7, number, 31] = (1, int(at.timestamp()))

    def edit(self) -> None:
        """A person passes what was still missing."""
        self.states[7, 11, 32] = (2, seconds("2026-06-20T10:00:00"))


# ------------------------------------------------------------------------------------------------------------- reports
class Wide(Body):
    """The downloaded table: a record is a line, its fields the identity fields and `<activity> state`, `<activity> time`."""

    def changed(self, content: bytes, change: Callable[[list[Any]], list[Any]]) -> bytes:
        """A field that the table did not have is one more identity field, before the activities."""
        header, *lines = list(csv.reader(io.StringIO(content.decode(), newline="")))
        activities = [place for place in range(1, len(header) - 1) if not header[place + 1]]
        identity = header[1 : activities[0]]
        names = ["name", *identity, *(f"{header[place]} {what}" for place in activities for what in ("state", "time"))]
        rows = change([dict(zip(names, cells, strict=True)) for cells in lines])
        there = {name for row in rows for name in row}
        kept = [name for name in identity if name in there or not rows] + sorted(there - set(names))
        out = [["", *kept, *header[activities[0] :]]]
        out += [[row.get(name, "") for name in ["name", *kept, *names[1 + len(identity) :]]] for row in rows]
        return "".join(",".join(_quoted(cell) for cell in cells) + "\n" for cells in out).encode()


def _quoted(cell: str) -> str:
    return '"{}"'.format(cell.replace('"', "'"))


class Reports(Sample):
    """Reports of two courses, in the two forms of the page."""

    streams: ClassVar[Mapping[str, int]] = {"progress": 14}
    bodies: ClassVar[Mapping[str, Body]] = {
        r"progress\.security\.csv": Wide(
            required=("Email address",), retyped={"Email address": "7", "The harbour quiz state": "Perhaps", "Reading time": "soon"}
        ),
    }
    people: ClassVar[tuple[str, ...]] = (*NAMES.values(), *EMAILS.values(), "Olwen Teacher")
    exempt: ClassVar[Mapping[str, str]] = {"private_never_lands": NOTHING_PRIVATE}

    def __init__(self) -> None:
        yes, no = "Completed", "Not completed"
        passed, failed = "Completed (achieved pass grade)", "Completed (did not achieve pass grade)"
        self.reports: dict[str, tuple[list[str], list[list[str]]]] = {
            "progress.security.csv": (
                ["Reading", "", "The harbour quiz", ""],
                [
                    self.line(11, yes, "2026-01-12 09:20:00", passed, "2026-01-13 10:00:00"),
                    self.line(12, yes, "2026-02-03 16:41:09", failed, "2026-02-03 17:00:00"),
                    self.line(15, no, "", no, ""),
                    self.line(19, "Completed (set by Olwen Teacher)", "2026-03-28 23:30:00", passed, "2026-03-29 02:30:00"),
                ],
            ),
            "progress.data.csv": (
                ["Part", "2026-05-01 00:00:00", "Part", ""],
                [
                    self.line(11, "Wedi cwblhau", "2026-04-01 00:00:01", "Heb gwblhau", ""),
                    self.line(12, yes, "2026-04-17 12:15:00", yes, "2026-05-06 14:02:33"),
                    self.line(15, yes, "2026-06-09 09:09:09", no, ""),
                ],
            ),
        }

    @staticmethod
    def line(number: int, *cells: str) -> list[str]:
        """A line of the report."""
        return [NAMES[number], EMAILS[number], *cells]

    def settings(self, place: Place) -> dict[str, Any]:
        """All reports of the folder."""
        return {"files": str(place.folder / "progress.*.csv")}

    def write(self, folder: Path) -> None:
        """One as CSV, the other for a spreadsheet."""
        for name, (activities, lines) in self.reports.items():
            spreadsheet = name == "progress.data.csv"
            sign, code = ("\t", "utf-16-le") if spreadsheet else (",", "utf-8")
            head = f"{sign}{_quoted('Email address')}{sign}" + sign.join(map(_quoted, activities))
            text = "".join(f"{line}\n" for line in [head, *(sign.join(map(_quoted, cells)) for cells in lines)])
            (folder / name).write_bytes((b"\xff\xfe" if spreadsheet else b"") + text.encode(code))

    def add(self, at: datetime) -> None:
        """The report of another course."""
        told = self.line(15, "Completed", f"{at.astimezone(LONDON):%Y-%m-%d %H:%M:%S}")
        self.reports[f"progress.more_{len(self.reports)}.csv"] = (["Part", ""], [told])

    def edit(self) -> None:
        """A report is downloaded again after somebody went on."""
        self.reports["progress.security.csv"][1][2][2:4] = ["Completed", "2026-06-01 10:00:00"]

    def delete(self) -> None:
        """A report is downloaded again after somebody left the course."""
        del self.reports["progress.security.csv"][1][2]
