"""Dagster's view of the road: assets made from the things they describe, never typed twice.

Belongs here: one multi-asset per connector, readings, models, publication, the page. Does not: how any of them works.
"""
# No `from __future__ import annotations`: Dagster reads the annotation of `context`.

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import dagster as dg

from pipeline import child, readings, report
from pipeline.connector import Stream
from pipeline.discovery import Found, Instance, name_streams
from pipeline.landing.manifest import Account
from pipeline.landing.tables import readings_of
from pipeline.models import RULES, Model
from pipeline.progress import tell
from pipeline.pull import Outcome
from pipeline.session import Session
from pipeline.settings import Settings
from pipeline.shapes import Half
from pipeline.text import read_themes

if TYPE_CHECKING:
    Result = dg.MaterializeResult[None]
else:
    Result = dg.MaterializeResult  # Dagster does not recognise the generic form at run time
CURRENT = dg.AssetKey(["landing", "current"])
PAGE = dg.AssetKey(["report", "page"])
PUBLISHED = dg.AssetKey(["report", "published"])
NIGHT = "tidemark/night"  # tag of a run that catches up; without it a range of days is a backfill
FIRST_PARTITION = "2020-01-01"
MORNING = "0 7 * * *"


def landing_key(instance: Instance, stream: str) -> dg.AssetKey:
    """The asset of one stream."""
    return dg.AssetKey(["landing", f"{instance.name}_{stream}"])


def _days(settings: Settings) -> dg.DailyPartitionsDefinition:
    return dg.DailyPartitionsDefinition(FIRST_PARTITION, timezone=settings.zone)


def _morning(settings: Settings) -> dg.FreshnessPolicy:
    return dg.FreshnessPolicy.cron(deadline_cron=MORNING, lower_bound_delta=timedelta(hours=5), timezone=settings.zone)


# ---------------------------------------------------------------------------------------------------------- landing
def connector_assets(instance: Instance, found: Found, settings: Settings) -> dg.AssetsDefinition:
    """One connector: one asset a stream, pulled together in a child process, each with the check `pulled`."""
    keys = {landing_key(instance, s.name): s for s in instance.streams}
    specs = [_stream_spec(instance, s, found, settings) for s in instance.streams]
    checks = [
        dg.AssetCheckSpec("pulled", asset=key, blocking=False, description="The source was read to its end this night.")
        for key in keys
    ]

    @dg.multi_asset(name=f"pull_{instance.name}", specs=specs, check_specs=checks, can_subset=True, pool=f"source_{instance.name}")
    def pull(context: dg.AssetExecutionContext, session: dg.ResourceParam[Session]) -> Iterable[Result]:
        for outcome in session.pulls.outcomes(instance.name):
            key = landing_key(instance, outcome.stream)
            if key in context.selected_asset_keys:
                account = outcome.account
                why = "" if outcome.complete else f" ({outcome.state}: {outcome.reason})"
                tell(f"  {instance.name}/{outcome.stream}: {account.landed:,} of {account.read:,} records landed{why}")
                yield stream_result(key, outcome)

    return pull


def _stream_spec(instance: Instance, stream: Stream, found: Found, settings: Settings) -> dg.AssetSpec:
    names = [] if not stream.prose() else [
        landing_key(other, s.name) for other, s, _ in name_streams(found.instances.values()) if other.name != instance.name
    ]  # fmt: skip
    return dg.AssetSpec(
        landing_key(instance, stream.name), group_name="landing", deps=names, kinds={"parquet"},
        description=f"{stream.doc}\n\nConnector **{instance.name}** ({instance.channel}), {stream.kind} stream.",
        partitions_def=_days(settings) if stream.unit == "day" else None, freshness_policy=_morning(settings),
        metadata={"fields": sorted(stream.record.model_fields)},
    )  # fmt: skip


def selection(run: dg.DagsterRun | None) -> frozenset[dg.AssetKey] | None:
    """The assets that a run is limited to; None for all of the job's."""
    return frozenset(run.asset_selection) if run and run.asset_selection else None


def requests(found: Found, settings: Settings, run: dg.DagsterRun | None) -> list[child.Request]:
    """What a run asks of each connector: the streams that it selects, in the window of days that a backfill names."""
    selected = selection(run)
    asked = []
    for instance in sorted(found.instances.values(), key=lambda i: i.name):
        streams = tuple(s.name for s in instance.streams if selected is None or landing_key(instance, s.name) in selected)
        if streams:
            asked.append(child.Request(instance, settings.as_of(), streams, _window(run.tags if run else {})))
    return asked


def _window(tags: Mapping[str, str]) -> tuple[date, date] | None:
    """The days that a backfill names, or None: a night's range only says what is missing, and each stream knows that."""
    first = tags.get("dagster/asset_partition_range_start") or tags.get("dagster/partition")
    if first is None or NIGHT in tags:
        return None
    return date.fromisoformat(first), date.fromisoformat(tags.get("dagster/asset_partition_range_end", first))


def stream_result(key: dg.AssetKey, outcome: Outcome) -> Result:
    """How a stream's pull ended: totals only, and the check that a failed source does not pass."""
    account = outcome.account
    metadata: dict[str, dg.MetadataValue] = {
        "state": dg.MetadataValue.text(outcome.state), "read": dg.MetadataValue.int(account.read),
        "dagster/row_count": dg.MetadataValue.int(account.landed), "unchanged": dg.MetadataValue.int(account.unchanged),
        "quarantined": dg.MetadataValue.json(account.quarantined), "excluded": dg.MetadataValue.json(account.excluded),
    }  # fmt: skip
    why = {} if outcome.complete else {"why": outcome.reason, "what to do": outcome.action}
    check = dg.AssetCheckResult(
        passed=outcome.complete, check_name="pulled", asset_key=key, severity=dg.AssetCheckSeverity.WARN, metadata=why
    )
    return dg.MaterializeResult(asset_key=key, metadata=metadata, check_results=[check])


def readings_asset(instance: Instance, stream: Stream, settings: Settings) -> dg.AssetsDefinition:
    """Language, tone, themes and question of every text of a stream that has not been read yet."""

    @dg.asset(
        key=landing_key(instance, readings_of(stream.name)), deps=[landing_key(instance, stream.name)], group_name="landing",
        kinds={"python", "parquet"}, description=f"Readings of the prose of {instance.name}_{stream.name}; they outlive the text.",
    )  # fmt: skip
    def read(session: dg.ResourceParam[Session]) -> Result:
        tell(f"  reading the prose of {instance.name}/{stream.name}")
        listed = read_themes(settings.rules.themes)
        account: Account = readings.read_new(session.store, instance.name, stream, settings.as_of(), listed)
        return dg.MaterializeResult(metadata={"dagster/row_count": account.landed})

    return read


def current_rows_asset(landing: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The gate between landing and the models: no table is built before every source has had its turn."""

    @dg.asset(key=CURRENT, deps=landing, group_name="landing", kinds={"duckdb"},
              description="Current rows of every stream, as tables; built only after every source had its turn.")  # fmt: skip
    def current(session: dg.ResourceParam[Session]) -> Result:
        tell("  current rows of every stream")
        session.open()
        return dg.MaterializeResult(metadata={
            "dagster/row_count": sum(session.landed.values()), "rows": session.landed, "left out": session.left_out,
        })  # fmt: skip

    return current


# -------------------------------------------------------------------------------------------------- staging, metrics
def model_asset(model: Model, found: Found, halves: Sequence[Half]) -> dg.AssetsDefinition:
    """One table in the warehouse, rebuilt whole from its select statement; its promises are blocking checks."""
    key = dg.AssetKey([model.schema, model.name])
    checks = [
        dg.AssetCheckSpec(slug(promise), asset=key, blocking=True, description=f"never: {promise}") for promise in model.promises
    ]

    @dg.asset(
        key=key, deps=sorted({*_upstream(model, found, halves)}, key=str), group_name=model.schema, check_specs=checks,
        description=_card(model), kinds={"sql" if model.select else "python", "duckdb"},
    )  # fmt: skip
    def build(session: dg.ResourceParam[Session]) -> Result:
        rows, offenders = session.rebuild(model)
        tell(f"  {model.table}: {rows:,} rows")
        results = [
            dg.AssetCheckResult(passed=n == 0, check_name=slug(promise), metadata={"offenders": n})
            for promise, n in offenders.items()
        ]
        metadata: dict[str, dg.MetadataValue] = {"dagster/row_count": dg.MetadataValue.int(rows), **_shown(session, model)}
        return dg.MaterializeResult(metadata=metadata, check_results=results)

    return build


def slug(promise: str) -> str:
    """A promise as a check's name."""
    return "_".join("".join(c if c.isalnum() else " " for c in promise.lower()).split())


def _upstream(model: Model, found: Found, halves: Sequence[Half]) -> Iterator[dg.AssetKey]:
    """The assets a model reads; `each.<shape>` stands for the landing tables of every half of that shape."""
    if all(dep.split(".")[0] in ("each", "landing") or dep in RULES for dep in model.deps):
        yield CURRENT
    for dep in model.deps:
        schema, name = dep.split(".", 1)
        if schema == "each":
            for half in halves:
                if half.shape == name:
                    yield from (dg.AssetKey(["landing", table]) for table in half.tables)
        elif dep in ("landing.coverage", "landing.gives", "landing.sources"):
            yield from (landing_key(i, s.name) for i in found.instances.values() for s in i.streams)
        elif dep not in RULES:
            yield dg.AssetKey([schema, name])


def _card(model: Model) -> str:
    facts = [("Question", model.question), ("Unit", model.unit), ("Formula", model.formula), ("Limits", model.limits),
             ("Refuses to speak when", model.refuse)]  # fmt: skip
    lines = [f"**{name}.** {value}" for name, value in facts if value]
    return "\n\n".join([model.doc, *lines])


def _shown(session: Session, model: Model) -> dict[str, dg.MetadataValue]:
    """What the comms team sees of a metric: the organisation's latest figures, k-safe, and a plot one click away."""
    if model.schema != "metrics":
        return {}
    from pipeline.report import asset

    con = session.build.con
    return {
        "newest figure": dg.MetadataValue.text(asset.newest(con, model.name)),
        "figures": dg.MetadataValue.md(asset.table(con, model.name)),
        "plot": dg.MetadataValue.md(asset.picture(con, model.name)),
    }


# ----------------------------------------------------------------------------------------------------------- report
def report_assets(metrics: Sequence[Model], readings_keys: Sequence[dg.AssetKey], settings: Settings) -> list[dg.AssetsDefinition]:
    """What may leave the building, the page made from it alone, and the end of this night's prose."""
    upstream = [dg.AssetKey([m.schema, m.name]) for m in metrics]

    @dg.asset(key=PUBLISHED, deps=upstream, group_name="report", kinds={"duckdb"},
              description="published.duckdb: k-safe figures, no person in it; all that leaves is made from it.")  # fmt: skip
    def published(session: dg.ResourceParam[Session]) -> Result:
        digest = session.publish()
        return dg.MaterializeResult(metadata={"sha256 of figures": digest, "figures kept back by the gate": session.kept_back})

    @dg.asset(key=PAGE, deps=[PUBLISHED], group_name="report", kinds={"html"}, freshness_policy=_morning(settings),
              description="The page that the communications team reads each morning.")  # fmt: skip
    def page(session: dg.ResourceParam[Session]) -> Result:
        tell("  drawing the page")
        path = report.write(session.published, settings.home / "report")
        return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(str(path))})

    @dg.asset(key=["landing", "expired_prose"], deps=list(readings_keys), group_name="landing",
              description="Unlinks prose that is older than its retention, once it has been read.")  # fmt: skip
    def expired_prose(session: dg.ResourceParam[Session]) -> Result:
        gone = readings.expire(session.store, settings.as_of(), settings.retention_days)
        return dg.MaterializeResult(metadata={"files": gone})

    return [published, page, expired_prose]
