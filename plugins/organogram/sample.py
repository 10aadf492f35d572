"""Organograms of a small department and its agency, for the contract kit: written from the published templates."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Csv, Place, Sample

Row = dict[str, str]

SENIOR = [
    "Post Unique Reference", "Name", "Grade", "Job Title", "Job/Team Function", "Parent Department", "Organisation", "Unit",
    "Contact Phone", "Contact E-mail", "Reports to Senior Post", "Salary Cost of Reports (£)", "FTE", "Actual Pay Floor (£)",
    "Actual Pay Ceiling (£)", "", "Professional/Occupational Group", "Notes", "Valid?",
]  # fmt: skip
JUNIOR = [
    "Parent Department", "Organisation", "Unit", "Reporting Senior Post", "Grade", "Payscale Minimum (£)", "Payscale Maximum (£)",
    "Generic Job Title", "Number of Posts in FTE", "Professional/Occupational Group",
]  # fmt: skip
DEPARTMENT, AGENCY = "Department for Coastal Services", "Coastal Charts Agency"


def senior(reference: str, name: str, grade: str, unit: str, above: str, **other: str) -> Row:
    """A row of a senior file. Job functions are written on several lines, as they are in life."""
    return {
        "Post Unique Reference": reference, "Name": name, "Grade": grade, "Job Title": f"Head of {unit}",
        "Job/Team Function": f"Leads {unit}.\n\nAlso answers, \"as needed\", for its budget.", "Parent Department": DEPARTMENT,
        "Organisation": DEPARTMENT, "Unit": unit, "Contact Phone": "020 7946 0000",
        "Contact E-mail": "N/D" if name == "N/D" else f"{name.replace(' ', '.').lower()}@coastal.example",
        "Reports to Senior Post": above, "Salary Cost of Reports (£)": "120500", "FTE": "1.0", "Actual Pay Floor (£)": "70000",
        "Actual Pay Ceiling (£)": "74999", "": "N/A", "Professional/Occupational Group": "Policy", "Notes": "", "Valid?": "1",
    } | other  # fmt: skip


def junior(unit: str, grade: str, fte: str, **other: str) -> Row:
    """A row of a junior file."""
    return {
        "Parent Department": DEPARTMENT, "Organisation": DEPARTMENT, "Unit": unit, "Reporting Senior Post": "DCS2", "Grade": grade,
        "Payscale Minimum (£)": "25297", "Payscale Maximum (£)": "30989", "Generic Job Title": "Officer",
        "Number of Posts in FTE": fte, "Professional/Occupational Group": "Policy",
    } | other  # fmt: skip


class Organograms(Sample):
    """Two organisations at the end of March 2026, one in each dialect."""

    streams: ClassVar = {"senior": 11, "junior": 9}
    bodies: ClassVar = {
        r"senior\.csv$": Csv(required=("Post Unique Reference", "Name", "Organisation", "Unit")),
        r"junior\.csv$": Csv(
            required=("Organisation", "Unit", "Number of Posts in FTE"), retyped={"Number of Posts in FTE": "three"}
        ),
    }
    people = ("Awen Pryce", "Bran Oduya", "Cadi Novak", "awen.pryce@coastal.example", "Head of Tides", "DCS-TIDES-7")
    exempt: ClassVar = {
        "private_never_lands": "what is published holds nothing that must not be read; names and references are no columns"
    }

    def __init__(self) -> None:
        self.files: dict[str, tuple[list[str], list[Row]]] = {
            "310326-Coastal-Organogram-senior.csv": (["#", *SENIOR], [
                senior("DCS1", "Awen Pryce", "SCS4", "Private Office", "xx"),
                senior("DCS2", "N/D", "SCS2", "Operations", "DCS1"),
                senior("DCS3", "ND", "SCS1", "Operations", "DCS2"),
                senior("DCS-TIDES-7", "Bran Oduya jobshare", "SCS1", "Tides", "DCS2", FTE="0.6"),
                senior("DCS-TIDES-7", "Cadi Novak jobshare", "SCS1", "Tides", "DCS2", FTE="0.6"),
                senior("DCS5", "Vacant", "SCS1", "Tides", "DCS2"),
                senior("DCS6", "ELIMINATED", "SCS1", "Tides", "DCS2"),
                senior("0", "N/D", "SCS1", "N/A", "DCS1"),
            ]),
            "310326-Coastal-Organogram-junior.csv": (["#", *JUNIOR], [
                junior("Operations", "HEO", "12.5"), junior("Operations", "EO", "30.26"), junior("Operations", "EO", "30.26"),
                junior("Tides", "Grade 7", "2.0"), junior("Tides", "AO", "7.8"), junior("Private Office", "EO", "1.0"),
            ]),
            "20260331-agency-organogram-senior.csv": ([GRADE if name == "Grade" else name for name in SENIOR], [
                {**senior(f"CCA{n}", "N/D", "SCS1", f"Charts {n}", "XX", Organisation=AGENCY), GRADE: "SCS1"} for n in (1, 2, 3)
            ]),
            "20260331-agency-organogram-junior.csv": (JUNIOR, [
                junior(f"Charts {n}", "SEO", "4.4", Organisation=AGENCY) for n in (1, 2, 3)
            ]),
        }  # fmt: skip

    def settings(self, place: Place) -> dict[str, Any]:
        """Both patterns."""
        return {"senior_files": str(place.folder / "*-senior.csv"), "junior_files": str(place.folder / "*-junior.csv")}

    def write(self, folder: Path) -> None:
        """Each file; a running number stands in a column without a name."""
        for name, (header, rows) in self.files.items():
            out = io.StringIO(newline="")
            writer = csv.writer(out)
            writer.writerow("" if column == "#" else column for column in header)
            for number, row in enumerate(rows):
                writer.writerow(str(number) if column == "#" else row[column] for column in header)
            (folder / name).write_bytes(out.getvalue().encode())

    def add(self, at: datetime) -> None:
        """The organogram of another day, with one more post each time."""
        day = at.astimezone(ZoneInfo("Europe/London")).date()
        for kind, header, row in (
            ("senior", SENIOR, senior("DCS9", "N/D", "SCS1", f"New unit of {at:%H:%M}", "DCS1")),
            ("junior", JUNIOR, junior("Operations", "EO", "3.0")),
        ):
            self.files.setdefault(f"{day}-Coastal-Organogram-{kind}.csv", (header, []))[1].append(row)

    def edit(self) -> None:
        """A corrected file under its old name."""
        self.files["310326-Coastal-Organogram-junior.csv"][1][0]["Number of Posts in FTE"] = "13.5"

    def delete(self) -> None:
        """A post that should not have been in the file."""
        del self.files["310326-Coastal-Organogram-junior.csv"][1][1]


GRADE = "Grade (or equivalent)"
