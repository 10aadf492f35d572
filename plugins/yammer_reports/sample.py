"""Activity reports of the last weeks as Graph hands them out: a redirect, then a CSV file elsewhere without credentials.

Belongs here: what the contract kit serves and changes. Does not: anything that runs at night.
Header: the one that the vendor documents.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import unquote

from pipeline.testing import Answer, Asked, Csv, Place, Sample

HEADER = (
    "Report Refresh Date", "User Principal Name", "Display Name", "User State", "State Change Date", "Last Activity Date",
    "Posted Count", "Read Count", "Liked Count", "Assigned Products", "Report Period",
)  # fmt: skip
PEOPLE = (
    ("Awen.Pryce@harbour.example", "Awen Pryce"), ("bran.oduya@harbour.example", "Bran Oduya"),
    ("cerys.lundqvist@harbour.example", "Cerys Lundqvist"), ("d.achebe@harbour.example", "Dilwyn Achebe"),
    ("e.marchetti@harbour.example", "Eluned Marchetti"), ("f.kowalska@harbour.example", "Ffion Kowalska"),
    ("gethin.osei@harbour.example", "Gethin Osei"), ("heledd.varga@harbour.example", "Heledd Varga"),
    ("i.nakamura@harbour.example", "Idris Nakamura"), ("jestyn.moreau@harbour.example", "Jestyn Moreau"),
    ("k.dlamini@harbour.example", "Kerensa Dlamini"), ("llinos.petrov@harbour.example", "Llinos Petrov"),
)  # fmt: skip
REFRESHED, OLDEST = date(2026, 7, 11), date(2026, 6, 11)
ROOT = "/v1.0/reports/getYammerActivityUserDetail"
HANDED_OUT = "/data/download/"


class Reports(Sample):
    """Twelve people on each of the days that the kit asks for."""

    streams: ClassVar = {"activity": 144}
    bodies: ClassVar = {
        r"/data/download/\d": Csv(
            encoding="utf-8-sig",
            required=("User Principal Name", "Read Count", "Liked Count", "Posted Count", "Report Refresh Date"),
            retyped={"Read Count": "many", "Liked Count": "1.5", "Report Refresh Date": "lately"},
        )
    }
    people = tuple(part for person in PEOPLE for part in person)
    exempt: ClassVar = {
        "private_never_lands": "a report has counts of a person and a day: no text and no community that could be private",
        "loop_is_stopped": "there are no pages: each day is a whole report at an address of its own, asked for once",
    }

    def __init__(self) -> None:
        days = [date(2026, 6, 19) + timedelta(days=n) for n in range(12)]
        self.days = {day: [self._row(day, n) for n in range(len(PEOPLE))] for day in days}
        self.host = ""

    @staticmethod
    def _row(day: date, number: int) -> dict[str, str]:
        address, name = PEOPLE[number]
        numbers = [str((day.day + number) % 4), str((day.day * 3 + number) % 17), str((day.day + number) % 3)]
        cells = (
            REFRESHED.isoformat(), address, name, "active", "", day.isoformat(), *numbers, "MICROSOFT 365 E3+VIVA ENGAGE CORE", "1",
        )  # fmt: skip
        return dict(zip(HEADER, cells, strict=True))

    def settings(self, place: Place) -> dict[str, Any]:
        self.host = place.url.replace("127.0.0.1", "localhost")  # another host than Graph's
        return {"graph_url": f"{place.url}/v1.0", "token": place.token, "report_hosts": [self.host.partition("//")[2]]}

    def admits(self, asked: Asked, token: str) -> bool:
        return asked.path.startswith(HANDED_OUT) or super().admits(asked, token)

    def answer(self, asked: Asked) -> Answer:
        if asked.path.startswith(HANDED_OUT):
            if "authorization" in asked.headers:
                return Answer({"error": {"code": "AuthenticationFailed", "message": "no credentials belong here"}}, 403)
            return self._csv(asked.path.removeprefix(HANDED_OUT))
        said = unquote(asked.path)
        if said == f"{ROOT}(period='D7')":
            return self._there("week")
        day = said.removeprefix(f"{ROOT}(date=").removesuffix(")")
        if not said.startswith(f"{ROOT}(date="):
            return Answer({"error": {"code": "ResourceNotFound", "message": "Resource not found for the segment."}}, 404)
        if date.fromisoformat(day) not in self.days and not OLDEST <= date.fromisoformat(day) <= REFRESHED:
            return Answer({"error": {"code": "InvalidArgument", "message": "date must be within the last 30 days"}}, 400)
        return self._there(day)

    def _there(self, what: str) -> Answer:
        return Answer(b"", 302, {"Location": f"{self.host}{HANDED_OUT}{what}?token=pre-authenticated"})

    def _csv(self, what: str) -> Answer:
        rows = [self._row(REFRESHED, 0)] if what == "week" else self.days.get(date.fromisoformat(what), [])
        lines = [",".join(HEADER), *(",".join(row.values()) for row in rows)]
        return Answer(("\ufeff" + "\r\n".join(lines) + "\r\n").encode(), 200, {"Content-Type": "application/octet-stream"})

    def add(self, at: datetime) -> None:
        rows = self.days.setdefault(at.astimezone(UTC).date(), [])
        number = len(rows) % len(PEOPLE)
        new = self._row(at.date(), number)
        rows.append({**new, "User Principal Name": f"new.{len(rows)}@harbour.example", "Display Name": "New Starter"})

    def edit(self) -> None:
        self.days[date(2026, 6, 28)][4]["Read Count"] = "23"

    def delete(self) -> None:
        del self.days[date(2026, 6, 28)][5]
