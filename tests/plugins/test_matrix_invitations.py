"""Matrix invitations: of all that is said of a room, only that one colleague asked another in."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.connector import Excluded
from plugins.matrix_rooms.events import Event, Reader

ROOM = "!room:dept.test"
READER = Reader(["@helper:dept.test"], "dept.test", "@me:dept.test")


def member(membership: str = "invite", key: str = "@bob:dept.test", **more: Any) -> dict[str, Any]:
    content = {"membership": membership, "displayname": "Bob"}
    known = {"event_id": "$e1", "type": "m.room.member", "sender": "@ann:dept.test", "origin_server_ts": 1780911000125}
    return {**known, "content": content, "state_key": key, **more}


def test_an_invitation_names_who_was_asked_in() -> None:
    invitation = READER.read(member(), ROOM, "here")
    assert isinstance(invitation, Event)
    assert (invitation.kind, invitation.sender, invitation.invited) == ("invite", "@ann:dept.test", "@bob:dept.test")
    assert (invitation.login, invitation.text, invitation.room) == ("ann", None, ROOM)


@pytest.mark.parametrize(
    "given",
    [
        member("join"), member("leave"), member(key="@ann:dept.test"), member(key="@helper:dept.test"), member(key="@me:dept.test"),
        member(sender="@helper:dept.test"), member(sender=None), member(key="bob"), member(origin_server_ts="now"),
        member(unsigned={"redacted_because": {"type": "m.room.redaction"}}), member(content="text"),
        member(type="m.room.topic"),
    ],
)  # fmt: skip
def test_no_other_state_is_kept(given: Any) -> None:
    assert READER.read(given, ROOM, "here") == Excluded("state event")
