"""The servers of the simulated department: the vendors' manners and recorded shapes over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pipeline.simulate.serve import serve
from tests.departments import SMALL, Made, make

QUESTIONS = "/graph/v1.0/communications/getAllOnlineMeetingMessages?$expand=conversation"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("simulated"), SMALL)


@pytest.fixture(scope="module")
def ask(made: Made) -> Iterator[Any]:
    """GET with the credentials of the source that the path belongs to."""
    secret = {name: (made.place / "demo/secrets" / name).read_text().strip() for name in ("yammer", "webchat", "training")}
    with serve(made.place / "demo") as server, requests.Session() as session:

        def get(target: str, **options: Any) -> requests.Response:
            if target.startswith("/xAPI"):
                sent = {"X-Experience-API-Version": "1.0.3"}
                options = {"auth": ("tidemark", secret["training"]), "headers": sent, **options}
            else:
                token = secret["yammer" if target.startswith("/yammer") else "webchat"]
                options = {"headers": {"Authorization": f"Bearer {token}"}, **options}
            return session.get(server.url + target, timeout=10, **options)

        yield get


def test_yammer_pages_newest_first_twenty_at_most_and_lies_about_more(ask: Any, made: Made) -> None:
    ids = sorted((m["id"] for m in made.served("yammer_messages")), reverse=True)
    seen: list[int] = []
    while True:
        page = ask("/yammer/messages.json?limit=50" + (f"&older_than={seen[-1]}" if seen else "")).json()
        assert not page["meta"]["older_available"]
        assert page["meta"]["realtime"]["authentication_token"]
        if not page["messages"]:
            break
        known = {(r["type"], r["id"]) for r in page["references"]}
        assert all(("group", m["group_id"]) in known for m in page["messages"] if m.get("group_id"))
        assert [m["id"] for m in page["messages"]] == ids[len(seen) : len(seen) + 20]
        seen += [m["id"] for m in page["messages"]]
    assert seen == ids
    assert [m["id"] for m in ask(f"/yammer/messages.json?newer_than={ids[3]}").json()["messages"]] == ids[:3]


def test_yammer_lists_accounts_and_groups_by_page_and_refuses_a_wrong_token(ask: Any, made: Made) -> None:
    pages = [ask(f"/yammer/users.json?page={n}").json() for n in (1, 2, 3, 4)]
    assert (len(pages[0]), len(pages[-1])) == (50, 0)
    assert [user for page in pages for user in page] == made.served("yammer_users")
    assert {g["privacy"] for g in ask("/yammer/groups.json").json()} == {"public", "private"}
    assert ask("/yammer/users.json", headers={"Authorization": "Bearer guess"}).status_code == 401
    assert ask("/yammer/nothing.json").status_code == 404


def test_graph_links_without_host_or_version_and_expands_on_request(ask: Any, made: Made) -> None:
    found, target = [], QUESTIONS
    while target:
        page = ask(target).json()
        found += page["value"]
        link = page.get("@odata.nextLink")
        assert link is None or link.startswith("/communications/")
        target = f"/graph/v1.0{link}" if link else ""
    assert found == made.served("graph_questions")
    assert {q["conversation"]["moderationState"] for q in found} == {"published", "pendingReview", "dismissed"}
    assert any(q.get("isPrivateReply") for q in found)
    assert {q["replyToId"] for q in found if q["replyToId"]} <= {q["id"] for q in found if q["replyToId"] is None}
    assert "conversation" not in ask(QUESTIONS.partition("?")[0]).json()["value"][0]
    assert ask(QUESTIONS.replace("/v1.0", "")).status_code == 400
    assert ask(QUESTIONS, headers={}).status_code == 401


def test_the_lrs_pages_by_stored_may_end_with_an_empty_page_and_wants_its_header(ask: Any, made: Made) -> None:
    stored = made.served("xapi_statements")
    voided = {s["object"]["id"] for s in stored if s["verb"]["id"].endswith("/voided")}
    expected = [s["id"] for s in stored if s["id"] not in voided]
    assert len(expected) < len(stored)

    def read(query: str) -> tuple[list[str], list[int]]:
        found, sizes, target = [], [], f"/xAPI/statements?{query}"
        while target:
            page = ask(target).json()
            found += [s["id"] for s in page["statements"]]
            sizes.append(len(page["statements"]))
            target = page["more"]
        return found, sizes

    assert read("ascending=true&limit=1000")[0] == expected
    assert read("")[0] == expected[::-1]
    by_id = {s["id"]: s["stored"] for s in stored}
    window = f"since={by_id[expected[99]]}&until={by_id[expected[299]]}"
    assert read(f"ascending=true&limit=50&{window}") == (expected[100:300], [50, 50, 50, 50, 0])
    assert 0 < len(read("verb=http://adlnet.gov/expapi/verbs/completed")[0]) < len(expected)
    assert ask("/xAPI/statements", headers={}).status_code == 400
    assert ask("/xAPI/statements", auth=("tidemark", "guess")).status_code == 401
    assert {ask(f"/xAPI/statements?{query}").status_code for query in ("sort=asc", "since=yesterday")} == {400}


@pytest.mark.real
def test_yammer_payloads_have_recorded_keys(made: Made, real_data: Path) -> None:
    recorded = {path.stem: json.loads(path.read_text("utf-8")) for path in (real_data / "sources/yammer").iterdir()}
    one, other = recorded["yam_message"], recorded["yam_messages_in_thread"]["messages"][0]
    allowed, bodies = set(one) | set(other), set(one["body"]) | set(other["body"])
    for message in made.served("yammer_messages"):
        assert set(one) - {"group_id"} <= set(message) <= allowed
        assert set(message["body"]) <= bodies
        assert set(message["liked_by"]) == set(one["liked_by"])
    profiles = [recorded["yam_user"], *recorded["ssy_yammer-users"]]
    for user in made.served("yammer_users"):
        assert set.intersection(*map(set, profiles)) <= set(user) <= set.union(*map(set, profiles))
        assert set(user["contact"]) <= set(profiles[0]["contact"])
    [group] = recorded["ssy_yammer-groups"]
    assert all(set(g) == set(group) and set(g["stats"]) == set(group["stats"]) for g in made.served("yammer_groups"))
