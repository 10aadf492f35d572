"""An oracle: GoAccess, which others wrote, finds the same requests in a log, by day and by status, in every format.

Argued differences: GoAccess takes a day as the line writes it, we in UTC; it passes over comments and blank lines without a
word, we count them; it reads a line whose last quote is missing, we reject it.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from pipeline.connector import Bulk, Landed
from plugins.intranet.connector import Intranet

pytestmark = pytest.mark.skipif(not shutil.which("goaccess"), reason="GoAccess is not installed: apt-get install goaccess")

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
VHOST = ['--log-format=%v %h %^[%d:%t %^] "%r" %s %b "%R" "%u"', "--date-format=%d/%b/%Y", "--time-format=%T"]
# Its preset for load balancers expects the type of the connection first, which the classic ones do not write.
CLASSIC = [
    '--log-format=%dT%t.%^ %v %h:%^ %^ %^ %T %^ %s %^ %^ %b "%r" "%u" %k %K', "--date-format=%Y-%m-%d", "--time-format=%H:%M:%S",
]  # fmt: skip
NETSCALER = ["--log-format=%d %t %h %^ %^ %^ %^ %m %U %q %s %^ %b %^ %H %u %^ %R", "--date-format=%Y-%m-%d", "--time-format=%T"]
TRAEFIK = [
    '--log-format={"ClientHost":"%h","StartUTC":"%dT%t.%^","RequestMethod":"%m","RequestPath":"%U","DownstreamStatus":"%s",'
    '"request_User-Agent":"%u"}',
    "--date-format=%Y-%m-%d", "--time-format=%H:%M:%S",
]  # fmt: skip
FIELDS = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status"
IIS = f"{FIELDS} sc-substatus sc-win32-status time-taken"
CLOUDFRONT = (
    "#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)"
    " cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for"
    " ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields"
)


class Totals(NamedTuple):
    """What both must say of a log."""

    valid: int
    failed: int
    days: dict[str, int]
    statuses: dict[int, int]


def by_goaccess(path: Path, folder: Path, *arguments: str) -> Totals:
    """The totals of the panels in its JSON report."""
    out = folder / "report.json"
    command = ["goaccess", str(path), "--no-global-config", "--no-progress", *arguments, "-o", str(out)]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, env={**os.environ, "TZ": "UTC"}, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(out.read_text("utf-8", "replace"))
    days = {f"{d['data'][:4]}-{d['data'][4:6]}-{d['data'][6:]}": d["hits"]["count"] for d in told["visitors"]["data"]}
    codes = [code for group in told["status_codes"]["data"] for code in group["items"]]
    statuses = {int(code["data"].split()[0]): code["hits"]["count"] for code in codes}
    return Totals(told["general"]["valid_requests"], told["general"]["failed_requests"], days, statuses)


def read(path: Path) -> Bulk:
    [bulk] = Intranet(files=str(path)).requests(Landed())
    return bulk


def by_us(bulk: Bulk, but: tuple[str, ...] = (), hours: int = 0) -> Totals:
    """The same of our rows; `but` are reasons that GoAccess does not count as failed, `hours` the log's distance from UTC."""
    days = Counter((moment + timedelta(hours=hours)).date().isoformat() for moment in bulk.rows.column("seen_at").to_pylist())
    failed = sum(rejected.reason not in but for rejected in bulk.rejected)
    return Totals(bulk.rows.num_rows, failed, dict(days), dict(Counter(bulk.rows.column("status").to_pylist())))


# ------------------------------------------------------------------------------------------------------- written by hand
Write = Callable[[datetime, str, str, int], str]


def _common(at: datetime, user: str, target: str, status: int) -> str:
    return f'10.0.0.7 - {user} [{at:%d/%b/%Y:%H:%M:%S} +0000] "GET {target} HTTP/1.1" {status} 512'


def _combined(at: datetime, user: str, target: str, status: int) -> str:
    return f'{_common(at, user, target, status)} "https://intranet.example/" "{AGENT}"'


def _iis(at: datetime, user: str, target: str, status: int) -> str:
    stem, _, query = target.partition("?")
    agent = AGENT.replace(" ", "+")
    return f"{at:%Y-%m-%d %H:%M:%S} 10.0.0.1 GET {stem} {query or '-'} 443 {user} 10.0.0.7 {agent} - {status} 0 0 15"


def _cloudfront(at: datetime, user: str, target: str, status: int) -> str:
    stem, _, query = target.partition("?")
    values = (
        f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", "LHR3", "182", "192.0.2.10", "GET", "d1.cloudfront.net", stem, str(status), "-",
        AGENT.replace(" ", "%20"), query or "-", "-", "Miss", "MRV==", "example.com", "https", "217", "0.001", "-", "TLSv1.2",
        "ECDHE", "Miss", "HTTP/1.1", "-", "-",
    )  # fmt: skip
    return "\t".join(values)


def _elb(at: datetime, user: str, target: str, status: int) -> str:
    return (
        f"{at:%Y-%m-%dT%H:%M:%S}.127531Z my-lb 192.0.2.10:2817 10.0.0.1:80 0.000 0.001 0.000 {status} {status} 0 29 "
        f'"GET https://www.example.com:443{target} HTTP/1.1" "{AGENT}" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2'
    )


def _alb(at: datetime, user: str, target: str, status: int) -> str:
    rest = 'arn:aws:x "Root=1-ab" "www.example.com" "arn:y" 0 2026-01-12T09:00:00.023000Z "forward" "-" "-" "10.1.1.1:80" "200"'
    return f"https {_elb(at, user, target, status)} {rest}"


def _caddy(at: datetime, user: str, target: str, status: int) -> str:
    request = {
        "remote_ip": "192.0.2.10", "proto": "HTTP/2.0", "method": "GET", "host": "intranet.example", "uri": target,
        "headers": {"User-Agent": [AGENT], "Referer": ["https://intranet.example/"]},
        "tls": {"cipher_suite": 4865, "proto": "h2"},
    }  # fmt: skip
    line = {
        "level": "info", "ts": at.timestamp() + 0.25, "logger": "http.log.access", "msg": "handled request", "request": request,
        "user_id": user, "duration": 0.001, "size": 3609, "status": status, "resp_headers": {"Content-Type": ["text/html"]},
    }  # fmt: skip
    return json.dumps(line)


def _traefik(at: datetime, user: str, target: str, status: int) -> str:
    line = {
        "ClientHost": "192.0.2.10", "ClientUsername": user, "DownstreamStatus": status, "RequestMethod": "GET",
        "RequestPath": target,
        "StartUTC": f"{at:%Y-%m-%dT%H:%M:%S}.773360139Z", "level": "info", "msg": "", "request_User-Agent": AGENT,
    }  # fmt: skip
    return json.dumps(line)


@pytest.mark.parametrize(
    ("write", "head", "arguments"),
    [
        (_common, (), ["--log-format=COMMON"]),
        (_combined, (), ["--log-format=COMBINED"]),
        (lambda *told: f"intranet.example:443 {_combined(*told)}", (), ["--log-format=VCOMBINED"]),
        (lambda *told: f"intranet.example {_combined(*told)}", (), VHOST),
        (_iis, ("#Software: Microsoft Internet Information Services 10.0", IIS), ["--log-format=W3C"]),
        (_cloudfront, ("#Version: 1.0", CLOUDFRONT), ["--log-format=CLOUDFRONT"]),
        (_elb, (), CLASSIC),
        (_alb, (), ["--log-format=AWSALB"]),
        (_caddy, (), ["--log-format=CADDY"]),
        (_traefik, (), TRAEFIK),
    ],
    ids=["common", "combined", "vhost", "vhost-without-port", "iis", "cloudfront", "elb", "alb", "caddy", "traefik"],
)  # fmt: skip
def test_written_logs_hold_the_same_requests(tmp_path: Path, write: Write, head: tuple[str, ...], arguments: list[str]) -> None:
    targets = ("/", "/news?q=pay&x=1", "/how-to/claim%20travel", "/site.css", "/hr/leave?utm_campaign=spring")
    users = ("-", "ann", "bob", "-")
    statuses = (200, 200, 304, 404, 301, 500, 206)
    lines = list(head)
    for n in range(300):
        at = datetime(2026, 1, 12, 9, tzinfo=UTC) + timedelta(minutes=37 * n)
        lines.append(write(at, users[n % 4], targets[n % 5], statuses[n % 7]))
        if n in (50, 150):
            lines.append("rubbish of a broken disk")
    (tmp_path / "a.log").write_text("".join(f"{line}\n" for line in lines))
    ours = by_us(read(tmp_path / "a.log"))
    assert ours == by_goaccess(tmp_path / "a.log", tmp_path, *arguments)
    assert (ours.valid, ours.failed, len(ours.days)) == (300, 2, 9)


# ------------------------------------------------------------------------------------------------------------ real logs
@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "arguments", "but", "hours"),
    [
        ("apache_combined_1-5000.log", ["--log-format=COMBINED"], (), 0),
        ("mla_common.log", ["--log-format=COMMON"], (), -5),
        ("mla_common.log.gz", ["--log-format=COMMON"], (), -7),
        ("mla_common_encoding_big5.log", VHOST, (), -5),
        ("mla_logs_to_tests.log", ["--log-format=COMBINED"], ("empty line", "not a line of an access log"), 1),
        ("mla_icecast2.log", ["--log-format=COMBINED"], (), -5),
        ("mla_amazon_cloudfront_web.log", ["--log-format=CLOUDFRONT"], (), 0),
        ("mla_alb.log", ["--log-format=AWSALB"], (), 0),
        ("mla_static_ignores.log", VHOST, (), -5),
        ("mla_gandi.log", ['--log-format=%v %h %^[%d:%t %^] %^"%r" %s %b "%R" "%u"', *VHOST[1:]], (), -5),
        ("mla_ovh.log", ['--log-format=%h %v %^[%d:%t %^] "%r" %s %b "%R" "%u"', *VHOST[1:]], (), -5),
        ("mla_netscaler.log", NETSCALER, (), 0),
    ],
)  # fmt: skip
def test_real_logs_hold_the_same_requests(
    real_data: Path, tmp_path: Path, name: str, arguments: list[str], but: Any, hours: int
) -> None:
    path = real_data / "sources/access_logs" / name
    plain = path
    if name.endswith(".gz"):
        plain = tmp_path / "plain.log"
        plain.write_bytes(gzip.decompress(path.read_bytes()))
    assert by_us(read(path), but, hours) == by_goaccess(plain, tmp_path, *arguments)


def test_a_line_whose_last_quote_is_missing_is_where_we_differ(tmp_path: Path) -> None:
    """The line may be cut anywhere: its agent, which tells people from programs, cannot be trusted. GoAccess reads it."""
    at = datetime(2026, 1, 12, 9, tzinfo=UTC)
    (tmp_path / "a.log").write_text(f"{_combined(at, '-', '/', 200)}\n{_combined(at, '-', '/', 200)[:-1]}\n")
    ours, theirs = by_us(read(tmp_path / "a.log")), by_goaccess(tmp_path / "a.log", tmp_path, "--log-format=COMBINED")
    assert (ours.valid, ours.failed) == (1, 1)
    assert (theirs.valid, theirs.failed) == (2, 0)
