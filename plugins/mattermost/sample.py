"""A server in miniature for the contract kit: the bulk export of May as a ZIP, and the one of now as JSONL.

Written from Mattermost's documentation of the bulk loading format. Belongs here: what `mmctl export` would write.
Does not: what should land.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from pipeline.testing import Body, JsonLines, Place, Sample

ANN, BOB, CAT = "ann.archer", "bob.baker", "cat-cattermole"
START = datetime(2026, 5, 11, 9, 15, 30, 250_000, tzinfo=UTC)


def millis(at: datetime) -> int:
    """A time as Mattermost writes it."""
    return int(at.timestamp() * 1000)


def user(username: str, first: str, last: str) -> dict[str, Any]:
    """A line of a user."""
    channels = [{"name": "town-square", "roles": "channel_user", "favorite": False}]
    return {"type": "user", "user": {
        "username": username, "email": f"{first.lower()}.{last.lower()}@dept.example", "auth_service": "", "nickname": "",
        "first_name": first, "last_name": last, "position": "", "roles": "system_user", "locale": "en",
        "teams": [{"name": "department", "roles": "team_user", "channels": channels}],
        "notify_props": {"desktop": "mention", "mention_keys": username},
    }}  # fmt: skip


def line(kind: str, **said: Any) -> dict[str, Any]:
    """A line of a kind."""
    return {"type": kind, kind: said}


def channel(team: str, name: str, kind: str = "O") -> dict[str, Any]:
    """A line of a channel."""
    return line("channel", team=team, name=name, display_name=name.title(), type=kind, header="", purpose="")


HEAD = [
    line("team", name="department", display_name="Department", type="O", description="", allow_open_invite=True),
    line("team", name="board", display_name="Board", type="I", description="", allow_open_invite=False),
    channel("department", "town-square"), channel("department", "digital-help"), channel("department", "restructure", "P"),
    channel("department", "unison-branch"), channel("board", "town-square"),
    user(ANN, "Ann", "Archer"), user(BOB, "Bob", "Baker"), user(CAT, "Cat", "Cattermole"),
    line("bot", username="buildbot", display_name="Build", owner=BOB, delete_at=0),
]  # fmt: skip


class Server(Sample):
    """Posts with replies and reactions, in channels of every kind."""

    streams: ClassVar[Mapping[str, int]] = {"posts": 20, "reactions": 3, "accounts": 3}
    bodies: ClassVar[Mapping[str, Body]] = {
        r"\.jsonl$": JsonLines(
            required=("post.user", "post.create_at", "post.message", "post.team", "post.channel"),
            retyped={
                "post.user": 7, "post.create_at": "1747300530250", "post.message": ["a"], "post.team": {}, "post.replies": "two",
                "post.reactions": 3, "post.edit_at": "yesterday",
            },
        ),
    }  # fmt: skip
    people = (ANN, BOB, CAT, "ann.archer@dept.example", "Archer", "Baker", "Cattermole")
    private = ("quillfeather", "marrowbone", "thistledown", "candlewick", "gooseberry")
    exempt: ClassVar[Mapping[str, str]] = {}

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        for number in range(14):
            self._post(START + timedelta(days=number, minutes=number), (ANN, BOB, CAT)[number % 3], f"Planning note {number}")
        help_me = self._post(START + timedelta(days=3), ANN, "How do I book a room?", channel="digital-help")
        help_me["replies"] = [self._reply(START + timedelta(days=3, minutes=m), who, text) for m, who, text in (
            (4, BOB, f"@{ANN}. Ask at the front desk"), (9, CAT, "Or online"), (12, ANN, "Thank you both"),
        )]  # fmt: skip
        help_me["replies"][1]["reactions"] = [self._reaction(ANN, START + timedelta(days=3, minutes=13), "heart")]
        self.posts[2]["reactions"] = [self._reaction(who, START + timedelta(days=4), "+1") for who in (BOB, CAT)]
        self._post(START + timedelta(days=5), ANN, f"@{CAT} has joined the channel.", type="system_join_channel")
        self._post(START + timedelta(days=5), ANN, f"{CAT} added to the channel by {ANN}.", type="system_add_to_channel")
        self._post(START + timedelta(days=6), "buildbot", "Build 7 is green", props={"from_bot": "true"})
        self._post(START + timedelta(days=7), BOB, "Ticket 9 was closed", props={"from_webhook": "true"}, type="slack_attachment")
        self._post(START + timedelta(days=8), BOB, "Keep the quillfeather quiet", channel="restructure")
        secret = self._post(START + timedelta(days=8), BOB, "The marrowbone vote", channel="unison-branch")
        secret["replies"] = [self._reply(START + timedelta(days=8, hours=1), ANN, "marrowbone it is")]
        self._post(START + timedelta(days=8), BOB, "On the thistledown paper", team="board")
        self._post(START + timedelta(days=8), BOB, "A candlewick from nowhere", channel="deleted-long-ago")
        self._post(START + timedelta(days=20), BOB, "Friday at last", type="", props={"disable_group_highlight": True})
        self.direct = line(
            "direct_post", channel_members=[ANN, BOB], user=ANN, message="The gooseberry is between us",
            create_at=millis(START), flagged_by=None, reactions=None,
            replies=[self._reply(START + timedelta(hours=1), BOB, "gooseberry indeed")], attachments=None,
        )  # fmt: skip
        self.former = deepcopy(self.posts[:6])

    def settings(self, place: Place) -> dict[str, Any]:
        """The files of the folder."""
        return {"files": str(place.folder / "*export*")}

    def write(self, folder: Path) -> None:
        """Both exports; the later one is all there is now."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
            info = zipfile.ZipInfo("import.jsonl", (2026, 5, 18, 2, 0, 0))
            made.writestr(info, self._export("2026-05-18T02:00:00Z", self.former), zipfile.ZIP_DEFLATED)
            made.writestr(zipfile.ZipInfo("data/20260511/photo.png", (2026, 5, 18, 2, 0, 0)), b"\x89PNG")
        (folder / "y7k_export.zip").write_bytes(packed.getvalue())
        (folder / "a1b_export.jsonl").write_bytes(self._export("2026-06-29T02:00:00.123456Z", self.posts))

    def add(self, at: datetime) -> None:
        """A post."""
        self._post(at, ANN, "One more thing about the plan")

    def edit(self) -> None:
        """A post says something else."""
        self.posts[3].update(message="Planning moved to Friday", edit_at=millis(START + timedelta(days=30)))

    def delete(self) -> None:
        """A post is in the export no more."""
        del self.posts[4]

    def _export(self, created: str, posts: list[dict[str, Any]]) -> bytes:
        info = {"generator": "mattermost-server", "version": "10.5.1 (10.5.1, ent: true)", "created": created}
        emoji = line("emoji", name="tick", image="exported_emoji/7u7x/image.png")
        members = line("direct_channel", members=[ANN, BOB], header="", favorited_by=None)
        told = [{"type": "version", "version": 1, "info": info}, *HEAD, *({"type": "post", "post": p} for p in posts)]
        return "".join(json.dumps(one) + "\n" for one in [*told, emoji, members, self.direct]).encode()

    def _post(self, at: datetime, who: str, message: str, **more: Any) -> dict[str, Any]:
        post = {"team": "department", "channel": "town-square", "user": who, "type": "", "message": message, "props": {},
                "create_at": millis(at), "edit_at": 0, "flagged_by": None, "reactions": None, "replies": None,
                "attachments": None, "is_pinned": False, **more}  # fmt: skip
        self.posts.append(post)
        return post

    def _reply(self, at: datetime, who: str, message: str) -> dict[str, Any]:
        return {"user": who, "type": "", "message": message, "create_at": millis(at), "edit_at": 0, "flagged_by": None,
                "reactions": None, "attachments": None}  # fmt: skip

    def _reaction(self, who: str, at: datetime, emoji: str) -> dict[str, Any]:
        return {"user": who, "create_at": millis(at), "emoji_name": emoji}
