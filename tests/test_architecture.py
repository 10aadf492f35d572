"""The borders of the house, checked in its code: the engine names no source, data goes one way, no Dagster where it hurts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# The simulator speaks each vendor's tongue; what is copied for new plug-ins is no engine; a list of English words names none.
APART = ("simulate", "scaffold", "everyday.py")
ENGINE = sorted(p for p in (ROOT / "pipeline").rglob("*.py") if not set(APART) & set(p.relative_to(ROOT).parts))
SOURCES = sorted(p.parent.name for p in (ROOT / "plugins").glob("*/connector.py"))
# The channels of the contract are words of the engine; a plug-in may be called like its channel.
CHANNELS = {"network", "chat", "intranet", "learning", "roster"}


def words(path: Path) -> Iterator[tuple[int, str]]:
    """Imports, names and literals of a file, docstrings left out."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Import() | ast.ImportFrom():
                names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                yield from ((node.lineno, name) for name in names)
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.Constant(value=str(text)) if id(node) not in docs:
                yield node.lineno, text


def names_a_source(text: str, sources: list[str]) -> str | None:
    lowered = text.lower().replace("-", "_")
    return next((s for s in sources if s in lowered and s not in CHANNELS), None)


@pytest.mark.parametrize("path", ENGINE, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_engine_names_no_source(path: Path) -> None:
    found = [(line, text) for line, text in words(path) if names_a_source(text, SOURCES)]
    assert not found, f"{path.name} names a source: {found[:3]}"


def test_the_check_for_names_can_fail(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text('"""Yammer in a docstring is prose."""\nurl = "https://www.yammer.com"\n')
    assert [text for _, text in words(bad) if names_a_source(text, ["yammer"])] == ["https://www.yammer.com"]


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "plugins").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_plug_in_imports_one_module_of_ours(path: Path) -> None:
    ours = {name for name in imports(path) if name.split(".")[0] in ("pipeline", "plugins", "tidemark_plugins", "dagster")}
    door = "pipeline.testing" if path.name == "sample.py" or path.name.startswith("test_") else "pipeline.connector"
    assert all(name == door or name.startswith(f"{door}.") for name in ours), ours


@pytest.mark.parametrize(
    "name", ["connector", "pull", "child", "settings", "discovery", "http", "text", "privacy", "landing", "estimate"]
)
def test_what_a_pull_needs_does_not_import_dagster(name: str) -> None:
    place = ROOT / "pipeline" / name
    paths = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    assert paths
    for path in paths:
        assert not any(module.split(".")[0] == "dagster" for module in imports(path)), path


LEFT_OF = {  # a room -> the rooms to its right, which it must not read
    "landing": (
        "pipeline.models",
        "pipeline.warehouse",
        "pipeline.figures",
        "pipeline.publish",
        "pipeline.report",
        "pipeline.assets",
    ),
    "report": ("pipeline.landing", "pipeline.warehouse", "pipeline.pull", "pipeline.session", "pipeline.assets"),
    "estimate": ("pipeline.models", "pipeline.warehouse", "pipeline.landing", "duckdb"),
    "simulate": ("pipeline.landing", "pipeline.connector", "pipeline.pull", "pipeline.privacy", "pipeline.warehouse"),
}


@pytest.mark.parametrize("room", LEFT_OF)
def test_data_goes_one_way(room: str) -> None:
    place = ROOT / "pipeline" / room
    for path in sorted(place.rglob("*.py")):
        wrong = {name for name in imports(path) if any(name == w or name.startswith(w + ".") for w in LEFT_OF[room])}
        assert not wrong, f"{path.relative_to(ROOT)} reads from the wrong side: {wrong}"


@pytest.mark.parametrize("model", sorted((ROOT / "warehouse").rglob("*.sql")), ids=lambda p: p.stem)
def test_no_shared_model_names_a_source(model: Path) -> None:
    assert names_a_source(model.read_text(), SOURCES) is None
