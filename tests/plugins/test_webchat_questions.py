"""Questions and answers of Teams meetings: all of it is asked for, what is private is only counted, nothing lingers."""

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

from pipeline.connector import Excluded, Fatal, Landed, Page, Rejected, plain
from plugins.webchat import questions
from plugins.webchat.connector import Message, Webchat

FOLDER = Path(__file__).parents[2] / "plugins" / "webchat"


def account(records: Any) -> Counter[str]:
    return Counter(r.rule if isinstance(r, Excluded) else r.reason if isinstance(r, Rejected) else "landed" for r in records)


@pytest.fixture
def graph(httpserver: HTTPServer) -> Iterator[HTTPServer]:
    yield httpserver
    httpserver.check()


PATH = "/graph/v1.0/communications/getAllOnlineMeetingMessages"


def sample() -> list[dict[str, Any]]:
    items = json.loads((FOLDER / "samples" / "questions.json").read_text(encoding="utf-8"))["value"]
    assert isinstance(items, list)
    return items


def ask(server: HTTPServer, *pages: Any, since: Any = None, **settings: Any) -> list[Page]:
    """What the connector makes of these answers in order; links between them are relative as documented."""
    server.clear()
    for number, page in enumerate(pages):
        body = page if isinstance(page, dict) else {"value": page}
        query = {"$expand": "conversation"} | ({"skipToken": str(number)} if number else {})
        if number + 1 < len(pages):
            link = f"/communications/getAllOnlineMeetingMessages?$expand=conversation&skipToken={number + 1}"
            body = {**body, "@odata.nextLink": link}
        bearer = {"Authorization": "Bearer t0ken"}
        server.expect_request(PATH, query_string=query, headers=bearer).respond_with_json(body)
    url = server.url_for("/graph/v1.0")
    return list(Webchat(graph_url=url, token=SecretStr("t0ken"), **settings).questions(since))


def messages(pages: list[Page]) -> list[Message]:
    return [r for page in pages for r in page.records if isinstance(r, Message)]


def test_all_pages_are_read_and_what_is_private_is_only_counted(graph: HTTPServer) -> None:
    pages = ask(graph, sample()[:2], sample()[2:], [])
    assert [(m.id, m.kind, m.thread) for m in messages(pages)] == [
        ("Q1", "question", "Q1"), ("R1", "reply", "Q1"), ("R2", "reply", "Q1"), ("Q2", "question", "Q2"),
        ("R3", "reply", "Q2"),
    ]  # fmt: skip
    assert account(r for p in pages for r in p.records) == {
        "landed": 5, "private reply": 1, "dismissed": 2, "not yet published": 1,
    }  # fmt: skip
    assert [sorted(p.cursor["seen"]) for p in pages if isinstance(p.cursor, dict)] == [
        ["Q1", "Q2", "R1", "R2"], *[["Q1", "Q2", "R1", "R2", "R3"]] * 3,
    ]  # fmt: skip


def test_a_message_keeps_what_metrics_need_and_no_name(graph: HTTPServer) -> None:
    first = messages(ask(graph, sample()))[0]
    assert first.model_dump() == {
        "id": "Q1", "kind": "question", "thread": "Q1", "reply_to": None, "meeting": "M1",
        "person": "7d0c1f52-0f5c-4a58-9f0a-0f6f7a1b0001", "organiser": "7d0c1f52-0f5c-4a58-9f0a-0f6f7a1b0004",
        "said_at": datetime(2026, 3, 12, 10, 5, 58, 936313, tzinfo=UTC),
        "modified_at": datetime(2026, 3, 12, 10, 5, 58, 936313, tzinfo=UTC),
        "votes": 14, "text": "Will the Swansea office close?\nAsking for too", "withdrawn": False,
    }  # fmt: skip


@pytest.mark.parametrize("link", ["{root}/next?p=2", "/graph/v1.0/next?p=2", "/next?p=2", "next?p=2"])
def test_links_to_the_next_page_may_be_written_in_any_way(graph: HTTPServer, link: str) -> None:
    url = graph.url_for("/graph/v1.0")
    first = {"value": sample()[:1], "@odata.nextLink": link.format(root=url)}
    graph.expect_ordered_request(PATH).respond_with_json(first)
    graph.expect_ordered_request("/graph/v1.0/next", query_string="p=2").respond_with_json({"value": sample()[1:2]})
    pages = list(Webchat(graph_url=url, token=SecretStr("t0ken")).questions(None))
    assert {m.id for m in messages(pages)} == {"Q1", "R1", "R2", "Q2"}


def test_an_answer_without_a_list_moves_nothing(graph: HTTPServer) -> None:
    with pytest.raises(Fatal, match="value"):
        ask(graph, {"error": {"code": "UnknownError"}})


def test_without_an_address_nothing_is_asked() -> None:
    assert list(Webchat().questions(None)) == []
    assert list(Webchat().lines(Landed())) == []


def test_what_was_dismissed_or_deleted_since_is_withdrawn(graph: HTTPServer) -> None:
    before = ask(graph, sample())[-1].cursor
    later = sample()
    later[0]["conversation"]["moderationState"] = "dismissed"
    del later[2]
    gone = [m for m in messages(ask(graph, later, since=before)) if m.withdrawn]
    assert [(m.id, m.person, m.text) for m in gone] == [(i, None, "") for i in ("Q1", "R1", "R2", "R3")]
    assert {m.modified_at for m in gone if m.id == "Q1"} == {datetime(2026, 3, 12, 10, 5, 58, 936313, tzinfo=UTC)}
    assert not [m for m in messages(ask(graph, sample(), since=before)) if m.withdrawn]


def test_a_message_that_cannot_be_read_tonight_is_not_withdrawn(graph: HTTPServer) -> None:
    before = ask(graph, sample())[-1].cursor
    later = sample()
    later[1]["createdDateTime"] = "yesterday"
    pages = ask(graph, later, since=before)
    assert Rejected("datetime_type at said_at", "Q&A, 1") in pages[0].records
    assert not [m for m in messages(pages) if m.withdrawn]
    assert pages[-1].cursor == before


def test_a_night_without_any_message_withdraws_nothing(graph: HTTPServer) -> None:
    before = ask(graph, sample())[-1].cursor
    with pytest.raises(Fatal, match="5 of 5"):
        ask(graph, [], since=before)


def test_a_reading_that_was_cut_goes_on_and_withdraws_nothing(graph: HTTPServer) -> None:
    seen = {"Q0": "2026-03-12T10:20:00+00:00"}
    graph.expect_oneshot_request("/graph/v1.0/next", query_string="p=2").respond_with_json({"value": sample()[1:2]})
    url = graph.url_for("/graph/v1.0")
    cut = Webchat(graph_url=url, token=SecretStr("t0ken")).questions({"seen": seen, "next": "next?p=2"})
    pages = list(cut)
    assert [(m.id, m.withdrawn) for m in messages(pages)] == [("Q2", False)]
    assert pages[-1].cursor == {"seen": {**seen, "Q2": "2026-03-12T10:20:00+00:00"}}


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_page_that_was_forgotten_is_read_from_the_beginning(graph: HTTPServer, status: int) -> None:
    graph.expect_oneshot_request("/graph/v1.0/next", query_string="p=2").respond_with_data("", status=status)
    graph.expect_oneshot_request(PATH).respond_with_json({"value": sample()})
    url = graph.url_for("/graph/v1.0")
    pages = list(Webchat(graph_url=url, token=SecretStr("t0ken")).questions({"seen": {}, "next": "next?p=2"}))
    assert len(messages(pages)) == 5


def test_a_message_without_an_id_may_be_any_of_those_before(graph: HTTPServer) -> None:
    before = ask(graph, sample())[-1].cursor
    later = sample()
    del later[1]["id"]
    pages = ask(graph, later, since=before)
    assert not [m for m in messages(pages) if m.withdrawn]
    assert pages[-1].cursor == before


def test_what_a_night_that_breaks_has_read_is_withdrawn_by_a_later_one(graph: HTTPServer) -> None:
    url = graph.url_for("/graph/v1.0")
    graph.expect_ordered_request(PATH).respond_with_json({"value": sample()[1:2], "@odata.nextLink": f"{url}/next"})
    graph.expect_ordered_request("/graph/v1.0/next").respond_with_json({"error": {"code": "UnknownError"}})
    read: list[Page] = []
    with pytest.raises(Fatal):
        read.extend(Webchat(graph_url=url, token=SecretStr("t0ken")).questions(None))
    state = read[-1].cursor
    assert isinstance(state, dict)
    gone = [m.id for m in messages(ask(graph, sample()[:1], since={"seen": state["seen"]})) if m.withdrawn]
    assert gone == ["Q2"]


def test_when_most_is_gone_somebody_must_look(graph: HTTPServer) -> None:
    many = [{**sample()[1], "id": f"Q{n}"} for n in range(100)]
    before = ask(graph, many)[-1].cursor
    with pytest.raises(Fatal, match="79 of 100"):
        ask(graph, many[:21], since=before)
    assert sum(m.withdrawn for m in messages(ask(graph, many[:21], since=before, accept_withdrawals=True))) == 79


@pytest.mark.parametrize("mark", [{"isPrivateReply": True}, {"isPrivate": 1}])
def test_a_reply_that_is_marked_private_in_any_way_is_private(mark: dict[str, Any]) -> None:
    assert list(questions.rows({**sample()[2], **mark})) == [Excluded("private reply")]
    assert list(questions.rows({**sample()[2], **dict.fromkeys(mark, False)})) != [Excluded("private reply")]


@pytest.mark.parametrize("state", ["missing", None, 5])
def test_what_does_not_say_that_it_is_published_is_not_read_nor_its_replies(state: Any) -> None:
    item = sample()[0]
    item["conversation"]["moderationState"] = state
    if state == "missing":
        del item["conversation"]["moderationState"]
    assert account(questions.rows(item)) == {"missing at conversation.moderationState": 3, "private reply": 1}


@pytest.mark.parametrize("field", ["from", "body"])
def test_a_message_that_lacks_a_field_is_not_taken_for_one_without_a_name_or_text(field: str) -> None:
    item = {name: value for name, value in sample()[2].items() if name != field}
    assert list(questions.rows(item, "here")) == [Rejected(f"missing at {field}", "here")]


@pytest.mark.parametrize("when", [1773309600, "1773309600", "2026-03-16", "2026-03-16T09:00:00"])
def test_a_time_in_another_form_is_no_moment(when: Any) -> None:
    [row] = questions.rows({**sample()[2], "createdDateTime": when})
    assert isinstance(row, dict)
    assert row["said_at"] is None


def test_a_message_that_did_not_begin_its_conversation_is_a_reply() -> None:
    [row] = questions.rows({**sample()[2], "replyToId": None})
    assert isinstance(row, dict)
    assert (row["kind"], row["reply_to"], row["thread"]) == ("reply", "Q2", "Q2")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"from": "Awen"}, "not as expected at from"), ({"body": ["x"]}, "not as expected at body"),
        ({"body": {"content": 5}}, "not as expected at body.content"),
        ({"conversation": "C1"}, "not as expected at conversation"), ({"replies": {}}, "not as expected at replies"),
    ],
)  # fmt: skip
def test_a_message_of_another_shape_is_rejected(change: dict[str, Any], why: str) -> None:
    assert list(questions.rows({**sample()[0], **change}, "here")) == [Rejected(why, "here")]
    assert list(questions.rows(None, "here")) == [Rejected("not an object", "here")]


def test_replies_inside_private_replies_are_private_too() -> None:
    item = sample()[0]
    item["privateReplies"][0]["replies"] = [item["replies"].pop()]
    assert account(questions.rows(item)) == {"landed": 2, "private reply": 2}


def test_a_discussion_is_one_only_where_the_organiser_opens_it() -> None:
    item = {**sample()[0], "@odata.type": "#microsoft.graph.engagementConversationDiscussionMessage"}
    [by_guest] = [r for r in questions.rows({**item, "replies": [], "privateReplies": []}) if isinstance(r, dict)]
    item["from"] = item["conversation"]["organizer"]
    [by_organiser] = [r for r in questions.rows({**item, "replies": [], "privateReplies": []}) if isinstance(r, dict)]
    assert (by_guest["kind"], by_organiser["kind"]) == ("question", "discussion")
    system = {**sample()[1], "@odata.type": "#microsoft.graph.engagementConversationSystemMessage"}
    assert list(questions.rows(system)) == [Excluded("system message")]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One</p><p>two &amp; three</p>", "One\ntwo & three"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<style>p {}</style><script>x()</script>seen", "seen"),
        ("thanks <at id='0'>Awen Pryce</at>!", "thanks !"),
        ("so <img alt='good'>", "so good"),
        ("1 < 2 & <b>bold", "1 < 2 & bold"),
        ("", ""),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert plain(html) == text
