"""The demo: a simulated department's sources on loopback, and one real night over them; or the department alone.

Belongs here: putting the simulator and the night together. Does not: either of them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

from rich.console import Console

from pipeline import night, progress, report, settings
from pipeline.session import PUBLISHED
from pipeline.simulate.build import build
from pipeline.simulate.department import Department
from pipeline.simulate.department import parameters as read_parameters
from pipeline.simulate.serve import refuse_other_days, serve


def run(folder: Path, *, staff: int, weeks: int, seed: int, out: Console) -> int:
    """Build the department if it is not there, serve it, run the night; gives the night's exit code."""
    folder = folder.resolve()

    def tell(line: str) -> None:
        out.print(line, style="dim", markup=False)

    _simulate(read_parameters(None, staff=staff, weeks=weeks, seed=seed), folder, out)
    os.environ["TIDEMARK_CONFIG"] = str(folder / "tidemark.toml")
    with serve(folder):
        config = settings.load()
        tell("The night: sources, readings, models, page")
        began = time.monotonic()
        with progress.listening(tell):
            done = night.run(config)
        took = time.monotonic() - began
    if not done.published:
        for step, why in done.broken.items():
            out.print(f"{step}: {why}", markup=False)
        return done.exit_code
    out.print()
    out.print(report.summary(config.home / PUBLISHED), markup=False)
    out.print(f"\nThe night took {took:.0f} s; figures {done.digest[:16]}")
    for stream, why in done.behind.items():
        out.print(f"{stream} is behind: {why}", markup=False)
    out.print(f"Open {_shown(done.page)}")
    return done.exit_code


def make(
    folder: Path, *, parameters: Path | None, chosen: Mapping[str, int | None], port: int | None, day: date | None, out: Console
) -> None:  # fmt: skip
    """Build the department of a file of parameters, where `chosen` wins; with a port, serve it until interrupted, as of a day."""
    folder = folder.resolve()
    department = read_parameters(parameters, **chosen)
    if day:
        refuse_other_days(day, department.first_day, department.today)  # before minutes are spent on building it
    _simulate(department, folder, out)
    if port is None:
        return
    with serve(folder, port, day=day) as server:
        place = f"{server.url} as on {day}" if day else server.url
        out.print(f"Serving {place}; its settings are {_shown(folder / 'tidemark.toml')}. Ctrl-C ends it.", markup=False)
        with suppress(KeyboardInterrupt):
            server.wait()


def _simulate(department: Department, folder: Path, out: Console) -> None:
    told = f"{department.staff:,} staff over {department.weeks} weeks (seed {department.seed})"
    out.print(f"Simulating a department of {told} in {folder.name}/", style="dim", markup=False)
    build(
        department, folder, truth=folder.with_name(folder.name + "-truth"),
        progress=lambda line: out.print(line, style="dim", markup=False),
    )  # fmt: skip


def _shown(page: Path | None) -> str:
    """The page's path as a person in this folder would type it."""
    if page is None:
        return ""
    return str(page.relative_to(Path.cwd())) if page.is_relative_to(Path.cwd()) else str(page)
