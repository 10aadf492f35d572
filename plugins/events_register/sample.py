"""A register of events and campaigns as a communications team keeps it, for the contract kit."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Csv, Place, Sample

KINDS = ("campaign", "broadcast", "training", "outage", "other")


class Register(Sample):
    """Twelve events of every kind. One label names somebody, which a label must not."""

    streams: ClassVar = {"events": 12}
    bodies: ClassVar = {r"\.csv$": Csv(required=("day", "label"), retyped={"day": "spring", "until": "later", "kind": "party"})}
    people = ("Awen Pryce", "Bran Oduya", "Cadi Novak")
    exempt: ClassVar = {"private_never_lands": "the register is public by its purpose: all of it stands on the page"}

    def __init__(self) -> None:
        self.rows = []
        for number in range(12):
            day = date(2026, 1, 12) + timedelta(days=13 * number)
            self.rows.append({
                "day": f"{day:%d/%m/%Y}" if number % 2 else day.isoformat(),
                "until": (day + timedelta(days=11)).isoformat() if number % 3 == 0 else "",
                "label": f"Wave {number + 1} of the new ways of working",
                "kind": KINDS[number % 5].capitalize() if number != 9 else "",
                "channel": "Intranet" if number % 2 else "",
                "owner": "Cadi Novak",
            })  # fmt: skip
        self.rows[3]["label"] = "Web chat with Awen Pryce and Bran Oduya"

    def settings(self, place: Place) -> dict[str, Any]:
        """One file."""
        return {"file": str(place.folder / "events.csv")}

    def write(self, folder: Path) -> None:
        """The whole register."""
        with (folder / "events.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(self.rows[0]))
            writer.writeheader()
            writer.writerows(self.rows)

    def add(self, at: datetime) -> None:
        """An event on this day."""
        day = at.astimezone(ZoneInfo("Europe/London")).date()
        self.rows.append(self.rows[0] | {"day": day.isoformat(), "until": "", "label": f"Stand in the hall, {at:%H:%M}"})

    def edit(self) -> None:
        """A campaign that lasts longer."""
        self.rows[6]["until"] = "2026-06-30"

    def delete(self) -> None:
        """An event that was called off."""
        del self.rows[7]
