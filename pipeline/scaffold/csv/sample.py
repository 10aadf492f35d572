"""The source in miniature: two files of seven rows. Write it from a real export, not from the connector."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.testing import Csv, Place, Sample

PEOPLE = ("ada.lovelace@dcs.example", "grace.hopper@dcs.example", "alan.turing@dcs.example")
BEGAN = datetime(2026, 6, 1, 9, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")


class Visits(Sample):
    """Sign-in sheets: email, session and local time."""

    streams = {"visits": 14}
    bodies = {r"\.csv$": Csv(required=("Email", "Time"), retyped={"Time": "teatime"})}
    people = PEOPLE
    exempt = {
        "private_never_lands": "a sign-in sheet holds nothing but who was at which session",
        "window_does_not_move_the_cursor": "files are read whole; there is no window to ask for",
    }

    def __init__(self) -> None:
        first, second = BEGAN + timedelta(days=1), BEGAN + timedelta(days=15)
        self.rows = {
            "sheet-1.csv": [self.row(n, first + timedelta(days=2 * n)) for n in range(7)],
            "sheet-2.csv": [self.row(n, second + timedelta(days=n)) for n in range(7)],
        }

    def row(self, number: int, at: datetime) -> dict[str, str]:
        """One line as people write it."""
        local = at.astimezone(LONDON)
        return {"Email": PEOPLE[number % 3], "Session": "Lunch and learn", "Time": local.strftime("%Y-%m-%d %H:%M"), "Tea": "yes"}

    def settings(self, place: Place) -> dict[str, object]:
        """The connector's settings."""
        return {"files": str(place.folder / "*.csv")}

    def write(self, folder: Path) -> None:
        """The files as they are now."""
        for name, rows in self.rows.items():
            with (folder / name).open("w", newline="") as file:
                writer = csv.DictWriter(file, ["Email", "Session", "Time", "Tea"])
                writer.writeheader()
                writer.writerows(rows)

    def add(self, at: datetime) -> None:
        """A row is added at the end of a file."""
        rows = self.rows["sheet-2.csv"]
        rows.append(self.row(len(rows), at))

    def edit(self) -> None:
        """A row is corrected."""
        self.rows["sheet-1.csv"][2]["Session"] = "Open clinic"

    def delete(self) -> None:
        """A row is taken out."""
        del self.rows["sheet-1.csv"][3]
