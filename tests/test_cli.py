"""The command line: verbs, exit codes, and errors that say what to do in one line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nights import Place
from tests.suggestions import ACTS, CONNECTOR
from tests.test_night import directory, ideas

TIDEMARK = str(Path(sys.executable).with_name("tidemark"))


def said(place: Place, *words: str) -> subprocess.CompletedProcess[str]:
    """What a verb says, as an operator runs it."""
    with place.environment() as environ:
        return subprocess.run([TIDEMARK, *words], env=environ, cwd=place.folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A place where a night has run from the command line."""
    folder = tmp_path_factory.mktemp("cli")
    made = Place(folder, directory(folder) + ideas(folder))
    made.plugin("suggestions", connector=CONNECTOR, acts=ACTS)
    made.plugin("broken", connector="import nonesuch\n")
    night = said(made, "nightly")
    assert night.returncode == 0, night.stdout + night.stderr
    assert "report/index.html" in night.stdout
    return made


def test_status_says_how_fresh_each_source_is_and_what_is_broken(place: Place) -> None:
    told = said(place, "status")
    assert "Night of 2026-07-12 is published." in told.stdout
    assert "suggestions  fresh" in told.stdout
    assert "broken       broken  ModuleNotFoundError" in told.stdout
    assert told.returncode == 3
    read = json.loads(said(place, "status", "--json").stdout)
    assert {s["source"]: s["state"] for s in read["sources"]} == {"directory": "fresh", "suggestions": "fresh"}


def test_connectors_lists_streams_and_names_the_broken(place: Place) -> None:
    told = said(place, "connectors")
    assert "ideas (keyed)" in told.stdout
    assert "configured as suggestions" in told.stdout
    assert "broken: ModuleNotFoundError" in told.stderr


def test_pull_accounts_for_what_it_read(place: Place) -> None:
    told = said(place, "pull", "suggestions", "--json")
    [ideas_now] = json.loads(told.stdout)
    assert (told.returncode, ideas_now["state"], ideas_now["account"]["landed"]) == (0, "complete", 0)
    assert ideas_now["account"]["read"] == ideas_now["account"]["unchanged"] == 1


def test_a_dry_run_lands_nothing(place: Place) -> None:
    before = sorted(place.home.rglob("*.parquet"))
    told = said(place, "pull", "suggestions", "--dry-run")
    assert "read 120" in told.stdout
    assert sorted(place.home.rglob("*.parquet")) == before


def test_check_reads_one_page(place: Place) -> None:
    told = said(place, "check", "directory")
    saw = "40 records on the first page, 0 unreadable; never filled: entra, grade, location, manager, started_on, left_on"
    assert (told.returncode, " ".join(told.stdout.split())) == (0, f"directory/people: {saw}")


def test_a_new_connector_says_what_to_do_next(place: Place) -> None:
    told = said(place, "new-connector", "harbour_wall", "--like", "csv", "--in", str(place.plugins))
    assert told.returncode == 0
    assert "[connectors.harbour_wall]" in told.stdout
    assert "harbour_wall" in said(place, "connectors").stdout
    again = said(place, "new-connector", "harbour_wall", "--in", str(place.plugins))
    assert (again.returncode, "there already" in again.stderr) == (2, True)


def test_metrics_and_sql_show_what_was_published(place: Place) -> None:
    assert "participation_share" in said(place, "metrics").stdout
    assert "40 people" in said(place, "metrics", "participation_share").stdout
    assert "there is" in said(place, "metrics", "none_such").stderr
    assert said(place, "sql", "select count(*) as n from report.sources").stdout.split() == ["n", "2"]


@pytest.mark.parametrize(
    "query", ["create table x (a int)", "copy report.figures to 'out.csv'", "select * from read_csv('staff-2026-05-04.csv')"]
)
def test_sql_can_neither_write_nor_reach_another_file(place: Place, query: str) -> None:
    told = said(place, "sql", query)
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("tidemark: DuckDB says:")
    assert not (place.folder / "out.csv").exists()


def test_backfill_reads_a_window_again(place: Place) -> None:
    figures = place.digest()
    told = said(place, "backfill", "--from", "2026-06-01", "--to", "2026-06-30", "--connector", "suggestions")
    assert told.returncode == 0, told.stderr
    assert place.digest() == figures
    assert said(place, "backfill", "--from", "2026-06-02", "--to", "2026-06-01").returncode == 2


def test_a_wrong_setting_is_one_line_without_a_trace(tmp_path: Path) -> None:
    wrong = Place(tmp_path, k=3)
    told = said(wrong, "nightly")
    assert told.returncode == 2
    assert "[tidemark] k:" in told.stderr
    assert "Traceback" not in told.stderr
    assert "Traceback" in said(wrong, "nightly", "--debug").stderr


def test_a_connector_that_is_not_there_is_answered_with_what_is(place: Place) -> None:
    told = said(place, "pull", "sugestions")
    assert told.returncode == 2
    assert "no connector is called 'sugestions': there is directory, suggestions" in told.stderr


def test_with_nothing_configured_the_next_step_is_said(tmp_path: Path) -> None:
    told = said(Place(tmp_path), "nightly")
    assert told.returncode == 2
    assert "tidemark demo" in told.stderr
