"""The kit as one test: every rule that applies, over every sample of a plug-in.

Belongs here: finding a plug-in's samples, and pytest. Does not: any rule (rules_*.py).
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path

from pipeline.discovery import Plugin, load_plugin
from pipeline.testing import rules_change, rules_fields, rules_files, rules_hostile, rules_http, rules_plugin
from pipeline.testing.rule import RULES, Case, Rule
from pipeline.testing.sample import Sample

ROOMS = (rules_plugin, rules_change, rules_http, rules_fields, rules_files, rules_hostile)


def samples_of(plugin: Plugin) -> list[Sample]:
    """One of each Sample in the plug-in's sample.py. Raises TypeError where there is none."""
    module = importlib.import_module(f"{plugin.connector.__module__.rpartition('.')[0]}.sample")
    kinds = [k for k in vars(module).values() if inspect.isclass(k) and issubclass(k, Sample) and k.__module__ == module.__name__]
    found = [kind() for kind in kinds if hasattr(kind, "streams")]
    if not found:
        raise TypeError(f"{plugin.name}/sample.py holds no Sample: see pipeline/testing/sample.py")
    return found


def cases(plugin: Plugin, samples: list[Sample]) -> list[tuple[Case, Rule]]:
    """Every rule with the case that it judges, less those that a sample argues it is exempt from."""
    whole = Case(plugin, samples)
    found = [(whole, rule) for rule in RULES.values() if rule.applies(whole)]
    for sample in samples:
        case = Case(plugin, samples, sample)
        found += [(case, rule) for rule in RULES.values() if rule.applies(case) and rule.name not in sample.exempt]
    return found


def contract(folder: str | Path) -> Callable[..., None]:
    """A test function that pytest runs once for each rule and sample of the plug-in in this folder.

    The folder holds connector.py, its SQL halves and sample.py.
    """
    import pytest

    plugin = load_plugin(Path(folder))
    judged = cases(plugin, samples_of(plugin))

    @pytest.mark.parametrize(("case", "rule"), judged, ids=[identity(case, rule) for case, rule in judged])
    def test_contract(case: Case, rule: Rule) -> None:
        rule.check(case)

    return test_contract


def identity(case: Case, rule: Rule) -> str:
    """What a case is called in a report."""
    return "-".join(filter(None, (case.plugin.name, case.sample and type(case.sample).__name__, rule.name)))
