"""A staff directory in miniature: an export every fortnight.

Belongs here: what such exports hold. Does not: what is made of them (connector.py).
"""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from pipeline.testing import Csv, Place, Sample

HEADER = ["staff_id", "name", "email", "login", "entra_id", "team", "directorate", "grade", "location", "manager_id",
          "started_on", "left_on", "cost_centre"]  # fmt: skip
STAFF = [  # name, team, directorate, number of the manager, first day
    ("Awen Pryce", "Harbour Services", "Operations", 3, "2019-04-01"),
    ("Bran Oduya-Reese", "Harbour Services", "Operations", 0, "02/09/2024"),
    ("Cerys O'Lund", "Tide Tables", "Science", 3, "2015-01-05"),
    ("Zoë Tranmere", "Director's Office", "Operations", None, "2011-06-06"),
    ("Dewi Okoro", "Tide Tables", "Science", 2, "2026-01-19"),
    ("Efa Lindqvist", "Tide Tables", "Science", 2, ""),
    ("Ffion Marchetti", "Buoys and Lights", "Operations", 0, "1/5/2020"),
    ("Gethin Achterberg", "Buoys and Lights", "Operations", 6, "2023-11-13"),
    ("Hedd Nakashima", "Buoys and Lights", "Operations", 6, "2021-08-02"),
    ("Ioan Villanueva", "Moorings", "Operations", 6, "2018-02-26"),
    ("Jasmina Brathwaite", "Moorings", "Operations", 9, "2022-10-31"),
    ("Kai Szymanski", "Chart Room", "Science", 2, "2016-07-11"),
    ("Lleucu Demetriou", "Chart Room", "Science", 11, "2026-05-11"),
]


class Exports(Sample):
    """Thirteen members of staff as they are in each of two exports; the earlier one has a leaver too."""

    streams: ClassVar = {"people": 13}
    bodies: ClassVar = {
        r"\.csv$": Csv(required=("staff_id", "team", "directorate"), retyped={"started_on": "in spring", "left_on": "2026-02-31"})
    }
    people = (
        *(facts[0] for facts in STAFF),
        *(f"person.{number}@coastal.example" for number in range(13)),
        *(f"SN-{number:04d}" for number in range(13)),
        "7d0c1f52-0f5c-4a58-9f0a-0f6f7a1b0002",
    )
    exempt: ClassVar = {
        "private_never_lands": "an export holds no record that must not be read: who is in it is on the roster, and columns "
        "that the README does not name never land",
    }

    def __init__(self) -> None:
        rows = [self._row(number, *facts) for number, facts in enumerate(STAFF)]
        leaver = {**self._row(20, "Morwen Quartermaine", "Moorings", "Operations", 9, "2012-03-05"), "left_on": "2026-05-29"}
        self.exports = {date(2026, 6, 1): [*rows, leaver], date(2026, 6, 15): rows}

    def settings(self, place: Place) -> dict[str, Any]:
        """As an operator would write them for this folder."""
        return {"files": str(place.folder / "staff-*.csv")}

    def write(self, folder: Path) -> None:
        """One file an export, named by its day."""
        for day, rows in self.exports.items():
            with (folder / f"staff-{day}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, HEADER)
                writer.writeheader()
                writer.writerows(rows)

    def add(self, at: datetime) -> None:
        """The next export lists somebody who joined on this day."""
        rows, joined = self._newest(), at.date().isoformat()
        self._export([*rows, self._row(100 + len(rows), "Nia Fairweather", "Moorings", "Operations", 9, joined)])

    def edit(self) -> None:
        """The newest export is made again, for somebody's team was wrong in it."""
        rows = self._newest()
        rows[9].update(team="Tide Tables", directorate="Science", manager_id="SN-0002")
        self.exports[max(self.exports)] = rows

    def delete(self) -> None:
        """The next export has somebody no more."""
        self._export([row for row in self._newest() if row["name"] != "Kai Szymanski"])

    def _newest(self) -> list[dict[str, str]]:
        return [dict(row) for row in self.exports[max(self.exports)]]

    def _export(self, rows: list[dict[str, str]]) -> None:
        self.exports[max(self.exports) + timedelta(days=1)] = rows

    def _row(self, number: int, name: str, team: str, directorate: str, manager: int | None, started_on: str) -> dict[str, str]:
        return {
            "staff_id": f"SN-{number:04d}",
            "name": name,
            "email": f"Person.{number}@coastal.example",
            "login": f"COASTAL\\person{number}",
            "entra_id": f"7d0c1f52-0f5c-4a58-9f0a-0f6f7a1b{number:04d}",
            "team": team,
            "directorate": directorate,
            "grade": "HEO",
            "location": "Cardiff",
            "manager_id": "" if manager is None else f"SN-{manager:04d}",
            "started_on": started_on,
            "left_on": "",
            "cost_centre": "4130",
        }
