"""Dagster as a person meets it: the definitions, the graph, the schedule, and its pages in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator
from playwright.sync_api import Page, expect, sync_playwright

from pipeline import definitions, night
from pipeline.discovery import find
from tests.nights import Place
from tests.suggestions import ACTS, CONNECTOR
from tests.test_night import directory, ideas

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOT = Path(__file__).with_name("graph.json")
SHIPPED = """
[connectors.directory]
files = "staff-*.csv"
[connectors.intranet]
files = "*.log"
[connectors.training]
url = "http://127.0.0.1:9/xAPI"
username = "tidemark"
[connectors.webchat]
transcripts = "*.txt"
[connectors.yammer]
url = "http://127.0.0.1:9"
"""


def test_the_asset_graph_is_as_it_was_seen_in_review(tmp_path: Path) -> None:
    """A changed pipeline is seen as a changed file: `TIDEMARK_SNAPSHOT=write pytest tests/test_dagster.py`."""
    graph = definitions.build(Place(tmp_path, SHIPPED).settings).resolve_asset_graph()
    seen = {
        key.to_user_string(): {
            "group": graph.get(key).group_name,
            "reads": sorted(k.to_user_string() for k in graph.get(key).parent_keys),
            "checks": sorted(check.name for check in graph.get(key).check_keys),
        }
        for key in sorted(graph.get_all_asset_keys(), key=str)
    }
    if os.environ.get("TIDEMARK_SNAPSHOT") == "write":
        SNAPSHOT.write_text(json.dumps(seen, indent=1) + "\n")
    assert seen == json.loads(SNAPSHOT.read_text())


def test_the_groups_are_the_rooms(tmp_path: Path) -> None:
    graph = definitions.build(Place(tmp_path, SHIPPED).settings).resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        assert graph.get(key).group_name == key.path[0]
    assert {key.path[0] for key in graph.get_all_asset_keys()} == {"landing", "staging", "metrics", "report"}


DAILY = '''
"""One unit a day."""
from collections.abc import Iterator
from datetime import date, datetime

from pipeline.connector import Connector, Moment, Page, PersonId, Record, stream


class Seen(Record):
    """A visit."""

    id: int
    person: PersonId["email"]
    seen_at: Moment


class Note(Record):
    """A note."""

    id: int
    sent_at: Moment


class Daily(Connector):
    """Visits by the day."""

    name, channel = "daily", "intranet"

    @stream(Seen, kind="unit", unit="day")
    def visits(self, day: date) -> Iterator[Page]:
        """Visits of a day."""
        row = {"id": day.day, "person": f"p{day.day}@coast.example", "seen_at": f"{day.isoformat()}T10:00:00Z"}
        yield Page(Seen.many([row]))

    @stream(Note, kind="keyed", key="id", cursor="sent_at", windowed=True)
    def notes(self, since: datetime | None, until: datetime | None = None) -> Iterator[Page]:
        """Notes, which can also be read by a closed window."""
        name = f"{since and since.date()}..{until and until.date()}"
        print(name, file=open("asked", "a"))
        yield Page(Note.many([{"id": 1, "sent_at": "2026-07-12T10:00:00Z"}]))
'''


@pytest.fixture
def daily(tmp_path: Path) -> Place:
    place = Place(tmp_path, "[connectors.daily]\n")
    place.plugin("daily", connector=DAILY.replace('"asked"', repr(str(tmp_path / "asked"))))
    return place


def test_one_run_catches_up_over_every_missing_day(daily: Place) -> None:
    daily.night()
    daily.config.write_text(daily.config.read_text().replace("2026-07-13", "2026-07-22"))
    settings = daily.settings
    tags = definitions.night_tags(find(settings), settings)
    assert tags == {
        "tidemark/night": "2026-07-21",
        "dagster/asset_partition_range_start": "2026-07-13",
        "dagster/asset_partition_range_end": "2026-07-21",
    }
    done = daily.night()
    assert (done.broken, done.behind) == ({}, {})
    days = daily.ask("select distinct seen_at::date from landing.daily_visits order by 1", warehouse=True)
    assert [d for (d,) in days] == [date(2026, 7, n) for n in range(12, 22)]
    assert daily.ask("select fresh_to, state from report.sources") == [(date(2026, 7, 21), "fresh")]


def test_a_night_moves_cursors_and_a_backfill_reads_its_window_again(daily: Place) -> None:
    daily.night()
    daily.night()
    daily.night(days=(date(2026, 7, 1), date(2026, 7, 3)))
    asked = (daily.folder / "asked").read_text().split()
    assert asked == ["None..None", "2026-07-12..None", "2026-06-30..2026-07-03"]
    days = daily.ask("select distinct seen_at::date from landing.daily_visits order by 1", warehouse=True)
    assert [d.day for (d,) in days] == [1, 2, 3, 12]


def test_each_landed_day_is_a_materialisation_of_its_own(daily: Place) -> None:
    daily.config.write_text(daily.config.read_text().replace("2026-07-13", "2026-07-12"))
    daily.night()
    daily.config.write_text(daily.config.read_text().replace("2026-07-12", "2026-07-15"))
    with daily.environment(), night.dagster_instance(daily.settings) as instance:
        night.run(daily.settings)
        partitions = instance.get_materialized_partitions(dg.AssetKey(["landing", "daily_visits"]))
    assert partitions == {"2026-07-12", "2026-07-13", "2026-07-14"}


@pytest.mark.parametrize(
    ("day", "hour"), [("2026-03-29", "04:00:00+01:00"), ("2026-10-25", "04:00:00+00:00"), ("2026-07-13", "04:00:00+01:00")]
)
def test_the_schedule_asks_for_one_run_at_four_also_on_the_days_the_clocks_change(daily: Place, day: str, hour: str) -> None:
    schedule = definitions.build(daily.settings).resolve_schedule_def("every_night")
    midnight = datetime.fromisoformat(f"{day}T00:30:00").replace(tzinfo=ZoneInfo("Europe/London"))
    ticks = schedule_execution_time_iterator(midnight.timestamp(), schedule.cron_schedule, schedule.execution_timezone)
    first = next(ticks)
    assert first.isoformat() == f"{day}T{hour}"
    assert next(ticks).date() == first.date() + timedelta(days=1)
    asked = schedule.evaluate_tick(dg.build_schedule_context(scheduled_execution_time=first)).run_requests
    assert [run.tags["dagster/asset_partition_range_end"] for run in asked] == ["2026-07-12"]


def test_the_definitions_hold_as_dagster_checks_them() -> None:
    dg_command = str(Path(sys.executable).with_name("dg"))
    checked = subprocess.run([dg_command, "check", "defs"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


# ------------------------------------------------------------------------------------------------------ in a browser
CHROMIUM = shutil.which("chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def webserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, str]]:
    """dagster-webserver over a place where one night has run, from the checkout's own workspace.yaml."""
    folder = tmp_path_factory.mktemp("dagster")
    place = Place(folder, directory(folder) + ideas(folder))
    place.plugin("suggestions", connector=CONNECTOR, acts=ACTS)
    with place.environment() as environ:
        done = night.run(place.settings)
        assert done.broken == {}
        log = folder / "webserver.log"
        with log.open("w") as file:
            process = subprocess.Popen(
                [str(Path(sys.executable).with_name("dagster-webserver")), "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", "0"],
                cwd=ROOT, env={**environ, "DAGSTER_HOME": str(place.home / "dagster")}, stdout=file, stderr=file,
                start_new_session=True,
            )  # fmt: skip
        try:
            yield place, _address(process, log)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where the server says it listens."""
    import time

    for _ in range(600):
        for line in log.read_text().splitlines():
            if "Serving dagster-webserver on " in line:
                return line.split("Serving dagster-webserver on ")[1].split()[0]
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture
def browser_page(webserver: tuple[Place, str]) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        yield page
        browser.close()


@pytest.mark.browser
def test_a_metrics_page_shows_what_it_is_and_its_plot_one_click_away(
    browser_page: Page, webserver: tuple[Place, str]
) -> None:
    page, (place, url) = browser_page, webserver
    [(share,)] = place.ask("""select value from report.figures where metric = 'participation_share' and period = 'week'
        and unit_level = 'organisation' order by period_end desc limit 1""")
    page.goto(f"{url}/assets/metrics/participation_share")
    expect(page.get_by_text("Question.", exact=False).first).to_be_visible()
    row = page.locator("tr", has_text="newest figure")
    expect(row).to_contain_text(f"{share:.0%} (")
    page.locator("tr", has_text="plot").get_by_text("Show Markdown").click()
    picture = page.locator("img[src^='data:image/svg+xml']")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")


@pytest.mark.browser
def test_a_night_that_is_started_from_dagsters_page_succeeds(browser_page: Page, webserver: tuple[Place, str]) -> None:
    page, (place, url) = browser_page, webserver
    before = place.digest()
    page.goto(f"{url}/locations/pipeline.definitions/jobs/nightly")
    page.get_by_role("button", name="Materialize all").first.click()
    page.get_by_text("View", exact=True).first.click()
    expect(page.get_by_text("Success", exact=True).first).to_be_visible(timeout=180_000)
    assert place.digest() == before
