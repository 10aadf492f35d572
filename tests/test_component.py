"""The front door for Dagster projects: a defs.yaml that names a configuration gives the same definitions."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster.components.testing import create_defs_folder_sandbox

from pipeline.component import Tidemark
from pipeline.definitions import build
from tests.nights import Place

ROOT = Path(__file__).resolve().parent.parent


# Dagster's own calls
@pytest.mark.filterwarnings("ignore:`parse_obj_as` is deprecated", "ignore:Class `.*CodeReference.*` is currently in beta")
def test_a_component_gives_what_the_configuration_says(tmp_path: Path) -> None:
    place = Place(tmp_path, '[connectors.directory]\nfiles = "staff-*.csv"\n')
    with create_defs_folder_sandbox() as sandbox:
        at = sandbox.scaffold_component(
            component_cls=Tidemark, defs_path="engagement",
            defs_yaml_contents={"type": "pipeline.component.Tidemark", "attributes": {"config": str(place.config)}},
        )  # fmt: skip
        with sandbox.load_component_and_build_defs(defs_path=at) as (component, defs):
            assert isinstance(component, Tidemark)
            assert set(defs.resolve_all_asset_keys()) == set(build(place.settings).resolve_all_asset_keys())
            assert dg.AssetKey(["landing", "directory_people"]) in defs.resolve_all_asset_keys()
            assert defs.resolve_schedule_def("every_night").cron_schedule == "0 4 * * *"


def test_dg_finds_it() -> None:
    entry = 'tidemark = "pipeline.component"'
    assert entry in (ROOT / "pyproject.toml").read_text()


def test_it_stays_thin() -> None:
    assert len((ROOT / "pipeline" / "component.py").read_text().splitlines()) < 40
