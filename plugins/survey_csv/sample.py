"""Two exports of a staff survey, for the contract kit: a row for each respondent, and a table counted by the supplier."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Csv, Place, Sample

ZONE = ZoneInfo("Europe/London")
WORDS = ("Not at all", "A little", "Fairly", "Very")

MAPPING = """
times = ["%d/%m/%Y %H:%M"]
[columns]
person = "Respondent ID"
answered_at = "Completed"
directorate = "Which directorate do you work in?"
capability = "How able are you?"
confidence = "How sure are you?"
"home use" = "At home"
"work use" = "At work"
[words.confidence]
"Not at all" = "1"
"A little" = "2"
"Fairly" = "3"
"Very" = "4"
"""


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


class Respondents(Sample):
    """Twelve people without names and four questions, of which the last was left out by two."""

    streams: ClassVar = {"answers": 46}
    bodies: ClassVar = {
        r"\.csv$": Csv(
            required=("Respondent ID", "Completed"), retyped={"How able are you?": "eleven", "How sure are you?": "Perhaps"}
        )
    }
    people = ("R_2xAwenPryce000", "R_2xBranOduya001", "10.20.30.40", "Awen Pryce")
    private = ("zanzibarcanary",)

    def __init__(self) -> None:
        self.rows = [
            {
                "Respondent ID": ("R_2xAwenPryce000", "R_2xBranOduya001")[n] if n < 2 else f"R_2x{n:08}",
                "Completed": f"{2 + n:02}/03/2026 09:{n:02}",
                "IPAddress": "10.20.30.40", "Which directorate do you work in?": ("Tides", "Harbours")[n % 2],
                "How able are you?": str(n % 11), "How sure are you?": WORDS[n % 4], "At home": str(1 + n % 5),
                "At work": str(1 + n % 4) if n > 1 else "", "Anything else?": "It is Awen Pryce's fault, zanzibarcanary",
            }
            for n in range(12)
        ]  # fmt: skip

    def settings(self, place: Place) -> dict[str, Any]:
        """Four questions on three scales, read through a mapping file."""
        return {
            "responses": str(place.folder / "wave-*.csv"), "responses_mapping": str(place.folder / "mapping.toml"),
            "items": {"capability": [0, 10], "confidence": [1, 4], "home use": [1, 5], "work use": [1, 5]},
        }  # fmt: skip

    def write(self, folder: Path) -> None:
        """The export, and beside it the mapping that the operator wrote."""
        (folder / "mapping.toml").write_text(MAPPING, "utf-8")
        _write(folder / "wave-spring.csv", self.rows)

    def add(self, at: datetime) -> None:
        """One more respondent."""
        new = {"Respondent ID": f"R_2xnew{len(self.rows)}", "Completed": f"{at.astimezone(ZONE):%d/%m/%Y %H:%M}"}
        self.rows.append(self.rows[5] | new)

    def edit(self) -> None:
        """A respondent who went back."""
        self.rows[6]["How able are you?"] = "9"

    def delete(self) -> None:
        """A respondent who withdrew."""
        del self.rows[7]


class Tables(Sample):
    """Counts by directorate, in which small numbers are kept back in three ways."""

    streams: ClassVar = {"cells": 9}
    bodies: ClassVar = {
        r"\.csv$": Csv(required=("unit_level", "item", "answer", "n"), retyped={"n": "many", "unit_level": "galaxy"})
    }
    people = ("Cadi Novak", "cadi.novak@supplier.example", "Awen Pryce")
    private = ("zanzibarcanary",)

    def __init__(self) -> None:
        counts = ("1,204", "310", "96", "", "41", "<10", "12", "77", "[c]", "35", "*", "64")
        self.rows = []
        for number, n in enumerate(counts):
            unit = ("", "Tides", "Harbours")[number // 4]
            self.rows.append({
                "unit_level": "directorate" if unit else "Organisation", "unit": unit, "item": "confidence",
                "answer": WORDS[number % 4], "n": n or "44", "analyst": "Cadi Novak, cadi.novak@supplier.example",
                "note": "zanzibarcanary" if n in ("<10", "[c]", "*") else "",
            })  # fmt: skip
        self.files = {"table-2026-03-31.csv": self.rows}

    def settings(self, place: Place) -> dict[str, Any]:
        """Tables whose columns are called like our fields, each with its day in its name."""
        return {"tables": str(place.folder / "table-*.csv")}

    def write(self, folder: Path) -> None:
        """Every table."""
        for name, rows in self.files.items():
            _write(folder / name, rows)

    def add(self, at: datetime) -> None:
        """The table of another survey, a row longer each time."""
        rows = self.files.setdefault(f"table-{at.astimezone(ZONE).date()}.csv", [])
        rows.append(self.rows[0] | {"answer": WORDS[len(rows)], "n": str(100 + at.astimezone(UTC).hour)})

    def edit(self) -> None:
        """A number that was put right."""
        self.rows[1]["n"] = "311"

    def delete(self) -> None:
        """A row that was taken out."""
        del self.rows[2]
