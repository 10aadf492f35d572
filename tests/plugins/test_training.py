"""Training: however a record store orders, cuts and forgets its pages, every statement is read and voided ones go."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.connector import Excluded, Fatal, Rejected
from pipeline.landing.store import Store as LandingStore
from pipeline.landing.tables import load_stream
from pipeline.privacy import Pseudonyms
from pipeline.pull import Night
from pipeline.pull import pull as run
from plugins.training.connector import Training
from plugins.training.statements import Statement

FOLDER = Path(__file__).parents[2] / "plugins" / "training"
START = datetime(2026, 7, 1, tzinfo=UTC)
# How many pages it reads, how much is stored after it, what is voided then, and whether links are forgotten before it.
NIGHT = st.tuples(st.integers(1, 4), st.integers(0, 30), st.sets(st.integers(0, 90), max_size=2), st.booleans())
VOIDED = {"id": "http://adlnet.gov/expapi/verbs/voided"}


def statement(number: int, **changes: Any) -> dict[str, Any]:
    """A course completed in the number-th hour, stored a minute later."""
    at = START + timedelta(hours=number)
    return {
        "id": f"id-{number}", "timestamp": at.isoformat(), "stored": (at + timedelta(minutes=1)).isoformat(),
        "actor": {"mbox": f"mailto:learner{number % 7}@dcs.example"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": f"https://learn.dcs.example/courses/{number % 3}"}, **changes,
    }  # fmt: skip


def voiding(number: int, voided: int, **changes: Any) -> dict[str, Any]:
    """The statement of the number-th hour by which another is voided."""
    return statement(number, verb=VOIDED, object={"objectType": "StatementRef", "id": f"ID-{voided}"}, **changes)


class Store:
    """An LRS as the specification has it, or in order of arrival, without `stored`, with what was voided."""

    def __init__(self, server: HTTPServer, *, unstored: bool = False) -> None:
        self.statements: list[dict[str, Any]] = []
        self.unstored, self.page, self.forgotten, self.queries = unstored, 10, set[str](), dict[str, list[Any]]()
        self.in_order, self.asked = True, list[Request]()
        self.url = server.url_for("/lrs/xAPI")
        server.expect_request("/lrs/xAPI/statements").respond_with_handler(self._answer)

    def _found(self, since: str | None) -> list[dict[str, Any]]:
        if self.unstored:
            assert since is None, "nothing can be known of when its statements were stored"
            return [{k: v for k, v in row.items() if k != "stored"} for row in self.statements]
        gone = {row["object"]["id"].lower() for row in self.statements if row["verb"] == VOIDED}
        rows = [row for row in self.statements if row["id"] not in gone]
        rows.sort(key=lambda row: str(row["stored"]), reverse=not self.in_order)
        return [row for row in rows if since is None or row["stored"] > since]

    def _answer(self, request: Request) -> Response:
        self.asked.append(request)
        if name := request.args.get("more"):
            query, _, at = name.partition(".")
            if query in self.forgotten:
                return Response("forgotten", status=404)
            rows = self.queries[query][int(at) :]
        else:
            query, at = str(len(self.queries)), "0"
            rows = self.queries[query] = self._found(request.args.get("since"))
        # More is promised whenever the page is full, so that the last page may be empty.
        more = f"/lrs/xAPI/statements?more={query}.{int(at) + self.page}" if len(rows) >= self.page else ""
        return Response(json.dumps({"statements": rows[: self.page], "more": more}), content_type="application/json")


@pytest.fixture
def store(httpserver: HTTPServer) -> Store:
    return Store(httpserver)


def training(store: Store, **changes: Any) -> Training:
    return Training(url=store.url, username="key", password="secret", **changes)


def pull(store: Store, landed: dict[str, Statement], since: Any, pages: int | None = None, **changes: Any) -> Any:
    """Read so many pages into `landed` as the engine would, the greatest `stored` of a key winning."""
    for page in islice(training(store, **changes).statements(since), pages):
        for record in page.records:
            if isinstance(record, Statement):
                known = landed.get(record.id)
                landed[record.id] = record if known is None or record.stored >= known.stored else known
        since = page.cursor
    return json.loads(json.dumps(since))


def alive(landed: dict[str, Statement]) -> set[str]:
    return {name for name, record in landed.items() if not record.voided}


# --------------------------------------------------------------------------------------------------------- the store
def test_a_first_fill_reads_every_page_also_an_empty_last_one(store: Store) -> None:
    store.statements = [statement(n) for n in range(30)]
    landed: dict[str, Statement] = {}
    cursor = pull(store, landed, None)
    assert alive(landed) == {f"id-{n}" for n in range(30)}
    assert cursor == {"since": None, "more": None, "stored": "2026-07-02T05:01:00+00:00", "ordered": True}
    assert len(store.asked) == 4
    first = store.asked[0]
    assert first.args.to_dict() == {"ascending": "true", "limit": "500"}
    assert first.headers["X-Experience-API-Version"] == "1.0.3"
    assert first.authorization is not None
    assert (first.authorization.username, first.authorization.password) == ("key", "secret")


def test_the_next_night_reads_again_from_a_little_before_the_newest(store: Store) -> None:
    store.statements = [statement(n) for n in range(100)]
    landed: dict[str, Statement] = {}
    cursor = pull(store, landed, None)
    store.asked.clear()
    store.statements += [statement(n) for n in range(100, 103)]
    store.statements.append(statement(50, id="late", stored="2026-07-05T02:30:00+00:00"))
    pull(store, landed, cursor, overlap_minutes=120)
    assert store.asked[0].args["since"] == "2026-07-05T01:01:00+00:00"
    assert len(store.asked) == 1
    assert len(landed) == 104


def test_a_night_that_was_cut_goes_on_at_its_link(store: Store) -> None:
    store.statements = [statement(n) for n in range(45)]
    landed: dict[str, Statement] = {}
    cursor = pull(store, landed, None, pages=2)
    assert cursor["more"] == "/lrs/xAPI/statements?more=0.20"
    store.asked.clear()
    store.statements.append(statement(45))
    pull(store, landed, cursor, overlap_minutes=60)
    assert store.asked[0].args.to_dict() == {"more": "0.20"}
    assert len(landed) == 46
    assert len(store.asked) == 4  # three pages of the old reading, one of a new reading for what came since


@pytest.mark.parametrize(
    ("habit", "asked_again"),
    [("in order", "2026-07-02T04:01:00+00:00"), ("out of order", None), ("unstored", None)],
)
def test_a_link_that_was_forgotten_costs_pages_not_statements(
    store: Store, habit: str, asked_again: str | None
) -> None:
    """A store that keeps the order is asked from where it was; of another one only the beginning is known."""
    store.unstored, store.in_order = habit == "unstored", habit == "in order"
    store.statements = [statement(n) for n in range(45)]
    landed: dict[str, Statement] = {}
    cursor = pull(store, landed, None, pages=3)
    store.forgotten = set(store.queries)
    store.asked.clear()
    pull(store, landed, cursor, overlap_minutes=60)
    assert store.asked[1].args.get("since") == asked_again
    assert len(landed) == 45


def test_a_link_that_fails_for_another_reason_is_kept(store: Store, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/lrs/xAPI/more").respond_with_data("no", status=403)
    with pytest.raises(Fatal, match="403"):
        list(training(store).statements({"since": None, "more": "/lrs/xAPI/more", "stored": None}))
    assert store.asked == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.booleans(), st.integers(0, 60), st.lists(NIGHT, max_size=5))
def test_nights_of_any_length_end_with_every_statement(
    httpserver: HTTPServer, unstored: bool, first: int, nights: list[tuple[int, int, set[int], bool]]
) -> None:
    """Whatever the store's habits, however short the nights, and whatever is voided or forgotten meanwhile."""
    httpserver.clear()
    store = Store(httpserver, unstored=unstored)
    store.statements = [statement(n) for n in range(first)]
    landed: dict[str, Statement] = {}
    cursor, number, voided, voidings = None, first, set[int](), set[int]()
    for pages, new, gone, forgets in nights:
        store.forgotten = set(store.queries) if forgets else set()
        cursor = pull(store, landed, cursor, pages)
        fresh = {n for n in gone if n < number} - voided - voidings  # a voiding statement cannot be voided (xAPI 2.3.2)
        store.statements += [statement(number + n) for n in range(new)]
        store.statements += [voiding(number + new + n, old) for n, old in enumerate(sorted(fresh))]
        voidings |= set(range(number + new, number + new + len(fresh)))
        number, voided = number + new + len(fresh), voided | fresh
    pull(store, landed, cursor)
    real = {row["id"] for row in store.statements if row["verb"] != VOIDED}
    assert alive(landed) == real - {f"id-{n}" for n in voided}


def test_a_voided_statement_stays_gone_when_the_store_lists_it_again(store: Store, tmp_path: Path) -> None:
    store.unstored, store.statements = True, [statement(n) for n in range(3)]
    [stream] = Training.streams()
    landing = LandingStore(tmp_path)
    night = Night(landing, Pseudonyms(bytes(32)), START.date(), ZoneInfo("Europe/London"))
    with duckdb.connect() as con:
        con.execute("create schema landing")
        for now, there in (([], 3), ([voiding(3, 1)], 2), ([], 2)):
            store.statements = now + store.statements  # the newest first: the voiding one before the voided
            [outcome] = run(training(store), "training", [stream], night, names=frozenset())
            assert outcome.complete
            assert load_stream(con, landing.stream("training", "statements"), stream) == there


def test_a_store_that_does_not_say_when_it_stored_is_read_whole_each_night(store: Store) -> None:
    """When a statement happened is no substitute: this learner's clock is years ahead, that one's statement comes late."""
    store.unstored = True
    store.statements = [statement(1), statement(2, timestamp="2099-01-01T00:00:00Z")]
    landed: dict[str, Statement] = {}
    cursor = pull(store, landed, None)
    assert cursor["stored"] is None
    store.statements.append(statement(3, timestamp="2020-01-01T00:00:00Z"))
    pull(store, landed, cursor)
    assert "since" not in store.asked[-1].args
    assert alive(landed) == {"id-1", "id-2", "id-3"}


@pytest.mark.parametrize("body", [{"error": "x"}, {"statements": {}}, [], "text"])
def test_what_is_no_list_of_statements_is_never_taken_for_an_empty_one(httpserver: HTTPServer, body: Any) -> None:
    store = Store(httpserver)
    httpserver.clear()
    httpserver.expect_request("/lrs/xAPI/statements").respond_with_json(body)
    with pytest.raises(Fatal, match="no list of statements"):
        list(training(store).statements(None))


def test_links_in_a_circle_and_to_another_server_end(httpserver: HTTPServer, store: Store) -> None:
    for more, said in (("/lrs/xAPI/statements", "circle"), ("http://other.example/xAPI/statements", "another server")):
        httpserver.clear()
        httpserver.expect_request("/lrs/xAPI/statements").respond_with_json({"statements": [], "more": more})
        with pytest.raises(Fatal, match=said):
            list(training(store).statements(None))


def test_the_sample_is_read(store: Store) -> None:
    store.statements = json.loads((FOLDER / "samples" / "statements.json").read_text(encoding="utf-8"))["statements"]
    store.unstored = True  # which lists what was voided
    [page] = training(store, mandatory=["security"]).statements(None)
    assert [_told(record) for record in page.records] == [
        "completed", "played", "voided", "group as actor", "missing at timestamp",
    ]  # fmt: skip
    played, void = page.records[1], page.records[2]
    assert isinstance(played, Statement)
    assert (played.object, played.mandatory) == ("https://learn.dcs.example/videos/7", True)
    assert isinstance(void, Statement)
    assert (void.id, void.actor_email) == (played.id, None)


def _told(record: Any) -> str:
    if isinstance(record, Rejected):
        return record.reason
    return record.rule if isinstance(record, Excluded) else "voided" if record.voided else record.verb


# ---------------------------------------------------------------------------------------------------------- real data
@pytest.fixture(scope="module")
def recorded(real_data: Path) -> Iterator[list[Any]]:
    file = real_data / "sources" / "xapi" / "fun_mooc_statements_1-11000.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield [json.loads(line) for line in lines]


@pytest.mark.real
def test_real_statements_of_eleven_thousand_acts_are_read(recorded: list[Any], store: Store) -> None:
    store.unstored, store.statements, store.page = True, recorded, 1000
    landed: dict[str, Statement] = {}
    cursor = pull(store, landed, None, login_pages=["http://fun-mooc.fr/"])
    assert len(landed) == 11_000
    assert len(store.asked) == 12  # the last page is full, so an empty one follows
    assert sum(record.verb == "completed" for record in landed.values()) == 331
    assert all(record.actor_login and record.actor_account for record in landed.values())
    assert all(record.parent and record.parent.startswith("course-v1:") for record in landed.values())
    assert (cursor["ordered"], cursor["stored"]) == (False, None)
