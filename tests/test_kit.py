"""Every plug-in keeps the contract: each rule of the kit that applies to it, over each of its samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.discovery import load_plugin
from pipeline.testing.contract import cases, identity, samples_of
from pipeline.testing.rule import RULES, Case, Rule

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = sorted(path.parent for path in (ROOT / "plugins").glob("*/connector.py"))


def judged() -> list[object]:
    """Each rule with its case; those of one plug-in stay on one worker."""
    found = []
    for folder in FOLDERS:
        if not (folder / "sample.py").is_file():
            continue  # told by its own test below
        plugin = load_plugin(folder)
        mark = pytest.mark.xdist_group(f"kit of {plugin.name}")
        found += [
            pytest.param(case, rule, id=identity(case, rule), marks=mark) for case, rule in cases(plugin, samples_of(plugin))
        ]
    return found


@pytest.mark.parametrize(("case", "rule"), judged())
def test_the_contract(case: Case, rule: Rule) -> None:
    rule.check(case)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_plug_in_has_a_sample(folder: Path) -> None:
    assert (folder / "sample.py").is_file(), f"{folder.name} has no sample.py: the kit cannot try it"


def test_every_rule_promises_something() -> None:
    assert len(RULES) >= 20
    assert all(rule.promise for rule in RULES.values())
