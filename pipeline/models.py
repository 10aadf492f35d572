"""Read the models under warehouse/: one file is one table, its header says what it is for.

Belongs here: header, select, what it reads, and the order in which models can be built.
Does not: running them (warehouse.py), the columns of a plug-in's half (shapes.py), interval or status (figures.py).

A `.sql` file is a comment (prose, a line `---`, YAML) and one select. A `.py` file under metrics/ has the same header
as its docstring, the select as QUERY, and `figures(rows)` that turns what it gives into metric rows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Literal

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.model_sql import Unreadable, columns, forbid, parse_condition, parse_select, tables
from pipeline.places import shipped
from pipeline.problems import TidemarkError

ROOMS = ("landing", "each", "staging", "metrics", "report")
# warehouse.py makes these
RULES = {f"staging.{name}" for name in ("run", "senior_grades", "comms_teams", "items", "labelled", "themes")}
ENGINE_TABLES = {"landing.coverage", "landing.gives", "landing.sources", *RULES}
FINISHED_BY = frozenset({"staging.calendar", "staging.coverage", "staging.run", "staging.units"})
ROW = ("unit_level", "unit", "period", "period_start", "period_end", "base")

Figures = Callable[[pa.Table], pa.Table]
Word = Literal["network", "chat", "intranet", "learning", "roster"]


class ModelError(TidemarkError):
    """A model, or a plug-in's half, cannot be read or built; names the file, the line or key, and what to change."""


class Header(BaseModel):
    """What the YAML of a model may say; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = ""
    unit: str = ""
    better: Literal["higher", "lower", "none"] = "none"
    interval: Literal["wilson", "none", "given"] = "none"
    refuse: str = ""
    because: str = ""
    needs: tuple[Word, ...] = ()
    feeds: tuple[str, ...] = ("acts",)
    counts: tuple[str, ...] = Field(default=(), max_length=2)
    version: int = Field(default=1, ge=1)
    formula: str = ""
    source: str = ""
    limits: str = ""
    never: dict[str, str] = Field(default_factory=dict)
    unique: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """One table of the warehouse and what its file says of it.

    `promises` maps a name to a condition that no row may fulfil. `deps` are `schema.table`. A Python model has
    `figures` and no `select`; `query` is what is read from the warehouse either way.
    """

    schema: str
    name: str
    doc: str
    query: str
    path: Path
    deps: frozenset[str]
    promises: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    unit: str = ""
    better: str = "none"
    interval: str = "none"
    refuse: str = ""
    because: str = ""
    needs: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ("acts",)
    counts: tuple[str, ...] = ()
    version: int = 1
    formula: str = ""
    source: str = ""
    limits: str = ""
    figures: Figures | None = None

    @property
    def table(self) -> str:
        """`metrics.reach_share`"""
        return f"{self.schema}.{self.name}"

    @property
    def file(self) -> str:
        """`metrics/reach_share.sql`, as an error names it."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def select(self) -> str | None:
        """The select that is the table, or None where Python makes it from `query`."""
        return self.query if self.figures is None else None


def read_glossary(folder: Path) -> frozenset[str]:
    """Every column name that columns.yml explains."""
    return frozenset(yaml.safe_load((folder / "columns.yml").read_text("utf-8")))


def read_models(folder: Path) -> list[Model]:
    """Every model under `folder`, each after what it reads. Raises ModelError naming file and line or key."""
    glossary = read_glossary(folder)
    shapes = {f"each.{name}" for name in yaml.safe_load((folder / "shapes.yml").read_text("utf-8"))}
    files = [p for room in ROOMS[2:] for p in sorted((folder / room).glob("*.*")) if p.suffix in (".sql", ".py")]
    known = ENGINE_TABLES | shapes | {f"{p.parent.name}.{p.stem}" for p in files}
    found: dict[str, Model] = {}
    for path in files:
        model = _read(path, known, glossary)
        if model.table in found:
            raise ModelError(f"{_at(path)}: {found[model.table].path.name} makes {model.table} too; keep one of them")
        found[model.table] = model
    return _ordered(found)


@cache
def shipped_models() -> tuple[Model, ...]:
    """Every model that ships, in the order in which they can be built."""
    return tuple(read_models(shipped("warehouse")))


def _ordered(found: Mapping[str, Model]) -> list[Model]:
    sorter = TopologicalSorter({t: sorted(m.deps & found.keys()) for t, m in sorted(found.items())})
    try:
        sorter.prepare()
    except CycleError as error:
        round_trip = " reads ".join(reversed(error.args[1]))
        raise ModelError(f"models go round in a circle: {round_trip}; take one of these reads out") from None
    order: list[Model] = []
    while ready := sorter.get_ready():
        order += [found[t] for t in ready]
        sorter.done(*ready)
    return sorted(order, key=lambda m: ROOMS.index(m.schema))  # stable: within a room, after what it reads


# ------------------------------------------------------------------------------------------------------- one file
def _read(path: Path, known: Iterable[str], glossary: frozenset[str]) -> Model:
    text = path.read_text("utf-8")
    doc, header, query, line, figures = _python(path, text) if path.suffix == ".py" else _sql(path, text)
    schema = path.parent.name
    try:
        tree = parse_select(query)
        conditions = [parse_condition(c) for c in (*header.never.values(), *filter(None, [header.refuse]))]
        reads = tables(tree)
        for condition in conditions:
            reads = dict.fromkeys(tables(condition), 1 - line) | reads
        for part in (tree, *conditions):
            forbid(part)
        for table, at in reads.items():
            _allow(table, schema, set(known), at)
        gives = columns(tree) if figures is None else []
    except Unreadable as error:
        raise ModelError(f"{_at(path)}, line {line + error.line - 1}: {error.message}") from None
    for name in gives:
        if name not in glossary:
            raise ModelError(f"{_at(path)}: column {name!r} is not in columns.yml; use its name there, or add it")
    _check_header(path, header, schema, gives)
    extra = FINISHED_BY if schema == "metrics" else frozenset()
    return Model(
        schema=schema, name=path.stem, doc=doc, query=query, path=path, figures=figures, promises=_promises(header),
        deps=frozenset(reads) | extra, **header.model_dump(exclude={"never", "unique"}),
    )  # fmt: skip


def _sql(path: Path, text: str) -> tuple[str, Header, str, int, None]:
    match = re.match(r"\s*/\*(.*?)\*/", text, re.DOTALL)
    if not match:
        raise ModelError(f"{_at(path)}, line 1: begin with a comment /* what it is for, ---, YAML */")
    doc, header = _header(path, match[1], 1)
    return doc, header, text[match.end() :], text[: match.end()].count("\n") + 1, None


def _python(path: Path, text: str) -> tuple[str, Header, str, int, Figures]:
    tree = ast.parse(text, path.name)
    doc, header = _header(path, ast.get_docstring(tree) or "", 1)
    for node in tree.body:
        if isinstance(node, ast.Assign) and [getattr(t, "id", "") for t in node.targets] == ["QUERY"]:
            loader = SourceFileLoader(f"tidemark_models.{path.stem}", str(path))
            module = ModuleType(loader.name)
            loader.exec_module(module)
            if not callable(getattr(module, "figures", None)):
                raise ModelError(f"{_at(path)}: define figures(rows: pa.Table) -> pa.Table")
            return doc, header, str(module.QUERY), node.value.lineno, module.figures
    raise ModelError(f'{_at(path)}: define QUERY = "select ..." at the top level; what it reads is read from it')


def _header(path: Path, comment: str, line: int) -> tuple[str, Header]:
    doc, rule, yml = comment.partition("\n---\n")
    if not doc.strip():
        raise ModelError(f"{_at(path)}, line {line}: the header is empty; begin with a sentence on what the table is")
    try:
        told = yaml.safe_load(yml) if rule else {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = line + doc.count("\n") + 2 + (mark.line if mark else 0)
        problem = getattr(error, "problem", None) or "cannot be read"
        raise ModelError(f"{_at(path)}, line {at}: the header is not YAML: {problem}") from None
    try:
        return doc.strip(), Header.model_validate(told or {})
    except ValidationError as error:
        fault = error.errors(include_context=False, include_url=False)[0]
        key = ".".join(str(part) for part in fault["loc"]) or "header"
        keys = ", ".join(Header.model_fields)
        raise ModelError(f"{_at(path)}, key {key!r}: {fault['msg']}; known keys: {keys}") from None


def _check_header(path: Path, header: Header, schema: str, gives: list[str]) -> None:
    if header.refuse and not header.because:  # because alone: the rows refuse for themselves, the card says when
        raise ModelError(f"{_at(path)}, key 'refuse': goes together with 'because', which says why in plain words")
    if missing := [c for c in header.unique if gives and c not in gives]:
        raise ModelError(f"{_at(path)}, key 'unique': the select gives no column {missing[0]!r}")
    if schema != "metrics":
        if told := header.model_fields_set - {"never", "unique"}:
            raise ModelError(f"{_at(path)}, key {min(told)!r}: belongs to a metric; {schema} has never and unique")
        return
    if absent := [k for k in ("question", "unit", "formula", "limits") if not getattr(header, k)]:
        raise ModelError(f"{_at(path)}, key {absent[0]!r}: a metric says it; it is printed on the figure's card")
    if gives and (lacking := [c for c in ROW if c not in gives]):
        raise ModelError(f"{_at(path)}: the select lacks the column {lacking[0]!r} of a metric's row")
    if gives and not {"hits", "value"} & set(gives):
        raise ModelError(f"{_at(path)}: the select gives neither hits nor value")
    if gives and header.interval == "wilson" and "hits" not in gives:
        raise ModelError(f"{_at(path)}, key 'interval': wilson needs the column hits")


def _promises(header: Header) -> dict[str, str]:
    own = dict(header.never)
    if header.unique:
        key = ", ".join(header.unique)
        own[f"two rows for one {key}"] = f"count(*) over (partition by {key}) > 1"
    return own


def _allow(table: str, schema: str, known: set[str], line: int) -> None:
    room = table.partition(".")[0]
    if room in ROOMS and ROOMS.index(room) > ROOMS.index(schema):
        raise Unreadable(f"reads {table}: data goes one way, {' -> '.join(ROOMS)}", line)
    if table not in known:
        raise Unreadable(f"reads {table}, which no model makes and no shape declares", line)


def _at(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
