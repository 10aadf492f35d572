"""A real SCIM 2.0 server (scim2-server, users in memory) and the writes of an identity provider's administrator.

Belongs here: starting it and changing its users. Does not: reading them (the plug-in under test).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.servers.environments import environment, free_port, running

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
TOKEN = "token-of-a-server-in-memory"


class Administrator:
    """Somebody who may change the users of one server; users are told apart by their ids."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.headers.update({"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"})

    def close(self) -> None:
        self._session.close()

    def join(self, number: str, given: str, family: str, team: str | None, division: str, manager: str | None = None) -> str:
        """A new user; gives the id."""
        enterprise: dict[str, Any] = {"employeeNumber": number, "division": division}
        if team:
            enterprise["department"] = team
        if manager:
            enterprise["manager"] = {"value": manager}
        user = {
            "schemas": [CORE, ENTERPRISE],
            "userName": f"{given}.{number}@coastal.example".lower(),
            "name": {"givenName": given, "familyName": family},
            "emails": [{"value": f"{given}.{number}@Coastal.example", "type": "work", "primary": True}],
            "active": True,
            ENTERPRISE: enterprise,
        }
        reply = self._session.post(f"{self.url}/Users", json=user, timeout=10)
        assert reply.status_code == 201, reply.status_code
        return str(reply.json()["id"])

    def change(self, user: str, **values: object) -> None:
        """PATCH some attributes; those of the enterprise extension by their own names."""
        own = {"active", "userName"}
        changes = [
            {"op": "replace", "path": name if name in own else f"{ENTERPRISE}:{name}", "value": value}
            for name, value in values.items()
        ]
        body = {"schemas": [PATCH], "Operations": changes}
        reply = self._session.patch(f"{self.url}/Users/{user}", json=body, timeout=10)
        assert reply.status_code in (200, 204), reply.status_code

    def delete(self, user: str) -> None:
        """The user is gone: asked for by id the server says 404."""
        assert self._session.delete(f"{self.url}/Users/{user}", timeout=10).status_code == 204
        assert self._session.get(f"{self.url}/Users/{user}", timeout=10).status_code == 404


@contextmanager
def scim_server(folder: Path) -> Iterator[Administrator]:
    """A server without users, for as long as it is needed."""
    programs, port = environment("scim", "scim2-server==0.8.3"), free_port()
    administrator = Administrator(f"http://127.0.0.1:{port}")

    def answers() -> bool:
        try:
            return requests.get(f"{administrator.url}/ServiceProviderConfig", timeout=2).status_code in (200, 401)
        except requests.ConnectionError:
            return False

    command = [programs / "scim2-server", "--bearer-token", TOKEN, "--port", str(port)]
    with running(command, {}, answers, folder / "scim.log"):
        try:
            yield administrator
        finally:
            administrator.close()
