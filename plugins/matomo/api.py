"""The Reporting API of Matomo: one question, its answer, and what its errors mean.

Belongs here: the wire format. Does not: which reports are asked for (connector.py), or visits (visits.py).
Source: developer.matomo.org/api-reference/reporting-api; measured on 5.0.2.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.connector import Fatal, Http, Retry, SecretStr, date

# What Matomo's texts mean: an error comes with status 200, so that only the text tells one from the other. They are not
# repeated, since they may quote what was asked.
MEANINGS: tuple[tuple[str, str], ...] = (
    (r"authenticate|token_auth", "the token is not accepted: renew it"),
    (
        r"view' access|access to (this|the) resource|checkUserHas",
        "the token may not see site {site}: give its user the right 'view'",
    ),
    (r"unexpected website|website id", "there is no site {site}: correct `sites`"),
    (r"date format|invalid date", "it does not understand the day: is it newer than this plug-in?"),
    (r"does not exist or is not available|not activated", "it does not offer {method}: activate that plug-in of Matomo"),
    (r"visits? log is (deactivated|disabled)", "its visits log is switched off: switch it on, or set `users` to false"),
)
PASSING = r"gone away|deadlock|lock wait|too many connections|try again|maintenance"


class Api:
    """One Matomo. The token goes into the form of a POST, never into an address."""

    def __init__(self, http: Http, token: SecretStr) -> None:
        self._http, self._token = http, token

    def report(self, method: str, site: int, day: date, **more: Any) -> Any:
        """What a report says about one site and day; [] for a day without visits.

        Asked as a span of one day, because only then does the answer name the day.
        """
        body = self._http.post("index.php", sent="form", **self._form(method, site, date=f"{day},{day}", period="day", **more))
        self._check(body, method, site)
        if isinstance(body, list):
            return body
        if not isinstance(body, Mapping):
            raise Fatal(f"Matomo gives no report for {method}: is url the root of Matomo?")
        days = [key for key in body if re.fullmatch(r"\d{4}-\d\d-\d\d", str(key))]
        if not days:
            return body
        if days != [day.isoformat()]:
            raise Fatal(f"Matomo answered {method} for another day than {day}: its figures are not taken")
        return body[days[0]]

    def rows(self, method: str, site: int, day: date, **more: Any) -> list[Any]:
        """All rows of a report: without `filter_limit` Matomo gives the first hundred and does not say so."""
        found = self.report(method, site, day, filter_limit=-1, **more)
        if not isinstance(found, list):
            raise Fatal(f"Matomo gives no list of rows for {method}: it has changed its format")
        return found

    def visits(self, site: int, day: date, page_size: int) -> Iterator[list[Any]]:
        """The visits of a day that is over, page by page, until one is empty or nothing in it is new."""
        seen = set[str]()
        form = self._form("Live.getLastVisitsDetails", site, date=str(day), period="day", filter_limit=page_size)
        # Counted by what was new: a visit that comes twice, or moves to the next page, leaves none out.
        pages = self._http.pages("index.php", next=lambda _: {"filter_offset": len(seen)}, sent="form", filter_offset=0, **form)
        for body in pages:
            self._check(body, "Live.getLastVisitsDetails", site)
            if not isinstance(body, list):
                raise Fatal("Matomo gives no list of visits: it has changed its format")
            before = len(seen)
            seen.update(str(visit.get("idVisit")) if isinstance(visit, Mapping) else f"? {len(seen)}" for visit in body)
            if len(seen) == before:
                return
            yield body

    def zone(self, site: int) -> str:
        """The time zone in which a site keeps its days."""
        body = self._http.post("index.php", sent="form", **self._form("SitesManager.getSiteFromId", site))
        self._check(body, "SitesManager.getSiteFromId", site)
        found = body[0] if isinstance(body, list) and body else body
        zone = found.get("timezone") if isinstance(found, Mapping) else None
        if not isinstance(zone, str):
            raise Fatal(f"Matomo does not say in which time zone site {site} is: set `zone`")
        return zone

    def _form(self, method: str, site: int, **more: Any) -> dict[str, Any]:
        token = self._token.get_secret_value()
        return {"module": "API", "method": method, "idSite": site, "format": "json", "token_auth": token, **more}

    @staticmethod
    def _check(body: Any, method: str, site: int) -> None:
        """Raise what an error object means."""
        if not isinstance(body, Mapping) or body.get("result") != "error":
            return
        text = str(body.get("message")).casefold()
        if re.search(PASSING, text):
            raise Retry(f"Matomo could not answer {method} for now")
        meaning = next((said for pattern, said in MEANINGS if re.search(pattern, text)), None)
        said = meaning or "it reports an error for {method}: ask the same under Administration > Platform > API to read it"
        raise Fatal(f"Matomo: {said.format(site=site, method=method)}")


def count(value: Any) -> int | None:
    """A whole number that is not negative: Matomo writes 54 and "53" side by side; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62 else None
