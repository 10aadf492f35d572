"""Slack exports: every row is accounted for, private conversations only as a count, later exports have the last word."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.connector import Excluded, Fatal, Rejected
from plugins.slack.connector import Slack
from plugins.slack.messages import Member, Message, member_in, message_in, plain

PUBLIC = [{"id": "C1", "name": "general"}]
ANN = {"id": "U1", "name": "ann", "deleted": False, "profile": {"email": "Ann@dept.example"}}


def row(ts: str = "1452837318.000002", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "text": "Hello", "ts": ts, **more}


def export(path: Path, days: dict[str, Any], channels: Any = PUBLIC, users: Any = (ANN,), root: str = "", **lists: Any) -> Path:
    """A ZIP with these files; lists as groups=[...]."""
    held = {"channels.json": channels, "users.json": users, **{f"{name}.json": rows for name, rows in lists.items()}, **days}
    with zipfile.ZipFile(path, "w") as made:
        for name, rows in held.items():
            if rows is not None:
                made.writestr(root + name, rows if isinstance(rows, bytes) else json.dumps(rows))
    return path


def read(folder: Path, since: Any = None, **settings: Any) -> list[Any]:
    return [r for page in Slack(files=str(folder / "*.zip"), **settings).messages(since) for r in page.records]


def account(records: list[Any]) -> Counter[str]:
    return Counter(
        r.rule if isinstance(r, Excluded) else r.reason if isinstance(r, Rejected) else "gone" if r.gone else "landed"
        for r in records
    )


def now(records: list[Any]) -> dict[str, Message]:
    """What is current after these records, as landing decides it."""
    found: dict[str, Message] = {}
    for r in records:
        if isinstance(r, Message) and (r.ts not in found or r.edition >= found[r.ts].edition):
            found[r.ts] = r
    return {ts: r for ts, r in found.items() if not r.gone}


def one(**more: Any) -> Any:
    return message_in(row(**more), "C1", {"U9"}, "here")


# ------------------------------------------------------------------------------------------------------- one message
def test_the_id_is_text_and_keeps_every_digit() -> None:
    message = one()
    assert (message.ts, message.posted_at) == ("1452837318.000002", datetime(2016, 1, 15, 5, 55, 18, 2, tzinfo=UTC))
    assert one(ts=1452837318.000002) == Rejected("no time as text at ts", "here")


def test_a_message_keeps_what_metrics_need() -> None:
    message = one(
        text="<@U2> and <@U3|cy>: see <https://a.example/x|the plan> &amp; <#C2|help> &lt;now&gt; <!here>",
        thread_ts="1452837000.000001", parent_user_id="U2", edited={"user": "U1", "ts": "1452837400.000000"},
        reactions=[{"name": "+1", "users": ["U3", "U2"], "count": 2}, {"name": "tada", "users": ["U2"], "count": 1}],
    )  # fmt: skip
    assert message.model_dump(exclude={"posted_at"}) == {
        "channel": "C1", "ts": "1452837318.000002", "thread": "1452837000.000001", "sender": "U1", "starter": "U2",
        "text": "and : see the plan & help <now>", "mentions": ["U2", "U3"], "reacted_by": ["U2", "U3"],
        "edition": 1452837400000000, "invited": None, "gone": False,
    }  # fmt: skip


def test_entities_are_decoded_once() -> None:
    assert plain("&amp;lt; <https://a.example/?a=1&amp;b=2>") == ("&lt; https://a.example/?a=1&b=2", [])


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"subtype": "channel_join"}, "system message"),
        ({"subtype": "channel_join", "inviter": "U1"}, "system message"),
        ({"subtype": "channel_join", "inviter": "U9"}, "system message"),
        ({"subtype": "channel_join", "inviter": "USLACKBOT"}, "system message"),
        ({"subtype": "channel_join", "inviter": "U2", "user": "U9"}, "system message"),
        ({"subtype": "channel_join", "inviter": 7}, "system message"),
        ({"subtype": "channel_leave", "inviter": "U2"}, "system message"),
        ({"subtype": "bot_add", "bot_id": "B1"}, "system message"),
        ({"subtype": "never_seen_before"}, "system message"),
        ({"subtype": "bot_message", "bot_id": "B1", "user": None}, "bot"),
        ({"bot_id": "B1"}, "bot"),
        ({"user": "U9"}, "bot"),
        ({"user": "USLACKBOT"}, "bot"),
    ],
)
def test_what_no_person_wrote_is_left_out_by_name(more: dict[str, Any], rule: str) -> None:
    assert one(**more) == Excluded(rule)


def test_who_asked_whom_into_a_channel_is_kept_without_words() -> None:
    asked = one(subtype="channel_join", inviter="U2", text="<@U1> has joined the channel")
    assert (asked.sender, asked.invited, asked.text, asked.mentions, asked.thread) == ("U2", "U1", None, [], None)
    assert asked.posted_at == one().posted_at


def test_the_sentence_that_slack_writes_about_a_file_is_nobodys() -> None:
    about = {"initial_comment": {"comment": "Minutes"}}
    shared = one(subtype="file_share", text="<@U1> uploaded a file: <https://f|f>", file=about)
    assert (shared.sender, shared.text, shared.mentions) == ("U1", "Minutes", [])
    said = one(subtype="file_comment", user=None, text="<@U2> commented on a file", comment={"user": "U2", "comment": "Thanks"})
    assert (said.sender, said.text, said.mentions) == ("U2", "Thanks", [])
    assert one(subtype="file_share", text="New exports quote only us", files=[{}]).text == "New exports quote only us"


@pytest.mark.parametrize(
    "more",
    [{"user": None}, {"user": 7}, {"text": ["a"]}, {"thread_ts": 7}, {"edited": "yes"}, {"edited": {}}, {"reactions": {}},
     {"subtype": 7}],
)  # fmt: skip
def test_a_row_of_another_shape_is_rejected_without_its_values(more: dict[str, Any]) -> None:
    assert isinstance(one(**more), Rejected)


def test_members_that_are_no_people_are_left_out() -> None:
    assert member_in(ANN, "here") == Member(id="U1", email="Ann@dept.example")
    assert member_in({**ANN, "is_bot": True}, "here") == Excluded("bot")
    assert isinstance(member_in({"id": None}, "here"), Rejected)
    assert member_in({"id": "U2", "deleted": True, "profile": None}, "here") == Member(id="U2", deactivated=True)


# ----------------------------------------------------------------------------------------------------- whole exports
def test_only_channels_that_are_listed_as_public_are_read(tmp_path: Path) -> None:
    rooms = ["general", "board", "pcs-union", "restructure", "mpdm-a--b-1", "D1", "nobody-lists-me"]
    channels = [*PUBLIC, {"id": "C2", "name": "board", "is_private": True}, {"id": "C3", "name": "pcs-union"},
                {"id": "G9", "name": "D9", "is_mpim": True}]  # fmt: skip
    export(
        tmp_path / "a.zip", {f"{room}/2026-03-02.json": [row(text="canary")] for room in rooms}, channels,
        groups=[{"id": "G1", "name": "restructure"}], mpims=[{"id": "G2", "name": "mpdm-a--b-1"}], dms=[{"id": "D1"}],
    )  # fmt: skip
    assert account(read(tmp_path)) == {
        "landed": 1, "private group": 2, "trade union or staff network": 1, "direct message": 2,
        "not listed as a public channel": 1,
    }  # fmt: skip
    assert account(read(tmp_path, exclude_names=["general"]))["landed"] == 1


def test_a_zip_made_of_an_unpacked_folder_is_an_export_too(tmp_path: Path) -> None:
    export(tmp_path / "a.zip", {"general/2026-03-02.json": [row()]}, root="Our export/")
    assert account(read(tmp_path)) == {"landed": 1}


def test_an_export_that_was_read_is_not_read_again(tmp_path: Path) -> None:
    slack = Slack(files=str(export(tmp_path / "a.zip", {"general/2026-03-02.json": [row()]})))
    for stream in (slack.messages, slack.members):
        pages = list(stream(None))
        assert pages[-1].cursor is not None
        assert list(stream(pages[-1].cursor)) == []


def days(*present: str, edited: str = "", text: str = "") -> dict[str, Any]:
    """A message a day from 1 to 5 March; `edited` one of them says `text`."""
    stamps = {"1": "1772359200", "2": "1772445600", "3": "1772532000", "4": "1772618400", "5": "1772704800"}
    return {
        f"general/2026-03-0{day}.json": [
            row(f"{stamps[day]}.000001", **({"text": text, "edited": {"ts": "1772800000.000000"}} if day == edited else {}))
        ]
        for day in present
    }


def test_a_later_export_has_the_last_word(tmp_path: Path) -> None:
    export(tmp_path / "first.zip", days("1", "2", "3"))
    first = list(Slack(files=str(tmp_path / "*.zip")).messages(None))
    export(tmp_path / "later.zip", days("1", "2", "4", "5", edited="2", text="Changed"))
    records = read(tmp_path, since=first[-1].cursor)
    held = now([r for page in first for r in page.records] + records)
    assert [m.text for m in held.values()] == ["Hello", "Changed", "Hello", "Hello"]
    assert "1772532000.000001" not in held
    assert account(records) == {"landed": 5, "again in a later export": 2, "gone": 1}


def test_the_edge_of_an_export_deletes_nothing(tmp_path: Path) -> None:
    export(tmp_path / "a.zip", days("1", "2", "3"))
    export(tmp_path / "b.zip", days("2", "4"))
    assert set(now(read(tmp_path))) == {f"{s}.000001" for s in (1772359200, 1772445600, 1772618400)}
    export(tmp_path / "b.zip", {"general/2026-03-03.json": [row("1772532999.000001")], **days("4")})
    assert len(now(read(tmp_path))) == 5


def test_a_later_export_that_cannot_be_read_deletes_nothing(tmp_path: Path) -> None:
    export(tmp_path / "a.zip", days("1", "2", "3"))
    export(tmp_path / "b.zip", {**days("1", "4", "5"), "general/2026-03-02.json": [row(ts="damaged")]})
    records = read(tmp_path)
    assert account(records)["gone"] == 0
    assert account(records)["no time as text at ts"] == 1


def test_a_channel_that_became_private_is_taken_back(tmp_path: Path) -> None:
    export(tmp_path / "a.zip", days("1", "2"))
    assert len(now(read(tmp_path))) == 2
    export(tmp_path / "b.zip", days("1", "2", "3"), channels=[], groups=PUBLIC)
    records = read(tmp_path)
    assert now(records) == {}
    assert account(records) == {"private group": 5, "gone": 2}


def test_a_tombstone_deletes(tmp_path: Path) -> None:
    export(tmp_path / "a.zip", {"general/2026-03-02.json": [row(edited={"ts": "1999999999.000000"}), row(subtype="tombstone")]})
    assert now(read(tmp_path)) == {}


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"channels": None}, "no channels.json"),
        ({"days": {"general/2026-03-02.json": b"[{"}}, "a.zip, general/2026-03-02.json is not JSON"),
        ({"days": {"general/2026-03-02.json": {}}}, "not a list"),
        ({"days": {"general/2026-03-02.json": b"[" * 100_000}}, "not JSON"),
    ],
)
def test_what_is_no_export_is_named(tmp_path: Path, broken: dict[str, Any], said: str) -> None:
    export(tmp_path / "a.zip", **{"days": {}, **broken})
    with pytest.raises(Fatal, match=said):
        read(tmp_path)


def test_members_need_their_file(tmp_path: Path) -> None:
    export(tmp_path / "a.zip", {}, users=None)
    with pytest.raises(Fatal, match=r"a\.zip has no users\.json"):
        list(Slack(files=str(tmp_path / "a.zip")).members(None))


def test_the_sample_reads_as_it_says(tmp_path: Path) -> None:
    rows = (Path(__file__).parents[2] / "plugins" / "slack" / "samples" / "2026-06-01.json").read_bytes()
    export(tmp_path / "a.zip", {"general/2026-06-01.json": rows})
    records = read(tmp_path)
    assert account(records) == {"landed": 2, "system message": 1, "bot": 1}
    assert [(m.text, m.mentions, m.starter) for m in now(records).values()] == [
        ("Where is the form, ?", ["U0THORNE1"], None), ("On the intranet > Forms", [], "U0QUILL01"),
    ]  # fmt: skip


@pytest.mark.real
def test_every_message_of_a_real_export_is_accounted_for(real_data: Path) -> None:
    records = read(real_data / "sources" / "chat_exports")
    assert account(records) == {"landed": 59, "bot": 94, "system message": 5}
    messages = [r for r in records if isinstance(r, Message)]
    assert len({(m.channel, m.ts) for m in messages}) == 59
    assert len([m for m in messages if m.invited and m.invited != m.sender and not m.text]) == 6
    assert {m.channel for m in messages} == {"C0JGLMMNX", "C0JL6CGQ2"}
    assert sum(bool(m.edition) for m in messages) == 1
    assert not [m for m in messages if "uploaded a file" in (m.text or "") or "<@" in (m.text or "")]
