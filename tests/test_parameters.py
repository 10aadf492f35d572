"""A parameters file that means harm, or a slip of the hand: named with its key, and no department that never ends."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pipeline.problems import ConfigError
from pipeline.simulate.department import Department, parameters
from pipeline.simulate.spread import imagine

SMALL = "staff = 300\nweeks = 9\n"


WRONG = {
    "staff": ["staff = 1000000000", "staff = inf", "staff = 1e400", "staff = nan", "staff = true", "staff = []"],
    "weeks": ["weeks = -3", "weeks = 0", "weeks = nan", "weeks = 100000000"],
    "seed": ["seed = -1"],
    "kay: Extra": ["kay = 1", "[kay]"],
    "spread.kay: Extra": ["[spread]\nkay = 1"],
    "messages": [SMALL + "messages = 1000000000000"],
    "messages: at most 50 for each": [SMALL + "messages = 200000"],
    "statements: at most 50 for each": [SMALL + "statements = 200000"],
    "log_lines": [SMALL + "log_lines = 100000000000"],
    "log_lines: at most 1000 for each": [SMALL + "log_lines = 3000000"],
    "spread.reproduction": ["[spread]\nreproduction = inf", "[spread]\nreproduction = nan", "[spread]\nreproduction = 1e6"],
    "spread.generation_days": ["[spread]\ngeneration_days = 1e300"],
    "spread.generation_spread_days": ["[spread]\ngeneration_spread_days = 1e-300"],
    "spread.lapse_days": ["[spread]\nlapse_days = inf"],
    "spread.broadcasts": ["[spread]\nbroadcasts = 1000000000"],
    "champions.wins": ["[champions]\nwins = inf"],
    "champions.waves": ["[champions]\nwaves = 1000000000"],
    "survey.waves": ["[survey]\nwaves = 100000000"],
    "survey.person_spread": ["[survey]\nperson_spread = inf"],
    "replies.median_hours": ["[replies]\nmedian_hours = 1e300"],
    "replies.sigma": ["[replies]\nsigma = 1e9"],
    "faults.lag_days.network": ["[faults]\nlag_days = { network = nan }"],
    "faults.outages": ["[[faults.outages]]\nsource = 'network'\nfrom_week = 0\nto_week = 1\n" * 1001],
}


@pytest.mark.parametrize(
    ("text", "key"), [(text, key) for key, texts in WRONG.items() for text in texts], ids=lambda text: text.replace(SMALL, "")[:40]
)
def test_what_no_department_can_be_is_named(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(ConfigError, match=rf"p\.toml: {key}"):
        parameters(tmp_path / "p.toml")


def test_a_key_of_any_length_is_cut_in_the_message(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("k" * 100_000 + " = 1\n")
    with pytest.raises(ConfigError, match=r"k{80}: Extra") as told:
        parameters(tmp_path / "p.toml")
    assert len(str(told.value)) < 400


def test_at_its_bounds_a_department_is_made_in_time() -> None:
    spread = {"reproduction": 100, "dispersion": 0.001, "generation_days": 0.1, "generation_spread_days": 1000, "broadcasts": 1000}
    began = time.process_time()
    for change in (spread, {**spread, "generation_days": 1000, "generation_spread_days": 0.1, "dispersion": 1000}):
        imagine(Department(staff=300, weeks=9, spread=change, champions={"wins": 100, "colleagues": 60}, survey={"waves": 260}))
    assert time.process_time() - began < 60
