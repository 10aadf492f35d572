"""The table of faults names proofs that there are, and each of them is tried on every plug-in that can have the fault."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.discovery import load_plugin
from pipeline.testing.contract import cases, samples_of
from pipeline.testing.rule import RULES

ROOT = Path(__file__).resolve().parent.parent
PLUGINS = [load_plugin(path.parent) for path in sorted((ROOT / "plugins").glob("*/connector.py"))]


def table() -> list[tuple[str, list[str]]]:
    rows = re.findall(r"^\| (?!fault|---)(.+?) \| .+? \| (.+?) \|$", (ROOT / "docs" / "faults.md").read_text(), re.MULTILINE)
    return [(fault, proofs.split(", ")) for fault, proofs in rows]


def test_every_fault_has_a_proof_that_exists() -> None:
    found = table()
    assert len(found) >= 25
    for fault, proofs in found:
        for proof in proofs:
            assert proof in RULES or (ROOT / proof).is_file(), f"{fault}: there is no {proof}"


def test_every_plug_in_is_tried_by_every_rule_or_says_why_not() -> None:
    """A rule is left out only where the source has no such thing (files, HTTP), or where the sample argues it."""
    for plugin in PLUGINS:
        samples = samples_of(plugin)
        tried = {(type(case.sample), rule.name) for case, rule in cases(plugin, samples) if case.sample}
        for sample in samples:
            kinds = {"answer" if sample.does("answer") else "", "write" if sample.does("write") else ""} - {""}
            assert kinds, f"{plugin.name}: {type(sample).__name__} neither answers nor writes"
            for name, rule in RULES.items():
                if (type(sample), name) not in tried:
                    other = name not in sample.exempt and not _applies(rule, kinds)
                    assert name in sample.exempt or other, f"{plugin.name}: {name} is not tried"


def _applies(rule, kinds: set[str]) -> bool:
    return rule.applies.__name__ == "always" or (rule.applies.__name__, *kinds) in (("http", "answer"), ("files", "write"))


def test_exemptions_are_few() -> None:
    """More than a quarter of the rules argued away would be another contract."""
    for plugin in PLUGINS:
        for sample in samples_of(plugin):
            assert len(sample.exempt) <= len(RULES) / 4, f"{plugin.name}: {sorted(sample.exempt)}"
