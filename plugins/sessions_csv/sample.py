"""Registers of champions' sessions in miniature, for the contract kit.

Belongs here: spreadsheets as people keep them. Does not: how they are read (connector.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Body, Csv, Place, Sample

LONDON = ZoneInfo("Europe/London")
WHO, WHEN, CAME = "E-mail of participant", "Date and time", "Came?"
SCORES = ("Skill before (1-5)", "Skill after (1-5)", "Confidence before (1-5)", "Confidence after (1-5)")
COLUMNS = (WHO, "Participant", "Champion", "Session", WHEN, CAME, "Finished the course", *SCORES)
PEOPLE = {
    "mabli.okonjo@harbour.example": "Mabli Okonjo", "edwin.szabo@harbour.example": "Edwin Szabo",
    "tirion.vale@harbour.example": "Tirion Vale",
}  # fmt: skip
CHAMPION = "non.prosser@harbour.example"


class Registers(Sample):
    """A register a month."""

    streams: ClassVar[Mapping[str, int]] = {"attendances": 15}
    bodies: ClassVar[Mapping[str, Body]] = {
        r"register": Csv(
            delimiter=";", required=(WHO, "Session", WHEN),
            retyped={WHO: "Mabli Okonjo", WHEN: "19", CAME: "perhaps", SCORES[0]: "many"},
        ),
    }  # fmt: skip
    people: ClassVar[tuple[str, ...]] = (*PEOPLE, *PEOPLE.values(), CHAMPION)
    exempt: ClassVar[Mapping[str, str]] = {
        "private_never_lands": "what the mapping file does not name is not read, and it can name nothing that is private",
    }

    def __init__(self) -> None:
        self.registers = {
            f"register-2026-0{month}.csv": [
                self.line(email, f"0{4 + place}/0{month}/2026 1{place}:30", "came" if (month + place) % 4 else "sent apologies")
                for place, email in enumerate(PEOPLE)
            ]
            for month in range(1, 6)
        }

    @staticmethod
    def line(email: str, at: str, came: str) -> dict[str, str]:
        """A line of a register; who did not come has no marks."""
        marks = dict(zip(SCORES, ("2", "3,5", "2", "4"), strict=True)) if came == "came" else {}
        return {
            WHO: email, "Participant": PEOPLE[email], "Champion": CHAMPION, "Session": "Data clinic", WHEN: at, CAME: came,
            "Finished the course": "yes" if marks else "", **marks,
        }  # fmt: skip

    def settings(self, place: Place) -> dict[str, Any]:
        """The mapping file is the plug-in's own example."""
        return {"files": str(place.folder / "register-*.csv"), "mapping": str(Path(__file__).parent / "samples" / "mapping.toml")}

    def write(self, folder: Path) -> None:
        """As a spreadsheet saves CSV in a country of decimal commas."""
        for name, lines in self.registers.items():
            out = io.StringIO(newline="")
            writer = csv.DictWriter(out, COLUMNS, delimiter=";", restval="")
            writer.writeheader()
            writer.writerows(lines)
            (folder / name).write_bytes(out.getvalue().encode())

    def add(self, at: datetime) -> None:
        """The register of another session."""
        told = self.line("tirion.vale@harbour.example", f"{at.astimezone(LONDON):%d/%m/%Y %H:%M}", "came")
        self.registers[f"register-more-{len(self.registers)}.csv"] = [told]

    def edit(self) -> None:
        """Somebody had come after all."""
        lines = self.registers["register-2026-03.csv"]
        lines[1] = self.line(lines[1][WHO], lines[1][WHEN], "came late" if lines[1][CAME] == "came" else "came")

    def delete(self) -> None:
        """Somebody was on the register by mistake."""
        self.registers["register-2026-03.csv"].pop()
