"""The demo from end to end on a small simulated department: the real connectors, over the vendors' wire formats."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from pipeline import demo, night, settings
from pipeline.landing.store import Store
from pipeline.publish import figures_digest
from pipeline.session import PUBLISHED, WAREHOUSE
from pipeline.simulate.serve import serve
from tests.finder import find

STAFF, WEEKS = 300, 9


@dataclass
class Made:
    """A demo that ran: where, what it printed, how it ended."""

    folder: Path
    code: int
    printed: str

    @property
    def home(self) -> Path:
        return self.folder / ".tidemark"

    @property
    def truth(self) -> Path:
        return self.folder / ".tidemark-demo-truth"


def run(folder: Path) -> Made:
    """`tidemark demo` in a folder."""
    printed = Console(record=True, width=160, file=StringIO())
    before = dict(os.environ)
    try:
        code = demo.run(folder / ".tidemark-demo", staff=STAFF, weeks=WEEKS, seed=7, out=printed)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return Made(folder, code, printed.export_text())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One demo for all tests of this file."""
    return run(tmp_path_factory.mktemp("demo"))


def test_it_ends_at_the_page_and_a_summary(made: Made) -> None:
    assert made.code == 0
    assert "Department for Coastal Services" in made.printed
    assert ".tidemark/report/index.html" in made.printed.replace("\n", "")
    assert (made.home / "report/index.html").read_text().startswith("<!doctype html>")


def test_every_source_is_fresh_and_every_account_closes(made: Made) -> None:
    with duckdb.connect(str(made.home / PUBLISHED), read_only=True) as con:
        assert con.execute("select distinct state from report.sources").fetchall() == [("fresh",)]
        assert con.execute("select count(*) from report.sources").fetchall() == [(9,)]
    manifests = [m for s in Store(made.home).streams() for m in s.manifests]
    assert all(m.account.closes() for m in manifests)
    assert sum(m.account.read for m in manifests) > 30_000


def test_the_pipeline_sees_what_the_simulator_did(made: Made) -> None:
    """Adopters by the rule of three days, against the simulator's own record of who wrote when."""
    with duckdb.connect(str(made.home / WAREHOUSE), read_only=True) as con:
        [(excluded,)] = con.execute("select count(*) from landing.yammer_messages where thread is null").fetchall()
        [(seen,)] = con.execute("select count(distinct person) from staging.adopters where days = 3 and channels = 1").fetchall()
    adopted = json.loads((made.truth / "adopted.json").read_text())
    assert excluded == 0
    assert abs(seen - len(adopted)) <= max(3, 0.03 * len(adopted))


def test_registers_and_surveys_land_as_they_are(made: Made) -> None:
    truth = {name: json.loads((made.truth / f"{name}.json").read_text()) for name in ("cascade", "absences", "survey")}
    manifests = [m for s in Store(made.home).streams() for m in s.manifests if m.stream in ("champions", "absences", "answers")]
    assert {m.stream for m in manifests} == {"champions", "absences", "answers"}
    assert not [m.account.quarantined for m in manifests if m.account.quarantined]
    with duckdb.connect(str(made.home / WAREHOUSE), read_only=True) as con:
        landed = {
            table: con.execute(f"select count(*) from landing.{table}").fetchall()[0][0]
            for table in ("champions_register_champions", "absence_register_absences")
        }
        [(asked,)] = con.execute("select count(distinct person) from each.answers where item = 'capability'").fetchall()
    assert landed == {
        "champions_register_champions": len(truth["cascade"]["champions"]["rows"]),
        "absence_register_absences": len(truth["absences"]["rows"]),
    }
    answered = [sum(row[wave["teams"]["columns"].index("responded")] for row in wave["teams"]["rows"]) for wave in truth["survey"]]
    assert max(answered) * 0.95 < asked <= sum(answered)


def test_a_second_night_lands_nothing_and_gives_the_same_figures(made: Made) -> None:
    figures = figures_digest(made.home / PUBLISHED)
    rows = sorted(p.relative_to(made.home) for p in (made.home / "landing").rglob("rows.parquet"))
    again = run(made.folder)
    assert (again.code, figures_digest(made.home / PUBLISHED)) == (0, figures)
    assert sorted(p.relative_to(made.home) for p in (made.home / "landing").rglob("rows.parquet")) == rows


def test_a_fresh_demo_of_the_same_seed_has_the_same_figures(made: Made, tmp_path: Path) -> None:
    other = run(tmp_path)
    assert figures_digest(other.home / PUBLISHED) == figures_digest(made.home / PUBLISHED)


def names_and_addresses(truth: Path) -> list[str]:
    """Every e-mail address and full name of the simulated staff."""
    strings = json.loads((truth / "strings.json").read_text())
    return [*strings["names"], *strings["emails"]]


def test_no_address_and_no_name_of_the_staff_is_anywhere(made: Made) -> None:
    needles = names_and_addresses(made.truth)
    assert len(needles) > STAFF
    assert find(made.home, needles) == []
    planted = made.home / "landing" / "planted.txt"
    planted.write_text(f"said {needles[0]} and {needles[-1]}")
    try:
        assert {hit.needle for hit in find(made.home, needles)} == {needles[0], needles[-1]}
    finally:
        planted.unlink()


def test_what_is_published_has_no_column_of_a_person(made: Made) -> None:
    with duckdb.connect(str(made.home / PUBLISHED), read_only=True) as con:
        columns = con.execute("select column_name, data_type from information_schema.columns").fetchall()
    assert not [c for c in columns if c[1] == "BLOB" or c[0] in ("person", "author", "toward", "email", "login")]


def test_private_things_never_reach_landing(made: Made) -> None:
    with duckdb.connect(str(made.home / WAREHOUSE), read_only=True) as con:
        groups = {g for (g,) in con.execute("select distinct name from landing.yammer_groups").fetchall()}
    assert groups
    assert not [g for g in groups if "union" in g.lower() or "network" in g.lower().split()]
    excluded: dict[str, int] = {}
    for manifest in Store(made.home).stream("yammer", "messages").manifests:
        for rule, n in manifest.account.excluded.items():
            excluded[rule] = excluded.get(rule, 0) + n
    assert {"direct message", "private group", "trade union or staff network", "system message", "bot"} <= set(excluded)


@pytest.fixture
def down(made: Made) -> Iterator[settings.Settings]:
    """The demo's configuration with nobody serving its sources any more."""
    before = dict(os.environ)
    os.environ["TIDEMARK_CONFIG"] = str(made.folder / ".tidemark-demo/tidemark.toml")
    os.environ["TIDEMARK_SOURCE_MINUTES"] = "0.02"  # a budget that is used up before the first wait
    try:
        with serve(made.folder / ".tidemark-demo"):
            pass
        yield settings.load()
    finally:
        os.environ.clear()
        os.environ.update(before)


def test_with_every_server_down_the_page_is_stale_and_says_so(made: Made, down: settings.Settings) -> None:
    figures = figures_digest(made.home / PUBLISHED)
    done = night.run(down, ephemeral=True)
    assert (done.published, done.exit_code) == (True, 3)
    assert {"yammer_messages", "training_statements", "webchat_questions"} <= set(done.behind)
    assert figures_digest(made.home / PUBLISHED) == figures
