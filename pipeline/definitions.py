"""What Dagster loads: the road from connectors to the page, the nightly job and its schedule.

Belongs here: putting the assets together. Does not: making them (assets.py), or anything a source is.
"""
# No `from __future__ import annotations`: Dagster reads annotations at run time.

from collections.abc import Iterator, Sequence

import dagster as dg

from pipeline import assets, discovery, settings
from pipeline.landing.store import Store
from pipeline.landing.tables import readings_of
from pipeline.models import Model, shipped_models
from pipeline.pull import missing_days
from pipeline.pulls import Pulls
from pipeline.session import Session, halves_of, session

NIGHTLY = "nightly"


@dg.definitions
def defs() -> dg.Definitions:
    """Every asset, the nightly job and the schedule, from the configuration in force."""
    return build(settings.load())


def build(config: settings.Settings) -> dg.Definitions:
    """The definitions for one configuration. Raises ConfigError where it cannot hold."""
    found = discovery.find(config)
    halves, models = halves_of(found), shipped_models()
    instances = sorted(found.instances.values(), key=lambda i: i.name)
    readers = [(i, s) for i in instances for s in i.streams if s.prose()]
    reading_keys = [assets.landing_key(i, readings_of(s.name)) for i, s in readers]
    made = [
        *(assets.connector_assets(i, found, config) for i in instances),
        *(assets.readings_asset(i, s, config) for i, s in readers),
        assets.current_rows_asset([assets.landing_key(i, s.name) for i in instances for s in i.streams] + reading_keys),
        *(assets.model_asset(m, found, halves) for m in models),
        *assets.report_assets([m for m in models if m.schema in ("metrics", "report")], reading_keys, config),
    ]
    job = dg.define_asset_job(NIGHTLY, selection=dg.AssetSelection.all(), description="One night, from the sources to the page.")
    return dg.Definitions(
        assets=made, jobs=[job], schedules=[_schedule(found, config)], executor=dg.in_process_executor,
        resources={"session": _session_resource(found, config, models)}, metadata={"broken plug-ins": found.broken},
    )  # fmt: skip


def _session_resource(found: discovery.Found, config: settings.Settings, models: Sequence[Model]) -> dg.ResourceDefinition:
    """The session of a run; it starts from an empty file when the run builds every one of the `models`."""

    @dg.resource(description="This run's build of the warehouse: made aside, swapped in whole.")
    def opened(context: dg.InitResourceContext) -> Iterator[Session]:
        selected = assets.selection(context.run)
        whole = selected is None or {dg.AssetKey([m.schema, m.name]) for m in models} <= selected
        pulls = Pulls(assets.requests(found, config, context.run), config)
        with session(config, found, pulls, fresh=whole) as one:
            yield one

    return opened


def night_tags(found: discovery.Found, config: settings.Settings) -> dict[str, str]:
    """The range of days that one night asks for: from the oldest that is missing in landing's manifests to yesterday."""
    as_of = config.as_of()
    firsts = [
        missing_days(Store(config.home).stream(i.name, s.name), s, as_of)[0]
        for i in found.instances.values() for s in i.streams if s.unit == "day"
    ]  # fmt: skip
    night = {assets.NIGHT: as_of.isoformat()}
    if not firsts:
        return night
    first, last = min(firsts).isoformat(), as_of.isoformat()
    return night | {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}


def _schedule(found: discovery.Found, config: settings.Settings) -> dg.ScheduleDefinition:
    def ask(_context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return dg.RunRequest(tags=night_tags(found, config))

    return dg.ScheduleDefinition(
        name="every_night", job_name=NIGHTLY, cron_schedule="0 4 * * *", execution_timezone="Europe/London", execution_fn=ask,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="One run each night over every day that is missing; 04:00 exists on every day of the year.",
    )  # fmt: skip
