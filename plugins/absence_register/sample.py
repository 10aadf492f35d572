"""A register of absences as HR keeps it and a depot's rota exports it, for the contract kit."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Csv, Place, Sample

NAMES = (
    "Awen Pryce", "Bran Oduya", "Cadi Novak", "Dilys Sorensen", "Eirian Haddad", "Ffion Castellan", "Gwilym Adeyemi",
    "Heulwen Marchetti", "Idris Kowalczyk", "Jac Lindqvist", "Kerensa Okonjo", "Lowri Fitzalan",
)  # fmt: skip
REASONS = ("Annual leave", "Sick: zanzibarcanary", "Rest day", "No computer", "Jury service")


def address(name: str) -> str:
    """The work e-mail address of somebody."""
    return f"{name.lower().replace(' ', '.')}@coastal.example"


class Register(Sample):
    """Twelve people away, one of them twice, and one who stayed; reasons with detail that must not stay."""

    streams: ClassVar = {"absences": 13}
    bodies: ClassVar = {r"\.csv$": Csv(required=("person", "from"), retyped={"from": "spring", "to": "soon"})}
    people = (*NAMES, *map(address, NAMES))
    private = ("zanzibarcanary",)

    def __init__(self) -> None:
        self.rows = [
            {
                "Name": name, "person": address(name), "from": f"{2 + n}/03/2026", "to": f"2026-03-{14 + n}",
                "why": REASONS[n % len(REASONS)], "status": "Approved",
            }
            for n, name in enumerate(NAMES)
        ]  # fmt: skip
        self.rows[3]["to"] = ""
        self.rows.append(self.rows[2] | {"from": "2026-06-08", "to": "2026-06-12"})
        self.rows.append(self.rows[0] | {"person": "zanzibarcanary@coastal.example", "status": "Cancelled"})

    def settings(self, place: Place) -> dict[str, Any]:
        """One file."""
        return {"file": str(place.folder / "absences*.csv")}

    def write(self, folder: Path) -> None:
        """The whole register."""
        with (folder / "absences.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)

    def add(self, at: datetime) -> None:
        """Somebody is away from this day on."""
        day = at.astimezone(ZoneInfo("Europe/London")).date()
        person = f"new.starter.{len(self.rows)}@coastal.example"
        self.rows.append(self.rows[0] | {"person": person, "from": day.isoformat(), "to": ""})

    def edit(self) -> None:
        """Somebody comes back."""
        self.rows[3]["to"] = "30/06/2026"

    def delete(self) -> None:
        """A stretch is taken out of the register."""
        del self.rows[5]
