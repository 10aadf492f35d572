"""Intranet analytics of Matomo: visits, pages, searches, campaigns and votes by day, and who read what where that is kept.

Belongs here: settings, records, and which reports make which stream. Does not: the wire format (api.py, visits.py).
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

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
    zone_of,
)

from .api import Api, count
from .visits import PageView, Visits, path_of

CHANGES = timedelta(days=3)  # archives of days that are over are still made anew
LIVE = (180, 60.0)  # requests; Matomo's cloud takes 200 a minute of its dearest kind


class SiteDay(Record):
    """One site on one day. `visitors` and `users` count people once a day: they must not be added up."""

    site: int
    day: date
    visits: int
    actions: int
    visitors: int | None = None
    users: int | None = None


class PageDay(Record):
    """One page on one day. `folded`: not one page, but all that Matomo no longer tells apart."""

    site: int
    day: date
    page: Label
    visits: int
    hits: int
    folded: bool


class SearchDay(Record):
    """One search term on one day, without the term. `failed`: a row of those terms that found nothing, told a second time."""

    site: int
    day: date
    failed: bool
    visits: int
    searches: int
    exits: int


class CampaignDay(Record):
    """One campaign on one day: the visits that its links brought, and what was done in them."""

    site: int
    day: date
    campaign: Label
    visits: int
    actions: int


class VoteDay(Record):
    """One answer to "was this page useful?" on one day."""

    site: int
    day: date
    useful: bool
    votes: int


class Matomo(Connector):
    """Sites of one Matomo, one's own or in its cloud."""

    name, channel = "matomo", "intranet"

    url: str = Field(description="root of Matomo, under which index.php is")
    token: SecretStr = Field(description="token of a user who may view the sites (token_auth)")
    sites: list[int] = Field(min_length=1, description="numbers of the sites")
    zone: str = Field(default="", description="time zone of the sites, where Matomo's own name for it is none")
    users: bool = Field(default=False, description="also read who opened which page, where the intranet tells Matomo")
    user_namespace: Literal["login", "email"] = Field(default="login", description="what Matomo's user ids are")
    vote_category: str = Field(default="", description="category of the events by which staff vote on pages; empty: none")
    vote_dimension: Literal["eventName", "eventAction"] = Field(
        default="eventName", description="which part of such an event holds the vote"
    )
    useful: list[str] = Field(default=["useful", "yes"], description="votes that say: this page was useful")
    not_useful: list[str] = Field(default=["not useful", "no"], description="votes that say: this page was not useful")
    page_size: int = Field(default=500, ge=1, description="visits asked for at once")
    ca_bundle: Glob = Field(default="", description="file of certificate authorities, where the system's do not do")

    @stream(SiteDay, kind="unit", unit="day", lookback=CHANGES)
    def days(self, day: date) -> Iterator[Page]:
        """Visits, visitors and actions of each site on a day."""
        for site in self.sites:
            row = self._api.report("VisitsSummary.get", site, day)
            if row == []:
                yield Page([])  # how Matomo writes a day without visits
                continue
            if not isinstance(row, Mapping) or "nb_visits" not in row:
                raise Fatal("Matomo gives no visits in VisitsSummary.get: it has changed its format")
            yield _page("VisitsSummary.get", [self._counted(SiteDay, site, day, row, "", {
                "visits": "nb_visits", "actions": "nb_actions", "visitors": "nb_uniq_visitors", "users": "nb_users",
            })])  # fmt: skip

    @stream(PageDay, kind="unit", unit="day", lookback=CHANGES)
    def pages(self, day: date) -> Iterator[Page]:
        """How often each page was opened on a day."""
        for site in self.sites:
            found = [
                self._counted(
                    PageDay, site, day, row, place, {"visits": "nb_visits", "hits": "nb_hits"},
                    page=path_of(row["label"]), folded="url" not in row,
                )
                if isinstance(row, Mapping) else row
                for row, place in _named(self._api.rows("Actions.getPageUrls", site, day, flat=1), day)
            ]  # fmt: skip
            yield _page("Actions.getPageUrls", found)

    @stream(SearchDay, kind="unit", unit="day", lookback=CHANGES)
    def searches(self, day: date) -> Iterator[Page]:
        """How often staff searched on a day, and how often in vain; what they searched for never lands."""
        for site in self.sites:
            for method, failed in (("Actions.getSiteSearchKeywords", False), ("Actions.getSiteSearchNoResultKeywords", True)):
                found = [
                    self._counted(
                        SearchDay, site, day, {"exit_nb_visits": 0, **row}, place,
                        {"visits": "nb_visits", "searches": "nb_hits", "exits": "exit_nb_visits"}, failed=failed,
                    )
                    if isinstance(row, Mapping) else row
                    for row, place in _named(self._api.rows(method, site, day), day)
                ]  # fmt: skip
                yield _page(method, found)

    @stream(CampaignDay, kind="unit", unit="day", lookback=CHANGES)
    def campaigns(self, day: date) -> Iterator[Page]:
        """Visits that campaigns brought on a day."""
        for site in self.sites:
            found = [
                self._counted(
                    CampaignDay, site, day, row, place, {"visits": "nb_visits", "actions": "nb_actions"}, campaign=row["label"]
                )
                if isinstance(row, Mapping) else row
                for row, place in _named(self._api.rows("Referrers.getCampaigns", site, day), day)
            ]  # fmt: skip
            yield _page("Referrers.getCampaigns", found)

    @stream(VoteDay, kind="unit", unit="day", lookback=CHANGES)
    def events(self, day: date) -> Iterator[Page]:
        """Votes of staff on the usefulness of pages on a day; events of other categories stay where they are."""
        for site in self.sites:
            if not self.vote_category:
                yield Page([])
                continue
            rows = self._api.rows("Events.getCategory", site, day, secondaryDimension=self.vote_dimension, expanded=1)
            found: list[Record | Rejected | Excluded] = []
            for row, place in _named(rows, day):
                if isinstance(row, Excluded):
                    found.append(row)
                elif isinstance(row, Rejected) or not isinstance(row.get("subtable"), list):
                    # Not one record: all votes of a day may be in it.
                    raise Fatal(f"{place}: a category of events has no label or no subtable: Matomo has changed its format")
                elif row["label"] != self.vote_category:
                    found.append(Excluded("event of another category"))
                else:
                    found += [self._vote(site, day, vote, within) for vote, within in _named(row["subtable"], day, f"{place} ")]
            yield _page("Events.getCategory", found)

    @stream(PageView, kind="unit", unit="day", lookback=CHANGES, day="at")
    def visits(self, day: date) -> Iterator[Page]:
        """Which pages each signed-in person opened on a day; nothing unless `users` is set."""
        if not self.users:
            yield Page([])
            return
        for site in self.sites:
            zone = zone_of(self.zone or self._api.zone(site))
            reader = Visits(site, day, zone, self.user_namespace)
            yield Page([])  # a day without visits was seen all the same
            for number, visits in enumerate(self._api.visits(site, day, self.page_size), 1):
                yield Page(reader.read(visits, number))

    # ------------------------------------------------------------------------------------------------------- reading
    @staticmethod
    def _counted(
        record: type[Record], site: int, day: date, row: Mapping[str, Any], place: str, numbers: Mapping[str, str], **more: Any
    ) -> Record | Rejected:
        """A record whose numbers are these columns of a row, however Matomo writes them."""
        wrong = next((column for column in numbers.values() if column in row and count(row[column]) is None), None)
        if wrong:
            return Rejected(f"not a whole number at {wrong}", place)
        told = {name: count(row[column]) for name, column in numbers.items() if column in row}
        return record.of({"site": site, "day": day, **told, **more}, location=place)

    def _vote(self, site: int, day: date, row: Mapping[str, Any] | Rejected | Excluded, place: str) -> Record | Rejected | Excluded:
        if isinstance(row, Rejected | Excluded):
            return row
        said = str(row["label"]).casefold()
        good, bad = ([word.casefold() for word in words] for words in (self.useful, self.not_useful))
        if said not in good and said not in bad:
            return Excluded("event that is no vote")
        return self._counted(VoteDay, site, day, row, place, {"votes": "nb_events"}, useful=said in good)

    @cached_property
    def _api(self) -> Api:
        return Api(Http(self.url, requests_per=LIVE, ca_bundle=self.ca_bundle or None), self.token)


def _named(rows: list[Any], day: date, within: str = "") -> Iterator[tuple[Mapping[str, Any] | Rejected | Excluded, str]]:
    """Each row that has a label, once, and its place; in place of another row, why it is left out."""
    seen = set[tuple[str, str]]()
    for number, row in enumerate(rows):
        place = f"{day} {within}row {number}"
        label = row.get("label") if isinstance(row, Mapping) else None
        if isinstance(label, bool) or not isinstance(label, str | int) or label == "":
            yield Rejected("missing at label", place), place
        elif (key := (str(label), str(row.get("url")))) in seen:
            yield Excluded("row that came twice"), place
        else:
            seen.add(key)
            yield {**row, "label": str(label)}, place


def _page(method: str, found: list[Record | Rejected | Excluded]) -> Page:
    if found and all(isinstance(one, Rejected) for one in found):
        raise Fatal(f"no row of {method} can be read: Matomo has changed its format")
    return Page(found)
