"""Matomo: what its answers mean, whatever their types and shapes; whose page view it was, and when it truly happened."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.connector import Excluded, Fatal, Page, Record, Rejected, Retry, SecretStr
from plugins.matomo.connector import CampaignDay, Matomo, PageDay, SearchDay, SiteDay, VoteDay
from plugins.matomo.visits import PageView, Visits, path_of

DAY = date(2026, 3, 4)
TOKEN = "f3b0c44298fc1c14"
LONDON = ZoneInfo("Europe/London")
SAMPLE = Path(__file__).parents[2] / "plugins" / "matomo" / "samples" / "pages.json"


class Server:
    """Answers by method; `asked` are the forms."""

    def __init__(self, server: HTTPServer) -> None:
        self.url, self.asked = server.url_for(""), list[dict[str, str]]()
        self.answers: dict[str, Any] = {}
        server.expect_request("/index.php", method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        assert TOKEN not in request.url
        self.asked.append(request.form.to_dict())
        told = self.answers[request.form["method"]]
        body = told(request.form) if callable(told) else told
        return body if isinstance(body, Response) else Response(json.dumps(body), mimetype="application/json")


@pytest.fixture
def server(httpserver: HTTPServer) -> Server:
    return Server(httpserver)


def matomo(server: Server, **settings: Any) -> Matomo:
    return Matomo.model_validate({"url": server.url, "token": SecretStr(TOKEN), "sites": [1], **settings})


def told(pages: Any) -> list[Record | Rejected | Excluded]:
    found = list(pages)
    assert all(isinstance(page, Page) for page in found)
    return [record for page in found for record in page.records]


def keyed(*rows: dict[str, Any], day: date = DAY) -> dict[str, Any]:
    return {day.isoformat(): list(rows)}


# ----------------------------------------------------------------------------------------------------------- reports
def test_numbers_are_read_whether_text_or_not_and_shares_are_none(server: Server) -> None:
    server.answers["Actions.getPageUrls"] = json.loads(SAMPLE.read_text())
    found = told(matomo(server).pages(DAY))
    assert found == [
        PageDay(site=1, day=DAY, page="/", visits=41, hits=57, folded=False),
        PageDay(site=1, day=DAY, page="/search", visits=3, hits=3, folded=False),
        PageDay(site=1, day=DAY, page="Others", visits=9, hits=11, folded=True),
        Rejected("not a whole number at nb_visits", "2026-03-04 row 3"),
    ]
    [form] = server.asked
    assert (form["filter_limit"], form["flat"], form["date"], form["period"]) == ("-1", "1", "2026-03-04,2026-03-04", "day")
    assert form["token_auth"] == TOKEN


@pytest.mark.parametrize("empty", [{DAY.isoformat(): []}, []])
def test_a_day_without_visits_is_seen_and_has_no_rows(server: Server, empty: Any) -> None:
    server.answers["VisitsSummary.get"] = server.answers["Actions.getPageUrls"] = empty
    assert [page.records for page in matomo(server).days(DAY)] == [[]]
    assert [page.records for page in matomo(server).pages(DAY)] == [[]]


def test_uniques_may_be_missing_and_zeros_are_zeros(server: Server) -> None:
    server.answers["VisitsSummary.get"] = {DAY.isoformat(): {"nb_visits": 0, "nb_actions": "0", "bounce_rate": "0%"}}
    assert told(matomo(server).days(DAY)) == [SiteDay(site=1, day=DAY, visits=0, actions=0)]


@pytest.mark.parametrize("body", [{"value": 3}, "text", None, 7, {"2026-03-05": {"nb_visits": 1}}, {"2026-03-04": {"visits": 1}}])
def test_what_is_no_summary_of_the_day_is_never_taken_for_one(server: Server, body: Any) -> None:
    server.answers["VisitsSummary.get"] = body
    with pytest.raises(Fatal):
        told(matomo(server).days(DAY))


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("An unexpected website was found in the request: website id was set to '9' .", "no site 1"),
        ("You can't access this resource as it requires 'view' access for the website id = 1.", "may not see site 1"),
        ("The method 'getPageUrls' does not exist or is not available in the module 'Actions'.", "does not offer"),
        ("Unable to authenticate with the provided token.", "renew it"),
        ("Something about Ann Other, 4 March", "reports an error"),
    ],
)
def test_an_error_with_status_200_is_read_by_its_meaning_and_not_repeated(server: Server, message: str, said: str) -> None:
    server.answers["Actions.getPageUrls"] = {"result": "error", "message": message}
    with pytest.raises(Fatal, match=said) as caught:
        told(matomo(server).pages(DAY))
    assert "Ann" not in str(caught.value)


def test_an_error_that_passes_is_tried_again_the_next_night(server: Server) -> None:
    server.answers["Actions.getPageUrls"] = {"result": "error", "message": "MySQL server has gone away"}
    with pytest.raises(Retry):
        told(matomo(server).pages(DAY))


def test_every_row_unreadable_is_a_format_that_changed(server: Server) -> None:
    server.answers["Actions.getPageUrls"] = keyed({"name": "/", "visits": 3})
    with pytest.raises(Fatal, match="changed its format"):
        told(matomo(server).pages(DAY))


def test_search_terms_never_leave_their_row(server: Server) -> None:
    term = {"label": "kestrelword", "nb_visits": 2, "nb_hits": "3", "exit_nb_visits": "1", "exit_rate": "50%"}
    server.answers["Actions.getSiteSearchKeywords"] = keyed(term, {"label": "leave", "nb_visits": 4, "nb_hits": 4})
    server.answers["Actions.getSiteSearchNoResultKeywords"] = keyed(term)
    found = told(matomo(server).searches(DAY))
    assert found == [
        SearchDay(site=1, day=DAY, failed=False, visits=2, searches=3, exits=1),
        SearchDay(site=1, day=DAY, failed=False, visits=4, searches=4, exits=0),
        SearchDay(site=1, day=DAY, failed=True, visits=2, searches=3, exits=1),
    ]
    assert "kestrelword" not in repr(found)


def test_campaigns_are_visits_that_their_links_brought(server: Server) -> None:
    row = {"label": 2026, "nb_visits": "4", "nb_actions": 9, "segment": "referrerName==2026"}
    server.answers["Referrers.getCampaigns"] = keyed(row, row)
    assert told(matomo(server).campaigns(DAY)) == [
        CampaignDay(site=1, day=DAY, campaign="2026", visits=4, actions=9),
        Excluded("row that came twice"),
    ]


def test_votes_are_what_the_settings_call_so_and_nothing_else(server: Server) -> None:
    votes = [{"label": "Yes", "nb_events": 4}, {"label": "no", "nb_events": "2"}, {"label": "kestrel: it is wrong", "nb_events": 1}]
    server.answers["Events.getCategory"] = keyed(
        {"label": "Feedback", "nb_events": 7, "subtable": votes}, {"label": "Contact kestrel", "nb_events": 1, "subtable": []}
    )
    found = told(matomo(server, vote_category="Feedback").events(DAY))
    assert found == [
        VoteDay(site=1, day=DAY, useful=True, votes=4),
        VoteDay(site=1, day=DAY, useful=False, votes=2),
        Excluded("event that is no vote"),
        Excluded("event of another category"),
    ]
    assert told(matomo(server).events(DAY)) == []


# ------------------------------------------------------------------------------------------------------------ visits
def visit(number: int, at: datetime, user: Any = "ann", **changes: Any) -> dict[str, Any]:
    """A visit with one page view, on the clocks that Matomo keeps."""
    true, wall = int(at.timestamp()), int(at.astimezone(LONDON).replace(tzinfo=UTC).timestamp())
    view = {"type": "action", "url": "https://i.example/news?q=x#y", "pageId": 70 + number, "timestamp": wall}
    return {
        "idVisit": number, "userId": user, "firstActionTimestamp": true, "lastActionTimestamp": true, "actionDetails": [view],
        **changes,
    }  # fmt: skip


def live(visits: list[Any]) -> Callable[[Any], list[Any]]:
    """The log, page by page."""
    return lambda form: visits[int(form["filter_offset"]) :][: int(form["filter_limit"])]


def test_visits_are_read_to_an_empty_page_and_each_view_counts_once(server: Server) -> None:
    at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    visits = [visit(n, at + timedelta(minutes=n)) for n in range(5, 0, -1)]
    late = [visit(6, at + timedelta(minutes=6)), *visits]  # came meanwhile, and moved one visit to the next page
    server.answers["Live.getLastVisitsDetails"] = lambda form: live(visits if form["filter_offset"] == "0" else late)(form)
    server.answers["SitesManager.getSiteFromId"] = {"idsite": "1", "timezone": "Europe/London"}
    found = told(matomo(server, users=True, page_size=3).visits(DAY))
    assert [r.visit for r in found if isinstance(r, PageView)] == ["5", "4", "3", "2", "1"]
    assert found.count(Excluded("page view that came twice")) == 1
    assert {r.page for r in found if isinstance(r, PageView)} == {"/news"}
    assert {form.get("date") for form in server.asked[1:]} == {"2026-03-04"}


def test_visits_are_not_asked_for_unless_the_settings_say_so(server: Server) -> None:
    assert [page.records for page in matomo(server).visits(DAY)] == [[]]
    assert server.asked == []


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 6, 3, 21, 5, 51, tzinfo=UTC),  # summer: an hour ahead
        datetime(2026, 12, 3, 21, 5, 51, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),  # before and after the hour that is skipped
        datetime(2026, 3, 29, 1, 1, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # half past one, which comes twice
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ],
)
def test_an_action_on_the_wall_clock_lands_at_its_true_time(at: datetime) -> None:
    reader = Visits(1, at.astimezone(LONDON).date(), LONDON, "login")
    [record] = reader.read([visit(1, at)], 1)
    assert isinstance(record, PageView)
    assert record.at == at


def test_who_it_was_is_told_as_the_settings_say(server: Server) -> None:
    at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    [record] = Visits(1, DAY, LONDON, "login").read([visit(1, at, "DCS\\Ann")], 1)
    assert isinstance(record, PageView)
    assert (record.login, record.email) == ("Ann", None)
    [record] = Visits(1, DAY, LONDON, "email").read([visit(1, at, "ann@dcs.example")], 1)
    assert isinstance(record, PageView)
    assert (record.login, record.email) == (None, "ann@dcs.example")


def test_what_is_no_page_view_of_somebody_is_left_out_by_name() -> None:
    at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    search = {"type": "search", "siteSearchKeyword": "kestrelword", "timestamp": 1, "pageId": 9}
    view = {"type": "action", "timestamp": "x"}
    found = Visits(1, DAY, LONDON, "login").read(
        [visit(1, at, None), visit(2, at, actionDetails=[search]), visit(3, at, actionDetails=[view]),
         visit(4, at, lastActionTimestamp=None), "text", visit(5, at, user=["ann"]), visit(6, at, actionDetails=None)], 1
    )  # fmt: skip
    assert [r.rule if isinstance(r, Excluded) else r.reason for r in found if isinstance(r, Excluded | Rejected)] == [
        "visit of somebody who was not signed in", "search, download, link or event within a visit",
        "not a time at actionDetails.timestamp", "not a time at lastActionTimestamp", "missing at idVisit",
        "not a name at userId", "no list at actionDetails",
    ]  # fmt: skip


def test_visits_of_another_day_show_a_wrong_zone() -> None:
    with pytest.raises(Fatal, match="another day"):
        Visits(1, DAY, LONDON, "login").read([visit(1, datetime(2026, 3, 5, 9, tzinfo=UTC))], 1)


def test_a_server_that_ignores_the_offset_is_noticed(server: Server) -> None:
    server.answers["Live.getLastVisitsDetails"] = [visit(1, datetime(2026, 3, 4, 9, tzinfo=UTC))]
    with pytest.raises(Fatal, match="circle"):
        told(matomo(server, users=True, zone="Europe/London").visits(DAY))


@pytest.mark.parametrize(
    ("page", "path"),
    [("https://i.example/a/b?x=1", "/a/b"), ("https://i.example", "/"), ("/a#b", "/a"), ("Others", "Others"), ("//x/y", "//x/y")],
)
def test_a_page_is_called_by_its_path(page: str, path: str) -> None:
    assert path_of(page) == path
