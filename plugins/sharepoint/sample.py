"""A tenant's SharePoint reports in miniature: the redirect that Graph documents, and the table behind it.

Belongs here: the world and the payloads. Does not: how they are read (report.py, connector.py).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Answer, Asked, Csv, Place, Sample

LONDON = ZoneInfo("Europe/London")
REFRESHED = date(2026, 6, 30)
HEADER = (
    "Report Refresh Date,User Principal Name,Is Deleted,Deleted Date,Last Activity Date,Viewed Or Edited File Count,"
    "Synced File Count,Shared Internally File Count,Shared Externally File Count,Visited Page Count,Assigned Products,"
    "Report Period"
)
STAFF = ("Amina.Okafor@dept.example", "bob.lyle@dept.example", "chen.wu@dept.example", "dilys.rhys@dept.example")


@dataclass
class Use:
    """What one person did on one day."""

    day: date
    person: str
    pages: int
    files: int


class SharePointSample(Sample):
    """Four people on some days of June; Graph has counted up to the thirtieth."""

    streams: ClassVar = {"activity": 21}
    bodies: ClassVar = {
        "/data/v1.0/download/": Csv(
            encoding="utf-8-sig",
            required=("Visited Page Count", "User Principal Name", "Report Refresh Date"),
            retyped={"Visited Page Count": "many", "Report Refresh Date": "soon"},
        )
    }
    people: ClassVar = (*STAFF, "amina.okafor", "bob.lyle")
    exempt: ClassVar = {
        "private_never_lands": "the report holds numbers about people and no content: there is nothing private to leave out",
        "days_of_23_and_25_hours": "Graph gives single days of the last thirty only, and no time of day within them",
    }

    def __init__(self) -> None:
        self.uses = [
            Use(date(2026, 6, day), person, (day * 3 + 2 * number) % 7, day % 5)
            for day in (19, 22, 23, 25, 26)
            for number, person in enumerate(STAFF)
        ]
        self.uses.append(Use(date(2026, 6, 29), STAFF[0], 4, 1))

    def settings(self, place: Place) -> dict[str, Any]:
        """A token, as for a trial."""
        return {"graph_url": f"{place.url}/v1.0", "token": place.token}

    def admits(self, asked: Asked, token: str) -> bool:
        """The address to which Graph sends us proves itself and takes no token."""
        return asked.path.startswith("/data/") or super().admits(asked, token)

    def answer(self, asked: Asked) -> Answer:
        """302 from Graph, then the table; 400 for days that it has no more."""
        called = re.fullmatch(r"/v1\.0/reports/getSharePointActivityUserDetail\((date|period)='?([^')]+)'?\)", asked.path)
        if called:
            kind, value = called.groups()
            if kind == "date" and date.fromisoformat(value) < REFRESHED - timedelta(days=30):
                return Answer({"error": {"code": "InvalidArgument", "message": "Invalid date value specified."}}, 400)
            return Answer(b"", 302, {"Location": f"/data/v1.0/download/{value}?token=short-lived"})
        asked_for = re.fullmatch(r"/data/v1\.0/download/([^/]+)", asked.path)
        if not asked_for:
            return Answer({"error": {"code": "ResourceNotFound", "message": "Resource not found."}}, 404)
        rows = self._week() if asked_for[1] == "D7" else self._day(date.fromisoformat(asked_for[1]))
        body = "".join(f"{line}\r\n" for line in (HEADER, *rows))
        return Answer(b"\xef\xbb\xbf" + body.encode(), 200, {"Content-Type": "application/octet-stream"})

    def _day(self, day: date) -> list[str]:
        return [self._row(use, "1") for use in self.uses if use.day == day and day <= REFRESHED]

    def _week(self) -> list[str]:
        return [self._row(Use(REFRESHED, person, 9, 3), "7") for person in STAFF]

    @staticmethod
    def _row(use: Use, period: str) -> str:
        cells = (REFRESHED, use.person, "False", "", use.day, use.files, 0, 1, 0, use.pages, "MICROSOFT 365 E3", period)
        return ",".join(map(str, cells))

    def add(self, at: datetime) -> None:
        """A day's report is made again, with somebody whom it lacked."""
        self.uses.append(Use(at.astimezone(LONDON).date(), f"new.{len(self.uses)}@dept.example", 2, 0))

    def edit(self) -> None:
        """A day's report is made again with more pages."""
        self.uses[-1].pages += 3

    def delete(self) -> None:
        """An account is gone for good, and with it its row."""
        self.uses.pop()
