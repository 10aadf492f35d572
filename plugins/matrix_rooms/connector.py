"""Matrix: what staff write in rooms that everybody may join, read from a homeserver by one of its accounts.

Belongs here: settings, the stream, and its requests. Does not: rooms (rooms.py), events (events.py), or the cursor
(position.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal
from urllib.parse import quote

from pipeline.connector import (
    SENSITIVE_WORDS,
    Connector,
    Cursor,
    Excluded,
    Fatal,
    Field,
    Glob,
    Http,
    Iterator,
    Page,
    SecretStr,
    stream,
)

from .events import Event, Reader
from .position import Gap, Position
from .rooms import FILTER, Joined

API = "_matrix/client/v3"
EVENTS_A_PAGE = 100


class MatrixRooms(Connector):
    """Messages, edits, reactions and invitations in rooms of one homeserver, in the name of an account that has joined them."""

    name, channel = "matrix_rooms", "chat"

    url: str = Field(description="root of the homeserver's client API, e.g. https://matrix.dept.gov.uk")
    token: SecretStr = Field(description="access token of an account that has joined the rooms to be read")
    rooms: list[str] = Field(default=[], description="ids of the rooms to read (!...); empty for all that the account has joined")
    allow_rooms: list[str] = Field(default=[], description="ids of rooms that are read though not everybody may join them")
    exclude_names: list[str] = Field(default=list(SENSITIVE_WORDS), description="words of room names not to read")
    bots: list[str] = Field(default=[], description="user ids that are no people, e.g. @helper:dept.gov.uk")
    user_namespace: Literal["login", "matrix"] = Field(
        default="login", description="login where user names of this homeserver are what staff sign in with, else matrix"
    )
    ca_bundle: Glob = Field(default="", description="file of certificate authorities, where the system's do not do")

    @stream(Event, kind="keyed", key="id", version="gone", tombstone="gone", cursor="opaque", day="sent_at")
    def events(self, since: Cursor) -> Iterator[Page]:
        """Messages, edits, reactions and invitations in rooms that everybody may join."""
        position, me = Position.after(since), self._me()
        reader = Reader(self.bots, me.partition(":")[2] if self.user_namespace == "login" else "", me)
        told = Joined(self._sync(position.next), self.rooms, self.allow_rooms, self.exclude_names)
        rooms = {room.id: room for room in told.each()}
        lost = sorted((position.rooms | set(self.rooms)) - rooms.keys())
        new: list[Any] = []
        for room in rooms.values():
            if room.rule:
                position.leave(room.id)
                new += [Excluded(room.rule)] * max(1, len(room.events))
                continue
            position.enter(room, room.begins(room.events, me))
            new += [reader.read(event, room.id, f"sync, {room.id}, {at}") for at, event in enumerate(room.events)]
        for number in lost:
            position.leave(number)
        position.next = told.next
        yield Page(new, cursor=position.cursor())
        unseen = [f"{number} (not joined)" for number in lost]
        for gap in list(position.gaps):
            try:
                for chunk in self._history(gap):
                    gap.grounded = gap.grounded or rooms[gap.room].begins(chunk, me)
                    where = f"messages of {gap.room}"
                    records = [reader.read(event, gap.room, f"{where}, {at}") for at, event in enumerate(chunk)]
                    yield Page(records, cursor=position.cursor())
            except Http.Refused as refused:
                if refused.status not in (403, 404):
                    raise
                unseen.append(f"{gap.room} ({refused.status})")
                continue
            position.close(gap)
            yield Page([], cursor=position.cursor())
        if unseen:
            raise Fatal(f"these rooms cannot be read: {', '.join(unseen)}; join them with the account, or take them out of `rooms`")

    # ------------------------------------------------------------------------------------------------------ requests
    @cached_property
    def _http(self) -> Http:
        return Http(self.url, token=self.token, ca_bundle=self.ca_bundle or None)

    def _me(self) -> str:
        """The id of the account."""
        body = self._http.get(f"{API}/account/whoami")
        me = body.get("user_id") if isinstance(body, Mapping) else None
        if not isinstance(me, str) or not me.startswith("@"):
            raise Fatal("whoami: the answer has no user_id: url must be that of a Matrix homeserver")
        return me

    def _sync(self, since: str | None) -> Any:
        told = json.dumps(FILTER, separators=(",", ":"))
        return self._http.get(f"{API}/sync", filter=told, since=since, full_state=True, timeout=0)

    def _history(self, gap: Gap) -> Iterator[list[Any]]:
        """The events of each page of a gap, newest first; `gap.at` is where the page after it begins.

        The last page has no `end`, and on old servers an `end` that leads nowhere and no events.
        """
        asked = gap.at

        def following(body: Any) -> dict[str, str] | None:
            nonlocal asked
            before, asked = asked, body.get("end")
            return {"from": asked} if asked and (body["chunk"] or asked != before) else None

        path = f"{API}/rooms/{quote(gap.room, safe='')}/messages"
        given: dict[str, Any] = {"from": gap.at, "to": gap.end}
        for body in self._http.pages(path, next=following, dir="b", limit=EVENTS_A_PAGE, **given):
            chunk = body.get("chunk") if isinstance(body, Mapping) else None
            if not isinstance(chunk, list) or not isinstance(body.get("end"), str | None):
                raise Fatal("messages: the answer has no list called 'chunk': the server has changed its format")
            gap.at = body.get("end") or gap.at
            yield chunk
