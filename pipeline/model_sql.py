"""What a model's select reads, and what it must not say.

Belongs here: reading SQL with sqlglot: one statement, its tables, words that would make two nights differ.
Does not: the header of a file or the order of models (models.py), running anything but DESCRIBE (warehouse.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

DIALECT = "duckdb"

CLOCK = "a model has no clock: the run's day is (select as_of from staging.run)"
CHANCE = "a model has no chance in it: the same rows must give the same bytes"
ORDER = "what it gives depends on the order of rows: use min, max, or an aggregate with order by"
FILES = "a model reads tables only: files come in through landing"
FORBIDDEN = {
    **dict.fromkeys(
        ["now", "today", "current_date", "current_time", "current_timestamp", "current_datetime", "localtime",
         "localtimestamp", "get_current_time", "get_current_timestamp", "transaction_timestamp", "utc_date",
         "utc_time", "utc_timestamp"], CLOCK),
    **dict.fromkeys(["random", "rand", "setseed", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "nextval",
                     "reservoir_quantile", "approx_quantile", "approx_top_k"], CHANCE),
    **dict.fromkeys(["any_value", "anyvalue", "arbitrary", "first", "last", "mode"], ORDER),
    **dict.fromkeys(["read_csv", "read_csv_auto", "read_parquet", "parquet_scan", "read_json", "read_json_auto",
                     "read_ndjson", "read_text", "read_blob", "glob", "getenv", "sniff_csv", "query",
                     "query_table"], FILES),
}  # fmt: skip
ORDERED = {"list", "array_agg", "string_agg", "group_concat", "listagg", "arrayagg"}
ROUNDED = {
    "sum", "avg", "mean", "fsum", "favg", "sumkahan", "kahan_sum", "product", "geomean", "geometric_mean", "stddev",
    "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp", "variance_pop", "corr", "covar_pop", "covar_samp",
}  # fmt: skip


class Unreadable(Exception):
    """The text is not one select that a model may hold; `line` counts from the text's first."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.message, self.line = message, line


def parse_select(text: str) -> exp.Query:
    """The one select in this text. Raises Unreadable with the line."""
    try:
        statements = [s for s in sqlglot.parse(text, read=DIALECT) if s and not isinstance(s, exp.Semicolon)]
    except SqlglotError as error:
        first = (getattr(error, "errors", None) or [{}])[0]
        raise Unreadable(f"not SQL: {first.get('description', 'cannot be read')}", first.get("line") or 1) from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise Unreadable(f"holds {len(statements)} statements: a model is exactly one select")
    return statements[0]


def parse_condition(text: str) -> exp.Expr:
    """A condition over a table's columns. Raises Unreadable."""
    tree = parse_select(f"select 1 where ({text})")
    where = tree.args.get("where")
    if not isinstance(where, exp.Where):
        raise Unreadable(f"{text!r} is not a condition")
    return where


def tables(tree: exp.Expr) -> dict[str, int]:
    """Every table read, as `schema.name` -> line. Raises Unreadable for one without a schema."""
    own = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    found: dict[str, int] = {}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            continue  # a table function: allowed or forbidden by its name, below
        name, line = table.name.lower(), table.this.meta.get("line", 1)
        if table.db:
            found.setdefault(f"{table.db.lower()}.{name}", line)
        elif name not in own:
            raise Unreadable(f"reads {table.name!r}: name its schema, e.g. staging.{table.name}", line)
    return found


def columns(tree: exp.Query) -> list[str]:
    """The names of the columns it gives, in order. Raises Unreadable for `*` and for an expression without a name."""
    names = [str(n) for n in tree.named_selects]
    if not names or "*" in names or "" in names:
        raise Unreadable("name every column: a table is known from its file")
    return names


def forbid(tree: exp.Expr) -> None:
    """Raises Unreadable where two nights over the same rows could differ, or a file is read."""
    for call in tree.find_all(exp.Func):
        name = _name(call)
        if name in FORBIDDEN:
            raise Unreadable(f"says {call.sql(DIALECT).lower()}: {FORBIDDEN[name]}", _line(call))
        if name in ORDERED and not call.find(exp.Order) and not isinstance(call.parent, exp.WithinGroup):
            raise Unreadable(f"says {name}() without order by: {ORDER}", _line(call))
    if sample := tree.find(exp.TableSample):
        raise Unreadable(f"samples: {CHANCE}", _line(sample))
    for select in tree.find_all(exp.Query):
        if select.args.get("limit") and not select.args.get("order"):
            raise Unreadable("says limit without order by: which rows stay would be chance", _line(select))


def rounded_sums(con: duckdb.DuckDBPyConnection, tree: exp.Query) -> Iterator[str]:
    """Every sum or mean over floating point whose type can be told: on two threads it differs from run to run."""
    for call in tree.find_all(exp.Func):
        if _name(call) not in ROUNDED or not isinstance(select := call.find_ancestor(exp.Select), exp.Select):
            continue
        arguments = call.expressions if isinstance(call, exp.Anonymous) else [call.this]
        argument = arguments[0].expressions[0] if isinstance(arguments[0], exp.Distinct) else arguments[0]
        probe = exp.Select(expressions=[exp.alias_(argument.copy(), "probe")])
        for part in ("from_", "joins", "laterals"):
            probe.set(part, _copied(select.args.get(part)))
        if ctes := _ctes(select):
            probe.set("with_", exp.With(expressions=ctes, recursive=_recursive(select)))
        try:
            [(_, kind, *_)] = con.execute(f"describe {probe.sql(DIALECT)}").fetchall()
        except duckdb.Error:
            continue  # it reads a row of an outer query: not to be told from here
        if kind in ("DOUBLE", "FLOAT"):
            yield f"{_name(call)}({argument.sql(DIALECT)})"


def _name(call: exp.Func) -> str:
    return (call.name if isinstance(call, exp.Anonymous | exp.AnonymousAggFunc) else call.sql_name()).lower()


def _line(node: exp.Expr) -> int:
    return next((n.meta["line"] for n in node.walk() if "line" in n.meta), 1)


def _copied(part: object) -> object:
    if isinstance(part, list):
        return [p.copy() for p in part]
    return part.copy() if isinstance(part, exp.Expr) else None


def _withs(select: exp.Expr) -> Iterator[exp.With]:
    node: exp.Expr | None = select
    while node is not None:
        if isinstance(found := node.args.get("with_"), exp.With):
            yield found
        node = node.parent


def _ctes(select: exp.Expr) -> list[exp.Expr]:
    return [cte.copy() for found in reversed(list(_withs(select))) for cte in found.expressions]


def _recursive(select: exp.Expr) -> bool:
    return any(found.args.get("recursive") for found in _withs(select))
