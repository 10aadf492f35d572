"""Yammer: accounts, groups, what is not visible, and signing in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.connector import Deferred, Excluded, Fatal, Rejected
from plugins.yammer.connector import Yammer
from plugins.yammer.records import Message
from tests.plugins.test_yammer import FOLDER, Network, answer, yammer


@pytest.fixture
def network(httpserver: HTTPServer) -> Network:
    return Network(httpserver)


def sample(name: str) -> Any:
    return json.loads((FOLDER / "samples" / name).read_text(encoding="utf-8"))


def test_the_sample_is_read_and_left_out_by_rule(network: Network) -> None:
    network.groups = sample("groups.json")
    network.messages = {row["id"]: row for row in sample("messages.json")["messages"]}
    [page, _] = list(yammer(network).messages(None))
    assert [r.rule if isinstance(r, Excluded) else r.id for r in page.records] == [
        "private group", "direct message", "bot", "system message", "trade union or staff network",
        "3003", "3002", "3001",
    ]  # fmt: skip
    answered = page.records[6]
    assert isinstance(answered, Message)
    assert (answered.mentions, answered.replied_to, answered.thread) == (["61"], "3001", "3001")
    assert answered.created_at == datetime(2026, 7, 10, 9, 40, tzinfo=UTC)
    assert answered.body == "Ask the service desk for a link."
    assert "a-credential" not in repr(page)


def test_users_come_page_by_page_up_to_an_empty_one(network: Network) -> None:
    network.users = [{"id": n, "state": "active", "contact": {}} for n in range(120)]
    pages = list(yammer(network).users(None))
    assert [len(page.records) for page in pages] == [50, 50, 20]


def test_a_user_has_the_primary_address_and_no_fake_one(network: Network) -> None:
    network.users = [*sample("users.json"), {"contact": {}}]
    [page] = list(yammer(network).users(None))
    found = [(r.id, r.email) if not isinstance(r, Rejected) else r.reason for r in page.records]  # type: ignore[union-attr]
    assert found == [("61", "One@dcs.example"), ("62", "two@dcs.example"), ("64", None), "string_type at id"]


def test_only_public_groups_land_by_name(network: Network) -> None:
    network.groups = sample("groups.json")
    [page] = list(yammer(network).groups(None))
    assert [getattr(r, "rule", None) or r.name for r in page.records] == [  # type: ignore[union-attr]
        "Harbour office", "private group", "trade union or staff network",
    ]  # fmt: skip


def test_a_private_group_that_only_its_members_see_is_known(network: Network) -> None:
    network.mine = [{"type": "group", "id": 905, "full_name": "Saltmarsh", "privacy": "private"}]
    network.post(1, group_id=905)
    network.post(2)
    assert [getattr(r, "rule", None) or r.id for p in yammer(network).messages(None) for r in p.records] == [  # type: ignore[union-attr]
        "2", "private group",
    ]  # fmt: skip
    assert [len(page.records) for page in yammer(network).groups(None)] == [1, 1]


def test_groups_without_ids_stop_the_messages_since_nobody_can_tell_which_are_private(network: Network) -> None:
    network.groups = [{"type": "group", "full_name": "PCS branch", "privacy": "public"}]
    with pytest.raises(Fatal, match="groups without ids"):
        list(yammer(network).messages(None))


@pytest.mark.parametrize("path", ["messages", "users", "groups"])
@pytest.mark.parametrize("status", [403, 404])
def test_what_is_not_visible_is_said_and_never_zero(httpserver: HTTPServer, network: Network, path: str, status: int) -> None:
    network.post(1)
    httpserver.clear()
    httpserver.expect_request("/api/v1/groups.json", query_string={"page": "2"}).respond_with_json([])
    httpserver.expect_request(f"/api/v1/{path}.json").respond_with_data("no", status=status)
    httpserver.expect_request("/api/v1/groups.json").respond_with_handler(lambda _: answer([]))
    with pytest.raises(Fatal, match=str(status)):
        list(getattr(yammer(network), path)(None))


# ----------------------------------------------------------------------------------------------------------- sign-in
ACCOUNT = {"tenant": "harbour.example", "client_id": "app", "username": "reader@harbour.example", "password": "pass-word"}


def test_a_token_that_ends_is_asked_for_anew_with_the_account_that_was_given(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []
    tokens = iter(["ended", "good"])

    def sign_in(*given: Any, **named: Any) -> Any:
        asked.append((*given, named["username"], named["password"].get_secret_value()))
        return lambda: SecretStr(next(tokens))

    monkeypatch.setattr("pipeline.feeds.sign_in.sign_in", sign_in)

    def users(request: Request) -> Response:
        good = request.headers["Authorization"] == "Bearer good"
        return answer([]) if good else Response("{}", status=401)

    httpserver.expect_request("/api/v1/users.json").respond_with_handler(users)
    assert list(Yammer(url=httpserver.url_for("/api/v1"), scope="https://api.yammer.com/.default", **ACCOUNT).users(None)) == []
    assert asked == [
        ("https://login.microsoftonline.com/harbour.example", "app", "https://api.yammer.com/.default",
         "reader@harbour.example", "pass-word")
    ]  # fmt: skip


@pytest.mark.parametrize("missing", ["tenant", "client_id", "username", "password"])
def test_without_token_and_account_nothing_is_asked(missing: str) -> None:
    some = {name: value for name, value in ACCOUNT.items() if name != missing}
    with pytest.raises(Fatal, match="set tenant, client_id, username"):
        list(Yammer(**some).users(None))


@pytest.mark.real
def test_real_users_and_errors_are_read(real_data: Path, network: Network, httpserver: HTTPServer) -> None:
    folder = real_data / "sources" / "yammer"
    network.users = json.loads((folder / "ssy_yammer-users.json").read_text(encoding="utf-8"))
    network.users.append(json.loads((folder / "yam_user.json").read_text(encoding="utf-8")))
    [page] = list(yammer(network).users(None))
    assert [(r.id, r.email) for r in page.records][-1] == ("2", "jsmith@yammer-inc.com")  # type: ignore[union-attr]
    assert not any(isinstance(r, Rejected) for r in page.records)
    httpserver.clear()
    limited = (folder / "ssy_rate-limit-error.json").read_text(encoding="utf-8")
    httpserver.expect_request("/api/v1/users.json").respond_with_data(limited, content_type="application/json")
    with pytest.raises(Deferred):
        list(yammer(network).users(None))
