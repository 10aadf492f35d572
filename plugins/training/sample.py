"""A learning record store in miniature, for the contract kit: the statements resource as the xAPI specification has it.

Belongs here: answers of a store. Does not: how they are read (connector.py, statements.py).
Source: adlnet/xAPI-Spec 1.0.3, Communication 2.1.3 (GET statements) and Data 2.3.2 (voiding).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from pipeline.testing import Answer, Asked, Body, JsonList, Place, Sample

USER = "tidemark"
PAGE = 5
COURSES = "https://learn.harbour.example/courses"
VERBS = "http://adlnet.gov/expapi/verbs"
AGENTS: dict[str, dict[str, Any]] = {
    "Mabli Okonjo": {"mbox": "mailto:mabli.okonjo@harbour.example"},
    "Edwin Szabo": {"mbox_sha1sum": hashlib.sha1(b"mailto:edwin.szabo@harbour.example", usedforsecurity=False).hexdigest()},
    "Tirion Vale": {"account": {"homePage": "https://sso.harbour.example", "name": "tvale7"}},
    "Non Prosser": {"openid": "https://id.harbour.example/non-prosser"},
}


class Statements(Sample):
    """A store that orders by `stored`, filters by it, and hides what was voided."""

    streams: ClassVar[Mapping[str, int]] = {"statements": 15}
    bodies: ClassVar[Mapping[str, Body]] = {
        r"/xAPI/statements": JsonList(
            at="statements", required=("id", "timestamp", "actor", "verb.id", "object.id"),
            retyped={"timestamp": 1767225600, "actor": "mabli", "verb.id": 7, "id": 12},
        ),
    }  # fmt: skip
    people: ClassVar[tuple[str, ...]] = (
        *AGENTS, "mabli.okonjo@harbour.example", AGENTS["Edwin Szabo"]["mbox_sha1sum"], "tvale7",
        "https://id.harbour.example/non-prosser", "mailto:mabli.okonjo@harbour.example",
    )  # fmt: skip
    private: ClassVar[tuple[str, ...]] = ("mooring-rota", "answer-that-nobody-reads")
    exempt: ClassVar[Mapping[str, str]] = {
        "edit_is_found": "a statement cannot be changed: it is voided and another takes its place (xAPI Data 2.3.2)",
    }

    def __init__(self) -> None:
        self.statements: list[dict[str, Any]] = []
        for number in range(15):
            at = datetime(2026, 1, 12, 9, 20, tzinfo=UTC) + timedelta(days=11 * number, minutes=7 * number)
            self._store(self._statement(number, at), at + timedelta(minutes=2))
        organised = self._statement(90, datetime(2026, 2, 2, 10, tzinfo=UTC))
        members = [{"objectType": "Agent", **agent} for agent in AGENTS.values()]
        team = {"objectType": "Group", "name": "mooring-rota", "mbox": "mailto:mooring-rota@harbour.example", "member": members}
        self._store({**organised, "actor": team}, datetime(2026, 2, 2, 10, 5, tzinfo=UTC))

    @staticmethod
    def _statement(number: int, at: datetime) -> dict[str, Any]:
        """What a learner did, as a course platform tells it."""
        name = list(AGENTS)[number % len(AGENTS)]
        verb = ("completed", "experienced", "passed", "launched")[number // 4 % 4]
        return {
            "id": str(UUID(int=0x6F0C9A1E00004000800000000000 << 16 | number)), "timestamp": at.isoformat(),
            "actor": {"objectType": "Agent", "name": name, **AGENTS[name]},
            "verb": {"id": f"{VERBS}/{verb}", "display": {"en-GB": verb}},
            "object": {"objectType": "Activity", "id": f"{COURSES}/{number % 3}", "definition": {"name": {"en-GB": "A course"}}},
            "result": {"completion": True, "response": "answer-that-nobody-reads", "score": {"scaled": 0.9}, "duration": "PT4M"},
            "context": {
                "instructor": {"objectType": "Agent", "name": "Non Prosser", **AGENTS["Non Prosser"]},
                "contextActivities": {"grouping": [{"objectType": "Activity", "id": f"{COURSES}/all"}]},
            },
            "version": "1.0.3",
        }  # fmt: skip

    def _store(self, statement: dict[str, Any], at: datetime) -> None:
        authority = {"objectType": "Agent", "account": {"homePage": "https://lrs.harbour.example", "name": "platform"}}
        self.statements.append({**statement, "stored": at.isoformat().replace("+00:00", "Z"), "authority": authority})

    def settings(self, place: Place) -> dict[str, Any]:
        """User and password of the store."""
        return {
            "url": f"{place.url}/xAPI", "username": USER, "password": place.token, "page_size": 500,
            "login_pages": ["https://sso.harbour.example"],
        }  # fmt: skip

    def admits(self, asked: Asked, token: str) -> bool:
        """Basic authentication."""
        return asked.headers.get("authorization") == "Basic " + base64.b64encode(f"{USER}:{token}".encode()).decode()

    def answer(self, asked: Asked) -> Answer:
        """A page by offset, and a relative link to more."""
        if "x-experience-api-version" not in asked.headers:
            return Answer(b"X-Experience-API-Version is missing", 400)
        query = asked.query
        voided = {s["object"]["id"].lower() for s in self.statements if s["verb"]["id"].endswith("/voided")}
        since = datetime.fromisoformat(query["since"]) if query.get("since") else None
        there = [s for s in self.statements if s["id"] not in voided]
        there = [s for s in there if since is None or datetime.fromisoformat(s["stored"]) > since]
        there.sort(key=lambda s: datetime.fromisoformat(s["stored"]), reverse=query.get("ascending") != "true")
        start, size = int(query.get("offset", 0)), min(PAGE, int(query.get("limit", PAGE)) or PAGE)
        more = ""
        if start + size < len(there):
            asked_for = f"since={query['since'].replace('+', '%2B')}&" if since else ""
            more = f"/xAPI/statements?{asked_for}ascending={query.get('ascending', 'false')}&offset={start + size}"
        headers = {"X-Experience-API-Version": "1.0.3", "X-Experience-API-Consistent-Through": self.statements[-1]["stored"]}
        return Answer({"statements": there[start : start + size], "more": more}, 200, headers)

    def add(self, at: datetime) -> None:
        """A statement of then arrives now: the store takes it in after all others."""
        number = 20 + len(self.statements)
        self._store(self._statement(number, at), self._newest() + timedelta(hours=3))

    def delete(self) -> None:
        """A statement is voided by another one."""
        gone = self.statements[7]["id"]
        voiding = self._statement(70, self._newest())
        voiding["verb"] = {"id": f"{VERBS}/voided", "display": {"en-GB": "voided"}}
        self._store({**voiding, "object": {"objectType": "StatementRef", "id": gone}}, self._newest() + timedelta(minutes=1))

    def _newest(self) -> datetime:
        return max(datetime.fromisoformat(s["stored"]) for s in self.statements)
