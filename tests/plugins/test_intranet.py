"""Access logs: every line is a row or a rejection, whoever wrote it, and every file lands once."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.connector import Bulk, Fatal, Landed
from plugins.intranet.apache import Apache
from plugins.intranet.connector import Intranet
from plugins.intranet.lines import Lines
from plugins.intranet.meaning import BOTS, Meaning

FOLDER = Path(__file__).parents[2] / "plugins" / "intranet"
BROWSER = "Mozilla/5.0 (X11)"


def a_line(
    user: str = "-", *, time: str = "12/Jan/2026:09:00:00 +0000", request: str = "GET /news HTTP/1.1",
    status: int = 200, agent: str = BROWSER, host: str = "10.0.0.1",
) -> str:  # fmt: skip
    return f'{host} - {user} [{time}] "{request}" {status} 512 "-" "{agent}"'


def lines_of(**meaning: Any) -> Lines:
    return Lines(lambda _: Apache(), Meaning(**meaning))


def read(*lines: str | bytes, user_pattern: str = ".+", bots: list[str] | None = None) -> tuple[list[dict[str, Any]], list[Any]]:
    block = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
    with lines_of(user_pattern=user_pattern, bots=BOTS if bots is None else bots) as reader:
        reader.read(block)
        rows, rejected, _ = reader.take()
    return rows.to_pylist(), rejected


def pull(files: Path | str, landed: Landed | None = None, **settings: Any) -> list[Bulk]:
    return list(Intranet(files=str(files), **settings).requests(landed or Landed()))


# ------------------------------------------------------------------------------------------------------- the sample
def test_the_sample_tells_who_opened_what() -> None:
    [bulk] = pull(FOLDER / "samples" / "access.log")
    rows = bulk.rows.to_pylist()
    assert [(r["person"], r["page"], r["asset"], r["bot"]) for r in rows if r["person"]] == [
        ("awen.pryce", "/news/new-pay-offer", False, False),
        ("awen.pryce", "/assets/site.css", True, False),
        ("bran.oduya", "/how-to/claim travel", False, False),
        ("dewi.okoro", "/hr/leave", False, False),
        ("cerys.lund", "/news/new-pay-offer", False, False),
    ]
    assert [(r.reason, r.location) for r in bulk.rejected] == [("a quote is not closed", "10")]
    assert len(rows) + len(bulk.rejected) == 10


@pytest.mark.parametrize("name", ["u_ex260112.log", "caddy.json"])
def test_the_samples_of_other_servers_tell_the_same(name: str) -> None:
    [bulk] = pull(FOLDER / "samples" / name)
    rows = bulk.rows.to_pylist()
    assert [(r["person"], r["page"], r["status"], r["bot"]) for r in rows] == [
        ("awen.pryce", "/news/new-pay-offer", 200, False),
        ("bran.oduya", "/how-to/claim travel", 200, False),
        (None, "/search", 200, True),
    ]
    assert (bulk.rejected, sum(bulk.excluded.values())) == ([], 4 if name.endswith("log") else 1)


def test_nothing_of_addresses_agents_or_queries_is_in_the_rows() -> None:
    [bulk] = pull(FOLDER / "samples" / "access.log")
    content = str(bulk.rows.to_pylist())
    assert not [trace for trace in ("10.20", "Mozilla", "ref=", "q=pay", "https:", "?") if trace in content]


# ------------------------------------------------------------------------------------------------------------ lines
def test_times_with_offsets_become_utc() -> None:
    rows, _ = read(a_line(time="29/Mar/2026:02:30:00 +0100"), a_line(time="10/Feb/2012:16:42:07 -0530"))
    assert [r["seen_at"] for r in rows] == [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2012, 2, 10, 22, 12, 7, tzinfo=UTC),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("user", "person"),
    [
        ("-", None), ('""', None), ("awen", "awen"), (r"DCS\Awen.Pryce", "awen.pryce"), (r"DCS\\Awen", "awen"),
        ("Awen@coastal.example", "awen"), (r"DCS\awen pryce", "awen pryce"),
    ],
)  # fmt: skip
def test_a_user_is_a_login_in_lower_case(user: str, person: str | None) -> None:
    [row], rejected = read(a_line(user))
    assert (row["person"], rejected) == (person, [])


def test_a_user_name_with_a_blank_is_not_taken_for_a_virtual_host() -> None:
    [row], _ = read(r'10.0.0.1 - DCS\ann smith [12/Jan/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 5')
    assert row["person"] == "ann smith"


def test_who_only_tried_to_sign_in_is_nobody() -> None:
    rows, _ = read(a_line("awen", status=401), a_line("awen", status=403))
    assert [r["person"] for r in rows] == [None, "awen"]


def test_only_users_that_match_the_pattern_are_staff() -> None:
    rows, _ = read(a_line(r"DCS\\awen"), a_line("dcs\\bran"), a_line("svc-monitor"), user_pattern=r"DCS\\.+")
    assert [r["person"] for r in rows] == ["awen", "bran", None]


def test_a_pattern_that_cannot_be_read_is_said_to_be_so() -> None:
    with pytest.raises(Fatal, match="user_pattern"):
        pull(FOLDER / "samples" / "access.log", user_pattern="(?<=x)y")


@pytest.mark.parametrize(
    ("target", "page"),
    [
        ("/", "/"), ("/a/b?x=1", "/a/b"), ("/a;jsessionid=1F", "/a"), ("/a#b", "/a"), ("/caf%C3%A9", "/café"),
        ("/bad%ff%zz", "/bad%ff%zz"), ("/find%3Fq=ann%40x.example", "/find"), ("http://intranet.example/p?q", "/p"),
        ("http://intranet.example", "/"), ("*", None), ("/a%00%0Ab", "/ab"), ("/100%", "/100%"),
    ],
)  # fmt: skip
def test_a_page_is_a_path_without_what_was_asked_of_it(target: str, page: str | None) -> None:
    [row], rejected = read(a_line(request=f"GET {target} HTTP/1.1"))
    assert (row["page"], row["method"], rejected) == (page, "GET", [])


@pytest.mark.parametrize("request_", ["-", "", r"\x16\x03\x01", "get lower HTTP/1.1"])
def test_a_request_that_is_not_http_is_a_row_without_a_page(request_: str) -> None:
    [row], rejected = read(a_line(request=request_, status=400))
    assert (row["page"], row["method"], rejected) == (None, None, [])


def test_a_request_with_blanks_in_its_path_or_without_a_version_is_read() -> None:
    rows, _ = read(a_line(request="GET /a b HTTP/1.1"), a_line(request="GET /old"))
    assert [r["page"] for r in rows] == ["/a b", "/old"]


@pytest.mark.parametrize("page", ["/a/site.css", "/LOGO.PNG", "/robots.txt", "/f.woff2"])
def test_assets_are_told_by_their_ending(page: str) -> None:
    rows, _ = read(a_line(request=f"GET {page} HTTP/1.1"), a_line(request="GET /report.pdf HTTP/1.1"), a_line())
    assert [r["asset"] for r in rows] == [True, False, False]


def test_bots_are_told_by_words_of_their_agent_without_regard_to_case() -> None:
    agents = ("Mozilla (compatible; GoogleBot/2.1)", BROWSER, "a.c probe")
    rows, _ = read(*(a_line(agent=agent) for agent in agents), bots=["BOT", "a.c"])
    assert [r["bot"] for r in rows] == [True, False, True]
    rows, _ = read(a_line(agent="axc"), a_line(agent=""), bots=["a.c"])
    assert [r["bot"] for r in rows] == [False, False]
    assert not read(a_line(agent="a bot"), bots=[])[0][0]["bot"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "empty line"),
        ("#Fields: date time", "not a line of an access log"),
        (a_line()[:-1], "a quote is not closed"),
        (a_line(time="31/Feb/2026:09:00:00 +0000"), "the time is not one"),
        (a_line(time="12/Jan/2026:09:00:00 +9z00"), "the time is not one"),
        (a_line(status=20), "not a line of an access log"),
        (a_line() + "x" * 70_000 + '"', "line too long"),
    ],
)
def test_what_cannot_be_read_is_rejected_with_its_line(line: str, reason: str) -> None:
    rows, rejected = read(a_line(), line, a_line())
    assert len(rows) == 2
    assert [(r.reason, r.location) for r in rejected] == [(reason, "2")]


def test_bytes_that_are_not_utf8_spoil_neither_their_line_nor_the_others() -> None:
    odd = a_line("bob").encode().replace(b"/news", b"/ne\xffws")
    rows, rejected = read(a_line("ann"), odd, a_line("zoë"), a_line("cy"))
    assert {r["person"] for r in rows} == {"ann", "bob", "zoë", "cy"}
    assert rejected == []


def test_line_numbers_go_on_from_block_to_block() -> None:
    with lines_of() as reader:
        reader.read(b"\n".join([a_line().encode()] * 3))
        reader.read(b"rubbish\n" + a_line().encode())
        rows, rejected, _ = reader.take()
        assert (rows.num_rows, [r.location for r in rejected]) == (4, ["4"])
        reader.read(b"rubbish")
        assert [r.location for r in reader.take()[1]] == ["1"]


words = st.text(st.characters(codec="ascii", exclude_characters='"\\[]\n\r', exclude_categories=["Cc"]), max_size=12)


@settings(max_examples=40, deadline=None)
@given(
    user=st.sampled_from(["-", "ann", r"D\bob", "x@y"]), host=st.sampled_from(["10.0.0.1", "a.example:443 ::1"]),
    page=words, agent=words, status=st.integers(100, 599), tail=st.sampled_from(["", " 12", ' "10.1.1.1"', "\r"]),
)  # fmt: skip
def test_both_ways_of_reading_mean_the_same(*, user: str, host: str, page: str, agent: str, status: int, tail: str) -> None:
    line = a_line(user, host=host, request=f"GET /{page} HTTP/1.1", agent=agent, status=status) + tail
    # A byte that is not UTF-8 in a field that is not kept sends the same line through the exact grammar.
    exact = line.encode().replace(b'"-"', b'"\xff"', 1)
    (quick, none), (slow, nor) = read(line), read(exact)
    assert quick == slow
    assert (len(quick), none, nor) == (1, [], [])


# ----------------------------------------------------------------------------------------------------------- halves
def half(name: str, rows: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'; create schema landing")
        con.register("given", rows)
        con.execute("create table landing.intranet_requests as select * replace (encode(person) as person) from given")
        return con.execute((FOLDER / f"{name}.sql").read_text()).fetchall()


def test_reading_a_page_is_an_act_and_fetching_a_picture_is_not() -> None:
    [bulk] = pull(FOLDER / "samples" / "access.log")
    acts = half("acts", bulk.rows)
    assert [(person, verb, page) for person, _, verb, page in acts] == [
        (b"awen.pryce", "read", "/news/new-pay-offer"), (b"bran.oduya", "read", "/how-to/claim travel"),
        (b"dewi.okoro", "read", "/hr/leave"), (b"cerys.lund", "read", "/news/new-pay-offer"),
    ]  # fmt: skip


def test_lines_without_a_person_are_counted_by_the_hour() -> None:
    [bulk] = pull(FOLDER / "samples" / "access.log")
    counts = {(measure, level, when.hour): n for measure, level, _, when, n in half("counts", bulk.rows)}
    assert counts == {("requests", "organisation", 9): 4, ("page_views", "organisation", 9): 1}


# -------------------------------------------------------------------------------------------------------- real logs
@pytest.mark.real
def test_a_real_log_is_read_to_the_last_line(real_data: Path) -> None:
    [bulk] = pull(real_data / "sources/access_logs/apache_combined_1-5000.log")
    days = Counter(moment.date().isoformat() for moment in bulk.rows.column("seen_at").to_pylist())
    assert days == {"2015-05-19": 475, "2015-05-18": 2893, "2015-05-17": 1632}
    assert (bulk.rows.num_rows, len(bulk.rejected), bulk.rows.column("person").null_count) == (5000, 0, 5000)
    assert sum(n for measure, *_, n in half("counts", bulk.rows) if measure == "requests") == 5000
