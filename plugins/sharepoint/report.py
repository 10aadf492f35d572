"""The report SharePoint activity user detail: its columns, its traps, its end.

Belongs here: the wire format of one report. Does not: which days are asked for (connector.py).
Source: learn.microsoft.com/graph/api/reportroot-getsharepointactivityuserdetail.
"""

import io
from dataclasses import dataclass, field
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.connector import UTC, Excluded, Fatal, Graph, Line, Rejected, Retry, Sheet, concealed, date, datetime, sheet

COUNTS = {
    "visited_pages": "Visited Page Count",
    "viewed_or_edited_files": "Viewed Or Edited File Count",
    "synced_files": "Synced File Count",
    "shared_internally": "Shared Internally File Count",
    "shared_externally": "Shared Externally File Count",
}
NEEDED = ("visited_pages", "viewed_or_edited_files")


@dataclass
class Report:
    """Rows as (cell by field, place), or why one is not read; `refreshed` is the day up to which Graph had counted."""

    refreshed: date | None = None
    rows: list[tuple[dict[str, Any], str] | Rejected | Excluded] = field(default_factory=list)


def read(graph: Graph, path: str, name: str) -> Report:
    """A whole report. Raises Fatal where names are concealed or columns are missing.

    A report that is cut short is fetched once more: it has no count of its rows that could be compared.
    """
    fault: Fatal | None = None
    for _ in (1, 2):
        text = graph.http.text(path)
        try:
            table = sheet(io.BytesIO(text.encode()), name)
            rows = list(table.rows())
            columns = _columns(table)
        except Fatal as error:
            fault = error
            continue
        if not _cut(text, rows):
            return _report(rows, columns, name)
    raise fault or Retry(f"{name} is cut short: the next night asks again")


def noon(day: date, zone: ZoneInfo) -> datetime:
    """The middle of a day, which lies within it on the wall clock and in UTC alike."""
    return datetime.combine(day, time(12), tzinfo=zone).astimezone(UTC)


def _columns(table: Sheet) -> dict[str, str]:
    """Our field -> their column; columns that are not needed may be missing."""
    found = {"refreshed": table.need("Report Refresh Date"), "person": table.need("User Principal Name")}
    for field_name, column in COUNTS.items():
        if there := table.need(column) if field_name in NEEDED else table.column(column):
            found[field_name] = there
    if there := table.column("Is Deleted"):
        found["deleted"] = there
    return found


def _cut(text: str, rows: list[Line | Rejected]) -> bool:
    """Whether the last row breaks off: it has no end of line, and cells are missing or its last one is empty."""
    if text.endswith(("\n", "\r")) or not rows:
        return False
    last = rows[-1]
    return isinstance(last, Rejected) or not [*last.cells.values()][-1]


def _report(rows: list[Line | Rejected], columns: dict[str, str], name: str) -> Report:
    report, seen = Report(), set[tuple[str, ...]]()
    for row in rows:
        if isinstance(row, Rejected):
            report.rows.append(row)
            continue
        if concealed(row.cells[columns["person"]]):
            raise Fatal(
                f"{name}: the tenant conceals who people are, so that nobody can be found in the directory: switch off "
                "'display concealed names' (displayConcealedNames of adminReportSettings) in the Microsoft 365 admin centre"
            )
        if (whole := tuple(row.cells.values())) in seen:
            report.rows.append(Excluded("row that came twice"))
            continue
        seen.add(whole)
        cells = _cells(row, columns)
        if not isinstance(cells, Rejected):
            report.refreshed = max(report.refreshed or date.min, cells["refreshed"])
        report.rows.append(cells if isinstance(cells, Rejected) else (cells, row.place))
    return report


def _cells(row: Line, columns: dict[str, str]) -> dict[str, Any] | Rejected:
    cells: dict[str, Any] = {name: row.cells[column] or None for name, column in columns.items()}
    try:
        cells["refreshed"] = date.fromisoformat(cells["refreshed"] or "")
    except ValueError:
        return Rejected("not a day at Report Refresh Date", row.place)
    for name, column in COUNTS.items():
        if (text := cells.get(name)) is not None:
            if not (text.isascii() and text.isdigit() and len(text) < 19):
                return Rejected(f"not a whole number at {column}", row.place)
            cells[name] = int(text)
    cells["deleted"] = {"true": True, "false": False}.get((cells.get("deleted") or "").lower())
    return cells
