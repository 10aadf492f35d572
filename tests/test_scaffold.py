"""A new plug-in is green at once, in every pattern, and the tutorial does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pipeline.describe import faults
from pipeline.discovery import load_plugin
from pipeline.problems import ConfigError
from pipeline.scaffold import PATTERNS, new_connector
from pipeline.testing.contract import cases, identity, samples_of

ROOT = Path(__file__).resolve().parent.parent
MINUTES = 30  # in which a newcomer is done; the commands themselves must leave nearly all of it
PLACE = tempfile.TemporaryDirectory(prefix="scaffold-")  # as long as the tests are collected


def judged() -> list[object]:
    found = []
    for like in PATTERNS:
        new_connector(f"new_{like}", like, Path(PLACE.name))
        plugin = load_plugin(Path(PLACE.name) / f"new_{like}")
        mark = pytest.mark.xdist_group(f"kit of {like}")
        for case, rule in cases(plugin, samples_of(plugin)):
            found.append(pytest.param(case, rule, id=identity(case, rule), marks=mark))
    return found


@pytest.mark.parametrize(("case", "rule"), judged())
def test_every_pattern_keeps_the_contract(case, rule) -> None:
    rule.check(case)


@pytest.mark.parametrize("like", PATTERNS)
def test_a_new_plug_in_loads_under_its_own_name(like: str, tmp_path: Path) -> None:
    new_connector("staff_ideas", like, tmp_path)
    plugin = load_plugin(tmp_path / "staff_ideas")
    assert (plugin.connector.__name__, plugin.connector.name) == ("StaffIdeas", "staff_ideas")
    assert faults(plugin) == []
    assert not [p for p in plugin.folder.rglob("*") if p.suffix in (".py", ".sql", ".md") and "uggestions" in p.read_text()]


def test_a_rest_source_with_paging_and_token_is_short() -> None:
    lines = (ROOT / "pipeline" / "scaffold" / "rest" / "connector.py").read_text().splitlines()
    assert len(lines) <= 60


@pytest.mark.parametrize("name", ["Ideas", "staff-ideas", "../ideas", ""])
def test_a_name_that_cannot_be_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="lower-case word"):
        new_connector(name, "rest", tmp_path)


def test_a_name_that_ships_is_not_given_to_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ships with Tidemark"):
        new_connector("slack", "csv", tmp_path)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    new_connector("ideas", "csv", tmp_path)
    with pytest.raises(ConfigError, match="there already"):
        new_connector("ideas", "rest", tmp_path)


# ------------------------------------------------------------------------------------------------------- the tutorial
def steps() -> list[tuple[str, str, str]]:
    """(language, file or '', content) of each block of the tutorial, in order."""
    text = (ROOT / "docs" / "tutorial.md").read_text()
    return re.findall(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environ.pop("TIDEMARK_CONFIG", None)
    began, ran, background = time.monotonic(), 0, []
    try:
        for language, name, content in steps():
            if language == "sh" and content.rstrip().endswith("&"):
                served = subprocess.Popen(["bash", "-c", f"exec {content.rstrip()[:-1]}"], cwd=tmp_path, env=environ,
                                          stdout=subprocess.PIPE, text=True)  # fmt: skip
                background.append(served)
                assert "answers at" in served.stdout.readline()
            elif language == "sh":
                done = subprocess.run(["bash", "-euo", "pipefail", "-c", content], cwd=tmp_path, env=environ, capture_output=True,
                                      text=True, timeout=300, check=False)  # fmt: skip
                assert done.returncode == 0, f"{content}\n{done.stdout}\n{done.stderr}"
                last = done.stdout
                ran += 1
            elif language == "text":
                for line in filter(None, content.splitlines()):
                    said = re.sub(r"\s+", " ", last)
                    assert re.sub(r"\s+", " ", line.strip(" .…")) in said, f"the tutorial shows {line!r}; it says:\n{last}"
            elif name:
                path = tmp_path / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
    finally:
        for served in background:
            served.kill()  # also where this run's parent has it ignore kinder signals
            served.wait()
            served.stdout.close()
    assert ran >= 4, "the tutorial runs next to nothing"
    assert time.monotonic() - began < MINUTES * 60 / 4
