"""A small network as the vendor's REST API tells of it: messages newest first, accounts and groups by page.

Belongs here: what the contract kit serves and changes. Does not: anything that runs at night.
Payloads: the keys of Microsoft's own fixtures (yammer/yam, Apache-2.0), the words made up.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pipeline.testing import Answer, Asked, JsonList, Place, Sample

API = "/api/v1"
FEED_PAGE, LIST_PAGE = 20, 8  # the vendor's own lists have 50 a page
PEOPLE = (
    (150101, "Awen Pryce", "awen.pryce@harbour.example"), (150102, "Bran Oduya", "bran.oduya@harbour.example"),
    (150103, "Cerys Lundqvist", "cerys.lundqvist@harbour.example"), (150104, "Dilwyn Achebe", "d.achebe@harbour.example"),
    (150105, "Eluned Marchetti", "e.marchetti@harbour.example"), (150106, "Ffion Kowalska", "f.kowalska@harbour.example"),
    (150107, "Gethin Osei", "gethin.osei@harbour.example"), (150108, "Heledd Varga", "heledd.varga@harbour.example"),
    (150109, "Idris Nakamura", "i.nakamura@harbour.example"), (150110, "Jestyn Moreau", "jestyn.moreau@harbour.example"),
    (150111, "Kerensa Dlamini", "k.dlamini@harbour.example"), (150112, "Llinos Petrov", "llinos.petrov@harbour.example"),
)  # fmt: skip
PUBLIC = (
    "Harbour office", "Pilots", "Lifts and doors", "Canteen", "New starters", "Charts", "Tides", "Radio", "Cranes", "Welsh",
    "Ideas",
)  # fmt: skip
BOARD, UNION, OWN = 7701, 7702, 7703
TEXTS = (
    "How do I book a desk?", "Ask the service desk for a link.", "Thank you, that worked.", "The lift is mended.",
    "Pryd mae'r bws nesaf?", "Am ddeg o'r gloch.", "New charts are in the hall.", "Could somebody check the tide table?",
)  # fmt: skip


def message(number: int, at: datetime, **also: Any) -> dict[str, Any]:
    """A message of a public group with the keys of recorded payloads."""
    who, text = PEOPLE[number % len(PEOPLE)][0], TEXTS[number % len(TEXTS)]
    thread = number - number % 3
    return {
        "id": number, "sender_id": who, "replied_to_id": None if number == thread else thread, "thread_id": thread,
        "network_id": 15488, "group_id": 7700 - number % 3, "sender_type": "user", "message_type": "update",
        "system_message": False, "direct_message": False, "privacy": "public",
        "created_at": at.astimezone(UTC).strftime("%Y/%m/%d %H:%M:%S +0000"),
        "url": f"https://www.yammer.com/api/v1/messages/{number}", "client_type": "Web", "content_excerpt": text,
        "body": {"plain": text, "parsed": text, "rich": text},
        "liked_by": {"count": number % 4, "names": [{"full_name": PEOPLE[0][1], "permalink": "awen", "user_id": PEOPLE[0][0]}]},
        "attachments": [], "chat_client_sequence": None, **also,
    }  # fmt: skip


def said(text: str) -> dict[str, str]:
    """A body without mentions."""
    return {"plain": text, "parsed": text, "rich": text}


class Network(Sample):
    """Forty-five public messages of two months, and beside them one of each kind that must not be read."""

    streams: ClassVar = {"groups": 11, "users": 12, "messages": 45}
    bodies: ClassVar = {
        r"/messages\.json$": JsonList(
            at="messages",
            required=("id", "sender_id", "created_at", "privacy", "body", "thread_id", "replied_to_id"),
            retyped={
                "id": ["x"],
                "sender_id": {"id": 1},
                "created_at": 1780000000,
                "body": "text",
                "liked_by": "many",
                "thread_id": [1],
            },
        ),
        r"/users\.json$": JsonList(required=("id", "contact"), retyped={"id": ["x"], "contact": "nobody"}),
        r"/groups\.json$": JsonList(required=("id", "privacy"), retyped={"id": ["x"], "full_name": {"en": "Pilots"}}),
    }
    people = tuple(str(part) for person in PEOPLE for part in person)
    private = ("quillwort", "saltmarsh", "hawkbit", "burdock", "teasel", "caltrop", "sorrel")

    def __init__(self) -> None:
        first = datetime(2026, 5, 4, 9, 15, tzinfo=UTC)
        self.messages = [message(3000 + n, first + timedelta(hours=30 * n)) for n in range(45)]
        self.messages[40]["body"] = {
            "plain": "@Bran Oduya Thanks!", "parsed": "[[user:150102]] Thanks!", "rich": "<a>Bran Oduya</a> Thanks!",
        }  # fmt: skip
        self.messages[41]["group_id"] = None  # said to everybody
        last = first + timedelta(hours=30 * 44)
        left_out: tuple[dict[str, Any], ...] = (
            {"direct_message": True, "privacy": "private", "group_id": None, "body": said("for you alone: quillwort")},
            {"direct_message": "true", "privacy": "private", "body": said("and again quillwort")},
            {"privacy": "private", "group_id": BOARD, "body": said("the saltmarsh papers")},
            {"privacy": "public", "group_id": OWN, "body": said("a hawkbit of our own")},
            {"privacy": "public", "group_id": UNION, "body": said("the burdock ballot")},
            {"system_message": True, "message_type": "system", "sender_type": "system", "body": said("teasel has joined")},
            {"sender_type": "bot", "sender_id": 150199, "body": said("build caltrop is green")},
        )
        self.messages += [message(3100 + n, last + timedelta(minutes=n + 1), **also) for n, also in enumerate(left_out)]
        self.groups = [self._group(7700 - n, name, "public") for n, name in enumerate(PUBLIC)]
        self.groups.append(self._group(UNION, "PCS branch burdock", "public"))
        self.own = [self._group(OWN, "Saltmarsh and hawkbit", "private")]

    @staticmethod
    def _group(number: int, name: str, privacy: str) -> dict[str, Any]:
        return {
            "id": number, "type": "group", "name": name.lower().replace(" ", "-"), "full_name": name, "description": "",
            "privacy": privacy, "created_at": "2019/02/18 22:34:19 +0000",
            "stats": {"members": 12, "updates": 40, "last_message_id": 3044, "last_message_at": "2026/06/28 09:15:00 +0000"},
            "url": f"https://www.yammer.com/api/v1/groups/{number}", "web_url": "https://www.yammer.com/harbour.example",
        }  # fmt: skip

    @staticmethod
    def _user(number: int, name: str, address: str) -> dict[str, Any]:
        return {
            "id": number, "type": "user", "name": name.lower().replace(" ", "-"), "full_name": name, "state": "active",
            "job_title": "Pilot", "admin": "false", "verified_admin": "false", "show_in_directory": "true",
            "contact": {
                "email_addresses": [{"type": "other", "address": "old@harbour.example"}, {"type": "primary", "address": address}],
                "phone_numbers": [], "im": {"provider": "", "username": ""}, "has_fake_email": False,
            },
            "network_domains": ["harbour.example"], "stats": {"updates": 4, "following": 7, "followers": 9},
        }  # fmt: skip

    def settings(self, place: Place) -> dict[str, Any]:
        return {"url": f"{place.url}{API}", "token": place.token, "requests_per_30s": 0}

    def answer(self, asked: Asked) -> Answer:
        if asked.path == f"{API}/messages.json":
            return Answer(self._feed(int(asked.query.get("older_than", 10**18)), int(asked.query.get("limit", "20"))))
        if asked.path == f"{API}/users.json":
            return Answer(self._listed(asked, [self._user(*person) for person in PEOPLE]))
        if asked.path == f"{API}/groups.json":
            return Answer(self._listed(asked, self.own if asked.query.get("mine") == "true" else self.groups))
        return Answer({"response": {"message": "Not found.", "code": 404, "stat": "fail"}}, 404)

    @staticmethod
    def _listed(asked: Asked, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        begin = LIST_PAGE * (int(asked.query.get("page", "1")) - 1)
        return rows[begin : begin + LIST_PAGE]

    def _feed(self, below: int, limit: int) -> dict[str, Any]:
        older = sorted((m for m in self.messages if m["id"] < below), key=lambda m: -m["id"])
        shown = older[: min(limit, FEED_PAGE)]
        named = {m["group_id"] for m in shown}
        return {
            "messages": shown,
            "references": [g for g in (*self.groups, *self.own) if g["id"] in named],
            "threaded_extended": {},
            "meta": {
                "older_available": False,  # as the vendor has it, whatever is there
                "feed_name": "All Company",
                "realtime": {"uri": "https://rt.yammer.com/cometd/", "authentication_token": f"sorrel-{below}"},
            },
        }

    def add(self, at: datetime) -> None:
        self.messages.append(message(max(m["id"] for m in self.messages) + 3, at))

    def edit(self) -> None:
        self.messages[43]["body"] = said("The lift is mended, and so is the door.")

    def delete(self) -> None:
        del self.messages[42]
