"""Yammer exports: which messages are read at all, what is kept of them, and what they are to the shapes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from pipeline.connector import SENSITIVE, SENSITIVE_WORDS, Excluded, Rejected
from plugins.yammer_export.rows import MESSAGE, MESSAGE_ALSO, Group, Groups, Message, group_in, message_in, time_of, user_in

FOLDER = Path(__file__).parents[2] / "plugins" / "yammer_export"
LONDON = ZoneInfo("Europe/London")


def row(**also: str | None) -> dict[str, str | None]:
    """A message to a public group, cells as they are read."""
    usual = {
        "id": "3001", "thread_id": "3001", "group_id": "901", "in_private_group": "false", "in_private_conversation": "false",
        "sender_id": "61", "sender_type": "User", "sender_email": "one@harbour.example", "message_type": "update",
        "created_at": "2026-07-10T09:00:00Z", "body": "canary",
    }  # fmt: skip
    return {**dict.fromkeys((*MESSAGE, *MESSAGE_ALSO)), **usual, **also}


def read(given: dict[str, str | None]) -> Any:
    groups = Groups(SENSITIVE_WORDS, {"902": "private group", "903": SENSITIVE})
    return message_in(given, groups, LONDON, "day.zip, Messages.csv line 2")


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"in_private_conversation": "true"}, "private conversation"),
        ({"in_private_conversation": "TRUE", "in_private_group": "false", "group_id": None}, "private conversation"),
        ({"in_private_conversation": "true", "in_private_group": None}, "private conversation"),
        ({"in_private_conversation": "true", "deleted_at": "2026-07-11T09:00:00Z"}, "private conversation"),
        ({"in_private_group": "true"}, "private group"),
        ({"in_private_group": "True", "in_private_conversation": None}, "private group"),
        ({"group_id": "902"}, "private group"),
        ({"group_id": "903"}, SENSITIVE),
        ({"group_name": "PCS branch"}, SENSITIVE),
        ({"group_name": "Staff  Networks: faith"}, SENSITIVE),
        ({"message_type": "system"}, "system message"),
        ({"sender_type": "System"}, "system message"),
        ({"sender_type": "Client"}, "bot"),
        ({"draft": "true"}, "draft"),
        ({"draft_state": "Draft"}, "draft"),
    ],
)  # fmt: skip
def test_what_is_not_for_everybody_is_excluded_by_name(changes: dict[str, str | None], rule: str) -> None:
    assert read(row(**changes)) == Excluded(rule)


@pytest.mark.parametrize("flag", ["in_private_conversation", "in_private_group"])
@pytest.mark.parametrize("said", [None, "", "no", "0", "public"])
def test_what_does_not_say_that_it_is_public_is_not_read(flag: str, said: str | None) -> None:
    assert read(row(**{flag: said})) == Rejected(f"neither true nor false at {flag}", "day.zip, Messages.csv line 2")


@pytest.mark.parametrize(
    "changes",
    [{}, {"in_private_conversation": "False"}, {"group_id": None, "group_name": None}, {"sender_type": None, "message_type": None},
     {"group_name": "Reunion 2026"}, {"draft": "false"}, {"message_type": "announcement"}],
)  # fmt: skip
def test_what_is_for_everybody_is_read(changes: dict[str, str | None]) -> None:
    found = read(row(**changes))
    assert isinstance(found, Message)
    assert (found.body, found.gone, found.changed_at) == ("canary", False, found.created_at)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": None}, "no number at id"), ({"id": "x1"}, "no number at id"), ({"sender_id": None}, "no number at sender_id"),
        ({"thread_id": None}, "no number at thread_id"), ({"replied_to_id": "none"}, "no number at replied_to_id"),
        ({"created_at": None}, "not a time at created_at"), ({"created_at": "yesterday"}, "not a time at created_at"),
        ({"deleted_at": "lately"}, "not a time at deleted_at"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why_and_shows_nothing(changes: dict[str, str | None], reason: str) -> None:
    assert read(row(**changes)) == Rejected(reason, "day.zip, Messages.csv line 2")


def test_of_a_deleted_message_only_its_end_is_kept() -> None:
    found = read(row(deleted_at="2026-07-12 08:00:00 UTC", body="canary"))
    assert found == Message(
        id="3001", created_at=datetime(2026, 7, 10, 9, tzinfo=UTC), changed_at=datetime(2026, 7, 12, 8, tzinfo=UTC), gone=True
    )


def test_mentions_are_pseudonyms_and_lines_are_lines() -> None:
    found = read(row(body="[[user:62]] see [[tag:7]] below:\\r\\none\\ntwo"))
    assert (found.body, found.mentions) == ("see below:\none\ntwo", ["62"])


@pytest.mark.parametrize(
    "text", ["2026-07-10T09:00:00Z", "2026-07-10T09:00:00.000+00:00", "2026/07/10 09:00:00 +0000", "2026-07-10 09:00:00 UTC",
             "2026-07-10 10:00:00 +0100", "2026-07-10 10:00:00"],
)  # fmt: skip
def test_times_are_read_as_exports_write_them(text: str) -> None:
    assert time_of(text, LONDON) == datetime(2026, 7, 10, 9, tzinfo=UTC)


def test_a_group_that_must_not_be_read_has_no_name() -> None:
    groups = Groups(SENSITIVE_WORDS, {})
    assert group_in({"id": "1", "name": "Pilots", "private": "false"}, groups, "") == Group(id="1", name="Pilots")
    assert group_in({"id": "2", "name": "Board", "private": "true"}, groups, "") == Group(id="2", hidden=True)
    assert group_in({"id": "3", "name": "PCS branch", "private": "false"}, groups, "") == Group(id="3", hidden=True)
    unsaid = group_in({"id": "4", "name": "Board", "private": None}, groups, "x")
    assert unsaid == Rejected("neither true nor false at private", "x")
    assert group_in({"id": None, "name": "Board", "private": "true"}, groups, "x") == Rejected("no number at id", "x")


def test_a_group_once_hidden_stays_hidden_in_any_order_of_its_rows() -> None:
    private, public = ({"id": "9", "name": "Pilots", "private": told} for told in ("true", "false"))
    for order in ([private, public], [public, private]):
        groups = Groups([], {})
        for told in order:
            groups.learn(told)
        assert groups.rule(row(group_id="9")) == "private group"


def test_an_account_needs_a_number() -> None:
    assert user_in({"id": "one", "email": "one@harbour.example", "state": "active"}, "x") == Rejected("no number at id", "x")


# --------------------------------------------------------------------------------------------------------- the halves
@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("""
            create schema landing;
            create table landing.yammer_export_messages (id varchar, thread varchar, replied_to varchar, sender blob, email blob,
                created_at timestamptz, mentions blob[], "group" varchar, _key blob);
            insert into landing.yammer_export_messages values
                ('1', '1', null, 'ann', 'a@', '2026-07-10 09:00Z', [], '901', 'k1'),
                ('2', '1', '1', 'bob', null, '2026-07-10 10:00Z', ['ann'::blob, 'bob'::blob, 'ann'::blob], '901', 'k2'),
                ('3', '1', '2', 'bob', null, '2026-07-10 11:00Z', null, null, 'k3'),
                ('4', '4', null, 'cy', 'c@', '2026-07-10 12:00Z', ['ann'::blob], '902', 'k4');
            create table landing.yammer_export_groups (id varchar, name varchar, hidden boolean);
            insert into landing.yammer_export_groups values ('901', 'Pilots', false), ('902', null, true);
            create table landing.yammer_export_users (id blob, email blob);
            insert into landing.yammer_export_users values ('ann', 'a@'), ('di', 'd@'), ('eve', null);
            create table landing.yammer_export_messages_readings (_key blob, field varchar, language varchar, tone double,
                is_question boolean, words integer, themes varchar[]);
            insert into landing.yammer_export_messages_readings values ('k2', 'body', 'en', 0.5, false, 4, ['pay']),
                ('k4', 'body', 'en', -1, false, 4, []);""")
        yield con


def half(con: duckdb.DuckDBPyConnection, name: str) -> list[tuple[Any, ...]]:
    return con.execute((FOLDER / f"{name}.sql").read_text("utf-8")).fetchall()


def test_acts_are_posts_replies_and_mentions_but_none_of_a_group_that_is_hidden_now(con: duckdb.DuckDBPyConnection) -> None:
    rows = half(con, "acts")
    assert sorted((who.decode(), verb, what, where, to and to.decode()) for who, _, verb, what, where, to in rows) == [
        ("ann", "post", "1", "1", None), ("bob", "mention", "2", "1", "ann"), ("bob", "reply", "2", "1", "ann"),
        ("bob", "reply", "3", "1", None),
    ]  # fmt: skip


def test_texts_leave_out_hidden_groups_and_aliases_know_accounts_from_both_files(con: duckdb.DuckDBPyConnection) -> None:
    assert [(r[0], *r[2:]) for r in half(con, "texts")] == [(b"bob", "en", 0.5, False, 4, ["pay"], "1", "reply")]
    assert sorted(half(con, "aliases")) == [(b"ann", b"a@"), (b"cy", b"c@"), (b"di", b"d@")]
