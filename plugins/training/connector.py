"""Training records: xAPI statements from a learning record store (LRS).

Belongs here: settings, and how the pages of a store follow each other. Does not: the statements (statements.py).
"""

from collections.abc import Generator, Mapping
from functools import cached_property
from itertools import chain
from typing import Any

from pipeline.connector import (
    UTC,
    Connector,
    Cursor,
    Fatal,
    Field,
    Glob,
    Http,
    Iterator,
    Page,
    SecretStr,
    datetime,
    stream,
    timedelta,
)

from .statements import Reader, Statement, moment, stored_at

_BEGINNING = datetime.min.replace(tzinfo=UTC)
EXPIRED = (400, 404, 410)  # what stores answer to a link that they have forgotten


class Training(Connector):
    """Statements of one LRS, read with a user and password that may read all of them."""

    name, channel = "training", "learning"

    url: str = Field(description="root of the xAPI, under which /statements is")
    username: str = Field(description="user or key of the LRS")
    password: SecretStr = Field(description="password or secret of the LRS")
    overlap_minutes: int = Field(default=2880, ge=1, description="how far before the newest statement to read again")
    mandatory: list[str] = Field(default=[], description="parts of the ids of courses that must be taken")
    login_pages: list[str] = Field(default=[], description="home pages of accounts whose names are logins")
    page_size: int = Field(default=500, ge=1, description="statements asked for at once; a store may give fewer")
    ca_bundle: Glob = Field(default="", description="file of certificate authorities, where the system's do not do")

    @stream(Statement, kind="keyed", key="id", version="stored", tombstone="voided", cursor="opaque", day="happened_at")
    def statements(self, since: Cursor) -> Iterator[Page]:
        """What learners did, oldest first; a statement that was voided is gone."""
        at = since if isinstance(since, dict) else {}
        start, newest, more = moment(at.get("since")), moment(at.get("stored")), at.get("more")
        ordered = at.get("ordered") is True
        if isinstance(more, str) and (pages := self._go_on(more)):
            newest = yield from self._read(pages, start, newest, ordered)
            more = None
        if newest and (ordered or not more):
            start = newest - timedelta(minutes=self.overlap_minutes)
        # Where a link to more was forgotten by a store that keeps no order, that reading begins again at its `start`.
        pages = self._lrs.pages("statements", next="more", since=start, ascending=True, limit=self.page_size)
        yield from self._read(pages, start, newest, ordered=True)

    def _read(
        self, pages: Iterator[Any], start: datetime | None, newest: datetime | None, ordered: bool
    ) -> Generator[Page, None, datetime | None]:
        """A page of records for each of the store's, and at the end when the newest statement was stored."""
        reader, last = Reader(self.mandatory, self.login_pages), _BEGINNING
        for number, body in enumerate(pages, 1):
            rows = body.get("statements") if isinstance(body, Mapping) else None
            if not isinstance(rows, list):
                raise Fatal("the LRS gives no list of statements: is url the root of its xAPI?")
            stored = [last, *(stored_at(row) for row in rows)]
            times = [time for time in stored if time]
            newest = max(filter(None, [newest, *stored[1:]]), default=None)
            ordered, last = ordered and len(times) == len(stored) and times == sorted(times), times[-1]
            safe = {"since": _iso(start), "more": body.get("more") or None, "stored": _iso(newest), "ordered": ordered}
            yield Page([reader.read(row, f"page {number}, {place}") for place, row in enumerate(rows)], cursor=safe)
        return newest

    def _go_on(self, more: str) -> Iterator[Any] | None:
        """The pages from a link of an earlier night on; None where the store has forgotten it."""
        pages = self._lrs.pages(more, next="more")
        try:
            first = next(pages)
        except Http.Refused as refused:
            if refused.status in EXPIRED:
                return None
            raise
        return chain([first], pages)

    @cached_property
    def _lrs(self) -> Http:
        return Http(
            self.url,
            auth=(self.username, self.password),
            headers={"X-Experience-API-Version": "1.0.3"},
            ca_bundle=self.ca_bundle or None,
        )


def _iso(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat() if value else None
