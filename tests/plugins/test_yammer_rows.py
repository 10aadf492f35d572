"""Yammer: which messages are read at all, what is kept of them, and what they are to the shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.connector import Excluded, Rejected
from plugins.yammer.connector import Yammer
from plugins.yammer.records import Groups, Message, message_in
from tests.plugins.test_yammer import FOLDER, message
from tests.plugins.test_yammer_lists import sample


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"direct_message": True}, "direct message"),
        ({"direct_message": "true", "privacy": "public"}, "direct message"),
        ({"privacy": "private", "group_id": None}, "private group"),
        ({"privacy": "Private"}, "private group"),
        ({"privacy": "secret"}, "private group"),
        ({"group_id": 902}, "private group"),
        ({"group_id": "902"}, "private group"),
        ({"group_id": 777, "privacy": None}, "private group"),
        ({"group_id": 903}, "trade union or staff network"),
        ({"system_message": "true"}, "system message"),
        ({"message_type": "system"}, "system message"),
        ({"sender_type": "bot"}, "bot"),
        ({}, None),
        ({"group_id": None}, None),
        ({"group_id": 777}, None),
        ({"message_type": "announcement", "system_message": "false", "direct_message": "false"}, None),
    ],
)
def test_only_what_everybody_may_read_is_read(changes: dict[str, Any], rule: str | None) -> None:
    groups = Groups(["PCS"])
    groups.learn(sample("groups.json"))
    assert groups.rule(message(1, **changes)) == rule
    assert isinstance(message_in(message(1, **changes), groups, ""), Excluded if rule else Message)


@pytest.mark.parametrize("name", ["PCS Branch", "pcs-branch", "The_PCS", "LGBTQ+ staff", "Staff  Networks", "Unions"])
def test_groups_of_special_category_are_known_by_their_words(name: str) -> None:
    groups = Groups(Yammer(token="t").exclude_groups)
    assert groups.rule_of({"id": 1, "full_name": name, "privacy": "public"}) == "trade union or staff network"


@pytest.mark.parametrize("name", ["Reunion 2026", "Transport", "Embrace change", "Network services", "Harbour"])
def test_words_are_whole_words(name: str) -> None:
    assert Groups(Yammer(token="t").exclude_groups).rule_of({"id": 1, "full_name": name, "privacy": "public"}) is None


def test_a_private_group_stays_private_whatever_a_page_refers_to() -> None:
    groups = Groups([])
    groups.learn(sample("groups.json"))
    groups.learn([{"type": "group", "id": 902, "privacy": "public"}, {"type": "user", "id": 901}, None])
    assert groups.rule(message(1, group_id=902)) == "private group"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (message(1, id=None), "no number at id"),
        (message(1, id="1x"), "no number at id"),
        (message(1, sender_id=None), "missing at sender_id"),
        (message(1, sender_id={"id": "ann"}), "string_type at sender"),
        (message(1, created_at=None), "missing at created_at"),
        (message(1, created_at="yesterday"), "datetime_from_date_parsing at created_at"),
        (message(1, created_at=1363208928), "datetime_from_date_parsing at created_at"),
        (message(1, created_at="2026-07-10T09:00:00"), "value_error at created_at"),
        (message(1, body="ann wrote"), "not as expected at body"),
        (message(1, body={"plain": ["ann"]}), "not as expected at body"),
        (message(1, body={"plain": "ann", "parsed": 7}), "not as expected at body"),
        (message(1, liked_by="ann"), "not as expected at liked_by"),
        (message(1, liked_by={"count": "ann"}), "int_parsing at likes"),
        (message(1, group_id=None, privacy=None), "missing at privacy"),
        ({k: v for k, v in message(1).items() if k != "body"}, "missing at body"),
        ({k: v for k, v in message(1).items() if k != "replied_to_id"}, "missing at replied_to_id"),
        ("ann", "not an object"),
    ],
)
def test_what_cannot_be_read_says_why_and_shows_nothing(row: Any, reason: str) -> None:
    found = message_in(row, Groups([]), "page, 3")
    assert found == Rejected(reason, "page, 3")


def test_who_is_mentioned_is_a_pseudonym_and_no_name_in_the_text() -> None:
    body = {"plain": "Thanks @Jim Smith, @Ann: see #desks", "parsed": "Thanks [[user:7]], [[user:8]]: see [[tag:9]]"}
    found = message_in(message(1, body=body), Groups([]), "")
    assert isinstance(found, Message)
    assert (found.mentions, found.body) == (["7", "8"], "Thanks , : see ")
    tagged = message_in(message(1, body={"plain": "See #desks", "parsed": "See [[tag:9]]"}), Groups([]), "")
    assert isinstance(tagged, Message)
    assert tagged.body == "See #desks"


def test_a_message_without_text_is_a_message() -> None:
    found = message_in(message(1, body=None, liked_by={"count": 4}), Groups([]), "")
    assert isinstance(found, Message)
    assert (found.body, found.likes) == (None, 4)


# --------------------------------------------------------------------------------------------------------- the halves
@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as con:
        con.execute("""
            create schema landing;
            create table landing.yammer_messages (id varchar, thread varchar, replied_to varchar, sender blob,
                created_at timestamptz, mentions blob[], "group" varchar, _key blob);
            insert into landing.yammer_messages values
                ('1', '1', null, 'ann', '2026-07-10 09:00Z', [], '901', 'k1'),
                ('2', '1', '1', 'bob', '2026-07-10 10:00Z', ['ann'::blob, 'bob'::blob, 'ann'::blob], '901', 'k2'),
                ('3', '1', '2', 'bob', '2026-07-10 11:00Z', null, '901', 'k3'),
                ('4', '0', '0', 'cy', '2026-07-10 12:00Z', [], '777', 'k4'),
                ('5', null, null, 'cy', '2026-07-10 13:00Z', [], null, 'k5'),
                ('6', '6', null, 'cy', '2026-07-10 13:00Z', ['ann'::blob], '903', 'k6');
            create table landing.yammer_groups (id varchar, valid_from date, valid_to date);
            insert into landing.yammer_groups values ('901', '2026-07-01', '2026-07-05'), ('901', '2026-07-05', '9999-12-31'),
                ('903', '2026-07-01', '2026-07-05');
            create table landing.yammer_messages_readings (_key blob, field varchar, language varchar, tone double,
                is_question boolean, words integer, themes varchar[]);
            insert into landing.yammer_messages_readings values ('k2', 'body', 'en', 0.5, false, 4, ['pay']),
                ('k6', 'body', 'en', -1, false, 4, []);""")
        yield con


def test_acts_are_posts_replies_and_mentions_but_none_of_a_group_that_is_public_no_longer(con: duckdb.DuckDBPyConnection) -> None:
    rows = con.execute((FOLDER / "acts.sql").read_text(encoding="utf-8")).fetchall()
    assert sorted((who.decode(), verb, what, where, to and to.decode()) for who, _, verb, what, where, to in rows) == [
        ("ann", "post", "1", "1", None), ("bob", "mention", "2", "1", "ann"), ("bob", "reply", "2", "1", "ann"),
        ("bob", "reply", "3", "1", None), ("cy", "post", "5", "5", None), ("cy", "reply", "4", "0", None),
    ]  # fmt: skip


def test_texts_are_messages_that_have_a_reading(con: duckdb.DuckDBPyConnection) -> None:
    [row] = con.execute((FOLDER / "texts.sql").read_text(encoding="utf-8")).fetchall()
    assert (row[0], *row[2:]) == (b"bob", "en", 0.5, False, 4, ["pay"], "1", "reply")


def test_aliases_are_accounts_with_an_address(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table landing.yammer_users (id blob, email blob)")
    con.execute("insert into landing.yammer_users values ('61', 'one'), ('64', null)")
    assert con.execute((FOLDER / "aliases.sql").read_text(encoding="utf-8")).fetchall() == [(b"61", b"one")]


# ---------------------------------------------------------------------------------------------------------- real data
@pytest.mark.real
def test_real_recordings_are_read(real_data: Path) -> None:
    folder = real_data / "sources" / "yammer"
    groups = Groups(Yammer(token="t").exclude_groups)
    groups.learn(json.loads((folder / "ssy_yammer-groups.json").read_text(encoding="utf-8")))
    single = message_in(json.loads((folder / "yam_message.json").read_text(encoding="utf-8")), groups, "")
    assert isinstance(single, Message)
    assert (single.id, single.group, single.sender) == ("5", "7", "67")
    thread = json.loads((folder / "yam_messages_in_thread.json").read_text(encoding="utf-8"))
    assert {message_in(row, groups, "") for row in thread["messages"]} == {Excluded("direct message")}
