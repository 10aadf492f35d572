"""A small department told in tables: what is given stands, everything else is built by the shipped models.

Belongs here: a warehouse of a test's own, filled by hand. Does not: plug-ins, landing, Dagster (tests/nights.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from pipeline import figures, shapes
from pipeline.models import Model, read_models
from pipeline.places import shipped
from pipeline.warehouse import Build

AS_OF = date(2026, 7, 12)  # the Sunday that ends a block of 28 days, which begins on 15 June
BLOCK = ("2026-06-15", "2026-07-12")
STAFF = "person team directorate valid_from valid_to"
ACTS = "source channel person happened_at verb"
CHANNELS = {"wall": "network", "talk": "chat", "pages": "intranet", "school": "learning"}
MODELS = {model.table: model for model in read_models(shipped("warehouse"))}


def crew(
    names: str, team: str = "Ops", directorate: str = "Coast", since: str = "2026-01-05", until: str = "9999-12-31"
):
    """Rows of each.people: everyone named, in one team."""
    return [[name, team, directorate, since, until] for name in names.split()]


def many(prefix: str, count: int) -> str:
    """Names of so many people."""
    return " ".join(f"{prefix}{n:03}" for n in range(count))


class World:
    """A warehouse in which `given` rows stand as they are and `result` builds the rest."""

    def __init__(self, build: Build, *, as_of: date = AS_OF, k: int = 5) -> None:
        self.build, self.con, self.as_of = build, build.con, as_of
        build.prepare(as_of=as_of, zone="Europe/London", k=k, organisation="Department")
        for shape in shapes.read_shapes():
            self.con.execute(f"create table each.{shape} as {shapes.union(self.con, shape, [])}")
        self.con.execute(
            """create table landing.coverage (source VARCHAR, channel VARCHAR, day DATE, expected BOOLEAN, seen BOOLEAN,
                   state VARCHAR);
               create table landing.sources (source VARCHAR, channel VARCHAR, first_day DATE, fresh_to DATE,
                   state VARCHAR, reason VARCHAR, action VARCHAR);
               create table landing.gives (source VARCHAR, shape VARCHAR, n BIGINT)"""
        )
        self.told: set[str] = set()
        self.built: set[str] = set()
        self.names: dict[str, int] = {}

    def given(self, table: str, columns: str, *rows: Iterable[Any]) -> None:
        """Put rows into a table. Of a model's table they are all there is; a name stands for its person."""
        if table in MODELS and table not in self.told:
            self._make(table)
            self.con.execute(f"delete from {table}")
            self.told.add(table)
        kinds = {str(r[0]): str(r[1]) for r in self.con.execute(f"describe {table}").fetchall()}
        names = columns.split()
        marks = ", ".join(f"cast(? as {kinds[name]})" for name in names)
        self.con.begin()
        for row in rows:
            values = [self._value(kinds[name], value) for name, value in zip(names, row, strict=True)]
            self.con.execute(f"insert into {table} ({', '.join(names)}) select {marks}", values)
        self.con.commit()

    def _value(self, kind: str, value: Any) -> Any:
        if isinstance(value, str) and kind == "BLOB":
            return value.encode()
        if isinstance(value, str) and kind == "INTEGER":
            return self.names.setdefault(value, len(self.names) + 1)
        return value

    def seen(
        self, *sources: str, since: str = "2026-01-05", missing: Iterable[str] = (), gives: str = "acts texts people"
    ) -> None:  # fmt: skip
        """Every day of these sources was seen up to the run's day, except those missing; each has given rows of these shapes."""
        first, gone = date.fromisoformat(since), {date.fromisoformat(day) for day in missing}
        for source in sources:
            channel = CHANNELS.get(source, source)
            self.con.execute(
                "insert into landing.sources values (?, ?, ?, ?, 'fresh', '', '')", [source, channel, first, self.as_of]
            )
            for shape in gives.split():
                self.con.execute("insert into landing.gives values (?, ?, 1)", [source, shape])
            days = [first + timedelta(days=n) for n in range((self.as_of - first).days + 1)]
            self.con.execute(
                """insert into landing.coverage
                   select ?, ?, day, true, not list_contains(?::date[], day), 'seen'
                   from unnest(?::date[]) as d(day)""",
                [source, channel, sorted(gone), days],
            )

    def does(self, source: str, verb: str, *acts: str, **more: Any) -> None:
        """Acts as "ann 2026-06-16" or "ann 2026-06-16 14:30", all through one source."""
        rows = []
        for act in acts:
            person, day, *time = act.split()
            moment = f"{day} {time[0] if time else '12:00'}:00+00"
            rows.append([source, CHANNELS[source], person, moment, verb, *more.values()])
        self.given("each.acts", " ".join([ACTS, *more]), *rows)

    def result(self, table: str) -> list[dict[str, Any]]:
        """The rows of a model, built with all that it reads."""
        self._make(table)
        return self.rows(f"select * from {table} order by all")

    def figures(self, metric: str, **where: Any) -> list[dict[str, Any]]:
        """The finished figures of a metric, those that match."""
        self._make(f"metrics.{metric}")
        figures.finish(self.con, MODELS[f"metrics.{metric}"])
        found = self.rows(
            "select * from report.figures where metric = ? order by part, unit_level, unit, period, period_start",
            [metric],
        )
        return [row for row in found if all(str(row[key]) == str(value) for key, value in where.items())]

    def rows(self, query: str, values: Iterable[Any] = ()) -> list[dict[str, Any]]:
        """What a query gives, by column name."""
        cursor = self.con.execute(query, list(values))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def everything(self) -> list[Model]:
        """Build every model and finish every metric."""
        for model in MODELS.values():
            self._make(model.table)
            if model.schema == "metrics":
                figures.finish(self.con, model)
        return list(MODELS.values())

    def _make(self, table: str) -> None:
        model = MODELS.get(table)
        if model is None or table in self.told or table in self.built:
            return
        for dep in sorted(model.deps):
            self._make(dep)
        self.build.rebuild(model)
        self.built.add(table)
