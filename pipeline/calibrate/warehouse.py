"""A warehouse filled from a simulated department's tables, without a night, and every shipped model built over it.

Belongs here: what landing and the plug-ins would have left in the build file. Does not: the models, or what is simulated.
It lives here and not beside the simulator because that side imports nothing of the pipeline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import pyarrow as pa

from pipeline import figures, shapes
from pipeline.models import Model, shipped_models
from pipeline.rules import Rules
from pipeline.warehouse import Build

ZONE = "Europe/London"
LANDING = """
create or replace table landing.coverage (source VARCHAR, channel VARCHAR, day DATE, expected BOOLEAN, seen BOOLEAN, state VARCHAR);
create or replace table landing.sources (source VARCHAR, channel VARCHAR, first_day DATE, fresh_to DATE, state VARCHAR,
    reason VARCHAR, action VARCHAR);
create or replace table landing.gives (source VARCHAR, shape VARCHAR, n BIGINT);
"""
SEEN = """
insert into landing.coverage
select s.source, s.channel, cast(d.moment as date), true, true, 'seen'
from (select distinct source, channel from landing.sources) as s,
     unnest(generate_series($first::date, $last::date, interval 1 day)) as d(moment)
"""


def fill(build: Build, tables: Mapping[str, pa.Table], first_day: date, last_day: date, *, k: int = 10) -> None:
    """Put the tables into each.* and tell that every source was seen on every day from the first to the last.

    A table has `source`, `channel` and columns of its shape; a shape without a table is empty. Raises ValueError naming
    a table or a column that no shape has.
    """
    known = shapes.read_shapes()
    if unknown := sorted(tables.keys() - known.keys()):
        raise ValueError(f"there is no shape {unknown[0]!r}")
    build.prepare(last_day, ZONE, k, "Department", Rules())
    build.con.execute(LANDING)
    for name, shape in known.items():
        build.con.execute(f"create or replace table each.{name} as {shapes.union(build.con, name, [])}")
        given = tables.get(name)
        if given is None:
            continue
        declared = {"source": "VARCHAR", "channel": "VARCHAR", **shape.columns, **shape.optional}
        if strange := sorted(set(given.column_names) - set(declared)):
            raise ValueError(f"the shape {name} has no column {strange[0]!r}")
        build.con.register("given", given)
        cells = ", ".join(f"cast({column} as {declared[column]})" for column in given.column_names)
        build.con.execute(f"insert into each.{name} ({', '.join(given.column_names)}) select {cells} from given")
        build.con.execute(
            """insert into landing.sources select distinct source, channel, $first::date, $last::date, 'fresh', '', '' from given
               where source not in (select source from landing.sources)""", {"first": first_day, "last": last_day}
        )  # fmt: skip
        build.con.execute("insert into landing.gives select source, $shape, count(*) from given group by source", {"shape": name})
        build.con.unregister("given")
    build.con.execute(SEEN, {"first": first_day, "last": last_day})


def build_models(build: Build) -> Iterator[Model]:
    """Build every shipped model, finish every metric, check every promise; yields each once it stands.

    Raises ValueError where rows break a promise of a model.
    """
    for model in shipped_models():
        build.rebuild(model)
        if model.schema == "metrics":
            figures.finish(build.con, model)
        if broken := [name for name, rows in build.offenders(model).items() if rows]:
            raise ValueError(f"{model.table}: {'; '.join(broken)}")
        yield model
