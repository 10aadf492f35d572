"""Plausible: rows by position, pages to the end, and numbers that Plausible itself does not trust."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.connector import Excluded, Fatal, Record, Rejected, Retry, SecretStr
from plugins.plausible.connector import CampaignDay, GoalDay, PageDay, Plausible, SiteDay

DAY = date(2026, 3, 4)
SITE = "intranet.dcs.example"
FOLDER = Path(__file__).parents[2] / "plugins" / "plausible"


class Server:
    """Gives the rows in pages as they are asked for; `meta` and `query` are added to each answer."""

    def __init__(self, server: HTTPServer) -> None:
        self.url, self.rows, self.asked = server.url_for(""), list[Any](), list[dict[str, Any]]()
        self.meta: dict[str, Any] = {}
        self.query: dict[str, Any] = {}
        self.total: int | None = None
        self.status = 200
        server.expect_request("/api/v2/query", method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer key"
        asked = request.get_json()
        self.asked.append(asked)
        at, most = asked["pagination"]["offset"], asked["pagination"]["limit"]
        total = len(self.rows) if self.total is None else self.total
        body = {"results": self.rows[at : at + most], "meta": {"total_rows": total, **self.meta}, "query": self.query}
        return Response(json.dumps(body), self.status, mimetype="application/json")


@pytest.fixture
def server(httpserver: HTTPServer) -> Server:
    return Server(httpserver)


def plausible(server: Server, **settings: Any) -> Plausible:
    return Plausible.model_validate({"url": server.url, "token": SecretStr("key"), "sites": [SITE], **settings})


def told(pages: Any) -> list[Record | Rejected | Excluded]:
    return [record for page in pages for record in page.records]


def row(dimension: str, *metrics: Any) -> dict[str, Any]:
    return {"metrics": list(metrics), "dimensions": [dimension]}


def test_the_sample_is_read(httpserver: HTTPServer, server: Server) -> None:
    httpserver.clear()
    httpserver.expect_request("/api/v2/query").respond_with_data((FOLDER / "samples" / "pages.json").read_bytes())
    whole = {"site": SITE, "day": DAY, "partial": False}
    assert told(plausible(server).pages(DAY)) == [
        Rejected("not as many numbers as were asked for at metrics", "2026-03-04 page 1 row 3"),
        PageDay(page="/", visitors=41, page_views=57, **whole),
        PageDay(page="/news/harbour-opening", visitors=12, page_views=15, **whole),
        PageDay(page="/search", visitors=3, page_views=3, **whole),
    ]


def test_all_pages_are_asked_for_and_no_more(server: Server) -> None:
    server.rows = [row(f"/{n}", 1, 2) for n in range(7)]
    assert len(told(plausible(server, page_size=3).pages(DAY))) == 7
    assert [asked["pagination"]["offset"] for asked in server.asked] == [0, 3, 6]
    assert {tuple(asked["date_range"]) for asked in server.asked} == {("2026-03-04", "2026-03-04")}
    assert server.asked[0]["include"] == {"total_rows": True, "imports": False}


def test_rows_that_are_fewer_than_promised_are_asked_for_again_another_night(server: Server) -> None:
    server.rows, server.total = [row("/a", 1, 2)], 3
    with pytest.raises(Retry, match="3 rows"):
        told(plausible(server, page_size=1).pages(DAY))


def test_a_row_that_comes_twice_counts_once_and_leaves_none_out(server: Server) -> None:
    server.rows, server.total = [row("/a", 1, 2), row("/a", 1, 2), row("/b", 3, 4)], 2
    found = told(plausible(server, page_size=2).pages(DAY))
    assert [r.page for r in found if isinstance(r, PageDay)] == ["/a", "/b"]
    assert Excluded("row that came twice") in found


@pytest.mark.parametrize(
    ("query", "meta", "said"),
    [
        ({"metrics": ["visits", "visitors", "pageviews"]}, {}, "other metrics"),
        ({"date_range": ["2026-03-03T00:00:00+00:00", "2026-03-03T23:59:59+00:00"]}, {}, "another day"),
        ({}, {"imports_included": True}, "imported"),
    ],
)
def test_an_answer_to_another_question_is_refused(server: Server, query: dict[str, Any], meta: dict[str, Any], said: str) -> None:
    server.rows, server.query, server.meta = [{"metrics": [1, 2, 3], "dimensions": []}], query, meta
    with pytest.raises(Fatal, match=said):
        told(plausible(server).days(DAY))


@pytest.mark.parametrize("body", [{"error": "Invalid"}, [], "text", None, {"results": {}}, {"results": []}])
def test_what_gives_no_totals_is_not_a_quiet_day(httpserver: HTTPServer, server: Server, body: Any) -> None:
    httpserver.clear()
    httpserver.expect_request("/api/v2/query").respond_with_json(body)
    with pytest.raises(Fatal):
        told(plausible(server).days(DAY))


def test_a_quiet_day_has_zeros(server: Server) -> None:
    server.rows = [{"metrics": [0, 0, 0], "dimensions": []}]
    assert told(plausible(server).days(DAY)) == [SiteDay(site=SITE, day=DAY, visitors=0, visits=0, page_views=0, partial=False)]


def test_visits_without_a_campaign_are_left_out_by_name(server: Server) -> None:
    server.rows = [row("(not set)", 40, 80), row("pay-2026", 3, 9)]
    assert told(plausible(server).campaigns(DAY)) == [
        Excluded("visits without a campaign"),
        CampaignDay(site=SITE, day=DAY, campaign="pay-2026", visits=3, page_views=9, partial=False),
    ]


def test_goals_are_asked_for_by_name_and_mean_what_the_settings_say(server: Server) -> None:
    server.rows = [row("Useful", 3), row("Nothing found", 2)]
    found = told(plausible(server, useful_goals=["Useful"], failed_search_goals=["Nothing found"]).goals(DAY))
    assert {(r.goal, r.meaning, r.times) for r in found if isinstance(r, GoalDay)} == {
        ("Useful", "votes_useful", 3), ("Nothing found", "searches_without_a_result", 2),
    }  # fmt: skip
    [asked] = server.asked
    assert asked["filters"] == [["is", "event:goal", ["Nothing found", "Useful"]]]
    assert told(plausible(server).goals(DAY)) == []
    assert len(server.asked) == 1


def test_a_goal_that_does_not_exist_is_named_as_the_likely_cause(server: Server) -> None:
    server.status = 400
    with pytest.raises(Fatal, match="all that the settings name must exist"):
        told(plausible(server, useful_goals=["Useful"]).goals(DAY))


@pytest.mark.parametrize("value", [None, "many", 1.5, True, -1, 10**30])
def test_a_number_that_is_none_is_never_taken_for_one(server: Server, value: Any) -> None:
    server.rows = [row("/a", 1, value), row("/b", 1, 2)]
    found = told(plausible(server).pages(DAY))
    assert [type(r) for r in found] == [Rejected, PageDay]


def test_a_day_that_plausible_warns_of_is_a_gap_and_not_a_low_figure(server: Server) -> None:
    server.rows = [{"metrics": [1, 2, 3], "dimensions": []}]
    server.meta = {"metric_warnings": {"visits": {"code": "sampled", "warning": "not all of them"}}}
    records = told(plausible(server).days(DAY))
    server.meta = {}
    records += told(plausible(server).days(date(2026, 3, 5)))
    with duckdb.connect() as con:
        con.execute("create schema landing")
        for name in ("days", "pages", "goals", "campaigns"):
            con.execute(
                f"create table landing.plausible_{name} (day date, visits bigint, page_views bigint, meaning varchar,"
                " campaign varchar, times bigint, partial boolean)"
            )
        for r in records:
            assert isinstance(r, SiteDay)
            con.execute(
                "insert into landing.plausible_days values (?, ?, ?, null, null, null, ?)",
                [r.day, r.visits, r.page_views, r.partial],
            )
        found = con.execute((FOLDER / "counts.sql").read_text()).fetchall()
    assert {(measure, day, n) for measure, _, _, day, n in found} == {
        ("partial_days", DAY, 1), ("visits", date(2026, 3, 5), 2), ("page_views", date(2026, 3, 5), 3),
    }  # fmt: skip
