"""Each mechanism of the simulated department leaves its trace on the wire, and the truth tells of it."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.problems import ConfigError
from pipeline.simulate import chats, learning
from pipeline.simulate.activity import Activity, activity
from pipeline.simulate.cascade import lessons
from pipeline.simulate.department import Department, parameters
from pipeline.simulate.effect import Writing, effect, write_twice
from pipeline.simulate.intranet import Reading
from pipeline.simulate.network import Network, converse
from pipeline.simulate.plan import stirred_from
from pipeline.simulate.spread import World, imagine
from tests.departments import Made, make

CALM = Department(
    staff=400, weeks=30, messages=8000, log_lines=20_000, statements=2500,
    silence={"from_week": 20, "teams": 3}, replies={"median_hours": 3, "unanswered": 0.3}, texts={"positive": 0.6, "welsh": 0.1},
)  # fmt: skip
@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("calm"), CALM)


# ------------------------------------------------------------------------------------------------------- parameters
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("staf = 300", "staf"), ("staff = 20", "staff"), ("staff = 200000", "staff"), ('staff = "many"', "staff"),
        ("[spread]\nreproducton = 2", "spread.reproducton"), ("[spread]\nnever_willing = 1.5", "spread.never_willing"),
        ("weeks = 30\n[silence]\nfrom_week = 30", "silence.from_week"),
        ("[champions]\nassignment = 'volunteers'", "champions.assignment"),
        ("[[faults.outages]]\nsource = 'yamer'\nfrom_week = 1\nto_week = 2", "faults.outages.0.source"),
        ("[[faults.outages]]\nsource = 'network'\nfrom_week = 3\nto_week = 2", "to_week is before from_week"),
        ("[silence]\ndirectorates = 6", "silence.directorates"), ("[survey]\ncapability = [101]", "survey.capability.0"),
        ("[champions]\nnumber = 2000", "champions.number"), ("staff = = 3", "not TOML"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named_with_its_file(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "world.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"world\.toml") as refused:
        parameters(file)
    assert told in str(refused.value)


def test_parameters_are_read_and_what_is_chosen_beside_them_wins(tmp_path: Path) -> None:
    file = tmp_path / "world.toml"
    file.write_text("staff = 500\nweeks = 20\n[spread]\nreproduction = 1.5\n[faults.lag_days]\nnetwork = 2\n")
    read = parameters(file, staff=None, seed=9, weeks=30)
    assert (read.staff, read.weeks, read.seed, read.spread.reproduction) == (500, 30, 9, 1.5)
    assert read.shown_until("network") == read.days - 2
    assert parameters(None) == Department()
    with pytest.raises(ConfigError, match="cannot be read"):
        parameters(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match="the department: weeks"):
        parameters(None, weeks=0)


def test_the_verb_makes_the_department_and_its_truth_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "world.toml"
    file.write_text("messages = 300\nlog_lines = 1000\nstatements = 200\n[texts]\nlabelled = 0\n")
    asked = ["simulate", str(tmp_path / "made"), "--parameters", str(file), "--staff", "120", "--weeks", "3", "--seed", "9"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    truth = json.loads((tmp_path / "made-truth/department.json").read_text())
    assert (truth["staff"], truth["weeks"], truth["seed"], truth["messages"]) == (120, 3, 9, 300)
    assert (tmp_path / "made/tidemark.toml").is_file()


def test_the_example_in_the_docs_is_a_department_and_every_key_is_told() -> None:
    page = (Path(__file__).parents[1] / "docs/simulated-department.md").read_text()
    [example] = re.findall(r"```toml\n(.*?)```", page, re.S)
    Department.model_validate(tomllib.loads(example))
    for name, field in Department.model_fields.items():
        inner = getattr(field.annotation, "model_fields", {})
        for key in inner or {name: field}:
            assert f"`{key}`" in page, f"{name}.{key}"


# ------------------------------------------------------------------------------------------------------- what happens
def test_the_tree_is_told_and_only_broadcasts_means_that_nobody_wins_anybody_over(calm: Made) -> None:
    tree = calm.truth("spread", "taken_up")
    begun = {row["staff_id"]: row["day"] for row in tree}
    assert all(begun[row["because_of"]] < row["day"] for row in tree if row["because_of"])
    won = Counter(row["because_of"] for row in tree if row["because_of"])
    assert {row["staff_id"]: row["won_over"] for row in tree if row["won_over"]} == dict(won)
    windows = calm.truth("spread", "windows")
    inside = [row for row in tree if row["day"] >= windows[0]["start"]]
    assert sum(row["peer"] for row in windows) == sum(row["how"] == "peer" for row in inside) > 30
    world = imagine(Department(staff=600, weeks=40, spread={"only_broadcasts": True, "broadcast_share": 0.02}))
    assert len(world.spread.broadcasts) > 10
    assert set(world.spread.how) == {"", "champion", "broadcast"}


def test_generations_and_offspring_are_as_the_parameters_say() -> None:
    department = Department(
        staff=20_000, weeks=60, silence={"directorates": 0, "teams": 0}, champions={"wins": 1, "number": 200},
        spread={
            "begins_week": 0, "never_willing": 0, "lagging": 1, "reproduction": 0.9, "dispersion": 0.5, "alone_a_year": 0.01,
            "pioneers": 0,
        },
        absence={"days_a_year": 0, "long_share": 0, "no_computer": 0},
    )  # fmt: skip
    world = imagine(department)
    state = world.spread
    early = np.flatnonzero((state.taken_up < department.days - 90) & (world.people.left > department.days))
    won = np.bincount(state.source[state.source >= 0], minlength=len(state.how))[early]
    assert len(early) > 500
    assert 0.75 < won.mean() < 0.95  # some attempts meet somebody who takes part already, or has left
    assert won.var() > 1.8 * won.mean()  # the negative binomial's k is small
    peers = np.flatnonzero(state.source >= 0)
    waits = state.taken_up[peers] - state.taken_up[state.source[peers]]
    assert abs(np.mean(waits) - 20.7) < 1.5  # 20 days and the way to the next working day
    assert 9 < np.std(waits) < 13


def test_what_somebody_silent_writes_and_nobody_silent_is_nobody(calm: Made) -> None:
    silent = calm.truth("silence")
    assert len(silent["teams"]) > 3
    weeks, teams = calm.truth("memberships", "weeks"), calm.truth("memberships", "teams")
    home = {p: teams[t] for p, t in weeks[calm.department.first_day.isoformat()].items()}
    said = Counter()
    for row in calm.truth("messages"):
        if row["kind"] == "public" and row["sender"] in home and row["purpose"] != "announcement":
            said[home[row["sender"]] in silent["teams"], row["at"][:10] >= silent["from"]] += 1
    assert said[True, False] > 150
    assert said[True, True] / (10 * 7) < 0.2 * said[True, False] / (20 * 7)
    assert said[False, True] > said[False, False] * 0.4
    world = imagine(Department(staff=400, weeks=30, silence={"directorates": 0, "teams": 0}))
    assert not world.spread.quiet_team.any()


def test_whoever_is_away_neither_writes_nor_reads_nor_learns(calm: Made) -> None:
    [register] = calm.rows("registers/absences.csv")
    away = {(row["staff_id"], row["from"], row["why"]) for row in calm.truth("absences")}
    assert {(row["person"], row["from"], row["why"]) for row in register} == away
    assert {"leave", "sick", "no computer"} <= {why for _, _, why in away}
    absent: set[tuple[str, date]] = set()
    for row in calm.truth("absences"):
        first, last = date.fromisoformat(row["from"]), date.fromisoformat(row["to"])
        absent |= {(row["staff_id"], first + timedelta(n)) for n in range((last - first).days + 1)}
    logins = {row["login"]: p for p, row in calm.people.items()}
    network = {row["yammer_id"]: p for p, row in calm.people.items() if row["yammer_id"]}
    read = {(logins[user], day) for user, day in calm.readers if user in logins}
    wrote = {(network[m["sender_id"]], calm.written_on(m)) for m in calm.messages if m["sender_id"] in network}
    assert len(read) > 1000
    assert len(wrote) > 1000
    assert not absent & read
    assert not absent & wrote


def test_first_replies_come_when_the_truth_says(calm: Made) -> None:
    told = {row["thread"]: row for row in calm.truth("replies", "waits")}
    first: dict[int, float] = {}
    at = {m["id"]: datetime.strptime(m["created_at"], "%Y/%m/%d %H:%M:%S %z").timestamp() for m in calm.messages}
    for message in sorted(calm.messages, key=lambda m: at[m["id"]]):
        opened = told.get(message["thread_id"])
        if opened and message["id"] != message["thread_id"] and message["sender_id"] != calm.people[opened["opener"]]["yammer_id"]:
            first.setdefault(message["thread_id"], (at[message["id"]] - at[message["thread_id"]]) / 3600)
    assert first == pytest.approx({thread: row["wait_hours"] for thread, row in told.items() if row["seen"]})
    assert abs(np.mean([row["wait_hours"] is None for row in told.values()]) - 0.3) < 0.04
    quick = np.median([row["wait_hours"] for row in told.values() if row["wait_hours"]])
    assert 2.5 < quick < 6
    assert quick < calm.truth("replies")["median_hours"]


def test_texts_are_as_glad_and_as_welsh_as_was_asked_for(calm: Made) -> None:
    tone = calm.truth("tone")
    assert abs(tone["share"] - 0.6) < 0.03
    assert abs(tone["welsh_share"] - 0.1) < 0.04
    posts = calm.truth("tone", "labelled")
    meant = {row["id"]: row["tone"] > 0 for row in calm.truth("messages")}
    assert len(posts) == 200
    assert [meant[post["message"]] for post in posts] == [post["positive"] for post in posts]
    called = tone["confusion"]
    assert called["positive"] + called["other"] == len(posts)
    assert called["positive_found"] == sum(post["positive"] and post["tone"] >= tone["positive_from"] for post in posts) > 0
    assert tone["share_of_scored"] == pytest.approx(called["positive"] / len(posts), abs=0.12)


def test_champions_are_registered_and_their_sessions_on_record(calm: Made) -> None:
    [register] = calm.rows("registers/champions.csv")
    emails = {p: row["email"] for p, row in calm.people.items()}
    champions = {emails[row["staff_id"]]: row["begins"] for row in calm.truth("cascade", "champions")}
    assert {row["person"]: row["from"] for row in register} == champions
    assert len(champions) == CALM.champion_count
    held = Counter((row["champion"], row["colleague"]) for row in calm.truth("cascade", "sessions") if row["held"])
    seen = Counter((row["instructor"], row["learner"]) for row in calm.truth("learning") if row["instructor"])
    assert held == seen
    assert max(Counter(champion for champion, _ in held).values()) <= CALM.champions.colleagues


def test_the_effect_of_champions_is_what_was_chosen_and_spills_over_where_asked() -> None:
    def direct(**champions: Any) -> tuple[float, float]:
        world = imagine(Department(staff=600, weeks=40, messages=3000, champions={"wins": 0, **champions}))
        found = effect(world, write_twice(world, converse(world)))
        blocks = np.array(world.department.blocks)
        came = found.since[:, None] <= blocks
        spill = (found.since >= world.department.days)[:, None] & (blocks > 7 * 25)
        shares = (found.active - found.unstirred) / np.maximum(found.people, 1)
        return float(shares[came].mean()), float(shares[np.broadcast_to(spill, shares.shape)].mean())

    none, some, wide = direct(effect=0.0), direct(effect=0.3), direct(effect=0.3, spillover=0.5)
    assert none == (0, 0)
    assert 0.1 < some[0] < 0.3
    assert some[1] < 0.001  # whoever moves to a champion's team within a block counts for the team they leave
    assert wide[1] > 0.01


def told_twice(**champions: Any) -> tuple[World, Network, Writing, Activity]:
    """A department with its network, what is expected to be written in it and without champions, and what else is done."""
    world = imagine(Department(staff=600, weeks=40, messages=6000, spread={"begins_week": 20}, champions=champions))
    talk, taught = converse(world), lessons(world)
    webchats = chats.hold(world, talk, "webchats", 0.45, 45)
    events, written = learning.study(world, taught), write_twice(world, talk)
    reading = Reading(sittings=np.full((len(world.people), len(world.department.blocks)), 0.5))
    return world, talk, written, activity(world, talk, written, webchats, [], taught, events, reading)


def test_before_champions_begin_the_world_without_them_is_the_same_world() -> None:
    world, _, written, active = told_twice(effect=0.3)
    before = np.array(world.department.blocks) + 28 <= world.department.begins
    assert before.sum() >= 3
    assert np.array_equal(written.as_it_was[:, before], written.without[:, before])
    assert np.array_equal(active.anything[:, before], active.without[:, before])
    assert active.anything[:, ~before].sum() > 1.05 * active.without[:, ~before].sum()


def test_without_stirring_winning_over_or_teaching_champions_change_only_what_they_do_themselves() -> None:
    world, _, _, active = told_twice(effect=0.0, wins=0.0, colleagues=0)
    more = (active.anything - active.without).sum(axis=0)
    assert 0 < more.max() <= world.department.champion_count


def test_a_champion_who_moves_stirs_the_new_team_from_then_on() -> None:
    world = imagine(Department(staff=1500, weeks=60, spread={"begins_week": 25}, champions={"number": 300}))
    since, _ = stirred_from(world)
    people, begun = world.people, world.spread.begun
    moved = [(day, person, to) for day, person, to in people.moves if begun[person] < day]
    assert moved
    assert all(since[to] <= day for day, _, to in moved)
    champions = np.flatnonzero(begun < world.department.days)
    seats = people.team_at(champions, begun[champions])
    assert np.array_equal(seats, [people.team_on(int(begun[one]))[one] for one in champions])
    assert not np.array_equal(seats, people.team[champions])
    assert all(since[team] <= begun[one] for one, team in zip(champions, seats, strict=True))


def test_as_many_are_active_as_is_expected(calm: Made) -> None:
    """By team and block, on each measure: what the messages, chats, logs and statements show is drawn around the truth."""
    active = {(row["team"], row["block"]): row for row in calm.truth("activity")}
    weeks, teams = calm.truth("memberships", "weeks"), calm.truth("memberships", "teams")
    first = [date.fromisoformat(block) for block in sorted({block for _, block in active})]
    seen: dict[str, set[tuple[str, date]]] = {"taking_part": set(), "anything": set()}
    logins = {row["login"]: p for p, row in calm.people.items()}
    network = {row["yammer_id"]: p for p, row in calm.people.items() if row["yammer_id"]}
    said = {(row["id"]) for row in calm.truth("messages") if row["kind"] == "public"}
    wrote = {(network[m["sender_id"]], calm.written_on(m)) for m in calm.messages if m["id"] in said and m["sender_id"] in network}
    for kind in ("webchats", "meetings"):
        for chat in calm.truth("chats", kind):
            lines = [dict(zip(chat["columns"], row, strict=True)) for row in chat["rows"]]
            wrote |= {(line["person"], date.fromisoformat(chat["day"])) for line in lines if line["standing"] == "published"}
    done = {(logins[user], day) for user, day in calm.readers if user in logins}
    for row in calm.truth("learning"):
        done |= {(who, date.fromisoformat(row["at"][:10])) for who in (row["learner"], row["instructor"]) if who}
    seen["taking_part"], seen["anything"] = wrote, wrote | done
    for measure, days in seen.items():
        found: Counter[tuple[str, str]] = Counter()
        for block in first:
            roster = weeks[block.isoformat()]
            there = {person for person, day in days if block <= day < block + timedelta(28)} & roster.keys()
            found.update((teams[roster[person]], block.isoformat()) for person in there)
        expected = {key: row[measure] for key, row in active.items()}
        assert sum(found.values()) == pytest.approx(sum(expected.values()), rel=0.05)
        staff = {key: row["people"] for key, row in active.items() if row["people"]}
        chance = {key: np.sqrt(max(expected[key] * (1 - expected[key] / n), 0.2)) for key, n in staff.items()}
        assert np.std([(found[key] - expected[key]) / chance[key] for key in staff]) < 1.1


def test_champions_of_rising_teams_come_from_teams_that_rise() -> None:
    def trend(assignment: str) -> float:
        world = imagine(Department(champions={"assignment": assignment}))
        return float(world.spread.trend[world.people.team[world.spread.champion]].mean())

    assert abs(trend("random")) < 0.25
    assert trend("rising teams") > 0.4


def test_the_survey_holds_what_those_who_answered_think(calm: Made) -> None:
    files = calm.rows("survey/wave-*.csv")
    waves = calm.truth("survey")
    assert len(files) == len(waves) == 2
    for rows, wave in zip(files, waves, strict=True):
        assert len(rows) == wave["responded"]
        assert 0.4 < wave["responded"] / wave["asked"] < 0.6  # 55 % of those who are not away
        answers = [10 * float(row["capability"]) for row in rows if row["capability"]]
        assert abs(np.mean(answers) - wave["capability"]) < 4 * np.std(answers) / np.sqrt(len(answers))
    sums = dict(zip(waves[0]["teams"]["columns"], zip(*waves[0]["teams"]["rows"], strict=True), strict=True))
    assert (sum(sums["staff"]), sum(sums["responded"])) == (waves[0]["asked"], waves[0]["responded"])
    assert np.average(sums["gap"], weights=sums["staff"]) == pytest.approx(waves[0]["home"] - waves[0]["work"])
