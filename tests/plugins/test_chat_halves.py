"""The halves of Slack, Mattermost and Matrix: who did what to whom, in which thread, and which words count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"
AT = "timestamptz '2026-06-01 09:00:00+00'"
READINGS = "(_key BLOB, field VARCHAR, language VARCHAR, tone DOUBLE, is_question BOOLEAN, words INTEGER, themes VARCHAR[])"

Half = Callable[[str, str], list[tuple[Any, ...]]]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute("create schema landing")
        yield made


@pytest.fixture
def half(con: duckdb.DuckDBPyConnection) -> Half:
    def run(file: str, columns: str) -> list[tuple[Any, ...]]:
        text = (PLUGINS / file).read_text("utf-8")
        found = con.execute(f"select {columns} from ({text}) order by all").fetchall()
        return [tuple(v.decode() if isinstance(v, bytes) else v for v in row) for row in found]

    return run


ACTS = "person, verb, object, thread, toward"


def test_slack(con: duckdb.DuckDBPyConnection, half: Half) -> None:
    con.execute(f"""
        create table landing.slack_messages as
        select 'C1' as channel, ts, thread, who::blob as sender, starter::blob as starter, {AT} as posted_at, mentions, reacted_by,
               invited::blob as invited, ts::blob as _key
        from (values
            ('1', '1', 'ann', null, []::blob[], ['bob'::blob, 'ann'::blob], null),
            ('2', '1', 'bob', 'ann', ['cat'::blob, 'bob'::blob], [], null),
            ('3', '0', 'bob', 'dan', [], [], null),
            ('4', null, 'bob', null, [], [], null),
            ('5', null, 'ann', null, [], [], 'cat')
        ) as t(ts, thread, who, starter, mentions, reacted_by, invited)""")
    con.execute(f"create table landing.slack_messages_readings {READINGS}")
    con.execute("insert into landing.slack_messages_readings values ('2'::blob, 'text', 'en', 0.5, true, 3, [])")
    assert half("slack/acts.sql", ACTS) == [
        ("ann", "invite", "C1", None, "cat"),
        ("ann", "post", "C1/1", "C1/1", None),
        ("ann", "react", "C1/1", "C1/1", None),
        ("bob", "mention", "C1/2", "C1/1", "cat"),
        ("bob", "post", "C1/4", "C1/4", None),
        ("bob", "react", "C1/1", "C1/1", "ann"),
        ("bob", "reply", "C1/2", "C1/1", "ann"),
        ("bob", "reply", "C1/3", "C1/0", "dan"),
    ]
    assert half("slack/texts.sql", "person, verb, thread, words") == [("bob", "reply", "C1/1", 3)]


def test_mattermost(con: duckdb.DuckDBPyConnection, half: Half) -> None:
    con.execute(f"""
        create table landing.mattermost_posts as
        select id, thread, who::blob as author, toward::blob as toward, {AT} as created_at, mentions,
               invited::blob as invited, id::blob as _key
        from (values ('p', 'p', 'ann', null, ['bob'::blob, 'bob'::blob, 'ann'::blob], null),
                     ('r', 'p', 'bob', 'ann', []::blob[], null), ('i', 'i', 'bob', null, []::blob[], 'cat'))
            as t(id, thread, who, toward, mentions, invited)""")
    con.execute(f"""
        create table landing.mattermost_reactions as
        select 'p' as post, 'p' as thread, 'ann'::blob as author, who::blob as person, {AT} as reacted_at
        from (values ('ann'), ('bob')) as t(who)""")
    assert half("mattermost/acts.sql", ACTS) == [
        ("ann", "mention", "p", "p", "bob"),
        ("ann", "post", "p", "p", None),
        ("ann", "react", "p", "p", None),
        ("bob", "invite", "i", None, "cat"),
        ("bob", "react", "p", "p", "ann"),
        ("bob", "reply", "r", "p", "ann"),
    ]


@pytest.fixture
def matrix(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(f"""
        create table landing.matrix_rooms_events as
        select id, '!room' as room, kind, who::blob as sender, case when who <> 'guest' then ('l-' || who)::blob end as login,
               {AT} + to_minutes(minute) as sent_at, target, thread, replied_to, mentions,
               case when kind = 'invite' then 'dan'::blob end as invited, id::blob as _key
        from (values
            ('a', 'message', 'ann', 0, null, null, null, []::blob[]),
            ('b', 'message', 'bob', 1, null, null, 'a', ['ann'::blob, 'cat'::blob]),
            ('c', 'message', 'cat', 2, null, null, 'b', []),
            ('t', 'message', 'ann', 3, null, 'b', null, []),
            ('u', 'message', 'guest', 4, null, 'b', 't', []),
            ('v', 'message', 'ann', 5, null, null, 'long gone', []),
            ('e1', 'edit', 'ann', 6, 'a', null, null, []),
            ('e2', 'edit', 'ann', 7, 'a', null, null, []),
            ('e3', 'edit', 'bob', 8, 'a', null, null, []),
            ('x', 'reaction', 'bob', 9, 'c', null, null, []),
            ('y', 'reaction', 'bob', 9, 'long gone', null, null, []),
            ('z', 'invite', 'cat', 10, null, null, null, [])
        ) as t(id, kind, who, minute, target, thread, replied_to, mentions)""")
    con.execute(f"create table landing.matrix_rooms_events_readings {READINGS}")
    for words, key in enumerate(("a", "b", "e1", "e2", "e3")):
        con.execute(
            "insert into landing.matrix_rooms_events_readings values (?::blob, 'text', 'en', 0, false, ?, [])", [key, words]
        )


@pytest.mark.usefixtures("matrix")
def test_matrix(half: Half) -> None:
    assert half("matrix_rooms/acts.sql", ACTS) == [
        ("ann", "post", "a", "a", None),
        ("ann", "reply", "t", "b", "bob"),
        ("ann", "reply", "v", "long gone", None),
        ("bob", "mention", "b", "a", "cat"),
        ("bob", "react", "c", "a", "cat"),
        ("bob", "reply", "b", "a", "ann"),
        ("cat", "invite", "!room", None, "dan"),
        ("cat", "reply", "c", "a", "bob"),
        ("guest", "reply", "u", "b", "ann"),
    ]
    assert half("matrix_rooms/texts.sql", "person, verb, thread, words") == [("ann", "post", "a", 3), ("bob", "reply", "a", 1)]
    assert half("matrix_rooms/aliases.sql", "person, same_as") == [("ann", "l-ann"), ("bob", "l-bob"), ("cat", "l-cat")]
