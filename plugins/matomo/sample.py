"""A Matomo in miniature: what its Reporting API answers, in the shapes that were recorded from version 5.

Belongs here: the world and the payloads. Does not: how they are read (api.py, visits.py, connector.py).
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from zoneinfo import ZoneInfo

from pipeline.testing import Answer, Asked, Body, JsonList, Place, Sample

SITE = 3
LONDON = ZoneInfo("Europe/London")
PAGES = ("/", "/news/pay-award", "/forms/leave", "/people?name=kestrelword")
TERMS = (("annual leave quetzalterm", True), ("quetzalterm travel", False))


class View(NamedTuple):
    """One page view."""

    at: datetime
    page: str
    user: str | None
    campaign: str = ""


def day_of(at: datetime) -> date:
    """The day of a moment where the site is."""
    return at.astimezone(LONDON).date()


def views() -> list[View]:
    """Page views on most days from the nineteenth to the twenty-ninth of June."""
    users = ("AOKAFOR", "blyle", "cwu", None)
    return [
        View(datetime(2026, 6, day, 9, 30, tzinfo=UTC) + timedelta(minutes=11 * n), PAGES[n % 4], users[(day + n) % 4],
             "pay-2026" if day % 2 else "")
        for day in (19, 20, 21, 22, 23, 24, 25, 26, 27, 29)
        for n in range(3 if day != 22 else 6)
    ]  # fmt: skip


@dataclass(frozen=True)
class ByDay(Body):
    """A report of a span: an object with one day, under which its rows are (or its one row, or [] where it has none)."""

    def changed(self, content: bytes, change: Callable[[list[Any]], list[Any]]) -> bytes:
        """Errors and bare lists come back as they were."""
        whole = json.loads(content)
        if isinstance(whole, dict) and "result" not in whole:
            for day, found in whole.items():
                rows = change([found] if isinstance(found, dict) else found)
                whole[day] = rows if isinstance(found, list) else rows[0] if rows else []
        return json.dumps(whole).encode()


class _Matomo(Sample):
    """What the samples have in common: one site, and a token that comes in the form."""

    def settings(self, place: Place) -> dict[str, Any]:
        """One site."""
        return {"url": place.url, "token": place.token, "sites": [SITE]}

    def admits(self, asked: Asked, token: str) -> bool:
        """The token is in the form and nowhere else."""
        return asked.form.get("token_auth") == token and token not in asked.target

    def answer(self, asked: Asked) -> Answer:
        """POST index.php with module=API; errors come with status 200."""
        form = asked.form
        if (asked.method, asked.path) != ("POST", "/index.php"):
            return Answer(b"<html>not found</html>", 404)
        if form.get("idSite") != str(SITE):
            return self.error("An unexpected website was found in the request: website id was set to '9' .")
        told = self.reports().get(form["method"])
        if told is None:
            return self.error(f"The method '{form['method']}' does not exist or is not available in the module.")
        if "date" not in form:
            return Answer(told(date.min, form))
        first, comma, last = form["date"].partition(",")
        day = date.fromisoformat(first)
        if comma and first != last:
            return self.error("this sample tells one day at a time")
        return Answer({first: told(day, form)} if comma else told(day, form))

    @staticmethod
    def error(text: str) -> Answer:
        """An error as Matomo words it."""
        return Answer({"result": "error", "message": text})

    def reports(self) -> dict[str, Callable[[date, Any], Any]]:
        """Method -> its answer for a day."""
        raise NotImplementedError


class MatomoReports(_Matomo):
    """The reports that are counted by day. Search terms stay there."""

    streams: ClassVar = {"days": 10, "pages": 31, "searches": 3, "campaigns": 6}
    bodies: ClassVar = {"/index.php": ByDay(required=("nb_visits",), retyped={"nb_visits": "73%"})}
    private: ClassVar = ("kestrelword", "quetzalterm")
    exempt: ClassVar = {
        "people_are_pseudonyms": "reports by day name nobody; people come with the visits, which have a sample of their own",
        "private_never_lands": "search terms are dropped from each row, and the row itself is counted: no record is excluded",
    }

    def __init__(self) -> None:
        self.views = views()

    def reports(self) -> dict[str, Callable[[date, Any], Any]]:
        """Four reports, with the usual columns."""
        return {
            "VisitsSummary.get": self._summary, "Actions.getPageUrls": self._pages, "Referrers.getCampaigns": self._campaigns,
            "Actions.getSiteSearchKeywords": lambda day, _: self._terms(day, failed=False),
            "Actions.getSiteSearchNoResultKeywords": lambda day, _: self._terms(day, failed=True),
        }  # fmt: skip

    def _of(self, day: date) -> list[View]:
        return [view for view in self.views if day_of(view.at) == day]

    def _summary(self, day: date, _: Any) -> Any:
        found = self._of(day)
        users = {view.user for view in found if view.user}
        if not found:
            return []
        return {
            "nb_uniq_visitors": len(users) + 1, "nb_users": len(users), "nb_visits": len(found), "nb_actions": len(found) + 2,
            "nb_visits_converted": 0, "bounce_count": "1", "sum_visit_length": 340, "max_actions": 3, "bounce_rate": "33%",
            "nb_actions_per_visit": 1.7, "avg_time_on_site": 113,
        }  # fmt: skip

    def _pages(self, day: date, form: Any) -> list[Any]:
        hits = Counter(view.page for view in self._of(day))
        return [
            {
                "label": page, "nb_visits": n, "nb_uniq_visitors": n, "nb_hits": n, "sum_time_spent": 20 * n,
                "entry_nb_uniq_visitors": 1, "entry_nb_visits": "1", "entry_bounce_count": "0", "avg_time_on_page": 20,
                "bounce_rate": "0%", "exit_rate": "50%", "url": f"https://intranet.dept.example{page}",
                "segment": "pageUrl==https%253A%252F%252Fintranet.dept.example",
            }
            for page, n in sorted(hits.items())
        ][: None if form.get("filter_limit") == "-1" else 100]  # fmt: skip

    def _campaigns(self, day: date, _: Any) -> list[Any]:
        names = Counter(view.campaign for view in self._of(day) if view.campaign)
        return [
            {"label": name, "nb_uniq_visitors": n, "nb_visits": str(n), "nb_actions": 2 * n, "nb_users": n, "max_actions": 3,
             "sum_visit_length": "90", "bounce_count": 0, "segment": f"referrerName=={name}", "idsubdatatable": 7}
            for name, n in sorted(names.items())
        ]  # fmt: skip

    def _terms(self, day: date, *, failed: bool) -> list[Any]:
        # On the nineteenth all searches were in vain, on the twenty-second nobody's was.
        told = {date(2026, 6, 19): TERMS[:1], date(2026, 6, 22): TERMS[1:]}.get(day, ())
        return [
            {"label": term, "nb_visits": 2, "nb_hits": 3, "sum_time_spent": 36, "exit_nb_visits": "1",
             "nb_pages_per_search": 1, "avg_time_on_page": 18, "bounce_rate": "0%", "exit_rate": "50%"}
            for term, in_vain in told
            if in_vain or not failed
        ]  # fmt: skip

    def add(self, at: datetime) -> None:
        """Somebody opens a page."""
        self.views.append(View(at, f"/added/{len(self.views)}", "dnew"))

    def edit(self) -> None:
        """The archive of a day is made anew, with a page view that came late."""
        self.views.append(View(datetime(2026, 6, 29, 20, tzinfo=UTC), PAGES[0], "blyle"))

    def delete(self) -> None:
        """Data of one visitor are deleted, and the archive of the day made anew."""
        self.views.pop()


class MatomoVotes(_Matomo):
    """Events: votes on pages, and others that must stay there."""

    streams: ClassVar = {"events": 9}
    bodies: ClassVar = {"/index.php": ByDay(required=("label", "subtable"), retyped={"subtable": "many", "label": True})}
    private: ClassVar = ("kestrelform", "quetzalcomment")
    exempt: ClassVar = {"people_are_pseudonyms": "the report of events names nobody: there is nobody in any answer"}

    def __init__(self) -> None:
        self.votes = [
            (date(2026, 6, day), name, day % 3 + 1)
            for day in (19, 22, 23, 24, 29)
            for name in ("Yes", "No")[: 1 if day == 29 else 2]
        ]

    def settings(self, place: Place) -> dict[str, Any]:
        """Votes are events of one category, told by their names."""
        return {**super().settings(place), "vote_category": "Page feedback"}

    def reports(self) -> dict[str, Callable[[date, Any], Any]]:
        """Events by category, expanded."""
        return {"Events.getCategory": self._categories}

    def _categories(self, day: date, form: Any) -> list[Any]:
        whole = form.get("expanded") == "1" and form.get("secondaryDimension") == "eventName"
        votes = [self._row(name, n) for on, name, n in self.votes if on == day and whole]
        if not votes:
            return []
        votes.append(self._row("quetzalcomment: cannot find it", 1))
        other = {**self._row("kestrelform", 4), "segment": "eventCategory==kestrelform", "subtable": [self._row("sent", 4)]}
        return [{**self._row("Page feedback", len(votes)), "subtable": votes}, other]

    @staticmethod
    def _row(label: str, events: int) -> dict[str, Any]:
        return {
            "label": label, "nb_uniq_visitors": events, "nb_visits": str(events), "nb_events": events,
            "nb_events_with_value": 0, "sum_event_value": 0, "min_event_value": False, "avg_event_value": 0,
        }  # fmt: skip

    def add(self, at: datetime) -> None:
        """Somebody votes."""
        self.votes.append((day_of(at), "No", 1))

    def edit(self) -> None:
        """The archive of a day is made anew, with more votes."""
        day, name, n = self.votes.pop()
        self.votes.append((day, name, n + 2))

    def delete(self) -> None:
        """Data of one visitor are deleted, and the archive of the day made anew."""
        self.votes.pop()


class MatomoVisits(_Matomo):
    """The log of visits, with user ids; actions are on the site's wall clock, visits in true time."""

    streams: ClassVar = {"visits": 24}
    bodies: ClassVar = {
        "/index.php": JsonList(
            required=("idVisit", "lastActionTimestamp", "actionDetails", "userId"),
            retyped={"lastActionTimestamp": "soon", "actionDetails": "none", "userId": {"id": 4}},
        )
    }
    people: ClassVar = ("AOKAFOR", "blyle", "cwu")
    private: ClassVar = ("kestrelword", "quetzalterm")

    def __init__(self) -> None:
        self.views = views()

    def settings(self, place: Place) -> dict[str, Any]:
        """User ids are logins; pages short enough to need several."""
        return {**super().settings(place), "users": True, "page_size": 2}

    def reports(self) -> dict[str, Callable[[date, Any], Any]]:
        """The log, and where the site is."""
        return {"Live.getLastVisitsDetails": self._visits, "SitesManager.getSiteFromId": lambda *_: {
            "idsite": str(SITE), "name": "Staff intranet", "main_url": "https://intranet.dept.example",
            "timezone": "Europe/London", "currency": "GBP", "type": "website",
        }}  # fmt: skip

    def _visits(self, day: date, form: Any) -> list[Any]:
        found = [self._visit(number, view) for number, view in enumerate(self.views) if day_of(view.at) == day]
        offset = int(form["filter_offset"])
        return found[::-1][offset : offset + int(form["filter_limit"])]

    @staticmethod
    def _visit(number: int, view: View) -> dict[str, Any]:
        true = int(view.at.timestamp())
        wall = int(view.at.astimezone(LONDON).replace(tzinfo=UTC).timestamp())
        return {
            "idSite": SITE, "idVisit": 1000 + number, "visitIp": "10.20.0.0", "visitorId": f"{number:016x}",
            "fingerprint": f"{number:016x}", "userId": view.user, "visitorType": "returning",
            "serverTimestamp": true, "firstActionTimestamp": true, "lastActionTimestamp": true + 40,
            "serverDate": f"{view.at:%Y-%m-%d}", "visitServerHour": str(view.at.hour), "visitDuration": "40", "actions": 2,
            "referrerType": "direct", "deviceType": "Desktop", "location": "Unknown",
            "actionDetails": [
                {"type": "action", "url": f"https://intranet.dept.example{view.page}", "pageTitle": "A page",
                 "pageIdAction": 7, "pageId": 2000 + number, "idpageview": "x1", "timestamp": wall, "timeSpent": "40"},
                {"type": "search", "siteSearchKeyword": "quetzalterm", "pageIdAction": 8, "pageId": 5000 + number,
                 "timestamp": wall + 40},
            ],
        }  # fmt: skip

    def add(self, at: datetime) -> None:
        """Somebody who is signed in opens a page."""
        self.views.append(View(at, f"/added/{len(self.views)}", "dnew"))

    def edit(self) -> None:
        """A visit is given to another user, as Matomo does when somebody signs in later."""
        self.views[-1] = self.views[-1]._replace(user="cwu" if self.views[-1].user != "cwu" else "blyle")

    def delete(self) -> None:
        """Data of a person are deleted."""
        last = next(view for view in reversed(self.views) if view.user)
        self.views.remove(last)
