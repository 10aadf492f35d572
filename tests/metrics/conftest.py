"""The fixtures of a metric's story: a world, and its two words `given` and `result`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.warehouse import Build
from tests.story import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty department of which five people are enough to be told."""
    with Build(tmp_path / "warehouse.duckdb") as build:
        yield World(build)


@pytest.fixture
def given(world: World) -> Callable[..., None]:
    """Rows of a table, as they stand in the story."""
    return world.given


@pytest.fixture
def result(world: World) -> Callable[[str], list[dict[str, Any]]]:
    """What a model makes of the story."""
    return world.result
