"""Training: who did what in a statement, what is not kept of it, and what statements are to the shapes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.connector import Excluded, Rejected
from plugins.training.statements import Reader, Statement, stored_at
from tests.plugins.test_training import FOLDER, statement, voiding

AGENT = {"mbox": "mailto:one@dcs.example"}
PAGE = "https://learn.dcs.example"


def read(row: Any, mandatory: tuple[str, ...] = (), login_pages: tuple[str, ...] = ()) -> Statement:
    found = Reader(mandatory, login_pages).read(row, "")
    assert isinstance(found, Statement), found
    return found


def names(record: Statement, who: str) -> dict[str, str]:
    """The identifiers that a record has of its actor or instructor."""
    return {n.removeprefix(f"{who}_"): v for n, v in record.model_dump().items() if n.startswith(f"{who}_") and v}


@pytest.mark.parametrize(
    ("actor", "known"),
    [
        ({"mbox": "mailto:Ann@dcs.example"}, {"email": "Ann@dcs.example"}),
        ({"mbox": "MAILTO:ann@dcs.example"}, {"email": "ann@dcs.example"}),
        ({"mbox_sha1sum": "cd9b00a5"}, {"mbox_sha1": "cd9b00a5"}),
        ({"openid": "https://id.example/7"}, {"openid": "https://id.example/7"}),
        ({"account": {"homePage": PAGE, "name": "ann"}}, {"account": f"{PAGE}|ann"}),
        ({"account": {"homePage": "https://SSO.example", "name": "ann"}},
         {"account": "https://SSO.example|ann", "login": "ann"}),
    ],
)  # fmt: skip
def test_a_person_is_known_by_the_one_identifier_of_the_statement(actor: Any, known: dict[str, str]) -> None:
    row = statement(1, actor=actor, context={"instructor": actor})
    record = read(row, login_pages=("https://sso.example/",))
    assert names(record, "actor") == names(record, "instructor") == known


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "missing at id"), ({"id": 7}, "missing at id"), ({"id": ""}, "missing at id"),
        ({"actor": None}, "missing at actor"), ({"actor": "ann@dcs.example"}, "missing at actor"),
        ({"actor": {"name": "Ann"}}, "nobody at actor"), ({"actor": {"mbox": ""}}, "nobody at actor"),
        ({"actor": {"account": {"name": "ann"}}}, "nobody at actor"),
        ({"actor": {"account": {"homePage": PAGE}}}, "nobody at actor"),
        ({"verb": None}, "missing at verb"), ({"verb": {"display": {}}}, "missing at verb.id"),
        ({"verb": {"id": "/"}}, "missing at verb.id"), ({"object": None}, "missing at object"),
        ({"timestamp": None}, "missing at timestamp"), ({"timestamp": 1626147600}, "missing at timestamp"),
        ({"timestamp": "1626147600"}, "no time with a zone at timestamp"),
        ({"timestamp": "2026-07-09T10:00:00"}, "no time with a zone at timestamp"),
        ({"verb": {"id": "http://x/voided"}, "object": {"objectType": "StatementRef"}}, "missing at object.id"),
        ({"object": {"objectType": "Activity"}}, "missing at object.id"), ({"object": {"id": 7}}, "missing at object.id"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why_and_shows_nothing(changes: dict[str, Any], reason: str) -> None:
    assert Reader((), ()).read(statement(1, **changes), "page 1, 3") == Rejected(reason, "page 1, 3")


def test_a_group_is_nobody_who_learns() -> None:
    reader = Reader((), ())
    group = {"objectType": "Group", **AGENT, "member": [AGENT]}
    assert reader.read(statement(1, actor=group), "") == Excluded("group as actor")
    assert names(read(statement(1, context={"instructor": group})), "instructor") == {}


@pytest.mark.parametrize(
    ("time", "utc"),
    [
        ("2026-03-29T01:30:00+01:00", "2026-03-29T00:30:00+00:00"),
        ("2026-07-09T11:00:00.123456789+01:00", "2026-07-09T10:00:00.123456+00:00"),
        ("2026-07-09t10:00:00z", "2026-07-09T10:00:00+00:00"),
        ("2026-07-09T10:00:00-0530", "2026-07-09T15:30:00+00:00"),
    ],
)
def test_times_land_in_utc(time: str, utc: str) -> None:
    record = read(statement(1, timestamp=time, stored=None))
    assert record.happened_at == record.stored == datetime.fromisoformat(utc)


@pytest.mark.parametrize(
    ("thing", "kept"),
    [
        ({"id": f"{PAGE}/c/1?user=ann#x"}, f"{PAGE}/c/1"),
        ({"objectType": "Agent", **AGENT}, None),
        ({"objectType": "StatementRef", "id": "id-7"}, None),
        ({"objectType": "SubStatement", "actor": AGENT}, None),
    ],
)
def test_only_activities_are_kept_as_objects(thing: Any, kept: str | None) -> None:
    assert read(statement(1, object=thing, verb={"id": "http://x/attended"})).object == kept


@pytest.mark.parametrize("key", ["parent", "grouping"])
@pytest.mark.parametrize("shape", [lambda a: [a], lambda a: a], ids=["list", "single"])
def test_a_course_is_mandatory_by_its_own_id_or_its_parents(key: str, shape: Any) -> None:
    course = {"contextActivities": {key: shape({"id": f"{PAGE}/courses/SECURITY"})}}
    assert read(statement(1, context=course), ("courses/security",)).mandatory is True
    assert read(statement(1, object={"id": "Fire-Safety"}), ("fire",)).mandatory is True
    assert read(statement(1, context=course), ("fire", "")).mandatory is False


def test_scores_answers_and_names_are_not_kept() -> None:
    record = read(statement(1, actor={"name": "Ann", **AGENT}, result={"response": "my answer", "score": {"raw": 3}}))
    assert not [value for value in record.model_dump().values() if value in ("Ann", "my answer", 3)]


def test_the_cursor_believes_the_store_and_not_the_learner() -> None:
    told = {"stored": "2099-01-01T00:00:00Z", "timestamp": "2026-07-01T00:00:00Z"}
    assert stored_at(told) == datetime(2099, 1, 1, tzinfo=UTC)
    for row in ({"timestamp": "2099-01-01T00:00:00Z"}, {"stored": 7, "timestamp": "soon"}, "row"):
        assert stored_at(row) is None


def test_a_voiding_statement_is_the_end_of_the_one_it_names() -> None:
    record = read(voiding(9, 1))
    assert (record.id, record.voided, record.stored) == ("id-1", True, datetime(2026, 7, 1, 9, 1, tzinfo=UTC))
    assert {k for k, v in record.model_dump().items() if v not in (None, True)} == {"id", "stored"}


# --------------------------------------------------------------------------------------------------------- the halves
KINDS = ("login", "email", "mbox_sha1", "openid", "account")
PEOPLE = ", ".join(f"{who}_{kind} blob" for who in ("actor", "instructor") for kind in KINDS)
COLUMNS = f"happened_at timestamptz, verb varchar, object varchar, mandatory boolean, {PEOPLE}"


def half(name: str, *rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        con.execute(f"create schema landing; create table landing.training_statements ({COLUMNS})")
        for row in rows:
            filled = {"happened_at": "2026-07-09 10:00Z", "object": "c1", "mandatory": False, **row}
            marks = ", ".join("?" for _ in filled)
            con.execute(
                f"insert into landing.training_statements ({', '.join(filled)}) values ({marks})", list(filled.values())
            )
        return con.execute((FOLDER / name).read_text(encoding="utf-8")).fetchall()


def test_acts_are_learning_asking_answering_and_teaching() -> None:
    rows = half(
        "acts.sql",
        {"verb": "completed", "actor_email": b"ann", "instructor_account": b"tutor", "mandatory": True},
        {"verb": "passed", "actor_account": b"bob", "actor_login": b"bob-login", "instructor_email": b"tutor"},
        {"verb": "asked", "actor_openid": b"cy"}, {"verb": "answered", "actor_mbox_sha1": b"di"},
        {"verb": "responded", "actor_email": b"ed"}, {"verb": "played", "actor_email": b"ann"},
        {"verb": "completed", "actor_email": b"tutor", "instructor_email": b"tutor"},
    )  # fmt: skip
    told = [(who.decode(), verb, what, to and to.decode(), must) for who, _, verb, what, to, must in rows]
    assert sorted(told, key=lambda row: row[:2]) == [
        ("ann", "learn", "c1", None, True), ("bob-login", "learn", "c1", None, False), ("cy", "ask", "c1", None, False),
        ("di", "answer", "c1", None, False), ("ed", "answer", "c1", None, False), ("tutor", "learn", "c1", None, False),
        ("tutor", "teach", "c1", "ann", True),
    ]  # fmt: skip


def test_presence_is_all_that_is_no_act() -> None:
    done = {"verb": "completed", "actor_email": b"bob"}
    rows = half("presence.sql", {"verb": "played", "actor_account": b"ann"}, done)
    assert [(who, state) for who, _, state in rows] == [(b"ann", "played")]


def test_aliases_are_accounts_that_are_logins() -> None:
    both = {"verb": "played", "actor_account": b"page|ann", "actor_login": b"ann"}
    rows = half("aliases.sql", both, both, {"verb": "played", "actor_account": b"page|bob"})
    assert rows == [(b"page|ann", b"ann")]


# ---------------------------------------------------------------------------------------------------------- real data
PART = {"activities": "object", "substatements": "object", "agents": "actor", "groups": "actor", "contexts": "context",
        "results": "result", "verbs": "verb"}  # fmt: skip
# What is wrong with these lies in a part of which nothing is kept: the act is told all the same.
UNREAD = ("invalid", "string_name", "substatements__no_", "statementref_no_id")


@pytest.mark.real
def test_every_conformance_template_is_told_apart(real_data: Path) -> None:
    """The official templates, each as its part of a statement, with the id and time that a store would have given it."""
    told: dict[str, set[str]] = {}
    for file in sorted((real_data / "sources" / "xapi_conformance").glob("v*.json")):
        _, kind, name = file.stem.split("__", 2)
        template = json.loads(file.read_text(encoding="utf-8"))
        base = {"verb": {"id": "http://x/attended"}, "object": {"id": "http://x/c"}} if kind != "statements" else {}
        row = {k: v for k, v in statement(1).items() if k not in ("verb", "object", "actor" * (kind == "statements"))}
        found = Reader((), ()).read(row | base | (template if kind == "statements" else {PART[kind]: template}), file.stem)
        match found:
            case Rejected(reason, where):
                assert where == file.stem
                told.setdefault(reason, set()).add(f"{kind}__{name}")
            case Excluded(rule):
                told.setdefault(rule, set()).add(kind)
            case Statement():
                told.setdefault("voided" if found.voided else "landed", set()).add(f"{kind}__{name}")
    landed = told.pop("landed")
    assert told == {
        "missing at object": {"statements__no_object"}, "missing at verb": {"statements__verb"},
        "missing at verb.id": {"verbs__no_id"}, "missing at object.id": {"activities__no_id", "statements__object_activity"},
        "nobody at actor": {"agents__account_no_homepage", "agents__account_no_name", "statements__actor"},
        "group as actor": {"groups"}, "voided": {"statements__voided", "verbs__voided"},
    }  # fmt: skip
    assert len(landed) > 60
    faulty = {name for name in landed if "invalid" in name or "_no_" in name or "string" in name}
    optional = {"no_definition", "no_objectType", "no_extensions", "no_revision", "no_platform", "no_display", "no_source"}
    assert all(any(mark in name for mark in UNREAD) or any(name.endswith(o) for o in optional) for name in faulty), faulty
