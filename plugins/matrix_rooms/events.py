"""What is kept of an event of a room, and the rules by which one is not read.

Belongs here: the wire format of events. Does not: rooms (rooms.py), paging (position.py), or streams (connector.py).
Source: spec.matrix.org, client-server API: instant messaging, rich replies, threading, replacements, reactions, redactions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import unquote

from pipeline.connector import Excluded, Field, Id, Label, Moment, PersonId, Prose, Record, Rejected, epoch

STATE, ENCRYPTED, OTHER = "state event", "encrypted message", "event of another type"
BOT, SYSTEM = "bot", "system message"
MESSAGES = ("m.room.message", "m.sticker")
WORDLESS = ("m.audio", "m.file", "m.image", "m.location", "m.video")  # their body is a file's name
NO_ONES = {"m.notice": BOT, "m.server_notice": SYSTEM, "m.key.verification.request": SYSTEM}
PILL = re.compile(r"https://matrix\.to/#/(@|%40)([^\"'?/]+)")
QUOTED = re.compile(r"\A(?:>.*(?:\n|\Z))+\n?")


class Event(Record):
    """A message, an edit of one, a reaction to one, or an invitation; an event that was taken back keeps only its id.

    `kind` is message, edit, reaction or invite (who was `invited`, without words); `target` what is edited or reacted to;
    `replied_to` what a message answers, where its writer chose that and no program. `login` is set for users of our own
    server whose names are logins.
    """

    id: Id
    room: Id | None = None
    kind: Label | None = None
    sender: PersonId["matrix"] | None = None
    login: PersonId["login"] | None = None
    sent_at: Moment | None = None
    target: Id | None = None
    thread: Id | None = None
    replied_to: Id | None = None
    text: Prose | None = None
    mentions: list[PersonId["matrix"]] = Field(default_factory=list)
    invited: PersonId["matrix"] | None = None
    gone: bool = False


class Reader:
    """Reads events: `bots` are user ids of nobody, `server` is the one whose user names are logins, or ""; `me` reads."""

    def __init__(self, bots: Collection[str], server: str, me: str = "") -> None:
        self._bots, self._server, self._me = frozenset(bots), server, me

    def read(self, row: Any, room: str, place: str) -> Event | Rejected | Excluded:
        """The event, what it does to another, or why neither is kept."""
        if not isinstance(row, Mapping):
            return Rejected("not an object", place)
        number, kind = row.get("event_id"), row.get("type")
        for name, value in (("event_id", number), ("type", kind)):
            if not isinstance(value, str) or not value:
                return Rejected(f"no text at {name}", place)
        if "state_key" in row:
            return self._invitation(row, room, place)
        content: Any = row.get("content")
        if not isinstance(content, Mapping):
            return Rejected("not an object at content", place)
        unsigned = row.get("unsigned")
        taken_back = isinstance(unsigned, Mapping) and unsigned.get("redacted_because")
        if kind == "m.room.redaction":
            return _redaction(row, content, bool(taken_back), place)
        if taken_back:
            return Event(id=str(number), gone=True)
        if kind == "m.room.encrypted":
            return Excluded(ENCRYPTED)
        if kind not in (*MESSAGES, "m.reaction"):
            return Excluded(OTHER)
        sender, sent = row.get("sender"), row.get("origin_server_ts")
        if not isinstance(sender, str) or not sender.startswith("@"):
            return Rejected("no user id at sender", place)
        if not isinstance(sent, int) or isinstance(sent, bool) or epoch(sent, 1000) is None:
            return Rejected("no time at origin_server_ts", place)
        if sender in self._bots:
            return Excluded(BOT)
        if rule := NO_ONES.get(str(content.get("msgtype"))):
            return Excluded(rule)
        told = _told(content, str(kind))
        if isinstance(told, str):
            return Rejected(told, place)
        return Event.of({**self._common(row, room), **told}, location=place)

    def _invitation(self, row: Mapping[str, Any], room: str, place: str) -> Event | Rejected | Excluded:
        """Who was asked in by whom, where both are people; of all other state nothing is kept."""
        content, invited, sender = row.get("content"), row.get("state_key"), row.get("sender")
        unsigned, sent = row.get("unsigned"), row.get("origin_server_ts")
        if (
            row.get("type") != "m.room.member"
            or not (isinstance(content, Mapping) and content.get("membership") == "invite")
            or (isinstance(unsigned, Mapping) and unsigned.get("redacted_because"))
            or not all(isinstance(one, str) and one.startswith("@") for one in (sender, invited))
            or sender == invited
            or {sender, invited} & {*self._bots, self._me}
            or not isinstance(sent, int)
            or isinstance(sent, bool)
            or epoch(sent, 1000) is None
        ):
            return Excluded(STATE)
        return Event.of({**self._common(row, room), "kind": "invite", "invited": invited}, location=place)

    def _common(self, row: Mapping[str, Any], room: str) -> dict[str, Any]:
        """What every event has, read from one that was found right."""
        login, _, server = row["sender"][1:].partition(":")
        return {
            "id": row["event_id"], "room": room, "sender": row["sender"], "sent_at": epoch(row["origin_server_ts"], 1000),
            "login": login if self._server and server == self._server else None,
        }  # fmt: skip


def _redaction(row: Mapping[str, Any], content: Mapping[str, Any], taken_back: bool, place: str) -> Event | Rejected | Excluded:
    """Word that an event was taken back; rooms name it in the content since version 11, beside it before."""
    target = content.get("redacts") or row.get("redacts")
    if isinstance(target, str):
        return Event(id=target, gone=True)
    return Excluded(OTHER) if taken_back else Rejected("no text at redacts", place)


def _told(content: Mapping[str, Any], kind: str) -> dict[str, Any] | str:
    """What a message, edit or reaction says of others and in words; or why that cannot be read."""
    related: Any = content.get("m.relates_to") or {}
    if not isinstance(related, Mapping):
        return "not an object at m.relates_to"
    relation, target = related.get("rel_type"), related.get("event_id")
    points = kind == "m.reaction" or relation in ("m.replace", "m.thread")
    if points and not (isinstance(target, str) and target):
        return "no text at m.relates_to.event_id"
    if kind == "m.reaction":
        return {"kind": "reaction", "target": target} if relation == "m.annotation" else "no m.annotation at m.relates_to"
    if relation == "m.replace":
        new = content.get("m.new_content")
        said = _words(new) if isinstance(new, Mapping) else "not an object at m.new_content"
        return {"kind": "edit", "target": target, **said} if isinstance(said, dict) else said
    said = _words(content)
    if not isinstance(said, dict):
        return said
    answered: Any = related.get("m.in_reply_to") or {}
    replied_to = answered.get("event_id") if isinstance(answered, Mapping) else None
    if not isinstance(replied_to, str | None):
        return "not text at m.in_reply_to"
    if relation == "m.thread" and related.get("is_falling_back") is True:
        replied_to = None  # for programs that know no threads
    if replied_to and said["text"]:
        said["text"] = QUOTED.sub("", said["text"]) or None
    return {
        "kind": "message", "thread": target if relation == "m.thread" else None, "replied_to": replied_to,
        "mentions": _mentioned(content), **said,
    }  # fmt: skip


def _words(content: Mapping[str, Any]) -> dict[str, str | None] | str:
    """The text of a message; of a file only what was written about it."""
    body, file = content.get("body"), content.get("filename")
    if not isinstance(body, str) or not isinstance(file, str | None):
        return "no text at content.body"
    silent = content.get("msgtype", "m.image") in WORDLESS and (file is None or file == body)
    return {"text": None if silent else body}


def _mentioned(content: Mapping[str, Any]) -> list[str]:
    """The users that a message means, as it says; programs before that was written down link to them."""
    said = content.get("m.mentions")
    if isinstance(said, Mapping):
        users = said.get("user_ids")
        return [user for user in users if isinstance(user, str)] if isinstance(users, list) else []
    shown = content.get("formatted_body")
    return [f"@{unquote(name)}" for _, name in PILL.findall(shown)] if isinstance(shown, str) else []
