"""A plug-in's README says what the plug-in declares, under the same headings for all of them."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from pipeline import cards
from pipeline.describe import faults, readme
from pipeline.discovery import load_plugin
from pipeline.models import read_models

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = sorted(path.parent for path in (ROOT / "plugins").glob("*/connector.py"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_readme_is_what_the_plug_in_declares(folder: Path) -> None:
    assert faults(load_plugin(folder)) == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    place = tmp_path / "training"
    shutil.copytree(ROOT / "plugins" / "training", place)
    return place


def test_a_setting_that_changed_is_noticed(copied: Path) -> None:
    code = copied / "connector.py"
    code.write_text(code.read_text().replace("page_size: int = Field(default=500", "page_size: int = Field(default=400"))
    [fault] = faults(load_plugin(copied))
    assert "make docs" in fault
    page = copied / "README.md"
    page.write_text(readme(load_plugin(copied), page.read_text()))
    assert faults(load_plugin(copied)) == []
    assert "| `page_size` | `400` |" in page.read_text()


def test_a_heading_that_is_missing_or_empty_is_noticed(copied: Path) -> None:
    page = copied / "README.md"
    whole = page.read_text()
    page.write_text(whole.replace("## Scopes", "## Rights"))
    assert any("headings" in fault for fault in faults(load_plugin(copied)))
    before, _, after = whole.partition("## Scopes\n")
    page.write_text(before + "## Scopes\n\n## Limits\n" + after.partition("## Limits\n")[2])
    assert any("says nothing under Scopes" in fault for fault in faults(load_plugin(copied)))


def test_a_secret_is_told_by_the_names_of_its_variables() -> None:
    text = (ROOT / "plugins" / "training" / "README.md").read_text()
    assert "`TIDEMARK_TRAINING_PASSWORD`" in text


def test_the_page_of_metrics_is_what_their_headers_say() -> None:
    made = cards.page(read_models(ROOT / "warehouse"))
    assert cards.path().read_text() == made, "run `make docs`"
    assert "Kaplan-Meier" in made
    assert "`tidemark.rules.tone`" in made.replace("[", "").replace("]", "")


def test_a_metric_that_changed_is_noticed() -> None:
    models = read_models(ROOT / "warehouse")
    [one] = [model for model in models if model.name == "reach_share"]
    assert cards.page([dataclasses.replace(one, formula="something else")]) != cards.page([one])
