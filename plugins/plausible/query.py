"""One question to Plausible's Stats API v2 and its whole answer, over as many pages as it takes.

Belongs here: the wire format of /api/v2/query. Does not: which questions are asked, or what a row becomes (connector.py).
Source: plausible.io/docs/stats-api.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.connector import Fatal, Http, Rejected, Retry, date

PATH = "api/v2/query"


@dataclass
class Answer:
    """Rows as (dimension values, metric -> number, place).

    `partial` says that Plausible itself warns about one of the numbers; `repeated` counts rows that came once more.
    """

    rows: list[tuple[tuple[str, ...], dict[str, int | None], str]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    repeated: int = 0
    partial: bool = False


class Question:
    """What is asked of one site about one day."""

    def __init__(
        self, site: str, day: date, metrics: Sequence[str], dimensions: Sequence[str] = (), filters: Sequence[Any] = ()
    ) -> None:
        self.site, self.day, self.metrics, self.dimensions = site, day, list(metrics), list(dimensions)
        self.filters = list(filters)

    def ask(self, http: Http, page_size: int) -> Answer:
        """Every row of the answer, each once. Raises Fatal where it is none, Retry where it stops too early."""
        answer, seen, read = Answer(), set[tuple[str, ...]](), 0
        total: int | None = None

        def following(_: Any) -> Mapping[str, Any]:
            # Counted by what was new, so that rows which come twice leave none out.
            return {"pagination": {"limit": page_size, "offset": len(seen) + len(answer.rejected)}}

        pages = http.pages(
            PATH, next=following, sent="json", site_id=self.site, metrics=self.metrics, dimensions=self.dimensions,
            date_range=[self.day.isoformat()] * 2, filters=self.filters or None,
            include={"total_rows": True, "imports": False}, pagination={"limit": page_size, "offset": 0},
        )  # fmt: skip
        for number, body in enumerate(pages, 1):
            results, meta = self._checked(body)
            answer.partial = answer.partial or bool(meta.get("metric_warnings"))
            total = count(meta.get("total_rows")) if "total_rows" in meta else total
            before = len(seen) + len(answer.rejected)
            for place, row in enumerate(results):
                self._take(row, f"{self.day} page {number} row {place}", seen, answer)
            read = len(seen) + len(answer.rejected)
            if read == before or not self.dimensions or (total is not None and read >= total):
                break
        if total is not None and read < total and self.dimensions:
            raise Retry(f"Plausible has {total} rows for {self.site} on {self.day} and gave {read}: the next night asks again")
        return answer

    def _checked(self, body: Any) -> tuple[list[Any], Mapping[str, Any]]:
        results = body.get("results") if isinstance(body, Mapping) else None
        if not isinstance(results, list):
            raise Fatal(f"Plausible answers with an error, not with results, for {self.site}: see whether url and sites are right")
        meta, asked = body.get("meta"), body.get("query")
        if isinstance(asked, Mapping):
            for name, own in (("metrics", self.metrics), ("dimensions", self.dimensions)):
                if asked.get(name, own) != own:
                    raise Fatal(f"Plausible answered with other {name} than were asked for: the numbers cannot be told apart")
            days = asked.get("date_range")
            if isinstance(days, list) and any(str(end)[:10] != self.day.isoformat() for end in days):
                raise Fatal(f"Plausible answered for another day than {self.day}: its figures are not taken")
        meta = meta if isinstance(meta, Mapping) else {}
        if meta.get("imports_included") is True:
            raise Fatal(f"Plausible mixed imported figures into those of {self.site}, which it was asked not to do: update it")
        if not self.dimensions and not results:
            raise Fatal(f"Plausible gives no totals for {self.site} on {self.day}, where it gives zeros for a quiet day")
        return results, meta

    def _take(self, row: Any, place: str, seen: set[tuple[str, ...]], answer: Answer) -> None:
        metrics, dimensions = (row.get("metrics"), row.get("dimensions")) if isinstance(row, Mapping) else (None, None)
        if not isinstance(metrics, list) or len(metrics) != len(self.metrics):
            answer.rejected.append(Rejected("not as many numbers as were asked for at metrics", place))
        elif not isinstance(dimensions, list) or len(dimensions) != len(self.dimensions):
            answer.rejected.append(Rejected("not as many values as were asked for at dimensions", place))
        elif not all(isinstance(value, str) for value in dimensions):
            answer.rejected.append(Rejected("not text at dimensions", place))
        elif (key := tuple(dimensions)) in seen:
            answer.repeated += 1
        else:
            seen.add(key)
            answer.rows.append((key, dict(zip(self.metrics, map(count, metrics), strict=True)), place))


def count(value: Any) -> int | None:
    """A whole number that is not negative; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62 else None
