"""Suggestions: what this source is, in a line.

Belongs here: its settings, its columns, which file is new. Does not: what a row means (acts.sql).
"""

from pipeline.connector import (
    Connector, Field, Given, Glob, Iterator, Label, Landed, Line, Moment, Page, PersonId, Record, Rejected, file_pages,
    moment, sheet, stream, zone_of,
)  # fmt: skip


class Visit(Record):
    """One person at one session."""

    person: PersonId["email"] = Field(min_length=1)
    session: Label
    held_at: Moment


class Suggestions(Connector):
    """Reads tables that somebody saves into a folder."""

    name, channel = "suggestions", "learning"
    files: Glob = Field(description='which files, e.g. "suggestions/*.csv"')
    zone: str = Field(default="Europe/London", description="zone of the times in them")

    @stream(Visit, kind="unit")
    def visits(self, landed: Landed) -> Iterator[Page]:
        """Every row of every file that is not here yet; a file of the same name replaces the one before."""
        return file_pages(self.files, landed, self.rows)

    def rows(self, file: Given) -> list[Visit | Rejected]:
        """The rows of one file."""
        with file.open() as content:
            table = sheet(content, file.name)
            columns = {"person": table.need("email"), "session": table.need("session"), "held_at": table.need("time")}
            return [self.visit(line, columns) if isinstance(line, Line) else line for line in table.rows()]

    def visit(self, line: Line, columns: dict[str, str]) -> Visit | Rejected:
        """One row: a record, or why it is none."""
        told: dict[str, object] = {field: line.cells[column] for field, column in columns.items()}
        told["held_at"] = moment(line.cells[columns["held_at"]], zone_of(self.zone))
        return Visit.of(told, location=line.place)
