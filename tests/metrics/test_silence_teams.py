"""Quiet teams: heartbeat first, then presence, only then a test; in words that accuse nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pyarrow as pa
import pytest

from pipeline.estimate.silence import ABSENT, NO_HISTORY, NO_OTHERS, NO_WINDOW, TOO_LITTLE
from tests.story import AS_OF, BLOCK, STAFF, World

NEWEST = date.fromisoformat(BLOCK[0])
FIRST = NEWEST - timedelta(days=15 * 28)
FOREVER = date(9999, 12, 31)
TEAMS = tuple(f"T{n:02}" for n in range(12))
PEOPLE = 6


def put(world: World, table: str, columns: str, rows: list[tuple]) -> None:
    """Many rows at once."""
    names = columns.split()
    kinds = {str(r[0]): str(r[1]) for r in world.con.execute(f"describe {table}").fetchall()}
    world.con.register("rows", pa.table({name: [row[n] for row in rows] for n, name in enumerate(names)}))
    chosen = ", ".join(f"encode({n})" if kinds[n] == "BLOB" else f"cast({n} as {kinds[n]})" for n in names)
    world.con.execute(f"insert into {table} ({columns.replace(' ', ', ')}) select {chosen} from rows")
    world.con.unregister("rows")


def crew(team: str) -> list[str]:
    return [f"{team}p{n}" for n in range(PEOPLE)]


def department(
    world: World, *, blocks: int = 16, teams: tuple[str, ...] = TEAMS, acts: Mapping[tuple[str, int], int] | None = None,
    missing: tuple[str, ...] = (), roster: bool = True,
) -> None:  # fmt: skip
    """Teams of 6, the first six in Coast, that post 18 to 30 times a block; `acts` says where not, by team and block."""
    told, rng = acts or {}, np.random.default_rng(1)
    first = NEWEST - timedelta(days=28 * (blocks - 1))
    if roster:
        put(world, "each.people", STAFF, [
            (person, team, "Coast" if team < "T06" else "Hill", first, FOREVER) for team in teams for person in crew(team)
        ])  # fmt: skip
    world.seen("wall", since=str(first), missing=missing)
    posts = []
    for team in teams:
        for block in range(blocks):
            usual = int(rng.integers(18, 31))
            for n in range(told.get((team, block), usual)):
                day = first + timedelta(days=28 * block + 7 * (n % 4) + n % 5)
                if str(day) not in missing:
                    posts.append(("wall", "network", crew(team)[n % PEOPLE], datetime.combine(day, time(12), UTC), "post"))
    put(world, "each.acts", "source channel person happened_at verb", posts)


def stops(team: str, blocks: int = 3, count: int = 0) -> dict[tuple[str, int], int]:
    return {(team, 15 - n): count for n in range(blocks)}


def away(world: World, team: str, share: float, state: str = "absent: leave") -> None:
    """So much of a team is away on every working day of the newest 12 weeks."""
    days = [NEWEST - timedelta(days=56) + timedelta(days=n) for n in range(84)]
    put(world, "each.presence", "source channel person day state", [
        ("hr", "roster", person, day, state) for person in crew(team)[: round(share * PEOPLE)] for day in days if day.weekday() < 5
    ])  # fmt: skip


def flags(world: World, metric: str = "newly_quiet_flag") -> dict[str, tuple[str, float | None, str]]:
    return {f["unit"]: (f["status"], f["value"], f["reason"]) for f in world.figures(metric)}


def counts(world: World, level: str = "organisation", unit: str = "Department") -> dict[str, float | None]:
    return {f["part"]: f["value"] for f in world.figures("quiet_teams_count", unit_level=level, unit=unit)}


def test_a_team_that_stops_is_unusually_quiet_and_no_other(world: World) -> None:
    department(world, acts=stops("T03"))
    told = flags(world)
    assert told.pop("T03") == ("ok", 1, "unusually quiet: almost nothing of what its own history leads to expect")
    assert set(told.values()) == {("ok", 0, "not unusual for its own history")}
    assert len(told) == 11


def test_the_words_give_a_rounded_share_and_never_accuse(world: World) -> None:
    department(world, acts=stops("T03", count=3))
    words = " ".join(reason for _, _, reason in flags(world).values())
    assert "about 10 % of what its own history leads to expect" in words
    for word in ("resist", "people", "person", "disengag"):
        assert word not in words


def test_only_the_newest_block_is_told_once_for_each_team(world: World) -> None:
    department(world)
    found = world.figures("newly_quiet_flag")
    assert {(f["unit_level"], f["period"], str(f["period_start"]), str(f["period_end"]), f["base"]) for f in found} == {
        ("team", "28 days", *BLOCK, PEOPLE)
    }


def test_exposure_is_working_days_on_the_roster_less_days_away(world: World) -> None:
    department(world)
    away(world, "T03", 1 / 6)
    told = {row["team"]: row for row in world.result("staging.team_histories")}
    assert told["T02"]["person_days_by_block"] == [PEOPLE * 20] * 16
    assert told["T03"]["person_days_by_block"] == [PEOPLE * 20] * 13 + [(PEOPLE - 1) * 20] * 3
    assert told["T03"]["away_share"] == pytest.approx(1 / 6)


def days_of(block: int, count: int) -> tuple[str, ...]:
    return tuple(str(FIRST + timedelta(days=28 * block + n)) for n in range(count))


@pytest.mark.parametrize(("count", "left_out"), [(3, False), (4, True)])
def test_a_block_that_was_not_read_on_more_than_three_days_is_left_out(world: World, count: int, left_out: bool) -> None:
    department(world, missing=days_of(5, count))
    days = world.result("staging.team_histories")[0]["person_days_by_block"]
    assert days[5] == (0 if left_out else PEOPLE * (20 - count))
    assert days[:5] + days[6:] == [PEOPLE * 20] * 15


@pytest.mark.parametrize(("blocks", "status"), [(1, "ok"), (2, "not_identifiable")])
def test_an_outage_is_never_silence(world: World, blocks: int, status: str) -> None:
    """Nothing is heard from anybody for 4 or 8 of the newest 12 weeks, because nothing was read."""
    department(world, missing=tuple(day for n in range(blocks) for day in days_of(14 - n, 28)))
    told = flags(world)
    assert {state for state, _, _ in told.values()} == {status}
    assert not any(value for _, value, _ in told.values())
    assert status == "ok" or {reason for _, _, reason in told.values()} == {NO_WINDOW}


def test_where_the_whole_newest_block_was_not_read_there_is_no_data(world: World) -> None:
    department(world, missing=days_of(15, 28))
    assert {status for status, _, _ in flags(world).values()} == {"no_data"}


def test_a_second_source_that_starts_later_shortens_the_history(world: World) -> None:
    """What was said there before it was read is not in the history: the blocks before are another measure."""
    department(world)
    world.seen("talk", since=str(FIRST + timedelta(days=28 * 8)))
    assert world.result("staging.team_histories")[0]["person_days_by_block"][:9] == [0] * 8 + [PEOPLE * 20]
    status, value, reason = flags(world)["T03"]
    assert (status, value) == ("provisional", 0)
    assert "only 5 earlier blocks" in reason


@pytest.mark.parametrize("state", ["absent: leave", "absent: no computer"])
def test_presence_comes_before_the_test(world: World, state: str) -> None:
    department(world, acts=stops("T03"))
    away(world, "T03", 4 / 6, state)
    assert flags(world)["T03"] == ("not_identifiable", None, ABSENT)
    assert flags(world, "persistently_quiet_flag")["T03"] == ("not_identifiable", None, ABSENT)
    assert counts(world) == {"could not": 1, "not reached": 0, "fell quiet": 0, "reached but quiet": 0}


def test_half_of_a_team_on_leave_is_still_tested(world: World) -> None:
    department(world, acts=stops("T03"))
    away(world, "T03", 3 / 6)
    assert flags(world)["T03"][:2] == ("ok", 1)


def test_who_is_present_for_less_is_expected_to_do_less(world: World) -> None:
    """At half the presence half the acts are nothing unusual; the ratio is to what presence leads to expect."""
    department(world, acts=stops("T03", count=12))
    away(world, "T03", 3 / 6)
    assert flags(world)["T03"] == ("ok", 0, "not unusual for its own history")


@pytest.mark.parametrize(("blocks", "status"), [(5, NO_HISTORY), (6, "provisional"), (9, "provisional"), (10, "ok")])
def test_how_much_history_it_takes(world: World, blocks: int, status: str) -> None:
    """2, 3, 6 and 7 blocks before the newest 3."""
    department(world, blocks=blocks)
    told = flags(world)["T00"]
    assert told[0 if status in ("ok", "provisional") else 2] == status
    assert ("blocks of 28 days are behind it" in told[2]) is (status == "provisional")


def test_before_four_blocks_there_is_nothing_to_compare(world: World) -> None:
    department(world, blocks=2)
    for metric in ("newly_quiet_flag", "persistently_quiet_flag"):
        assert {status for status, _, _ in flags(world, metric).values()} == {"not_identifiable"}
    assert counts(world) == {"could not": 0, "not reached": 0, "fell quiet": None, "reached but quiet": None}


def test_of_a_team_that_hardly_ever_contributes_silence_would_not_show(world: World) -> None:
    department(world, acts={("T03", n): int(n == 4) for n in range(16)})
    assert flags(world)["T03"] == ("not_identifiable", None, TOO_LITTLE)
    assert flags(world, "persistently_quiet_flag")["T03"] == (
        "ok", 1, "unusually quiet: almost nothing of what teams of its size ordinarily contribute",
    )  # fmt: skip
    assert set(flags(world, "persistently_quiet_flag")["T04"]) == {"ok", 0, "not unusual among teams"}


def test_fewer_than_ten_teams_are_no_peers(world: World) -> None:
    department(world, teams=TEAMS[:9])
    assert set(flags(world, "persistently_quiet_flag").values()) == {("not_identifiable", None, NO_OTHERS)}
    assert {status for status, _, _ in flags(world).values()} == {"ok"}


@pytest.mark.parametrize(("stay", "blocks"), [(3, 16), (2, 8)])
def test_a_team_of_which_more_than_half_has_changed_has_no_history_from_before(world: World, stay: int, blocks: int) -> None:
    """8 blocks ago all but `stay` of T03 left, and as many came; the name is the same."""
    change = FIRST + timedelta(days=28 * 8)
    rows = [
        (person, team, "Coast" if team < "T06" else "Hill", FIRST, change if team == "T03" and n >= stay else FOREVER)
        for team in TEAMS for n, person in enumerate(crew(team))
    ]  # fmt: skip
    rows += [(f"new{n}", "T03", "Coast", change, FOREVER) for n in range(PEOPLE - stay)]
    put(world, "each.people", STAFF, rows)
    department(world, roster=False)
    told = {row["team"]: row for row in world.result("staging.team_histories")}
    assert sum(days > 0 for days in told["T03"]["person_days_by_block"]) == blocks
    assert all(days > 0 for days in told["T04"]["person_days_by_block"])


def test_acts_count_where_a_person_was_at_the_time(world: World) -> None:
    """One of T03 comes from T04 in the newest block: what she wrote before is T04's."""
    moved = NEWEST
    rows = [(p, t, "Coast" if t < "T06" else "Hill", FIRST, FOREVER) for t in TEAMS for p in crew(t) if p != "T04p0"]
    rows += [("T04p0", "T04", "Coast", FIRST, moved), ("T04p0", "T03", "Coast", moved, FOREVER)]
    put(world, "each.people", STAFF, rows)
    department(world, roster=False, acts={(t, n): 24 for t in TEAMS for n in range(16)})
    told = {row["team"]: row["acts_by_block"] for row in world.result("staging.team_histories")}
    assert (told["T03"][14:], told["T04"][14:]) == ([24, 28], [24, 20])


def test_small_teams_are_told_under_the_name_they_share(world: World) -> None:
    rows = [(p, "Tiny A" if n < 3 else "Tiny B", "Coast", FIRST, FOREVER) for n, p in enumerate(crew("T03"))]
    put(world, "each.people", STAFF, rows + [
        (p, t, "Coast" if t < "T06" else "Hill", FIRST, FOREVER) for t in TEAMS if t != "T03" for p in crew(t)
    ])  # fmt: skip
    department(world, roster=False, acts=stops("T03"))
    assert flags(world)["Other teams in Coast"][:2] == ("ok", 1)


def test_each_quiet_team_is_counted_in_one_kind(world: World) -> None:
    """T01 stops, T02 has hardly ever contributed, T03 never in any way, T04 is away; T07 of Hill stops too."""
    never = {("T02", n): int(n == 4) for n in range(16)} | {("T03", n): 0 for n in range(16)}
    department(world, acts=never | stops("T01") | stops("T04") | stops("T07"))
    away(world, "T04", 1)
    every = {"could not": 1, "not reached": 1, "fell quiet": 2, "reached but quiet": 1}
    assert counts(world) == every
    assert counts(world, "directorate", "Coast") == every | {"fell quiet": 1}
    assert counts(world, "directorate", "Hill") == {"could not": 0, "not reached": 0, "fell quiet": 1, "reached but quiet": 0}


def test_reading_once_is_being_reached_and_mandatory_training_is_not(world: World) -> None:
    department(world, acts={(team, n): 0 for team in ("T03", "T04") for n in range(16)})
    world.given("each.acts", "source channel person happened_at verb mandatory",
                ["pages", "intranet", "T03p1", "2025-09-01 12:00:00+00", "read", False],
                ["school", "learning", "T04p1", "2025-09-01 12:00:00+00", "learn", True])  # fmt: skip
    told = {row["team"]: row["reached"] for row in world.result("staging.team_histories")}
    assert (told["T03"], told["T04"], told["T05"]) == (True, False, True)
    assert (counts(world)["not reached"], counts(world)["reached but quiet"]) == (1, 1)


def test_counts_say_of_how_many_teams_and_stand_on_their_people(world: World) -> None:
    department(world, acts={("T03", n): int(n == 4) for n in range(16)})
    [fell] = world.figures("quiet_teams_count", part="fell quiet", unit_level="organisation")
    assert (fell["status"], fell["value"], fell["base"], fell["n_eff"]) == ("ok", 0, 12 * PEOPLE, 12)
    assert fell["reason"] == "of 12 teams, of which 1 cannot be judged"
    assert {f["unit_level"] for f in world.figures("quiet_teams_count")} == {"organisation", "directorate"}


def test_without_a_network_or_a_chat_there_is_no_data(world: World) -> None:
    put(world, "each.people", STAFF, [(p, t, "Coast", FIRST, FOREVER) for t in TEAMS for p in crew(t)])
    world.seen("pages", since=str(FIRST))
    for metric in ("newly_quiet_flag", "persistently_quiet_flag", "quiet_teams_count"):
        assert {f["status"] for f in world.figures(metric)} == {"no_data"}


def test_a_department_without_teams_has_no_rows(world: World) -> None:
    put(world, "each.people", STAFF, [(p, "T00", "Coast", FIRST, FOREVER) for p in crew("T00")[:4]])
    world.seen("wall", since=str(FIRST))
    for metric in ("newly_quiet_flag", "persistently_quiet_flag", "quiet_teams_count"):
        assert world.figures(metric) == []
    assert world.as_of == AS_OF
