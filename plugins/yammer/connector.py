"""Yammer / Viva Engage, REST v1: what staff write where everybody may read it.

Belongs here: settings, streams, and how the pages of this API follow each other.
Does not: the rows (records.py), or how a feed that is given newest first is resumed (descent.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import count
from typing import Any

from pipeline.connector import (
    SENSITIVE_WORDS,
    Connector,
    Cursor,
    Deferred,
    DelegatedSignIn,
    Excluded,
    Fatal,
    Field,
    Http,
    Iterator,
    Page,
    date,
    stream,
    timedelta,
)

from .descent import Descent
from .records import Group, Groups, Message, User, group_in, message_id, message_in, user_in

MESSAGES_A_PAGE = 20  # the API gives no more
MOST = 16 << 20  # bytes of a page
RATE_LIMITED = 33  # the code in an error object, whatever the status


class Yammer(DelegatedSignIn, Connector):
    """Messages, users and groups of one network, read with a delegated token."""

    name, channel = "yammer", "network"

    url: str = Field(default="https://www.yammer.com/api/v1", description="root of the REST API")
    scope: str = Field(
        default="https://www.yammer.com/.default", description="scope; some tenants: https://api.yammer.com/.default"
    )
    requests_per_30s: int = Field(default=10, ge=0, description="of messages; three times as many of all else; 0 = any")
    reread_days: int = Field(default=7, ge=0, le=60, description="days in which edits and deletions are still seen")
    exclude_groups: list[str] = Field(default=list(SENSITIVE_WORDS), description="words of group names not to read")

    @stream(Group, kind="snapshot", key="id")
    def groups(self, since: date | None) -> Iterator[Page]:
        """Communities that everybody may read."""
        groups = Groups(self.exclude_groups)
        for number, rows in enumerate(self._groups(), 1):
            yield Page([group_in(row, groups, f"groups.json page {number}, {at}") for at, row in enumerate(rows)])

    @stream(User, kind="keyed", key="id")
    def users(self, since: Cursor) -> Iterator[Page]:
        """Accounts, by which messages are joined to the directory."""
        for number, rows in enumerate(self._list("users"), 1):
            yield Page([user_in(row, f"users.json page {number}, {at}") for at, row in enumerate(rows)])

    @stream(Message, kind="keyed", key="id", cursor="opaque", tombstone="gone", day="created_at")
    def messages(self, since: Cursor) -> Iterator[Page]:
        """Messages to everybody or to a public group, newest first."""
        groups = Groups(self.exclude_groups)
        for rows in self._groups():
            if not all(isinstance(row, Mapping) and row.get("id") is not None for row in rows):
                raise Fatal("groups.json gives groups without ids: which messages are private cannot be told")
            groups.learn(rows)
        descent = Descent.after(since, timedelta(days=self.reread_days))
        if descent.half_way:
            yield from self._descend(descent, groups)
            descent.catching_up = True
        yield from self._descend(descent, groups)

    def _descend(self, descent: Descent, groups: Groups) -> Iterator[Page]:
        pages = self._posts.pages(
            "messages.json", limit=MESSAGES_A_PAGE, older_than=descent.low, next=lambda _: {"older_than": descent.low}
        )
        for body in pages:
            rows = _rows(body, "messages")
            references = body.get("references")
            groups.learn(references if isinstance(references, list) else ())
            where = f"messages.json below {descent.low}"
            records = [message_in(row, groups, f"{where}, {at}") for at, row in enumerate(rows)]
            read = [(message_id(row), record) for row, record in zip(rows, records, strict=True)]
            ids = [number for number, _ in read if number is not None]
            if rows and not ids:
                raise Fatal("messages.json gives messages without ids: the API has changed its format")
            times = {number: r.created_at for number, r in read if number and isinstance(r, Message) and r.created_at}
            arrived = descent.down(ids, times)
            descent.note(
                (number, record.created_at if isinstance(record, Message) else None)
                for number, record in read
                if number is not None and not isinstance(record, Excluded)
            )
            gone = [Message(id=str(number), gone=True) for number in descent.arrive()] if arrived else []
            yield Page([*records, *gone], cursor=descent.cursor())
            if arrived:
                return

    # ------------------------------------------------------------------------------------------------------ requests
    @cached_property
    def _posts(self) -> Http:
        return self._http(30)

    @cached_property
    def _lists(self) -> Http:
        return self._http(10)

    def _http(self, seconds: float) -> Http:
        pace = (self.requests_per_30s, seconds) if self.requests_per_30s else None
        return Http(self.url, token=self.signed_in(self.scope), requests_per=pace, max_body=MOST, ca_bundle=self.ca_bundle or None)

    def _groups(self) -> Iterator[list[Any]]:
        """All groups, then those that the account is in: the first list lacks private ones."""
        yield from self._list("groups")
        yield from self._list("groups", mine=True)

    def _list(self, what: str, **params: Any) -> Iterator[list[Any]]:
        """The rows of each page of users or groups, up to the first empty page."""
        numbers = count(2)
        for body in self._lists.pages(f"{what}.json", page=1, next=lambda _: {"page": next(numbers)}, **params):
            rows = _rows(body, what)
            if not rows:
                return
            yield rows


def _rows(body: Any, key: str) -> list[Any]:
    """The rows of a page: a bare list, or under their name. An error object may come with status 200."""
    rows = body.get(key) if isinstance(body, Mapping) else body
    if isinstance(rows, list):
        return rows
    said = body.get("response") if isinstance(body, Mapping) else None
    code = said.get("code") if isinstance(said, Mapping) else None
    if code == RATE_LIMITED:
        raise Deferred(f"{key}.json: rate limited (code {RATE_LIMITED})")
    raise Fatal(f"{key}.json gives no list of {key}" + (f" but error code {code:d}" if isinstance(code, int) else ""))
