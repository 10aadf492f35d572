"""Staff directory over SCIM 2.0 (RFC 7643, RFC 7644): the users of an identity provider or HR system, whole, each night.

Belongs here: settings, and how the pages of a list follow each other while it moves. Does not: what a user is (users.py).
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pipeline.connector import (
    Connector,
    Deferred,
    Excluded,
    Fatal,
    Field,
    Glob,
    Http,
    Iterator,
    Page,
    Rejected,
    Retry,
    SecretStr,
    date,
    stream,
)

from .users import Paths, Person, attribute, user_in

READINGS = 3  # of the whole list, where it changes while it is read
PATH = r"^[A-Za-z0-9:._$-]*$"


class Scim(Connector):
    """The users of one SCIM service, read with a bearer token."""

    name, channel = "scim", "roster"

    url: str = Field(description="root of the SCIM service, under which /Users is")
    token: SecretStr = Field(description="bearer token that may read all users")
    staff_id: str = Field(default="employeeNumber", pattern=PATH, description="attribute with the staff number, else id counts")
    team: str = Field(default="department", pattern=PATH, description="attribute with the team; dotted where nested")
    directorate: str = Field(default="division", pattern=PATH, description="attribute with the directorate; dotted where nested")
    grade: str = Field(default="", pattern=PATH, description="attribute with the grade; empty where there is none")
    location: str = Field(default="", pattern=PATH, description="attribute with the place of work, e.g. addresses.locality")
    only: str = Field(default="", description='SCIM filter of who is staff, e.g. userType eq "Employee"; empty for all')
    sort_by: str = Field(default="id", pattern=PATH, description="what to sort by, so that pages hold still; empty: nothing")
    page_size: int = Field(default=100, ge=1, le=1000, description="users asked for at once; a server may give fewer")
    ca_bundle: Glob = Field(default="", description="file of certificate authorities, where the system's do not do")

    @stream(Person, kind="snapshot", key="scim")
    def people(self, since: date | None) -> Iterator[Page]:
        """Everybody whose account is active, as the service has them tonight."""
        for _ in range(READINGS):
            if (records := self._read()) is not None:
                yield Page(records)
                return
        raise Retry(f"Users: in {READINGS} readings the list moved each time, or fewer came than its totalResults says")

    def _read(self) -> list[Person | Rejected | Excluded] | None:
        """All users; None where the list moved while it was read, or fewer came than it says there are."""
        paths = Paths(self.staff_id, self.team, self.directorate, self.grade, self.location)
        records: list[Person | Rejected | Excluded] = []
        known, said, start = set[str](), set[int](), 1
        pages = self._http.pages(
            "Users", startIndex=start, count=self.page_size, sortBy=self.sort_by or None, filter=self.only or None,
            next=lambda _: {"startIndex": start},
        )  # fmt: skip
        for body in self._asked(pages):
            rows, total = _listed(body)
            said.add(total)
            if len(said) > 1:
                return None
            new = {str(attribute(row, "id") or f"none at {at}") for at, row in enumerate(rows, start)} - known
            records += [user_in(row, paths, f"user {at}") for at, row in enumerate(rows, start)]
            known |= new
            start += len(new)
            # The total alone is no end: after a full page there may be more than was said.
            if not new or (start > total and len(rows) != self.page_size):
                break
        return records if len(known) >= max(said) else None

    def _asked(self, pages: Iterator[Any]) -> Iterator[Any]:
        """The pages; a server that cannot sort or filter says so by 400."""
        try:
            yield from pages
        except Http.Refused as refused:
            if refused.status == 400:
                raise Fatal(f"{refused}: set sort_by to nothing if it cannot sort, or correct `only`") from None
            raise

    @cached_property
    def _http(self) -> Http:
        accept = {"Accept": "application/scim+json, application/json"}
        return Http(self.url, token=self.token, headers=accept, ca_bundle=self.ca_bundle or None)


def _listed(body: Any) -> tuple[list[Any], int]:
    """The users of a page and how many there are in all. An error object may come with status 200."""
    rows, total = attribute(body, "Resources"), attribute(body, "totalResults")
    if isinstance(total, int) and not isinstance(total, bool) and isinstance(rows, list | None):
        return rows or [], total
    status = str(attribute(body, "status") or "") if isinstance(body, Mapping) else ""
    if status == "429":
        raise Deferred("Users: the server asks to be left alone (429)")
    if status.startswith("5"):
        raise Retry("Users: the server answers with an error of its own")
    raise Fatal("Users gives no list with totalResults and Resources: is url the root of a SCIM 2.0 service?")
