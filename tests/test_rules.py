"""Rules of an organisation: what it names and nobody has is told to the operator, with what there is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.problems import ConfigError
from pipeline.settings import Settings
from pipeline.status import mistaken_rules
from pipeline.warehouse import Build
from tests.nights import Place
from tests.story import AS_OF, World

STAFF = """insert into each.people (person, team, directorate, grade, valid_from, valid_to) values
    ('a'::blob, 'Press Office', 'Coast', 'G6', date '2025-01-06', date '9999-12-31'),
    ('b'::blob, 'Policy', 'Coast', 'EO', date '2025-01-06', date '9999-12-31'),
    ('c'::blob, 'Policy', 'Harbours', null, date '2025-01-06', date '9999-12-31')"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path, k=5)
    with Build(made.home / "warehouse.duckdb") as build:
        world = World(build, as_of=AS_OF)
        world.con.execute(STAFF)
        world.result("staging.roster")
    return made


def ruled(place: Place, rules: str) -> Settings:
    head = place.config.read_text().partition("[tidemark.rules")[0]
    place.config.write_text(f"{head}\n[tidemark.rules]\n{rules}\n")
    return place.settings


NOWHERE = "is nowhere, so that no figure counts it; there is"


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ('senior_grades = ["G6", "Gardde 6"]', [f"senior_grades: 'Gardde 6' {NOWHERE} EO, G6"]),
        ('comms_teams = ["Pres Office"]', [f"comms_teams: 'Pres Office' {NOWHERE} Press Office"]),
        ('senior_grades = [""]', [f"senior_grades: '' {NOWHERE} EO, G6"]),
        ('comms_teams = ["press office"]', [f"comms_teams: 'press office' {NOWHERE} Press Office"]),
        ('senior_grades = ["g6 "]\ncomms_teams = ["Policy", "Press Office"]', []),
        ("senior_grades = []", []),
        ("", []),
    ],
    ids=["grade", "team", "blank", "case", "as it is", "none", "as it ships"],
)
def test_a_name_that_nobody_has_is_told(place: Place, rules: str, told: list[str]) -> None:
    assert list(mistaken_rules(ruled(place, rules))) == [f"[tidemark.rules] {line}" for line in told]


def test_an_item_that_no_survey_asks_is_told_once_there_is_a_survey(place: Place) -> None:
    config = ruled(place, 'survey = { capability = ["Q1 skills"] }')
    assert list(mistaken_rules(config)) == []
    with Build(place.home / "warehouse.duckdb") as build:
        build.con.execute("insert into each.answers (item) values ('Q1 skill')")
    [told] = mistaken_rules(config)
    assert told.startswith("[tidemark.rules] survey.capability: 'Q1 skills' is nowhere")
    assert told.endswith("there is Q1 skill")


def test_status_says_so_and_before_the_first_night_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ruled(place, 'comms_teams = ["Nobody"]')
    monkeypatch.setattr(sys, "argv", ["tidemark", "status"])
    for said in (True, False):
        with place.environment(), pytest.raises(SystemExit):
            cli.main()
        assert ("comms_teams: 'Nobody' is nowhere" in capsys.readouterr().out) is said
        (place.home / "warehouse.duckdb").unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("colleagues_each = 99999999999999999999", "rules.colleagues_each: "),
        ("tone = { positive = 99999999999999999999 }", "rules.tone.positive: "),
        ("tone = { positive = 1, positive_found = 2 }", "rules.tone: more texts found than were labelled"),
        ("tone = { positive = 10, positive_found = -1 }", "rules.tone.positive_found: "),
        ("tone = { rate = 1.5 }", "rules.tone.rate: Extra"),
        ("adopter_days = 99", "rules.adopter_days: "),
    ],
)
def test_a_rule_that_cannot_hold_is_named(place: Place, rules: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        ruled(place, rules)
