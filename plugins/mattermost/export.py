"""A bulk export of Mattermost: the lines of the newest one, from a JSONL file or the ZIP around it.

Belongs here: files and lines. Does not: what a line says (posts.py), or streams (connector.py).

The first line says the format and, from newer servers, when the export was made; nothing says where it ends. A file that
was cut within a line is told by that line. One that was cut between two posts cannot be told from a shorter export: what
it lacks is only seen beside the one before, and the engine holds back a unit that has lost much.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from pipeline.connector import UTC, Fatal, Given, archive, datetime, moment

LONGEST = 32 << 20  # bytes of one line: a post with all its replies
ZIP = b"PK\x03\x04"


def newest(files: Iterable[Given]) -> Given | None:
    """The export that was made last: by what it says, else by its name."""
    return max(files, key=lambda file: (_made_at(file), file.name), default=None)


def lines(file: Given) -> Iterator[tuple[int, Any]]:
    """(number, object) of each line. Raises Fatal where it is no bulk export, was cut, or is damaged."""
    users = False
    with _content(file) as content:
        for number, line in _read(content, file.name):
            if number == 1 and (not isinstance(line, Mapping) or line.get("type") != "version"):
                raise Fatal(f"{file.name} does not begin with a line of type version: it is not a bulk export")
            if number == 1 and line.get("version") != 1:
                raise Fatal(f"{file.name} is of another version of the format than 1: this plug-in cannot read it")
            users = users or (isinstance(line, Mapping) and line.get("type") == "user")
            yield number, line
    if not users:
        raise Fatal(f"{file.name} has no users, and every server has one: it was cut, export it again")


@contextmanager
def _content(file: Given) -> Iterator[IO[bytes]]:
    with file.open() as raw:
        begins = raw.read(4)
        raw.seek(0)
        if begins != ZIP:
            yield raw
            return
        with archive(raw, file.name) as found:
            members = [m for m in found.members if m.endswith(".jsonl") and "/" not in m]
            if len(members) != 1:
                raise Fatal(f"{file.name} holds {len(members) or 'no'} .jsonl files beside each other: a bulk export has one")
            with found.open(members[0]) as content:
                yield content


def _read(content: IO[bytes], name: str) -> Iterator[tuple[int, Any]]:
    number = 0
    while line := content.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise Fatal(f"{name} line {number} is over {LONGEST >> 20} MB: it is not of a bulk export")
        if not line.endswith(b"\n"):
            raise Fatal(f"{name} line {number} has no end: the file was cut, copy or export it again")
        try:
            said = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except (ValueError, RecursionError):
            raise Fatal(f"{name} line {number} is not JSON: the file was damaged, export it again") from None
        yield number, said
    if not number:
        raise Fatal(f"{name} is empty: export it again")


def _made_at(file: Given) -> datetime:
    with _content(file) as content:
        _, said = next(_read(content, file.name))
    info = said.get("info") if isinstance(said, Mapping) else None
    created = info.get("created") if isinstance(info, Mapping) else None
    return (moment(created) if isinstance(created, str) else None) or datetime.min.replace(tzinfo=UTC)
