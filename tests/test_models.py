"""Models are read from their files: what may be in one, and how it is said what may not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pipeline.models import ModelError, read_glossary, read_models
from pipeline.places import shipped
from pipeline.shapes import read_shapes

FIRST = "/*\nEverybody.\n---\nunique: [person]\n*/\nselect person from each.people\n"
CARD = "question: Q?\nunit: share\ninterval: wilson\nformula: a / b\nlimits: none known\n"
ROW = "'organisation' as unit_level, 'all' as unit, 'week' as period, day as period_start, day as period_end"
METRIC = f"/*\nA share.\n---\n{CARD}*/\nselect {ROW}, 1 as hits, 2 as base\nfrom staging.first\n"


def house(folder: Path, **files: str) -> Path:
    """A folder of models: names are room__model, `.py` where the text has a docstring."""
    names = "person day unit_level unit period period_start period_end hits base value part n"
    (folder / "columns.yml").write_text("".join(f"{n}: {{meaning: x}}\n" for n in names.split()))
    (folder / "shapes.yml").write_text("people:\n  columns: {person: BLOB}\n")
    for name, text in files.items():
        room, _, stem = name.partition("__")
        (folder / room).mkdir(exist_ok=True)
        (folder / room / f"{stem}.{'py' if text.startswith(chr(34)) else 'sql'}").write_text(text)
    return folder


def test_a_model_is_its_header_and_its_select(tmp_path: Path) -> None:
    card = (
        CARD
        + "needs: [network]\nrefuse: base < 10\nbecause: too few\nversion: 3\nnever:\n  more than all: hits > base\n"
    )
    text = METRIC.replace(CARD, card)
    first, share = read_models(house(tmp_path, metrics__share=text, staging__first=FIRST.replace("person", "day")))
    assert (first.table, first.deps, first.doc) == ("staging.first", {"each.people"}, "Everybody.")
    assert first.promises == {"two rows for one day": "count(*) over (partition by day) > 1"}
    assert (share.table, share.question, share.version, share.needs) == ("metrics.share", "Q?", 3, ("network",))
    assert (share.refuse, share.because, share.promises) == ("base < 10", "too few", {"more than all": "hits > base"})
    assert "staging.first" in share.deps
    assert (share.select, share.figures) == (share.query, None)


def test_every_model_comes_after_what_it_reads(tmp_path: Path) -> None:
    def reads(table: str) -> str:
        return f"/*\nX.\n*/\nselect person from {table}"

    made = read_models(
        house(
            tmp_path,
            report__a=reads("staging.z"),
            staging__a=reads("staging.m"),
            staging__m=reads("staging.z"),
            staging__z=reads("each.people"),
        )
    )
    assert [m.table for m in made] == ["staging.z", "staging.m", "staging.a", "report.a"]


def test_what_a_condition_reads_is_read_too(tmp_path: Path) -> None:
    text = FIRST.replace("unique: [person]", "never:\n  late: person > (select max(day) from staging.second)")
    made = read_models(house(tmp_path, staging__first=text, staging__second="/*\nX.\n*/\nselect day from each.people"))
    assert [m.table for m in made] == ["staging.second", "staging.first"]


PYTHON = f'''"""A share.
---
{CARD}"""
QUERY = "select person from staging.first"

def figures(rows):
    return rows
'''


def test_a_python_model_is_read_by_its_query(tmp_path: Path) -> None:
    _, share = read_models(house(tmp_path, staging__first=FIRST, metrics__share=PYTHON))
    assert (share.select, share.query, share.doc) == (None, "select person from staging.first", "A share.")
    assert "staging.first" in share.deps
    assert share.figures is not None
    assert share.figures("rows") == "rows"


BROKEN = {
    "no header": ("select person from each.people", "staging/first.sql, line 1: begin with a comment"),
    "empty header": ("/* */ select person from each.people", "line 1: the header is empty"),
    "bad yaml": ("/*\nX.\n---\nunique: ]\n*/\nselect person from each.people", "line 4: the header is not YAML"),
    "unknown key": (FIRST.replace("unique", "uniqe"), "key 'uniqe'"),
    "bad value": (FIRST.replace("unique: [person]", "unique: 5"), "key 'unique'"),
    "metric's key": (FIRST.replace("unique: [person]", "question: Q?"), "key 'question': belongs to a metric"),
    "two statements": (FIRST + ";\nselect 1 as n from each.people", "holds 2 statements"),
    "no select": ("/*\nX.\n*/\ndelete from each.people", "exactly one select"),
    "not sql": ("/*\nX.\n*/\nselect person\nfrom each.people where where", "line 5: not SQL"),
    "unknown table": (FIRST.replace("each.people", "each.poeple"), "line 6: reads each.poeple, which no model makes"),
    "no schema": (FIRST.replace("each.people", "people"), "line 6: reads 'people': name its schema"),
    "landing": (FIRST.replace("each.people", "landing.wall_posts"), "reads landing.wall_posts"),
    "to the right": (FIRST.replace("each.people", "metrics.share"), "line 6: reads metrics.share: data goes one way"),
    "itself": (FIRST.replace("each.people", "staging.first"), "round in a circle: staging.first reads staging.first"),
    "star": (FIRST.replace("person from", "* from"), "name every column"),
    "no name": (FIRST.replace("person from", "1 + 1 from"), "name every column"),
    "unknown column": (
        FIRST.replace("select person", "select person as persno").replace("[person]", "[]"),
        "column 'persno' is not in columns.yml",
    ),
    "unique of nothing": (FIRST.replace("[person]", "[day]"), "key 'unique': the select gives no column 'day'"),
    "bad promise": (FIRST.replace("unique: [person]", "never: {x: 'person >'}"), "not SQL"),
    "the clock": (
        FIRST.replace("from", "\nfrom").replace("people", "people where now() > person"),
        "line 7: says now(): a model has no clock",
    ),
    "the day": (
        FIRST.replace("people", "people where person = current_date"),
        "says current_date: a model has no clock",
    ),
    "chance": (FIRST.replace("people", "people where random() < 1"), "says random(): a model has no chance"),
    "a file": (
        FIRST.replace("each.people", "read_csv('/etc/passwd')"),
        "says read_csv('/etc/passwd'): a model reads tables only",
    ),
    "a file by name": (FIRST.replace("each.people", "'secrets.csv'"), "name its schema"),
    "order of rows": (FIRST.replace("select person", "select any_value(person) as person"), "depends on the order"),
    "list without order": (
        FIRST.replace("select person", "select string_agg(person, ',') as person"),
        "without order by",
    ),
    "limit": (FIRST + "limit 5", "limit without order by"),
    "chance in a promise": (FIRST.replace("unique: [person]", "never: {x: random() < 1}"), "says random()"),
}


@pytest.mark.parametrize(("text", "why"), BROKEN.values(), ids=BROKEN)
def test_a_malformed_model_is_named_with_its_place(tmp_path: Path, text: str, why: str) -> None:
    files = {"metrics__share": METRIC} if "metrics.share" in text else {}
    with pytest.raises(ModelError) as caught:
        read_models(house(tmp_path, staging__first=text, **files))
    assert why in str(caught.value)
    assert "staging" in str(caught.value)


def test_what_is_ordered_or_fixed_is_allowed(tmp_path: Path) -> None:
    text = FIRST.replace("select person", "select string_agg(person, ',' order by person) as person").replace(
        "people", "people where day < date '2026-01-01' order by person limit 5"
    )
    assert len(read_models(house(tmp_path, staging__first=text))) == 1


BROKEN_METRICS = {
    "no question": (METRIC.replace("question: Q?\n", ""), "key 'question'"),
    "no limits": (METRIC.replace("limits: none known\n", ""), "key 'limits'"),
    "refuse without because": (
        METRIC.replace("unit: share", "unit: share\nrefuse: base < 3"),
        "key 'refuse': goes together",
    ),
    "unknown channel": (METRIC.replace("unit: share", "unit: share\nneeds: [wall]"), "key 'needs.0'"),
    "no base": (METRIC.replace(", 2 as base", ""), "lacks the column 'base'"),
    "no figure": (METRIC.replace("1 as hits", "1 as n"), "neither hits nor value"),
    "wilson without hits": (METRIC.replace("1 as hits", "1 as value"), "wilson needs the column hits"),
    "python without query": (PYTHON.replace("QUERY", "OTHER"), "define QUERY"),
    "python without figures": (PYTHON.replace("def figures", "def numbers"), "define figures"),
}


@pytest.mark.parametrize(("text", "why"), BROKEN_METRICS.values(), ids=BROKEN_METRICS)
def test_a_malformed_metric_is_named_with_its_key(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ModelError) as caught:
        read_models(house(tmp_path, staging__first=FIRST, metrics__share=text))
    assert why in str(caught.value)
    assert "metrics/share" in str(caught.value)


def test_two_files_cannot_make_one_table(tmp_path: Path) -> None:
    house(tmp_path, staging__first=FIRST, metrics__share=METRIC)
    with pytest.raises(ModelError, match=r"metrics/share.sql: share.py makes metrics.share too"):
        read_models(house(tmp_path, metrics__share=PYTHON))


def test_a_circle_is_told_whole(tmp_path: Path) -> None:
    def reads(table: str) -> str:
        return f"/*\nX.\n*/\nselect person from {table}"

    with pytest.raises(
        ModelError, match=r"circle: staging.[abc] reads staging.[abc] reads staging.[abc] reads staging.[abc]"
    ):
        read_models(
            house(tmp_path, staging__a=reads("staging.b"), staging__b=reads("staging.c"), staging__c=reads("staging.a"))
        )


def test_the_glossary_has_every_column_once_and_none_that_nothing_uses() -> None:
    import re

    folder = shipped("warehouse")
    text = (folder / "columns.yml").read_text()
    names = re.findall(r"^([a-z_]+):", text, re.MULTILINE)
    assert len(names) == len(set(names))
    assert all(told["meaning"] for told in yaml.safe_load(text).values())
    used = " ".join(p.read_text() for p in [*folder.rglob("*.sql"), *folder.rglob("*.py"), folder / "shapes.yml"])
    assert [n for n in names if not re.search(rf"\b{n}\b", used)] == []
    declared = {c for shape in read_shapes().values() for c in (*shape.columns, *shape.optional)}
    assert declared <= read_glossary(folder)


def test_every_shipped_model_says_something_that_can_be_broken() -> None:
    silent = {m.table for m in read_models(shipped("warehouse")) if not m.promises}
    assert silent == {"report.events"}
