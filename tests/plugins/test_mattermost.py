"""Bulk exports of Mattermost: ids that the format lacks, what is private only as a count, the newest export alone holds."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.connector import Excluded, Fatal, Landed, Rejected
from plugins.mattermost.connector import Mattermost
from plugins.mattermost.posts import Account, Post, Reaction

VERSION: dict[str, Any] = {"type": "version", "version": 1}
ANN = {"type": "user", "user": {"username": "ann", "email": "ann@dept.example"}}
BOB = {"type": "user", "user": {"username": "bob.b", "email": ""}}
TEAM = {"type": "team", "team": {"name": "dept", "type": "O"}}
CHANNEL = {"type": "channel", "channel": {"team": "dept", "name": "town", "type": "O"}}
HEAD = [VERSION, TEAM, CHANNEL, ANN, BOB]
NOTHING = Landed()


def said(**more: Any) -> dict[str, Any]:
    return {"team": "dept", "channel": "town", "user": "ann", "message": "Hello", "create_at": 1553166512493, **more}


def post(**more: Any) -> dict[str, Any]:
    return {"type": "post", "post": said(**more)}


def export(path: Path, *lines: Any, head: list[Any] = HEAD, end: bytes = b"\n") -> Path:
    path.write_bytes(b"\n".join(json.dumps(line).encode() for line in [*head, *lines]) + end)
    return path


def read(path: Path, stream: str = "posts", landed: Landed = NOTHING, **settings: Any) -> list[Any]:
    connector = Mattermost(files=str(path), **settings)
    return [record for page in getattr(connector, stream)(landed) for record in page.records]


def account(records: list[Any]) -> Counter[str]:
    return Counter(
        r.rule if isinstance(r, Excluded) else r.reason if isinstance(r, Rejected) else type(r).__name__ for r in records
    )


def test_a_post_its_replies_and_their_reactions(tmp_path: Path) -> None:
    reply = {"user": "bob.b", "message": "Hello @ann.", "create_at": 1553166512999, "edit_at": 1553166513000,
             "reactions": [{"user": "ann", "create_at": 1553166514000, "emoji_name": "tick"}]}  # fmt: skip
    file = export(tmp_path / "export.jsonl", post(replies=[reply, {"user": "ann", "message": "Hm", "create_at": 1553166514001}]))
    top, answer, own = read(file)
    assert (top.thread, top.toward, top.created_at) == (top.id, None, datetime(2019, 3, 21, 11, 8, 32, 493000, tzinfo=UTC))
    assert (answer.thread, answer.toward, answer.mentions, answer.text) == (top.id, "ann", ["ann"], "Hello")
    assert (own.thread, own.toward) == (top.id, None)
    assert len({top.id, answer.id, own.id}) == 3
    [reaction] = read(file, "reactions")
    assert (reaction.post, reaction.author, reaction.person, reaction.emoji) == (answer.id, "bob.b", "ann", "tick")
    assert read(file, "accounts") == [Account(username="ann", email="ann@dept.example"), Account(username="bob.b")]


@pytest.mark.parametrize("words", ["bob.b added to the channel by ann.", "@Bob.B was added to the channel by @ann."])
@pytest.mark.parametrize("kind", [{}, {"type": "system_add_to_channel"}], ids=["words", "type"])
def test_who_added_whom_to_a_channel_is_kept_without_words(tmp_path: Path, words: str, kind: dict[str, str]) -> None:
    reply = {"user": "bob.b", "message": "Thanks", "create_at": 1553166512999}
    invitation, answer = read(export(tmp_path / "a.jsonl", post(message=words, replies=[reply], **kind)))
    assert (invitation.author, invitation.invited, invitation.text, invitation.mentions) == ("ann", "bob.b", None, [])
    assert (answer.toward, answer.invited) == (None, None)


def test_ids_are_the_same_in_every_export_and_differ_between_posts(tmp_path: Path) -> None:
    alike = [post(), post(message="Hi"), post(user="bob.b"), post(create_at=1), post(channel="other")]
    other = {"type": "channel", "channel": {"team": "dept", "name": "other", "type": "O"}}
    first = [r.id for r in read(export(tmp_path / "a.jsonl", other, *alike))]
    again = [r.id for r in read(export(tmp_path / "b.jsonl", other, *alike[::-1]))]
    assert first == again[::-1]
    assert len(set(first)) == 5
    assert account(read(export(tmp_path / "c.jsonl", post(), post()))) == {"Post": 1, "the same post again": 1}


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (post(channel="board"), "private channel"),
        (post(channel="gone"), "not listed as a public channel"),
        (post(team="closed", channel="town"), "invite-only team"),
        (post(channel="pcs"), "trade union or staff network"),
        ({"type": "direct_post", "direct_post": said(channel_members=["ann", "bob.b"])}, "direct message"),
        (post(type="system_join_team"), "system message"),
        (post(message="ann joined the channel."), "system message"),
        (post(message="ron added to the channel by harry."), "system message"),
        (post(message="bob.b added to the channel by bob.b.", user="bob.b"), "system message"),
        (post(message="ann added to the channel by bob.b."), "system message"),
        (post(message="helper added to the channel by ann."), "system message"),
        (post(message="bob.b removed from the channel by ann."), "system message"),
        (post(message="bob.b added to the channel by ann.", type="system_add_to_team"), "system message"),
        (post(message="bob.b added to the channel by ann.", channel="board"), "private channel"),
        (post(props={"from_webhook": "true"}), "bot"),
        (post(type="custom_calls"), "bot"),
        (post(user="helper"), "bot"),
    ],
)
def test_what_is_private_or_no_persons_is_left_out_by_name(tmp_path: Path, line: Any, rule: str) -> None:
    head = [
        *HEAD,
        {"type": "channel", "channel": {"team": "dept", "name": "board", "type": "P"}},
        {"type": "channel", "channel": {"team": "dept", "name": "pcs", "display_name": "PCS branch", "type": "O"}},
        {"type": "team", "team": {"name": "closed", "type": "I"}},
        {"type": "channel", "channel": {"team": "closed", "name": "town", "type": "O"}},
        {"type": "bot", "bot": {"username": "helper"}},
    ]
    line[line["type"]]["reactions"] = [{"user": "ann", "create_at": 5, "emoji_name": "canary"}]
    file = export(tmp_path / "export.jsonl", line, head=head)
    assert read(file) == [Excluded(rule)]
    assert [r for r in read(file, "reactions") if isinstance(r, Reaction)] == []
    if rule == "invite-only team":
        assert account(read(file, allow_teams=["Closed"])) == {"Post": 1}


def test_replies_go_with_what_is_private_but_not_with_what_a_bot_says(tmp_path: Path) -> None:
    replies = [{"user": "ann", "message": "a", "create_at": 2}]
    direct = {"type": "direct_post", "direct_post": said(replies=replies)}
    file = export(tmp_path / "export.jsonl", direct, post(channel="gone", replies=replies), post(type="custom_x", replies=replies))
    assert account(read(file)) == {"direct message": 2, "not listed as a public channel": 2, "bot": 1, "Post": 1}
    assert [r.toward for r in read(file) if isinstance(r, Post)] == [None]


@pytest.mark.parametrize(
    "wrong",
    [{"user": None}, {"create_at": "1553166512493"}, {"create_at": True}, {"create_at": 0}, {"message": None}, {"team": 7},
     {"reactions": "x"}, {"replies": {}}, {"edit_at": "x"}, {"type": 3}],
)  # fmt: skip
def test_a_post_of_another_shape_is_rejected_with_all_under_it(tmp_path: Path, wrong: dict[str, Any]) -> None:
    whole = {"replies": [{"user": "ann", "message": "a", "create_at": 2}], "reactions": [{"user": "ann", "create_at": 3}]}
    file = export(tmp_path / "export.jsonl", post(**{**whole, **wrong}), post(message="Another"), {"type": 3}, {"type": "post"}, 7)
    for stream in ("posts", "reactions"):
        found = account(read(file, stream))
        assert found["Post"] == (stream == "posts")
        assert found["Reaction"] == 0
    assert sum(isinstance(r, Rejected) for r in read(file)) >= 4


def test_mentions_are_users_that_there_are(tmp_path: Path) -> None:
    file = export(tmp_path / "export.jsonl", post(message="@all see @Bob.B. and @nobody, mail x@ann or @ann_"))
    [one] = read(file)
    assert one.mentions == ["bob.b", "ann"]
    assert "@" not in (one.text or "").replace("x@ann", "")


def test_the_newest_export_replaces_the_others(tmp_path: Path) -> None:
    told = {**VERSION, "info": {"created": "2026-06-01T02:00:00Z"}}
    later = {**VERSION, "info": {"created": "2026-06-02T02:00:00.5+01:00"}}
    export(tmp_path / "z.jsonl", post(), post(message="Deleted since"), head=[told, *HEAD[1:]])
    [old] = Mattermost(files=str(tmp_path / "*.jsonl")).posts(Landed())
    assert old.unit
    with zipfile.ZipFile(tmp_path / "a.jsonl", "w") as made:
        made.writestr("import.jsonl", export(tmp_path / "x.tmp", post(), head=[later, *HEAD[1:]]).read_bytes())
        made.writestr("data/notes.jsonl", "an attachment")
    landed = Landed({old.unit.fingerprint: (old.unit.name, old.unit.size)})
    [new] = Mattermost(files=str(tmp_path / "*.jsonl")).posts(landed)
    assert new.unit
    assert (len(new.records), new.unit.replaces) == (1, old.unit.fingerprint)
    assert read(tmp_path / "*.jsonl", landed=Landed({new.unit.fingerprint: (new.unit.name, new.unit.size)})) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b'{"type":"post","post":{}}\n', "does not begin with a line of type version"),
        (b'{"type":"version","version":2}\n', "another version"),
        (b'{"type":"version","version":1}\n{"type":"us', "line 2 has no end"),
        (b'{"type":"version","version":1}\n{"type":"us\n', "line 2 is not JSON"),
        (b'{"type":"version","version":1}\n' + b"[" * 100_000 + b"\n", "line 2 is not JSON"),
        (b'{"type":"version","version":1}\n', "has no users"),
        (b"PK\x03\x04rubbish", "not a whole ZIP"),
    ],
)
def test_what_is_no_whole_export_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "export.jsonl").write_bytes(content)
    for stream in ("posts", "reactions", "accounts"):
        with pytest.raises(Fatal, match=said):
            read(tmp_path / "export.jsonl", stream)


def test_a_cut_within_a_line_is_always_told(tmp_path: Path) -> None:
    whole = export(tmp_path / "export.jsonl", post(), post(message="Second")).read_bytes()
    for at in range(1, len(whole)):
        if whole[at - 1 : at] != b"\n":
            (tmp_path / "export.jsonl").write_bytes(whole[:at])
            with pytest.raises(Fatal, match="line"):
                read(tmp_path / "export.jsonl")


def test_the_sample_reads_as_it_says() -> None:
    file = Path(__file__).parents[2] / "plugins" / "mattermost" / "samples" / "export.jsonl"
    assert account(read(file)) == {"Post": 2, "private channel": 1, "direct message": 1}
    assert account(read(file, "reactions")) == {"Reaction": 1}
    assert account(read(file, "accounts")) == {"Account": 2}


@pytest.mark.real
def test_every_post_of_a_real_export_is_accounted_for(real_data: Path) -> None:
    file = real_data / "sources" / "chat_exports" / "mattermost_export.jsonl"
    records = read(file)
    # 20 posts and 1 reply; the channel of the reply and of three posts is private.
    assert account(records) == {"private channel": 5, "system message": 6, "Post": 10}
    assert account(read(file, "reactions")) == {"Reaction": 8, "private channel": 1}
    assert len(read(file, "accounts")) == 5
    assert len({r.id for r in records if isinstance(r, Post)}) == 10
    [hello] = [r for r in records if isinstance(r, Post) and "Welcome" in (r.text or "")]
    assert (hello.mentions, hello.author) == (["ron"], "harry")
