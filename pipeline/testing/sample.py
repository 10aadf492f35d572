"""A source in miniature, which the contract kit serves, breaks and changes.

Belongs here: what a plug-in author writes for the kit. Does not: the faults (faults.py), the rules (rules_*.py), or the
server that answers for it (server.py).

A sample is the second hand: it is written from the vendor's documented or recorded payloads, never from the connector's
code. What it should land is not written down a second time: the kit compares with a clean first pull of the same world.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

from pipeline.testing.bodies import Body


@dataclass(frozen=True)
class Place:
    """Where the sample is for one pull: the root of the server, a folder for its files, the token that is good now."""

    url: str
    folder: Path
    token: str


@dataclass(frozen=True)
class Asked:
    """One request. Header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes = b""

    @property
    def path(self) -> str:
        """The path without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address, each once."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a POSTed form, each once."""
        return {name: values[-1] for name, values in parse_qs(self.content.decode(), keep_blank_values=True).items()}

    @property
    def json(self) -> Any:
        """The POSTed JSON."""
        return json.loads(self.content)


@dataclass(frozen=True)
class Answer:
    """One answer: `body` is sent as it is where it is bytes, else as JSON."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The bytes on the wire."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body, ensure_ascii=False).encode()


class Sample:
    """One source in miniature. Make one class a feed; the streams of all samples of a plug-in are all its streams.

    streams   stream -> how many rows a clean first pull makes current: the guard against a sample that tests nothing
    bodies    how records lie in what the source gives: pattern (regular expression) of a request's path, or of a file's
              name -> Body. What no pattern names is never altered record by record
    people    every identifier and name of a person in it: the kit looks for each in all that landed
    private   words in whatever must not be read (a direct message, a private group): looked for in the same way
    exempt    rule -> why it cannot hold for this source: an argument that a reader would accept
    """

    streams: ClassVar[Mapping[str, int]]
    bodies: ClassVar[Mapping[str, Body]] = {}
    people: ClassVar[Sequence[str]] = ()
    private: ClassVar[Sequence[str]] = ()
    exempt: ClassVar[Mapping[str, str]] = {}

    def settings(self, place: Place) -> dict[str, Any]:
        """The connector's settings; a path or address in them is made from `place`, a secret is `place.token`."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------- what it says: one of
    def answer(self, asked: Asked) -> Answer:
        """A source behind HTTP: the answer of the vendor's server to this request, in its present state."""
        raise NotImplementedError

    def write(self, folder: Path) -> None:
        """A source of files: put them into the folder as they are now. The folder holds what was written before."""
        raise NotImplementedError

    def admits(self, asked: Asked, token: str) -> bool:
        """Whether a request carries the good token; where it does not, the kit's server answers 401."""
        return asked.headers.get("authorization") == f"Bearer {token}"

    # ------------------------------------------------------------------------------------------------- how it changes
    def add(self, at: datetime) -> None:
        """Something new that happened at this moment (UTC), which may be long past: it arrives now."""
        raise NotImplementedError

    def edit(self) -> None:
        """A record that is here already gets another content, as the vendor tells of it."""
        raise NotImplementedError

    def delete(self) -> None:
        """A record that is here already goes, as the vendor tells of it (or does not)."""
        raise NotImplementedError

    @classmethod
    def does(cls, what: str) -> bool:
        """Whether this sample defines `answer`, `write`, `add`, `edit` or `delete`."""
        return getattr(cls, what) is not getattr(Sample, what)
