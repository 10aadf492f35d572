"""What is kept of a message and of a member, and the rules by which a message is not read.

Belongs here: the wire format of single rows and Slack's markup. Does not: ZIPs (exports.py), or streams (connector.py).
Sources: api.slack.com/reference/surfaces/formatting, slack.com/help (how to read Slack data exports).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from pipeline.connector import (
    UTC,
    Excluded,
    Field,
    Id,
    Moment,
    PersonId,
    Prose,
    Record,
    Rejected,
    datetime,
    timedelta,
)

STAMP = re.compile(r"(\d{1,10})\.(\d{1,6})")
MARKED = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
BOT, SYSTEM = "bot", "system message"
BY_PEOPLE = {None, "file_comment", "file_share", "me_message", "reply_broadcast", "thread_broadcast"}
FOR_GOOD = 2**62  # later than any edit


class Message(Record):
    """A message in a public channel, or word that its sender asked somebody in; a deleted one keeps only its place.

    `ts` names it within its channel, `thread` is the `ts` of the message that began its thread. `edition` grows with
    each edit. Reactions have no times in an export. `invited` is who was asked into the channel: then there is no text.
    """

    channel: Id
    ts: Id
    thread: Id | None = None
    sender: PersonId["slack"] | None = None
    starter: PersonId["slack"] | None = None
    posted_at: Moment | None = None
    text: Prose | None = None
    mentions: list[PersonId["slack"]] = Field(default_factory=list)
    reacted_by: list[PersonId["slack"]] = Field(default_factory=list)
    invited: PersonId["slack"] | None = None
    edition: int = 0
    gone: bool = False


class Member(Record):
    """A member of the workspace, and the e-mail address by which the directory knows the same person."""

    id: PersonId["slack"]
    email: PersonId["email"] | None = None
    deactivated: bool = False


def gone(channel: str, ts: str) -> Message:
    """Word that a message was deleted."""
    return Message(channel=channel, ts=ts, edition=FOR_GOOD, gone=True)


def stamp_of(row: Any) -> str | None:
    """The `ts` that names a message, as text; None where it has none."""
    ts = row.get("ts") if isinstance(row, Mapping) else None
    return ts if isinstance(ts, str) and STAMP.fullmatch(ts) else None


def message_in(row: Any, channel: str, bots: Collection[str], place: str) -> Message | Rejected | Excluded:
    """The message in a row of a day's file."""
    if not isinstance(row, Mapping):
        return Rejected("not an object", place)
    ts, subtype = stamp_of(row), row.get("subtype")
    if ts is None:
        return Rejected("no time as text at ts", place)
    if not isinstance(subtype, str | None):
        return Rejected("not text at subtype", place)
    if subtype == "tombstone":
        return gone(channel, ts)
    if subtype == "bot_message" or (subtype in BY_PEOPLE and (row.get("bot_id") or row.get("user") in ("USLACKBOT", *bots))):
        return Excluded(BOT)
    if subtype == "channel_join" and (asked := _invitation(row, bots)):
        return Message.of({"channel": channel, "ts": ts, "posted_at": _posted_at(ts), **asked}, location=place)
    if row.get("type", "message") != "message" or subtype not in BY_PEOPLE:
        return Excluded(SYSTEM)
    said = _said(row, subtype)
    edited = row.get("edited")
    edition = _micros(edited.get("ts")) if isinstance(edited, Mapping) else None
    for name, right in (
        ("user", isinstance(said["user"], str)),
        ("text", isinstance(said["text"], str | None)),
        ("thread_ts", row.get("thread_ts") is None or _micros(row["thread_ts"]) is not None),
        ("edited", edited is None or edition is not None),
        ("reactions", isinstance(row.get("reactions"), list | None)),
    ):
        if not right:
            return Rejected(f"not as expected at {name}", place)
    text, mentions = plain(said["text"] or "")
    return Message.of(
        {
            "channel": channel, "ts": ts, "thread": row.get("thread_ts"), "sender": said["user"],
            "starter": row.get("parent_user_id"),
            "posted_at": _posted_at(ts),
            "text": text or None, "mentions": mentions, "reacted_by": _reacted(row.get("reactions") or []),
            "edition": edition or 0,
        },
        location=place,
    )  # fmt: skip


def member_in(row: Any, place: str) -> Member | Rejected | Excluded:
    """The member in a row of users.json."""
    if not isinstance(row, Mapping):
        return Rejected("not an object", place)
    if is_bot(row):
        return Excluded(BOT)
    profile = row.get("profile")
    email = profile.get("email") if isinstance(profile, Mapping) else None
    return Member.of({"id": row.get("id"), "email": email or None, "deactivated": row.get("deleted", False)}, location=place)


def is_bot(row: Any) -> bool:
    """Whether a row of users.json is no person."""
    return isinstance(row, Mapping) and (row.get("is_bot") is True or row.get("id") == "USLACKBOT")


def plain(text: str) -> tuple[str, list[str]]:
    """Slack's markup as text without whom it mentions, and their ids."""
    mentions: list[str] = []

    def shown(found: re.Match[str]) -> str:
        target, label = found[1], found[2]
        if target.startswith("@"):
            mentions.append(target[1:])
            return ""
        if target.startswith("!"):
            return label or "" if target.startswith("!date") else ""
        return label or ("" if target.startswith("#") else target)

    bare = MARKED.sub(shown, text).lstrip(" :,") if "<" in text else text
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):  # Slack writes no others
        bare = bare.replace(entity, sign)
    return bare.strip(), list(dict.fromkeys(mentions))


def _invitation(row: Mapping[str, Any], bots: Collection[str]) -> dict[str, str] | None:
    """Who asked whom into the channel, where both are people and not the same."""
    inviter, invited = row.get("inviter"), row.get("user")
    if not isinstance(inviter, str) or not isinstance(invited, str) or not inviter or not invited or inviter == invited:
        return None
    return None if {inviter, invited} & {"USLACKBOT", *bots} else {"sender": inviter, "invited": invited}


def _posted_at(ts: str) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=_micros(ts) or 0)


def _said(row: Mapping[str, Any], subtype: str | None) -> dict[str, Any]:
    """Who says what. Of a file, old exports have a sentence by Slack, which nobody said."""
    file = row.get("file")
    if subtype == "file_comment" and isinstance(comment := row.get("comment"), Mapping):
        return {"user": comment.get("user"), "text": comment.get("comment")}
    if subtype == "file_share" and isinstance(file, Mapping):
        first = file.get("initial_comment")
        return {"user": row.get("user"), "text": first.get("comment") if isinstance(first, Mapping) else None}
    return {"user": row.get("user"), "text": row.get("text")}


def _reacted(reactions: list[Any]) -> list[str]:
    users = [r["users"] for r in reactions if isinstance(r, Mapping) and isinstance(r.get("users"), list)]
    return sorted({user for some in users for user in some if isinstance(user, str)})


def _micros(ts: Any) -> int | None:
    """A `ts` in microseconds after 1970, without the digits that a float would lose."""
    found = STAMP.fullmatch(ts) if isinstance(ts, str) else None
    return int(found[1]) * 1_000_000 + int(found[2].ljust(6, "0")) if found else None
