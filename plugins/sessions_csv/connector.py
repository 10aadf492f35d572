"""Training sessions that champions hold and register in a spreadsheet: who came, who taught, what changed for them.

Belongs here: settings, the record, and how a register's cells are read. Does not: which column is which (a mapping file).
"""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pipeline.connector import (
    ColumnMap,
    Connector,
    Excluded,
    Fatal,
    Field,
    Given,
    Glob,
    Iterator,
    Label,
    Landed,
    Moment,
    Page,
    PersonId,
    Record,
    Rejected,
    file_pages,
    login_of,
    number,
    stream,
)

REQUIRED = ("attendee", "course", "held_at")
TRUTHS = ("attended", "completed", "mandatory")
SCORES = ("capability_before", "capability_after", "confidence_before", "confidence_after")
FIELDS = ("attendee", "trainer", "course", "held_at", *TRUTHS, *SCORES)
YES = frozenset({"yes", "y", "true", "1", "x", "✓", "attended", "present", "completed", "ie", "do", "oedd"})
NO = frozenset({"", "no", "n", "false", "0", "absent", "did not attend", "dna", "not completed", "na", "naddo", "nac oedd"})
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
AGAIN = Excluded("the same line again")

Namespace = Literal["email", "login", "staff"]


class Attendance(Record):
    """One person on the register of one session. Marks are from 0, the lowest of the register's scale, to 100."""

    attendee_email: PersonId["email"] | None = None
    attendee_login: PersonId["login"] | None = None
    attendee_staff: PersonId["staff"] | None = None
    trainer_email: PersonId["email"] | None = None
    trainer_login: PersonId["login"] | None = None
    trainer_staff: PersonId["staff"] | None = None
    course: Label
    held_at: Moment
    attended: bool
    completed: bool
    mandatory: bool
    capability_before: float | None = None
    capability_after: float | None = None
    confidence_before: float | None = None
    confidence_after: float | None = None


class SessionsCsv(Connector):
    """Reads registers of training sessions, CSV files whose columns a mapping file explains."""

    name, channel = "sessions_csv", "learning"

    files: Glob = Field(description='the registers: "sessions/*.csv"')
    mapping: Glob = Field(description="TOML file that says which column is which field; README.md shows one")
    attendees: Namespace = Field(default="email", description="by what the registers name who came: email, login or staff")
    trainers: Namespace = Field(default="email", description="by what the registers name who taught: email, login or staff")
    lowest: float = Field(
        default=1.0, allow_inf_nan=False, description="the lowest mark for capability or confidence in the registers"
    )
    highest: float = Field(default=5.0, allow_inf_nan=False, description="the highest mark there")

    @stream(Attendance, kind="unit")
    def attendances(self, landed: Landed) -> Iterator[Page]:
        """Every line of every register; one file is one unit."""
        if self.highest <= self.lowest:
            raise Fatal("highest must be above lowest: they are the ends of the scale of marks in the registers")
        mapping = ColumnMap.load(self.mapping, fields=FIELDS, required=REQUIRED)
        way = repr((mapping, self.model_dump(exclude={"files", "mapping"})))
        return file_pages(self.files, landed, lambda file: self._rows(file, mapping), way=lambda _: way)

    def _rows(self, file: Given, mapping: ColumnMap) -> list[Record | Rejected | Excluded]:
        seen: set[Record] = set()
        rows: list[Record | Rejected | Excluded] = []
        with file.open() as content:
            for row in mapping.rows(mapping.sheet(content, file.name), times=("held_at",)):
                found = row if isinstance(row, Rejected) else self._row(*row)
                rows.append(AGAIN if isinstance(found, Record) and found in seen else found)
                if isinstance(found, Record):
                    seen.add(found)
        return rows

    def _row(self, cells: Mapping[str, Any], place: str) -> Record | Rejected:
        told: dict[str, Any] = {"attended": True, "completed": False, "mandatory": False}
        for field in REQUIRED:
            if not cells[field]:
                return Rejected(f"missing at {field}", place)
        for role, namespace in (("attendee", self.attendees), ("trainer", self.trainers)):
            if name := str(cells.get(role) or ""):
                if not _names(namespace, name):
                    return Rejected(f"no {namespace} at {role}", place)
                told[f"{role}_{namespace}"] = login_of(name) if namespace == "login" else name
        for field in TRUTHS:
            if field in cells:
                word = str(cells[field] or "").strip().casefold()
                if word not in YES | NO:
                    return Rejected(f"neither yes nor no at {field}", place)
                told[field] = word in YES
        for field in SCORES:
            if text := str(cells.get(field) or ""):
                mark = number(text)
                if mark is None or not self.lowest <= mark <= self.highest:
                    return Rejected(f"no mark of the scale at {field}", place)
                told[field] = 100 * (mark - self.lowest) / (self.highest - self.lowest)
        return Attendance.of({**told, "course": cells["course"], "held_at": cells["held_at"]}, location=place)


def _names(namespace: str, text: str) -> bool:
    """Whether a cell can be such an identifier: the name of a person is none, and would be joined to nobody."""
    return EMAIL.fullmatch(text) is not None if namespace == "email" else not re.search(r"\s", text)
