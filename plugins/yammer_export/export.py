"""One export: a ZIP with a CSV file for each kind of thing, read where it is.

Belongs here: members, when they were written, and that they are whole. Does not: columns (rows.py), or requests and files
(connector.py).
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from typing import IO

from pipeline.connector import Archive, Deferred, Fatal, Sheet, archive, sheet

KNOWN = ("messages.csv", "users.csv", "groups.csv")
RATE_LIMITED = 33  # the code in an error object, whatever the status
STEP = 1 << 20


def made_at(file: IO[bytes], name: str) -> str:
    """When the newest member was written, on the clock of whoever made the ZIP: later exports are newer.

    Raises Fatal where this is no export.
    """
    with archive(file, name) as found:
        if not any(_last(member) in KNOWN for member in found.members):
            raise Fatal(f"{name} is no network export: it has no Messages.csv, Users.csv or Groups.csv")
        with zipfile.ZipFile(file) as inside:
            newest = max(info.date_time for info in inside.infolist())
    return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*newest)


def tables(found: Archive, member: str) -> Iterator[tuple[Sheet, str]]:
    """(table, digest) of each member of this name, in whatever folder of the ZIP; each is known to be whole."""
    for inside, digest in whole(found, member):
        with found.open(inside) as content:
            yield sheet(content, f"{found.name}, {inside.rpartition('/')[2]}"), digest


def whole(found: Archive, member: str) -> list[tuple[str, str]]:
    """(path, digest) of each member of this name, read to its end: only there does its checksum tell of damage."""
    read = []
    for inside in found.members:
        if _last(inside) == member:
            hasher = hashlib.blake2b(digest_size=16)
            with found.open(inside) as content:
                while step := content.read(STEP):
                    hasher.update(step)
            read.append((inside, hasher.hexdigest()))
    return read


def holds(found: Archive, member: str) -> bool:
    """Whether a member of this name is in it."""
    return any(_last(inside) == member for inside in found.members)


def refuse_answer(file: IO[bytes], name: str) -> None:
    """Raise what came from the API where that says itself that it is no ZIP: a web page, or an error."""
    file.seek(0)
    head = file.read(4096).lstrip()
    file.seek(0)
    if head[:1] == b"<":
        raise Fatal(f"{name}: a web page came instead of a ZIP, often a login: check url and token")
    if head[:1] == b"{":
        code = _code(head)
        if code == RATE_LIMITED:
            raise Deferred(f"{name}: rate limited (code {RATE_LIMITED})")
        raise Fatal(f"{name}: an error came instead of a ZIP" + (f" (code {code})" if code is not None else ""))


def _code(head: bytes) -> int | None:
    try:
        body = json.loads(head)
    except (ValueError, RecursionError):
        return None
    said = body.get("response") if isinstance(body, dict) else None
    code = said.get("code") if isinstance(said, dict) else None
    return code if isinstance(code, int) else None


def _last(member: str) -> str:
    return member.rpartition("/")[2].casefold()
