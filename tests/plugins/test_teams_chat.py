"""Channels of Teams by Microsoft Graph: what is read on and read anew, what is not visible, and what must not be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer

from pipeline.connector import Excluded, Fatal, Page, Rejected
from plugins.teams_chat.connector import TeamsChat
from plugins.teams_chat.places import Places
from plugins.teams_chat.records import Message, message_in

ROOT = "/graph/v1.0"
DEPOT, YARD = "fbe2-01", "19:yard@thread.tacv2"
DELTA = f"{ROOT}/teams/{DEPOT}/channels/{YARD}/messages/delta"
AWEN, BRAN = {"id": "a-1", "displayName": "Awen Pryce"}, {"id": "b-2", "displayName": "Bran Oduya"}


def message(key: str, text: str = "hello", **also: Any) -> dict[str, Any]:
    """A message by Awen, with every property that is needed."""
    return {
        "id": key, "replyToId": None, "messageType": "message", "createdDateTime": "2026-03-04T10:00:00.12Z",
        "lastModifiedDateTime": "2026-03-04T10:00:00.12Z", "deletedDateTime": None, "subject": None,
        "from": {"application": None, "user": AWEN}, "body": {"contentType": "html", "content": f"<p>{text}</p>"},
        "mentions": [], "reactions": [], **also,
    }  # fmt: skip


class Tenant:
    """One team with one channel, whose messages a case gives."""

    def __init__(self, server: HTTPServer) -> None:
        self.server, self.url = server, server.url_for(ROOT)

    def list(
        self, *channels: tuple[str, str, str], teams: tuple[tuple[str, str, str | None], ...] = ((DEPOT, "Depot", "Public"),)
    ) -> None:
        """Answer for the lists of teams and of the first team's channels."""
        given = channels or ((YARD, "Yard", "standard"),)
        rows = [{"id": i, "displayName": n, "visibility": v} for i, n, v in teams]
        self.server.expect_request(f"{ROOT}/groups").respond_with_json({"value": rows})
        rows = [{"id": i, "displayName": n, "membershipType": m} for i, n, m in given]
        self.server.expect_request(f"{ROOT}/teams/{teams[0][0]}/channels").respond_with_json({"value": rows})

    def page(self, query: str | dict[str, str], *rows: Any, path: str = DELTA, **links: str) -> None:
        """Answer once with messages, and a link named next or delta."""
        body: dict[str, Any] = {"value": list(rows)}
        body |= {f"@odata.{name}Link": f"{self.url}{DELTA.removeprefix(ROOT)}?{link}" for name, link in links.items()}
        self.server.expect_oneshot_request(path, query_string=query).respond_with_json(body)

    def pull(self, since: Any = None, **settings: Any) -> list[Page]:
        """One night's pages; they are in `read` where it raises."""
        self.read: list[Page] = []
        self.read.extend(self.pages(since, **settings))
        return self.read

    def pages(self, since: Any = None, **settings: Any) -> Iterator[Page]:
        """One night's pages as they come."""
        return TeamsChat(graph_url=self.url, token=SecretStr("t0ken"), **settings).messages(since)


FIRST = {"$top": "50", "$expand": "replies"}


@pytest.fixture
def tenant(httpserver: HTTPServer) -> Iterator[Tenant]:
    yield Tenant(httpserver)
    httpserver.check()


def messages(pages: list[Page]) -> list[Message]:
    return [r for page in pages for r in page.records if isinstance(r, Message)]


def ids(pages: list[Page]) -> list[str]:
    return [m.id for m in messages(pages)]


# ------------------------------------------------------------------------------------------------------ paging
def test_a_channel_is_read_to_its_delta_link_and_on_from_there(tenant: Tenant) -> None:
    tenant.list()
    tenant.page(FIRST, message("1"), next="$skiptoken=x")
    tenant.page("$skiptoken=x", delta="$deltatoken=y")
    first = tenant.pull()
    assert ids(first) == ["1"]
    link = f"teams/{DEPOT}/channels/{YARD}/messages/delta?$deltatoken=y"
    assert first[-1].cursor == {"channels": {f"{DEPOT} {YARD}": link}, "files": []}
    tenant.page("$deltatoken=y", message("2"), delta="$deltatoken=z")
    assert ids(tenant.pull(first[-1].cursor)) == ["2"]


def test_a_night_that_was_cut_goes_on_at_the_next_page(tenant: Tenant) -> None:
    tenant.list()
    tenant.page(FIRST, message("1"), next="$skiptoken=x")
    pages = tenant.pages()
    next(pages)
    cut = next(pages)
    tenant.page("$skiptoken=x", message("2"), delta="$deltatoken=y")
    assert ids(tenant.pull(cut.cursor)) == ["2"]


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_link_that_graph_forgot_begins_the_channel_anew(tenant: Tenant, status: int) -> None:
    tenant.list()
    body = {"error": {"code": "syncStateNotFound", "message": "resync required"}}
    tenant.server.expect_oneshot_request(DELTA, query_string="$deltatoken=old").respond_with_json(body, status=status)
    tenant.page(FIRST, message("1"), delta="$deltatoken=new")
    link = f"teams/{DEPOT}/channels/{YARD}/messages/delta?$deltatoken=old"
    pages = tenant.pull({"channels": {f"{DEPOT} {YARD}": link}, "files": []})
    assert ids(pages) == ["1"]
    assert "$deltatoken=new" in str(pages[-1].cursor)


def test_a_channel_that_shows_nothing_at_first_is_asked_from_its_beginning_again(tenant: Tenant) -> None:
    tenant.list()
    tenant.page(FIRST, delta="$deltatoken=y")
    empty = tenant.pull()
    assert empty[-1].cursor == {"channels": {}, "files": []}


def test_the_channel_that_was_read_longest_ago_comes_first(tenant: Tenant) -> None:
    tenant.list(("19:new", "New", "standard"), ("19:late", "Late", "standard"), ("19:early", "Early", "standard"))
    asked = [f"{ROOT}/teams/{DEPOT}/channels/19:{name}/messages/delta" for name in ("new", "early", "late")]
    for path in asked:
        tenant.page("" if "new" not in path else FIRST, message("1"), path=path, delta="$deltatoken=y")
    links = {f"{DEPOT} 19:{n}": f"teams/{DEPOT}/channels/19:{n}/messages/delta" for n in ("early", "late", "gone")}
    cursor: Any = tenant.pull({"channels": links, "files": []})[-1].cursor
    assert [request.path for request, _ in tenant.server.log if "delta" in request.path] == asked
    assert list(cursor["channels"]) == [f"{DEPOT} 19:{n}" for n in ("new", "early", "late")]


def test_a_page_that_leads_nowhere_ends_the_night(tenant: Tenant) -> None:
    tenant.list()
    tenant.page(FIRST, message("1"))
    with pytest.raises(Fatal, match="without a link"):
        tenant.pull()


# ------------------------------------------------------------------------------------------------------ replies
def test_replies_are_messages_of_their_own(tenant: Tenant) -> None:
    tenant.list()
    tenant.page(FIRST, message("1", replies=[message("2", replyToId="1"), message("3", replyToId="1")]), delta="$deltatoken=y")
    assert [(m.id, m.reply_to) for m in messages(tenant.pull())] == [("1", None), ("2", "1"), ("3", "1")]


def test_the_rest_of_very_many_replies_is_read_by_its_link(tenant: Tenant) -> None:
    tenant.list()
    link = f"{tenant.url}/teams/{DEPOT}/more?p=2"
    root = message("1", replies=[message("2", replyToId="1")], **{"replies@odata.nextLink": link})
    tenant.page(FIRST, root, delta="$deltatoken=y")
    tenant.page("p=2", message("3", replyToId="1"), path=f"{ROOT}/teams/{DEPOT}/more")
    assert ids(tenant.pull()) == ["1", "2", "3"]


def test_a_thousand_replies_without_a_link_are_not_believed_to_be_all(tenant: Tenant) -> None:
    tenant.list()
    replies = [message(str(n), replyToId="1") for n in range(2, 1002)]
    tenant.page(FIRST, message("1", replies=replies), delta="$deltatoken=y")
    tenant.page({"$top": "50"}, message("1002", replyToId="1"), path=f"{DELTA.removesuffix('delta')}1/replies")
    assert set(ids(tenant.pull())) == {str(n) for n in range(1, 1003)}


# ------------------------------------------------------------------------------------------- not visible, private
@pytest.mark.parametrize("status", [403, 404])
def test_a_channel_that_is_not_visible_is_named_when_the_others_have_landed(tenant: Tenant, status: int) -> None:
    tenant.list(("19:shut", "Shut", "standard"), (YARD, "Yard", "standard"))
    tenant.server.expect_request(f"{ROOT}/teams/{DEPOT}/channels/19:shut/messages/delta").respond_with_data("", status=status)
    tenant.page(FIRST, message("1"), delta="$deltatoken=y")
    with pytest.raises(Fatal, match=f"not visible: channel 19:shut of team {DEPOT}.*everything else has landed"):
        tenant.pull()
    assert ids(tenant.read) == ["1"]
    assert "$deltatoken=y" in str(tenant.read[-1].cursor)


def test_a_team_whose_channels_are_not_visible_is_named_and_its_links_are_kept(tenant: Tenant) -> None:
    rows = [{"id": DEPOT, "displayName": "Depot", "visibility": "Public"}]
    tenant.server.expect_request(f"{ROOT}/groups").respond_with_json({"value": rows})
    tenant.server.expect_request(f"{ROOT}/teams/{DEPOT}/channels").respond_with_data("", status=403)
    before = {"channels": {f"{DEPOT} {YARD}": "teams/x"}, "files": []}
    with pytest.raises(Fatal, match=f"not visible: team {DEPOT}"):
        tenant.pull(before)
    assert tenant.read[-1].cursor == before


def test_teams_may_be_named_and_one_that_is_not_there_is_not_visible(tenant: Tenant) -> None:
    select = {"$select": "id,displayName,visibility"}
    row = {"id": DEPOT, "displayName": "Depot", "visibility": "Public"}
    tenant.server.expect_request(f"{ROOT}/groups/{DEPOT}", query_string=select).respond_with_json(row)
    tenant.server.expect_request(f"{ROOT}/groups/gone").respond_with_data("", status=404)
    rows = [{"id": YARD, "displayName": "Yard", "membershipType": "standard"}]
    tenant.server.expect_request(f"{ROOT}/teams/{DEPOT}/channels").respond_with_json({"value": rows})
    tenant.page(FIRST, message("1"), delta="$deltatoken=y")
    with pytest.raises(Fatal, match="not visible: team gone"):
        tenant.pull(teams=[DEPOT, "gone"])
    assert ids(tenant.read) == ["1"]


def test_a_tenant_without_teams_is_no_quiet_day(tenant: Tenant) -> None:
    tenant.server.expect_request(f"{ROOT}/groups").respond_with_json({"value": []})
    with pytest.raises(Fatal, match="shows no team"):
        tenant.pull()


def test_closed_teams_and_channels_are_counted_and_never_asked_for(tenant: Tenant) -> None:
    tenant.list(
        ("19:p", "Pay", "private"), ("19:s", "Partners", "shared"), ("19:u", "Unknown", "unknownFutureValue"),
        ("19:m", "Menopause group", "standard"), ("19:r", "Prospectus", "standard"),
        teams=((DEPOT, "Depot", "Public"), ("t2", "Board", "Private"), ("t3", "Hidden", "HiddenMembership"), ("t4", "Null", None),
               ("t5", "PCS branch", "Public"), ("t6", "Staff_Networks", "public")),
    )  # fmt: skip
    tenant.page(FIRST, message("1"), path=f"{ROOT}/teams/{DEPOT}/channels/19:r/messages/delta", delta="$deltatoken=y")
    pages = tenant.pull()
    rules = sorted(r.rule for page in pages for r in page.records if isinstance(r, Excluded))
    assert rules == [
        "private channel", "private team", "private team", "private team", "shared channel", "shared channel",
        *["trade union or staff network"] * 3,
    ]  # fmt: skip
    assert ids(pages) == ["1"]


def test_private_teams_are_read_where_the_setting_says_so_and_their_private_channels_never() -> None:
    places = Places([], named=[], private_teams=True)
    places.learn_teams([{"id": "t", "displayName": "Board", "visibility": "Private"}], "groups")
    places.learn_channels([{"id": "c", "displayName": "Pay", "membershipType": "private"}], "channels")
    places.learn_channels([{"id": "d", "displayName": "General", "membershipType": "standard"}], "channels")
    assert (places.rule("t", "c"), places.rule("t", "d")) == ("private channel", None)


@pytest.mark.parametrize(
    "row", [{"id": "t", "displayName": "Depot"}, {"displayName": "Depot", "visibility": "Public"}, {"id": 5}, None]
)
def test_a_list_that_does_not_say_who_may_see_a_team_is_not_read(row: Any) -> None:
    with pytest.raises(Fatal, match="groups: an entry has no"):
        Places([], named=[], private_teams=False).learn_teams([row], "groups")


# ----------------------------------------------------------------------------------------------------- a message
def test_a_message_keeps_what_metrics_need_and_no_name() -> None:
    found = message_in(
        message(
            "1", 'Hi <at id="0">Bran</at>&nbsp;<at id="1">Oduya</at> and <at id="2">Everyone</at>!', subject="News",
            mentions=[
                {"id": 0, "mentionText": "Bran", "mentioned": {"user": BRAN}},
                {"id": 1, "mentionText": "Oduya", "mentioned": {"user": BRAN}},
                {"id": 2, "mentionText": "Everyone", "mentioned": {"user": None, "conversation": {"id": "19:x"}}},
            ],
            reactions=[
                {"reactionType": "😮", "createdDateTime": "2026-03-04T10:07:00Z", "user": {"user": BRAN}},
                {"reactionType": "like", "createdDateTime": "2026-03-04T10:05:00Z", "user": {"user": BRAN}},
                {"reactionType": "like", "createdDateTime": "2026-03-04T10:06:00Z", "user": {"user": AWEN}},
            ],
        ), "t", "c", "here",
    )  # fmt: skip
    assert isinstance(found, Message)
    assert found.text == "News\nHi and !"
    assert (found.mentions, found.reactions, [f"{t:%H:%M}" for t in found.reacted_at]) == (
        ["b-2"], ["b-2", "a-1"], ["10:05", "10:06"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"messageType": "systemEventMessage", "from": None}, "system message"),
        ({"messageType": "unknownFutureValue", "from": None}, "system message"),
        ({"from": {"application": {"id": "x", "displayName": "Bot"}, "user": None}}, "bot"),
        ({"from": {"application": None, "device": {"id": "x"}, "user": None}}, "bot"),
        ({"from": None}, "no sender"),
    ],
)
def test_what_no_person_wrote_is_excluded(change: dict[str, Any], rule: str) -> None:
    assert message_in({**message("1"), **change}, "t", "c", "") == Excluded(rule)


@pytest.mark.parametrize("modified", [None, "2026-03-05T08:00:00Z"])
def test_a_deleted_message_keeps_its_key_and_the_time(modified: str | None) -> None:
    row = message("1", "", deletedDateTime="2026-03-05T08:00:00.5Z", lastModifiedDateTime=modified)
    gone = message_in(row, "t", "c", "")
    assert isinstance(gone, Message)
    assert gone.model_dump(exclude_defaults=True) == {
        "team": "t", "channel": "c", "id": "1", "gone": True, "modified_at": gone.modified_at,
    }  # fmt: skip
    assert f"{gone.modified_at:%d %H:%M:%S.%f}" == "05 08:00:00.500000"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"id": 5}, "no text at id"), ({"messageType": None}, "no text at messageType"),
        ({"from": "Awen"}, "not as expected at from"), ({"from": {"user": {"id": 7}}}, "no id at from.user"),
        ({"createdDateTime": 1772618400}, "not a time at createdDateTime"),
        ({"createdDateTime": "2026-03-04T10:00:00"}, "not a time at createdDateTime"),
        ({"deletedDateTime": True}, "not a time at deletedDateTime"),
        ({"body": None}, "not as expected at body or subject"), ({"mentions": {}}, None),
        ({"mentions": "all"}, "not as expected at mentions"), ({"mentions": [5]}, "not as expected at mentions"),
        ({"reactions": [{"user": {"user": BRAN}}]}, "not a time at createdDateTime"),
        ({"replyToId": ["x"]}, "string_type at reply_to"),
    ],
)  # fmt: skip
def test_a_message_of_another_shape_is_rejected(change: dict[str, Any], why: str | None) -> None:
    found = message_in({**message("1"), **change}, "t", "c", "here")
    assert found == Rejected(why, "here") if why else isinstance(found, Message)


@pytest.mark.parametrize("name", ["from", "body", "replyToId", "mentions", "reactions", "deletedDateTime", "createdDateTime"])
def test_a_property_that_is_missing_is_not_taken_for_an_empty_one(name: str) -> None:
    found = message_in({key: value for key, value in message("1").items() if key != name}, "t", "c", "")
    assert isinstance(found, Rejected)
    assert name in found.reason


def test_without_a_tenant_or_files_there_is_nothing_to_read() -> None:
    with pytest.raises(Fatal, match="nothing to read"):
        list(TeamsChat().messages(None))
