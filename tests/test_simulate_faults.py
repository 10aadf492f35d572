"""What goes wrong on the wire of a simulated department: late, lost, twice, unknown, at the wrong time; as the truth says."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.simulate.department import Department
from pipeline.simulate.serve import Server, serve
from tests.departments import LONDON, Made, make

FAULTY = Department(
    staff=400, weeks=10, messages=3000, log_lines=20_000, statements=2500,
    faults={
        "lag_days": {"network": 5, "training": 3, "intranet": 2, "absences": 7}, "duplicates": 0.05, "mismatches": 0.2,
        "clock_seconds": 900, "jump": {"source": "training", "week": 5, "before": 0.3, "after": 0.9},
        "outages": [
            {"source": "network", "from_week": 3, "to_week": 4}, {"source": "intranet", "from_week": 5, "to_week": 5},
            {"source": "directory", "from_week": 2, "to_week": 2}, {"source": "webchat", "from_week": 9, "to_week": 9},
        ],
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("faulty"), FAULTY)


def ids(answer: requests.Response) -> list[Any]:
    return [one["id"] for one in answer.json().get("messages", answer.json().get("statements"))]


def test_a_source_shows_its_records_days_later_and_503_while_it_is_down(faulty: Made) -> None:
    secret = {name: (faulty.place / "demo/secrets" / name).read_text().strip() for name in ("yammer", "training", "webchat")}
    sent = {name: {"Authorization": f"Bearer {word}"} for name, word in secret.items()}
    newest: dict[date, int] = {}
    at = {m["id"]: faulty.written_on(m) for m in faulty.messages}
    for day in (FAULTY.today, FAULTY.today - timedelta(days=10)):
        with serve(faulty.place / "demo", day=day) as server:
            page = requests.get(f"{server.url}/yammer/messages.json", headers=sent["yammer"], timeout=5)
            newest[day] = ids(page)[0]
            assert max(d for d in at.values() if d < day - timedelta(days=5)) == at[newest[day]] < day - timedelta(days=5)
            learnt = requests.get(
                f"{server.url}/xAPI/statements", auth=("tidemark", secret["training"]), timeout=5,
                headers={"X-Experience-API-Version": "1.0.3"},
            )  # fmt: skip
            stored = datetime.fromisoformat(learnt.json()["statements"][0]["stored"])
            assert stored.astimezone(LONDON).date() < day - timedelta(days=3)
            chats = requests.get(f"{server.url}/graph/v1.0/anything", headers=sent["webchat"], timeout=5)
            assert chats.status_code == (503 if day == FAULTY.today else 404)
    with serve(faulty.place / "demo", day=FAULTY.day(7 * 4)) as server:
        assert requests.get(f"{server.url}/yammer/messages.json", headers=sent["yammer"], timeout=5).status_code == 503


def test_the_verb_serves_a_chosen_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the network tells as of a Monday in the middle: nothing of that day or later."""
    world = Department(staff=120, weeks=3, messages=300, log_lines=1000, statements=200)
    (tmp_path / "world.toml").write_text("staff = 120\nweeks = 3\nmessages = 300\nlog_lines = 1000\nstatements = 200\n")
    made, chosen = tmp_path / "made", world.day(7)
    told: list[str] = []

    def ask(server: Server) -> None:
        sent = {"Authorization": f"Bearer {(made / 'secrets/yammer').read_text().strip()}"}
        page = requests.get(f"{server.url}/yammer/messages.json", headers=sent, timeout=5).json()
        told.extend(message["created_at"] for message in page["messages"])

    monkeypatch.setattr(Server, "wait", ask)
    asked = ["simulate", str(made), "--parameters", str(tmp_path / "world.toml"), "--serve", "--day", chosen.isoformat()]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    assert f"as on {chosen}" in done.output
    assert len(told) == 20
    newest = datetime.strptime(max(told), "%Y/%m/%d %H:%M:%S %z").astimezone(LONDON).date()
    assert chosen - timedelta(days=4) < newest < chosen


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (["--day", "2026-06-30"], "give --serve too"), (["--serve", "--day", "30.6.2026"], "does not match"),
        (["--serve", "--day", "2026-06-22"], "choose a day after 2026-06-22"),
        (["--serve", "--day", "2026-07-14"], "up to 2026-07-13"),
    ],
    ids=["nothing is served", "no date", "its first day", "a day it has not come to"],
)  # fmt: skip
def test_a_day_that_cannot_be_served_is_refused_before_anything_is_made(tmp_path: Path, asked: list[str], why: str) -> None:
    done = CliRunner().invoke(app, ["simulate", str(tmp_path / "made"), "--staff", "120", "--weeks", "3", *asked])
    assert done.exit_code != 0
    assert why in " ".join(f"{done.output} {done.exception}".replace("│", " ").split())
    assert not (tmp_path / "made").exists()


def test_of_an_outage_nothing_is_left_and_the_truth_knows_what(faulty: Made) -> None:
    gone = {FAULTY.day(n) for n in range(21, 35)}
    assert not gone & {faulty.written_on(m) for m in faulty.messages}
    lost, kept = set(faulty.truth("faults")["lost_messages"]), {m["id"] for m in faulty.messages}
    every = {row["id"] for row in faulty.truth("messages")}
    assert lost == every - kept
    assert len(lost) > 50
    seen = {day for _, day in faulty.readers}
    assert seen == {FAULTY.day(n) for n in range(70 - 2) if not 35 <= n < 42}
    exports = {path.name for path in (faulty.place / "demo/directory").iterdir()}
    assert f"staff-{FAULTY.day(14)}.csv" not in exports
    assert len(exports) == 9
    assert not any(f"{FAULTY.day(n)}" in path.name for n in range(63, 70) for path in (faulty.place / "demo/webchat").iterdir())


def test_some_records_come_twice_alike_in_everything(faulty: Made) -> None:
    for records in (faulty.messages, faulty.served("xapi_statements")):
        texts = Counter(json.dumps(record) for record in records)
        names = Counter(record["id"] for record in records)
        assert 0.02 < sum(n == 2 for n in names.values()) / len(names) < 0.09
        assert sorted(texts.values()) == sorted(names.values())
    [register] = faulty.rows("registers/absences.csv")
    assert len({tuple(row.values()) for row in register}) < len(register)
    assert max(row["from"] for row in register) < (FAULTY.today - timedelta(days=7)).isoformat()


def test_the_completeness_of_a_source_jumps(faulty: Made) -> None:
    days = [datetime.fromisoformat(s["timestamp"]).date() for s in faulty.served("xapi_statements")[:-5]]
    early = sum(day < FAULTY.day(35) for day in days) / len(days)
    assert 0.15 < early < 0.35  # 30 of 120 %
    assert faulty.truth("faults")["lost_statements"] > 0.25 * FAULTY.statements


def test_accounts_and_clocks_are_off_as_the_truth_says(faulty: Made) -> None:
    unknown = {faulty.people[p]["yammer_id"] for p in faulty.truth("faults")["unknown_accounts"]}
    strange = {
        user["id"] for user in faulty.served("yammer_users")
        if user["contact"]["email_addresses"][0]["address"].endswith("@old.coastal.gov.example")
    }  # fmt: skip
    assert strange == unknown
    assert 0.12 < len(unknown) / len(faulty.served("yammer_users")) < 0.28
    off = {chat["day"]: chat["clock_seconds"] for chat in faulty.truth("chats", "webchats")}
    assert any(abs(seconds) > 120 for seconds in off.values())
    for chat in faulty.truth("chats", "webchats"):
        path = faulty.place / f"demo/webchat/chat-{chat['day']}.txt"
        if path.exists():
            shown = sorted(re.findall(r"^\[(\d\d:\d\d)] <", path.read_text("utf-8"), re.M))
            seconds = sorted(row[1] + chat["clock_seconds"] for row in chat["rows"])
            assert shown == [f"{second // 3600:02d}:{second // 60 % 60:02d}" for second in seconds]
