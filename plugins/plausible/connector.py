"""Intranet analytics of Plausible: page views, visits, campaigns and votes, day by day and without persons.

Belongs here: settings, records, and which questions make which stream. Does not: how an answer is read (query.py).
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from pipeline.connector import (
    Connector,
    Excluded,
    Fatal,
    Field,
    Glob,
    Http,
    Iterator,
    Label,
    Page,
    Record,
    Rejected,
    SecretStr,
    date,
    stream,
    timedelta,
)

from .query import Answer, Question

AN_HOUR = (600, 3600.0)  # requests that Plausible takes with one key
NO_CAMPAIGN = "(not set)"
CHANGES = timedelta(days=3)  # events of open tabs and late senders still reach a day that is over


class SiteDay(Record):
    """One site on one day. `visitors` are estimates of people and must not be added up."""

    site: Label
    day: date
    visitors: int
    visits: int
    page_views: int
    partial: bool


class PageDay(Record):
    """One page on one day."""

    site: Label
    day: date
    page: Label
    visitors: int
    page_views: int
    partial: bool


class GoalDay(Record):
    """One goal on one day: how often it was reached, and what that means to us."""

    site: Label
    day: date
    goal: Label
    meaning: Label
    times: int
    partial: bool


class CampaignDay(Record):
    """One campaign on one day: visits that began at a link with its name."""

    site: Label
    day: date
    campaign: Label
    visits: int
    page_views: int
    partial: bool


class Plausible(Connector):
    """Sites of one Plausible, hosted or one's own, read with a key for its Stats API."""

    name, channel = "plausible", "intranet"

    url: str = Field(default="https://plausible.io", description="root of Plausible")
    token: SecretStr = Field(description="key for the Stats API")
    sites: list[str] = Field(min_length=1, description="sites, by the domains under which Plausible knows them")
    useful_goals: list[str] = Field(default=[], description="goals that say: this page was useful")
    not_useful_goals: list[str] = Field(default=[], description="goals that say: this page was not useful")
    search_goals: list[str] = Field(default=[], description="goals that say: somebody searched")
    failed_search_goals: list[str] = Field(default=[], description="goals that say: a search found nothing")
    page_size: int = Field(default=10_000, ge=1, le=10_000, description="rows asked for at once")
    ca_bundle: Glob = Field(default="", description="file of certificate authorities, where the system's do not do")

    @stream(SiteDay, kind="unit", unit="day", lookback=CHANGES)
    def days(self, day: date) -> Iterator[Page]:
        """Visits and page views of each site on a day."""
        for site in self.sites:
            answer = self._ask(site, day, ["visitors", "visits", "pageviews"])
            yield self._page(answer, SiteDay, site, day, [({}, numbers, place) for _, numbers, place in answer.rows])

    @stream(PageDay, kind="unit", unit="day", lookback=CHANGES)
    def pages(self, day: date) -> Iterator[Page]:
        """How often each page was opened on a day."""
        for site in self.sites:
            answer = self._ask(site, day, ["visitors", "pageviews"], ["event:page"])
            rows = [({"page": page.split("?")[0]}, numbers, place) for (page,), numbers, place in answer.rows]
            yield self._page(answer, PageDay, site, day, rows)

    @stream(GoalDay, kind="unit", unit="day", lookback=CHANGES)
    def goals(self, day: date) -> Iterator[Page]:
        """How often each goal that the settings name was reached on a day: votes on pages, and searches."""
        meanings = self._meanings
        for site in self.sites:
            if not meanings:
                yield Page([])
                continue
            try:
                answer = self._ask(site, day, ["events"], ["event:goal"], [["is", "event:goal", list(meanings)]])
            except Http.Refused as refused:
                if refused.status != 400:
                    raise
                answer = None
            if answer is None:
                raise Fatal(f"Plausible refuses the question for the goals of {site}: all that the settings name must exist there")
            rows = [({"goal": g, "meaning": meanings.get(g)}, numbers, place) for (g,), numbers, place in answer.rows]
            yield self._page(answer, GoalDay, site, day, rows)

    @stream(CampaignDay, kind="unit", unit="day", lookback=CHANGES)
    def campaigns(self, day: date) -> Iterator[Page]:
        """Visits that began at a link with utm_campaign on a day."""
        for site in self.sites:
            answer = self._ask(site, day, ["visits", "pageviews"], ["visit:utm_campaign"])
            rows = [({"campaign": name}, numbers, place) for (name,), numbers, place in answer.rows]
            yield self._page(answer, CampaignDay, site, day, rows)

    # ------------------------------------------------------------------------------------------------------- asking
    def _ask(
        self, site: str, day: date, metrics: Sequence[str], dimensions: Sequence[str] = (), filters: Sequence[Any] = ()
    ) -> Answer:
        return Question(site, day, metrics, dimensions, filters).ask(self._http, self.page_size)

    @staticmethod
    def _page(
        answer: Answer, record: type[Record], site: str, day: date, rows: list[tuple[dict[str, Any], dict[str, Any], str]]
    ) -> Page:
        ours = {"pageviews": "page_views", "events": "times"}
        found: list[Record | Rejected | Excluded] = list(answer.rejected)
        for named, numbers, place in rows:
            if named.get("campaign") == NO_CAMPAIGN:
                found.append(Excluded("visits without a campaign"))
                continue
            row = {"site": site, "day": day, "partial": answer.partial, **named}
            found.append(record.of({**row, **{ours.get(m, m): n for m, n in numbers.items()}}, location=place))
        if found and all(isinstance(one, Rejected) for one in found):
            raise Fatal(f"no row of {site} on {day} can be read: Plausible has changed its format, or is another version")
        return Page([*found, *[Excluded("row that came twice")] * answer.repeated])

    @property
    def _meanings(self) -> dict[str, str]:
        """Goal -> what is counted when it is reached."""
        return {
            **dict.fromkeys(self.search_goals, "searches"),
            **dict.fromkeys(self.failed_search_goals, "searches_without_a_result"),
            **dict.fromkeys(self.useful_goals, "votes_useful"),
            **dict.fromkeys(self.not_useful_goals, "votes_not_useful"),
        }

    @cached_property
    def _http(self) -> Http:
        return Http(self.url, token=self.token, requests_per=AN_HOUR, ca_bundle=self.ca_bundle or None)
