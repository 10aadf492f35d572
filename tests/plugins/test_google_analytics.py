"""Google Analytics: reports as they come, what Google holds back, and signing in with a key."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import duckdb
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.connector import Excluded, Fatal, Record, Rejected, Retry, SecretStr
from plugins.google_analytics.connector import CampaignDay, EventDay, GoogleAnalytics, PageDay, PropertyDay
from plugins.google_analytics.key import sign_in

DAY = date(2026, 3, 4)
FOLDER = Path(__file__).parents[2] / "plugins" / "google_analytics"
PATH = "/v1beta/properties/7:runReport"


def report(rows: list[tuple[list[str], list[str]]], names: list[str], metrics: list[str], **more: Any) -> dict[str, Any]:
    """A report as Google writes it: texts, and no `rows` where there are none."""
    told = [{"dimensionValues": [{"value": v} for v in d], "metricValues": [{"value": v} for v in m]} for d, m in rows]
    return {
        "dimensionHeaders": [{"name": name} for name in names],
        "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in metrics],
        **({"rows": told, "rowCount": len(told)} if told else {}),
        "metadata": {"currencyCode": "GBP", "timeZone": "Europe/London"}, "kind": "analyticsData#runReport", **more,
    }  # fmt: skip


def pages(*rows: tuple[str, str], **more: Any) -> dict[str, Any]:
    return report([(["20260304", page], [n]) for page, n in rows], ["date", "pagePath"], ["screenPageViews"], **more)


class Server:
    """Gives these answers one after the other; the last repeats."""

    def __init__(self, server: HTTPServer) -> None:
        self.url, self.answers, self.asked = server.url_for("/v1beta"), list[Any](), list[dict[str, Any]]()
        server.expect_request(PATH, method="POST").respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer token"
        self.asked.append(request.get_json())
        told = self.answers[min(len(self.asked), len(self.answers)) - 1]
        return Response(json.dumps(told), mimetype="application/json")


@pytest.fixture
def server(httpserver: HTTPServer) -> Server:
    return Server(httpserver)


def analytics(server: Server, **settings: Any) -> GoogleAnalytics:
    return GoogleAnalytics.model_validate({"url": server.url, "token": SecretStr("token"), "property_id": "7", **settings})


def told(found: Any) -> list[Record | Rejected | Excluded]:
    return [record for page in found for record in page.records]


# ----------------------------------------------------------------------------------------------------------- reports
def test_the_sample_is_read(server: Server) -> None:
    server.answers = [json.loads((FOLDER / "samples" / "pages.json").read_text())]
    assert told(analytics(server).pages(DAY)) == [
        Rejected("not as many values as were asked for at metricValues", "2026-03-04 page 1 row 2"),
        PageDay(day=DAY, page="/", page_views=57, partial=False),
        PageDay(day=DAY, page="/news/harbour-opening", page_views=15, partial=False),
    ]
    [asked] = server.asked
    assert asked["dateRanges"] == [{"startDate": "2026-03-04", "endDate": "2026-03-04"}]
    assert asked["dimensions"] == [{"name": "date"}, {"name": "pagePath"}]


def test_pages_follow_until_all_rows_are_here(server: Server) -> None:
    server.answers = [pages(("/a", "1"), ("/b", "2"), rowCount=3), pages(("/c", "3"), rowCount=3)]
    assert [r.page for r in told(analytics(server, page_size=2).pages(DAY)) if isinstance(r, PageDay)] == ["/a", "/b", "/c"]
    assert [asked["offset"] for asked in server.asked] == ["0", "2"]


def test_rows_that_are_fewer_than_promised_are_asked_for_again_another_night(server: Server) -> None:
    server.answers = [pages(("/a", "1"), rowCount=3), pages(rowCount=3)]
    with pytest.raises(Retry):
        told(analytics(server).pages(DAY))


def test_a_report_without_rows_is_a_day_without_visits(server: Server) -> None:
    server.answers = [pages()]
    assert [page.records for page in analytics(server).pages(DAY)] == [[]]


@pytest.mark.parametrize("body", [{}, [], None, "text", {"error": {"code": 500}}, {"rows": []}, pages() | {"rows": {}}])
def test_what_is_no_report_is_not_a_day_without_visits(server: Server, body: Any) -> None:
    server.answers = [body]
    with pytest.raises(Fatal):
        told(analytics(server).pages(DAY))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (report([(["20260305", "/"], ["1"])], ["date", "pagePath"], ["screenPageViews"]), "another day"),
        (report([(["20260304", "/"], ["1"])], ["date", "pageTitle"], ["screenPageViews"]), "other dimensionHeaders"),
        (report([(["20260304", "/"], ["1"])], ["date", "pagePath"], ["sessions"]), "other metricHeaders"),
        (pages(("/", "1"), metadata={"timeZone": "America/Los_Angeles"}), "another time zone"),
        (pages(("/", "1"), metricHeaders=[{"name": "screenPageViews", "type": "TYPE_FLOAT"}]), "whole numbers"),
        (pages(("/", "many"), ("/a", "")), "changed its format"),
    ],
)
def test_an_answer_to_another_question_is_refused(server: Server, body: Any, said: str) -> None:
    server.answers = [body]
    with pytest.raises(Fatal, match=said):
        told(analytics(server).pages(DAY))


def test_events_are_asked_for_by_name_and_mean_what_the_settings_say(server: Server) -> None:
    rows = [(["20260304", "vote_yes"], ["4"]), (["20260304", "view_search_results"], ["9"])]
    server.answers = [report(rows, ["date", "eventName"], ["eventCount"])]
    found = told(analytics(server, useful_events=["vote_yes"]).events(DAY))
    assert {(r.event, r.meaning, r.times) for r in found if isinstance(r, EventDay)} == {
        ("vote_yes", "votes_useful", 4), ("view_search_results", "searches", 9),
    }  # fmt: skip
    [asked] = server.asked
    assert asked["dimensionFilter"]["filter"]["inListFilter"]["values"] == ["view_search_results", "vote_yes"]
    assert told(analytics(server, search_events=[]).events(DAY)) == []
    assert len(server.asked) == 1


def test_visits_without_a_campaign_are_left_out_by_name(server: Server) -> None:
    rows = [(["20260304", "(direct)"], ["40"]), (["20260304", "pay-2026"], ["3"])]
    server.answers = [report(rows, ["date", "sessionCampaignName"], ["sessions"])]
    assert told(analytics(server).campaigns(DAY)) == [
        Excluded("visits without a campaign"),
        CampaignDay(day=DAY, campaign="pay-2026", visits=3, partial=False),
    ]


# ------------------------------------------------------------------------------------------------- what is held back
HELD_BACK: list[dict[str, Any]] = [
    {"subjectToThresholding": True},
    {"dataLossFromOtherRow": True},
    {"samplingMetadatas": [{"samplesReadCount": "10", "samplingSpaceSize": "100"}]},
    {"schemaRestrictionResponse": {"activeMetricRestrictions": [{"metricName": "sessions"}]}},
]


@pytest.mark.parametrize("metadata", HELD_BACK)
def test_a_day_of_which_google_holds_something_back_says_so(server: Server, metadata: dict[str, Any]) -> None:
    server.answers = [pages(("/", "5"), metadata=metadata), pages(metadata=metadata)]
    assert told(analytics(server).pages(DAY)) == [PageDay(day=DAY, page="/", page_views=5, partial=True)]
    assert told(analytics(server).pages(DAY)) == [PageDay(day=DAY, page=None, page_views=None, partial=True)]


def test_flags_at_their_default_hold_nothing_back(server: Server) -> None:
    metadata = {"subjectToThresholding": False, "dataLossFromOtherRow": False, "samplingMetadatas": []}
    server.answers = [pages(("/", "5"), metadata=metadata)]
    assert told(analytics(server).pages(DAY)) == [PageDay(day=DAY, page="/", page_views=5, partial=False)]


def test_such_a_day_is_a_gap_in_the_counts_and_not_a_low_figure() -> None:
    days = [
        PropertyDay(day=DAY, visitors=1, visits=2, page_views=3, partial=True),
        PropertyDay(day=date(2026, 3, 5), visitors=1, visits=2, page_views=3, partial=False),
        PropertyDay(day=date(2026, 3, 6), visitors=None, visits=None, page_views=None, partial=True),
    ]
    with duckdb.connect() as con:
        con.execute("create schema landing")
        for name in ("days", "pages", "events", "campaigns"):
            con.execute(
                f"create table landing.google_analytics_{name} (day date, visits bigint, page_views bigint, meaning varchar,"
                " campaign varchar, times bigint, partial boolean)"
            )
        for r in days:
            con.execute(
                "insert into landing.google_analytics_days values (?, ?, ?, null, null, null, ?)",
                [r.day, r.visits, r.page_views, r.partial],
            )
        con.execute("insert into landing.google_analytics_events values ('2026-03-06', null, null, null, null, null, true)")
        found = con.execute((FOLDER / "counts.sql").read_text()).fetchall()
    assert {(measure, day, n) for measure, _, _, day, n in found} == {
        ("partial_days", DAY, 1), ("partial_days", date(2026, 3, 6), 1),
        ("visits", date(2026, 3, 5), 2), ("page_views", date(2026, 3, 5), 3),
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------- signing in
@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kind, form, no = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(kind, form, no).decode()


def account(private_key: str, token_uri: str) -> SecretStr:
    email = "tidemark@project.iam.gserviceaccount.example"
    fields = {"type": "service_account", "client_email": email, "private_key": private_key, "token_uri": token_uri}
    return SecretStr(json.dumps(fields))


def test_a_key_gives_a_token_and_one_that_ended_is_renewed_once(httpserver: HTTPServer, private_key: str) -> None:
    given, used = list[str](), list[str]()

    def grant(request: Request) -> Response:
        form = parse_qs(request.get_data(as_text=True))
        assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
        given.append(f"token-{len(given)}")
        return Response(json.dumps({"access_token": given[-1], "expires_in": 3600}), mimetype="application/json")

    def answer(request: Request) -> Response:
        used.append(request.headers["Authorization"])
        return Response(json.dumps(pages(("/", "5"))), 401 if len(used) == 1 else 200, mimetype="application/json")

    httpserver.expect_request("/token").respond_with_handler(grant)
    httpserver.expect_request(PATH).respond_with_handler(answer)
    connector = GoogleAnalytics(
        url=httpserver.url_for("/v1beta"), property_id="7", service_account=account(private_key, httpserver.url_for("/token"))
    )
    assert told(connector.pages(DAY)) == [PageDay(day=DAY, page="/", page_views=5, partial=False)]
    assert used == ["Bearer token-0", "Bearer token-1"]


def test_a_key_that_is_not_accepted_is_named_without_its_account(httpserver: HTTPServer, private_key: str) -> None:
    refusal = {"error": "invalid_grant", "error_description": "Invalid JWT for tidemark@project"}
    httpserver.expect_request("/token").respond_with_json(refusal, status=400)
    with pytest.raises(Fatal, match="does not accept") as caught:
        sign_in(account(private_key, httpserver.url_for("/token")), plain=True)()
    assert "tidemark@" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "text", ["", "key.json", "[]", "{}", '{"token_uri": 7}', '{"token_uri": "https://x.example", "private_key": 4}']
)
def test_a_key_that_is_none_is_named_without_its_text(text: str) -> None:
    with pytest.raises(Fatal, match="not a key of a service account") as caught:
        sign_in(SecretStr(text), plain=False)()
    assert caught.value.__context__ is None


def test_a_key_is_never_used_without_tls(private_key: str) -> None:
    with pytest.raises(Fatal, match="not https"):
        sign_in(account(private_key, "http://127.0.0.1:9/token"), plain=False)()


def test_a_sign_in_that_cannot_be_reached_is_tried_again_the_next_night(private_key: str) -> None:
    with pytest.raises(Retry):
        sign_in(account(private_key, "http://127.0.0.1:9/token"), plain=True)()


def test_without_a_key_or_token_the_fix_is_said() -> None:
    with pytest.raises(Fatal, match="service_account"):
        told(GoogleAnalytics(property_id="7").days(DAY))
