"""The simulated department: the same bytes each time, recorded shapes, vendors' manners over real HTTP."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import stat
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import requests
from pydantic import ValidationError

from pipeline.problems import ConfigError
from pipeline.simulate.build import build, digest
from pipeline.simulate.clock import Clock, bank_holidays
from pipeline.simulate.department import ANCHOR, Department
from pipeline.simulate.network import converse
from pipeline.simulate.serve import serve
from pipeline.simulate.spread import imagine

SMALL = Department(staff=120, weeks=3, messages=900, log_lines=8000, statements=1200, faults={"duplicates": 0})
REQUEST = r'"[A-Z]+ (?P<path>\S+) HTTP/1\.[01]" \d{3} (\d+|-) "[^"]*" "(?P<agent>[^"]*)"$'
LINE = re.compile(r"^[\d.]+ - (?P<user>\S+) \[(?P<at>[^]]+)] " + REQUEST)
QUESTIONS = "/graph/v1.0/communications/getAllOnlineMeetingMessages?$expand=conversation"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small department in `demo` and its truth in `truth`."""
    place = tmp_path_factory.mktemp("simulated")
    build(SMALL, place / "demo", truth=place / "truth")
    return place


@pytest.fixture(scope="module")
def ask(made: Path) -> Iterator[Any]:
    """GET with the credentials of the source that the path belongs to."""
    secret = {name: (made / "demo/secrets" / name).read_text().strip() for name in ("yammer", "webchat", "training")}
    with serve(made / "demo") as server, requests.Session() as session:

        def get(target: str, **options: Any) -> requests.Response:
            if target.startswith("/xAPI"):
                sent = {"X-Experience-API-Version": "1.0.3"}
                options = {"auth": ("tidemark", secret["training"]), "headers": sent, **options}
            else:
                token = secret["yammer" if target.startswith("/yammer") else "webchat"]
                options = {"headers": {"Authorization": f"Bearer {token}"}, **options}
            return session.get(server.url + target, timeout=10, **options)

        yield get


def served(made: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (made / f"demo/served/{name}.jsonl").read_text("utf-8").splitlines()]


def truth(made: Path, name: str) -> Any:
    content = json.loads((made / f"truth/{name}.json").read_text("utf-8"))
    if "columns" not in content:
        return content
    return [dict(zip(content["columns"], row, strict=True)) for row in content["rows"]]


def logs(made: Path) -> dict[str, list[str]]:
    raw = {path.name: path.read_bytes() for path in sorted((made / "demo/intranet").iterdir())}
    unpacked = {name: gzip.decompress(content) if name.endswith("gz") else content for name, content in raw.items()}
    return {name: content.decode().splitlines() for name, content in unpacked.items()}


def test_the_calendar_is_fixed_by_the_seed_and_sizes_scale() -> None:
    department = Department()
    assert (department.first_day, department.last_day) == (date(2025, 1, 13), date(2026, 7, 12))
    for other in (Department(seed=seed, weeks=3) for seed in range(30)):
        assert ((other.today - ANCHOR).days % 28, other.first_day.weekday()) == (0, 0)
    clock = Clock(department)
    good_friday, summer = ((day - department.first_day).days for day in (date(2026, 4, 3), date(2026, 6, 1)))
    assert datetime.fromtimestamp(int(clock.instant(summer, 9 * 3600)), UTC).hour == 8
    assert (clock.working[good_friday], clock.working[summer]) == (False, True)
    half = Department(staff=1500, weeks=39)
    assert (half.messages, half.log_lines, half.statements, half.champion_count) == (12_500, 250_000, 11_250, 35)
    with pytest.raises(ValidationError):
        Department(staff=50, teams=40)


def test_bank_holidays_are_those_of_england_and_wales_all_year() -> None:
    days = ((1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26))
    assert bank_holidays(2025) == [date(2025, month, day) for month, day in days]
    christmas = {year: [day.day for day in bank_holidays(year) if day.month == 12] for year in (2020, 2021, 2022, 2026)}
    assert christmas == {2020: [25, 28], 2021: [27, 28], 2022: [27, 26], 2026: [25, 28]}


def test_the_same_seed_gives_the_same_bytes_in_another_process_and_another_seed_does_not(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from pipeline.simulate import build, department; place = pathlib.Path(sys.argv[1])\n"
        "build.build(department.Department.model_validate_json(sys.argv[2]), place / 'demo', truth=place / 'truth')"
    )
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        given = SMALL.model_copy(update={"seed": seed}).model_dump_json()
        surroundings = {**os.environ, "PYTHONHASHSEED": str(ord(name)), "PYTHONPATH": str(Path(__file__).parents[1])}
        subprocess.run([sys.executable, "-c", code, str(tmp_path / name), given], check=True, env=surroundings)
    made = sorted(tmp_path.iterdir())
    files = [{p.relative_to(d): p.read_bytes() for p in d.rglob("*") if p.is_file()} for d in made]
    assert files[0] == files[1]
    alike = {name for name, content in files[0].items() if content in files[2].values()}
    # Nothing went wrong in either, and neither has a whole block of 28 days.
    assert alike <= {Path("truth/faults.json"), Path("truth/effect.json")}


def test_a_build_is_made_once_anew_if_unfinished_and_never_over_other_files(tmp_path: Path) -> None:
    demo, beside, said = tmp_path / "demo", tmp_path / "truth", list[str]()
    build(SMALL, demo, truth=beside, progress=said.append)
    assert len(said) > 3
    before = (demo / "key").stat().st_mtime_ns
    build(SMALL, demo, truth=beside, progress=said.append)
    assert said[-1] == "the simulated department is there already"
    assert (demo / "key").stat().st_mtime_ns == before
    (demo / "made-by-the-simulator").write_text("unfinished\n")
    with pytest.raises(ConfigError, match="no finished"):
        serve(demo)
    build(SMALL, demo, truth=beside)
    assert (demo / "made-by-the-simulator").read_text().strip() == digest(SMALL)
    with pytest.raises(ConfigError, match="not made by the simulator"):
        build(SMALL, tmp_path, truth=tmp_path / "else")
    assert {path.name for path in tmp_path.iterdir()} == {"demo", "truth"}


def test_settings_name_every_source_follow_the_port_and_keep_secrets_in_files(made: Path) -> None:
    demo = made / "demo"
    with serve(demo) as server:
        settings = tomllib.loads((demo / "tidemark.toml").read_text("utf-8"))
        assert requests.post(f"{server.url}/yammer/messages.json", timeout=5).status_code == 405
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=5)
    assert settings["tidemark"]["today"] == SMALL.today
    assert len(bytes.fromhex((demo / settings["tidemark"]["key_file"]).read_text())) == 32
    connectors = settings["connectors"]
    assert set(connectors) == {
        "directory", "events_register", "champions_register", "absence_register", "survey_csv", "yammer", "intranet", "webchat",
        "training",
    }  # fmt: skip
    assert {c["url"].rpartition("/")[0] for c in connectors.values() if "url" in c} == {server.url}
    found = {name: c[key] for name, c in connectors.items() for key in ("files", "transcripts", "file", "responses") if key in c}
    assert [any(demo.glob(pattern)) for pattern in found.values()] == [True] * 7
    assert {stat.S_IMODE(path.stat().st_mode) for path in (demo / "key", *(demo / "secrets").iterdir())} == {0o600}


def test_as_much_is_written_as_was_asked_for_and_some_of_it_names_somebody(made: Path) -> None:
    messages = served(made, "yammer_messages")
    assert (len(messages), len(served(made, "xapi_statements"))) == (SMALL.messages, SMALL.statements)
    assert sum(map(len, logs(made).values())) == SMALL.log_lines
    first = made / f"demo/directory/staff-{SMALL.first_day}.csv"
    assert len(first.read_text("utf-8").splitlines()) - 1 == SMALL.staff
    text = "\n".join(m["body"]["plain"] for m in messages)
    strings = truth(made, "strings")
    assert min(sum(s in text for s in strings[kind]) for kind in ("names", "emails", "phones")) >= 3


def test_directories_tell_of_joiners_leavers_and_movers(tmp_path: Path) -> None:
    department = Department(staff=600, weeks=13, messages=600, log_lines=2000, statements=300, survey={"waves": 0})
    build(department, tmp_path / "demo", truth=tmp_path / "truth")
    paths = sorted((tmp_path / "demo/directory").iterdir())
    tables = [list(csv.DictReader(path.read_text("utf-8-sig").splitlines())) for path in paths]
    seen = [{row["staff_id"]: row for row in table} for table in tables]
    first, last = seen[0], seen[-1]
    joined, gone = set(last) - set(first), set(first) - set(last)
    assert min(len(joined), len(gone)) > 0
    assert any(last[p]["team"] != first[p]["team"] for p in set(first) & set(last))
    for person in gone:
        week = next(n for n, table in enumerate(seen) if person not in table)
        left = date.fromisoformat(seen[week - 1][person]["left_on"])
        assert department.day(7 * week - 7) <= left < department.day(7 * week)
    assert {path.read_bytes()[:3] == b"\xef\xbb\xbf" for path in paths} == {False, True}


def test_the_habit_spreads_from_champions_to_contacts_and_lags_where_it_should() -> None:
    department = Department()
    world = imagine(department)
    state, home = world.spread, world.people.team_directorate[world.people.team]
    peers = [p for p, how in enumerate(state.how) if how == "peer"]
    assert len(peers) > 5 * state.champion.sum()
    assert all(state.taken_up[state.source[p]] < state.taken_up[p] for p in peers)
    taken = state.taken_up < department.days
    assert taken[state.champion].mean() > 0.9
    slow, others = np.isin(home, state.lagging), ~np.isin(home, [*state.lagging, *state.quiet_directorates])
    assert taken[slow].mean() < 0.75 * taken[others].mean()
    late = state.active(world.people, department.days, world.away)[:, state.quiet_from :]
    quiet = state.quiet_team[world.people.team]
    assert late[quiet].mean() < 0.1 * late[others & ~quiet].mean()
    assert state.active(world.people, department.days, world.away)[world.away].sum() == 0


def test_the_conversation_is_varied_private_in_places_and_partly_unanswered() -> None:
    messages = converse(imagine(Department(weeks=26, messages=12_000))).messages
    assert len({m.said.text for m in messages}) > 5000
    kinds = Counter(m.kind for m in messages)
    assert set(kinds) == {"public", "direct", "private group", "union", "staff network", "system", "bot"}
    assert 0.8 < kinds["public"] / len(messages) < 0.92
    public = [m for m in messages if m.kind == "public"]
    assert 0.01 < np.mean([m.said.language == "cy" for m in public]) < 0.08
    assert {-1, 0, 1} == {m.said.tone for m in public}
    assert 0.15 < np.mean([m.answers == 0 for m in public if m.reply_to < 0]) < 0.6
    assert all(messages[m.reply_to].at <= m.at for m in messages if m.reply_to >= 0)
    waits = sorted(m.at - messages[m.thread].at for m in public if m.reply_to >= 0)
    assert 600 < waits[len(waits) // 2] < 2 * 86_400
    assert any(m.mention >= 0 for m in public)


def test_the_truth_dates_adopters_on_their_third_day(made: Path) -> None:
    staff = {row["yammer_id"]: row["staff_id"] for row in truth(made, "people")}
    hidden = {row["id"] for row in truth(made, "messages") if row["kind"] != "public"}
    days: dict[str, set[date]] = {}
    for message in served(made, "yammer_messages"):
        if message["id"] not in hidden and message["sender_id"] in staff:
            at = datetime.strptime(message["created_at"], "%Y/%m/%d %H:%M:%S %z").astimezone(ZoneInfo("Europe/London"))
            days.setdefault(staff[message["sender_id"]], set()).add(at.date())
    third = {person: sorted(found)[2] for person, found in days.items() if len(found) > 2}
    adopted = {person: date.fromisoformat(day) for person, day in truth(made, "adopted").items()}
    assert all(adopted[person] <= day for person, day in third.items())
    assert sum(adopted[person] == day for person, day in third.items()) > 0.7 * len(third) > 0


def test_access_logs_hold_what_real_ones_do(made: Path) -> None:
    files = logs(made)
    names = [f"access-{SMALL.day(7 * week)}.log" for week in range(3)]
    assert list(files) == [f"{names[0]}.gz", *names[1:]]
    lines = [line for content in files.values() for line in content]
    read = [found for line in lines if (found := LINE.match(line))]
    assert len(lines) - len(read) == truth(made, "intranet")["unreadable"] >= 1
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


def test_transcripts_read_like_chats(made: Path) -> None:
    logins = {row["login"] for row in truth(made, "people")}
    hosts = tomllib.loads((made / "demo/tidemark.toml").read_text("utf-8"))["connectors"]["webchat"]["hosts"]
    [path] = (made / "demo/webchat").glob("chat-????-??-??.txt")
    text = path.read_text("utf-8")
    said = re.findall(r"^\[(\d\d:\d\d)] <([^>?]+)> (.+)$", text, re.M)
    assert {nick for _, nick, _ in said} <= logins
    assert [at for at, _, _ in said] == sorted(at for at, _, _ in said)
    toward = {words.split(":")[0] for _, nick, words in said if nick in hosts}
    assert set() < toward <= logins
    assert re.search(r"^=== \S+ has joined #chat$", text, re.M)
    assert re.search(r"^\[\d\d:\d\d] \* \S+ waves$", text, re.M)


def test_yammer_pages_newest_first_twenty_at_most_and_lies_about_more(ask: Any, made: Path) -> None:
    ids = sorted((m["id"] for m in served(made, "yammer_messages")), reverse=True)
    seen: list[int] = []
    while True:
        page = ask("/yammer/messages.json?limit=50" + (f"&older_than={seen[-1]}" if seen else "")).json()
        assert not page["meta"]["older_available"]
        assert page["meta"]["realtime"]["authentication_token"]
        if not page["messages"]:
            break
        known = {(r["type"], r["id"]) for r in page["references"]}
        assert all(("group", m["group_id"]) in known for m in page["messages"] if m.get("group_id"))
        assert [m["id"] for m in page["messages"]] == ids[len(seen) : len(seen) + 20]
        seen += [m["id"] for m in page["messages"]]
    assert seen == ids
    assert [m["id"] for m in ask(f"/yammer/messages.json?newer_than={ids[3]}").json()["messages"]] == ids[:3]


def test_yammer_lists_accounts_and_groups_by_page_and_refuses_a_wrong_token(ask: Any, made: Path) -> None:
    pages = [ask(f"/yammer/users.json?page={n}").json() for n in (1, 2, 3, 4)]
    assert (len(pages[0]), len(pages[-1])) == (50, 0)
    assert [user for page in pages for user in page] == served(made, "yammer_users")
    assert {g["privacy"] for g in ask("/yammer/groups.json").json()} == {"public", "private"}
    assert ask("/yammer/users.json", headers={"Authorization": "Bearer guess"}).status_code == 401
    assert ask("/yammer/nothing.json").status_code == 404


def test_graph_links_without_host_or_version_and_expands_on_request(ask: Any, made: Path) -> None:
    found, target = [], QUESTIONS
    while target:
        page = ask(target).json()
        found += page["value"]
        link = page.get("@odata.nextLink")
        assert link is None or link.startswith("/communications/")
        target = f"/graph/v1.0{link}" if link else ""
    assert found == served(made, "graph_questions")
    assert {q["conversation"]["moderationState"] for q in found} == {"published", "pendingReview", "dismissed"}
    assert any(q.get("isPrivateReply") for q in found)
    assert {q["replyToId"] for q in found if q["replyToId"]} <= {q["id"] for q in found if q["replyToId"] is None}
    assert "conversation" not in ask(QUESTIONS.partition("?")[0]).json()["value"][0]
    assert ask(QUESTIONS.replace("/v1.0", "")).status_code == 400
    assert ask(QUESTIONS, headers={}).status_code == 401


def test_the_lrs_pages_by_stored_may_end_with_an_empty_page_and_wants_its_header(ask: Any, made: Path) -> None:
    stored = served(made, "xapi_statements")
    voided = {s["object"]["id"] for s in stored if s["verb"]["id"].endswith("/voided")}
    expected = [s["id"] for s in stored if s["id"] not in voided]
    assert len(expected) < len(stored)

    def read(query: str) -> tuple[list[str], list[int]]:
        found, sizes, target = [], [], f"/xAPI/statements?{query}"
        while target:
            page = ask(target).json()
            found += [s["id"] for s in page["statements"]]
            sizes.append(len(page["statements"]))
            target = page["more"]
        return found, sizes

    assert read("ascending=true&limit=1000")[0] == expected
    assert read("")[0] == expected[::-1]
    by_id = {s["id"]: s["stored"] for s in stored}
    window = f"since={by_id[expected[99]]}&until={by_id[expected[299]]}"
    assert read(f"ascending=true&limit=50&{window}") == (expected[100:300], [50, 50, 50, 50, 0])
    assert 0 < len(read("verb=http://adlnet.gov/expapi/verbs/completed")[0]) < len(expected)
    assert ask("/xAPI/statements", headers={}).status_code == 400
    assert ask("/xAPI/statements", auth=("tidemark", "guess")).status_code == 401
    assert {ask(f"/xAPI/statements?{query}").status_code for query in ("sort=asc", "since=yesterday")} == {400}


@pytest.mark.real
def test_yammer_payloads_have_recorded_keys(made: Path, real_data: Path) -> None:
    recorded = {path.stem: json.loads(path.read_text("utf-8")) for path in (real_data / "sources/yammer").iterdir()}
    one, other = recorded["yam_message"], recorded["yam_messages_in_thread"]["messages"][0]
    allowed, bodies = set(one) | set(other), set(one["body"]) | set(other["body"])
    for message in served(made, "yammer_messages"):
        assert set(one) - {"group_id"} <= set(message) <= allowed
        assert set(message["body"]) <= bodies
        assert set(message["liked_by"]) == set(one["liked_by"])
    profiles = [recorded["yam_user"], *recorded["ssy_yammer-users"]]
    for user in served(made, "yammer_users"):
        assert set.intersection(*map(set, profiles)) <= set(user) <= set.union(*map(set, profiles))
        assert set(user["contact"]) <= set(profiles[0]["contact"])
    [group] = recorded["ssy_yammer-groups"]
    assert all(set(g) == set(group) and set(g["stats"]) == set(group["stats"]) for g in served(made, "yammer_groups"))


@pytest.mark.real
def test_statements_and_log_lines_have_recorded_shapes(made: Path, real_data: Path) -> None:
    with gzip.open(real_data / "sources/xapi/fun_mooc_statements_1-11000.jsonl.gz", "rt", encoding="utf-8") as file:
        recorded = [json.loads(line) for line in file]
    simulated = served(made, "xapi_statements")
    added = {"stored", "authority", "version"}
    assert {key for s in simulated for key in s} == {key for s in recorded for key in s} | added
    assert {s["verb"]["id"] for s in recorded} <= {s["verb"]["id"] for s in simulated}
    real = (real_data / "sources/access_logs/apache_combined_1-5000.log").read_text("utf-8").splitlines()
    assert sum(LINE.match(line) is not None for line in real) > 0.97 * len(real)
