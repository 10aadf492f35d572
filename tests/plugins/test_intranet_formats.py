"""Access logs of every format: what each of them says of a request, and that no line of any of them is lost."""

from __future__ import annotations

import bz2
import gzip
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.connector import Bulk, Fatal
from plugins.intranet import w3c
from tests.plugins.test_intranet import a_line, pull

AT = datetime(2026, 1, 12, 9, tzinfo=UTC)
IIS = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status time-taken"
NGINX = {
    "time_iso8601": "2026-01-12T09:00:00+00:00", "remote_user": "ann", "request": "GET /news?q=x HTTP/1.1", "status": "200",
    "http_user_agent": "coastal-bot",
}  # fmt: skip
CADDY = {
    "level": "info", "ts": 1768208400.25, "logger": "http.log.access.log0", "msg": "handled request",
    "request": {"remote_ip": "10.0.0.1", "method": "GET", "uri": "/news?q=x", "headers": {"User-Agent": ["coastal-bot", "b"]}},
    "user_id": "ann", "status": 200,
}  # fmt: skip
TRAEFIK = {
    "ClientUsername": "ann", "RequestMethod": "GET", "RequestPath": "/news?q=x", "OriginStatus": 504, "DownstreamStatus": 200,
    "StartUTC": "2026-01-12T09:00:00.773360139Z", "time": "2026-01-12T10:30:00+01:00", "request_User-Agent": "coastal-bot",
}  # fmt: skip
ECS = {
    "@timestamp": "2026-01-12T09:00:00Z", "user": {"name": "ann"},
    "http": {"request": {"method": "GET"}, "response": {"status_code": 200}}, "url": {"original": "/news?q=x"},
    "user_agent": {"original": "coastal-bot"},
}  # fmt: skip


def log(folder: Path, *lines: str | bytes, **settings: Any) -> Bulk:
    """The file of these lines, read."""
    whole = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
    (folder / "a.log").write_bytes(whole)
    [bulk] = pull(folder / "a.log", **settings)
    assert bulk.rows.num_rows + len(bulk.rejected) + sum(bulk.excluded.values()) == len(lines)
    return bulk


def told(bulk: Bulk) -> list[tuple[Any, ...]]:
    return [
        (r["seen_at"].replace(microsecond=0), r["person"], r["method"], r["page"], r["status"], r["bot"])
        for r in bulk.rows.to_pylist()
    ]


def reasons(bulk: Bulk) -> list[tuple[str, str]]:
    return [(r.reason, r.location) for r in bulk.rejected]


# -------------------------------------------------------------------------------------------------------------- W3C
def an_iis_line(number: int = 0, user: str = r"DCS\ann", path: str = "/news", query: str = "-") -> str:
    return (
        f"2026-01-12 09:00:{number % 60:02d} 10.0.0.9 GET {path} {query} 443 {user} 10.0.0.1 Mozilla/5.0+(X11;+coastal+bot) 200 12"
    )


@pytest.mark.parametrize("many", [1, w3c.FEW + 1], ids=["exact", "quick"])
def test_an_iis_log_is_read_by_its_header(tmp_path: Path, many: int) -> None:
    lines = [an_iis_line(0, r"DCS\Ann+Smith", "/Shared+Documents/a%20b.aspx", "q=pay+rise&x=1")] * many
    bulk = log(
        tmp_path, "#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0", IIS, *lines, bots=["coastal bot"]
    )
    assert told(bulk) == [(AT, "ann smith", "GET", "/Shared Documents/a b.aspx", 200, True)] * many
    assert (bulk.rejected, bulk.excluded) == ([], {"header of the log": 3})


def test_a_header_in_the_middle_of_a_file_changes_the_columns(tmp_path: Path) -> None:
    many = [an_iis_line(n) for n in range(w3c.FEW + 5)]
    other = ["#Date: 2026-01-12 10:00:00", "#Fields: time cs-username sc-status cs-uri-stem date"]
    bulk = log(tmp_path, IIS, *many, *other, "09:00:00 bob 404 /old 2026-01-12", *many[:1], IIS, *many)
    found = told(bulk)
    assert len(found) == 2 * len(many) + 1
    assert [row for row in found if row[1] != "ann"] == [(AT, "bob", None, "/old", 404, False)]
    assert reasons(bulk) == [("not as many values as #Fields names", str(len(many) + 5))]
    assert bulk.excluded == {"header of the log": 4}


def test_a_layout_holds_from_block_to_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.intranet.logfile.BLOCK", 1000)
    bulk = log(tmp_path, IIS, *[an_iis_line(n) for n in range(60)], "rubbish", IIS)
    assert (bulk.rows.num_rows, [r.location for r in bulk.rejected]) == (60, ["62"])


def test_quoted_values_may_hold_blanks_and_local_times_have_a_zone(tmp_path: Path) -> None:
    head = "#Fields:   date-local time-local   s-ip cs-method cs-uri-stem cs-username cs(User-Agent) sc-status sc-substatus"
    lines = [
        '2026-07-12 10:00:00.363 1.2.3.4 GET /a "ann" "Mozilla/5.0 (Linux; a bot)" 200 " garbage w/ spaces "',
        '2026-10-25 01:30:00 1.2.3.4 GET /b - "Mozilla" 200 0',
    ]
    bulk = log(tmp_path, "#Software: IIS Advanced Logging Module", "", "   ", head, *lines)
    assert told(bulk) == [
        (datetime(2026, 7, 12, 9, tzinfo=UTC), "ann", "GET", "/a", 200, True),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), None, "GET", "/b", 200, False),
    ]
    assert bulk.excluded == {"header of the log": 4}


def test_a_log_without_a_column_for_the_date_takes_the_headers(tmp_path: Path) -> None:
    line = "09:00:00 GET /a 200"
    bulk = log(tmp_path, "#Date: 2026-01-12 00:00:13", "#Fields: time cs-method cs-uri-stem sc-status", line)
    assert told(bulk) == [(AT, None, "GET", "/a", 200, False)]


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("#Version: 1.0", "no #Fields above it"),
        ("#Fields: time cs-uri-stem sc-status", "#Fields names no date"),
        ("#Fields: date cs-uri-stem sc-status", "#Fields names no time"),
        ("#Fields: date time sc-status", "#Fields names no target"),
        ("#Fields: date time cs-uri-stem", "#Fields names no status"),
    ],
)
def test_lines_below_a_header_that_does_not_do_say_what_is_missing(tmp_path: Path, head: str, reason: str) -> None:
    assert reasons(log(tmp_path, head, an_iis_line())) == [(reason, "2")]


def test_a_proxys_own_column_may_name_the_user(tmp_path: Path) -> None:
    head, line = "#Fields: date time cs-uri-stem sc-status cs-username X-Remote-User", "2026-01-12 09:00:00 /a 200 - ann"
    assert told(log(tmp_path, head, line, fields={"user": "x-remote-user"}))[0][1] == "ann"


@pytest.mark.parametrize("many", [1, w3c.FEW + 1], ids=["exact", "quick"])
def test_cloudfront_parts_by_tabs_and_encodes_agents_twice(tmp_path: Path, many: int) -> None:
    head = "#Fields: date time x-edge-location c-ip cs-method cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query"
    line = "\t".join(
        ("2026-01-12", "09:00:00", "LHR3", "10.0.0.1", "GET", "/a%20b", "000", "-", "Mozilla/5.0%2520(a%20coastal%2520bot)", "q=1")
    )
    bulk = log(tmp_path, "#Version: 1.0", head, *[line] * many, bots=["a coastal bot"])
    assert told(bulk) == [(AT, None, "GET", "/a b", 0, True)] * many


# ------------------------------------------------------------------------------------------------------------- JSON
@pytest.mark.parametrize(
    "line",
    [
        NGINX, CADDY, TRAEFIK, ECS,
        {"msec": "1768208400.123", "remote_user": "ann", "request_method": "GET", "uri": "/news", "args": "q=x", "status": 200,
         "http_user_agent": "coastal-bot"},
        {"time_local": "12/Jan/2026:10:00:00 +0100", "remote_user": "DCS\\ann", "request_method": "GET", "request_uri": "/news?q=x",
         "status": "200", "user_agent": "coastal-bot"},
        {"timestamp": 1768208400250, "user": "ann", "method": "GET", "path": "/news", "status": 200, "user_agent": "coastal-bot"},
    ],
    ids=["nginx", "caddy", "traefik", "ecs", "nginx-msec", "nginx-local", "thousandths"],
)  # fmt: skip
def test_one_json_object_a_line(tmp_path: Path, line: dict[str, Any]) -> None:
    assert told(log(tmp_path, json.dumps(line))) == [(AT, "ann", "GET", "/news", 200, True)]


def test_a_server_may_have_names_of_its_own(tmp_path: Path) -> None:
    line = {"when": "12.01.2026 09:00:00", "who": {"login": "ann"}, "url": "/news", "request_method": "GET", "code": 200}
    names = {"time": "when", "user": "who.login", "status": "code"}
    bulk = log(tmp_path, json.dumps(line), fields=names, time_format="%d.%m.%Y %H:%M:%S")
    assert told(bulk) == [(AT, "ann", "GET", "/news", 200, False)]


def test_caddys_own_doings_and_its_errors_are_no_requests(tmp_path: Path) -> None:
    own = {"level": "info", "ts": 1768208400.1, "msg": "serving initial configuration"}
    bulk = log(tmp_path, json.dumps(own), json.dumps({**CADDY, "logger": "http.log.error.log0"}), json.dumps(CADDY))
    assert (bulk.rows.num_rows, bulk.excluded) == (1, {"not a request": 2})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1, 2]", "not a JSON object"),
        ('{"status": 200', "not a JSON object"),
        ("[" * 30_000, "not a JSON object"),
        (json.dumps({**NGINX, "time_iso8601": "yesterday"}), "the time is not one"),
        (json.dumps({**NGINX, "time_iso8601": float("inf")}), "the time is not one"),
        (json.dumps({**NGINX, "time_iso8601": None}), "the time is not one"),
        (json.dumps({**NGINX, "status": None}), "no status"),
        (json.dumps({**NGINX, "status": True}), "no status"),
        (json.dumps({**NGINX, "request": 5}), "no request in it"),
        (json.dumps({**CADDY, "request": {"uri": ["/a"]}}), "no request in it"),
    ],
)
def test_json_that_is_no_request_is_rejected(tmp_path: Path, line: str, reason: str) -> None:
    assert reasons(log(tmp_path, json.dumps(NGINX), line)) == [(reason, "2")]


def test_what_json_can_hold_and_text_cannot_spoils_nothing(tmp_path: Path) -> None:
    half = json.dumps({**NGINX, "request": "GET /a\\ud800b HTTP/1.1"}).replace("\\\\ud800", "\\ud800")
    old = json.dumps({**NGINX, "remote_user": "ZOE"}).replace("ZOE", r"zo\xC3\xAB \x22Z\x22")
    bad = json.dumps({**NGINX, "request": "", "status": 400})
    bulk = log(tmp_path, half, old, bad, json.dumps({**TRAEFIK, "DownstreamStatus": 0, "ClientUsername": "-"}))
    assert [(r["person"], r["page"], r["status"]) for r in bulk.rows.to_pylist()] == [
        ("ann", "/a\ufffdb", 200), ('zoë "z"', "/news", 200), ("ann", None, 400), (None, "/news", 0),
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------------- load balancers
REST = 'ECDHE TLSv1.2 arn:aws:x "Root=1-ab" "www.example.com" "arn" 0 2026-01-12T09:00:00.023000Z "forward" "-"'


@pytest.mark.parametrize(
    ("before", "after"), [("", "ECDHE-RSA TLSv1.2"), ("", "- -"), ("https ", REST), ("h2 ", REST)], ids=["elb", "http", "alb", "h2"]
)
def test_load_balancers_name_scheme_host_and_port(tmp_path: Path, before: str, after: str) -> None:
    line = f'{before}2026-01-12T09:00:00.127531Z app/lb 1.2.3.4:2817 10.0.0.1:80 0.001 0.1 0 200 504 225 950 "%s" "a bot" {after}'
    good, odd = line % "GET https://www.example.com:443/path/index.html?q=x HTTP/1.1", line % "- http://lb:80- -"
    bulk = log(tmp_path, good, odd.replace(" 200 504 ", " 400 - "))
    assert told(bulk) == [(AT, None, "GET", "/path/index.html", 200, True), (AT, None, None, None, 400, True)]


def test_a_connection_without_a_request_is_left_out(tmp_path: Path) -> None:
    line = '2026-01-12T09:00:00.945958Z lb 192.168.131.39:2817 10.0.0.1:80 0.001 0.002 0.000 - - 82 305 "- - - " "-" - -'
    bulk = log(tmp_path, line, line.replace("- - - ", "GET http://a:80/ HTTP/1.1"), line.replace("01-12", "13-40"))
    assert (bulk.excluded, reasons(bulk)) == ({"not a web request": 1}, [("no status", "2"), ("the time is not one", "3")])


# ------------------------------------------------------------------------------------------- an operator's own pattern
OWN = r'(?P<user>\S+) \[(?P<time>[^]]+)\] "(?P<request>[^"]*)" (?P<status>\d+)'


def test_a_pattern_describes_what_has_no_name(tmp_path: Path) -> None:
    lines = ('ann [12.07.2026 10:00:00] "GET /a?b HTTP/1.1" 200', 'ann [12.13.2026 10:00:00] "-" 200', "rubbish", 'a [1] "-" 20')
    bulk = log(tmp_path, *lines, pattern=OWN, time_format="%d.%m.%Y %H:%M:%S", zone="Europe/London")
    assert told(bulk) == [(datetime(2026, 7, 12, 9, tzinfo=UTC), "ann", "GET", "/a", 200, False)]
    assert reasons(bulk) == [("the time is not one", "2"), ("does not match the pattern", "3"), ("the time is not one", "4")]


def test_a_pattern_may_name_method_and_target_apart(tmp_path: Path) -> None:
    pattern = r"(?P<time>\S+) (?P<method>\S+) (?P<target>\S+) (?P<status>\d+)(?: (?P<agent>.*))?"
    bulk = log(
        tmp_path, "2026-01-12T09:00:00Z GET /a?b 200 a bot", "2026-01-12T09:00:00Z ?? /b 20", pattern=pattern, format="pattern"
    )
    assert (told(bulk), reasons(bulk)) == ([(AT, None, "GET", "/a", 200, True)], [("no status", "2")])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"pattern": "(?P<time>"}, "regular expression"), ({"pattern": "(?P<when>.)"}, "'when'"),
        ({"pattern": "(?P<time>.)(?P<target>.)"}, "'status'"), ({"pattern": "(?P<time>.)(?P<status>.)"}, "'request'"),
        ({"pattern": "(?P<time>(?=.))(?P<status>.)"}, "as RE2 has them"), ({"pattern": "(" * 5000}, "regular expression"),
        ({"pattern": "((((a{99}){99}){99}){99})(?P<time>.)"}, "as RE2 has them"),
        ({"format": "pattern"}, "`pattern`"), ({"zone": "Coastal/Town"}, "zone"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_hold_is_named(tmp_path: Path, settings: dict[str, str], says: str) -> None:
    with pytest.raises(Fatal, match=says):
        log(tmp_path, "x", **settings)


@pytest.mark.parametrize("evil", ["(a+)+", "(a|aa)+", "(a|a?)+", "(.*)*", "([a-z]+)*x"])
def test_no_pattern_makes_a_night_hang(tmp_path: Path, evil: str) -> None:
    """Each would try more ways to match than there are seconds, were it not RE2 that reads it."""
    began = time.process_time()
    lines = ("a" * 60_000 + "!", "2026-01-12T09:00:00Z GET 200 " + "a" * 30_000 + "!", "2026-01-12T09:00:00Z /a 200 " + "a" * 30)
    pattern = rf"(?P<time>\S+) (?P<target>\S+) (?P<status>\d+) (?:{evil})$"
    bulk = log(tmp_path, *lines, pattern=pattern, format="pattern")
    assert bulk.rows.num_rows + len(bulk.rejected) == 3
    assert time.process_time() - began < 10


# -------------------------------------------------------------------------------------------------- which format it is
def test_the_format_is_told_by_the_first_line_that_any_knows(tmp_path: Path) -> None:
    lines = {"a": a_line("ann"), "b": json.dumps(NGINX), "c": f"{IIS}\n{an_iis_line()}", "d": f"\ufeff{json.dumps(CADDY)}"}
    for name, line in lines.items():
        (tmp_path / name).write_text(f"rubbish\n{line}\n" if name != "d" else line)
    bulks = pull(tmp_path / "*")
    assert {b.unit.name: b.rows.column("person").to_pylist() for b in bulks if b.unit} == {key: ["ann"] for key in lines}


def test_a_format_that_is_set_is_not_guessed(tmp_path: Path) -> None:
    bulk = log(tmp_path, json.dumps(NGINX), a_line("ann"), format="apache")
    assert (bulk.rows.num_rows, [r.location for r in bulk.rejected]) == (1, ["1"])
    assert log(tmp_path, an_iis_line(), format="w3c").rejected[0].reason == "no #Fields above it"


def test_utf16_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(a_line("ann"), "utf-16")
    with pytest.raises(Fatal, match="UTF-16"):
        pull(tmp_path / "a.log")


# -------------------------------------------------------------------------------------------------------- real logs
OWN_LOG = {
    "pattern": r'\S+ \S+ (?P<user>\S+) \[(?P<time>\w+ - [^]]+)\] "(?P<request>[^"]*)" (?P<status>\d{3}) \S+',
    "time_format": "%B - %d, %Y:%H:%M:%S",
}


@pytest.mark.real
def test_real_logs_of_every_kind_lose_no_line(real_data: Path) -> None:
    left: dict[str, dict[str, int]] = {}
    for bulk in pull(real_data / "sources/access_logs/*", **OWN_LOG):
        assert bulk.unit
        packed = (real_data / "sources/access_logs" / bulk.unit.name).read_bytes()
        content = (
            gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else bz2.decompress(packed) if packed[:3] == b"BZh" else packed
        )
        lines = content.removesuffix(b"\n").count(b"\n") + 1
        assert bulk.rows.num_rows + len(bulk.rejected) + sum(bulk.excluded.values()) == lines, bulk.unit.name
        left[bulk.unit.name] = {r.reason: 1 for r in bulk.rejected} | dict(bulk.excluded)
    assert {path.name for path in (real_data / "sources/access_logs").iterdir()} == set(left), "every file is read"
    assert {name: why for name, why in left.items() if why} == {
        "mla_amazon_cloudfront_web.log": {"header of the log": 2},
        "mla_iis_custom.log": {"header of the log": 7},
        "mla_netscaler.log": {"header of the log": 4},
        "mla_shoutcast.log": {"header of the log": 3},
        "mla_logs_to_tests.log": {"empty line": 1, "not a line of an access log": 1},  # a blank line, and a comment
    }


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("mla_alb", [("2020-01-01T00:55:04", None, "GET", "/path/index.html", 200)]),
        ("mla_amazon_cloudfront_web", [("2014-05-23T01:13:11", None, "GET", "/view/my/file.html", 200)]),
        ("mla_iis_custom", [
            ("2012-08-15T16:00:00", None, "GET", "/Products/theProduct", 200),
            ("2012-08-15T16:00:00", None, "GET", "/Topic/hw43061", 301),
            ("2012-08-15T16:00:00", None, "GET", "/hello/world/6,681965", 404),
        ]),
        ("mla_netscaler", [("2012-08-16T11:55:13", None, "GET", "/Citrix/XenApp/Wan/auth/login.jsp", 302)]),
        ("mla_shoutcast", [("2015-12-07T10:37:05", None, None, "/stream", 200)]),
        ("mla_icecast2", [("2012-02-10T21:42:07", "theuser", "GET", "/", 301)]),
        ("mla_ovh", [("2012-02-10T21:42:07", "theuser", "GET", "/", 301)]),
        ("mla_gandi", [("2012-02-10T21:42:07", "theuser", "GET", "/", 301), ("2012-02-10T21:42:07", None, "GET", "/", 200)]),
        ("mla_custom_regex_custom_date", [("2012-02-10T16:42:07", None, "GET", "/", 301)]),
    ],
)  # fmt: skip
def test_a_real_log_says_what_is_in_it(real_data: Path, name: str, rows: list[Any]) -> None:
    [bulk] = pull(real_data / f"sources/access_logs/{name}.log", **OWN_LOG)
    found = [(t.isoformat()[:19], *rest) for t, *rest, _ in told(bulk)]
    assert found == rows


@pytest.mark.real
def test_a_real_line_in_big5_is_not_lost(real_data: Path) -> None:
    [bulk] = pull(real_data / "sources/access_logs/mla_common_encoding_big5.log")
    [row] = bulk.rows.to_pylist()
    assert (row["person"], row["status"], row["page"][0]) == ("theuser", 301, "/")
