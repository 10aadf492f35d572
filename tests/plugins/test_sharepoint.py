"""SharePoint: reports behind a redirect, days that Graph has not or no longer, and people it conceals."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipeline.connector import Excluded, Fatal, Page, Rejected, Retry, SecretStr
from plugins.sharepoint.connector import PersonDay, SharePoint

DAY = date(2026, 3, 4)
FOLDER = Path(__file__).parents[2] / "plugins" / "sharepoint"
HEADER, *LINES = (FOLDER / "samples" / "activity.csv").read_text().splitlines()


class Server:
    """Graph: `reports` by what is asked for (a day, or D7); a number is a status."""

    def __init__(self, server: HTTPServer) -> None:
        self.url, self.asked = server.url_for("/v1.0"), list[str]()
        self.reports: dict[str, str | int | list[str]] = {"D7": table(LINES[0])}
        server.expect_request(re.compile(r"/v1\.0/reports/.*")).respond_with_handler(self._redirect)
        server.expect_request(re.compile("/download/.*")).respond_with_handler(self._download)

    def _redirect(self, request: Request) -> Response:
        assert request.headers["Authorization"] == "Bearer token"
        name = request.path.partition("=")[2].strip("')")
        told = self.reports[name]
        self.asked.append(name)
        if isinstance(told, int):
            return Response('{"error": {"code": "x"}}', told, mimetype="application/json")
        return Response("", 302, {"Location": f"/download/{name}"})

    def _download(self, request: Request) -> Response:
        told = self.reports[request.path.rpartition("/")[2]]
        return Response(told.pop(0) if isinstance(told, list) else str(told), mimetype="application/octet-stream")


def table(*lines: str, header: str = HEADER) -> str:
    return "".join(f"{line}\r\n" for line in (header, *lines))


def line(person: str = "nell.tarn@dcs.example", pages: Any = 12, refreshed: str = "2026-03-06") -> str:
    return f"{refreshed},{person},False,,2026-03-04,7,0,2,0,{pages},MICROSOFT 365 E3,1"


@pytest.fixture
def server(httpserver: HTTPServer) -> Server:
    return Server(httpserver)


def ask(server: Server, day: date = DAY, **settings: Any) -> list[Page]:
    connector = SharePoint.model_validate({"graph_url": server.url, "token": SecretStr("token"), **settings})
    return list(connector.activity(day))


def test_the_sample_is_read(server: Server) -> None:
    server.reports["2026-03-04"] = table(*LINES)
    [page] = ask(server)
    assert page.records == [
        PersonDay(
            person="Nell.Tarn@dcs.example", day=DAY, at=datetime(2026, 3, 4, 12, tzinfo=UTC), refreshed=date(2026, 3, 6),
            visited_pages=12, viewed_or_edited_files=7, synced_files=0, shared_internally=2, shared_externally=0, deleted=False,
        ),
        PersonDay(
            person="owen.pike@dcs.example", day=DAY, at=datetime(2026, 3, 4, 12, tzinfo=UTC), refreshed=date(2026, 3, 6),
            visited_pages=0, viewed_or_edited_files=3, synced_files=14, shared_internally=0, shared_externally=1, deleted=False,
        ),
        Rejected("not a whole number at Visited Page Count", "report of 2026-03-04 line 4"),
    ]  # fmt: skip
    assert server.asked == ["2026-03-04"]


@pytest.mark.real
def test_the_header_that_microsoft_documents_is_understood(server: Server, real_data: Path) -> None:
    file = real_data / "sources" / "graph_docs" / "getSharePointActivityUserDetail.header.csv"
    server.reports["2026-03-04"] = table(line(), header=file.read_text(encoding="utf-8-sig").strip())
    [page] = ask(server)
    [record] = page.records
    assert isinstance(record, PersonDay)
    assert (record.visited_pages, record.viewed_or_edited_files, record.shared_internally) == (12, 7, 2)


@pytest.mark.parametrize(("day", "noon"), [(date(2026, 3, 28), 12), (date(2026, 3, 29), 11), (date(2026, 10, 25), 12)])
def test_noon_lies_within_its_day(server: Server, day: date, noon: int) -> None:
    server.reports[str(day)] = table(line(refreshed="2026-12-01"))
    [page] = ask(server, day)
    [record] = page.records
    assert isinstance(record, PersonDay)
    assert record.at == datetime(day.year, day.month, day.day, noon, tzinfo=UTC)


# -------------------------------------------------------------------------------------------- days that are not here
def test_a_report_from_before_its_day_is_not_ready_and_not_zero(server: Server) -> None:
    server.reports["2026-03-04"] = table(line(refreshed="2026-03-03"))
    assert ask(server) == []


@pytest.mark.parametrize(("refreshed", "pages"), [("2026-03-03", 0), ("2026-03-04", 1), ("2026-03-06", 1)])
def test_an_empty_report_is_a_quiet_day_once_graph_has_counted_it(server: Server, refreshed: str, pages: int) -> None:
    server.reports |= {"2026-03-04": table(), "D7": table(line(refreshed=refreshed))}
    found = ask(server)
    assert [page.records for page in found] == [[]] * pages


@pytest.mark.parametrize("refreshed", ["2026-03-03", "2026-04-20"])
def test_a_day_that_graph_refuses_because_of_its_age_is_a_gap(server: Server, refreshed: str) -> None:
    server.reports |= {"2026-03-04": 400, "D7": table(line(refreshed=refreshed))}
    assert ask(server) == []


def test_a_day_that_graph_refuses_for_another_reason_is_an_error(server: Server) -> None:
    server.reports |= {"2026-03-04": 400, "D7": table(line(refreshed="2026-03-06"))}
    with pytest.raises(Fatal, match="400"):
        ask(server)


def test_a_week_without_anybody_is_no_quiet_week(server: Server) -> None:
    server.reports |= {"2026-03-04": table(), "D7": table()}
    with pytest.raises(Fatal, match="names nobody"):
        ask(server)


@pytest.mark.parametrize("status", [403, 404])
def test_what_may_not_be_seen_is_named(server: Server, status: int) -> None:
    server.reports["2026-03-04"] = status
    with pytest.raises(Fatal, match=str(status)):
        ask(server)


# ----------------------------------------------------------------------------------------------- reports that are bad
def test_concealed_names_end_the_pull_with_the_way_out(server: Server) -> None:
    server.reports["2026-03-04"] = table(line(), line("A25BD01A4B5F6482758A0C00162A1298"))
    with pytest.raises(Fatal, match="displayConcealedNames") as caught:
        ask(server)
    assert "A25BD01A" not in str(caught.value)


def test_a_report_that_breaks_off_is_fetched_once_more(server: Server) -> None:
    whole = table(line(), line("owen.pike@dcs.example"))
    server.reports["2026-03-04"] = [whole[: len(whole) * 2 // 3], whole]
    [page] = ask(server)
    assert len(page.records) == 2
    server.reports["2026-03-04"] = [whole[:-20], whole[:-2]]  # the end of the last line alone is no loss
    [page] = ask(server)
    assert len(page.records) == 2
    server.reports["2026-03-04"] = [whole[:-20], whole[:-20]]
    with pytest.raises(Retry, match="cut short"):
        ask(server)


def test_another_format_is_an_error_and_a_bad_row_is_not(server: Server) -> None:
    server.reports["2026-03-04"] = table(line(), header=HEADER.replace("Visited Page Count", "Pages"))
    with pytest.raises(Fatal, match="Visited Page Count"):
        ask(server)
    server.reports["2026-03-04"] = table(line(""), line(pages=""), line(refreshed="soon"))
    with pytest.raises(Fatal, match="changed its format"):
        ask(server)
    server.reports["2026-03-04"] = table(line(), line(), line("") + ",more")
    [page] = ask(server)
    assert page.records[1:] == [
        Excluded("row that came twice"), Rejected("more cells than columns", "report of 2026-03-04 line 4"),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ halves
def test_whoever_visited_pages_has_read_once_that_day() -> None:
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    with duckdb.connect() as con:
        con.execute(
            """set TimeZone = 'UTC'; create schema landing;
            create table landing.sharepoint_activity (person blob, day date, "at" timestamptz, visited_pages bigint,
                viewed_or_edited_files bigint, shared_internally bigint, shared_externally bigint);"""
        )
        for person, pages in ((b"ann", 20), (b"ann", 3), (b"bob", 0)):
            con.execute("insert into landing.sharepoint_activity values (?, ?, ?, ?, 2, 1, null)", [person, DAY, noon, pages])
        acts = con.execute((FOLDER / "acts.sql").read_text()).fetchall()
        counts = con.execute((FOLDER / "counts.sql").read_text()).fetchall()
    assert [(person, verb) for person, _, verb, _ in acts] == [(b"ann", "read")]
    assert {(measure, n) for measure, _, _, _, n in counts} == {
        ("page_views", 23), ("files_viewed_or_edited", 6), ("files_shared", 3),
    }  # fmt: skip
