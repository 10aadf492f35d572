"""The demo: a simulated department's sources on loopback, and one real night over them.

Belongs here: putting the simulator and the night together. Does not: either of them.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from rich.console import Console

from pipeline import night, progress, report, settings
from pipeline.session import PUBLISHED
from pipeline.simulate.build import build
from pipeline.simulate.department import Department
from pipeline.simulate.serve import serve


def run(folder: Path, *, staff: int, weeks: int, seed: int, out: Console) -> int:
    """Build the department if it is not there, serve it, run the night; gives the night's exit code."""
    folder = folder.resolve()
    department = Department.model_validate({"staff": staff, "weeks": weeks, "seed": seed})

    def tell(line: str) -> None:
        out.print(line, style="dim", markup=False)

    tell(f"Simulating a department of {staff:,} staff over {weeks} weeks (seed {seed}) in {folder.name}/")
    build(department, folder, truth=folder.with_name(folder.name + "-truth"), progress=tell)
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


def _shown(page: Path | None) -> str:
    """The page's path as a person in this folder would type it."""
    if page is None:
        return ""
    return str(page.relative_to(Path.cwd())) if page.is_relative_to(Path.cwd()) else str(page)
