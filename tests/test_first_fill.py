"""A first fill of 200,000 messages under a short deadline: it resumes over several nights and ends equal to one long pull."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from pipeline.connector import Connector, Label, Moment, Page, PersonId, Record, stream
from pipeline.landing import tables
from pipeline.landing.store import Store
from pipeline.privacy import Pseudonyms
from pipeline.pull import Budget, Night, pull

MESSAGES, PAGE = 200_000, 500
START = datetime(2026, 1, 1, tzinfo=UTC)


class Message(Record):
    """A message."""

    id: int
    sender: PersonId["login"]
    sent_at: Moment
    group: Label


def message(number: int) -> dict[str, Any]:
    """The number-th message of the year, one a minute."""
    sent = START + timedelta(minutes=number)
    return {"id": number, "sender": f"p{number % 997}", "sent_at": sent, "group": f"g{number % 31}"}


class Feed(Connector):
    """Newest first, as networks page: {high, low, top} says what was covered, how far down, and from where."""

    name, channel = "feed", "network"

    @stream(Message, kind="keyed", key="id", cursor="opaque", day="sent_at")
    def messages(self, cursor: Any) -> Iterator[Page]:
        """Messages."""
        state = cursor or {"high": 0, "low": None, "top": MESSAGES}
        low = state["low"] or MESSAGES + 1
        while low > state["high"] + 1:
            ids = range(low - 1, max(low - 1 - PAGE, state["high"]), -1)
            low = ids[-1]
            yield Page(Message.many(message(i) for i in ids), cursor={**state, "low": low})
        yield Page([], cursor={"high": state["top"], "low": None, "top": state["top"]})


def contents(store: Store) -> list[tuple]:
    with duckdb.connect() as con:
        con.execute("set TimeZone='UTC'; create schema landing")
        tables.load_stream(con, store.stream("feed", "messages"), Feed.streams()[0])
        digest = 'bit_xor(hash(id, sender, sent_at, "group"))'
        return con.execute(f"select count(*), count(distinct id), max(id), {digest} from landing.feed_messages").fetchall()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple]:
    store = Store(tmp_path_factory.mktemp("undisturbed"))
    night = Night(store, Pseudonyms(bytes(range(32))), date(2026, 6, 1), ZoneInfo("Europe/London"))
    [outcome] = pull(Feed(), "feed", Feed.streams(), night, names=frozenset())
    assert (outcome.complete, outcome.account.landed) == (True, MESSAGES)
    return contents(store)


def test_short_nights_add_up_to_one_long_one(tmp_path: Path, undisturbed: list[tuple]) -> None:
    store = Store(tmp_path)
    states = []
    for number in range(40):
        ticks = count()
        night = Night(store, Pseudonyms(bytes(range(32))), date(2026, 6, 1) + timedelta(days=number), ZoneInfo("Europe/London"))
        budget = Budget(seconds=150.0, clock=lambda ticks=ticks: float(next(ticks)))
        [outcome] = pull(Feed(), "feed", Feed.streams(), night, names=frozenset(), budget=budget)
        states.append(outcome.state)
        assert outcome.account.closes()
        if outcome.complete:
            break
    assert 4 <= len(states) <= 39
    assert set(states[:-1]) == {"deferred"}
    assert states[-1] == "complete"
    assert contents(store) == undisturbed
    before = len(list(tmp_path.rglob("rows.parquet")))
    [again] = pull(Feed(), "feed", Feed.streams(), night, names=frozenset())
    assert (again.complete, again.account.landed) == (True, 0)
    assert len(list(tmp_path.rglob("rows.parquet"))) == before
