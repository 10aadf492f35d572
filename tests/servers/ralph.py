"""Ralph, a learning record store, with its files on disk, and a client to store statements with.

Belongs here: how the store is configured and filled. Does not: reading, which is the connector's.
Source: openfun.github.io/ralph (settings of the LRS; file-system backend; basic authentication).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.servers.environments import environment, free_port, running

REQUIREMENT = "ralph-malph[full]==5.1.0"
USER, PASSWORD = "tidemark", "password-of-a-test"

# As it comes, this backend refuses the second POST: it creates its file and never adds to one.
START = """
import json, os, sys
import bcrypt, uvicorn
from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.fs import FSLRSBackend

FSLRSBackend.default_operation_type = BaseOperationType.APPEND
user, password, port = sys.argv[1:]
hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
account = {"username": user, "hash": hashed, "scopes": ["all"], "agent": {"mbox": "mailto:lrs@example.com"}}
with open(os.environ["RALPH_AUTH_FILE"], "w") as file:
    json.dump([account], file)
uvicorn.run("ralph.api:app", host="127.0.0.1", port=int(port), log_level="warning")
"""


class Ralph:
    """A running store. `url` is the root of its xAPI."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.auth = (USER, PASSWORD)
        self._session.headers["X-Experience-API-Version"] = "1.0.3"

    def store(self, statements: Sequence[dict[str, Any]], at_once: int = 1000) -> None:
        """Store these statements, some at once; raises where the store refuses."""
        for first in range(0, len(statements), at_once):
            answer = self.post(statements[first : first + at_once])
            assert answer.status_code == 200, f"{answer.status_code} {answer.text[:300]}"

    def post(self, statements: Sequence[dict[str, Any]]) -> requests.Response:
        """The answer to one POST."""
        headers = {"Content-Type": "application/json"}
        return self._session.post(f"{self.url}/statements", data=json.dumps(list(statements)), headers=headers, timeout=60)

    def close(self) -> None:
        """End the client's connections."""
        self._session.close()


@contextmanager
def ralph(folder: Path, page: int = 1000) -> Iterator[Ralph]:
    """A store without statements, which gives at most `page` at once."""
    programs, port = environment("ralph", REQUIREMENT), free_port()
    settings = {
        "RALPH_APP_DIR": str(folder), "RALPH_AUTH_FILE": str(folder / "auth.json"),
        "RALPH_HISTORY_FILE": str(folder / "history.json"), "RALPH_RUNSERVER_BACKEND": "fs",
        "RALPH_RUNSERVER_MAX_SEARCH_HITS_COUNT": str(page),
        "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(folder / "statements"),
    }  # fmt: skip

    def answers() -> bool:
        return requests.get(f"http://127.0.0.1:{port}/__heartbeat__", timeout=2).ok

    command = [programs / "python", "-c", START, USER, PASSWORD, str(port)]
    with running(command, settings, answers, folder / "ralph.log"):
        store = Ralph(f"http://127.0.0.1:{port}/xAPI")
        try:
            yield store
        finally:
            store.close()
