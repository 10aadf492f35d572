"""A simulated department on disk beside its truth, read as the tests of the simulator compare the two."""

from __future__ import annotations

import csv
import gzip
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.simulate.build import build
from pipeline.simulate.department import Department

LONDON = ZoneInfo("Europe/London")
SMALL = Department(staff=120, weeks=3, messages=900, log_lines=8000, statements=1200, faults={"duplicates": 0})
LINE = re.compile(r"^[\d.]+ - (?:COASTAL\\+)?(?P<user>\S+) \[(?P<at>[^]]+)]")


@dataclass(frozen=True)
class Made:
    """A department on disk and its truth."""

    department: Department
    place: Path

    def truth(self, name: str, key: str = "") -> Any:
        """A file of the truth, or a table in it as a list of rows by column."""
        content = json.loads((self.place / f"truth/{name}.json").read_text("utf-8"))
        content = content[key] if key else content
        if not isinstance(content, dict) or "columns" not in content:
            return content
        return [dict(zip(content["columns"], row, strict=True)) for row in content["rows"]]

    @cached_property
    def people(self) -> dict[str, dict[str, Any]]:
        return {row["staff_id"]: row for row in self.truth("people")}

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        return self.served("yammer_messages")

    def served(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.place / f"demo/served/{name}.jsonl").read_text("utf-8").splitlines()]

    def rows(self, pattern: str) -> list[list[dict[str, str]]]:
        """The CSV files of a pattern, in order of their names."""
        paths = sorted((self.place / "demo").glob(pattern))
        return [list(csv.DictReader(path.read_text("utf-8-sig").splitlines())) for path in paths]

    @cached_property
    def logs(self) -> dict[str, list[str]]:
        """The lines of each access log, by the name of its file."""
        raw = {path.name: path.read_bytes() for path in sorted((self.place / "demo/intranet").iterdir())}
        unpacked = {name: gzip.decompress(content) if name.endswith("gz") else content for name, content in raw.items()}
        return {name: content.decode().splitlines() for name, content in unpacked.items()}

    @cached_property
    def readers(self) -> list[tuple[str, date]]:
        """Who was signed in, line by line of the access logs, and on which day."""
        read = [found for lines in self.logs.values() for line in lines if (found := LINE.match(line))]
        return [(one["user"], datetime.strptime(one["at"], "%d/%b/%Y:%H:%M:%S %z").date()) for one in read]

    def written_on(self, message: dict[str, Any]) -> date:
        return datetime.strptime(message["created_at"], "%Y/%m/%d %H:%M:%S %z").astimezone(LONDON).date()


def make(place: Path, department: Department) -> Made:
    build(department, place / "demo", truth=place / "truth")
    return Made(department, place)
