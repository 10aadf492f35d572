"""One report of the Google Analytics Data API (runReport), over as many pages as it takes.

Belongs here: the wire format of runReport. Does not: which reports are asked for (connector.py), or who signs in (key.py).
Source: developers.google.com/analytics/devguides/reporting/data/v1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.connector import Fatal, Http, Rejected, Retry, date

WHOLE = "TYPE_INTEGER"


@dataclass
class Report:
    """Rows as (dimension -> value, metric -> number, place).

    `partial` says that Google held something back: thresholds, sampling, an "(other)" row, or a metric that is not shown.
    `repeated` counts rows that came once more.
    """

    rows: list[tuple[dict[str, str], dict[str, int | None], str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    repeated: int = 0
    partial: bool = False


@dataclass(frozen=True)
class Wanted:
    """One report of one property on one day. The dimension `date` always comes first: it proves the day."""

    property_id: str
    day: date
    zone: str
    metrics: Sequence[str]
    dimensions: Sequence[str] = ()
    only: tuple[str, Sequence[str]] | None = None

    def read(self, http: Http, page_size: int) -> Report:
        """Every row, each once. Raises Fatal where the answer is no report, Retry where it stops too early."""
        report, seen = Report(), set[tuple[str, ...]]()
        total: int | None = None

        def read() -> int:
            return len(seen) + len(report.rejected)

        # Counted by what was new, so that rows which come twice leave none out.
        pages = http.pages(
            f"properties/{self.property_id}:runReport", next=lambda _: {"offset": str(read())}, sent="json",
            dateRanges=[{"startDate": self.day.isoformat(), "endDate": self.day.isoformat()}],
            dimensions=[{"name": name} for name in self._dimensions], metrics=[{"name": name} for name in self.metrics],
            dimensionFilter=self._filter(), limit=str(page_size), offset="0",
        )  # fmt: skip
        for number, body in enumerate(pages, 1):
            rows, metadata = self._checked(body)
            report.partial = report.partial or _held_back(metadata, rows)
            total = count(body.get("rowCount")) if "rowCount" in body else total
            before = read()
            for place, row in enumerate(rows):
                self._take(row, f"{self.day} page {number} row {place}", seen, report)
            if read() == before or (total is not None and read() >= total):
                break
        if total is not None and read() < total:
            raise Retry(f"Google has {total} rows for {self.day} and gave {read()}: the next night asks again")
        return report

    @property
    def _dimensions(self) -> list[str]:
        return ["date", *self.dimensions]

    def _filter(self) -> dict[str, Any] | None:
        if self.only is None:
            return None
        name, values = self.only
        return {"filter": {"fieldName": name, "inListFilter": {"values": list(values), "caseSensitive": True}}}

    def _checked(self, body: Any) -> tuple[list[Any], Mapping[str, Any]]:
        """The rows and metadata of an answer that is this report."""
        if not isinstance(body, Mapping) or not isinstance(body.get("metricHeaders", body.get("metadata")), list | Mapping):
            raise Fatal("Google answers with no report: see whether url and property_id are right")
        rows, metadata = body.get("rows", []), body.get("metadata", {})
        if not isinstance(rows, list) or not isinstance(metadata, Mapping):
            raise Fatal("Google's report has no list of rows: the API has changed its format")
        zone = metadata.get("timeZone", self.zone)
        if zone != self.zone:
            raise Fatal(f"the property keeps its days in another time zone than {self.zone}: set `zone`, or mend the property")
        if "metricHeaders" in body or rows:
            for key, own in (("dimensionHeaders", self._dimensions), ("metricHeaders", list(self.metrics))):
                if _names(body.get(key)) != own:
                    raise Fatal(f"Google's report has other {key} than were asked for: its numbers cannot be told apart")
        if rows and any(header.get("type", WHOLE) != WHOLE for header in body["metricHeaders"]):
            raise Fatal("Google no longer gives whole numbers where counts were asked for: the API has changed")
        return rows, metadata

    def _take(self, row: Any, place: str, seen: set[tuple[str, ...]], report: Report) -> None:
        dimensions = _values(row, "dimensionValues", len(self._dimensions))
        metrics = _values(row, "metricValues", len(self.metrics))
        if dimensions is None or metrics is None:
            which = "dimensionValues" if dimensions is None else "metricValues"
            report.rejected.append(Rejected(f"not as many values as were asked for at {which}", place))
        elif dimensions[0] != f"{self.day:%Y%m%d}":
            raise Fatal(f"Google answered for another day than {self.day}: its figures are not taken")
        elif (key := tuple(dimensions)) in seen:
            report.repeated += 1
        else:
            seen.add(key)
            named = dict(zip(self._dimensions, dimensions, strict=True))
            report.rows.append((named, dict(zip(self.metrics, map(count, metrics), strict=True)), place))


def count(value: Any) -> int | None:
    """A whole number that is not negative, written as a number or as text; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62 else None


def _held_back(metadata: Mapping[str, Any], rows: list[Any]) -> bool:
    """Whether Google says that numbers may be too low. What is not said is false: fields at their default are left out."""
    restricted = metadata.get("schemaRestrictionResponse")
    return bool(
        metadata.get("subjectToThresholding")
        or metadata.get("samplingMetadatas")
        or metadata.get("dataLossFromOtherRow")
        or (isinstance(restricted, Mapping) and restricted.get("activeMetricRestrictions"))
        or (metadata.get("emptyReason") and not rows)
    )


def _names(headers: Any) -> list[Any]:
    found = headers if isinstance(headers, list) else []
    return [header.get("name") if isinstance(header, Mapping) else None for header in found]


def _values(row: Any, key: str, width: int) -> list[str] | None:
    """The texts under a key of a row; None where they are not so many texts."""
    cells = row.get(key) if isinstance(row, Mapping) else None
    if not isinstance(cells, list) or len(cells) != width:
        return None
    found = [cell.get("value", "") for cell in cells if isinstance(cell, Mapping)]
    return found if len(found) == width and all(isinstance(value, str) for value in found) else None
