"""Matomo: what a real server of version 5 answered comes through the connector with the totals it was recorded with."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from pipeline.connector import Fatal
from plugins.matomo.connector import PageDay, SiteDay
from plugins.matomo.visits import PageView
from tests.plugins.test_matomo import DAY, Server, matomo, told

pytestmark = pytest.mark.real


@pytest.fixture
def server(httpserver: HTTPServer) -> Server:
    return Server(httpserver)


@pytest.fixture
def recorded(real_data: Path) -> Callable[[str], dict[str, Any]]:
    """An answer that a real Matomo 5.0.2 gave."""
    folder = real_data / "sources" / "matomo_recorded"
    return lambda name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def as_given(recording: dict[str, Any]) -> Response:
    body = recording["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    return Response(text, recording["status"], content_type=recording["content_type"])


def test_the_recorded_day_has_its_recorded_totals(server: Server, recorded: Callable[[str], dict[str, Any]]) -> None:
    pages = recorded("pages_flat_day")
    server.answers["Actions.getPageUrls"] = lambda _: as_given(pages)
    day = date(2015, 5, 18)
    found = told(matomo(server).pages(day))
    assert all(isinstance(r, PageDay) and not r.folded for r in found)
    assert len(found) == len(pages["body"]) == 114
    views = [r for r in found if isinstance(r, PageDay)]
    assert (sum(r.hits for r in views), sum(r.visits for r in views)) == (506, 471)
    assert (views[0].page, views[0].visits, views[0].hits) == ("/projects/xdotool/", 54, 61)


@pytest.mark.parametrize(("name", "visitors"), [("visits_month", 469), ("visits_range", None)])
def test_recorded_summaries_with_and_without_uniques(
    server: Server, recorded: Callable[[str], dict[str, Any]], name: str, visitors: int | None
) -> None:
    server.answers["VisitsSummary.get"] = lambda _: as_given(recorded(name))
    assert told(matomo(server).days(DAY)) == [SiteDay(site=1, day=DAY, visits=565, actions=834, visitors=visitors, users=visitors)]


def test_the_recorded_visits_land_at_their_true_times(server: Server, recorded: Callable[[str], dict[str, Any]]) -> None:
    page = recorded("live_p2")
    server.answers["Live.getLastVisitsDetails"] = lambda form: as_given(page) if form["filter_offset"] == "0" else []
    day = date(2015, 5, 17)
    found = told(matomo(server, users=True, zone="Europe/London", page_size=20).visits(day))
    views = [r for r in found if isinstance(r, PageView)]
    assert len(views) == len(found) == sum(v["actions"] for v in page["body"])
    spans = {str(v["idVisit"]): (v["firstActionTimestamp"], v["lastActionTimestamp"]) for v in page["body"]}
    assert list(dict.fromkeys(r.visit for r in views)) == list(spans)  # by the last action, not by number
    walls = {str(a["pageId"]): a["timestamp"] for v in page["body"] for a in v["actionDetails"]}
    assert all(r.at.timestamp() == walls[r.action] - 3600 for r in views)
    # A minute's grace: the log was imported out of order, so that some first actions were not the first.
    assert all(spans[r.visit][0] - 60 <= r.at.timestamp() <= spans[r.visit][1] for r in views)
    first = next(r for r in views if r.visit == "156")
    assert (first.at, first.login) == (datetime(2015, 5, 17, 21, 5, 51, tzinfo=UTC), "uace1cb")


def test_recorded_errors_are_named(server: Server, recorded: Callable[[str], dict[str, Any]]) -> None:
    server.answers["VisitsSummary.get"] = lambda _: as_given(recorded("bad_date"))
    with pytest.raises(Fatal, match="does not understand the day"):
        told(matomo(server).days(DAY))
    server.answers["VisitsSummary.get"] = lambda _: as_given(recorded("bad_token"))
    with pytest.raises(Fatal, match="401"):
        told(matomo(server).days(DAY))


def test_a_tree_that_was_not_flattened_is_not_taken_for_pages_of_its_folders(
    server: Server, recorded: Callable[[str], dict[str, Any]]
) -> None:
    """Were `flat` ignored, folders would be pages: they have no address, so that they are marked."""
    tree = recorded("pages_tree_expanded")
    server.answers["Actions.getPageUrls"] = lambda _: as_given(tree)
    found = told(matomo(server).pages(date(2015, 5, 19)))
    folders = {row["label"] for row in tree["body"] if "subtable" in row}
    assert folders
    assert {r.page for r in found if isinstance(r, PageDay) and r.folded} >= folders
