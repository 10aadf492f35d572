"""Yammer: whatever the feed does, every public message is read once and none that is not public."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.connector import Deferred, Fatal, Page, Retry
from plugins.yammer.connector import Yammer
from plugins.yammer.records import Message

FOLDER = Path(__file__).parents[2] / "plugins" / "yammer"
START = datetime(2026, 1, 12, 9, tzinfo=UTC)


def message(number: int, **changes: Any) -> dict[str, Any]:
    """A public message of the number-th hour of the network."""
    at = START + timedelta(hours=number)
    return {
        "id": number, "thread_id": number, "replied_to_id": None, "sender_id": 60 + number % 5, "sender_type": "user",
        "group_id": 901, "privacy": "public", "direct_message": False, "system_message": False,
        "message_type": "update", "created_at": at.strftime("%Y/%m/%d %H:%M:%S +0000"),
        "body": {"plain": f"Text {number}", "parsed": f"Text {number}"}, **changes,
    }  # fmt: skip


class Network:
    """A network that answers as the API does, and lies about what is older as the API does."""

    def __init__(self, server: HTTPServer) -> None:
        self.messages: dict[int, dict[str, Any]] = {}
        self.groups = [{"type": "group", "id": 901, "full_name": "Harbour", "privacy": "public"}]
        self.mine: list[dict[str, Any]] = []
        self.users: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.broken_below = 0
        self.url = server.url_for("/api/v1")
        server.expect_request("/api/v1/messages.json").respond_with_handler(self._feed)
        for what in ("groups", "users"):
            server.expect_request(f"/api/v1/{what}.json").respond_with_handler(self._list)

    def post(self, *numbers: int, **changes: Any) -> None:
        self.messages.update({number: message(number, **changes) for number in numbers})

    def _feed(self, request: Request) -> Response:
        self.asked.append(request.full_path)
        below = int(request.args.get("older_than", 10**18))
        if below <= self.broken_below:
            return Response("broken", status=503)
        ids = sorted((i for i in self.messages if i < below), reverse=True)[: min(20, int(request.args["limit"]))]
        meta = {"older_available": False, "realtime": {"authentication_token": f"token {len(self.asked)}"}}
        return answer({"messages": [self.messages[i] for i in ids], "meta": meta})

    def _list(self, request: Request) -> Response:
        groups = self.mine if request.args.get("mine") == "true" else self.groups
        rows = groups if "groups" in request.path else self.users
        first = (int(request.args["page"]) - 1) * 50
        return answer(rows[first : first + 50])


def answer(body: Any) -> Response:
    return Response(json.dumps(body), content_type="application/json")


@pytest.fixture
def network(httpserver: HTTPServer) -> Network:
    return Network(httpserver)


def yammer(network: Network, **changes: Any) -> Yammer:
    return Yammer(url=network.url, token="t", requests_per_30s=0, **changes)


def pull(network: Network, landed: dict[str, Message], since: Any, pages: int | None = None, **changes: Any) -> Any:
    """Read so many pages into `landed` as the engine would; gives the cursor as it is kept: as JSON."""
    for page in islice(yammer(network, **changes).messages(since), pages):
        for record in page.records:
            if isinstance(record, Message):
                landed[record.id] = record
                if record.gone:
                    del landed[record.id]
        since = page.cursor
    return json.loads(json.dumps(since))


# ---------------------------------------------------------------------------------------------------------- the feed
def test_a_first_fill_reads_down_to_the_first_message_whatever_meta_says(network: Network) -> None:
    network.post(*range(1, 64))
    landed: dict[str, Message] = {}
    cursor = pull(network, landed, None)
    assert sorted(map(int, landed)) == list(range(1, 64))
    assert (cursor["high"], cursor["low"], cursor["top"]) == (63, None, None)
    assert len(network.asked) == 5  # the last one is empty: a page that is not full proves nothing


def test_the_next_night_reads_only_what_is_new_and_the_last_days(network: Network) -> None:
    network.post(*range(1, 1000))
    landed: dict[str, Message] = {}
    cursor = pull(network, landed, None)
    network.asked.clear()
    network.post(*range(1000, 1071))
    cursor = pull(network, landed, cursor, reread_days=1)
    assert len(landed) == 1070
    assert len(network.asked) == 4  # as far as the newest of last time, although that is more than a day
    network.asked.clear()
    pull(network, landed, cursor, reread_days=1)
    assert len(network.asked) == 2  # as far as a day, although nothing is new


def test_ids_are_compared_as_numbers_beyond_64_bits_and_as_text(network: Network) -> None:
    big = 3_489_814_542_165_986
    network.messages = {n: message(4, id=n) for n in (9, 10, 99, big)} | {100: message(4, id="100")}
    landed: dict[str, Message] = {}
    cursor = pull(network, landed, None)
    assert set(landed) == {"9", "10", "99", "100", str(big)}
    assert cursor["high"] == big


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 40), st.sets(st.integers(1, 150), max_size=2)), max_size=5),
    st.integers(0, 80),
)
def test_nights_of_any_length_end_with_every_message_that_is_there(
    network: Network, nights: list[tuple[int, int, set[int]]], first: int
) -> None:
    """However few pages a night can read, and whatever is written and deleted meanwhile."""
    network.messages.clear()
    network.post(*range(1, first + 1))
    landed: dict[str, Message] = {}
    cursor, newest = None, first
    for pages, new, deleted in nights:
        cursor = pull(network, landed, cursor, pages, reread_days=30)
        network.post(*range(newest + 1, newest + new + 1))
        newest += new
        network.messages = {n: m for n, m in network.messages.items() if n not in deleted}
    for _ in range(2):
        cursor = pull(network, landed, cursor, reread_days=30)
        assert set(network.messages) <= set(map(int, landed))
    assert set(network.messages) == set(map(int, landed))
    assert cursor["low"] is None


def test_a_night_that_was_cut_is_gone_on_with_not_begun_again(network: Network) -> None:
    network.post(*range(1, 101))
    landed: dict[str, Message] = {}
    cursor = pull(network, landed, None, pages=3)
    assert (cursor["high"], cursor["low"], cursor["top"]) == (None, 41, 100)
    network.post(101)
    network.asked.clear()
    cursor = pull(network, landed, cursor)
    assert "older_than=41" in network.asked[0]
    assert sorted(map(int, landed)) == list(range(1, 102))
    assert cursor["high"] == 101


def test_a_page_that_keeps_failing_costs_only_what_is_below_it(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.http.Clock.sleep", lambda *_: None)
    network.post(*range(1, 101))
    network.broken_below = 61
    pages = yammer(network).messages(None)
    first = list(islice(pages, 2))
    landed = {record.id: record for page in first for record in page.records if isinstance(record, Message)}
    with pytest.raises(Retry, match="answers 503"):
        next(pages)
    network.broken_below = 0
    network.asked.clear()
    pull(network, landed, first[-1].cursor)
    assert "older_than=61" in network.asked[0]
    assert len(landed) == 100


def test_short_nights_end_and_what_came_meanwhile_is_caught_up_with_once(network: Network) -> None:
    """Each night reads three pages; the last days are not read again before a descent of several nights is over."""
    network.post(*range(1, 161))
    landed: dict[str, Message] = {}
    cursor, nights = None, 0
    while cursor is None or cursor["low"] is not None or cursor["high"] != 160 + nights - 1:
        pages = islice(yammer(network).messages(cursor), 3)
        for page in pages:
            landed |= {record.id: record for record in page.records if isinstance(record, Message)}
            cursor = page.cursor
        nights += 1
        assert nights < 8, "the nights never come to an end"
        network.post(160 + nights)
    assert set(range(1, 160 + nights)) == {int(i) for i in landed}
    del network.messages[159]
    pull(network, landed, cursor)
    assert "159" not in landed


def test_edits_of_the_last_days_are_seen_and_older_ones_are_not(network: Network) -> None:
    network.post(*range(1, 401))
    landed: dict[str, Message] = {}
    cursor = pull(network, landed, None)
    network.post(390, 2, body={"plain": "Edited", "parsed": "Edited"})
    pull(network, landed, cursor, reread_days=3)
    assert (landed["390"].body, landed["2"].body) == ("Edited", "Text 2")


def test_a_deleted_message_is_gone_the_next_night_and_so_is_one_that_was_made_private(network: Network) -> None:
    network.post(*range(1, 101))
    landed: dict[str, Message] = {}
    cursor = pull(network, landed, None)
    del network.messages[97]
    network.post(95, privacy="private")
    network.post(94, created_at=None)  # cannot be read tonight: that is not deleted
    cursor = pull(network, landed, cursor)
    assert set(range(1, 101)) - set(map(int, landed)) == {95, 97}
    network.post(97)
    pull(network, landed, cursor)
    assert "97" in landed


def test_a_feed_that_is_suddenly_almost_empty_deletes_nothing(network: Network) -> None:
    network.post(*range(1, 101))
    landed: dict[str, Message] = {}
    cursor = pull(network, landed, None)
    whole, network.messages = network.messages, {n: network.messages[n] for n in (3, 99, 100)}
    cursor = pull(network, landed, cursor)
    assert len(landed) == 100
    network.messages = {n: m for n, m in whole.items() if n != 98}
    pull(network, landed, cursor)
    assert len(landed) == 99


def test_a_server_that_does_not_heed_older_than_is_an_error_not_an_end(httpserver: HTTPServer, network: Network) -> None:
    httpserver.clear()
    httpserver.expect_request("/api/v1/groups.json").respond_with_json([])
    tokens = iter(range(100))
    httpserver.expect_request("/api/v1/messages.json").respond_with_handler(
        lambda _: answer({"messages": [message(8), message(7)], "meta": {"realtime": next(tokens)}})
    )
    got: list[Page] = []
    with pytest.raises(Fatal, match="does not heed older_than"):
        got.extend(yammer(network).messages(None))
    assert next(tokens) == 2


def test_a_server_that_counts_older_than_in_ends_at_the_first_message(httpserver: HTTPServer, network: Network) -> None:
    httpserver.clear()
    httpserver.expect_request("/api/v1/groups.json").respond_with_json([])
    numbers = iter(range(100))

    def feed(request: Request) -> Response:
        upto = int(request.args.get("older_than", 9))
        rows = [message(n) for n in range(upto, max(0, upto - 3), -1)]
        return answer({"messages": rows, "meta": next(numbers)})

    httpserver.expect_request("/api/v1/messages.json").respond_with_handler(feed)
    pages = list(yammer(network).messages(None))
    assert {r.id for p in pages for r in p.records if isinstance(r, Message)} == {str(n) for n in range(1, 10)}


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [({"response": {"message": "Rate limited", "code": 33, "stat": "fail"}}, Deferred, "rate limited"),
     ({"response": {"message": "secret words", "code": 16, "stat": "fail"}}, Fatal, "error code 16"),
     ({"messages": None}, Fatal, "no list of messages"), ("nonsense", Fatal, "no list of messages"),
     ({"messages": [{"text": 1}]}, Fatal, "without ids")],
)  # fmt: skip
def test_what_is_no_page_of_messages_is_never_taken_for_an_empty_one(
    httpserver: HTTPServer, network: Network, body: Any, error: type[Exception], said: str
) -> None:
    httpserver.clear()
    httpserver.expect_request("/api/v1/groups.json").respond_with_json([])
    httpserver.expect_request("/api/v1/messages.json").respond_with_json(body)
    with pytest.raises(error, match=said) as met:
        list(yammer(network).messages(None))
    assert "secret" not in str(met.value)
