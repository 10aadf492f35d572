"""Nights over a real SCIM server: joiners, movers, leavers and managers, compared with what was done to the server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.landing import tables
from pipeline.privacy import Pseudonyms
from plugins.scim.connector import Scim
from tests.landings import KEY, Nights
from tests.servers.scim import TOKEN, Administrator, scim_server

FOLDER = Path(__file__).parents[1] / "plugins" / "scim"
FIRST = date(2026, 3, 2)
TEAMS = [("Harbour Services", "Operations"), ("Tide Tables", "Science"), ("Moorings", "Operations"), (None, "Science")]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Administrator]:
    with scim_server(tmp_path) as administrator:
        yield administrator


class World:
    """What is done to the server is done to `staff` too: number -> (team, directorate, number of the manager)."""

    def __init__(self, server: Administrator) -> None:
        self.server = server
        self.ids: dict[str, str] = {}
        self.staff: dict[str, tuple[str | None, str, str | None]] = {}
        self.asleep: dict[str, tuple[str | None, str, str | None]] = {}
        self.seen: dict[date, dict[str, tuple[str | None, str, str | None]]] = {}

    def join(self, number: str, team: int, manager: str | None = None) -> None:
        self.staff[number] = (*TEAMS[team], manager)
        name, directorate = TEAMS[team]
        self.ids[number] = self.server.join(number, "Awen", "Pryce", name, directorate, self.ids[manager] if manager else None)

    def move(self, number: str, team: int) -> None:
        name, directorate = TEAMS[team]
        assert name, "a team cannot be patched away"
        self.staff[number] = (name, directorate, self.staff[number][2])
        self.server.change(self.ids[number], department=name, division=directorate)

    def manage(self, number: str, manager: str) -> None:
        team, directorate, _ = self.staff[number]
        self.staff[number] = (team, directorate, manager)
        self.server.change(self.ids[number], manager={"value": self.ids[manager]})

    def deactivate(self, number: str) -> None:
        self.asleep[number] = self.staff.pop(number)
        self.server.change(self.ids[number], active=False)

    def activate(self, number: str) -> None:
        self.staff[number] = self.asleep.pop(number)
        self.server.change(self.ids[number], active=True)

    def delete(self, number: str) -> None:
        del self.staff[number]
        self.server.delete(self.ids[number])

    def night(self, day: date) -> None:
        self.seen[day] = dict(self.staff)

    def on(self, day: date) -> dict[str, tuple[str | None, str, str | None]]:
        """The roster that the newest night before the end of this day saw."""
        return self.seen[max(night for night in self.seen if night <= day)]


def halves(nights: Nights) -> tuple[list[Any], list[Any], list[Any]]:
    """(people, aliases, who manages whom) as the halves and landing have them."""
    with duckdb.connect() as con:
        con.execute("create schema landing")
        tables.load_stream(con, nights.stream, Scim.streams()[0])
        people = con.execute((FOLDER / "people.sql").read_text()).fetchall()
        aliases = con.execute((FOLDER / "aliases.sql").read_text()).fetchall()
        managed = con.execute("select staff_id, manager, valid_from, valid_to from landing.scim_people").fetchall()
    return people, aliases, managed


def test_the_roster_of_every_day_is_what_was_done_to_the_server(server: Administrator, tmp_path: Path) -> None:
    world, pseudonyms = World(server), Pseudonyms(KEY)
    nights = Nights(tmp_path, Scim(url=server.url, token=TOKEN, page_size=4))

    def night(days: int) -> None:
        day = FIRST + timedelta(days=days)
        world.night(day)
        outcome = nights(as_of=day)
        assert outcome.complete, outcome.reason

    world.join("N00", 0)
    for number in range(1, 14):
        world.join(f"N{number:02d}", number % 4, manager=f"N{number // 3:02d}")
    night(0)
    night(1)  # nothing has changed
    world.join("N20", 1, manager="N01")
    world.move("N01", 2)
    night(2)
    world.deactivate("N05")
    world.manage("N20", "N02")
    night(3)
    world.delete("N06")
    world.join("N21", 3)
    night(6)  # two nights were missed
    world.activate("N05")
    world.move("N05", 2)
    world.move("N20", 0)
    night(7)

    people, aliases, managed = halves(nights)
    known = {pseudonyms.of("staff", number): number for number in world.ids}
    behind = {alias: known[staff] for alias, staff in aliases}
    for number in range(10):
        day = FIRST + timedelta(days=number)
        roster = {known[row[0]]: (row[1], row[2]) for row in people if row[3] <= day < row[4]}
        assert roster == {staff: told[:2] for staff, told in world.on(day).items()}, day
        assert sum(row[3] <= day < row[4] for row in people) == len(roster), "somebody is there twice"
        # A manager whom the service has named is told by the alias of the id.
        links = {known[row[0]]: behind[row[1]] for row in managed if row[2] <= day < row[3] and row[1]}
        wanted = {staff: told[2] for staff, told in world.on(day).items() if told[2]}
        assert links == wanted, day
    for number, user in world.ids.items():
        for namespace, value in (("scim", user), ("email", f"awen.{number}@coastal.example"), ("login", f"awen.{number}")):
            assert behind[pseudonyms.of(namespace, value)] == number, namespace


def test_an_empty_list_and_a_wrong_token_are_no_roster(server: Administrator, tmp_path: Path) -> None:
    for number in range(12):
        server.join(f"M{number:02d}", "Bran", "Oduya", "Moorings", "Operations")
    nights = Nights(tmp_path, Scim(url=server.url, token=TOKEN, page_size=5))
    assert nights(as_of=FIRST).complete
    landed = nights.rows("staff_id, valid_to")
    nights.connector = Scim(url=server.url, token="another", page_size=5)
    refused = nights(as_of=FIRST + timedelta(days=1))
    assert (refused.state, "401" in refused.reason) == ("failed", True)
    nights.connector = Scim(url=server.url, token=TOKEN, only='userName eq "nobody@coastal.example"')
    held = nights(as_of=FIRST + timedelta(days=1))
    assert held.state == "held"
    assert nights.rows("staff_id, valid_to") == landed


def test_a_filter_and_a_page_that_is_just_full_are_read_to_the_end(server: Administrator, tmp_path: Path) -> None:
    for number in range(6):
        server.join(f"F{number:02d}", "Ffion", "Marchetti", "Chart Room", "Science")
    chosen = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Chart Room"'
    for size in (1, 2, 3, 6, 7):
        nights = Nights(tmp_path / str(size), Scim(url=server.url, token=TOKEN, only=chosen, page_size=size))
        assert nights(as_of=FIRST).complete
        assert len(nights.rows("staff_id")) == 6
