"""A real learning record store with real statements: all come back, once, whatever happens on the way."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from pipeline.connector import SecretStr
from pipeline.landing.store import Store
from pipeline.landing.tables import load_stream
from pipeline.privacy import Pseudonyms
from pipeline.pull import Budget, Night, Outcome, pull
from plugins.training.connector import Training
from tests.servers.ralph import PASSWORD, USER, Ralph, ralph

pytestmark = pytest.mark.real
[STREAM] = Training.streams()
AS_OF = date(2026, 6, 30)
VERBS = {
    "played": 3320, "paused": 3260, "interacted": 1757, "seeked": 1486, "initialized": 664, "completed": 331, "terminated": 161,
    "downloaded": 21,
}  # fmt: skip


@pytest.fixture(scope="module")
def recorded(real_data: Path) -> list[dict[str, Any]]:
    with gzip.open(real_data / "sources" / "xapi" / "fun_mooc_statements_1-11000.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def store(recorded: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ralph]:
    """A store that holds all the recorded statements."""
    with ralph(tmp_path_factory.mktemp("ralph")) as started:
        started.store(recorded)
        yield started


def night(store: Ralph, home: Path, **budget: Any) -> Outcome:
    connector = Training(url=store.url, username=USER, password=SecretStr(PASSWORD), page_size=1000)
    told = Night(Store(home), Pseudonyms(bytes(32)), AS_OF, ZoneInfo("Europe/London"))
    [outcome] = pull(connector, "training", [STREAM], told, names=frozenset(), budget=Budget(**budget))
    return outcome


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        con.execute("create schema landing")
        load_stream(con, Store(home).stream("training", STREAM.name), STREAM)
        return con.execute(query).fetchall()


def whole(home: Path, recorded: list[dict[str, Any]]) -> None:
    """Every recorded statement is current, and none twice."""
    actor = "coalesce(actor_email, actor_mbox_sha1, actor_account, actor_openid)"
    [(ids, people)] = ask(home, f"select list(id order by id), count(distinct {actor}) from landing.training_statements")
    assert ids == sorted(row["id"].lower() for row in recorded)
    assert (len(ids), people) == (11_000, 1_294)
    assert dict(ask(home, "select verb, count(*) from landing.training_statements group by verb")) == VERBS
    happened = Counter(at for (at,) in ask(home, "select epoch_us(happened_at) from landing.training_statements"))
    assert happened == Counter(_micros(row["timestamp"]) for row in recorded)


def _micros(text: str) -> int:
    since = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def test_all_statements_come_back_and_the_second_night_lands_nothing(
    store: Ralph, recorded: list[dict[str, Any]], tmp_path: Path
) -> None:
    first = night(store, tmp_path)
    assert (first.state, first.account.landed, first.account.quarantined) == ("complete", 11_000, {})
    whole(tmp_path, recorded)
    second = night(store, tmp_path)
    assert (second.state, second.account.landed) == ("complete", 0)


def test_a_night_that_was_cut_goes_on_at_the_stores_own_link(store: Ralph, recorded: list[dict[str, Any]], tmp_path: Path) -> None:
    cut = night(store, tmp_path, limit=4_000)
    assert (cut.state, cut.account.landed) == ("deferred", 4_000)
    again = night(store, tmp_path)
    assert (again.state, again.account.landed) == ("complete", 7_000)
    whole(tmp_path, recorded)


def test_what_is_voided_added_or_sent_again_is_found_the_next_night(
    recorded: list[dict[str, Any]], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """This store goes on listing what was voided, turns each page round, and ends with an empty one."""
    few = recorded[:40]
    with ralph(tmp_path_factory.mktemp("small"), page=20) as small:
        small.store(few)
        assert small.post(few[:1]).status_code == 204  # the same again is no conflict
        assert small.post([{**few[0], "timestamp": "2021-12-24T00:00:00+00:00"}]).status_code == 409
        assert night(small, tmp_path).account.landed == 40
        small.store([_completed(number, actor) for number, actor in enumerate(ACTORS)])
        small.store([{
            **_completed(9, ACTORS[0]), "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
            "object": {"objectType": "StatementRef", "id": few[3]["id"]},
        }])  # fmt: skip
        assert night(small, tmp_path).state == "complete"
    alive = {name for (name,) in ask(tmp_path, "select id from landing.training_statements")}
    new = {f"6f0c9a1e-0000-4000-8000-{number:012}" for number in range(len(ACTORS))}
    assert alive == {row["id"].lower() for row in few} - {few[3]["id"].lower()} | new
    named = "count(actor_email), count(actor_mbox_sha1), count(actor_openid)"
    assert ask(tmp_path, f"select {named} from landing.training_statements") == [(1, 1, 1)]


ACTORS = (
    {"mbox": "mailto:new.learner@example.com"}, {"mbox_sha1sum": "cd9b00a5611f94eaa7b1661edab976068e364975"},
    {"openid": "http://id.example.com/learner"}, {"account": {"homePage": "http://learn.example.com", "name": "learner"}},
)  # fmt: skip


def _completed(number: int, actor: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"6f0c9a1e-0000-4000-8000-{number:012}", "timestamp": datetime.now(UTC).isoformat(),
        "actor": {"objectType": "Agent", **actor}, "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": "http://example.com/courses/1"},
    }  # fmt: skip
