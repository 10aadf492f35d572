"""A register of digital champions as somebody keeps it in a spreadsheet, for the contract kit."""

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


def address(name: str) -> str:
    """The work e-mail address of somebody."""
    return f"{name.lower().replace(' ', '.')}@coastal.example"


class Register(Sample):
    """Twelve champions, one of them in two stretches of time, and a sponsor who is none."""

    streams: ClassVar = {"champions": 13}
    bodies: ClassVar = {r"\.csv$": Csv(required=("person", "from"), retyped={"from": "spring", "to": "soon"})}
    people = (*NAMES, *map(address, NAMES))
    private = ("zanzibarcanary",)

    def __init__(self) -> None:
        self.rows = [
            {"Name": name, "person": address(name), "role": "Champion", "from": f"{2 + n}/03/2026", "to": "", "team": "Tides"}
            for n, name in enumerate(NAMES)
        ]
        self.rows[2]["to"] = "2026-05-29"
        self.rows.append(self.rows[2] | {"from": "2026-06-08", "to": "", "role": "champion"})
        self.rows.append(self.rows[0] | {"Name": "Zanzibarcanary", "person": "zanzibarcanary@coastal.example", "role": "Sponsor"})

    def settings(self, place: Place) -> dict[str, Any]:
        """One file; sponsors are no champions."""
        return {"file": str(place.folder / "champions.csv"), "roles": ["champion"]}

    def write(self, folder: Path) -> None:
        """The whole register."""
        with (folder / "champions.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)

    def add(self, at: datetime) -> None:
        """Somebody becomes a champion on this day."""
        day = at.astimezone(ZoneInfo("Europe/London")).date()
        self.rows.append(self.rows[0] | {"person": f"new.champion.{len(self.rows)}@coastal.example", "from": day.isoformat()})

    def edit(self) -> None:
        """Somebody stops."""
        self.rows[4]["to"] = "30/06/2026"

    def delete(self) -> None:
        """Somebody is taken out of the register."""
        del self.rows[5]
