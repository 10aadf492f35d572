"""How long every model takes, and how much memory, over a simulated department of a given size.

    python benchmarks/metrics_at_scale.py --staff 3000 --teams 209 --weeks 78       bar: 20 s on 2 cores
    python benchmarks/metrics_at_scale.py --staff 100000 --teams 2000 --weeks 52    bar: 120 s, 4 GB

The department is simulated and written to a file by a process of its own, so that the memory told here is that of the
models; seconds of all cores say what a machine without other work would need. Peak memory is this process's resident set,
reset before each model where the system allows it. Volumes are those of pipeline/simulate/events/doings.py: 15 million
acts for the larger size. Ends with 1 where a bar is missed.

Belongs here: measuring. Does not: what is measured (warehouse/), what is simulated (pipeline/simulate/events).
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline.calibrate.warehouse import build_models, fill
from pipeline.publish import figures_digest
from pipeline.simulate.events import Branching, Broadcast, Observation, Scenario, Seeds, replicate
from pipeline.simulate.events.tables import shape_tables
from pipeline.warehouse import Build

BARS = {3_000: (20.0, 4096), 100_000: (120.0, 4096)}  # staff at most -> seconds, MB


def scenario_of(staff: int, teams: int, weeks: int, seed: int) -> Scenario:
    """A department in which one in forty is a champion and the habit spreads beyond them."""
    return Scenario(
        seed=seed, staff=staff, teams=teams, weeks=weeks, seeds=Seeds(people=staff // 40, weeks=min(20, weeks)),
        branching=Branching(reproduction=1.5, dispersion=0.8), broadcast=Broadcast(weekly=staff / 1000),
        observation=Observation(hidden=0.3),
    )  # fmt: skip


def make(path: Path, scenario: Scenario) -> None:
    """Simulate the department and write its shapes into a build file."""
    tables = shape_tables(replicate(scenario))
    with Build(path) as build:
        fill(build, tables, scenario.first_day, scenario.first_day.fromordinal(scenario.first_day.toordinal() + scenario.days - 1))
    sys.stdout.write(", ".join(f"{table.num_rows:,} {name}" for name, table in tables.items()) + "\n")


def peak() -> int:
    """The peak of this process's resident memory since the last reset, in MB; 0 where the system does not tell."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
        now = next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM"))
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    except (OSError, StopIteration):
        return 0
    return now


def run(path: Path, threads: int, memory: str) -> tuple[float, float, int, str]:
    """Build everything; seconds, seconds of all cores, peak MB and the digest of the figures."""
    most = 0
    with Build(path, threads=threads, memory=memory) as build:
        peak()
        start, start_cores = began, began_cores = time.perf_counter(), time.process_time()
        for model in build_models(build):
            now, now_cores, used = time.perf_counter(), time.process_time(), peak()
            tell(now - began, now_cores - began_cores, used, model.table)
            began, began_cores, most = now, now_cores, max(most, used)
        digest = figures_digest(build.con)
    return began - start, began_cores - start_cores, most, digest


def tell(seconds: float, cores: float, used: int, what: str) -> None:
    """One line."""
    sys.stdout.write(f"{seconds:8.2f} s {cores:8.2f} s of cores {used:6d} MB  {what}\n")
    sys.stdout.flush()


def main() -> int:
    """Simulate, measure, tell."""
    parser = argparse.ArgumentParser(description="Seconds and memory of every model over a simulated department.")
    parser.add_argument("--staff", type=int, default=3000)
    parser.add_argument("--teams", type=int, default=209)
    parser.add_argument("--weeks", type=int, default=78)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="3GB", help="what the database may hold; Python's own comes on top")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    scenario = scenario_of(chosen.staff, chosen.teams, chosen.weeks, chosen.seed)
    if chosen.make:
        make(chosen.make, scenario)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warehouse.duckdb"
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--make", str(path)], check=True)
        seconds, cores, most, digest = run(path, chosen.threads, chosen.memory)
    bar = next((bar for staff, bar in sorted(BARS.items()) if chosen.staff <= staff), (float("inf"), 10**9))
    held = seconds <= bar[0] and most <= bar[1]
    short = hashlib.sha256(digest.encode()).hexdigest()[:12]
    tell(seconds, cores, most, f"all models; bar {bar[0]:g} s, {bar[1]} MB: {'holds' if held else 'MISSED'}")
    sys.stdout.write(f"figures {short}\n")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
