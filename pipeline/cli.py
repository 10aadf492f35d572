"""The command line: verbs for the people who run Tidemark. Dagster takes seconds to import and is imported late.

Exit codes: 0 done · 1 a fault of ours · 2 wrong words or settings · 3 published, but a source is behind ·
4 not published: readers still see the last page.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pipeline import settings as configuration
from pipeline.problems import TidemarkError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
# What is printed may hold brackets (a table of the configuration): nothing here is markup.
out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
WRONG, BEHIND = 2, 3
Json = Annotated[bool, typer.Option("--json", help="for a program to read")]


def main() -> None:
    """Run a verb; an error is one line that says what to do, unless --debug asks for its trace."""
    debug = "--debug" in sys.argv
    if debug:
        sys.argv.remove("--debug")
    try:
        app()
    except TidemarkError as error:
        if debug:
            raise
        err.print(f"tidemark: {error}")
        raise SystemExit(WRONG) from None


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="where the simulated department lives")] = Path(".tidemark-demo"),
    staff: int = 3000, weeks: int = 78, seed: int = 7,
) -> None:  # fmt: skip
    """Simulate a department, serve its sources on loopback, run a night over them, and show the page."""
    from pipeline.demo import run

    raise typer.Exit(run(folder, staff=staff, weeks=weeks, seed=seed, out=out))


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(help="where its sources go; its truth goes beside it, into FOLDER-truth")],
    parameters: Annotated[Path | None, typer.Option(help="a file of parameters, see docs/simulated-department.md")] = None,
    seed: Annotated[int | None, typer.Option(help="7 where nothing says otherwise")] = None,
    staff: Annotated[int | None, typer.Option(help="300 to 100,000; 3000 where nothing says otherwise")] = None,
    weeks: Annotated[int | None, typer.Option(help="78 where nothing says otherwise")] = None,
    serve: Annotated[bool, typer.Option("--serve", help="serve its sources on loopback until interrupted")] = False,
    port: Annotated[int, typer.Option(help="any free one where 0")] = 0,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="with --serve: as on this day, not the one after its last")
    ] = None,
) -> None:
    """Make a simulated department: every source in its own wire format, and the truth where no pipeline reads it."""
    if day and not serve:
        raise typer.BadParameter("--day is the day on which the sources are asked: give --serve too")
    from pipeline.demo import make

    chosen = {"seed": seed, "staff": staff, "weeks": weeks}
    on = day.date() if day else None
    make(folder, parameters=parameters, chosen=chosen, port=port if serve else None, day=on, out=out)


@app.command()
def nightly() -> None:
    """Run one night: pull what is missing, rebuild, publish."""
    raise typer.Exit(_night())


@app.command()
def backfill(
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"])],
    connector: Annotated[list[str] | None, typer.Option(help="only these; all when left out")] = None,
) -> None:
    """Read a closed window of days again, where a stream can, and rebuild. Cursors do not move."""
    if first > last:
        raise typer.BadParameter("--from is after --to")
    raise typer.Exit(_night(days=(first.date(), last.date()), connectors=connector))


def _night(days: tuple[date, date] | None = None, connectors: list[str] | None = None) -> int:
    from pipeline import night, progress, report
    from pipeline.session import PUBLISHED
    from pipeline.status import mistaken_rules

    config = configuration.load()
    with progress.listening(lambda line: out.print(line, style="dim")):
        done = night.run(config, days=days, connectors=connectors)
    for step, why in done.broken.items():
        err.print(f"{step}: {why}")
    if done.published:
        out.print(report.summary(config.home / PUBLISHED))
        out.print(f"\nfigures {done.digest[:16]}  page {done.page}")
    else:
        err.print("Nothing was published: readers still see the last page. Mend what is named above and run `tidemark nightly`.")
    for stream, why in done.behind.items():
        err.print(f"{stream} is behind: {why}")
    for mistake in mistaken_rules(config):
        err.print(mistake)
    return done.exit_code


@app.command()
def pull(
    name: str, limit: Annotated[int | None, typer.Option(help="stop after so many records")] = None,
    dry_run: Annotated[bool, typer.Option(help="read and account, land nothing")] = False,
    accept: Annotated[bool, typer.Option(help="land a unit or snapshot that was held back")] = False,
    reland: Annotated[bool, typer.Option(help="put aside what landed before the record changed, and read it all again")] = False,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Pull one connector into landing, without rebuilding anything."""
    from pipeline import child, discovery
    from pipeline.dry import look
    from pipeline.landing.migrate import set_aside
    from pipeline.landing.store import Store

    config = configuration.load()
    instance = discovery.find(config).instance(name)
    if dry_run:
        outcomes = [outcome for outcome, _ in look(instance, config, limit or 1000)]
    else:
        for stream in set_aside(Store(config.home), instance, instance.streams) if reland else ():
            out.print(f"{name}/{stream}: what landed before is in set-aside/, and all of it is read again", highlight=False)
        request = child.Request(instance, config.as_of(), limit=limit, accept=accept)
        outcomes = child.run(request, config, log=lambda line: err.print(line, style="dim"))
    if as_json:
        out.print_json(
            json.dumps(
                [{"stream": o.stream, "state": o.state, "reason": o.reason, "account": o.account.model_dump()} for o in outcomes]
            )
        )
    else:
        for o in outcomes:
            a = o.account
            aside = f"quarantined {sum(a.quarantined.values()):,} + excluded {sum(a.excluded.values()):,}"
            told = f"{name}/{o.stream}: {o.state}; read {a.read:,} = landed {a.landed:,} + {aside} + unchanged {a.unchanged:,}"
            out.print(told)
            for rule, n in {**a.excluded, **a.quarantined}.items():
                out.print(f"    {n:,} x {rule}")
            if not o.complete:
                err.print(f"    {o.reason}; {o.action}")
    raise typer.Exit(0 if all(o.complete for o in outcomes) else BEHIND)


@app.command()
def status(as_json: Json = False) -> None:
    """Last night, and each source: fresh to when, why it is behind, what to do."""
    from pipeline import discovery
    from pipeline.landing.coverage import sources
    from pipeline.landing.store import Store
    from pipeline.status import last_edition, mistaken_rules

    config = configuration.load()
    found = discovery.find(config)
    known = sources(Store(config.home), found.instances.values(), config.as_of())
    edition = last_edition(config)
    if as_json:
        out.print_json(json.dumps({"edition": edition, "broken": found.broken, "sources": [
            {"source": s.name, "channel": s.channel, "state": s.state, "fresh_to": s.fresh_to and s.fresh_to.isoformat(),
             "reason": s.reason, "action": s.action} for s in known]}))  # fmt: skip
    else:
        out.print(f"Night of {edition['as_of']} is published." if edition else "Nothing is published yet: run `tidemark nightly`.")
        for s in known:
            out.print(f"{s.name:12} {s.state:7} to {s.fresh_to or '-'}   {s.reason}{'; ' + s.action if s.action else ''}")
        for name, why in found.broken.items():
            out.print(f"{name:12} broken  {why}")
        for mistake in mistaken_rules(config):
            out.print(mistake)
    raise typer.Exit(0 if edition and all(s.state == "fresh" for s in known) and not found.broken else BEHIND)


@app.command()
def connectors(as_json: Json = False) -> None:
    """Every plug-in that loads, its streams, what is configured, and what is broken and why."""
    from pipeline import discovery

    found = discovery.find(configuration.load())
    if as_json:
        out.print_json(json.dumps({"broken": found.broken, "configured": sorted(found.instances), "plugins": {
            p.name: {"channel": p.connector.channel, "streams": {s.name: s.kind for s in p.connector.streams()}}
            for p in found.plugins.values()}}))  # fmt: skip
        return
    for plugin in found.plugins.values():
        used = [i.name for i in found.instances.values() if i.plugin is plugin]
        streams = ", ".join(f"{s.name} ({s.kind})" for s in plugin.connector.streams())
        where = f"configured as {', '.join(used)}" if used else "not configured"
        out.print(f"{plugin.name:12} {plugin.connector.channel:9} {streams}   {where}")
    for name, why in found.broken.items():
        err.print(f"{name:12} broken: {why}")


@app.command()
def check(name: str) -> None:
    """Read one page of a connector and say what was seen; nothing is landed."""
    from pipeline import discovery
    from pipeline.dry import look

    config = configuration.load()
    looked = look(discovery.find(config).instance(name), config, limit=1)
    for o, saw in looked:
        out.print(f"{name}/{o.stream}: {saw if o.complete else o.reason + '; ' + o.action}", highlight=False)
    raise typer.Exit(0 if all(o.complete for o, _ in looked) else BEHIND)


@app.command("new-connector")
def new_connector(
    name: str, like: Annotated[str, typer.Option(help="rest, csv or export")] = "rest",
    folder: Annotated[Path, typer.Option("--in", help="folder of plug-ins")] = Path("plugins"),
) -> None:  # fmt: skip
    """Write a new plug-in that works at once: connector, halves, sample, README and its test."""
    from pipeline.scaffold import new_connector as write

    for path in write(name, like, folder):
        out.print(path, highlight=False)
    own = "" if folder == Path("plugins") else f"    [tidemark]\n    plugins = [{json.dumps(str(folder))}]\n"
    out.print(f"\nIt keeps the contract: pytest {folder / name}", highlight=False)
    out.print(f"Its settings go into tidemark.toml:\n{own}    [connectors.{name}]", markup=False, highlight=False)


@app.command()
def metrics(name: Annotated[str | None, typer.Argument()] = None, as_json: Json = False) -> None:
    """Every metric with its question; or one metric's latest figures, as they were published."""
    from pipeline.status import metric_lines

    for line in metric_lines(configuration.load(), name, as_json=as_json):
        out.print(line)


@app.command()
def sql(
    query: str, everything: Annotated[bool, typer.Option("--warehouse", help="the warehouse instead of what was published")] = False
) -> None:
    """Ask published.duckdb (or the warehouse) a question; read only, no file but that one."""
    from pipeline.status import ask

    for line in ask(configuration.load(), query, warehouse=everything):
        out.print(line)


@app.command()
def rollout(
    waves: Annotated[int, typer.Option(min=2, help="groups of teams, which begin 28 days apart")] = 4,
    seed: Annotated[int | None, typer.Option(help="draw this lot; the run's day where nothing is said")] = None,
    start: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the first wave begins on or after this day")] = None,
    again: Annotated[bool, typer.Option("--again", help="deal anew, and lose the plan that is there")] = False,
    analyse: Annotated[bool, typer.Option("--analyse", help="what the plan that was dealt has done so far")] = False,
) -> None:
    """Deal by lot in which order teams get their champions, and say later what that did. See docs/rollout.md."""
    from pipeline import rollout as planned

    config = configuration.load()
    if analyse:
        lines = planned.analysis_lines(planned.analyse(config))
    else:
        plan = planned.make(config, waves=waves, seed=seed, start=start and start.date(), again=again)
        lines = planned.plan_lines(plan)
    for line in lines:
        out.print(line)
    if not analyse:
        out.print(f"\nDealt with seed {plan.seed}; kept in {config.home / 'rollout'}", highlight=False)


if __name__ == "__main__":
    main()
