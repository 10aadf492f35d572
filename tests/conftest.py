"""What every test may ask for: real data where it is present, a key, a clock that does not tick."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data that nobody here wrote, or a skip that says what is missing."""
    folder = (ROOT / os.environ.get("TIDEMARK_DATA", "../shared/data")).resolve()
    if not (folder / "sources").is_dir():
        pytest.skip(f"no real data: set TIDEMARK_DATA to a folder that holds sources/ (looked in {folder.name}/)")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file share what they set up, so they stay on one worker, unless they say otherwise."""
    for item in items:
        if not any(item.iter_markers("xdist_group")):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
