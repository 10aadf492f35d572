"""Matrix Synapse with SQLite on loopback, and a small client to write with.

Belongs here: how the server is configured, and what people do there. Does not: reading, which is the connector's.
Source: element-hq.github.io/synapse (configuration, registration with a shared secret).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests
import yaml

from tests.servers.environments import environment, free_port, running

REQUIREMENT = "matrix-synapse==1.163.2"
NAME = "dept.test"
SHARED = "for-this-test-only"
FAST = {"per_second": 10_000, "burst_count": 10_000}
CLIENT = "/_matrix/client/v3"


@dataclass
class Synapse:
    """A running server. Room events are written in somebody's name, and their ids given back."""

    url: str
    _session: requests.Session = field(default_factory=requests.Session)
    _tokens: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def ask(self, method: str, path: str, who: str = "", body: Any = None) -> Any:
        """The JSON that answers; raises where the server refuses."""
        headers = {"Authorization": f"Bearer {self.token(who)}"} if who else {}
        answer = self._session.request(method, self.url + path, json=body, headers=headers, timeout=30)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def register(self, login: str) -> str:
        """A new user; gives the user id."""
        nonce = self.ask("GET", "/_synapse/admin/v1/register")["nonce"]
        signed = hmac.new(SHARED.encode(), "\0".join((nonce, login, "pass-of-a-test", "notadmin")).encode(), hashlib.sha1)
        told = {"nonce": nonce, "username": login, "password": "pass-of-a-test", "admin": False, "mac": signed.hexdigest()}
        made = self.ask("POST", "/_synapse/admin/v1/register", body=told)
        self._tokens[login] = made["access_token"]
        return str(made["user_id"])

    def token(self, login: str) -> str:
        """The access token of a user."""
        return self._tokens[login]

    def room(self, who: str, *members: str, preset: str = "public_chat", **more: Any) -> str:
        """A new room that the members have joined."""
        room = self.ask("POST", f"{CLIENT}/createRoom", who, {"preset": preset, **more})["room_id"]
        for login in members:
            if preset != "public_chat":
                self.ask("POST", f"{CLIENT}/rooms/{quote(room)}/invite", who, {"user_id": f"@{login}:{NAME}"})
            self.ask("POST", f"{CLIENT}/rooms/{quote(room)}/join", login, {})
        return str(room)

    def send(self, room: str, who: str, content: dict[str, Any], kind: str = "m.room.message") -> str:
        """An event; gives its id."""
        path = f"{CLIENT}/rooms/{quote(room)}/send/{kind}/{next(self._numbers)}"
        return str(self.ask("PUT", path, who, content)["event_id"])

    def redact(self, room: str, who: str, event: str) -> str:
        """Take an event back; gives the id of the redaction."""
        path = f"{CLIENT}/rooms/{quote(room)}/redact/{quote(event)}/{next(self._numbers)}"
        return str(self.ask("PUT", path, who, {})["event_id"])

    def state(self, room: str, who: str, kind: str, content: dict[str, Any]) -> None:
        """Set a room's state."""
        self.ask("PUT", f"{CLIENT}/rooms/{quote(room)}/state/{kind}/", who, content)

    def close(self) -> None:
        """End the client's connections."""
        self._session.close()


@contextmanager
def synapse(folder: Path) -> Iterator[Synapse]:
    """A server whose data lie in this folder, with the rates raised; ended afterwards."""
    bin, port = environment("synapse", REQUIREMENT), free_port()
    config = folder / "homeserver.yaml"
    config.write_text(yaml.safe_dump(_config(folder, port)), "utf-8")
    url = f"http://127.0.0.1:{port}"
    server = [bin / "python", "-m", "synapse.app.homeserver", "--config-path", config]
    seed = base64.b64encode(bytes(range(32))).decode().rstrip("=")
    (folder / "signing.key").write_text(f"ed25519 a_test {seed}\n", "utf-8")
    with running(server, {}, lambda: requests.get(f"{url}/health", timeout=5).ok, folder / "synapse.log"):
        made = Synapse(url)
        try:
            yield made
        finally:
            made.close()


def _config(folder: Path, port: int) -> dict[str, Any]:
    rates = {f"rc_{name}": FAST for name in ("message", "registration", "admin_redaction")}
    return {
        "server_name": NAME, "report_stats": False, "pid_file": str(folder / "synapse.pid"),
        "listeners": [{"port": port, "type": "http", "tls": False, "bind_addresses": ["127.0.0.1"],
                       "resources": [{"names": ["client"], "compress": False}]}],
        "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
        "media_store_path": str(folder / "media"), "signing_key_path": str(folder / "signing.key"),
        "macaroon_secret_key": SHARED, "form_secret": SHARED, "registration_shared_secret": SHARED,
        "trusted_key_servers": [], "federation_domain_whitelist": [], "enable_registration": False,
        "presence": {"enabled": False}, "caches": {"sync_response_cache_duration": "0s"},
        **rates, "rc_joins": {"local": FAST, "remote": FAST}, "rc_login": {"address": FAST, "account": FAST},
        "rc_invites": {"per_room": FAST, "per_user": FAST, "per_issuer": FAST}, "rc_room_creation": FAST,
    }  # fmt: skip
