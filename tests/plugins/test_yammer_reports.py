"""Activity reports: which days are ready, which are gone, who is concealed, and what a row is to the shapes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.connector import Deferred, Fatal, Rejected, Retry
from plugins.yammer_reports.connector import Activity, YammerReports

FOLDER = Path(__file__).parents[2] / "plugins" / "yammer_reports"
SAMPLE = (FOLDER / "samples" / "getYammerActivityUserDetail.csv").read_text("utf-8")
HEADER = SAMPLE.splitlines()[0]
DAY = date(2026, 7, 10)


def row(day: str = "2026-07-12", person: str = "one@harbour.example", numbers: str = "1,2,3", period: str = "1") -> str:
    return f"{day},{person},One,active,,2026-07-10,{numbers},E3,{period}"


class Tenant:
    """Graph, whose reports are handed out by another host that takes no credentials."""

    def __init__(self, server: HTTPServer) -> None:
        self.reports: dict[str, str | int | list[str]] = {"(period='D7')": f"{HEADER}\n{row()}\n"}
        self.asked: list[str] = []
        self.there = server.url_for("/download/").replace("localhost", "127.0.0.1")
        self.url = server.url_for("/v1.0").replace("127.0.0.1", "localhost")
        server.expect_request(re.compile("/v1.0/reports/.*")).respond_with_handler(self._report)
        server.expect_request(re.compile("/download/.*")).respond_with_handler(self._download)

    def _report(self, request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer t"
        which = unquote(request.path).rpartition("getYammerActivityUserDetail")[2]
        self.asked.append(which)
        found = self.reports.get(which, 400)
        if isinstance(found, int):
            return Response('{"error": {"code": "InvalidArgument"}}', status=found)
        return Response(status=302, headers={"Location": f"{self.there}{which}?sig=pre-authenticated"})

    def _download(self, request: Request) -> Response:
        assert "Authorization" not in request.headers
        found = self.reports[unquote(request.path).rpartition("/")[2]]
        text = found.pop(0) if isinstance(found, list) else found
        return Response("\ufeff" + str(text), content_type="application/octet-stream")

    def day(self, text: str | int | list[str], day: date = DAY) -> None:
        self.reports[f"(date={day})"] = text

    def pull(self, day: date = DAY) -> list[Activity | Rejected] | None:
        """The records of a day; None where it was not seen."""
        connector = YammerReports(graph_url=self.url, token="t", report_hosts=[self.there.split("/")[2]])
        pages = list(connector.activity(day))
        assert len(pages) <= 1
        return list(pages[0].records) if pages else None  # type: ignore[arg-type]


@pytest.fixture
def tenant(httpserver: HTTPServer) -> Tenant:
    return Tenant(httpserver)


def test_a_day_is_counts_of_people_fetched_without_credentials_from_where_graph_leads(tenant: Tenant) -> None:
    tenant.day(SAMPLE)
    found = tenant.pull()
    assert found
    assert [(r.person, r.posted, r.read, r.liked) for r in found if isinstance(r, Activity)] == [
        ("One@harbour.example", 2, 14, 3), ("two@harbour.example", 0, 5, 0), ("three@harbour.example", 0, 0, 1),
    ]  # fmt: skip
    assert {(r.day, r.refreshed_on) for r in found if isinstance(r, Activity)} == {(DAY, date(2026, 7, 12))}
    assert tenant.asked == [f"(date={DAY})"]


@pytest.mark.parametrize("text", [f"{HEADER}\n{row('2026-07-09')}\n", f"{HEADER}\n"])
def test_a_report_from_before_the_day_is_not_ready_and_never_zero(tenant: Tenant, text: str) -> None:
    tenant.reports["(period='D7')"] = f"{HEADER}\n{row('2026-07-09')}\n"
    tenant.day(text)
    with pytest.raises(Deferred, match="2026-07-10 is not ready"):
        tenant.pull()


def test_an_empty_report_of_a_day_that_is_ready_is_a_quiet_day(tenant: Tenant) -> None:
    tenant.day(f"{HEADER}\n")
    assert tenant.pull() == []
    assert tenant.asked[-1] == "(period='D7')"


def test_nothing_is_believed_where_no_report_names_anybody(tenant: Tenant) -> None:
    tenant.reports["(period='D7')"] = f"{HEADER}\n"
    tenant.day(f"{HEADER}\n")
    with pytest.raises(Deferred, match="cannot be told"):
        tenant.pull()


@pytest.mark.parametrize("status", [400, 404])
def test_a_day_that_the_vendor_has_no_longer_is_a_gap_and_a_newer_one_an_error(tenant: Tenant, status: int) -> None:
    tenant.day(status, date(2026, 6, 1))
    assert tenant.pull(date(2026, 6, 1)) is None
    tenant.day(status, date(2026, 7, 1))
    with pytest.raises(Fatal, match=str(status)):
        tenant.pull(date(2026, 7, 1))
    with pytest.raises(Deferred, match="not ready"):
        tenant.pull(date(2026, 7, 13))


def test_a_missing_right_is_an_error_for_every_day(tenant: Tenant) -> None:
    tenant.day(403, date(2026, 6, 1))
    with pytest.raises(Fatal, match="403"):
        tenant.pull(date(2026, 6, 1))


@pytest.mark.parametrize("name", ["A25BD01A4B5F6482758A0C00162A1298", "a25bd01a4b5f6482758a0c00162a1298"])
def test_concealed_names_end_the_pull_with_the_name_of_the_setting(tenant: Tenant, name: str) -> None:
    tenant.day(f"{HEADER}\n{row()}\n{row(person=name)}\n")
    with pytest.raises(Fatal, match="displayConcealedNames") as met:
        tenant.pull()
    assert name not in str(met.value)


@pytest.mark.parametrize(
    ("line", "reason"),
    [(row(person=""), "missing at person"), (row(day="soon"), "not a day at refreshed_on"),
     (row(numbers="1,,3"), "no number at read"), (row(numbers="1,2,-3"), "no number at liked"),
     (row(numbers="1.5,2,3"), "no number at posted"), (row() + ",more", "more cells than columns")],
)  # fmt: skip
def test_a_row_that_cannot_be_read_says_where_and_shows_nothing(tenant: Tenant, line: str, reason: str) -> None:
    tenant.day(f"{HEADER}\n{line}\n{row(person='two@harbour.example')}\n")
    found = tenant.pull()
    assert found
    assert found[0] == Rejected(reason, f"getYammerActivityUserDetail of {DAY} line 2")
    assert isinstance(found[1], Activity)


def test_a_row_that_comes_twice_is_one_row(tenant: Tenant) -> None:
    tenant.day(f"{HEADER}\n{row()}\n{row()}\n")
    assert len(tenant.pull() or []) == 1


@pytest.mark.parametrize("cut", ["", HEADER[:40], f"{HEADER}\n{row()}\n2026-07", f"{HEADER}\n{row()}\n{row(period='')}"])
def test_a_report_that_is_broken_off_is_asked_for_again_and_then_named(tenant: Tenant, cut: str) -> None:
    tenant.day([cut, SAMPLE])
    assert len(tenant.pull() or []) == 3
    tenant.day([cut, cut])
    with pytest.raises((Fatal, Retry), match=str(DAY)):
        tenant.pull()


def test_a_login_page_and_a_missing_column_are_named(tenant: Tenant) -> None:
    tenant.day("<html>Sign in</html>")
    with pytest.raises(Fatal, match="web page"):
        tenant.pull()
    tenant.day(SAMPLE.replace("Read Count", "Views"))
    with pytest.raises(Fatal, match="no column 'Read Count'"):
        tenant.pull()


@pytest.mark.real
def test_the_documented_header_is_read(real_data: Path, tenant: Tenant) -> None:
    tenant.day((real_data / "sources" / "graph_docs" / "getYammerActivityUserDetail.header.csv").read_text("utf-8"))
    assert tenant.pull() == []


def test_reading_and_liking_are_one_act_a_day_at_noon_and_posting_is_none() -> None:
    with duckdb.connect() as con:
        con.execute("""
            set TimeZone = 'UTC';
            create schema landing;
            create table landing.yammer_reports_activity (person blob, day date, posted bigint, read bigint, liked bigint);
            insert into landing.yammer_reports_activity values
                ('ann', '2026-07-10', 9, 14, 3), ('bob', '2026-07-10', 0, 5, 0), ('cy', '2026-07-10', 4, 0, 0);""")
        sql = (FOLDER / "acts.sql").read_text("utf-8")
        rows = con.execute(f"select person, epoch(happened_at), verb from ({sql}) order by all").fetchall()
    noon = datetime(2026, 7, 10, 12, tzinfo=UTC).timestamp()
    assert rows == [(b"ann", noon, "react"), (b"ann", noon, "read"), (b"bob", noon, "read")]
