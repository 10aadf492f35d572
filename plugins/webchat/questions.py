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

from pipeline.connector import Excluded, plain

Item = Mapping[str, Any]

PRIVATE, SYSTEM = Excluded("private reply"), Excluded("system message")
DISMISSED, PENDING = Excluded("dismissed"), Excluded("not yet published")


def rows(item: Item) -> Iterator[dict[str, Any] | Excluded]:
    """A message and the replies inside it: each as the fields of a record, or the rule that keeps it out."""
    yield from _rows(item, {}, None)


def _rows(item: Item, above: Item, hidden: Excluded | None) -> Iterator[dict[str, Any] | Excluded]:
    """`above` is the message that this one is inside; `hidden` the rule that keeps all of its thread out."""
    conversation = item.get("conversation") or above.get("conversation") or {}
    hidden = hidden or _kept_out(item, conversation)
    yield hidden or (SYSTEM if "System" in _type(item) else _fields(item, above, conversation))
    starter = _starter(item, above, conversation)
    inside = {**item, "conversation": {**conversation, "starterId": starter}}
    for reply in item.get("replies") or ():
        yield from _rows(reply, inside, hidden)
    for reply in item.get("privateReplies") or ():
        yield from _rows(reply, inside, hidden or PRIVATE)


def _kept_out(item: Item, conversation: Item) -> Excluded | None:
    """The rule that hides a message. How a private reply is marked is not documented: any mark that says so counts."""
    if any("private" in name.lower() and name != "privateReplies" and marked for name, marked in item.items()):
        return PRIVATE
    state = item.get("moderationState") or conversation.get("moderationState") or "published"
    return None if state == "published" else DISMISSED if state == "dismissed" else PENDING


def _fields(item: Item, above: Item, conversation: Item) -> dict[str, Any]:
    organiser, author = _user(conversation.get("organizer") or item.get("organizer")), _user(item.get("from"))
    replied_to = item.get("replyToId") or above.get("id")
    # Only who holds the meeting can open a discussion; the documented example calls every message one.
    opens = "Discussion" in _type(item) and author is not None and author == organiser
    votes = item.get("upvoteCount", conversation.get("upvoteCount"))
    body = item.get("body") or {}
    content = body.get("content") or ""
    return {
        "id": item.get("id"),
        "kind": "reply" if replied_to else "discussion" if opens else "question",
        "thread": _starter(item, above, conversation),
        "reply_to": replied_to,
        "meeting": conversation.get("onlineMeetingId") or item.get("onlineMeetingId"),
        "person": author,
        "organiser": organiser,
        "said_at": item.get("createdDateTime"),
        "modified_at": item.get("lastModifiedDateTime") or item.get("createdDateTime"),
        "votes": None if replied_to else votes,
        "text": content if str(body.get("contentType")).lower() == "text" else plain(content),
    }


def _starter(item: Item, above: Item, conversation: Item) -> Any:
    """The id of the message that began the conversation."""
    named = conversation.get("starterId") or item.get("starterId")
    return named or item.get("replyToId") or above.get("id") or item.get("id")


def _type(item: Item) -> str:
    return str(item.get("@odata.type", ""))


def _user(identity: Any) -> str | None:
    """The Entra id of an identity set; None for who asked without a name, and for applications."""
    user = (identity or {}).get("user") or {}
    return user.get("id") or None
