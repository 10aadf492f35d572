"""A Plausible in miniature: what the Stats API answers about one site, as its reference documents it.

Belongs here: the world and the API's payloads. Does not: how they are read (query.py, connector.py).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from pipeline.testing import Answer, Asked, JsonList, Place, Sample

SITE = "intranet.dept.example"
LONDON = ZoneInfo("Europe/London")
PAGES = ("/", "/news/pay-award", "/news/new-office", "/forms/leave", "/search?q=kestrelword", "/policies/travel", "/people")


class Event(NamedTuple):
    """A page view, or a goal that was reached; `visit` stands for the session that Plausible keeps to itself."""

    at: datetime
    page: str
    visit: int
    campaign: str = "(not set)"
    goal: str | None = None

    @property
    def day(self) -> date:
        """The day in the site's time zone."""
        return self.at.astimezone(LONDON).date()


MEASURES: dict[str, Callable[[list[Event]], int]] = {
    "pageviews": lambda events: sum(e.goal is None for e in events),
    "events": len,
    "visits": lambda events: len({e.visit for e in events}),
    "visitors": lambda events: len({e.visit for e in events}),
}


class PlausibleSample(Sample):
    """One site with goals and campaigns; a goal that the settings do not name must stay there."""

    streams: ClassVar = {"days": 12, "pages": 22, "goals": 4, "campaigns": 3}
    bodies: ClassVar = {
        "/api/v2/query": JsonList(
            "results", required=("metrics", "dimensions"), retyped={"metrics": ["many", "many", "many"], "dimensions": "/"}
        )
    }
    private = ("kestrelword", "quetzalgoal")
    exempt: ClassVar = {
        "deletion_is_found": "Plausible keeps counts, of which nothing can be deleted one by one",
        "people_are_pseudonyms": "Plausible knows no persons: there is nobody in any answer",
    }

    def __init__(self) -> None:
        self.events = [
            Event(datetime(2026, 6, day, 9, 30, tzinfo=UTC) + timedelta(minutes=7 * n), PAGES[n % 7], n // 2, campaign)
            for day, views, campaign in ((22, 7, "pay-2026"), (26, 5, "(not set)"), (29, 9, "pay-2026"), (30, 3, "new-office"))
            for n in range(views)
        ]
        for day, goal in ((22, "Page useful"), (22, "Page not useful"), (29, "Page useful"), (29, "Search without result")):
            self.events.append(Event(datetime(2026, 6, day, 15, tzinfo=UTC), "/forms/leave", 90, goal=goal))
        self.events.append(Event(datetime(2026, 6, 29, 15, tzinfo=UTC), "/people", 91, goal="quetzalgoal sent"))

    def settings(self, place: Place) -> dict[str, Any]:
        """The goals that count here, and pages short enough to need several."""
        return {
            "url": place.url, "token": place.token, "sites": [SITE], "page_size": 4,
            "useful_goals": ["Page useful"], "not_useful_goals": ["Page not useful"],
            "search_goals": ["Search"], "failed_search_goals": ["Search without result"],
        }  # fmt: skip

    def answer(self, asked: Asked) -> Answer:
        """POST /api/v2/query."""
        if (asked.method, asked.path) != ("POST", "/api/v2/query"):
            return Answer({"error": "not found"}, 404)
        query = asked.json
        if query["site_id"] != SITE:
            return Answer({"error": "Invalid API key or site ID."}, 401)
        first, last = map(date.fromisoformat, query["date_range"])
        events = [e for e in self.events if first <= e.day <= last]
        groups: dict[tuple[str, ...], list[Event]] = {} if query["dimensions"] else {(): []}
        for event in events:
            if (key := self._key(event, query)) is not None:
                groups.setdefault(key, []).append(event)
        rows = [
            {"metrics": [MEASURES[name](of) for name in query["metrics"]], "dimensions": list(key)}
            for key, of in sorted(groups.items())
        ]
        offset, limit = query["pagination"]["offset"], query["pagination"]["limit"]
        zone = "+01:00"
        return Answer({
            "results": rows[offset : offset + limit],
            "meta": {"total_rows": len(rows)},
            "query": {
                "site_id": SITE, "metrics": query["metrics"], "dimensions": query["dimensions"],
                "filters": query.get("filters", []),
                "date_range": [f"{first}T00:00:00{zone}", f"{last}T23:59:59{zone}"], "include": query["include"],
                "order_by": [[query["metrics"][0], "desc"]], "pagination": query["pagination"],
            },
        })  # fmt: skip

    @staticmethod
    def _key(event: Event, query: dict[str, Any]) -> tuple[str, ...] | None:
        """The group that an event counts in, or None."""
        [*named] = query["dimensions"]
        if named == ["event:goal"]:
            [[_, _, wanted]] = query["filters"]
            return (event.goal,) if event.goal is not None and event.goal in wanted else None
        values = {"event:page": event.page, "visit:utm_campaign": event.campaign}
        return None if event.goal and named == ["event:page"] else tuple(values[name] for name in named)

    def add(self, at: datetime) -> None:
        """Somebody opens a page."""
        self.events.append(Event(at, f"/added/{len(self.events)}", 1000 + len(self.events)))

    def edit(self) -> None:
        """A page view of the last day arrives late, so that a number which was told already grows."""
        self.events.append(Event(datetime(2026, 6, 30, 20, tzinfo=UTC), PAGES[0], 999))
