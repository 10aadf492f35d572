"""Which line of a chat asks, which answers, and which answers what."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.connector import Landed, Page
from plugins.webchat import questions
from plugins.webchat.connector import Line, Message, Webchat

FOLDER = Path(__file__).parents[2] / "plugins" / "webchat"


def pull(files: Path, hosts: list[str]) -> list[Page]:
    return list(Webchat(transcripts=str(files), hosts=hosts).lines(Landed()))


def meeting() -> list[Page]:
    """The sample of a meeting, as one page."""
    items = json.loads((FOLDER / "samples" / "questions.json").read_text(encoding="utf-8"))["value"]
    return [Page([Message.of(row) for item in items for row in questions.rows(item) if isinstance(row, dict)])]


def half(name: str, lines: list[Page] | None = None, asked: list[Page] | None = None) -> list[tuple[Any, ...]]:
    """What a half makes of these pages as landing would hold them; pseudonyms are the bytes of the names."""
    with duckdb.connect() as con:
        con.execute("""
            set TimeZone = 'UTC';
            create schema landing;
            create table landing.webchat_lines (_unit varchar, said_at timestamptz, nick blob, login blob, toward blob,
                toward_login blob, channel varchar, is_question boolean, is_host boolean, position bigint);
            create table landing.webchat_questions (thread varchar, kind varchar, person blob, meeting varchar,
                said_at timestamptz);
        """)
        for table, pages in (("lines", lines), ("questions", asked)):
            for page in pages or []:
                for record in page.records:
                    if isinstance(record, Line | Message):
                        row = record.model_dump() | {"_unit": page.unit.name if page.unit else None}
                        kinds = {k: t for k, t, *_ in con.execute(f"describe landing.webchat_{table}").fetchall()}
                        values = [str(row[k]).encode() if t == "BLOB" and row[k] else row[k] for k, t in kinds.items()]
                        marks = ", ".join("?" for _ in kinds)
                        con.execute(f"insert into landing.webchat_{table} values ({marks})", values)
        return con.execute((FOLDER / f"{name}.sql").read_text()).fetchall()


def test_a_question_begins_a_thread_and_a_host_who_addresses_the_asker_answers_it() -> None:
    pages = pull(FOLDER / "samples" / "chat-2026-03-04.txt", hosts=["ztran"])
    acts = [
        (p.decode(), verb, thread and thread.split("#")[1], t and t.decode())
        for p, _, verb, _, thread, t in half("acts", pages)
    ]
    assert sorted(acts, key=str) == sorted([
        ("ztran", "post", None, None), ("apryce", "ask", "3", None), ("boduya", "post", None, None),
        ("boduya", "ask", "5", None), ("ztran", "answer", "3", "apryce"), ("clund", "reply", None, "apryce"),
        ("apryce", "reply", None, "clund"), ("dokoro", "post", None, None), ("ztran", "answer", "5", "boduya"),
        ("clund", "ask", "11", None),
    ], key=str)  # fmt: skip


def acts_of(tmp_path: Path, *lines: str, hosts: list[str] | None = None) -> list[tuple[str, str | None]]:
    """(verb, number of the line that began the thread) of each line."""
    (tmp_path / "c-2026-03-04.txt").write_text("\n".join(f"[10:{n:02}] {line}" for n, line in enumerate(lines)))
    rows = sorted(half("acts", pull(tmp_path / "*", hosts=hosts or [])), key=lambda row: row[1])
    return [(verb, thread and thread.split("#")[1]) for _, _, verb, _, thread, _ in rows]


def test_an_answer_goes_to_the_askers_latest_question_before_it(tmp_path: Path) -> None:
    acts = acts_of(tmp_path, "<a> one?", "<a> two?", "<h> a: yes", "<a> three?", "<h> a: no", hosts=["H"])
    assert acts == [("ask", "1"), ("ask", "2"), ("answer", "2"), ("ask", "4"), ("answer", "4")]


def test_what_is_not_said_to_the_asker_answers_nothing(tmp_path: Path) -> None:
    acts = acts_of(tmp_path, "<a> one?", "<h> yes", "<b> a: yes", "<h> b: fine", "<h> any more?", hosts=["h"])
    assert acts == [("ask", "1"), ("post", None), ("reply", None), ("reply", None), ("post", None)]


def test_a_question_to_a_host_is_asked_and_one_to_a_guest_is_not(tmp_path: Path) -> None:
    assert acts_of(tmp_path, "<h> hi", "<a> h: why?", "<a> b: you too?", "<b> no", hosts=["h"]) == [
        ("post", None), ("ask", "2"), ("reply", None), ("post", None),
    ]  # fmt: skip


def test_without_known_hosts_whoever_addresses_the_asker_answers(tmp_path: Path) -> None:
    assert acts_of(tmp_path, "<a> one?", "<b> a: yes", "<a> a: hm") == [("ask", "1"), ("answer", "1"), ("post", None)]


def test_in_a_meeting_everybody_but_the_asker_answers() -> None:
    ann, leader = "7d0c1f52-0f5c-4a58-9f0a-0f6f7a1b0001", "7d0c1f52-0f5c-4a58-9f0a-0f6f7a1b0004"
    rows = half("acts", asked=meeting())
    assert [(p.decode(), verb, thread, t and t.decode()) for p, _, verb, _, thread, t in rows] == [
        (ann, "ask", "Q1", None), (leader, "answer", "Q1", ann), (ann, "reply", "Q1", None),
        ("7d0c1f52-0f5c-4a58-9f0a-0f6f7a1b0003", "answer", "Q2", None),
    ]  # fmt: skip


def test_questions_without_a_name_are_counted() -> None:
    [(measure, level, _, when, n)] = half("counts", asked=meeting())
    ten = datetime(2026, 3, 12, 10, tzinfo=UTC)
    assert (measure, level, when, n) == ("anonymous_questions", "organisation", ten, 1)


def test_texts_are_the_readings_of_known_authors() -> None:
    with duckdb.connect() as con:
        con.execute("""
            set TimeZone = 'UTC';
            create schema landing;
            create table landing.webchat_lines as
                select 'l'::blob as _key, 'n'::blob as nick, 'a'::blob as login, now() as said_at;
            create table landing.webchat_questions as
                select 'q'::blob as _key, 'e'::blob as person, now() as said_at
                union all select 'x'::blob, null, now();
            create table landing.webchat_lines_readings as
                select 'l'::blob as _key, 'text' as field, 'en' as language, 0.5 as tone, false as is_question,
                       4 as words, ['pay'] as themes;
            create table landing.webchat_questions_readings as
                select 'q'::blob as _key, 'text' as field, 'cy' as language, null::double as tone, true as is_question,
                       6 as words, null::varchar[] as themes
                union all select 'x'::blob, 'text', 'en', 0.0, true, 2, [];
        """)
        rows = con.execute((FOLDER / "texts.sql").read_text()).fetchall()
    assert sorted((row[0], *row[2:]) for row in rows) == [
        (b"a", "en", 0.5, False, 4, ["pay"]), (b"e", "cy", None, True, 6, None),
    ]  # fmt: skip
