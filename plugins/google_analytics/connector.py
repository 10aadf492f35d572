"""Intranet analytics of Google Analytics 4: page views, visits, campaigns, searches and votes, day by day, without persons.

Belongs here: settings, records, and which reports make which stream. Does not: how a report is read (report.py), or
signing in (key.py).
"""

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

from .key import sign_in
from .report import Report, Wanted

CHANGES = timedelta(days=3)  # Google still processes events of a day for 72 hours
NO_CAMPAIGN = {"(not set)", "(direct)", "(organic)", "(referral)", "(none)", ""}
OURS = {"screenPageViews": "page_views", "sessions": "visits", "activeUsers": "visitors", "eventCount": "times"}


class PropertyDay(Record):
    """The property on one day. `visitors` are estimates and must not be added up. `partial`: Google held something back."""

    day: date
    visitors: int | None
    visits: int | None
    page_views: int | None
    partial: bool


class PageDay(Record):
    """One page on one day; without a page it says only that Google held back the whole day."""

    day: date
    page: Label | None
    page_views: int | None
    partial: bool


class EventDay(Record):
    """One kind of event on one day, and what it means to us; without an event the whole day was held back."""

    day: date
    event: Label | None
    meaning: Label | None
    times: int | None
    partial: bool


class CampaignDay(Record):
    """Visits that one campaign brought on one day; without a campaign the whole day was held back."""

    day: date
    campaign: Label | None
    visits: int | None
    partial: bool


class GoogleAnalytics(Connector):
    """One property of Google Analytics 4, read by a service account."""

    name, channel = "google_analytics", "intranet"

    url: str = Field(default="https://analyticsdata.googleapis.com/v1beta", description="root and version of the Data API")
    property_id: str = Field(pattern=r"^\d+$", description="number of the property")
    service_account: SecretStr | None = Field(default=None, description="key of the service account, the JSON as it is")
    token: SecretStr | None = Field(default=None, description="a token, for a trial: it ends within the hour")
    zone: str = Field(default="Europe/London", description="time zone in which the property keeps its days")
    search_events: list[str] = Field(default=["view_search_results"], description="events that say: somebody searched")
    failed_search_events: list[str] = Field(default=[], description="events that say: a search found nothing")
    useful_events: list[str] = Field(default=[], description="events that say: this page was useful")
    not_useful_events: list[str] = Field(default=[], description="events that say: this page was not useful")
    page_size: int = Field(default=100_000, ge=1, le=250_000, description="rows asked for at once")
    ca_bundle: Glob = Field(default="", description="file of certificate authorities, where the system's do not do")

    @stream(PropertyDay, kind="unit", unit="day", lookback=CHANGES)
    def days(self, day: date) -> Iterator[Page]:
        """Visits and page views of the property on a day."""
        report = self._read(day, ["activeUsers", "sessions", "screenPageViews"])
        yield self._page(report, PropertyDay, day, [({}, numbers, place) for _, numbers, place in report.rows])

    @stream(PageDay, kind="unit", unit="day", lookback=CHANGES)
    def pages(self, day: date) -> Iterator[Page]:
        """How often each page was opened on a day."""
        report = self._read(day, ["screenPageViews"], ["pagePath"])
        rows = [({"page": named["pagePath"]}, numbers, place) for named, numbers, place in report.rows]
        yield self._page(report, PageDay, day, rows)

    @stream(EventDay, kind="unit", unit="day", lookback=CHANGES)
    def events(self, day: date) -> Iterator[Page]:
        """How often the events that the settings name happened on a day: searches, and votes on pages."""
        meanings = self._meanings
        if not meanings:
            yield Page([])
            return
        report = self._read(day, ["eventCount"], ["eventName"], only=("eventName", list(meanings)))
        rows = [
            ({"event": named["eventName"], "meaning": meanings.get(named["eventName"])}, numbers, place)
            for named, numbers, place in report.rows
        ]
        yield self._page(report, EventDay, day, rows)

    @stream(CampaignDay, kind="unit", unit="day", lookback=CHANGES)
    def campaigns(self, day: date) -> Iterator[Page]:
        """Visits that campaigns brought on a day."""
        report = self._read(day, ["sessions"], ["sessionCampaignName"])
        rows = [({"campaign": named["sessionCampaignName"]}, numbers, place) for named, numbers, place in report.rows]
        yield self._page(report, CampaignDay, day, rows)

    # ------------------------------------------------------------------------------------------------------- asking
    def _read(
        self, day: date, metrics: list[str], dimensions: list[str] | None = None, only: tuple[str, list[str]] | None = None
    ) -> Report:
        wanted = Wanted(self.property_id, day, self.zone, metrics, dimensions or [], only)
        return wanted.read(self._http, self.page_size)

    @staticmethod
    def _page(report: Report, record: type[Record], day: date, rows: list[tuple[dict[str, Any], dict[str, Any], str]]) -> Page:
        found: list[Record | Rejected | Excluded] = list(report.rejected)
        for named, numbers, place in rows:
            row = {"day": day, "partial": report.partial, **named, **{OURS[m]: n for m, n in numbers.items()}}
            if row.get("campaign") in NO_CAMPAIGN:
                found.append(Excluded("visits without a campaign"))
            elif missing := next((m for m, n in numbers.items() if n is None), None):
                found.append(Rejected(f"no whole number at {missing}", place))
            elif "meaning" in row and row["meaning"] is None:
                found.append(Excluded("event that no setting names"))
            else:
                found.append(record.of(row, location=place))
        if found and all(isinstance(one, Rejected) for one in found):
            raise Fatal(f"no row of {day} can be read: Google has changed its format, or url names another version")
        if report.partial and not any(isinstance(one, Record) for one in found):
            # Not an empty day: one that Google does not show.
            found.append(record.of({**dict.fromkeys(record.model_fields), "day": day, "partial": True}))
        return Page([*found, *[Excluded("row that came twice")] * report.repeated])

    @property
    def _meanings(self) -> dict[str, str]:
        """Event -> what is counted when it happens."""
        return {
            **dict.fromkeys(self.search_events, "searches"),
            **dict.fromkeys(self.failed_search_events, "searches_without_a_result"),
            **dict.fromkeys(self.useful_events, "votes_useful"),
            **dict.fromkeys(self.not_useful_events, "votes_not_useful"),
        }

    @cached_property
    def _http(self) -> Http:
        if self.token is None and self.service_account is None:
            raise Fatal("Google Analytics: give the secret service_account, or for a trial the secret token")
        plain = self.url.startswith("http://")
        token = self.token or (self.service_account and sign_in(self.service_account, plain=plain, ca_bundle=self.ca_bundle))
        return Http(self.url, token=token, ca_bundle=self.ca_bundle or None)
