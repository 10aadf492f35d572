"""Exports of a Slido event as CSV and of a Teams town hall as UTF-16 text with tabs, read through the shipped mappings.

Belongs here: what the contract kit serves and changes. Does not: anything that runs at night.
The vendors publish no lists of columns: these are believed, like the mappings.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from pipeline.testing import Csv, Place, Sample

LONDON = ZoneInfo("Europe/London")
MAPPINGS = Path(__file__).parent / "samples"
AWEN, BRAN, CERYS, ZOE = (
    f"{name}@dept.example" for name in ("awen.pryce", "bran.oduya", "cerys.lundqvist", "zoe.tranova")
)  # fmt: skip
PEOPLE = (AWEN, BRAN, CERYS, ZOE, "awen.pryce", "lundqvist", "tranova")
Rows = list[dict[str, str]]


def table(rows: Rows, delimiter: str = ",") -> str:
    """A table with Windows' line ends, as spreadsheets write it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


class Slido(Sample):
    """Two events in files of their own."""

    streams: ClassVar = {"questions": 12}
    bodies: ClassVar = {
        r"\.csv$": Csv(
            encoding="utf-8-sig", required=("Question", "Created at", "State"),
            retyped={"Created at": "yesterday", "Upvotes": "many", "State": "perhaps"},
        )
    }  # fmt: skip
    people = PEOPLE
    private = ("saltmarsh", "hawkbit")

    def __init__(self) -> None:
        self.events = {
            "slido-march.csv": [
                self._row("2026-03-12 10:05:58", "Will the depot stay open, and who decides?", AWEN, "14", "Answered"),
                self._row("2026-03-12 10:07:10", "Is the training paid for?", "", "30"),
                self._row("2026-03-12 10:11:02", "Beth am y bws?\nMae'n hwyr bob dydd", BRAN, "3", "Highlighted"),
                self._row("2026-03-12 10:12:40", "Who is to blame for the saltmarsh?", CERYS, "0", "Dismissed"),
                self._row("2026-03-12 10:15:00", "What about the hawkbit?", BRAN, "1", "In review"),
                self._row("2026-03-12 10:16:30", "Can we have later shifts?", CERYS, "8"),
                self._row("2026-03-12 10:20:00", 'What does "agile" mean here?', "Anonymous", "11"),
            ],
            "slido-may.csv": [
                self._row("2026-05-14 14:01:00", "When is the new system live?", CERYS, "4"),
                self._row("2026-05-14 14:02:10", "Who trains the trainers?", AWEN, "2"),
                self._row("2026-05-14 14:02:50", "Pryd mae'r gwaith yn dechrau?", BRAN, "6"),
                self._row("2026-05-14 14:03:20", "Is there a plan B?", "", "19", "Archived"),
                self._row("2026-05-14 14:05:00", "Can I see the map?", CERYS, "1"),
                self._row("2026-05-14 14:07:45", "Will there be cake?", BRAN, "27"),
                self._row("2026-05-14 14:09:00", "Thank you for the answers so far, what is next?", AWEN, "0"),
            ],
        }

    @staticmethod
    def _row(at: str, text: str, who: str, votes: str, state: str = "Active") -> dict[str, str]:
        return {"Question": text, "Author email": who, "Upvotes": votes, "Created at": at, "State": state, "Labels": ""}

    def settings(self, place: Place) -> dict[str, Any]:
        return {"files": str(place.folder / "*.csv"), "mapping": str(MAPPINGS / "slido.toml")}

    def write(self, folder: Path) -> None:
        for name, rows in self.events.items():
            (folder / name).write_bytes(table(rows).encode("utf-8-sig"))

    def add(self, at: datetime) -> None:
        text = f"And what of point {len(self.events['slido-may.csv'])}?"
        self.events["slido-may.csv"].append(self._row(f"{at.astimezone(LONDON):%Y-%m-%d %H:%M:%S}", text, BRAN, "0"))

    def edit(self) -> None:
        self.events["slido-march.csv"][1]["Upvotes"] = "31"

    def delete(self) -> None:
        del self.events["slido-may.csv"][4]


class TownHall(Sample):
    """One town hall, with answers, and what must not be read of it."""

    streams: ClassVar = {"questions": 12}
    bodies: ClassVar = {
        r"\.tsv$": Csv(
            delimiter="\t", encoding="utf-16", required=("Question", "Asked Time", "Status"),
            retyped={"Asked Time": "soon", "Response Time": "later", "Status": "perhaps", "Votes": "some"},
        )
    }  # fmt: skip
    people = PEOPLE
    private = ("burdock", "quillwort", "yarrow")

    def __init__(self) -> None:
        self.rows = [
            self._row(1, "09:31:44", "Do we keep the old desks?", AWEN, "Answered", "Yes, for now", "09:40:00"),
            self._row(2, "09:35:10", "Faint o swyddi sydd yn Abertawe?", BRAN, "Answered", "Deuddeg", "09:41:30"),
            self._row(3, "09:36:00", "Is my post at risk, burdock?", CERYS, "Private reply", "Let us talk", "09:50:00"),
            self._row(4, "09:36:20", "Who wrote this, quillwort?", BRAN, "Dismissed"),
            self._row(5, "09:36:40", "And the yarrow?", AWEN, "In review"),
            *(
                self._row(n, f"09:{n + 34}:00", f"What is step {n} of the plan?", (AWEN, BRAN, CERYS, "")[n % 4], "Published")
                for n in range(6, 16)
            ),
        ]  # fmt: skip

    @staticmethod
    def _row(number: int, at: str, text: str, who: str, status: str, answer: str = "", answered: str = "") -> dict[str, str]:
        return {
            "Question Id": f"q-{number}", "Question": text, "Asked By Email": who, "Asked Time": f"16/04/2026, {at}",
            "Votes": str(number % 5), "Status": status, "Response": answer, "Responded By Email": ZOE if answer else "",
            "Response Time": f"16/04/2026, {answered}" if answered else "",
        }  # fmt: skip

    def settings(self, place: Place) -> dict[str, Any]:
        return {"files": str(place.folder / "*.tsv"), "mapping": str(MAPPINGS / "town-hall.toml")}

    def write(self, folder: Path) -> None:
        (folder / "town-hall.tsv").write_bytes(table(self.rows, "\t").encode("utf-16"))

    def add(self, at: datetime) -> None:
        number = len(self.rows) + 1
        row = self._row(number, "00:00:00", f"And what of point {number}?", BRAN, "Published")
        self.rows.append({**row, "Asked Time": f"{at.astimezone(LONDON):%d/%m/%Y, %H:%M:%S}"})

    def edit(self) -> None:
        self.rows[0]["Response"] = "Yes, until June"

    def delete(self) -> None:
        del self.rows[8]
