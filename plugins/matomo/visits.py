"""Page views of people who were signed in, from Matomo's log of visits.

Belongs here: the wire format of a visit, and its clocks. Does not: asking for visits (api.py).
Source: measured on 5.0.2.
"""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.connector import (
    UTC,
    Excluded,
    Fatal,
    Id,
    Label,
    Moment,
    PersonId,
    Record,
    Rejected,
    date,
    datetime,
    epoch,
    login_of,
    timedelta,
)

Read = Record | Rejected | Excluded


class PageView(Record):
    """One page opened by one person who was signed in; the person is known by login or by e-mail, as the settings say."""

    site: int
    visit: Id
    action: Id
    login: PersonId["login"] | None = None
    email: PersonId["email"] | None = None
    at: Moment
    page: Label


class Visits:
    """Reads the visits of one site and day.

    zone       in which the site keeps its days
    namespace  "login" or "email": what the user ids are
    """

    def __init__(self, site: int, day: date, zone: ZoneInfo, namespace: str) -> None:
        self._site, self._day, self._zone, self._namespace = site, day, zone, namespace
        self._seen = set[tuple[str, str]]()

    def read(self, visits: list[Any], page: int) -> list[Read]:
        """A record, or why there is none, for each action of these visits."""
        found: list[Read] = []
        for number, visit in enumerate(visits):
            found += self._visit(visit, f"{self._day} page {page} visit {number}")
        if found and all(isinstance(one, Rejected) for one in found):
            raise Fatal(f"no visit of {self._day} can be read: Matomo has changed its format")
        return found

    def _visit(self, visit: Any, place: str) -> list[Read]:
        if not isinstance(visit, Mapping) or count_id(visit.get("idVisit")) is None:
            return [Rejected("missing at idVisit", place)]
        first, last = epoch(visit.get("firstActionTimestamp")), epoch(visit.get("lastActionTimestamp"))
        if last is None:
            return [Rejected("not a time at lastActionTimestamp", place)]
        if last.astimezone(self._zone).date() != self._day:
            raise Fatal(f"Matomo gave visits of another day than {self._day} in {self._zone.key}: set `zone` to the site's")
        actions = visit.get("actionDetails")
        if not isinstance(actions, list):
            return [Rejected("no list at actionDetails", place)]
        if "userId" not in visit:
            return [Rejected("missing at userId", place)]
        user = visit["userId"]
        if user in (None, "", False):
            return [Excluded("visit of somebody who was not signed in")]
        if not isinstance(user, str | int) or isinstance(user, bool):
            return [Rejected("not a name at userId", place)]
        return [
            self._action(action, str(visit["idVisit"]), str(user), (first or last, last), f"{place} action {number}", number)
            for number, action in enumerate(actions)
        ]

    def _action(self, action: Any, visit: str, user: str, span: tuple[datetime, datetime], place: str, number: int) -> Read:
        if not isinstance(action, Mapping) or not isinstance(action.get("type"), str):
            return Rejected("missing at actionDetails.type", place)
        if action["type"] != "action":
            return Excluded("search, download, link or event within a visit")
        name = count_id(action.get("pageId")) or f"at {number}"
        if (visit, name) in self._seen:
            return Excluded("page view that came twice")
        self._seen.add((visit, name))
        at, url = self._true_time(action.get("timestamp"), span), action.get("url")
        if at is None:
            return Rejected("not a time at actionDetails.timestamp", place)
        if not isinstance(url, str) or not url:
            return Rejected("missing at actionDetails.url", place)
        who = login_of(user) if self._namespace == "login" else user
        row = {"site": self._site, "visit": visit, "action": name, self._namespace: who, "at": at, "page": path_of(url)}
        return PageView.of(row, location=place)

    def _true_time(self, value: Any, span: tuple[datetime, datetime]) -> datetime | None:
        """When an action was.

        The visit's own times are true, but those of its actions are the site's wall clock written as if it were UTC. In
        the hour that comes twice it was the one nearer to the visit's true times, which may be off by seconds where Matomo
        was given a log out of order.
        """
        if (told := epoch(value)) is None:
            return None
        wall = told.replace(tzinfo=None)
        both = [wall.replace(tzinfo=self._zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        return min(both, key=lambda time: max(span[0] - time, time - span[1], timedelta(0)))


def count_id(value: Any) -> str | None:
    """An id, which comes as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def path_of(page: str) -> str:
    """The path of an address or of a report's label, without host, query and fragment."""
    if "://" in page:
        page = "/" + page.split("://", 1)[1].partition("/")[2]
    return re.split(r"[?#]", page, maxsplit=1)[0] or "/"
