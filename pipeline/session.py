"""One run's build of the warehouse: made aside by one writer, verified, swapped in whole.

Belongs here: when the aside file is opened, filled and swapped. Does not: what a model is (models.py), or Dagster.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline import discovery, figures, models, publish, shapes, warehouse
from pipeline.disclosure.gate import keep_back
from pipeline.disclosure.groups import shipped_groups
from pipeline.landing import tables
from pipeline.landing.migrate import outdated
from pipeline.landing.store import Store
from pipeline.models import Model
from pipeline.problems import LandingError
from pipeline.pulls import Pulls
from pipeline.settings import Settings
from pipeline.shapes import Half

WAREHOUSE = "warehouse.duckdb"
PUBLISHED = "published.duckdb"


def halves_of(found: discovery.Found) -> list[Half]:
    """The SQL halves of every configured connector; one whose halves cannot be read joins those that are broken."""
    halves: list[Half] = []
    for instance in sorted(found.instances.values(), key=lambda i: i.name):
        try:
            halves += shapes.read_halves(instance.plugin.folder, instance.plugin.name, instance.name, instance.channel)
        except models.ModelError as error:
            found.broken[instance.name] = str(error)
            del found.instances[instance.name]
    return halves


@dataclass
class Session:
    """The warehouse as one run sees it. `fresh` starts from landing; else from the warehouse that is in force."""

    settings: Settings
    found: discovery.Found
    pulls: Pulls
    fresh: bool = True
    clean: bool = True
    kept_back: int = 0
    landed: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    _build: warehouse.Build | None = None

    @property
    def store(self) -> Store:
        """This run's landing."""
        return Store(self.settings.home)

    @property
    def final(self) -> Path:
        """The warehouse that is in force."""
        return self.settings.home / WAREHOUSE

    @property
    def published(self) -> Path:
        """What may leave the building."""
        return self.settings.home / PUBLISHED

    @property
    def build(self) -> warehouse.Build:
        """The aside file, opened and filled from landing at first use. Raises LandingError naming another writer."""
        return self._build or self.open()

    def open(self) -> warehouse.Build:
        """Open the aside file and fill it with the current rows of landing, whatever was in it."""
        if self._build is None:
            self._build = self._opened()
        return self._build

    def _opened(self) -> warehouse.Build:
        home = self.settings.home
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._stack.enter_context(FileLock(home / "warehouse.lock", timeout=0, mode=0o600))
        except Timeout:
            raise LandingError("another run is building the warehouse: wait for it to end") from None
        aside = home / f".{WAREHOUSE}.{os.getpid()}"
        for stale in home.glob(f".{WAREHOUSE}.*"):
            stale.unlink()
        if not self.fresh and self.final.exists():
            shutil.copyfile(self.final, aside)
        build = self._stack.enter_context(warehouse.Build(aside, threads=self.settings.threads))
        as_of = self.settings.as_of()
        self._leave_out_outdated()
        self.landed = tables.load(build.con, self.store, self.found.instances.values(), as_of, self.found.unusable(self.settings))
        build.prepare(as_of, self.settings.zone, self.settings.k, self.settings.organisation, self.settings.rules)
        self.left_out = build.shapes(halves_of(self.found))
        return build

    def _leave_out_outdated(self) -> None:
        """A source whose batches are of another schema joins those that are broken: it is told of, never misread."""
        for instance in list(self.found.instances.values()):
            why = [outdated(self.store.stream(instance.name, stream.name), stream) for stream in instance.streams]
            if any(why):
                self.found.broken[instance.name] = next(filter(None, why))
                del self.found.instances[instance.name]

    def rebuild(self, model: Model) -> tuple[int, dict[str, int]]:
        """Rebuild one table; gives its rows and the offenders of each promise."""
        try:
            rows = self.build.rebuild(model)
            if model.schema == "metrics":
                figures.finish(self.build.con, model)
            offenders = self.build.offenders(model)
        except BaseException:
            self.clean = False
            raise
        self.clean = self.clean and not any(offenders.values())
        return rows, offenders

    def publish(self) -> str:
        """Make published.duckdb from the k-safe tables, once the gate has had its word; gives the sha256 of its figures."""
        self.kept_back = keep_back(self.build.con, shipped_groups(), self.settings.k)
        return publish.publish(self.build.con, self.published, "simulated" if self.settings.simulated else "")

    def close(self) -> None:
        """Swap the build in if all of it holds, else leave the warehouse as it was."""
        self.pulls.close()
        aside = self._build.path if self._build else None
        self._stack.close()
        if aside and aside.exists():
            if self.clean:
                warehouse.swap(aside, self.final)
            else:
                aside.unlink()


@contextmanager
def session(settings: Settings, found: discovery.Found, pulls: Pulls, *, fresh: bool = True) -> Iterator[Session]:
    """A session that swaps its build in only when everything in it held."""
    opened = Session(settings, found, pulls, fresh=fresh)
    try:
        yield opened
    except BaseException:
        opened.clean = False
        raise
    finally:
        opened.close()
