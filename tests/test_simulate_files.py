"""The files of the simulated department: as much as was asked for, and with everything in it that real ones hold."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from tests.departments import SMALL, Made, make

REQUEST = r'"[A-Z]+ (?P<path>\S+) HTTP/1\.[01]" \d{3} (\d+|-) "[^"]*" "(?P<agent>[^"]*)"$'
LINE = re.compile(r"^[\d.]+ - (?P<user>\S+) \[(?P<at>[^]]+)] " + REQUEST)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("simulated"), SMALL)


def test_as_much_is_written_as_was_asked_for_and_some_of_it_names_somebody(made: Made) -> None:
    messages = made.served("yammer_messages")
    assert (len(messages), len(made.served("xapi_statements"))) == (SMALL.messages, SMALL.statements)
    assert sum(map(len, made.logs.values())) == SMALL.log_lines
    first = made.place / f"demo/directory/staff-{SMALL.first_day}.csv"
    assert len(first.read_text("utf-8").splitlines()) - 1 == SMALL.staff
    text = "\n".join(m["body"]["plain"] for m in messages)
    strings = made.truth("strings")
    assert min(sum(s in text for s in strings[kind]) for kind in ("names", "emails", "phones")) >= 3


def test_access_logs_hold_what_real_ones_do(made: Made) -> None:
    files = made.logs
    names = [f"access-{SMALL.day(7 * week)}.log" for week in range(3)]
    assert list(files) == [f"{names[0]}.gz", *names[1:]]
    lines = [line for content in files.values() for line in content]
    read = [found for line in lines if (found := LINE.match(line))]
    assert len(lines) - len(read) == made.truth("intranet")["unreadable"] >= 1
    assets = sum(bool(re.search(r"\.(css|js|jpg|svg|woff2|ico)(\?|$)", r["path"])) for r in read)
    assert 0.56 < assets / len(lines) < 0.64
    users = Counter(r["user"].count("\\") for r in read if r["user"] not in ("-", "svc-crawler"))
    assert all(users[slashes] > 100 for slashes in (0, 1, 2))
    assert sum(r["user"] == "-" for r in read) > 0.05 * len(read)
    assert any("bot" in r["agent"] for r in read)
    assert all(any(held in r["path"] for r in read) for held in ("%40", "@", "/people/"))
    days = [datetime.strptime(r["at"], "%d/%b/%Y:%H:%M:%S %z").date() for r in read]
    assert set(days) == {SMALL.day(n) for n in range(21)}
    assert sum(day.weekday() > 4 for day in days) < 0.12 * len(days)
    turned = [line for line in files[names[1]] if LINE.match(line)]
    assert f"[{SMALL.day(7):%d/%b/%Y}:04" <= turned[0][turned[0].index("[") :][:15]


def test_transcripts_read_like_chats(made: Made) -> None:
    logins = {row["login"] for row in made.truth("people")}
    hosts = tomllib.loads((made.place / "demo/tidemark.toml").read_text("utf-8"))["connectors"]["webchat"]["hosts"]
    [path] = (made.place / "demo/webchat").glob("chat-????-??-??.txt")
    text = path.read_text("utf-8")
    said = re.findall(r"^\[(\d\d:\d\d)] <([^>?]+)> (.+)$", text, re.M)
    assert {nick for _, nick, _ in said} <= logins
    assert [at for at, _, _ in said] == sorted(at for at, _, _ in said)
    toward = {words.split(":")[0] for _, nick, words in said if nick in hosts}
    assert set() < toward <= logins
    assert re.search(r"^=== \S+ has joined #chat$", text, re.M)
    assert re.search(r"^\[\d\d:\d\d] \* \S+ waves$", text, re.M)


@pytest.mark.real
def test_statements_and_log_lines_have_recorded_shapes(made: Made, real_data: Path) -> None:
    with gzip.open(real_data / "sources/xapi/fun_mooc_statements_1-11000.jsonl.gz", "rt", encoding="utf-8") as file:
        recorded = [json.loads(line) for line in file]
    simulated = made.served("xapi_statements")
    added = {"stored", "authority", "version"}
    assert {key for s in simulated for key in s} == {key for s in recorded for key in s} | added
    assert {s["verb"]["id"] for s in recorded} <= {s["verb"]["id"] for s in simulated}
    real = (real_data / "sources/access_logs/apache_combined_1-5000.log").read_text("utf-8").splitlines()
    assert sum(LINE.match(line) is not None for line in real) > 0.97 * len(real)
