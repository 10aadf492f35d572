"""What the README prints is true: its verbs exist, its links lead somewhere, its connector loads as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline import discovery
from pipeline.cli import app
from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "plugins").glob("*/README.md"))]


def test_the_connector_in_the_readme_loads_as_it_stands(tmp_path: Path) -> None:
    [code] = re.findall(r"```python\n(.*?)```", README, re.S)
    [half] = re.findall(r"```sql\n(.*?)```", README, re.S)
    (tmp_path / "suggestions").mkdir()
    (tmp_path / "suggestions/connector.py").write_text(code)
    (tmp_path / "suggestions/acts.sql").write_text(half)
    found = discovery.find(Settings(plugins=[tmp_path], folder=tmp_path, connectors={"suggestions": {}}))
    assert found.broken == {}
    assert found.instances["suggestions"].streams[0].persons() == {"author": "email"}


def test_every_verb_of_the_command_line_is_in_the_readme_and_every_one_in_it_exists() -> None:
    verbs = {command.name or (command.callback.__name__ if command.callback else "") for command in app.registered_commands}
    named = set(re.findall(r"tidemark ([a-z-]+)", README))
    assert named <= verbs, named - verbs
    assert verbs - named <= {"demo", "pull"}, verbs - named


def test_every_make_verb_in_the_readme_exists() -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"make ([a-z]+) ", README)) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_plug_in_is_in_the_readme() -> None:
    for plugin in (ROOT / "plugins").glob("*/connector.py"):
        assert f"plugins/{plugin.parent.name}/README.md" in README


@pytest.mark.parametrize("plugin", sorted(p.parent for p in (ROOT / "plugins").glob("*/connector.py")), ids=lambda p: p.name)
def test_every_setting_of_a_plug_in_is_explained_beside_it(plugin: Path) -> None:
    found = discovery.find(Settings(folder=ROOT))
    page = (plugin / "README.md").read_text()
    for setting in found.plugins[plugin.name].connector.model_fields:
        assert f"`{setting}`" in page, f"{plugin.name}/README.md does not explain {setting}"
