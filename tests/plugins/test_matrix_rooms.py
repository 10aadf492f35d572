"""Matrix events: what is kept of each, by the specification; how gaps are read; what may not be read is told."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from pipeline.connector import Excluded, Fatal, Page, Rejected
from plugins.matrix_rooms.connector import MatrixRooms
from plugins.matrix_rooms.events import Event, Reader
from plugins.matrix_rooms.position import Position

READER = Reader(["@helper:dept.test"], "dept.test")
ROOM = "!room:dept.test"
API = "/_matrix/client/v3"


def event(content: Any = None, kind: str = "m.room.message", **more: Any) -> dict[str, Any]:
    content = {"msgtype": "m.text", "body": "Hello"} if content is None else content
    known = {"event_id": "$e1", "type": kind, "sender": "@ann:dept.test", "origin_server_ts": 1780911000125}
    return {**known, "content": content, **more}


def read(*given: Any, **more: Any) -> Any:
    return READER.read(event(*given, **more), ROOM, "here")


def text(body: str = "Hello", **more: Any) -> dict[str, Any]:
    return {"msgtype": "m.text", "body": body, **more}


def relates(**more: Any) -> dict[str, Any]:
    return {"m.relates_to": more}


# -------------------------------------------------------------------------------------------------------- one event
def test_a_message_keeps_what_metrics_need() -> None:
    assert read().model_dump() == {
        "id": "$e1", "room": ROOM, "kind": "message", "sender": "@ann:dept.test", "login": "ann",
        "sent_at": datetime(2026, 6, 8, 9, 30, 0, 125000, tzinfo=UTC), "target": None, "thread": None, "replied_to": None,
        "text": "Hello", "mentions": [], "invited": None, "gone": False,
    }  # fmt: skip


def test_only_users_of_our_own_server_have_logins() -> None:
    assert read(sender="@ann:elsewhere.test").login is None
    assert Reader([], "").read(event(), ROOM, "here").login is None  # type: ignore[union-attr]


def test_a_reply_leaves_out_what_it_quotes() -> None:
    answer = read(text("> <@bob:dept.test> Old words\n> more\n\n> mine", **relates(**{"m.in_reply_to": {"event_id": "$e0"}})))
    assert (answer.replied_to, answer.thread, answer.text) == ("$e0", None, "> mine")
    assert read(text("> a quote of my own")).text == "> a quote of my own"


def test_in_a_thread_an_answer_for_old_programs_is_none() -> None:
    within = {"rel_type": "m.thread", "event_id": "$t", "m.in_reply_to": {"event_id": "$e0"}}
    assert (read(text(**relates(**within, is_falling_back=True))).thread, read(text(**relates(**within))).thread) == ("$t", "$t")
    assert read(text(**relates(**within, is_falling_back=True))).replied_to is None
    assert read(text(**relates(**within))).replied_to == "$e0"


def test_an_edit_has_the_new_words_only() -> None:
    edit = read(text("* Hallo", **{"m.new_content": text("Hallo")}, **relates(rel_type="m.replace", event_id="$e0")))
    assert (edit.kind, edit.target, edit.text) == ("edit", "$e0", "Hallo")


def test_a_reaction_names_its_message() -> None:
    reaction = read(relates(rel_type="m.annotation", event_id="$e0", key="+1"), "m.reaction")
    assert (reaction.kind, reaction.target, reaction.text) == ("reaction", "$e0", None)


def test_a_redaction_takes_back_its_event_in_old_rooms_and_new() -> None:
    for redaction in (read({"redacts": "$e0"}, "m.room.redaction"), read({}, "m.room.redaction", redacts="$e0")):
        assert redaction == Event(id="$e0", gone=True)
    assert read({}, unsigned={"redacted_because": {"type": "m.room.redaction"}}) == Event(id="$e1", gone=True)


def test_who_is_meant_is_told_in_one_of_two_ways() -> None:
    link = '<a href="https://matrix.to/#/@bob:dept.test">Bob</a> <a href="https://matrix.to/#/%40cat%3Adept.test?via=x">C</a>'
    assert read(text(formatted_body=link)).mentions == ["@bob:dept.test", "@cat:dept.test"]
    assert read(text(formatted_body=link, **{"m.mentions": {"user_ids": ["@dan:dept.test", 7]}})).mentions == ["@dan:dept.test"]
    assert read(text(formatted_body=link, **{"m.mentions": {}})).mentions == []


def test_a_file_has_no_words_but_those_about_it() -> None:
    assert read({"msgtype": "m.image", "body": "cat.png"}).text is None
    assert read({"msgtype": "m.image", "body": "cat.png", "filename": "cat.png"}).text is None
    assert read({"msgtype": "m.image", "body": "Our cat", "filename": "cat.png"}).text == "Our cat"
    assert read({"body": "A wave", "url": "mxc://a/b"}, "m.sticker").text is None


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (event({"membership": "join"}, "m.room.member", state_key="@ann:dept.test"), "state event"),
        (event({"ciphertext": "canary"}, "m.room.encrypted"), "encrypted message"),
        (event({}, "m.call.invite"), "event of another type"),
        (event({"msgtype": "m.notice", "body": "Build 7"}), "bot"),
        (event(sender="@helper:dept.test"), "bot"),
        (event({"msgtype": "m.server_notice", "body": "Note"}), "system message"),
    ],
)
def test_what_is_not_read_is_left_out_by_name(given: Any, rule: str) -> None:
    assert READER.read(given, ROOM, "here") == Excluded(rule)


@pytest.mark.parametrize(
    "given",
    [
        None, {**event(), "event_id": 7}, {**event(), "type": None}, event("text"), event(sender=None), event(sender="ann"),
        event(origin_server_ts="1780911000125"), event(origin_server_ts=True), event(origin_server_ts=10**30), event({}),
        event(text(**{"m.relates_to": "$e0"})), event(relates(rel_type="m.annotation"), "m.reaction"),
        event(relates(rel_type="m.other", event_id="$e0"), "m.reaction"), event({}, "m.room.redaction"),
        event(text(**relates(rel_type="m.replace", event_id="$e0"))), event(text(**relates(**{"m.in_reply_to": {"event_id": 7}}))),
    ],
)  # fmt: skip
def test_an_event_of_another_shape_is_rejected(given: Any) -> None:
    assert isinstance(READER.read(given, ROOM, "here"), Rejected)


def test_the_sample_reads_as_it_says() -> None:
    page = json.loads((Path(__file__).parents[2] / "plugins" / "matrix_rooms" / "samples" / "messages.json").read_text("utf-8"))
    reaction, edit, reply, first, created = (READER.read(one, ROOM, "here") for one in page["chunk"])
    assert created == Excluded("state event")
    assert [r.kind for r in (first, reply, edit, reaction)] == ["message", "message", "edit", "reaction"]  # type: ignore[union-attr]
    assert (reply.text, edit.text) == ("On the intranet", "Where is the new form?")  # type: ignore[union-attr]


# ------------------------------------------------------------------------------------------------------ a homeserver
def joined(events: list[Any], rule: str = "public", name: str = "", **timeline: Any) -> dict[str, Any]:
    """A room in the answer of /sync."""
    state = [event({"join_rule": rule}, "m.room.join_rules", state_key=""), event({"name": name}, "m.room.name", state_key="")]
    return {"timeline": {"events": events, "limited": False, "prev_batch": "p9", **timeline}, "state": {"events": state}}


@pytest.fixture
def server(httpserver: HTTPServer) -> Iterator[HTTPServer]:
    httpserver.expect_request(f"{API}/account/whoami").respond_with_json({"user_id": "@me:dept.test"})
    yield httpserver
    httpserver.check()


def sync(server: HTTPServer, rooms: Any, **more: Any) -> None:
    body = {"next_batch": "s2", "rooms": {"join": rooms}, **more}
    server.expect_oneshot_request(f"{API}/sync").respond_with_json(body)


def history(server: HTTPServer, body: Any, status: int = 200, room: str = ROOM, **asked: str) -> None:
    query = {"dir": "b", "limit": "100", **asked}
    server.expect_oneshot_request(f"{API}/rooms/{room}/messages", query_string=query).respond_with_json(body, status)


def pull(server: HTTPServer, since: Any = None, **settings: Any) -> list[Page]:
    return list(MatrixRooms(url=server.url_for("/"), token=SecretStr("t0ken"), **settings).events(since))


def ids(pages: list[Page]) -> list[str]:
    return [r.id for page in pages for r in page.records if isinstance(r, Event)]


CREATED = event({}, "m.room.create", state_key="", event_id="$c")
KNOWN = {"next": "s1", "rooms": [ROOM], "gaps": []}


def test_a_new_room_is_read_to_its_beginning(server: HTTPServer) -> None:
    sync(server, {ROOM: joined([event()], limited=True)})
    history(server, {"chunk": [event(event_id="$e0")], "end": "p8"}, **{"from": "p9"})
    history(server, {"chunk": [], "end": "p7"}, **{"from": "p8"})  # nothing there that the account may see
    history(server, {"chunk": [CREATED], "end": "p6"}, **{"from": "p7"})
    history(server, {"chunk": []}, **{"from": "p6"})
    pages = pull(server)
    assert ids(pages) == ["$e1", "$e0"]
    assert pages[-1].cursor == {"next": "s2", "rooms": [ROOM], "gaps": []}


def test_an_end_that_leads_nowhere_is_the_end(server: HTTPServer) -> None:
    sync(server, {ROOM: joined([event()], limited=True)})
    history(server, {"chunk": [CREATED], "end": "p8"}, **{"from": "p9"})
    history(server, {"chunk": [], "end": "p8"}, **{"from": "p8"})
    assert pull(server)[-1].cursor == {"next": "s2", "rooms": [ROOM], "gaps": []}


def test_a_small_room_needs_no_history(server: HTTPServer) -> None:
    sync(server, {ROOM: joined([CREATED, event()])})
    assert ids(pull(server)) == ["$e1"]


def test_what_sync_leaves_out_is_read_down_to_where_it_was(server: HTTPServer) -> None:
    sync(server, {ROOM: joined([event()], limited=True)})
    history(server, {"chunk": [event(event_id="$e0")]}, **{"from": "p9", "to": "s1"})
    pages = pull(server, KNOWN)
    assert ids(pages) == ["$e1", "$e0"]
    assert pages[0].cursor["gaps"]  # type: ignore[index, call-overload]
    assert not pages[-1].cursor["gaps"]  # type: ignore[index, call-overload]


def test_a_gap_is_gone_on_with_after_what_is_new(server: HTTPServer) -> None:
    gap = {"room": ROOM, "top": "p5", "end": None, "at": "p3", "grounded": False}
    sync(server, {ROOM: joined([event()])})
    history(server, {"chunk": [CREATED]}, **{"from": "p3"})
    assert pull(server, {**KNOWN, "gaps": [gap]})[-1].cursor == {"next": "s2", "rooms": [ROOM], "gaps": []}


def test_a_history_without_a_beginning_is_asked_for_again(server: HTTPServer) -> None:
    sync(server, {ROOM: joined([], limited=True)})
    history(server, {"chunk": []}, **{"from": "p9"})
    [gap] = Position.after(pull(server)[-1].cursor).gaps
    assert (gap.at, gap.end) == ("p9", None)


def test_in_a_room_that_shows_no_past_our_own_joining_is_the_beginning(server: HTTPServer) -> None:
    room = joined([], limited=True)
    room["state"]["events"].append(event({"history_visibility": "joined"}, "m.room.history_visibility", state_key=""))
    sync(server, {ROOM: room})
    history(server, {"chunk": [event({}, "m.room.member", state_key="@me:dept.test")]}, **{"from": "p9"})
    assert not Position.after(pull(server)[-1].cursor).gaps


@pytest.mark.parametrize(
    ("room", "settings", "rule"),
    [
        (joined([event()], "invite"), {}, "private room"),
        (joined([event()], "restricted"), {}, "private room"),
        ({"timeline": {"events": [event()]}}, {}, "private room"),
        (joined([event(), event({"join_rule": "invite"}, "m.room.join_rules", state_key="")]), {}, "private room"),
        (joined([event()], name="UNISON reps"), {}, "trade union or staff network"),
        (joined([event()]), {"rooms": ["!direct:dept.test"]}, "room that the settings do not name"),
    ],
)
def test_a_room_that_must_not_be_read_is_counted_and_forgotten(
    server: HTTPServer, room: Any, settings: dict[str, Any], rule: str
) -> None:  # fmt: skip
    direct = {"account_data": {"events": [{"type": "m.direct", "content": {"@bob:dept.test": ["!direct:dept.test"]}}]}}
    sync(server, {ROOM: room, "!direct:dept.test": joined([event()])}, **direct)
    pages = pull(server, KNOWN, **settings)
    assert Counter(r.rule for page in pages for r in page.records if isinstance(r, Excluded)).keys() == {rule, "direct message"}
    assert ids(pages) == []
    assert pages[-1].cursor == {"next": "s2", "rooms": [], "gaps": []}


def test_a_room_may_be_allowed_but_a_direct_one_never(server: HTTPServer) -> None:
    direct = {"account_data": {"events": [{"type": "m.direct", "content": {"@bob:dept.test": ["!direct:dept.test"]}}]}}
    sync(server, {ROOM: joined([CREATED, event()], "invite"), "!direct:dept.test": joined([event()])}, **direct)
    assert ids(pull(server, allow_rooms=[ROOM, "!direct:dept.test"])) == ["$e1"]


def test_a_room_that_cannot_be_read_is_told_after_all_others(server: HTTPServer) -> None:
    other = "!other:dept.test"
    sync(server, {ROOM: joined([], limited=True), other: joined([], limited=True, prev_batch="q9")})
    history(server, {"errcode": "M_FORBIDDEN"}, 403, **{"from": "p9"})
    history(server, {"chunk": [event(), CREATED]}, room=other, **{"from": "q9"})
    pages = MatrixRooms(url=server.url_for("/"), token=SecretStr("t0ken")).events(None)
    seen: list[Page] = []
    with pytest.raises(Fatal, match=r"!room:dept\.test \(403\)"):
        seen.extend(pages)
    assert ids(seen) == ["$e1"]
    sync(server, {})
    with pytest.raises(Fatal, match=r"!room:dept\.test \(not joined\)"):
        pull(server, KNOWN)


NEXT = {"next_batch": "s2"}


@pytest.mark.parametrize("body", [{}, [], {"next_batch": ""}, {**NEXT, "rooms": []}, {**NEXT, "rooms": {"join": 7}}])
def test_an_answer_of_another_shape_moves_nothing(server: HTTPServer, body: Any) -> None:
    server.expect_request(f"{API}/sync").respond_with_json(body)
    with pytest.raises(Fatal, match="sync: "):
        pull(server)


def test_nothing_is_asked_about_people(server: HTTPServer) -> None:
    sync(server, {})
    pull(server)
    [asked] = [request for request, _ in server.log if request.path.endswith("/sync")]
    told = json.loads(asked.args["filter"])
    assert told["presence"] == told["room"]["ephemeral"] == {"not_types": ["*"]}
    assert asked.headers["Authorization"] == "Bearer t0ken"
    assert "t0ken" not in asked.url
