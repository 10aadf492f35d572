"""A night through the real Dagster job: a stranger's source, sources that fail, promises that break."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from pipeline import definitions
from tests.nights import Place
from tests.suggestions import ACTS, CONNECTOR

STAFF = 40


def directory(folder: Path) -> str:
    """A directory of forty staff in two teams, as the CSV that HR sends."""
    lines = ["staff_id,name,email,login,team,directorate"]
    lines += [f"S{n},Ann{n} Quayle,p{n}@coast.example,p{n},{'Ops' if n % 2 else 'Web'},Coast" for n in range(STAFF)]
    (folder / "staff-2026-05-04.csv").write_text("\n".join(lines) + "\n")
    return '[connectors.directory]\nfiles = "staff-*.csv"\n'


def ideas(folder: Path, days: int = 60) -> str:
    """Two ideas a day, by everybody in turn."""
    start = datetime(2026, 5, 10, 10, tzinfo=UTC)
    with (folder / "ideas.jsonl").open("w") as file:
        for n in range(days * 2):
            sent = start + timedelta(hours=12 * n)
            file.write(
                json.dumps({"id": n, "author": f"p{n % STAFF}@coast.example", "sent_at": sent.isoformat(), "text": "A good idea"})
                + "\n"
            )
    return '[connectors.suggestions]\nfile = "ideas.jsonl"\n'


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path, directory(tmp_path) + ideas(tmp_path))
    made.plugin("suggestions", connector=CONNECTOR, acts=ACTS)
    return made


def test_the_stranger_wrote_forty_lines_at_most() -> None:
    assert len((CONNECTOR.strip() + ACTS.strip()).splitlines()) <= 40


def test_a_sixth_source_is_one_folder(place: Place) -> None:
    graph = definitions.build(place.settings).resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    assert "landing/suggestions_ideas" in keys
    assert "landing/suggestions_ideas" in {k.to_user_string() for k in graph.get(_key("staging/acts")).parent_keys}

    night = place.night()

    assert (night.broken, night.exit_code) == ({}, 0)
    assert place.ask("select distinct source, channel, verb from staging.acts", warehouse=True) == [
        ("suggestions", "network", "post")
    ]
    assert "suggestions" in (place.home / "report/index.html").read_text().lower()
    [(share,)] = place.ask("""select value from report.figures where metric = 'participation_share' and part = ''
        and unit_level = 'organisation' and period = '28 days' order by period_start desc limit 1""")
    assert share == 1.0


def _key(name: str):
    import dagster as dg

    return dg.AssetKey(name.split("/"))


def test_a_source_that_is_down_is_behind_and_the_page_appears(place: Place) -> None:
    place.night()
    figures = place.digest()
    (place.folder / "ideas.jsonl").unlink()

    night = place.night()

    assert (night.published, night.exit_code) == (True, 3)
    assert "ask the owner of the box" in night.behind["suggestions_ideas"]
    assert place.ask("select state from report.sources where source = 'suggestions'") == [("behind",)]
    assert place.digest() == figures


HANGS = CONNECTOR.replace(
    "        if not Path", "        import time; Path(self.file).with_name('hanging').touch(); time.sleep(600)\n        if not Path"
)
EXITS = CONNECTOR.replace("        if not Path", "        import os; os._exit(9)\n        if not Path")
RUBBISH = CONNECTOR.replace("yield Page(Idea.many(", "yield 5; yield Page(Idea.many(")


class TimeIsOver(threading.Thread):
    """A timer whose clock runs out the moment that the source hangs, not after three quarters of an hour."""

    def __init__(self, hanging: Path, seconds: float, ring: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.hanging, self.ring, self.over = hanging, ring, threading.Event()
        assert seconds > 2700

    def run(self) -> None:
        while not self.over.wait(0.05):
            if self.hanging.exists():
                self.ring()
                return

    def cancel(self) -> None:
        self.over.set()


@pytest.mark.parametrize(
    ("connector", "why"),
    [(HANGS, "was stopped"), (EXITS, "ended with code 9"), (RUBBISH, "unforeseen")],
    ids=["hangs", "exits", "rubbish"],
)
def test_a_source_that_hangs_exits_or_yields_rubbish_stops_nobody(
    tmp_path: Path, connector: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.child.threading.Timer", partial(TimeIsOver, tmp_path / "hanging"))
    place = Place(tmp_path, directory(tmp_path) + ideas(tmp_path))
    place.plugin("suggestions", connector=connector, acts=ACTS)

    night = place.night()

    assert (night.published, night.exit_code) == (True, 3)
    assert why in night.behind["suggestions_ideas"]
    assert "directory_people" not in night.behind
    assert place.ask("select source, state from report.sources order by source") == [
        ("directory", "fresh"),
        ("suggestions", "never"),
    ]


def test_a_broken_promise_publishes_nothing_and_keeps_the_last_page(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.night()
    page, figures = (place.home / "report/index.html").read_bytes(), place.digest()
    warehouse = (place.home / "warehouse.duckdb").read_bytes()
    from pipeline.warehouse import Build

    offenders = Build.offenders
    monkeypatch.setattr(Build, "offenders", lambda self, model: dict.fromkeys(offenders(self, model), 1))

    night = place.night()

    assert (night.published, night.exit_code) == (False, 4)
    assert any(table.startswith("staging.") for table in night.broken)
    assert (place.home / "report/index.html").read_bytes() == page
    assert (place.home / "warehouse.duckdb").read_bytes() == warehouse
    assert place.digest() == figures
    assert not list(place.home.glob(".warehouse*"))


def test_a_plug_in_can_be_taken_away(place: Place) -> None:
    place.night()
    place.config.write_text(place.config.read_text().split("[connectors.suggestions]")[0])
    night = place.night()
    assert (night.broken, night.exit_code) == ({}, 0)
    assert place.ask("select count(*) from staging.acts", warehouse=True) == [(0,)]


def test_a_plug_in_that_breaks_is_behind_and_the_others_go_on(place: Place) -> None:
    place.night()
    (place.plugins / "suggestions/connector.py").write_text("import nonesuch\n")
    night = place.night()
    assert (night.broken, night.exit_code) == ({}, 3)
    assert "does not load" in night.behind["suggestions"]
    states = place.ask("select source, state from report.sources order by source")
    assert states == [("directory", "fresh"), ("suggestions", "behind")]


@pytest.mark.parametrize(
    "half",
    ["select author as person from", ACTS.replace("author", "nobody")],
    ids=["no SQL", "a column that is not there"],
)
def test_a_half_that_does_not_hold_leaves_its_source_out_and_the_others_go_on(tmp_path: Path, half: str) -> None:
    place = Place(tmp_path, directory(tmp_path) + ideas(tmp_path))
    place.plugin("suggestions", connector=CONNECTOR, acts=half)
    night = place.night()
    assert (night.broken, night.published, night.exit_code) == ({}, True, 3)
    states = place.ask("select source, state from report.sources order by source")
    assert states == [("directory", "fresh"), ("suggestions", "behind")]


def test_under_another_key_nothing_is_pulled_and_the_old_one_is_asked_for(place: Place) -> None:
    place.night()
    figures, landed = place.digest(), sorted((place.home / "landing").rglob("*.parquet"))
    (place.folder / "key").write_text(bytes(range(40, 72)).hex())
    night = place.night()
    assert (night.published, night.exit_code, place.digest()) == (True, 3, figures)
    assert "put the old key back" in night.behind["suggestions_ideas"]
    assert sorted((place.home / "landing").rglob("*.parquet")) == landed


def test_the_same_landing_gives_the_same_figures_and_nothing_lands_twice(place: Place) -> None:
    place.night()
    figures = place.digest()
    batches = sorted(str(p) for p in (place.home / "landing").rglob("rows.parquet"))
    place.night()
    assert place.digest() == figures
    assert sorted(str(p) for p in (place.home / "landing").rglob("rows.parquet")) == batches
