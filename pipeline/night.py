"""One night from the command line: the same Dagster job that the schedule starts, and what became of it.

Belongs here: Dagster's home, running the job, reading its result. Does not: the job (definitions.py), words (cli.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import yaml

from pipeline.landing.store import ensure
from pipeline.places import CHECKOUT
from pipeline.problems import ConfigError
from pipeline.session import PUBLISHED
from pipeline.settings import Settings

if TYPE_CHECKING:
    import dagster as dg


@dataclass
class Night:
    """What became of a night. `broken` names a step or promise that stopped publication; `behind` maps stream -> why."""

    published: bool = False
    page: Path | None = None
    digest: str = ""
    behind: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """0 all well, 3 published with a source behind, 4 not published: the reader still sees the last page."""
        return 4 if not self.published else 3 if self.behind else 0


def dagster_home(settings: Settings) -> Path:
    """Dagster's folder in TIDEMARK_HOME with our dagster.yaml, its paths made absolute. Its storage is disposable."""
    home = ensure(settings.home / "dagster")
    shipped = yaml.safe_load((CHECKOUT / "dagster.yaml").read_text()) if (CHECKOUT / "dagster.yaml").exists() else {}
    shipped["storage"] = {"sqlite": {"base_dir": str(home)}}
    for part in ("local_artifact_storage", "compute_logs"):
        shipped.get(part, {}).get("config", {}).update(base_dir=str(home))
    (home / "dagster.yaml").write_text(yaml.safe_dump(shipped))
    return home


@contextmanager
def dagster_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance that the webserver of this home shows too."""
    import dagster as dg
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "connect")
    def spare_the_disk(connection: Any, _record: object) -> None:
        # Several hundred small commits a night: synced one by one they take longer than the models. What is lost
        # with the machine's power is Dagster's history, which is disposable; landing syncs for itself.
        connection.execute("pragma synchronous = off")

    os.environ["DAGSTER_HOME"] = str(dagster_home(settings))
    with dg.DagsterInstance.get() as instance:
        yield instance


def run(
    settings: Settings, *, days: tuple[date, date] | None = None, connectors: list[str] | None = None, ephemeral: bool = False
) -> Night:
    """Run the nightly job here and now. `days` is a backfill's window; `connectors` limits what is pulled for it.

    An `ephemeral` night leaves no history in Dagster. Raises ConfigError where nothing is configured.
    """
    import dagster as dg

    from pipeline import definitions, discovery

    found = discovery.find(settings)
    defs = definitions.build(settings)
    job = defs.resolve_job_def(definitions.NIGHTLY)
    tags = definitions.night_tags(found, settings)
    if days:
        tags = {
            "dagster/asset_partition_range_start": days[0].isoformat(),
            "dagster/asset_partition_range_end": days[1].isoformat(),
        }
    selection: list[dg.AssetKey] | None = None
    if connectors:
        unwanted = {
            key
            for name, instance in found.instances.items() if name not in connectors
            for key in (dg.AssetKey(["landing", f"{name}_{s.name}"]) for s in instance.streams)
        }  # fmt: skip
        selection = [key for key in job.asset_layer.executable_asset_keys if key not in unwanted]
    if not found.instances:
        raise ConfigError("no connector is configured: add a table [connectors.NAME] to tidemark.toml, or run `tidemark demo`")
    with dg.DagsterInstance.ephemeral() if ephemeral else dagster_instance(settings) as instance:
        result = job.execute_in_process(
            instance=instance, tags=tags, raise_on_error=False, asset_selection=selection,
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )  # fmt: skip
    night = _read(result)
    if night.published:
        night.behind = _behind(settings.home / PUBLISHED) | night.behind
    return night


def _behind(published: Path) -> dict[str, str]:
    """The sources that the page shows as behind, also where their pull itself did not fail."""
    with duckdb.connect(str(published), read_only=True) as con:
        rows = con.execute("select source, reason, action from report.sources where state <> 'fresh' order by source").fetchall()
    return {source: f"{reason}: {action}" for source, reason, action in rows}


def _plain(message: str) -> str:
    """An error of ours without the name of its class."""
    return message.strip().removeprefix("pipeline.problems.").removeprefix("LandingError: ").removeprefix("BrokenPromise: ")


def _read(result: dg.ExecuteInProcessResult) -> Night:
    """The night in the events of its run."""
    night = Night()
    for event in result.all_events:
        if event.event_type_value == "ASSET_CHECK_EVALUATION":
            check = event.asset_check_evaluation_data
            if check.passed:
                continue
            told: dict[str, Any] = {k: v.value for k, v in check.metadata.items()}
            if check.check_name == "pulled":
                night.behind[check.asset_key.path[-1]] = f"{told.get('why', '')}: {told.get('what to do', '')}"
            else:
                night.broken[".".join(check.asset_key.path)] = f"{check.check_name}: {told.get('offenders')} rows"
        elif event.is_step_failure:
            error = event.step_failure_data.error
            cause = error.cause or error if error else None
            night.broken[event.step_key or "?"] = _plain(cause.message) if cause else "failed"
        elif event.is_step_materialization:
            data = event.step_materialization_data.materialization
            if list(data.asset_key.path) == ["report", "page"]:
                night.published, night.page = True, Path(str(data.metadata["page"].value))
            if "sha256 of figures" in data.metadata:
                night.digest = str(data.metadata["sha256 of figures"].value)
    return night
