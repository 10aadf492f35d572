"""A property of Google Analytics in miniature: what runReport answers, as its reference documents it.

Belongs here: the world and the API's payloads. Does not: how they are read (report.py, connector.py).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from pipeline.testing import Answer, Asked, JsonList, Place, Sample

PATH = "/v1beta/properties/312400721:runReport"
LONDON = ZoneInfo("Europe/London")
PAGES = ("/", "/news/pay-award", "/news/new-office", "/forms/leave", "/policies/travel", "/people")
VIEW = "page_view"


class Event(NamedTuple):
    """One event as the property collected it; `session` is its number of the visit."""

    at: datetime
    page: str
    session: int
    campaign: str = "(direct)"
    kind: str = VIEW


VALUES: dict[str, Callable[[Event], str]] = {
    "date": lambda event: f"{event.at.astimezone(LONDON):%Y%m%d}",
    "pagePath": lambda event: event.page,
    "eventName": lambda event: event.kind,
    "sessionCampaignName": lambda event: event.campaign,
}
METRICS: dict[str, Callable[[list[Event]], int]] = {
    "screenPageViews": lambda events: sum(e.kind == VIEW for e in events),
    "eventCount": len,
    "sessions": lambda events: len({e.session for e in events}),
    "activeUsers": lambda events: len({e.session // 2 for e in events}),
}


class GoogleAnalyticsSample(Sample):
    """One property with campaigns and votes; an event that the settings do not name must stay there.

    On the 24th a threshold held everything back, which is not a day without visits.
    """

    streams: ClassVar = {"days": 5, "pages": 24, "events": 6, "campaigns": 4}
    bodies: ClassVar = {
        ":runReport$": JsonList(
            "rows",
            required=("dimensionValues", "metricValues"),
            retyped={"dimensionValues": "20260619", "metricValues": [{"value": "many"}, {"value": "many"}, {"value": "many"}]},
        )
    }
    private: ClassVar = ("quetzalform",)
    exempt: ClassVar = {
        "deletion_is_found": "the property keeps counts; of what was collected nothing is deleted one by one",
        "people_are_pseudonyms": "no report that is asked for names a person: there is nobody in any answer",
    }

    def __init__(self) -> None:
        self.events = [
            Event(datetime(2026, 6, day, 9, 30, tzinfo=UTC) + timedelta(minutes=7 * n), PAGES[n % 6], n // 3, campaign)
            for day, views, campaign in ((19, 12, "pay-2026"), (22, 8, "pay-2026"), (29, 9, "(direct)"), (30, 5, "new-office"))
            for n in range(views)
        ]
        for day, kind in (
            (19, "view_search_results"),
            (19, "vote_useful"),
            (22, "vote_useful"),
            (22, "vote_not_useful"),
            (29, "no_result"),
        ):
            self.events.append(Event(datetime(2026, 6, day, 15, tzinfo=UTC), "/forms/leave", 90, kind=kind))
        self.events.append(Event(datetime(2026, 6, 29, 15, tzinfo=UTC), "/people", 91, kind="quetzalform_sent"))
        self.withheld = {date(2026, 6, 24)}

    def settings(self, place: Place) -> dict[str, Any]:
        """A token instead of a key, and pages short enough to need several."""
        return {
            "url": f"{place.url}/v1beta", "token": place.token, "property_id": "312400721", "page_size": 4,
            "useful_events": ["vote_useful"], "not_useful_events": ["vote_not_useful"], "failed_search_events": ["no_result"],
        }  # fmt: skip

    def answer(self, asked: Asked) -> Answer:
        """POST properties/{property}:runReport."""
        if (asked.method, asked.path) != ("POST", PATH):
            return Answer({"error": {"code": 404, "message": "not found", "status": "NOT_FOUND"}}, 404)
        query = asked.json
        [span] = query["dateRanges"]
        first, last = date.fromisoformat(span["startDate"]), date.fromisoformat(span["endDate"])
        named = [dimension["name"] for dimension in query["dimensions"]]
        metrics = [metric["name"] for metric in query["metrics"]]
        groups: dict[tuple[str, ...], list[Event]] = {}
        for event in self.events:
            day = event.at.astimezone(LONDON).date()
            if first <= day <= last and day not in self.withheld and self._asked_for(event, query):
                groups.setdefault(tuple(VALUES[name](event) for name in named), []).append(event)
        rows = [
            {
                "dimensionValues": [{"value": value} for value in key],
                "metricValues": [{"value": str(METRICS[name](of))} for name in metrics],
            }
            for key, of in sorted(groups.items())
        ]
        offset = int(query.get("offset", "0"))
        page = rows[offset : offset + int(query["limit"])]
        metadata: dict[str, Any] = {"currencyCode": "GBP", "timeZone": "Europe/London"}
        if first in self.withheld:
            metadata["subjectToThresholding"] = True
        return Answer({
            "dimensionHeaders": [{"name": name} for name in named],
            "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in metrics],
            **({"rows": page} if page else {}),
            **({"rowCount": len(rows)} if rows else {}),
            "metadata": metadata,
            "kind": "analyticsData#runReport",
        })  # fmt: skip

    @staticmethod
    def _asked_for(event: Event, query: dict[str, Any]) -> bool:
        """Whether an event is what the filter lets through."""
        if "dimensionFilter" in query:
            given = query["dimensionFilter"]["filter"]
            return VALUES[given["fieldName"]](event) in given["inListFilter"]["values"]
        # A report of page views or sessions has no row of events that are neither.
        return event.kind == VIEW

    def add(self, at: datetime) -> None:
        """Somebody opens a page."""
        self.events.append(Event(at, f"/added/{len(self.events)}", 1000 + len(self.events)))

    def edit(self) -> None:
        """A page view of the last day is processed late, so that a number which was told already grows."""
        self.events.append(Event(datetime(2026, 6, 30, 20, tzinfo=UTC), PAGES[0], 999))
