"""Exports of Teams as files, who acts in them, and how both feeds land through the engine as one."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.connector import Excluded, Fatal, Page, Rejected
from plugins.teams_chat.connector import TeamsChat
from plugins.teams_chat.export import lowered
from plugins.teams_chat.records import Message
from tests.landings import Nights

FOLDER = Path(__file__).parents[2] / "plugins" / "teams_chat"
SAMPLES = FOLDER / "samples"
WHOLE = {"export_teams": str(SAMPLES / "teamsList.json"), "export_channels": str(SAMPLES / "channels_*.json")}


def pull(files: Path, since: Any = None, **settings: Any) -> list[Page]:
    return list(TeamsChat(files=str(files), **settings).messages(since))


def messages(pages: list[Page]) -> list[Message]:
    return [r for page in pages for r in page.records if isinstance(r, Message)]


def account(pages: list[Page]) -> Counter[str]:
    return Counter(
        r.rule if isinstance(r, Excluded) else r.reason if isinstance(r, Rejected) else "landed"
        for page in pages
        for r in page.records
    )


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """The sample's messages in a file that a case may change."""
    path = tmp_path / "messages_2b11.json"
    path.write_bytes((SAMPLES / path.name).read_bytes())
    return path


def rows_of(export: Path) -> list[dict[str, Any]]:
    rows = json.loads(export.read_text())
    assert isinstance(rows, list)
    return rows


# ---------------------------------------------------------------------------------------------------------- reading
def test_the_sample_is_read_and_a_chat_between_people_is_only_counted() -> None:
    pages = pull(SAMPLES / "messages_*.json", **WHOLE)
    assert account(pages) == {"landed": 2, "direct message": 1}
    first, reply = messages(pages)
    assert first.model_dump() == {
        "team": "2b11", "channel": "19:depot@thread.tacv2", "id": "1770022800120", "reply_to": None, "person": "8ea0e38b-0001",
        "said_at": datetime(2026, 2, 2, 9, 0, 0, 120_000, tzinfo=UTC), "modified_at": datetime(2026, 2, 2, 9, 10, tzinfo=UTC),
        "text": "Depot\nThe keys are with", "mentions": ["8ea0e38b-0002"], "reactions": ["8ea0e38b-0003"],
        "reacted_at": [datetime(2026, 2, 2, 9, 10, tzinfo=UTC)], "gone": False,
    }  # fmt: skip
    assert (reply.reply_to, reply.text) == ("1770022800120", "All < ten of them")
    assert "just between us" not in repr(pages)


@pytest.mark.parametrize(
    ("privacy", "membership", "name", "fate"),
    [
        ("Public", "standard", "Depot", "landed"), ("Private", "standard", "Depot", "private team"),
        (None, "standard", "Depot", "private team"), ("Public", "private", "Depot", "private channel"),
        ("Public", "shared", "Depot", "shared channel"), ("Public", "standard", "Unison", "trade union or staff network"),
    ],
)  # fmt: skip
def test_the_exports_own_lists_tell_what_may_be_read(
    export: Path, privacy: str | None, membership: str, name: str, fate: str
) -> None:
    lists = {"export_teams": str(export.parent / "teamsList.json"), "export_channels": str(export.parent / "channels.json")}
    Path(lists["export_teams"]).write_text(json.dumps([{"GroupsId": "2b11", "Name": "Depot", "Privacy": privacy}]))
    row = {"Id": "19:depot@thread.tacv2", "DisplayName": name, "MembershipType": membership}
    Path(lists["export_channels"]).write_text(json.dumps([row]))
    pages = pull(export, **lists)
    assert account(pages) == {fate: 2, "direct message": 1}
    assert ("The keys" in repr(pages)) == (fate == "landed")


def test_what_no_list_tells_is_private_unless_its_team_is_named(export: Path) -> None:
    assert account(pull(export)) == {"private team": 2, "direct message": 1}
    assert account(pull(export, export_teams=WHOLE["export_teams"])) == {"private channel": 2, "direct message": 1}
    assert account(pull(export, teams=["2b11"])) == {"landed": 2, "direct message": 1}


def test_a_file_is_read_once_and_again_when_it_or_the_rules_change(export: Path) -> None:
    first = pull(export, **WHOLE)
    assert messages(pull(export, first[-1].cursor, **WHOLE)) == []
    assert len(messages(pull(export, first[-1].cursor, teams=["2b11"]))) == 2
    export.write_text(json.dumps(rows_of(export)[:1]))
    assert len(messages(pull(export, first[-1].cursor, **WHOLE))) == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "is not whole JSON"), (b'[{"Id": "1"', "is not whole JSON"), (b"[" * 100_000, "is not whole JSON"),
     (b'{"value": []}', "is no list"), ('[{"Id": "caff\xe8"}]'.encode("latin-1"), "is not whole JSON")],
)  # fmt: skip
def test_a_damaged_file_is_named_when_the_others_have_landed(export: Path, content: bytes, why: str) -> None:
    (export.parent / "messages_0.json").write_bytes(content)
    read: list[Page] = []
    with pytest.raises(Fatal, match=f"messages_0.json {why}.*everything else has landed"):
        read.extend(TeamsChat(files=str(export.parent / "messages_*.json"), teams=["2b11"]).messages(None))
    assert len(messages(read)) == 2
    (export.parent / "messages_0.json").write_bytes("\ufeff[]".encode())
    assert messages(pull(export.parent / "messages_*.json", read[-1].cursor, teams=["2b11"])) == []


def test_lists_and_messages_that_are_not_there_are_no_quiet_day(export: Path) -> None:
    for settings in ({"export_teams": "none.json"}, {"export_channels": "none.json"}):
        with pytest.raises(Fatal, match=r"there is no file none\.json"):
            pull(export, **settings)
    with pytest.raises(Fatal, match="files: there is no file"):
        pull(export.parent / "none.json")


def test_a_message_without_a_home_is_rejected(export: Path) -> None:
    rows = rows_of(export)
    del rows[0]["ChannelIdentity"]
    export.write_text(json.dumps([*rows, "not a message"]))
    assert account(pull(export, **WHOLE)) == {
        "landed": 1, "direct message": 1, "no team and channel at channelIdentity": 1, "not an object": 1,
    }  # fmt: skip


def test_names_are_lowered_to_the_depth_that_is_read_and_no_deeper() -> None:
    deep: Any = 1
    for _ in range(2000):
        deep = {"A": deep}
    assert lowered({"UserId": [{"Id": 1}]}) == {"userId": [{"id": 1}]}
    assert list(lowered(deep)) == ["a"]


@pytest.mark.real
def test_the_excerpt_of_a_real_tenant_is_read(real_data: Path) -> None:
    file = real_data / "sources/chat_exports/teams_export_excerpt.json"
    assert account(pull(file)) == {"private team": 2}
    first, reply = messages(pull(file, teams=["2a00a70a-00f5-4da5-8618-8281194f0de0"]))
    assert (first.id, first.reply_to, reply.reply_to) == ("1755003819181", None, first.id)
    assert first.text.startswith("Hello!\nHere is the magpie")
    assert reply.text == "Thread reply"
    assert first.reacted_at == [datetime(2025, 8, 12, 13, 3, 41, tzinfo=UTC)]
    assert reply.said_at == datetime(2025, 8, 12, 13, 3, 51, 747_000, tzinfo=UTC)


# ------------------------------------------------------------------------------------------------ engine and halves
def test_whatever_the_order_of_exports_the_latest_version_of_a_message_holds(export: Path, tmp_path: Path) -> None:
    rows = rows_of(export)
    rows[0] |= {"Body": {"ContentType": "text", "Content": "edited"}, "LastModifiedDateTime": "2026-02-03T08:00:00+00:00"}
    rows[1] |= {"DeletedDateTime": "2026-02-03T09:00:00+00:00"}
    later = export.parent / "later.json"
    later.write_text(json.dumps(rows))
    found = []
    for number, order in enumerate(([export, later], [later, export])):
        home = tmp_path / str(number)
        for path in order:
            outcome = Nights(home, TeamsChat(files=str(path), teams=["2b11"]))()
            assert outcome.complete, outcome.reason
        found.append(Nights(home, TeamsChat(files=str(later))).rows("id, modified_at"))
    assert found[0] == found[1] == [("1770022800120", datetime(2026, 2, 3, 8, tzinfo=UTC))]


def half(name: str, found: list[Message]) -> list[tuple[Any, ...]]:
    """What a half makes of these messages as landing would hold them; pseudonyms are the bytes of the ids."""
    with duckdb.connect() as con:
        con.execute("""
            set TimeZone = 'UTC';
            create schema landing;
            create table landing.teams_chat_messages (_key blob, team varchar, channel varchar, id varchar, reply_to varchar,
                person blob, said_at timestamptz, mentions blob[], reactions blob[], reacted_at timestamptz[]);
            create table landing.teams_chat_messages_readings as
                select '1770023000000'::blob as _key, 'text' as field, 'en' as language, 0.5 as tone, false as is_question,
                       4 as words, ['pay'] as themes;
        """)
        for m in found:
            values = [
                m.id.encode(), m.team, m.channel, m.id, m.reply_to, str(m.person).encode(), m.said_at,
                [who.encode() for who in m.mentions], [who.encode() for who in m.reactions], m.reacted_at,
            ]  # fmt: skip
            con.execute("insert into landing.teams_chat_messages values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        return con.execute((FOLDER / f"{name}.sql").read_text()).fetchall()


def test_who_posts_replies_mentions_and_reacts() -> None:
    found = messages(pull(SAMPLES / "messages_*.json", **WHOLE))
    room = "19:depot@thread.tacv2"
    thread, nine = f"{room}/1770022800120", datetime(2026, 2, 2, 9, tzinfo=UTC)
    awen, bran, cerys = (f"8ea0e38b-000{n}".encode() for n in (1, 2, 3))
    assert sorted(half("acts", found), key=lambda row: (row[1], row[2])) == [
        (awen, nine.replace(microsecond=120_000), "mention", room, thread, bran),
        (awen, nine.replace(microsecond=120_000), "post", room, thread, None),
        (bran, datetime(2026, 2, 2, 9, 3, 20, tzinfo=UTC), "reply", room, thread, awen),
        (cerys, nine.replace(minute=10), "react", room, thread, awen),
    ]
    assert half("texts", found) == [
        (bran, datetime(2026, 2, 2, 9, 3, 20, tzinfo=UTC), "en", 0.5, False, 4, ["pay"], thread, "reply")
    ]
