"""What is kept of a message, a user and a group, and the rules by which a message is not read at all.

Belongs here: the wire format of single rows. Does not: paging and cursors (connector.py, descent.py).
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from pipeline.connector import (
    SENSITIVE,
    Excluded,
    Field,
    Id,
    Label,
    Moment,
    PersonId,
    Prose,
    Record,
    Rejected,
    datetime,
    names_with,
)

MENTION = re.compile(r"\[\[user:(\d+)\]\]")
DIRECT, PRIVATE, SYSTEM, BOT = "direct message", "private group", "system message", "bot"


class Message(Record):
    """One message that everybody in the network may read. One that is gone keeps only its id."""

    id: Id
    thread: Id | None = None
    replied_to: Id | None = None
    group: Id | None = None
    sender: PersonId["yammer"] | None = None
    created_at: Moment | None = None
    body: Prose | None = None
    mentions: list[PersonId["yammer"]] = Field(default_factory=list)
    likes: int = 0
    gone: bool = False


class User(Record):
    """An account, and the e-mail address by which the directory knows the same person."""

    id: PersonId["yammer"]
    email: PersonId["email"] | None = None
    state: Label | None = None


class Group(Record):
    """A community that everybody may read."""

    id: Id
    name: Label


class Groups:
    """Which messages must not be read, by the groups that are known."""

    def __init__(self, words: Iterable[str]) -> None:
        self._sensitive = names_with(words)
        self._rules: dict[str, str | None] = {}

    def rule_of(self, group: Mapping[str, Any]) -> str | None:
        """Why this group is not read, or None. One that does not say that it is public is private."""
        if str(group.get("privacy")).lower() != "public":
            return PRIVATE
        return SENSITIVE if self._named(group) else None

    def _named(self, group: Mapping[str, Any]) -> bool:
        return self._sensitive(" ".join(str(group.get(key) or "") for key in ("full_name", "name")))

    def learn(self, rows: Iterable[Any]) -> None:
        """Take in groups of groups.json, or the references of a page; a rule once learnt is never lifted.

        Of a group that does not say whether it is public, each message decides.
        """
        for row in rows:
            if isinstance(row, Mapping) and row.get("type", "group") == "group" and row.get("id") is not None:
                found = self.rule_of(row) if row.get("privacy") else SENSITIVE if self._named(row) else None
                known = str(row["id"])
                if found or row.get("privacy"):
                    self._rules[known] = self._rules.get(known) or found

    def rule(self, message: Mapping[str, Any]) -> str | None:
        """Why this message must not be read, or None."""
        privacy, group = str(message.get("privacy")).lower(), message.get("group_id")
        if _true(message.get("direct_message")):
            return DIRECT
        if privacy not in ("public", "none"):
            return PRIVATE
        if group is not None and (rule := self._rules.get(str(group), None if privacy == "public" else PRIVATE)):
            return rule
        kind, sender = message.get("message_type"), message.get("sender_type")
        if _true(message.get("system_message")) or "system" in (kind, sender):
            return SYSTEM
        return None if sender in ("user", None) else BOT


def message_in(row: Any, groups: Groups, location: str) -> Message | Rejected | Excluded:
    """The message in a row of messages.json."""
    if not isinstance(row, Mapping):
        return Rejected("not an object", location)
    if rule := groups.rule(row):
        return Excluded(rule)
    if message_id(row) is None:
        return Rejected("no number at id", location)
    for name in ("sender_id", "created_at", "privacy"):
        if row.get(name) in (None, ""):
            return Rejected(f"missing at {name}", location)
    for name in ("body", "thread_id", "replied_to_id"):  # null is an answer, to be left out is not
        if name not in row:
            return Rejected(f"missing at {name}", location)
    body, liked = row["body"] or {}, row.get("liked_by") or {}
    if not isinstance(body, Mapping) or not all(isinstance(body.get(k, ""), str | None) for k in ("plain", "parsed")):
        return Rejected("not as expected at body", location)
    if not isinstance(liked, Mapping):
        return Rejected("not as expected at liked_by", location)
    parsed = body.get("parsed") or ""
    plain = parsed if body.get("plain") is None and parsed else body.get("plain")
    return Message.of(
        {
            "id": row["id"], "thread": row.get("thread_id"), "replied_to": row.get("replied_to_id"),
            "group": row.get("group_id"), "sender": _text(row["sender_id"]), "created_at": moment_of(row["created_at"]),
            # The plain text spells the names of whom it mentions; the parsed one has numbers, which are left out here.
            "body": re.sub(r"\[\[\w+:\d+\]\]\s?", "", parsed) if MENTION.search(parsed) else plain,
            "mentions": MENTION.findall(parsed),
            "likes": 0 if liked.get("count") is None else liked["count"],
        },
        location=location,
    )  # fmt: skip


def user_in(row: Any, location: str) -> User | Rejected:
    """The user in a row of users.json."""
    if not isinstance(row, Mapping):
        return Rejected("not an object", location)
    contact: Any = row.get("contact")
    if not isinstance(contact, Mapping) or not isinstance(contact.get("email_addresses") or [], list):
        return Rejected("not as expected at contact", location)
    return User.of({"id": _text(row.get("id")), "email": _email(contact), "state": row.get("state")}, location=location)


def group_in(row: Any, groups: Groups, location: str) -> Group | Rejected | Excluded:
    """The group in a row of groups.json."""
    if not isinstance(row, Mapping):
        return Rejected("not an object", location)
    if not row.get("privacy"):
        return Rejected("missing at privacy", location)
    if rule := groups.rule_of(row):
        return Excluded(rule)
    return Group.of({"id": row.get("id"), "name": row.get("full_name") or row.get("name")}, location=location)


def message_id(row: Any) -> int | None:
    """The id as a number, by which messages are ordered; None where it is none."""
    value = row.get("id") if isinstance(row, Mapping) else None
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None


def moment_of(value: Any) -> Any:
    """A time as the API writes it (2013/03/13 21:08:48 +0000); anything else is left to the record to judge."""
    with suppress(ValueError, TypeError):
        return datetime.strptime(value, "%Y/%m/%d %H:%M:%S %z")
    return value if isinstance(value, str) else str(type(value))


def _email(contact: Mapping[str, Any]) -> str | None:
    if _true(contact.get("has_fake_email")):
        return None
    found = [a for a in contact.get("email_addresses") or () if isinstance(a, Mapping) and a.get("address")]
    primary = [a for a in found if a.get("type") == "primary"]
    return (primary or found)[0]["address"] if found else None


def _true(value: Any) -> bool:
    return str(value).lower() == "true"


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
