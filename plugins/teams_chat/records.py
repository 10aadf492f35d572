"""What is kept of a message in a channel, and the rules by which a message is not read at all.

Belongs here: the wire format of single messages. Does not: which channels are read (places.py), paging (connector.py).
Source: learn.microsoft.com/graph/api/resources/chatmessage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.connector import Excluded, Field, Id, Moment, PersonId, Prose, Record, Rejected, datetime, moment, plain

SYSTEM, BOT, NOBODY = Excluded("system message"), Excluded("bot"), Excluded("no sender")
NEEDED = ("createdDateTime", "from", "body", "replyToId", "mentions", "reactions")


class Message(Record):
    """One message of a channel that everybody may read, or word that it was deleted. Its id is unique in its channel.

    `reacted_at` is in the order of `reactions`: when each of those people first reacted.
    """

    team: Id
    channel: Id
    id: Id
    reply_to: Id | None = None
    person: PersonId["entra"] | None = None
    said_at: Moment | None = None
    modified_at: Moment
    text: Prose = ""
    mentions: list[PersonId["entra"]] = Field(default_factory=list)
    reactions: list[PersonId["entra"]] = Field(default_factory=list)
    reacted_at: list[Moment] = Field(default_factory=list)
    gone: bool = False


class Misshapen(Exception):
    """A part of a message is not as documented; the text says which."""


def message_in(row: Any, team: str, channel: str, place: str) -> Message | Rejected | Excluded:
    """The message in a row, the rule that keeps it out, or why it cannot be read."""
    try:
        found = _fields(row)
    except Misshapen as fault:
        return Rejected(str(fault), place)
    if isinstance(found, Excluded):
        return found
    return Message.of({"team": team, "channel": channel, **found}, location=place)


def _fields(row: Any) -> dict[str, Any] | Excluded:
    if not isinstance(row, Mapping):
        raise Misshapen("not an object")
    key, kind = row.get("id"), row.get("messageType")
    if not isinstance(key, str) or not key.strip():
        raise Misshapen("no text at id")
    if not isinstance(kind, str):
        raise Misshapen("no text at messageType")
    if "deletedDateTime" not in row or "lastModifiedDateTime" not in row:
        raise Misshapen("missing at deletedDateTime or lastModifiedDateTime")
    touched = [_moment(row, name) for name in ("deletedDateTime", "lastModifiedDateTime", "createdDateTime") if row.get(name)]
    if not touched:
        raise Misshapen("missing at createdDateTime")
    if row["deletedDateTime"]:
        return {"id": key, "modified_at": max(touched), "gone": True}
    if kind != "message":
        return SYSTEM
    if absent := [name for name in NEEDED if name not in row]:
        raise Misshapen(f"missing at {absent[0]}")
    sender = row["from"]
    if not isinstance(sender, Mapping | None):
        raise Misshapen("not as expected at from")
    if not sender or not sender.get("user"):
        return BOT if sender and any(sender.values()) else NOBODY
    reactions = _reactions(row)
    return {
        "id": key, "reply_to": row["replyToId"], "person": _user(sender, "from"), "said_at": _moment(row, "createdDateTime"),
        "modified_at": touched[0], "text": _text(row), "mentions": _mentions(row), "reactions": [who for _, who in reactions],
        "reacted_at": [when for when, _ in reactions],
    }  # fmt: skip


def _moment(row: Mapping[str, Any], name: str) -> datetime:
    value = row.get(name)
    found = moment(value) if isinstance(value, str) else None
    if found is None:
        raise Misshapen(f"not a time at {name}")
    return found


def _user(identity: Any, where: str) -> str | None:
    """The Entra id of who is meant; None where that is no person but an application, a channel or a tag."""
    user = identity.get("user") if isinstance(identity, Mapping) else identity
    if user is None:
        return None
    key = user.get("id") if isinstance(user, Mapping) else None
    if not isinstance(key, str) or not key.strip():
        raise Misshapen(f"no id at {where}.user")
    return key


def _text(row: Mapping[str, Any]) -> str:
    """The subject and the body on lines of their own, without those whom the body mentions by a tag."""
    body, subject = row["body"], row.get("subject")
    content = body.get("content") if isinstance(body, Mapping) else row
    if not isinstance(content, str | None) or not isinstance(subject, str | None):
        raise Misshapen("not as expected at body or subject")
    html = str(body.get("contentType")).lower() != "text"
    return "\n".join(filter(None, (subject, plain(content) if html and content else content)))


def _list(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = row[name] or []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise Misshapen(f"not as expected at {name}")
    return found


def _mentions(row: Mapping[str, Any]) -> list[str]:
    """Each person once: a name of two words may be mentioned as two."""
    found = (_user(one.get("mentioned"), "mentions") for one in _list(row, "mentions"))
    return list(dict.fromkeys(who for who in found if who))


def _reactions(row: Mapping[str, Any]) -> list[tuple[datetime, str]]:
    """Each person once, with the first time, in the order of time."""
    first: dict[str, datetime] = {}
    for one in _list(row, "reactions"):
        if who := _user(one.get("user"), "reactions"):
            when = _moment(one, "createdDateTime")
            first[who] = min(when, first.get(who, when))
    return sorted((when, who) for who, when in first.items())
