"""Questions and answers of Teams meetings, as Microsoft Graph exports them, to rows of a record.

Belongs here: the wire format of `getAllOnlineMeetingMessages`, and what of it must not be read. Does not: asking for it
(connector.py), or which reply is an answer (acts.sql).

An item is a message. Replies come as items of their own (`replyToId`), inside `replies`, or both. Votes, the state of
moderation, the meeting and its organiser are properties of the `conversation` that is expanded in each.
Source: learn.microsoft.com/graph/api/cloudcommunications-getallonlinemeetingmessages (v1.0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline.connector import Excluded, Rejected, datetime, moment, plain

Item = Mapping[str, Any]

PRIVATE, SYSTEM = Excluded("private reply"), Excluded("system message")
DISMISSED, PENDING = Excluded("dismissed"), Excluded("not yet published")
OBJECTS = ("conversation", "from", "body")
LISTS = ("replies", "privateReplies")


def rows(item: Any, place: str = "") -> Iterator[dict[str, Any] | Excluded | Rejected]:
    """A message and the replies inside it: each as the fields of a record, the rule that keeps it out, or why it
    cannot be read.
    """
    yield from _rows(item, {}, None, place)


def _rows(item: Any, above: Item, hidden: Excluded | None, place: str) -> Iterator[dict[str, Any] | Excluded | Rejected]:
    """`above` is the message that this one is inside; `hidden` the rule that keeps all of its thread out."""
    if fault := _misshapen(item):
        yield Rejected(fault, place)
        return
    conversation = item.get("conversation") or above.get("conversation") or {}
    kept_out = hidden or _kept_out(item, conversation, place)
    yield kept_out or (SYSTEM if "System" in _type(item) else _fields(item, above, conversation))
    starter = _starter(item, above, conversation)
    inside = {**item, "conversation": {**conversation, "starterId": starter}}
    # Of a thread whose own state cannot be told, no reply is read either.
    for reply in item.get("replies") or ():
        yield from [kept_out] if isinstance(kept_out, Rejected) else _rows(reply, inside, kept_out, place)
    for reply in item.get("privateReplies") or ():
        yield from _rows(reply, inside, kept_out if isinstance(kept_out, Excluded) else PRIVATE, place)


def _misshapen(item: Any) -> str | None:
    if not isinstance(item, Mapping):
        return "not an object"
    if missing := [n for n in ("from", "body") if n not in item]:
        return f"missing at {missing[0]}"
    wrong = [n for n in OBJECTS if not isinstance(item.get(n), Mapping | None)]
    wrong += [n for n in LISTS if not isinstance(item.get(n), list | None)]
    body = item.get("body")
    if isinstance(body, Mapping) and not isinstance(body.get("content"), str | None):
        wrong.append("body.content")
    return f"not as expected at {wrong[0]}" if wrong else None


def _kept_out(item: Item, conversation: Item, place: str) -> Excluded | Rejected | None:
    """The rule that hides a message. How a private reply is marked is not documented: any mark that says so counts.

    A message that does not say that it is published is not taken to be.
    """
    if any("private" in name.lower() and name != "privateReplies" and marked for name, marked in item.items()):
        return PRIVATE
    state = item.get("moderationState") or conversation.get("moderationState")
    if not isinstance(state, str):
        return Rejected("missing at conversation.moderationState", place)
    return None if state == "published" else DISMISSED if state == "dismissed" else PENDING


def _fields(item: Item, above: Item, conversation: Item) -> dict[str, Any]:
    organiser, author = _user(conversation.get("organizer") or item.get("organizer")), _user(item.get("from"))
    starter = _starter(item, above, conversation)
    replied_to = item.get("replyToId") or above.get("id") or (starter if starter != item.get("id") else None)
    # Only who holds the meeting can open a discussion; the documented example calls every message one.
    opens = "Discussion" in _type(item) and author is not None and author == organiser
    votes = item.get("upvoteCount", conversation.get("upvoteCount"))
    body = item.get("body") or {}
    content = body.get("content") or ""
    return {
        "id": item.get("id"),
        "kind": "reply" if replied_to else "discussion" if opens else "question",
        "thread": starter,
        "reply_to": replied_to,
        "meeting": conversation.get("onlineMeetingId") or item.get("onlineMeetingId"),
        "person": author,
        "organiser": organiser,
        "said_at": _moment(item.get("createdDateTime")),
        "modified_at": _moment(item.get("lastModifiedDateTime") or item.get("createdDateTime")),
        "votes": None if replied_to else votes,
        "text": content if str(body.get("contentType")).lower() == "text" else plain(content),
    }


def _starter(item: Item, above: Item, conversation: Item) -> Any:
    """The id of the message that began the conversation."""
    named = conversation.get("starterId") or item.get("starterId")
    return named or item.get("replyToId") or above.get("id") or item.get("id")


def _moment(value: Any) -> datetime | None:
    return moment(value) if isinstance(value, str) else None


def _type(item: Item) -> str:
    return str(item.get("@odata.type", ""))


def _user(identity: Any) -> Any:
    """The Entra id of an identity set; None for who asked without a name, and for applications."""
    user = identity.get("user") if isinstance(identity, Mapping) else None
    return (user.get("id") or None) if isinstance(user, Mapping) else user or None
