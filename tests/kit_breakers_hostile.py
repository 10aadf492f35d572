"""Connectors that break the rules on a server that means harm, and on files.

Belongs here: breakers of rules_hostile.py and rules_files.py. Does not: what a breaker is (kit_breakers.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from unittest.mock import patch

from pydantic import ValidationError

from pipeline.landing.manifest import Manifest
from pipeline.landing.store import StreamStore

from .kit_breakers import PAGES, Breaker, by_hand
from .kit_breakers_change import MARKS_OF_ITS_OWN, SHEETS

OPENED = """\
    with file.open() as content, archive(content, file.name) as found:
        return list(rows_in(found))
"""
GET = 'reply = requests.get(f"{self.url}/{link}", headers=signed, timeout=30)'
JSON = ("try:", "    body = reply.json()", "except ValueError:", '    raise Fatal("posts: no JSON") from None')
ECHO = ("if reply.status_code >= 400:", '    raise Fatal(f"posts: {reply.json()[\'message\']}")', "body = reply.json()")
BASIC = 'signed = {"Authorization": requests.auth._basic_auth_str("tidemark", self.token.get_secret_value())}'

HOSTILE = [
    Breaker(
        "deep_and_huge", "a parser that may run out of stack", "unforeseen RecursionError",
        code=by_hand(
            "try:", "    body = json.loads(http.text(link))", "except ValueError:", '    raise Fatal("posts: no JSON") from None',
            imports="json",
        ),
    ),
    Breaker("bomb", "a body read whole, whatever it becomes", r"\d{3} MB of memory were taken at once", code=by_hand(GET, *JSON)),
    Breaker(
        "drips_and_hangs", "no limit of time", "the connector still waited for the answer",
        code=by_hand('reply = requests.get(f"{self.url}/{link}", headers=signed)', "body = reply.json()"),
    ),
    Breaker("leads_elsewhere", "redirects are followed", "the redirect to another host was followed", code=by_hand(GET, *JSON)),
    Breaker(
        "untrusted_tls", "certificates are not checked", "an untrusted certificate was accepted",
        code=by_hand(
            "with warnings.catch_warnings():", '    warnings.simplefilter("ignore")',
            f"    {GET.replace('timeout', 'verify=False, timeout')}", "body = reply.json()", imports="requests, warnings",
        ),
    ),
    Breaker("no_secret_is_said", "what the server says is passed on", "its reason holds the token", code=by_hand(GET, *ECHO)),
    Breaker(
        "no_secret_is_said", "what the server says is passed on, packed", "holds the token in base64",
        code=by_hand(BASIC, GET, *ECHO),
        world={"    def add(": "    def admits(self, asked: Asked, token: str) -> bool:\n        return True\n\n    def add("},
    ),
    Breaker(
        "no_secret_is_said", "what the server says goes to quarantine", "the token is in",
        code={
            **by_hand(GET, "body = reply.json()"),
            PAGES: """\
        for body in pages(self, since):
            if "error" in body:
                yield Page([Rejected(body["message"])])
                raise Fatal("posts: refused, see quarantine")
"""},
    ),
]  # fmt: skip


def passes_over_the_damaged() -> AbstractContextManager[object]:
    """An engine that counts every batch and reads only those that it can."""

    def readable(store: StreamStore) -> Iterator[Manifest]:
        for path in sorted(store.batches.glob("[0-9]*/manifest.json")):
            with suppress(ValidationError):
                yield Manifest.model_validate_json(path.read_bytes())

    manifests = property(lambda store: list(readable(store)))
    return patch.multiple(StreamStore, manifests=manifests, next_seq=lambda store: store.count() + 1)


FILES = [
    Breaker(
        "file_cut_short", "a file is read once, whatever becomes of it", r"\} rows too few", like="csv",
        code={"file_pages,": "file_pages, given,",
              SHEETS: """\
        known = {name for name, _ in landed.units.values()}
        for file in given(self.files):
            unit = file.unit(landed)
            if unit and file.name not in known:
                yield Page(self.rows(file), unit=unit)
"""},
    ),
    Breaker(
        "file_unreadable", "what cannot be read is passed over", "a file was lost without a word", like="csv",
        code={"Connector, Field": "Connector, Fatal, Field", "file_pages,": "file_pages, given,",
              SHEETS: """\
        for file in given(self.files):
            try:
                if unit := file.unit(landed):
                    yield Page(self.rows(file), unit=unit)
            except Fatal:
                continue
"""},
    ),
    Breaker(
        "files_gone", "no file is a quiet day", "no file is there, and the pull says it is complete", like="csv",
        code={SHEETS: f"        import glob\n\n        if not glob.glob(self.files):\n            return iter(())\n{SHEETS}"},
    ),
    Breaker(
        "file_in_another_encoding", "a mark at the beginning is part of the first column", "a byte order mark ends the pull",
        like="csv",
        code={"            table = sheet(content, file.name)\n": """\
            import csv, io

            names = {"person": "Email", "session": "Session", "held_at": "Time"}
            lines = csv.DictReader(io.TextIOWrapper(content, "utf-8"))
            return [self.visit(Line({"Email": "", **line}, "a line"), names) for line in lines]
            table = sheet(content, file.name)
"""},
    ),
    Breaker(
        "zip_is_hostile", "unpacked beside the export", "the ZIP has written files", like="export",
        code={OPENED: """\
    import zipfile

    with zipfile.ZipFile(file.path) as packed:
        packed.extractall(file.path.parent)
    with (file.path.parent / MEMBER).open() as found:
        return [post_in(json.loads(line), file.name) for line in iter(lambda: found.readline(999), "") if line.strip()]
"""},
    ),
    Breaker(
        "zip_is_hostile", "a member read whole, whatever it becomes", r"\d{3} MB of memory were taken at once", like="export",
        code={OPENED: """\
    import zipfile

    with zipfile.ZipFile(file.path) as packed:
        return [post_in(json.loads(line), file.name) for line in packed.read(MEMBER).splitlines() if line.strip()]
"""},
    ),
    Breaker("disk_full", "marks of its own for what it has read", r"\} rows too few", like="export", code=MARKS_OF_ITS_OWN),
    # Manifests are the engine's: no connector reads one.
    Breaker(
        "damaged_landing_is_named", "an engine that passes over what it cannot read", "a damaged manifest was passed over",
        engine=passes_over_the_damaged,
    ),
]  # fmt: skip
