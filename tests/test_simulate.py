"""The simulated department: its size and calendar follow from its parameters, and it is the same bytes each time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import requests
from pydantic import ValidationError

from pipeline.problems import ConfigError
from pipeline.simulate.build import build, digest
from pipeline.simulate.clock import Clock, bank_holidays
from pipeline.simulate.department import ANCHOR, Department
from pipeline.simulate.serve import serve
from tests.departments import SMALL, Made, make


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("simulated"), SMALL)


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
    assert alike <= {Path("truth/faults.json"), Path("truth/effect.json"), Path("truth/activity.json")}


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


def test_settings_name_every_source_follow_the_port_and_keep_secrets_in_files(made: Made) -> None:
    demo = made.place / "demo"
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
