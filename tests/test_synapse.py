"""A real Matrix server: what people write there lands once, as they last wrote it, and nothing that is not public.

The truth is what the test itself has written. Each test reads with an account of its own, which has joined only the rooms
of that test.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

from pipeline.connector import Fatal
from plugins.matrix_rooms import connector, rooms
from plugins.matrix_rooms.connector import MatrixRooms
from tests.landings import Nights
from tests.servers.synapse import NAME, Synapse, synapse

READERS = itertools.count(1)
CANARY = "quillfeather"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    with synapse(tmp_path_factory.mktemp("synapse")) as running:
        for login in ("ann", "bob", "cat"):
            running.register(login)
        yield running


@pytest.fixture
def reader(server: Synapse) -> str:
    login = f"reader{next(READERS)}"
    server.register(login)
    return login


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of a few events: as many turns of the page as a room of thousands takes."""
    monkeypatch.setattr(connector, "EVENTS_A_PAGE", 7)
    monkeypatch.setitem(rooms.FILTER["room"], "timeline", {"limit": 4})  # type: ignore[index]


def nights(server: Synapse, reader: str, home: Path, **settings: Any) -> Nights:
    return Nights(home, MatrixRooms(url=server.url, token=SecretStr(server.token(reader)), **settings))


def pull(source: Nights, **budget: Any) -> Any:
    return source(as_of=date(2030, 1, 1), **budget)


def landed(source: Nights) -> dict[str, tuple[Any, ...]]:
    """Event id -> what is known of it."""
    return {row[0]: row[1:] for row in source.rows("id, kind, target, thread, replied_to")}


def text(body: str, **more: Any) -> dict[str, Any]:
    return {"msgtype": "m.text", "body": body, **more}


def related(kind: str, event: str, **more: Any) -> dict[str, Any]:
    return {"m.relates_to": {"rel_type": kind, "event_id": event, **more}}


def edit(event: str, body: str) -> dict[str, Any]:
    return text(f"* {body}", **{"m.new_content": text(body)}, **related("m.replace", event))


MESSAGE = ("message", None, None, None)


def test_messages_threads_edits_reactions_and_redactions(server: Synapse, reader: str, tmp_path: Path) -> None:
    room = server.room("ann", "bob", reader, name="Everybody")
    truth = {server.send(room, who, text(f"Point {n}")): MESSAGE for n, who in zip(range(18), itertools.cycle(("ann", "bob")))}
    ids = list(truth)
    reply = {"m.relates_to": {"m.in_reply_to": {"event_id": ids[0]}}, "m.mentions": {"user_ids": [f"@ann:{NAME}"]}}
    truth[server.send(room, "bob", text("Quite", **reply))] = ("message", None, None, ids[0])
    fallback = related("m.thread", ids[1], is_falling_back=True, **{"m.in_reply_to": {"event_id": ids[1]}})
    truth[server.send(room, "ann", text("In a thread", **fallback))] = ("message", None, ids[1], None)
    answer = related("m.thread", ids[1], is_falling_back=False, **{"m.in_reply_to": {"event_id": ids[3]}})
    truth[server.send(room, "ann", text("To this one", **answer))] = ("message", None, ids[1], ids[3])
    truth[server.send(room, "ann", edit(ids[2], "Put right"))] = ("edit", ids[2], None, None)
    reaction = server.send(room, "bob", related("m.annotation", ids[4], key="+1"), "m.reaction")
    truth[server.send(room, "ann", related("m.annotation", ids[4], key="+1"), "m.reaction")] = ("reaction", ids[4], None, None)
    for event, who in ((ids[5], "bob"), (reaction, "bob")):
        server.redact(room, who, event)
    del truth[ids[5]]
    source = nights(server, reader, tmp_path)
    outcome = pull(source)
    assert outcome.complete, outcome.reason
    assert outcome.account.excluded["state event"] >= 5
    assert not outcome.account.quarantined
    assert landed(source) == truth
    again = pull(source)
    assert (again.complete, again.account.landed) == (True, 0)


def test_a_later_night_finds_what_is_new_and_what_happened_to_the_old(server: Synapse, reader: str, tmp_path: Path) -> None:
    room = server.room("ann", "bob", reader)
    ids = [server.send(room, "ann", text(f"Point {n}")) for n in range(9)]
    truth = dict.fromkeys(ids, MESSAGE)
    source = nights(server, reader, tmp_path)
    assert pull(source).complete
    truth[server.send(room, "ann", edit(ids[0], "Another"))] = ("edit", ids[0], None, None)
    server.redact(room, "ann", ids[1])
    del truth[ids[1]]
    # More than /sync gives at once: it leaves a gap, which pages fill.
    truth |= {server.send(room, "bob", text(f"Later {n}")): MESSAGE for n in range(20)}
    assert pull(source).complete
    assert landed(source) == truth
    later = server.room("ann", reader)
    truth[server.send(later, "ann", text("A new room"))] = MESSAGE
    assert pull(source).complete
    assert landed(source) == truth


def test_a_night_that_is_cut_anywhere_is_gone_on_with(server: Synapse, reader: str, tmp_path: Path) -> None:
    truth = {}
    for _ in range(2):
        room = server.room("bob", reader)
        truth |= {server.send(room, "bob", text(f"Point {n}")): MESSAGE for n in range(16)}
    source = nights(server, reader, tmp_path)
    outcomes = []
    for n in range(40):
        ticks = itertools.chain([0.0] * 4, itertools.repeat(1e9))
        outcomes.append(pull(source, records=1, seconds=10, clock=lambda ticks=ticks: next(ticks)))
        if n == 1:
            truth[server.send(room, "bob", text("Meanwhile"))] = MESSAGE
        if outcomes[-1].complete:
            break
    assert len(outcomes) > 3
    assert {o.state for o in outcomes[:-1]} == {"deferred"}
    assert pull(source).complete
    assert landed(source) == truth


def test_what_is_not_public_never_lands(server: Synapse, reader: str, tmp_path: Path) -> None:
    public = server.room("ann", reader)
    heard = server.send(public, "ann", text("For everybody"))
    closed = server.room("ann", reader, preset="private_chat", name="Board")
    pair = server.room("ann", reader)
    direct = f"/_matrix/client/v3/user/@{reader}:{NAME}/account_data/m.direct"
    server.ask("PUT", direct, reader, {f"@ann:{NAME}": [pair]})
    branch = server.room("ann", reader, name="PCS branch")
    for room in (closed, pair, branch):
        server.send(room, "ann", text(f"The {CANARY} is between us"))
    server.send(public, "ann", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": CANARY}, "m.room.encrypted")
    taken_back = server.send(public, "ann", text(f"The {CANARY} in haste"))
    server.redact(public, "ann", taken_back)
    source = nights(server, reader, tmp_path / "landing")
    outcome = pull(source)
    assert outcome.complete, outcome.reason
    assert set(landed(source)) == {heard}
    rules = {"private room", "direct message", "trade union or staff network", "encrypted message"}
    assert rules <= outcome.account.excluded.keys()
    assert CANARY not in held(tmp_path / "landing")
    assert "For everybody" in held(tmp_path / "landing"), "the search must find what is there"

    server.state(public, "ann", "m.room.join_rules", {"join_rule": "invite"})
    server.send(public, "ann", text(f"Now the {CANARY} can be said"))
    assert pull(source).complete
    assert CANARY not in held(tmp_path / "landing")
    opened = nights(server, reader, tmp_path / "opened", allow_rooms=[closed, pair])
    assert pull(opened).complete
    assert opened.rows("room") == [(closed,)]


def held(home: Path) -> str:
    """All that landing holds, as text."""
    tables = [pq.read_table(path).to_pylist() for path in home.rglob("*.parquet")]
    return f"{tables} {[path.read_text() for path in home.rglob('*.json')]}"


def test_a_token_that_is_not_known_and_a_room_that_is_not_joined_are_named(server: Synapse, reader: str, tmp_path: Path) -> None:
    room = server.room("ann")
    with pytest.raises(Fatal, match=r"not accepted \(401\)"):
        list(MatrixRooms(url=server.url, token=SecretStr("never-issued")).events(None))
    source = nights(server, reader, tmp_path, rooms=[room])
    outcome = pull(source)
    assert not outcome.complete
    assert f"{room} (not joined)" in outcome.reason
