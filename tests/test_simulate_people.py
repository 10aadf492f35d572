"""The people of the simulated department: who joins and leaves, who takes up the habit, and what they say."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from pipeline.simulate.build import build
from pipeline.simulate.department import Department
from pipeline.simulate.network import converse
from pipeline.simulate.spread import imagine
from tests.departments import SMALL, Made, make


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("simulated"), SMALL)


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


def test_the_truth_dates_adopters_on_their_third_day(made: Made) -> None:
    staff = {row["yammer_id"]: row["staff_id"] for row in made.truth("people")}
    hidden = {row["id"] for row in made.truth("messages") if row["kind"] != "public"}
    days: dict[str, set[date]] = {}
    for message in made.served("yammer_messages"):
        if message["id"] not in hidden and message["sender_id"] in staff:
            at = datetime.strptime(message["created_at"], "%Y/%m/%d %H:%M:%S %z").astimezone(ZoneInfo("Europe/London"))
            days.setdefault(staff[message["sender_id"]], set()).add(at.date())
    third = {person: sorted(found)[2] for person, found in days.items() if len(found) > 2}
    adopted = {person: date.fromisoformat(day) for person, day in made.truth("adopted").items()}
    assert all(adopted[person] <= day for person, day in third.items())
    assert sum(adopted[person] == day for person, day in third.items()) > 0.7 * len(third) > 0
